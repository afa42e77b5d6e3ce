"""Paces: how many logins of an account and changes of an operator may be stored, beside the quotas in bytes.

Kept in memory, like quotas: after a restart everybody begins anew. Knows no request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.errors import TooManyLogins
from classcord.chat.sources import is_own

if TYPE_CHECKING:
    from classcord.chat.people import Account, Person, Session
    from classcord.chat.world import World

HOUR = 3600.0  # seconds
LOGINS = 500  # of one account in an hour: enough for a class that shares one, on a bad network
CHANGES_AT_ONCE = 200  # of one operator, in all their sessions
CHANGES_A_SECOND = 2.0


def check_login(world: World, session: Session, account: Account, now: float) -> None:
    """Refuse a right password that was used too often; only people who know the password can use the limit up.

    Each login is a row of the table of sessions. No other limit of storage prevents a login.
    """
    if is_own(session.address):
        return
    wait = world.allowances.take(("logins of", account.id), now, most=LOGINS, seconds=HOUR)
    if wait:
        raise TooManyLogins(name=account.name, retry_after=round(wait, 3))


def change_waits(world: World, person: Person, now: float) -> float:
    """Return how many seconds an operator's next change must wait; 0.0 counts it. At the machine nobody waits."""
    if person.at_machine:
        return 0.0
    seconds = CHANGES_AT_ONCE / CHANGES_A_SECOND
    return world.allowances.take(("changes of", person.key), now, most=CHANGES_AT_ONCE, seconds=seconds)
