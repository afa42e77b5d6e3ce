"""Approval channels: who asks, who answers, and that both hear of it whenever they are here."""

from __future__ import annotations

import pytest

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.channel_moderators.vocabulary import ChannelModerator
from classcord.chat.channels.vocabulary import ChannelEntered, DeleteChannel, Join, Leave, MemberAdded, NotInChannel
from classcord.chat.connections.vocabulary import Disconnect
from classcord.chat.effects import Commit, Deliver, Effect, Reply, TellSecurity
from classcord.chat.errors import BadRequest, ChatError
from classcord.chat.events import Notice
from classcord.chat.hub import Hub
from classcord.chat.join_requests.telling import told_to_those_who_admit
from classcord.chat.join_requests.vocabulary import (
    Accept,
    JoinDecided,
    JoinRequestChanged,
    JoinRequested,
    JoinTold,
    NobodyAsks,
    Pending,
    Reject,
    Requests,
    RequestsListed,
    Withdraw,
)
from classcord.chat.messages.vocabulary import HandOver
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.people import Session
from classcord.chat.requests import Request
from classcord.chat.roles import Operator, Role
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    a_channel,
    a_hub,
    add_account,
    ask,
    changes_of,
    channel,
    connect,
    decide,
    heard_by,
    log_in,
    moderator,
    operates,
    person_of,
    records_of,
)

DAYS = 3
LATER = NOON + DAYS * 86_400 + 1


@pytest.fixture
def hub() -> Hub:
    """With #club and #chess, for which one has to ask."""
    hub = a_hub(request_days=DAYS)
    hub.restore([a_channel(4, "#club", kind="approval"), a_channel(5, "#chess", kind="approval")])
    add_account(hub, "eve")
    return hub


def words(session: Session, effects: list[Effect]) -> list[str]:
    """Return the notices that a session hears, in English."""
    return [event.content.render() for event in heard_by(session, effects) if isinstance(event, Notice)]


def refused(hub: Hub, session: Session, request: Request, now: float = NOON) -> ChatError:
    with pytest.raises(ChatError) as error:
        decide(hub, session, request, now)
    return error.value


def listed(hub: Hub, session: Session, request: Requests, now: float = NOON) -> list[tuple[str, str]]:
    [reply] = decide(hub, session, request, now)
    assert isinstance(reply, Reply)
    assert isinstance(reply.answer, RequestsListed)
    return [(row.user, row.channel) for row in reply.answer.requests]


def test_whoever_asks_is_pending_and_staff_hears_of_it(hub: Hub) -> None:
    """One's own request is told as stored; who may admit is told by which command."""
    eve, mod, other = log_in(hub, "eve"), moderator(hub), log_in(hub, "other")
    prof = connect(hub)
    ask(hub, prof, Operate(operator=Operator(name="prof", role=Role.OWNER)))
    effects = decide(hub, eve, Join(channel="#club"))
    [asked] = effects
    assert isinstance(asked, Commit)
    assert asked.answer == ChannelEntered(status="pending", channel="#club", kind="approval", topic="")
    effects = ask(hub, eve, Join(channel="#chess"))
    assert words(eve, effects) == ["Your request for #chess is stored; you will hear of the answer."]
    assert words(mod, effects) == ["eve asks to be admitted to #chess. Answer on the web page or at the console."]
    assert words(prof, effects) == ["eve asks to be admitted to #chess: `accept eve #chess`, or `reject`."]
    assert words(other, effects) == []
    assert not hub.state.is_member(channel(hub, "#chess"), person_of(eve))


def requests_heard(session: Session, effects: list[Effect]) -> list[tuple[str, str, str, str | None]]:
    """Return what a session hears of requests, beside the words."""
    events = [event for event in heard_by(session, effects) if isinstance(event, JoinRequestChanged)]
    return [(event.state, event.user, event.channel, event.until) for event in events]


@pytest.mark.parametrize(("channel_id", "user_id"), [(4000, 1), (4, 4000)])
def test_a_request_without_its_channel_or_its_author_is_told_to_nobody(hub: Hub, channel_id: int, user_id: int) -> None:
    """They may be deleted in the moment in which it is stored."""
    moderator(hub)
    asked = JoinRequested(request_id=1, channel_id=channel_id, user_id=user_id, asked_at=NOON_MS, expires_at=NOON_MS)
    assert told_to_those_who_admit(hub, asked, "pending", NOON_MS) == []


