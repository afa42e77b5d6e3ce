"""Quiet hours: what waits in them and what is refused, whom they concern, how they begin, end and are suspended."""

from __future__ import annotations

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import RoleChanged, UserRemoved
from classcord.chat.channels.vocabulary import (
    ChannelArchived,
    ChannelRemoved,
    Create,
    MemberAdded,
    MemberRemoved,
    Topic,
)
from classcord.chat.connections.vocabulary import Disconnect
from classcord.chat.descriptions.vocabulary import Description
from classcord.chat.effects import Commit, Effect, TellSecurity
from classcord.chat.errors import AlreadySo, BadRequest, ChatError, NotAllowed
from classcord.chat.held_messages.acceptance import MOST_AT_ONCE, due
from classcord.chat.held_messages.room import FOR_A_TIME, GUESTS_SHARE
from classcord.chat.held_messages.vocabulary import (
    Approve,
    EditWaits,
    HeldDecided,
    HeldOn,
    MessageHeld,
    RefuseHeld,
    TooMuchHeld,
    TooMuchHeldInAll,
    Waiting,
)
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Guest
from classcord.chat.messages.vocabulary import (
    NO_DETAILS,
    MessageAdded,
    PrivateMessageAdded,
    Said,
    Say,
    SayPrivately,
    StoredMessage,
)
from classcord.chat.people import Session
from classcord.chat.pins.vocabulary import Pin, PinFound, PinState
from classcord.chat.presence.vocabulary import Status
from classcord.chat.profiles.vocabulary import PersonProfile
from classcord.chat.quiet_hours.in_force import keep_holding
from classcord.chat.quiet_hours.periods import Periods
from classcord.chat.quiet_hours.telling import sentence
from classcord.chat.quiet_hours.vocabulary import (
    LONGEST,
    DuringQuietHours,
    NoQuietHours,
    NotSuspended,
    QuietHours,
    QuietHoursBegun,
    QuietHoursChanged,
    QuietHoursEnded,
    QuietHoursSet,
    QuietHoursTold,
)
from classcord.chat.reactions.vocabulary import React, ReactedTo, ReactionsFound
from classcord.chat.reports.vocabulary import Report
from classcord.chat.requests import Request
from classcord.chat.revisions.vocabulary import Edit, ToEdit
from classcord.chat.roles import Role
from classcord.chat.sanctions.vocabulary import Ban, Mute
from classcord.chat.typing_notifications.vocabulary import ShowTyping
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    a_channel,
    a_hub,
    add_account,
    answered,
    applied,
    ask,
    changes_of,
    channel,
    come_in,
    commit,
    connect,
    contents,
    decide,
    heard_by,
    log_in,
    moderator,
    operates,
    refused,
    the_commit,
    trail_of,
    verified,
)

HOUR = 3600
EVENING, MORNING = NOON + 8 * HOUR, NOON + 19 * HOUR
NIGHT = EVENING + HOUR
MORNING_WRITTEN = "2026-11-21T07:00:00.000Z"


def ms(seconds: float) -> int:
    return int(seconds * 1000)


@pytest.fixture
def hub() -> Hub:
    """With #dev, bob and ann in it; it is noon, and quiet hours hold tonight and tomorrow night."""
    hub = a_hub()
    for name in ("bob", "ann"):
        hub.restore([MemberAdded(channel_id=2, user_id=add_account(hub, name).id, since=NOON_MS)])
    day = 24 * HOUR
    hub.quiet.set([(ms(EVENING), ms(MORNING)), (ms(EVENING + day), ms(MORNING + day))], frozenset({"annonces"}))
    hub.restore([a_channel(9, "#annonces")])
    tick(hub, NOON)
    return hub


def tick(hub: Hub, now: float) -> list[Effect]:
    """Let the clock do what is due, as the service does once a second."""
    effects = [each for record in hub.due(now) for each in applied(hub, [record])]
    return effects + [each for records in list(due(hub, now)) for each in commit(hub, [Commit(None, records)], now)]


def at_night(hub: Hub) -> None:
    tick(hub, NIGHT)


def waits(hub: Hub, session: Session, request: Request, now: float = NIGHT) -> Waiting:
    """Have a message kept; return what its author is answered."""
    effects = decide(hub, session, request, now)
    answer = the_commit(effects).answer
    assert isinstance(answer, Waiting), effects
    assert commit(hub, effects, now) == []  # nobody hears of it
    return answer


def goes(hub: Hub, session: Session, request: Request, now: float = NIGHT) -> None:
    """A message is said at once."""
    changes = changes_of(decide(hub, session, request, now))
    assert any(isinstance(each, (MessageAdded, PrivateMessageAdded)) for each in changes), changes


def told(session: Session, effects: list[Effect]) -> list[tuple[str, str | None, bool]]:
    """Return what a session hears of quiet hours."""
    heard = (each for each in heard_by(session, effects) if isinstance(each, QuietHoursChanged))
    return [(each.state, each.until, each.concerned) for each in heard]


