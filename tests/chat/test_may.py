"""The one question about rights: every role, every permission, and what takes a right away."""

from __future__ import annotations

import ast
from pathlib import Path

import msgspec
import pytest

import classcord
from classcord.chat.accounts.vocabulary import DelUser, SetRole
from classcord.chat.channels.vocabulary import Create, Join, Members, NotInChannel
from classcord.chat.errors import BadRequest, NotAllowed, PasswordExpired
from classcord.chat.messages.vocabulary import History
from classcord.chat.people import Person
from classcord.chat.requests import Request
from classcord.chat.roles import CONFINED, Operator, Permission, Role, permissions
from classcord.chat.subjects import CONSOLE, WIRE
from tests.chat.hubs import NOON, a_channel, a_hub, add_account, ask, channel, come_in, decide, log_in, person_of

ROLES = list(Role)


def somebody(role: Role) -> Person:
    """Return a person with this role, by a key; a guest and a member have none."""
    person = Person(role.label, role.label, None)
    if role is not Role.GUEST:
        person.operator = Operator(name=role.label, role=role)
    return person


@pytest.mark.parametrize("permission", list(Permission))
@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_what_the_table_says(role: Role, permission: Permission) -> None:
    """The answer is the table's, for a key's role and for an account's alike."""
    hub = a_hub()
    granted = permission in permissions(Role.MEMBER)[role]
    assert hub.may(somebody(role), permission) is granted
    assert hub.role_may(role, permission) is granted
    if role is not Role.GUEST:
        account = add_account(hub, "bob", role.label)
        assert hub.may(Person("bob", "bob", account), permission) is granted


@pytest.mark.parametrize("permission", list(Permission))
def test_nobody_may_what_a_connection_may(permission: Permission) -> None:
    """Who has said no name has no rights but those of a connection."""
    assert a_hub().may(None, permission) is (permission is Permission.CONNECT)


@pytest.mark.parametrize("kind", [*WIRE, *CONSOLE])
@pytest.mark.parametrize("role", ROLES[1:])
def test_a_one_time_password_gives_no_right_but_to_change_it(role: Role, kind: type[Request]) -> None:
    """Whatever the account's role is, and in the chat as for an operator who came in by it; not for a key."""
    hub = a_hub()
    account = add_account(hub, "bob", role.label)
    account.must_change = True
    for operator in (None, Operator(name="bob", role=role, by="password", account_id=account.id)):
        person = Person("bob", "bob", account)
        person.operator = operator
        assert person.standing == CONFINED
        assert hub.may(person, kind.permission) is (kind.permission in {Permission.CONNECT, Permission.OWN_ACCOUNT})
    key = Person("prof", "prof", account)
    key.operator = Operator(name="prof", role=Role.OWNER)
    assert hub.may(key, kind.permission)


@pytest.mark.parametrize("later", ROLES[1:])
@pytest.mark.parametrize("before", ROLES[1:])
def test_a_role_counts_from_the_moment_it_is_given(before: Role, later: Role) -> None:
    """Who came in with the role before has the rights of the later one, in the chat and at the console."""
    hub = a_hub()
    add_account(hub, "boss", "owner")
    add_account(hub, "boss2", "owner")
    account = add_account(hub, "bob", before.label)
    bob = log_in(hub, "bob")
    console = Person("bob", "bob", account)
    console.operator = Operator(name="bob", role=before, by="password", account_id=account.id)
    ask(hub, log_in(hub, "boss"), msgspec.convert({"type": "role", "user": "bob", "role": later.label}, SetRole))
    for permission in Permission:
        granted = permission in permissions(Role.MEMBER)[later]
        assert hub.may(person_of(bob), permission) is granted
        assert hub.may(console, permission) is granted


def test_a_deleted_account_has_no_right_left() -> None:
    """Not even where somebody still holds on to it."""
    hub = a_hub()
    account = add_account(hub, "bob", "admin")
    boss = Person("boss", "boss", None)
    boss.operator = Operator(name="boss", role=Role.OWNER)
    session = log_in(hub, "x")
    session.person = boss
    ask(hub, session, DelUser(user="bob"))
    console = Person("bob", "bob", account)
    console.operator = Operator(name="bob", role=Role.ADMIN, by="password", account_id=account.id)
    assert [p for p in Permission if hub.may(console, p)] == [p for p in Permission if hub.may(somebody(Role.GUEST), p)]


