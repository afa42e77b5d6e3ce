"""The house put together: the only module that names concrete classes.

`prepare` does what can be refused, before anything runs; `build` makes the service of it.
"""

from __future__ import annotations

import ipaddress
import math
import os
import resource
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from twisted.application.service import MultiService
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort
from twisted.internet.task import LoopingCall
from twisted.logger import ILogObserver, Logger, globalLogPublisher
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.python.failure import Failure

from classcord import __version__, listeners
from classcord.administration import Administration
from classcord.chat.hub import Hub
from classcord.chat.policy import Policy
from classcord.chat.roles import Role
from classcord.chat.text import N_
from classcord.faces.lines import ChatLinesFactory
from classcord.services import beginning, logs
from classcord.services.accounts import CONTEXT, Hashing, HashingThreads, one_time_password
from classcord.services.audit import AuditLog
from classcord.services.certificates import ReloadingContext, make_self_signed
from classcord.services.chat import ChatService
from classcord.services.datafolder import DataFolder
from classcord.settings import Settings
from classcord.store.database import Database, store_now
from classcord.store.database import prepare as prepare_database
from classcord.store.journal import Journal
from classcord.store.migrate import SchemaError
from classcord.wire.jsonlines import Classic, classic

FLUSH_WITHIN = 2.5  # seconds that a stop waits for the journal; with a locked database, all of a stop takes under 5
HANG_UP_WITHIN = 1.0  # seconds that it then waits for the connections
OWN_FILES = 64  # open files that connections leave to the rest: listeners, database, logs, certificates
FACES = ("tcp", "tls", "ssh")  # what others connect to
FIXED = ("listen", "tls", "storage")  # sections of the settings that a running server does not change
LOOK_AT_CERTIFICATE = 60.0  # seconds between two looks at whether its files have changed


def policy(settings: Settings) -> Policy:
    """Return the part of the settings that decisions depend on."""
    limits, accounts = settings.limits, settings.accounts
    return Policy(
        name=settings.server.name,
        version=__version__,
        motd=settings.server.motd,
        language=settings.server.language,
        registration=accounts.registration == "open",
        guests=accounts.guests,
        min_password=accounts.min_password,
        create_channel=Role.of(settings.channels.create),
        content_chars=limits.content_chars,
        line_bytes=limits.line_bytes,
        messages_per_second=limits.messages_per_second if limits.burst else 0,
        burst=limits.burst,
        bad_lines=limits.bad_lines,
        history_lines=limits.history_lines,
        announce_below=limits.announce_below,
        request_days=settings.channels.request_days,
        shared_networks=limits.shared_addresses,
    )


class Prepared:
    """A data folder that is held, and the hub restored from it."""

    def __init__(self, settings: Settings, folder: DataFolder, hub: Hub, backup: Path | None) -> None:
        self.settings = settings
        self.folder = folder
        self.hub = hub
        self.backup = backup
        self.database = settings.storage.path(folder.path)

    def store(self, commits: list[Any]) -> dict[int, Exception]:
        """Store and apply commits while no server runs; return which were refused, by their place."""
        outcomes = store_now(self.database, self.settings.storage.synchronous, commits)
        for place, commit in enumerate(commits):
            if place not in outcomes:
                self.hub.restore(commit.records)
        return outcomes


def prepare(settings: Settings, data: Path) -> Prepared:
    """Make or open the data folder; raise DataFolderError, SchemaError or CertificateError if it cannot be used."""
    folder = DataFolder(data)
    folder.hold()
    try:
        return _prepared(settings, folder)
    except BaseException as error:
        folder.release()
        if isinstance(error, OSError):
            raise folder.unusable(error) from None
        raise


def _prepared(settings: Settings, folder: DataFolder) -> Prepared:
    database = settings.storage.path(folder.path)
    folder.make_folders(database)
    stored = prepare_database(database, folder.backups, settings.storage.synchronous)
    hub = Hub(policy(settings), stored.last)
    hub.restore(stored.records)
    prepared = Prepared(settings, folder, hub, stored.backup)
    now = time.time()
    commits = beginning.channels(hub, settings.channels.listed, now)
    if commits:
        prepared.store(commits)
    if not hub.state.accounts:
        password = one_time_password()
        beginning.keep_password(folder.first_password, password)
        if prepared.store(beginning.first_account(hub, CONTEXT.hash(password), now)):
            raise SchemaError(N_("{database}: the first account could not be made"), database=database)
    make_self_signed(settings.tls.path(folder.path), datetime.now(timezone.utc), [settings.server.name])
    return prepared


