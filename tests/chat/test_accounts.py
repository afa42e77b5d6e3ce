"""Passwords, roles and accounts, as their owners and administrators change them."""

from __future__ import annotations

import pytest

from classcord.chat.accounts.vocabulary import (
    AccountMade,
    Accounts,
    AccountsListed,
    AddUser,
    Authenticate,
    DelUser,
    Known,
    LastOwner,
    OwnPassword,
    OwnPasswordChanged,
    Passwd,
    Password,
    PasswordChanged,
    RoleTooHigh,
    SetRole,
)
from classcord.chat.checked_passwords.vocabulary import Hashed
from classcord.chat.effects import Commit, Hash, Refuse, Reply, TellSecurity, Verify
from classcord.chat.errors import BadPassword, ChatError, NotAllowed, NotFound, TooLong
from classcord.chat.finding import MOST_ROWS
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import LoginFailed
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.passwords import LONGEST
from classcord.chat.people import Session
from classcord.chat.registration.vocabulary import AliasTaken, NameOfKey, UserAdded, UsernameTaken
from classcord.chat.requests import Request
from classcord.chat.resuming.vocabulary import TokensEnded
from classcord.chat.roles import Operator, Role
from classcord.chat.sanctions.vocabulary import NotThisRole
from tests.chat.hubs import (
    a_hub,
    add_account,
    answered,
    ask,
    changes_of,
    checked,
    come_in,
    connect,
    decide,
    log_in,
    records_of,
    the_commit,
)


def operate(hub: Hub, role: Role) -> Session:
    session = connect(hub)
    ask(hub, session, Operate(operator=Operator(name=f"the {role.label}", role=role)))
    return session


def refused(hub: Hub, session: Session, request: Request) -> ChatError:
    with pytest.raises(ChatError) as error:
        decide(hub, session, request)
    return error.value


# -- one's own password -----------------------------------------------------------------------------------------------


def test_ones_own_password_is_changed_with_the_old_one() -> None:
    """It is compared, then hashed, then stored; the audit log has it."""
    hub = a_hub()
    account = add_account(hub, "bob")
    bob, request = log_in(hub, "bob"), Password(old="azerty", new="été à Noël")
    [verify] = decide(hub, bob, request)
    assert isinstance(verify, Verify)
    assert (verify.name, verify.password, verify.version) == ("bob", "azerty", (account.id, 0))
    assert decide(hub, bob, checked(hub, request, "bob")) == [Hash(request, "été à Noël")]
    effects = decide(hub, bob, Hashed(asked=request, digest="new"))
    assert changes_of(effects) == [
        PasswordChanged(user_id=account.id, password_hash="new"),
        TokensEnded(user_id=account.id),
    ]
    assert the_commit(effects).answer == OwnPasswordChanged()
    assert effects[1:] == [TellSecurity("password-changed", "bob")]


def test_a_wrong_old_password_changes_nothing() -> None:
    """It is refused like a failed login, and counted as one."""
    hub = a_hub()
    bob, request = log_in(hub, "bob"), Password(old="wrong", new="qwertz")
    alert, refuse = decide(hub, bob, checked(hub, request, "bob", valid=False))
    assert alert == TellSecurity("login-failed", "bob")
    assert isinstance(refuse, Refuse)
    assert (refuse.request, type(refuse.error)) == (request, LoginFailed)


@pytest.mark.parametrize("new", ["azerty", "", "x" * (LONGEST + 1), "a\x07b"])
def test_what_no_new_password_is(new: str) -> None:
    """The old one, too short, too long, with control characters."""
    hub = a_hub(min_password=4)
    error = refused(hub, log_in(hub, "bob"), Password(old="azerty", new=new))
    assert isinstance(error, (BadPassword, TooLong))


def test_who_has_no_account_has_no_password() -> None:
    """A guest, and a key of admin_keys/."""
    hub = a_hub()
    request = Password(old="azerty", new="qwertz")
    assert type(refused(hub, come_in(hub, "guest"), request)) is NotAllowed
    assert type(refused(hub, operate(hub, Role.OWNER), request)) is NotAllowed


# -- a password at a console ------------------------------------------------------------------------------------------


def authenticated(hub: Hub, name: str, *, valid: bool = True, rehashed: str | None = None) -> list[object]:
    request = Authenticate(username=name, password="azerty")
    return [*decide(hub, connect(hub), checked(hub, request, name, valid=valid, rehashed=rehashed))]


