"""A third dialect, of mixed traits, beside the two that there are: it is one class, and nothing else knows of it."""

from __future__ import annotations

from tests.harness import Client, House, contents, running, say, tell
from tests.wire.paper import Paper


def paper(house: House, *lines: str) -> Client:
    """Return a connection that speaks the paper dialect, and has said these lines."""
    before = house.face.dialect
    house.face.dialect = Paper()
    client = house.client()
    house.face.dialect = before
    said(client, *lines)
    return client


def said(client: Client, *lines: str) -> list[str]:
    """Say lines; return those that are heard."""
    client.send("".join(f"{line}\n" for line in lines).encode())
    client.house.turn()
    return client.raw().decode().splitlines()


def test_three_dialects_in_one_channel(house: House) -> None:
    """Each hears the others in its own words, and itself as its traits have it."""
    house.account("zoé")
    old, new, third = house.member("alice"), house.modern("bob"), paper(house, "LOGIN zoé azerty")
    for client in (old, new):
        client.raw()
    assert said(third, "Ça va ? 🙂") == ["OK message"]
    assert contents(old.lines()) == contents(new.lines()) == ["Ça va ? 🙂"]
    assert old.ask(say("classic")) == []
    assert [line["type"] for line in new.ask(say("modern", id=1)) if "id" in line] == ["ack"]
    assert said(third) == ["alice to global: classic", "bob to global: modern"]


def test_a_third_dialect_has_the_history_when_it_asks_who_is_here(house: House) -> None:
    """As classic clients do, once; with it what was kept, which does not come at the login."""
    house.account("zoé")
    bob = house.modern("bob")
    bob.ask(say("before"))
    bob.ask(tell("zoé", "kept"))
    third = paper(house, "LOGIN zoé azerty")
    assert said(third, "USERS", "USERS") == [
        "OK users", "bob to global: before", "bob to zoé: kept", "OK users",
    ]  # fmt: skip


def test_a_third_dialect_sees_what_its_other_screens_write_and_is_spared_the_same_state(house: House) -> None:
    """As modern clients see it, and as classic clients are spared."""
    house.account("zoé")
    alice = house.member("alice")
    desk, phone = paper(house, "LOGIN zoé azerty"), paper(house, "LOGIN zoé azerty")
    assert said(desk, "TELL alice psst", "STATE away", "STATE away") == ["OK message", "OK status"]
    assert contents(alice.lines()) == ["psst"]
    assert "zoé to alice: psst" in said(phone)


def test_a_third_dialect_reads_the_error_that_closes_it() -> None:
    """Logged in or not: it says of itself that its clients show errors."""
    with running(bad_lines=1) as house:
        third = paper(house, "GUEST eve")
        assert said(third, "STATE", "STATE")[-1] == "ERROR rate_limited"
        assert third.closed
