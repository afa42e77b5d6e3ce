"""The administrators' keys: admin_keys/NAME.pub, in OpenSSH's format, read again when they change.

Knows keys (key_lines.py has their format, ownership.py says who may write them), not what their owners do.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from classcord.chat.errors import ChatError
from classcord.chat.names import check_key_name, name_key
from classcord.chat.roles import Role
from classcord.chat.text import N_, Text
from classcord.durable import read
from classcord.services.administration.key_lines import AdminKey, BrokenKey, key_lines, parse, text_of
from classcord.services.administration.ownership import CheckedPath, flaw, paths_above
from classcord.system_errors import in_words

LARGEST = 65_536  # bytes of a key file
_ADDED = frozenset({".txt", ".rtf"})  # endings that Windows editors add


class AdminKeys:
    """The keys of a folder."""

    def __init__(self, folder: Path, *, strict: Callable[[], bool] = lambda: True, user: int | None = None) -> None:
        """`strict` says whether only root and `user`, by default the server's user, may own the files and folders."""
        self._folder = folder
        self._strict = strict
        self._user = os.geteuid() if user is None else user
        self._seen: object = None
        self._keys: dict[str, list[AdminKey]] = {}
        self.files: dict[str, Path] = {}
        """Each file, readable or not, by the comparison key of the name that it stands for."""
        self.problems: list[Text] = []
        """The files and lines that were ignored, and why."""
        self.look()

    def look(self) -> bool:
        """Read the keys again if something has changed; return whether it has."""
        files, seen = self._found()
        if seen == self._seen:
            return False
        self._seen = seen
        self._keys, self.files, self.problems = {}, {}, []
        unsafe = self._folder_flaw() if any(file.suffix == ".pub" for file in files) else None
        if unsafe is not None:
            self._problem(N_("no key in {file} counts: {why}"), self._folder, why=unsafe)
        for file in files:
            if file.suffix == ".pub":
                self._read(file, counts=unsafe is None)
            else:
                wanted = file.name[: file.name.lower().index(".pub")] + ".pub"
                self._problem(
                    N_("{file}: it is passed over, for its name does not end with .pub: call it {name}"),
                    file,
                    name=wanted,
                )
        return True

    def _found(self) -> tuple[list[Path], object]:
        """Return the files that are keys or look like keys, and a value that changes when any of them changes."""
        try:
            above = [place[1:] for place in paths_above(self._folder)]
            files = sorted(file for file in self._folder.iterdir() if _is_meant(file))
        except OSError as error:
            return [], error.errno
        found: list[object] = [self._strict(), above]
        for file in files:
            try:
                status = file.stat()
            except OSError as error:
                found.append((file.name, error.errno))
            else:
                found.append(
                    (file.name, status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode, status.st_uid)
                )
        return files, found

    def _folder_flaw(self) -> Text | None:
        """Return how another user could put a key into the folder, or replace the folder.

        None if that is impossible.
        """
        strict = self._strict()
        real = self._folder.resolve()
        for place in paths_above(self._folder):
            above = not place.path.samefile(real)
            if strict or not above:
                found = flaw(place, self._user, above=above, strict=strict)
                if found is not None:
                    return found
        return None

    def _problem(self, template: str, file: Path, **values: object) -> None:
        self.problems.append(Text(template, {"file": file, **values}))

    def _read(self, file: Path, *, counts: bool) -> None:
        """Read a file; if it does not count, note only its name."""
        try:
            name = check_key_name(os.fsencode(file.stem).decode(errors="surrogateescape"))
            self.files.setdefault(name_key(name), file)
            if counts:
                self._read_lines(file, name, self._text(file))
        except ChatError as error:
            self._problem(N_("{file}: {why}"), file, why=error.text)
        except BrokenKey as broken:
            self._problem(N_("{file}: {why}"), file, why=broken.text)
        except OSError as error:
            self._problem(N_("{file}: {why}"), file, why=in_words(error))

    def _text(self, file: Path) -> str:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise BrokenKey(N_("this is not a file"))
        found = flaw(CheckedPath(file, status.st_uid, status.st_mode), self._user, strict=self._strict())
        if found is None and file.is_symlink() and self._strict():
            above = (flaw(place, self._user, above=True) for place in paths_above(file.resolve().parent))
            found = next((each for each in above if each is not None), None)
        if found is not None:
            raise BrokenKey("{why}", why=found)
        if status.st_size > LARGEST:
            raise BrokenKey(N_("it is larger than {limit} bytes"), limit=LARGEST)
        return text_of(read(file))

    def _read_lines(self, file: Path, name: str, text: str) -> None:
        for number, line in key_lines(text):
            try:
                key = parse(name, line)
            except BrokenKey as broken:
                self._problem(N_("{file}, line {line}: {why}"), file, line=number, why=broken.text)
                if "PRIVATE KEY" in line or "SSH2 PUBLIC KEY" in line:
                    return
            else:
                self._keys.setdefault(name_key(name), []).append(key)

    def find(self, name: str, blob: bytes, address: str, now: float) -> AdminKey | None:
        """Return the key of this name that is valid for a client at `address` now."""
        keys = self._keys.get(name_key(name), ())
        return next((key for key in keys if key.blob == blob and key.counts(address, now)), None)

    def keys(self) -> list[AdminKey]:
        """Return all keys, including expired ones."""
        return [key for keys in self._keys.values() for key in keys]

    @property
    def roles(self) -> dict[str, Role]:
        """The highest role among the keys of each name, by the comparison key of the name."""
        return {name: max(key.role for key in keys) for name, keys in self._keys.items()}

    def names(self) -> set[str]:
        """Return the names that have keys."""
        return {key.name for keys in self._keys.values() for key in keys}


def _is_meant(file: Path) -> bool:
    """Whether a file name ends like a key's, or nearly: NAME.PUB and NAME.pub.txt are what Windows makes of it."""
    name = file.name.lower()
    if name.startswith("."):
        return False
    return name.endswith(".pub") or any(name.endswith(f".pub{ending}") for ending in _ADDED)
