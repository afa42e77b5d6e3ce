"""The words of the audit trail. Decides nothing."""

from __future__ import annotations

from typing import Annotated

import msgspec

from classcord.chat.events import Answer, Payload, Row, Time, called
from classcord.chat.records import Record
from classcord.chat.requests import (
    Group,
    MessageId,
    PersonName,
    Request,
)
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class Audit(Request, tag="audit"):
    """The latest entries; `before`: only those with a lower number."""

    permission = Permission.AUDIT
    summary = N_("read the audit trail, the latest entries last")
    command = "audit"
    group = Group.WATCHING
    arguments = ("limit",)
    examples = ("audit", "audit 200 --actor prof", "audit --action user-removed")
    reads_store = True

    limit: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 50
    actor: PersonName | None = None
    action: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    before: MessageId | None = None


class Audited(Record):
    """An entry of the audit trail; the store gives it its number and chains it (store/sqlite/audit_chain.py).

    `before` and `after` are JSON; `actor_key` is the fingerprint of the key with which the actor logged in.
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
    """One entry of the audit trail; an erased value is None."""

    id: int
    at: Time
    actor: str | None
    actor_address: str | None
    action: str
    object_type: str
    object_id: str | None
    before: Payload | None
    after: Payload | None

    labels = called(
        id=N_("number"),
        actor=N_("who"),
        actor_address=N_("from"),
        action=N_("action"),
        object_type=N_("of"),
        object_id=N_("which"),
        before=N_("before"),
        after=N_("after"),
        code=N_("code"),
        value=N_("value"),
        left_out=N_("left out"),
        line=N_("line"),
        level=N_("level"),
        delay=N_("after seconds"),
        format=N_("format"),
        other=N_("and"),
        limit=N_("limit"),
        only=N_("only"),
    )


class AuditRead(Answer):
    entries: tuple[AuditRow, ...]
