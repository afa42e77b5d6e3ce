"""What may be asked: one Struct a request, with its wire name, the permission it needs and a one-line summary.

This is the source of the protocol; whatever lists requests is made from here. A subclass is an alias: it is decided
like its parent and answered under its own name. Knows no session and no wire.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from classcord.chat.errors import ChatError
from classcord.chat.roles import Permission
from classcord.chat.text import N_

Name = Annotated[str, msgspec.Meta(max_length=256)]
"""Of a person or a channel, as it was asked; what names may be is decided in names.py."""
RequestId = Name | int | float | None
MessageId = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
"""As all clients can count (PROTOCOL.md, "Modern dialect"); no store is asked for more."""


class Request(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="type"):
    """Anything that a client asks. `id` comes back in the one answer, 0 and "" too."""

    permission: ClassVar[Permission]
    summary: ClassVar[str]
    reads_store: ClassVar[bool] = False  # is decided when the session's own messages are stored
    answered_as: ClassVar[str | None] = None  # the answer's type, where it is not the request's own

    id: RequestId | msgspec.UnsetType = msgspec.UNSET

    @property
    def wire_name(self) -> str:
        """The `type` under which this request came."""
        return str(self.__struct_config__.tag)


def _without_secrets(request: Request) -> str:
    """Return what a request of this kind looks like in a log or a traceback."""
    return f"{type(request).__name__}(...)"


class Hello(Request, frozen=True, kw_only=True, gc=False, tag="hello"):
    permission = Permission.CONNECT
    summary = N_("begin the modern dialect and learn what the server offers")

    protocol: int = 2
    client: str = ""
    encoding: str = "ascii"
    lang: str = ""


class Register(Request, frozen=True, kw_only=True, gc=False, tag="register"):
    permission = Permission.CONNECT
    summary = N_("make an account")
    __repr__ = _without_secrets

    username: Name
    password: str
    alias: Name | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None


class Login(Request, frozen=True, kw_only=True, gc=False, tag="login"):
    permission = Permission.CONNECT
    summary = N_("become the owner of an account")
    __repr__ = _without_secrets

    username: Name
    password: str


class Guest(Request, frozen=True, kw_only=True, gc=False, tag="guest"):
    permission = Permission.CONNECT
    summary = N_("come in without an account")

    username: Name = ""


class Logout(Request, frozen=True, kw_only=True, gc=False, tag="logout"):
    permission = Permission.PRESENCE
    summary = N_("leave the account; the connection stays")


class Users(Request, frozen=True, kw_only=True, gc=False, tag="users"):
    permission = Permission.CONNECT
    summary = N_("list the people who are here")


class ListUsers(Users, frozen=True, kw_only=True, gc=False, tag="list_users"):
    """The older name of `users`."""


class Status(Request, frozen=True, kw_only=True, gc=False, tag="status"):
    permission = Permission.PRESENCE
    summary = N_("say how present one is: online, away, dnd, invisible…")

    state: str


class Say(Request, frozen=True, kw_only=True, gc=False, tag="message", rename={"from_": "from"}):
    permission = Permission.TALK
    summary = N_("write to everyone, to a channel or to one person")
    answered_as = "ack"

    content: str
    subtype: str | None = None
    to: Name | None = None
    channel: Name | None = None
    from_: Name | None = None


class SayPrivately(Say, frozen=True, kw_only=True, gc=False, tag="private", rename={"from_": "from"}):
    """The older form of a private message."""

    subtype: str | None = "private"


class History(Request, frozen=True, kw_only=True, gc=False, tag="history"):
    permission = Permission.READ
    summary = N_("read the messages of a channel, or of a conversation with one person")
    reads_store = True

    channel: Name | None = None
    user: Name | None = None
    before: MessageId | None = None
    after: MessageId | None = None
    limit: int = 50


class Channels(Request, frozen=True, kw_only=True, gc=False, tag="channels"):
    permission = Permission.READ
    summary = N_("list the channels one may see")


class Members(Request, frozen=True, kw_only=True, gc=False, tag="members"):
    permission = Permission.READ
    summary = N_("list the members of a channel")

    channel: Name | None = None


class Who(Members, frozen=True, kw_only=True, gc=False, tag="who"):
    """The older form of `members`."""


class Create(Request, frozen=True, kw_only=True, gc=False, tag="create"):
    permission = Permission.CREATE_CHANNEL
    summary = N_("make a channel")

    channel: Name
    kind: str = "open"
    topic: str = ""


class Join(Request, frozen=True, kw_only=True, gc=False, tag="join"):
    permission = Permission.JOIN
    summary = N_("become a member of a channel")

    channel: Name


class JoinChannel(Join, frozen=True, kw_only=True, gc=False, tag="join_channel"):
    """The older name of `join`."""


class Leave(Request, frozen=True, kw_only=True, gc=False, tag="leave"):
    permission = Permission.JOIN
    summary = N_("leave a channel")

    channel: Name


class Topic(Request, frozen=True, kw_only=True, gc=False, tag="topic"):
    permission = Permission.READ  # setting one is the channel's maker's, or a moderator's: decided there
    summary = N_("read or set the topic of a channel")

    channel: Name | None = None
    topic: str | None = None


class Ping(Request, frozen=True, kw_only=True, gc=False, tag="ping"):
    permission = Permission.CONNECT
    summary = N_("ask whether the server is there")


# -- what re-enters: never decoded from a wire ------------------------------------------------------------------------


class Internal(Request, frozen=True, kw_only=True, gc=False, tag="-internal"):
    """The result of an effect, or an event of the connection, on its way back to the hub."""

    permission = Permission.CONNECT
    summary = ""


class Verified(Internal, frozen=True, kw_only=True, gc=False, tag="-verified"):
    """A password was compared. `rehashed` is its new digest, where the stored one is of an older kind."""

    __repr__ = _without_secrets

    login: Login
    valid: bool
    rehashed: str | None = None


class Hashed(Internal, frozen=True, kw_only=True, gc=False, tag="-hashed"):
    """The password of a new account was hashed."""

    __repr__ = _without_secrets

    register: Register
    digest: str


class Malformed(Internal, frozen=True, kw_only=True, gc=False, tag="-malformed"):
    """A line that asks nothing; its refusal keeps its place among the answers."""

    error: ChatError


class HandOver(Internal, frozen=True, kw_only=True, gc=False, tag="-hand-over"):
    """It is time to hand a session what it missed: the private messages kept for it, and `history`, its channels'."""

    reads_store = True

    history: bool = False


class HandedOver(Internal, frozen=True, kw_only=True, gc=False, tag="-handed-over"):
    """The private messages kept for this account, up to this id, were written to the session."""

    user_id: int
    up_to: int


class Finished(Internal, frozen=True, kw_only=True, gc=False, tag="-finished"):
    """The client has said all that it had to say; it still listens to the answers."""


class Disconnect(Internal, frozen=True, kw_only=True, gc=False, tag="-disconnect"):
    """The connection is gone."""


def subclasses(kind: type[Any]) -> list[type[Any]]:
    """Return every class below `kind`, parents first."""
    return [c for child in kind.__subclasses__() for c in (child, *subclasses(child))]


INTERNAL: tuple[type[Request], ...] = (Internal, *subclasses(Internal))
WIRE: tuple[type[Request], ...] = tuple(c for c in subclasses(Request) if c not in INTERNAL)
"""Every request a client may send, aliases included, in the order of this page."""
