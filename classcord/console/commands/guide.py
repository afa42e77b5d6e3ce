"""The output of `help`: the commands that somebody may use, or one command with its arguments and examples.

Knows commands, no session.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from classcord.chat import words
from classcord.chat.durations import in_words
from classcord.chat.requests import Group, Request
from classcord.chat.roles import Permission, Role, Standing, permissions
from classcord.chat.subjects import COMMANDS
from classcord.chat.text import N_, Translate
from classcord.console.commands.commandline import CLEAR, HELP, LEAVE, OLDER, Argument, grammar, usage
from classcord.console.commands.grammar import placeholder

OF_THE_CONSOLE: tuple[tuple[Collection[str], str], ...] = (
    (LEAVE, N_("Ends the console. Also written exit, quit, logout or Ctrl-D.")),
    (HELP, N_("Lists the commands; help COMMAND explains one of them. Also written help or ?.")),
    (CLEAR, N_("Clears the screen. Also written clear, cls or Ctrl-L.")),
)
"""Words that are not requests, and what `help` says of them."""

Table = Mapping[Standing, Collection[Permission]]
"""The permissions of each role (World.permissions)."""
SHIPPED: Table = permissions(Role.MEMBER)
"""The permissions in the default settings."""

_JSON = N_("answer with JSON, for programs")
_YES = N_("do not ask whether it is meant")
_OTHERWISE = N_("otherwise")


def groups() -> Iterator[tuple[str, list[type[Request]]]]:
    """Yield the title of each group with its commands."""
    for group in Group:
        yield group.value, [kind for kind in COMMANDS.values() if kind.group is group]


def overview(allowed: Collection[Permission], translate: Translate) -> str:
    """Return one line for each command that is allowed."""
    lines = []
    for title, kinds in groups():
        mine = [kind for kind in kinds if kind.permission in allowed]
        if mine:
            lines += ["", translate(title)]
            lines += [f"  {kind.command:12} {translate(kind.summary)}" for kind in mine]
    lines += ["", translate(N_("help COMMAND says more; exit ends the console."))]
    return "\n".join(lines[1:]) + "\n"


def of_command(name: str, translate: Translate, table: Table = SHIPPED) -> str:
    """Return the complete help on one command; `table` has the roles' permissions."""
    own = next((about for names, about in OF_THE_CONSOLE if name in names), None)
    if own is not None:
        return f"{name}\n\n  {translate(own)}\n"
    kind = COMMANDS[name]
    lines = [usage(kind, translate), "", f"  {translate(kind.summary)}"]
    arguments = [
        (_shown(argument, kind, translate), _about(argument, kind, translate)) for argument in grammar(kind).all
    ]
    if arguments:
        width = max(len(shown) for shown, _ in arguments)
        lines += ["", *(f"  {shown:{width}}  {about}".rstrip() for shown, about in arguments)]
    lines += ["", f"  --json  {translate(_JSON)}"]
    if kind.destructive:
        lines.append(f"  --yes   {translate(_YES)}")
    if kind.examples:
        lines += ["", translate(N_("Examples:")), *(f"  {example}" for example in kind.examples)]
    lines += [
        "",
        translate(N_("From the role {role} on.")).format(
            role=lowest_role(kind.permission, table).word.render(translate)
        ),
    ]
    older = [word.upper() for word, command in OLDER.items() if command == name]
    if older:
        lines.append(translate(N_("Also written {names}.")).format(names=", ".join(older)))
    return "\n".join(lines) + "\n"


def lowest_role(permission: Permission, table: Table = SHIPPED) -> Role:
    """Return the lowest role that has a permission at the console."""
    return next(role for role in Role if {permission, Permission.ADMINISTER} <= {*table[role]})


def _shown(argument: Argument, kind: type[Request], translate: Translate) -> str:
    value = placeholder(argument).render(translate)
    if argument in grammar(kind).placed:
        return value
    return argument.option if argument.kind in {"flag", "secret"} else f"{argument.option} {value}"