def outcomes(session: Session, effects: list[Effect]) -> list[str]:
    return [each.outcome for each in heard_by(session, effects) if isinstance(each, HeldDecided)]


def denied(hub: Hub, session: Session, request: Request, now: float = NIGHT) -> DuringQuietHours:
    with pytest.raises(DuringQuietHours) as caught:
        decide(hub, session, request, now)
    return caught.value


# -- the periods ------------------------------------------------------------------------------------------------------


def test_periods() -> None:
    """Each begins with its first moment, and is over in its last; the present one is among the next."""
    periods = Periods()
    assert not periods
    assert periods.end(5) is None
    periods.set([(10, 20), (30, 40)])
    assert [periods.end(at) for at in (9, 10, 19.9, 20, 30, 40)] == [None, 20, 20, None, 40, None]
    assert periods.following(15, 5) == [(10, 20), (30, 40)]
    assert periods.following(20, 5) == [(30, 40)]
    assert periods.following(0, 1) == [(10, 20)]


# -- what waits -------------------------------------------------------------------------------------------------------


def test_by_day_nothing_waits_and_nothing_is_asked(hub: Hub) -> None:
    """No rule is asked until shortly before they begin."""
    bob = log_in(hub, "bob")
    goes(hub, bob, Say(content="hello", channel="#dev"), NOON)
    assert not hub.holding
    tick(hub, EVENING - 6)
    assert not hub.holding
    tick(hub, EVENING - 5)
    assert hub.holding == {"quiet_hours"}
    goes(hub, bob, Say(content="hello", channel="#dev"), EVENING - 0.001)
    waits(hub, bob, Say(content="hello", channel="#dev"), EVENING)  # without another look at the clock


def test_messages_wait_until_the_morning(hub: Hub) -> None:
    """In channels and private ones, to the staff too; the author is told for how long."""
    bob, ann, mod = log_in(hub, "bob"), log_in(hub, "ann"), moderator(hub)
    at_night(hub)
    for request in (
        Say(content="one", channel="#dev"),
        Say(content="two"),
        SayPrivately(to="ann", content="three"),
        SayPrivately(to="mod", content="four"),
    ):
        answer = waits(hub, bob, request)
        assert (answer.why, answer.until) == ("quiet_hours", MORNING_WRITTEN)
        assert answer.content.render().endswith("is kept, and delivered in 10 h.")
    assert tick(hub, MORNING - 0.001) == []
    effects = tick(hub, MORNING)
    assert contents(ann, effects) == ["one", "two", "three"]
    assert contents(mod, effects) == ["two", "four"]
    assert outcomes(bob, effects) == ["delivered"] * 4
    assert not hub.state.held
    goes(hub, bob, Say(content="awake", channel="#dev"), MORNING)


def test_guests_wait_as_well(hub: Hub) -> None:
    """A guest is told that the message goes only if the guest stays; of one who has left it is forgotten."""
    zoe, ann = come_in(hub, "zoé"), log_in(hub, "ann")
    at_night(hub)
    answer = waits(hub, zoe, Say(content="hello"))
    assert answer.content.render().endswith("is kept, and delivered in 10 h if you are still here.")
    waits(hub, zoe, Say(content="hello again"))
    ask(hub, zoe, Disconnect(), NIGHT)
    assert contents(ann, tick(hub, MORNING)) == []
    assert not hub.state.held


def test_staff_write_at_any_time(hub: Hub) -> None:
    """Moderators and above, and operators: an emergency is told at once."""
    mod, prof = moderator(hub), operates(hub, "prof", Role.MODERATOR)
    at_night(hub)
    goes(hub, mod, Say(content="hello"))
    goes(hub, mod, SayPrivately(to="bob", content="hello"))
    goes(hub, prof, Say(content="hello"))


def test_the_settings_say_who_is_exempt(hub: Hub) -> None:
    hub.set_policy(msgspec.structs.replace(hub.policy, write_at_any_time=Role.MEMBER))
    bob, zoe = log_in(hub, "bob"), come_in(hub, "zoé")
    at_night(hub)
    goes(hub, bob, Say(content="hello"))
    waits(hub, zoe, Say(content="hello"))
    hub.set_policy(msgspec.structs.replace(hub.policy, write_at_any_time=Role.OWNER))
    waits(hub, moderator(hub), Say(content="hello"))


def test_a_moderator_of_one_channel_is_a_pupil(hub: Hub) -> None:
    """Who moderates a channel, and approves its messages, sleeps as well."""
    bob = log_in(hub, "bob")
    channel(hub, "#dev").moderators.add(1)
    hub.state.accounts_by_id[1].moderates.add(2)
    at_night(hub)
    waits(hub, bob, Say(content="hello", channel="#dev"))


