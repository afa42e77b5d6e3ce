"""PROTOCOL.md, classic rules 19 to 23, as the clients of the classroom meet them: in bytes."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from classcord.chat.accounts.vocabulary import PasswordChanged, UserRemoved
from classcord.chat.roles import Role
from tests.chat.test_sanctions import a_sanction
from tests.harness import Client, House, contents, login, notices, register, running, say, tell

# -- rule 19: the first words after a registration ---------------------------------------------------------------------

FIRST_WORDS: list[dict[str, Any]] = [
    say("hello", **{"from": "Alice"}),
    {"type": "private", "to": "bob", "content": "hello"},
    {"type": "status", "state": "away", "user": "Alice"},
]


def registered(house: House, name: str = "Alice") -> Client:
    """Return a connection on which an account was made, and nothing more."""
    client = house.client()
    assert client.one(register(name))["status"] == "ok"
    return client


def author(house: House, heard: list[dict[str, Any]]) -> str:
    """Return who has said what was heard, if it was one person."""
    (name,) = {line["from"] for line in heard if line["type"] == "message" and line["subtype"] != "system"}
    return str(name)


@pytest.mark.parametrize("first", FIRST_WORDS)
def test_rule_19_the_first_words_after_a_registration_log_in(house: House, first: dict[str, Any]) -> None:
    """Rule 19: two clients open their chat right after `register`; the password was set on this connection."""
    bob = house.member("bob")
    alice = registered(house)
    assert bob.one({"type": "users"})["users"] == ["bob"]
    assert alice.ask(first) == []
    heard = bob.lines()
    assert heard[0] == {"type": "status", "user": "Alice", "state": "online"}
    assert contents(heard) == ([] if first["type"] == "status" else ["hello"])
    bob.ask(say("welcome"))
    assert contents(alice.lines()) == ["welcome"]
    alice.ask({"type": "private", "to": "bob", "content": "it is me"})
    assert author(house, bob.lines()) == "Alice"
    assert house.store.asked("SELECT user_id FROM sessions WHERE name = 'Alice'") == [house.hub.state.named("alice").id]  # type: ignore[union-attr]


def test_rule_19_a_status_of_somebody_else_logs_nobody_in(house: House) -> None:
    """Rule 19: as a message of somebody else does not; who sits here now comes as the guest they name themselves."""
    bob, alice = house.member("bob"), registered(house)
    assert alice.ask({"type": "status", "state": "away", "user": "Max"}) == []
    assert bob.lines() == []
    alice.ask(say("hello", **{"from": "Max"}))
    heard = bob.lines()
    assert (heard[0], author(house, heard)) == ({"type": "status", "user": "Max", "state": "away"}, "Max")


def test_rule_19_until_then_nothing_is_sent(house: House) -> None:
    """Rule 19: as rule 1 says; nor does `users` log in."""
    bob = house.member("bob")
    alice = registered(house)
    bob.ask(say("anybody?"))
    assert alice.raw() == b""
    assert alice.one({"type": "users"})["users"] == ["bob"]


def test_rule_19_a_guest_in_between_stays_a_guest(house: House) -> None:
    """Rule 19: it is about a connection that nobody is logged in on, since the registration."""
    bob, alice = house.member("bob"), registered(house)
    assert alice.ask({"type": "guest", "username": "Zoé"})[0]["status"] == "ok"
    bob.raw()
    alice.ask(say("hello"))
    assert author(house, bob.lines()) == "Zoé"
    alice.ask({"type": "logout"}, say("again", **{"from": "Max"}))
    assert author(house, bob.lines()) == "Max"


def test_rule_19_a_guest_who_registers_for_later_is_not_logged_in_after_leaving(house: House) -> None:
    """Rule 19: somebody was here when the account was made."""
    bob, zoe = house.member("bob"), house.guest("Zoé")
    zoe.ask(register("Alice"), {"type": "logout"}, say("hello", **{"from": "Max"}))
    assert author(house, bob.lines()) == "Max"


def test_rule_19_of_two_registrations_the_last_counts(house: House) -> None:
    """Rule 19: one that was refused does not."""
    bob, client = house.member("bob"), registered(house)
    assert client.one(register("Carol"))["status"] == "ok"
    assert client.one(register("bob"))["code"] == "username_taken"
    client.ask(say("hello"))
    assert author(house, bob.lines()) == "Carol"


@pytest.mark.parametrize(
    ("between", "first", "heard_as"),
    [
        (login("bob", "wrong"), {"from": "toto"}, "toto"),
        (login("bob", "wrong"), {}, "invité"),
        (login("nobody", "wrong"), {"from": "Carl"}, "Carl (invité)"),
        (login("carl", "wrong"), {}, "invité"),
        ({"type": "users"}, {"from": "toto"}, "toto"),
        ({"type": "users"}, {"from": "CARL"}, "Carl"),
        ({"type": "users"}, {"from": " "}, "Carl"),
        (register("bob"), {}, "Carl"),
    ],
)
def test_rule_19_it_is_about_whoever_has_registered(
    house: House, between: dict[str, Any], first: dict[str, Any], heard_as: str
) -> None:
    """Rules 19 and 28: who was refused as somebody else, or who says another name, is a guest."""
    bob, client = house.member("bob"), registered(house, "Carl")
    client.one(between)
    client.ask(say("hello", **first))
    assert author(house, bob.lines()) == heard_as


def test_rule_19_whoever_names_themselves_by_an_empty_message_is_a_guest(house: House) -> None:
    """Rules 19 and 20: if it is another name than that of the account."""
    bob, client = house.member("bob"), registered(house, "Carl")
    client.ask(say("", **{"from": "toto"}))
    assert notices(bob.lines()) == ["toto is here."]
    assert bob.one({"type": "users"})["users"] == ["bob", "toto"]


def test_rule_19_a_refused_guest_in_between_is_not_the_account() -> None:
    """Rule 19: whoever chose to be a guest did not choose the account."""
    with running(guests=False) as closed:
        client = registered(closed, "Carl")
        assert client.one({"type": "guest", "username": "toto"})["code"] == "not_allowed"
        assert client.one(say("hello"))["code"] == "not_identified"


@pytest.mark.parametrize(("seconds", "heard_as"), [(3599, "Carl"), (3600, "invité")])
def test_rule_19_it_holds_for_an_hour(house: House, seconds: float, heard_as: str) -> None:
    """Rule 19: after a lesson somebody else may sit there."""
    bob, client = house.member("bob"), registered(house, "Carl")
    house.pass_time(seconds, step=60)
    bob.raw()
    client.ask(say("hello"))
    assert author(house, bob.lines()) == heard_as


def test_rule_19_a_ban_in_between_is_a_ban(house: House) -> None:
    """Rule 19: whoever may not log in, does not by a message either; nor as a guest."""
    bob, client = house.member("bob"), registered(house)
    house.hub.restore([a_sanction("ban", "alice", Role.MODERATOR)])
    for first in FIRST_WORDS:
        answer = client.one(first)
        assert (answer["type"], answer["code"]) == ("error", "banned")
    assert bob.raw() == b""


def test_rule_19_a_new_password_or_no_account_in_between_lets_nobody_in(house: House) -> None:
    """Rule 19: then it is not the one that was just set, and whoever writes is a guest of another name."""
    bob = house.member("bob")
    renewed, gone = registered(house, "Carol"), registered(house, "Dave")
    carol, dave = house.hub.state.account("carol"), house.hub.state.account("dave")
    assert carol is not None
    assert dave is not None
    house.hub.restore([PasswordChanged(user_id=carol.id, password_hash="another", must_change=False)])
    house.hub.restore([UserRemoved(user_id=dave.id)])
    renewed.ask(say("hello", **{"from": "Carol"}))
    assert author(house, bob.lines()) == "Carol (invité)"
    gone.ask({"type": "status", "state": "away"}, say("hello", **{"from": "Eve"}))
    assert author(house, bob.lines()) == "Eve"
    assert house.hub.state.people["eve"].account is None


def test_rule_19_after_hello_it_is_not_identified(house: House) -> None:
    """Rules 19 and 28: a modern client logs in."""
    client = house.modern()
    client.one(register("Alice") | {"id": 1})
    for first in FIRST_WORDS:
        assert client.one(first | {"id": 2})["code"] == "not_identified"


# -- rule 20: guests who announce themselves ---------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "  "])
def test_rule_20_an_empty_first_message_makes_the_guest(house: House, content: str) -> None:
    """Rule 20: one client announces itself so; it is announced, not handed out, and no error."""
    bob, zoe = house.member("bob"), house.client()
    assert zoe.ask(say(content, **{"from": "Zoé"})) == []
    heard = bob.lines()
    assert heard[0] == {"type": "status", "user": "Zoé", "state": "online"}
    assert (contents(heard), notices(heard)) == ([], ["Zoé is here."])
    assert bob.one({"type": "users"})["users"] == ["bob", "Zoé"]
    assert zoe.one(say(content, **{"from": "Zoé"}))["code"] == "bad_request"


def test_rule_20_without_a_name_it_is_a_bad_request(house: House) -> None:
    """Rule 20: it says nothing, not even who it is of."""
    assert house.client().one(say(""))["code"] == "bad_request"
    assert house.modern().one(say("", id=1, **{"from": "Zoé"}))["code"] == "bad_request"


@pytest.mark.parametrize(("state", "seen"), [("away", ["away"]), ("dnd", ["dnd"]), ("invisible", []), ("", ["online"])])
def test_rule_20_a_state_of_nobody_counts_for_the_guest(house: House, state: str, seen: list[str]) -> None:
    """Rule 20: it is no error, and the guest comes in that state; one that hides is seen by nobody."""
    bob, zoe = house.member("bob"), house.client()
    assert zoe.ask({"type": "status", "state": state, "user": "Zoé"}) == []
    assert bob.raw() == b""
    zoe.ask(say("hello", **{"from": "Zoé"}))
    heard = bob.lines()
    assert [line["state"] for line in heard if line["type"] == "status"] == seen
    assert len(notices(heard)) == len(seen)
    assert contents(heard) == ["hello"]


def test_rule_20_a_state_of_nobody_is_not_an_accounts(house: House) -> None:
    """Rule 20: whoever logs in is online; and it is forgotten then."""
    bob, alice = house.member("bob"), house.client()
    house.account("alice")
    alice.ask({"type": "status", "state": "away"}, login("alice"))
    assert [line["state"] for line in bob.lines() if line["type"] == "status"] == ["online"]
    alice.ask({"type": "logout"}, {"type": "guest", "username": "Zoé"})
    states = [(line["user"], line["state"]) for line in bob.lines() if line["type"] == "status"]
    assert states == [("alice", "offline"), ("Zoé", "online")]


# -- rule 21: one's own name -------------------------------------------------------------------------------------------


def test_rule_21_ones_own_name_is_spelt_as_it_was_typed(house: House) -> None:
    """Rule 21: who logged in as `ALICE` compares `to` with it, to the letter; others read the account's name."""
    house.account("alice")
    bob, alice, other = house.member("bob"), house.client(), house.member("alice")
    assert alice.ask(login("ALICE"))[0]["username"] == "ALICE"
    assert alice.one({"type": "users"})["users"] == ["bob", "ALICE"]
    assert bob.one({"type": "users"})["users"] == ["bob", "alice"]
    bob.ask(tell("Alice", "psst"))
    assert [line["to"] for line in alice.lines()] == ["ALICE"]
    assert [line["to"] for line in other.lines()] == ["alice"]
    (note,) = alice.ask(tell("alice", "remember"))
    assert (note["from"], note["to"]) == ("ALICE", "ALICE")
    assert [(line["from"], line["to"]) for line in other.lines()] == [("alice", "alice")]
    alice.ask(say("hello"))
    assert bob.lines()[0]["from"] == "alice"


