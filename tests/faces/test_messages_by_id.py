"""Messages that are named by their ids, on every face: what one may not read is answered like what there is not.

The faces, roles, requests and places are enumerated; a request that names a message and is not here fails a test.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from classcord.chat.requests import Request
from classcord.chat.roles import Role
from classcord.chat.subjects import CONSOLE, WIRE
from tests.faces.test_rights_on_every_face import CHAT, chat
from tests.harness import House, login, say, tell
from tests.office import Office

pytestmark = pytest.mark.house(messages_per_second=0)

ASKED: dict[str, tuple[dict[str, Any], str]] = {
    "edit": ({"type": "edit", "content": "x"}, "message_id"),
    "delete": ({"type": "delete"}, "message_id"),
    "react": ({"type": "react", "emoji": "👍"}, "message_id"),
    "pin": ({"type": "pin"}, "message_id"),
    "report": ({"type": "report", "reason": "x"}, "message_id"),
    "message": (say("x"), "reply_to"),
    "private": (tell("alice", "x"), "reply_to"),
}
"""For each request that names a message: a line, and its field for the id."""
READ_MARKERS = {"read"}  # how far one has read; an id that is no message of the place is no secret
ROLES = ("guest", *(role.label for role in list(Role)[1:]))


def _names_a_message(kind: type[Request]) -> bool:
    return bool({"message_id", "reply_to"} & set(kind.__struct_fields__))


def test_every_request_that_names_a_message_is_here() -> None:
    """A new one is refused on every face as the others are."""
    named = {str(kind.__struct_config__.tag) for kind in WIRE if _names_a_message(kind)}
    assert named - READ_MARKERS == set(ASKED)
    assert {kind.command for kind in CONSOLE if _names_a_message(kind)} == {"versions"}


def _elsewhere(house: House) -> list[int]:
    """Return the numbers of messages that only others read, in each kind of place, and one that was never given."""
    house.account("alice")
    head, bob = house.member("head", role=Role.ADMIN), house.modern("bob")
    for name, kind in (("#ouvert", "open"), ("#jury", "private"), ("#club", "approval")):
        head.ask({"type": "create", "channel": name, "kind": kind})
        head.ask(say("secret", channel=name))
    head.ask({"type": "join", "channel": "#dev"}, say("secret", channel="#dev"))
    bob.ask(tell("alice", "secret"))
    numbers = house.store.asked("SELECT id FROM messages ORDER BY id")
    assert len(numbers) == 5
    return [*numbers, 4000]


def _come_in(house: House, face: str, role: str) -> Any:
    client = chat(house, face, "10.0.0.7")
    if role == "guest":
        client.ask({"type": "guest", "username": "Zoé"})
    else:
        house.account("eve", role=Role.of(role))
        client.ask(login("eve"))
        client.ask({"type": "users"})
    client.raw()
    return client


@pytest.mark.parametrize("face", CHAT)
@pytest.mark.parametrize("role", ROLES)
def test_what_one_may_not_read_does_not_exist(house: House, face: str, role: str) -> None:
    """Whatever its place and its author, one learns nothing about a message, and changes nothing."""
    numbers = _elsewhere(house)
    before = house.store.asked("SELECT id, content FROM messages")
    client = _come_in(house, face, role)
    for line, field in ASKED.values():
        told = set()
        for number in numbers:
            (answer,) = client.ask({**line, field: number})
            assert answer["code"] == "not_found"
            answer.pop("timestamp", None)
            told.add(json.dumps(answer).replace(str(number), "N"))
        assert len(told) == 1
    assert house.store.asked("SELECT id, content FROM messages") == before


@pytest.mark.parametrize(
    "command", ["delete {} --yes", "versions {}", "say x --reply-to {}", "msg bob x --reply-to {}"]
)
def test_private_messages_do_not_exist_at_the_console(house: House, office: Office, command: str) -> None:
    """Not even for an owner, who reads them by their history and a reason."""
    house.account("alice")
    house.modern("bob").ask(tell("alice", "secret"))
    (number,) = house.store.asked("SELECT id FROM messages")
    told = {office.run(command.format(each)).err.replace(str(each), "N") for each in (number, 4000)}
    assert len(told) == 1
    assert "no message N" in told.pop()
    assert house.store.asked("SELECT content FROM messages") == ["secret"]


@pytest.mark.parametrize("face", CHAT)
@pytest.mark.parametrize("kind", ["edit", "delete"])
def test_ones_own_on_every_face(house: House, face: str, kind: str) -> None:
    """Whoever wrote a message changes it from any face, by another session too."""
    bob = house.modern("bob")
    number = bob.one({**say("Bonjour"), "id": 1})["message_id"]
    client = chat(house, face)
    client.ask(login("bob"), {"type": "users"})
    line, field = ASKED[kind]
    answer = next(each for each in client.ask({**line, field: number}) if each["type"] == kind)
    assert answer["status"] == "ok"
    assert house.store.asked("SELECT content FROM messages") == ["x" if kind == "edit" else ""]
