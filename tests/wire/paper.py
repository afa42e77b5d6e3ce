"""A dialect that there is only on paper: words instead of JSON, and traits of both others.

A line is `LOGIN name password`, `GUEST name`, `TELL name words`, `STATE word`, `USERS`, or else words for everybody.
What the server says are lines of words too.
"""

from __future__ import annotations

from classcord.chat.errors import BadRequest, ChatError
from classcord.chat.events import Answer, Event, Notice, Said
from classcord.chat.ports import Dialect, Traits
from classcord.chat.requests import Guest, Login, Request, Say, Status, Users
from classcord.chat.text import Text


class Paper:
    """One object for all who speak it."""

    traits = Traits(
        name="paper",
        acknowledges=True,
        history_at_join=True,
        kept_at_login=False,
        mirrors_own=True,
        answers_same_state=False,
        shows_errors=True,
    )

    def decode(self, line: bytes) -> Request:
        words = line.decode("utf-8", "replace").split(" ")
        try:
            if words[0] == "LOGIN":
                _, name, password = words
                return Login(username=name, password=password)
            if words[0] == "GUEST":
                _, name = words
                return Guest(username=name)
            if words[0] == "STATE":
                _, state = words
                return Status(state=state)
        except ValueError:
            raise BadRequest(why=Text("other words are wanted")) from None
        if words[0] == "TELL":
            return Say(subtype="private", to=words[1], content=" ".join(words[2:]))
        return Users() if words == ["USERS"] else Say(content=" ".join(words))

    def event(self, event: Event) -> bytes:
        if isinstance(event, Said):
            return f"{event.sender} to {event.to}: {event.content}\n".encode()
        return f"! {event.content.render()}\n".encode() if isinstance(event, Notice) else b""

    earlier = event

    def answer(self, request: Request, answer: Answer) -> bytes:
        return f"OK {request.wire_name}\n".encode()

    def error(self, error: ChatError, request: Request | None) -> bytes:
        return f"ERROR {error.code}\n".encode()

    def after_hello(self, language: str, encoding: str) -> Dialect:
        return self
