"""The chat in WebSocket messages: what opens one, what is read, and how little it can be made to do."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Opcode

from tests.faces.web_line import ACCEPTED, HANDSHAKE, WebLine, WebSocketLine, frame, parsed, text
from tests.harness import House, running

HELLO = '{"type":"hello","protocol":2,"lang":"en","encoding":"utf-8"}'
PING = '{"type":"ping","id":1}'


@pytest.fixture
def web(house: House) -> WebLine:
    return WebLine(house)


@pytest.fixture
def chat(web: WebLine) -> WebSocketLine:
    """A WebSocket that has said hello."""
    line = web.chat()
    [welcome] = line.ask(HELLO)
    assert json.loads(welcome)["type"] == "hello"
    return line


# -- its opening ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (b"Upgrade: websocket\r\n", b"", 400),
        (b"Upgrade: websocket", b"Upgrade: h2c", 400),
        (b"Connection: keep-alive, Upgrade\r\n", b"", 400),
        (b"Version: 13", b"Version: 8", 426),
        (b"Sec-WebSocket-Version: 13\r\n", b"", 400),
        (b"Key: dGhlIHNhbXBsZSBub25jZQ==", b"Key: dGhlIHNhbXBsZSBub25jZQ", 400),
        (b"Key: dGhlIHNhbXBsZSBub25jZQ==", b"Key: dGhl", 400),
        (b"Key: dGhlIHNhbXBsZSBub25jZQ==", b"Key: \xff\xfe", 400),
        (b"Sec-WebSocket-Key: ", b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Key: ", 400),
        (b"Host: chat.example:8080\r\n", b"", 400),
        (b"HTTP/1.1", b"HTTP/1.0", 400),
        (b"GET", b"HEAD", 400),
    ],
)
def test_what_opens_none(web: WebLine, before: bytes, after: bytes, code: int) -> None:
    """A handshake lacks nothing (RFC 6455 §4.2.1); whoever only looks reads what this address is for."""
    client = web.connect()
    client.push(HANDSHAKE.replace(before, after))
    answer = parsed(client.raw())
    assert (answer.code, answer.headers["sec-websocket-version"]) == (code, "13")
    assert web.house.chat.connections == {}


@pytest.mark.parametrize(
    ("origin", "accepted"),
    [
        ("http://chat.example:8080", True),
        ("https://chat.example:8080", True),
        ("HTTP://Chat.Example:8080", True),
        ("https://intranet.example", True),
        ("http://intranet.example", False),
        ("http://chat.example", False),
        ("http://chat.example:8081", False),
        ("http://chat.example:8080.evil.example", False),
        ("http://evil.example", False),
        ("null", False),
        ("", False),
        ("file://", False),
        ("chat.example:8080", False),
    ],
)
def test_other_pages_are_refused(house: House, origin: str, accepted: bool) -> None:
    """Only our own page, and those that [web] origins names; a browser always says which page it is."""
    web = WebLine(house, origins=("https://intranet.example",))
    client = web.connect()
    client.push(HANDSHAKE.replace(b"\r\n\r\n", b"\r\nOrigin: %b\r\n\r\n" % origin.encode()))
    assert parsed(client.raw()).code == (101 if accepted else 403)
    assert len(house.chat.connections) == accepted


@pytest.mark.parametrize(
    ("host", "origin", "accepted"),
    [
        (b"chat.example", b"http://chat.example", True),
        (b"chat.example:80", b"http://chat.example", True),
        (b"chat.example:443", b"https://chat.example", True),
        (b"chat.example:443", b"http://chat.example", False),
        (b"[2001:db8::1]:8080", b"http://[2001:db8::1]:8080", True),
    ],
)
def test_the_usual_port_is_not_written(web: WebLine, host: bytes, origin: bytes, accepted: bool) -> None:
    """A browser leaves it out."""
    client = web.connect()
    asked = HANDSHAKE.replace(b"chat.example:8080", host).replace(b"\r\n\r\n", b"\r\nOrigin: %b\r\n\r\n" % origin)
    client.push(asked)
    assert (ACCEPTED in client.raw()) == accepted


@pytest.mark.parametrize(("trusted", "accepted"), [("10.0.0.1", True), ("10.0.0.2", False)])
def test_the_name_that_a_proxy_was_asked(house: House, trusted: str, accepted: bool) -> None:
    """The page is of the name that the browser knows, and only a trusted proxy may say it."""
    client = WebLine(house, trusted=(trusted,)).connect("10.0.0.1")
    names = b"\r\nOrigin: https://chat.school.example\r\nX-Forwarded-Host: chat.school.example\r\n\r\n"
    client.push(HANDSHAKE.replace(b"\r\n\r\n", names))
    assert (ACCEPTED in client.raw()) == accepted


def test_the_session_has_the_address_that_a_proxy_says(house: House) -> None:
    """Blocks and limits are for it."""
    web = WebLine(house, trusted=("10.9.9.9",))
    web.chat("10.9.9.9", HANDSHAKE.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 10.0.0.7\r\n\r\n"))
    assert [connection.session.address for connection in house.chat.connections.values()] == ["10.0.0.7"]


def test_what_comes_in_one_packet_with_the_handshake(web: WebLine) -> None:
    """It is read, and the visit is a session now."""
    client = web.connect()
    client.push(HANDSHAKE + text(HELLO))
    web.house.turn()
    assert b'"type":"hello"' in client.raw()
    assert web.site.visits == {}
    web.house.pass_time(60)
    assert not client.closed


def test_a_full_server_says_so() -> None:
    """In a message, then a close frame."""
    with running(connections=1) as house:
        house.member("alice")
        web = WebLine(house)
        line = web.chat()
        (_, refusal), (opcode, _) = line.frames()
        assert json.loads(refusal)["code"] == "too_many_connections"
        assert opcode is Opcode.CLOSE


# -- messages ---------------------------------------------------------------------------------------------------------


def test_it_begins_with_hello(web: WebLine) -> None:
    """Whatever else is refused, in words; after it the modern dialect."""
    line = web.chat()
    [refused] = line.ask(PING)
    assert json.loads(refused) == {
        "type": "error",
        "code": "bad_request",
        "message": "The first request of this connection must be `hello`.",
        "id": 1,
    }
    welcome, pong = line.ask(HELLO, PING)
    assert json.loads(welcome)["type"] == "hello"
    assert json.loads(pong)["type"] == "ping"


def test_one_message_may_have_several_lines(chat: WebSocketLine) -> None:
    """Answered in their order; the end of a message is the end of a line."""
    assert len(chat.ask(PING, PING, PING)) == 3
    assert len(chat.ask(PING + "\r", "")) == 1
    assert chat.ask("", " ") == []


def test_a_message_may_come_in_parts(chat: WebSocketLine) -> None:
    """Cut anywhere, in the middle of a character too, with a ping in between."""
    data = '{"type":"topic","id":"é€😀"}'.encode()
    for place in range(1, len(data)):
        chat.push(frame(Opcode.TEXT, data[:place], fin=False))
        chat.push(frame(Opcode.PING, b"there?"))
        assert chat.frames() == [(Opcode.PONG, b"there?")]
        chat.push(frame(Opcode.CONT, data[place:]))
        [(_, answer)] = chat.frames()
        assert json.loads(answer)["id"] == "é€😀"
        chat.client.house.pass_time(2)


def test_bytes_may_come_one_by_one(chat: WebSocketLine) -> None:
    """As a bad network delivers them."""
    for byte in text(PING):
        chat.push(bytes((byte,)))
    assert len(chat.lines()) == 1


# -- what is refused --------------------------------------------------------------------------------------------------


def with_head(first: int, second: int, rest: bytes = b"") -> bytes:
    return bytes((first, second)) + rest


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (frame(Opcode.BINARY, b"x"), 1003),
        (frame(Opcode.BINARY, b"x", fin=False), 1003),
        (frame(Opcode.TEXT, b"\xff"), 1007),
        (frame(Opcode.TEXT, b"\xc3"), 1007),
        (frame(Opcode.TEXT, b"\xed\xa0\x80"), 1007),
        (frame(Opcode.TEXT, b"x", masked=False), 1002),
        (frame(Opcode.CONT, b"x"), 1002),
        (frame(Opcode.TEXT, b"x", fin=False) + frame(Opcode.TEXT, b"y"), 1002),
        (with_head(0xC1, 0x80, b"abcd"), 1002),  # RSV1: compression was not agreed upon
        (with_head(0x83, 0x80, b"abcd"), 1002),  # an unknown opcode
        (with_head(0x8B, 0x80, b"abcd"), 1002),
        (with_head(0x09, 0x80, b"abcd"), 1002),  # a ping in parts
        (with_head(0x89, 0xFE, b"\x00\x7eabcd" + b"x" * 126), 1002),  # a long ping
        (with_head(0x81, 0xFF, b"\xff" * 8 + b"abcd"), 1002),  # 2**64 - 1 bytes
        (with_head(0x88, 0x81, b"abcd\x00"), 1002),  # half of a code
        (frame(Opcode.CLOSE, b"\x03\xed"), 1002),  # 1005, which nobody sends
        (frame(Opcode.CLOSE, b"\x03\xe8\xff"), 1007),
    ],
    ids=[  # a frame has another key in each process, pytest's names of tests have not
        "binary",
        "a part of binary",
        "no UTF-8",
        "cut UTF-8",
        "surrogate",
        "no key",
        "goes on with nothing",
        "begun twice",
        "compressed",
        "unknown",
        "unknown control",
        "ping in parts",
        "long ping",
        "2**64 - 1 bytes",
        "half of a code",
        "code 1005",
        "why is no UTF-8",
    ],
)
def test_wrong_frames(chat: WebSocketLine, data: bytes, code: int) -> None:
    """The close frame says what was wrong; nothing that comes behind is read."""
    chat.push(data + text(PING))
    assert chat.closed_with() == code
    chat.push(text(PING))
    chat.client.house.pass_time(5)
    assert chat.client.closed


@pytest.mark.parametrize("masked", [b"abcd"])
def test_a_declared_terabyte_costs_nothing(chat: WebSocketLine, masked: bytes) -> None:
    """What a frame declares is neither kept nor waited for: a line is bounded as on a socket."""
    chat.push(with_head(0x81, 0xFF, (10**12).to_bytes(8, "big") + masked))
    connection = chat.client.transport.protocol._upgraded  # type: ignore[attr-defined]
    for _ in range(16):
        chat.push(b"\x00" * 4_096)  # `abcd` again and again
    assert len(connection._line) == 65_536
    chat.push(b"\x00" * 4_096)
    (opcode, refusal), (_, close) = chat.frames()
    assert (opcode, json.loads(refusal)["code"]) == (Opcode.TEXT, "line_too_long")
    assert close[:2] == (1009).to_bytes(2, "big")
    assert len(connection._line) == 0


def test_lines_of_an_endless_message_are_answered(chat: WebSocketLine) -> None:
    """A message without an end is a stream of lines, under the limits of a stream."""
    chat.push(frame(Opcode.TEXT, f"{PING}\n".encode(), fin=False))
    assert len(chat.lines()) == 1
    chat.push(frame(Opcode.CONT, f"{PING}\n{PING[:5]}".encode(), fin=False))
    assert len(chat.lines()) == 1
    chat.push(frame(Opcode.CONT, PING[5:].encode()))
    assert len(chat.lines()) == 1


@pytest.mark.parametrize(
    "flood",
    [
        frame(Opcode.PING) * 20_000,
        frame(Opcode.PONG) * 20_000,
        frame(Opcode.TEXT) * 20_000,
        frame(Opcode.TEXT, fin=False) + frame(Opcode.CONT, fin=False) * 20_000,
    ],
    ids=["pings", "pongs", "empty messages", "empty parts"],
)
def test_floods_of_nothing(chat: WebSocketLine, flood: bytes) -> None:
    """They end the connection like blank lines; some are normal."""
    chat.push(flood[: len(flood) // 1_000])
    assert not chat.client.closed
    chat.push(flood)
    chat.client.house.pass_time(5)
    assert chat.client.closed


def test_a_line_in_very_many_parts(chat: WebSocketLine) -> None:
    """Each byte a frame: the line is read as one, and is bounded as one."""
    parts = [bytes((byte,)) for byte in PING.encode()]
    data = frame(Opcode.TEXT, parts[0], fin=False) + b"".join(frame(Opcode.CONT, each, fin=False) for each in parts[1:])
    chat.push(data)
    assert chat.frames() == []
    chat.push(frame(Opcode.CONT))
    assert len(chat.lines()) == 1


def test_who_does_not_read_is_disconnected(house: House) -> None:
    """Pongs wait in the outbox too, and count."""
    web = WebLine(house, outbox_bytes=1_024)
    chat = web.chat()
    chat.ask(HELLO)
    transport = chat.client.transport
    transport.producer.pauseProducing()  # type: ignore[union-attr]
    for _ in range(9):
        chat.push(frame(Opcode.PING, b"x" * 125))
        house.pass_time(1)
    assert chat.client.closed
    assert any("its outbox is full" in line for line in house.logged)


FRAMES = st.builds(
    lambda opcode, payload, fin, masked: frame(opcode, payload, fin=fin or opcode >= Opcode.CLOSE, masked=masked),
    st.sampled_from(list(Opcode)),
    st.binary(max_size=125) | st.sampled_from([HELLO.encode(), PING.encode(), b"\n", b"\xc3", b"\x03\xe8"]),
    st.booleans(),
    st.sampled_from([True, True, True, False]),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(FRAMES | st.binary(max_size=40), max_size=8), st.integers(1, 300))
def test_whatever_comes(pieces: list[bytes], step: int) -> None:
    """No bytes, however they are cut, make the reader stumble; what is left of a line stays within its bound."""
    with running() as house:
        chat = WebLine(house, line_bytes=1_024).chat()
        data = b"".join(pieces)
        for place in range(0, len(data), step):
            if not chat.client.closed:
                chat.push(data[place : place + step])
        assert len(chat.client.transport.protocol._upgraded._line) <= 1_025  # type: ignore[attr-defined]
        if not chat.client.closed:
            chat.client.leave()


# -- the end ----------------------------------------------------------------------------------------------------------


def test_the_client_closes(chat: WebSocketLine) -> None:
    """What it has asked is answered, then its close frame is, and nothing behind it is read."""
    chat.push(text(PING) + frame(Opcode.CLOSE, (1001).to_bytes(2, "big")) + text(PING))
    (opcode, _), (last, close) = chat.frames()
    assert (opcode, last, close[:2]) == (Opcode.TEXT, Opcode.CLOSE, (1000).to_bytes(2, "big"))
    assert chat.client.closed


def test_the_connection_is_lost_in_the_middle_of_a_line(chat: WebSocketLine) -> None:
    """The session ends."""
    chat.push(frame(Opcode.TEXT, b'{"type":', fin=False))
    chat.client.leave()
    assert chat.client.house.chat.connections == {}


def test_a_frame_is_made_once_for_all(house: House) -> None:
    """Two readers of one channel are handed the same object."""
    web = WebLine(house)
    house.account("alice")
    house.account("bob")
    readers = [web.chat() for _ in range(2)]
    for reader, name in zip(readers, ("alice", "bob"), strict=True):
        reader.ask(HELLO, json.dumps({"type": "login", "username": name, "password": "azerty"}))
        house.turn()
    written: list[bytes] = []
    for reader in readers:
        reader.client.raw()
        reader.client.transport.write = written.append  # type: ignore[method-assign]
    house.member("carol").ask({"type": "message", "content": "bonjour"})
    messages = [each for each in written if b"bonjour" in each]
    assert len(messages) == 2
    assert messages[0] is messages[1]
