"""A one-time password in the rules: good once, and until it is changed nothing but changing it."""

from __future__ import annotations

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import AddUser, Authenticate, Passwd, Password, PasswordChanged, SetRole
from classcord.chat.checked_passwords.vocabulary import Hashed
from classcord.chat.connections.vocabulary import Disconnect
from classcord.chat.effects import Close, Commit, Deliver, Effect, Hash, Refuse
from classcord.chat.errors import ChatError, NotAllowed, PasswordExpired
from classcord.chat.events import Notice
from classcord.chat.hub import Hub
from classcord.chat.identity.rules import COMES_BACK
from classcord.chat.identity.vocabulary import LoggedIn, LoginFailed, PasswordSpent, PasswordUsed, SessionStarted
from classcord.chat.messages.vocabulary import Say
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.people import Account, Session
from classcord.chat.presence.vocabulary import Users
from classcord.chat.registration.vocabulary import UserAdded
from classcord.chat.resuming.vocabulary import TokensEnded
from classcord.chat.roles import CONFINED, Operator, Role
from tests.chat.hubs import (
    ADDRESS,
    NOON,
    NOON_MS,
    a_hub,
    add_account,
    answered,
    ask,
    changes_of,
    checked,
    commit,
    connect,
    decide,
    heard_by,
    log_in,
    operates,
    person_of,
    privately,
    records_of,
    the_commit,
    verified,
)
from tests.chat.test_sanctions import closed

ROLES = list(Role)[1:]


def one_time(hub: Hub, name: str = "bob", role: Role = Role.MEMBER) -> Account:
    """Return an account whose password was made up for it."""
    account = add_account(hub, name, role.label)
    account.must_change = True
    return account


def change(hub: Hub, session: Session) -> list[Effect]:
    """Have the password changed by whoever has the session, as far as its commit; return what follows."""
    request = Password(old="azerty", new="qwertz")
    decide(hub, session, request)
    (hashing,) = decide(hub, session, checked(hub, request, "bob"))
    assert hashing == Hash(request, "qwertz")
    return ask(hub, session, Hashed(asked=request, digest="new"))


@pytest.mark.parametrize("role", ROLES)
def test_a_login_uses_it_up(role: Role) -> None:
    """The login and the use of the password are one commit; the next login is refused, and says what helps."""
    hub = a_hub()
    account = one_time(hub, role=role)
    effects = decide(hub, connect(hub), verified(hub, "bob"))
    first = the_commit(effects)
    used = PasswordUsed(user_id=account.id, name="bob", source=ADDRESS, at=NOON_MS)
    assert changes_of(effects)[0] == used
    assert first.answer == LoggedIn(username="bob", role="member", must_change=True)
    commit(hub, effects)
    (alert, refusal) = decide(hub, connect(hub), verified(hub, "bob"))
    assert isinstance(refusal, Refuse)
    assert isinstance(refusal.error, PasswordSpent)
    assert "passwd bob" in str(refusal.error)
    assert "login-refused" in str(alert)


def test_a_wrong_password_uses_nothing_up() -> None:
    """Whoever guesses does not lock the owner out."""
    hub = a_hub()
    one_time(hub)
    decide(hub, connect(hub), verified(hub, "bob", valid=False))
    assert records_of(decide(hub, connect(hub), verified(hub, "bob")))


