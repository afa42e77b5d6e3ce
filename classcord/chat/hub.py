"""The hub: the only place that decides.

`decide` looks at the state and returns effects; `apply` makes a committed record true and returns who hears what. What
decide does change is spent, not decided: rate tokens, ids of a sequence, names promised to guests, and marks of the one
session that asks. Knows no clock, no socket and no SQL; the rules by subject are in rules/.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

import msgspec

from classcord.chat.effects import Commit, Pause, Perform
from classcord.chat.errors import NotAllowed, NotIdentified, PasswordExpired, RateLimited
from classcord.chat.names import name_key
from classcord.chat.paces import change_waits
from classcord.chat.quotas import ROW, settle, size, spend
from classcord.chat.records import Audited, MessageAdded, PrivateMessageAdded, Record, SessionStarted, UserAdded
from classcord.chat.requests import (
    CONSOLE,
    INTERNAL,
    WIRE,
    Authenticate,
    Login,
    Password,
    Request,
    Say,
    Touched,
    Typed,
    subclasses,
)
from classcord.chat.roles import CONFINED, Permission, Role
from classcord.chat.rules import (
    accounts,
    administration,
    admission,
    checked_passwords,
    identity,
    moderation,
    reading,
    registration,
    removal,
    rooms,
    talk,
    trail,
)
from classcord.chat.world import Change, Decision, World

if TYPE_CHECKING:
    from classcord.chat.effects import Effect
    from classcord.chat.errors import ChatError
    from classcord.chat.people import Session
    from classcord.chat.policy import Policy
    from classcord.chat.state import LastIds

_SUBJECTS = (
    identity,
    registration,
    accounts,
    checked_passwords,
    talk,
    rooms,
    removal,
    admission,
    reading,
    moderation,
    administration,
)


def _decisions() -> dict[type[Request], Decision]:
    """Return the decision for each request; an alias is decided like its parent."""
    table = {kind: decision for subject in _SUBJECTS for kind, decision in subject.DECISIONS.items()}
    return table | {alias: decision for kind, decision in table.items() for alias in subclasses(kind)}


class Hub(World):
    """One chat: its state, its policy, its decisions."""

    decisions: ClassVar[dict[type[Request], Decision]] = _decisions()
    changes: ClassVar[dict[type[Record], Change]] = {k: c for subject in _SUBJECTS for k, c in subject.CHANGES.items()}

    def __init__(self, policy: Policy, last: LastIds | None = None) -> None:
        """`last` are the highest ids that were ever given out."""
        super().__init__(policy, last)
        self.trail_room, self.refusals_room = trail.Room(CHANGES_AT_ONCE), trail.Room(REFUSALS_AT_ONCE)
        self.spared = self.refusals_room.take

    def set_policy(self, policy: Policy) -> None:
        """Decide by other terms from now on; sessions keep the rates they began with."""
        super().set_policy(policy)
        rights = (self.permissions[standing] for standing in (*Role, CONFINED))
        self._may = tuple(frozenset(k for k in (*WIRE, *CONSOLE) if k.permission in granted) for granted in rights)

    def restore(self, records: Iterable[Record]) -> None:
        """Apply records that the store has, or that another process has decided; nobody hears of it.

        A start replays what is stored. People of another process are here too, in sessions that write nothing
        (elsewhere.py). No id of these records is given out again.
        """
        self.replaying = True
        try:
            for record in records:
                self.state.pass_over(record)
                self.apply(record)
        finally:
            self.replaying = False

    def decide(self, session: Session, request: Request, now: float) -> list[Effect]:
        """Return what is to be done about `request` at `now`, in seconds since 1970; raise ChatError to refuse it."""
        kind = type(request)
        if kind not in INTERNAL_KINDS:
            if not session.bucket.take(now):
                raise RateLimited(retry_after=round(session.bucket.wait(), 3))
            person = session.person
            if person is None:
                if kind not in _WITHOUT_A_NAME:
                    raise NotIdentified
            elif kind not in self._may[person.standing]:  # `may` for each kind of request, looked up beforehand
                raise PasswordExpired if person.must_change else NotAllowed
            if kind in _TOLD and self.state.sanctions:
                moderation.check_may_be_heard(self, session, request, now)
        effects = self.decisions[kind](self, session, request, now)
        if kind is Say and len(effects) == 1 and type(effects[0].records[0]) in UNAUDITED:  # type: ignore[operator, attr-defined]
            content = request.content  # type: ignore[attr-defined]
            cost = ROW + (len(content) if content.isascii() else len(content.encode("utf-8", "surrogatepass")))
            for quota in session.quotas:  # like `spend`, without a call
                quota.left -= cost
                if quota.left < 0:
                    settle(session.quotas, quota, cost, now)
                    break
            return effects  # the way of nearly every request
        wait = self._charge(session, request, effects, now)
        if wait:
            return [Pause(request, wait)]
        return [self._complete(each, session, now) if isinstance(each, Commit) else each for each in effects]

    def _charge(self, session: Session, request: Request, effects: list[Effect], now: float) -> float:
        """Count what is about to be stored; refuse it where a quota is used up.

        Return how long it has to wait, where an operator has changed so much before it.
        """
        records = [record for each in effects if isinstance(each, Commit) for record in each.records if record.stored]
        records += [each.entry for each in effects if isinstance(each, Perform) and each.entry is not None]
        if not records:
            return 0.0
        person, kind = session.person, type(request.origin)
        try:
            if person is not None and person.is_operator:
                spend(session.quotas, size(record for record in records if type(record) in UNAUDITED), now)
                wait = 0.0 if kind in _UNPACED else change_waits(self, person, now)
                if wait:
                    self.abandon(records)
                return wait
            if kind not in _COSTS_NOTHING:
                self._spend(session, records, now)
        except RateLimited:
            self.abandon(records)
            raise
        return 0.0

    def _spend(self, session: Session, records: list[Record], now: float) -> None:
        """Take what is about to be stored off the quotas of who stores it."""
        started = next((r for r in records if isinstance(r, SessionStarted)), None)
        if started is None or started.user_id is None:
            spend(session.quotas or self.quotas_of(session, now), size(records), now)
            return
        for quota in self.quotas.of_account(session, started.user_id, now):
            quota.left -= size(records)  # a login counts, the first one too, but nobody is kept from logging in by it

    def _complete(self, commit: Commit, session: Session, now: float) -> Commit:
        """Return a commit with its records signed, and the entries of the audit trail that belong to its changes."""
        entries = trail.entries(self, commit.records, session, now)
        if entries and not self.may(session.person, Permission.KEEP_ORDER):
            entries = tuple(kept for each in entries if (kept := self.trail_room.take(each, now)) is not None)
        records = commit.records if commit.session is None else signed(commit.records, commit.session)
        return msgspec.structs.replace(commit, records=(*records, *entries))

    def refused(self, session: Session, request: Request, error: ChatError, now: float) -> Audited | None:
        """Return what is kept of a refusal: administrative requests leave a trace even so, until they are too many."""
        if type(request) in INTERNAL_KINDS or session.person is None or not request.permission.is_administrative:
            return None
        return self.spared(trail.refused(session, request, error, now), now)

    def left_out(self, now: float) -> tuple[Audited, ...]:
        """Return entries that count what the trail was spared since this was last asked."""
        return (*self.trail_room.left_out(now), *self.refusals_room.left_out(now))

    def apply(self, record: Record) -> list[Effect]:
        """Make a committed record true; return who hears what."""
        return self.changes[type(record)](self, record)

    def abandon(self, records: Iterable[Record]) -> None:
        """Take back what was promised for records that were not committed."""
        for record in records:
            if isinstance(record, SessionStarted):
                self.state.promised.discard(name_key(record.name))
                self.state.arriving.pop(record.session_id, None)
            elif isinstance(record, UserAdded):
                self.state.promised -= record.name_keys


def signed(records: tuple[Record, ...], session: Session) -> tuple[Record, ...]:
    """Return the records with the session in which they were decided, and whose it is; a field that is set stays.

    Where the records let somebody in, they belong to the session that begins with them.
    """
    number, name = session.number, session.name
    if session.row is None:
        number, name = next(((r.session_id, r.name) for r in records if isinstance(r, SessionStarted)), (number, name))
    return tuple(
        msgspec.structs.replace(
            record,
            session_id=number if record.session_id is None else record.session_id,
            actor=record.actor or name or None,
        )
        for record in records
    )


CHANGES_AT_ONCE = 50  # entries of one kind in the trail, of an ordinary person: a class that moves to its channels
REFUSALS_AT_ONCE = 5
INTERNAL_KINDS = frozenset(INTERNAL)
_COSTS_NOTHING = INTERNAL_KINDS | {Password}  # what nobody has asked for, and what adds no row
_UNPACED = INTERNAL_KINDS - {Authenticate, Touched, Typed} | {Login}  # coming and going
UNAUDITED = frozenset({MessageAdded, PrivateMessageAdded})  # what a commit may begin with that changes nothing else
_TOLD = frozenset(k for k in (*WIRE, *CONSOLE) if k.told)
# By a first message one comes in as a guest.
_WITHOUT_A_NAME = frozenset(k for k in WIRE if k.permission is Permission.CONNECT or issubclass(k, Say))
