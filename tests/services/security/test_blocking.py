"""Addresses that guess passwords: what blocks them, what does not, and what becomes of whoever shares one."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from classcord.chat.sources import source
from classcord.services.security import blocking
from classcord.services.security.blocking import Block, BlockedAddresses
from classcord.services.security.networks import Networks
from classcord.services.security.security_events import AuthenticationFailed
from classcord.services.security.security_events import event as security_event
from tests.harness import BEGINNING, logged

SCHOOL, HOME = "192.0.2.1", "203.0.113.7"


class Yard:
    """BlockedAddresses over an audit log, with nobody connected but who a test says."""

    def __init__(
        self, *, after: int = 20, within: float = 600, seconds: float = 900, shared: tuple[str, ...] = ()
    ) -> None:
        self.clock = Clock()
        self.clock.rightNow = BEGINNING
        self.lines: list[str] = []
        self.security = logged(self.lines.append)
        self.connected: dict[int, str] = {}  # sessions of guests and of nobody, with their addresses
        self.closed: list[str] = []
        self.blocks = BlockedAddresses(
            self.security,
            self.clock,
            lambda meant: (number for number, where in self.connected.items() if meant(where)),
        )
        self.blocks.closers.append(lambda meant: self.closed.extend(a for a in (SCHOOL, HOME) if meant(a)))
        networks = Networks(shared)
        self.blocks.set_rule(after=after, within=within, seconds=seconds, exempt=networks.__contains__)

    def happens(self, event: str, address: str, name: str) -> None:
        self.security.tell(security_event(event, at=self.clock.seconds(), address=address, name=name))

    def fail(self, address: str, times: int, *, name: str = "admin") -> None:
        for _ in range(times):
            self.happens("login-failed", address, name)

    def comes_in(self, address: str, *names: str) -> None:
        for name in names:
            self.happens("login", address, name)

    def is_blocked(self, address: str) -> bool:
        return self.blocks.seconds_left(address) > 0

    def may_try(self, address: str, name: str) -> bool:
        return not self.blocks.seconds_left(address, name)

    @property
    def told(self) -> list[str]:
        """The lines on blocks, without their times."""
        return [line.partition(" ")[2] for line in self.lines if "blocked" in line]


def test_too_many_failures_block_an_address_for_a_time() -> None:
    """Twenty failures within ten minutes: blocked for fifteen, with a line for each end in the audit log."""
    yard = Yard()
    yard.fail(HOME, 19)
    assert not yard.is_blocked(HOME)
    yard.fail(HOME, 1)
    assert yard.blocks.seconds_left(HOME) == 900
    assert not yard.is_blocked(SCHOOL)
    yard.clock.advance(899)
    assert yard.blocks.seconds_left(HOME) == 1
    yard.clock.advance(1)
    yard.blocks.look()
    assert not yard.is_blocked(HOME)
    assert yard.told == [
        f'blocked session=- address={HOME} name="" reason="20 failed logins: it may not connect, 900 s"\n',
        f'unblocked session=- address={HOME} name="" reason="its time is up"\n',
    ]


def test_an_end_is_an_end_without_a_look() -> None:
    """Nobody waits for the look that tells of it."""
    yard = Yard()
    yard.fail(HOME, 20)
    yard.clock.advance(900)
    assert not yard.is_blocked(HOME)


def test_failures_are_forgotten() -> None:
    """Nineteen tries in ten minutes, and nineteen in the next ten, block nobody; one more in those does."""
    yard = Yard()
    yard.fail(HOME, 19)
    yard.clock.advance(600)
    yard.fail(HOME, 19)
    assert not yard.is_blocked(HOME)
    yard.fail(HOME, 1)
    assert yard.is_blocked(HOME)


def test_the_count_begins_anew_after_a_block() -> None:
    """What led to a block does not lead to the next one."""
    yard = Yard()
    yard.fail(HOME, 20)
    yard.clock.advance(900)
    yard.blocks.look()
    yard.fail(HOME, 19)
    assert not yard.is_blocked(HOME)


@pytest.mark.parametrize("off", [{"after": 0}, {"within": 0}, {"seconds": 0}])
def test_a_zero_switches_it_off(off: dict[str, int]) -> None:
    """Whichever of the three settings is 0."""
    yard = Yard(**off)  # type: ignore[arg-type]
    yard.fail(HOME, 100)
    assert yard.blocks.now() == ()


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "", "10.0.2.2"])
def test_the_machine_itself_and_shared_addresses_are_never_blocked(address: str) -> None:
    """Loopback, a unix socket, and what the settings say is shared."""
    yard = Yard(shared=("10.0.0.0/8",))
    yard.fail(address, 1000)
    assert yard.blocks.now() == ()


def test_a_success_forgives_its_own_name_alone() -> None:
    """Somebody who guesses does not wash themselves clean with an account of their own."""
    yard = Yard()
    yard.fail(HOME, 15, name="admin")
    yard.fail(HOME, 4, name="Mallory")
    yard.comes_in(HOME, "mallory")
    yard.fail(HOME, 4, name="admin")
    assert not yard.is_blocked(HOME)
    yard.fail(HOME, 1, name="admin")
    assert yard.is_blocked(HOME)


def test_each_account_that_has_come_in_makes_room() -> None:
    """A family of two may fail twice as often as one person."""
    yard = Yard()
    yard.comes_in(HOME, "alice", "bob")
    yard.fail(HOME, 39)
    assert not yard.is_blocked(HOME)
    yard.fail(HOME, 1)
    assert yard.is_blocked(HOME)


def test_those_who_have_connected_and_say_nothing_make_room() -> None:
    """A class sits down before it logs in; but connections that guess count for nothing, and others not without end."""
    yard = Yard()
    yard.connected = dict.fromkeys(range(500), SCHOOL)
    yard.fail(SCHOOL, 199)
    assert not yard.is_blocked(SCHOOL)
    yard.fail(SCHOOL, 1)
    assert yard.is_blocked(SCHOOL)


def test_a_connection_that_guesses_is_no_bystander() -> None:
    """Ten connections that all fail are ten times the same guesser."""
    yard = Yard()
    yard.connected = dict.fromkeys(range(10), HOME)
    for number in range(20):
        assert not yard.is_blocked(HOME)
        yard.blocks.heard(_failure(HOME, number % 10))
    assert yard.is_blocked(HOME)


def _failure(address: str, session: int) -> AuthenticationFailed:
    return AuthenticationFailed(at=BEGINNING, session=session, address=address, name="admin")


def test_a_classroom_is_guarded_instead() -> None:
    """Where three accounts have come in, everyone may connect, and those accounts may log in, however they fail."""
    yard = Yard()
    yard.comes_in(SCHOOL, "alice", "Bob", "chloé")
    yard.fail(SCHOOL, 60)
    (block,) = yard.blocks.now()
    assert block == Block(SCHOOL, BEGINNING, BEGINNING + 900, 60, guarded=True)
    assert not yard.is_blocked(SCHOOL)
    for name in ("alice", "BOB", "chloé"):
        yard.fail(SCHOOL, 10, name=name)
        assert yard.may_try(SCHOOL, name)
    yard.clock.advance(0)
    assert yard.closed == []
    reason = "60 failed logins: strangers to it are held up, 900 s"
    assert yard.told == [f'blocked session=- address={SCHOOL} name="" reason="{reason}"\n']


def test_in_a_guarded_classroom_guessing_ends_and_newcomers_get_in() -> None:
    """A name that nobody has had there may fail three times; then it waits, and no other name does."""
    yard = Yard()
    yard.comes_in(SCHOOL, "alice", "bob", "chloé")
    yard.fail(SCHOOL, 60)
    yard.fail(SCHOOL, 2, name="admin")
    assert yard.may_try(SCHOOL, "admin")
    yard.fail(SCHOOL, 1, name="Admin")
    assert not yard.may_try(SCHOOL, "admin")
    assert yard.may_try(SCHOOL, "dorothée")
    yard.clock.advance(900)
    yard.blocks.look()
    assert yard.may_try(SCHOOL, "admin")


def test_guesses_take_bounded_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the bound names that are strangers wait, whoever they are; those who belong there do not."""
    monkeypatch.setattr(blocking, "ALL_GUESSES", 10)
    yard = Yard()
    yard.comes_in(SCHOOL, "alice", "bob", "chloé")
    yard.fail(SCHOOL, 60)
    for number in range(100):
        yard.fail(SCHOOL, 1, name=f"name {number}")
    assert [yard.may_try(SCHOOL, name) for name in ("alice", "name 3", "dorothée")] == [True, True, False]
    yard.blocks.unblock(SCHOOL)
    yard.fail(SCHOOL, 60)
    assert yard.may_try(SCHOOL, "dorothée")


