"""What becomes of an erased person in the database: docs/RGPD.md has a rule for each column; nothing else is left."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from classcord.chat.effects import Commit
from classcord.chat.mentions.vocabulary import Mentioned
from classcord.chat.messages.vocabulary import Message
from classcord.chat.privacy.vocabulary import AccountErased
from classcord.chat.reactions.vocabulary import Reacted
from classcord.chat.registration.vocabulary import UserAdded
from classcord.chat.revisions.vocabulary import MessageChanged, MessageDeleted, MessageEdited
from classcord.chat.sanctions.vocabulary import SanctionLifted
from classcord.chat.text import Text
from classcord.store.sqlite import erasing, removing, word_index
from classcord.store.sqlite.audit_chain import verify
from classcord.store.sqlite.database import Database, begin
from classcord.store.sqlite.in_memory import MemoryConnection
from classcord.store.sqlite.writing import write_group
from tests.store.examples import (
    AT,
    asked,
    audited,
    blocked,
    carried,
    channel,
    commit,
    decided,
    member,
    named,
    said,
    sanctioned,
    started,
    token,
    user,
    whispered,
)

PAGE = Path(__file__).parents[2] / "docs" / "RGPD.md"
SHOWN = "(ancien membre 1)"


@pytest.fixture
def store() -> Iterator[sqlite3.Connection]:
    memory = MemoryConnection()
    yield memory.connection
    memory.close()


def keep(store: sqlite3.Connection, *commits: Commit) -> None:
    assert write_group(store, commits) == {}


def columns(store: sqlite3.Connection) -> set[tuple[str, str]]:
    """Return every column of the schema, but those that FTS5 keeps for itself behind its table."""
    tables = [row[0] for row in store.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    shadows = {each for each in tables if each.startswith("message_words_")}
    return {
        (table, column[1])
        for table in tables
        if table not in shadows
        for column in store.execute(f"PRAGMA table_info({table})")
    }


def erased(user_id: int = 2, name: str = "Bob", **fields: object) -> Commit:
    values = {"number": 1, "name_key": name.casefold(), "added_at": AT, "shown": SHOWN, "at": AT + 500, **fields}
    return commit(AccountErased(user_id=user_id, name=name, **values))  # type: ignore[arg-type]


def finish(store: sqlite3.Connection, most: int = 3) -> int:
    """Take all steps; return how many there were."""
    place, steps = erasing.step(store, None, most, lambda: None), 1
    while erasing.first_under_way(store) is not None:
        place, steps = erasing.step(store, place, most, lambda: None), steps + 1
        assert steps < 10_000
    while word_index.update(store) or word_index.is_outdated(store):
        pass
    return steps


def found(store: sqlite3.Connection, *values: object) -> set[tuple[str, str]]:
    """Return the columns in which one of these values stands, or a text that has it in it."""
    where = set()
    for table, column in sorted(columns(store)):
        if table == "message_words":  # it can only be asked for words
            continue
        for (value,) in store.execute(f'SELECT "{column}" FROM {table}'):
            text = value if isinstance(value, str) else None
            if any(value == each or (text is not None and isinstance(each, str) and each in text) for each in values):
                where.add((table, column))
    return where


EVERYWHERE = (
    commit(channel(1, "#général", kind="default", members_from="guest")),
    commit(user(1, "Zoé", role="moderator"), user(3, "Léa")),
    commit(
        user(
            2, "Bob", alias="Bobby", alias_key="bobby", first_name="Bobert", last_name="Bobson", email="bob@example.org"
        )
    ),
    commit(channel(2, "#dev", made_by=2, made_from="10.0.0.77"), member(2, 2), member(2, 1)),
    commit(started(1), started(2, 2, name="Bob", address="10.0.0.77"), token(2, 2, name="Bob", address="10.0.0.77")),
    commit(said(1, author_id=1), said(2, "le mot de Bob", author="Bob", author_id=2), named(2, owner="2")),
    commit(said(3, "avant", author="Bob", author_id=2)),
    commit(MessageEdited(message_id=3, at=AT, author="Bob", channel_id=1, content="après")),
    commit(MessageChanged(message_id=3, newest=3, edited_at=AT)),
    commit(said(4, "à ôter", author_id=1)),
    commit(MessageDeleted(message_id=4, at=AT, author="Zoé", author_id=1, channel_id=1)),
    commit(MessageChanged(message_id=4, newest=4, deleted_at=AT, deleted_by="Bob")),
    commit(said(5, "@…", author_id=1, mentions=(2,)), Mentioned(message_id=5, user_id=2)),
    commit(Reacted(message_id=1, emoji="👍", who=2), Reacted(message_id=2, emoji="👍", who=3)),
    commit(whispered(6, author_id=1, waiting_for=2), whispered(7, author="Bob", author_id=2, recipient="Zoé")),
    commit(whispered(8, conversation="2:~tom", author="Bob", author_id=2, recipient="tom")),
    commit(whispered(9, conversation="2:2", author="Bob", author_id=2, recipient="Bob")),
    commit(blocked(1, 2), blocked(2, 3), asked(1, 2), asked(2, 3), decided(2, decided_by="Bob")),
    commit(carried(2, user_id=2)),
    commit(sanctioned(1, "bob", shown="Bob", until=1, reason="Bob a triché"), sanctioned(2, "léa", by="Bob")),
    commit(SanctionLifted(sanction_id=2, by="Bob", lifted_at=AT)),
    commit(audited(1, actor="Bob", actor_address="10.0.0.77", object_id="3")),
    commit(audited(2, object_id="2", before='{"name":"Bob"}', after='{"name":"Bob"}')),
    commit(audited(3, object_type="sanction", object_id="1", before=None, after='{"target":"Bob"}')),
)
"""Bob, in every place where somebody can be."""


def test_each_column_has_a_rule(store: sqlite3.Connection) -> None:
    """Whoever adds a column says in docs/RGPD.md what becomes of it; no rule is about a column that is gone."""
    rows = re.findall(r"^\| `(\w+)` \| ((?:`\w+` ?)+)\|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    ruled = [(table, column) for table, names in rows for column in re.findall(r"`(\w+)`", names)]
    assert len(ruled) == len(set(ruled))
    assert set(ruled) == columns(store)


def test_bob_is_everywhere(store: sqlite3.Connection) -> None:
    """The history of these tests has him in each column that names people, so that they would find him there."""
    keep(store, *EVERYWHERE)
    word_index.update(store)
    assert {
        ("users", "name"),
        ("channels", "made_from"),
        ("messages", "author"),
        ("messages", "recipient"),
        ("sessions", "name"),
        ("tokens", "name"),
        ("sanctions", "target"),
        ("sanctions", "shown"),
        ("sanctions", "reason"),
        ("sanctions", "by"),
        ("sanctions", "lifted_by"),
        ("join_requests", "decided_by"),
        ("message_changes", "deleted_by"),
        ("conversations", "other"),
        ("audit", "actor"),
        ("audit", "before"),
        ("audit", "after"),
    } <= found(store, "Bob", "bob", "10.0.0.77")


def test_nothing_is_left_of_a_person(store: sqlite3.Connection) -> None:
    """No name, no address and no number of the account; what it wrote stays, as somebody's, and the chain holds."""
    keep(store, *EVERYWHERE)
    word_index.update(store)
    keep(store, erased())
    finish(store)
    assert found(store, "Bob", "bob", "10.0.0.77") == {("messages", "content")}  # his own words
    assert store.execute("SELECT count(*) FROM users WHERE id = 2").fetchone() == (0,)
    for table, column in columns(store):
        if column in {"user_id", "author_id", "blocked_id", "made_by", "who", "owner", "waiting_for"}:
            left = store.execute(f"SELECT count(*) FROM {table} WHERE {column} IN (2, '2')").fetchone()
            assert left == ((1,) if table == "erasures" else (0,)), (table, column)
    assert store.execute("SELECT author, content FROM messages WHERE id IN (2, 3)").fetchall() == [
        (SHOWN, "le mot de Bob"),
        (SHOWN, "après"),
    ]
    assert store.execute("SELECT count(*) FROM message_versions WHERE message_id = 3").fetchone() == (0,)
    assert store.execute("SELECT author, recipient FROM messages WHERE conversation = '1:2'").fetchall() == [
        ("Zoé", SHOWN),
        (SHOWN, "Zoé"),
    ]
    assert store.execute("SELECT other FROM conversations").fetchall() == [(SHOWN,)]
    words = "SELECT rowid FROM message_words WHERE message_words MATCH ?"
    assert store.execute(words, (word_index.by("bob"),)).fetchall() == []
    assert store.execute(words, (f"mot {word_index.by(SHOWN)}",)).fetchall() == [(2,)]
    assert not verify(store).findings
    assert store.execute("PRAGMA foreign_key_check").fetchall() == []


