"""The words of resuming. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from classcord.chat.conversations.vocabulary import MissedInfo
from classcord.chat.errors import ChatError, Conflict, NotFound
from classcord.chat.events import Answer, Event, MessageNumber, Ok, RoleLabel, Row, Time, called
from classcord.chat.frozen import Frozen
from classcord.chat.messages.vocabulary import Details, Message, StoredMessage
from classcord.chat.questions import Question
from classcord.chat.records import Record
from classcord.chat.requests import Internal, MessageId, Request, Secret, without_secrets
from classcord.chat.rights.vocabulary import Right
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class BadToken(ChatError):
    """The token is unknown, has expired, or was ended; which of these is nobody's business."""

    code = "bad_token"
    template = N_("This session cannot be resumed any more: please log in again.")


class NamedAlready(Conflict):
    template = N_("This connection has a name already: a session is resumed on a new one.")


class ResumedElsewhere(Conflict):
    """Two connections resume one session at the same time."""

    template = N_("This session was resumed on another connection at the same time: try again.")

    def __init__(self) -> None:
        super().__init__(retry_after=1.0)  # by then it is known which connection goes on, and this one takes its place


class NoSuchSession(NotFound):
    template = N_("You have no session {name}.")


class Resume(Request, tag="resume"):
    permission = Permission.CONNECT
    summary = N_("go on with a session whose connection was lost, and hear what was missed")
    is_paced = False
    reads_store = True
    __repr__ = without_secrets

    session: Secret
    after: MessageId | None = None


class WaitedToResume(Internal, tag="-waited-to-resume"):
    """The pause after bad tokens from this connection is over."""

    kept_meanwhile = False

    __repr__ = without_secrets

    asked: Resume

    @property
    def origin(self) -> Request:
        return self.asked


class MySessions(Request, tag="my_sessions"):
    permission = Permission.PRESENCE
    summary = N_("list one's own sessions")


class EndSession(Request, tag="end_session"):
    permission = Permission.PRESENCE
    summary = N_("end one of one's own sessions, or all others")

    session_id: MessageId | None = None
    others: bool = False


class TokenMade(Record, kw_only=True):
    """A session got a token by which it can be resumed; only a digest of it is kept.

    `token_id` is the number of the session that began with it; `session` of the one that has it now.
    """

    token_id: int
    digest: str
    user_id: int | None
    name: str
    address: str
    client: str = ""
    session: int
    made_at: int
    used_at: int
    expires_at: int


class TokenUsed(Record):
    """A session was resumed: the session `record.session_id` goes on in place of `follows`."""

    refused_as = ResumedElsewhere

    token_id: int
    session: int
    follows: int
    name: str
    address: str
    client: str
    used_at: int
    expires_at: int


class TokenProlonged(Record):
    """A session that has a token is still there: the token expires later."""

    may_find_nothing = True

    token_id: int
    used_at: int
    expires_at: int


class TokenEnded(Record):
    """A token is void."""

    may_find_nothing = True

    token_id: int


class TokensEnded(Record):
    """All tokens of an account are void, but for `kept`."""

    may_find_nothing = True

    user_id: int
    kept: int = 0


class TokensExpired(Record):
    """The tokens that have expired at a time are removed."""

    may_find_nothing = True

    at: int


class SessionTurnedOut(Record):
    """The person of a session has ended it from another one: its connection is closed."""

    stored = False

    number: int


class Missing(Question):
    """Which messages did a session miss, and which have changed meanwhile? The answer is a WhatWasMissed.

    Meant are messages after the id `after`, up to `up_to`: of these channels, and of the private conversations of the
    account `user_id`, or of the guest with a name key. A guest's count between two further ids, between which the name
    was theirs. None has changed unless `changed`.
    """

    channels: tuple[int, ...]
    user_id: int | None
    guest: str
    after: int
    up_to: int
    named_after: int
    named_up_to: int
    most: int
    changed: bool = False


class ChangedSince(Question):
    """Which messages have changed since the message `after` was the newest? The answer is a tuple of ChangedMessage.

    Meant are messages up to `after`, of these channels and of the private conversations of an account. They are in the
    order of their ids. The answer is None if there are more than `most`.
    """

    channels: tuple[int, ...]
    user_id: int | None
    after: int
    most: int


class ChangedMessage(Frozen):
    """A message that has other words, or none any more; or other reactions and pins: then `pinned` is not None."""

    stored: StoredMessage
    has_other_words: bool
    pinned: bool | None = None


class WhatWasMissed(Frozen, gc=True):
    """The messages that a resumed session missed, by their ids, with their details; and earlier ones that have changed.

    None stands for more than fits into one answer; without `changes` there are no `messages`.
    """

    messages: tuple[Message, ...] | None = None
    details: Mapping[int, Details] = {}
    changes: tuple[ChangedMessage, ...] | None = ()


class Resumed(Answer, kw_only=True):
    """The session has its name again; what it missed follows.

    With `conversations`, as a login tells them, if nothing is replayed or there is a gap; `may` as at a login.
    """

    status: Ok = "ok"
    username: str
    role: RoleLabel
    conversations: tuple[MissedInfo, ...] | None = None
    more: bool | None = None
    may: tuple[Right, ...] | None = None


class Gap(Event, tag="gap"):
    """More was missed than is replayed: read the history from `after` up to `up_to`. What is newer is pushed.

    If `after` is 0, earlier messages may look otherwise than the client knows them, too.
    """

    after: int
    up_to: int


class MarksChanged(Event, tag="changed", omit_defaults=True):
    """What people have added to a message, as it is now: told to who was away when that changed."""

    message_id: MessageNumber
    reactions: dict[str, tuple[str, ...]]
    pinned: bool
    reaction_counts: dict[str, int] | None = None
    channel: str | None = None
    user: str | None = None


class OwnSession(Row):
    """A session of one's own, connected or not; `current` is the one that asks."""

    session_id: int
    client: str
    address: str
    since: Time
    last_used: Time
    connected: bool
    current: bool

    labels: ClassVar = called(
        session_id=N_("number"),
        client=N_("client"),
        last_used=N_("last used"),
        connected=N_("connected"),
        current=N_("this one"),
    )


class OwnSessionsListed(Answer):
    """One's own sessions, the one used last first."""

    sessions: tuple[OwnSession, ...]
