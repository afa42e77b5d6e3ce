"""Who reports which message, what is copied, who may look at a report and close it, and what its sender hears."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from classcord.chat.channels.channel import Kind
from classcord.chat.channels.vocabulary import Join
from classcord.chat.effects import Effect, Find, Reply
from classcord.chat.errors import BadRequest, ChatError, NotAllowed, NotFound, RateLimited
from classcord.chat.events import Notice
from classcord.chat.files.vocabulary import StoredFile
from classcord.chat.hub import Hub
from classcord.chat.messages.vocabulary import (
    NO_DETAILS,
    Details,
    HandOver,
    Message,
    MessageAdded,
    NoSuchMessage,
    PrivateMessageAdded,
    Said,
    Say,
    StoredMessage,
)
from classcord.chat.people import Session
from classcord.chat.reports.content import content_of, digest_of
from classcord.chat.reports.handling import may_handle
from classcord.chat.reports.rules import MOST_AN_HOUR, MOST_FROM_ONE_PLACE
from classcord.chat.reports.vocabulary import (
    MOST_CHARS,
    AlreadyReported,
    CloseReport,
    HiddenReports,
    MessageAndAround,
    MessageInQuestion,
    NoSuchReport,
    NothingToReport,
    OutcomeTold,
    OwnMessage,
    Report,
    ReportAndLines,
    ReportById,
    ReportClosed,
    ReportDetails,
    Reported,
    ReportFiled,
    ReportLine,
    Reports,
    ReportShown,
    ReportsIn,
    ReportsListed,
    ReportStored,
    StoredReport,
    ToList,
    TooManyOpen,
    TooManyReports,
    ToReport,
    ToReportInText,
    ToShow,
)
from classcord.chat.revisions.vocabulary import EarlierText
from classcord.chat.roles import Role
from classcord.chat.sanctions.vocabulary import Mute
from classcord.chat.text_commands.vocabulary import Explained
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    a_channel,
    a_hub,
    add_account,
    ask,
    changes_of,
    come_in,
    commit,
    decide,
    heard_by,
    log_in,
    moderator,
    operates,
    person_of,
    records_of,
    refused,
    the_commit,
    trail_of,
)
from tests.chat.stored import message, private

FILE = StoredFile(token="theirs", name="a.png", type="image/png", size=9, digest="ab" * 32)


def around(there: Message, *others: Message, details: Details = NO_DETAILS, **before: str) -> MessageAndAround:
    """Return what the store finds: the message, others around it, and what it said before."""
    return MessageAndAround(
        stored=StoredMessage(message=there, details=details),
        before=tuple(EarlierText(at=NOON_MS - 9, content=content) for content in before.values()),
        around=tuple(StoredMessage(message=each, details=NO_DETAILS) for each in others),
    )


def report(
    hub: Hub, session: Session, found: MessageAndAround | None, now: float = NOON, **fields: Any
) -> list[Effect]:
    """Report the message 7; the store finds `found`."""
    request = Report(message_id=7, **fields)
    assert decide(hub, session, request, now) == [Find(request, MessageInQuestion(message_id=7), ToReport)]
    return decide(hub, session, ToReport(asked=request, found=found), now)


def refusal(hub: Hub, session: Session, found: MessageAndAround | None, **fields: Any) -> ChatError:
    with pytest.raises(ChatError) as caught:
        report(hub, session, found, **fields)
    return caught.value


def filed_of(effects: list[Effect]) -> ReportFiled:
    return next(record for record in changes_of(effects) if isinstance(record, ReportFiled))


def lines_of(effects: list[Effect]) -> list[ReportLine]:
    return [record for record in changes_of(effects) if isinstance(record, ReportLine)]


def by(account_id: int | None, name: str = "eve", **fields: Any) -> MessageAdded:
    """Return the message 7 of an account."""
    return msgspec.structs.replace(message(**fields), author=name, author_id=account_id)


def listed(hub: Hub, session: Session, *reports: StoredReport) -> list[int]:
    """Return the numbers of those reports that a session sees."""
    (reply,) = decide(hub, session, ToList(asked=Reports(), found=reports))
    assert isinstance(reply, Reply)
    assert isinstance(reply.answer, ReportsListed)
    return [each.report_id for each in reply.answer.reports]


# -- what is reported -------------------------------------------------------------------------------------------------


def test_a_message_of_a_channel() -> None:
    """It is copied with the lines around it; whoever sends it is thanked, and told where there is help."""
    hub = a_hub()
    mod, bob = moderator(hub), log_in(hub, "bob")
    found = around(by(None), message(number=5, content="avant"), message(number=9, content="après"))
    effects = report(hub, bob, found, reason="  c'est \n méchant ", category="insult")
    filed = filed_of(effects)
    assert (filed.report_id, filed.message_id, filed.at) == (1, 7, NOON_MS)
    assert (filed.reporter, filed.reporter_key, filed.reporter_id) == ("bob", "2", 2)
    assert (filed.author, filed.author_id, filed.author_role) == ("eve", None, "guest")
    assert (filed.place, filed.channel_id, filed.conversation) == ("#général", 1, None)
    assert (filed.category, filed.reason) == ("insult", "c'est méchant")
    lines = lines_of(effects)
    assert [(line.place, line.message_id, line.content) for line in lines] == [
        (0, 5, "avant"),
        (1, 7, "Bonjour"),
        (2, 9, "après"),
    ]
    assert filed.digest == digest_of(content_of(filed, lines))
    answer = the_commit(effects).answer
    assert isinstance(answer, ReportStored)
    assert answer.help_number == "3018"
    assert "3018" in answer.thanks.render()
    told = heard_by(mod, commit(hub, effects))
    assert [type(event) for event in told] == [Reported, Said]
    event, line = told
    assert isinstance(event, Reported)
    assert (event.report_id, event.state, event.author, event.channel) == (1, "open", "eve", "#général")
    assert isinstance(line, Said)
    assert (line.sender, line.channel) == ("Serveur", "#admin")
    assert line.content == "Report 1: a message of eve in #général."


def test_nobody_else_hears_of_it() -> None:
    """Neither the author nor others of the channel; and the audit trail does not say who has sent it."""
    hub = a_hub()
    bob, eve, ann = log_in(hub, "bob"), log_in(hub, "eve"), log_in(hub, "ann")
    effects = report(hub, bob, around(by(2)), reason="secret")
    (entry,) = trail_of(effects)
    assert (entry.actor, entry.actor_address, entry.action, entry.object_id) == ("server", "", "report-filed", "1")
    assert json.loads(entry.after or "") == {"sha256": filed_of(effects).digest}
    follow = commit(hub, effects)
    assert [heard_by(each, follow) for each in (eve, ann)] == [[], []]


def test_without_a_number_of_help() -> None:
    """The setting may be empty."""
    hub = a_hub(help_number="")
    answer = the_commit(report(hub, log_in(hub, "bob"), around(by(None)))).answer
    assert isinstance(answer, ReportStored)
    assert answer.help_number is None
    assert "number" not in answer.thanks.values


def test_a_message_that_one_may_not_read() -> None:
    """It does not exist, in a channel as in a conversation; nor does one that there is not."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    for found in (around(message(channel_id=2)), around(private("2:3")), None):
        assert isinstance(refusal(hub, bob, found), NoSuchMessage)
    ask(hub, bob, Join(channel="#dev"))
    assert report(hub, bob, around(message(channel_id=2)))


