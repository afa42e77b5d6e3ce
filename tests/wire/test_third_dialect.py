"""A third dialect, of mixed traits and with memory of its session, beside the two that there are.

Nothing else knows of it.
"""

from __future__ import annotations

from tests.harness import Client, House, contents, running, say, tell
from tests.wire.paper import WORDS, Paper, Words


def paper(house: House, *lines: str, words: Words = WORDS) -> Client:
    """Return a connection that speaks the paper dialect, and has said these lines."""
    before = house.face.dialect
    house.face.dialect = Paper(words)
    client = house.client()
    house.face.dialect = before
    if lines:
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
    assert said(third, "Ça va ? 🙂") == ["2 zoé OK message"]
    assert contents(old.lines()) == contents(new.lines()) == ["Ça va ? 🙂"]
    assert old.ask(say("classic")) == []
    assert [line["type"] for line in new.ask(say("modern", id=1)) if "id" in line] == ["ack"]
    assert said(third) == ["alice to global: classic", "bob to global: modern"]


def test_each_answer_names_who_is_answered(house: House) -> None:
    """Nobody before the login and after a refused one, then the name of the session: never another session's."""
    house.account("zoé")
    first, second = paper(house), paper(house)
    assert said(first, "LOGIN zoé wrong", "LOGIN") == ["1 * ERROR login_failed", "2 * ERROR bad_request"]
    assert said(second, "GUEST eve", "USERS") == ["1 eve OK guest", "2 eve OK users"]
    assert said(first, "LOGIN zoé azerty", "USERS") == ["3 zoé OK login", "4 zoé OK users"]
    second.raw()
    assert said(second, "STATE") == ["3 eve ERROR bad_request"]
    assert said(second, "LOGIN zoé azerty", "STATE away") == ["4 zoé OK login", "5 zoé OK status"]


def test_a_connection_that_is_refused_hears_it_as_nobody() -> None:
    """There is no session that the dialect could begin with."""
    with running(connections_per_address=1) as house:
        house.client()
        assert said(paper(house)) == ["1 * ERROR too_many_connections"]


def test_answers_are_of_each_session_and_events_encoded_once_for_all(house: House) -> None:
    """Three screens of two people, in one group with both other dialects: lines are theirs all, answers each one's."""
    for name in ("zoé", "eve"):
        house.account(name)
    words = Words()
    old, new = house.member("alice"), house.modern("bob")
    screens = [paper(house, f"LOGIN {name} azerty", words=words) for name in ("zoé", "zoé", "eve")]
    for client in (old, new, *screens):
        client.raw()
    words.encoded = 0
    old.send(say("classic"))
    new.send(say("modern", id=7))
    for number, screen in enumerate(screens):
        screen.send(f"from {number}\n".encode())
    house.turn()
    assert len(house.store.groups[-1]) == 5
    heard = [screen.raw().decode().splitlines() for screen in screens]
    lines = ["alice to global: classic", "bob to global: modern"]
    lines += [f"{name} to global: from {number}" for number, name in enumerate(("zoé", "zoé", "eve"))]
    for number, name in enumerate(("zoé", "zoé", "eve")):
        answered = [f"2 {name} OK message" if place == number + 2 else line for place, line in enumerate(lines)]
        assert heard[number] == answered
    assert words.encoded == 5
    assert contents(old.lines()) == ["modern", "from 0", "from 1", "from 2"]
    assert [line["type"] for line in new.lines()] == ["message", "ack", "message", "message", "message"]


def test_a_third_dialect_has_the_history_when_it_asks_who_is_here(house: House) -> None:
    """As classic clients do, once; with it what was kept, which does not come at the login."""
    house.account("zoé")
    bob = house.modern("bob")
    bob.ask(say("before"))
    bob.ask(tell("zoé", "kept"))
    third = paper(house, "LOGIN zoé azerty")
    assert said(third, "USERS", "USERS") == [
        "2 zoé OK users",
        "bob to global: before",
        "bob to zoé: kept",
        "3 zoé OK users",
    ]


def test_a_third_dialect_sees_what_its_other_screens_write_and_is_spared_the_same_state(house: House) -> None:
    """As modern clients see it, and as classic clients are spared."""
    house.account("zoé")
    alice = house.member("alice")
    desk, phone = paper(house, "LOGIN zoé azerty"), paper(house, "LOGIN zoé azerty")
    assert said(desk, "TELL alice psst", "STATE away", "STATE away") == ["2 zoé OK message", "3 zoé OK status"]
    assert contents(alice.lines()) == ["psst"]
    assert "zoé to alice: psst" in said(phone)


def test_a_third_dialect_reads_the_error_that_closes_it() -> None:
    """Logged in or not: it says of itself that its clients show errors."""
    with running(bad_lines=1) as house:
        third = paper(house, "GUEST eve")
        assert said(third, "STATE", "STATE")[-1] == "3 eve ERROR rate_limited"
        assert third.closed
