"""Users, messages and the audit trail written out: CSV, NDJSON or JSON, a page at a time, so that nothing is gathered.

Knows rows, no table. Source of the CSV: RFC 4180; of what a spreadsheet would run: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from twisted.logger import Logger

from classcord.chat.errors import StorageUnavailable
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime

    from classcord.store.ports import Exports

PAGE = 1_000  # rows read at a time
PIECE = 100  # rows written at a time, so that the reactor never waits long for one
PRIVATE = "(private)"
_TIMES = frozenset({"at", "added_at"})
_NEVER = frozenset({"password_hash"})  # whatever the store hands over
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet takes for the beginning of a formula

Columns = Sequence[str]
Rows = Sequence[Sequence[Any]]


class Run(Protocol):
    """Does work in a thread."""

    def __call__(self, work: Callable[..., Any], /, *args: Any) -> Deferred[Any]: ...


class Export:
    """Writes out what the store holds."""

    log = Logger()

    def __init__(self, store: Exports, clock: IReactorTime, run: Run = deferToThread) -> None:
        """`run` is for files, whose disk may be slow."""
        self._store = store
        self._clock = clock
        self._run = run

    async def pieces(self, what: str, form: str, *, private: bool) -> AsyncIterator[bytes]:
        """Yield an export, some rows at a time; `private` shows the content of private messages.

        Whoever writes them out awaits its carrier between two; StorageUnavailable if the store cannot be read.
        """
        begin, write, end = _FORMS[form]
        columns, rows = await self._store.rows(what, after_id=0, limit=PAGE)
        if beginning := begin(_shown_columns(columns)):
            yield _encoded(beginning)
        first = True
        while rows:
            for some in _parts(rows):
                yield _encoded(
                    write(_shown_columns(columns), [_shown(columns, r, private=private) for r in some], first)
                )
                first = False
            if len(rows) < PAGE:
                break
            columns, rows = await self._store.rows(what, after_id=int(rows[-1][0]), limit=PAGE)
        if end:
            yield _encoded(end)

    async def to_file(self, folder: Path, what: str, form: str, *, private: bool) -> Path:
        """Write an export to a new file of `folder`, whole or not at all, and return it; else StorageUnavailable."""
        when = rfc3339(int(self._clock.seconds() * 1000))
        stamp = "".join(c for c in when[:19] if c.isdigit())
        try:
            file = _NewFile(folder, f"{what}-{stamp[:8]}-{stamp[8:]}", form)
            try:
                async for piece in self.pieces(what, form, private=private):
                    await self._run(file.write, piece)
                await self._run(file.finish)
            except BaseException:
                file.unlink()
                self._run(file.close).addErrback(lambda _: None)  # behind what a thread still writes
                raise
        except OSError as error:
            self.log.error("an export cannot be written to {folder}: {reason}", folder=folder, reason=error)
            raise StorageUnavailable from error
        return file.path


class _NewFile:
    """A file that has its name only when it is whole; for its owner alone."""

    def __init__(self, folder: Path, name: str, ending: str) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        for number in itertools.count(1):  # two may be made within a second
            self.path = folder / f"{name}{f'-{number}' if number > 1 else ''}.{ending}"
            self._partial = folder / f".{self.path.name}.partial"
            try:
                descriptor = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            except FileExistsError:
                continue
            self._out = os.fdopen(descriptor, "wb")
            if not self.path.exists():
                return
            self.unlink()
            self.close()

    def write(self, piece: bytes) -> None:
        self._out.write(piece)

    def finish(self) -> None:
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()
        self._partial.rename(self.path)

    def unlink(self) -> None:
        self._partial.unlink(missing_ok=True)

    def close(self) -> None:
        self._out.close()


def _parts(rows: Rows) -> Iterator[Rows]:
    return (rows[place : place + PIECE] for place in range(0, len(rows), PIECE))


def _shown_columns(columns: Columns) -> Columns:
    return [name for name in columns if name not in _NEVER]


def _shown(columns: Columns, row: Sequence[Any], *, private: bool) -> list[Any]:
    values = dict(zip(columns, row, strict=True))
    public = values.get("recipient") is None and values.get("channel") is not None
    if not private and not public and "content" in values:
        values["content"] = PRIVATE
    return [
        rfc3339(value) if name in _TIMES and isinstance(value, int) else value
        for name, value in values.items()
        if name not in _NEVER
    ]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _csv(rows: Rows) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([[_safe(value) for value in row] for row in rows])
    return out.getvalue()


def _safe(value: Any) -> Any:
    """Return a cell that no spreadsheet runs."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_RUN) else value


def _csv_rows(_: Columns, rows: Rows, first: bool) -> str:
    return _csv(rows)


def _objects(columns: Columns, rows: Rows) -> list[str]:
    return [json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) for row in rows]


def _ndjson(columns: Columns, rows: Rows, first: bool) -> str:
    return "".join(f"{each}\n" for each in _objects(columns, rows))


def _json(columns: Columns, rows: Rows, first: bool) -> str:
    return ("\n" if first else ",\n") + ",\n".join(_objects(columns, rows))


_FORMS: dict[str, tuple[Callable[[Columns], str], Callable[[Columns, Rows, bool], str], str]] = {
    "csv": (lambda columns: _csv([columns]), _csv_rows, ""),
    "ndjson": (lambda _: "", _ndjson, ""),
    "json": (lambda _: "[", _json, "\n]\n"),
}
