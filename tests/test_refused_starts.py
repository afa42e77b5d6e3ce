"""What `twistd classcord` refuses: a line on stderr that helps, status 2, no traceback, and nothing has been begun."""

from __future__ import annotations

import os
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.server import FACES, LOCAL, Server, run_classcord, run_twistd

ANYWHERE = tuple(part for face in FACES for part in ("--set", f"listen.{face}={LOCAL}"))


def refusal(folder: Path, *options: str) -> str:
    """Return the one line that a refused start says."""
    ended = run_twistd(folder, "-n", "--pidfile=", "classcord", "--data", "data", *ANYWHERE, *options)
    assert (ended.returncode, ended.stdout) == (2, ""), ended
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert ended.stderr.startswith("classcord: ")
    assert "Traceback" not in ended.stderr
    return ended.stderr


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("server.nmae=Lycée", "did you mean [server] name"),
        ("limits.burst=many", "[limits] burst"),
        ("server.language=xx", '"fr" or "en"'),
        ('listen.chat=["tcp:70000"]', "[listen] chat #1"),
        ("nonsense", "section.key=value"),
        ("listen.chat=systemd:domain=INET:name=chat", "systemd:domain=INET:name=chat"),
        ("listen.tls=tcp:0:interface=192.0.2.1", "does not have that address"),
        (f"listen.chat=unix:{'long' * 30}", "it cannot be listened on"),
        ("listen.chat=unix:nowhere/chat", "No such file or directory"),
        ("listen.ssh=tcp:70000", "[listen] ssh #1"),
        ("listen.web=nonsense", "[listen] web #1"),
    ],
)
def test_settings_on_the_command_line(tmp_path: Path, option: str, words: str) -> None:
    """A setting that cannot be used is named, with what would be right."""
    assert words in refusal(tmp_path, "--set", os.fsdecode(option.encode()))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (["--nope"], "option --nope not recognized; `twistd classcord --help` lists the options."),
        (["--port"], "option --port requires argument; "),
        (["--a\nb\x1b"], r"option --a\nb\x1b not recognized; "),
        (["extra", "argument"], "Wrong number of arguments; "),
    ],
)
def test_command_line(tmp_path: Path, mistake: list[str], words: str) -> None:
    """An option that there is not, or what is no option, is told in one line as well."""
    assert words in refusal(tmp_path, *mistake)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[server]\nnmae = 'x'\n", "did you mean [server] name"),
        (b"[limits]\nburst = 'many'\n", "[limits] burst"),
        (b"[accounts]\nmin_password = -1\n", "[accounts] min_password"),
        (b"[server\n", "this is not TOML"),
        (b"[server]\nname = '\xe9'\n", "line 2: this is not UTF-8"),
    ],
)
def test_settings_in_a_file(tmp_path: Path, content: bytes, words: str) -> None:
    """A mistake in the file is told with the file's name."""
    (tmp_path / "classcord.toml").write_bytes(content)
    said = refusal(tmp_path, "--config", "classcord.toml")
    assert words in said
    assert "classcord.toml" in said
    assert not (tmp_path / "data").exists()


def test_unreadable_settings(tmp_path: Path) -> None:
    """A file that is not there, or is none, is refused by its name; it is never passed over."""
    assert "missing.toml: it cannot be read: No such file" in refusal(tmp_path, "--config", "missing.toml")
    assert "it cannot be read: Is a directory" in refusal(tmp_path, "--config", ".")


@pytest.mark.parametrize("face", ["chat", "tls", "web", "web_tls"])
def test_busy_port(tmp_path: Path, face: str) -> None:
    """A port that another program has is found out before anything is made."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        endpoint = f"tcp:{other.getsockname()[1]}:interface=127.0.0.1"
        assert endpoint in (said := refusal(tmp_path, "--set", f"listen.{face}={endpoint}"))
    assert "listens there already" in said
    assert list(tmp_path.iterdir()) == []


def test_one_port_for_two_listeners(tmp_path: Path) -> None:
    """Two endpoints that cannot be had together are found out as well, whatever listens there now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        endpoint = f"tcp:{free.getsockname()[1]}:interface=127.0.0.1"
    said = refusal(tmp_path, "--set", f"listen.chat={endpoint}", "--set", f"listen.tls={endpoint}")
    assert "cannot both listen on port" in said


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    """A line each, in the words of `check-config`; no folder is made."""
    options = ("--set", "limits.burst=many", "--set", "tls.directory=missing", "--set", "alerts.relay=localhost:25")
    ended = run_twistd(tmp_path, "-n", "--pidfile=", "classcord", "--data", "data", *options)
    checked = run_classcord(tmp_path, "check-config", "--data", "data", *options)
    assert (ended.returncode, checked.returncode, ended.stdout) == (2, 2, "")
    lines = ended.stderr.splitlines()
    assert [line for line in lines if not line.startswith("classcord: ")] == []
    assert [word for word in ("burst", "directory", "sender", "[alerts] to") if word not in ended.stderr] == []
    assert len(lines) == 4
    assert lines == [line for line in checked.stderr.splitlines() if line.startswith("classcord: ")]
    assert list(tmp_path.iterdir()) == []


