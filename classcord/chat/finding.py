"""Lookup of names in requests, as far as the person who asks may see; and of that person. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.errors import KeyAlone, NotAllowed, NotFound
from classcord.chat.names import DEFAULT_CHANNEL, name_key

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.people import Account, Person, Session
    from classcord.chat.world import World

MOST_ROWS = 200


def visible_channel(world: World, person: Person, name: str | None) -> Channel:
    """Return the channel `name`, or everyone's if no name is given; NotFound also if this person may not see it."""
    channel = world.state.channel(name) if name else world.state.default
    if channel is None or (name and not world.may_see(channel, person)):  # everyone sees everyone's
        raise NotFound(field="channel", name=name or DEFAULT_CHANNEL)
    return channel


def unknown_name(world: World, name: str, field: str = "user") -> NotFound:
    """Return the refusal of an unknown name; for the name of a key of admin_keys/ it says that it is a key."""
    return (KeyAlone if name_key(name) in world.reserved else NotFound)(field=field, name=name)


def most_rows(session: Session, wanted: int | None) -> int | None:
    """Return how many rows of a list are answered: an operator's console reads any number, a client so many at once."""
    if session.person is not None and session.person.is_operator:
        return wanted
    return MOST_ROWS if wanted is None else min(wanted, MOST_ROWS)


def own_account(session: Session) -> Account:
    """Return the account of the person who asks; NotAllowed for a guest, and for an operator by a key."""
    person = session.person
    if person is None or person.account is None or not person.owns(person.account):
        raise NotAllowed
    return person.account
