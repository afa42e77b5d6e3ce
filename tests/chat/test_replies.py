"""Replies: to what one reads in the same channel or conversation, and to nothing else."""

from __future__ import annotations

import pytest

from classcord.chat.channels.vocabulary import ChannelClosed, ChannelRemoved, Join
from classcord.chat.effects import Deliver, Effect, Find
from classcord.chat.errors import ChatError, NotIdentified
from classcord.chat.hub import Hub
from classcord.chat.messages.telling import said
from classcord.chat.messages.vocabulary import (
    Acknowledged,
    Details,
    Message,
    MessageAdded,
    MessageById,
    NoSuchMessage,
    Replied,
    RepliedTo,
    Said,
    Say,
    SayPrivately,
)
from classcord.chat.people import Session
from classcord.chat.sanctions.vocabulary import Mute
from tests.chat.hubs import (
    NOON_MS,
    a_channel,
    a_hub,
    add_account,
    ask,
    changes_of,
    come_in,
    commit,
    decide,
    heard_by,
    log_in,
    moderator,
    the_commit,
)
from tests.chat.stored import message, private


def reply(hub: Hub, session: Session, request: Say, answered: Message | None) -> list[Effect]:
    """Decide a reply; the store finds `answered`."""
    assert decide(hub, session, request) == [Find(request, MessageById(message_id=7), RepliedTo)]
    return decide(hub, session, RepliedTo(asked=request, found=answered))


def refused(hub: Hub, session: Session, request: Say, answered: Message | None) -> ChatError:
    """Return why a reply is refused, after the store has found `answered`."""
    with pytest.raises(ChatError) as refusal:
        reply(hub, session, request, answered)
    return refusal.value


def test_a_reply_in_a_channel() -> None:
    """It is stored with what it answers, as one commit; everyone hears both, the author an acknowledgement."""
    hub = a_hub()
    bob, zoe = log_in(hub, "bob"), come_in(hub, "Zoé")
    effects = reply(hub, bob, Say(content="Salut", reply_to=7), message())
    added, replied = changes_of(effects)
    assert isinstance(added, MessageAdded)
    assert replied == Replied(message_id=added.message_id, reply_to=7)
    assert isinstance(the_commit(effects).answer, Acknowledged)
    (event,) = heard_by(zoe, commit(hub, effects))
    assert isinstance(event, Said)
    assert (event.content, event.reply_to) == ("Salut", 7)


def test_history_tells_what_a_reply_answers() -> None:
    """What is read from the store has its details beside it, and becomes the same event."""
    hub = a_hub()
    live = said(hub, MessageAdded(message_id=8, at=NOON_MS, channel_id=1, author="bob", content="Salut", reply_to=7))
    row = MessageAdded(message_id=8, at=NOON_MS, channel_id=1, author="bob", content="Salut")
    assert said(hub, row, Details(reply_to=7)) == live
    assert said(hub, row) != live


def test_a_guest_replies_too() -> None:
    """Whoever reads a channel may answer there."""
    hub = a_hub()
    assert changes_of(reply(hub, come_in(hub, "Zoé"), Say(content="Moi", reply_to=7), message()))


def test_a_private_reply() -> None:
    """The two people of a conversation answer each other; a guest, who reads no conversation, answers nothing."""
    hub = a_hub()
    ann, bob = add_account(hub, "ann"), add_account(hub, "bob")
    key = f"{ann.id}:{bob.id}"
    session, other = log_in(hub, "ann"), log_in(hub, "bob")
    effects = reply(hub, session, SayPrivately(content="oui", to="bob", reply_to=7), private(key))
    assert isinstance(changes_of(effects)[1], Replied)
    (event,) = heard_by(other, commit(hub, effects))
    assert isinstance(event, Said)
    assert event.reply_to == 7
    request = Say(content="oui", subtype="private", to="ann", reply_to=7)
    assert isinstance(refused(hub, come_in(hub, "Zoé"), request, private(f"{ann.id}:~zoé")), NoSuchMessage)


@pytest.mark.parametrize("kind", ["open", "approval", "private"])
def test_only_within_what_one_reads(kind: str) -> None:
    """A message of another channel, of others' conversation, or none at all: the answer is the same, to any rank."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club", kind)])
    ann, bob = add_account(hub, "ann"), add_account(hub, "bob")
    told = set()
    for session in (log_in(hub, "eve"), moderator(hub), come_in(hub, "Zoé")):
        for there in (message(9), message(4000), private(f"{ann.id}:{bob.id}"), None):
            error = refused(hub, session, Say(content="x", reply_to=7), there)
            told.add((error.code, error.field, error.text.render()))
    assert told == {("not_found", "reply_to", "There is no message 7 here.")}


def test_only_in_the_same_place() -> None:
    """What one reads elsewhere is not answered here: not from another channel, nor from a conversation."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club", "open")])
    ann, bob = add_account(hub, "ann"), log_in(hub, "bob")
    ask(hub, bob, Join(channel="#club"))
    mine = f"{ann.id}:{hub.state.accounts['bob'].id}"
    assert isinstance(refused(hub, bob, Say(content="x", reply_to=7), message(9)), NoSuchMessage)
    assert isinstance(refused(hub, bob, Say(content="x", channel="#club", reply_to=7), message()), NoSuchMessage)
    assert isinstance(refused(hub, bob, Say(content="x", reply_to=7), private(mine)), NoSuchMessage)
    assert isinstance(refused(hub, bob, SayPrivately(content="x", to="ann", reply_to=7), message()), NoSuchMessage)


def test_what_a_message_is_refused_for_comes_first() -> None:
    """A reply is asked all that a message is asked, before the store is, and again when it has answered."""
    hub = a_hub()
    hub.restore([a_channel(9, "#old", "open", archived=True)])
    bob, mod = log_in(hub, "bob"), moderator(hub)
    with pytest.raises(ChannelClosed):
        decide(hub, bob, Say(content="x", channel="#old", reply_to=7))
    request = Say(content="x", reply_to=7)
    decide(hub, bob, request)
    ask(hub, mod, Mute(user="bob"))
    with pytest.raises(ChatError, match="You may not write"):
        decide(hub, bob, RepliedTo(asked=request, found=message()))


def test_who_has_gone_meanwhile() -> None:
    """What the store finds for a session that is nobody's any more is not said by anybody."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    request = Say(content="x", reply_to=7)
    decide(hub, bob, request)
    bob.person = None
    with pytest.raises(NotIdentified):
        decide(hub, bob, RepliedTo(asked=request, found=message()))


def test_a_channel_deleted_meanwhile() -> None:
    """A reply to what was said in a channel that is gone finds no channel."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club", "open")])
    bob = log_in(hub, "bob")
    ask(hub, bob, Join(channel="#club"))
    request = Say(content="x", channel="#club", reply_to=7)
    decide(hub, bob, request)
    hub.apply(ChannelRemoved(channel_id=9, by="root", at=NOON_MS))
    with pytest.raises(ChatError, match="no “#club”"):
        decide(hub, bob, RepliedTo(asked=request, found=message(9)))


def test_a_plain_message_asks_nothing() -> None:
    """Only a reply is looked up."""
    hub = a_hub()
    bob, zoe = log_in(hub, "bob"), come_in(hub, "Zoé")
    effects = ask(hub, bob, Say(content="x"))
    assert [type(effect) for effect in effects] == [Deliver]
    assert len(heard_by(zoe, effects)) == 1