def test_a_channel_may_be_without(hub: Hub) -> None:
    """By its name in the settings, whatever its accents and case; elsewhere one waits all the same."""
    bob = log_in(hub, "bob")
    at_night(hub)
    goes(hub, bob, Say(content="hello", channel="#annonces"))
    waits(hub, bob, Say(content="hello", channel="#dev"))


def test_a_note_to_oneself_disturbs_nobody(hub: Hub) -> None:
    bob = log_in(hub, "bob")
    at_night(hub)
    goes(hub, bob, SayPrivately(to="bob", content="remember"))


def test_a_role_lost_at_night_counts_at_once(hub: Hub) -> None:
    mod = moderator(hub)
    at_night(hub)
    goes(hub, mod, Say(content="hello"))
    account = hub.state.accounts["mod"]
    hub.restore([RoleChanged(user_id=account.id, role="member", before="moderator", at=ms(NIGHT))])
    waits(hub, mod, Say(content="hello"))


def test_who_may_not_write_is_refused_at_night_as_by_day(hub: Hub) -> None:
    bob, mod = log_in(hub, "bob"), moderator(hub)
    ask(hub, mod, Mute(user="bob", duration=86_400))
    at_night(hub)
    with pytest.raises(ChatError) as caught:
        decide(hub, bob, Say(content="hello"), NIGHT)
    assert caught.value.code == "muted"
    assert not hub.state.held


# -- what is no message -----------------------------------------------------------------------------------------------


def stored(hub: Hub, content: str = "hello", **fields: object) -> MessageAdded:
    message = MessageAdded(message_id=1, at=NOON_MS, channel_id=2, author="bob", author_id=1, content=content)
    return msgspec.structs.replace(message, **fields)


def test_an_edit_gets_around_nothing(hub: Hub) -> None:
    """A new text would be read at night; a deletion is read by nobody."""
    bob = log_in(hub, "bob")
    at_night(hub)
    found = ToEdit(
        asked=Edit(message_id=1, content="psst"), found=StoredMessage(message=stored(hub), details=NO_DETAILS)
    )
    with pytest.raises(EditWaits):
        decide(hub, bob, found, NIGHT)
    private = PrivateMessageAdded(
        message_id=1, at=NOON_MS, conversation="1:2", author="bob", author_id=1, recipient="ann", content="hello"
    )
    with pytest.raises(EditWaits):
        decide(hub, bob, ToEdit(asked=found.asked, found=StoredMessage(message=private, details=NO_DETAILS)), NIGHT)
    exempt = stored(hub, channel_id=9)
    hub.restore([MemberAdded(channel_id=9, user_id=1, since=NOON_MS)])
    channel(hub, "#annonces").enter(bob, 0)
    effects = decide(
        hub, bob, ToEdit(asked=found.asked, found=StoredMessage(message=exempt, details=NO_DETAILS)), NIGHT
    )
    assert len(changes_of(effects)) > 1


def test_nothing_is_added_to_a_message(hub: Hub) -> None:
    """A reaction to a message of a channel, and of a conversation, waits for the morning like words."""
    bob = log_in(hub, "bob")
    at_night(hub)
    channel(hub, "#dev").enter(bob, 0)
    private = PrivateMessageAdded(
        message_id=1, at=NOON_MS, conversation="1:2", author="bob", author_id=1, recipient="ann", content="hello"
    )
    for there in (stored(hub, channel_id=2), private):
        found = ReactionsFound(asked=React(message_id=1, emoji="👍"), found=ReactedTo(message=there))
        error = denied(hub, bob, found)
        assert (error.code, error.until) == ("quiet_hours", MORNING_WRITTEN)
        assert changes_of(decide(hub, bob, found, NOON))


def test_words_beside_messages_are_refused(hub: Hub) -> None:
    """Nobody talks in topics, names or states at night; the staff and ordinary states go on."""
    bob, mod = log_in(hub, "bob"), moderator(hub)
    channel(hub, "#dev").made_by = 1
    at_night(hub)
    for request in (
        Topic(channel="#dev", topic="psst"),
        Description(channel="#dev", description="psst"),
        Create(channel="#psst"),
        Status(state="who is awake?"),
        PersonProfile(status_text="psst"),
    ):
        error = denied(hub, bob, request)
        assert (error.code, error.until) == ("quiet_hours", MORNING_WRITTEN)
    decide(hub, bob, Status(state="away"), NIGHT)
    decide(hub, mod, Topic(channel="#dev", topic="Contrôle reporté"), NIGHT)
    decide(hub, bob, Topic(channel="#dev", topic="hello"), NOON)


def test_where_everybody_writes_a_topic_is_set_too(hub: Hub) -> None:
    bob = log_in(hub, "bob")
    channel(hub, "#annonces").made_by = 1
    hub.restore([MemberAdded(channel_id=9, user_id=1, since=NOON_MS)])
    at_night(hub)
    assert changes_of(decide(hub, bob, Topic(channel="#annonces", topic="hello"), NIGHT))


