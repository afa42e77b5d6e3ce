"""Who is here, presence, what was said before, lines that ask nothing, and the ping."""

from __future__ import annotations

import msgspec
import pytest

from classcord.chat.channels.vocabulary import Join, Leave, Members, MembersListed, NotInChannel
from classcord.chat.connections.vocabulary import Disconnect, Malformed, Ping
from classcord.chat.effects import Again, Commit, Deliver, HandOverMissed, Pace, Query, Reply
from classcord.chat.errors import BadJSON, BadRequest, ChatError, NotFound, TooLong
from classcord.chat.events import Done
from classcord.chat.identity.vocabulary import Guest
from classcord.chat.messages.vocabulary import HandOver, History, Say
from classcord.chat.presence.vocabulary import (
    ListUsers,
    PresenceSet,
    Status,
    StatusChanged,
    StatusSet,
    Users,
    UsersListed,
)
from classcord.chat.registration.vocabulary import Register
from classcord.chat.requests import Request
from tests.chat.hubs import (
    a_hub,
    add_account,
    answered,
    ask,
    changes_of,
    come_in,
    commit,
    connect,
    decide,
    heard_by,
    log_in,
    person_of,
    untrailed,
)


def test_a_ping_is_answered() -> None:
    """Whoever is connected may ask whether the server is there."""
    hub = a_hub()
    assert decide(hub, connect(hub), Ping()) == [Reply(Ping(), Done())]


# -- who is here ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("request_", [Users(), ListUsers()])
def test_everyone_may_ask_who_is_here(request_: Request) -> None:
    """Visible people are listed once each, guests too, in the order of their coming, to the unidentified as well."""
    hub = a_hub()
    for name in ("bob", "alice"):
        log_in(hub, name)
    log_in(hub, "bob")
    zoe = come_in(hub, "zoé")
    assert decide(hub, connect(hub), request_) == [Reply(request_, UsersListed(users=("bob", "alice", "zoé")))]
    ask(hub, zoe, Disconnect())
    assert decide(hub, connect(hub), request_) == [Reply(request_, UsersListed(users=("bob", "alice")))]


def test_the_first_users_of_a_classic_session_brings_the_history() -> None:
    """Once after each login, behind the answer (classic rule 16); a modern session asks for itself."""
    hub = a_hub(history_lines=7)
    bob = log_in(hub, "bob", modern=False)
    log_in(hub, "alice")
    reply, again = decide(hub, bob, Users())
    assert isinstance(reply, Reply)
    assert again == Again(HandOver(history=True))
    assert decide(hub, bob, HandOver(history=True)) == [HandOverMissed(1, ((1, 0),), 7)]
    assert len(decide(hub, bob, Users())) == 1
    assert len(decide(hub, log_in(hub, "eve"), Users())) == 1


def test_no_history_is_handed_where_it_is_switched_off() -> None:
    """With `history_lines = 0` only what was kept is handed over."""
    hub = a_hub(history_lines=0)
    bob = log_in(hub, "bob", modern=False)
    assert decide(hub, bob, Users())[1] == Again(HandOver(history=True))
    assert decide(hub, bob, HandOver(history=True)) == [HandOverMissed(1, ((1, 0),), 0)]


def test_the_history_ends_where_the_session_began_to_listen() -> None:
    """What was said in each channel since then it has heard; what was said before in one that it joined, it has not."""
    hub = a_hub(history_lines=20)
    eve = log_in(hub, "eve")
    ask(hub, eve, Say(content="before"))
    bob = log_in(hub, "bob", modern=False)
    ask(hub, eve, Say(content="after"))
    ask(hub, bob, Join(channel="#dev"))
    assert decide(hub, bob, HandOver(history=True)) == [HandOverMissed(2, ((1, 1), (2, 2)), 20)]


def test_a_second_login_as_oneself_does_not_hand_over_what_was_heard() -> None:
    """The session has listened since the first one, whoever it has become meanwhile."""
    hub = a_hub()
    eve, bob = log_in(hub, "eve"), log_in(hub, "bob", modern=False)
    ask(hub, eve, Say(content="heard"))
    log_in(hub, "bob", bob)
    assert decide(hub, bob, HandOver(history=True)) == [HandOverMissed(2, ((1, 0),), 20)]
    log_in(hub, "alice", bob)
    assert decide(hub, bob, HandOver(history=True)) == [HandOverMissed(3, ((1, 0),), 20)]


def test_a_guest_is_handed_the_history_and_nothing_kept() -> None:
    """Nothing waits for a guest."""
    hub = a_hub()
    zoe = come_in(hub, "zoé", modern=False)
    assert decide(hub, zoe, HandOver()) == []
    assert decide(hub, zoe, HandOver(history=True)) == [HandOverMissed(None, ((1, 0),), 20)]


def test_nothing_is_handed_to_who_has_left() -> None:
    """A hand-over that comes after a logout finds nobody."""
    hub = a_hub()
    bob = log_in(hub, "bob", modern=False)
    ask(hub, bob, Disconnect())
    assert decide(hub, bob, HandOver(history=True)) == []
    assert len(decide(hub, bob, Users())) == 1