def test_those_who_may_answer_hear_of_each_request_and_of_its_end(hub: Hub) -> None:
    """The moderators of that channel alone too; whoever answers has the answer, in this one session."""
    eve, mod, desk, dina = log_in(hub, "eve"), moderator(hub), log_in(hub, "mod"), log_in(hub, "dina")
    other = log_in(hub, "other")
    ask(hub, dina, Join(channel="#club"))
    ask(hub, mod, Accept(user="dina", channel="#club"))
    ask(hub, mod, ChannelModerator(channel="#club", user="dina"))
    told = ask(hub, eve, Join(channel="#club"))
    waits = [("pending", "eve", "#club", "2026-11-23T12:00:00.000Z")]
    assert requests_heard(mod, told) == requests_heard(desk, told) == requests_heard(dina, told) == waits
    assert requests_heard(eve, told) == requests_heard(other, told) == []
    assert requests_heard(dina, ask(hub, other, Join(channel="#chess"))) == []
    told = ask(hub, mod, Reject(user="eve", channel="#club"))
    assert requests_heard(desk, told) == [("rejected", "eve", "#club", None)]
    assert requests_heard(mod, told) == []
    ask(hub, eve, Join(channel="#club"))
    told = ask(hub, eve, Join(channel="#club"), LATER)
    assert [each[0] for each in requests_heard(mod, told)] == ["expired", "pending"]
    assert requests_heard(desk, ask(hub, mod, Accept(user="eve", channel="#club"), LATER)) == [
        ("accepted", "eve", "#club", None)
    ]


def test_with_no_staff_here_only_the_author_hears(hub: Hub) -> None:
    eve = log_in(hub, "eve")
    assert [type(each) for each in ask(hub, eve, Join(channel="#club"))] == [Deliver]


def test_one_asks_once_at_a_time(hub: Hub) -> None:
    """Until the time of the request is up; then the old one has expired, and the new one waits."""
    eve = log_in(hub, "eve")
    ask(hub, eve, Join(channel="#club"))
    assert type(refused(hub, eve, Join(channel="#club"))) is Pending
    [asked] = decide(hub, eve, Join(channel="#club"), LATER)
    assert isinstance(asked, Commit)
    [expired, again] = records_of([asked])
    assert isinstance(expired, JoinDecided)
    assert (expired.state, expired.told) == ("expired", True)
    for record in (expired, again):
        hub.apply(record)
    assert listed(hub, moderator(hub), Requests(), LATER) == [("eve", "#club")]


def test_requests_are_listed_of_all_channels_or_of_one(hub: Hub) -> None:
    """The oldest first; none whose time is up."""
    eve, mod = log_in(hub, "eve"), moderator(hub)
    ask(hub, eve, Join(channel="#club"))
    ask(hub, log_in(hub, "zoe"), Join(channel="#chess"))
    assert listed(hub, mod, Requests()) == [("eve", "#club"), ("zoe", "#chess")]
    assert listed(hub, mod, Requests(channel="#chess")) == [("zoe", "#chess")]
    assert listed(hub, mod, Requests(), LATER) == []


def test_who_is_accepted_is_a_member(hub: Hub) -> None:
    """They hear of it at once, and once; the audit log has it."""
    eve, mod = log_in(hub, "eve"), moderator(hub)
    ask(hub, eve, Join(channel="#club"))
    effects = decide(hub, mod, Accept(user="EVE", channel="#club"))
    decided, member = records_of(effects)
    assert isinstance(decided, JoinDecided)
    assert (decided.state, decided.decided_by, decided.decided_at) == ("accepted", "mod", NOON_MS)
    assert isinstance(member, MemberAdded)
    assert effects[1:] == [TellSecurity("accept", "eve", "#club")]
    _, notice, told = hub.apply(decided)
    assert words(eve, [notice]) == ["You are admitted to #club."]
    assert isinstance(told, Commit)
    assert told.records == (JoinTold(request_id=decided.request_id, at=NOON_MS),)
    hub.apply(member)
    assert hub.state.is_member(channel(hub, "#club"), person_of(eve))
    hub.apply(told.records[0])
    assert type(refused(hub, mod, Accept(user="eve", channel="#club"))) is NobodyAsks


@pytest.mark.parametrize(
    ("reason", "said"),
    [("", "No reason was given."), ("Complet", "Reason: Complet"), ("  {a}\n b ", "Reason: {a} b")],
)
def test_who_is_rejected_hears_why(hub: Hub, reason: str, said: str) -> None:
    """A reason is one line, and no template; afterwards one may ask again."""
    eve, mod = log_in(hub, "eve"), moderator(hub)
    ask(hub, eve, Join(channel="#club"))
    effects = decide(hub, mod, Reject(user="eve", channel="#club", reason=reason))
    assert effects[1:] == [TellSecurity("reject", "eve", "#club")]
    [decided] = records_of(effects)
    assert words(eve, hub.apply(decided)) == [f"Your request for #club was rejected. {said}"]
    assert ask(hub, eve, Join(channel="#club"))


def test_a_reason_has_a_length(hub: Hub) -> None:
    eve, mod = log_in(hub, "eve"), moderator(hub)
    ask(hub, eve, Join(channel="#club"))
    assert type(refused(hub, mod, Reject(user="eve", channel="#club", reason="x" * 301))) is BadRequest


