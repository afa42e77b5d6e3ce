"""Assembles the listeners: their addresses, the certificate, and how many connections they accept.

Only modules of this folder name concrete classes.
"""

from __future__ import annotations

import ipaddress
import math
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from twisted.internet.defer import Deferred, gatherResults
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOFactory

from classcord.chat.text import N_, Text
from classcord.faces.lines import ChatLinesFactory
from classcord.faces.peer import Face
from classcord.faces.proxy import ProxiedFactory
from classcord.faces.web.websocket import WebFace
from classcord.server import endpoints as listeners
from classcord.server.web import web_site
from classcord.services.chat.visits import MOST as MOST_VISITS
from classcord.services.process.network_cards import addresses
from classcord.services.process.periodic import Periodic
from classcord.services.security.networks import Networks
from classcord.services.tls.certificates import CertificateError, ReloadingContext, follow, make_again
from classcord.wire.hello_first import hello_first
from classcord.wire.jsonlines import classic

if TYPE_CHECKING:
    from pathlib import Path

    from twisted.internet.interfaces import IListeningPort
    from twisted.internet.protocol import Factory
    from twisted.python.failure import Failure

    from classcord.chat.ports import Dialect
    from classcord.faces.web.files import FileStorage
    from classcord.services.chat.service import ChatService
    from classcord.services.process.datafolder import DataFolder
    from classcord.settings import Settings

OWN_FILES = 64 + MOST_VISITS  # open files kept for the rest of the server: listeners, database, logs, certificates
WEB = ("web", "web_tls")  # the faces whose first bytes are HTTP
BEGINNINGS: dict[str, Callable[[str, tzinfo], Dialect]] = {"web": hello_first, "web_tls": hello_first}
"""The faces whose sessions do not begin in the classic dialect, each with what makes its dialect."""
ENCRYPTED = ("tls", "web_tls")  # the faces that use the certificate
FIGURES = "metrics"  # the face that is not for users
LOOK_AT_CERTIFICATE = 60.0  # seconds between two checks whether its files have changed

_Face = TypeVar("_Face", bound=Face)


