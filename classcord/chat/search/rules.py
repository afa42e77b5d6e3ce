"""Decisions about searches: where a person may look, and which page comes next. Knows no store and no index."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import msgspec

from classcord.chat.channels.vocabulary import NotInChannel
from classcord.chat.effects import Effect, Find, Reply
from classcord.chat.errors import BadRequest, NotAllowed, NotFound
from classcord.chat.finding import visible_channel
from classcord.chat.messages.readers import may_read
from classcord.chat.messages.telling import said, spelt_for
from classcord.chat.messages.vocabulary import NO_DETAILS
from classcord.chat.names import conversation, name_key
from classcord.chat.registry import decides
from classcord.chat.roles import Permission
from classcord.chat.search.terms import terms
from classcord.chat.search.vocabulary import (
    BEST,
    NEWEST,
    Mark,
    MessagesFound,
    MessagesMatching,
    MessagesSought,
    Place,
    SearchMessages,
    TooManySearches,
)
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.people import Person, Session
    from classcord.chat.world import World

LONGEST_PAGE = 200  # messages
SEARCHES, SECONDS = 30, 60.0  # of one person, in all their sessions
FOREVER = 2**53  # higher than every id
_MARK = re.compile(r"([0-9]{1,16})-([0-9]{1,4})")


@decides
def search(world: World, session: Session, request: SearchMessages, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    if request.order not in {BEST, NEWEST}:
        raise BadRequest(field="order", why=Text(N_("the order is “best” or “newest”")))
    mark = _mark(request)
    since, until = _moment(request.since, "since"), _moment(request.until, "until", days=1)
    place = _place(world, person, request)
    sought = terms(request.query)
    if not sought:
        return [Reply(request, MessagesFound(messages=(), more=False))]
    wait = world.allowances.take(("searches of", person.key), now, most=SEARCHES, seconds=SECONDS)
    if wait:
        raise TooManySearches(retry_after=round(wait, 3))
    question = MessagesMatching(
        terms=sought,
        place=place,
        author=None if request.from_ is None else _author(world, request.from_),
        after=request.after or 0,
        mark=mark,
        since=since,
        until=until,
        ranked=request.order == BEST,
        limit=min(max(1, request.limit), LONGEST_PAGE),
    )
    return [Find(request, question, MessagesSought)]


@decides
def messages_sought(world: World, session: Session, request: MessagesSought, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    readable = (m for m in request.found.messages if may_read(world, person, m))
    details, following = request.found.details, request.found.following
    events = (said(world, message, details.get(message.message_id, NO_DETAILS)) for message in readable)
    answer = MessagesFound(
        messages=tuple(spelt_for(session, event) for event in events),
        more=following is not None,
        next=None if following is None else f"{following.before}-{following.skip}",
    )
    return [Reply(request.asked, answer)]


def _place(world: World, person: Person, request: SearchMessages) -> Place:
    """Return where this person may look: in what the person may read now, or in the one part of it that is named."""
    if request.user is not None and request.channel is None:
        if person.is_operator:  # an operator reads a conversation with a reason, by `history`
            raise NotAllowed
        if person.account is None:  # another person may have this guest's name tomorrow
            raise NotFound(field="user", name=request.user)
        account = world.state.account(request.user)
        other = account.id if account else name_key(request.user)
        return Place(conversation=conversation(person.account.id, other))
    if request.channel is not None:
        channel = visible_channel(world, person, request.channel)
        if not world.may(person, Permission.READ, channel):
            raise NotInChannel(channel=channel.name)
        return Place(channels=(channel.id,))
    readable = (c.id for c in world.state.channels_by_id.values() if world.may(person, Permission.READ, c))
    own = person.account.id if person.account is not None and not person.is_operator else None
    return Place(channels=tuple(readable), account_id=own)


def _author(world: World, name: str) -> str:
    """Return the key of an author's name; the author may be given by an alias."""
    account = world.state.named(name)
    return account.key if account else name_key(name)


def _mark(request: SearchMessages) -> Mark:
    """Return where the page begins."""
    newest = FOREVER if request.before is None else request.before
    if request.page is None:
        return Mark(before=newest)
    found = _MARK.fullmatch(request.page)
    if found is None:
        raise BadRequest(field="page", why=Text(N_("“page” is the “next” of an earlier answer")))
    return Mark(before=min(int(found[1]), newest), skip=int(found[2]))


def _moment(text: str | None, field: str, days: int = 0) -> int | None:
    """Return a time in ms since 1970; of a day alone its beginning, in UTC, or that of the day after so many `days`."""
    if text is None:
        return None
    try:
        if len(text) == len("2026-11-20"):
            day = msgspec.convert(text, date) + timedelta(days=days)
            moment = datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
        else:
            moment = msgspec.convert(text, datetime)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=timezone.utc)
        return int(moment.timestamp() * 1000)
    except (msgspec.ValidationError, OverflowError):
        why = Text(N_("a day such as 2026-11-20, or a time such as 2026-11-20T08:30:00Z"))
        raise BadRequest(field=field, why=why) from None