def test_rule_21_kept_messages_and_history_too(house: House) -> None:
    """Rule 21: whatever a session is sent, also what was said before."""
    house.account("alice")
    before = house.member("alice")
    before.ask(say("mine"))
    before.leave()
    house.member("bob").ask(tell("alice", "kept"))
    alice = house.client()
    alice.ask(login("ALICE"))
    told = [(line["from"], line["to"]) for line in alice.ask({"type": "users"})[1:]]
    assert told == [("ALICE", "global"), ("bob", "ALICE")]
    page = alice.one({"type": "history", "user": "bob"})
    assert [(line["from"], line["to"]) for line in page["messages"]] == [("bob", "ALICE")]


def test_rule_21_guests_and_the_registered_too(house: House) -> None:
    """Rule 21: a guest as they named themselves, who has just registered as they did; another name is not theirs."""
    bob = house.member("bob")
    zoe, carol, max_ = house.client(), house.client(), house.client()
    zoe.ask(say("hello", **{"from": "Zoe\u0301"}))
    carol.ask(register("Carol"), say("hello"))
    max_.ask(say("hello", **{"from": "BOB"}))
    for client in (zoe, carol, max_):
        client.raw()
    bob.ask(tell("zoé", "1"), tell("CAROL", "2"), tell("bob (invité)", "3"))
    assert [client.lines()[0]["to"] for client in (zoe, carol, max_)] == ["Zoe\u0301", "Carol", "BOB (invité)"]


