"""Decisions about messages: to everyone, to a channel, to one person. Knows no store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.channels.rules import joining
from classcord.chat.effects import Again, Commit, Deliver, Effect, Find, Reply, TellSecurity
from classcord.chat.errors import BadRequest, ChatError, NotIdentified
from classcord.chat.files.attaching import taken
from classcord.chat.files.vocabulary import FileAttached
from classcord.chat.finding import visible_channel
from classcord.chat.held_messages.holding import held_before, hold, must_wait
from classcord.chat.held_messages.vocabulary import MayBeResent
from classcord.chat.identity.rules import become_guest, enter_registered, just_registered
from classcord.chat.mentions.rules import mentioned
from classcord.chat.mentions.vocabulary import Mentioned
from classcord.chat.messages.audiences import place_of
from classcord.chat.messages.readers import check_may_read
from classcord.chat.messages.telling import said
from classcord.chat.messages.vocabulary import (
    Acknowledged,
    Message,
    MessageAdded,
    MessageById,
    NoSuchMessage,
    PrivateMessageAdded,
    RefusedResend,
    Replied,
    RepliedTo,
    SaidInRole,
    Say,
    SayPrivately,
    TooMuchKept,
)
from classcord.chat.messages.writers import check_may_write, check_may_write_to, check_pause, check_text, recipient
from classcord.chat.names import conversation, name_key
from classcord.chat.people import Person
from classcord.chat.registry import applies, decides, reserves
from classcord.chat.resends.rules import has_content, named_by_client, owner_of
from classcord.chat.resends.vocabulary import Named, OtherMessage
from classcord.chat.sanctions.enforcing import check_is_not_muted
from classcord.chat.text import N_, Text
from classcord.chat.text_commands import rules as text_commands
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.people import Session
    from classcord.chat.records import Record
    from classcord.chat.requests import Request
    from classcord.chat.world import World


MOST_KEPT = 200  # waiting messages for one person, by one author or by all guests together
EVERYONE = frozenset({"global", "", "all", "tous"})  # values of `to` by which clients mean everyone


@decides
def say(world: World, session: Session, request: Say, now: float) -> list[Effect]:
    content = request.content
    if session.person is None and not content.strip() and _announces_itself(world, session, request, now):
        return _come_in(world, session, request, now)[:-1]  # an empty message is not delivered
    if content or request.file is None:  # a file needs no words
        check_text(world, content)
    person = session.person
    if person is None:
        return _come_in(world, session, request, now)
    if content[:1] == "/" and session.traits.commands_in_text:
        done = text_commands.command(world, session, request, now)
        if done is not None:
            return done
        request = text_commands.without_escape(request)
    if request.client_id is not None and world.state.held:
        again = held_before(world, session, request, now)
        if again is not None:
            return again
    decided = _say_privately if is_private(request) else _say_in_channel
    try:
        return decided(world, session, request, now)
    except ChatError:
        if request.client_id is None or not session.traits.acknowledges:
            raise
        return [Find(request, Named(owner=owner_of(world, session), client_id=str(request.client_id)), RefusedResend)]


@decides
def refused_resend(world: World, session: Session, request: RefusedResend, now: float) -> list[Effect]:
    """Acknowledge a message that is stored, although its author may not send it now; refuse one that is not.

    Its author may have been muted since, or its recipient has left.
    """
    asked = request.asked
    again = _acknowledged_again(request)
    if again is not None:
        return again
    decided = _say_privately if is_private(asked) else _say_in_channel
    return decided(world, session, asked, now)


@decides
def may_be_resent(world: World, session: Session, request: MayBeResent, now: float) -> list[Effect]:
    """Decide a message that has to wait again, now that it is known whether it is stored already."""
    asked = request.asked
    again = _acknowledged_again(request) or held_before(world, session, asked, now)
    if again is not None:
        return again
    if request.found is not None:
        raise OtherMessage(field="client_id")
    decided = _say_privately if is_private(asked) else _say_in_channel
    return decided(world, session, asked, now, request)


def _acknowledged_again(request: RefusedResend | MayBeResent) -> list[Effect] | None:
    """Return the acknowledgement of a message that is stored; None if it is not."""
    asked, stored = request.asked, request.found
    if stored is None or not has_content(stored, asked.content, asked.reply_to, asked.file):
        return None
    return [Reply(asked, Acknowledged(message_id=stored.message_id, timestamp=rfc3339(stored.at)))]


def _say_in_channel(
    world: World, session: Session, request: Say, now: float, known: RepliedTo | MayBeResent | None = None
) -> list[Effect]:
    """Decide a message to a channel, again when the store has found what is to be `known` before."""
    person = session.person
    assert person is not None
    if world.state.sanctions:
        check_is_not_muted(world, session, now)
    talks_in = None if session.talks_in is None else text_commands.talks_in(session)
    channel = _channel(world, person, request, talks_in)
    joins = check_may_write(world, session, person, channel)
    if channel.slow and known is None:  # a message that is decided again counts once
        check_pause(world, person, channel, now)
    if request.reply_to is not None:
        if known is None:
            return [Find(request, MessageById(message_id=request.reply_to), RepliedTo)]
        _check_replies_in(world, person, known, channel_id=channel.id)
    content, author_id = request.content, person.account.id if person.account else None
    if channel.hold or world.holding:
        waits = must_wait(world, person, channel, content, now)
        if waits is not None:
            before = (joining(person, channel, int(now * 1000)),) if joins else ()
            is_new = isinstance(known, MayBeResent)
            return hold(world, session, request, now, waits=waits, place=channel, before=before, is_new=is_new)
    message = MessageAdded(
        message_id=world.state.message_ids.next(),
        at=int(now * 1000),
        channel_id=channel.id,
        author=person.name,
        author_id=author_id,
        content=content,
        reply_to=request.reply_to,
        mentions=mentioned(world, content, author_id, channel) if "@" in content else (),
        author_role=None if person.operator is None else _role_of_key(person),
        file=None if request.file is None else taken(world, session, request.file, channel.id, now),
        session_id=session.row,
        actor=person.name,
    )
    if not joins:
        return [_commit(world, session, (message,), request, message=message, place=channel.id)]
    records = (joining(person, channel, message.at), message)
    return [_commit(world, session, records, request, message=message, place=channel.id, holds=True)]


@decides
def reply(world: World, session: Session, request: RepliedTo, now: float) -> list[Effect]:
    """Decide a reply again, now that the message that it answers is known."""
    asked = request.asked
    decided = _say_privately if is_private(asked) else _say_in_channel
    return decided(world, session, asked, now, request)


def _check_replies_in(
    world: World,
    person: Person,
    replied: RepliedTo | MayBeResent,
    channel_id: int | None = None,
    conversation: str | None = None,
) -> None:
    """Refuse a reply to a message of another channel or conversation, or to one that its author may not read.

    A message that may be resent was checked before.
    """
    if isinstance(replied, MayBeResent):
        return
    found = replied.found
    number = replied.asked.reply_to
    check_may_read(world, person, found, field="reply_to", number=number)
    if isinstance(found, PrivateMessageAdded):
        here = found.conversation == conversation
    else:
        here = found is not None and found.channel_id == channel_id
    if not here:
        raise NoSuchMessage(field="reply_to", number=number)


def _commit(
    world: World,
    session: Session,
    records: tuple[Record, ...],
    request: Say,
    *,
    message: Message,
    place: int | str,
    holds: bool = False,
) -> Commit:
    """Return the commit of a message; `place` is its channel's id, or the other person of its conversation."""
    if request.client_id is not None:
        records += named_by_client(world, session, request.client_id, message, place)
    if message.reply_to is not None or message.mentions or message.author_role is not None or message.file:
        records = (*records, *beside(message))
    if not session.traits.acknowledges:  # no answer says that it was stored (classic rule 7)
        return Commit(session, records, request, None, holds)
    answer = Acknowledged(message_id=message.message_id, timestamp=rfc3339(message.at))
    return Commit(session, records, request, answer, holds)


