"""A classroom behind one address, with a real server: what three of it do does not lock out the others.

The pupils come by the PROXY protocol, from an address that is nobody's own: this machine's is never judged.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest

from tests.server import BOUND, Client, Server, running

pytestmark = pytest.mark.slow

SCHOOL, OFFICE, HOME = "203.0.113.7", "198.51.100.1", "198.51.100.2"
PUPILS = [f"pupil{number}" for number in range(27)]
NEW = "newcomer"
GUESSERS = 3
OPTIONS = (
    "--set",
    "listen.trusted_proxies=127.0.0.0/8",
    "--set",
    "limits.block_after=5",
    "--set",
    "limits.messages_per_second=0",
)


def arrive(server: Server, address: str) -> Client:
    """Return a new connection of somebody at an address."""
    client = server.client()
    client.socket.sendall(f"PROXY TCP4 {address} 203.0.113.200 40000 12345\r\n".encode())
    return client


class Guesser:
    """Tries passwords from the school, four for each name, on a new connection each time, until it is to stop."""

    def __init__(self, server: Server, number: int) -> None:
        self.answers: Counter[str] = Counter()
        self.held_up = threading.Event()
        self._over = threading.Event()
        self._server = server
        self._thread = threading.Thread(target=self._guess, args=(number,), daemon=True)
        self._thread.start()

    def _guess(self, number: int) -> None:
        for turn in count():
            if self._over.is_set():
                return
            name = f"victim{number}x{turn}"
            with arrive(self._server, SCHOOL) as client:
                client.send(*({"type": "login", "username": name, "password": f"guess{each}"} for each in range(4)))
                for _ in range(4):
                    line = client.read()
                    if line is None:
                        break
                    self.answers[line["code"]] += 1
                    if line["code"] == "blocked":
                        self.held_up.set()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(BOUND)
        assert not self._thread.is_alive()


@contextmanager
def guessing(server: Server) -> Iterator[list[Guesser]]:
    guessers = [Guesser(server, number) for number in range(GUESSERS)]
    try:
        yield guessers
    finally:
        for guesser in guessers:
            guesser.stop()


def everyone_hears(clients: dict[str, Client], tag: str) -> None:
    """Each says something, and hears what all the others say."""
    for name, client in clients.items():
        client.say(f"{tag} {name}")
    for name, client in clients.items():
        missing = {f"{tag} {other}" for other in clients if other != name}
        for line in client:
            missing.discard(line.get("content"))
            if not missing:
                break
        assert not missing, (name, missing)


def blocks(server: Server) -> list[str]:
    """Return why addresses were blocked, from the audit log."""
    lines = [line for line in server.audit.read_text("utf-8").splitlines() if line.split()[1] == "blocked"]
    return [json.loads(line.rpartition(" reason=")[2]) for line in lines]


def make_accounts(server: Server) -> None:
    """From elsewhere, so that nothing is known of the school."""
    with arrive(server, OFFICE) as client:
        for name in (*PUPILS, NEW):
            assert client.ask(type="register", username=name, password="azerty")["status"] == "ok"


def test_thirty_of_which_three_guess(tmp_path: Path) -> None:
    """All sit down; three guess without a pause. The others log in and chat, come back after a crash; a new one comes.

    The guessers are held up in the end; somebody at another address who guesses is refused.
    """
    with running(tmp_path, *OPTIONS) as server, ExitStack() as stack:
        make_accounts(server)
        clients = {name: stack.enter_context(arrive(server, SCHOOL)) for name in PUPILS}
        with guessing(server) as guessers:
            for name, client in clients.items():
                client.login(name)
            everyone_hears(clients, "during")
            for guesser in guessers:
                assert guesser.held_up.wait(BOUND), guesser.answers
            everyone_hears(clients, "guarded")
            clients[PUPILS[0]].close()
            clients[PUPILS[0]] = stack.enter_context(arrive(server, SCHOOL)).login(PUPILS[0])
            clients[NEW] = stack.enter_context(arrive(server, SCHOOL)).login(NEW)
            everyone_hears(clients, "later")
        (why,) = blocks(server)
        assert why.endswith("strangers to it are held up, 900 s")
        with arrive(server, HOME) as elsewhere:
            elsewhere.send(*({"type": "login", "username": f"x{n}", "password": "x"} for n in range(5)))
            assert [line["code"] for line in elsewhere] == [*["login_failed"] * 5, "blocked"]  # and is told why
        with arrive(server, HOME) as elsewhere:
            assert elsewhere.read()["code"] == "blocked"
        everyone_hears(clients, "last")


def test_three_who_guess_before_the_others_come(tmp_path: Path) -> None:
    """After a restart three sit there alone and guess; the class of yesterday comes in all the same."""
    with running(tmp_path, *OPTIONS) as server, ExitStack() as stack:
        make_accounts(server)
        for name in PUPILS:
            stack.enter_context(arrive(server, SCHOOL)).login(name)
    with running(tmp_path, *OPTIONS, "--set", "limits.block_after=2") as server, ExitStack() as stack:
        with guessing(server) as guessers:
            for guesser in guessers:
                assert guesser.held_up.wait(BOUND), guesser.answers
            clients = {name: stack.enter_context(arrive(server, SCHOOL)).login(name) for name in (*PUPILS, NEW)}
            everyone_hears(clients, "hello")
        assert {why.partition(": ")[2] for why in blocks(server)} == {"strangers to it are held up, 900 s"}
