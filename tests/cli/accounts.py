"""The accounts that a command has left in a data folder, and databases of older servers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from classcord.chat.names import name_key
from classcord.services.passwords.local import CONTEXT


def accounts(data: Path = Path("var")) -> dict[str, dict[str, Any]]:
    """Return the stored accounts by the keys of their names."""
    with closing(sqlite3.connect(data / "classcord.db")) as database:
        database.row_factory = sqlite3.Row
        return {row["name_key"]: dict(row) for row in database.execute("SELECT * FROM users")}


def logs_in(name: str, password: str) -> bool:
    """Whether a password is right for the stored account, as a login would find."""
    return bool(CONTEXT.verify(password, accounts()[name_key(name)]["password_hash"]))


def with_table(path: Path, script: str) -> Path:
    """Return a database that a script of SQL has filled."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(script)
    return path
