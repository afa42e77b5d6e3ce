"""The sentences that tell people of quiet hours. Knows nobody, and no language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.quiet_hours.vocabulary import QuietHoursChanged

_HELD = N_("Quiet hours until {until}: what you write is kept, and delivered when they end.")
_HELD_BY_OTHERS = N_("Quiet hours until {until}: what pupils write is kept until then; your messages go at once.")
_ENDED = N_("The quiet hours are over: the messages that waited are delivered now.")
_SUSPENDED = N_("The quiet hours are suspended until {until}: the messages that waited are delivered now.")


def sentence(event: QuietHoursChanged, until: str) -> Text:
    """Return what an event says; `until` is its time as its reader reads it."""
    if event.state == "ended":
        return Text(_ENDED)
    if event.state == "suspended":
        return Text(_SUSPENDED, {"until": until})
    return Text(_HELD if event.concerned else _HELD_BY_OTHERS, {"until": until})