def test_reactions_and_pins_are_refused(hub: Hub) -> None:
    """They are told at once to whoever is there."""
    bob, mod = log_in(hub, "bob"), moderator(hub)
    at_night(hub)
    reaction = ReactionsFound(asked=React(message_id=1, emoji="👍"), found=ReactedTo(message=stored(hub, channel_id=1)))
    pin = PinFound(asked=Pin(message_id=1), found=PinState(message=stored(hub, channel_id=1)))
    denied(hub, bob, reaction)
    denied(hub, bob, pin)
    assert changes_of(decide(hub, mod, pin, NIGHT))
    assert changes_of(decide(hub, bob, reaction, NOON))


def test_nobody_sees_who_writes(hub: Hub) -> None:
    """A typing notification is answered, and not shown: its message is not read now either."""
    bob = log_in(hub, "bob")
    at_night(hub)
    assert changes_of(decide(hub, bob, ShowTyping(channel="#dev", id=1), NIGHT)) == []
    assert changes_of(decide(hub, bob, ShowTyping(user="ann", id=1), NIGHT)) == []
    assert changes_of(decide(hub, bob, ShowTyping(channel="#dev", id=1), NOON))


def test_a_report_is_heard_at_night(hub: Hub) -> None:
    """Whoever needs help waits for no morning."""
    bob = log_in(hub, "bob")
    at_night(hub)
    (find,) = decide(hub, bob, Report(message_id=1, category="harassment", reason="help"), NIGHT)
    assert type(find).__name__ == "Find"


def test_an_account_is_made_at_night(hub: Hub) -> None:
    """A name is no message, and whoever comes in as a guest is told of the hour."""
    at_night(hub)
    session = connect(hub)
    effects = ask(hub, session, Guest(username="zoé"), NIGHT)
    assert told(session, effects) == [("held", MORNING_WRITTEN, True)]


# -- the morning ------------------------------------------------------------------------------------------------------


def test_in_order_and_in_portions(hub: Hub) -> None:
    """Thousands go in the order in which they were written, so many in a second; nobody else has to wait."""
    bob = log_in(hub, "bob")
    for number in range(2 * MOST_AT_ONCE + 1):
        fields = {"author_id": 1 + number % 2, "owner": str(1 + number % 2), "author": ("bob", "ann")[number % 2]}
        held = {"held_id": number + 1, "at": NOON_MS, "channel_id": 2, "content": f"{number}", "said_in": 99, **fields}
        hub.restore([MessageHeld(**held, why="quiet_hours", until=ms(MORNING))])  # type: ignore[arg-type]
    heard = []
    for second in range(3):
        effects = tick(hub, MORNING + second)
        said = [each for each in heard_by(bob, effects) if isinstance(each, Said)]
        assert len(said) <= MOST_AT_ONCE
        heard += [int(each.content) for each in said]
    assert heard == list(range(2 * MOST_AT_ONCE + 1))
    assert tick(hub, MORNING + 3) == []


def test_what_is_being_stored_is_not_let_go_twice(hub: Hub) -> None:
    """While its commit is under way, a message is not decided again; if it is not stored, it is."""
    bob = log_in(hub, "bob")
    at_night(hub)
    waits(hub, bob, Say(content="hello"))
    hub.holding.clear()
    (records,) = due(hub, MORNING)
    assert list(due(hub, MORNING)) == []
    hub.abandon(records)
    assert len(list(due(hub, MORNING))) == 1


def test_after_a_restart_in_the_night(hub: Hub) -> None:
    """The messages wait on, and nobody is told that quiet hours begin: they did."""
    bob = log_in(hub, "bob")
    at_night(hub)
    waits(hub, bob, Say(content="hello", channel="#dev"))
    held = next(hub.state.held.waiting())
    again = a_hub()
    for name in ("bob", "ann"):
        again.restore([MemberAdded(channel_id=2, user_id=add_account(again, name).id, since=NOON_MS)])
    again.state.session_ids.pass_over(hub.state.session_ids.last)
    again.restore([held])
    again.quiet.set([(ms(EVENING), ms(MORNING))])
    keep_holding(again, NIGHT)
    assert list(due(again, NIGHT)) == []
    ann = log_in(again, "ann")
    assert tick(again, NIGHT) == []
    effects = tick(again, MORNING)
    assert contents(ann, effects) == ["hello"]
    assert told(ann, effects) == [("ended", None, True)]


def test_a_restart_after_the_night(hub: Hub) -> None:
    """What waited while the server was down is delivered at once."""
    bob = log_in(hub, "bob")
    at_night(hub)
    waits(hub, bob, Say(content="hello", channel="#dev"))
    again = a_hub()
    for name in ("bob", "ann"):
        again.restore([MemberAdded(channel_id=2, user_id=add_account(again, name).id, since=NOON_MS)])
    again.state.session_ids.pass_over(hub.state.session_ids.last)
    again.restore([next(hub.state.held.waiting())])
    again.quiet.set([(ms(EVENING), ms(MORNING))])
    keep_holding(again, MORNING + HOUR)
    assert contents(log_in(again, "ann"), tick(again, MORNING + HOUR)) == ["hello"]


