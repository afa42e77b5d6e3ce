"""The doctor's round as a whole, and the machine that it asks: real sockets, locks and programs of this process."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from classcord.cli.doctor.checks import (
    CHECKS,
    GENERAL,
    Examined,
    Finding,
    Installation,
    Level,
    Machine,
    ThisMachine,
    examine,
)
from classcord.cli.doctor.checks import machine as machine_module
from classcord.cli.doctor.checks import round as the_round
from classcord.cli.doctor.checks.findings import advice, ok, problem
from classcord.cli.doctor.checks.machine import ProgramResult, is_held
from classcord.cli.doctor.checks.round import Check
from classcord.settings.listen_addresses import ListenAddress
from tests.cli.doctor.installations import PaperMachine, installation


class TestRound:
    def test_each_check_is_told_from_the_others(self) -> None:
        """Names are for programs, titles for people; what needs no settings is part of the whole."""
        assert len({check.name for check in CHECKS}) == len({check.title for check in CHECKS}) == len(CHECKS) == 26
        assert set(GENERAL) < set(CHECKS)

    def test_a_failing_check_keeps_none_from_being_made(self, tmp_path: Path) -> None:
        """What a check did find stays, its failure is a finding, and the next one is made."""

        def failing(installation: Installation, machine: Machine) -> Iterator[Finding]:
            yield ok("so far")
            raise ValueError("{oh}")

        checks = [Check("a", "A", failing), Check("b", "B", lambda *_: [ok("well")])]
        found = list(examine(installation(tmp_path), PaperMachine(), checks))
        assert [(each.check, each.finding.level, each.finding.text.render()) for each in found] == [
            ("a", Level.OK, "so far"),
            ("a", Level.PROBLEM, "this could not be looked at: ValueError: {oh}"),
            ("b", Level.OK, "well"),
        ]
        assert found[1].finding.remedy is not None

    def test_a_closed_data_folder_is_told_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Somebody who may not look into the folder reads one finding of it; the rest is looked at."""
        monkeypatch.setattr(the_round, "may_enter", lambda _: False)
        made = {each.check for each in examine(installation(tmp_path), PaperMachine(), CHECKS)}
        assert {check.name for check in CHECKS} - made == {
            "rights",
            "disk",
            "database",
            "contents",
            "maintenance",
            "stop",
            "backups",
            "certificate",
            "retention",
            "first_password",
            "names",
        }

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        """On a machine on which all is well, a server that was never started needs no action."""
        found = list(examine(installation(tmp_path), PaperMachine(), CHECKS))
        assert [each for each in found if each.finding.level is Level.PROBLEM] == []
        assert isinstance(found[0], Examined)


def test_a_path_in_a_remedy_is_quoted() -> None:
    """A remedy is copied into a shell, whatever a folder is called; in the sentence it stands as it is."""
    for made in (advice, problem):
        found = made("{file} is open", "chmod 600 {file}", file=Path("/a b/$(rm -rf ~)"), other="x y")
        assert found.text.render() == "/a b/$(rm -rf ~) is open"
        assert found.remedy is not None
        assert found.remedy.render() == "chmod 600 '/a b/$(rm -rf ~)'"


