"""The examples of docs/protocole.md: conversations held with the real service, in memory, at a fixed time.

So an example can neither be wrong nor grow old. Knows no page; generate.py writes that.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from passlib.context import CryptContext
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from classcord import __version__
from classcord.chat.errors import ChatError
from classcord.chat.events import Answer, Event
from classcord.chat.hub import Hub
from classcord.chat.policy import Policy
from classcord.chat.requests import Request
from classcord.chat.session import Dialect
from classcord.services import beginning
from classcord.services.accounts import Hashing
from classcord.services.audit import AuditLog
from classcord.services.chat import ChatService
from classcord.store.journal import Journal
from classcord.store.memory import Memory
from classcord.wire.jsonlines import classic

NOW = 1_795_206_987  # 2026-11-20, in the evening
TURNS = 12  # of the reactor, in which everything that a line causes has happened


class Exchange(NamedTuple):
    """A line of a client's, the lines it was sent because of it, and who else heard what."""

    who: str
    asked: str
    heard: list[tuple[str, str]]


class _Recording:
    """A dialect that remembers with which kind of answer each kind of request was answered."""

    def __init__(self, dialect: Any, seen: dict[type[Request], type[Answer]]) -> None:
        self._dialect = dialect
        self._seen = seen
        self.modern: bool = dialect.modern

    def decode(self, line: bytes) -> Request:
        request: Request = self._dialect.decode(line)
        return request

    def event(self, event: Event) -> bytes:
        return bytes(self._dialect.event(event))

    def earlier(self, event: Event) -> bytes:
        return bytes(self._dialect.earlier(event))

    def answer(self, request: Request, answer: Answer) -> bytes:
        self._seen[type(request)] = type(answer)
        return bytes(self._dialect.answer(request, answer))

    def error(self, error: ChatError, request: Request | None) -> bytes:
        return bytes(self._dialect.error(error, request))

    def after_hello(self, language: str, encoding: str) -> Dialect:
        return _Recording(self._dialect.after_hello(language, encoding), self._seen)


class _Ear:
    """A Sink that keeps what it is written, for the one list of all that was heard."""

    def __init__(self, who: str, heard: deque[tuple[str, str]]) -> None:
        self._who = who
        self._heard = heard

    def write(self, data: bytes) -> None:
        """Keep each line."""
        self._heard += [(self._who, line) for line in data.decode().splitlines()]

    def close(self, *, after: float = 0) -> None:
        """Do nothing: nobody is sent away in an example."""

    def pause(self) -> None:
        """Do nothing: lines come one at a time."""

    resume = pause


class Room:
    """A server in memory, whose clients are named by whoever speaks first under a name."""

    def __init__(self) -> None:
        self.answers: dict[type[Request], type[Answer]] = {}
        self._clock = Clock()
        self._clock.advance(NOW)
        memory = Memory()
        hub = Hub(Policy(name="ClassCord", version=__version__))
        self._service = ChatService(
            hub,
            archive=memory,
            accounts=memory,
            hashing=Hashing(_at_once, CryptContext(["hex_sha256"])),
            clock=self._clock,
            audit=AuditLog(lambda _line: None),
        )
        self._service.journal = Journal(memory, self._service.released, self._clock, lambda _reason: None)
        for commit in beginning.channels(hub, (), NOW):
            self._service.journal.append(commit)
        self._settle()
        self._heard: deque[tuple[str, str]] = deque()
        self._sessions: dict[str, Any] = {}

    def hold(self, conversation: Iterable[tuple[str, str]]) -> list[Exchange]:
        """Let each say their line, a second apart; return what was said and heard."""
        return [self._exchange(who, line) for who, line in conversation]

    def _exchange(self, who: str, line: str) -> Exchange:
        self._clock.advance(1)
        if who not in self._sessions:
            dialect = _Recording(classic("fr", ZoneInfo("Europe/Paris")), self.answers)
            self._sessions[who] = self._service.connect(_Ear(who, self._heard), dialect, address="10.0.0.1", face="tcp")
        session = self._sessions[who]
        try:
            self._service.submit(session, session.dialect.decode(line.encode()))
        except ChatError as error:
            self._service.bad_line(session, error)
        self._settle()
        heard = list(self._heard)
        self._heard.clear()
        return Exchange(who, line, heard)

    def _settle(self) -> None:
        for _ in range(TURNS):
            self._clock.advance(0)


