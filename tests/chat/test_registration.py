"""Saying hello, and making an account: what is refused, and whose name is whose meanwhile."""

from __future__ import annotations

import pytest

from classcord.chat.channels.vocabulary import ChannelAdded, TopicSet
from classcord.chat.checked_passwords.vocabulary import Hashed
from classcord.chat.connections.vocabulary import Hello, Welcome
from classcord.chat.effects import Commit, Hash, Reply, Speak, TellSecurity
from classcord.chat.errors import BadAlias, BadPassword, BadRequest, BadUsername, ChatError, TooLong
from classcord.chat.events import Done
from classcord.chat.registration.vocabulary import AliasTaken, Register, RegistrationClosed, UserAdded, UsernameTaken
from classcord.chat.roles import Role
from tests.chat.hubs import (
    NOON_MS,
    a_hub,
    add_account,
    come_in,
    commit,
    connect,
    decide,
    person_of,
    records_of,
    register,
    registration,
    untrailed,
)

# -- hello ------------------------------------------------------------------------------------------------------------


def test_hello_tells_what_the_server_is_and_begins_the_modern_dialect() -> None:
    """`hello` is answered with the server's name, limits and features, in the language and encoding asked for."""
    hub = a_hub(name="Lycée", version="1.0", motd="Bonjour", min_password=8, heartbeat=60)
    request = Hello(lang="EN-gb", encoding="UTF-8")
    welcome = Welcome(
        server="Lycée",
        version="1.0",
        protocol=2,
        encoding="utf-8",
        lang="en",
        limits={
            "line_bytes": 65_536,
            "content_chars": 10_000,
            "messages_per_second": 0,
            "burst": 25,
            "min_password": 8,
        },
        auth=("password", "guest"),
        features=(
            "ack",
            "blocks",
            "channels",
            "client_id",
            "conversations",
            "delete",
            "edit",
            "guests",
            "history",
            "mentions",
            "pins",
            "private",
            "profiles",
            "reactions",
            "resume",
            "reply_to",
            "search",
            "typing",
        ),
        motd="Bonjour",
        registration="open",
        heartbeat=60,
    )
    assert decide(hub, connect(hub), request) == [Speak("en", "utf-8", heartbeat=60), Reply(request, welcome)]


@pytest.mark.parametrize(("lang", "encoding"), [("", "ascii"), ("de", "US-ASCII"), ("x" * 50, "")])
def test_what_hello_does_not_know_stays_as_it_was(lang: str, encoding: str) -> None:
    """An unknown language leaves the session's, no encoding is ASCII, and guests are offered if admitted."""
    hub = a_hub(guests=False, heartbeat=0)
    speak, reply = decide(hub, connect(hub), Hello(lang=lang, encoding=encoding))
    assert speak == Speak("fr", "ascii")
    assert isinstance(reply, Reply)
    assert isinstance(reply.answer, Welcome)
    assert reply.answer.auth == ("password",)


# -- register ---------------------------------------------------------------------------------------------------------


def test_registering_hashes_then_commits_then_is() -> None:
    """The password is hashed before anything is stored, and the account is there when it is committed, not before."""
    hub = a_hub()
    session = connect(hub)
    request = registration("Zoé", alias="Z", first_name="Zoé", last_name="Martin", email="zoe@example.org")
    assert decide(hub, session, request) == [Hash(request, "azerty")]
    record = UserAdded(
        user_id=1,
        name="Zoé",
        name_key="zoé",
        role="member",
        password_hash="digest",
        alias="Z",
        alias_key="z",
        first_name="Zoé",
        last_name="Martin",
        email="zoe@example.org",
        added_at=NOON_MS,
    )
    effects = decide(hub, session, Hashed(asked=request, digest="digest"))
    assert untrailed(effects) == [Commit(session, (record,), request, Done()), TellSecurity("registered", "Zoé")]
    assert hub.state.account("zoé") is None
    assert commit(hub, effects) == [TellSecurity("registered", "Zoé")]
    account = hub.state.account("ZOÉ")
    assert account is not None
    assert (account.id, account.name, account.role) == (1, "Zoé", Role.MEMBER)
    assert session.person is None


def test_closed_registration_takes_nobody() -> None:
    """Where registration is closed everybody is refused before anything is hashed."""
    hub = a_hub(registration="closed")
    with pytest.raises(RegistrationClosed):
        decide(hub, connect(hub), registration("bob"))


