"""Lessons and exams: whom they concern, what they keep from, who is told, and how they end."""

from __future__ import annotations

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.channels.vocabulary import ChannelRemoved, Create, GuestJoined, Join, Leave, MemberAdded, Topic
from classcord.chat.descriptions.vocabulary import Description
from classcord.chat.effects import Close, Deliver, Effect, Reply
from classcord.chat.errors import BadRequest, ChatError, Conflict, NotAllowed, NotFound
from classcord.chat.files.vocabulary import UploadFile
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Guest
from classcord.chat.invitations.vocabulary import Invite
from classcord.chat.lessons.held import DAY, Lessons, is_from
from classcord.chat.lessons.telling import sentence
from classcord.chat.lessons.vocabulary import (
    MOST_HELD,
    DuringExam,
    DuringLesson,
    HoldExam,
    HoldLesson,
    LessonBegun,
    LessonEnded,
    LessonProlonged,
    LessonsListed,
    LessonsRecalled,
    LessonTold,
    NotHeld,
    OutsideRoom,
    RecallLessons,
    StaysInExam,
    StaysInLesson,
)
from classcord.chat.messages.vocabulary import NO_DETAILS, MessageAdded, PrivateMessageAdded, Say, StoredMessage
from classcord.chat.people import Session
from classcord.chat.pins.vocabulary import Pin, PinFound, PinState
from classcord.chat.presence.vocabulary import Status
from classcord.chat.profiles.vocabulary import PersonProfile
from classcord.chat.reactions.vocabulary import React, ReactedTo, ReactionsFound
from classcord.chat.requests import Request
from classcord.chat.revisions.vocabulary import Edit, ToEdit
from classcord.chat.roles import Role
from classcord.chat.sanctions.enforcing import check_may_come_in
from classcord.chat.typing_notifications.vocabulary import ShowTyping
from tests.chat.hubs import (
    ADDRESS,
    NOON,
    NOON_MS,
    a_channel,
    a_hub,
    add_account,
    answered,
    applied,
    ask,
    changes_of,
    come_in,
    commit,
    connect,
    decide,
    heard_by,
    log_in,
    moderator,
    operates,
    person_of,
    the_commit,
    trail_of,
    verified,
)

HOUR_LATER = "2026-11-20T13:00:00.000Z"
MATHS = 4


def a_school(**terms: object) -> tuple[Hub, Session, Session, Session]:
    """Return a hub with #maths, where alice and bob are, and eve who is not; all have accounts."""
    hub = a_hub(**terms)
    hub.uploads.room = lambda: 1e9
    hub.restore([a_channel(MATHS, "#maths"), a_channel(5, "#anglais")])
    alice, bob, eve = log_in(hub, "alice"), log_in(hub, "bob"), log_in(hub, "eve")
    for session in (alice, bob):
        joins(hub, session, MATHS)
    return hub, alice, bob, eve


def joins(hub: Hub, session: Session, channel_id: int) -> None:
    account = person_of(session).account
    assert account is not None
    applied(hub, [MemberAdded(channel_id=channel_id, user_id=account.id, since=NOON_MS, session_id=session.row)])


def hold(hub: Hub, request: Request, now: float = NOON) -> list[Effect]:
    """Let a moderator at the console hold something; return what follows."""
    return ask(hub, operates(hub, "prof", Role.MODERATOR), request, now)


def lesson(channel: str | None = "#maths", **fields: object) -> HoldLesson:
    return HoldLesson(state="on", channel=channel, **fields)  # type: ignore[arg-type]


def exam(channel: str | None = "#maths", **fields: object) -> HoldExam:
    return HoldExam(state="on", channel=channel, **fields)  # type: ignore[arg-type]


def refusal(hub: Hub, session: Session, request: Request, now: float = NOON) -> ChatError | None:
    try:
        decide(hub, session, request, now)
    except ChatError as error:
        return error
    return None


def code(hub: Hub, session: Session, request: Request) -> str | None:
    error = refusal(hub, session, request)
    return None if error is None else error.code


def to(channel: str) -> Say:
    return Say(content="Bonjour", channel=channel)


def privately(name: str) -> Say:
    return Say(content="psst", subtype="private", to=name)


def ids(hub: Hub) -> list[int]:
    return [each.lesson_id for each in hub.state.lessons]


