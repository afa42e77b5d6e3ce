"""SSH in memory: the administrators' whole side over the House of harness.py, and Conch's own client at the other end.

Nothing happens by itself: `Gate.turn` carries bytes both ways until both sides are silent.
"""

from __future__ import annotations

import os
import struct
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ed25519
from twisted.conch.ssh import keys
from twisted.conch.ssh.channel import SSHChannel
from twisted.conch.ssh.common import NS, getNS
from twisted.conch.ssh.connection import MSG_CHANNEL_OPEN, SSHConnection
from twisted.conch.ssh.service import SSHService
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from classcord.server.administration import AdminServices
from classcord.services.process.datafolder import DataFolder
from classcord.settings import ServerSettings, Settings, SSHSettings
from tests.faces.ssh_hybrid import HybridClient
from tests.harness import House

REQUEST, FAILURE, SUCCESS, BANNER, PK_OK = 50, 51, 52, 53, 60  # of authentication, RFC 4252 §6
SERVICE_REQUEST = 5


def make_key() -> keys.Key:
    """Return a new key pair."""
    return keys.Key(ed25519.Ed25519PrivateKey.generate())


class Gate:
    """Where administrators come in: keys in a folder, accounts of the house, SSH and the control socket."""

    def __init__(self, house: House, folder: Path, clock: IReactorTime | None = None, **ssh: Any) -> None:
        """`ssh` are settings of [ssh]; `clock` tells the time of day, where that is not the house's."""
        self.house = house
        self.keys = folder / "keys"
        self.keys.mkdir(mode=0o700)
        self.settings = Settings(server=ServerSettings(language="en"), ssh=SSHSettings(keys=str(self.keys), **ssh))
        data = folder / "data"
        data.mkdir(mode=0o700)
        self.controls = house.controls
        self.administration = AdminServices(
            lambda: self.settings,
            DataFolder(data),
            chat=house.chat,
            world=house.hub,
            figures=house.figures,
            countdown=house.countdown,
            database=house.store,
            reactor=house.clock,
            clock=clock or house.clock,
        )
        self.factory = self.administration.ssh
        self.lines: list[Line] = []

    def set(self, **ssh: Any) -> None:
        """Change settings of [ssh], as a reload does."""
        self.settings = msgspec.structs.replace(self.settings, ssh=msgspec.structs.replace(self.settings.ssh, **ssh))

    def admit(self, name: str, options: str = "", key: keys.Key | None = None) -> keys.Key:
        """Let a key in, a new one unless it is given."""
        key = key or make_key()
        file = self.keys / os.fsdecode(f"{name}.pub".encode())  # in any locale
        file.touch(mode=0o600)
        file.write_bytes(options.encode() + key.public().toString("OPENSSH") + b"\n")
        return key

    def turn(self) -> None:
        """Carry bytes both ways until nothing moves."""
        moving = True
        while moving:
            self.house.turn()
            moving = sum(line.carry() for line in self.lines) > 0  # each of them

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""
        self.turn()
        self.house.clock.advance(seconds)
        self.turn()

    def line(self, address: str = "10.0.0.9") -> Line:
        """Return a new connection, on which the server has begun to speak."""
        line = Line(self, address)
        self.lines.append(line)
        return line

    def connect(self, address: str = "10.0.0.9") -> Client:
        """Return Conch's client at the other end of a new connection, its keys agreed."""
        line = self.line(address)
        line.client = client = Client(line)
        client.makeConnection(line.far)  # type: ignore[no-untyped-call]
        self.turn()
        return client

    def come_in(self, name: str, key: keys.Key, address: str = "10.0.0.9") -> Client:
        """Return a client that has come in."""
        client = self.connect(address)
        client.begin()
        assert client.try_key(name, key) == [SUCCESS], client.farewell
        return client


class End:
    """One end of a connection, as a transport."""

    _tempDataLen = 0  # noqa: N815 (as Twisted's own has it)

    def __init__(self, address: str, lose: Any) -> None:
        self.written = bytearray()
        self.disconnecting = self.aborted = self.paused = False
        self._peer = IPv4Address("TCP", address, 40_000)
        self._lose = lose

    @property
    def dataBuffer(self) -> bytes:
        return bytes(self.written)

    def write(self, data: bytes) -> None:
        if not self.disconnecting:
            self.written += data

    def writeSequence(self, data: list[bytes]) -> None:
        self.write(b"".join(data))

    def getPeer(self) -> IPv4Address:
        return self._peer

    def loseConnection(self) -> None:
        self.disconnecting = True

    def abortConnection(self) -> None:
        self.disconnecting = self.aborted = True
        self.written.clear()
        self._lose(ConnectionAborted())

    def pauseProducing(self) -> None:
        self.paused = True

    def resumeProducing(self) -> None:
        self.paused = False

    def setTcpNoDelay(self, enabled: bool) -> None: ...


