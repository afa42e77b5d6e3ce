"""Reasons that people give for an action: the check, and the words. Knows no action."""

from __future__ import annotations

from classcord.chat.errors import BadRequest
from classcord.chat.requests import LONGEST_REASON
from classcord.chat.text import N_, Text, can_be_shown


def checked_reason(reason: str) -> str:
    """Return a reason on one line; refuse one that is too long or unreadable."""
    words = " ".join(reason.split())
    if len(words) > LONGEST_REASON or not can_be_shown(words):
        limit = Text(N_("a reason has {limit} readable characters at the most"), {"limit": LONGEST_REASON})
        raise BadRequest(field="reason", why=limit)
    return words


def because(reason: str) -> Text:
    """Return a reason as the end of a sentence; a person's words are not used as a template."""
    return Text(N_("Reason: {words}"), {"words": reason}) if reason else Text(N_("No reason was given."))