def mine(channel_id: int = MATHS) -> MessageAdded:
    """Return a message that alice (1) has written to a channel."""
    return MessageAdded(message_id=7, at=NOON_MS, channel_id=channel_id, author="alice", author_id=1, content="Bonjour")


PRIVATE = PrivateMessageAdded(
    message_id=8, at=NOON_MS, conversation="1:2", author="alice", author_id=1, recipient="bob", content="psst"
)


def in_channel(channel_id: int, channel: str) -> dict[str, Request]:
    """Return every kind of writing to a channel, of alice's."""
    there = mine(channel_id)
    return {
        "message": to(channel),
        "typing": ShowTyping(channel=channel),
        "upload": UploadFile(channel=channel, name="a.txt", size=1),
        "edit": ToEdit(asked=Edit(message_id=7, content="!"), found=StoredMessage(message=there, details=NO_DETAILS)),
        "react": ReactionsFound(asked=React(message_id=7, emoji="👍"), found=ReactedTo(message=there)),
    }


IN_CONVERSATION: dict[str, Request] = {
    "message": privately("bob"),
    "typing": ShowTyping(user="bob"),
    "upload": UploadFile(user="bob", name="a.txt", size=1),
    "edit": ToEdit(asked=Edit(message_id=8, content="!"), found=StoredMessage(message=PRIVATE, details=NO_DETAILS)),
    "react": ReactionsFound(asked=React(message_id=8, emoji="👍"), found=ReactedTo(message=PRIVATE)),
    "pin": PinFound(asked=Pin(message_id=8), found=PinState(message=PRIVATE)),
}
ELSEWHERE: dict[str, Request] = {  # words that others read, and that are no messages
    "status": Status(state="réponse 3 : 42"),
    "profile": PersonProfile(status_text="42"),
    "create": Create(channel="#réponses"),
    "invite": Invite(channel="#maths", user="eve"),
}


# -- what a lesson keeps from -----------------------------------------------------------------------------------------


class TestLesson:
    @pytest.mark.parametrize("way", list(in_channel(1, "#général")))
    def test_one_writes_only_there(self, way: str) -> None:
        """In every way; the refusal names the channel, and says until when."""
        hub, alice, _, eve = a_school()
        hold(hub, lesson())
        elsewhere, there = in_channel(1, "#général")[way], in_channel(MATHS, "#maths")[way]
        error = refusal(hub, alice, elsewhere)
        assert isinstance(error, DuringLesson)
        assert (error.code, error.until) == ("lesson", HOUR_LATER)
        assert "#maths" in error.text.render()
        assert refusal(hub, alice, there) is None
        assert code(hub, eve, to("#général")) is None

    @pytest.mark.parametrize("way", list(IN_CONVERSATION))
    def test_private_messages_go_to_staff(self, way: str) -> None:
        """By default; not to each other, in no way, and nobody from outside writes to them either."""
        hub, alice, _, eve = a_school()
        hold(hub, lesson())
        assert code(hub, alice, IN_CONVERSATION[way]) == "lesson"
        assert code(hub, eve, privately("alice")) == "lesson"
        assert code(hub, alice, privately("prof")) is None
        assert code(hub, moderator(hub), privately("alice")) is None

    def test_private_messages_as_ever(self) -> None:
        """Where the lesson says so, the private policy alone counts."""
        hub, alice, _, eve = a_school()
        hold(hub, lesson(private="policy"))
        assert code(hub, alice, privately("bob")) is None
        assert code(hub, eve, privately("alice")) is None

    def test_only_staff_write(self) -> None:
        """`--write staff`: in the channel nobody else writes, not even who joins by writing; nor they elsewhere."""
        hub, alice, _, eve = a_school()
        hold(hub, lesson(write="staff"))
        assert code(hub, alice, to("#maths")) == "lesson"
        assert code(hub, alice, to("#général")) == "lesson"
        assert code(hub, eve, to("#maths")) == "lesson"
        assert code(hub, eve, to("#général")) is None
        assert code(hub, moderator(hub), to("#maths")) is None

    def test_everyones(self) -> None:
        """Without a channel nobody but the staff writes in any, guests included; notes to oneself are nobody's."""
        hub, alice, _, eve = a_school()
        hold(hub, lesson(None))
        zoe = come_in(hub, "Zoé")
        for session in (alice, eve, zoe):
            assert code(hub, session, to("#général")) == "lesson"
        assert code(hub, alice, privately("alice")) is None
        assert code(hub, moderator(hub), to("#général")) is None

    def test_words_elsewhere_are_not_its_business(self) -> None:
        """A lesson is about messages: states, profiles and channels stay as they are."""
        hub, alice, _, _ = a_school()
        hold(hub, lesson())
        for name, asked in ELSEWHERE.items():
            kept_out = NotAllowed if name == "invite" else None  # it would concern whom one invites, too
            assert type(refusal(hub, alice, asked)) is (kept_out or type(None))

    def test_nobody_leaves(self) -> None:
        """Or the lesson would concern them no more; the staff may."""
        hub, alice, _, eve = a_school()
        hold(hub, lesson())
        assert isinstance(refusal(hub, alice, Leave(channel="#maths")), StaysInLesson)
        mod = moderator(hub)
        joins(hub, mod, MATHS)
        assert refusal(hub, mod, Leave(channel="#maths")) is None
        joins(hub, eve, 5)
        assert refusal(hub, eve, Leave(channel="#anglais")) is None

    def test_a_moderator_who_loses_the_role(self) -> None:
        """Is one of the class at once."""
        hub, _, _, _ = a_school()
        mod = moderator(hub)
        joins(hub, mod, MATHS)
        hold(hub, lesson(write="staff"))
        assert code(hub, mod, to("#maths")) is None
        account = person_of(mod).account
        assert account is not None
        account.role = Role.MEMBER
        assert code(hub, mod, to("#maths")) == "lesson"


