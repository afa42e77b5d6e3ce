"""A client of the chat over a WebSocket: blocking, with another implementation of the protocol than the server's."""

from __future__ import annotations

import json
import ssl
from collections import deque
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from tests.server import Client

CHUNK = 65_536  # bytes


class WebClient(Client):
    """A client whose lines travel in text messages."""

    def __init__(
        self,
        address: tuple[str, int],
        tls: ssl.SSLContext | None = None,
        *,
        origin: str | None = None,
        path: str = "/chat",
        source: str = "",
        buffer: int = 0,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Open a WebSocket, from the address `source` if it is given; InvalidStatus if the server refuses it."""
        super().__init__(address, tls, buffer, source=source)
        host, port = address
        scheme = "ws" if tls is None else "wss"
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self.protocol = ClientProtocol(parse_uri(f"{scheme}://{place}{path}"), origin=origin, max_size=None)  # type: ignore[arg-type]
        self._waiting: deque[bytes] = deque()
        self._message = b""
        request = self.protocol.connect()
        request.headers.update(headers)
        self.protocol.send_request(request)
        self._flush()
        while self.protocol.state is State.CONNECTING and self.protocol.handshake_exc is None:
            self._receive()
        if self.protocol.handshake_exc is not None:
            self.close()
            raise self.protocol.handshake_exc

    def _flush(self) -> None:
        for data in self.protocol.data_to_send():
            if data:
                self.socket.sendall(data)

    def _receive(self) -> None:
        """Read what has come, and answer what the protocol answers by itself."""
        try:
            data = self.socket.recv(CHUNK)
        except ConnectionError:
            data = b""
        if data:
            self.protocol.receive_data(data)
        else:
            self.protocol.receive_eof()
        for event in self.protocol.events_received():
            if isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.CONT):
                self._message += bytes(event.data)
                if event.fin:
                    self._waiting += self._message.splitlines(keepends=True)
                    self._message = b""
        try:
            self._flush()
        except OSError:
            self.protocol.receive_eof()

    def write(self, data: bytes) -> None:
        """Send some lines in one message."""
        self.protocol.send_text(data)
        self._flush()

    def read(self) -> Any:
        while not self._waiting:
            if self.protocol.state is State.CLOSED or self.protocol.eof_sent:
                return None
            self._receive()
        return json.loads(self._waiting.popleft())


__all__ = ["InvalidStatus", "WebClient"]
