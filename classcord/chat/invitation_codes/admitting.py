"""Coming in by an invitation code: whether it is valid, who is guessing, what it brings. Knows no rule of names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.channels.channel import Kind
from classcord.chat.channels.vocabulary import MemberAdded
from classcord.chat.errors import TooLong
from classcord.chat.invitation_codes.vocabulary import (
    LONGEST_CODE,
    BadInvite,
    InvitationCodeMade,
    InvitationCodeUsed,
    InviteRequired,
    TooManyWrongCodes,
)
from classcord.chat.names import name_key
from classcord.chat.roles import Permission, Role, outranks
from classcord.chat.sources import source

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.people import Session
    from classcord.chat.records import Record
    from classcord.chat.registration.vocabulary import UserAdded
    from classcord.chat.world import World

HOUR = 3600.0  # seconds
MOST_WRONG = 10  # an hour, for one name from one source
MOST_WRONG_FROM_HERE = 200  # an hour, from one source
MOST_WRONG_FROM_MANY = 2000  # an hour, from an address that many people share


def admitting(world: World, typed: str | None, now: float) -> InvitationCodeMade | None:
    """Return the code by which somebody registers; None where none is wanted, and none given."""
    if not typed or not typed.strip():
        if world.policy.registration == "invite":
            raise InviteRequired(field="code")
        return None
    if len(typed) > LONGEST_CODE:
        raise TooLong(field="code", limit=LONGEST_CODE)
    code = world.state.invitation_codes.typed(typed)
    if code is None or state_of(world, code, now) != "usable":
        raise BadInvite
    return code


def check_guesses(world: World, session: Session, username: str, now: float, *, wrong: bool) -> None:
    """Refuse codes, right ones too, after too many wrong ones; `wrong` counts one more."""
    here = source(session.address)
    most = MOST_WRONG_FROM_MANY if world.shares_address(session.address) else MOST_WRONG_FROM_HERE
    limits = ((("wrong codes", here, name_key(username)), MOST_WRONG), (("wrong codes", here), most))
    if wrong:
        for key, limit in limits:
            world.allowances.take(key, now, most=limit, seconds=HOUR)
        return
    wait = max(world.allowances.wait(key, now, most=limit, seconds=HOUR) for key, limit in limits)
    if wait:
        raise TooManyWrongCodes(retry_after=round(wait, 3))


def state_of(world: World, code: InvitationCodeMade, now: float) -> str:
    """Return `usable`, `used`, `expired`, or `void`: its maker may not give it any more."""
    if code.used >= code.uses:
        return "used"
    if code.expires_at <= now * 1000:
        return "expired"
    maker = role_of_maker(world, code)
    return "usable" if maker is not None and may_give(world, maker, Role.of(code.role)) else "void"


def role_of_maker(world: World, code: InvitationCodeMade) -> Role | None:
    """Return the present role of who made a code; None if the account or the key is gone."""
    if code.maker_id is not None:
        account = world.state.accounts_by_id.get(code.maker_id)
        return account.role if account is not None else None
    if code.maker_key is not None:
        return world.key_roles.get(code.maker_key) if code.maker_key in world.reserved else None
    return Role.OWNER  # who has the machine itself


def _reaches(world: World, code: InvitationCodeMade, channel: Channel) -> bool:
    """Whether a channel still exists for who made a code; administrators see each at a console."""
    if channel.kind is not Kind.PRIVATE:
        return True
    role = role_of_maker(world, code)
    if role is not None and world.role_may(role, Permission.SEE_CHANNELS):
        return True
    return code.maker_id is not None and code.maker_id in channel.members


def may_give(world: World, giver: Role, role: Role) -> bool:
    """Whether somebody with the role `giver` may make a code for `role`: for more than a member, who may give it."""
    if role is Role.MEMBER:
        return world.role_may(giver, Permission.INVITE_PEOPLE)
    return world.role_may(giver, Permission.SET_ROLE) and outranks(giver, role)


def brought_by(world: World, code: InvitationCodeMade, added: UserAdded) -> tuple[Record, ...]:
    """Return what else happens to an account that a code makes.

    Channels that are closed or gone by now are left out, and private ones to which its maker has no way any more.
    """
    found = (world.state.channels_by_id.get(each) for each in code.channel_ids)
    open_ones = [c for c in found if c is not None and not c.archived and _reaches(world, code, c)]
    members = (MemberAdded(channel_id=channel.id, user_id=added.user_id, since=added.added_at) for channel in open_ones)
    return (InvitationCodeUsed(code_id=code.code_id, name=added.name, at=added.added_at), *members)
