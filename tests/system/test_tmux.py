"""The console in a real terminal: OpenSSH under tmux, and what a person sees there."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import BOUND, running
from tests.system.test_openssh import Administrator

pytestmark = pytest.mark.system

# Says how the program has ended, and stays: of a window whose program has ended tmux does not always know the status.
ENDING = '"$@"; printf "\n(ended: %s)" "$?"; exec sleep 1000'
RECORD = "CLASSCORD_RECORD"  # names a file that the picture of a console is written to


class Terminal:
    """A tmux of its own, with one window."""

    def __init__(self, folder: Path, command: list[str]) -> None:
        self._socket = str(folder / "tmux")
        window = ("sh", "-c", ENDING, "sh", *command)
        self._run("-f", "/dev/null", "new-session", "-d", "-x", "90", "-y", "30", *window)

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, *arguments], capture_output=True, encoding="utf-8", timeout=BOUND, check=True
        )
        return done.stdout

    def type(self, *keys: str) -> None:
        self._run("send-keys", *keys)

    def paste(self, text: str) -> None:
        """Paste as tmux does at a terminal: marked, where the program has asked for that."""
        self._run("set-buffer", text)
        self._run("paste-buffer", "-p")

    def again(self) -> None:
        """Start the command anew, in the same window."""
        self._run("respawn-pane", "-k")

    def resize(self, columns: int, rows: int) -> None:
        self._run("resize-window", "-x", str(columns), "-y", str(rows))

    def screen(self, *options: str) -> str:
        return self._run("capture-pane", "-p", *options)

    def until(self, words: str) -> str:
        """Return the screen once it shows these words; tmux has no way to tell of it."""
        end = time.monotonic() + BOUND
        while words not in (screen := self.screen()):
            assert time.monotonic() < end, screen
            time.sleep(0.02)
        return screen

    def until_gone(self, words: str) -> str:
        """Return the screen once it shows these words no more, and the prompt."""
        end = time.monotonic() + BOUND
        while words in (screen := self.screen()) or "prof@ClassCord>" not in screen:
            assert time.monotonic() < end, screen
            time.sleep(0.02)
        return screen

    def close(self) -> None:
        self._run("kill-server")


@pytest.fixture
def admin(tmp_path: Path) -> Iterator[Administrator]:
    (tmp_path / "keys").mkdir(mode=0o700)
    with running(tmp_path, "--set", f"ssh.keys={tmp_path / 'keys'}", "--set", "server.language=en") as server:
        yield Administrator(server, tmp_path)


@pytest.fixture
def terminal(admin: Administrator, tmp_path: Path) -> Iterator[Terminal]:
    """A console in a terminal, before its first command."""
    command = [*admin.command("ssh", admin.make_key("prof"), "-o", "SendEnv=-*"), "prof@127.0.0.1"]
    terminal = Terminal(tmp_path, command)
    try:
        terminal.until("prof@ClassCord>")
        yield terminal
    finally:
        terminal.close()


def test_tables_and_notices(admin: Administrator, terminal: Terminal, tmp_path: Path) -> None:
    """Completion, tables that fit the window, notices above the line, Ctrl-C, a live view, help."""
    terminal.type("vers", "Tab")
    terminal.until("> version")
    terminal.type("Enter")
    terminal.until("sqlite")
    with admin.server.client() as bob:
        bob.register("bob")
        bob.ask(type="login", username="bob", password="azerty")
        terminal.type("whois b", "Tab", "Enter")
        terminal.until("online")
        terminal.type("who", "Enter")
        terminal.until("───")
        terminal.resize(50, 20)
        terminal.type("who", "Enter")
        screen = terminal.until("console")
        assert max(len(line) for line in screen.splitlines()) <= 50
        terminal.resize(90, 30)
        terminal.type("say half a line")
        terminal.until("> say half a line")
        assert admin.ssh(tmp_path / "id_prof_ed25519", "mute bob 10m Trop de bruit").returncode == 0
        lines = terminal.until("has muted bob").splitlines()
        notice = next(place for place, line in enumerate(lines) if "has muted bob" in line)
        assert lines[notice + 1].endswith("> say half a line")
        terminal.type("C-c")
        terminal.until("^C")
        terminal.type("top", "Enter")
        terminal.until("commit")
        terminal.type("C-c")
        terminal.type("help kick", "Enter")
        terminal.until("Examples:")
        if RECORD in os.environ:
            _draw(terminal.screen("-e"), Path(os.environ[RECORD]))


def test_history_and_python(terminal: Terminal) -> None:
    """The lines of before are there, in the next login too; the Python prompt answers and lets go."""
    terminal.type("version", "Enter")
    terminal.until("sqlite")
    terminal.type("bans", "Enter")
    terminal.until("nothing")
    terminal.type("Up", "Up")
    terminal.until("> version")
    terminal.type("C-u")
    terminal.type("python", "Enter")
    terminal.until(">>>")
    terminal.type("1+1", "Enter")
    terminal.until(">>> 1+1\n2")
    terminal.type("who()", "Enter")
    terminal.until("Deferred #0")
    terminal.type("C-d", "C-d")
    terminal.until("(ended: 0)")
    terminal.again()
    terminal.until("prof@ClassCord>")
    terminal.type("Up", "Up")
    terminal.until("> bans")


def test_a_paste_and_pages(admin: Administrator, terminal: Terminal, tmp_path: Path) -> None:
    """Several lines are run one by one once confirmed; help is paged; q ends a view; clear empties the screen."""
    terminal.paste("create #un\ncreate #deux\n")
    terminal.until("2 lines were pasted")
    terminal.type("y", "Enter")
    terminal.until("> create #deux")
    terminal.until("\nprof@ClassCord>")
    listed = admin.ssh(tmp_path / "id_prof_ed25519", "channels --json").stdout
    assert '"#un"' in listed
    assert '"#deux"' in listed
    terminal.type("clear", "Enter")
    assert terminal.until_gone("pasted").split() == ["prof@ClassCord>"]
    terminal.resize(60, 12)
    terminal.type("help", "Enter")
    screen = terminal.until("-- space")
    assert max(map(len, screen.splitlines())) <= 60
    terminal.type("q")
    terminal.until_gone("-- space")
    terminal.type("tail", "Enter")
    terminal.until("q or Ctrl-C")
    terminal.type("q")
    terminal.type("version", "Enter")
    terminal.until("sqlite")


def _draw(screen: str, file: Path) -> None:
    """Write what the terminal shows as a picture."""
    from rich.console import Console
    from rich.text import Text

    console = Console(record=True, width=90, file=open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    console.print(Text.from_ansi(screen.rstrip()))
    picture = console.export_svg(title="ssh -p 2222 prof@server")
    file.write_text(
        re.sub(r"@font-face \{.*?\}\n", "", picture, flags=re.DOTALL), "utf-8"
    )  # fonts come from no network
    console.file.close()
