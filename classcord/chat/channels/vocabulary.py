"""The words of channels. Decides nothing."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from classcord.chat import names
from classcord.chat.channels.channel import Kind
from classcord.chat.errors import ChatError, Conflict, NotAllowed, RateLimited
from classcord.chat.events import Answer, Event, Mark, Ok, RoleLabel, Row, Time, called, written_as
from classcord.chat.lessons.vocabulary import LessonShown
from classcord.chat.records import Record
from classcord.chat.requests import (
    ChannelName,
    Group,
    Moment,
    Request,
    at_most,
    one_of,
)
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text

LONGEST_TOPIC = 300  # characters
NewChannelName = Annotated[str, at_most(1 + names.LONGEST, "channel")]
"""The name of a new channel, with its `#`."""
ChannelKind = Annotated[str, one_of("open", "private", "approval")]
"""The kind of a new channel."""
TopicWords = Annotated[str, at_most(LONGEST_TOPIC, "words")]


class NotInChannel(ChatError):
    code = "not_in_channel"
    template = N_("You are not in {channel}.")


class AlreadyMember(ChatError):
    code = "already_member"
    template = N_("You are in {channel} already.")


class EveryonesChannel(NotAllowed):
    template = N_("{channel} cannot be left.")


class TooManyChannels(NotAllowed):
    template = N_("There are {limit} channels already; ask an administrator.")


class TooManyOwnChannels(NotAllowed):
    template = N_("You have made {limit} channels already; delete one that is empty, or ask a moderator for more.")


class TooManyChannelsFromHere(NotAllowed):
    """Too many channels come from one source: an address, or the /64 of an IPv6 address."""

    template = N_("{limit} channels were made from your address already; ask a moderator for more.")


class ChannelsTooFast(RateLimited):
    template = N_("Too many channels were made and deleted in a short time; please wait.")


class ChannelStays(NotAllowed):
    template = N_("{channel} cannot be deleted.")


class ListedChannelStays(NotAllowed):
    template = N_("{channel} is listed in the settings under [channels]: take it out there and reload, then delete it.")


class ChannelClosed(ChatError):
    code = "channel_closed"
    template = N_("{channel} is closed; it can only be read.")


class ChannelExists(Conflict):
    template = N_("A channel {channel} exists already.")


class Channels(Request, tag="channels"):
    permission = Permission.READ
    summary = N_("list the channels one may see")
    command = "channels"
    group = Group.CHANNELS


class Members(Request, tag="members"):
    permission = Permission.READ
    summary = N_("list the members of a channel")
    command: ClassVar[str | None] = "members"
    group = Group.CHANNELS
    arguments = ("channel",)
    examples = ("members #dev",)

    channel: ChannelName | None = None


class Who(Members, tag="who"):
    """The older form of `members`."""

    command = None


class Create(Request, tag="create"):
    permission = Permission.CREATE_CHANNEL
    summary = N_("make a channel")
    told = ("channel", "topic")
    command = "create"
    group = Group.CHANNELS
    arguments = ("channel", "kind", "topic")
    examples = ("create #projet open Le projet de mars", "create #jury private")

    channel: NewChannelName
    kind: ChannelKind = "open"
    topic: TopicWords = ""


class DeleteChannel(Request, tag="delete_channel"):
    permission = Permission.JOIN  # decided there: the maker, if nobody else is in it, and administrators
    summary = N_("delete a channel: an empty one that one has made, as an administrator any; its messages stay stored")
    command = "delchannel"
    group = Group.CHANNELS
    arguments = ("channel",)
    examples = ("delchannel #projet",)
    destructive = True

    channel: ChannelName

    def consequence(self, moment: Moment) -> Text:  # noqa: ARG002
        return Text(N_("Delete the channel {channel}; this cannot be undone"), {"channel": self.channel})


class Join(Request, tag="join"):
    permission = Permission.JOIN
    summary = N_("become a member of a channel")

    channel: ChannelName


class JoinChannel(Join, tag="join_channel"):
    """The older name of `join`."""


class ChannelSwitch(Join, tag="channel_switch"):
    """An older name of `join`; a session that is already in the channel gets the same answer."""


class Leave(Request, tag="leave"):
    permission = Permission.JOIN
    summary = N_("leave a channel")

    channel: ChannelName


class Topic(Request, tag="topic"):
    permission = Permission.READ  # the decision permits setting one to the channel's maker and to moderators
    summary = N_("read or set the topic of a channel")
    told = ("topic",)
    command = "topic"
    group = Group.CHANNELS
    arguments = ("channel", "topic")
    examples = ("topic #dev", "topic #dev Questions sur le projet")

    channel: ChannelName | None = None
    topic: TopicWords | None = None


class CloseChannel(Request, tag="close"):
    permission = Permission.CLOSE_CHANNEL
    summary = N_("close a channel: it can still be read")
    command = "close"
    group = Group.CHANNELS
    arguments = ("channel",)
    examples = ("close #projet",)

    channel: ChannelName


class Reopen(Request, tag="reopen"):
    permission = Permission.CLOSE_CHANNEL
    summary = N_("open a closed channel again")
    command = "reopen"
    group = Group.CHANNELS
    arguments = ("channel",)
    examples = ("reopen #projet",)

    channel: ChannelName


class ChannelAdded(Record, kw_only=True):
    """`members_from` is the lowest role that is a member automatically."""

    refused_as = ChannelExists

    channel_id: int
    name: str
    name_key: str
    kind: str
    topic: str = ""
    read_only: bool = False
    guests: bool = True
    archived: bool = False
    slow: int = 0
    hold: bool = False
    members_from: str | None = None
    made_by: int | None = None
    made_from: str = ""  # the maker's source, see sources.py
    description: str = ""
    added_at: int

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        return self.refused_as(field="channel", channel=self.name)


class ChannelRemoved(Record):
    """A channel is deleted with its memberships and join requests; its messages stay, its name is free."""

    channel_id: int
    by: str
    at: int


class TopicSet(Record):
    channel_id: int
    topic: str
    set_at: int


class ChannelArchived(Record):
    """A channel is archived, or opened again."""

    channel_id: int
    archived: bool
    at: int


class MemberAdded(Record):
    """A person becomes a member; a second such record changes nothing."""

    channel_id: int
    user_id: int
    since: int


class MemberRemoved(Record):
    channel_id: int
    user_id: int


class GuestJoined(Record):
    """A guest becomes a member of a channel, until the guest leaves."""

    stored = False

    channel_id: int
    at: int = 0


class GuestLeft(Record):
    stored = False

    channel_id: int


class Joined(Event, tag="joined"):
    channel: str
    user: str


class Left(Event, tag="left"):
    channel: str
    user: str


class TopicChanged(Event, tag="topic"):
    channel: str
    topic: str
    user: str
    timestamp: Time


class ChannelDeleted(Event, tag="channel_deleted"):
    """A channel is gone; its listeners were in it."""

    channel: str
    user: str
    timestamp: Time


KindLabel = Annotated[str, written_as(enum=[kind.value for kind in Kind])]


class ChannelInfo(Row):
    """One row of the list of channels."""

    name: str
    kind: KindLabel
    topic: str
    members: int
    member: bool
    read_only: bool
    closed: bool
    guests: bool = True
    slow: int = 0
    hold: bool = False
    lesson: LessonShown | None = None
    moderates: Mark = False

    labels = called(
        members=N_("members"),
        member=N_("member"),
        read_only=N_("read-only"),
        closed=N_("closed"),
        guests=N_("guests"),
        slow=N_("pause (s)"),
        hold=N_("approved first"),
        lesson=N_("lesson"),
    )


class ChannelsListed(Answer):
    channels: tuple[ChannelInfo, ...]


class MembersListed(Answer, gc=True):
    """`online` are the members who are here; `roles` has the role of each who is no plain member.

    `moderators` are those of this channel alone. `states` has the state of each who is here and not `online`: who comes
    later knows of it by nothing else.
    """

    channel: str
    members: tuple[str, ...]
    online: tuple[str, ...]
    roles: dict[str, RoleLabel] = msgspec.field(default_factory=dict)
    states: dict[str, str] = msgspec.field(default_factory=dict)
    moderators: tuple[str, ...] = ()

    labels = called(roles=N_("roles"), states=N_("states"), moderators=N_("moderators"))


class ChannelEntered(Answer, kw_only=True):
    """The session is a member of this channel now, or has made it; `pending`: it waits to be admitted."""

    status: Annotated[str, written_as(enum=["ok", "pending"])] = "ok"
    channel: str
    kind: KindLabel
    topic: str


class TopicTold(Answer, kw_only=True):
    status: Ok = "ok"
    channel: str
    topic: str
