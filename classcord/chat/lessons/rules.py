"""Decisions about lessons and exams: who holds one where, how long, and who is told.

Each ends by itself at its time, also after a restart, and if the clock was set. Knows no clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from classcord.chat.addresses import near_network, network
from classcord.chat.channels.channel import Kind
from classcord.chat.durations import in_words
from classcord.chat.effects import Close, Commit, Effect, Reply, TellSecurity
from classcord.chat.errors import BadRequest, NotAllowed
from classcord.chat.finding import visible_channel
from classcord.chat.lessons.enforcing import closed_by, concerns, is_of_staff
from classcord.chat.lessons.hearing import ONE_SESSION, may_see, name_of, told
from classcord.chat.lessons.held import EXAM, LESSON
from classcord.chat.lessons.vocabulary import (
    LONGEST,
    MOST_HELD,
    MOST_NETWORKS,
    HeldAlready,
    HoldExam,
    HoldLesson,
    LessonBegun,
    LessonEnded,
    LessonInfo,
    LessonProlonged,
    LessonsListed,
    NoAddress,
    NotHeld,
    TooManyHeld,
)
from classcord.chat.reasons import checked_reason
from classcord.chat.registry import applies, audits, cancels, decides, on_time, reserves
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable

    from classcord.chat.channels.channel import Channel
    from classcord.chat.people import Person, Session
    from classcord.chat.records import Record
    from classcord.chat.registry import What
    from classcord.chat.world import World

Hold = HoldLesson | HoldExam


@decides
def lesson(world: World, session: Session, request: HoldLesson, now: float) -> list[Effect]:
    return _hold(world, session, request, now)


@decides
def exam(world: World, session: Session, request: HoldExam, now: float) -> list[Effect]:
    return _hold(world, session, request, now)


def _hold(world: World, session: Session, request: Hold, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    checked_reason(request.reason)  # also where none begins
    if request.state is None:
        return [Reply(request, _listed(world, person, world.state.lessons))]
    channel = None if request.channel is None else visible_channel(world, person, request.channel)
    kind = _kind(request)
    there = world.state.lessons.of(channel.id if channel else None)
    _check_may_hold(world, person, kind, channel, there)
    if request.state == "off":
        if there is None or there.kind != kind:
            raise NotHeld(field="channel")
        ended = LessonEnded(lesson_id=there.lesson_id, at=int(now * 1000))
        left = [each for each in world.state.lessons if each is not there]
        return [
            Commit(session, (ended,), request, _listed(world, person, left)),
            TellSecurity(f"{kind}-off", name_of(world, there) or "*"),
        ]
    _check_duration(request)
    if there is not None:
        return _prolong(world, session, request, there, now)
    return _begin(world, session, request, channel, now)


def _check_may_hold(
    world: World, person: Person, kind: str, channel: Channel | None, there: LessonBegun | None
) -> None:
    """Refuse whoever may not hold it there.

    The moderators of a channel hold lessons for its members. An exam also concerns guests and the
    other people of the room, and a channel with automatic members belongs to everybody: only the staff hold one there,
    or change what the staff hold.
    """
    if not world.may(person, Permission.HOLD_LESSON, channel):
        raise NotAllowed
    if channel is None or world.may(person, Permission.HOLD_LESSON):
        return
    is_everybodys = channel.kind is Kind.DEFAULT or channel.members_from is not None
    if kind == EXAM or is_everybodys or (there is not None and is_of_staff(world, there)):
        raise NotAllowed


def _kind(request: Hold) -> str:
    return EXAM if isinstance(request, HoldExam) else LESSON


def _check_duration(request: Hold) -> None:
    if 0 < request.duration <= LONGEST:
        return
    why = Text(N_("a lesson or an exam lasts {longest} at the most, and not 0 s"), {"longest": in_words(LONGEST)})
    raise BadRequest(field="duration", why=why)


def _prolong(world: World, session: Session, request: Hold, there: LessonBegun, now: float) -> list[Effect]:
    """Let the lesson that is held there end after the duration from now; to change anything else, end it first."""
    if there.kind != _kind(request) or _changes(request, there):
        raise HeldAlready(field="channel")
    until = int((now + request.duration) * 1000)
    record = LessonProlonged(lesson_id=there.lesson_id, until=until, at=int(now * 1000))
    held = [msgspec.structs.replace(each, until=until) if each is there else each for each in world.state.lessons]
    answer = _listed(world, session.person, held)
    return [Commit(session, (record,), request, answer), TellSecurity(f"{there.kind}-prolonged")]


def _changes(request: Hold, there: LessonBegun) -> bool:
    if isinstance(request, HoldExam):
        return bool(request.addresses.strip()) and _networks(request.addresses) != there.networks
    return request.write not in {None, there.write} or request.private not in {None, there.private}


def _begin(world: World, session: Session, request: Hold, channel: Channel | None, now: float) -> list[Effect]:
    if len(world.state.lessons) >= MOST_HELD:
        raise TooManyHeld(limit=MOST_HELD)
    kind, write, private = _kind(request), "staff", "staff"
    if isinstance(request, HoldLesson):
        if channel is None and request.write == "channel":
            raise BadRequest(field="write", why=Text(N_("“channel” needs a channel")))
        write = request.write or ("staff" if channel is None else "channel")
        private = request.private or "staff"
    record = LessonBegun(
        lesson_id=world.state.lesson_ids.next(),
        kind=kind,
        channel_id=channel.id if channel else None,
        write=write,
        private=private,
        networks=_networks(request.addresses) if isinstance(request, HoldExam) else "",
        begun_by=session.name,
        reason=checked_reason(request.reason),
        begun_at=int(now * 1000),
        until=int((now + request.duration) * 1000),
        of_staff=world.may(session.person, Permission.HOLD_LESSON),
    )
    answer = _listed(world, session.person, (*world.state.lessons, record))
    return [Commit(session, (record,), request, answer), TellSecurity(f"{kind}-on", name_of(world, record) or "*")]


def _networks(text: str) -> str:
    """Return the networks of a room, each once, between commas; the text may have addresses and other separators."""
    found: dict[str, None] = {}
    for each in filter(None, (word.strip() for word in text.replace(";", ",").split(","))):
        where, misfit = network(each), near_network(each)
        if misfit is not None:
            raise BadRequest(field="addresses", why=misfit)
        if where is None:
            raise NoAddress(each)
        found[where] = None
    if len(found) > MOST_NETWORKS:
        why = Text(N_("a room has {limit} networks at the most"), {"limit": MOST_NETWORKS})
        raise BadRequest(field="addresses", why=why)
    return ",".join(found)


def _listed(world: World, person: Person | None, lessons: Iterable[LessonBegun]) -> LessonsListed:
    assert person is not None
    seen = [(each, may_see(world, each, person)) for each in lessons]
    return LessonsListed(
        lessons=tuple(_row(world, each, seen=sees) for each, sees in seen if sees or concerns(world, each, person))
    )


def _row(world: World, lesson: LessonBegun, *, seen: bool) -> LessonInfo:
    return LessonInfo(
        kind=lesson.kind,
        channel=name_of(world, lesson) if seen else "",
        by=lesson.begun_by,
        until=rfc3339(lesson.until),
        write=lesson.write,
        private=lesson.private,
        addresses=lesson.room,
        people=sum(concerns(world, lesson, each) for each in world.state.people.values()),
        reason=lesson.reason,
    )


@on_time
def lessons_over(world: World, now: float) -> list[Record]:
    """Return the ends of lessons whose time is up, whose channel was deleted, or whose moderator is gone."""
    lessons = world.state.lessons
    if not lessons:
        return []
    gone = [
        each
        for each in lessons
        if (each.channel_id is not None and each.channel_id not in world.state.channels_by_id)
        or each.lesson_id in lessons.orphaned
        or (not each.of_staff and world.state.account(each.begun_by) is None)
    ]
    over = {each.lesson_id: each for each in (*lessons.over(now * 1000), *gone) if each.lesson_id not in lessons.ending}
    lessons.ending.update(over)
    return [LessonEnded(lesson_id=each, at=int(now * 1000)) for each in over]


@cancels
def _not_ended(world: World, record: LessonEnded) -> None:
    world.state.lessons.ending.discard(record.lesson_id)


@reserves
def _lesson_id_is_given_out(world: World, record: LessonBegun) -> None:
    world.state.lesson_ids.pass_over(record.lesson_id)


# -- what becomes of it -----------------------------------------------------------------------------------------------


@applies
def lesson_begun(world: World, record: LessonBegun) -> list[Effect]:
    world.state.lessons.begin(record)
    if world.replaying:
        return []
    effects = told(world, record, "begun", record, record.begun_at)
    outside, older = closed_by(world, record)
    if outside:
        effects.append(Close(Text(_ELSEWHERE), tuple(outside)))
    if older:
        effects.append(Close(Text(ONE_SESSION), tuple(older)))
    return effects


_ELSEWHERE = N_("An exam has begun: you come in only from the room where it is held.")


@applies
def lesson_prolonged(world: World, record: LessonProlonged) -> list[Effect]:
    found = world.state.lessons.prolong(record.lesson_id, record.until)
    if found is None or world.replaying:
        return []
    return told(world, found, "prolonged", record, record.at)


@applies
def lesson_ended(world: World, record: LessonEnded) -> list[Effect]:
    found = world.state.lessons.end(record.lesson_id)
    if found is None or world.replaying:
        return []
    return told(world, found, "ended", record, record.at)


@audits
def _audited_lesson_begun(world: World, record: LessonBegun) -> What:
    after = {
        "channel": name_of(world, record),
        "until": record.until,
        "write": record.write,
        "private": record.private,
        "networks": record.networks,
        "reason": record.reason,
    }
    return record.kind, "lesson", record.lesson_id, None, after


@audits
def _audited_lesson_prolonged(world: World, record: LessonProlonged) -> What:
    found = next((each for each in world.state.lessons if each.lesson_id == record.lesson_id), None)
    before = {"until": found.until} if found else None
    return "lesson-prolonged", "lesson", record.lesson_id, before, {"until": record.until}


@audits
def _audited_lesson_ended(world: World, record: LessonEnded) -> What:
    found = next((each for each in world.state.lessons if each.lesson_id == record.lesson_id), None)
    before = {"kind": found.kind, "channel": name_of(world, found)} if found else None
    return "lesson-ended", "lesson", record.lesson_id, before, None
