"""A whole server in memory: hub, journal, service and line face, without network, threads or waiting.

The clock is `house.clock`; nothing happens by itself. `Client` is one connection, spoken to in bytes.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timezone, tzinfo
from typing import Any, cast

import msgspec
from passlib.context import CryptContext
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.internet.interfaces import IAddress
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.logger import ILogObserver, LogEvent, LogLevel, formatEvent, globalLogPublisher
from twisted.python.failure import Failure

from classcord.chat.effects import Commit
from classcord.chat.hub import Hub
from classcord.chat.names import name_key
from classcord.chat.policy import Policy
from classcord.chat.records import Record
from classcord.chat.registration.rules import new_account
from classcord.chat.registration.vocabulary import Register
from classcord.chat.roles import Role
from classcord.chat.text import Text
from classcord.faces.lines import ChatLines, ChatLinesFactory
from classcord.faces.peer import Face
from classcord.server import first_start as beginning
from classcord.server.chat import Chat
from classcord.services.chat.connection import Connection
from classcord.services.passwords.authenticator import Authenticator
from classcord.services.passwords.local import Hashing, LocalPasswords
from classcord.services.security.audit_log import AuditLog
from classcord.services.security.security_events import SecurityEvent, SecurityEvents
from classcord.settings import ChannelSettings
from classcord.store.ports import Outcomes, StorageTrouble
from classcord.store.sqlite.database import Database, begin
from classcord.store.sqlite.in_memory import MemoryConnection
from classcord.wire.jsonlines import classic
from tests.process import FakeControls, FakeMailer

BEGINNING = 1_795_206_987.625  # 2026-11-20T20:36:27.625Z, a Friday evening; exact in binary
CHEAP = CryptContext(
    schemes=["argon2", "bcrypt", "hex_sha256"],
    deprecated="auto",
    argon2__type="ID",
    argon2__time_cost=1,
    argon2__memory_cost=8,
    argon2__parallelism=1,
    bcrypt__rounds=4,
)
PASSWORD = "azerty"


class Store(Database):
    """The store in memory, with faults to order: groups that wait, and records that are refused."""

    def __init__(self) -> None:
        connections = MemoryConnection()
        super().__init__(connections, connections)
        self.connection = connections.connection
        self.trouble: str | None = None
        self.holding = False
        self.held: list[tuple[Sequence[Commit], Deferred[Outcomes]]] = []
        self.groups: list[Sequence[Commit]] = []
        self.bad: Callable[[Record], Exception | None] = lambda _: None

    def write(self, group: Sequence[Commit]) -> Deferred[Outcomes]:
        if not self.holding:
            return self._write(group)
        waiting: Deferred[Outcomes] = Deferred()
        self.held.append((group, waiting))
        return waiting

    def _write(self, group: Sequence[Commit]) -> Deferred[Outcomes]:
        if self.trouble is not None:
            return fail(StorageTrouble(Text(self.trouble)))
        self.groups.append(group)
        refused = {place: error for place, c in enumerate(group) if (error := self._first_error(c)) is not None}
        places = [place for place in range(len(group)) if place not in refused]
        outcomes = super().write([group[place] for place in places])
        return outcomes.addCallback(lambda failed: refused | {places[place]: e for place, e in failed.items()})

    def _first_error(self, commit: Commit) -> Exception | None:
        return next((error for record in commit.records if (error := self.bad(record)) is not None), None)

    def asked(self, sql: str) -> list[Any]:
        """Return the rows that a statement finds; of one column, its values."""
        rows = self.connection.execute(sql).fetchall()
        return [row[0] for row in rows] if rows and len(rows[0]) == 1 else rows

    def digest(self, user_id: int) -> str:
        """Return the digest of an account's password."""
        found: str = self.connection.execute("SELECT password_hash FROM users WHERE id = ?", (user_id,)).fetchone()[0]
        return found

    def let_go(self) -> None:
        """Write the oldest group that waits."""
        group, waiting = self.held.pop(0)
        self._write(group).chainDeferred(waiting)


