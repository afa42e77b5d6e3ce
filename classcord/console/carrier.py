"""The interface between a console and its connection, an SSH channel or the control socket.

Knows bytes and sizes, no command.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec
from twisted.internet.defer import Deferred

from classcord.chat.roles import Operator


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """The environment of a console or a command: the terminal's type and size in cells, and the user's preferences."""

    terminal: bool = False  # whether a person uses it; otherwise a program reads the output
    term: str = ""  # the terminal's type, as in TERM
    columns: int = 80
    rows: int = 24
    language: str = ""  # "fr", "en", or "" for the server's
    colour: bool = True  # NO_COLOR is not set

    @property
    def plain(self) -> bool:
        """Whether escape sequences must not be written: TERM is dumb or unknown."""
        return not self.terminal or self.term in {"", "dumb", "unknown"}


def cells(number: int, usual: int) -> int:
    """Return the given size if a terminal can have it, else the usual one."""
    return number if 1 <= number <= 1000 else usual


class Carrier(Protocol):
    """The output: a terminal, or a program's standard output and error."""

    def write(self, data: bytes) -> None:
        """Send output, or keep it until it can be sent; after the end, do nothing."""

    def write_error(self, data: bytes) -> None:
        """Send to standard error; on a terminal, to the terminal."""

    def ready(self) -> Deferred[None]:
        """Return a Deferred that fires when more may be written: at once, if only little output waits.

        A program with much output waits for it after each piece. It fails with ConnectionError after the connection has
        ended.
        """

    def end(self, status: int) -> None:
        """Send the remaining output, then end with an exit status; the program's `lost` is called at once."""

    def pause(self) -> None:
        """Stop reading input for now."""

    def resume(self) -> None:
        """Read input again."""


class Program(Protocol):
    """The program that a carrier runs: a console, or one command."""

    def received(self, data: bytes) -> None:
        """Handle input: keys as they are typed, or a pipe's content."""

    def input_ended(self) -> None:
        """Handle the end of the input."""

    def resized(self, columns: int, rows: int) -> None:
        """Handle a new size of the terminal's window, in cells."""

    def lost(self) -> None:
        """Handle the end, whatever its cause, and close what is open.

        It is also called after the program ended the carrier.
        """


Start = Callable[[Operator, str, Carrier, Environment, "str | None"], Program]
"""Starts a program for an operator at an address: the command line if one is given, else a console."""