def test_an_account_that_is_made_in_a_guarded_classroom_may_be_used() -> None:
    """A new pupil is not shut out by those who guess."""
    yard = Yard()
    yard.comes_in(SCHOOL, "alice", "bob", "chloé")
    yard.fail(SCHOOL, 60)
    yard.fail(SCHOOL, 3, name="zoé")
    assert not yard.may_try(SCHOOL, "zoé")
    yard.happens("registered", SCHOOL, "zoé")
    assert yard.may_try(SCHOOL, "zoé")


def test_a_classroom_is_remembered_for_a_month() -> None:
    """Who has not come from there for longer makes no room any more."""
    yard = Yard()
    yard.comes_in(SCHOOL, "alice", "bob", "chloé")
    yard.clock.advance(blocking.REMEMBERED + 1)
    yard.comes_in(SCHOOL, "alice")
    yard.fail(SCHOOL, 20)
    assert yard.is_blocked(SCHOOL)


def test_a_classroom_is_known_after_a_restart() -> None:
    """Who came in before is taken over from the database, as far as it is not too long ago; a unix socket is nobody."""
    yard = Yard()
    now, then = int(BEGINNING * 1000), int((BEGINNING - blocking.REMEMBERED - 1) * 1000)
    yard.blocks.remember([(HOME, name, then) for name in ("alice", "bob", "chloé")])
    yard.blocks.remember([(SCHOOL, name, now) for name in ("Alice", "bob", "chloé")] + [("", "alice", now)])
    for address in (HOME, SCHOOL):
        yard.fail(address, 60)
    assert [(block.source, block.guarded) for block in yard.blocks.now()] == [(HOME, False), (SCHOOL, True)]
    assert yard.may_try(SCHOOL, "alice")