def test_when_the_setting_is_taken_away(hub: Hub) -> None:
    """Everything is delivered, and people are told that the quiet hours are over."""
    bob, ann = log_in(hub, "bob"), log_in(hub, "ann")
    at_night(hub)
    waits(hub, bob, Say(content="hello"))
    hub.quiet.set([])
    effects = tick(hub, NIGHT + 1)
    assert contents(ann, effects) == ["hello"]
    assert told(ann, effects) == [("ended", None, True)]
    goes(hub, bob, Say(content="hello"), NIGHT + 1)


def test_when_the_night_is_made_longer(hub: Hub) -> None:
    """A message waits on until the new end, and its author is not told twice."""
    bob, ann = log_in(hub, "bob"), log_in(hub, "ann")
    at_night(hub)
    waits(hub, bob, Say(content="hello"))
    hub.quiet.set([(ms(EVENING), ms(MORNING + HOUR))])
    effects = tick(hub, NIGHT + 1)
    assert told(ann, effects) == [("begun", "2026-11-21T08:00:00.000Z", True)]
    assert outcomes(bob, tick(hub, MORNING)) == []
    assert contents(ann, tick(hub, MORNING + HOUR)) == ["hello"]


def test_when_the_clock_was_wrong(hub: Hub) -> None:
    """A message of a far future is delivered when the clock is right again, not in years."""
    bob, ann = log_in(hub, "bob"), log_in(hub, "ann")
    years = NIGHT + 365 * 24 * HOUR
    hub.quiet.set([(ms(years - 1), ms(years + HOUR))])
    tick(hub, years)
    waits(hub, bob, Say(content="hello"), years)
    assert contents(ann, tick(hub, NOON)) == ["hello"]


@pytest.mark.parametrize("what", ["mute", "ban", "left", "archived", "removed", "blocked"])
def test_who_may_write_no_more_in_the_morning(hub: Hub, what: str) -> None:
    """What was kept is not delivered then, and its author hears that, with the words of the message."""
    bob, ann, mod = log_in(hub, "bob"), log_in(hub, "ann"), moderator(hub)
    at_night(hub)
    private = what == "blocked"
    waits(hub, bob, SayPrivately(to="ann", content="hello") if private else Say(content="hello", channel="#dev"))
    if what == "mute":
        ask(hub, mod, Mute(user="bob", duration=86_400), NIGHT)
    elif what == "ban":
        ask(hub, mod, Ban(target="bob", duration=86_400), NIGHT)
    elif what == "left":
        hub.restore([MemberRemoved(channel_id=2, user_id=1)])
    elif what == "archived":
        hub.restore([ChannelArchived(channel_id=2, archived=True, at=ms(NIGHT))])
    elif what == "removed":
        hub.restore([ChannelRemoved(channel_id=2, by="prof", at=ms(NIGHT))])
    else:
        hub.state.blocks[2] = {1}
    effects = tick(hub, NIGHT + 1) + tick(hub, MORNING)
    assert contents(ann, effects) == []
    events = [each for each in heard_by(bob, effects) if isinstance(each, HeldDecided)]
    assert [(each.outcome, each.content) for each in events] == [("undeliverable", "hello")]


def test_who_is_gone_in_the_morning(hub: Hub) -> None:
    """A deleted account leaves nothing that waits."""
    bob, ann = log_in(hub, "bob"), log_in(hub, "ann")
    at_night(hub)
    waits(hub, bob, Say(content="hello"))
    ask(hub, bob, Disconnect(), NIGHT)
    hub.restore([UserRemoved(user_id=1)])
    assert contents(ann, tick(hub, MORNING)) == []
    assert not hub.state.held


def test_a_channel_that_holds_messages_by_the_morning(hub: Hub) -> None:
    """What was written before it held any is delivered: its author was told so."""
    bob, ann = log_in(hub, "bob"), log_in(hub, "ann")
    at_night(hub)
    waits(hub, bob, Say(content="hello", channel="#dev"))
    channel(hub, "#dev").hold = True
    assert contents(ann, tick(hub, MORNING)) == ["hello"]


def test_the_author_takes_it_back(hub: Hub) -> None:
    """An edit is such a thing too: take it back, write it anew."""
    bob, ann = log_in(hub, "bob"), log_in(hub, "ann")
    at_night(hub)
    waits(hub, bob, Say(content="sorry for writing so late"))
    ask(hub, bob, RefuseHeld(held_id=1), NIGHT)
    assert contents(ann, tick(hub, MORNING)) == []


