"""Decisions about invitations: who is invited is a member at once, hears by whom, and may leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.block_lists.rules import check_is_not_blocked
from classcord.chat.channels.channel import Kind
from classcord.chat.channels.vocabulary import ChannelClosed, MemberAdded, NotInChannel
from classcord.chat.effects import Commit, Deliver, Effect
from classcord.chat.errors import NotAllowed
from classcord.chat.events import Done
from classcord.chat.finding import unknown_name, visible_channel
from classcord.chat.invitations.vocabulary import (
    GuestsAreNotInvited,
    Invite,
    Invited,
    InvitedTo,
    IsMember,
    NoInvitations,
    TooManyInvitations,
)
from classcord.chat.join_requests.undecided import ACCEPTED
from classcord.chat.join_requests.vocabulary import JoinDecided
from classcord.chat.lessons.enforcing import check_no_exam, is_exempt
from classcord.chat.people import Person
from classcord.chat.private_policy.rules import check_may_write_privately
from classcord.chat.registry import applies, decides
from classcord.chat.roles import Permission
from classcord.chat.sanctions.enforcing import check_is_not_muted
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.people import Account, Session
    from classcord.chat.records import Record
    from classcord.chat.world import World


DAY = 86_400.0  # seconds
MOST_A_DAY = 100  # invitations by one account; people who keep order have no limit
MOST_TO_ONE = 2  # of one person to one channel in a day: who has left twice does not want to be there


@decides
def invite(world: World, session: Session, request: Invite, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    channel = visible_channel(world, person, request.channel)
    _check_may_invite(world, person, channel)
    check_is_not_muted(world, session, now)
    account = world.state.account(request.user)
    if account is None:
        if world.state.person(request.user) is not None:
            raise GuestsAreNotInvited(field="user", name=request.user)
        raise unknown_name(world, request.user)
    other = Person(account.name, account.key, account)
    check_no_exam(world, person)
    lesson = world.state.lessons.of(channel.id)
    if lesson is not None and not is_exempt(world, lesson, person):  # it would concern the other, who cannot leave
        raise NotAllowed
    check_is_not_blocked(world, person, other)
    if channel.kind is Kind.PRIVATE:  # a private channel of two is a conversation
        check_may_write_privately(world, person, other)
    if account.id in channel.members:
        raise IsMember(field="user", name=account.name, channel=channel.name)
    _check_pace(world, person, account, channel, now)
    at = int(now * 1000)
    records: list[Record] = [MemberAdded(channel_id=channel.id, user_id=account.id, since=at)]
    asked = world.state.join_requests.of(account.id, channel.id)
    if asked is not None:  # whoever is invited need not ask any more
        decided = JoinDecided(
            request_id=asked.request_id, state=ACCEPTED, decided_by=person.name, decided_at=at, told=True
        )
        records.insert(0, decided)
    return [Commit(session, (*records, Invited(channel_id=channel.id, user_id=account.id, at=at)), request, Done())]


def _check_may_invite(world: World, person: Person, channel: Channel) -> None:
    """Refuse whoever may not: members invite to an open channel, its maker to a private one, moderators to all theirs.

    A channel that a role is in by itself has no other members.
    """
    if channel.members_from is not None:
        raise NoInvitations(channel=channel.name)
    if not world.may(person, Permission.READ, channel):
        raise NotInChannel(channel=channel.name)
    if channel.archived:
        raise ChannelClosed(channel=channel.name)
    if person.account is None and not person.is_operator:  # a guest is nobody whom one could ask why
        raise NotAllowed
    if channel.kind is not Kind.OPEN and not world.may(person, Permission.ADMIT, channel):
        raise NotAllowed


def _check_pace(world: World, person: Person, account: Account, channel: Channel, now: float) -> None:
    if world.may(person, Permission.KEEP_ORDER):
        return
    own, pair = ("invites", person.conversing_as), ("invited", person.conversing_as, account.id, channel.id)
    wait = max(
        world.allowances.wait(own, now, most=MOST_A_DAY, seconds=DAY),
        world.allowances.wait(pair, now, most=MOST_TO_ONE, seconds=DAY),
    )
    if wait:
        raise TooManyInvitations(retry_after=round(wait, 3))
    world.allowances.take(own, now, most=MOST_A_DAY, seconds=DAY)
    world.allowances.take(pair, now, most=MOST_TO_ONE, seconds=DAY)


@applies
def invited(world: World, record: Invited) -> list[Effect]:
    channel = world.state.channels_by_id.get(record.channel_id)
    account = world.state.accounts_by_id.get(record.user_id)
    person = world.state.people.get(account.key) if account is not None else None
    if channel is None or person is None or person.account is not account:
        return []
    event = InvitedTo(
        channel=channel.name,
        kind=channel.kind.value,
        topic=channel.topic,
        user=record.actor or world.policy.name,
        timestamp=rfc3339(record.at),
    )
    return [Deliver(event, tuple(person.sessions))]
