"""Who hears of a lesson or an exam: those who are there when it changes, and in the same words those who come later.

Who comes in, joins the channel or opens a console meanwhile hears it with the state `held`. A classic client shows only
what comes after its first list, so its session hears it behind the history. Changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.channels.channel import Kind
from classcord.chat.effects import Close, Commit, Deliver, Effect
from classcord.chat.events import Notice
from classcord.chat.lessons.enforcing import concerns, is_exempt, older_sessions
from classcord.chat.lessons.held import EXAM
from classcord.chat.lessons.vocabulary import LessonsRecalled, LessonTold, RecallLessons
from classcord.chat.registry import applies, decides
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from classcord.chat.channels.channel import Channel
    from classcord.chat.lessons.vocabulary import LessonBegun
    from classcord.chat.people import Person, Session
    from classcord.chat.records import Record
    from classcord.chat.world import World

ONE_SESSION = N_("An exam is held: you have one session, the last one that you have begun.")
_SECOND = N_("{name} has come in a second time during the exam: the earlier session is closed.")


def told(world: World, lesson: LessonBegun, state: str, record: Record, at: int) -> list[Effect]:
    """Tell everyone whom it concerns, and the staff who are in the channel or at a console and may see it.

    Whom an exam concerns by the address, or because nobody knows who it is, does not hear of a private channel.
    """
    channel = world.state.channels_by_id.get(lesson.channel_id or 0)
    audience = dict.fromkeys(world.state.everyone() if channel is None else channel.audience())
    if lesson.channel_id is not None and channel is None:
        audience = {}  # it was deleted: those who were in it have heard that
    for person in world.state.people.values():
        if concerns(world, lesson, person):
            audience.update(person.sessions)
    audience.update(dict.fromkeys(s for s, p in world.state.operators.items() if _hears_at_console(world, lesson, p)))
    effects: list[Effect] = []
    for seen in (True, False):
        there = tuple(each for each in audience if _sees(world, lesson, each) is seen)
        if there:
            event = _event(world, lesson, state, at, record.actor, seen=seen)
            effects.append(Deliver(event, there, world.session_of(record)))
    return effects


def may_see(world: World, lesson: LessonBegun, person: Person) -> bool:
    """Whether the channel of a lesson exists for a person; a deleted private one does for nobody."""
    if lesson.channel_id is None:
        return True
    channel = world.state.channels_by_id.get(lesson.channel_id)
    if channel is None:
        channel = world.state.removed.get(lesson.channel_id)
        return channel is not None and channel.kind is not Kind.PRIVATE
    return world.may_see(channel, person)


def _sees(world: World, lesson: LessonBegun, session: Session) -> bool:
    person = world.state.operators.get(session) or session.person
    return person is None or may_see(world, lesson, person)


def _hears_at_console(world: World, lesson: LessonBegun, person: Person) -> bool:
    channel = world.state.channels_by_id.get(lesson.channel_id or 0)
    return is_exempt(world, lesson, person) and (channel is None or world.may_see(channel, person))


def _hears(world: World, lesson: LessonBegun, person: Person, session: Session) -> bool:
    """Whether a session would have been told of a lesson, had it been there (see `told`)."""
    if person.is_operator:
        return _hears_at_console(world, lesson, person)
    channel = world.state.channels_by_id.get(lesson.channel_id or 0)
    if lesson.channel_id is None or (channel is not None and session in channel.sessions):
        return True
    return concerns(world, lesson, person)


def _event(world: World, lesson: LessonBegun, state: str, at: int, by: str | None, *, seen: bool = True) -> LessonTold:
    return LessonTold(
        kind=lesson.kind,
        state=state,  # type: ignore[arg-type]
        until=rfc3339(lesson.until),
        timestamp=rfc3339(at),
        write=lesson.write,
        private=lesson.private,
        channel=name_of(world, lesson) if seen else "",
        user=by,
        reason=lesson.reason,
    )


def name_of(world: World, lesson: LessonBegun) -> str | None:
    """Return the name of the channel in which a lesson is held; None if it is everyone's."""
    return None if lesson.channel_id is None else world.state.channel_name(lesson.channel_id)


def came_to_lesson(world: World, person: Person, session: Session, at: int) -> list[Effect]:
    """Tell a latecomer what is held; during an exam, close the person's earlier sessions.

    The last one counts: whoever lost a connection comes back at once, and who uses another's password is noticed. The
    staff hear of it.
    """
    session.lessons_due = session.history_due
    effects = [] if session.lessons_due else _recalled(world, person, session, world.state.lessons, at)
    older = older_sessions(world, person, session)
    if older:
        notice = Notice(content=Text(_SECOND, {"name": person.name}), timestamp=rfc3339(at))
        effects += [Close(Text(ONE_SESSION), tuple(older)), Deliver(notice, world.staff())]
    return effects


def joined_lesson(world: World, channel: Channel, sessions: Sequence[Session], at: int) -> list[Effect]:
    """Tell these sessions, which have just joined a channel, what is held there."""
    lesson = world.state.lessons.of(channel.id)
    if lesson is None or world.replaying:
        return []
    heard_later = [each for each in sessions if not each.lessons_due]
    return [Deliver(_event(world, lesson, "held", at, lesson.begun_by), heard_later)] if heard_later else []


@decides
def recall_lessons(world: World, session: Session, request: RecallLessons, now: float) -> list[Effect]:
    """Tell a session whose history has come what is held: what has begun since its login, it has heard."""
    if session.person is None or not session.lessons_due:
        return []
    session.lessons_due = False
    if not world.state.lessons:
        return []
    return [Commit(session, (LessonsRecalled(at=int(now * 1000)),), holds=False)]


@applies
def lessons_recalled(world: World, record: LessonsRecalled) -> list[Effect]:
    session = world.session_of(record)
    if session is None or session.person is None:
        return []
    earlier = [each for each in world.state.lessons if each.begun_at <= session.since]
    return _recalled(world, session.person, session, earlier, record.at)


def _recalled(world: World, person: Person, session: Session, lessons: Iterable[LessonBegun], at: int) -> list[Effect]:
    """Tell a session of those of these lessons that it would have heard of: exams first, as they count before."""
    heard = [each for each in lessons if _hears(world, each, person, session)]
    heard.sort(key=lambda each: (each.kind != EXAM, each.channel_id is not None))
    return [
        Deliver(_event(world, each, "held", at, each.begun_by, seen=_sees(world, each, session)), (session,))
        for each in heard
    ]
