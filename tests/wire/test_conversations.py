"""PROTOCOL.md, conversations: what is in one's list, what is unread, read markers, closing for one side."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.conversations.vocabulary import ChannelRead
from classcord.chat.errors import Conflict
from classcord.chat.roles import Role
from tests.harness import Client, House, contents, login, running, say, tell
from tests.office import Office

pytestmark = pytest.mark.house(messages_per_second=0, bad_lines=0, announce_below=0)


def listed(client: Client, **asked: Any) -> list[dict[str, Any]]:
    """Return the conversations of a client, which has heard everything before."""
    client.raw()
    answer = client.one({"type": "conversations", "id": 1, **asked})
    assert (answer["type"], answer["id"]) == ("conversations", 1), answer
    found: list[dict[str, Any]] = answer["conversations"]
    return found


def names(client: Client, **asked: Any) -> list[str]:
    return [each.get("channel") or each["user"] for each in listed(client, **asked)]


def of(client: Client, name: str) -> dict[str, Any]:
    """Return the one conversation with this name."""
    [found] = [each for each in listed(client) if name in (each.get("channel"), each.get("user"))]
    return found


def counts(client: Client, name: str) -> tuple[int, int]:
    """Return how many messages are unread, and up to which the conversation is read."""
    found = of(client, name)
    return found["unread"], found["last_read"]


def mark(client: Client, message_id: int, **where: Any) -> dict[str, Any]:
    return client.one({"type": "read", "message_id": message_id, **where})


# -- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_has_channels_and_private_conversations_newest_first(house: House) -> None:
    """Each with its kind, its newest message as history tells it, and the members' names where they are few."""
    bob, alice = house.modern("bob"), house.modern("alice")
    bob.ask(say("one"), {"type": "join", "channel": "#dev"}, say("two", channel="#dev"), tell("alice", "psst"))
    alice.ask({"type": "join", "channel": "#dev"}, {"type": "create", "channel": "#mine", "kind": "private"})
    first, second, third, fourth = listed(alice)
    last = alice.one({"type": "history", "user": "bob"})["messages"][-1]
    assert (first["user"], first["kind"], first["unread"], first["mentions"]) == ("bob", "direct", 1, 0)
    assert (first["last_message"], last["content"]) == (last, "psst")
    assert "channel" not in first
    assert "gone" not in first
    assert (second["channel"], second["kind"], second["count"]) == ("#dev", "open", 2)
    assert second["members"] == ["bob", "alice"]
    assert second["last_message"]["content"] == "two"
    assert "user" not in second
    assert (third["channel"], third["kind"], third["last_message"]["content"]) == ("#général", "default", "one")
    assert (fourth["channel"], fourth["kind"], fourth["last_read"]) == ("#mine", "private", 0)
    assert "last_message" not in fourth


def test_a_first_message_from_an_unknown_person_is_found(house: House) -> None:
    """Also by who was away, after the server was started again; and by the author, as read."""
    bob = house.modern("bob")
    house.account("alice")
    bob.ask(tell("alice", "you do not know me"))
    bob.leave()
    with running(store=house.store, messages_per_second=0) as again:
        found = of(again.modern("alice"), "bob")
        assert (found["unread"], found["last_message"]["content"]) == (1, "you do not know me")
        assert counts(again.modern("bob"), "alice") == (0, 1)


def test_a_guest_who_has_left_is_found_by_name(house: House) -> None:
    """The conversation keeps the name as it stood; its history is read by the key that the list tells."""
    zoe, bob = house.guest("Zoé"), house.modern("bob")
    zoe.ask(tell("bob", "from a guest"))
    assert "gone" not in of(bob, "Zoé")
    zoe.leave()
    found = of(bob, "Zoé")
    assert (found["gone"], found["unread"], found["conversation"]) == (True, 1, "1:~zoé")
    told = bob.one({"type": "history", "conversation": found["conversation"]})
    assert contents(told["messages"]) == ["from a guest"]
    assert told["conversation"] == found["conversation"]


