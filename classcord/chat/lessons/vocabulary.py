"""The words of lessons and exams. Decides nothing."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from classcord.chat.errors import BadRequest, ChatError, Conflict, NotFound
from classcord.chat.events import Answer, Event, Row, Time, called
from classcord.chat.records import Record
from classcord.chat.requests import ChannelName, Duration, Group, Internal, Reason, Request
from classcord.chat.roles import Permission
from classcord.chat.text import N_

LONGEST = 12 * 3600  # seconds
MOST_HELD = 100  # at a time
MOST_NETWORKS = 20  # of one exam


class NoAddress(BadRequest):
    """Read beside the field of a form: it says what to type."""

    template = N_("“{word}” is not an IP address. Example: 192.168.12.0/24.")

    def __init__(self, word: str) -> None:
        super().__init__(field="addresses", word=word[:60])


class DuringLesson(ChatError):
    """A lesson is held that concerns the person; `until` is its end."""

    code = "lesson"
    template = N_("During the lesson you write only in {channel}.")


class SilentLesson(DuringLesson):
    template = N_("During the lesson only those who keep order write here.")


class PrivateInLesson(DuringLesson):
    template = N_("During the lesson private messages go only to those who hold it, and to those who keep order here.")


class StaysInLesson(DuringLesson):
    template = N_("During the lesson nobody leaves {channel}.")


class DuringExam(ChatError):
    """An exam is held that concerns the person; `until` is its end."""

    code = "exam"
    template = N_("During the exam you write only to those who hold it, and to those who keep order here: privately.")


class StaysInExam(DuringExam):
    template = N_("During the exam nobody leaves {channel}.")


class OutsideRoom(DuringExam):
    template = N_("During the exam you come in only from the room where it is held.")


class HeldAlready(Conflict):
    template = N_("There is a lesson or an exam there already: end it first, or prolong it by its own command.")


class TooManyHeld(Conflict):
    template = N_("{limit} lessons and exams are held already; end one first.")


class NotHeld(NotFound):
    template = N_("There is none there.")


class HoldLesson(Request, tag="lesson"):
    permission = Permission.READ  # to hold one, HOLD_LESSON there
    summary = N_("hold a lesson in a channel or everywhere, prolong or end it; alone, list what is held")
    command = "lesson"
    group = Group.KEEPING_ORDER
    told = ("reason",)
    arguments = ("state", "channel", "duration", "reason")
    examples = (
        "lesson",
        "lesson on #maths 1h Les vecteurs",
        "lesson on #maths 1h --write staff",
        "lesson on 20m Assemblée",
        "lesson off #maths",
    )

    state: Literal["on", "off"] | None = None
    channel: ChannelName | None = None
    duration: Duration = 3600.0
    reason: Reason = ""
    write: Literal["channel", "staff"] | None = None
    private: Literal["staff", "policy"] | None = None


class HoldExam(Request, tag="exam"):
    permission = Permission.READ
    summary = N_("hold an exam: those of a channel, or everyone, write only to staff; prolong or end it")
    command = "exam"
    group = Group.KEEPING_ORDER
    told = ("reason",)
    arguments = ("state", "channel", "duration", "reason")
    examples = (
        "exam",
        "exam on #maths 2h Contrôle --addresses 10.1.2.0/24",
        "exam on #maths 2h30",
        "exam off #maths",
    )

    state: Literal["on", "off"] | None = None
    channel: ChannelName | None = None
    duration: Duration = 7200.0
    reason: Reason = ""
    addresses: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class RecallLessons(Internal, tag="-recall-lessons"):
    """The history has come to a session: it is told now what is held."""


class LessonBegun(Record, kw_only=True):
    """A lesson or an exam begins; `channel_id` is None if it is everyone's.

    `write` says where those write whom it concerns: `channel` in the channel, `staff` nowhere. `private`: to `staff`
    alone, or as the `policy` says. `networks` are those of the room of an exam, with commas between them.
    """

    refused_as = HeldAlready

    lesson_id: int
    kind: str
    channel_id: int | None
    write: str
    private: str
    networks: str = ""
    begun_by: str
    reason: str = ""
    begun_at: int
    until: int
    of_staff: bool = True  # begun by somebody who holds lessons everywhere

    @property
    def room(self) -> tuple[str, ...]:
        """The networks of the room, none if people come from anywhere."""
        return tuple(filter(None, self.networks.split(",")))


class LessonProlonged(Record):
    refused_as = NotHeld

    lesson_id: int
    until: int
    at: int


class LessonEnded(Record):
    """A lesson or an exam is over: by its time, or because somebody ended it, who is the `actor` then."""

    may_find_nothing = True  # its time was up in the same moment

    lesson_id: int
    at: int


class LessonsRecalled(Record):
    """A latecomer hears what is held."""

    stored = False

    at: int


class LessonInfo(Row):
    """A lesson or an exam that is held; `channel` as in a LessonTold."""

    kind: str
    channel: str | None
    by: str
    until: Time
    write: str
    private: str
    addresses: tuple[str, ...]
    people: int
    reason: str

    labels = called(
        write=N_("who writes"),
        private=N_("privately"),
    )


class LessonShown(Row):
    """What is held in a channel of the list: a lesson or an exam of its own, or everyone's (`channel` is None)."""

    kind: str
    channel: str | None
    until: Time
    write: str
    private: str

    briefly = ("kind", "until")


class LessonsListed(Answer):
    """The lessons and exams that the asker may see; `people` are the people who are here and concerned."""

    lessons: tuple[LessonInfo, ...]

    labels = called(lessons=N_("lessons and exams"))


class LessonTold(Event, tag="lesson", omit_defaults=True):
    """A lesson or an exam begins, is prolonged, ends, or is held already when somebody comes in.

    `channel` is "" if it is held in a private channel that the reader is not in, and concerns the reader all the same.
    """

    kind: str
    state: Literal["begun", "held", "prolonged", "ended"]
    until: Time
    timestamp: Time
    write: str
    private: str
    channel: str | None = None
    user: str | None = None
    reason: str = ""
