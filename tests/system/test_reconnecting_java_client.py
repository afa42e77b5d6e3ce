"""The Java client of docs/clients/, compiled and run, while its server is killed and started again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.links import INTERVAL, Link, hurry
from tests.server import ROOT, Server, running

SOURCE = ROOT / "docs" / "clients" / "Reconnexion.java"

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        shutil.which("javac") is None, reason="no javac; on Debian: apt-get install default-jdk-headless"
    ),
]


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    subprocess.run(["javac", "-encoding", "UTF-8", "-d", tmp_path / "classes", SOURCE], check=True, timeout=60)
    return tmp_path / "classes"


def until(lines: Iterator[str], wanted: str) -> list[str]:
    """Read lines up to this one."""
    found = []
    for line in lines:
        found.append(line.rstrip("\n"))
        if found[-1] == wanted:
            return found
    raise AssertionError(found)


def started(classes: Path, address: tuple[str, int], name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["java", "-Xshare:auto", "-cp", classes, "Reconnexion", address[0], str(address[1]), name, "azerty"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        bufsize=1,
    )


def test_java_client_sees_everything_once(tmp_path: Path, classes: Path) -> None:
    """What is said before, during and after the crash is shown once, and what is typed meanwhile is sent once."""
    server = Server(tmp_path)
    with server.client() as client:
        client.register("alice")
    address = server.address()
    assert isinstance(address, tuple)
    java = None
    try:
        with server.client() as bob:
            bob.register("bob").hello()
            java = started(classes, address, "alice")
            assert java.stdin is not None
            assert java.stdout is not None
            java.stdin.write('un "déjà" \\ vu\n')
            assert bob.until(type="message", subtype="global")["content"] == 'un "déjà" \\ vu'
            bob.say("avant")
            shown = until(java.stdout, "bob: avant")
        server.crash()
        java.stdin.write("deux\n")  # nobody is there to hear it yet
        server.close()
        server = Server(tmp_path, "--set", f"listen.chat=tcp:{address[1]}:interface=127.0.0.1")
        with server.client() as bob:
            bob.login("bob").hello()
            bob.say("après")
            shown += until(java.stdout, "bob: après")
            bob.send(type="history", limit=10, after=0)
            history = [each["content"] for each in bob.until(type="history")["messages"]]
            if "deux" not in history:  # alice came back after that
                bob.until(type="message", content="deux")
                bob.send(type="history", limit=10, after=0)
                history = [each["content"] for each in bob.until(type="history")["messages"]]
    finally:
        if java is not None:
            with java:
                java.kill()
        server.close()
    assert shown == ["bob: avant", "bob: après"]
    assert sorted(history) == sorted(['un "déjà" \\ vu', "avant", "deux", "après"])


def test_java_client_comes_back_from_a_dead_link(
    tmp_path: Path, classes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is closed, nothing comes any more: after two heartbeats it resumes its session, and misses nothing."""
    hurry(monkeypatch)
    with running(tmp_path, "--set", f"limits.heartbeat={INTERVAL}") as server, server.client() as bob:
        address = server.address()
        assert isinstance(address, tuple)
        bob.register("alice").register("bob").hello()
        with Link(address) as link, started(classes, link.address, "alice") as java:
            assert java.stdin is not None
            assert java.stdout is not None
            try:
                java.stdin.write("ici\n")
                bob.until(type="message", content="ici")
                link.cut()
                bob.say("après")
                until(java.stdout, "bob: après")  # perhaps behind "ici", if its acknowledgement was lost
            finally:
                java.kill()
            assert link.connections > 1
