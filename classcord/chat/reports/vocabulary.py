"""The words of reports. Decides nothing."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from classcord.chat.errors import BadRequest, Busy, Conflict, NotAllowed, NotFound, RateLimited
from classcord.chat.events import Answer, Event, MessageNumber, Ok, Row, Time, called, written_as
from classcord.chat.files.vocabulary import FileShown, StoredFile
from classcord.chat.frozen import Frozen
from classcord.chat.messages.vocabulary import Say, StoredMessage
from classcord.chat.questions import Found, Question
from classcord.chat.records import Record
from classcord.chat.requests import Group, MessageId, PageSize, PersonName, Reason, Request
from classcord.chat.revisions.vocabulary import EarlierText
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text

Category = Literal["insult", "harassment", "threat", "hate", "violence", "sexual", "privacy", "spam", "other"]
Outcome = Literal["acted", "unfounded", "duplicate"]
ReportNumber = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]

MOST_OPEN = 5_000  # reports: each is in memory
MOST_OPEN_OF_GUESTS = 1_000  # so that nobody without an account keeps those with one from reporting
MOST_OPEN_OF_ONE = 20
AROUND = 5  # lines before the message, and as many after it
MOST_CHARS = 100_000  # of one report: the message first, then what it said before, then the lines around it


class OwnMessage(NotAllowed):
    template = N_("You have written this message yourself; you can delete it.")


class AlreadyReported(Conflict):
    template = N_("You have reported this message already; it will be looked at.")


class TooManyReports(RateLimited):
    template = N_("{limit} reports of yours are still open; they will be looked at. Wait before you send another one.")


class TooManyOpen(Busy):
    template = N_("Too many reports wait at the moment; please speak to an adult who is responsible.")


class NothingToReport(NotFound):
    template = N_("There is no message of {name} that you can read here.")


class NoSuchReport(NotFound):
    """A report that one may not see does not exist either."""

    template = N_("There is no report {number} here.")


class AlreadyClosed(Conflict):
    template = N_("This report is closed.")


class WhichMessage(BadRequest):
    template = N_("Bad request: {why}")

    def __init__(self) -> None:
        super().__init__(field="message_id", why=Text(N_("either the number of a message or the name of a person")))


class Report(Request, tag="report"):
    confidential = True
    permission = Permission.READ
    summary = N_("show a message to moderators, with the lines around it")
    reads_store = True
    costs_quota = False  # it has limits of its own

    message_id: MessageId | None = None
    user: PersonName | None = None
    reason: Reason = ""
    category: Category | None = None


class Reports(Request, tag="reports"):
    confidential = True
    permission = Permission.HANDLE_REPORTS
    in_channel = True
    summary = N_("list the reports of messages that wait, or those that are closed")
    command = "reports"
    group = Group.KEEPING_ORDER
    examples = ("reports", "reports --closed")
    reads_store = True

    closed: bool = False
    before: MessageId | None = None
    limit: PageSize = 50


class ReportDetails(Request, tag="report_details"):
    confidential = True
    permission = Permission.HANDLE_REPORTS
    in_channel = True
    summary = N_("read a report: the message as it was, and the lines around it")
    command = "report"
    group = Group.KEEPING_ORDER
    arguments = ("report_id",)
    examples = ("report 12",)
    reads_store = True

    report_id: ReportNumber


class CloseReport(Request, tag="close_report"):
    confidential = True
    permission = Permission.HANDLE_REPORTS
    in_channel = True
    summary = N_("close a report; whoever has sent it is told the outcome")
    command = "close-report"
    group = Group.KEEPING_ORDER
    told = ("reason",)
    arguments = ("report_id", "outcome", "reason")
    examples = ("close-report 12 acted", "close-report 12 unfounded Une plaisanterie entre amis")

    report_id: ReportNumber
    outcome: Outcome
    reason: Reason = ""


class MessageInQuestion(Question):
    """Which message is meant, and what stands around it? The answer is a MessageAndAround, or None.

    It is the message `message_id`; without one, the newest message of a person in the given channels or in the
    conversation: of the account `author_id`, or of a guest called `author`.
    """

    message_id: int | None = None
    author: str = ""
    author_id: int | None = None
    channel_ids: tuple[int, ...] = ()
    conversation: str | None = None


class MessageAndAround(Frozen):
    """A message, what it said before (oldest first), and the lines before and after it, in their order."""

    stored: StoredMessage
    before: tuple[EarlierText, ...]
    around: tuple[StoredMessage, ...]


class ToReport(Found, tag="-to-report"):
    asked: Report
    found: MessageAndAround | None


class ToReportInText(Found, tag="-to-report-in-text"):
    """The same for `/report`, the command in the text of a message."""

    asked: Say
    found: MessageAndAround | None


class HiddenReports(Frozen):
    """Which reports a person does not see: by the account, the name or the role then of the author of the message.

    `moderators` are accounts in channels, as `channel:account`.
    """

    author_ids: tuple[int, ...] = ()
    author: str = ""
    roles: tuple[str, ...] = ()
    moderators: tuple[str, ...] = ()


class ReportsIn(Question):
    """Which reports are open, or closed? The answer is a tuple of StoredReport, newest first, all below `before`.

    With `channel_ids`, only those of messages of these channels. What `hidden` names is left out, so that a page is
    full if more reports follow.
    """

    closed: bool
    before: int | None
    limit: int
    channel_ids: tuple[int, ...] | None = None
    hidden: HiddenReports = HiddenReports()


class ReportById(Question):
    """What is stored of the report with this number? The answer is a ReportAndLines, or None."""

    report_id: int


class ToList(Found, tag="-to-list-reports"):
    asked: Reports
    found: tuple[StoredReport, ...]


class ToShow(Found, tag="-to-show-report"):
    asked: ReportDetails
    found: ReportAndLines | None


class ReportFiled(Record, kw_only=True):
    """Somebody reports a message; the lines are in records of their own.

    `reporter_key` is that of an account or a guest (see `reporter_key` in rules.py); `place` is the name of the channel
    then, or "" for a private message. `digest` is the SHA-256 of all that was copied (content.py).
    """

    refused_as = AlreadyReported

    report_id: int
    at: int
    message_id: int
    reporter: str
    reporter_key: str
    reporter_id: int | None = None
    author: str
    author_id: int | None = None
    author_role: str
    channel_id: int | None = None
    conversation: str | None = None
    place: str = ""
    category: str | None = None
    reason: str = ""
    digest: str


class ReportLine(Record, kw_only=True):
    """A copy of a message that belongs to a report of the same commit, so that no edit and no deletion takes it away.

    Lines are numbered by `place`. The message that is reported has one for each text that it has had, each with the
    time from which on it said so.
    """

    report_id: int
    place: int
    message_id: int
    at: int
    author: str
    author_id: int | None = None
    content: str
    cut: bool = False  # there was no room for all of it
    deleted_at: int | None = None
    deleted_by: str | None = None
    file_token: str | None = None
    file_name: str | None = None
    file_type: str | None = None
    file_size: int | None = None
    file_digest: str | None = None

    @property
    def file(self) -> StoredFile | None:
        """The file that the message carries."""
        if self.file_token is None:
            return None
        named = {name: getattr(self, f"file_{name}") for name in ("token", "name", "type", "size", "digest")}
        return StoredFile(**named)


class ReportClosed(Record, kw_only=True):
    """A report was looked at; `told` says that the person who sent it knows."""

    refused_as = AlreadyClosed

    report_id: int
    at: int
    by: str
    outcome: str
    reason: str = ""
    told: bool = False


class OutcomeTold(Record):
    """The person who sent a report hears its outcome."""

    may_find_nothing = True

    report_id: int
    at: int


class StoredReport(Frozen):
    """A report as it is stored, with its end if it is closed."""

    filed: ReportFiled
    closed: ReportClosed | None = None


class ReportAndLines(Frozen):
    """A report with its lines in their order."""

    stored: StoredReport
    lines: tuple[ReportLine, ...]


class Reported(Event, tag="reported", kw_only=True):
    """Somebody has reported a message, or a report was closed: for those who may decide about it."""

    report_id: int
    state: Annotated[str, written_as(enum=["open", "closed"])]
    author: str
    channel: str | None
    category: str | None
    timestamp: Time


class ReportStored(Answer, gc=True, kw_only=True):
    """The report is stored; `thanks` also says where there is help, `help_number` is its telephone number."""

    status: Ok = "ok"
    report_id: int
    thanks: Text
    help_number: str | None = None

    labels = called(report_id=N_("report"), thanks=N_("thanks"), help_number=N_("help"))


class ReportInfo(Row):
    """A report; `channel` is None if the message is private, `outcome` if the report is open.

    `reporter` is empty for whoever moderates a channel alone.
    """

    report_id: int
    at: Time
    author: str
    channel: str | None
    category: str | None
    reason: str
    reporter: str
    outcome: str | None = None

    labels = called(author=N_("author"), category=N_("about"), reporter=N_("reported by"), outcome=N_("outcome"))


class ReportsListed(Answer):
    """A page of reports, oldest first; those before it are found by `before`, the number of the first one."""

    reports: tuple[ReportInfo, ...]

    labels = called(reports=N_("reports"))


class ReportLineInfo(Row):
    """A line of a report as it was then; the message that was reported has the mark `reported`."""

    message_id: MessageNumber
    at: Time
    user: str
    content: str
    mark: str = ""
    deleted_by: str | None = None
    file: FileShown | None = None

    labels = called(mark=N_("mark"), deleted_by=N_("deleted by"))


class ReportShown(Answer, kw_only=True):
    """A report with its lines, oldest first."""

    report_id: int
    at: Time
    message_id: MessageNumber
    author: str
    author_role: str
    channel: str | None
    category: str | None
    reason: str
    reporter: str
    outcome: str | None = None
    closed_at: Time | None = None
    closed_by: str | None = None
    lines: tuple[ReportLineInfo, ...]

    labels = called(
        author_role=N_("role"),
        closed_at=N_("closed on"),
        closed_by=N_("closed by"),
        lines=N_("lines"),
    )
