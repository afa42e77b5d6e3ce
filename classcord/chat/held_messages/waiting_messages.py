"""The held messages: those that wait, and those refused ones whose authors do not know it yet. Knows no clock."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from classcord.chat.held_messages.vocabulary import BY_PERSON, WAITING

if TYPE_CHECKING:
    from classcord.chat.held_messages.vocabulary import HeldFile, HeldOn, HeldRefused, MessageHeld


ALL, GUESTS = "*", "~"  # whose share it may be, besides an author's
GUEST = "~"  # begins the owner of a guest's messages (see owner_of)


class Share:
    """How much of the room is taken."""

    __slots__ = ("characters", "messages")

    def __init__(self) -> None:
        self.messages = self.characters = 0


class HeldMessages:
    """All held messages by their ids, in the order in which they were written.

    They are the only messages in memory: they are bounded (room.py), and a decision about one needs no lookup. Those
    that wait for a person are few, those that wait for a time may be a whole school's: what is asked often looks only
    at the first.
    """

    def __init__(self) -> None:
        self._messages: dict[int, MessageHeld] = {}
        self._named: dict[tuple[str, str], int] = {}
        self._shares: dict[tuple[str, bool], Share] = {}
        self._of: dict[str, dict[int, None]] = {}
        self._by_person: dict[int, None] = {}
        self._reasons: Counter[str] = Counter()
        self._channels: dict[int, dict[int, None]] = {}
        self._for_a_time: dict[int, None] = {}
        self._in_order = True
        self._leaving: set[int] = set()
        self.earliest = math.inf
        """No message that waits for a time has its time before this one, in milliseconds."""

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, message: MessageHeld) -> None:
        self._messages[message.held_id] = message
        self._of.setdefault(message.owner, {})[message.held_id] = None
        self._count(message, 1)
        if message.client_id is not None and message.state == WAITING:
            self._named[message.owner, message.client_id] = message.held_id

    def add_file(self, file: HeldFile) -> None:
        """Note the file of a message."""
        message = self._messages[file.held_id]
        self._messages[file.held_id] = msgspec.structs.replace(message, file=file.file)

    def get(self, held_id: int) -> MessageHeld | None:
        """Return a message that waits."""
        message = self._messages.get(held_id)
        return message if message is not None and message.state == WAITING else None

    def forget(self, held_id: int) -> MessageHeld | None:
        """Take a message out, and return it if it was there."""
        message = self._messages.pop(held_id, None)
        if message is not None:
            self._unname(message)
            self._count(message, -1)
            own = self._of[message.owner]
            del own[held_id]
            if not own:
                del self._of[message.owner]
        return message

    def _count(self, message: MessageHeld, sign: int) -> None:
        """Note that there is one more message with these fields, or one less."""
        by_person = message.why in BY_PERSON
        for whose in dict.fromkeys((ALL, message.owner, GUESTS if message.owner.startswith(GUEST) else message.owner)):
            share = self._shares.setdefault((whose, by_person), Share())
            share.messages += sign
            share.characters += sign * len(message.content)
            if not share.messages:
                del self._shares[whose, by_person]
        self._leaving.discard(message.held_id)
        if message.state != WAITING:
            return
        self._reasons[message.why] += sign
        waiting = self._by_person if by_person else self._for_a_time
        there = self._channels.setdefault(message.channel_id or 0, {})
        if sign > 0:
            waiting[message.held_id] = there[message.held_id] = None
            self.earliest = self.earliest if by_person else min(self.earliest, message.until or 0)
            return
        waiting.pop(message.held_id, None)
        there.pop(message.held_id, None)
        if not there:
            del self._channels[message.channel_id or 0]

    def _replace(self, before: MessageHeld, changed: MessageHeld) -> MessageHeld:
        self._count(before, -1)
        self._messages[before.held_id] = changed
        self._count(changed, 1)
        return changed

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
        return self._replace(before, changed)

    def waits_on(self, record: HeldOn) -> MessageHeld:
        """Note for what a message waits now, and return it."""
        before = self._messages[record.held_id]
        self._in_order = False
        return self._replace(before, msgspec.structs.replace(before, why=record.why, until=record.until))

    def named(self, owner: str, client_id: str) -> MessageHeld | None:
        """Return the waiting message to which its author's client has given this id."""
        held_id = self._named.get((owner, client_id))
        return None if held_id is None else self._messages[held_id]

    def share(self, whose: str, *, by_person: bool) -> Share:
        """Return what an author, `GUESTS` or `ALL` together have here: of what waits for a person, or for a time."""
        return self._shares.get((whose, by_person)) or Share()

    def count_for(self, why: str) -> int:
        """Return how many messages wait for a reason."""
        return self._reasons[why]

    def of(self, owner: str) -> Iterator[MessageHeld]:
        """Yield the messages of one author that wait, the oldest first."""
        return self._waiting(self._of.get(owner, ()))

    def for_people(self) -> Iterator[MessageHeld]:
        """Yield the messages that wait for a person, in the order in which they began to."""
        return self._waiting(self._by_person)

    def for_a_time(self) -> Iterator[MessageHeld]:
        """Yield the messages that wait for a time, the oldest first."""
        if not self._in_order:
            self._for_a_time = dict.fromkeys(sorted(self._for_a_time))
            self._in_order = True
        self.earliest = min((message.until or 0 for message in self._waiting(self._for_a_time)), default=math.inf)
        return self._waiting(self._for_a_time)

    def _waiting(self, held_ids: Iterable[int]) -> Iterator[MessageHeld]:
        """Yield those of these messages that wait, as they are when they are reached."""
        return (message for held_id in tuple(held_ids) if (message := self.get(held_id)) is not None)

    def reasons(self) -> Iterator[str]:
        """Yield the reasons for which messages wait."""
        return (why for why, count in self._reasons.items() if count)

    def channels(self) -> Iterator[int]:
        """Yield the ids of the channels for which messages wait, each once."""
        return (channel_id for channel_id in tuple(self._channels) if channel_id)

    def in_channel(self, channel_id: int) -> Iterator[MessageHeld]:
        """Yield the messages that wait for one channel."""
        return self._waiting(self._channels.get(channel_id, ()))

    def leaves(self, message: MessageHeld) -> bool:
        """Note that a message is decided; False if an earlier decision about it is being stored."""
        if message.held_id in self._leaving:
            return False
        self._leaving.add(message.held_id)
        return True

    def stays(self, held_id: int) -> None:
        """Note that what was to become of a message was not stored."""
        self._leaving.discard(held_id)

    def waiting(self) -> Iterator[MessageHeld]:
        """Yield all messages that wait, the oldest first; of a whole school's this takes a while."""
        return self._waiting(self._messages)

    def untold(self, user_id: int) -> list[MessageHeld]:
        """Return the refused messages of an account whose owner has not been told."""
        found = (self._messages[held_id] for held_id in self._of.get(str(user_id), ()))
        return [message for message in found if message.state != WAITING]

    def not_waiting(self) -> list[MessageHeld]:
        """Return the refused messages whose authors have not been told."""
        return [message for message in self._messages.values() if message.state != WAITING]

    def forget_user(self, user_id: int) -> None:
        """Forget all messages of an account."""
        for held_id in tuple(self._of.get(str(user_id), ())):
            self.forget(held_id)
