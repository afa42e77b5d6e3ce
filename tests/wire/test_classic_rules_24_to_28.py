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
