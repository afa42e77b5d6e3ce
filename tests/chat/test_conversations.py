"""The rules of conversations: which a person has, how far they are read, closing one."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.channels.vocabulary import ChannelRemoved, Create, Join, Leave, NotInChannel
from classcord.chat.conversations.missed import missed
from classcord.chat.conversations.vocabulary import (
    ChannelRead,
    ConversationHidden,
    ConversationInfo,
    ConversationRead,
    Conversations,
    ConversationsFound,
    ConversationsListed,
    ConversationsOf,
    ConversationsPage,
    Hidden,
    Hide,
    Marker,
    MarkerFound,
    MarkerMoved,
    MarkerOf,
    MarkerTold,
    MarkRead,
    MissedInfo,
    NotListed,
    OnlyAccounts,
    StoredConversation,
)
from classcord.chat.effects import Commit, Deliver, Find, Reply
from classcord.chat.errors import BadRequest, NotFound
from classcord.chat.events import Done
from classcord.chat.hub import Hub
from classcord.chat.mentions.vocabulary import MentionsRead
from classcord.chat.messages.vocabulary import History, MessageAdded, Say
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.people import Session
from classcord.chat.roles import Operator, Role
from tests.chat.hubs import (
    NOON_MS,
    a_channel,
    a_hub,
    add_account,
    ask,
    changes_of,
    come_in,
    connect,
    decide,
    heard_by,
    log_in,
    moderator,
    refused,
    the_commit,
    verified,
)

NOTHING = ConversationsPage(conversations=(), more=False)


def stored(**fields: object) -> StoredConversation:
    values = {"newest": 7, "last_read": 5, "unread": 2, **fields}
    return StoredConversation(**values)  # type: ignore[arg-type]


def found(
    hub: Hub, session: Session, conversations: Sequence[StoredConversation], *, more: bool = False
) -> tuple[ConversationInfo, ...]:
    """Return what a session is answered when the store has found these."""
    page = ConversationsPage(conversations=tuple(conversations), more=more)
    asked = Conversations(id=1)
    (reply,) = decide(hub, session, ConversationsFound(asked=asked, found=page))
    assert isinstance(reply, Reply)
    assert isinstance(reply.answer, ConversationsListed)
    assert (reply.request, reply.answer.more) == (asked, more)
    return reply.answer.conversations


# -- which there are --------------------------------------------------------------------------------------------------


def test_the_store_is_asked_for_the_channels_one_is_in() -> None:
    """Everyone's, one's own, and those of one's role; a page has at most a hundred."""
    hub = a_hub()
    bob, mod, zoe = log_in(hub, "bob"), moderator(hub), come_in(hub, "zoé")
    asked = Conversations(before=9, limit=1000)

    def question(user_id: int | None, *channels: int) -> list[Find]:
        about = ConversationsOf(user_id=user_id, channels=channels, before=9, limit=100)
        return [Find(asked, about, ConversationsFound)]

    assert decide(hub, bob, asked) == question(1, 1)
    ask(hub, bob, Join(channel="#dev"))
    ask(hub, bob, Create(channel="#club", kind="private"))
    assert decide(hub, bob, asked) == question(1, 1, 2, 10)
    assert decide(hub, mod, asked) == question(2, 1, 3)
    assert decide(hub, zoe, asked) == question(None, 1)


def test_an_operator_has_the_conversations_of_the_account() -> None:
    """Who administers by a key has no account, and so none but everyone's channel and the staff's."""
    hub = a_hub()
    add_account(hub, "prof", "owner")
    for operator, user_id in (
        (Operator(name="prof", role=Role.OWNER, by="password", account_id=1), 1),
        (Operator(name="root", role=Role.OWNER), None),
    ):
        session = connect(hub)
        ask(hub, session, Operate(operator=operator))
        [find] = decide(hub, session, Conversations())
        assert isinstance(find, Find)
        assert find.question == ConversationsOf(user_id=user_id, channels=(1, 3), limit=50)


