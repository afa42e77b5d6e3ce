"""The doctor's look at durations: what the law permits, what needs a reason, and what should have gone already."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import msgspec
import pytest

from classcord.chat.retention.durations import LAW, Durations
from classcord.chat.retention.vocabulary import NOTHING_OLD, PurgeBegun, PurgeEnded
from classcord.cli.doctor.checks import retention
from classcord.store.sqlite.database import prepare, store_now
from tests.cli.doctor.installations import NOON, PaperMachine, installation
from tests.store.examples import commit, user

DAY = 86_400


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    (tmp_path / "log").mkdir()
    prepare(tmp_path / "classcord.db", tmp_path / "backups", "OFF")
    return tmp_path


def levels(data: Path, **fields: object) -> list[tuple[str, str]]:
    found = retention.retention(installation(data, **fields), PaperMachine())  # type: ignore[arg-type]
    return [(each.level.value, each.text.render()) for each in found]


def test_defaults_are_right(data: Path) -> None:
    """Whoever has set nothing is told which durations there are."""
    [(level, text)] = levels(data)
    assert level == "ok"
    assert "accounts 3 after leaving" in text


@pytest.mark.parametrize("name", LAW)
def test_what_the_law_does_not_permit(data: Path, name: str) -> None:
    """Each duration outside of the law is a problem, with what would be right."""
    for months in (LAW[name].most + 1, LAW[name].least - 1):
        kept = msgspec.structs.replace(Durations(), **{name: months})
        found = list(retention.retention(installation(data, retention=kept), PaperMachine()))
        assert found[0].level.value == "problem"
        assert f"[retention] {name} is {months} months" in found[0].text.render()
        assert found[0].remedy is not None
        right = int(found[0].remedy.render().split("= ")[1])
        assert LAW[name].holds(right)


def test_what_needs_a_reason(data: Path) -> None:
    """Messages for two years are permitted, but somebody must say why."""
    [(level, text)] = levels(data, retention=Durations(private=24))
    assert level == "advice"
    assert "more than 12 need a reason" in text


def test_old_backups_and_logs(data: Path) -> None:
    """What is older than it may be is named; the newest backup is not, however old."""
    for day in ("20260101", "20260201", "20261119"):
        (data / "backups" / f"classcord-{day}-100000.db.gz").touch()
    log = data / "log" / "audit.log-20250101.gz"
    log.touch()
    os.utime(log, (NOON - 400 * DAY, NOON - 400 * DAY))
    texts = [text for level, text in levels(data) if level == "problem"]
    assert "2 backups are older than 3 months, such as classcord-20260101-100000.db.gz" in texts[0]
    assert "1 files of the log are older than 12 months" in texts[1]
    for day in ("20260201", "20261119"):
        (data / "backups" / f"classcord-{day}-100000.db.gz").unlink()
    assert not any("backups are older" in text for level, text in levels(data) if level == "problem")


def test_backups_that_their_rules_keep_longer(data: Path) -> None:
    """A year of weekly backups does not go together with three months."""
    texts = [text for level, text in levels(data, weekly_backups=52) if level == "advice"]
    assert "[backup] weekly keeps 52 weeks" in texts[0]


def test_a_run_that_does_not_come(data: Path) -> None:
    """While a server runs, the last run is a week old at most."""
    at = int(datetime(2026, 11, 1, tzinfo=timezone.utc).timestamp() * 1000)
    run = PurgeBegun(number=1, at=at, before=NOTHING_OLD)
    file = data / "classcord.db"
    assert store_now(file, "OFF", [commit(run), commit(PurgeEnded(number=1, at=at))]) == {}
    assert any("the last run of retention was 19 days ago" in text for _, text in levels(data, running=True))
    assert not any("the last run" in text for _, text in levels(data, running=False))


def test_those_who_administer_and_do_not_come(data: Path) -> None:
    """They are named, for their accounts stay until somebody decides."""
    at = int((NOON - 500 * DAY) * 1000)
    people = [user(1, "Zoé", role="admin", added_at=at), user(2, "Bob", added_at=at)]
    assert store_now(data / "classcord.db", "OFF", [commit(*people)]) == {}
    texts = [text for level, text in levels(data) if level == "advice"]
    assert texts == ["1 who administer or keep order have not been here for 12 months: Zoé"]


def test_no_database_yet(tmp_path: Path) -> None:
    """Where nothing is, nothing is wrong."""
    assert [level for level, _ in levels(tmp_path)] == ["ok"]
