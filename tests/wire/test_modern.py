"""PROTOCOL.md, the modern dialect: hello, ids, acknowledgements, error codes, guests, history, ping, and order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import House, contents, login, notices, register, running, say, tell

pytestmark = pytest.mark.house(messages_per_second=0, bad_lines=0)

HELLO = {"type": "hello", "protocol": 2, "client": "test/1.0", "lang": "en"}


def ids(received: list[dict[str, Any]]) -> list[Any]:
    return [line["id"] for line in received if "id" in line]


# -- hello -------------------------------------------------------------------------------------------------------------


def test_hello_tells_what_the_server_offers() -> None:
    """Name, version, limits, methods and features, in one answer before any login."""
    with running(name="Lycée", version="1.2", motd="Bonjour", content_chars=500) as house:
        answer = house.client().one(HELLO | {"id": 1, "lang": "fr"})
        assert (answer["type"], answer["id"], answer["server"], answer["version"]) == ("hello", 1, "Lycée", "1.2")
        assert (answer["protocol"], answer["encoding"], answer["lang"]) == (2, "ascii", "fr")
        assert (answer["motd"], answer["auth"]) == ("Bonjour", ["password", "guest"])
        assert answer["limits"] == {
            "line_bytes": 65_536,
            "content_chars": 500,
            "messages_per_second": 5,
            "burst": 25,
            "min_password": 4,
        }
        assert {"ack", "history", "guests"} <= set(answer["features"])


def test_hello_after_login_keeps_the_identity(house: House) -> None:
    """A session may begin the modern dialect when it is somebody already."""
    alice = house.member("alice")
    assert alice.one(HELLO)["type"] == "hello"
    assert alice.one(say("hello", id="x"))["type"] == "ack"


@pytest.mark.parametrize(
    ("asked", "given"), [("fr", "fr"), ("en-GB", "en"), ("EN", "en"), ("de", "en"), ("", "en"), ("\u0130", "en")]
)
def test_hello_chooses_a_language_that_there_is(house: House, asked: str, given: str) -> None:
    """French or English; the server's own where neither was asked for."""
    assert house.client().one({"type": "hello", "lang": asked})["lang"] == given


def test_without_guests_hello_offers_passwords_only() -> None:
    """Where guests are not wanted, hello says so, and they are refused."""
    with running(guests=False) as house:
        client = house.client()
        assert client.one(HELLO)["auth"] == ["password"]
        assert client.one({"type": "guest", "id": 1})["code"] == "not_allowed"
        assert client.one(say("hello"))["code"] == "not_identified"


def test_the_encoding_is_ascii_until_utf_8_is_asked_for(house: House) -> None:
    """A modern session hears ASCII like a classic one, unless its hello asks for UTF-8."""
    plain, utf8 = house.modern("alice"), house.modern("bob", encoding="UTF8")
    house.member("carol").ask(say("é"))
    assert b'"\\u00e9"' in plain.raw()
    assert '"é"'.encode() in utf8.raw()


# -- ids ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identifier", [0, "", "x", -1, 1.5, None, 2**53, 10**30, "é" * 256, "\u2028"])
def test_any_id_is_echoed(house: House, identifier: object) -> None:
    """0, "" and null too come back in the answer, in an error, and in an acknowledgement."""
    client = house.modern("alice")
    for request in ({"type": "ping"}, say("hello"), {"type": "join", "channel": "#nowhere"}):
        answer = client.one(request | {"id": identifier})
        assert answer["id"] == identifier
        assert type(answer["id"]) is type(identifier)


def test_without_an_id_the_answer_has_none(house: House) -> None:
    """An answer carries an id only if its request did."""
    assert "id" not in house.modern().one({"type": "ping"})


@pytest.mark.parametrize("identifier", [b"[]", b"{}", b"true", b"1e999", b'"' + b"x" * 257 + b'"'])
def test_other_ids_are_a_bad_request(house: House, identifier: bytes) -> None:
    """What is neither a string nor a number is refused, and named as the field at fault."""
    answer = house.modern().one(b'{"type":"ping","id":%s}\n' % identifier)
    assert (answer["code"], answer["field"]) == ("bad_request", "id")


