"""The log of operations under a flood: of each sentence some lines, then how many more; the rare is never hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from twisted.logger import Logger, LogLevel

from classcord.services.process import logs
from classcord.services.security import audit_log
from tests.harness import House, login

log = Logger()


class Written:
    """What the log's file is given, at a time of a test's own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lines: list[str] = []
        self.now = 1_800_000_000.0
        self.outputs = logs.Outputs(self.lines.append, None)
        monkeypatch.setattr("twisted.logger._logger.time", lambda: self.now)

    @property
    def size(self) -> int:
        return sum(map(len, self.lines))

    def count(self, words: str) -> int:
        return sum(words in line and "more such lines" not in line for line in self.lines)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    written = Written(monkeypatch)
    written.outputs.go_by("info", logs.as_text, messages=False, file=True)
    yield written
    written.outputs.end()


def test_a_flood_of_one_sentence(written: Written) -> None:
    """Some at once, some a second; then how many more, in the next line of its kind or after some minutes."""
    for number in range(10_000):
        written.now += 0.01
        log.info("session {session}: {asked} refused", session=number, asked="kick")
    assert written.count("refused") <= logs.AT_ONCE + 100 * logs.A_SECOND + 1
    written.outputs.end()
    told = [int(line.split("info ")[1].split()[0]) for line in written.lines if "more such lines" in line]
    assert written.count("refused") + sum(told) == 10_000


def test_it_hides_nothing_else(written: Written) -> None:
    """A line of another kind, and a failure, are there."""
    for number in range(5_000):
        log.info("session {session}: {asked} refused", session=number, asked="kick")
    log.critical("nothing can be stored: {reason}", reason="the disk is full")
    try:
        raise RuntimeError("unlucky")
    except RuntimeError:
        log.failure("fault {reference}", reference="1-2")
    assert written.count("the disk is full") == 1
    assert written.count("unlucky") == 1


def test_failures_of_one_place(written: Written) -> None:
    """Somebody who has found a fault of ours does not fill the disk with its tracebacks."""
    for number in range(3_000):
        written.now += 1
        try:
            raise RuntimeError
        except RuntimeError:
            log.failure("fault {reference}", reference=number)
    assert written.count("Traceback") <= logs.FAILURES_AT_ONCE + 3_000 * logs.FAILURES_A_SECOND + 1


def test_a_long_line_is_cut(written: Written) -> None:
    """Whatever somebody has put into it."""
    log.info("somebody said {what}", what="x" * 100_000)
    assert written.size < logs.LONGEST + 200


def test_debugging_is_written_whole(written: Written) -> None:
    """Whoever asks for all of it for a while gets all of it."""
    written.outputs.go_by("debug", logs.as_text, messages=False, file=True)
    for number in range(logs.AT_ONCE + 500):
        log.debug("packet {number}", number=number)
    assert written.count("packet") == logs.AT_ONCE + 500


def test_messages_are_written_where_that_is_wanted(written: Written) -> None:
    """None is left out: the settings ask for them."""
    written.outputs.go_by("info", logs.as_text, messages=True, file=True)
    for number in range(logs.AT_ONCE + 500):
        log.emit(LogLevel.info, logs.MESSAGE, session=1, name="bob", to="#dev", content=number, whole=number)
    assert written.count("bob -> #dev") == logs.AT_ONCE + 500


def _connect(house: House) -> None:
    house.client().leave()


def _bad_lines(house: House) -> None:
    client = house.client()
    client.ask(*[b"{\n"] * 24)
    client.leave()


def _flood(house: House) -> None:
    house.client().ask(b"{\n" * 100)


def _too_long(house: House) -> None:
    house.client().ask(b"x" * 70_000 + b"\n")


def _wrong_password(house: House) -> None:
    client = house.client()
    client.ask(login("bob", "wrong"))
    client.leave()


def _come_and_go(house: House) -> None:
    client = house.client()
    client.ask(login("bob"), {"type": "logout"}, {"type": "guest", "username": "eve"})
    client.leave()


def _refused(house: House) -> None:
    client = house.client()
    client.ask(login("bob"), *[{"type": "kick", "user": "alice", "reason": "x"}] * 15)
    client.leave()


def _join_and_leave(house: House) -> None:
    client = house.client()
    client.ask(login("bob"), *[{"type": "join", "channel": "#dev"}, {"type": "leave", "channel": "#dev"}] * 8)
    client.leave()


FLOODS: list[Callable[[House], None]] = [
    _connect,
    _bad_lines,
    _flood,
    _too_long,
    _wrong_password,
    _come_and_go,
    _refused,
    _join_and_leave,
]


@pytest.mark.parametrize("flood", FLOODS, ids=lambda flood: str(flood.__name__).strip("_"))
def test_what_clients_cause(written: Written, flood: Callable[[House], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever they do again and again, past what may come at once both logs hardly grow: every line is sparing."""
    monkeypatch.setattr(logs, "AT_ONCE", 20)
    monkeypatch.setattr(audit_log, "AT_ONCE", 20)
    written.outputs.go_by("info", logs.as_text, messages=False, file=True)
    house = House()
    house.account("bob")

    def grown() -> tuple[int, int]:
        before = len(written.lines), len(house.audit)
        for _ in range(60):
            flood(house)
            house.clock.advance(0.1)
            written.now += 0.1
            house.clients.clear()
        return len(written.lines) - before[0], len(house.audit) - before[1]

    grown()
    lines, events = grown()
    seconds, kinds = 6, 8  # of lines that one flood has
    assert lines <= kinds * (2 * seconds * logs.A_SECOND + 2)
    assert events <= kinds * (2 * seconds * audit_log.A_SECOND + 2)