def test_where_messages_are_approved_both_are_asked(hub: Hub) -> None:
    """A message waits for a person first; one who approves it at night lets it go in the morning."""
    bob, ann, mod = log_in(hub, "bob"), log_in(hub, "ann"), moderator(hub)
    channel(hub, "#dev").hold = True
    at_night(hub)
    effects = decide(hub, bob, Say(content="hello", channel="#dev"), NIGHT)
    answer = the_commit(effects).answer
    assert isinstance(answer, Waiting)
    assert answer.why == "hold"
    commit(hub, effects, NIGHT)
    effects = decide(hub, mod, Approve(held_id=1), NIGHT)
    assert changes_of(effects) == [HeldOn(held_id=1, why="quiet_hours", until=ms(MORNING), at=ms(NIGHT))]
    commit(hub, effects, NIGHT)
    assert contents(ann, tick(hub, MORNING)) == ["hello"]


# -- beginning, end, suspension ---------------------------------------------------------------------------------------


def test_people_hear_when_they_begin_and_end(hub: Hub) -> None:
    """Each once; whoever writes without waiting hears that."""
    bob, mod, prof = log_in(hub, "bob"), moderator(hub), operates(hub, "prof", Role.OWNER)
    assert tick(hub, EVENING - 1) == []
    effects = tick(hub, EVENING)
    assert told(bob, effects) == [("begun", MORNING_WRITTEN, True)]
    assert told(mod, effects) == told(prof, effects) == [("begun", MORNING_WRITTEN, False)]
    assert tick(hub, EVENING + 1) == []
    ann = connect(hub)
    assert told(ann, ask(hub, ann, verified(hub, "ann"), NIGHT)) == [("held", MORNING_WRITTEN, True)]
    assert told(bob, tick(hub, MORNING)) == [("ended", None, True)]
    assert tick(hub, MORNING + 1) == []


def exempt(session: Session, effects: list[Effect]) -> list[tuple[str, ...]]:
    heard = (each for each in heard_by(session, effects) if isinstance(each, QuietHoursChanged))
    return [each.exempt_channels for each in heard]


def test_where_nobody_waits_is_told_with_the_hours(hub: Hub) -> None:
    """To each the channels that they see; again when the settings name others, and not to a classic client."""
    hub.restore([a_channel(10, "#secret", "private")])
    nights = [(ms(EVENING), ms(MORNING))]
    hub.quiet.set(nights, frozenset({"annonces", "secret"}))
    bob, old, prof = log_in(hub, "bob"), log_in(hub, "ann", modern=False), operates(hub, "prof", Role.OWNER)
    assert tick(hub, EVENING - 1) == []  # by day nobody needs to know
    assert exempt(bob, tick(hub, EVENING)) == [("#annonces",)]
    hub.quiet.set(nights, frozenset({"dev", "annonces", "nowhere"}))
    effects = tick(hub, EVENING + 1)
    assert told(bob, effects) == [("held", MORNING_WRITTEN, True)]
    assert exempt(bob, effects) == [("#dev", "#annonces")]
    assert exempt(old, effects) == exempt(prof, effects) == []
    assert tick(hub, EVENING + 2) == []
    ann = connect(hub)
    assert exempt(ann, ask(hub, ann, verified(hub, "ann"), NIGHT)) == [("#dev", "#annonces")]
    hub.quiet.set(nights)
    assert exempt(bob, tick(hub, NIGHT)) == [()]
    hub.quiet.set(nights, frozenset({"dev"}))
    assert exempt(bob, tick(hub, MORNING)) == [()]  # they are over


def test_other_channels_that_could_not_be_told_are_told_again(hub: Hub) -> None:
    at_night(hub)
    hub.quiet.set([(ms(EVENING), ms(MORNING))], frozenset({"dev"}))
    (record,) = hub.due(NIGHT + 1)
    assert hub.due(NIGHT + 1) == ()
    hub.abandon([record])
    assert len(hub.due(NIGHT + 2)) == 1


def test_what_is_not_stored_is_told_again(hub: Hub) -> None:
    (record,) = hub.due(EVENING)
    assert record == QuietHoursBegun(until=ms(MORNING), at=ms(EVENING))
    assert hub.due(EVENING) == ()
    hub.abandon([record])
    assert hub.due(EVENING + 1) == (QuietHoursBegun(until=ms(MORNING), at=ms(EVENING + 1)),)
    (record,) = hub.due(MORNING)
    hub.abandon([record])
    assert hub.due(MORNING + 1) == (QuietHoursEnded(at=ms(MORNING + 1)),)


