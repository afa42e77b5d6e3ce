"""PROTOCOL.md, classic rules 1 to 9, as the clients of the classroom meet them: in bytes. The others are beside it."""

from __future__ import annotations

import json
from datetime import timezone

import pytest

from classcord.chat.errors import ChatError
from classcord.chat.identity.vocabulary import LoginFailed, PasswordSpent
from classcord.chat.registration.vocabulary import AliasTaken, NameOfKey, UsernameTaken
from classcord.language import LANGUAGES, translator
from classcord.wire.jsonlines import classic, modern
from tests.harness import House, contents, login, notices, register, running, say, tell

# -- rule 1: nothing before the first answer ---------------------------------------------------------------------------


def test_rule_1_a_connection_hears_nothing_before_its_first_answer(house: House) -> None:
    """Rule 1: no banner, no broadcast, no notice reaches a connection that has asked nothing."""
    silent = house.client()
    bob = house.member("bob")
    bob.ask(say("anybody?"), {"type": "status", "state": "away"})
    house.chat.send_system_message("global", "the server restarts tonight")
    house.turn()
    assert bob.lines() != []
    assert silent.raw() == b""


def test_rule_1_users_does_not_put_an_unidentified_connection_in_an_audience(house: House) -> None:
    """Rule 1: after `users` without a login there is still no broadcast."""
    early = house.client()
    assert early.one({"type": "users"}) == {"type": "users", "users": []}
    house.member("bob").ask(say("hello"))
    assert early.raw() == b""


def test_rule_1_nothing_stands_between_the_register_and_the_login_answer(house: House) -> None:
    """Rule 1: a broadcast that happens between the two reaches the new client only after the login answer."""
    bob = house.member("bob")
    alice = house.client()
    assert alice.one(register("alice")) == {"type": "register", "status": "ok"}
    bob.ask(say("between the two"))
    assert alice.raw() == b""
    assert alice.ask(login("alice"))[0]["type"] == "login"


def test_rule_1_a_refused_login_lets_nothing_through(house: House) -> None:
    """Rule 1: after a refusal the connection is in no audience."""
    alice = house.client()
    assert alice.one(login("alice"))["code"] == "login_failed"
    house.member("bob").ask(say("hello"))
    assert alice.raw() == b""


def test_rule_1_the_login_answer_comes_before_anything_of_the_same_group(house: House) -> None:
    """Rule 1: messages and arrivals committed together with a login stand after its answer."""
    bob, carol = house.member("bob"), house.member("carol")
    house.account("alice")
    alice = house.client()
    bob.send(say("one"))
    alice.send(login("alice"))
    carol.send(say("two"))
    bob.send(say("three"))
    house.turn()
    assert len(house.store.groups[-1]) == 4
    received = alice.lines()
    assert received[0] == {"type": "login", "status": "ok", "username": "alice", "role": "member"}
    assert contents(received) == ["two", "three"]


def test_rule_1_a_guests_first_accepted_message_counts_as_answered(house: House) -> None:
    """Rule 1: from its first message on, a guest hears the others; it has no answer to wait for."""
    bob = house.member("bob")
    guest = house.client()
    assert guest.ask(say("hello", **{"from": "Zoé"})) == []
    bob.ask(say("welcome"))
    assert contents(guest.lines()) == ["welcome"]


# -- rule 2: exactly one line for one request --------------------------------------------------------------------------


def test_rule_2_one_line_answers_one_register_login_or_users(house: House) -> None:
    """Rule 2: success has the request's type and `status: ok`, in one line each."""
    client = house.client()
    assert client.one(register("alice")) == {"type": "register", "status": "ok"}
    answer = client.one(login("alice"))
    assert (answer["type"], answer["status"], answer["username"]) == ("login", "ok", "alice")
    assert client.one({"type": "users"}) == {"type": "users", "users": ["alice"]}


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (login("nobody"), "login_failed"),
        (login("alice", "wrong"), "login_failed"),
        (register("alice"), "username_taken"),
        (register("ALICE"), "username_taken"),
        (register("a/b"), "bad_username"),
        (register("bob", "abc"), "bad_password"),
        (register("bob", "x" * 1001), "too_long"),
        (login("alice", "x" * 1001), "too_long"),
    ],
)
def test_rule_2_a_failure_is_one_error_with_its_text_twice(house: House, request_: dict[str, str], code: str) -> None:
    """Rule 2: a refusal is `type: error` with `message`, the same text as `error`, a code, and never `status: ok`."""
    house.account("alice")
    answer = house.client().one(request_)
    assert answer["type"] == "error"
    assert answer["code"] == code
    assert answer["message"] == answer["error"] != ""
    assert "status" not in answer


