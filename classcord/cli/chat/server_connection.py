"""The connection to a server, plain or TLS, and the check of its certificate.

Knows no protocol: bytes in, bytes out, and a Failure that says what to do if there is no connection.
"""

from __future__ import annotations

import hashlib
import re
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import msgspec

from classcord.chat.text import N_
from classcord.cli.chat.failure import Failure
from classcord.system_errors import in_words

PORT = 12345
TLS_PORT = 12346
_LONGEST_WAIT = 10.0  # seconds, for the connection and for its handshake


class Address(msgspec.Struct, frozen=True):
    """Server and user: [user@]host[:port]; an IPv6 address with a port stands in brackets (RFC 3986 §3.2.2)."""

    user: str | None
    host: str
    port: int | None

    @classmethod
    def of(cls, text: str) -> Address:
        """Parse an address; ValueError if it is not one."""
        user, at, place = text.rpartition("@")
        match = re.fullmatch(r"\[([^]]+)\](?::(\d+))?|([^:]+)(?::(\d+))?|([0-9a-fA-F:.]+)", place, re.ASCII)
        if match is None or (at and not user):
            raise ValueError(text)
        port = match[2] or match[4]
        if port and not 0 < int(port) < 65_536:
            raise ValueError(text)
        return cls(user or None, match[1] or match[3] or match[5], int(port) if port else None)


class Trust(msgspec.Struct, frozen=True):
    """Which certificates are accepted: one with this fingerprint; else any, or one that an authority has signed.

    The authority is the one in the file `authority`, or one that this machine trusts.
    """

    fingerprint: str | None = None
    any: bool = False
    authority: Path | None = None


def connect(host: str, port: int, trust: Trust | None) -> socket.socket:
    """Open a connection, with TLS if `trust` is given; raises Failure with the remedy."""
    values = {"host": host, "port": port}
    context = _context(trust) if trust is not None else None
    try:
        plain = socket.create_connection((host, port), timeout=_LONGEST_WAIT)
    except (socket.gaierror, UnicodeError):  # UnicodeError: it could not be a host name
        raise Failure(N_("There is no machine called “{host}”; check the name."), **values) from None
    except OSError:
        raise Failure(
            N_("No server answers at {host}, port {port}. Start one there (make run), or check the host and the port."),
            **values,
        ) from None
    if trust is None or context is None:
        return plain
    if trust.fingerprint or trust.any:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        secure = context.wrap_socket(plain, server_hostname=host)
    except ssl.SSLCertVerificationError as reason:
        raise Failure(
            N_(
                "The certificate of {host} is not to be believed ({reason}). If its fingerprint is the one that your "
                "administrator gives, add --fingerprint {fingerprint}, or --ca FILE with the certificate of your "
                "school's authority; for a first look, --insecure."
            ),
            reason=in_words(reason),
            fingerprint=_unverified_fingerprint(host, port),
            **values,
        ) from None
    except OSError:
        raise Failure(
            N_("{host}, port {port}, does not speak TLS; leave --tls out, or check the port."), **values
        ) from None
    found = fingerprint(secure)
    if trust.fingerprint not in {None, found}:
        secure.close()
        raise Failure(
            N_(
                "The certificate of {host} has the fingerprint {fingerprint}, not the one you gave: it was replaced, "
                "or somebody is in between. Ask your administrator."
            ),
            fingerprint=found,
            **values,
        )
    return secure


def _context(trust: Trust) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=trust.authority)
    except ssl.SSLError:
        raise Failure(N_("{file}: this is no certificate in PEM."), file=trust.authority) from None
    except OSError as reason:
        raise Failure("{file}: {reason}", file=trust.authority, reason=in_words(reason)) from None


def fingerprint(secure: socket.socket) -> str:
    """Return the fingerprint of the server's certificate."""
    assert isinstance(secure, ssl.SSLSocket)
    return _fingerprint(secure.getpeercert(binary_form=True) or b"")


def _unverified_fingerprint(host: str, port: int) -> str:
    """Connect again to read the certificate: a failed handshake does not keep it."""
    try:
        certificate = ssl.get_server_certificate((host, port), timeout=_LONGEST_WAIT)
    except OSError:
        return "sha256:..."
    return _fingerprint(ssl.PEM_cert_to_DER_cert(certificate))


def _fingerprint(certificate: bytes) -> str:
    return read_fingerprint(hashlib.sha256(certificate).hexdigest())


def read_fingerprint(text: str) -> str:
    """Return a fingerprint as the server prints it, from any usual notation; ValueError if it is not one."""
    digits = re.sub(r"^sha-?256[:=]|[:\s]", "", text.strip().lower())
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise ValueError(text)
    return f"sha256:{bytes.fromhex(digits).hex(':').upper()}"


class Stream:
    """A connection that never blocks; `fileno` is for a selector."""

    _NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        self._socket = connected
        self._unsent = b""

    def fileno(self) -> int:
        """Return the descriptor for a selector."""
        return self._socket.fileno()

    @property
    def stuck(self) -> bool:
        """Whether data wait until the network accepts more."""
        return bool(self._unsent)

    def send(self, data: bytes) -> None:
        """Send what can be sent now, and keep the rest for the next call."""
        self._unsent += data
        try:
            while self._unsent:
                self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except self._NOT_NOW:
            pass
        except OSError:  # `receive` reports it, after it has returned what the server sent before
            self._unsent = b""

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def receive(self) -> Iterator[bytes]:
        """Yield the data that have arrived; b"" is the end of the connection."""
        while True:
            try:
                data = self._socket.recv(65_536)
            except self._NOT_NOW:
                return
            except OSError:
                data = b""
            yield data
            if not data:
                return
