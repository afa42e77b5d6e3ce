"""How each statement finds its rows: every one of queries/*.sql is explained, a new one by being there."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib import resources
from pathlib import Path

import pytest

from classcord.store.sqlite.migrate import migrate
from classcord.store.sqlite.statements import load

QUERIES = {
    f"{file.name.removesuffix('.sql')}.{name}": getattr(load(file.name.removesuffix(".sql")), name).sql
    for file in (resources.files("classcord.store.sqlite") / "queries").iterdir()
    for name in load(file.name.removesuffix(".sql")).available_queries
    if not name.endswith("_cursor")
}
DETAILS = (
    "messages.replies",
    "messages.mentions",
    "messages.changes",
    "messages.author_roles",
    "messages.tallies",
    "messages.authors_gone",
    "files.of_messages",
)
OF_ERASED = (
    *("author_gone", "emptied", "files_emptied", "messages_gone", "recipient_gone", "renamed"),
    "versions_gone",
)
OPEN_REPORTS = {"SCAN reports USING INDEX reports_open"}  # it holds only the open ones
OF_RANGES = ("changes", "sanctions", "lessons", "requests", "reports")
ALLOWED_SCANS = {
    "start.users": {"SCAN users"},  # a start reads all accounts...
    "start.channels": {"SCAN channels"},  # ...all channels...
    "start.memberships": {"SCAN memberships"},  # ...and who is in them
    "start.sanctions": {"SCAN sanctions"},  # ...what is in force...
    "start.join_requests": {"SCAN join_requests USING INDEX join_requests_untold"},  # ...who still waits for word...
    "start.invitation_codes": {"SCAN invitation_codes"},  # ...by which codes people register...
    "start.lessons": {"SCAN lessons"},  # ...which lessons are held...
    "start.held_messages": {"SCAN held_messages"},  # ...what waits...
    "start.held_files": {"SCAN held_files"},
    "start.channel_moderators": {"SCAN channel_moderators"},  # ...who moderates which channel...
    "start.tokens": {"SCAN tokens"},  # ...which sessions may be resumed...
    "start.blocks": {"SCAN blocks"},  # ...who is on whose block list...
    "start.switches": {"SCAN switches"},  # ...and what is switched
    "start.last_ids": {"SCAN sqlite_sequence"},  # a row a table
    "trail.counted": {"SCAN sqlite_sequence"},
    "inspection.account_names": {"SCAN users"},  # doctor reads all names
    "inspection.unused_staff": {"SCAN users"},
    "trail.whole": {"SCAN audit"},  # to verify it, or to take somebody out of it
    "trail.checkpoints": {"SCAN audit_checkpoints"},  # one for each purge
    "trail.first_kept": {"SCAN audit"},  # as far as a purge goes
    **{  # the channels that somebody moderates
        f"reports.{name}": {"SCAN json_each VIRTUAL TABLE INDEX 1:"} for name in ("open_page", "closed_page")
    },
    **{key: {"SCAN json_each VIRTUAL TABLE INDEX 1:"} for key in DETAILS},  # the ids that are asked for
    **{
        f"words.{name}": {"SCAN words_indexed"} for name in ("indexed", "noted", "taken_out", "left", "wiped")
    },  # one row
    "files.contents": {  # now and then, to find what nobody needs
        "SCAN files USING COVERING INDEX files_by_digest",
        "SCAN held_files",
    },
    "start.reports": {"SCAN reports USING INDEX reports_untold"},  # those that are open, or whose end is not known yet
    "reports.sanctions_since": {"SCAN sanctions"},  # for the file of a report, which an owner takes once in a while
    "reports.trail_entries": {"USE TEMP B-TREE FOR ORDER BY"},
    "start.untold_outcomes": {"SCAN reports USING INDEX reports_untold"},
    "words.indexed": {"SCAN words_indexed"},  # one row
    "words.noted": {"SCAN words_indexed"},
    "words.outdated": {"SCAN words_outdated"},  # edited and deleted messages, until the index is up to date
    "words.is_outdated": {"SCAN CONSTANT ROW", "SCAN words_outdated"},
    "words.matching": {"SCAN message_words VIRTUAL TABLE INDEX"},  # by the words
    **{f"words.{name}": {"SCAN json_each VIRTUAL TABLE INDEX 1:"} for name in ("added", "removed")},  # what is given
    "messages.changed_since": {"SCAN json_each VIRTUAL TABLE INDEX 1:"},  # the channels that are asked for
    "messages.marked_since": {"SCAN json_each VIRTUAL TABLE INDEX 1:"},
    "start.erasures": {"SCAN erasures"},
    "erasing.under_way": {"SCAN erasures USING INDEX erasures_under_way"},  # it holds only those that are not done
    "erasing.is_here": {"SCAN CONSTANT ROW"},
    **{f"erasing.{name}": {"SCAN json_each VIRTUAL TABLE INDEX 1:"} for name in OF_ERASED},  # the ids that are given
    **{f"erasing.last_of_{name}": {"CO-ROUTINE (subquery-1)"} for name in OF_RANGES},
    "erasing.sanctions_renamed": {"CO-ROUTINE (subquery-1)", "SCAN (subquery-1)", "SCAN CONSTANT ROW"},
    "start.last_purge": {"SCAN purges"},  # backwards, as far as the first
    "records.purge_begun": {"SCAN purges"},  # a hundred at most
    "purging.under_way": {"SCAN purges USING INDEX purges_under_way"},  # it holds only one that is not done
    "purging.looked_at": {"CO-ROUTINE (subquery-1)"},
    "purging.last_of_changes": {"CO-ROUTINE (subquery-1)"},
    "purging.old_messages": OPEN_REPORTS,
    "purging.versions_gone": OPEN_REPORTS,
    "purging.count_messages": {*OPEN_REPORTS, "USE TEMP B-TREE FOR GROUP BY"},  # of some messages: three kinds
    "purging.count_others": {*OPEN_REPORTS, "SCAN CONSTANT ROW", "SCAN message_versions"},  # when somebody asks
    "purging.messages_gone": {"SCAN json_each VIRTUAL TABLE INDEX 1:"},  # the ids that are given
    "purging.unused_pages": {"SCAN pragma_freelist_count VIRTUAL TABLE INDEX 0:"},  # one row
    "purging.gives_space_back": {"SCAN pragma_auto_vacuum VIRTUAL TABLE INDEX 0:"},
    "purging.unused_bytes": {
        "SCAN pragma_freelist_count VIRTUAL TABLE INDEX 0:",
        "SCAN pragma_page_size VIRTUAL TABLE INDEX 0:",
    },
    "personal.files": {"USE TEMP B-TREE FOR ORDER BY"},  # those of one person
    # examples, read once in a while
    "trail.channels_changed_often": {"USE TEMP B-TREE FOR GROUP BY", "USE TEMP B-TREE FOR ORDER BY"},
    "trail.deletions_by_administrator": {"USE TEMP B-TREE FOR GROUP BY", "USE TEMP B-TREE FOR ORDER BY"},
    "records.lesson_begun": {"SCAN CONSTANT ROW"},  # that is the new row itself
    "records.sanction_added": {"SCAN CONSTANT ROW"},  # that is the new row itself
    "records.mentions_left": {"SCAN json_each VIRTUAL TABLE INDEX 1:"},
    "records.kept_handed_over": {"SCAN json_each VIRTUAL TABLE INDEX 1:"},  # the ids that are given
    "start.end_open_sessions": {"SCAN sessions USING INDEX sessions_open"},  # it holds only the open ones,
    "records.sessions_closed": {"SCAN sessions USING INDEX sessions_open"},  # and all of them are wanted
}
DELETING = {"erasing.messages_gone", "purging.messages_gone"}
"""Whoever deletes messages looks for each at all that may refer to it."""
NEW_ROW = {
    *("records.message_added", "records.session_started", "records.replied"),
    "records.file_attached",
    *("records.message_held", "records.held_file"),
    *("records.said_in_role", "records.message_changed", "records.token_made"),
    *("records.client_id_kept", "records.mentioned", "records.mentioned_by_edit", "records.setting_set"),
    *("records.private_policy_set", "records.quiet_hours_set"),
    *("records.person_blocked", "trail.added", "trail.checkpoint_added"),
    *("records.channel_added", "records.invitation_code_made"),
    *("records.client_id_kept", "records.setting_set", "trail.added", "trail.checkpoint_added"),
    "words.merged",
}
"""What only inserts has no plan; the constraints it is checked by have indexes of their own."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A database with the newest schema and no row."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, tmp_path_factory.mktemp("backups"))
        yield connection


