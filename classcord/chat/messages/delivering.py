"""What becomes of a private message that is stored: it is delivered, or kept until its recipient's machine has it.

Knows no store and no connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.effects import AwaitReceipt, Commit, Deliver, Effect, Later
from classcord.chat.events import Notice
from classcord.chat.messages.telling import said, to_each
from classcord.chat.messages.vocabulary import (
    Awaited,
    HandedOver,
    HandOver,
    KeptHandedOver,
    MessageKept,
    PrivateMessageAdded,
    Said,
    Undelivered,
)
from classcord.chat.names import name_key
from classcord.chat.registry import applies, decides
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.people import Person, Session
    from classcord.chat.world import World


@applies
def private_message_added(world: World, record: PrivateMessageAdded) -> list[Effect]:
    """Deliver a private message to its recipient's sessions, or keep it for an account, and tell the author so.

    A message that was decided while the recipient was away is only delivered by handing it over. So a recipient who
    came or left meanwhile gets it exactly once. One that is delivered waits in the store until it is acknowledged.
    """
    world.state.applied = record.message_id
    session = world.session_of(record)
    key = name_key(record.recipient)
    person = world.state.addressee(key)
    if record.waiting_for is not None:
        _count_kept(world, record.waiting_for, record.author_id)
        mirrored = _mirrored(session, said(world, record), person)
        if person:
            return [*mirrored, *_hand_over(person)]
        return [*mirrored, *_tell_author(session, record.recipient, record.at, _KEPT)]
    event = said(world, record)
    effects: list[Effect] = []
    if person is None:
        account = world.state.accounts.get(key)
        if account:
            kept_for = MessageKept(message_id=record.message_id, waiting_for=account.id, author_id=record.author_id)
            effects.append(Commit(None, (kept_for,)))
        effects += _tell_author(session, record.recipient, record.at, _KEPT if account else _GONE)
    else:
        effects += to_each(event, person)
        own = session is not None and person.is_same(session.person)
        if person.hidden and not own:
            effects += _tell_author(session, record.recipient, record.at, _KEPT)  # as if the recipient were away
        if record.sent_to is not None and person.account and person.account.id == record.sent_to:
            told = record.session_id if not (own or person.hidden) else None
            sent = Awaited(
                message_id=record.message_id,
                user_id=record.sent_to,
                author_id=record.author_id,
                author_session=told,
            )
            effects.append(AwaitReceipt(sent, tuple(person.sessions)))
    effects += _mirrored(session, event, person)
    return effects


def _mirrored(session: Session | None, event: Said, person: Person | None) -> list[Effect]:
    """Show a private message on its author's other sessions, if their dialect shows own messages."""
    author = session.person if session else None
    if author is None or author.is_same(person):
        return []
    others = tuple(s for s in author.sessions if s.traits.mirrors_own and s is not session)
    return [Deliver(event, others)] if others else []


_KEPT = N_("{name} is not here: your message will be delivered at their next login.")
_GONE = N_("{name} has left: your message came too late.")


def _tell_author(session: Session | None, name: str, at: int, words: str) -> list[Effect]:
    if session is None or session.person is None:
        return []
    return [Deliver(Notice(content=Text(words, {"name": name}), timestamp=rfc3339(at)), (session,))]


@decides
def undelivered(world: World, session: Session, request: Undelivered, now: float) -> list[Effect]:
    """Keep what has not arrived, a commit a message; each author is told once, however many were lost."""
    told: dict[int | None, Awaited] = {message.author_session: message for message in request.messages}
    at = int(now * 1000)
    return [
        Commit(
            None,
            (
                MessageKept(
                    message_id=each.message_id,
                    waiting_for=each.user_id,
                    at=at,
                    author_id=each.author_id,
                    author_session=each.author_session if told[each.author_session] is each else None,
                ),
            ),
        )
        for each in request.messages
    ]


@applies
def message_kept(world: World, record: MessageKept) -> list[Effect]:
    """Hand the message over to the recipient's other sessions; if there are none, it waits, and its author is told."""
    state = world.state
    account = state.accounts_by_id.get(record.waiting_for)
    if account is None:
        return []
    _count_kept(world, record.waiting_for, record.author_id)
    person = state.addressee(account.key)
    if person is None or person.account is not account:
        return _tell_author(state.sessions.get(record.author_session), account.name, record.at, _KEPT)
    return _hand_over(person)


def _count_kept(world: World, user_id: int, author_id: int | None) -> None:
    kept = world.state.kept.setdefault(user_id, {})
    kept[author_id] = kept.get(author_id, 0) + 1


def _hand_over(person: Person) -> list[Effect]:
    for session in person.sessions:
        session.kept_due = True
    return [Later(session, 0.0, HandOver()) for session in person.sessions]


@decides
def handed_over(world: World, session: Session, request: HandedOver, now: float) -> list[Effect]:
    # A commit of this session, so that its next lookup of kept messages waits: none is handed over twice.
    record = KeptHandedOver(user_id=request.user_id, message_ids=request.message_ids)
    return [Commit(session, (record,), holds=False)]


@applies
def kept_handed_over(world: World, record: KeptHandedOver) -> list[Effect]:
    world.state.kept.pop(record.user_id, None)  # after a portion too there is room again: the person is here to read
    return []
