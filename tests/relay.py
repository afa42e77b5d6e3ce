"""A school's SMTP relay for tests: aiosmtpd in a thread, which keeps what it is given.

`Scripted` is a relay that says what a test wants it to say, or nothing.
"""

from __future__ import annotations

import asyncio
import queue
import socket
import ssl
import threading
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, NamedTuple

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.server import BOUND

NAME, PASSWORD = "classcord", "s3cret/µ"
REFUSED = "nobody@school.example"


class Taken(NamedTuple):
    """A mail that the relay has taken."""

    sender: str
    to: list[str]
    message: EmailMessage
    encrypted: bool
    login: bytes | None


class _Handler:
    def __init__(self, taken: queue.Queue[Taken]) -> None:
        self._taken = taken

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: Any) -> str:
        if address == REFUSED:
            return "550 5.1.1 no such \x1b[31mmailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=default)
        login = session.auth_data
        name = login.login if isinstance(login, LoginPassword) else None
        self._taken.put(Taken(str(envelope.mail_from), envelope.rcpt_tos, message, session.ssl is not None, name))
        return "250 2.0.0 taken as 4711"


def _login(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    good = data.login == NAME.encode() and data.password == PASSWORD.encode()
    return AuthResult(success=good, handled=False, auth_data=data)


class RealRelay:
    """aiosmtpd on a port of its own; `certificate` is the folder of a key and its certificate."""

    def __init__(self, security: str = "none", *, certificate: Path | None = None, login: bool = False) -> None:
        self.taken: queue.Queue[Taken] = queue.Queue()
        context = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
        options: dict[str, Any] = {"hostname": "relay"}
        if security == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        if login:
            options |= {"authenticator": _login, "auth_required": True, "auth_require_tls": security == "starttls"}
        self._loop = asyncio.new_event_loop()
        listening = self._loop.create_server(
            lambda: SMTP(_Handler(self.taken), loop=self._loop, **options),
            "127.0.0.1",
            0,
            ssl=context if security == "tls" else None,
        )
        self._server = self._loop.run_until_complete(listening)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def next(self) -> Taken:
        """Return the next mail that arrives."""
        return self.taken.get(timeout=BOUND)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(BOUND)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(BOUND)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        await self._server.wait_closed()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def __enter__(self) -> RealRelay:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class Scripted:
    """Accepts one connection after the other, and lets `play` do with each what it wants, until the test is over."""

    def __init__(self, play: Callable[[socket.socket], None]) -> None:
        self._play = play
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            with peer:
                peer.settimeout(BOUND)
                try:
                    self._play(peer)
                except OSError:
                    continue

    def __enter__(self) -> Scripted:
        return self

    def __exit__(self, *exception: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(BOUND)
