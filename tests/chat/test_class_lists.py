"""A class list that a running server takes: part by part, at the machine alone, all of a part or nothing."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.class_lists.list_rooms import class_rooms
from classcord.chat.class_lists.vocabulary import ListedMove, ListedPupil, ListedRoom, ListOutdated, TakeClassList
from classcord.chat.effects import Deliver, TellSecurity
from classcord.chat.errors import NotAllowed
from classcord.chat.hub import Hub
from classcord.chat.invitations.vocabulary import InvitedTo
from classcord.chat.people import Session
from classcord.chat.registration.vocabulary import UsernameTaken
from classcord.chat.roles import Role
from tests.chat.hubs import a_hub, add_account, ask, commit, connect, decide, log_in, operates, refused, trail_of

DIGEST = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$ZGlnZXN0"
ROOMS = (ListedRoom(name="#SIO-1", is_class=True), ListedRoom(name="#SIO-1-A", is_class=False))


def pupil(name: str, *channels: str, **known: Any) -> ListedPupil:
    return ListedPupil(username=name, digest=DIGEST, channels=channels, **known)


@pytest.fixture
def hub() -> Hub:
    return a_hub()


@pytest.fixture
def root(hub: Hub) -> Session:
    return operates(hub, "root", Role.OWNER, by="machine")


def rooms_of(hub: Hub, name: str) -> set[str]:
    account = hub.state.account(name)
    assert account is not None
    return {hub.state.channel_name(number) for number in account.channels}


def test_channels_then_accounts_then_moves(hub: Hub, root: Session) -> None:
    """New accounts have a password for one time, and who is here hears of a new channel at once."""
    ask(hub, root, TakeClassList(rooms=ROOMS))
    assert sorted(class_rooms(hub).values()) == [False, True]
    effects = decide(hub, root, TakeClassList(new=(pupil("lea.martin", "#SIO-1", "#SIO-1-A", first_name="Léa"),)))
    assert {entry.action for entry in trail_of(effects)} == {"user-added", "member-added"}
    assert TellSecurity("import-class", "root", "0 channels, 1 accounts, 0 moves") in effects
    commit(hub, effects)
    account = hub.state.account("lea.martin")
    assert account is not None
    assert (account.role, account.must_change) == (Role.MEMBER, True)
    assert rooms_of(hub, "lea.martin") == {"#SIO-1", "#SIO-1-A"}
    add_account(hub, "prof", "moderator")
    teacher = log_in(hub, "prof")
    told = commit(hub, decide(hub, root, TakeClassList(moves=(ListedMove(username="prof", enters=("#SIO-1",)),))))
    heard = [each.event for each in told if isinstance(each, Deliver) and teacher in each.audience]
    assert [(each.channel, each.user) for each in heard if isinstance(each, InvitedTo)] == [("#SIO-1", "root")]
    moved = ListedMove(username="lea.martin", leaves=("#SIO-1-A",), enters=("#SIO-1",))
    ask(hub, root, TakeClassList(moves=(moved,)))
    assert rooms_of(hub, "lea.martin") == {"#SIO-1"}


def test_the_same_part_again_changes_nothing(hub: Hub, root: Session) -> None:
    """Who imports again after half of it was stored stores the rest."""
    ask(hub, root, TakeClassList(rooms=ROOMS))
    again = decide(hub, root, TakeClassList(rooms=ROOMS))
    assert [record for effect in again for record in getattr(effect, "records", ())] == []


@pytest.mark.parametrize(
    ("part", "error"),
    [
        (TakeClassList(new=(pupil("new", "#SIO-1"), pupil("bob", "#SIO-1"))), UsernameTaken),
        (TakeClassList(new=(pupil("new", "#SIO-1"), pupil("New", "#SIO-1"))), ListOutdated),
        (TakeClassList(new=(pupil("new", "#dev"),)), ListOutdated),
        (TakeClassList(moves=(ListedMove(username="bob", enters=("#admin",)),)), ListOutdated),
        (TakeClassList(moves=(ListedMove(username="bob", leaves=("#gone",)),)), ListOutdated),
        (TakeClassList(moves=(ListedMove(username="nobody", enters=("#SIO-1",)),)), ListOutdated),
        (TakeClassList(rooms=(ListedRoom(name="#dev", is_class=True),)), ListOutdated),
    ],
)
def test_what_has_changed_meanwhile_is_refused_whole(
    hub: Hub, root: Session, part: TakeClassList, error: type[Exception]
) -> None:
    """A name taken, a channel that no list has made, somebody who is gone: nothing is promised or stored."""
    add_account(hub, "bob")
    ask(hub, root, TakeClassList(rooms=ROOMS))
    assert type(refused(hub, root, part)) is error
    assert not hub.state.promised
    ask(hub, root, TakeClassList(new=(pupil("new", "#SIO-1"),)))


def test_a_channel_may_be_adopted_but_not_one_of_a_role(hub: Hub, root: Session) -> None:
    ask(hub, root, TakeClassList(rooms=(ListedRoom(name="#dev", is_class=True),), adopt=True))
    assert class_rooms(hub) == {2: True}
    for name in ("#admin", "#général"):
        part = TakeClassList(rooms=(ListedRoom(name=name, is_class=True),), adopt=True)
        assert type(refused(hub, root, part)) is ListOutdated


def test_nobody_but_the_machine(hub: Hub) -> None:
    """An owner with a key or a password imports by the command, at the machine; a client has no such request."""
    add_account(hub, "boss", "owner")
    for session in (
        operates(hub, "key", Role.OWNER),
        operates(hub, "boss", Role.OWNER, by="password"),
        log_in(hub, "boss"),
        connect(hub),
    ):
        assert type(refused(hub, session, TakeClassList(rooms=ROOMS))) is NotAllowed
