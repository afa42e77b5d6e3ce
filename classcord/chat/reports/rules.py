"""Decisions about reports: who reports which message, who may see a report, and how it ends. Knows no store.

The audit trail has each report with the SHA-256 of what was copied, but not who has sent it: an administrator who reads
the trail may be the one who was reported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from classcord.chat.audit.rules import commit_entry
from classcord.chat.audit.trail import entry
from classcord.chat.effects import Commit, Deliver, Effect, Find, Reply
from classcord.chat.errors import RateLimited
from classcord.chat.events import Done
from classcord.chat.files.attaching import shown
from classcord.chat.messages.audiences import place_of
from classcord.chat.messages.readers import may_read
from classcord.chat.messages.vocabulary import NoSuchMessage, PrivateMessageAdded
from classcord.chat.names import conversation, converses, name_key
from classcord.chat.reasons import checked_reason
from classcord.chat.registry import applies, audits, decides, reserves
from classcord.chat.reports.content import content_of, digest_of
from classcord.chat.reports.copying import lines_of
from classcord.chat.reports.handling import hidden_from, is_public, learns_reporter, may_handle
from classcord.chat.reports.telling import line_for_staff, outcome, thanks, told_to_handlers
from classcord.chat.reports.vocabulary import (
    MOST_OPEN,
    MOST_OPEN_OF_GUESTS,
    MOST_OPEN_OF_ONE,
    AlreadyReported,
    CloseReport,
    MessageInQuestion,
    NoSuchReport,
    NothingToReport,
    OutcomeTold,
    OwnMessage,
    Report,
    ReportById,
    ReportClosed,
    ReportDetails,
    ReportFiled,
    ReportInfo,
    ReportLine,
    ReportLineInfo,
    Reports,
    ReportShown,
    ReportsIn,
    ReportsListed,
    ReportStored,
    ToList,
    TooManyOpen,
    TooManyReports,
    ToReport,
    ToShow,
    WhichMessage,
)
from classcord.chat.revisions.rules import is_author
from classcord.chat.roles import Permission, Role
from classcord.chat.sources import source
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.messages.vocabulary import Details, Message
    from classcord.chat.people import Person, Session
    from classcord.chat.registry import What
    from classcord.chat.reports.vocabulary import MessageAndAround, ReportAndLines, StoredReport
    from classcord.chat.world import World

HOUR = 3600.0
MOST_AN_HOUR = 10  # reports of one person
MOST_FROM_ONE_PLACE = 30  # reports an hour of guests from one address
MOST_FROM_MANY = 300  # the same for an address that many share
LONGEST_PAGE = 200
_PLACES = 100  # channels in which the newest message of a person is looked for


@decides
def report(world: World, session: Session, request: Report, now: float) -> list[Effect]:
    return [Find(request, in_question(world, session, request, now), ToReport)]


def in_question(world: World, session: Session, request: Report, now: float) -> MessageInQuestion:
    """Return the question to the store for the message that is reported."""
    person = session.person
    assert person is not None
    checked_reason(request.reason)
    if (request.message_id is None) is (request.user is None):
        raise WhichMessage
    _check_pace(world, session, person, now)
    if request.user is None:
        return MessageInQuestion(message_id=request.message_id)
    account, guest = world.state.account(request.user), world.state.person(request.user)
    other = account.id if account is not None else name_key(request.user)
    name = account.name if account is not None else guest.name if guest is not None else request.user
    channels = [channel.id for channel in world.state.listens_to(person)]
    return MessageInQuestion(
        author=name,
        author_id=account.id if account is not None else None,
        channel_ids=tuple(channels[:_PLACES]),
        conversation=conversation(person.conversing_as, other),
    )


def _check_pace(world: World, session: Session, person: Person, now: float) -> None:
    """Refuse reports that come too fast, from one person or from the guests of one place."""
    allowances = world.allowances
    wait = allowances.take(("reports of", reporter_key(person)), now, most=MOST_AN_HOUR, seconds=HOUR)
    if not wait and person.account is None:
        where = source(session.address)
        most = MOST_FROM_MANY if world.shares_address(session.address) else MOST_FROM_ONE_PLACE
        wait = allowances.take(("reports from", where), now, most=most, seconds=HOUR)
    if wait:
        raise RateLimited(retry_after=round(wait, 3))


def reporter_key(person: Person) -> str:
    """Return the key by which a person's reports are counted: the account's id, or a guest's name."""
    return str(person.account.id) if person.account is not None else f"~{person.key}"


