"""The conversations of docs/protocole.md held with a real server, over TCP: each line is what the page shows."""

from __future__ import annotations

import http.client
import json
import re
import struct
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from passlib.context import CryptContext

from classcord.cli import main
from classcord.store.sqlite.database import store_now
from docs.examples import CLASSIC, MODERN
from docs.replay import timeless
from docs.room import OWNER, PASSWORD, Room
from tests.server import BOUND, Client, Server, running
from tests.store.examples import commit, user

SAYS_NO = """login_program.command=["/bin/sh", "-c", 'read asked; echo {\\"valid\\":false}']"""
LIMITS = (
    "--set",
    "limits.burst=1000",
    "--set",
    "limits.block_after=0",
    "--set",
    SAYS_NO,
)  # nobody waits a second between two lines


def alike(line: str) -> str:
    """Return a line without what differs from one server to another: times, version, rate, addresses, tokens, ids."""
    figures = _FIGURES.match(line)
    if figures:
        return figures[0]
    plain = re.sub(r'"(burst|retry_after)":[\d.]+', r'"\1":0', timeless(line))
    plain = re.sub(r'"code":"[A-Z0-9-]{14}"', '"code":""', plain)
    plain = re.sub(r"dans \d+ s\.", "dans 0 s.", plain)
    plain = re.sub(r'"sha256":.*"document":.*', '"document":{}', plain)  # of times, and of numbers of the trail
    plain = re.sub(r'"/files/[^/"]*', '"/files/', plain)
    return re.sub(r'"(address|session|conversation|file)":"[^"]*"', r'"\1":""', plain)


_FIGURES = re.compile(
    r'\{"type":"(?:audit|export_my_data|export_person|retention|sessions|stats|whois)"'
)  # numbers of what a server holds
TOKEN = re.compile(r'"(?:session|file)":"([^"]+)"')
IMAGE = (b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 480)).ljust(48_213, b"\0")  # the page's


def upload(server: Server, answer: str) -> None:
    """Send an image to where an answer to `upload` says."""
    told = json.loads(answer)
    if told["type"] == "upload" and "url" in told:
        place = server.address("web")
        assert isinstance(place, tuple)
        with closing(http.client.HTTPConnection(*place, timeout=BOUND)) as connection:
            connection.request("PUT", told["url"], IMAGE)
            assert connection.getresponse().status == http.HTTPStatus.OK


def prepared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a data folder whose first account is the one that the page's conversations take for granted."""
    monkeypatch.chdir(folder)
    assert main(["init", "--data", "data"]) == 0
    digest = CryptContext(["hex_sha256"]).hash(PASSWORD)
    owner = commit(user(2, OWNER, role="owner", password_hash=digest))
    assert store_now(Path("data/classcord.db"), "OFF", [owner]) == {}


@pytest.mark.parametrize("conversation", [MODERN, CLASSIC], ids=["modern", "classic"])
def test_conversation_is_what_a_server_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conversation: Sequence[tuple[str, str]]
) -> None:
    """Whoever says the page's lines to a server hears, and lets others hear, what the page says, in its order."""
    prepared(tmp_path, monkeypatch)
    clients: dict[str, Client] = {}
    differences = []
    tokens: dict[str, str] = {}  # of the server, by those of the page
    with running(tmp_path, *LIMITS) as server:
        for who, asked, heard in Room().hold(conversation):
            client = clients.setdefault(who, clients.get(who) or server.client())
            said = TOKEN.sub(lambda found: found[0].replace(found[1], tokens.get(found[1], found[1])), asked)
            client.socket.sendall(said.encode() + b"\n")
            for to, line in heard:
                answer = clients[to]._lines.readline().decode().rstrip("\n")
                tokens.update(zip(TOKEN.findall(line), TOKEN.findall(answer), strict=False))
                upload(server, answer)
                if alike(answer) != alike(line):
                    differences.append((asked, to, line, answer))
        for client in clients.values():
            client.close()

    assert differences == []