def test_a_deleted_account_stays_in_the_list_apart_from_who_has_its_name_now(house: House, office: Office) -> None:
    """Two people of one name are two conversations; each is read, marked and closed by its key."""
    bob, eve = house.modern("bob"), house.modern("eve")
    eve.ask(tell("bob", "old"))
    assert office.run("deluser eve --yes").status == 0
    bob.raw()
    assert (of(bob, "eve")["gone"], of(bob, "eve")["unread"]) == (True, 1)
    house.modern("eve").ask(tell("bob", "new"))
    bob.raw()
    new, old = [each for each in listed(bob) if each.get("user") == "eve"]
    assert ("gone" in new, "gone" in old) == (False, True)
    assert [each["last_message"]["content"] for each in (new, old)] == ["new", "old"]
    for each, said in ((new, "new"), (old, "old")):
        page = bob.one({"type": "history", "conversation": each["conversation"]})
        assert contents(page["messages"]) == [said]
    assert mark(bob, 1, conversation=old["conversation"])["message_id"] == 1
    assert [each["unread"] for each in listed(bob) if each.get("user") == "eve"] == [1, 0]
    assert bob.one({"type": "hide", "conversation": old["conversation"]})["status"] == "ok"
    assert [each["conversation"] for each in listed(bob) if each.get("user") == "eve"] == [new["conversation"]]


def test_who_deletes_their_account_leaves_no_list_behind(house: House, office: Office) -> None:
    """Their markers and their list go with the account; the others keep theirs."""
    bob, eve = house.modern("bob"), house.modern("eve")
    eve.ask({"type": "join", "channel": "#dev"}, tell("bob", "hello"), say("x"), say("y", channel="#dev"))
    for where in ({}, {"channel": "#dev"}, {"user": "bob"}):
        assert mark(eve, 9, **where)["type"] == "read"
    assert office.run("deluser eve --yes").status == 0
    assert house.store.asked("SELECT user_id FROM conversations") == [1]
    assert set(house.store.asked("SELECT user_id FROM channel_markers")) == {1}
    assert names(bob)[0] == "#général"


def test_pages_go_on_where_the_last_one_ended(house: House) -> None:
    """Each conversation once, those with the newest messages first, channels without a message on the last page."""
    alice = house.modern("alice")
    for number in range(7):
        house.account(f"p{number}")
        alice.ask(tell(f"p{number}", "hello"))
    alice.ask({"type": "create", "channel": "#empty"}, say("to all"))
    pages: list[list[str]] = []
    before: dict[str, int] = {}
    while True:
        answer = alice.one({"type": "conversations", "limit": 3, **before})
        pages.append([each.get("channel") or each["user"] for each in answer["conversations"]])
        if not answer["more"]:
            break
        before = {"before": answer["next"]}
    assert pages == [["#général", "p6", "p5"], ["p4", "p3", "p2"], ["p1", "p0", "#empty"]]


def test_a_page_has_room_for_long_messages(house: House) -> None:
    """What would be too much for one answer is on the next page; none is left out."""
    alice = house.modern("alice")
    for number in range(40):
        house.account(f"p{number}")
        alice.ask(tell(f"p{number}", "é" * 9_000))
    found: list[str] = []
    asked: dict[str, Any] = {"type": "conversations", "limit": 100}
    for _ in range(3):
        answer = alice.one(asked)
        found += [each.get("channel") or each["user"] for each in answer["conversations"]]
        asked["before"] = answer.get("next")
    assert (answer["more"], "next" in answer) == (False, False)
    assert found == [*(f"p{number}" for number in reversed(range(40))), "#général"]


@pytest.mark.parametrize("asked", [{"limit": 0}, {"limit": -1}, {"limit": "x"}, {"before": -1}, {"before": 2**53}])
def test_a_page_that_is_none_is_refused_with_its_field(house: House, asked: dict[str, Any]) -> None:
    answer = house.modern("alice").one({"type": "conversations", **asked})
    assert (answer["code"], answer["field"]) == ("bad_request", next(iter(asked)))


