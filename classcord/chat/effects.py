"""Effects: the work of the service for the hub: store, deliver, answer, compare, look up, close.

`decide` returns them in order; the service performs them in order. Knows no transport and no store. Unlike records and
events, effects hold sessions and errors, which may refer to any object: so Python's cycle collector looks at effects
(no `gc=False`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from classcord.chat.accounts.vocabulary import AddUser, Authenticate, CheckHere, Passwd, Password
    from classcord.chat.audit.vocabulary import Audited
    from classcord.chat.channels.channel import Channel
    from classcord.chat.conversations.vocabulary import ConversationsOf
    from classcord.chat.errors import ChatError
    from classcord.chat.events import Answer, Event
    from classcord.chat.identity.vocabulary import Login
    from classcord.chat.messages.vocabulary import Awaited, History
    from classcord.chat.people import Session
    from classcord.chat.privacy.vocabulary import DeleteMyAccount
    from classcord.chat.questions import Found, Question
    from classcord.chat.records import Record
    from classcord.chat.registration.vocabulary import Register
    from classcord.chat.requests import Request
    from classcord.chat.resuming.vocabulary import Gap, Missing, Resume, Resumed
    from classcord.chat.text import Text


class Effect(msgspec.Struct, frozen=True):
    """Work to be done outside the hub."""


class Commit(Effect, frozen=True):
    """Store these records together or not at all, then apply them and give `answer` to `request`.

    `holds`: the session's further requests wait for this commit, because their decisions depend on it. A Commit without
    records still has its order among all commits, so that its answer does not come before theirs.
    """

    session: Session | None
    records: tuple[Record, ...]
    request: Request | None = None
    answer: Answer | ChatError | None = None
    holds: bool = True


class StoreLater(Effect, frozen=True):
    """Treat this commit as stored, because storing fails at the moment; store it when storing works again."""

    commit: Commit


class Deliver(Effect, frozen=True):
    """Write an event to these sessions, except to its author's session."""

    event: Event
    audience: Sequence[Session]
    author: Session | None = None


class DeliverPresence(Effect, frozen=True):
    """Write an event about who is in a channel, or here, to the sessions that listen to it now, except those `apart`.

    Many such events may be written together, a moment later; each session hears them before anything that follows.
    """

    event: Event
    channel: Channel
    apart: tuple[Session, ...] = ()


class BeginListening(Effect, frozen=True):
    """These sessions listen to a channel now; of what was delivered before they hear nothing, even if it waits."""

    channel: Channel
    sessions: tuple[Session, ...]


class EndListening(Effect, frozen=True):
    """These sessions listen to a channel no more; they still hear what was delivered before, even if it waits."""

    channel: Channel
    sessions: tuple[Session, ...]


class AwaitReceipt(Effect, frozen=True):
    """Note when a machine has acknowledged a message that is delivered to these sessions of one account.

    The result is a HandedOver; or an Undelivered, if all of them end before.
    """

    message: Awaited
    sessions: Sequence[Session]


class Reply(Effect, frozen=True):
    """Answer a request of the session that is being decided."""

    request: Request
    answer: Answer


class Refuse(Effect, frozen=True):
    """Refuse a request, if other effects go with the refusal; otherwise a rule raises the error."""

    request: Request
    error: ChatError


class Verify(Effect, frozen=True):
    """After `pause` seconds ask the authenticator whether this is the password of `name`; the result is a Verified.

    `version` is the `password_version` of the account that has this name now; if there is none, the work is the same.
    If the password is right, the store is asked `question`.
    """

    asked: Login | Password | Authenticate | DeleteMyAccount
    name: str
    password: str
    version: tuple[int, int] | None
    pause: float
    question: ConversationsOf | None = None


class Hash(Effect, frozen=True):
    """Hash a password, or make one up if it is empty; the result is a Hashed."""

    asked: Register | Password | AddUser | Passwd | CheckHere
    password: str


class Query(Effect, frozen=True):
    """Answer `request` with a page of messages of one channel or of one conversation.

    Given are either `channel_id` and `channel`, its name, or `conversation` and `user`, the other person's name.
    """

    request: History
    channel_id: int | None = None
    channel: str | None = None
    conversation: str | None = None
    user: str | None = None
    limit: int = 50


class Find(Effect, frozen=True):
    """Read the answer to a question from the store; it comes back as a `result` for the request `asked`."""

    asked: Request
    question: Question
    result: type[Found]


class Replay(Effect, frozen=True):
    """Answer a `resume`, then write the messages that answer the question; what is pushed meanwhile comes after them.

    If there are too many messages for a replay, or no question, `gap` is written instead, if there is one; and the
    answer has what the store says to `summary`.
    """

    session: Session
    request: Resume
    answer: Resumed
    gap: Gap | None = None
    question: Missing | None = None
    summary: ConversationsOf | None = None


class HandOverMissed(Effect, frozen=True):
    """Write to the session the messages kept for the account `user_id`, and the last `limit` messages of its channels.

    Each channel's id comes with the id of the last message before the session listened: it has heard newer messages. If
    there were kept messages, the result is a HandedOver, as soon as the session's machine has acknowledged them.
    """

    user_id: int | None
    channels: tuple[tuple[int, int], ...] = ()
    limit: int = 0


class Later(Effect, frozen=True):
    """Decide `request` after `seconds`, if the session is still there."""

    session: Session
    seconds: float
    request: Request


class Pause(Effect, frozen=True):
    """Decide `request` again after `seconds`, then the session's further requests: the session asks for too much."""

    request: Request
    seconds: float


class Again(Effect, frozen=True):
    """Decide `request` before the session's other requests, as soon as its commits under way permit it."""

    request: Request


class Speak(Effect, frozen=True):
    """The session speaks the modern dialect from now on, in this language and encoding.

    `listens` and `client` are as in Hello, `heartbeat` as in Welcome.
    """

    language: str
    encoding: str
    listens: bool = True
    client: str = ""
    heartbeat: int = 0


class Pace(Effect, frozen=True):
    """Until the session's person changes, write to it line by line, with a pause between two lines."""


class TellSecurity(Effect, frozen=True):
    """Publish a security event: `event` is a stable word, then who and why. The audit log's file is one subscriber."""

    event: str
    name: str = ""
    reason: str = ""


class Close(Effect, frozen=True):
    """Close connections, after telling each the reason if there is one.

    They are the connections of these sessions; if there are none, of the session that is being decided.
    """

    why: Text | None = None
    sessions: Sequence[Session] | None = None


class ShutOut(Effect, frozen=True):
    """Close all connections from this network, those without a name too, except the one that asked for it."""

    network: str


class Perform(Effect, frozen=True):
    """Perform an operation of the server (read the audit trail, stop), and answer the request with the result.

    `entry` goes into the audit trail together with the answer, if the operation was done.
    """

    request: Request
    entry: Audited | None = None
