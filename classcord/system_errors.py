"""What the operating system refuses, in words that are translated: files, disks, sockets, names of hosts, certificates.

The English words are those of errno(3), which administrators know; the catalogue has them in French. Knows no file and
no program: whoever shows these words says before them what was tried, and with what.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl

from classcord.chat.text import N_, Text

_WORDS = {
    errno.EPERM: N_("Operation not permitted"),
    errno.EACCES: N_("Permission denied"),
    errno.ENOENT: N_("No such file or directory"),
    errno.EEXIST: N_("File exists"),
    errno.ENOTDIR: N_("Not a directory"),
    errno.EISDIR: N_("Is a directory"),
    errno.ENOTEMPTY: N_("Directory not empty"),
    errno.ENAMETOOLONG: N_("File name too long"),
    errno.ELOOP: N_("Too many levels of symbolic links"),
    errno.EXDEV: N_("Invalid cross-device link"),
    errno.ENOSPC: N_("No space left on device"),
    errno.EDQUOT: N_("Disk quota exceeded"),
    errno.EFBIG: N_("File too large"),
    errno.EROFS: N_("Read-only file system"),
    errno.EIO: N_("Input/output error"),
    errno.ESTALE: N_("Stale file handle"),
    errno.ENXIO: N_("No such device or address"),
    errno.EINVAL: N_("Invalid argument"),
    errno.ENOTSUP: N_("Operation not supported"),
    errno.ENOEXEC: N_("Exec format error"),
    errno.EBUSY: N_("Device or resource busy"),
    errno.EAGAIN: N_("Resource temporarily unavailable"),
    errno.ENOLCK: N_("No locks available"),
    errno.EMFILE: N_("Too many open files"),
    errno.ENFILE: N_("Too many open files in system"),
    errno.ENOMEM: N_("Cannot allocate memory"),
    errno.EADDRINUSE: N_("Address already in use"),
    errno.EADDRNOTAVAIL: N_("Cannot assign requested address"),
    errno.EAFNOSUPPORT: N_("Address family not supported by protocol"),
    errno.ECONNREFUSED: N_("Connection refused"),
    errno.ECONNRESET: N_("Connection reset by peer"),
    errno.ECONNABORTED: N_("Software caused connection abort"),
    errno.EPIPE: N_("Broken pipe"),
    errno.ENOTCONN: N_("Transport endpoint is not connected"),
    errno.ETIMEDOUT: N_("Connection timed out"),
    errno.EHOSTUNREACH: N_("No route to host"),
    errno.ENETUNREACH: N_("Network is unreachable"),
}
"""By their numbers, as the C library says them, but in one spelling on every system."""
_NAMES = {
    socket.EAI_NONAME: N_("no host has this name"),
    socket.EAI_AGAIN: N_("the DNS gives no answer about this name"),
}
"""What comes of looking up the name of a host (getaddrinfo(3))."""
_CERTIFICATES = {
    9: N_("it is not valid yet"),
    10: N_("it has expired"),
    18: N_("it is self-signed, and not among those that are trusted"),
    19: N_("it was issued by an authority that is not trusted"),
    20: N_("it was issued by an authority that is not trusted"),
    21: N_("it was issued by an authority that is not trusted"),
    23: N_("it was revoked"),
    62: N_("it is for another host name"),
    64: N_("it is for another address"),
}
"""Why a certificate is not accepted, by OpenSSL's numbers (X509_STORE_CTX_get_error(3))."""
NOT_A_FILE = N_("not a regular file")
"""What durable.py says of a pipe, a device or a folder."""
_OTHER = N_("system error {code}")
_TLS = N_("TLS was not possible ({reason})")
_NO_TLS = N_("what answers does not speak TLS")


def in_words(error: BaseException | int) -> Text:
    """Return why something failed: an error of the system, or its number; any other error in its own words."""
    if isinstance(error, int):
        return _numbered(error)
    if isinstance(error, ssl.SSLError):
        return _of_tls(error)
    if isinstance(error, socket.gaierror) and error.errno in _NAMES:
        return Text(_NAMES[error.errno])
    if isinstance(error, OSError) and error.strerror == NOT_A_FILE:
        return Text(NOT_A_FILE)
    if isinstance(error, OSError) and not isinstance(error, socket.gaierror) and error.errno is not None:
        return _numbered(error.errno)
    if isinstance(error, TimeoutError):
        return _numbered(errno.ETIMEDOUT)
    return Text("{why}", {"why": str(error) or type(error).__name__})


def _numbered(number: int) -> Text:
    words = _WORDS.get(number)
    if words is not None:
        return Text(words)
    code = errno.errorcode.get(number)
    return Text(_OTHER, {"code": f"{number} ({code}: {os.strerror(number)})" if code else number})


def _of_tls(error: ssl.SSLError) -> Text:
    if isinstance(error, ssl.SSLCertVerificationError):
        words = _CERTIFICATES.get(error.verify_code)
        return Text(words) if words is not None else Text("{why}", {"why": error.verify_message})
    return tls_in_words(error.reason or error.strerror or type(error).__name__)


def tls_in_words(reason: str) -> Text:
    """Return why TLS was not possible; `reason` is OpenSSL's, as `ssl` or as pyOpenSSL writes it."""
    if reason.upper().replace(" ", "_") in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL"}:
        return Text(_NO_TLS)
    return Text(_TLS, {"reason": reason})
