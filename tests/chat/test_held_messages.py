"""Held messages: what waits and for what, who lets it through, what its author hears, whatever happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from classcord.chat import registry
from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.channels.channel import Channel
from classcord.chat.channels.vocabulary import (
    ChannelArchived,
    ChannelClosed,
    ChannelRemoved,
    MemberAdded,
    MemberRemoved,
    NotInChannel,
)
from classcord.chat.connections.vocabulary import Disconnect
from classcord.chat.effects import Commit, Effect, Find, Reply, TellSecurity
from classcord.chat.errors import ChatError, NotAllowed
from classcord.chat.events import Done, Notice
from classcord.chat.files.vocabulary import FileAttached, StoredFile
from classcord.chat.held_messages.acceptance import MOST_AT_ONCE, accepted, due
from classcord.chat.held_messages.holding import answer_of, check_need_not_wait
from classcord.chat.held_messages.room import FOR_PEOPLE, GUESTS_SHARE
from classcord.chat.held_messages.telling_authors import told_in_words
from classcord.chat.held_messages.vocabulary import (
    AnsweredIfThere,
    Approve,
    AuthorMayNotWrite,
    ComesByItself,
    EditWaits,
    Held,
    HeldAccepted,
    HeldBack,
    HeldDecided,
    HeldFile,
    HeldForgotten,
    HeldGone,
    HeldListed,
    HeldOn,
    HeldRefused,
    MayBeResent,
    MessageHeld,
    NothingHeld,
    RefuseHeld,
    TooMuchHeld,
    TooMuchHeldInAll,
    Waiting,
    Waits,
)
from classcord.chat.hub import Hub
from classcord.chat.messages.vocabulary import (
    Acknowledged,
    HandOver,
    MessageAdded,
    PrivateMessageAdded,
    RepliedTo,
    Said,
    Say,
    SayPrivately,
)
from classcord.chat.people import Person, Session
from classcord.chat.records import Record
from classcord.chat.resends.rules import digest
from classcord.chat.resends.vocabulary import ClientIdKept, Named, OtherMessage
from classcord.chat.roles import Role
from classcord.chat.sanctions.vocabulary import Mute
from classcord.chat.world import World
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    NOON_WRITTEN,
    a_hub,
    add_account,
    answered,
    ask,
    changes_of,
    channel,
    come_in,
    commit,
    contents,
    decide,
    heard_by,
    log_in,
    moderator,
    operates,
    person_of,
    records_of,
    refused,
    the_commit,
    trail_of,
)

MORNING = NOON + 8 * 3600
MORNING_MS = int(MORNING * 1000)


@pytest.fixture
def hub() -> Hub:
    """With #dev, where messages are approved, and bob and ann in it."""
    hub = a_hub()
    channel(hub, "#dev").hold = True
    for name in ("bob", "ann"):
        account = add_account(hub, name)
        hub.restore([MemberAdded(channel_id=2, user_id=account.id, since=NOON_MS)])
    return hub


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the morning every message waits, but in #admin."""

    def rule(world: World, author: Person, place: Channel | Person, content: str, now: float) -> Waits | None:
        if now >= MORNING or (isinstance(place, Channel) and place.name == "#admin"):
            return None
        return Waits(why="quiet_hours", until=MORNING_MS)

    monkeypatch.setattr(registry, "holds", [*registry.holds, rule])


def hold(hub: Hub, session: Session, content: str = "hello", **fields: object) -> int:
    """Have a message held in #dev; return its number."""
    ask(hub, session, Say(content=content, channel="#dev", **fields))  # type: ignore[arg-type]
    return hub.state.held_ids.last


def let_go(hub: Hub, now: float) -> list[Effect]:
    """Let go whose time has come, as the service does."""
    return [each for records in list(due(hub, now)) for each in commit(hub, [Commit(None, records)], now)]


def decided(session: Session, effects: list[Effect]) -> list[tuple[str, str]]:
    """Return what a session hears of its own held messages."""
    return [(e.outcome, e.reason) for e in heard_by(session, effects) if isinstance(e, HeldDecided)]


def listed(hub: Hub, session: Session, channel: str | None = None) -> list[str]:
    answer = answered(hub, session, Held(channel=channel))
    assert isinstance(answer, HeldListed)
    return [row.content for row in answer.messages]


# -- what waits -------------------------------------------------------------------------------------------------------


