"""Decisions about held messages: who sees them, approves and refuses them; what their authors hear. Knows no store."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from classcord.chat.audit.rules import commit_entry
from classcord.chat.effects import Commit, Deliver, Effect, Reply, TellSecurity
from classcord.chat.errors import ChatError
from classcord.chat.events import Done, Notice
from classcord.chat.files.attaching import shown as shown_file
from classcord.chat.finding import visible_channel
from classcord.chat.held_messages.acceptance import accepted, author_of
from classcord.chat.held_messages.holding import must_wait
from classcord.chat.held_messages.vocabulary import (
    BY_PERSON,
    REFUSED,
    UNDELIVERABLE,
    WAITING,
    WORDS,
    AnsweredIfThere,
    Approve,
    AuthorMayNotWrite,
    ComesByItself,
    Held,
    HeldAccepted,
    HeldBack,
    HeldDecided,
    HeldFile,
    HeldForgotten,
    HeldGone,
    HeldInfo,
    HeldListed,
    HeldOn,
    HeldRefused,
    MessageHeld,
    NothingHeld,
    RefuseHeld,
)
from classcord.chat.messages.pages import that_fit
from classcord.chat.reasons import checked_reason
from classcord.chat.registry import applies, audits, cancels, decides, reserves
from classcord.chat.resends.rules import owner_of
from classcord.chat.roles import Permission
from classcord.chat.sanctions.in_force import left
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classcord.chat.channels.channel import Channel
    from classcord.chat.people import Person, Session
    from classcord.chat.registry import What
    from classcord.chat.world import World


MOST_LISTED = 200  # messages in one answer
MOST_ABOUT = 500  # characters of the names in an entry of the audit trail
SHOWN = 200  # characters of a held message in a notice at the console


def channel_of(world: World, held: MessageHeld) -> Channel | None:
    """Return the channel of a held message; None if it is private, or if the channel is deleted."""
    return None if held.channel_id is None else world.state.channels_by_id.get(held.channel_id)


def may_approve(world: World, person: Person | None, held: MessageHeld) -> bool:
    """Whether a person approves messages in this one's channel; a private message only if it waits for its words."""
    if held.channel_id is None:
        return held.why == WORDS and world.may(person, Permission.APPROVE)
    channel = channel_of(world, held)
    return channel is not None and world.may(person, Permission.APPROVE, channel)


def _is_own(world: World, session: Session, held: MessageHeld) -> bool:
    return held.owner == owner_of(world, session)


