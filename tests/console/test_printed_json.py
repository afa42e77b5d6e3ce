"""`--json` and exports at the console, of what a pupil has written: no control character, and what was stored."""

from __future__ import annotations

import csv
import io
import json

import pytest
from twisted.logger import LogLevel

from classcord.chat.roles import Role
from classcord.chat.subjects import COMMANDS
from classcord.chat.text import readable
from classcord.services.process.logs import as_json
from tests.harness import House, say, tell
from tests.office import Office
from tests.services.test_export import Table, read, written
from tests.wire.test_json_text import is_safe

NASTY = "a\x07\x1b[2J\x7f\x85\x9b31m\u200e\u2028\u202e\u2066é"
MADE_WITH = {
    "whois": "bob",
    "create": "#neuf",
    "close": "#neuf",
    "reopen": "#neuf",
    "topic": "#dev",
    "members": "#dev",
    "mute": "bob 1h",
    "unmute": "bob",
    "kick": "bob",
    "ban": "bob --yes",
    "unban": "bob",
    "role": "eve moderator",
    "adduser": "zoe",
    "passwd": "zoe",
    "password-elsewhere": "zoe --yes",
    "password-here": "zoe",
    "deluser": "zoe --yes",
    "erase": "eve --yes",
    "export-person": "bob demande",
    "say": "#dev x",
    "msg": "eve x",
    "announce": "x",
    "history": "#dev",
    "messages": "#dev",
    "audit": "100",
    "accept": "eve #dev",
    "reject": "eve #dev",
    "loglevel": "info",
    "maintenance": "on",
    "unblock": "10.1.2.3",
    "export": "messages --format json",
    "shutdown": "1h --yes",
    "restart": "1h --yes",
}
SHOW_MORE = {"top", "tail", "trace", "python"}  # they show lines until they are stopped
LAST = ["kick", "ban", "unban", "maintenance", "shutdown", "cancel", "restart"]  # they end what others look at


@pytest.mark.parametrize("terminal", [False, True])
def test_every_command(office: Office, house: House, terminal: bool) -> None:
    """Whatever a command answers in JSON, at a terminal and for a program."""
    house.account("eve")
    bob = house.member("bob")
    bob.ask(say(NASTY, channel="#dev"), say(NASTY))
    skipped = SHOW_MORE | ({"export"} if terminal else set())  # which writes to a file there
    names = sorted(set(COMMANDS) - skipped, key=lambda name: LAST.index(name) if name in LAST else -1)
    answered = set()
    for name in names:
        line = f"{name} {MADE_WITH.get(name, '')}".strip() + " --json"
        _, paper = office.begin(line, terminal=terminal, term="xterm", colour=False)
        assert paper.status is not None or name in {"adduser", "passwd", "password-here"}, (
            line
        )  # those ask for a password
        shown = (paper.out + paper.err).decode()
        for printed in filter(None, shown.replace("\r\n", "\n").split("\n")):
            assert is_safe(printed) or not printed.startswith(("{", "[")), line
        if paper.out.startswith((b"{", b"[")):
            json.loads(paper.out)
            answered.add(name)
    assert {"who", "users", "sessions", "history", "messages", "audit", "channels", "version", "stats"} <= answered


def test_what_is_read_is_what_was_stored(office: Office, house: House) -> None:
    """The history of a channel, its table, and each form of export, parsed again."""
    house.member("bob").ask(say(NASTY, channel="#dev"))
    for line in ("history #dev --json", "messages #dev --json", "export messages --format json"):
        assert json.loads(office.run(line).out)[-1]["content"] == NASTY
    assert json.loads(office.run("export messages --format ndjson").out.splitlines()[-1])["content"] == NASTY


@pytest.mark.parametrize("form", ["csv", "json", "ndjson"])
@pytest.mark.parametrize("what", ["users", "messages", "audit"])
def test_every_form_of_export(office: Office, house: House, what: str, form: str) -> None:
    """Nothing in JSON or a CSV commands a terminal, and no NUL is anywhere; a CSV shows what was written."""
    house.member("bob").ask(say(NASTY, channel="#dev"))
    office.run("tail --reason x")
    out = office.run(f"export {what} --format {form} --reason demande").out
    assert all(map(is_safe, out.replace("\r\n", "\n").split("\n")))
    assert "\0" not in out
    if (what, form) == ("messages", "csv"):
        rows = list(csv.DictReader(io.StringIO(out, newline="")))
        assert rows[-1]["content"] == readable(NASTY)


@pytest.mark.parametrize("form", ["csv", "json", "ndjson"])
def test_a_nul_that_was_stored_is_written_out(form: str) -> None:
    """A database of 1.0 may have some; no export has a NUL byte, and JSON reads it back."""
    table = Table(["id", "name"], [(1, "a\0b")])
    out = written(table, "users", form)
    assert "\0" not in out
    assert read(out, form)[0]["name"] == ("a\\x00b" if form == "csv" else "a\0b")


def test_the_log_as_json() -> None:
    """DEL as well, which Python's encoder leaves."""
    event = {"log_time": 0.0, "log_level": LogLevel.info, "log_format": "{name}", "name": NASTY}
    line = as_json(event)
    assert is_safe(line.rstrip("\n"))
    assert json.loads(line)["text"] == NASTY


@pytest.mark.parametrize(
    "asked",
    [say("a\x00b"), say("a\x00b", channel="#dev"), tell("eve", "a\x00b"), {"type": "announce", "content": "\x00a"}],
)
def test_no_text_has_a_nul(house: House, asked: dict[str, str]) -> None:
    """It is refused before it is stored or told, whichever way it comes."""
    house.account("eve")
    bob = house.member("bob")
    if asked["type"] == "announce":
        house.account("chef", role=Role.ADMIN)
        bob = house.member("chef")
    refused = bob.one(asked)
    assert (refused["type"], refused["code"]) == ("error", "bad_request")
    assert "NUL" in refused["message"]


@pytest.mark.parametrize(
    "asked",
    [
        {"type": "topic", "channel": "#dev", "topic": "a\x00"},
        {"type": "create", "channel": "a\x00"},
        {"type": "status", "state": "a\x00"},
        {"type": "register", "username": "a\x00", "password": "azerty"},
        {"type": "register", "username": "zoé", "password": "azerty", "email": "a\x00"},
    ],
)
def test_no_name_has_a_nul(house: House, asked: dict[str, str]) -> None:
    """Names, topics, what one says of oneself."""
    client = house.client() if asked["type"] == "register" else house.member("bob")
    assert client.one(asked)["type"] == "error"
