"""Who is found by whom, to write to privately: by the roles, whether they are here or not, page by page."""

from __future__ import annotations

import pytest

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.block_lists.vocabulary import BlockPerson
from classcord.chat.errors import NotAllowed
from classcord.chat.finding import MOST_ROWS
from classcord.chat.hub import Hub
from classcord.chat.people import Session
from classcord.chat.people_search.vocabulary import FindPeople, PeopleFound
from classcord.chat.presence.vocabulary import Status
from classcord.chat.roles import Role
from tests.chat.hubs import a_hub, add_account, answered, ask, come_in, log_in, operates, refused


@pytest.fixture
def hub() -> Hub:
    hub = a_hub()
    for name, role in (("Zoé", "member"), ("bob", "member"), ("Alice", "member"), ("prof", "moderator")):
        add_account(hub, name, role)
    return hub


def found(hub: Hub, session: Session, **fields: object) -> list[str]:
    answer = answered(hub, session, FindPeople(**fields))  # type: ignore[arg-type]
    assert isinstance(answer, PeopleFound)
    return [person.name for person in answer.people]


def test_people_are_found_here_or_not(hub: Hub) -> None:
    """In the order of their names, without oneself; who is hidden looks absent, as everywhere."""
    bob, alice, prof = log_in(hub, "bob"), log_in(hub, "Alice"), log_in(hub, "prof")
    ask(hub, prof, Status(state="invisible"))
    answer = answered(hub, bob, FindPeople())
    assert isinstance(answer, PeopleFound)
    assert [(each.name, each.role, each.online) for each in answer.people] == [
        ("Alice", "member", True),
        ("prof", "moderator", False),
        ("Zoé", "member", False),
    ]
    assert answer.more is None
    assert "bob" in found(hub, alice)


@pytest.mark.parametrize(
    ("search", "names"), [("LI", ["Alice"]), ("zoe", ["Zoé"]), ("ALÏCE", ["Alice"]), ("%", []), ("o", ["prof", "Zoé"])]
)
def test_a_part_of_a_name_finds_it(hub: Hub, search: str, names: list[str]) -> None:
    """In any case, with accents or without; what stands for anything elsewhere stands for itself."""
    assert found(hub, log_in(hub, "bob"), search=search) == names


def test_pages_are_bounded_and_follow_each_other(hub: Hub) -> None:
    """Whatever is wished for, nobody is left out or told twice."""
    for number in range(MOST_ROWS + 5):
        add_account(hub, f"pupil {number:04}")
    bob = log_in(hub, "bob")
    first = answered(hub, bob, FindPeople(search="pupil"))
    assert isinstance(first, PeopleFound)
    assert (len(first.people), first.more) == (MOST_ROWS, True)
    rest = answered(hub, bob, FindPeople(search="pupil", following=first.people[-1].name))
    assert isinstance(rest, PeopleFound)
    assert [each.name for each in rest.people] == [f"pupil {MOST_ROWS + n:04}" for n in range(5)]
    assert rest.more is None
    assert len(found(hub, bob, limit=2)) == 2


def test_only_those_are_found_to_whom_one_may_write(hub: Hub) -> None:
    """As the policy is at the moment; who keeps order finds all, and is found by all."""
    closed = a_hub(private_policy="staff")
    for name, role in (("bob", "member"), ("Alice", "member"), ("prof", "moderator")):
        add_account(closed, name, role)
    assert found(closed, log_in(closed, "bob")) == ["prof"]
    assert found(closed, log_in(closed, "prof")) == ["Alice", "bob"]


def test_whoever_is_gone_is_not_found(hub: Hub) -> None:
    bob = log_in(hub, "bob")
    for name in ("Alice", "Zoé"):
        assert name in found(hub, bob)
    alice, zoe = hub.state.account("Alice"), hub.state.account("Zoé")
    assert alice is not None
    assert zoe is not None
    alice.left_at = 1
    hub.apply(UserRemoved(user_id=zoe.id))
    assert found(hub, bob) == ["prof"]


def test_a_block_list_hides_nobody(hub: Hub) -> None:
    """An absence would tell who has blocked whom."""
    bob, alice = log_in(hub, "bob"), log_in(hub, "Alice")
    ask(hub, alice, BlockPerson(user="bob"))
    assert "Alice" in found(hub, bob)
    assert "bob" in found(hub, alice)


def test_guests_find_nobody_and_are_not_found(hub: Hub) -> None:
    guest, bob = come_in(hub, "Léo"), log_in(hub, "bob")
    assert type(refused(hub, guest, FindPeople())) is NotAllowed
    assert type(refused(hub, operates(hub, "boss", Role.OWNER), FindPeople())) is NotAllowed
    assert found(hub, bob, search="léo") == []
