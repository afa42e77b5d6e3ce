"""The files of older classroom servers: a pickle, a CSV table or an SQLite database, recognised by their content.

Such a file may come from a stranger: its content is read as text or refused, never executed. Knows how accounts were
written, not what is done with them.
"""

from __future__ import annotations

import io
import itertools
import pickle
import pickletools
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NoReturn

from classcord.chat.text import N_, Text
from classcord.cli.import_users.csv_tables import Tell, read_csv
from classcord.cli.import_users.importing import (
    COLUMNS_TOLD,
    MAX_ACCOUNTS,
    NAME_AND_PASSWORD,
    TOO_MANY,
    Row,
    as_row,
    check_columns,
    field_of,
)
from classcord.cli.tables.encodings import refuse_other_kinds
from classcord.cli.tables.refusing import ImportRefused, printable
from classcord.system_errors import in_words

MAX_BYTES = 16 * 1024 * 1024  # of a pickle or a CSV file: enough for a hundred thousand accounts


def read_users(path: Path, *, heading: bool = True, tell: Tell = lambda _: None) -> list[Row]:
    """Return the accounts of a file in order; raises ImportRefused before the first one.

    The type is recognised by content: the file's name does not matter. Without `heading`, the first line of a CSV table
    is an account, whatever it looks like. `tell` is called with remarks on lines that were skipped or interpreted.
    Reads from disk, so call it in a thread.
    """
    try:
        if not path.is_file():  # a pipe would block, a device might never end
            raise ImportRefused(str(path), N_("is no file; a pickle, a CSV table or an SQLite database is wanted"))
        with path.open("rb") as file:
            data = file.read(len(_SQLITE_MAGIC))
            if data == _SQLITE_MAGIC:
                return _read_sqlite(path, tell)
            data += file.read(MAX_BYTES)
            refuse_other_kinds(path.name, data)
    except OSError as problem:
        raise ImportRefused(str(path), N_("cannot be read ({problem})"), problem=in_words(problem)) from problem
    if len(data) > MAX_BYTES:
        raise ImportRefused(path.name, N_("is larger than {limit} bytes; split it"), limit=MAX_BYTES)
    if _is_pickle(data):
        return _read_pickle(path.name, data)
    return read_csv(path.name, data, MAX_ACCOUNTS, heading=heading, tell=tell)


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


class _TextUnpickler(pickle.Unpickler):  # noqa: S301 (what follows)
    """An unpickler without the two ways to run code; `_check_pickle` has already refused files that try them."""

    def find_class(self, module_name: str, global_name: str, /) -> NoReturn:
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is not text")

    def persistent_load(self, pid: object, /) -> NoReturn:
        raise pickle.UnpicklingError(f"the persistent id {pid} is not text")


def _is_pickle(data: bytes) -> bool:
    """Whether these bytes begin as a pickled dict does, or are one valid sequence of opcodes."""
    if data.startswith(_PICKLED_DICT):
        return True
    try:
        last = [position for _, _, position in itertools.islice(pickletools.genops(data), _MAX_OPCODES)][-1]
    except Exception:  # pickletools documents no complete list of its errors for arbitrary bytes
        return False
    return last == len(data) - 1


def _read_pickle(name: str, data: bytes) -> list[Row]:
    """Read a dict from username to password or hash."""
    try:
        _check_pickle(name, data)
        users = _unpickle(data)
    except ImportRefused:
        raise
    # neither pickletools nor pickle documents a complete list of its errors for broken bytes
    except Exception as problem:
        raise ImportRefused(name, N_("is not a complete pickle; copy it again from the older server")) from problem
    if type(users) is not dict or not all(type(text) is str for pair in users.items() for text in pair):
        raise ImportRefused(name, N_("is no dictionary from names to passwords"))
    return [as_row(f"{name}:{number}", NAME_AND_PASSWORD, pair) for number, pair in enumerate(users.items(), 1)]


def _check_pickle(name: str, data: bytes) -> None:
    """Refuse anything but the pickle of one flat dict of strings. Only reads: it builds nothing of the file.

    Without a second container nothing can nest or multiply; and a limit on memo indexes prevents a forged index from
    allocating gigabytes.
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
            raise ImportRefused(name, TOO_MANY, limit=MAX_ACCOUNTS)
    if stream.tell() < len(data):
        raise ImportRefused(name, N_("byte {position}: something follows the dictionary"), position=stream.tell())


def _unpickle(data: bytes) -> object:
    """Return the object; Python 2 wrote strings as bytes, in UTF-8 on Linux and windows-1252 on Windows."""
    try:
        return _TextUnpickler(io.BytesIO(data), encoding="utf-8").load()
    except UnicodeDecodeError:
        return _TextUnpickler(io.BytesIO(data), encoding="windows-1252").load()


# SQLite

_SQLITE_MAGIC = b"SQLite format 3\0"
_MAX_STEPS = 10_000  # of 10,000 virtual machine instructions: seconds

# Our own statements are in store/sqlite/queries/; these query foreign databases, whose tables only this module knows. A
# table counts if it is a real one, neither view nor virtual, and all its columns are stored, none computed. SQLite
# itself (3.31 and newer) refuses a schema whose `table` entry is something else.
_FIND_TABLE = """
    SELECT lower(name) FROM sqlite_master
    WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' AND lower(name) IN ('users', 'clients')
    AND NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(sqlite_master.name) WHERE hidden <> 0)
    ORDER BY name DESC
"""
_READ_TABLE = {  # NOT INDEXED: so that rows come in their order
    "users": "SELECT * FROM users NOT INDEXED",
    "clients": "SELECT * FROM clients NOT INDEXED",
}


def _read_sqlite(path: Path, tell: Tell) -> list[Row]:
    """Read the table `users` or `clients`. The file is not changed, and nothing in its schema is executed."""
    for rest in (Path(f"{path}-wal"), Path(f"{path}-journal")):
        if rest.is_file() and rest.stat().st_size:
            problem = N_(
                "its last changes lie in {rest}; stop the older server and open the database once with sqlite3"
            )
            raise ImportRefused(path.name, problem, rest=rest.name)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            return _read_table(path.name, database, tell)
    except (sqlite3.Error, UnicodeError, MemoryError) as error:  # the last two from forged names and lengths
        raise ImportRefused(path.name, N_("is no intact SQLite database ({error})"), error=error) from error


def _read_table(name: str, database: sqlite3.Connection, tell: Tell) -> list[Row]:
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
    fields = [field_of(column) for column, *_ in found.description]
    check_columns(where, fields)
    named = zip(found.description, fields, strict=True)
    unread = [printable(column)[:60] for (column, *_), field in named if field is None]
    if unread:
        tell(Text(COLUMNS_TOLD, {"where": printable(where), "columns": ", ".join(unread)}))
    rows = [
        as_row(f"{where}:{number}", fields, row) for number, row in enumerate(itertools.islice(found, MAX_ACCOUNTS), 1)
    ]
    if found.fetchone():
        raise ImportRefused(where, TOO_MANY, limit=MAX_ACCOUNTS)
    return rows


def _strict_text(data: bytes) -> str | bytes:
    """Return text, or bytes if the database says `text` for something else: then their row is refused."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data