def test_unix_socket_in_use(tmp_path: Path) -> None:
    """A unix socket of a server that runs is left to it; so is a file that is no socket."""
    endpoint = f"unix:{tmp_path}/chat"
    (tmp_path / "one").mkdir()
    with Server(tmp_path / "one", "--set", f"listen.chat={endpoint}") as server:
        assert "listens there already" in refusal(tmp_path, "--set", f"listen.chat={endpoint}")
        with server.client() as client:
            assert client.ask(type="users") == {"type": "users", "users": []}
    (tmp_path / "file").write_text("kept", "utf-8")
    assert "listens there already" in refusal(tmp_path, "--set", f"listen.chat=unix:{tmp_path}/file")
    assert (tmp_path / "file").read_text("utf-8") == "kept"


def test_data_folder_of_a_running_server(tmp_path: Path) -> None:
    """Its server is not disturbed."""
    with Server(tmp_path) as server:
        assert "another ClassCord is running with this data folder" in refusal(tmp_path)
        with server.client() as client:
            client.register("alice")
        assert server.stop() == 0


def test_data_path_that_is_a_file(tmp_path: Path) -> None:
    """It is named, and left as it is."""
    (tmp_path / "data").write_text("kept", "utf-8")
    assert f"{tmp_path}/data" in refusal(tmp_path)
    assert (tmp_path / "data").read_text("utf-8") == "kept"


def test_log_that_cannot_be_written(tmp_path: Path) -> None:
    """A folder in the place of a log file is told like all that is wrong with the data folder."""
    (tmp_path / "data" / "log" / "audit.log").mkdir(parents=True)
    assert "data/log/audit.log: this cannot be the data folder: Is a directory." in refusal(tmp_path)


def test_database_in_a_missing_folder(tmp_path: Path) -> None:
    """Outside the data folder nothing is made: the folder that is missing is named. One in a file's place is too."""
    said = refusal(tmp_path, "--set", f"storage.url=sqlite:///{tmp_path}/srv/chat/x.db")
    assert f"there is no folder {tmp_path}/srv/chat" in said
    assert not (tmp_path / "srv").exists()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "file").write_text("kept", "utf-8")
    said = refusal(tmp_path, "--set", "storage.url=sqlite:///file/deeper/x.db")
    assert f"there is no folder {tmp_path}/data/file/deeper" in said


def test_newer_database(tmp_path: Path) -> None:
    """A database of a newer ClassCord is refused, and left as it is."""
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "classcord.db"
    with closing(sqlite3.connect(file)) as database:
        database.executescript(
            "CREATE TABLE schema_version (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL);"
            "INSERT INTO schema_version VALUES (999, 0);"
        )
    said = refusal(tmp_path)
    assert str(file) in said
    assert "newer" in said
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (1,)


@pytest.mark.parametrize("content", [b"no database at all " * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_garbage_database(tmp_path: Path, content: bytes) -> None:
    """A file that is no database, or a broken one, is refused by its name, and left as it is."""
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "classcord.db"
    file.write_bytes(content)
    assert str(file) in refusal(tmp_path)
    assert file.read_bytes() == content


@pytest.mark.parametrize(("name", "words"), [("key.pem", "no private key"), ("cert.pem", "no certificate")])
def test_garbage_certificate(tmp_path: Path, name: str, words: str) -> None:
    """A certificate or key that cannot be used is refused by its name."""
    with Server(tmp_path) as server:
        assert server.stop() == 0
    (tmp_path / "data" / "tls" / name).write_text("garbage", "utf-8")
    said = refusal(tmp_path)
    assert words in said
    assert str(tmp_path / "data" / "tls" / name) in said


@pytest.mark.parametrize("options", [("-n", "--pidfile="), ()])
def test_a_database_that_is_gone(tmp_path: Path, options: tuple[str, ...]) -> None:
    """In the foreground and as a daemon: an empty server would let nobody in, and seem to have lost everything."""
    (tmp_path / "data" / "log").mkdir(parents=True)
    (tmp_path / "data" / "log" / "audit.log").write_text("x", "utf-8")
    ended = run_twistd(tmp_path, *options, "classcord", "--data", "data", *ANYWHERE)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "classcord.db is missing" in ended.stderr
    assert "init --new --data" in ended.stderr
    assert sorted(each.name for each in (tmp_path / "data").iterdir()) == ["lock", "log"]
