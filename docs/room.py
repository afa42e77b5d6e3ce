"""Conversations held with the real service, in memory, at a fixed time: so no example of a page is wrong or grows old.

Knows no line that is said, and no page; examples.py has the lines, generate.py writes the page.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from passlib.context import CryptContext
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from classcord import __version__
from classcord.chat.effects import Commit
from classcord.chat.errors import ChatError
from classcord.chat.events import Answer
from classcord.chat.files.vocabulary import StoredFile
from classcord.chat.hub import Hub
from classcord.chat.policy import Policy
from classcord.chat.ports import Dialect, Encoder, Traits
from classcord.chat.registration.rules import new_account
from classcord.chat.registration.vocabulary import Register
from classcord.chat.requests import Request
from classcord.chat.roles import Operator, Role
from classcord.server import first_start as beginning
from classcord.server.chat import Chat
from classcord.services.passwords.local import Hashing, LocalPasswords
from classcord.services.security.security_events import SecurityEvents
from classcord.store.sqlite.database import Database
from classcord.wire.jsonlines import classic
from docs.process import Controls, Mails

NOW = 1_795_206_987  # 2026-11-20, in the evening
_MEMORY = re.compile(r'"memory":\d+')  # of whoever makes the page
TURNS = 12  # of the reactor, in which everything that a line causes has happened
OWNER = "prof"  # has an account in every room
PASSWORD = "tableau noir"  # noqa: S105 (of an account in memory)


class Exchange(NamedTuple):
    """A line of a client's, the lines it was sent because of it, and who else heard what."""

    who: str
    asked: str
    heard: list[tuple[str, str]]


class _Ear:
    """A Listener that keeps what it is written, for the one list of all that was heard.

    It remembers with which kind of answer each kind of request was answered.
    """

    waiting = 0
    portion = sys.maxsize

    def __init__(
        self,
        who: str,
        heard: deque[tuple[str, str]],
        answers: dict[type[Request], type[Answer]],
        closed: Callable[[str], None],
    ) -> None:
        """`closed` is told who was sent away."""
        self.dialect: Dialect = classic("fr", ZoneInfo("Europe/Paris"))
        self._who = who
        self._heard = heard
        self._answers = answers
        self._closed = closed

    @property
    def sink(self) -> _Ear:
        return self

    @property
    def traits(self) -> Traits:
        return self.dialect.traits

    @property
    def encoder(self) -> Encoder[bytes]:
        return self.dialect.encoder

    def answer(self, request: Request, answer: Answer) -> bytes:
        self._answers[type(request)] = type(answer)
        return self.dialect.answer(request, answer)

    def error(self, error: ChatError, request: Request | None) -> bytes:
        return self.dialect.error(error, request)

    def speak(self, language: str, encoding: str) -> None:
        self.dialect = self.dialect.after_hello(language, encoding)

    def pace(self, lasts: Callable[[], bool]) -> None:
        """Do nothing: a page has no time."""

    def when_written(self, then: Callable[[], None]) -> None:
        then()

    def mark(self) -> None:
        """Return no position: a page is read."""

    def acknowledged(self) -> int:
        return 0

    def was_silent(self) -> bool:
        return False  # somebody always says something on a page

    def give_up_after(self, seconds: float) -> None:
        """Do nothing: nobody vanishes."""

    def write(self, chunk: bytes) -> None:
        """Keep each line."""
        lines = (_MEMORY.sub('"memory":64000000', line) for line in chunk.decode().splitlines())
        self._heard += [(self._who, line) for line in lines]

    def close(self, *, after: float = 0) -> None:  # noqa: ARG002
        self._closed(self._who)

    def pause(self) -> None:
        """Do nothing: lines come one at a time."""

    resume = pause


def office_holder(room: Room) -> Operator:
    """Return the owner as an administrator who came in by password: with the account that the room has."""
    account = room.service.hub.state.accounts[OWNER]
    return Operator(name=OWNER, role=Role.OWNER, by="password", fingerprint="SHA256:exemple", account_id=account.id)


