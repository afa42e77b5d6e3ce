"""A client like those that pupils write, in Java: compiled, and run against a real server."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.server import BOUND, running

SOURCE = Path(__file__).with_name("ClassicClient.java")

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        shutil.which("javac") is None, reason="no javac; on Debian: apt-get install default-jdk-headless"
    ),
]


def test_java_client_talks(tmp_path: Path) -> None:
    """A Java client reading and writing windows-1252 registers, logs in, sees who is here, writes and is written to."""
    subprocess.run(["javac", "-encoding", "UTF-8", "-d", tmp_path, SOURCE], check=True, timeout=60)
    with running(tmp_path) as server, server.client() as bob:
        bob.register("bob").hello()
        host, _, port = server.places("tcp")[0].rpartition(":")
        java = subprocess.Popen(
            ["java", "-Xshare:auto", "-cp", tmp_path, "ClassicClient", host, port],
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        try:
            said = bob.until(type="message", subtype="global")
            bob.say("déjà vu — 😀", subtype="private", to="alice")
            output, _ = java.communicate(timeout=BOUND)
        finally:
            java.kill()
            java.wait(BOUND)
    assert (said["from"], said["content"]) == ("alice", "ça marche déjà")
    assert output.splitlines() == [
        "register ok",
        "taken true",
        "login ok alice",
        '{"type":"users","users":["bob","alice"]}',
        "bob to alice: déjà vu — 😀",
    ]
    assert java.returncode == 0