def test_ones_own_message() -> None:
    """It is no report."""
    hub = a_hub()
    assert isinstance(refusal(hub, log_in(hub, "bob"), around(by(1, "bob"))), OwnMessage)


def test_a_private_message() -> None:
    """Its recipient reports it, with the lines of the conversation; the staff hears that it is private."""
    hub = a_hub()
    mod, ann = moderator(hub), log_in(hub, "ann")
    add_account(hub, "bob")
    effects = report(hub, ann, around(msgspec.structs.replace(private("2:3"), author_id=3)))
    filed = filed_of(effects)
    assert (filed.place, filed.channel_id, filed.conversation) == ("", None, "2:3")
    line = heard_by(mod, commit(hub, effects))[-1]
    assert isinstance(line, Said)
    assert line.content == "Report 1: a private message of bob."


def test_a_guest_reports() -> None:
    """What everyone reads, and a private message that came while the guest was here; no earlier one."""
    hub = a_hub()
    hub.state.applied = 6
    zoe = come_in(hub, "Zoé")
    to_zoe = PrivateMessageAdded(
        message_id=7, at=NOON_MS, conversation="1:~zoé", author="bob", author_id=1, recipient="Zoé", content="psst"
    )
    early = msgspec.structs.replace(to_zoe, message_id=5)
    effects = report(hub, zoe, around(to_zoe, early))
    assert (filed_of(effects).reporter_key, filed_of(effects).reporter_id) == ("~zoé", None)
    assert [line.message_id for line in lines_of(effects)] == [7], "another guest of that name had the earlier line"
    assert report(hub, zoe, around(by(None, "Max")))
    assert isinstance(refusal(hub, zoe, around(early)), NoSuchMessage)
    assert isinstance(refusal(hub, come_in(hub, "Léa"), around(to_zoe)), NoSuchMessage)


