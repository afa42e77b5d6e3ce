"""Private messages that were kept for an absent person: handed over in portions when the person comes.

Knows when the next portion is due, but not how messages are looked up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime

from classcord.chat.messages.readers import may_hear_still
from classcord.chat.messages.telling import said, spelt_for
from classcord.chat.messages.vocabulary import NO_DETAILS, Awaited, HandOver
from classcord.chat.requests import Request

if TYPE_CHECKING:
    from classcord.chat.hub import Hub
    from classcord.services.chat.connection import Connection
    from classcord.services.chat.fanout import Fanout
    from classcord.services.chat.lookups import Missed
    from classcord.services.chat.receipts import Receipts

ONCE_MORE_AFTER = 5.0  # seconds until kept messages are looked up again after a failure
MORE_KEPT_AFTER = 1.0  # seconds between two portions of kept messages for a session

Ask = Callable[["Connection", Request], None]


class OfflineMessages:
    """Hands messages over. `ask` has a request decided in its turn, if the connection is still open."""

    def __init__(self, hub: Hub, fanout: Fanout, clock: IReactorTime, receipts: Receipts, ask: Ask) -> None:
        self._hub = hub
        self._fanout = fanout
        self._clock = clock
        self._receipts = receipts
        self._ask = ask

    def hand_over(self, user_id: int | None, connection: Connection, up_to: int, missed: Missed) -> None:
        """Write a portion to a session; what its machine acknowledges is not kept any longer for the account `user_id`.

        What the session was told after the lookup began, beyond `up_to`, is not among them. What is on its way to
        another session of the account is looked up again a little later, for its receipt may come meanwhile.
        """
        if not connection.takes_requests:  # nobody would hear the messages
            return
        session = connection.session
        kept = [each for each in missed.kept if not self._receipts.is_with(connection, each.message_id)]
        first, last = connection.replayed  # kept messages among these were written in the order of the others
        replayed = [each for each in kept if first < each.message_id <= last]
        rest = [each for each in kept if not first < each.message_id <= last]
        due = [each for each in rest if each.message_id <= up_to and not self._receipts.may_arrive(each.message_id)]
        more = missed.more or len(due) < len(rest)
        missed = missed.only(due).at_most(session.listener.portion)
        encoder, now = session.listener.encoder, self._clock.seconds()
        told = (message for message in missed.messages if may_hear_still(self._hub, session.person, message))
        events = (said(self._hub, each, missed.details.get(each.message_id, NO_DETAILS)) for each in told)
        messages = (spelt_for(session, event) for event in events)
        self._fanout.write(session, encoder.join(encoder.earlier(message, now) for message in messages))
        then = partial(self._next, connection, MORE_KEPT_AFTER) if more or missed.more else None
        written = [*replayed, *missed.kept]
        if written and user_id is not None:
            awaited = [Awaited(message_id=m.message_id, user_id=user_id, author_id=m.author_id) for m in written]
            self._receipts.written(connection, awaited, then)
        elif then is not None:
            then()

    def failed(self, connection: Connection) -> None:
        """Try again later: the messages are still in the store."""
        self._next(connection, ONCE_MORE_AFTER)

    def _next(self, connection: Connection, seconds: float) -> None:
        connection.session.kept_due = True
        self._clock.callLater(seconds, self._ask, connection, HandOver())
