"""What a resumed session is told of messages that it knows already, and that look otherwise now."""

from __future__ import annotations

import pytest

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.events import Event
from classcord.chat.hub import Hub
from classcord.chat.messages.vocabulary import (
    NO_DETAILS,
    Details,
    Message,
    MessageAdded,
    PrivateMessageAdded,
    Say,
    StoredMessage,
    Tally,
)
from classcord.chat.people import Session
from classcord.chat.pins.vocabulary import MessagePinned, MessageUnpinned
from classcord.chat.reactions.vocabulary import Reacted, ReactionTaken
from classcord.chat.records import Record
from classcord.chat.resuming.changes import missed_changes
from classcord.chat.resuming.vocabulary import ChangedMessage, MarksChanged
from classcord.chat.revisions.vocabulary import Deleted, Edited, MessageChanged
from tests.chat.hubs import NOON_MS, NOON_WRITTEN, a_hub, add_account, ask, log_in

PUBLIC = MessageAdded(message_id=7, at=NOON_MS, channel_id=1, author="bob", author_id=2, content="Bonjour")
PRIVATE = PrivateMessageAdded(
    message_id=7, at=NOON_MS, conversation="1:2", author="bob", author_id=2, recipient="ann", content="psst"
)
EDITED = Details(edited_at=NOON_MS, mentions=("ann",))
MARKED = Details(
    reactions=(Tally(emoji="👍", people=12, names=("ann", "bob")), Tally(emoji="🎉", people=1, names=("Zoé",)))
)


def told(hub: Hub, session: Session, message: Message, details: Details, pinned: bool | None = None) -> list[Event]:
    """Return what a session hears of a message that has other words; and other marks, if `pinned` says something."""
    stored = StoredMessage(message=message, details=details)
    return [*missed_changes(hub, session, ChangedMessage(stored=stored, has_other_words=True, pinned=pinned))]


def two_people() -> tuple[Hub, Session, Session]:
    hub = a_hub()
    for name in ("ann", "bob"):
        add_account(hub, name)
    return hub, log_in(hub, "ann"), log_in(hub, "bob")


def test_other_words() -> None:
    """As the session would have heard them; of a private message with the other person's name."""
    hub, ann, bob = two_people()
    edited = Edited(
        message_id=7,
        sender="bob",
        channel="#général",
        content="Bonjour",
        edited_at=NOON_WRITTEN,
        mentions=("ann",),
    )
    assert told(hub, ann, PUBLIC, EDITED) == [edited]
    for session, other in ((ann, "bob"), (bob, "ann")):
        (heard,) = told(hub, session, PRIVATE, EDITED)
        assert isinstance(heard, Edited)
        assert (heard.user, heard.to, heard.content) == (other, "ann", "psst")
    assert told(hub, ann, PUBLIC, NO_DETAILS) == []


def test_a_deletion() -> None:
    """It is all that there is to say of a message, whatever else has changed."""
    hub, ann, _ = two_people()
    details = Details(edited_at=NOON_MS, deleted_at=NOON_MS, deleted_by="mod")
    deleted = Deleted(message_id=7, sender="mod", channel="#général", deleted_at=NOON_WRITTEN)
    assert told(hub, ann, PUBLIC, details, pinned=False) == [deleted]


@pytest.mark.parametrize("pinned", [True, False])
def test_other_reactions_and_pins(pinned: bool) -> None:
    """All of them, as they are now: none, too; the words of an earlier edit are known."""
    hub, ann, bob = two_people()
    stored = StoredMessage(message=PUBLIC, details=Details(edited_at=NOON_MS, reactions=MARKED.reactions))
    changed = ChangedMessage(stored=stored, has_other_words=False, pinned=pinned)
    marks = MarksChanged(
        message_id=7,
        reactions={"👍": ("ann", "bob"), "🎉": ("Zoé",)},
        reaction_counts={"👍": 12},
        pinned=pinned,
        channel="#général",
    )
    assert [*missed_changes(hub, ann, changed)] == [marks]
    assert told(hub, bob, PRIVATE, NO_DETAILS, pinned) == [
        MarksChanged(message_id=7, reactions={}, pinned=pinned, user="ann")
    ]


@pytest.mark.parametrize(
    "record",
    [
        Reacted(message_id=1, channel_id=1, emoji="👍", who=1),
        ReactionTaken(message_id=1, channel_id=1, emoji="👍", who=1),
        MessagePinned(message_id=1, channel_id=1, at=NOON_MS),
        MessageUnpinned(message_id=1, channel_id=1, at=NOON_MS),
        MessageChanged(message_id=1, newest=2, edited_at=NOON_MS),
        UserRemoved(user_id=2),
    ],
)
def test_the_hub_knows_of_each_change(record: Record) -> None:
    """So that nothing is looked up for a session that has missed no change."""
    hub, ann, _ = two_people()
    for content in "ab":
        ask(hub, ann, Say(content=content))
    assert hub.state.changed == 0
    hub.apply(record)
    assert hub.state.changed == 2