def test_of_a_large_channel_only_the_number_of_members_is_told(house: House) -> None:
    """Names are told while they are few; a hidden person is none of those who are here."""
    alice, bob = house.modern("alice"), house.modern("bob")
    assert (of(alice, "#général")["count"], of(alice, "#général")["members"]) == (2, ["alice", "bob"])
    bob.ask({"type": "status", "state": "invisible"})
    alice.raw()
    assert of(alice, "#général")["members"] == ["alice"]
    guests = [house.guest(f"guest{number}") for number in range(20)]
    alice.raw()
    assert of(alice, "#général")["count"] == 21
    assert "members" not in of(alice, "#général")
    assert len(guests) == 20


# -- what is unread ---------------------------------------------------------------------------------------------------


def test_messages_of_others_are_unread_until_they_are_marked_read(house: House) -> None:
    """In channels and private conversations; one's own never are, and whoever writes has read what came before."""
    alice, bob = house.modern("alice"), house.modern("bob")
    bob.ask(say("1"), say("2"), tell("alice", "3"), say("4"))
    alice.raw()
    assert counts(alice, "#général") == (3, 0)
    assert counts(alice, "bob") == (1, 0)
    assert counts(bob, "#général") == (0, 4)
    assert counts(bob, "alice") == (0, 3)
    assert mark(alice, 2) == {"type": "read", "channel": "#général", "message_id": 2}
    assert counts(alice, "#général") == (1, 2)
    alice.ask(tell("bob", "5"))
    assert counts(alice, "bob") == (0, 5)
    bob.ask(tell("alice", "6"), tell("alice", "7"))
    alice.raw()
    assert counts(alice, "bob") == (2, 5)
    assert mark(alice, 6, user="BOB")["user"] == "bob"
    assert counts(alice, "bob") == (1, 6)


def test_who_was_away_finds_unread_mentions(house: House) -> None:
    """How often one is called by name in what is unread, in the list and at a login."""
    house.account("alice")
    bob = house.modern("bob")
    bob.ask(say("@alice ?"), say("and @bob"), say("@alice !"), tell("alice", "@alice"))
    client = house.modern()
    answer = client.ask(login("alice"))[0]
    assert [each["mentions"] for each in answer["conversations"]] == [1, 2]
    assert [each["mentions"] for each in listed(client)] == [1, 2]
    mark(client, 1)
    assert [each["mentions"] for each in listed(client)] == [1, 1]
    assert of(bob, "#général")["mentions"] == 0


def test_a_thousand_unread_are_counted_and_not_more(house: House) -> None:
    """Nobody reads a higher number, and nobody pays for it."""
    alice, bob = house.modern("alice"), house.modern("bob")
    for start in range(0, 1200, 200):
        bob.ask(*[say(str(number)) for number in range(start, start + 200)])
    alice.raw()
    assert counts(alice, "#général") == (1000, 0)
    mark(alice, 300)
    assert counts(alice, "#général") == (900, 300)
    alice.ask(say("mine"))
    assert counts(alice, "#général") == (0, 1201)


def test_a_newcomer_has_read_what_was_said_before(house: House) -> None:
    """Who makes an account, joins a channel, or gets a role begins with nothing unread, and history to read."""
    bob = house.modern("bob")
    bob.ask({"type": "join", "channel": "#dev"}, say("1"), say("2", channel="#dev"))
    alice = house.modern("alice")
    assert counts(alice, "#général") == (0, 1)
    alice.ask({"type": "join", "channel": "#dev"})
    assert counts(alice, "#dev") == (0, 2)
    house.account("prof", role=Role.OWNER)
    prof = house.modern("prof")
    prof.ask(say("3", channel="#admin"), {"type": "role", "user": "alice", "role": "moderator"})
    alice.raw()
    assert counts(alice, "#admin") == (0, 3)
    prof.ask(say("4", channel="#admin"))
    alice.raw()
    assert counts(alice, "#admin") == (1, 3)


