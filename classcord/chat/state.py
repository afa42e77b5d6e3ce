"""What the hub knows: the accounts, the channels, and who is here. Never a message.

Only the rules' `apply` functions change it, after a commit. Knows no request and no effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from classcord.chat.channel import Channel
from classcord.chat.channels.vocabulary import ChannelAdded
from classcord.chat.identity.vocabulary import SessionStarted
from classcord.chat.join_requests.undecided import JoinRequests
from classcord.chat.join_requests.vocabulary import JoinRequested
from classcord.chat.lookalikes import looks, rough_looks, rough_looks_of
from classcord.chat.messages.vocabulary import MessageAdded, PrivateMessageAdded
from classcord.chat.names import channel_key, name_key
from classcord.chat.people import Account, Person
from classcord.chat.records import Record
from classcord.chat.registration.vocabulary import UserAdded
from classcord.chat.sanctions.in_force import Sanctions
from classcord.chat.sanctions.vocabulary import SanctionAdded

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.roles import Role

MAINTENANCE = "maintenance"  # the switch: "off", or "on" and the reason


class Sequence:
    """Ids that grow. Like a database's sequence it is never rolled back: a decision that fails leaves a gap."""

    __slots__ = ("last",)

    def __init__(self, last: int) -> None:
        self.last = last

    def next(self) -> int:
        """Return the next id."""
        self.last += 1
        return self.last

    def pass_over(self, number: int) -> None:
        """Give out no id up to this one any more."""
        self.last = max(self.last, number)


class LastIds(msgspec.Struct, frozen=True, kw_only=True):
    """The highest ids ever given out, as the store knows them at the start."""

    user: int = 0
    channel: int = 0
    message: int = 0
    session: int = 0
    sanction: int = 0
    join_request: int = 0


