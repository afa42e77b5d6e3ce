"""What administrators ask that the hub knows nothing of: connections, figures, the audit trail, the server itself.

Each is allowed by the hub before it comes here. Knows no console.
"""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from twisted.internet.interfaces import IReactorTime

import twisted
from classcord import __version__
from classcord.chat.effects import Commit
from classcord.chat.events import AuditRead, AuditRow, Done, SessionInfo, SessionsListed, VersionTold
from classcord.chat.records import Announced
from classcord.chat.requests import (
    Audit,
    CancelShutdown,
    LogLevel,
    Reload,
    Restart,
    Sessions,
    Shutdown,
    Stats,
    Version,
)
from classcord.chat.times import rfc3339
from classcord.services.countdown import Countdown

if TYPE_CHECKING:
    from classcord.chat.events import Answer
    from classcord.chat.requests import Request
    from classcord.chat.text import Text
    from classcord.services.chat import ChatService
    from classcord.services.figures import Figures
    from classcord.store.ports import Trail

AT_ONCE = 0.5  # seconds until the server stops, in which the answer to who asked for it is sent


class Controls(Protocol):
    """The process, as far as administrators move it."""

    def reload(self) -> None:
        """Read settings, certificate and keys again."""

    def set_log_level(self, level: str) -> None:
        """Write the log from this importance on."""

    def stop(self, *, restart: bool) -> None:
        """Stop the server cleanly, and start it again if `restart`."""


class Operations:
    """Performs them."""

    def __init__(
        self, service: ChatService, trail: Trail, figures: Figures, controls: Controls, clock: IReactorTime
    ) -> None:
        self._service = service
        self._trail = trail
        self._controls = controls
        self._clock = clock
        self.figures = figures
        self.countdown = Countdown(clock, self._tell)

    async def perform(self, request: Request) -> Answer:
        """Return the answer to a request that the hub has let through; ChatError if it cannot be done."""
        return await self._PERFORM[type(request)](self, request)

    async def _sessions(self, _: Sessions) -> Answer:
        rows = tuple(
            SessionInfo(
                session=session.id,
                name=session.name,
                address=session.address or "-",
                face=session.face,
                dialect="modern" if session.modern else "classic",
                since=rfc3339(session.since),
                waiting=getattr(session.sink, "size", 0),
            )
            for session in self._service.sessions.values()
        )
        return SessionsListed(sessions=rows)

    async def _audit(self, request: Audit) -> Answer:
        found = await self._trail.entries(limit=request.limit, actor=request.actor, action=request.action)
        rows = tuple(
            AuditRow(
                id=entry.id,
                at=rfc3339(entry.at),
                actor=entry.actor,
                actor_address=entry.actor_address,
                action=entry.action,
                object_type=entry.object_type,
                object_id=entry.object_id,
                before=entry.before,
                after=entry.after,
            )
            for entry in found
        )
        return AuditRead(entries=rows)

    async def _stats(self, _: Stats) -> Answer:
        return self.figures.now()

    async def _version(self, _: Version) -> Answer:
        return VersionTold(
            version=__version__,
            python=platform.python_version(),
            twisted=twisted.__version__,
            sqlite=sqlite3.sqlite_version,
        )

    async def _log_level(self, request: LogLevel) -> Answer:
        self._controls.set_log_level(request.level)
        return Done()

    async def _reload(self, _: Reload) -> Answer:
        self._controls.reload()
        return Done()

    async def _shutdown(self, request: Shutdown) -> Answer:
        restart = isinstance(request, Restart)
        delay = max(AT_ONCE, request.delay)
        self.countdown.begin(delay, request.reason, lambda: self._controls.stop(restart=restart))
        return Done()

    async def _cancel(self, _: CancelShutdown) -> Answer:
        self.countdown.cancel()
        return Done()

    def _tell(self, text: Text) -> None:
        announced = Announced(to="global", text=text, at=int(self._clock.seconds() * 1000))
        self._service.journal.append(Commit(None, (announced,)))

    _PERFORM: ClassVar[dict[type[Request], Callable[[Operations, Any], Coroutine[Any, Any, Answer]]]] = {
        Sessions: _sessions,
        Audit: _audit,
        Stats: _stats,
        Version: _version,
        LogLevel: _log_level,
        Reload: _reload,
        Shutdown: _shutdown,
        Restart: _shutdown,
        CancelShutdown: _cancel,
    }
