"""A login backend at work: equal work for every no, two first logins in one group, and what can fail under way."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from classcord.chat.errors import Busy
from classcord.chat.hub import Hub
from classcord.chat.passwords import ELSEWHERE
from classcord.chat.policy import Policy
from classcord.services.passwords.authenticator import Requester, Verdict
from classcord.services.passwords.local import Hashing, LocalPasswords
from classcord.store.sqlite.database import begin
from tests.directory import Directory
from tests.harness import CHEAP, PASSWORD, Hasher, House, login, running
from tests.services.passwords.test_local import BCRYPT, SHA256, Counting

SECRET = "le mot de passe du lycée"
ASKER = Requester("10.0.0.1", 1)


# -- local passwords --------------------------------------------------------------------------------------------------


def _checked(house: House, context: Any, name: str, password: str) -> Any:
    local = LocalPasswords(house.store, Hashing(Hasher().run, context))
    return Deferred.fromCoroutine(local.check(name, password, ASKER)).result


@pytest.mark.parametrize(
    "digest",
    [ELSEWHERE, CHEAP.hash("another"), BCRYPT, SHA256, "$6$x$y"],
    ids=["elsewhere", "argon2", "bcrypt", "hex_sha256", "no known kind"],
)
@pytest.mark.parametrize("password", ["wrong", ELSEWHERE, "été à Noël"])
def test_every_no_costs_what_a_no_for_nobody_costs(house: House, digest: str, password: str) -> None:
    """By the hashes that are computed, nobody tells an account without a password here from one that is not there."""
    house.account("léa", digest=digest)
    nobody, known = Counting(), Counting()
    assert _checked(house, nobody, "nobody", password) == Verdict(valid=False)
    assert _checked(house, known, "léa", password) == Verdict(valid=False)
    assert known.work.count("argon2") == nobody.work.count("argon2") == 1
    if digest == ELSEWHERE:
        assert known.work == nobody.work


@pytest.mark.parametrize("name", ["", "\x00", "\ud800", "x" * 10_000, "'; DROP TABLE users; --"])
def test_whatever_is_sent_as_a_name_is_looked_up(house: House, name: str) -> None:
    """With the same work as for any other name."""
    context = Counting()
    assert _checked(house, context, name, PASSWORD) == Verdict(valid=False)
    assert context.work == ["argon2"]


def test_a_name_is_found_as_names_are_compared(house: House) -> None:
    """Its key is what counts, as for everything else; the local backend vouches for nobody."""
    house.account("Léa")
    assert _checked(house, Counting(), " LÉA ", PASSWORD) == Verdict(valid=True, rehash=None, profile=None)


# -- first logins -----------------------------------------------------------------------------------------------------


@pytest.fixture
def directory(house: House) -> Directory:
    assert isinstance(house.authenticator, Directory)
    house.authenticator.add("léa", SECRET)
    return house.authenticator


vouching = pytest.mark.house(authenticator=Directory)


@vouching
@pytest.mark.usefixtures("directory")
def test_two_first_logins_in_one_group(house: House) -> None:
    """One makes the account, the other waits for it and comes in; both hear one answer each, and each other."""
    house.store.holding = True
    first, second = house.client(), house.client()
    first.send(login("léa", SECRET))
    second.send(login("léa", SECRET))
    house.turn()
    assert (first.raw(), second.raw()) == (b"", b"")
    house.store.holding = False
    house.store.let_go()
    house.turn()
    for client in (first, second):
        assert [line["status"] for line in client.lines() if line["type"] == "login"] == ["ok"]
    assert house.store.asked("SELECT count(*) FROM users") == [1]
    assert house.store.asked("SELECT count(*) FROM sessions WHERE user_id = 1") == [2]
    person = house.hub.state.people["léa"]
    assert len(person.sessions) == 2
    assert house.hub.state.promised == set()


@vouching
@pytest.mark.usefixtures("directory")
def test_what_is_asked_behind_a_waiting_first_login_keeps_its_place(house: House) -> None:
    """The login comes first, then what was written behind it, by both."""
    listener = house.member("bob")
    house.store.holding = True
    clients = [house.client(), house.client()]
    for number, client in enumerate(clients):
        client.send(login("léa", SECRET), {"type": "message", "subtype": "global", "content": f"bonjour {number}"})
    house.turn()
    house.store.holding = False
    house.store.let_go()
    house.turn()
    heard = [line["content"] for line in listener.lines() if line.get("from") == "léa"]
    assert heard == ["bonjour 0", "bonjour 1"]
    for client in clients:
        assert next(line for line in client.lines())["type"] == "login"


@vouching
@pytest.mark.usefixtures("directory")
def test_who_leaves_while_waiting_leaves_nothing(house: House) -> None:
    """No session is left open, and the account stays with who has made it."""
    house.store.holding = True
    first, second = house.client(), house.client()
    first.send(login("léa", SECRET))
    second.send(login("léa", SECRET))
    house.turn()
    second.leave()
    house.store.holding = False
    house.store.let_go()
    house.turn()
    assert first.lines()[0]["status"] == "ok"
    assert len(house.hub.state.people["léa"].sessions) == 1
    first.leave()
    assert house.store.asked("SELECT count(*) FROM sessions WHERE ended_at IS NULL") == [0]
    assert "léa" not in house.hub.state.people


@vouching
@pytest.mark.usefixtures("directory")
def test_a_first_login_that_is_not_stored_leaves_no_trace(house: House) -> None:
    """The one who waited behind it makes the account then."""
    house.store.holding = True
    first, second = house.client(), house.client()
    first.send(login("léa", SECRET))
    house.turn()
    second.send(login("léa", SECRET))
    house.turn()
    refused = [Busy()]
    house.store.bad = lambda _record: refused.pop() if refused else None
    house.store.holding = False
    while house.store.held:
        house.store.let_go()
        house.turn()
    assert first.lines()[0]["code"] == "busy"
    assert second.lines()[0]["status"] == "ok"
    assert len(house.hub.state.people["léa"].sessions) == 1


@vouching
@pytest.mark.usefixtures("directory")
def test_a_restart_knows_whose_password_is_kept_elsewhere(house: House) -> None:
    """What was decided and what a start reads give one state."""
    house.client().ask(login("léa", SECRET))
    house.account("bob")
    again = Hub(Policy())
    again.restore(begin(house.store.connection).records)
    for name, elsewhere in (("léa", True), ("bob", False)):
        account = again.state.account(name)
        assert account is not None
        assert account.password_elsewhere is elsewhere
        assert account == house.hub.state.account(name)


@vouching
def test_a_directory_that_cannot_say_refuses_clearly(house: House, directory: Directory) -> None:
    """What it raises is what is heard; the connection goes on, and nothing was made."""
    directory.failure = Busy(retry_after=3)
    client = house.client()
    answer = client.one(login("léa", SECRET))
    assert (answer["code"], answer["retry_after"]) == ("busy", 3)
    directory.failure = None
    assert client.one(login("léa", SECRET))["status"] == "ok"


def test_a_mistake_in_a_directory_ends_that_connection_alone() -> None:
    """It is told with a reference, as every fault of ours."""
    with running(faulty=True, authenticator=Directory) as house:
        directory = house.authenticator
        assert isinstance(directory, Directory)
        other, client = house.member("bob"), house.client()
        directory.failure = ZeroDivisionError("the directory's own")
        assert "(reference 2-" in client.one(login("léa", SECRET))["message"]
        assert client.closed
        assert not other.closed
        assert any("the directory's own" in fault for fault in house.faults)
