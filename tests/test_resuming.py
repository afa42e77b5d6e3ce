"""A client that loses its server in the middle: by token and client id it loses no message, and sends none twice."""

from __future__ import annotations

from pathlib import Path

from tests.server import Server, running


def test_through_a_kill(tmp_path: Path) -> None:
    """After a power cut the same token goes on, what was missed comes in order, and a resend is the same message."""
    with Server(tmp_path) as server, server.client() as alice, server.client() as bob:
        bob.hello().register("bob")
        token = bob.ask(type="login", username="bob", password="azerty")["session"]
        alice.hello().register("alice")
        alice.ask(type="login", username="alice", password="azerty")
        alice.send(type="message", content="seen", id=1)
        seen = bob.until(type="message", content="seen")["message_id"]
        bob.send(type="message", content="once", client_id="a", id=2)
        first = bob.until(id=2)
        alice.until(type="message", content="once")
        alice.send(type="message", content="missed", id=3)
        alice.until(id=3)
        server.crash()
    with running(tmp_path) as server, server.client() as bob, server.client() as alice:
        bob.hello()
        assert bob.ask(type="resume", session=token, after=seen, id=4)["username"] == "bob"
        replayed = [bob.read(), bob.read()]
        assert [line["content"] for line in replayed] == ["once", "missed"]
        assert bob.ask(type="message", content="once", client_id="a", id=2) == first
        alice.hello().login("alice")
        alice.send(type="message", content="after", id=5)
        assert bob.until(type="message")["content"] == "after"
        alice.send(type="history", after=0, id=6)
        page = alice.until(id=6)["messages"]
        assert [line["content"] for line in page] == ["seen", "once", "missed", "after"]
