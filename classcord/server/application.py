"""Assembles the service that twistd runs, from the first line of its log to the last.

startup.py has already refused what can be refused. Only modules of this folder name concrete classes.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
from twisted.application.service import MultiService
from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.threads import deferToThreadPool
from twisted.logger import ILogObserver, Logger

from classcord import __version__
from classcord.chat.retention.durations import months_before
from classcord.chat.text import N_
from classcord.server import first_start as beginning
from classcord.server import reloading
from classcord.server.administration import AdminServices
from classcord.server.chat import Chat
from classcord.server.listening import Listeners
from classcord.server.logins import logins
from classcord.server.mail_queue import mail_queue
from classcord.server.message_rules import MessageRules
from classcord.server.monitoring import Supervision
from classcord.server.retention import retention
from classcord.server.startup import Prepared, policy
from classcord.services.administration.operations import Reloaded
from classcord.services.backups.backup import Backups, MadeBackup, Rotation
from classcord.services.backups.erased_list import ErasedList
from classcord.services.chat.ports import Presence
from classcord.services.files.content_folder import ContentFolder
from classcord.services.files.keeping import Bounds, KeptFiles
from classcord.services.passwords.local import Hashing, HashingThreads, LocalPasswords
from classcord.services.process import logs
from classcord.services.process.clock import TimeOfDay
from classcord.services.process.periodic import Periodic
from classcord.services.security.audit_log import AuditLog
from classcord.services.security.blocking import REMEMBERED, REMEMBERED_SESSIONS
from classcord.services.security.security_events import SecurityEvent, SecurityEvents
from classcord.settings import Settings, SettingsError

FLUSH_WITHIN = 2.5  # seconds that a stop waits for the journal; with a locked database, the whole stop takes under 5
HANG_UP_WITHIN = 1.0  # seconds that it then waits for the connections
LOOK = 1.0  # seconds between two checks of our files


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
        journal: Callable[[str], None] | None = None,
        verbose: bool = False,
    ) -> None:
        """`end` stops the process; if called with True, it also restarts the server.

        `console` writes to the terminal of a server in the foreground; `verbose` shows connections and messages.
        `journal` writes to systemd's journal, if the standard output is connected to it.
        """
        super().__init__()  # type: ignore[no-untyped-call]
        settings, folder, hub = prepared.settings, prepared.folder, prepared.hub
        self.settings = settings
        self.presence: Presence = hub.state
        self._hub = hub
        self.prepared = prepared
        self._reactor = reactor
        self._clock = TimeOfDay(reactor)
        self._reload_settings = reload_settings
        self._end = end
        self._shows_messages = verbose and console is not None
        try:
            self._log_files = logs.LogFiles(folder.log)
        except OSError as error:
            raise folder.unusable(error) from None
        self.console = None
        if console is not None:
            self.console = logs.observer(console, "info" if verbose else "warn", messages=verbose)
        self._logging = logs.Outputs(self._log_files.operations.write, journal)
        self.audit_log = AuditLog(self._log_files.audit.write)
        self._assemble(prepared)
        self._backups = Backups(folder.backups, prepared.store.copies, time.time, ContentFolder(folder.files))
        self.retention = retention(lambda: self.settings, prepared, self.database, self.journal, reactor)
        self._erased = ErasedList((folder.path, folder.backups))
        self._message_rules = MessageRules(hub, self._clock)
        self._looks = Periodic(self._look, reactor)

    def _assemble(self, prepared: Prepared) -> None:
        """Make the parts of the server, each of what was made before it."""
        folder, hub, store = prepared.folder, prepared.hub, prepared.store
        reactor, clock = self._reactor, self._clock
        self.database = store.open(reactor)
        self._threads = HashingThreads(reactor)
        hashing = Hashing(self._threads.run)
        security = SecurityEvents()
        security.subscribe(self.audit_log.heard, SecurityEvent)  # the first subscriber
        self._logins = logins(lambda: self.settings, LocalPasswords(self.database, hashing), hub, reactor)
        mails = mail_queue(lambda: self.settings, reactor, clock)
        chat = Chat(
            hub,
            self.database,
            size=partial(store.copies.size, store.file),
            files=self._amount_of_files,
            authenticator=self._logins,
            disk_free=lambda: shutil.disk_usage(folder.path).free,
            hashing=hashing,
            security=security,
            controls=self,
            mails=mails,
            timers=reactor,
            clock=clock,
            obstacles=(self.database.obstacle, folder.obstacle),
        )
        self.chat, self.journal = chat.service, chat.journal
        self.files = KeptFiles(
            hub,
            self.database,
            ContentFolder(folder.files),
            bounds=lambda: Bounds(self.settings.files.total, self.settings.files.free_disk),
            in_thread=partial(deferToThreadPool, reactor, reactor.getThreadPool()),
            timers=reactor,
            clock=clock,
        )
        self.listeners = Listeners(lambda: self.settings, folder, chat=self.chat, files=self.files, reactor=reactor)
        self.administration = AdminServices(
            lambda: self.settings,
            folder,
            chat=self.chat,
            world=hub,
            figures=chat.figures,
            countdown=chat.countdown,
            database=self.database,
            reactor=reactor,
            clock=clock,
        )
        self.supervision = Supervision(
            lambda: self.settings,
            folder,
            chat=self.chat,
            counts=hub.state,
            mails=mails,
            journal=self.journal,
            hashing=hashing,
            certificate=self.listeners.certificate,
            listening=self.listeners.are_open,
            files=self._amount_of_files,
            audit_log=self.audit_log,
            reactor=reactor,
            clock=clock,
        )

    def _amount_of_files(self) -> tuple[int, int]:
        """Return the number and bytes of the files of messages."""
        return self.files.count, self.files.bytes

    def setServiceParent(self, parent: Any) -> None:  # noqa: N802
        """Become part of an application; in the foreground, its log goes to the console."""
        if self.console is not None:
            parent.setComponent(ILogObserver, self.console)
        super().setServiceParent(parent)  # type: ignore[no-untyped-call]

    def startService(self) -> None:  # noqa: N802
        super().startService()  # type: ignore[no-untyped-call]
        self.prepared.folder.sign()
        self.listeners.take_room()
        self._go_by(self.settings)
        self.database.start()
        self._threads.start()
        self.prepared.tell_upgrade()
        self._remember_who_came_in()
        self._erase_who_came_back()
        self._take_files()
        self.listeners.open(
            ssh=self.administration.ssh,
            control=self.administration.control,
            control_path=self.prepared.folder.control,
            status=self.supervision.status,
        )
        self.administration.start()
        self.supervision.start()
        self.retention.start()
        self._looks.start(LOOK)
        self.log.info(
            "ClassCord {version} is running on {places}, data in {data}, process {process}",
            version=__version__,
            places=self.listeners.places(),
            data=self.prepared.folder.path,
            process=os.getpid(),
        )
        if (certificate := self.listeners.certificate) is not None:  # start_server.sh shows both
            self.log.info("TLS certificate in use, sha256:{fingerprint}", fingerprint=certificate.fingerprint())
        self.log.info("SSH host key {fingerprint}", fingerprint=self.administration.host_key.fingerprint)

    def _take_files(self) -> None:
        """Let messages carry files, if there is a web listener by which they come."""
        if not self.settings.listen.web and not self.settings.listen.web_tls:
            return
        try:
            self.files.start()
        except OSError as error:
            self.log.error("messages carry no files: {why}", why=error)

    def _erase_who_came_back(self) -> None:
        """Erase again whoever was erased after a backup was made that has been restored since."""
        self._erased.read()
        for commit in self._erased.come_back(self._hub.state):
            self.log.warn("an account is back that was erased, in an older database; it is erased again")
            self.journal.append(commit)

    def _look(self) -> None:
        """Check whether our files are still at their paths."""
        state = self._hub.state
        self._message_rules.look()
        self._erased.note(state.erased.values())
        self.journal.look()
        self.database.tidy(self._reactor.seconds())
        if self.prepared.folder.is_at_its_place:
            self._log_files.look()
            self.listeners.look_at_control()

    def _remember_who_came_in(self) -> None:
        """Load earlier logins, so that a classroom counts as one after a restart, too."""
        blocks = self.chat.gate.blocks
        since = int((self._clock.seconds() - REMEMBERED) * 1000)
        self.database.came_in(since, REMEMBERED_SESSIONS).addCallbacks(
            blocks.remember,
            lambda failure: self.log.warn("who came in before is not known: {why}", why=failure.value),
        )

    def _go_by(self, settings: Settings) -> None:
        """Apply the settings, except those that only a start can change; open connections keep theirs."""
        self.settings = settings
        self._hub.set_policy(policy(settings))
        self._message_rules.go_by(settings)
        self.listeners.go_by(settings)
        self.chat.message_log.asked = self._shows_messages or settings.log.message_content
        self._log_as_set()

    def _log_as_set(self) -> None:
        log = self.settings.log
        self._logging.go_by(log.level, logs.FORMATS[log.format], messages=log.message_content, file=log.file)

    def reload(self) -> Reloaded:
        """Read settings and certificate again, and continue in new log files: SIGHUP.

        If one is refused, it stays unchanged.
        """
        self.supervision.life.reloading()
        try:
            return self._reload()
        finally:
            self.supervision.reloaded()

    def _reload(self) -> Reloaded:
        self._log_files.reopen()
        try:
            settings = self._reload_settings()
        except Exception as error:
            self.log.error("the settings stay as they were: {why}", why=error)
            return Reloaded(
                refused=error.text if isinstance(error, SettingsError) else str(error) or type(error).__name__
            )
        if (certificate := self.listeners.certificate) is not None:
            certificate.reload()
        waiting = reloading.waiting(self.settings, settings)
        changed = reloading.changed_sections(self.settings, settings)
        if changed:
            self.log.warn("{sections} will change only with a restart", sections=", ".join(changed))
        for text in waiting:
            self.log.warn("{text}", text=text.render())
        self._go_by(reloading.merged(self.settings, settings))
        for commit in beginning.channels(self._hub, settings.channels.listed, self._clock.seconds()):
            self.journal.append(commit)
        self.log.info("settings, certificate and log files were read again")
        return Reloaded(certificate=certificate.refused if certificate is not None else None, waiting=waiting)

    def store_version(self) -> str:
        """Return the version of the library that the store uses."""
        return self.prepared.store.describe()

    def set_log_level(self, level: str) -> None:
        """Write log events from this level on, until the settings are read again."""
        log = msgspec.structs.replace(self.settings.log, level=level)
        self.settings = msgspec.structs.replace(self.settings, log=log)
        self._log_as_set()

    def back_up(self) -> Deferred[MadeBackup]:
        """Make a backup while the server runs, and remove old backups as the settings say."""
        return deferToThreadPool(
            self._reactor,
            self._reactor.getThreadPool(),
            self._backups.make,
            self.prepared.store.file,
            Rotation(*msgspec.structs.astuple(self.settings.backup)),
            oldest=months_before(self._clock.seconds(), self.settings.retention.backups) / 1000,
            wait=False,
            by_hand=True,
        )

    def stop(self, *, restart: bool) -> None:
        """End the process cleanly; restart the server if asked."""
        self._end(restart)

    def stopService(self) -> Deferred[None]:  # noqa: N802
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        self._backups.stop()
        self._looks.stop()
        self.retention.stop()
        await self.listeners.close()
        self.files.stop()
        self.supervision.stop()
        self.administration.stop()
        self.chat.shut_down()
        self._logins.stop()
        try:
            await self.journal.flushed().addTimeout(FLUSH_WITHIN, self._reactor)
        except TookTooLong:
            self.log.critical("the journal could not be written; {count} changes are lost", count=self.journal.waiting)
        with suppress(TookTooLong):
            await self.chat.hang_up().addTimeout(HANG_UP_WITHIN, self._reactor)
        if not self.journal.failing:
            with suppress(TookTooLong):
                await self.journal.flushed().addTimeout(HANG_UP_WITHIN, self._reactor)
        self.administration.ssh.end_all(N_("the server is stopping"))
        self._threads.stop()
        self.database.close()
        self.supervision.stopped()
        self.log.info("ClassCord has stopped")
        await Deferred.fromCoroutine(self._stop_children())
        self.audit_log.tell_left_out(self._clock.seconds())
        self._logging.end()
        self._log_files.close()
        self.prepared.folder.release()

    async def _stop_children(self) -> None:
        await super().stopService()  # type: ignore[no-untyped-call]
