"""Decisions about revisions: who edits and deletes which message, and who sees what it said before. Knows no store.

A message is named by its id: each decision asks the store for it, and whoever may not read it is told that there is
none. Two who change one message at the same time are decided by the record's own statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from classcord.chat.audit.rules import commit_entry
from classcord.chat.channels.vocabulary import ChannelClosed, NotInChannel
from classcord.chat.effects import Commit, Deliver, Effect, Find
from classcord.chat.errors import AlreadySo
from classcord.chat.files.vocabulary import FileRemoved
from classcord.chat.held_messages.holding import check_need_not_wait
from classcord.chat.mentions.rules import mentioned
from classcord.chat.mentions.vocabulary import MentionedByEdit, MentionsLeft
from classcord.chat.messages.audiences import place_of
from classcord.chat.messages.history import shows_private
from classcord.chat.messages.readers import may_read
from classcord.chat.messages.telling import to_each
from classcord.chat.messages.vocabulary import MessageAdded, NoSuchMessage, PrivateMessageAdded, StoredById
from classcord.chat.messages.writers import check_may_write, check_may_write_to, check_text
from classcord.chat.names import converses, name_key
from classcord.chat.people import Person
from classcord.chat.registry import applies, audits, decides
from classcord.chat.revisions.vocabulary import (
    AlreadyDeleted,
    Delete,
    Deleted,
    DeletionStored,
    Edit,
    Edited,
    EditStored,
    MessageChanged,
    MessageDeleted,
    MessageEdited,
    NotTheAuthor,
    Revision,
    ToCompare,
    ToDelete,
    ToEdit,
    TooManyEdits,
    VersionInfo,
    Versions,
    VersionsListed,
    VersionsOf,
)
from classcord.chat.roles import Permission, Role, outranks
from classcord.chat.sanctions.enforcing import check_is_not_muted
from classcord.chat.sanctions.vocabulary import NotThisRole
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.messages.vocabulary import Details, Message, StoredMessage
    from classcord.chat.people import Session
    from classcord.chat.registry import What
    from classcord.chat.world import World


MOST_EDITS = 50  # of one message: each keeps what the message said before, and nobody may push that out


@decides
def edit(world: World, session: Session, request: Edit, now: float) -> list[Effect]:
    check_text(world, request.content)
    return [Find(request, StoredById(message_id=request.message_id), ToEdit)]


@decides
def edit_found(world: World, session: Session, request: ToEdit, now: float) -> list[Effect]:
    asked = request.asked
    person = session.person
    assert person is not None
    stored = _readable(world, person, request.found, asked.message_id)
    message, details = stored.message, stored.details
    if not is_author(person, message, details):
        raise NotTheAuthor
    if details.deleted_at is not None:
        raise AlreadyDeleted
    check_is_not_muted(world, session, now)
    _check_may_write_there(world, session, message, asked.content, now)
    if message.content == asked.content:
        raise AlreadySo
    if details.edits >= MOST_EDITS:
        raise TooManyEdits(limit=MOST_EDITS)
    at, newest = int(now * 1000), world.state.message_ids.last
    mentions = _mentioned(world, message, asked.content)
    edited = MessageEdited(**_named(message), at=at, content=asked.content, mentions=mentions)  # type: ignore[arg-type]
    changed = MessageChanged(message_id=message.message_id, newest=newest, edited_at=at)
    calls = (MentionedByEdit(message_id=message.message_id, user_id=user_id) for user_id in mentions)
    records = (edited, changed, MentionsLeft(message_id=message.message_id, user_ids=mentions), *calls)
    answer = EditStored(message_id=message.message_id, edited_at=rfc3339(at))
    return [Commit(session, records, asked, answer)]


def _mentioned(world: World, message: Message, content: str) -> tuple[int, ...]:
    """Return the ids of the accounts that a message mentions by its new text."""
    channel_id, conversation = place_of(message)
    channel = world.state.channels_by_id[channel_id] if channel_id is not None else None
    return mentioned(world, content, message.author_id, channel, conversation or "")


@decides
def delete(world: World, session: Session, request: Delete, now: float) -> list[Effect]:
    return [Find(request, StoredById(message_id=request.message_id), ToDelete)]


@decides
def delete_found(world: World, session: Session, request: ToDelete, now: float) -> list[Effect]:
    """Delete a message: one's own, but not in a closed channel; as a moderator, that of somebody below, in any."""
    asked = request.asked
    person = session.person
    assert person is not None
    stored = _readable(world, person, request.found, asked.message_id)
    message, details = stored.message, stored.details
    own = is_author(person, message, details)
    channel = None if isinstance(message, PrivateMessageAdded) else world.state.channels_by_id[message.channel_id]
    moderates = channel is not None and world.may(person, Permission.DELETE_MESSAGES, channel)
    if not own:
        _check_stands_above(world, person, message, details, channel if moderates else None)
    elif channel is not None and channel.archived and not moderates:
        raise ChannelClosed(channel=channel.name)
    if details.deleted_at is not None:
        raise AlreadyDeleted
    at, newest = int(now * 1000), world.state.message_ids.last
    deleted = MessageDeleted(**_named(message), at=at, by_moderator=not own)  # type: ignore[arg-type]
    changed = MessageChanged(
        message_id=message.message_id, newest=newest, deleted_at=at, deleted_by=person.name, sealed=not own
    )
    answer = DeletionStored(message_id=message.message_id, deleted_at=rfc3339(at))
    file = () if details.file is None else (FileRemoved(message_id=message.message_id),)
    return [Commit(session, (deleted, changed, *file), asked, answer)]


