"""An authenticator vouches for somebody: the account that a first login makes, and whose word opens which account."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.accounts.vocabulary import (
    AddUser,
    Authenticate,
    CheckElsewhere,
    CheckHere,
    DelUser,
    LastOwnerHere,
    NoOtherLogins,
    Passwd,
    Password,
    PasswordChanged,
    PasswordElsewhere,
)
from classcord.chat.checked_passwords.vocabulary import Hashed, Verified
from classcord.chat.connections.vocabulary import Disconnect
from classcord.chat.effects import Again, Close, Commit, Hash, Refuse, Reply, TellSecurity
from classcord.chat.errors import AlreadySo, BadPassword, BadUsername, ChatError, NotFound
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Guest, LoggedIn, Login, LoginFailed, SessionEnded, SessionStarted
from classcord.chat.maintenance.vocabulary import MaintainedBecause, Maintenance
from classcord.chat.operators.vocabulary import PersonTold, Whois
from classcord.chat.passwords import ELSEWHERE
from classcord.chat.people import Session
from classcord.chat.profiles.vouched import Profile
from classcord.chat.registration.vocabulary import Register, UserAdded, UsernameTaken
from classcord.chat.requests import LONGEST_FIELD, Request
from classcord.chat.roles import Role
from classcord.chat.sanctions.vocabulary import Ban, Banned, NotThisRole, NotYourself
from classcord.chat.text import Text
from tests.chat.hubs import (
    a_hub,
    add_account,
    ask,
    changes_of,
    checked,
    come_in,
    commit,
    connect,
    decide,
    heard_by,
    log_in,
    operates,
    person_of,
    records_of,
    the_commit,
    trail_of,
    verified,
)

PASSWORD = "secret"


def vouched(hub: Hub, name: str, asked: Any = None, /, *, valid: bool = True, **known: Any) -> Verified:
    """Return what comes back when a directory has checked the password of `name`, and knows this of the person."""
    account = hub.state.account(name)
    return Verified(
        asked=asked or Login(username=name, password=PASSWORD),
        version=account.password_version if account else None,
        valid=valid,
        rehashed="ignored",
        profile=Profile(**{"name": name, **known}),
    )


def refusal(hub: Hub, session: Session, request: Any) -> ChatError:
    """Return what somebody hears whom a decision refuses, whether it says so or raises."""
    try:
        effects = decide(hub, session, request)
    except ChatError as error:
        return error
    assert records_of(effects) == []
    (refuse,) = (effect for effect in effects if isinstance(effect, Refuse))
    return refuse.error


def from_directory(hub: Hub, name: str, /, **known: Any) -> Session:
    """Return a session of somebody whom a directory has let in."""
    session = connect(hub)
    ask(hub, session, vouched(hub, name, **known))
    return session


# -- the first login --------------------------------------------------------------------------------------------------


def test_a_first_login_makes_the_account_and_lets_in_by_one_commit() -> None:
    """With what the directory knows of the person, no digest, and an entry in the audit trail."""
    hub = a_hub()
    session = connect(hub)
    request = vouched(hub, "Léa", role=Role.MODERATOR, first_name="Léa", last_name="Martin", email="lea@example.org")
    effects = decide(hub, session, request)
    made, started = records_of(effects)
    assert isinstance(made, UserAdded)
    assert isinstance(started, SessionStarted)
    assert (made.name, made.name_key, made.role, made.password_hash) == ("Léa", "léa", "moderator", ELSEWHERE)
    assert (made.first_name, made.last_name, made.email) == ("Léa", "Martin", "lea@example.org")
    assert (made.alias, made.must_change) == (None, False)
    assert (started.user_id, started.name) == (made.user_id, "Léa")
    assert the_commit(effects).answer == LoggedIn(
        username="Léa", role="moderator", may=("create_channels", "write_at_any_time")
    )
    assert [effect for effect in effects if isinstance(effect, TellSecurity)] == [
        TellSecurity("registered", "Léa"),
        TellSecurity("login", "Léa"),
    ]
    assert [entry.action for entry in trail_of(effects)] == ["user-added"]
    commit(hub, effects)
    account = hub.state.account("léa")
    assert account is not None
    assert account.password_elsewhere
    assert person_of(session).account is account
    assert hub.state.promised == set()
    assert hub.state.listens_to(person_of(session))


def test_the_second_login_makes_nothing() -> None:
    """Nor is a digest stored for a password that is not kept here."""
    hub = a_hub()
    from_directory(hub, "léa")
    (started,) = records_of(decide(hub, connect(hub), vouched(hub, "LÉA", name="léa")))
    assert isinstance(started, SessionStarted)
    assert started.name == "léa"


@pytest.mark.parametrize("known", [{"name": "lea"}, {"name": "bob"}, {"name": ""}])
def test_only_the_name_that_the_directory_writes_makes_an_account(known: dict[str, Any]) -> None:
    """To a directory `lea` and `léa` may be one name; here they would be two accounts of one person."""
    hub = a_hub()
    assert type(refusal(hub, connect(hub), vouched(hub, "léa", **known))) is LoginFailed
    assert hub.state.promised == set()


def test_a_wrong_password_makes_nothing() -> None:
    """Whatever else the directory says."""
    hub = a_hub()
    assert type(refusal(hub, connect(hub), vouched(hub, "léa", valid=False))) is LoginFailed


def test_local_passwords_vouch_for_nobody() -> None:
    """A yes without a profile, for a name without an account, lets nobody in."""
    hub = a_hub()
    assert type(refusal(hub, connect(hub), verified(hub, "léa"))) is LoginFailed


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"email": "x" * LONGEST_FIELD}, "x" * LONGEST_FIELD),
        ({"email": "x" * (LONGEST_FIELD + 1)}, None),
        ({"email": "a\x1b[31m"}, None),
        ({"email": ""}, None),
        ({}, None),
    ],
)
def test_a_field_that_no_account_has_is_left_out(fields: dict[str, Any], kept: str | None) -> None:
    """A directory's odd entry keeps nobody out."""
    hub = a_hub()
    made = records_of(decide(hub, connect(hub), vouched(hub, "léa", **fields)))[0]
    assert isinstance(made, UserAdded)
    assert made.email == kept


