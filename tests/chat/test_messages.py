"""Messages to everyone and to channels, coming in by a first one, and what the server says."""

from __future__ import annotations

import pytest

from classcord.chat.announcements.vocabulary import Announced
from classcord.chat.channels.vocabulary import ChannelClosed, GuestJoined, Join, Joined, MemberAdded, NotInChannel
from classcord.chat.connections.vocabulary import Disconnect
from classcord.chat.effects import Again, Commit, Deliver, TellSecurity
from classcord.chat.errors import BadRequest, ChatError, NotAllowed, NotFound, TooLong
from classcord.chat.events import Notice
from classcord.chat.identity.vocabulary import SessionStarted
from classcord.chat.messages.telling import said
from classcord.chat.messages.vocabulary import Acknowledged, MessageAdded, ReadOnly, Said, Say, SayPrivately
from classcord.chat.presence.vocabulary import StatusChanged
from classcord.chat.text import Text
from tests.chat.hubs import (
    NOON,
    NOON_MS,
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
    contents,
    decide,
    heard_by,
    is_here,
    log_in,
    person_of,
    privately,
    records_of,
    the_commit,
    untrailed,
)


def message(content: str = "hello", message_id: int = 1, channel_id: int = 1, **author: object) -> MessageAdded:
    by = {"author": "bob", "author_id": 1, **author}
    return MessageAdded(message_id=message_id, at=NOON_MS, channel_id=channel_id, content=content, **by)  # type: ignore[arg-type]


def said_to_all(content: str = "hello", message_id: int = 1, sender: str = "bob", role: str = "member") -> Said:
    return Said(
        message_id=message_id,
        subtype="global",
        channel="#général",
        sender=sender,
        to="global",
        content=content,
        timestamp=NOON_WRITTEN,
        role=role,
    )


# -- to everyone ------------------------------------------------------------------------------------------------------


def test_a_message_is_committed_then_heard_by_all_but_its_author() -> None:
    """A global message goes to the default channel; its session is not held, for messages pipeline."""
    hub = a_hub()
    bob, alice, zoe = log_in(hub, "bob"), log_in(hub, "alice"), come_in(hub, "zoé")
    request = Say(content="hello", from_="eve")
    effects = decide(hub, bob, request)
    answer = Acknowledged(message_id=1, timestamp=NOON_WRITTEN)
    assert untrailed(effects) == [Commit(bob, (message(),), request, answer, holds=False)]
    assert hub.state.applied == 0
    assert commit(hub, effects) == [Deliver(said_to_all(), (bob, alice, zoe), bob)]
    assert hub.state.applied == 1
    assert heard_by(bob, [Deliver(said_to_all(), (bob, alice, zoe), bob)]) == []


def test_a_classic_author_hears_nothing_of_a_message() -> None:
    """Neither echo nor acknowledgement (classic rule 7)."""
    hub = a_hub()
    bob = log_in(hub, "bob", modern=False)
    effects = decide(hub, bob, Say(content="hello"))
    assert the_commit(effects).answer is None
    assert heard_by(bob, commit(hub, effects)) == []


def test_ids_grow_in_the_order_of_acceptance() -> None:
    """Messages that were refused leave no trace, and ids begin after the last that was ever given."""
    hub = a_hub()
    bob, alice = log_in(hub, "bob"), log_in(hub, "alice")
    first = decide(hub, bob, Say(content="one"))
    with pytest.raises(BadRequest):
        decide(hub, bob, Say(content=" "))
    second = decide(hub, alice, Say(content="two"))
    assert [record.message_id for record in records_of(first + second) if isinstance(record, MessageAdded)] == [1, 2]


