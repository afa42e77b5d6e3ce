"""Which conversations a person has, and what of them a login tells. Changes nothing; knows no store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.conversations.vocabulary import ConversationsOf, MissedInfo
from classcord.chat.names import GUEST_KEY, others_part
from classcord.chat.people import Person
from classcord.chat.roles import Permission

if TYPE_CHECKING:
    from classcord.chat.conversations.vocabulary import ConversationsPage
    from classcord.chat.people import Account
    from classcord.chat.world import World


MOST_AT_LOGIN = 100  # conversations, those with the newest messages; `conversations` lists the others


def conversations_of(
    world: World, person: Person, *, before: int | None = None, limit: int, whole: bool = True
) -> ConversationsOf:
    """Return the question about all conversations of a person: of a guest, the channels alone."""
    channels = world.state.channels_by_id.values()
    mine = tuple(c.id for c in channels if world.state.is_member(c, person) and world.may(person, Permission.READ, c))
    return ConversationsOf(
        user_id=person.account.id if person.account else None, channels=mine, before=before, limit=limit, whole=whole
    )


def missed(world: World, account: Account, page: ConversationsPage) -> tuple[MissedInfo, ...]:
    """Return what a login tells about the account's conversations."""
    found, reader = [], Person(account.name, account.key, account)
    for each in page.conversations:
        key, channel = each.conversation, world.state.channels_by_id.get(each.channel_id or 0)
        if key is None and (channel is None or not world.may(reader, Permission.READ, channel)):  # no longer
            continue
        told = MissedInfo(
            channel=channel.name if channel is not None else None,
            user=(name_in(world, account, key) or each.other) if key is not None else None,
            conversation=key,
            last_read=each.last_read,
            last_message_id=each.newest,
            unread=each.unread,
            mentions=each.mentions,
        )
        found.append(told)
    return tuple(found)


def name_in(world: World, account: Account, key: str) -> str | None:
    """Return the present name of the other person of an account's conversation; None if they are gone."""
    other = others_part(account.id, key)
    if other.startswith(GUEST_KEY):
        person = world.state.addressee(other.removeprefix(GUEST_KEY))
        return person.name if person is not None and person.account is None else None
    found = world.state.accounts_by_id.get(int(other)) if other.isdecimal() else None
    return found.name if found is not None else None


def is_gone(world: World, account: Account, key: str) -> bool:
    """Whether nobody is there to be written to: the account was deleted, or the guest has left."""
    return name_in(world, account, key) is None
