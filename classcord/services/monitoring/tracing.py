"""The live lines from and to connections; masking.py decides what is shown of them.

Knows connections and their listeners, no console. An error here never disturbs the connection that is watched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from classcord.chat.names import name_key
from classcord.chat.times import rfc3339
from classcord.services.chat.stand_in import StandIn
from classcord.services.monitoring import report_lines
from classcord.services.monitoring.masking import MaskedLine, incoming, outgoing
from classcord.services.process.logs import printable
from classcord.services.security.security_events import AccountLoggedIn, AccountResumed, GuestLoggedIn

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.requests import Request
    from classcord.services.chat.connection import Connection
    from classcord.services.security.security_events import SecurityEvent, SecurityEvents

LINES = 200  # lines of one write that are shown; of more, as under load, only the number is shown

Show = Callable[[str], None]


class _Tap(StandIn):
    """Replaces a session's listener while its connection is watched; all traces of the connection share one."""

    log = Logger()

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.session = connection.session
        super().__init__(self.session.listener)
        self._traces: list[LiveTrace] = []
        self._closed = False  # whether the trace has shown who closed the connection

    @classmethod
    def of(cls, connection: Connection) -> _Tap:
        """Return the tap of a connection; a new one if it has none."""
        session = connection.session
        if isinstance(session.listener, _Tap):
            return session.listener
        tap = cls(connection)
        session.listener, connection.tracer, connection.gone = tap, tap.read, tap.gone
        return tap

    def add(self, trace: LiveTrace) -> None:
        self._traces.append(trace)

    def remove(self, trace: LiveTrace) -> None:
        """Stop watching for a trace; after the last one, the session has its own listener again."""
        if trace in self._traces:
            self._traces.remove(trace)
        if not self._traces and self.session.listener is self:
            self.session.listener, self.connection.tracer, self.connection.gone = self._listener, None, None

    def read(self, remark: str, line: bytes, request: Request | None) -> None:
        """Show a line that was received (Connection.tracer)."""
        for trace in tuple(self._traces):
            try:
                trace.read(self.session, remark, line, request)
            except Exception:
                self._failed(trace)

    def write(self, chunk: Any) -> None:
        for trace in tuple(self._traces):
            try:
                trace.written(self.session, chunk)
            except Exception:
                self._failed(trace)
        self._listener.write(chunk)

    def _failed(self, trace: LiveTrace) -> None:
        trace.stop()
        self.log.failure("a trace of session {session} failed", session=self.session.id)

    def close(self, *, after: float) -> None:
        """Close the connection; the server is shown as the one who closed it, unless the client closed first."""
        self._tell_closed(self.connection.closed_by or "server")
        self._listener.close(after=after)

    def gone(self) -> None:
        """Show who has closed the connection, now that it is gone (Connection.gone)."""
        self._tell_closed(self.connection.closed_by or "client")

    def _tell_closed(self, who: str) -> None:
        told, self._closed = self._closed, True
        for trace in () if told else tuple(self._traces):
            try:
                trace.closed(self.session, who)
            except Exception:
                self._failed(trace)


class Following(Protocol):
    """Reports new connections: the chat service."""

    @property
    def connections(self) -> Mapping[int, Connection]: ...
    @property
    def newcomers(self) -> list[Callable[[Connection], None]]: ...
    @property
    def security(self) -> SecurityEvents: ...


class LiveTrace:
    """Shows the lines of some connections, from `start` to `stop`. A connection may have several traces.

    After `follow` it also shows sessions that begin later: from a network from their first line, of a name from the
    answer to the login. `>` marks a client's line, `<` a line from the server, as in PROTOCOL.md.
    """

    def __init__(self, connections: Iterable[Connection], private: bool, show: Show, clock: IReactorTime) -> None:
        """`private` shows the content of private messages. A `show` that raises ends the trace."""
        self._connections = list(dict.fromkeys(connections))
        self._private = private
        self._show = show
        self._clock = clock
        self._taps: list[_Tap] = []
        self._service: Following | None = None
        self._name = ""
        self._network: IPv4Network | IPv6Network | None = None

    def follow(self, service: Following, *, name: str | None, network: str | None) -> None:
        """Also watch sessions that log in under this name, or come from this network; call it before `start`."""
        self._service = service
        self._name = name_key(name) if name else ""
        self._network = ip_network(network) if network else None
        self._connections += [each for each in service.connections.values() if self._is_from_there(each.session)]

    def _is_from_there(self, session: Session) -> bool:
        if self._network is None or not session.address:
            return False
        try:
            return ip_address(session.address) in self._network
        except ValueError:
            return False

    def start(self) -> None:
        if not self._taps:
            self._taps = [_Tap.of(connection) for connection in self._connections]
            for tap in self._taps:
                tap.add(self)
            if self._service is not None and (self._network is not None or self._name):
                self._service.newcomers.append(self._came)
                self._service.security.subscribe(self._happened, AccountLoggedIn, AccountResumed, GuestLoggedIn)

    def stop(self) -> None:
        taps, self._taps = self._taps, []
        for tap in taps:
            tap.remove(self)
        service, self._service = self._service, None
        if service is not None and self._came in service.newcomers:
            service.newcomers.remove(self._came)
            service.security.unsubscribe(self._happened)

    def _came(self, connection: Connection) -> None:
        """Watch a connection that has just begun from the followed network."""
        if self._is_from_there(connection.session):
            self._join(connection)

    def _happened(self, happening: SecurityEvent) -> None:
        """Watch the connection of a client that has just logged in under the followed name."""
        if self._service is None or not self._name:
            return
        connection = self._service.connections.get(happening.session or 0)
        if connection is not None and name_key(happening.name) == self._name:
            self._join(connection)

    def _join(self, connection: Connection) -> None:
        if any(tap.connection is connection for tap in self._taps):
            return
        self._taps = [tap for tap in self._taps if tap.connection.takes_requests]
        tap = _Tap.of(connection)
        self._taps.append(tap)
        self.began(connection.session)
        tap.add(self)

    def began(self, session: Session) -> None:
        """Show that a connection is watched from now on."""
        self._line(session, "+", MaskedLine(f"{session.address or '-'} ({session.face})"))

    def closed(self, session: Session, who: str) -> None:
        """Show who has closed a connection: the `client` or the `server`."""
        self._line(session, "-", MaskedLine(f"closed by the {who}"))

    def read(self, session: Session, remark: str, line: bytes, request: Request | None) -> None:
        """Show a line that a client has sent, unless it is about a report; of a line too long, the beginning."""
        if report_lines.is_sent(line, request):
            return
        self._line(session, ">", incoming(line.partition(b"\n")[0], request, private=self._private), remark)

    def written(self, session: Session, chunk: object) -> None:
        """Show the lines of a write; a session within the process has no lines."""
        if not isinstance(chunk, bytes):
            return
        *lines, rest = chunk.split(b"\n", LINES)
        for line in lines:
            if report_lines.is_written(line):
                continue
            self._line(session, "<", outgoing(line, private=self._private))
        if rest:
            self._line(session, "<", MaskedLine(""), f"{rest.count(10)} more lines")

    def _line(self, session: Session, way: str, shown: MaskedLine, *more: str) -> None:
        remarks = ", ".join(filter(None, (*shown.remarks, *more)))
        text = printable(f"{shown.text}  [{remarks}]" if remarks else shown.text).replace("\n", " ")
        self._show(f"{rfc3339(int(self._clock.seconds() * 1000))} {session.id} {way} {text}".rstrip())
