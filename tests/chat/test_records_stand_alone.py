"""The records of a busy hour, made true in a second hub that never had a session: both hubs know the same afterwards.

The records go from one to the other as bytes, so that nothing of the first process is in them.
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import Any

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import Accounts, AddUser, DelUser, Passwd, Password, PasswordChanged, SetRole
from classcord.chat.announcements.vocabulary import Announce
from classcord.chat.block_lists.vocabulary import BlockPerson
from classcord.chat.channel_moderators.vocabulary import ChannelModerator
from classcord.chat.channel_settings.vocabulary import SetChannel
from classcord.chat.channels.channel import Channel
from classcord.chat.channels.vocabulary import (
    Channels,
    CloseChannel,
    Create,
    DeleteChannel,
    Join,
    Leave,
    Members,
    Reopen,
    Topic,
)
from classcord.chat.checked_passwords.vocabulary import Hashed, Verified
from classcord.chat.connections.vocabulary import Disconnect
from classcord.chat.conversations.vocabulary import Hide, Marker, MarkerFound, MarkRead
from classcord.chat.descriptions.vocabulary import Description
from classcord.chat.effects import Close, Commit, Deliver, Effect, Later
from classcord.chat.errors import ChatError
from classcord.chat.events import Event
from classcord.chat.held_messages.vocabulary import Approve, HeldOn, MayBeResent, RefuseHeld
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Guest, Login, Logout, SessionsClosed, SessionStarted
from classcord.chat.invitation_codes.vocabulary import EndInvitationCode, MakeInvitationCode
from classcord.chat.invitations.vocabulary import Invite
from classcord.chat.join_requests.vocabulary import Accept, Reject, Requests, Withdraw
from classcord.chat.lessons.vocabulary import HoldExam, HoldLesson, RecallLessons
from classcord.chat.maintenance.vocabulary import Maintenance
from classcord.chat.messages.vocabulary import (
    Details,
    HandedOver,
    HandOver,
    MessageAdded,
    MessageKept,
    RepliedTo,
    Say,
    StoredMessage,
)
from classcord.chat.operators.rules import check_may_operate
from classcord.chat.operators.vocabulary import Operate, Present, Typed, Whois
from classcord.chat.people import Account, Person, Session
from classcord.chat.pins.vocabulary import Pin, PinFound, PinState
from classcord.chat.policy import Policy
from classcord.chat.presence.vocabulary import Status, Users
from classcord.chat.privacy.vocabulary import Erase
from classcord.chat.private_policy.vocabulary import PrivatePolicy
from classcord.chat.profiles.vocabulary import PersonProfile, ProfileFound, StoredProfile
from classcord.chat.profiles.vouched import Profile
from classcord.chat.quiet_hours.vocabulary import QuietHours
from classcord.chat.reactions.vocabulary import React, ReactedTo, ReactionsFound
from classcord.chat.records import Record
from classcord.chat.registration.vocabulary import Register, UserAdded, UsernameTaken
from classcord.chat.reports.vocabulary import CloseReport, MessageAndAround, Report, ToReport
from classcord.chat.requests import Request, subclasses
from classcord.chat.resends.rules import to_forget
from classcord.chat.resuming.issuing import kept_up
from classcord.chat.resuming.vocabulary import EndSession, Resume
from classcord.chat.retention.rules import run_due
from classcord.chat.retention.vocabulary import AccountLeft, PurgeEnded
from classcord.chat.revisions.vocabulary import Delete, Edit, ToDelete, ToEdit
from classcord.chat.roles import Operator, Role
from classcord.chat.sanctions.vocabulary import Ban, Bans, Kick, Mute, Unban, Unmute, Unwarn, Warn
from classcord.chat.state import LastIds, Sequence
from classcord.chat.typing_notifications.vocabulary import ShowTyping
from tests.chat.files import whole
from tests.chat.hubs import (
    NOON,
    a_channel,
    add_account,
    answered,
    applied,
    commit,
    connect,
    decide,
    records_of,
    registration,
    secrets,
    token_of,
    verified,
)

TERMS: dict[str, Any] = {"messages_per_second": 0.0, "stored_bytes_per_day": 0}


class Recorded(Hub):
    """A hub that writes down each record that it makes true."""

    log: list[Record]

    def apply(self, record: Record) -> list[Effect]:
        self.log.append(record)
        return super().apply(record)


class Hour:
    """A hub, and what happens in it: a request a second."""

    def __init__(self) -> None:
        self.hub = Recorded(Policy(**TERMS), LastIds(channel=9))
        self.hub.log = []
        self.hub.new_secret = secrets()
        self.now = NOON
        self.hub.restore(
            [
                a_channel(1, "#général", kind="default", members_from="guest"),
                a_channel(2, "#dev"),
                a_channel(3, "#admin", kind="private", guests=False, members_from="moderator"),
                a_channel(4, "#club", kind="approval", guests=False),
            ]
        )
        for name, role in (("head", "owner"), ("mod", "moderator"), ("alice", "member"), ("bob", "member")):
            add_account(self.hub, name, role)

    def happens(self, session: Session, *requests: Request) -> None:
        """Decide requests and commit them; who is turned out is gone."""
        for request in requests:
            self.now += 1
            self.goes_on(commit(self.hub, decide(self.hub, session, request, self.now), self.now))

    def goes_on(self, follow: list[Effect]) -> None:
        for effect in follow:
            if isinstance(effect, Later) and effect.session.person is not None:
                self.happens(effect.session, effect.request)
            elif isinstance(effect, Close):
                for closed in effect.sessions or ():
                    self.happens(closed, Disconnect())

    def comes(self, name: str, session: Session | None = None, *, modern: bool = True) -> Session:
        """Return the session of somebody who logs in; their password is always right."""
        session = session or connect(self.hub, modern=modern)
        self.happens(session, verified(self.hub, name))
        return session

    def visits(self, name: str) -> Session:
        """Return the session of a guest."""
        session = connect(self.hub)
        self.happens(session, Guest(username=name))
        return session

    def operates(self, operator: Operator) -> Session:
        session = connect(self.hub)
        self.happens(session, Operate(operator=operator, changes_password=True))
        return session

    def account(self, name: str) -> Account:
        found = self.hub.state.account(name)
        assert found is not None
        return found


def busy_hour() -> Recorded:
    """Return a hub after an hour in which everything has happened that can."""
    hour = Hour()
    head, key, bob = _people_come(hour)
    _messages(hour, bob)
    _channels(hour, head, bob)
    _requests_to_join(hour, head)
    _messages_that_wait(hour, head)
    _sanctions(hour, head, key)
    _accounts(hour, head)
    hour.visits("Zoé")  # whom the maintenance has turned out
    _sessions(hour)
    return hour.hub


def _people_come(hour: Hour) -> tuple[Session, Session, Session]:
    head = hour.operates(Operator(name="head", role=Role.OWNER, by="password", account_id=1, login=1))
    key = hour.operates(Operator(name="dupont", role=Role.ADMIN, fingerprint="SHA256:abc"))
    hour.operates(Operator(name="root", role=Role.OWNER, by="machine"))
    bob = hour.comes("bob")
    hour.happens(hour.comes("bob", modern=False), Say(content="/join general"))
    hour.comes("alice")
    mod = hour.comes("mod")
    hour.happens(mod, Status(state="invisible"))
    hour.happens(bob, Status(state="away"))
    stranger = connect(hour.hub)
    hour.happens(stranger, Hashed(asked=registration("léa", alias="lea2"), digest="digest"))
    hour.happens(stranger, verified(hour.hub, "léa", rehashed="newer"))
    max_ = hour.visits("Max")
    hour.visits("Zoé")
    hour.happens(max_, Hashed(asked=registration("Max"), digest="digest"))
    hour.comes("Max", max_)  # the guest is the account's now, on one connection
    hour.happens(hour.visits("Passant"), Logout())
    again = hour.visits("Revenant")
    hour.happens(again, Logout(), Guest(username="Revenante"))
    hour.happens(connect(hour.hub, modern=False), Say(content="Bonjour", from_="Nouvelle"))  # comes in by what they say
    with pytest.raises(UsernameTaken):
        decide(hour.hub, connect(hour.hub), registration("bob"))
    taken = connect(hour.hub)
    lost = decide(hour.hub, taken, Guest(username="Perdue"), hour.now)  # it cannot be stored: nobody has come
    for effect in lost:
        if isinstance(effect, Commit):
            hour.hub.abandon(effect.records)
    return head, key, bob


def _messages(hour: Hour, bob: Session) -> None:
    hour.happens(bob, Say(content="à tous @alice"), Say(content="ici", channel="#dev"), Say(content="psst", to="alice"))
    hour.happens(bob, ShowTyping(user="alice"), Say(content="encore", client_id="a7"))
    hour.happens(bob, BlockPerson(user="alice"), BlockPerson(user="alice", on=False), BlockPerson(user="léa"))
    hour.happens(bob, ProfileFound(asked=PersonProfile(alias="Bobby"), found=StoredProfile()))
    _reading(hour, bob)
    hour.hub.apply(to_forget(hour.now))
    first = next(r for r in hour.hub.log if isinstance(r, MessageAdded) and r.author == "bob")
    asked = Say(content="si", reply_to=first.message_id)
    hour.happens(bob, asked, RepliedTo(asked=asked, found=first))
    for on in (True, False):
        react = React(message_id=first.message_id, emoji="👍", on=on)
        there = ReactedTo(message=first, emoji=("👍",), own=() if on else ("👍",))
        hour.happens(bob, ReactionsFound(asked=react, found=there))
    mod = hour.comes("mod")
    for on in (True, False):
        hour.happens(
            mod,
            PinFound(asked=Pin(message_id=first.message_id, on=on), found=PinState(message=first, is_pinned=not on)),
        )
    file = whole(hour.hub, "4", 1).file
    assert file is not None
    hour.happens(bob, Say(content="", file=file.token))
    stored = StoredMessage(message=first, details=Details(file=file))
    _reports(hour, first, Details(file=file))
    hour.happens(bob, ToEdit(asked=Edit(message_id=first.message_id, content="à @alice et tous"), found=stored))
    hour.happens(bob, ToDelete(asked=Delete(message_id=first.message_id), found=stored))
    key = next(s for s, person in hour.hub.state.operators.items() if person.name == "dupont")
    hour.happens(key, Say(content="du bureau"))
    away = hour.comes("alice")
    for session in list(hour.hub.state.people["alice"].sessions):
        hour.happens(session, Disconnect())
    assert away.person is None
    hour.happens(bob, Say(content="à plus tard", to="alice"))  # waits for her
    hour.happens(hour.visits("Ami"), Say(content="moi aussi", to="alice"))
    alice = hour.comes("alice")
    hour.happens(alice, HandedOver(user_id=3, message_ids=(99,)))
    late = decide(hour.hub, bob, Say(content="trop tard", to="alice"), hour.now)
    hour.happens(alice, Disconnect())
    commit(hour.hub, late, hour.now)  # she has left while it was on its way
    hour.happens(bob, Say(content="pour plus tard", to="alice"))


def _reports(hour: Hour, message: MessageAdded, details: Details) -> None:
    """Let somebody report a message and leave, and hear the outcome at the next login."""
    found = MessageAndAround(stored=StoredMessage(message=message, details=details), before=(), around=())
    for name in ("alice", "léa", "Ami"):
        session = hour.visits(name) if name == "Ami" else hour.comes(name)
        hour.happens(session, ToReport(asked=Report(message_id=message.message_id, reason="aïe"), found=found))
        hour.happens(session, Disconnect())
    mod = hour.comes("mod")
    for number in (1, 2):
        hour.happens(mod, CloseReport(report_id=number, outcome="unfounded"))
    session = hour.comes("alice")
    hour.happens(session, HandOver())
    hour.happens(session, Disconnect())


def _reading(hour: Hour, bob: Session) -> None:
    """Let somebody read a channel and a private conversation, and close that one."""
    newest = Marker(last_read=0, newest=9, mentioned=True)
    hour.happens(bob, MarkerFound(asked=MarkRead(message_id=9), found=newest))
    hour.happens(bob, MarkerFound(asked=MarkRead(message_id=9, user="alice"), found=newest), Hide(user="alice"))


def _channels(hour: Hour, head: Session, bob: Session) -> None:
    alice = hour.comes("alice")
    zoe = next(iter(hour.hub.state.people["zoé"].sessions))
    hour.happens(bob, Create(channel="#projet", topic="mars"), Create(channel="#jury", kind="private"))
    hour.happens(alice, Join(channel="#projet"), Say(content="me voici", channel="#projet"), Join(channel="#dev"))
    hour.happens(zoe, Join(channel="#dev"), Say(content="salut", channel="#projet"), Leave(channel="#dev"))
    hour.happens(bob, Topic(channel="#projet", topic="avril"), Leave(channel="#dev"))
    hour.happens(bob, Description(channel="#projet", description="Tout le mois"), Invite(user="alice", channel="#jury"))
    hour.happens(bob, Create(channel="#vide"), DeleteChannel(channel="#vide"))
    hour.happens(
        head, ChannelModerator(user="alice", channel="#projet"), ChannelModerator(user="bob", channel="#projet")
    )
    hour.happens(head, ChannelModerator(user="bob", channel="#projet", on=False))
    hour.happens(head, SetChannel(channel="#projet", slow=0, hold=True), SetChannel(channel="#projet", name="#projets"))
    hour.happens(head, SetChannel(channel="#projets", name="#projet", hold=False, guests=False))
    hour.happens(head, CloseChannel(channel="#projet"), CloseChannel(channel="#dev"), Reopen(channel="#dev"))


def _requests_to_join(hour: Hour, head: Session) -> None:
    alice, bob, lea = (next(iter(hour.hub.state.people[key].sessions)) for key in ("alice", "bob", "léa"))
    hour.happens(alice, Join(channel="#club"))
    hour.happens(bob, Join(channel="#club"))
    hour.happens(lea, Join(channel="#club"), Withdraw(channel="#club"), Join(channel="#club"))
    hour.happens(lea, Disconnect())
    hour.comes("mod")  # hears that requests wait
    hour.happens(head, Accept(user="alice", channel="#club"), Reject(user="bob", channel="#club", reason="complet"))
    hour.happens(head, Reject(user="léa", channel="#club"))  # who hears of it at the next login
    hour.happens(hour.comes("léa"), HandOver(), Users())
    hour.happens(bob, Join(channel="#club"))


def _messages_that_wait(hour: Hour, head: Session) -> None:
    alice, dev = next(iter(hour.hub.state.people["alice"].sessions)), hour.hub.state.channel("#dev")
    assert dev is not None
    dev.hold = True
    file = whole(hour.hub, "3", dev.id).file
    assert file is not None
    first = hour.hub.state.held_ids.last + 1
    asked = Say(content="je peux ?", channel="#dev", client_id="h1")
    hour.happens(alice, MayBeResent(asked=asked, found=None), Say(content="", channel="#dev", file=file.token))
    hour.happens(alice, Say(content="oui", channel="#dev"), Say(content="non", channel="#dev"))
    answered_one = MessageAdded(message_id=1, at=1, channel_id=dev.id, author="bob", content="?")
    reply = Say(content="oui", channel="#dev", reply_to=1)
    hour.happens(alice, RepliedTo(asked=reply, found=answered_one), Say(content="encore", channel="#dev"))
    hour.happens(head, Approve(held_id=first), Approve(held_id=first + 1), RefuseHeld(held_id=first + 2, reason="non"))
    hour.happens(alice, RefuseHeld(held_id=first + 3))
    hour.happens(head, Approve(held_id=first + 4))
    hour.hub.apply(HeldOn(held_id=first + 5, why="quiet_hours", until=1, at=1))
    dev.hold = False
    _quiet_hours(hour, head)


def _quiet_hours(hour: Hour, head: Session) -> None:
    """Let quiet hours begin and end, and be suspended."""
    at = int(hour.now * 1000)
    for until in (at - 1, at + 3_600_000, at - 1):
        hour.hub.quiet.set([(at - 2, until)])
        for record in hour.hub.due(hour.now):
            hour.hub.apply(record)
    for rooms in (frozenset[str](), frozenset({"dev"})):
        hour.hub.quiet.set([(at - 2, at + 3_600_000)], rooms)
        for record in hour.hub.due(hour.now):
            hour.hub.apply(record)
    hour.hub.quiet.set([(at + 7_200_000, at + 7_200_001)])
    hour.happens(head, QuietHours(state="off", duration=600.0), QuietHours(state="on"))
    hour.hub.quiet.set([])
    hour.hub.holding.clear()
    _reloaded(hour)


def _reloaded(hour: Hour) -> None:
    """Let the settings take a right from people, and give it back."""
    policy = hour.hub.policy
    for settings in (msgspec.structs.replace(policy, create_channel=Role.OWNER), policy):
        hour.hub.set_policy(settings)
        for record in hour.hub.due(hour.now):
            hour.hub.apply(record)


def _sanctions(hour: Hour, head: Session, key: Session) -> None:
    hour.happens(key, Warn(user="alice", reason="une fois"), Unwarn(user="alice"), Warn(user="alice", reason="encore"))
    hour.happens(key, Mute(user="alice", reason="chut"), Mute(user="Zoé"), Unmute(user="Zoé"))
    hour.happens(
        head, Kick(user="Nouvelle"), Ban(target="Max", duration=3600.0), Ban(target="léa"), Unban(target="léa")
    )
    hour.happens(head, Ban(target="203.0.113.0/24", reason="robots"))
    hour.happens(key, Announce(content="Cours annulé"), Announce(content="ici", channel="#dev"))
    hour.happens(head, HoldLesson(state="on", channel="#dev"), HoldLesson(state="on", channel="#dev", duration=60.0))
    hour.happens(hour.comes("alice", modern=False), RecallLessons())
    hour.happens(head, HoldLesson(state="off", channel="#dev"))
    hour.happens(head, HoldExam(state="on", addresses="10.0.0.0/8,192.0.2.0/24"), HoldExam(state="off"))
    hour.happens(head, PrivatePolicy(policy="staff"), PrivatePolicy(policy="settings"))
    hour.happens(head, Maintenance(state="on", reason="Retour à 18 h"))
    assert "bob" not in hour.hub.state.people
    hour.happens(head, Maintenance(state="off"), Typed(line="1 + 1"))


def _accounts(hour: Hour, head: Session) -> None:
    bob, alice = hour.comes("bob"), hour.comes("alice")
    hour.operates(Operator(name="mod", role=Role.MODERATOR, by="password", account_id=2, login=2))
    hour.happens(head, SetRole(user="alice", role="admin"), SetRole(user="mod", role="member"))
    other = hour.comes("bob")
    hour.happens(bob, Hashed(asked=Password(old="azerty", new="qwerty"), digest="new"))
    assert (bob.name, other.name) == ("bob", "")
    mine = Password(old="azerty", new="qwerty")
    hour.operates(Operator(name="head", role=Role.OWNER, by="password", account_id=1, login=head.id + 100))
    hour.happens(head, Hashed(asked=mine, digest="new"))  # the other console of this account ends
    hour.happens(head, Hashed(asked=AddUser(username="eve"), digest="once", made="mot-de-passe"))
    eve = hour.comes("eve")
    assert eve in hour.hub.state.confined
    hour.happens(eve, Hashed(asked=mine, digest="hers"))
    hour.happens(head, Hashed(asked=AddUser(username="tom"), digest="once", made="mot-de-passe"))
    hour.comes("tom")  # who has not changed it yet
    hour.happens(head, Hashed(asked=Passwd(user="alice"), digest="once", made="mot-de-passe"))
    assert alice.person is None
    hour.comes("léa")
    hour.happens(head, DelUser(user="léa"))
    hour.happens(head, Erase(user="Max"))
    hour.happens(head, MakeInvitationCode(into=("#dev",), uses=2, note="SIO"), MakeInvitationCode(role="moderator"))
    [code, _] = hour.hub.state.invitation_codes
    invited = Register(username="paul", password="azerty", code=code.code)
    hour.happens(connect(hour.hub), Hashed(asked=invited, digest="his"))
    hour.happens(head, EndInvitationCode(code_id=2))
    login = Login(username="inès", password="azerty")
    by_directory = Verified(asked=login, version=None, valid=True, profile=Profile(name="Inès", role=Role.MODERATOR))
    hour.happens(hour.visits("inès"), by_directory)  # who was here as a guest
    hour.happens(connect(hour.hub), by_directory)


def _sessions(hour: Hour) -> None:
    carol = hour.comes("bob")
    hour.comes("bob")
    hour.happens(connect(hour.hub), Resume(session=token_of(hour.hub, carol)))  # the old connection has not ended yet
    again = hour.visits("Passante")
    token = token_of(hour.hub, again)
    hour.happens(again, Disconnect())
    hour.happens(connect(hour.hub), Resume(session=token, after=1))
    hour.happens(hour.comes("bob"), EndSession(others=True))
    run = run_due(hour.hub, hour.now)
    assert run is not None
    left = AccountLeft(user_id=hour.hub.state.accounts["bob"].id, at=run.at)
    by_itself = (left, run, PurgeEnded(number=run.number, at=run.at + 1), *kept_up(hour.hub, hour.now + 15 * 86_400))
    for record in by_itself:
        hour.hub.apply(record)


def elsewhere(log: list[Record]) -> Hub:
    """Return the hub of another process, that has read a log of records, and nothing besides."""
    hub = Hub(Policy(**TERMS))
    hub.restore(_sent(record) for record in log)
    return hub


def _sent(record: Record) -> Record:
    """Return the record as it comes out of bytes."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(record), type=type(record))


