"""Administrators' requests that the hub cannot answer: connections, figures, the audit trail, the server itself.

The hub has allowed each request before it comes here. Knows no console.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

from twisted.internet.interfaces import IReactorTime

import twisted
from classcord import __version__
from classcord.chat.audit.vocabulary import Audit, AuditRead, AuditRow
from classcord.chat.durations import in_words
from classcord.chat.events import Performed
from classcord.chat.names import name_key
from classcord.chat.operations.vocabulary import (
    Backup,
    BlockInfo,
    Blocks,
    BlocksListed,
    CancelShutdown,
    CertificateRefused,
    LogLevel,
    MailNotSent,
    MailTried,
    NoBackup,
    Reload,
    Restart,
    SessionInfo,
    Sessions,
    SessionsListed,
    SettingsRefused,
    Shutdown,
    Stats,
    TestMail,
    Unblock,
    Version,
    VersionTold,
)
from classcord.chat.reasons import checked_reason
from classcord.chat.sanctions.vocabulary import NotSanctioned
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339
from classcord.services.alerts.mail import Mail, MailError
from classcord.store.ports import Unsound

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred

    from classcord.chat.events import Answer
    from classcord.chat.requests import Request
    from classcord.services.administration.countdown import Countdown, Ending
    from classcord.services.alerts.mail import Relay, Sent
    from classcord.services.backups.backup import MadeBackup
    from classcord.services.chat.connection import Connection
    from classcord.services.monitoring.figures import Figures
    from classcord.services.security.blocking import BlockedAddresses
    from classcord.store.ports import Trail

AT_ONCE = 0.5  # seconds until the server stops, in which the answer reaches the operator


class Reloaded(NamedTuple):
    """The result of reading settings, certificate and keys again."""

    refused: Text | str | None = None  # why the settings stay as they were; nothing was changed then
    certificate: Text | None = None  # why the old certificate stays
    waiting: tuple[Text, ...] = ()  # what takes effect only after a restart


class Controls(Protocol):
    """The parts of the server process that administrators control."""

    def reload(self) -> Reloaded:
        """Read settings, certificate and keys again."""

    def store_version(self) -> str:
        """Return the version of the library that the store uses."""

    def set_log_level(self, level: str) -> None:
        """Write log events from this level on."""

    def stop(self, *, restart: bool) -> None:
        """Stop the server cleanly; start it again if `restart`."""

    def back_up(self) -> Deferred[MadeBackup]:
        """Make a backup, in a thread; fails with Unsound if it cannot be made."""


class Mailer(Protocol):
    """The mails to the people who look after the server."""

    def send(self, mail: Mail) -> Coroutine[Any, Any, tuple[Relay, Sent]]:
        """Send a mail at once; MailError if the relay does not accept it."""


class AdminOperations:
    """Performs them."""

    def __init__(
        self,
        connections: Mapping[int, Connection],
        *,
        blocks: BlockedAddresses,
        trail: Trail,
        figures: Figures,
        countdown: Countdown,
        controls: Controls,
        mails: Mailer,
        clock: IReactorTime,
    ) -> None:
        """`clock` tells the time of day."""
        self._connections = connections
        self._blocking = blocks
        self._trail = trail
        self._figures = figures
        self._countdown = countdown
        self._controls = controls
        self._mails = mails
        self._clock = clock

    @property
    def ending(self) -> Ending | None:
        """The planned stop; None if there is none."""
        return self._countdown.ending

    async def perform(self, request: Request) -> Answer:
        """Return the answer to a request that the hub has allowed; ChatError if it fails."""
        return await self._PERFORM[type(request)](self, request)

    async def _sessions(self, request: Sessions) -> Answer:
        wanted = None if request.user is None else name_key(request.user)
        sessions = [(connection.session, connection) for connection in self._connections.values()]
        chosen = [each for each in sessions if wanted is None or name_key(each[0].name) == wanted]
        rows = tuple(
            SessionInfo(
                session=session.id,
                name=session.name,
                address=session.address or "-",
                face=session.face,
                dialect=session.traits.name,
                since=rfc3339(connection.since),
                waiting=session.listener.waiting,
            )
            for session, connection in chosen[-(request.limit or len(chosen)) :]
        )
        return SessionsListed(sessions=rows)

    async def _audit(self, request: Audit) -> Answer:
        found = await self._trail.entries(
            limit=request.limit, before_id=request.before, actor=request.actor, action=request.action
        )
        rows = tuple(
            AuditRow(
                id=entry.id,
                at=rfc3339(entry.at),
                actor=entry.actor,
                actor_address=entry.actor_address,
                action=entry.action,
                object_type=entry.object_type,
                object_id=entry.object_id,
                before=entry.before,
                after=entry.after,
            )
            for entry in found
        )
        return AuditRead(entries=rows)

    async def _blocks(self, _: Blocks) -> Answer:
        rows = tuple(
            BlockInfo(
                address=block.source,
                kind="guarded" if block.guarded else "blocked",
                failures=block.failures,
                since=rfc3339(int(block.since * 1000)),
                until=rfc3339(int(block.until * 1000)),
            )
            for block in self._blocking.now()
        )
        return BlocksListed(blocks=rows)

    async def _unblock(self, request: Unblock) -> Answer:
        if not self._blocking.unblock(request.address):
            raise NotSanctioned(field="address", name=request.address)
        return Performed()

    async def _stats(self, _: Stats) -> Answer:
        return self._figures.now()

    async def _version(self, _: Version) -> Answer:
        return VersionTold(
            version=__version__,
            python=platform.python_version(),
            twisted=twisted.__version__,
            sqlite=self._controls.store_version(),
        )

    async def _log_level(self, request: LogLevel) -> Answer:
        self._controls.set_log_level(request.level)
        return Performed()

    async def _reload(self, _: Reload) -> Answer:
        reloaded = self._controls.reload()
        if reloaded.refused is not None:
            raise SettingsRefused(why=reloaded.refused)
        if reloaded.certificate is not None:
            raise CertificateRefused(why=reloaded.certificate)
        return Performed(notes=reloaded.waiting)

    async def _backup(self, _: Backup) -> Answer:
        try:
            made = await self._controls.back_up()
        except Unsound as error:
            raise NoBackup(why=error.text) from error
        return made.told()

    async def _test_mail(self, _: TestMail) -> Answer:
        mail = Mail(
            "test",
            self._clock.seconds(),
            Text(N_("The mails of the server arrive.")),
            (Text(N_("Somebody has asked for this mail by the command `test-mail`. There is nothing to do.")),),
        )
        try:
            relay, sent = await self._mails.send(mail)
        except MailError as error:
            raise MailNotSent(why=error.text) from error
        refused = tuple(f"{address}: {words}" for address, words in sent.refused.items())
        taken = tuple(address for address in relay.to if address not in sent.refused)
        return MailTried(relay=str(relay), to=taken, said=sent.said, refused=refused)

    async def _shutdown(self, request: Shutdown) -> Answer:
        restart = isinstance(request, Restart)
        delay = max(AT_ONCE, request.delay)
        reason = checked_reason(request.reason)
        self._countdown.begin(delay, reason, lambda: self._controls.stop(restart=restart), restart=restart)
        values: dict[str, object] = {"time": in_words(request.delay)}
        if not request.delay:
            words = Text(N_("The server restarts now.")) if restart else Text(N_("The server stops now."))
        elif restart:
            words = Text(N_("The server restarts in {time}."), values)
        else:
            words = Text(N_("The server stops in {time}."), values)
        return Performed(notes=(words,))

    async def _cancel(self, _: CancelShutdown) -> Answer:
        self._countdown.cancel()
        return Performed(notes=(Text(N_("The server does not stop after all.")),))

    _PERFORM: ClassVar[dict[type[Request], Callable[[AdminOperations, Any], Coroutine[Any, Any, Answer]]]] = {
        Sessions: _sessions,
        Audit: _audit,
        Blocks: _blocks,
        Unblock: _unblock,
        Stats: _stats,
        Version: _version,
        LogLevel: _log_level,
        TestMail: _test_mail,
        Reload: _reload,
        Backup: _backup,
        Shutdown: _shutdown,
        Restart: _shutdown,
        CancelShutdown: _cancel,
    }
