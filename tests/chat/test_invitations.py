"""Invitations to channels: who may, who is invited, who hears of it."""

from __future__ import annotations

import pytest

from classcord.chat.block_lists.vocabulary import BlockedByPerson, BlockPerson
from classcord.chat.channels.vocabulary import (
    ChannelClosed,
    CloseChannel,
    Create,
    Join,
    Joined,
    Leave,
    MemberAdded,
    NotInChannel,
)
from classcord.chat.effects import Deliver
from classcord.chat.errors import ChatError, NotAllowed, NotFound
from classcord.chat.events import Done
from classcord.chat.invitations.vocabulary import (
    GuestsAreNotInvited,
    Invite,
    Invited,
    InvitedTo,
    IsMember,
    NoInvitations,
    TooManyInvitations,
)
from classcord.chat.join_requests.vocabulary import JoinDecided
from classcord.chat.roles import Role
from classcord.chat.sanctions.vocabulary import Mute, Muted
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    NOON_WRITTEN,
    a_channel,
    a_hub,
    add_account,
    ask,
    changes_of,
    come_in,
    decide,
    heard_by,
    log_in,
    moderator,
    operates,
    refused,
    the_commit,
)


def test_who_is_invited_is_a_member_and_hears_by_whom() -> None:
    """On all their sessions; the others hear that they have joined, and the inviter is answered."""
    hub = a_hub()
    bob, alice, phone, eve = (log_in(hub, name) for name in ("bob", "alice", "alice", "eve"))
    ask(hub, bob, Create(channel="#jury", kind="private", topic="Notes"))
    effects = decide(hub, bob, Invite(user="ALICE", channel="jury"))
    assert the_commit(effects).answer == Done()
    assert changes_of(effects) == [
        MemberAdded(channel_id=10, user_id=2, since=NOON_MS),
        Invited(channel_id=10, user_id=2, at=NOON_MS),
    ]
    follow = ask(hub, bob, Invite(user="alice", channel="#jury"))
    told = InvitedTo(channel="#jury", kind="private", topic="Notes", user="bob", timestamp=NOON_WRITTEN)
    assert follow == [
        Deliver(Joined(channel="#jury", user="alice"), (bob,)),
        Deliver(told, (alice, phone)),
    ]
    assert heard_by(eve, follow) == []
    ask(hub, alice, Leave(channel="#jury"))
    assert type(refused(hub, alice, Leave(channel="#jury"))) is NotFound


def test_who_is_away_is_a_member_all_the_same() -> None:
    """Nobody hears the invitation; the channel is in their list. A record may come too late for the person, too."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    add_account(hub, "alice")
    ask(hub, bob, Join(channel="#dev"))
    assert ask(hub, bob, Invite(user="alice", channel="#dev")) == []
    assert 2 in hub.state.channels_by_id[2].members
    assert hub.apply(Invited(channel_id=99, user_id=2, at=NOON_MS)) == []
    assert hub.apply(Invited(channel_id=2, user_id=99, at=NOON_MS)) == []


@pytest.mark.parametrize(
    ("kind", "who", "error"),
    [
        ("open", "member", None),
        ("open", "moderator", None),
        ("open", "guest", NotAllowed),
        ("open", "stranger", NotInChannel),
        ("private", "maker", None),
        ("private", "member", NotAllowed),
        ("private", "moderator", None),
        ("private", "stranger", NotFound),
        ("approval", "maker", NotAllowed),
        ("approval", "member", NotAllowed),
        ("approval", "moderator", None),
        ("approval", "stranger", NotInChannel),
        ("private", "operator", None),
        ("open", "operator", None),
    ],
)
def test_who_may_invite(kind: str, who: str, error: type[ChatError] | None) -> None:
    """Each member to an open channel, to a private one its maker, and moderators who are in it; guests nobody."""
    hub = a_hub()
    for name, role in (("maker", "member"), ("member", "member"), ("moderator", "moderator"), ("stranger", "member")):
        add_account(hub, name, role)
    add_account(hub, "alice")
    hub.restore([a_channel(9, "#club", kind, made_by=1, guests=True)])
    hub.restore([MemberAdded(channel_id=9, user_id=number, since=0) for number in (1, 2, 3)])
    if who == "operator":
        session = operates(hub, "root", Role.OWNER)
    elif who == "guest":
        session = come_in(hub, "zoé")
        ask(hub, session, Join(channel="#club"))
    else:
        session = log_in(hub, who)
    request = Invite(user="alice", channel="#club")
    if error is None:
        assert the_commit(decide(hub, session, request)).answer == Done()
    else:
        assert type(refused(hub, session, request)) is error


def test_a_channel_of_a_role_invites_nobody() -> None:
    """Nor does everyone's, nor a closed one; whoever is muted calls nobody."""
    hub = a_hub()
    mod = moderator(hub)
    add_account(hub, "alice")
    for name in ("#général", "#admin"):
        assert type(refused(hub, mod, Invite(user="alice", channel=name))) is NoInvitations
    bob = log_in(hub, "bob")
    ask(hub, bob, Join(channel="#dev"))
    ask(hub, mod, Mute(user="bob"))
    assert type(refused(hub, bob, Invite(user="alice", channel="#dev"))) is Muted
    ask(hub, mod, Join(channel="#dev"))
    ask(hub, operates(hub, "root", Role.OWNER), CloseChannel(channel="#dev"))
    assert type(refused(hub, mod, Invite(user="alice", channel="#dev"))) is ChannelClosed


