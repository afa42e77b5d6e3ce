"""What is stored, one Struct a change: the journal writes them, the hub applies them once they are committed.

Each class is a row added, or one change of rows; its statement has its name in store/sqlite/queries/records.sql. A
record that changes nothing any more, because somebody else was first, is refused as its `refused_as`. Times are
milliseconds since 1970 in UTC. A record with `stored = False` lives in memory alone.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from classcord.chat.errors import (
    AliasTaken,
    AlreadySanctioned,
    ChannelExists,
    ChatError,
    Conflict,
    PasswordSpent,
    Pending,
    UsernameTaken,
)
from classcord.chat.roles import Operator
from classcord.chat.text import Text


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One change of the state, with who did it: `actor`, in the session `session_id`.

    Both are None where the server did it. A stranger has a session and no name yet: there `actor` alone is None. A rule
    says only what changes, and the hub signs it (`signed`); a message is signed where it is decided, because thousands
    a second are. The database keeps the two fields only where a table has a column for them.
    """

    session_id: int | None = None  # see Session.number
    actor: str | None = None
    stored: ClassVar[bool] = True
    refused_as: ClassVar[type[ChatError]] = Conflict

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        """Return what the sender hears when the store refuses this record; `why` is the store's word on it."""
        return self.refused_as()


class UserAdded(Record, frozen=True, kw_only=True, gc=False):
    refused_as = UsernameTaken

    user_id: int
    name: str
    name_key: str
    role: str
    password_hash: str
    alias: str | None = None
    alias_key: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    must_change: bool = False
    password_used: bool = False
    added_at: int

    @property
    def name_keys(self) -> set[str]:
        """The keys that are this account's and nobody else's."""
        return {self.name_key} if self.alias_key is None else {self.name_key, self.alias_key}

    def refusal(self, why: str) -> ChatError:
        """Tell a taken alias from a taken name by the constraint that `why` mentions."""
        return AliasTaken(field="alias") if "alias" in why else UsernameTaken(field="username")


class PasswordChanged(Record, frozen=True, kw_only=True, gc=False):
    """`rehashed`: it is the same password, in a newer kind of digest."""

    user_id: int
    password_hash: str
    must_change: bool = False
    rehashed: bool = False


class PasswordUsed(Record, frozen=True, kw_only=True, gc=False):
    """A one-time password has let somebody in; of two who come in by it at once, one is refused."""

    refused_as = PasswordSpent

    user_id: int
    name: str

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        return self.refused_as(name=self.name)


class RoleChanged(Record, frozen=True, kw_only=True, gc=False):
    """The role is another one, if it still was `before`."""

    user_id: int
    role: str
    before: str
    at: int


class UserRemoved(Record, frozen=True, kw_only=True, gc=False):
    """An account is deleted, with its memberships; its messages stay, under its name."""

    user_id: int


class ChannelAdded(Record, frozen=True, kw_only=True, gc=False):
    """`members_from` is the role from which on everyone is a member without having asked."""

    refused_as = ChannelExists

    channel_id: int
    name: str
    name_key: str
    kind: str
    topic: str = ""
    read_only: bool = False
    guests: bool = True
    archived: bool = False
    members_from: str | None = None
    made_by: int | None = None
    made_from: str = ""  # the place, see places.py
    added_at: int

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        return self.refused_as(field="channel", channel=self.name)


class ChannelRemoved(Record, frozen=True, kw_only=True, gc=False):
    """A channel is deleted, with its memberships and the requests for it; its messages stay, its name is free."""

    channel_id: int
    by: str
    at: int


class TopicSet(Record, frozen=True, kw_only=True, gc=False):
    channel_id: int
    topic: str
    set_at: int


class ChannelArchived(Record, frozen=True, kw_only=True, gc=False):
    """A channel is closed, or opened again."""

    channel_id: int
    archived: bool
    at: int


class JoinRequested(Record, frozen=True, kw_only=True, gc=False):
    """Somebody asks to be admitted; one request of an account for a channel waits at a time."""

    refused_as = Pending

    request_id: int
    channel_id: int
    user_id: int
    asked_at: int
    expires_at: int
    state: str = "pending"
    decided_by: str | None = None
    reason: str | None = None

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        return self.refused_as(channel="")


class JoinDecided(Record, frozen=True, kw_only=True, gc=False):
    """A request that waited is `accepted`, `rejected`, `withdrawn` or `expired`; `told` says that its author knows."""

    request_id: int
    state: str
    decided_by: str | None = None
    decided_at: int
    reason: str | None = None
    told: bool = False


