"""What a lesson or an exam keeps people from: whom it concerns, where they write, and from where they come in.

An exam counts before a lesson, and what is everyone's before what is a channel's. Of lessons in several channels, a
person writes in each that is open. Who may hold a lesson there is concerned by none. Knows no request and no clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.errors import ChatError
from classcord.chat.lessons.held import EXAM, is_from
from classcord.chat.lessons.vocabulary import (
    DuringExam,
    DuringLesson,
    LessonShown,
    OutsideRoom,
    PrivateInLesson,
    SilentLesson,
    StaysInExam,
    StaysInLesson,
)
from classcord.chat.people import Person
from classcord.chat.roles import Permission, Role
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable

    from classcord.chat.channels.channel import Channel
    from classcord.chat.lessons.vocabulary import LessonBegun
    from classcord.chat.people import Session
    from classcord.chat.world import World


def lesson_shown(world: World, channel: Channel) -> LessonShown | None:
    """Return what is held in a channel for those in it: an exam before a lesson, everyone's before the channel's."""
    here = [each for each in (world.state.lessons.of(None), world.state.lessons.of(channel.id)) if each is not None]
    if not here:
        return None
    first = min(here, key=lambda each: each.kind != EXAM)
    return LessonShown(
        kind=first.kind,
        channel=None if first.channel_id is None else channel.name,
        until=rfc3339(first.until),
        write=first.write,
        private=first.private,
    )


def is_exempt(world: World, lesson: LessonBegun, person: Person) -> bool:
    """Whether a person keeps order, or is a moderator of the channel where another of them holds this lesson.

    Nobody of them is ever shut out. In what the staff hold, the moderators of a channel are members like others.
    """
    if world.role_may(person.role, Permission.KEEP_ORDER):
        return True
    channel = world.state.channels_by_id.get(lesson.channel_id or 0)
    if channel is None or is_of_staff(world, lesson):
        return False
    return world.may(person, Permission.HOLD_LESSON, channel)


def is_of_staff(world: World, lesson: LessonBegun) -> bool:
    """Whether a lesson is of somebody who holds lessons everywhere, or was when it began, and is gone now."""
    if lesson.lesson_id in world.state.lessons.orphaned:
        return False
    account = world.state.account(lesson.begun_by)
    if account is None:
        return lesson.of_staff
    return world.role_may(account.role, Permission.HOLD_LESSON)


def concerns(world: World, lesson: LessonBegun, person: Person, addresses: Iterable[str] | None = None) -> bool:
    """Whether a lesson concerns a person, here by `addresses` or by those of the sessions.

    An exam concerns besides whoever comes from the room; if no room is given, whoever may be one of the class under
    another name: every guest, and every account that somebody has made for themselves since it began. Whom a code has
    brought into channels, whom somebody has made an account, and whom the school's directory knows, is known.
    """
    if is_exempt(world, lesson, person):
        return False
    channel = world.state.channels_by_id.get(lesson.channel_id or 0)
    if lesson.channel_id is None or (channel is not None and world.state.is_member(channel, person)):
        return True
    if lesson.kind != EXAM:
        return False
    if not lesson.networks:
        return _may_be_another(lesson, person)
    found = (session.address for session in person.sessions) if addresses is None else addresses
    return any(is_from(lesson.networks, each) for each in found)


def _may_be_another(lesson: LessonBegun, person: Person) -> bool:
    """Whether nobody knows this person: a guest, or an account made since an exam began for which nobody vouches."""
    account = person.account
    return account is None or (account.added_at > lesson.begun_at and not account.vouched)


def concerning(world: World, person: Person) -> list[LessonBegun]:
    """Return the lessons and exams that concern a person."""
    return [each for each in world.state.lessons if concerns(world, each, person)]


def channels_of(world: World, person: Person) -> list[Channel] | None:
    """Return the channels in which a person may write during the lessons that concern them; None: in all as ever."""
    mine = concerning(world, person)
    if not mine:
        return None
    if any(each.kind == EXAM or each.channel_id is None for each in mine):
        return []
    open_ = (world.state.channels_by_id.get(each.channel_id or 0) for each in mine if each.write == "channel")
    return [channel for channel in open_ if channel is not None]


def check_may_write_in(world: World, person: Person, channel: Channel) -> None:
    """Refuse a message to a channel during a lesson or an exam."""
    lessons = world.state.lessons
    there = lessons.of(channel.id)
    if there is not None and (there.kind == EXAM or there.write == "staff") and not is_exempt(world, there, person):
        raise _silent(there)
    found = channels_of(world, person)
    if found is None or channel in found:
        return
    first = min(concerning(world, person), key=lambda each: (each.kind != EXAM, each.channel_id is not None))
    if not found:
        raise _silent(first)
    names = ", ".join(each.name for each in found)
    raise DuringLesson(until=rfc3339(first.until), channel=names)


def _silent(lesson: LessonBegun) -> ChatError:
    return (DuringExam if lesson.kind == EXAM else SilentLesson)(until=rfc3339(lesson.until))


def check_may_converse(world: World, person: Person, other: Person) -> None:
    """Refuse a private message of or to whom a lesson or an exam concerns, except with who holds it or keeps order."""
    if person.is_same(other):
        return
    for lesson in world.state.lessons:
        if lesson.kind != EXAM and lesson.private != "staff":
            continue
        if is_exempt(world, lesson, person) or is_exempt(world, lesson, other):
            continue
        if concerns(world, lesson, person) or concerns(world, lesson, other):
            raise (DuringExam if lesson.kind == EXAM else PrivateInLesson)(until=rfc3339(lesson.until))


def check_no_exam(world: World, person: Person) -> None:
    """Refuse words that others would read elsewhere than in messages: during an exam, those of whom it concerns."""
    for lesson in concerning(world, person):
        if lesson.kind == EXAM:
            raise DuringExam(until=rfc3339(lesson.until))


def check_may_leave(world: World, person: Person, channel: Channel) -> None:
    """Refuse to leave a channel in which the staff hold a lesson or an exam: it would concern the person no more.

    The lesson of a channel's moderator can be left: that one also invites people into the channel, without asking them.
    """
    lesson = world.state.lessons.of(channel.id)
    if lesson is not None and is_of_staff(world, lesson) and not is_exempt(world, lesson, person):
        raise (StaysInExam if lesson.kind == EXAM else StaysInLesson)(until=rfc3339(lesson.until), channel=channel.name)


def check_may_come_from(world: World, address: str, key: str, role: Role) -> None:
    """Refuse a person whom an exam concerns, and who comes from elsewhere than its room."""
    if world.role_may(role, Permission.KEEP_ORDER):
        return
    account = world.state.accounts.get(key)
    person = Person(key, key, account)
    for lesson in world.state.lessons:
        if is_from(lesson.networks, address):
            continue
        if concerns(world, lesson, person, (address,)):
            raise OutsideRoom(until=rfc3339(lesson.until))


def closed_by(world: World, lesson: LessonBegun) -> tuple[list[Session], list[Session]]:
    """Return the sessions that an exam closes as it begins: those from elsewhere, and older ones of a person."""
    outside: list[Session] = []
    older: list[Session] = []
    if lesson.kind != EXAM:
        return outside, older
    for person in world.state.people.values():
        if not concerns(world, lesson, person):
            continue
        outside += [each for each in person.sessions if not is_from(lesson.networks, each.address)]
        inside = [each for each in person.sessions if is_from(lesson.networks, each.address)]
        older += inside[:-1]
    return outside, older


def older_sessions(world: World, person: Person, session: Session) -> list[Session]:
    """Return the other sessions of a person who has just begun one, if an exam gives them only one."""
    if not any(each.kind == EXAM for each in concerning(world, person)):
        return []
    return [each for each in person.sessions if each is not session]