class State:
    """All of it. Names are looked up by their keys (see names.py)."""

    def __init__(self, last: LastIds) -> None:
        self.accounts: dict[str, Account] = {}
        self.accounts_by_id: dict[int, Account] = {}
        self.aliases: dict[str, Account] = {}
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.channels_by_id: dict[int, Channel] = {}
        self.removed: dict[int, Channel] = {}
        """The channels that were deleted last, by their ids: messages of them may be on their way."""
        self.default: Channel | None = None
        self.user_ids = Sequence(last.user)
        self.channel_ids = Sequence(last.channel)
        self.message_ids = Sequence(last.message)
        self.session_ids = Sequence(last.session)
        self.sanction_ids = Sequence(last.sanction)
        self.join_request_ids = Sequence(last.join_request)
        self.applied = last.message  # the newest message that is committed and on its way to its audience
        self.promised: set[str] = set()  # keys of guests' names whose commit is under way
        self.sessions: dict[int | None, Session] = {}
        """Who is here, by what their records have as `session_id`."""
        self.arriving: dict[int, Session] = {}  # whose SessionStarted is under way, by the session_id in it
        self.operators: dict[Session, Person] = {}  # who administers; they are in no audience and no list
        self.confined: dict[Session, Person] = {}
        """Who has to change a one-time password first, for the chat or for administering; nobody sees or hears them."""
        self.kept: dict[int, dict[int | None, int]] = {}
        """How many messages wait for an account, by author (all guests: None), as far as this process knows."""
        self.sanctions = Sanctions()
        self.join_requests = JoinRequests()
        self.switches: dict[str, str] = {}
        self._visible: tuple[str, ...] | None = None
        self._looks: dict[str, set[str]] = {}  # keys of accounts by what their names look like
        self._staff_looks: frozenset[str] | None = None

    def pass_over(self, record: Record) -> None:
        """Give out no id again that a record of another process has."""
        match record:
            case UserAdded():
                self.user_ids.pass_over(record.user_id)
            case ChannelAdded():
                self.channel_ids.pass_over(record.channel_id)
            case MessageAdded() | PrivateMessageAdded():
                self.message_ids.pass_over(record.message_id)
            case SessionStarted():
                self.session_ids.pass_over(record.session_id)
            case SanctionAdded():
                self.sanction_ids.pass_over(record.sanction_id)
            case JoinRequested():
                self.join_request_ids.pass_over(record.request_id)

    @property
    def maintenance(self) -> str | None:
        """The reason for which only moderators and above come in, "" where none is given; None while everyone does."""
        value = self.switches.get(MAINTENANCE, "off")
        return None if value == "off" else value.removeprefix("on").strip()

    def taken(self, key: str, own: str | None = None) -> bool:
        """Whether a name is an account's, or of someone who is here or about to be, but for a guest's `own`."""
        if key in self.accounts or key in self.aliases or any(p.key == key for p in self.operators.values()):
            return True
        return key != own and (key in self.people or key in self.promised)

    def note_looks(self, account: Account, names: Iterable[str]) -> None:
        """Remember what an account's names look like: nobody else's look so."""
        for name in names:
            for look in looks(name, name_key(name)):
                self._looks.setdefault(look, set()).add(account.key)
        self.staff_changed()

    def forget_looks(self, account: Account) -> None:
        for keys in self._looks.values():
            keys.discard(account.key)
        self.staff_changed()

    def staff_changed(self) -> None:
        """Somebody is of those who keep order now, or is not any more."""
        self._staff_looks = None

    def resembles_account(self, name: str, key: str) -> bool:
        """Whether who reads `name` could take it for an account's name or alias; `key` is its own."""
        return any(not self._looks.get(look, frozenset()) <= {key} for look in looks(name, key))

    def resembles_staff(self, name: str, key: str, is_staff: Callable[[Role], bool]) -> bool:
        """Whether `name` looks at a glance like the name of an account whose role `is_staff`."""
        if self._staff_looks is None:
            staff = [a for a in self.accounts.values() if is_staff(a.role)]
            seen = (rough_looks(a.name, a.key) for a in staff)
            self._staff_looks = frozenset().union(rough_looks_of(a.key for a in staff), *seen)
        return not self._staff_looks.isdisjoint(rough_looks(name, key))

    def account(self, name: str) -> Account | None:
        return self.accounts.get(name_key(name))

    def named(self, name: str) -> Account | None:
        """Return the account whose name or alias this is."""
        key = name_key(name)
        return self.accounts.get(key) or self.aliases.get(key)

    def addressee(self, key: str) -> Person | None:
        """Return who is here to read under the name with this key: an administrator before a guest of that name.

        Whose sessions show nothing of what they hear is away: only those that do are among the sessions of whom this
        returns. A guest is here in any case, for nothing can be kept for one.
        """
        person = self.people.get(key)
        has_account = person is not None and person.account is not None
        if person is not None and has_account and (found := person.reading()):
            return found
        operator = self.operator(key)
        if operator is not None and (found := operator.reading()):
            return found
        return None if has_account else person

    def person(self, name: str) -> Person | None:
        return self.people.get(name_key(name))

    def operator(self, key: str) -> Person | None:
        """Return who administers under the name with this key, all their sessions in one; None if nobody does."""
        sessions = {s: None for s, p in self.operators.items() if p.key == key}
        if not sessions:
            return None
        found = next(p for p in self.operators.values() if p.key == key)
        together = Person(found.name, key, found.account, found.since)
        together.operator, together.sessions = found.operator, sessions
        return together

    def present(self) -> Iterator[tuple[Session, Person]]:
        """Yield every session that is somebody's, on whichever face, but those of who has the machine."""
        for person in self.people.values():
            for session in person.sessions:
                yield session, person
        for session, person in (*self.operators.items(), *self.confined.items()):
            if not person.at_machine:
                yield session, person

    def sessions_of(self, account: Account) -> tuple[Session, ...]:
        """Return the sessions of whoever came in by an account's password."""
        return tuple(session for session, person in self.present() if person.owns(account))

    def channel(self, name: str) -> Channel | None:
        return self.channels.get(channel_key(name))

    def channel_name(self, channel_id: int) -> str:
        """Return the name of a channel, also of one that was deleted a moment ago."""
        channel = self.channels_by_id.get(channel_id) or self.removed.get(channel_id)
        return channel.name if channel else f"#{channel_id}"

    def everyone(self) -> tuple[Session, ...]:
        """Return the sessions of everyone who is identified: the default channel's."""
        return self.default.audience() if self.default else ()

    def visible(self) -> tuple[str, ...]:
        """Return the names of those who are here and do not hide, each once, in the order of their coming."""
        if self._visible is None:
            self._visible = tuple(p.name for p in self.people.values() if not p.hidden)
        return self._visible

    def presence_changed(self) -> None:
        """Somebody came, left, hid or showed themselves."""
        self._visible = None

    def listens_to(self, person: Person) -> list[Channel]:
        """Return the channels in whose audience a new session of this person is."""
        mine = person.account.channels if person.account else ()
        return [c for c in self.channels_by_id.values() if c.id in mine or c.includes(person.role)]

    def is_member(self, channel: Channel, person: Person) -> bool:
        if channel.includes(person.role):
            return True
        if person.account is not None:
            return person.account.id in channel.members
        return any(session in channel.sessions for session in person.sessions)
