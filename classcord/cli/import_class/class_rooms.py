"""How the channel of a class or of a group is called, and who is in those that lists have made. Knows no list."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from classcord.chat.errors import BadRequest
from classcord.chat.names import LONGEST, check_channel

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.hub import Hub

YEAR = "school-year"  # a switch, too: the end of the names of this year's channels


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