@pytest.mark.parametrize(
    "request_",
    [
        Say(content="x"),
        Say(content="x", subtype="global"),
        Say(content="x", subtype="global", to="global"),
        Say(content="x", to="global"),
        Say(content="x", to=""),
        Say(content="x", to="Tous"),
        Say(content="x", to="ALL", subtype="what is this"),
        Say(content="x", subtype="what is this"),
        Say(content="x", subtype="global", to="alice"),
        Say(content="x", channel=""),
        Say(content="x", channel="global"),
        Say(content="x", channel="general"),
        Say(content="x", to="#Général"),
        Say(content="x", subtype="channel", to="general"),
    ],
)
def test_ways_to_speak_to_everyone(request_: Say) -> None:
    """What is to nobody else is to the default channel, however that is written (classic rules 6 and 18)."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    log_in(hub, "alice")
    assert changes_of(decide(hub, bob, request_)) == [message("x")]


@pytest.mark.parametrize(
    "request_",
    [
        Say(content="x", subtype="private", to="alice"),
        Say(content="x", subtype="private", to="ALICE", channel="#général"),
        Say(content="x", to="Alice"),
        Say(content="x", to="alice", subtype="Private"),
        Say(content="x", to="alice", subtype="what is this"),
        SayPrivately(content="x", to="alice"),
        SayPrivately(content="x", to="alice", subtype=None),
        SayPrivately(content="x", to="alice", subtype="global"),
    ],
)
def test_what_is_for_one_person_never_goes_to_everyone(request_: Say) -> None:
    """A message that names a person is private unless it plainly says otherwise."""
    hub = a_hub()
    bob, alice, eve = log_in(hub, "bob"), log_in(hub, "alice"), log_in(hub, "eve")
    effects = ask(hub, bob, request_)
    assert heard_by(alice, effects) == [privately(1, "bob", "alice", "x")]
    assert heard_by(eve, effects) == []


@pytest.mark.parametrize(
    ("request_", "refusal", "field"),
    [
        (Say(content=""), BadRequest, "content"),
        (Say(content=" \t\n"), BadRequest, "content"),
        (Say(content="x" * 11), TooLong, "content"),
        (Say(content="x", channel="#nowhere"), NotFound, "channel"),
        (Say(content="x", channel="#"), NotFound, "channel"),
        (Say(content="x", channel="#admin"), NotFound, "channel"),
        (Say(content="x", subtype="channel", to="bob"), NotFound, "channel"),
        (Say(content="x", to="nobody"), NotFound, "to"),
        (Say(content="x", subtype="private"), BadRequest, "to"),
        (SayPrivately(content="x"), BadRequest, "to"),
        (SayPrivately(content="x", to="global"), NotFound, "to"),
    ],
)
def test_what_cannot_be_said_is_refused(request_: Say, refusal: type[ChatError], field: str) -> None:
    """Nothing, too much, or to nobody: the refusal names the field, and a private channel is not betrayed."""
    hub = a_hub(content_chars=10)
    bob = log_in(hub, "bob")
    with pytest.raises(refusal) as caught:
        decide(hub, bob, request_)
    assert type(caught.value) is refusal
    assert caught.value.field == field
    assert hub.state.message_ids.last == 0


def test_a_limit_of_zero_characters_is_none() -> None:
    """With `content_chars = 0` a message may be as long as its line."""
    hub = a_hub(content_chars=0)
    assert decide(hub, log_in(hub, "bob"), Say(content="x" * 100_000))


# -- coming in by a first message -------------------------------------------------------------------------------------


def test_a_first_message_makes_its_author_a_guest() -> None:
    """Who writes without having logged in comes in under the name in `from`, and then their message is said."""
    hub = a_hub()
    alice, zoe = log_in(hub, "alice"), connect(hub, modern=False)
    request = Say(content="hello", from_="Zoé", to="global")
    entered, alert, again = decide(hub, zoe, request)
    assert isinstance(entered, Commit)
    assert [type(record) for record in entered.records] == [SessionStarted]
    assert entered.answer is None
    assert (alert, again) == (TellSecurity("guest", "Zoé"), Again(request))
    effects = commit(hub, [entered, again])
    assert heard_by(alice, effects) == [
        StatusChanged(user="Zoé", state="online"),
        is_here("Zoé"),
        said_to_all(sender="Zoé", role="guest"),
    ]
    assert heard_by(zoe, effects) == []


@pytest.mark.parametrize("claimed", ["alice", None, "", "Serveur", "<alice>"])
def test_a_first_message_is_never_an_accounts(claimed: str | None) -> None:
    """The name in `from` is a wish: whoever it names, the author is somebody else."""
    hub = a_hub()
    alice, zoe = log_in(hub, "alice"), connect(hub, modern=False)
    effects = ask(hub, zoe, Say(content="hello", from_=claimed))
    assert contents(alice, effects) == ["hello"]
    assert person_of(zoe).account is None
    assert zoe.name not in {"alice", "Serveur"}


def test_a_message_of_nothing_makes_nobody_a_guest() -> None:
    """What would be refused anyway lets nobody in."""
    hub = a_hub()
    session = connect(hub)
    with pytest.raises(BadRequest):
        decide(hub, session, Say(content=""))
    assert hub.state.promised == set()


# -- to a channel -----------------------------------------------------------------------------------------------------


def test_who_posts_to_an_open_channel_joins_it() -> None:
    """The first message makes a member, in one commit that holds; the next ones pipeline (classic rule 6)."""
    hub = a_hub()
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob")
    ask(hub, alice, Join(channel="#dev"))
    request = Say(content="ping", channel="dev")
    effects = decide(hub, bob, request)
    joined = MemberAdded(channel_id=2, user_id=2, since=NOON_MS)
    ping = message("ping", channel_id=2, author_id=2)
    answer = Acknowledged(message_id=1, timestamp=NOON_WRITTEN)
    assert changes_of(effects) == [joined, ping]
    assert (the_commit(effects).answer, the_commit(effects).holds) == (answer, True)
    event = said(hub, ping)
    assert (event.subtype, event.channel, event.to) == ("channel", "#dev", "#dev")
    assert commit(hub, effects) == [
        Deliver(Joined(channel="#dev", user="bob"), (alice,)),
        Deliver(event, (alice, bob), bob),
    ]
    assert not the_commit(decide(hub, bob, request)).holds


def test_a_guest_joins_in_memory_alone() -> None:
    """A guest's membership is not stored, and ends with the guest."""
    hub = a_hub()
    zoe = come_in(hub, "zoé")
    effects = decide(hub, zoe, Say(content="ping", channel="#dev"))
    assert changes_of(effects)[0] == GuestJoined(channel_id=2, at=NOON_MS)
    assert not GuestJoined.stored
    commit(hub, effects)
    assert hub.state.is_member(channel(hub, "#dev"), person_of(zoe))
    ask(hub, zoe, Disconnect())
    assert not hub.state.is_member(channel(hub, "#dev"), person_of(come_in(hub, "zoé")))