def test_the_words_go_where_that_was_asked(store: sqlite3.Connection) -> None:
    """With them their earlier versions and their files, as if each had been deleted; others' words stay."""
    keep(store, *EVERYWHERE)
    word_index.update(store)
    keep(store, erased(empties=True))
    finish(store)
    assert found(store, "Bob", "bob", "10.0.0.77", "avant", "après") == set()
    assert store.execute("SELECT count(*) FROM files").fetchone() == (0,)
    changed = store.execute("SELECT message_id, deleted_by FROM message_changes ORDER BY message_id").fetchall()
    assert changed == [(2, SHOWN), (3, SHOWN), (4, SHOWN), (7, SHOWN)]
    contents = store.execute("SELECT id, content FROM messages WHERE content <> '' ORDER BY id").fetchall()
    assert [number for number, _ in contents] == [1, 5, 6]


def test_what_nobody_reads_any_more_is_removed(store: sqlite3.Connection) -> None:
    """A conversation with a guest, one with oneself, and one whose other person is gone too."""
    keep(store, *EVERYWHERE, erased())
    finish(store)
    assert store.execute("SELECT DISTINCT conversation FROM messages").fetchall() == [(None,), ("1:2",)]
    keep(store, erased(1, "Zoé", number=2, shown="(ancien membre 2)"))
    finish(store)
    assert store.execute("SELECT count(*) FROM messages WHERE conversation IS NOT NULL").fetchone() == (0,)
    assert store.execute("SELECT count(*) FROM conversations").fetchone() == (0,)


