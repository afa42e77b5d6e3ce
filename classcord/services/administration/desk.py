"""Where administrators come in, by whichever face: a key or a password is looked at, and a session begins.

Knows accounts and keys, no protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from twisted.internet.interfaces import IReactorTime

from classcord.chat.errors import LoginFailed, NotAllowed
from classcord.chat.events import Known
from classcord.chat.names import name_key
from classcord.chat.requests import Authenticate, Operate
from classcord.chat.roles import Role
from classcord.chat.state import Operator
from classcord.chat.text import N_
from classcord.language import translator
from classcord.services.direct import Direct

if TYPE_CHECKING:
    from classcord.chat.events import Event
    from classcord.services.chat import ChatService


class Desk(Protocol):
    """What a face needs to let administrators in."""

    def admits(self, address: str) -> bool:
        """Whether somebody may connect from this address at all."""

    async def by_password(self, name: str, password: str, address: str) -> Operator:
        """Return who this is; ChatError (LoginFailed, Busy, NotAllowed...) if nobody, or nobody who administers."""

    def by_key(self, name: str, blob: bytes, address: str) -> Operator | None:
        """Return who this is by a public key (its SSH wire format), or None; its signature was checked or will be."""

    def turned_away(self, name: str, address: str, reason: str) -> None:
        """Write to the audit log that somebody has failed to come in by a key."""

    def how_to_come_in(self) -> str:
        """Return the sentence for whoever has no key and no password: how one is added."""


class Key(Protocol):
    """A key that stands for somebody."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> Role: ...
    @property
    def fingerprint(self) -> str: ...


class Keys(Protocol):
    """The keys of admin_keys/."""

    def look(self) -> bool: ...
    def find(self, name: str, blob: bytes, address: str, now: float) -> Key | None: ...
    def names(self) -> Iterable[str]: ...


class AdminDesk:
    """The desk of a running server."""

    def __init__(
        self, service: ChatService, keys: Keys, clock: IReactorTime, *, passwords: Callable[[], bool], folder: str
    ) -> None:
        """`passwords` says whether accounts come in by their password now; `folder` is where keys are added."""
        self._service = service
        self._keys = keys
        self._clock = clock
        self._passwords = passwords
        self._folder = folder
        self.reserve()

    def admits(self, address: str) -> bool:
        return self._service.gate.refusal(address, "ssh") is None

    async def by_password(self, name: str, password: str, address: str) -> Operator:
        if not self._passwords():
            raise NotAllowed
        asking = Direct(self._service, self._clock, address=address, face="ssh")
        try:
            known = await asking.ask(Authenticate(username=name, password=password))
        finally:
            asking.end()
        if not isinstance(known, Known):
            raise LoginFailed
        return Operator(
            name=known.name,
            role=Role.of(known.role),
            by="password",
            account_id=known.account_id,
            must_change=known.must_change,
        )

    def by_key(self, name: str, blob: bytes, address: str) -> Operator | None:
        self.look()
        key = self._keys.find(name, blob, address, self._clock.seconds())
        return Operator(name=key.name, role=key.role, fingerprint=key.fingerprint) if key else None

    def still_there(self, operator: Operator, blob: bytes, address: str) -> bool:
        """Whether an operator's key is still there, with the same role."""
        return operator.by != "key" or self.by_key(operator.name, blob, address) == operator

    def look(self) -> None:
        """See which keys there are now."""
        if self._keys.look():
            self.reserve()

    def reserve(self) -> None:
        """Let nobody else take the names of those who have keys."""
        self._service.hub.reserved = frozenset(map(name_key, self._keys.names()))

    def turned_away(self, name: str, address: str, reason: str) -> None:
        self._service.audit.attempt(self._clock.seconds(), "login-failed", address, name, reason)

    def how_to_come_in(self) -> str:
        words = translator(self._service.hub.policy.language)(
            N_("To administer this server, put your public key into {folder}/NAME.pub on its machine.")
        )
        return words.format(folder=self._folder)

    async def open(
        self,
        operator: Operator,
        *,
        address: str,
        face: str,
        heard: Callable[[Event], None],
        ended: Callable[[], None],
    ) -> Direct:
        """Return an operator's session, begun; ChatError if they may not come in any more."""
        direct = Direct(self._service, self._clock, address=address, face=face, heard=heard, ended=ended)
        try:
            await direct.ask(Operate(operator=operator))
        except BaseException:
            direct.end()
            raise
        return direct
