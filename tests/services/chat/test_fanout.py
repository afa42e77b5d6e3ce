"""Who hears what of a group: in which order, in how many writes, and without whose own lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock

from classcord.chat.limits import TokenBucket
from classcord.chat.messages.vocabulary import Said
from classcord.chat.people import Session
from classcord.services.chat.fanout import Fanout
from classcord.wire.jsonlines import Classic, Modern
from tests.harness import House, contents, login, say, tell


class Plain:
    """An encoder for which an event is its content; counts what it encodes."""

    def __init__(self, sign: str) -> None:
        self.sign = sign
        self.encoded = 0

    def event(self, event: Any) -> bytes:
        self.encoded += 1
        return f"{self.sign}{event.content} ".encode()

    join = staticmethod(b"".join)


class Wordless:
    """An encoder that leaves events as they are."""

    def event(self, event: Any) -> tuple[str, ...]:
        return (event.content,)

    def join(self, chunks: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(chain.from_iterable(chunks))


class Ear:
    """Keeps each write."""

    def __init__(self, encoder: Plain | Wordless) -> None:
        self.encoder = encoder
        self.writes: list[Any] = []

    @property
    def sink(self) -> Ear:
        return self

    def write(self, chunk: Any) -> None:
        self.writes.append(chunk)


def session(encoder: Plain | Wordless) -> Session:
    ear: Any = Ear(encoder)
    bucket = TokenBucket(0, 0, 0)
    return Session(1, ear, "", "tcp", "en", bucket)


def writes(of: Session) -> list[Any]:
    ear: Any = of.listener
    found: list[Any] = ear.writes
    return found


def told(content: str) -> Said:
    return Said(message_id=1, subtype="global", channel=None, sender="b", to="global", content=content, timestamp="")


def test_a_group_is_encoded_once_an_encoder_and_written_once_a_session() -> None:
    """Messages + listeners, not messages x listeners (docs/architecture.md, “Fan-out”)."""
    one, two = Plain("1"), Plain("2")
    audience = tuple(session(encoder) for encoder in (one, two, one, two, two))
    fanout = Fanout(Clock())
    for number in range(10):
        fanout.deliver(told(str(number)), audience, None)
    assert all(writes(listener) == [] for listener in audience)
    fanout.flush()
    assert (one.encoded, two.encoded) == (10, 10)
    assert [len(writes(listener)) for listener in audience] == [1] * 5
    assert writes(audience[1]) == [b"".join(b"2%d " % number for number in range(10))]


def test_an_author_gets_the_join_without_its_own() -> None:
    """Whichever of the lines are theirs; who wrote all of them hears nothing."""
    encoder = Plain("")
    alice, bob, carol = audience = tuple(session(encoder) for _ in range(3))
    fanout = Fanout(Clock())
    for content, author in (("a", alice), ("b", bob), ("A", alice), ("c", None)):
        fanout.deliver(told(content), audience, author)
    fanout.flush()
    assert [writes(who) for who in (alice, bob, carol)] == [[b"b c "], [b"a A c "], [b"a b A c "]]
    fanout.deliver(told("x"), (alice,), alice)
    fanout.flush()
    assert b"".join(writes(alice)[1:]) == b""


def test_answers_keep_their_place_among_the_events_of_their_group() -> None:
    """Each stands where it was given, in the same write."""
    encoder = Plain("")
    alice, bob = audience = (session(encoder), session(encoder))
    fanout = Fanout(Clock())
    fanout.deliver(told("x"), audience, alice)
    fanout.answer(alice, b"first ")
    fanout.deliver(told("y"), audience, None)
    fanout.answer(alice, b"second ")
    fanout.flush()
    assert (writes(alice), writes(bob)) == ([b"first y second "], [b"x y "])


def test_objects_are_handed_on_as_bytes_are() -> None:
    """Whatever a chunk is made of: in one write, in order, with answers in their place and without one's own."""
    words, objects = Plain(""), Wordless()
    alice, bob, carol = audience = (session(objects), session(objects), session(words))
    fanout = Fanout(Clock())
    fanout.deliver(told("x"), audience, bob)
    fanout.answer(alice, ("first",))
    fanout.deliver(told("y"), audience, None)
    fanout.deliver(told("z"), (alice,), None)
    fanout.flush()
    assert (writes(alice), writes(bob), writes(carol)) == ([("x", "first", "y", "z")], [("y",)], [b"x y "])


def test_nothing_is_left_for_the_next_group() -> None:
    """A flush begins anew, and one of nothing writes nothing."""
    alice = session(Plain(""))
    fanout = Fanout(Clock())
    fanout.flush()
    fanout.deliver(told("x"), (alice,), None)
    fanout.flush()
    fanout.flush()
    assert writes(alice) == [b"x "]


