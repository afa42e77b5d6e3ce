"""What a service manager such as systemd is told of the server's life, by datagrams to its socket (sd_notify(3)).

Knows words and when they are said, not what the server does.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from typing import Any

from twisted.logger import Logger

from classcord.services.process.periodic import Periodic

RESTART_STATUS = 75  # of a process that wants to be started again (EX_TEMPFAIL); RestartForceExitStatus= names it
PATIENCE = 1.0  # seconds that the manager is given to take a stage of the server's life; the reactor waits for it
STUCK_AFTER = 60.0  # seconds without any progress of something under way after which it is stuck


class Notifier:
    """The way to the manager; says nothing where there is none."""

    log = Logger()

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Take the manager's address out of $NOTIFY_SOCKET: a path, or `@` and an abstract name."""
        given = environment.get("NOTIFY_SOCKET", "")
        self.address: bytes | None = None
        if given.startswith("@"):
            self.address = b"\0" + os.fsencode(given[1:])
        elif given.startswith("/"):
            self.address = os.fsencode(given)
        self.watchdog = _watchdog(environment) if self.address else None
        """Seconds between two signs of life, or None where nobody waits for them: half of $WATCHDOG_USEC."""
        self._complained = False

    def tell(self, *, patience: float = 0.0, **words: str) -> bool:
        """Send assignments such as READY="1", each on a line of its own; return whether they were sent.

        A manager that has no room for them is given `patience`, in seconds. What cannot be sent is complained of once.
        """
        if self.address is None:
            return False
        lines = "\n".join(f"{name}={' '.join(value.splitlines())}" for name, value in words.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.settimeout(patience)
                out.sendto(lines.encode(errors="replace"), self.address)  # each time by name: it may be another's now
        except OSError as error:
            if not self._complained:
                self.log.error("the service manager cannot be told of the server's state: {why}", why=error)
            self._complained = True
            return False
        self._complained = False
        return True


def _watchdog(environment: Mapping[str, str]) -> float | None:
    wanted, pid = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not wanted.isdecimal() or int(wanted) == 0 or pid not in ("", str(os.getpid())):
        return None
    return int(wanted) / 2_000_000


class Watchdog:
    """Signs of life for as long as the reactor turns and the journal makes progress.

    A journal that cannot write (a full disk, a lock) and tries again makes progress: a restart would mend nothing, and
    lose what waits. One that has not done anything for STUCK_AFTER, though something is under way, hangs: then there is
    no sign any more, and the manager kills and restarts the server. Progress is counted in signs, not by a clock, so
    that a clock that jumps kills nobody.
    """

    log = Logger()

    def __init__(self, notifier: Notifier, progress: Callable[[], int | None], reactor: Any) -> None:
        """`progress` returns a number that changes with each step, or None while there is nothing to do."""
        self._notifier = notifier
        self._progress = progress
        self._seen: int | None = None
        self._unchanged = 0
        self._signs = Periodic(self._sign, reactor)

    def start(self) -> None:
        if self._notifier.watchdog is not None:
            self._signs.start(self._notifier.watchdog)

    def stop(self) -> None:
        self._signs.stop()

    def _sign(self) -> None:
        step = self._progress()
        self._unchanged = self._unchanged + 1 if step is not None and step == self._seen else 0
        self._seen = step
        assert self._notifier.watchdog is not None
        if self._unchanged * self._notifier.watchdog < STUCK_AFTER:
            self._notifier.tell(WATCHDOG="1")
        else:
            self.log.critical("the journal hangs; the service manager is to restart the server")


class Life:
    """The stages of a server's life, in the manager's words."""

    def __init__(self, notifier: Notifier, monotonic: Callable[[], float]) -> None:
        """`monotonic` is the clock that the manager itself goes by, in seconds (CLOCK_MONOTONIC)."""
        self._notifier = notifier
        self._monotonic = monotonic
        self._status = ""

    def ready(self) -> None:
        """Every listener is open; or the settings have been read again."""
        self._notifier.tell(READY="1", patience=PATIENCE)

    def reloading(self) -> None:
        """The settings are being read again; `ready` follows."""
        now = str(int(self._monotonic() * 1_000_000))
        self._notifier.tell(RELOADING="1", MONOTONIC_USEC=now, patience=PATIENCE)

    def stopping(self) -> None:
        self._notifier.tell(STOPPING="1", patience=PATIENCE)

    def status(self, words: str) -> None:
        """Say how the server is doing, in a line for people; only what is new is sent."""
        if words != self._status and self._notifier.tell(STATUS=words):
            self._status = words