@decides
def report_found(world: World, session: Session, request: ToReport, now: float) -> list[Effect]:
    return filed(world, session, request.asked, request.found, now)


def filed(world: World, session: Session, asked: Report, found: MessageAndAround | None, now: float) -> list[Effect]:
    """Store a report of the message that was found, with copies of the lines around it."""
    person = session.person
    assert person is not None
    if found is None or not _may_report(world, person, found.stored.message):
        if asked.user is not None:
            raise NothingToReport(field="user", name=asked.user)
        raise NoSuchMessage(field="message_id", number=asked.message_id)
    message, details = found.stored.message, found.stored.details
    if is_author(person, message, details):
        raise OwnMessage
    key = reporter_key(person)
    _check_room(world, key, person, message.message_id)
    number = world.state.report_ids.next()
    around = [each for each in found.around if _may_report(world, person, each.message)]
    lines = lines_of(number, found, around, world.new_secret or _no_secret)
    channel_id, conversation_key = place_of(message)
    copy = ReportFiled(
        report_id=number,
        at=int(now * 1000),
        message_id=message.message_id,
        reporter=person.name,
        reporter_key=key,
        reporter_id=person.account.id if person.account is not None else None,
        author=message.author,
        author_id=message.author_id,
        author_role=_role(world, message, details).label,
        channel_id=channel_id,
        conversation=conversation_key,
        place="" if channel_id is None else world.state.channel_name(channel_id),
        category=asked.category,
        reason=checked_reason(asked.reason),
        digest="",
    )
    digest = digest_of(content_of(copy, lines))
    copy = msgspec.structs.replace(copy, digest=digest)
    kept = entry(None, now, ("report-filed", "report", number, None, {"sha256": digest}))
    answer = ReportStored(report_id=number, thanks=thanks(world), help_number=world.policy.help_number or None)
    return [Commit(session, (copy, *lines, kept, *line_for_staff(world, copy)), asked, answer)]


def _may_report(world: World, person: Person, message: Message) -> bool:
    """Whether a person may read a message; a guest, too, what was written to them since they came."""
    if may_read(world, person, message):
        return True
    if not isinstance(message, PrivateMessageAdded) or person.account is not None:
        return False
    return converses(person.key, message.conversation) and message.message_id > person.came_after


def _check_room(world: World, key: str, person: Person, message_id: int) -> None:
    """Refuse a second report of a message by one person, and a report where too many wait."""
    reports = world.state.reports
    own = reports.of(key)
    if any(each.message_id == message_id for each in own):
        raise AlreadyReported
    if len(own) >= MOST_OPEN_OF_ONE:
        raise TooManyReports(limit=MOST_OPEN_OF_ONE)
    if len(reports) >= MOST_OPEN or (person.account is None and reports.of_guests() >= MOST_OPEN_OF_GUESTS):
        raise TooManyOpen


def _role(world: World, message: Message, details: Details) -> Role:
    """Return the role of a message's author: the account's role now, or the role of an operator's key."""
    account = world.state.accounts_by_id.get(message.author_id) if message.author_id is not None else None
    if account is not None:
        return account.role
    return Role.of(details.author_role) if details.author_role is not None else Role.GUEST


def _no_secret() -> str:
    raise AssertionError("a server gives each file a token, so it can make one")


@reserves
def _report_id_is_given_out(world: World, record: ReportFiled) -> None:
    world.state.report_ids.pass_over(record.report_id)


@applies
def report_filed(world: World, record: ReportFiled) -> list[Effect]:
    world.state.reports.add(record)
    return told_to_handlers(world, record, "open", record.at)


@applies
def line_copied(world: World, record: ReportLine) -> list[Effect]:
    return []  # the store alone has the lines


# -- those who handle reports -----------------------------------------------------------------------------------------


@decides
def reports(world: World, session: Session, request: Reports, now: float) -> list[Effect]:
    person, channels = session.person, None
    assert person is not None
    if not world.may(person, Permission.HANDLE_REPORTS):
        channels = tuple(sorted(person.account.moderates)) if person.account is not None else ()
    limit = min(request.limit, LONGEST_PAGE)
    question = ReportsIn(
        closed=request.closed,
        before=request.before,
        limit=limit,
        channel_ids=channels,
        hidden=hidden_from(world, person),
    )
    return [Find(request, question, ToList)]


