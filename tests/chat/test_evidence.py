"""The file of a report: who may take it, what is in it, and by what it is checked later."""

from __future__ import annotations

import msgspec
import pytest

from classcord.chat.effects import Find
from classcord.chat.errors import BadRequest, NotAllowed
from classcord.chat.evidence.vocabulary import (
    Evidence,
    EvidenceOf,
    EvidenceTold,
    SanctionThatFollowed,
    StoredEvidence,
    ToProve,
    TrailEntry,
)
from classcord.chat.reports.content import content_of, digest_of
from classcord.chat.reports.vocabulary import (
    NoSuchReport,
    ReportAndLines,
    ReportClosed,
    ReportFiled,
    ReportLine,
    StoredReport,
)
from classcord.chat.roles import Role
from tests.chat.hubs import NOON_MS, a_hub, add_account, decide, log_in, operates, refused, the_commit, trail_of

LINES = (ReportLine(report_id=1, place=0, message_id=7, at=NOON_MS, author="eve", content="aïe"),)


def stored(author: str = "eve", reason: str | None = None) -> StoredEvidence:
    filed = ReportFiled(
        report_id=1,
        at=NOON_MS,
        message_id=7,
        reporter="ann",
        reporter_key="9",
        author=author,
        author_role="guest" if author == "eve" else "owner",
        channel_id=1,
        place="#général",
        digest="",
    )
    filed = msgspec.structs.replace(filed, digest=digest_of(content_of(filed, LINES)))
    end = ReportClosed(report_id=1, at=NOON_MS, by="mod", outcome="acted", reason=reason or "")
    return StoredEvidence(
        report=ReportAndLines(stored=StoredReport(filed=filed, closed=end if reason else None), lines=LINES),
        sanctions=(
            SanctionThatFollowed(kind="mute", by="mod", at=NOON_MS, until=NOON_MS, lifted_at=None, reason="aïe"),
        ),
        entries=(
            TrailEntry(id=118, at=NOON_MS, actor="server", action="report-filed", after="{}", hash="ab"),
            TrailEntry(id=120, at=NOON_MS, actor="mod", action="report-closed", after="{}", hash="cd"),
        ),
    )


def test_an_owner_takes_it() -> None:
    """With the hash of what was copied, what followed, and the head of the trail; the trail keeps who has taken it."""
    hub = a_hub()
    owner, asked = operates(hub, "root", Role.OWNER), Evidence(report_id=1)
    assert decide(hub, owner, asked) == [Find(asked, EvidenceOf(report_id=1), ToProve)]
    effects = decide(hub, owner, ToProve(asked=asked, found=stored(reason="vu")))
    (entry,) = trail_of(effects)
    assert (entry.actor, entry.action, entry.object_id) == ("root", "evidence", "1")
    answer = the_commit(effects).answer
    assert isinstance(answer, EvidenceTold)
    assert answer.unchanged
    assert answer.chain == "118:ab"
    document = answer.document
    assert digest_of(document["content"]) == document["sha256"] == answer.sha256
    assert document["outcome"]["closed_by"] == "mod"
    assert [each["kind"] for each in document["sanctions"]] == ["mute"]
    assert [each["head"] for each in document["trail"]] == ["118:ab", "120:cd"]


def test_what_was_changed_is_seen() -> None:
    """A line that somebody has changed in the database has another hash."""
    hub = a_hub()
    found = stored()
    other = msgspec.structs.replace(LINES[0], content="merci")
    report = msgspec.structs.replace(found.report, lines=(other,))
    effects = decide(
        hub,
        operates(hub, "root", Role.OWNER),
        ToProve(asked=Evidence(report_id=1), found=msgspec.structs.replace(found, report=report, entries=())),
    )
    answer = the_commit(effects).answer
    assert isinstance(answer, EvidenceTold)
    assert not answer.unchanged
    assert answer.chain == ""
    assert answer.document["outcome"] is None


def test_a_client_of_the_protocol_is_not_given_a_pdf() -> None:
    """It is told so, instead of getting JSON that it did not ask for; the console writes the file."""
    hub = a_hub()
    add_account(hub, "chef", "owner")
    asked = Evidence(report_id=1, format="pdf")
    assert isinstance(refused(hub, log_in(hub, "chef"), asked), BadRequest)
    assert decide(hub, operates(hub, "root", Role.OWNER), asked) == [Find(asked, EvidenceOf(report_id=1), ToProve)]


def test_nobody_else() -> None:
    """Neither an administrator, nor the owner who was reported, nor of a report that there is not."""
    hub = a_hub()
    asked = Evidence(report_id=1)
    assert isinstance(refused(hub, operates(hub, "chef", Role.ADMIN), asked), NotAllowed)
    owner = operates(hub, "root", Role.OWNER)
    for found in (None, stored("root")):
        with pytest.raises(NoSuchReport):
            decide(hub, owner, ToProve(asked=asked, found=found))
