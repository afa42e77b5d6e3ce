"""`classcord import-users`, run as it is typed, on real files."""

from __future__ import annotations

import hashlib
import json
import pickle
import sqlite3
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from classcord.chat.names import name_key
from classcord.cli.import_users import new_accounts
from classcord.cli.import_users.run import MAX_NOTES
from classcord.server.startup import Prepared
from classcord.services.passwords.local import CONTEXT
from classcord.services.process.datafolder import DataFolder
from tests.cli.accounts import accounts, logs_in, with_table
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("_elsewhere_in_english")


@pytest.fixture
def run(classcord: Run) -> Run:
    return classcord


SHA256 = hashlib.sha256(b"azerty").hexdigest()
BCRYPT_SALT = b"$2b$04$VvHFRvKhaD4BvEdQfluu.e"  # one of its own would be another name of the test in each process


def as_pickle(folder: Path, users: dict[str, str]) -> Path:
    path = folder / "users.pkl"
    path.write_bytes(pickle.dumps(users, protocol=2))
    return path


def as_csv(folder: Path, users: dict[str, str]) -> Path:
    path = folder / "users.csv"
    path.write_text("".join(f"{name};{secret}\n" for name, secret in users.items()), "cp1252")
    return path


def as_users_table(folder: Path, users: dict[str, str]) -> Path:
    values = ", ".join(f"('{name}', '{secret}')" for name, secret in users.items())
    script = f"CREATE TABLE users (username TEXT, password TEXT); INSERT INTO users VALUES {values};"
    return with_table(folder / "users.db", script)


def as_clients_table(folder: Path, users: dict[str, str]) -> Path:
    values = ", ".join(f"('{name}', 'alias {i}', '{CONTEXT.hash(s)}')" for i, (name, s) in enumerate(users.items()))
    script = (
        f"CREATE TABLE clients (username TEXT, alias TEXT, password_hash TEXT); INSERT INTO clients VALUES {values}"
    )
    return with_table(folder / "clients.db", script)


