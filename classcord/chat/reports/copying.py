"""Which lines a report copies, and how much of them. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from classcord.chat.reports.vocabulary import MOST_CHARS, ReportLine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from classcord.chat.messages.vocabulary import StoredMessage
    from classcord.chat.reports.vocabulary import MessageAndAround


def lines_of(
    report_id: int, found: MessageAndAround, around: Sequence[StoredMessage], new_token: Callable[[], str]
) -> tuple[ReportLine, ...]:
    """Return the lines of a report in the order of their messages; what has no room is cut.

    A message that is deleted already has no text any more; what it said before is still stored, and is what counts.
    Each file gets another token, so that those who handle the report can open it after it was deleted.
    """
    message, details = found.stored.message, found.stored.details
    texts = [(each.at, each.content) for each in found.before]
    if details.deleted_at is None:
        texts.append((details.edited_at or message.at, message.content))
    own = [_copy(report_id, found.stored, at, content) for at, content in texts] or [
        _copy(report_id, found.stored, message.at, "")
    ]
    others = [_copy(report_id, each, each.message.at, each.message.content) for each in around]
    nearest = sorted(others, key=lambda line: abs(line.message_id - message.message_id))
    left, kept = MOST_CHARS, {}
    for line in (*reversed(own), *nearest):
        kept[id(line)] = _cut(line, left)
        left -= len(kept[id(line)].content)
    before = [line for line in others if line.message_id < message.message_id]
    after = [line for line in others if line.message_id > message.message_id]
    ordered = [kept[id(line)] for line in (*before, *own, *after)]
    return tuple(
        msgspec.structs.replace(line, place=place, file_token=new_token() if line.file_token is not None else None)
        for place, line in enumerate(ordered)
    )


def _copy(report_id: int, stored: StoredMessage, at: int, content: str) -> ReportLine:
    message, details = stored.message, stored.details
    file = message.file or details.file
    return ReportLine(
        report_id=report_id,
        place=0,
        message_id=message.message_id,
        at=at,
        author=message.author,
        author_id=message.author_id,
        content=content,
        deleted_at=details.deleted_at,
        deleted_by=details.deleted_by,
        file_token=file.token if file else None,
        file_name=file.name if file else None,
        file_type=file.type if file else None,
        file_size=file.size if file else None,
        file_digest=file.digest if file else None,
    )


def _cut(line: ReportLine, left: int) -> ReportLine:
    if len(line.content) <= left:
        return line
    return msgspec.structs.replace(line, content=line.content[:left], cut=True)
