"""The descriptions of channels: who reads, who sets, who hears of it."""

from __future__ import annotations

import pytest

from classcord.chat.channels.vocabulary import ChannelClosed, Create, Join
from classcord.chat.descriptions.vocabulary import Description, DescriptionChanged, DescriptionSet, DescriptionTold
from classcord.chat.effects import Deliver
from classcord.chat.errors import BadRequest, ChatError, NotAllowed, NotFound, TooLong
from tests.chat.hubs import (
    NOON_MS,
    NOON_WRITTEN,
    a_channel,
    a_hub,
    answered,
    ask,
    changes_of,
    channel,
    come_in,
    commit,
    decide,
    log_in,
    the_commit,
    trail_of,
)


def test_a_description_is_read_by_who_may_see_the_channel() -> None:
    """Without a new one the present one is told; without a channel the default one's."""
    hub = a_hub()
    hub.restore([a_channel(4, "#news", description="What is new")])
    zoe = come_in(hub, "zoé")
    assert answered(hub, zoe, Description(channel="#news")) == DescriptionTold(
        channel="#news", description="What is new"
    )
    assert answered(hub, zoe, Description()) == DescriptionTold(channel="#général", description="")
    with pytest.raises(NotFound):
        decide(hub, zoe, Description(channel="#admin"))


def test_a_description_is_set_in_several_lines_and_told() -> None:
    """By the channel's maker; it counts from its commit, and the audit trail keeps both."""
    hub = a_hub()
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob")
    ask(hub, bob, Create(channel="#new"))
    ask(hub, alice, Join(channel="#new"))
    effects = decide(hub, bob, Description(channel="new", description="\n first  line \r\n\r\n second\n"))
    words = "first line\n\nsecond"
    assert changes_of(effects) == [DescriptionSet(channel_id=10, description=words, set_at=NOON_MS)]
    assert the_commit(effects).answer == DescriptionTold(channel="#new", description=words)
    [entry] = trail_of(effects)
    assert (entry.action, "first line" in str(entry.after)) == ("description-set", True)
    event = DescriptionChanged(channel="#new", description=words, user="bob", timestamp=NOON_WRITTEN)
    assert commit(hub, effects) == [Deliver(event, (bob, alice), bob)]
    assert channel(hub, "#new").description == words
    (deliver,) = hub.apply(DescriptionSet(channel_id=10, description="", set_at=NOON_MS))
    assert isinstance(deliver, Deliver)
    assert deliver.event == DescriptionChanged(channel="#new", description="", user="ClassCord", timestamp=NOON_WRITTEN)


@pytest.mark.parametrize(
    ("words", "error"), [("x" * 2001, TooLong), ("a\x1b[2Jb", BadRequest), ("a\u202eb", BadRequest)]
)
def test_a_description_that_cannot_be_read_is_refused(words: str, error: type[ChatError]) -> None:
    hub = a_hub()
    bob = log_in(hub, "bob")
    ask(hub, bob, Create(channel="#new"))
    with pytest.raises(error) as caught:
        decide(hub, bob, Description(channel="#new", description=words))
    assert caught.value.field == "description"
    assert decide(hub, bob, Description(channel="#new", description="x" * 2000))


def test_who_may_not_set_a_description() -> None:
    """Who may not set the topic; and nobody in a closed channel."""
    hub = a_hub()
    hub.restore([a_channel(4, "#old", archived=True, made_by=1)])
    bob = log_in(hub, "bob")
    with pytest.raises(NotAllowed):
        decide(hub, bob, Description(channel="#dev", description="x"))
    with pytest.raises(ChannelClosed):
        decide(hub, bob, Description(channel="#old", description="x"))
