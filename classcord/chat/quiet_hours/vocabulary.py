"""The words of quiet hours. Decides nothing."""

from __future__ import annotations

from typing import Literal

from classcord.chat.errors import ChatError, Conflict, NotFound
from classcord.chat.events import Answer, Event, Row, Time, called
from classcord.chat.records import Record
from classcord.chat.requests import Duration, Group, Reason, Request
from classcord.chat.roles import Permission
from classcord.chat.text import N_

LONGEST = 31 * 86_400  # seconds of a suspension


class DuringQuietHours(ChatError):
    """Something else than a message, which would wait: quiet hours hold until `until`."""

    code = "quiet_hours"
    template = N_("During quiet hours only messages are kept and delivered later; please do this afterwards.")


class NoQuietHours(Conflict):
    template = N_("There are no quiet hours here: the settings have none ([quiet_hours] on).")


class NotSuspended(NotFound):
    template = N_("The quiet hours are not suspended.")


class QuietHours(Request, tag="quiet_hours"):
    permission = Permission.READ  # to suspend them, SET_RULES
    summary = N_("tell when quiet hours hold; suspend them for a while (off), or let them hold again (on)")
    command = "quiet-hours"
    group = Group.KEEPING_ORDER
    told = ("reason",)
    arguments = ("state", "duration", "reason")
    examples = ("quiet-hours", "quiet-hours off 5h Sortie au théâtre", "quiet-hours on")

    state: Literal["on", "off"] | None = None
    duration: Duration | None = None
    reason: Reason = ""


class QuietHoursSet(Record):
    """Quiet hours are suspended, or no more: `value` is until when in milliseconds and the reason, or ""."""

    value: str
    at: int


class QuietHoursBegun(Record):
    """Quiet hours hold now, until `until`: by the calendar, or because a suspension is over."""

    stored = False

    until: int
    at: int


class QuietHoursEnded(Record):
    """Quiet hours hold no more; `suspended_until` is None if they are over by the calendar."""

    stored = False

    at: int
    suspended_until: int | None = None


class ExemptChannelsTold(Record):
    """While quiet hours hold until `until`, they do not hold in the same channels as a moment ago."""

    stored = False

    until: int
    at: int


class QuietPeriod(Row):
    """When quiet hours hold next."""

    since: Time
    until: Time


class QuietHoursTold(Answer):
    """Whether quiet hours hold, for whom, and when next.

    `quiet` says whether they hold now, until `until`; `concerned`, whether the messages of the person who asks wait
    then. `suspended_until` and `reason` are those of a suspension. `held_messages` is how many messages wait for their
    end, for those who keep order only.
    """

    quiet: bool
    until: Time | None
    concerned: bool
    suspended_until: Time | None
    reason: str
    exempt_channels: tuple[str, ...]
    held_messages: int | None
    periods: tuple[QuietPeriod, ...]

    labels = called(
        quiet=N_("quiet hours"),
        concerned=N_("your messages wait"),
        suspended_until=N_("suspended until"),
        held_messages=N_("messages that wait"),
        exempt_channels=N_("channels without quiet hours"),
        periods=N_("next periods"),
    )


class QuietHoursChanged(Event, tag="quiet_hours", omit_defaults=True):
    """Quiet hours begin, end, are suspended until `until`, or hold already when somebody comes in.

    `concerned`: whether the messages of those who hear this wait; `exempt_channels`: where nobody's do, of the channels
    that they see. While quiet hours hold, `held` comes again when these are other ones.
    """

    state: Literal["begun", "held", "ended", "suspended"]
    timestamp: Time
    until: Time | None = None
    concerned: bool = True
    exempt_channels: tuple[str, ...] = ()
