"""`twistd classcord` as whoever administers it sees it: its first start, its ends, its listeners, its logs."""

from __future__ import annotations

import json
import os
import re
import select
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest

from bench.crash import OPTIONS, Ledger, Load, compare, read_database
from classcord.server.listening import OWN_FILES
from tests.server import BOUND, FACES, LOCAL, ROOT, TWISTD, Client, Server, run_twistd, running

IPV6_LOCAL = r"tcp6:0:interface=\:\:1"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a server has been started once, and stopped."""
    folder = tmp_path_factory.mktemp("begun")
    with running(folder):
        pass
    return folder


@pytest.fixture
def used(begun: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_twistd_lists_classcord(tmp_path: Path) -> None:
    """`twistd --help` shows the plugin."""
    assert "\n    classcord " in run_twistd(tmp_path, "--help").stdout


def test_first_start(tmp_path: Path) -> None:
    """It makes a private data folder, and an account whose password is in a file; one logs in with it, once."""
    with running(tmp_path) as server:
        data = server.data
        assert {mode(data), mode(data / "log"), mode(data / "tls")} == {0o700}
        private = ("classcord.db", "first-password", "tls/key.pem", "log/classcord.log", "log/audit.log")
        assert {mode(data / name) for name in (*private, "running", "lock", "ssh_host_ed25519_key")} == {0o600}
        assert mode(data / "tls" / "cert.pem") == 0o644  # what every client is shown anyway
        server.wait_for(re.escape(str(data / "first-password")))  # the banner's last lines come after its first
        name, password = "admin", (data / "first-password").read_text("utf-8").strip()
        assert password not in "".join(server.output) + server.logged()
        with server.client("tls") as client:
            answer = client.hello().ask(type="login", username=name, password=password)
            assert (answer["username"], answer["role"]) == ("admin", "member")  # until the password is changed
            assert answer["must_change"] is True
            with server.client("tcp") as other:
                assert other.hello().ask(type="login", username=name, password=password)["code"] == "login_failed"
    assert everything(tmp_path) == {
        *(f"data/{each}" for each in private),
        "data/tls/cert.pem",
        "data/lock",
        "data/ssh_host_ed25519_key",
        "data/ssh_host_ed25519_key.pub",
    }


def test_second_start_makes_nothing_anew(used: Path) -> None:
    """The key, the certificate, the account and its password stay."""
    kept = {name: (used / "data" / name).read_bytes() for name in ("first-password", "tls/key.pem", "tls/cert.pem")}
    with running(used) as server, server.client() as client:
        name, password = "admin", (server.data / "first-password").read_text("utf-8").strip()
        client.login(name, password)
    assert {each: (used / "data" / each).read_bytes() for each in kept} == kept


def test_a_password_file_that_was_removed_stays_away(used: Path) -> None:
    """Whoever deletes it after reading does not find a new one."""
    (used / "data" / "first-password").unlink()
    with running(used) as server:
        assert not (server.data / "first-password").exists()
        assert not any("first-password" in line for line in server.output)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop_under_load(tmp_path: Path, number: int) -> None:
    """Everyone is told, what was acknowledged or received is stored once, the end is clean."""
    ledger = Ledger()
    with Server(tmp_path, *OPTIONS) as server:
        load = Load(server, ledger, "load", first=True)
        load.run_until(1500)
        assert server.stop(number) == 0
        load.ended()
        for heard in load.notices.values():  # the modern clients have asked for English
            assert heard & {"The server is stopping.", "Le serveur s’arrête."}
        outcome = compare(ledger, read_database(server))
        assert (outcome.lost, outcome.doubled) == (0, 0)
        assert outcome.acknowledged > 0
        assert "ClassCord has stopped" in server.logged()
        assert "Traceback" not in server.logged() + "".join(server.output)


def test_stop_with_one_that_does_not_read(tmp_path: Path) -> None:
    """A client that takes nothing of what waits for it does not hold up the end."""
    with Server(tmp_path, *OPTIONS) as server, server.client() as deaf, server.client() as writer:
        deaf.register("deaf")
        writer.hello().register("writer")
        for number in range(400):
            writer.say("x" * 9000, id=number)
            writer.until(id=number, type="ack")
        assert server.stop() == 0


def test_stop_with_a_locked_database(used: Path) -> None:
    """Another program's lock does not hold up the end; what is lost for it is told."""
    with Server(used) as server, server.client() as alice:
        with closing(sqlite3.connect(used / "data" / "classcord.db", isolation_level=None)) as other:
            alice.hello().register("alice")
            other.execute("BEGIN IMMEDIATE")
            alice.say("too late")
            server.wait_for("nothing can be stored")
            assert server.stop() == 0
        assert "the journal could not be written" in server.logged()
        assert "ClassCord has stopped" in server.logged()


