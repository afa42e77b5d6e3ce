"""Presence that waits for the end of an interval: each session hears the lines that it would have heard at once.

`LARGE` is lowered, so that a few listeners count as many.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from classcord.chat.roles import Role
from classcord.chat.text import Text
from classcord.services.chat import fanout, waiting_presence
from tests.harness import CHEAP, PASSWORD, Client, House, login, running, say, tell

NEVER = 10_000  # listeners that count as many, where nothing waits
SHORT, LONG = 0.02, 0.3  # seconds: within an interval, and beyond it
JOIN, LEAVE = ({"type": kind, "channel": "#dev"} for kind in ("join", "leave"))
Step = Callable[[House, list[Client]], None]


@contextmanager
def gathering(house: House, *, large: int = 1) -> Iterator[House]:
    """Make presence wait from so many listeners on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting_presence, "LARGE", large)
        yield house


@pytest.fixture
def large() -> Iterator[House]:
    """A house in which one listener counts as many, and nobody is announced in words."""
    with running(announce_below=0) as house, gathering(house):
        yield house


def states(received: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return who is in which state, as it was told."""
    return [(line["user"], line["state"]) for line in received if line["type"] == "status"]


def members(received: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return who has entered or left a channel, as it was told."""
    return [(line["user"], line["type"]) for line in received if line["type"] in ("joined", "left")]


def words(received: list[dict[str, Any]]) -> list[str]:
    """Return what was told, in a word each: a state with its person, what was said, else the type."""
    return [
        f"{line['user']} {line.get('state', line['type'])}"
        if line["type"] in ("status", "joined", "left")
        else line.get("content", line["type"])
        for line in received
        if line.get("subtype") != "system" and line["type"] != "system"
    ]


class Writes:
    """Counts the writes to a client."""

    def __init__(self, client: Client) -> None:
        self.chunks: list[bytes] = []
        transport: Any = client.transport
        write = transport.write

        def counted(data: bytes) -> None:
            self.chunks.append(data)
            write(data)

        transport.write = counted


# -- an interval -------------------------------------------------------------------------------------------------------


def test_the_first_is_told_at_once_and_the_others_together(large: House) -> None:
    """N arrivals within an interval are two writes to each listener: the first, and all others at the end."""
    alice = large.member("alice")
    large.pass_time(1)
    writes = Writes(alice)
    for number in range(20):
        large.client().ask({"type": "guest", "username": f"guest{number}"})
    assert states(alice.lines()) == [("guest0", "online")]
    large.clock.advance(LONG)
    assert states(alice.lines()) == [(f"guest{number}", "online") for number in range(1, 20)]
    assert len(writes.chunks) == 2


def test_after_an_interval_without_presence_the_next_is_told_at_once(large: House) -> None:
    """Whoever comes alone is announced without delay."""
    alice = large.member("alice")
    for name in ("bob", "carol", "dave"):
        large.pass_time(1)
        large.client().ask({"type": "guest", "username": name})
        assert states(alice.lines()) == [(name, "online")]


def test_a_steady_stream_is_written_once_an_interval(large: House) -> None:
    """An interval in which something waited is followed by another one at once."""
    alice = large.member("alice")
    large.pass_time(1)
    writes = Writes(alice)
    for number in range(100):
        large.client().ask({"type": "guest", "username": f"guest{number}"})
        large.clock.advance(0.01)
    large.clock.advance(LONG)
    assert states(alice.lines()) == [(f"guest{number}", "online") for number in range(100)]
    assert len(writes.chunks) <= 2 + 1.0 / waiting_presence.SHORTEST


def test_few_listeners_hear_each_at_once(house: House) -> None:
    """On a small server nothing waits, and nothing is left on the clock."""
    alice = house.member("alice")
    for number in range(waiting_presence.LARGE - 2):
        house.client().ask({"type": "guest", "username": f"guest{number}"})
        assert states(alice.lines()) == [(f"guest{number}", "online")]


def test_too_many_are_written_before_the_interval_ends(large: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits has a bound."""
    monkeypatch.setattr(waiting_presence, "MOST", 5)
    alice = large.member("alice")
    large.pass_time(1)
    writes = Writes(alice)
    for number in range(14):
        large.client().ask({"type": "guest", "username": f"guest{number}"})
    assert states(alice.lines()) == [(f"guest{number}", "online") for number in range(13)]
    assert len(writes.chunks) == 3


def test_a_mass_join_is_written_once_an_interval(large: House) -> None:
    """So are those who enter and leave one channel."""
    alice = large.modern("alice")
    alice.ask(JOIN)
    guests = [large.guest(f"guest{number}") for number in range(20)]
    large.pass_time(1)
    alice.raw()
    writes = Writes(alice)
    for request, kind in ((JOIN, "joined"), (LEAVE, "left")):
        for guest in guests:
            guest.ask(request)
        large.pass_time(1)
        assert members(alice.lines()) == [(f"guest{number}", kind) for number in range(20)]
    assert len(writes.chunks) == 4


def test_presence_waits_in_few_channels_at_a_time(large: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """In further ones it is told at once, as it would be to few listeners: each write looks through all that wait."""
    monkeypatch.setattr(fanout, "MOST_CHANNELS", 1)
    alice = large.modern("alice")
    alice.ask(JOIN)
    guests = [large.guest(f"guest{number}") for number in range(3)]
    large.clock.advance(LONG)
    large.client().ask({"type": "guest", "username": "carol"})
    alice.raw()
    for number, guest in enumerate(guests):
        guest.ask(JOIN)
        assert members(alice.lines()) == [(f"guest{number}", "joined")]


# -- the order ---------------------------------------------------------------------------------------------------------


def test_a_message_brings_what_waits_in_the_same_write(large: House) -> None:
    """To everyone, to one channel, and to one person: presence first, one write."""
    alice, bob, eve = large.member("alice"), large.member("bob"), large.modern("eve")
    alice.ask({"type": "join", "channel": "#dev"}), bob.ask({"type": "join", "channel": "#dev"})
    for said in (say("all"), say("dev", channel="#dev"), tell("alice", "one")):
        large.pass_time(1)
        for client in (alice, bob, eve):
            client.raw()
        eve.ask({"type": "status", "state": "dnd"})
        eve.ask({"type": "status", "state": "away"})
        writes = Writes(alice)
        bob.send(said)
        large.turn()
        assert words(alice.lines()) == ["eve dnd", "eve away", said["content"]]
        assert len(writes.chunks) == 1
        eve.ask({"type": "status", "state": "online"})


def test_who_has_heard_something_hears_it_no_second_time(large: House) -> None:
    """A private message in the middle of an interval: what came before comes with it, the rest at the end."""
    alice, bob, eve = large.member("alice"), large.member("bob"), large.modern("eve")
    large.pass_time(1)
    for client in (alice, bob, eve):
        client.raw()
    for state in ("a", "b", "c"):
        eve.ask({"type": "status", "state": state})
    bob.send(tell("alice", "one"))
    large.turn()
    eve.ask({"type": "status", "state": "d"})
    assert words(alice.lines()) == ["eve a", "eve b", "eve c", "one"]
    large.clock.advance(LONG)
    assert words(alice.lines()) == ["eve d"]
    assert words(bob.lines()) == ["eve a", "eve b", "eve c", "eve d"]


def test_who_enters_a_channel_is_announced_before_their_first_message(large: House) -> None:
    """And they are online before they have joined: what waits in two channels keeps one order."""
    alice = large.modern("alice")
    alice.ask(JOIN)
    large.pass_time(1)
    alice.raw()
    clients = [large.client() for _ in range(4)]
    for number, client in enumerate(clients):
        client.ask({"type": "guest", "username": f"guest{number}"}, JOIN)
    alice.raw()
    clients[3].ask({"type": "status", "state": "away"}, say("ping", channel="#dev"))
    assert words(alice.lines()) == [
        *("guest1 online", "guest1 joined", "guest2 online", "guest2 joined", "guest3 online", "guest3 joined"),
        *("guest3 away", "ping"),
    ]


@pytest.mark.parametrize("first", ["#général", "#dev"])
def test_whichever_interval_ends_first_brings_what_waits_elsewhere(large: House, first: str) -> None:
    """A listener of both channels hears what happened in its order, in one write."""
    alice, bob = large.modern("alice"), large.modern("bob")
    alice.ask(JOIN)
    large.pass_time(1)
    change: dict[str, Any] = {"type": "status", "state": "a"}
    begin = (JOIN, change) if first == "#dev" else (change, JOIN)
    bob.ask(begin[0])
    large.clock.advance(SHORT)
    bob.ask(begin[1])
    alice.raw()
    writes = Writes(alice)
    for request in ({"type": "status", "state": "b"}, LEAVE, {"type": "status", "state": "c"}, JOIN):
        bob.ask(request)
    large.clock.advance(waiting_presence.SHORTEST - SHORT)
    assert words(alice.lines()) == ["bob b", "bob left", "bob c", "bob joined"]
    assert len(writes.chunks) == 1


def test_another_device_hears_of_a_channel_while_it_listens_there(large: House) -> None:
    """It enters and leaves with the one that asks: it hears who came meanwhile, and nobody before or after."""
    alice, phone, bob = large.modern("alice"), large.modern("alice"), large.member("bob")
    bob.ask(JOIN)
    guests = [large.guest(f"guest{number}") for number in range(6)]
    large.pass_time(1)
    phone.raw()
    guests[0].ask(JOIN), guests[1].ask(JOIN)
    alice.ask(JOIN)
    guests[2].ask(JOIN), guests[3].ask(JOIN)
    alice.ask(LEAVE)
    guests[4].ask(JOIN), guests[5].ask(JOIN)
    large.clock.advance(LONG)
    assert members(phone.lines()) == [("guest2", "joined"), ("guest3", "joined")]


def test_who_was_in_a_deleted_channel_hears_what_happened_there(large: House) -> None:
    """Its end comes last."""
    owner = large.modern()
    large.account("owner", role=Role.OWNER)
    owner.ask(login("owner"), JOIN)
    guests = [large.guest(f"guest{number}") for number in range(3)]
    alice = large.modern("alice")
    alice.ask(JOIN)
    large.pass_time(1)
    alice.raw()
    for guest in guests:
        guest.ask(JOIN)
    owner.ask({"type": "delete_channel", "channel": "#dev"})
    assert [line["type"] for line in alice.lines()] == ["joined", "joined", "joined", "channel_deleted"]


def test_an_answer_comes_behind_what_waits(large: House) -> None:
    """A list of people says nothing that is told afterwards once more."""
    alice = large.member("alice")
    large.pass_time(1)
    alice.raw()
    for name in ("bob", "carol"):
        large.client().ask({"type": "guest", "username": name})
    received = alice.ask({"type": "users"})
    assert words(received)[:3] == ["bob online", "carol online", "users"]
    assert received[2]["users"] == ["alice", "bob", "carol"]


def test_who_comes_within_an_interval_hears_only_who_came_later(large: House) -> None:
    """Nothing twice: the list has the others; and nobody hears of themselves."""
    large.member("alice")
    large.pass_time(1)
    clients = [large.client() for _ in range(5)]
    for number, client in enumerate(clients):
        client.ask({"type": "guest", "username": f"guest{number}"})
    large.clock.advance(LONG)
    for number, client in enumerate(clients):
        assert states(client.lines()) == [(f"guest{later}", "online") for later in range(number + 1, 5)]


def test_who_leaves_the_chat_hears_what_happened_before_and_nothing_more(large: House) -> None:
    """A logout is answered behind what waits; the connection is nobody's until its next login, and hears nothing."""
    alice, bob = large.modern("alice"), large.member("bob")
    large.account("carol")
    large.pass_time(1)
    alice.raw(), bob.raw()
    bob.ask({"type": "status", "state": "a"}, {"type": "status", "state": "b"})
    assert words(alice.ask({"type": "logout"})) == ["bob a", "bob b", "logout"]
    bob.ask({"type": "status", "state": "c"})
    assert words(alice.ask(login("carol"))) == ["login"]
    bob.ask({"type": "status", "state": "d"})
    large.clock.advance(LONG)
    assert words(alice.lines()) == ["bob d"]


def test_a_second_login_hears_neither_identity(large: House) -> None:
    """What waited comes before the answer; its own going and coming are told to the others alone."""
    alice, bob = large.member("alice"), large.member("bob")
    bob.ask({"type": "users"})  # whoever asks for it only after a `status` is given a burst line by line
    large.account("carol")
    large.pass_time(1)
    alice.raw(), bob.raw()
    bob.ask({"type": "status", "state": "a"}, {"type": "status", "state": "b"})
    assert words(alice.ask(login("carol"))) == ["bob a", "bob b", "login"]
    large.clock.advance(LONG)
    assert words(alice.lines()) == []
    assert words(bob.lines()) == ["alice offline", "carol online"]


def test_who_is_turned_out_hears_what_waits_and_why(large: House) -> None:
    """A kicked member hears why in the last line, then nothing."""
    alice, bob = large.member("alice"), large.member("bob")
    large.pass_time(1)
    alice.raw(), bob.raw()
    bob.ask({"type": "status", "state": "a"}, {"type": "status", "state": "b"})
    person = large.hub.state.person("alice")
    assert person is not None
    large.chat.turn_out(person, Text("go"))
    bob.ask({"type": "status", "state": "c"})
    large.pass_time(3)
    received = alice.lines()
    assert states(received) == [("bob", "a"), ("bob", "b")]
    assert received[-1]["content"] == "go"


def test_what_waits_before_a_hello_is_told_as_the_client_understands_it(large: House) -> None:
    """A dialect begins with the answer to `hello`; notices of before are classic ones."""
    large.hub.set_policy(msgspec.structs.replace(large.hub.policy, announce_below=50))
    alice = large.member("alice")
    large.pass_time(1)
    alice.raw()
    for name in ("bob", "carol"):
        large.client().ask({"type": "guest", "username": name})
    received = alice.ask({"type": "hello", "protocol": 2})
    kinds = [line["type"] for line in received]
    assert kinds == ["status", "message", "status", "message", "hello"]


def test_a_stop_tells_everything(large: House) -> None:
    """What waits is written before the last words, and no timer is left behind."""
    alice = large.member("alice")
    large.pass_time(1)
    alice.raw()
    for name in ("bob", "carol"):
        large.client().ask({"type": "guest", "username": name})
    calls = len(large.clock.getDelayedCalls())
    large.chat.shut_down()
    assert states(alice.lines()) == [("bob", "online"), ("carol", "online")]
    large.turn()
    assert len(large.clock.getDelayedCalls()) < calls
    large.chat.hang_up()
    large.pass_time(2)


# -- whatever happens --------------------------------------------------------------------------------------------------

DIGEST = CHEAP.hash(PASSWORD)
KINDS = ("guest", "member", "modern", "nobody")
STATES = ("online", "away", "invisible", "dnd")
_WHO = st.integers(0, 7)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("state"), _WHO, st.sampled_from(STATES)),  # twice as often
        st.tuples(st.just("come"), st.sampled_from(KINDS)),
        st.tuples(st.just("state"), _WHO, st.sampled_from(STATES)),
        st.tuples(st.sampled_from(("all", "dev", "users", "logout", "leave", "again", "enter", "hello")), _WHO),
        st.tuples(st.sampled_from(("join", "part", "join", "part", "dev")), _WHO),
        st.tuples(st.sampled_from(("private", "invite")), _WHO, _WHO),
        st.tuples(st.just("time"), st.sampled_from((SHORT, LONG))),
    ),
    min_size=10,
    max_size=40,
)