def test_nobody_sees_or_hears_who_has_to_change_it() -> None:
    """They are in no list and no audience, private messages wait for them; then they come in like anybody."""
    hub = a_hub()
    one_time(hub)
    eve, bob = log_in(hub, "eve"), connect(hub)
    came = ask(hub, bob, verified(hub, "bob"))
    assert heard_by(eve, came) == []
    (notice,) = heard_by(bob, came)
    assert isinstance(notice, Notice)
    assert answered(hub, eve, Users()).users == ("eve",)  # type: ignore[attr-defined]
    assert heard_by(bob, ask(hub, eve, Say(content="hello"))) == []
    (kept,) = records_of(decide(hub, eve, Say(content="psst", to="bob", subtype="private")))
    assert kept.waiting_for == person_of(bob).account.id  # type: ignore[attr-defined, union-attr]
    with pytest.raises(PasswordExpired):
        decide(hub, bob, Say(content="x"))
    changed = change(hub, bob)
    assert [type(event).__name__ for event in heard_by(eve, changed)] == ["StatusChanged", "Notice"]
    assert answered(hub, eve, Users()).users == ("eve", "bob")  # type: ignore[attr-defined]
    assert len(heard_by(bob, ask(hub, eve, Say(content="again")))) == 1
    assert hub.state.confined == {}
    assert privately(1, "eve", "bob")


@pytest.mark.parametrize(
    ("later", "address", "is_there", "enters"),
    [
        (0.0, ADDRESS, False, True),
        (COMES_BACK - 1, ADDRESS, False, True),
        (COMES_BACK, ADDRESS, False, False),
        (-1.0, ADDRESS, False, False),
        (1.0, "10.0.0.99", False, False),
        (1.0, ADDRESS, True, False),
    ],
)
def test_who_loses_the_connection_comes_back(later: float, address: str, is_there: bool, enters: bool) -> None:
    """From the same address for some minutes, while nobody is there with it; and changes it then as the first time."""
    hub = a_hub()
    account = one_time(hub)
    first, again = log_in(hub, "bob"), connect(hub)
    if not is_there:
        ask(hub, first, Disconnect())
    again.address = address
    effects = decide(hub, again, verified(hub, "bob"), NOON + later)
    if not enters:
        assert isinstance(effects[-1], Refuse)
        assert isinstance(effects[-1].error, PasswordSpent)
        return
    answer = the_commit(effects).answer
    assert isinstance(answer, LoggedIn)
    assert answer.must_change
    commit(hub, effects)
    assert not [each for each in records_of(effects) if isinstance(each, PasswordUsed)], "its time goes on"
    with pytest.raises(PasswordExpired):
        decide(hub, again, Say(content="x"))
    change(hub, again)
    assert not account.must_change
    assert isinstance(decide(hub, connect(hub), verified(hub, "bob", valid=False))[-1], Refuse)


@pytest.mark.parametrize("face", ["chat", "console"])
def test_of_two_who_come_back_at_once_one_comes_in(face: str) -> None:
    """The second is refused while the first is not stored yet; and comes back itself if the first fails."""
    hub = a_hub()
    account = one_time(hub, role=Role.OWNER)
    ask(hub, log_in(hub, "bob"), Disconnect())
    first = decide(hub, connect(hub), verified(hub, "bob"), NOON + 1)
    assert the_commit(first)
    operator = Operator(name="bob", role=Role.OWNER, by="password", account_id=account.id)
    again = Operate(operator=operator, changes_password=True) if face == "console" else verified(hub, "bob")
    effects = decide(hub, connect(hub), again, NOON + 1)
    assert isinstance(effects[-1], Refuse)
    assert isinstance(effects[-1].error, PasswordSpent)
    hub.abandon(the_commit(first).records)
    effects = decide(hub, connect(hub), again, NOON + 1)
    assert the_commit(effects)
    commit(hub, effects)
    assert len(hub.state.confined) == 1
    assert hub.state.arriving == {}


def test_a_new_one_time_password_begins_anew() -> None:
    """Nobody comes back by what was used before it."""
    hub = a_hub()
    one_time(hub)
    ask(hub, log_in(hub, "bob"), Disconnect())
    ask(hub, operates(hub, "boss", Role.OWNER), Hashed(asked=Passwd(user="bob"), digest="d", made="abcd"))
    effects = decide(hub, connect(hub), verified(hub, "bob"), NOON + 60)
    assert [each.at for each in records_of(effects) if isinstance(each, PasswordUsed)] == [NOON_MS + 60_000]


