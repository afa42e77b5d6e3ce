"""Text commands: their answer. Decides nothing."""

from __future__ import annotations

from classcord.chat.events import Answer
from classcord.chat.records import Record
from classcord.chat.text import Text


class TalksIn(Record):
    """What a session writes to everyone goes to this channel from now on; to everyone again if there is none."""

    stored = False

    channel_id: int | None


class Explained(Answer, gc=True):
    """The result of a command, in sentences: each is a notice to the session that typed the command."""

    sentences: tuple[Text, ...]
    told_at: str