def test_a_channel_that_was_left_meanwhile_is_not_told() -> None:
    """The store was asked before; whoever may not read any more hears nothing of what it has found."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    hub.restore([a_channel(9, "#old")])
    ask(hub, bob, Join(channel="#dev"))
    ask(hub, bob, Join(channel="#old"))
    both = [stored(channel_id=2), stored(channel_id=9), stored(channel_id=4000)]
    assert [each.channel for each in found(hub, bob, both)] == ["#dev", "#old"]
    ask(hub, bob, Leave(channel="#dev"))
    hub.apply(ChannelRemoved(channel_id=9, by="root", at=NOON_MS))
    assert found(hub, bob, both) == ()
    page = ConversationsPage(conversations=tuple(both), more=False)
    assert missed(hub, hub.state.accounts["bob"], page) == ()


def test_a_conversation_of_others_is_never_told() -> None:
    """Even if the store had found one."""
    hub = a_hub()
    bob, zoe = log_in(hub, "bob"), come_in(hub, "zoé")
    add_account(hub, "alice")
    theirs = [stored(conversation="2:3", other="eve"), stored(conversation="2:~zoé", other="alice")]
    assert found(hub, bob, theirs) == ()
    assert found(hub, zoe, theirs) == ()


def test_a_private_conversation_has_the_present_name_of_the_other() -> None:
    """An account's, a guest's who is here; of who is gone the name as it stood."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    add_account(hub, "Alice")
    come_in(hub, "Zoé")
    keys = ("1:2", "1:~zoé", "1:~max", "1:99", "1:1")
    rows = found(hub, bob, [stored(conversation=key, other="As It Stood") for key in keys])
    assert [(row.user, row.gone) for row in rows] == [
        ("Alice", None),
        ("Zoé", None),
        ("As It Stood", True),
        ("As It Stood", True),
        ("bob", None),
    ]
    assert {(row.kind, row.channel, row.unread, row.mentions, row.last_read) for row in rows} == {
        ("direct", None, 2, 0, 5)
    }
    add_account(hub, "Max")
    assert found(hub, bob, [stored(conversation="1:~max", other="Max")])[0].gone, "the account is another person"


def test_the_newest_message_is_told_as_history_tells_it() -> None:
    """To a classic session with its own name as it was typed."""
    hub = a_hub()
    session = connect(hub, modern=False)
    add_account(hub, "bob")
    typed = verified(hub, "BOB")
    ask(hub, session, typed)
    message = MessageAdded(message_id=7, at=NOON_MS, channel_id=1, author="bob", content="Bonjour")
    [row] = found(hub, session, [stored(channel_id=1, message=message)])
    assert row.last_message is not None
    assert (row.last_message.sender, row.last_message.content, row.last_message.to) == ("BOB", "Bonjour", "global")
    assert row.members == ("BOB",)


def test_members_are_named_while_they_are_few() -> None:
    """Up to twenty; of more only the number is told."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    ask(hub, bob, Join(channel="#dev"))
    others = [log_in(hub, f"p{number}") for number in range(19)]
    for session in others:
        ask(hub, session, Join(channel="#dev"))
    [row] = found(hub, bob, [stored(channel_id=2)])
    assert row.count == len(row.members or ()) == 20
    ask(hub, log_in(hub, "one more"), Join(channel="#dev"))
    [row] = found(hub, bob, [stored(channel_id=2)])
    assert (row.count, row.members) == (21, None)


def test_many_sessions_are_not_few_people() -> None:
    """So that nobody looks through them for each conversation."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    ask(hub, bob, Join(channel="#dev"))
    ask(hub, log_in(hub, "alice"), Join(channel="#dev"))
    for _ in range(50):
        log_in(hub, "bob"), log_in(hub, "alice")
    [row] = found(hub, bob, [stored(channel_id=2)])
    assert (row.count, row.members) == (2, None)


# -- read markers -----------------------------------------------------------------------------------------------------


