"""A night in a whole server: both dialects, a restart, a morning with thousands of messages, a disk that fails."""

from __future__ import annotations

from classcord.chat.effects import Commit
from classcord.chat.held_messages.acceptance import MOST_AT_ONCE
from classcord.chat.held_messages.vocabulary import MessageHeld
from classcord.chat.quiet_hours.in_force import keep_holding
from classcord.chat.roles import Role
from tests.harness import BEGINNING, Client, House, login

EVENING, MORNING = int(BEGINNING * 1000), int(BEGINNING * 1000) + 36_000_000
NIGHT = [(EVENING, MORNING)]


def night(house: House) -> None:
    house.hub.quiet.set(NIGHT)
    second(house)


def second(house: House, step: float = 1.0) -> None:
    """Let time pass, and do what the server does once a second."""
    house.clock.advance(step)
    house.chat.keep_time()
    house.turn()
    house.chat.let_go()
    house.turn()


def said(client: Client) -> list[object]:
    """Return the words that people said to a client."""
    return [line["content"] for line in client.lines() if line["type"] == "message" and line.get("from") != "Serveur"]


def test_both_dialects() -> None:
    """A classic client reads one line for each message that waits, a modern one an answer; both hear the morning."""
    house = House()
    bob, ann = house.member("bob"), house.modern("ann")
    night(house)
    assert [line["state"] for line in ann.lines() if line["type"] == "quiet_hours"] == []  # it was so at the start
    (told,) = bob.ask({"type": "message", "content": "hello"})
    assert told["content"] == "Your message to #général is kept, and delivered in 10 h."
    (answer,) = ann.ask({"type": "message", "subtype": "private", "to": "bob", "content": "psst", "id": 1})
    assert (answer["status"], answer["why"], answer["id"]) == ("held", "quiet_hours", 1)
    assert house.store.asked("SELECT content FROM held_messages ORDER BY id") == ["hello", "psst"]
    assert house.store.asked("SELECT count(*) FROM messages") == [0]
    second(house, 36_000)
    lines = ann.lines()
    assert [line["state"] for line in lines if line["type"] == "quiet_hours"] == ["ended"]
    assert [line["content"] for line in lines if line["type"] == "message"] == ["hello"]
    assert [line["outcome"] for line in lines if line["type"] == "held_decided"] == ["delivered"]
    assert said(bob) == ["psst"]
    assert house.store.asked("SELECT count(*) FROM held_messages") == [0]
    assert house.faults == []


def test_a_restart_in_the_night() -> None:
    """The next server knows what waits, delivers nothing before the morning, and then everything in order."""
    house = House()
    bob = house.member("bob")
    night(house)
    for number in range(3):
        bob.ask({"type": "message", "content": f"{number}"})
    house.chat.shut_down()
    house.turn()
    again = House(store=house.store)
    again.clock.rightNow = BEGINNING + 100
    again.hub.quiet.set(NIGHT)
    keep_holding(again.hub, again.clock.seconds())
    eve = again.member("eve")
    second(again)
    assert said(eve) == []
    second(again, 36_000)
    assert said(eve) == ["0", "1", "2"]
    assert again.store.asked("SELECT count(*) FROM held_messages") == [0]


def test_a_restart_without_the_setting() -> None:
    """Nobody asks for quiet hours any more: what waited is delivered at once."""
    house = House()
    bob = house.member("bob")
    night(house)
    bob.ask({"type": "message", "content": "hello"})
    again = House(store=house.store)
    eve = again.member("eve")
    second(again)
    assert said(eve) == ["hello"]


def test_a_morning_of_thousands() -> None:
    """So many in a second and no more; who writes meanwhile is heard at once."""
    house = House()
    eve, mod = house.member("eve"), house.member("mod", role=Role.MODERATOR)
    house.account("bob")
    account = house.hub.state.accounts["bob"]
    fields = {"at": EVENING, "channel_id": 1, "author": "bob", "author_id": account.id, "owner": str(account.id)}
    count = 5 * MOST_AT_ONCE + 1
    for number in range(count):
        held = {**fields, "held_id": number + 1, "content": f"{number}", "said_in": 99_999}
        house.journal.append(Commit(None, (MessageHeld(**held, why="quiet_hours", until=MORNING),)))  # type: ignore[arg-type]
    house.turn()
    house.clock.rightNow = BEGINNING + 36_000
    heard: list[object] = []
    for _ in range(6):
        second(house)
        now = said(eve)
        assert len(now) <= MOST_AT_ONCE
        heard += now
        mod.ask({"type": "message", "content": "bonjour"})
        assert said(eve) == ["bonjour"]
    assert heard == [f"{number}" for number in range(count)]
    assert house.store.asked("SELECT count(*) FROM held_messages") == [0]


def test_nothing_is_let_go_twice_while_the_disk_is_slow() -> None:
    """A portion that is being written is not decided again, and comes once."""
    house = House()
    bob, eve = house.member("bob"), house.member("eve")
    night(house)
    bob.ask({"type": "message", "content": "hello"})
    house.store.holding = True
    house.clock.advance(36_000)
    for _ in range(3):
        second(house)
    house.store.holding = False
    while house.store.held:
        house.store.let_go()
        house.turn()
    second(house)
    assert said(eve) == ["hello"]
    assert house.store.asked("SELECT count(*) FROM messages") == [1]
    assert house.faults == []


def test_whoever_is_banned_meanwhile_hears_at_the_next_login() -> None:
    """The words that were not delivered are told to their author alone."""
    house = House()
    bob, eve, mod = house.member("bob"), house.member("eve"), house.modern("mod")
    house.hub.state.accounts["mod"].role = Role.MODERATOR
    night(house)
    bob.ask({"type": "message", "content": "gros mots"})
    mod.ask({"type": "ban", "target": "bob", "duration": 36_500})
    second(house, 36_000)
    assert said(eve) == []
    house.clock.advance(1000)
    again = house.client()
    heard = [*again.ask(login("bob")), *again.ask({"type": "users"}), *again.lines()]
    assert [line for line in heard if "gros mots" in str(line.get("content"))]
    assert not house.hub.state.held