def test_a_guest_takes_the_name_along() -> None:
    """Who was here as a guest of that name is here as the account; the session of before ends."""
    hub = a_hub()
    guest = come_in(hub, "léa")
    effects = decide(hub, guest, vouched(hub, "léa"))
    assert [type(record) for record in records_of(effects)] == [UserAdded, SessionStarted, SessionEnded]
    commit(hub, effects)
    assert person_of(guest).account is hub.state.account("léa")


def test_a_guest_who_has_the_name_keeps_nobody_out() -> None:
    """The guest is told why and turned out; the others see neither a departure nor an arrival."""
    hub = a_hub()
    alice, guest, lea = log_in(hub, "alice"), come_in(hub, "léa"), connect(hub)
    effects = ask(hub, lea, vouched(hub, "Léa"))
    (closed,) = [effect for effect in effects if isinstance(effect, Close)]
    assert closed == Close(
        Text("{name} is the name of an account now: come back under another name.", {"name": "léa"}), (guest,)
    )
    assert hub.state.person("léa") is person_of(lea)
    assert heard_by(alice, effects) == []
    assert heard_by(alice, ask(hub, guest, Disconnect())) == []
    assert hub.state.visible() == ("alice", "Léa")


def test_the_guest_whose_first_login_it_is_is_not_turned_out() -> None:
    """The name is the same person's."""
    hub = a_hub()
    guest = come_in(hub, "léa")
    assert not [effect for effect in ask(hub, guest, vouched(hub, "léa")) if isinstance(effect, Close)]


# -- what keeps a first login out -------------------------------------------------------------------------------------


def _with_an_alias(hub: Hub) -> None:
    add_account(hub, "somebody", alias="léa")


def _with_a_key(hub: Hub) -> None:
    hub.reserved = frozenset({"léa"})


def _with_a_lookalike(hub: Hub) -> None:
    add_account(hub, "Iea")


