"""How connections end: each after a last line that says why. Knows no request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from classcord.chat.errors import Blocked, ChatError, MakesRoom
from classcord.chat.events import Notice
from classcord.chat.limits import TokenBucket
from classcord.chat.times import rfc3339
from classcord.services.chat.fanout import tell

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.text import Text
    from classcord.services.security.gate import Gate

LINGER = 2.0  # seconds that a connection which is closed is given to hear what was still said to it
LINGERING = 10.0  # a second that may do so when they make room for others: the open files of the process are counted


class Closing:
    """Closes sessions of `sessions`; `refuse` answers one behind its commits that are under way."""

    log = Logger()

    def __init__(
        self,
        sessions: Mapping[int, Session],
        gate: Gate,
        clock: IReactorTime,
        refuse: Callable[[Session, ChatError], None],
    ) -> None:
        self._sessions = sessions
        self._gate = gate
        self._clock = clock
        self._refuse = refuse
        self._lingering = TokenBucket(LINGERING, 2 * LINGERING, 0.0)

    def close(self, session: Session, reason: str, *, linger: float = LINGER) -> None:
        """End a session's connection once what it has to hear is sent, `linger` seconds later at the latest."""
        if session.closing or session.id not in self._sessions:
            return
        if session.noted:  # of a flood of connections, only some are in the log
            self.log.info("closing session {session}: {reason}", session=session.id, reason=reason)
        session.closing = True
        session.backlog.clear()
        if session.in_flight and linger:  # the answers to what is under way come first
            self._clock.callLater(linger, session.listener.close, after=0.0)
        else:
            session.listener.close(after=linger)

    def part(self, session: Session, error: ChatError, reason: str, *, linger: float = LINGER) -> None:
        """Close a connection after a refusal.

        An error; to somebody whose client shows none once they are logged in, a notice.
        """
        if session.closing:
            return
        if session.person is not None and not session.traits.shows_errors:
            tell(session, self._notice(error.text, error.code))
        elif session.in_flight and linger:
            self._refuse(session, error)
        else:
            session.listener.write(session.listener.error(error, None))
        self.close(session, reason, linger=linger)

    def give_way(self, session: Session) -> None:
        """Close a connection at once, so that another has its place; it lingers to hear why, if few do."""
        linger = LINGER if self._lingering.take(self._clock.seconds()) else 0.0
        self.part(session, MakesRoom(), "the server is full, and it has no account", linger=linger)

    def close_strangers(self, strangers: Iterable[Session], why: str) -> None:
        """Close connections on which nobody is here yet, from addresses that may not come in."""
        for session in strangers:
            refused = self._gate.why_not(session.address)
            error = refused[0] if refused else Blocked(retry_after=self._gate.blocks.seconds_left(session.address))
            self.part(session, error, why)

    def turn_out(self, sessions: Iterable[Session], why: Text) -> None:
        """Tell these sessions why, and close them."""
        for session in sessions:
            if not session.closing:
                tell(session, self._notice(why))
            self.close(session, why.render())

    def _notice(self, words: Text, code: str | None = None) -> Notice:
        return Notice(content=words, timestamp=rfc3339(int(self._clock.seconds() * 1000)), code=code)
