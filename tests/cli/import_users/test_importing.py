"""Accounts from older servers: each format, each refusal, and proof that no file makes anything run."""

from __future__ import annotations

import copyreg
import json
import os
import pickle
import pickletools
import sqlite3
import tracemalloc
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import capturedLogs
from twisted.python.failure import Failure

from classcord.chat.errors import BadPassword, BadUsername, TooLong
from classcord.chat.registration.vocabulary import UsernameTaken
from classcord.chat.text import Text
from classcord.cli.import_users import older_files
from classcord.cli.import_users.importing import ImportedUser, ImportReport, Row, Skipped, import_users
from classcord.cli.import_users.older_files import read_users
from classcord.cli.tables import csv_rows
from classcord.cli.tables.refusing import ImportRefused

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
BCRYPT = "$2b$12$GhvMmNVjRW29ulnudl.LbuAnUtN/LRfe1JsBm1Xu6LE3059z5Tr8m"
ARGON2 = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b/dWRWJTmaaJObG"
ACCOUNTS = {"alice": "azerty", "Zoé Noël": SHA256, "李雷": "mot de passe, à « guillemets »", "bob": "azerty"}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return what writes a file of the older server, and gives its path."""

    def write(content: bytes | str, name: str = "accounts") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def database(tmp_path: Path) -> Callable[[str], Path]:
    """Return what makes an SQLite file with a script, and gives its path."""

    def database(script: str) -> Path:
        path = tmp_path / "old.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)
        return path

    return database


def users(rows: list[Row]) -> list[ImportedUser]:
    assert all(isinstance(row, ImportedUser) for row in rows), rows
    return [row for row in rows if isinstance(row, ImportedUser)]


def secrets(rows: list[Row]) -> dict[str, str]:
    return {user.username: user.secret for user in users(rows)}


def refused(row: Row) -> str:
    assert isinstance(row, Skipped)
    return str(row.refusal)


def refusal(path: Path) -> str:
    with pytest.raises(ImportRefused) as caught:
        read_users(path)
    line = str(caught.value)
    assert line.isprintable()
    assert ": " in line
    return line


# Every kind of file


@pytest.mark.parametrize(
    ("secret", "hashed"),
    [
        (SHA256, True),
        (SHA256.upper(), True),
        (SHA256[:-1], False),
        (BCRYPT, True),
        (BCRYPT.replace("2b", "2a"), True),
        (BCRYPT.replace("2b", "2y"), True),
        (ARGON2, True),
        ("azerty", False),
        ("$ecret", False),
        ("", False),
    ],
)
def test_hashes_are_told_from_clear_passwords(write: Write, secret: str, hashed: bool) -> None:
    """SHA-256 in hexadecimal, bcrypt and argon2id are kept as hashes; all else is a clear password."""
    (user,) = users(read_users(write(pickle.dumps({"alice": secret}))))
    assert (user.secret, user.hashed) == (secret, hashed)


@pytest.mark.parametrize(
    "secret",
    [
        BCRYPT.replace("$12$", "$31$"),
        BCRYPT[:-1],
        ARGON2.replace("65536", "4294967295"),
        ARGON2.replace("t=3", "t=4000"),
        ARGON2.replace("argon2id", "argon2d"),
    ],
)
def test_a_hash_that_no_login_can_be_verified_against_is_skipped(write: Write, secret: str) -> None:
    """A hash of another kind, cut off, or so costly that one login would stop the server never becomes a password."""
    (row,) = read_users(write(pickle.dumps({"alice": secret})))
    assert "its hash is neither" in refused(row)


def test_the_kind_of_a_file_is_told_by_content(write: Write, database: Callable[[str], Path]) -> None:
    """A pickle named .csv, a table named .pkl and a database named .txt are read as what they are."""
    old = database("CREATE TABLE users (username, password); INSERT INTO users VALUES ('carol', 'azerty')")
    renamed = old.rename(old.with_name("notes.txt"))
    assert secrets(read_users(write(pickle.dumps({"alice": "azerty"}), "class.csv"))) == {"alice": "azerty"}
    assert secrets(read_users(write("bob,azerty", "users.pkl"))) == {"bob": "azerty"}
    assert secrets(read_users(renamed)) == {"carol": "azerty"}


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    """A missing file, a folder and a pipe are refused; nobody waits for the pipe."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing", tmp_path, tmp_path / "pipe"):
        assert "is no file" in refusal(path)


