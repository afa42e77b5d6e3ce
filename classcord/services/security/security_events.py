"""Security events: typed, and delivered to the subscribers of their kind.

The audit log's file is one subscriber; blocking, figures, alerts and `tail` are others. Each subscriber receives each
event, whatever the others do with it. Knows no file and no session's state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import msgspec
from twisted.logger import Logger

if TYPE_CHECKING:
    from classcord.chat.people import Session


class SecurityEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event that matters to security. `word` is its stable name in the audit log."""

    by_staff: ClassVar[bool] = False
    """Whether only moderators and above, or the server itself, can cause it."""

    word: str
    at: float  # seconds since 1970
    session: int | None = None  # None if there is no session yet
    address: str  # "" for a unix socket
    name: str = ""
    reason: str = ""


class AuthenticationFailed(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """A password or a key was wrong, wherever it was tried."""

    word: str = "login-failed"


class Identified(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """A user has proved an identity."""


class AccountLoggedIn(Identified, frozen=True, kw_only=True, gc=False):
    """A user has logged in with the password of an account."""

    word: str = "login"


class AccountResumed(Identified, frozen=True, kw_only=True, gc=False):
    """A client has resumed the session of an account, by its token."""

    word: str = "resumed"


class TokenRefused(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """A client has shown a token that is unknown or void."""

    word: str = "bad-token"


class CodeRefused(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """A stranger has typed an invitation code that is wrong, used up, expired or ended; `name` is the wanted one."""

    word: str = "bad-invite"


class SessionsEnded(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """A user has ended sessions of their own from another one."""

    word: str = "sessions-ended"


class Registered(Identified, frozen=True, kw_only=True, gc=False):
    """A user has created an account."""

    word: str = "registered"


class OperatorLoggedIn(Identified, frozen=True, kw_only=True, gc=False):
    """An administrator has logged in; `reason` names the key."""

    word: str = "operator"


class GuestLoggedIn(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """A guest has logged in, without an account."""

    word: str = "guest"


class LoggedOut(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """A user has logged out; the connection stays open."""

    word: str = "logout"


class PasswordSet(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """An account has a new password, set by its user or by an administrator."""

    word: str = "password-changed"


class Flooded(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """A connection was closed for a flood of bad lines or of too many requests."""

    word: str = "flood"


class ClosedForLongLine(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """A connection was closed for a line longer than the limit."""

    word: str = "line-too-long"


class AddressBlocked(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """An address, or its network, was blocked for failed logins."""

    word: str = "blocked"


class AddressUnblocked(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """A block has ended or was removed."""

    word: str = "unblocked"


class SanctionChanged(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """`word` is mute, kick or ban, or their end: unmute, unkick, unban."""

    by_staff = True


class Administered(SecurityEvent, frozen=True, kw_only=True, gc=False):
    """Any other act of an administrator; `word` is the command."""

    by_staff = True


SANCTIONS = ("mute", "kick", "ban", "warn", "unmute", "unkick", "unban", "unwarn")


def _kinds(root: type[SecurityEvent]) -> dict[str, type[SecurityEvent]]:
    """Return the kinds of events that have a word, by this word."""
    found: dict[str, type[SecurityEvent]] = {}
    for kind in root.__subclasses__():
        word = next(field for field in msgspec.structs.fields(kind) if field.name == "word")
        if not word.required:
            found[word.default] = kind
        found |= _kinds(kind)
    return found


KINDS: dict[str, type[SecurityEvent]] = _kinds(SecurityEvent) | dict.fromkeys(SANCTIONS, SanctionChanged)


def event(word: str, **fields: Any) -> SecurityEvent:
    """Return the event for a stable word."""
    return KINDS.get(word, Administered)(word=word, **fields)


E = TypeVar("E", bound=SecurityEvent)


class SecurityEvents:
    """The bus: each event goes to all subscribers of its kind, in the order of their subscriptions."""

    log = Logger()

    def __init__(self) -> None:
        self._subscribers: list[tuple[tuple[type[SecurityEvent], ...], Callable[[Any], None]]] = []

    def subscribe(self, hear: Callable[[E], None], *kinds: type[E]) -> None:
        """Call `hear` with each event of these types, and of their subclasses."""
        self._subscribers.append((kinds, hear))

    def unsubscribe(self, hear: Callable[[E], None]) -> None:
        self._subscribers = [each for each in self._subscribers if each[1] != hear]

    def tell_of(self, session: Session, word: str, now: float, name: str = "", reason: str = "") -> None:
        """Deliver the event that has this word in the audit log's file, of a session at `now`."""
        self.tell(event(word, at=now, session=session.id, address=session.address, name=name, reason=reason))

    def tell(self, happened: SecurityEvent) -> None:
        """Deliver an event to all subscribers.

        If one fails, the log reports it, and the others still receive the event.
        """
        for kinds, hear in tuple(self._subscribers):
            if isinstance(happened, kinds):
                try:
                    hear(happened)
                except Exception:
                    self.log.failure("a subscriber to security events failed")
