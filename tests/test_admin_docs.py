"""docs/administration.md and docs/SECURITE.md: generated where they can be, and compared with the code where not."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timezone

import msgspec
import pytest

from classcord.chat.audit.vocabulary import Audit, AuditRead
from classcord.chat.limits import LoginThrottle
from classcord.chat.subjects import COMMANDS
from classcord.console.commands.grammar import grammar
from classcord.console.commands.guide import SWITCHES
from classcord.console.lineedit.editor import Editor
from classcord.console.lineedit.fields import ABANDONS_SEARCH, CommandField
from classcord.console.lineedit.line import ERASES, KILLS, MOVES
from classcord.faces.ssh.auth import ALGORITHMS, QUERIES
from classcord.faces.ssh.operator_connection import MOST_REFUSED
from classcord.faces.ssh.server import CIPHERS, KEY_EXCHANGES, MACS
from classcord.faces.ssh.session_channel import LONGEST_COMMAND
from classcord.language import translator
from classcord.settings import SSHSettings
from classcord.store.sqlite import migrate
from docs import administration, generate
from docs.admin_words import KEYS
from docs.office import Office

SECURITY = generate.HERE / "SECURITE.md"
OPERATIONS = generate.HERE / "exploitation.md"


@pytest.fixture(scope="module")
def fresh() -> str:
    """What docs/administration.md is to contain."""
    return administration.page()


@pytest.fixture(scope="module")
def security() -> str:
    return SECURITY.read_text(encoding="utf-8")


# -- administration.md ------------------------------------------------------------------------------------------------


def test_each_switch_says_what_it_does() -> None:
    """Every switch of every command has its sentence, in French as well."""
    switches = {a.name for kind in COMMANDS.values() for a in grammar(kind).all if a.kind == "flag"}
    assert switches == {*SWITCHES}
    french = translator("fr")
    assert all(french(words) != words for words in SWITCHES.values())


def test_administration_page_is_up_to_date(fresh: str) -> None:
    """What `make docs` would write is what is there."""
    if administration.PAGE_FILE.read_text(encoding="utf-8") != fresh:
        pytest.fail("it is out of date: run make docs")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_listed_and_described(name: str, fresh: str) -> None:
    """Each command is once in a table, with a link to what `help` says of it: its form, its examples, its role."""
    kind = COMMANDS[name]
    (row,) = [line for line in fresh.splitlines() if line.startswith(f"| [`{name}`](#{name}) |")]
    assert ("| oui |" in row) == kind.destructive
    described = fresh[fresh.index(f"\n### {name}\n\n```\n{name}") :].split("```")[1]
    assert all(f"  {example}\n" in described for example in kind.examples)
    role = row.split("|")[3].strip(" `")
    assert f"rôle {translator('fr')(role)}." in described


def test_every_command_is_asked_for_its_answer() -> None:
    """No command's answer is described that the service did not give."""
    assert set(Office().answers()) == set(COMMANDS.values())


def test_page_is_written_in_french(fresh: str) -> None:
    """No sentence of the code is left untranslated on the page."""
    kinds = COMMANDS.values()
    assert [kind.summary for kind in kinds if f"| {kind.summary} |" in fresh] == []
    assert "Examples:" not in fresh


def test_every_key_of_the_editor_is_listed() -> None:
    """The table of keys has each key that the line editor and its search know, once."""
    listed = [name for names, _ in KEYS for name in names]
    known = {*MOVES, *ERASES, *KILLS, *Editor.ACTIONS, *CommandField.ACTIONS, *ABANDONS_SEARCH}
    assert sorted(listed) == sorted(known)


def test_fields_of_an_answer_need_an_explanation() -> None:
    """A field that nobody has explained is a KeyError, not an empty cell."""
    with pytest.raises(KeyError):
        administration.schema_of(msgspec.defstruct("Unexplained", [("surprise", str)]))


# -- SECURITE.md: SSH -------------------------------------------------------------------------------------------------


def _listed(page: str, row: str) -> set[str]:
    (line,) = re.findall(rf"^\| {row} \| (.*) \|$", page, re.MULTILINE)
    return set(re.findall(r"`([^`]+)`", line))


@pytest.mark.parametrize(
    ("row", "offered"),
    [
        ("se mettre d’accord sur une clé", KEY_EXCHANGES),
        ("chiffrer", CIPHERS),
        ("détecter une modification", MACS),
        ("les clés des administrateurs", [each for kinds in ALGORITHMS.values() for each in kinds]),
    ],
)
def test_page_names_the_algorithms_that_are_offered(row: str, offered: list[bytes], security: str) -> None:
    """The page lists what the server speaks, and nothing else."""
    assert _listed(security, row) == {name.decode() for name in offered}


def test_page_states_the_limits_that_hold(security: str) -> None:
    """The numbers of the page are the defaults of the settings, and the bounds of the code."""
    ssh = SSHSettings()
    assert ssh.idle_timeout == 3600
    for words in (
        f"| {ssh.login_grace} secondes | `login_grace` |",
        f"| {ssh.max_tries} | `max_tries` |",
        f"| {ssh.max_connections}\N{NARROW NO-BREAK SPACE}; ",
        f"| {ssh.max_sessions} | `max_sessions` |",
        "| fermée après 1 heure | `idle_timeout` |",
        f"| {MOST_REFUSED}, puis",
        f"| {LONGEST_COMMAND:,} octets |".replace(",", "\N{NARROW NO-BREAK SPACE}"),
        f"| {QUERIES} | |",
    ):
        assert words in security
    assert (LoginThrottle.FREE, LoginThrottle.LONGEST, LoginThrottle.MEMORY) == (5, 8.0, 900.0)


