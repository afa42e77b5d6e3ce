"""PROTOCOL.md, classic rules 15 to 18, as the clients of the classroom meet them: in bytes."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from classcord.chat.connections.vocabulary import Ping
from classcord.chat.effects import Close
from classcord.chat.hub import Hub
from classcord.chat.text import Text
from tests.harness import Client, House, contents, login, notices, running, say, tell

# -- rule 15: notices --------------------------------------------------------------------------------------------------


def test_rule_15_a_notice_is_a_message_of_the_server(house: House) -> None:
    """Rule 15: an announcement to a classic session has the shape that all four clients show."""
    alice = house.member("alice")
    house.chat.send_system_message("global", "lunch")
    house.turn()
    assert alice.lines() == [
        {
            "type": "message",
            "subtype": "system",
            "to": "global",
            "content": "lunch",
            "from": "Serveur",
            "timestamp": "2026-11-20T20:36:27.625Z",
        }
    ]


def test_rule_15_arrivals_and_departures_are_told_on_small_servers() -> None:
    """Rule 15: in words while few people are here, as a state alone when there are more."""
    with running(announce_below=3) as house:
        alice = house.member("alice")
        bob = house.client()
        house.account("bob")
        bob.ask(login("bob"))
        assert notices(alice.lines()) == ["bob is here."]
        bob.leave()
        assert notices(alice.lines()) == ["bob has left."]
        house.member("carol"), house.member("dave")
        alice.raw()
        house.account("eve")
        house.client().ask(login("eve"))
        assert alice.lines() == [{"type": "status", "user": "eve", "state": "online"}]


# -- rule 16: history --------------------------------------------------------------------------------------------------


def returning(house: House, name: str) -> Client:
    """Return a client that has just logged in, and nothing more."""
    client = house.client()
    assert client.one(login(name))["status"] == "ok"
    return client


@pytest.mark.parametrize(("language", "date"), [("fr", "[21:36] "), ("en", "[21:36] ")])
def test_rule_16_the_first_users_is_followed_by_the_history(language: str, date: str) -> None:
    """Rule 16: the last messages of the session's channels, once, each with the local date and time in brackets."""
    with running(language=language, zone=ZoneInfo("Europe/Paris"), history_lines=2) as house:
        house.account("alice")
        bob = house.member("bob")
        bob.ask(say("one"), say("two"), say("not hers", channel="#dev"), say("three"))
        alice = returning(house, "alice")
        users, *earlier = alice.ask({"type": "users"})
        assert users == {"type": "users", "users": ["bob", "alice"]}
        assert contents(earlier) == [f"{date}two", f"{date}three"]
        assert [(m["from"], m["subtype"], m["to"], m["timestamp"]) for m in earlier] == [
            ("bob", "global", "global", "2026-11-20T21:36:27.625+01:00")
        ] * 2
        assert len(alice.ask({"type": "users"})) == 1


def test_rule_16_the_history_ends_where_listening_began(house: House) -> None:
    """Rule 16: what a session has heard since its login is not told again as history."""
    bob = house.member("bob")
    house.account("alice")
    bob.ask(say("before"))
    alice = returning(house, "alice")
    bob.ask(say("after"))
    received = alice.ask({"type": "users"})
    assert contents(received) == ["after", "[20:36] before"]


def test_rule_16_users_before_login_brings_no_history(house: House) -> None:
    """Rule 16: it is the first `users` after the login that counts, and without a login there is none."""
    house.member("bob").ask(say("earlier"))
    house.account("alice")
    alice = house.client()
    alice.one({"type": "users"})
    alice.one(login("alice"))
    assert contents(alice.ask({"type": "users"})) == ["[20:36] earlier"]


def test_rule_16_history_can_be_turned_off() -> None:
    """Rule 16: 0 lines is no history; private messages that were kept come all the same."""
    with running(history_lines=0) as house:
        house.account("alice")
        house.member("bob").ask(say("global"), tell("alice", "for you"))
        alice = returning(house, "alice")
        users, kept = alice.ask({"type": "users"})
        assert users["type"] == "users"
        assert contents([kept]) == ["[20:36] for you"]


@pytest.mark.parametrize("asks", [True, False])
def test_rule_16_private_messages_are_kept_for_who_is_away(house: House, asks: bool) -> None:
    """Rule 16: with the first `users`, or 5 seconds after the login without one; once, and the sender was told."""
    house.account("alice")
    bob = house.member("bob")
    assert notices(bob.ask(tell("alice", "see you"))) == [
        "alice is not here: your message will be delivered at their next login."
    ]
    alice = returning(house, "alice")
    if asks:
        received = alice.ask({"type": "users"})[1:]
    else:
        house.pass_time(4.75)
        assert alice.raw() == b""
        house.pass_time(0.25)
        received = alice.lines()
    assert contents(received) == ["[20:36] see you"]
    assert (received[0]["subtype"], received[0]["to"], received[0]["from"]) == ("private", "alice", "bob")
    house.pass_time(10)
    assert alice.raw() == b""
    again = returning(house, "alice")
    assert contents(again.ask({"type": "users"})) == []


# -- rule 17: ends -----------------------------------------------------------------------------------------------------


