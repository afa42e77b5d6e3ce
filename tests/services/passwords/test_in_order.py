"""Who is asked about a name: the local passwords, the directory, the program, in this order."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from classcord.chat.errors import Busy
from classcord.chat.people import Account
from classcord.chat.profiles.vouched import Profile
from classcord.chat.roles import Role
from classcord.services.passwords.authenticator import Requester, Verdict
from classcord.services.passwords.in_order import InOrder

ASKER = Requester("10.0.0.1", 1)


class Asked:
    """An authenticator with one answer, which notes for whom it was asked."""

    def __init__(self, answer: Verdict | Exception, *, is_set: bool = True) -> None:
        self.answer = answer
        self.is_set = is_set
        self.names: list[str] = []
        self.stopped = False

    async def check(self, name: str, password: str, asker: Requester) -> Verdict:
        self.names.append(name)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def stop(self) -> None:
        self.stopped = True


YES, NO = Verdict(valid=True, profile=Profile(name="léa")), Verdict(valid=False)
ACCOUNTS = {
    "boss": Account(1, "boss", "boss", Role.OWNER),
    "léa": Account(2, "Léa", "léa", Role.MEMBER, password_elsewhere=True),
}


def check(name: str, local: Asked, *outside: Asked) -> Any:
    order = InOrder(local, lambda each: ACCOUNTS.get(each.lower()), outside)
    outcome: list[Any] = []
    Deferred.fromCoroutine(order.check(name, "azerty", ASKER)).addCallbacks(
        outcome.append, lambda failure: outcome.append(failure.value)
    )
    return outcome[0]


@pytest.mark.parametrize("answer", [YES, Busy()])
def test_a_local_password_is_checked_here_alone(answer: Any) -> None:
    """So an owner logs in while the directory is down, and no password of theirs is sent there."""
    local, directory = Asked(Verdict(valid=True)), Asked(answer)
    assert check("boss", local, directory) == Verdict(valid=True)
    assert directory.names == []


def test_other_names_are_asked_outside_and_not_here() -> None:
    """By the account's name, where there is an account: the directory hears one spelling."""
    local, directory = Asked(NO), Asked(YES)
    assert check("LÉA", local, directory) == YES
    assert check("ines", local, directory) == YES
    assert (directory.names, local.names) == (["Léa", "ines"], [])


def test_the_first_yes_counts() -> None:
    """The directory before the program, which is asked where the directory says no."""
    directory, program = Asked(YES), Asked(YES)
    assert check("ines", Asked(NO), directory, program) == YES
    assert program.names == []
    assert check("ines", Asked(NO), Asked(NO), program) == YES
    assert check("ines", Asked(NO), Asked(NO), Asked(NO)) == NO


def test_a_directory_that_is_down_is_no_no() -> None:
    """The program is not asked instead, so that nobody becomes somebody else while it is down."""
    program = Asked(YES)
    assert isinstance(check("ines", Asked(NO), Asked(Busy()), program), Busy)
    assert program.names == []


@pytest.mark.parametrize("name", ["ines", "léa", "boss", "x" * 10_000])
def test_without_others_all_are_local(name: str) -> None:
    """As a server is that has neither a directory nor a program."""
    local = Asked(NO)
    assert check(name, local, Asked(YES, is_set=False)) == NO
    assert local.names == [name]


@pytest.mark.parametrize("name", ["", "\x00", "x" * 10_000, "\ud800", "server", "#x"])
def test_what_can_be_no_account_is_sent_nowhere(name: str) -> None:
    """The local passwords say no, in the time that a no takes."""
    local, directory = Asked(NO), Asked(YES)
    assert check(name, local, directory) == NO
    assert (directory.names, local.names) == ([], [name])


def test_all_stop() -> None:
    """With the server."""
    both = Asked(NO), Asked(NO)
    InOrder(Asked(NO), lambda _: None, both).stop()
    assert [each.stopped for each in both] == [True, True]
