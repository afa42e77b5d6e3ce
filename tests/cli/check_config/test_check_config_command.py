"""`classcord check-config`, run as it is typed, on real files."""

from __future__ import annotations

from pathlib import Path

import pytest

from classcord.services.process.datafolder import DataFolder
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("_elsewhere_in_english")


@pytest.fixture
def run(classcord: Run) -> Run:
    return classcord


class TestCheckConfig:
    def test_says_ok(self, run: Run, tmp_path: Path) -> None:
        """Right settings are `ok`; without a file the defaults are, and that is said. Nothing is made."""
        status, out, err = run("check-config")
        assert (status, out) == (0, "ok\n")
        assert err == "There is no etc/classcord.toml here: these are the built-in defaults.\n"
        (tmp_path / "etc").mkdir()
        (tmp_path / "etc" / "classcord.toml").write_text("[limits]\nburst = 0\n", "utf-8")
        assert run("check-config") == (0, "ok\n", "")
        assert [path.name for path in tmp_path.iterdir()] == ["etc"]

    def test_refuses_in_french(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        """A refusal is in the language of the terminal; what was typed in French may have no-break spaces."""
        monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
        assert run("check-config", "--set", "server.motd=Bienvenue\N{NARROW NO-BREAK SPACE}!")[:2] == (0, "ok\n")
        _status, _out, err = run("check-config", "--set", "limits.burst=-1")
        assert err == (
            "classcord: --set\N{NO-BREAK SPACE}: [limits] burst vaut -1, "
            "mais doit être un nombre entier de 0 (sans limite) à 1000000000.\n"
        )

    def test_does_not_disturb_a_running_server(self, run: Run, tmp_path: Path) -> None:
        """Settings are checked while a server holds the data folder."""
        holder = DataFolder(tmp_path / "var")
        holder.hold()
        assert run("check-config")[:2] == (0, "ok\n")
        holder.release()

    @pytest.mark.parametrize(
        ("argv", "words"),
        [
            ([], "etc/classcord.toml: there is no [limits] brust; did you mean [limits] burst?"),
            (["--config", "nowhere.toml"], "nowhere.toml: it cannot be read: No such file or directory."),
            (["--set", "limits.burst=-1"], "etc/classcord.toml: there is no [limits] brust"),
            (
                ["--config", "empty.toml", "--set", "limits.burst=-1"],
                "--set: [limits] burst is -1, but must be a whole number from 0 (no limit) to 1000000000.",
            ),
        ],
    )
    def test_refuses_in_a_line_each(self, run: Run, tmp_path: Path, argv: list[str], words: str) -> None:
        """The usual file is read where no other is named; each mistake is told, and the status is 2."""
        (tmp_path / "etc").mkdir()
        (tmp_path / "etc" / "classcord.toml").write_text("[limits]\nbrust = 0\n", "utf-8")
        (tmp_path / "empty.toml").touch()
        status, out, err = run("check-config", *argv)
        assert (status, out) == (2, "")
        assert all(line.startswith("classcord: ") for line in err.splitlines())
        assert err.count("\n") == 1 + (words.startswith("etc/") and len(argv) > 0)
        assert words in err
