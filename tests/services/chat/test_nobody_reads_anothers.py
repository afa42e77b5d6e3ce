"""Whoever guesses ids and names reads nothing of others: every request, every role, every kind of conversation.

Each place has a word that stands nowhere else. Each request of the protocol is sent with all that could lead to these
places; a new request, and a new field of one, is tried by being there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from classcord.chat.requests import Request
from classcord.chat.roles import Role
from classcord.chat.subjects import WIRE
from tests.chat.files import whole
from tests.harness import PASSWORD, Client, House, running

KINDS = {"#club": "private", "#attente": "approval", "#ouvert": "open", "#parti": "open"}
WORDS = {place: f"zq{place[1:]}" for place in KINDS} | {"direct": "zqdirect", "invité": "zqguest", "file": "zqfile"}
FILE = "a token that ann has"
NOBODYS = 4_000_000  # an id that was never given out
ROLES = ("guest", "member", "moderator", "admin")


def settle(house: House) -> dict[str, int]:
    """Let ann and bob talk in every place; return the ids of their messages."""
    for name in ("ann", "bob", "mallory"):
        house.account(name)
    house.account("prof", role=Role.ADMIN)
    house.hub.uploads.room = lambda: 1e9
    owner = house.hub.state.account("ann")
    assert owner is not None
    for place in (1, "1:2"):
        whole(house.hub, str(owner.id), place, token=f"{FILE} in {place}", name=f"{WORDS['file']}.png")
    prof, ann, bob = house.modern("prof"), house.modern("ann"), house.modern("bob")
    found = {}
    for place, kind in KINDS.items():
        prof.ask({"type": "create", "channel": place, "kind": kind})
        request: dict[str, Any] = {"type": "message", "channel": place, "content": f"@ann {WORDS[place]}", "id": place}
        found[place] = acknowledged(prof, request)
    prof.ask({"type": "delete_channel", "channel": "#parti"})
    private = {"type": "message", "subtype": "private"}
    found["direct"] = acknowledged(ann, {**private, "to": "bob", "content": WORDS["direct"], "id": 1})
    guest = house.guest("Zoé")
    found["invité"] = acknowledged(bob, {**private, "to": "Zoé", "content": WORDS["invité"], "id": 1})
    guest.leave()
    house.turn()
    for client in (prof, ann, bob):
        client.raw()
    return found


def acknowledged(client: Client, request: dict[str, Any]) -> int:
    (answer,) = [line for line in client.ask(request) if line.get("id") == request["id"]]
    number: int = answer["message_id"]
    return number


def mallory(house: House, role: str) -> Client:
    """Return the client of somebody who is in no place but the default channel."""
    client = house.modern()
    if role == "guest":
        client.ask({"type": "guest", "username": "mallory2"})
    else:
        account = house.hub.state.account("mallory")
        assert account is not None
        account.role = Role.of(role)
        client.ask({"type": "login", "username": "mallory", "password": PASSWORD})
    client.raw()
    return client


def values(ids: dict[str, int]) -> dict[str, tuple[Any, ...]]:
    """Return what may lead to a place, by the name of the field."""
    numbers = (*ids.values(), NOBODYS)
    people = ("ann", "bob", "prof", "Zoé")
    channels = (*KINDS, "#général")
    return {
        **dict.fromkeys(("message_id", "reply_to", "before", "after", "around", "page"), numbers),
        **dict.fromkeys(("user", "to", "other", "from", "username", "target"), people),
        "channel": channels,
        **dict.fromkeys(("code_id", "report_id", "held_id"), (1, NOBODYS)),
        "file": (f"{FILE} in 1", f"{FILE} in 1:2"),
        "conversation": ("1:2", "2:1", "1:4", "2:~zoé", "~zoé"),
        "query": tuple(WORDS.values()),
        "reason": ("parce que",),
        "subtype": ("private", "channel", "global"),
    }


NEEDED = {
    "content": "bonjour",
    "state": "away",
    "password": "un mot de passe",
    "old": "x",
    "new": "un autre mot de passe",
    "role": "member",
    "emoji": "👍",
    "session": "x" * 43,
    "on": True,
    "status": "",
    "name": "photo.png",
    "size": 1000,
    "outcome": "acted",
}
"""What else a request needs; it leads nowhere."""


def requests(kind: type[Request], ids: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Yield requests of a kind: all that lead somewhere by one field or by two."""
    fields = [field for field in msgspec.structs.fields(kind) if field.name != "id"]
    leading = values(ids)
    base: dict[str, Any] = {"type": str(kind.__struct_config__.tag)}
    for field in fields:
        if field.required and field.encode_name not in leading:
            base[field.encode_name] = NEEDED[field.encode_name]
    ways = [field.encode_name for field in fields if field.encode_name in leading]
    must = {field.encode_name for field in fields if field.required}
    for chosen in itertools.chain.from_iterable(itertools.combinations(ways, count) for count in (0, 1, 2)):
        if not must & set(ways) <= set(chosen):
            continue
        for row in itertools.product(*(leading[name] for name in chosen)):
            yield base | dict(zip(chosen, row, strict=True))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("kind", WIRE, ids=lambda kind: str(kind.__struct_config__.tag))
def test_no_request_leads_there(kind: type[Request], role: str) -> None:
    """No answer and no event has a word that was said elsewhere, and a message that one may not read is none."""
    with running(messages_per_second=0.0, history_lines=0) as house:
        ids = settle(house)
        client = mallory(house, role)
        heard = b""
        for number, request in enumerate(requests(kind, ids)):
            if client.closed or b'"type":"hello"' in client.raw():
                client = mallory(house, role)
            client.send(request | {"id": number})
            house.turn()
            found = client.raw()
            sent = [word for name, word in request.items() if name == "query"]
            for word in WORDS.values():
                assert word.encode() not in found or (word in sent and b'"type":"error"' in found), (request, found)
            heard += found
        assert heard or role == "guest" or kind.__name__ == "Quit"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "kind",
    [kind for kind in WIRE if {"message_id", "reply_to"} & {f.encode_name for f in msgspec.structs.fields(kind)}],
    ids=lambda kind: str(kind.__struct_config__.tag),
)
def test_a_message_of_others_is_none(kind: type[Request], role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its id nobody learns whether a message exists: the refusal is that of an id that was never given out."""
    monkeypatch.setattr("classcord.chat.reports.rules.MOST_AN_HOUR", 1000)
    with running(messages_per_second=0.0, history_lines=0) as house:
        ids = settle(house)
        client = mallory(house, role)
        fields = {field.encode_name for field in msgspec.structs.fields(kind)}
        name = "message_id" if "message_id" in fields else "reply_to"
        needed = {key: value for key, value in NEEDED.items() if key in fields}
        for place in ({"channel": "#général"}, {"user": "ann"}, {"to": "ann"}, {}):
            where = {key: value for key, value in place.items() if key in fields}
            refusals = set()
            for number in (*ids.values(), NOBODYS):
                request = {"type": str(kind.__struct_config__.tag), name: number, **needed, **where, "id": "x"}
                (answer,) = [line for line in client.ask(request) if line.get("id") == "x"]
                words = str(answer.get("message")).replace(f" {number} ", " N ")
                refusals.add((answer["type"], answer.get("code"), answer.get("field"), words))
            assert len(refusals) == 1, refusals
