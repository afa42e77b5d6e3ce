"""The channels that class lists have made: of classes and of groups, by their numbers. Knows no list.

They are kept as a switch of the server, `class-rooms`: `c7 c8 g9`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classcord.chat.world import World

SWITCH = "class-rooms"


def class_rooms(world: World) -> dict[int, bool]:
    """Return the channels of classes (True) and of groups (False) that are still there."""
    state = world.state
    words = state.switches.get(SWITCH, "").split()
    found = {int(word[1:]): word[0] == "c" for word in words if re.fullmatch("[cg][0-9]+", word)}
    return {number: is_class for number, is_class in found.items() if number in state.channels_by_id}


def as_value(rooms: dict[int, bool]) -> str:
    return " ".join(f"{'c' if is_class else 'g'}{number}" for number, is_class in rooms.items())
