"""Authentication over SSH: the signature of a key in admin_keys/, or an account's password.

The login name is the administrator's name. Knows how operators log in, no key file and no account. Source: RFC 4252.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.conch.error import ConchError, IgnoreAuthentication
from twisted.conch.ssh import keys
from twisted.conch.ssh.common import NS, getNS
from twisted.conch.ssh.transport import (
    DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE,
    DISCONNECT_SERVICE_NOT_AVAILABLE,
    DISCONNECT_TOO_MANY_CONNECTIONS,
)
from twisted.conch.ssh.userauth import MSG_USERAUTH_PK_OK, MSG_USERAUTH_REQUEST, SSHUserAuthServer
from twisted.internet.defer import CancelledError, Deferred, fail, succeed
from twisted.python.failure import Failure

from classcord.chat.errors import ChatError
from classcord.chat.identity.vocabulary import PasswordSpent
from classcord.chat.sanctions.vocabulary import Banned, Kicked
from classcord.chat.text import N_

if TYPE_CHECKING:
    from classcord.chat.roles import Operator
    from classcord.services.administration.operator_logins import OperatorLogins

MSG_USERAUTH_BANNER = 53
ALGORITHMS = {  # of signatures, for each type of key: never SHA-1
    b"ssh-ed25519": {b"ssh-ed25519"},
    b"ecdsa-sha2-nistp256": {b"ecdsa-sha2-nistp256"},
    b"ecdsa-sha2-nistp384": {b"ecdsa-sha2-nistp384"},
    b"ecdsa-sha2-nistp521": {b"ecdsa-sha2-nistp521"},
    b"ssh-rsa": {b"rsa-sha2-256", b"rsa-sha2-512"},
}
SIGNATURES = sorted(name for names in ALGORITHMS.values() for name in names)
LONGEST_NAME = 256  # bytes
QUERIES = 20  # keys that a client may offer without a signature: an agent may hold many


class UserAuth(SSHUserAuthServer):
    """The login attempts of one connection; the transport limits their time."""

    loginTimeout = 10**9  # noqa: N815 (the transport ends a connection that takes too long)
    attemptsBeforeDisconnect = 10**9  # noqa: N815 (`_failed` counts them)
    transport: Any

    def serviceStarted(self) -> None:
        factory = self.transport.factory
        self.clock = factory.clock
        self._logins: OperatorLogins = factory.logins
        factory.portal = _NoPortal
        super().serviceStarted()  # type: ignore[no-untyped-call]
        self.supportedAuthentications = [b"publickey"]
        if factory.passwords():
            self.supportedAuthentications.append(b"password")
        self._failures = self._queries = 0
        self._checking: Deferred[Any] | None = None
        words = factory.banner().encode("utf-8")
        self.transport.sendPacket(MSG_USERAUTH_BANNER, NS(words + b"\r\n") + NS(b""))

    def serviceStopped(self) -> None:
        super().serviceStopped()  # type: ignore[no-untyped-call]
        if self._checking is not None:
            self._checking.cancel()
        if self.transport.operator is None and self._queries and not self._failures:  # so that fail2ban sees it too
            self._turn_away("key")

    def ssh_USERAUTH_REQUEST(self, packet: bytes) -> Any:
        if self._checking is not None:  # one at a time
            self.transport.end(N_("one try at a time"))
            return None
        if getNS(packet, 2)[1] != b"ssh-connection":
            self.transport.sendDisconnect(DISCONNECT_SERVICE_NOT_AVAILABLE, N_("there is no such service").encode())
            return None
        return super().ssh_USERAUTH_REQUEST(packet)

    def tryAuth(self, kind: bytes, user: bytes, data: bytes) -> Deferred[Any]:
        if kind != b"none" and kind not in self.supportedAuthentications:
            return self._failed("method")
        return super().tryAuth(kind, user, data)

    def auth_publickey(self, packet: bytes) -> Deferred[Any]:
        signed = packet[:1] == b"\x01"
        algorithm, blob, rest = getNS(packet[1:], 2)
        name = self._name()
        refused: ChatError | None = None
        try:
            operator = self._logins.by_key(name, blob, self.transport.address)
        except ChatError as error:
            operator, refused = None, error
        kind = getNS(blob)[0] if len(blob) > 4 else b""
        if algorithm not in ALGORITHMS.get(kind, set()):
            return self._refused("key", signed=signed)
        if not signed:
            if operator is None and refused is None:
                return self._refused("key", signed=False)
            self.transport.sendPacket(MSG_USERAUTH_PK_OK, packet[1:])
            return fail(IgnoreAuthentication())
        signature = getNS(rest)[0]
        if refused is not None and self._is_right(blob, algorithm, signature):
            return self._shut_out(refused)
        if operator is None or getNS(signature)[0] != algorithm or not self._is_right(blob, algorithm, signature):
            return self._refused("key", signed=True)  # checking a stranger's signature is not worth the time
        return self._come_in(operator, blob)

    def _is_right(self, blob: bytes, algorithm: bytes, signature: bytes) -> bool:
        signed = (
            NS(self.transport.sessionID)
            + bytes((MSG_USERAUTH_REQUEST,))
            + NS(self.user or b"")
            + NS(self.nextService or b"")
            + NS(b"publickey")
            + b"\x01"
            + NS(algorithm)
            + NS(blob)
        )
        try:
            return bool(keys.Key.fromString(blob).verify(signature, signed))
        except Exception:  # an invalid key or signature, in one of many ways
            return False

    def auth_password(self, packet: bytes) -> Deferred[Any]:
        password = getNS(packet[1:])[0].decode("utf-8", "replace")
        checking: Deferred[Any] = Deferred.fromCoroutine(
            self._logins.by_password(self._name(), password, self.transport.address)
        )
        self._checking = checking

        def checked(outcome: Any) -> Any:
            self._checking = None
            return outcome

        checking.addBoth(checked).addCallbacks(self._come_in, self._no_password, callbackArgs=(b"",))
        return checking

    def _no_password(self, failure: Failure) -> Deferred[Any]:
        if failure.check(CancelledError):  # the connection has ended
            return fail(IgnoreAuthentication())
        failure.trap(ChatError)
        error = failure.value
        if isinstance(error, (Banned, Kicked, PasswordSpent)):  # the password was right
            return self._shut_out(error)
        return self._failed("password")  # it is already in the audit log

    def _shut_out(self, error: ChatError) -> Deferred[Any]:
        """End the connection of a client who has proved an identity but may not log in, with the reason."""
        factory = self.transport.factory
        words = factory.logins.in_words(error).encode("utf-8")
        self.transport.sendDisconnect(DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE, words)
        return fail(IgnoreAuthentication())

    def _name(self) -> str:
        user: bytes = (self.user or b"")[:LONGEST_NAME]
        return user.decode("utf-8", "replace")

    def _come_in(self, operator: Operator, blob: bytes) -> Deferred[Any]:
        if not self.transport.factory.has_room(self.transport, operator):
            self.transport.sendDisconnect(DISCONNECT_TOO_MANY_CONNECTIONS, N_("too many connections").encode())
            return fail(IgnoreAuthentication())
        self.transport.identified(operator, blob)
        return succeed((None, _Avatar(), lambda: None))

    def _refused(self, reason: str, *, signed: bool) -> Deferred[Any]:
        if not signed:
            self._queries += 1
            if self._queries <= QUERIES:
                return fail(ConchError("no such key"))
        self._turn_away(reason)
        return self._failed(reason)

    def _turn_away(self, reason: str) -> None:
        self._logins.key_refused(self._name(), self.transport.address, reason)

    def _failed(self, reason: str) -> Deferred[Any]:
        """Count a failure; after too many, end the connection and explain how to log in."""
        self._failures += 1
        factory = self.transport.factory
        if self._failures >= (factory.limits.max_tries or 10**9):
            words = factory.logins.how_to_log_in().encode("utf-8")
            self.transport.sendDisconnect(DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE, words)
            return fail(IgnoreAuthentication())
        return fail(ConchError(reason))


class _Avatar:
    """A placeholder for Conch's avatar; the transport knows the operator."""


class _NoPortal:
    """A placeholder for Conch's portal: `OperatorLogins` checks logins instead."""

    @staticmethod
    def listCredentialsInterfaces() -> list[Any]:
        return []