class TestSeveral:
    def test_lessons_in_two_channels(self) -> None:
        """Who is in both writes in both, and nowhere else."""
        hub, alice, bob, _ = a_school()
        joins(hub, alice, 5)
        hold(hub, lesson())
        hold(hub, lesson("#anglais"))
        assert [code(hub, alice, to(each)) for each in ("#maths", "#anglais", "#général")] == [None, None, "lesson"]
        assert [code(hub, bob, to(each)) for each in ("#maths", "#anglais", "#général")] == [None, "lesson", "lesson"]
        error = refusal(hub, alice, to("#général"))
        assert error is not None
        assert "#maths, #anglais" in error.text.render()

    def test_a_silent_one_beside_another(self) -> None:
        """Where only staff write, nobody else does; in the other channel they do."""
        hub, alice, _, _ = a_school()
        joins(hub, alice, 5)
        hold(hub, lesson(write="staff"))
        hold(hub, lesson("#anglais"))
        assert [code(hub, alice, to(each)) for each in ("#maths", "#anglais")] == ["lesson", None]

    def test_an_exam_counts_before_a_lesson(self) -> None:
        """Who sits in both writes nowhere; the other people of the lesson go on."""
        hub, alice, _, eve = a_school()
        for session in (alice, eve):
            joins(hub, session, 5)
        hold(hub, lesson("#anglais"))
        hold(hub, exam())
        assert code(hub, alice, to("#anglais")) == "exam"
        assert code(hub, eve, to("#anglais")) is None

    def test_everyones_counts_before_a_channels(self) -> None:
        """An assembly silences the lesson in a channel, too."""
        hub, alice, _, _ = a_school()
        hold(hub, lesson())
        hold(hub, lesson(None))
        assert code(hub, alice, to("#maths")) == "lesson"

    def test_one_in_a_channel_at_a_time(self) -> None:
        """A second of another kind, or with other rules, is refused; the same again prolongs."""
        hub, _, _, _ = a_school()
        hold(hub, lesson())
        for other in (exam(), lesson(write="staff"), lesson(private="policy")):
            with pytest.raises(Conflict):
                hold(hub, other)
        hold(hub, exam("#anglais", addresses="10.1.2.0/24"))
        with pytest.raises(Conflict):
            hold(hub, exam("#anglais", addresses="10.1.3.0/24"))
        hold(hub, exam("#anglais", addresses="10.1.2.0/24", duration=60.0))
        assert len(hub.state.lessons) == 2

    def test_there_is_a_bound(self) -> None:
        """So many at a time, and no more."""
        hub = a_hub()
        hub.restore([a_channel(100 + n, f"#c{n}") for n in range(MOST_HELD + 1)])
        for number in range(MOST_HELD):
            hold(hub, lesson(f"#c{number}"))
        with pytest.raises(Conflict) as caught:
            hold(hub, lesson(f"#c{MOST_HELD}"))
        assert str(MOST_HELD) in str(caught.value)


