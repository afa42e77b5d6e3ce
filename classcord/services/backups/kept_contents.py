"""The contents of files beside backups: `files/` in the backups' folder has each once, for all backups that need it.

A content never changes under its name, so a backup gives it a second name (a hard link) instead of copying it; where
that is impossible, it is copied. Beside each backup lies the list of what it needs, in the format of `sha256sum -c`.
Knows no database.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from classcord import durable
from classcord.services.backups import backup_files
from classcord.services.files.content_folder import ContentFolder

LIST = ".files"
_LINE = re.compile(r"([0-9a-f]{64})  [0-9a-f]{2}/\1")


def beside(file: Path) -> ContentFolder:
    """Return the folder of the contents that a backup needs, wherever the backup was moved together with it."""
    return ContentFolder(file.parent / "files")


def list_file(file: Path) -> Path:
    """Return the path of a backup's list."""
    return file.with_name(file.name + LIST)


def bring(digests: Iterable[str], source: ContentFolder, target: ContentFolder) -> list[str]:
    """Give these contents a name in another folder, too; return those that are missing."""
    return [digest for digest in digests if not _brought(digest, source.file(digest), target)]


def _brought(digest: str, content: Path, target: ContentFolder) -> bool:
    file = target.file(digest)
    if file.exists():
        return True
    if not content.is_file():
        return False
    for folder in (target.path, file.parent):
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            durable.give_to_owner(folder, folder.parent)
    try:
        file.hardlink_to(content)
    except OSError:
        draft = backup_files.partial(file.parent, digest)
        backup_files.remove(draft)
        with content.open("rb") as read, durable.created(draft) as out:
            shutil.copyfileobj(read, out, backup_files.PIECE)
            durable.keep(out)
        draft.rename(file)
    durable.keep_names(file.parent)
    return True


def faulty(digests: Iterable[str], folder: ContentFolder) -> list[str]:
    """Read these contents to their end; return those that are missing or not what they were."""
    return [digest for digest in digests if not _is_sound(digest, folder.file(digest))]


def _is_sound(digest: str, file: Path) -> bool:
    try:
        return backup_files.sum_of(file, lambda *_: None) == digest
    except OSError:
        return False


def write_list(file: Path, digests: Iterable[str]) -> None:
    """Write the list of a backup."""
    durable.write(list_file(file), "".join(f"{each}  {each[:2]}/{each}\n" for each in sorted(digests)).encode())


def drop_others(folder: Path) -> None:
    """Remove the lists that have no backup any more, and the contents that no list has."""
    needed: set[str] = set()
    for each in folder.glob(f"*{LIST}"):
        if os.path.lexists(each.with_name(each.name.removesuffix(LIST))):
            needed.update(found[1] for found in _LINE.finditer(each.read_text("ascii", "replace")))
        else:
            backup_files.remove(each)
    contents = beside(folder / "any")
    backup_files.remove(*contents.path.glob("??/.*.partial"))  # which a killed process has left
    for digest, _ in list(contents.contents()):
        if digest not in needed:
            contents.remove(digest)