def test_a_file_that_may_not_be_read_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal says why the file cannot be read."""

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = write("alice,azerty")
    monkeypatch.setattr(Path, "open", denied)
    assert "cannot be read (Permission denied)" in refusal(path)


def test_a_huge_file_is_refused(write: Write) -> None:
    """More than 16 MiB of pickle or table are not even parsed."""
    path = write(b"")
    os.truncate(path, older_files.MAX_BYTES + 1)
    assert "is larger than 16777216 bytes" in refusal(path)


def test_a_refusal_is_safe_on_a_terminal(write: Write) -> None:
    """Control characters in the name of a file do not reach the terminal."""
    assert refusal(write("", "\x1b[2J\n.csv")).startswith("\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}.csv: ")


def test_a_password_is_in_no_traceback(write: Write) -> None:
    """The repr of an account, which logs and tracebacks show, leaves its secret out."""
    assert "azerty" not in repr(read_users(write("alice,azerty")))


# Pickles


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_of_every_protocol_are_read_in_order(write: Write, protocol: int) -> None:
    """A dict of strings is read whichever protocol wrote it; each account knows its place."""
    rows = users(read_users(write(pickle.dumps(ACCOUNTS, protocol), "users.pkl")))
    assert [(user.username, user.secret) for user in rows] == list(ACCOUNTS.items())
    assert [user.line for user in rows] == ["users.pkl:1", "users.pkl:2", "users.pkl:3", "users.pkl:4"]
    assert rows[0] == ImportedUser("alice", "azerty", False, None, None, None, None, "users.pkl:1")


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_without_a_memo_are_read(write: Write, protocol: int) -> None:
    """A pickle that names nothing twice may begin unlike most; it is no table."""
    unrepeated = {"alice": "a", "zoé": "b"}
    written = pickletools.optimize(pickle.dumps(unrepeated, protocol))
    assert secrets(read_users(write(written))) == unrepeated


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_of_nobody_is_nobody(write: Write, protocol: int) -> None:
    """An older server that had no account yet leaves an empty dict, which is read as such."""
    assert read_users(write(pickle.dumps({}, protocol))) == []


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_of_a_large_school_is_read(write: Write, protocol: int) -> None:
    """Five thousand accounts need the long forms of the memo opcodes."""
    accounts = {f"élève {number}": str(number) for number in range(5000)}
    assert secrets(read_users(write(pickle.dumps(accounts, protocol)))) == accounts


@pytest.mark.parametrize(
    "written",
    [  # by Python 2.7: pickle and cPickle, protocols 0, 1 and 2
        b"(dp0\nS'bob'\np1\nS'a\\'\"\\\\\\n'\np2\nsS'zoe'\np3\nVmot d\xe9\np4\ns.",
        b"(dp1\nS'bob'\np2\nS'a\\'\"\\\\\\n'\np3\nsS'zoe'\np4\nVmot d\xe9\np5\ns.",
        b"}q\x00(U\x03bobq\x01U\x05a'\"\\\nq\x02U\x03zoeq\x03X\x07\x00\x00\x00mot d\xc3\xa9q\x04u.",
        b"}q\x01(U\x03bobq\x02U\x05a'\"\\\nq\x03U\x03zoeq\x04X\x07\x00\x00\x00mot d\xc3\xa9q\x05u.",
        b"\x80\x02}q\x00(U\x03bobq\x01U\x05a'\"\\\nq\x02T\x03\x00\x00\x00zoeq\x03U\x07mot d\xc3\xa9q\x04u.",
        b"\x80\x02}q\x01(U\x03bobq\x02U\x05a'\"\\\nq\x03U\x03zoeq\x04U\x06mot d\xe9q\x05u.",
    ],
)
def test_pickles_of_python_2_are_read(write: Write, written: bytes) -> None:
    """Strings that Python 2 wrote as bytes are UTF-8, else windows-1252."""
    assert secrets(read_users(write(written))) == {"bob": "a'\"\\\n", "zoe": "mot dé"}


def test_a_pickle_that_was_cut_is_refused(write: Write) -> None:
    """No beginning of a pickle gives a part of its accounts."""
    for protocol in range(6):
        whole = pickle.dumps(ACCOUNTS, protocol)
        for length in range(len(whole)):
            refusal(write(whole[:length]))


class Touch:
    """Touches a file when it is unpickled, by `__reduce__`."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.system, (f"touch {self.path}",)