class Listeners:
    """Starts and stops with the server: no client can connect before `open`, no new one after `close`."""

    log = Logger()

    def __init__(
        self,
        settings: Callable[[], Settings],
        folder: DataFolder,
        *,
        chat: ChatService,
        files: FileStorage | None = None,
        reactor: Any,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`settings` returns the current settings; `now` returns the time of day."""
        self._settings = settings
        self._chat = chat
        self._files = files
        self._reactor = reactor
        self._room = math.inf  # connections that the system allows
        self._faces: list[Face] = []
        self._proxies = Networks(settings().listen.trusted_proxies)
        self.listening: list[tuple[str, IListeningPort]] = []
        """The open listeners, each with its face."""
        self._control: listeners.PrivateSocket | None = None
        self._tls = settings().tls.path(folder.path)
        self._now = now
        self.certificate = ReloadingContext(self._tls) if settings().listen.encrypts() else None
        self._looks = Periodic(self._look_at_certificate, reactor)

    def take_room(self) -> None:
        """Raise the limit of connections as far as the machine's administrator allows."""
        self._room = max(1, _raise_open_files() - OWN_FILES)

    def go_by(self, settings: Settings) -> None:
        """Apply the settings to new connections; open connections keep theirs."""
        limits = settings.limits
        shared = [ipaddress.ip_network(network) for network in limits.shared_addresses]
        self._chat.connection_limits.set_room(
            connections=_smaller(limits.connections, self._room),
            connections_per_address=limits.connections_per_address,
            shares_address=lambda address: _is_shared(address, shared),
        )
        gate = self._chat.gate
        gate.set_lists(allow=limits.allow, deny=limits.deny)
        gate.blocks.set_rule(
            after=limits.block_after,
            within=limits.block_within,
            seconds=limits.block_seconds,
            exempt=lambda address: _is_shared(address, shared),
        )
        for face in self._faces:
            face.dialect = _dialect(settings, face.name)
            face.line_bytes, face.outbox_bytes = limits.line_bytes, limits.outbox_bytes

    # -- listening ----------------------------------------------------------------------------------------------------

    def open(self, *, ssh: Factory, control: Factory, control_path: Path, status: Factory) -> None:
        """Open all listeners; SystemExit(2) if one of those in the settings fails."""
        self._warn_of_what_is_not_had()
        listen = self._settings().listen
        for endpoint in listen.chat:
            self._listen("tcp", endpoint, ChatLinesFactory(self._face("tcp")))
        for endpoint in listen.tls:
            self._listen("tls", endpoint, self._encrypted(ChatLinesFactory(self._face("tls"))))
        for endpoint in listen.ssh:
            self._listen("ssh", endpoint, ssh)
        for endpoint in listen.web:
            self._listen("web", endpoint, self._site("web"))
        for endpoint in listen.web_tls:
            self._listen("web_tls", endpoint, self._encrypted(self._site("web_tls")))
        self._listen_for_control(control_path, control)
        for endpoint in listen.metrics:
            self._listen_for_figures(endpoint, status)
        if self.certificate is not None:
            self._looks.start(LOOK_AT_CERTIFICATE, now=False)

    def _warn_of_what_is_not_had(self) -> None:
        wanted = self._settings().limits.connections
        if self._room < (wanted or math.inf):
            self.log.warn(
                "there is room for {room} connections, not {wanted}: the limit of open files (ulimit -n) is too low",
                room=self._room,
                wanted=wanted or "any number",
            )

    def _face(self, name: str, kind: type[_Face] = Face) -> _Face:  # type: ignore[assignment]
        settings = self._settings()
        face = kind(
            self._chat,
            _dialect(settings, name),
            self._reactor,
            name,
            line_bytes=settings.limits.line_bytes,
            outbox_bytes=settings.limits.outbox_bytes,
        )
        self._faces.append(face)
        return face

    def _site(self, name: str) -> Any:
        face = self._face(name, WebFace)
        return web_site(face, self._settings, self._proxies.__contains__, self._reactor, self._files)

    def _encrypted(self, factory: Any) -> Any:
        assert self.certificate is not None
        return TLSMemoryBIOFactory(self.certificate, False, factory, self._reactor)

    def _listen(self, face: str, endpoint: str, factory: Any) -> None:
        if self._settings().listen.trusted_proxies:
            factory = ProxiedFactory(factory, self._proxies.__contains__, self._reactor, optional=face in WEB)
        refused: list[Failure] = []
        listening = listeners.listen(self._reactor, endpoint, factory)
        listening.addCallbacks(lambda port: self.listening.append((face, port)), refused.append)
        for failure in refused:  # another program was faster since the check
            self.log.critical("{why}", why=failure.value)
            raise SystemExit(2)

    def _listen_for_control(self, path: Path, factory: Factory) -> None:
        """Open the control socket; if that fails, the chat works all the same."""
        self._control = listeners.PrivateSocket(self._reactor, path, factory)
        try:
            self._control.open()
        except OSError as error:
            self.log.warn("there is no control socket, `classcord ctl` cannot be used: {why}", why=error)

    def look_at_control(self) -> None:
        """Create the control socket again if its file was removed."""
        if self._control is not None:
            self._control.look()

    def _listen_for_figures(self, endpoint: str, factory: Factory) -> None:
        """Open the address where monitoring programs read; if that fails, the chat works all the same."""
        try:
            listening = listeners.listen(self._reactor, endpoint, factory)
        except LookupError as error:  # systemd has passed no such socket
            self.log.warn("nobody can look at the figures on {endpoint}: {why}", endpoint=endpoint, why=error)
            return
        listening.addCallbacks(
            lambda port: self.listening.append((FIGURES, port)),
            lambda failure: self.log.warn("nobody can look at the figures: {why}", why=failure.value),
        )

    def are_open(self) -> bool:
        """Whether all listeners for users are open."""
        wanted = sum(map(len, self._settings().listen.for_users().values()))
        open_now = [face for face, port in self.listening if face != FIGURES and getattr(port, "connected", True)]
        return len(open_now) == wanted

    def places(self) -> str:
        """Return the addresses for users, in words for a log."""
        return ", ".join(f"{face} {listeners.place(port.getHost())}" for face, port in self.listening)

    async def close(self) -> None:
        """Stop listening; open connections stay.

        If one listener cannot be closed, the others are closed all the same.
        """
        self._looks.stop()
        closing = [(face, port.stopListening) for face, port in self.listening]
        if self._control is not None:
            closing.append(("control", partial(Deferred.fromCoroutine, self._control.close())))
        await gatherResults([Deferred.fromCoroutine(self._closed(*each)) for each in closing])

    async def _closed(self, face: str, close: Callable[[], Deferred[None] | None]) -> None:
        try:
            stopping = close()
            if stopping is not None:
                await stopping
        except OSError as error:  # somebody has removed the file of a unix socket
            self.log.warn("{face} was not closed as it should be: {why}", face=face, why=error)

    def _look_at_certificate(self) -> None:
        if self.certificate is None:
            return
        moment, names = datetime.fromtimestamp(self._now(), timezone.utc), [self._settings().server.name]
        try:
            if make_again(self._tls, moment, names):
                self.log.warn("the clock was wrong when the TLS certificate was made; it was made again")
            hosts = [getattr(port.getHost(), "host", None) for face, port in self.listening if face in ENCRYPTED]
            new = follow(self._tls, moment, names, addresses(filter(None, hosts)))
        except CertificateError as error:
            new = ()
            self.log.warn("the TLS certificate cannot be made again: {why}", why=error)
        self.certificate.reload_if_changed()
        if new:
            words = N_(
                "The machine has a new address, {addresses}: the TLS certificate was made again. Its key is the same, "
                "its SHA-256 is now {fingerprint}"
            )
            text = Text(words, {"addresses": ", ".join(new), "fingerprint": self.certificate.fingerprint()})
            self.log.warn("{text}", text=text.render())
            self._chat.administrators.tell(text)


def _dialect(settings: Settings, face: str) -> Dialect:
    """Return the dialect in which a face's sessions begin."""
    language, timezone = settings.server.language, ZoneInfo(settings.server.timezone)
    return BEGINNINGS.get(face, classic)(language, timezone)


def _is_shared(address: str, networks: list[Any]) -> bool:
    """Whether an address is in one of these networks; a connection by a unix socket has no address, and is shared."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return True
    return any(parsed in network for network in networks)


def _raise_open_files() -> float:
    """Raise the limit of open files as far as the machine's administrator allows; return the new limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return math.inf if soft == resource.RLIM_INFINITY else soft


def _smaller(limit: int, room: float) -> int:
    """Return the smaller of two limits; 0 and infinity mean no limit."""
    smaller = min(limit or math.inf, room)
    return 0 if smaller == math.inf else int(smaller)
