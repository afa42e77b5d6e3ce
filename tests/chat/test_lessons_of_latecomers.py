"""Who comes in the middle of a lesson or an exam: by which event, and when, they hear what is held."""

from __future__ import annotations

import pytest

from classcord.chat.channels.vocabulary import Channels, ChannelsListed, GuestJoined, Join
from classcord.chat.effects import Again, Effect
from classcord.chat.hub import Hub
from classcord.chat.lessons.vocabulary import HoldExam, HoldLesson, LessonShown, LessonTold
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.people import Session
from classcord.chat.presence.vocabulary import Settled, Users
from classcord.chat.requests import Request
from classcord.chat.roles import Operator, Role
from classcord.wire.jsonlines import Modern
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    Ear,
    a_channel,
    a_hub,
    add_account,
    answered,
    applied,
    ask,
    come_in,
    commit,
    connect,
    decide,
    heard_by,
    log_in,
    moderator,
    operates,
    verified,
)

Heard = tuple[str, str | None, str]
HOUR_LATER = "2026-11-20T13:00:00.000Z"
LESSON = HoldLesson(state="on", channel="#maths", reason="Les vecteurs")
EXAM = HoldExam(state="on", channel="#maths")


@pytest.fixture
def hub() -> Hub:
    """Return a hub with #maths, where bob is a member."""
    hub = a_hub()
    hub.restore([a_channel(4, "#maths"), a_channel(5, "#anglais")])
    ask(hub, log_in(hub, "bob"), Join(channel="#maths"))
    return hub


def hold(hub: Hub, *requests: Request) -> None:
    for request in requests:
        ask(hub, operates(hub, "prof", Role.MODERATOR), request)


def told(session: Session, effects: list[Effect]) -> list[Heard]:
    """Return what a session hears of lessons: the state, the channel, the kind."""
    heard = [event for event in heard_by(session, effects) if isinstance(event, LessonTold)]
    return [(event.state, event.channel, event.kind) for event in heard]


def comes(hub: Hub, name: str) -> list[Heard]:
    """Let somebody log in with a modern client; return what they hear of lessons."""
    session = connect(hub)
    return told(session, ask(hub, session, verified(hub, name)))


def test_the_event_is_the_one_of_the_beginning(hub: Hub) -> None:
    """But for its state: where, until when, who writes, and what it is about."""
    hold(hub, LESSON)
    session = connect(hub)
    heard = heard_by(session, ask(hub, session, verified(hub, "bob")))
    assert [each for each in heard if isinstance(each, LessonTold)] == [
        LessonTold(
            kind="lesson",
            state="held",
            until=HOUR_LATER,
            timestamp="2026-11-20T12:00:00.000Z",
            write="channel",
            private="staff",
            channel="#maths",
            user="prof",
            reason="Les vecteurs",
        )
    ]


def test_those_who_would_have_heard_the_beginning(hub: Hub) -> None:
    """The class, and the staff in the channel; nobody else. What is everyone's, everyone; exams first."""
    mod = moderator(hub)
    ask(hub, mod, Join(channel="#maths"))
    hold(hub, LESSON)
    add_account(hub, "eve")
    assert comes(hub, "mod") == comes(hub, "bob") == [("held", "#maths", "lesson")]
    assert comes(hub, "eve") == []
    hold(hub, HoldExam(state="on"))
    assert comes(hub, "bob") == [("held", None, "exam"), ("held", "#maths", "lesson")]
    assert comes(hub, "eve") == [("held", None, "exam")]
    assert comes(hub, "mod") == comes(hub, "bob")


def test_at_a_console(hub: Hub) -> None:
    """Whoever opens one hears what is held, as those did who had one open."""
    hold(hub, LESSON, HoldExam(state="on", channel="#anglais"))
    session = connect(hub)
    request = Operate(operator=Operator(name="chef", role=Role.OWNER, by="key"))
    effects = ask(hub, session, request)
    assert told(session, effects) == [("held", "#anglais", "exam"), ("held", "#maths", "lesson")]


