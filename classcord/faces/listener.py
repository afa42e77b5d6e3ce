"""The listener of a connection: it encodes the session's events in the dialect, and writes them to the outbox.

Knows neither transport nor framing, and no dialect by name.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime

from classcord.faces.pacing import PORTION, Pacing

if TYPE_CHECKING:
    from collections.abc import Callable

    from classcord.chat.errors import ChatError
    from classcord.chat.events import Answer
    from classcord.chat.ports import Addressee, Dialect, Encoder, Sink, Traits
    from classcord.chat.requests import Request
    from classcord.faces.outbox import BoundedOutbox


class _PacedSink:
    """The sink of a listener whose bursts are paced."""

    def __init__(self, listener: ConnectionListener) -> None:
        self._listener = listener

    def write(self, chunk: bytes) -> None:
        self._listener.write_paced(chunk)


class _FirstWrite:
    """The sink of a listener that has written nothing since it was asked; the first write removes it.

    So it costs an interval one call, and no other write anything.
    """

    __slots__ = ("_listener",)

    def __init__(self, listener: ConnectionListener) -> None:
        self._listener = listener

    def write(self, chunk: bytes) -> None:
        if chunk:
            self._listener.sink = self._listener.outbox
            self._listener.outbox.write(chunk)


class ConnectionListener:
    """A Listener (see chat/ports.py) of bytes."""

    __slots__ = ("_clock", "_pacing", "dialect", "encoder", "outbox", "sink", "traits")

    dialect: Dialect
    traits: Traits
    encoder: Encoder[bytes]
    sink: Sink[bytes]

    def __init__(self, outbox: BoundedOutbox, dialect: Dialect, clock: IReactorTime) -> None:
        """`clock` has the reactor's timers, never the time of day."""
        self.outbox = outbox
        self._clock = clock
        self._pacing: Pacing | None = None
        self.sink = outbox
        self._turn_to(dialect)

    def begin(self, session: Addressee) -> None:
        """Serve a session from now on; before that, refusals are encoded without one."""
        self._turn_to(self.dialect.begin(session))

    def decode(self, line: bytes) -> Request:
        """Return what a line asks; after some requests a dialect encodes otherwise."""
        request = self.dialect.decode(line)
        self.encoder = self.dialect.encoder
        return request

    def pace(self, lasts: Callable[[], bool]) -> None:
        if self._pacing is None:
            self._pacing = Pacing(self.outbox.write, self._clock, lasts)
            self.sink = _PacedSink(self)
        else:
            self._pacing.lasts = lasts

    def write(self, chunk: bytes) -> None:
        self.sink.write(chunk)

    def write_paced(self, chunk: bytes) -> None:
        """Write with a pause between lines, as long as the pacing lasts."""
        pacing = self._pacing
        if pacing is not None and pacing.lasts():
            pacing.write([*self.encoder.parts(chunk)])
        else:
            self._stop_pacing()
            self.write(chunk)

    def _stop_pacing(self) -> None:
        """Write what waits, and from now on everything at once."""
        pacing, self._pacing = self._pacing, None
        if pacing is not None:
            self.sink = self.outbox
            pacing.flush()

    def when_written(self, then: Callable[[], None]) -> None:
        if self._pacing is None:
            self.outbox.when_counted(then)
        else:
            self._pacing.when_written(then)

    def mark(self) -> int | None:
        return self.outbox.mark()

    def acknowledged(self) -> int:
        return self.outbox.acknowledged()

    def was_silent(self) -> bool:
        if isinstance(self.sink, _FirstWrite):
            return True
        if self._pacing is None:
            self.sink = _FirstWrite(self)
        return False

    def give_up_after(self, seconds: float) -> None:
        self.outbox.give_up_after(seconds)

    def lost(self) -> None:
        """Forget what waits: the connection has ended."""
        pacing, self._pacing = self._pacing, None
        if pacing is not None:
            self.sink = self.outbox
            pacing.drop()
        self.outbox.lost()

    def speak(self, language: str, encoding: str) -> None:
        self._stop_pacing()
        self._turn_to(self.dialect.after_hello(language, encoding))

    def _turn_to(self, dialect: Dialect) -> None:
        self.dialect, self.traits, self.encoder = dialect, dialect.traits, dialect.encoder

    @property
    def waiting(self) -> int:
        return self.outbox.size + (self._pacing.size if self._pacing is not None else 0)

    @property
    def portion(self) -> int:
        return sys.maxsize if self._pacing is None else PORTION

    def answer(self, request: Request, answer: Answer) -> bytes:
        return self.dialect.answer(request, answer)

    def error(self, error: ChatError, request: Request | None) -> bytes:
        return self.dialect.error(error, request)

    def close(self, *, after: float) -> None:
        self._stop_pacing()
        self.outbox.close(after=after)

    def pause(self) -> None:
        self.outbox.pause()

    def resume(self) -> None:
        self.outbox.resume()
