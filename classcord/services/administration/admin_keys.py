"""The administrators' keys: admin_keys/NAME.pub, in OpenSSH's format, read again when they change.

Each line is a key, with options before it: `role="moderator"`, `from="10.0.0.0/8"`, `expiry-time="20270701"`. Knows
keys, not what their owners do. Source of the format: sshd(8), "AUTHORIZED_KEYS FILE FORMAT".
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import stat
import struct
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from pathlib import Path

import msgspec
from twisted.conch.ssh.keys import BadKeyError, EncryptedKeyError, Key
from twisted.logger import Logger

from classcord.chat.errors import ChatError
from classcord.chat.names import check_username, name_key
from classcord.chat.roles import Role
from classcord.chat.text import N_, Text
from classcord.durable import read

LARGEST = 65_536  # bytes of a key file
LEAST_RSA = 2048  # bits
KINDS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa")
_RESTRICTIONS = frozenset(
    {"restrict", "no-agent-forwarding", "no-port-forwarding", "no-x11-forwarding", "no-user-rc", "pty", "no-pty"}
)  # of what is not offered anyway
_OPTION = re.compile(r'([A-Za-z0-9-]+)(?:="((?:[^"\\]|\\.)*)")?(,|[ \t]+)')


class _Broken(Exception):
    """A line that is no key; its argument is a template, its keywords are its values."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())


class AdminKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key, whose it is, and when it counts; `blob` is its SSH wire format, `expires_at` seconds since 1970."""

    name: str
    role: Role
    fingerprint: str
    blob: bytes
    sources: tuple[str, ...] = ()
    expires_at: float | None = None

    def counts(self, address: str, now: float) -> bool:
        """Whether the key counts for somebody at `address` at this time."""
        return (self.expires_at is None or now < self.expires_at) and _is_from(self.sources, address)


class AdminKeys:
    """The keys of a folder."""

    log = Logger()

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: object = None
        self._keys: dict[str, list[AdminKey]] = {}
        self.problems: list[Text] = []
        """What was passed over, by file and line."""
        self.look()

    def look(self) -> bool:
        """Read the keys again if something has changed; return whether it had."""
        files, seen = self._files()
        if seen == self._seen:
            return False
        self._seen = seen
        self._keys, self.problems = {}, []
        for file in files:
            self._read(file)
        for problem in self.problems:
            self.log.warn("{problem}", problem=problem.render())
        return True

    def _files(self) -> tuple[list[Path], object]:
        """Return the key files, and a value that differs when one of them does."""
        try:
            folder = self._folder.stat()
            files = sorted(file for file in self._folder.iterdir() if file.suffix == ".pub")
        except OSError as error:
            return [], error.errno
        found: list[object] = []
        for file in files:
            try:
                status = file.stat()
            except OSError as error:
                found.append((file.name, error.errno))
            else:
                found.append((file.name, status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode))
        return files, (folder.st_mode, tuple(found))

    def _problem(self, template: str, file: Path, **values: object) -> None:
        self.problems.append(Text(template, {"file": file, **values}))

    def _read(self, file: Path) -> None:
        try:
            name = check_username(os.fsencode(file.stem).decode(errors="surrogateescape"))
            status = file.stat()
            if not stat.S_ISREG(status.st_mode):
                raise _Broken(N_("this is not a file"))
            if (status.st_mode | self._folder.stat().st_mode) & 0o022:
                raise _Broken(N_("others may write it: chmod go-w {file} {folder}"), file=file, folder=self._folder)
            if status.st_size > LARGEST:
                raise _Broken(N_("it is larger than {limit} bytes"), limit=LARGEST)
            text = read(file).decode("utf-8")
        except ChatError as error:
            self._problem(N_("{file}: {why}"), file, why=error.text)
        except _Broken as broken:
            self._problem(N_("{file}: {why}"), file, why=broken.text)
        except UnicodeDecodeError:
            self._problem(N_("{file}: this is not text; put the public key there, one line"), file)
        except OSError as error:
            self._problem(N_("{file}: {why}"), file, why=error.strerror)
        else:
            self._read_lines(file, name, text)

    def _read_lines(self, file: Path, name: str, text: str) -> None:
        for number, line in enumerate(text.splitlines(), 1):
            stripped = line.strip()
            if not stripped or stripped.startswith("#"):
                continue
            try:
                key = parse(name, stripped)
            except _Broken as broken:
                self._problem(N_("{file}, line {line}: {why}"), file, line=number, why=broken.text)
                if "PRIVATE KEY" in line:
                    return
            else:
                self._keys.setdefault(name_key(name), []).append(key)

    def find(self, name: str, blob: bytes, address: str, now: float) -> AdminKey | None:
        """Return the key of this name that counts for somebody at `address` now."""
        keys = self._keys.get(name_key(name), ())
        return next((key for key in keys if key.blob == blob and key.counts(address, now)), None)

    def keys(self) -> list[AdminKey]:
        """Return all keys, also those that have expired."""
        return [key for keys in self._keys.values() for key in keys]

    def names(self) -> set[str]:
        """Return the names that have keys."""
        return {key.name for keys in self._keys.values() for key in keys}


def parse(name: str, line: str) -> AdminKey:
    """Return the key of a line that is neither empty nor a comment."""
    if "PRIVATE KEY" in line:
        raise _Broken(N_("this is a private key: keep it to yourself, and put NAME.pub here"))
    options, rest = _options(line)
    kind = rest.split(maxsplit=1)[0] if rest else ""
    if kind not in KINDS:
        raise _Broken(N_("keys are of the kinds {kinds}"), kinds=", ".join(KINDS))
    try:
        key = Key.fromString(rest.encode(), type="public_openssh")
    except (BadKeyError, EncryptedKeyError, ValueError, IndexError, TypeError, struct.error):
        raise _Broken(N_("this key cannot be read; copy the line of NAME.pub as a whole")) from None
    if key.type() == "RSA" and key.size() < LEAST_RSA:
        raise _Broken(N_("an RSA key needs {least} bits"), least=LEAST_RSA)
    return AdminKey(
        name=name,
        role=_role(options.get("role", "owner")),
        fingerprint=fingerprint(key),
        blob=key.blob(),
        sources=_sources(options.get("from")),
        expires_at=_expiry(options.get("expiry-time")),
    )


def fingerprint(key: Key) -> str:
    """Return a key's fingerprint as ssh-keygen -l shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key.public().blob()).digest()).decode().rstrip("=")


