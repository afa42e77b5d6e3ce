"""A server's site in memory: connections to it, seen from their other end, and frames as clients write them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from twisted.internet.address import IPv4Address
from twisted.web.resource import IResource
from websockets.frames import Frame, Opcode

from classcord.faces.web.entrance import Entrance
from classcord.faces.web.files import FilesResource, FileStorage
from classcord.faces.web.handshake import WebSocketResource
from classcord.faces.web.site import WebSite
from classcord.faces.web.static_files import StaticFile
from classcord.faces.web.websocket import WebFace, WebSocketChat
from classcord.services.security.networks import Networks
from classcord.wire.hello_first import hello_first
from tests.harness import Client, House, MemoryTransport

PAGE = b"<!doctype html>" + b"<p>Bonjour</p>" * 100
HANDSHAKE = (
    b"GET /chat HTTP/1.1\r\nHost: chat.example:8080\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
ACCEPTED = b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455 §1.3


class Answer(NamedTuple):
    """One answer over HTTP."""

    code: int
    headers: dict[str, str]
    body: bytes


class WebLine:
    """The site of a House."""

    def __init__(
        self,
        house: House,
        *,
        trusted: Iterable[str] = (),
        origins: Iterable[str] = (),
        outbox_bytes: int = 4_194_304,
        line_bytes: int = 65_536,
        files: FileStorage | None = None,
    ) -> None:
        self.house = house
        self.face = WebFace(
            house.chat,
            hello_first("en", ZoneInfo("UTC")),
            house.clock,
            "web",
            line_bytes=line_bytes,
            outbox_bytes=outbox_bytes,
        )
        chat = WebSocketResource(partial(WebSocketChat, self.face), lambda: frozenset(origins))
        resources: dict[bytes, IResource] = {
            b"/": StaticFile(PAGE, "text/html; charset=utf-8", compress=True),
            b"/icon.png": StaticFile(b"\x89PNG", "image/png", compress=False),
            b"/chat": chat,
        }
        if files is not None:
            resources[b"/files/"] = FilesResource(files, house.clock, lambda: str)
        self.site = WebSite(resources, Entrance(house.chat, "web", Networks(trusted).__contains__), house.clock)

    def connect(self, address: str = "10.0.0.1") -> Client:
        """Return a new connection; AssertionError if it may not begin."""
        client = self.attempt(address)
        assert client is not None
        return client

    def attempt(self, address: str) -> Client | None:
        """Return a new connection, or None if it may not begin."""
        transport: Any = MemoryTransport(
            self.house.clock, IPv4Address("TCP", address, 40_000 + len(self.house.clients))
        )
        protocol = self.site.buildProtocol(transport.getPeer())
        if protocol is None:
            return None
        transport.protocol = protocol
        client = Client(self.house, transport)
        self.house.clients.append(client)
        protocol.makeConnection(transport)
        return client

    def get(self, path: str = "/", method: str = "GET", *, address: str = "10.0.0.1", **headers: str) -> Answer:
        """Return the answer to one request on a connection of its own; `_` in the name of a header is `-`."""
        lines = [f"{method} {path} HTTP/1.1", "Host: x", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
        client = self.connect(address)
        client.push("\r\n".join([*lines, "", ""]).encode("latin-1"))
        self.house.turn()
        return parsed(client.raw())

    def chat(self, address: str = "10.0.0.1", handshake: bytes = HANDSHAKE) -> WebSocketLine:
        """Return a connection that has become a WebSocket."""
        client = self.connect(address)
        client.push(handshake)
        answer, _, first = client.raw().partition(b"\r\n\r\n")
        assert ACCEPTED in answer
        return WebSocketLine(client, first)

    def client(self, address: str = "10.0.0.1") -> FramedClient:
        """Return the same, for tests that know nothing of frames."""
        client = FramedClient(self.chat(address))
        self.house.clients.append(client)
        return client


def parsed(data: bytes) -> Answer:
    """Return the one answer in these bytes."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    return Answer(int(first.split()[1]), dict(line.lower().split(": ", 1) for line in lines), body)


def frame(opcode: Opcode, payload: bytes = b"", *, fin: bool = True, masked: bool = True) -> bytes:
    """Return a frame as a client writes it."""
    return Frame(opcode, payload, fin).serialize(mask=masked)


def text(*lines: str) -> bytes:
    """Return a text message of these lines."""
    return frame(Opcode.TEXT, "\n".join(lines).encode())


class WebSocketLine:
    """A WebSocket, seen from its other end."""

    def __init__(self, client: Client, data: bytes = b"") -> None:
        self.client = client
        self._data = data

    def push(self, data: bytes) -> None:
        self.client.push(data)
        self.client.house.turn()

    def frames(self) -> list[tuple[Opcode, bytes]]:
        """Return the frames that have come since the last look."""
        self._data += self.client.raw()
        found = []
        while self._data:
            reader = _Reader(self._data)
            parsing = Frame.parse(reader.read, mask=False)
            try:
                while True:
                    next(parsing)
            except StopIteration as ended:
                each = ended.value
            found.append((each.opcode, bytes(each.data)))
            self._data = self._data[reader.place :]
        return found

    def lines(self) -> list[bytes]:
        """Return the lines of the messages that have come since the last look; only messages may have come."""
        found = self.frames()
        assert {opcode for opcode, _ in found} <= {Opcode.TEXT}
        return [line for _, payload in found for line in payload.splitlines()]

    def ask(self, *lines: str) -> list[bytes]:
        self.push(text(*lines))
        return self.lines()

    def closed_with(self) -> int:
        """Return the code of the close frame, the last one that has come."""
        opcode, payload = self.frames()[-1]
        assert opcode is Opcode.CLOSE
        return int.from_bytes(payload[:2], "big")


class _Reader:
    """Reads exactly so many bytes, as websockets asks."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.place = 0

    def read(self, size: int) -> Any:
        self.place += size
        assert self.place <= len(self._data)
        return self._data[self.place - size : self.place]
        yield


class FramedClient(Client):
    """A client whose lines travel in text messages."""

    def __init__(self, line: WebSocketLine) -> None:
        super().__init__(line.client.house, line.client.transport)
        self._line = line

    def push(self, data: bytes) -> None:
        super().push(frame(Opcode.TEXT, data))

    def raw(self) -> bytes:
        return b"".join(payload for opcode, payload in self._line.frames() if opcode is Opcode.TEXT)