def test_the_store_is_asked_how_far_a_conversation_is_read() -> None:
    """A channel by its name, everyone's without one; a private conversation by a name, or by its key."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    add_account(hub, "Alice")
    for asked, question in (
        (MarkRead(message_id=3), MarkerOf(user_id=1, channel_id=1)),
        (MarkRead(message_id=3, channel="general"), MarkerOf(user_id=1, channel_id=1)),
        (MarkRead(message_id=3, user="ALICE"), MarkerOf(user_id=1, conversation="1:2")),
        (MarkRead(message_id=3, user="Zoé"), MarkerOf(user_id=1, conversation="1:~zoé")),
        (MarkRead(message_id=3, conversation="1:99"), MarkerOf(user_id=1, conversation="1:99")),
    ):
        assert decide(hub, bob, asked) == [Find(asked, question, MarkerFound)]


@pytest.mark.parametrize(
    ("asked", "marker", "told"), [(7, 5, 7), (9, 5, 9), (10, 5, 9), (2**53 - 1, 0, 9), (5, 5, None), (3, 5, None)]
)
def test_a_marker_grows_up_to_the_newest_message(asked: int, marker: int, told: int | None) -> None:
    """What is read already is answered, and not stored again; a huge id is the newest message."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    add_account(hub, "alice")
    at = Marker(last_read=marker, newest=9)
    request = MarkRead(message_id=asked)
    effects = decide(hub, bob, MarkerFound(asked=request, found=at))
    if told is None:
        assert effects == [Reply(request, MarkerTold(channel="#général", message_id=marker))]
    else:
        assert changes_of(effects) == [ChannelRead(channel_id=1, user_id=1, up_to=told)]
        assert the_commit(effects).answer == MarkerTold(channel="#général", message_id=told)
        assert not the_commit(effects).holds
    private = MarkRead(message_id=asked, user="alice")
    effects = decide(hub, bob, MarkerFound(asked=private, found=at))
    if told is None:
        assert effects == [Reply(private, MarkerTold(user="alice", conversation="1:2", message_id=marker))]
    else:
        assert changes_of(effects) == [ConversationRead(conversation="1:2", user_id=1, up_to=told, other="alice")]
        assert the_commit(effects).answer == MarkerTold(user="alice", conversation="1:2", message_id=told)


@pytest.mark.parametrize(("asked", "read"), [(7, True), (5, False)])
def test_mentions_by_edits_are_read_with_their_place(asked: int, read: bool) -> None:
    """Also where the marker stands already: who has read everything reads what an edit says there now."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    add_account(hub, "alice")
    at = Marker(last_read=5, newest=9, mentioned=True)
    found = decide(hub, bob, MarkerFound(asked=MarkRead(message_id=asked), found=at))
    of_channel = MentionsRead(user_id=1, channel_id=1, up_to=asked)
    assert [*changes_of(found)] == [*([ChannelRead(channel_id=1, user_id=1, up_to=asked)] if read else []), of_channel]
    found = decide(hub, bob, MarkerFound(asked=MarkRead(message_id=5, user="alice"), found=at))
    assert [*changes_of(found)] == [MentionsRead(user_id=1, conversation="1:2", up_to=5)]


def test_what_has_no_message_cannot_be_read() -> None:
    """A channel is read up to nothing; a private conversation without a message does not exist."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    nothing = Marker(last_read=0, newest=0)
    request = MarkRead(message_id=3)
    effects = decide(hub, bob, MarkerFound(asked=request, found=nothing))
    assert effects == [Reply(request, MarkerTold(channel="#général", message_id=0))]
    for where, field in (({"user": "alice"}, "user"), ({"conversation": "1:7"}, "conversation")):
        error = refused(hub, bob, MarkerFound(asked=MarkRead(message_id=3, **where), found=nothing))
        assert (type(error), error.field) == (NotListed, field)


def test_who_may_not_read_does_not_mark() -> None:
    """A channel one is not in or cannot see, another's conversation; also if it was left while the store was asked."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    assert type(refused(hub, bob, MarkRead(message_id=1, channel="#dev"))) is NotInChannel
    assert type(refused(hub, bob, MarkRead(message_id=1, channel="#admin"))) is NotFound
    for key in ("2:3", "11:2", "", "~bob:2"):
        error = refused(hub, bob, MarkRead(message_id=1, conversation=key))
        assert (type(error), error.field) == (NotFound, "conversation")
    at = Marker(last_read=0, newest=9)
    assert type(refused(hub, bob, MarkerFound(asked=MarkRead(message_id=1, channel="#dev"), found=at))) is NotInChannel


def test_a_channel_and_a_person_exclude_each_other() -> None:
    hub = a_hub()
    for asked in (
        MarkRead(message_id=1, channel="#dev", user="alice"),
        MarkRead(message_id=1, channel="#dev", conversation="1:2"),
    ):
        error = refused(hub, log_in(hub, "bob"), asked)
        assert (type(error), error.field) == (BadRequest, "channel")


def test_a_guest_has_no_markers() -> None:
    """Nothing is kept of somebody whose name is another's tomorrow; nor has a guest private conversations to close."""
    hub = a_hub()
    zoe = come_in(hub, "zoé")
    add_account(hub, "bob")
    for request in (MarkRead(message_id=1), MarkRead(message_id=1, user="bob"), Hide(user="bob")):
        assert type(refused(hub, zoe, request)) is OnlyAccounts
    assert type(refused(hub, zoe, History(conversation="1:~zoé"))) is NotFound


