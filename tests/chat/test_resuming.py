"""Tokens and resuming, by the hub alone: whose they are, how many there may be, and when they end."""

from __future__ import annotations

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import Password
from classcord.chat.channels.vocabulary import Join
from classcord.chat.checked_passwords.vocabulary import Hashed
from classcord.chat.connections.vocabulary import Disconnect
from classcord.chat.conversations.missed import MOST_AT_LOGIN
from classcord.chat.conversations.vocabulary import ConversationsOf
from classcord.chat.effects import Close, Effect, Later, Pause, Refuse, Replay, TellSecurity
from classcord.chat.errors import BadRequest, ChatError, NotAllowed
from classcord.chat.hub import Hub
from classcord.chat.identity.rules import MOST_SESSIONS
from classcord.chat.identity.vocabulary import Guest, LoggedIn, Logout, SessionStarted
from classcord.chat.messages.vocabulary import HandOver, Say
from classcord.chat.people import Session
from classcord.chat.resuming import issuing
from classcord.chat.resuming.issuing import DAY_MS, kept_up
from classcord.chat.resuming.rules import MOST_REPLAYED
from classcord.chat.resuming.tokens import Token, Tokens, digest
from classcord.chat.resuming.vocabulary import (
    BadToken,
    EndSession,
    Gap,
    Missing,
    MySessions,
    NamedAlready,
    NoSuchSession,
    OwnSessionsListed,
    Resume,
    Resumed,
    TokenEnded,
    TokenMade,
    TokenProlonged,
    TokensExpired,
    TokenUsed,
    WaitedToResume,
)
from classcord.chat.roles import Role
from tests.chat.hubs import (
    ADDRESS,
    NOON,
    NOON_MS,
    Ear,
    a_hub,
    add_account,
    answered,
    ask,
    changes_of,
    channel,
    come_in,
    commit,
    connect,
    decide,
    heard_by,
    log_in,
    operates,
    records_of,
    secrets,
    the_commit,
    token_of,
    verified,
)

DAY = 86_400.0


def a_hub_with_tokens(**terms: object) -> Hub:
    hub = a_hub(**terms)
    hub.new_secret = secrets()
    return hub


def gone(hub: Hub, session: Session) -> str:
    """Lose a connection; return the session's token."""
    token = token_of(hub, session)
    ask(hub, session, Disconnect())
    return token


def back(hub: Hub, token: str, now: float = NOON, after: int | None = None) -> tuple[Session, list[Effect]]:
    """Return the session that resumes another one, and what follows."""
    session = connect(hub)
    return session, ask(hub, session, Resume(session=token, after=after), now)


def refused(hub: Hub, token: str, now: float = NOON) -> ChatError:
    """Return why a session cannot be resumed."""
    try:
        effects = decide(hub, connect(hub), Resume(session=token), now)
    except ChatError as error:
        return error
    (told, refusal) = effects
    assert told == TellSecurity("bad-token")
    assert isinstance(refusal, Refuse)
    return refusal.error


def tokens(hub: Hub) -> list[int]:
    return sorted(token.id for token in hub.state.tokens)


# -- who gets one -----------------------------------------------------------------------------------------------------


def test_a_login_is_answered_with_a_token() -> None:
    """The digest is stored with whose it is and until when, in the commit of the login; the token is only told."""
    hub = a_hub_with_tokens()
    account = add_account(hub, "bob")
    session = connect(hub)
    session.client = "java/1"
    effects = decide(hub, session, verified(hub, "bob"))
    answer = the_commit(effects).answer
    assert isinstance(answer, LoggedIn)
    assert answer.session == "token 1"
    started, made = records_of(effects)
    assert isinstance(started, SessionStarted)
    assert isinstance(made, TokenMade)
    assert (made.token_id, made.session, made.user_id) == (started.session_id, started.session_id, account.id)
    assert (made.digest, made.address, made.client) == (digest("token 1"), ADDRESS, "java/1")
    assert (made.made_at, made.used_at, made.expires_at) == (NOON_MS, NOON_MS, NOON_MS + 14 * DAY_MS)
    assert "token 1" not in repr(effects)


def test_nothing_shows_a_token() -> None:
    """Neither a request nor an answer that has one shows it in a log or a traceback."""
    for value in (
        Resume(session="a secret"),
        WaitedToResume(asked=Resume(session="a secret")),
        LoggedIn(username="bob", role="member", session="a secret"),
    ):
        assert "a secret" not in repr(value)


