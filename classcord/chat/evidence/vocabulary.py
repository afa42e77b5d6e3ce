"""The words of evidence. Decides nothing."""

from __future__ import annotations

from typing import Any, Literal

from classcord.chat.events import Answer, called
from classcord.chat.frozen import Frozen
from classcord.chat.questions import Found, Question
from classcord.chat.reports.vocabulary import ReportAndLines, ReportNumber
from classcord.chat.requests import Group, Request
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class Evidence(Request, tag="evidence"):
    confidential = True
    permission = Permission.READ_PRIVATE
    summary = N_("write a report as a file that can be checked later by the audit trail, with what followed from it")
    command = "evidence"
    group = Group.WATCHING
    arguments = ("report_id",)
    examples = ("evidence 12", "evidence 12 --format pdf")
    reads_store = True

    report_id: ReportNumber
    format: Literal["json", "pdf"] = "json"


class EvidenceOf(Question):
    """What is there to prove a report by? The answer is a StoredEvidence, or None if there is no such report."""

    report_id: int


class TrailEntry(Frozen):
    """An entry of the audit trail about a report; with its number, `hash` is a head of the chain."""

    id: int
    at: int
    actor: str | None
    action: str
    after: str | None
    hash: str


class SanctionThatFollowed(Frozen):
    """A sanction of the author of a reported message, imposed after the report."""

    kind: str
    by: str
    at: int
    until: int | None
    lifted_at: int | None
    reason: str


class StoredEvidence(Frozen):
    """A report, what followed from it, and what the audit trail says of it."""

    report: ReportAndLines
    sanctions: tuple[SanctionThatFollowed, ...]
    entries: tuple[TrailEntry, ...]


class ToProve(Found, tag="-to-prove"):
    asked: Evidence
    found: StoredEvidence | None


class EvidenceTold(Answer, kw_only=True, gc=True):
    """The file of a report: what was copied, its SHA-256, what followed, and where the audit trail has it.

    `names_erased`: people in it were erased since, so it is not `unchanged`, and the SHA-256 shows nothing any more.
    """

    report_id: int
    sha256: str
    unchanged: bool
    names_erased: bool
    chain: str
    document: dict[str, Any]

    labels = called(
        sha256=N_("SHA-256"),
        unchanged=N_("as it was copied"),
        names_erased=N_("names erased since"),
        chain=N_("in the audit trail"),
        document=N_("document"),
    )
