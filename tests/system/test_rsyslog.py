"""etc/rsyslog/classcord.conf with the real rsyslogd: what a log server hears of a server that runs."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.manager import Managed
from tests.server import BOUND, ROOT, Server, running

CONF = ROOT / "etc" / "rsyslog" / "classcord.conf"
DAEMON = shutil.which("rsyslogd") or shutil.which("rsyslogd", path="/usr/sbin")

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not DAEMON, reason="no rsyslogd; on Debian: apt-get install rsyslog"),
]


class LogServer:
    """The school's log server: it hears lines over TCP."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(BOUND)
        self.port = self._listening.getsockname()[1]
        self._connection: socket.socket | None = None
        self._heard = b""

    def hears(self, pattern: str) -> str:
        """Return the line that has this pattern in it; of two files, either may be ahead."""
        if self._connection is None:
            self._connection, _ = self._listening.accept()
            self._connection.settimeout(BOUND)
        while True:
            for line in self._heard.decode().splitlines():
                if re.search(pattern, line):
                    return line
            more = self._connection.recv(65536)
            assert more, f"no {pattern!r} in {self._heard!r}"
            self._heard += more

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._listening.close()


@pytest.fixture
def log_server() -> Iterator[LogServer]:
    log_server = LogServer()
    yield log_server
    log_server.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path) as server:
        yield server


@pytest.fixture
def conf(tmp_path: Path, server: Server, log_server: LogServer) -> Path:
    """Our file, for this server and this log server."""
    text = CONF.read_text("utf-8").replace("/var/lib/classcord", str(server.data))
    text = text.replace('"logs.school.example" port="514"', f'"127.0.0.1" port="{log_server.port}"')
    file = tmp_path / "rsyslog.conf"
    file.write_text(f'global(workDirectory="{tmp_path}")\n{text}', "utf-8")
    return file


def test_it_is_understood(conf: Path) -> None:
    """Rsyslogd finds nothing to complain of."""
    done = subprocess.run(
        [str(DAEMON), "-N1", "-f", str(conf)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=BOUND,
        check=False,
    )
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if "version" not in line and "End of config" not in line] == []


def test_the_log_server_hears_all(tmp_path: Path, conf: Path, server: Server, log_server: LogServer) -> None:
    """Connections and logins arrive, each under its program's name, and so do those after the logs were rotated."""
    command = [str(DAEMON), "-n", "-f", str(conf), "-i", str(tmp_path / "rsyslog.pid")]
    with Managed(command, tmp_path) as daemon:
        with server.client() as client:
            client.register("alice")
            assert " classcord " in log_server.hears("session 1 connected from 127.0.0.1 by tcp")
            line = log_server.hears('login session=1 address=127.0.0.1 name="alice"')
            assert line.startswith("<173>1 ")  # local5, notice: RFC 5424 §6.2.1
            assert " classcord-audit " in line
        for file in (server.log, server.audit):
            file.rename(file.with_suffix(".1"))
        server.send_signal(signal.SIGHUP)
        log_server.hears("were read again")
        with server.client() as client:
            client.register("bob")
            log_server.hears('login session=2 address=127.0.0.1 name="bob"')
        assert daemon.stop() == 0
