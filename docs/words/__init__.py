"""The French words of docs/protocole.md that the code does not have: what each field means, and the page around it.

Each module has those of a subject. FIELDS is by the field's name, and `name of Class` wins over `name`; NOTES is by the
request, EVENT_WORDS by the event.
"""

from __future__ import annotations

from docs.words import (
    administration,
    channels,
    classic,
    common,
    conversations,
    files,
    invitation_codes,
    keeping_order,
    messages,
    people,
    privacy,
    refusals,
    reports,
    safety,
    sessions,
)
from docs.words.common import ABOUT, GROUPS
from docs.words.common import ROWS as COMMON_ROWS
from docs.words.page import PAGE, PERMISSIONS, REQUESTS
from docs.words.reconnecting import SESSIONS
from docs.words.refusals import REFUSALS, REMEDIES
from docs.words.sessions import AUTH, FEATURES

FIELDS = {
    **common.FIELDS,
    **classic.FIELDS,
    **sessions.FIELDS,
    **people.FIELDS,
    **privacy.FIELDS,
    **messages.FIELDS,
    **files.FIELDS,
    **channels.FIELDS,
    **invitation_codes.FIELDS,
    **conversations.FIELDS,
    **keeping_order.FIELDS,
    **safety.FIELDS,
    **reports.FIELDS,
    **refusals.FIELDS,
    **administration.FIELDS,
}
ROWS = COMMON_ROWS | administration.ROWS
NOTES = {
    **sessions.NOTES,
    **people.NOTES,
    **privacy.NOTES,
    **messages.NOTES,
    **files.NOTES,
    **channels.NOTES,
    **invitation_codes.NOTES,
    **conversations.NOTES,
    **keeping_order.NOTES,
    **safety.NOTES,
    **reports.NOTES,
    **administration.NOTES,
}
EVENT_WORDS = {
    **messages.EVENT_WORDS,
    **people.EVENT_WORDS,
    **privacy.EVENT_WORDS,
    **channels.EVENT_WORDS,
    **conversations.EVENT_WORDS,
    **keeping_order.EVENT_WORDS,
    **safety.EVENT_WORDS,
    **reports.EVENT_WORDS,
    **sessions.EVENT_WORDS,
}

__all__ = [
    "ABOUT",
    "AUTH",
    "EVENT_WORDS",
    "FEATURES",
    "FIELDS",
    "GROUPS",
    "NOTES",
    "PAGE",
    "PERMISSIONS",
    "REFUSALS",
    "REMEDIES",
    "REQUESTS",
    "ROWS",
    "SESSIONS",
]
