"""`classcord init`, run as it is typed, on real files."""

from __future__ import annotations

from pathlib import Path

import pytest

from classcord.services.process.datafolder import DataFolder
from tests.cli.accounts import accounts, logs_in, with_table
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("_elsewhere_in_english")


@pytest.fixture
def run(classcord: Run) -> Run:
    return classcord


class TestDatabaseThatIsGone:
    @pytest.mark.parametrize(
        "command", [("init",), ("import-users", "users.csv"), ("import-users", "--dry-run", "users.csv")], ids=" ".join
    )
    def test_nothing_is_begun_anew(self, run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
        """Where a server has run, each command that would make a database asks for it, or for --new."""
        Path("users.csv").write_text("alice,azerty\n", "utf-8")
        run("init")
        (tmp_path / "var" / "classcord.db").unlink()
        (tmp_path / "var" / "log" / "audit.log").write_text("x", "utf-8")
        status, out, err = run(*command)
        assert (status, out) == (2, "")
        assert f"{tmp_path}/var/classcord.db is missing" in err
        assert not (tmp_path / "var" / "classcord.db").exists()
        status, out, err = run("init", "--new")
        assert (status, err) == (0, "")
        assert f"  database       {tmp_path}/var/classcord.db" in out.partition("There already:")[0]
        assert "admin" in accounts()


class TestInit:
    def test_makes_what_a_server_needs(self, run: Run, tmp_path: Path) -> None:
        """The first run makes everything, says where, and shows no password; the next one changes nothing."""
        status, out, err = run("init")
        assert (status, err) == (0, "")
        folder = tmp_path / "var"
        made = ("classcord.db", "tls/key.pem", "tls/cert.pem", "first-password")
        before = {name: (folder / name).read_bytes() for name in made}
        assert accounts()["admin"]["role"] == "owner"
        assert out.splitlines() == [
            "Made:",
            f"  data folder    {folder}",
            f"  database       {folder}/classcord.db",
            f"  certificate    {folder}/tls/cert.pem",
            f"  first account  admin, with the password in {folder}/first-password",
            "Start the server: twistd -n classcord --data var",
        ]
        assert logs_in("admin", before["first-password"].decode().strip())
        status, again, err = run("init")
        assert (status, err) == (0, "")
        assert again.splitlines() == ["There already:", *out.splitlines()[1:]]
        assert {name: (folder / name).read_bytes() for name in made} == before

    def test_says_how_to_start_with_the_same_options(self, run: Run, tmp_path: Path) -> None:
        """The options of `init` are those of the command line that it shows, quoted for a shell."""
        (tmp_path / "my.toml").touch()
        _status, out, _err = run("init", "--config", "my.toml", "--data", "my data", "--set", "server.name=École 2")
        last = out.splitlines()[-1]
        assert last.endswith(" --data 'my data' --config my.toml --set 'server.name=École 2'")

    def test_forgets_a_password_that_was_changed(self, run: Run, tmp_path: Path) -> None:
        """When the file of the first password is gone, nothing is said of it, and no new account is made."""
        run("init")
        (tmp_path / "var" / "first-password").unlink()
        status, out, _err = run("init")
        assert status == 0
        assert "first account" not in out
        assert not (tmp_path / "var" / "first-password").exists()

    def test_leaves_a_running_server_alone(self, run: Run, tmp_path: Path) -> None:
        """A data folder that is held is refused in one line."""
        holder = DataFolder(tmp_path / "var")
        holder.hold()
        status, out, err = run("init")
        holder.release()
        assert (status, out) == (2, "")
        assert err == (
            f"classcord: {tmp_path}/var: another ClassCord is running with this data folder; "
            "stop it, or choose another --data.\n"
        )

    def test_releases_the_folder_when_it_fails(self, run: Run, tmp_path: Path) -> None:
        """What cannot be made is named in one line, and the next try may succeed."""
        (tmp_path / "var" / "first-password").mkdir(parents=True)
        status, _out, err = run("init")
        assert (status, err) == (
            2,
            f"classcord: {tmp_path}/var/first-password: this cannot be the data folder: Is a directory.\n",
        )
        (tmp_path / "var" / "first-password").rmdir()
        assert run("init")[0] == 0

    def test_refuses_in_the_language_of_the_terminal(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A refusal from deep inside is translated too."""
        monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
        (tmp_path / "var").mkdir()
        with_table(tmp_path / "var" / "classcord.db", "CREATE TABLE clients (username, password)")
        status, _out, err = run("init")
        assert status == 2
        assert "c’est une base de données, mais pas de ClassCord" in err
        assert err.count("\n") == 1
