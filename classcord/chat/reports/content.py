"""What a report holds, in one form whose SHA-256 the audit trail keeps: it shows later that nothing was changed.

The form is JSON with sorted keys, without spaces, in UTF-8. Knows no store.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from classcord.chat.records import Record
    from classcord.chat.reports.vocabulary import ReportFiled, ReportLine

_OF_REPORT = (
    "report_id",
    "at",
    "message_id",
    "reporter",
    "author",
    "author_role",
    "place",
    "category",
    "reason",
)
_OF_LINE = (
    "message_id",
    "at",
    "author",
    "content",
    "cut",
    "deleted_at",
    "deleted_by",
    "file_name",
    "file_type",
    "file_size",
    "file_digest",
)


def content_of(report: ReportFiled, lines: Iterable[ReportLine]) -> dict[str, Any]:
    """Return all that was copied; times are milliseconds since 1970 in UTC."""
    return {**_fields(report, _OF_REPORT), "lines": [_fields(line, _OF_LINE) for line in lines]}


def digest_of(content: object) -> str:
    """Return the SHA-256 of a content, in hexadecimal."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _fields(record: Record, names: tuple[str, ...]) -> dict[str, Any]:
    found = msgspec.structs.asdict(record)
    return {name: found[name] for name in names}
