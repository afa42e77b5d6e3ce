"""A change of a channel's settings as one line. Knows no session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.durations import in_words
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.channel_settings.vocabulary import ChannelChanged

_SENTENCES: dict[tuple[str, bool], str] = {
    ("read_only", True): N_("Only moderators write in {channel} now."),
    ("read_only", False): N_("All members write in {channel} again."),
    ("guests", True): N_("Guests come into {channel} again."),
    ("guests", False): N_("Guests do not write in {channel} any more."),
    ("slow", True): N_("In {channel} there are {pause} between two messages of one person now."),
    ("slow", False): N_("There is no pause between two messages in {channel} any more."),
    ("hold", True): N_("A moderator reads each message to {channel} now before it is delivered."),
    ("hold", False): N_("Messages to {channel} are delivered at once again."),
    ("closed", True): N_("{channel} is closed; it can only be read."),
    ("closed", False): N_("{channel} is open again."),
    ("name", True): N_("{user} has renamed {was}: it is {channel} now."),
}


def changes_in_words(event: ChannelChanged) -> Text:
    """Return the sentences of what has changed, behind each other."""
    values: dict[str, object] = {"user": event.user, "was": event.was, "channel": event.channel}
    values["pause"] = in_words(event.slow or 1)
    told: Text | None = None
    for name in event.changed:
        sentence = Text(_SENTENCES[name, bool(getattr(event, name, True))], values)
        told = sentence if told is None else Text("{told} {sentence}", {"told": told, "sentence": sentence})
    assert told is not None  # whoever changes nothing is refused
    return told
