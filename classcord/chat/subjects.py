"""The subjects of the chat, one folder each, and the lists of all their requests and errors.

An import of this module registers every rule (registry.py). A new subject is a new folder and its name here. The order
is that of the protocol's page. Knows no rule by name.
"""

from __future__ import annotations

from typing import Any, TypeVar

from classcord.chat.accounts import rules as accounts
from classcord.chat.announcements import rules as announcements
from classcord.chat.audit import rules as audit
from classcord.chat.block_lists import rules as block_lists
from classcord.chat.channel_moderators import rules as channel_moderators
from classcord.chat.channel_settings import rules as channel_settings
from classcord.chat.channels import removal
from classcord.chat.channels import rules as channels
from classcord.chat.checked_passwords import rules as checked_passwords
from classcord.chat.class_lists import rules as class_lists
from classcord.chat.connections import rules as connections
from classcord.chat.conversations import rules as conversations
from classcord.chat.descriptions import rules as descriptions
from classcord.chat.errors import ChatError
from classcord.chat.events import Answer, Event
from classcord.chat.evidence import rules as evidence
from classcord.chat.files import attaching
from classcord.chat.files import rules as files
from classcord.chat.held_messages import holding
from classcord.chat.held_messages import rules as held_messages
from classcord.chat.identity import rules as identity
from classcord.chat.identity import sessions
from classcord.chat.invitation_codes import rules as invitation_codes
from classcord.chat.invitations import rules as invitations
from classcord.chat.join_requests import rules as join_requests
from classcord.chat.lessons import hearing
from classcord.chat.lessons import rules as lessons
from classcord.chat.maintenance import rules as maintenance
from classcord.chat.mentions import rules as mentions
from classcord.chat.messages import delivering, history
from classcord.chat.messages import rules as messages
from classcord.chat.operations import rules as operations
from classcord.chat.operators import rules as operators
from classcord.chat.people_search import rules as people_search
from classcord.chat.pins import rules as pins
from classcord.chat.presence import newcomers
from classcord.chat.presence import rules as presence
from classcord.chat.privacy import rules as privacy
from classcord.chat.private_policy import rules as private_policy
from classcord.chat.profiles import rules as profiles
from classcord.chat.quiet_hours import rules as quiet_hours
from classcord.chat.reactions import rules as reactions
from classcord.chat.records import Record
from classcord.chat.registration import rules as registration
from classcord.chat.reports import rules as reports
from classcord.chat.requests import Administration, Internal, Request, subclasses
from classcord.chat.resends import rules as resends
from classcord.chat.resuming import issuing, own_sessions
from classcord.chat.resuming import rules as resuming
from classcord.chat.retention import rules as retention
from classcord.chat.revisions import rules as revisions
from classcord.chat.rights import rules as rights
from classcord.chat.sanctions import enforcing, warnings
from classcord.chat.sanctions import rules as sanctions
from classcord.chat.search import rules as search
from classcord.chat.text_commands import rules as text_commands
from classcord.chat.typing_notifications import rules as typing_notifications
from classcord.chat.word_list import rules as word_list

T = TypeVar("T")

_RULES = (
    connections,
    registration,
    invitation_codes,
    identity,
    sessions,
    resuming,
    issuing,
    own_sessions,
    accounts,
    rights,
    privacy,
    retention,
    profiles,
    checked_passwords,
    presence,
    newcomers,
    messages,
    delivering,
    history,
    resends,
    mentions,
    conversations,
    search,
    revisions,
    reactions,
    block_lists,
    people_search,
    pins,
    files,
    attaching,
    text_commands,
    typing_notifications,
    channels,
    removal,
    channel_settings,
    channel_moderators,
    descriptions,
    invitations,
    join_requests,
    held_messages,
    holding,
    word_list,
    sanctions,
    enforcing,
    warnings,
    reports,
    evidence,
    class_lists,
    announcements,
    private_policy,
    lessons,
    hearing,
    quiet_hours,
    maintenance,
    operators,
    operations,
    audit,
)
_ORDER = {module.__name__.split(".")[2]: index for index, module in enumerate(_RULES)}


def _ordered(kind: type[T]) -> tuple[type[T], ...]:
    """Return every class below `kind`: first those without a subject, then subject by subject."""
    return tuple(sorted(dict.fromkeys(subclasses(kind)), key=_place))


def _place(kind: type[Any]) -> int:
    return _ORDER.get(kind.__module__.split(".")[2], -1)


INTERNAL: tuple[type[Request], ...] = (Internal, *_ordered(Internal))
CONSOLE: tuple[type[Request], ...] = _ordered(Administration)
"""Every request that only an operator's session makes."""
WIRE: tuple[type[Request], ...] = tuple(
    kind for kind in _ordered(Request) if kind not in {*INTERNAL, *CONSOLE, Administration}
)
"""Every request that a client may send, with aliases."""
COMMANDS: dict[str, type[Request]] = {
    kind.command: kind for kind in _ordered(Request) if kind.command is not None and "command" in vars(kind)
}
"""Every command of the console by its name."""
RECORDS: tuple[type[Record], ...] = _ordered(Record)
EVENTS: tuple[type[Event], ...] = _ordered(Event)
ANSWERS: tuple[type[Answer], ...] = _ordered(Answer)
ERRORS: tuple[type[ChatError], ...] = tuple(
    kind for kind in _ordered(ChatError) if kind.__module__.startswith("classcord.chat.")
)
"""Every refusal that a client may hear; other parts of the server have some that never reach a client."""
