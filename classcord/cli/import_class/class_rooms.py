"""The channels that class lists have made: of classes and of groups, by their numbers. Knows no list.

They are kept as a switch of the server, `class-rooms`: `c7 c8 g9`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from classcord.chat.errors import BadRequest
from classcord.chat.names import LONGEST, check_channel

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.hub import Hub

SWITCH = "class-rooms"
YEAR = "school-year"  # a switch, too: the end of the names of this year's channels


def class_rooms(hub: Hub) -> dict[int, bool]:
    """Return the channels of classes (True) and of groups (False) that are still there."""
    state = hub.state
    words = state.switches.get(SWITCH, "").split()
    found = {int(word[1:]): word[0] == "c" for word in words if re.fullmatch("[cg][0-9]+", word)}
    return {number: is_class for number, is_class in found.items() if number in state.channels_by_id}


def as_value(rooms: dict[int, bool]) -> str:
    return " ".join(f"{'c' if is_class else 'g'}{number}" for number, is_class in rooms.items())


def channel_name(name: str, year: str) -> str | None:
    """Return the name of the channel of a class or a group, in a year if there is one; None if none can be made."""
    bare = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFKC", name)).strip("-.")
    bare = f"{bare[: LONGEST - 1 - len(year)]}-{year}" if bare and year else bare
    try:
        return check_channel(bare[: LONGEST - 1])
    except BadRequest:
        return None


def rooms_of(hub: Hub, user_id: int, rooms: dict[int, bool]) -> set[int]:
    """Return the channels of lists in which an account is."""
    found = {number: hub.state.channels_by_id[number] for number in rooms}
    return {number for number, channel in found.items() if _is_in(channel, user_id)}


def _is_in(channel: Channel, user_id: int) -> bool:
    return user_id in channel.members
