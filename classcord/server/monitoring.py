"""Assembles the monitoring of a running server: figures for Prometheus, alerts by mail, blocked addresses, systemd.

Only modules of this folder name concrete classes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from classcord.chat.text import N_
from classcord.faces.status import StatusFactory
from classcord.language import translator
from classcord.services.alerts.alerts import Alerts, AlertStateFile
from classcord.services.alerts.troubles import CertificateWatch, CrashWatch, DiskWatch, GuessingWatch, StorageWatch
from classcord.services.monitoring.metrics import Metrics
from classcord.services.monitoring.notify import Life, Notifier, Watchdog
from classcord.services.process.periodic import Periodic
from classcord.services.security.security_events import AddressBlocked, AuthenticationFailed, SecurityEvent

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime

    from classcord.services.alerts.mail import MailQueue
    from classcord.services.chat.journal import Journal
    from classcord.services.chat.ports import Counts
    from classcord.services.chat.service import ChatService
    from classcord.services.passwords.local import Hashing
    from classcord.services.process.datafolder import DataFolder
    from classcord.services.security.audit_log import AuditLog
    from classcord.services.tls.certificates import ReloadingContext
    from classcord.settings import Settings

EVERY = 1.0  # seconds between two checks
EVERY_FEW = 60  # every so many checks, the slow ones: disk, certificate
TIDIED_EVERY = 600.0  # seconds between two counts of events that the audit trail left out, and two removals of old rows


class Supervision:
    """Starts and stops with the server."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        folder: DataFolder,
        *,
        chat: ChatService,
        counts: Counts,
        mails: MailQueue,
        journal: Journal,
        hashing: Hashing,
        certificate: ReloadingContext | None,
        listening: Callable[[], bool],
        files: Callable[[], tuple[int, int]],
        audit_log: AuditLog,
        reactor: Any,
        clock: IReactorTime,
    ) -> None:
        """`settings` returns the current settings; `listening` says whether all listeners for users are open.

        `files` returns the number and bytes of the files of messages; `clock` tells the time of day.
        """
        self._settings = settings
        self._chat = chat
        self._counts = counts
        self._blocks = chat.gate.blocks
        self._journal = journal
        self._reactor = reactor
        self._clock = clock
        self._audit_log = audit_log
        self._tidied_at = clock.seconds()
        self.metrics = Metrics(
            chat,
            counts,
            journal,
            hashing,
            data=folder.path,
            backups=folder.backups,
            failing=lambda: journal.failing,
            files=files,
            certificate_ends=lambda: certificate.ends() if certificate else None,
        )
        journal.watchers.append(self.metrics.group_stored)
        chat.security.subscribe(self.metrics.happened, SecurityEvent)
        gate = chat.gate
        self.status: Any = StatusFactory(
            self.metrics.text,
            self._unready,
            reactor,
            lambda address: gate.refusal(address, "metrics") is None,
        )
        gate.closers.append(self.status.end_from)
        self._listening = listening
        notifier = Notifier(os.environ)
        self.life = Life(notifier, time.monotonic)
        self._watchdog = Watchdog(notifier, lambda: journal.progress, reactor)
        self.alarm = Alarm(settings, folder, chat=chat, mails=mails, certificate=certificate, clock=clock)
        self._looks = (Periodic(self._look, reactor), Periodic(self.alarm.look, reactor))  # neither ends the other

    def start(self) -> None:
        self.alarm.start()
        for each in self._looks:
            each.start(EVERY)
        self._watchdog.start()
        self._reactor.callWhenRunning(self.life.ready)  # only then are signals handled, too

    def stop(self) -> None:
        self.life.stopping()
        self._watchdog.stop()
        for each in self._looks:
            each.stop()

    def reloaded(self) -> None:
        """Settings and certificate have changed: check their causes of alerts soon."""
        self.life.ready()
        self.alarm.look_at_all()

    def stopped(self) -> None:
        """Everything is stored: what follows is no crash."""
        self.alarm.stop()

    def _look(self) -> None:
        """Check what changes by itself."""
        self._blocks.look()
        now = self._clock.seconds()
        self._audit_log.look(now)
        self._chat.keep_time()
        if not 0 <= now - self._tidied_at < TIDIED_EVERY:
            self._tidied_at = now
            self._chat.keep_left_out()
            self._chat.forget_old()
        self._chat.let_go()
        self.metrics.looked(EVERY)
        self.life.status(self._status())

    def _unready(self) -> list[str]:
        """Return why users cannot connect, or why messages are not stored."""
        reasons = {"listeners": not self._listening(), "storage": self._journal.failing}
        return [reason for reason, holds in reasons.items() if holds]

    def _status(self) -> str:
        _ = translator(self._settings().server.language)
        words = _(N_("connections: {connections}, people: {people}"))
        if not self._journal.accepting:
            words = _(N_("nothing can be stored; connections: {connections}, people: {people}"))
        shown = words.format(connections=len(self._chat.connections), people=len(self._counts.people))
        return shown if self._counts.maintenance is None else f"{shown}; {_(N_('maintenance'))}"


class Alarm:
    """The alerts and their causes, assembled."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        folder: DataFolder,
        *,
        chat: ChatService,
        mails: MailQueue,
        certificate: ReloadingContext | None,
        clock: IReactorTime,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._looks = 0
        self._mails = mails
        self._alerts = Alerts(
            per_hour=lambda: settings().alerts.per_hour,
            wanted=lambda: bool(settings().alerts.relay),
            send=mails.put,
            tell=chat.administrators.tell,
            memory=AlertStateFile(folder.path / "alerts.json"),
            clock=clock,
        )
        database = settings().storage.path(folder.path)
        self._storage = StorageWatch(self._alerts)
        self._disk = DiskWatch(self._alerts, (folder.path, database.parent))
        self._guessing = GuessingWatch(self._alerts)
        self._crash = CrashWatch(self._alerts, folder.path / "running")
        self._certificate = None
        if certificate is not None:
            self._certificate = CertificateWatch(self._alerts, certificate, settings().tls.path(folder.path))
        chat.administrators.watch_storage(self._storage.trouble)
        chat.security.subscribe(self._guessing.happened, AuthenticationFailed, AddressBlocked)

    def start(self) -> None:
        self._crash.begin(self._clock.seconds())
        self._storage.trouble(None)

    def look_at_all(self) -> None:
        """Make the next check include the slow ones."""
        self._looks = 0

    def look(self) -> None:
        """Check the causes of alerts, and send alerts that are due."""
        now, settings = self._clock.seconds(), self._settings().alerts
        if self._looks % EVERY_FEW == 0:
            self._disk.look(settings.free_disk)
            if self._certificate is not None:
                self._certificate.look(now, settings.certificate_days)
            self._crash.look(now)
        self._looks += 1
        self._guessing.look(now)
        self._alerts.look()

    def stop(self) -> None:
        self._crash.end()
        self._mails.stop()
