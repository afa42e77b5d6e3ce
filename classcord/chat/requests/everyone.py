"""What everyone may ask, of those who are let in: who one is, what one says, what one reads."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from classcord.chat.requests.base import (
    ChannelKind,
    ChannelName,
    MessageId,
    Moment,
    Name,
    NewChannelName,
    NewName,
    PersonName,
    ProfileField,
    Request,
    Secret,
    State,
    TopicWords,
    Unread,
    Words,
    without_secrets,
)
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text


class Hello(Request, frozen=True, kw_only=True, gc=False, tag="hello"):
    permission = Permission.CONNECT
    summary = N_("begin the modern dialect and learn what the server offers")

    protocol: int = 2
    client: str = ""
    encoding: str = "ascii"
    lang: str = ""
    listens: bool = True
    """Whether somebody reads what this connection is told unasked; else private messages wait for one that does."""


class Register(Request, frozen=True, kw_only=True, gc=False, tag="register"):
    permission = Permission.CONNECT
    summary = N_("make an account")
    told = ("username", "alias")
    __repr__ = without_secrets

    username: NewName
    password: Unread
    alias: NewName | None = None
    first_name: ProfileField | None = None
    last_name: ProfileField | None = None
    email: ProfileField | None = None


class Login(Request, frozen=True, kw_only=True, gc=False, tag="login"):
    permission = Permission.CONNECT
    summary = N_("become the owner of an account")
    __repr__ = without_secrets

    username: Name
    password: Unread


class Password(Request, frozen=True, kw_only=True, gc=False, tag="password"):
    permission = Permission.OWN_ACCOUNT
    summary = N_("change one's own password")
    __repr__ = without_secrets

    old: Secret
    new: Secret


class Guest(Request, frozen=True, kw_only=True, gc=False, tag="guest"):
    permission = Permission.CONNECT
    summary = N_("come in without an account")

    username: Name = ""


class Logout(Request, frozen=True, kw_only=True, gc=False, tag="logout"):
    permission = Permission.OWN_ACCOUNT
    summary = N_("leave the account; the connection stays")


class Users(Request, frozen=True, kw_only=True, gc=False, tag="users"):
    permission = Permission.CONNECT
    summary = N_("list the people who are here")


class ListUsers(Users, frozen=True, kw_only=True, gc=False, tag="list_users"):
    """The older name of `users`."""


class Status(Request, frozen=True, kw_only=True, gc=False, tag="status"):
    permission = Permission.PRESENCE
    summary = N_("say how present one is: online, away, dnd, invisible…")
    told = ("state",)

    state: State


class Say(Request, frozen=True, kw_only=True, gc=False, tag="message", rename={"from_": "from"}):
    permission = Permission.TALK
    summary = N_("write to everyone, to a channel or to one person")
    command = "say"
    arguments = ("channel", "content")
    examples: ClassVar[tuple[str, ...]] = ("say Bonjour à tous", "say #dev Le serveur redémarre à 17 h")
    answered_as = "ack"

    content: Annotated[str, msgspec.Meta(extra={"kind": "words"})]
    subtype: str | None = None
    to: PersonName | None = None
    channel: ChannelName | None = None
    from_: Name | None = None


class SayPrivately(Say, frozen=True, kw_only=True, gc=False, tag="private", rename={"from_": "from"}):
    """The older form of a private message."""

    summary = N_("write to one person")
    command = "msg"
    arguments = ("to", "content")
    examples = ("msg bob Passe me voir",)


class History(Request, frozen=True, kw_only=True, gc=False, tag="history"):
    permission = Permission.READ
    summary = N_("read the messages of a channel, or of a conversation with one person")
    command = "history"
    arguments = ("channel", "limit")
    examples = ("history #dev 20", 'history --user bob --other alice --reason "plainte du 12 mars"')
    reads_store = True

    channel: ChannelName | None = None
    user: PersonName | None = None
    before: MessageId | None = None
    after: MessageId | None = None
    limit: int = 50
    other: PersonName | None = None
    reason: Words = ""


class Channels(Request, frozen=True, kw_only=True, gc=False, tag="channels"):
    permission = Permission.READ
    summary = N_("list the channels one may see")
    command = "channels"


class Members(Request, frozen=True, kw_only=True, gc=False, tag="members"):
    permission = Permission.READ
    summary = N_("list the members of a channel")
    command: ClassVar[str | None] = "members"
    arguments = ("channel",)
    examples = ("members #dev",)

    channel: ChannelName | None = None


class Who(Members, frozen=True, kw_only=True, gc=False, tag="who"):
    """The older form of `members`."""

    command = None


class Create(Request, frozen=True, kw_only=True, gc=False, tag="create"):
    permission = Permission.CREATE_CHANNEL
    summary = N_("make a channel")
    told = ("channel", "topic")
    command = "create"
    arguments = ("channel", "kind", "topic")
    examples = ("create #projet open Le projet de mars", "create #jury private")

    channel: NewChannelName
    kind: ChannelKind = "open"
    topic: TopicWords = ""


class DeleteChannel(Request, frozen=True, kw_only=True, gc=False, tag="delete_channel"):
    permission = Permission.JOIN  # its maker may, when nobody else is in it, and administrators: decided there
    summary = N_("delete a channel: an empty one that one has made, as an administrator any; its messages stay stored")
    command = "delchannel"
    arguments = ("channel",)
    examples = ("delchannel #projet",)
    destructive = True

    channel: ChannelName

    def consequence(self, moment: Moment) -> Text:  # noqa: ARG002
        return Text(N_("Delete the channel {channel}; this cannot be undone"), {"channel": self.channel})


class Join(Request, frozen=True, kw_only=True, gc=False, tag="join"):
    permission = Permission.JOIN
    summary = N_("become a member of a channel")

    channel: ChannelName


class JoinChannel(Join, frozen=True, kw_only=True, gc=False, tag="join_channel"):
    """The older name of `join`."""


class Withdraw(Request, frozen=True, kw_only=True, gc=False, tag="withdraw"):
    permission = Permission.JOIN
    summary = N_("take back a request to be admitted to a channel")

    channel: ChannelName


class Leave(Request, frozen=True, kw_only=True, gc=False, tag="leave"):
    permission = Permission.JOIN
    summary = N_("leave a channel")

    channel: ChannelName


class Topic(Request, frozen=True, kw_only=True, gc=False, tag="topic"):
    permission = Permission.READ  # setting one is the channel's maker's, or a moderator's: decided there
    summary = N_("read or set the topic of a channel")
    told = ("topic",)
    command = "topic"
    arguments = ("channel", "topic")
    examples = ("topic #dev", "topic #dev Questions sur le projet")

    channel: ChannelName | None = None
    topic: TopicWords | None = None


class Ping(Request, frozen=True, kw_only=True, gc=False, tag="ping"):
    permission = Permission.CONNECT
    summary = N_("ask whether the server is there")