# -- acknowledgements and events ---------------------------------------------------------------------------------------


def test_a_message_is_acknowledged_after_its_commit(house: House) -> None:
    """Nothing is said while it is not stored; then sender and listeners know the same id and time."""
    alice, bob = house.modern("alice"), house.modern("bob")
    alice.raw()
    house.store.holding = True
    assert bob.ask(say("hello", id=7)) == alice.lines() == []
    house.store.let_go()
    house.turn()
    ack = {"type": "ack", "message_id": 1, "timestamp": "2026-11-20T20:36:27.625Z", "id": 7}
    assert bob.lines() == [ack]
    assert alice.lines() == [
        {
            "type": "message",
            "message_id": 1,
            "subtype": "global",
            "channel": "#général",
            "from": "bob",
            "to": "global",
            "content": "hello",
            "timestamp": "2026-11-20T20:36:27.625Z",
            "role": "member",
        }
    ]


def test_a_message_looks_the_same_pushed_and_in_history(house: House) -> None:
    """Global, channel and private messages have one shape, wherever they are read."""
    alice, bob = house.modern("alice"), house.modern("bob")
    alice.ask({"type": "join", "channel": "#dev"})
    bob.ask(say("a"), say("b", channel="#dev"), tell("alice", "c"))
    pushed = {line["content"]: line for line in alice.lines() if line["type"] == "message"}
    assert [pushed[c]["subtype"] for c in "abc"] == ["global", "channel", "private"]
    assert [pushed[c]["to"] for c in "abc"] == ["global", "#dev", "alice"]
    for content, where in (("a", {}), ("b", {"channel": "dev"}), ("c", {"user": "BOB"})):
        assert alice.one({"type": "history", **where})["messages"] == [pushed[content]]


def test_notices_are_of_type_system(house: House) -> None:
    """A modern session hears the server's sentences in its own language, by their own type."""
    alice = house.modern("alice")
    house.chat.send_system_message("global", "lunch")
    house.turn()
    told = {"content": "lunch", "timestamp": "2026-11-20T20:36:27.625Z", "kind": "announcement"}
    assert alice.lines() == [{"type": "system", **told}]


def test_joins_leaves_and_topics_are_events(house: House) -> None:
    """Who listens to a channel hears of its people and its topic; classic sessions hear a sentence about the latter."""
    alice, carol = house.modern("alice"), house.member("carol")
    alice.ask({"type": "create", "channel": "#club"})
    carol.ask({"type": "join", "channel": "club"})
    bob = house.modern("bob")
    alice.raw(), carol.raw()
    bob.ask({"type": "join", "channel": "club"}, {"type": "leave", "channel": "club"})
    alice.send({"type": "topic", "channel": "club", "topic": "chess"})
    house.turn()
    assert carol.lines()[-1]["content"] == "alice changed the topic of #club: chess"
    bob.ask({"type": "join", "channel": "club"})
    heard = alice.lines()
    assert heard[:2] == [
        {"type": "joined", "channel": "#club", "user": "bob"},
        {"type": "left", "channel": "#club", "user": "bob"},
    ]
    assert carol.lines() == []


def test_the_authors_other_modern_sessions_see_a_private_message(house: House) -> None:
    """What I write on one screen is on my other one, where that knows what to do with it; not on the first again."""
    here, there, classic = house.modern("alice"), house.modern("alice"), house.member("alice")
    house.member("bob")
    here.raw(), there.raw()
    assert [line["type"] for line in here.ask(tell("bob", "psst", id=1))] == ["ack"]
    assert contents(there.lines()) == ["psst"]
    assert contents(classic.lines()) == []


