"""Turns: so much work at once, the rest in a fair order, and an end to what may wait."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure

from classcord.chat.errors import Busy
from classcord.services.process.turns import Turns


class Desk:
    """Work that is done when the test says so."""

    def __init__(self, at_once: int) -> None:
        self.turns = Turns(at_once)
        self.begun: list[str] = []
        self._doing: dict[str, Deferred[str]] = {}

    def ask(self, group: str, name: str, most: int = 100) -> Deferred[str]:
        def work() -> Deferred[str]:
            self.begun.append(name)
            self._doing[name] = Deferred()
            return self._doing[name]

        return Deferred.fromCoroutine(self.turns.run(group, name, work, most=most))

    def finish(self, name: str, result: str | Exception) -> None:
        self._doing.pop(name).callback(Failure(result) if isinstance(result, Exception) else result)


def value(asked: Deferred[str]) -> object:
    """Return what became of a work; None if it still waits."""
    seen: list[object] = []
    asked.addBoth(seen.append)
    if not seen:
        return None
    return seen[0].type if isinstance(seen[0], Failure) else seen[0]


def test_so_many_at_once() -> None:
    """The next one begins when one has ended, well or badly; each hears its own result."""
    desk = Desk(2)
    asked = [desk.ask("a", name) for name in "123"]
    assert desk.begun == ["1", "2"]
    assert desk.turns.waiting == 3
    desk.finish("2", ValueError("no"))
    assert desk.begun == ["1", "2", "3"]
    desk.finish("3", "three")
    desk.finish("1", "one")
    assert [value(each) for each in asked] == ["one", ValueError, "three"]
    assert desk.turns.waiting == 0


def test_groups_take_turns() -> None:
    """One who asks for much makes others wait for one work of theirs, not for all."""
    desk = Desk(1)
    for name in ("a1", "a2", "a3"):
        desk.ask("a", name)
    desk.ask("b", "b1")
    for name in ("a1", "a2", "b1"):
        desk.finish(name, "")
    assert desk.begun == ["a1", "a2", "b1", "a3"]


def test_who_leaves_makes_room() -> None:
    """A work that was cancelled while it waited is never done; one that had begun keeps its place until its end."""
    desk = Desk(1)
    first, second, third = (desk.ask("a", name) for name in "123")
    second.addErrback(lambda _: None)
    second.cancel()
    first.addErrback(lambda _: None)
    first.cancel()
    assert desk.begun == ["1"]
    desk.finish("1", "")
    assert desk.begun == ["1", "3"]
    desk.finish("3", "three")
    assert value(third) == "three"


@pytest.mark.parametrize("group", ["a", "b"])
def test_there_is_an_end(group: str) -> None:
    """Beyond the bound, a work of the largest group fails with Busy: the newest that waits, or the one just asked."""
    desk = Desk(1)
    asked = [desk.ask("a", name) for name in "123"]
    last = desk.ask(group, "4", most=3)
    busy = last if group == "a" else asked[2]
    assert value(busy) is Busy
    assert desk.turns.waiting == 3


def test_thousands_that_end_at_once_are_done_one_after_another() -> None:
    """However deep the queue is, the stack is not."""
    turns = Turns(1)
    held: Deferred[None] = Deferred()
    first = _asked(turns, lambda: held)
    others = [_asked(turns, lambda: succeed(None)) for _ in range(3_000)]
    held.callback(None)
    assert all(each.called for each in (first, *others))


def _asked(turns: Turns, work: Any) -> Deferred[Any]:
    return Deferred.fromCoroutine(turns.run("here", 1, work, most=10_000))