@pytest.mark.parametrize("why", ["classic", "days", "chance", "console"])
def test_who_gets_none(why: str) -> None:
    """A classic client, anybody with `session_days` 0 or without chance, and a session without a connection."""
    hub = a_hub_with_tokens(session_days=0 if why == "days" else 14)
    if why == "chance":
        hub.new_secret = None
    session = connect(hub, modern=why != "classic")
    if why == "console":
        session.listener = Ear(msgspec.structs.replace(session.traits, resumes=False))
    add_account(hub, "bob")
    effects = decide(hub, session, verified(hub, "bob"))
    assert [type(record) for record in records_of(effects)] == [SessionStarted]
    assert the_commit(effects).answer.session is None  # type: ignore[union-attr]


def test_a_first_login_and_a_guest_get_one_too() -> None:
    """Whatever begins a session of a modern client gives a token; a guest's belongs to nobody's account."""
    hub = a_hub_with_tokens()
    effects = decide(hub, connect(hub), Guest(username="Zoé"))
    made = records_of(effects)[-1]
    assert isinstance(made, TokenMade)
    assert (made.user_id, made.name) == (None, "Zoé")
    assert the_commit(effects).answer.session == "token 1"  # type: ignore[union-attr]


# -- how many ---------------------------------------------------------------------------------------------------------


def test_an_account_has_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more ends the one that was not used for the longest time, and is not connected."""
    monkeypatch.setattr(issuing, "MOST_TOKENS", 3)
    hub = a_hub_with_tokens()
    add_account(hub, "bob")
    sessions = [log_in(hub, "bob") for _ in range(3)]
    token = gone(hub, sessions[1])
    before = tokens(hub)
    log_in(hub, "bob")
    assert len(tokens(hub)) == 3
    assert isinstance(refused(hub, token), BadToken)
    log_in(hub, "bob")  # all are connected: the oldest goes
    assert before[0] not in tokens(hub)
    assert len(tokens(hub)) == 3


def test_guests_have_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one source so many; of all together so many, and the source with the most makes room."""
    monkeypatch.setattr(issuing, "MOST_GUEST_TOKENS", 3)
    monkeypatch.setattr(issuing, "MOST_GUESTS", 4)
    hub = a_hub_with_tokens()
    for number in range(5):
        come_in(hub, f"guest{number}")
    assert hub.state.tokens.guests == 3
    for address in ("192.0.2.7", "192.0.2.8", "192.0.2.9"):
        session = connect(hub)
        session.address = address
        come_in(hub, f"of {address[-1]}", session)
    assert hub.state.tokens.guests == 4
    assert len(hub.state.tokens.of_guests(ADDRESS)) == 1
    assert len(hub.state.tokens.of_guests("192.0.2.9")) == 1


def test_the_list_of_tokens() -> None:
    """A token is found by its digest, number, session and owner, and is gone from all of them; twice is no error."""
    found = Tokens()
    token = Token(
        id=1,
        digest=digest("x"),
        user_id=7,
        name="bob",
        address=ADDRESS,
        client="",
        session=1,
        made_at=0,
        used_at=0,
        expires_at=9,
    )
    found.add(token)
    found.used(token, session=5, address="192.0.2.2")
    assert found.found("x") is found.named(1) is found.of_session(5) is found.of_account(7)[0]
    assert (found.of_session(1), found.of_session(None), len(found)) == (None, None, 1)
    found.remove(1)
    found.remove(1)
    assert (found.found("x"), found.named(1), found.of_session(5), found.of_account(7)) == (None, None, None, ())


# -- coming back ------------------------------------------------------------------------------------------------------


def test_a_session_is_resumed() -> None:
    """Its person comes again, the token belongs to the new session, and expires later."""
    hub = a_hub_with_tokens()
    token = gone(hub, log_in(hub, "bob"))
    session = connect(hub)
    effects = decide(hub, session, Resume(session=token), NOON + DAY)
    assert effects[1:] == [TellSecurity("resumed", "bob")]
    started, used = records_of(effects)
    assert isinstance(started, SessionStarted)
    assert isinstance(used, TokenUsed)
    assert (used.session, used.follows) == (started.session_id, 1)
    follow = commit(hub, effects)
    assert [effect for effect in follow if isinstance(effect, Later)] == [Later(session, 0.0, HandOver())]
    assert [each.answer for each in follow if isinstance(each, Replay)] == [
        Resumed(username="bob", role="member", may=("create_channels",))
    ]
    assert session.name == "bob"
    found = hub.state.tokens.of_session(session.row)
    assert found is not None
    assert (found.used_at, found.expires_at) == (NOON_MS + DAY_MS, NOON_MS + 15 * DAY_MS)


