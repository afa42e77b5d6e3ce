"""Passwords: kinds of digests, equal work for every no, a bounded queue, and pauses for who guesses."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Any
from unittest.mock import patch

import pytest
from passlib.context import CryptContext
from twisted.internet import reactor
from twisted.internet.defer import Deferred, DeferredList, gatherResults
from twisted.trial.unittest import TestCase

from classcord.chat.errors import Busy
from classcord.chat.passwords import forms
from classcord.services.passwords import local as accounts
from classcord.services.passwords.local import CONTEXT, Hashing, HashingThreads
from tests.harness import CHEAP, PASSWORD, Hasher, House, login, register, running

COMPOSED = "été à Noël"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)
SHA256 = hashlib.sha256(PASSWORD.encode()).hexdigest()
BCRYPT = CHEAP.handler("bcrypt").hash(PASSWORD)


def stored(house: House, name: str) -> str:
    """Return the digest that the store has for an account."""
    account = house.hub.state.account(name)
    assert account is not None
    return house.store.digest(account.id)


# -- kinds of digests --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digest", [SHA256, BCRYPT], ids=["hex_sha256", "bcrypt"])
def test_an_older_digest_is_upgraded_at_login(digest: str) -> None:
    """The right password gets in, and the next login compares argon2id; the password stays the same."""
    with running() as house:
        house.account("alice", digest=digest)
        assert house.client().one(login("alice"))["status"] == "ok"
        upgraded = stored(house, "alice")
        assert upgraded.startswith("$argon2id$")
        assert house.client().one(login("alice"))["status"] == "ok"
        assert stored(house, "alice") == upgraded


@pytest.mark.parametrize("digest", [SHA256, BCRYPT], ids=["hex_sha256", "bcrypt"])
def test_a_wrong_password_upgrades_nothing(digest: str) -> None:
    """A refusal changes no digest."""
    with running() as house:
        house.account("alice", digest=digest)
        assert house.client().one(login("alice", "wrong"))["code"] == "login_failed"
        assert stored(house, "alice") == digest


@pytest.mark.parametrize("digest", ["", "azerty", "$argon2id$broken", "$6$x$y", "\x00"])
def test_a_digest_of_no_known_kind_is_nobodys(digest: str) -> None:
    """Not even the digest itself is a password: there is no plaintext scheme."""
    with running() as house:
        house.account("alice", digest=digest or " ")
        for password in (PASSWORD, digest or " "):
            assert house.client().one(login("alice", password))["code"] == "login_failed"


@pytest.mark.parametrize("digest", [None, BCRYPT, SHA256], ids=["argon2", "bcrypt", "hex_sha256"])
def test_a_password_with_a_nul_is_not_cut_there(digest: str | None) -> None:
    """It is no new account's password, and the part before it is not taken for the whole."""
    with running() as house:
        house.account("bob", digest=digest)
        client = house.client()
        assert client.one(login("bob", PASSWORD + "\x00x"))["code"] == "login_failed"
        assert client.one(register("alice", "abcd\x00x"))["code"] == "bad_password"


