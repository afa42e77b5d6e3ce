"""PROTOCOL.md, classic rules 10 to 14, as the clients of the classroom meet them: in bytes."""

from __future__ import annotations

import pytest

from tests.harness import Client, House, contents, login, register, running, say, tell

# -- rule 10: input ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize(
    ("content", "heard"),
    [
        ("café".encode(), "café"),
        ("café €".encode("windows-1252"), "café €"),
        (b"caf\xe9 \x81", "café \x81"),  # 0x81 is nothing in windows-1252
    ],
)
def test_rule_10_lines_are_utf_8_or_windows_1252_or_latin_1(
    house: House, content: bytes, heard: str, ending: bytes
) -> None:
    r"""Rule 10: each line is decoded by itself, whichever of the three it is in, with or without a `\r`."""
    alice, bob = house.member("alice"), house.member("bob")
    line = b'{"type":"message","subtype":"global","to":"global","content":"' + content + b'"}' + ending
    bob.ask(line, say("plain é"))
    assert contents(alice.lines()) == [heard, "plain é"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"hello", "bad_json"),
        (b'{"type":"users"', "bad_json"),
        (b'{"type":"users"} {}', "bad_json"),
        (b"\xef\xbb\xbf{}", "bad_json"),
        (b'{"type":"message","content":"\\ud800"}', "bad_json"),
        (b'{"type":"users","x":' + b"[" * 60_000, "bad_json"),
        (b"{}", "bad_request"),
        (b'{"type":7}', "bad_request"),
        (b'{"type":"message"}', "bad_request"),
        (b'{"type":"message","content":7}', "bad_request"),
        (b'{"type":"dance"}', "unknown_type"),
        (b'{"type":"-verified"}', "unknown_type"),
    ],
)
def test_rule_10_a_bad_line_costs_an_error_and_not_the_connection(house: House, line: bytes, code: str) -> None:
    """Rule 10: each kind of bad line has its code, and the session goes on."""
    alice = house.member("alice")
    assert alice.one(line + b"\n")["code"] == code
    assert alice.one({"type": "users"})["users"] == ["alice"]


def test_rule_10_a_flood_of_bad_lines_closes_and_is_in_the_audit_log() -> None:
    """Rule 10: past the bound the connection is closed, after a last line that says why; fail2ban reads of it."""
    with running(bad_lines=5, messages_per_second=0) as house:
        alice = house.member("alice", address="10.0.0.9")
        answers = alice.ask(b"?\n" * 7)
        assert [line["code"] for line in answers] == ["bad_json"] * 5 + ["rate_limited"]
        assert answers[-1]["subtype"] == "system"  # after login classic clients show notices, no errors
        assert "the connection is closed" in answers[-1]["content"]
        assert alice.closed
        assert house.audit[-1] == ('2026-11-20T20:36:27.625Z flood session=1 address=10.0.0.9 name="alice" reason=""\n')


def test_rule_10_bad_lines_are_forgiven_with_time() -> None:
    """Rule 10: one bad line a second is no flood."""
    with running(bad_lines=5) as house:
        alice = house.member("alice")
        for _ in range(30):
            assert alice.one(b"?\n")["code"] == "bad_json"
            house.clock.advance(1)


def test_rule_10_before_the_first_answer_a_bad_line_is_answered_once(house: House) -> None:
    """Rule 10: of several bad lines before the first request one is answered; afterwards each."""
    client = house.client()
    assert [line["code"] for line in client.ask(b"?\n", b"??\n", b"{}\n")] == ["bad_json"]
    assert client.one({"type": "users"})["type"] == "users"
    assert len(client.ask(b"?\n", b"??\n")) == 2


# -- rule 11: states ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["away", "dnd", "do not disturb", "busy", "en réunion"])
def test_rule_11_a_state_is_any_short_string(house: House, state: str) -> None:
    """Rule 11: others hear it as it was said; its author hears nothing (rule 7)."""
    alice, bob = house.member("alice"), house.member("bob")
    alice.raw()
    assert bob.ask({"type": "status", "state": state, "user": "bob"}) == []
    assert alice.lines() == [{"type": "status", "user": "bob", "state": state}]
    assert bob.ask({"type": "status", "state": state}) == alice.lines() == []


@pytest.mark.parametrize("hidden", ["invisible", "offline"])
def test_rule_11_who_hides_is_offline_for_others_and_goes_on_receiving(house: House, hidden: str) -> None:
    """Rule 11: `invisible` and `offline` hide a live client, which still hears everything."""
    alice, bob = house.member("alice"), house.member("bob")
    alice.raw()
    bob.ask({"type": "status", "state": hidden})
    assert alice.lines() == [{"type": "status", "user": "bob", "state": "offline"}]
    assert alice.one({"type": "users"})["users"] == ["alice"]
    alice.ask(say("are you there?"), tell("bob", "psst"))
    house.clock.advance(0.02)  # it has said its state first, so its lines are paced (rule 22)
    assert contents(bob.lines()) == ["are you there?", "psst"]
    bob.ask({"type": "status", "state": "online"})
    assert alice.lines() == [{"type": "status", "user": "bob", "state": "online"}]


def test_rule_11_only_a_change_that_others_see_is_broadcast(house: House) -> None:
    """Rule 11: a repeated state, or another way of hiding, is heard by nobody."""
    alice, bob = house.member("alice"), house.member("bob")
    alice.raw()
    bob.ask({"type": "status", "state": "online"})
    assert alice.raw() == b""
    bob.ask({"type": "status", "state": "invisible"})
    alice.raw()
    bob.ask({"type": "status", "state": "offline"}, {"type": "status", "state": "offline"})
    assert alice.raw() == b""
    bob.leave()
    assert alice.raw() == b""


