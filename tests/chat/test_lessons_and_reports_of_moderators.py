"""Moderators of a channel hold lessons and handle reports there; the staff stand above them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classcord.chat.channel_moderators.vocabulary import ModeratorDismissed, ModeratorNamed
from classcord.chat.channels.vocabulary import Leave, MemberAdded
from classcord.chat.connections.vocabulary import Disconnect
from classcord.chat.effects import Find, Reply
from classcord.chat.errors import NotAllowed
from classcord.chat.events import Notice
from classcord.chat.hub import Hub
from classcord.chat.invitations.vocabulary import Invite
from classcord.chat.lessons.enforcing import is_of_staff
from classcord.chat.lessons.vocabulary import (
    DuringExam,
    HoldExam,
    HoldLesson,
    LessonBegun,
    LessonEnded,
    SilentLesson,
    StaysInLesson,
)
from classcord.chat.messages.vocabulary import HandOver, Say
from classcord.chat.people import Session
from classcord.chat.records import Record
from classcord.chat.reports.vocabulary import (
    CloseReport,
    HiddenReports,
    NoSuchReport,
    ReportAndLines,
    ReportDetails,
    Reported,
    ReportFiled,
    Reports,
    ReportShown,
    ReportsIn,
    ReportsListed,
    StoredReport,
    ToList,
    ToShow,
)
from classcord.chat.requests import Request
from classcord.chat.roles import Role
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    a_channel,
    a_hub,
    add_account,
    applied,
    ask,
    commit,
    decide,
    heard_by,
    log_in,
    moderator,
    operates,
    refused,
)
from tests.chat.stored import private
from tests.chat.test_left_people import WAYS
from tests.chat.test_reports import around, by, filed_of, report

CLUB = 4
LESSON = HoldLesson(state="on", channel="#club")
OFF = HoldLesson(state="off", channel="#club")


@pytest.fixture
def hub() -> Hub:
    """With #club, where ann, bob, eve and carl are; ann and carl moderate it."""
    hub = a_hub()
    hub.restore([a_channel(CLUB, "#club", guests=False), a_channel(5, "#chess")])
    for name in ("ann", "bob", "eve", "carl"):
        account = add_account(hub, name)
        hub.restore([MemberAdded(channel_id=CLUB, user_id=account.id, since=NOON_MS)])
    hub.restore([ModeratorNamed(channel_id=CLUB, user_id=each, at=NOON_MS) for each in (1, 4)])
    return hub


def moderating(hub: Hub, name: str) -> tuple[Record, ...]:
    """Return the records by which somebody new is in #club, and moderates it."""
    account = add_account(hub, name)
    return (
        MemberAdded(channel_id=CLUB, user_id=account.id, since=NOON_MS),
        ModeratorNamed(channel_id=CLUB, user_id=account.id, at=NOON_MS),
    )


def dismissed(hub: Hub) -> None:
    hub.apply(ModeratorDismissed(channel_id=CLUB, user_id=1, at=NOON_MS))


