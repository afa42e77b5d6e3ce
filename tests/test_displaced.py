"""The server's files moved, removed or replaced while it runs: what it says, what it refuses, how it goes on."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from tests.server import BOUND, LOCAL, Server, running

pytestmark = pytest.mark.system

PARTS = ("classcord.db", "classcord.db-wal", "classcord.db-shm")


def readiness(server: Server) -> tuple[int, list[str]]:
    """Return what /readyz says: its status, and its reasons."""
    with closing(http.client.HTTPConnection(server.places("metrics")[0], timeout=BOUND)) as connection:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())["reasons"]


METRICS = ("--verbose", "--set", f"listen.metrics={LOCAL}")


@pytest.mark.parametrize("what", ["database", "folder"])
def test_moved_away_and_put_back(tmp_path: Path, what: str) -> None:
    """Nobody need write for it to be noticed; what is written is refused at once; then all goes on as before."""
    with running(tmp_path, *METRICS) as server, server.client() as alice:
        alice.hello().register("alice")
        alice.send(type="message", content="before", id=1)
        assert alice.until(id=1)["type"] == "ack"
        assert readiness(server) == (200, [])
        moves = [(server.data / name, server.data / f"{name}.away") for name in PARTS]
        if what == "folder":
            moves = [(server.data, tmp_path / "elsewhere")]
        for here, there in moves:
            here.rename(there)
        assert "moved" in server.wait_for("nothing can be stored: ")
        assert readiness(server) == (503, ["storage"])
        alice.send(type="message", content="meanwhile", id=2)
        assert alice.until(id=2)["code"] == "storage_unavailable"
        assert not server.data.exists() or not (server.data / "classcord.db").exists()
        for here, there in moves:
            there.rename(here)
        server.wait_for("the storage works again")
        assert readiness(server) == (200, [])
        alice.send(type="message", content="afterwards", id=3)
        assert alice.until(id=3)["type"] == "ack"


def test_another_database_at_its_place(tmp_path: Path) -> None:
    """A backup that somebody has put there is not written; a restart begins with it."""
    with running(tmp_path, "--verbose") as server, server.client() as alice:
        alice.hello().register("alice")
    copy = tmp_path / "copy.db"
    shutil.copy(server.data / PARTS[0], copy)
    with running(tmp_path, "--verbose") as server, server.client() as alice:
        alice.hello().login("alice")
        for name in PARTS:
            (server.data / name).unlink()
        shutil.copy(copy, server.data / PARTS[0])
        server.wait_for("nothing can be stored: .*another file than the one that is in use")
        alice.send(type="message", content="lost", id=1)
        assert alice.until(id=1)["code"] == "storage_unavailable"
    assert (server.data / PARTS[0]).read_bytes() == copy.read_bytes()
    assert not (server.data / PARTS[1]).exists()
    with running(tmp_path) as server, server.client() as alice:
        alice.hello().login("alice")
        alice.send(type="message", content="found", id=1)
        assert alice.until(id=1)["type"] == "ack"


@pytest.mark.parametrize("removed", [False, True], ids=["moved", "removed"])
def test_log_files(tmp_path: Path, removed: bool) -> None:
    """Both logs go on at their places without a signal; no line is lost, also where a file was removed."""
    with running(tmp_path, "--verbose") as server, server.client() as alice:
        files = (server.log, server.audit)
        server.wait_for("session 1 connected")
        before = [file.read_text("utf-8") for file in files]
        for file in files:
            file.unlink() if removed else file.rename(file.with_suffix(".1"))
        alice.register("alice")
        for file in sorted(files, reverse=True):
            server.wait_for(f"{file.name} had been moved or removed")
        alice.ask(type="join", channel="#dev")
        kept = [
            text if removed else file.with_suffix(".1").read_text("utf-8")
            for text, file in zip(before, files, strict=True)
        ]
        found = [text + file.read_text("utf-8") for text, file in zip(kept, files, strict=True)]
    assert found[0].count("session 1 is alice, member") == 1
    assert found[1].count('login session=1 address=127.0.0.1 name="alice"') == 1
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_the_lock(tmp_path: Path) -> None:
    """A lock file that was removed is made again; where another server was faster, nothing is written any more."""
    with running(tmp_path, "--verbose") as server, server.client() as alice:
        alice.hello().register("alice")
        lock = server.data / "lock"
        assert int(lock.read_text("utf-8")) == server.pid
        lock.unlink()
        server.wait_for("the lock file in .* was made again")
        assert int(lock.read_text("utf-8")) == server.pid
        lock.unlink()
        other = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(other, fcntl.LOCK_EX)
        server.wait_for("nothing can be stored: another ClassCord is running with the data folder|it was made again")
        alice.send(type="message", content="x", id=1)
        answer = alice.until(id=1)
        os.close(other)
        assert answer.get("code", "") == "storage_unavailable"
        server.wait_for("the storage works again")
