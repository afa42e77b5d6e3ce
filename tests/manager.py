"""What systemd is to a service: a socket for its words, a journal for what it prints, and whoever waits for its end.

Nothing here polls: a wait is for a datagram, or for the end of the process, and has a bound.
"""

from __future__ import annotations

import os
import queue
import re
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import MappingProxyType

from tests.server import BOUND, FACES, LOCAL, ROOT, TWISTD, Client, unverified

LISTEN = tuple(part for face in FACES for part in ("--set", f"listen.{face}={LOCAL}"))
_numbers = count()


def server_command(data: Path, *options: str) -> list[str]:
    """Return the command line of a server in the foreground, as a unit has it; its ports are free ones."""
    return [*TWISTD, "-n", "--pidfile=", "classcord", "--data", str(data), "--set", "listen.metrics=", *options]


class Managed:
    """A process under a service manager; the end of a `with` kills what still runs of it."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Start `command` in `folder`; what it prints is its journal."""
        name = f"classcord-test-{os.getpid()}-{next(_numbers)}"  # an abstract name: it is the same in a chroot
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"\0{name}")
        self.socket.setblocking(False)
        self._words: list[str] = []
        self.lines: list[str] = []
        self._printed: queue.Queue[str] = queue.Queue()
        self._places: dict[str, str] = {}
        reading, writing = os.pipe()
        journal = os.fstat(writing)
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "LC_ALL": "C.UTF-8",
                "PYTHONPATH": str(ROOT),
                "NOTIFY_SOCKET": f"@{name}",
                "JOURNAL_STREAM": f"{journal.st_dev}:{journal.st_ino}",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            start_new_session=True,
        )
        os.close(writing)
        self._ended = os.pidfd_open(self.process.pid)
        self._reader = threading.Thread(target=self._read, args=(reading,), daemon=True)
        self._reader.start()

    def _read(self, reading: int) -> None:
        with os.fdopen(reading, encoding="utf-8", errors="backslashreplace") as journal:
            for line in journal:
                self.lines.append(line)
                self._printed.put(line)

    # -- what it says ---------------------------------------------------------------------------------------------

    def hears(self, word: str) -> str:
        """Return the next assignment that begins with `word`, and pass over the ones before."""
        while True:
            while self._words:
                said = self._words.pop(0)
                if said.startswith(word):
                    return said
            ready, _, _ = select.select([self.socket.fileno(), self._ended], [], [], BOUND)
            assert self.socket.fileno() in ready, (
                f"no {word}, but {'the end' if ready else 'silence'}: {self.journal()}"
            )
            self._words += self.socket.recv(4096).decode().split("\n")

    def journal(self) -> str:
        return "".join(self.lines[-40:])

    def place(self, face: str) -> tuple[str, int]:
        """Return where its journal says that it listens."""
        if not self._places:
            found = re.search("is running on (.*), data in", self.printed("is running on"))
            assert found
            self._places = dict(place.split(" ", 1) for place in found[1].split(", "))
        host, _, port = self._places[face].rpartition(":")
        return host.strip("[]"), int(port)

    def client(self, face: str = "tcp") -> Client:
        return Client(self.place(face), unverified() if face == "tls" else None)

    def printed(self, pattern: str) -> str:
        """Return the next line of its journal that has this pattern in it."""
        while True:
            with suppress(queue.Empty):
                line = self._printed.get(timeout=BOUND)
                if re.search(pattern, line):
                    return line
                continue
            raise AssertionError(f"no {pattern!r} in {self.journal()}")

    # -- its end --------------------------------------------------------------------------------------------------

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def stop(self) -> int:
        """Ask it to end; return its exit status."""
        self.signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        """Wait for its end, and for the last line of its journal; return its exit status."""
        assert select.select([self._ended], [], [], BOUND)[0], f"still running: {self.journal()}"
        self._reader.join(BOUND)
        return self.process.wait(BOUND)

    def __enter__(self) -> Managed:
        return self

    def __exit__(self, *exception: object) -> None:
        if exception[0] is not None:
            print(self.journal())  # pytest shows it with the failure
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(BOUND)
        self._reader.join(BOUND)
        os.close(self._ended)
        self.socket.close()
