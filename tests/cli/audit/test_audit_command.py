"""`classcord audit verify` and `purge`, run as they are typed, on a server's real files."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from classcord.cli import main
from classcord.services.process.datafolder import DataFolder
from classcord.store.sqlite.database import store_now
from tests.cli.conftest import Run
from tests.store.examples import AT, audited, commit

pytestmark = pytest.mark.usefixtures("_elsewhere_in_english")

DATABASE = Path("var/classcord.db")
DAY = 86_400_000
OLD = -400 * DAY  # before AT, which is in November 2026


@pytest.fixture
def run(classcord: Run) -> Run:
    """Return what runs `classcord audit ...` beside a server's data."""
    classcord("init")
    changed("DELETE FROM audit")  # of how the server began
    changed("DELETE FROM sqlite_sequence WHERE name = 'audit'")
    entries = [commit(audited(OLD + n)) for n in range(3)] + [commit(audited(n)) for n in range(3)]
    assert store_now(DATABASE, "NORMAL", entries) == {}
    return partial(classcord, "audit")


def changed(sql: str) -> None:
    """Change the database behind the server's back."""
    with closing(sqlite3.connect(DATABASE, isolation_level=None)) as connection:
        connection.execute(sql)


def head() -> str:
    with closing(sqlite3.connect(DATABASE)) as connection:
        number, chained = connection.execute("SELECT id, hash FROM audit ORDER BY id DESC").fetchone()
    return f"{number}:{chained}"


@pytest.fixture
def held(run: Run) -> Iterator[None]:
    """A server that runs with this data folder, and is about to write."""
    holder = DataFolder(Path("var"))
    holder.hold()
    yield
    holder.release()


class TestVerify:
    def test_unbroken(self, run: Run) -> None:
        """A whole trail is told with its head, which is compared the next time."""
        status, out, err = run("verify")
        words = f"6 entries, chain unbroken, head {head()} (write it down: --head compares it later)\n"
        assert (status, out, err) == (0, words, "")
        assert run("verify", "--head", head().upper()) == (0, words, "")

    @pytest.mark.usefixtures("held")
    def test_while_the_server_runs(self, run: Run) -> None:
        """It reads beside a server that writes, and changes nothing."""
        with closing(sqlite3.connect(DATABASE, isolation_level=None)) as server:
            server.execute("BEGIN IMMEDIATE")
            server.execute("DELETE FROM audit")
            before = DATABASE.read_bytes()
            assert run("verify")[0] == 0
            assert DATABASE.read_bytes() == before
            server.execute("ROLLBACK")

    def test_of_a_first_start(self, run: Run) -> None:
        """What a server writes on its first start is unbroken."""
        main(["init", "--data", "other"])
        status, out, _err = run("verify", "--data", "other")
        assert status == 0
        assert "chain unbroken" in out

    def test_findings(self, run: Run) -> None:
        """What is wrong is told a line each, and the status says that there is something."""
        changed("UPDATE audit SET actor = 'x' WHERE id = 2")
        changed("DELETE FROM audit WHERE id > 4")
        findings = ["entry 2: “actor” was altered", "entries 5 to 6: they are missing, and no purge says so"]
        assert run("verify") == (1, "\n".join([*findings, "4 entries, findings: 2", ""]), "")
        status, out, _err = run("verify", "--json")
        assert status == 1
        assert json.loads(out) == {"entries": 4, "erased": 0, "purges": 0, "head": head(), "findings": findings}

    def test_what_an_intruder_wrote_reaches_no_terminal(self, run: Run) -> None:
        """A checkpoint that somebody has made up commands no terminal."""
        changed("INSERT INTO audit_checkpoints VALUES (1, 0, 'x' || char(27) || ']0;', '', '', '')")
        status, out, _err = run("verify")
        assert status == 1
        assert "entries up to x?]0;" in out

    def test_head_that_is_gone(self, run: Run) -> None:
        """A head that was written down and is no longer in the chain is a finding."""
        gone = head()
        changed("DELETE FROM audit WHERE id = 6")
        changed("UPDATE sqlite_sequence SET seq = 5 WHERE name = 'audit'")
        assert run("verify")[0] == 0
        status, out, _err = run("verify", "--head", gone)
        assert status == 1
        assert out.startswith("entry 6: this head, written down before, is no longer in the chain\n")

    @pytest.mark.parametrize("text", ["6", "6:abc", "x:" + "0" * 64, "-1:" + "0" * 64, "9" * 30 + ":" + "0" * 64])
    def test_no_head(self, run: Run, text: str) -> None:
        """What is no head is refused with what one looks like."""
        status, _out, err = run("verify", f"--head={text}")
        assert status == 2
        assert "is no head as `classcord audit verify` prints it" in err

    def test_no_database(self, run: Run, tmp_path: Path) -> None:
        """Where there is no database one line says so, and none is made."""
        assert run("verify", "--data", "nowhere") == (
            2,
            "",
            f"classcord: {tmp_path}/nowhere/classcord.db: there is no database\n",
        )
        assert not Path("nowhere").exists()

    @pytest.mark.parametrize("content", [b"hello", b"\0" * 4096])
    def test_not_a_database(self, run: Run, content: bytes) -> None:
        """A file that is no database is refused in one line."""
        DATABASE.write_bytes(content)
        status, out, err = run("verify")
        assert (status, out) == (2, "")
        assert "file is not a database" in err
        assert err.count("\n") == 1

    def test_older_database(self, run: Run) -> None:
        """A database from before the audit trail is not touched; the line says what brings it up to date."""
        changed("DELETE FROM schema_version WHERE version > 1")
        status, _out, err = run("verify")
        assert status == 2
        assert err.endswith("the database is from an older ClassCord; `classcord init` brings it up to date\n")

    def test_key_from_elsewhere(self, run: Run, tmp_path: Path) -> None:
        """Purges are checked by a copy of the public key, whatever the one in the data folder has become."""
        run("purge", "--before", "2026-06-01", "--yes")
        copy = Path("var/audit_key.pub").rename(tmp_path / "copy.pub")
        assert run("verify")[1].startswith("checkpoint 1 (entries up to 3): there is no public key to check it\n")
        assert run("verify", "--public-key", copy)[0] == 0
        copy.write_text("nonsense", "utf-8")
        status, _out, err = run("verify", "--public-key", copy)
        assert (status, err.count("\n")) == (2, 1)


