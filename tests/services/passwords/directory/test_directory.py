"""The authenticator of a directory: servers in their order, the one that is down rests, and what is never sent."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.logger import capturedLogs
from twisted.python.failure import Failure

from classcord.chat.errors import Busy
from classcord.chat.identity.vocabulary import DirectoryUnavailable
from classcord.chat.profiles.vouched import Profile
from classcord.services.passwords.authenticator import Requester, Verdict
from classcord.services.passwords.directory.circuit import REST
from classcord.services.passwords.directory.directory import AT_ONCE, Directory, in_thread
from classcord.services.passwords.directory.options import DirectoryOptions
from classcord.services.passwords.directory.visit import DirectoryError

ONE, TWO = "ldap://one.example", "ldap://two.example"
LEA = Profile(name="lea")


class Threads:
    """What runs visits: they wait until a test says what comes of them."""

    def __init__(self) -> None:
        self.visits: list[tuple[Deferred[Any], str, str, str]] = []

    def run(self, work: Any, *arguments: Any) -> Deferred[Any]:
        _, url, _, name, password = arguments
        result: Deferred[Any] = Deferred()
        self.visits.append((result, url, name, password))
        return result

    def end(self, outcome: Any) -> str:
        """End the visit that began first; return which server it was at."""
        result, url, *_ = self.visits.pop(0)
        result.callback(Failure(outcome) if isinstance(outcome, Exception) else outcome)
        return url


class House:
    def __init__(self) -> None:
        self.threads, self.clock = Threads(), Clock()
        self.options: DirectoryOptions | None = DirectoryOptions(urls=(ONE, TWO), base="dc=x")
        self.directory = Directory(lambda: self.options, self.threads.run, self.clock, connect=lambda *_: None)  # type: ignore[arg-type]
        self._count = 0

    def login(self, password: str = "azerty", name: str = "lea") -> list[Any]:
        """Return a list that gets the verdict, or the error."""
        outcome: list[Any] = []
        self._count += 1
        asker = Requester("10.0.0.1", self._count)
        Deferred.fromCoroutine(self.directory.check(name, password, asker)).addCallbacks(
            outcome.append, lambda failure: outcome.append(failure.value)
        )
        return outcome


@pytest.fixture
def house() -> House:
    return House()


def test_a_verdict_vouches_for_the_person(house: House) -> None:
    """A yes has the profile, a no has none."""
    good, bad = house.login(), house.login("wrong")
    assert house.threads.end(LEA) == ONE
    assert house.threads.end(None) == ONE
    assert (good, bad) == ([Verdict(valid=True, profile=LEA)], [Verdict(valid=False)])


@pytest.mark.parametrize("password", ["", "a\0b", "\ud800"])
def test_what_is_no_password_is_sent_nowhere(house: House, password: str) -> None:
    """An empty one would be no proof; a NUL ends a text in some servers."""
    assert house.login(password) == [Verdict(valid=False)]
    assert house.threads.visits == []


def test_a_password_is_sent_in_one_form(house: House) -> None:
    """Whatever keyboard it was typed on (RFC 8265)."""
    house.login("e\u0301te\u0301")
    assert house.threads.visits[0][3] == "été"


def test_the_next_server_is_asked_where_one_does_not_answer(house: House) -> None:
    """In the order of the settings, and the one that is down is passed over until it has rested."""
    first = house.login()
    assert house.threads.end(DirectoryError("down")) == ONE
    assert house.threads.end(LEA) == TWO
    assert first == [Verdict(valid=True, profile=LEA)]
    house.login()
    assert house.threads.end(LEA) == TWO
    house.clock.advance(REST)
    house.login()
    assert house.threads.end(LEA) == ONE
    house.login()
    assert house.threads.end(LEA) == ONE


def test_a_login_that_is_dropped_blames_no_directory(house: House) -> None:
    """Where nobody waits for it any more, and its visit has not ended, nothing is logged, and no server rests."""
    house.login()
    house.threads.visits.clear()
    with capturedLogs() as logged:
        gc.collect()
    assert logged == []
    house.login()
    assert house.threads.end(LEA) == ONE


def test_when_none_answers_the_login_fails_and_says_when_to_come_back(house: House) -> None:
    """Neither yes nor no; and who comes after it does not wait for a server that is down."""
    outcome = house.login()
    house.threads.end(DirectoryError("down"))
    house.threads.end(DirectoryError("down, too"))
    (error,) = outcome
    assert isinstance(error, DirectoryUnavailable)
    assert (error.code, error.retry_after) == ("busy", REST)
    house.clock.advance(4.0)
    (error,) = house.login()
    assert error.retry_after == REST - 4
    assert house.threads.visits == []


def test_five_hundred_logins_do_not_wait_for_a_dead_directory_each(house: House) -> None:
    """Those under way find out; all who waited for their turn hear it at once."""
    house.options = DirectoryOptions(urls=(ONE,), base="dc=x")
    outcomes = [house.login() for _ in range(500)]
    assert len(house.threads.visits) == AT_ONCE
    for _ in range(AT_ONCE):
        house.threads.end(DirectoryError("down"))
    assert [type(each) for (each,) in outcomes] == [DirectoryUnavailable] * 500
    assert house.threads.visits == []


def test_one_login_tries_whether_it_answers_again(house: House) -> None:
    """The others are told at once, until it has found out."""
    house.options = DirectoryOptions(urls=(ONE,), base="dc=x")
    house.login()
    house.threads.end(DirectoryError("down"))
    house.clock.advance(REST)
    trying, refused = house.login(), house.login()
    assert (len(house.threads.visits), trying) == (1, [])
    assert isinstance(refused[0], DirectoryUnavailable)
    house.threads.end(LEA)
    assert trying == [Verdict(valid=True, profile=LEA)]
    house.login()
    assert len(house.threads.visits) == 1


def test_a_fault_of_ours_lets_a_server_rest_too(house: House) -> None:
    """Else it would be tried by nobody ever again: the one who tried it is gone."""
    house.options = DirectoryOptions(urls=(ONE,), base="dc=x")
    (error,) = [house.login()]
    house.threads.end(RuntimeError("ours"))
    assert isinstance(error[0], RuntimeError)
    house.clock.advance(REST)
    house.login()
    assert len(house.threads.visits) == 1


def test_settings_that_were_read_again_count(house: House) -> None:
    """Also where they name another server, or none any more; what was down before is forgotten."""
    house.login()
    house.threads.end(DirectoryError("down"))
    house.threads.end(LEA)
    house.options = DirectoryOptions(urls=(TWO,), base="dc=x")
    house.login()
    assert house.threads.end(LEA) == TWO
    house.options = DirectoryOptions(urls=(ONE,), base="dc=x")
    house.login()
    assert house.threads.end(LEA) == ONE
    house.options = None
    assert not house.directory.is_set
    assert isinstance(house.login()[0], Busy)


def test_a_server_that_stops_asks_no_more(house: House) -> None:
    """What waited is refused; nothing waits for a visit."""
    outcomes = [house.login() for _ in range(AT_ONCE + 1)]
    house.directory.stop()
    for _ in range(AT_ONCE):
        house.threads.end(LEA)
    assert [type(each) for (each,) in outcomes] == [Verdict] * AT_ONCE + [Busy]


class FakeReactor:
    def __init__(self) -> None:
        self.called: list[tuple[Any, ...]] = []
        self.again: Callable[[], None] = lambda: None

    def callFromThread(self, function: Any, *args: Any) -> None:
        self.called.append((function, *args))


@pytest.mark.parametrize("fails", [False, True])
def test_a_visit_runs_in_a_thread_and_comes_back(fails: bool) -> None:
    """With its result or its error, by the reactor."""
    reactor = FakeReactor()
    run = in_thread(reactor)
    done = run(lambda: 1 // (0 if fails else 1))
    import threading

    for thread in threading.enumerate():
        if thread.name == "directory":
            thread.join(10)
    ((function, value),) = reactor.called
    outcome: list[Any] = []
    done.addCallbacks(outcome.append, lambda failure: outcome.append(failure.type))
    function(value)
    assert outcome == [ZeroDivisionError if fails else 1]
