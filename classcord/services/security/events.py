"""What happens that matters to the server's safety: typed events, told to whoever has subscribed to their kind.

The audit log file is one subscriber; blocking, figures, alerts and `tail` are others. Each subscriber hears each event,
whatever the others do with it. Knows no file and no session's state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import msgspec
from twisted.logger import Logger


class SecurityEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something that somebody did. `word` is the stable word for it in the audit log."""

    by_staff: ClassVar[bool] = False
    """Whether only those who keep order, or the server itself, can cause it."""

    word: str
    at: float  # seconds since the epoch
    session: int | None = None  # None for somebody who has none yet
    address: str  # "" for a unix socket
    name: str = ""
    reason: str = ""


class LoginFailed(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """A password or a key was wrong, wherever it was tried."""

    word: str = "login-failed"


class CameIn(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """Somebody has shown who they are."""


class LoggedIn(CameIn, frozen=True, kw_only=True, gc=False):
    """Somebody has come in by the password of an account."""

    word: str = "login"


class Registered(CameIn, frozen=True, kw_only=True, gc=False):
    """Somebody has made an account."""

    word: str = "registered"


class OperatorCame(CameIn, frozen=True, kw_only=True, gc=False):
    """Somebody has come in to administer; `reason` says by which key."""

    word: str = "operator"


class GuestCame(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """Somebody has come in without an account."""

    word: str = "guest"


class LoggedOut(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """Somebody is nobody any more, on a connection that goes on."""

    word: str = "logout"


class PasswordSet(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """Somebody has a new password, by themselves or by an administrator."""

    word: str = "password-changed"


class Flooded(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """A connection was closed for a flood of lines that ask nothing, or too much."""

    word: str = "flood"


class LineTooLong(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """A connection was closed for a line longer than the limit."""

    word: str = "line-too-long"


class Blocked(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """An address, or its network, has failed too often to come in."""

    word: str = "blocked"


class Unblocked(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """A block is over, or was lifted."""

    word: str = "unblocked"


class Sanctioned(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """`word` is mute, kick or ban, or their end: unmute, unkick, unban."""

    by_staff = True


class Administered(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """Whatever else is done to administer; `word` is the command."""

    by_staff = True


SANCTIONS = ("mute", "kick", "ban", "unmute", "unkick", "unban")


def _kinds(root: type[SecurityEvent]) -> dict[str, type[SecurityEvent]]:
    """Return the kinds of events that have a word of their own, by it."""
    found: dict[str, type[SecurityEvent]] = {}
    for kind in root.__subclasses__():
        word = next(field for field in msgspec.structs.fields(kind) if field.name == "word")
        if not word.required:
            found[word.default] = kind
        found |= _kinds(kind)
    return found


KINDS: dict[str, type[SecurityEvent]] = _kinds(SecurityEvent) | dict.fromkeys(SANCTIONS, Sanctioned)


def event(word: str, **fields: Any) -> SecurityEvent:
    """Return the event that a stable word stands for."""
    return KINDS.get(word, Administered)(word=word, **fields)


E = TypeVar("E", bound=SecurityEvent)


class SecurityEvents:
    """The bus: each event goes to all who have subscribed to its kind, in the order of their coming."""

    log = Logger()

    def __init__(self) -> None:
        self._subscribers: list[tuple[tuple[type[SecurityEvent], ...], Callable[[Any], None]]] = []

    def subscribe(self, hear: Callable[[E], None], *kinds: type[E]) -> None:
        """Call `hear` with each event of these kinds, and of those made of them."""
        self._subscribers.append((kinds, hear))

    def unsubscribe(self, hear: Callable[[E], None]) -> None:
        self._subscribers = [each for each in self._subscribers if each[1] != hear]

    def tell(self, happened: SecurityEvent) -> None:
        """Tell everybody; whoever fails is in the log, and keeps nothing from the others."""
        for kinds, hear in tuple(self._subscribers):
            if isinstance(happened, kinds):
                try:
                    hear(happened)
                except Exception:
                    self.log.failure("a subscriber to security events failed")
