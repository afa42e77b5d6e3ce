"""The file of a report as a PDF: what was copied, its hash, how it is checked, and what followed. Knows no store.

The JSON file is what a program checks; this one is read and signed by people, and says by which hash the two agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from classcord.chat.text import N_, Text, Translate
from classcord.services.documents.pdf import Document

_ABOUT = {
    "report_id": N_("report"),
    "message_id": N_("message"),
    "reporter": N_("reported by"),
    "author": N_("author"),
    "author_role": N_("role"),
    "place": N_("channel"),
    "category": N_("about"),
    "reason": N_("reason"),
}
_FOLLOWED = {
    "outcome": N_("outcome"),
    "reason": N_("reason"),
    "closed_by": N_("closed by"),
    "closed_at": N_("closed on"),
}
_SANCTION = {
    "kind": N_("kind"),
    "by": N_("by"),
    "at": N_("time"),
    "until": N_("until"),
    "lifted_at": N_("lifted at"),
    "reason": N_("reason"),
}
_TRAIL = {"at": N_("time"), "actor": N_("who"), "action": N_("action"), "head": N_("in the audit trail")}
_TITLE = N_("Report {number}, on {server}")
_UNCHANGED = N_("What was copied is as it was on the day of the report: its SHA-256 is the one in the audit trail.")
_CHANGED = N_("What is stored is NOT what was copied on the day of the report: its SHA-256 is another one.")
_ERASED = N_(
    "People in it were erased since, and their names with them: so its SHA-256 is another one than on the day of the "
    "report, and shows nothing any more."
)
_DELETED = N_("deleted by")
_CHECK = N_("Check it with: classcord audit verify --head {chain}")


def evidence_pdf(document: Mapping[str, Any], when: Callable[[str], str], translate: Translate) -> bytes:
    """Return the file; PdfUnavailable without the library for it. `when` shows a time in the form of RFC 3339."""

    def say(template: str, **values: object) -> str:
        return Text(template, values).render(translate)

    def rows(names: Mapping[str, str], found: Sequence[Mapping[str, Any]]) -> list[list[str]]:
        header = [translate(label) for label in names.values()]
        return [header, *([_cell(name, each[name], when, translate) for name in names] for each in found)]

    content, outcome = document["content"], document["outcome"]
    title = say(_TITLE, number=content["report_id"], server=document["server"])
    paper = Document(title)
    paper.heading(title)
    paper.paragraph(f"{when(document['made_at'])} – {document['made_by']}")
    about = [[translate(label), _cell(name, content[name], when, translate)] for name, label in _ABOUT.items()]
    paper.table([[translate(N_("time")), when(document["reported_at"])], *about])
    paper.heading(translate(N_("What was copied")))
    for line, at in zip(content["lines"], document["lines_at"], strict=True):
        _line(paper, line, when(at), reported=line["message_id"] == content["message_id"], say=say)
    paper.heading(translate(N_("What followed")))
    if outcome is not None:
        paper.table(rows(_FOLLOWED, [outcome]))
    if document["sanctions"]:
        paper.table(rows(_SANCTION, document["sanctions"]))
    paper.heading(translate(N_("How it is checked")))
    changed = _ERASED if document["names_erased"] else _CHANGED
    paper.paragraph(translate(_UNCHANGED if document["unchanged"] else changed))
    paper.lines(f"SHA-256: {document['sha256']}\n{say(_CHECK, chain=document['chain'])}")
    paper.table(rows(_TRAIL, document["trail"]))
    return paper.as_bytes()


def _line(paper: Document, line: Mapping[str, Any], at: str, *, reported: bool, say: Callable[..., str]) -> None:
    """Add a line as it was copied; that of the message that was reported stands out.

    Only its words are indented: whatever its author writes, nothing of it looks like the beginning of another line.
    """
    paper.paragraph(f"{'▶ ' if reported else ''}{at}  {line['author']}  [{line['message_id']}]")
    words = line["content"]
    if line["cut"]:
        words = f"{words} […]"
    paper.quoted(words)
    if line["deleted_by"] is not None:
        paper.lines(f"({say(_DELETED)} {line['deleted_by']})")
    if line["file_name"] is not None:
        paper.lines(f"{line['file_name']} ({line['file_size']}), SHA-256 {line['file_digest']}")


def _cell(name: str, value: object, when: Callable[[str], str], translate: Translate) -> str:
    if value is None or value == "":
        return "–"
    if name in {"at", "until", "lifted_at", "closed_at"}:
        return when(str(value))
    return translate(str(value)) if name in {"outcome", "category", "author_role", "kind", "action"} else str(value)