@pytest.mark.parametrize("language", ["fr", "en"])
def test_rule_2_a_taken_name_already_exists_in_every_language(language: str) -> None:
    """Rule 2: clients look for the words `already exists`, whatever the server's language."""
    with running(language=language) as house:
        house.account("alice")
        message = house.client().one(register("alice"))["message"]
        assert message.startswith("Username already exists")
        assert message.count("already exists") == 1


@pytest.mark.parametrize("kind", [LoginFailed, PasswordSpent, UsernameTaken, AliasTaken, NameOfKey])
@pytest.mark.parametrize("language", LANGUAGES)
def test_rule_2_people_elsewhere_read_their_own_language(kind: type[ChatError], language: str) -> None:
    """Those words are for classic clients alone, once; who reads another face has a French sentence."""
    error = kind(name="alice")
    told = json.loads(classic(language, timezone.utc).error(error, None))["message"]
    assert told.lower().count(kind.marker.lower()) == 1
    sentence = error.text.render(translator("fr"))
    assert kind.marker not in sentence
    assert json.loads(modern("fr", timezone.utc, "utf-8").error(error, None))["message"] == sentence


# -- rule 3: a refusal does not end the connection ---------------------------------------------------------------------


def test_rule_3_the_connection_stays_open_after_refusals(house: House) -> None:
    """Rule 3: after refused logins and registrations the same connection can still get in."""
    house.account("alice")
    client = house.client()
    assert client.one(login("alice", "wrong"))["code"] == "login_failed"
    assert client.one(register("alice"))["code"] == "username_taken"
    assert not client.closed
    assert client.one(login("alice"))["status"] == "ok"


def test_rule_3_there_is_no_time_limit_before_login(house: House) -> None:
    """Rule 3: people connect first and type an hour later."""
    house.account("alice")
    client = house.client()
    house.pass_time(3600, step=60)
    assert not client.closed
    assert client.one(login("alice"))["status"] == "ok"


def test_rule_3_a_full_server_closes_the_oldest_silent_connection() -> None:
    """Rule 3: who has not logged in makes room, the oldest first; who has stays."""
    with running(connections=3) as house:
        bob = house.member("bob")
        first, second = house.client(), house.client()
        third = house.client()
        house.turn()
        assert [c.closed for c in (bob, first, second, third)] == [False, True, False, False]
        assert third.one({"type": "users"})["users"] == ["bob"]


# -- rule 4: a second login --------------------------------------------------------------------------------------------


def test_rule_4_a_second_login_takes_the_new_identity(house: House) -> None:
    """Rule 4: the old one goes offline if that was its last session, and messages come from the new one."""
    watcher = house.member("watcher")
    house.account("alice")
    client = house.member("bob")
    watcher.lines()
    assert client.one(login("alice"))["username"] == "alice"
    states = [(line["user"], line["state"]) for line in watcher.lines() if line["type"] == "status"]
    assert states == [("bob", "offline"), ("alice", "online")]
    client.ask(say("it is me"))
    assert watcher.lines()[0]["from"] == "alice"
    assert watcher.one({"type": "users"})["users"] == ["watcher", "alice"]


def test_rule_4_the_old_identity_stays_online_with_another_session(house: House) -> None:
    """Rule 4: somebody with a second session does not go offline when the first one takes another name."""
    watcher = house.member("watcher")
    client, other = house.member("bob"), house.member("bob")
    house.account("alice")
    client.ask(login("alice"))
    assert [line["user"] for line in watcher.lines() if line["type"] == "status"] == ["alice"]
    other.ask(say("still bob"))
    assert watcher.lines()[0]["from"] == "bob"


def test_rule_4_a_second_login_as_the_same_person_is_accepted(house: House) -> None:
    """Rule 4: a client that logs in again as itself is answered, and nobody hears of it."""
    watcher, bob = house.member("watcher"), house.member("bob")
    watcher.lines()
    assert bob.one(login("bob"))["status"] == "ok"
    assert watcher.raw() == b""


def test_rule_4_a_refused_second_login_leaves_the_first_identity(house: House) -> None:
    """Rule 4: a wrong password costs nothing but an error."""
    watcher, bob = house.member("watcher"), house.member("bob")
    assert bob.one(login("watcher", "wrong"))["code"] == "login_failed"
    bob.ask(say("still bob"))
    assert [line["from"] for line in watcher.lines() if line.get("subtype") == "global"] == ["bob"]


# -- rule 5: the session's identity wins -------------------------------------------------------------------------------


