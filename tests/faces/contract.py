"""What every face of the chat must do for a client: one scenario, told in the words of the protocol, over real sockets.

A new face adds an entry to FACES; test_contract.py runs the whole scenario over each of them.
"""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from typing import Any, NamedTuple

from tests.server import Client, Server, unverified
from tests.websocket import WebClient

SPECIAL = 'été, ça, œuf, <b>"\\\u2028\u00a0 \U0001f469\U0001f3fd\u200d\U0001f52c عربي'
LINE_BYTES = 65_536  # the default of [limits] line_bytes


class Face(NamedTuple):
    """One way to be a client: where it connects, and which dialect it speaks."""

    name: str
    listener: str
    modern: bool = False

    def connect(self, server: Server, first: bytes = b"") -> Client:
        """Return a new connection that speaks the face's dialect; `first` is sent before anything else."""
        client = self._open(server)
        if first:
            client.write(first)
        if self.modern:
            client.send(type="hello", protocol=2, lang="en")
            client.until(type="hello")
        return client

    def _open(self, server: Server) -> Client:
        if self.listener.startswith("web"):
            address = server.address(self.listener)
            assert not isinstance(address, str)
            return WebClient(address, unverified() if self.listener == "web_tls" else None)
        return server.client(self.listener)

    def member(self, server: Server, name: str) -> Client:
        """Return a connection on which a new account is logged in."""
        return self.connect(server).register(name)


FACES = [
    Face("tcp-classic", "tcp"),
    Face("tcp-modern", "tcp", modern=True),
    Face("tls-classic", "tls"),
    Face("tls-modern", "tls", modern=True),
    Face("web", "web", modern=True),
    Face("web-tls", "web_tls", modern=True),
]


class Scene:
    """A face at a server, for one part of the scenario; its people have names of their own."""

    def __init__(self, server: Server, face: Face, part: str) -> None:
        self.server = server
        self.face = face
        self._part = part
        self._clients: list[Client] = []

    def name(self, who: str) -> str:
        return f"{who}.{self._part}.{self.face.name}"

    def connect(self, first: bytes = b"") -> Client:
        return self._kept(self.face.connect(self.server, first))

    def member(self, who: str, face: Face | None = None) -> Client:
        """Return a connection of a new account, of this face or another."""
        return self._kept((face or self.face).member(self.server, self.name(who)))

    def listener(self) -> Client:
        """Return somebody who hears the channel in the classic dialect."""
        return self.member("listener", FACES[0])

    def _kept(self, client: Client) -> Client:
        self._clients.append(client)
        return client

    def close(self) -> None:
        for client in self._clients:
            with suppress(OSError):
                client.close()


def heard(client: Client, content: str) -> Any:
    """Return the next message with this content."""
    return client.until(type="message", content=content)


def refusal(client: Client) -> str:
    """Return the code of the next refusal: an error, or for a classic client after its login a notice."""
    return next(str(line["code"]) for line in client if "code" in line)


def codes(client: Client) -> list[str]:
    """Return the codes of all refusals until the server closes the connection."""
    return [str(line["code"]) for line in client if "code" in line]


# -- the scenario ------------------------------------------------------------------------------------------------------


def register_and_login(scene: Scene) -> None:
    """A wrong password is refused and the connection stays; the right one logs in."""
    client = scene.connect()
    name = scene.name("alice")
    assert client.ask(type="login", username=name, password="azerty")["code"] == "login_failed"
    assert client.ask(type="register", username=name, password="azerty")["status"] == "ok"
    assert client.ask(type="register", username=name, password="azerty")["code"] == "username_taken"
    assert client.ask(type="login", username=name, password="wrong")["code"] == "login_failed"
    answer = client.ask(type="login", username=name, password="azerty")
    assert (answer["type"], answer["status"], answer["username"]) == ("login", "ok", name)


def come_as_a_guest(scene: Scene) -> None:
    """A guest is heard under the name that it gave itself."""
    listener, client = scene.listener(), scene.connect()
    if scene.face.modern:
        assert client.ask(type="guest", username=scene.name("guest"))["type"] == "guest"
        client.say("bonjour d’un invité")
    else:
        client.send({"type": "message", "from": scene.name("guest"), "content": "bonjour d’un invité"})
    assert heard(listener, "bonjour d’un invité")["from"] == scene.name("guest")


def say_special_characters(scene: Scene) -> None:
    """Whatever Unicode has arrives as it was sent, both ways."""
    listener, client = scene.listener(), scene.member("writer")
    client.say(SPECIAL)
    assert heard(listener, SPECIAL)["from"] == scene.name("writer")
    listener.say(f"{SPECIAL} aussi")
    assert heard(client, f"{SPECIAL} aussi")["from"] == scene.name("listener")


def whisper(scene: Scene) -> None:
    """A private message reaches its recipient, and nobody else."""
    listener, client = scene.listener(), scene.member("writer")
    third = scene.member("third")
    client.send(type="message", subtype="private", to=scene.name("listener"), content="rien que pour toi")
    found = heard(listener, "rien que pour toi")
    assert (found["subtype"], found["from"]) == ("private", scene.name("writer"))
    listener.send(type="message", subtype="private", to=scene.name("writer"), content="pour toi aussi")
    assert heard(client, "pour toi aussi")["subtype"] == "private"
    client.say("à tous")
    assert third.until(type="message", **{"from": scene.name("writer")})["content"] == "à tous"


