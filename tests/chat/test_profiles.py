"""What people say of themselves, and who may read it."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.checked_passwords.vocabulary import Verified
from classcord.chat.effects import Commit, Effect, Find, Reply
from classcord.chat.errors import BadAlias, BadRequest, ChatError, NotAllowed, NotFound, TooLong
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Login
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.passwords import ELSEWHERE
from classcord.chat.people import Person, Session
from classcord.chat.presence.vocabulary import Status
from classcord.chat.profiles.vocabulary import (
    LONGEST_STATUS_TEXT,
    NotOnesOwn,
    PersonProfile,
    ProfileChanged,
    ProfileFound,
    ProfileOf,
    ProfileSet,
    ProfileShown,
    StoredProfile,
)
from classcord.chat.profiles.vouched import Profile
from classcord.chat.registration.vocabulary import AliasTaken, UserAdded
from classcord.chat.requests import LONGEST_FIELD
from classcord.chat.roles import Operator, Role
from tests.chat.hubs import (
    NOON_MS,
    a_hub,
    add_account,
    ask,
    changes_of,
    come_in,
    commit,
    connect,
    decide,
    heard_by,
    log_in,
    moderator,
    registration,
    unsigned,
)

BOB = StoredProfile(alias="Bobby", first_name="Robert", last_name="Martin", email="b@x.org", status_text="En TP")


def found(hub: Hub, session: Session, asked: PersonProfile, stored: StoredProfile | None = BOB) -> list[Effect]:
    """Decide a request as far as the store's answer, and then by that."""
    (find,) = decide(hub, session, asked)
    assert isinstance(find, Find)
    assert isinstance(find.question, ProfileOf)
    return decide(hub, session, ProfileFound(asked=asked, found=stored))


def shown(hub: Hub, session: Session, user: str | None = None, stored: StoredProfile = BOB) -> ProfileShown:
    (reply,) = found(hub, session, PersonProfile(user=user), stored)
    assert isinstance(reply, Reply)
    assert isinstance(reply.answer, ProfileShown)
    return reply.answer


def changed(hub: Hub, session: Session, **fields: str) -> ProfileSet:
    """Change a profile; return the record."""
    effects = found(hub, session, PersonProfile(**fields))
    commit(hub, effects)
    (record,) = changes_of(effects)
    assert isinstance(record, ProfileSet)
    return record


def test_ones_own_profile_is_read_whole() -> None:
    """With the address, which others do not see."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    whole = ProfileShown(
        user="bob", alias="Bobby", first_name="Robert", last_name="Martin", email="b@x.org", status_text="En TP"
    )
    assert shown(hub, bob) == shown(hub, bob, "BOB") == whole


def test_of_others_one_reads_all_but_the_address() -> None:
    """Members, and moderators; who manages accounts sees addresses too, over SSH as in the chat."""
    hub = a_hub()
    add_account(hub, "bob")
    add_account(hub, "head", "admin")
    operator = connect(hub)
    ask(hub, operator, Operate(operator=Operator(name="dupont", role=Role.ADMIN)))
    assert [shown(hub, log_in(hub, "alice"), "bob").email, shown(hub, moderator(hub), "bob").email] == [None, None]
    assert shown(hub, log_in(hub, "alice"), "bob").last_name == "Martin"
    assert [shown(hub, log_in(hub, "head"), "bob").email, shown(hub, operator, "bob").email] == ["b@x.org", "b@x.org"]


def test_guests_read_no_profiles() -> None:
    """A stranger does not learn how people are called; nor has a guest a profile."""
    hub = a_hub()
    alice, zoe = log_in(hub, "alice"), come_in(hub, "Zoé")
    for asked in (PersonProfile(), PersonProfile(user="alice"), PersonProfile(status_text="hi")):
        with pytest.raises(NotAllowed):
            decide(hub, zoe, asked)
    for user in ("Zoé", "nobody", "", "\0"):
        with pytest.raises(NotFound):
            decide(hub, alice, PersonProfile(user=user))


def test_who_has_no_account_has_no_profile() -> None:
    """An administrator by a key reads those of others, and has none."""
    hub = a_hub()
    operator = connect(hub)
    ask(hub, operator, Operate(operator=Operator(name="dupont", role=Role.OWNER)))
    for asked in (PersonProfile(), PersonProfile(alias="d")):
        with pytest.raises(NotAllowed):
            decide(hub, operator, asked)


def test_fields_are_changed_and_cleared() -> None:
    """A field that is not given stays; the answer is the profile as it is then."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    asked = PersonProfile(first_name="Bob", email="", status_text="  au \t travail ")
    effects = found(hub, bob, asked)
    assert changes_of(effects) == [
        ProfileSet(user_id=1, first_name="Bob", email="", status_text="au travail"),
    ]
    (done,) = effects
    assert isinstance(done, Commit)
    assert done.answer == ProfileShown(
        user="bob", alias="Bobby", first_name="Bob", last_name="Martin", status_text="au travail"
    )


