"""Keys and accounts of one name: a key is never an account's, and nobody is taken for somebody else."""

from __future__ import annotations

import pytest

from classcord.chat.accounts.vocabulary import AddUser, DelUser, Passwd, SetRole
from classcord.chat.errors import ChatError, KeyAlone, NotFound
from classcord.chat.hub import Hub
from classcord.chat.messages.vocabulary import Say
from classcord.chat.names import name_key
from classcord.chat.operators.vocabulary import KeyNamesAccount, Operate, PersonTold, Whois
from classcord.chat.people import Session
from classcord.chat.registration.vocabulary import AliasTaken, NameOfKey, Register, UsernameTaken
from classcord.chat.requests import Request
from classcord.chat.roles import Operator, Role
from classcord.chat.sanctions.vocabulary import Kick, NotYourself
from tests.chat.hubs import NOON, a_hub, add_account, answered, ask, come_in, connect, contents, log_in

ROLES = [Role.MODERATOR, Role.ADMIN, Role.OWNER]


def operate(hub: Hub, name: str, role: Role = Role.OWNER, by: str = "key") -> Session:
    session = connect(hub)
    account = hub.state.account(name) if by == "password" else None
    operator = Operator(name=name, role=role, by=by, account_id=account.id if account else None)
    ask(hub, session, Operate(operator=operator))
    return session


def refused(hub: Hub, session: Session, request: Request) -> ChatError:
    with pytest.raises(ChatError) as error:
        hub.decide(session, request, NOON)
    return error.value


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("called", ["prof", "PROF", "Prof"])
@pytest.mark.parametrize("alias", [None, "prof"])
def test_a_key_named_like_an_account_lets_nobody_in(role: Role, called: str, alias: str | None) -> None:
    """Whatever role the key gives: by its name or its alias an account is somebody else."""
    hub = a_hub()
    add_account(hub, "dupont" if alias else "prof", "owner", alias)
    operator = Operator(name=called, role=role)
    assert type(refused(hub, connect(hub), Operate(operator=operator))) is KeyNamesAccount


def test_a_key_counts_when_the_account_is_gone() -> None:
    """Deleting the account is one of the two ways out; by its password its owner comes in all the time."""
    hub = a_hub()
    add_account(hub, "boss", "owner")
    add_account(hub, "prof", "moderator")
    assert operate(hub, "prof", Role.MODERATOR, by="password").person is not None
    ask(hub, operate(hub, "chief"), DelUser(user="prof"))
    person = operate(hub, "prof").person
    assert person is not None
    assert person.account is None


def test_the_name_of_a_key_is_no_account() -> None:
    """Nor an alias, nor a guest's: the key was there first."""
    hub = a_hub()
    hub.reserved = frozenset({"prof"})
    assert type(refused(hub, connect(hub), Register(username="Prof", password="azerty"))) is UsernameTaken
    alias = Register(username="dupont", password="azerty", alias="PROF")
    assert type(refused(hub, connect(hub), alias)) is AliasTaken
    guest = come_in(hub, "prof")
    assert guest.name == "prof (invité)"


@pytest.mark.parametrize("role", ROLES)
def test_who_runs_the_server_is_told_what_the_name_is(role: Role) -> None:
    """`adduser prof` and whatever changes an account say that prof is a key, and what to do."""
    hub = a_hub()
    hub.reserved = frozenset({"prof"})
    chief = operate(hub, "chief", role)
    for request in (
        AddUser(username="Prof", role="member"),
        Passwd(user="prof"),
        SetRole(user="prof", role="member"),
        DelUser(user="prof"),
        Whois(user="prof"),
    ):
        if request.permission not in hub.permissions[role]:
            continue
        error = refused(hub, chief, request)
        assert type(error) is (NameOfKey if isinstance(request, AddUser) else KeyAlone)
        assert "admin_keys/" in error.text.render()
    assert type(refused(hub, chief, Kick(user="nobody"))) is NotFound


@pytest.mark.parametrize("role", ROLES)
def test_a_key_has_nothing_of_an_account(role: Role) -> None:
    """What an operator by key says is kept under their name, not under an id; whois tells their own role."""
    hub = a_hub()
    prof, bob = operate(hub, "prof", role), log_in(hub, "bob")
    person = prof.person
    assert person is not None
    assert person.conversing_as == name_key("prof")
    told = answered(hub, operate(hub, "chief"), Whois(user="prof"))
    assert isinstance(told, PersonTold)
    assert (told.account, told.role, told.state) == (False, role.label, "console")
    assert contents(prof, ask(hub, bob, Say(content="hello", subtype="private", to="prof"))) == ["hello"]


def test_a_guest_of_the_name_hears_nothing_that_is_the_administrators() -> None:
    """A guest who was there before the key has no right to the name: private messages go to the administrator."""
    hub = a_hub()
    come_in(hub, "prof")
    prof = operate(hub, "prof")
    addressee = hub.state.addressee("prof")
    assert addressee is not None
    assert list(addressee.sessions) == [prof]
    assert hub.decide(operate(hub, "chief"), Kick(user="prof"), NOON)  # the guest, who is somebody else


def test_at_the_machine_one_is_no_pupil() -> None:
    """`classcord ctl` is named by the system: where the chat has somebody of that name, it is told as a console."""
    hub = a_hub()
    log_in(hub, "alice")
    add_account(hub, "boss", "owner")
    console = operate(hub, "alice", by="machine")
    assert console.name == "alice (console)"
    assert console.person is not None
    assert console.person.account is None
    assert hub.decide(console, Passwd(user="alice"), NOON)
    assert hub.decide(console, Kick(user="alice"), NOON)
    assert [operate(hub, "sysop", by="machine").name for _ in range(2)] == ["sysop", "sysop"]
    assert type(refused(hub, connect(hub), Register(username="sysop", password="azerty"))) is UsernameTaken


def test_nobody_acts_on_themselves() -> None:
    """With an account, on whichever face."""
    hub = a_hub()
    add_account(hub, "boss", "owner")
    for session in (operate(hub, "boss", by="password"), log_in(hub, "boss")):
        assert type(refused(hub, session, Kick(user="BOSS"))) is NotYourself