def read_history(scene: Scene) -> None:
    """What was said before somebody came is handed to them."""
    listener = scene.listener()
    listener.say(scene.name("avant"))
    listener.ask(type="users")
    client = scene.member("reader")
    if scene.face.modern:
        client.send(type="history", id="h", channel="#général", limit=50)
        messages = client.until(id="h")["messages"]
        assert scene.name("avant") in [message["content"] for message in messages]
    else:
        client.send(type="users")
        assert client.until(type="users")["users"]
        assert any(scene.name("avant") in line.get("content", "") for line in client)


def refuse_bad_lines(scene: Scene) -> None:
    """A bad line costs an error, never the connection."""
    client = scene.member("clumsy")
    for line, code in (
        (b"nonsense\n", "bad_json"),
        (b"[1, 2]\n", "bad_request"),
        (b'{"type": 7}\n', "bad_request"),
        (b'{"type": "dance"}\n', "unknown_type"),
        (b'{"type": "message", "content": 7}\n', "bad_request"),
        (b"[" * 10_000 + b"\n", "bad_request"),
    ):
        client.write(line)
        assert refusal(client) == code, line[:50]
    client.send(type="users")
    assert client.until(type="users")["users"]


def refuse_a_line_too_long(scene: Scene) -> None:
    """It is answered, what is left of it is read away, and the connection ends."""
    client = scene.member("endless")
    content = "x" * LINE_BYTES
    client.say(content)
    assert codes(client) == ["line_too_long"]


def begin_with_a_byte_order_mark(scene: Scene) -> None:
    """A pipe on Windows begins so."""
    client = scene.connect(b"\xef\xbb\xbf")
    assert client.ask(type="register", username=scene.name("windows"), password="azerty")["status"] == "ok"


def read_windows_1252(scene: Scene) -> None:
    """A line that is no UTF-8 is read as Java on Windows has written it; a WebSocket has no such text."""
    if scene.face.listener.startswith("web"):
        return
    listener, client = scene.listener(), scene.member("java")
    client.write('{"type":"message","content":"déjà à 5 €"}\n'.encode("cp1252"))
    assert heard(listener, "déjà à 5 €")["from"] == scene.name("java")


def pass_over_blank_lines(scene: Scene) -> None:
    """Blank lines ask nothing, and a carriage return before the end of a line is none of it."""
    client = scene.member("typist")
    client.write(b"\n\r\n  \r\n" + b'{"type":"users"}\r\n')
    lines = []
    for line in client:
        lines.append(line)
        if line["type"] == "users":
            break
    assert [line for line in lines if "code" in line] == []


def answer_in_order(scene: Scene) -> None:
    """Requests that came in one packet are answered in their order, slow ones among them."""
    client = scene.connect()
    name = scene.name("hasty")
    client.send(
        {"type": "register", "username": name, "password": "azerty"},
        {"type": "login", "username": name, "password": "azerty"},
        {"type": "users"},
    )
    answers = (line["type"] for line in client if line["type"] in {"register", "login", "users"})
    assert [next(answers) for _ in range(3)] == ["register", "login", "users"]
    client.send(type="login", username=name, password="wrong")
    assert client.until(type="error")["code"] == "login_failed"


def slow_down_a_flood(scene: Scene) -> None:
    """More than the limits allow is refused; whoever goes on is disconnected, and the others are well."""
    listener, client = scene.listener(), scene.member("flood")
    with suppress(OSError):
        client.send(*({"type": "message", "content": f"bruit {number}"} for number in range(3_000)))
    assert "rate_limited" in codes(client)
    listener.send(type="users")
    assert listener.until(type="users")["users"]


def be_muted(scene: Scene) -> None:
    """Who is muted hears it with its next message, and is heard no more."""
    listener, client = scene.listener(), scene.member("loud")
    assert scene.server.ctl("mute", scene.name("loud"), "1h", "--yes").returncode == 0
    client.say("on m’entend ?")
    assert refusal(client) == "muted"
    listener.say("silence")
    listener.send(type="users")
    between = []
    for line in listener:
        if line["type"] == "users":
            break
        between.append(line.get("content"))
    assert "on m’entend ?" not in between


def be_kicked(scene: Scene) -> None:
    """Who is kicked hears why, and the connection ends."""
    client = scene.member("kicked")
    assert scene.server.ctl("kick", scene.name("kicked"), "1h", "Trop de bruit", "--yes").returncode == 0
    told = json.dumps(list(client), ensure_ascii=False)
    assert "Trop de bruit" in told
    again = scene.connect()
    assert again.ask(type="login", username=scene.name("kicked"), password="azerty")["code"] == "kicked"


def close_one_half(scene: Scene) -> None:
    """A client that closes its side first is answered to the end, over TCP; over TLS a close ends both."""
    client = scene.connect()
    client.send(type="register", username=scene.name("half"), password="azerty")
    if not scene.face.listener.endswith("tls"):
        client.socket.shutdown(socket.SHUT_WR)
        assert [line["type"] for line in client] == ["register"]
    else:
        assert client.read()["type"] == "register"


SCENARIO = [
    register_and_login,
    come_as_a_guest,
    say_special_characters,
    whisper,
    read_history,
    refuse_bad_lines,
    refuse_a_line_too_long,
    begin_with_a_byte_order_mark,
    read_windows_1252,
    pass_over_blank_lines,
    answer_in_order,
    slow_down_a_flood,
    be_muted,
    be_kicked,
    close_one_half,
]
