"""`classcord import-class` beside a real server: open sessions see channels and accounts at once."""

from __future__ import annotations

import json
import re
import socket
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from classcord.faces.control import frames
from classcord.socket_path import reachable
from tests.server import BOUND, ROOT, Server, run_classcord

HEADS = "Nom;Prénom;Classe;Groupe(s)\n"
PUPILS = "".join(f"MARTIN{i:02};Léa;SIO {1 + i % 2};SIO A\n" for i in range(60))


def classcord(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_classcord(ROOT, *arguments, "--data", str(server.data))


def imported(server: Server, folder: Path, table: str, *options: str, status: int = 0) -> dict[str, Any]:
    file = folder / "liste.csv"
    file.write_text(HEADS + table, encoding="utf-8")
    ended = classcord(server, "import-class", str(file), "--json", *options)
    assert ended.returncode == status, ended.stderr
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def test_open_sessions_see_it_at_once(tmp_path: Path) -> None:
    """Shown first, then stored part by part; the slips open the accounts; the same list again changes nothing."""
    with Server(tmp_path) as server, server.client() as prof, server.client() as lea:
        prof.hello().register("prof")
        prof.ask(type="login", username="prof", password="azerty")
        assert server.ctl("role", "prof", "moderator").returncode == 0
        shown = imported(server, tmp_path, PUPILS)
        assert (len(shown["new"]), shown["applied"]) == (60, False)
        stored = imported(server, tmp_path, PUPILS, "--apply", "--teacher", "prof")
        assert [each["user"] for each in stored["new"]] == [each["user"] for each in shown["new"]]
        assert {prof.until(type="invited")["channel"] for _ in range(3)} == {"#SIO-1", "#SIO-2", "#SIO-A"}

        page = next(Path(each) for each in stored["slips"] if each.endswith(".html")).read_text("utf-8")
        passwords = dict(re.findall(r"<td>(lea\.martin\d+)</td></tr>\s*<tr><th>[^<]*</th><td>([a-z2-9-]+)</td>", page))
        assert len(passwords) == 60
        lea.hello()
        answer = lea.ask(type="login", username="lea.martin07", password=passwords["lea.martin07"])
        assert (answer["status"], answer["must_change"]) == ("ok", True)
        lea.ask(type="password", old=passwords["lea.martin07"], new="azertyuiop")
        lea.send(type="message", channel="#SIO-2", content="Bonjour")
        assert prof.until(type="message", content="Bonjour")["channel"] == "#SIO-2"

        again = imported(server, tmp_path, PUPILS, "--apply")
        assert (again["new"], again["moved"], again["same"]) == ([], [], 60)
        fewer = PUPILS.replace("MARTIN07;Léa;SIO 2", "MARTIN07;Léa;SIO 1")
        assert [each["user"] for each in imported(server, tmp_path, fewer, "--apply")["moved"]] == ["lea.martin07"]
        assert lea.until(type="invited")["channel"] == "#SIO-1"
        gone = fewer.replace("MARTIN08;Léa;SIO 1;SIO A\n", "")
        assert len(imported(server, tmp_path, gone, "--apply", "--gone")["gone"]) == 1
        trail = json.loads(server.ctl("audit", "500", "--json").stdout)
        assert sum(entry["action"] == "user-added" for entry in trail) == 62  # admin and prof too


def test_a_new_year_wants_the_server_stopped(tmp_path: Path) -> None:
    """Nothing is stored, and no slips are written."""
    with Server(tmp_path) as server:
        file = tmp_path / "liste.csv"
        file.write_text(HEADS + PUPILS, encoding="utf-8")
        ended = classcord(server, "import-class", str(file), "--new-year", "2027", "--apply")
        assert (ended.returncode, ended.stdout) == (2, "")
        assert "while the server is stopped" in ended.stderr
        assert not (server.data / "slips").exists()


@pytest.mark.parametrize("line", [b"no JSON\n", b'{"type": "-class-list", "rooms": 7}\n', b"[" * 1_000_001])
def test_what_is_no_part_of_a_list_is_refused(tmp_path: Path, line: bytes) -> None:
    """One line says so, and the connection ends; the server goes on."""
    with Server(tmp_path) as server:
        with socket.socket(socket.AF_UNIX) as connection, reachable(server.data / "control") as name:
            connection.settimeout(BOUND)
            connection.connect(name)
            begin = frames.Begin(class_list=True, language="en")
            connection.sendall(frames.frame(frames.BEGIN, msgspec.json.encode(begin)))
            connection.sendall(frames.frames(frames.INPUT, line))
            reader, heard = frames.Reader(), b""
            while data := connection.recv(65_536):
                for kind, payload in reader.feed(data):
                    if kind == frames.OUTPUT:
                        heard += payload
                    elif kind == frames.STATUS:
                        assert payload != b"\0"
        answer = json.loads(heard)
        assert (answer["status"], answer["code"]) == ("error", "bad_request")
        assert server.ctl("version").returncode == 0
