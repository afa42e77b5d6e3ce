"""Whom a person has blocked, and what that keeps from them."""

from __future__ import annotations

import pytest

from classcord.chat.accounts.vocabulary import RoleChanged, SetRole, UserRemoved
from classcord.chat.block_lists.rules import MOST, is_blocked
from classcord.chat.block_lists.vocabulary import (
    BlockedByOneself,
    BlockedByPerson,
    BlockList,
    BlockListShown,
    BlockPerson,
    GuestNotBlocked,
    OneselfNotBlocked,
    PersonBlocked,
    PersonUnblocked,
    StaffNotBlocked,
    TooManyBlocked,
)
from classcord.chat.effects import Reply
from classcord.chat.errors import ChatError, NotAllowed, NotFound
from classcord.chat.events import Done
from classcord.chat.hub import Hub
from classcord.chat.messages.vocabulary import Say, SayPrivately
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.people import Session
from classcord.chat.requests import Request
from classcord.chat.roles import Operator, Role
from classcord.chat.typing_notifications.vocabulary import ShowTyping
from tests.chat.hubs import (
    NOON_MS,
    a_hub,
    add_account,
    answered,
    ask,
    changes_of,
    come_in,
    connect,
    contents,
    decide,
    log_in,
    moderator,
)

WAYS = {  # in which one person reaches another, but no one else
    "message": Say(content="psst", subtype="private", to="alice"),
    "to": Say(content="psst", to="ALICE"),
    "private": SayPrivately(content="psst", to="alice"),
    "typing": ShowTyping(user="alice"),
}


def blocked(hub: Hub, by: Session, user: str) -> None:
    ask(hub, by, BlockPerson(user=user))


def listed(hub: Hub, session: Session) -> tuple[str, ...]:
    answer = answered(hub, session, BlockList())
    assert isinstance(answer, BlockListShown)
    return answer.users


def test_a_person_is_blocked_and_listed() -> None:
    """By any spelling of the name; the list shows accounts in the order of their names."""
    hub = a_hub()
    alice, _, _ = log_in(hub, "alice"), log_in(hub, "bob"), add_account(hub, "Zoé")
    effects = decide(hub, alice, BlockPerson(user="ZOÉ"))
    assert changes_of(effects) == [PersonBlocked(user_id=1, blocked_id=3, at=NOON_MS)]
    blocked(hub, alice, " zoé")
    blocked(hub, alice, "bob")
    assert listed(hub, alice) == ("bob", "Zoé")
    assert listed(hub, log_in(hub, "bob")) == ()


@pytest.mark.parametrize("asked", WAYS.values(), ids=list(WAYS))
@pytest.mark.parametrize("modern", [True, False])
def test_a_blocked_person_reaches_nobody_privately(asked: Request, modern: bool) -> None:
    """In both dialects, whether the other is here or away; the refusal says why."""
    hub = a_hub()
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob", modern=modern)
    blocked(hub, alice, "bob")
    with pytest.raises(BlockedByPerson, match="alice does not want private messages") as refusal:
        decide(hub, bob, asked)
    assert refusal.value.code == "blocked"
    hub.state.people["alice"].sessions.clear()
    del hub.state.people["alice"]
    with pytest.raises(BlockedByPerson):
        decide(hub, bob, asked)


def test_a_command_in_a_text_is_no_way_round() -> None:
    """`/mp alice` is a private message like any other."""
    hub = a_hub()
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob", modern=False)
    blocked(hub, alice, "bob")
    with pytest.raises(BlockedByPerson):
        decide(hub, bob, Say(content="/mp alice psst"))


def test_every_session_of_the_blocked_person_is_refused() -> None:
    """The list has accounts, so another connection changes nothing; a new name as a guest is another person."""
    hub = a_hub()
    alice, first, second = log_in(hub, "alice"), log_in(hub, "bob"), log_in(hub, "bob", modern=False)
    blocked(hub, alice, "bob")
    for session in (first, second):
        with pytest.raises(BlockedByPerson):
            decide(hub, session, WAYS["message"])
    assert contents(alice, ask(hub, come_in(hub, "bobby"), WAYS["message"])) == ["psst"]


