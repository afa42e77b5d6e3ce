"""Decisions about channels: list, make, enter, leave; members and topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.audit.trail import channel_name, membership
from classcord.chat.channels.bounds import check_looks, check_room
from classcord.chat.channels.channel import Channel, Kind
from classcord.chat.channels.people_of import members_of, moderators_of, roles_in, states_of
from classcord.chat.channels.vocabulary import (
    LONGEST_TOPIC,
    AlreadyMember,
    ChannelAdded,
    ChannelArchived,
    ChannelClosed,
    ChannelEntered,
    ChannelExists,
    ChannelInfo,
    Channels,
    ChannelsListed,
    ChannelSwitch,
    CloseChannel,
    Create,
    EveryonesChannel,
    GuestJoined,
    GuestLeft,
    Join,
    Joined,
    Leave,
    Left,
    MemberAdded,
    MemberRemoved,
    Members,
    MembersListed,
    Reopen,
    Topic,
    TopicChanged,
    TopicSet,
    TopicTold,
    Who,
)
from classcord.chat.effects import BeginListening, Commit, Deliver, DeliverPresence, Effect, EndListening, Reply
from classcord.chat.errors import AlreadySo, BadRequest, NotAllowed
from classcord.chat.events import Done, Notice
from classcord.chat.finding import visible_channel
from classcord.chat.held_messages.holding import check_need_not_wait
from classcord.chat.held_messages.vocabulary import DescriptionWaits
from classcord.chat.join_requests import rules as join_requests
from classcord.chat.lessons.enforcing import check_may_leave, lesson_shown
from classcord.chat.lessons.hearing import joined_lesson
from classcord.chat.messages.writers import check_takes_messages
from classcord.chat.names import channel_key, check_channel, unavailable
from classcord.chat.presence.newcomers import members_listed
from classcord.chat.records import Record
from classcord.chat.registry import applies, audits, decides, reserves
from classcord.chat.roles import Permission, Role
from classcord.chat.shown_words import one_line
from classcord.chat.sources import source
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.people import Person, Session
    from classcord.chat.registry import What
    from classcord.chat.world import World


@decides
def channels(world: World, session: Session, request: Channels, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    rows = tuple(
        ChannelInfo(
            name=channel.name,
            kind=channel.kind.value,
            topic=channel.topic,
            members=size_of(world, channel),
            member=world.state.is_member(channel, person),
            read_only=channel.read_only,
            closed=channel.archived,
            guests=channel.guests,
            slow=channel.slow,
            hold=channel.hold,
            lesson=lesson_shown(world, channel),
            moderates=person.account is not None and person.account.id in channel.moderators,
        )
        for channel in world.state.channels_by_id.values()
        if world.may_see(channel, person)
    )
    return [Reply(request, ChannelsListed(channels=rows))]


def size_of(world: World, channel: Channel) -> int:
    """Return how many members a channel has; if everyone is a member, how many people are here."""
    return len(world.state.visible()) if channel.kind is Kind.DEFAULT else len(channel.members)


@decides
def members(world: World, session: Session, request: Members, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    channel = visible_channel(world, person, request.channel)
    names, online = members_of(world, channel)
    roles, states = roles_in(world, channel), states_of(world, online)
    moderators = moderators_of(world, channel)
    if session.called:
        moderators = tuple(map(session.spelt, moderators))
        names, online = tuple(map(session.spelt, names)), tuple(map(session.spelt, online))
        roles = {session.spelt(name): role for name, role in roles.items()}
        states = {session.spelt(name): state for name, state in states.items()}
    listed = MembersListed(
        channel=channel.name, members=names, online=online, roles=roles, states=states, moderators=moderators
    )
    reply = Reply(request, listed)
    return [reply, *(members_listed(session) if isinstance(request, Who) else ())]


@decides
def create(world: World, session: Session, request: Create, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    name = check_channel(request.channel)
    kind = {"open": Kind.OPEN, "private": Kind.PRIVATE, "approval": Kind.APPROVAL}.get(request.kind)
    if kind is None:
        raise BadRequest(field="kind", why=Text(N_("a channel that one makes is open, private or approval")))
    if kind is Kind.APPROVAL and not world.may(person, Permission.ADMIT):
        role = world.lowest(Permission.ADMIT).word
        words = N_("you may make a channel that is open or private; one of the kind approval, from the role {role} on")
        raise BadRequest(field="kind", why=Text(words, {"role": role}))
    there = world.state.channel(name)
    if there is not None:
        raise ChannelExists(field="channel", channel=name) if world.may_see(there, person) else unavailable()
    if world.left_names.was_left(channel_key(name), now) and not world.may(person, Permission.CLOSE_CHANNEL):
        raise unavailable()  # for who may rename channels it is no surprise
    maker = person.account.id if person.account else None
    check_looks(world, name)
    check_room(world, session, now)
    at = int(now * 1000)
    added = ChannelAdded(
        channel_id=world.state.channel_ids.next(),
        name=name,
        name_key=channel_key(name),
        kind=kind.value,
        topic=one_line(request.topic, "topic", LONGEST_TOPIC),
        guests=kind is Kind.OPEN,
        made_by=maker,
        made_from=source(session.address) if maker is not None else "",
        added_at=at,
    )
    answer = ChannelEntered(channel=name, kind=kind.value, topic=added.topic)
    if maker is None:  # an operator without an account joins no channel
        return [Commit(session, (added,), request, answer)]
    member = MemberAdded(channel_id=added.channel_id, user_id=maker, since=at)
    return [Commit(session, (added, member), request, answer)]


@reserves
def _channel_id_is_given_out(world: World, record: ChannelAdded) -> None:
    world.state.channel_ids.pass_over(record.channel_id)


@applies
def channel_added(world: World, record: ChannelAdded) -> list[Effect]:
    channel = Channel(
        record.channel_id,
        record.name,
        record.name_key,
        Kind(record.kind),
        topic=record.topic,
        read_only=record.read_only,
        guests=record.guests,
        archived=record.archived,
        slow=record.slow,
        hold=record.hold,
        members_from=Role.of(record.members_from) if record.members_from else None,
        made_by=record.made_by,
        made_from=record.made_from,
        description=record.description,
    )
    world.state.channels[channel.key] = world.state.channels_by_id[channel.id] = channel
    if channel.kind is Kind.DEFAULT:
        world.state.default = channel
    return []


@audits
def _audited_channel_added(_: World, record: ChannelAdded) -> What:
    after = {"name": record.name, "kind": record.kind, "topic": record.topic}
    return "channel-added", "channel", record.channel_id, None, after


@decides
def join(world: World, session: Session, request: Join, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    channel = visible_channel(world, person, request.channel)
    answer = ChannelEntered(channel=channel.name, kind=channel.kind.value, topic=channel.topic)
    if world.state.is_member(channel, person):
        if isinstance(request, ChannelSwitch):
            return [Reply(request, answer)]
        raise AlreadyMember(channel=channel.name)
    if channel.archived:
        raise ChannelClosed(channel=channel.name)
    if channel.kind is Kind.APPROVAL:
        return join_requests.ask(world, session, request, channel, now)
    if person.account is None and not channel.guests:
        raise NotAllowed
    return [Commit(session, (joining(person, channel, int(now * 1000)),), request, answer)]


def joining(person: Person, channel: Channel, at: int) -> Record:
    """Return the record that makes a person a member: stored for an account, in memory for a guest."""
    if person.account is None:
        return GuestJoined(channel_id=channel.id, at=at)
    return MemberAdded(channel_id=channel.id, user_id=person.account.id, since=at)


@applies
def member_added(world: World, record: MemberAdded) -> list[Effect]:
    channel = world.state.channels_by_id[record.channel_id]
    account = world.state.accounts_by_id[record.user_id]
    if record.user_id in channel.members:
        return []
    channel.members.add(account.id)
    account.channels.add(channel.id)
    return _entered(world, channel, world.state.people.get(account.key), record.since)


@audits
def _audited_member_added(world: World, record: MemberAdded) -> What:
    return "member-added", "channel", record.channel_id, None, membership(world, record.channel_id, record.user_id)


@applies
def guest_joined(world: World, record: GuestJoined) -> list[Effect]:
    channel = world.state.channels_by_id.get(record.channel_id)  # it may have been deleted meanwhile
    return _entered(world, channel, world.person_of(record), record.at) if channel else []


def _entered(world: World, channel: Channel, person: Person | None, at: int) -> list[Effect]:
    if person is None:
        return []
    mine = tuple(person.sessions)
    for session in mine:
        channel.enter(session, world.state.applied)
    effects: list[Effect] = [BeginListening(channel, mine), *joined_lesson(world, channel, mine, at)]
    if person.hidden or len(channel.sessions) == len(mine):  # hidden: the person is gone for others (classic rule 11)
        return effects
    return [*effects, DeliverPresence(Joined(channel=channel.name, user=person.name), channel, mine)]


@decides
def leave(world: World, session: Session, request: Leave, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    channel = visible_channel(world, person, request.channel)
    if channel.includes(person.role):
        raise EveryonesChannel(channel=channel.name)
    if not world.state.is_member(channel, person):
        return join_requests.take_back(world, session, request, now)
    if world.state.lessons:
        check_may_leave(world, person, channel)
    record: Record = (
        MemberRemoved(channel_id=channel.id, user_id=person.account.id)
        if person.account
        else GuestLeft(channel_id=channel.id)
    )
    return [Commit(session, (record,), request, Done())]


@applies
def member_removed(world: World, record: MemberRemoved) -> list[Effect]:
    channel = world.state.channels_by_id[record.channel_id]
    account = world.state.accounts_by_id[record.user_id]
    channel.members.discard(account.id)
    channel.moderators.discard(account.id)
    account.channels.discard(channel.id)
    account.moderates.discard(channel.id)
    return _left(channel, world.state.people.get(account.key))


@audits
def _audited_member_removed(world: World, record: MemberRemoved) -> What:
    return "member-removed", "channel", record.channel_id, membership(world, record.channel_id, record.user_id), None


@applies
def guest_left(world: World, record: GuestLeft) -> list[Effect]:
    channel = world.state.channels_by_id.get(record.channel_id)
    return _left(channel, world.person_of(record)) if channel else []


def guests_put_out(channel: Channel) -> list[Effect]:
    """Let the guests leave a channel in which there are none any more."""
    guests = dict.fromkeys(s.person for s in channel.sessions if s.person is not None and s.person.account is None)
    return [effect for guest in guests for effect in _left(channel, guest)]


def _left(channel: Channel, person: Person | None) -> list[Effect]:
    if person is None:
        return []
    mine = tuple(person.sessions)
    for session in mine:
        channel.leave(session)
    end = EndListening(channel, mine)
    if person.hidden or not channel.sessions:
        return [end]
    return [end, DeliverPresence(Left(channel=channel.name, user=person.name), channel)]


@decides
def topic(world: World, session: Session, request: Topic, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    channel = visible_channel(world, person, request.channel)
    if request.topic is None:
        return [Reply(request, TopicTold(channel=channel.name, topic=channel.topic))]
    words = one_line(request.topic, "topic", LONGEST_TOPIC)
    check_may_describe(world, person, channel, words, now)
    answer = TopicTold(channel=channel.name, topic=words)
    return [Commit(session, (TopicSet(channel_id=channel.id, topic=words, set_at=int(now * 1000)),), request, answer)]


def check_may_describe(world: World, person: Person, channel: Channel, words: str, now: float) -> None:
    """Refuse whoever may not say what a channel is about, and whose message would not be delivered there now.

    All members read a topic and a description: by them nobody writes where they must be silent, or wait.
    """
    if not world.may(person, Permission.SET_TOPIC, channel):
        raise NotAllowed
    check_takes_messages(world, person, channel)
    if words:
        check_need_not_wait(world, person, channel, words, now, refusal=DescriptionWaits)


@applies
def topic_set(world: World, record: TopicSet) -> list[Effect]:
    channel = world.state.channels_by_id[record.channel_id]
    channel.topic = record.topic
    event = TopicChanged(
        channel=channel.name,
        topic=record.topic,
        user=record.actor or world.policy.name,
        timestamp=rfc3339(record.set_at),
    )
    return [Deliver(event, channel.audience(), world.session_of(record))]


@audits
def _audited_topic_set(world: World, record: TopicSet) -> What:
    channel = world.state.channels_by_id.get(record.channel_id)
    name = channel_name(world, record.channel_id)
    before = {"name": name, "topic": channel.topic if channel else ""}
    return "topic-set", "channel", record.channel_id, before, {"name": name, "topic": record.topic}


@decides
def archive(world: World, session: Session, request: CloseChannel | Reopen, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    channel = visible_channel(world, person, request.channel)
    closes = isinstance(request, CloseChannel)
    if channel is world.state.default and closes:
        raise EveryonesChannel(channel=channel.name)
    if channel.archived is closes:
        raise AlreadySo
    record = ChannelArchived(channel_id=channel.id, archived=closes, at=int(now * 1000))
    return [Commit(session, (record,), request, Done())]


@applies
def channel_archived(world: World, record: ChannelArchived) -> list[Effect]:
    channel = world.state.channels_by_id[record.channel_id]
    channel.archived = record.archived
    words = N_("{channel} is closed; it can only be read.") if record.archived else N_("{channel} is open again.")
    notice = Notice(content=Text(words, {"channel": channel.name}), timestamp=rfc3339(record.at))
    return [Deliver(notice, channel.audience())]


@audits
def _audited_channel_archived(world: World, record: ChannelArchived) -> What:
    name = channel_name(world, record.channel_id)
    action = "channel-closed" if record.archived else "channel-reopened"
    return action, "channel", record.channel_id, None, {"name": name}
