"""Profiles on the wire: read, changed and stored; in both dialects, and after a restart."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.roles import Role
from tests.harness import House, login, register, running

pytestmark = pytest.mark.house(messages_per_second=0)


def profile(**fields: Any) -> dict[str, Any]:
    return {"type": "profile", **fields}


def test_a_profile_has_what_was_said_at_the_registration(house: House) -> None:
    """Others read it, but for the address; what nobody has said is left out."""
    said = {"alias": "Lili", "first_name": "Alice", "last_name": "Martin", "email": "a@example.org"}
    client = house.client()
    client.ask({"type": "hello"}, register("alice") | said, login("alice"))
    assert client.one(profile(id=1)) == {"type": "profile", "id": 1, "user": "alice", **said}
    bob = house.modern("bob")
    assert bob.one(profile(user="ALICE")) == {"type": "profile", "user": "alice"} | {
        name: value for name, value in said.items() if name != "email"
    }
    assert bob.one(profile()) == {"type": "profile", "user": "bob"}
    head = house.member("head", role=Role.ADMIN)
    assert head.one(profile(user="alice"))["email"] == "a@example.org"
    assert house.guest("Zoé").one(profile(user="alice"))["code"] == "not_allowed"
    assert house.client().one(profile(user="alice"))["code"] == "not_identified"


def test_a_change_is_answered_with_the_profile_as_it_is_then(house: House) -> None:
    """An empty text clears a field; a refusal names the field, and changes nothing."""
    alice, bob = house.modern("alice"), house.modern("bob")
    alice.raw()
    first = {
        "type": "profile",
        "user": "alice",
        "first_name": "Alice",
        "status_text": "En TP",
        "email": "a@example.org",
    }
    assert alice.one(profile(first_name="Alice", status_text="En TP", email="a@example.org")) == first
    assert alice.one(profile(status_text="", email="")) == {"type": "profile", "user": "alice", "first_name": "Alice"}
    alice.one(profile(alias="chef"))
    bob.raw()
    for fields in ({"alias": "chef"}, {"alias": "alice"}):
        answer = bob.one(profile(**fields, first_name="Bob"))
        assert (answer["code"], answer["field"]) == ("username_taken", "alias")
    assert bob.one(profile(user="alice", first_name="Bob"))["code"] == "not_allowed"
    assert bob.one(profile()) == {"type": "profile", "user": "bob"}


def test_people_here_hear_of_a_change(house: House) -> None:
    """What has changed, and nothing else; a classic client and a guest hear nothing."""
    alice, bob, old, zoe = house.modern("alice"), house.modern("bob"), house.member("old"), house.modern()
    zoe.ask({"type": "guest", "username": "Zoé"})
    house._all_heard()
    alice.ask(profile(alias="Lili", status_text="En TP", email="a@example.org"))
    assert bob.lines() == [{"type": "profile_changed", "user": "alice", "alias": "Lili", "status_text": "En TP"}]
    assert (old.lines(), zoe.lines()) == ([], [])
    alice.ask(profile(alias=""), profile(email=""), profile())
    assert bob.lines() == [{"type": "profile_changed", "user": "alice", "alias": ""}]


def test_two_who_want_one_alias_at_once(house: House) -> None:
    """The second is refused, whoever's commit comes first, and no alias of an account made meanwhile is taken away."""
    alice, bob = house.modern("alice"), house.modern("bob")
    alice.raw()
    house.store.holding = True
    alice.send(profile(alias="chef"))
    house.turn()
    assert bob.one(profile(alias="Chef"))["code"] == "username_taken"
    house.store.let_go()
    house.turn()
    assert alice.lines()[-1]["alias"] == "chef"


def test_a_muted_person_says_nothing_by_a_profile(house: House) -> None:
    """Others would read it; an address they do not see, and clearing says nothing."""
    bob, mod = house.modern("bob"), house.member("mod", role=Role.MODERATOR)
    mod.ask({"type": "mute", "user": "bob"})
    bob.raw()
    for field in ("alias", "first_name", "last_name", "status_text"):
        assert bob.one(profile(**{field: "bof"}))["code"] == "muted"
    assert bob.one(profile(email="b@example.org", status_text=""))["email"] == "b@example.org"


def test_a_profile_survives_a_restart(house: House) -> None:
    """With its alias, which stays taken."""
    alice = house.modern("alice")
    alice.one(profile(alias="chef", status_text="En TP"))
    alice.leave()
    with running(store=house.store, messages_per_second=0) as again:
        shown = again.modern("alice").one(profile())
        assert shown == {"type": "profile", "user": "alice", "alias": "chef", "status_text": "En TP"}
        assert again.client().one(register("CHEF"))["code"] == "username_taken"