# -- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "code", "field"),
    [
        ({"type": "history"}, "not_identified", None),
        ({"type": "dance"}, "unknown_type", "type"),
        ({"kind": "dance"}, "bad_request", "type"),
        ({"type": "login", "username": "alice"}, "bad_request", "password"),
        ({"type": "login", "username": 7, "password": "x"}, "bad_request", "username"),
        (register("a/b"), "bad_username", "username"),
        (register("alice"), "username_taken", "username"),
        (register("bob", "abc"), "bad_password", "password"),
        (register("bob") | {"alias": "alice"}, "username_taken", "alias"),
        (register("bob") | {"email": "x" * 255}, "too_long", "email"),
        (login("alice", "wrong"), "login_failed", None),
    ],
)
def test_an_error_before_login_has_its_code_field_and_id(
    house: House, request_: dict[str, Any], code: str, field: str | None
) -> None:
    """Each refusal before a login carries its code, the field at fault, and the request's id."""
    house.account("alice")
    answer = house.modern().one(request_ | {"id": 5})
    assert (answer["type"], answer["code"], answer.get("field"), answer["id"]) == ("error", code, field, 5)
    assert answer["message"]
    assert "error" not in answer


@pytest.mark.parametrize(
    ("request_", "code", "field"),
    [
        (say(" "), "bad_request", "content"),
        (say("x" * 10_001), "too_long", "content"),
        (say("x", channel="#nowhere"), "not_found", "channel"),
        (say("x", channel="#admin"), "not_found", "channel"),
        (tell("nobody", "x"), "not_found", "to"),
        ({"type": "private", "content": "x"}, "bad_request", "to"),
        ({"type": "join", "channel": "#général"}, "already_member", None),
        ({"type": "leave", "channel": "#général"}, "not_allowed", None),
        ({"type": "leave", "channel": "#dev"}, "not_in_channel", None),
        ({"type": "history", "channel": "#dev"}, "not_in_channel", None),
        ({"type": "history", "before": 2, "after": 1}, "bad_request", "before"),
        ({"type": "history", "before": 2, "around": 1}, "bad_request", "around"),
        ({"type": "create", "channel": "#Dev"}, "conflict", "channel"),
        ({"type": "create", "channel": "a b"}, "bad_request", "channel"),
        ({"type": "status", "state": "x" * 33}, "too_long", "state"),
        ({"type": "status", "state": "a\x00"}, "bad_request", "state"),
        ({"type": "topic", "channel": "#dev", "topic": "mine"}, "not_allowed", None),
    ],
)
def test_an_error_of_a_member_has_its_code_field_and_id(
    house: House, request_: dict[str, Any], code: str, field: str | None
) -> None:
    """Each refusal of what a member asks carries its code, the field at fault, and the request's id."""
    answer = house.modern("alice").one(request_ | {"id": ""})
    assert (answer["type"], answer["code"], answer.get("field"), answer["id"]) == ("error", code, field, "")


def test_a_bad_request_in_windows_1252_keeps_its_id(house: House) -> None:
    """The id is found in lines of the older encodings as well."""
    answer = house.modern().one(b'{"type":"dans\xe9","id":"\xe9"}\n')
    assert (answer["code"], answer["id"]) == ("unknown_type", "é")


def test_a_rate_limited_request_says_when_to_try_again() -> None:
    """`retry_after` is in seconds, and it is enough."""
    with running(messages_per_second=2, burst=1) as house:
        client = house.client()
        client.ask(HELLO)
        refused = client.one({"type": "ping", "id": 1})
        assert (refused["code"], refused["id"], refused["retry_after"]) == ("rate_limited", 1, 0.5)
        house.clock.advance(refused["retry_after"])
        assert client.one({"type": "ping", "id": 2})["status"] == "ok"


# -- guests ------------------------------------------------------------------------------------------------------------


def test_guest_takes_a_username(house: House) -> None:
    """The answer tells the name that the guest got, and that they are one."""
    house.account("Zoé")
    client = house.modern()
    answer = client.one({"type": "guest", "username": "Zoé", "id": 1})
    token = answer.pop("session")
    assert len(token) > 40
    assert answer == {"type": "guest", "status": "ok", "username": "Zoé (invité)", "role": "guest", "may": [], "id": 1}
    assert house.modern().one({"type": "guest"})["username"] == "invité"