KINDS = {
    "person": N_("the name of a person or an account"),
    "channel": N_("the name of a channel, with its #"),
    "channels": N_("the names of channels, each with its #"),
    "target": N_("a person, an address, or a network such as 10.0.0.0/24"),
    "watched": N_("a person, the number of a connection (`sessions`), an address or a network"),
    "words": N_("a text: all that follows"),
    "secret": N_("a password; it is asked for"),
    "duration": N_("a duration: 90 (seconds), 30min, 2h, 1h30, 7d"),
    "number": N_("a whole number"),
    "conversation": N_("the key of a private conversation: two numbers of accounts, such as 17:42, or 17:~name"),
    "text": N_("a text"),
}


SWITCHES = {
    "closed": N_("those that are closed, instead of those that wait"),
    "bom": N_("begin a CSV as Excel wants it"),
    "delete_account": N_("delete the account as well; this cannot be undone"),
    "excel": N_("a CSV for a French Excel: semicolons, that beginning, readable times"),
}
"""The meaning of each switch, at a console and in a terminal."""


MEANINGS = {
    "report_id": N_("the number of a report, as `reports` shows it"),
    "actor": N_("only what this person or account has done"),
    "action": N_("only changes of this kind, such as user-removed"),
    "address": N_("an address, as `blocks` shows it"),
    "after": N_("only messages after the one of this number"),
    "around": N_("the messages around the one of this number"),
    "code_id": N_("the number of an invitation code, as `codes` shows it"),
    "days": N_("for how many days"),
    "before": N_("only those before the one of this number"),
    "delay": N_("the time until then: 90 (seconds), 30min, 2h, 1h30; without it, at once"),
    "following": N_("only names after this one"),
    "from_": N_("only messages of this author"),
    "limit": N_("how many at most: a whole number"),
    "message_id": N_("the number of a message, as `messages` shows it"),
    "note": N_("what it is for"),
    "other": N_("the second person of the conversation, if it is not you"),
    "page": N_("the next page, by the “next” that --json shows"),
    "addresses": N_("the addresses and networks of the room, with commas between them"),
    "policy": N_("all, members, staff or settings; or open pairs such as guest>member,member>member"),
    "query": N_("the words to look for: all that follows"),
    "reply_to": N_("the number of the message that this one answers"),
    "search": N_("only names that have this in them"),
    "since": N_("only from this day on, such as 2026-11-20, or from this time on"),
    "to": N_("the person to write to"),
    "username": N_("the name of the new account"),
    "until": N_("only until the end of this day, or before this time"),
    "uses": N_("how many accounts it makes"),
}
"""The meaning of an argument, where its kind does not explain it."""
_REASONS = {
    True: N_("why, for whom it concerns: all that follows"),
    False: N_("why private messages are shown; the audit trail keeps it"),
}  # whether it is positional
_WITH = N_("the conversation with this person")


def _about(argument: Argument, kind: type[Request], translate: Translate) -> str:
    if argument.kind == "flag":
        return translate(SWITCHES[argument.name])
    about = _choices(argument, translate) if argument.choices else translate(_meaning(argument, kind))
    if argument.default in (None, "", False, ()) or (argument.kind == "duration" and not argument.default):
        return about
    return f"{about} ({translate(_OTHERWISE)} {_default(argument, translate)})"


def _meaning(argument: Argument, kind: type[Request]) -> str:
    placed = argument in grammar(kind).placed
    if argument.name == "reason":
        return _REASONS[placed]
    if argument.name == "user" and not placed:
        return _WITH
    return MEANINGS.get(argument.name, KINDS[argument.kind]) if argument.kind != "secret" else KINDS["secret"]


def _choices(argument: Argument, translate: Translate) -> str:
    """Return the words to type, with their meaning in the reader's language in brackets."""
    shown = ((choice, words.word(argument.field, choice)) for choice in argument.choices)
    read = ((choice, known.render(translate) if known else choice) for choice, known in shown)
    return ", ".join(choice if same == choice else f"{choice} ({same})" for choice, same in read)


def _default(argument: Argument, translate: Translate) -> str:
    value = argument.default
    return in_words(value).render(translate) if isinstance(value, float) else str(value)