def test_a_channel_that_was_left_is_not_listed_and_its_marker_waits(house: House) -> None:
    """Who comes back has as unread what was said meanwhile; a deleted channel is nobody's."""
    alice, bob = house.modern("alice"), house.modern("bob")
    for each in (alice, bob):
        each.ask({"type": "create", "channel": "#club"}, {"type": "join", "channel": "#club"})
    bob.ask(say("1", channel="#club"))
    alice.raw()
    mark(alice, 1, channel="#club")
    alice.ask({"type": "leave", "channel": "#club"})
    assert names(alice) == ["#général"]
    assert mark(alice, 1, channel="#club")["code"] == "not_in_channel"
    bob.ask(say("2", channel="#club"), say("3", channel="#club"))
    alice.ask({"type": "join", "channel": "#club"})
    assert counts(alice, "#club") == (2, 1)
    bob.ask({"type": "leave", "channel": "#club"})
    alice.ask({"type": "delete_channel", "channel": "#club"})
    assert names(alice) == ["#général"]
    assert mark(alice, 3, channel="#club")["code"] == "not_found"
    assert set(house.store.asked("SELECT channel_id FROM channel_markers")) == {1}


# -- read markers -----------------------------------------------------------------------------------------------------


def test_a_marker_only_grows_and_ends_at_the_newest_message(house: House) -> None:
    """A huge id is taken for the newest message of that conversation; a smaller one changes nothing, and says so."""
    alice, bob = house.modern("alice"), house.modern("bob")
    bob.ask({"type": "join", "channel": "#dev"}, say("1"), say("2"), say("3"), say("4", channel="#dev"))
    alice.raw()
    assert mark(alice, 2**53 - 1)["message_id"] == 3
    groups = len(house.store.groups)
    assert mark(alice, 1)["message_id"] == 3
    assert mark(alice, 0)["message_id"] == 3
    assert mark(alice, 3)["message_id"] == 3
    assert len(house.store.groups) == groups
    assert house.store.asked("SELECT up_to FROM channel_markers WHERE channel_id = 1 AND user_id = 1") == [3]


def test_what_one_device_reads_the_others_are_told(house: House) -> None:
    """A person's other modern sessions hear it; classic ones, other people and operators hear nothing."""
    house.account("alice")
    here, there, old = house.modern("alice"), house.modern("alice"), house.member("alice")
    bob = house.modern("bob")
    bob.ask(say("1"), tell("alice", "2"))
    everyone = (here, there, old, bob)
    for each in everyone:
        each.raw()
    assert here.one({"type": "read", "message_id": 1, "id": 7})["id"] == 7
    assert [each.lines() for each in everyone] == [
        [],
        [{"type": "read", "message_id": 1, "channel": "#général"}],
        [],
        [],
    ]
    mark(there, 2, user="bob")
    assert here.lines() == [{"type": "read", "message_id": 2, "user": "bob", "conversation": "1:2"}]
    assert (there.lines(), old.lines(), bob.lines()) == ([], [], [])
    assert old.one({"type": "read", "message_id": 1})["message_id"] == 1, "a classic client may ask too"
    assert here.lines() == []


def test_markers_survive_a_restart(house: House) -> None:
    """What is read and what is closed is stored."""
    alice, bob = house.modern("alice"), house.modern("bob")
    house.account("eve")
    bob.ask(say("1"), say("2"), tell("alice", "3"))
    alice.ask(tell("eve", "4"), {"type": "hide", "user": "eve"}, {"type": "read", "message_id": 1})
    before = listed(alice)
    for each in (alice, bob):
        each.leave()
    with running(store=house.store, messages_per_second=0) as again:
        alice = again.modern("alice")
        known = [{**each, "count": 1, "members": ["alice"]} if "count" in each else each for each in before]
        assert listed(alice) == known
        assert [each["unread"] for each in known] == [1, 1]
        assert mark(alice, 2)["message_id"] == 2


def test_a_read_that_cannot_be_stored_is_refused(house: House) -> None:
    """While nothing can be written, whoever asks is told so, and nothing has moved."""
    alice, bob = house.modern("alice"), house.modern("bob")
    bob.ask(say("1"))
    alice.raw()
    house.store.bad = lambda record: Conflict() if isinstance(record, ChannelRead) else None
    assert mark(alice, 1)["code"] == "conflict"
    assert counts(alice, "#général") == (1, 0)


# -- closing one ------------------------------------------------------------------------------------------------------


