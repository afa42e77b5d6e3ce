"""Receipts: which private messages a machine has acknowledged, and which are still on their way to an account.

What was written to a connection counts as handed over when the peer's TCP has acknowledged it. Until then it waits in
the store, so that neither a crash nor a link that dies unnoticed loses it. Knows connections and their listeners, and
no TCP: `mark` and `acknowledged` (chat/ports.py) are the kernel's part.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from classcord.chat.messages.vocabulary import Awaited, HandedOver, Undelivered

if TYPE_CHECKING:
    from classcord.chat.requests import Request
    from classcord.services.chat.connection import Connection

LOOK = 0.5  # seconds between two looks at what is not acknowledged yet
SLOW = 2.0  # seconds; a message unacknowledged for longer is handed to the account's next session too


@dataclass(slots=True, eq=False)
class _OnItsWay:
    """A message, and the connections to which it was written since `since`."""

    message: Awaited
    since: float
    connections: dict[Connection, None] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class _WrittenTogether:
    """Messages that were written together; `then` is called when they are acknowledged."""

    messages: Sequence[Awaited]
    then: Callable[[], None] | None
    mark: int | None = None


class Receipts:
    """Waits for receipts. `decide` decides a request at once, on a connection that is gone, too."""

    def __init__(self, clock: IReactorTime, decide: Callable[[Connection, Request], None]) -> None:
        self._clock = clock
        self._decide = decide
        self._on_their_way: dict[int, _OnItsWay] = {}
        self._written: dict[Connection, deque[_WrittenTogether]] = {}
        self._delivered: dict[Connection, list[Awaited]] = {}  # by the group that is being released
        self._timer: IDelayedCall | None = None
        self._over = False

    def expect(self, message: Awaited, connections: Iterable[Connection]) -> None:
        """Wait for the receipt of a message of this group; `group_written` follows."""
        for connection in connections:
            self._delivered.setdefault(connection, []).append(message)

    def group_written(self) -> None:
        """The group has been written to its audiences."""
        if self._delivered:
            delivered, self._delivered = self._delivered, {}
            for connection, messages in delivered.items():
                self.written(connection, messages)

    def group_over(self) -> None:
        """Forget what was not written, after an error of ours: it still waits in the store."""
        self._delivered.clear()

    def written(
        self, connection: Connection, messages: Sequence[Awaited], then: Callable[[], None] | None = None
    ) -> None:
        """Wait for the receipt of messages that were just written to a connection, whatever wrote them."""
        if self._over:
            return
        now = self._clock.seconds()
        for message in messages:
            on_its_way = self._on_their_way.get(message.message_id)
            if on_its_way is None:
                on_its_way = self._on_their_way[message.message_id] = _OnItsWay(message, now)
            on_its_way.connections[connection] = None
        written = _WrittenTogether(messages, then)
        self._written.setdefault(connection, deque()).append(written)
        connection.session.listener.when_written(partial(self._mark, connection, written))

    def _mark(self, connection: Connection, written: _WrittenTogether) -> None:
        queue = self._written.get(connection)
        if queue is None:  # the connection has ended meanwhile
            return
        written.mark = connection.session.listener.mark()
        if written.mark is None:
            queue.remove(written)
            self._received(connection, [written])
        elif self._timer is None:
            self._timer = self._clock.callLater(LOOK, self._look_at_all)

    def _look_at_all(self) -> None:
        self._timer = None
        for connection in tuple(self._written):
            self.look(connection)
        if self._written:
            self._timer = self._clock.callLater(LOOK, self._look_at_all)

    def look_last(self) -> None:
        """Look at all for the last time, because the server stops; what has not arrived waits in the store."""
        for connection in tuple(self._written):
            self.look(connection)
        self._over = True
        self._written.clear()
        self._on_their_way.clear()
        self._rest()

    def _rest(self) -> None:
        """Have no timer while nothing is on its way."""
        if self._timer is not None and not self._written:
            self._timer.cancel()
            self._timer = None

    def look(self, connection: Connection) -> None:
        """Ask a connection what is acknowledged; one commit for all of it."""
        queue = self._written.get(connection)
        if not queue:
            return
        reached = connection.session.listener.acknowledged()
        received = []
        while queue and queue[0].mark is not None and queue[0].mark <= reached:
            received.append(queue.popleft())
        if received:
            self._received(connection, received)

    def _received(self, connection: Connection, received: Sequence[_WrittenTogether]) -> None:
        if not self._written.get(connection):
            self._written.pop(connection, None)
        ids: dict[int, list[int]] = {}
        for written in received:
            for message in written.messages:
                if self._on_their_way.pop(message.message_id, None) is not None:  # else another connection was first
                    ids.setdefault(message.user_id, []).append(message.message_id)
        for user_id, message_ids in ids.items():
            self._decide(connection, HandedOver(user_id=user_id, message_ids=tuple(message_ids)))
        for written in received:
            if written.then is not None:
                written.then()

    def is_with(self, connection: Connection, message_id: int) -> bool:
        """Whether a message was written to this connection, and no machine has acknowledged it yet."""
        found = self._on_their_way.get(message_id)
        return found is not None and connection in found.connections

    def may_arrive(self, message_id: int) -> bool:
        """Whether a message was written to any connection so short ago that its receipt may still come."""
        found = self._on_their_way.get(message_id)
        return found is not None and self._clock.seconds() - found.since < SLOW

    def ended(self, connection: Connection) -> None:
        """Keep what did not arrive on a connection that is gone, unless another one of the account may bring it."""
        lost: list[Awaited] = []
        for written in self._written.pop(connection, ()):
            for message in written.messages:
                on_its_way = self._on_their_way.get(message.message_id)
                if on_its_way is None:
                    continue
                on_its_way.connections.pop(connection, None)
                if not on_its_way.connections:
                    lost.append(self._on_their_way.pop(message.message_id).message)
        self._rest()
        if lost:
            self._decide(connection, Undelivered(messages=tuple(lost)))