@pytest.mark.parametrize("request_", [Accept(user="eve", channel="#club"), Reject(user="eve", channel="#club")])
def test_only_what_was_asked_is_answered(hub: Hub, request_: Request) -> None:
    """Nobody, another channel, a time that is up: nobody asks."""
    mod = moderator(hub)
    assert type(refused(hub, mod, request_)) is NobodyAsks
    ask(hub, log_in(hub, "eve"), Join(channel="#chess"))
    assert type(refused(hub, mod, request_)) is NobodyAsks
    ask(hub, log_in(hub, "eve"), Join(channel="#club"))
    assert type(refused(hub, mod, request_, LATER)) is NobodyAsks
    assert type(refused(hub, mod, Accept(user="nobody", channel="#club"))) is NobodyAsks


@pytest.mark.parametrize("request_", [Withdraw(channel="#club"), Leave(channel="#club")])
def test_a_request_is_taken_back(hub: Hub, request_: Request) -> None:
    """Who could have answered hears of it, nobody else; what was never asked cannot be."""
    eve, mod, other = log_in(hub, "eve"), moderator(hub), log_in(hub, "other")
    assert type(refused(hub, eve, request_)) is NotInChannel
    ask(hub, eve, Join(channel="#club"))
    effects = decide(hub, eve, request_)
    [decided] = records_of(effects)
    assert isinstance(decided, JoinDecided)
    assert (decided.state, decided.told) == ("withdrawn", True)
    told = hub.apply(decided)
    assert requests_heard(mod, told) == [("withdrawn", "eve", "#club", None)]
    assert requests_heard(eve, told) == requests_heard(other, told) == []
    assert listed(hub, mod, Requests()) == []


def comes(hub: Hub, name: str, now: float) -> list[str]:
    """Log in and ask for what was missed, as every session does after its login; return what is told."""
    session = log_in(hub, name)
    return words(session, ask(hub, session, HandOver(), now))


@pytest.mark.parametrize(
    ("answer", "now", "said"),
    [
        (Accept(user="eve", channel="#club"), NOON, "You are admitted to #club."),
        (
            Reject(user="eve", channel="#club", reason="Complet"),
            NOON,
            "Your request for #club was rejected. Reason: Complet",
        ),
        (None, LATER, "Your request for #club has expired without an answer; you may ask again."),
    ],
)
def test_who_was_away_hears_it_when_they_come(hub: Hub, answer: Request | None, now: float, said: str) -> None:
    """Whatever became of the request: at the next login, and not at the one after."""
    eve, mod = log_in(hub, "eve"), moderator(hub)
    ask(hub, eve, Join(channel="#club"))
    ask(hub, eve, Disconnect())
    if answer is not None:
        assert words(mod, ask(hub, mod, answer)) == []
    assert comes(hub, "eve", now) == [said]
    assert comes(hub, "eve", now) == []


def test_who_admits_hears_how_many_wait(hub: Hub) -> None:
    """At their login; nobody else, and nobody when nobody waits."""
    add_account(hub, "mod", "moderator")
    assert comes(hub, "mod", NOON) == []
    ask(hub, log_in(hub, "eve"), Join(channel="#club"))
    ask(hub, log_in(hub, "eve"), Join(channel="#chess"))
    assert comes(hub, "mod", NOON) == ["Requests that wait for an answer: 2. Answer on the web page or at the console."]
    assert comes(hub, "eve", NOON) == []
    assert comes(hub, "mod", LATER) == []


def test_what_a_deleted_account_asked_is_forgotten(hub: Hub) -> None:
    """Nobody can answer it any more."""
    mod = moderator(hub)
    ask(hub, log_in(hub, "eve"), Join(channel="#club"))
    account = hub.state.account("eve")
    assert account is not None
    told = hub.apply(UserRemoved(user_id=account.id))
    assert requests_heard(mod, told) == [("over", "eve", "#club", None)]
    assert listed(hub, mod, Requests()) == []


def test_what_was_asked_for_a_deleted_channel_is_over(hub: Hub) -> None:
    """Whoever may answer need not be a member of the channel to hear it."""
    admin, mod = operates(hub, "boss", Role.ADMIN), moderator(hub)
    ask(hub, log_in(hub, "eve"), Join(channel="#club"))
    told = ask(hub, admin, DeleteChannel(channel="#club"))
    assert requests_heard(mod, told) == [("over", "eve", "#club", None)]
    assert listed(hub, mod, Requests()) == []


def test_a_start_tells_nobody(hub: Hub) -> None:
    """What is stored is made true again where nobody is yet; whoever asked waits on."""
    stored = changes_of(decide(hub, log_in(hub, "eve"), Join(channel="#club")))
    started = a_hub()
    started.restore([a_channel(4, "#club", kind="approval")])
    add_account(started, "eve")
    assert started.apply(stored[0]) == []
    assert listed(started, moderator(started), Requests()) == [("eve", "#club")]
