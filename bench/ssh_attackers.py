"""Hostile SSH connections for hostile_ssh.py: what each does, and the process that they run in.

Knows no chat.
"""

from __future__ import annotations

import os
import random
import struct
import time
from collections import Counter
from contextlib import suppress
from itertools import cycle
from typing import Any, NamedTuple

from twisted.conch.ssh import keys
from twisted.conch.ssh.channel import SSHChannel
from twisted.conch.ssh.common import NS
from twisted.conch.ssh.connection import MSG_CHANNEL_OPEN, MSG_GLOBAL_REQUEST, SSHConnection
from twisted.conch.ssh.transport import MSG_IGNORE, SSHClientTransport
from twisted.conch.ssh.userauth import SSHUserAuthClient
from twisted.internet.defer import Deferred, succeed
from twisted.internet.protocol import ClientFactory
from twisted.python.failure import Failure

ADMINISTRATOR = "prof"  # whose key they have
AGREES = 60.0  # seconds that one has for agreeing on keys, where the processor is busy
LASTS = 5.0  # seconds that one stays after that, if it is let
PAUSE = 0.1  # seconds until another takes its place
HUGE = 2**32 - 1
LOW = 5  # priority: they have machines of their own


class Attack(NamedTuple):
    """What the process of the attackers is told."""

    address: tuple[str, int]
    key: str
    attackers: int
    seconds: float
    at_once: bool  # all there at the same time, each followed by another; else spread over the time
    kinds: tuple[str, ...] = ()  # none are all


class Attacker(SSHClientTransport):
    """One hostile connection; a subclass says what it does. It ends by itself after a while."""

    transport: Any
    factory: _Attackers
    heard = 0  # bytes

    def connectionMade(self) -> None:
        self._end = self.factory.reactor.callLater(AGREES, self.leave)
        super().connectionMade()  # type: ignore[no-untyped-call]

    def dataReceived(self, data: bytes) -> None:
        self.heard += len(data)
        super().dataReceived(data)  # type: ignore[no-untyped-call]

    def verifyHostKey(self, hostKey: bytes, fingerprint: bytes) -> Deferred[bool]:  # noqa: ARG002
        return succeed(True)

    def connectionSecure(self) -> None:
        self.stay()
        self.requestService(_KeyAuth(self))

    def stay(self) -> None:
        """Stay for its time from now on: the keys are agreed."""
        if self._end.active():
            self._end.reset(LASTS)

    def came_in(self, connection: SSHConnection) -> None:
        """Do what this one has come for."""

    def leave(self) -> None:
        """Go without a word."""
        self.transport.abortConnection()

    def receiveError(self, reasonCode: int, description: bytes) -> None:
        """Pass over it: the connection ends."""

    def connectionLost(self, reason: Failure | None = None) -> None:
        if self._end.active():
            self._end.cancel()
        self.factory.ended(self)
        super().connectionLost(reason)


class _KeyAuth(SSHUserAuthClient):
    def __init__(self, attacker: Attacker) -> None:
        super().__init__(ADMINISTRATOR.encode(), _Connection(attacker))
        self._key: keys.Key = attacker.factory.key

    def getPublicKey(self) -> keys.Key:
        return self._key

    def signData(self, publicKey: keys.Key, signData: bytes) -> Deferred[bytes]:  # noqa: ARG002
        return succeed(self._key.sign(signData))


class _Connection(SSHConnection):
    def __init__(self, attacker: Attacker) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._attacker = attacker

    def serviceStarted(self) -> None:
        super().serviceStarted()  # type: ignore[no-untyped-call]
        self._attacker.factory.came_in[type(self._attacker).__name__] += 1
        self._attacker.factory.waiting.discard(self._attacker)
        self._attacker.came_in(self)

    def packetReceived(self, messageNum: int, packet: bytes) -> None:
        with suppress(LookupError, AssertionError):  # it knows nothing of what was asked for by hand
            super().packetReceived(messageNum, packet)  # type: ignore[no-untyped-call]


class Garbage(Attacker):
    """Speaks no SSH."""

    def sendKexInit(self) -> None:
        self.transport.write(random.randbytes(200_000))  # noqa: S311 (no secret)


class Half(Attacker):
    """Has the server do its share of an agreement on keys, and is silent."""

    def ssh_NEWKEYS(self, packet: bytes) -> None:  # noqa: ARG002
        """Say nothing more."""
        self.stay()
        self.factory.waiting.discard(self)