def test_an_ipv6_subscriber_is_one_address() -> None:
    """Addresses of one /64 are judged together, those of the next are not; a mapped one is IPv4."""
    yard = Yard()
    for number in range(20):
        yard.fail(f"2001:db8:1:2::{number:x}", 1)
    assert yard.is_blocked("2001:db8:1:2:ffff::9")
    assert not yard.is_blocked("2001:db8:1:3::1")
    assert [block.source for block in yard.blocks.now()] == ["2001:db8:1:2::/64"]
    assert source("::ffff:192.0.2.9") == "192.0.2.9"


@pytest.mark.parametrize("address", [" 2001:db8::7 ", "2001:db8::/64", "2001:db8::1"])
def test_a_block_is_lifted_by_any_of_its_addresses(address: str) -> None:
    """As `blocks` shows it, or as somebody reports it; a second time there is none."""
    yard = Yard()
    yard.fail("2001:db8::1", 20)
    assert yard.blocks.unblock(address)
    assert not yard.is_blocked("2001:db8::1")
    assert not yard.blocks.unblock(address)
    assert "unblocked session=- address=2001:db8::/64 " in yard.told[-1]


def test_settings_that_change_lift_what_they_do_not_say_any_more() -> None:
    """An address that is now shared is let in at once; switched off, everybody is."""
    yard = Yard()
    yard.fail(HOME, 20)
    yard.fail(SCHOOL, 20)
    yard.blocks.set_rule(after=20, within=600, seconds=900, exempt=Networks([SCHOOL]).__contains__)
    assert [block.source for block in yard.blocks.now()] == [HOME]
    yard.blocks.set_rule(after=0, within=600, seconds=900, exempt=lambda _: False)
    assert yard.blocks.now() == ()


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_clock_that_jumps_makes_no_block_longer(jump: float) -> None:
    """A day forth or back: what was blocked is free at the next look, and counting goes on."""
    yard = Yard()
    yard.fail(HOME, 20)
    yard.fail(SCHOOL, 19)
    yard.clock.rightNow += jump
    yard.blocks.look()
    assert not yard.is_blocked(HOME)
    yard.fail(SCHOOL, 19)
    assert not yard.is_blocked(SCHOOL)
    yard.fail(SCHOOL, 1)
    assert yard.is_blocked(SCHOOL)


def test_many_addresses_take_bounded_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attacker with a network of their own fills no memory, and makes no classroom forgotten."""
    monkeypatch.setattr(blocking, "ADDRESSES", 50)
    monkeypatch.setattr(blocking, "ALL_FAILURES", 200)
    yard = Yard(after=5)
    yard.comes_in(SCHOOL, "alice", "bob", "chloé")
    for number in range(300):
        yard.fail(f"10.1.{number // 250}.{number % 250}", number % 7, name=f"name {number}")
    blocks = yard.blocks
    held = sum(map(len, blocks._failures.values()))
    assert held == blocks._failure_count <= 200
    assert len(blocks._failures) <= 50
    assert len(blocks.now()) <= 50
    yard.fail(SCHOOL, 15)
    assert yard.blocks.now()[-1].guarded


def test_the_names_of_an_address_take_bounded_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts made by the thousand displace none that is known there."""
    monkeypatch.setattr(blocking, "NAMES", 5)
    yard = Yard()
    yard.comes_in(SCHOOL, "alice", "bob", "chloé")
    for number in range(50):
        yard.happens("registered", SCHOOL, f"bot{number}")
    yard.fail(SCHOOL, 100)
    assert yard.blocks.now()[0].guarded
    for name in ("alice", "bot40"):
        yard.fail(SCHOOL, 3, name=name)
    assert [yard.may_try(SCHOOL, name) for name in ("alice", "bot40")] == [True, False]


def test_accounts_that_come_in_everywhere_take_bounded_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """The places that nobody has come in from for longest are forgotten first; whoever comes back is known again."""
    monkeypatch.setattr(blocking, "ALL_NAMES", 30)
    yard = Yard()
    for number in range(20):
        yard.comes_in(f"10.1.0.{number}", "alice", "bob", "chloé")
    yard.fail("10.1.0.0", 20)
    assert yard.is_blocked("10.1.0.0")
    yard.fail("10.1.0.19", 20)
    assert not yard.is_blocked("10.1.0.19")
    assert yard.blocks._known_count == sum(map(len, yard.blocks._known.values())) <= 30


def test_what_is_no_address_is_a_place_of_its_own() -> None:
    """Nothing stumbles over it, as little as an administrator who mistypes one."""
    yard = Yard()
    yard.fail("somewhere", 20)
    assert yard.is_blocked("somewhere")
    assert not yard.blocks.unblock("192.0.2.999")
    assert yard.blocks.unblock("somewhere")