class TestLessons:
    def test_in_their_channel(self, hub: Hub) -> None:
        """It concerns the members, and not those who moderate it; each of these ends and prolongs it."""
        ann, bob, carl = (log_in(hub, name) for name in ("ann", "bob", "carl"))
        ask(hub, ann, HoldLesson(state="on", channel="#club", write="staff"))
        assert isinstance(refused(hub, bob, Say(content="x", channel="#club")), SilentLesson)
        for moderating in (ann, carl):
            assert decide(hub, moderating, Say(content="x", channel="#club"))
            assert decide(hub, moderating, Say(content="x"))
        ask(hub, carl, HoldLesson(state="on", channel="#club", duration=60.0))
        ask(hub, carl, OFF)
        assert not hub.state.lessons

    def test_nobody_is_kept_in_it(self, hub: Hub) -> None:
        """Whom a moderator invites, and silences so, leaves the channel again; not what the staff hold."""
        ann, tom, prof = log_in(hub, "ann"), log_in(hub, "tom"), operates(hub, "prof", Role.MODERATOR)
        ask(hub, ann, HoldLesson(state="on", channel="#club", write="staff"))
        ask(hub, ann, Invite(user="tom", channel="#club"))
        assert isinstance(refused(hub, tom, Say(content="x")), SilentLesson)
        ask(hub, tom, Leave(channel="#club"))
        assert decide(hub, tom, Say(content="x"))
        ask(hub, ann, OFF)
        ask(hub, prof, HoldLesson(state="on", channel="#club"))
        assert isinstance(refused(hub, ann, Leave(channel="#club")), StaysInLesson)

    def test_nobody_is_brought_into_it_by_its_members(self, hub: Hub) -> None:
        """It would silence whom they invite; who holds it invites, and before and afterwards every member."""
        bob, prof, tom = log_in(hub, "bob"), operates(hub, "prof", Role.MODERATOR), Invite(user="tom", channel="#club")
        add_account(hub, "tom")
        assert decide(hub, bob, tom)
        ask(hub, prof, LESSON)
        assert isinstance(refused(hub, bob, tom), NotAllowed)
        assert decide(hub, prof, tom)
        ask(hub, prof, OFF)
        assert decide(hub, bob, tom)

    @pytest.mark.parametrize(
        "request_",
        [
            HoldLesson(state="on", channel="#chess"),
            HoldLesson(state="on"),
            HoldLesson(state="off"),
            HoldExam(state="on", channel="#club"),
            HoldExam(state="on", channel="#club", addresses="10.0.0.0/8"),
        ],
    )
    def test_not_elsewhere_and_no_exam(self, hub: Hub, request_: Request) -> None:
        """An exam concerns guests, and whoever comes from the room: people who are not in the channel."""
        assert isinstance(refused(hub, log_in(hub, "ann"), request_), NotAllowed)

    @pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
    def test_who_is_gone_holds_none(self, hub: Hub, way: Callable[[Hub], None]) -> None:
        """It stays a moderator's until it ends, a moment later: nobody is kept in it, and another may begin one."""
        hub.restore([*moderating(hub, "martin")])
        bob, carl, martin = log_in(hub, "bob"), log_in(hub, "carl"), log_in(hub, "martin")
        ask(hub, martin, HoldLesson(state="on", channel="#club", write="staff"))
        (lesson,) = hub.state.lessons
        ask(hub, martin, Disconnect())
        way(hub)
        assert not is_of_staff(hub, lesson)
        assert decide(hub, bob, Leave(channel="#club"))
        assert decide(hub, carl, Say(content="x", channel="#club"))
        ends = [record for record in hub.due(NOON) if isinstance(record, LessonEnded)]
        assert [each.lesson_id for each in ends] == [lesson.lesson_id]
        assert [record for record in hub.due(NOON) if isinstance(record, LessonEnded)] == [], "decided once"
        applied(hub, ends)
        assert not hub.state.lessons
        ask(hub, carl, LESSON)

    @pytest.mark.parametrize("of_staff", [False, True])
    def test_who_was_gone_before_a_start(self, hub: Hub, of_staff: bool) -> None:
        """The record says whose it was: a crash within the second before its end makes no lesson of the staff of it."""
        bob, carl = log_in(hub, "bob"), log_in(hub, "carl")
        begun = LessonBegun(
            lesson_id=7,
            kind="lesson",
            channel_id=CLUB,
            write="staff",
            private="staff",
            begun_by="martin",
            begun_at=NOON_MS,
            until=NOON_MS + 3_600_000,
            of_staff=of_staff,
        )
        hub.restore([begun])
        ends = [record for record in hub.due(NOON) if isinstance(record, LessonEnded)]
        assert [each.lesson_id for each in ends] == ([] if of_staff else [7])
        if of_staff:
            assert isinstance(refused(hub, bob, Leave(channel="#club")), StaysInLesson)
            return
        assert decide(hub, bob, Leave(channel="#club"))
        applied(hub, ends)
        ask(hub, carl, LESSON)

    def test_the_record_says_whose_it_is(self, hub: Hub) -> None:
        ask(hub, log_in(hub, "ann"), LESSON)
        ask(hub, operates(hub, "prof", Role.MODERATOR), HoldLesson(state="on", channel="#chess"))
        assert [each.of_staff for each in hub.state.lessons] == [False, True]

    @pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
    def test_what_the_staff_hold_goes_on_without_them(self, hub: Hub, way: Callable[[Hub], None]) -> None:
        """Otherwise a class would be let out of an exam because an account is deleted."""
        add_account(hub, "martin", "moderator")
        bob, martin = log_in(hub, "bob"), log_in(hub, "martin")
        ask(hub, martin, LESSON)
        ask(hub, martin, Disconnect())
        way(hub)
        assert isinstance(refused(hub, bob, Leave(channel="#club")), StaysInLesson)
        assert [record for record in hub.due(NOON) if isinstance(record, LessonEnded)] == []

    def test_not_in_everyones_channel(self, hub: Hub) -> None:
        """It would concern everybody."""
        hub.restore([ModeratorNamed(channel_id=1, user_id=1, at=NOON_MS)])
        assert isinstance(refused(hub, log_in(hub, "ann"), HoldLesson(state="on", channel="#général")), NotAllowed)

    def test_what_the_staff_hold(self, hub: Hub) -> None:
        """Concerns them like other members, and they neither prolong nor end it."""
        ann, prof = log_in(hub, "ann"), operates(hub, "prof", Role.MODERATOR)
        ask(hub, prof, HoldExam(state="on", channel="#club"))
        assert isinstance(refused(hub, ann, Say(content="x", channel="#club")), DuringExam)
        assert isinstance(refused(hub, ann, HoldExam(state="off", channel="#club")), NotAllowed)
        ask(hub, prof, HoldExam(state="off", channel="#club"))
        ask(hub, moderator(hub), HoldLesson(state="on", channel="#club", write="staff"))
        assert isinstance(refused(hub, ann, Say(content="x", channel="#club")), SilentLesson)
        for request in (OFF, LESSON):
            assert isinstance(refused(hub, ann, request), NotAllowed)

    def test_the_staff_decide_over_theirs(self, hub: Hub) -> None:
        """They are not concerned, and end it."""
        ask(hub, log_in(hub, "ann"), HoldLesson(state="on", channel="#club", write="staff"))
        mod = moderator(hub)
        assert decide(hub, mod, Say(content="x"))
        ask(hub, operates(hub, "prof", Role.MODERATOR), OFF)
        assert not hub.state.lessons

    def test_who_is_dismissed(self, hub: Hub) -> None:
        """Is one of the members at once, in open sessions too."""
        ann = log_in(hub, "ann")
        ask(hub, ann, HoldLesson(state="on", channel="#club", write="staff"))
        dismissed(hub)
        assert isinstance(refused(hub, ann, Say(content="x", channel="#club")), SilentLesson)
        assert isinstance(refused(hub, ann, OFF), NotAllowed)