def test_who_kept_order_is_still_named_in_the_trail(store: sqlite3.Connection) -> None:
    """Erasing oneself does not take away the traces of what one did to others."""
    keep(store, *EVERYWHERE, erased(keeps_acts=True))
    finish(store)
    trail = store.execute("SELECT actor, actor_address, object_id FROM audit ORDER BY id").fetchall()
    assert trail == [("Bob", "10.0.0.77", "3"), ("Zoé", "10.0.0.1", None), ("Zoé", "10.0.0.1", None)]
    assert not verify(store).findings


def test_a_sanction_in_force_is_not_lifted(store: sqlite3.Connection) -> None:
    """It stays with the name until its end, or who is banned would come back by erasing oneself."""
    keep(store, *EVERYWHERE, commit(sanctioned(3, "bob", kind="ban", shown="Bob")), erased())
    finish(store)
    assert store.execute("SELECT target FROM sanctions WHERE id IN (1, 3)").fetchall() == [(" 1",), ("bob",)]


def test_a_start_knows_who_is_gone(store: sqlite3.Connection) -> None:
    """The account does not come back while its traces are being removed, nor later; no number is given twice."""
    keep(store, *EVERYWHERE, erased())
    for name in ("Bob", ""):
        stored = begin(store)
        [gone] = [record for record in stored.records if isinstance(record, AccountErased)]
        assert (gone.user_id, gone.name, gone.added_at) == (2, name, AT)
        assert [each.name for each in stored.records if isinstance(each, UserAdded)] == ["Zoé", "Léa"]
        assert stored.last.erasure == 1
        finish(store)


def test_the_name_is_free_at_once(store: sqlite3.Connection) -> None:
    """Another person may have it before the traces of the first one are gone, and loses nothing then."""
    keep(store, *EVERYWHERE, erased(), commit(user(4, "Bob")), commit(said(10, "moi", author="Bob", author_id=4)))
    finish(store)
    assert store.execute("SELECT name FROM users WHERE id = 4").fetchone() == ("Bob",)
    assert store.execute("SELECT author FROM messages WHERE id = 10").fetchone() == ("Bob",)


