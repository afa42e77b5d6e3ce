"""The page over HTTP, and the first line of a WebSocket."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import Server, running
from tests.websocket import WebClient

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("web")) as server:
        yield server


def address(server: Server) -> tuple[str, int]:
    where = server.address("web")
    assert not isinstance(where, str)
    return where


def test_the_page_is_served(server: Server) -> None:
    """`/` is the page, with what a browser must not do with it."""
    connection = http.client.HTTPConnection(*address(server))
    connection.request("GET", "/")
    answer = connection.getresponse()
    page = Path(__file__).parents[2] / "classcord" / "page" / "index.html"
    assert (answer.status, answer.read()) == (200, page.read_bytes())
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; ")
    assert answer.headers["Server"] is None
    connection.close()


def test_a_websocket_begins_with_hello(server: Server) -> None:
    """Whatever else comes first is refused in words, and the connection stays."""
    with WebClient(address(server)) as client:
        refused = client.ask(type="users", id=7)
        assert (refused["type"], refused["code"], refused["id"]) == ("error", "bad_request", 7)
        assert client.hello().ask(type="ping", id=8)["id"] == 8


def test_administrators_see_how_somebody_came(server: Server) -> None:
    """In the list of sessions, and in the log that they read."""
    with WebClient(address(server)) as client:
        client.hello().register("webster")
        assert '"web"' in server.ctl("sessions", "--json").stdout
        assert "by web\n" in server.logged()
