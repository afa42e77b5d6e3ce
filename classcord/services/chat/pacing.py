"""A listener whose lines go out one by one, for clients that show only the last line of a burst (classic rule 22).

Knows neither dialect nor transport.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IReactorTime

if TYPE_CHECKING:
    from classcord.chat.errors import ChatError
    from classcord.chat.events import Answer
    from classcord.chat.ports import Encoder, Listener, Traits
    from classcord.chat.requests import Request

PACE = 0.02  # seconds between two lines: of a burst of 30, those clients show all; without the pause, 2
MOST_PACED = 200  # lines that may wait; beyond this, lines are not paced
MOST_BYTES = 262_144  # bytes in the waiting lines


class PacedListener:
    """A Listener (chat/ports.py) in front of another Listener."""

    def __init__(self, listener: Listener[Any], clock: IReactorTime) -> None:
        self._listener = listener
        self._clock = clock
        self._waiting: deque[Any] = deque()
        self._size = 0  # bytes in the waiting lines
        self._free_at = 0.0  # when the next line may go out

    @property
    def traits(self) -> Traits:
        return self._listener.traits

    @property
    def encoder(self) -> Encoder[Any]:
        return self._listener.encoder

    @property
    def waiting(self) -> int:
        return self._listener.waiting + self._size

    def answer(self, request: Request, answer: Answer) -> Any:
        return self._listener.answer(request, answer)

    def error(self, error: ChatError, request: Request | None) -> Any:
        return self._listener.error(error, request)

    def write(self, chunk: Any) -> None:
        idle = not self._waiting
        self._waiting += self.encoder.parts(chunk)
        self._size += len(chunk)
        if len(self._waiting) > MOST_PACED or self._size > MOST_BYTES:
            self._flush()
        elif idle and self._waiting:
            wait = self._free_at - self._clock.seconds()
            if wait > 0:
                self._clock.callLater(wait, self._next)
            else:
                self._next()

    def _next(self) -> None:
        if not self._waiting:  # all lines were sent meanwhile
            return
        part = self._waiting.popleft()
        self._size -= len(part)
        self._listener.write(part)
        self._free_at = self._clock.seconds() + PACE
        if self._waiting:
            self._clock.callLater(PACE, self._next)

    def _flush(self) -> None:
        self._listener.write(self.encoder.join(self._waiting))
        self._waiting.clear()
        self._size = 0

    def close(self, *, after: float) -> None:
        self._flush()
        self._listener.close(after=after)

    def pause(self) -> None:
        self._listener.pause()

    def resume(self) -> None:
        self._listener.resume()

    def speak(self, language: str, encoding: str) -> None:
        self._flush()
        self._listener.speak(language, encoding)