class Hasher:
    """Runs hashing at once, or when it is told to."""

    def __init__(self) -> None:
        self.holding = False
        self.held: list[tuple[Deferred[Any], Callable[..., Any], tuple[object, ...]]] = []
        self.calls = 0

    def run(self, work: Callable[..., Any], *args: object) -> Deferred[Any]:
        self.calls += 1
        if not self.holding:
            return succeed(work(*args))
        waiting: Deferred[Any] = Deferred()
        self.held.append((waiting, work, args))
        return waiting

    def let_go(self) -> None:
        """Do the oldest piece of work that waits."""
        waiting, work, args = self.held.pop(0)
        waiting.callback(work(*args))


def logged(write: Callable[[str], None]) -> SecurityEvents:
    """Return a bus of security events whose first subscriber is an audit log."""
    events = SecurityEvents()
    events.subscribe(AuditLog(write).heard, SecurityEvent)
    return events


class MemoryTransport(StringTransport):
    """A transport whose end reaches its protocol, one turn of the clock later as with a socket."""

    def __init__(self, clock: Clock, peer: IAddress) -> None:
        super().__init__(peerAddress=peer)  # type: ignore[no-untyped-call]
        self.clock = clock
        self.protocol: ChatLines
        self.lost = self.aborted = False

    def loseConnection(self) -> None:
        if not self.disconnecting:
            self.disconnecting = True
            self.clock.callLater(0, self.end, ConnectionDone())

    def abortConnection(self) -> None:
        self.disconnecting = self.aborted = True
        self.clock.callLater(0, self.end, ConnectionAborted())

    def end(self, why: Exception) -> None:
        """Tell the protocol, once, that the connection is gone."""
        if not self.lost:
            self.lost = True
            self.protocol.connectionLost(Failure(why))


class Client:
    """One connection, seen from its other end."""

    def __init__(self, house: House, transport: MemoryTransport) -> None:
        self.house = house
        self.transport = transport
        self._unread = bytearray()

    @property
    def closed(self) -> bool:
        """Whether the server has closed the connection, or the client itself."""
        return self.transport.lost

    def send(self, *requests: dict[str, Any] | bytes) -> None:
        """Send requests, or bytes as they are; what the server does not read yet waits, as in a socket."""
        for request in requests:
            self._unread += request if isinstance(request, bytes) else encoded(request)
        self.deliver()

    def deliver(self) -> bool:
        """Hand over what waits to be read, if the server reads; return whether something was handed over."""
        transport = self.transport
        if not self._unread or transport.lost or transport.producerState != "producing":
            return False
        data, self._unread = bytes(self._unread), bytearray()
        self.push(data)
        return True

    def push(self, data: bytes) -> None:
        """Hand over bytes, whether or not the server wants to read."""
        self.transport.protocol.dataReceived(data)

    def raw(self) -> bytes:
        """Return the bytes received since the last look."""
        data: bytes = self.transport.value()  # type: ignore[no-untyped-call]
        self.transport.clear()  # type: ignore[no-untyped-call]
        return data

    def lines(self) -> list[dict[str, Any]]:
        """Return the objects received since the last look; each line is checked (PROTOCOL.md classic rule 9)."""
        return objects(self.raw())

    def ask(self, *requests: dict[str, Any] | bytes) -> list[dict[str, Any]]:
        """Send, let the server work, and return what was received since the last look."""
        self.send(*requests)
        self.house.turn()
        return self.lines()

    def one(self, request: dict[str, Any] | bytes) -> dict[str, Any]:
        """Send a request that has exactly one line for an answer; return that."""
        received = self.ask(request)
        assert len(received) == 1, received
        return received[0]

    def leave(self) -> None:
        """Close the connection from this side."""
        self.transport.end(ConnectionDone())
        self.house.turn()


def encoded(request: dict[str, Any]) -> bytes:
    """Return a request as clients write it."""
    return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def objects(data: bytes) -> list[dict[str, Any]]:
    """Return the objects of whole lines, after a look at each: ASCII, compact, an object, a final newline."""
    assert not data or data.endswith(b"\n"), data[-80:]
    found = []
    for line in data.split(b"\n")[:-1]:
        assert line.isascii(), line
        value = json.loads(line)
        assert isinstance(value, dict), line
        assert isinstance(value["type"], str), line
        found.append(value)
    return found


