"""Whom an exam concerns beside its class, who is known to be of another one, and what they hear of its channel."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import AddUser
from classcord.chat.checked_passwords.vocabulary import Hashed, Verified
from classcord.chat.class_lists.vocabulary import ListedPupil, ListedRoom, TakeClassList
from classcord.chat.effects import Effect
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Login
from classcord.chat.invitation_codes.vocabulary import InvitationCodeMade, MakeInvitationCode
from classcord.chat.lessons.telling import sentence
from classcord.chat.lessons.vocabulary import HoldExam, LessonsListed, LessonTold
from classcord.chat.profiles.vouched import Profile
from classcord.chat.registration.vocabulary import UserAdded
from classcord.chat.roles import Role
from tests.chat.hubs import (
    NOON_MS,
    a_channel,
    answered,
    ask,
    changes_of,
    come_in,
    commit,
    connect,
    decide,
    heard_by,
    log_in,
    operates,
    registration,
    secrets,
)
from tests.chat.test_lessons import a_school, code, exam, hold, joins, to


def by_an_administrator(hub: Hub) -> UserAdded:
    asked = AddUser(username="tom", password="azerty12")
    return account_in(decide(hub, operates(hub, "root", Role.OWNER), Hashed(asked=asked, digest="digest")))


def from_a_class_list(hub: Hub) -> UserAdded:
    root = operates(hub, "root", Role.OWNER, by="machine")
    ask(hub, root, TakeClassList(rooms=(ListedRoom(name="#SIO-1", is_class=True),)))
    pupil = ListedPupil(username="tom", digest="$argon2id$x", channels=("#SIO-1",))
    return account_in(decide(hub, root, TakeClassList(new=(pupil,))))


def from_the_directory(hub: Hub) -> UserAdded:
    asked = Login(username="tom", password="x")
    found = Verified(asked=asked, version=None, valid=True, profile=Profile(name="tom"))
    return account_in(decide(hub, connect(hub), found))


def by_oneself(hub: Hub, **fields: str) -> UserAdded:
    asked = registration("tom", **fields)
    return account_in(decide(hub, connect(hub), Hashed(asked=asked, digest="digest")))


def by_a_code_for_a_channel(hub: Hub) -> UserAdded:
    return by_oneself(hub, code=a_code(hub, "#anglais"))


def by_a_code_alone(hub: Hub) -> UserAdded:
    return by_oneself(hub, code=a_code(hub))


def a_code(hub: Hub, *channels: str) -> str:
    root = operates(hub, "root", Role.OWNER, by="machine")
    (made,) = changes_of(effects := decide(hub, root, MakeInvitationCode(into=channels)))
    assert isinstance(made, InvitationCodeMade)
    commit(hub, effects)
    return made.code


def account_in(effects: list[Effect]) -> UserAdded:
    return next(each for each in changes_of(effects) if isinstance(each, UserAdded))


@pytest.mark.parametrize(
    ("way", "known"),
    [
        (by_an_administrator, True),
        (from_a_class_list, True),
        (from_the_directory, True),
        (by_a_code_for_a_channel, True),
        (by_a_code_alone, False),
        (by_oneself, False),
    ],
)
def test_who_is_known_during_an_exam(way: Callable[[Hub], UserAdded], known: bool) -> None:
    """Another class is not silent because its accounts are made meanwhile; who makes one alone is, until it ends."""
    hub, _, _, _ = a_school()
    hub.new_secret = secrets()
    hold(hub, exam())
    made = msgspec.structs.replace(way(hub), added_at=NOON_MS + 1, password_hash="digest", must_change=False)
    hub.restore([made])
    session = log_in(hub, "tom")
    assert code(hub, session, to("#général")) == (None if known else "exam")
    assert made.vouched is known


def test_a_private_channel_is_not_named_to_others() -> None:
    """Whom its exam concerns all the same hears of an exam, from its beginning to its end, and so does the list."""
    hub, alice, _, eve = a_school()
    hub.restore([a_channel(9, "#jury", kind="private")])
    joins(hub, alice, 9)
    zoe, prof = come_in(hub, "Zoé"), operates(hub, "prof", Role.ADMIN)
    mod = operates(hub, "mod", Role.MODERATOR)
    eve.address = "10.1.2.3"
    for asked, concerned in ((exam("#jury"), zoe), (exam("#jury", addresses="10.1.2.0/24, 10.0.0.1"), eve)):
        for request in (asked, exam("#jury", duration=99.0), HoldExam(state="off", channel="#jury")):
            follow = ask(hub, prof, request)
            (heard,) = (each for each in heard_by(concerned, follow) if isinstance(each, LessonTold))
            assert heard.channel == ""
            assert "#jury" not in str(sentence(heard, "13:00"))
            (heard,) = (each for each in heard_by(alice, follow) if isinstance(each, LessonTold))
            assert heard.channel == "#jury"
            assert not [each for each in heard_by(mod, follow) if isinstance(each, LessonTold)], "no such channel"
            listed = answered(hub, concerned, HoldExam())
            assert isinstance(listed, LessonsListed)
            assert [each.channel for each in listed.lessons] == ([""] if request.state == "on" else [])
            listed = answered(hub, alice, HoldExam())
            assert isinstance(listed, LessonsListed)
            assert [each.channel for each in listed.lessons] == (["#jury"] if request.state == "on" else [])