# -- what an exam keeps from ------------------------------------------------------------------------------------------


class TestExam:
    @pytest.mark.parametrize("way", list(in_channel(1, "#général")))
    def test_nobody_writes_in_channels(self, way: str) -> None:
        """In no way, neither in the exam's channel nor in another."""
        hub, alice, _, eve = a_school()
        hold(hub, exam())
        for channel_id, name in ((1, "#général"), (MATHS, "#maths")):
            assert code(hub, alice, in_channel(channel_id, name)[way]) == "exam"
        assert code(hub, eve, to("#maths")) == "exam"
        assert code(hub, eve, to("#général")) is None

    @pytest.mark.parametrize("way", list(IN_CONVERSATION))
    def test_nobody_writes_privately_but_to_staff(self, way: str) -> None:
        """Neither from inside nor from outside; staff are reached, and answer."""
        hub, alice, _, eve = a_school()
        hold(hub, exam())
        assert code(hub, alice, IN_CONVERSATION[way]) == "exam"
        assert code(hub, eve, privately("alice")) == "exam"
        assert code(hub, alice, privately("prof")) is None
        assert code(hub, moderator(hub), privately("alice")) is None

    @pytest.mark.parametrize("way", list(ELSEWHERE))
    def test_words_elsewhere(self, way: str) -> None:
        """A state, a profile, a channel's name, an invitation: no answer is written anywhere."""
        hub, alice, _, eve = a_school()
        hold(hub, exam())
        assert isinstance(refusal(hub, alice, ELSEWHERE[way]), DuringExam)
        if way != "invite":
            assert refusal(hub, eve, ELSEWHERE[way]) is None

    def test_states_with_a_button_stay(self) -> None:
        """They carry no words."""
        hub, alice, _, _ = a_school()
        hold(hub, exam())
        assert refusal(hub, alice, Status(state="away")) is None
        assert refusal(hub, alice, Topic(channel="#maths")) is None
        assert refusal(hub, alice, Description(channel="#maths")) is None

    def test_nobody_leaves(self) -> None:
        """Nor escapes so."""
        hub, alice, _, _ = a_school()
        hold(hub, exam())
        assert isinstance(refusal(hub, alice, Leave(channel="#maths")), StaysInExam)

    def test_who_may_be_one_of_the_class(self) -> None:
        """Without addresses every guest; with them whoever comes from the room, under another account too."""
        hub, _, _, eve = a_school()
        zoe = come_in(hub, "Zoé")
        hold(hub, exam())
        assert code(hub, zoe, to("#général")) == "exam"
        hold(hub, HoldExam(state="off", channel="#maths"))
        eve.address = "10.1.2.3"
        hold(hub, exam(addresses="10.1.2.0/24"))
        assert code(hub, zoe, to("#général")) is None
        assert code(hub, eve, to("#général")) == "exam"

    def test_from_the_room_only(self) -> None:
        """A session from elsewhere is closed as it begins, and nobody comes in from there; the staff do."""
        hub, alice, bob, eve = a_school()
        alice.address = "10.1.2.3"
        prof = moderator(hub)
        joins(hub, prof, MATHS)
        effects = hold(hub, exam(addresses="10.1.2.0/24, 10.9.9.9"))
        (closed,) = [each for each in effects if isinstance(each, Close)]
        assert closed.sessions == (bob,)
        for key, role, address, refused in (
            ("bob", Role.MEMBER, ADDRESS, True),
            ("bob", Role.MEMBER, "10.1.2.77", False),
            ("bob", Role.MEMBER, "10.9.9.9", False),
            ("bob", Role.MEMBER, "", True),
            ("eve", Role.MEMBER, ADDRESS, False),
            ("zoé", Role.GUEST, ADDRESS, False),
            ("mod", Role.MODERATOR, ADDRESS, False),
        ):
            if not refused:
                check_may_come_in(hub, address, key, role, NOON)
                continue
            with pytest.raises(OutsideRoom) as caught:
                check_may_come_in(hub, address, key, role, NOON)
            assert (caught.value.code, caught.value.until) == ("exam", "2026-11-20T14:00:00.000Z")
        assert eve.row is not None

    def test_everyones_room(self) -> None:
        """Without a channel it concerns guests, too: those from elsewhere stay outside."""
        hub, _, _, _ = a_school()
        hold(hub, exam(None, addresses="10.1.2.0/24"))
        with pytest.raises(OutsideRoom):
            ask(hub, connect(hub), Guest(username="Zoé"))

    def test_one_session_each(self) -> None:
        """The last one counts, at the beginning and later; the staff hear of a second one."""
        hub, alice, _, eve = a_school()
        second = log_in(hub, "alice")
        mod = moderator(hub)
        effects = hold(hub, exam())
        (closed,) = [each for each in effects if isinstance(each, Close)]
        assert closed.sessions == (alice,)
        third = connect(hub)
        follow = ask(hub, third, verified(hub, "alice"))
        closes = [each for each in follow if isinstance(each, Close)]
        assert [each for close in closes for each in close.sessions or ()] == [alice, second]
        assert any("alice" in str(event) for event in heard_by(mod, follow))
        again = ask(hub, connect(hub), verified(hub, "eve"))
        assert not [each for each in again if isinstance(each, Close)]
        assert eve.row is not None

    def test_an_outsider_who_joins_is_in_it(self) -> None:
        """A member is a member, since when does not matter."""
        hub, _, _, eve = a_school()
        hold(hub, exam())
        ask(hub, eve, Join(channel="#maths"))
        assert code(hub, eve, to("#général")) == "exam"