def test_a_guest_reads_where_they_are(house: House) -> None:
    """History of #général is a guest's to read, and of a channel they have joined; that of a conversation is not."""
    bob = house.member("bob")
    bob.ask(say("hello"), say("deep", channel="#dev"))
    guest = house.modern()
    guest.ask({"type": "guest", "username": "Zoé"})
    assert contents(guest.one({"type": "history"})["messages"]) == ["hello"]
    assert guest.one({"type": "history", "channel": "#dev"})["code"] == "not_in_channel"
    guest.ask({"type": "join", "channel": "#dev"})
    assert contents(guest.one({"type": "history", "channel": "#dev"})["messages"]) == ["deep"]
    assert guest.one({"type": "history", "user": "bob"})["code"] == "not_found"


# -- history -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def told(house: House) -> House:
    """A house in which 1 to 250 were said, their ids the same numbers."""
    bob = house.modern("bob")
    bob.ask(*[say(str(number)) for number in range(1, 251)])
    return house


@pytest.mark.parametrize(
    ("asked", "first", "last", "more"),
    [
        ({}, 201, 250, True),
        ({"limit": 3}, 248, 250, True),
        ({"limit": 250}, 51, 250, True),
        ({"limit": 10**30}, 51, 250, True),
        ({"limit": 1}, 250, 250, True),
        ({"after": 0, "limit": 3}, 1, 3, True),
        ({"after": 247, "limit": 3}, 248, 250, False),
        ({"after": 248, "limit": 3}, 249, 250, False),
        ({"before": 4, "limit": 3}, 1, 3, False),
        ({"before": 5, "limit": 3}, 2, 4, True),
        ({"before": 2**53 - 1}, 201, 250, True),
    ],
)
def test_a_page_of_history(told: House, asked: dict[str, int], first: int, last: int, more: bool) -> None:
    """Pages ascend, are 50 long or as long as asked, at most 200; `more` looks in the direction that is read."""
    answer = told.modern("alice").one({"type": "history", "id": 9, **asked})
    assert [m["message_id"] for m in answer["messages"]] == list(range(first, last + 1))
    assert (answer["type"], answer["id"], answer["channel"], answer["more"]) == ("history", 9, "#général", more)


@pytest.mark.parametrize(
    ("around", "limit", "page", "more"),
    [
        (100, 50, range(76, 126), (True, True)),
        (100, 3, range(99, 102), (True, True)),
        (100, 2, range(100, 102), (True, True)),
        (100, 1, range(100, 101), (True, True)),
        (3, 50, range(1, 51), (False, True)),  # there are few before, and so more after
        (1, 3, range(1, 4), (False, True)),
        (0, 3, range(1, 4), (False, True)),
        (25, 50, range(1, 51), (False, True)),
        (249, 4, range(248, 251), (True, False)),
        (250, 4, range(249, 251), (True, False)),
        (150, 1000, range(51, 251), (True, False)),
        (2**53 - 1, 3, range(249, 251), (True, False)),
    ],
)
def test_a_page_around_a_message(told: House, around: int, limit: int, page: range, more: tuple[bool, bool]) -> None:
    """The message is in its middle, half of the others are before it; it tells whether there are more on each side."""
    answer = told.modern("alice").one({"type": "history", "around": around, "limit": limit})
    assert [m["message_id"] for m in answer["messages"]] == list(page)
    assert (answer["more_before"], answer["more_after"]) == more
    assert answer["more"] == any(more)


def test_a_page_around_what_is_elsewhere_tells_nothing_of_it(house: House) -> None:
    """An id is a place in the history that is read, whatever has it: a message of another channel, or none."""
    bob = house.modern("bob")
    bob.ask({"type": "join", "channel": "#dev"}, say("1"), say("2", channel="#dev"), say("3"))
    for around in (2, 3):
        answer = house.modern("alice").one({"type": "history", "around": around, "limit": 9})
        assert contents(answer["messages"]) == ["1", "3"]
        assert (answer["more_before"], answer["more_after"]) == (False, False)


