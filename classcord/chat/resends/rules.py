"""Resends: a client names its messages, so that one which it sends again is stored once. Knows no store."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from classcord.chat.registry import applies
from classcord.chat.resends.vocabulary import ClientIdKept, ClientIdsForgotten

if TYPE_CHECKING:
    from classcord.chat.effects import Effect
    from classcord.chat.people import Session
    from classcord.chat.resends.vocabulary import ClientId
    from classcord.chat.world import World

KEPT = 7 * 86_400  # seconds
FORGOTTEN_AT_ONCE = 10_000  # rows: the writer is busy for some 20 ms


def named_by_client(
    session: Session, client_id: ClientId, *, message_id: int, at: int, place: int | str, content: str
) -> tuple[ClientIdKept, ...]:
    """Return the record of a message's client id; none in a dialect that acknowledges no message.

    `place` is a channel's id, or the other person of a conversation. The record is signed here, like the message.
    """
    person = session.person
    if person is None or not session.traits.acknowledges:
        return ()
    record = ClientIdKept(
        owner=owner_of(session),
        client_id=str(client_id),
        message_id=message_id,
        at=at,
        said=digest(place, content),
        session_id=session.row,
        actor=person.name,
    )
    return (record,)


def owner_of(session: Session) -> str:
    """Return for whom a client id is unique: an account in all its sessions; otherwise this session.

    Another guest of the same name, whose client counts from 1 again, loses no message.
    """
    person = session.person
    if person is not None and person.account is not None:
        return str(person.account.id)
    return f"~{session.number}"


def digest(place: int | str, content: str) -> str:
    """Return a digest of a message, by which another message with the same client id is told apart."""
    told = f"{place!r} {content}".encode("utf-8", "surrogatepass")
    return blake2b(told, digest_size=16).hexdigest()


def to_forget(now: float) -> ClientIdsForgotten:
    """Return the record that forgets client ids after their time; there may be none."""
    return ClientIdsForgotten(before=int((now - KEPT) * 1000), most=FORGOTTEN_AT_ONCE)


@applies
def client_id_kept(world: World, record: ClientIdKept | ClientIdsForgotten) -> list[Effect]:
    return []  # the store knows which client ids there are