def _role_of_key(operator: Person) -> str | None:
    """Return the role of an operator who has no account, by which the author's role could be known later."""
    return operator.role.label if operator.account is None else None


def beside(message: Message) -> tuple[Record, ...]:
    """Return the records of what only some messages have, signed like the message."""
    number, session_id, actor = message.message_id, message.session_id, message.actor
    records: list[Record] = []
    if message.reply_to is not None:
        records.append(Replied(message_id=number, reply_to=message.reply_to, session_id=session_id, actor=actor))
    if message.author_role is not None:
        records.append(SaidInRole(message_id=number, role=message.author_role, session_id=session_id, actor=actor))
    for user_id in message.mentions:
        records.append(Mentioned(message_id=number, user_id=user_id, session_id=session_id, actor=actor))  # noqa: PERF401
    if message.file is not None:
        channel_id, _ = place_of(message)
        records.append(
            FileAttached(
                message_id=number,
                at=message.at,
                user_id=message.author_id,
                channel_id=channel_id,
                file=message.file,
                session_id=session_id,
                actor=actor,
            )
        )
    return tuple(records)


def is_told(session: Session, request: Request, error: ChatError) -> bool:
    """Whether a notice tells the author that the message was refused: some clients show no errors (classic rule 24).

    A message without content, or without a recipient, is an error in every dialect.
    """
    if session.person is None or session.traits.shows_refusals:
        return False
    return request.is_message and not isinstance(error, BadRequest)


def _announces_itself(world: World, session: Session, request: Say, now: float) -> bool:
    """Whether an empty message gives its author a name: one client announces itself so (classic rule 20)."""
    if not session.traits.enters_by_message:
        return False
    if request.from_ and not request.from_.isspace():
        return True
    return just_registered(world, session, now) is not None