@pytest.mark.parametrize(
    ("fields", "member", "guest"),
    [
        ({"kind": "approval"}, NotInChannel, NotInChannel),
        ({"kind": "private"}, NotFound, NotFound),
        ({"guests": False}, None, NotAllowed),
        ({"archived": True}, ChannelClosed, ChannelClosed),
        ({"read_only": True}, ReadOnly, ReadOnly),
    ],
)
def test_some_channels_are_not_for_everyone_to_write_in(
    fields: dict[str, object], member: type[ChatError] | None, guest: type[ChatError] | None
) -> None:
    """Who may not write in a channel is told why, as far as they may know of it."""
    hub = a_hub()
    hub.restore([a_channel(4, "#room", **fields)])  # type: ignore[arg-type]
    for session, refusal in ((log_in(hub, "bob"), member), (come_in(hub, "zoé"), guest)):
        if refusal is None:
            assert decide(hub, session, Say(content="x", channel="#room"))
        else:
            with pytest.raises(refusal) as caught:
                decide(hub, session, Say(content="x", channel="#room"))
            assert type(caught.value) is refusal


def test_moderators_write_in_read_only_channels() -> None:
    """`read_only` is for those who may not moderate."""
    hub = a_hub()
    hub.restore([a_channel(4, "#news", read_only=True)])
    add_account(hub, "mod", "moderator")
    assert decide(hub, log_in(hub, "mod"), Say(content="x", channel="#news"))


def test_a_message_that_was_not_stored_promises_nothing() -> None:
    """When its commit fails there is nothing to take back, and the next one is another try."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    hub.abandon(records_of(decide(hub, bob, Say(content="ping", channel="#dev"))))
    assert [type(record) for record in records_of(decide(hub, bob, Say(content="ping", channel="#dev")))] == [
        MemberAdded,
        MessageAdded,
    ]


# -- what the server says ---------------------------------------------------------------------------------------------


def test_the_server_speaks_to_everyone_a_channel_or_one_person() -> None:
    """An announcement is heard by those it is to, and by nobody where there are none."""
    hub = a_hub()
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob")
    ask(hub, alice, Join(channel="#dev"))
    words = Text("{words}", {"words": "Bonjour {name}"})
    heard = Notice(content=words, timestamp=NOON_WRITTEN, kind="announcement")
    for to, audience in (("global", (alice, bob)), ("#dev", (alice,)), ("Bob", (bob,)), ("#x", None), ("eve", None)):
        announced = Announced(to=to, text=words, at=NOON_MS)
        assert hub.apply(announced) == ([] if audience is None else [Deliver(heard, audience)])
    assert not Announced.stored


def test_an_audience_is_one_object_until_somebody_comes_or_goes() -> None:
    """The fan-out encodes once for each such object, so it must not change without need."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    before = channel(hub, "#général").audience()
    ask(hub, bob, Say(content="x"), NOON + 1)
    assert channel(hub, "#général").audience() is before
    channel(hub, "#général").leave(connect(hub))
    assert channel(hub, "#général").audience() is before
    log_in(hub, "alice")
    assert channel(hub, "#général").audience() is not before