def test_rule_5_from_user_and_timestamp_of_a_client_are_ignored(house: House) -> None:
    """Rule 5: an identified client speaks as itself, now, and changes its own state."""
    alice, bob = house.member("alice"), house.member("bob")
    alice.lines()
    forged = {"from": "alice", "user": "alice", "timestamp": "1999-01-01T00:00:00.000Z"}
    bob.ask(say("mine", **forged), {"type": "status", "state": "away", "user": "alice"})
    message, status = alice.lines()
    assert (message["from"], message["timestamp"]) == ("bob", "2026-11-20T20:36:27.625Z")
    assert status == {"type": "status", "user": "bob", "state": "away"}


def test_rule_5_a_guest_is_the_name_of_its_first_message(house: House) -> None:
    """Rule 5: once a guest is identified, another `from` changes nothing."""
    alice = house.member("alice")
    guest = house.client()
    guest.ask(say("one", **{"from": "Zoé"}), say("two", **{"from": "alice"}))
    assert [line["from"] for line in alice.lines() if line.get("subtype") == "global"] == ["Zoé", "Zoé"]


# -- rule 6: what a message carries ------------------------------------------------------------------------------------


def test_rule_6_a_message_carries_its_five_strings(house: House) -> None:
    """Rule 6: `from`, `content`, `timestamp`, `subtype` and `to`, in global, private and channel messages."""
    alice, bob = house.member("alice"), house.member("bob")
    alice.ask({"type": "join", "channel": "#dev"})
    bob.ask(say("all"), tell("alice", "you"), say("dev", channel="#dev"))
    received = [line for line in alice.lines() if line["type"] == "message" and line["from"] == "bob"]
    assert [(m["subtype"], m["to"], m["content"]) for m in received] == [
        ("global", "global", "all"),
        ("private", "alice", "you"),
        ("global", "global", "dev"),
    ]
    assert [m.get("channel") for m in received] == [None, None, "#dev"]
    for message in received:
        assert all(isinstance(message[field], str) for field in ("from", "content", "timestamp", "subtype", "to"))


@pytest.mark.parametrize("fields", [{}, {"to": "global"}, {"subtype": "global"}, {"to": ""}, {"to": None}])
def test_rule_6_missing_subtype_or_to_mean_global(house: House, fields: dict[str, str | None]) -> None:
    """Rule 6: a message that says less is for everyone."""
    alice, bob = house.member("alice"), house.member("bob")
    bob.ask({"type": "message", "content": "hello"} | fields)
    assert contents(alice.lines()) == ["hello"]
    assert house.store.asked("SELECT channel_id FROM messages WHERE channel_id IS NOT NULL") == [1]


def test_rule_6_posting_to_an_open_channel_joins_it(house: House) -> None:
    """Rule 6: who posts to #dev hears #dev from then on, and who is not in it hears nothing."""
    alice, bob, carol = house.member("alice"), house.member("bob"), house.member("carol")
    bob.ask(say("first", channel="#dev"))
    alice.ask(say("second", channel="#dev"))
    bob.ask(say("third", channel="#dev"))
    assert contents(alice.lines()) == ["third"]
    assert contents(bob.ask(say("fourth"))) == []
    assert contents(alice.ask(say("fifth", channel="#dev"))) == ["fourth"]
    assert contents(bob.lines()) == ["fifth"]
    assert contents(carol.lines()) == ["fourth"]


# -- rule 7: no echo ---------------------------------------------------------------------------------------------------


def test_rule_7_the_sender_gets_no_echo_and_no_acknowledgement(house: House) -> None:
    """Rule 7: whatever kind of message, its sender hears nothing; the group of others' messages comes without it."""
    alice, bob = house.member("alice"), house.member("bob")
    alice.lines()
    alice.send(say("from alice"), tell("bob", "private"), say("dev", channel="#dev"))
    bob.send(say("from bob"))
    house.turn()
    assert contents(alice.lines()) == ["from bob"]
    assert contents(bob.lines()) == ["from alice", "private"]


def test_rule_7_a_private_message_to_oneself_arrives(house: House) -> None:
    """Rule 7: a note to oneself is delivered to the session that wrote it."""
    alice = house.member("alice")
    answer = alice.one(tell("alice", "remember"))
    assert (answer["from"], answer["to"], answer["content"]) == ("alice", "alice", "remember")


@pytest.mark.parametrize("state", ["away", "invisible", "online"])
def test_rule_7_a_state_has_no_echo_and_no_acknowledgement(house: House, state: str) -> None:
    """Rule 7: five of seven clients drop the chosen recipient at any `status`, and then write to everybody."""
    bob, alice = house.member("bob"), house.member("alice")
    bob.raw()
    changes = [{"type": "status", "state": each, "user": "alice"} for each in ("dnd", state)]
    assert alice.ask(*changes) == []
    assert [line["state"] for line in bob.lines()] == ["dnd", "offline" if state == "invisible" else state]


