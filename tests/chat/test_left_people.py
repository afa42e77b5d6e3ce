"""The name of whoever is gone: nobody takes it alone for a day, whichever way the account went, and whoever asks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classcord.chat.accounts.left_people import MOST, LeftPeople
from classcord.chat.accounts.vocabulary import AddUser, DelUser, UserRemoved
from classcord.chat.channels.left_names import DAY
from classcord.chat.checked_passwords.vocabulary import Hashed, Verified
from classcord.chat.class_lists.vocabulary import ListedPupil, TakeClassList
from classcord.chat.connections.vocabulary import Disconnect
from classcord.chat.effects import Effect, Hash
from classcord.chat.errors import BadAlias, BadUsername, ChatError, NotFound
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Guest, Login
from classcord.chat.messages.vocabulary import Say, SayPrivately
from classcord.chat.privacy.vocabulary import AccountErased, DeleteMyAccount, Erase
from classcord.chat.profiles.vocabulary import PersonProfile, ProfileFound, StoredProfile
from classcord.chat.profiles.vouched import Profile
from classcord.chat.records import Record
from classcord.chat.registration.vocabulary import AliasTaken, UserAdded, UsernameTaken
from classcord.chat.registry import changes
from classcord.chat.resuming.vocabulary import Resume
from classcord.chat.retention.rules import erased
from classcord.chat.roles import Role
from classcord.chat.sanctions.vocabulary import Ban, Unban
from tests.chat.hubs import (
    NOON,
    a_hub,
    add_account,
    applied,
    ask,
    changes_of,
    checked,
    connect,
    contents,
    decide,
    log_in,
    operates,
    person_of,
    records_of,
    refused,
    register,
    registration,
    secrets,
    token_of,
)

# -- how an account goes ----------------------------------------------------------------------------------------------


def deleted(hub: Hub) -> None:
    ask(hub, operates(hub, "root", Role.OWNER), DelUser(user="martin"))


def banned_and_deleted(hub: Hub) -> None:
    """And the ban is lifted, which would keep the name away by itself."""
    root = operates(hub, "root", Role.OWNER)
    ask(hub, root, Ban(target="martin", delete_account=True))
    ask(hub, root, Unban(target="martin"))


def erased_by_another(hub: Hub) -> None:
    ask(hub, operates(hub, "root", Role.OWNER), Erase(user="martin"))


def erased_alone(hub: Hub) -> None:
    martin = log_in(hub, "martin")
    ask(hub, martin, checked(hub, DeleteMyAccount(password="azerty"), "martin"))
    ask(hub, martin, Disconnect())


def erased_in_time(hub: Hub) -> None:
    martin = hub.state.account("martin")
    assert martin is not None
    applied(hub, erased(hub, martin, NOON))


WAYS = (deleted, banned_and_deleted, erased_by_another, erased_alone, erased_in_time)


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def left(request: pytest.FixtureRequest) -> Hub:
    """Where martin, whom alice writes to, has been until NOON; he was also called titi."""
    return gone(request.param)


def gone(way: Callable[[Hub], None], role: str = "member") -> Hub:
    hub = a_hub(min_password=1)
    hub.new_secret = secrets()
    add_account(hub, "martin", role, alias="titi")
    add_account(hub, "alice")
    way(hub)
    assert hub.state.account("martin") is None
    return hub


def test_each_way_is_here() -> None:
    """Every record that takes an account away notes the name."""
    takers = {kind for kind, change in changes.items() if "forget_account" in change.__code__.co_names}
    made = {type(record) for way in WAYS for record in recorded(way)}
    assert takers == {UserRemoved, AccountErased}
    assert takers <= made


def recorded(way: Callable[[Hub], None]) -> list[Record]:
    """Return the records that a hub applies when an account goes this way."""
    found: list[Record] = []
    hub = a_hub()
    add_account(hub, "martin")
    apply = hub.apply

    def noted(record: Record) -> list[Effect]:
        found.append(record)
        return apply(record)

    hub.apply = noted  # type: ignore[method-assign]
    way(hub)
    return found


# -- who asks for the name --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind"),
    [("martin", UsernameTaken), ("MARTIN", UsernameTaken), ("rnartin", BadUsername), ("titi", UsernameTaken)],
)
def test_nobody_registers_it(left: Hub, name: str, kind: type[ChatError]) -> None:
    """Nor what looks the same; it is refused as if the account were there, also when the password is hashed."""
    session = connect(left)
    error = refused(left, session, registration(name))
    assert type(error) is kind
    with pytest.raises(type(error)):
        decide(left, session, Hashed(asked=registration(name), digest="digest"))
    there = a_hub(min_password=1)
    add_account(there, "martin", alias="titi")
    as_ever = refused(there, connect(there), registration(name))
    assert (type(error), error.code, str(error)) == (type(as_ever), as_ever.code, str(as_ever))


@pytest.mark.parametrize(("alias", "kind"), [("martin", AliasTaken), ("rnartin", BadAlias), ("titi", AliasTaken)])
def test_nobody_is_called_so(left: Hub, alias: str, kind: type[ChatError]) -> None:
    """By an alias, of a new account or of one that is there."""
    assert type(refused(left, connect(left), registration("bob", alias=alias))) is kind
    alice = log_in(left, "alice")
    asked = PersonProfile(alias=alias)
    assert type(refused(left, alice, asked)) is kind
    assert type(refused(left, alice, ProfileFound(asked=asked, found=StoredProfile()))) is kind


@pytest.mark.parametrize("name", ["martin", "Martin", "rnartin", "titi"])
def test_no_guest_has_it(left: Hub, name: str) -> None:
    """By a guest's request, by a first message, and by a token of an earlier guest."""
    modern, classic = connect(left), connect(left, modern=False)
    ask(left, modern, Guest(username=name))
    assert person_of(modern).name == f"{name} (invité)"
    ask(left, classic, Say(content="bonjour", from_=name))
    assert person_of(classic).name == f"{name} (invité) 2"
    guest = connect(left)
    ask(left, guest, Guest(username="zoé"))
    secret = token_of(left, guest)
    token = left.state.tokens.of_session(guest.row)
    assert token is not None
    token.name = name  # from before the account
    again = connect(left)
    ask(left, again, Resume(session=secret))
    assert person_of(again).key != name.lower()


