"""The text of a key file, as various programs save it, and its lines: options, then a public key.

Each line is a key, with options before it: `role="moderator"`, `from="10.0.0.0/8"`, `expiry-time="20270701"`. Knows no
folder. Sources: sshd(8), "AUTHORIZED_KEYS FILE FORMAT"; RFC 4716.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import hashlib
import re
import struct
from collections.abc import Iterator
from datetime import datetime, timezone
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network

import msgspec
from twisted.conch.ssh.common import getNS
from twisted.conch.ssh.keys import BadKeyError, EncryptedKeyError, Key

from classcord.chat.roles import Role
from classcord.chat.text import N_, Text

LEAST_RSA = 2048  # bits
KINDS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa")
_RESTRICTIONS = frozenset(
    {"restrict", "no-agent-forwarding", "no-port-forwarding", "no-x11-forwarding", "no-user-rc", "pty", "no-pty"}
)  # options that restrict what ClassCord does not offer anyway
_OPTION = re.compile(r'([A-Za-z0-9-]+)(?:="((?:[^"\\]|\\.)*)")?(,|[ \t]+)')
_RFC4716 = re.compile(
    r"^---- BEGIN SSH2 PUBLIC KEY ----[ \t]*\n((?:[^\n]*\n)*?)---- END SSH2 PUBLIC KEY ----[ \t]*$", re.MULTILINE
)
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class BrokenKey(Exception):
    """A file or a line that is not a key; its argument is a template, its keywords are the template's values."""

    def __init__(self, template: str, **values: object) -> None:
        self.text = Text(template, values)
        super().__init__(self.text.render())


class AdminKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key, its owner, and when it is valid.

    `blob` is its SSH wire format, `expires_at` is in seconds since 1970.
    """

    name: str
    role: Role
    fingerprint: str
    blob: bytes
    sources: tuple[str, ...] = ()
    expires_at: float | None = None

    def counts(self, address: str, now: float) -> bool:
        """Whether the key is valid for a client at `address` at this time."""
        return (self.expires_at is None or now < self.expires_at) and _is_from(self.sources, address)


def text_of(data: bytes) -> str:
    """Return the text of a key file: UTF-8 with or without BOM, UTF-16 as PowerShell writes it, windows-1252.

    The key itself is ASCII; only the comment behind it can contain other characters.
    """
    try:
        if data.startswith(_WIDE):
            text = data.decode("utf-16")
            if not any(character.isascii() and character.isalpha() for character in text):
                raise BrokenKey(N_("this is not text; put the public key there, one line"))
        else:
            text = _narrow(data)
    except UnicodeDecodeError:
        text = "\0"
    if any(ord(c) < 32 and c not in "\t\r\n\f\v" for c in text):
        raise BrokenKey(N_("this is not text; put the public key there, one line"))
    if text.startswith("PuTTY-User-Key-File"):
        raise BrokenKey(
            N_("this is PuTTY's private key: keep it to yourself, and put here what PuTTYgen shows to be pasted")
        )
    return text


def _narrow(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")


def key_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file that should be keys, with their numbers; a block of RFC 4716 counts as one line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for number, line in enumerate(_RFC4716.sub(_one_line, text).split("\n"), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped


def _one_line(block: re.Match[str]) -> str:
    """Return a block of RFC 4716 as one line in OpenSSH's format, then empty lines, so that line numbers stay."""
    body = re.sub(r"^[^\n:]{1,64}:(?:[^\n]*\\\n)*[^\n]*\n", "", block[1], flags=re.MULTILINE)  # its headers
    data = "".join(body.split())
    try:
        kind = getNS(base64.b64decode(data, validate=True))[0].decode("ascii")
    except (binascii.Error, struct.error, UnicodeDecodeError):
        kind = KINDS[0]  # parsing this key will fail, with a message
    return f"{kind} {data}" + "\n" * block[0].count("\n")


def parse(name: str, line: str) -> AdminKey:
    """Return the key of a line that is neither empty nor a comment."""
    if "PRIVATE KEY" in line:
        raise BrokenKey(N_("this is a private key: keep it to yourself, and put NAME.pub here"))
    if "SSH2 PUBLIC KEY" in line:
        raise BrokenKey(
            N_("this is a key in the format of RFC 4716, and not whole: ssh-keygen -i -f FILE makes one line of it")
        )
    options, rest = _options(line)
    kind = rest.split(maxsplit=1)[0] if rest else ""
    if kind not in KINDS:
        raise BrokenKey(N_("keys are of the kinds {kinds}"), kinds=", ".join(KINDS))
    try:
        key = Key.fromString(rest.encode(), type="public_openssh")
    except (BadKeyError, EncryptedKeyError, ValueError, IndexError, TypeError, struct.error):
        raise BrokenKey(N_("this key cannot be read; copy the line of NAME.pub as a whole")) from None
    if key.type() == "RSA" and key.size() < LEAST_RSA:
        raise BrokenKey(N_("an RSA key needs {least} bits"), least=LEAST_RSA)
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
            raise BrokenKey(N_("keys are of the kinds {kinds}"), kinds=", ".join(KINDS))
        if found is None:
            raise BrokenKey(
                N_('options stand before the key, as in role="moderator",from="10.0.0.0/8" ssh-ed25519 ...')
            )
        name = found[1].lower()
        if name in options:
            raise BrokenKey(N_("the option {option} stands there twice"), option=name)
        if not known:
            raise BrokenKey(N_("there is no option {option}; known are role, from and expiry-time"), option=name)
        options[name] = found[2]
        place = found.end()
        if found[3] != ",":
            return options, line[place:]


def _role(label: str | None) -> Role:
    if label not in {"moderator", "admin", "owner"}:
        raise BrokenKey(N_("role is moderator, admin or owner"))
    return Role.of(label)


def _sources(text: str | None) -> tuple[str, ...]:
    sources = tuple(part.strip() for part in (text or "").split(",") if part.strip())
    if text is not None and not sources:
        raise BrokenKey(N_("from names addresses and networks, as in 10.0.0.0/8,192.168.1.7"))
    if sources and all(source.startswith("!") for source in sources):
        raise BrokenKey(
            N_("from only shuts addresses out, so it admits nobody; to admit all others: *,{out}"), out=text
        )
    for source in sources:
        bare = source.removeprefix("!")
        try:
            ip_network(bare)
        except ValueError:
            if not re.fullmatch(r"[0-9a-fA-F.:*?]+", bare):
                raise BrokenKey(N_("from names addresses and networks, as in 10.0.0.0/8,192.168.1.7")) from None
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
    """Return when a key expires: YYYYMMDD or YYYYMMDDHHMM[SS], in local time unless it ends with Z."""
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
        raise BrokenKey(N_("expiry-time is a day or a time, as in 20270701 or 202707011200")) from None
