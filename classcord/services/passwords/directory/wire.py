"""The bytes to and from a server of a directory: a socket with a bound on every wait, and TLS by Python's ssl.

libldap's own TLS is not used: with GnuTLS, as Debian builds it, a server that takes a connection and stays silent keeps
its handshake busy for ever, whatever timeout is set. It is given one end of a pair of sockets instead, and a thread
carries the bytes between the other end and TLS. Knows one message of LDAP, StartTLS, and no person.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
from contextlib import suppress
from urllib.parse import urlsplit

from classcord.chat.text import N_
from classcord.services.passwords.directory.options import DirectoryOptions
from classcord.services.passwords.directory.visit import DirectoryError
from classcord.system_errors import in_words

PORTS = {"ldap": 389, "ldaps": 636}
START_TLS = bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037"  # RFC 4511 §4.14.1, message 1
LONGEST_ANSWER = 4_096  # to StartTLS
_CHUNK = 65_536


def connected(url: str, options: DirectoryOptions) -> socket.socket:
    """Return a socket that speaks plain LDAP with this server, within TLS where the options say so.

    The certificate must be valid and for the host of the URL. DirectoryError says why there is none.
    """
    place = urlsplit(url)
    host, port = place.hostname or "", place.port or PORTS[place.scheme.lower()]
    opened: socket.socket | None = None
    try:
        opened = socket.create_connection((host, port), options.timeout)
        if not options.encrypts(url):
            return opened
        context = ssl.create_default_context(cafile=options.ca_file or None)
        if place.scheme.lower() == "ldap":
            _start_tls(opened)
        opened = context.wrap_socket(opened, server_hostname=host)
    except (OSError, ValueError, DirectoryError) as error:
        if opened is not None:
            opened.close()
        raise _refusal(error) from None
    ours, theirs = socket.socketpair()
    threading.Thread(target=_carry, args=(opened, ours), name="directory TLS", daemon=True).start()
    return theirs


def _refusal(error: OSError | ValueError | DirectoryError) -> DirectoryError:
    if isinstance(error, DirectoryError):
        return error
    if isinstance(error, ssl.SSLCertVerificationError):
        return DirectoryError(N_("its certificate is not accepted ({why})"), why=in_words(error))
    if isinstance(error, TimeoutError):
        return DirectoryError(N_("it does not answer in time"))
    return DirectoryError(N_("it cannot be reached ({why})"), why=in_words(error))


def _start_tls(opened: socket.socket) -> None:
    """Ask for TLS; DirectoryError if the server has none."""
    opened.sendall(START_TLS)
    answer = b""
    while len(answer) < 2 or len(answer) < _length(answer):
        part = opened.recv(_CHUNK)
        answer += part
        if not part or len(answer) > LONGEST_ANSWER:
            raise DirectoryError(N_("it does not answer STARTTLS"))
    if b"\x0a\x01\x00" not in answer[:20]:  # the result code: success
        raise DirectoryError(N_("it refuses STARTTLS: it may have no certificate"))


def _length(answer: bytes) -> int:
    """Return how long a message is of which at least two bytes are there (BER, X.690 §8.1.3)."""
    first = answer[1]
    if first < 0x80:
        return 2 + first
    count = first & 0x7F
    return 2 + count + int.from_bytes(answer[2 : 2 + count], "big") if len(answer) >= 2 + count else LONGEST_ANSWER


def _carry(tls: socket.socket, ours: socket.socket) -> None:
    """Carry bytes both ways until one side ends; a peer that takes or gives nothing in the middle of them ends it."""
    assert isinstance(tls, ssl.SSLSocket)
    with tls, ours, selectors.DefaultSelector() as selector, suppress(OSError):
        selector.register(tls, selectors.EVENT_READ)
        selector.register(ours, selectors.EVENT_READ)
        while True:
            ready = {tls} if tls.pending() else {key.fileobj for key, _ in selector.select()}
            if ours in ready and not _passed_on(ours, tls):
                return
            if tls in ready and not _passed_on(tls, ours):
                return


def _passed_on(source: socket.socket, target: socket.socket) -> bool:
    data = source.recv(_CHUNK)
    target.sendall(data)
    return bool(data)