class ClassCord(MultiService):
    """The running server. It alone owns the order of a stop: no more connections, flush the journal, close the rest."""

    log = Logger()

    def __init__(
        self,
        prepared: Prepared,
        reactor: Any,
        *,
        reload_settings: Callable[[], Settings],
        end: Callable[[bool], None],
        console: Callable[[str], None] | None = None,
        verbose: bool = False,
    ) -> None:
        """`end` stops the process, and begins it anew if it is given True.

        `console` writes to the terminal of a server in the foreground; `verbose` shows connections and messages.
        """
        super().__init__()  # type: ignore[no-untyped-call]
        settings, folder, hub = prepared.settings, prepared.folder, prepared.hub
        self.settings = settings
        self.prepared = prepared
        self.listening: list[tuple[str, IListeningPort]] = []  # each with its face
        self._reactor = reactor
        self._reload_settings = reload_settings
        self._end = end
        self._room = math.inf  # connections that the system allows
        self._shows_messages = verbose and console is not None
        self._factories: list[ChatLinesFactory] = []
        self._log_file = logs.LogFile(folder.log / "classcord.log")
        self._audit_file = logs.LogFile(folder.log / "audit.log")
        self.console = None
        if console is not None:
            self.console = logs.observer(console, "info" if verbose else "warn", messages=verbose)
        self._file_observer: ILogObserver | None = None
        self.database = Database(prepared.database, settings.storage.synchronous, reactor)
        self._threads = HashingThreads(reactor)
        self.chat = ChatService(
            hub,
            archive=self.database,
            accounts=self.database,
            hashing=Hashing(self._threads.run),
            clock=reactor,
            audit=AuditLog(self._audit_file.write),
        )
        self.journal = Journal(self.database, self.chat.released, reactor, self.chat.storage_trouble)
        self.chat.journal = self.journal
        self.administration = Administration(
            lambda: self.settings,
            folder,
            chat=self.chat,
            journal=self.journal,
            database=self.database,
            file=prepared.database,
            controls=self,
            reactor=reactor,
        )
        self.certificate = ReloadingContext(settings.tls.path(folder.path)) if settings.listen.tls else None
        self._looks = LoopingCall(self._look_at_certificate)
        self._looks.clock = reactor

    def setServiceParent(self, parent: Any) -> None:  # noqa: N802
        """Become part of an application; in the foreground, its log is the console's."""
        if self.console is not None:
            parent.setComponent(ILogObserver, self.console)
        super().setServiceParent(parent)  # type: ignore[no-untyped-call]

    def startService(self) -> None:  # noqa: N802
        super().startService()  # type: ignore[no-untyped-call]
        self._room = max(1, _raise_open_files() - OWN_FILES)
        self._go_by(self.settings)
        self.database.start()
        self._threads.start()
        if self.prepared.backup is not None:
            self.log.warn("the database was upgraded; its backup is {backup}", backup=self.prepared.backup)
        self._warn_of_what_is_not_had()
        for endpoint in self.settings.listen.chat:
            self._listen("tcp", endpoint, self._factory("tcp"))
        for endpoint in self.settings.listen.tls:
            assert self.certificate is not None
            factory = TLSMemoryBIOFactory(self.certificate, False, self._factory("tls"), self._reactor)
            self._listen("tls", endpoint, factory)
        for endpoint in self.settings.listen.ssh:
            self._listen("ssh", endpoint, self.administration.ssh)
        self._listen_for_control()
        self.administration.start()
        if self.certificate is not None:
            self._looks.start(LOOK_AT_CERTIFICATE, now=False)
        self.log.info(
            "ClassCord {version} is running on {places}, data in {data}",
            version=__version__,
            places=", ".join(
                f"{face} {listeners.place(port.getHost())}" for face, port in self.listening if face in FACES
            ),
            data=self.prepared.folder.path,
        )

    def _warn_of_what_is_not_had(self) -> None:
        listen, wanted = self.settings.listen, self.settings.limits.connections
        if listen.web:
            self.log.warn(
                "the web page is not part of this version: nothing listens on {endpoints}",
                endpoints=", ".join(listen.web),
            )
        if self._room < (wanted or math.inf):
            self.log.warn(
                "there is room for {room} connections, not {wanted}: the limit of open files (ulimit -n) is too low",
                room=self._room,
                wanted=wanted or "any number",
            )

    def _listen_for_control(self) -> None:
        """Open the control socket; what a server that was killed has left of it is ours to remove, for DATA is held."""
        path = self.prepared.folder.control
        path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            port = self._reactor.listenUNIX(str(path), self.administration.control, mode=0o600)
        except CannotListenError as error:
            self.log.warn("there is no control socket, `classcord ctl` cannot be used: {why}", why=error.socketError)
            return
        finally:
            os.umask(before)
        self.listening.append(("control", port))

    def _factory(self, face: str) -> ChatLinesFactory:
        settings = self.settings
        factory = ChatLinesFactory(
            self.chat,
            _dialect(settings),
            self._reactor,
            face=face,
            line_bytes=settings.limits.line_bytes,
            outbox_bytes=settings.limits.outbox_bytes,
        )
        self._factories.append(factory)
        return factory

    def _listen(self, face: str, endpoint: str, factory: Any) -> None:
        refused: list[Failure] = []
        listening = listeners.listen(self._reactor, endpoint, factory)
        listening.addCallbacks(lambda port: self.listening.append((face, port)), refused.append)
        for failure in refused:  # somebody was faster since it was checked
            self.log.critical("{why}", why=failure.value)
            raise SystemExit(2)

    def _go_by(self, settings: Settings) -> None:
        """Make the settings true: all but what is decided once, at the start; connections keep what they began with."""
        self.settings = settings
        limits = settings.limits
        shared = [ipaddress.ip_network(network) for network in limits.shared_addresses]
        self.chat.hub.set_policy(policy(settings))
        self.chat.admission.set_room(
            connections=_smaller(limits.connections, self._room),
            connections_per_address=limits.connections_per_address,
            shares_address=lambda address: _is_shared(address, shared),
        )
        self.chat.log_messages = self._shows_messages or settings.log.message_content
        for factory in self._factories:
            factory.dialect = _dialect(settings)
            factory.line_bytes, factory.outbox_bytes = limits.line_bytes, limits.outbox_bytes
        self._log_to_file()

    def _log_to_file(self) -> None:
        if self._file_observer is not None:
            globalLogPublisher.removeObserver(self._file_observer)
        log = self.settings.log
        self._file_observer = logs.observer(
            self._log_file.write, log.level, logs.FORMATS[log.format], messages=log.message_content
        )
        globalLogPublisher.addObserver(self._file_observer)

    def _look_at_certificate(self) -> None:
        if self.certificate is not None:
            self.certificate.reload_if_changed()

    def reload(self) -> None:
        """Read settings and certificate again, and go on in new log files: SIGHUP. What is refused stays as it was."""
        for file in (self._log_file, self._audit_file):
            try:
                file.reopen()
            except OSError as error:
                self.log.error("{file} cannot be opened again, the old file stays in use: {why}", file=file, why=error)
        if self.certificate is not None:
            self.certificate.reload()
        try:
            settings = self._reload_settings()
        except Exception as error:
            self.log.error("the settings stay as they were: {why}", why=error)
            return
        fixed = [name for name in FIXED if getattr(settings, name) != getattr(self.settings, name)]
        if fixed:
            self.log.warn(
                "{sections} will change only with a restart", sections=", ".join(f"[{name}]" for name in fixed)
            )
        self._go_by(settings)
        for commit in beginning.channels(self.chat.hub, settings.channels.listed, self._reactor.seconds()):
            self.journal.append(commit)
        self.log.info("settings, certificate and log files were read again")

    def set_log_level(self, level: str) -> None:
        """Write the log from this importance on, until the settings are read again."""
        log = msgspec.structs.replace(self.settings.log, level=level)
        self.settings = msgspec.structs.replace(self.settings, log=log)
        self._log_to_file()

    def stop(self, *, restart: bool) -> None:
        """End the process, cleanly; or begin it anew."""
        self._end(restart)

    def stopService(self) -> Deferred[None]:  # noqa: N802
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        if self._looks.running:
            self._looks.stop()
        await gatherResults([Deferred.fromCoroutine(_stopped(port)) for _face, port in self.listening])
        self.administration.stop()
        self.chat.shut_down()
        try:
            await self.journal.flushed().addTimeout(FLUSH_WITHIN, self._reactor)
        except TookTooLong:
            self.log.critical("the journal could not be written; {count} changes are lost", count=self.journal.waiting)
        with suppress(TookTooLong):
            await self.chat.hang_up().addTimeout(HANG_UP_WITHIN, self._reactor)
        self.administration.ssh.end_all("the server is stopping")
        self._threads.stop()
        self.database.close()
        self.log.info("ClassCord has stopped")
        await Deferred.fromCoroutine(self._stop_children())
        if self._file_observer is not None:
            globalLogPublisher.removeObserver(self._file_observer)
        self._log_file.close()
        self._audit_file.close()
        self.prepared.folder.release()

    async def _stop_children(self) -> None:
        await super().stopService()  # type: ignore[no-untyped-call]


async def _stopped(port: IListeningPort) -> None:
    stopping = port.stopListening()
    if stopping is not None:
        await stopping


def _dialect(settings: Settings) -> Classic:
    return classic(settings.server.language, ZoneInfo(settings.server.timezone))


def _is_shared(address: str, networks: list[Any]) -> bool:
    """Whether an address is in one of these networks; what comes through a unix socket has none, and is shared."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return True
    return any(parsed in network for network in networks)


def _raise_open_files() -> float:
    """Let the process have as many open files as the machine's administrator allows; return how many that is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return math.inf if soft == resource.RLIM_INFINITY else soft


def _smaller(limit: int, room: float) -> int:
    """Return the smaller of two limits, of which 0 and infinity are none."""
    smaller = min(limit or math.inf, room)
    return 0 if smaller == math.inf else int(smaller)
