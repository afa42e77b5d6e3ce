"""Connections without an account, by source: which of them is closed when the server is full.

A connection without an account costs the server as much as one with an account, and anybody can open any number of
them. So on a full server one of them is closed for the next connection, in this order:

1. If more than CLASS of them come from one source, one of the largest source: first its oldest silent connection (one
   that has no name yet), then its guest who has said nothing for the longest time.
2. The oldest silent connection (PROTOCOL.md, classic rule 3).
3. The guest of the largest source who has said nothing for the longest time.

By rule 1 an attacker who fills the server loses his own connections when he opens more; a pupil who has connected and
is typing a password does not. Knows sessions, no limit.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from classcord.chat.sources import source

if TYPE_CHECKING:
    from classcord.chat.people import Session

CLASS = 100  # connections without an account from one source: no class has so many pupils


class _Source:
    """The connections without an account from one source."""

    __slots__ = ("guests", "quiet", "silent")

    def __init__(self) -> None:
        self.silent: dict[Session, None] = {}  # the oldest first
        self.guests: dict[int, Session] = {}
        # a heap: when each guest was last heard, as known at that time, and its id
        self.quiet: list[tuple[float, int]] = []

    def __len__(self) -> int:
        return len(self.silent) + len(self.guests)

    def add_guest(self, session: Session) -> None:
        if session.id not in self.guests:
            self.guests[session.id] = session
            if len(self.quiet) > 2 * len(self.guests) + 16:  # most entries belong to guests who have left
                self.quiet = [(s.bucket.asked_at, s.id) for s in self.guests.values() if s is not session]
                heapify(self.quiet)
            heappush(self.quiet, (session.bucket.asked_at, session.id))

    def quietest(self) -> Session | None:
        """Return the guest who has asked nothing for the longest time."""
        while self.quiet:
            known, number = self.quiet[0]
            session = self.guests.get(number)
            if session is not None and session.bucket.asked_at == known:
                return session  # all other guests have asked later
            heappop(self.quiet)
            if session is not None:
                heappush(self.quiet, (session.bucket.asked_at, number))
        return None


class Strangers:
    """The sessions without an account. No operation looks at each of them."""

    def __init__(self) -> None:
        self._sources: dict[str, _Source] = {}
        self._silent: dict[Session, None] = {}  # of all sources, the oldest first
        self._by_size: dict[int, dict[str, None]] = {}  # the sources by the number of their connections
        self.exempt: Callable[[str], bool] = lambda _: False
        """Whether many people share an address: such a source is chosen only if there is no other."""

    def changed(self, session: Session) -> None:
        """Note the present state of a session: without a name, a guest, or with an account."""
        person = session.person
        if person is not None and (person.account is not None or person.is_operator):
            self.leave(session)
            return
        where = source(session.address)
        group = self._sources.setdefault(where, _Source())
        before = len(group)
        if person is None:
            group.guests.pop(session.id, None)
            group.silent[session] = self._silent[session] = None
        else:
            group.silent.pop(session, None)
            self._silent.pop(session, None)
            group.add_guest(session)
        self._resized(where, before, len(group))

    def leave(self, session: Session) -> None:
        """Forget a session: it has ended, or has an account now."""
        where = source(session.address)
        group = self._sources.get(where)
        self._silent.pop(session, None)
        if group is None:
            return
        before = len(group)
        group.silent.pop(session, None)
        group.guests.pop(session.id, None)
        if not len(group):
            del self._sources[where]
        self._resized(where, before, len(group))

    def _resized(self, where: str, before: int, after: int) -> None:
        if before == after:
            return
        if before:
            del self._by_size[before][where]
            if not self._by_size[before]:
                del self._by_size[before]
        if after:
            self._by_size.setdefault(after, {})[where] = None

    @property
    def silent(self) -> dict[Session, None]:
        """The sessions without a name, the oldest first."""
        return self._silent

    def who_goes(self) -> Session | None:
        """Return the session to close, or None if every session has an account."""
        group = self._largest()
        if group is not None and len(group) > CLASS:
            return next(iter(group.silent), None) or group.quietest()
        oldest = next(iter(self._silent), None)
        if oldest is not None:
            return oldest
        group = group or self._shared()
        return group.quietest() if group is not None else None

    def _largest(self) -> _Source | None:
        """Return the largest source that is not exempt."""
        for size in sorted(self._by_size, reverse=True):  # 10,000 connections have 140 sizes at the most
            for where in self._by_size[size]:
                if not self.exempt(where):
                    return self._sources[where]
        return None

    def _shared(self) -> _Source | None:
        if not self._by_size:
            return None
        return self._sources[next(iter(self._by_size[max(self._by_size)]))]
