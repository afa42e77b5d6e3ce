"""A transfer: the bytes of one file come, are written and summed in a thread, and are looked at. Knows no HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from classcord.chat.errors import StorageUnavailable
from classcord.chat.files.content_types import HEAD, content_type
from classcord.chat.files.image_sizes import image_size
from classcord.chat.files.vocabulary import FileTypeRefused, StoredFile

if TYPE_CHECKING:
    from classcord.chat.files.uploads import OpenUpload
    from classcord.services.files.content_folder import ContentFolder, Incoming

MOST_WAITING = 524_288  # bytes that wait for the thread; beyond, no more are read from the client

InThread = Callable[..., Deferred[Any]]
"""Runs a function with arguments in a thread; returns its result."""


class Transfer:
    """Takes exactly the bytes of an upload, at the pace of the disk. `finish` or `lost` ends it."""

    log = Logger()

    def __init__(
        self,
        upload: OpenUpload,
        folder: ContentFolder,
        in_thread: InThread,
        *,
        kinds: Callable[[], tuple[str, ...]],
        ended: Callable[[Transfer, StoredFile | None], None],
    ) -> None:
        """`kinds` returns the kinds of files that are accepted; `ended` is told how it ends, once."""
        self.upload = upload
        self.digest = ""
        """The digest of its content, from when that is known."""
        self._folder = folder
        self._in_thread = in_thread
        self._kinds = kinds
        self._ended = ended
        self._incoming: Incoming | None = None
        self._sum = hashlib.sha256()
        self._head = b""
        self._came = 0
        self._waiting: list[bytes] = []
        self._draining: Deferred[None] | None = None
        self._is_over = False
        self._failed = False
        self.pause: Callable[[], None] = lambda: None
        """Called to read no more from the client for now."""
        self.resume: Callable[[], None] = lambda: None
        """Called to read on."""

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self._came += len(data)
        if self._failed or self._came > self.upload.size:
            self._failed = True
            return
        self._waiting.append(data)
        if self._draining is None:
            self._draining = Deferred.fromCoroutine(self._drain())
        elif sum(map(len, self._waiting)) > MOST_WAITING:
            self.pause()

    async def _drain(self) -> None:
        while self._waiting and not self._failed:
            data, self._waiting = b"".join(self._waiting), []
            try:
                await self._in_thread(self._written, data)
            except OSError as error:
                self.log.error("a file that somebody uploads cannot be written: {why}", why=error)
                self._failed = True
            self.resume()

    def _written(self, data: bytes) -> None:
        """Write in the thread."""
        if self._incoming is None:
            self._incoming = self._folder.begin()
        self._head += data[: HEAD - len(self._head)]
        self._sum.update(data)
        self._incoming.file.write(data)

    async def finish(self) -> StoredFile:
        """Return the stored file when all its bytes are on the disk; ChatError if it is not accepted."""
        await self._drained()
        file = None
        try:
            file = await self._kept()
        finally:
            self._end(file)
        return file

    async def _drained(self) -> None:
        """Wait until what has come is written."""
        while self._draining is not None:
            draining, self._draining = self._draining, None
            await draining

    async def _kept(self) -> StoredFile:
        upload = self.upload
        if self._failed or self._came != upload.size or self._incoming is None:
            raise StorageUnavailable(retry_after=60)
        type_, kind = content_type(self._head)
        if kind not in self._kinds():
            raise FileTypeRefused(type=type_.partition(";")[0])
        self.digest = self._sum.hexdigest()
        width, height = image_size(type_, self._head) or (None, None)
        try:
            await self._in_thread(self._folder.keep, self._incoming, self.digest)
        except OSError as error:
            self.log.error("a file that somebody has uploaded cannot be kept: {why}", why=error)
            raise StorageUnavailable(retry_after=60) from None
        return StoredFile(
            token=upload.token,
            name=upload.name,
            type=type_,
            size=upload.size,
            digest=self.digest,
            width=width,
            height=height,
        )

    def lost(self) -> None:
        """End it before its last byte: the client has gone."""
        self._failed = True
        Deferred.fromCoroutine(self._given_up())

    async def _given_up(self) -> None:
        await self._drained()
        self._end(None)

    def _end(self, file: StoredFile | None) -> None:
        if self._is_over:
            return
        self._is_over = True
        if file is None and self._incoming is not None:
            self._folder.drop(self._incoming)
        self._ended(self, file)
