"""What the tests' traffic is checked by sees what is wrong."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from classcord.chat.errors import UnknownType
from tests.server import Client
from tests.traffic import Traffic, shape


@pytest.fixture(scope="module")
def checker() -> Traffic:
    return Traffic()


@pytest.mark.parametrize(
    ("groups", "line", "fault"),
    [
        (("event",), b'{"type":"joined","channel":"#dev","user":"bob"}', ""),
        (("event",), b'{"type":"joined","channel":"#dev"}', "'user' is a required property"),
        (("answer",), b'{"type":"ack","message_id":0,"timestamp":"2026-11-20T20:36:27.607Z"}', "minimum of 1"),
        (("answer",), b'{"type":"ack","message_id":1,"timestamp":"20:36"}', "is not a 'date-time'"),
        (("answer", "event"), b'{"type":"flown"}', "no type of a answer"),
        (("classic",), b'{"type":"message","content":"Bonjour"}', "'subtype' is a required property"),
        (("classic",), b'{"type":"error","code":"muted","message":"Non."}', "'error' is a required property"),
        (("answer",), b'{"type":"login","status":"ok","username":"bob","role":"king"}', "is not one of"),
    ],
)
def test_what_is_sent(groups: tuple[str, ...], line: bytes, fault: str, checker: Traffic) -> None:
    """A line of the server that is not in the schema is told with the field that is wrong."""
    checker.wrong.clear()
    checker.sent(line, *groups)
    assert bool(checker.wrong) is bool(fault)
    assert fault in "".join(checker.wrong)


@pytest.mark.parametrize(
    ("line", "refused", "fault"),
    [
        (b'{"type":"ping"}', False, ""),
        (b'{"type":"fly"}', True, ""),
        (b"[1]", True, ""),
        (b"no JSON", True, ""),
        (b'{"type":"ping","type":"message"}', False, ""),
        (b'{"type":"message","content":' + b"[" * 900 + b"]" * 900 + b"}", True, ""),
        (b'{"type":"ping"}', True, "the server refused"),
        (b'{"type":"message"}', False, "the server took"),
        (b'{"type":"login","username":"bob","password":null}', False, "the server took"),
    ],
)
def test_what_is_read(line: bytes, refused: bool, fault: str, checker: Traffic) -> None:
    """The server takes exactly the lines for requests that are requests by the schema."""
    checker.wrong.clear()
    checker.read(line, UnknownType(type="fly") if refused else None)
    assert bool(checker.wrong) is bool(fault)
    assert fault in "".join(checker.wrong)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ({"user": "bob"}, {"user": "eve"}, True),
        ({"user": "b" * 64}, {"user": "b" * 66}, False),
        ({"type": "ping"}, {"type": "pong"}, False),
        ({"limit": 1.0}, {"limit": 1.5}, False),
        ({"limit": 7}, {"limit": 8}, True),
        ({"users": ["a", "b"]}, {"users": ["c"]}, True),
        ({"users": ["a"]}, {"users": [1]}, False),
        ({"on": True}, {"on": 1}, False),
    ],
)
def test_lines_that_are_alike(one: object, other: object, alike: bool) -> None:
    """Lines are alike if the schema cannot tell them apart."""
    assert (shape(one) == shape(other)) is alike


def test_what_a_client_of_another_process_receives(checker: Traffic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each whole line is checked by the dialect that the connection speaks by then."""
    checker.wrong.clear()
    monkeypatch.setattr(Client, "look", staticmethod(checker.heard))
    joined, hello = b'{"type":"joined","channel":"#dev","user":"bob"}\n', b'{"type":"hello"}\n'
    with socket.create_server(("127.0.0.1", 0)) as server, Client(server.getsockname()) as client:
        with closing(server.accept()[0]) as connection:
            connection.sendall(joined + hello + joined + b'{"type":"flung"}\n{"type":"fl')
        assert [line["type"] for line in client] == ["joined", "hello", "joined", "flung"]
    assert [wrong.split('"')[3] for wrong in checker.wrong] == ["joined", "hello", "flung"]
