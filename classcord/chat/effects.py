"""What the service must do for the hub: store, deliver, answer, compare, look up, close.

`decide` returns them in order; the service performs them in order. Knows no transport and no store. Unlike records and
events they hold sessions and errors, which lead to anything: so Python's cycle collector looks at them (no `gc=False`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from classcord.chat.accounts.vocabulary import AddUser, Authenticate, Passwd, Password
    from classcord.chat.audit.vocabulary import Audited
    from classcord.chat.errors import ChatError
    from classcord.chat.events import Answer, Event
    from classcord.chat.identity.vocabulary import Login
    from classcord.chat.messages.vocabulary import History
    from classcord.chat.people import Session
    from classcord.chat.records import Record
    from classcord.chat.registration.vocabulary import Register
    from classcord.chat.requests import Request
    from classcord.chat.text import Text


class Effect(msgspec.Struct, frozen=True):
    """Something to be done outside of the hub."""


class Commit(Effect, frozen=True):
    """Store these records together or not at all, then apply them and give `answer` to `request`.

    `holds`: the session's further requests wait for this commit, because it changes what they are decided by.
    A Commit without records keeps its place in the order of all commits: an answer that must not overtake them.
    """

    session: Session | None
    records: tuple[Record, ...]
    request: Request | None = None
    answer: Answer | ChatError | None = None
    holds: bool = True


class StoreLater(Effect, frozen=True):
    """Take this commit for stored, for nothing can be at the moment; store it when that works again."""

    commit: Commit


class Deliver(Effect, frozen=True):
    """Write an event to these sessions, but not to its author's."""

    event: Event
    audience: Sequence[Session]
    author: Session | None = None


class Reply(Effect, frozen=True):
    """Answer a request of the session that is being decided."""

    request: Request
    answer: Answer


class Refuse(Effect, frozen=True):
    """Refuse a request, where other effects go with it; otherwise a rule raises the error."""

    request: Request
    error: ChatError


class Verify(Effect, frozen=True):
    """After `pause` seconds ask the authenticator whether this is the password of `name`; come back with Verified.

    `version` is the `password_version` of the account that has this name now; where none has, the same is done.
    """

    asked: Login | Password | Authenticate
    name: str
    password: str
    version: tuple[int, int] | None
    pause: float


class Hash(Effect, frozen=True):
    """Hash a password, or one that is made up if it is empty; come back with Hashed."""

    asked: Register | Password | AddUser | Passwd
    password: str


class Query(Effect, frozen=True):
    """Answer `request` with a page of the messages of one channel or of one conversation.

    Either `channel_id` and `channel`, its name, or `conversation` and `user`, the other one's name.
    """

    request: History
    channel_id: int | None = None
    channel: str | None = None
    conversation: str | None = None
    user: str | None = None
    limit: int = 50


class HandOverMissed(Effect, frozen=True):
    """Write to the session what is kept for the account `user_id`, and the last `limit` messages of its channels.

    Each channel's id stands with the id of the last message before the session listened: newer ones it has heard. If
    something was kept, comes back with HandedOver.
    """

    user_id: int | None
    channels: tuple[tuple[int, int], ...] = ()
    limit: int = 0


class Later(Effect, frozen=True):
    """Come back with `request` after `seconds`, if the session is still there."""

    session: Session
    seconds: float
    request: Request


class Pause(Effect, frozen=True):
    """Decide `request` again after `seconds`, and the session's further requests after it: it asks for too much."""

    request: Request
    seconds: float


class Again(Effect, frozen=True):
    """Decide `request` before anything else of this session, as soon as what is under way allows it."""

    request: Request


class Speak(Effect, frozen=True):
    """The session speaks the modern dialect from now on, in this language and encoding; `listens` as in Hello."""

    language: str
    encoding: str
    listens: bool = True


class Pace(Effect, frozen=True):
    """From now on write to the session line by line, with a pause between two."""


class Alert(Effect, frozen=True):
    """Write a line to the audit log: `event` is a stable word, then who and why."""

    event: str
    name: str = ""
    reason: str = ""


class Close(Effect, frozen=True):
    """End the connection, after telling why where there is something to tell.

    Of these sessions; without any, of the session that is being decided.
    """

    why: Text | None = None
    sessions: Sequence[Session] | None = None


class ShutOut(Effect, frozen=True):
    """Close whatever is open from this network, also where nobody has said who they are; not who asked for it."""

    network: str


class Perform(Effect, frozen=True):
    """Do what the hub knows nothing of (read the audit trail, stop the server), and answer the request with it.

    `entry` goes into the audit trail with the answer, if it was done.
    """

    request: Request
    entry: Audited | None = None
