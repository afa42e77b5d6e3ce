"""The modern dialect of a connection that must begin with `hello`: of a WebSocket, which no classic client opens.

Knows what lines mean, no transport.
"""

from __future__ import annotations

from datetime import tzinfo

from classcord.chat.connections.vocabulary import Hello, HelloExpected
from classcord.chat.errors import ChatError
from classcord.chat.events import Answer
from classcord.chat.ports import Addressee
from classcord.chat.requests import Request
from classcord.wire.jsonlines import Modern, modern


class HelloFirst:
    """The dialect with one session, until its `hello` is answered."""

    traits = Modern.traits

    def __init__(self, encoder: Modern) -> None:
        self.encoder = encoder
        self._greeted = False

    def begin(self, session: Addressee) -> HelloFirst:  # noqa: ARG002
        return HelloFirst(self.encoder)

    def decode(self, line: bytes) -> Request:
        """Return the request in a line; HelloExpected if it is the first one and another."""
        request = self.encoder.decode(line)
        if not self._greeted and not isinstance(request, Hello):
            error = HelloExpected()
            error.request_id = request.id
            raise error
        self._greeted = True
        return request

    def answer(self, request: Request, answer: Answer) -> bytes:
        return self.encoder.answer(request, answer)

    def error(self, error: ChatError, request: Request | None) -> bytes:
        return self.encoder.error(error, request)

    def after_hello(self, language: str, encoding: str) -> Modern:
        return self.encoder.after_hello(language, encoding)


def hello_first(language: str, timezone: tzinfo) -> HelloFirst:
    """Return the dialect in which such connections begin."""
    return HelloFirst(modern(language, timezone, "utf-8"))
