"""Messages to one person: kept for who is away, whoever comes or leaves meanwhile."""

from __future__ import annotations

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.connections.vocabulary import Disconnect, Hello
from classcord.chat.effects import AwaitReceipt, Commit, Deliver, Effect, HandOverMissed, Later, Speak
from classcord.chat.events import Notice
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Login
from classcord.chat.messages.vocabulary import (
    Acknowledged,
    Awaited,
    HandedOver,
    HandOver,
    KeptHandedOver,
    MessageKept,
    PrivateMessageAdded,
    Said,
    Say,
    SayPrivately,
    Undelivered,
)
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.people import Session
from classcord.chat.presence.vocabulary import Status
from classcord.chat.roles import Operator, Role
from classcord.chat.times import rfc3339
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    NOON_WRITTEN,
    a_hub,
    add_account,
    ask,
    checked,
    come_in,
    commit,
    connect,
    contents,
    decide,
    heard_by,
    log_in,
    notice,
    privately,
    records_of,
    untrailed,
    verified,
)


def on_its_way(message_id: int, *, to: int, author: Session | None) -> Awaited:
    """Return what is noted of a message; without an author, nobody is told if it does not arrive."""
    person = None if author is None else author.person
    return Awaited(
        message_id=message_id,
        user_id=to,
        author_id=person.account.id if person and person.account else None,
        author_session=None if author is None else author.number,
    )


def kept_for(name: str) -> Notice:
    return notice("{name} is not here: your message will be delivered at their next login.", name)


def test_a_kept_message_is_on_all_of_its_authors_devices() -> None:
    """What somebody writes on one device shows on their others, although its recipient is away; not on old clients."""
    hub = a_hub()
    add_account(hub, "alice")
    bob, phone, old = log_in(hub, "bob"), log_in(hub, "bob"), log_in(hub, "bob", modern=False)
    follow = commit(hub, decide(hub, bob, Say(content="psst", subtype="private", to="alice")))
    assert heard_by(phone, follow) == [privately(1, "bob", "alice")]
    assert heard_by(bob, follow) == [kept_for("alice")]
    assert heard_by(old, follow) == []


def test_a_private_message_reaches_all_sessions_of_its_recipient() -> None:
    """It goes to each of theirs and nobody else, and to its author's other modern sessions."""
    hub = a_hub()
    bob, alice, phone = log_in(hub, "bob"), log_in(hub, "alice"), log_in(hub, "alice")
    screen, old = log_in(hub, "bob"), log_in(hub, "bob", modern=False)
    eve = log_in(hub, "eve")
    request = Say(content="psst", subtype="private", to="ALICE")
    effects = decide(hub, bob, request)
    record = PrivateMessageAdded(
        message_id=1,
        at=NOON_MS,
        conversation="1:2",
        author="bob",
        author_id=1,
        recipient="alice",
        sent_to=2,
        content="psst",
    )
    answer = Acknowledged(message_id=1, timestamp=NOON_WRITTEN)
    assert untrailed(effects) == [Commit(bob, (record,), request, answer, holds=False)]
    event = privately(1, "bob", "alice")
    follow = commit(hub, effects)
    receipt = AwaitReceipt(on_its_way(1, to=2, author=bob), (alice, phone))
    assert follow == [Deliver(event, (alice, phone)), receipt, Deliver(event, (screen,))]
    assert [heard_by(session, follow) for session in (bob, old, eve)] == [[], [], []]
    assert hub.state.applied == 1


def test_a_private_message_to_oneself_arrives() -> None:
    """Once, on each of one's own sessions (classic rule 7)."""
    hub = a_hub()
    bob = log_in(hub, "bob", modern=False)
    assert ask(hub, bob, SayPrivately(content="note", to="Bob")) == [
        Deliver(privately(1, "bob", "bob", "note"), (bob,)),
        AwaitReceipt(Awaited(message_id=1, user_id=1, author_id=1), (bob,)),
    ]


def test_guests_converse_under_their_names() -> None:
    """A guest is told apart by name, and a message to a guest waits for nobody."""
    hub = a_hub()
    zoe, max_ = come_in(hub, "Zoé"), come_in(hub, "Max")
    (record,) = records_of(decide(hub, zoe, Say(content="psst", to="max")))
    assert isinstance(record, PrivateMessageAdded)
    assert (record.conversation, record.author_id, record.waiting_for) == ("~max:~zoé", None, None)
    assert record.sent_to is None
    assert heard_by(max_, commit(hub, hub.apply(record))) == [privately(1, "Zoé", "Max", role="guest")]


def test_who_hides_hears_private_messages() -> None:
    """An invisible person goes on receiving (classic rule 11)."""
    hub = a_hub()
    bob, alice = log_in(hub, "bob"), log_in(hub, "alice")
    ask(hub, alice, Status(state="invisible"))
    assert contents(alice, ask(hub, bob, Say(content="psst", to="alice"))) == ["psst"]


