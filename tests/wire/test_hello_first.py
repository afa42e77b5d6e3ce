"""The dialect of a connection that must begin with `hello`."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from classcord.chat.connections.vocabulary import Hello, HelloExpected, Ping
from classcord.chat.errors import BadJSON, ChatError
from classcord.chat.ports import NATIVE
from classcord.wire.hello_first import HelloFirst, hello_first
from classcord.wire.jsonlines import Modern

HELLO = b'{"type":"hello","protocol":2}'
SESSION: Any = None  # it looks at nothing of a session


@pytest.fixture
def dialect() -> HelloFirst:
    return hello_first("en", ZoneInfo("UTC")).begin(SESSION)


def test_the_first_request_is_hello(dialect: HelloFirst) -> None:
    """Another one is refused under its own id, as often as it comes; what is no request is refused as ever."""
    for _ in range(2):
        with pytest.raises(HelloExpected) as refused:
            dialect.decode(b'{"type":"ping","id":7}')
        assert refused.value.request_id == 7
    with pytest.raises(BadJSON):
        dialect.decode(b"nonsense")
    assert isinstance(dialect.decode(HELLO), Hello)
    assert isinstance(dialect.decode(b'{"type":"ping"}'), Ping)


def test_each_session_says_its_own(dialect: HelloFirst) -> None:
    """The hello of one is not another's; they share an encoder, so that the fan-out encodes once."""
    other = dialect.begin(SESSION)
    dialect.decode(HELLO)
    with pytest.raises(HelloExpected):
        other.decode(b'{"type":"ping"}')
    assert dialect.encoder is other.encoder


def test_it_speaks_the_modern_dialect(dialect: HelloFirst) -> None:
    """In UTF-8, which every WebSocket reads; after hello as that has asked."""
    assert dialect.traits is NATIVE
    error: ChatError = HelloExpected()
    refused = dialect.error(error, Ping(id=1))
    assert json.loads(refused) == {
        "type": "error",
        "code": "bad_request",
        "message": "The first request of this connection must be `hello`.",
        "id": 1,
    }
    after = dialect.after_hello("fr", "utf-8")
    assert isinstance(after, Modern)
    assert "première".encode() in after.error(error, None)
