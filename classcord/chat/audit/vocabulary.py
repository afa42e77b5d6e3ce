"""The audit trail: what is refused, asked, stored and heard. Decides nothing."""

from __future__ import annotations

from typing import Annotated

import msgspec

from classcord.chat.events import Answer, Row
from classcord.chat.records import Record
from classcord.chat.requests import (
    Administration,
    Group,
    PersonName,
)
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class Audit(Administration, tag="audit"):
    permission = Permission.AUDIT
    summary = N_("read the audit trail, the latest entries last")
    command = "audit"
    group = Group.WATCHING
    arguments = ("limit",)
    examples = ("audit", "audit 200 --actor prof", "audit --action user-removed")
    reads_store = True

    limit: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 50
    actor: PersonName | None = None
    action: str | None = None


class Audited(Record):
    """An entry of the audit trail; the store numbers and chains it (store/trail.py).

    `before` and `after` are JSON; `actor_key` is the fingerprint of the key by which the actor came in.
    """

    at: int
    actor: str
    actor_address: str
    actor_key: str
    action: str
    object_type: str
    object_id: str
    before: str | None = None
    after: str | None = None


class AuditRow(Row):
    """One entry of the audit trail; what was erased is None."""

    id: int
    at: str
    actor: str | None
    actor_address: str | None
    action: str
    object_type: str
    object_id: str | None
    before: str | None
    after: str | None


class AuditRead(Answer):
    entries: tuple[AuditRow, ...]