def test_in_a_channel() -> None:
    """Its maker sets its topic, nobody else below a moderator does; only some write where all others read."""
    hub = a_hub()
    hub.restore([a_channel(7, "#news", read_only=True)])
    bob, eve = log_in(hub, "bob"), log_in(hub, "eve")
    add_account(hub, "mod", "moderator")
    mod = log_in(hub, "mod")
    ask(hub, bob, Create(channel="#club"))
    ask(hub, bob, Create(channel="#secret", kind="private"))
    club, secret, news = channel(hub, "#club"), channel(hub, "#secret"), channel(hub, "#news")
    asked = [(s, hub.may(person_of(s), Permission.SET_TOPIC, club)) for s in (bob, eve, mod)]
    assert asked == [(bob, True), (eve, False), (mod, True)]
    assert not hub.may(person_of(mod), Permission.SET_TOPIC, secret)  # which does not exist for them
    assert [hub.may(person_of(s), Permission.TALK, news) for s in (bob, eve, mod)] == [False, False, True]
    assert [hub.may(person_of(s), Permission.READ, club) for s in (bob, eve, mod)] == [True, False, False]
    assert [hub.may(somebody(role), Permission.READ, secret) for role in ROLES[2:]] == [False, True, True]


@pytest.mark.parametrize("role", ROLES)
def test_members_and_history_agree_for_everybody(role: Role) -> None:
    """Who is listed as a member of a channel reads its history, a guest like all others; who is not, does not."""
    hub = a_hub()
    if role is not Role.GUEST:
        add_account(hub, "bob", role.label)
    bob = come_in(hub, "bob") if role is Role.GUEST else log_in(hub, "bob")
    for joined in (False, True):
        if joined:
            ask(hub, bob, Join(channel="#dev"))
        for name in ("#général", "#dev", "#admin"):
            if name == "#admin" and role < Role.MODERATOR:
                continue  # it does not exist for them
            (reply,) = decide(hub, bob, Members(channel=name))
            listed = "bob" in reply.answer.members or "bob" in reply.answer.online  # type: ignore[attr-defined]
            try:
                read = bool(decide(hub, bob, History(channel=name)))
            except NotInChannel:
                read = False
            assert read is listed, (role, name, joined)


@pytest.mark.parametrize("role", ROLES[1:])
def test_a_channel_of_requests_is_made_by_who_answers_them(role: Role) -> None:
    """Others hear which kinds they may make, and from which role on one makes the other."""
    hub = a_hub()
    add_account(hub, "bob", role.label)
    bob = log_in(hub, "bob")
    request = Create(channel="#club", kind="approval")
    if role >= Role.MODERATOR:
        assert decide(hub, bob, request, NOON)
        return
    with pytest.raises(BadRequest) as caught:
        decide(hub, bob, request, NOON)
    assert "open or private" in str(caught.value)
    assert "moderator" in str(caught.value)
    assert caught.value.field == "kind"


def test_the_refusal_says_what_to_do() -> None:
    """A one-time password has to be changed: that is another refusal than a right that one has not."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    account = hub.state.account("bob")
    assert account is not None
    account.must_change = True
    with pytest.raises(PasswordExpired):
        decide(hub, bob, History())
    account.must_change = False
    with pytest.raises(NotAllowed):
        decide(hub, bob, DelUser(user="x"))


PACKAGE = Path(classcord.__file__).parent
RANKS = {"chat/roles.py": "it has the two rules about two people", "chat/channel.py": "its members from a role on"}
"""Where a rank is compared, and why."""


@pytest.mark.no_cover  # it reads the source alone
@pytest.mark.parametrize(
    "file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE).as_posix())
)
def test_no_rank_is_compared_in_passing(file: Path) -> None:
    """Who asks whether somebody may do something asks `may`; a role is compared in the two places that are named."""
    if file.relative_to(PACKAGE).as_posix() in RANKS:
        return
    source = file.read_text(encoding="utf-8")
    if not any(word in source for word in ("role", "standing", "Role")):
        return  # before it is parsed: there is nothing to find
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Compare) and any(isinstance(op, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)) for op in node.ops):
            sides = [side for side in (node.left, *node.comparators) if isinstance(side, ast.Attribute)]
            ranks = [
                ast.unparse(side) for side in sides if side.attr in {"role", "standing"} or "Role." in ast.unparse(side)
            ]
            assert ranks == [], f"line {node.lineno}: {ast.unparse(node)}"
