"""How an account leaves the state: with all that refers to it, and with its sessions. Decides nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from classcord.chat.effects import Close, Effect
from classcord.chat.roles import Role
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.people import Account, Session
    from classcord.chat.world import World


def end_operators(world: World, account: Account, confined: Collection[Session]) -> list[Effect]:
    """Return the effects that end the operators' sessions by this account's password, because its rights have changed.

    Sessions in `confined` that are the account's end too.
    """
    mine = tuple(s for s in world.state.sessions_of(account) if s in world.state.operators or s in confined)
    return [Close(Text(N_("Your rights have changed: please come in again.")), mine)] if mine else []


def forget_account(world: World, account: Account, why: Text) -> list[Effect]:
    """Take an account out of the state; its sessions are told `why`, and end."""
    state = world.state
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
    effects = end_operators(world, account, state.confined)
    person = state.people.get(account.key)
    if person is not None and person.sessions:
        effects.append(Close(why, tuple(person.sessions)))
    return effects