def test_a_closed_conversation_is_gone_for_one_side_until_its_next_message(house: House) -> None:
    """Its history stays; it counts as read; the other side and one's other devices: the latter are told."""
    alice, phone, bob = house.modern("alice"), house.modern("alice"), house.modern("bob")
    bob.ask(tell("alice", "1"))
    alice.raw(), phone.raw()
    assert alice.one({"type": "hide", "user": "bob", "id": 3}) == {"type": "hide", "status": "ok", "id": 3}
    assert phone.lines() == [{"type": "hidden", "conversation": "1:2", "user": "bob"}]
    assert bob.lines() == []
    assert names(alice) == ["#général"]
    assert names(bob) == ["alice", "#général"]
    assert contents(alice.one({"type": "history", "user": "bob"})["messages"]) == ["1"]
    assert alice.one({"type": "hide", "user": "bob"})["code"] == "not_found"
    bob.ask(tell("alice", "2"))
    alice.raw()
    assert counts(alice, "bob") == (1, 1)
    alice.ask({"type": "hide", "user": "bob"})
    alice.ask(tell("bob", "3"))
    assert counts(alice, "bob") == (0, 3)


def test_a_message_that_comes_while_a_conversation_is_closed_opens_it_again(house: House) -> None:
    """Who closes it has not seen that message."""
    alice, bob = house.modern("alice"), house.modern("bob")
    bob.ask(tell("alice", "1"))
    alice.raw()
    house.store.holding = True
    bob.ask(tell("alice", "2"))
    assert alice.ask({"type": "hide", "user": "bob"}) == []
    house.store.holding = False
    while house.store.held:
        house.store.let_go()
        house.turn()
    alice.raw()
    assert counts(alice, "bob") == (1, 1)


@pytest.mark.parametrize(
    "asked", [{}, {"user": "nobody"}, {"user": "bob"}, {"conversation": "1:2"}, {"conversation": "2:3"}]
)
def test_what_is_not_in_the_list_cannot_be_closed(house: House, asked: dict[str, Any]) -> None:
    """Without a message there is no conversation; and another's does not exist."""
    for name in ("alice", "bob", "eve"):
        house.account(name)
    house.modern("bob").ask(tell("eve", "secret"))
    assert house.modern("alice").one({"type": "hide", **asked})["code"] == "not_found"
    assert house.store.asked("SELECT max(hidden_up_to) FROM conversations") == [0]


# -- who may ----------------------------------------------------------------------------------------------------------


def test_nobody_marks_lists_or_counts_what_they_may_not_read(house: House) -> None:
    """A channel one is not in, a private one, one of the staff, another's conversation: by name, by key, by id."""
    bob, eve, alice = house.modern("bob"), house.modern("eve"), house.modern("alice")
    bob.ask(
        {"type": "join", "channel": "#dev"},
        {"type": "create", "channel": "#jury", "kind": "private"},
        say("1", channel="#dev"),
        say("2", channel="#jury"),
        tell("eve", "3"),
    )
    eve.ask(tell("bob", "4"))
    house.account("prof", role=Role.OWNER)
    house.modern("prof").ask(say("5", channel="#admin"))
    guest = house.modern()
    guest.ask({"type": "guest", "username": "Zoé"})
    alice.raw()
    before = house.store.asked("SELECT * FROM channel_markers"), house.store.asked("SELECT * FROM conversations")
    for client in (alice, guest):
        assert names(client) == ["#général"]
        for channel, code in (("#dev", "not_in_channel"), ("#jury", "not_found"), ("#admin", "not_found")):
            refused = mark(client, 9, channel=channel)["code"]
            assert refused == (code if client is alice else "not_allowed")
        for where in ({"user": "eve"}, {"conversation": "1:2"}, {"conversation": "2"}, {"conversation": ":"}):
            assert mark(client, 9, **where)["code"] == ("not_found" if client is alice else "not_allowed")
            assert client.one({"type": "hide", **where})["code"] == ("not_found" if client is alice else "not_allowed")
        for key in ("1:2", "2:1", "", "1:", "~bob", "1:2:4"):
            page = client.one({"type": "history", "conversation": key})
            assert page.get("code") == "not_found", page
    assert before == (
        house.store.asked("SELECT * FROM channel_markers"),
        house.store.asked("SELECT * FROM conversations"),
    )


