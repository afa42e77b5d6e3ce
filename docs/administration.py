"""Makes docs/administration.md of the commands, the roles and what the console answers; generate.py writes it.

Its words are in admin_words.py; its answers were given by the real service (office.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from classcord.chat.accounts.vocabulary import AccountMade
from classcord.chat.events import Answer
from classcord.chat.operations.vocabulary import StatsTold, VersionTold
from classcord.chat.requests import Request
from classcord.chat.roles import Permission, Role, permissions
from classcord.chat.subjects import COMMANDS
from classcord.console.commands import commandline, guide
from classcord.console.commands.tables import as_json
from classcord.console.views import VIEWS
from classcord.faces.ssh.sftp_paths import ServedFolder
from classcord.faces.ssh.sftp_quota import MOST_FILES
from classcord.language import translator
from classcord.settings import SSHSettings
from docs.admin_words import ANSWERS, FOLDERS, KEYS, OLDER_FORMS, PAGE, PERMISSIONS, STATUSES
from docs.fields import Schema, as_written, table
from docs.office import Office
from docs.words import FIELDS, ROWS

PAGE_FILE = Path(__file__).parent / "administration.md"
DIFFER = (AccountMade, StatsTold, VersionTold)
"""What is another answer each time, or on each machine: it is described, not shown."""

French = translator("fr")


def page() -> str:
    """Return the whole page."""
    return PAGE.format(
        overview="".join(_overview()),
        commands="".join(_commands()),
        roles="".join(_roles()),
        older="".join(_older_forms()),
        statuses="".join(_rows(("statut", "sens"), ((f"`{status}`", words) for status, words in STATUSES.items()))),
        answers="".join(_answers(Office().answers())),
        folders="".join(_folders()),
        keys="".join(_rows(("touches", "effet"), ((_keys(names), words) for names, words in KEYS))),
        limits=SSHSettings(),
        files=MOST_FILES,
    )


def _rows(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    head = tuple(head)
    yield f"| {' | '.join(head)} |\n| {' | '.join('---' for _ in head)} |\n"
    for row in rows:
        yield f"| {' | '.join(each.replace('|', chr(92) + '|') for each in row)} |\n"


# -- commands ---------------------------------------------------------------------------------------------------------


def _overview() -> Iterator[str]:
    for title, kinds in guide.groups():
        yield f"\n### {French(title)}\n\n"
        yield from _rows(("commande", "ce qu'elle fait", "à partir de", "confirmée"), map(_in_overview, kinds))


def _in_overview(kind: type[Request]) -> tuple[str, ...]:
    role = guide.lowest_role(kind.permission).label
    return (
        f"[`{kind.command}`](#{kind.command})",
        French(kind.summary),
        f"`{role}`",
        "oui" if kind.destructive else "",
    )


def _commands() -> Iterator[str]:
    for _title, kinds in guide.groups():
        for kind in kinds:
            yield f"\n### {kind.command}\n\n```\n{guide.of_command(str(kind.command), French)}```\n"


def _older_forms() -> Iterator[str]:
    yield from _rows(("ancienne forme", "est lue comme", ""), map(_older_form, OLDER_FORMS.items()))


def _older_form(form: tuple[str, str]) -> tuple[str, ...]:
    line, words = form
    asked = commandline.read(line)
    assert asked is not None
    assert asked.request is not None
    return f"`{line}`", f"`{as_typed(asked.request)}`", words


def as_typed(request: Request) -> str:
    """Return the command line of a request whose arguments stand by their place."""
    values = (getattr(request, name) for name in request.arguments if _is_given(request, name))
    return " ".join([str(request.command), *map(str, values)])


def _is_given(request: Request, name: str) -> bool:
    field = next(field for field in msgspec.structs.fields(type(request)) if field.name == name)
    return bool(field.required or getattr(request, name) != field.default)


# -- roles ------------------------------------------------------------------------------------------------------------


def _roles() -> Iterator[str]:
    granted = permissions(Role.MEMBER)
    names: dict[Permission, list[str]] = {}
    for kind in COMMANDS.values():
        names.setdefault(kind.permission, []).append(f"`{kind.command}`")
    yield from _rows(
        ("droit", "commandes", *(f"`{role.label}`" for role in Role)),
        (
            (
                PERMISSIONS[each],
                ", ".join(names.get(each, ())),
                *("oui" if each in granted[role] else "" for role in Role),
            )
            for each in Permission
        ),
    )


# -- answers ----------------------------------------------------------------------------------------------------------


def _answers(given: dict[type[Request], tuple[str, Answer]]) -> Iterator[str]:
    kinds: dict[type[Answer], list[type[Request]]] = {}
    for command in COMMANDS.values():
        if command not in VIEWS:
            kinds.setdefault(type(given[command][1]), []).append(command)
    for answer, commands in kinds.items():
        yield f"\n#### {', '.join(f'`{command.command}`' for command in commands)}\n"
        row = row_of(answer)
        yield "\nUne liste, dont chaque élément a :\n" if row else "\nUn objet :\n"
        yield from table(schema_of(row or answer))
        line, example = given[commands[0]]
        if answer not in DIFFER:
            yield f"\n```\n> {line} --json\n< {as_json(example)}\n```\n"


def row_of(answer: type[Answer]) -> type[msgspec.Struct] | None:
    """Return of which rows an answer is a list, None if `--json` shows it as one object."""
    hints = get_type_hints(answer)
    fields = [field.name for field in msgspec.structs.fields(answer)]
    if len(fields) > 1 and "messages" not in fields:
        return None
    inner = get_args(hints["messages" if "messages" in fields else fields[0]])
    return inner[0] if inner else None


def schema_of(kind: type[msgspec.Struct]) -> Schema:
    """Return the schema of what `--json` shows, each field with its description; KeyError if one has none."""
    _, made = msgspec.json.schema_components([kind], schema_hook=lambda _: {"type": "string"})
    fields = {name: field for name, field in made[kind.__name__]["properties"].items() if name != "type"}
    # nothing is left out for being as usual, so there are no defaults to tell
    shown = {name: {k: v for k, v in as_written(field).items() if k != "default"} for name, field in fields.items()}
    return {"properties": {name: {**field, "description": _about(kind, name)} for name, field in shown.items()}}


def _about(kind: type[Any], field: str) -> str:
    own = ANSWERS.get(kind.__name__)
    if own is not None:
        return own[field]
    if kind.__name__ in ROWS:
        return FIELDS[f"{field} of {ROWS[kind.__name__]}"]
    return FIELDS.get(f"{field} of {kind.__name__}") or FIELDS[field]


# -- folders and keys -------------------------------------------------------------------------------------------------


def _folders() -> Iterator[str]:
    yield from _rows(
        ("dossier", "à partir de", "accès", "contenu"),
        (
            (
                f"`/{served.label}`",
                f"`{guide.lowest_role(served.needs).label}`",
                "écriture" if served.writable else "lecture",
                FOLDERS[served],
            )
            for served in ServedFolder
        ),
    )


_NAMES = {
    "enter": "Entrée",
    "tab": "Tab",
    "backspace": "Retour arrière",
    "delete": "Suppr",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": "Début",
    "end": "Fin",
    "escape": "Échap",
}


def _keys(names: Iterable[str]) -> str:
    """Return keys as they are printed on a French keyboard."""
    return ", ".join(re.sub(r"^(?:(ctrl|alt)-)?(.+)$", _key, name) for name in names)


def _key(found: re.Match[str]) -> str:
    name = _NAMES.get(found[2], found[2].upper())
    return f"{found[1].capitalize()}-{name}" if found[1] else name
