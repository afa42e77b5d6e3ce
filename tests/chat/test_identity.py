"""Who a session is: login, second login, several sessions, logout, the end."""

from __future__ import annotations

import pytest

from classcord.chat.accounts.vocabulary import PasswordChanged
from classcord.chat.connections.vocabulary import Disconnect
from classcord.chat.conversations.vocabulary import ConversationsOf
from classcord.chat.effects import Commit, Deliver, Later, Refuse, TellSecurity, Verify
from classcord.chat.errors import NotIdentified, TooLong
from classcord.chat.events import Done
from classcord.chat.identity.vocabulary import (
    Guest,
    LoggedIn,
    Login,
    LoginFailed,
    Logout,
    SessionEnded,
    SessionsClosed,
    SessionStarted,
)
from classcord.chat.messages.vocabulary import HandOver
from classcord.chat.presence.vocabulary import Settled, Status, StatusChanged
from classcord.chat.text import Text
from tests.chat.hubs import (
    ADDRESS,
    NOON,
    NOON_MS,
    a_hub,
    add_account,
    ask,
    changes_of,
    channel,
    come_in,
    commit,
    connect,
    decide,
    has_left,
    heard_by,
    is_here,
    log_in,
    person_of,
    untrailed,
    verified,
)

# -- login ------------------------------------------------------------------------------------------------------------


MISSED = ConversationsOf(user_id=1, channels=(1,), limit=100, whole=False)
"""What the store is asked for the answer to a login of the first account."""


def test_a_login_verifies_known_and_unknown_names_alike() -> None:
    """Both cost a verification, so that nobody learns which accounts there are."""
    hub = a_hub()
    account = add_account(hub, "bob")
    known, unknown = Login(username=" BOB", password="x"), Login(username="nobody", password="x")
    assert decide(hub, connect(hub), known) == [Verify(known, " BOB", "x", (account.id, 0), 0.0, MISSED)]
    assert decide(hub, connect(hub), unknown) == [Verify(unknown, "nobody", "x", None, 0.0)]


def test_an_endless_password_is_not_hashed() -> None:
    """A password longer than any account's is refused at once."""
    hub = a_hub()
    with pytest.raises(TooLong):
        decide(hub, connect(hub), Login(username="bob", password="x" * 1001))


def test_a_verified_login_commits_then_enters() -> None:
    """The session is somebody when its commit is applied: it listens from then on, and the others hear of it."""
    hub = a_hub()
    account = add_account(hub, "Bob")
    alice = log_in(hub, "alice")
    session = connect(hub)
    asked = verified(hub, "bob")
    effects = decide(hub, session, asked)
    started = SessionStarted(
        session_id=session.id,
        user_id=account.id,
        name="Bob",
        address=ADDRESS,
        face="tcp",
        started_at=NOON_MS,
        connection=session.id,
    )
    answer = LoggedIn(username="Bob", role="member", may=("create_channels",))
    assert untrailed(effects) == [Commit(session, (started,), asked.asked, answer), TellSecurity("login", "Bob")]
    assert session.person is None
    assert commit(hub, effects[:1]) == [
        Deliver(StatusChanged(user="Bob", state="online"), (alice,)),
        Deliver(is_here("Bob"), (alice,)),
        Later(session, 0.0, HandOver()),
    ]
    assert session.name == "Bob"
    assert hub.state.everyone() == (alice, session)
    assert hub.state.visible() == ("alice", "Bob")


def test_a_classic_session_is_given_time_to_ask_for_users() -> None:
    """What was kept comes after the first `users`, or five seconds after the login (classic rule 16)."""
    hub = a_hub()
    session = connect(hub, modern=False)
    add_account(hub, "bob")
    assert ask(hub, session, verified(hub, "bob"))[0] == Later(session, 5.0, Settled(row=session.number))
    assert session.history_due
    assert not log_in(hub, "eve").history_due


def test_a_wrong_password_is_refused_the_same_for_all() -> None:
    """An unknown name and a wrong password have one answer, and the audit log names both."""
    hub = a_hub()
    add_account(hub, "bob")
    for name, valid in (("bob", False), ("nobody", False), ("nobody", True)):
        alert, refuse = decide(hub, connect(hub), verified(hub, name, valid=valid))
        assert alert == TellSecurity("login-failed", name)
        assert isinstance(refuse, Refuse)
        assert type(refuse.error) is LoginFailed
        assert refuse.error.text == Text("Login failed.", {})


def test_failures_slow_the_next_tries_down_and_a_success_forgets_them() -> None:
    """After five tries from one address the next one waits; the right password is never locked out."""
    hub = a_hub()
    add_account(hub, "bob")
    session = connect(hub)
    login = Login(username="bob", password="azerty")
    for _ in range(6):
        decide(hub, session, Login(username="BOB", password="azertz"))
    assert decide(hub, session, login) == [Verify(login, "bob", "azerty", (1, 0), 1.0, MISSED)]
    decide(hub, session, verified(hub, "bob"))
    assert decide(hub, session, login) == [Verify(login, "bob", "azerty", (1, 0), 0.0, MISSED)]


def test_an_old_digest_is_replaced_at_login() -> None:
    """A password that is stored in an older way is stored in today's with the login that showed it."""
    hub = a_hub()
    account = add_account(hub, "bob")
    effects = decide(hub, connect(hub), verified(hub, "bob", rehashed="new"))
    assert changes_of(effects)[-1] == PasswordChanged(user_id=account.id, password_hash="new", rehashed=True)
    assert commit(hub, effects[:1])


