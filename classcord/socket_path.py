"""Unix sockets at paths of any length: the address of a socket holds 107 bytes (unix(7)), a path up to 4,095.

Knows nothing of what the sockets are for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOM = 107  # without the zero at the end


@contextmanager
def reachable(path: Path) -> Iterator[str]:
    """Yield a short name for a socket's path, valid until the end of the `with`.

    It is the path itself, or the path relative to the working folder, or a path through an open descriptor of the
    folder, where the system offers that, as Linux does. If none is short enough, the system call that uses the name
    fails.
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
