"""Whose connection the server closes hears why: every way to be closed, of people and strangers, in both dialects."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from classcord.chat.roles import Role
from classcord.chat.text import Text
from classcord.services.chat import closing
from tests.harness import Client, House, login, running, say

HOME = "10.0.0.7"


def _flood(house: House, client: Client) -> None:
    client.send(b"?\n" * 10)


def _blank_flood(house: House, client: Client) -> None:
    client.send(b"\n" * 200)


def _limited_flood(house: House, client: Client) -> None:
    client.send(*[{"type": "ping"}] * 400)


def _long_line(house: House, client: Client) -> None:
    client.send(b"x" * 70_000 + b"\n")


def _full(house: House, client: Client) -> None:
    house.chat.connection_limits.set_room(connections=1, connections_per_address=0, shares_address=lambda _: False)
    house.client("10.0.0.99")


def _stop(house: House, client: Client) -> None:
    house.chat.shut_down()
    house.turn()
    house.chat.hang_up()


def _block(house: House, client: Client) -> None:
    house.chat.gate.blocks.set_rule(after=1, within=60, seconds=60, exempt=lambda _: False)
    for guesser in [house.client(HOME) for _ in range(13)]:  # open connections count as people, up to a bound
        guesser.ask(login("nobody"))
    house.pass_time(10)


def _moderate(**request: Any) -> Callable[[House, Client], None]:
    def asked(house: House, client: Client) -> None:
        moderator = house.member("dupont", role=Role.ADMIN, address="10.0.0.2")
        moderator.ask(request)

    return asked


def _turn_out(house: House, client: Client) -> None:
    person = house.hub.state.person("bob")
    assert person is not None
    house.chat.turn_out(person, Text("this is the name of an administrator"))


STRANGER, GUEST, MEMBER = "stranger", "guest", "member"
EVERYBODY = (STRANGER, GUEST, MEMBER)
CLOSES: dict[str, tuple[Callable[[House, Client], None], str, tuple[str, ...]]] = {
    "a flood of bad lines": (_flood, "rate_limited", EVERYBODY),
    "a flood of blank lines": (_blank_flood, "rate_limited", EVERYBODY),
    "a flood of requests past the rate": (_limited_flood, "rate_limited", EVERYBODY),
    "a line too long": (_long_line, "line_too_long", EVERYBODY),
    "a full server": (_full, "too_many_connections", (STRANGER, GUEST)),
    "a block of the address": (_block, "blocked", (STRANGER,)),
    "a kick": (_moderate(type="kick", user="bob"), "thrown out", (GUEST, MEMBER)),
    "a ban": (_moderate(type="ban", target="bob"), "shut out", (GUEST, MEMBER)),
    "a key of that name": (_turn_out, "administrator", (GUEST,)),
    "a stop": (_stop, "stopping", EVERYBODY),
}


@pytest.mark.parametrize("modern", [False, True], ids=["classic", "modern"])
@pytest.mark.parametrize(("how", "who"), [(how, who) for how, (_, _, whom) in CLOSES.items() for who in whom])
def test_the_last_line_says_why(how: str, who: str, modern: bool) -> None:
    """The last line that comes before the end has the code, or for people the sentence, of why it is closed."""
    close, why, _ = CLOSES[how]
    with running(bad_lines=5, messages_per_second=50) as house:
        client = house.client(HOME)
        if modern:
            client.ask({"type": "hello", "lang": "en"})
        elif who == STRANGER:
            client.ask({"type": "users"})
        if who == MEMBER:
            house.account("bob")
            client.ask(login("bob"))
        elif who == GUEST:
            client.ask({"type": "guest", "username": "bob"})
        client.raw()
        close(house, client)
        house.pass_time(3)
        assert client.closed
        last = client.lines()[-1]
        told = f"{last.get('code', '')} {last.get('message', '')}{last.get('content', '')}"
        assert why in told
        if not modern and who != STRANGER and how != "a line too long":
            assert last["subtype"] == "system"  # what classic clients show after login


def test_a_silent_connection_hears_why_it_makes_room() -> None:
    """The only line it ever hears is the last one (classic rule 1 is about what goes on)."""
    with running(connections=1) as house:
        silent = house.client()
        house.client()
        house.turn()
        assert [line["code"] for line in silent.lines()] == ["too_many_connections"]


def test_a_flood_that_waits_for_the_store_hears_why_after_its_answers() -> None:
    """What was accepted before is answered first; the reason is the last line."""
    with running(bad_lines=2) as house:
        bob = house.modern("bob")
        house.store.holding = True
        bob.send(say("stored", id=1), b"?\n" * 3)
        house.turn()
        assert not bob.closed
        house.store.holding = False
        house.store.let_go()
        house.pass_time(3)
        assert [line.get("code", line["type"]) for line in bob.lines()] == [
            "ack",
            "bad_json",
            "bad_json",
            "rate_limited",
        ]
        assert bob.closed


def test_a_fault_of_ours_is_told_with_its_reference() -> None:
    """Before the connection ends, with what the log says beside it."""
    with running(faulty=True) as house:
        bob = house.member("bob")
        house.store.bad = lambda _: RuntimeError("a mistake")
        (line,) = bob.ask(say("hello"))
        house.pass_time(3)
        assert (line["code"], bob.closed) == ("busy", True)
        assert "reference" in line["content"]  # as a notice: it was a message that could not be stored (rule 24)


def _that_close(module: Path, *calls: str) -> set[str]:
    """Return the functions of a module that call one of these methods."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return {
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in calls
    }


def test_every_close_of_the_service_is_looked_at_here() -> None:
    """Who closes a session is one of these; another one has to say why as well, and to be tried above."""
    calls = ("close", "close_if_answered", "part", "give_way", "close_strangers", "turn_out", "hang_up")
    modules = Path(str(closing.__file__)).parent.glob("*.py")
    found = {module.stem: functions for module in modules if (functions := _that_close(module, *calls))}
    assert found == {
        "service": {"too_long", "connect", "_close_strangers", "turn_out", "close", "hang_up"},
        "refusing": {"is_patient", "fault"},
        "releasing": {"_unapplied", "_go_on"},  # `_go_on` when all is written
        "performing": {"_close"},
        "replays": {"close"},  # a listener hands it on
        "stand_in": {"close"},  # so does this
        "closing": {"close", "close_if_answered", "part", "give_way", "close_strangers", "turn_out", "hang_up"},
    }


def test_only_closing_moves_a_connection_towards_its_end() -> None:
    """CLOSING is entered in one module, where each way says why; nobody sets a phase but the table."""
    root = Path(str(closing.__file__)).parents[2]
    texts = {str(module.relative_to(root)): module.read_text(encoding="utf-8") for module in root.rglob("*.py")}
    for event in ("CLOSE", "HANG_UP", "STOP"):
        found = {name for name, text in texts.items() if f"ConnectionEvent.{event})" in text}
        assert found == {"services/chat/closing.py"}
    assert {name for name, text in texts.items() if ".phase = " in text} == {"services/chat/connection.py"}
