"""The questions that the doctor asks of a machine, and the answers of the machine that it runs on.

Knows sockets, programs and clocks; not what an answer means.
"""

from __future__ import annotations

import errno
import fcntl
import json
import math
import os
import resource
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from stat import S_ISREG
from typing import Any, ClassVar, Protocol

import msgspec

from classcord.chat.text import Text
from classcord.durable import Identity, read
from classcord.services.passwords.directory.library import connect
from classcord.services.passwords.directory.options import DirectoryOptions, missing_library
from classcord.services.passwords.directory.visit import DirectoryError, look
from classcord.services.passwords.local import CONTEXT
from classcord.services.process import network_cards
from classcord.settings.listen_addresses import ListenAddress
from classcord.store.ports import Part
from classcord.system_errors import in_words

PATIENCE = 5.0  # seconds that a program or a listener may take
SBIN = "/usr/local/sbin:/usr/sbin:/sbin"  # where ufw and nft are; not every PATH contains them
_HELLO = b'{"type":"hello","protocol":2,"lang":"en"}\n'
_FIRST_LINES = {
    "ssh": (b"", b"SSH-2.0-"),
    "metrics": (b"GET /healthz HTTP/1.0\r\n\r\n", b"HTTP/1."),
    "web": (b"HEAD / HTTP/1.0\r\n\r\n", b"HTTP/1."),
    "web_tls": (b"HEAD / HTTP/1.0\r\n\r\n", b"HTTP/1."),
}
"""What is said first to each face that does not speak our protocol, and how its answer begins."""
_PROXIED = b"PROXY UNKNOWN\r\n"  # PROXY protocol 1, §2.1: "use the connection's own addresses"


def no_part(_: Path) -> Part:
    """Return no role in the store: the default for callers that need none."""
    return ""


class Disk(msgspec.Struct, frozen=True):
    """The free space of a file system; `inodes` is the total number, 0 if the file system has no such limit."""

    free: int
    free_inodes: int = 0
    inodes: int = 0


class OpenFile(msgspec.Struct, frozen=True):
    """An open file of a process: its path in /proc, its present path, and its identity."""

    shown: str
    path: str
    identity: Identity
    kind: Part = ""  # recognised from its first bytes, whatever its name is

    DELETED: ClassVar[str] = " (deleted)"  # proc(5): this follows the path of a removed file

    @property
    def is_gone(self) -> bool:
        return self.path.endswith(self.DELETED)

    @property
    def name(self) -> str:
        return Path(self.path.removesuffix(self.DELETED)).name


class ProgramResult(msgspec.Struct, frozen=True):
    """The result of a program."""

    status: int
    output: str


class Machine(Protocol):
    """The questions about a machine. No answer changes anything."""

    @property
    def user(self) -> int:
        """The system's number of the user who runs the doctor."""

    @property
    def hostname(self) -> str: ...

    def now(self) -> float:
        """Seconds since 1970."""

    def run(self, *command: str) -> ProgramResult | None:
        """Return the output of a program; None if it does not exist, or took too long."""

    def server(self, data: Path) -> dict[str, Any]:
        """Return the figures of the server that holds a data folder; {} if it does not answer."""

    def read(self, file: str) -> str:
        """Return the content of a system file; "" if it does not exist."""

    def disk(self, folder: Path) -> Disk: ...

    def bind(self, place: ListenAddress) -> int:
        """Return 0 if an address is free, else the error number that a listener would get."""

    def speaks(self, face: str, place: ListenAddress, *, proxied: bool) -> bool:
        """Whether a listener there speaks this face's protocol; `proxied` if a PROXY header must come first."""

    def greeted(self, host: str, port: int, *, tls: bool) -> Text | None:
        """Return why no mail relay answers there; None if one does."""

    def asks(self, url: str, options: DirectoryOptions) -> Text | None:
        """Return why a server of the directory cannot be asked; None if it can."""

    def addresses(self) -> list[str]: ...

    def reached(self, hosts: Iterable[str]) -> list[str]:
        """Return the addresses at which other machines reach a listener on one of `hosts`."""

    def open_files(self) -> float:
        """The number of files that a process may have open."""

    def files_of(self, process: int, part: Callable[[Path], Part] = no_part) -> list[OpenFile]:
        """Return the open files of a process; none if we may not look, or there is no process with this number.

        `part` returns the role of a file in the store.
        """

    def hashing(self) -> float:
        """Return the seconds for hashing one password."""

    def versions(self) -> dict[str, str]:
        """Return the versions of `python`, `openssl` and `sqlite`."""

    def searches_texts(self) -> bool:
        """Whether this SQLite can have an index of words."""

    def time_zones(self) -> int:
        """Return the number of known time zones."""


