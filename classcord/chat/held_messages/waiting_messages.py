"""The held messages: those that wait, and those refused ones whose authors do not know it yet. Knows no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from classcord.chat.files.vocabulary import SentFile
from classcord.chat.held_messages.vocabulary import WAITING

if TYPE_CHECKING:
    from classcord.chat.held_messages.vocabulary import HeldFile, HeldOn, HeldRefused, MessageHeld


class HeldMessages:
    """All held messages by their ids, in the order in which they were written.

    They are the only messages in memory: they are bounded (holding.py), and a decision about one needs no lookup.
    """

    def __init__(self) -> None:
        self._messages: dict[int, MessageHeld] = {}
        self._named: dict[tuple[str, str], int] = {}
        self._owners: Counter[str] = Counter()
        self._written: Counter[str] = Counter()
        self.of_guests = 0
        """How many messages of people without an account are held."""
        self.characters = 0
        """The length of all texts together."""

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, message: MessageHeld) -> None:
        self._messages[message.held_id] = message
        self._owners[message.owner] += 1
        self._written[message.owner] += len(message.content)
        self.of_guests += message.author_id is None
        self.characters += len(message.content)
        if message.client_id is not None and message.state == WAITING:
            self._named[message.owner, message.client_id] = message.held_id

    def add_file(self, file: HeldFile) -> None:
        """Note the file of a message."""
        message = self._messages[file.held_id]
        fields = msgspec.structs.asdict(file)
        sent = {name: fields[name] for name in SentFile.__struct_fields__}
        self._messages[file.held_id] = msgspec.structs.replace(message, file=SentFile(**sent))

    def get(self, held_id: int) -> MessageHeld | None:
        """Return a message that waits."""
        message = self._messages.get(held_id)
        return message if message is not None and message.state == WAITING else None

    def forget(self, held_id: int) -> MessageHeld | None:
        """Take a message out, and return it if it was there."""
        message = self._messages.pop(held_id, None)
        if message is not None:
            self._unname(message)
            self.characters -= len(message.content)
            self.of_guests -= message.author_id is None
            self._owners[message.owner] -= 1
            self._written[message.owner] -= len(message.content)
            if not self._owners[message.owner]:
                del self._owners[message.owner], self._written[message.owner]
        return message

    def _unname(self, message: MessageHeld) -> None:
        if message.client_id is not None and self._named.get((message.owner, message.client_id)) == message.held_id:
            del self._named[message.owner, message.client_id]

    def refused(self, record: HeldRefused) -> MessageHeld:
        """Note that a message is not delivered, and return it: its author is to be told."""
        before = self._messages[record.held_id]
        self._unname(before)
        changed = msgspec.structs.replace(
            before, state=record.state, reason=record.reason, decided_by=record.decided_by
        )
        self._messages[record.held_id] = changed
        return changed

    def waits_on(self, record: HeldOn) -> MessageHeld:
        """Note for what a message waits now, and return it."""
        changed = msgspec.structs.replace(self._messages[record.held_id], why=record.why, until=record.until)
        self._messages[record.held_id] = changed
        return changed

    def named(self, owner: str, client_id: str) -> MessageHeld | None:
        """Return the waiting message to which its author's client has given this id."""
        held_id = self._named.get((owner, client_id))
        return None if held_id is None else self._messages[held_id]

    def count_of(self, owner: str) -> int:
        """Return how many messages of one author are held."""
        return self._owners[owner]

    def characters_of(self, owner: str) -> int:
        """Return the length of all texts of one author together."""
        return self._written[owner]

    def waiting(self) -> Iterator[MessageHeld]:
        """Yield the messages that wait, the oldest first."""
        return (message for message in list(self._messages.values()) if message.state == WAITING)

    def untold(self, user_id: int) -> list[MessageHeld]:
        """Return the messages of an account that are not delivered, and of which it does not know it yet."""
        return [m for m in self._messages.values() if m.author_id == user_id and m.state != WAITING]

    def not_waiting(self) -> list[MessageHeld]:
        """Return the messages that are not delivered, and whose authors do not know it yet."""
        return [message for message in self._messages.values() if message.state != WAITING]

    def forget_user(self, user_id: int) -> None:
        """Forget all messages of an account."""
        for message in [m for m in self._messages.values() if m.author_id == user_id]:
            self.forget(message.held_id)
