"""Files on their way, for the tests of floor 0: as if their bytes had come."""

from __future__ import annotations

import itertools

from classcord.chat.files.uploads import OpenUpload
from classcord.chat.files.vocabulary import StoredFile
from classcord.chat.hub import Hub
from tests.chat.hubs import NOON

ROOM = 1_000_000_000
_numbers = itertools.count(1)


def a_file(token: str = "a token", **fields: object) -> StoredFile:
    values: dict[str, object] = {"name": "photo.png", "type": "image/png", "size": 1200, "digest": "ab" * 32, **fields}
    return StoredFile(token=token, **values)  # type: ignore[arg-type]


def opened(hub: Hub, owner: str, place: int | str, **fields: object) -> OpenUpload:
    """Return an upload whose bytes may come."""
    hub.uploads.room = lambda: ROOM
    values: dict[str, object] = {"token": f"upload {next(_numbers)}", "name": "photo.png", "size": 1200}
    values |= {"expires_at": NOON + 600, **fields}
    upload = OpenUpload(owner=owner, place=place, **values)  # type: ignore[arg-type]
    hub.uploads.open(upload, NOON)
    return upload


def whole(hub: Hub, owner: str, place: int | str, token: str | None = None, **fields: object) -> OpenUpload:
    """Return an upload whose bytes are stored; `owner` is the id of an account, or `~` and the number of a session."""
    upload = opened(hub, owner, place, **({} if token is None else {"token": token}))
    assert hub.uploads.begin(upload.token, NOON) is upload
    hub.uploads.received(upload, a_file(upload.token, **fields), NOON)
    return upload