def _at_once(work: Any, *arguments: object) -> Deferred[Any]:
    return succeed(work(*arguments))


def kind_of(line: str) -> str:
    """Return the `type` of a line."""
    return str(msgspec.json.decode(line)["type"])


MODERN = (
    ("bob", '{"type":"hello","protocol":2,"client":"exemple/1.0","encoding":"utf-8","lang":"fr"}'),
    ("bob", '{"type":"register","username":"bob","password":"motdepasse"}'),
    ("bob", '{"type":"login","username":"bob","password":"motdepasse"}'),
    ("alice", '{"type":"hello","id":1,"protocol":2,"client":"exemple/1.0","encoding":"utf-8","lang":"fr"}'),
    ("alice", '{"type":"register","id":2,"username":"alice","password":"azerty","first_name":"Alice"}'),
    ("alice", '{"type":"register","id":3,"username":"bob","password":"azerty"}'),
    ("alice", '{"type":"login","id":4,"username":"alice","password":"azerty"}'),
    ("zoé", '{"type":"hello","protocol":2,"encoding":"utf-8"}'),
    ("zoé", '{"type":"guest","id":"a","username":"Zoé"}'),
    ("alice", '{"type":"users","id":5}'),
    ("alice", '{"type":"list_users","id":5}'),
    ("bob", '{"type":"join","id":6,"channel":"#dev"}'),
    ("alice", '{"type":"join","id":7,"channel":"#dev"}'),
    ("alice", '{"type":"message","id":8,"content":"Bonjour à tous"}'),
    ("alice", '{"type":"message","id":9,"channel":"#dev","content":"Le TP est en ligne"}'),
    ("alice", '{"type":"message","id":10,"subtype":"private","to":"bob","content":"Tu viens ?"}'),
    ("bob", '{"type":"private","id":11,"to":"alice","content":"Oui !"}'),
    ("alice", '{"type":"message","id":12,"subtype":"private","to":"personne","content":"?"}'),
    ("alice", '{"type":"history","id":13,"channel":"#dev","after":0,"limit":2}'),
    ("alice", '{"type":"history","id":14,"user":"bob","limit":1}'),
    ("alice", '{"type":"status","id":15,"state":"away"}'),
    ("alice", '{"type":"create","id":16,"channel":"#projet","kind":"private","topic":"Le projet de fin d\'année"}'),
    ("alice", '{"type":"channels","id":17}'),
    ("alice", '{"type":"members","id":18,"channel":"#dev"}'),
    ("alice", '{"type":"who","id":19,"channel":"#dev"}'),
    ("bob", '{"type":"create","id":20,"channel":"#cours"}'),
    ("alice", '{"type":"join_channel","id":21,"channel":"cours"}'),
    ("bob", '{"type":"topic","id":22,"channel":"#cours","topic":"Réseaux, mardi"}'),
    ("alice", '{"type":"topic","id":23,"channel":"#cours"}'),
    ("alice", '{"type":"leave","id":24,"channel":"#dev"}'),
    ("alice", '{"type":"ping","id":25}'),
    ("alice", '{"type":"logout","id":26}'),
)
"""Each request at least once, and what makes each event heard."""

CLASSIC = (
    ("alice", '{"password":"azerty","type":"register","username":"alice"}'),
    ("alice", '{"password":"faux","type":"login","username":"alice"}'),
    ("alice", '{"password":"azerty","type":"login","username":"alice"}'),
    ("alice", '{"type":"users"}'),
    ("invité", '{"subtype":"global","from":"Zoé","to":"global","type":"message","content":"coucou é"}'),
    ("alice", '{"subtype":"private","to":"Zoé","type":"message","content":"MP pour Zoé"}'),
    ("alice", '{"subtype":"global","channel":"#dev","type":"message","content":"Ping pour les devs !"}'),
    ("alice", '{"state":"away","type":"status","user":"alice"}'),
    ("invité", "ceci n'est pas du JSON"),
)
"""What the classroom's clients send, as they write it."""
