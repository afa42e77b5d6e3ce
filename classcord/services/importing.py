"""Accounts that older classroom servers left behind: a pickle, a CSV table or an SQLite database, read and reported.

Every such file is a stranger's: what it holds is taken for text or refused, never run. Knows neither the hub nor our
own storage; whoever calls says how an account is added.
"""

from __future__ import annotations

import csv
import io
import itertools
import pickle
import pickletools
import re
import sqlite3
import unicodedata
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from twisted.internet.defer import CancelledError
from twisted.logger import Logger

from classcord.chat.errors import BadPassword, BadRequest, ChatError, ServerFault, TooLong, UsernameTaken
from classcord.chat.names import LONGEST, name_key
from classcord.chat.text import N_, Text, Translate, is_readable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

MAX_BYTES = 16 * 1024 * 1024  # of a pickle or a CSV file: a hundred thousand accounts fit
MAX_ACCOUNTS = 100_000  # in one file
MAX_CHARACTERS = 1000  # of one value; the longest hash that is known has about 200

_TOO_MANY = N_("has more than {limit} accounts; split it")
_NAME_AND_PASSWORD: Sequence[str | None] = ("username", "password")  # the fields of a row that names none

log = Logger()


class ImportRefused(BadRequest):
    """A whole file is refused, and nothing of it was read: where, what is wrong, what would be right, in one line."""

    template = N_("{where}: {problem}")

    def __init__(self, where: str, template: str, **values: object) -> None:
        problem = Text(template, {name: _printable(str(value)) for name, value in values.items()})
        super().__init__(where=_printable(where), problem=problem)


class BadRow(BadRequest):
    """One row of a file is not an account."""

    template = N_("This row is not an account: {why}")


class NameRepeated(UsernameTaken):
    """An earlier row of the same file has the name."""

    template = N_("This name was already added, from {line}.")


@dataclass(frozen=True)
class ImportedUser:
    """An account as an older server kept it, not checked against our rules yet.

    `secret` is a clear password, unless `hashed`: then hex SHA-256, bcrypt or argon2id. `line` is the place in the
    file, as compilers write it: `class.csv:12`.
    """

    username: str
    secret: str = field(repr=False)  # a password reaches no log through a traceback
    hashed: bool
    alias: str | None
    first_name: str | None
    last_name: str | None
    email: str | None
    line: str


@dataclass(frozen=True)
class Skipped:
    """A row that made no account; `username` is empty where the row has none to tell."""

    line: str
    username: str
    refusal: ChatError


Row = ImportedUser | Skipped


@dataclass(frozen=True)
class ImportReport:
    """What became of each row of a file, in its order."""

    added: list[ImportedUser] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def render(self, translate: Translate = str) -> list[str]:
        """Return the lines an administrator reads, fit for a terminal: two sums, then why each row was skipped."""
        sums = [
            Text(N_("Accounts added: {count}"), {"count": len(self.added)}),
            Text(N_("Rows skipped: {count}"), {"count": len(self.skipped)}),
        ]
        rows = [f"{row.line}: {row.username}: {row.refusal.text.render(translate)}" for row in self.skipped]
        return [_printable(line) for line in [*(text.render(translate) for text in sums), *rows]]

    def as_json(self, translate: Translate = str) -> dict[str, list[dict[str, str]]]:
        """Return the report for programs, without passwords; `code` is stable, `reason` is in one language."""
        return {
            "added": [{"line": row.line, "username": row.username} for row in self.added],
            "skipped": [
                {"line": row.line, "username": row.username, "code": row.refusal.code, "reason": reason}
                for row in self.skipped
                for reason in [row.refusal.text.render(translate)]
            ],
        }


async def import_users(rows: Iterable[Row], add: Callable[[ImportedUser], Awaitable[object]]) -> ImportReport:
    """Add the accounts one after the other and report each row; no bad row stops the others.

    `add` raises a ChatError for an account that may not be: the name exists already (it is never overwritten), or is
    not allowed. Rows without a usable password, or whose name this import has just added, never come to `add`.
    """
    report = ImportReport()
    lines: dict[str, str] = {}  # where each added name stands, by its key
    for row in rows:
        if isinstance(row, Skipped):
            report.skipped.append(row)
            continue
        try:
            _check_unique(row, lines)
            _check_secret(row.secret)
            await add(row)
        except ChatError as refusal:
            report.skipped.append(Skipped(row.line, row.username, refusal))
        except CancelledError:
            raise
        except Exception:
            log.failure("import of {line} failed", line=row.line)
            report.skipped.append(Skipped(row.line, row.username, ServerFault(reference=row.line)))
        else:
            report.added.append(row)
            lines[name_key(row.username)] = row.line
    return report


