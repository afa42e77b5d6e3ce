"""Who is who: accounts, the people who are here, and their sessions. Knows no transport and no decision."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from classcord.chat.roles import CONFINED, Operator, Role, Standing

if TYPE_CHECKING:
    from classcord.chat.limits import Quota, TokenBucket
    from classcord.chat.ports import Listener, Traits

_HIDDEN = frozenset({"invisible", "offline"})  # states in which others see a person as gone (classic rule 11)


class Account(msgspec.Struct):
    """A name with a password and a role; `channels` are the ids of those it is a member of."""

    id: int
    name: str
    key: str
    role: Role
    must_change: bool = False  # the password was for one time
    added_at: int = 0  # milliseconds
    password_used: bool = False  # and has let somebody in
    password_elsewhere: bool = False  # no password of it is kept here: another authenticator vouches for it
    renewals: int = 0  # how many times the password has become another one since the server started
    void_before: int = 0  # logins of operators before this one do not count any more: the password is another one
    kept_login: int = -1  # but for this one, which has changed it
    channels: set[int] = msgspec.field(default_factory=set)

    @property
    def password_version(self) -> tuple[int, int]:
        """Which password this is: one that was changed, or another account's of the same name, has another version."""
        return self.id, self.renewals


class Person:
    """Someone who is here, with one session or several; a guest has no account."""

    __slots__ = ("account", "key", "name", "operator", "sessions", "since", "state")

    def __init__(self, name: str, key: str, account: Account | None, since: int = 0) -> None:
        """`since` is when they came, in milliseconds."""
        self.name = name
        self.key = key
        self.account = account
        self.since = since
        self.operator: Operator | None = None
        self.sessions: dict[Session, None] = {}
        self.state = "online"

    @property
    def role(self) -> Role:
        """The role in force: of the key or the machine an operator came in by, else of the account as it is now."""
        if self.operator is not None and self.operator.account_id is None:
            return self.operator.role
        return Role.GUEST if self.account is None else self.account.role

    @property
    def standing(self) -> Standing:
        """The row of the table of permissions that counts at this moment."""
        operator, account = self.operator, self.account
        if operator is not None and operator.account_id is None:
            return operator.role
        if account is None:
            return Role.GUEST
        return CONFINED if account.must_change else account.role

    @property
    def is_operator(self) -> bool:
        """Whether this is somebody in a session beside the chat, to administer: in no channel and in no list."""
        return self.operator is not None

    @property
    def at_machine(self) -> bool:
        """Whether this is whoever has the machine: nobody of the chat, whatever they are called there."""
        return self.operator is not None and self.operator.by == "machine"

    @property
    def must_change(self) -> bool:
        """Whether a one-time password has to be changed before anything else."""
        return self.standing == CONFINED

    def owns(self, account: Account) -> bool:
        """Whether this account is theirs: they came in by its password; a key has none, whatever it is called."""
        if self.account is not account:
            return False
        return self.operator is None or self.operator.account_id == account.id

    def reading(self) -> Person | None:
        """Return this person with those sessions alone in which somebody reads; None if there are none."""
        if all(session.shows_events for session in self.sessions):
            return self if self.sessions else None
        together = copy(self)
        together.sessions = {session: None for session in self.sessions if session.shows_events}
        return together if together.sessions else None

    def is_same(self, other: Person | None) -> bool:
        """Whether these are one person, with whichever of their sessions."""
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
        """Who this is in the key of a conversation (see `names.conversation`)."""
        return self.account.id if self.account else self.key


@dataclass(slots=True, eq=False)
class Session:
    """One client, from its connection to its end: what the rules look at of it."""

    id: int
    """The session's number: in every line of the log, and of the first row it has in the table of sessions."""
    listener: Listener[Any]
    """Hears what the session is answered and told."""
    address: str
    face: str
    language: str
    bucket: TokenBucket
    shows_events: bool = True
    """Whether somebody reads what it hears unasked; not where files are carried, a script asks or a pipe talks."""
    person: Person | None = None
    before: str | None = None  # the key of who this was last: a mute is not shaken off by another name
    quotas: tuple[Quota, ...] = ()  # what it draws on when it stores something, while identified
    row: int | None = None  # in the table of sessions, while identified
    first_row: bool = True  # the first row has the session's own number
    answered: bool = False  # a first request was answered: from then on the session may hear things unasked
    complained: bool = False  # one bad line was answered before that
    history_due: bool = False  # a `users` to come is followed by the channels' history
    history_after: int = 0  # how many others come before that one
    listed: bool = False  # since the login, a `users` was answered
    kept_due: bool = False  # private messages may wait for it
    talks_in: int | None = None  # the channel to which plain messages go, after `/join`; else to everyone
    called: str = ""  # its person's name as it was typed here, where that is not how it is written
    registered: tuple[int, str] | None = None  # the account that was made on it last, and its name as it was typed
    state_asked: str = ""  # of a guest who is not one yet

    @property
    def number(self) -> int:
        """What its records have as `session_id`: its row in the table of sessions, or `id` while it has no row.

        Both come from one sequence, so that no two sessions have one number.
        """
        return self.id if self.row is None else self.row

    @property
    def name(self) -> str:
        """The name of who this is, for logs."""
        return self.person.name if self.person else ""

    def spelt(self, name: str) -> str:
        """Return a name as this session is sent it: its own as it was typed, where its clients compare them."""
        own = self.called and self.person is not None and name == self.person.name and self.traits.spells_own_name
        return self.called if own else name

    @property
    def traits(self) -> Traits:
        """What its client expects, by the dialect that it speaks now."""
        return self.listener.traits