class Line:
    """One connection: the server's transport at the near end, a client's at the far end, or bytes written by hand."""

    def __init__(self, gate: Gate, address: str) -> None:
        self.gate = gate
        self.lost: Exception | None = None
        self.stuck = False  # the client does not read
        self.heard = b""  # what the server has said, where no client reads it
        self.client: Client | None = None
        self.near, self.far = (End(address, partial(gate.house.clock.callLater, 0, self._lose)) for _ in range(2))
        self.server: Any = gate.factory.buildProtocol(self.near.getPeer())
        self.server.makeConnection(self.near)

    def carry(self) -> bool:
        """Carry what there is, once each way; return whether there was something."""
        if self.lost:
            return False
        from_server, from_client = b"", b"" if self.near.paused else bytes(self.far.written)
        if not self.stuck:
            from_server = bytes(self.near.written)
            self.near.written.clear()
        if from_client:
            self.far.written.clear()
        if from_server and self.client is None:
            self.heard += from_server
        elif from_server:
            self.client.dataReceived(from_server)  # type: ignore[union-attr]
        if from_client and not self.lost:
            self.server.dataReceived(from_client)
        for end in (self.near, self.far):
            if end.disconnecting and not end.written:
                self._lose(ConnectionDone())
        return bool(from_server or from_client)

    def send(self, data: bytes) -> None:
        """Write bytes by hand to the server, and let it work."""
        self.far.written += data
        self.gate.turn()

    def hang_up(self) -> None:
        """Let the client be gone."""
        self._lose(ConnectionDone())
        self.gate.turn()

    def _lose(self, why: Exception) -> None:
        if self.lost is None:
            self.lost = why
            self.server.connectionLost(Failure(why))
            if self.client is not None:
                self.client.connectionLost(Failure(why))


class Client(HybridClient):
    """Conch's client, which takes any host key, and asks for nothing by itself."""

    transport: Any

    def __init__(self, line: Line) -> None:
        self.line = line
        self.host_key = b""
        self.secure = False
        self.accepted: list[bytes] = []
        self.farewell: tuple[int, str] | None = None
        self.auth = Auth()
        self.connection = Connection()

    @property
    def gate(self) -> Gate:
        return self.line.gate

    @property
    def closed(self) -> bool:
        return self.line.lost is not None

    def verifyHostKey(self, hostKey: bytes, fingerprint: bytes) -> Deferred[bool]:  # noqa: N803
        self.host_key = hostKey
        return succeed(True)

    def connectionSecure(self) -> None:
        self.secure = True

    def receiveError(self, reasonCode: int, description: bytes) -> None:  # noqa: N803
        self.farewell = reasonCode, description.decode()

    def ask(self, number: int, payload: bytes = b"") -> None:
        """Send one packet, whatever it says, and let the server work."""
        self.sendPacket(number, payload)
        self.gate.turn()

    def begin(self) -> Auth:
        """Ask to be authenticated."""
        self.requestService(self.auth)
        self.gate.turn()
        return self.auth

    def try_auth(self, name: str, method: bytes, payload: bytes, service: bytes = b"ssh-connection") -> list[int]:
        """Try to come in; return the kinds of messages with which the server answers."""
        self.auth.answers.clear()
        self.ask(REQUEST, NS(name.encode()) + NS(service) + NS(method) + payload)
        return list(self.auth.answers)

    def try_password(self, name: str, password: str) -> list[int]:
        return self.try_auth(name, b"password", b"\0" + NS(password.encode()))

    def offer_key(self, name: str, key: keys.Key, *, algorithm: bytes = b"") -> list[int]:
        """Ask whether a key would do, without a signature."""
        return self.try_auth(name, b"publickey", b"\0" + NS(algorithm or key.sshType()) + NS(key.public().blob()))

    def try_key(
        self,
        name: str,
        key: keys.Key,
        *,
        service: bytes = b"ssh-connection",
        algorithm: bytes = b"",
        signer: keys.Key | None = None,
        signed_name: str = "",
        signed_as: bytes = b"",
        session: bytes | None = None,
    ) -> list[int]:
        """Try to come in with a key; the last four make the signature another's, or one of something else."""
        algorithm = algorithm or key.sshType()
        asked = b"\1" + NS(algorithm) + NS(key.public().blob())
        whose = NS((signed_name or name).encode())
        request = bytes([REQUEST]) + whose + NS(service) + NS(b"publickey") + asked
        signature = (signer or key).sign(NS(session or self.sessionID or b"") + request, signed_as or algorithm)
        return self.try_auth(name, b"publickey", asked + NS(signature), service)

    def open(self, **channel: Any) -> Session:
        """Open a session channel; `channel` are its windows."""
        session = Session(**channel)
        self.connection.openChannel(session)  # type: ignore[no-untyped-call]
        self.gate.turn()
        return session

    def run(self, command: str, **channel: Any) -> Session:
        """Run a command."""
        session = self.open(**channel)
        session.request(b"exec", NS(command.encode()))
        return session

    def open_by_hand(self, kind: bytes, number: int = 7, window: int = 65_536, packet: int = 32_768) -> None:
        """Ask for a channel that the client knows nothing of."""
        self.sendPacket(MSG_CHANNEL_OPEN, NS(kind) + struct.pack(">3L", number, window, packet))