# -- presence ---------------------------------------------------------------------------------------------------------


def test_a_changed_status_is_told_to_the_others() -> None:
    """It counts from its commit, is in memory alone, and every other person's sessions hear of it."""
    hub = a_hub()
    bob, alice, zoe = log_in(hub, "bob"), log_in(hub, "alice"), come_in(hub, "zoé")
    request = Status(state="  do  not disturb ")
    effects = decide(hub, bob, request)
    record = PresenceSet(state="do not disturb")
    assert untrailed(effects) == [Commit(bob, (record,), request, StatusSet(user="bob", state="do not disturb"))]
    assert not record.stored
    assert commit(hub, effects) == [Deliver(StatusChanged(user="bob", state="do not disturb"), (alice, zoe))]
    assert hub.state.visible() == ("bob", "alice", "zoé")


@pytest.mark.parametrize("state", ["invisible", "offline", "Invisible", "OFFLINE"])
def test_who_hides_is_offline_for_the_others(state: str) -> None:
    """They see a departure and not the word; one's own other sessions see what was chosen (classic rule 11)."""
    hub = a_hub()
    bob, phone, alice = log_in(hub, "bob"), log_in(hub, "bob"), log_in(hub, "alice")
    assert ask(hub, bob, Status(state=state)) == [
        Deliver(StatusChanged(user="bob", state="offline"), (alice,)),
        Deliver(StatusChanged(user="bob", state=state), (phone,)),
    ]
    assert hub.state.visible() == ("alice",)
    assert heard_by(alice, ask(hub, bob, Say(content="still here"))) != []
    assert heard_by(alice, ask(hub, bob, Status(state="online"))) == [StatusChanged(user="bob", state="online")]
    assert hub.state.visible() == ("bob", "alice")


def test_another_way_to_hide_tells_nobody_anything() -> None:
    """From invisible to offline the others see no change."""
    hub = a_hub()
    bob, alice = log_in(hub, "bob"), log_in(hub, "alice")
    ask(hub, bob, Status(state="invisible"))
    assert heard_by(alice, ask(hub, bob, Status(state="offline"))) == []


def test_a_second_session_of_who_hides_does_not_betray_them() -> None:
    """Nor does the end of one."""
    hub = a_hub()
    bob, alice = log_in(hub, "bob"), log_in(hub, "alice")
    ask(hub, bob, Status(state="invisible"))
    phone = connect(hub)
    log_in(hub, "bob", phone)
    assert hub.state.visible() == ("alice",)
    assert heard_by(alice, ask(hub, phone, Disconnect())) == []


def test_a_repeated_status_is_told_to_nobody() -> None:
    """A classic session hears nothing, for an answer would reset what it has selected; a modern one is answered."""
    hub = a_hub()
    bob, old, alice = log_in(hub, "bob"), log_in(hub, "zoé", modern=False), log_in(hub, "alice")
    assert decide(hub, old, Status(state="online")) == [Pace()]  # before its first `users` (classic rule 22)
    assert decide(hub, old, Status(state="online")) == []
    effects = decide(hub, bob, Status(state="online"))
    assert changes_of(effects) == [PresenceSet(state="online")]
    assert heard_by(alice, commit(hub, effects)) == []


def test_presence_is_forgotten_with_the_last_session() -> None:
    """Who comes back is online."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    ask(hub, bob, Status(state="away"))
    ask(hub, bob, Disconnect())
    assert person_of(log_in(hub, "bob")).state == "online"


@pytest.mark.parametrize(
    ("state", "refusal"), [("", BadRequest), ("  ", BadRequest), ("a\x1b[2Jb", BadRequest), ("x" * 33, TooLong)]
)
def test_a_status_is_a_short_word(state: str, refusal: type[ChatError]) -> None:
    """Empty, unprintable or long ones are refused."""
    hub = a_hub()
    with pytest.raises(refusal) as caught:
        decide(hub, log_in(hub, "bob"), Status(state=state))
    assert caught.value.field == "state"


def test_a_status_of_who_has_left_changes_nothing() -> None:
    """The record of a session that is nobody any more has no effect."""
    hub = a_hub()
    assert hub.apply(msgspec.structs.replace(PresenceSet(state="away"), session_id=connect(hub).id)) == []
    assert hub.apply(PresenceSet(state="away")) == []


# -- what was said before ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "clamped"), [(50, 50), (1, 1), (1000, 200), (10**30, 200)])
def test_a_page_of_a_channel(limit: int, clamped: int) -> None:
    """Members read a channel, the default one without a name; a page has 1 to 200 messages."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    request = History(limit=limit, before=7)
    assert decide(hub, bob, request) == [Query(request, channel_id=1, channel="#général", limit=clamped)]
    ask(hub, bob, Join(channel="#dev"))
    request = History(channel="DEV", limit=limit)
    assert decide(hub, bob, request) == [Query(request, channel_id=2, channel="#dev", limit=clamped)]


