"""The targets of sanctions: people who are here, accounts, keys; and which are refused. Imposes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from classcord.chat.accounts.vocabulary import AddUser, CheckElsewhere, CheckHere, DelUser, Passwd
from classcord.chat.addresses import network
from classcord.chat.errors import ChatError, NotFound
from classcord.chat.finding import unknown_name
from classcord.chat.names import name_key
from classcord.chat.privacy.vocabulary import Erase
from classcord.chat.roles import Permission, Role, outranks
from classcord.chat.sanctions.vocabulary import Ban, Kick, Mute, NotThisRole, NotYourself

if TYPE_CHECKING:
    from classcord.chat.people import Account, Person, Session
    from classcord.chat.requests import Request
    from classcord.chat.world import World


class Aimed(NamedTuple):
    """A target: a person who is here, an account, both, or a key of admin_keys/."""

    key: str
    name: str
    account: Account | None
    person: Person | None


def aim(world: World, session: Session, name: str) -> Aimed:
    """Return the target that `name` means; refuse an unknown name, the actor, and everyone not below the actor."""
    actor = session.person
    assert actor is not None
    key = name_key(name)
    person, account = world.state.people.get(key), world.state.accounts.get(key)
    here = person or world.operator_by_key(key)
    if here is None and account is None and key not in world.reserved:
        raise NotFound(field="user", name=name)
    shown = account.name if account else here.name if here else key
    if person is actor or (account is not None and account is actor.account) or _is_own_key(actor, key):
        raise NotYourself(field="user")
    role = world.role_of(key)
    if not outranks(actor.role, role):
        raise NotThisRole(field="user", name=shown, role=role.word)
    return Aimed(key, shown, account, person)


def aimed_account(world: World, session: Session, name: str) -> Account:
    """Return the account that `name` means; refuse a key, which is no account, and every person whom `aim` refuses."""
    account = account_called(world, name)
    aim(world, session, name)
    return account


def account_called(world: World, name: str) -> Account:
    account = world.state.account(name)
    if account is None:
        raise unknown_name(world, name)
    return account


def _is_own_key(actor: Person, key: str) -> bool:
    """Whether the actor logged in with the key of this name: a sanction against it would hit the actor."""
    return actor.operator is not None and actor.operator.by == "key" and actor.key == key


def refuses_at_once(world: World, session: Session, request: Request) -> bool:
    """Whether a request is certainly refused: a right or a rank is missing, its duration is zero, or it is so.

    Then nobody is asked to confirm it, or to type a password for it.
    """
    person = session.person
    needed = {request.permission}
    if isinstance(request, Ban) and network_meant(world, request.target) is not None:
        needed.add(Permission.BAN_NETWORK)
    elif isinstance(request, Ban) and request.delete_account:
        needed.add(Permission.MANAGE_ACCOUNTS)
    if not all(world.may(person, permission) for permission in needed):
        return True
    if isinstance(request, (Mute, Kick, Ban)) and request.duration == 0:
        return True
    if isinstance(request, (CheckElsewhere, CheckHere)) and _is_so_already(world, request):
        return True
    return person is not None and _aims_too_high(world, session, person, request)


def _is_so_already(world: World, request: CheckElsewhere | CheckHere) -> bool:
    """Whether an account's password is already where a request would have it, or cannot be checked there."""
    account = world.state.account(request.user)
    if isinstance(request, CheckElsewhere):
        return not world.policy.other_logins or (account is not None and account.password_elsewhere)
    return account is not None and not account.password_elsewhere


def _aims_too_high(world: World, session: Session, person: Person, request: Request) -> bool:
    """Whether the target of a request is unknown, or not below this person."""
    if isinstance(request, AddUser):
        return not outranks(person.role, Role.of(request.role))
    if isinstance(request, Ban):
        target = None if network_meant(world, request.target) is not None else request.target
    elif isinstance(request, (CheckElsewhere, CheckHere, DelUser, Erase, Passwd)):
        account = world.state.account(request.user)
        own = isinstance(request, Passwd) and account is not None and account is person.account
        target = None if own else request.user
    else:
        target = None
    try:
        if target is not None:
            aim(world, session, target)
    except ChatError:
        return True
    return False


def network_meant(world: World, target: str) -> str | None:
    """Return the network that a ban means; None if its target is a name."""
    return network(target) if "/" in target or not is_somebody(world, target) else None


def is_somebody(world: World, name: str) -> bool:
    key = name_key(name)
    named = key in world.state.people or key in world.state.accounts or key in world.reserved
    return named or world.operator_by_key(key) is not None