@decides
def versions(world: World, session: Session, request: Versions, now: float) -> list[Effect]:
    shows_private(world, session, request.reason)
    return [Find(request, VersionsOf(message_id=request.message_id), ToCompare)]


@decides
def versions_found(world: World, session: Session, request: ToCompare, now: float) -> list[Effect]:
    """Show what a message said before; of a private message only to an owner, for a reason, as of its history.

    What somebody else than its author has deleted is sealed: a moderator sees that the words are kept, and an owner who
    gives a reason reads them.
    """
    asked, found = request.asked, request.found
    person = session.person
    assert person is not None
    if found is None:
        raise NoSuchMessage(field="message_id", number=asked.message_id)
    message, details = found.stored.message, found.stored.details
    private, opened = isinstance(message, PrivateMessageAdded), shows_private(world, session, asked.reason)
    if not (opened if private else may_read(world, person, message)):
        raise NoSuchMessage(field="message_id", number=asked.message_id)
    sealed = details.sealed and not opened
    told = [
        VersionInfo(at=rfc3339(each.at), user=message.author, content="" if sealed else each.content, sealed=sealed)
        for each in found.before
    ]
    if details.deleted_at is None:
        at = rfc3339(details.edited_at or message.at)
        told.append(VersionInfo(at=at, user=message.author, content=message.content))
    answer = VersionsListed(versions=tuple(told))
    action = "read-sealed" if details.sealed and opened else "read-versions"
    return [commit_entry(session, action, asked, now, about=str(asked.message_id), answer=answer)]


# -- whose message it is ----------------------------------------------------------------------------------------------


def is_author(person: Person, message: Message, details: Details) -> bool:
    """Whether a message is this person's own.

    An account's messages are its own, in any session. A guest's are the guest's as long as the guest is here: another
    guest may have the name later. An operator without an account is known by the name, which is reserved for the key.
    """
    if message.author_id is not None:
        return person.account is not None and person.account.id == message.author_id
    if person.account is not None or details.author_gone or name_key(message.author) != person.key:
        return False
    if person.is_operator or details.author_role is not None:
        return person.is_operator and details.author_role is not None
    return message.message_id > person.came_after


def _readable(world: World, person: Person, stored: StoredMessage | None, number: int) -> StoredMessage:
    """Return a message that this person may read; a private one's author may name it even as a guest."""
    if stored is not None:
        message = stored.message
        own = isinstance(message, PrivateMessageAdded) and is_author(person, message, stored.details)
        if own or may_read(world, person, message):
            return stored
    raise NoSuchMessage(field="message_id", number=number)


