"""The lines that go to and from connections, live; what of them is shown is masking.py's to say.

Knows sessions and their sinks, no console. Whatever happens here, the connection that is watched does not notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from classcord.chat.times import rfc3339
from classcord.services.logs import printable
from classcord.services.monitoring.masking import Shown, incoming, outgoing

if TYPE_CHECKING:
    from classcord.chat.session import Session

LINES = 200  # lines of one write that are shown; of more, as under load, only their number

Show = Callable[[str], None]


class _Tap:
    """A session's sink, and its tracer, while somebody watches; all who do share one."""

    log = Logger()

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sink = session.sink
        self._traces: list[Trace] = []

    @classmethod
    def of(cls, session: Session) -> _Tap:
        """Return the tap of a session; a new one if it has none."""
        if isinstance(session.sink, _Tap):
            return session.sink
        tap = cls(session)
        session.sink, session.tracer = tap, tap.read
        return tap

    def add(self, trace: Trace) -> None:
        self._traces.append(trace)

    def remove(self, trace: Trace) -> None:
        """Watch no more for a trace; after the last one the session is as it was."""
        if trace in self._traces:
            self._traces.remove(trace)
        if not self._traces and self._session.sink is self:
            self._session.sink, self._session.tracer = self._sink, None

    def read(self, remark: str, line: bytes) -> None:
        """Show a line that has come in (Session.tracer)."""
        for trace in tuple(self._traces):
            try:
                trace.read(self._session, remark, line)
            except Exception:
                self._failed(trace)

    def write(self, data: bytes) -> None:
        for trace in tuple(self._traces):
            try:
                trace.written(self._session, data)
            except Exception:
                self._failed(trace)
        self._sink.write(data)

    def _failed(self, trace: Trace) -> None:
        trace.stop()
        self.log.failure("a trace of session {session} failed", session=self._session.id)

    def close(self, *, after: float) -> None:
        self._sink.close(after=after)

    def pause(self) -> None:
        self._sink.pause()

    def resume(self) -> None:
        self._sink.resume()

    @property
    def size(self) -> int:
        """How many bytes wait, where the sink knows that."""
        return int(getattr(self._sink, "size", 0))


class Trace:
    """Shows the lines of some sessions, from `start` to `stop`, as often as there are traces of a session."""

    def __init__(self, sessions: Iterable[Session], private: bool, show: Show, clock: IReactorTime) -> None:
        """`private` shows the content of private messages. A `show` that raises ends the trace."""
        self._sessions = list(dict.fromkeys(sessions))
        self._private = private
        self._show = show
        self._clock = clock
        self._taps: list[_Tap] = []

    def start(self) -> None:
        if not self._taps:
            self._taps = [_Tap.of(session) for session in self._sessions]
            for tap in self._taps:
                tap.add(self)

    def stop(self) -> None:
        taps, self._taps = self._taps, []
        for tap in taps:
            tap.remove(self)

    def read(self, session: Session, remark: str, line: bytes) -> None:
        """Show a line that a client has written; of one too long, the beginning."""
        self._line(session, "<", incoming(line.partition(b"\n")[0], private=self._private), remark)

    def written(self, session: Session, data: bytes) -> None:
        """Show the lines of a write."""
        *lines, rest = data.split(b"\n", LINES)
        for line in lines:
            self._line(session, ">", outgoing(line, private=self._private))
        if rest:
            self._line(session, ">", Shown(""), f"{rest.count(10)} more lines")

    def _line(self, session: Session, way: str, shown: Shown, *more: str) -> None:
        remarks = ", ".join(filter(None, (*shown.remarks, *more)))
        text = printable(f"{shown.text}  [{remarks}]" if remarks else shown.text).replace("\n", " ")
        self._show(f"{rfc3339(int(self._clock.seconds() * 1000))} {session.id} {way} {text}".rstrip())
