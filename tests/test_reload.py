"""SIGHUP: new log files, a replaced certificate, changed settings; what is refused stays as it was, and is told."""

from __future__ import annotations

import json
import shutil
import signal
import ssl
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import pytest

from classcord.services.process.logs import LogFile
from classcord.services.tls.certificates import make_self_signed
from tests.server import Client, Server, history, running, unverified

DONE = "were read again|the settings stay as they were"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "classcord.toml"
    file.write_text("", "utf-8")
    return file


@pytest.fixture
def server(tmp_path: Path, config: Path) -> Iterator[Server]:
    with running(tmp_path, "--verbose", "--config", config.name) as started:
        yield started


def reload(server: Server) -> str:
    """Send SIGHUP and wait until it is dealt with; return the line that says how."""
    server.send_signal(signal.SIGHUP)
    return server.wait_for(DONE)


def shown_certificate(server: Server) -> bytes:
    with Client(server.address("tls"), unverified()) as client:
        assert isinstance(client.socket, ssl.SSLSocket)
        return client.socket.getpeercert(binary_form=True) or b""


def test_log_files_are_reopened(server: Server) -> None:
    """After logrotate has renamed them, both logs go on in new private files, and nothing is lost between."""
    kept = {file: file.with_suffix(".1") for file in (server.log, server.audit)}
    with server.client() as client:
        client.register("before")
        for file, renamed in kept.items():
            file.rename(renamed)
        client.register("between")
        reload(server)
        client.register("after")
    both = kept[server.log].read_text("utf-8") + server.log.read_text(
        "utf-8"
    )  # by itself it goes on in a new file within a second
    assert both.count("session 1 is between, member") == 1
    assert server.log.read_text("utf-8").count("session 1 is after, member") == 1
    assert "after" not in kept[server.audit].read_text("utf-8")
    assert 'login session=1 address=127.0.0.1 name="after"' in server.audit.read_text("utf-8")
    assert {file.stat().st_mode & 0o777 for file in kept} == {0o600}


def test_log_folder_that_is_gone(server: Server) -> None:
    """Log files that cannot be opened again do not keep the rest of SIGHUP from happening, nor the chat."""
    shutil.rmtree(server.log.parent)
    assert "were read again" in reload(server)
    for file in (server.log, server.audit):
        assert any(f"{file} cannot be opened again, the old file stays in use" in line for line in server.output)
    server.log.parent.mkdir()
    reload(server)
    with server.client() as client:
        client.register("alice")
    assert "session 1 is alice, member" in server.logged()


def test_log_file_on_a_full_disk() -> None:
    """What cannot be written is lost, and neither new files nor the end of the server fail for it."""
    file = LogFile(Path("/dev/full"))
    file.write("lost\n")
    file.reopen()
    file.write("lost\n")
    file.close()


def test_certificate(server: Server, tmp_path: Path) -> None:
    """New connections get a new certificate, old ones go on; a broken one is told and not used, a key alone neither."""
    folder = server.data / "tls"
    first = shown_certificate(server)
    make_self_signed(tmp_path / "new", datetime.now(timezone.utc))
    with server.client("tls") as old:
        old.register("old")
        shutil.copytree(tmp_path / "new", folder, dirs_exist_ok=True)
        reload(server)
        second = shown_certificate(server)
        assert second == ssl.PEM_cert_to_DER_cert((folder / "cert.pem").read_text("utf-8"))
        assert second != first
        (folder / "cert.pem").write_text("garbage", "utf-8")
        reload(server)
        assert shown_certificate(server) == second
        assert any("cannot be used, the old one stays" in line for line in server.output)
        make_self_signed(tmp_path / "newer", datetime.now(timezone.utc))
        shutil.copy(tmp_path / "newer" / "key.pem", folder)
        shutil.copy(tmp_path / "new" / "cert.pem", folder)
        reload(server)
        assert shown_certificate(server) == second
        old.send(type="users")
        assert old.until(type="users")["users"] == ["old"]


def test_settings(server: Server, config: Path) -> None:
    """A changed file counts from then on; a refused one changes nothing and is told with the key."""
    with server.client() as client:
        closed = '[accounts]\nregistration = "closed"\n[channels]\nlist = [{name = "Blabla"}]\n'
        config.write_text(closed + '[storage]\nsynchronous = "NORMAL"\n', "utf-8")
        assert "were read again" in reload(server)
        assert any("[storage] will change only with a restart" in line for line in server.output)
        assert client.ask(type="register", username="late", password="azerty")["code"] == "registration_closed"
        config.write_text('[accounts]\nregistration = "perhaps"\n', "utf-8")
        assert "[accounts] registration" in reload(server)
        assert client.ask(type="register", username="late", password="azerty")["code"] == "registration_closed"
        config.unlink()
        assert "No such file" in reload(server)
        config.write_text("", "utf-8")
        reload(server)
        client.register("late")
        assert client.ask(type="join", channel="Blabla")["channel"] == "#Blabla"


