"""The key in a data folder that signs the purges of the audit trail, and its public half. Knows no trail."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from classcord.chat.text import N_, Text
from classcord.durable import write
from classcord.system_errors import in_words

KEY = "audit_key"  # its file in DATA
PUBLIC_KEY = "audit_key.pub"


class TrailKeyError(Exception):
    """The key of the audit trail cannot be used; `text` says which file is wrong and why."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())


def signing_key(folder: Path) -> Ed25519PrivateKey:
    """Return the key in a data folder; if there is none, create it and its public half. TrailKeyError if that fails."""
    private, public = folder / KEY, folder / PUBLIC_KEY
    try:
        if os.path.lexists(private):
            key = _loaded(private)
        elif os.path.lexists(public):
            raise TrailKeyError(
                N_("{file}: the private key of this public one is missing; put it back, or move this file elsewhere"),
                file=public,
            )
        else:
            key = Ed25519PrivateKey.generate()
            write(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), mode=0o600)
        if not os.path.lexists(public):
            write(public, _public(key.public_key()), mode=0o644)
        elif public.read_bytes() != _public(key.public_key()):
            raise TrailKeyError(N_("{file}: this is not the public half of {key}"), file=public, key=private)
    except OSError as error:
        raise _failed(error, private) from error
    return key


def public_key(file: Path) -> Ed25519PublicKey:
    """Return the public key in a file; TrailKeyError if there is none."""
    try:
        found = load_pem_public_key(file.read_bytes())
    except OSError as error:
        raise _failed(error, file) from error
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PublicKey):
        raise TrailKeyError(N_("{file}: this is no public key of an audit trail (Ed25519, in PEM)"), file=file)
    return found


def _loaded(file: Path) -> Ed25519PrivateKey:
    try:
        found = load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise TrailKeyError(N_("{file}: this is no key of an audit trail (Ed25519, in PEM)"), file=file)
    return found


def _public(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _failed(error: OSError, file: Path) -> TrailKeyError:
    return TrailKeyError(N_("{file}: {why}."), file=error.filename or file, why=in_words(error))