def test_a_message_to_somebody_away_is_kept_and_its_author_told() -> None:
    """It waits for the recipient's account, and is delivered to nobody now."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    alice = add_account(hub, "Alice")
    effects = decide(hub, bob, Say(content="psst", to="alice"))
    (record,) = records_of(effects)
    assert isinstance(record, PrivateMessageAdded)
    assert record.waiting_for == alice.id
    assert commit(hub, effects) == [Deliver(kept_for("Alice"), (bob,))]


def test_a_recipient_who_comes_between_decision_and_commit_is_handed_the_message() -> None:
    """Decided while they were away, it is handed over to their sessions at once, and the author is not told to wait."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    account = add_account(hub, "alice")
    effects = decide(hub, bob, Say(content="psst", to="alice"))
    alice = log_in(hub, "alice")
    assert ask(hub, alice, HandOver()) == [HandOverMissed(account.id)]
    assert commit(hub, effects) == [Later(alice, 0.0, HandOver())]
    assert decide(hub, alice, HandOver()) == [HandOverMissed(account.id)]
    assert decide(hub, alice, HandOver()) == []


def test_a_recipient_who_leaves_between_decision_and_commit_finds_the_message_later() -> None:
    """It is kept for their account then, in a commit of its own, and the author is told."""
    hub = a_hub()
    bob, alice = log_in(hub, "bob"), log_in(hub, "alice")
    (said_,) = decide(hub, bob, Say(content="psst", to="alice"))
    assert isinstance(said_, Commit)
    ask(hub, alice, Disconnect())
    kept, told = hub.apply(said_.records[0])
    assert kept == Commit(None, (MessageKept(message_id=1, waiting_for=2, author_id=1),))
    assert told == Deliver(kept_for("alice"), (bob,))
    assert commit(hub, [kept]) == []


def test_a_guest_who_leaves_between_decision_and_commit_is_reported() -> None:
    """Nobody will come back for the message: its author is told that it came too late."""
    hub = a_hub()
    bob, zoe = log_in(hub, "bob"), come_in(hub, "Zoé")
    effects = decide(hub, bob, Say(content="psst", to="zoé"))
    ask(hub, zoe, Disconnect())
    assert commit(hub, effects) == [Deliver(notice("{name} has left: your message came too late.", "Zoé"), (bob,))]


@pytest.mark.parametrize("away", [True, False])
def test_an_author_who_has_left_is_told_nothing(away: bool) -> None:
    """Where the author is gone when the message is committed, it is kept all the same."""
    hub = a_hub()
    bob, alice = log_in(hub, "bob"), log_in(hub, "alice")
    if away:
        ask(hub, alice, Disconnect())
    effects = decide(hub, bob, Say(content="psst", to="alice"))
    for session in (bob, alice):
        ask(hub, session, Disconnect())
    (record,) = records_of(effects)
    assert isinstance(record, PrivateMessageAdded)
    assert record.waiting_for == (2 if away else None)
    assert record.sent_to == (None if away else 2)
    assert commit(hub, effects) == []


def test_what_was_handed_over_is_forgotten_in_the_store() -> None:
    """When kept messages are written to a session, a commit that holds nothing up says so."""
    hub = a_hub()
    alice = log_in(hub, "alice")
    effects = decide(hub, alice, HandedOver(user_id=1, message_ids=(5, 7)))
    assert untrailed(effects) == [Commit(alice, (KeptHandedOver(user_id=1, message_ids=(5, 7)),), holds=False)]
    assert commit(hub, effects) == []


def test_somebody_invisible_is_answered_for_as_if_they_were_gone() -> None:
    """They get the message, and its author is told what would be told if they were not here."""
    hub = a_hub()
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob")
    ask(hub, alice, Status(state="invisible"))
    heard = ask(hub, bob, Say(subtype="private", to="alice", content="psst"))
    assert [type(event) for event in heard_by(alice, heard)] == [Said]
    assert heard_by(bob, heard)[-1:] == [kept_for("alice")]
    own = ask(hub, alice, Say(subtype="private", to="alice", content="me"))
    assert [type(event) for event in heard_by(alice, own)] == [Said]


def test_whose_sessions_show_nothing_is_away() -> None:
    """Nobody reads it there: it is kept, and its author told; one session that shows it is enough."""
    hub = a_hub()
    bob, alice = log_in(hub, "bob"), add_account(hub, "alice", "admin")
    by = Operator(name="alice", role=Role.ADMIN, by="password", account_id=alice.id, login=99)
    silent, shown = connect(hub), connect(hub)
    silent.shows_events = False
    ask(hub, silent, Operate(operator=by))
    assert ask(hub, bob, Say(content="psst", to="alice")) == [Deliver(kept_for("alice"), (bob,))]
    assert hub.state.kept == {alice.id: {1: 1}}
    ask(hub, shown, Operate(operator=by))
    follow = ask(hub, bob, Say(content="again", to="alice"))
    assert [contents(session, follow) for session in (silent, shown)] == [[], ["again"]]