def test_start_without_the_control_socket(tmp_path: Path) -> None:
    """Where it cannot be made, because a folder is there, the log says so, and people chat all the same."""
    (tmp_path / "data" / "control").mkdir(parents=True)
    with Server(tmp_path) as server, server.client() as alice:
        alice.hello().register("alice")
        assert "there is no control socket, `classcord ctl` cannot be used" in server.logged()
        assert server.stop() == 0


def test_a_data_folder_with_a_long_path(tmp_path: Path) -> None:
    """The address of a unix socket has room for 107 bytes, a path for more: `classcord ctl` works all the same."""
    folder = tmp_path / ("x" * 100) / os.fsdecode(("é" * 50).encode())
    folder.mkdir(parents=True)
    with Server(folder) as server:
        assert "no control socket" not in server.logged()
        assert (server.data / "control").stat().st_mode & 0o777 == 0o600
        assert server.ctl("version").returncode == 0
        assert server.stop() == 0
        assert not (server.data / "control").exists()


def test_the_control_socket_is_made_again(used: Path) -> None:
    """Somebody has removed its file, or put another one there: it is made again."""
    with Server(used, "--verbose") as server:
        for replaced in (False, True):
            (server.data / "control").unlink()
            if replaced:
                (server.data / "control").write_text("", "utf-8")
            server.wait_for("control had been removed or replaced; it was made again")
            assert server.ctl("version").returncode == 0
        assert server.stop() == 0


def test_stop_without_the_control_socket(used: Path) -> None:
    """A socket whose file somebody has removed costs nothing of a clean stop: people are told, and no crash is left."""
    with Server(used) as server, server.client() as alice:
        alice.hello().register("alice")
        (server.data / "control").unlink()
        assert server.stop() == 0
        assert alice.until(type="system")
        assert "ClassCord has stopped" in server.logged()
        assert not (server.data / "running").exists()


def test_daemon(tmp_path: Path) -> None:
    """As a daemon it serves, writes in its data folder alone, stores what it is told at the end, and lets go."""
    with Server(tmp_path, daemon=True) as server:
        assert server.process.poll() == 0
        assert server.pid != server.process.pid
        with server.client() as alice:
            alice.hello().register("alice")
            alice.send(type="message", content="from a daemon", id=1)
            assert alice.until(id=1)["type"] == "ack"
            server.stop()
            assert alice.until(type="system")
            assert alice.read() is None
        assert [found.content for found in read_database(server)] == ["from a daemon"]
        assert {each for each in everything(tmp_path) if not each.startswith("data/")} == set()
        assert "ClassCord has stopped" in server.logged()
        assert server.output == []


def test_daemon_is_refused_before_it_becomes_one(used: Path) -> None:
    """What is wrong is said where it was typed, in the status of the command too."""
    with running(used):
        ports = [part for option in ("--port", "--tls", "--ssh", "--web") for part in (option, "0")]
        refused = run_twistd(used, "classcord", "--data", "data", *ports, "--set", "listen.web_tls=tcp:0")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "another ClassCord is running" in refused.stderr


def test_the_second_stop_signal(used: Path) -> None:
    """An impatient second signal changes nothing: the end is clean."""
    with Server(used) as server:
        server.send_signal(signal.SIGTERM)
        with suppress(ProcessLookupError):
            server.send_signal(signal.SIGINT)
        assert server.ended() == 0
        assert "Traceback" not in "".join(server.output)


