"""Refuses addresses that guess passwords, for a time. Knows addresses and names, no socket and no session.

The rule. It counts failed logins from one address (IPv6: one /64) in the last `within` seconds. A success removes only
the failures of its own name. `after` failures are too many for one person, but a classroom is one address too, so:

1. An address may fail `after` times for each of its people. Its people are: each account that has logged in from it in
   the last REMEMBERED seconds, and each open connection (BYSTANDERS at most) of a guest, or without a name, from which
   no login has failed: pupils who have connected and type later. The number of people is at least one, at most
   MOST_PEOPLE.
2. Beyond that limit, an address from which fewer than CLASSROOM accounts have logged in is *blocked* for `seconds`: it
   cannot connect, and its connections without a name are closed. Users and guests who are logged in stay.
3. A classroom is not blocked for what three of its pupils do. Beyond the limit it is *guarded* for `seconds`: everyone
   can connect, and names that have logged in from it before (or register from it now) are not affected. Any other
   name may fail GUESSES times more; then its passwords are no longer checked. So a user who logs in from there for the
   first time succeeds, unless an attacker is guessing the password of that very name.

An attacker who can register can make an address a classroom with accounts of his own; that gives him `after` *
MOST_PEOPLE failures, then GUESSES for each name. The pauses of LoginThrottle apply in any case. Known classrooms are
also in the database, and are loaded at a start (`remember`). A classroom is blocked like a single person only if no
account has ever logged in from it, and nobody is connected before the attack; `shared_addresses` prevents that.

The machine itself and shared addresses are exempt. Memory is bounded: the entry that was used longest ago is removed
first. Successes are stored apart from failures, so that a flood of failures removes no classroom.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from twisted.internet.interfaces import IReactorTime

from classcord.chat.names import LONGEST, name_key
from classcord.chat.sources import is_own, source
from classcord.services.security.security_events import (
    AddressBlocked,
    AddressUnblocked,
    AuthenticationFailed,
    Identified,
)

if TYPE_CHECKING:
    from classcord.services.security.security_events import SecurityEvent, SecurityEvents

CLASSROOM = 3  # accounts
MOST_PEOPLE = 50
BYSTANDERS = 10  # an attacker too can open silent connections, so their number is limited
REMEMBERED = 30 * 86_400.0  # seconds; a start learns it from the sessions that the store has
REMEMBERED_SESSIONS = 20_000  # sessions that are read at a start
ADDRESSES = 10_000  # limit for each of: addresses that failed, known addresses, blocked addresses
GUESSES = 3  # for each name that is unknown in a guarded classroom
NAMES = 2_000  # known accounts of one address; at this limit no more are added, so that none is displaced
ALL_NAMES = 200_000
FAILURES = 5_000  # remembered of one address: no limit is higher
ALL_FAILURES = 100_000
ALL_GUESSES = 100_000  # names guessed in guarded classrooms; beyond this, no password of another name is checked

Meant = Callable[[str], bool]
"""Whether an address is among the addresses concerned."""


class Block(NamedTuple):
    """A blocked address; if `guarded`, only guessed names that are unknown there are refused."""

    source: str  # an address, or the /64 network of one
    since: float  # seconds since 1970
    until: float
    failures: int
    guarded: bool


class _Failure(NamedTuple):
    at: float
    name: str  # its comparison key
    session: int | None


class BlockedAddresses:
    """The current blocks. It receives every login and every failure."""

    def __init__(
        self, security: SecurityEvents, clock: IReactorTime, bystanders: Callable[[Meant], Iterable[int]]
    ) -> None:
        """`bystanders` returns the sessions, from the addresses concerned, of guests or without a name, by number."""
        self._security = security
        self._clock = clock
        self._bystanders = bystanders
        self._failures: OrderedDict[str, deque[_Failure]] = OrderedDict()
        self._failure_count = 0
        self._known: OrderedDict[str, OrderedDict[str, float]] = OrderedDict()  # source -> account -> time of its login
        self._known_count = 0
        self._blocks: OrderedDict[str, Block] = OrderedDict()
        self._guesses: dict[str, dict[str, int]] = {}  # guarded source -> name -> failures since
        self._guess_count = 0
        self.closers: list[Callable[[Meant], None]] = []
        """Each closes the connections without a name from the addresses concerned."""
        self.set_rule(after=0, within=0, seconds=0, exempt=lambda _: False)
        security.subscribe(self.heard, Identified, AuthenticationFailed)

    def set_rule(self, *, after: int, within: float, seconds: float, exempt: Callable[[str], bool]) -> None:
        """Set how many failures are too many; a 0 anywhere switches blocking off.

        Addresses that are exempt now are unblocked.
        """
        self._after, self._within, self._seconds = after, within, seconds
        self._exempt = exempt
        on = bool(after and within and seconds)
        for block in list(self._blocks.values()):
            if not on or exempt(block.source.partition("/")[0]):
                self._lift(block, "the settings say so")

    # -- asked at a connection and at a login -------------------------------------------------------------------------

    def seconds_left(self, address: str, name: str | None = None) -> float:
        """Return for how many seconds an address may not connect; with `name`, may not log in under this name."""
        block = self._blocks.get(source(address)) if self._blocks else None
        if block is None:
            return 0.0
        if block.guarded and (name is None or self._may_try(block.source, _key(name))):
            return 0.0
        return max(0.0, round(block.until - self._clock.seconds(), 3))

    def _may_try(self, where: str, key: str) -> bool:
        """Whether a password for this name is checked in a guarded classroom."""
        if key in self._known.get(where, ()):
            return True
        guessed = self._guesses[where].get(key)
        return self._guess_count < ALL_GUESSES if guessed is None else guessed < GUESSES

    def now(self) -> tuple[Block, ...]:
        """Return the current blocks, the oldest first."""
        self.look()
        return tuple(self._blocks.values())

    def unblock(self, address: str) -> bool:
        """Remove the block of an address or of its network; return whether there was one."""
        self.look()
        found = self._blocks.get(source(address.strip()))
        if found is not None:
            self._lift(found, "an administrator wants it so")
        return found is not None

    def look(self) -> None:
        """Remove the blocks that have ended."""
        now = self._clock.seconds()
        # if the clock was set back, a block must not last longer
        over = [each for each in self._blocks.values() if not each.since <= now < each.until]
        for block in over:
            self._lift(block, "its time is up")

    # -- what has happened --------------------------------------------------------------------------------------------

    def remember(self, came_in: Iterable[tuple[str, str, int]]) -> None:
        """Load the logins from before the start: address, account, and time in milliseconds."""
        for address, name, at in came_in:
            if address:
                self._came_in(source(address), _key(name), at / 1000)

    def heard(self, happening: SecurityEvent) -> None:
        """Count a failure, remember a success."""
        if not happening.address:
            return
        if isinstance(happening, Identified):
            self._came_in(source(happening.address), _key(happening.name), happening.at)
        elif isinstance(happening, AuthenticationFailed) and self._after and self._within and self._seconds:
            where = source(happening.address)
            if where in self._guesses:
                self._guessed(where, _key(happening.name))
            elif not (where in self._blocks or is_own(happening.address) or self._exempt(happening.address)):
                self._failed(where, _Failure(happening.at, _key(happening.name), happening.session))

    def _came_in(self, where: str, key: str, now: float) -> None:
        names = self._known.setdefault(where, OrderedDict())
        self._known.move_to_end(where)
        self._forget_strangers(where, now)
        self._known_count += key not in names
        if key in names or len(names) < NAMES:
            names[key] = now
            names.move_to_end(key)
        else:
            self._known_count -= 1
        while len(self._known) > ADDRESSES or (self._known_count > ALL_NAMES and len(self._known) > 1):
            self._known_count -= len(self._known.popitem(last=False)[1])
        failures = self._failures.get(where)
        if failures is not None:
            self._set_failures(where, deque(each for each in failures if each.name != key))

    def _failed(self, where: str, failure: _Failure) -> None:
        failures = self._failures.get(where, deque())
        if failures and failures[-1].at > failure.at:  # the clock was set back
            self._set_failures(where, failures := deque())
        self._failures[where] = failures
        self._failures.move_to_end(where)
        failures.append(failure)
        self._failure_count += 1
        while failures[0].at <= failure.at - self._within or len(failures) > FAILURES:
            failures.popleft()
            self._failure_count -= 1
        while len(self._failures) > ADDRESSES or (self._failure_count > ALL_FAILURES and len(self._failures) > 1):
            self._failure_count -= len(self._failures.popitem(last=False)[1])
        if len(failures) >= self._bound(1):
            self._judge(where, failures, failure.at)

    def _guessed(self, where: str, key: str) -> None:
        guesses = self._guesses[where]
        if key in guesses or self._guess_count < ALL_GUESSES:
            self._guess_count += key not in guesses
            guesses[key] = guesses.get(key, 0) + 1

    def _judge(self, where: str, failures: deque[_Failure], now: float) -> None:
        """Block or guard an address if it has failed too often for the number of its people."""
        self._forget_strangers(where, now)
        accounts = len(self._known.get(where, ()))
        if len(failures) < self._bound(accounts):
            return
        guessing = {each.session for each in failures}
        quiet = (each for each in self._bystanders(lambda address: source(address) == where) if each not in guessing)
        if len(failures) < self._bound(accounts + sum(1 for _ in islice(quiet, BYSTANDERS))):
            return
        block = Block(where, now, now + self._seconds, len(failures), accounts >= CLASSROOM)
        self._set_failures(where, deque())
        self._blocks[where] = block
        if block.guarded:
            self._guesses[where] = {}
        if len(self._blocks) > ADDRESSES:
            self._lift(next(iter(self._blocks.values())), "too many are blocked")
        whom = "strangers to it are held up" if block.guarded else "it may not connect"
        reason = f"{block.failures} failed logins: {whom}, {self._seconds:g} s"
        self._security.tell(AddressBlocked(at=now, address=where, reason=reason))
        if not block.guarded:
            self._clock.callLater(0, self._close, where)  # so that the answer to the last attempt is sent first

    def _bound(self, people: int) -> int:
        """Return how often so many people may fail together."""
        return min(FAILURES, self._after * min(MOST_PEOPLE, max(1, people)))

    def _forget_strangers(self, where: str, now: float) -> None:
        """Forget the accounts that have not logged in from there for long."""
        names = self._known.get(where)
        while names and next(iter(names.values())) < now - REMEMBERED:
            names.popitem(last=False)
            self._known_count -= 1

    def _set_failures(self, where: str, failures: deque[_Failure]) -> None:
        self._failure_count += len(failures) - len(self._failures.pop(where, ()))
        if failures:
            self._failures[where] = failures

    def _close(self, where: str) -> None:
        for close in self.closers:
            close(lambda address: source(address) == where)

    def _lift(self, block: Block, why: str) -> None:
        del self._blocks[block.source]
        self._guess_count -= len(self._guesses.pop(block.source, ()))
        self._security.tell(AddressUnblocked(at=self._clock.seconds(), address=block.source, reason=why))


def _key(name: str) -> str:
    """Return the key by which a name is counted; a name that is too long for an account is cut, to limit memory."""
    return name_key(name)[: 2 * LONGEST]