class House:
    """The server. `faults` are the errors in its log, as sentences."""

    def __init__(
        self,
        *,
        language: str = "en",
        zone: tzinfo = timezone.utc,
        connections: int = 0,
        connections_per_address: int = 0,
        shares_address: Callable[[str], bool] = lambda _: False,
        listed: Sequence[ChannelSettings] = (),
        log_messages: bool = False,
        outbox_bytes: int = 4_194_304,
        authenticator: Callable[[Authenticator], Authenticator] | None = None,
        store: Store | None = None,
        **policy: Any,
    ) -> None:
        """`policy` are fields of Policy; the others are those of the services and the face.

        `authenticator` is given the local passwords, and returns what is asked instead of them. `store` is that of a
        server before this one: it begins with what is stored there.
        """
        self.clock = Clock()
        self.clock.rightNow = BEGINNING
        self.store = store or Store()
        self.hasher = Hasher()
        self.hashing = Hashing(self.hasher.run, CHEAP)
        self.audit: list[str] = []
        self.events: list[LogEvent] = []
        self.clients: list[Client] = []
        stored = begin(self.store.connection)
        self.hub = Hub(Policy(language=language, **policy), stored.last)
        self.hub.restore(stored.records)
        commits = beginning.channels(self.hub, listed, BEGINNING)
        self.store.write(commits)
        for commit in commits:
            self.hub.restore(commit.records)
        local = LocalPasswords(self.store, self.hashing)
        self.authenticator = authenticator(local) if authenticator else local
        self.controls, self.mailer = FakeControls(), FakeMailer()
        chat = Chat(
            self.hub,
            self.store,
            size=lambda: 0,
            authenticator=self.authenticator,
            hashing=self.hashing,
            security=logged(self.audit.append),
            controls=self.controls,
            mails=self.mailer,
            timers=self.clock,
            clock=self.clock,
            log_messages=log_messages,
        )
        self.chance, self.hub.new_secret = self.hub.new_secret, self._token
        self._tokens = itertools.count(1)
        self.chat, self.journal = chat.service, chat.journal
        self.figures, self.countdown = chat.figures, chat.countdown
        self.chat.connection_limits.set_room(
            connections=connections, connections_per_address=connections_per_address, shares_address=shares_address
        )
        self.face = Face(
            self.chat,
            classic(language, zone),
            self.clock,
            "tcp",
            line_bytes=self.hub.policy.line_bytes,
            outbox_bytes=outbox_bytes,
        )
        self.factory = ChatLinesFactory(self.face)

    def _token(self) -> str:
        """Return a token that no session has, before a restart neither; each run of a test has the same ones."""
        return f"{self.hub.state.session_ids.last:020}{next(self._tokens):023}"

    @property
    def faults(self) -> list[str]:
        """What the log says at the level of an error or above, and every failure in it."""
        return [
            f"{formatEvent(event)} {event.get('log_failure', '')}"
            for event in self.events
            if event.get("log_failure") is not None or event.get("log_level", LogLevel.info) >= LogLevel.error
        ]

    @property
    def left_behind(self) -> list[Connection]:
        """Connections that are gone and still known, although nothing is under way."""
        if self.store.held or self.hasher.held or not self.journal.idle:
            return []
        known = self.chat._table._of.values()
        return [each for each in known if each.session.id not in self.chat.connections]

    @property
    def logged(self) -> list[str]:
        """Every sentence of the log."""
        return [str(formatEvent(event)) for event in self.events]

    def turn(self) -> None:
        """Let happen all that happens now; nothing that waits for a later time."""
        read = True
        while read:
            self.clock.advance(0)
            read = False
            for client in self.clients:
                read = client.deliver() or read

    def pass_time(self, seconds: float, step: float = 0.25) -> None:
        """Let time pass."""
        for _ in range(int(seconds / step)):
            self.clock.advance(step)
        self.turn()

    def client(self, address: str = "10.0.0.1", peer: IAddress | None = None) -> Client:
        """Return a new connection."""
        transport = MemoryTransport(self.clock, peer or IPv4Address("TCP", address, 40_000 + len(self.clients)))
        protocol = self.factory.buildProtocol(transport.getPeer())  # type: ignore[no-untyped-call]
        assert isinstance(protocol, ChatLines)
        transport.protocol = protocol
        client = Client(self, transport)
        self.clients.append(client)
        protocol.makeConnection(transport)
        return client

    def account(self, name: str, *, role: Role = Role.MEMBER, digest: str | None = None) -> None:
        """Make an account, its password PASSWORD, as if it had always been there: its name may be reserved today."""
        asked = Register(username="somebody", password=PASSWORD)
        record = new_account(self.hub, asked, digest or CHEAP.hash(PASSWORD), role, BEGINNING)
        record = msgspec.structs.replace(record, name=name, name_key=name_key(name))
        self.store.write([Commit(None, (record,))])
        self.hub.restore([record])

    def one_time(self, name: str, *, role: Role = Role.MEMBER) -> None:
        """Make an account whose password, PASSWORD, is for one time."""
        asked = Register(username=name, password=PASSWORD)
        record = new_account(self.hub, asked, CHEAP.hash(PASSWORD), role, BEGINNING)
        record = msgspec.structs.replace(record, must_change=True)
        self.store.write([Commit(None, (record,))])
        self.hub.restore([record])

    def member(self, name: str, *, role: Role = Role.MEMBER, address: str = "10.0.0.1") -> Client:
        """Return a classic client that is logged in, and has heard everything until now."""
        if self.hub.state.account(name) is None:
            self.account(name, role=role)
        client = self.client(address)
        answer = client.ask(login(name))
        assert answer[0]["status"] == "ok", answer
        self._all_heard()
        return client

    def guest(self, name: str) -> Client:
        """Return a classic client that came in as a guest."""
        client = self.client()
        assert client.ask({"type": "guest", "username": name})[0]["status"] == "ok"
        self._all_heard()
        return client

    def modern(self, name: str | None = None, *, lang: str = "en", encoding: str = "ascii") -> Client:
        """Return a modern client, logged in if it has a name."""
        client = self.client()
        assert client.one({"type": "hello", "protocol": 2, "lang": lang, "encoding": encoding})["type"] == "hello"
        if name is not None:
            if self.hub.state.account(name) is None:
                self.account(name)
            client.send(login(name))
            self.turn()
            assert b'"status":"ok"' in client.raw()
            self._all_heard()
        return client

    def _all_heard(self) -> None:
        for client in self.clients:
            client.raw()