class TouchOnBuild:
    """Touches a file when its state is set (BUILD)."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __setstate__(self, state: dict[str, str]) -> None:
        Path(state["path"]).touch()


class TouchOnNew(str):
    """Touches a file when it is made (NEWOBJ)."""

    __slots__ = ()

    def __new__(cls, path: str) -> TouchOnNew:
        Path(path).touch()
        return super().__new__(cls, path)


class TouchOnNewEx(TouchOnNew):
    """Touches a file when it is made with keywords (NEWOBJ_EX)."""

    __slots__ = ()

    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, str]]:
        return (), {"path": str(self)}


def by_extension(path: str) -> bytes:
    return b"\x80\x02\x82\xf7U" + bytes([len(f"touch {path}")]) + f"touch {path}".encode() + b"\x85R."


HOSTILE: dict[str, Callable[[str], bytes]] = {
    **{f"reduce, protocol {n}": lambda path, n=n: pickle.dumps(Touch(path), n) for n in range(6)},  # type: ignore[misc]
    **{f"as a password, protocol {n}": lambda path, n=n: pickle.dumps({"a": Touch(path)}, n) for n in range(6)},  # type: ignore[misc]
    "after good accounts": lambda path: pickle.dumps({**ACCOUNTS, "mallory": Touch(path)}),
    "build": lambda path: pickle.dumps({"a": TouchOnBuild(path)}),
    "newobj": lambda path: pickle.dumps({"a": TouchOnNew(path)}),
    "newobj_ex": lambda path: pickle.dumps({"a": TouchOnNewEx(path)}),
    "inst": lambda path: f"(S'touch {path}'\nios\nsystem\n.".encode(),
    "obj": lambda path: f"(cos\nsystem\nS'touch {path}'\no.".encode(),
    "global": lambda path: f"cos\nsystem\n(S'touch {path}'\ntR.".encode(),
    "stack_global": lambda path: (
        f"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c{chr(len(path) + 6)}touch {path}\x85R.".encode("latin-1")
    ),
    "extension": by_extension,
    "in a first dict": lambda path: b"(d" + f"cos\nsystem\n(S'touch {path}'\ntR0.".encode(),
}


@pytest.fixture
def extension() -> Iterator[None]:
    """Register os.system in the extension registry, where unpicklers find it without asking for its name."""
    copyreg.add_extension(os.system.__module__, "system", 0xF7)
    yield
    copyreg.remove_extension(os.system.__module__, "system", 0xF7)


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.usefixtures("extension")
def test_a_pickle_that_would_run_something_is_refused_and_does_not(
    write: Write, tmp_path: Path, hostile: Callable[[str], bytes]
) -> None:
    """What makes Python's own unpickler run a command is refused, and no command runs."""
    sentinel = tmp_path / "ran"
    payload = hostile(str(sentinel))
    with suppress(Exception):
        pickle.loads(payload)
    assert sentinel.exists(), "the payload is harmless: it proves nothing"
    sentinel.unlink()
    refusal(write(payload))
    assert not sentinel.exists()