def test_rule_11_users_is_never_pushed(house: House) -> None:
    """Rule 11: comings, goings and states bring no list."""
    alice = house.member("alice")
    bob = house.member("bob")
    bob.ask({"type": "status", "state": "away"})
    bob.leave()
    assert "users" not in [line["type"] for line in alice.lines()]


# -- rule 12: names and passwords --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["alice", "Zoé", "Анна", "李雷", "Jean-Luc P. 2", "a_b.c", "x" * 64, "محمد"])
def test_rule_12_names_of_any_script_are_accepted(house: House, name: str) -> None:
    """Rule 12: letters of one script, digits, `_ - .` and inner spaces, up to 64 characters."""
    assert house.client().one(register(name)) == {"type": "register", "status": "ok"}


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        " a",
        "a ",
        "a  b",
        "x" * 65,
        "аdmin",
        "a\nb",
        "a\x00",
        "<b>",
        "#dev",
        "a@b",
        "a:b",
        "a/b",
        "...",
        "\u202ea",
        "global",
        "Serveur",
        "SERVER",
        "système",
        "tous",
        "invité",
    ],
)
def test_rule_12_other_names_are_refused(house: House, name: str) -> None:
    """Rule 12: control characters, punctuation, a mixture of scripts and the server's own names are `bad_username`."""
    assert house.client().one(register(name))["code"] == "bad_username"


@pytest.mark.parametrize(("taken", "other"), [("Zoé", "ZOÉ"), ("Zoé", "zoe\u0301"), ("alice", "ALICE"), ("ab", "ａｂ")])
def test_rule_12_names_are_compared_normalised_and_without_case(house: House, taken: str, other: str) -> None:
    """Rule 12: two ways to write a name are one name, at registration and at login."""
    house.account(taken)
    client = house.client()
    assert client.one(register(other))["code"] == "username_taken"
    assert client.one(login(other))["username"] == other  # as it was typed (rule 21)
    assert house.client().one({"type": "users"})["users"] == [taken]


def test_rule_12_a_password_of_four_characters_is_accepted(house: House) -> None:
    """Rule 12: four characters do, three do not."""
    client = house.client()
    assert client.one(register("alice", "abc"))["code"] == "bad_password"
    assert client.one(register("alice", "abcd"))["status"] == "ok"


def test_rule_12_a_client_may_register_a_guest_account_a_second(house: House) -> None:
    """Rule 12: one registration a second, for a minute, is let through."""
    client = house.client()
    for number in range(60):
        assert client.one(register(f"guest {number}"))["status"] == "ok"
        house.clock.advance(1)


# -- rule 13: guests ---------------------------------------------------------------------------------------------------


def guest_says(house: House, **more: str) -> Client:
    client = house.client()
    assert client.ask(say("hello", **more)) == []
    return client


def test_rule_13_a_guest_without_a_name_is_invite(house: House) -> None:
    """Rule 13: the first is `invité`, the next ones get a number; each is announced online."""
    alice = house.member("alice")
    guest_says(house)
    guest_says(house)
    heard = alice.lines()
    assert [m["from"] for m in heard if m.get("subtype") == "global"] == ["invité", "invité 2"]
    assert [(s["user"], s["state"]) for s in heard if s["type"] == "status"] == [
        ("invité", "online"),
        ("invité 2", "online"),
    ]


@pytest.mark.parametrize(
    "wanted", ["alice", "ALICE", "bob", "Serveur", "аlice", "<alice>", "al\x00ice", "x" * 200, "  "]
)
def test_rule_13_a_guest_never_has_a_name_that_is_somebodys(house: House, wanted: str) -> None:
    """Rule 13: something is added to a name of an account, absent or present, or of a guest; nobody is refused."""
    house.account("bob")
    alice = house.member("alice")
    guest_says(house, **{"from": wanted})
    guest_says(house, **{"from": wanted})
    names = [m["from"] for m in alice.lines() if m.get("subtype") == "global"]
    assert len({name.casefold() for name in (*names, "alice", "bob", "serveur", "аlice")}) == 6
    assert all(name.isprintable() and "<" not in name and len(name) <= 64 for name in names)


# -- rule 14: rates ----------------------------------------------------------------------------------------------------


def test_rule_14_one_users_a_second_and_bursts_of_20_pass(house: House) -> None:
    """Rule 14: the default limits are meant for floods, not for clients that poll."""
    alice = house.member("alice")
    for _ in range(60):
        assert alice.one({"type": "users"})["type"] == "users"
        house.clock.advance(1)
    assert [line["type"] for line in alice.ask(*[{"type": "users"}] * 20)] == ["users"] * 20


def test_rule_14_past_the_burst_a_request_is_rate_limited(house: House) -> None:
    """Rule 14: a longer burst is refused with the seconds to wait, and then goes on."""
    alice = house.member("alice")
    answers = alice.ask(*[{"type": "users"}] * 30)
    assert [line["type"] for line in answers].count("users") == 24  # a login was the 25th
    assert {line.get("code") for line in answers[24:]} == {"rate_limited"}
    assert answers[-1]["retry_after"] == 0.2
    house.clock.advance(0.25)
    assert alice.one({"type": "users"})["type"] == "users"