class ThisMachine:
    """The machine that the doctor runs on."""

    @property
    def user(self) -> int:
        return os.geteuid()

    @property
    def hostname(self) -> str:
        return socket.gethostname()

    def now(self) -> float:
        return time.time()

    def run(self, *command: str) -> ProgramResult | None:
        """Run it in the folder "/": root may call the doctor anywhere, and must not run programs from that folder."""
        environment = os.environ | {"LC_ALL": "C", "PATH": f"{os.environ.get('PATH', os.defpath)}:{SBIN}"}
        try:
            ended = subprocess.run(  # noqa: S603 (the commands are written in this folder)
                command,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=PATIENCE,
                check=False,
                stdin=subprocess.DEVNULL,
                env=environment,
                cwd="/",
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return ProgramResult(ended.returncode, ended.stdout)

    def server(self, data: Path) -> dict[str, Any]:
        ask = ("ctl", "--data", str(data), "stats", "--json")
        said = self.run(sys.executable, "-c", "from classcord.cli import main; raise SystemExit(main())", *ask)
        if said is None or said.status != 0:
            return {}
        figures: dict[str, Any] = json.loads(said.output)
        return figures

    def read(self, file: str) -> str:
        try:
            return Path(file).read_text("utf-8", "replace")
        except OSError:
            return ""

    def disk(self, folder: Path) -> Disk:
        status = os.statvfs(folder)
        return Disk(status.f_bavail * status.f_frsize, status.f_favail, status.f_files)

    def bind(self, place: ListenAddress) -> int:
        """Bind without listening, so that a server that starts at the same time is not disturbed."""
        if place.path:
            return 0 if not _answers(place) else errno.EADDRINUSE
        with socket.socket(socket.AF_INET6 if ":" in place.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((place.host, place.port))
            except OSError as error:
                return error.errno or errno.EIO
        return 0

    def speaks(self, face: str, place: ListenAddress, *, proxied: bool) -> bool:
        with suppress(OSError, ValueError), closing(_connected(place)) as plain:
            if proxied:
                plain.sendall(_PROXIED)
            encrypted = face in {"tls", "web_tls"}
            connection = _unverified().wrap_socket(plain, server_hostname="localhost") if encrypted else plain
            first, expected = _FIRST_LINES.get(face, (_HELLO, b""))
            with connection:
                connection.sendall(first)
                answer = connection.makefile("rb").readline(65_536)
            if expected:
                return answer.startswith(expected)
            said = json.loads(answer)
            return isinstance(said, dict) and "type" in said
        return False

    def greeted(self, host: str, port: int, *, tls: bool) -> Text | None:
        """Wait for its first line (RFC 5321 §4.3.2); its certificate is checked only when a mail is sent."""
        try:
            with closing(socket.create_connection((host, port), PATIENCE)) as plain:
                connection = _unverified().wrap_socket(plain, server_hostname=host) if tls else plain
                with connection, connection.makefile("rb") as answer:
                    line = answer.readline(1000)
        except OSError as error:
            return in_words(error)
        return None if line.startswith(b"220") else Text("{line}", {"line": repr(line.strip())[1:]})

    def asks(self, url: str, options: DirectoryOptions) -> Text | None:
        missing = missing_library()
        if missing is not None:
            return missing
        try:
            look(connect, url, options)
        except DirectoryError as error:
            return error.text
        return None

    def addresses(self) -> list[str]:
        return [str(each.address) for each in network_cards.own_addresses()]

    def reached(self, hosts: Iterable[str]) -> list[str]:
        return network_cards.addresses(hosts)

    def open_files(self) -> float:
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        return math.inf if hard == resource.RLIM_INFINITY else hard

    def hashing(self) -> float:
        """Return the shorter of two times: the first call also loads libraries."""
        took = []
        for _ in range(2):
            began = time.perf_counter()
            CONTEXT.hash("how long does this take?")
            took.append(time.perf_counter() - began)
        return min(took)

    def versions(self) -> dict[str, str]:
        import platform  # noqa: PLC0415 (what follows is needed here alone)

        # cryptography contains its own OpenSSL, which pyOpenSSL uses; Python's ssl uses another one
        from cryptography.hazmat.backends.openssl import backend  # noqa: PLC0415

        from classcord.store.urls import LIBRARY  # noqa: PLC0415

        openssl = backend.openssl_version_text().split()[1]
        return {"python": platform.python_version(), "openssl": openssl, "sqlite": LIBRARY.VERSION}

    def searches_texts(self) -> bool:
        from classcord.store.urls import LIBRARY  # noqa: PLC0415

        return LIBRARY.searches_texts()

    def files_of(self, process: int, part: Callable[[Path], Part] = no_part) -> list[OpenFile]:
        found = []
        with suppress(OSError):
            for shown in Path(f"/proc/{process}/fd").iterdir():
                with suppress(OSError):  # it was closed in the meantime
                    status = shown.stat()
                    kind = part(shown) if S_ISREG(status.st_mode) else ""
                    found.append(OpenFile(str(shown), str(shown.readlink()), (status.st_dev, status.st_ino), kind))
        return found

    def time_zones(self) -> int:
        from zoneinfo import available_timezones  # noqa: PLC0415

        return len(available_timezones())


def is_held(lock: Path) -> bool | None:
    """Whether a server holds the lock of the data folder; tries a shared lock, and releases it at once.

    None if we may not open the file.
    """
    try:
        descriptor = os.open(lock, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except PermissionError:
        return None
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def holder(lock: Path) -> int | None:
    """Return the number of the process that has the lock file; None if it cannot be read."""
    try:
        number = read(lock)[:20].strip()
    except OSError:
        return None
    return int(number) if number.isdigit() else None


def _connected(place: ListenAddress) -> socket.socket:
    if not place.path:
        return socket.create_connection((place.reached, place.port), PATIENCE)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(PATIENCE)
        connection.connect(place.path)
    except BaseException:
        connection.close()
        raise
    return connection


def _answers(place: ListenAddress) -> bool:
    try:
        _connected(place).close()
    except OSError:
        return False
    return True


def _unverified() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