def _check_unique(user: ImportedUser, lines: Mapping[str, str]) -> None:
    earlier = lines.get(name_key(user.username))
    if earlier is not None:
        raise NameRepeated(field="username", line=earlier)


def _check_secret(secret: str) -> None:
    if not secret:
        raise BadPassword(field="password", why=Text(N_("it is empty")))
    if any(unicodedata.category(character) == "Cs" for character in secret):  # half a UTF-16 pair: nothing can hash it
        raise BadPassword(field="password", why=Text(N_("it has characters that are not text")))


def read_users(path: Path) -> list[Row]:
    """Return the accounts of a file in its order, or raise ImportRefused before the first.

    The kind is told by content: the file's name counts for nothing. Reads from disk, so call it in a thread.
    """
    try:
        if not path.is_file():  # a pipe would make us wait, a device would never end
            raise ImportRefused(str(path), N_("is no file; a pickle, a CSV table or an SQLite database is wanted"))
        with path.open("rb") as file:
            data = file.read(len(_SQLITE_MAGIC))
            if data == _SQLITE_MAGIC:
                return _read_sqlite(path)
            data += file.read(MAX_BYTES)
    except OSError as problem:
        raise ImportRefused(str(path), N_("cannot be read ({problem})"), problem=problem.strerror) from problem
    if len(data) > MAX_BYTES:
        raise ImportRefused(path.name, N_("is larger than {limit} bytes; split it"), limit=MAX_BYTES)
    return _read_pickle(path.name, data) if _is_pickle(data) else _read_csv(path.name, data)


# One row, whatever the file

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")  # what the older classroom servers keep
# A hash is verified at whoever's login attempt: costs that would stop the server (a gigabyte, a minute) are refused.
_BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|1[0-5])\$[./0-9A-Za-z]{53}")
_ARGON2ID = re.compile(r"\$argon2id\$v=19\$m=\d{1,6},t=\d,p=\d{1,2}\$[+/0-9A-Za-z]+\$[+/0-9A-Za-z]+")
_LOOKS_HASHED = re.compile(r"\$(2[aby]|argon2[a-z]*)\$")


