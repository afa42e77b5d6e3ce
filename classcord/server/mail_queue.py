"""Assembles the queue of mails to the people who look after the server: by which relay, how written, how sent."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from twisted.internet.threads import deferToThreadPool

from classcord.services.alerts.mail import Mail, MailQueue, Relay, Sent, compose, relay

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime

    from classcord.settings import Settings


def mail_queue(settings: Callable[[], Settings], reactor: Any, clock: IReactorTime) -> MailQueue:
    """Return the queue; `settings` returns the current settings, `clock` tells the time of day."""

    def current_relay() -> Relay:
        return relay(**settings().alerts.mail())

    def write(mail: Mail, to: Relay) -> bytes:
        server = settings().server
        return compose(mail, to, name=server.name, language=server.language)

    async def deliver(to: Relay, content: bytes) -> Sent:
        """Send a mail; the module is imported in a thread, because it asks for the machine's full name."""
        pool = reactor.getThreadPool()
        smtp: Any = await deferToThreadPool(reactor, pool, import_module, "classcord.services.alerts.smtp")
        sent: Sent = await smtp.deliver(to, content, reactor)
        return sent

    return MailQueue(current_relay, write, deliver, clock)