def test_database_in_a_folder_of_the_data_folder(tmp_path: Path) -> None:
    """It is made, its owner's alone."""
    with running(tmp_path, "--set", "storage.url=sqlite:///sub/deeper/x.db") as server:
        assert {mode(server.data / "sub"), mode(server.data / "sub" / "deeper")} == {0o700}
        assert (server.data / "sub" / "deeper" / "x.db").exists()


def test_few_open_files(used: Path, tmp_path: Path) -> None:
    """Where the system allows fewer open files than [limits] connections, it is said, and silent ones make room."""
    few = OWN_FILES + 36
    (tmp_path / "sitecustomize.py").write_text(
        f"import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, ({few}, {few}))\n", "utf-8"
    )
    with running(used, environment={"PYTHONPATH": f"{tmp_path}:{ROOT}"}) as server, ExitStack() as stack:
        assert sum("there is room for 36 connections, not 10000" in line for line in server.output) == 1
        people = []
        for _ in range(120):
            people.append(stack.enter_context(server.client()))
            assert people[-1].ask(type="users")["type"] == "users"
        assert people[83].read()["code"] == "too_many_connections"
        assert people[83].read() is None
        people[84].register("alice")
    assert "EMFILE" not in server.logged()


# -- listeners --------------------------------------------------------------------------------------------------------


def test_several_listeners(used: Path, tmp_path: Path) -> None:
    """People who come by several ports, IPv6 and a unix socket hear each other."""
    chat, tls = [LOCAL, LOCAL, f"unix:{tmp_path}/chat"], [LOCAL, LOCAL]
    with suppress(OSError), socket.create_server(("::1", 0), family=socket.AF_INET6):
        chat.append(IPV6_LOCAL)
        tls.append(IPV6_LOCAL)
    options = ["--set", f"listen.chat={json.dumps(chat)}", "--set", f"listen.tls={json.dumps(tls)}"]
    with running(used, *options, "--set", "limits.connections_per_address=20") as server, ExitStack() as stack:
        faces = [(face, number) for face in ("tcp", "tls") for number in range(len(server.places(face)))]
        assert len(faces) == len(chat) + len(tls)
        people = [stack.enter_context(server.client(*face)) for face in faces]
        for number, person in enumerate(people):
            person.say("I am here", **{"from": f"guest{number}"})
            person.send(type="users")
            assert f"guest{number}" in person.until(type="users")["users"]
        people[0].say("everybody?")
        for person in people[1:]:
            assert person.until(content="everybody?")["from"] == "guest0"
    assert not (tmp_path / "chat").exists()


def test_unix_socket_of_a_killed_server(used: Path, tmp_path: Path) -> None:
    """What a killed server leaves of its unix socket does not keep out the next one, and no limit by address counts."""
    place = ("--set", f"listen.chat=unix:{tmp_path}/chat", "--set", "limits.connections_per_address=1")
    with Server(used, *place) as server:
        server.crash()
    assert (tmp_path / "chat").exists()
    with running(used, *place) as server, server.client() as one, server.client() as other:
        assert one.ask(type="users") == other.ask(type="users")


# -- what the logs say ------------------------------------------------------------------------------------------------


def talk(server: Server) -> None:
    """Say and mistype all kinds of things, and wait until the server has dealt with them."""
    with server.client() as alice, server.client() as bob:
        alice.register("alice", "SECRETpassword")
        bob.register("bob", "SECRETpassword")
        bob.say("SECRETglobal \x1b[31m {x}\nsecond line")
        bob.say("SECRETprivate", subtype="private", to="alice")
        bob.say("SECRETkept", subtype="private", to="admin")
        bob.say("SECRETlong" * 2000)
        bob.say("SECRETbad", channel="#nowhere")
        bob.socket.sendall(b'{"SECRETbad\n{"type":"SECRETtype"}\n{"type":"message","content":["SECRETbad"]}\n')
        bob.send(type="login", username="bob", password="SECRETpassword wrong")
        bob.until(code="login_failed")
        alice.until(subtype="private")