def test_asking(hub: Hub) -> None:
    """Everybody may know when they hold; how many messages wait is for those who keep order."""
    bob, mod = log_in(hub, "bob"), moderator(hub)
    answer = answered(hub, bob, QuietHours())
    assert isinstance(answer, QuietHoursTold)
    assert (answer.quiet, answer.until, answer.concerned, answer.held_messages) == (False, None, True, None)
    assert answer.exempt_channels == ("#annonces",)
    assert [(each.since, each.until) for each in answer.periods] == [
        ("2026-11-20T20:00:00.000Z", MORNING_WRITTEN),
        ("2026-11-21T20:00:00.000Z", "2026-11-22T07:00:00.000Z"),
    ]
    at_night(hub)
    waits(hub, bob, Say(content="hello"))
    (reply,) = decide(hub, mod, QuietHours(), NIGHT)
    answer = reply.answer  # type: ignore[attr-defined]
    assert (answer.quiet, answer.until, answer.concerned, answer.held_messages) == (True, MORNING_WRITTEN, False, 1)


def test_a_private_channel_is_named_to_its_members_alone(hub: Hub) -> None:
    hub.restore([a_channel(10, "#secret", "private")])
    hub.quiet.set([(ms(EVENING), ms(MORNING))], frozenset({"secret"}))
    answer = answered(hub, log_in(hub, "bob"), QuietHours())
    assert isinstance(answer, QuietHoursTold)
    assert answer.exempt_channels == ()


def test_a_school_trip(hub: Hub) -> None:
    """An administrator suspends them for a while: what waited goes, and they hold again afterwards."""
    bob, ann, admin = log_in(hub, "bob"), log_in(hub, "ann"), operates(hub, "prof", Role.ADMIN)
    at_night(hub)
    waits(hub, bob, Say(content="are we lost?"))
    effects = decide(hub, admin, QuietHours(state="off", duration=2 * HOUR, reason="Sortie au théâtre"), NIGHT)
    until = "2026-11-20T23:00:00.000Z"
    assert changes_of(effects) == [QuietHoursSet(value=f"{ms(NIGHT + 2 * HOUR)} Sortie au théâtre", at=ms(NIGHT))]
    assert effects[1:] == [TellSecurity("quiet-hours-off", until)]
    (entry,) = trail_of(effects)
    assert (entry.action, entry.object_id, entry.after) == (
        "setting-set",
        "quiet_hours",
        f'{{"value":"{ms(NIGHT + 2 * HOUR)} Sortie au théâtre"}}',
    )
    answer = the_commit(effects).answer
    assert isinstance(answer, QuietHoursTold)
    assert (answer.quiet, answer.suspended_until, answer.reason) == (False, until, "Sortie au théâtre")
    commit(hub, effects, NIGHT)
    effects = tick(hub, NIGHT + 1)
    assert told(ann, effects) == [("suspended", until, True)]
    assert contents(ann, effects) == ["are we lost?"]
    goes(hub, bob, Say(content="found it"), NIGHT + 1)
    effects = tick(hub, NIGHT + 2 * HOUR)
    assert told(ann, effects) == [("begun", MORNING_WRITTEN, True)]
    waits(hub, bob, Say(content="good night"), NIGHT + 2 * HOUR)


def test_a_suspension_is_taken_back(hub: Hub) -> None:
    bob, admin = log_in(hub, "bob"), operates(hub, "prof", Role.ADMIN)
    ask(hub, admin, QuietHours(state="off", duration=12 * HOUR))
    tick(hub, NIGHT)
    goes(hub, bob, Say(content="hello"))
    effects = decide(hub, admin, QuietHours(state="on"), NIGHT)
    assert effects[1:] == [TellSecurity("quiet-hours-on")]
    commit(hub, effects, NIGHT)
    assert told(bob, tick(hub, NIGHT + 1)) == [("begun", MORNING_WRITTEN, True)]
    waits(hub, bob, Say(content="hello"))
    with pytest.raises(NotSuspended):
        decide(hub, admin, QuietHours(state="on"), NIGHT)


def test_who_suspends_them(hub: Hub) -> None:
    """Who may say who writes to whom, and when; anybody else hears that, and nothing is suspended."""
    request = QuietHours(state="off", duration=HOUR)
    for session in (log_in(hub, "bob"), moderator(hub), come_in(hub, "zoé")):
        assert isinstance(refused(hub, session, request), NotAllowed)
        assert isinstance(refused(hub, session, QuietHours(state="on")), NotAllowed)
    assert "quiet_hours" not in hub.state.switches


def test_a_suspension_has_a_length(hub: Hub) -> None:
    admin = operates(hub, "prof", Role.ADMIN)
    for duration in (None, 0, LONGEST + 1):
        error = refused(hub, admin, QuietHours(state="off", duration=duration))
        assert isinstance(error, BadRequest)
        assert error.field == "duration"
    ask(hub, admin, QuietHours(state="off", duration=LONGEST))
    assert isinstance(refused(hub, admin, QuietHours(state="off", duration=LONGEST)), AlreadySo)
    hub.quiet.set([])
    assert isinstance(refused(hub, admin, QuietHours(state="off", duration=HOUR)), NoQuietHours)


