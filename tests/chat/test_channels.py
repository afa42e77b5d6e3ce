"""Channels: list, make, enter, leave, and their members; what is private stays unseen."""

from __future__ import annotations

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import RoleChanged
from classcord.chat.channels import bounds as channel_bounds
from classcord.chat.channels.vocabulary import (
    AlreadyMember,
    ChannelAdded,
    ChannelClosed,
    ChannelEntered,
    ChannelExists,
    ChannelInfo,
    Channels,
    ChannelsListed,
    Create,
    EveryonesChannel,
    GuestJoined,
    GuestLeft,
    Join,
    JoinChannel,
    Joined,
    Leave,
    Left,
    MemberAdded,
    MemberRemoved,
    Members,
    MembersListed,
    NotInChannel,
    TooManyChannels,
    TooManyOwnChannels,
    Topic,
    Who,
)
from classcord.chat.connections.vocabulary import Disconnect
from classcord.chat.effects import BeginListening, Commit, Deliver, DeliverPresence, EndListening
from classcord.chat.errors import BadRequest, ChatError, NotAllowed, NotFound, TooLong
from classcord.chat.events import Done
from classcord.chat.hub import Hub
from classcord.chat.join_requests.vocabulary import NeedsAccount
from classcord.chat.messages.vocabulary import History
from classcord.chat.people import Session
from classcord.chat.presence.vocabulary import Status
from classcord.chat.records import Record
from classcord.chat.requests import Request
from classcord.chat.roles import Role
from tests.chat.hubs import (
    ADDRESS,
    NOON_MS,
    a_channel,
    a_hub,
    add_account,
    answered,
    ask,
    changes_of,
    channel,
    come_in,
    commit,
    connect,
    decide,
    heard_by,
    log_in,
    moderator,
    person_of,
    untrailed,
)


def listed(hub: Hub, session: Session) -> dict[str, ChannelInfo]:
    answer = answered(hub, session, Channels())
    assert isinstance(answer, ChannelsListed)
    return {row.name: row for row in answer.channels}