def test_a_client_that_does_not_listen_is_away() -> None:
    """A pipe says so in its hello: what waits is not handed to it, what comes is kept; another session gets it all."""
    hub = a_hub()
    bob, alice = log_in(hub, "bob"), add_account(hub, "alice", "member")
    verified = checked(hub, Login(username="alice", password="azerty"), "alice")
    ask(hub, bob, Say(content="early", to="alice"))
    pipe = connect(hub)
    pipe.shows_events = False
    assert not [each for each in ask(hub, pipe, verified) if isinstance(each, Later)]
    assert not pipe.kept_due
    assert ask(hub, bob, Say(content="late", to="alice")) == [Deliver(kept_for("alice"), (bob,))]
    assert hub.state.kept == {alice.id: {1: 2}}
    shown = connect(hub)
    assert [each.session for each in ask(hub, shown, verified) if isinstance(each, Later)] == [shown]
    follow = ask(hub, bob, Say(content="now", to="alice"))
    assert [contents(session, follow) for session in (pipe, shown)] == [[], ["now"]]


def test_hello_says_whether_somebody_reads() -> None:
    """Without a word about it, somebody does."""
    hub = a_hub()
    for request, listens in ((Hello(), True), (Hello(listens=False), False)):
        assert [each.listens for each in decide(hub, connect(hub), request) if isinstance(each, Speak)] == [listens]


# -- receipts ----------------------------------------------------------------------------------------------------------


def lost(hub: Hub, recipient: Session, *messages: Awaited) -> list[Effect]:
    """End a session, and say that these messages had not arrived there; return who hears what."""
    ask(hub, recipient, Disconnect())
    return ask(hub, recipient, Undelivered(messages=messages), NOON + 120)


def test_what_has_not_arrived_is_kept_and_its_author_told() -> None:
    """When the recipient's last connection ends; several messages are one notice, and all count as kept."""
    hub = a_hub()
    bob, alice = log_in(hub, "bob"), log_in(hub, "alice")
    sent = [on_its_way(number, to=2, author=bob) for number in (1, 2, 3)]
    assert decide(hub, alice, Undelivered(messages=tuple(sent)))[0] == Commit(
        None, (MessageKept(message_id=1, waiting_for=2, at=NOON_MS, author_id=1),)
    )
    late = msgspec.structs.replace(kept_for("alice"), timestamp=rfc3339(NOON_MS + 120_000))
    assert lost(hub, alice, *sent) == [Deliver(late, (bob,))]
    assert hub.state.kept == {2: {1: 3}}


def test_what_has_not_arrived_in_one_session_is_handed_to_another() -> None:
    """The recipient is here, so nobody is told that they are not."""
    hub = a_hub()
    bob, alice, phone = log_in(hub, "bob"), log_in(hub, "alice"), log_in(hub, "alice")
    phone.kept_due = False
    assert lost(hub, alice, on_its_way(1, to=2, author=bob)) == [Later(phone, 0.0, HandOver())]
    assert phone.kept_due


def test_who_was_told_already_is_not_told_again() -> None:
    """A hidden recipient's author was told at once; a second notice would say that they had been here."""
    hub = a_hub()
    bob, alice = log_in(hub, "bob"), log_in(hub, "alice")
    ask(hub, alice, Status(state="invisible"))
    (_, _, receipt) = ask(hub, bob, Say(content="psst", to="alice"))
    assert receipt == AwaitReceipt(
        msgspec.structs.replace(on_its_way(1, to=2, author=bob), author_session=None), (alice,)
    )
    assert lost(hub, alice, on_its_way(1, to=2, author=None)) == []


def test_an_author_of_then_is_not_told_under_another_name() -> None:
    """A connection that has logged in as somebody else is not the session that wrote it."""
    hub = a_hub()
    add_account(hub, "carol")
    bob, alice = log_in(hub, "bob"), log_in(hub, "alice")
    sent = on_its_way(1, to=3, author=bob)
    ask(hub, bob, verified(hub, "carol"))
    assert lost(hub, alice, sent) == []
    assert hub.state.kept == {3: {2: 1}}


def test_a_message_to_a_deleted_account_is_kept_for_nobody() -> None:
    """The account was deleted while its last message was on its way."""
    hub = a_hub()
    bob, alice = log_in(hub, "bob"), log_in(hub, "alice")
    sent = on_its_way(1, to=2, author=bob)
    ask(hub, alice, Disconnect())
    hub.apply(UserRemoved(user_id=2))
    assert ask(hub, alice, Undelivered(messages=(sent,))) == []
    assert hub.state.kept == {}


def test_an_administrator_with_a_key_needs_no_receipt() -> None:
    """Nothing can wait for who has no account; an account of the same name is somebody else."""
    hub = a_hub()
    bob, boss = log_in(hub, "bob"), connect(hub)
    ask(hub, boss, Operate(operator=Operator(name="boss", role=Role.OWNER, by="key")))
    assert ask(hub, bob, Say(content="psst", to="boss")) == [Deliver(privately(1, "bob", "boss"), (boss,))]
