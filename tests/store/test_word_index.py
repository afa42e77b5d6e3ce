"""The index of words in SQLite: how it is filled, kept in step by triggers, and made for an older database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from classcord.chat.text import Text
from classcord.store.sqlite import answers, word_index
from classcord.store.sqlite.migrate import migrate, steps
from tests.store.contract_search import asking

SAID = "INSERT INTO messages (id, at, channel_id, author, content) VALUES (?, ?, 1, 'Zoé', ?)"


def say(connection: sqlite3.Connection, first: int, last: int, content: str = "numéro") -> None:
    connection.executemany(SAID, ((number, number, f"{content} {number}") for number in range(first, last + 1)))


def indexed(connection: sqlite3.Connection, word: str = "numero") -> list[int]:
    """Return the messages that the index itself has under a word."""
    found = connection.execute("SELECT rowid FROM message_words WHERE message_words MATCH ? ORDER BY rowid", (word,))
    return [row[0] for row in found]


def found(connection: sqlite3.Connection, query: str) -> list[int]:
    return [message.message_id for message in answers.answer(connection, asking(query, limit=1_000)).messages]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "classcord.db", isolation_level=None)) as opened:
        opened.execute("PRAGMA synchronous = FULL")
        migrate(opened, tmp_path / "backups")
        opened.execute("INSERT INTO channels (id, name, name_key, kind, added_at) VALUES (1, '#dev', 'dev', 'open', 0)")
        yield opened


def update_all(connection: sqlite3.Connection) -> int:
    """Update the index until there is nothing to do; return the number of batches."""
    batches = 1
    while word_index.update(connection):
        batches += 1
    return batches


def test_a_batch_at_a_time(connection: sqlite3.Connection) -> None:
    """Each batch adds the next messages; the last one says that nothing is left."""
    say(connection, 1, 2 * word_index.BATCH + 5)
    assert word_index.update(connection)
    assert indexed(connection) == list(range(1, word_index.BATCH + 1))
    assert word_index.update(connection)
    assert not word_index.update(connection)
    assert indexed(connection) == list(range(1, 2 * word_index.BATCH + 6))
    assert not word_index.update(connection)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_in_step_with_what_changes(connection: sqlite3.Connection) -> None:
    """Edited, emptied and deleted messages are no longer under their old words, whoever changed them."""
    say(connection, 1, 4)
    update_all(connection)
    assert not word_index.is_outdated(connection)
    connection.execute("UPDATE messages SET content = 'neuf' WHERE id = 1")
    connection.execute("UPDATE messages SET content = 'dernier' WHERE id = 1")
    connection.execute("UPDATE messages SET content = '' WHERE id = 2")
    connection.execute("DELETE FROM messages WHERE id = 3")
    assert word_index.is_outdated(connection)
    assert (found(connection, "numero"), found(connection, "dernier"), found(connection, "neuf")) == ([4], [1], [])
    assert not word_index.update(connection)
    assert not word_index.is_outdated(connection)
    assert indexed(connection) == [4]
    assert indexed(connection, "dernier") == [1]
    assert [indexed(connection, word) for word in ("neuf", "1", "2", "3")] == [[], [], [], []]
    assert (found(connection, "numero"), found(connection, "dernier")) == ([4], [1])
    connection.execute("UPDATE messages SET content = 'revenu' WHERE id = 2")
    connection.execute("UPDATE messages SET waiting_for = NULL")  # changes no word
    update_all(connection)
    assert found(connection, "revenu") == indexed(connection, "revenu") == [2]


def test_what_is_not_in_it_yet_needs_no_note(connection: sqlite3.Connection) -> None:
    """A message that is changed before it is in the index comes in as it is then."""
    say(connection, 1, 2)
    connection.execute("UPDATE messages SET content = 'neuf' WHERE id = 1")
    connection.execute("DELETE FROM messages WHERE id = 2")
    assert not word_index.is_outdated(connection)
    update_all(connection)
    assert (indexed(connection), indexed(connection, "neuf")) == ([], [1])


def test_many_changes(connection: sqlite3.Connection) -> None:
    """A purge of more than a batch is worked off a batch at a time; nothing of it is found meanwhile."""
    count = 3 * word_index.BATCH
    say(connection, 1, count)
    update_all(connection)
    connection.execute("DELETE FROM messages WHERE id % 2")
    connection.execute("UPDATE messages SET content = 'neuf' WHERE id % 4 = 0")
    left = [number for number in range(count, 0, -1) if number % 4 == 2]
    edited = [number for number in range(count, 0, -1) if number % 4 == 0]
    while True:
        assert (found(connection, "numero"), found(connection, "neuf")) == (left, edited)
        if not word_index.update(connection):
            break
    assert (indexed(connection), indexed(connection, "neuf")) == (left[::-1], edited[::-1])
    assert not word_index.is_outdated(connection)


def test_an_older_database(tmp_path: Path) -> None:
    """What was said before the index existed comes in batch by batch, the newest first; new messages go before."""
    folder = tmp_path / "older"
    folder.mkdir()
    made = next(n for n, step in enumerate(steps()) if "message_words" in step.sql)
    for step in steps()[:made]:
        (folder / f"{step.version:04}_step.sql").write_text(step.sql, encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "old.db", isolation_level=None)) as connection:
        migrate(connection, tmp_path, folder)
        connection.execute("INSERT INTO channels (id, name, name_key, kind, added_at) VALUES (1, '#a', 'a', 'open', 0)")
        batch = word_index.BATCH
        say(connection, 11, 2 * batch + 10)
        migrate(connection, tmp_path)
        assert found(connection, "numero") == []
        say(connection, 2 * batch + 11, 2 * batch + 12)
        assert found(connection, "numero") == [2 * batch + 12, 2 * batch + 11]
        connection.execute("UPDATE messages SET content = 'neuf' WHERE id = 11")
        assert word_index.update(connection)
        assert indexed(connection) == list(range(batch + 13, 2 * batch + 13))
        assert update_all(connection) == 2
        assert indexed(connection) == list(range(12, 2 * batch + 13))
        assert indexed(connection, "neuf") == [11]


def test_nothing_is_written_to_a_displaced_file(connection: sqlite3.Connection) -> None:
    """While something stands in the way the index stays as it is; so it does if a batch fails."""
    say(connection, 1, word_index.BATCH)
    assert not word_index.update(connection, lambda: Text("moved"))
    assert indexed(connection) == []
    connection.execute("DROP TABLE words_outdated")
    connection.execute("CREATE TABLE words_outdated (message_id, channel_id, conversation, author, content)")
    connection.execute("INSERT INTO words_outdated VALUES (1, NULL, NULL, NULL, 'numéro')")
    with pytest.raises(TypeError):
        word_index.update(connection)
    assert not connection.in_transaction
    assert indexed(connection) == []
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.execute("DELETE FROM words_outdated")
    assert word_index.update(connection)


def test_the_index_only_proposes(connection: sqlite3.Connection) -> None:
    """An entry that is wrong shows nobody a message: its words, place and author are compared with the message."""
    say(connection, 1, 2)
    update_all(connection)
    wrong = "INSERT INTO message_words (rowid, words, places) VALUES (?, 'autre', 'c1 n7a6fc3a9')"
    connection.executemany(wrong, [(1,), (2,), (3,)])
    assert indexed(connection, "autre") == [1, 2, 3]
    assert found(connection, "autre") == []


def test_beyond_what_is_read_at_once(connection: sqlite3.Connection) -> None:
    """However many proposals are wrong, a message that matches is found behind them."""
    say(connection, 1, 1, "autre")
    say(connection, 2, 20)
    update_all(connection)
    wrong = "INSERT INTO message_words (rowid, words, places) VALUES (?, 'autre', 'c1 n7a6fc3a9')"
    connection.executemany(wrong, ((number,) for number in range(2, 21)))
    page = answers.answer(connection, asking("autre", limit=1))
    assert [message.message_id for message in page.messages] == [1]
    assert page.following is None
