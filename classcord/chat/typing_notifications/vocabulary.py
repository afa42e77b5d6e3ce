"""The words of typing notifications. Decides nothing."""

from __future__ import annotations

from classcord.chat.events import Event
from classcord.chat.records import Record
from classcord.chat.requests import ChannelName, PersonName, Request
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class ShowTyping(Request, tag="typing"):
    permission = Permission.TALK
    summary = N_("show in a conversation that one is writing a message")

    channel: ChannelName | None = None
    user: PersonName | None = None


class TypingShown(Record):
    """The people of a channel, or the account or guest with the name key `to`, see that the actor is writing."""

    stored = False

    channel_id: int | None = None
    to: str | None = None


class Typing(Event, tag="typing", omit_defaults=True, rename={"sender": "from"}):
    """Somebody is writing; `user` is the other person of a private conversation, as its reader sees it."""

    sender: str
    channel: str | None = None
    user: str | None = None
