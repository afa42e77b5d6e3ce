"""A dialect that there is only on paper: words instead of JSON, traits of both others, and memory of its session.

A line is `LOGIN name password`, `GUEST name`, `TELL name words`, `STATE word`, `USERS`, or else words for everybody.
What the server says are lines of words too. An answer begins with its number and with who is answered, `*` while that
is nobody; so it does in IRC.
"""

from __future__ import annotations

from classcord.chat.errors import BadRequest, ChatError
from classcord.chat.events import Answer, Event, Notice
from classcord.chat.identity.vocabulary import Guest, Login
from classcord.chat.messages.vocabulary import Said, Say
from classcord.chat.ports import Addressee, Traits
from classcord.chat.presence.vocabulary import Status, Users
from classcord.chat.requests import Request
from classcord.chat.text import Text


class Words:
    """What all who speak it are told in the same words."""

    def __init__(self) -> None:
        self.encoded = 0

    def event(self, event: Event) -> bytes:
        self.encoded += 1
        if isinstance(event, Said):
            return f"{event.sender} to {event.to}: {event.content}\n".encode()
        return f"! {event.content.render()}\n".encode() if isinstance(event, Notice) else b""

    def earlier(self, event: Event, now: float) -> bytes:
        return self.event(event)

    def parts(self, chunk: bytes) -> list[bytes]:
        return chunk.splitlines(keepends=True)

    join = staticmethod(b"".join)


class Nobody:
    """Whom a connection speaks to before it has a session."""

    name = ""


WORDS = Words()
NOBODY = Nobody()


class Paper:
    """One object for each session; those that begin from one share its encoder."""

    traits = Traits(
        name="paper",
        acknowledges=True,
        history_at_join=True,
        kept_at_login=False,
        resumes=False,
        mirrors_own=True,
        answers_same_state=False,
        hears_own_state=True,
        enters_by_message=True,
        commands_in_text=False,
        lists_elsewhere=False,
        spells_own_name=False,
        shows_refusals=True,
        shows_errors=True,
    )

    def __init__(self, encoder: Words = WORDS, session: Addressee = NOBODY) -> None:
        self.encoder = encoder
        self._session = session
        self._answers = 0

    def begin(self, session: Addressee) -> Paper:
        return Paper(self.encoder, session)

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

    def answer(self, request: Request, answer: Answer) -> bytes:
        return self._numbered(f"OK {request.wire_name}")

    def error(self, error: ChatError, request: Request | None) -> bytes:
        return self._numbered(f"ERROR {error.code}")

    def _numbered(self, words: str) -> bytes:
        self._answers += 1
        return f"{self._answers} {self._session.name or '*'} {words}\n".encode()

    def after_hello(self, language: str, encoding: str) -> Paper:
        return self
