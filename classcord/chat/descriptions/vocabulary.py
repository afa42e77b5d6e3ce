"""The words of descriptions. Decides nothing."""

from __future__ import annotations

from typing import Annotated

from classcord.chat.events import Answer, Event, Ok, Time
from classcord.chat.records import Record
from classcord.chat.requests import ChannelName, Group, Request, at_most
from classcord.chat.roles import Permission
from classcord.chat.text import N_

LONGEST_DESCRIPTION = 2000  # characters
DescriptionWords = Annotated[str, at_most(LONGEST_DESCRIPTION, "words")]


class Description(Request, tag="description"):
    permission = Permission.READ  # the decision permits setting one to whoever may set the topic
    summary = N_("read or set the description of a channel: what it is for, in several lines if need be")
    told = ("description",)
    command = "description"
    group = Group.CHANNELS
    arguments = ("channel", "description")
    examples = ("description #dev", "description #dev Questions sur le projet, et ce qui aide à le finir")

    channel: ChannelName | None = None
    description: DescriptionWords | None = None


class DescriptionSet(Record):
    channel_id: int
    description: str
    set_at: int


class DescriptionChanged(Event, tag="description"):
    channel: str
    description: str
    user: str
    timestamp: Time


class DescriptionTold(Answer, kw_only=True):
    status: Ok = "ok"
    channel: str
    description: str