@decides
def held(world: World, session: Session, request: Held, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    only = visible_channel(world, person, request.channel) if request.channel else None
    found = list(islice(dict.fromkeys(_seen_by(world, session, person, only)), MOST_LISTED))
    shown = found[: that_fit(found)]  # the newer ones follow when these are answered
    others = [each for each in shown if each.channel_id is None and not _is_own(world, session, each)]
    reason = checked_reason(request.reason)
    rows = (_row(world, each, hidden=not reason and each in others) for each in shown)
    answer = HeldListed(messages=tuple(rows))
    if not (reason and others):
        return [Reply(request, answer)]
    about = ", ".join(f"{each.author} {each.recipient}" for each in others)
    return [commit_entry(session, "read-held", request, now, about=about[:MOST_ABOUT], answer=answer)]


def _seen_by(world: World, session: Session, person: Person, only: Channel | None) -> Iterator[MessageHeld]:
    """Yield one's own messages, and those that one may approve: first those that wait for somebody who does."""
    held = world.state.held
    if only is not None and world.may(person, Permission.APPROVE, only):
        yield from held.in_channel(only.id)
    own = held.of(owner_of(world, session))
    yield from (each for each in own if only is None or each.channel_id == only.id)
    if only is None:
        yield from (each for each in held.for_people() if may_approve(world, person, each))
        found = (world.state.channels_by_id.get(channel_id) for channel_id in held.channels())
        for channel in found:
            if channel is not None and world.may(person, Permission.APPROVE, channel):
                yield from held.in_channel(channel.id)


def _row(world: World, held: MessageHeld, *, hidden: bool = False) -> HeldInfo:
    """Return how a message is shown: another person's private one is `hidden`, its words are not shown."""
    return HeldInfo(
        held_id=held.held_id,
        at=rfc3339(held.at),
        channel=None if held.channel_id is None else world.state.channel_name(held.channel_id),
        to=held.recipient,
        user=held.author,
        content="" if hidden else held.content,
        why=held.why,
        until=None if held.until is None else rfc3339(held.until),
        file=None if held.file is None or hidden else shown_file(world, held.file),
        words="" if hidden else _listed(world, held),
    )


def _listed(world: World, held: MessageHeld) -> str:
    """Return the entry of the present word list for which a message waits."""
    return (world.words.found(held.content) or "") if held.why == WORDS else ""


@decides
def approve(world: World, session: Session, request: Approve, now: float) -> list[Effect]:
    held = _named(world, session, request.held_id)
    if not may_approve(world, session.person, held):
        raise NothingHeld(field="held_id", number=request.held_id)
    channel, author = channel_of(world, held), author_of(world, held)
    if held.why not in BY_PERSON and held.why in world.holding and author is not None and channel is not None:
        waits = must_wait(world, author, channel, held.content, now, approved=True)
        if waits is not None and waits.until is not None:
            raise ComesByItself(until=rfc3339(waits.until), duration=left(waits.until, now * 1000))
    told = TellSecurity("approve", held.author, _place(world, held))
    try:
        records = accepted(world, held, now)
    except ChatError:
        refused = HeldRefused(held_id=held.held_id, state=UNDELIVERABLE, at=int(now * 1000))
        error = AuthorMayNotWrite(field="held_id", name=held.author)
        return [Commit(session, (refused,), request, error)]
    return [Commit(session, records, request, Done()), told]


@decides
def refuse(world: World, session: Session, request: RefuseHeld, now: float) -> list[Effect]:
    reason = checked_reason(request.reason)
    held = _named(world, session, request.held_id)
    at = int(now * 1000)
    if _is_own(world, session, held):
        return [Commit(session, (HeldForgotten(held_id=held.held_id, at=at),), request, Done())]
    record = HeldRefused(
        held_id=held.held_id,
        state=REFUSED,
        reason=reason,
        decided_by=session.name,
        at=at,
    )
    told = TellSecurity("refuse", held.author, _place(world, held))
    return [Commit(session, (record,), request, Done()), told]


def _place(world: World, held: MessageHeld) -> str:
    """Return the name of the channel of a message, or that of the person to whom it goes."""
    return str(held.recipient) if held.channel_id is None else world.state.channel_name(held.channel_id)


def _named(world: World, session: Session, held_id: int) -> MessageHeld:
    """Return the held message with this number; NotFound for a person who may neither approve it nor take it back."""
    held = world.state.held.get(held_id)
    if held is None or not (_is_own(world, session, held) or may_approve(world, session.person, held)):
        raise NothingHeld(field="held_id", number=held_id)
    return held


# -- changes, and who hears of them -----------------------------------------------------------------------------------


@reserves
def _held_id_is_given_out(world: World, record: MessageHeld) -> None:
    world.state.held_ids.pass_over(record.held_id)


@applies
def message_held(world: World, record: MessageHeld) -> list[Effect]:
    """Tell the people who approve messages in its channel, unless the message only waits for a time."""
    world.state.held.add(record)
    channel = channel_of(world, record)
    if record.why not in BY_PERSON:
        return []
    return _tell_of_private(world, record) if channel is None else _tell_approvers(world, record, channel)


def _tell_of_private(world: World, held: MessageHeld) -> list[Effect]:
    """Tell the people who approve messages that a private message waits for a listed word; show neither of the two."""
    words = N_("A private message of {name} to {to} waits for a word of the list: `held --reason …` shows it.")
    notice = Notice(content=Text(words, {"name": held.author, "to": held.recipient}), timestamp=rfc3339(held.at))
    audience = world.those_who_may(Permission.APPROVE)
    return [Deliver(notice, audience)] if audience else []


def _tell_approvers(world: World, held: MessageHeld, channel: Channel) -> list[Effect]:
    time = rfc3339(held.at)
    event = HeldBack(
        held_id=held.held_id,
        channel=channel.name,
        sender=held.author,
        content=held.content,
        why=held.why,
        timestamp=time,
        words=_listed(world, held),
    )
    words = held.content if len(held.content) <= SHOWN else f"{held.content[:SHOWN]}…"
    # the words come last: in the middle they could name another number
    template = N_("{name} wants to write to {channel} (`approve {number}`, or `refuse {number}`): {words}")
    values = {"name": held.author, "channel": channel.name, "words": words, "number": held.held_id}
    notice = Notice(content=Text(template, values), timestamp=time)
    consoles, others = _approvers(world, channel)
    told: list[Effect] = [Deliver(notice, consoles)] if consoles else []
    return [*told, Deliver(event, others)] if others else told


def _approvers(world: World, channel: Channel) -> tuple[tuple[Session, ...], tuple[Session, ...]]:
    """Return the sessions of those who approve messages in a channel: consoles, and others."""
    sessions = world.those_who_may(Permission.APPROVE, channel)
    operators = world.state.operators
    return tuple(s for s in sessions if s in operators), tuple(s for s in sessions if s not in operators)


@applies
def held_file(world: World, record: HeldFile) -> list[Effect]:
    world.uploads.sent(record.file.token)
    world.state.held.add_file(record)
    return []


@cancels
def file_is_not_held(world: World, record: HeldFile) -> None:
    world.uploads.put_back(record.file.token)


@applies
def held_accepted(world: World, record: HeldAccepted) -> list[Effect]:
    held = world.state.held.forget(record.held_id)
    if held is None:
        return []
    event = _decided(world, held, "delivered", record.at, message_id=record.message_id)
    return [*_tell_author(world, held, event), *_tell_gone(world, held)]


@cancels
def _waits_still(world: World, record: HeldAccepted | HeldOn | HeldRefused) -> None:
    world.state.held.stays(record.held_id)


@applies
def answered_if_there(world: World, record: AnsweredIfThere) -> list[Effect]:
    return []  # the message's own record has it


@applies
def held_on(world: World, record: HeldOn) -> list[Effect]:
    before = world.state.held.get(record.held_id)
    held = world.state.held.waits_on(record)
    if before is None or before.why == held.why:
        return []
    until = None if held.until is None else rfc3339(held.until)
    event = _decided(world, held, "waits", record.at, until=until)
    return [*_tell_author(world, held, event), *_tell_gone(world, held)]


@applies
def held_refused(world: World, record: HeldRefused) -> list[Effect]:
    """Tell the author if that person is here, else at the next login; a guest who has left hears nothing."""
    held = world.state.held.refused(record)
    told = _tell_author(world, held, _refusal(world, held, record.at))
    forgotten = Commit(None, (HeldForgotten(held_id=held.held_id),))
    stays = held.author_id is not None and not told
    return [*told, *_tell_gone(world, held), *(() if stays else (forgotten,))]


@applies
def held_forgotten(world: World, record: HeldForgotten) -> list[Effect]:
    held = world.state.held.forget(record.held_id)
    if held is None:
        return []
    if held.file is not None:
        world.uploads.outdated = True
    if record.told:
        session = world.session_of(record)
        return [Deliver(_refusal(world, held, record.at), (session,))] if session else []
    return _tell_gone(world, held) if held.state == WAITING else []


def _decided(world: World, held: MessageHeld, outcome: str, at: int, **fields: object) -> HeldDecided:
    return HeldDecided(
        held_id=held.held_id,
        outcome=outcome,
        why=held.why,
        timestamp=rfc3339(at),
        channel=None if held.channel_id is None else world.state.channel_name(held.channel_id),
        user=held.recipient,
        **fields,  # type: ignore[arg-type]
    )


def _refusal(world: World, held: MessageHeld, at: int) -> HeldDecided:
    return _decided(world, held, held.state, at, reason=held.reason, content=held.content)


def _tell_author(world: World, held: MessageHeld, event: HeldDecided) -> list[Effect]:
    """Tell the author of a held message what becomes of it; nothing is returned if that person is not here to read."""
    author = author_of(world, held)
    person = world.state.addressee(author.key) if author is not None else None
    if author is None or person is None or person.account is not author.account:
        return []
    return [Deliver(event, tuple(person.sessions))]


def _tell_gone(world: World, held: MessageHeld) -> list[Effect]:
    channel = channel_of(world, held)
    others = _approvers(world, channel)[1] if channel is not None else ()
    return [Deliver(HeldGone(held_id=held.held_id, channel=channel.name), others)] if channel and others else []


# -- the audit trail: who decided, never the words --------------------------------------------------------------------


@audits
def _audited_accepted(world: World, record: HeldAccepted | HeldOn) -> What | None:
    return _audited(world, record.held_id, "message-approved")


@audits
def _audited_refused(world: World, record: HeldRefused) -> What | None:
    if record.state != REFUSED:
        return None
    return _audited(world, record.held_id, "message-refused", reason=record.reason)


def _audited(world: World, held_id: int, action: str, **more: str) -> What | None:
    held = world.state.held.get(held_id)
    if held is None:
        return None
    after = {"author": held.author, ("recipient" if held.channel_id is None else "channel"): _place(world, held)}
    return action, "held-message", held_id, None, after | {key: value for key, value in more.items() if value}
