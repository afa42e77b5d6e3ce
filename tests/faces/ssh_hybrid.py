"""Conch's client with the one exchange of keys that it lacks, for the tests: mlkem768x25519-sha256.

Source: draft-ietf-sshm-mlkem-hybrid-kex.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import x25519
from twisted.conch.ssh import keys
from twisted.conch.ssh.common import NS, getNS
from twisted.conch.ssh.transport import MSG_KEX_DH_GEX_REQUEST, SSHClientTransport

ML_KEM = b"mlkem768x25519-sha256"
MSG_KEX_HYBRID_INIT = 30


class HybridClient(SSHClientTransport):
    """A client that can agree on keys by ML-KEM too."""

    host_key: bytes
    _kem: Any
    _x: x25519.X25519PrivateKey

    def sendPacket(self, messageType: int, payload: bytes) -> None:  # noqa: N803
        """Send a packet; where Conch takes the exchange of keys for one of groups, ours."""
        if messageType == MSG_KEX_DH_GEX_REQUEST and self.kexAlg == ML_KEM:
            from cryptography.hazmat.primitives.asymmetric import mlkem  # older ones have none

            self._kem, self._x = mlkem.MLKEM768PrivateKey.generate(), x25519.X25519PrivateKey.generate()
            self._public = self._kem.public_key().public_bytes_raw() + self._x.public_key().public_bytes_raw()
            messageType, payload = MSG_KEX_HYBRID_INIT, NS(self._public)  # noqa: N806
        super().sendPacket(messageType, payload)  # type: ignore[no-untyped-call]

    def ssh_KEX_DH_GEX_GROUP(self, packet: bytes) -> None:
        if self.kexAlg != ML_KEM:
            super().ssh_KEX_DH_GEX_GROUP(packet)  # type: ignore[no-untyped-call]
            return
        self.host_key, reply, signature, _ = getNS(packet, 3)
        theirs = x25519.X25519PublicKey.from_public_bytes(reply[-32:])
        secret = NS(sha256(self._kem.decapsulate(reply[:-32]) + self._x.exchange(theirs)).digest())
        words = (self.ourVersionString, self.otherVersionString, self.ourKexInitPayload, self.otherKexInitPayload)
        exchange = sha256(b"".join(map(NS, (*words, self.host_key, self._public, reply))) + secret).digest()
        assert keys.Key.fromString(self.host_key).verify(signature, exchange)
        self._keySetup(secret, exchange)  # type: ignore[no-untyped-call]
