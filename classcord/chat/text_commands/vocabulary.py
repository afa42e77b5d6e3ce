"""Commands in a text: what they are answered. Decides nothing."""

from __future__ import annotations

from classcord.chat.events import Answer
from classcord.chat.text import Text


class Explained(Answer, gc=True):
    """What a command has done, in sentences: each is a notice to the session that typed it."""

    sentences: tuple[Text, ...]
    told_at: str
