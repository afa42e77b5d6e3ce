"""Who was erased stays so: an older backup that is restored brings nobody back."""

from __future__ import annotations

from pathlib import Path

from classcord.chat.privacy.vocabulary import AccountErased
from classcord.chat.state import State
from classcord.services.backups.erased_list import NAME, ErasedList
from tests.chat.hubs import NOON_MS, a_hub, add_account


def gone(user_id: int = 1, added_at: int = NOON_MS, number: int = 7) -> AccountErased:
    return AccountErased(
        number=number,
        user_id=user_id,
        name="bob",
        name_key="bob",
        added_at=added_at,
        shown=f"(ancien membre {number})",
        empties=True,
        at=NOON_MS,
    )


def read(*folders: Path) -> ErasedList:
    listed = ErasedList(folders)
    listed.read()
    return listed


def a_state(*names: str) -> State:
    hub = a_hub()
    for name in names:
        add_account(hub, name).added_at = NOON_MS
    return hub.state


def test_who_comes_back_is_erased_again(tmp_path: Path) -> None:
    """As before: with the same words in the place of the name, and with the same messages."""
    read(tmp_path).note([gone()])
    state = a_state("bob", "eve")
    [commit] = read(tmp_path).come_back(state)
    assert commit.records == (gone(),)
    assert state.erasure_ids.next() == 8


def test_another_person_with_the_number_is_somebody_else(tmp_path: Path) -> None:
    """After a restore numbers are given out again; the time at which the account was made tells them apart."""
    read(tmp_path).note([gone(added_at=NOON_MS - 1), gone(user_id=9, number=8)])
    assert read(tmp_path).come_back(a_state("bob")) == []


def test_one_of_the_files_is_enough(tmp_path: Path) -> None:
    """Where only the backups were saved, the list beside them is read; both have then all that was in either."""
    data, backups = tmp_path / "data", tmp_path / "backups"
    data.mkdir()
    backups.mkdir()
    read(data, backups).note([gone()])
    (data / NAME).unlink()
    read(data, backups).note([gone(user_id=2, number=9)])
    assert (data / NAME).read_bytes() == (backups / NAME).read_bytes()
    assert len(read(data).come_back(a_state("bob", "eve"))) == 2
    assert (data / NAME).stat().st_mode & 0o777 == 0o600


def test_there_is_no_name_in_it(tmp_path: Path) -> None:
    """A list of erased names would keep what is to be erased."""
    read(tmp_path).note([gone()])
    assert b"bob" not in (tmp_path / NAME).read_bytes()


def test_a_broken_file_is_said_and_written_anew(tmp_path: Path) -> None:
    """The server starts all the same."""
    (tmp_path / NAME).write_text("[")
    listed = read(tmp_path)
    listed.note([gone()])
    assert len(read(tmp_path).come_back(a_state("bob"))) == 1


def test_nothing_is_written_where_nobody_was_erased(tmp_path: Path) -> None:
    """And no folder is made for it."""
    read(tmp_path, tmp_path / "backups").note([])
    assert list(tmp_path.iterdir()) == []
