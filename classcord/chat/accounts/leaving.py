"""How an account leaves the state: with all that refers to it, and with its sessions. Decides nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from classcord.chat.effects import Close, Effect
from classcord.chat.join_requests.telling import told_as_over
from classcord.chat.lessons.enforcing import is_of_staff
from classcord.chat.lookalikes import rough_looks, rough_looks_of
from classcord.chat.names import name_key
from classcord.chat.roles import Permission, Role
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.lessons.vocabulary import LessonBegun
    from classcord.chat.people import Account, Session
    from classcord.chat.world import World


def end_operators(world: World, account: Account, confined: Collection[Session]) -> list[Effect]:
    """Return the effects that end the operators' sessions by this account's password, because its rights have changed.

    Sessions in `confined` that are the account's end too.
    """
    mine = tuple(s for s in world.state.sessions_of(account) if s in world.state.operators or s in confined)
    return [Close(Text(N_("Your rights have changed: please come in again.")), mine)] if mine else []


def forget_account(world: World, account: Account, why: Text, at: int) -> list[Effect]:
    """Take an account out of the state; its sessions are told `why`, and end. `at` is when, in milliseconds."""
    state = world.state
    _keep_names_back(world, account, at / 1000)
    effects = told_as_over(world, state.join_requests.about(user_id=account.id), at)
    state.lessons.orphaned.update(each.lesson_id for each in state.lessons if _is_a_moderators(world, account, each))
    del state.accounts_by_id[account.id]
    account.role = Role.GUEST  # code that still refers to the account finds no right
    del state.accounts[account.key]
    state.changed = state.applied  # with the account go its reactions
    state.forget_looks(account)
    state.aliases = {key: each for key, each in state.aliases.items() if each is not account}
    state.join_requests.forget_user(account.id)
    state.invitation_codes.forget_maker(account.id)
    state.reports.forget_user(account.id)
    state.held.forget_user(account.id)
    state.kept.pop(account.id, None)
    for token in state.tokens.of_account(account.id):
        state.tokens.remove(token.id)
    state.forget_blocks(account.id)
    for channel in state.channels_by_id.values():
        channel.members.discard(account.id)
        channel.moderators.discard(account.id)
        if channel.made_by == account.id:
            channel.made_by, channel.made_from = None, ""
    effects += end_operators(world, account, state.confined)
    person = state.people.get(account.key)
    if person is not None and person.sessions:
        effects.append(Close(why, tuple(person.sessions)))
    return effects


def _keep_names_back(world: World, account: Account, now: float) -> None:
    """For a day, let only an administrator give the names of an account, or names that look like them, to somebody."""
    keys = [account.key, *(key for key, each in world.state.aliases.items() if each is account)]
    rough: frozenset[str] = frozenset()
    if world.role_may(account.role, Permission.KEEP_ORDER):
        rough = rough_looks_of(keys) | rough_looks(account.name, account.key)
    world.left_people.leave(keys, world.state.looks_of(account), rough, now)


def _is_a_moderators(world: World, account: Account, lesson: LessonBegun) -> bool:
    """Whether this account has begun a lesson as a moderator of its channel: nobody else holds it, so it ends."""
    return name_key(lesson.begun_by) == account.key and not is_of_staff(world, lesson)
