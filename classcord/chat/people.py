"""Accounts, the people who are here, and their sessions. Knows no transport and no decision."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from classcord.chat.roles import CONFINED, Operator, Role, Standing

if TYPE_CHECKING:
    from classcord.chat.limits import Quota, TokenBucket
    from classcord.chat.ports import Listener, Traits
    from classcord.chat.requests import Request

_GUEST = Role.GUEST  # each request asks for the standing, and until Python 3.12 a member of an Enum is slow to find
_HIDDEN = frozenset({"invisible", "offline"})  # in these states a person is gone for others (classic rule 11)


class Account(msgspec.Struct):
    """A name with a password and a role; `channels` are the ids of its channels."""

    id: int
    name: str
    key: str
    role: Role
    must_change: bool = False  # the password was for one time
    added_at: int = 0  # milliseconds
    password_used: bool = False  # this one-time password has been used
    used_from: str = ""  # the source from which it was used since this start, and when, in milliseconds
    used_at: int = 0
    password_elsewhere: bool = False  # its password is not kept here: another authenticator checks it
    renewals: int = 0  # how many times the password has changed since the server started
    void_before: int = 0  # operators' logins before this one are void, because the password has changed
    kept_login: int = -1  # except this login, which changed it
    channels: set[int] = msgspec.field(default_factory=set)
    seen_at: int = 0  # milliseconds: when its person was last here, or the account was made
    left_at: int | None = None  # milliseconds: when its person left the school; None: the person is of it
    vouched: bool = False  # somebody who manages accounts has made it, or let it into channels by a code
    moderates: set[int] = msgspec.field(default_factory=set)  # the ids of the channels of which it is a moderator

    @property
    def password_version(self) -> tuple[int, int]:
        """The version of the password: it changes with the password, and differs in a later account of this name."""
        return self.id, self.renewals


class Person:
    """A person who is here, with one or more sessions; a guest has no account."""

    __slots__ = ("account", "came_after", "key", "name", "operator", "sessions", "since", "state")

    def __init__(self, name: str, key: str, account: Account | None, since: int = 0) -> None:
        """`since` is the time of arrival, in milliseconds."""
        self.name = name
        self.key = key
        self.account = account
        self.since = since
        self.came_after = 0  # of a guest: the last message before the arrival; earlier ones are of others of this name
        self.operator: Operator | None = None
        self.sessions: dict[Session, None] = {}
        self.state = "online"

    @property
    def role(self) -> Role:
        """The role in force: an operator's is of the key or of the machine; otherwise the account's present role."""
        if self.operator is not None and self.operator.account_id is None:
            return self.operator.role
        return Role.GUEST if self.account is None else self.account.role

    @property
    def standing(self) -> Standing:
        """The row of the table of permissions that applies now."""
        operator, account = self.operator, self.account
        if operator is not None and operator.account_id is None:
            return operator.role
        if account is None:
            return _GUEST
        return CONFINED if account.must_change else account.role

    @property
    def is_operator(self) -> bool:
        """Whether this is an operator: a person who administers beside the chat, in no channel and in no list."""
        return self.operator is not None

    @property
    def at_machine(self) -> bool:
        """Whether this is the operator at the machine: not a person of the chat, even if a name is the same."""
        return self.operator is not None and self.operator.by == "machine"

    @property
    def must_change(self) -> bool:
        """Whether the person must change a one-time password before anything else."""
        return self.standing == CONFINED

    def owns(self, account: Account) -> bool:
        """Whether the person logged in with this account's password; a key has no account, even one of its name."""
        if self.account is not account:
            return False
        return self.operator is None or self.operator.account_id == account.id

    def reading(self) -> Person | None:
        """Return this person with only the sessions in which somebody reads; None if there are none."""
        if all(session.shows_events for session in self.sessions):
            return self if self.sessions else None
        together = copy(self)
        together.sessions = {session: None for session in self.sessions if session.shows_events}
        return together if together.sessions else None

    def is_same(self, other: Person | None) -> bool:
        """Whether both are the same person, with any of their sessions."""
        return other is not None and self.key == other.key and self.account is other.account

    @property
    def hidden(self) -> bool:
        """Whether others see this person as gone."""
        return self.state.casefold() in _HIDDEN

    @property
    def seen(self) -> str:
        """The state that others see."""
        return "offline" if self.hidden else self.state

    @property
    def conversing_as(self) -> int | str:
        """The person's part of the key of a conversation (see `names.conversation`)."""
        return self.account.id if self.account else self.key


@dataclass(slots=True, eq=False)
class Arriving:
    """A session that gets a name by a change under way; `account_id` is of its account, None of a guest or a key."""

    session: Session
    account_id: int | None
    is_outdated: bool = False  # its password was changed by a change that was under way before


class JustRegistered(NamedTuple):
    """An account made on a connection without a name, that name as it was typed; `until` is in seconds since 1970."""

    account_id: int
    typed: str
    until: float


@dataclass(slots=True, eq=False)
class Session:
    """One client, from its connection to its end, as the rules see it."""

    id: int
    """The session's number: in every line of the log, and of its first row in the table of sessions."""
    listener: Listener[Any]
    """Hears the answers and events of the session."""
    address: str
    face: str
    language: str
    bucket: TokenBucket
    shows_events: bool = True
    """Whether somebody reads its events; nobody does in a file transfer, a script or a pipe."""
    person: Person | None = None
    before: str | None = None  # the key of its previous person: a new name does not end a mute
    quotas: tuple[Quota, ...] = ()  # the quotas for its records, while it has a name
    row: int | None = None  # its row in the table of sessions, while it has a name
    first_row: bool = True  # the first row has the session's own number
    answered: bool = False  # a first request was answered: from then on the session may hear events
    complained: bool = False  # before that, one bad line was answered
    history_due: bool = False  # the channels' history follows a later `users`
    history_after: int = 0  # how many other `users` come before that one
    listed: bool = False  # since the login, a `users` was answered
    lessons_due: bool = False  # the lessons that are held are told after that
    kept_due: bool = False  # kept private messages may wait for it
    talks_in: int | None = None  # the channel to which plain messages go, after `/join`; else to everyone
    called: str = ""  # its person's name as it was typed here, if it is written differently
    away_lines: TokenBucket | None = None  # how often it may hear who is not online
    client: str = ""  # the name that its client gave in `hello`
    since: int = 0  # when its row began, in milliseconds
    resuming: Request | None = None  # a `resume` under way
    registered: JustRegistered | None = None  # the last account made on it, which the first message logs in
    state_asked: str = ""  # the presence for a future guest
    is_outdated: bool = False  # the password by which it came in is another one now, and it is being closed

    @property
    def number(self) -> int:
        """The `session_id` in its records: its row in the table of sessions, or `id` while it has no row.

        Both come from one sequence, so all numbers are different.
        """
        return self.id if self.row is None else self.row

    @property
    def name(self) -> str:
        """The name of its person, for logs."""
        return self.person.name if self.person else ""

    def spelt(self, name: str) -> str:
        """Return a name as this session reads it: its own name as it was typed, if its clients compare names."""
        own = self.called and self.person is not None and name == self.person.name and self.traits.spells_own_name
        return self.called if own else name

    def spelling(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return names, none of them twice, as this session reads them."""
        own = self.person.name if self.called and self.person is not None else None
        if own is None or own not in names:
            return names
        place = names.index(own)
        return (*names[:place], self.spelt(own), *names[place + 1 :])

    @property
    def traits(self) -> Traits:
        """The traits of the dialect that it speaks now."""
        return self.listener.traits