@pytest.mark.parametrize("hostile", [HOSTILE[name] for name in HOSTILE if name != "extension"])
def test_the_unpickler_alone_runs_nothing_either(
    write: Write, tmp_path: Path, hostile: Callable[[str], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should an opcode slip through the check, no name is looked up all the same."""
    monkeypatch.setattr(older_files, "_check_pickle", lambda name, data: None)
    sentinel = tmp_path / "ran"
    payload = hostile(str(sentinel))
    sentinel.unlink(missing_ok=True)  # making the payload may touch it
    refusal(write(payload))
    assert not sentinel.exists()


@pytest.mark.parametrize("written", [b"Pnobody\n.", b"\x80\x02}U\x01aU\x01bQs."])
def test_the_unpickler_alone_refuses_persistent_ids(
    write: Write, written: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Should an opcode slip through the check, no persistent id is looked up."""
    monkeypatch.setattr(older_files, "_check_pickle", lambda name, data: None)
    refusal(write(written))


@pytest.mark.parametrize(
    "written",
    [
        pickle.dumps({"a": 1}),
        pickle.dumps({"a": True}, 0),
        pickle.dumps({"a": 1.5}),
        pickle.dumps({"a": None}),
        pickle.dumps({"a": b"azerty"}),
        pickle.dumps({"a": bytearray(b"azerty")}, 5),
        pickle.dumps({"a": ["b"]}),
        pickle.dumps({"a": {"b": "c"}}),
        pickle.dumps({"a": {}}, 0),
        pickle.dumps({("a", "b"): "c"}),
        pickle.dumps({1: "a"}),
        pickle.dumps(["a", "b"]),
        pickle.dumps({"a"}),
        pickle.dumps("a"),
        b"Pnobody\n.",  # a persistent id, alone
        b"\x80\x02}U\x01aU\x01bQs.",
        b"\x80\x02}q\x00U\x01ah\x00s.",  # a dict that holds itself
        b"\x80\x02}q\x00U\x01ah\x07s.",  # no such memo
        b"\x80\x02U\x01aU\x01bs.",  # no dict
        b"\x80\x02}.}.",  # a second pickle
        b"\x80\x02}(U\x01au.",  # a name without a password
        b"\x80\x63}.",  # protocol 99
        b"\x80\x02.",
        b"\x80\x02}s.",
        b"\x80\x02}\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.",  # a string of eight exbibytes
        b"\x80\x02}X\xff\xff\xff\xffa.",
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f}.",  # a frame of as many
        b"(dp-1\n.",
        b"(dp9999999999999999999999\n.",
        b"(dS'\\d'\nS'a'\ns.",
    ],
)
def test_a_pickle_of_anything_else_is_refused(write: Write, written: bytes) -> None:
    """Numbers, bytes, containers, references, forged lengths: only a flat dict of strings is admitted."""
    refusal(write(written))


def test_the_refusal_of_a_pickle_says_where_and_why(write: Write) -> None:
    """An administrator reads the byte, the opcode and that nothing was run."""
    line = refusal(write(pickle.dumps({"a": 1}, 2), "users.pkl"))
    assert line == "users.pkl: byte 13, BININT1: this is more than a dictionary of strings; nothing of it was run"


@pytest.mark.parametrize(
    "bomb",
    [
        b"\x80\x02}r\xff\xff\xff\x04.",  # a memo of 83 million places
        b"(dp83000000\n.",
        b"\x80\x02" + b"}" * 500_000 + b".",
        b"\x80\x02" + b"(d" * 500_000 + b".",
        b"\x80\x02" + b"(" * 1_000_000 + b"d.",
        b"\x80\x02}q\x00" + b"".join(b"}q%c(U\x01ah%cU\x01bh%cu" % (n, n - 1, n - 1) for n in range(1, 100)) + b".",
    ],
)
def test_a_small_pickle_takes_little_memory(write: Write, bomb: bytes) -> None:
    """A forged memo, a tower of dicts and a dict of dicts of dicts are refused before they grow."""
    path = write(bomb)
    tracemalloc.start()
    try:
        refusal(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * older_files.MAX_BYTES


def test_a_pickle_of_too_many_accounts_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal says how many accounts one file may have."""
    monkeypatch.setattr(older_files, "_MAX_OPCODES", 100)
    assert "has more than 100000 accounts" in refusal(write(pickle.dumps({str(n): "a" for n in range(100)})))


# CSV


def test_a_table_with_a_header_is_read_by_column(write: Write) -> None:
    """The columns come in any order, unknown ones are ignored, and each account has the number of its line."""
    rows = read_users(
        write(
            "Classe;Prénom;NOM;Adresse e-mail;E-mail;Identifiant;Mot de passe;Pseudo\n"
            "2B;Zoé;Noël;;zoe@lycee.example;znoel; a;zozo\n"
            "\n"
            '2B;Bob;;;;bob;"x;""y""";\n',
            "class.csv",
        )
    )
    assert rows == [
        ImportedUser("znoel", " a", False, "zozo", "Zoé", "Noël", "zoe@lycee.example", "class.csv:2"),
        ImportedUser("bob", 'x;"y"', False, None, "Bob", None, None, "class.csv:4"),
    ]


