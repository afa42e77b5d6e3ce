"""The state of the hub: accounts, channels, and the people who are here. It has no messages.

Only the rules that apply records change it, after a commit. Knows no request and no effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from classcord.chat.channels.channel import Channel
from classcord.chat.held_messages.waiting_messages import HeldMessages
from classcord.chat.invitation_codes.kept_codes import KeptCodes
from classcord.chat.join_requests.undecided import JoinRequests
from classcord.chat.lessons.held import Lessons
from classcord.chat.lookalikes import looks, rough_looks, rough_looks_of
from classcord.chat.names import channel_key, name_key
from classcord.chat.people import Account, Arriving, Person
from classcord.chat.reports.filed import FiledReports
from classcord.chat.resuming.tokens import Tokens
from classcord.chat.retention.runs import Purges
from classcord.chat.sanctions.in_force import Sanctions

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.privacy.vocabulary import AccountErased
    from classcord.chat.roles import Role

MAINTENANCE = "maintenance"  # the setting's name; its value is "off", or "on" and the reason
PRIVATE_POLICY = "private_policy"  # its value is a policy (private_policy/matrix.py); "": that of the settings


class Sequence:
    """Growing ids. Like a database's sequence, it is never rolled back: a failed decision leaves a gap."""

    __slots__ = ("last",)

    def __init__(self, last: int) -> None:
        self.last = last

    def next(self) -> int:
        """Return the next id."""
        self.last += 1
        return self.last

    def pass_over(self, number: int) -> None:
        """Give out only ids above this one from now on."""
        self.last = max(self.last, number)


class LastIds(msgspec.Struct, frozen=True, kw_only=True):
    """The highest ids ever given out, from the store at the start."""

    user: int = 0
    channel: int = 0
    message: int = 0
    session: int = 0
    sanction: int = 0
    join_request: int = 0
    erasure: int = 0
    invitation_code: int = 0
    report: int = 0
    lesson: int = 0
    held: int = 0
    purge: int = 0


