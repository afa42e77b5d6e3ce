"""Entries of the audit trail that belong to no change. Knows no store: the store keeps the trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from classcord.chat.audit.trail import entry
from classcord.chat.audit.vocabulary import Audited
from classcord.chat.effects import Commit, Effect
from classcord.chat.registry import applies

if TYPE_CHECKING:
    from classcord.chat.events import Answer
    from classcord.chat.people import Session
    from classcord.chat.requests import Request
    from classcord.chat.world import World


def commit_entry(
    session: Session, action: str, request: Request, now: float, *, about: str = "", answer: Answer | None = None
) -> Commit:
    """Return the commit that stores who did this; with `answer` it also answers the request."""
    fields = {k: v for k, v in msgspec.structs.asdict(request).items() if k != "id" and v not in (None, "", ())}
    record = entry(session, now, (action, "server", about, None, fields))
    return Commit(session, (record,), request if answer else None, answer)


@applies
def audited(world: World, record: Audited) -> list[Effect]:
    return []  # the store keeps the trail