def test_rule_21_a_modern_client_reads_the_accounts_name(house: House) -> None:
    """Rule 21: also one that has said `hello` after its login."""
    house.account("alice")
    bob, late = house.member("bob"), house.client()
    late.ask(login("ALICE"), {"type": "hello"})
    bob.ask(tell("alice", "psst"))
    assert [line["to"] for line in late.lines()] == ["alice"]
    assert late.one({"type": "users"})["users"] == ["bob", "alice"]
    assert house.modern().ask(login("ALICE"))[0]["username"] == "alice"


# -- rule 22: history for who reads the first list elsewhere -----------------------------------------------------------


def coming(house: House, name: str = "alice") -> Client:
    """Return a client that has just logged in."""
    if house.hub.state.account(name) is None:
        house.account(name)
    client = house.client()
    assert client.one(login(name))["status"] == "ok"
    return client


def test_rule_22_after_a_state_the_second_users_brings_the_history(house: House) -> None:
    """Rule 22: two clients send `status` first, and read the first list elsewhere than in the chat window."""
    house.member("bob").ask(say("before"))
    alice = coming(house)
    online = {"type": "status", "state": "online"}
    assert alice.ask(online, online) == []
    assert len(alice.ask({"type": "users"})) == 1
    alice.ask(online)
    house.pass_time(1)
    assert alice.ask({"type": "users"})[0]["type"] == "users"
    house.clock.advance(0.02)
    assert contents(alice.lines()) == ["[20:36] before"]
    house.pass_time(10)
    assert alice.raw() == b""
    assert len(alice.ask({"type": "users"})) == 1


