"""Files that are kept in a folder, in memory but for their bytes: the threads are under the test's hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, execute

from classcord.services.files.content_folder import ContentFolder
from classcord.services.files.keeping import Bounds, KeptFiles
from tests.chat.test_content_types import png
from tests.harness import House

IMAGE = png(640, 480) + b"x" * 1000


class Threads:
    """Runs work at once, or when `go` is called while it is `held`."""

    def __init__(self) -> None:
        self.held = False
        self._waiting: list[Callable[[], object]] = []

    def run(self, work: Callable[..., Any], *arguments: object) -> Deferred[Any]:
        if not self.held:
            return execute(work, *arguments)
        done: Deferred[Any] = Deferred()
        self._waiting.append(lambda: execute(work, *arguments).chainDeferred(done))
        return done

    def go(self) -> None:
        """Do the next work that waits."""
        self._waiting.pop(0)()


class Kept(KeptFiles):
    """The files of a House, in a folder of the test's."""

    def __init__(self, house: House, path: Path, total: int = 0, free: int = 0) -> None:
        self.threads = Threads()
        self.bounds = Bounds(total, free)
        super().__init__(
            house.hub,
            house.store,
            ContentFolder(path / "files"),
            bounds=lambda: self.bounds,
            in_thread=self.threads.run,
            timers=house.clock,
            clock=house.clock,
        )

    @property
    def names(self) -> list[str]:
        """The names of all files below the folder."""
        return sorted(str(file.relative_to(self.folder.path)) for file in self.folder.path.rglob("*") if file.is_file())
