"""The same SQL on a database in memory, whose one connection works at once, keeps the contract too."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from classcord.chat.records import Record
from classcord.chat.state import LastIds
from classcord.store.sqlite.database import Database, begin
from classcord.store.sqlite.in_memory import MemoryConnection
from tests.store import contract, contract_reports


class InMemory(contract_reports.StoreContract):
    def open(self) -> contract.Store:
        self.connections = MemoryConnection()
        self.addCleanup(self.connections.close)
        return Database(self.connections, self.connections)

    async def restart(self) -> tuple[list[Record], LastIds]:
        stored = begin(self.connections.connection)
        return stored.records, stored.last


def test_a_forgotten_one_is_closed_in_whatever_thread_collects_it() -> None:
    """Twisted's threads collect garbage too; what cannot be raised there would be a warning of some other test."""
    forgotten = [MemoryConnection()]
    closed = forgotten[0].connection
    collector = threading.Thread(target=forgotten.clear)
    collector.start()
    collector.join()
    with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
        closed.execute("SELECT 1")
