"""Private messages that were kept for an absent person: handed over in portions when the person comes.

Knows when the next portion is due, but not how messages are looked up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime

from classcord.chat.messages.telling import said, spelt_for
from classcord.chat.messages.vocabulary import NO_DETAILS, HandedOver, HandOver
from classcord.chat.requests import Request

if TYPE_CHECKING:
    from classcord.chat.hub import Hub
    from classcord.services.chat.connection import Connection
    from classcord.services.chat.fanout import Fanout
    from classcord.services.chat.lookups import Missed

ONCE_MORE_AFTER = 5.0  # seconds until kept messages are looked up again after a failure
MORE_KEPT_AFTER = 1.0  # seconds between two portions of kept messages for a session

Decide = Callable[["Connection", Request], None]


class OfflineMessages:
    """Hands messages over. `decide` decides a request at once; `ask` in its turn, if the connection is still open."""

    def __init__(self, hub: Hub, fanout: Fanout, clock: IReactorTime, *, decide: Decide, ask: Decide) -> None:
        self._hub = hub
        self._fanout = fanout
        self._clock = clock
        self._decide = decide
        self._ask = ask

    def hand_over(self, user_id: int | None, connection: Connection, missed: Missed) -> None:
        """Write a portion to a session; messages handed over to the account `user_id` are not kept any longer.

        A listener may put pauses between the lines. A message that waits for its pause is still kept, because the
        connection may be lost before.
        """
        if not connection.takes_requests:  # nobody would hear the messages
            return
        session = connection.session
        missed = missed.at_most(session.listener.portion)
        encoder, now = session.listener.encoder, self._clock.seconds()
        waiting = {message.message_id for message in missed.kept if message.message_id <= connection.handing_over}
        after, up_to = connection.replayed  # kept messages among these were written in the order of the others
        waiting.update(each.message_id for each in missed.kept if after < each.message_id <= up_to)
        due = [message for message in missed.messages if message.message_id not in waiting]
        events = (said(self._hub, each, missed.details.get(each.message_id, NO_DETAILS)) for each in due)
        messages = (spelt_for(session, event) for event in events)
        self._fanout.write(session, encoder.join(encoder.earlier(message, now) for message in messages))
        if missed.kept:
            connection.handing_over = max(connection.handing_over, missed.kept[-1].message_id)
        session.listener.when_written(partial(self._handed_over, user_id, connection, missed))

    def _handed_over(self, user_id: int | None, connection: Connection, missed: Missed) -> None:
        """Note that a portion has been written."""
        if missed.kept and connection.handing_over == missed.kept[-1].message_id:
            connection.handing_over = 0
        if not connection.takes_requests:  # the portion was more than it takes, or it ends: the messages stay kept
            return
        if missed.kept and user_id is not None:
            self._decide(connection, HandedOver(user_id=user_id, up_to=missed.kept[-1].message_id))
        if missed.more:
            self._next(connection, MORE_KEPT_AFTER)

    def failed(self, connection: Connection) -> None:
        """Try again later: the messages are still in the store."""
        self._next(connection, ONCE_MORE_AFTER)

    def _next(self, connection: Connection, seconds: float) -> None:
        connection.session.kept_due = True
        self._clock.callLater(seconds, self._ask, connection, HandOver())