class TestIsHeld:
    def test_by_a_server(self, tmp_path: Path) -> None:
        """A lock that somebody holds is seen, and one that is let go of; our look leaves none."""
        lock = tmp_path / "lock"
        lock.touch()
        assert is_held(lock) is False
        with lock.open("r+") as server:
            fcntl.flock(server, fcntl.LOCK_EX | fcntl.LOCK_NB)
            assert is_held(lock) is True
            fcntl.flock(server, fcntl.LOCK_UN)
            assert is_held(lock) is False
            fcntl.flock(server, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def test_no_lock(self, tmp_path: Path) -> None:
        """A folder without one has no server; nothing is made."""
        assert is_held(tmp_path / "lock") is False
        assert list(tmp_path.iterdir()) == []

    def test_of_somebody_else(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What we may not open tells us nothing."""

        def refuse(*_: object) -> int:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(os, "open", refuse)
        assert is_held(tmp_path / "lock") is None


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def listen_address(listener: socket.socket) -> ListenAddress:
    host, port = listener.getsockname()
    return ListenAddress(host=host, port=port)


class Answering:
    """A server that accepts one connection, reads until `after` has come, answers and closes."""

    def __init__(self, listener: socket.socket, answer: bytes, after: bytes = b"") -> None:
        self._listener, self._answer, self._after = listener, answer, after
        self.heard = b""
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            connection.settimeout(10)
            while self._after not in self.heard:
                self.heard += connection.recv(4096)
            connection.sendall(self._answer)

    def __enter__(self) -> Answering:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._thread.join(10)
        assert not self._thread.is_alive()


class TestThisMachine:
    def test_bind(self, listener: socket.socket) -> None:
        """A port that is listened on is taken; afterwards it is free, and stays so."""
        place = listen_address(listener)
        assert ThisMachine().bind(place) == errno.EADDRINUSE
        listener.close()
        assert ThisMachine().bind(place) == 0
        assert ThisMachine().bind(place) == 0

    def test_bind_elsewhere(self) -> None:
        """An address that this machine does not have is told as such (RFC 5737: nobody has it)."""
        assert ThisMachine().bind(ListenAddress(host="192.0.2.1", port=12345)) == errno.EADDRNOTAVAIL

    def test_bind_a_unix_socket(self, tmp_path: Path) -> None:
        """A socket on which somebody answers is taken; a file that was left is not."""
        place = ListenAddress(path=str(tmp_path / "chat"))
        assert ThisMachine().bind(place) == 0
        with closing(socket.socket(socket.AF_UNIX)) as server:
            server.bind(place.path)
            server.listen()
            assert ThisMachine().bind(place) == errno.EADDRINUSE
        assert ThisMachine().bind(place) == 0

    @pytest.mark.parametrize(
        ("face", "answer", "after", "speaks"),
        [
            ("chat", b'{"type": "hello"}\n', b"\n", True),
            ("chat", b"220 mail.example ESMTP\r\n", b"\n", False),
            ("chat", b'["type"]\n', b"\n", False),
            ("chat", b"", b"\n", False),
            ("ssh", b"SSH-2.0-Twisted\r\n", b"", True),
            ("ssh", b"HTTP/1.1 400 Bad Request\r\n", b"", False),
            ("metrics", b"HTTP/1.1 200 OK\r\n", b"\r\n\r\n", True),
            ("metrics", b'{"type": "hello"}\n', b"\r\n\r\n", False),
            ("tls", b"HTTP/1.1 400 Bad Request\r\n", b"", False),
        ],
    )
    def test_speaks(self, listener: socket.socket, face: str, answer: bytes, after: bytes, speaks: bool) -> None:
        """Each face is known by how it answers."""
        with Answering(listener, answer, after):
            assert ThisMachine().speaks(face, listen_address(listener), proxied=False) is speaks

    def test_speaks_behind_a_proxy(self, listener: socket.socket) -> None:
        """The header comes before everything else."""
        with Answering(listener, b'{"type": "hello"}\n', b"}\n") as server:
            assert ThisMachine().speaks("chat", listen_address(listener), proxied=True)
        assert server.heard.startswith(b"PROXY UNKNOWN\r\n{")

    def test_speaks_nobody(self, listener: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
        """Neither a closed port nor one that says nothing speaks; the wait has a bound."""
        monkeypatch.setattr(machine_module, "PATIENCE", 0.05)
        place = listen_address(listener)
        assert not ThisMachine().speaks("chat", place, proxied=False)
        listener.close()
        assert not ThisMachine().speaks("chat", place, proxied=False)

    def test_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A program's output and status are told; one that is not there or takes too long says nothing."""
        run = ThisMachine().run
        printing = r"import sys; sys.stdout.buffer.write(b'\xc3\xa9\n'); raise SystemExit(3)"
        assert run(sys.executable, "-c", printing) == ProgramResult(3, "é\n")
        assert run("no-such-program-anywhere") is None
        monkeypatch.setattr(machine_module, "PATIENCE", 0.2)
        assert run(sys.executable, "-c", "import signal; signal.pause()") is None

    def test_run_without_input(self) -> None:
        """A program that asks something gets no answer, and waits for none."""
        assert ThisMachine().run(sys.executable, "-c", "print(repr(input()))") == ProgramResult(1, "")

    def test_read(self, tmp_path: Path) -> None:
        """A file that is not there is an empty one."""
        (tmp_path / "there").write_bytes(b"caf\xe9")
        assert ThisMachine().read(str(tmp_path / "there")) == "caf\N{REPLACEMENT CHARACTER}"
        assert ThisMachine().read(str(tmp_path / "nowhere")) == ""

    def test_what_it_is(self, tmp_path: Path) -> None:
        """Its figures are plausible, whichever machine it is."""
        this = ThisMachine()
        assert this.user == os.geteuid()
        assert this.disk(tmp_path).free > 0
        assert this.open_files() > 0
        assert 0 < this.hashing() < 60
        assert {name: version.split(".")[0].isdecimal() for name, version in this.versions().items()} == {
            "python": True,
            "openssl": True,
            "sqlite": True,
        }
        assert this.searches_texts()
        assert this.time_zones() > 100


def test_nothing_is_run_that_lies_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root runs the doctor in a pupil's folder: what Python would import from there is not ours."""
    trap = "import pathlib\npathlib.Path(__file__).with_name('sprung').touch()\n"
    (tmp_path / "json.py").write_text(trap, "utf-8")
    (tmp_path / "classcord").mkdir()
    (tmp_path / "classcord/__init__.py").write_text(trap, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert ThisMachine().server(tmp_path / "data") == {}
    assert list(tmp_path.rglob("sprung")) == []
    assert ThisMachine().run("pwd") == ProgramResult(0, "/\n")