CACHES = {"_visible", "_staff_looks", "_audience"}  # made when they are asked for
OURS = {"void_before"}  # counts the connections of this process; see `_in_force`


def known(value: object) -> object:
    """Return what a hub knows, as values that can be compared: whatever is in a State, by its type."""
    if isinstance(value, Session):
        return value.id, value.row, value.address, value.face, value.shows_events, value.name
    if isinstance(value, Person):
        account = value.account.id if value.account else None
        sessions = [known(session) for session in value.sessions]
        return value.name, value.key, account, value.since, value.state, value.operator, value.role, sessions
    if isinstance(value, Account):
        return {k: known(v) for k, v in msgspec.structs.asdict(value).items() if k not in OURS}
    if isinstance(value, Channel):
        return {name: known(getattr(value, name)) for name in Channel.__slots__ if name not in CACHES}
    if isinstance(value, Record):
        return msgspec.structs.asdict(value)
    if isinstance(value, dict):
        return [(known(key), known(of)) for key, of in value.items()]
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, list | tuple | deque):
        return [known(each) for each in value]
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Sequence):
        return None  # each process has its own
    if value is None or isinstance(value, int | float | str):
        return value
    names = getattr(value, "__slots__", None) or getattr(value, "__struct_fields__", None) or vars(value)
    assert names, f"{type(value)} is compared by nothing"
    return {name: known(getattr(value, name)) for name in names if name not in CACHES}


