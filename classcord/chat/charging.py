"""What a decision costs the person who asked for it: bytes of their quotas, and an operator's time.

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
    """Count what is about to be stored; refuse it where a quota is used up.

    Return the seconds that the request has to wait, where an operator has changed so much before it.
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
    """Take what is about to be stored off the quotas of the person who stores it."""
    started = next((r for r in records if isinstance(r, SessionStarted)), None)
    if started is None or started.user_id is None:
        spend(session.quotas or world.quotas_of(session, now), size(records), now)
        return
    for quota in world.quotas.of_account(session, started.user_id, now):
        quota.left -= size(records)  # a login counts, the first one too, but nobody is kept from logging in by it