@pytest.mark.parametrize("username", ["username", "Nom d'utilisateur", "nom_utilisateur", "LOGIN", " identifiant "])
@pytest.mark.parametrize("password", ["password", "Mot de passe", "mdp", "MOT_DE_PASSE"])
def test_headings_are_english_or_french(write: Write, username: str, password: str) -> None:
    """Accents, case and punctuation of the headings do not matter."""
    assert secrets(read_users(write(f"{password},{username}\nazerty,alice"))) == {"alice": "azerty"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252"])
def test_tables_of_every_spreadsheet_are_read(write: Write, delimiter: str, ending: str, encoding: str) -> None:
    """The separator is told from the lines, the encoding from the bytes."""
    lines = [delimiter.join(pair) for pair in [("zoé", "a"), ("bob", "b"), ("œdipe", "«€»")]]
    table = ending.join(lines).encode(encoding)
    assert secrets(read_users(write(table))) == {"zoé": "a", "bob": "b", "œdipe": "«€»"}


def test_a_separator_inside_passwords_does_not_mislead(write: Write) -> None:
    """What cuts the most lines alike is the separator."""
    assert secrets(read_users(write("alice;a,b,c\nbob;b\ncarol;d,\n"))) == {"alice": "a,b,c", "bob": "b", "carol": "d,"}


def test_a_first_account_is_no_header(write: Write) -> None:
    """Someone whose password is “password” is still an account."""
    assert secrets(read_users(write("alice,password\nbob,azerty"))) == {"alice": "password", "bob": "azerty"}


def test_a_column_of_hashes_holds_no_clear_password(write: Write) -> None:
    """In a column named password_hash, what is no known hash is skipped, and the hash wins over a clear password."""
    good, bad, clear = read_users(
        write(f"username,password_hash,password\nalice,{SHA256},azerty\nbob,md5:azerty,\ncarol,,azerty")
    )
    assert isinstance(good, ImportedUser)
    assert (good.secret, good.hashed) == (SHA256, True)
    assert "its hash is neither" in refused(bad)
    assert isinstance(clear, ImportedUser)
    assert (clear.secret, clear.hashed) == ("azerty", False)


def test_a_bad_row_of_a_table_stops_no_other(write: Write) -> None:
    """Open quotes, too many values and values too long cost their own row, which is reported with its line."""
    long = "x" * (csv_rows.MAX_CHARACTERS + 1)
    rows = read_users(write(f'alice,a\nbob,"b\ncarol,c,c\ndave,{long}\n{long},e\nfrank,f\n', "class.csv"))
    assert [row.line for row in rows] == [f"class.csv:{number}" for number in range(1, 7)]
    assert secrets([rows[0], rows[5]]) == {"alice": "a", "frank": "f"}
    assert refused(rows[1]) == "This row is not an account: its quotes do not match"
    assert refused(rows[2]) == "This row is not an account: it has more values than the first line"
    assert refused(rows[3]) == refused(rows[4]) == "Too long: the limit is 1000 characters."
    assert [len(row.username) for row in rows[3:5]] == [4, 64]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (b"", "is empty; a name and a password a line are wanted"),
        (b"\xef\xbb\xbf\n \n", "is empty; a name and a password a line are wanted"),
        (b"alice\nbob\n", ":1: columns named “username” and “password”, or these two alone, are wanted"),
        (b"\na,b,c\n", ":2: columns named “username” and “password”, or these two alone, are wanted"),
        (b"login,pseudo\na,b", ":1: columns named “username” and “password” or “password_hash” are wanted"),
        (b"email,password\na,b", ":1: columns named “username” and “password” or “password_hash” are wanted"),
        (b"login,username,mdp\na,b,c", ":1: two columns have the same meaning; keep one of them"),
        (b'alice,"azerty\nbob,b\n', ":1: its quotes do not match"),
        ("login;mdp\nzoé;a\n".encode("utf-16"), "is neither a pickle, an SQLite database nor text"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is neither a pickle, an SQLite database nor text"),
        (b"a,\x81", "is neither a pickle, an SQLite database nor text"),
    ],
)
def test_a_table_that_cannot_be_understood_is_refused(write: Write, table: bytes, problem: str) -> None:
    """The refusal names the file, the line, and what is wanted."""
    assert problem in refusal(write(table, "class.csv"))


def test_a_table_of_too_many_accounts_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal says how many accounts one file may have."""
    monkeypatch.setattr(older_files, "MAX_ACCOUNTS", 2)
    assert "has more than 2 accounts" in refusal(write("a,a\nb,b\nc,c\n"))


# SQLite


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            """
            CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, password TEXT, avatar BLOB);
            INSERT INTO users VALUES (2, 'bob', 'azerty', x'00'), (1, 'zoé', NULL, NULL);
            """,
            [("zoé", "", None, "old.db:users:1"), ("bob", "azerty", None, "old.db:users:2")],
        ),
        (
            f"""
            CREATE TABLE "Users" (username TEXT PRIMARY KEY, password_hash TEXT) WITHOUT ROWID;
            INSERT INTO users VALUES ('bob', '{SHA256}');
            """,
            [("bob", SHA256, None, "old.db:users:1")],
        ),
        (
            f"""
            CREATE TABLE clients (username TEXT, alias TEXT, password_hash TEXT);
            INSERT INTO clients VALUES ('bob', 'Bobby', '{BCRYPT}');
            """,
            [("bob", BCRYPT, "Bobby", "old.db:clients:1")],
        ),
        (  # an index in another order, which looks cheaper to read than the table
            """
            CREATE TABLE users (username, password);
            CREATE INDEX covering ON users (username DESC, password);
            INSERT INTO users VALUES ('alice', 'a'), ('bob', 'b');
            ANALYZE;
            UPDATE sqlite_stat1 SET stat = '2 1 1 sz=1';
            """,
            [("alice", "a", None, "old.db:users:1"), ("bob", "b", None, "old.db:users:2")],
        ),
    ],
)
def test_databases_of_older_servers_are_read_in_order(
    database: Callable[[str], Path], script: str, expected: list[tuple[str, str, str | None, str]]
) -> None:
    """A table `users` or `clients` is read in the order of its rows, with either column of secrets."""
    rows = users(read_users(database(script)))
    assert [(user.username, user.secret, user.alias, user.line) for user in rows] == expected


def test_a_database_is_left_as_it_was(database: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading writes neither to the file nor beside it, even when it was left in WAL mode."""
    path = database("PRAGMA journal_mode = WAL; CREATE TABLE users (username, password)")
    before = path.read_bytes()
    beside: list[Path] = []
    monkeypatch.setattr(older_files, "check_columns", lambda where, fields: beside.extend(path.parent.iterdir()))
    read_users(path)
    assert beside == [path]
    assert path.read_bytes() == before


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_changes_that_lie_beside_a_database_are_not_lost(database: Callable[[str], Path], suffix: str) -> None:
    """A database whose server did not stop cleanly is refused with what to do; an empty file beside it is no reason."""
    path = database("CREATE TABLE users (username, password)")
    rest = path.with_name(path.name + suffix)
    rest.touch()
    assert read_users(path) == []
    rest.write_bytes(b"changes")
    assert f"its last changes lie in old.db{suffix}; stop the older server" in refusal(path)