def _in_force(hub: Hub, now: float) -> list[tuple[str, str]]:
    """Return who administers, and what has ended their login."""
    found = []
    for session, person in hub.state.operators.items():
        assert person.operator is not None
        try:
            check_may_operate(hub, person.operator, session.address, now)
        except ChatError as error:
            found.append((person.name, error.code))
        else:
            found.append((person.name, "may"))
    return found


@pytest.fixture(scope="module")
def first() -> Recorded:
    return busy_hour()


def test_everything_happens_in_the_busy_hour(first: Recorded) -> None:
    """Every kind of record is in it; the end of the server is a test of its own."""
    assert {type(record) for record in first.log} == set(subclasses(Record)) - {SessionsClosed}
    rehashed = [record.rehashed for record in first.log if isinstance(record, PasswordChanged)]
    assert set(rehashed) == {True, False}
    state = first.state
    assert state.operators
    assert state.confined
    assert state.kept
    assert state.removed
    assert any(person.account is None for person in state.people.values())
    assert any(len(person.sessions) > 1 for person in state.people.values())
    assert any(session.row != session.id for session in state.everyone())


def test_another_process_knows_the_same(first: Recorded) -> None:
    """Accounts, channels, who is here, in which sessions, who listens since when, sanctions, requests, what waits."""
    second = elsewhere(first.log)
    assert second.state.visible() == first.state.visible()  # each keeps what it was last asked for
    ours, theirs = known(first.state), known(second.state)
    assert isinstance(ours, dict)
    assert isinstance(theirs, dict)
    for name in ours:
        assert (name, theirs[name]) == (name, ours[name])
    assert ours.keys() == theirs.keys()
    assert _in_force(second, NOON + 3600) == _in_force(first, NOON + 3600)
    assert not second.replaying