@pytest.mark.parametrize("limit", [0, -5, 1.5, "50", True, []])
def test_a_limit_that_is_none_is_refused(told: House, limit: object) -> None:
    """What is below one message, or no number, is a bad request that names the field."""
    answer = told.modern("alice").one({"type": "history", "limit": limit, "id": 1})
    assert (answer["code"], answer["field"], answer["id"]) == ("bad_request", "limit", 1)


@pytest.mark.parametrize("asked", [{"before": 1}, {"after": 250}, {"after": 2**53 - 1}, {"before": 0}])
def test_an_empty_page_has_no_more(told: House, asked: dict[str, int]) -> None:
    """Beyond either end there is nothing, and no more."""
    answer = told.modern("alice").one({"type": "history", **asked})
    assert (answer["messages"], answer["more"]) == ([], False)


@pytest.mark.parametrize("field", ["before", "after", "around"])
@pytest.mark.parametrize("number", [-1, 2**53, 2**63, 10**30])
def test_a_number_that_is_no_id_is_refused(house: House, field: str, number: int) -> None:
    """What cannot be an id is a bad request, not a fault of the store's."""
    answer = house.modern("alice").one({"type": "history", field: number})
    assert (answer["code"], answer["field"]) == ("bad_request", field)


def test_a_classic_session_reads_history_too(told: House) -> None:
    """Nothing but the acknowledgement and the id is kept from the classic dialect."""
    answer = told.member("alice").one({"type": "history", "limit": 1})
    assert contents(answer["messages"]) == ["250"]


# -- order -------------------------------------------------------------------------------------------------------------


def test_answers_come_in_the_order_of_requests(house: House) -> None:
    """Whatever each of them takes, commits, hashing, look-ups, errors and bad lines answer in their turn."""
    house.account("bob")
    client = house.client()
    client.send(HELLO | {"id": 0}, register("alice") | {"id": 1}, login("alice") | {"id": 2}, say("one", id=3))
    client.send({"type": "history", "id": 4}, {"type": "ping", "id": 5}, say("", id=6), say("two", id=7), b"?\n")
    client.send({"type": "dance", "id": 8}, {"type": "create", "channel": "club", "id": 9}, tell("alice", "me", id=10))
    client.send(say("three", channel="club", id=11), {"type": "history", "channel": "club", "id": 12})
    client.send(login("bob", "wrong") | {"id": 13}, login("bob") | {"id": 14}, {"type": "users", "id": 15})
    client.send({"type": "logout", "id": 16}, {"type": "users", "id": 17}, say("four", id=18))
    house.turn()
    received = client.lines()
    assert ids(received) == list(range(19))
    by_id = {line["id"]: line for line in received if "id" in line}
    assert contents(by_id[4]["messages"]) == ["one"]
    assert contents(by_id[12]["messages"]) == ["three"]
    assert by_id[13]["code"] == "login_failed"
    assert by_id[15]["users"] == ["bob"]
    assert by_id[17]["users"] == []
    assert by_id[18]["code"] == "not_identified"  # no guest is made after `hello` (classic rule 28)
    assert [line.get("code") for line in received if line["type"] == "error" and "id" not in line] == ["bad_json"]


def test_answers_keep_their_order_while_hashing_and_storing_take_their_time(house: House) -> None:
    """The same when each password and each group waits for its turn: nothing overtakes."""
    house.account("alice")
    house.store.holding = house.hasher.holding = True
    client = house.client()
    client.send(HELLO | {"id": 0}, login("alice") | {"id": 1}, {"type": "ping", "id": 2}, say("one", id=3))
    client.send({"type": "ping", "id": 4}, say("two", id=5), {"type": "history", "id": 6}, {"type": "ping", "id": 7})
    house.turn()
    assert ids(client.lines()) == [0]
    house.hasher.let_go()
    house.turn()
    assert client.raw() == b""
    house.store.let_go()
    house.turn()
    assert ids(client.lines()) == [1, 2]
    while house.store.held:
        house.store.let_go()
        house.turn()
    received = client.lines()
    assert ids(received) == [3, 4, 5, 6, 7]
    assert contents(received[3]["messages"]) == ["one", "two"]