def test_a_session_whose_connection_is_still_open() -> None:
    """The new one begins before the old one ends, so that nobody hears of it; the old connection is closed."""
    hub = a_hub_with_tokens()
    eve, old = log_in(hub, "eve"), log_in(hub, "bob")
    person = old.person
    session, follow = back(hub, token_of(hub, old))
    assert heard_by(eve, follow) == []
    assert [effect.sessions for effect in follow if isinstance(effect, Close)] == [(old,)]
    assert (session.person, old.person, old.row) == (person, None, None)
    assert decide(hub, old, Disconnect()) == []


def test_a_guest_is_where_the_guest_was() -> None:
    """A guest's channels are those of the connection, and go on with the session."""
    hub = a_hub_with_tokens()
    old = come_in(hub, "Zoé")
    ask(hub, old, Join(channel="#dev"))
    session, _ = back(hub, token_of(hub, old))
    assert session in channel(hub, "#dev").sessions
    assert old not in channel(hub, "#dev").sessions
    assert session.name == "Zoé"


def test_where_there_is_a_name_already() -> None:
    """A connection that has a name keeps it; it does not become another session."""
    hub = a_hub_with_tokens()
    token = token_of(hub, log_in(hub, "bob"))
    for session in (log_in(hub, "eve"), come_in(hub, "Zoé"), log_in(hub, "bob")):
        with pytest.raises(NamedAlready):
            decide(hub, session, Resume(session=token))


def test_after_bad_tokens_there_is_a_pause() -> None:
    """Five are refused at once; each further one waits, and is then refused without another pause."""
    hub = a_hub_with_tokens()
    for _ in range(5):
        assert isinstance(refused(hub, "guess"), BadToken)
    session, request = connect(hub), Resume(session="guess")
    assert decide(hub, session, request) == [Pause(WaitedToResume(asked=request), 0.5)]
    told, refusal = decide(hub, session, WaitedToResume(asked=request), NOON + 0.5)
    assert told == TellSecurity("bad-token")
    assert isinstance(refusal, Refuse)
    assert refusal.request is request
    assert WaitedToResume(asked=request).origin is request


def test_one_guesser_of_many_at_an_address_delays_nobody_else() -> None:
    """At an address that many people share, only the connection that has guessed waits."""
    hub = a_hub_with_tokens(shared_networks=("192.0.2.0/24",))
    session = connect(hub)
    for _ in range(5):
        decide(hub, session, Resume(session="guess"))
    (pause,) = decide(hub, session, Resume(session="guess"))
    assert isinstance(pause, Pause)
    assert isinstance(refused(hub, "guess"), BadToken)


# -- who does not come back -------------------------------------------------------------------------------------------


def test_when_a_token_ends() -> None:
    """By a logout, by another name on its connection, by a new password but for the one who sets it."""
    hub = a_hub_with_tokens()
    first = log_in(hub, "bob")
    token = token_of(hub, first)
    assert TokenEnded(token_id=first.row or 0) in changes_of(decide(hub, first, Logout()))
    ask(hub, first, Logout())
    assert isinstance(refused(hub, token), BadToken)
    second = log_in(hub, "bob")
    token = token_of(hub, second)
    ask(hub, second, verified(hub, "bob"))
    assert isinstance(refused(hub, token), BadToken)
    mine, other = token_of(hub, second), token_of(hub, log_in(hub, "bob"))
    ask(hub, second, changed_password())
    assert isinstance(refused(hub, other), BadToken)
    assert back(hub, mine)[0].name == "bob"


def changed_password() -> Hashed:
    return Hashed(asked=Password(old="azerty", new="another one"), digest="new")


def test_expired() -> None:
    """14 days after it was used last, a token is worth nothing, whether or not its row is there."""
    hub = a_hub_with_tokens()
    token = gone(hub, log_in(hub, "bob"))
    assert isinstance(refused(hub, token, NOON + 14 * DAY), BadToken)
    assert kept_up(hub, NOON + 14 * DAY - 1) == ()
    (expired,) = kept_up(hub, NOON + 14 * DAY)
    assert isinstance(expired, TokensExpired)
    hub.apply(expired)
    assert tokens(hub) == []


def test_a_connected_session_does_not_expire() -> None:
    """Twice a day at the most, its token is noted as used; that of an ended one is not."""
    hub = a_hub_with_tokens()
    log_in(hub, "bob")
    gone(hub, log_in(hub, "eve"))
    assert kept_up(hub, NOON + DAY / 2 - 1) == ()
    (prolonged,) = kept_up(hub, NOON + DAY / 2)
    assert isinstance(prolonged, TokenProlonged)
    hub.apply(prolonged)
    assert kept_up(hub, NOON + DAY / 2) == ()
    hub.apply(TokenEnded(token_id=prolonged.token_id))
    assert hub.apply(prolonged) == []


