"""Who sees that somebody is writing, and how often."""

from __future__ import annotations

import pytest

from classcord.chat.channels.vocabulary import Join, NotInChannel
from classcord.chat.effects import Commit, Deliver, Reply
from classcord.chat.errors import BadRequest, ChatError, NotFound
from classcord.chat.events import Done
from classcord.chat.hub import Hub
from classcord.chat.people import Session
from classcord.chat.presence.vocabulary import Status
from classcord.chat.sanctions.vocabulary import Mute
from classcord.chat.typing_notifications.rules import LARGEST_AUDIENCE, PAUSE
from classcord.chat.typing_notifications.vocabulary import ShowTyping, Typing, TypingShown
from tests.chat.hubs import NOON, a_channel, a_hub, add_account, ask, changes_of, come_in, decide, log_in, moderator


def shown(hub: Hub, session: Session, request: ShowTyping, now: float = NOON) -> dict[Session, list[Typing]]:
    """Ask; return which sessions hear which events."""
    heard: dict[Session, list[Typing]] = {}
    for effect in ask(hub, session, request, now):
        assert isinstance(effect, Deliver)
        assert isinstance(effect.event, Typing)
        for each in effect.audience:
            heard.setdefault(each, []).append(effect.event)
    return heard


def test_a_channel_sees_who_is_writing() -> None:
    """Each session of the others hears it, with the channel; no session of the writer does."""
    hub = a_hub()
    alice, phone, bob, zoe = log_in(hub, "alice"), log_in(hub, "alice"), log_in(hub, "bob"), come_in(hub, "Zoé")
    event = Typing(sender="alice", channel="#général")
    assert shown(hub, alice, ShowTyping()) == {bob: [event], zoe: [event]}
    assert shown(hub, zoe, ShowTyping(channel="general")) == {
        each: [Typing(sender="Zoé", channel="#général")] for each in (alice, phone, bob)
    }


def test_one_person_sees_who_is_writing() -> None:
    """The event names the conversation as its reader sees it; nobody else hears it, and nobody of themselves."""
    hub = a_hub()
    alice, bob, phone, eve = log_in(hub, "alice"), log_in(hub, "bob"), log_in(hub, "bob"), come_in(hub, "eve")
    event = Typing(sender="alice", user="alice")
    assert shown(hub, alice, ShowTyping(user="BOB")) == {bob: [event], phone: [event]}
    assert shown(hub, eve, ShowTyping(user="alice")) == {alice: [Typing(sender="eve", user="eve")]}
    assert shown(hub, alice, ShowTyping(user="alice")) == {}


def test_whether_somebody_is_here_is_not_told() -> None:
    """Who writes to somebody absent or hidden has the same answer; a session in which nobody reads hears nothing."""
    hub = a_hub()
    alice, bob, pipe = log_in(hub, "alice"), log_in(hub, "bob"), log_in(hub, "bob")
    pipe.shows_events = False
    ask(hub, bob, Status(state="invisible"))
    add_account(hub, "carol")
    assert list(shown(hub, alice, ShowTyping(user="bob"))) == [bob]
    (commit,) = decide(hub, alice, ShowTyping(user="carol", id=1))
    assert isinstance(commit, Commit)
    assert commit.answer == Done()
    assert shown(hub, alice, ShowTyping(user="carol"), NOON + PAUSE) == {}


def test_only_a_request_with_an_id_is_answered() -> None:
    """A client that wants no answer to each gives no id."""
    hub = a_hub()
    alice = log_in(hub, "alice")
    (first,) = decide(hub, alice, ShowTyping())
    (second,) = decide(hub, alice, ShowTyping(id=0), NOON + PAUSE)
    assert isinstance(first, Commit)
    assert isinstance(second, Commit)
    assert (first.answer, second.answer) == (None, Done())
    assert not TypingShown.stored


def test_a_person_is_shown_once_in_three_seconds() -> None:
    """In one conversation, by all their sessions together; what comes too early is answered and not shown."""
    hub = a_hub()
    alice, phone, bob, eve = log_in(hub, "alice"), log_in(hub, "alice"), log_in(hub, "bob"), log_in(hub, "eve")
    assert set(shown(hub, alice, ShowTyping())) == {bob, eve}
    early = ShowTyping(id=7)
    assert decide(hub, phone, early, NOON + PAUSE - 0.1) == [Reply(early, Done())]
    assert decide(hub, phone, ShowTyping(), NOON + PAUSE - 0.1) == []
    assert set(shown(hub, alice, ShowTyping(user="bob"))) == {bob}
    assert set(shown(hub, alice, ShowTyping(user="eve"))) == {eve}
    assert set(shown(hub, bob, ShowTyping())) == {alice, phone, eve}
    assert set(shown(hub, phone, ShowTyping(), NOON + PAUSE)) == {bob, eve}