def test_rule_22_lines_for_such_a_client_are_20_ms_apart(house: House) -> None:
    """Rule 22: it shows only the last line of a burst; of history, and of what others say later at once."""
    bob = house.member("bob")
    bob.ask(*[say(str(number)) for number in range(20)])
    alice = coming(house)
    alice.ask({"type": "status", "state": "online"})
    alice.ask({"type": "users"})
    house.pass_time(1)
    alice.send({"type": "users"})
    for number in range(21):
        (line,) = alice.lines()
        assert line["type"] == "users" if number == 0 else line["content"] == f"[20:36] {number - 1}"
        house.clock.advance(0.02)
    assert alice.raw() == b""
    house.pass_time(1)
    bob.ask(*[say(f"later {number}") for number in range(15)])
    heard = []
    for number in range(15):
        heard += contents(alice.lines())
        assert len(heard) == number + 1
        house.clock.advance(0.02)
    assert heard == [f"later {number}" for number in range(15)]


def test_rule_22_others_are_not_paced(house: House) -> None:
    """Rule 22: who asks `users` first gets all at once, as ever."""
    bob = house.member("bob")
    bob.ask(*[say(str(number)) for number in range(20)])
    alice = coming(house)
    assert len(alice.ask({"type": "users"})) == 21
    assert alice.ask({"type": "status", "state": "away"}) == []
    bob.ask(say("one"), say("two"))
    assert contents(alice.lines()) == ["one", "two"]


