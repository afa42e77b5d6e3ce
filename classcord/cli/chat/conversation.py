"""One session with a server: bytes in, events out; what is asked is numbered, and its answer finds it again.

It speaks the modern dialect (PROTOCOL.md) and takes objects whatever else they hold. Knows no socket and no terminal.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import msgspec

Object = dict[str, object]
"""A line of the protocol, either way."""

_decode = msgspec.json.Decoder(Object).decode


class Event(msgspec.Struct, frozen=True):
    """Something heard from the server."""

    received: Object


class Happened(Event, frozen=True):
    """Nobody asked: somebody spoke, came, left..."""


class Answered(Event, frozen=True):
    """`request` was granted."""

    request: Object


class Opened(Answered, frozen=True):
    """The last step of the opening was granted: talk may begin. `greeting` is the answer to the first."""

    greeting: Object


class Refused(Event, frozen=True):
    """The server reports an error, of `request` or, where that is None, of nothing in particular."""

    request: Object | None


class Garbled(msgspec.Struct, frozen=True):
    """A line that is not a JSON object."""


def parse(line: bytes | str) -> Object | None:
    """Return the object on a line, or None if there is something else on it."""
    try:
        return _decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def message(content: str, target: str | None) -> Object:
    """Return the request that says something: to everyone (None), to a #channel or to a person."""
    if target is None:
        return {"type": "message", "subtype": "global", "content": content}
    if target.startswith("#"):
        return {"type": "message", "subtype": "channel", "channel": target, "content": content}
    return {"type": "message", "subtype": "private", "to": target, "content": content}


class Conversation:
    """The requests of `opening` are asked one after the other, each when the one before was granted.

    A refusal on the way is final: `opened` stays false and nothing more is asked.
    """

    def __init__(self, opening: Iterable[Object]) -> None:
        self.opened = False
        self.pending: dict[object, Object] = {}
        self._opening = deque(opening)
        self._greeting: Object | None = None
        self._asked = 0
        self._unsent = bytearray()
        self._rest = b""
        self.ask(self._opening.popleft())

    @property
    def greeted(self) -> bool:
        """Whether the server has answered at all."""
        return self._greeting is not None

    def ask(self, request: Object) -> None:
        """Send a request under a new id, a word, which cannot be one of the numbers that scripts use."""
        self._asked += 1
        self._send(request, f"chat-{self._asked}")

    def pass_on(self, request: Object) -> None:
        """Send somebody else's request as it is; its answer is waited for if it has an id."""
        self._send(request, request.get("id"))

    def data_to_send(self) -> bytes:
        """Return what has to go to the server now."""
        data = bytes(self._unsent)
        self._unsent.clear()
        return data

    def receive(self, data: bytes) -> list[Event | Garbled]:
        """Return what these bytes bring to an end; half a line waits for its other half."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [self._hear(line) for line in lines]

    def _send(self, request: Object, request_id: object) -> None:
        if isinstance(request_id, str | int | float):
            self.pending[request_id] = request
            request = {**request, "id": request_id}
        self._unsent += msgspec.json.encode(request) + b"\n"

    def _hear(self, line: bytes) -> Event | Garbled:
        received = parse(line)
        if received is None:
            return Garbled()
        request_id = received.get("id")
        request = self.pending.pop(request_id, None) if isinstance(request_id, str | int | float) else None
        if received.get("type") == "error":
            return Refused(received, request)
        if request is None:
            return Happened(received)
        return Answered(received, request) if self.opened else self._advance(received, request)

    def _advance(self, received: Object, request: Object) -> Answered:
        if self._greeting is None:
            self._greeting = received
        if self._opening:
            self.ask(self._opening.popleft())
            return Answered(received, request)
        self.opened = True
        return Opened(received, request, self._greeting)
