"""What the doctor's tests look at: a server on paper, and a machine that says what it is told to say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from classcord.chat.text import Text
from classcord.cli.doctor.checks import Finding, Installation, Machine
from classcord.cli.doctor.checks.machine import Disk, OpenFile, ProgramResult
from classcord.services.process.network_cards import CardAddress, reached
from classcord.settings.listen_addresses import ListenAddress
from classcord.store.sqlite.store import SQLiteStore

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc).timestamp()
LISTEN = {"chat": ("tcp:12345",), "tls": ("tcp:12346",), "ssh": ("tcp:2222",), "metrics": ()}


class PaperMachine:
    """A machine on which all is well; what is not, a test says."""

    user = 1000
    hostname = "chat"

    def __init__(
        self,
        *,
        now: float = NOON,
        programs: dict[str, ProgramResult] | None = None,
        files: dict[str, str] | None = None,
        disk: Disk | None = None,
        taken: dict[int | str, int] | None = None,
        speaking: Iterable[str] = (),
        unreachable: str = "",
        addresses: Iterable[str] = ("127.0.0.1", "192.168.1.20"),
        open_files: float = 100_000,
        hashing: float = 0.05,
        versions: dict[str, str] | None = None,
        searches_texts: bool = True,
        zones: int = 599,
        server: dict[str, Any] | None = None,
        unasked: dict[str, Text] | None = None,
    ) -> None:
        """`programs` go by first words, `taken` has error numbers by port or path, `speaking` the faces that answer.

        `unreachable` is why a mail relay does not; `server` has the figures that the running one tells;
        `unasked` says why a server of the directory cannot be asked.
        """
        self._now = now
        self._programs = programs or {}
        self._files = files or {}
        self._disk = disk or Disk(50_000_000_000, 1_000_000, 2_000_000)
        self._taken = taken or {}
        self._speaking = tuple(speaking)
        self._unreachable = unreachable
        self._addresses = list(addresses)
        self._open_files = open_files
        self._hashing = hashing
        self._versions = versions or {"python": "3.13.1", "openssl": "3.5.0", "sqlite": "3.46.1"}
        self._searches_texts = searches_texts
        self._zones = zones
        self._server = server or {}
        self._unasked = unasked or {}
        self.opened: dict[int, list[OpenFile]] = {}
        self.proxied: dict[str, bool] = {}
        """Which faces were asked to speak, and whether behind a PROXY header."""

    def now(self) -> float:
        return self._now

    def run(self, *command: str) -> ProgramResult | None:
        line = " ".join(command)
        return next((ran for words, ran in self._programs.items() if line.startswith(words)), None)

    def server(self, data: Path) -> dict[str, Any]:
        return self._server

    def read(self, file: str) -> str:
        return self._files.get(file, "")

    def disk(self, folder: Path) -> Disk:
        return self._disk

    def bind(self, place: ListenAddress) -> int:
        return self._taken.get(place.path or place.port, 0)

    def speaks(self, face: str, place: ListenAddress, *, proxied: bool) -> bool:
        self.proxied[face] = proxied
        return face in self._speaking

    def greeted(self, host: str, port: int, *, tls: bool) -> Text | None:
        self.greeting = (host, port, tls)
        return Text(self._unreachable) if self._unreachable else None

    def asks(self, url: str, options: object) -> Text | None:
        return self._unasked.get(url)

    def addresses(self) -> list[str]:
        return self._addresses

    def reached(self, hosts: Iterable[str]) -> list[str]:
        own = [CardAddress(ip_address(address), "eth0") for address in self._addresses]
        return [str(each.address) for host in hosts for each in reached(host, own)]

    def open_files(self) -> float:
        return self._open_files

    def files_of(self, process: int, part: object = None) -> list[OpenFile]:
        return self.opened.get(process, [])

    def hashing(self) -> float:
        return self._hashing

    def versions(self) -> dict[str, str]:
        return self._versions

    def searches_texts(self) -> bool:
        return self._searches_texts

    def time_zones(self) -> int:
        return self._zones


UNLIMITED = math.inf


class OfSchema(SQLiteStore):
    """A store of a ClassCord that knows this schema as the newest."""

    def __init__(self, file: Path, schema: int) -> None:
        super().__init__(file)
        self._schema = schema

    @property
    def schema(self) -> int:
        return self._schema


def installation(data: Path, *, schema: int = 2, **facts: Any) -> Installation:
    """Return a stopped server with this data folder; `facts` are what is different."""
    usual: dict[str, Any] = {
        "running": False,
        "store": OfSchema(data / "classcord.db", schema),
        "tls": data / "tls",
        "keys": data.parent / "admin_keys",
        "passwords": True,
        "listen": LISTEN,
    }
    return Installation(data=data, **(usual | facts))


Check = Callable[[Installation, Machine], Iterable[Finding]]


def findings(check: Check, installation: Installation, machine: Machine | None = None) -> list[str]:
    """Return what a check finds, each as one line: its level, the sentence, and the remedy behind an arrow."""
    return [_line(finding) for finding in check(installation, machine or PaperMachine())]


def _line(finding: Finding) -> str:
    line = f"{finding.level.value}: {finding.text.render()}"
    return f"{line} → {finding.remedy.render()}" if finding.remedy else line
