"""Unix sockets at paths of any length: a socket's address has room for 107 bytes (unix(7)), a path for 4,095."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOM = 107  # bytes, beside the zero at the end


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """Give a name for a socket's path that its address has room for, good until the end of the `with`.

    That is the path itself, or the shorter one from the working folder, or one through the opened folder, where the
    system shows open files as Linux does. Where none is short enough, whoever uses it hears so from the system.
    """
    absolute = path.absolute()
    name = min((str(absolute), os.path.relpath(absolute)), key=lambda each: len(os.fsencode(each)))
    opened = Path("/proc/self/fd")
    if len(os.fsencode(name)) <= ROOM or not opened.is_dir():
        yield name
        return
    folder = os.open(absolute.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield str(opened / str(folder) / absolute.name)
    finally:
        os.close(folder)
