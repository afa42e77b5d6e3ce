"""Decisions about conversations: the list of one's own, how far they are read, closing one. Knows no store.

Read markers are in the store alone, one for each account and conversation. They only ever grow, and what somebody
writes counts as read: the store leaves a person's own messages out when it counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.channels.people_of import members_of
from classcord.chat.channels.rules import size_of
from classcord.chat.channels.vocabulary import NotInChannel
from classcord.chat.conversations.missed import conversations_of, is_gone, name_in
from classcord.chat.conversations.vocabulary import (
    DIRECT,
    ChannelRead,
    ConversationHidden,
    ConversationInfo,
    ConversationRead,
    Conversations,
    ConversationsFound,
    ConversationsListed,
    Hidden,
    Hide,
    MarkerFound,
    MarkerMoved,
    MarkerOf,
    MarkerTold,
    MarkRead,
    NotListed,
    OnlyAccounts,
)
from classcord.chat.effects import Commit, Deliver, Effect, Find, Reply
from classcord.chat.errors import BadRequest
from classcord.chat.events import Done
from classcord.chat.finding import visible_channel
from classcord.chat.mentions.vocabulary import MentionsRead
from classcord.chat.messages.readers import conversation_with
from classcord.chat.messages.telling import said, spelt_for
from classcord.chat.names import converses
from classcord.chat.registry import applies, decides
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.conversations.vocabulary import StoredConversation
    from classcord.chat.events import Event
    from classcord.chat.people import Account, Person, Session
    from classcord.chat.records import Record
    from classcord.chat.world import World


LONGEST_PAGE = 100  # conversations, each with its newest message
FEW = 20  # members: of a larger channel only the number is told
MANY_SESSIONS = 100  # that listen: so many people are not few


@decides
def conversations(world: World, session: Session, request: Conversations, now: float) -> list[Effect]:
    assert session.person is not None
    question = conversations_of(world, session.person, before=request.before, limit=min(request.limit, LONGEST_PAGE))
    return [Find(request, question, ConversationsFound)]


@decides
def conversations_found(world: World, session: Session, request: ConversationsFound, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    rows = tuple(
        _info(world, session, person, each) for each in request.found.conversations if _is_mine(world, person, each)
    )
    page = request.found
    following = page.conversations[-1].newest if page.more else None
    return [Reply(request.asked, ConversationsListed(conversations=rows, more=page.more, next=following))]


def _info(world: World, session: Session, person: Person, stored: StoredConversation) -> ConversationInfo:
    message = stored.message
    last = spelt_for(session, said(world, message, stored.details)) if message is not None else None
    if stored.conversation is not None:
        assert person.account is not None
        name = name_in(world, person.account, stored.conversation)
        gone = is_gone(world, person.account, stored.conversation)
        return ConversationInfo(
            user=name or stored.other,
            conversation=stored.conversation,
            kind=DIRECT,
            unread=stored.unread,
            mentions=stored.mentions,
            last_read=stored.last_read,
            last_message=last,
            gone=True if gone else None,
        )
    channel = world.state.channels_by_id[stored.channel_id or 0]
    count, names = _members(world, channel)
    return ConversationInfo(
        channel=channel.name,
        kind=channel.kind.value,
        unread=stored.unread,
        mentions=stored.mentions,
        last_read=stored.last_read,
        last_message=last,
        count=count,
        members=tuple(map(session.spelt, names)) if names is not None else None,
    )


def _members(world: World, channel: Channel) -> tuple[int, tuple[str, ...] | None]:
    """Return how many members a channel has, and their names if they are few."""
    size = size_of(world, channel)
    if size > FEW or len(channel.sessions) > MANY_SESSIONS:
        return size, None
    names, _ = members_of(world, channel)
    return len(names), names


def _is_mine(world: World, person: Person, stored: StoredConversation) -> bool:
    """Whether the person may still read this conversation; who has left a channel meanwhile may not."""
    if stored.conversation is not None:
        return person.account is not None and converses(person.account.id, stored.conversation)
    channel = world.state.channels_by_id.get(stored.channel_id or 0)
    return channel is not None and world.may(person, Permission.READ, channel)


# -- read markers -----------------------------------------------------------------------------------------------------


@decides
def mark_read(world: World, session: Session, request: MarkRead, now: float) -> list[Effect]:
    account = _account(session)
    where = _named(world, session, request)
    if isinstance(where, str):
        return [Find(request, MarkerOf(user_id=account.id, conversation=where), MarkerFound)]
    return [Find(request, MarkerOf(user_id=account.id, channel_id=where.id), MarkerFound)]


@decides
def marker_found(world: World, session: Session, request: MarkerFound, now: float) -> list[Effect]:
    asked, found, account = request.asked, request.found, _account(session)
    where = _named(world, session, asked)  # the channel may be gone, or left, meanwhile
    up_to = min(asked.message_id, found.newest)
    told = max(up_to, found.last_read)
    if isinstance(where, str):
        if not found.newest:
            raise NotListed(field="user" if asked.user is not None else "conversation")
        other = name_in(world, account, where) or asked.user
        answer = MarkerTold(user=other, conversation=where, message_id=told)
        mentions = MentionsRead(user_id=account.id, conversation=where, up_to=up_to)
        record: Record = ConversationRead(conversation=where, user_id=account.id, up_to=up_to, other=other)
    else:
        answer = MarkerTold(channel=where.name, message_id=told)
        mentions = MentionsRead(user_id=account.id, channel_id=where.id, up_to=up_to)
        record = ChannelRead(channel_id=where.id, user_id=account.id, up_to=up_to)
    records = (*((record,) if up_to > found.last_read else ()), *((mentions,) if found.mentioned else ()))
    if not records:
        return [Reply(asked, answer)]
    return [Commit(session, records, asked, answer, holds=False)]


def _account(session: Session) -> Account:
    """Return the account of the person; a guest's markers would be the next guest's of that name."""
    account = session.person.account if session.person else None
    if account is None:
        raise OnlyAccounts
    return account


def _named(world: World, session: Session, request: MarkRead) -> Channel | str:
    """Return the channel that is meant, or the key of the private conversation, if the person may read it."""
    person = session.person
    assert person is not None
    if request.user is not None or request.conversation is not None:
        if request.channel is not None:
            raise BadRequest(field="channel", why=Text(N_("a channel or a person, not both")))
        return conversation_with(world, person, request.user, request.conversation)
    channel = visible_channel(world, person, request.channel)
    if not world.may(person, Permission.READ, channel):
        raise NotInChannel(channel=channel.name)
    return channel


@applies
def channel_read(world: World, record: ChannelRead) -> list[Effect]:
    channel = world.state.channels_by_id.get(record.channel_id)
    if channel is None:
        return []
    return _told(world, record, record.user_id, MarkerMoved(channel=channel.name, message_id=record.up_to))


@applies
def conversation_read(world: World, record: ConversationRead) -> list[Effect]:
    event = MarkerMoved(user=record.other, conversation=record.conversation, message_id=record.up_to)
    return _told(world, record, record.user_id, event)


def _told(world: World, record: Record, user_id: int, event: Event) -> list[Effect]:
    """Tell the account's other sessions, so that all devices show the same."""
    account = world.state.accounts_by_id.get(user_id)
    person = world.state.people.get(account.key) if account is not None else None
    if person is None or person.account is not account:
        return []
    own = world.session_of(record)
    others = tuple(session for session in person.sessions if session is not own)
    return [Deliver(event, others)] if others else []


# -- closing one ------------------------------------------------------------------------------------------------------


@decides
def hide(world: World, session: Session, request: Hide, now: float) -> list[Effect]:
    account, person = _account(session), session.person
    assert person is not None
    key = conversation_with(world, person, request.user, request.conversation)
    record = ConversationHidden(
        conversation=key,
        user_id=account.id,
        up_to=world.state.applied,  # a message that comes in this moment opens it again
        other=name_in(world, account, key) or request.user,
    )
    return [Commit(session, (record,), request, Done(), holds=False)]


@applies
def conversation_hidden(world: World, record: ConversationHidden) -> list[Effect]:
    event = Hidden(user=record.other, conversation=record.conversation)
    return _told(world, record, record.user_id, event)
