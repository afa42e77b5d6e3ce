"""What a classic session hears after its first list, and what it says before it has a name (classic rules 19 to 25)."""

from __future__ import annotations

import pytest

from classcord.chat.effects import Again, Commit, Deliver, Pace
from classcord.chat.errors import BadRequest, NotIdentified
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Logout
from classcord.chat.messages.vocabulary import HandOver, Say
from classcord.chat.presence.newcomers import MOST_AWAY
from classcord.chat.presence.vocabulary import AwayTold, Settled, Status, StatusChanged, Users
from classcord.wire.jsonlines import Modern
from tests.chat.hubs import (
    NOON,
    Ear,
    a_hub,
    ask,
    come_in,
    connect,
    decide,
    heard_by,
    log_in,
    person_of,
    records_of,
    register,
)


@pytest.fixture
def hub() -> Hub:
    return a_hub()


def away(hub: Hub, name: str) -> None:
    """Have somebody here who is away."""
    ask(hub, log_in(hub, name), Status(state="away"))


def test_people_who_are_not_online_are_told_once(hub: Hub) -> None:
    """After the first list; whoever is online is told by the list, and nobody hears their own state."""
    away(hub, "alice")
    log_in(hub, "carol")
    bob = log_in(hub, "bob", modern=False)
    first = [event for event in heard_by(bob, ask(hub, bob, Users())) if isinstance(event, StatusChanged)]
    assert first == [StatusChanged(user="alice", state="away")]
    assert [event for event in heard_by(bob, ask(hub, bob, Users())) if isinstance(event, StatusChanged)] == []


def test_a_session_that_asks_for_no_list_hears_the_same_by_itself(hub: Hub) -> None:
    """Some seconds after its login."""
    away(hub, "alice")
    bob = log_in(hub, "bob", modern=False)
    effects = ask(hub, bob, Settled(row=bob.number))
    assert StatusChanged(user="alice", state="away") in heard_by(bob, effects)


def test_nobody_settles_without_a_name(hub: Hub) -> None:
    """The session was logged out in the meantime."""
    stranger = connect(hub, modern=False)
    assert decide(hub, stranger, Settled(row=stranger.number)) == []


@pytest.mark.parametrize("how_many", [2, MOST_AWAY + 5])
def test_who_is_not_online_is_told_in_one_batch_of_bounded_length(how_many: int) -> None:
    """All lines have one audience, the same object, by which they are written together."""
    hub = a_hub()
    for number in range(how_many):
        ask(hub, come_in(hub, f"guest{number}"), Status(state="away"))
    alice = log_in(hub, "alice", modern=False)
    told = [each for each in ask(hub, alice, Users()) if isinstance(each, Deliver)]
    assert heard_by(alice, told) == [
        StatusChanged(user=f"guest{number}", state="away") for number in range(min(how_many, MOST_AWAY))
    ]
    assert {id(each.audience) for each in told} == {id(told[0].audience)}


def test_the_timer_of_a_login_counts_for_that_login_alone() -> None:
    """The session has another row after a second login."""
    hub = a_hub()
    ask(hub, come_in(hub, "zoé"), Status(state="away"))
    alice = log_in(hub, "alice", modern=False)
    stale = Settled(row=alice.number)
    log_in(hub, "carl", alice)
    assert decide(hub, alice, stale) == []
    effects = decide(hub, alice, Settled(row=alice.number))
    assert [type(record) for record in records_of(effects)] == [AwayTold]
    assert effects[1:] == [Again(HandOver(history=True))]


def test_after_a_hello_the_timer_hands_over_the_kept_messages_alone() -> None:
    """Such a client asks for the history, and for states, itself."""
    hub = a_hub()
    ask(hub, come_in(hub, "zoé"), Status(state="away"))
    alice = log_in(hub, "alice", modern=False)
    alice.listener = Ear(Modern.traits)
    assert decide(hub, alice, Settled(row=alice.number), NOON + 5) == [Again(HandOver())]


def test_a_state_before_the_first_list_moves_the_history_behind_the_second(hub: Hub) -> None:
    """Two clients read their first list where nobody sees it, and show the last line of a burst alone."""
    bob = log_in(hub, "bob", modern=False)
    assert any(isinstance(effect, Pace) for effect in decide(hub, bob, Status(state="online")))
    assert Again(HandOver(history=True)) not in decide(hub, bob, Users())
    assert Again(HandOver(history=True)) in decide(hub, bob, Users())


def test_a_state_without_a_name_counts_for_the_guest(hub: Hub) -> None:
    """It is remembered if it is a state at all, and nobody hears of it before."""
    stranger = connect(hub, modern=False)
    assert decide(hub, stranger, Status(state="away")) == []
    assert decide(hub, stranger, Status(state="x" * 500)) == []
    ask(hub, stranger, Say(content="bonjour", from_="Zoé"))
    assert (person_of(stranger).name, person_of(stranger).state) == ("Zoé", "away")


def test_a_modern_session_says_who_it_is_first(hub: Hub) -> None:
    """There, a message or a state makes nobody a guest by accident (classic rule 28)."""
    stranger = connect(hub)
    with pytest.raises(NotIdentified):
        decide(hub, stranger, Status(state="away"))
    with pytest.raises(NotIdentified):
        decide(hub, stranger, Say(content="bonjour", from_="Zoé"))


def test_an_empty_message_that_names_its_author_makes_the_guest(hub: Hub) -> None:
    """Announced, and not handed out; without a name it asks nothing, and the modern dialect has no such thing."""
    stranger = connect(hub, modern=False)
    ask(hub, stranger, Say(content="", from_="Zoé"))
    assert person_of(stranger).name == "Zoé"
    for session, request in (
        (connect(hub, modern=False), Say(content=" ")),
        (connect(hub), Say(content="", from_="a")),
    ):
        with pytest.raises(BadRequest):
            decide(hub, session, request)


@pytest.mark.parametrize("request_", [Say(content="bonjour"), Status(state="away")])
def test_an_account_that_was_just_made_comes_in_by_its_first_words(hub: Hub, request_: Say | Status) -> None:
    """Two clients open their chat right after `register`."""
    bob = connect(hub, modern=False)
    register(hub, bob, "bob")
    ask(hub, bob, request_)
    assert person_of(bob).name == "bob"
    assert person_of(bob).account is not None


def test_somebody_who_comes_again_and_again_is_told_no_more(hub: Hub) -> None:
    """A connection hears who is not online three times at once, then once a minute."""
    away(hub, "alice")
    heard = []
    bob = connect(hub, modern=False)
    for _ in range(5):
        log_in(hub, "bob", bob)
        heard.append(sum(isinstance(event, StatusChanged) for event in heard_by(bob, ask(hub, bob, Users()))))
        ask(hub, bob, Logout())
    assert heard == [1, 1, 1, 0, 0]


def test_somebody_who_has_left_meanwhile_hears_nothing(hub: Hub) -> None:
    """The session logged out before the group was stored."""
    away(hub, "alice")
    bob = log_in(hub, "bob", modern=False)
    (commit_,) = (effect for effect in decide(hub, bob, Users()) if isinstance(effect, Commit))
    ask(hub, bob, Logout())
    assert [effect for record in commit_.records for effect in hub.apply(record)] == []