def test_new_passwords_are_argon2id_with_the_sheets_costs() -> None:
    """OWASP's second choice: 19 MiB, two passes, one lane."""
    assert CONTEXT.hash(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")


# -- equal work --------------------------------------------------------------------------------------------------------


class Counting:
    """A context that writes down the scheme of each digest that it is made to compute."""

    def __init__(self) -> None:
        self.work: list[str] = []

    def hash(self, password: str) -> str:
        return str(CHEAP.hash(password))

    def verify(self, password: str, digest: str) -> bool:
        self.work.append(str(CHEAP.identify(digest)))
        return bool(CHEAP.verify(password, digest))

    def verify_and_update(self, password: str, digest: str) -> Any:
        self.work.append(str(CHEAP.identify(digest)))
        return CHEAP.verify_and_update(password, digest)

    def __getattr__(self, name: str) -> Any:
        return getattr(CHEAP, name)


@pytest.mark.parametrize(
    "digest",
    [None, CHEAP.hash("another"), SHA256, BCRYPT, "$6$x$y"],
    ids=["nobody", "argon2", "sha", "bcrypt", "no known kind"],
)
def test_every_no_costs_one_argon2id(digest: str | None) -> None:
    """Unknown or wrong, new kind of digest or old: the work by which an account could be told is the same."""
    context: Any = Counting()
    hashing = Hashing(Hasher().run, context)
    answer = Deferred.fromCoroutine(hashing.verify("wrong", digest)).result
    assert answer == (False, None)
    assert context.work.count("argon2") == 1


@pytest.mark.parametrize(
    "digest",
    [None, CHEAP.hash("another"), SHA256, BCRYPT, "$6$x$y"],
    ids=["nobody", "argon2", "sha", "bcrypt", "no known kind"],
)
@pytest.mark.parametrize(
    ("typed", "computations"), [(COMPOSED, 1), (DECOMPOSED, 2), ("tabs\tare no", 1), ("\N{FAMILY}\u200d", 1)]
)
def test_every_no_costs_the_same(digest: str | None, typed: str, computations: int) -> None:
    """A password that may be compared in two forms is, whether anybody has it or not; others are compared once."""
    context: Any = Counting()
    answer = Deferred.fromCoroutine(Hashing(Hasher().run, context).verify(typed, digest)).result
    assert answer == (False, None)
    assert context.work.count("argon2") == computations


@pytest.mark.parametrize(("typed", "computations"), [(COMPOSED, 1), (DECOMPOSED, 1)])
def test_a_yes_costs_one_argon2id(typed: str, computations: int) -> None:
    """Digests are of the prepared form, which is compared first."""
    context: Any = Counting()
    answer = Deferred.fromCoroutine(Hashing(Hasher().run, context).verify(typed, CHEAP.hash(COMPOSED))).result
    assert answer == (True, None)
    assert context.work == ["argon2"] * computations


# -- one password, typed in two ways --------------------------------------------------------------------------------

OLD = ["hello\tthere", "\N{FAMILY}\u200d\N{FAMILY}", "\ue000abc", " "]  # none of them can be set any more, but " "


@pytest.mark.parametrize("first", [COMPOSED, DECOMPOSED])
@pytest.mark.parametrize("then", [COMPOSED, DECOMPOSED])
def test_accents_on_every_way(first: str, then: str) -> None:
    """Registered on one machine, logged in, changed and logged in again on another."""
    with running() as house:
        client = house.client()
        assert client.one(register("zoé", first))["status"] == "ok"
        assert client.one(login("zoé", then))["status"] == "ok"
        modern = house.modern()
        assert modern.one(login("zoé", then))["status"] == "ok"
        same = {"type": "password", "old": then, "new": first}
        assert (modern.one(same)["code"], modern.one(same)["field"]) == ("bad_password", "new")
        assert modern.one({"type": "password", "old": then, "new": f"{first} !"})["status"] == "ok"
        assert house.client().one(login("zoé", f"{then} !"))["status"] == "ok"
        assert house.client().one(login("zoé", first))["code"] == "login_failed"


@pytest.mark.parametrize("scheme", ["argon2", "bcrypt", "hex_sha256"])
@pytest.mark.parametrize("typed", [DECOMPOSED, "a\N{NO-BREAK SPACE}b c", *OLD])
def test_digests_of_what_was_typed_go_on_working(typed: str, scheme: str) -> None:
    """Nobody is locked out; what has a prepared form is hashed by it from then on."""
    digest = CHEAP.handler(scheme).hash(typed)
    with running() as house:
        house.account("alice", digest=digest)
        assert house.client().one(login("alice", typed))["status"] == "ok"
        form = forms(typed)[0]
        assert CHEAP.verify(form, stored(house, "alice"))
        assert stored(house, "alice").startswith("$argon2id$")
        for again in {typed, form}:
            assert house.client().one(login("alice", again))["status"] == "ok"


def test_what_cannot_be_set() -> None:
    """The refusal of a control character names the field, on every way that a client sets a password."""
    with running() as house:
        house.account("alice")
        client = house.modern("alice")
        for typed in OLD[:3]:
            assert house.client().one(register("bob", typed))["code"] == "bad_password"
            refusal = client.one({"type": "password", "old": PASSWORD, "new": typed})
            assert (refusal["code"], refusal["field"]) == ("bad_password", "new")


def test_unknown_and_wrong_have_the_same_answer() -> None:
    """Byte for byte, and by the same way: one look-up, one piece of hashing."""
    with running() as house:
        house.account("alice")
        answers = []
        for name in ("alice", "nobody", "al/ice", "x" * 200):
            client = house.client()
            before = house.hasher.calls
            client.ask(login(name, "wrong"))
            answers.append((client.raw(), house.hasher.calls - before))
        assert len(set(answers)) == 1
        assert answers[0][1] == 1


# -- the queue ---------------------------------------------------------------------------------------------------------


def test_past_the_bound_the_answer_is_busy_at_once() -> None:
    """Who comes when the queue is full is told when to come back, and gets in then; nobody else is troubled."""
    with running() as house, patch.object(accounts, "QUEUE", 2):
        house.account("alice")
        house.hasher.holding = True
        waiting = [house.client(), house.client()]
        waiting[0].send(login("alice"))
        waiting[1].send(register("bob"))
        late = house.client()
        answers = late.ask(login("alice"), register("carol"))
        assert [(line["code"], line["retry_after"]) for line in answers] == [("busy", 5), ("busy", 5)]
        house.hasher.let_go()
        house.hasher.let_go()
        house.hasher.holding = False
        house.turn()
        assert [client.lines()[0]["status"] for client in waiting] == ["ok", "ok"]
        assert late.one(login("alice"))["status"] == "ok"


def test_work_of_clients_that_left_still_counts() -> None:
    """Connecting, asking and leaving does not fill the threads past the bound."""
    with running() as house, patch.object(accounts, "QUEUE", 2):
        house.account("alice")
        house.hasher.holding = True
        for _ in range(2):
            client = house.client()
            client.send(login("alice"))
            client.leave()
        assert house.hashing.waiting == 2
        assert house.client().one(login("alice"))["code"] == "busy"
        house.hasher.let_go()
        house.hasher.let_go()
        assert house.hashing.waiting == 0


def test_a_flood_from_one_address_keeps_no_other_waiting() -> None:
    """Who comes from elsewhere is next, however many passwords of one address wait; and finds room when all is full."""
    with running() as house, patch.object(accounts, "QUEUE", 30):
        house.account("alice")
        house.hasher.holding = True
        flood = [house.client("10.0.0.66") for _ in range(30)]
        for number, client in enumerate(flood):
            client.send(register(f"bot{number}"))
        alice = house.client("10.0.0.1")
        alice.send(login("alice"))
        house.turn()
        assert [line["code"] for client in flood for line in client.lines()] == ["busy"]
        for _ in range(accounts.THREADS + 2):  # what is under way, one more of the flood, and alice
            house.hasher.let_go()
        house.turn()
        assert [line["status"] for line in alice.lines()] == ["ok"]


def test_who_has_left_is_not_hashed_for() -> None:
    """A password that waits for its turn is passed over when its client has gone."""
    with running() as house:
        house.hasher.holding = True
        clients = [house.client() for _ in range(10)]
        for number, client in enumerate(clients):
            client.send(register(f"bot{number}"))
        for client in clients:
            client.leave()
        while house.hasher.held:
            house.hasher.let_go()
        assert house.hasher.calls == accounts.THREADS
        assert house.hashing.waiting == 0


def test_a_failing_thread_costs_one_session() -> None:
    """An exception in hashing is a fault with a reference, and the place in the queue is free again."""
    with running(faulty=True) as house:
        house.account("alice")
        house.hasher.holding = True
        client = house.client()
        client.send(login("alice"))
        waiting, _, _ = house.hasher.held.pop()
        waiting.errback(MemoryError("no room"))
        house.turn()
        assert "reference" in client.lines()[0]["message"]
        assert client.closed
        assert house.hashing.waiting == 0


# -- guesses -----------------------------------------------------------------------------------------------------------


def failures(house: House, count: int, address: str = "10.0.0.1") -> None:
    for _ in range(count):
        client = house.client(address)
        client.send(login("alice", "wrong"))
        house.pass_time(10)
        assert client.lines()[0]["code"] == "login_failed"
        client.leave()


def test_repeated_failures_slow_down_the_account_and_address_together() -> None:
    """After five free ones the sixth try waits half a second, the next one a second, up to eight; hashing waits too."""
    with running() as house:
        house.account("alice")
        failures(house, 5)
        client = house.client()
        calls = house.hasher.calls
        client.send(login("alice", "wrong"), {"type": "ping"})
        house.clock.advance(0.49)
        assert (client.raw(), house.hasher.calls) == (b"", calls)
        house.clock.advance(0.02)
        house.turn()
        assert [line["type"] for line in client.lines()] == ["error", "ping"]
        failures(house, 10)
        client.send(login("alice"))
        house.clock.advance(7.9)
        assert client.raw() == b""
        house.clock.advance(0.2)
        house.turn()
        assert client.lines()[0]["status"] == "ok"


def test_nobody_else_is_slowed_down() -> None:
    """From another address the pupil gets in at once, and from the same one other pupils do: no lock."""
    with running() as house:
        house.account("alice")
        house.account("bob")
        failures(house, 20)
        assert house.client("10.0.0.2").one(login("alice"))["status"] == "ok"
        assert house.client("10.0.0.1").one(login("bob"))["status"] == "ok"


def test_a_success_and_time_make_it_forgotten() -> None:
    """Who got in, and who waited a quarter of an hour, begins anew."""
    with running() as house:
        house.account("alice")
        failures(house, 6)
        client = house.client()
        client.send(login("alice"))
        house.pass_time(1)
        assert client.lines()[0]["status"] == "ok"
        failures(house, 5)
        house.pass_time(901, step=1)
        assert house.client().one(login("alice", "wrong"))["code"] == "login_failed"


def test_who_leaves_during_the_pause_costs_no_hashing() -> None:
    """A guesser that hangs up is forgotten with the pause."""
    with running() as house:
        house.account("alice")
        failures(house, 6)
        client, calls = house.client(), house.hasher.calls
        client.send(login("alice"))
        client.leave()
        house.pass_time(10)
        assert house.hasher.calls == calls
        assert client.raw() == b""


# -- the threads -------------------------------------------------------------------------------------------------------


class ThreadTests(TestCase):
    """Hashing where it really happens."""

    timeout = 30.0

    async def test_hashing_runs_in_threads_of_its_own(self) -> None:
        """What is hashed there is verified there, and nothing is left when the threads stop."""
        threads = HashingThreads(reactor)
        threads.start()
        try:
            hashing = Hashing(threads.run, CHEAP)
            digest = await hashing.hash(PASSWORD)
            assert await hashing.verify(PASSWORD, digest) == (True, None)
            assert await hashing.verify("wrong", digest) == (False, None)
            assert hashing.waiting == 0
        finally:
            threads.stop()

    async def test_a_stop_does_not_work_through_the_queue(self) -> None:
        """What is being hashed when the threads stop is finished; what waits is not begun, and fails as busy."""
        threads = HashingThreads(reactor)
        threads.start()
        begun: list[Deferred[None]] = [Deferred() for _ in range(accounts.THREADS)]

        def slow(mine: Deferred[None]) -> bool:
            reactor.callFromThread(mine.callback, None)  # type: ignore[attr-defined]
            return threads._stopping.wait(20)

        hashed: list[int] = []
        working = [threads.run(slow, each) for each in begun]
        await gatherResults(begun)
        waiting = [threads.run(hashed.append, number) for number in range(1_900)]
        threads.stop()
        assert await gatherResults(working) == [True] * len(working)
        outcomes = await DeferredList(waiting, consumeErrors=True)
        assert all(failure.check(Busy) for _, failure in outcomes)
        assert hashed == []

    async def test_busy_is_an_exception_of_the_one_who_came_late(self) -> None:
        """It is raised before anything is queued."""
        hasher = Hasher()
        hashing = Hashing(hasher.run, CryptContext(["hex_sha256"]))
        with patch.object(accounts, "QUEUE", 0), pytest.raises(Busy) as busy:
            await hashing.hash(PASSWORD)
        assert (busy.value.retry_after, hasher.calls) == (5, 0)