@pytest.mark.parametrize(("count", "length"), [(250, 1), (5, 9_000)])
def test_rule_22_beyond_some_lines_and_before_the_end_all_is_sent(count: int, length: int) -> None:
    """Rule 22: what waits for a client is bounded, in lines and bytes, and none of it is lost or out of order."""
    with running(burst=1000, messages_per_second=1000) as house:
        bob, alice = house.member("bob"), coming(house)
        alice.ask({"type": "status", "state": "online"})
        words = [f"{number} " + "é" * length for number in range(count)]
        bob.ask(*[say(each) for each in words])
        assert contents(alice.lines()) == words
        bob.ask(*[say(str(number)) for number in range(20)])
        assert alice.ask({"type": "disconnect"})[-1] == {"type": "disconnect", "status": "ok"}
        house.pass_time(3)
        assert alice.closed


def test_rule_22_who_asks_who_gets_it_then(house: House) -> None:
    """Rule 22: instead of `users`."""
    house.member("bob").ask(say("before"))
    alice = coming(house)
    answer, earlier = alice.ask({"type": "who"})
    assert (answer["type"], contents([earlier])) == ("who", ["[20:36] before"])
    assert len(alice.ask({"type": "users"})) == len(alice.ask({"type": "who"})) == 1


@pytest.mark.parametrize("first", [[], [{"type": "status", "state": "online"}]])
def test_rule_22_who_asks_neither_gets_it_after_5_seconds(house: House, first: list[dict[str, Any]]) -> None:
    """Rule 22: like private messages that were kept; a guest too."""
    bob = house.member("bob")
    house.account("alice")
    bob.ask(say("before"), tell("alice", "kept"))
    alice, zoe = coming(house), house.client()
    zoe.ask({"type": "guest", "username": "Zoé"})
    alice.ask(*first)
    house.pass_time(4.75)
    assert contents(alice.lines() + zoe.lines()) == []
    house.pass_time(0.5)
    assert contents(alice.lines()) == ["[20:36] before", "[20:36] kept"]
    assert contents(zoe.lines()) == ["[20:36] before"]
    house.pass_time(10)
    assert (alice.raw(), zoe.raw()) == (b"", b"")


# -- rule 23: times ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en"])
def test_rule_23_history_has_the_time_and_before_today_the_day(language: str) -> None:
    """Rule 23: `[21:36]` for today, `[20/11 21:36]` before; today ends at midnight of the server's zone."""
    with running(language=language, zone=ZoneInfo("Europe/Paris")) as house:
        house.account("alice")
        house.member("bob").ask(say("hello"))
        house.pass_time(8600, step=20)  # 23:59:48 in Paris
        for bracket in ("[21:36]", "[20/11 21:36]"):
            alice = house.client()
            alice.one(login("alice"))
            _, line = alice.ask({"type": "users"})
            assert line["content"] == f"{bracket} hello"
            assert line["timestamp"] == "2026-11-20T21:36:27.625+01:00"
            house.pass_time(20)
            alice.leave()


def test_rule_23_a_time_is_local_with_its_offset() -> None:
    """Rule 23: in messages and notices of the classic dialect, which clients print as it stands."""
    with running(zone=ZoneInfo("Europe/Paris")) as house:
        alice, bob, new = house.member("alice"), house.member("bob"), house.modern("carol")
        bob.raw(), new.raw()
        alice.ask(say("hello"), tell("bob", "psst"))
        house.chat.send_system_message("global", "lunch")
        house.turn()
        assert {line["timestamp"] for line in bob.lines()} == {"2026-11-20T21:36:27.625+01:00"}
        assert {line["timestamp"] for line in new.lines()} == {"2026-11-20T20:36:27.625Z"}
