"""Answers about reports, and about the messages that are reported."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from classcord.chat.evidence.vocabulary import EvidenceOf, SanctionThatFollowed, StoredEvidence, TrailEntry
from classcord.chat.messages.vocabulary import PrivateMessageAdded, StoredById
from classcord.chat.names import name_key
from classcord.chat.reports.vocabulary import (
    AROUND,
    MessageAndAround,
    MessageInQuestion,
    ReportAndLines,
    ReportById,
    ReportClosed,
    ReportFiled,
    ReportLine,
    ReportsIn,
    StoredReport,
)
from classcord.chat.revisions.vocabulary import VersionsOf
from classcord.store.sqlite.answers.messages import stored_message, versions
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.statements import REPORTS

_FOREVER = 2**63 - 1
LOOKED_AT = 200  # the last messages of a place, among which somebody's newest one is looked for


@answers
def in_question(connection: sqlite3.Connection, question: MessageInQuestion) -> MessageAndAround | None:
    message_id = question.message_id if question.message_id is not None else _newest(connection, question)
    found = versions(connection, VersionsOf(message_id=message_id)) if message_id is not None else None
    if found is None:
        return None
    message = found.stored.message
    where: dict[str, object] = {"message_id": message.message_id, "limit": AROUND}
    if isinstance(message, PrivateMessageAdded):
        before, after = REPORTS.before_in_conversation.sql, REPORTS.after_in_conversation.sql
        where["conversation"] = message.conversation
    else:
        before, after = REPORTS.before_in_channel.sql, REPORTS.after_in_channel.sql
        where["channel_id"] = message.channel_id
    ids = [*(row[0] for row in connection.execute(before, where))][::-1]
    ids += [row[0] for row in connection.execute(after, where)]
    around = (stored_message(connection, StoredById(message_id=each)) for each in ids)
    return MessageAndAround(
        stored=found.stored, before=found.before, around=tuple(each for each in around if each is not None)
    )


def _newest(connection: sqlite3.Connection, question: MessageInQuestion) -> int | None:
    """Return the id of the newest message of a person in any of the places; None if there is none."""
    channel, conversation = REPORTS.authors_in_channel.sql, REPORTS.authors_in_conversation.sql
    places: list[tuple[str, dict[str, object]]] = [(channel, {"channel_id": each}) for each in question.channel_ids]
    if question.conversation is not None:
        places.append((conversation, {"conversation": question.conversation}))
    found = (_newest_of(connection.execute(sql, {**where, "limit": LOOKED_AT}), question) for sql, where in places)
    return max((each for each in found if each is not None), default=None)


def _newest_of(rows: Iterable[tuple[int, str, int | None]], question: MessageInQuestion) -> int | None:
    who = question.author.casefold()
    for message_id, author, author_id in rows:
        if author_id == question.author_id and (author_id is not None or author.casefold() == who):
            return message_id
    return None


@answers
def page(connection: sqlite3.Connection, question: ReportsIn) -> tuple[StoredReport, ...]:
    sql = REPORTS.closed_page.sql if question.closed else REPORTS.open_page.sql
    before = _FOREVER if question.before is None else question.before
    channels = None if question.channel_ids is None else msgspec.json.encode(question.channel_ids).decode()
    hidden = question.hidden
    where = {
        "before": before,
        "limit": question.limit,
        "channels": channels,
        "author": hidden.author,
        "author_ids": msgspec.json.encode(hidden.author_ids).decode(),
        "roles": msgspec.json.encode(hidden.roles).decode(),
        "moderators": msgspec.json.encode(hidden.moderators).decode(),
    }
    return tuple(map(_report, _rows(connection.execute(sql, where))))


@answers
def report(connection: sqlite3.Connection, question: ReportById) -> ReportAndLines | None:
    number = {"report_id": question.report_id}
    found = list(_rows(connection.execute(REPORTS.report.sql, number)))
    if not found:
        return None
    lines = _rows(connection.execute(REPORTS.lines.sql, number))
    kept = tuple(ReportLine(**{**line, "cut": bool(line["cut"])}) for line in lines)
    return ReportAndLines(stored=_report(found[0]), lines=kept)


@answers
def evidence(connection: sqlite3.Connection, question: EvidenceOf) -> StoredEvidence | None:
    found = report(connection, ReportById(report_id=question.report_id))
    if found is None:
        return None
    filed = found.stored.filed
    since = {"target": name_key(filed.author), "since": filed.at}
    sanctions = _rows(connection.execute(REPORTS.sanctions_since.sql, since))
    entries = _rows(connection.execute(REPORTS.trail_entries.sql, {"report_id": question.report_id}))
    return StoredEvidence(
        report=found,
        sanctions=tuple(SanctionThatFollowed(**row) for row in sanctions),
        entries=tuple(TrailEntry(**row) for row in entries),
    )


def _rows(cursor: sqlite3.Cursor) -> Iterator[dict[str, Any]]:
    """Yield rows as fields by the names of their columns."""
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def _report(row: dict[str, Any]) -> StoredReport:
    at, by, outcome, reason, told = (
        row.pop(name) for name in ("closed_at", "closed_by", "outcome", "closing_reason", "told")
    )
    filed = ReportFiled(**row)
    if at is None:
        return StoredReport(filed=filed)
    closed = ReportClosed(report_id=filed.report_id, at=at, by=by, outcome=outcome, reason=reason, told=bool(told))
    return StoredReport(filed=filed, closed=closed)