@settings(max_examples=60)
@given(
    events=st.lists(
        st.tuples(st.lists(st.integers(0, 4), min_size=1, unique=True), st.none() | st.integers(0, 4)), max_size=12
    ),
    dialects=st.lists(st.booleans(), min_size=5, max_size=5),
)
def test_each_listener_hears_exactly_its_events(
    events: Sequence[tuple[list[int], int | None]], dialects: list[bool]
) -> None:
    """For any audiences and authors: each event once to each listener but its author; in order for one audience."""
    two = (Plain("1"), Plain("2"))
    people = [session(two[which]) for which in dialects]
    audiences = {tuple(places): tuple(people[place] for place in places) for places, _ in events}
    fanout = Fanout(Clock())
    for number, (places, author) in enumerate(events):
        fanout.deliver(told(str(number)), audiences[tuple(places)], None if author is None else people[author])
    fanout.flush()
    for place, person in enumerate(people):
        heard = [int(word[1:]) for word in b"".join(writes(person)).split()]
        assert len(writes(person)) <= 1
        assert sorted(heard) == [n for n, (places, author) in enumerate(events) if place in places and author != place]
        for audience in audiences:
            of_this = [n for n in heard if tuple(events[n][0]) == audience]
            assert of_this == sorted(of_this)


# -- in the house ------------------------------------------------------------------------------------------------------


def test_a_message_and_a_join_in_one_group(house: House) -> None:
    """The joiner hears exactly what follows the join, and its answer before that."""
    alice, bob, carol = house.member("alice"), house.member("bob"), house.member("carol")
    alice.ask({"type": "join", "channel": "#dev"}), carol.ask({"type": "join", "channel": "#dev"})
    alice.send(say("before", channel="#dev"))
    bob.send({"type": "join", "channel": "#dev"})
    alice.send(say("after", channel="#dev"))
    house.turn()
    assert len(house.store.groups[-1]) == 3
    received = bob.lines()
    assert [line["type"] for line in received] == ["join", "message"]
    assert contents(received) == ["after"]
    assert contents(carol.lines()) == ["before", "after"]


def test_a_message_and_a_leave_in_one_group(house: House) -> None:
    """Who leaves hears exactly what comes before."""
    alice, bob = house.member("alice"), house.member("bob")
    alice.ask({"type": "join", "channel": "#dev"}), bob.ask({"type": "join", "channel": "#dev"})
    alice.send(say("before", channel="#dev"))
    bob.send({"type": "leave", "channel": "#dev"})
    alice.send(say("after", channel="#dev"))
    house.turn()
    assert len(house.store.groups[-1]) == 3
    assert contents(bob.lines()) == ["before"]


def test_a_message_and_a_login_in_one_group_are_one_history(house: House) -> None:
    """What came before the login is in the history, what follows is heard, and nothing is in both."""
    bob, alice = house.member("bob"), house.client()
    house.account("alice")
    bob.send(say("before"))
    alice.send(login("alice"))
    bob.send(say("later"))
    house.turn()
    assert len(house.store.groups[-1]) == 3
    assert contents(alice.ask({"type": "users"})) == ["later", "[20:36] before"]


def test_events_of_one_channel_keep_their_order(house: House) -> None:
    """Comings, goings and messages in #général are heard as they happened."""
    watcher, bob = house.member("watcher"), house.member("bob")
    house.account("carol")
    carol = house.client()
    watcher.raw()
    bob.send(say("one"))
    carol.send(login("carol"), say("two"))
    bob.send(say("three"))
    house.turn()
    carol.leave()
    bob.ask(say("four"))
    words = [line.get("content") or line["state"] for line in watcher.lines()]
    assert words.index("online") < words.index("two") < words.index("offline") < words.index("four")
    assert words.index("one") < words.index("three") < words.index("four")


def test_a_private_message_is_heard_by_two_alone(house: House) -> None:
    """In the middle of a group of global ones, and without an echo."""
    alice, bob, carol = house.modern("alice"), house.modern("bob"), house.modern("carol")
    for client in (alice, bob, carol):
        client.raw()
    bob.send(say("global"), tell("alice", "private"), say("again"))
    house.turn()
    assert contents(alice.lines()) == ["global", "private", "again"]
    assert contents(carol.lines()) == ["global", "again"]
    assert contents(bob.lines()) == []


def test_dialects_of_one_kind_are_one_object(house: House) -> None:
    """However many sessions there are, the fan-out finds two dialects and encodes twice."""
    for name in ("a", "b", "c"):
        house.member(name)
    for name in ("d", "e", "f"):
        house.modern(name)
    encoders = [connection.session.listener.encoder for connection in house.chat.connections.values()]
    kinds = {id(encoder): type(encoder) for encoder in encoders}
    assert sorted(kind.__name__ for kind in kinds.values()) == [Classic.__name__, Modern.__name__]


def test_events_without_words_write_nothing(house: House) -> None:
    """A classic listener of a channel gets no bytes for a join."""
    alice = house.member("alice")
    alice.ask({"type": "join", "channel": "#dev"})
    bob = house.member("bob")
    alice.raw()
    bob.ask({"type": "join", "channel": "#dev"})
    assert alice.raw() == b""


def test_who_is_in_several_channels_hears_them_in_order(house: House) -> None:
    """What one listener hears of a group is in the order of the messages, whatever the channels."""
    alice, bob, eve = house.modern("alice"), house.modern("bob"), house.member("eve")
    for client in (alice, bob, eve):
        client.ask({"type": "join", "channel": "#dev"})
    for client in (alice, bob, eve):
        client.raw()
    words = [str(number) for number in range(8)]
    bob.send(*[say(word, **({"channel": "#dev"} if int(word) % 2 else {})) for word in words])
    house.turn()
    assert contents(alice.lines()) == words
    assert contents(eve.lines()) == words
    assert contents(bob.lines()) == []