class Room:
    """A server in memory, whose clients are named by whoever speaks first under a name.

    It has an owner's account, OWNER with PASSWORD.
    """

    def __init__(self) -> None:
        self.answers: dict[type[Request], type[Answer]] = {}
        self.clock = Clock()
        self.clock.advance(NOW)
        self.store = store = Database.in_memory()
        erased = "(ancien membre {number})"
        self.hub = hub = Hub(Policy(name="ClassCord", version=__version__, other_logins=True, erased_name=erased))
        digests = CryptContext(["hex_sha256"])
        hashing = Hashing(_at_once, digests)
        self.service = Chat(
            hub,
            store,
            size=lambda: 0,
            authenticator=LocalPasswords(store, hashing),
            hashing=hashing,
            security=SecurityEvents(),
            controls=Controls(),
            mails=Mails(),
            timers=self.clock,
            clock=self.clock,
        ).service
        hub.uploads.room = lambda: 1e9
        hub.new_secret = map("jeton-{}".format, itertools.count(1)).__next__
        for commit in beginning.channels(hub, (), NOW):
            self.service.journal.append(commit)
        owner = new_account(hub, Register(username=OWNER, password=""), digests.hash(PASSWORD), Role.OWNER, NOW)
        self.service.journal.append(Commit(None, (owner,)))
        self.settle()
        self._heard: deque[tuple[str, str]] = deque()
        self._connections: dict[str, Any] = {}  # their listeners are ears

    def hold(self, conversation: Iterable[tuple[str, str]]) -> list[Exchange]:
        """Let each say their line, a second apart; return what was said and heard."""
        return [self._exchange(who, line) for who, line in conversation]

    def hold_at_night(self, conversation: Iterable[tuple[str, str]]) -> list[Exchange]:
        """Let each say their line in quiet hours, which begin now and last ten hours."""
        self.service.keep_time()
        begin = int(self.clock.seconds()) * 1000
        self.hub.quiet.set([(begin, begin + 36_000_000)])
        return [self._exchange(who, line, self._second_passes) for who, line in conversation]

    def _second_passes(self) -> None:
        self.service.keep_time()
        self.settle()
        self.service.let_go()

    def _exchange(self, who: str, line: str, then: Callable[[], None] = lambda: None) -> Exchange:
        self.clock.advance(1)
        if who not in self._connections:
            ear = _Ear(who, self._heard, self.answers, self._left)
            self._connections[who] = self.service.connect(ear, address="10.0.0.1", face="tcp")
        connection = self._connections[who]
        try:
            self.service.submit(connection, connection.session.listener.dialect.decode(line.encode()))
        except ChatError as error:
            self.service.bad_line(connection, error)
        self.settle()
        then()
        self.settle()
        heard = list(self._heard)
        self._heard.clear()
        for _, answer in heard:
            self._take_bytes(msgspec.json.decode(answer))
        return Exchange(who, line, heard)

    def _take_bytes(self, answer: dict[str, Any]) -> None:
        """Take the bytes of a file as soon as they may come: those of an image."""
        token = answer.get("file")
        upload = self.hub.uploads.begin(token, self.clock.seconds()) if isinstance(token, str) else None
        if upload is not None:
            image = {"type": "image/png", "digest": "", "width": 640, "height": 480}
            file = StoredFile(token=upload.token, name=upload.name, size=upload.size, **image)  # type: ignore[arg-type]
            self.hub.uploads.received(upload, file, self.clock.seconds())

    def _left(self, who: str) -> None:
        connection = self._connections.pop(who, None)
        if connection is not None:
            self.clock.callLater(0, self.service.disconnected, connection, "sent away")

    def settle(self) -> None:
        """Let everything happen that was begun."""
        for _ in range(TURNS):
            self.clock.advance(0)


def _at_once(work: Any, *arguments: object) -> Deferred[Any]:
    return succeed(work(*arguments))


def kind_of(line: str) -> str:
    """Return the `type` of a line."""
    return str(msgspec.json.decode(line)["type"])
