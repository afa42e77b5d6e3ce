"""Files that we can do without, each with every kind of damage: the program goes on, and the log says it once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.task import Clock
from twisted.logger import LogEvent, capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase

from classcord.chat.text import Text
from classcord.services.alerts.alerts import Alerts, AlertState, AlertStateFile
from classcord.services.alerts.troubles import CrashWatch
from classcord.services.export import Exporter
from classcord.services.process import optional_files
from classcord.services.process.optional_files import OptionalFile
from classcord.store.sqlite.database import Database
from tests.backups import ALL, backups, database
from tests.harness import BEGINNING, House, running
from tests.office import Office

NOW = 1_795_206_987.0
CASE = SynchronousTestCase()


def missing(file: Path) -> None:
    """There is none."""


def no_text(file: Path) -> None:
    file.write_bytes(b"who\n\xff\xfe\x00\xc3\x28\x1b[2J\nstats\n")


def empty(file: Path) -> None:
    file.touch()


def a_folder(file: Path) -> None:
    (file / "in it").mkdir(parents=True)


def a_pipe(file: Path) -> None:
    os.mkfifo(file)


def a_device(file: Path) -> None:
    file.symlink_to("/dev/zero")


def a_loop(file: Path) -> None:
    file.symlink_to(file.name)


def huge(file: Path) -> None:
    with file.open("wb") as output:
        output.truncate(2**40)


def deep(file: Path) -> None:
    file.write_bytes(b"[" * 100_000)


DAMAGES = [missing, no_text, empty, a_folder, a_pipe, a_device, a_loop, huge, deep]
WELL = {missing, no_text, empty, deep}
"""These can be read."""


@pytest.fixture(autouse=True)
def nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OptionalFile, "_told", set())


def use_history(file: Path) -> None:
    """Come in at a terminal, type, leave, and come in again."""
    data = file.parent.parent
    with running() as house:
        office = Office(house, data)
        for _ in range(2):
            program, paper = office.sit_down()
            paper.read()
            program.received(b"version\r")
            house.turn()
            assert "ClassCord" in paper.read()
            program.received(b"exit\r")
            house.turn()
            assert paper.status == 0


def use_alerts(file: Path) -> None:
    """Begin with what was told before, and keep what is told now."""
    told: list[Text] = []
    for _ in range(2):
        alerts = Alerts(
            per_hour=lambda: 10,
            wanted=lambda: True,
            send=lambda _: None,
            tell=told.append,
            memory=AlertStateFile(file),
            clock=Clock(),
        )
        alerts.begins("disk", Text("full"))
        alerts.look()
    assert told
    assert isinstance(AlertStateFile(file).load(), AlertState)


def use_mark(file: Path) -> None:
    """Start, live, stop, start again."""
    alerts = Alerts(
        per_hour=lambda: 10,
        wanted=lambda: True,
        send=lambda _: None,
        tell=lambda _: None,
        memory=AlertStateFile(file.with_name("alerts.json")),
        clock=Clock(),
    )
    for _ in range(2):
        crash = CrashWatch(alerts, file)
        crash.begin(NOW)
        crash.look(NOW + 1)
        crash.end()


def use_first_password(file: Path) -> None:
    """Forget the first password, again and again, as the server does each second."""
    for _ in range(3):
        OptionalFile(file).remove()


def use_exports(file: Path) -> None:
    """Write an export beside what one that was killed has left, of the same name."""
    clock = Clock()
    clock.advance(BEGINNING)
    exports = Exporter(Database.in_memory(), clock, run=maybeDeferred)
    written = CASE.successResultOf(Deferred.fromCoroutine(exports.to_file(file.parent, "users", "csv", private=False)))
    assert written.read_bytes()


def use_backups(file: Path) -> None:
    """Make a backup beside what one that was killed has left."""
    path = database(file.parent.parent)
    assert backups(path.parent).make(path, ALL).contents.messages == 3


USES: list[tuple[str, Callable[[Path], None]]] = [
    (f"history/{b'prof'.hex()}.txt", use_history),
    ("alerts.json", use_alerts),
    ("running", use_mark),
    ("first-password", use_first_password),
    ("exports/.users-20261120-203627.csv.partial", use_exports),
    ("backups/.classcord-20261119-000000.db.gz.partial", use_backups),
]


@pytest.fixture
def warnings() -> Iterator[Sequence[LogEvent]]:
    with capturedLogs() as logged:
        yield logged


@pytest.mark.parametrize(("name", "use"), USES, ids=[name.partition("/")[0] for name, _ in USES])
@pytest.mark.parametrize("damage", DAMAGES)
def test_the_program_goes_on(
    tmp_path: Path, warnings: Sequence[LogEvent], damage: Callable[[Path], None], name: str, use: Callable[[Path], None]
) -> None:
    """Whatever lies there; what is wrong is told once, and a file that can be replaced is replaced."""
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    damage(file)
    use(file)
    told = [str(formatEvent(event)) for event in warnings if "is done without" in str(formatEvent(event))]
    about = [line for line in told if str(file) in line]
    assert len(about) == len(set(about))
    assert len(about) <= (2 if damage is a_folder else 1)
    if damage in WELL:
        assert about == []
    if damage is a_folder:
        assert (file / "in it").is_dir()
        assert about or use in {use_exports, use_backups}
    elif use in {use_history, use_alerts}:
        assert file.is_file()
        assert not file.is_symlink()
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.stat().st_size < optional_files.LARGEST


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full in the middle costs nothing of the file, and leaves no half of a new one."""
    file = OptionalFile(tmp_path / "history" / "a.txt", makes_folder=True)
    file.save(b"before\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    file.save(b"afterwards\n")
    assert file.load() == b"before\n"
    assert [each.name for each in (tmp_path / "history").iterdir()] == ["a.txt"]


def test_what_is_no_text_in_a_history_is_shown_as_such(house: House, tmp_path: Path) -> None:
    """The lines around it are there."""
    office = Office(house, tmp_path)
    (tmp_path / "history").mkdir()
    no_text(tmp_path / "history" / f"{b'prof'.hex()}.txt")
    entries = office.tools.history("prof")
    assert (entries[0], entries[-1]) == ("who", "stats")