def login(name: str, password: str = PASSWORD, **more: Any) -> dict[str, Any]:
    """Return a login as the classroom's clients write it."""
    return {"password": password, "type": "login", "username": name, **more}


def register(name: str, password: str = PASSWORD) -> dict[str, Any]:
    """Return a registration as the classroom's clients write it."""
    return {"password": password, "type": "register", "username": name}


def say(content: str, **more: Any) -> dict[str, Any]:
    """Return a global message as the classroom's clients write it."""
    return {"subtype": "global", "to": "global", "type": "message", "content": content, **more}


def tell(name: str, content: str, **more: Any) -> dict[str, Any]:
    """Return a private message as the classroom's clients write it."""
    return {"subtype": "private", "to": name, "type": "message", "content": content, **more}


def contents(received: list[dict[str, Any]]) -> list[str]:
    """Return what people said, without the server's sentences."""
    return [line["content"] for line in received if line["type"] == "message" and line["subtype"] != "system"]


def notices(received: list[dict[str, Any]]) -> list[str]:
    """Return the server's sentences."""
    return [line["content"] for line in received if line.get("subtype") == "system" or line["type"] == "system"]


@contextmanager
def running(*, faulty: bool = False, **arguments: Any) -> Iterator[House]:
    """Give a server; afterwards its log must be free of errors, unless it is `faulty` by the test's own doing."""
    house = House(**arguments)
    observer = cast(ILogObserver, house.events.append)
    globalLogPublisher.addObserver(observer)
    try:
        yield house
        house.turn()
    finally:
        globalLogPublisher.removeObserver(observer)
    if not faulty:
        assert house.faults == [], house.faults  # told here: pytest shows the parts of assertions of tests alone
        assert house.left_behind == [], house.left_behind