@pytest.mark.parametrize(
    ("request_", "refusal", "field"),
    [
        (registration("a#b"), BadUsername, "username"),
        (registration("tous"), BadUsername, "username"),
        (registration("alice"), UsernameTaken, "username"),
        (registration("ALICE"), UsernameTaken, "username"),
        (registration("liss"), UsernameTaken, "username"),
        (registration("zoé"), UsernameTaken, "username"),
        (registration("bob", password=""), BadPassword, "password"),
        (registration("bob", password="abc"), BadPassword, "password"),
        (registration("bob", password="abc\0d"), BadPassword, "password"),
        (registration("bob", password="x" * 1001), TooLong, "password"),
        (registration("bob", alias="a#b"), BadAlias, "alias"),
        (registration("bob", alias="Serveur"), BadAlias, "alias"),
        (registration("bob", alias="Alice"), AliasTaken, "alias"),
        (registration("bob", alias="Liss"), AliasTaken, "alias"),
        (registration("bob", alias="Zoé"), AliasTaken, "alias"),
        (registration("bob", first_name="x" * 255), TooLong, "first_name"),
        (registration("bob", last_name="x" * 255), TooLong, "last_name"),
        (registration("bob", email="x" * 255), TooLong, "email"),
        (registration("bob", email="a\nb"), BadRequest, "email"),
    ],
)
def test_what_cannot_be_an_account_is_refused_by_its_field(
    request_: Register, refusal: type[ChatError], field: str
) -> None:
    """A bad or taken name, a bad password, alias or profile is refused, and the client is told which field it was."""
    hub = a_hub()
    add_account(hub, "Alice", alias="Liss")
    come_in(hub, "zoé")
    with pytest.raises(ChatError) as caught:
        decide(hub, connect(hub), request_)
    assert type(caught.value) is refusal
    assert caught.value.field == field


def test_no_minimum_still_means_a_password() -> None:
    """With `min_password = 0` one character will do, and none will not."""
    hub = a_hub(min_password=0)
    assert decide(hub, connect(hub), registration("bob", password="x"))
    with pytest.raises(BadPassword):
        decide(hub, connect(hub), registration("bob", password=""))


def test_an_alias_may_be_the_name_itself() -> None:
    """Somebody whose alias is their name hides nobody else's."""
    hub = a_hub()
    register(hub, connect(hub), "bob", alias="Bob")
    assert hub.state.account("bob") is not None


def test_while_a_registration_is_stored_its_names_are_promised() -> None:
    """Between decision and commit neither its name nor its alias can be had by an account or a guest."""
    hub = a_hub()
    first = registration("bob", alias="bobby")
    effects = decide(hub, connect(hub), Hashed(asked=first, digest="digest"))
    for second in (registration("BOB"), registration("Bobby")):
        with pytest.raises(UsernameTaken):
            decide(hub, connect(hub), Hashed(asked=second, digest="digest"))
    with pytest.raises(AliasTaken):
        decide(hub, connect(hub), registration("robert", alias="bobby"))
    assert person_of(come_in(hub, "bobby")).name == "bobby (invité)"
    assert person_of(come_in(hub, "bob")).name == "bob (invité)"
    commit(hub, effects)
    assert hub.state.promised == set()
    assert hub.state.taken("bobby")


def test_a_registration_that_failed_gives_its_names_back() -> None:
    """When the commit fails, name and alias are free again."""
    hub = a_hub()
    effects = decide(hub, connect(hub), Hashed(asked=registration("bob", alias="bobby"), digest="digest"))
    hub.abandon(records_of(effects))
    assert not hub.state.taken("bob")
    assert not hub.state.taken("bobby")


def test_a_name_that_was_taken_while_hashing_is_refused() -> None:
    """Hashing takes its time; who was faster has the name."""
    hub = a_hub()
    session = connect(hub)
    request = registration("bob")
    decide(hub, session, request)
    come_in(hub, "bob")
    with pytest.raises(UsernameTaken):
        decide(hub, session, Hashed(asked=request, digest="digest"))


def test_a_guest_may_make_their_own_name_an_account() -> None:
    """A guest may register the name they go by, and nobody else may; once it is an account they may not again."""
    hub = a_hub()
    bob = come_in(hub, "bob")
    with pytest.raises(UsernameTaken):
        decide(hub, come_in(hub, "eve"), registration("bob"))
    register(hub, bob, "bob")
    assert person_of(bob).account is None
    with pytest.raises(UsernameTaken):
        decide(hub, bob, registration("bob"))


def test_the_store_tells_a_taken_alias_from_a_taken_name() -> None:
    """When the store refuses an account, its sender hears which of the two was taken."""
    record = UserAdded(user_id=1, name="b", name_key="b", role="member", password_hash="", added_at=NOON_MS)
    assert type(record.refusal("UNIQUE constraint failed: users.alias_key")) is AliasTaken
    assert type(record.refusal("UNIQUE constraint failed: users.name_key")) is UsernameTaken
    assert TopicSet(channel_id=1, topic="", set_at=0).refusal("").code == "conflict"
    added = ChannelAdded(channel_id=1, name="#x", name_key="x", kind="open", added_at=0)
    assert str(added.refusal("")) == "A channel #x exists already."