def test_a_guest_lists_channels_and_has_nothing_unread(house: House) -> None:
    """Of a guest nothing is kept: another person may have the name tomorrow."""
    house.modern("bob").ask(say("1"), say("2", channel="#dev"))
    guest = house.modern()
    guest.ask({"type": "guest", "username": "Zoé"})
    guest.ask({"type": "join", "channel": "#dev"}, tell("bob", "3"))
    found = listed(guest)
    assert [(each["channel"], each["unread"], each["last_read"]) for each in found] == [
        ("#dev", 0, 0),
        ("#général", 0, 0),
    ]
    assert [each["last_message"]["content"] for each in found] == ["2", "1"]
    answer = mark(guest, 2)
    assert (answer["code"], "account" in answer["message"]) == ("not_allowed", True)
    assert guest.one({"type": "hide", "user": "bob"})["code"] == "not_allowed"


def test_a_channel_or_a_person_not_both(house: House) -> None:
    """What could be meant in two ways is refused, and names the field."""
    alice = house.modern("alice")
    for where in ({"channel": "#dev", "user": "bob"}, {"channel": "#dev", "conversation": "1:2"}):
        answer = mark(alice, 1, **where)
        assert (answer["code"], answer["field"]) == ("bad_request", "channel")
    assert alice.one({"type": "read", "channel": "#dev"})["field"] == "message_id"


def test_nobody_without_a_name_asks(house: House) -> None:
    client = house.modern()
    for request in ({"type": "conversations"}, {"type": "read", "message_id": 1}, {"type": "hide", "user": "bob"}):
        assert client.one(request)["code"] == "not_identified"


# -- what a login tells -----------------------------------------------------------------------------------------------


def test_a_login_tells_what_was_missed(house: House) -> None:
    """For each conversation how far it is read, its newest message, and how many are unread."""
    house.account("alice")
    bob = house.modern("bob")
    bob.ask(say("1"), say("2"), tell("alice", "3"))
    client = house.modern()
    answer = client.ask(login("alice", id=1))[0]
    assert answer["conversations"] == [
        {
            "user": "bob",
            "conversation": "1:2",
            "last_read": 0,
            "last_message_id": 3,
            "unread": 1,
            "mentions": 0,
        },
        {"channel": "#général", "last_read": 0, "last_message_id": 2, "unread": 2, "mentions": 0},
    ]
    assert "more" not in answer
    assert [(each.get("channel"), each.get("user")) for each in listed(client)] == [(None, "bob"), ("#général", None)]


def test_a_login_tells_the_newest_hundred(house: House) -> None:
    """And that there are more: `conversations` lists them."""
    alice = house.modern("alice")
    for number in range(101):
        house.account(f"p{number}")
        alice.ask(tell(f"p{number}", "hello"))
    client = house.modern()
    answer = client.ask(login("alice"))[0]
    assert (len(answer["conversations"]), answer["more"]) == (100, True)
    assert answer["conversations"][0]["user"] == "p100"


def test_a_login_that_tells_nothing_of_it(house: House) -> None:
    """In the classic dialect, with a wrong password, with a one-time password, as a guest: the answer is as it was."""
    house.account("alice")
    house.one_time("tom")
    house.modern("bob").ask(say("1"))
    assert house.client().one(login("alice")) == {
        "type": "login",
        "status": "ok",
        "username": "alice",
        "role": "member",
    }
    assert house.modern().ask(login("alice", "wrong"))[0]["code"] == "login_failed"
    assert "conversations" not in house.modern().ask(login("tom"))[0]
    assert "conversations" not in house.modern().ask({"type": "guest"})[0]


def test_a_login_does_not_tell_of_a_channel_that_was_left_meanwhile(house: House) -> None:
    """Between the question and the answer a membership may end."""
    first = house.modern("alice")
    first.ask({"type": "join", "channel": "#dev"})
    house.hasher.holding = True
    client = house.modern()
    client.ask(login("alice"))
    first.ask({"type": "leave", "channel": "#dev"})
    house.hasher.holding = False
    house.hasher.let_go()
    house.turn()
    answer = next(line for line in client.lines() if line["type"] == "login")
    assert [each["channel"] for each in answer["conversations"]] == ["#général"]