class Renewing(Attacker):
    """Comes in, and has the keys renewed over and over."""

    def came_in(self, connection: SSHConnection) -> None:  # noqa: ARG002
        self.sendKexInit()  # type: ignore[no-untyped-call]

    def ssh_NEWKEYS(self, packet: bytes) -> None:
        super().ssh_NEWKEYS(packet)  # type: ignore[no-untyped-call]
        if isinstance(self.service, _Connection):
            self.sendKexInit()  # type: ignore[no-untyped-call]


class Channels(Attacker):
    """Opens 5,000 channels."""

    def came_in(self, connection: SSHConnection) -> None:  # noqa: ARG002
        for number in range(5000):
            self.sendPacket(MSG_CHANNEL_OPEN, NS(b"session") + struct.pack(">3L", number, HUGE, HUGE))  # type: ignore[no-untyped-call]


class Packets(Attacker):
    """Sends 20,000 packets with next to nothing in them."""

    def came_in(self, connection: SSHConnection) -> None:  # noqa: ARG002
        for _ in range(10_000):
            self.sendPacket(MSG_IGNORE, NS(b""))  # type: ignore[no-untyped-call]
            self.sendPacket(MSG_GLOBAL_REQUEST, NS(b"tcpip-forward") + b"\1")  # type: ignore[no-untyped-call]


class _Command(Attacker):
    """Runs a command, with a window that the server never fills."""

    command = b""

    def came_in(self, connection: SSHConnection) -> None:
        connection.openChannel(_Channel(self.command))


class _Channel(SSHChannel):
    name = b"session"
    conn: Any

    def __init__(self, command: bytes) -> None:
        super().__init__(localWindow=HUGE, localMaxPacket=HUGE)
        self._command = command

    def channelOpen(self, specificData: bytes) -> None:  # noqa: ARG002
        self.conn.sendRequest(self, b"exec", NS(self._command))


class Long(_Command):
    """Sends a command of a megabyte."""

    command = b"say " + b"x" * 1_000_000


class Deaf(_Command):
    """Asks for the whole history, and does not read it."""

    command = b"export messages --format ndjson"

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        if self.heard > 20_000:
            self.transport.pauseProducing()


class Leaving(_Command):
    """Asks for the whole history, and goes in the middle."""

    command = b"export messages --format csv"

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        if self.heard > 500_000:
            self.leave()


ATTACKS: tuple[type[Attacker], ...] = (Garbage, Half, Channels, Deaf, Long, Leaving, Packets, Renewing)


class _Attackers(ClientFactory):
    """All of them, in turn."""

    noisy = False

    def __init__(self, reactor: Any, attack: Attack) -> None:
        self.reactor = reactor
        self.key = keys.Key.fromString(attack.key)
        self.began: Counter[str] = Counter()
        self.came_in: Counter[str] = Counter()
        self.waiting: set[Attacker] = set()  # those that have connected, and not yet done what they have come for
        self._attack = attack
        self._kinds = cycle([kind for kind in ATTACKS if not attack.kinds or kind.__name__ in attack.kinds])
        self._end = time.monotonic() + attack.seconds

    def run(self) -> None:
        count, seconds = self._attack.attackers, self._attack.seconds
        for number in range(count):
            self.reactor.callLater(0 if self._attack.at_once else seconds * number / count, self._begin)
        self.reactor.callLater(seconds, self._over)
        self.reactor.run()

    def _over(self) -> None:
        """Stop, once as many have come as should: on a busy machine they are late."""
        if self.began.total() >= self._attack.attackers and not self.waiting:
            self.reactor.stop()
        else:
            self.reactor.callLater(PAUSE, self._over)

    def _begin(self) -> None:
        self.reactor.connectTCP(*self._attack.address, self)

    def buildProtocol(self, addr: Any) -> Any:  # noqa: ARG002
        attacker = next(self._kinds)()
        attacker.factory = self
        self.began[type(attacker).__name__] += 1
        self.waiting.add(attacker)
        return attacker

    def ended(self, attacker: Attacker) -> None:
        self.waiting.discard(attacker)
        if self._attack.at_once and time.monotonic() < self._end - PAUSE:
            self.reactor.callLater(PAUSE, self._begin)


def run(attack: Attack, answer: Any) -> None:
    """Attack until the time is over; send how many of each kind connected, and came in. It takes a process."""
    from twisted.internet import reactor  # noqa: PLC0415 (the process is its own)

    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))  # whatever those who chat have
    os.setpriority(os.PRIO_PROCESS, 0, LOW)
    random.seed(1)
    attackers = _Attackers(reactor, attack)
    attackers.run()
    answer.send((attackers.began, attackers.came_in))
