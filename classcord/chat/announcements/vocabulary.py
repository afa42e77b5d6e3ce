"""The words of announcements. Decides nothing."""

from __future__ import annotations

from classcord.chat.records import Record
from classcord.chat.requests import (
    ChannelName,
    Group,
    Request,
    Words,
)
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text


class Announce(Request, tag="announce"):
    permission = Permission.ANNOUNCE
    summary = N_("tell everyone something in the name of the server, or a channel")
    command = "announce"
    group = Group.PEOPLE
    kept_meanwhile = True
    told = ("content",)
    arguments = ("channel", "content")
    examples = ("announce Cours annulé à 14 h", "announce #dev Le dépôt a changé d'adresse")

    content: Words
    channel: ChannelName | None = None


class Announced(Record, gc=True):
    """The server says something, in the order of all that happens: to everyone (`global`), a #channel or a person."""

    stored = False

    to: str
    text: Text
    at: int
