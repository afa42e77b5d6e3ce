"""A disk that is really full: administrators are answered at once, the server stops in time, no upgrade is half."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from classcord.store.sqlite import migrate
from tests.server import BOUND, FACES, LOCAL, Server, run_twistd, running

pytestmark = pytest.mark.system

NEWEST = len(migrate.steps())
OLDER = 12  # the last schema whose files keep their size
NOT_YET = "the audit trail gets its entry when that works again"
MANAGING = ("reload", "loglevel", "shutdown", "cancel")
REFUSED = "The server cannot store anything at the moment"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system in the place of the data folder."""
    data = tmp_path / "data"
    data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(data)]
    done = subprocess.run(mount, capture_output=True, encoding="utf-8", timeout=BOUND, check=False)
    if done.returncode:
        pytest.skip(f"no file system may be mounted here: {done.stderr.strip()}")
    yield data
    subprocess.run(["umount", "--lazy", str(data)], timeout=BOUND, check=True)


def fill(file: Path) -> None:
    """Write until nothing goes in any more, not even a little."""
    for size in (65_536, 512, 1):
        with suppress(OSError), file.open("ab", buffering=0) as output:
            while True:
                output.write(b"x" * size)


def test_managing_the_server(disk: Path) -> None:
    """What reads answers, what must be stored is refused, what manages is done, and kept when there is room."""
    with Server(disk.parent, "--verbose") as server:
        assert server.ctl("adduser", "bob").returncode == 0
        fill(disk / "large")
        for command in ("reload", "loglevel debug", "shutdown 1h --yes", "cancel"):
            done = server.ctl(*command.split())
            assert (done.returncode, done.stderr) == (0, ""), command
            assert NOT_YET in done.stdout
        for command in ("backup", "ban bob 1h --yes", "adduser eve", "maintenance on"):
            done = server.ctl(*command.split())
            assert (done.returncode, REFUSED in done.stderr) == (1, True), command
        for command in ("who", "stats", "users", "blocks", "audit"):
            assert server.ctl(command).returncode == 0, command
        (disk / "large").unlink()
        server.wait_for("the storage works again")
        kept = [entry["action"] for entry in json.loads(server.ctl("audit", "--json").stdout)]
        assert [action for action in kept if action in MANAGING] == list(MANAGING)
        fill(disk / "large")
        done = server.ctl("shutdown", "--yes")
        assert (done.returncode, "The server stops now." in done.stdout) == (0, True)
        assert server.ended() == 0


def older(data: Path, megabytes: int) -> Path:
    """Make a database as an older version has left it, whose file keeps its size."""
    steps, file = data.parent / f"steps-{megabytes}", data / "classcord.db"
    steps.mkdir()
    for step in sorted(migrate.SHIPPED.glob("*.sql"))[:OLDER]:
        (steps / step.name).write_bytes(step.read_bytes())
    with closing(sqlite3.connect(file, isolation_level=None)) as store:
        migrate.migrate(store, data / "backups", steps)
        rows = [("mot " * 250,)] * (megabytes * 1_000)
        store.execute("BEGIN")
        store.execute("INSERT INTO channels (id, name, name_key, kind, added_at) VALUES (1, '#dev', 'dev', 'open', 0)")
        store.executemany("INSERT INTO messages (at, channel_id, author, content) VALUES (1, 1, 'bob', ?)", rows)
        store.execute("COMMIT")
    return file


def look(file: Path) -> tuple[int, int, int, str]:
    """Return a file's schema, how it gives space back, how many messages it has, and whether it is sound."""
    with closing(sqlite3.connect(file)) as store:
        asked = ("SELECT max(version) FROM schema_version", "PRAGMA auto_vacuum", "SELECT count(*) FROM messages")
        schema, mode, count = (store.execute(each).fetchone()[0] for each in asked)
        return schema, mode, count, store.execute("PRAGMA integrity_check").fetchone()[0]


def test_an_upgrade_without_room_for_its_backup(disk: Path) -> None:
    """No start: it says how much is needed and how much there is, and the database is as it was."""
    file = older(disk, 7)
    listen = [part for face in FACES for part in ("--set", f"listen.{face}={LOCAL}")]
    done = run_twistd(disk.parent, "-n", "--pidfile=", "classcord", "--data", str(disk), *listen)
    assert done.returncode == 2
    assert "an upgrade begins with a backup, which needs " in done.stderr
    assert "the database is as it was before" in done.stderr
    assert look(file) == (OLDER, 0, 7_000, "ok")
    assert not list((disk / "backups").iterdir())


def test_an_upgrade_without_room_to_write_the_file_anew(disk: Path) -> None:
    """The server starts, and its log says why the file keeps its size; with room, the next start writes it anew."""
    file = older(disk, 3)
    with running(disk.parent) as server:
        assert "as it could not be written anew (that needs " in server.logged()
        assert server.ctl("who").returncode == 0
    assert look(file) == (NEWEST, 0, 3_000, "ok")
    subprocess.run(["mount", "-o", "remount,size=60m", str(disk)], timeout=BOUND, check=True)
    with running(disk.parent) as server:
        assert server.logged().count("as it could not be written anew") == 1
    assert look(file) == (NEWEST, 2, 3_000, "ok")
