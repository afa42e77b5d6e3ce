"""How many channels there may be: nobody and no address uses up what all have; deleting one, and what stays of it."""

from __future__ import annotations

import dataclasses

import pytest

from classcord.chat.channels.bounds import MOST_CHANNELS, MOST_OWN_CHANNELS
from classcord.chat.channels.vocabulary import (
    ChannelArchived,
    ChannelDeleted,
    ChannelRemoved,
    ChannelStays,
    ChannelsTooFast,
    CloseChannel,
    Create,
    DeleteChannel,
    Join,
    Leave,
    ListedChannelStays,
    TooManyChannelsFromHere,
    TooManyOwnChannels,
)
from classcord.chat.effects import Commit
from classcord.chat.errors import ChatError, NotAllowed, NotFound
from classcord.chat.events import Notice
from classcord.chat.hub import Hub
from classcord.chat.messages.vocabulary import Said, Say
from classcord.chat.people import Session
from classcord.chat.roles import Role
from tests.chat.hubs import (
    NOON,
    NOON_WRITTEN,
    a_channel,
    a_hub,
    add_account,
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
    trail_of,
)

DAY = 86_400
HERE, THERE, SCHOOL, OWN = "198.51.100.7", "203.0.113.9", "10.0.2.2", "127.0.0.1"


def _from(hub: Hub, name: str, address: str) -> Session:
    return log_in(hub, name, dataclasses.replace(connect(hub), address=address))


def _make(hub: Hub, session: Session, number: int, now: float = NOON) -> None:
    ask(hub, session, Create(channel=f"#c{number}"), now)


def _makes_all_it_can(hub: Hub, address: str, accounts: int, now: float = NOON) -> int:
    """Let so many accounts at an address make channels until they are refused; return how many there are of them."""
    for number in range(accounts):
        session = _from(hub, f"a{number}at{address.replace('.', '')}", address)
        for _ in range(MOST_OWN_CHANNELS + 1):
            try:
                _make(hub, session, len(hub.state.channels), now)
            except ChatError:
                break
    return sum(each.made_from == address for each in hub.state.channels_by_id.values())


