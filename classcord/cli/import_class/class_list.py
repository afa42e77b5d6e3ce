"""A class list as Pronote, SIECLE and spreadsheets write it: its columns, and who is on it. Knows no account."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from classcord.chat.text import N_, Text
from classcord.cli.tables.csv_rows import (
    DELIMITERS,
    MAX_CHARACTERS,
    NOTHING,
    QUOTES,
    TableLine,
    is_empty,
    read_rows,
    stripped,
    take_separator,
)
from classcord.cli.tables.encodings import decode, refuse_other_kinds
from classcord.cli.tables.refusing import ImportRefused, printable, words_of

MOST_PUPILS = 20_000  # in one file
_TITLES = 10  # lines that may stand above the heading
_HEADINGS = {
    "last_name": "nom|nom_de_famille|nom_eleve|nom_de_l_eleve|nom_usuel|nom_d_usage|nom_etudiant|last_name|surname",
    "first_name": "prenom|prenoms|prenom_s|prenom_eleve|prenom_de_l_eleve|prenom_usuel|prenom_1|first_name",
    "full_name": "eleve|eleves|nom_prenom|nom_et_prenom|nom_prenom_s|nom_complet|etudiant|full_name|name",
    "class": "classe|division|code_classe|code_division|classe_de_rattachement|libelle_classe|class",
    "groups": "groupe|groupes|groupe_s|liste_des_groupes|group|groups",
    "username": "identifiant|identifiant_de_connexion|nom_d_utilisateur|login|username|user_name",
    "email": "email|e_mail|mail|mel|courriel|adresse_e_mail|adresse_email|adresse_mail|adresse_electronique",
}
_FIELDS = {heading: field for field, headings in _HEADINGS.items() for heading in headings.split("|")}
FIELD_WORDS = {
    "nom": "last_name",
    "prenom": "first_name",
    "eleve": "full_name",
    "classe": "class",
    "groupes": "groups",
    "identifiant": "username",
    "email": "email",
}
"""The fields as `--column` names them."""

_TOO_MANY = N_("has more than {limit} pupils; split it")
_EMPTY = N_("is empty; a class list is wanted")
_NO_HEADING = N_(
    "the columns have to be named: “nom” and “prénom” (or “élève”), and “classe”; here are: {here}. A column "
    "with another name is told by --column “NAME=nom”"
)
_NO_CLASS = N_("no column is named “classe”: say --class NAME, or --column “NAME=classe”; here are: {here}")
_TWICE = N_("two columns have the same meaning; keep one of them: {here}")
_ABOVE = N_("this line names the columns, but rows of several values stand above it; put it first")
_UNREAD = N_("{where}: columns that are not read: {columns}")
_TITLE = N_("{where}: passed over, above the names of the columns: {line}")
_ENCODING = N_("{where}: read as {encoding}")
_NO_NAME = N_("it has no name and first name")
_ONE_NAME = N_("“{name}”: which is the first name? Write “NOM Prénom”, or make two columns")
_NO_CLASS_HERE = N_("it has no class")
_LONG = N_("a value is longer than {limit} characters")
_COLUMN = N_("“{word}”: “NAME=nom” is wanted, with one of: {fields}")

Tell = Callable[[Text], object]


class Pupil(NamedTuple):
    """A row of the list; `username` is empty where the list gives none. `line` is its place: `classe.csv:12`."""

    line: str
    last_name: str
    first_name: str
    classes: tuple[str, ...]
    groups: tuple[str, ...]
    username: str
    email: str

    @property
    def shown(self) -> str:
        """The name as it stands on a slip."""
        return f"{self.first_name} {self.last_name}"


class Refused(NamedTuple):
    """A row without a name, or with a name that is not clear enough."""

    line: str
    name: str
    why: Text


class ClassList(NamedTuple):
    """What a file says; `has_groups` is whether it has a column of groups, so that nobody leaves one without it."""

    pupils: list[Pupil]
    refused: list[Refused]
    has_groups: bool


def columns_of(words: Sequence[str]) -> dict[str, str]:
    """Return the fields of columns that `--column` names, by their headings' words; ImportRefused if one is wrong."""
    found = {}
    for word in words:
        heading, _, field = word.rpartition("=")
        key = "_".join(words_of(field))
        if not heading or key not in FIELD_WORDS:
            raise ImportRefused("--column", _COLUMN, word=word, fields=", ".join(FIELD_WORDS))
        found["_".join(words_of(heading))] = FIELD_WORDS[key]
    return found


def read_list(name: str, data: bytes, own: Mapping[str, str], one_class: str, tell: Tell) -> ClassList:
    """Read a list; `own` are the columns of `columns_of`, `one_class` is the class of all of it, or ""."""
    refuse_other_kinds(name, data)
    text, encoding = decode(name, data)
    if encoding:
        tell(Text(_ENCODING, {"where": printable(name), "encoding": encoding}))
    numbered = [(n, line) for n, line in enumerate(re.split(r"\r\n|\r|\n", text), 1) if line.strip(NOTHING)]
    mark = take_separator(name, numbered)
    if not numbered:
        raise ImportRefused(name, _EMPTY)
    if len(numbered) > 2 * MOST_PUPILS:
        raise ImportRefused(name, _TOO_MANY, limit=MOST_PUPILS)
    fields, rows, where = _under_heading(name, numbered, mark or DELIMITERS, own, tell)
    if "class" not in fields and not one_class:
        raise ImportRefused(where, _NO_CLASS, here=_shown(rows[0]))
    found = [_row(f"{name}:{row.number}", fields, row, one_class) for row in rows[1:]]
    return ClassList(
        [each for each in found if isinstance(each, Pupil)],
        [each for each in found if isinstance(each, Refused)],
        "groups" in fields,
    )