def test_what_waits_for_a_restart(server: Server, config: Path) -> None:
    """Sections that a running server does not change stay as they are, and each reload says so again."""
    config.write_text('[listen]\ntrusted_proxies = ["127.0.0.1"]\n[ssh]\nkeys = "elsewhere"\n', "utf-8")
    for _ in range(2):
        server.send_signal(signal.SIGHUP)
        server.wait_for(r"\[listen\], \[ssh\] keys will change only with a restart")
        server.wait_for(DONE)
    with server.client() as client:
        client.register("direct")  # without a header of a proxy


def test_what_a_reload_answers(server: Server, config: Path) -> None:
    """`reload` says what it did, and its exit status says whether all of it was done; the log says the same."""
    done = server.ctl("reload")
    assert (done.returncode, done.stdout, done.stderr) == (0, "Done.\n", "")
    config.write_text(
        '[listen]\ntrusted_proxies = ["127.0.0.1"]\n[storage]\nsynchronous = "NORMAL"\n[ssh]\nkeys = "elsewhere"\n',
        encoding="utf-8",
    )
    done = server.ctl("reload")
    assert (done.returncode, done.stderr) == (0, "")
    first, *waiting = done.stdout.splitlines()
    assert first == "Done."
    assert waiting[:2] == [
        '[listen] trusted_proxies waits for a restart: it is [], and will be ["127.0.0.1"].',
        '[storage] synchronous waits for a restart: it is "FULL", and will be "NORMAL".',
    ]
    assert waiting[2].startswith("[ssh] keys waits for a restart: it is ")
    assert waiting[2].endswith('elsewhere".')
    assert len(waiting) == 3
    for line in waiting:
        assert line in server.logged()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[server\nmotd = "x"\n', ("classcord.toml", "line 1")),
        (
            '[server]\nmotd = "new"\n[accounts]\nregistration = "perhaps"\n',
            ("classcord.toml", "[accounts] registration"),
        ),
        ('[server]\nmotd = "new"\nmood = "good"\n', ("classcord.toml", "[server] mood")),
        (None, ("No such file", "classcord.toml")),
    ],
    ids=["broken TOML", "a refused value", "an unknown key", "no file"],
)
def test_a_reload_that_is_refused(server: Server, config: Path, content: str | None, words: tuple[str, ...]) -> None:
    """It says where the mistake is and exits with 1; nothing of the file counts, and no certificate is read either."""
    certificate = shown_certificate(server)
    make_self_signed(server.folder / "new", datetime.now(timezone.utc))
    shutil.copytree(server.folder / "new", server.data / "tls", dirs_exist_ok=True)
    if content is None:
        config.unlink()
    else:
        config.write_text(content, encoding="utf-8")
    done = server.ctl("reload")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Nothing was changed, the settings stay as they were: ")
    for each in words:
        assert each in done.stderr
        assert each in server.logged()
    with server.client() as client:
        assert client.ask(type="hello", protocol=2)["motd"] != "new"
    assert shown_certificate(server) == certificate


def test_a_certificate_that_is_refused(server: Server, config: Path) -> None:
    """The settings count, the old certificate stays, and the answer says both and why; so does its exit status."""
    certificate = shown_certificate(server)
    (server.data / "tls" / "cert.pem").write_text("garbage")
    config.write_text('[server]\nmotd = "new"\n', encoding="utf-8")
    done = server.ctl("reload")
    assert (done.returncode, done.stdout) == (1, "")
    assert "The settings were read again, but the old TLS certificate stays" in done.stderr
    assert "cert.pem: this is no certificate in PEM." in done.stderr
    assert "the new TLS certificate cannot be used, the old one stays" in server.logged()
    assert shown_certificate(server) == certificate
    with server.client() as client:
        assert client.ask(type="hello", protocol=2)["motd"] == "new"


def test_limits(server: Server, config: Path) -> None:
    """Limits of connections and of their input count for those that come after."""
    with server.client() as old:
        old.register("old")
        limits = {"connections": 2, "line_bytes": 1024, "content_chars": 900, "messages_per_second": 0}
        lines = "".join(f"{key} = {value}\n" for key, value in limits.items())
        config.write_text(f"[limits]\n{lines}", "utf-8")
        reload(server)
        with server.client() as new:
            new.register("new")  # who has an account makes room for nobody
            refused = server.client()
            assert refused.read()["code"] == "too_many_connections"
            refused.close()
            assert "too many" in server.wait_for("refused")
            new.socket.sendall(b" " * 1100 + b"\n")
            assert new.read()["code"] == "line_too_long"
        old.until(user="new", state="offline")
        old.socket.sendall(b" " * 1100 + b'{"type":"users"}\n')
        assert old.until(type="users")["users"] == ["old"]


def test_log_settings(server: Server, config: Path) -> None:
    """Level, format and message content of the log file change without a restart."""
    config.write_text('[log]\nformat = "json"\nmessage_content = true\n', "utf-8")
    reload(server)
    with server.client() as client:
        client.hello().register("alice").say("for the record")
        history(client)  # is read when what was said before is dealt with
        lines = server.logged().splitlines()
        said = [json.loads(line) for line in lines if "for the record" in line]
        assert [(each["level"], each["session"], each["text"]) for each in said] == [
            ("info", 1, "session 1: alice -> #général: for the record")
        ]
        config.write_text('[log]\nlevel = "error"\n', "utf-8")
        reload(server)
        before = server.logged()
        client.say("off the record")
        assert len(history(client)) == 2
    assert server.logged() == before
