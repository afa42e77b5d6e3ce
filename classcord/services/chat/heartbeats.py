"""Heartbeats: a session that said `hello` hears something in every interval that the answer named.

So its client knows after two silent intervals that the link is dead. The server knows it as soon: a heartbeat is data
too, and the kernel ends a connection whose peer does not acknowledge it. Knows no kernel: `was_silent` and
`give_up_after` (chat/ports.py) are the listener's part.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime

from classcord.chat.connections.vocabulary import Heartbeat
from classcord.services.process.periodic import Periodic

if TYPE_CHECKING:
    from classcord.services.chat.connection import Connection
    from classcord.services.chat.fanout import Fanout

TURN = 1.0  # seconds
LOOKS = 4  # at a session in an interval; whoever was silent at three in a row has been so for up to four


@dataclass(slots=True, eq=False)
class _Beat:
    """How far one connection is in silence."""

    every: int
    """The number of turns from one look to the next."""
    next_look: int
    """The turn in which it is looked at."""
    silent: int = 0
    """The number of looks in a row at which nothing had been written since the look before."""


class Heartbeats:
    """Writes heartbeats. One timer for all: each turn looks at some of the sessions, and there is none without any.

    A session keeps the interval that it was told, whatever the settings say later.
    """

    def __init__(self, fanout: Fanout, clock: IReactorTime) -> None:
        self._fanout = fanout
        self._beats: dict[Connection, _Beat] = {}
        self._looks: defaultdict[int, dict[Connection, None]] = defaultdict(dict)
        """The connections to look at, by turn."""
        self._turn = 0
        self._turns = Periodic(self._look, clock)
        self._stopped = False

    def begin(self, connection: Connection, interval: int) -> None:
        """Keep to an interval from now on, in seconds, instead of an earlier one; 0 is none."""
        self.end(connection)
        if not interval or self._stopped or not connection.takes_requests:
            return
        if not self._beats:
            self._turns.start(TURN, now=False)
        every = max(1, interval // LOOKS)
        spread = connection.session.id % every  # those who come together are not all written to in one turn
        self._plan(connection, _Beat(every, self._turn + 1 + spread))
        connection.session.listener.give_up_after(interval - every * TURN)  # one look of the second interval is spare

    def end(self, connection: Connection) -> None:
        """Forget a connection, for example one that is gone."""
        beat = self._beats.pop(connection, None)
        if beat is not None:
            del self._looks[beat.next_look][connection]
            if not self._beats:
                self._turns.stop()

    def stop(self) -> None:
        """Write no more heartbeats: the server stops."""
        self._stopped = True
        for connection in tuple(self._beats):
            self.end(connection)

    def _plan(self, connection: Connection, beat: _Beat) -> None:
        self._beats[connection] = beat
        self._looks[beat.next_look][connection] = None

    def _look(self) -> None:
        """Look at the sessions whose turn it is."""
        self._turn += 1
        due = [(connection, self._beats[connection]) for connection in self._looks.pop(self._turn, ())]
        for connection, beat in due:
            beat.next_look += beat.every
            self._plan(connection, beat)
        for connection, beat in due:
            beat.silent = beat.silent + 1 if connection.session.listener.was_silent() else 0
            if beat.silent >= LOOKS - 1:
                self._fanout.tell(connection.session, Heartbeat())