def test_values_that_are_not_text_cost_their_row(database: Callable[[str], Path]) -> None:
    """Numbers, blobs and text that is not UTF-8 are reported; the other rows are read."""
    rows = read_users(
        database(
            "CREATE TABLE users (username, password);"
            "INSERT INTO users VALUES ('alice', 'a'), ('bob', 1234), ('carol', x'61'), (CAST(x'ff' AS TEXT), 'd'),"
            f"(1, 'e'), ('frank', '{'x' * 1001}'), ('grace', 'g')"
        )
    )
    assert secrets([rows[0], rows[6]]) == {"alice": "a", "grace": "g"}
    assert {refused(row) for row in rows[1:5]} == {"This row is not an account: a value is not text"}
    assert [row.username for row in rows[1:5]] == ["bob", "carol", "", ""]
    assert refused(rows[5]) == "Too long: the limit is 1000 characters."


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS username, i AS password FROM n"
HUGE = "SELECT 'alice' AS username, printf('%100000000d', 1) AS password"
DECOY = """
    CREATE TABLE decoy (username, password);
    CREATE VIEW users AS {view};
    PRAGMA writable_schema = ON;
    UPDATE sqlite_master SET name = 'users' WHERE name = 'decoy';
    UPDATE sqlite_master SET name = 'view' WHERE type = 'view';
"""  # who looks for a table `users` finds one; who reads it gets the view
DISGUISE = """
    CREATE VIEW users AS {view};
    PRAGMA writable_schema = ON;
    UPDATE sqlite_master SET type = 'table';
"""
NO_TABLE = "old.db: a table “users” or “clients” is wanted"
MALFORMED = "old.db: is no intact SQLite database (malformed database schema"
COMPUTED = """
    CREATE TABLE users (username, password AS (printf('%100000000d', 1)) VIRTUAL);
    INSERT INTO users VALUES ('alice');
"""


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("CREATE TABLE students (username, password)", NO_TABLE),
        ("CREATE TABLE users (username)", "old.db:users: columns named “username” and “password”"),
        ("CREATE TABLE users (username, login, password)", "old.db:users: two columns have the same meaning"),
        (f"CREATE VIEW users AS {ENDLESS}", NO_TABLE),
        ("CREATE VIRTUAL TABLE users USING fts5 (username, password)", NO_TABLE),
        ("CREATE VIRTUAL TABLE users USING rtree (username, password, x)", NO_TABLE),
        (COMPUTED, NO_TABLE),
        (DECOY.format(view=ENDLESS), MALFORMED),
        (DECOY.format(view=HUGE), MALFORMED),
        (DISGUISE.format(view=ENDLESS), MALFORMED),
    ],
)
def test_a_database_that_holds_no_plain_table_is_refused(
    database: Callable[[str], Path], script: str, problem: str
) -> None:
    """Views, virtual tables, computed columns and forged schemas are refused, and nothing they define is computed."""
    assert problem in refusal(database(script))


