"""Who comes in, or changes a password, by a state that a change under way is about to end: both are in one group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import AccountMade, CheckElsewhere, OwnPasswordChanged, Passwd, Password
from classcord.chat.checked_passwords.vocabulary import Hashed
from classcord.chat.effects import Close, Refuse
from classcord.chat.identity.vocabulary import LoggedIn, LoginFailed
from classcord.chat.maintenance.vocabulary import Maintenance
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.roles import Operator, Role
from classcord.chat.sanctions.vocabulary import Ban, Kick
from tests.chat.hubs import (
    ADDRESS,
    a_hub,
    add_account,
    ask,
    checked,
    commit,
    connect,
    decide,
    log_in,
    operates,
    the_commit,
    verified,
)
from tests.chat.test_sanctions import closed

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.requests import Request

KEEPS_OUT: dict[str, Request] = {
    "ban": Ban(target="bob"),
    "kick": Kick(user="bob"),
    "network": Ban(target=ADDRESS),
    "maintenance": msgspec.convert({"state": "on"}, Maintenance),
    "password": Hashed(asked=Passwd(user="bob"), digest="d", made="abcd"),
    "elsewhere": CheckElsewhere(user="bob"),
}


@pytest.mark.parametrize("change", KEEPS_OUT)
@pytest.mark.parametrize("later", [False, True])
def test_a_login_of_the_same_group_ends(change: str, later: bool) -> None:
    """Decided before it or after, whoever is banned, or came in by the password before, does not stay."""
    hub = a_hub(other_logins=True)
    add_account(hub, "bob")
    boss, bob = operates(hub, "boss", Role.OWNER, address="10.0.0.1"), connect(hub)
    ours: tuple[tuple[Session, Request], ...] = ((boss, KEEPS_OUT[change]), (bob, verified(hub, "bob")))
    decided = [decide(hub, session, request) for session, request in (ours if later else ours[::-1])]
    assert isinstance(the_commit(decided[1 if later else 0]).answer, LoggedIn)
    effects = [effect for each in decided for effect in commit(hub, each)]
    assert closed(effects) == {bob}


def test_who_may_come_in_stays() -> None:
    """A change about somebody else, and one that was not stored, end no login."""
    hub = a_hub()
    add_account(hub, "bob")
    add_account(hub, "eve")
    boss, bob = operates(hub, "boss", Role.OWNER), connect(hub)
    decided = [decide(hub, boss, Ban(target="eve")), decide(hub, bob, verified(hub, "bob"))]
    assert not closed([effect for each in decided for effect in commit(hub, each)])
    given = decide(hub, boss, Hashed(asked=Passwd(user="bob"), digest="d", made="abcd"))
    hub.abandon(the_commit(given).records)
    assert not closed(ask(hub, connect(hub), verified(hub, "bob")))


def test_the_machine_comes_in_whatever_is_under_way() -> None:
    """Nobody keeps it out: neither a maintenance nor a ban of its name."""
    hub = a_hub()
    boss, machine = operates(hub, "boss", Role.OWNER), connect(hub)
    operator = Operator(name="root", role=Role.OWNER, by="machine")
    begun = decide(hub, boss, KEEPS_OUT["maintenance"])
    came = decide(hub, machine, Operate(operator=operator))
    assert not closed([*commit(hub, begun), *commit(hub, came)])


@pytest.mark.parametrize("stored", [False, True])
def test_an_administrators_password_is_not_replaced_by_the_one_before(stored: bool) -> None:
    """Whoever was changing it, by the password that is none any more, is refused: before the new one is stored, too."""
    hub = a_hub()
    add_account(hub, "bob")
    boss, bob = operates(hub, "boss", Role.OWNER), log_in(hub, "bob")
    request = Password(old="azerty", new="qwertz")
    decide(hub, bob, request)
    decide(hub, bob, checked(hub, request, "bob"))  # the new one is being hashed
    given = decide(hub, boss, Hashed(asked=Passwd(user="bob"), digest="d", made="abcd"))
    assert isinstance(the_commit(given).answer, AccountMade)
    if stored:
        assert closed(commit(hub, given)) == {bob}
    (refusal,) = decide(hub, bob, Hashed(asked=request, digest="new"))
    assert isinstance(refusal, Refuse)
    assert isinstance(refusal.error, LoginFailed)


def test_a_change_that_was_not_stored_hinders_nobody() -> None:
    """The next change is made; and whoever changes the password may do so again on the same connection."""
    hub = a_hub()
    add_account(hub, "bob")
    boss, bob = operates(hub, "boss", Role.OWNER), log_in(hub, "bob")
    given = decide(hub, boss, Hashed(asked=Passwd(user="bob"), digest="d", made="abcd"))
    hub.abandon(the_commit(given).records)
    for _ in range(2):
        effects = decide(hub, bob, Hashed(asked=Password(old="azerty", new="qwertz"), digest="new"))
        assert isinstance(the_commit(effects).answer, OwnPasswordChanged)
        assert not [each for each in commit(hub, effects) if isinstance(each, Close)]
    assert not hub.renewing
