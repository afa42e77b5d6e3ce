"""Administrators in memory: an operator's console or commands over the House of harness.py, without SSH.

`Office.run` runs one command as a script would, `Office.sit_down` opens a console at a terminal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timezone
from pathlib import Path
from typing import NamedTuple

from twisted.internet.defer import Deferred, succeed

from classcord.chat.roles import Operator, Role
from classcord.chat.text import Text
from classcord.console.carrier import Environment, Program
from classcord.console.programs import Programs
from classcord.console.tools import Tools
from classcord.services.administration.operator_logins import KeyAndPasswordLogins, OperatorKey
from classcord.services.export import Exporter
from tests.harness import House

OWNER = Operator(name="prof", role=Role.OWNER, fingerprint="SHA256:prof")


class NoKeys:
    """A folder of keys with nothing in it."""

    def look(self) -> bool:
        return False

    def find(self, name: str, blob: bytes, address: str, now: float) -> OperatorKey | None:
        return None

    roles: Mapping[str, Role] = {"prof": Role.OWNER}
    files: Mapping[str, Path] = {"prof": Path("admin_keys/prof.pub")}
    problems: Sequence[Text] = ()


class Paper:
    """A carrier that keeps what is written to it."""

    def __init__(self) -> None:
        self.out = b""
        self.err = b""
        self.status: int | None = None
        self.paused = False
        self.full: Deferred[None] | None = None

    def write(self, data: bytes) -> None:
        self.out += data

    def write_error(self, data: bytes) -> None:
        self.err += data

    def ready(self) -> Deferred[None]:
        return succeed(None) if self.full is None else self.full

    def end(self, status: int) -> None:
        assert self.status is None, "ended twice"
        self.status = status

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def read(self) -> str:
        """Return the output since the last look."""
        out, self.out = self.out.decode(), b""
        return out


class Result(NamedTuple):
    """What a command has left: its exit status, its output, its errors."""

    status: int | None
    out: str
    err: str


class Office:
    """Where administrators work."""

    def __init__(self, house: House, data: Path, *, language: str = "en") -> None:
        self.house = house
        self.controls, self.mailer = house.controls, house.mailer
        self.figures, self.countdown = house.figures, house.countdown
        self.logins = KeyAndPasswordLogins(
            house.chat, house.hub, NoKeys(), house.clock, passwords=lambda: True, folder="admin_keys"
        )
        self.manhole = True
        self.tools = Tools(
            house.chat,
            house.hub,
            self.logins,
            Exporter(house.store, house.clock),
            house.clock,
            data=data,
            language=lambda: language,
            timezone=lambda: timezone.utc,
            manhole=lambda: self.manhole,
        )
        self.start = Programs(self.tools, "ssh")

    def begin(
        self, command: str | None, operator: Operator = OWNER, *, address: str = "10.9.9.9", **where: object
    ) -> tuple[Program, Paper]:
        """Start a program, and return it with its carrier."""
        paper = Paper()
        program = self.start(operator, address, paper, Environment(**where), command)  # type: ignore[arg-type]
        self.house.turn()
        return program, paper

    def run(self, command: str, operator: Operator = OWNER, *, address: str = "10.9.9.9") -> Result:
        """Run one command to its end."""
        _, paper = self.begin(command, operator, address=address)
        return Result(paper.status, paper.out.decode(), paper.err.decode())

    def sit_down(self, operator: Operator = OWNER, *, term: str = "xterm") -> tuple[Program, Paper]:
        """Open a console at a terminal."""
        return self.begin(None, operator, terminal=True, term=term, colour=False)


def operator(name: str, role: Role) -> Operator:
    return Operator(name=name, role=role, fingerprint=f"SHA256:{name}")
