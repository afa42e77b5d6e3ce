"""A small SSH server with nothing but the sftp subsystem, to try real clients on; run as a script.

    python sftp_server.py FOLDER ROLE BOUND USER_KEY.pub

It makes its host key, prints its port and that key, then a line of JSON for each entry of the audit trail, and runs
until its standard input ends.
"""

from __future__ import annotations

import json
import struct
import sys
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from twisted.conch.avatar import ConchUser
from twisted.conch.checkers import InMemorySSHKeyDB, SSHPublicKeyChecker
from twisted.conch.ssh.common import getNS
from twisted.conch.ssh.connection import EXTENDED_DATA_STDERR
from twisted.conch.ssh.factory import SSHFactory
from twisted.conch.ssh.keys import Key
from twisted.conch.ssh.session import SSHSession
from twisted.cred.portal import IRealm, Portal
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.protocol import Protocol
from twisted.internet.stdio import StandardIO
from zope.interface import implementer

from classcord.chat.policy import Policy
from classcord.chat.roles import Role
from classcord.chat.world import World
from classcord.faces.ssh.sftp import SFTPSession
from classcord.faces.ssh.sftp_files import Files


class Channel(SSHSession):
    """A session channel that is the carrier of its subsystem."""

    files: Any
    reactor: Any

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._program: SFTPSession | None = None
        self._waiting: list[Deferred[None]] = []
        self._held: int | None = None
        self._gone = False

    def request_subsystem(self, data: bytes) -> int:
        if getNS(data)[0] != b"sftp" or self._program:
            return 0
        self._program = SFTPSession(self.files(), self, self.reactor)
        return 1

    def dataReceived(self, data: bytes) -> None:
        if self._program:
            self._program.received(data)

    def eofReceived(self) -> None:
        if self._program:
            self._program.input_ended()

    def closed(self) -> None:
        self._gone = True
        if self._program:
            self._program.lost()
        while self._waiting:
            self._waiting.pop().errback(ConnectionError())

    def startWriting(self) -> None:
        while self._waiting:
            self._waiting.pop().callback(None)

    def write_error(self, data: bytes) -> None:
        SSHSession.writeExtended(self, EXTENDED_DATA_STDERR, data)

    def ready(self) -> Deferred[None]:
        if self._gone:
            return fail(ConnectionError())
        if not self.buf:
            return succeed(None)
        self._waiting.append(Deferred())
        return self._waiting[-1]

    def end(self, status: int) -> None:
        assert self.conn
        self.conn.sendRequest(self, b"exit-status", struct.pack(">L", status))
        self.loseConnection()

    def pause(self) -> None:
        """The window is refilled by conch; what comes meanwhile is bounded by the SFTPSession."""

    def resume(self) -> None:
        pass


@implementer(IRealm)
class Realm:
    def requestAvatar(self, _name: object, _mind: object, *interfaces: Any) -> tuple[Any, Any, Any]:
        user = ConchUser()
        user.channelLookup[b"session"] = Channel
        return interfaces[0], user, lambda: None


class UntilInputEnds(Protocol):
    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    def connectionLost(self, reason: object = None) -> None:
        if self._reactor.running:
            self._reactor.stop()


def main(folder: str, role: str, bound: str, user_key: str) -> None:
    from twisted.internet import reactor

    running: Any = reactor
    host_key = Key(Ed25519PrivateKey.generate())
    keys = InMemorySSHKeyDB({b"prof": [Key.fromFile(user_key)]})
    factory: Any = SSHFactory()
    factory.publicKeys = {b"ssh-ed25519": host_key.public()}
    factory.privateKeys = {b"ssh-ed25519": host_key}
    factory.portal = Portal(Realm(), [SSHPublicKeyChecker(keys)])

    def audit(action: str, path: str, to: str = "") -> None:
        print(json.dumps([action, path, to]), flush=True)

    rights = World(Policy())
    Channel.reactor = running
    Channel.files = staticmethod(
        lambda: Files(Path(folder), partial(rights.role_may, Role.of(role)), int(bound), audit)
    )
    port = running.listenTCP(0, factory, interface="127.0.0.1")
    print(port.getHost().port, host_key.public().toString("OPENSSH").decode(), flush=True)
    StandardIO(UntilInputEnds(running))
    running.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
