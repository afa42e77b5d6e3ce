"""The cost of a decision for the person who asked: bytes of their quotas, or a wait for an operator.

Knows quotas and paces, and no socket.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.effects import Commit, Perform
from classcord.chat.errors import RateLimited
from classcord.chat.identity.vocabulary import SessionStarted
from classcord.chat.paces import change_waits
from classcord.chat.quotas import size, spend
from classcord.chat.registry import abandon

if TYPE_CHECKING:
    from classcord.chat.effects import Effect
    from classcord.chat.people import Session
    from classcord.chat.records import Record
    from classcord.chat.requests import Request
    from classcord.chat.world import World


def charge(world: World, session: Session, request: Request, effects: list[Effect], now: float) -> float:
    """Count the records about to be stored; refuse them if a quota is used up.

    Return the seconds that the request must wait because the operator has changed too much before it.
    """
    records = [record for each in effects if isinstance(each, Commit) for record in each.records if record.stored]
    records += [each.entry for each in effects if isinstance(each, Perform) and each.entry is not None]
    if not records:
        return 0.0
    person, asked = session.person, request.origin
    try:
        if person is not None and person.is_operator:
            spend(session.quotas, size(record for record in records if record.is_message), now)
            wait = change_waits(world, person, now) if asked.is_paced else 0.0
            if wait:
                abandon(world, records)
            return wait
        if asked.costs_quota:
            _spend(world, session, records, now)
    except RateLimited:
        abandon(world, records)
        raise
    return 0.0


def _spend(world: World, session: Session, records: list[Record], now: float) -> None:
    """Subtract the records about to be stored from the quotas of the person who stores them."""
    started = next((r for r in records if isinstance(r, SessionStarted)), None)
    if started is None or started.user_id is None:
        spend(session.quotas or world.quotas_of(session, now), size(records), now)
        return
    for quota in world.quotas.of_account(session, started.user_id, now):
        quota.left -= size(records)  # a login counts, the first one too, but an empty quota prevents no login
