"""The doctor's look at what is kept: the database, its backups, and the clock that times come from."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from classcord.cli.doctor.checks import storage
from classcord.cli.doctor.checks.machine import OpenFile, ProgramResult, ThisMachine
from classcord.durable import identity
from classcord.store.sqlite import inspection
from tests.cli.doctor.installations import NOON, PaperMachine, findings, installation

HOUR, DAY = 3_600.0, 86_400.0


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a database of schema 2, which a server has closed."""
    folder = tmp_path / "data"
    (folder / "backups").mkdir(parents=True)
    with opened(folder) as database:
        database.executescript(
            "CREATE TABLE schema_version (version INTEGER); INSERT INTO schema_version VALUES (1), (2);"
            "CREATE TABLE messages (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, content TEXT);"
        )
    return folder


@contextmanager
def opened(data: Path) -> Iterator[sqlite3.Connection]:
    """The connection of a server: while it is open, there is a WAL file."""
    with closing(sqlite3.connect(data / "classcord.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        yield connection


def add_messages(data: Path, count: int, at: object = int(NOON * 1000)) -> None:
    with opened(data) as database:
        database.execute("BEGIN")
        database.executemany("INSERT INTO messages (at, content) VALUES (?, ?)", [(at, "x" * 1000)] * count)
        database.execute("COMMIT")


def damage(file: Path) -> None:
    """Write over the second half of a database, as a failing disk does."""
    size = file.stat().st_size
    with file.open("r+b") as database:
        database.seek(size // 2)
        database.write(b"\xff" * (size // 2))


class TestDatabase:
    def test_whole(self, data: Path) -> None:
        """A closed database is read, and nothing is left beside it or changed."""
        file = data / "classcord.db"
        before = {each.name: each.stat().st_mtime_ns for each in data.iterdir()}
        assert findings(storage.database, installation(data)) == [f"ok: {file} is whole"]
        assert {each.name: each.stat().st_mtime_ns for each in data.iterdir()} == before

    def test_in_use(self, data: Path) -> None:
        """A server that is writing keeps nobody from looking, nor is it kept from writing."""
        with opened(data) as server:
            server.execute("BEGIN IMMEDIATE")
            server.execute("INSERT INTO messages (at, content) VALUES (1, 'Bonjour')")
            assert findings(storage.database, installation(data)) == [f"ok: {data / 'classcord.db'} is whole"]
            server.execute("COMMIT")

    def test_none(self, tmp_path: Path) -> None:
        """Where there is none, the data folder's check has said so."""
        assert findings(storage.database, installation(tmp_path)) == []

    def test_damaged(self, data: Path) -> None:
        """Damage needs action, and the newest backup is the remedy."""
        add_messages(data, 200)
        damage(data / "classcord.db")
        [found] = findings(storage.database, installation(data))
        assert found.startswith(f"problem: {data}/classcord.db is damaged: ")
        assert "classcord restore" in found
        assert "\n" not in found

    def test_no_database(self, data: Path) -> None:
        """A file that is something else needs action."""
        (data / "classcord.db").write_text("Bonjour. " * 1000, "utf-8")
        [found] = findings(storage.database, installation(data))
        assert found.startswith(f"problem: {data}/classcord.db cannot be read: file is not a database →")

    def test_unreadable(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who may not read it is not told to restore a backup."""
        monkeypatch.setattr(os, "access", lambda *_: False)
        [found] = findings(storage.database, installation(data))
        assert found.startswith(f"problem: {data}/classcord.db cannot be looked into: Permission denied")
        assert f"sudo -u {data.owner()} classcord doctor" in found

    def test_locked(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Somebody who has it for themselves for a while is no fault of the database."""
        monkeypatch.setattr(inspection, "LOCK_WAIT", 0.01)
        with opened(data) as server:
            server.execute("PRAGMA locking_mode = EXCLUSIVE")
            server.execute("INSERT INTO messages (at) VALUES (1)")
            assert findings(storage.database, installation(data)) == [
                f"advice: {data}/classcord.db is being worked on, and could not be looked at → ask again in a while"
            ]

    def test_a_disk_that_fails(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the disk does not give back needs action."""

        def refuse(*_: object) -> None:
            raise sqlite3.OperationalError("disk I/O error")

        monkeypatch.setattr(inspection, "_faults", refuse)
        [found] = findings(storage.database, installation(data))
        assert found.startswith(f"problem: {data}/classcord.db cannot be read: disk I/O error → stop the server, keep")

    @pytest.mark.parametrize(("known", "level"), [(1, "problem"), (2, "ok"), (3, "advice")])
    def test_schema(self, data: Path, known: int, level: str) -> None:
        """One from a newer version cannot be used; an older one is upgraded by the next start."""
        [found] = findings(storage.database, installation(data, schema=known))
        assert found.startswith(f"{level}: {data}/classcord.db ")
        assert ("has schema 2" in found) is (level != "ok")

    def test_of_another_program(self, data: Path) -> None:
        """A database without our tables has no schema yet."""
        with opened(data) as database:
            database.execute("DROP TABLE schema_version")
        [found] = findings(storage.database, installation(data))
        assert found.startswith("advice: ")
        assert "has schema 0" in found

    def test_large(self, data: Path) -> None:
        """A look ends in time, and says that it did not see everything."""
        add_messages(data, 20_000)
        [found] = [
            f"{finding.level.value}: {finding.text.render()}"
            for finding in storage.database(installation(data), PaperMachine(), patience=0)
        ]
        assert found == f"ok: {data}/classcord.db, nothing wrong as far as it was read within 0 s"

    def test_a_server_starts_meanwhile(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What looked damaged because somebody wrote while it was read is looked at once more."""
        looks: list[object] = []
        with opened(data) as server:
            server.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        usual = inspection._faults

        def faults(connection: sqlite3.Connection, patience: float) -> list[str]:
            looks.append(connection)
            if len(looks) == 1:
                (data / "classcord.db-wal").touch()
                return ["row 7 missing from index messages"]
            return usual(connection, patience)

        monkeypatch.setattr(inspection, "_faults", faults)
        assert findings(storage.database, installation(data)) == [f"ok: {data}/classcord.db is whole"]
        assert len(looks) == 2

    @pytest.mark.parametrize(("size", "is_found"), [(64_000_000, False), (65_000_000, True)])
    def test_a_wal_that_grows(self, data: Path, size: int, is_found: bool) -> None:
        """A log that is not emptied is worth a word."""
        with opened(data) as server:
            server.execute("INSERT INTO messages (at) VALUES (1)")
            os.truncate(data / "classcord.db-wal", size)
            found = findings(storage.database, installation(data))
        assert any("has grown to 65 MB" in line for line in found) is is_found


class TestDisplaced:
    """A server that runs, process 42, and what it has open."""

    @pytest.fixture
    def machine(self, data: Path) -> PaperMachine:
        machine = PaperMachine()
        (data / "lock").write_text("42\n", "utf-8")
        machine.opened[42] = [held(data / "lock"), held(data / "classcord.db")]
        return machine

    def look(self, data: Path, machine: PaperMachine, **facts: Any) -> list[str]:
        return findings(storage.database, installation(data, **{"running": True, "process": 42, **facts}), machine)

    def test_at_its_place(self, data: Path, machine: PaperMachine) -> None:
        """Nothing is said of it."""
        assert self.look(data, machine) == [f"ok: {data / 'classcord.db'} is whole"]

    @pytest.mark.parametrize("name", ["classcord.db.old", "elsewhere", "classcord.db-wal.db"])
    def test_moved(self, data: Path, machine: PaperMachine, name: str) -> None:
        """It is told where it is, whatever it is called there, and how it is put back; its log is another file."""
        there = data / name
        wal = data / "classcord.db-wal"
        wal.write_bytes(b"\x37\x7f\x06\x82")
        (data / "classcord.db").rename(there)
        machine.opened[42][1:] = [held(wal), held(there)]
        (line,) = self.look(data, machine)
        assert line.startswith("problem: the server that runs has another file open than ")
        assert line.endswith(f"→ mv {there} {data / 'classcord.db'}; the server goes on by itself")

    def test_removed_and_replaced(self, data: Path, machine: PaperMachine) -> None:
        """What only the server still has is copied out of it before it is stopped."""
        gone = machine.opened[42][1]
        machine.opened[42][1] = OpenFile("/proc/42/fd/7", f"{gone.path} (deleted)", (0, 0), gone.kind)
        (line,) = self.look(data, machine)
        assert f"cp /proc/42/fd/7 {data / 'classcord.db.rescued'}, before the server is stopped" in line
        (data / "classcord.db").unlink()
        assert self.look(data, machine) == [line]

    def test_the_log_of_it(self, data: Path, machine: PaperMachine) -> None:
        """What lies beside it counts as well."""
        wal = data / "classcord.db-wal"
        machine.opened[42].append(OpenFile("/proc/42/fd/8", f"{wal} (deleted)", (0, 0)))
        (line,) = self.look(data, machine)
        assert f"another file open than {wal}" in line

    def test_another_process(self, data: Path, machine: PaperMachine) -> None:
        """A number that is another program's, as in a container, and a server that is stopped: nothing is said."""
        machine.opened[42] = [held(data.parent)]
        whole = [f"ok: {data / 'classcord.db'} is whole"]
        assert self.look(data, machine) == self.look(data, machine, process=None) == whole
        assert self.look(data, machine, running=False) == whole

    def test_what_this_process_has_open(self, tmp_path: Path) -> None:
        """As the system shows it: where it is, and that it is gone."""
        with (tmp_path / "file").open("w"):
            for gone in (False, True):
                (found,) = [each for each in ThisMachine().files_of(os.getpid()) if each.name == "file"]
                assert (found.is_gone, found.identity == identity(Path(found.shown))) == (gone, True)
                (tmp_path / "file").unlink(missing_ok=True)
        assert ThisMachine().files_of(2**30) == []


def held(file: Path) -> OpenFile:
    found = identity(file)
    assert found is not None
    return OpenFile("/proc/42/fd/3", str(file), found, inspection.part(file))


class TestBackups:
    def make(self, data: Path, when: float, *, summed: bool = True) -> Path:
        """Make a backup's files as `classcord backup` does."""
        stamp = datetime.fromtimestamp(when, timezone.utc).strftime("%Y%m%d-%H%M%S")
        file = data / "backups" / f"classcord-{stamp}.db.gz"
        file.write_bytes(os.urandom(100))
        if summed:
            total = hashlib.sha256(file.read_bytes()).hexdigest()
            file.with_name(f"{file.name}.sha256").write_text(f"{total}  {file.name}\n", "utf-8")
        return file

    def test_none(self, data: Path) -> None:
        """Without one, the command that makes one is the remedy; other files are none."""
        (data / "backups" / "notes.txt").touch()
        assert findings(storage.backups, installation(data)) == [
            f"advice: there is no backup yet → classcord backup --data {data}, once a day"
        ]

    def test_no_folder(self, data: Path) -> None:
        """A folder that was never made is an empty one."""
        (data / "backups").rmdir()
        assert len(findings(storage.backups, installation(data))) == 1

    def test_nothing_to_keep(self, tmp_path: Path) -> None:
        """Before the first start nothing has to be backed up."""
        assert findings(storage.backups, installation(tmp_path)) == []

    @pytest.mark.parametrize(
        ("age", "level", "words"),
        [
            (HOUR, "ok", ""),
            (26 * HOUR, "ok", ""),
            (27 * HOUR, "advice", "is 27 hours old"),
            (8 * DAY, "advice", "is 192 hours old"),
            (9 * DAY, "problem", "is 9 days old"),
            (-DAY, "ok", ""),  # the clock's own check says what is wrong then
        ],
    )
    def test_age(self, data: Path, age: float, level: str, words: str) -> None:
        """One a day is right; one older than a week needs action."""
        file = self.make(data, NOON - age)
        self.make(data, NOON - 30 * DAY, summed=False)
        [found] = findings(storage.backups, installation(data))
        assert found.startswith(level)
        assert file.name in found
        assert words in found
        assert ("systemctl list-timers" in found) is (level != "ok")

    def test_not_what_was_written(self, data: Path) -> None:
        """A backup whose bytes are others is worth nothing, however fresh it is."""
        file = self.make(data, NOON - HOUR)
        file.write_bytes(b"something else")
        [age, found] = findings(storage.backups, installation(data))
        assert age.startswith("ok")
        assert found.startswith("problem: the newest backup is not to be relied on: ")
        assert str(file) in found

    def test_without_its_sum(self, data: Path) -> None:
        """Nobody can say of a backup without a sum whether it is whole."""
        self.make(data, NOON - HOUR, summed=False)
        assert findings(storage.backups, installation(data))[1].startswith("problem: the newest backup is not")

    @pytest.mark.parametrize(("age", "level"), [(29 * DAY, "ok"), (31 * DAY, "advice")])
    def test_a_copy_from_before_an_upgrade(self, data: Path, age: float, level: str) -> None:
        """It is wanted for going back, and after a month only takes room."""
        self.make(data, NOON)
        copy = data / "backups" / "before-schema-2-20261001T120000Z.db"
        copy.touch()
        os.truncate(copy, 1_500_000)
        os.utime(copy, (NOON - age, NOON - age))
        found = findings(storage.backups, installation(data))[1]
        assert found.startswith(level)
        assert (f": 2 MB → rm {copy}" in found) is (level == "advice")

    @pytest.mark.parametrize(("running", "count"), [(False, 2), (True, 1), (None, 1)])
    def test_half_a_copy(self, data: Path, running: bool | None, count: int) -> None:
        """What an interrupted upgrade has left can go, unless an upgrade is under way."""
        self.make(data, NOON)
        half = data / "backups" / "before-schema-2-20261001T120000Z.part"
        half.touch()
        found = findings(storage.backups, installation(data, running=running))
        assert len(found) == count
        assert (f"→ rm {half}" in found[-1]) is (count == 2)


class TestClock:
    SETTING = '→ timedatectl set-ntp true; or: date -s "YYYY-MM-DD HH:MM"'

    @pytest.mark.parametrize(
        ("year", "is_found"), [(1970, True), (2024, True), (2025, False), (2099, False), (2100, True)]
    )
    def test_year(self, tmp_path: Path, year: int, is_found: bool) -> None:
        """A machine without a battery begins in 1970."""
        now = datetime(year, 6, 1, tzinfo=timezone.utc).timestamp()
        [found] = findings(storage.clock, installation(tmp_path), PaperMachine(now=now))
        assert (found == f"problem: the clock says that it is {year} {self.SETTING}") is is_found

    @pytest.mark.parametrize(("ahead", "is_found"), [(-DAY, False), (119, False), (121, True)])
    def test_behind_the_newest_message(self, data: Path, ahead: float, is_found: bool) -> None:
        """Messages are not from the future: then it is the clock that is wrong."""
        add_messages(data, 1, int((NOON + ahead) * 1000))
        [found] = findings(storage.clock, installation(data))
        assert found.startswith("problem: the newest message is from 2026-11-20 12:02 UTC") is is_found

    @pytest.mark.parametrize("at", [2**60, -5, "yesterday"])
    def test_a_time_that_is_none(self, data: Path, at: object) -> None:
        """Whatever the database has in it, the clock is looked at."""
        add_messages(data, 1, at)
        [found] = findings(storage.clock, installation(data))
        assert found.startswith("problem" if at == 2**60 else "ok")

    def test_a_database_that_is_none(self, data: Path) -> None:
        """A damaged database says nothing about the clock."""
        (data / "classcord.db").write_text("Bonjour. " * 1000, "utf-8")
        assert len(findings(storage.clock, installation(data))) == 1

    @pytest.mark.parametrize(
        ("programs", "found"),
        [
            ({"timedatectl": ProgramResult(0, "yes\n")}, "ok: it is 2026-11-20 12:00 UTC, synchronised"),
            (
                {"timedatectl": ProgramResult(0, "no\n"), "chronyc": ProgramResult(0, "")},
                "advice: nobody sets the clock (2026-11-20 12:00 UTC) → timedatectl set-ntp true",
            ),
            (
                {"timedatectl": ProgramResult(1, "")},
                "ok: it is 2026-11-20 12:00 UTC; what sets the clock cannot be asked here",
            ),
            (
                {"timedatectl": ProgramResult(1, ""), "chronyc": ProgramResult(0, "Leap status     : Normal")},
                "ok: it is 2026-11-20 12:00 UTC, synchronised",
            ),
            (
                {"chronyc": ProgramResult(0, "Leap status     : Not synchronised")},
                "advice: nobody sets the clock (2026-11-20 12:00 UTC) → timedatectl set-ntp true",
            ),
            (
                {"chronyc": ProgramResult(1, "")},
                "ok: it is 2026-11-20 12:00 UTC; what sets the clock cannot be asked here",
            ),
        ],
    )
    def test_synchronised(self, tmp_path: Path, programs: dict[str, ProgramResult], found: str) -> None:
        """Whichever is there is asked, systemd or chrony."""
        assert findings(storage.clock, installation(tmp_path), PaperMachine(programs=programs)) == [found]


class TestMaintenance:
    @pytest.mark.parametrize(
        ("value", "found"),
        [
            (None, "ok: no maintenance: everyone may come in"),
            ("off", "ok: no maintenance: everyone may come in"),
            ("on", "advice: maintenance: only moderators and above come in (–) → classcord ctl maintenance off"),
            (
                "on Panne",
                "advice: maintenance: only moderators and above come in (Panne) → classcord ctl maintenance off",
            ),
        ],
    )
    def test_it_is_remembered(self, data: Path, value: str | None, found: str) -> None:
        """It lasts over restarts, so whoever looks for why nobody comes in reads it."""
        with opened(data) as database:
            database.execute("CREATE TABLE switches (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
            if value is not None:
                database.execute("INSERT INTO switches VALUES ('maintenance', ?)", (value,))
        assert findings(storage.maintenance, installation(data)) == [found]

    def test_a_database_without_switches(self, data: Path) -> None:
        """What is wrong with it is another check's to say; an older one has no maintenance."""
        assert findings(storage.maintenance, installation(data)) == []