@decides
def reports_found(world: World, session: Session, request: ToList, now: float) -> list[Effect]:
    mine = (each for each in request.found if may_handle(world, session.person, each.filed))
    named = learns_reporter(world, session.person)
    rows = tuple(_info(each, reporter=each.filed.reporter if named else "") for each in mine)
    return [Reply(request.asked, ReportsListed(reports=rows[::-1]))]


def _info(stored: StoredReport, reporter: str) -> ReportInfo:
    filed, closed = stored.filed, stored.closed
    return ReportInfo(
        report_id=filed.report_id,
        at=rfc3339(filed.at),
        author=filed.author,
        channel=filed.place or None,
        category=filed.category,
        reason=filed.reason,
        reporter=reporter,
        outcome=closed.outcome if closed is not None else None,
    )


@decides
def report_details(world: World, session: Session, request: ReportDetails, now: float) -> list[Effect]:
    return [Find(request, ReportById(report_id=request.report_id), ToShow)]


@decides
def report_read(world: World, session: Session, request: ToShow, now: float) -> list[Effect]:
    """Show a report; unless everybody may read where it was written, the audit trail keeps who has read it."""
    asked, found = request.asked, request.found
    if found is None or not may_handle(world, session.person, found.stored.filed):
        raise NoSuchReport(field="report_id", number=asked.report_id)
    named = learns_reporter(world, session.person)
    answer = _shown(world, found, reporter=found.stored.filed.reporter if named else "")
    if is_public(world, found.stored.filed):
        return [Reply(asked, answer)]
    return [commit_entry(session, "read-report", asked, now, about=str(asked.report_id), answer=answer)]


def _shown(world: World, found: ReportAndLines, reporter: str) -> ReportShown:
    filed, closed = found.stored.filed, found.stored.closed
    lines = tuple(
        ReportLineInfo(
            message_id=line.message_id,
            at=rfc3339(line.at),
            user=line.author,
            content=line.content,
            mark="reported" if line.message_id == filed.message_id else "",
            deleted_by=line.deleted_by,
            file=shown(world, line.file) if line.file is not None else None,
        )
        for line in found.lines
    )
    return ReportShown(
        report_id=filed.report_id,
        at=rfc3339(filed.at),
        message_id=filed.message_id,
        author=filed.author,
        author_role=filed.author_role,
        channel=filed.place or None,
        category=filed.category,
        reason=filed.reason,
        reporter=reporter,
        outcome=closed.outcome if closed is not None else None,
        closed_at=rfc3339(closed.at) if closed is not None else None,
        closed_by=closed.by if closed is not None else None,
        lines=lines,
    )


@decides
def close_report(world: World, session: Session, request: CloseReport, now: float) -> list[Effect]:
    """Close an open report; NotFound if this person may not see it."""
    reason = checked_reason(request.reason)
    filed = world.state.reports.get(request.report_id)
    if filed is None or not may_handle(world, session.person, filed):
        raise NoSuchReport(field="report_id", number=request.report_id)
    record = ReportClosed(
        report_id=request.report_id,
        at=int(now * 1000),
        by=session.name,
        outcome=request.outcome,
        reason=reason,
    )
    return [Commit(session, (record,), request, Done())]


@applies
def report_closed(world: World, record: ReportClosed) -> list[Effect]:
    filed = world.state.reports.close(record)
    if filed is None:  # it is loaded at a start, for its sender does not know it yet
        return []
    effects = told_to_handlers(world, filed, "closed", record.at, world.session_of(record))
    account = world.state.accounts_by_id.get(filed.reporter_id) if filed.reporter_id is not None else None
    if account is None:
        session = world.session_of(filed)  # a guest, if still here
        person = session.person if session is not None else None
        if session is None or person is None or filed.reporter_key != f"~{person.key}":
            return effects
        return [*effects, Deliver(outcome(filed, record), (session,))]
    reader = world.state.addressee(account.key)
    if reader is None or reader.account is not account:
        return effects
    told = Commit(None, (OutcomeTold(report_id=record.report_id, at=record.at),))
    return [*effects, Deliver(outcome(filed, record), tuple(reader.sessions)), told]


@audits
def _audited_report_closed(world: World, record: ReportClosed) -> What:
    after = {"outcome": record.outcome} | ({"reason": record.reason} if record.reason else {})
    return "report-closed", "report", record.report_id, None, after


@applies
def outcome_told(world: World, record: OutcomeTold) -> list[Effect]:
    """Forget that the sender is to be told; a newcomer is told now."""
    found, session = world.state.reports.told(record.report_id), world.session_of(record)
    if found is None or session is None:
        return []
    return [Deliver(outcome(*found), (session,))]