@pytest.mark.parametrize(
    ("before", "name", "kind"),
    [
        (_with_an_alias, "léa", UsernameTaken),
        (_with_a_key, "léa", UsernameTaken),
        (_with_a_lookalike, "lea", BadUsername),
        (_with_a_key, "le_a", BadUsername),
        (lambda _: None, "adm1n", BadUsername),
        (lambda _: None, "#léa", BadUsername),
        (lambda _: None, "server", BadUsername),
    ],
)
def test_a_name_that_no_new_account_gets_is_refused(before: Any, name: str, kind: type[ChatError]) -> None:
    """Somebody's, a key's, one that looks like another's, one that says too much: the directory changes nothing."""
    hub = a_hub()
    before(hub)
    assert isinstance(refusal(hub, connect(hub), vouched(hub, name)), kind)
    assert hub.state.account(name) is None


def test_bans_and_maintenance_hold() -> None:
    """Decided when the directory has answered, also for a name that had no account yet; staff comes in."""
    hub = a_hub()
    boss = log_in(hub, add_account(hub, "boss", "owner").name)
    waiting = vouched(hub, "léa")
    ask(hub, boss, Maintenance(state="on", reason="Travaux"))
    assert type(refusal(hub, connect(hub), waiting)) is MaintainedBecause
    assert records_of(decide(hub, connect(hub), vouched(hub, "prof", role=Role.MODERATOR)))
    ask(hub, boss, Maintenance(state="off"))
    from_directory(hub, "bob")
    ask(hub, boss, Ban(target="bob"))
    assert type(refusal(hub, connect(hub), vouched(hub, "bob"))) is Banned
    ask(hub, boss, DelUser(user="bob"))
    assert type(refusal(hub, connect(hub), vouched(hub, "bob"))) is Banned


def test_closed_registration_and_its_pace_keep_nobody_out() -> None:
    """Whoever keeps the directory says who belongs here: a class comes in at once, from one address."""
    hub = a_hub(registration="closed", registrations_per_hour=1)
    for number in range(30):
        assert person_of(from_directory(hub, f"élève{number}")).account


def test_a_first_login_is_refused_by_no_quota() -> None:
    """It counts on the new account's share, like any login, and takes nothing from its place."""
    hub = a_hub(stored_bytes_per_day=1)
    for number in range(30):
        assert person_of(from_directory(hub, f"élève{number}")).account
    assert min(quota.left for quota in hub.quotas.of_account(connect(hub), 1, 0.0)) < 0


# -- two at once ------------------------------------------------------------------------------------------------------


def test_of_two_first_logins_of_one_name_the_second_waits_and_is_a_login() -> None:
    """In one group of the journal: one makes the account, the other comes in behind it; nothing is lost."""
    hub = a_hub()
    first, second = connect(hub), connect(hub)
    request = vouched(hub, "léa")
    making, waiting = decide(hub, first, request), decide(hub, second, request)
    assert waiting == [Commit(second, (), request.asked), Again(request)]
    commit(hub, making)
    effects = decide(hub, second, request)
    assert [type(record) for record in records_of(effects)] == [SessionStarted]
    commit(hub, effects)
    assert person_of(first) is person_of(second)
    assert len(person_of(first).sessions) == 2


def test_of_two_first_logins_the_second_makes_the_account_when_the_first_fails() -> None:
    """What was promised to the first is free again when it waited long enough."""
    hub = a_hub()
    request = vouched(hub, "léa")
    making = decide(hub, connect(hub), request)
    second = connect(hub)
    assert decide(hub, second, request)[-1] == Again(request)
    hub.abandon(the_commit(making).records)
    assert [type(record) for record in records_of(decide(hub, second, request))] == [UserAdded, SessionStarted]


def test_who_waits_for_an_account_that_is_made_here_does_not_open_it() -> None:
    """It has a password of its own."""
    hub = a_hub()
    request = vouched(hub, "léa")
    theirs = Hashed(asked=Register(username="léa", password="azerty"), digest="digest")
    coming = decide(hub, connect(hub), theirs)
    second = connect(hub)
    assert decide(hub, second, request)[-1] == Again(request)
    commit(hub, coming)
    assert type(refusal(hub, second, request)) is LoginFailed


