"""Passwords: hashed and compared in threads of their own, whose queue is bounded and fair.

Knows digests, not accounts. Source: decision 6 of the design; argon2id as OWASP's Password Storage Cheat Sheet has it.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, NamedTuple

from passlib.context import CryptContext
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from classcord.chat.errors import Busy
from classcord.chat.passwords import forms
from classcord.services.passwords.fair_queue import FairQueue

QUEUE = 2_000  # passwords that may wait; past that, those of whom most wait are told to come back
THREADS = 2

CONTEXT = CryptContext(
    schemes=["argon2", "bcrypt", "hex_sha256"],  # the last as the older classroom servers kept them
    deprecated="auto",  # whatever is not argon2id is verified, and hashed anew at that login
    argon2__type="ID",
    argon2__memory_cost=19_456,  # KiB
    argon2__time_cost=2,
    argon2__parallelism=1,
)

Run = Callable[..., "Deferred[Any]"]
"""Calls a function elsewhere; gives back a Deferred of its result."""


def one_time_password() -> str:
    """Return a password that can be read aloud: four groups of four, 80 bits."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"  # no l and 1, no o and 0
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


class Asker(NamedTuple):
    """For whom a password is hashed: the places that they come from take turns, and there the sessions do."""

    place: Hashable
    session: Hashable


NOBODY = Asker("", 0)


class _Work(NamedTuple):
    run: Callable[[], Deferred[Any]]
    result: Deferred[Any]


class Hashing:
    """Hashes and compares passwords by way of `run`, `lanes` at a time."""

    def __init__(self, run: Run, context: CryptContext = CONTEXT, *, lanes: int = THREADS) -> None:
        self._run = run
        self._context = context
        self._nobody = context.hash("nobody has this password")
        self._lanes = lanes
        self._running = 0
        self._queue: FairQueue[_Work] = FairQueue()

    @property
    def waiting(self) -> int:
        """How many passwords are under way."""
        return self._running + len(self._queue)

    async def hash(self, password: str, asker: Asker = NOBODY) -> str:
        """Return a digest; Busy if too many wait."""
        return str(await self._queued(asker, self._context.hash, password))

    async def verify(self, password: str, digest: str | None, asker: Asker = NOBODY) -> tuple[bool, str | None]:
        """Return whether a password is right, and its new digest where the old one is of an older kind or form.

        Without a digest the same work is done and the answer is no: an unknown account takes as long as a wrong
        password.
        """
        valid, rehashed = await self._queued(asker, _verify, self._context, password, digest, self._nobody)
        return valid, rehashed

    async def _queued(self, asker: Asker, work: Callable[..., Any], *args: object) -> Any:
        if self.waiting >= QUEUE:
            self._make_room(asker)
        result: Deferred[Any] = Deferred()  # who waits for it may leave; what is under way goes on all the same
        self._queue.put(asker.place, asker.session, _Work(partial(self._run, work, *args), result))
        self._go_on()
        return await result

    def _make_room(self, asker: Asker) -> None:
        """Send away whom most others of their place wait beside; that may be who asks."""
        if not len(self._queue) or self._queue.largest() == asker.place:
            raise Busy(retry_after=5)
        self._queue.take_newest(self._queue.largest()).result.errback(Busy(retry_after=5))

    def _go_on(self) -> None:
        while len(self._queue) and self._running < self._lanes:
            work = self._queue.take()
            if not work.result.called:  # else who waited has left
                self._running += 1
                work.run().addBoth(self._done, work.result)

    def _done(self, outcome: Any, result: Deferred[Any]) -> None:
        self._running -= 1
        result.callback(outcome)
        self._go_on()


def _verify(context: CryptContext, password: str, digest: str | None, nobody: str) -> tuple[bool, str | None]:
    """Compare the password as it is hashed now, then as it was typed; a digest of what was typed is made anew.

    Most passwords are one text in both forms, and are compared once. A digest is looked at as often as none is, so an
    unknown account takes as long as a wrong password.
    """
    typed = forms(password)
    for place, form in enumerate(typed):
        valid, rehashed = _compare(context, form, digest, nobody)
        if valid:
            return True, str(context.hash(typed[0])) if place else rehashed
    return False, None


def _compare(context: CryptContext, password: str, digest: str | None, nobody: str) -> tuple[bool, str | None]:
    """Compare; a no costs one argon2id, whether the account has an older and quicker kind of digest, or is none."""
    valid, rehashed, slow = False, None, False
    try:
        if digest is not None:
            slow = context.identify(digest) == context.default_scheme()
            valid, rehashed = context.verify_and_update(password, digest)
        if not valid and not slow:
            context.verify(password, nobody)
    except ValueError:  # a digest of no kind that is known, or a password with a NUL: nobody's
        return False, None
    return bool(valid), rehashed


class HashingThreads:
    """The threads; `start` and `stop` them with the server."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._stopping = threading.Event()
        self._pool = ThreadPool(minthreads=0, maxthreads=THREADS, name="passwords")

    def start(self) -> None:
        self._pool.start()

    def stop(self) -> None:
        """Wait for what is being hashed; what is still in the queue fails with Busy."""
        self._stopping.set()
        self._pool.stop()

    def run(self, work: Callable[..., Any], *args: object) -> Deferred[Any]:
        result: Deferred[Any] = deferToThreadPool(self._reactor, self._pool, self._unless_stopping, work, *args)
        return result

    def _unless_stopping(self, work: Callable[..., Any], *args: object) -> Any:
        if self._stopping.is_set():
            raise Busy(retry_after=5)
        return work(*args)
