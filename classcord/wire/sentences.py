"""Events that the classic dialect tells as one sentence of the server (PROTOCOL.md, classic rule 15). Knows no line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from classcord.chat.channel_moderators.vocabulary import ModeratorChanged
from classcord.chat.channel_settings.changes_in_words import changes_in_words
from classcord.chat.channel_settings.vocabulary import ChannelChanged
from classcord.chat.channels.vocabulary import ChannelDeleted, TopicChanged
from classcord.chat.descriptions.vocabulary import DescriptionChanged
from classcord.chat.events import Event
from classcord.chat.held_messages.telling_authors import told_in_words
from classcord.chat.held_messages.vocabulary import HeldBack, HeldDecided
from classcord.chat.invitations.vocabulary import InvitedTo
from classcord.chat.private_policy.matrix import sentence
from classcord.chat.private_policy.vocabulary import PrivatePolicyChanged
from classcord.chat.text import N_, Text


def _topic_changed(event: TopicChanged) -> Text:
    words = N_("{user} changed the topic of {channel}: {topic}")
    return Text(words, {"user": event.user, "channel": event.channel, "topic": event.topic})


def _description_changed(event: DescriptionChanged) -> Text:
    words = N_("{user} changed the description of {channel}.")
    return Text(words, {"user": event.user, "channel": event.channel})


def _invited(event: InvitedTo) -> Text:
    words = N_("{user} has invited you to {channel}: you are in it now.")
    return Text(words, {"user": event.user, "channel": event.channel})


def _channel_deleted(event: ChannelDeleted) -> Text:
    return Text(N_("{user} has deleted {channel}."), {"user": event.user, "channel": event.channel})


def _private_policy(event: PrivatePolicyChanged) -> Text:
    return sentence(event.policy)


def _moderator_changed(event: ModeratorChanged) -> Text:
    words = (
        N_("{user} is a moderator of {channel} now.") if event.on else N_("{user} is no moderator of {channel} now.")
    )
    return Text(words, {"user": event.user, "channel": event.channel})


def _held_back(event: HeldBack) -> Text:
    words = N_("A message of {name} to {channel} waits to be approved, on the web page or at the console.")
    return Text(words, {"name": event.sender, "channel": event.channel})


SENTENCES: dict[type[Event], Callable[[Any], Text | None]] = {
    TopicChanged: _topic_changed,
    ChannelDeleted: _channel_deleted,
    ChannelChanged: changes_in_words,
    DescriptionChanged: _description_changed,
    InvitedTo: _invited,
    ModeratorChanged: _moderator_changed,
    PrivatePolicyChanged: _private_policy,
    HeldBack: _held_back,
    HeldDecided: told_in_words,
}
"""The sentence for each kind of event; None if this one is not told. Each of these events has a `timestamp`."""
