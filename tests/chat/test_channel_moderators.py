"""The moderators of a channel: what they may do in it, never outside it and never over staff, and when that ends."""

from __future__ import annotations

import pytest

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.channel_moderators.rules import name_moderator
from classcord.chat.channel_moderators.vocabulary import (
    ChannelModerator,
    ModeratorChanged,
    ModeratorDismissed,
    ModeratorNamed,
    NoMember,
)
from classcord.chat.channel_settings.vocabulary import SetChannel
from classcord.chat.channels.vocabulary import (
    ChannelRemoved,
    Create,
    Join,
    MemberAdded,
    MemberRemoved,
    Members,
    MembersListed,
    Topic,
)
from classcord.chat.errors import AlreadySo, ChatError, NotAllowed, NotFound
from classcord.chat.events import Notice
from classcord.chat.held_messages.vocabulary import Approve, HeldBack, NothingHeld, RefuseHeld
from classcord.chat.hub import Hub
from classcord.chat.invitations.vocabulary import Invite
from classcord.chat.join_requests.vocabulary import Accept, JoinRequestChanged, Reject, Requests, RequestsListed
from classcord.chat.messages.vocabulary import Details, HandOver, MessageAdded, Say, StoredMessage
from classcord.chat.requests import Request
from classcord.chat.revisions.vocabulary import Delete, ToDelete
from classcord.chat.roles import Permission
from classcord.chat.sanctions.vocabulary import Kick, Mute, NotThisRole
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    NOON_WRITTEN,
    a_channel,
    a_hub,
    add_account,
    answered,
    ask,
    changes_of,
    channel,
    come_in,
    decide,
    heard_by,
    log_in,
    moderator,
    person_of,
    refused,
    trail_of,
)

CLUB = 4


@pytest.fixture
def hub() -> Hub:
    """With #club, for which one has to ask, and #chess; ann and bob are in the club, ann keeps order there."""
    hub = a_hub()
    hub.restore([a_channel(CLUB, "#club", kind="approval", guests=False), a_channel(5, "#chess", kind="approval")])
    for name in ("ann", "bob"):
        account = add_account(hub, name)
        hub.restore([MemberAdded(channel_id=CLUB, user_id=account.id, since=NOON_MS)])
    hub.restore([ModeratorNamed(channel_id=CLUB, user_id=1, at=NOON_MS)])
    return hub


def test_naming(hub: Hub) -> None:
    """Whoever keeps order names a member; the people of the channel hear it, and the trail keeps it."""
    bob, mod = log_in(hub, "bob"), moderator(hub)
    effects = decide(hub, mod, ChannelModerator(user="bob", channel="#club"))
    assert changes_of(effects) == [ModeratorNamed(channel_id=CLUB, user_id=2, at=NOON_MS)]
    assert [e.action for e in trail_of(effects)] == ["channel-moderator-named"]
    event = ModeratorChanged(channel="#club", user="bob", on=True, by="mod", timestamp=NOON_WRITTEN)
    assert heard_by(bob, ask(hub, mod, ChannelModerator(user="bob", channel="#club"))) == [event]
    assert isinstance(refused(hub, mod, ChannelModerator(user="bob", channel="#club")), AlreadySo)
    effects = decide(hub, mod, ChannelModerator(user="bob", channel="#club", on=False))
    assert changes_of(effects) == [ModeratorDismissed(channel_id=CLUB, user_id=2, at=NOON_MS)]
    assert [e.action for e in trail_of(effects)] == ["channel-moderator-dismissed"]


def test_whom_and_by_whom(hub: Hub) -> None:
    """A member with an account; and no moderator of a channel makes others."""
    ann, mod = log_in(hub, "ann"), moderator(hub)
    come_in(hub, "zoé")
    add_account(hub, "eve")
    assert isinstance(refused(hub, mod, ChannelModerator(user="eve", channel="#club")), NoMember)
    assert isinstance(refused(hub, mod, ChannelModerator(user="zoé", channel="#club")), NotFound)
    assert isinstance(refused(hub, ann, ChannelModerator(user="bob", channel="#club")), NotAllowed)
    with pytest.raises(NotAllowed):
        name_moderator(hub, ann, ChannelModerator(user="bob", channel="#club"), NOON)
    assert decide(hub, mod, ChannelModerator(user="eve", channel="#général"))


