"""The output of a command: tables and sentences for a person, JSON for a program. Knows a carrier, no command."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

import classcord.console.commands.tables as tables  # noqa: PLR0402
from classcord.chat.errors import ChatError
from classcord.language import translator

if TYPE_CHECKING:
    from classcord.chat.events import Answer
    from classcord.chat.text import Text
    from classcord.console.carrier import Carrier, Environment


class Output:
    """The output of one console or command, in its language."""

    def __init__(self, carrier: Carrier, surroundings: Environment, language: str, timezone: tzinfo) -> None:
        self.carrier = carrier
        self.surroundings = surroundings
        self.columns = surroundings.columns
        self.rows = surroundings.rows
        self.language = surroundings.language or language
        self.translate = translator(self.language)
        self._timezone = timezone

    @property
    def colour(self) -> bool:
        return self.surroundings.colour and not self.surroundings.plain

    def answer(self, answer: Answer, *, json: bool) -> None:
        """Show the answer to a request."""
        if json:
            self.line(tables.as_json(answer))
            return
        self.write(self.rendered(answer))

    def moment(self, seconds: float) -> str:
        """Return a time, in seconds since 1970, in the reader's format."""
        return tables.moment(seconds, translate=self.translate, timezone=self._timezone)

    def written_moment(self, time: str) -> str:
        """Return a time in the form of RFC 3339 in the reader's format."""
        return self.moment(datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp())

    def rendered(self, answer: Answer) -> str:
        """Return an answer formatted for a person, with line ends."""
        text = tables.render(
            answer,
            columns=self.columns if self.surroundings.terminal else 0,
            colour=self.colour,
            translate=self.translate,
            timezone=self._timezone,
        )
        return text if not text or text.endswith("\n") else f"{text}\n"

    def refusal(self, error: ChatError, *, json: bool) -> None:
        """Show why something was refused."""
        self.error(tables.error_json(error, self.translate) if json else error.text.render(self.translate))

    def sentence(self, text: Text) -> None:
        self.line(text.render(self.translate))

    def say(self, template: str, **values: object) -> None:
        """Show a sentence of the catalogue."""
        self.line(self.translate(template).format(**values))

    def clear(self) -> None:
        """Clear the screen, if there is one."""
        if not self.surroundings.plain:
            self.write("\x1b[H\x1b[2J")

    def line(self, text: str) -> None:
        self.write(f"{text}\n")

    def write(self, text: str) -> None:
        """Write text unchanged; a terminal needs carriage returns at its line ends."""
        self.carrier.write(self._encoded(text))

    def error(self, text: str) -> None:
        """Write a line to standard error."""
        self.carrier.write_error(self._encoded(f"{text}\n"))

    def _encoded(self, text: str) -> bytes:
        if self.surroundings.terminal:
            text = text.replace("\n", "\r\n")
        return text.encode("utf-8", "replace")
