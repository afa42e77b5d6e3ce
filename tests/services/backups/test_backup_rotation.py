"""Which backups are kept when a new one is made."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classcord.services.backups.backup import Rotation, kept
from classcord.services.backups.backup_files import BackupName
from tests.backups import ALL, NAME, NOW, backed_up, backups, database, names

MOMENT = datetime(2026, 11, 20, 20, 36, 27, tzinfo=timezone.utc)
MOMENTS = st.integers(0, 86_400 * 60).map(lambda seconds: MOMENT + timedelta(seconds=seconds))
NAMES = st.builds(BackupName, MOMENTS, st.integers(1, 3), st.booleans())
KEEPS = st.builds(Rotation, *[st.integers(0, 5)] * 4)


def hourly(count: int) -> list[BackupName]:
    """Return the names of backups that were made every hour, the newest last."""
    return [BackupName(MOMENT - timedelta(hours=back), 1) for back in reversed(range(count))]


def test_a_year_of_hourly_backups_is_24_hours_7_days_and_8_weeks() -> None:
    """The newest of each; a day that is kept for its hours counts as one of the days, and a day as one of the weeks."""
    found = sorted(kept(hourly(24 * 365), Rotation(24, 7, 8)), reverse=True)
    assert [name.when for name in found[:24]] == [MOMENT - timedelta(hours=back) for back in range(24)]
    days = [name.when for name in found[24:29]]
    assert days == [datetime(2026, 11, day, 23, 36, 27, tzinfo=timezone.utc) for day in (18, 17, 16, 15, 14)]
    weeks = [name.when.date().isoformat() for name in found[29:]]
    assert weeks == ["2026-11-08", "2026-11-01", "2026-10-25", "2026-10-18", "2026-10-11", "2026-10-04"]


def test_a_gap_is_not_counted() -> None:
    """Three days are the last three that have a backup, also after the holidays."""
    days = [BackupName(MOMENT - timedelta(days=back), 1) for back in (0, 1, 60, 61, 62)]
    assert kept(days, Rotation(0, 3, 0)) == set(days[:3])


def test_of_one_second_the_last_one_is_the_newest() -> None:
    """The number tells which."""
    three = [BackupName(MOMENT, number) for number in (1, 2, 10)]
    assert kept(three, Rotation(1, 1, 1)) == {BackupName(MOMENT, 10)}


def test_a_year_that_begins_in_the_middle_of_a_week_parts_no_week() -> None:
    """ISO 8601: the 31st of December and the 1st of January are of one week."""
    newest, older = (BackupName(datetime(*day, 12, tzinfo=timezone.utc), 1) for day in ((2027, 1, 1), (2026, 12, 31)))
    assert kept([older, newest], Rotation(0, 0, 2)) == {newest}


@given(names=st.sets(NAMES, min_size=1), keep=KEEPS)
def test_whatever_is_kept_the_newest_is_among_them(names: set[BackupName], keep: Rotation) -> None:
    """As long as anything is kept of its kind; never more than were asked for; and keeping again changes nothing."""
    stays = kept(names, keep)
    assert (max(names) in stays) == (not keep.everything or bool(max(names).by_hand and keep.by_hand))
    assert stays <= names
    assert len(stays) <= sum(keep)
    assert kept(stays, keep) == stays


def by_hand(seconds: int) -> BackupName:
    """Return the name of one that somebody has asked for, so many seconds before the moment."""
    return BackupName(MOMENT - timedelta(seconds=seconds), 1, True)


def test_what_is_made_by_hand_outlives_its_hour() -> None:
    """Also its day; and it takes the place of none that the timer has made."""
    timer = set(hourly(24 * 30))
    mine = {by_hand(60), by_hand(120), by_hand(86_400 * 20)}
    assert kept(timer | mine, Rotation(24, 7, 8, 20)) == kept(timer, Rotation(24, 7, 8)) | mine


def test_made_by_hand_too_often_they_are_as_others() -> None:
    """The last two stay in any case, an older one for its hour; so a timer without --scheduled fills no disk."""
    mine = [by_hand(seconds) for seconds in (1, 2, 3, 4, 7200)]
    assert kept(mine, Rotation(24, 0, 0, 2)) == {mine[0], mine[1], mine[2], mine[4]}
    assert kept(mine, Rotation(24, 0, 0, 0)) == {mine[0], mine[4]}


@given(name=NAMES)
def test_a_name_reads_back(name: BackupName) -> None:
    """And sorts as it was made, within a second too."""
    assert BackupName.read(str(name)) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "classcord.db",
        "classcord-20261120-203627.db",
        "classcord-20261120-203627-1.db.gz",
        "x" + NAME,
        NAME + "x",
        "classcord-20261120-203627-02.db.gz",
        "classcord-20261320-203627.db.gz",
        "classcord-20261120-203660.db.gz",
        "classcord-20261120-203627-.db.gz",
        "classcord-20261120-203627-by-hand-2.db.gz",
        "classcord-20261120-203627-hand.db.gz",
        NAME + "\n",
        "classcord-٢٠٢٦١١٢٠-203627.db.gz",
    ],
)
def test_other_names_are_not_ours(name: str) -> None:
    """However near they come."""
    assert BackupName.read(name) is None


# -- with files --------------------------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return database(tmp_path)


def test_what_is_not_kept_goes_with_its_sum(path: Path, tmp_path: Path) -> None:
    """And is told; what others have put there stays, links and folders of such a name too."""
    folder = tmp_path / "backups"
    old = [backed_up(path, NOW - 60 * minutes) for minutes in (3, 2, 1)]
    (folder / "classcord-20200101-000000.db.gz").symlink_to(path)
    (folder / "classcord-20200101-000001.db.gz").mkdir()
    (folder / "before-schema-2-20200101T000000Z.db").touch()
    others = names(folder) - {each.name + ending for each in old for ending in ("", ".sha256")}
    made = backups(tmp_path).make(path, Rotation(1, 1, 1))
    assert set(made.removed) == set(old)
    assert names(folder) == others | {NAME, f"{NAME}.sha256"}
    assert path.exists()


def test_with_0_everywhere_all_stay(path: Path, tmp_path: Path) -> None:
    """Somebody else removes them, or nobody."""
    old = backed_up(path, NOW - 86_400 * 400)
    assert backups(tmp_path).make(path, ALL).removed == ()
    assert old.exists()


def test_one_by_hand_stays_when_another_is_made(path: Path, tmp_path: Path) -> None:
    """By a timer or by hand again; it is named for what it is, and no other has its number."""
    folder, keep = backups(tmp_path), Rotation(1, 1, 1, 20)
    made = [folder.make(path, keep, by_hand=by_hand) for by_hand in (True, True, False, False)]
    first, second, _third, fourth = (each.file.name for each in made)
    stem = NAME.removesuffix(".db.gz")
    assert (first, second, fourth) == (f"{stem}-by-hand.db.gz", f"{stem}-2-by-hand.db.gz", f"{stem}-4.db.gz")
    assert [each.removed for each in made] == [(), (), (), (made[2].file,)]
    assert names(tmp_path / "backups") == {n + ending for n in (first, second, fourth) for ending in ("", ".sha256")}
    assert {each.file.name for each in folder.listed()} == {first, second, fourth}
    assert folder.verify(made[0].file).messages == 3


def test_a_number_that_is_free_again_is_not_given_again(path: Path, tmp_path: Path) -> None:
    """The last one made is the newest of its second, also when one before it was removed meanwhile."""
    folder = backups(tmp_path)
    first, second, third = (folder.make(path, ALL).file for _ in range(3))
    second.unlink()
    fourth = folder.make(path, ALL).file
    assert [each.file for each in folder.listed()] == [fourth, third, first]
    assert fourth.name == NAME.replace(".db.gz", "-4.db.gz")


def test_with_0_everywhere_and_some_by_hand_all_stay(path: Path, tmp_path: Path) -> None:
    """How many by hand stay is no reason to remove the others."""
    old = backed_up(path, NOW - 86_400 * 400)
    assert backups(tmp_path).make(path, Rotation(0, 0, 0, 1)).removed == ()
    assert old.exists()


def test_a_clock_that_was_wrong_costs_no_backup(path: Path, tmp_path: Path) -> None:
    """Of a time to come, as a clock that was a year ahead has made them: they stay, and the new one does as well."""
    ahead = [backed_up(path, NOW + 86_400 * days) for days in (1, 2, 365)]
    made = backups(tmp_path).make(path, Rotation(1, 0, 0))
    assert made.removed == ()
    assert all(each.exists() for each in [*ahead, made.file])


def test_a_backup_that_is_not_made_removes_none(path: Path, tmp_path: Path) -> None:
    """Old ones go only when there is a new one that was read to its end: its progress says so."""
    old = backed_up(path, NOW - 60)
    there = []
    backups(tmp_path).make(path, Rotation(1, 0, 0), lambda _what, _done, _total: there.append(old.exists()))
    assert all(there)
    assert not old.exists()


def test_what_is_too_old_goes_whatever_the_rules_keep(tmp_path: Path) -> None:
    """Also what somebody has asked for and the copy of an upgrade; the newest backup stays, however old it is."""
    folder = tmp_path / "backups"
    folder.mkdir()
    old, by_hand, newest = (
        str(BackupName(MOMENT - timedelta(days=days), 1, by_hand=days == 150)) for days in (200, 150, 100)
    )
    for name in (old, by_hand, newest):
        (folder / name).touch()
        (folder / f"{name}.sha256").touch()
    upgrade = folder / "before-schema-13-20260101T000000Z.db"
    upgrade.touch()
    os.utime(upgrade, (0, 0))
    kept_ones = backups(tmp_path)
    removed = kept_ones.remove_old((MOMENT - timedelta(days=90)).timestamp())
    assert {file.name for file in removed} == {old, by_hand, upgrade.name}
    assert {file.name for file in folder.iterdir()} == {newest, f"{newest}.sha256"}
    assert kept_ones.remove_old(MOMENT.timestamp()) == ()


@pytest.mark.parametrize(("days", "goes"), [(399, True), (401, False)])
def test_what_is_too_old_goes_with_a_new_one(path: Path, tmp_path: Path, days: int, goes: bool) -> None:
    """Unless all others are from more than a year ago: a clock that is years ahead would cost every one of them."""
    older, last = backed_up(path, NOW - 86_400 * 500), backed_up(path, NOW - 86_400 * days)
    made = backups(tmp_path).make(path, ALL, oldest=NOW - 86_400 * 90)
    assert set(made.removed) == ({older, last} if goes else set())
    assert set(backups(tmp_path).remove_old(NOW - 86_400 * 90)) == (set() if goes else {older, last})


def test_no_folder_of_backups_yet(tmp_path: Path) -> None:
    """Nothing is made, and nothing removed."""
    assert backups(tmp_path).remove_old(MOMENT.timestamp()) == ()
    assert not (tmp_path / "backups").exists()