def members(hub: Hub, session: Session, name: str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    answer = answered(hub, session, Members(channel=name))
    assert isinstance(answer, MembersListed)
    return answer.members, answer.online


# -- making one -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "guests"), [("open", True), ("private", False)])
def test_a_channel_is_made_with_its_maker_in_it(kind: str, guests: bool) -> None:
    """Whoever makes a channel is its first member, in one commit; a private one admits no guests."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    request = Create(channel="Ｐｒojet", kind=kind, topic="  what \n we do ")
    effects = decide(hub, bob, request)
    added = ChannelAdded(
        channel_id=10,
        name="#Projet",
        name_key="projet",
        kind=kind,
        topic="what we do",
        guests=guests,
        made_by=1,
        made_from=ADDRESS,
        added_at=NOON_MS,
    )
    member = MemberAdded(channel_id=10, user_id=1, since=NOON_MS)
    answer = ChannelEntered(channel="#Projet", kind=kind, topic="what we do")
    assert untrailed(effects) == [Commit(bob, (added, member), request, answer)]
    assert hub.state.channel("projet") is None
    assert commit(hub, effects) == []
    assert channel(hub, "#PROJET").audience() == (bob,)


@pytest.mark.parametrize(
    ("request_", "refusal", "field"),
    [
        (Create(channel="a b"), BadRequest, "channel"),
        (Create(channel="#tous"), BadRequest, "channel"),
        (Create(channel="#аdmin"), BadRequest, "channel"),
        (Create(channel="#x", kind="default"), BadRequest, "kind"),
        (Create(channel="#x", kind="approval"), BadRequest, "kind"),
        (Create(channel="#x", kind="Open"), BadRequest, "kind"),
        (Create(channel="#Dév"), ChannelExists, "channel"),
        (Create(channel="general"), ChannelExists, "channel"),
        (Create(channel="#x", topic="x" * 301), TooLong, "topic"),
        (Create(channel="#x", topic="a\x1b[2Jb"), BadRequest, "topic"),
    ],
)
def test_a_channel_that_cannot_be_made_is_refused(request_: Create, refusal: type[ChatError], field: str) -> None:
    """A misleading or taken name, another kind, too long a topic: the refusal names the field."""
    hub = a_hub()
    with pytest.raises(refusal) as caught:
        decide(hub, log_in(hub, "bob"), request_)
    assert caught.value.field == field


def test_there_is_an_end_to_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the bound no more are made, but by who keeps order."""
    hub = a_hub()
    for name in ("#one", "#two", "#three"):
        ask(hub, log_in(hub, f"of{name[1:]}"), Create(channel=name))
    monkeypatch.setattr(channel_bounds, "MOST_CHANNELS", 3)
    monkeypatch.setattr(channel_bounds, "_most_from", lambda *_: 99)
    with pytest.raises(TooManyChannels):
        decide(hub, log_in(hub, "bob"), Create(channel="#x"))
    ask(hub, moderator(hub), Create(channel="#x"))


def test_one_member_makes_only_so_many_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody fills the server's list alone; a moderator may make more."""
    monkeypatch.setattr(channel_bounds, "MOST_OWN_CHANNELS", 1)
    hub = a_hub()
    bob, eve, mod = log_in(hub, "bob"), log_in(hub, "eve"), moderator(hub)
    ask(hub, bob, Create(channel="#one"))
    with pytest.raises(TooManyOwnChannels):
        decide(hub, bob, Create(channel="#two"))
    ask(hub, eve, Create(channel="#two"))
    for name in ("#three", "#four"):
        ask(hub, mod, Create(channel=name))


# -- listing ----------------------------------------------------------------------------------------------------------


def test_the_list_shows_what_one_may_see() -> None:
    """A private channel is listed for its members alone; each row says whether one is a member."""
    hub = a_hub()
    news = a_channel(4, "#news", archived=True, read_only=True, topic="News")
    hub.restore([news, a_channel(5, "#club", kind="approval")])
    bob, mod, zoe = log_in(hub, "bob"), moderator(hub), come_in(hub, "zoé")
    ask(hub, bob, Create(channel="#secret", kind="private"))
    ask(hub, bob, Join(channel="#dev"))
    assert list(listed(hub, bob)) == ["#général", "#dev", "#news", "#club", "#secret"]
    assert list(listed(hub, zoe)) == ["#général", "#dev", "#news", "#club"]
    assert list(listed(hub, mod)) == ["#général", "#dev", "#admin", "#news", "#club"]
    assert listed(hub, bob)["#dev"] == ChannelInfo(
        name="#dev", kind="open", topic="", members=1, member=True, read_only=False, closed=False
    )
    assert listed(hub, zoe)["#news"] == ChannelInfo(
        name="#news", kind="open", topic="News", members=0, member=False, read_only=True, closed=True
    )
    assert listed(hub, zoe)["#général"] == ChannelInfo(
        name="#général", kind="default", topic="", members=3, member=True, read_only=False, closed=False
    )


def test_members_are_listed_whether_or_not_they_are_here() -> None:
    """Accounts that are members, then guests who are; of them those who are here and do not hide."""
    hub = a_hub()
    bob, alice, zoe = log_in(hub, "bob"), log_in(hub, "alice"), come_in(hub, "zoé")
    log_in(hub, "bob")
    for session in (bob, alice, zoe):
        ask(hub, session, Join(channel="#dev"))
    ask(hub, alice, Status(state="invisible"))
    assert members(hub, bob, "dev") == (("bob", "alice", "zoé"), ("bob", "zoé"))
    ask(hub, zoe, Disconnect())
    assert members(hub, bob, "dev") == (("bob", "alice"), ("bob",))
    assert members(hub, bob, None) == (("bob",), ("bob",))
    add_account(hub, "away")
    assert members(hub, bob, "#général") == (("bob",), ("bob",))


def test_members_have_their_roles() -> None:
    """Whoever is no plain member is named with the role: a guest, and a moderator who is away."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club", "open")])
    bob, zoe, mod = log_in(hub, "bob"), come_in(hub, "Zoé"), moderator(hub)
    for session in (bob, zoe, mod):
        ask(hub, session, Join(channel="#club"))
    everyone = answered(hub, bob, Members(channel="#général"))
    assert isinstance(everyone, MembersListed)
    assert everyone.roles == {"Zoé": "guest", "mod": "moderator"}
    ask(hub, mod, Disconnect())
    club = answered(hub, bob, Members(channel="#club"))
    assert isinstance(club, MembersListed)
    assert (club.members, club.roles) == (("bob", "mod", "Zoé"), {"Zoé": "guest", "mod": "moderator"})


def test_members_have_their_states() -> None:
    """Whoever is here and not online is named with the state; who hides is not here, and nobody is told why."""
    hub = a_hub()
    bob, zoe, mod = log_in(hub, "bob"), come_in(hub, "Zoé"), moderator(hub)
    for session, state in ((bob, "away"), (zoe, "do not disturb"), (mod, "invisible")):
        ask(hub, session, Status(state=state))
    everyone = answered(hub, bob, Members(channel="#général"))
    assert isinstance(everyone, MembersListed)
    assert everyone.states == {"bob": "away", "Zoé": "do not disturb"}
    ask(hub, bob, Status(state="online"))
    everyone = answered(hub, bob, Members(channel="#général"))
    assert isinstance(everyone, MembersListed)
    assert everyone.states == {"Zoé": "do not disturb"}


def test_who_is_the_older_form_of_members() -> None:
    """`who` is decided like `members` (classic rule 18)."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    assert answered(hub, bob, Who(channel="general")) == MembersListed(
        channel="#général", members=("bob",), online=("bob",)
    )


