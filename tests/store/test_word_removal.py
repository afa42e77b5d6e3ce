"""Words of edited and deleted messages leave the database file, step by step."""

from __future__ import annotations

import sqlite3

import pytest

from classcord.chat.text import Text
from classcord.store.sqlite import indexing, word_index, word_removal
from classcord.store.sqlite.in_memory import MemoryConnection
from classcord.store.sqlite.indexing import Indexing
from classcord.store.sqlite.statements import WORDS

SAID = "INSERT INTO messages (id, at, channel_id, author, content) VALUES (?, ?, 1, 'Zoé', ?)"
DAY = indexing.REMOVED_EVERY


@pytest.fixture
def memory() -> MemoryConnection:
    opened = MemoryConnection()
    opened.connection.execute(
        "INSERT INTO channels (id, name, name_key, kind, added_at) VALUES (1, '#dev', 'dev', 'open', 0)"
    )
    return opened


@pytest.fixture
def connection(memory: MemoryConnection) -> sqlite3.Connection:
    return memory.connection


def say(connection: sqlite3.Connection, number: int, content: str) -> None:
    connection.execute(SAID, (number, number, content))
    update(connection)


def update(connection: sqlite3.Connection) -> None:
    while word_index.update(connection):
        pass


def delete(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("DELETE FROM messages WHERE id = ?", (number,))
    update(connection)


def is_in_file(connection: sqlite3.Connection, word: str) -> bool:
    """Whether any page of the database has a word, in use or not; its own letters may follow those of another word."""
    return word.encode() in connection.serialize()  # type: ignore[attr-defined]


def found(connection: sqlite3.Connection, word: str) -> list[int]:
    rows = connection.execute("SELECT rowid FROM message_words WHERE message_words MATCH ? ORDER BY rowid", (word,))
    return [row[0] for row in rows]


def remove(connection: sqlite3.Connection) -> int:
    """Take all steps, and return how many there were."""
    steps, begun = 1, word_removal.step(connection, None)
    while begun is not None:
        begun = word_removal.step(connection, begun)
        steps += 1
    return steps


serialized = pytest.mark.skipif(not hasattr(sqlite3.Connection, "serialize"), reason="Python 3.11 reads all pages")


@serialized
def test_a_deleted_word_leaves_the_file(connection: sqlite3.Connection) -> None:
    """It is not found from the deletion on, and after the removal nobody who has the file can read it there."""
    say(connection, 1, "bonjour")
    say(connection, 2, "zizanie")
    delete(connection, 2)
    assert (found(connection, "zizanie"), is_in_file(connection, "zizanie")) == ([], True)
    remove(connection)
    assert not is_in_file(connection, "zizanie")
    assert found(connection, "bonjour") == [1]


def test_only_if_words_were_taken_out(connection: sqlite3.Connection) -> None:
    """Without a message that was changed there is nothing to do, and after the removal neither."""
    for number in range(1, 4):
        say(connection, number, "bonjour")
    before = connection.total_changes
    assert word_removal.step(connection, None) is None
    assert connection.total_changes == before
    delete(connection, 2)
    assert remove(connection) > 1
    before = connection.total_changes
    assert word_removal.step(connection, None) is None
    assert connection.total_changes == before
    assert found(connection, "bonjour") == [1, 3]


@serialized
def test_a_step_is_short(connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large index is written a few pages at a time; what happens in between is not lost, and comes next."""
    monkeypatch.setattr(word_removal, "PAGES", 1)
    for number in range(1, 9):
        say(connection, number, " ".join(f"mot{number}x{each}" for each in range(1_000)))
    delete(connection, 3)
    begun = word_removal.step(connection, None)
    assert begun == 1
    say(connection, 9, "bonjour")
    delete(connection, 4)
    steps = 1
    while begun is not None:
        begun = word_removal.step(connection, begun)
        steps += 1
    assert steps > 5
    assert not is_in_file(connection, "mot3x7")
    assert found(connection, "bonjour") == [9]
    remove(connection)
    assert not is_in_file(connection, "mot4x7")
    assert [found(connection, f"mot{number}x7") for number in (2, 3, 4, 5)] == [[2], [], [], [5]]
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@serialized
def test_a_removal_that_was_cut_off(connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that was killed between two steps begins anew, with what was merged already."""
    monkeypatch.setattr(word_removal, "PAGES", 1)
    for number in range(1, 9):
        say(connection, number, " ".join(f"mot{number}x{each}" for each in range(1_000)))
    delete(connection, 3)
    assert [word_removal.step(connection, begun) for begun in (None, 1, 1)] == [1, 1, 1]
    assert is_in_file(connection, "mot3x7")
    remove(connection)
    assert not is_in_file(connection, "mot3x7")
    assert [found(connection, f"mot{number}x7") for number in (2, 3)] == [[2], []]


def test_nothing_is_written_to_a_displaced_file(connection: sqlite3.Connection) -> None:
    """While something stands in the way the removal is put off."""
    say(connection, 1, "bonjour")
    delete(connection, 1)
    assert word_removal.step(connection, None, lambda: Text("moved")) is None
    assert word_removal.step(connection, None) == 1
    assert word_removal.step(connection, 1, lambda: Text("moved")) is None
    assert WORDS.left(connection) == (1, 0)
    assert word_removal.step(connection, None) is None  # its parts are merged already
    assert WORDS.left(connection) == (1, 1)


def test_once_a_day(memory: MemoryConnection, connection: sqlite3.Connection) -> None:
    """A server removes what there is when it starts, then once a day; each call is one step."""
    say(connection, 1, "bonjour")
    delete(connection, 1)
    index = Indexing(memory, lambda: None)
    assert steps(connection, index, [0.0, 1.0, 2.0]) == [True, True, False]
    say(connection, 2, "bonjour")
    delete(connection, 2)
    assert steps(connection, index, [3.0, DAY, DAY + 1, DAY + 2, DAY + 3]) == [False, False, True, True, False]
    index.end()
    say(connection, 3, "bonjour")
    delete(connection, 3)
    assert steps(connection, index, [3 * DAY]) == [False]


def steps(connection: sqlite3.Connection, index: Indexing, times: list[float]) -> list[bool]:
    """Return at which of the times something was written."""
    written = []
    for now in times:
        before = connection.total_changes
        index.tidy(now)
        written.append(connection.total_changes > before)
    return written


def test_a_failure_ends_it_for_a_day(memory: MemoryConnection, connection: sqlite3.Connection) -> None:
    """If a step fails, the index is filled all the same, and the removal begins anew on the next day."""
    say(connection, 1, "bonjour")
    delete(connection, 1)
    index = Indexing(memory, lambda: None)
    connection.execute("PRAGMA query_only = ON")
    index.tidy(0.0)
    connection.execute("PRAGMA query_only = OFF")
    assert steps(connection, index, [1.0, DAY]) == [False, True]
    connection.execute(SAID, (2, 2, "encore"))
    index.stored(indexing.COMMITS, outdated=False)
    assert found(connection, "encore") == [2]
