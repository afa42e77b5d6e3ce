"""The SSH server: its algorithms, its limits, and its connections.

Knows connections, not who may log in (auth.py) nor what runs after that (session_channel.py).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from twisted.conch.ssh.common import NS, getNS
from twisted.conch.ssh.factory import SSHFactory
from twisted.conch.ssh.transport import (
    DISCONNECT_BY_APPLICATION,
    DISCONNECT_PROTOCOL_ERROR,
    DISCONNECT_SERVICE_NOT_AVAILABLE,
    DISCONNECT_TOO_MANY_CONNECTIONS,
    MSG_SERVICE_ACCEPT,
    SSHServerTransport,
)
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure

from classcord.chat.text import N_
from classcord.faces.liveness import notice_silence
from classcord.faces.peer_addresses import normal_address
from classcord.faces.ssh.auth import SIGNATURES, UserAuth
from classcord.faces.ssh.messages import is_whole
from classcord.faces.ssh.operator_connection import OperatorConnection, ProtocolViolation
from classcord.faces.ssh.time_slices import TimeSlices
from classcord.services.security.networks import RateLimitedLog

if TYPE_CHECKING:
    from classcord.chat.roles import Operator
    from classcord.console.carrier import Program, Start
    from classcord.services.administration.operator_logins import OperatorLogins

KEY_EXCHANGES: list[bytes] = [
    name
    for name in (b"mlkem768x25519-sha256", b"curve25519-sha256", b"curve25519-sha256@libssh.org")
    if name in SSHServerTransport.supportedKeyExchanges  # an older Conch or cryptography has no ML-KEM
]
CIPHERS = [b"aes256-ctr", b"aes192-ctr", b"aes128-ctr"]
MACS = [b"hmac-sha2-512", b"hmac-sha2-256"]
LONGEST_BEFORE = 131_072  # bytes of an incomplete packet, before the login
LONGEST_PACKET = 262_144  # bytes, as in OpenSSH: the longer a packet is, the longer others wait for it
NOT_ADMITTED = b"Not allowed at this time\r\n"  # sent before the version, as OpenSSH does (RFC 4253 §4.2)
KEPT_FREE = 10  # one of so many connections is kept free for the next login
NONSENSE_AT_ONCE = 10  # invalid messages from operators that are logged one by one
NONSENSE_A_SECOND = 1 / 600  # and on average: a failure's traceback is long


_SIGNS = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "œ": "oe", "Œ": "OE", "æ": "ae"}
)


def plain(words: str) -> bytes:
    """Return a sentence in ASCII: letters without accents, plain spaces and quotes; `?` for other characters."""
    words = re.sub("«\\s*|\\s*»", '"', words)
    bare = unicodedata.normalize("NFKD", words.translate(_SIGNS))
    return "".join(c for c in bare if not unicodedata.combining(c)).encode("ascii", "replace")


class SSHLimits(msgspec.Struct, frozen=True, kw_only=True):
    """The limits; 0 means no limit. Times are in seconds."""

    login_grace: float = 60
    max_tries: int = 6
    max_connections: int = 50
    max_sessions: int = 10
    idle_timeout: float = 3600


class Transport(SSHServerTransport):
    """One connection."""

    ourVersionString = b"SSH-2.0-ClassCord"  # noqa: N815
    supportedKeyExchanges = KEY_EXCHANGES  # noqa: N815
    supportedCiphers = CIPHERS  # noqa: N815
    supportedMACs = MACS  # noqa: N815
    supportedCompressions = [b"none"]  # noqa: N815, RUF012
    factory: Any
    transport: Any

    operator: Operator | None = None
    key: bytes = b""  # the wire format of the operator's key
    address = ""
    _counted = _greeted = _ending = False
    _unread = b""
    _paused = _has_read = _is_cut = False  # whether input waits; in this turn: a packet was read, more are there

    def connectionMade(self) -> None:
        notice_silence(self.transport)
        self.address = normal_address(self.transport.getPeer())
        self._ends = self.factory.clock.callLater(self.factory.limits.login_grace or 3600, self._too_slow)
        if not self.factory.logins.admits(self.address):
            self._ending = True
            self.transport.write(NOT_ADMITTED)
            self.transport.loseConnection()
            return
        self._counted = self.factory.enter(self)
        if not self.factory.time_slices.take(self._greet) and not self._counted:
            self.end(N_("too many connections"))

    def _greet(self) -> None:
        """Send our version, and begin the key exchange."""
        if self._ending:
            return
        self._greeted = True
        super().connectionMade()  # type: ignore[no-untyped-call]
        if not self._counted:
            self.sendDisconnect(DISCONNECT_TOO_MANY_CONNECTIONS, N_("too many connections").encode())

    def dataReceived(self, data: bytes) -> None:
        if self._ending:
            return
        if self.operator is None and len(self.buf) + len(data) > LONGEST_BEFORE:
            self.end(N_("nobody has come in yet who may send so much at once"))
            return
        if self.operator is not None:
            self.stirred()
        self._unread += data
        if not self._paused and not self.factory.time_slices.take(self._read):
            self._pause()

    def _pause(self) -> None:
        self._paused = True
        self.transport.pauseProducing()

    def _read(self) -> None:
        """Process input for the length of a turn; then it is the turn of others."""
        if self._ending:
            return
        data, self._unread = self._unread, b""
        self._has_read = self._is_cut = False
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if self._is_cut:
            self.factory.time_slices.wait(self._read)
            if not self._paused:
                self._pause()
        elif len(self.buf) > LONGEST_PACKET:
            self.end(N_("this packet is too long"))
        elif self._paused:
            self._paused = False
            self.transport.resumeProducing()

    def getPacket(self) -> bytes | None:
        """Return the next packet if it is complete; none after a disconnect."""
        if self._ending:
            return None
        if self._has_read and self.factory.time_slices.is_over:
            self._is_cut = True
            return None
        self._has_read = True
        return super().getPacket()  # type: ignore[no-untyped-call, no-any-return]

    def ssh_SERVICE_REQUEST(self, packet: bytes) -> None:
        """Begin the authentication, never before the key exchange is complete.

        A client that asks for it again before its next attempt (paramiko does) continues with the same authentication,
        so that its attempts are still counted.
        """
        encrypted = self.isEncrypted("in")  # type: ignore[no-untyped-call]
        if getNS(packet)[0] == b"ssh-userauth" and isinstance(self.service, UserAuth):
            self.sendPacket(MSG_SERVICE_ACCEPT, NS(b"ssh-userauth"))  # type: ignore[no-untyped-call]
            return
        if self.service is not None or not encrypted or getNS(packet)[0] != b"ssh-userauth":
            self.sendDisconnect(DISCONNECT_SERVICE_NOT_AVAILABLE, N_("there is no such service now").encode())
            return
        super().ssh_SERVICE_REQUEST(packet)

    def sendExtInfo(self, extensions: list[tuple[bytes, bytes]]) -> None:  # noqa: ARG002
        """Send the accepted algorithms for users' signatures (RFC 8308 §3.1).

        Conch would send those of our host key.
        """
        super().sendExtInfo([(b"server-sig-algs", b",".join(SIGNATURES))])  # type: ignore[no-untyped-call]

    def dispatchMessage(self, messageNum: int, payload: bytes) -> None:  # noqa: N803
        """Handle a message; an invalid one ends this connection, and nothing else.

        After a login it may be an error of ours instead: the log reports it, with the traceback for the first ones.
        """
        try:
            if not is_whole(messageNum, payload):
                raise ProtocolViolation("it is cut short")
            super().dispatchMessage(messageNum, payload)  # type: ignore[no-untyped-call]
        except Exception as error:  # Conch does not check every field, and fails in many ways
            if self.operator is None:
                self._log.debug("a message of {address} makes no sense: {why}", address=self.address, why=error)
            else:
                self.factory.nonsense(self.operator.name, self.address, messageNum, error)
            self.sendDisconnect(DISCONNECT_PROTOCOL_ERROR, N_("this message makes no sense").encode())

    def receiveError(self, reasonCode: int, description: bytes) -> None:  # noqa: N803
        """Ignore the client's disconnect message: that is how a client ends."""

    @property
    def held_for_new_keys(self) -> list[tuple[int, bytes]]:
        """Messages that wait until the new keys are agreed."""
        return self._blockedByKeyExchange or []

    def identified(self, operator: Operator, key: bytes) -> None:
        """Note the operator after the login; the time limit for it ends."""
        self.operator, self.key = operator, key
        self.stirred()

    def stirred(self) -> None:
        """Note input or output: the connection is not idle."""
        limit = self.factory.limits.idle_timeout
        if self._ends.active():
            if limit:
                self._ends.reset(limit)
            else:
                self._ends.cancel()

    def _too_slow(self) -> None:
        idle, slow = N_("this connection was idle for too long"), N_("nobody came in within the time for it")
        self.end(idle if self.operator else slow)

    def end(self, reason: str) -> None:
        """Close the connection with a reason."""
        self.sendDisconnect(DISCONNECT_BY_APPLICATION, reason.encode())

    def sendDisconnect(self, reason: int, desc: bytes) -> None:
        """Close the connection with a reason in the server's language, in ASCII.

        OpenSSH shows other characters as octal.
        """
        if self._ending:
            return
        if self._greeted:
            words = self.factory.logins.translate(desc.decode("utf-8", "replace"))
            super().sendDisconnect(reason, plain(words))  # type: ignore[no-untyped-call]
        self._ending = True
        self.transport.loseConnection()
        self.factory.clock.callLater(1.0, self.transport.abortConnection)  # in case the client does not close

    def connectionLost(self, reason: Failure | None = None) -> None:
        self._ending = True
        if self._ends.active():
            self._ends.cancel()
        for work in (self._greet, self._read):
            self.factory.time_slices.forget(work)
        if self._counted:
            self.factory.leave(self)
        super().connectionLost(reason)  # this also ends the service, with everything that runs in it