@pytest.mark.parametrize(
    "request_",
    [
        Members(channel="#secret"),
        Join(channel="#secret"),
        JoinChannel(channel="secret"),
        Leave(channel="#secret"),
        Topic(channel="#secret"),
        Topic(channel="#secret", topic="x"),
        History(channel="#secret"),
    ],
)
def test_a_private_channel_does_not_exist_for_others(request_: Request) -> None:
    """Not even a moderator outside of it hears anything but what one hears of a channel that is not there."""
    hub = a_hub()
    ask(hub, log_in(hub, "bob"), Create(channel="#secret", kind="private"))
    for session in (log_in(hub, "alice"), come_in(hub, "zoé"), moderator(hub)):
        with pytest.raises(NotFound) as caught:
            decide(hub, session, request_)
        assert str(caught.value) in {"There is no “#secret” here.", "There is no “secret” here."}


def test_without_a_default_channel_nobody_is_lost() -> None:
    """A hub without its channels answers that the default one is not there, and delivers to nobody."""
    hub = Hub(a_hub().policy)
    bob = log_in(hub, "bob")
    assert hub.state.everyone() == ()
    with pytest.raises(NotFound, match="#général"):
        decide(hub, bob, Members())


# -- entering and leaving ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Join, JoinChannel])
def test_joining_an_open_channel(kind: type[Join]) -> None:
    """All sessions of the new member listen from then on, and those who did hear of it."""
    hub = a_hub()
    alice, bob, phone = log_in(hub, "alice"), log_in(hub, "bob"), log_in(hub, "bob")
    ask(hub, alice, kind(channel="#dev"))
    request = kind(channel="dev")
    effects = decide(hub, bob, request)
    answer = ChannelEntered(channel="#dev", kind="open", topic="")
    assert untrailed(effects) == [Commit(bob, (MemberAdded(channel_id=2, user_id=2, since=NOON_MS),), request, answer)]
    assert commit(hub, effects) == [Deliver(Joined(channel="#dev", user="bob"), (alice,))]
    assert channel(hub, "#dev").audience() == (alice, bob, phone)
    with pytest.raises(AlreadyMember):
        decide(hub, phone, request)


def test_who_begins_and_ends_to_listen_is_said_for_each_session() -> None:
    """What waits for the others is not theirs, or still is: also if nobody is told, and for a change of role."""
    hub = a_hub()
    alice, bob, phone = log_in(hub, "alice"), log_in(hub, "bob"), log_in(hub, "bob")
    dev, admin = channel(hub, "#dev"), channel(hub, "#admin")
    joins, leaves = MemberAdded(channel_id=2, user_id=2, since=NOON_MS), MemberRemoved(channel_id=2, user_id=2)
    assert hub.apply(joins) == [BeginListening(dev, (bob, phone))]
    assert hub.apply(leaves) == [EndListening(dev, (bob, phone))]
    ask(hub, alice, Join(channel="#dev"))
    joined, left = Joined(channel="#dev", user="bob"), Left(channel="#dev", user="bob")
    assert hub.apply(joins) == [
        BeginListening(dev, (bob, phone)),
        DeliverPresence(joined, dev, (bob, phone)),
    ]
    assert hub.apply(leaves) == [EndListening(dev, (bob, phone)), DeliverPresence(left, dev)]
    ask(hub, bob, Status(state="invisible"))
    assert hub.apply(joins) == [BeginListening(dev, (bob, phone))]
    assert hub.apply(leaves) == [EndListening(dev, (bob, phone))]
    promoted = hub.apply(RoleChanged(user_id=2, role="moderator", before="member", at=NOON_MS))
    assert [each for each in promoted if isinstance(each, BeginListening)] == [
        BeginListening(admin, (bob,)),
        BeginListening(admin, (phone,)),
    ]
    demoted = hub.apply(RoleChanged(user_id=2, role="member", before="moderator", at=NOON_MS))
    assert [each for each in demoted if isinstance(each, EndListening)] == [
        EndListening(admin, (bob,)),
        EndListening(admin, (phone,)),
    ]


