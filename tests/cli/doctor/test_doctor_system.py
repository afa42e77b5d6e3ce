"""The doctor's look at the system around the server: systemd, open files, versions, time zones."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from classcord.cli.doctor.checks import system
from classcord.cli.doctor.checks.machine import ProgramResult
from tests.cli.doctor.installations import UNLIMITED, PaperMachine, findings, installation

HERE = Path("/srv/classcord")


def with_unit(load: str = "loaded", enabled: str = "enabled", active: str = "active", files: str = "") -> PaperMachine:
    said = f"LoadState={load}\nUnitFileState={enabled}\nActiveState={active}\nLimitNOFILE={files}\n"
    return PaperMachine(programs={"systemctl show classcord.service": ProgramResult(0, said)}, open_files=1_024)


class TestSystemd:
    @pytest.mark.parametrize(("running", "active"), [(True, "active"), (True, "reloading"), (False, "inactive")])
    def test_right(self, running: bool, active: str) -> None:
        """A server that starts with the machine, and runs when systemd says so."""
        assert findings(system.systemd, installation(HERE, running=running), with_unit(active=active)) == [
            f"ok: classcord.service is enabled, {active}"
        ]

    @pytest.mark.parametrize(
        "programs", [{}, {"systemctl": ProgramResult(1, "System has not been booted with systemd")}]
    )
    def test_no_systemd(self, programs: dict[str, ProgramResult]) -> None:
        """In a container there is none, and nothing is wrong with that."""
        [found] = findings(system.systemd, installation(HERE), PaperMachine(programs=programs))
        assert found.startswith("ok: systemd does not run here")

    @pytest.mark.parametrize(
        ("machine", "running", "found"),
        [
            (with_unit("not-found", "", "inactive"), True, "advice: the server does not start with the machine: "),
            (with_unit("masked", "masked", "inactive"), False, "advice: the server does not start with the machine: "),
            (with_unit(enabled="disabled"), True, "advice: the server does not start with the machine: "),
            (with_unit(active="failed"), False, "problem: classcord.service has failed → journalctl -u classcord"),
            (with_unit(active="inactive"), True, "advice: the server was started by hand: classcord.service is not"),
            (with_unit(), False, "advice: classcord.service is active, but not with the data folder /srv/classcord →"),
        ],
    )
    def test_wrong(self, machine: PaperMachine, running: bool, found: str) -> None:
        """Each state that is not right has its sentence and remedy."""
        [line] = findings(system.systemd, installation(HERE, running=running), machine)
        assert line.startswith(found)
        assert "→" in line

    def test_cannot_tell(self) -> None:
        """Who may not see whether the server runs hears only what systemd says."""
        assert findings(system.systemd, installation(HERE, running=None), with_unit()) == [
            "ok: classcord.service is enabled, active"
        ]


class TestOpenFiles:
    @pytest.mark.parametrize(
        ("most", "wanted", "found"),
        [
            (10_064, 10_000, "ok: open files suffice for 10000 connections"),
            (10_063, 10_000, "advice: open files suffice for 9999 connections, and [limits] connections is 10000 →"),
            (UNLIMITED, 10_000, "ok: open files suffice for ∞ connections"),
            (1_024, 0, "advice: open files suffice for 960 connections"),
            (2_048, 0, "ok: open files suffice for 1984 connections"),
        ],
    )
    def test_against_the_settings(self, most: float, wanted: int, found: str) -> None:
        """Each connection is an open file; without a limit there should be room for a school."""
        [line] = findings(system.open_files, installation(HERE, connections=wanted), PaperMachine(open_files=most))
        assert line.startswith(found)

    @pytest.mark.parametrize(
        ("machine", "level"),
        [
            (with_unit(files="65536"), "ok"),
            (with_unit(files="infinity"), "ok"),
            (with_unit(files="4096"), "advice"),
            (with_unit("not-found", files="65536"), "advice"),  # systemd answers for units that are not there as well
            (with_unit(), "advice"),
        ],
    )
    def test_of_the_unit(self, machine: PaperMachine, level: str) -> None:
        """Where systemd starts the server, it is the unit's limit that counts, not that of whoever asks."""
        [line] = findings(system.open_files, installation(HERE), machine)
        assert line.startswith(level)