class AdminSSHFactory(SSHFactory):
    """Makes a Transport for each connection."""

    log = Logger(namespace="classcord.ssh")  # modules below faces.ssh log only errors
    protocol = Transport
    noisy = False
    services = {b"ssh-userauth": UserAuth, b"ssh-connection": OperatorConnection}  # noqa: RUF012
    primes = None

    def __init__(
        self,
        key: Any,
        logins: OperatorLogins,
        start: Start,
        clock: IReactorTime,
        *,
        limits: Callable[[], SSHLimits],
        passwords: Callable[[], bool],
        banner: Callable[[], str],
        files: Callable[[Operator, str, Any], Program],
    ) -> None:
        """`key` is the host key; `files` starts the sftp program for an operator at an address, on a carrier."""
        self.logins = logins
        self.start = start
        self.clock = clock
        self.banner = banner
        self.passwords = passwords
        self.files = files
        self.time_slices = TimeSlices(clock)
        self._limits = limits
        self.publicKeys = {b"ssh-ed25519": key.public()}
        self.privateKeys = {b"ssh-ed25519": key}
        self._transports: dict[Transport, None] = {}
        self._said = RateLimitedLog(self.log, clock, a_second=NONSENSE_A_SECOND, at_once=NONSENSE_AT_ONCE)

    @property
    def limits(self) -> SSHLimits:
        return self._limits()

    def getPrimes(self) -> None:
        """Return none: no group exchange is offered."""

    def enter(self, transport: Transport) -> bool:
        """Add a connection; return whether there is room for it."""
        limit = self.limits.max_connections
        if limit and len(self._transports) >= limit:
            silent = [each for each in self._transports if each.operator is None]
            if not silent:
                return False
            crowds = Counter(each.address for each in silent)
            # the oldest one of the address with the most connections
            oldest = max(silent, key=lambda each: crowds[each.address])
            oldest.end(N_("others wait to come in"))
            del self._transports[oldest]
        self._transports[transport] = None
        return True

    def has_room(self, transport: Transport, operator: Operator) -> bool:
        """Whether an operator may log in on a connection.

        The oldest connection of the operator with the most may be closed. Some connections are kept free for logins, so
        that no operator can shut the others out with connections of their own. An operator who already has as many as
        any other gets no more.
        """
        limit = self.limits.max_connections
        if not limit:
            return True
        inside = [each for each in self._transports if each.operator is not None and each is not transport]
        if len(inside) < max(1, limit - max(1, limit // KEPT_FREE)):
            return True
        crowds = Counter(each.operator.name for each in inside if each.operator is not None)
        name, most = crowds.most_common(1)[0]
        if crowds[operator.name] + 1 >= most:
            return False
        oldest = next(each for each in inside if each.operator is not None and each.operator.name == name)
        oldest.end(N_("others wait to come in, and you have the most connections"))
        self._transports.pop(oldest, None)
        return True

    def leave(self, transport: Transport) -> None:
        self._transports.pop(transport, None)

    def nonsense(self, name: str, address: str, number: int, error: Exception) -> None:
        """Log an invalid message from an operator; for an error of ours, with its place in the code."""
        traceback = {} if isinstance(error, ProtocolViolation) else {"log_failure": Failure()}
        self._said.say(
            LogLevel.info if isinstance(error, ProtocolViolation) else LogLevel.error,
            "the SSH connection of {name} from {address} was closed: a message {number} could not be taken: {why}",
            name=name,
            address=address,
            number=number,
            why=repr(error),
            **traceback,
        )

    def connections(self) -> list[Transport]:
        """Return the connections of operators who are logged in."""
        return [transport for transport in self._transports if transport.operator is not None]

    def end_strangers(self, meant: Callable[[str], bool]) -> None:
        """Close the connections from the addresses concerned on which nobody is logged in."""
        for transport in list(self._transports):
            if transport.operator is None and meant(transport.address):
                transport.end(N_("too many logins from your address have failed"))

    def end_from(self, meant: Callable[[str], bool], why: str) -> None:
        """Close all connections from the addresses concerned."""
        for transport in list(self._transports):
            if meant(transport.address):
                transport.end(why)

    def end_all(self, reason: str) -> None:
        """Close every connection."""
        for transport in list(self._transports):
            transport.end(reason)
