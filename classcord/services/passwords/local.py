"""Local passwords, whose digests are in the store: hashed and compared in separate threads, with a bounded, fair queue.

Knows names and digests, not accounts. The source of argon2id's costs is OWASP's Password Storage Cheat Sheet.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from passlib.context import CryptContext
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

from classcord.chat.errors import Busy
from classcord.chat.names import name_key
from classcord.chat.passwords import ELSEWHERE, forms
from classcord.services.passwords.authenticator import Requester, Verdict
from classcord.services.process.turns import Turns

if TYPE_CHECKING:
    from classcord.store.ports import StoredAccounts

QUEUE = 2_000  # passwords that may wait; beyond this, requests from the busiest address fail with `busy`
THREADS = 2

CONTEXT = CryptContext(
    schemes=["argon2", "bcrypt", "hex_sha256"],  # hex_sha256 is what the older classroom servers stored
    deprecated="auto",  # a digest that is not argon2id is verified, and replaced at that login
    argon2__type="ID",
    argon2__memory_cost=19_456,  # KiB
    argon2__time_cost=2,
    argon2__parallelism=1,
)

Run = Callable[..., "Deferred[Any]"]
"""Calls a function elsewhere; returns a Deferred of its result."""


def one_time_password() -> str:
    """Return a password that can be read aloud: four groups of four, 80 bits."""
    alphabet = "abcdefghijkmnpqrstuvwxyz23456789"  # no l and 1, no o and 0
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


NOBODY = Requester("", 0)


@cache
def nobodys_digest(context: CryptContext) -> str:
    """Return a digest to compare with where an account has none; it is made once for each context."""
    return str(context.hash("nobody has this password"))


class LocalPasswords:
    """The authenticator for the passwords in our store; a name without an account is never valid."""

    def __init__(self, accounts: StoredAccounts, hashing: Hashing) -> None:
        self._accounts = accounts
        self._hashing = hashing

    async def check(self, name: str, password: str, asker: Requester) -> Verdict:
        """Compare a password with the stored digest; if there is none, do the same work."""
        key = name_key(name)
        digest = await self._accounts.password_hash(key if key.isprintable() else "")
        return Verdict(*await self._hashing.verify(password, None if digest == ELSEWHERE else digest, asker))


class Hashing:
    """Hashes and compares passwords by calling `run`, at most THREADS at a time."""

    def __init__(self, run: Run, context: CryptContext = CONTEXT) -> None:
        self._run = run
        self._context = context
        self._nobody = nobodys_digest(context)
        self._turns = Turns(THREADS)

    @property
    def waiting(self) -> int:
        """The number of passwords that wait or are being hashed."""
        return self._turns.waiting

    async def hash(self, password: str, asker: Requester = NOBODY) -> str:
        """Return a digest; Busy if too many passwords wait."""
        return str(await self._queued(asker, self._context.hash, password))

    async def verify(self, password: str, digest: str | None, asker: Requester = NOBODY) -> tuple[bool, str | None]:
        """Return whether a password is right, and a new digest if the old one is of an older kind or form.

        Without a digest the same work is done and the answer is no: a login to an unknown account takes as long as one
        with a wrong password.
        """
        valid, rehashed = await self._queued(asker, _verify, self._context, password, digest, self._nobody)
        return valid, rehashed

    async def _queued(self, asker: Requester, work: Callable[..., Any], *args: object) -> Any:
        return await self._turns.run(asker.source, asker.session, partial(self._run, work, *args), most=QUEUE)


def _verify(context: CryptContext, password: str, digest: str | None, nobody: str) -> tuple[bool, str | None]:
    """Compare the password in its prepared form, then as it was typed; in the second case make a new digest.

    Most passwords are the same text in both forms, and are compared once. For an unknown account the same number of
    comparisons is done, so it takes as long as a wrong password.
    """
    typed = forms(password)
    for place, form in enumerate(typed):
        valid, rehashed = _compare(context, form, digest, nobody)
        if valid:
            return True, str(context.hash(typed[0])) if place else rehashed
    return False, None


def _compare(context: CryptContext, password: str, digest: str | None, nobody: str) -> tuple[bool, str | None]:
    """Compare; a mismatch costs one argon2id, also for an older, faster kind of digest or an unknown account."""
    valid, rehashed, slow = False, None, False
    try:
        if digest is not None and context.identify(digest):
            slow = context.identify(digest) == context.default_scheme()
            valid, rehashed = context.verify_and_update(password, digest)
        if not valid and not slow:
            context.verify(password, nobody)
    except ValueError:  # an unknown kind of digest, or a password with a NUL: it matches nothing
        return False, None
    return bool(valid), rehashed


class HashingThreads:
    """The threads that hash; `start` and `stop` them with the server."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._stopping = threading.Event()
        self._pool = ThreadPool(minthreads=0, maxthreads=THREADS, name="passwords")

    def start(self) -> None:
        self._pool.start()

    def stop(self) -> None:
        """Wait for the hashes in progress; requests that are still in the queue fail with Busy."""
        self._stopping.set()
        self._pool.stop()

    def run(self, work: Callable[..., Any], *args: object) -> Deferred[Any]:
        result: Deferred[Any] = deferToThreadPool(self._reactor, self._pool, self._unless_stopping, work, *args)
        return result

    def _unless_stopping(self, work: Callable[..., Any], *args: object) -> Any:
        if self._stopping.is_set():
            raise Busy(retry_after=5)
        return work(*args)