def parameters(sql: str) -> dict[str, int]:
    return dict.fromkeys(re.findall(r":(\w+)", sql), 1)


def plan(connection: sqlite3.Connection, sql: str) -> list[str]:
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters(sql))]


def unindexed(steps: list[str]) -> set[str]:
    """Return the steps of a plan that look at all rows of a table, or sort them."""
    steps = [re.sub(r"(message_words VIRTUAL TABLE INDEX) .*", r"\1", step) for step in steps]  # numbers vary
    return {step for step in steps if step.startswith(("SCAN", "USE TEMP B-TREE", "MATERIALIZE", "CO-ROUTINE"))}


@pytest.mark.parametrize("name", QUERIES)
def test_plan(empty: sqlite3.Connection, name: str) -> None:
    """A statement goes by an index or a key, scans nothing that is not listed, and sorts nothing."""
    steps = plan(empty, QUERIES[name])
    assert unindexed(steps) == ALLOWED_SCANS.get(name, set())
    assert bool(steps) == (name not in NEW_ROW)


def test_no_scan_of_messages_is_allowed() -> None:
    """The list of exceptions holds no scan of the messages, and nothing that does not exist."""
    assert not [scan for scans in ALLOWED_SCANS.values() for scan in scans if re.search(r"\bmessages\b", scan)]
    assert not (ALLOWED_SCANS.keys() | NEW_ROW) - QUERIES.keys()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM messages WHERE content LIKE :word",
        "SELECT * FROM messages WHERE recipient = :name",
        "SELECT * FROM audit WHERE object_id = :user_id",
        "SELECT * FROM messages ORDER BY at LIMIT 1",
        "SELECT count(*) FROM messages",
        "UPDATE messages SET content = '' WHERE at < :before",
        "DELETE FROM messages WHERE author = :name",
    ],
)
def test_a_scan_would_be_seen(empty: sqlite3.Connection, sql: str) -> None:
    """A statement that reads all messages is found out by its plan."""
    assert unindexed(plan(empty, sql))


