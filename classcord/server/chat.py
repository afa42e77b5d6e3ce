"""The chat put together, in a straight line: each part is given what was made before it.

Knows the store and the check of passwords by their ports alone: a test hands it others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from secrets import token_urlsafe
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime

from classcord.chat.quiet_hours.in_force import quiet_until
from classcord.language import translator
from classcord.services.administration.countdown import Countdown
from classcord.services.administration.operations import AdminOperations
from classcord.services.chat.acceptor import Acceptor
from classcord.services.chat.announcements import Announcements
from classcord.services.chat.journal import Journal
from classcord.services.chat.service import ChatService
from classcord.services.monitoring.figures import Figures

if TYPE_CHECKING:
    from classcord.chat.hub import Hub
    from classcord.services.administration.operations import Controls, Mailer
    from classcord.services.passwords.authenticator import Authenticator
    from classcord.services.passwords.local import Hashing
    from classcord.services.security.security_events import SecurityEvents
    from classcord.store.ports import Obstacle, OpenStore


TOKEN_BYTES = 32  # of randomness in a token: nobody guesses it


class Chat:
    """The service that faces are given, and the parts that the rest of the server asks or moves."""

    def __init__(
        self,
        hub: Hub,
        store: OpenStore,
        *,
        size: Callable[[], int],
        files: Callable[[], tuple[int, int]] = lambda: (0, 0),
        disk_free: Callable[[], int | None] = lambda: None,
        authenticator: Authenticator,
        hashing: Hashing,
        security: SecurityEvents,
        controls: Controls,
        mails: Mailer,
        timers: IReactorTime,
        clock: IReactorTime,
        obstacles: Sequence[Obstacle] = (),
        log_messages: bool = False,
    ) -> None:
        """`size` returns the bytes of the store, `files` the number and bytes of the files of messages.

        `disk_free` returns the bytes that are free where the server writes.
        `timers` go by a clock that is never set, `clock` tells the time of day.
        """
        hub.new_secret = partial(token_urlsafe, TOKEN_BYTES)
        hub.written = lambda text: text.render(translator(hub.policy.language))
        acceptor = Acceptor(hub, security, clock)
        connections = acceptor.table.open
        self.journal = Journal(store, timers, obstacles)
        self.countdown = Countdown(clock, Announcements(self.journal, clock).tell)
        self.figures = Figures(
            connections,
            hub.state,
            self.journal,
            size,
            files=files,
            disk_free=disk_free,
            quiet_until=partial(quiet_until, hub),
            ending=lambda: self.countdown.ending,
            clock=clock,
            monotonic=timers.seconds,
        )
        operations = AdminOperations(
            connections,
            blocks=acceptor.gate.blocks,
            trail=store,
            figures=self.figures,
            countdown=self.countdown,
            controls=controls,
            mails=mails,
            clock=clock,
        )
        self.service = ChatService(
            hub,
            acceptor=acceptor,
            journal=self.journal,
            operations=operations,
            archive=store,
            authenticator=authenticator,
            hashing=hashing,
            clock=clock,
            security=security,
            log_messages=log_messages,
        )
