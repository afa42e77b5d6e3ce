"""Finding what a request names, as far as whoever asks may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.errors import KeyAlone, NotFound
from classcord.chat.names import DEFAULT_CHANNEL, name_key

if TYPE_CHECKING:
    from classcord.chat.channel import Channel
    from classcord.chat.people import Person
    from classcord.chat.world import World


def find(world: World, person: Person, name: str | None) -> Channel:
    """Return the channel called `name`, everyone's without one; NotFound also for one that this person may not see."""
    channel = world.state.channel(name) if name else world.state.default
    if channel is None or not world.may_see(channel, person):
        raise NotFound(field="channel", name=name or DEFAULT_CHANNEL)
    return channel


def nobody(world: World, name: str, field: str = "user") -> NotFound:
    """Return the refusal for a name that no account has and nobody who is here; a key of admin_keys/ is told as one."""
    return (KeyAlone if name_key(name) in world.reserved else NotFound)(field=field, name=name)