def _options(line: str) -> tuple[dict[str, str | None], str]:
    """Return the options at a line's beginning, and the rest."""
    options: dict[str, str | None] = {}
    if line.split(maxsplit=1)[0] in KINDS:
        return options, line
    place = 0
    while True:
        found = _OPTION.match(line, place)
        known = found and found[1].lower() in {"role", "from", "expiry-time", *_RESTRICTIONS}
        if not known and not (found and found[2]) and '="' not in line[place:].split(maxsplit=1)[0]:
            raise _Broken(N_("keys are of the kinds {kinds}"), kinds=", ".join(KINDS))
        if found is None:
            raise _Broken(N_('options stand before the key, as in role="moderator",from="10.0.0.0/8" ssh-ed25519 ...'))
        name = found[1].lower()
        if name in options:
            raise _Broken(N_("the option {option} stands there twice"), option=name)
        if not known:
            raise _Broken(N_("there is no option {option}; known are role, from and expiry-time"), option=name)
        options[name] = found[2]
        place = found.end()
        if found[3] != ",":
            return options, line[place:]


def _role(label: str | None) -> Role:
    if label not in {"moderator", "admin", "owner"}:
        raise _Broken(N_("role is moderator, admin or owner"))
    return Role.of(label)


def _sources(text: str | None) -> tuple[str, ...]:
    sources = tuple(part.strip() for part in (text or "").split(",") if part.strip())
    if text is not None and not sources:
        raise _Broken(N_("from names addresses and networks, as in 10.0.0.0/8,192.168.1.7"))
    for source in sources:
        bare = source.removeprefix("!")
        try:
            ip_network(bare)
        except ValueError:
            if not re.fullmatch(r"[0-9a-fA-F.:*?]+", bare):
                raise _Broken(N_("from names addresses and networks, as in 10.0.0.0/8,192.168.1.7")) from None
    return sources


def _is_from(sources: tuple[str, ...], address: str) -> bool:
    if not sources:
        return True
    if any(_matches(source[1:], address) for source in sources if source.startswith("!")):
        return False
    return any(_matches(source, address) for source in sources if not source.startswith("!"))


def _matches(source: str, address: str) -> bool:
    try:
        return ip_address(address) in ip_network(source)
    except ValueError:
        return fnmatchcase(address, source)


def _expiry(text: str | None) -> float | None:
    """Return when a key ends to count: YYYYMMDD or YYYYMMDDHHMM[SS], in local time unless it ends with Z."""
    if text is None:
        return None
    digits = text.removesuffix("Z")
    form = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}.get(len(digits))
    try:
        if form is None or not digits.isdecimal():
            raise ValueError
        then = datetime.strptime(digits, form)  # noqa: DTZ007
        return then.replace(tzinfo=timezone.utc).timestamp() if text.endswith("Z") else then.timestamp()
    except ValueError:
        raise _Broken(N_("expiry-time is a day or a time, as in 20270701 or 202707011200")) from None