# -- who holds one, and how it ends -----------------------------------------------------------------------------------


def test_a_lesson_is_stored_told_and_kept_in_the_trail() -> None:
    """Everyone in the channel hears it, and the staff at a console; the answer counts whom it concerns."""
    hub, alice, bob, eve = a_school()
    prof = operates(hub, "prof", Role.MODERATOR)
    other = operates(hub, "chef", Role.OWNER)
    request = lesson(reason=" Les  vecteurs ")
    effects = decide(hub, prof, request)
    record = LessonBegun(
        lesson_id=1,
        kind="lesson",
        channel_id=MATHS,
        write="channel",
        private="staff",
        begun_by="prof",
        reason="Les vecteurs",
        begun_at=NOON_MS,
        until=NOON_MS + 3_600_000,
    )
    assert changes_of(effects) == [record]
    answer = the_commit(effects).answer
    assert isinstance(answer, LessonsListed)
    assert [(row.channel, row.people, row.until) for row in answer.lessons] == [("#maths", 2, HOUR_LATER)]
    (entry,) = trail_of(effects)
    assert (entry.action, entry.object_type, '"#maths"' in str(entry.after)) == ("lesson", "lesson", True)
    follow = commit(hub, effects)
    for session in (alice, bob, other):
        (event,) = heard_by(session, follow)
        assert isinstance(event, LessonTold)
        assert (event.state, event.channel, event.user, event.reason) == ("begun", "#maths", "prof", "Les vecteurs")
    assert heard_by(eve, follow) == heard_by(prof, follow) == []


def test_latecomers_are_told() -> None:
    """At the login, those whom it concerns."""
    hub, _, _, _ = a_school()
    hold(hub, lesson())
    late = connect(hub)
    (event,) = [each for each in heard_by(late, ask(hub, late, verified(hub, "bob"))) if isinstance(each, LessonTold)]
    assert (event.state, event.channel) == ("held", "#maths")
    other = connect(hub)
    assert not [e for e in heard_by(other, ask(hub, other, verified(hub, "eve"))) if isinstance(e, LessonTold)]


def test_it_is_prolonged_and_ended() -> None:
    """The same command again counts from now; everyone hears both, and may write again."""
    hub, alice, _, _ = a_school()
    hold(hub, lesson())
    (event,) = heard_by(alice, hold(hub, lesson(duration=7200.0), NOON + 1800))
    assert isinstance(event, LessonTold)
    assert (event.state, event.until) == ("prolonged", "2026-11-20T14:30:00.000Z")
    (event,) = heard_by(alice, hold(hub, HoldLesson(state="off", channel="#maths")))
    assert isinstance(event, LessonTold)
    assert event.state == "ended"
    assert code(hub, alice, to("#général")) is None
    for kind in (HoldLesson, HoldExam):
        with pytest.raises(NotHeld):
            hold(hub, kind(state="off", channel="#maths"))