def test_who_waits_for_a_guest_of_that_name_comes_in() -> None:
    """The guest is here a moment, and is turned out."""
    hub = a_hub()
    request = vouched(hub, "léa")
    guest, second = connect(hub), connect(hub)
    coming = decide(hub, guest, Guest(username="léa"))
    assert decide(hub, second, request)[-1] == Again(request)
    commit(hub, coming)
    assert [each.sessions for each in ask(hub, second, request) if isinstance(each, Close)] == [(guest,)]
    assert person_of(second).account is hub.state.account("léa")


# -- whose word opens which account -----------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [None, Authenticate(username="boss", password=PASSWORD)])
def test_no_directory_opens_an_account_whose_password_is_kept_here(asked: Any) -> None:
    """A directory may have a `boss` too; that one is somebody else."""
    hub = a_hub()
    add_account(hub, "boss", "owner")
    assert type(refusal(hub, connect(hub), vouched(hub, "boss", asked))) is LoginFailed


@pytest.mark.parametrize(
    "asked",
    [None, Authenticate(username="boss", password=PASSWORD), Password(old=PASSWORD, new="azertz")],
    ids=["login", "console", "change"],
)
def test_no_directory_opens_an_account_of_another_name_than_it_vouches_for(asked: Any) -> None:
    """Neither in the chat, nor at a console, nor to change the password; its own name opens it in both."""
    hub = a_hub()
    boss = from_directory(hub, "boss", role=Role.OWNER)
    session = boss if isinstance(asked, Password) else connect(hub)
    assert type(refusal(hub, session, vouched(hub, "boss", asked, name="bob"))) is LoginFailed
    if not isinstance(asked, Password):
        effects = decide(hub, session, vouched(hub, "boss", asked, name="BOSS"))
        assert not any(isinstance(effect, Refuse) for effect in effects)


@pytest.mark.parametrize("asked", [None, Authenticate(username="boss", password=PASSWORD)])
def test_no_local_password_opens_an_account_of_a_directory(asked: Any) -> None:
    """There is none to compare with; a yes would be a mistake."""
    hub = a_hub()
    from_directory(hub, "boss", role=Role.OWNER)
    request = checked(hub, asked or Login(username="boss", password=PASSWORD), "boss")
    assert type(refusal(hub, connect(hub), request)) is LoginFailed


def test_a_password_at_a_console_never_makes_an_account() -> None:
    """Who administers has an account beforehand; then the directory's word is enough."""
    hub = a_hub()
    asked = Authenticate(username="prof", password=PASSWORD)
    assert type(refusal(hub, connect(hub), vouched(hub, "prof", asked, role=Role.OWNER))) is LoginFailed
    assert hub.state.account("prof") is None
    from_directory(hub, "prof", role=Role.OWNER)
    effects = decide(hub, connect(hub), vouched(hub, "prof", asked))
    assert len(effects) == 1
    assert records_of(effects) == []


def test_what_was_compared_here_is_of_the_account_of_then() -> None:
    """An account deleted and made again under the same name has another password."""
    hub = a_hub()
    boss = log_in(hub, add_account(hub, "boss", "owner").name)
    add_account(hub, "bob", "moderator")
    login, console = verified(hub, "bob"), checked(hub, Authenticate(username="bob", password="azerty"), "bob")
    ask(hub, boss, DelUser(user="bob"))
    add_account(hub, "bob", "moderator")
    assert type(refusal(hub, connect(hub), login)) is LoginFailed
    assert type(refusal(hub, connect(hub), console)) is LoginFailed
    assert records_of(decide(hub, connect(hub), verified(hub, "bob")))


def test_a_password_that_was_changed_meanwhile_opens_nothing() -> None:
    """Neither the chat nor a console, nor is it enough to change it again; a newer digest of it changes nothing."""
    hub = a_hub()
    account = add_account(hub, "bob", "moderator")
    bob = log_in(hub, "bob")
    password = Password(old="azerty", new="qwertz")
    late = [
        (connect(hub), verified(hub, "bob")),
        (connect(hub), checked(hub, Authenticate(username="bob", password="azerty"), "bob")),
        (bob, checked(hub, password, "bob")),
    ]
    hub.apply(PasswordChanged(user_id=account.id, password_hash="newer digest", rehashed=True))
    for session, request in late:
        assert not any(isinstance(effect, Refuse) for effect in decide(hub, session, request))
    ask(hub, bob, Hashed(asked=password, digest="another"))
    for session, request in late:
        assert type(refusal(hub, session, request)) is LoginFailed
    assert records_of(decide(hub, connect(hub), verified(hub, "bob")))


