"""Resends: a client names its messages, so that one which it sends again is stored once. Knows no store."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from classcord.chat.registry import applies
from classcord.chat.resends.vocabulary import ClientIdKept, ClientIdsForgotten

if TYPE_CHECKING:
    from classcord.chat.effects import Effect
    from classcord.chat.messages.vocabulary import Message
    from classcord.chat.people import Session
    from classcord.chat.resends.vocabulary import ClientId
    from classcord.chat.world import World

KEPT = 7 * 86_400  # seconds
FORGOTTEN_AT_ONCE = 10_000  # rows: the writer is busy for some 20 ms


def named_by_client(
    world: World, session: Session, client_id: ClientId, message: Message, place: int | str
) -> tuple[ClientIdKept, ...]:
    """Return the record of a message's client id; none in a dialect that acknowledges no message.

    `place` is a channel's id, or the other person of a conversation. The record is signed here, like the message.
    """
    if not session.traits.acknowledges:
        return ()
    record = ClientIdKept(
        owner=owner_of(world, session),
        client_id=str(client_id),
        message_id=message.message_id,
        at=message.at,
        said=digest(place, message.content, message.reply_to, message.file.token if message.file else None),
        session_id=message.session_id,
        actor=message.actor,
    )
    return (record,)


def owner_of(world: World, session: Session) -> str:
    """Return for whom a client id is unique: an account in all its sessions; a guest's session, also when resumed.

    Another guest of the same name, whose client counts from 1 again, loses no message.
    """
    person = session.person
    if person is not None and person.account is not None:
        return str(person.account.id)
    token = world.state.tokens.of_session(session.row)
    return f"~{session.number if token is None else token.id}"


def digest(place: int | str, content: str, reply_to: int | None = None, file: str | None = None) -> str:
    """Return digests of a message, by which another message with the same client id is told apart."""
    return _short(repr(place)) + _short(_what(content, reply_to, file))


def has_content(stored: ClientIdKept, content: str, reply_to: int | None, file: str | None = None) -> bool:
    """Whether a stored message says this, wherever it was said."""
    return stored.said.endswith(_short(_what(content, reply_to, file)))


def _what(content: str, reply_to: int | None, file: str | None) -> str:
    return f"{reply_to} {content}" if file is None else f"{reply_to} {file!r} {content}"


def _short(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def to_forget(now: float) -> ClientIdsForgotten:
    """Return the record that forgets client ids after their time; there may be none."""
    return ClientIdsForgotten(before=int((now - KEPT) * 1000), most=FORGOTTEN_AT_ONCE)


@applies
def client_id_kept(world: World, record: ClientIdKept | ClientIdsForgotten) -> list[Effect]:
    return []  # the store knows which client ids there are
