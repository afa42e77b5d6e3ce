"""The reasons why a line is not a valid command. Knows no command."""

from __future__ import annotations

from classcord.chat.text import Text


class UsageError(Exception):
    """A line is not a valid command; `text` says what is wrong and what would be right."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())


class WrongArgument(Exception):
    """An argument is wrong, ambiguous or missing; `text` says why, without the form of the command."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())
