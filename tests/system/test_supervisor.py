"""etc/supervisor/classcord.conf under the real supervisord: start, settings read again, restart after a crash, stop."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.manager import LISTEN, Managed
from tests.server import BOUND, ROOT

CONF = ROOT / "etc" / "supervisor" / "classcord.conf"

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not shutil.which("supervisord"), reason="no supervisord; on Debian: apt-get install supervisor"),
]


class Supervised:
    """A supervisord with our file; what the server tells of its life comes to `manager`, so that nobody has to poll."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.data = folder / "data"
        self.data.mkdir(mode=0o700)
        self.output = folder / "output"
        program = configparser.RawConfigParser(comment_prefixes=(";",), inline_comment_prefixes=None)
        program.read(CONF)
        section = program["program:classcord"]
        command = section["command"].replace(
            "/usr/lib/classcord/bin/twistd", str(Path(sys.executable).parent / "twistd")
        )
        command = command.replace("/etc/classcord/classcord.toml", str(folder / "settings.toml"))
        section["command"] = " ".join([command, *LISTEN, "--set listen.metrics=", *options])
        section["stdout_logfile"] = str(self.output)
        section["startretries"] = "1"  # each takes a second longer than the one before
        del section["user"]
        for name, value in section.items():
            section[name] = value.replace("/var/lib/classcord", str(self.data))
        (folder / "settings.toml").touch()
        self._conf = folder / "supervisord.conf"
        with self._conf.open("w") as file:
            file.write(
                f"[supervisord]\nnodaemon=true\nlogfile={folder}/log\npidfile={folder}/pid\nchildlogdir={folder}\n"
                f"[unix_http_server]\nfile={folder}/sock\n[supervisorctl]\nserverurl=unix://{folder}/sock\n"
                "[rpcinterface:supervisor]\n"
                "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
            )
            program.write(file)
        self.manager = Managed(["supervisord", "--configuration", str(self._conf)], folder)

    def ctl(self, *words: str) -> str:
        """Run one command of supervisorctl; return what it says."""
        command = ["supervisorctl", "--configuration", str(self._conf), *words]
        return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=BOUND, check=False).stdout.strip()

    def pid(self) -> int:
        return int(self.ctl("pid", "classcord"))


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    supervised = Supervised(tmp_path)
    with supervised.manager:
        supervised.manager.hears("READY=1")
        yield supervised
        assert supervised.manager.stop() == 0


def test_it_serves_and_stops_cleanly(supervised: Supervised) -> None:
    """The server starts with supervisord, reads its settings again on HUP, and is given time for a clean stop."""
    assert supervised.ctl("signal", "HUP", "classcord") == "classcord: signalled"
    supervised.manager.hears("RELOADING=1")
    supervised.manager.hears("READY=1")
    assert supervised.ctl("stop", "classcord") == "classcord: stopped"
    supervised.manager.hears("STOPPING=1")
    log = (supervised.data / "log" / "classcord.log").read_text("utf-8")
    assert "ClassCord has stopped" in log
    assert re.search("^ClassCord .*^ +Chat ", supervised.output.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_a_crash(supervised: Supervised) -> None:
    """A server that dies is started again, on the same data."""
    before = supervised.pid()
    os.kill(before, signal.SIGKILL)
    supervised.manager.hears("READY=1")
    assert supervised.pid() != before


def test_refused_settings(tmp_path: Path) -> None:
    """What cannot work is given up after a few tries, with the reason in the output, instead of being tried forever."""
    supervised = Supervised(tmp_path, "--set", "log.level=loud")
    with supervised.manager:
        # where a start takes longer than startsecs, it is the exit status that says so
        supervised.manager.printed(r"entered FATAL state|exit status 2; expected")
        assert "loud" in supervised.output.read_text("utf-8")
        assert supervised.manager.stop() == 0
