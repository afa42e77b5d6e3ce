"""The words of the settings of channels. Decides nothing."""

from __future__ import annotations

from typing import Annotated

import msgspec

from classcord.chat import names
from classcord.chat.channels.channel import Channel
from classcord.chat.channels.vocabulary import ChannelExists
from classcord.chat.errors import ChatError, Conflict, NotAllowed
from classcord.chat.events import Answer, Event, Ok, Time
from classcord.chat.records import Record
from classcord.chat.requests import ChannelName, Group, Request, at_most
from classcord.chat.roles import Permission
from classcord.chat.text import N_

SLOWEST = 86_400  # seconds between two messages of a member
OtherName = Annotated[str, at_most(names.LONGEST, "channel")]
Pause = Annotated[int, msgspec.Meta(ge=0, le=SLOWEST, extra={"kind": "duration"})]


class NameStays(NotAllowed):
    template = N_("{channel} keeps its name: everybody of a role is in it, or the settings list it under [channels].")


class SetChannel(Request, tag="channel_settings"):
    permission = Permission.SET_CHANNEL  # the decision asks for CLOSE_CHANNEL to close, open and rename
    in_channel = True
    summary = N_("read or change the settings of a channel: who writes, how fast, what is approved first; its name")
    told = ("name",)
    command = "channel"
    group = Group.CHANNELS
    arguments = ("channel",)
    examples = ("channel #dev", "channel #dev --slow 30s --hold on", "channel #dev --name #code")

    channel: ChannelName
    name: OtherName | None = None
    read_only: bool | None = None
    guests: bool | None = None
    slow: Pause | None = None
    hold: bool | None = None
    archived: bool | None = None


class ChannelSet(Record, kw_only=True):
    """Settings of a channel are changed; what is None stays."""

    channel_id: int
    name: str | None = None
    name_key: str | None = None
    read_only: bool | None = None
    guests: bool | None = None
    slow: int | None = None
    hold: bool | None = None
    archived: bool | None = None
    at: int

    def refusal(self, why: str) -> ChatError:
        return ChannelExists(field="name", channel=self.name) if why else Conflict()


class ChannelChanged(Event, tag="channel_changed"):
    """The settings of a channel after a change; `was` is its name before, and `changed` has the fields that differ."""

    channel: str
    was: str
    changed: tuple[str, ...]
    read_only: bool
    guests: bool
    slow: int
    hold: bool
    closed: bool
    user: str
    timestamp: Time


class ChannelSettingsTold(Answer, kw_only=True):
    """The settings of a channel, after a change if one was asked."""

    status: Ok = "ok"
    channel: str
    read_only: bool
    guests: bool
    slow: int
    hold: bool
    closed: bool


FLAGS = tuple(name for name in ChannelSet.__struct_fields__ if name in SetChannel.__struct_fields__ and name != "name")
"""The settings, as a Channel has them: what may be asked and is stored, but for the name."""


def shown_as(flag: str) -> str:
    """Return what people see a setting called."""
    return "closed" if flag == "archived" else flag


def flags_of(channel: Channel) -> dict[str, bool | int]:
    """Return the settings of a channel as people see them."""
    return {shown_as(flag): getattr(channel, flag) for flag in FLAGS}