def test_rule_17_who_is_closed_hears_why_first(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rule 17: a notice tells why, then the connection ends, and what was asked behind it is not done."""
    alice, bob = house.member("alice"), house.member("bob")
    alice.raw()
    why = Text("You were thrown out.")
    monkeypatch.setattr(Hub, "decisions", Hub.decisions | {Ping: lambda *_: [Close(why)]})
    assert notices(bob.ask({"type": "ping"}, say("one more thing"))) == ["You were thrown out."]
    assert bob.closed
    assert contents(alice.lines()) == []


def test_rule_17_a_line_too_long_is_answered_then_the_connection_closes() -> None:
    """Rule 17: a line of the limit passes; one byte more is `line_too_long`, the rest is discarded, then the end."""
    with running(line_bytes=100) as house:
        alice = house.member("alice")
        exact = b'{"type":"users"' + b" " * 84 + b"}"
        assert alice.one(exact + b"\n")["type"] == "users"
        answers = alice.ask(exact + b" \n" + b'{"type":"users"}\n')
        assert [line["code"] for line in answers] == ["line_too_long"]
        assert alice.closed
        assert "line-too-long" in house.audit[-1]


# -- rule 18: aliases --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", [b"\n", b"\r\n", b"   \n", b" \t \r\n", b"\x0b\x0c\n"])
def test_rule_18_a_line_of_white_space_is_blank(house: House, line: bytes) -> None:
    """Rule 18: it asks nothing, and is answered by nothing."""
    assert [answer["type"] for answer in house.client().ask(line + b'{"type":"users"}\n')] == ["users"]


def test_rule_18_list_users_is_answered_as_list_users(house: House) -> None:
    """Rule 18: the older name of `users` keeps its name in the answer."""
    assert house.client().one({"type": "list_users"}) == {"type": "list_users", "users": []}


def test_rule_18_who_lists_the_users_of_a_channel(house: House) -> None:
    """Rule 18: `who` with `channel` names who is there."""
    alice = house.member("alice")
    house.member("bob").ask({"type": "join", "channel": "#dev"})
    answer = alice.one({"type": "who", "channel": "#dev"})
    assert (answer["type"], answer["channel"], answer["users"]) == ("who", "#dev", ["bob"])


def test_rule_18_private_is_a_private_message(house: House) -> None:
    """Rule 18: `type: private` is a message of subtype private."""
    alice, bob = house.member("alice"), house.member("bob")
    alice.raw()
    assert bob.ask({"type": "private", "to": "alice", "content": "psst"}) == []
    (message,) = alice.lines()
    assert (message["type"], message["subtype"], message["to"], message["from"]) == (
        "message",
        "private",
        "alice",
        "bob",
    )


@pytest.mark.parametrize("name", ["dev", "#dev", "DEV", "#Dév"])
def test_rule_18_join_channel_and_names_without_their_sign(house: House, name: str) -> None:
    """Rule 18: `join_channel` is `join`; channels are found without `#`, accents and case."""
    answer = house.member("alice").one({"type": "join_channel", "channel": name})
    assert (answer["type"], answer["status"], answer["channel"]) == ("join_channel", "ok", "#dev")


@pytest.mark.parametrize("name", ["general", "général", "#general", "#général", "global"])
def test_rule_18_the_default_channel_has_many_names(house: House, name: str) -> None:
    """Rule 18: however the default channel is called, a message for it is global."""
    alice, bob = house.member("alice"), house.member("bob")
    alice.raw()
    bob.ask({"type": "message", "content": "hello", "channel": name})
    (message,) = alice.lines()
    assert (message["subtype"], message["to"], message["content"]) == ("global", "global", "hello")


@pytest.mark.parametrize("line", [b"7", b"-1.5", b"true", b"null", b'"users"', b'["users"]', b"[]"])
def test_rule_18_a_bare_value_is_a_bad_request(house: House, line: bytes) -> None:
    """Rule 18: JSON that is not an object is `bad_request`."""
    assert house.member("alice").one(line + b"\n")["code"] == "bad_request"


def test_rule_18_userlist_is_answered_as_userlist(house: House) -> None:
    """Rule 18: another older name of `users`, which keeps its name in the answer, and brings the history."""
    house.member("bob").ask(say("before"))
    house.account("alice")
    answer, earlier = returning(house, "alice").ask({"type": "userlist"})
    assert answer == {"type": "userlist", "users": ["bob", "alice"]}
    assert contents([earlier]) == ["[20:36] before"]


def test_rule_18_channel_switch_joins_or_stays(house: House) -> None:
    """Rule 18: a client that switches back and forth is in both channels, and hears so."""
    alice = house.member("alice")
    for name in ("dev", "general", "#dev"):
        answer = alice.one({"type": "channel_switch", "channel": name})
        assert (answer["type"], answer["status"]) == ("channel_switch", "ok")


@pytest.mark.parametrize("logged_in", [True, False])
def test_rule_18_disconnect_is_logout_and_the_end(house: House, logged_in: bool) -> None:
    """Rule 18: it is answered, the others see the person go, and the connection ends."""
    bob = house.member("bob")
    alice = house.member("alice") if logged_in else house.client()
    bob.raw()
    assert alice.ask({"type": "disconnect"}, say("too late")) == [{"type": "disconnect", "status": "ok"}]
    house.pass_time(3)
    assert alice.closed
    states = [(line["user"], line["state"]) for line in bob.lines() if line["type"] == "status"]
    assert states == ([("alice", "offline")] if logged_in else [])


def test_rule_18_a_type_in_upper_case_is_understood(house: House) -> None:
    """Rule 18: in the classic dialect; what is unknown stays so, and words of a message stay as they are."""
    house.account("alice")
    alice, bob = house.client(), house.member("bob")
    assert alice.ask(login("alice") | {"type": "LOGIN"})[0]["type"] == "login"
    bob.raw()
    alice.ask(say('"type":"LOUD"') | {"type": "MESSAGE"})
    assert contents(bob.lines()) == ['"type":"LOUD"']
    assert alice.one({"type": "DANCE"})["code"] == "unknown_type"
    assert house.modern().one({"type": "USERS", "id": 1})["code"] == "unknown_type"