def test_a_hidden_person_is_not_seen_writing() -> None:
    """Nor one who hides between the request and its commit; both are answered all the same."""
    hub = a_hub()
    alice, _ = log_in(hub, "alice"), log_in(hub, "bob")
    decided = decide(hub, alice, ShowTyping())
    ask(hub, alice, Status(state="invisible"))
    (record,) = (record for effect in decided if isinstance(effect, Commit) for record in effect.records)
    assert hub.apply(record) == []
    request = ShowTyping(id=1)
    assert decide(hub, alice, request, NOON + PAUSE) == [Reply(request, Done())]


def test_a_muted_person_is_refused_as_a_message_is() -> None:
    """And is seen writing where a message would arrive: by people who keep order."""
    hub = a_hub()
    mod, bob = moderator(hub), log_in(hub, "bob")
    log_in(hub, "alice")
    ask(hub, mod, Mute(user="bob"))
    for request in (ShowTyping(), ShowTyping(user="alice")):
        with pytest.raises(ChatError) as caught:
            decide(hub, bob, request)
        assert caught.value.code == "muted"
    assert set(shown(hub, bob, ShowTyping(user="mod"))) == {mod}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "not_in_channel"),
        ({"kind": "approval"}, "not_in_channel"),
        ({"kind": "private"}, "not_found"),
        ({"guests": False}, "not_in_channel"),
        ({"archived": True}, "channel_closed"),
        ({"read_only": True}, "read_only"),
    ],
)
def test_only_people_who_may_write_are_shown(fields: dict[str, str | bool], code: str) -> None:
    """Who is not a member hears so: a message would make them one of an open channel, a key pressed does not."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club", **fields)])  # type: ignore[arg-type]
    bob = log_in(hub, "bob")
    with pytest.raises(ChatError) as caught:
        decide(hub, bob, ShowTyping(channel="#club"))
    assert caught.value.code == code


def test_a_guest_is_refused_where_guests_do_not_enter() -> None:
    """As by a message."""
    hub = a_hub()
    with pytest.raises(NotInChannel):
        decide(hub, come_in(hub, "Zoé"), ShowTyping(channel="#dev"))


def test_a_name_is_known_and_one_place_is_meant() -> None:
    """An unknown person, an unknown channel, and a request that names both."""
    hub = a_hub()
    alice = log_in(hub, "alice")
    for request, field in ((ShowTyping(user="nobody"), "user"), (ShowTyping(channel="#nowhere"), "channel")):
        with pytest.raises(NotFound) as caught:
            decide(hub, alice, request)
        assert caught.value.field == field
    with pytest.raises(BadRequest) as refused:
        decide(hub, alice, ShowTyping(user="alice", channel="#dev"))
    assert refused.value.field == "user"


def test_in_a_large_channel_nobody_is_shown() -> None:
    """Where hundreds listen somebody is always writing: each notification would be written to each of them."""
    hub = a_hub()
    alice = log_in(hub, "alice")
    for number in range(LARGEST_AUDIENCE - 1):
        come_in(hub, f"guest{number}")
    assert len(shown(hub, alice, ShowTyping())) == LARGEST_AUDIENCE - 1
    late = come_in(hub, "late")
    (record,) = changes_of(decide(hub, alice, ShowTyping(), NOON + PAUSE))
    assert isinstance(record, TypingShown)
    assert shown(hub, alice, ShowTyping(), NOON + 2 * PAUSE) == {}
    assert set(shown(hub, late, ShowTyping(user="alice"))) == {alice}


def test_a_channel_deleted_meanwhile_shows_nothing() -> None:
    """A record may find neither the channel nor the writer any more."""
    hub = a_hub()
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob")
    for session in (alice, bob):
        ask(hub, session, Join(channel="#dev"))
    assert set(shown(hub, alice, ShowTyping(channel="dev"))) == {bob}
    assert hub.apply(TypingShown(channel_id=77, session_id=alice.number, actor="alice")) == []
    assert hub.apply(TypingShown(channel_id=2, session_id=4_000, actor="alice")) == []