@pytest.mark.parametrize(
    ("options", "keywords"),
    [
        ((), {}),
        (("--verbose",), {"twistd": ("--logfile", "twistd.log")}),
        (("--verbose",), {"daemon": True}),
        ((), {"daemon": True, "twistd": ("--logfile", "twistd.log")}),
    ],
    ids=["console", "logfile", "daemon", "daemon-logfile"],
)
def test_no_content_in_the_logs(used: Path, options: tuple[str, ...], keywords: dict[str, Any]) -> None:
    """Without being asked, no log and no console holds a message or a password, not even at `debug`."""
    with running(used, "--set", "log.level=debug", *options, **keywords) as server:
        talk(server)
    logs = [file for file in used.rglob("*.log") if file.is_file()]
    written = "".join(server.output) + "".join(file.read_text("utf-8") for file in logs)
    assert len(logs) == 2 + ("twistd" in keywords)
    assert "SECRET" not in written
    for said in ("session 1 connected from 127.0.0.1 by tcp", "session 1 is alice, member", "session 2: login refused"):
        assert said in written
    assert 'login-failed session=2 address=127.0.0.1 name="bob"' in server.audit.read_text("utf-8")


def test_console_that_cannot_write_everything(used: Path) -> None:
    """Characters that a terminal does not have are written out, and nothing fails for them."""
    with running(used, "--verbose", environment={"PYTHONIOENCODING": "ascii"}) as server, server.client() as client:
        client.say("coucou é 😀", **{"from": "zoé"})
        server.wait_for(r": zo\\xe9 -> #g\\xe9n\\xe9ral: coucou \\xe9 \\U0001f600$")
    assert "zoé -> " not in server.logged()


def test_verbose(used: Path) -> None:
    """--verbose shows connections and messages on the console, a line each, and in no file."""
    with running(used, "--verbose") as server:
        talk(server)
    shown = [line.partition(" info     ")[2] for line in server.output]
    assert r"session 2: bob -> #général: SECRETglobal \x1b[31m {x} second line" + "\n" in shown
    assert "session 2: bob -> alice: (private)\n" in shown
    assert "SECRET" not in server.logged()


def test_message_content(used: Path) -> None:
    """[log] message_content = true puts messages into the log file, which stays one JSON object a line."""
    with running(used, "--set", "log.message_content=true", "--set", "log.format=json") as server:
        talk(server)
    events = [json.loads(line) for line in server.logged().splitlines()[-60:] if line.startswith("{")]
    said = [event for event in events if "SECRETglobal" in event["text"]]
    assert [event["session"] for event in said] == [2]
    assert "password" not in json.dumps(events).replace("first-password", "")


@pytest.mark.parametrize("at_terminal", [True, False])
def test_a_terminal_that_is_closed(begun: Path, tmp_path: Path, at_terminal: bool) -> None:
    """The server in it stops cleanly; where only its output is read no more, it goes on, and does not complain."""
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    ours, its = os.openpty() if at_terminal else os.pipe()
    with suppress(FileNotFoundError):
        (tmp_path / "data" / "log" / "classcord.log").unlink()
    listen = [part for face in FACES for part in ("--set", f"listen.{face}={LOCAL}")]
    heard = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); "  # a suite under nohup has it ignored
    twistd = (*TWISTD[:-1], heard + TWISTD[-1])
    server = subprocess.Popen(
        [
            "setsid",
            *(["--ctty"] if at_terminal else []),
            *twistd,
            "-n",
            "--pidfile=",
            "classcord",
            "--verbose",
            *listen,
            "--set",
            "listen.metrics=",
            "--data",
            "data",
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=its,
        stdout=its,
        stderr=its,
    )
    try:
        os.close(its)
        said = b""
        while b"\nClassCord " not in said.replace(b"\r", b""):
            assert select.select([ours], [], [], BOUND)[0]
            said += os.read(ours, 65_536)
        os.close(ours)
        logged = tmp_path / "data" / "log" / "classcord.log"
        if not at_terminal:
            port = re.findall(r"running on tcp 127\.0\.0\.1:(\d+)", logged.read_text("utf-8"))[-1]
            with Client(("127.0.0.1", int(port))) as alice:
                alice.register("alice")
            server.terminate()
        assert server.wait(BOUND) == 0
        assert "Traceback" not in logged.read_text("utf-8")
        assert "ClassCord has stopped" in logged.read_text("utf-8")
    finally:
        server.kill()
        server.wait()
