"""The same for every face (contract.py): each alone, and all of them in one channel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from tests.faces.contract import FACES, SCENARIO, Face, Scene
from tests.server import Client, Server, running

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("contract")) as server:
        yield server


@pytest.mark.parametrize("face", FACES, ids=[face.name for face in FACES])
@pytest.mark.parametrize(("number", "part"), list(enumerate(SCENARIO)), ids=[part.__name__ for part in SCENARIO])
def test_each_face_keeps_the_contract(server: Server, face: Face, number: int, part: Callable[[Scene], None]) -> None:
    """Whatever a client connects by, the server does the same for it."""
    with closing(Scene(server, face, str(number))) as scene:
        part(scene)


def test_all_faces_share_one_channel(server: Server) -> None:
    """Everybody hears all others, each line once, and all in one order."""
    clients = {face.name: face.member(server, f"mixed-{face.name}") for face in FACES}
    lines = {f"{name} dit {number}" for name in clients for number in range(5)}
    for number in range(5):
        for name, client in clients.items():
            client.say(f"{name} dit {number}")
    found = {name: _heard(client, len(lines) - 5) for name, client in clients.items()}
    order = _merged(list(found.values()))
    assert set(order) == lines
    for name, texts in found.items():
        assert texts == [text for text in order if not text.startswith(f"{name} ")]
    for client in clients.values():
        client.close()


def _heard(client: Client, count: int) -> list[str]:
    """Return so many messages that others have said, as they come."""
    texts: list[str] = []
    while len(texts) < count:
        line = client.read()
        if line["type"] == "message" and " dit " in line["content"]:
            texts.append(line["content"])
    return texts


def _merged(orders: list[list[str]]) -> list[str]:
    """Return the one order that all of these are parts of; fails if there is none."""
    left = [list(order) for order in orders]
    merged: list[str] = []
    while any(left):
        first = next(order[0] for order in left if order and not any(order[0] in other[1:] for other in left))
        merged.append(first)
        left = [[text for text in order if text != first] for order in left]
    return merged
