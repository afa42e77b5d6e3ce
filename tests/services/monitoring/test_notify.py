"""What a service manager hears of the server's life: words in datagrams, signs of life, and their absence."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from twisted.internet.task import Clock
from twisted.logger import capturedLogs

from classcord.services.monitoring.notify import STUCK_AFTER, Life, Notifier, Watchdog

HALF = 5.0  # seconds between two signs, of a watchdog that waits for twice that


class Manager:
    """A service manager's socket, at a path or at an abstract name (`@...`)."""

    def __init__(self, address: str) -> None:
        self.environment = {"NOTIFY_SOCKET": address}
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        self.socket.setblocking(False)

    def heard(self) -> list[str]:
        """Return the datagrams that have come since the last look."""
        words = []
        while True:
            try:
                words.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                return words


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(str(tmp_path / "notify"))
    yield manager
    manager.socket.close()


def notifier(manager: Manager, **environment: str) -> Notifier:
    return Notifier({**manager.environment, **environment})


def test_stages_of_life(manager: Manager) -> None:
    """Each stage is one datagram of assignments, a reload with the manager's own time in microseconds."""
    life = Life(notifier(manager), lambda: 12.3456789)
    life.ready()
    life.reloading()
    life.ready()
    life.stopping()
    assert manager.heard() == ["READY=1", "RELOADING=1\nMONOTONIC_USEC=12345678", "READY=1", "STOPPING=1"]


def test_only_a_new_status_is_sent(manager: Manager) -> None:
    """What `systemctl status` shows already is not said again; accents and French spaces arrive as they are."""
    life = Life(notifier(manager), lambda: 0.0)
    for words in ("connexions : 1, élèves : 0", "connexions : 1, élèves : 0", "connexions : 2"):
        life.status(words)
    assert manager.heard() == ["STATUS=connexions : 1, élèves : 0", "STATUS=connexions : 2"]


def test_a_value_cannot_become_a_word_of_its_own(manager: Manager) -> None:
    """Line ends in a status are no new assignments: nobody says STOPPING by a text."""
    Life(notifier(manager), lambda: 0.0).status("one\nSTOPPING=1\r\ntwo")
    assert manager.heard() == ["STATUS=one STOPPING=1 two"]


def test_abstract_socket() -> None:
    """A manager whose address begins with `@` is one without a file."""
    manager = Manager(f"@classcord-test-{os.getpid()}")
    Life(notifier(manager), lambda: 0.0).ready()
    assert manager.heard() == ["READY=1"]
    manager.socket.close()


@pytest.mark.parametrize("address", ["", "relative/path", "vsock:2:1234"])
def test_nothing_is_said_where_no_manager_is(address: str) -> None:
    """Without an address, or with one of a kind that is not known, the server is silent and nothing fails."""
    silent = Notifier({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "1000000"})
    with capturedLogs() as events:
        assert not silent.tell(READY="1")
    assert (silent.address, silent.watchdog, events) == (None, None, [])


def test_a_manager_that_is_gone_is_complained_of_once(tmp_path: Path) -> None:
    """The chat does not depend on it: one line in the log, until it has been reached again."""
    address = str(tmp_path / "notify")
    notifier = Notifier({"NOTIFY_SOCKET": address})
    with capturedLogs() as events:
        assert [notifier.tell(STATUS="lost") for _ in range(3)] == [False] * 3
        manager = Manager(address)
        assert notifier.tell(READY="1")
        (tmp_path / "notify").unlink()
        notifier.tell(STATUS="lost again")
    assert manager.heard() == ["READY=1"]
    assert [event["log_level"].name for event in events] == ["error", "error"]
    manager.socket.close()


def test_a_manager_that_does_not_read_holds_nobody_up(manager: Manager) -> None:
    """A status that there is no room for is dropped at once, and sent when there is."""
    life = Life(notifier(manager), lambda: 0.0)
    count = 0
    with capturedLogs() as events:
        while not events:  # until its socket is full
            count += 1
            life.status(f"status {count}")
            assert count < 100_000
    assert manager.heard()[-1] == f"STATUS=status {count - 1}"
    life.status(f"status {count}")
    assert manager.heard() == [f"STATUS=status {count}"]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"WATCHDOG_USEC": "10000000"}, 5.0),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": str(os.getpid())}, 5.0),
        ({"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_who_waits_for_signs_of_life(manager: Manager, environment: dict[str, str], expected: float | None) -> None:
    """Signs come at half of the time that this very process is given; without a time, or for another one, never."""
    assert notifier(manager, **environment).watchdog == expected


class Watched:
    """A watchdog that is turned by hand, over a journal whose progress is a number."""

    def __init__(self, manager: Manager) -> None:
        self.manager = manager
        self.clock = Clock()
        self.progress: int | None = None
        words = notifier(manager, WATCHDOG_USEC=str(int(2 * HALF * 1_000_000)))
        self.watchdog = Watchdog(words, lambda: self.progress, self.clock)

    def signs(self, seconds: float) -> int:
        """Let time pass; return how many signs of life came."""
        heard = self.manager.heard()
        for _ in range(int(seconds / HALF)):
            self.clock.advance(HALF)
            heard += self.manager.heard()
        assert set(heard) <= {"WATCHDOG=1"}
        return len(heard)


@pytest.fixture
def watched(manager: Manager) -> Iterator[Watched]:
    watched = Watched(manager)
    watched.watchdog.start()
    assert watched.signs(0) == 1
    yield watched
    watched.watchdog.stop()
    assert watched.signs(10 * HALF) == 0


def test_an_idle_server_lives(watched: Watched) -> None:
    """With nothing to store, a sign comes at each half of the time, for as long as the reactor turns."""
    assert watched.signs(3600) == 3600 / HALF


def test_a_journal_that_tries_again_lives(watched: Watched) -> None:
    """A full disk is no reason for a restart, which would lose what waits: each try is a step."""
    signs = 0
    for step in range(100):
        watched.progress = step
        signs += watched.signs(HALF)
    assert signs == 100


def test_a_journal_that_hangs_ends_the_signs(watched: Watched) -> None:
    """After STUCK_AFTER without a step, though something is under way, there is no sign, and the log says why."""
    watched.progress = 7
    assert watched.signs(STUCK_AFTER) == STUCK_AFTER / HALF
    with capturedLogs() as events:
        assert watched.signs(HALF) == 0
        assert watched.signs(10 * HALF) == 0
    assert {event["log_format"] for event in events} == {
        "the journal hangs; the service manager is to restart the server"
    }
    watched.progress = 8  # it has moved after all
    assert watched.signs(HALF) == 1


def test_no_watchdog_without_one_who_waits(manager: Manager) -> None:
    """Where no time is given, nothing runs in the reactor."""
    clock = Clock()
    watchdog = Watchdog(notifier(manager), lambda: None, clock)
    watchdog.start()
    assert clock.getDelayedCalls() == []
    watchdog.stop()
    assert manager.heard() == []