def _row(line: str, fields: Sequence[str | None], values: Sequence[object]) -> Row:
    """Make an account of the values of a row; those of no known field, and SQL's NULL, say nothing."""
    known = {name: value for name, value in zip(fields, values, strict=False) if name is not None and value is not None}
    try:
        texts = {name: _text(value) for name, value in known.items()}
        secret = texts.get("password_hash") or texts.get("password", "")
        hashed = _is_hash(secret, expected=bool(texts.get("password_hash")))
    except ChatError as refusal:
        username = known.get("username")
        return Skipped(line, username[:LONGEST] if isinstance(username, str) else "", refusal)
    return ImportedUser(
        username=texts.get("username", ""),
        secret=secret,
        hashed=hashed,
        alias=texts.get("alias") or None,
        first_name=texts.get("first_name") or None,
        last_name=texts.get("last_name") or None,
        email=texts.get("email") or None,
        line=line,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadRow(why=Text(N_("a value is not text")))
    if len(value) > MAX_CHARACTERS:
        raise TooLong(limit=MAX_CHARACTERS)
    return value


def _is_hash(secret: str, *, expected: bool) -> bool:
    """Tell a hash from a clear password; BadPassword for a hash that no login could be verified against.

    Taken for a clear password, such a hash would itself become one.
    """
    if any(kind.fullmatch(secret) for kind in (_SHA256, _BCRYPT, _ARGON2ID)):
        return True
    if expected or _LOOKS_HASHED.match(secret):
        why = Text(N_("its hash is neither SHA-256 in hexadecimal, bcrypt nor argon2id, or too costly to verify"))
        raise BadPassword(field="password", why=why)
    return False


def _printable(line: str) -> str:
    return "".join(character if is_readable(character) else "\N{REPLACEMENT CHARACTER}" for character in line)


# Headings of columns, in CSV and SQLite alike

_HEADINGS = {
    "username": ("username", "login", "nom_utilisateur", "nom_d_utilisateur", "identifiant"),
    "password": ("password", "mot_de_passe", "mdp"),
    "password_hash": ("password_hash",),
    "alias": ("alias", "pseudo"),
    "first_name": ("first_name", "prenom"),
    "last_name": ("last_name", "nom"),
    "email": ("email", "e_mail"),
}
_FIELDS = {heading: name for name, headings in _HEADINGS.items() for heading in headings}


def _field(heading: str) -> str | None:
    """Return the field a column is for, or None; accents, case and what stands between words do not matter."""
    letters = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    return _FIELDS.get(re.sub(r"[^a-z0-9]+", "_", letters).strip("_"))


def _check_columns(where: str, fields: Sequence[str | None]) -> None:
    """Refuse columns that do not say which is the name and which the password."""
    known = [name for name in fields if name is not None]
    if len(set(known)) < len(known):
        raise ImportRefused(where, N_("two columns have the same meaning; keep one of them"))
    if "username" not in known or not {"password", "password_hash"} & set(known):
        raise ImportRefused(where, N_("columns named “username” and “password” or “password_hash” are wanted"))


# Pickles

_DICTS = frozenset({"EMPTY_DICT", "DICT"})
_PUTS = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_OPCODES = frozenset(  # all that a dict of strings needs, in any protocol, from Python 2 or 3
    {"PROTO", "FRAME", "MARK", "SETITEM", "SETITEMS", "STOP", "MEMOIZE", "GET", "BINGET", "LONG_BINGET"}
    | {"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"}
    | _DICTS
    | _PUTS
)
_MAX_OPCODES = 8 * MAX_ACCOUNTS  # two strings with their memo and a SETITEM make five
_PICKLED_DICT = (b"\x80", b"(dp", b"}q", b"}.")  # how protocols 2 and newer, 0, and 1 begin


class _TextUnpickler(pickle.Unpickler):
    """An unpickler without the two doors to code; `_check_pickle` has already seen that nobody knocks."""

    def find_class(self, module_name: str, global_name: str, /) -> NoReturn:
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is not text")

    def persistent_load(self, pid: object, /) -> NoReturn:
        raise pickle.UnpicklingError(f"the persistent id {pid} is not text")


def _is_pickle(data: bytes) -> bool:
    """Tell whether these bytes begin as a pickled dict does, or are one sequence of opcodes from end to end."""
    if data.startswith(_PICKLED_DICT):
        return True
    try:
        last = [position for _, _, position in itertools.islice(pickletools.genops(data), _MAX_OPCODES)][-1]
    except Exception:  # pickletools names no closed list of what arbitrary bytes raise
        return False
    return last == len(data) - 1


def _read_pickle(name: str, data: bytes) -> list[Row]:
    """Read a dict from username to password or hash."""
    try:
        _check_pickle(name, data)
        users = _unpickle(data)
    except ImportRefused:
        raise
    except Exception as problem:  # neither pickletools nor pickle names a closed list of what broken bytes raise
        raise ImportRefused(name, N_("is not a complete pickle; copy it again from the older server")) from problem
    if type(users) is not dict or not all(type(text) is str for pair in users.items() for text in pair):
        raise ImportRefused(name, N_("is no dictionary from names to passwords"))
    return [_row(f"{name}:{number}", _NAME_AND_PASSWORD, pair) for number, pair in enumerate(users.items(), 1)]


def _check_pickle(name: str, data: bytes) -> None:
    """Refuse what is not the pickle of one flat dict of strings. Only reads: nothing of the file is built.

    Without a second container nothing can nest or multiply, and a memo no longer than the opcodes keeps a forged index
    from asking for gigabytes.
    """
    dicts = 0
    stream = io.BytesIO(data)
    for count, (opcode, argument, position) in enumerate(pickletools.genops(stream)):
        dicts += opcode.name in _DICTS
        forged = opcode.name in _PUTS and argument not in range(count + 1)
        if opcode.name not in _OPCODES or dicts > 1 or forged:
            problem = N_("byte {position}, {opcode}: this is more than a dictionary of strings; nothing of it was run")
            raise ImportRefused(name, problem, position=position, opcode=opcode.name)
        if count > _MAX_OPCODES:
            raise ImportRefused(name, _TOO_MANY, limit=MAX_ACCOUNTS)
    if stream.tell() < len(data):
        raise ImportRefused(name, N_("byte {position}: something follows the dictionary"), position=stream.tell())


def _unpickle(data: bytes) -> object:
    """Return the object; Python 2 wrote strings as bytes, in UTF-8 on Linux and windows-1252 on Windows."""
    try:
        return _TextUnpickler(io.BytesIO(data), encoding="utf-8").load()
    except UnicodeDecodeError:
        return _TextUnpickler(io.BytesIO(data), encoding="windows-1252").load()


# CSV

_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # UTF-16, pictures, archives
_QUOTES = N_("its quotes do not match")


def _read_csv(name: str, data: bytes) -> list[Row]:
    """Read a table with a header, or with a name and a password a line. No value holds a line break.

    Spaces around values go, except a password's, where they count.
    """
    lines = [(number, line) for number, line in enumerate(_decode(name, data).splitlines(), 1) if line.strip()]
    if not lines:
        raise ImportRefused(name, N_("is empty; a name and a password a line are wanted"))
    if len(lines) > MAX_ACCOUNTS:
        raise ImportRefused(name, _TOO_MANY, limit=MAX_ACCOUNTS)
    delimiter = _delimiter([line for _, line in lines])
    number, line = lines[0]
    fields = _header(f"{name}:{number}", line, delimiter)
    rows = lines if fields is _NAME_AND_PASSWORD else lines[1:]
    return [_csv_row(f"{name}:{number}", fields, line, delimiter) for number, line in rows]


def _decode(name: str, data: bytes) -> str:
    for encoding in ("utf-8-sig", "windows-1252"):  # the second is what Excel writes in France
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _NOT_TEXT.search(text):
            return text
    raise ImportRefused(name, N_("is neither a pickle, an SQLite database nor text; save a table as CSV in UTF-8"))


def _delimiter(lines: Sequence[str]) -> str:
    """Return what cuts the most lines into as many values as the first; csv.Sniffer would guess from quotes too."""
    first = lines[0]
    return max(",;\t", key=lambda mark: mark in first and sum(line.count(mark) == first.count(mark) for line in lines))


def _header(where: str, line: str, delimiter: str) -> Sequence[str | None]:
    """Return the field of each column, which the first line names, or _NAME_AND_PASSWORD where it is an account."""
    try:
        values = _split(line, delimiter)
    except csv.Error as problem:
        raise ImportRefused(where, _QUOTES) from problem
    fields = [_field(heading) for heading in values]
    if "username" in fields or None not in fields:  # the account “alice,password” is no header
        _check_columns(where, fields)
        return fields
    if len(values) == len(_NAME_AND_PASSWORD):
        return _NAME_AND_PASSWORD
    raise ImportRefused(where, N_("columns named “username” and “password”, or these two alone, are wanted"))


def _csv_row(where: str, fields: Sequence[str | None], line: str, delimiter: str) -> Row:
    try:
        values = _split(line, delimiter)
    except csv.Error:
        return Skipped(where, "", BadRow(why=Text(_QUOTES)))
    if any(values[len(fields) :]):
        return Skipped(where, "", BadRow(why=Text(N_("it has more values than the first line"))))
    kept = [value if name == "password" else value.strip() for name, value in zip(fields, values, strict=False)]
    return _row(where, fields, kept)


def _split(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter, strict=True))


