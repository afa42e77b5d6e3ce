"""Reports on every face: who has read one is in the audit trail, and nobody reads the one about themselves."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.roles import Role
from tests.faces.ssh_line import Gate
from tests.faces.test_rights_on_every_face import CHAT, begin, chat
from tests.harness import House, login, say

pytestmark = pytest.mark.house(messages_per_second=0)

CLUB = {"#club": "private", "#tri": "approval", "#ouvert": "open"}
CLOSE = {"type": "close_report", "report_id": 1, "outcome": "acted"}


def settle(house: House) -> None:
    """Let ann and carl moderate three channels, and bob report what ann and eve write in each."""
    for name in ("ann", "bob", "carl", "eve"):
        house.account(name)
    house.account("prof", role=Role.ADMIN)
    prof, ann, bob, carl, eve = (house.modern(name) for name in ("prof", "ann", "bob", "carl", "eve"))
    for name, kind in CLUB.items():
        prof.ask({"type": "create", "channel": name, "kind": kind})
        for client, user in ((ann, "ann"), (bob, "bob"), (carl, "carl"), (eve, "eve")):
            prof.ask({"type": "invite", "user": user, "channel": name})
            client.ask({"type": "join", "channel": name})
        for user in ("ann", "carl"):
            prof.ask({"type": "channel_moderator", "user": user, "channel": name})
    for author in (ann, eve):
        for name in CLUB:
            sent = author.ask(say(f"aïe {name}", channel=name, id=1))[-1]
            assert bob.ask({"type": "report", "id": 2, "message_id": sent["message_id"]})
    for client in (prof, ann, bob, carl, eve):
        client.leave()
    house.turn()


def readings(house: House) -> list[list[Any]]:
    return [list(row) for row in house.store.asked("SELECT actor, object_id FROM audit WHERE action = 'read-report'")]


def report(house: House, face: str, name: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Ask something about reports as an account, on a face of the chat."""
    client = chat(house, face)
    client.ask(login(name))
    found: dict[str, Any] = client.ask(asked)[-1]
    client.leave()
    house.turn()
    return found


@pytest.mark.parametrize("face", CHAT)
def test_in_the_chat(house: House, face: str) -> None:
    """Of a channel in which not everybody reads, each reading is kept, by the staff or by a moderator of it."""
    settle(house)
    kinds = list(CLUB.values())
    for number, kind in enumerate(kinds, 1):
        before = readings(house)
        shown = report(house, face, "prof", {"type": "report_details", "report_id": number})
        assert shown["lines"][0]["user"] == "ann"
        assert readings(house)[len(before) :] == ([] if kind == "open" else [["prof", str(number)]])
    shown = report(house, face, "carl", {"type": "report_details", "report_id": 4})
    assert (shown["lines"][-1]["user"], shown["reporter"]) == ("eve", "")
    assert readings(house)[-1] == ["carl", "4"]
    refused = report(house, face, "prof", {"type": "evidence", "report_id": 1, "format": "pdf"})
    assert refused["code"] == "not_allowed"
    account = house.hub.state.account("prof")
    assert account is not None
    account.role = Role.OWNER
    refused = report(house, face, "prof", {"type": "evidence", "report_id": 1, "format": "pdf"})
    assert refused["code"] == "bad_request"
    assert report(house, face, "prof", {"type": "evidence", "report_id": 1, "format": "json"})["report_id"] == 1


@pytest.mark.parametrize("face", CHAT)
def test_of_a_moderator_who_is_dismissed(house: House, face: str) -> None:
    """The other moderators of the channel see it from then on; the person whom it is about never does."""
    settle(house)
    asked = {"type": "reports", "limit": 2}
    for name in ("ann", "carl"):
        assert [each["report_id"] for each in report(house, face, name, asked)["reports"]] == [5, 6], "a full page"
        assert report(house, face, name, {"type": "report_details", "report_id": 1})["code"] == "not_found"
        assert report(house, face, name, CLOSE)["code"] == "not_found"
    prof = house.modern("prof")
    dismissal = {"type": "channel_moderator", "user": "ann", "channel": "#club", "on": False}
    assert prof.ask(dismissal)[-1]["status"] == "ok"
    prof.leave()
    found = report(house, face, "carl", {"type": "reports"})["reports"]
    assert [each["report_id"] for each in found] == [1, 4, 5, 6]
    assert report(house, face, "carl", {"type": "report_details", "report_id": 1})["author"] == "ann"
    assert [each["report_id"] for each in report(house, face, "ann", {"type": "reports"})["reports"]] == [5, 6]
    assert report(house, face, "ann", {"type": "report_details", "report_id": 1})["code"] == "not_found"
    assert report(house, face, "ann", CLOSE)["code"] == "not_found"
    assert report(house, face, "carl", CLOSE).get("code") is None


@pytest.mark.parametrize("face", ["console", "exec"])
def test_at_the_console(house: House, gate: Gate, face: str) -> None:
    """An operator's reading is kept, too."""
    settle(house)
    root = gate.come_in("root", gate.admit("root"))
    for number in (1, 2, 3):
        if face == "exec":
            assert "aïe" in root.run(f"report {number}").read()
        else:
            session = begin(root, "console")
            session.type(f"report {number}\r")
            gate.pass_time(0.2)
            assert "aïe" in session.read()
    assert readings(house) == [["root", "1"], ["root", "2"]]
