"""When people hear that they may do other things than before, because the settings were reloaded.

A changed role is told where roles are changed (accounts/rules.py). Knows no settings file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.effects import Deliver, Effect
from classcord.chat.registry import applies, cancels, on_time
from classcord.chat.rights.told import event_for, rights_of
from classcord.chat.rights.vocabulary import RightsTold
from classcord.chat.roles import Role

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.records import Record
    from classcord.chat.rights.vocabulary import Right
    from classcord.chat.world import World


@on_time
def look_at_rights(world: World, now: float) -> list[Record]:
    """Return the record that tells people what they may do, if that is not what was told last."""
    rights: dict[Role, tuple[Right, ...]] = {role: rights_of(world, role) for role in Role}
    before, world.told_rights = world.told_rights, rights
    if before is None:  # whoever has come since the start was told at the login
        return []
    changed = tuple(role.label for role in Role if before.get(role) != rights[role])
    return [RightsTold(roles=changed, at=int(now * 1000))] if changed else []


@cancels
def _not_told(world: World, record: RightsTold) -> None:
    world.told_rights = {}


@applies
def rights_told(world: World, record: RightsTold) -> list[Effect]:
    concerned: dict[Role, list[Session]] = {Role.of(label): [] for label in record.roles}
    for person in world.state.people.values():
        if person.role in concerned:
            concerned[person.role] += person.sessions
    return [Deliver(event_for(world, role), tuple(found)) for role, found in concerned.items() if found]
