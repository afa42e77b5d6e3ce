"""The server's own SSH key: created at the first start, kept in DATA, read at each later start.

Knows no connection.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from twisted.conch.ssh.keys import BadKeyError, EncryptedKeyError, Key

from classcord.chat.text import N_, Text
from classcord.durable import write
from classcord.language import terminal_language, translator
from classcord.services.administration.key_lines import fingerprint
from classcord.system_errors import in_words

FILE = "ssh_host_ed25519_key"


class HostKeyError(Exception):
    """The key cannot be used; the message says in one line why, and what would be right."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render(translator(terminal_language())))


class HostKey:
    """A key pair; `fingerprint` is what a client shows at its first connection."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.fingerprint = fingerprint(key)


def host_key(folder: Path) -> HostKey:
    """Return the key in a folder, created if there is none; HostKeyError if it cannot be used."""
    file = folder / FILE
    if not file.exists():
        _make(file)
    try:
        if file.stat().st_mode & 0o077:
            raise HostKeyError(N_("{file}: others may read this key: chmod 600 {file}"), file=file)
        key = Key.fromString(file.read_bytes())
    except (BadKeyError, EncryptedKeyError, ValueError, IndexError):
        raise HostKeyError(
            N_("{file}: this is no SSH host key; move it away, and the next start makes another one"), file=file
        ) from None
    except OSError as error:
        raise HostKeyError(N_("{file}: {why}"), file=file, why=in_words(error)) from None
    if key.type() != "Ed25519" or key.isPublic():
        raise HostKeyError(
            N_("{file}: this is no SSH host key; move it away, and the next start makes another one"), file=file
        )
    return HostKey(key)


def _make(file: Path) -> None:
    """Write a new key file, complete or not at all."""
    data = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = Key.fromString(data).public().toString("openssh")
    write(file.with_name(f"{file.name}.pub"), public + b"\n", 0o644)
    write(file, data)
