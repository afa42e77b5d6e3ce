"""A CSV table of accounts, as spreadsheets write it: which line names the columns, where a row ends, what is not a row.

It never guesses: an ambiguous table is refused with what would be right; lines that it skips are reported. Knows rows
of text, not what is done with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from classcord.chat.errors import TooLong
from classcord.chat.names import LONGEST
from classcord.chat.text import N_, Text
from classcord.cli.import_users.importing import (
    COLUMNS_TOLD,
    NAME_AND_PASSWORD,
    TOO_MANY,
    BadRow,
    Row,
    Skipped,
    as_row,
    check_columns,
    field_of,
    is_known_hash,
)
from classcord.cli.tables.csv_rows import (
    DELIMITERS,
    LONGEST_ROW,
    MAX_CHARACTERS,
    NOTHING,
    QUOTES,
    TableLine,
    is_empty,
    likely_delimiter,
    read_rows,
    stripped,
    take_separator,
)
from classcord.cli.tables.encodings import decode
from classcord.cli.tables.refusing import ImportRefused, printable, words_of

Tell = Callable[[Text], object]

_TITLES = 10  # lines that may stand above the heading
_NOT_OF_A_NAME = frozenset(  # words of headings that we cannot use, in French and English
    words_of(
        "account adresse address classe class code compte connexion eleve eleves email etudiant etudiante etudiants "
        "group groupe id identifiant identifiants list liste login mail mdp mot name names nom noms nickname number "
        "numero no pass passe password passwords people person personne prenom prenoms pseudo pupil pupils secret "
        "student students surname user username users utilisateur utilisateurs"
    )
)

_EMPTY = N_("is empty; a name and a password a line are wanted")
_NO_COLUMNS = N_("columns named “username” and “password”, or these two alone, are wanted")
_WANTED = N_(
    "columns named “username” and “password” or “password_hash” are wanted, in French “identifiant” and "
    "“mot de passe”; here are: {here}"
)
_TWICE = N_("two columns have the same meaning; keep one of them: {here}")
_DOUBTFUL = N_(
    "“{line}”: is this an account, or the names of the columns? Name them “identifiant” and “mot de passe”; or say "
    "--no-heading if it is an account"
)
_BELOW = N_("this line names the columns, but rows of several values stand above it; put it first, or say --no-heading")

_TITLE_TOLD = N_("{where}: passed over, above the names of the columns: {line}")
_ACCOUNT_TOLD = N_("{where}: taken for an account, as it names no columns: {name}")
_ENCODING_TOLD = N_("{where}: read as {encoding}")
_SPACES_TOLD = N_("{where}: the password begins or ends with a space, which is kept: {name}")


def read_csv(name: str, data: bytes, limit: int, *, heading: bool, tell: Tell) -> list[Row]:
    """Read a table with a heading that names its columns, or with a name and a password a line.

    Spaces around values are removed, except around a password; line breaks in a value become spaces. Without `heading`
    the first line is an account, whatever it looks like.
    """
    text, encoding = decode(name, data)
    if encoding:
        tell(Text(_ENCODING_TOLD, {"where": printable(name), "encoding": encoding}))
    numbered = [(n, line) for n, line in enumerate(re.split(r"\r\n|\r|\n", text), 1) if line.strip(NOTHING)]
    delimiter = take_separator(name, numbered)
    if len(numbered) > 2 * limit + _TITLES:
        raise ImportRefused(name, TOO_MANY, limit=limit)
    candidates = delimiter or DELIMITERS
    tables = {mark: [row for row in read_rows(numbered, mark) if not is_empty(row)] for mark in candidates}
    if not all(tables.values()):
        raise ImportRefused(name, _EMPTY)
    found = {mark: place for mark, rows in tables.items() if (place := _heading_place(rows)) is not None}
    if heading and found:
        delimiter = max(found, key=lambda mark: _is_whole(tables[mark][found[mark]]))
        fields, rows = _under_heading(name, tables[delimiter], found[delimiter], tell)
    else:
        rows = tables[delimiter or likely_delimiter([line for _, line in numbered])]
        fields = _without_heading(name, rows, tell, asked=not heading)
    if len(rows) > limit:
        raise ImportRefused(name, TOO_MANY, limit=limit)
    return [_account(name, fields, row, tell) for row in rows]


# The line that names the columns


def _fields(row: TableLine) -> list[str | None]:
    return [field_of(value) if len(value) <= LONGEST else None for value in row.values or []]


def _is_whole(row: TableLine) -> bool:
    fields = _fields(row)
    return "username" in fields and ("password" in fields or "password_hash" in fields)


def _heading_place(rows: Sequence[TableLine]) -> int | None:
    """Return the index of the heading.

    The first row with both a name and a password column, for titles may stand above. If there is none, it is the first
    row, if it has a name column or if each of its values names a column; so the account “alice,password” is no heading.
    """
    whole = next((place for place, row in enumerate(rows[: _TITLES + 1]) if _is_whole(row)), None)
    if whole is not None or not rows:
        return whole
    fields = [field for field, value in zip(_fields(rows[0]), rows[0].values or [], strict=True) if stripped(value)]
    return 0 if "username" in fields or (fields and None not in fields) else None


def _under_heading(
    name: str, rows: Sequence[TableLine], place: int, tell: Tell
) -> tuple[Sequence[str | None], Sequence[TableLine]]:
    """Return the field of each column and the rows below; rows above must be titles, with one value each."""
    row = rows[place]
    where = f"{name}:{row.number}"
    for title in rows[:place]:
        if title.values is None or sum(bool(stripped(value)) for value in title.values) > 1:
            raise ImportRefused(where, _BELOW)
    for title in rows[:place]:
        line = next(filter(None, map(stripped, title.values or [])))
        tell(Text(_TITLE_TOLD, {"where": printable(f"{name}:{title.number}"), "line": _shortened(line)}))
    below = rows[place + 1 :]
    fields = _one_of_each(_fields(row), below)
    _check_columns(where, row, fields)
    unread = [_shortened(value) for value, field in zip(row.values or [], fields, strict=True) if not field]
    unread = [value for value in unread if value]
    if unread:
        tell(Text(COLUMNS_TOLD, {"where": printable(where), "columns": ", ".join(unread)}))
    return fields, below


def _one_of_each(fields: Sequence[str | None], rows: Sequence[TableLine]) -> list[str | None]:
    """Return the fields without those of empty columns that duplicate another column."""
    filled = {
        column for row in rows for column, value in enumerate(row.values or []) if stripped(value)
    }  # a column with values is never left out
    return [
        None if field is not None and fields.count(field) > 1 and column not in filled and rows else field
        for column, field in enumerate(fields)
    ]


def _check_columns(where: str, row: TableLine, fields: Sequence[str | None]) -> None:
    named = [(value, field) for value, field in zip(row.values or [], fields, strict=True)]
    known = [field for _, field in named if field is not None]
    twice = [_shortened(value) for value, field in named if field is not None and known.count(field) > 1]
    if twice:
        raise ImportRefused(where, _TWICE, here=", ".join(twice))
    try:
        check_columns(where, fields)
    except ImportRefused as refusal:
        here = ", ".join(f"{_shortened(value)} ({field or '?'})" for value, field in named if value.strip())
        raise ImportRefused(where, _WANTED, here=here) from refusal


def _without_heading(name: str, rows: Sequence[TableLine], tell: Tell, *, asked: bool) -> Sequence[str | None]:
    """Return the fields of a table of names and passwords without a heading; ImportRefused if in doubt."""
    first = rows[0]
    where = f"{name}:{first.number}"
    if first.values is None:
        raise ImportRefused(where, QUOTES)
    if len(first.values) < len(NAME_AND_PASSWORD) or any(map(stripped, first.values[len(NAME_AND_PASSWORD) :])):
        raise ImportRefused(where, _NO_COLUMNS)
    if not asked:
        if _is_doubtful(rows):
            raise ImportRefused(where, _DOUBTFUL, line=_shortened(stripped(first.text)))
        tell(Text(_ACCOUNT_TOLD, {"where": printable(where), "name": _shortened(stripped(first.values[0]))}))
    return NAME_AND_PASSWORD


def _is_doubtful(rows: Sequence[TableLine]) -> bool:
    """Whether the first row may be a heading with words that we do not know, rather than an account."""
    first, *others = [row.values[:2] for row in rows if row.values is not None and len(row.values) > 1]
    if _NOT_OF_A_NAME & set(words_of(first[0])):
        return True
    secrets = [is_known_hash(values[1]) for values in others]
    if secrets and all(secrets) and not is_known_hash(first[1]):
        return True
    like_it = sum(_is_capitalised(values) for values in others)
    return _is_capitalised(first) and 2 * like_it < max(len(others), 1)


def _is_capitalised(values: Sequence[str]) -> bool:
    """Whether all values are capitalised words, as in a heading."""
    words = [stripped(value) for value in values]
    return all(word[:1].isupper() and all(c.isalpha() or c in " '’-_" for c in word) for word in words)


def _shortened(text: str) -> str:
    return printable(" ".join(text[:200].split())[:60])


# One row


def _account(name: str, fields: Sequence[str | None], row: TableLine, tell: Tell) -> Row:
    where = f"{name}:{row.number}"
    if row.values is None:
        return Skipped(where, "", BadRow(why=Text(QUOTES)))
    if len(row.values) == 1 and len(row.values[0]) > LONGEST_ROW:
        return Skipped(where, "", TooLong(limit=MAX_CHARACTERS))
    if any(map(stripped, row.values[len(fields) :])):
        return Skipped(where, "", BadRow(why=Text(N_("it has more values than the first line"))))
    pairs = list(zip(fields, row.values, strict=False))
    account = as_row(where, fields, [_kept(field, value) for field, value in pairs])
    if not isinstance(account, Skipped) and account.secret != account.secret.strip():
        tell(Text(_SPACES_TOLD, {"where": printable(where), "name": _shortened(account.username)}))
    return account


def _kept(field: str | None, value: str) -> str:
    if field == "password":
        return value
    bare = stripped(value)
    return bare if field == "username" else re.sub(r"[\r\n\u2028\u2029]+", " ", bare)
