"""One session with a server: bytes in, events out; requests are numbered, so that each answer finds its request.

It speaks the modern dialect (PROTOCOL.md), and ignores unknown fields. Knows no socket and no terminal.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable

import msgspec

Object = dict[str, object]
"""A line of the protocol, in either direction."""

LONGEST_HEARTBEAT = 3600.0  # seconds that are believed

_decode = msgspec.json.Decoder(Object).decode


class ClientEvent(msgspec.Struct, frozen=True):
    """Something received from the server."""

    received: Object


class Unasked(ClientEvent, frozen=True):
    """An event that is not an answer: a message, a user who came or left..."""


class RequestGranted(ClientEvent, frozen=True):
    """The server granted `request`."""

    request: Object


class ConversationOpened(RequestGranted, frozen=True):
    """The last opening request was granted: the chat may begin. `greeting` is the answer to the first one."""

    greeting: Object


class RequestRefused(ClientEvent, frozen=True):
    """The server reports an error, for `request` or, if that is None, for no request in particular."""

    request: Object | None


class MalformedLine(msgspec.Struct, frozen=True):
    """A line that is not a JSON object."""


def parse(line: bytes | str) -> Object | None:
    """Return the object on a line, or None if the line is something else."""
    try:
        return _decode(line)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def message(content: str, target: str | None) -> Object:
    """Return the request that sends a message: to everyone (None), to a #channel or to a user."""
    if target is None:
        return {"type": "message", "subtype": "global", "content": content}
    if target.startswith("#"):
        return {"type": "message", "subtype": "channel", "channel": target, "content": content}
    return {"type": "message", "subtype": "private", "to": target, "content": content}


class Conversation:
    """Sends the requests of `opening` one after the other, each when the previous one was granted.

    If one is refused, `opened` stays false and the others are not sent.
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

    @property
    def silence(self) -> float:
        """The seconds without data after which the connection is lost: two heartbeats, if the server sends any."""
        heartbeat = self._greeting.get("heartbeat") if self._greeting else None
        if not isinstance(heartbeat, int | float) or not heartbeat > 0:
            return math.inf
        return 2 * min(heartbeat, LONGEST_HEARTBEAT)

    def ask(self, request: Object) -> None:
        """Send a request under a new id; it is a word, so that it differs from the numbers that scripts use."""
        self._asked += 1
        self._send(request, f"chat-{self._asked}")

    def pass_on(self, request: Object) -> None:
        """Send a script's request unchanged; if it has an id, its answer is expected."""
        self._send(request, request.get("id"))

    def data_to_send(self) -> bytes:
        """Return the data for the server."""
        data = bytes(self._unsent)
        self._unsent.clear()
        return data

    def receive(self, data: bytes) -> list[ClientEvent | MalformedLine]:
        """Return the events in these bytes; an incomplete line is kept until its rest arrives."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [self._hear(line) for line in lines]

    def _send(self, request: Object, request_id: object) -> None:
        if isinstance(request_id, str | int | float):
            self.pending[request_id] = request
            request = {**request, "id": request_id}
        self._unsent += msgspec.json.encode(request) + b"\n"

    def _hear(self, line: bytes) -> ClientEvent | MalformedLine:
        received = parse(line)
        if received is None:
            return MalformedLine()
        request_id = received.get("id")
        request = self.pending.pop(request_id, None) if isinstance(request_id, str | int | float) else None
        if received.get("type") == "error":
            return RequestRefused(received, request)
        if request is None:
            return Unasked(received)
        return RequestGranted(received, request) if self.opened else self._advance(received, request)

    def _advance(self, received: Object, request: Object) -> RequestGranted:
        if self._greeting is None:
            self._greeting = received
        if self._opening:
            self.ask(self._opening.popleft())
            return RequestGranted(received, request)
        self.opened = True
        return ConversationOpened(received, request, self._greeting)
