"""Uploads: the files that may be uploaded, come in, or wait for their message. Knows no disk and no connection.

They are in memory alone: after a restart a client asks again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from enum import Enum, auto

import msgspec

from classcord.chat.files.quotas_of_files import give_back
from classcord.chat.files.vocabulary import NoRoomForFiles, NoSuchUpload, StoredFile, TooManyUploads
from classcord.chat.limits import Quota

BEGIN_WITHIN = 600.0  # seconds from the permission to the first byte
SEND_WITHIN = 3600.0  # seconds from the last byte to the message
MOST_OF_ONE = 20  # uploads of one person
MOST = 2000  # of all people


class Stage(Enum):
    """An upload goes from each stage to the next; a transfer that fails ends it."""

    OPEN = auto()  # its bytes may come
    RECEIVING = auto()  # its bytes are coming
    WHOLE = auto()  # its bytes are stored: it may be sent
    TAKEN = auto()  # the commit of its message is under way


class OpenUpload(msgspec.Struct):
    """One file on its way; `place` is a channel's id, or the key of a conversation."""

    token: str
    owner: str
    place: int | str
    name: str
    size: int
    expires_at: float
    quotas: tuple[Quota, ...] = ()
    stage: Stage = Stage.OPEN
    file: StoredFile | None = None


class Uploads:
    """All uploads, by their tokens."""

    def __init__(self) -> None:
        self._uploads: dict[str, OpenUpload] = {}
        self._owners: Counter[str] = Counter()
        self.room: Callable[[], float] | None = None
        """Returns for how many more bytes there is room; None if files are stored nowhere."""
        self.outdated = False
        """Whether a content may have become superfluous since whoever stores contents has looked."""

    def __len__(self) -> int:
        return len(self._uploads)

    def open(self, upload: OpenUpload, now: float) -> None:
        """Reserve the place for a file; refuse it if there are too many on their way, or if there is no room."""
        self.expire(now)
        if self._owners[upload.owner] >= MOST_OF_ONE or len(self) >= MOST:
            soonest = min((each.expires_at for each in self._uploads.values()), default=now)
            raise TooManyUploads(retry_after=round(max(1.0, soonest - now)), most=MOST_OF_ONE)
        if self.room is None or self.room() - self.reserved < upload.size:
            raise NoRoomForFiles
        self._uploads[upload.token] = upload
        self._owners[upload.owner] += 1

    @property
    def reserved(self) -> int:
        """The bytes that may still come."""
        return sum(each.size for each in self._uploads.values() if each.stage in {Stage.OPEN, Stage.RECEIVING})

    def digests(self) -> frozenset[str]:
        """Return the digests of the contents that wait for their message."""
        return frozenset(each.file.digest for each in self._uploads.values() if each.file is not None)

    def begin(self, token: str, now: float) -> OpenUpload | None:
        """Return the upload whose bytes begin to come; None if there is none, or if they come a second time."""
        self.expire(now)
        upload = self._uploads.get(token)
        if upload is None or upload.stage is not Stage.OPEN:
            return None
        upload.stage = Stage.RECEIVING
        return upload

    def failed(self, upload: OpenUpload) -> None:
        """End an upload whose bytes have not come, or are not accepted; it has cost nothing."""
        give_back(upload.quotas, upload.size)
        self._forget(upload)

    def received(self, upload: OpenUpload, file: StoredFile, now: float) -> None:
        """Note that the bytes are stored."""
        upload.stage, upload.file, upload.expires_at = Stage.WHOLE, file, now + SEND_WITHIN

    def take(self, token: str, owner: str, place: int | str, now: float) -> StoredFile:
        """Return the file for a message of its owner in the place for which it was uploaded; NoSuchUpload otherwise."""
        self.expire(now)
        upload = self._uploads.get(token)
        if upload is None or (upload.owner, upload.place, upload.stage) != (owner, place, Stage.WHOLE):
            raise NoSuchUpload(field="file")
        assert upload.file is not None
        upload.stage = Stage.TAKEN
        return upload.file

    def put_back(self, token: str) -> None:
        """Let a file be sent again: its message was not stored."""
        upload = self._uploads.get(token)
        if upload is not None and upload.stage is Stage.TAKEN:
            upload.stage = Stage.WHOLE

    def sent(self, token: str) -> None:
        """Forget an upload: its message is stored, which has the file now."""
        upload = self._uploads.get(token)
        if upload is not None:
            self._forget(upload)

    def expire(self, now: float) -> None:
        """Forget the uploads whose time is over; their content is superfluous."""
        for upload in list(self._uploads.values()):
            if upload.expires_at > now:
                continue
            if upload.stage is Stage.OPEN:
                self.failed(upload)
            elif upload.stage is Stage.WHOLE:
                self._forget(upload)
                self.outdated = True

    def _forget(self, upload: OpenUpload) -> None:
        del self._uploads[upload.token]
        self._owners[upload.owner] -= 1
        if not self._owners[upload.owner]:
            del self._owners[upload.owner]
