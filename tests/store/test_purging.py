"""What has had its time leaves the database in steps, with all that belongs to it; what is newer stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from twisted.logger import ILogObserver, LogEvent, formatEvent, globalLogPublisher

from classcord.chat.effects import Commit
from classcord.chat.identity.vocabulary import SessionEnded
from classcord.chat.mentions.vocabulary import Mentioned
from classcord.chat.messages.vocabulary import Replied
from classcord.chat.pins.vocabulary import MessagePinned
from classcord.chat.reactions.vocabulary import Reacted
from classcord.chat.retention.durations import CLOCKS_GO
from classcord.chat.retention.vocabulary import (
    AccountLeft,
    OlderThan,
    PurgeBegun,
    PurgeEnded,
    PurgesIn,
    RowCounts,
)
from classcord.chat.revisions.vocabulary import MessageChanged, MessageDeleted, MessageEdited
from classcord.chat.sanctions.vocabulary import SanctionLifted
from classcord.chat.text import Text
from classcord.store.sqlite import answers, purging, word_index
from classcord.store.sqlite.audit_chain import verify
from classcord.store.sqlite.database import begin, prepare, sweep_now
from classcord.store.sqlite.in_memory import MemoryConnection
from classcord.store.sqlite.writing import write_group
from tests.store.examples import (
    AT,
    BEGUN,
    asked,
    audited,
    carried,
    channel,
    closed,
    commit,
    copied,
    decided,
    purge,
    reported,
    said,
    sanctioned,
    started,
    user,
    whispered,
)

KEY = Ed25519PrivateKey.generate()
LONG = AT + 10_000
"""A time after everything."""


@pytest.fixture
def store() -> Iterator[sqlite3.Connection]:
    memory = MemoryConnection()
    keep(memory.connection, *BEGUN, commit(channel(2, "#dev")))
    yield memory.connection
    memory.close()


def keep(store: sqlite3.Connection, *commits: Commit) -> None:
    assert write_group(store, commits) == {}


def finish(store: sqlite3.Connection, most: int = 3) -> int:
    """Take all steps, and bring the index of words up to date; return how many steps there were."""
    place, steps = None, 0
    while purging.is_under_way(store):
        place, steps = purging.step(store, place, most, lambda: None, lambda: KEY), steps + 1
        assert steps < 10_000
    while word_index.update(store) or word_index.is_outdated(store):
        pass
    return steps


def run(store: sqlite3.Connection, record: PurgeBegun, most: int = 3) -> RowCounts:
    keep(store, commit(record))
    finish(store, most)
    return answers.answer(store, PurgesIn()).counts  # type: ignore[no-any-return]


def ids(store: sqlite3.Connection, table: str = "messages", column: str = "id") -> list[int]:
    return [row[0] for row in store.execute(f"SELECT {column} FROM {table} ORDER BY {column}")]


def test_messages_by_kind_of_place(store: sqlite3.Connection) -> None:
    """The channel of everyone, other channels and private conversations each have their own time."""
    keep(store, *(commit(said(number)) for number in (1, 2)), *(commit(said(n, channel_id=2)) for n in (3, 4)))
    keep(store, *(commit(whispered(number)) for number in (5, 6)))
    assert run(store, purge(everyone=AT + 2, channels=AT + 4, private=AT + 6)) == RowCounts(
        everyone=1, channels=1, private=1
    )
    assert ids(store) == [2, 4, 6]


def test_what_a_clock_has_dated_that_was_not_set(store: sqlite3.Connection) -> None:
    """It stays, for its age is not known; and nobody is told that it would go."""
    keep(store, commit(said(1, at=600_000)), commit(said(2, at=CLOCKS_GO - 1)), commit(said(3, at=CLOCKS_GO)))
    assert answers.answer(store, OlderThan(cutoffs=purge(everyone=AT).before)).counts == RowCounts(everyone=1)
    assert run(store, purge(everyone=AT)) == RowCounts(everyone=1)
    assert ids(store) == [1, 2]


def test_all_that_belongs_to_a_message(store: sqlite3.Connection) -> None:
    """With a message go its words, its file, reactions, tallies, pins, mentions, versions and marks.

    A reply to it is an ordinary message again.
    """
    keep(store, commit(said(1, "éphémère", author_id=1), carried(1, user_id=1), Mentioned(message_id=1, user_id=2)))
    keep(store, commit(Reacted(message_id=1, emoji="👍", who=2), MessagePinned(message_id=1, at=AT)))
    keep(store, commit(MessageEdited(message_id=1, at=AT, author="Zoé", channel_id=1, content="passager")))
    keep(store, commit(MessageChanged(message_id=1, newest=1, edited_at=AT)))
    keep(store, commit(said(2, "la réponse"), Replied(message_id=2, reply_to=1)))
    word_index.update(store)
    assert run(store, purge(everyone=AT + 2)) == RowCounts(everyone=1, files=1)
    belonging = ("files", "reactions", "reaction_tallies", "pins", "mentions", "message_versions", "message_changes")
    for table in (*belonging, "mark_changes", "replies", "words_outdated"):
        assert store.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
    found = "SELECT rowid FROM message_words WHERE message_words MATCH ?"
    assert store.execute(found, ("passager",)).fetchall() == []
    assert store.execute(found, ("reponse",)).fetchall() == [(2,)]


@pytest.mark.parametrize("most", [1, 2, 7, 500])
def test_steps_of_any_size(store: sqlite3.Connection, most: int) -> None:
    """However many rows a step takes, the same goes, and each row is counted once."""
    keep(store, *(commit(said(number, channel_id=1 + number % 2)) for number in range(1, 60)))
    assert run(store, purge(everyone=AT + 31, channels=AT + 11), most) == RowCounts(everyone=15, channels=5)
    assert ids(store) == [number for number in range(1, 60) if number > (30 if number % 2 == 0 else 10)]


def test_a_crash_in_the_middle(store: sqlite3.Connection) -> None:
    """After a restart the run goes on, and what has gone before is not counted twice."""
    keep(store, *(commit(said(number)) for number in range(1, 31)), commit(purge(everyone=AT + 21)))
    place = purging.step(store, None, 4, lambda: None)
    purging.step(store, place, 4, lambda: None)
    assert ids(store)[0] == 9
    state = begin(store)
    assert [each for each in state.records if isinstance(each, PurgeBegun)] == [purge(everyone=AT + 21)]
    finish(store)
    assert ids(store) == list(range(21, 31))
    assert answers.answer(store, PurgesIn()).counts == RowCounts(everyone=20)


def test_nothing_while_there_is_an_obstacle(store: sqlite3.Connection) -> None:
    """A file that nobody finds any more is left as it is; the step is taken again later."""
    keep(store, commit(said(1)), commit(purge(everyone=LONG)))
    place = purging.step(store, None, 9, lambda: Text("displaced"))
    assert ids(store) == [1]
    assert place is not None
    assert place.task == 0


def test_an_open_report_holds_its_messages(store: sqlite3.Connection) -> None:
    """What it has copied stays with its versions until it is closed; then it goes with the next run."""
    keep(store, *(commit(said(number, channel_id=2, author_id=1)) for number in range(1, 5)))
    keep(store, commit(MessageDeleted(message_id=2, at=AT, author="Zoé", author_id=1, channel_id=2)))
    keep(store, commit(MessageChanged(message_id=2, newest=4, deleted_at=AT, deleted_by="Léa", sealed=True)))
    keep(store, commit(reported(1), copied(1), copied(1, 1, message_id=3)))
    run(store, purge(channels=LONG, versions=LONG))
    assert ids(store) == [2, 3]
    assert store.execute("SELECT content FROM message_versions").fetchall() == [("Bonjour",)]
    keep(store, commit(closed(1, told=True)), *ended(store))
    run(store, purge(2, channels=LONG, versions=LONG))
    assert ids(store) == []


def ended(store: sqlite3.Connection) -> list[Commit]:
    """Return the end of the last run."""
    number = answers.answer(store, PurgesIn()).number
    return [commit(PurgeEnded(number=number, at=AT + 900))]


def test_versions(store: sqlite3.Connection) -> None:
    """What messages said before goes some time after they were changed; the messages stay as they are."""
    keep(store, commit(said(1, author_id=1)), commit(said(2, author_id=1)))
    for number, at in ((1, AT + 10), (2, AT + 90)):
        edit = MessageEdited(message_id=number, at=at, author="Zoé", channel_id=1, content="autrement")
        keep(store, commit(edit, MessageChanged(message_id=number, newest=2, edited_at=at)))
    assert run(store, purge(versions=AT + 50)) == RowCounts(versions=1)
    assert ids(store, "message_versions", "message_id") == [2]
    assert store.execute("SELECT content FROM messages").fetchall() == [("autrement",)] * 2


def test_connections_reports_and_what_is_over(store: sqlite3.Connection) -> None:
    """Each goes by its end: what is open, in force, waiting or still on its way to a person stays."""
    keep(store, *(commit(started(number)) for number in (1, 2, 3)), commit(said(2, channel_id=2)))
    keep(store, *(commit(SessionEnded(session_id=number, ended_at=AT + 10 * number)) for number in (1, 2)))
    keep(store, commit(reported(1), copied(1)), commit(reported(2, message_id=3)), commit(closed(1, at=AT + 10)))
    keep(store, commit(sanctioned(1, until=AT + 10)), commit(sanctioned(2, "léa")), commit(sanctioned(3, "tom")))
    keep(store, commit(SanctionLifted(sanction_id=3, by="Zoé", lifted_at=AT + 10)))
    keep(store, commit(asked(1), asked(2, 1), asked(3, channel_id=2)))
    keep(store, commit(decided(1, told=True)), commit(decided(2, told=False)))
    before = AT + 15
    assert run(store, purge(connections=before, reports=before, sanctions=before)) == RowCounts(
        connections=1, reports=1, sanctions=3
    )
    assert ids(store, "sessions") == [2, 3]
    assert ids(store, "reports") == [2]
    assert ids(store, "report_lines", "report_id") == []
    assert ids(store, "sanctions") == [2]
    assert ids(store, "join_requests") == [2, 3]


def test_conversations_without_a_message(store: sqlite3.Connection) -> None:
    """Of a conversation whose messages have gone, neither of its people has a trace; the others stay in the lists."""
    keep(store, commit(user(3, "Léa")), commit(whispered(1, author_id=1)))
    keep(store, commit(whispered(2, conversation="1:3", author_id=1, recipient="Léa")))
    assert len(ids(store, "conversations", "user_id")) == 4
    run(store, purge(private=AT + 2), most=1)
    assert store.execute("SELECT user_id, conversation FROM conversations ORDER BY 1").fetchall() == [
        (1, "1:3"),
        (3, "1:3"),
    ]


def test_no_id_is_given_out_again(store: sqlite3.Connection) -> None:
    """Also when everything has gone, a start counts on from the highest ids there ever were."""
    keep(store, commit(said(7)), commit(started(5)), commit(SessionEnded(session_id=5, ended_at=AT)))
    keep(store, commit(sanctioned(4, until=AT)))
    run(store, purge(before=LONG))
    assert ids(store) == ids(store, "sessions") == ids(store, "sanctions") == []
    last = begin(store).last
    assert (last.message, last.session, last.sanction, last.purge) == (7, 5, 4, 1)


def test_what_would_go_is_what_goes(store: sqlite3.Connection) -> None:
    """The numbers that are told before are those of the run."""
    keep(store, *(commit(said(n, channel_id=1 + n % 2)) for n in range(1, 9)), commit(whispered(9)))
    keep(store, commit(carried(1)), commit(started(1)), commit(SessionEnded(session_id=1, ended_at=AT + 1)))
    keep(store, commit(reported(1), copied(1)), commit(sanctioned(1, until=AT + 1)))
    keep(store, commit(audited(1)), commit(audited(2)), commit(audited(90)))
    record = purge(before=AT + 5, private=LONG)
    told = answers.answer(store, OlderThan(cutoffs=record.before))
    assert told.last.number == 0
    assert told.counts == run(store, record)
    assert told.counts == RowCounts(everyone=1, channels=2, private=1, files=1, connections=1, sanctions=1, audit=2)


def test_one_run_at_a_time(store: sqlite3.Connection) -> None:
    """A run that was decided while another goes on is refused."""
    keep(store, commit(purge()))
    assert list(write_group(store, [commit(purge(2))])) == [0]
    keep(store, *ended(store))
    keep(store, commit(purge(2)))


# -- the audit trail --------------------------------------------------------------------------------------------------


def test_the_chain_of_the_trail_stays_valid(store: sqlite3.Connection) -> None:
    """Each page that goes leaves a signed checkpoint; an entry behind one that stays, stays too."""
    keep(store, *(commit(audited(number)) for number in (1, 2, 3, 4, 60, 5, 70)))
    assert run(store, purge(audit=AT + 50), most=3) == RowCounts(audit=4)
    assert ids(store, "audit") == [5, 6, 7]
    verdict = verify(store, KEY.public_key())
    assert verdict.findings == []
    assert verdict.checkpoints == 2
    keep(store, commit(audited(80)))
    assert verify(store, KEY.public_key()).findings == []


def test_what_was_tampered_with_stays(store: sqlite3.Connection, captured: list[str]) -> None:
    """Entries that are not as they were written are proof of it: they stay, and the rest of the run is done."""
    keep(store, *(commit(audited(number)) for number in (1, 2, 3)), commit(said(1)))
    store.execute("UPDATE audit SET actor = 'Bob' WHERE id = 2")
    assert run(store, purge(audit=LONG, everyone=LONG)) == RowCounts(everyone=1)
    assert ids(store, "audit") == [1, 2, 3]
    assert any("the audit trail is not purged" in each for each in captured)


def test_no_key_no_purge(store: sqlite3.Connection, captured: list[str]) -> None:
    """Without a key that signs, the trail stays."""
    keep(store, commit(audited(1)), commit(purge(audit=LONG)))

    def missing() -> Ed25519PrivateKey:
        raise OSError("no key")

    place = None
    while purging.is_under_way(store):
        place = purging.step(store, place, 9, lambda: None, missing)
    assert ids(store, "audit") == [1]
    assert any("no key" in each for each in captured)


@pytest.fixture
def captured() -> Iterator[list[str]]:
    """Return what the log has, as texts."""
    lines: list[str] = []

    def heard(event: LogEvent) -> None:
        lines.append(formatEvent(event))

    observer = cast(ILogObserver, heard)
    globalLogPublisher.addObserver(observer)
    yield lines
    globalLogPublisher.removeObserver(observer)


# -- when people were here --------------------------------------------------------------------------------------------


def test_when_somebody_was_last_here(store: sqlite3.Connection) -> None:
    """A login and its end say so; whoever has left is back with a login, and when a ban is lifted."""
    seen = "SELECT seen_at, left_at FROM users WHERE id = 1"
    assert store.execute(seen).fetchone() == (AT, None)
    keep(store, commit(AccountLeft(user_id=1, at=AT + 1)))
    assert store.execute(seen).fetchone() == (AT, AT + 1)
    keep(store, commit(started(5)))
    assert store.execute(seen).fetchone() == (AT + 5, None)
    keep(store, commit(started(6, started_at=600_000)))  # by a clock that was not set
    assert store.execute(seen).fetchone() == (AT + 5, None)
    keep(store, commit(SessionEnded(session_id=5, ended_at=AT + 50)))
    keep(store, commit(sanctioned(1, "zoé", kind="ban")), commit(AccountLeft(user_id=1, at=AT + 60)))
    assert store.execute(seen).fetchone() == (AT + 50, AT + 60)
    keep(store, commit(SanctionLifted(sanction_id=1, by="Bob", lifted_at=AT + 70)))
    assert store.execute(seen).fetchone() == (AT + 50, None)


# -- the file ---------------------------------------------------------------------------------------------------------


def test_the_file_becomes_smaller(tmp_path: Path) -> None:
    """The disk has its space back when a run has ended, without a moment in which the whole file is written anew."""
    file = tmp_path / "classcord.db"
    prepare(file, tmp_path, "NORMAL")
    with closing(sqlite3.connect(file, isolation_level=None)) as store:
        keep(store, *BEGUN, *(commit(said(number, "mot " * 500)) for number in range(1, 1001)))
        keep(store, commit(purge(before=LONG)))
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = file.stat().st_size
    assert sweep_now(file, "NORMAL", lambda: KEY) == RowCounts(everyone=1000)
    assert file.stat().st_size < before / 4
