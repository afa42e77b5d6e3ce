"""Exports of users, messages and the audit trail: CSV, NDJSON or JSON, page by page, so that memory use stays small.

Knows rows, no table. Source of the CSV: RFC 4180; of what a spreadsheet would execute: OWASP, "CSV Injection".
"""

from __future__ import annotations

import codecs
import csv
import errno
import fcntl
import functools
import glob
import io
import itertools
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timezone, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread
from twisted.logger import Logger

from classcord.chat.errors import StorageUnavailable
from classcord.chat.text import readable
from classcord.chat.times import rfc3339
from classcord.durable import created, give_to_owner
from classcord.wire.json_text import json_text

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime

    from classcord.store.ports import Exports

PAGE = 1_000  # rows read at a time
PIECE = 25  # rows written at a time, so that the reactor never waits long for one piece
PRIVATE = "(private)"
_TIMES = frozenset({"at", "added_at", "edited_at", "deleted_at"})
_NEVER = frozenset({"password_hash"})  # columns that are never exported, whatever the store returns
_KEPT = "\n\t"  # control characters that stay: in a terminal they only add a line or a space
# blank, or written out because invisible
_LEADS = r"(?:[ \u00a0\u202f\u3000]|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|\\r)*"
_RUN = rf"{_LEADS}(?:[=+\-@\t＝＋－＠]|\\r)"  # what a spreadsheet may take for the beginning of a formula
_RUN_FIRST = re.compile(rf"{_RUN}|{_LEADS}\n")
_RUN_WITHIN = re.compile(rf"([;\n]\"*)(?={_RUN})")  # the same for one that separates cells at ";", as a French one does

Columns = Sequence[str]
Rows = Sequence[Sequence[Any]]


class RunInThread(Protocol):
    """Does work in a thread."""

    def __call__(self, work: Callable[..., Any], /, *args: Any) -> Deferred[Any]: ...


class Exporter:
    """Writes exports of what the store holds."""

    log = Logger()

    def __init__(self, store: Exports, clock: IReactorTime, run: RunInThread = deferToThread) -> None:
        """`run` is for files, whose disk may be slow."""
        self._store = store
        self._clock = clock
        self._run = run

    async def pieces(
        self, what: str, form: str, *, private: bool, bom: bool = False, excel: tzinfo | None = None
    ) -> AsyncIterator[bytes]:
        """Yield an export, some rows at a time; `private` includes the content of private messages.

        `bom` begins a CSV with the byte order mark by which Excel recognises UTF-8. `excel` makes the CSV that a French
        Excel opens by a double click: byte order mark, semicolons, and times in Excel's format, in the server's time
        zone. The caller waits for its carrier between two pieces. StorageUnavailable if the store cannot be read.
        """
        begin, write, end = _EXCEL if excel else _FORMS[form]
        as_time = functools.partial(_excel_time, zone=excel) if excel else rfc3339
        columns, rows = await self._store.rows(what, after_id=0, limit=PAGE)
        if (bom or excel) and form == "csv":  # JSON has none (RFC 8259 §8.1)
            yield codecs.BOM_UTF8
        if beginning := begin(_shown_columns(columns)):
            yield _encoded(beginning)
        first = True
        while rows:
            for some in _parts(rows):
                yield _encoded(
                    write(_shown_columns(columns), [_shown(columns, r, as_time, private=private) for r in some], first)
                )
                first = False
            if len(rows) < PAGE:
                break
            columns, rows = await self._store.rows(what, after_id=int(rows[-1][0]), limit=PAGE)
        if end:
            yield _encoded(end)

    async def to_file(
        self,
        folder: Path,
        what: str,
        form: str,
        *,
        private: bool,
        bom: bool = False,
        excel: tzinfo | None = None,
        keep: int = 0,
    ) -> Path:
        """Write an export to a new file in `folder`, complete or not at all, and return it; else StorageUnavailable.

        With `keep`, only the newest `keep` exports of this kind stay in the folder.
        """
        when = rfc3339(int(self._clock.seconds() * 1000))
        stamp = "".join(c for c in when[:19] if c.isdigit())
        file = await self._written(
            lambda: _NewFile.of(folder, f"{what}-{stamp[:8]}-{stamp[8:]}", form),
            self.pieces(what, form, private=private, bom=bom, excel=excel),
        )
        if keep:
            await self._run(_remove_older, file, what, keep)
        return file

    async def made(self, make: Callable[[], bytes]) -> bytes:
        """Return a document that takes long to make: the chat goes on meanwhile."""
        content: bytes = await self._run(make)
        return content

    async def document(self, folder: Path, name: str, content: bytes, form: str = "json") -> Path:
        """Write one document to a new file in `folder`, complete or not at all, and return it."""
        when = rfc3339(int(self._clock.seconds() * 1000))
        stamp = "".join(c for c in when[:19] if c.isdigit())

        async def pieces() -> AsyncIterator[bytes]:
            yield content

        return await self._written(lambda: _NewFile.of(folder, f"{name}-{stamp[:8]}-{stamp[8:]}", form), pieces())

    async def replace(
        self, path: Path, what: str, form: str, *, private: bool, bom: bool = False, excel: tzinfo | None = None
    ) -> Path:
        """Write an export to a file, which is replaced when the new one is complete; else StorageUnavailable."""
        pieces = self.pieces(what, form, private=private, bom=bom, excel=excel)
        return await self._written(lambda: _NewFile.instead_of(path), pieces)

    async def _written(self, begin: Callable[[], _NewFile], pieces: AsyncIterator[bytes]) -> Path:
        try:
            file = begin()
            try:
                async for piece in pieces:
                    await self._run(file.write, piece)
                await self._run(file.finish)
            except BaseException:
                file.unlink()
                self._run(file.close).addErrback(lambda _: None)  # after the writes that a thread still performs
                raise
        except OSError as error:
            self.log.error("an export cannot be written: {reason}", reason=error)
            raise StorageUnavailable from error
        return file.path


