"""Decisions about block lists: who is on one, and whose private messages are refused for it.

An account's list has accounts: a guest's name may be another person's tomorrow. What was accepted before the block is
delivered, and stays in the history. Channels know no block lists. Who keeps order can always be heard, whatever a list
says, and so can who has come to keep order since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.block_lists.vocabulary import (
    BlockedByOneself,
    BlockedByPerson,
    BlockList,
    BlockListShown,
    BlockPerson,
    GuestNotBlocked,
    OneselfNotBlocked,
    PersonBlocked,
    PersonUnblocked,
    StaffNotBlocked,
    TooManyBlocked,
)
from classcord.chat.effects import Commit, Effect, Reply
from classcord.chat.errors import NotFound
from classcord.chat.events import Done
from classcord.chat.finding import own_account
from classcord.chat.names import name_key
from classcord.chat.registry import applies, decides
from classcord.chat.roles import Permission

if TYPE_CHECKING:
    from classcord.chat.people import Account, Person, Session
    from classcord.chat.world import World

MOST = 200  # people on one list


def is_blocked(world: World, by: Account | None, whom: Account | None) -> bool:
    """Whether the account `by` reads no private messages of `whom`; False if one of them has no account."""
    if by is None or whom is None or whom.id not in world.state.blocks.get(by.id, ()):
        return False
    return not world.role_may(whom.role, Permission.KEEP_ORDER)


def check_is_not_blocked(world: World, person: Person, other: Person) -> None:
    """Refuse a private message, or what stands for one, between two people of whom one has blocked the other."""
    if is_blocked(world, other.account, person.account):
        raise BlockedByPerson(name=other.name)
    if is_blocked(world, person.account, other.account):
        raise BlockedByOneself(name=other.name)


@decides
def block(world: World, session: Session, request: BlockPerson, now: float) -> list[Effect]:
    own = own_account(session)
    other = _other(world, own, request.user)
    if (other.id in world.state.blocks.get(own.id, ())) is request.on:
        return [Reply(request, Done())]
    if not request.on:
        return [Commit(session, (PersonUnblocked(user_id=own.id, blocked_id=other.id),), request, Done())]
    if world.role_may(world.role_of(other.key), Permission.KEEP_ORDER):
        raise StaffNotBlocked(field="user", name=other.name)
    if len(world.state.blocks.get(own.id, ())) >= MOST:
        raise TooManyBlocked(limit=MOST)
    record = PersonBlocked(user_id=own.id, blocked_id=other.id, at=int(now * 1000))
    return [Commit(session, (record,), request, Done())]


def _other(world: World, own: Account, name: str) -> Account:
    account = world.state.account(name)
    if account is own:
        raise OneselfNotBlocked(field="user")
    if account is not None:
        return account
    here = world.state.people.get(name_key(name))
    if here is not None:
        raise GuestNotBlocked(field="user", name=here.name)
    key = world.operator_by_key(name_key(name))
    raise NotFound(field="user", name=name) if key is None else StaffNotBlocked(field="user", name=key.name)


@decides
def block_list(world: World, session: Session, request: BlockList, now: float) -> list[Effect]:
    on_it = (world.state.accounts_by_id[each] for each in world.state.blocks.get(own_account(session).id, ()))
    return [Reply(request, BlockListShown(users=tuple(each.name for each in sorted(on_it, key=lambda each: each.key))))]


@applies
def person_blocked(world: World, record: PersonBlocked) -> list[Effect]:
    accounts = world.state.accounts_by_id
    if record.user_id in accounts and record.blocked_id in accounts:
        world.state.blocks.setdefault(record.user_id, set()).add(record.blocked_id)
    return []


@applies
def person_unblocked(world: World, record: PersonUnblocked) -> list[Effect]:
    world.state.unblock(record.user_id, record.blocked_id)
    return []
