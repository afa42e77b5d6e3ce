"""Reports of the server's state to a service manager such as systemd, by datagrams to its socket (sd_notify(3)).

Knows the manager's words and when to send them, not what the server does.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from typing import Any

from twisted.logger import Logger

from classcord.services.process.periodic import Periodic

# exit status of a process that wants to be restarted (EX_TEMPFAIL); RestartForceExitStatus= names it
RESTART_STATUS = 75
PATIENCE = 1.0  # seconds that the manager has to accept a change of state; the reactor waits for it
STUCK_AFTER = 60.0  # running work that makes no progress for so many seconds is stuck


class Notifier:
    """The connection to the manager; sends nothing if there is no manager."""

    log = Logger()

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Read the manager's address from $NOTIFY_SOCKET: a path, or `@` and an abstract name."""
        given = environment.get("NOTIFY_SOCKET", "")
        self.address: bytes | None = None
        if given.startswith("@"):
            self.address = b"\0" + os.fsencode(given[1:])
        elif given.startswith("/"):
            self.address = os.fsencode(given)
        self.watchdog = _watchdog(environment) if self.address else None
        """Seconds between two signs of life: half of $WATCHDOG_USEC; None if the manager expects none."""
        self._complained = False

    def tell(self, *, patience: float = 0.0, **words: str) -> bool:
        """Send assignments such as READY="1", each on its own line; return whether they were sent.

        If the manager's queue is full, wait up to `patience` seconds. The first failure to send is logged.
        """
        if self.address is None:
            return False
        lines = "\n".join(f"{name}={' '.join(value.splitlines())}" for name, value in words.items())
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.settimeout(patience)
                # by name each time: another process may have the socket now
                out.sendto(lines.encode(errors="replace"), self.address)
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

    A journal that cannot write (full disk, lock) and tries again makes progress: a restart would not help, and would
    lose the waiting commits. A journal that has work but has done nothing for STUCK_AFTER seconds hangs: then the signs
    stop, and the manager kills and restarts the server. Progress is counted in signs, not by a clock, so that a clock
    that jumps kills nothing.
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
    """The states of a server, in the manager's words."""

    def __init__(self, notifier: Notifier, monotonic: Callable[[], float]) -> None:
        """`monotonic` is the clock that the manager uses, in seconds (CLOCK_MONOTONIC)."""
        self._notifier = notifier
        self._monotonic = monotonic
        self._status = ""

    def ready(self) -> None:
        """Report that every listener is open, or that the settings have been read again."""
        self._notifier.tell(READY="1", patience=PATIENCE)

    def reloading(self) -> None:
        """Report that the settings are being read again; `ready` follows."""
        now = str(int(self._monotonic() * 1_000_000))
        self._notifier.tell(RELOADING="1", MONOTONIC_USEC=now, patience=PATIENCE)

    def stopping(self) -> None:
        self._notifier.tell(STOPPING="1", patience=PATIENCE)

    def status(self, words: str) -> None:
        """Report the server's state in one line for people; a line like the last one is not sent."""
        if words != self._status and self._notifier.tell(STATUS=words):
            self._status = words