def test_a_password_is_compared_with_the_accounts() -> None:
    """With none where there is no account, which takes as long; never one longer than passwords are."""
    hub = a_hub()
    account = add_account(hub, "prof", "admin")
    for name, version in (("PROF", (account.id, 0)), ("nobody", None)):
        [verify] = decide(hub, connect(hub), Authenticate(username=name, password="azerty"))
        assert isinstance(verify, Verify)
        assert (verify.name, verify.password, verify.version) == (name, "azerty", version)
    assert type(refused(hub, connect(hub), Authenticate(username="prof", password="x" * (LONGEST + 1)))) is TooLong


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADMIN, Role.OWNER])
def test_who_may_administer_comes_in_by_password(role: Role) -> None:
    """A newer digest is stored when it can be, and nobody waits for it."""
    hub = a_hub()
    account = add_account(hub, "Prof", role.label)
    [reply] = authenticated(hub, "prof")
    assert isinstance(reply, Reply)
    assert reply.answer == Known(name="Prof", role=role.label, account_id=account.id, must_change=False)
    _, commit = authenticated(hub, "prof", rehashed="newer")
    assert isinstance(commit, Commit)
    assert commit.session is None
    [record] = commit.records
    assert isinstance(record, PasswordChanged)
    assert (record.password_hash, record.rehashed) == ("newer", True)


@pytest.mark.parametrize(("name", "valid"), [("prof", False), ("pupil", True), ("nobody", True)])
def test_nobody_else_comes_in(name: str, valid: bool) -> None:
    """A wrong password, a role without rights, no account: one refusal, that tells nothing apart."""
    hub = a_hub()
    add_account(hub, "prof", "admin"), add_account(hub, "pupil")
    alert, refuse = authenticated(hub, name, valid=valid)
    assert alert == TellSecurity("login-failed", name)
    assert isinstance(refuse, Refuse)
    assert type(refuse.error) is LoginFailed


# -- accounts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("password", "made"), [("azerty", None), ("", "kufo-melu-rati")])
def test_an_account_is_made_for_somebody(password: str, made: str | None) -> None:
    """With the password that was given, or one that is made up, told once and to be changed."""
    hub = a_hub()
    admin, request = operate(hub, Role.ADMIN), AddUser(username="eve", role="moderator", password=password)
    assert decide(hub, admin, request) == [Hash(request, password)]
    effects = decide(hub, admin, Hashed(asked=request, digest="digest", made=made))
    [record] = records_of(effects)
    assert isinstance(record, UserAdded)
    assert (record.name, record.role, record.must_change) == ("eve", "moderator", made is not None)
    answer = the_commit(effects).answer
    assert isinstance(answer, AccountMade)
    assert (answer.user, answer.password, answer.hint is not None) == ("eve", made, made is not None)
    assert effects[1:] == [TellSecurity("adduser", "eve")]
    assert type(refused(hub, admin, request)) in {UsernameTaken, AliasTaken}  # its name is promised


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (AddUser(username="eve", role="owner", password="azerty"), RoleTooHigh),
        (AddUser(username="eve", role="admin", password="azerty"), RoleTooHigh),
        (AddUser(username="bob", password="azerty"), UsernameTaken),
        (AddUser(username="key", password="azerty"), NameOfKey),
        (AddUser(username="eve", password="a"), BadPassword),
        (SetRole(user="bob", role="admin"), RoleTooHigh),
        (SetRole(user="boss", role="member"), NotThisRole),
        (SetRole(user="nobody", role="member"), NotFound),
        (Passwd(user="nobody", password="azerty"), NotFound),
        (Passwd(user="boss", password="azerty"), NotThisRole),
        (Passwd(user="bob", password="a"), BadPassword),
        (DelUser(user="boss"), NotThisRole),
        (DelUser(user="nobody"), NotFound),
    ],
)
def test_what_an_admin_may_not_do(request_: Request, error: type[ChatError]) -> None:
    """Give a role that is not below their own, take a name that is somebody's, touch who stands above them."""
    hub = a_hub(min_password=4)
    hub.reserved = frozenset({"key"})
    add_account(hub, "bob"), add_account(hub, "boss", "owner"), add_account(hub, "boss2", "owner")
    assert type(refused(hub, operate(hub, Role.ADMIN), request_)) is error