class JoinTold(Record, frozen=True, kw_only=True, gc=False):
    """The author of a request hears what became of it."""

    request_id: int
    at: int


class SanctionAdded(Record, frozen=True, kw_only=True, gc=False):
    """`kind` is mute, kick or ban; `target` a name's key or a network, as `of` says; `until` is None for good."""

    refused_as = AlreadySanctioned

    sanction_id: int
    kind: str
    of: str  # name or network
    target: str
    shown: str  # the target as it is shown
    by: str
    by_role: str | None = None  # that they had then
    reason: str
    added_at: int
    until: int | None = None

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        return self.refused_as(name=self.shown)


class SanctionLifted(Record, frozen=True, kw_only=True, gc=False):
    sanction_id: int
    by: str
    lifted_at: int


class SettingSet(Record, frozen=True, kw_only=True, gc=False):
    """What an administrator has switched in the running server, and what outlives it: `maintenance`."""

    name: str
    value: str
    at: int = 0  # when somebody did; not of what is read at a start


class Audited(Record, frozen=True, kw_only=True, gc=False):
    """An entry of the audit trail; the store numbers and chains it (store/trail.py).

    `before` and `after` are JSON; `actor_key` is the fingerprint of the key by which the actor came in.
    """

    at: int
    actor: str
    actor_address: str
    actor_key: str
    action: str
    object_type: str
    object_id: str
    before: str | None = None
    after: str | None = None


class MemberAdded(Record, frozen=True, kw_only=True, gc=False):
    """Somebody is a member; twice is once."""

    channel_id: int
    user_id: int
    since: int


class MemberRemoved(Record, frozen=True, kw_only=True, gc=False):
    channel_id: int
    user_id: int


class MessageAdded(Record, frozen=True, kw_only=True, gc=False):
    """A message of a channel."""

    message_id: int
    at: int
    channel_id: int
    author: str
    author_id: int | None = None
    content: str


class PrivateMessageAdded(Record, frozen=True, kw_only=True, gc=False):
    """A message of a conversation between two (see `names.conversation`).

    `waiting_for` is the account that was not here to read it, until it is handed over.
    """

    message_id: int
    at: int
    conversation: str
    author: str
    author_id: int | None = None
    recipient: str
    waiting_for: int | None = None
    content: str


Message = MessageAdded | PrivateMessageAdded


class MessageKept(Record, frozen=True, kw_only=True, gc=False):
    """Its recipient left while the message was on its way: it waits for their next login."""

    message_id: int
    waiting_for: int


class KeptHandedOver(Record, frozen=True, kw_only=True, gc=False):
    """The private messages that waited for this account, up to this id, were written to it."""

    user_id: int
    up_to: int


class SessionStarted(Record, frozen=True, kw_only=True, gc=False):
    """A connection was identified: who, from where, since when.

    `connection` is its number; `instead_of` is the session of the same connection that ends with this record;
    `shows_events` says that somebody reads there.
    """

    session_id: int
    user_id: int | None
    name: str
    address: str
    face: str
    started_at: int
    operator: Operator | None = None  # of who administers; not stored, like what follows
    connection: int = 0
    instead_of: int | None = None
    shows_events: bool = True


class SessionEnded(Record, frozen=True, kw_only=True, gc=False):
    session_id: int
    ended_at: int


class SessionsClosed(Record, frozen=True, kw_only=True, gc=False):
    """The server stops: all sessions that are open end."""

    at: int


class Announced(Record, frozen=True, kw_only=True, gc=True):
    """The server says something, in the order of all that happens: to everyone (`global`), a #channel or a person."""

    stored = False

    to: str
    text: Text
    at: int


class Reminded(Record, frozen=True, kw_only=True, gc=True):
    """The server says something to the one session that asked, in its place among all that happens."""

    stored = False

    text: Text
    at: int


class PresenceSet(Record, frozen=True, kw_only=True, gc=False):
    """What somebody says of their own presence; forgotten when they leave."""

    stored = False

    state: str


class GuestJoined(Record, frozen=True, kw_only=True, gc=False):
    """Guests are members of a channel while they are here."""

    stored = False

    channel_id: int


class GuestLeft(Record, frozen=True, kw_only=True, gc=False):
    stored = False

    channel_id: int