def test_rule_7_no_session_of_the_account_hears_its_state_but_a_modern_one(house: House) -> None:
    """Rule 7: wherever the state was set; a modern screen, which asked for it by `hello`, hears of both others."""
    old, older, new = house.member("alice"), house.member("alice"), house.modern("alice")
    bob = house.member("bob")
    for client in (old, older, new):
        client.raw()
    assert old.ask({"type": "status", "state": "away"}) == []
    assert (older.raw(), new.lines()) == (b"", [{"type": "status", "user": "alice", "state": "away"}])
    assert new.one({"type": "status", "state": "dnd", "id": 1})["id"] == 1
    assert (old.raw(), older.raw()) == (b"", b"")
    assert [line["state"] for line in bob.lines()] == ["away", "dnd"]


def test_rule_7_nor_when_another_session_comes_or_goes(house: House) -> None:
    """Rule 7: the account stays online with one of its sessions, whichever name the other takes."""
    house.account("bob")
    old, other = house.member("alice"), house.member("alice")
    other.ask(login("bob"))
    other.ask({"type": "logout"})
    third = house.member("alice")
    third.leave()
    states = [line for line in old.lines() if line["type"] == "status"]
    assert {line["user"] for line in states} <= {"bob"}


def test_rule_7_a_refused_state_is_an_error(house: House) -> None:
    """Rule 7: it is no echo, and no `status`."""
    assert house.member("alice").one({"type": "status", "state": "x" * 33})["code"] == "too_long"


# -- rule 8: users is an array of strings ------------------------------------------------------------------------------


def test_rule_8_users_lists_visible_people_once_guests_too(house: House) -> None:
    """Rule 8: each name once, whatever the number of sessions; guests too; who hides is not there."""
    house.member("alice")
    house.member("alice")
    house.guest("Zoé")
    house.member("ghost").ask({"type": "status", "state": "invisible"})
    answer = house.client().one({"type": "users"})
    assert answer == {"type": "users", "users": ["alice", "Zoé"]}


# -- rule 9: pure ASCII JSON -------------------------------------------------------------------------------------------


def test_rule_9_output_is_compact_ascii_json(house: House) -> None:
    r"""Rule 9: everything outside of ASCII as \uXXXX, surrogate pairs above U+FFFF, no space after separators."""
    alice, bob = house.member("alice"), house.member("bob")
    alice.raw()
    bob.ask(say("é € 😀 \u2028 \t"))
    data = alice.raw()
    escaped = rb'"content":"\u00e9 \u20ac \ud83d\ude00 \u2028 \t"'
    assert escaped in data
    assert data.isascii()
    assert data == json.dumps(json.loads(data), separators=(",", ":")).encode() + b"\n"
    assert json.loads(data)["content"] == "é € 😀 \u2028 \t"


def test_rule_9_a_newline_in_a_message_does_not_break_its_line(house: House) -> None:
    """Rule 9: never a blank line and always one object a line, whatever is said."""
    alice, bob = house.member("alice"), house.member("bob")
    alice.raw()
    bob.ask(say("a\n\n{}\r\n"), say("\x01"), say("|\x85\u2029"))
    assert contents(alice.lines()) == ["a\n\n{}\r\n", "\x01", "|\x85\u2029"]


def test_rule_9_the_notice_of_the_server_is_ascii_too(house: House) -> None:
    """Rule 9: the server's own sentences are escaped as well."""
    alice = house.member("alice")
    house.chat.send_system_message("alice", "fermé à 18 h")
    house.turn()
    data = alice.raw()
    assert b"ferm\\u00e9" in data
    assert data.isascii()
    assert notices([json.loads(data)]) == ["fermé à 18 h"]


@pytest.mark.parametrize("kind", ["register", "login"])
def test_rule_2_a_malformed_login_is_answered_each_time(house: House, kind: str) -> None:
    """Rule 2: whoever waits for the answer to a login gets one, though it was no login."""
    client = house.client()
    for _ in range(3):
        assert client.one({"type": kind, "username": "x"})["code"] == "bad_request"


@pytest.mark.parametrize("refused", [{"subtype": "private", "to": "nobody"}, {"channel": "#nowhere"}, {"to": "#admin"}])
def test_rule_1_a_refused_first_message_makes_no_guest(house: House, refused: dict[str, str]) -> None:
    """Rule 1: only an accepted message lets its author in; nobody hears of one that was refused."""
    bob, stranger = house.member("bob"), house.client()
    assert stranger.one({"type": "message", "content": "x", "from": "Gaston", **refused})["code"] == "not_found"
    assert bob.ask(say("hey")) == []
    assert stranger.lines() == []
    assert stranger.one({"type": "users"})["users"] == ["bob"]