def test_becoming_a_member_twice_is_once() -> None:
    """Two sessions that join within one group of commits make one member, announced once."""
    hub = a_hub()
    alice, bob, phone = log_in(hub, "alice"), log_in(hub, "bob"), log_in(hub, "bob")
    ask(hub, alice, Join(channel="#dev"))
    effects = decide(hub, bob, Join(channel="#dev")) + decide(hub, phone, Join(channel="#dev"))
    assert heard_by(alice, commit(hub, effects)) == [Joined(channel="#dev", user="bob")]
    assert channel(hub, "#dev").audience() == (alice, bob, phone)


def test_membership_lasts_from_login_to_login() -> None:
    """Who comes back listens to the channels they are a member of; joining and leaving counts for who is away too."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    ask(hub, bob, Join(channel="#dev"))
    ask(hub, bob, Disconnect())
    assert channel(hub, "#dev").audience() == ()
    bob = log_in(hub, "bob")
    assert channel(hub, "#dev").audience() == (bob,)
    ask(hub, bob, Disconnect())
    assert hub.apply(MemberRemoved(channel_id=2, user_id=1)) == []
    assert hub.apply(MemberAdded(channel_id=3, user_id=1, since=NOON_MS)) == []
    bob = log_in(hub, "bob")
    assert channel(hub, "#dev").audience() == ()
    assert channel(hub, "#admin").audience() == (bob,)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"kind": "approval"}, NeedsAccount),
        ({"kind": "private"}, NotFound),
        ({"archived": True}, ChannelClosed),
        ({"guests": False}, NotAllowed),
    ],
)
def test_some_channels_are_not_for_a_guest_to_join(fields: dict[str, object], refusal: type[ChatError]) -> None:
    """By approval, private, closed or without guests: the refusal says which, as far as one may know."""
    hub = a_hub()
    hub.restore([a_channel(4, "#room", **fields)])  # type: ignore[arg-type]
    with pytest.raises(refusal) as caught:
        decide(hub, come_in(hub, "zoé"), Join(channel="#room"))
    assert type(caught.value) is refusal


def test_everyone_is_in_the_default_channel() -> None:
    """It need not be joined and cannot be left."""
    hub = a_hub()
    for session in (log_in(hub, "bob"), come_in(hub, "zoé")):
        with pytest.raises(AlreadyMember):
            decide(hub, session, Join(channel="#général"))
        with pytest.raises(EveryonesChannel):
            decide(hub, session, Leave(channel="#général"))


def test_members_by_role_are_in_without_having_asked() -> None:
    """A moderator listens to the staff's channel from their login; a member does not know of it."""
    hub = a_hub()
    bob, mod = log_in(hub, "bob"), moderator(hub)
    assert channel(hub, "#admin").audience() == (mod,)
    assert members(hub, mod, "#admin")[1] == ("mod",)
    with pytest.raises(EveryonesChannel):
        decide(hub, mod, Leave(channel="#admin"))
    with pytest.raises(NotFound):
        decide(hub, bob, Members(channel="#admin"))


def test_leaving_a_channel() -> None:
    """No session of who leaves listens any more, those who stay hear of it, and it can be joined again."""
    hub = a_hub()
    alice, bob, phone = log_in(hub, "alice"), log_in(hub, "bob"), log_in(hub, "bob")
    for session in (alice, bob):
        ask(hub, session, Join(channel="#dev"))
    request = Leave(channel="Dev")
    effects = decide(hub, phone, request)
    assert untrailed(effects) == [Commit(phone, (MemberRemoved(channel_id=2, user_id=2),), request, Done())]
    assert commit(hub, effects) == [Deliver(Left(channel="#dev", user="bob"), (alice,))]
    assert channel(hub, "#dev").audience() == (alice,)
    with pytest.raises(NotInChannel):
        decide(hub, bob, request)
    assert decide(hub, bob, Join(channel="#dev"))
    assert ask(hub, alice, request) == []