def test_who_leaves_before_changing_it_is_gone() -> None:
    """Without a word to the others; an administrator's new password is the way back."""
    hub = a_hub()
    account = one_time(hub)
    eve, bob = log_in(hub, "eve"), log_in(hub, "bob")
    assert heard_by(eve, ask(hub, bob, Disconnect())) == []
    assert (bob.person, hub.state.confined) == (None, {})
    boss = operates(hub, "boss", Role.OWNER)
    request = Passwd(user="bob")
    ask(hub, boss, Hashed(asked=request, digest="d", made="abcd"))
    assert (account.must_change, account.password_used) == (True, False)
    assert records_of(decide(hub, connect(hub), verified(hub, "bob")))


@pytest.mark.parametrize("made", [None, "abcd-efgh"])
def test_what_is_made_up_is_for_one_time(made: str | None) -> None:
    """By `adduser` and by `passwd`; a password that an administrator chose lasts, as does one of one's own."""
    hub = a_hub()
    boss = operates(hub, "boss", Role.OWNER)
    added = AddUser(username="bob", password="" if made else "azerty")
    (record,) = records_of(decide(hub, boss, Hashed(asked=added, digest="d", made=made)))
    assert isinstance(record, UserAdded)
    assert record.must_change is (made is not None)
    add_account(hub, "eve", "admin")
    for session, user in ((boss, "eve"), (operates(hub, "eve", Role.ADMIN, by="password"), "eve")):
        request = Passwd(user=user, password="" if made else "azerty")
        changed, ended = records_of(decide(hub, session, Hashed(asked=request, digest="d", made=made)))
        assert isinstance(ended, TokensEnded)
        assert isinstance(changed, PasswordChanged)
        assert changed.must_change is (made is not None and session is boss)


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADMIN, Role.OWNER])
def test_an_operator_changes_it_at_a_console(role: Role) -> None:
    """Where it cannot be changed nobody comes in, and it is not used up; where it can, once; then they administer."""
    hub = a_hub()
    account = one_time(hub, role=role)
    operator = Operator(name="bob", role=role, by="password", account_id=account.id)
    for _ in range(3):
        with pytest.raises(PasswordExpired):
            decide(hub, connect(hub), Operate(operator=operator))
    console = connect(hub)
    ask(hub, console, Operate(operator=operator, changes_password=True))
    assert person_of(console).standing == CONFINED
    assert (console in hub.state.confined, console in hub.state.operators) == (True, False)
    assert console not in hub.staff()
    asked = Authenticate(username="bob", password="azerty")
    refused = decide(hub, connect(hub), checked(hub, asked, "bob"))
    assert isinstance(refused[-1], Refuse)
    again = decide(hub, connect(hub), Operate(operator=operator, changes_password=True))
    assert isinstance(again[-1], Refuse)
    assert isinstance(again[-1].error, PasswordSpent)
    change(hub, console)
    assert person_of(console).standing == role
    assert (console in hub.state.confined, console in hub.state.operators) == (False, True)


def test_a_key_of_the_name_is_not_held_up() -> None:
    """It is no password; nor does it change the account's."""
    hub = a_hub()
    key = operates(hub, "bob", Role.MODERATOR)  # from before there was an account of its name
    one_time(hub, role=Role.OWNER)
    assert person_of(key).standing == Role.MODERATOR
    with pytest.raises(NotAllowed):
        decide(hub, key, Password(old="azerty", new="qwertz"))


@pytest.mark.parametrize("role", ROLES)
def test_an_administrators_new_password_ends_every_session_of_the_account(role: Role) -> None:
    """In the chat and at the console; a login by the old one does not begin another one either."""
    hub = a_hub()
    key = operates(hub, "bob", Role.OWNER)  # from before there was an account of its name
    account = add_account(hub, "bob", role.label)
    sessions = {log_in(hub, "bob"), log_in(hub, "bob")}
    operator = Operator(name="bob", role=role, by="password", account_id=account.id)
    if role >= Role.MODERATOR:
        sessions.add(operates(hub, "bob", role, by="password"))
    boss = operates(hub, "boss", Role.OWNER)
    request = Passwd(user="bob", password="azerty")
    effects = ask(hub, boss, Hashed(asked=request, digest="d"))
    assert closed(effects) == sessions
    assert not {key, boss} & closed(effects)
    with pytest.raises(ChatError):
        decide(hub, connect(hub), Operate(operator=operator))


