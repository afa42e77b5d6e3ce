"""Misspelt fields after `hello`: refused where they are nearly a field of the request, ignored where they are not."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classcord.chat.errors import BadRequest
from classcord.chat.frozen import Frozen
from classcord.chat.messages.vocabulary import Said, Say
from classcord.chat.registration.vocabulary import Register
from classcord.chat.subjects import WIRE
from classcord.wire import misspelt
from classcord.wire.decoding import decode
from classcord.wire.misspelt import LOOKED_AT, check_fields, nearly
from docs.examples import MODERN
from tests.harness import House, contents, say

MISSPELT = {
    "message": {
        "channel": "chanel chanell channnel chennel chanenl cahnnel channels Channel CHANNEL hannel channe channel_",
        "client_id": "clientId client-id ClientID clientid cleint_id client_ids cliend_id",
        "reply_to": "replyTo replyto reply-to repy_to rely_to reply_too",
        "subtype": "subtpye sub_type SubType subtyp",
        "to": "To TO too",
        "from": "form From",
    },
    "history": {
        "before": "befor befroe Before",
        "around": "arround aroud",
        "limit": "limits limt Limit",
        "user": "suer User users",
        "channel": "chanel",
    },
    "create": {"topic": "topics topik", "kind": "knid Kind"},
    "register": {"first_name": "firstName firstname fist_name", "email": "e-mail emial Email", "alias": "allias"},
    "hello": {"encoding": "encodng encodding", "listens": "listen", "protocol": "protocole protocl"},
}
INNOCENT = {
    "message": "user username timestamp message_id limit before state color colour bubble font theme if it ok x tp "
    "chan change text body contains sender recipient time date room salon canal couleur version nonce uuid",
    "history": "content to from timestamp after_all page offset order sort use",
    "status": "user username status statut message",
    "create": "name description kin find mind",
    "register": "name nom prenom role classe surname",
    "hello": "username version lang_ue client_version agent os platform",
}
REQUESTS: dict[str, dict[str, Any]] = {
    "message": {"content": "hello"},
    "history": {},
    "status": {"state": "away"},
    "create": {"channel": "#new"},
    "register": {"username": "somebody", "password": "a word"},
    "hello": {},
}


@pytest.mark.parametrize(
    ("request_type", "name", "meant"),
    [(kind, name, meant) for kind, of in MISSPELT.items() for meant, names in of.items() for name in names.split()],
)
def test_a_field_that_is_nearly_a_known_one_is_refused(house: House, request_type: str, name: str, meant: str) -> None:
    """The refusal has the `id`, says which field it was, and which one may be meant."""
    client = house.modern("alice")
    answer = client.one({"type": request_type, "id": 7, **REQUESTS[request_type], name: "#dev"})
    assert answer == {
        "type": "error",
        "code": "bad_request",
        "message": f"Bad request: there is no “{name}”; “{meant}” may be meant",
        "field": name,
        "id": 7,
    }


@pytest.mark.parametrize(
    ("request_type", "name"), [(kind, name) for kind, names in INNOCENT.items() for name in names.split()]
)
def test_another_unknown_field_is_ignored(house: House, request_type: str, name: str) -> None:
    """What other requests know, and what no request has a name for."""
    client = house.modern("alice")
    answer = client.one({"type": request_type, "id": 7, **REQUESTS[request_type], name: "#dev"})
    assert answer["type"] == ("ack" if request_type == "message" else request_type)


def test_no_field_of_any_request_is_taken_for_a_misspelling() -> None:
    """Each is ignored where it means nothing, and so are the fields of a message that a client sends back."""
    kinds: tuple[type[Frozen], ...] = (*WIRE, Said)
    fields = {field.encode_name for kind in kinds for field in msgspec.structs.fields(kind)}
    for _, line in MODERN:
        request = decode(line.encode())
        check_fields(json.dumps(dict.fromkeys(fields, "x") | json.loads(line)).encode(), request)


def test_a_classic_client_may_misspell(house: House) -> None:
    """Its lines were never looked at so closely, and it shows no refusals."""
    bob = house.member("bob")
    assert house.member("alice").ask(say("hello", chanel="#dev")) == []
    assert contents(bob.lines()) == ["hello"]


def test_a_first_hello_is_modern_already(house: House) -> None:
    """Whoever asks for another encoding by a wrong name would never hear of it."""
    client = house.client()
    answer = client.one({"type": "hello", "encodng": "utf-8"})
    assert (answer["code"], answer["field"]) == ("bad_request", "encodng")
    assert client.one({"type": "hello", "encoding": "utf-8", "os": "linux"})["encoding"] == "utf-8"


def test_a_misspelt_message_is_not_said(house: House) -> None:
    """It was for a channel, and would have gone to everyone."""
    bob, alice = house.modern("bob"), house.modern("alice")
    bob.raw()
    assert alice.one(say("secret", chanel="#dev"))["code"] == "bad_request"
    assert bob.lines() == []


def test_a_line_that_is_not_utf_8_is_looked_at_too(house: House) -> None:
    """Its fields are read as it is."""
    client = house.modern("alice")
    assert client.one('{"type":"message","content":"é","chanel":"#dev"}\n'.encode("latin-1"))["field"] == "chanel"
    assert client.one('{"type":"message","content":"é","couleur":"é"}\n'.encode("latin-1"))["type"] == "ack"


def test_nulls_and_whole_numbers_are_looked_at_too(house: House) -> None:
    """A line that is read leniently is no exception."""
    client = house.modern("alice")
    assert client.one({"type": "history", "limit": 5.0, "befor": 3})["field"] == "befor"
    assert client.one({"type": "history", "limit": 5.0, "before": None, "size": 3})["type"] == "history"


def test_of_very_many_unknown_fields_only_the_first_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of thousands of names costs no more than a few."""
    compared: list[str] = []

    def compare(_: object, name: str) -> list[str]:
        compared.append(name)
        return []

    monkeypatch.setattr(misspelt, "nearly", compare)
    names = {f"n{number}": 1 for number in range(5000)}
    check_fields(json.dumps({"type": "message", "content": "x", **names}).encode(), Say(content="x"))
    assert len(compared) == LOOKED_AT


@pytest.mark.parametrize("name", ["c" * 60_000, "channel" * 9_000, "_" * 60_000 + "chanel", "ch" * 30_000])
def test_a_very_long_name_is_no_misspelling(name: str) -> None:
    """Only its beginning is looked at."""
    check_fields(json.dumps({"type": "message", "content": "x", name: 1}).encode(), Say(content="x"))


def test_a_field_that_is_there_is_not_meant_by_another() -> None:
    """`surname` beside `username` is no misspelling of it."""
    assert nearly(Register, "surname") == ["username"]
    line = b'{"type":"register","username":"bob","password":"a word","surname":"Martin"}'
    check_fields(line, decode(line))
    with pytest.raises(BadRequest):
        check_fields(b'{"type":"message","content":"x","chanel":"#dev"}', Say(content="x"))


@given(name=st.text(max_size=30))
def test_any_name_is_ignored_or_refused(name: str) -> None:
    """Whatever it is, nothing else happens."""
    line = json.dumps({name: "x", "type": "message", "content": "x"}).encode()
    if not set(nearly(Say, name)) - {"content", name}:
        check_fields(line, Say(content="x"))
    else:
        with pytest.raises(BadRequest) as refusal:
            check_fields(line, Say(content="x"))
        assert refusal.value.field == name