def test_a_role_is_looked_at_again_when_the_password_is_hashed() -> None:
    """That took its time, and whoever asked may give less by now."""
    hub = a_hub()
    account = add_account(hub, "prof", "owner")
    session = connect(hub)
    operator = Operator(name="prof", role=Role.OWNER, by="password", account_id=account.id)
    ask(hub, session, Operate(operator=operator))
    request = AddUser(username="eve", role="admin", password="azerty")
    assert decide(hub, session, request)
    account.role = Role.MODERATOR
    assert type(refused(hub, session, Hashed(asked=request, digest="digest"))) is RoleTooHigh


def test_a_password_is_given_to_somebody_who_is_gone() -> None:
    """The account was deleted while the password was hashed."""
    hub = a_hub()
    admin, request = operate(hub, Role.ADMIN), Passwd(user="bob", password="azerty")
    add_account(hub, "bob")
    assert decide(hub, admin, request) == [Hash(request, "azerty")]
    ask(hub, admin, DelUser(user="bob"))
    assert type(refused(hub, admin, Hashed(asked=request, digest="digest"))) is NotFound


@pytest.mark.parametrize("request_", [SetRole(user="prof", role="admin"), DelUser(user="prof")])
def test_the_last_owner_stays(request_: Request) -> None:
    """Even where a key's owner asks; with a second one, the first may go."""
    hub = a_hub()
    add_account(hub, "prof", "owner")
    owner = operate(hub, Role.OWNER)
    assert type(refused(hub, owner, request_)) is LastOwner
    add_account(hub, "other", "owner")
    assert decide(hub, owner, request_)


def test_a_deleted_account_leaves_nothing_behind() -> None:
    """Its name is free, its channels are nobody's, its sessions are closed."""
    hub = a_hub()
    bob = add_account(hub, "bob", alias="Bobby")
    session = log_in(hub, "bob")
    channel = hub.state.channels_by_id[2]
    channel.made_by = bob.id
    channel.members.add(bob.id)
    [close] = ask(hub, operate(hub, Role.ADMIN), DelUser(user="bob"))[:1]
    assert close.sessions == (session,)  # type: ignore[attr-defined]
    assert hub.state.account("bob") is hub.state.account("Bobby") is None
    assert channel.made_by is None
    assert not channel.members


def names(hub: Hub, session: Session, request: Accounts) -> list[str]:
    listed = answered(hub, session, request)
    assert isinstance(listed, AccountsListed)
    return [account.name for account in listed.accounts]


def test_accounts_are_listed_by_their_names() -> None:
    """Those that are searched, of a role, or after a name: so a client reads page by page."""
    hub = a_hub()
    for name, role in (("Zoé", "member"), ("bob", "moderator"), ("Alice", "member"), ("Alicia", "member")):
        add_account(hub, name, role)
    bob = log_in(hub, "bob")
    assert names(hub, bob, Accounts()) == ["Alice", "Alicia", "bob", "Zoé"]
    assert names(hub, bob, Accounts(search="ALIC")) == ["Alice", "Alicia"]
    assert names(hub, bob, Accounts(search="alic", following="alice")) == ["Alicia"]
    assert names(hub, bob, Accounts(role="member", limit=2)) == ["Alice", "Alicia"]
    assert names(hub, bob, Accounts(following="nobody of this name")) == ["Zoé"]


def test_a_client_is_sent_so_many_accounts_at_once() -> None:
    """An operator's console prints them all."""
    hub = a_hub()
    for number in range(MOST_ROWS + 1):
        add_account(hub, f"pupil{number:03}")
    add_account(hub, "bob", "moderator")
    assert len(names(hub, log_in(hub, "bob"), Accounts(limit=100_000))) == MOST_ROWS
    assert len(names(hub, operate(hub, Role.MODERATOR), Accounts())) == MOST_ROWS + 2


def test_ones_own_password_is_not_given_by_a_client() -> None:
    """Whoever sits down at a page that was left open does not take the account with them."""
    hub = a_hub()
    add_account(hub, "carol", "admin")
    assert isinstance(refused(hub, log_in(hub, "carol"), Passwd(user="Carol", password="azerty2")), OwnPassword)