@pytest.mark.parametrize("value", ["", "garbage", f"{ms(NOON + (LONGEST + 86_400))} a wrong clock", "١٢"])
def test_a_value_that_suspends_nothing(hub: Hub, value: str) -> None:
    """As it may stand in an older database, or was written while the clock was wrong."""
    hub.restore([QuietHoursSet(value=value, at=NOON_MS)])
    bob = log_in(hub, "bob")
    at_night(hub)
    waits(hub, bob, Say(content="hello"))


@pytest.mark.parametrize(
    ("state", "concerned", "words"),
    [
        ("begun", True, "Quiet hours until 07:00: what you write is kept, and delivered when they end."),
        ("held", False, "Quiet hours until 07:00: what pupils write is kept until then; your messages go at once."),
        ("ended", True, "The quiet hours are over: the messages that waited are delivered now."),
        ("suspended", True, "The quiet hours are suspended until 07:00: the messages that waited are delivered now."),
    ],
)
def test_in_words(state: str, concerned: bool, words: str) -> None:
    event = QuietHoursChanged(state=state, timestamp=MORNING_WRITTEN, concerned=concerned)  # type: ignore[arg-type]
    assert sentence(event, "07:00").render() == words


# -- how much may wait ------------------------------------------------------------------------------------------------


def fill(hub: Hub, count: int, owner: str, content: str = "") -> None:
    first = 1_000_000 + len(hub.state.held)
    fields = {"held_id": 0, "at": NOON_MS, "channel_id": 2, "author": "x", "said_in": 1, "until": ms(MORNING)}
    some = MessageHeld(**fields, owner=owner, content=content, why="quiet_hours")  # type: ignore[arg-type]
    for number in range(first, first + count):
        hub.state.held.add(msgspec.structs.replace(some, held_id=number))


def test_one_author_has_room_for_a_holiday(hub: Hub) -> None:
    """And no more: a flood of one is refused, others go on."""
    bob, ann = log_in(hub, "bob"), log_in(hub, "ann")
    at_night(hub)
    fill(hub, FOR_A_TIME.messages_of_one - 1, "1")
    waits(hub, bob, Say(content="hello"))
    with pytest.raises(TooMuchHeld):
        decide(hub, bob, Say(content="hello"), NIGHT)
    waits(hub, ann, Say(content="hello"))


def test_long_texts_count(hub: Hub) -> None:
    bob, ann = log_in(hub, "bob"), log_in(hub, "ann")
    at_night(hub)
    fill(hub, FOR_A_TIME.characters_of_one // 10_000, "1", "x" * 10_000)
    with pytest.raises(TooMuchHeld):
        decide(hub, bob, Say(content="hello"), NIGHT)
    waits(hub, ann, Say(content="hello"))


@pytest.mark.no_cover  # thousands of messages
def test_a_night_of_a_whole_school(hub: Hub) -> None:
    """A thousand pupils with 60 messages each: the next one still has room for as many."""
    bob = log_in(hub, "bob")
    at_night(hub)
    for pupil in range(1000):
        fill(hub, 60, f"{1000 + pupil}", "x" * 100)
    for _ in range(60):
        waits(hub, bob, Say(content="x" * 100))


@pytest.mark.no_cover  # thousands of messages
def test_nobody_takes_the_room_of_all(hub: Hub) -> None:
    """A hundred authors who take all that they may leave half: an author's share shrinks with what is free."""
    bob = log_in(hub, "bob")
    at_night(hub)
    for author in range(150):
        fill(hub, FOR_A_TIME.messages_of_one, f"{1000 + author}")
    assert len(hub.state.held) == 75_000
    fill(hub, 200, "1")
    waits(hub, bob, Say(content="hello"))
    fill(hub, 50, "1")
    with pytest.raises(TooMuchHeld):
        decide(hub, bob, Say(content="hello"), NIGHT)
    waits(hub, log_in(hub, "ann"), Say(content="hello"))


def test_guests_together_have_a_tenth(hub: Hub) -> None:
    """Whoever comes again is another guest: so they are counted together, and accounts have the rest."""
    bob, zoe = log_in(hub, "bob"), come_in(hub, "zoé")
    at_night(hub)
    fill(hub, FOR_A_TIME.messages // GUESTS_SHARE, "~77")
    with pytest.raises(TooMuchHeldInAll):
        decide(hub, zoe, Say(content="hello"), NIGHT)
    waits(hub, bob, Say(content="hello"))


@pytest.mark.no_cover  # thousands of messages
def test_there_is_an_end(hub: Hub) -> None:
    bob = log_in(hub, "bob")
    at_night(hub)
    fill(hub, FOR_A_TIME.messages, "9")
    with pytest.raises(TooMuchHeldInAll):
        decide(hub, bob, Say(content="hello"), NIGHT)
    hub.state.held.forget_user(9)
    waits(hub, bob, Say(content="hello"))