@pytest.mark.parametrize("face", ["chat", "console"])
def test_ones_own_new_password_ends_the_other_sessions(face: str) -> None:
    """Whoever changes it stays where they did, and their connection stays good; all others come in again."""
    hub = a_hub()
    account = add_account(hub, "bob", "moderator")
    console = connect(hub)
    operator = Operator(name="bob", role=Role.MODERATOR, by="password", account_id=account.id, login=console.id)
    ask(hub, console, Operate(operator=operator))
    chat = log_in(hub, "bob")
    mine, other = (chat, console) if face == "chat" else (console, chat)
    effects = change(hub, mine)
    assert closed(effects) == {other}
    again = Operate(operator=operator)
    if face == "console":
        assert isinstance(decide(hub, connect(hub), again)[0], Commit)
    else:
        with pytest.raises(LoginFailed):
            decide(hub, connect(hub), again)


def test_a_newer_kind_of_digest_changes_nothing() -> None:
    """The password is the same: it stays used, and nobody is sent away."""
    hub = a_hub()
    account = one_time(hub)
    log_in(hub, "bob")
    record = PasswordChanged(user_id=account.id, password_hash="new", must_change=True, rehashed=True)
    assert hub.apply(record) == []
    assert (account.must_change, account.password_used) == (True, True)


def test_a_start_remembers() -> None:
    """What was used before a restart is used after it."""
    hub = a_hub()
    hub.restore(
        [
            UserAdded(
                user_id=7,
                name="bob",
                name_key="bob",
                role="owner",
                password_hash="",
                must_change=True,
                password_used=True,
                added_at=0,
            ),
        ]
    )
    assert isinstance(decide(hub, connect(hub), verified(hub, "bob"))[-1], Refuse)


def test_every_effect_is_one_that_the_service_knows() -> None:
    """What follows from a change is told or closed, and the session that has come in begins anew."""
    hub = a_hub()
    one_time(hub)
    bob = log_in(hub, "bob")
    request = Password(old="azerty", new="qwertz")
    effects = decide(hub, bob, Hashed(asked=request, digest="new"))
    assert [type(record) for record in records_of(effects)][:3] == [PasswordChanged, TokensEnded, SessionStarted]
    assert {type(effect) for effect in commit(hub, effects)} <= {Deliver, Close} | {
        type(e) for e in commit(hub, [])
    } | {type(effect) for effect in ask(hub, connect(hub), verified(hub, "bob"))}


@pytest.mark.parametrize("after", ROLES)
@pytest.mark.parametrize("before", ROLES)
def test_another_role_does_not_put_out_who_is_about_to_change_it(before: Role, after: Role) -> None:
    """Their password is used, so they could not come again; only a console ends, where the new role has none."""
    hub = a_hub()
    account = one_time(hub, role=before)
    sessions = [log_in(hub, "bob")]
    if before >= Role.MODERATOR:
        account.password_used = False
        operator = Operator(name="bob", role=before, by="password", account_id=account.id)
        ask(hub, console := connect(hub), Operate(operator=operator, changes_password=True))
        sessions.append(console)
    other = one_time(hub, "eve")
    log_in(hub, "eve")
    add_account(hub, "chief", "owner")
    request = msgspec.convert({"user": "bob", "role": after.label}, SetRole)
    effects = ask(hub, operates(hub, "boss", Role.OWNER), request)
    assert closed(effects) == ({*sessions[1:]} if after < Role.MODERATOR else set())
    assert other.must_change
    assert person_of(sessions[0]).standing == CONFINED
    change(hub, sessions[0])
    assert person_of(sessions[0]).standing == after
