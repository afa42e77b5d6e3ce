"""Why a conversation ended early, in one sentence for the user. Knows no protocol."""

from __future__ import annotations

from classcord.chat.text import Text


class Failure(Exception):
    """The client gives up: `text` says why, and what to do about it."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())