def test_what_is_edited_and_deleted() -> None:
    """The report has all that the message said; of one that is deleted, what it said before."""
    hub = a_hub()
    ann = log_in(hub, "ann")
    edited = around(by(None, content="gentil"), details=Details(edited_at=NOON_MS, edits=1), first="méchant")
    lines = lines_of(report(hub, ann, edited))
    assert [(line.at, line.content) for line in lines] == [(NOON_MS - 9, "méchant"), (NOON_MS, "gentil")]
    gone = Details(deleted_at=NOON_MS, deleted_by="eve")
    lines = lines_of(report(hub, log_in(hub, "bob"), around(by(None, content=""), details=gone, first="méchant")))
    assert [(line.content, line.deleted_at, line.deleted_by) for line in lines] == [("méchant", NOON_MS, "eve")]
    lines = lines_of(report(hub, log_in(hub, "tom"), around(by(None, content=""), details=gone)))
    assert [line.content for line in lines] == [""]


def test_a_file() -> None:
    """It is named, and has an address of its own, which its deletion does not take away."""
    hub = a_hub()
    hub.new_secret = lambda: "ours"
    effects = report(hub, log_in(hub, "ann"), around(by(None, content=""), details=Details(file=FILE)))
    (line,) = lines_of(effects)
    assert line.file == msgspec.structs.replace(FILE, token="ours")
    assert commit(hub, effects)