def test_who_cannot_be_invited() -> None:
    """A guest, who does not come back; nobody; a member."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    ask(hub, bob, Join(channel="#dev"))
    come_in(hub, "zoé")
    for name, kind in (("zoé", GuestsAreNotInvited), ("nobody", NotFound), ("bob", IsMember)):
        error = refused(hub, bob, Invite(user=name, channel="#dev"))
        assert (type(error), error.field) == (kind, "user")


def test_whom_somebody_has_blocked_does_not_call_them() -> None:
    """Neither by a message nor by an invitation."""
    hub = a_hub()
    bob, alice = log_in(hub, "bob"), log_in(hub, "alice")
    ask(hub, bob, Join(channel="#dev"))
    ask(hub, alice, BlockPerson(user="bob"))
    assert type(refused(hub, bob, Invite(user="alice", channel="#dev"))) is BlockedByPerson


def test_an_invitation_answers_the_request_to_join() -> None:
    """Who has asked to be admitted waits no longer."""
    hub = a_hub()
    mod, alice = moderator(hub), log_in(hub, "alice")
    hub.restore([a_channel(9, "#club", "approval"), MemberAdded(channel_id=9, user_id=1, since=0)])
    ask(hub, alice, Join(channel="#club"))
    effects = decide(hub, mod, Invite(user="alice", channel="#club"))
    decided, added, _ = changes_of(effects)
    assert isinstance(decided, JoinDecided)
    assert (decided.state, decided.decided_by, decided.told) == ("accepted", "mod", True)
    assert added == MemberAdded(channel_id=9, user_id=2, since=NOON_MS)


def test_who_has_left_twice_is_left_alone() -> None:
    """One person is not called to one channel again and again; a moderator may, and tomorrow it may be tried again."""
    hub = a_hub()
    bob, alice, mod = log_in(hub, "bob"), log_in(hub, "alice"), moderator(hub)
    for session in (bob, mod):
        ask(hub, session, Join(channel="#dev"))
    request = Invite(user="alice", channel="#dev")
    for _ in range(2):
        ask(hub, bob, request)
        ask(hub, alice, Leave(channel="#dev"))
    error = refused(hub, bob, request)
    assert type(error) is TooManyInvitations
    assert error.retry_after is not None
    ask(hub, mod, request)
    ask(hub, alice, Leave(channel="#dev"))
    assert decide(hub, bob, request, NOON + error.retry_after)


def test_a_hundred_invitations_a_day() -> None:
    """Nobody calls the whole school."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    ask(hub, bob, Join(channel="#dev"))
    for number in range(101):
        add_account(hub, f"p{number}")
    for number in range(100):
        ask(hub, bob, Invite(user=f"p{number}", channel="#dev"))
    assert type(refused(hub, bob, Invite(user="p100", channel="#dev"))) is TooManyInvitations
