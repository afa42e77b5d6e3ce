"""What becomes of a held message, as a sentence to its author. Knows no session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.held_messages.vocabulary import BY_PERSON, EXPIRED, REFUSED, UNDELIVERABLE
from classcord.chat.reasons import because
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.held_messages.vocabulary import HeldDecided

SHOWN = 60  # characters of the message, by which its author knows it again
_SENTENCES = {
    "delivered": N_("Your message to {to} is approved, and delivered."),
    "waits": N_("Your message to {to} is approved; it is delivered later."),
    REFUSED: N_("Your message to {to} was refused: “{words}”. {reason}"),
    EXPIRED: N_("Nobody has approved your message to {to}, and it is not delivered any more: “{words}”."),
    UNDELIVERABLE: N_("Your message to {to} could not be delivered, because you may not write there now: “{words}”."),
}


def told_in_words(event: HeldDecided) -> Text | None:
    """Return what a person reads of an event; None if a message was delivered at the time that its author knows."""
    if event.outcome == "delivered" and event.why not in BY_PERSON:
        return None
    words = event.content if len(event.content) <= SHOWN else f"{event.content[:SHOWN]}…"
    values: dict[str, object] = {
        "to": event.channel or event.user,
        "words": " ".join(words.split()),
        "reason": because(event.reason),
    }
    return Text(_SENTENCES[event.outcome], values)