def test_a_changed_setting_counts_at_once() -> None:
    """With `session_days` 0, tokens that were given before open nothing."""
    hub = a_hub_with_tokens()
    token = gone(hub, log_in(hub, "bob"))
    hub.set_policy(msgspec.structs.replace(hub.policy, session_days=0))
    assert isinstance(refused(hub, token), BadToken)


def test_a_one_time_password_closes_the_door() -> None:
    """An account that must change its password comes in by it, and by nothing else."""
    hub = a_hub_with_tokens()
    token = gone(hub, log_in(hub, "bob"))
    hub.state.accounts["bob"].must_change = True
    assert isinstance(refused(hub, token), BadToken)


def test_too_many_sessions() -> None:
    """A resume counts as a login does, but for the session that it takes over."""
    hub = a_hub_with_tokens()
    token = gone(hub, log_in(hub, "bob"))
    live = [log_in(hub, "bob"), *(log_in(hub, "bob", modern=False) for _ in range(MOST_SESSIONS - 1))]
    assert refused(hub, token).code == "too_many_connections"
    assert back(hub, token_of(hub, live[0]))[0].name == "bob"


def test_guests_are_not_welcome_any_more() -> None:
    """A guest's token is worth what `guest` is worth now."""
    hub = a_hub_with_tokens()
    token = gone(hub, come_in(hub, "Zoé"))
    hub.set_policy(msgspec.structs.replace(hub.policy, guests=False))
    assert isinstance(refused(hub, token), NotAllowed)


# -- what was missed --------------------------------------------------------------------------------------------------


def replay(hub: Hub, token: str, after: int | None) -> Replay:
    _, follow = back(hub, token, after=after)
    (effect,) = (each for each in follow if isinstance(each, Replay))
    return effect


def test_what_is_replayed() -> None:
    """What came after `after`, up to the newest committed message, in the channels and conversations of the person."""
    hub = a_hub_with_tokens()
    bob, eve = log_in(hub, "bob"), log_in(hub, "eve")
    ask(hub, bob, Join(channel="#dev"))
    account = hub.state.accounts["bob"].id
    token = gone(hub, bob)
    for content in "abc":
        ask(hub, eve, Say(content=content))
    effect = replay(hub, token, 1)
    assert effect.answer == Resumed(username="bob", role="member", may=("create_channels",))
    assert effect.gap == Gap(after=1, up_to=3)
    question = effect.question
    assert isinstance(question, Missing)
    assert (question.channels, question.user_id) == ((1, 2), account)
    assert (question.after, question.up_to, question.most) == (1, 3, MOST_REPLAYED)
    assert effect.summary == ConversationsOf(user_id=account, channels=(1, 2), limit=MOST_AT_LOGIN, whole=False)


@pytest.mark.parametrize("after", [None, 9])
def test_what_there_is_to_be_read(after: int | None) -> None:
    """Where nothing is replayed, the store is asked for it; but not for a guest, who has no read markers."""
    hub = a_hub_with_tokens()
    token, visitor = gone(hub, log_in(hub, "bob")), gone(hub, come_in(hub, "Zoé"))
    effect = replay(hub, token, after)
    assert effect.question is None
    assert effect.summary == ConversationsOf(user_id=1, channels=(1,), limit=MOST_AT_LOGIN, whole=False)
    assert replay(hub, visitor, after).summary is None


@pytest.mark.parametrize(("after", "gap"), [(3, None), (4, Gap(after=0, up_to=3))])
def test_where_nothing_is_to_be_read(after: int, gap: Gap | None) -> None:
    """Nothing was missed; or the client knows more than there is, and must read anew."""
    hub = a_hub_with_tokens()
    token, eve = gone(hub, log_in(hub, "bob")), log_in(hub, "eve")
    for content in "abc":
        ask(hub, eve, Say(content=content))
    effect = replay(hub, token, after)
    assert (effect.question, effect.gap) == (None, gap)


def test_a_guests_private_messages() -> None:
    """They are the guest's as long as the name was; what was written to the name later is another guest's."""
    hub = a_hub_with_tokens()
    eve = log_in(hub, "eve")
    ask(hub, eve, Say(content="before"))
    token = gone(hub, come_in(hub, "Zoé"))
    ask(hub, eve, Say(content="later"))
    question = replay(hub, token, 0).question
    assert question is not None
    assert (question.user_id, question.guest, question.named_after, question.named_up_to) == (None, "zoé", 1, 1)
    again = hub.state.tokens.found(token)
    assert again is not None
    assert (again.named_after, again.named_up_to) == (2, None)