def test_what_another_person_did_under_the_name_stays(store: sqlite3.Connection) -> None:
    """Who takes a name that was free, and is erased, takes nothing of who had it before or has it afterwards."""
    keep(store, *EVERYWHERE[:3])
    for number, at in ((1, AT - 9_000), (2, AT + 900), (3, AT + 100)):
        keep(
            store,
            commit(said(number, author="Zoé", author_id=1)),
            commit(MessageDeleted(message_id=number, at=at, author="Zoé", author_id=1, channel_id=1)),
            commit(MessageChanged(message_id=number, newest=number, deleted_at=at, deleted_by="Bob")),
            commit(sanctioned(number, "léa", by="Bob", added_at=at, kind="warn")),
            commit(SanctionLifted(sanction_id=number, by="Bob", lifted_at=at)),
            commit(audited(at - AT, actor="Bob", action="ban", before=None, after=None)),
            commit(audited(at - AT, object_type="sanction", object_id="1", after='{"target":"Bob"}')),
        )
    keep(store, erased())
    finish(store)
    for query in (
        "SELECT deleted_by FROM message_changes ORDER BY message_id",
        "SELECT by FROM sanctions ORDER BY id",
        "SELECT lifted_by FROM sanctions ORDER BY id",
    ):
        assert [row[0] for row in store.execute(query)] == ["Bob", "Bob", SHOWN], query
    acts = store.execute("SELECT actor FROM audit WHERE action = 'ban' ORDER BY id").fetchall()
    assert acts == [("Bob",), ("Bob",), (None,)]
    about = store.execute("SELECT after FROM audit WHERE action <> 'ban' ORDER BY id").fetchall()
    assert about == [('{"target":"Bob"}',), ('{"target":"Bob"}',), (None,)]


def test_nobody_is_erased_twice(store: sqlite3.Connection) -> None:
    """Of two administrators at once the second is refused, and so is who aims at another account of that name."""
    keep(store, *EVERYWHERE, erased())
    assert [type(each).__name__ for each in write_group(store, [erased(number=2)]).values()] == ["Conflict"]
    assert [type(each).__name__ for each in write_group(store, [erased(9, number=3)]).values()] == ["Conflict"]


def test_each_step_takes_few_rows(store: sqlite3.Connection) -> None:
    """However much a person has said, a step changes so many messages at most: nobody waits for the whole."""
    keep(store, *EVERYWHERE[:3])
    keep(store, commit(*(said(number, author="Bob", author_id=2) for number in range(10, 510))), erased())
    place, most = None, 50
    for done in range(most, 501, most):
        place = erasing.step(store, place, most, lambda: None)
        assert store.execute("SELECT count(*) FROM messages WHERE author = ?", (SHOWN,)).fetchone() == (done,)
    assert finish(store, most) < 40


def test_a_step_is_shorter_when_the_last_one_took_long() -> None:
    """The rows of a step follow its time, within bounds."""
    pace = removing.StepRows()
    for _ in range(20):
        pace.took(1.0)
    assert pace.rows == removing.FEWEST
    for _ in range(20):
        pace.took(0.0)
    assert pace.rows == removing.MOST


def test_the_steps_are_taken_by_and_by() -> None:
    """Not before what was decided earlier is stored, then so many in a second; the search knows the new name."""
    database = Database.in_memory()
    database.write([*EVERYWHERE, erased()])
    database.tidy(100.0)
    database.tidy(100.0 + removing.WAIT - 1)
    assert SHOWN not in {message.author for message in _page(database)}
    for second in range(5):
        database.tidy(100.0 + removing.WAIT + second)
    [message] = [m for m in _page(database) if m.content == "le mot de Bob"]
    assert (message.author, message.author_id) == (SHOWN, None)
    database.close()


def _page(database: Database) -> Sequence[Message]:
    pages: list[Sequence[Message]] = []
    database.page(channel_id=1, limit=50).addCallback(pages.append)
    return pages[0]


def test_nothing_is_written_where_nothing_may_be(store: sqlite3.Connection) -> None:
    """The file was moved away: the step is taken later."""
    keep(store, *EVERYWHERE, erased())
    before = store.execute("SELECT group_concat(author) FROM messages").fetchone()
    erasing.step(store, None, 3, lambda: Text("moved"))
    assert store.execute("SELECT group_concat(author) FROM messages").fetchone() == before