def test_the_list_of_members_says_who_is_one(hub: Hub) -> None:
    answer = answered(hub, log_in(hub, "bob"), Members(channel="#club"))
    assert isinstance(answer, MembersListed)
    assert answer.moderators == ("ann",)


RIGHTS = {
    Permission.SET_TOPIC,
    Permission.ADMIT,
    Permission.APPROVE,
    Permission.WRITE_READ_ONLY,
    Permission.DELETE_MESSAGES,
    Permission.SET_CHANNEL,
    Permission.HOLD_LESSON,
    Permission.HANDLE_REPORTS,
}


def test_rights(hub: Hub) -> None:
    """These they have in their channel, in no other, and not without a channel; a plain member has none of them."""
    ann, bob = person_of(log_in(hub, "ann")), person_of(log_in(hub, "bob"))
    club, chess = channel(hub, "#club"), channel(hub, "#chess")
    for permission in Permission:
        more = hub.may(ann, permission, club) and not hub.may(bob, permission, club)
        assert more is (permission in RIGHTS)
        assert hub.may(ann, permission, chess) is hub.may(bob, permission, chess)
        assert hub.may(ann, permission) is hub.may(bob, permission)


def test_a_read_only_channel(hub: Hub) -> None:
    channel(hub, "#club").read_only = True
    ann, bob = log_in(hub, "ann"), log_in(hub, "bob")
    assert decide(hub, ann, Say(content="hello", channel="#club"))
    assert hub.may(person_of(ann), Permission.TALK, channel(hub, "#club"))
    assert isinstance(refused(hub, bob, Say(content="hello", channel="#club")), ChatError)


def test_join_requests(hub: Hub) -> None:
    """They hear who asks for their channel, list those requests alone, and answer them."""
    ann, bob, eve = log_in(hub, "ann"), log_in(hub, "bob"), log_in(hub, "eve")
    told = ask(hub, eve, Join(channel="#club"))
    assert [type(event) for event in heard_by(ann, told)] == [Notice, JoinRequestChanged]
    assert heard_by(bob, told) == []
    assert heard_by(ann, ask(hub, eve, Join(channel="#chess"))) == []
    answer = answered(hub, ann, Requests())
    assert isinstance(answer, RequestsListed)
    assert [row.channel for row in answer.requests] == ["#club"]
    told_at_login = heard_by(ann, ask(hub, ann, HandOver()))
    assert [e.content.render() for e in told_at_login if isinstance(e, Notice)] == [
        "Requests that wait for an answer: 1. Answer on the web page or at the console."
    ]
    for request in (Accept(user="eve", channel="#chess"), Reject(user="eve", channel="#chess")):
        assert isinstance(refused(hub, ann, request), NotAllowed)
    assert isinstance(refused(hub, bob, Requests()), NotAllowed)
    assert isinstance(refused(hub, bob, Accept(user="eve", channel="#club")), NotAllowed)
    ask(hub, ann, Accept(user="eve", channel="#club"))
    assert 3 in channel(hub, "#club").members
    log_in(hub, "max")
    assert decide(hub, ann, Invite(user="max", channel="#club"))
    assert isinstance(refused(hub, bob, Invite(user="max", channel="#club")), NotAllowed)


def test_a_moderator_admits_to_a_channel_of_their_own(hub: Hub) -> None:
    """Whoever keeps order loses no right by having made the channel."""
    mod, eve = moderator(hub), log_in(hub, "eve")
    ask(hub, mod, Create(channel="#mine", kind="approval"))
    ask(hub, eve, Join(channel="#mine"))
    assert decide(hub, mod, Accept(user="eve", channel="#mine"))


