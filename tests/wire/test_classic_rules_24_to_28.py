"""PROTOCOL.md, classic rules 24 and 28, as the clients of the classroom meet them: in bytes."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.roles import Role
from tests.chat.test_sanctions import a_sanction
from tests.harness import House, contents, login, notices, running, say, tell

# -- rule 24: refusals after identification ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (tell("nobody", "psst"), "not_found"),
        ({"type": "private", "to": "nobody", "content": "psst"}, "not_found"),
        (say("hello", channel="#nowhere"), "not_found"),
        (say("hello", channel="#admin"), "not_found"),
        (say("x" * 101), "too_long"),
    ],
)
def test_rule_24_a_refused_message_is_told_by_a_notice_with_its_code(message: dict[str, Any], code: str) -> None:
    """Rule 24: no Swing client shows an error after the login, but all of them show what the server says."""
    with running(content_chars=100) as house:
        line = house.member("alice").one(message)
        assert (line["type"], line["subtype"], line["from"], line["to"]) == ("message", "system", "Serveur", "global")
        assert line["code"] == code
        assert line["content"] != ""
        assert "error" not in line


def test_rule_24_whoever_is_muted_or_too_fast_reads_so() -> None:
    """Rule 24: also where time heals it, and for guests; the others hear nothing."""
    with running(burst=4, messages_per_second=1) as house:
        bob, alice, zoe = house.member("bob"), house.member("alice"), house.client()
        zoe.ask(say("hello", **{"from": "Zoé"}))
        house.hub.restore([a_sanction("mute", name, Role.MODERATOR) for name in ("alice", "zoé")])
        house.pass_time(10)
        bob.raw(), alice.raw()
        for muted in (alice, zoe):
            told = muted.ask(*[say("listen to me")] * 6)
            assert [line["code"] for line in told] == ["muted"] * 4 + ["rate_limited"] * 2
            assert {line["subtype"] for line in told} == {"system"}
        assert bob.raw() == b""


@pytest.mark.parametrize(
    "line",
    [b'{"type":"message"}\n', b'{"type":"message","content":7}\n', b'{"type":"message","content":" "}\n', b"?\n"],
)
def test_rule_24_a_malformed_line_stays_an_error(house: House, line: bytes) -> None:
    """Rule 24: what is no message is a mistake of the client's, which its author wants to see."""
    assert house.member("alice").one(line)["type"] == "error"


def test_rule_24_other_refusals_stay_errors(house: House) -> None:
    """Rule 24: it is about messages; a login or a join that is refused has its one answer (rule 2)."""
    alice = house.member("alice")
    assert alice.one(login("alice", "wrong"))["type"] == "error"
    assert alice.one({"type": "join", "channel": "#nowhere"})["type"] == "error"


def test_rule_24_before_identification_it_is_an_error(house: House) -> None:
    """Rule 24: nobody is there yet, and clients read the next line as an answer."""
    assert house.client().one(tell("nobody", "psst"))["type"] == "error"


def test_rule_24_a_modern_client_has_its_error(house: House) -> None:
    """Rule 24: with the `id` of its request, as ever."""
    line = house.modern("alice").one(tell("nobody", "psst", id=7))
    assert (line["type"], line["id"], line["code"]) == ("error", 7, "not_found")


# -- rule 25: who is not online ----------------------------------------------------------------------------------------


