"""The journal over a writer made of paper: what is a group, when it is released, what happens in trouble."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs, formatEvent

from classcord.chat.effects import Commit
from classcord.chat.errors import Conflict
from classcord.chat.text import Text
from classcord.services.chat.journal import Journal
from classcord.store.ports import Outcomes, StorageTrouble
from tests.store.examples import commit
from tests.store.paper import Paper, unstored


@pytest.fixture
def paper() -> Paper:
    """A journal in which nothing waits."""
    return Paper()


# -- groups -----------------------------------------------------------------------------------------------------------


def test_nothing_is_released_before_it_is_stored(paper: Paper) -> None:
    """A commit is released when its group is written, not when it is submitted."""
    paper.append(1)
    assert paper.groups == []
    paper.turn()
    assert paper.written == [[1]]
    paper.turn(3600)
    assert paper.released == []
    paper.succeed()
    assert paper.order == [1]


def test_one_turn_is_one_group(paper: Paper) -> None:
    """What comes while the reactor still reads what is there shares a group with what came first."""
    paper.append(1)
    paper.clock.callLater(0, paper.append, 2)
    paper.clock.callLater(0, paper.append, 3)
    paper.turn()
    assert paper.written == [[1, 2, 3]]


def test_a_large_group_gathers_no_more(paper: Paper) -> None:
    """A group that is large already is written at once."""
    paper.append(*range(1, Journal.LARGE + 1))
    paper.clock.callLater(0, paper.append, 9999)
    paper.turn()
    assert paper.written == [list(range(1, Journal.LARGE + 1))]
    assert paper.journal.waiting == 1


def test_groups_grow_while_one_is_written(paper: Paper) -> None:
    """What comes during a write is the next group, all of it, however much; the order is kept."""
    paper.append(1)
    paper.turn()
    for number in range(2, 1200):
        paper.append(number)
        paper.turn(0.001)
    assert (paper.written, paper.journal.waiting) == ([[1]], 1198)
    paper.succeed()
    assert paper.written[1:] == [list(range(2, 1200))]
    paper.append(1200)
    paper.succeed()
    paper.succeed()
    assert paper.order == list(range(1, 1201))
    assert [len(group) for group in paper.released] == [1, 1198, 1]


def test_outcomes_are_handed_on(paper: Paper) -> None:
    """Who was refused in a group is told with it."""
    paper.append(1, 2)
    paper.turn()
    refused: Outcomes = {1: Conflict()}
    paper.succeed(refused)
    assert paper.outcomes == [refused]


def test_unstored_needs_no_transaction(paper: Paper) -> None:
    """A group of nothing that is stored is released without the writer."""
    paper.journal.append(unstored(1))
    paper.journal.append(commit())
    paper.turn()
    assert paper.groups == []
    assert paper.order == [1]
    assert paper.outcomes == [{}]
    assert paper.journal.idle


def test_unstored_keeps_its_place(paper: Paper) -> None:
    """What is not stored waits for what came before it, whether in its group or in the one before."""
    paper.append(1)
    paper.turn()
    paper.journal.append(unstored(2))
    paper.turn(1)
    assert paper.order == []
    paper.succeed()
    assert paper.order == [1, 2]
    paper.journal.append(unstored(3))
    paper.append(4)
    paper.journal.append(unstored(5))
    paper.turn()
    assert paper.order == [1, 2]
    paper.succeed()
    assert paper.order == [1, 2, 3, 4, 5]
    assert paper.written == [[1], [3, 4, 5]]


def test_commits_of_a_release(paper: Paper) -> None:
    """What a release asks to be stored is the next group."""
    paper.on_release = lambda: paper.append(2) if paper.order == [1] else None
    paper.append(1)
    paper.turn()
    paper.succeed()
    paper.succeed()
    assert paper.written == [[1], [2]]
    assert paper.journal.idle


# -- flushed ----------------------------------------------------------------------------------------------------------


def flushed(paper: Paper) -> list[None]:
    """Return a list that is no longer empty when the journal has flushed."""
    fired: list[None] = []
    paper.journal.flushed().addCallback(fired.append)
    return fired


def test_flushed_at_once(paper: Paper) -> None:
    """Where nothing waits it is flushed, before the first commit and after the last."""
    assert flushed(paper) == [None]
    paper.append(1)
    assert flushed(paper) == []
    paper.turn()
    paper.succeed()
    assert flushed(paper) == [None]


def test_flushed_after_all(paper: Paper) -> None:
    """It fires for everyone who waits when the last group is released, later commits and those of releases included."""
    paper.append(1)
    paper.turn()
    first = flushed(paper)
    paper.append(2)
    paper.on_release = lambda: paper.append(3) if paper.order == [1, 2] else None
    second = flushed(paper)
    paper.succeed()
    assert not first
    paper.succeed()
    assert (first, second) == ([], [])
    paper.succeed()
    assert (first, second, paper.order) == ([None], [None], [1, 2, 3])


def test_not_flushed_in_trouble(paper: Paper) -> None:
    """Trouble is not the end: it fires when all is written after it."""
    paper.append(1)
    paper.turn()
    waiting = flushed(paper)
    for _ in range(5):
        paper.fail()
        paper.turn(Journal.LONGEST_RETRY)
    assert waiting == []
    paper.succeed()
    assert waiting == [None]


# -- trouble ----------------------------------------------------------------------------------------------------------


def test_retries(paper: Paper) -> None:
    """The same group is tried again, after a delay that doubles up to its limit; the rest waits behind it."""
    paper.append(1, 2)
    paper.turn()
    delays = []
    for number in range(3, 13):
        paper.append(number)
        paper.fail()
        (retry,) = paper.clock.getDelayedCalls()
        delays.append(round(retry.getTime() - paper.clock.seconds(), 6))
        paper.turn(delays[-1])
    assert delays == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0, 5.0]
    assert paper.written == [[1, 2]] * 11
    assert paper.released == []
    paper.succeed()
    paper.succeed()
    assert paper.order == list(range(1, 13))
    assert paper.written[11:] == [list(range(3, 13))]


def test_trouble_and_recovery_are_told_once(paper: Paper) -> None:
    """The first failure is told with its reason, the first success after it as the end; then it begins anew."""
    for reason in ("disk full", "locked"):
        paper.append(1)
        paper.turn()
        for _ in range(4):
            paper.fail(StorageTrouble(Text(reason)))
            paper.turn(Journal.LONGEST_RETRY)
        paper.succeed()
        paper.append(2)
        paper.turn()
        paper.succeed()
    assert paper.told == [Text("disk full"), None, Text("locked"), None]


def test_backoff_begins_anew(paper: Paper) -> None:
    """After a recovery the first retry is soon again."""
    paper.append(1)
    paper.turn()
    for _ in range(4):
        paper.fail()
        paper.turn(Journal.LONGEST_RETRY)
    paper.succeed()
    paper.append(2)
    paper.turn()
    paper.fail()
    paper.turn(Journal.FIRST_RETRY)
    assert paper.written[-2:] == [[2], [2]]


def test_recovery_is_told_before_the_release(paper: Paper) -> None:
    """Who hears that the storage works again then hears what has waited for it."""
    heard: list[object] = []
    paper.on_trouble = lambda: heard.append(paper.told[-1])
    paper.on_release = lambda: heard.append(paper.order[-1])
    paper.append(1)
    paper.turn()
    paper.fail()
    paper.turn(1)
    paper.succeed()
    assert heard == [Text("disk full"), None, 1]


def test_patience(paper: Paper) -> None:
    """New writes are taken for the first seconds of trouble, then refused, and taken again after it."""
    paper.append(1)
    paper.turn()
    assert paper.journal.accepting
    paper.fail()
    began = paper.clock.seconds()
    while paper.clock.seconds() < began + Journal.PATIENCE - 0.01:
        assert paper.journal.accepting
        paper.turn(0.01)
        if paper.open is not None:
            paper.fail()
    paper.turn(0.02)
    assert not paper.journal.accepting
    paper.turn(Journal.LONGEST_RETRY)
    assert not paper.journal.accepting
    paper.succeed()
    assert paper.journal.accepting


def test_most_waiting(paper: Paper) -> None:
    """In trouble no more than so many commits are let wait; without trouble there is no such bound."""
    paper.append(0)
    paper.turn()
    paper.append(*range(1, Journal.MOST_WAITING + 1))
    assert paper.journal.accepting
    paper.fail()
    assert not paper.journal.accepting
    paper.turn(Journal.FIRST_RETRY)
    paper.succeed()
    assert paper.journal.accepting
    paper.succeed()
    assert paper.order == list(range(Journal.MOST_WAITING + 1))


def test_what_is_appended_while_not_accepting(paper: Paper) -> None:
    """Not accepting is for clients' requests; what the server itself has to store still waits its turn."""
    paper.append(1)
    paper.turn()
    paper.fail()
    paper.turn(Journal.PATIENCE)
    assert not paper.journal.accepting
    paper.append(2)
    paper.succeed()
    paper.succeed()
    assert paper.order == [1, 2]