@pytest.mark.parametrize("user", ["alice", "head"])
def test_nobody_changes_anothers_profile(user: str) -> None:
    """Not an administrator either; one's own name may be given."""
    hub = a_hub()
    add_account(hub, "alice")
    add_account(hub, "head", "owner")
    for name in {"alice", "head"} - {user}:
        with pytest.raises(NotOnesOwn):
            decide(hub, log_in(hub, name), PersonProfile(user=user, status_text="na"))
    assert isinstance(decide(hub, log_in(hub, user), PersonProfile(user=user, status_text="na"))[0], Find)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"first_name": "x" * (LONGEST_FIELD + 1)}, TooLong),
        ({"last_name": "x" * (LONGEST_FIELD + 1)}, TooLong),
        ({"email": "x" * (LONGEST_FIELD + 1)}, TooLong),
        ({"status_text": "x" * (LONGEST_STATUS_TEXT + 1)}, TooLong),
        ({"first_name": "a\nb"}, BadRequest),
        ({"last_name": "\x1b[31m"}, BadRequest),
        ({"email": "a\0@b"}, BadRequest),
        ({"status_text": "\x1b[2J"}, BadRequest),
        ({"alias": "<script>"}, BadAlias),
        ({"alias": "x" * 65}, BadAlias),
        ({"alias": "serveur"}, BadAlias),
        ({"alias": "alice"}, AliasTaken),
        ({"alias": "ALICE"}, AliasTaken),
        ({"alias": "aIice"}, BadAlias),
        ({"alias": "lili"}, AliasTaken),
        ({"alias": "Zoé"}, AliasTaken),
    ],
)
def test_what_no_profile_may_say_is_refused(fields: dict[str, Any], refusal: type[ChatError]) -> None:
    """By the rules of a registration, before the store is asked."""
    hub = a_hub()
    add_account(hub, "alice", alias="lili")
    bob, _ = log_in(hub, "bob"), come_in(hub, "Zoé")
    with pytest.raises(refusal) as caught:
        decide(hub, bob, PersonProfile(**fields))
    assert caught.value.field == next(iter(fields))


def test_an_alias_is_taken_from_its_commit_on_and_free_when_it_is_cleared() -> None:
    """While it is under way nobody else gets it; an alias that could not be stored is free again."""
    hub = a_hub()
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob")
    under_way = found(hub, bob, PersonProfile(alias="Bobby"))
    with pytest.raises(AliasTaken):
        decide(hub, alice, PersonProfile(alias="bobby"))
    assert isinstance(under_way[0], Commit)
    hub.abandon(under_way[0].records)
    assert changed(hub, alice, alias="Bobby") == ProfileSet(user_id=1, alias="Bobby", alias_key="bobby")
    with pytest.raises(AliasTaken):
        decide(hub, bob, PersonProfile(alias="BOBBY"))
    with pytest.raises(ChatError):
        decide(hub, connect(hub), registration("bobby"))
    assert changed(hub, alice, alias="") == ProfileSet(user_id=1, alias="", alias_key="")
    assert hub.state.aliases == {}
    assert changed(hub, bob, alias="bobby").alias == "bobby"


def test_an_alias_may_be_written_otherwise_and_changed_for_another() -> None:
    """One's own name, and what looks like it, are nobody else's; the old alias is free."""
    hub = a_hub()
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob")
    changed(hub, alice, alias="lili")
    assert changed(hub, alice, alias="LILI").alias == "LILI"
    assert changed(hub, alice, alias="Alice").alias == "Alice"
    assert changed(hub, alice, alias="aIice").alias == "aIice"
    with pytest.raises(AliasTaken):
        decide(hub, bob, PersonProfile(alias="alice"))
    assert changed(hub, bob, alias="lili").alias_key == "lili"