def test_a_second_login_takes_the_new_identity() -> None:
    """Who logs in as somebody else is them from then on; the one before goes with their last session."""
    hub = a_hub()
    eve, bob = log_in(hub, "eve"), log_in(hub, "bob")
    add_account(hub, "alice")
    effects = decide(hub, bob, verified(hub, "alice"))
    row = hub.state.session_ids.last
    assert changes_of(effects) == [
        SessionStarted(
            session_id=row,
            user_id=3,
            name="alice",
            address=ADDRESS,
            face="tcp",
            started_at=NOON_MS,
            connection=bob.id,
            instead_of=bob.id,
        ),
        SessionEnded(session_id=bob.id, ended_at=NOON_MS),
    ]
    assert heard_by(eve, commit(hub, effects)) == [
        StatusChanged(user="bob", state="offline"),
        has_left("bob"),
        StatusChanged(user="alice", state="online"),
        is_here("alice"),
    ]
    assert (bob.name, bob.row) == ("alice", row)
    assert hub.state.visible() == ("eve", "alice")


def test_a_second_login_as_oneself_tells_nobody() -> None:
    """It starts a new row in the table of sessions, and nothing that anybody sees changes."""
    hub = a_hub()
    log_in(hub, "eve")
    bob = log_in(hub, "bob")
    assert ask(hub, bob, verified(hub, "bob"))[:-1] == [Later(bob, 0.0, HandOver())]
    assert list(person_of(bob).sessions) == [bob]
    assert hub.state.visible() == ("eve", "bob")


def test_two_sessions_of_one_account_are_one_person() -> None:
    """The second session is not announced, the first one's end neither, and with the last the person goes."""
    hub = a_hub()
    eve, first, second = log_in(hub, "eve"), log_in(hub, "bob"), connect(hub)
    assert heard_by(eve, ask(hub, second, verified(hub, "bob"))) == []
    assert first.person is second.person
    assert hub.state.visible() == ("eve", "bob")
    assert ask(hub, first, Disconnect()) == []
    assert hub.state.visible() == ("eve", "bob")
    assert heard_by(eve, ask(hub, second, Disconnect())) == [
        StatusChanged(user="bob", state="offline"),
        has_left("bob"),
    ]
    assert hub.state.visible() == ("eve",)


def test_arrivals_are_told_in_words_only_among_few() -> None:
    """From `announce_below` listeners on nobody is told in words who comes and goes."""
    hub = a_hub(announce_below=2)
    alice = log_in(hub, "alice")
    assert is_here("bob") in heard_by(alice, ask(hub, connect(hub), Guest(username="bob")))
    assert heard_by(alice, ask(hub, connect(hub), Guest(username="zoé"))) == [StatusChanged(user="zoé", state="online")]


# -- the end ----------------------------------------------------------------------------------------------------------


def test_after_logout_the_connection_is_nobody() -> None:
    """The others hear of it, the connection stays, and it may log in again, in a new row."""
    hub = a_hub()
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob")
    request = Logout()
    effects = decide(hub, bob, request)
    ended = SessionEnded(session_id=bob.id, ended_at=NOON_MS)
    assert untrailed(effects) == [Commit(bob, (ended,), request, Done()), TellSecurity("logout", "bob")]
    assert heard_by(alice, commit(hub, effects)) == [StatusChanged(user="bob", state="offline"), has_left("bob")]
    assert bob.person is None
    assert bob.row is None
    with pytest.raises(NotIdentified):
        decide(hub, bob, request)
    log_in(hub, "bob", bob)
    assert bob.row not in {None, bob.id}


def test_a_connection_that_was_nobody_ends_without_a_word() -> None:
    """There is nothing to store and nobody to tell."""
    hub = a_hub()
    assert decide(hub, connect(hub), Disconnect()) == []


def test_the_last_to_leave_is_heard_by_nobody() -> None:
    """Without listeners nothing is delivered."""
    hub = a_hub()
    assert ask(hub, come_in(hub, "zoé"), Disconnect()) == []
    assert hub.state.visible() == ()


def test_who_hid_leaves_without_a_word() -> None:
    """For the others they were gone already."""
    hub = a_hub()
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob")
    ask(hub, bob, Status(state="invisible"))
    assert heard_by(alice, ask(hub, bob, Disconnect())) == []


def test_what_is_stored_of_sessions_and_passwords_changes_nothing_at_a_start() -> None:
    """Records that only the store needs are applied without an effect."""
    hub = a_hub()
    add_account(hub, "bob")
    started = SessionStarted(session_id=1, user_id=1, name="bob", address=ADDRESS, face="tcp", started_at=NOON_MS)
    for record in (
        started,
        SessionEnded(session_id=1, ended_at=NOON_MS),
        SessionsClosed(at=NOON_MS),
        PasswordChanged(user_id=1, password_hash="new"),
    ):
        assert hub.apply(record) == []
    assert hub.state.people == {}


def test_a_session_leaves_every_channel_it_was_in() -> None:
    """Nobody is delivered to after they have gone."""
    hub = a_hub()
    add_account(hub, "bob", "moderator")
    bob = log_in(hub, "bob")
    assert [bob in channel(hub, name).audience() for name in ("#général", "#dev", "#admin")] == [True, False, True]
    ask(hub, bob, Disconnect(), NOON + 1)
    assert [channel(hub, name).audience() for name in ("#général", "#dev", "#admin")] == [(), (), ()]
