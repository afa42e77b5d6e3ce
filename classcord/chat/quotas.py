"""Quotas: how much one account, the guests of one source, and one source in all may store in a day.

Counted are bytes on the disk: texts in UTF-8, and ROW for each row. Everybody may store a day's share at once, then as
much as comes back with time, so twice the share on the worst day. Kept in memory: after a restart everybody has a
whole share again. Knows no request.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Sequence
from math import inf
from typing import TYPE_CHECKING

import msgspec

from classcord.chat.errors import StoredTooMuch
from classcord.chat.limits import Quota
from classcord.chat.sources import is_own, source

if TYPE_CHECKING:
    from classcord.chat.people import Person, Session
    from classcord.chat.records import Record

ROW = 100  # bytes of a row beside its texts, with its entries in the indexes
SOURCE = 10  # shares of all guests and accounts of one source together
CROWD = 100  # shares of all guests together at one address that many people share
REMEMBERED = 100_000  # shares at most; the longest unused is forgotten first, and so is whole again


class Quotas:
    """All quotas, by their owners."""

    def __init__(self) -> None:
        self._bytes = 0
        self._quotas: OrderedDict[tuple[str, Hashable], Quota] = OrderedDict()

    def set_bytes(self, of_one: int) -> None:
        """Set how many bytes one account may store in a day; 0 is no limit. A new limit begins with whole shares."""
        if of_one != self._bytes:
            self._bytes = of_one
            for (kind, _), quota in self._quotas.items():
                quota.set_share(self._share(kind))

    def _share(self, kind: str) -> float:
        return self._bytes * _SHARES.get(kind, 1) or inf

    def _quota(self, kind: str, of: Hashable, now: float) -> Quota:
        quota = self._quotas.get((kind, of))
        if quota is None:
            quota = self._quotas[kind, of] = Quota(self._share(kind), now)
            if len(self._quotas) > REMEMBERED:
                self._quotas.popitem(last=False)
        self._quotas.move_to_end((kind, of))
        return quota

    def of(self, session: Session, now: float, *, shared: bool) -> tuple[Quota, ...]:
        """Return the quotas of a session; without a name it counts as a guest. `shared`: many people share its address.

        The machine itself has no quota: load tests run there. If many people share an address, only the records of
        guests are counted for the address, with a share for whole classes; each guest also has a share of their own.
        """
        if is_own(session.address):
            return ()
        account = session.person.account if session.person else None
        where = source(session.address)
        if shared:
            if account:
                return (self._quota("account", account.id, now),)
            return (self._quota("session", session.id, now), self._quota("crowd", where, now))
        own = self._quota("account", account.id, now) if account else self._quota("guests", where, now)
        return (own, self._quota("source", where, now))

    def of_operator(self, person: Person, now: float) -> tuple[Quota, ...]:
        """Return the quotas of an operator who writes; the operator at the machine has none."""
        return () if person.at_machine else (self._quota("operator", person.key, now),)

    def of_account(self, session: Session, user_id: int, now: float) -> tuple[Quota, ...]:
        """Return the quotas of a session that is about to belong to an account."""
        return () if is_own(session.address) else (self._quota("account", user_id, now),)


_SHARES = {"source": SOURCE, "operator": SOURCE, "crowd": CROWD}  # the others have one share


def spend(quotas: Sequence[Quota], cost: int, now: float) -> None:
    """Subtract `cost` bytes from each quota; if one of them is used up, refuse and subtract nothing."""
    for number, quota in enumerate(quotas):
        quota.left -= cost
        wait = quota.missing(now) if quota.left < 0 else 0.0
        if wait:
            for each in quotas[: number + 1]:
                each.left += cost
            raise StoredTooMuch(retry_after=round(wait, 3))


def settle(quotas: Sequence[Quota], short: Quota, cost: int, now: float) -> None:
    """Undo a subtraction from the quotas up to `short`, which seems to have too little; then `spend`."""
    for each in quotas[: quotas.index(short) + 1]:
        each.left += cost
    spend(quotas, cost, now)


def give_back(quotas: Sequence[Quota], content: str, rows: int) -> None:
    """Add to each quota what a message has cost, with its further records, because it was not stored."""
    for quota in quotas:
        quota.left += ROW * rows + len(content.encode("utf-8", "surrogatepass"))


def size(records: Iterable[Record]) -> int:
    """Return about how many bytes these records take on the disk."""
    stored = [record for record in records if record.stored]
    texts = (value for record in stored for value in msgspec.structs.astuple(record) if isinstance(value, str))
    return ROW * len(stored) + sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
