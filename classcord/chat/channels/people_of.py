"""Who is in a channel, in which role and state. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from classcord.chat.channels.channel import Kind
from classcord.chat.roles import Role

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.world import World


def members_of(world: World, channel: Channel) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of a channel's members, and of those who are here and not hidden.

    Of everyone's channel, the members are the people who are here.
    """
    here = (s.person for s in channel.sessions if s.person is not None)
    online = tuple(dict.fromkeys(person.name for person in here if not person.hidden))
    if channel.kind is Kind.DEFAULT:
        return online, online
    accounts = (world.state.accounts_by_id[i].name for i in sorted(channel.members))
    return tuple(dict.fromkeys((*accounts, *online))), online


def roles_in(world: World, channel: Channel) -> dict[str, str]:
    """Return the roles of a channel's members by their names, but of those who are plain members of the server."""
    here = (session.person for session in channel.sessions if session.person is not None)
    roles = {person.name: person.role for person in here if not person.hidden}
    if channel.kind is not Kind.DEFAULT:
        accounts = (world.state.accounts_by_id[each] for each in channel.members)
        roles.update((account.name, account.role) for account in accounts)
    return {name: role.label for name, role in roles.items() if role is not Role.MEMBER}


def moderators_of(world: World, channel: Channel) -> tuple[str, ...]:
    """Return the names of the moderators of this channel, who are plain members elsewhere."""
    return tuple(world.state.accounts_by_id[each].name for each in sorted(channel.moderators))


def states_of(world: World, online: Iterable[str]) -> dict[str, str]:
    """Return the states of the people with these names, but of those who are `online`."""
    named = set(online)
    return {person.name: person.state for person in world.state.away.values() if person.name in named}