class Auth(SSHService):
    """The client's side of authentication, which notes what the server says."""

    name = b"ssh-userauth"
    transport: Client

    def __init__(self) -> None:
        self.banner = ""
        self.answers: list[int] = []
        self.methods: list[bytes] = []

    def packetReceived(self, messageNum: int, packet: bytes) -> None:  # noqa: N803
        if messageNum == BANNER:
            self.banner += getNS(packet)[0].decode()
            return
        self.answers.append(messageNum)
        if messageNum == FAILURE:
            self.methods = getNS(packet)[0].split(b",")
        elif messageNum == SUCCESS:
            self.transport.setService(self.transport.connection)  # type: ignore[no-untyped-call]


class Connection(SSHConnection):
    """The client's side of the channels; it counts how many were refused, of those that it does not know."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.refused = 0

    def ssh_CHANNEL_OPEN_FAILURE(self, packet: bytes) -> None:
        if struct.unpack(">L", packet[:4])[0] in self.channels:
            super().ssh_CHANNEL_OPEN_FAILURE(packet)  # type: ignore[no-untyped-call]
        else:
            self.refused += 1


class Session(SSHChannel):
    """The client's end of a session channel, which notes what comes."""

    name = b"session"
    conn: Any

    def __init__(self, **channel: Any) -> None:
        super().__init__(**channel)
        self.opened = self.ended = self.is_closed = False
        self.refused: Any = None
        self.out, self.err = b"", b""
        self.status: int | None = None

    def channelOpen(self, specificData: bytes) -> None:  # noqa: N803
        self.opened = True

    def openFailed(self, reason: Any) -> None:
        self.refused = reason

    def dataReceived(self, data: bytes) -> None:
        self.out += data

    def extReceived(self, dataType: int, data: bytes) -> None:  # noqa: N803
        assert dataType == 1
        self.err += data

    def eofReceived(self) -> None:
        self.ended = True

    def closed(self) -> None:
        self.is_closed = True

    def request_exit_status(self, data: bytes) -> int:
        assert self.status is None, "ended twice"
        (self.status,) = struct.unpack(">L", data)
        return 1

    @property
    def gate(self) -> Gate:
        return self.conn.transport.gate  # type: ignore[no-any-return]

    def request(self, kind: bytes, data: bytes = b"") -> bool:
        """Ask for something; return whether the server has agreed, False also while it has not said."""
        answers: list[bool] = []
        answered = self.conn.sendRequest(self, kind, data, wantReply=1)
        answered.addCallbacks(lambda _: answers.append(True), lambda _: answers.append(False))
        self.gate.turn()
        return answers == [True]

    def terminal(self, *, columns: int = 80, rows: int = 24, term: bytes = b"xterm") -> bool:
        """Ask for a terminal."""
        return self.request(b"pty-req", NS(term) + struct.pack(">4L", columns, rows, 0, 0) + NS(b""))

    def type(self, text: str | bytes) -> None:
        self.write(text.encode() if isinstance(text, str) else text)  # type: ignore[no-untyped-call]
        self.gate.turn()

    def end_input(self) -> None:
        self.conn.sendEOF(self)
        self.gate.turn()

    def read(self) -> str:
        """Return the output since the last look."""
        out, self.out = self.out, b""
        return out.decode()