def test_a_message_waits_where_messages_are_approved(hub: Hub) -> None:
    """Its author is told so, whoever approves hears it, the others hear nothing."""
    bob, ann, mod = log_in(hub, "bob"), log_in(hub, "ann"), moderator(hub)
    effects = decide(hub, bob, Say(content="hello", channel="#dev"))
    held = MessageHeld(
        held_id=1,
        at=NOON_MS,
        channel_id=2,
        author="bob",
        author_id=1,
        owner="1",
        content="hello",
        why="hold",
        said_in=bob.number,
    )
    assert changes_of(effects) == [held]
    answer = the_commit(effects).answer
    assert isinstance(answer, Waiting)
    assert (answer.status, answer.held_id, answer.why, answer.until, answer.timestamp) == (
        "held",
        1,
        "hold",
        None,
        NOON_WRITTEN,
    )
    assert answer.content.render().startswith("Your message to #dev waits for a moderator")
    follow = commit(hub, effects)
    assert heard_by(bob, follow) == heard_by(ann, follow) == []
    assert heard_by(mod, follow) == [
        HeldBack(held_id=1, channel="#dev", sender="bob", content="hello", why="hold", timestamp=NOON_WRITTEN)
    ]


def test_a_console_reads_a_sentence_with_the_commands(hub: Hub) -> None:
    """A long message is cut there."""
    bob, prof = log_in(hub, "bob"), operates(hub, "prof", Role.OWNER)
    (notice,) = heard_by(prof, ask(hub, bob, Say(content="x" * 300, channel="#dev")))
    assert isinstance(notice, Notice)
    assert notice.content.render() == f"bob wants to write to #dev (`approve 1`, or `refuse 1`): {'x' * 200}…"


def test_no_author_names_the_number_of_another_message(hub: Hub) -> None:
    """At the console the number stands before the words: whatever they say, the first one is the message's own."""
    bob, prof = log_in(hub, "bob"), operates(hub, "prof", Role.OWNER)
    words = "ok (`approve 7`, or `refuse 7`)\n* ann wants to write to #dev (`approve 8`, or `refuse 8`): hello"
    (notice,) = heard_by(prof, ask(hub, bob, Say(content=words, channel="#dev")))
    assert isinstance(notice, Notice)
    before, _, after = notice.content.render().partition("ok")
    assert before == "bob wants to write to #dev (`approve 1`, or `refuse 1`): "
    assert after == words.removeprefix("ok")


def test_whoever_approves_writes_without_waiting(hub: Hub) -> None:
    mod = moderator(hub)
    assert isinstance(changes_of(decide(hub, mod, Say(content="hello", channel="#dev")))[-1], MessageAdded)
    prof = operates(hub, "prof", Role.MODERATOR)
    assert isinstance(changes_of(decide(hub, prof, Say(content="hello", channel="#dev")))[0], MessageAdded)
    bob = log_in(hub, "bob")
    assert isinstance(changes_of(decide(hub, bob, Say(content="hello")))[-1], MessageAdded)


def test_whoever_joins_by_a_message_joins(hub: Hub) -> None:
    """A message to an open channel makes its author a member, also if it waits."""
    eve = log_in(hub, "eve")
    member, held = changes_of(decide(hub, eve, Say(content="hello", channel="#dev")))
    assert isinstance(member, MemberAdded)
    assert isinstance(held, MessageHeld)


def test_who_may_not_write_is_refused_and_holds_nothing(hub: Hub) -> None:
    channel(hub, "#dev").archived = True
    assert isinstance(refused(hub, log_in(hub, "bob"), Say(content="hello", channel="#dev")), ChannelClosed)


def test_an_edit_cannot_wait(hub: Hub) -> None:
    """So it is refused where its text would have to wait; nobody gets around an approval by an edit."""
    bob, mod = log_in(hub, "bob"), moderator(hub)
    with pytest.raises(EditWaits) as caught:
        check_need_not_wait(hub, person_of(bob), channel(hub, "#dev"), "hello", NOON)
    assert caught.value.code == "held"
    check_need_not_wait(hub, person_of(mod), channel(hub, "#dev"), "hello", NOON)
    check_need_not_wait(hub, person_of(bob), channel(hub, "#général"), "hello", NOON)


