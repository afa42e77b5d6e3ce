"""Endpoint strings: checked before the server becomes a daemon, opened when it runs.

Knows endpoints and factories, no chat.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, NoReturn

from twisted.internet import unix
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IAddress, IListeningPort
from twisted.internet.protocol import Factory
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.python.lockfile import FilesystemLock

from classcord.chat.text import N_, Text
from classcord.durable import Identity, identity
from classcord.language import terminal_language, translator
from classcord.settings.listen_addresses import ListenAddress, rehearsed
from classcord.socket_path import reachable
from classcord.system_errors import in_words

BACKLOG = 1024  # connections that may wait to be accepted: enough for several classes that log in at once


class ListenError(Exception):
    """An endpoint cannot be opened; the message says in one line which, why, and what would be right."""


def check(endpoints: Iterable[str]) -> None:
    """Raise ListenError unless all of `endpoints` can be opened now, at the same time."""
    with ExitStack() as held:
        for endpoint in endpoints:
            try:
                rehearsal = rehearsed(endpoint)
                if rehearsal.failure is not None:
                    raise _refused(endpoint, rehearsal.failure.value)
                if rehearsal.place is not None:
                    _hold(rehearsal.place, held, locked=rehearsal.locked)
            # systemd has passed no such socket; or the address cannot be bound
            except (LookupError, OSError, OverflowError, ValueError) as error:
                raise _refused(endpoint, error) from None


def _hold(place: ListenAddress, held: ExitStack, *, locked: bool) -> None:
    """Listen on an address until `held` is closed; OSError if that fails."""
    if place.path:
        _hold_unix(place.path, held, locked=locked)
        return
    probe = held.enter_context(socket.socket(socket.AF_INET6 if ":" in place.host else socket.AF_INET))
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    probe.bind((place.host, place.port))
    probe.listen(1)


def _hold_unix(path: str, held: ExitStack, *, locked: bool) -> None:
    """Bind a unix socket; if a killed server of ours left its file, that is removed."""
    if locked:
        lock = FilesystemLock(f"{path}.lock")
        if not lock.lock():
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        held.callback(lock.unlock)
        if not lock.clean:
            with suppress(FileNotFoundError):
                _remove_socket(Path(path))
    probe = held.enter_context(socket.socket(socket.AF_UNIX))
    probe.bind(path)
    held.callback(_remove_socket, Path(path))


def _remove_socket(path: Path) -> None:
    if stat.S_ISSOCK(path.lstat().st_mode):
        path.unlink()


def listen(reactor: Any, endpoint: str, factory: Factory) -> Deferred[IListeningPort]:
    """Listen; the Deferred fails with ListenError."""
    backlog = f":backlog={BACKLOG}" if endpoint.startswith(("tcp:", "tcp6:")) and ":backlog=" not in endpoint else ""

    def failed(failure: Failure) -> NoReturn:
        failure.trap(CannotListenError, OSError)
        raise _refused(endpoint, getattr(failure.value, "socketError", failure.value)) from None

    listening: Deferred[IListeningPort] = serverFromString(reactor, endpoint + backlog).listen(factory)
    listening.addErrback(failed)
    return listening


class _Unnamed(unix.Port):
    """A unix socket that is already bound; its file is the owner's business."""

    def __init__(self, bound: socket.socket, factory: Factory, reactor: Any) -> None:
        super().__init__(b"\0", factory, reactor=reactor)  # no file
        self._preexistingSocket = bound


class PrivateSocket:
    """A unix socket that only its owner can use, at a path of any length.

    If its file is removed, it is created again.
    """

    log = Logger()

    def __init__(self, reactor: Any, path: Path, factory: Factory) -> None:
        self._reactor = reactor
        self._path = path
        self._factory = factory
        self._port: Any = None
        self._file: Identity | None = None

    def open(self) -> None:
        """Listen; OSError if that fails. The file of a killed server is removed first."""
        bound = socket.socket(socket.AF_UNIX)
        before = os.umask(0o177)
        try:
            self._path.unlink(missing_ok=True)
            with reachable(self._path) as name:
                bound.bind(name)
            self._path.chmod(0o600)
            bound.setblocking(False)
            self._file = identity(self._path)
            self._port = _Unnamed(bound, self._factory, self._reactor)
            self._port.startListening()
        except BaseException:
            bound.close()
            self._port = None
            raise
        finally:
            os.umask(before)

    def look(self) -> None:
        """Listen again if the file was removed; open connections stay."""
        if self._port is None or identity(self._path) == self._file:
            return
        self._port.stopListening()
        try:
            self.open()
        except OSError as error:
            self.log.warn("{path} was removed and cannot be made again: {why}", path=self._path, why=error)
        else:
            self.log.warn("{path} had been removed or replaced; it was made again", path=self._path)

    async def close(self) -> None:
        """Stop listening, and remove the file if it is ours."""
        if self._port is not None:
            await self._port.stopListening()
            self._port = None
            if identity(self._path) == self._file:
                self._path.unlink()


def place(address: IAddress) -> str:
    """Return an address in words for a log: `0.0.0.0:12345`, `[::]:12345`, `unix:/run/chat`."""
    host, port, name = (getattr(address, field, None) for field in ("host", "port", "name"))
    if host is None:
        return f"unix:{os.fsdecode(name)}" if name else str(address)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _refused(endpoint: str, error: BaseException | None) -> ListenError:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        words = N_("{endpoint}: something listens there already; stop it, or choose another port.")
    elif number == errno.EACCES:
        words = N_("{endpoint}: only the administrator of the machine may listen there; choose a port from 1024 on.")
    elif number == errno.EADDRNOTAVAIL:
        words = N_("{endpoint}: this machine does not have that address.")
    else:
        words = N_("{endpoint}: it cannot be listened on: {why}.")
    why = in_words(error) if error is not None else "?"
    return ListenError(Text(words, {"endpoint": endpoint, "why": why}).render(translator(terminal_language())))