def test_messages_that_wait(hub: Hub) -> None:
    channel(hub, "#club").hold = True
    ann, bob = log_in(hub, "ann"), log_in(hub, "bob")
    assert [type(e) for e in heard_by(ann, ask(hub, bob, Say(content="hello", channel="#club")))] == [HeldBack]
    ask(hub, bob, Say(content="hello", channel="#club"))
    assert isinstance(changes_of(decide(hub, ann, Say(content="hello", channel="#club")))[0], MessageAdded)
    assert decide(hub, ann, Approve(held_id=1))
    assert decide(hub, ann, RefuseHeld(held_id=2))


def deletion(author_id: int | None, author: str = "somebody", channel_id: int = CLUB) -> Request:
    message = MessageAdded(
        message_id=5, at=NOON_MS, channel_id=channel_id, author=author, author_id=author_id, content="words"
    )
    return ToDelete(asked=Delete(message_id=5), found=StoredMessage(message=message, details=Details()))


def test_deletion(hub: Hub) -> None:
    """Of members and guests in their channel; of staff, and of each other, they delete nothing."""
    ann = log_in(hub, "ann")
    mod = add_account(hub, "mod", "moderator")
    assert decide(hub, ann, deletion(2))
    assert decide(hub, ann, deletion(None))
    assert isinstance(refused(hub, ann, deletion(mod.id)), NotThisRole)
    assert isinstance(refused(hub, ann, deletion(2, channel_id=1)), NotAllowed)
    hub.restore([ModeratorNamed(channel_id=CLUB, user_id=2, at=NOON_MS)])
    assert isinstance(refused(hub, ann, deletion(2)), NotThisRole)


def test_settings(hub: Hub) -> None:
    """They change how members write, but neither close nor rename; and of people they have no power."""
    ann = log_in(hub, "ann")
    assert decide(hub, ann, SetChannel(channel="#club", slow=10, read_only=True, hold=True))
    assert decide(hub, ann, Topic(channel="#club", topic="news"))
    for request in (
        SetChannel(channel="#club", archived=True),
        SetChannel(channel="#club", name="#other"),
        SetChannel(channel="#chess", slow=10),
        Topic(channel="#chess", topic="news"),
        Mute(user="bob"),
        Kick(user="bob"),
    ):
        assert isinstance(refused(hub, ann, request), NotAllowed)


@pytest.mark.parametrize(
    "end",
    [
        ModeratorDismissed(channel_id=CLUB, user_id=1, at=NOON_MS),
        MemberRemoved(channel_id=CLUB, user_id=1),
        ChannelRemoved(channel_id=CLUB, by="prof", at=NOON_MS),
    ],
)
def test_the_end_counts_at_once(hub: Hub, end: ModeratorDismissed | MemberRemoved | ChannelRemoved) -> None:
    """In sessions that are open: whoever leaves the channel is no moderator of it either, nor on coming back."""
    ann, bob = log_in(hub, "ann"), log_in(hub, "bob")
    channel(hub, "#club").hold = True
    ask(hub, bob, Say(content="hello", channel="#club"))
    hub.apply(end)
    if isinstance(end, MemberRemoved):
        hub.apply(MemberAdded(channel_id=CLUB, user_id=1, since=NOON_MS))
    for request in (Requests(), Approve(held_id=1), SetChannel(channel="#club", slow=1)):
        assert isinstance(refused(hub, ann, request), NotAllowed)
    assert isinstance(refused(hub, ann, RefuseHeld(held_id=1)), NothingHeld)
    assert hub.state.accounts_by_id[1].moderates == set()


def test_an_account_that_is_gone_is_one_no_longer(hub: Hub) -> None:
    hub.restore([UserRemoved(user_id=1)])
    assert channel(hub, "#club").moderators == set()
    assert hub.apply(ModeratorNamed(channel_id=CLUB, user_id=1, at=NOON_MS)) == []
    assert hub.apply(ModeratorNamed(channel_id=99, user_id=2, at=NOON_MS)) == []


def test_a_one_time_password(hub: Hub) -> None:
    """Until it is changed, there is no right in a channel either."""
    ann = log_in(hub, "ann")
    hub.state.accounts_by_id[1].must_change = True
    assert not hub.may(person_of(ann), Permission.ADMIT, channel(hub, "#club"))
    assert isinstance(refused(hub, ann, Requests()), NotAllowed)