def test_what_was_true_before_the_answer_is_asked_again() -> None:
    """The account may be gone, or the alias somebody's, when the store has answered."""
    hub = a_hub()
    alice, bob = log_in(hub, "alice"), log_in(hub, "bob")
    asked = PersonProfile(alias="chef")
    changed(hub, alice, alias="chef")
    with pytest.raises(AliasTaken):
        decide(hub, bob, ProfileFound(asked=asked, found=BOB))
    with pytest.raises(NotFound):
        decide(hub, alice, ProfileFound(asked=PersonProfile(user="bob"), found=None))
    hub.apply(UserRemoved(user_id=2))
    with pytest.raises(NotFound):
        decide(hub, alice, ProfileFound(asked=PersonProfile(user="bob"), found=BOB))
    assert hub.apply(ProfileSet(user_id=2, alias="x", alias_key="x")) == []
    assert "x" not in hub.state.aliases


def test_a_directory_says_at_each_login_who_somebody_is() -> None:
    """What it does not say stays as the person has said it; what no profile may say is left out."""
    hub = a_hub()
    record = UserAdded(
        user_id=hub.state.user_ids.next(),
        name="Inès",
        name_key="inès",
        role="member",
        password_hash=ELSEWHERE,
        added_at=NOON_MS,
    )
    hub.restore([record])
    login = Login(username="inès", password="azerty")

    def logged_in(**known: str) -> list[ProfileSet]:
        verified = Verified(asked=login, version=None, valid=True, profile=Profile(name="Inès", **known))  # type: ignore[arg-type]
        records = [r for e in hub.decide(connect(hub), verified, 0) if isinstance(e, Commit) for r in e.records]
        return [unsigned(each) for each in records if isinstance(each, ProfileSet)]  # type: ignore[misc]

    assert logged_in() == []
    assert logged_in(first_name="Inès", email="\0") == [
        ProfileSet(user_id=record.user_id, first_name="Inès", told=False)
    ]
    assert logged_in(email="i@x.org") == [ProfileSet(user_id=record.user_id, email="i@x.org", told=False)]


# -- who hears of it --------------------------------------------------------------------------------------------------


def changes(hub: Hub, session: Session, **fields: str) -> list[Effect]:
    """Change a profile; return what follows."""
    return commit(hub, found(hub, session, PersonProfile(**fields)))


def test_who_sees_the_person_hears_of_it() -> None:
    """In all sessions but the one that changes it; not guests, who read no profiles."""
    hub = a_hub()
    bob, phone, ann, zoe = log_in(hub, "bob"), log_in(hub, "bob"), log_in(hub, "ann"), come_in(hub, "Zoé")
    follow = changes(hub, bob, alias="Bob2", status_text="", email="b@example.org")
    event = ProfileChanged(user="bob", alias="Bob2", status_text="")
    assert [heard_by(each, follow) for each in (ann, phone, bob, zoe)] == [[event], [event], [], []]
    assert changes(hub, bob, email="other@example.org") == [], "an address is nobody else's business"


def test_of_a_hidden_person_only_they_hear() -> None:
    """Their other devices: for all others they are not here."""
    hub = a_hub()
    bob, phone, ann = log_in(hub, "bob"), log_in(hub, "bob"), log_in(hub, "ann")
    ask(hub, bob, Status(state="invisible"))
    follow = changes(hub, bob, status_text="caché")
    assert [heard_by(each, follow) for each in (ann, phone, bob)] == [
        [],
        [ProfileChanged(user="bob", status_text="caché")],
        [],
    ]


def test_of_who_is_not_here_nobody_hears() -> None:
    """What a directory says at a login, a person who has left meanwhile, a guest of the name before."""
    hub = a_hub()
    add_account(hub, "bob")
    log_in(hub, "ann")
    assert hub.apply(ProfileSet(user_id=1, first_name="Bob")) == []
    log_in(hub, "bob")
    assert hub.apply(ProfileSet(user_id=1, first_name="Bob", told=False)) == []
    hub.state.people["bob"] = Person("bob", "bob", None)
    assert hub.apply(ProfileSet(user_id=1, first_name="Bob")) == []