# -- faults of ours ---------------------------------------------------------------------------------------------------


def test_release_that_raises(paper: Paper) -> None:
    """A release that raises is logged and stops nobody: the next groups are written and released, the flush comes."""

    def broken() -> None:
        if len(paper.released) == 1:
            raise ZeroDivisionError

    paper.on_release = broken
    paper.append(1)
    paper.turn()
    paper.append(2)
    waiting = flushed(paper)
    with capturedLogs() as logged:
        paper.succeed()
    paper.succeed()
    assert paper.order == [1, 2]
    assert waiting == [None]
    assert [type(event["log_failure"].value) for event in logged] == [ZeroDivisionError]


def test_release_of_unstored_that_raises(paper: Paper) -> None:
    """So it is with a group that nothing of is stored."""

    def broken() -> None:
        if len(paper.released) == 1:
            raise ZeroDivisionError

    paper.on_release = broken
    paper.journal.append(unstored(1))
    with capturedLogs() as logged:
        paper.turn()
    paper.append(2)
    waiting = flushed(paper)
    paper.turn()
    paper.succeed()
    assert (paper.order, waiting) == ([1, 2], [None])
    assert [type(event["log_failure"].value) for event in logged] == [ZeroDivisionError]


def test_watcher_that_raises(paper: Paper) -> None:
    """One who hears the figures of a group and fails keeps neither the group nor the next watcher from theirs."""
    sizes: list[int] = []

    def broken(_took: float, _size: int) -> None:
        raise ZeroDivisionError

    paper.journal.watchers += [broken, lambda _took, size: sizes.append(size)]
    paper.append(1, 2)
    paper.turn()
    with capturedLogs() as logged:
        paper.succeed()
    assert (paper.order, sizes) == ([1, 2], [2])
    assert [formatEvent(event) for event in logged] == ["a watcher of the journal failed"]


