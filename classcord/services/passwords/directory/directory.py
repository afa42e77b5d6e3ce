"""The authenticator of a directory: visits in a few threads, servers in their order, none that has just not answered.

Knows no LDAP: `visit` asks one server.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.chat.errors import Busy
from classcord.chat.identity.vocabulary import DirectoryUnavailable
from classcord.chat.passwords import forms
from classcord.chat.profiles.vouched import Profile
from classcord.services.passwords.authenticator import Requester, Verdict, is_password
from classcord.services.passwords.directory.circuit import Circuit
from classcord.services.passwords.directory.options import DirectoryOptions
from classcord.services.passwords.directory.visit import Connect, DirectoryError, visit
from classcord.services.process.turns import Turns

AT_ONCE = 4  # visits at a time, each in a thread
QUEUE = 2_000  # logins that may wait; beyond this, those of the busiest address fail with `busy`

Run = Callable[..., "Deferred[Any]"]
"""Calls a function in a thread; returns a Deferred of its result."""


class Directory:
    """The directory that the settings name now, if they name one."""

    log = Logger()

    def __init__(
        self, options: Callable[[], DirectoryOptions | None], run: Run, clock: IReactorTime, connect: Connect
    ) -> None:
        self._options = options
        self._run = run
        self._clock = clock
        self._connect = connect
        self._turns = Turns(AT_ONCE)
        self._circuit = Circuit()
        self._stopped = False

    @property
    def is_set(self) -> bool:
        return self._options() is not None

    def stop(self) -> None:
        """Answer no more logins; nothing waits for a visit under way."""
        self._stopped = True

    async def check(self, name: str, password: str, asker: Requester) -> Verdict:
        if not is_password(password):
            return Verdict(valid=False)
        work = partial(self._asked, name, forms(password)[0])
        profile: Profile | None = await self._turns.run(asker.source, asker.session, work, most=QUEUE)
        return Verdict(valid=profile is not None, profile=profile)

    def _asked(self, name: str, password: str) -> Deferred[Profile | None]:
        return Deferred.fromCoroutine(self._ask(name, password))

    async def _ask(self, name: str, password: str) -> Profile | None:
        """Ask the servers in their order; DirectoryUnavailable if none answers."""
        options = self._options()
        if self._stopped or options is None:
            raise Busy(retry_after=5)
        self._circuit.keep(options.urls)
        for url in options.urls:
            if not self._circuit.admits(url, self._clock.seconds()):
                continue
            try:
                profile: Profile | None = await self._run(visit, self._connect, url, options, name, password)
            except DirectoryError as error:
                self._failed(url, str(error))
            except GeneratorExit:  # nobody waits for this login any more; the directory has not failed
                raise
            except BaseException:
                self._failed(url, "the visit failed")
                raise
            else:
                if self._circuit.answered(url):
                    self.log.info("the directory {url} answers again", url=url)
                return profile
        raise DirectoryUnavailable(retry_after=round(self._circuit.wait(self._clock.seconds()), 1))

    def _failed(self, url: str, why: str) -> None:
        if self._circuit.failed(url, self._clock.seconds()):
            self.log.error("the directory {url} lets nobody log in: {why}", url=url, why=why)


def in_thread(reactor: Any) -> Run:
    """Return what calls a function in a thread of its own, for which the end of the process does not wait."""

    def run(work: Callable[..., Any], *args: object) -> Deferred[Any]:
        result: Deferred[Any] = Deferred()

        def perform() -> None:
            try:
                found = work(*args)
            except BaseException:  # in a thread nobody else would hear of it
                reactor.callFromThread(result.errback, Failure())
            else:
                reactor.callFromThread(result.callback, found)

        threading.Thread(target=perform, name="directory", daemon=True).start()
        return result

    return run