def test_ping_is_answered(house: House) -> None:
    """Before and after login."""
    assert house.modern().one({"type": "ping"}) == {"type": "ping", "status": "ok"}
    assert house.member("alice").one({"type": "ping"}) == {"type": "ping", "status": "ok"}


def test_unknown_fields_are_ignored(house: House) -> None:
    """What a newer client adds is no error."""
    assert house.modern().one({"type": "ping", "colour": {"deep": [1, 2]}, "id": 1})["status"] == "ok"


def test_a_private_message_to_somebody_away_is_acknowledged_and_explained(house: House) -> None:
    """The sender gets the acknowledgement, and a sentence that tells when it will be read."""
    house.account("bob")
    received = house.modern("alice").ask(tell("bob", "later", id=1))
    assert ids(received) == [1]
    assert notices(received) == ["bob is not here: your message will be delivered at their next login."]


# -- descriptions and invitations -----------------------------------------------------------------------------


def test_who_is_invited_hears_it_and_reads_the_channel(house: House) -> None:
    """A modern client hears an event, a classic one a notice; after a restart both are members."""
    bob, alice, old = house.modern("bob"), house.modern("alice"), house.member("old")
    bob.ask({"type": "create", "channel": "#jury", "kind": "private"}, say("1", channel="#jury"))
    assert alice.one({"type": "history", "channel": "#jury"})["code"] == "not_found"
    for name in ("alice", "old"):
        answer = bob.ask({"type": "invite", "channel": "#jury", "user": name})[0]
        assert (answer["type"], answer["status"]) == ("invite", "ok")
    invited = next(line for line in alice.lines() if line["type"] == "invited")
    assert (invited["channel"], invited["kind"], invited["user"]) == ("#jury", "private", "bob")
    assert notices(old.lines()) == ["bob has invited you to #jury: you are in it now."]
    for client in (bob, alice, old):
        client.leave()
    with running(store=house.store, messages_per_second=0) as again:
        for name in ("alice", "old"):
            page = again.modern(name).one({"type": "history", "channel": "#jury"})
            assert contents(page["messages"]) == ["1"]


def test_a_description_stays(house: House) -> None:
    """The others hear of it, a classic client in one sentence; after a restart it is there, in its lines."""
    bob, old = house.modern("bob"), house.member("old")
    bob.ask({"type": "create", "channel": "#club"})
    old.ask({"type": "join", "channel": "#club"})
    bob.raw()
    answer = bob.one({"type": "description", "channel": "#club", "description": "one\ntwo"})
    assert (answer["status"], answer["description"]) == ("ok", "one\ntwo")
    assert notices(old.lines()) == ["bob changed the description of #club."]
    for client in (bob, old):
        client.leave()
    with running(store=house.store, messages_per_second=0) as again:
        answer = again.modern("old").one({"type": "description", "channel": "#club"})
        assert answer["description"] == "one\ntwo"


@pytest.mark.parametrize("wrong", [{"protocol": 99}, {"protocol": "two"}, {"encoding": "ebcdic"}, {"protocole": 2}])
def test_a_refused_hello_has_its_id(house: House, wrong: dict[str, Any]) -> None:
    """Nothing else was agreed on yet, but whoever waits for that answer finds it; a second `hello` is good."""
    client = house.client()
    refused = client.one({"type": "hello", "id": "h", **wrong})
    assert (refused["type"], refused["code"], refused["id"]) == ("error", "bad_request", "h")
    assert client.one({"type": "hello", "id": "again"})["id"] == "again"


def test_a_classic_refusal_has_no_id(house: House) -> None:
    """Classic clients are answered in order, and their errors have the fields that they have always had."""
    client = house.client()
    assert "id" not in client.one({"type": "login", "id": 1, "username": "nobody", "password": "wrong"})
    assert "id" not in client.one({"type": "login", "id": 1, "username": 3})
