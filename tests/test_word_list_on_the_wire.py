"""The word list at a real server: over every face of the chat, its file changed, broken and mended while it runs."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faces.contract import FACES, Face
from tests.server import Client, Server, run_twistd, running

DONE = "were read again|the settings stay as they were"
LIST = "# la vie scolaire\ncrétin\nferme ta gueule\ndébil*\n"


class School:
    """A server with a word list, and a config file of its own."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.words = folder / "mots.txt"
        self.config = folder / "classcord.toml"
        self.server = server

    def reload(self, words: str | bytes) -> str:
        """Write the list, send SIGHUP, and return the line that says what became of it."""
        self.words.write_bytes(words if isinstance(words, bytes) else words.encode())
        self.server.send_signal(signal.SIGHUP)
        return self.server.wait_for(DONE)


def config(folder: Path) -> str:
    words = folder / "mots.txt"
    words.write_text(LIST, "utf-8")
    (folder / "classcord.toml").write_text(f'[server]\nlanguage = "en"\n[words]\nfile = "{words}"\n', "utf-8")
    return "classcord.toml"


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    folder = tmp_path_factory.mktemp("school")
    options = ("--verbose", "--config", config(folder), "--set", "limits.messages_per_second=0")
    with running(folder, *options) as server:
        yield School(folder, server)


def waits(client: Client, text: str) -> bool:
    """Write to everyone as a modern client; return whether it waits for a moderator."""
    client.send(type="message", content=text, id="said")
    answer = client.until(id="said")
    return bool(answer.get("status") == "held" and answer["why"] == "words")


def told_to_wait(client: Client, face: Face, text: str) -> None:
    """Write to everyone, and wait until the author is told that it waits."""
    if face.modern:
        assert waits(client, text)
    else:
        client.say(text)
        assert any("waits for a moderator" in str(line.get("content")) for line in client)


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.name)
def test_over_every_face(school: School, face: Face) -> None:
    """A listed word waits, in clear and over TLS, on a socket and on the web; another word does not."""
    name = f"ann.{face.name}"
    with face.member(school.server, name) as ann, school.server.client() as listener:
        listener.send(type="guest", username="Zoé")
        listener.until(type="guest")
        told_to_wait(ann, face, f"quel crétin, {name}")
        told_to_wait(ann, face, f"c r é t i n, {name}")
        ann.say(f"bonjour, {name}")
        heard = next(line["content"] for line in listener if name in str(line.get("content")) and line.get("from"))
        assert heard == f"bonjour, {name}"
    rows = json.loads(school.server.ctl("held", "--json").stdout)
    assert {row["content"] for row in rows if row["user"] == name} == {f"quel crétin, {name}", f"c r é t i n, {name}"}


BROKEN: dict[str | bytes, str] = {
    "crétin\n" + "x" * 101 + "\n": "mots.txt, line 2",
    "cré*tin\n": "mots.txt, line 1",
    "bon\n\n!!!\n": "mots.txt, line 3",
    "\n".join(f"mot{number}" for number in range(5001)): "mots.txt: more than 5000 entries",
    "x " * 200_000: "mots.txt: it cannot be read",
    "crétin\n".encode("utf-16"): "mots.txt: this is not UTF-8",
    "crétin\n".encode("latin-1"): "mots.txt: this is not UTF-8",
}


def test_its_file_changes_while_the_server_runs(school: School) -> None:
    """By SIGHUP and by `reload`; a broken list is refused in words and the one of before holds on, as with no file."""
    with FACES[1].member(school.server, "eve") as eve:
        assert waits(eve, "crétin")
        assert not waits(eve, "patate")
        school.reload("patate\n")
        assert waits(eve, "patate")
        assert not waits(eve, "crétin")
        for content, words in BROKEN.items():
            line = school.reload(content)
            assert words in line
            assert "stay as they were" in line
            assert waits(eve, "patate")
            assert not waits(eve, "crétin")
        school.words.unlink()
        answer = school.server.ctl("reload")
        assert (answer.returncode, "mots.txt" in answer.stderr) == (1, True)
        assert waits(eve, "patate")
        school.words.write_text(LIST, "utf-8")
        assert school.server.ctl("reload").returncode == 0
        assert waits(eve, "crétin")
        assert not waits(eve, "patate")
    rows = json.loads(school.server.ctl("held", "--json").stdout)
    held = [row["content"] for row in rows if row["user"] == "eve"]
    assert (held[0], held[1], held[-1]) == ("crétin", "patate", "crétin"), "what waits stays"


def test_no_server_starts_with_a_broken_list(tmp_path: Path) -> None:
    """It says the file and the line."""
    name = config(tmp_path)
    (tmp_path / "mots.txt").write_text("crétin\n!!!\n", "utf-8")
    done = run_twistd(tmp_path, "-n", "--pidfile=", "classcord", "--data", "data", "--config", name)
    assert done.returncode != 0
    assert "mots.txt, line 2" in done.stdout + done.stderr
