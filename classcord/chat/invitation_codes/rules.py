"""Decisions about invitation codes: who makes which, sees them and ends them. Knows no registration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.accounts.vocabulary import RoleTooHigh
from classcord.chat.channels.channel import Kind
from classcord.chat.channels.vocabulary import ChannelClosed
from classcord.chat.effects import Commit, Effect, Reply
from classcord.chat.errors import BadRequest, NotAllowed, TooLong
from classcord.chat.events import Done
from classcord.chat.finding import visible_channel
from classcord.chat.invitation_codes.admitting import may_give, state_of
from classcord.chat.invitation_codes.kept_codes import code_of
from classcord.chat.invitation_codes.vocabulary import (
    DAY,
    LONGEST_NOTE,
    MOST_CHANNELS,
    MOST_CODES,
    MOST_DAYS_OF_STAFF,
    MOST_OF_ALL,
    CodeInfo,
    CodeMade,
    CodeOfStaff,
    CodesListed,
    EndInvitationCode,
    InvitationCodeEnded,
    InvitationCodeMade,
    InvitationCodes,
    InvitationCodeUsed,
    MakeInvitationCode,
    TooManyCodes,
    UnknownCode,
)
from classcord.chat.invitations.vocabulary import NoInvitations
from classcord.chat.registry import applies, audits, decides, reserves
from classcord.chat.roles import Permission, Role
from classcord.chat.text import N_, Text, can_be_shown
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.people import Person, Session
    from classcord.chat.registry import What
    from classcord.chat.world import World


@decides
def invitation_code(world: World, session: Session, request: MakeInvitationCode, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    role = Role.of(request.role)
    if not may_give(world, person.role, role):
        raise RoleTooHigh(field="role", role=role.word)
    if role is not Role.MEMBER and (request.uses > 1 or request.days > MOST_DAYS_OF_STAFF):
        raise CodeOfStaff(field="role", role=role.word, days=MOST_DAYS_OF_STAFF)
    if len(request.note) > LONGEST_NOTE:
        raise TooLong(field="note", limit=LONGEST_NOTE)
    if not can_be_shown(request.note):
        why = Text(N_("“{field}” has characters that cannot be read"), {"field": "note"})
        raise BadRequest(field="note", why=why)
    channels = _channels(world, person, request)
    _check_room(world, person)
    assert world.new_secret is not None
    by_key = person.operator is not None and person.operator.by == "key"
    record = InvitationCodeMade(
        code_id=world.state.invitation_code_ids.next(),
        code=code_of(world.new_secret()),
        role=role.label,
        uses=request.uses,
        channel_ids=tuple(channels),
        note=request.note.strip(),
        made_by=person.name,
        maker_id=person.account.id if person.account is not None and person.owns(person.account) else None,
        maker_key=person.key if by_key else None,
        made_at=int(now * 1000),
        expires_at=int((now + request.days * DAY) * 1000),
    )
    answer = CodeMade(
        code_id=record.code_id,
        code=record.code,
        role=record.role,
        channels=tuple(channels.values()),
        until=rfc3339(record.expires_at),
    )
    return [Commit(session, (record,), request, answer)]


def _channels(world: World, person: Person, request: MakeInvitationCode) -> dict[int, str]:
    """Return the channels that come with a code, each once: open ones, and those to which its maker admits people."""
    if len(request.into) > MOST_CHANNELS:
        raise TooLong(field="into", limit=MOST_CHANNELS)
    channels = [visible_channel(world, person, name) for name in request.into]
    for channel in channels:
        if channel.members_from is not None:
            raise NoInvitations(channel=channel.name)
        if channel.archived:
            raise ChannelClosed(channel=channel.name)
        admits = world.may(person, Permission.ADMIT) or world.may(person, Permission.ADMIT, channel)
        if channel.kind is not Kind.OPEN and not admits:
            raise NotAllowed
    return {channel.id: channel.name for channel in channels}


def _check_room(world: World, person: Person) -> None:
    codes = world.state.invitation_codes
    own = sum(_is_own(person, code) for code in codes)
    if own >= MOST_CODES or len(codes) >= MOST_OF_ALL:
        raise TooManyCodes(limit=MOST_CODES if own >= MOST_CODES else MOST_OF_ALL)


def _is_own(person: Person, code: InvitationCodeMade) -> bool:
    if person.at_machine:
        return code.maker_id is None and code.maker_key is None
    if person.operator is not None and person.operator.by == "key":
        return code.maker_key == person.key
    return person.account is not None and code.maker_id == person.account.id


@decides
def invitation_codes(world: World, session: Session, request: InvitationCodes, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    seen = [code for code in world.state.invitation_codes if _may_see(world, person, code)]
    return [Reply(request, CodesListed(codes=tuple(_shown(world, person, code, now) for code in seen)))]


def _may_see(world: World, person: Person, code: InvitationCodeMade) -> bool:
    return _is_own(person, code) or world.may(person, Permission.MANAGE_ACCOUNTS)


def _may_use(world: World, person: Person, code: InvitationCodeMade) -> bool:
    """Whether somebody may read the code itself, and end it: nobody comes to more by another's code."""
    return _may_see(world, person, code) and may_give(world, person.role, Role.of(code.role))