def test_channels_know_no_block_lists() -> None:
    """Who is in a channel reads all that is said there."""
    hub = a_hub()
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob")
    blocked(hub, alice, "bob")
    assert contents(alice, ask(hub, bob, Say(content="à tous @alice"))) == ["à tous @alice"]


def test_others_are_reached_as_before() -> None:
    """A list keeps one person from one other."""
    hub = a_hub()
    alice, bob, carol = log_in(hub, "alice"), log_in(hub, "bob"), log_in(hub, "carol")
    blocked(hub, alice, "bob")
    assert contents(alice, ask(hub, carol, WAYS["message"])) == ["psst"]
    assert contents(carol, ask(hub, bob, Say(content="psst", to="carol"))) == ["psst"]


@pytest.mark.parametrize("asked", [Say(content="na", to="bob"), ShowTyping(user="bob")])
def test_one_does_not_write_to_whom_one_has_blocked(asked: Request) -> None:
    """They could not answer."""
    hub = a_hub()
    alice, _ = log_in(hub, "alice"), log_in(hub, "bob")
    blocked(hub, alice, "bob")
    with pytest.raises(BlockedByOneself):
        decide(hub, alice, asked)


def test_a_block_is_taken_back() -> None:
    """Then messages come again; taking back what is not there, or blocking twice, changes nothing."""
    hub = a_hub()
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob")
    assert decide(hub, alice, BlockPerson(user="bob", on=False)) == [Reply(BlockPerson(user="bob", on=False), Done())]
    blocked(hub, alice, "bob")
    assert decide(hub, alice, BlockPerson(user="bob")) == [Reply(BlockPerson(user="bob"), Done())]
    effects = decide(hub, alice, BlockPerson(user="bob", on=False))
    assert changes_of(effects) == [PersonUnblocked(user_id=1, blocked_id=2)]
    ask(hub, alice, BlockPerson(user="bob", on=False))
    assert listed(hub, alice) == ()
    assert hub.state.blocks == {}
    assert contents(alice, ask(hub, bob, WAYS["message"])) == ["psst"]


@pytest.mark.parametrize("role", ["moderator", "admin", "owner"])
def test_who_keeps_order_cannot_be_blocked(role: str) -> None:
    """A person who is to be told something could shut their ears; an administrator's key is no account, either."""
    hub = a_hub()
    alice, _ = log_in(hub, "alice"), add_account(hub, "head", role)
    with pytest.raises(StaffNotBlocked, match="head keeps order here"):
        decide(hub, alice, BlockPerson(user="head"))
    ask(hub, connect(hub), Operate(operator=Operator(name="dupont", role=Role.MODERATOR)))
    with pytest.raises(StaffNotBlocked):
        decide(hub, alice, BlockPerson(user="dupont"))


def test_who_keeps_order_may_block() -> None:
    """A moderator's list is for private messages like anybody's."""
    hub = a_hub()
    mod, bob = moderator(hub), log_in(hub, "bob")
    blocked(hub, mod, "bob")
    with pytest.raises(BlockedByPerson):
        decide(hub, bob, Say(content="psst", to="mod"))


def test_a_block_of_who_comes_to_keep_order_counts_no_more() -> None:
    """It stays on the list, and counts again when the role is taken away."""
    hub = a_hub()
    alice, bob, head = log_in(hub, "alice"), log_in(hub, "bob"), log_in(hub, "head")
    hub.apply(RoleChanged(user_id=3, role="owner", before="member", at=NOON_MS))
    blocked(hub, alice, "bob")
    ask(hub, head, SetRole(user="bob", role="moderator"))
    assert contents(alice, ask(hub, bob, WAYS["message"])) == ["psst"]
    assert ask(hub, alice, Say(content="oui", to="bob"))
    assert listed(hub, alice) == ("bob",)
    ask(hub, head, SetRole(user="bob", role="member"))
    with pytest.raises(BlockedByPerson):
        decide(hub, bob, WAYS["message"])