# SQLite

_SQLITE_MAGIC = b"SQLite format 3\0"
_MAX_STEPS = 10_000  # of 10,000 virtual machine instructions: seconds

# Our own statements lie in store/queries/; these ask foreign databases, whose tables only this module knows.
# A table counts if it is a real one, neither view nor virtual, whose columns are all stored, none computed. A schema
# that says `table` about something else is refused by SQLite itself (3.31 and newer).
_FIND_TABLE = """
    SELECT lower(name) FROM sqlite_master
    WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' AND lower(name) IN ('users', 'clients')
    AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(sqlite_master.name) WHERE hidden <> 0)
    ORDER BY name DESC
"""
_READ_TABLE = {  # NOT INDEXED: in the order of the rows
    "users": "SELECT * FROM users NOT INDEXED",
    "clients": "SELECT * FROM clients NOT INDEXED",
}


def _read_sqlite(path: Path) -> list[Row]:
    """Read the table `users` or `clients`. The file is not written to, and nothing its schema defines is run."""
    for rest in (Path(f"{path}-wal"), Path(f"{path}-journal")):
        if rest.is_file() and rest.stat().st_size:
            problem = N_(
                "its last changes lie in {rest}; stop the older server and open the database once with sqlite3"
            )
            raise ImportRefused(path.name, problem, rest=rest.name)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            return _read_table(path.name, database)
    except (sqlite3.Error, UnicodeError, MemoryError) as error:  # the last two from forged names and lengths
        raise ImportRefused(path.name, N_("is no intact SQLite database ({error})"), error=error) from error


def _read_table(name: str, database: sqlite3.Connection) -> list[Row]:
    steps = itertools.count()
    database.set_progress_handler(lambda: next(steps) > _MAX_STEPS, 10_000)
    database.text_factory = _strict_text
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    table = database.execute(_FIND_TABLE).fetchone()
    if table is None:
        raise ImportRefused(name, N_("a table “users” or “clients” is wanted"))
    where = f"{name}:{table[0]}"
    found = database.execute(_READ_TABLE[table[0]])
    fields = [_field(column) for column, *_ in found.description]
    _check_columns(where, fields)
    rows = [
        _row(f"{where}:{number}", fields, row) for number, row in enumerate(itertools.islice(found, MAX_ACCOUNTS), 1)
    ]
    if found.fetchone():
        raise ImportRefused(where, _TOO_MANY, limit=MAX_ACCOUNTS)
    return rows


def _strict_text(data: bytes) -> str | bytes:
    """Return text, or bytes where the database lies: their row is refused like that of any other value."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data