def test_a_lesson_is_not_ended_as_an_exam() -> None:
    """Each by its own command."""
    hub, _, _, _ = a_school()
    hold(hub, exam())
    with pytest.raises(NotHeld):
        hold(hub, HoldLesson(state="off", channel="#maths"))


def test_it_ends_by_itself() -> None:
    """Once, however often the time is asked before that is stored; if it is not stored, again."""
    hub, alice, _, _ = a_school()
    hold(hub, lesson())
    assert hub.due(NOON + 3599) == ()
    records = hub.due(NOON + 3600)
    assert records == (LessonEnded(lesson_id=1, at=NOON_MS + 3_600_000),)
    assert hub.due(NOON + 3601) == ()
    hub.abandon(records)
    (event,) = heard_by(alice, applied(hub, hub.due(NOON + 3602)))
    assert isinstance(event, LessonTold)
    assert (event.state, event.user) == ("ended", None)
    assert code(hub, alice, to("#général")) is None
    assert hub.due(NOON + 9999) == ()


def test_it_ends_after_a_restart() -> None:
    """What a start reads is in force, and ends as soon as the time is asked, if its own is up."""
    hub, alice, _, _ = a_school()
    hold(hub, lesson())
    begun = next(iter(hub.state.lessons))
    again = a_hub()
    again.restore([a_channel(MATHS, "#maths"), begun])
    again.restore([LessonProlonged(lesson_id=begun.lesson_id, until=NOON_MS + 60_000, at=NOON_MS)])
    assert again.state.lesson_ids.next() > begun.lesson_id
    assert again.due(NOON + 59) == ()
    (record,) = again.due(NOON + 61)
    again.restore([record])
    assert ids(again) == []
    assert alice.row is not None


@pytest.mark.parametrize(("jump", "over"), [(3600.0, True), (-3600.0, False), (-90_000.0, True), (1e9, True)])
def test_it_ends_when_the_clock_jumps(jump: float, over: bool) -> None:
    """Forward it is over; back by a day or more too, or a wrong clock would silence a class for years."""
    hub, _, _, _ = a_school()
    hold(hub, lesson())
    assert bool(hub.due(NOON + jump)) is over
    assert Lessons().over(0) == []
    assert DAY == 86_400_000


def test_it_ends_with_its_channel() -> None:
    """A deleted channel holds nobody back."""
    hub, alice, _, _ = a_school()
    hold(hub, exam())
    applied(hub, [ChannelRemoved(channel_id=MATHS, by="chef", at=NOON_MS)])
    assert code(hub, alice, to("#général")) is None
    (record,) = hub.due(NOON)
    assert heard_by(alice, applied(hub, [record])) == []
    assert ids(hub) == []


def test_who_may_hold_one() -> None:
    """Moderators and above, in channels that exist for them; nobody else, nor a guest."""
    hub, alice, _, _ = a_school()
    zoe = come_in(hub, "Zoé")
    for session in (alice, zoe):
        for request in (lesson(), exam(), lesson(None), HoldLesson(state="off", channel="#maths")):
            with pytest.raises(NotAllowed):
                decide(hub, session, request)
    hub.restore([a_channel(6, "#secret", kind="private")])
    with pytest.raises(NotFound):
        decide(hub, moderator(hub), lesson("#secret"))


def test_it_is_listed() -> None:
    """For everybody who sees its channel."""
    hub, alice, _, _ = a_school()
    hub.restore([a_channel(6, "#secret", kind="private")])
    ask(hub, operates(hub, "chef", Role.OWNER), exam("#secret"))
    hold(hub, lesson(reason="Les vecteurs"))
    for request in (HoldLesson(), HoldExam()):
        answer = answered(hub, alice, request)
        assert isinstance(answer, LessonsListed)
        (row,) = answer.lessons
        assert (row.kind, row.channel, row.by, row.until, row.reason) == (
            "lesson",
            "#maths",
            "prof",
            HOUR_LATER,
            "Les vecteurs",
        )
    assert isinstance(decide(hub, alice, HoldLesson())[0], Reply)