def test_what_was_for_the_person_reaches_nobody(left: Hub) -> None:
    """Alice has not heard it yet."""
    alice, newcomer = log_in(left, "alice"), connect(left)
    ask(left, newcomer, Guest(username="martin"))
    assert isinstance(refused(left, newcomer, registration("martin")), UsernameTaken)
    assert isinstance(refused(left, alice, SayPrivately(to="martin", content="rien que pour toi")), NotFound)


def test_administrators_give_it_at_once(left: Hub) -> None:
    """By a command, a class list, and a directory that vouches for the person: who is meant is known."""
    root = operates(left, "boss", Role.OWNER, by="machine")
    assert any(isinstance(each, Hash) for each in decide(left, root, AddUser(username="martin", password="azerty")))
    pupil = ListedPupil(username="martin", digest="$argon2id$", channels=())
    effects = decide(left, root, TakeClassList(new=(pupil,)))
    assert [type(record) for record in changes_of(effects)] == [UserAdded]
    left.abandon(records_of(effects))
    asked, profile = Login(username="martin", password="x"), Profile(name="martin")
    ask(left, connect(left), Verified(asked=asked, version=None, valid=True, profile=profile))
    assert left.state.account("martin") is not None


def test_a_day_later_it_is_free(left: Hub) -> None:
    """And a clock that was set back keeps nothing for years."""
    guest = connect(left)
    assert left.left_people.had("martin", NOON + DAY - 1)
    ask(left, guest, Guest(username="martin"), NOON + DAY)
    assert person_of(guest).name == "martin"
    for now in (NOON + DAY, NOON - DAY):
        assert not left.left_people.had("martin", now)
        assert not left.left_people.resembles("rnartin", "rnartin", now)
    ask(left, connect(left), Guest(username="x"), NOON + DAY)
    assert decide(left, connect(left), registration("rnartin"), NOON + DAY)


@pytest.mark.parametrize(("role", "kept"), [("moderator", True), ("member", False)])
def test_of_the_staff_what_looks_alike_at_a_glance(role: str, kept: bool) -> None:
    """As long as the account was there, it was so too."""
    hub = gone(deleted, role)
    session = connect(hub)
    if kept:
        assert isinstance(refused(hub, session, registration("m4rtin_")), BadUsername)
    else:
        register(hub, session, "m4rtin_")
    register(hub, connect(hub), "martine")


def test_ones_own_name_stays_ones_own() -> None:
    """Whoever got the name from an administrator is called by it; an alias that one has is no new one."""
    hub = gone(deleted)
    add_account(hub, "martin", alias="titi")
    martin = log_in(hub, "martin")
    for alias in ("titi", "Martin"):
        assert decide(hub, martin, PersonProfile(alias=alias))
    assert contents(martin, ask(hub, log_in(hub, "alice"), SayPrivately(to="martin", content="salut"))) == ["salut"]


def test_few_names_are_remembered() -> None:
    """The oldest is forgotten first."""
    names = LeftPeople()
    for number in range(MOST + 1):
        names.leave([f"n{number}"], [], [], NOON)
    assert not names.had("n0", NOON)
    assert names.had("n1", NOON)
    assert names.had(f"n{MOST}", NOON)
