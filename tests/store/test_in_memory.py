"""The same SQL on a database in memory, whose one connection works at once, keeps the contract too."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, maybeDeferred

from classcord.chat.records import Record
from classcord.chat.state import LastIds
from classcord.store.sqlite.database import Database, begin
from classcord.store.sqlite.migrate import migrate
from classcord.store.sqlite.pools import configure_writer
from tests.store import contract, contract_administration

T = TypeVar("T")


class AtOnce:
    """One connection, whose work is done before it returns: no thread, no reactor."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        configure_writer("OFF", self.connection)
        migrate(self.connection, Path("nowhere"))

    def start(self) -> None: ...

    def close(self) -> None:
        self.connection.close()

    def runWithConnection(self, work: Callable[..., T], *args: Any) -> Deferred[T]:
        return maybeDeferred(work, self.connection, *args)


class InMemory(contract_administration.StoreContract):
    def open(self) -> contract.Store:
        self.connections = AtOnce()
        self.addCleanup(self.connections.close)
        return Database(self.connections, self.connections)

    async def restart(self) -> tuple[list[Record], LastIds]:
        stored = begin(self.connections.connection)
        return stored.records, stored.last
