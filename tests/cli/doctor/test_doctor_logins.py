"""The doctor's look at who administers, at the first password, and at what a password costs."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from classcord.cli.doctor.checks import Installation, logins
from tests.cli.doctor.installations import NOON, PaperMachine, findings, installation

KEY = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
DAY = 86_400.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "admin_keys"
    made.mkdir(mode=0o700)
    return made


def add_key(folder: Path, name: str, line: str = KEY, mode: int = 0o600) -> Path:
    file = folder / os.fsdecode(f"{name}.pub".encode())  # in any locale
    file.write_text(f"{line}\n", "utf-8")
    file.chmod(mode)
    return file


def in_days(days: float) -> str:
    """Return the option of a key that expires so many days after NOON."""
    return datetime.fromtimestamp(NOON + days * DAY, timezone.utc).strftime('expiry-time="%Y%m%d%H%MZ" ')


class TestKeys:
    def test_usable(self, tmp_path: Path, folder: Path) -> None:
        """Keys that count are counted, whatever is known of their end far away."""
        add_key(folder, "prof")
        add_key(folder, "claire", in_days(15) + KEY)
        assert findings(logins.keys, installation(tmp_path / "data")) == [f"ok: usable keys in {folder}: 2"]

    def test_broken(self, tmp_path: Path, folder: Path) -> None:
        """What is passed over is told by file and line."""
        add_key(folder, "prof")
        file = add_key(folder, "zoe", f"# of the laptop\n{KEY[:40]}")
        [broken, usable] = findings(logins.keys, installation(tmp_path / "data"))
        assert broken.startswith(f"problem: this key is passed over: {file}, line 2: ")
        assert usable == f"ok: usable keys in {folder}: 1"

    def test_writable_by_others(self, tmp_path: Path, folder: Path) -> None:
        """A key that others may replace is not used, and needs action."""
        file = add_key(folder, "prof", mode=0o666)
        [broken, _] = findings(logins.keys, installation(tmp_path / "data"))
        assert broken.startswith(f"problem: this key is passed over: {file}: others may write it: chmod go-w {file}")

    def test_named_like_an_account(self, tmp_path: Path, folder: Path) -> None:
        """The key of an account's name, or of its alias, counts for nobody; what to do is said."""
        seen = with_accounts(tmp_path, ("Zoé", None), ("bob", "boss"))
        for name in ("zoé", "boss", "prof"):
            add_key(folder, name)
        remedy = "give the file another name, or delete the account: deluser"
        assert findings(logins.keys, seen) == [
            f"problem: the key in {folder}/boss.pub does not count, for bob is an account → {remedy} bob",
            f"problem: the key in {folder}/zoé.pub does not count, for Zoé is an account → {remedy} Zoé",
            f"ok: usable keys in {folder}: 1",
        ]

    def test_expired(self, tmp_path: Path, folder: Path) -> None:
        """A key that has expired lets nobody in, and should go."""
        add_key(folder, "prof", in_days(-1) + KEY)
        [expired, none] = findings(logins.keys, installation(tmp_path / "data", passwords=False))
        assert expired == (
            f"advice: a key of prof has expired on 2026-11-19 → remove it from {folder}/prof.pub, or renew it"
        )
        assert none.startswith("problem: nobody can come in over SSH")

    @pytest.mark.parametrize(("days", "is_found"), [(13, True), (15, False)])
    def test_expires_soon(self, tmp_path: Path, folder: Path, days: float, is_found: bool) -> None:
        """Two weeks are enough to make another one."""
        add_key(folder, "prof", in_days(days) + KEY)
        found = findings(logins.keys, installation(tmp_path / "data"))
        assert any(line.startswith("advice: a key of prof expires on 2026-12-03") for line in found) is is_found
        assert found[-1] == f"ok: usable keys in {folder}: 1"

    @pytest.mark.parametrize("is_there", [True, False])
    def test_none(self, tmp_path: Path, folder: Path, is_there: bool) -> None:
        """Without keys there are passwords; without both, nobody administers."""
        if not is_there:
            folder.rmdir()
        assert findings(logins.keys, installation(tmp_path / "data")) == [
            f"ok: no keys in {folder}: administrators come in by password"
        ]
        assert findings(logins.keys, installation(tmp_path / "data", passwords=False)) == [
            (
                f"problem: nobody can come in over SSH: there is no usable key in {folder}, and [ssh] passwords is off"
                f" → cp ~/.ssh/id_ed25519.pub {folder}/YOURNAME.pub"
            ),
        ]

    def test_of_somebody_else(self, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A folder that we may not read is not taken for an empty one."""
        monkeypatch.setattr(os, "access", lambda *_: False)
        [found] = findings(logins.keys, installation(tmp_path / "data", passwords=False))
        assert found.startswith(f"problem: {folder} cannot be looked into: Permission denied → ask as the user")


def with_accounts(folder: Path, *names: tuple[str, str | None]) -> Installation:
    """Return a server whose database has these accounts, each with its alias."""
    data = folder / "data"
    data.mkdir(mode=0o700)
    with closing(sqlite3.connect(data / "classcord.db")) as database:
        database.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, alias TEXT)")
        database.executemany("INSERT INTO users (name, alias) VALUES (?, ?)", names)
        database.commit()
    return installation(data)


class TestNames:
    def test_like_addresses(self, tmp_path: Path) -> None:
        """Accounts from before, which nobody could make now, are named; also by their alias."""
        seen = with_accounts(tmp_path, ("10.0.0.5", None), ("bob", "10.0"), ("12345678", None), ("v1.2", None))
        remedy = "give them an account with another name, then delete this one: deluser"
        assert findings(logins.names, seen) == [
            f"advice: the account {name} is called like an address: a ban of it is one of the account → {remedy} {name}"
            for name in ("10.0.0.5", "bob")
        ]

    def test_all_well(self, tmp_path: Path) -> None:
        """Nothing is to be done, nor where there is no database yet, or one that cannot be read."""
        seen = with_accounts(tmp_path, ("bob", None))
        assert findings(logins.names, seen) == ["ok: no account is called like an address"]
        seen.database.write_bytes(b"hello" * 100)
        assert findings(logins.names, seen) == ["ok: no account is called like an address"]
        seen.database.unlink()
        assert findings(logins.names, seen) == []


class TestFirstPassword:
    @pytest.mark.parametrize(
        ("ssh", "passwords", "where"),
        [
            (("tcp:2200",), True, "ssh -p 2200 admin@localhost"),
            (("tcp:2200",), False, "classcord chat"),
            ((), True, "classcord chat"),
            (("unix:/run/ssh",), True, "classcord chat"),
            (("tcp:0",), True, "classcord chat"),
        ],
    )
    def test_unchanged(self, tmp_path: Path, ssh: tuple[str, ...], passwords: bool, where: str) -> None:
        """As long as the file is there, whoever reads it may be admin; the way in is told."""
        (tmp_path / "first-password").touch()
        assert findings(
            logins.first_password,
            installation(tmp_path, listen={"chat": ("tcp:12345",), "ssh": ssh}, passwords=passwords),
        ) == [
            (
                "advice: the account admin still has its one-time password"
                f" → log in as admin with the password in {tmp_path}/first-password, and change it: {where}"
            ),
        ]

    def test_changed(self, tmp_path: Path) -> None:
        """The server removes the file when the password is changed."""
        with closing(sqlite3.connect(tmp_path / "classcord.db")) as database:
            database.execute("CREATE TABLE users (name_key TEXT, must_change INTEGER)")
            database.execute("INSERT INTO users VALUES ('admin', 0), ('bob', 1)")
            database.commit()
        assert findings(logins.first_password, installation(tmp_path)) == ["ok: the one-time password was changed"]

    def test_made_anew(self, tmp_path: Path) -> None:
        """Another one-time password is in no file; nobody has changed it, and that is told."""
        with closing(sqlite3.connect(tmp_path / "classcord.db")) as database:
            database.execute("CREATE TABLE users (name_key TEXT, must_change INTEGER)")
            database.execute("INSERT INTO users VALUES ('admin', 1)")
            database.commit()
        assert findings(logins.first_password, installation(tmp_path)) == [
            (
                "advice: the account admin has a one-time password that is not changed yet,"
                f" and is not in {tmp_path}/first-password"
                " → log in as admin with it, and change it: ssh -p 2222 admin@localhost;"
                " or make another one: classcord ctl passwd admin"
            )
        ]

    def test_not_known(self, tmp_path: Path) -> None:
        """Where the account is gone, or the database cannot be read, no more is said than what is seen."""
        (tmp_path / "classcord.db").touch()
        said = [f"ok: no one-time password waits in {tmp_path}/first-password"]
        assert findings(logins.first_password, installation(tmp_path)) == said
        with closing(sqlite3.connect(tmp_path / "classcord.db")) as database:
            database.execute("CREATE TABLE users (name_key TEXT, must_change INTEGER)")
        assert findings(logins.first_password, installation(tmp_path)) == said

    def test_no_server_yet(self, tmp_path: Path) -> None:
        """Before the first start there is no account."""
        assert findings(logins.first_password, installation(tmp_path)) == []


class TestHashing:
    @pytest.mark.parametrize("seconds", [0.010, 0.025, 0.250])
    def test_right(self, seconds: float) -> None:
        """Between 10 and 250 ms a password is worth something, and nobody waits."""
        assert findings(logins.hashing, installation(Path("/srv")), PaperMachine(hashing=seconds)) == [
            f"ok: a password takes {seconds * 1000:.0f} ms"
        ]

    @pytest.mark.parametrize(("seconds", "memory"), [(0.251, 9_216), (5.0, 7_168)])
    def test_slow(self, seconds: float, memory: int) -> None:
        """A slow machine is told a smaller cost, and that it is less than recommended; there is a least one."""
        [found] = findings(logins.hashing, installation(Path("/srv")), PaperMachine(hashing=seconds))
        assert found.startswith(f"advice: a password takes {seconds * 1000:.0f} ms: a class that logs in together")
        assert found.endswith(
            f"→ a faster processor; or argon2__memory_cost={memory} in classcord/services/passwords/local.py, "
            "though OWASP recommends more"
        )

    @pytest.mark.parametrize(("seconds", "memory"), [(0.0099, 49_152), (0.0001, 65_536)])
    def test_fast(self, seconds: float, memory: int) -> None:
        """A fast machine is told a larger cost, and not one that fills its memory."""
        [found] = findings(logins.hashing, installation(Path("/srv")), PaperMachine(hashing=seconds))
        assert found.startswith("advice: a password takes only ")
        assert f"argon2__memory_cost={memory} in classcord/services/passwords/local.py" in found
