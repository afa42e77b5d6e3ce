"""Reports over connections: from a victim's click to the outcome, past an author who deletes, and what others read."""

from __future__ import annotations

import json

import pytest

from classcord.chat.roles import Role
from tests.harness import Client, House, contents, notices, say, tell

pytestmark = pytest.mark.house(messages_per_second=0)


def told(client: Client) -> list[str]:
    return [line["type"] for line in client.lines()]


def test_a_deleted_insult_is_still_read_by_moderators(house: House) -> None:
    """The author deletes it after the report; the copy stays, and is listed, read and closed."""
    house.account("mod", role=Role.MODERATOR)
    mod, eve, ann = house.modern("mod"), house.modern("eve"), house.modern("ann")
    number = eve.ask(say("tu es nulle", id=1))[-1]["message_id"]
    ann.ask(say("arrête"))
    ann.raw(), mod.raw()
    stored = ann.one({"type": "report", "id": 2, "message_id": number, "reason": "encore", "category": "insult"})
    assert (stored["status"], stored["report_id"], stored["help_number"]) == ("ok", 1, "3018")
    assert told(mod) == ["reported", "message"]
    assert ann.one({"type": "report", "id": 3, "message_id": number})["code"] == "conflict"
    eve.raw()
    assert eve.one({"type": "delete", "id": 4, "message_id": number})["status"] == "ok"
    ann.raw(), mod.raw()
    (row,) = mod.one({"type": "reports", "id": 5})["reports"]
    assert (row["author"], row["reporter"], row["category"], row["channel"]) == ("eve", "ann", "insult", "#général")
    shown = mod.one({"type": "report_details", "id": 6, "report_id": 1})
    assert [(line["user"], line["content"], line["mark"]) for line in shown["lines"]] == [
        ("eve", "tu es nulle", "reported"),
        ("ann", "arrête", ""),
    ]
    close = {"type": "close_report", "report_id": 1, "outcome": "acted"}
    assert mod.one({"id": 7, **close})["status"] == "ok"
    assert [line["content"] for line in ann.lines() if line["type"] == "system"] != []
    assert mod.one({"id": 8, **close})["code"] == "not_found"
    assert mod.one({"type": "reports", "id": 9})["reports"] == []
    (row,) = mod.one({"type": "reports", "id": 10, "closed": True})["reports"]
    assert row["outcome"] == "acted"
    assert eve.raw() == b""


def test_an_insult_that_was_deleted_before(house: House) -> None:
    """Who has read it reports it all the same, with what it said."""
    house.account("mod", role=Role.MODERATOR)
    mod, eve, ann = house.modern("mod"), house.modern("eve"), house.modern("ann")
    number = eve.ask(tell("ann", "je te tue", id=1))[-1]["message_id"]
    eve.ask({"type": "edit", "id": 2, "message_id": number, "content": "bisou"})
    eve.ask({"type": "delete", "id": 3, "message_id": number})
    ann.raw()
    assert ann.one({"type": "report", "id": 4, "user": "eve"})["status"] == "ok"
    mod.raw()
    shown = mod.one({"type": "report_details", "id": 5, "report_id": 1})
    assert "channel" not in shown
    assert [line["content"] for line in shown["lines"]] == ["je te tue", "bisou"]
    assert house.store.asked("SELECT actor, object_id FROM audit WHERE action = 'read-report'") == [("mod", "1")]
    assert house.store.asked("SELECT actor FROM audit WHERE action = 'report-filed'") == ["server"]


def test_nobody_else_reads_a_report(house: House) -> None:
    """Neither the moderator whom it is about, nor another one, nor its sender; an administrator does."""
    for name, role in (("mod", Role.MODERATOR), ("mod2", Role.MODERATOR), ("boss", Role.ADMIN)):
        house.account(name, role=role)
    mod, other, boss, ann = (house.modern(name) for name in ("mod", "mod2", "boss", "ann"))
    number = mod.ask(say("tais-toi", id=1))[-1]["message_id"]
    for client in (mod, other, boss, ann):
        client.raw()
    assert ann.one({"type": "report", "id": 2, "message_id": number})["status"] == "ok"
    assert (mod.raw(), other.raw()) == (b"", b"")
    assert told(boss) == ["reported", "system"]
    for client in (mod, other):
        assert client.one({"type": "reports", "id": 3})["reports"] == []
        assert client.one({"type": "report_details", "id": 4, "report_id": 1})["code"] == "not_found"
        close = {"type": "close_report", "id": 5, "report_id": 1, "outcome": "unfounded"}
        assert client.one(close)["code"] == "not_found"
    assert ann.one({"type": "report_details", "id": 6, "report_id": 1})["code"] == "not_allowed"
    assert len(boss.one({"type": "reports", "id": 7})["reports"]) == 1


def test_from_a_classic_client(house: House) -> None:
    """By a command in a text; the answer is a sentence, the staff's classic client reads one line."""
    mod = house.member("mod", role=Role.MODERATOR)
    eve, ann = house.member("eve"), house.member("ann")
    eve.ask(say("nulle"))
    mod.raw(), ann.raw()
    (sentence,) = notices(ann.ask(say("/signaler eve Insultes")))
    assert "3018" in sentence
    assert contents(mod.lines()) == ["Report 1: a message of eve in #général."]
    (line,) = ann.ask(say("/signaler eve encore"))
    assert line["code"] == "conflict"
    (line,) = ann.ask(say("/report personne"))
    assert line["code"] == "not_found"
    assert eve.raw() == b""
    assert json.loads(house.store.asked("SELECT after FROM audit WHERE action = 'report-filed'")[0])["sha256"]