def test_a_query_that_does_not_end_is_stopped(database: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Should anything take too many steps all the same, reading stops."""
    monkeypatch.setattr(older_files, "_MAX_STEPS", 10)
    rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000) SELECT i, 'a' FROM n"
    path = database(f"CREATE TABLE users (username, password); INSERT INTO users {rows}")
    assert "is no intact SQLite database (interrupted)" in refusal(path)


def test_a_database_of_too_many_accounts_is_refused(
    database: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many accounts as are allowed are read; one more, and the file is refused."""
    path = database(
        "CREATE TABLE users (username, password); INSERT INTO users VALUES ('a', 'a'), ('b', 'b'), ('c', 'c')"
    )
    monkeypatch.setattr(older_files, "MAX_ACCOUNTS", 3)
    assert len(read_users(path)) == 3
    monkeypatch.setattr(older_files, "MAX_ACCOUNTS", 2)
    assert "has more than 2 accounts" in refusal(path)


@pytest.mark.parametrize("name", ["50%?mode=rwc#x.db", "é ;&.db"])
def test_the_name_of_a_database_is_only_a_name(database: Callable[[str], Path], name: str) -> None:
    """Characters that mean something in an address do not open another file, or in another mode."""
    path = database("CREATE TABLE users (username, password); INSERT INTO users VALUES ('alice', 'a')")
    assert secrets(read_users(path.rename(path.with_name(os.fsdecode(name.encode()))))) == {"alice": "a"}


# Any bytes

BEGINNINGS = [
    b"",
    b"\x80\x02}",
    b"\x80\x04\x95",
    b"\x80\x04}\x94(",
    b"(dp0\n",
    b"}q\x00",
    b"username,password\n",
    b"a,b\n",
    b"SQLite format 3\0",
    *(pickle.dumps(ACCOUNTS, protocol) for protocol in range(6)),
]


@pytest.mark.parametrize("kind", ["table.csv", "old.db"])
def test_columns_that_are_not_read_are_told(kind: str, write: Write, database: Callable[[str], Path]) -> None:
    """A role is given in the console: whoever expects it from the file is told that it is not read."""
    if kind == "table.csv":
        path = write("username,password,role\nalice,azerty,admin\n", kind)
    else:
        path = database(
            "CREATE TABLE users (username, password, role); INSERT INTO users VALUES ('alice', 'azerty', 'admin')"
        )
    told: list[Text] = []
    assert len(read_users(path, tell=told.append)) == 1
    where = f"{kind}:1" if kind == "table.csv" else f"{kind}:users"
    assert [text.render() for text in told] == [f"{where}: columns that are not read: role"]


def test_a_row_without_a_name_is_told_in_one_breath() -> None:
    """Where there is no name, no empty one stands between two colons."""
    report = ImportReport(skipped=[Skipped("x:2", "", BadPassword(why="empty"))])
    assert report.render()[2] == "x:2: This password is not allowed: empty"


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("importing") / "any"


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("importing") / "intact.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA page_size = 512")
        connection.execute("CREATE TABLE users (username TEXT, password TEXT)")
        connection.executemany("INSERT INTO users VALUES (?, ?)", [(f"user{n}", "azerty" * 20) for n in range(30)])
        connection.commit()
    return path.read_bytes()


def read_or_refuse(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with suppress(ImportRefused):
        assert all(isinstance(row, ImportedUser | Skipped) for row in read_users(path))


@settings(max_examples=500)
@given(beginning=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(scratch: Path, beginning: bytes, rest: bytes) -> None:
    """Whatever a file holds, there are rows or one ImportRefused, never another exception."""
    read_or_refuse(scratch, beginning + rest)


@settings(max_examples=300)
@given(data=st.data(), protocol=st.integers(0, 5))
def test_a_damaged_pickle_is_read_or_refused(scratch: Path, data: st.DataObject, protocol: int) -> None:
    """A few bytes changed in a good pickle give rows or one ImportRefused."""
    read_or_refuse(scratch, damage(data, pickle.dumps(ACCOUNTS, protocol), first=0))


@settings(max_examples=300)
@given(data=st.data())
def test_a_damaged_database_is_read_or_refused(scratch: Path, intact: bytes, data: st.DataObject) -> None:
    """A few bytes changed behind the magic of a good database give rows or one ImportRefused."""
    read_or_refuse(scratch, damage(data, intact, first=16))


def damage(data: st.DataObject, content: bytes, *, first: int) -> bytes:
    damaged = bytearray(content)
    places = st.integers(first, min(len(content) - 1, 700))  # headers and schema are near the beginning
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=8)):
        damaged[place] = value
    return bytes(damaged)


texts = st.text(st.characters(), max_size=100)  # lone surrogates and control characters too


@given(accounts=st.dictionaries(texts, texts), protocol=st.integers(0, 5))
def test_every_dict_of_strings_comes_back(scratch: Path, accounts: dict[str, str], protocol: int) -> None:
    """What an older server pickled is what is read, in its order, in every protocol."""
    scratch.write_bytes(pickle.dumps(accounts, protocol))
    assert list(secrets(read_users(scratch)).items()) == list(accounts.items())


# The report


def account(username: str, line: str, secret: str = "azerty") -> ImportedUser:
    return ImportedUser(username, secret, False, None, None, None, None, line)


def french(template: str) -> str:
    return {
        "Accounts added: {count}": "Comptes ajoutés : {count}",
        "This name was already added, from {line}.": "Ce nom a déjà été ajouté, de {line}.",
    }.get(template, template)


def outcome(rows: Iterable[Row], add: Callable[[ImportedUser], Awaitable[object]]) -> ImportReport | Failure:
    """Return how an import ends that waits for nothing."""
    ends: list[ImportReport | Failure] = []
    Deferred.fromCoroutine(import_users(rows, add)).addBoth(ends.append)
    (end,) = ends
    return end