def test_who_operates_as_the_account_speaks_for_it() -> None:
    """An administrator's messages come whatever a list says, over SSH as in the chat; theirs are kept from nobody."""
    hub = a_hub()
    alice, account = log_in(hub, "alice"), add_account(hub, "bob")
    blocked(hub, alice, "bob")
    hub.apply(RoleChanged(user_id=account.id, role="admin", before="member", at=NOON_MS))
    operator = connect(hub)
    ask(hub, operator, Operate(operator=Operator(name="bob", role=Role.ADMIN, by="password", account_id=account.id)))
    assert contents(alice, ask(hub, operator, SayPrivately(content="psst", to="alice"))) == ["psst"]


def test_an_operators_list_counts_over_ssh_too() -> None:
    """What somebody does not want to read does not come to their console."""
    hub = a_hub()
    account, bob = add_account(hub, "head", "admin"), log_in(hub, "bob")
    blocked(hub, log_in(hub, "head"), "bob")
    for session in list(hub.state.people["head"].sessions):
        hub.state.people["head"].sessions.pop(session)
    operator = connect(hub)
    ask(hub, operator, Operate(operator=Operator(name="head", role=Role.ADMIN, by="password", account_id=account.id)))
    with pytest.raises(BlockedByPerson):
        decide(hub, bob, Say(content="psst", to="head"))


@pytest.mark.parametrize(
    ("user", "refusal"),
    [
        ("Zoé", GuestNotBlocked),
        ("alice", OneselfNotBlocked),
        ("ALICE", OneselfNotBlocked),
        ("nobody", NotFound),
        ("", NotFound),
        ("#dev", NotFound),
        ("\0" * 256, NotFound),
    ],
)
def test_only_another_persons_account_can_be_blocked(user: str, refusal: type[ChatError]) -> None:
    """A guest's name may be somebody else's tomorrow."""
    hub = a_hub()
    alice, _ = log_in(hub, "alice"), come_in(hub, "Zoé")
    for on in (True, False):
        with pytest.raises(refusal) as caught:
            decide(hub, alice, BlockPerson(user=user, on=on))
        assert caught.value.field == "user"


def test_a_guest_has_no_list() -> None:
    """There is nobody to whom it would belong tomorrow; nor has an operator who has no account."""
    hub = a_hub()
    add_account(hub, "bob")
    key = connect(hub)
    ask(hub, key, Operate(operator=Operator(name="dupont", role=Role.OWNER)))
    for session in (come_in(hub, "Zoé"), key):
        for request in (BlockPerson(user="bob"), BlockList()):
            with pytest.raises(NotAllowed):
                decide(hub, session, request)


def test_a_list_has_a_bound() -> None:
    """Who has reached it takes somebody off first."""
    hub = a_hub()
    alice = log_in(hub, "alice")
    for number in range(MOST):
        blocked(hub, alice, add_account(hub, f"n{number}").name)
    add_account(hub, "one more")
    with pytest.raises(TooManyBlocked, match="200"):
        decide(hub, alice, BlockPerson(user="one more"))
    ask(hub, alice, BlockPerson(user="n7", on=False))
    blocked(hub, alice, "one more")
    assert len(listed(hub, alice)) == MOST


def test_a_deleted_account_is_on_no_list_and_has_none() -> None:
    """A later account of the same name is another person."""
    hub = a_hub()
    alice, bob, carol = log_in(hub, "alice"), add_account(hub, "bob"), log_in(hub, "carol")
    blocked(hub, alice, "bob")
    blocked(hub, alice, "carol")
    blocked(hub, carol, "bob")
    hub.apply(UserRemoved(user_id=bob.id))
    assert listed(hub, alice) == ("carol",)
    assert listed(hub, carol) == ()
    hub.apply(UserRemoved(user_id=1))
    assert hub.state.blocks == {}
    assert not is_blocked(hub, None, bob)
    assert contents(carol, ask(hub, log_in(hub, "bob"), Say(content="psst", to="carol"))) == ["psst"]


def test_a_record_of_an_account_that_is_gone_changes_nothing_visible() -> None:
    """The store refuses such a record; another process may bring it late."""
    hub = a_hub()
    alice = log_in(hub, "alice")
    hub.apply(PersonBlocked(user_id=1, blocked_id=99, at=NOON_MS))
    hub.apply(PersonUnblocked(user_id=98, blocked_id=99))
    assert listed(hub, alice) == ()