@pytest.mark.no_cover  # thousands of channels
@pytest.mark.parametrize(
    ("address", "setting", "most"),
    [
        (HERE, 200, 200),
        (HERE, 0, MOST_CHANNELS // 2),
        (HERE, 10_000, MOST_CHANNELS // 2),
        (SCHOOL, 200, MOST_CHANNELS // 2),
        (OWN, 200, MOST_CHANNELS // 2),
    ],
    ids=["by default", "without a limit", "with a limit too high", "a shared address", "the machine itself"],
)
def test_no_address_uses_up_what_all_have(address: str, setting: int, most: int) -> None:
    """Sixty accounts of one address make what is theirs, and a member at another address still makes a channel."""
    hub = a_hub(channels_per_address=setting, shared_networks=("10.0.0.0/8",))
    assert _makes_all_it_can(hub, address, 60) == most < MOST_CHANNELS
    _make(hub, _from(hub, "pupil", THERE), 5_000)


@pytest.mark.no_cover  # thousands of channels
def test_who_keeps_order_is_never_out_of_room() -> None:
    """Where all is used up, moderators make channels still."""
    hub = a_hub(channels_per_address=0)
    for address in (HERE, THERE, "203.0.113.10"):
        _makes_all_it_can(hub, address, 60)
    with pytest.raises(NotAllowed):
        _make(hub, _from(hub, "pupil", "203.0.113.11"), 5_000)
    ask(hub, moderator(hub), Create(channel="#staff"))


def test_an_ipv6_subscriber_is_one_place() -> None:
    """The addresses of one /64 have their channels together."""
    hub = a_hub(channels_per_address=2)
    for number in range(2):
        _make(hub, _from(hub, f"a{number}", f"2001:db8::{number}"), number)
    with pytest.raises(TooManyChannelsFromHere):
        _make(hub, _from(hub, "b", "2001:db8::b"), 9)
    _make(hub, _from(hub, "c", "2001:db8:0:1::1"), 9)


def test_closed_channels_do_not_count() -> None:
    """A moderator who closes what somebody has made gives them room, and everybody."""
    hub = a_hub()
    bob = _from(hub, "bob", HERE)
    for number in range(MOST_OWN_CHANNELS):
        _make(hub, bob, number)
    with pytest.raises(TooManyOwnChannels):
        _make(hub, bob, 99, NOON + DAY)
    for number in range(MOST_OWN_CHANNELS):
        hub.apply(ChannelArchived(channel_id=channel(hub, f"#c{number}").id, archived=True, at=0))
    _make(hub, bob, 99, NOON + DAY)


def test_empty_channels_count_for_their_maker_and_not_for_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever makes channels and leaves them keeps nobody else from making one, and makes no more than others."""
    monkeypatch.setattr("classcord.chat.channels.bounds.MOST_CHANNELS", MOST_OWN_CHANNELS)
    monkeypatch.setattr("classcord.chat.channels.bounds._most_from", lambda *_: 99)
    hub = a_hub()
    bob = _from(hub, "bob", HERE)
    for number in range(MOST_OWN_CHANNELS):
        _make(hub, bob, number)
        ask(hub, bob, Leave(channel=f"#c{number}"))
    with pytest.raises(TooManyOwnChannels):
        _make(hub, bob, 98, NOON + DAY)
    _make(hub, _from(hub, "eve", THERE), 99)


def test_who_makes_and_deletes_makes_no_more_than_others() -> None:
    """In a day as many as there may be at once; then it is told when."""
    hub = a_hub()
    bob = _from(hub, "bob", HERE)
    for number in range(MOST_OWN_CHANNELS):
        _make(hub, bob, number)
        ask(hub, bob, DeleteChannel(channel=f"#c{number}"))
    with pytest.raises(ChannelsTooFast) as refusal:
        _make(hub, bob, 99)
    assert refusal.value.retry_after == DAY / MOST_OWN_CHANNELS
    _make(hub, bob, 99, NOON + DAY / MOST_OWN_CHANNELS + 1)


# -- deleting one -----------------------------------------------------------------------------------------------------


def _admin(hub: Hub) -> Session:
    add_account(hub, "head", "admin")
    return log_in(hub, "head")


def test_a_deleted_channel_is_gone_for_everyone() -> None:
    """Members hear of it, its name is free, and a new channel of the name is another one."""
    hub = a_hub()
    bob, eve, head = log_in(hub, "bob"), log_in(hub, "eve"), _admin(hub)
    ask(hub, bob, Create(channel="#cours"))
    ask(hub, eve, Join(channel="#cours"))
    before = channel(hub, "#cours").id
    effects = decide(hub, head, DeleteChannel(channel="#cours"))
    assert changes_of(effects) == [ChannelRemoved(channel_id=before, by="head", at=int(NOON * 1000))]
    (entry,) = trail_of(effects)
    assert (entry.action, entry.actor, entry.object_id) == ("channel-removed", "head", str(before))
    assert entry.before == '{"kind":"open","members":2,"name":"#cours","topic":""}'
    follow = commit(hub, effects)
    told = ChannelDeleted(channel="#cours", user="head", timestamp=NOON_WRITTEN)
    assert heard_by(bob, follow) == heard_by(eve, follow) == [told]
    assert hub.state.channel("#cours") is None
    with pytest.raises(NotFound):
        decide(hub, eve, Say(channel="#cours", content="anybody?"))
    for each in (bob, eve):
        assert each.person is not None
        assert each.person.account is not None
        assert each.person.account.channels == set()
    ask(hub, eve, Create(channel="#cours"))
    assert channel(hub, "#cours").id != before
    assert channel(hub, "#cours").audience() == (eve,)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("whose", ["nobody's", "their own, empty", "their own, with another member"])
def test_who_may_delete(role: Role, whose: str) -> None:
    """Its maker an empty one, administrators and owners any; nobody else."""
    hub = a_hub()
    if role is Role.GUEST:
        session = come_in(hub, "actor")
    else:
        add_account(hub, "actor", role.label)
        session = log_in(hub, "actor")
    name = "#dev"
    if whose != "nobody's" and role is not Role.GUEST:
        name = "#mine"
        ask(hub, session, Create(channel=name))
    if whose == "their own, with another member":
        ask(hub, log_in(hub, "other"), Join(channel=name))
    may = role >= Role.ADMIN or (whose == "their own, empty" and role is not Role.GUEST)
    if may:
        ask(hub, session, DeleteChannel(channel=name))
        assert hub.state.channel(name) is None
    else:
        with pytest.raises(NotAllowed):
            decide(hub, session, DeleteChannel(channel=name))


def test_a_guest_in_it_makes_a_channel_not_empty() -> None:
    """Guests are no members, and it is not taken from under them."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    ask(hub, bob, Create(channel="#cours"))
    zoe = come_in(hub, "Zoé")
    ask(hub, zoe, Join(channel="#cours"))
    with pytest.raises(NotAllowed):
        decide(hub, bob, DeleteChannel(channel="#cours"))
    ask(hub, zoe, Leave(channel="#cours"))
    ask(hub, bob, DeleteChannel(channel="#cours"))


@pytest.mark.parametrize(
    ("name", "refusal"), [("#général", ChannelStays), ("#admin", ChannelStays), ("blabla", ListedChannelStays)]
)
def test_what_is_never_deleted(name: str, refusal: type[ChatError]) -> None:
    """Everybody's channel, those of a role, and those that the settings list, however it is spelt there."""
    hub = a_hub(listed_channels=("Blabla",))
    hub.restore([a_channel(4, "#Blabla")])
    add_account(hub, "boss", "owner")
    with pytest.raises(refusal):
        decide(hub, log_in(hub, "boss"), DeleteChannel(channel=name))


def test_who_asked_to_be_admitted_hears_that_it_is_over() -> None:
    """Their request waits no more, for nobody."""
    hub = a_hub()
    hub.restore([a_channel(4, "#club", kind="approval")])
    eve = log_in(hub, "eve")
    ask(hub, eve, Join(channel="#club"))
    follow = ask(hub, _admin(hub), DeleteChannel(channel="#club"))
    (notice,) = (event for event in heard_by(eve, follow) if isinstance(event, Notice))
    assert "#club was deleted" in notice.content.render()
    assert list(hub.state.join_requests.waiting(NOON * 1000)) == []


def test_what_was_on_its_way_to_a_deleted_channel_is_no_fault() -> None:
    """Requests that were decided before, and are committed after: nobody hears of them, nothing breaks."""
    hub = a_hub()
    bob, zoe, head = log_in(hub, "bob"), come_in(hub, "Zoé"), _admin(hub)
    ask(hub, bob, Create(channel="#cours"))
    late = [
        *decide(hub, bob, Say(channel="#cours", content="too late")),
        *decide(hub, zoe, Say(channel="#cours", content="I come in")),
        *decide(hub, bob, DeleteChannel(channel="#cours"))[:0],
    ]
    commit(hub, decide(hub, head, DeleteChannel(channel="#cours")))
    assert [e for s in (bob, zoe) for e in heard_by(s, commit(hub, late)) if isinstance(e, Said)] == []


def test_a_closed_channel_can_be_deleted() -> None:
    """Closing is the step before: it can be read a while longer."""
    hub = a_hub()
    head = _admin(hub)
    ask(hub, head, CloseChannel(channel="#dev"))
    (first, *_) = decide(hub, head, DeleteChannel(channel="#dev"))
    assert isinstance(first, Commit)
    commit(hub, [first])
    assert hub.state.channel("#dev") is None