class State:
    """The whole state. Names are looked up by their keys (see names.py)."""

    def __init__(self, last: LastIds) -> None:
        self.accounts: dict[str, Account] = {}
        self.accounts_by_id: dict[int, Account] = {}
        self.aliases: dict[str, Account] = {}
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.channels_by_id: dict[int, Channel] = {}
        self.removed: dict[int, Channel] = {}
        """The last deleted channels, by their ids: messages to them may still be on their way."""
        self.default: Channel | None = None
        self.user_ids = Sequence(last.user)
        self.channel_ids = Sequence(last.channel)
        self.message_ids = Sequence(last.message)
        self.session_ids = Sequence(last.session)
        self.sanction_ids = Sequence(last.sanction)
        self.join_request_ids = Sequence(last.join_request)
        self.erasure_ids = Sequence(last.erasure)
        self.invitation_code_ids = Sequence(last.invitation_code)
        self.report_ids = Sequence(last.report)
        self.lesson_ids = Sequence(last.lesson)
        self.held_ids = Sequence(last.held)
        self.applied = last.message  # the id of the newest committed message
        self.changed = last.message  # the newest message at the last change of one; after a start: there may be one
        self.promised: set[str] = set()  # keys of guests' names with a commit under way
        self.sessions: dict[int | None, Session] = {}
        """The sessions with a name, by the `session_id` in their records."""
        self.arriving: dict[int, Arriving] = {}  # sessions with a SessionStarted under way, by its session_id
        self.operators: dict[Session, Person] = {}  # the operators; they are in no audience and no list
        self.confined: dict[Session, Person] = {}
        """People who must first change a one-time password, in the chat or as operators; nobody sees or hears them."""
        self.kept: dict[int, dict[int | None, int]] = {}
        """How many messages wait for an account, by author (all guests: None), as far as this process knows."""
        self.tokens = Tokens()
        self.blocks: dict[int, set[int]] = {}
        """The ids of the accounts on the block list of an account; no list is empty."""
        self.erased: dict[int, AccountErased] = {}
        """The people who were erased, by the ids of their accounts."""
        self.sanctions = Sanctions()
        self.join_requests = JoinRequests()
        self.reports = FiledReports()
        self.lessons = Lessons()
        self.held = HeldMessages()
        self.invitation_codes = KeptCodes()
        self.purges = Purges(last.purge)
        self.switches: dict[str, str] = {}
        self.away: dict[str, Person] = {}
        """The people who are visible and not online, by their keys."""
        self._visible: dict[str, str] | None = {}  # names by keys; None: in another order than that of arrival
        self._names: tuple[str, ...] | None = None  # the same names
        self._looks: dict[str, set[str]] = {}  # keys of accounts, by the looks of their names
        self._staff_looks: frozenset[str] | None = None

    @property
    def maintenance(self) -> str | None:
        """Why only moderators and above may come in, "" if no reason is given; None while everyone may."""
        value = self.switches.get(MAINTENANCE, "off")
        return None if value == "off" else value.removeprefix("on").strip()

    def taken(self, key: str, own: str | None = None) -> bool:
        """Whether a name belongs to an account, or to a person who is here or about to come, except a guest's `own`."""
        if key in self.accounts or key in self.aliases or any(p.key == key for p in self.operators.values()):
            return True
        return key != own and (key in self.people or key in self.promised)

    def note_looks(self, account: Account, names: Iterable[str]) -> None:
        """Remember the looks of an account's names: no other name may look like them."""
        for name in names:
            for look in looks(name, name_key(name)):
                self._looks.setdefault(look, set()).add(account.key)
        self.staff_changed()

    def looks_of(self, account: Account) -> list[str]:
        """Return the looks of the names of an account."""
        return [look for look, keys in self._looks.items() if account.key in keys]

    def forget_looks(self, account: Account) -> None:
        for keys in self._looks.values():
            keys.discard(account.key)
        self.staff_changed()

    def staff_changed(self) -> None:
        """Note that a person has joined or left those who keep order."""
        self._staff_looks = None

    def resembles_account(self, name: str, key: str, own: str | None = None) -> bool:
        """Whether a reader could mistake `name` for an account's name or alias; `key` is the key of `name`.

        It may look like the names of the account with the key `own`, which is the same person's.
        """
        return any(not self._looks.get(look, frozenset()) <= {key, own} for look in looks(name, key))

    def resembles_staff(self, name: str, key: str, is_staff: Callable[[Role], bool], own: str | None = None) -> bool:
        """Whether `name` looks at a glance like a name or an alias of an account with a role that `is_staff`.

        It may look like those of the account with the key `own`, which is the same person's.
        """
        if self._staff_looks is None:
            self._staff_looks = self._looks_of_staff(is_staff)
        seen = rough_looks(name, key)
        if seen.isdisjoint(self._staff_looks):
            return False
        return own is None or not seen.isdisjoint(self._looks_of_staff(is_staff, but=own))

    def _looks_of_staff(self, is_staff: Callable[[Role], bool], but: str | None = None) -> frozenset[str]:
        staff = [a for a in self.accounts.values() if is_staff(a.role) and a.key != but]
        keys = [a.key for a in staff] + [key for key, a in self.aliases.items() if is_staff(a.role) and a.key != but]
        return frozenset().union(rough_looks_of(keys), *(rough_looks(a.name, a.key) for a in staff))

    def unblock(self, user_id: int, blocked_id: int) -> None:
        """Take an account off another's block list, if it is there."""
        on_it = self.blocks.get(user_id, set())
        on_it.discard(blocked_id)
        if not on_it:
            self.blocks.pop(user_id, None)

    def forget_blocks(self, user_id: int) -> None:
        """Take an account off all block lists, and its own away."""
        self.blocks.pop(user_id, None)
        for owner in [owner for owner, on_it in self.blocks.items() if user_id in on_it]:
            self.unblock(owner, user_id)

    def account(self, name: str) -> Account | None:
        return self.accounts.get(name_key(name))

    def named(self, name: str) -> Account | None:
        """Return the account with this name or alias."""
        key = name_key(name)
        return self.accounts.get(key) or self.aliases.get(key)

    def addressee(self, key: str) -> Person | None:
        """Return the person of this name key who is here to read: an operator before a guest of that name.

        The person has only those sessions that show events; a person with no such session is away. A guest is here in
        any case, because no message can be kept for a guest.
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
        """Return the operator of this name key, with all sessions in one Person; None if there is none."""
        sessions = {s: None for s, p in self.operators.items() if p.key == key}
        if not sessions:
            return None
        found = next(p for p in self.operators.values() if p.key == key)
        together = Person(found.name, key, found.account, found.since)
        together.operator, together.sessions = found.operator, sessions
        return together

    def present(self) -> Iterator[tuple[Session, Person]]:
        """Yield every session with a person, on any face, except those of the operator at the machine."""
        for person in self.people.values():
            for session in person.sessions:
                yield session, person
        for session, person in (*self.operators.items(), *self.confined.items()):
            if not person.at_machine:
                yield session, person

    def arriving_as(self, account: Account) -> list[Arriving]:
        """Return the sessions that come in with an account's password, by changes that are under way."""
        return [each for each in self.arriving.values() if each.account_id == account.id]

    def sessions_of(self, account: Account) -> tuple[Session, ...]:
        """Return the sessions that logged in with an account's password."""
        return tuple(session for session, person in self.present() if person.owns(account))

    def channel(self, name: str) -> Channel | None:
        return self.channels.get(channel_key(name))

    def channel_name(self, channel_id: int) -> str:
        """Return the name of a channel, even of one deleted a moment ago."""
        channel = self.channels_by_id.get(channel_id) or self.removed.get(channel_id)
        return channel.name if channel else f"#{channel_id}"

    def everyone(self) -> tuple[Session, ...]:
        """Return the sessions of everyone in the chat: the audience of the default channel."""
        return self.default.audience() if self.default else ()

    def visible(self) -> tuple[str, ...]:
        """Return the names of the visible people who are here, each once, in the order of their arrival."""
        if self._visible is None:
            self._visible = {key: person.name for key, person in self.people.items() if not person.hidden}
        if self._names is None:
            self._names = tuple(self._visible.values())
        return self._names

    def presence_changed(self, person: Person) -> None:
        """Note that a person came, left, or has another state; it costs the same however many people are here."""
        key, here = person.key, self.people.get(person.key)
        seen = here is not None and not here.hidden
        if here is not None and seen and here.state != "online":
            self.away[key] = here
        else:
            self.away.pop(key, None)
        if self._visible is None or (here is not None and self._visible.get(key) == (here.name if seen else None)):
            return  # the names are the same
        self._names = None
        if here is None or not seen:
            self._visible.pop(key, None)
        elif key in self._visible or key == next(reversed(self.people)):
            self._visible[key] = here.name
        else:
            self._visible = None  # a person is visible again, and has the place of their arrival

    def listens_to(self, person: Person) -> list[Channel]:
        """Return the channels to which a new session of this person listens."""
        mine = person.account.channels if person.account else ()
        return [c for c in self.channels_by_id.values() if c.id in mine or c.includes(person.role)]

    def is_member(self, channel: Channel, person: Person) -> bool:
        if channel.includes(person.role):
            return True
        if person.account is not None:
            return person.account.id in channel.members
        return any(session in channel.sessions for session in person.sessions)
