"""A listener in the place of a session's own one: it hands on everything that a subclass does not look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from classcord.chat.errors import ChatError
    from classcord.chat.events import Answer
    from classcord.chat.ports import Encoder, Listener, Traits
    from classcord.chat.requests import Request


class StandIn:
    """Is the listener and the sink of a session, before another listener."""

    def __init__(self, listener: Listener[Any]) -> None:
        self._listener = listener

    @property
    def sink(self) -> StandIn:
        return self

    @property
    def traits(self) -> Traits:
        return self._listener.traits

    @property
    def encoder(self) -> Encoder[Any]:
        return self._listener.encoder

    @property
    def waiting(self) -> int:
        return self._listener.waiting

    @property
    def portion(self) -> int:
        return self._listener.portion

    def answer(self, request: Request, answer: Answer) -> Any:
        return self._listener.answer(request, answer)

    def error(self, error: ChatError, request: Request | None) -> Any:
        return self._listener.error(error, request)

    def write(self, chunk: Any) -> None:
        self._listener.write(chunk)

    def close(self, *, after: float) -> None:
        self._listener.close(after=after)

    def pause(self) -> None:
        self._listener.pause()

    def resume(self) -> None:
        self._listener.resume()

    def speak(self, language: str, encoding: str) -> None:
        self._listener.speak(language, encoding)

    def pace(self, lasts: Callable[[], bool]) -> None:
        self._listener.pace(lasts)

    def when_written(self, then: Callable[[], None]) -> None:
        self._listener.when_written(then)

    def mark(self) -> int | None:
        return self._listener.mark()

    def acknowledged(self) -> int:
        return self._listener.acknowledged()

    def was_silent(self) -> bool:
        return self._listener.was_silent()

    def give_up_after(self, seconds: float) -> None:
        self._listener.give_up_after(seconds)