def _requests(step: tuple[Any, ...], number: int) -> list[dict[str, Any]]:
    """Return what a client asks in a step."""
    kind = step[0]
    if kind == "private":
        return [tell(f"account{step[2]}", f"private {number}")]
    asked: dict[str, list[dict[str, Any]]] = {
        "state": [{"type": "status", "state": step[-1]}],
        "all": [say(f"all {number}", **{"from": f"guest{number}"})],
        "dev": [{"type": "join", "channel": "#dev"}, say(f"dev {number}", channel="#dev")],
        "join": [JOIN],
        "part": [LEAVE],
        "invite": [{"type": "invite", "channel": "#dev", "user": f"account{step[-1]}"}],
        "users": [{"type": "users"}],
        "logout": [{"type": "logout"}],
        "again": [login(f"account{step[1]}")],
        "enter": [{"type": "guest", "username": f"guest{number}"}],
        "hello": [{"type": "hello", "protocol": 2, "lang": "en"}],
    }
    return asked[kind]


def _come(house: House, kind: str, number: int) -> Client:
    client = house.client()
    if kind == "guest":
        client.send({"type": "guest", "username": f"guest{number}"})
    elif kind == "member":
        client.send(login(f"account{number % 4}"), {"type": "users"})
    elif kind == "modern":
        client.send({"type": "hello", "protocol": 2, "lang": "en"}, login(f"account{number % 4}"))
    return client