def test_the_persons_other_sessions_hear_of_it() -> None:
    """Not the one that has asked, nobody else, and no operator of the same account."""
    hub = a_hub()
    add_account(hub, "bob", "moderator")
    here, there, alice = log_in(hub, "bob"), log_in(hub, "bob"), log_in(hub, "alice")
    operator = connect(hub)
    ask(hub, operator, Operate(operator=Operator(name="bob", role=Role.MODERATOR, by="password", account_id=1)))
    at = Marker(last_read=0, newest=9)
    for asked, event in (
        (MarkerFound(asked=MarkRead(message_id=9), found=at), MarkerMoved(channel="#général", message_id=9)),
        (
            MarkerFound(asked=MarkRead(message_id=9, user="alice"), found=at),
            MarkerMoved(user="alice", conversation="1:2", message_id=9),
        ),
        (Hide(user="alice"), Hidden(user="alice", conversation="1:2")),
    ):
        effects = ask(hub, here, asked)
        assert effects == [Deliver(event, (there,))]
        assert heard_by(alice, effects) == []


def test_nobody_is_told_who_is_gone() -> None:
    """A record may come after its account or its channel; then it has no effect."""
    hub = a_hub()
    add_account(hub, "bob")
    read = ChannelRead(channel_id=1, user_id=1, up_to=9)
    assert hub.apply(read) == []
    one = log_in(hub, "bob")
    assert hub.apply(read) == [Deliver(MarkerMoved(channel="#général", message_id=9), (one,))]
    assert hub.apply(ChannelRead(channel_id=99, user_id=1, up_to=9)) == []
    hub.apply(UserRemoved(user_id=1))
    assert hub.apply(read) == []
    assert hub.apply(ConversationHidden(conversation="1:2", user_id=1, up_to=9, other=None)) == []


# -- closing one ------------------------------------------------------------------------------------------------------


def test_a_conversation_is_closed_up_to_what_has_been_said() -> None:
    """A message that comes in this moment opens it again: who closes it has not seen that one."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    add_account(hub, "alice")
    ask(hub, bob, Say(content="Bonjour"))
    on_its_way = decide(hub, bob, Say(content="psst", to="alice"))
    effects = decide(hub, bob, Hide(user="alice"))
    assert changes_of(effects) == [ConversationHidden(conversation="1:2", user_id=1, up_to=1, other="alice")]
    assert the_commit(effects).answer == Done()
    ask(hub, bob, Hide(conversation="1:99"))
    assert isinstance(on_its_way[0], Commit)
    for request in (Hide(), Hide(conversation="2:3")):
        assert type(refused(hub, bob, request)) is NotFound
    assert ConversationHidden(conversation="1:2", user_id=1, up_to=1, other=None).refusal("").code == "not_found"


# -- what a login tells -----------------------------------------------------------------------------------------------


def test_a_login_tells_each_conversation_by_its_name() -> None:
    """With how far it is read, its newest message, and what is unread."""
    hub = a_hub()
    bob = add_account(hub, "bob")
    add_account(hub, "alice")
    page = ConversationsPage(
        conversations=(
            stored(conversation="1:2", other="Alice"),
            stored(conversation="1:~max", other="Max", mentions=1),
            stored(channel_id=1),
        ),
        more=False,
    )
    counts = {"last_read": 5, "last_message_id": 7, "unread": 2}
    assert missed(hub, bob, page) == (
        MissedInfo(user="alice", conversation="1:2", mentions=0, **counts),  # type: ignore[arg-type]
        MissedInfo(user="Max", conversation="1:~max", mentions=1, **counts),  # type: ignore[arg-type]
        MissedInfo(channel="#général", mentions=0, **counts),  # type: ignore[arg-type]
    )
