"""The words of the moderators of channels. Decides nothing."""

from __future__ import annotations

from classcord.chat.errors import AlreadySo, NotAllowed
from classcord.chat.events import Event, Time
from classcord.chat.records import Record
from classcord.chat.requests import ChannelName, Group, PersonName, Request
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class NoMember(NotAllowed):
    template = N_("{name} is not in {channel}: invite or admit them first.")


class ChannelModerator(Request, tag="channel_moderator"):
    permission = Permission.NAME_MODERATORS
    summary = N_("make a member a moderator of a channel, or take that back")
    command = "moderator"
    group = Group.CHANNELS
    arguments = ("user", "channel")
    examples = ("moderator bob #dev", "moderator bob #dev --on off")

    user: PersonName
    channel: ChannelName
    on: bool | None = None  # None: true


class ModeratorNamed(Record):
    """A member is a moderator of a channel now, as long as that person stays a member."""

    refused_as = AlreadySo

    channel_id: int
    user_id: int
    at: int


class ModeratorDismissed(Record):
    """A member is no moderator of a channel any more."""

    refused_as = AlreadySo

    channel_id: int
    user_id: int
    at: int


class ModeratorChanged(Event, tag="moderator_changed"):
    """A member has become a moderator of a channel, or is one no longer; `by` is who has decided it."""

    channel: str
    user: str
    on: bool
    by: str
    timestamp: Time
