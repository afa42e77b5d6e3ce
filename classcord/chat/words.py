"""The words that people read instead of codes: roles, kinds of channels, presence, actions of the audit trail.

Each code is its own English word, and has an entry in the catalogue. Programs read the codes. Knows no language.
"""

from __future__ import annotations

from collections.abc import Mapping

from classcord.chat.text import N_, Text

ROLES = (N_("guest"), N_("member"), N_("moderator"), N_("admin"), N_("owner"))
CHANNEL_KINDS = (N_("default"), N_("open"), N_("private"), N_("approval"))
LESSONS = (N_("lesson"), N_("exam"))
WHO_WRITES = (N_("channel"), N_("staff"))
PRIVATE = (N_("staff"), N_("policy"))
SANCTIONS = (N_("mute"), N_("kick"), N_("ban"), N_("warn"))
CATEGORIES = (
    N_("insult"),
    N_("harassment"),
    N_("threat"),
    N_("hate"),
    N_("violence"),
    N_("sexual"),
    N_("privacy"),
    N_("spam"),
    N_("other"),
)
KEPT = (
    N_("everyone"),
    N_("channels"),
    N_("private"),
    N_("connections"),
    N_("versions"),
    N_("reports"),
    N_("sanctions"),
    N_("audit"),
    N_("accounts"),
    N_("held"),
)
OUTCOMES = (N_("acted"), N_("unfounded"), N_("duplicate"))
BLOCKS = (N_("blocked"), N_("guarded"))
STATES = (N_("online"), N_("away"), N_("dnd"), N_("invisible"), N_("offline"))
STATES_OF_OPERATORS = (N_("console"), N_("password"))
REVISIONS = (N_("edited"), N_("deleted"))
DECISIONS = (N_("accepted"), N_("rejected"), N_("withdrawn"), N_("expired"))
STATES_OF_CODES = (N_("usable"), N_("used"), N_("expired"), N_("void"))
PASSWORDS_KEPT = (N_("local"), N_("elsewhere"))
DIALECTS = (N_("classic"), N_("modern"))
FACES = (N_("control"),)  # the other faces have the names of protocols
LEVELS = (N_("debug"), N_("info"), N_("warn"), N_("error"))
EXPORTS = (N_("users"), N_("messages"), N_("audit"))
ACTIONS = (
    N_("user-added"),
    N_("user-removed"),
    N_("account-erased"),
    N_("account-left"),
    N_("retention-applied"),
    N_("export-person"),
    N_("role-changed"),
    N_("password-changed"),
    N_("password-elsewhere"),
    N_("password-here"),
    N_("channel-added"),
    N_("channel-removed"),
    N_("channel-closed"),
    N_("channel-reopened"),
    N_("channel-set"),
    N_("channel-moderator-named"),
    N_("channel-moderator-dismissed"),
    N_("message-approved"),
    N_("message-refused"),
    N_("topic-set"),
    N_("description-set"),
    N_("member-added"),
    N_("member-removed"),
    N_("join-requested"),
    N_("join-decided"),
    N_("code-made"),
    N_("code-used"),
    N_("code-ended"),
    N_("sanction-lifted"),
    N_("message-deleted"),
    N_("report-filed"),
    N_("report-closed"),
    N_("setting-set"),
    N_("lesson-prolonged"),
    N_("lesson-ended"),
    N_("announce"),
    N_("refused"),
    N_("left-out"),
    N_("read-private"),
    N_("read-versions"),
    N_("read-sealed"),
    N_("read-report"),
    N_("evidence"),
    N_("read"),
    N_("write"),
    N_("remove"),
    N_("rename"),
    N_("read refused"),
    N_("write refused"),
    N_("remove refused"),
    N_("rename refused"),
)
"""The audit trail's names of changes; an action by a command has the command's name."""
OBJECTS = (
    N_("user"),
    N_("channel"),
    N_("join-request"),
    N_("invitation-code"),
    N_("message"),
    N_("held-message"),
    N_("sanction"),
    N_("erasure"),
    N_("report"),
    N_("setting"),
    N_("announcement"),
    N_("lesson"),
    N_("request"),
    N_("server"),
    N_("file"),
)

_CODES: Mapping[str, frozenset[str]] = {
    "kept": frozenset(KEPT),
    "role": frozenset(ROLES),
    "author_role": frozenset(ROLES),
    "may_write_to": frozenset(ROLES),
    "write": frozenset(WHO_WRITES),
    "private": frozenset(PRIVATE),
    "kind": frozenset({*CHANNEL_KINDS, *LESSONS, *SANCTIONS, *BLOCKS}),
    "state": frozenset({*STATES, *STATES_OF_OPERATORS, *DECISIONS, *REVISIONS, *STATES_OF_CODES}),
    "category": frozenset(CATEGORIES),
    "outcome": frozenset(OUTCOMES),
    "mark": frozenset({N_("reported")}),
    "password_kept": frozenset(PASSWORDS_KEPT),
    "dialect": frozenset(DIALECTS),
    "face": frozenset(FACES),
    "level": frozenset(LEVELS),
    "what": frozenset(EXPORTS),
    "action": frozenset({*ACTIONS, *SANCTIONS, *LESSONS}),
    "object_type": frozenset(OBJECTS),
    "actor": frozenset({"server"}),
}
"""The codes that a field may hold, by the field's name."""


def word(field: str, code: str) -> Text | None:
    """Return the word for the code in a field; None if the value is no code, and is shown as it is."""
    return Text(code) if code in _CODES.get(field, ()) else None


def codes(field: str) -> frozenset[str]:
    """Return the codes of a field for which there are words."""
    return _CODES.get(field, frozenset())