def test_another_process_answers_the_same(first: Recorded) -> None:
    """Who asks there who is here, and what has been done, reads the same."""
    second = elsewhere(first.log)
    asked = [Present(), Accounts(), Bans(), Requests(), Channels(), Members(channel="#dev"), Members(), Users()]
    asked += [Whois(user=name) for name in ("alice", "bob", "Zoé", "dupont", "tom", "eve")]
    asking = [_machine(hub) for hub in (first, second)]
    for request in asked:
        ours, theirs = (answered(hub, session, request) for hub, session in zip((first, second), asking, strict=True))
        assert theirs == ours
    for hub, session in zip((first, second), asking, strict=True):
        commit(hub, decide(hub, session, Disconnect(), NOON))


def _machine(hub: Hub) -> Session:
    """Return the session of who has the machine, whom nobody sees; it has one number in every hub."""
    session = connect(hub)
    session.id = 10**6
    commit(hub, decide(hub, session, Operate(operator=Operator(name="asks", role=Role.OWNER, by="machine"))))
    return session


def test_no_id_is_given_out_twice(first: Recorded) -> None:
    """What another process does next has numbers of its own."""
    second = elsewhere(first.log)
    mine = _machine(second)
    number = next(record.message_id for record in reversed(first.log) if isinstance(record, MessageAdded))
    effects = decide(second, mine, Say(content="ici aussi"))
    [said] = [record for record in records_of(effects) if isinstance(record, MessageAdded)]
    assert said.message_id > number
    assert second.state.user_ids.next() > max(record.user_id for record in first.log if isinstance(record, UserAdded))
    started = [record.session_id for record in first.log if isinstance(record, SessionStarted)]
    assert second.state.session_ids.next() > max(started)


