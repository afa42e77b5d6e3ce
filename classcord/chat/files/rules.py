"""Decisions about uploads: who may send a file where, and how much of it in a day. Knows no disk.

A file is allowed where a message is allowed. Both are asked twice: when the file is to be uploaded, and when its
message comes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from classcord.chat.effects import Effect, Find, Reply
from classcord.chat.errors import BadRequest, ChatError, RateLimited
from classcord.chat.files.attaching import PATH
from classcord.chat.files.file_names import clean
from classcord.chat.files.quotas_of_files import give_back, take
from classcord.chat.files.uploads import BEGIN_WITHIN, OpenUpload
from classcord.chat.files.vocabulary import (
    ChannelFilesTooMuch,
    FilesSince,
    FilesTooMuch,
    FileTooLarge,
    NoFilesHere,
    UploadAdmitted,
    UploadFile,
    UploadWanted,
)
from classcord.chat.finding import visible_channel
from classcord.chat.limits import DAY
from classcord.chat.messages.writers import check_may_write, check_may_write_to, recipient
from classcord.chat.names import conversation
from classcord.chat.registry import decides
from classcord.chat.resends.rules import owner_of
from classcord.chat.sanctions.enforcing import check_is_not_muted
from classcord.chat.sources import source
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339
from classcord.chat.word_list.rules import waits_for_review
from classcord.chat.word_list.vocabulary import ListedWords

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.files.vocabulary import FileBytes
    from classcord.chat.limits import Quota
    from classcord.chat.people import Person, Session
    from classcord.chat.world import World


Refusal = Callable[..., RateLimited]


@decides
def upload(world: World, session: Session, request: UploadFile, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    limits = world.policy.files
    if not world.takes_files:
        raise NoFilesHere
    if limits.file_bytes and request.size > limits.file_bytes:
        raise FileTooLarge(field="size", limit=limits.file_bytes)
    channel, _ = _place(world, session, person, request, now)
    since = FilesSince(
        user_id=person.account.id if person.account else None,
        channel_id=channel.id if channel else None,
        since=int((now - DAY) * 1000),
    )
    return [Find(request, since, UploadWanted)]


@decides
def upload_wanted(world: World, session: Session, request: UploadWanted, now: float) -> list[Effect]:
    """Reserve the place of a file."""
    person, asked = session.person, request.asked
    assert person is not None
    assert world.new_secret is not None
    channel, place = _place(world, session, person, asked, now)
    world.uploads.expire(now)  # what has not come is given back
    quotas = _spend(_quotas(world, session, channel, request.found, now), asked.size, now)
    opened = OpenUpload(
        token=world.new_secret(),
        owner=owner_of(world, session),
        place=place,
        name=clean(asked.name),
        size=asked.size,
        expires_at=now + BEGIN_WITHIN,
        quotas=quotas,
    )
    try:
        world.uploads.open(opened, now)
    except ChatError:
        give_back(quotas, asked.size)
        raise
    until = rfc3339(int(opened.expires_at * 1000))
    return [Reply(asked, UploadAdmitted(file=opened.token, url=PATH + opened.token, until=until))]


def _place(
    world: World, session: Session, person: Person, request: UploadFile, now: float
) -> tuple[Channel | None, int | str]:
    """Return where the file's message would go, a channel or the key of a conversation; refuse as for a message."""
    if request.user is not None:
        if request.channel is not None:
            raise BadRequest(field="user", why=Text(N_("a channel or a person, not both")))
        other = recipient(world, request.user, "user")
        check_may_write_to(world, session, other, now)
        _check_name(world, person, other, request, now)
        return None, conversation(person.conversing_as, other.conversing_as)
    check_is_not_muted(world, session, now)
    channel = visible_channel(world, person, request.channel)
    check_may_write(world, session, person, channel)
    _check_name(world, person, channel, request, now)
    return channel, channel.id


def _check_name(world: World, person: Person, place: Channel | Person, request: UploadFile, now: float) -> None:
    """Refuse a name for which a message there would have to wait: it is read wherever the file is."""
    if waits_for_review(world, person, place, request.name, now) is not None:
        raise ListedWords(field="name")


def _quotas(
    world: World, session: Session, channel: Channel | None, stored: FileBytes, now: float
) -> list[tuple[Quota, Refusal]]:
    """Return the quotas for a file, of its author and of its channel, each with the refusal if it is used up."""
    limits, quotas = world.policy.files, world.file_quotas
    account = session.person.account if session.person else None
    owner = ("account", account.id) if account else ("guests", source(session.address))
    found: list[tuple[Quota | None, Refusal]] = [
        (quotas.of(owner, limits.bytes_per_day, stored.of_account, now), FilesTooMuch)
    ]
    if channel is not None:
        mine = quotas.of(("channel", channel.id), limits.channel_bytes_per_day, stored.of_channel, now)
        found.append((mine, partial(ChannelFilesTooMuch, channel=channel.name)))
    return [(quota, refusal) for quota, refusal in found if quota is not None]


def _spend(quotas: list[tuple[Quota, Refusal]], size: int, now: float) -> tuple[Quota, ...]:
    """Subtract a file from its quotas, and return these; if one is used up, refuse and subtract nothing."""
    spent: list[Quota] = []
    for quota, refusal in quotas:
        wait = take(quota, size, now)
        if wait:
            give_back(spent, size)
            raise refusal(retry_after=round(wait, 3))
        spent.append(quota)
    return tuple(spent)
