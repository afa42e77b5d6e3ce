"""What `classcord` says of its own command line, in the language of the terminal."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from classcord.cli import _parser, main
from classcord.cli.options import as_started, program
from classcord.tap import Options
from tests.environment import typed

ENGLISH = ("usage:", "positional", "show this", "show program", "error:", "invalid", "recogni", "required", "expected")


def said(words: list[str], status: int, capfd: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == status
    out, err = capfd.readouterr()
    return out + err


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["--help"], 0),
        (["restore", "--help"], 0),
        (["nonsense"], 2),
        (["backup", "--verify"], 2),
        (["backup", "--list", "--verify", "x"], 2),
        (["restore"], 2),
        (["doctor", "--nonsense"], 2),
        (["chat", "--fingerprint", "x"], 2),
    ],
)
def test_help_and_mistakes_are_in_french(
    words: list[str], status: int, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of argparse's own English is left, in whatever order the languages come."""
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert "usage: classcord" in said(words, status, capfd)
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    french = said(words, status, capfd)
    assert "emploi\N{NO-BREAK SPACE}: classcord" in french
    assert [english for english in ENGLISH if english in french] == []


def test_mistakes_in_the_options_of_twistd_are_in_french(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What getopt says too."""
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    with pytest.raises(SystemExit):
        Options().parseOptions(["--prot", "5"])
    assert "il n’y a pas d’option --prot" in capfd.readouterr().err


def test_a_program_is_named_as_it_can_be_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name where PATH has it, else by its path beside `classcord`; never by the path of something else."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "classcord")])
    assert program("twistd") == "twistd"
    (tmp_path / "twistd").touch(mode=0o755)
    assert program("twistd") == str(tmp_path / "twistd")
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "pytest")])
    assert program("twistd") == "twistd"
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "classcord")])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert program("twistd") == "twistd"
    other = tmp_path / "other"
    other.mkdir()
    (other / "twistd").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(other))  # another installation's, as of a package beside a clone
    assert program("twistd") == str(tmp_path / "twistd")


def commands() -> list[str]:
    """The commands that there are, as a subcommand is told of them."""
    named: list[str] = _parser().parse_args(["init"]).commands
    return named


def test_each_command_is_known_by_its_name_as_it_is_typed() -> None:
    """What can be pasted follows from the parsers, groups' commands under both of their words."""
    assert {"backup", "chat", "cert ca", "audit verify", "import-class"} <= set(commands())
    assert {"cert", "audit"}.isdisjoint(commands())


@pytest.mark.parametrize(
    ("said", "pasted"),
    [
        ("classcord backup makes another one", "HERE backup --data 'mes données' makes another one"),
        ("put it back, or: classcord restore FILE", "put it back, or: HERE restore --data 'mes données' FILE"),
        ("see `classcord cert ca`", "see `HERE cert ca --data 'mes données'`"),
        ("wait; then classcord ctl who", "wait; then HERE ctl --data 'mes données' who"),
        ("classcord backup --data /x, once", "HERE backup --data /x, once"),
        ("sudo -u classcord classcord doctor", "sudo -u classcord HERE doctor --data 'mes données'"),
        ("the server classcord has; /usr/bin/classcord init", "the server classcord has; /usr/bin/classcord init"),
    ],
)
def test_a_remedy_can_be_pasted(said: str, pasted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our commands are called as this program was, and for the server that it was asked about."""
    (tmp_path / "classcord").touch(mode=0o755)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "classcord")])
    monkeypatch.delenv("CLASSCORD_DATA", raising=False)
    usual, pasted = typed("mes données"), typed(pasted)
    arguments = argparse.Namespace(config=None, data=Path(usual), commands=commands())
    monkeypatch.setenv("PATH", "/nowhere")
    assert as_started(said, arguments) == pasted.replace("HERE", str(tmp_path / "classcord"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert as_started(said, arguments) == pasted.replace("HERE", "classcord")
    for data in ("var", usual):
        monkeypatch.setenv("CLASSCORD_DATA", data)
        assert as_started(said, argparse.Namespace(config=None, data=Path(data), commands=commands())) == said


@pytest.mark.parametrize("argv", [["--help"], ["chat", "--help"], ["import-users", "--help"]])
def test_help_needs_no_twisted(argv: list[str]) -> None:
    """Help, and the chat client, start without Twisted: only the command that needs it imports it."""
    code = "import sys\nfrom classcord.cli import main\ntry: main()\nfinally: assert 'twisted' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code, *argv], capture_output=True, check=False, timeout=30)
    assert (done.returncode, done.stderr) == (0, b"")