def test_every_record_says_who_did_it(first: Recorded) -> None:
    """What somebody asked has their session; what the server did of itself has none, and those are few."""
    kinds = {type(record) for record in first.log[8:] if record.session_id is None}
    assert MessageAdded not in kinds
    by_time = {"ClientIdsForgotten", "AccountLeft", "PurgeBegun", "PurgeEnded", "TokenProlonged", "TokensExpired"}
    by_time |= {"ExemptChannelsTold", "QuietHoursBegun", "QuietHoursEnded", "RightsTold"}
    own = {"MessageKept", "JoinTold", "OutcomeTold", "WarningTold", "HeldForgotten", "HeldOn"}
    assert {kind.__name__ for kind in kinds} == own | by_time
    kept = next(record for record in first.log if isinstance(record, MessageKept))
    assert (kept.session_id, kept.actor) == (None, None)


def test_people_of_another_process_are_heard_here() -> None:
    """Who is here hears what is said there, and does not hear it as their own."""
    there = Hour()
    here = elsewhere(there.hub.log)
    listener = connect(here)
    listener.id = 500
    commit(here, decide(here, listener, verified(here, "alice")))
    begun = len(there.hub.log)
    bob = there.comes("bob")
    there.happens(bob, Say(content="bonjour"), Disconnect())
    heard: list[Event] = []
    here.replaying = True
    for record in there.hub.log[begun:]:
        delivered = [effect for effect in applied(here, [_sent(record)]) if isinstance(effect, Deliver)]
        heard += [each.event for each in delivered if listener in each.audience and each.author is not listener]
    here.replaying = False
    assert [type(event).__name__ for event in heard] == ["StatusChanged", "Notice", "Said", "StatusChanged", "Notice"]
    assert getattr(heard[2], "content", None) == "bonjour"
    assert set(here.state.people) == {"alice"}


def test_a_server_that_ends_leaves_nobody(first: Recorded) -> None:
    """Its last record ends all its sessions, wherever they are known."""
    second = elsewhere([*first.log, SessionsClosed(at=0)])
    assert (second.state.people, second.state.operators, second.state.confined) == ({}, {}, {})
    assert second.state.sessions == {}
    assert all(not channel.sessions for channel in second.state.channels_by_id.values())
