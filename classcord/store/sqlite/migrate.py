"""Numbered schema steps: migrations/NNNN_name.sql, each one transaction, with a backup of the file before the first.

Knows no table but `schema_version`.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from classcord.chat.text import N_
from classcord.store.ports import StoreError
from classcord.store.sqlite.in_words import said

SHIPPED = Path(str(resources.files("classcord.store.sqlite") / "migrations"))

MEGABYTE = 1_000_000
_NO_ROOM = N_(
    "an upgrade begins with a backup, which needs {needed} MB in {folder}, and {free} are free; "
    "the database is as it was before"
)

_VERSIONS = """
CREATE TABLE IF NOT EXISTS schema_version (
    version    INTEGER PRIMARY KEY,
    applied_at INTEGER NOT NULL
);
"""


class Step(NamedTuple):
    """One migration: from the previous version to `version`."""

    version: int
    sql: str


def steps(folder: Path = SHIPPED) -> list[Step]:
    """Return the steps of a folder in order; they are numbered from 1 without a gap."""
    found = [Step(int(f.name.split("_")[0]), f.read_text(encoding="utf-8")) for f in sorted(folder.glob("*.sql"))]
    if [step.version for step in found] != list(range(1, len(found) + 1)):
        raise StoreError(N_("{folder}: migrations are not numbered 1, 2, 3..."), folder=folder)
    return found


def version(connection: sqlite3.Connection, folder: Path = SHIPPED) -> int:
    """Return the schema's version, 0 for an empty database; changes nothing.

    StoreError if another program made the database, or a newer ClassCord.
    """
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if "schema_version" in tables:
        present = int(connection.execute("SELECT max(version) FROM schema_version").fetchone()[0] or 0)
        known = len(steps(folder))
        if present > known:
            raise StoreError(
                N_(
                    "the database has schema {present}, from a newer ClassCord; this one knows {known}: "
                    "install the newer version, or restore a backup that was made before the upgrade"
                ),
                present=present,
                known=known,
            )
        return present
    if tables - {"sqlite_sequence"}:
        raise StoreError(
            N_("this is a database, but not ClassCord's; older servers' accounts come in by `classcord import-users`")
        )
    return 0


def migrate(connection: sqlite3.Connection, backups: Path, folder: Path = SHIPPED) -> Path | None:
    """Migrate a database to the newest schema; return the backup that was made, None if none was needed.

    The connection is in autocommit mode. A step that fails leaves the database as the previous step left it. Foreign
    keys are not enforced during a step, so that it can rebuild a table, but they are checked at its end (SQLite's
    "ALTER TABLE", §7).
    """
    present = version(connection, folder)
    missing = steps(folder)[present:]
    if not missing:
        return None
    backup = _back_up(connection, backups, present) if present else None
    connection.execute("PRAGMA foreign_keys = OFF")
    for step in missing:
        try:
            _take(connection, step)
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.rollback()
            words = N_("migration {version} failed ({error}); the database is as it was before")
            raise StoreError(words, version=step.version, error=said(error)) from error
    connection.execute("PRAGMA foreign_keys = ON")
    return backup


def _take(connection: sqlite3.Connection, step: Step) -> None:
    now = int(time.time() * 1000)
    connection.executescript(f"BEGIN IMMEDIATE;\n{_VERSIONS}\n{step.sql}\n;")
    connection.execute("INSERT INTO schema_version (version, applied_at) VALUES (?, ?)", (step.version, now))
    orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    if orphan is not None:
        raise sqlite3.IntegrityError(f"a row of {orphan[0]} refers to one of {orphan[2]} that is not there")
    connection.execute("COMMIT")


def _back_up(connection: sqlite3.Connection, backups: Path, present: int) -> Path:
    """Copy the database; the name of the copy ends in .part until the copy is complete."""
    backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    needed = (
        connection.execute("PRAGMA page_count").fetchone()[0] * connection.execute("PRAGMA page_size").fetchone()[0]
    )
    free = shutil.disk_usage(backups).free
    if free < needed:
        values = {"needed": -(-needed // MEGABYTE), "folder": backups, "free": free // MEGABYTE}
        raise StoreError(_NO_ROOM, **values)
    path = backups / f"before-schema-{present + 1}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.db"
    part = path.with_suffix(".part")
    try:
        part.touch(mode=0o600)
        with closing(sqlite3.connect(part)) as copy:
            connection.backup(copy)
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return path