def test_a_guest_enters_and_leaves_without_the_store() -> None:
    """A guest's coming and going is told like a member's."""
    hub = a_hub()
    alice, zoe = log_in(hub, "alice"), come_in(hub, "zoé")
    ask(hub, alice, Join(channel="#dev"))
    joins = decide(hub, zoe, Join(channel="#dev"))
    assert changes_of(joins) == [GuestJoined(channel_id=2, at=NOON_MS)]
    assert commit(hub, joins) == [Deliver(Joined(channel="#dev", user="zoé"), (alice,))]
    leaves = decide(hub, zoe, Leave(channel="#dev"))
    assert changes_of(leaves) == [GuestLeft(channel_id=2)]
    assert commit(hub, leaves) == [Deliver(Left(channel="#dev", user="zoé"), (alice,))]
    with pytest.raises(NotInChannel):
        decide(hub, zoe, Leave(channel="#dev"))


@pytest.mark.parametrize("record", [GuestJoined(channel_id=2), GuestLeft(channel_id=2)])
def test_a_guest_who_is_gone_enters_nothing(record: Record) -> None:
    """A record of a session that is nobody any more changes nothing."""
    hub = a_hub()
    assert hub.apply(msgspec.structs.replace(record, session_id=connect(hub).id)) == []
    assert hub.apply(record) == []
    assert channel(hub, "#dev").audience() == ()


def test_an_account_keeps_its_channels_in_view() -> None:
    """`listens_to` is what a new session hears: memberships and what its role includes."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    ask(hub, bob, Join(channel="#dev"))
    assert [c.name for c in hub.state.listens_to(person_of(bob))] == ["#général", "#dev"]


def test_somebody_invisible_joins_and_leaves_unseen() -> None:
    """A channel's members hear nothing of whom they take for gone (classic rule 11); the membership is real."""
    hub = a_hub()
    eve, bob = log_in(hub, "eve"), log_in(hub, "bob")
    ask(hub, eve, Join(channel="#dev"))
    ask(hub, bob, Status(state="invisible"))
    assert heard_by(eve, ask(hub, bob, Join(channel="#dev"))) == []
    assert listed(hub, bob)["#dev"].member
    assert heard_by(eve, ask(hub, bob, Leave(channel="#dev"))) == []
    assert not listed(hub, bob)["#dev"].member


@pytest.mark.parametrize("role", ["member", "moderator", "admin", "owner"])
@pytest.mark.parametrize("kind", ["open", "private", "approval"])
@pytest.mark.parametrize("members_from", [None, "moderator", "owner"])
def test_a_private_channels_name_is_not_told(role: str, kind: str, members_from: str | None) -> None:
    """Who may not see a channel is refused its name as a reserved one is; who may see it is told that it exists."""
    hub = a_hub(create_channel=Role.MEMBER)
    hub.restore([a_channel(7, "#Jury", kind="private", guests=False, members_from=members_from)])
    add_account(hub, "zoé", role)
    session = log_in(hub, "zoé")
    sees = hub.may_see(channel(hub, "#jury"), person_of(session))

    def refusal(name: str) -> tuple[type[ChatError], str, str | None]:
        with pytest.raises(ChatError) as error:
            decide(hub, session, Create(channel=name, kind=kind))
        return type(error.value), str(error.value), error.value.field

    if kind == "approval" and role == "member":
        assert refusal("#jury") == refusal("#any-other")
    elif sees:
        assert refusal("#jury")[0] is ChannelExists
    else:
        assert refusal("#jury") == refusal("#jüry") == refusal("#serveur")
        assert "exist" not in refusal("#jury")[1]


def test_a_guest_learns_nothing_of_a_private_channel() -> None:
    """They make none, whatever its name is."""
    hub = a_hub()
    guest = come_in(hub, "zoé")
    for name in ("#admin", "#free"):
        with pytest.raises(NotAllowed):
            decide(hub, guest, Create(channel=name))


@pytest.mark.parametrize("role", ["member", "moderator", "owner"])
def test_no_channel_looks_like_another(role: str) -> None:
    """Of any channel what nobody can tell apart, of the staff's also what seems so at a glance; a number is another."""
    hub = a_hub()
    hub.restore([a_channel(7, "#lecture")])
    add_account(hub, "bob", role)
    bob = log_in(hub, "bob")
    for name in ("#Iecture", "#adm1n", "#admın", "#ad-min", "#généra1"):
        with pytest.raises(BadRequest) as refused:
            ask(hub, bob, Create(channel=name))
        assert "not available" in str(refused.value), name
    for name in ("#lecture2", "#1ecture-b", "#administration"):
        (made,) = decide(hub, bob, Create(channel=name))
        assert isinstance(made, Commit), name