def test_a_page_of_a_conversation() -> None:
    """It is found by the other's account, here or away, or by the name of a guest."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    add_account(hub, "Alice")
    with_alice, with_zoe = History(user="ALICE"), History(user="Zoé")
    assert decide(hub, bob, with_alice) == [Query(with_alice, conversation="1:2", user="Alice", limit=50)]
    assert decide(hub, bob, with_zoe) == [Query(with_zoe, conversation="1:~zoé", user="Zoé", limit=50)]


def test_a_channel_is_read_where_both_are_named() -> None:
    """`channel` wins over `user`."""
    hub = a_hub()
    request = History(channel="#général", user="alice")
    assert decide(hub, log_in(hub, "bob"), request) == [Query(request, channel_id=1, channel="#général")]


def test_a_guest_reads_where_they_are() -> None:
    """Everyone's channel and one they have joined, until they leave it; no conversation, for the name changes hands."""
    hub = a_hub()
    zoe = come_in(hub, "zoé")
    assert decide(hub, zoe, History()) == [Query(History(), channel_id=1, channel="#général")]
    with pytest.raises(NotInChannel):
        decide(hub, zoe, History(channel="#dev"))
    ask(hub, zoe, Join(channel="#dev"))
    request = History(channel="#dev")
    assert decide(hub, zoe, request) == [Query(request, channel_id=2, channel="#dev")]
    listed = answered(hub, zoe, Members(channel="#dev"))
    assert isinstance(listed, MembersListed)
    assert "zoé" in listed.members
    ask(hub, zoe, Leave(channel="#dev"))
    with pytest.raises(NotInChannel):
        decide(hub, zoe, request)
    with pytest.raises(NotFound):
        decide(hub, zoe, History(user="bob"))


def test_who_is_no_member_does_not_read() -> None:
    """A channel one could join, and a page on both sides of nothing, are refused."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    with pytest.raises(NotInChannel):
        decide(hub, bob, History(channel="#dev"))
    with pytest.raises(BadRequest):
        decide(hub, bob, History(before=1, after=1))


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"before": 1, "after": 1}, "before"),
        ({"before": 0, "around": 1}, "around"),
        ({"after": 0, "around": 0}, "around"),
        ({"before": 1, "after": 1, "around": 1}, "around"),
    ],
)
@pytest.mark.parametrize("where", [{}, {"channel": "#dev"}, {"user": "bob"}, {"channel": "#nowhere"}])
def test_a_page_has_one_direction(where: dict[str, str], asked: dict[str, int], field: str) -> None:
    """Before, after and around exclude each other, for members and guests; the refusal names the field."""
    hub = a_hub()
    for session in (log_in(hub, "bob"), come_in(hub, "zoé")):
        with pytest.raises(BadRequest) as caught:
            decide(hub, session, History(**where, **asked))  # type: ignore[arg-type]
        assert caught.value.field == field


@pytest.mark.parametrize("limit", [b"0", b"-1", b"-5", b"1.5", b'"50"', b"[]", b"true"])
def test_a_limit_that_is_none_is_refused_with_its_line(limit: bytes) -> None:
    """It is answered, not guessed; what is only too much is clamped."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"type":"history","limit":%b}' % limit, type=History)


@pytest.mark.parametrize("number", [-1, 2**53, 10**30])
def test_an_id_that_no_message_has_is_refused_with_its_line(number: int) -> None:
    """No store is asked for what is no id (PROTOCOL.md: integers below 2^53)."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"type":"history","before":%d}' % number, type=History)


# -- lines that ask nothing -------------------------------------------------------------------------------------------


def test_a_bad_line_is_refused_each_time_once_the_session_was_answered() -> None:
    """The refusal is what the line deserved."""
    hub = a_hub()
    session = connect(hub)
    session.answered = True
    error = BadJSON()
    for _ in range(2):
        with pytest.raises(BadJSON) as caught:
            decide(hub, session, Malformed(error=error))
        assert (caught.value.args, vars(caught.value)) == (error.args, vars(error))
    assert error.__traceback__ is None, "it was raised itself, and holds what was at hand then"


def test_before_the_first_answer_a_bad_line_is_refused_once() -> None:
    """Two of the older clients take the next line for their answer (classic rule 10)."""
    hub = a_hub()
    session = connect(hub)
    with pytest.raises(BadJSON):
        decide(hub, session, Malformed(error=BadJSON()))
    assert decide(hub, session, Malformed(error=BadJSON())) == []


def test_internal_requests_cost_no_rate() -> None:
    """What the server asks of itself is never refused for coming too fast."""
    hub = a_hub()
    session = connect(hub, rate=1, burst=1)
    for _ in range(5):
        assert decide(hub, session, Disconnect()) == []


def test_requests_of_another_kind_are_what_they_say() -> None:
    """An alias is decided like its parent, and answered under its own name."""
    assert ListUsers().wire_name == "list_users"
    assert Say(content="x").answered_as == "ack"
    assert (Register(username="a", password="b").id, Guest().username) == (msgspec.UNSET, "")