def _under_heading(
    name: str, numbered: Sequence[tuple[int, str]], marks: str, own: Mapping[str, str], tell: Tell
) -> tuple[list[str | None], list[TableLine], str]:
    """Return the field of each column, the heading with the rows below it, and where it stands."""
    tables = [[row for row in read_rows(numbered, mark) if not is_empty(row)] for mark in marks]
    best: tuple[int, list[TableLine]] | None = None
    for table in tables:
        for place, row in enumerate(table[: _TITLES + 1]):
            if _names_people(_fields(row, own)) and (best is None or len(row.values or []) > len(_heading(best))):
                best = place, table
                break
    if best is None:
        widest = max((table[0] for table in tables), key=lambda row: len(row.values or []))
        raise ImportRefused(f"{name}:{widest.number}", _NO_HEADING, here=_shown(widest))
    place, table = best
    row = table[place]
    where = f"{name}:{row.number}"
    for title in table[:place]:
        if title.values is None or sum(bool(stripped(value)) for value in title.values) > 1:
            raise ImportRefused(where, _ABOVE)
        line = next(filter(None, map(stripped, title.values)))
        tell(Text(_TITLE, {"where": printable(f"{name}:{title.number}"), "line": printable(line[:60])}))
    fields = _fields(row, own)
    twice = [value for value, field in zip(row.values or [], fields, strict=True) if field and fields.count(field) > 1]
    if twice:
        raise ImportRefused(where, _TWICE, here=", ".join(map(stripped, twice)))
    unread = [stripped(value) for value, field in zip(row.values or [], fields, strict=True) if not field]
    if any(unread):
        columns = ", ".join(printable(each[:40]) for each in unread if each)
        tell(Text(_UNREAD, {"where": printable(where), "columns": columns}))
    return fields, table[place:], where


def _heading(found: tuple[int, list[TableLine]]) -> list[str]:
    place, table = found
    return table[place].values or []


def _fields(row: TableLine, own: Mapping[str, str]) -> list[str | None]:
    keys = ["_".join(words_of(value[:100])) for value in row.values or []]
    return [own.get(key) or _FIELDS.get(key) for key in keys]


def _names_people(fields: Sequence[str | None]) -> bool:
    return "full_name" in fields or {"last_name", "first_name"} <= set(fields)


def _shown(row: TableLine) -> str:
    return ", ".join(stripped(value)[:40] for value in row.values or [row.text])[:200]


def _row(where: str, fields: Sequence[str | None], row: TableLine, one_class: str) -> Pupil | Refused:
    if row.values is None:
        return Refused(where, "", Text(QUOTES))
    pairs = zip(fields, row.values, strict=False)
    known = {field: " ".join(stripped(value).split()) for field, value in pairs if field}
    if any(len(value) > MAX_CHARACTERS for value in known.values()):
        return Refused(where, "", Text(_LONG, {"limit": MAX_CHARACTERS}))
    last, first = known.get("last_name", ""), known.get("first_name", "")
    if not (last and first) and known.get("full_name"):
        last, first = _split(known["full_name"])
        if not first:
            return Refused(where, printable(last), Text(_ONE_NAME, {"name": printable(last)}))
    if not (last and first):
        return Refused(where, printable(last or first), Text(_NO_NAME))
    classes = _several(known.get("class", "")) or ((one_class,) if one_class else ())
    if not classes:
        return Refused(where, printable(f"{first} {last}"), Text(_NO_CLASS_HERE))
    groups, username = _several(known.get("groups", "")), known.get("username", "")
    return Pupil(where, printable(last), printable(first), classes, groups, username, known.get("email", ""))


def _several(value: str) -> tuple[str, ...]:
    """Return the names in a cell; Pronote writes `[1 SIO A], [1 SIO B]`."""
    names = (stripped(each) for each in re.split(r"[,;|\[\]]", value))
    return tuple(dict.fromkeys(name for name in names if name))


def _split(whole: str) -> tuple[str, str]:
    """Return last and first name of `MARTIN DUPONT Marie-Line` or `Martin, Marie`; no first name if that is unclear."""
    if "," in whole:
        last, _, first = (part.strip() for part in whole.partition(","))
        return last, first
    words = whole.split()
    count = next((place for place, word in enumerate(words) if not word.isupper()), len(words))
    if not count and words[-1:] and words[-1].isupper() and len(words) > 1:  # Marie MARTIN
        first_words = [word for word in words if not word.isupper()]
        return " ".join(words[len(first_words) :]), " ".join(first_words)
    return (" ".join(words[:count]), " ".join(words[count:])) if count else (whole, "")