class TestImport:
    @pytest.mark.parametrize("write", [as_pickle, as_csv, as_users_table, as_clients_table])
    def test_accounts_log_in_afterwards(self, run: Run, tmp_path: Path, write: Callable[..., Path]) -> None:
        """From each old format, a clear password is right afterwards, and stored only as a hash."""
        file = write(tmp_path, {"alice": "azerty", "Zoé Noël": "un secret"})
        status, out, _err = run("import-users", file)
        assert (status, out) == (0, "Accounts added: 2\nRows skipped: 0\n")
        assert logs_in("alice", "azerty")
        assert logs_in("zoé noël", "un secret")
        assert not logs_in("alice", "Azerty")
        assert {accounts()[name]["role"] for name in ("alice", name_key("Zoé Noël"))} == {"member"}
        assert b"un secret" not in (tmp_path / "var" / "classcord.db").read_bytes()

    @pytest.mark.parametrize(
        "digest",
        [
            SHA256,
            SHA256.upper(),
            bcrypt.hashpw(b"azerty", BCRYPT_SALT).decode(),
            bcrypt.hashpw(b"azerty", BCRYPT_SALT).decode().replace("$2b$", "$2y$"),
        ],
    )
    def test_hashes_are_kept(self, run: Run, tmp_path: Path, digest: str) -> None:
        """A hash stays as it is, whatever the shortest password may be, and the password that it is of is right."""
        file = as_pickle(tmp_path, {"alice": digest})
        assert run("import-users", file, "--set", "accounts.min_password=200")[0] == 0
        assert accounts()["alice"]["password_hash"] == digest
        assert logs_in("alice", "azerty")

    def test_accents_typed_elsewhere(self, run: Run, tmp_path: Path) -> None:
        """A clear password is hashed in the form in which it will be compared, however the file writes it."""
        run("import-users", as_pickle(tmp_path, {"alice": unicodedata.normalize("NFD", "été à Noël")}))
        assert logs_in("alice", "été à Noël")

    def test_existing_names_are_kept(self, run: Run, tmp_path: Path) -> None:
        """An account that exists keeps its password and its role; to be there already is no failure."""
        run("import-users", as_pickle(tmp_path, {"alice": "azerty"}))
        before = accounts()
        file = as_pickle(tmp_path, {"ALICE": "another", "admin": "mine now", "bob": "azerty"})
        status, out, err = run("import-users", file)
        assert (status, err) == (0, "")
        assert out.splitlines() == [
            "Accounts added: 1",
            "Rows skipped: 2",
            "users.pkl:1: ALICE: Username already exists.",
            "users.pkl:2: admin: Username already exists.",
        ]
        assert {name: row for name, row in accounts().items() if name != "bob"} == before

    def test_reports_in_french(self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The report is in the language of the terminal, with its no-break spaces."""
        monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
        _status, out, _err = run("import-users", as_pickle(tmp_path, {"alice": "azerty", "tous": "azerty"}))
        assert out.splitlines() == [
            "Comptes ajoutés\N{NO-BREAK SPACE}: 1",
            "Lignes ignorées\N{NO-BREAK SPACE}: 1",
            "users.pkl:2: tous: Ce nom n’est pas accepté\N{NO-BREAK SPACE}: il est réservé",
        ]

    def test_one_name_is_one_account(self, run: Run, tmp_path: Path) -> None:
        """Case and Unicode forms make no two accounts of one name; the first row has it, the others are refused."""
        names = ["Zoé", unicodedata.normalize("NFD", "Zoé"), "ZOÉ", "\uff3aoé"]
        status, out, _err = run("import-users", as_pickle(tmp_path, {name: f"secret{name}" for name in names}))
        assert status == 1
        assert out.splitlines()[:2] == ["Accounts added: 1", "Rows skipped: 3"]
        assert set(accounts()) == {"admin", "zoé"}
        assert logs_in("Zoé", "secretZoé")

    def test_lookalikes_within_one_file(self, run: Run, tmp_path: Path) -> None:
        """A name or an alias that looks like one above it is refused, as it is later."""
        table = tmp_path / "table.csv"
        cyrillic = "\u0441\u043e\u0441\u043e"
        rows = ("lea,azerty,", "Iea,azerty,", "coco,azerty,", f"dan,azerty,{cyrillic}", f"{cyrillic},azerty,")
        table.write_text("\n".join(("login,mdp,pseudo", *rows)), "utf-8")
        status, out, _err = run("import-users", table)
        assert status == 1
        why = "This name is not allowed: it looks like the name of somebody else"
        assert out.splitlines()[2:] == [
            f"table.csv:3: Iea: {why}",
            f"table.csv:5: dan: {why}",
            f"table.csv:6: {cyrillic}: {why}",
        ]
        assert set(accounts()) == {"admin", "lea", "coco"}

    def test_an_alias_is_a_name(self, run: Run, tmp_path: Path) -> None:
        """An alias is nobody else's name or alias, in the store or in the same file; what it may be is checked."""
        run("import-users", as_pickle(tmp_path, {"alice": "azerty"}))
        table = tmp_path / "table.csv"
        table.write_text(
            "login,mdp,pseudo\nbob,azerty,Bobby\ncarl,azerty,bobby\ndan,azerty,Alice\neve,azerty,<eve>\nBobby,azerty,\n"
            "fay,azerty,BOB\n",
            "utf-8",
        )
        status, out, _err = run("import-users", table)
        assert status == 1
        assert out.splitlines()[2:] == [
            "table.csv:3: carl: Alias already exists.",
            "table.csv:4: dan: Alias already exists.",
            "table.csv:5: eve: This alias is not allowed: letters, digits, _ - . and single spaces make a name",
            "table.csv:6: Bobby: Username already exists.",
            "table.csv:7: fay: Alias already exists.",
        ]
        assert accounts()["bob"]["alias"] == "Bobby"
        assert set(accounts()) == {"admin", "alice", "bob"}

    def test_names_of_keys_are_nobody_s(self, run: Run, tmp_path: Path) -> None:
        """A key of admin_keys/ was there first: the row says so, for a name and for an alias."""
        folder = tmp_path / "keys"
        folder.mkdir()
        (folder / "prof.pub").write_text("of no use yet")
        table = tmp_path / "table.csv"
        table.write_text("login,mdp,pseudo\nProf,azerty,\nbob,azerty,PROF\n")
        status, out, _err = run("import-users", table, "--set", f"ssh.keys={folder}")
        assert status == 1
        why = "“Prof” is the name of a key, admin_keys/Prof.pub: choose another name, or give that file another one."
        assert out.splitlines()[2:] == [
            f"table.csv:2: Prof: {why}",
            "table.csv:3: bob: Alias already exists.",
        ]

    def test_rules_of_registration_hold(self, run: Run, tmp_path: Path) -> None:
        """Names and passwords that could not be registered are refused, each with its reason; the others come in."""
        users = {"serveur": "azerty", "a#b": "azerty", "bob": "abc", "carl": "a\0bcd", "dan": "", "eve": "azerty"}
        status, out, _err = run("import-users", as_pickle(tmp_path, users))
        assert status == 1
        assert out.splitlines() == [
            "Accounts added: 1",
            "Rows skipped: 5",
            "users.pkl:1: serveur: This name is not allowed: it is reserved",
            "users.pkl:2: a#b: This name is not allowed: letters, digits, _ - . and single spaces make a name",
            "users.pkl:3: bob: This password is not allowed: it has fewer than 4 characters",
            "users.pkl:4: carl: This password is not allowed: it has a character that cannot be typed",
            "users.pkl:5: dan: This password is not allowed: it is empty",
        ]
        assert run("import-users", as_pickle(tmp_path, {"bob": "abc"}), "--set", "accounts.min_password=3")[0] == 0

    def test_more_accounts_than_one_transaction(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Accounts are stored a batch at a time, the last one shorter; none is left out."""
        monkeypatch.setattr(new_accounts, "BATCH", 10)
        status, out, _err = run("import-users", as_pickle(tmp_path, {f"user{n}": SHA256 for n in range(25)}))
        assert (status, out.splitlines()[0]) == (0, "Accounts added: 25")
        assert len(accounts()) == 26

    def test_a_hostile_pickle_is_refused(self, run: Run, tmp_path: Path) -> None:
        """A pickle that would run something is refused in one line; nothing runs, and no data folder is made."""

        class Hostile:
            def __reduce__(self) -> tuple[object, ...]:
                return Path.touch, (tmp_path / "it ran",)

        file = tmp_path / "users.pkl"
        file.write_bytes(pickle.dumps({"alice": Hostile()}))
        status, out, err = run("import-users", file)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert "this is more than a dictionary of strings; nothing of it was run" in err
        assert list(tmp_path.iterdir()) == [file]

    @pytest.mark.parametrize("words", [["nowhere.pkl"], ["users.pkl", "--set", "limits.burst=x"]])
    def test_refusals_leave_nothing(self, run: Run, tmp_path: Path, words: list[str]) -> None:
        """A file that is not there, or settings that are wrong, cost one line and make no data folder."""
        as_pickle(tmp_path, {"alice": "azerty"})
        status, out, err = run("import-users", *words)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert not (tmp_path / "var").exists()

    def test_a_running_server_is_left_alone(self, run: Run, tmp_path: Path) -> None:
        """While a server holds the data folder nothing is imported, not even for show."""
        run("init")
        file = as_pickle(tmp_path, {"alice": "azerty"})
        holder = DataFolder(tmp_path / "var")
        holder.hold()
        for options in ([], ["--dry-run"]):
            status, out, err = run("import-users", file, *options)
            assert (status, out, err.count("\n")) == (2, "", 1)
            assert "another ClassCord is running with this data folder" in err
        holder.release()
        assert set(accounts()) == {"admin"}

    def test_says_what_it_had_to_make(self, run: Run, tmp_path: Path) -> None:
        """An import into a new data folder makes a server, and says on standard error where its first password is."""
        _status, _out, err = run("import-users", as_pickle(tmp_path, {"alice": "azerty"}))
        assert f"admin, with the password in {tmp_path}/var/first-password" in err

    @pytest.mark.parametrize("initialised", [False, True])
    def test_dry_run_adds_nothing(self, run: Run, tmp_path: Path, *, initialised: bool) -> None:
        """A dry run reports what an import would, and stores nothing; where there was no server, there is none yet."""
        if initialised:
            run("init")
        file = as_pickle(tmp_path, {"alice": "azerty", "Alice": "azerty", "admin": "azerty"})
        status, out, err = run("import-users", file, "--dry-run")
        assert err == ""
        first, *report = out.splitlines()
        assert first == "Nothing was stored; this is what would be done:"
        assert (tmp_path / "var").exists() == initialised
        assert not initialised or set(accounts()) == {"admin"}
        assert (status, report) == (1, run("import-users", file)[1].splitlines())

    def test_says_what_the_first_line_was_taken_for(self, run: Run, tmp_path: Path) -> None:
        """Remarks on a table go to standard error, so that a script reads the report alone."""
        table = tmp_path / "class.csv"
        table.write_text("Classe de SIO2\nidentifiant;mot de passe;classe\nlea;azerty1;2B\n", "utf-8")
        status, out, err = run("import-users", table, "--json")
        assert (status, [user["username"] for user in json.loads(out)["added"]]) == (0, ["lea"])
        assert [line for line in err.splitlines() if line.startswith("classcord: ")] == [
            "classcord: class.csv:1: passed over, above the names of the columns: Classe de SIO2",
            "classcord: class.csv:2: columns that are not read: classe",
        ]
        assert set(accounts()) == {"admin", "lea"}

    def test_many_remarks_are_counted(self, run: Run, tmp_path: Path) -> None:
        """A table that is wrong in every row fills no terminal."""
        table = tmp_path / "class.csv"
        table.write_text("login;mdp\n" + "".join(f"pupil{n};azerty \n" for n in range(MAX_NOTES + 2)), "utf-8")
        _status, _out, err = run("import-users", table, "--dry-run")
        assert len(err.splitlines()) == MAX_NOTES + 1
        assert err.endswith("\nclasscord: and 2 remarks more\n")

    def test_asks_about_a_first_line_that_may_be_a_heading(self, run: Run, tmp_path: Path) -> None:
        """Nothing is imported, and no data folder made, until it is said what the line is."""
        table = tmp_path / "class.csv"
        table.write_text("Pupil;Secret\nlea;azerty1\n", "utf-8")
        status, out, err = run("import-users", table)
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert "class.csv:1: “Pupil;Secret”: is this an account, or the names of the columns?" in err
        assert not (tmp_path / "var").exists()
        assert run("import-users", table, "--no-heading")[:2] == (0, "Accounts added: 2\nRows skipped: 0\n")

    @pytest.mark.parametrize("dry_run", [False, True])
    def test_lists_what_is_added(self, run: Run, tmp_path: Path, *, dry_run: bool) -> None:
        """Each account with what is known of it and never its password, then the sums; the same in a dry run."""
        run("init")
        table = tmp_path / "class.csv"
        table.write_text(
            "login;mdp;prénom;nom;courriel;pseudo\nlea;azerty1;Léa;Roux;lea@x.fr;Lili\ntom;azerty2\nana;\n", "utf-8"
        )
        status, out, _err = run("import-users", table, "--list", *(["--dry-run"] if dry_run else []))
        assert status == 1
        assert out.splitlines()[dry_run:] == [
            "class.csv:2: lea (Lili) Léa Roux <lea@x.fr>",
            "class.csv:3: tom",
            "Accounts added: 2",
            "Rows skipped: 1",
            "class.csv:4: ana: This password is not allowed: it is empty",
        ]

    def test_json_for_scripts(self, run: Run, tmp_path: Path) -> None:
        """With --json the report is one object in ASCII, with codes that never change and no password."""
        file = as_pickle(tmp_path, {"Zoé": "azerty", "tous": "azerty"})
        for dry_run in (True, False):
            status, out, _err = run("import-users", file, "--json", *(["--dry-run"] if dry_run else []))
            assert status == 1
            assert out.isascii()
            assert json.loads(out) == {
                "dry_run": dry_run,
                "added": [{"line": "users.pkl:1", "username": "Zoé"}],
                "skipped": [
                    {
                        "line": "users.pkl:2",
                        "username": "tous",
                        "code": "bad_username",
                        "reason": "This name is not allowed: it is reserved",
                    }
                ],
            }

    def test_what_the_store_refuses_is_reported(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An account that the store refuses after all is reported as skipped, and the others as added."""
        keep = Prepared.keep

        def refusing(self: Prepared, commits: list[Any]) -> dict[int, Exception]:
            outcomes = keep(self, commits[1:])
            assert not outcomes
            return {0: sqlite3.IntegrityError("refused")}

        file = as_pickle(tmp_path, {"alice": "azerty", "bob": "azerty"})
        run("init")
        monkeypatch.setattr(Prepared, "keep", refusing)
        status, out, _err = run("import-users", file)
        assert status == 1
        assert out.splitlines()[:2] == ["Accounts added: 1", "Rows skipped: 1"]
        assert out.splitlines()[2].startswith("users.pkl:1: alice: The server made a mistake")
        assert set(accounts()) == {"admin", "bob"}