def _heard(steps: list[tuple[Any, ...]], large: int) -> list[tuple[bytes, bool]]:
    """Return the bytes that each connection hears, and whether it has left by itself."""
    with running(announce_below=6, messages_per_second=0) as house, gathering(house, large=large):
        for number in range(8):
            house.account(f"account{number}", digest=DIGEST)
        clients = [_come(house, kind, number) for number, kind in enumerate(KINDS)]
        house.turn()
        for number, step in enumerate(steps, len(clients)):
            if step[0] == "come":
                clients.append(_come(house, step[1], number))
            elif step[0] == "time":
                house.clock.advance(step[1])
            elif step[0] == "leave":
                clients[step[1] % len(clients)].leave()
            else:
                clients[step[1] % len(clients)].send(*_requests(step, number))
            if number % 3:  # of three steps, two are stored and told together
                house.turn()
        house.pass_time(4, step=0.02)  # some read line by line
        return [(client.raw(), client.closed) for client in clients]


@settings(max_examples=60, deadline=None, phases=(Phase.generate, Phase.reuse))
@given(steps=_STEPS)
def test_each_session_hears_exactly_what_it_would_hear_at_once(steps: list[tuple[Any, ...]]) -> None:
    """Whoever comes, goes, is away, speaks and asks, in both dialects and without a name: byte for byte the same.

    Only the time differs; so whoever says no name hears nothing here either (classic rule 1). Whoever goes away does
    not hear what waits.
    """
    for (waited, gone), (at_once, gone_too) in zip(_heard(steps, 1), _heard(steps, NEVER), strict=True):
        assert gone == gone_too
        assert at_once.startswith(waited) if gone else waited == at_once


# -- nothing passes by ------------------------------------------------------------------------------------------------


def test_only_the_fan_out_writes_to_sessions() -> None:
    """Whoever wrote to a listener directly would overtake what waits for it.

    A replay is a listener that hands on what the fan-out has written to it, as every stand-in of one.
    """
    folder = Path(fanout.__file__).parent
    writers = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "write":
                target = ast.unparse(node.func.value)
                if target.endswith(("listener", "listener.sink")):
                    writers.add(path.name)
    assert writers == {"fanout.py", "replays.py", "stand_in.py"}
