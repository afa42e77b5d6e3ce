"""Files with a real server: over real HTTP, with and without encryption, through a kill in the middle of an upload."""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.server import Client, Server, running, unverified

CONTENT = b"une ligne de texte\n" * 200_000  # 3.8 MB


def place(server: Server, face: str = "web") -> tuple[str, int]:
    found = server.address(face)
    assert isinstance(found, tuple)
    return found


@contextmanager
def page(server: Server, face: str = "web") -> Iterator[http.client.HTTPConnection]:
    if face == "web":
        connection = http.client.HTTPConnection(*place(server))
    else:
        connection = http.client.HTTPSConnection(*place(server, face), context=unverified())
    with closing(connection):
        yield connection


def admitted(client: Client, content: bytes = CONTENT) -> str:
    answer = client.ask(type="upload", id="u", channel="#dev", name="long.txt", size=len(content))
    return str(answer["url"])


def sent(server: Server, client: Client, content: bytes = CONTENT, face: str = "web") -> dict[str, object]:
    """Return the file of a message that was sent with it, as the history tells it."""
    url = admitted(client, content)
    with page(server, face) as connection:
        connection.request("PUT", url, content)
        answer = connection.getresponse()
        assert (answer.status, answer.read()[:8]) == (200, b'{"file":')
    client.ask(type="message", id="m", channel="#dev", content="", file=url.rpartition("/")[2])
    history = client.ask(type="history", id="h", channel="#dev", limit=1)
    file: dict[str, object] = history["messages"][0]["file"]
    return file


def read(server: Server, file: dict[str, object], face: str = "web") -> tuple[int, bytes]:
    with page(server, face) as connection:
        connection.request("GET", str(file["url"]))
        answer = connection.getresponse()
        return answer.status, answer.read()


def contents(server: Server) -> list[Path]:
    return [file for file in (server.data / "files").rglob("*") if file.is_file()]


def test_a_file_goes_round(tmp_path: Path) -> None:
    """Up by one listener and down by both; it is there after a restart."""
    with running(tmp_path) as server, server.client() as client:
        bob = client.hello().register("bob").login("bob")
        file = sent(server, bob)
        assert read(server, file) == read(server, file, "web_tls") == (200, CONTENT)
        other = sent(server, bob, b"autre", "web_tls")
    with running(tmp_path) as server:
        assert read(server, file) == (200, CONTENT)
        assert read(server, other) == (200, b"autre")


def test_a_kill_in_the_middle(tmp_path: Path) -> None:
    """What was sent is there, whole; of what was coming nothing is left."""
    with Server(tmp_path) as server, server.client() as client:
        bob = client.hello().register("bob").login("bob")
        file = sent(server, bob)
        url = admitted(bob)
        with page(server) as connection:
            connection.putrequest("PUT", url)
            connection.putheader("Content-Length", str(len(CONTENT)))
            connection.endheaders(CONTENT[: len(CONTENT) // 2])
            server.crash()
    with running(tmp_path) as server:
        digest = hashlib.sha256(CONTENT).hexdigest()
        assert contents(server) == [server.data / "files" / digest[:2] / digest]
        assert read(server, file) == (200, CONTENT)