class TestReports:
    def test_of_their_channel(self, hub: Hub) -> None:
        """They hear of it, by a notice too, list, read and close it; who has sent it, they do not learn."""
        ann, bob, carl, mod = (log_in(hub, "ann"), log_in(hub, "bob"), log_in(hub, "carl"), moderator(hub))
        effects = report(hub, bob, around(by(3, channel_id=CLUB)))
        filed = filed_of(effects)
        follow = commit(hub, effects)
        for moderating in (ann, carl):
            assert [type(event) for event in heard_by(moderating, follow)] == [Reported, Notice]
        assert Notice not in [type(event) for event in heard_by(mod, follow)], "the staff read it in #admin"
        assert shown(hub, ann, filed) == ""
        assert shown(hub, mod, filed) == "bob"
        ask(hub, ann, CloseReport(report_id=1, outcome="acted"))
        assert hub.state.reports.get(1) is None

    def test_the_question_is_about_their_channels(self, hub: Hub) -> None:
        """So that a page of theirs is not empty because there are other reports."""
        mod = moderator(hub)
        (find,) = decide(hub, log_in(hub, "ann"), Reports())
        hidden = HiddenReports(
            author_ids=(1, 5), author="ann", roles=("moderator", "admin", "owner"), moderators=("4:1", "4:4")
        )
        asked = ReportsIn(closed=False, before=None, limit=50, channel_ids=(CLUB,), hidden=hidden)
        assert find == Find(Reports(), asked, ToList)
        (find,) = decide(hub, mod, Reports())
        hidden = HiddenReports(author_ids=(5,), author="mod", roles=("moderator", "admin", "owner"))
        assert find == Find(Reports(), ReportsIn(closed=False, before=None, limit=50, hidden=hidden), ToList)

    def test_others_are_none(self, hub: Hub) -> None:
        """Of another channel, of a private message, of themselves, of another moderator of it, and of the staff."""
        ann, bob = log_in(hub, "ann"), log_in(hub, "bob")
        moderator(hub)
        staff = hub.state.account("mod")
        assert staff is not None
        hub.restore([MemberAdded(channel_id=5, user_id=2, since=NOON_MS)])
        mod = operates(hub, "prof", Role.ADMIN)
        for found in (
            around(by(3, channel_id=5)),
            around(private("2:3")),
            around(by(1, "ann", channel_id=CLUB)),
            around(by(4, "carl", channel_id=CLUB)),
            around(by(staff.id, "mod", channel_id=CLUB)),
        ):
            effects = report(hub, bob, found, NOON)
            filed = filed_of(effects)
            follow = commit(hub, effects)
            assert heard_by(ann, follow) == []
            assert any(isinstance(event, Reported) for event in heard_by(mod, follow))
            assert isinstance(refused(hub, ann, read(filed)), NoSuchReport)
            close = CloseReport(report_id=filed.report_id, outcome="unfounded")
            assert isinstance(refused(hub, ann, close), NoSuchReport)
            assert shown(hub, mod, filed) == "bob"
            ask(hub, mod, close)

    def test_who_is_dismissed(self, hub: Hub) -> None:
        """Has none at once; nor has a member, or a moderator of no channel."""
        ann, bob = log_in(hub, "ann"), log_in(hub, "bob")
        filed = filed_of(effects := report(hub, bob, around(by(3, channel_id=CLUB))))
        commit(hub, effects)
        dismissed(hub)
        for session in (ann, bob):
            for request in (Reports(), ReportDetails(report_id=1), CloseReport(report_id=1, outcome="acted")):
                assert isinstance(refused(hub, session, request), NotAllowed)
            assert isinstance(refused(hub, session, read(filed)), NotAllowed)

    @pytest.mark.parametrize("then", ["moderator", "dismissed", "named again"])
    def test_of_one_of_them_who_is_dismissed(self, hub: Hub, then: str) -> None:
        """The others see it as long as it is about nobody of them; the person whom it is about never does."""
        ann, bob, carl = (log_in(hub, name) for name in ("ann", "bob", "carl"))
        filed = filed_of(effects := report(hub, bob, around(by(1, "ann", channel_id=CLUB))))
        commit(hub, effects)
        if then != "moderator":
            dismissed(hub)
        if then == "named again":
            hub.apply(ModeratorNamed(channel_id=CLUB, user_id=1, at=NOON_MS))
        for session, sees in ((ann, False), (carl, then == "dismissed")):
            close = CloseReport(report_id=1, outcome="acted")
            if then == "dismissed" and session is ann:
                for request in (Reports(), ToList(asked=Reports(), found=()), read(filed), close):
                    assert isinstance(refused(hub, session, request), NotAllowed)
                continue
            (reply,) = decide(hub, session, ToList(asked=Reports(), found=(StoredReport(filed=filed),)))
            assert isinstance(reply, Reply)
            assert isinstance(reply.answer, ReportsListed)
            assert [each.report_id for each in reply.answer.reports] == [1] * sees
            if not sees:
                assert isinstance(refused(hub, session, read(filed)), NoSuchReport)
                assert isinstance(refused(hub, session, close), NoSuchReport)
        if then == "dismissed":
            assert shown(hub, carl, filed) == ""
            ask(hub, carl, CloseReport(report_id=1, outcome="acted"))

    def test_at_the_login(self, hub: Hub) -> None:
        """They are told how many wait for them, and of no others."""
        hub.restore([MemberAdded(channel_id=5, user_id=4, since=NOON_MS)])
        commit(hub, report(hub, log_in(hub, "bob"), around(by(3, channel_id=CLUB))))
        commit(hub, report(hub, log_in(hub, "carl"), around(by(3, channel_id=5))))
        ann = log_in(hub, "ann")
        told = [str(event) for event in heard_by(ann, ask(hub, ann, HandOver())) if isinstance(event, Notice)]
        assert len([each for each in told if "Open reports" in each and "1" in each]) == 1


def read(filed: ReportFiled) -> ToShow:
    found = ReportAndLines(stored=StoredReport(filed=filed), lines=())
    return ToShow(asked=ReportDetails(report_id=filed.report_id), found=found)


def shown(hub: Hub, session: Session, filed: ReportFiled) -> str:
    """Return whom a session is shown as the sender of a report, in the list and in the report itself."""
    (reply,) = decide(hub, session, ToList(asked=Reports(), found=(StoredReport(filed=filed),)))
    assert isinstance(reply, Reply)
    assert isinstance(reply.answer, ReportsListed)
    (row,) = reply.answer.reports
    effect = decide(hub, session, read(filed))[0]
    answer = effect.answer  # type: ignore[attr-defined]
    assert isinstance(answer, ReportShown)
    assert answer.reporter == row.reporter
    return row.reporter
