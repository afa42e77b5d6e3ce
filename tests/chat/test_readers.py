"""Who may read a message that is named by its id."""

from __future__ import annotations

import pytest

from classcord.chat.channels.vocabulary import ChannelRemoved, Join
from classcord.chat.messages.readers import may_hear_still, may_read
from classcord.chat.messages.vocabulary import MessageAdded, PrivateMessageAdded
from tests.chat.hubs import NOON_MS, a_channel, a_hub, add_account, ask, come_in, log_in, moderator, person_of


def message(channel_id: int) -> MessageAdded:
    return MessageAdded(message_id=7, at=NOON_MS, channel_id=channel_id, author="eve", content="Bonjour")


def private(conversation: str) -> PrivateMessageAdded:
    return PrivateMessageAdded(
        message_id=7, at=NOON_MS, conversation=conversation, author="eve", recipient="bob", content="psst"
    )


@pytest.mark.parametrize("kind", ["open", "approval", "private"])
def test_members_read_a_channel(kind: str) -> None:
    """Only members read what was said in a channel, whatever their rank; a deleted channel is nobody’s."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club", kind)])
    bob, mod = log_in(hub, "bob"), moderator(hub)
    assert not may_read(hub, person_of(bob), message(9))
    assert not may_read(hub, person_of(mod), message(9))
    if kind == "open":
        ask(hub, bob, Join(channel="#club"))
        assert may_read(hub, person_of(bob), message(9))
        hub.apply(ChannelRemoved(channel_id=9, by="root", at=NOON_MS))
        assert not may_read(hub, person_of(bob), message(9))


def test_everyone_reads_the_default_channel() -> None:
    """Guests, too; an unknown channel is nobody's."""
    hub = a_hub()
    default = hub.state.default
    assert default is not None
    zoe = person_of(come_in(hub, "Zoé"))
    assert may_read(hub, zoe, message(default.id))
    assert not may_read(hub, zoe, message(4000))


def test_two_people_read_a_conversation() -> None:
    """A private message is for its two people; ids are compared whole, and a guest's name is no proof."""
    hub = a_hub()
    for name in ("ann", "bob", "eve"):
        add_account(hub, name)
    ann, bob, eve = (person_of(log_in(hub, name)) for name in ("ann", "bob", "eve"))
    assert ann.account is not None
    assert bob.account is not None
    key = f"{ann.account.id}:{bob.account.id}"
    assert may_read(hub, ann, private(key))
    assert may_read(hub, bob, private(key))
    assert not may_read(hub, eve, private(key))
    assert not may_read(hub, ann, private(f"{ann.account.id}1:{bob.account.id}1"))
    assert not may_read(hub, person_of(come_in(hub, "Zoé")), private(f"{bob.account.id}:~zoé"))


def test_what_was_read_from_the_store_is_told_to_whoever_may_still_read_it() -> None:
    """Nobody hears any more of a channel that was left meanwhile, nor whoever is nobody now."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club")])
    bob = log_in(hub, "bob")
    person = person_of(bob)
    assert not may_hear_still(hub, person, message(9))
    ask(hub, bob, Join(channel="#club"))
    assert may_hear_still(hub, person, message(9))
    assert not may_hear_still(hub, None, message(9))
    assert may_hear_still(hub, None, private("1:2")), "it was looked for as one's own"
