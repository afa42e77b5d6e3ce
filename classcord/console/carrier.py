"""What carries a console: an SSH channel or the control socket, seen alike. Knows bytes and sizes, no command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec
from twisted.internet.defer import Deferred

from classcord.chat.roles import Operator


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """Where a console or a command runs: the terminal's kind and size in cells, and what its user prefers."""

    terminal: bool = False  # a person sits there; otherwise output is for a program
    term: str = ""  # the terminal's kind, as in TERM
    columns: int = 80
    rows: int = 24
    language: str = ""  # "fr", "en", or "" for the server's
    colour: bool = True  # NO_COLOR is not set

    @property
    def plain(self) -> bool:
        """Whether no escape sequence may be written: TERM is dumb or unknown."""
        return not self.terminal or self.term in {"", "dumb", "unknown"}


def cells(number: int, usual: int) -> int:
    """Return a size that a terminal can have: what was told, or the usual one."""
    return number if 1 <= number <= 1000 else usual


class Carrier(Protocol):
    """The way out: to a terminal or to a program's standard output and error."""

    def write(self, data: bytes) -> None:
        """Send output, or keep it until it can be sent; after the end it does nothing."""

    def write_error(self, data: bytes) -> None:
        """Send to standard error; on a terminal that is the same place."""

    def ready(self) -> Deferred[None]:
        """Return a Deferred that fires when more may be written: at once while little waits.

        Who writes much awaits it after each piece. It fails with ConnectionError when nobody listens any more.
        """

    def end(self, status: int) -> None:
        """End with an exit status, when all is sent; the program is told at once that it is `lost`."""

    def pause(self) -> None:
        """Read no more input for now."""

    def resume(self) -> None:
        """Read on."""


class Program(Protocol):
    """What runs at the other end of a carrier: a console, or one command."""

    def received(self, data: bytes) -> None:
        """Take input: keys as they are typed, or a pipe's content."""

    def input_ended(self) -> None:
        """There will be no more input."""

    def resized(self, columns: int, rows: int) -> None:
        """The terminal's window has another size now, in cells."""

    def lost(self) -> None:
        """It is over, in whatever way; what was open is closed. It is told so also when it has ended the carrier."""


Start = Callable[[Operator, str, Carrier, Surroundings, "str | None"], Program]
"""Starts a program for an operator at an address: a console, or the command line that is given."""