def test_after_a_restart_nobody_knows_which_were_a_guests() -> None:
    """A token comes from the store without the messages between which the name was its guest's."""
    hub = a_hub_with_tokens()
    made = TokenMade(
        token_id=40,
        digest=digest("old"),
        user_id=None,
        name="Zoé",
        address=ADDRESS,
        session=50,
        made_at=0,
        used_at=0,
        expires_at=NOON_MS * 2,
    )
    hub.restore([made])
    assert connect(hub).id == 51  # no number is given out twice
    ask(hub, log_in(hub, "eve"), Say(content="hello"))
    question = replay(hub, "old", 0).question
    assert question is not None
    assert (question.up_to, question.named_up_to) == (1, 0)


def test_a_token_that_is_gone_changes_nothing() -> None:
    """A record of another process about a token that is unknown here is no error."""
    hub = a_hub_with_tokens()
    used = TokenUsed(token_id=9, session=1, follows=1, name="x", address="", client="", used_at=0, expires_at=0)
    assert hub.apply(used) == []


# -- one's own sessions -----------------------------------------------------------------------------------------------


def listed(hub: Hub, session: Session) -> list[tuple[int, bool, bool]]:
    answer = answered(hub, session, MySessions())
    assert isinstance(answer, OwnSessionsListed)
    return [(each.session_id, each.connected, each.current) for each in answer.sessions]


def test_ones_own_sessions_are_listed() -> None:
    """Connected or not, modern or classic; the one that asks comes first. Others' are not among them."""
    hub = a_hub_with_tokens()
    log_in(hub, "eve")
    away, classic, mine = log_in(hub, "bob"), log_in(hub, "bob", modern=False), log_in(hub, "bob")
    number = away.row
    gone(hub, away)
    assert listed(hub, mine) == [(mine.row, True, True), (classic.row, True, False), (number, False, False)]
    zoe = come_in(hub, "Zoé")
    assert listed(hub, zoe) == [(zoe.row, True, True)]


def test_a_session_keeps_its_number() -> None:
    """A resumed session is the same one in the list."""
    hub = a_hub_with_tokens()
    old = log_in(hub, "bob")
    number = old.row
    session, _ = back(hub, gone(hub, old))
    assert session.row != number
    assert listed(hub, session) == [(number, True, True)]


def test_one_of_ones_own_sessions_is_ended() -> None:
    """Its token is void, and its connection is told why and closed."""
    hub = a_hub_with_tokens()
    mine, other = log_in(hub, "bob"), log_in(hub, "bob")
    token = token_of(hub, other)
    follow = ask(hub, mine, EndSession(session_id=other.row))
    assert [effect.sessions for effect in follow if isinstance(effect, Close)] == [(other,)]
    assert TellSecurity("sessions-ended", "bob") in follow
    assert isinstance(refused(hub, token), BadToken)


def test_all_others_are_ended() -> None:
    """Those that are not connected too; with no other one, nothing happens."""
    hub = a_hub_with_tokens()
    mine, classic = log_in(hub, "bob"), log_in(hub, "bob", modern=False)
    token = gone(hub, log_in(hub, "bob"))
    follow = ask(hub, mine, EndSession(others=True))
    assert [effect.sessions for effect in follow if isinstance(effect, Close)] == [(classic,)]
    assert isinstance(refused(hub, token), BadToken)
    ask(hub, classic, Disconnect())
    assert ask(hub, mine, EndSession(others=True)) == []
    assert listed(hub, mine) == [(mine.row, True, True)]


def test_of_oneself_only() -> None:
    """Somebody else's session is none at all, for guests and for administrators too."""
    hub = a_hub_with_tokens()
    eve = log_in(hub, "eve")
    for session in (log_in(hub, "bob"), come_in(hub, "Zoé"), operates(hub, "boss", Role.OWNER)):
        for number in (eve.row, 999):
            with pytest.raises(NoSuchSession):
                decide(hub, session, EndSession(session_id=number))


@pytest.mark.parametrize("request_", [EndSession(), EndSession(session_id=1, others=True)])
def test_one_or_all_others(request_: EndSession) -> None:
    """It is a number, or all others: neither and both are refused."""
    hub = a_hub_with_tokens()
    with pytest.raises(BadRequest):
        decide(hub, log_in(hub, "bob"), request_)
