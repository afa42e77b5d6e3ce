"""Connections without an account, by the place they come from: which of them goes when there is no room left.

Whoever comes in without an account costs the server what a person costs, and anybody can do so any number of times. So
on a full server they make room, in this order:

1. Where more than CLASS of them come from one place, the largest such crowd: first its oldest silent connection (one
   that has not said who it is), then its guest who has said nothing for the longest time.
2. The oldest silent connection (PROTOCOL.md, classic rule 3).
3. The guest of the largest crowd who has said nothing for the longest time.

By 1 whoever fills the server displaces themselves when they connect once more, not the pupil who has connected and is
typing a password. Knows sessions, no limit.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

from classcord.chat.sources import source

if TYPE_CHECKING:
    from classcord.chat.people import Session

CLASS = 100  # connections without an account from one place: no class has so many pupils


class _Crowd:
    """The connections without an account that come from one place."""

    __slots__ = ("guests", "quiet", "silent")

    def __init__(self) -> None:
        self.silent: dict[Session, None] = {}  # the oldest first
        self.guests: dict[int, Session] = {}
        self.quiet: list[tuple[float, int]] = []  # a heap: when each guest was heard, as was known then, and its id

    def __len__(self) -> int:
        return len(self.silent) + len(self.guests)

    def add_guest(self, session: Session) -> None:
        if session.id not in self.guests:
            self.guests[session.id] = session
            if len(self.quiet) > 2 * len(self.guests) + 16:  # most of it is of those who have gone
                self.quiet = [(s.bucket.asked_at, s.id) for s in self.guests.values() if s is not session]
                heapify(self.quiet)
            heappush(self.quiet, (session.bucket.asked_at, session.id))

    def quietest(self) -> Session | None:
        """Return the guest who has asked nothing for the longest time."""
        while self.quiet:
            known, number = self.quiet[0]
            session = self.guests.get(number)
            if session is not None and session.bucket.asked_at == known:
                return session  # whoever stands behind has asked later, known or not
            heappop(self.quiet)
            if session is not None:
                heappush(self.quiet, (session.bucket.asked_at, number))
        return None


class Crowds:
    """Who is here without an account. No step looks at each of them."""

    def __init__(self) -> None:
        self._crowds: dict[str, _Crowd] = {}
        self._silent: dict[Session, None] = {}  # everywhere, the oldest first
        self._by_size: dict[int, dict[str, None]] = {}  # the places by how large their crowds are
        self.exempt: Callable[[str], bool] = lambda _: False
        """Whether many people share an address: what comes from there is no crowd, as long as there is another."""

    def changed(self, session: Session) -> None:
        """Take note of who a session is now: nobody yet, a guest, or the owner of an account."""
        person = session.person
        if person is not None and (person.account is not None or person.is_operator):
            self.leave(session)
            return
        where = source(session.address)
        crowd = self._crowds.setdefault(where, _Crowd())
        before = len(crowd)
        if person is None:
            crowd.guests.pop(session.id, None)
            crowd.silent[session] = self._silent[session] = None
        else:
            crowd.silent.pop(session, None)
            self._silent.pop(session, None)
            crowd.add_guest(session)
        self._resized(where, before, len(crowd))

    def leave(self, session: Session) -> None:
        """Forget a session: it has gone, or has an account now."""
        where = source(session.address)
        crowd = self._crowds.get(where)
        self._silent.pop(session, None)
        if crowd is None:
            return
        before = len(crowd)
        crowd.silent.pop(session, None)
        crowd.guests.pop(session.id, None)
        if not len(crowd):
            del self._crowds[where]
        self._resized(where, before, len(crowd))

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
        """The sessions that have not said who they are, the oldest first."""
        return self._silent

    def who_goes(self) -> Session | None:
        """Return who makes room, or None if everybody has an account."""
        crowd = self._largest_crowd()
        if crowd is not None and len(crowd) > CLASS:
            return next(iter(crowd.silent), None) or crowd.quietest()
        oldest = next(iter(self._silent), None)
        if oldest is not None:
            return oldest
        crowd = crowd or self._shared_crowd()
        return crowd.quietest() if crowd is not None else None

    def _largest_crowd(self) -> _Crowd | None:
        """Return the largest crowd that does not come from where many people are one address."""
        for size in sorted(self._by_size, reverse=True):  # 10,000 connections have 140 sizes at the most
            for where in self._by_size[size]:
                if not self.exempt(where):
                    return self._crowds[where]
        return None

    def _shared_crowd(self) -> _Crowd | None:
        if not self._by_size:
            return None
        return self._crowds[next(iter(self._by_size[max(self._by_size)]))]
