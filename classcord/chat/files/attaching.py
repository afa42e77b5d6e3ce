"""How a message carries a file: the upload that it takes, the records, and what people see. Knows no disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.errors import NotAllowed
from classcord.chat.files.file_names import plain
from classcord.chat.files.vocabulary import FileAttached, FileRemoved, FileShown, StoredFile
from classcord.chat.registry import applies, cancels
from classcord.chat.resends.rules import owner_of
from classcord.chat.roles import Permission

if TYPE_CHECKING:
    from classcord.chat.effects import Effect
    from classcord.chat.people import Session
    from classcord.chat.world import World

PATH = "/files/"  # of the web address; then the token


def taken(world: World, session: Session, token: str, place: int | str, now: float) -> StoredFile:
    """Return the file that a message carries; refuse one that is not its author's, or was uploaded for another place.

    It is the last thing to be decided of a message: a message that is refused must not use the file up.
    """
    if not world.may(session.person, Permission.SEND_FILES):
        raise NotAllowed
    return world.uploads.take(token, owner_of(world, session), place, now)


@applies
def file_attached(world: World, record: FileAttached) -> list[Effect]:
    world.uploads.sent(record.file.token)
    return []  # the message's own record has it


@cancels
def file_not_attached(world: World, record: FileAttached) -> None:
    world.uploads.put_back(record.file.token)


@applies
def removed(world: World, record: FileRemoved) -> list[Effect]:
    world.uploads.outdated = True
    return []  # whoever hears of the deletion knows


def shown(world: World, file: StoredFile) -> FileShown:
    """Return a file as people see it."""
    url = f"{PATH}{file.token}/{plain(file.name)}"
    return FileShown(
        name=file.name,
        type=file.type,
        size=file.size,
        url=url,
        link=world.policy.web_address + url if world.policy.web_address else None,
        width=file.width,
        height=file.height,
    )
