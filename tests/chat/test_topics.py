"""The topics of channels: who reads, who sets, who hears of it."""

from __future__ import annotations

import pytest

from classcord.chat.channel_settings.vocabulary import SetChannel
from classcord.chat.channels.vocabulary import ChannelClosed, Create, Join, Topic, TopicChanged, TopicSet, TopicTold
from classcord.chat.descriptions.vocabulary import Description
from classcord.chat.effects import Deliver
from classcord.chat.errors import NotAllowed, TooLong
from classcord.chat.lessons.vocabulary import HoldLesson
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
    moderator,
    refused,
    the_commit,
)


def test_a_topic_is_read_by_who_may_see_the_channel() -> None:
    """Without a new topic the present one is told; without a channel the default one's."""
    hub = a_hub()
    hub.restore([a_channel(4, "#news", topic="News")])
    zoe = come_in(hub, "zoé")
    assert answered(hub, zoe, Topic(channel="#news")) == TopicTold(channel="#news", topic="News")
    assert answered(hub, zoe, Topic()) == TopicTold(channel="#général", topic="")


def test_a_topic_is_set_and_told_to_those_who_listen() -> None:
    """The new topic counts from its commit; its author has the answer, everyone else hears the event."""
    hub = a_hub()
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob")
    ask(hub, bob, Create(channel="#new"))
    ask(hub, alice, Join(channel="#new"))
    request = Topic(channel="new", topic=" about\tthis ")
    effects = decide(hub, bob, request)
    record = TopicSet(channel_id=10, topic="about this", set_at=NOON_MS)
    assert changes_of(effects) == [record]
    assert the_commit(effects).answer == TopicTold(channel="#new", topic="about this")
    assert channel(hub, "#new").topic == ""
    event = TopicChanged(channel="#new", topic="about this", user="bob", timestamp=NOON_WRITTEN)
    assert commit(hub, effects) == [Deliver(event, (bob, alice), bob)]
    assert channel(hub, "#new").topic == "about this"


def test_a_topic_without_an_author_is_the_servers() -> None:
    """A record that no session asked for is told under the server's name."""
    hub = a_hub(name="Lycée")
    log_in(hub, "bob")
    (deliver,) = hub.apply(TopicSet(channel_id=1, topic="x", set_at=NOON_MS))
    assert isinstance(deliver, Deliver)
    assert deliver.event == TopicChanged(channel="#général", topic="x", user="Lycée", timestamp=NOON_WRITTEN)


def test_the_maker_and_moderators_set_topics() -> None:
    """Whoever made a channel sets its topic, and who moderates; other members and guests do not."""
    hub = a_hub()
    bob, alice, zoe, mod = log_in(hub, "bob"), log_in(hub, "alice"), come_in(hub, "zoé"), moderator(hub)
    ask(hub, bob, Create(channel="#new"))
    request = Topic(channel="#new", topic="x")
    for session in (alice, zoe):
        ask(hub, session, Join(channel="#new"))
        with pytest.raises(NotAllowed):
            decide(hub, session, request)
    for session in (bob, mod):
        assert the_commit(decide(hub, session, request)).answer == TopicTold(channel="#new", topic="x")


def test_a_topic_is_short_and_may_be_empty() -> None:
    """300 characters at most; an empty one takes the old one away."""
    hub = a_hub()
    mod = moderator(hub)
    with pytest.raises(TooLong):
        decide(hub, mod, Topic(channel="#dev", topic="x" * 301))
    assert changes_of(decide(hub, mod, Topic(channel="#dev", topic=" "))) == [
        TopicSet(channel_id=2, topic="", set_at=NOON_MS)
    ]


def test_a_closed_channel_keeps_its_topic() -> None:
    """What is archived is only read, by moderators too."""
    hub = a_hub()
    hub.restore([a_channel(4, "#old", archived=True, topic="Old")])
    mod = moderator(hub)
    with pytest.raises(ChannelClosed):
        decide(hub, mod, Topic(channel="#old", topic="x"))
    assert answered(hub, mod, Topic(channel="#old")) == TopicTold(channel="#old", topic="Old")


@pytest.mark.parametrize(
    "words", [Topic(channel="#club", topic="le 3"), Description(channel="#club", description="le 3")]
)
@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (SetChannel(channel="#club", read_only=True), "read_only"),
        (SetChannel(channel="#club", hold=True), "held"),
        (HoldLesson(state="on", channel="#club", write="staff"), "lesson"),
        (HoldLesson(state="on", channel="#maths"), "lesson"),
        (HoldLesson(state="on"), "lesson"),
    ],
)
def test_nobody_writes_by_the_topic_what_would_not_be_delivered(
    words: Topic | Description, terms: SetChannel | HoldLesson, code: str
) -> None:
    """The maker of a channel describes it where and when their messages come through at once; moderators still do."""
    hub = a_hub()
    hub.restore([a_channel(4, "#maths")])
    bob, mod = log_in(hub, "bob"), moderator(hub)
    for session, request in (
        (bob, Create(channel="#club")),
        (bob, Join(channel="#maths")),
        (mod, Join(channel="#club")),
    ):
        ask(hub, session, request)
    assert changes_of(decide(hub, bob, words))
    ask(hub, mod, terms)
    assert refused(hub, bob, words).code == code
    assert changes_of(decide(hub, mod, words))


def test_a_topic_that_would_have_to_wait_can_be_taken_away() -> None:
    """Without words there is nothing that somebody would have to read first."""
    hub = a_hub()
    bob, mod = log_in(hub, "bob"), moderator(hub)
    ask(hub, bob, Create(channel="#club", topic="x"))
    ask(hub, mod, Join(channel="#club"))
    ask(hub, mod, SetChannel(channel="#club", hold=True))
    assert "What you write in #club waits" in str(refused(hub, bob, Topic(channel="#club", topic="y")))
    assert changes_of(decide(hub, bob, Topic(channel="#club", topic="")))