class Accounts:
    """The accounts of a server that has bob, and refuses as ours does."""

    def __init__(self) -> None:
        self.passwords = {"bob": "his own"}

    async def add(self, user: ImportedUser) -> None:
        if user.username == "<b>":
            raise BadUsername(field="username", why=Text("it is what it is"))
        if user.username == "broken":
            raise ZeroDivisionError
        if user.username in self.passwords:
            raise UsernameTaken(field="username")
        self.passwords[user.username] = user.secret

    def report(self, *rows: Row) -> ImportReport:
        report = outcome(rows, self.add)
        assert isinstance(report, ImportReport)
        return report


@pytest.fixture
def accounts() -> Accounts:
    return Accounts()


def reasons(report: ImportReport) -> dict[str, tuple[str, str]]:
    return {row.line: (row.refusal.code, str(row.refusal)) for row in report.skipped}


def test_an_existing_name_is_reported_and_not_overwritten(accounts: Accounts) -> None:
    """The account that was there keeps its password; the others are added, in order."""
    report = accounts.report(account("alice", "x:1"), account("bob", "x:2"), account("carol", "x:3"))
    assert [user.username for user in report.added] == ["alice", "carol"]
    assert reasons(report) == {"x:2": ("username_taken", "Username already exists.")}
    assert accounts.passwords == {"bob": "his own", "alice": "azerty", "carol": "azerty"}


def test_no_bad_row_stops_the_others(accounts: Accounts) -> None:
    """A name that is not allowed, no password and a row that was none are reported, and the last row is added."""
    report = accounts.report(
        account("<b>", "x:1"),
        account("dave", "x:2", ""),
        account("eve", "x:3", "\ud800"),
        Skipped("x:4", "", TooLong(limit=1000)),
        account("zoé", "x:5"),
    )
    assert [user.username for user in report.added] == ["zoé"]
    assert reasons(report) == {
        "x:1": ("bad_username", "This name is not allowed: it is what it is"),
        "x:2": ("bad_password", "This password is not allowed: it is empty"),
        "x:3": ("bad_password", "This password is not allowed: it has characters that are not text"),
        "x:4": ("too_long", "Too long: the limit is 1000 characters."),
    }


def test_a_name_comes_once(accounts: Accounts) -> None:
    """A second row of the same name, in whatever case, is reported with the line of the first."""
    report = accounts.report(account("Zoé", "x:1"), account("ZOE\u0301", "x:2", "other"))
    assert accounts.passwords["Zoé"] == "azerty"
    assert reasons(report) == {"x:2": ("username_taken", "This name was already added, from x:1.")}


def test_a_refused_row_leaves_its_name_to_a_later_one(accounts: Accounts) -> None:
    """Only a row that made an account stands in the way of another."""
    report = accounts.report(account("alice", "x:1", ""), account("alice", "x:2"))
    assert [user.line for user in report.added] == ["x:2"]


def test_a_fault_costs_one_row_and_is_logged(accounts: Accounts) -> None:
    """When adding fails unexpectedly, the report refers to the log, and the next row is added."""
    with capturedLogs() as events:
        report = accounts.report(account("broken", "x:1"), account("alice", "x:2"))
    assert [user.username for user in report.added] == ["alice"]
    assert "(reference x:1)" in reasons(report)["x:1"][1]
    assert [event["log_failure"].type for event in events] == [ZeroDivisionError]


def test_an_import_can_be_cancelled() -> None:
    """Cancelling is no fault of a row: it ends the import."""

    async def cancelled(user: ImportedUser) -> None:
        raise CancelledError

    end = outcome([account("alice", "x:1")], cancelled)
    assert isinstance(end, Failure)
    assert end.check(CancelledError)


def test_the_report_is_read_in_ones_language(accounts: Accounts) -> None:
    """Two sums, then a line a skipped row, without the control characters of the file."""
    report = accounts.report(account("zoé", "x:1"), account("zoé", "x:2"), account("\x1b[2J", "x:3", ""))
    assert report.render(french) == [
        "Comptes ajoutés : 1",
        "Rows skipped: 2",
        "x:2: zoé: Ce nom a déjà été ajouté, de x:1.",
        "x:3: \N{REPLACEMENT CHARACTER}[2J: This password is not allowed: it is empty",
    ]


def test_the_report_is_json_without_a_password(accounts: Accounts) -> None:
    """Programs read names, lines, stable codes and reasons, and never a secret."""
    report = accounts.report(account("zoé", "x:1"), account("zoé", "x:2"))
    reason = "Ce nom a déjà été ajouté, de x:1."
    assert json.loads(json.dumps(report.as_json(french))) == {
        "added": [{"line": "x:1", "username": "zoé"}],
        "skipped": [{"line": "x:2", "username": "zoé", "code": "username_taken", "reason": reason}],
    }