@pytest.mark.parametrize("recovers", [False, True])
def test_telling_that_raises(paper: Paper, recovers: bool) -> None:
    """If trouble or its end cannot be told, the group is still tried again, released once, and nothing is lost."""

    def broken() -> None:
        if (paper.told[-1] is None) == recovers:
            raise ZeroDivisionError

    paper.on_trouble = broken
    paper.append(1)
    paper.turn()
    with capturedLogs() as logged:
        paper.fail()
        paper.turn(Journal.FIRST_RETRY)
        paper.succeed()
    assert paper.order == [1]
    assert paper.told == [Text("disk full"), None]
    assert [formatEvent(event) for event in logged] == ["the store's trouble could not be told"]


def test_writer_that_breaks(paper: Paper) -> None:
    """A fault of the writer fails the changes of its group, each to its sender; what is not stored keeps its place."""
    paper.journal.append(unstored(1))
    paper.append(2)
    paper.journal.append(commit())
    paper.append(3)
    paper.turn()
    paper.append(4)
    fault = MemoryError()
    with capturedLogs() as logged:
        paper.fail(fault)
    paper.succeed()
    assert paper.order == [1, 2, 3, 4]
    assert paper.outcomes == [{1: fault, 3: fault}, {}]
    assert paper.told == []
    assert [event["log_failure"].value for event in logged] == [fault]
    assert paper.journal.idle


def test_writer_that_raises(paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that raises at once is no different from one that fails later."""

    def broken(group: Sequence[Commit]) -> Deferred[Outcomes]:
        raise ZeroDivisionError

    paper.append(1)
    with monkeypatch.context() as broken_for_now, capturedLogs() as logged:
        broken_for_now.setattr(paper, "write", broken)
        paper.turn()
    assert len(logged) == 1
    assert [list(outcomes) for outcomes in paper.outcomes] == [[0]]
    paper.append(2)
    paper.turn()
    paper.succeed()
    assert paper.order == [1, 2]


def test_writer_that_breaks_in_trouble(paper: Paper) -> None:
    """A fault in the middle of trouble is not its end: that is told by the first group that is written."""
    paper.append(1)
    paper.turn()
    paper.fail()
    paper.turn(Journal.FIRST_RETRY)
    with capturedLogs():
        paper.fail(ZeroDivisionError())
    assert paper.told == [Text("disk full")]
    paper.append(2)
    paper.turn()
    paper.succeed()
    assert paper.told == [Text("disk full"), None]
    assert paper.order == [1, 2]
