"""The hub: the only place that decides.

`decide` looks at the state and returns effects; `apply` changes the state by a committed record and returns who hears
what. `decide` itself only uses things up: rate tokens, ids of a sequence, names promised to guests, and marks on the
session that asks. Knows no clock, no socket and no SQL. The rules are in the folders of the subjects (subjects.py);
the hub knows none of them but the audit trail by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import msgspec

from classcord.chat import registry
from classcord.chat.audit import trail
from classcord.chat.audit.vocabulary import Audited
from classcord.chat.charging import charge
from classcord.chat.effects import Commit, Pause
from classcord.chat.errors import NotAllowed, NotIdentified, PasswordExpired, RateLimited
from classcord.chat.questions import Found
from classcord.chat.quotas import ROW, settle
from classcord.chat.records import Record
from classcord.chat.requests import Request, subclasses
from classcord.chat.roles import CONFINED, Permission, Role
from classcord.chat.subjects import CONSOLE, INTERNAL, WIRE
from classcord.chat.world import World

if TYPE_CHECKING:
    from classcord.chat.effects import Effect
    from classcord.chat.errors import ChatError
    from classcord.chat.limits import Quota
    from classcord.chat.people import Person, Session
    from classcord.chat.policy import Policy
    from classcord.chat.registry import Change, Decision
    from classcord.chat.state import LastIds


def _permitted_still(decision: Decision[Request]) -> Decision[Request]:
    """Return a decision about an answer of the store that first asks again for the right to what was asked.

    While the store was read, the person may have left, lost a role, or been muted.
    """

    def decided(world: World, session: Session, request: Request, now: float) -> list[Effect]:
        asked, person = request.origin, session.person
        if person is None:
            raise NotIdentified
        if not world.may(person, asked.permission):
            _check_may_in_channel(world, person, type(asked))
        if asked.told and (world.state.sanctions or world.state.lessons or world.holding):
            for guard in registry.guards:
                guard(world, session, asked, now)
        return decision(world, session, request, now)

    return decided


def _check_may_in_channel(world: World, person: Person, kind: type[Request]) -> None:
    """Refuse a request for which a person has no right, unless it may be about a channel that the person moderates."""
    if not (kind.in_channel and world.may_somewhere(person, kind.permission)):
        raise PasswordExpired if person.must_change else NotAllowed


def _decision(kind: type[Request]) -> Decision[Request]:
    found = registry.decision_of(kind)
    return _permitted_still(found) if issubclass(kind, Found) else found


@lru_cache(maxsize=100)  # each role's, with a few settings: they are the same for every hub
def _asked_with(granted: frozenset[Permission]) -> frozenset[type[Request]]:
    """Return the kinds of requests that these permissions are enough for."""
    return frozenset(kind for kind in (*WIRE, *CONSOLE) if kind.permission in granted)


class Hub(World):
    """One chat: its state, its policy, its decisions."""

    decisions: ClassVar[dict[type[Request], Decision[Request]]] = {
        alias: _decision(alias) for kind in registry.decisions for alias in (kind, *subclasses(kind))
    }
    """The decision about each request, with aliases."""
    changes: ClassVar[dict[type[Record], Change[Record]]] = registry.changes

    def __init__(self, policy: Policy, last: LastIds | None = None) -> None:
        """`last` are the highest ids ever given out."""
        super().__init__(policy, last)
        self.trail_room, self.refusals_room = trail.Room(CHANGES_AT_ONCE), trail.Room(REFUSALS_AT_ONCE)
        self.trail_entry = self.refusals_room.take

    def set_policy(self, policy: Policy) -> None:
        """Decide by a new policy from now on; sessions keep the rates with which they began."""
        super().set_policy(policy)
        self._may = tuple(_asked_with(self.permissions[standing]) for standing in (*Role, CONFINED))

    def restore(self, records: Iterable[Record]) -> None:
        """Apply records from the store or from another process; nobody hears of them.

        At a start the stored records are replayed. People of another process are here too, in sessions that write
        nothing (elsewhere.py). The ids in these records are never given out again.
        """
        self.replaying = True
        try:
            for record in records:
                registry.reserve(self, record)
                self.apply(record)
        finally:
            self.replaying = False

    def decide(self, session: Session, request: Request, now: float) -> list[Effect]:
        """Return the effects of `request` at `now`, in seconds since 1970; raise ChatError to refuse it."""
        kind = type(request)
        if kind not in INTERNAL_KINDS:
            if not session.bucket.take(now):
                raise RateLimited(retry_after=round(session.bucket.wait(), 3))
            person = session.person
            if person is None:
                if kind not in _WITHOUT_A_NAME:
                    raise NotIdentified
            elif kind not in self._may[person.standing]:  # `may`, computed beforehand for each kind of request
                _check_may_in_channel(self, person, kind)
            if kind in _TOLD and (self.state.sanctions or self.state.lessons or self.holding):
                for guard in registry.guards:
                    guard(self, session, request, now)
        effects = self.decisions[kind](self, session, request, now)
        first = effects[0] if len(effects) == 1 else None
        if kind in _MESSAGES and type(first) is Commit and first.records and first.records[0].is_message:
            content = request.content  # type: ignore[attr-defined]
            cost = ROW * len(first.records)
            cost += len(content) if content.isascii() else len(content.encode("utf-8", "surrogatepass"))
            for quota in session.quotas:  # the same as `spend`, without a call
                quota.left -= cost
                if quota.left < 0:
                    self._settle(session, first, quota, cost, now)
                    break
            return effects  # nearly every request ends here
        wait = charge(self, session, request, effects, now)
        if wait:
            return [Pause(request, wait)]
        return [self._complete(each, session, now) if isinstance(each, Commit) else each for each in effects]

    def _settle(self, session: Session, commit: Commit, short: Quota, cost: int, now: float) -> None:
        """Subtract what a message costs from quotas of which `short` seems to have too little; refuse the message."""
        try:
            settle(session.quotas, short, cost, now)
        except RateLimited:
            self.abandon(commit.records)
            raise

    def _complete(self, commit: Commit, session: Session, now: float) -> Commit:
        """Return a commit with its records signed, and with the entries of the audit trail for its changes."""
        entries = trail.entries(self, commit.records, session, now)
        if entries and not self.may(session.person, Permission.KEEP_ORDER):
            entries = tuple(kept for each in entries if (kept := self.trail_room.take(each, now)) is not None)
        records = commit.records if commit.session is None else signed(commit.records, commit.session)
        return msgspec.structs.replace(commit, records=(*records, *entries))

    def refused(self, session: Session, request: Request, error: ChatError, now: float) -> Audited | None:
        """Return the trail's entry of a refusal: refused administrative requests are kept, until they are too many."""
        if type(request) in INTERNAL_KINDS or session.person is None or not request.permission.is_administrative:
            return None
        return self.trail_entry(trail.refused(session, request, error, now), now)

    def left_out(self, now: float) -> tuple[Audited, ...]:
        """Return entries that count the entries left out of the trail since the last call."""
        return (*self.trail_room.left_out(now), *self.refusals_room.left_out(now))

    def due(self, now: float) -> tuple[Record, ...]:
        """Return the records of what happens by itself, because its time has come at `now`."""
        return tuple(record for ask in registry.clockwork for record in ask(self, now))

    def apply(self, record: Record) -> list[Effect]:
        """Change the state by a committed record; return who hears what."""
        return self.changes[type(record)](self, record)

    def abandon(self, records: Iterable[Record]) -> None:
        """Take back the promises made for records that were not committed."""
        registry.abandon(self, records)


def signed(records: tuple[Record, ...], session: Session) -> tuple[Record, ...]:
    """Return the records with the session in which they were decided, and its person; a field already set stays.

    If the records log a person in, they belong to the session that begins with them.
    """
    number, name = session.number, session.name
    if session.row is None:
        number, name = next((begun for r in records if (begun := r.begins) is not None), (number, name))
    return tuple(
        msgspec.structs.replace(
            record,
            session_id=number if record.session_id is None else record.session_id,
            actor=record.actor or name or None,
        )
        for record in records
    )


CHANGES_AT_ONCE = 50  # trail entries of one action and one ordinary person: a class that joins its channels
REFUSALS_AT_ONCE = 5
INTERNAL_KINDS = frozenset(INTERNAL)
_MESSAGES = frozenset(k for k in WIRE if "is_message" in vars(k))  # an alias takes the longer way
_TOLD = frozenset(k for k in (*WIRE, *CONSOLE) if k.told)
_WITHOUT_A_NAME = frozenset(k for k in WIRE if k.permission is Permission.CONNECT or k.asked_by_nobody)
