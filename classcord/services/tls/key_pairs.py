"""Replaces a key and its certificate at once: a reader sees both old files, or both new ones.

Two files cannot be renamed at once, but one link can. `key.pem` and `cert.pem` are links through `.current`, which
points to a folder with both files. A new pair is a new folder, and takes effect when `.current` is renamed. If the
process is killed before that, the old pair stays; after that, the new pair is in use. Knows no certificates.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from classcord.chat.text import N_
from classcord.durable import created, give_to_owner, keep, keep_names
from classcord.services.tls.certificates import CERTIFICATE, KEY, CertificateError
from classcord.system_errors import in_words

CURRENT = ".current"
PAIR = ".pair-"


def make_folder(folder: Path) -> None:
    """Create a folder and its parents, private to their owner; an existing folder stays as it is."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        with suppress(FileExistsError):
            each.mkdir(mode=0o700)
            give_to_owner(each, each.parent)


def install(directory: Path, key: bytes, certificate: bytes) -> None:
    """Install a pair in `directory` in place of the old one; CertificateError if that fails."""
    try:
        make_folder(directory)
        with _alone(directory):
            pair = _written(directory, {KEY: key, CERTIFICATE: certificate})
            if all((directory / name).exists() for name in (KEY, CERTIFICATE)):
                _make_links(directory)
                _point(directory / CURRENT, pair.name)
            else:  # there is no pair to protect, and nobody uses a key without a certificate
                _point(directory / CURRENT, pair.name)
                _link_both(directory)
            keep_names(directory)
            _clear(directory, pair)
    except OSError as error:
        raise CertificateError(N_("{file}: {why}."), file=error.filename or directory, why=in_words(error)) from error


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Lock the folder, so that only one process at a time installs a pair."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _written(directory: Path, contents: dict[str, bytes]) -> Path:
    """Return a new folder with these files, to which no link points yet."""
    pair = Path(tempfile.mkdtemp(prefix=PAIR, dir=directory))  # 0700
    give_to_owner(pair, directory)
    for name, content in contents.items():
        with created(pair / name) as out:
            out.write(content)
            keep(out)
    keep_names(pair)
    return pair


def _make_links(directory: Path) -> None:
    """Move files that lie in `directory` itself into a pair, behind links.

    A reader sees the same content all the time.
    """
    if all(_leads_to(directory / name) == f"{CURRENT}/{name}" for name in (KEY, CERTIFICATE)):
        return
    present = {name: (directory / name).read_bytes() for name in (KEY, CERTIFICATE)}
    _point(directory / CURRENT, _written(directory, present).name)
    _link_both(directory)


def _link_both(directory: Path) -> None:
    for name in (KEY, CERTIFICATE):
        _point(directory / name, f"{CURRENT}/{name}")


def _leads_to(file: Path) -> str:
    return os.readlink(file) if file.is_symlink() else ""  # noqa: PTH115 (as it is written, without normalisation)


def _point(link: Path, target: str) -> None:
    """Change the target of a link, or replace a file by a link, atomically."""
    draft = link.with_name(f"{PAIR}{secrets.token_hex(8)}")
    draft.symlink_to(target)
    try:
        draft.rename(link)
    except BaseException:
        draft.unlink()
        raise


def _clear(directory: Path, kept: Path) -> None:
    """Remove the pairs to which no link points, and what a killed process has left."""
    for each in directory.glob(f"{PAIR}*"):
        if each.is_symlink():
            each.unlink()
        elif each != kept:
            shutil.rmtree(each, ignore_errors=True)