def _come_in(world: World, session: Session, request: Say, now: float) -> list[Effect]:
    """Decide a first message without a login: by the account just made on this connection, else by a guest.

    The message names the guest (classic rules 13 and 19). In a dialect with a guest request, such a message is an error
    (classic rule 28): a client that reconnects and writes too early would speak to everybody under another name.
    """
    account = just_registered(world, session, now, request.from_)
    if account is not None:
        return [*enter_registered(world, session, account, request, now), Again(request)]
    if not session.traits.enters_by_message or not world.policy.guests:
        raise NotIdentified
    if not request.content.isspace() and request.content:
        _check_stranger_may_write(world, request)
    name, records = become_guest(world, session, request.from_ or "", now)
    session.bucket.give_back()  # the message is decided again, when its author has a name
    return [Commit(session, records, request), TellSecurity("guest", name), Again(request)]


def _check_stranger_may_write(world: World, request: Say) -> None:
    """Refuse a message that would be refused later anyway, before anybody hears of its author."""
    if is_private(request):
        own = request.from_ is not None and name_key(request.to or "") == name_key(request.from_)
        if not own:  # a message to oneself has the name that the author is about to get
            _recipient(world, request)
        return
    stranger = Person("", "", None)
    channel = _channel(world, stranger, request)
    check_may_write(world, None, stranger, channel)


def is_private(request: Say) -> bool:
    """Whether a message is for one person; if `subtype` does not say it, `to` does."""
    if request.subtype == "private" or isinstance(request, SayPrivately):
        return True
    if request.subtype in {"global", "channel"} or request.channel is not None:
        return False
    to = request.to or ""
    return not to.startswith("#") and to.casefold() not in EVERYONE


def may_be_private(request: Say) -> bool:
    """Whether what shows requests must hide the words of a message: it is for one person, or it may be a command.

    A command such as `/mp bob …` has its recipient in its text; a mistyped one has, too.
    """
    return is_private(request) or text_commands.may_be_command(request.content)


def _channel(world: World, person: Person, request: Say, talks_in: int | None = None) -> Channel:
    """Return the channel of a message; `talks_in` is the channel of a `/join`.

    If that channel is deleted, the message does not go to everyone instead: it was meant for few.
    """
    name = request.channel
    if name is None and request.to and (request.to.startswith("#") or request.subtype == "channel"):
        name = request.to
    if name is None and talks_in is not None:
        name = world.state.channel_name(talks_in)
    return visible_channel(world, person, None if name == "global" else name)


def _say_privately(
    world: World, session: Session, request: Say, now: float, known: RepliedTo | MayBeResent | None = None
) -> list[Effect]:
    person = session.person
    assert person is not None
    other = _recipient(world, request)
    check_may_write_to(world, session, other, now)
    account_id = other.account.id if other.account else None
    waiting_for, sent_to = (None, account_id) if other.sessions else (account_id, None)
    author_id = person.account.id if person.account else None
    if waiting_for is not None and world.state.kept.get(waiting_for, {}).get(author_id, 0) >= MOST_KEPT:
        raise TooMuchKept(field="to", name=other.name, limit=MOST_KEPT)
    between = conversation(person.conversing_as, other.conversing_as)
    if request.reply_to is not None:
        if known is None:
            return [Find(request, MessageById(message_id=request.reply_to), RepliedTo)]
        _check_replies_in(world, person, known, conversation=between)
    content = request.content
    waits = must_wait(world, person, other, content, now) if world.holding else None
    if waits is not None:
        is_new = isinstance(known, MayBeResent)
        return hold(world, session, request, now, waits=waits, place=other, conversation=between, is_new=is_new)
    message = PrivateMessageAdded(
        message_id=world.state.message_ids.next(),
        at=int(now * 1000),
        conversation=between,
        author=person.name,
        author_id=author_id,
        recipient=other.name,
        waiting_for=waiting_for,
        sent_to=sent_to,
        content=content,
        reply_to=request.reply_to,
        mentions=mentioned(world, content, author_id, conversation=between) if "@" in content else (),
        author_role=None if person.operator is None else _role_of_key(person),
        file=None if request.file is None else taken(world, session, request.file, between, now),
        session_id=session.row,
        actor=person.name,
    )
    return [_commit(world, session, (message,), request, message=message, place=f"@{other.conversing_as}")]


def _recipient(world: World, request: Say) -> Person:
    """Return the recipient of a private message; the Person of an absent account has no session."""
    if not request.to:
        raise BadRequest(field="to", why=Text(N_("a private message needs “to”, the name of a person")))
    return recipient(world, request.to, "to")


@reserves
def _message_id_is_given_out(world: World, record: MessageAdded | PrivateMessageAdded) -> None:
    world.state.message_ids.pass_over(record.message_id)


@applies
def message_added(world: World, record: MessageAdded) -> list[Effect]:
    state = world.state
    state.applied = record.message_id
    channel = state.channels_by_id.get(record.channel_id)
    if channel is None:  # it was deleted meanwhile: nobody reads there any more
        return []
    return [Deliver(said(world, record), channel.audience(), state.sessions.get(record.session_id))]


@applies
def only_stored(world: World, record: Replied | SaidInRole) -> list[Effect]:
    return []  # a message's own record has them