def test_how_much_is_copied() -> None:
    """The message first, then what it said before, then the nearest lines; what has no room is cut."""
    hub = a_hub()
    half = "x" * (MOST_CHARS // 2)
    found = around(
        by(None, content=half), message(number=1, content=half), message(number=6, content="près"), first=half[:-2]
    )
    lines = lines_of(report(hub, log_in(hub, "ann"), found))
    assert [(line.message_id, len(line.content), line.cut) for line in lines] == [
        (1, 0, True),
        (6, 2, True),
        (7, len(half) - 2, False),
        (7, len(half), False),
    ]


# -- how often --------------------------------------------------------------------------------------------------------


def test_one_open_report_of_a_message() -> None:
    """Of one person; another may report it too, and the same again when it is closed."""
    hub = a_hub()
    mod, ann, bob = moderator(hub), log_in(hub, "ann"), log_in(hub, "bob")
    commit(hub, report(hub, ann, around(by(None))))
    assert isinstance(refusal(hub, ann, around(by(None))), AlreadyReported)
    commit(hub, report(hub, bob, around(by(None))))
    ask(hub, mod, CloseReport(report_id=1, outcome="unfounded"))
    assert report(hub, ann, around(by(None)))


def test_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open ones of one person, of all guests, and of all people; and too many in an hour."""
    hub = a_hub()
    monkeypatch.setattr("classcord.chat.reports.rules.MOST_OPEN_OF_ONE", 2)
    monkeypatch.setattr("classcord.chat.reports.rules.MOST_OPEN_OF_GUESTS", 1)
    ann, zoe = log_in(hub, "ann"), come_in(hub, "Zoé")
    for number in (1, 2):
        commit(hub, report(hub, ann, around(by(None, number=number))))
    assert isinstance(refusal(hub, ann, around(by(None, number=3))), TooManyReports)
    commit(hub, report(hub, zoe, around(by(None))))
    assert isinstance(refusal(hub, come_in(hub, "Max"), around(by(None))), TooManyOpen)
    monkeypatch.setattr("classcord.chat.reports.rules.MOST_OPEN", 3)
    assert isinstance(refusal(hub, log_in(hub, "bob"), around(by(None))), TooManyOpen)


def test_too_fast() -> None:
    """One person in an hour; and all guests of one address, whatever they are called."""
    hub = a_hub()
    ann = log_in(hub, "ann")
    for _ in range(MOST_AN_HOUR):
        decide(hub, ann, Report(message_id=7))
    assert isinstance(refused(hub, ann, Report(message_id=7)), RateLimited)
    assert decide(hub, ann, Report(message_id=7), NOON + 3600)
    for number in range(MOST_FROM_ONE_PLACE):
        decide(hub, come_in(hub, f"g{number}"), Report(message_id=7))
    assert isinstance(refused(hub, come_in(hub, "more"), Report(message_id=7)), RateLimited)


def test_which_message() -> None:
    """Either its number or the name of a person, of whom the newest message is meant; and the reason is bounded."""
    hub = a_hub()
    ann = log_in(hub, "ann")
    add_account(hub, "bob")
    come_in(hub, "Zoé")
    for request in (Report(), Report(message_id=7, user="bob"), Report(message_id=7, reason="x" * 301)):
        assert isinstance(refused(hub, ann, request), BadRequest)
    for name, question in (
        ("BOB", MessageInQuestion(author="bob", author_id=2, channel_ids=(1,), conversation="1:2")),
        ("zoé", MessageInQuestion(author="Zoé", channel_ids=(1,), conversation="1:~zoé")),
        ("max", MessageInQuestion(author="max", channel_ids=(1,), conversation="1:~max")),
    ):
        request = Report(user=name)
        assert decide(hub, ann, request) == [Find(request, question, ToReport)]
        with pytest.raises(NothingToReport):
            decide(hub, ann, ToReport(asked=request, found=None))


def test_whoever_is_muted_reports() -> None:
    """Who may not write may ask for help all the same."""
    hub = a_hub()
    ann = log_in(hub, "ann")
    ask(hub, moderator(hub), Mute(user="ann"))
    assert report(hub, ann, around(by(None)))


def test_by_a_command_in_a_text() -> None:
    """In the classic dialect: `/signaler bob Insultes`, answered by a sentence; nothing is handed out."""
    hub = a_hub()
    ann = log_in(hub, "ann", modern=False)
    add_account(hub, "bob d")
    said = Say(content="/signaler bob d Insultes et menaces")
    question = MessageInQuestion(author="bob d", author_id=2, channel_ids=(1,), conversation="1:2")
    assert decide(hub, ann, said) == [Find(said, question, ToReportInText)]
    effects = decide(hub, ann, ToReportInText(asked=said, found=around(by(2, "bob d"))))
    assert filed_of(effects).reason == "Insultes et menaces"
    answer = the_commit(effects).answer
    assert isinstance(answer, Explained)
    assert "3018" in answer.sentences[0].render()
    (reply,) = decide(hub, ann, Say(content="/report"))
    assert isinstance(reply, Reply)


# -- who looks at it --------------------------------------------------------------------------------------------------


def a_report(author_id: int | None, role: str = "member", number: int = 1, author: str = "eve") -> StoredReport:
    return StoredReport(
        filed=ReportFiled(
            report_id=number,
            at=NOON_MS,
            message_id=7,
            reporter="ann",
            reporter_key="9",
            author=author,
            author_id=author_id,
            author_role=role,
            channel_id=1,
            place="#général",
            digest="",
        )
    )


def test_who_sees_a_report() -> None:
    """Moderators; of what one of them wrote only who stands above; nobody a report of their own words."""
    hub = a_hub()
    people = {role: add_account(hub, role, role) for role in ("member", "moderator", "admin", "owner")}
    add_account(hub, "mod2", "moderator")
    add_account(hub, "owner2", "owner")
    names = ("moderator", "mod2", "admin", "owner", "owner2")
    sessions = {name: log_in(hub, name) for name in names}
    seen = {
        role: {name for name, session in sessions.items() if listed(hub, session, a_report(account.id, role))}
        for role, account in people.items()
    }
    assert seen == {
        "member": set(names),
        "moderator": {"admin", "owner", "owner2"},
        "admin": {"owner", "owner2"},
        "owner": {"owner2"},
    }
    assert listed(hub, operates(hub, "root", Role.OWNER, by="machine"), a_report(people["owner"].id, "owner"))
    was_admin = a_report(people["member"].id, "admin")
    assert not listed(hub, sessions["moderator"], was_admin), "the role then counts as well as the role now"
    by_key = a_report(None, "admin", author="dupont")
    assert not listed(hub, operates(hub, "dupont", Role.OWNER), by_key)
    assert listed(hub, operates(hub, "martin", Role.OWNER), by_key)


def test_a_report_is_nobodys_without_a_right_to_it() -> None:
    """Nor that of whoever has logged out meanwhile."""
    hub = a_hub()
    filed = a_report(add_account(hub, "eve").id).filed
    assert may_handle(hub, person_of(moderator(hub)), filed)
    assert not may_handle(hub, person_of(log_in(hub, "bob")), filed)
    assert not may_handle(hub, None, filed)


def test_a_report_of_staff_is_not_told_where_the_author_reads() -> None:
    """Nothing is said in #admin; those above hear it, at consoles and in the chat."""
    hub = a_hub()
    mod, other = moderator(hub), moderator(hub, "mod2")
    add_account(hub, "boss", "admin")
    boss, key = log_in(hub, "boss"), operates(hub, "key", Role.OWNER)
    effects = report(hub, log_in(hub, "bob"), around(by(1, "mod")))
    assert not [record for record in records_of(effects) if isinstance(record, MessageAdded)]
    follow = commit(hub, effects)
    assert [heard_by(each, follow) for each in (mod, other)] == [[], []]
    for session in (boss, key):
        event, notice = heard_by(session, follow)
        assert isinstance(event, Reported)
        assert isinstance(notice, Notice)
        assert ("report 1" in notice.content.render()) is (session is key)


@pytest.mark.parametrize("changes", [{"kind": "open"}, {"members_from": "member"}, {"archived": True}])
def test_another_channel_called_admin(changes: dict[str, Any]) -> None:
    """Nothing is said in a channel that others may enter, or that is closed; the staff hears a notice instead."""
    hub = a_hub()
    hub.restore([a_channel(3, "#admin", **{"kind": "private", "members_from": "moderator", **changes})])
    mod = moderator(hub)
    effects = report(hub, log_in(hub, "bob"), around(by(None)))
    assert not [record for record in records_of(effects) if isinstance(record, MessageAdded)]
    assert [type(event) for event in heard_by(mod, commit(hub, effects))] == [Reported, Notice]


def test_reports_are_listed() -> None:
    """Open ones or closed ones, by pages, oldest first; with what is known of each."""
    hub = a_hub()
    mod = moderator(hub)
    asked = Reports(closed=True, before=9, limit=500)
    hidden = HiddenReports(author_ids=(1,), author="mod", roles=("moderator", "admin", "owner"))
    question = ReportsIn(closed=True, before=9, limit=200, hidden=hidden)
    assert decide(hub, mod, asked) == [Find(asked, question, ToList)]
    closed = ReportClosed(report_id=2, at=NOON_MS, by="mod", outcome="acted")
    found = (msgspec.structs.replace(a_report(None, number=2), closed=closed), a_report(None))
    (reply,) = decide(hub, mod, ToList(asked=asked, found=found))
    assert isinstance(reply, Reply)
    assert isinstance(reply.answer, ReportsListed)
    assert [(each.report_id, each.outcome) for each in reply.answer.reports] == [(1, None), (2, "acted")]


def test_a_report_is_read() -> None:
    """With its lines; reading a private one is in the audit trail."""
    hub = a_hub()
    mod = moderator(hub)
    asked = ReportDetails(report_id=1)
    assert decide(hub, mod, asked) == [Find(asked, ReportById(report_id=1), ToShow)]
    file = {f"file_{name}": getattr(FILE, name) for name in ("token", "name", "type", "size", "digest")}
    lines = (
        ReportLine(report_id=1, place=0, message_id=6, at=NOON_MS, author="bob", content="avant"),
        ReportLine(report_id=1, place=1, message_id=7, at=NOON_MS, author="eve", content="aïe", **file),
    )
    (reply,) = decide(hub, mod, ToShow(asked=asked, found=ReportAndLines(stored=a_report(None), lines=lines)))
    assert isinstance(reply, Reply)
    assert isinstance(reply.answer, ReportShown)
    assert [(line.user, line.content, line.mark) for line in reply.answer.lines] == [
        ("bob", "avant", ""),
        ("eve", "aïe", "reported"),
    ]
    assert reply.answer.lines[1].file is not None
    hidden = msgspec.structs.replace(a_report(None).filed, place="", channel_id=None, conversation="1:2")
    closed = ReportClosed(report_id=1, at=NOON_MS, by="mod", outcome="acted")
    stored = StoredReport(filed=hidden, closed=closed)
    effects = decide(hub, mod, ToShow(asked=asked, found=ReportAndLines(stored=stored, lines=lines)))
    (entry,) = trail_of(effects)
    assert (entry.actor, entry.action, entry.object_id) == ("mod", "read-report", "1")
    answer = the_commit(effects).answer
    assert isinstance(answer, ReportShown)
    assert (answer.channel, answer.outcome, answer.closed_by) == (None, "acted", "mod")
    for found in (None, ReportAndLines(stored=a_report(1), lines=lines)):  # the account 1 is the moderator
        with pytest.raises(NoSuchReport):
            decide(hub, mod, ToShow(asked=asked, found=found))


@pytest.mark.parametrize("kind", [*(each.value for each in Kind), "deleted", ""])
def test_a_report_is_read_silently_where_everybody_may_read(kind: str) -> None:
    """In a channel that is open. Of a conversation, one among members, or what is gone, the trail has who read it."""
    hub = a_hub()
    mod = moderator(hub)
    if kind not in {"deleted", ""}:
        hub.restore([a_channel(9, "#club", kind=kind)])
    filed = msgspec.structs.replace(a_report(None).filed, channel_id=9 if kind else None, place="#club" if kind else "")
    found = ReportAndLines(stored=StoredReport(filed=filed), lines=())
    (effect,) = decide(hub, mod, ToShow(asked=ReportDetails(report_id=1), found=found))
    assert isinstance(effect, Reply) is (kind in {"default", "open"})
    assert isinstance(effect.answer, ReportShown)  # type: ignore[attr-defined]


# -- how it ends ------------------------------------------------------------------------------------------------------


def test_a_report_is_closed() -> None:
    """Its sender hears the outcome and the reason; moderators that it is closed; the audit trail keeps it."""
    hub = a_hub()
    mod, bob, eve = moderator(hub), log_in(hub, "bob"), log_in(hub, "eve")
    other = moderator(hub, "mod2")
    commit(hub, report(hub, bob, around(by(3))))
    effects = decide(hub, mod, CloseReport(report_id=1, outcome="acted", reason="  vu "))
    assert changes_of(effects) == [ReportClosed(report_id=1, at=NOON_MS, by="mod", outcome="acted", reason="vu")]
    (entry,) = trail_of(effects)
    assert (entry.actor, entry.action, entry.after) == ("mod", "report-closed", '{"outcome":"acted","reason":"vu"}')
    follow = commit(hub, effects)
    (notice,) = heard_by(bob, follow)
    assert isinstance(notice, Notice)
    assert "vu" in notice.content.render()
    assert heard_by(mod, follow) == []
    assert [type(event) for event in heard_by(other, follow)] == [Reported]
    assert heard_by(eve, follow) == []
    assert isinstance(refused(hub, mod, CloseReport(report_id=1, outcome="acted")), NoSuchReport)
    assert hub.state.reports.untold(2) == []


def test_nobody_closes_a_report_of_their_own_words() -> None:
    """It does not exist for them; nor for those who stand beside them."""
    hub = a_hub()
    mod, other = moderator(hub), moderator(hub, "mod2")
    commit(hub, report(hub, log_in(hub, "bob"), around(by(1, "mod"))))
    for session in (mod, other):
        assert isinstance(refused(hub, session, CloseReport(report_id=1, outcome="unfounded")), NotFound)
    add_account(hub, "boss", "admin")
    assert decide(hub, log_in(hub, "boss"), CloseReport(report_id=1, outcome="acted"))


def test_whoever_is_away_hears_it_later() -> None:
    """At the next login, once; also after a restart."""
    hub = a_hub()
    mod = moderator(hub)
    bob = log_in(hub, "bob")
    commit(hub, report(hub, bob, around(by(None))))
    hub.state.people.clear()
    ask(hub, mod, CloseReport(report_id=1, outcome="unfounded"))
    assert hub.state.reports.untold(2) == [1]
    bob = log_in(hub, "bob")
    bob.kept_due = True
    effects = decide(hub, bob, HandOver())
    assert OutcomeTold(report_id=1, at=NOON_MS) in changes_of(effects)
    (notice,) = [event for event in heard_by(bob, commit(hub, effects)) if isinstance(event, Notice)]
    assert "the message stays" in notice.content.render()
    assert hub.state.reports.untold(2) == []


def test_a_guest_hears_it_while_here() -> None:
    """In the session that has sent the report, if the guest is still in it."""
    hub = a_hub()
    mod, zoe, max_ = moderator(hub), come_in(hub, "Zoé"), come_in(hub, "Max")
    commit(hub, report(hub, zoe, around(by(None))))
    commit(hub, report(hub, max_, around(by(None))))
    (notice,) = heard_by(zoe, ask(hub, mod, CloseReport(report_id=1, outcome="duplicate")))
    assert isinstance(notice, Notice)
    max_.person = None
    assert heard_by(max_, ask(hub, mod, CloseReport(report_id=2, outcome="duplicate"))) == []


def test_a_moderator_who_comes_hears_how_many_wait() -> None:
    """Of those that may be looked at; a console is greeted with that."""
    hub = a_hub()
    commit(hub, report(hub, log_in(hub, "bob"), around(by(None))))
    mod = moderator(hub)
    mod.kept_due = True
    (notice,) = heard_by(mod, ask(hub, mod, HandOver()))
    assert isinstance(notice, Notice)
    assert notice.content.values == {"count": 1}
    hub.apply(OutcomeTold(report_id=99, at=NOON_MS))
    hub.apply(ReportClosed(report_id=99, at=NOON_MS, by="mod", outcome="acted"))


def test_a_deleted_account_hears_nothing() -> None:
    """Its reports stay, for those who look at them."""
    hub = a_hub()
    mod, bob = moderator(hub), log_in(hub, "bob")
    commit(hub, report(hub, bob, around(by(None))))
    del hub.state.accounts_by_id[2]
    hub.state.reports.forget_user(2)
    assert ask(hub, mod, CloseReport(report_id=1, outcome="acted"))


def test_the_right_is_asked() -> None:
    """A member sees no report, whatever number is tried."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    for request in (Reports(), ReportDetails(report_id=1), CloseReport(report_id=1, outcome="acted")):
        assert isinstance(refused(hub, bob, request), NotAllowed)
