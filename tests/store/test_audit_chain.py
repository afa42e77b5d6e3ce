"""The audit trail in its file: every way of altering it by hand is found, what the server does to it is not."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from classcord.chat.records import Record
from classcord.store.ports import Head, TrailVerdict
from classcord.store.sqlite.audit_chain import (
    BEGINNING,
    MOST_FINDINGS,
    PERSONAL,
    TrailRow,
    as_object,
    digest,
    verify,
)
from classcord.store.sqlite.audit_chain_upkeep import erase, purge
from classcord.store.sqlite.database import store_now
from classcord.store.sqlite.statements import TRAIL
from classcord.store.sqlite.writing import write_group
from tests.store.examples import AT, BEGUN, audited, commit, said, user
from tests.store.sqlite_store import File

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key()
LENGTH = 9
MISSING = "they are missing, and no purge says so"
UNCHAINED = "it does not follow from the one before it; one of them was altered"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database whose trail has nine entries, a millisecond apart; each test has a copy."""
    made = File(tmp_path_factory.mktemp("trail"))
    made.prepare()
    write(made, *(audited(number) for number in range(1, LENGTH + 1)))
    assert [file.name for file in made.path.parent.iterdir()] == [made.path.name]  # nothing is left in a log beside it
    return made.path


@pytest.fixture
def file(tmp_path: Path, written: Path) -> File:
    made = File(tmp_path)
    shutil.copy(written, made.path)
    return made


@pytest.fixture
def trail(file: File) -> Iterator[sqlite3.Connection]:
    """A connection to it, of somebody who can write whatever they want."""
    with file.another() as connection:
        yield connection


def write(file: File, *records: Record) -> None:
    assert store_now(file.path, "NORMAL", [commit(record) for record in records]) == {}


def rows(connection: sqlite3.Connection) -> list[TrailRow]:
    return [TrailRow(*row) for row in connection.execute(TRAIL.whole.sql)]


def found(connection: sqlite3.Connection, known: Head | None = None) -> list[str]:
    """Return what is found to be wrong."""
    return [finding.render() for finding in verify(connection, PUBLIC, known).findings]


# -- what the server writes -------------------------------------------------------------------------------------------


def test_unbroken(trail: sqlite3.Connection) -> None:
    """A trail as the server wrote it has no findings; its head is the last entry."""
    last = rows(trail)[-1]
    assert verify(trail) == TrailVerdict(rows=9, erased=0, checkpoints=0, head=Head(9, last.hash), findings=[])
    assert not trail.in_transaction


def test_empty(tmp_path: Path) -> None:
    """A trail in which nothing is yet is unbroken."""
    file = File(tmp_path)
    file.prepare()
    with file.another() as connection:
        assert verify(connection) == TrailVerdict(rows=0, erased=0, checkpoints=0, head=BEGINNING, findings=[])


def test_digests(trail: sqlite3.Connection, file: File) -> None:
    """Each field that is there has a salt of 16 bytes and a digest of its own, equal values different ones."""
    write(file, audited(10, actor="same", object_id="same", before=None))
    row = rows(trail)[-1]
    salts, digests = as_object(row.salts), as_object(row.digests)
    assert salts.keys() == digests.keys() == set(PERSONAL) - {"before"}
    assert {len(bytes.fromhex(str(salt))) for salt in salts.values()} == {16}
    assert len({*salts.values(), *digests.values()}) == 10
    assert digests["actor"] == digest(salts["actor"], "actor", "same")


def test_a_digest_is_of_one_field() -> None:
    """No part of a value can be taken for its name or its salt."""
    assert digest("aa", "actor", "x") not in {
        digest("aaactor", "actor", "x"),
        digest("aa", "actor_key", "x"),
        digest("a", "aactor", "x"),
        digest("aa", "acto", "rx"),
    }


