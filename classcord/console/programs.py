"""Starts the program that an operator wants: a console for a person, or a command for a script.

Knows no carrier's kind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.console.output import Output
from classcord.console.script import Script
from classcord.console.terminal import Terminal

if TYPE_CHECKING:
    from classcord.chat.roles import Operator
    from classcord.console.carrier import Carrier, Environment, Program
    from classcord.console.tools import Tools


class Programs:
    """Starts the programs (carrier.Start); `face` is the word in logs, `ssh` or `control`."""

    def __init__(self, tools: Tools, face: str) -> None:
        self._tools = tools
        self._face = face

    def __call__(
        self, operator: Operator, address: str, carrier: Carrier, surroundings: Environment, command: str | None
    ) -> Program:
        output = Output(carrier, surroundings, self._tools.language(), self._tools.timezone())
        kind = Terminal if surroundings.terminal else Script
        program = kind(self._tools, self._face, operator, address, output, command)
        program.start()
        return program
