"""What a role may do by the settings, as people of it are told. Knows no request and no record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.rights.vocabulary import RightsChanged
from classcord.chat.roles import Permission, Role

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.rights.vocabulary import Right
    from classcord.chat.world import World


def rights_of(world: World, role: Role) -> tuple[Right, ...]:
    """Return what the settings let a role do; where no file is taken, nobody may send one."""
    may: list[Right] = []
    if world.role_may(role, Permission.CREATE_CHANNEL):
        may.append("create_channels")
    if world.takes_files and world.role_may(role, Permission.SEND_FILES):
        may.append("send_files")
    if world.role_may(role, Permission.WRITE_AT_ANY_TIME):
        may.append("write_at_any_time")
    return tuple(may)


def told_to(world: World, session: Session, role: Role) -> tuple[Right, ...] | None:
    """Return what is told to whoever comes in by a session; None to a client that has no buttons to hide."""
    return None if session.traits.commands_in_text else rights_of(world, role)


def event_for(world: World, role: Role) -> RightsChanged:
    """Return the event for people of a role."""
    return RightsChanged(role=role.label, may=rights_of(world, role))
