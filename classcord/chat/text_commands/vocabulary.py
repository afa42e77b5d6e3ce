"""Text commands: their answer. Decides nothing."""

from __future__ import annotations

from classcord.chat.events import Answer
from classcord.chat.text import Text


class Explained(Answer, gc=True):
    """The result of a command, in sentences: each is a notice to the session that typed the command."""

    sentences: tuple[Text, ...]
    told_at: str