class TestPurge:
    def test_removes_what_is_older(self, run: Run) -> None:
        """The entries before a day go, the rest is unbroken, and the purge is told of."""
        last = head()
        assert run("purge", "--before", "2026-06-01", "--yes") == (0, "Entries removed: 3\n", "")
        status, out, _err = run("verify", "--head", last)
        assert (status, out.splitlines()[1:]) == (0, ["Purges: 1"])
        assert out.startswith(f"3 entries, chain unbroken, head {last} ")
        assert run("purge", "--before", "2026-06-01", "--yes") == (0, "There are no entries before 2026-06-01.\n", "")

    def test_day_begins_where_the_server_is(self, run: Run) -> None:
        """A day begins at midnight in the server's time zone."""
        midnight = 1_780_264_800_000  # 2026-06-01T00:00 in Paris
        entries = [commit(audited(midnight - AT + n)) for n in (-1, 0)]
        changed("DELETE FROM audit")
        changed("DELETE FROM sqlite_sequence WHERE name = 'audit'")
        assert store_now(DATABASE, "NORMAL", entries) == {}
        assert run("purge", "--before", "2026-06-01", "--yes")[1] == "Entries removed: 1\n"
        assert (
            run("purge", "--before", "2026-06-01", "--yes", "--set", "server.timezone=UTC")[1] == "Entries removed: 1\n"
        )

    @pytest.mark.parametrize(("answer", "left"), [("y", 3), ("YES ", 3), ("no", 6), ("", 6), (None, 6)])
    def test_asks(self, run: Run, monkeypatch: pytest.MonkeyPatch, answer: str | None, left: int) -> None:
        """At a terminal it says what would go, and only a yes removes it."""
        asked: list[str] = []

        def answered(prompt: str) -> str:
            asked.append(prompt)
            if answer is None:
                raise EOFError
            return answer

        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        monkeypatch.setattr("builtins.input", answered)
        assert run("purge", "--before", "2026-06-01")[0] == (0 if left == 3 else 1)
        assert asked == ["Remove the entries before 2026-06-01, up to 3, for good? (yes/…) "]
        assert run("verify")[1].startswith(f"{left} entries, chain unbroken")

    def test_without_a_terminal(self, run: Run) -> None:
        """A script has to say --yes."""
        status, out, err = run("purge", "--before", "2026-06-01")
        assert (status, out) == (1, "")
        assert err == "Nothing was removed: without a terminal, --yes confirms it.\n"
        assert not Path("var/audit_key").exists()

    @pytest.mark.usefixtures("held")
    def test_while_the_server_runs(self, run: Run) -> None:
        """While a server has the data folder nothing is removed."""
        status, _out, err = run("purge", "--before", "2026-06-01", "--yes")
        assert status == 2
        assert "another ClassCord is running with this data folder" in err
        assert run("verify")[1].startswith("6 entries")

    def test_broken(self, run: Run) -> None:
        """Evidence is not purged away unless that is asked for."""
        changed("UPDATE audit SET actor = 'x' WHERE id = 2")
        status, _out, err = run("purge", "--before", "2026-06-01", "--yes")
        assert status == 1
        assert err.splitlines()[0] == "entry 2: “actor” was altered"
        assert run("verify")[1].splitlines()[-1] == "6 entries, findings: 1"
        assert run("purge", "--before", "2026-06-01", "--yes", "--force")[0] == 0
        assert run("verify")[0] == 0

    def test_lost_key(self, run: Run) -> None:
        """A purge without the key of the last one is refused, and the folder is free again."""
        run("purge", "--before", "2025-01-01", "--yes")
        run("purge", "--before", "2026-06-01", "--yes")
        Path("var/audit_key").unlink()
        status, _out, err = run("purge", "--before", "2027-01-01", "--yes")
        assert status == 2
        assert "the private key of this public one is missing" in err
        assert run("verify")[0] == 0
        main(["init"])

    @pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "2026-6-1", ""])
    def test_no_day(self, run: Run, day: str) -> None:
        """What is no day is refused."""
        status, _out, err = run("purge", "--before", day, "--yes")
        assert status == 2
        assert "is no day such as 2026-09-01" in err

    def test_no_database(self, run: Run) -> None:
        """Where there is no server's data, none is made."""
        status, _out, err = run("purge", "--before", "2026-06-01", "--data", "nowhere", "--yes")
        assert (status, err.count("\n")) == (2, 1)
        assert not Path("nowhere").exists()


def test_two_purges_at_once(run: Run) -> None:
    """Of two purges at the same time one does it; the other is refused or finds nothing left."""
    statuses: list[int] = []
    purges = [
        threading.Thread(
            target=lambda: statuses.append(main(["audit", "purge", "--before", "2026-06-01", "--yes"])), daemon=True
        )
        for _ in range(2)
    ]
    for each in purges:
        each.start()
    for each in purges:
        each.join(30)
    assert 0 in statuses
    assert run("verify")[1].splitlines()[-1] == "Purges: 1"