class TestEnding:
    @pytest.mark.parametrize(
        ("figures", "found"),
        [
            ({"stops_at": None, "starts_again": None}, ["ok: no stop is under way"]),
            (
                {"stops_at": "2026-11-20T12:50:00.000Z", "starts_again": False},
                ["advice: the server stops in 50 min → classcord ctl shutdown cancel"],
            ),
            (
                {"stops_at": "2026-11-20T11:00:00.000Z", "starts_again": True},
                ["advice: the server restarts in 1 s → classcord ctl shutdown cancel"],
            ),
            ({}, []),
        ],
    )
    def test_the_end_that_is_under_way(self, tmp_path: Path, figures: dict[str, Any], found: list[str]) -> None:
        """It is asked of the server itself; one that does not answer us is another check's to say."""
        assert findings(system.ending, installation(tmp_path, running=True), PaperMachine(server=figures)) == found

    @pytest.mark.parametrize("running", [False, None])
    def test_a_server_that_does_not_run_is_not_asked(self, tmp_path: Path, running: bool | None) -> None:
        machine = PaperMachine(server={"stops_at": "2026-11-20T12:50:00.000Z"})
        assert findings(system.ending, installation(tmp_path, running=running), machine) == ["ok: no stop is under way"]


class TestVersions:
    def look(self, now: str = "2026-11-20", **versions: str) -> list[str]:
        sound = {"python": "3.13.1", "openssl": "3.5.0", "sqlite": "3.46.1"}
        moment = datetime.fromisoformat(now).replace(tzinfo=timezone.utc).timestamp()
        return findings(system.versions, installation(HERE), PaperMachine(versions=sound | versions, now=moment))

    def test_sound(self) -> None:
        """All three are told."""
        assert self.look() == ["ok: Python 3.13.1, OpenSSL 3.5.0, SQLite 3.46.1"]

    @pytest.mark.parametrize(
        ("version", "now", "is_found"),
        [
            ("3.10.12", "2026-10-31", False),
            ("3.10.12", "2026-11-01", True),
            ("3.13.0rc1", "2029-11-01", True),
            ("3.99.0", "2099-01-01", False),
        ],
    )
    def test_python_without_corrections(self, version: str, now: str, is_found: bool) -> None:
        """A Python at its end is worth a word, from the month after it on; an unknown one is newer than we are."""
        assert any("gets no corrections" in line for line in self.look(now, python=version)) is is_found

    @pytest.mark.parametrize(
        ("version", "is_found"), [("1.1.1w", True), ("3.0.6", True), ("3.0.7", False), ("4.0.3", False)]
    )
    def test_openssl_with_faults(self, version: str, is_found: bool) -> None:
        """One that a certificate can crash, or that nobody corrects, unless the distribution does."""
        assert self.look(openssl=version)[0].startswith("advice: OpenSSL") is is_found

    @pytest.mark.parametrize(("version", "is_found"), [("3.34.1", True), ("3.35.0", False), ("3.100.0", False)])
    def test_sqlite_too_old(self, version: str, is_found: bool) -> None:
        """Our statements need RETURNING."""
        assert self.look(sqlite=version)[0].startswith("problem: SQLite") is is_found

    def test_sqlite_without_full_text_search(self) -> None:
        """No server starts without the index of words."""
        [line] = findings(system.versions, installation(HERE), PaperMachine(searches_texts=False))
        assert line.startswith("problem: SQLite 3.46.1 was built without FTS5")

    def test_several(self) -> None:
        """Each trouble is told."""
        assert len(self.look(python="3.10.1", openssl="3.0.0", sqlite="3.30.0")) == 3


@pytest.mark.parametrize(("zones", "found"), [(599, "ok: 599 time zones"), (0, "problem: no time zones are known →")])
def test_time_zones(zones: int, found: str) -> None:
    """Without the world's time zones no time can be told."""
    assert findings(system.time_zones, installation(HERE), PaperMachine(zones=zones))[0].startswith(found)


@pytest.mark.parametrize(
    ("process", "uid", "asks", "root"),
    [(7, 0, 1000, True), (7, 1000, 0, False), (None, None, 1000, False), (None, None, 0, True)],
)
def test_a_server_of_root(process: int | None, uid: int | None, asks: int, root: bool, tmp_path: Path) -> None:
    """Of one that runs its process is asked; of one that does not, who would start it with a folder of their own."""
    machine = PaperMachine(files={f"/proc/{process}/status": f"Name:\tpython\nUid:\t{uid}\t{uid}\t{uid}\n"})
    machine.user = asks
    [found] = findings(
        system.user, installation(tmp_path / "none", running=process is not None, process=process), machine
    )
    assert found.startswith("advice: the server runs as root") is root
