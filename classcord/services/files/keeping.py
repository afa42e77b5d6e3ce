"""The keeping of files: which contents may come, how much room there is, and which are not needed any more.

A content is needed as long as a message has it, or an upload waits for its message. What nobody needs is found by
comparing the folder with the store, so whatever removes messages needs to know nothing of files. Knows no HTTP.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.chat.errors import StorageUnavailable
from classcord.chat.files.vocabulary import FileDigests, FileNamed, NoRoomForFiles, StoredFile
from classcord.services.files.transfers import InThread, Transfer
from classcord.services.process.periodic import Periodic

if TYPE_CHECKING:
    from classcord.chat.world import World
    from classcord.services.files.content_folder import ContentFolder
    from classcord.store.ports import Archive

LOOK = 30.0  # seconds between two looks whether something became superfluous
COMPARE = 3600.0  # seconds between two comparisons of folder and store, if nothing has
MOST_OF_ONE = 4  # transfers of one person at a time
MOST = 64  # transfers at a time
MB = 1_000_000


class Bounds:
    """How many bytes all files may have together, and how many stay free on the disk; 0 is no limit."""

    def __init__(self, total: int, free: int) -> None:
        """Both are in megabytes."""
        self.total, self.free = total * MB or math.inf, free * MB


class KeptFiles:
    """Starts and stops with the server."""

    log = Logger()

    def __init__(
        self,
        world: World,
        archive: Archive,
        folder: ContentFolder,
        *,
        bounds: Callable[[], Bounds],
        in_thread: InThread,
        timers: IReactorTime,
        clock: IReactorTime,
    ) -> None:
        """`bounds` returns the present ones."""
        self.folder = folder
        self._world = world
        self._archive = archive
        self._bounds = bounds
        self._in_thread = in_thread
        self._clock = clock
        self._transfers: set[Transfer] = set()
        self._owners: Counter[str] = Counter()
        self._arrived: set[str] = set()
        self._comparing: Deferred[None] | None = None
        self._compared_at = -math.inf
        self.count, self.bytes = 0, 0
        """How many contents there are, and how large they are together; exact after each comparison."""
        self._looks = Periodic(self._look, timers)

    def start(self) -> None:
        """Take files from now on; OSError if the folder cannot be used."""
        self.folder.make()
        self._world.uploads.room = self.room
        self._looks.start(LOOK)

    def stop(self) -> None:
        """Take no more files."""
        self._world.uploads.room = None
        self._looks.stop()
        if self._comparing is not None:
            self._comparing.cancel()
        for transfer in list(self._transfers):
            transfer.lost()

    def room(self) -> float:
        """Return for how many more bytes there is room."""
        bounds = self._bounds()
        return min(bounds.total - self.bytes, self.folder.free() - bounds.free)

    # -- bytes that come, and bytes that are read -------------------------------------------------------------------

    def begin(self, token: str, size: int) -> Transfer | None:
        """Return a transfer of the bytes of an admitted upload; None if there is none of this size for this token.

        NoRoomForFiles if the disk has become full, or too many transfers are under way.
        """
        uploads = self._world.uploads
        upload = uploads.begin(token, self._clock.seconds())
        if upload is None:
            return None
        if upload.size != size or self._owners[upload.owner] >= MOST_OF_ONE:
            uploads.failed(upload)
            return None
        if len(self._transfers) >= MOST or self.room() < size:
            uploads.failed(upload)
            raise NoRoomForFiles(retry_after=60)
        transfer = Transfer(upload, self.folder, self._in_thread, kinds=self._kinds, ended=self._ended)
        self._transfers.add(transfer)
        self._owners[upload.owner] += 1
        return transfer

    def _kinds(self) -> tuple[str, ...]:
        """Return the kinds of files that are accepted now."""
        policy = self._world.policy
        return policy.files.kinds

    def _ended(self, transfer: Transfer, file: StoredFile | None) -> None:
        self._transfers.discard(transfer)
        self._owners[transfer.upload.owner] -= 1
        self._owners += Counter()  # without those who have none
        if transfer.digest:
            self._arrived.add(transfer.digest)
        if file is None:
            self._world.uploads.failed(transfer.upload)
        else:
            self.count, self.bytes = self.count + 1, self.bytes + file.size
            self._world.uploads.received(transfer.upload, file, self._clock.seconds())

    async def opened(self, token: str) -> tuple[StoredFile, IO[bytes]] | None:
        """Return the file with this token and its content; None if there is none, or not any more."""
        file: StoredFile | None = await self._archive.find(FileNamed(token=token))
        content = None if file is None else self.folder.open(file.digest)
        if file is None or content is None:
            return None
        return file, content

    # -- contents that nobody needs ---------------------------------------------------------------------------------

    def _look(self) -> None:
        now = self._clock.seconds()
        self._world.uploads.expire(now)
        due = self._world.uploads.outdated or now - self._compared_at >= COMPARE
        if due and self._comparing is None:
            self._world.uploads.outdated, self._compared_at = False, now
            self._comparing = Deferred.fromCoroutine(self._compare())
            self._comparing.addBoth(self._compared)

    def _compared(self, result: object) -> None:
        self._comparing = None
        if isinstance(result, Failure):
            self._world.uploads.outdated = True  # it is tried again
            if not result.check(CancelledError, StorageUnavailable):
                self.log.failure("what is not needed in {folder} is not known", result, folder=self.folder.path)

    async def _compare(self) -> None:
        """Remove the contents that no message and no upload has, unless a backup is being made."""
        self._arrived = {transfer.digest for transfer in self._transfers}
        held = self._world.uploads.digests()
        needed: frozenset[str] = await self._archive.find(FileDigests())
        found: dict[str, int] = await self._in_thread(lambda: dict(self.folder.contents()))
        superfluous = found.keys() - needed - held - self._arrived
        superfluous -= {transfer.digest for transfer in self._transfers}
        if superfluous:
            with self.folder.undisturbed(alone=True) as alone:
                if not alone:
                    self._world.uploads.outdated = True
                    superfluous = set()
                for digest in superfluous:
                    self.folder.remove(digest)
                    del found[digest]
        self.count, self.bytes = len(found), sum(found.values())