def _shown(world: World, person: Person, code: InvitationCodeMade, now: float) -> CodeInfo:
    channels = (world.state.channels_by_id.get(each) for each in code.channel_ids)
    return CodeInfo(
        code_id=code.code_id,
        code=code.code if _may_use(world, person, code) else None,
        state=state_of(world, code, now),
        used=code.used,
        uses=code.uses,
        role=code.role,
        channels=tuple(each.name for each in channels if each is not None and world.may_see(each, person)),
        until=rfc3339(code.expires_at),
        made_by=code.made_by,
        note=code.note,
    )


@decides
def end_invitation_code(world: World, session: Session, request: EndInvitationCode, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    code = world.state.invitation_codes.get(request.code_id)
    if code is None or not _may_see(world, person, code):
        raise UnknownCode(field="code_id", name=request.code_id)
    if not _is_own(person, code) and not _may_use(world, person, code):
        raise NotAllowed
    return [Commit(session, (InvitationCodeEnded(code_id=code.code_id),), request, Done())]


@reserves
def _code_id_is_given_out(world: World, record: InvitationCodeMade) -> None:
    world.state.invitation_code_ids.pass_over(record.code_id)


@applies
def code_made(world: World, record: InvitationCodeMade) -> list[Effect]:
    world.state.invitation_codes.add(record)
    return []


@applies
def code_used(world: World, record: InvitationCodeUsed) -> list[Effect]:
    world.state.invitation_codes.was_used(record.code_id)
    return []


@applies
def code_ended(world: World, record: InvitationCodeEnded) -> list[Effect]:
    world.state.invitation_codes.remove(record.code_id)
    return []


@audits
def _audited_code_made(world: World, record: InvitationCodeMade) -> What:
    after = {
        "role": record.role,
        "uses": record.uses,
        "until": rfc3339(record.expires_at),
        "channels": [world.state.channel_name(each) for each in record.channel_ids],
        "note": record.note,
    }
    return "code-made", "invitation-code", record.code_id, None, after


@audits
def _audited_code_used(world: World, record: InvitationCodeUsed) -> What:
    code = world.state.invitation_codes.get(record.code_id)
    by = {"made_by": code.made_by, "note": code.note} if code is not None else {}
    return "code-used", "invitation-code", record.code_id, None, {"name": record.name, **by}


@audits
def _audited_code_ended(world: World, record: InvitationCodeEnded) -> What:
    code = world.state.invitation_codes.get(record.code_id)
    before = {"used": code.used, "uses": code.uses, "role": code.role} if code is not None else None
    return "code-ended", "invitation-code", record.code_id, before, None