def _check_may_write_there(world: World, session: Session, message: Message, content: str, now: float) -> None:
    """Refuse an edit where a new message would be refused now, or would have to wait."""
    person = session.person
    assert person is not None
    if isinstance(message, MessageAdded):
        channel = world.state.channels_by_id[message.channel_id]
        if check_may_write(world, session, person, channel):
            raise NotInChannel(channel=channel.name)
        check_need_not_wait(world, person, channel, content, now)
        return
    other = recipient_of(world, message) or _absent(world, message)
    if other is not None:
        check_may_write_to(world, session, other, now)
        check_need_not_wait(world, person, other, content, now)


def _absent(world: World, message: PrivateMessageAdded) -> Person | None:
    """Return the recipient of a private message who is not here; None if there is no such account any more."""
    account = world.state.account(message.recipient)
    if account is None or not converses(account.id, message.conversation):
        return None
    return Person(account.name, account.key, account)


def _check_stands_above(
    world: World, person: Person, message: Message, details: Details, channel: Channel | None
) -> None:
    """Refuse to delete another person's message without the right in its channel, or if its author is not below."""
    if channel is None:
        raise NotTheAuthor
    role = Role.of(details.author_role) if details.author_role is not None else Role.GUEST
    account = world.state.accounts_by_id.get(message.author_id) if message.author_id is not None else None
    if account is not None:
        role = world.role_in(channel, account, account.role)
    if not outranks(world.role_in(channel, person.account, person.role), role):
        raise NotThisRole(field="message_id", name=message.author, role=role.word)


def _named(message: Message) -> dict[str, object]:
    """Return the fields by which a record says which message it changes, and who heard it."""
    named: dict[str, object] = {
        "message_id": message.message_id,
        "author": message.author,
        "author_id": message.author_id,
    }
    if isinstance(message, PrivateMessageAdded):
        return {**named, "conversation": message.conversation, "recipient": message.recipient}
    return {**named, "channel_id": message.channel_id}


# -- who hears of it --------------------------------------------------------------------------------------------------


@applies
def message_edited(world: World, record: MessageEdited) -> list[Effect]:
    names = (world.state.accounts_by_id[each].name for each in record.mentions if each in world.state.accounts_by_id)
    event = Edited(
        message_id=record.message_id,
        sender=record.author,
        to=record.recipient,
        content=record.content,
        edited_at=rfc3339(record.at),
        mentions=tuple(names),
    )
    return _told(world, record, event)


@applies
def message_deleted(world: World, record: MessageDeleted) -> list[Effect]:
    by = record.actor or record.author
    return _told(world, record, Deleted(message_id=record.message_id, sender=by, deleted_at=rfc3339(record.at)))


def _told(world: World, record: Revision, event: Edited | Deleted) -> list[Effect]:
    """Tell those who would be told such a message now, but not the session that has changed it."""
    session = world.session_of(record)
    if record.channel_id is not None:
        channel = world.state.channels_by_id.get(record.channel_id)
        if channel is None:  # it was deleted meanwhile: nobody reads there any more
            return []
        return [Deliver(msgspec.structs.replace(event, channel=channel.name), channel.audience(), session)]
    effects: list[Effect] = []
    author = session.person if session else None
    other = recipient_of(world, record)
    if other is not None and not other.is_same(author):
        effects += to_each(msgspec.structs.replace(event, user=record.author), other)
    mine = tuple(s for s in author.sessions if s.traits.mirrors_own and s is not session) if author else ()
    if mine:
        effects.append(Deliver(msgspec.structs.replace(event, user=record.recipient), mine))
    return effects


def recipient_of(world: World, message: PrivateMessageAdded | Revision) -> Person | None:
    """Return the recipient of a private message, if that person is here to read: not another person of that name."""
    if message.recipient is None or message.conversation is None:
        return None
    other = world.state.addressee(name_key(message.recipient))
    if other is None or not converses(other.conversing_as, message.conversation):
        return None
    return other if message.message_id > other.came_after else None


@applies
def message_changed(world: World, record: MessageChanged) -> list[Effect]:
    world.state.changed = max(world.state.changed, record.newest)
    return []  # the store alone knows how messages look


@audits
def _audited_message_deleted(world: World, record: MessageDeleted) -> What | None:
    """Keep that a moderator has deleted somebody else's message, without its words."""
    if not record.by_moderator or record.channel_id is None:
        return None
    before = {"author": record.author, "channel": world.state.channel_name(record.channel_id)}
    return "message-deleted", "message", record.message_id, before, None