def test_who_joins_the_channel(hub: Hub) -> None:
    """By themselves or brought by somebody, with an account or as a guest; who is in it is not told again."""
    bob = next(iter(hub.state.people["bob"].sessions))
    eve, zoe = log_in(hub, "eve"), come_in(hub, "Zoé")
    hold(hub, EXAM)
    joins = ask(hub, eve, Join(channel="#maths"))
    assert told(eve, joins) == [("held", "#maths", "exam")]
    assert told(bob, joins) == []
    joins = applied(hub, [GuestJoined(channel_id=4, at=NOON_MS, session_id=zoe.row)])
    assert told(zoe, joins) == [("held", "#maths", "exam")]


class TestClassic:
    """Its clients show what comes after their first list."""

    def hears(self, hub: Hub, session: Session, request: Request, now: float = NOON) -> list[Heard]:
        """Decide a request, then what is to be decided again, the last first; return what is heard of lessons."""
        effects = decide(hub, session, request, now)
        again = [each.request for each in reversed(effects) if isinstance(each, Again)]
        follow = [effect for each in again for effect in ask(hub, session, each, now)]
        return told(session, [*commit(hub, [each for each in effects if not isinstance(each, Again)], now), *follow])

    def test_after_the_first_list(self, hub: Hub) -> None:
        """Once; nothing at the login, where some clients have no window yet."""
        hold(hub, LESSON)
        bob = connect(hub, modern=False)
        assert told(bob, ask(hub, bob, verified(hub, "bob"))) == []
        assert self.hears(hub, bob, Users()) == [("held", "#maths", "lesson")]
        assert self.hears(hub, bob, Users()) == []

    def test_without_a_list(self, hub: Hub) -> None:
        """Some seconds after the login; also after a `hello`, which asks for no list."""
        hold(hub, LESSON)
        for modern in (False, True):
            bob = connect(hub, modern=False)
            ask(hub, bob, verified(hub, "bob"))
            if modern:
                bob.listener = Ear(Modern.traits)
            assert self.hears(hub, bob, Settled(row=bob.number), NOON + 5) == [("held", "#maths", "lesson")]

    def test_what_has_begun_since_the_login_is_not_told_again(self, hub: Hub) -> None:
        """Who was in the audience of the beginning has heard it; nor what is over meanwhile."""
        hold(hub, LESSON)
        bob = log_in(hub, "bob", modern=False)
        ask(hub, operates(hub, "prof", Role.MODERATOR), HoldExam(state="on"), NOON + 1)
        ask(hub, operates(hub, "prof", Role.MODERATOR), HoldLesson(state="off", channel="#maths"), NOON + 1)
        assert self.hears(hub, bob, Users(), NOON + 2) == []

    def test_another_identity_begins_anew(self, hub: Hub) -> None:
        """What the one before was to be told is not told to the next."""
        hold(hub, LESSON)
        session = log_in(hub, "bob", modern=False)
        log_in(hub, "eve", session)
        assert self.hears(hub, session, Users()) == []


def test_the_list_of_channels(hub: Hub) -> None:
    """Says what is held in each: an exam before a lesson, what is everyone's before what is the channel's."""
    eve = log_in(hub, "eve")

    def shown() -> dict[str, LessonShown | None]:
        listed = answered(hub, eve, Channels())
        assert isinstance(listed, ChannelsListed)
        return {each.name: each.lesson for each in listed.channels}

    assert set(shown().values()) == {None}
    hold(hub, LESSON)
    maths = LessonShown(kind="lesson", channel="#maths", until=HOUR_LATER, write="channel", private="staff")
    assert shown() == {"#général": None, "#dev": None, "#maths": maths, "#anglais": None}
    hold(hub, HoldLesson(state="on", duration=7200.0))
    everyones = LessonShown(
        kind="lesson", channel=None, until="2026-11-20T14:00:00.000Z", write="staff", private="staff"
    )
    assert set(shown().values()) == {everyones}
    hold(hub, HoldExam(state="on", channel="#anglais"))
    assert [each.kind for each in shown().values() if each] == ["lesson", "lesson", "lesson", "exam"]