def test_refused_commits_leave_no_gap(trail: sqlite3.Connection, file: File) -> None:
    """Entries rolled back with their commit take no number, in the group's first try and under the savepoints."""
    group = [
        commit(*BEGUN[0].records, *BEGUN[1].records, audited(10)),
        commit(audited(11), user(3, "Zoé")),
        commit(user(4, "Tom"), audited(12), said(1), audited(13)),
        commit(audited(14), said(1)),
        commit(audited(15)),
    ]
    with closing(sqlite3.connect(file.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        assert list(write_group(connection, group)) == [1, 3]
    assert [row.at - AT for row in rows(trail)[LENGTH:]] == [10, 12, 13, 15]
    assert (found(trail), verify(trail).rows) == ([], LENGTH + 4)


def test_any_text_is_chained(trail: sqlite3.Connection, file: File) -> None:
    """NUL, quotes, emoji and line ends come through; an empty text is not the same as none."""
    write(file, *(audited(10, after=text, object_id="") for text in ("a\0b", "'\"\\", "🎉\u2028", "\r\n", "")))
    assert found(trail) == []
    trail.execute("UPDATE audit SET object_id = NULL WHERE id = 10")
    assert found(trail) == ["entry 10: “object_id” was altered"]


# -- what somebody alters ---------------------------------------------------------------------------------------------

ALTERED: list[tuple[str, object]] = [
    *((column, value) for column in PERSONAL for value in ("forged", "", None, b"Zo\xc3\xa9", 7)),
    ("at", AT),
    ("at", "yesterday"),
    ("at", 1.5),
    ("action", "nothing"),
    ("action", b"role-changed"),
    ("object_type", "channel"),
    ("hash", "0" * 64),
    ("hash", b"\0"),
    *(
        (column, text)
        for column in ("salts", "digests")
        for text in ("", "{}", "null", "[", "[" * 100_000, b"{}", "{1}")
    ),
]


@pytest.mark.parametrize(("column", "value"), ALTERED)
@pytest.mark.parametrize("number", [1, 5, LENGTH])
def test_altered(trail: sqlite3.Connection, number: int, column: str, value: object) -> None:
    """Whatever stands in a column instead, the entry is named, and no other one is blamed for it."""
    trail.execute(f"UPDATE audit SET {column} = ? WHERE id = ?", (value, number))
    findings = found(trail)
    assert findings
    assert all(finding.startswith(f"entry {number}: ") for finding in findings)
    if column in PERSONAL:
        assert findings == [f"entry {number}: “{column}” was altered"]


@pytest.mark.parametrize("column", PERSONAL)
def test_written_where_nothing_was(trail: sqlite3.Connection, file: File, column: str) -> None:
    """A value where there was none is found, with a salt and a digest forged for it as well."""
    write(file, audited(10, **{column: None}))
    trail.execute(f"UPDATE audit SET {column} = 'forged' WHERE id = 10")
    assert found(trail) == [f"entry 10: “{column}” was altered"]
    row = rows(trail)[-1]
    for name, value in (("salts", "00" * 16), ("digests", digest("00" * 16, column, "forged"))):
        forged = json.dumps(as_object(getattr(row, name)) | {column: value}, sort_keys=True, separators=(",", ":"))
        trail.execute(f"UPDATE audit SET {name} = ? WHERE id = 10", (forged,))
    assert found(trail) == [f"entry 10: {UNCHAINED}"]


@pytest.mark.parametrize("column", ["salts", "digests"])
def test_written_otherwise(trail: sqlite3.Connection, column: str) -> None:
    """Salts and digests stand there in one way only: no spaces, no names beside, no name twice."""
    (text,) = trail.execute(f"SELECT {column} FROM audit WHERE id = 5").fetchone()
    for other in (
        f" {text}",
        text.replace(",", ", "),
        f'{{"note":"x",{text[1:]}',
        f'{{"actor":"",{text[1:]}',
        f'{text[:-1]},"z":""}}',
    ):
        trail.execute(f"UPDATE audit SET {column} = ? WHERE id = 5", (other,))
        assert f"entry 5: “{column}” was altered" in found(trail)


def test_text_that_is_none(trail: sqlite3.Connection) -> None:
    """What is not even UTF-8 is found, not stumbled over."""
    trail.execute("UPDATE audit SET actor = CAST(x'ff' AS TEXT), action = CAST(x'c3' AS TEXT) WHERE id = 5")
    assert found(trail) == ["entry 5: “actor” was altered", f"entry 5: {UNCHAINED}"]


def test_altered_with_its_hash(trail: sqlite3.Connection) -> None:
    """Whoever alters an entry and makes its hash anew is found out by the next one."""
    row = rows(trail)[4]._replace(action="nothing")
    forged = row.follows(rows(trail)[3].hash, as_object(row.digests))
    trail.execute("UPDATE audit SET action = 'nothing', hash = ? WHERE id = 5", (forged,))
    assert found(trail) == [f"entry 6: {UNCHAINED}"]


@pytest.mark.parametrize(("first", "last"), [(1, 1), (1, 4), (5, 5), (3, 7), (9, 9), (6, 9), (1, 9)])
def test_removed(trail: sqlite3.Connection, first: int, last: int) -> None:
    """Entries removed at the beginning, in the middle or at the end are missing, and only they."""
    trail.execute("DELETE FROM audit WHERE id BETWEEN ? AND ?", (first, last))
    assert found(trail) == [f"entries {first} to {last}: {MISSING}"]


def test_removed_while_the_server_runs(trail: sqlite3.Connection, file: File) -> None:
    """The server goes on after entries were removed at the end; they are missed in the middle then."""
    trail.execute("DELETE FROM audit WHERE id > 7")
    write(file, audited(10))
    assert found(trail) == [f"entries 8 to 9: {MISSING}"]


def test_removed_and_closed_up(trail: sqlite3.Connection) -> None:
    """Entries that are numbered anew to hide a gap do not follow from each other."""
    trail.execute("DELETE FROM audit WHERE id = 5")
    for number in range(6, LENGTH + 1):
        trail.execute("UPDATE audit SET id = ? WHERE id = ?", (number - 1, number))
    assert f"entry 5: {UNCHAINED}" in found(trail)
    assert found(trail)[-1] == f"entries 9 to 9: {MISSING}"


def test_counter_set_back(trail: sqlite3.Connection, file: File) -> None:
    """A counter that was set back or removed is found; the server numbers on nevertheless."""
    for change in ("UPDATE sqlite_sequence SET seq = 4 WHERE name = 'audit'", "DELETE FROM sqlite_sequence"):
        trail.execute(change)
        assert [finding.split(" was")[0] for finding in found(trail)] == ["entry 9: the counter of entries"]
    write(file, audited(10))
    assert found(trail) == []


def test_hidden_end(trail: sqlite3.Connection) -> None:
    """Entries removed at the end with the counter set back are missed by whoever has written the head down."""
    head = verify(trail).head
    trail.execute("DELETE FROM audit WHERE id = 9")
    trail.execute("UPDATE sqlite_sequence SET seq = 8 WHERE name = 'audit'")
    assert found(trail) == []
    assert found(trail, head) == ["entry 9: this head, written down before, is no longer in the chain"]


def test_whole_trail_forged(trail: sqlite3.Connection, file: File) -> None:
    """A trail written anew from its beginning is whole in itself, but not for whoever has written a head down."""
    head = verify(trail).head
    trail.execute("DELETE FROM audit")
    trail.execute("DELETE FROM sqlite_sequence WHERE name = 'audit'")
    write(file, *(audited(number, actor="Bob") for number in range(1, 12)))
    assert found(trail) == []
    assert len(found(trail, head)) == 1


def test_head_from_before(trail: sqlite3.Connection, file: File) -> None:
    """A head that was written down stays in the chain as the trail grows."""
    heads = [BEGINNING, Head(4, rows(trail)[3].hash), verify(trail).head]
    write(file, audited(10))
    assert [found(trail, head) for head in heads] == [[], [], []]
    assert len(found(trail, Head(4, heads[2].hash))) == 1


@pytest.mark.parametrize("number", [0, -5])
def test_inserted_before(trail: sqlite3.Connection, number: int) -> None:
    """An entry put in before the first one is found."""
    trail.execute("UPDATE sqlite_sequence SET seq = 10 WHERE name = 'audit'")
    trail.execute(
        "INSERT INTO audit SELECT ?, " + ", ".join(TrailRow._fields[1:]) + " FROM audit WHERE id = 3", (number,)
    )
    trail.execute("UPDATE sqlite_sequence SET seq = 9 WHERE name = 'audit'")
    assert found(trail) == [f"entry {number}: it stands before the first one"]


def test_inserted(trail: sqlite3.Connection) -> None:
    """A copy of an entry put in at the end, or between others that make room, does not follow."""
    columns = ", ".join(TrailRow._fields[1:])
    trail.execute(f"INSERT INTO audit SELECT 10, {columns} FROM audit WHERE id = 3")
    assert found(trail) == [f"entry 10: {UNCHAINED}"]
    for number in range(10, 4, -1):
        trail.execute("UPDATE audit SET id = ? WHERE id = ?", (number + 1, number))
    trail.execute(f"INSERT INTO audit SELECT 5, {columns} FROM audit WHERE id = 3")
    assert f"entry 5: {UNCHAINED}" in found(trail)


def test_reordered(trail: sqlite3.Connection) -> None:
    """Two entries that have changed places are found."""
    trail.execute("UPDATE audit SET id = -1 WHERE id = 4")
    trail.execute("UPDATE audit SET id = 4 WHERE id = 5")
    trail.execute("UPDATE audit SET id = 5 WHERE id = -1")
    assert {f"entry {number}: {UNCHAINED}" for number in (4, 5)} <= set(found(trail))


def test_many_findings(trail: sqlite3.Connection, file: File) -> None:
    """A trail in which all is wrong is told about in bounded words."""
    write(file, *(audited(number) for number in range(MOST_FINDINGS)))
    trail.execute("UPDATE audit SET actor = 'forged'")
    findings = found(trail)
    assert findings[0] == "entry 1: “actor” was altered"
    assert (len(findings), findings[-1]) == (MOST_FINDINGS + 1, f"… and {LENGTH} more")


# -- erasures ---------------------------------------------------------------------------------------------------------


def fields(connection: sqlite3.Connection, number: int) -> set[str]:
    """Return the personal fields that an entry still has."""
    row = next(row for row in rows(connection) if row.id == number)
    there = {name for name in PERSONAL if getattr(row, name) is not None}
    assert as_object(row.salts).keys() == there
    return there


def test_erased(trail: sqlite3.Connection, file: File) -> None:
    """Of whoever is erased goes what they did, and what others did to them but not who; the chain holds."""
    named = {"object_type": "channel", "object_id": "1"}
    write(
        file,
        audited(10, actor="LÉA"),
        audited(11, object_id="3"),
        audited(12, object_id="33"),
        audited(13, after='{"channel":"#dev","name":"léa"}', **named),
        audited(14, before='{"target":"Léa","kind":"ban"}', object_type="sanction", object_id="3"),
        audited(15, after='{"name":"Léa Martin"}', object_type="channel", object_id="3"),
    )
    assert erase(trail, "Léa", 3) == 4
    done_to = {"actor", "actor_address", "actor_key"}
    assert [fields(trail, number) for number in range(10, 16)] == [
        set(),
        done_to,
        set(PERSONAL),
        done_to,
        done_to,
        set(PERSONAL),
    ]
    verdict = verify(trail)
    assert (verdict.findings, verdict.rows, verdict.erased) == ([], 15, 6 + 3 * 3)
    assert erase(trail, "Léa", 3) == 0
    write(file, audited(20))
    assert found(trail) == []


def test_erased_from_the_file(trail: sqlite3.Connection, file: File) -> None:
    """What was erased or purged stands nowhere in the database file any more."""
    write(file, audited(10, actor="Léontine"), audited(11, actor="Balthazar"))
    trail.execute("PRAGMA secure_delete = OFF")  # as SQLite has it where nobody has thought of it
    trail.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert "Léontine".encode() in file.path.read_bytes()
    erase(trail, "Léontine")
    purge(trail, AT + 100, KEY, AT)
    trail.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert not any(name.encode() in file.path.read_bytes() for name in ("Léontine", "Balthazar"))


@pytest.mark.parametrize("keep", ["salt", "value"])
def test_half_erased(trail: sqlite3.Connection, keep: str) -> None:
    """A field without its salt, or a salt without its field, is no erasure."""
    if keep == "value":
        salts = json.dumps(
            {k: v for k, v in as_object(rows(trail)[4].salts).items() if k != "actor"},
            sort_keys=True,
            separators=(",", ":"),
        )
        trail.execute("UPDATE audit SET salts = ? WHERE id = 5", (salts,))
    else:
        trail.execute("UPDATE audit SET actor = NULL WHERE id = 5")
    assert found(trail) == ["entry 5: “actor” was altered"]


def test_written_after_an_erasure(trail: sqlite3.Connection) -> None:
    """What is put in the place of an erased field is found."""
    erase(trail, "Zoé")
    trail.execute("UPDATE audit SET actor = 'Bob' WHERE id = 5")
    assert found(trail) == ["entry 5: “actor” was altered"]


# -- purges -----------------------------------------------------------------------------------------------------------


def test_purged(trail: sqlite3.Connection, file: File) -> None:
    """After a purge the rest follows from its checkpoint, purge after purge, and as the trail grows."""
    fourth = Head(4, rows(trail)[3].hash)
    purged = purge(trail, AT + 5, KEY, AT + 50)
    assert purged is not None
    assert (purged.rows, purged.last) == (4, fourth)
    assert [row.id for row in rows(trail)] == [5, 6, 7, 8, 9]
    assert (found(trail), verify(trail, PUBLIC).checkpoints) == ([], 1)
    assert purge(trail, AT + 5, KEY, AT + 60) is None
    write(file, audited(10))
    purge(trail, AT + 7, KEY, AT + 70)
    assert (found(trail), verify(trail, PUBLIC).checkpoints) == ([], 2)
    assert found(trail, fourth) == []


def test_purged_whole(trail: sqlite3.Connection, file: File) -> None:
    """A trail that was purged to its last entry is unbroken and goes on with the next number."""
    head = verify(trail).head
    purge(trail, AT + 1_000, KEY, AT)
    assert (found(trail), verify(trail, PUBLIC).head) == ([], head)
    write(file, audited(2_000), audited(2_001))
    assert (found(trail), [row.id for row in rows(trail)]) == ([], [10, 11])
    trail.execute("DELETE FROM audit WHERE id = 10")
    assert found(trail) == [f"entries 10 to 10: {MISSING}"]


def test_purge_by_a_clock_that_went_back(trail: sqlite3.Connection, file: File) -> None:
    """What was written after an entry that stays, stays too."""
    write(file, audited(1), audited(20))
    purged = purge(trail, AT + 8, KEY, AT)
    assert purged is not None
    assert purged.rows == 7
    assert [row.id for row in rows(trail)] == [8, 9, 10, 11]


@pytest.mark.parametrize(
    ("change", "first"),
    [
        (
            "UPDATE audit_checkpoints SET audit_id = 5 WHERE id = 2",
            "checkpoint 2 (entries up to 5): its signature is wrong",
        ),
        ("UPDATE audit_checkpoints SET audit_id = 'x' WHERE id = 2", "checkpoint 2 (entries up to x): its signature"),
        (
            "UPDATE audit_checkpoints SET hash = '' WHERE id = 2",
            "checkpoint 2 (entries up to 6): its signature is wrong",
        ),
        ("UPDATE audit_checkpoints SET at = 0 WHERE id = 1", "checkpoint 1 (entries up to 4): its signature is wrong"),
        ("UPDATE audit_checkpoints SET why = ''", "checkpoint 1 (entries up to 4): its signature is wrong"),
        ("UPDATE audit_checkpoints SET signature = upper(signature)", "checkpoint 1 (entries up to 4): its signature"),
        ("UPDATE audit_checkpoints SET signature = x'00'", "checkpoint 1 (entries up to 4): its signature is wrong"),
        ("UPDATE audit_checkpoints SET id = 3 WHERE id = 2", "checkpoint 3 (entries up to 6): its signature is wrong"),
        ("DELETE FROM audit_checkpoints WHERE id = 1", "checkpoint 2 (entries up to 6): one before it is missing"),
        ("DELETE FROM audit_checkpoints WHERE id = 2", f"entries 5 to 6: {MISSING}"),
        ("DELETE FROM audit_checkpoints", f"entries 1 to 6: {MISSING}"),
    ],
)
def test_altered_checkpoint(trail: sqlite3.Connection, change: str, first: str) -> None:
    """A checkpoint that was altered or removed is found, whichever of its columns it was."""
    purge(trail, AT + 5, KEY, AT + 50)
    purge(trail, AT + 7, KEY, AT + 60)
    trail.execute(change)
    assert found(trail)[0].startswith(first)


def test_checkpoint_of_another_key(trail: sqlite3.Connection) -> None:
    """A purge by somebody who has not the key is no purge; nor is one that cannot be checked."""
    purge(trail, AT + 5, Ed25519PrivateKey.generate(), AT)
    assert found(trail) == ["checkpoint 1 (entries up to 4): its signature is wrong"]
    unchecked = verify(trail).findings
    assert [f.render() for f in unchecked] == ["checkpoint 1 (entries up to 4): there is no public key to check it"]


def test_entries_put_back(trail: sqlite3.Connection) -> None:
    """An entry that a purge has removed and that stands there again is found."""
    old = rows(trail)[3]
    purge(trail, AT + 5, KEY, AT)
    trail.execute(TRAIL.added.sql, old._asdict())
    assert found(trail) == ["entry 4: it stands before the first one"]


def test_purge_that_fails(trail: sqlite3.Connection) -> None:
    """A purge that cannot be finished has removed nothing."""
    trail.execute("CREATE TRIGGER no BEFORE DELETE ON audit WHEN old.id = 3 BEGIN SELECT raise(ABORT, 'no'); END")
    with pytest.raises(sqlite3.IntegrityError):
        purge(trail, AT + 5, KEY, AT)
    assert (found(trail), verify(trail).rows, verify(trail).checkpoints) == ([], 9, 0)
    assert not trail.in_transaction


# -- the examples of the documentation --------------------------------------------------------------------------------

DAY = 86_400_000
MONDAY = 1_795_392_000_000 - 1_795_392_000_000 % (7 * DAY) + 4 * DAY  # 1970 began on a Thursday


def test_channels_changed_often(trail: sqlite3.Connection, file: File) -> None:
    """Channels changed more than twice from a Monday to a Sunday are listed with their week; others are not."""

    def topic(day: float, channel_id: int, action: str = "topic-set") -> Record:
        at = MONDAY - AT + int(day * DAY)
        return audited(at, action=action, object_type="channel", object_id=str(channel_id))

    write(
        file,
        *BEGUN[0].records,
        *(topic(day, 1) for day in (0, 3, 6.9)),
        *(topic(day, 2) for day in (5, 6, 7, 8)),
        *(topic(day, 1, "channel-closed") for day in (7, 7.5, 8, 9)),
        *(topic(day, 3, "member-added") for day in (1, 2, 3)),
    )
    listed = trail.execute(TRAIL.channels_changed_often.sql).fetchall()
    assert [(channel, changes) for _, channel, changes in listed] == [("#général", 4), ("#général", 3)]
    assert [week for week, *_ in listed] == sorted((week for week, *_ in listed), reverse=True)


def test_deletions_by_administrator(trail: sqlite3.Connection, file: File) -> None:
    """Who has deleted how much, the most active first; whoever was erased is counted together without a name."""

    def deleted(number: int, actor: str, action: str = "user-removed") -> Record:
        return audited(number, actor=actor, action=action)

    write(
        file,
        deleted(1, "prof"),
        *(deleted(n, "admin") for n in range(2, 4)),
        deleted(5, "admin", "channel-closed"),
        deleted(6, "gone"),
        audited(7, actor="other"),
    )
    erase(trail, "gone")
    listed: list[Any] = trail.execute(TRAIL.deletions_by_administrator.sql).fetchall()
    assert [row[:3] for row in listed] == [("admin", 2, 1), ("(erased)", 1, 0), ("prof", 1, 0)]
    assert listed[0][3] == "2026-11-20 20.36"