class _NewFile:
    """A file that gets its name only when it is complete; only its owner can read it.

    Until then it has a hidden name and is locked. So a hidden file without a lock was left by a process that was
    killed.
    """

    def __init__(self, path: Path, *, given: bool = True) -> None:
        """FileExistsError if another process is writing it; with `given`, root gives it to the folder's owner."""
        self.path = path
        self._partial = path.with_name(f".{path.name}.partial")
        while True:
            self._out = created(self._partial, given=given)
            fcntl.flock(self._out, fcntl.LOCK_EX)
            if os.fstat(self._out.fileno()).st_nlink:
                return
            self._out.close()  # another process found it unlocked, and removed it just before the lock

    @classmethod
    def of(cls, folder: Path, name: str, ending: str) -> _NewFile:
        """Return a new file in a folder.

        The folder is created if needed, and files left by killed processes are removed.
        """
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            give_to_owner(folder, folder.parent)
        _clear(folder)
        for number in itertools.count(1):  # two exports may begin within a second
            path = folder / f"{name}{f'-{number}' if number > 1 else ''}.{ending}"
            try:
                file = cls(path)
            except FileExistsError:
                continue
            if not os.path.lexists(path):
                return file
            file.unlink()
            file.close()
        raise AssertionError("there are always more numbers")

    @classmethod
    def instead_of(cls, path: Path) -> _NewFile:
        """Return a new file that will replace `path`; FileExistsError if `path` is not a file, such as a device."""
        if os.path.lexists(path) and not path.is_file():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        _clear(path.parent, only=path.name)
        return cls(path, given=False)

    def write(self, piece: bytes) -> None:
        self._out.write(piece)

    def finish(self) -> None:
        self._out.flush()
        os.fsync(self._out.fileno())
        self._partial.rename(self.path)
        self._out.close()

    def unlink(self) -> None:
        self._partial.unlink(missing_ok=True)

    def close(self) -> None:
        self._out.close()


def _clear(folder: Path, only: str = "*") -> None:
    """Remove the hidden files that no process writes any more."""
    for left in folder.glob(f".{glob.escape(only) if only != '*' else only}.partial"):
        with suppress(OSError):  # another process writes it, or it belongs to another user
            descriptor = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()
            finally:
                os.close(descriptor)


def _remove_older(newest: Path, what: str, keep: int) -> None:
    """Remove all but the newest files of this kind; files dated later than `newest`, by a wrong clock, stay."""
    form = re.compile(rf"{what}-(\d{{8}}-\d{{6}})(?:-(\d+))?{re.escape(newest.suffix)}")
    named = {
        file: (found[1], int(found[2] or 1)) for file in newest.parent.iterdir() if (found := form.fullmatch(file.name))
    }
    older = sorted((when, file) for file, when in named.items() if when <= named[newest])
    for _when, file in older[:-keep]:
        with suppress(OSError):  # another process has removed it, or it is a folder
            file.unlink()


def _parts(rows: Rows) -> Iterator[Rows]:
    return (rows[place : place + PIECE] for place in range(0, len(rows), PIECE))


def _shown_columns(columns: Columns) -> Columns:
    return [name for name in columns if name not in _NEVER]


def _shown(columns: Columns, row: Sequence[Any], as_time: Callable[[int], str], *, private: bool) -> list[Any]:
    values = dict(zip(columns, row, strict=True))
    public = values.get("recipient") is None and values.get("channel") is not None
    if not private and not public and "content" in values:
        values["content"] = PRIVATE
    return [
        as_time(value) if name in _TIMES and isinstance(value, int) else value
        for name, value in values.items()
        if name not in _NEVER
    ]


@functools.lru_cache(maxsize=64)
def _excel_time(milliseconds: int, zone: tzinfo) -> str:
    """Return e.g. `2026-11-20 21:36:27`, which Excel recognises as a date and a time in every language."""
    moment = datetime.fromtimestamp(milliseconds // 1000, timezone.utc)
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def _csv(rows: Rows, delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([[_safe(value) for value in row] for row in rows])
    return out.getvalue()


def _safe(value: Any) -> Any:
    r"""Return a cell that no spreadsheet executes, whatever its separator is, and that no terminal obeys.

    Invisible characters are written out as at the console, and CRLF is a line break; JSON has what was stored.
    """
    if not isinstance(value, str):
        return value
    value = readable(value.replace("\r\n", "\n"), but=_KEPT)
    return _RUN_WITHIN.sub(r"\1'", f"'{value}" if _RUN_FIRST.match(value) else value)


def _csv_rows(_: Columns, rows: Rows, first: bool) -> str:
    return _csv(rows)


def _objects(columns: Columns, rows: Rows) -> list[str]:
    return [json_text(dict(zip(columns, row, strict=True))) for row in rows]


def _ndjson(columns: Columns, rows: Rows, first: bool) -> str:
    return "".join(f"{each}\n" for each in _objects(columns, rows))


def _json(columns: Columns, rows: Rows, first: bool) -> str:
    return ("\n" if first else ",\n") + ",\n".join(_objects(columns, rows))


_Form = tuple[Callable[[Columns], str], Callable[[Columns, Rows, bool], str], str]
_EXCEL: _Form = (lambda columns: _csv([columns], ";"), lambda _, rows, _first: _csv(rows, ";"), "")
_FORMS: dict[str, _Form] = {
    "csv": (lambda columns: _csv([columns]), _csv_rows, ""),
    "ndjson": (lambda _: "", _ndjson, ""),
    "json": (lambda _: "[", _json, "\n]\n"),
}
