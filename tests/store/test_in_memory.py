"""The same SQL on a database in memory, whose one connection works at once, keeps the contract too."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs

from classcord.chat.errors import StorageUnavailable
from classcord.chat.messages.vocabulary import MessageById
from classcord.chat.records import Record
from classcord.chat.state import LastIds
from classcord.store.sqlite.database import Database, begin
from classcord.store.sqlite.in_memory import MemoryConnection
from tests.store import contract, contract_reports
from tests.store.contract_search import asking
from tests.store.examples import BEGUN, channel, commit, said


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


def at_once(found: Deferred[Any]) -> Any:
    """Return what a store in memory says, which needs no thread: a result or a Failure."""
    outcome: list[Any] = []
    found.addBoth(outcome.append)
    return outcome[0]


@pytest.mark.parametrize(("value", "shown"), [("'hier'", "“hier”"), ("1.5", "1.5")])
def test_a_message_edited_by_hand(value: str, shown: str) -> None:
    """Whoever asks for it hears that the store cannot be read, and the log which row it is; other places are read."""
    connections = MemoryConnection()
    database = Database(connections, connections)
    with closing(connections), capturedLogs() as log:
        at_once(database.write([*BEGUN, commit(channel(2, "dev")), commit(said(1)), commit(said(2, channel_id=2))]))
        connections.connection.execute(f"UPDATE messages SET at = {value} WHERE id = 1")
        assert isinstance(at_once(database.page(channel_id=1, limit=9)).value, StorageUnavailable)
        assert [message.message_id for message in at_once(database.page(channel_id=2, limit=9))] == [2]
    assert f"messages, row 1: at cannot be {shown}. Correct it" in log[0]["reason"]


@pytest.mark.parametrize("column", ["content", "author", "at"])
def test_a_message_with_bytes(column: str) -> None:
    """The log says of which message, with its column and the beginning of the bytes, wherever it is read."""
    connections = MemoryConnection()
    database = Database(connections, connections)
    with closing(connections), capturedLogs() as log:
        at_once(database.write([*BEGUN, *[commit(said(number)) for number in range(1, 10)]]))
        connections.connection.execute(f"UPDATE messages SET {column} = x'00ff' WHERE id = 7")
        assert isinstance(at_once(database.page(channel_id=1, limit=9)).value, StorageUnavailable)
        assert isinstance(at_once(database.find(MessageById(message_id=7))).value, StorageUnavailable)
        assert len(at_once(database.page(channel_id=1, limit=6, before=7))) == 6
    (reason,) = [each["reason"] for each in log if "reason" in each]
    assert reason.startswith(f"messages, row 7: {column} cannot be b'\\x00\\xff'. Correct it with")


def test_bytes_in_a_message_that_is_searched() -> None:
    """The index keeps what was said before an edit in rows of its own, by the numbers of the messages."""
    connections = MemoryConnection()
    database = Database(connections, connections)
    with closing(connections), capturedLogs() as log:
        at_once(database.write([*BEGUN, commit(said(1)), commit(said(2))]))
        connections.connection.execute("UPDATE messages SET content = x'00ff' WHERE id = 2")
        assert isinstance(at_once(database.find(asking("Bonjour"))).value, StorageUnavailable)
    assert ", row 2: content cannot be b'\\x00\\xff'" in log[0]["reason"]