# -- how many rows are really touched ---------------------------------------------------------------------------------

FEW, MANY = 2_000, 200_000
FILL = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {size})
INSERT INTO messages (id, at, channel_id, conversation, author, recipient, waiting_for, content)
SELECT n, n, iif(n % 5, 1 + n % 4, NULL), iif(n % 5, NULL, '1:' || (2 + n % 3)), 'Zoé', 'Bob',
       iif(n % 20, NULL, 1 + n % 3), 'Bonjour'
FROM numbers
"""
FILL_TRAIL = """
INSERT INTO audit (id, at, actor, action, object_type, salts, digests, hash)
SELECT id, id, 'a' || (id % 2), 'b' || (id % 3), 'user', '{}', '{}', '' FROM messages
"""
FILL_CONVERSATIONS = """
INSERT INTO conversations (user_id, conversation, other, newest)
SELECT users.id, conversation, 'Bob', max(messages.id) FROM users, messages
WHERE conversation IN (users.id || ':2', users.id || ':3', users.id || ':4') GROUP BY users.id, conversation
"""
ASKED: dict[str, dict[str, str | int | None]] = {
    "archive.channel_before": {"channel_id": 2, "before": 1_000, "limit": 50},
    "archive.channel_after": {"channel_id": 2, "after": 1_000, "limit": 50},
    "archive.conversation_before": {"conversation": "1:3", "before": 1_000, "limit": 50},
    "archive.conversation_after": {"conversation": "1:3", "after": 1_000, "limit": 50},
    "archive.kept": {"user_id": 1, "limit": 10},
    "archive.password_hash": {"name_key": "n1"},
    "conversations.newest_of_channel": {"channel_id": 2},
    "conversations.channel_marker": {"channel_id": 2, "user_id": 1},
    "conversations.many_in_channel": {"channel_id": 2, "after": 1_000, "others": 5},
    "conversations.count_in_channel": {"channel_id": 2, "after": 1_900, "newest": 1_950},
    "conversations.own_messages": {"user_id": 3, "after": 1_000, "limit": 0},
    "conversations.own_in_channel": {"channel_id": 2, "user_id": 3, "after": 1_900, "before": 1_950},
    "conversations.mentions": {"user_id": 1, "after": 1_000, "limit": 50},
    "conversations.mentions_by_edit": {"user_id": 1, "limit": 50},
    "conversations.private": {"user_id": 1, "before": 2**53, "limit": 2},
    "conversations.private_marker": {"user_id": 1, "conversation": "1:3"},
    "conversations.many_in_private": {"conversation": "1:3", "after": 1_000, "others": 5},
    "conversations.count_in_private": {"conversation": "1:3", "after": 1_900, "newest": 1_950},
    "records.mentions_read": {"channel_id": 2, "conversation": None, "user_id": 1, "up_to": 30},
    "records.channel_read": {"channel_id": 2, "user_id": 1, "up_to": 1_000},
    "records.conversation_read": {"conversation": "1:3", "user_id": 1, "up_to": 1_000},
    "records.conversation_hidden": {"conversation": "1:3", "user_id": 1, "up_to": 1_000},
    "conversations.conversed": {
        "conversation": "1:3",
        "author_id": 1,
        "author": "Zoé",
        "recipient": "Bob",
        "message_id": 2_001,
    },
    "messages.message": {"message_id": 1_001},
    **{key: {"message_ids": "[5, 7, 1001, 999999]"} for key in DETAILS},
    "messages.versions": {"message_id": 1_001},
    "reports.authors_in_channel": {"channel_id": 2, "limit": 200},
    "reports.authors_in_conversation": {"conversation": "1:3", "limit": 100},
    "reports.before_in_channel": {"channel_id": 2, "message_id": 1_000, "limit": 5},
    "reports.after_in_channel": {"channel_id": 2, "message_id": 1_000, "limit": 5},
    "reports.before_in_conversation": {"conversation": "1:3", "message_id": 1_000, "limit": 5},
    "reports.after_in_conversation": {"conversation": "1:3", "message_id": 1_000, "limit": 5},
    "messages.changed_since": {"after": 1_001, "channels": "[1, 2]", "who": ":2:", "most": 10},
    "messages.marked_since": {"after": 1_001, "channels": "[1, 2]", "who": ":2:", "most": 10},
    "messages.is_deleted": {"message_id": 1_001},
    "messages.pin_state": {"message_id": 1_001},
    "records.message_pinned": {"message_id": 1_001, "most": 50},
    "messages.reactions_with_own": {"message_id": 1_001, "who": 1},
    "messages.reacting": {"message_id": 1_001, "emoji": "👍", "most": 10},
    "records.message_edited": {"message_id": 1_001, "content": "Bonsoir"},
    "records.message_deleted": {"message_id": 1_001},
    "resuming.of_guest": {"guest": "zoé", "after": 1_000, "up_to": 1_010, "limit": 0},
    "records.reacted": {"message_id": 1_001, "emoji": "👍", "who": -1, "guest": "x", "most_emoji": 20, "most_own": 5},
    "records.message_kept": {"message_id": 1_001, "waiting_for": 1},
    "records.kept_handed_over": {"user_id": 2, "message_ids": "[20, 80, 200]"},
    "records.user_removed": {"user_id": 4},
    "exports.messages": {"after_id": 500, "limit": 50},
    "exports.audit": {"after_id": 500, "limit": 50},
    "trail.last": {},
    "trail.entries": {"before_id": 1_000, "limit": 50},
    "trail.entries_of_actor": {"actor": "a1", "before_id": 1_000, "limit": 50},
    "trail.entries_of_action": {"action": "b1", "before_id": 1_000, "limit": 50},
    "trail.entries_of_actor_and_action": {"actor": "a1", "action": "b1", "before_id": 1_000, "limit": 20},
    "inspection.last_of_messages": {},
    "inspection.newest_message": {},
    "words.newer": {"last": 1_000, "limit": 50},
    "words.older": {"first": 1_000, "limit": 50},
    "words.edited": {"after": 10, "before": 90, "limit": 50},
    "words.matching": {"expression": "bonjour", "after": 10, "before": 90, "limit": 50},
    "words.unindexed": {"after": 1_000, "before": 1_500, "limit": 50},
    "words.next_time": {"message_id": 1_001},
    "words.last_id": {},
    "personal.messages": {"user_id": 3, "after": 0, "most": 10},
    "erasing.own_messages": {"user_id": 3, "most": 10},
    "erasing.in_conversation": {"conversation": "1:3", "after": 1_000, "most": 10},
    "erasing.renamed": {"ids": "[11, 12, 13]", "shown": "(1)", "empties": False},
    "erasing.recipient_gone": {"ids": "[15, 20, 25]", "shown": "(1)", "user_id": 3},
    "erasing.messages_gone": {"ids": "[16, 21, 26]"},
    "purging.looked_at": {"after": 1_000, "most": 30},
    "purging.old_messages": {
        "clocks_go": 0,
        "after": 1_000,
        "last": 1_020,
        **dict.fromkeys(("everyone", "channels", "private"), 1_010),
        "most": 9,
    },
    "purging.count_messages": {
        **dict.fromkeys(("everyone", "channels", "private"), 1_010),
        "after": 1_000,
        "last": 1_005,
        "clocks_go": 0,
    },
    "purging.messages_gone": {"ids": "[16, 21, 26]"},
    "purging.empty_conversations_gone": {
        "user_id": 0,
        "conversation": "",
        "last_user": 2,
        "last_conversation": "1:3",
    },
    "start.last_ids": {},
    "start.end_open_sessions": {},
}


def filled(folder: Path, size: int) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection, folder)
    for number in range(1, 5):
        key = f"n{number}"
        connection.execute(
            "INSERT INTO users VALUES (?, ?, ?, 'member', '', '', ?, '', '', '', 0, 0, 0, '', 0, NULL, 0)",
            (number, key, key, key),
        )
        connection.execute("INSERT INTO channels (name, name_key, kind, added_at) VALUES (?, ?, 'open', 0)", (key, key))
    connection.execute(FILL.format(size=size))
    connection.execute(FILL_CONVERSATIONS)
    connection.execute("INSERT INTO mentions SELECT 1, id, id <= 150 FROM messages WHERE id % 3 = 0")
    connection.execute(FILL_TRAIL)
    connection.execute("INSERT INTO message_words (rowid, words) SELECT id, 'bonjour' FROM messages WHERE id <= 100")
    connection.execute("INSERT INTO words_outdated SELECT id, 1, NULL, '', '' FROM messages WHERE id <= 100")
    return connection


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[sqlite3.Connection]]:
    """A short history and one a hundred times as long."""
    connections = [filled(tmp_path_factory.mktemp("backups"), size) for size in (FEW, MANY)]
    yield connections
    for connection in connections:
        connection.close()


def work(connection: sqlite3.Connection, name: str) -> tuple[int, int]:
    """Return how many rows a statement gives or changes, and in how many steps of SQLite's machine."""
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection.execute("BEGIN")
    connection.set_progress_handler(step, 1)
    cursor = connection.execute(QUERIES[name], ASKED[name])
    rows = len(cursor.fetchall())
    connection.set_progress_handler(None, 0)
    connection.execute("ROLLBACK")
    return max(rows, cursor.rowcount), steps


@pytest.mark.parametrize("name", ASKED)
def test_work_does_not_grow(histories: list[sqlite3.Connection], name: str) -> None:
    """Over a hundred times as many messages a statement takes not one step more for the same number of rows."""
    short, long = (work(connection, name) for connection in histories)
    assert short == long
    assert short[0] == ASKED[name].get("limit", short[0])
    assert 0 < short[1] <= 400 + (300 if name in DELETING else 40) * short[0]  # of an account: all that may refer to it


def test_every_query_of_messages_is_measured() -> None:
    """No statement that reads or changes messages goes unmeasured, nor any that an administrator reads the trail by."""
    about = {name for name, sql in QUERIES.items() if re.search(r"\bmessages\b", sql) and not sql.startswith("INSERT")}
    about |= {name for name in QUERIES if name.startswith("trail.entries")}
    assert about <= ASKED.keys()