def test_who_was_deleted_meanwhile_begins_anew() -> None:
    """The directory still vouches for them: as a new account, without what the old one had."""
    hub = a_hub()
    boss = log_in(hub, add_account(hub, "boss", "owner").name)
    lea = from_directory(hub, "léa", role=Role.MODERATOR)
    before = hub.state.account("léa")
    waiting = vouched(hub, "léa")
    ask(hub, boss, DelUser(user="léa"))
    assert type(refusal(hub, connect(hub), waiting)) is UsernameTaken  # as long as the connection of before is open
    ask(hub, lea, Disconnect())
    session = connect(hub)
    ask(hub, session, waiting)
    account = person_of(session).account
    assert account is not None
    assert before is not None
    assert account.id > before.id
    assert account.role is Role.MEMBER


def test_an_account_made_by_hand_meanwhile_is_not_opened() -> None:
    """Its password is the one that its administrator has given."""
    hub = a_hub()
    waiting = vouched(hub, "léa")
    add_account(hub, "léa")
    assert type(refusal(hub, connect(hub), waiting)) is LoginFailed


# -- a password that is kept elsewhere is not changed here ------------------------------------------------------------


def test_nobody_changes_a_password_that_is_kept_elsewhere() -> None:
    """Neither its owner nor an administrator, with a code of its own."""
    hub = a_hub()
    boss = log_in(hub, add_account(hub, "boss", "owner").name)
    lea = from_directory(hub, "Léa")
    for session, request in (
        (lea, Password(old=PASSWORD, new="azerty")),
        (boss, Passwd(user="léa")),
        (boss, Passwd(user="léa", password="azerty")),
    ):
        error = refusal(hub, session, request)
        assert (type(error), error.code) == (PasswordElsewhere, "password_elsewhere")
        assert error.text.values == {"name": "Léa"}


def test_nor_while_it_is_being_hashed() -> None:
    """The account was deleted, and its owner came back by the directory, in the meantime."""
    hub = a_hub()
    boss = log_in(hub, add_account(hub, "boss", "owner").name)
    ask(hub, boss, Hashed(asked=AddUser(username="léa"), digest="digest"))
    late = Hashed(asked=Passwd(user="léa", password="azerty"), digest="digest")
    ask(hub, boss, DelUser(user="léa"))
    assert type(refusal(hub, boss, late)) is NotFound
    lea = from_directory(hub, "léa")
    assert type(refusal(hub, boss, late)) is PasswordElsewhere
    own = Hashed(asked=Password(old=PASSWORD, new="azerty"), digest="digest")
    assert type(refusal(hub, lea, own)) is PasswordElsewhere


def test_a_record_with_a_digest_makes_a_password_a_local_one() -> None:
    """The record alone says where the password is."""
    hub = a_hub()
    from_directory(hub, "léa")
    account = hub.state.account("léa")
    assert account is not None
    hub.apply(PasswordChanged(user_id=account.id, password_hash="digest"))
    assert not account.password_elsewhere
    assert changes_of(decide(hub, connect(hub), verified(hub, "léa", rehashed="newer")))[1:] == [
        PasswordChanged(user_id=account.id, password_hash="newer", rehashed=True)
    ]


# -- an administrator says where a password is checked ----------------------------------------------------------------


def office(**policy: Any) -> tuple[Hub, Session]:
    """Return a hub whose server has a directory, and an owner's session in it."""
    hub = a_hub(**{"other_logins": True, **policy})
    return hub, log_in(hub, add_account(hub, "boss", "owner").name)


