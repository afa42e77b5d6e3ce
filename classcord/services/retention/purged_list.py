"""From which times on nothing is kept, beside the database: an older backup that is restored brings nothing back.

It lies in DATA and in the folder of backups, as the list of erased people does. Knows no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from twisted.logger import Logger

from classcord import durable
from classcord.chat.retention.vocabulary import NOTHING_OLD, Cutoffs, PurgeBegun

if TYPE_CHECKING:
    from classcord.chat.retention.runs import Purges

NAME = "purged.json"
MOST_BYTES = 10_000


class PurgedList:
    """The times in their files; of each kind the latest in any of them counts."""

    log = Logger()

    def __init__(self, folders: Sequence[Path]) -> None:
        self._files = [folder / NAME for folder in folders]
        self._known = NOTHING_OLD

    def read(self) -> None:
        """Read the files; one that cannot be read is said."""
        for file in self._files:
            try:
                self._known = _later(self._known, msgspec.json.decode(durable.read(file, MOST_BYTES), type=Cutoffs))
            except FileNotFoundError:
                continue
            except (OSError, msgspec.MsgspecError) as error:
                self.log.error("{file} cannot be read, so what is too old may come back: {why}", file=file, why=error)

    def note(self, run: PurgeBegun) -> None:
        """Write what a run removes; a clock that was ahead by mistake is so forgotten by the next one."""
        self._known = run.before
        for file in self._files:
            if not file.parent.is_dir():
                continue
            try:
                durable.write(file, msgspec.json.encode(self._known))
            except OSError as error:
                self.log.error("{file} cannot be written: {why}", file=file, why=error)

    def run_again(self, runs: Purges, now: float) -> PurgeBegun | None:
        """Return the run that removes what a restored database has and should not; None if it has nothing of that.

        It has the time of the run before it: no account goes by a clock that nobody has looked at yet. A list from the
        future was written by a clock that was ahead, and says nothing.
        """
        last = runs.last
        if max(msgspec.structs.astuple(self._known)) > now * 1000:
            return None
        done = NOTHING_OLD if last is None else last.before
        known = _later(self._known, done)
        if known == done:
            return None
        at = 0 if last is None else last.at
        return PurgeBegun(number=runs.number + 1, at=at, before=known)


def _later(one: Cutoffs, other: Cutoffs) -> Cutoffs:
    return Cutoffs(**{kind: max(getattr(one, kind), getattr(other, kind)) for kind in Cutoffs.__struct_fields__})
