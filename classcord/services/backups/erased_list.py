"""The list of who was erased, beside the database: an older backup that is restored brings nobody back.

It lies in DATA and in the folder of backups, so it is there too where only backups are. It has no name: an account is
found by its id and the time at which it was made, which no other account has. Knows no database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from twisted.logger import Logger

from classcord import durable
from classcord.chat.effects import Commit
from classcord.chat.privacy.vocabulary import AccountErased

if TYPE_CHECKING:
    from classcord.chat.state import State

NAME = "erased.json"
MOST_BYTES = 50_000_000  # some 300,000 people


class ListedErasure(msgspec.Struct, frozen=True):
    """A person who was erased, and how."""

    number: int
    user_id: int
    added_at: int
    shown: str
    empties: bool
    keeps_acts: bool
    at: int


class ErasedList:
    """The list in its files; each has all that was in any of them."""

    log = Logger()

    def __init__(self, folders: Sequence[Path]) -> None:
        self._files = [folder / NAME for folder in folders]
        self._known: dict[tuple[int, int], ListedErasure] = {}
        self._written = -1  # how many were known when the files were written

    def read(self) -> None:
        """Read the files; one that cannot be read is said, and replaced by what the others have."""
        for file in self._files:
            try:
                listed = msgspec.json.decode(durable.read(file, MOST_BYTES), type=list[ListedErasure])
            except FileNotFoundError:
                continue
            except (OSError, msgspec.MsgspecError) as error:
                self.log.error("{file} cannot be read, so who was erased may come back: {why}", file=file, why=error)
                continue
            self._known |= {(each.user_id, each.added_at): each for each in listed}

    def note(self, erased: Iterable[AccountErased]) -> None:
        """Write the list if somebody is not in it yet; to be called now and then, for it costs nothing otherwise."""
        for record in erased:
            place = record.user_id, record.added_at
            if place not in self._known:
                self._known[place] = ListedErasure(
                    number=record.number,
                    user_id=record.user_id,
                    added_at=record.added_at,
                    shown=record.shown,
                    empties=record.empties,
                    keeps_acts=record.keeps_acts,
                    at=record.at,
                )
        if len(self._known) != self._written:
            self._write()

    def _write(self) -> None:
        self._written = len(self._known)
        content = msgspec.json.encode(sorted(self._known.values(), key=lambda each: each.number))
        for file in self._files:
            if not file.parent.is_dir() or not self._known:
                continue
            try:
                durable.write(file, content)
            except OSError as error:
                self._written = -1
                self.log.error("{file} cannot be written: {why}", file=file, why=error)

    def come_back(self, state: State) -> list[Commit]:
        """Return what erases again who is in the list and has an account: a backup from before was restored."""
        for each in self._known.values():
            state.erasure_ids.pass_over(each.number)
        accounts: Mapping[int, object] = state.accounts_by_id
        found = [each for each in self._known.values() if each.user_id in accounts]
        return [
            Commit(None, (_again(each, state),))
            for each in sorted(found, key=lambda each: each.number)
            if state.accounts_by_id[each.user_id].added_at == each.added_at
        ]


def _again(each: ListedErasure, state: State) -> AccountErased:
    account = state.accounts_by_id[each.user_id]
    return AccountErased(
        number=each.number,
        user_id=each.user_id,
        name=account.name,
        name_key=account.key,
        added_at=each.added_at,
        shown=each.shown,
        empties=each.empties,
        keeps_acts=each.keeps_acts,
        at=each.at,
    )