def states(received: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return who was said to be in which state."""
    return [(line["user"], line["state"]) for line in received if line["type"] == "status"]


def with_people_away(house: House) -> None:
    """Let some people be here, not all of them online."""
    for name, state in (("bob", "away"), ("carol", "online"), ("dave", "dnd"), ("eve", "invisible")):
        house.member(name).ask({"type": "status", "state": state})


@pytest.mark.parametrize("asks", [True, False])
def test_rule_25_after_the_first_users_one_line_for_each_who_is_not_online(house: House, asks: bool) -> None:
    """Rule 25: who comes later knew everybody as online; who hides stays hidden."""
    with_people_away(house)
    house.account("alice")
    alice = house.client()
    assert states(alice.ask(login("alice"))) == []
    if asks:
        users, *heard = alice.ask({"type": "users"})
        assert users["users"] == ["bob", "carol", "dave", "alice"]
    else:
        house.pass_time(5)
        heard = alice.lines()
    assert states(heard) == [("bob", "away"), ("dave", "dnd")]
    house.pass_time(10)
    assert states(alice.lines() + alice.ask({"type": "users"})) == []


def test_rule_25_a_modern_session_hears_none_of_it(house: House) -> None:
    """Rules 16 and 25: who said `hello` after a classic login asks for the history; kept messages come all the same."""
    with_people_away(house)
    house.account("alice")
    bob = house.member("bob")
    bob.ask(tell("alice", "kept"), say("to everyone"))
    alice = house.client()
    alice.ask(login("alice"), {"type": "hello"})
    house.pass_time(10)
    heard = alice.lines()
    assert states(heard) == []
    assert contents(heard) == ["kept"]


def test_rule_25_the_timer_of_an_earlier_login_tells_nothing(house: House) -> None:
    """Rule 25: the next identity on the connection has its own five seconds."""
    with_people_away(house)
    house.account("alice")
    house.account("carl")
    alice = house.client()
    alice.ask(login("alice"))
    house.pass_time(4)
    alice.ask(login("carl"))
    house.pass_time(2)
    assert states(alice.lines()) == []
    house.pass_time(3)
    assert states(alice.lines()) == [("bob", "away"), ("dave", "dnd")]


def test_rule_25_a_connection_that_comes_and_goes_hears_it_a_few_times(house: House) -> None:
    """Rule 25: three times at once, then once a minute, so that nobody has it repeated without end."""
    with_people_away(house)
    client = house.client()
    told = []
    for minute in (0, 60):
        house.pass_time(minute, step=10)
        client.raw()
        for _ in range(6):
            client.ask({"type": "guest", "username": "Zoé"})
            told.append(len(states(client.ask({"type": "users"}))))
            client.ask({"type": "logout"})
            house.pass_time(1)
    assert told == [2, 2, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0]


def test_rule_25_not_ones_own_state_and_not_before_the_login(house: House) -> None:
    """Rules 25 and 7: another session's of the account neither; an unidentified connection hears the list alone."""
    with_people_away(house)
    assert len(house.client().ask({"type": "users"})) == 1
    other = house.member("bob")
    assert states(other.ask({"type": "users"})) == [("dave", "dnd")]
    assert states(house.modern("carol").ask({"type": "users", "id": 1})) == []


# -- rule 26: as a client names it -------------------------------------------------------------------------------------


def test_rule_26_a_session_that_has_sent_private_hears_private(house: House) -> None:
    """Rule 26: with the same fields; other sessions hear messages, and so does it hear those to everyone."""
    bob, alice, carol = house.member("bob"), house.member("alice"), house.member("carol")
    alice.ask({"type": "private", "to": "nobody", "content": "hello"})
    for client in (alice, carol):
        client.raw()
        bob.ask(tell("alice" if client is alice else "carol", "psst"))
    (mine,), (hers,) = alice.lines(), carol.lines()
    assert mine == {**hers, "type": "private", "to": "alice"}
    bob.ask(say("hello"))
    assert [line["type"] for line in alice.lines() + carol.lines()] == ["message", "message"]


def test_rule_26_a_session_that_has_sent_who_hears_system(house: House) -> None:
    """Rule 26: with the same fields, also a refused message; both together, too."""
    alice, carol = house.member("alice"), house.member("carol")
    alice.ask({"type": "who"})
    alice.raw(), carol.raw()
    house.chat.send_system_message("global", "lunch")
    house.turn()
    (mine,), (hers,) = alice.lines(), carol.lines()
    assert mine == {**hers, "type": "system"}
    assert alice.one({"type": "private", "to": "nobody", "content": "x"})["type"] == "system"
    carol.ask(tell("alice", "psst"))
    assert [line["type"] for line in alice.lines()] == ["private"]


def test_rule_26_a_modern_session_hears_messages(house: House) -> None:
    """Rule 26: after `hello` there is one form."""
    bob, alice = house.member("bob"), house.member("alice")
    alice.ask({"type": "private", "to": "bob", "content": "x"}, {"type": "hello"})
    bob.ask(tell("alice", "psst"))
    assert [line["type"] for line in alice.lines()] == ["message"]


# -- rule 28: no guest by accident -------------------------------------------------------------------------------------


def test_rule_28_after_hello_a_message_without_identity_is_refused(house: House) -> None:
    """Rule 28: a client that reconnects and writes too early speaks to nobody as `invité`."""
    bob = house.member("bob")
    client = house.modern()
    for message in (say("hello", id=1), say("hello", id=1, **{"from": "Zoé"}), tell("bob", "psst", id=1)):
        answer = client.one(message)
        assert (answer["type"], answer["code"], answer["id"]) == ("error", "not_identified", 1)
    assert bob.raw() == b""
    assert bob.one({"type": "users"})["users"] == ["bob"]
    assert client.ask({"type": "guest", "username": "Zoé"})[0]["status"] == "ok"
    assert client.ask(say("hello", id=2))[0]["type"] == "ack"


def test_rule_28_in_the_classic_dialect_it_makes_the_guest(house: House) -> None:
    """Rule 28: after a refused login too: pupils click on "guest" then."""
    bob = house.member("bob")
    client = house.client()
    assert client.one(login("bob", "wrong"))["code"] == "login_failed"
    assert client.ask(say("hello", **{"from": "Zoé"})) == []
    heard = bob.lines()
    assert contents(heard) == ["hello"]
    assert notices(heard) == ["Zoé is here."]