def test_a_password_goes_elsewhere_with_its_sessions_and_tokens() -> None:
    """From then on the local password opens nothing, the directory's does, and both is in the audit trail."""
    hub, boss = office()
    bob = log_in(hub, add_account(hub, "bob").name)
    effects = decide(hub, boss, CheckElsewhere(user="bob"))
    assert trail_of(effects)[0].action == "password-elsewhere"
    assert TellSecurity("password-elsewhere", "bob") in effects
    closed = [effect for effect in commit(hub, effects) if isinstance(effect, Close)]
    assert [effect.sessions for effect in closed] == [(bob,)]
    account = hub.state.account("bob")
    assert account is not None
    assert account.password_elsewhere
    assert isinstance(refusal(hub, connect(hub), verified(hub, "bob")), LoginFailed)
    assert isinstance(the_commit(decide(hub, connect(hub), vouched(hub, "bob"))).answer, LoggedIn)


def test_a_password_comes_back_for_one_time_or_as_it_was_given() -> None:
    """The directory's word opens nothing any more, also if it was asked before."""
    for given, made in (("azerty", None), ("", "kufo-melu")):
        hub, boss = office()
        from_directory(hub, "Léa")
        before = vouched(hub, "Léa")
        request = CheckHere(user="léa", password=given)
        assert decide(hub, boss, request) == [Hash(request, given)]
        effects = decide(hub, boss, Hashed(asked=request, digest="digest", made=made))
        assert trail_of(effects)[0].action == "password-here"
        assert TellSecurity("password-here", "Léa") in effects
        commit(hub, effects)
        account = hub.state.account("léa")
        assert account is not None
        assert (account.password_elsewhere, account.must_change) == (False, made is not None)
        assert isinstance(refusal(hub, connect(hub), before), LoginFailed)
        assert isinstance(the_commit(decide(hub, connect(hub), verified(hub, "léa"))).answer, LoggedIn)


def test_nothing_changes_where_it_is_so_already_or_nobody_could_come_in() -> None:
    """Also if it became so while a password was hashed."""
    hub, boss = office()
    add_account(hub, "bob")
    from_directory(hub, "Léa")
    here = CheckHere(user="bob", password="azerty")
    assert type(refusal(hub, boss, here)) is AlreadySo
    assert type(refusal(hub, boss, Hashed(asked=here, digest="digest"))) is AlreadySo
    assert type(refusal(hub, boss, CheckElsewhere(user="Léa"))) is AlreadySo
    assert type(refusal(hub, boss, CheckHere(user="Léa", password="a"))) is BadPassword
    alone, owner = office(other_logins=False)
    add_account(alone, "bob")
    assert type(refusal(alone, owner, CheckElsewhere(user="bob"))) is NoOtherLogins


def test_an_owner_with_a_password_here_stays() -> None:
    """A key does not take the last password that needs no directory; nobody moves their own."""
    hub, boss = office()
    key = operates(hub, "key", Role.OWNER)
    assert type(refusal(hub, boss, CheckElsewhere(user="boss"))) is NotYourself
    assert type(refusal(hub, key, CheckElsewhere(user="boss"))) is LastOwnerHere
    add_account(hub, "second", "owner")
    ask(hub, key, CheckElsewhere(user="second"))
    assert type(refusal(hub, key, CheckElsewhere(user="boss"))) is LastOwnerHere
    ask(hub, key, Hashed(asked=CheckHere(user="second"), digest="digest"))
    ask(hub, key, CheckElsewhere(user="boss"))


@pytest.mark.parametrize("request_", [CheckElsewhere(user="boss"), CheckHere(user="boss", password="azerty")])
def test_nobody_moves_the_password_of_a_superior(request_: Request) -> None:
    hub, _ = office()
    assert type(refusal(hub, operates(hub, "key", Role.ADMIN), request_)) is NotThisRole


def test_whois_says_where_a_password_is_kept() -> None:
    hub, boss = office()
    add_account(hub, "bob")
    from_directory(hub, "Léa")
    come_in(hub, "zoé")
    kept = {}
    for name in ("bob", "Léa", "zoé"):
        (reply,) = decide(hub, boss, Whois(user=name))
        assert isinstance(reply, Reply)
        assert isinstance(reply.answer, PersonTold)
        kept[name] = reply.answer.password_kept
    assert kept == {"bob": "local", "Léa": "elsewhere", "zoé": None}
