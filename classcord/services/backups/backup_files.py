"""The files of a backup: compressed, with a checksum file beside them, named only when they are complete.

Knows bytes and names, not their content. Sources: RFC 1952 (gzip); GNU coreutils, "sha2 utilities" (the checksum file).
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import IO, NamedTuple

from classcord.chat.text import N_, Text
from classcord.durable import created, keep
from classcord.store.ports import Copies, Progress, Unsound
from classcord.system_errors import in_words

SUM = ".sha256"
PIECE = 1 << 20  # bytes at a time; zlib and hashlib let other threads run meanwhile
LEVEL = 3  # of gzip: two thirds of the time of its default 6, for a twentieth more bytes
_NAME = re.compile(r"classcord-(\d{8}-\d{6})(?:-(\d{1,3}))?(-by-hand)?\.db\.gz")
_PARTIAL = re.compile(r"\.classcord-\d{8}-\d{6}(?:-\d{1,3})?(?:-by-hand)?\.db(?:\.gz)?(?:\.sha256)?\.partial")
_SUM_LINE = re.compile(r"\\?([0-9a-fA-F]{64}) [ *](.+)")
_BEGINNING = 64  # bytes by which a store tells its database from other files


class BackupName(NamedTuple):
    """The parts of a backup's name: its time, its number within that second, and whether a person asked for it."""

    when: datetime
    number: int
    by_hand: bool = False

    def __str__(self) -> str:
        more = f"-{self.number}" if self.number > 1 else ""
        by_hand = "-by-hand" if self.by_hand else ""
        return f"classcord-{self.when:%Y%m%d-%H%M%S}{more}{by_hand}.db.gz"

    @classmethod
    def read(cls, text: str) -> BackupName | None:
        """Parse a file's name; None if it is not the name of a backup."""
        found = _NAME.fullmatch(text)
        if found is None:
            return None
        try:
            when = datetime.strptime(found[1], "%Y%m%d-%H%M%S").replace(tzinfo=timezone.utc)
        except ValueError:
            return None
        name = cls(when, int(found[2] or 1), found[3] is not None)
        return name if str(name) == text else None


def sum_file(file: Path) -> Path:
    """Return the path of a file's checksum file."""
    return file.with_name(file.name + SUM)


def partial(folder: Path, name: str) -> Path:
    """Return the hidden name of a file in `folder` until it is complete."""
    return folder / f".{name}.partial"


def is_ours_and_unfinished(name: str) -> bool:
    """Whether a file of this name was left by an unfinished backup."""
    return _PARTIAL.fullmatch(name) is not None


def is_plain(file: Path, copies: Copies) -> bool:
    """Whether a file is an uncompressed database, such as those that an upgrade keeps."""
    with file.open("rb") as source:
        return copies.begins(source.read(_BEGINNING))


@contextmanager
def said(file: Path) -> Iterator[None]:
    """Raise the system's errors as Unsound."""
    try:
        yield
    except OSError as error:
        words = N_("{file}: {why}")
        raise Unsound(words, file=error.filename or file, why=in_words(error)) from error


def need_room(folder: Path, needed: int) -> None:
    """Refuse at once a backup that would fill the disk, to which a server is about to write."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Unsound(
            N_("there is too little room in {folder}: {needed} MB are needed, {free} MB are free"),
            folder=folder,
            needed=needed // 1_000_000 + 1,
            free=free // 1_000_000,
        )


def compress(source: Path, target: Path, when: float, progress: Progress) -> str:
    """Write `source` to the new file `target`, compressed; return the checksum of the result."""
    total, done = source.stat().st_size, 0
    if not 0 <= when < 2**32:  # RFC 1952 §2.3.1: 0 means no time, and times before 1970 or after 2106 do not fit
        when = 0
    with source.open("rb") as plain, created(target) as out:
        summed = _Summed(out)
        with gzip.GzipFile(filename="", fileobj=summed, mode="wb", compresslevel=LEVEL, mtime=when) as packed:
            while piece := plain.read(PIECE):
                packed.write(piece)
                done += len(piece)
                progress("compress", done, total)
        keep(out)
    return summed.sum.hexdigest()


class _Summed:
    """Writes to a file and computes the checksum."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self.sum = hashlib.sha256()

    def write(self, piece: bytes) -> int:
        self.sum.update(piece)
        return self._out.write(piece)

    def flush(self) -> None:
        self._out.flush()


def _expanded_size(file: Path) -> int:
    """Return the size that a compressed file declares for its content; the field counts modulo 4 GB."""
    with file.open("rb") as packed:
        packed.seek(max(0, file.stat().st_size - 4))
        return int.from_bytes(packed.read(4), "little")  # RFC 1952 §2.3.1, ISIZE


def expand(source: Path, target: Path, copies: Copies, progress: Progress) -> None:
    """Write the content of a compressed database to the new file `target`; Unsound if it is not gzip, or incomplete."""
    need_room(target.parent, _expanded_size(source))
    total = source.stat().st_size
    with source.open("rb") as packed, created(target) as out:
        try:
            with gzip.GzipFile(fileobj=packed, mode="rb") as plain:
                piece = plain.read(PIECE)
                if piece and not copies.begins(piece):
                    raise Unsound(N_("there is no database in it"))
                while piece:
                    out.write(piece)
                    progress("expand", packed.tell(), total)
                    piece = plain.read(PIECE)
        except EOFError as error:
            raise Unsound(N_("it is cut off: its end is missing")) from error
        except gzip.BadGzipFile as error:
            raise Unsound(N_("it is no backup, or damaged: {why}"), why=error) from error
        except zlib.error as error:
            raise Unsound(N_("it is damaged: {findings}"), findings=error) from error
        keep(out)


def sum_of(file: Path, progress: Progress) -> str:
    """Return the SHA-256 of a file."""
    total, done, found = file.stat().st_size, 0, hashlib.sha256()
    with file.open("rb") as source:
        while piece := source.read(PIECE):
            found.update(piece)
            done += len(piece)
            progress("sum", done, total)
    return found.hexdigest()


def write_sum(file: Path, name: str, found: str) -> None:
    """Write the checksum of the file that will be called `name` to a new file, in the format of `sha256sum -c`."""
    with created(file) as out:
        out.write(f"{found}  {name}\n".encode())
        keep(out)


def check_sum(file: Path, progress: Progress) -> None:
    """Compare a file with the checksum beside it; Unsound if that is missing, unreadable or different."""
    beside = sum_file(file)
    try:
        with beside.open("rb") as source:
            line = source.read(4096).decode("utf-8", "replace").partition("\n")[0]
    except FileNotFoundError:
        raise Unsound(N_("its sum is missing: there is no {file}"), file=beside) from None
    found = _SUM_LINE.fullmatch(line)
    if found is None:
        raise Unsound(N_("{file} has no sum in it"), file=beside)
    if found[1].lower() != sum_of(file, progress):
        raise Unsound(N_("it is not what was written: its sum is not the one in {file}"), file=beside)


def remove(*files: Path) -> None:
    """Remove those of the files that exist; of a link the link itself, not its target."""
    for file in files:
        with suppress(FileNotFoundError):
            file.unlink()


def sentence(file: Path, error: Unsound) -> Text:
    """Return which file is concerned and what is wrong with it."""
    return Text("{file}: {why}", {"file": file, "why": error.text})
