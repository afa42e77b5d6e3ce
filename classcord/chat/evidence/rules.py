"""Decisions about the file of a report: what it proves, and by what that is checked later. Knows no store.

The SHA-256 of what was copied is in the audit trail since the report came in; the number and the hash of that entry are
a head of the trail's chain, which `classcord audit verify --head` looks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from classcord.chat.audit.trail import entry
from classcord.chat.effects import Commit, Effect, Find
from classcord.chat.errors import BadRequest
from classcord.chat.evidence.vocabulary import Evidence, EvidenceOf, EvidenceTold, ToProve
from classcord.chat.registry import decides
from classcord.chat.reports.content import content_of, digest_of
from classcord.chat.reports.handling import may_handle
from classcord.chat.reports.vocabulary import NoSuchReport
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.evidence.vocabulary import StoredEvidence
    from classcord.chat.people import Session
    from classcord.chat.world import World

FORM = "classcord-evidence-1"


@decides
def evidence(world: World, session: Session, request: Evidence, now: float) -> list[Effect]:
    if request.format != "json" and session not in world.state.operators:
        raise BadRequest(field="format", why=Text(N_("only the console writes PDF files; the answer here is JSON")))
    return [Find(request, EvidenceOf(report_id=request.report_id), ToProve)]


@decides
def evidence_found(world: World, session: Session, request: ToProve, now: float) -> list[Effect]:
    """Give the whole report to an owner, who may see it; the audit trail keeps who has taken it."""
    asked, found = request.asked, request.found
    if found is None or not may_handle(world, session.person, found.report.stored.filed):
        raise NoSuchReport(field="report_id", number=asked.report_id)
    filed, lines = found.report.stored.filed, found.report.lines
    content = content_of(filed, lines)
    chain = next((f"{each.id}:{each.hash}" for each in found.entries if each.action == "report-filed"), "")
    answer = EvidenceTold(
        report_id=filed.report_id,
        sha256=filed.digest,
        unchanged=digest_of(content) == filed.digest,
        names_erased=_has_erased_names(world, content),
        chain=chain,
        document={
            "form": FORM,
            "server": world.policy.name,
            "made_by": session.name,
            "made_at": rfc3339(int(now * 1000)),
            "content": content,
            "sha256": filed.digest,
            "chain": chain,
            "reported_at": rfc3339(filed.at),
            "lines_at": [rfc3339(line.at) for line in lines],
            **_what_followed(found),
        },
    )
    kept = entry(session, now, ("evidence", "report", asked.report_id, None, {"sha256": filed.digest}))
    return [Commit(session, (kept,), asked, answer)]


def _has_erased_names(world: World, content: dict[str, Any]) -> bool:
    """Whether somebody who was erased since stands in a report under another name (store/sqlite/erasing.py)."""
    shown = {each.shown for each in world.state.erased.values()}
    names = {content["author"], content["reporter"]}
    names.update(name for line in content["lines"] for name in (line["author"], line["deleted_by"]))
    return not shown.isdisjoint(names)


def _what_followed(found: StoredEvidence) -> dict[str, Any]:
    """Return how the report ended, which sanctions followed, and what the audit trail has of it."""
    closed = found.report.stored.closed
    outcome = None
    if closed is not None:
        outcome = {
            "outcome": closed.outcome,
            "reason": closed.reason,
            "closed_by": closed.by,
            "closed_at": rfc3339(closed.at),
        }
    return {
        "outcome": outcome,
        "sanctions": [
            {
                "kind": each.kind,
                "by": each.by,
                "at": rfc3339(each.at),
                "until": _time(each.until),
                "lifted_at": _time(each.lifted_at),
                "reason": each.reason,
            }
            for each in found.sanctions
        ],
        "trail": [
            {
                "head": f"{each.id}:{each.hash}",
                "at": rfc3339(each.at),
                "actor": each.actor,
                "action": each.action,
                "after": each.after,
            }
            for each in found.entries
        ],
    }


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)