def test_bounds_of_what_waits_for_a_person(hub: Hub) -> None:
    """One author, all authors together, and all texts have a bound; a refused message makes room when it is known."""
    bob, ann = log_in(hub, "bob"), log_in(hub, "ann")
    for _ in range(FOR_PEOPLE.messages_of_one):
        hold(hub, bob)
    assert isinstance(refused(hub, bob, Say(content="hello", channel="#dev")), TooMuchHeld)
    ask(hub, bob, RefuseHeld(held_id=1))
    hold(hub, ann)
    some = msgspec.structs.replace(next(hub.state.held.waiting()), content="x" * 10_000)
    for number in range(1000):
        hub.state.held.add(msgspec.structs.replace(some, held_id=1000 + number, owner=f"{number}"))
    assert isinstance(refused(hub, ann, Say(content="hello", channel="#dev")), TooMuchHeldInAll)
    for number in range(1000):
        hub.state.held.forget(1000 + number)
    for number in range(len(hub.state.held), FOR_PEOPLE.messages):
        hub.state.held.add(msgspec.structs.replace(some, held_id=1000 + number, owner="9", content=""))
    assert isinstance(refused(hub, ann, Say(content="hello", channel="#dev")), TooMuchHeldInAll)


def test_no_author_takes_the_room_of_all() -> None:
    """Long texts of one author have a bound of their own, and so have all guests: one person can be many."""
    hub = a_hub()
    channel(hub, "#dev").hold = True
    bob, ann, zoe = log_in(hub, "bob"), log_in(hub, "ann"), come_in(hub, "zoé")
    for _ in range(FOR_PEOPLE.characters_of_one // 9_000):
        hold(hub, bob, "x" * 9_000)
    error = refused(hub, bob, Say(content="x" * 9_000, channel="#dev"))
    assert isinstance(error, TooMuchHeld)
    assert "11 messages of yours" in str(error)
    ask(hub, bob, RefuseHeld(held_id=1))
    hold(hub, bob, "x" * 9_000)
    hold(hub, zoe)
    some = hub.state.held.get(hub.state.held_ids.last)
    assert some is not None
    for number in range(1, FOR_PEOPLE.messages // GUESTS_SHARE):
        hub.state.held.add(msgspec.structs.replace(some, held_id=1000 + number, owner=f"~other{number}"))
    assert isinstance(refused(hub, zoe, Say(content="hello", channel="#dev")), TooMuchHeldInAll)
    hold(hub, ann)
    hub.state.held.forget(1001)
    hold(hub, zoe)


# -- who sees and decides ---------------------------------------------------------------------------------------------


def test_the_list(hub: Hub) -> None:
    """One sees one's own; who approves there sees all of a channel."""
    bob, ann, mod = log_in(hub, "bob"), log_in(hub, "ann"), moderator(hub)
    hold(hub, bob, "by bob")
    hold(hub, ann, "by ann")
    assert listed(hub, bob) == ["by bob"]
    assert listed(hub, mod) == listed(hub, mod, "#dev") == ["by bob", "by ann"]
    assert listed(hub, mod, "#général") == []
    for number in range(40):
        hold(hub, log_in(hub, f"pupil{number}"), "x" * 9_000 + "é")
    assert 2 < len(listed(hub, mod)) < 42  # one answer has room for so much


def test_approval(hub: Hub) -> None:
    """It is an ordinary message then, with a new id, said by its author at the time of the approval."""
    bob, phone, ann, mod = log_in(hub, "bob"), log_in(hub, "bob"), log_in(hub, "ann"), moderator(hub)
    number = hold(hub, bob, "hello @ann")
    ask(hub, ann, Say(content="between"))
    effects = decide(hub, mod, Approve(held_id=number), MORNING)
    assert the_commit(effects).answer == Done()
    assert effects[1:] == [TellSecurity("approve", "bob", "#dev")]
    accepted_, message, mention = records_of(effects)
    assert accepted_ == HeldAccepted(held_id=1, message_id=2, at=MORNING_MS, session_id=mod.number, actor="mod")
    assert isinstance(message, MessageAdded)
    assert (message.message_id, message.at, message.author, message.author_id) == (2, MORNING_MS, "bob", 1)
    assert (message.session_id, message.actor, message.mentions) == (bob.number, "bob", (2,))
    assert (mention.session_id, mention.actor) == (bob.number, "bob")
    follow = commit(hub, effects, MORNING)
    assert [type(e) for e in heard_by(bob, follow)] == [HeldDecided]  # as an `ack` says the number, and echoes nothing
    (event, *_) = heard_by(bob, follow)
    assert isinstance(event, HeldDecided)
    assert (event.outcome, event.message_id, event.channel, event.why) == ("delivered", 2, "#dev", "hold")
    assert [type(e) for e in heard_by(phone, follow)] == [HeldDecided, Said]
    assert contents(ann, follow) == ["hello @ann"]
    assert heard_by(mod, follow) == [HeldGone(held_id=1, channel="#dev")]
    assert not hub.state.held
    assert isinstance(refused(hub, mod, Approve(held_id=number)), NothingHeld)


def test_the_audit_trail_has_no_words(hub: Hub) -> None:
    """It keeps who has approved or refused whose message, and why; not what the server does by itself."""
    bob, mod = log_in(hub, "bob"), moderator(hub)
    hold(hub, bob, "a secret")
    hold(hub, bob, "another secret")
    trail = trail_of(decide(hub, mod, Approve(held_id=1))) + trail_of(
        decide(hub, mod, RefuseHeld(held_id=2, reason="no"))
    )
    assert [(e.action, e.object_type, e.object_id, e.after) for e in trail] == [
        ("message-approved", "held-message", "1", '{"author":"bob","channel":"#dev"}'),
        ("message-refused", "held-message", "2", '{"author":"bob","channel":"#dev","reason":"no"}'),
    ]
    assert trail_of(decide(hub, bob, Say(content="a secret", channel="#dev"))) == []
    assert trail_of(decide(hub, bob, RefuseHeld(held_id=1))) == []


def test_nobody_else_decides(hub: Hub) -> None:
    """To whoever may not approve, a held message does not exist."""
    bob, ann = log_in(hub, "bob"), log_in(hub, "ann")
    number = hold(hub, bob)
    assert isinstance(refused(hub, ann, Approve(held_id=number)), NotAllowed)
    assert isinstance(refused(hub, bob, Approve(held_id=number)), NotAllowed)
    assert isinstance(refused(hub, ann, RefuseHeld(held_id=number)), NothingHeld)
    mod = moderator(hub)
    hub.state.held.add(msgspec.structs.replace(next(hub.state.held.waiting()), held_id=7, channel_id=99))
    assert isinstance(refused(hub, mod, Approve(held_id=7)), NothingHeld)
    assert listed(hub, mod) == ["hello"]


def test_the_author_takes_it_back(hub: Hub) -> None:
    """Whoever might have approved it hears that it is gone; nothing else happens."""
    bob, mod = log_in(hub, "bob"), moderator(hub)
    number = hold(hub, bob)
    effects = decide(hub, bob, RefuseHeld(held_id=number))
    assert changes_of(effects) == [HeldForgotten(held_id=1, at=NOON_MS)]
    follow = commit(hub, effects)
    assert heard_by(bob, follow) == []
    assert heard_by(mod, follow) == [HeldGone(held_id=1, channel="#dev")]
    assert not hub.state.held


def test_refusal(hub: Hub) -> None:
    """Its author hears why at once, in all sessions, and the message is forgotten."""
    bob, phone, mod = log_in(hub, "bob"), log_in(hub, "bob"), moderator(hub)
    number = hold(hub, bob)
    effects = decide(hub, mod, RefuseHeld(held_id=number, reason="off\ntopic"))
    assert changes_of(effects) == [
        HeldRefused(held_id=1, state="refused", reason="off topic", decided_by="mod", at=NOON_MS)
    ]
    follow = commit(hub, effects)
    assert decided(bob, follow) == decided(phone, follow) == [("refused", "off topic")]
    assert not hub.state.held
    assert isinstance(refused(hub, mod, RefuseHeld(held_id=number)), NothingHeld)


def test_an_absent_author_hears_at_the_next_login(hub: Hub) -> None:
    """Once, and the message stays until then; it is in no list any more."""
    bob, mod = log_in(hub, "bob"), moderator(hub)
    number = hold(hub, bob)
    ask(hub, bob, Disconnect())
    ask(hub, mod, RefuseHeld(held_id=number, reason="off topic"))
    assert len(hub.state.held) == 1
    assert listed(hub, mod) == []
    assert list(due(hub, MORNING)) == []
    bob = log_in(hub, "bob")
    effects = ask(hub, bob, HandOver())
    assert decided(bob, effects) == [("refused", "off topic")]
    assert not hub.state.held
    assert decided(bob, ask(hub, bob, HandOver())) == []


def test_who_approves_hears_at_login_how_many_wait(hub: Hub) -> None:
    """But not of those that wait for a time."""
    bob = log_in(hub, "bob")
    hold(hub, bob)
    hub.state.held.add(msgspec.structs.replace(next(hub.state.held.waiting()), held_id=7, why="quiet_hours"))
    mod = moderator(hub)
    told = [e.content.render() for e in heard_by(mod, ask(hub, mod, HandOver())) if isinstance(e, Notice)]
    assert told == ["Messages that wait to be approved: 1. Approve them on the web page or at the console."]
    prof = operates(hub, "prof", Role.OWNER)
    assert heard_by(prof, ask(hub, prof, HandOver())) == []  # a console greets with that
    ann = log_in(hub, "ann")
    assert heard_by(ann, ask(hub, ann, HandOver())) == []


# -- who may write no more --------------------------------------------------------------------------------------------


def test_the_right_is_asked_again(hub: Hub) -> None:
    """An author who may not write there any more is not heard: who approves is told, and the author too."""
    mod = moderator(hub)
    changes: list[Callable[[], object]] = [
        lambda: ask(hub, mod, Mute(user="bob", duration=60)),
        lambda: hub.restore([MemberRemoved(channel_id=2, user_id=1)]),
        lambda: hub.restore([ChannelArchived(channel_id=2, archived=True, at=NOON_MS)]),
    ]
    for number, change in enumerate(changes):
        hub.state.sanctions.lift(1)
        hub.restore([ChannelArchived(channel_id=2, archived=False, at=NOON_MS)])
        hub.restore([MemberAdded(channel_id=2, user_id=1, since=NOON_MS)])
        bob = log_in(hub, "bob")
        held = hold(hub, bob, f"{number}")
        change()
        effects = decide(hub, mod, Approve(held_id=held))
        assert isinstance(the_commit(effects).answer, AuthorMayNotWrite)
        follow = commit(hub, effects)
        assert decided(bob, follow) == [("undeliverable", "")]
        assert not hub.state.held


def test_an_account_that_is_gone_has_no_messages(hub: Hub) -> None:
    bob, mod = log_in(hub, "bob"), moderator(hub)
    number = hold(hub, bob)
    ask(hub, bob, Disconnect())
    hub.restore([UserRemoved(user_id=1)])
    assert isinstance(refused(hub, mod, Approve(held_id=number)), NothingHeld)


def test_a_confined_author(hub: Hub) -> None:
    """Whoever has a one-time password by now must change it before writing."""
    bob = log_in(hub, "bob")
    hold(hub, bob)
    hub.state.accounts_by_id[1].must_change = True
    with pytest.raises(NotAllowed):
        accepted(hub, next(hub.state.held.waiting()), NOON)


def test_a_deleted_channel_leaves_nothing_waiting(hub: Hub) -> None:
    """The authors are told, who are absent at their next login."""
    bob = log_in(hub, "bob")
    hold(hub, bob)
    hub.restore([ChannelRemoved(channel_id=2, by="prof", at=NOON_MS)])
    effects = let_go(hub, NOON)
    (event,) = heard_by(bob, effects)
    assert isinstance(event, HeldDecided)
    assert (event.outcome, event.channel, event.content) == ("undeliverable", "#dev", "hello")
    assert not hub.state.held


def test_a_channel_deleted_in_the_night(hub: Hub, night: None) -> None:
    bob = log_in(hub, "bob")
    channel(hub, "#dev").hold = False
    hub.holding.add("quiet_hours")
    hold(hub, bob)
    hub.restore([ChannelRemoved(channel_id=2, by="prof", at=NOON_MS)])
    assert decided(bob, let_go(hub, NOON)) == [("undeliverable", "")]


def test_what_nobody_answers_expires(hub: Hub) -> None:
    bob = log_in(hub, "bob")
    hold(hub, bob)
    days = hub.policy.request_days
    assert let_go(hub, NOON + days * 86_400 - 1) == []
    assert decided(bob, let_go(hub, NOON + days * 86_400)) == [("expired", "")]


# -- guests -----------------------------------------------------------------------------------------------------------


def test_a_guest(hub: Hub) -> None:
    """A guest's message is delivered as long as that guest is here, and forgotten then: the name may be another's."""
    zoe, mod = come_in(hub, "zoé"), moderator(hub)
    hold(hub, zoe, "one")
    hold(hub, zoe, "two")
    follow = ask(hub, mod, Approve(held_id=1))
    assert decided(zoe, follow) == [("delivered", "")]
    ask(hub, zoe, Disconnect())
    other = come_in(hub, "zoé")
    assert listed(hub, other) == []
    effects = decide(hub, mod, Approve(held_id=2))
    assert isinstance(the_commit(effects).answer, AuthorMayNotWrite)
    hold(hub, other, "three")
    ask(hub, other, Disconnect())
    assert heard_by(mod, let_go(hub, NOON)) == [
        HeldGone(held_id=2, channel="#dev"),
        HeldGone(held_id=3, channel="#dev"),
    ]
    assert not hub.state.held


# -- for a time -------------------------------------------------------------------------------------------------------


def test_a_message_waits_until_the_morning(hub: Hub, night: None) -> None:
    """Nobody has to approve it, and it is delivered by itself, to those who are here then."""
    hub.holding.add("quiet_hours")
    channel(hub, "#dev").hold = False
    bob, ann, mod = log_in(hub, "bob"), log_in(hub, "ann"), moderator(hub)
    effects = decide(hub, bob, Say(content="hello", channel="#dev"))
    answer = the_commit(effects).answer
    assert isinstance(answer, Waiting)
    assert (answer.why, answer.until) == ("quiet_hours", "2026-11-20T20:00:00.000Z")
    assert answer.content.render() == "Your message to #dev is kept, and delivered in 8 h."
    follow = commit(hub, effects)
    assert heard_by(mod, follow) == []
    assert let_go(hub, MORNING - 1) == []
    effects = let_go(hub, MORNING)
    assert contents(ann, effects) == ["hello"]
    assert decided(bob, effects) == [("delivered", "")]
    assert let_go(hub, MORNING) == []


def test_nobody_has_to_hurry_it(hub: Hub, night: None) -> None:
    """Who approves messages sees it, but it comes by itself; an hour later it may be refused all the same."""
    hub.holding.add("quiet_hours")
    channel(hub, "#dev").hold = False
    bob, mod = log_in(hub, "bob"), moderator(hub)
    number = hold(hub, bob)
    assert listed(hub, mod) == ["hello"]
    error = refused(hub, mod, Approve(held_id=number))
    assert isinstance(error, ComesByItself)
    assert error.until == "2026-11-20T20:00:00.000Z"
    assert decided(bob, ask(hub, mod, RefuseHeld(held_id=number))) == [("refused", "")]


def test_when_nothing_holds_messages_any_more_all_go(hub: Hub, night: None) -> None:
    """What waits for a time goes when its reason is switched off."""
    hub.holding.add("quiet_hours")
    channel(hub, "#dev").hold = False
    bob = log_in(hub, "bob")
    for _ in range(2):
        hold(hub, bob)
    hub.holding.clear()
    assert decided(bob, let_go(hub, NOON)) == [("delivered", ""), ("delivered", "")]


def test_many_go_in_portions(hub: Hub) -> None:
    """So many at one look, that nobody else has to wait for them."""
    for number in range(MOST_AT_ONCE + 1):
        fields = {"author_id": 1 + number % 2, "owner": str(1 + number % 2), "author": "bob"}
        held = {"held_id": number + 1, "at": NOON_MS, "channel_id": 2, "content": "hello", "said_in": 1, **fields}
        hub.restore([MessageHeld(**held, why="quiet_hours", until=MORNING_MS)])  # type: ignore[arg-type]
    let_go(hub, MORNING)
    assert len(hub.state.held) == 1
    let_go(hub, MORNING)
    assert not hub.state.held


def test_an_approved_message_may_have_to_wait_on(hub: Hub, night: None) -> None:
    """What a moderator approves at night comes in the morning; author and moderators hear so."""
    hub.holding.add("quiet_hours")
    bob, mod = log_in(hub, "bob"), moderator(hub)
    number = hold(hub, bob)
    effects = decide(hub, mod, Approve(held_id=number))
    assert changes_of(effects) == [HeldOn(held_id=1, why="quiet_hours", until=MORNING_MS, at=NOON_MS)]
    follow = commit(hub, effects)
    assert heard_by(mod, follow) == [HeldGone(held_id=1, channel="#dev")]
    (event,) = heard_by(bob, follow)
    assert isinstance(event, HeldDecided)
    assert (event.outcome, event.until) == ("waits", "2026-11-20T20:00:00.000Z")
    assert decided(bob, let_go(hub, MORNING)) == [("delivered", "")]


def test_the_morning_may_come_later(hub: Hub, night: None) -> None:
    """If the reason holds on when its time has come, the message waits on, and nobody is told twice."""
    hub.holding.add("quiet_hours")
    channel(hub, "#dev").hold = False
    bob = log_in(hub, "bob")
    hold(hub, bob)
    held = hub.state.held.get(1)
    assert held is not None
    hub.state.held.waits_on(HeldOn(held_id=1, why="quiet_hours", until=NOON_MS, at=NOON_MS))
    assert let_go(hub, NOON) == []
    assert next(hub.state.held.waiting()).until == MORNING_MS


# -- private messages -------------------------------------------------------------------------------------------------


@pytest.fixture
def whispered(hub: Hub, night: None) -> int:
    """Return the number of a private message of bob to ann, which waits for the morning."""
    hub.holding.add("quiet_hours")
    bob = log_in(hub, "bob")
    ask(hub, bob, SayPrivately(to="ann", content="psst"))
    return hub.state.held_ids.last


def test_a_private_message_waits_too(hub: Hub, whispered: int) -> None:
    """Nobody but its author sees it meanwhile, and nobody may approve it."""
    ann, mod = log_in(hub, "ann"), moderator(hub)
    assert listed(hub, log_in(hub, "bob")) == ["psst"]
    assert listed(hub, mod) == listed(hub, ann) == []
    assert isinstance(refused(hub, mod, Approve(held_id=whispered)), NothingHeld)
    effects = let_go(hub, MORNING)
    assert contents(ann, effects) == ["psst"]


def test_a_private_message_to_somebody_absent(hub: Hub, whispered: int) -> None:
    """It is kept then, as any private message."""
    (records,) = due(hub, MORNING)
    _, message = records
    assert isinstance(message, PrivateMessageAdded)
    assert (message.recipient, message.waiting_for, message.sent_to) == ("ann", 2, None)
    hub.abandon(records)
    hub.state.kept[2] = {1: 200}
    ((dropped,),) = due(hub, MORNING)
    assert isinstance(dropped, HeldRefused)


def test_whoever_is_blocked_by_then_is_not_heard(hub: Hub, whispered: int) -> None:
    hub.state.blocks[2] = {1}
    ((dropped,),) = due(hub, MORNING)
    assert isinstance(dropped, HeldRefused)


def test_a_recipient_of_the_same_name_is_another_person(hub: Hub, whispered: int) -> None:
    hub.restore([UserRemoved(user_id=2)])
    come_in(hub, "ann")
    ((dropped,),) = due(hub, MORNING)
    assert isinstance(dropped, HeldRefused)


def test_an_edit_of_a_private_message_in_the_night(hub: Hub, whispered: int) -> None:
    with pytest.raises(EditWaits):
        check_need_not_wait(hub, person_of(log_in(hub, "bob")), person_of(log_in(hub, "ann")), "hello", NOON)


# -- what a message brings with it ------------------------------------------------------------------------------------


def test_a_resend_is_held_once(hub: Hub) -> None:
    """The store is asked first whether it has the message; then the same client id gets the same answer."""
    bob, mod = log_in(hub, "bob"), moderator(hub)
    request = Say(content="hello", channel="#dev", client_id=7)
    assert decide(hub, bob, request) == [Find(request, Named(owner="1", client_id="7"), MayBeResent)]
    first = decide(hub, bob, MayBeResent(asked=request, found=None))
    commit(hub, first)
    answer = the_commit(first).answer
    assert isinstance(answer, Waiting)
    assert decide(hub, log_in(hub, "bob"), request) == [Reply(request, answer)]
    assert decide(hub, bob, MayBeResent(asked=request, found=None)) == [Reply(request, answer)]
    other = msgspec.structs.replace(request, content="other words")
    assert isinstance(refused(hub, bob, other), OtherMessage)
    effects = decide(hub, mod, Approve(held_id=1))
    named = records_of(effects)[-1]
    assert named == ClientIdKept(
        owner="1",
        client_id="7",
        message_id=1,
        at=NOON_MS,
        said=digest(2, "hello"),
        session_id=bob.number,
        actor="bob",
    )


def test_what_is_stored_already_is_not_held(hub: Hub) -> None:
    """A message from before the channel held any is acknowledged again; another under its client id is refused."""
    bob = log_in(hub, "bob")
    request = Say(content="hello", channel="#dev", client_id=7)
    stored = ClientIdKept(owner="1", client_id="7", message_id=5, at=NOON_MS, said=digest(2, "hello"))
    again = Acknowledged(message_id=5, timestamp=NOON_WRITTEN)
    assert decide(hub, bob, MayBeResent(asked=request, found=stored)) == [Reply(request, again)]
    other = msgspec.structs.replace(request, content="other words")
    with pytest.raises(OtherMessage):
        decide(hub, bob, MayBeResent(asked=other, found=stored))


def test_a_classic_client_has_no_client_ids(hub: Hub) -> None:
    """It hears in words that its message waits, and what becomes of it."""
    bob = log_in(hub, "bob", modern=False)
    effects = decide(hub, bob, Say(content="hello", channel="#dev", client_id=7))
    assert isinstance(the_commit(effects).answer, Waiting)
    assert changes_of(effects)[0].client_id is None  # type: ignore[attr-defined]


def test_a_reply_is_checked_before_it_waits(hub: Hub) -> None:
    """When it is delivered, the message that it answers may be gone: then it is an ordinary message."""
    bob, mod = log_in(hub, "bob"), moderator(hub)
    request = Say(content="yes", channel="#dev", reply_to=3, client_id="a")
    answered_one = MessageAdded(message_id=3, at=NOON_MS, channel_id=2, author="ann", author_id=2, content="?")
    (find,) = decide(hub, bob, request)
    assert isinstance(find, Find)
    assert find.result is RepliedTo
    (find,) = decide(hub, bob, RepliedTo(asked=request, found=answered_one))
    assert isinstance(find, Find)
    assert find.result is MayBeResent
    commit(hub, decide(hub, bob, MayBeResent(asked=request, found=None)))
    records = records_of(decide(hub, mod, Approve(held_id=1)))
    assert AnsweredIfThere(message_id=1, reply_to=3, session_id=bob.number, actor="bob") in records
    assert hub.apply(AnsweredIfThere(message_id=1, reply_to=3)) == []


FILE = StoredFile(token="t", name="a.png", type="image/png", size=3, digest="d")


def test_a_file_waits_with_its_message(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who approves sees it; it is the message's own then."""
    bob, mod = log_in(hub, "bob"), moderator(hub)
    monkeypatch.setattr(hub.uploads, "take", lambda *_: FILE)
    effects = decide(hub, bob, Say(content="", channel="#dev", file="t"))
    held, file = changes_of(effects)
    assert isinstance(held, MessageHeld)
    assert file == HeldFile(held_id=1, file=FILE)
    commit(hub, effects)
    answer = answered(hub, mod, Held())
    assert isinstance(answer, HeldListed)
    assert answer.messages[0].file is not None
    assert answer.messages[0].file.name == "a.png"
    kinds: list[type[Record]] = [type(record) for record in records_of(decide(hub, mod, Approve(held_id=1)))]
    assert kinds == [HeldAccepted, MessageAdded, FileAttached]
    hub.uploads.outdated = False
    ask(hub, bob, RefuseHeld(held_id=1))
    assert hub.uploads.outdated
    hub.abandon([file])


def test_a_second_answer_changes_nothing(hub: Hub) -> None:
    """Records of another process may name a message that is gone here."""
    assert hub.apply(HeldAccepted(held_id=9, message_id=1, at=NOON_MS)) == []
    assert hub.apply(HeldForgotten(held_id=9)) == []


@pytest.mark.parametrize(
    ("outcome", "why", "words"),
    [
        ("delivered", "hold", "Your message to #dev is approved, and delivered."),
        ("delivered", "quiet_hours", None),
        ("waits", "quiet_hours", "Your message to #dev is approved; it is delivered later."),
        ("refused", "hold", f"Your message to #dev was refused: “{'a ' * 30}…”. Reason: off topic"),
    ],
)
def test_what_becomes_of_it_in_words(outcome: str, why: str, words: str | None) -> None:
    """For clients that know no such event; a delivery at the time that was told is told by the message itself."""
    event = HeldDecided(
        held_id=1,
        outcome=outcome,
        why=why,
        timestamp=NOON_WRITTEN,
        channel="#dev",
        reason="off topic",
        content="a\n" * 100,
    )
    text = told_in_words(event)
    assert (None if text is None else text.render()) == words


def test_the_answer_names_a_deleted_channel(hub: Hub) -> None:
    bob = log_in(hub, "bob")
    hold(hub, bob)
    hub.restore([ChannelRemoved(channel_id=2, by="prof", at=NOON_MS)])
    assert "#dev" in answer_of(hub, next(hub.state.held.waiting()), NOON).content.render()


def test_errors_of_one_family(hub: Hub) -> None:
    """A member who has left a private channel may not write there."""
    bob = log_in(hub, "bob")
    hold(hub, bob)
    hub.restore([MemberRemoved(channel_id=2, user_id=1)])
    with pytest.raises(ChatError) as caught:
        accepted(hub, next(hub.state.held.waiting()), NOON)
    assert isinstance(caught.value, NotInChannel)