@pytest.mark.parametrize(
    "request_",
    [
        lesson(duration=0.0),
        exam(duration=13 * 3600.0),
        lesson(None, write="channel"),
        lesson(reason="x" * 301),
        exam(addresses="la salle B12"),
        exam(addresses="10.1.2.3/24"),
        exam(addresses=",".join(f"10.1.{n}.0/24" for n in range(21))),
    ],
)
def test_what_is_refused(request_: Request) -> None:
    """Times, rules, reasons and addresses that cannot be meant."""
    hub, _, _, _ = a_school()
    with pytest.raises(BadRequest):
        hold(hub, request_)
    assert ids(hub) == []


def test_addresses() -> None:
    """In one form, each once; those of IPv6 too."""
    hub, _, _, _ = a_school()
    hold(hub, exam(addresses=" 10.1.2.3; 10.1.2.3/32 ,2001:db8::/64,"))
    (held,) = hub.state.lessons
    assert held.room == ("10.1.2.3/32", "2001:db8::/64")
    assert is_from(held.networks, "2001:db8::7")
    assert not is_from(held.networks, "")
    assert is_from("", "")


def test_guests_of_the_channel() -> None:
    """A guest who listens there is one of the class."""
    hub, _, _, _ = a_school()
    zoe = come_in(hub, "Zoé")
    applied(hub, [GuestJoined(channel_id=MATHS, session_id=zoe.row)])
    hold(hub, lesson())
    assert code(hub, zoe, to("#général")) == "lesson"
    assert code(hub, zoe, to("#maths")) is None


def test_nobody_comes_out_of_an_exam_under_a_new_name() -> None:
    """An account made since it began is one of the class, as a guest is; not one for which somebody vouches."""
    hub, _, _, eve = a_school()
    hold(hub, exam())
    for name, added_at, vouched, refused in (
        ("alice2", NOON_MS + 1, False, "exam"),
        ("bob2", NOON_MS + 1, True, None),
        ("tom", NOON_MS, False, None),
    ):
        account = add_account(hub, name)
        account.added_at, account.vouched = added_at, vouched
        session = log_in(hub, name)
        assert code(hub, session, to("#général")) == refused
    assert code(hub, eve, to("#général")) is None


def test_a_deleted_account_is_no_obstacle() -> None:
    """Whoever is gone concerns nobody."""
    hub, alice, _, _ = a_school()
    hold(hub, lesson())
    add_account(hub, "old")
    applied(hub, [UserRemoved(user_id=4)])
    assert code(hub, alice, to("#maths")) is None


def test_sentences() -> None:
    """One for each kind, place and state, with its reason where it begins."""
    told = LessonTold(
        kind="lesson", state="begun", until="u", timestamp="t", write="channel", private="staff", channel="#m"
    )
    for kind, channel, write, state in (
        (kind, channel, write, state)
        for kind in ("lesson", "exam")
        for channel in ("#maths", None)
        for write in ("channel", "staff")
        for state in ("begun", "held", "prolonged", "ended")
        if (channel, write) != (None, "channel")
    ):
        event = msgspec.structs.replace(
            told, kind=kind, channel=channel, write=write, state=state, reason="Les {vecteurs}"
        )
        words = sentence(event, "15:30").render()
        assert ("15:30" in words) is (state != "ended")
        assert ("Les {vecteurs}" in words) is (state in {"begun", "held"})
        assert ("#maths" in words) is (channel is not None)


def test_what_is_over_is_not_recalled() -> None:
    """A classic client hears after its history what is held: once, and nothing if that has ended or it has gone."""
    hub, _, _, eve = a_school()
    eve.lessons_due = True
    assert decide(hub, eve, RecallLessons()) == []
    hold(hub, lesson(None))
    assert decide(hub, eve, RecallLessons()) == []
    eve.lessons_due = True
    assert changes_of(decide(hub, eve, RecallLessons())) == [LessonsRecalled(at=NOON_MS)]
    assert hub.apply(LessonsRecalled(at=NOON_MS, session_id=99)) == []


def test_nobody_is_told_twice() -> None:
    """Each session is in the audience once."""
    hub, alice, _, _ = a_school()
    effects = hold(hub, lesson(None))
    (delivery,) = [each for each in effects if isinstance(each, Deliver)]
    assert list(delivery.audience).count(alice) == 1
