"""The sentences that tell people of a lesson or an exam. Knows nobody, and no language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.lessons.held import EXAM
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.lessons.vocabulary import LessonTold

_HELD = {
    ("lesson", "channel", True): N_("Lesson in {channel} until {until}: write only there."),
    ("lesson", "staff", True): N_("Lesson in {channel} until {until}: only those who keep order write."),
    ("lesson", "staff", False): N_("Lesson for everyone until {until}: only those who keep order write."),
    ("exam", "staff", True): N_("Exam in {channel} until {until}: write only to those who keep order, privately."),
    ("exam", "staff", False): N_("Exam for everyone until {until}: write only to those who keep order, privately."),
}
_EXAM = N_("Exam until {until}: write only to those who keep order, privately.")
_EXAM_PROLONGED = N_("The exam lasts until {until} now.")
_EXAM_ENDED = N_("The exam is over: write as before.")
_PROLONGED = {
    ("lesson", True): N_("The lesson in {channel} lasts until {until} now."),
    ("lesson", False): N_("The lesson for everyone lasts until {until} now."),
    ("exam", True): N_("The exam in {channel} lasts until {until} now."),
    ("exam", False): N_("The exam for everyone lasts until {until} now."),
}
_ENDED = {
    ("lesson", True): N_("The lesson in {channel} is over: write as before."),
    ("lesson", False): N_("The lesson for everyone is over: write as before."),
    ("exam", True): N_("The exam in {channel} is over: write as before."),
    ("exam", False): N_("The exam for everyone is over: write as before."),
}


def sentence(event: LessonTold, until: str) -> Text:
    """Return what an event says; `until` is its end as its reader reads it."""
    values: dict[str, object] = {"channel": event.channel, "until": until}
    in_channel, elsewhere = event.channel is not None, event.channel == ""
    if event.state == "ended":
        return Text(_EXAM_ENDED if elsewhere else _ENDED[event.kind, in_channel], values)
    if event.state == "prolonged":
        return Text(_EXAM_PROLONGED if elsewhere else _PROLONGED[event.kind, in_channel], values)
    write = "staff" if event.kind == EXAM else event.write
    told = Text(_EXAM if elsewhere else _HELD[event.kind, write, in_channel], values)
    return Text("{told} ({reason})", {"told": told, "reason": event.reason}) if event.reason else told