# -- SECURITE.md: the audit trail -------------------------------------------------------------------------------------


def test_page_names_every_action_that_the_commands_leave(security: str) -> None:
    """What each command leaves in the audit trail is in the table of actions, and so are refusals."""
    office = Office()
    office.answers()
    trail = office.ask(Audit(limit=1000))
    assert isinstance(trail, AuditRead)
    left = {entry.action for entry in trail.entries}
    assert {"user-removed", "ban", "channel-closed", "export"} <= left
    table = security[security.index("### Ce qui est écrit") : security.index("### La chaîne")]
    named = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall("`(.*?)`", row)}
    assert left - named == set()


@pytest.fixture
def trail() -> Iterator[sqlite3.Connection]:
    """A trail of two weeks of November 2026, of which the second Monday is the 9th."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for step in migrate.steps():
            connection.executescript(step.sql)
        entries = [
            ("2026-11-02T00:00:00", "prof", "topic-set", "channel", "5", "#jury"),
            ("2026-11-04T09:00:00", "alice", "topic-set", "channel", "5", "#jury"),
            ("2026-11-08T23:59:59", "prof", "channel-closed", "channel", "5", "#jury"),
            # one in the next week; and of another channel only two, beside members who come and go
            ("2026-11-09T00:00:00", "prof", "channel-reopened", "channel", "5", "#jury"),
            ("2026-11-09T10:00:00", "prof", "topic-set", "channel", "2", "#dev"),
            ("2026-11-09T11:00:00", "prof", "topic-set", "channel", "2", "#dev"),
            ("2026-11-09T12:00:00", "prof", "member-added", "channel", "2", "bob"),
            ("2026-11-09T13:00:00", "bob", "member-removed", "channel", "2", "bob"),
            # of a third one, whose entries were erased
            ("2026-11-10T10:00:00", None, "topic-set", "channel", None, None),
            ("2026-11-10T11:00:00", None, "topic-set", "channel", None, None),
            ("2026-11-10T12:00:00", None, "topic-set", "channel", None, None),
            ("2026-11-11T10:00:00", "alice", "user-removed", "user", "7", None),
            ("2026-11-11T11:00:00", "alice", "user-removed", "user", "8", None),
            ("2026-11-11T12:00:00", "alice", "file-remove", "file", "/import/a.csv", None),
            ("2026-11-11T13:00:00", None, "user-removed", "user", None, None),
            ("2026-11-11T14:00:00", "alice", "refused", "request", "deluser", None),
        ]
        connection.executemany(
            "INSERT INTO audit (at, actor, action, object_type, object_id, after, salts, digests, hash) "
            "VALUES (?, ?, ?, ?, ?, ?, '{}', '{}', '')",
            [
                (_ms(at), actor, action, kind, number, msgspec.json.encode({"name": name}).decode() if name else None)
                for at, actor, action, kind, number, name in entries
            ],
        )
        yield connection


def _ms(at: str) -> int:
    return int(datetime.fromisoformat(at).replace(tzinfo=timezone.utc).timestamp() * 1000)


def _query(page: str, number: int) -> str:
    queries: list[str] = re.findall(r"^```sql\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return queries[number]


def test_query_finds_channels_changed_more_than_twice_a_week(trail: sqlite3.Connection, security: str) -> None:
    """Three changes within a week from Monday to Sunday are found; two, members, and another week's are not."""
    assert trail.execute(_query(security, 0)).fetchall() == [
        ("2026-11-02", "#jury", 3, 2),
        ("2026-11-09", "(effacé)", 3, 0),
    ]


def test_query_counts_deletions_by_administrator(trail: sqlite3.Connection, security: str) -> None:
    """Accounts, channels and files are counted for each who removed them; what was refused is not."""
    assert trail.execute(_query(security, 1)).fetchall() == [
        ("alice", 2, 0, 1, 3, "2026-11-11 12:00:00"),
        ("(effacé)", 1, 0, 0, 1, "2026-11-11 13:00:00"),
        ("prof", 0, 1, 0, 1, "2026-11-08 23:59:59"),
    ]


def test_anchors_lead_somewhere(fresh: str, security: str) -> None:
    """Each link to a heading of one of these pages leads to one that is there."""
    protocol = generate.PAGE_FILE.read_text(encoding="utf-8")
    operations = OPERATIONS.read_text(encoding="utf-8")
    pages = {
        "administration.md": fresh,
        "SECURITE.md": security,
        "protocole.md": protocol,
        "exploitation.md": operations,
    }
    headings = {name: set(map(_anchor, re.findall("^#+ (.*)$", page, re.MULTILINE))) for name, page in pages.items()}
    lost = [
        (name, link, anchor)
        for name, page in pages.items()
        for link, anchor in re.findall(r"\]\(([\w.]*)#([^)]+)\)", page)
        if anchor not in headings[link or name]
    ]
    assert lost == []


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
