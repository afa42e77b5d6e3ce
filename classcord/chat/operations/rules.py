"""Operations that administrators request: what the audit trail keeps of them. The service performs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from classcord.chat.audit.rules import commit_entry
from classcord.chat.audit.vocabulary import Audit, Audited
from classcord.chat.effects import Effect, Perform, TellSecurity
from classcord.chat.finding import most_rows
from classcord.chat.operations.vocabulary import (
    Backup,
    Blocks,
    CancelShutdown,
    LogLevel,
    Reload,
    Restart,
    Sessions,
    Shutdown,
    Stats,
    TestMail,
    Unblock,
    Version,
)
from classcord.chat.reasons import checked_reason
from classcord.chat.registry import decides

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.world import World


@decides
def perform(
    world: World, session: Session, request: Sessions | Audit | Stats | Version | Blocks, now: float
) -> list[Effect]:
    """Let the service perform the request; a request that only reads is not kept."""
    if isinstance(request, (Sessions, Audit)) and request.limit != (most := most_rows(session, request.limit)):
        request = msgspec.structs.replace(request, limit=most)
    return [Perform(request)]


@decides
def perform_noted(
    world: World,
    session: Session,
    request: Unblock | LogLevel | Reload | TestMail | Backup | Shutdown | Restart | CancelShutdown,
    now: float,
) -> list[Effect]:
    """Let the service perform the request, and store who asked: before it, if it takes time and may be interrupted."""
    if isinstance(request, Shutdown):  # everyone is told the reason
        checked_reason(request.reason)
    noted = commit_entry(session, request.wire_name, request, now)
    if isinstance(request, (Backup, TestMail)):
        return [noted, TellSecurity(request.wire_name), Perform(request)]
    [record] = noted.records
    assert isinstance(record, Audited)
    return [Perform(request, record)]
