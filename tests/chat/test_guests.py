"""Guests: the name they get, whom they cannot pass for, and how one becomes an account."""

from __future__ import annotations

import pytest

from classcord.chat.checked_passwords.vocabulary import Hashed
from classcord.chat.connections.vocabulary import Disconnect
from classcord.chat.effects import Deliver, TellSecurity
from classcord.chat.errors import (
    NotAllowed,
    NotIdentified,
)
from classcord.chat.identity.vocabulary import Guest, LoggedIn
from classcord.chat.messages.vocabulary import Say
from classcord.chat.presence.vocabulary import Status, StatusChanged
from classcord.chat.roles import Role
from tests.chat.hubs import (
    a_hub,
    add_account,
    ask,
    come_in,
    commit,
    connect,
    decide,
    has_left,
    heard_by,
    is_here,
    log_in,
    person_of,
    records_of,
    register,
    registration,
    the_commit,
    verified,
)


def test_a_guest_comes_in_under_a_name() -> None:
    """A guest's answer tells the name they got; they are announced like everyone, and have no row of kept messages."""
    hub = a_hub()
    alice, session = log_in(hub, "alice"), connect(hub)
    request = Guest(username="Zoé")
    effects = decide(hub, session, request)
    assert the_commit(effects).answer == LoggedIn(username="Zoé", role="guest", may=())
    assert effects[1:] == [TellSecurity("guest", "Zoé")]
    assert commit(hub, effects[:1]) == [
        Deliver(StatusChanged(user="Zoé", state="online"), (alice,)),
        Deliver(is_here("Zoé"), (alice,)),
    ]
    assert person_of(session).role is Role.GUEST


def test_where_guests_are_not_admitted_nobody_is_one() -> None:
    """Neither asking nor a first message makes a guest then."""
    hub = a_hub(guests=False)
    with pytest.raises(NotAllowed):
        decide(hub, connect(hub), Guest())
    with pytest.raises(NotIdentified):
        decide(hub, connect(hub), Say(content="hello"))


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("alice", "alice (invité)"),
        ("ALICE", "ALICE (invité)"),
        ("ａｌｉｃｅ", "alice (invité)"),
        ("al\u0069\u0307ce", "al\u0069\u0307ce (invité)"),
        ("alice\ufe00", "invité"),
        ("аlice", "invité"),
        ("Liss", "Liss (invité)"),
        ("paul", "paul (invité)"),
        ("robert", "robert (invité)"),
        ("Serveur", "Serveur (invité)"),
    ],
)
def test_a_guest_passes_for_nobody(wanted: str, name: str) -> None:
    """Not for an account, however it is written, nor for its alias, a guest, a promised or a reserved name."""
    hub = a_hub()
    add_account(hub, "Alice", alias="liss")
    come_in(hub, "Paul")
    decide(hub, connect(hub), Hashed(asked=registration("Robert"), digest="digest"))
    assert person_of(come_in(hub, wanted)).name == name


def test_guests_of_one_name_are_told_apart_while_they_are_stored() -> None:
    """A name is promised when it is decided, so that two in one group of commits get two names."""
    hub = a_hub()
    one, other = connect(hub), connect(hub)
    effects = decide(hub, one, Guest(username="zoé")) + decide(hub, other, Guest(username="zoé"))
    commit(hub, effects)
    assert (one.name, other.name) == ("zoé", "zoé (invité)")
    assert hub.state.promised == set()


def test_a_guest_who_could_not_be_stored_gives_the_name_back() -> None:
    """When the commit fails the name is free again."""
    hub = a_hub()
    hub.abandon(records_of(decide(hub, connect(hub), Guest(username="zoé"))))
    assert person_of(come_in(hub, "zoé")).name == "zoé"


def test_a_guest_may_take_another_name_or_the_same_again() -> None:
    """Their own name is free for them, in the writing they came with; of another one the others hear."""
    hub = a_hub()
    alice, zoe = log_in(hub, "alice"), come_in(hub, "zoé")
    again = decide(hub, zoe, Guest(username="ZOÉ"))
    assert the_commit(again).answer == LoggedIn(username="zoé", role="guest", may=())
    assert heard_by(alice, commit(hub, again)) == []
    assert heard_by(alice, ask(hub, zoe, Guest(username="Zoé 2"))) == [
        StatusChanged(user="zoé", state="offline"),
        has_left("zoé"),
        StatusChanged(user="Zoé 2", state="online"),
        is_here("Zoé 2"),
    ]
    assert person_of(come_in(hub, "zoé")).name == "zoé"


def test_a_guest_who_registers_and_logs_in_is_still_the_same_for_the_others() -> None:
    """They see neither a departure nor an arrival: a changed status resets what some clients have selected."""
    hub = a_hub()
    alice, zoe = log_in(hub, "alice"), come_in(hub, "zoé")
    register(hub, zoe, "zoé")
    assert heard_by(alice, ask(hub, zoe, verified(hub, "zoé"))) == []
    assert person_of(zoe).role is Role.MEMBER
    assert hub.state.visible() == ("alice", "zoé")
    assert hub.state.everyone() == (alice, zoe)


def test_a_hidden_guest_who_logs_in_is_seen_again() -> None:
    """Who hid as a guest is announced when they come as an account."""
    hub = a_hub()
    alice, zoe = log_in(hub, "alice"), come_in(hub, "zoé")
    ask(hub, zoe, Status(state="invisible"))
    register(hub, zoe, "zoé")
    assert heard_by(alice, ask(hub, zoe, verified(hub, "zoé"))) == [
        StatusChanged(user="zoé", state="online"),
        is_here("zoé"),
    ]


def test_the_guest_that_an_account_came_from_fades_without_a_word() -> None:
    """Logged in elsewhere, the account is who is here by that name, whatever becomes of the guest's session."""
    hub = a_hub()
    alice, old = log_in(hub, "alice"), come_in(hub, "zoé")
    register(hub, old, "zoé")
    new = log_in(hub, "zoé")
    assert hub.state.person("zoé") is new.person
    assert the_commit(decide(hub, old, Guest(username="zoé"))).answer == LoggedIn(
        username="zoé (invité)", role="guest", may=()
    )
    assert heard_by(alice, ask(hub, old, Disconnect())) == []
    assert hub.state.visible() == ("alice", "zoé")
    assert hub.state.everyone() == (alice, new)
