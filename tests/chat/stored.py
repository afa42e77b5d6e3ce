"""Messages as a store finds them, for tests of what people do with a message that is named by its id."""

from __future__ import annotations

from classcord.chat.messages.vocabulary import MessageAdded, PrivateMessageAdded
from tests.chat.hubs import NOON_MS


def message(channel_id: int = 1, number: int = 7, content: str = "Bonjour") -> MessageAdded:
    """Return a message to a channel, of a guest."""
    return MessageAdded(message_id=number, at=NOON_MS, channel_id=channel_id, author="eve", content=content)


def private(conversation: str) -> PrivateMessageAdded:
    """Return a message of a conversation."""
    return PrivateMessageAdded(
        message_id=7, at=NOON_MS, conversation=conversation, author="bob", recipient="ann", content="psst"
    )
