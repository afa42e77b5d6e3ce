"""The real OpenSSH client where it hurts: an export that is hardly read, two administrators at once, a restart."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.server import BOUND, Client, Server, running
from tests.system.test_openssh import Administrator

pytestmark = pytest.mark.system

MESSAGES = 40_000
CONTENT = "x" * 1200
EXPORT = "export messages --format ndjson"
LONG = 4 * BOUND  # for what is done with all of them
MOST = 16 * 1024  # KiB that an export may take; all of it is several times as much
ROOM = "#Comptabilité"
ROOMS = '[{name = "#Comptabilité", kind = "approval"}]'


@contextmanager
def office(folder: Path) -> Iterator[Administrator]:
    (folder / "keys").mkdir(mode=0o700)
    options = {"ssh.keys": folder / "keys", "server.language": "en", "channels.list": ROOMS}
    with running(folder, *(word for each in options.items() for word in ("--set", "=".join(map(str, each))))) as server:
        yield Administrator(server, folder)


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Administrator]:
    """A server with a long history."""
    folder = tmp_path_factory.mktemp("large")
    with running(folder):
        pass
    with closing(sqlite3.connect(folder / "data" / "classcord.db")) as database, database:
        (channel,) = database.execute("SELECT min(id) FROM channels").fetchone()
        database.executemany(
            "INSERT INTO messages (id, at, channel_id, author, content) VALUES (?, ?, ?, 'ada', ?)",
            ((number, number * 1000, channel, f"{number} {CONTENT}") for number in range(1, MESSAGES + 1)),
        )
    with office(folder) as admin:
        yield admin


@pytest.fixture(scope="module")
def key(admin: Administrator) -> Path:
    return admin.make_key("prof")


def begin(admin: Administrator, key: Path, words: str, name: str = "prof") -> subprocess.Popen[bytes]:
    """Start a command, whose output nobody reads yet."""
    return subprocess.Popen(
        [*admin.command("ssh", key), f"{name}@127.0.0.1", words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def memory(server: Server) -> tuple[int, int]:
    """Return what the server has in memory, and the most that it has had since the last look, in KiB."""
    process = Path("/proc") / str(server.pid)
    status = (process / "status").read_text("utf-8")
    (process / "clear_refs").write_text("5", "utf-8")  # proc(5): begin to look for the most anew
    now, most = (int(status.partition(name)[2].split()[0]) for name in ("VmRSS:", "VmHWM:"))
    return now, most


def sockets(admin: Administrator, key: Path) -> int:
    """Return how many the server has open, one of them our own; what other clients did before is done."""
    with subprocess.Popen(
        [*admin.command("ssh", key), "prof@127.0.0.1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as shell:
        assert shell.stdin is not None
        assert shell.stdout is not None
        shell.stdin.write(b"version\n")
        shell.stdin.flush()
        assert shell.stdout.readline()
        descriptors = (Path("/proc") / str(admin.server.pid) / "fd").iterdir()
        return sum(str(each.readlink()).startswith("socket:") for each in descriptors)


def test_an_export_that_is_hardly_read(admin: Administrator, key: Path) -> None:
    """While a reader waits, little of it is in the server; in the end it has come, whole and right."""
    assert admin.ssh(key, "version").returncode == 0
    before, _ = memory(admin.server)
    slow = begin(admin, key, EXPORT)
    assert slow.stdout is not None
    first = os.read(slow.stdout.fileno(), 1)
    with begin(admin, key, EXPORT) as other:  # as long as this takes, the first waits
        assert other.stdout is not None
        assert sum(1 for _ in other.stdout) == MESSAGES
        assert other.wait(BOUND) == 0
    _, most = memory(admin.server)
    assert most - before < MOST, f"{before} KiB, then {most}"
    out, errors = slow.communicate(timeout=LONG)
    assert (slow.returncode, errors) == (0, b"")
    for number, line in enumerate((first + out).splitlines(), 1):
        message = json.loads(line)
        assert (message["id"], message["content"]) == (number, f"{number} {CONTENT}")
    assert number == MESSAGES
    _, most = memory(admin.server)
    assert most - before < MOST, f"{before} KiB, then {most}"


def test_a_reader_that_goes(admin: Administrator, key: Path) -> None:
    """In the middle of an export: no session is left of it, no connection, and nothing in the log."""
    before = sockets(admin, key)
    readers = [begin(admin, key, EXPORT) for _ in range(3)]
    for reader in readers:
        assert reader.stdout is not None
        reader.stdout.read(100_000)
    assert sockets(admin, key) == before + 3
    for reader in readers:
        reader.kill()
        reader.communicate(timeout=BOUND)
    assert sockets(admin, key) == before
    assert [each["name"] for each in json.loads(admin.ssh(key, "sessions --json").stdout)] == ["prof"]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Administrator, dict[str, Path]]]:
    """Two administrators of a server where somebody asks to be admitted to a room."""
    with office(tmp_path_factory.mktemp("two")) as admin:
        yield admin, {name: admin.make_key(name) for name in ("prof", "chef")}


def ask_for_admission(client: Client, name: str) -> None:
    client.hello().register(name)
    client.send(type="join", id="join", channel=ROOM)
    client.until(id="join")


def both(admin: Administrator, keys: dict[str, Path], words: str) -> list[tuple[int, str]]:
    """Let both do the same at the same time; return their exit statuses and what they were told, the winner first."""
    runs = [begin(admin, key, words, name) for name, key in keys.items()]
    told = [each.communicate(timeout=BOUND) for each in runs]
    return sorted((each.returncode, (out + errors).decode()) for each, (out, errors) in zip(runs, told, strict=True))


def test_two_at_once(two: tuple[Administrator, dict[str, Path]]) -> None:
    """Who acts on the same person at the same time: one has done it, the other is told why not."""
    admin, keys = two
    with admin.server.client() as bob:
        ask_for_admission(bob, "bob")
        assert "bob" in admin.ssh(keys["prof"], "requests").stdout
        for words in (f"accept bob {ROOM}", "kick bob 10m --yes", "unban bob", "ban bob 1d --yes", "unban bob"):
            (won, _), (lost, why) = both(admin, keys, words)
            assert (words, won, lost) == (words, 0, 1)
            assert "bob" in why or why == "Somebody else was first.\n", words


def test_a_restart(two: tuple[Administrator, dict[str, Path]]) -> None:
    """Typed over ssh: the same process serves again, and what was decided still holds."""
    admin, keys = two
    server = admin.server
    for name in ("eve", "carol"):
        with server.client() as client:
            ask_for_admission(client, name)
            assert admin.ssh(keys["prof"], f"accept {name} {ROOM}").returncode == 0
    assert admin.ssh(keys["prof"], "ban eve 1d Triche --yes").returncode == 0
    process = server.pid
    assert admin.ssh(keys["prof"], "restart --yes").returncode == 0
    server.begun_again()
    assert (server.pid, server.process.poll()) == (process, None)
    assert admin.ssh(keys["prof"], "version").returncode == 0
    with server.client() as eve:
        assert eve.ask(type="login", username="eve", password="azerty")["code"] == "banned"
    assert "carol" in admin.ssh(keys["prof"], f"members {ROOM}").stdout
    assert len(re.findall("is running on", server.logged())) == 2
