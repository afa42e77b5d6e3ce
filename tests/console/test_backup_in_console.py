"""`backup` in the administrators' console: asked for there, made in a thread, told and noted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred, fail

from classcord.chat.audit.vocabulary import Audited
from classcord.chat.roles import Role
from classcord.chat.text import N_
from classcord.services.backups.backup import MadeBackup
from classcord.store.ports import Contents, Unsound
from tests.harness import House, say
from tests.office import Office, operator

FILE = "backups/classcord-20261120-203627.db.gz"


def noted(house: House) -> list[str]:
    """Return what is in the audit trail of backups."""
    kept = [r for group in house.store.groups for commit in group for r in commit.records if isinstance(r, Audited)]
    return [f"{entry.actor} {entry.action}" for entry in kept if entry.action == "backup"]


def test_a_backup_is_told_and_noted(office: Office, house: House) -> None:
    """Its file, size and time, for a person and for a program; who asked is in the audit trail."""
    told = office.run("backup")
    assert told.status == 0
    assert told.out == f"file\t{FILE}\nsize\t2 kB\nmessages\t12\naccounts\t3\ntook\t250 ms\n"
    fields = json.loads(office.run("backup --json").out)
    assert fields == {
        "status": "ok",
        "file": FILE,
        "bytes": 2048,
        "messages": 12,
        "accounts": 3,
        "seconds": 0.25,
        "removed": [],
    }
    assert office.controls.done == ["backup", "backup"]
    assert noted(house) == ["prof backup", "prof backup"]


@pytest.mark.parametrize(("role", "status"), [(Role.OWNER, 0), (Role.ADMIN, 1), (Role.MODERATOR, 1)])
def test_only_whoever_runs_the_server_asks_for_one(office: Office, role: Role, status: int) -> None:
    """As for `shutdown`; nothing is done for anybody else."""
    assert office.run("backup", operator("somebody", role)).status == status
    assert office.controls.done == ([] if status else ["backup"])


def test_a_chat_client_cannot_ask(office: Office, house: House) -> None:
    """Nor an owner's: it is no request of the chat's protocol."""
    (answer,) = house.member("boss", role=Role.OWNER).ask({"type": "backup"})
    assert answer["type"] == "error"
    assert office.controls.done == []


def test_why_there_is_none_is_told(office: Office, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a refusal, for a program with its code; the chat goes on."""
    failed = Unsound(N_("another backup is being made"))
    monkeypatch.setattr(office.controls, "back_up", lambda: fail(failed))
    told = office.run("backup")
    assert (told.status, told.out) == (1, "")
    assert told.err.endswith("No backup was made: another backup is being made\n")
    assert json.loads(office.run("backup --json").err)["error"]["code"] == "storage_unavailable"


def test_the_chat_goes_on_while_one_is_made(office: Office, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked waits for the answer; nobody else does."""
    waiting: Deferred[MadeBackup] = Deferred()
    monkeypatch.setattr(office.controls, "back_up", lambda: waiting)
    _program, paper = office.begin("backup")
    bob, alice = house.member("bob"), house.member("alice")
    bob.ask(say("Bonjour"))
    assert "Bonjour" in [line.get("content") for line in alice.lines()]
    assert paper.status is None
    contents = Contents(schema=2, newest=2, messages=1, accounts=2)
    waiting.callback(MadeBackup(Path(FILE), 2048, contents, 3.5, ()))
    house.turn()
    assert paper.status == 0
    assert b"3.5 s" in paper.out


def test_an_export_begins_as_excel_wants_it(office: Office, house: House) -> None:
    """With --bom a CSV does, once."""
    house.member("bob")
    plain = office.run("export users").out
    assert office.run("export users --bom").out == f"\N{ZERO WIDTH NO-BREAK SPACE}{plain}"
    assert office.run("export users --bom --format ndjson").out.startswith("{")


def test_an_export_for_a_french_excel(office: Office, house: House) -> None:
    """With --excel: semicolons, and the times of the server's time zone; another form is refused."""
    house.member("bob")
    out = office.run("export users --excel").out
    assert out.startswith("\N{ZERO WIDTH NO-BREAK SPACE}id;name;role;")
    assert re.search(r";\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\r\n", out)
    refused = office.run("export users --excel --format json")
    assert (refused.status, refused.out) == (1, "")
    assert "Excel" in refused.err
