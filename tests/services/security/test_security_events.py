"""Security events: each subscriber hears each event of its kinds; the audit log's file is one, and stays small."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from twisted.internet.task import Clock

from classcord.services.security import audit_log
from classcord.services.security.audit_log import AuditLog, as_line
from classcord.services.security.blocking import BlockedAddresses
from classcord.services.security.security_events import (
    KINDS,
    AccountLoggedIn,
    AddressBlocked,
    Administered,
    AuthenticationFailed,
    Identified,
    OperatorLoggedIn,
    Registered,
    SanctionChanged,
    SecurityEvent,
    SecurityEvents,
    event,
)
from tests.harness import House, login, running


def failed(address: str = "10.0.0.1", at: float = 0.0, name: str = "bob") -> AuthenticationFailed:
    return AuthenticationFailed(at=at, address=address, name=name)


# -- the bus ----------------------------------------------------------------------------------------------------------


def test_subscribers_hear_of_their_kinds() -> None:
    """Of each kind, and of those made of it, in the order of their coming."""
    bus = SecurityEvents()
    heard: list[tuple[str, str]] = []
    bus.subscribe(lambda each: heard.append(("all", each.word)), SecurityEvent)
    bus.subscribe(lambda each: heard.append(("came", each.word)), Identified)
    bus.subscribe(lambda each: heard.append(("failed", each.word)), AuthenticationFailed, AddressBlocked)
    bus.tell(AccountLoggedIn(at=0, address=""))
    bus.tell(failed())
    assert heard == [("all", "login"), ("came", "login"), ("all", "login-failed"), ("failed", "login-failed")]


def test_whoever_fails_keeps_nothing_from_the_others() -> None:
    """The fault is in the log; whoever goes hears nothing more."""
    with running(faulty=True) as house:
        bus = SecurityEvents()
        heard: list[SecurityEvent] = []

        def fails(_: SecurityEvent) -> None:
            raise RuntimeError

        bus.subscribe(fails, SecurityEvent)
        bus.subscribe(heard.append, SecurityEvent)
        bus.tell(failed())
        bus.unsubscribe(heard.append)
        bus.tell(failed())
        assert len(heard) == 1
        assert len([line for line in house.faults if "subscriber" in line]) == 2


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("login-failed", AuthenticationFailed),
        ("login", AccountLoggedIn),
        ("registered", Registered),
        ("operator", OperatorLoggedIn),
        ("mute", SanctionChanged),
        ("unban", SanctionChanged),
        ("shutdown", Administered),
    ],
)
def test_every_word_has_its_kind(word: str, kind: type[SecurityEvent]) -> None:
    """Words of commands are those of administration."""
    found = event(word, at=0, address="")
    assert type(found) is kind
    assert found.word == word


def test_words_are_stable() -> None:
    """Fail2ban and the documents know them."""
    assert set(KINDS) == {
        "login-failed",
        "login",
        "resumed",
        "bad-token",
        "bad-invite",
        "sessions-ended",
        "registered",
        "operator",
        "guest",
        "logout",
        "password-changed",
        "flood",
        "line-too-long",
        "blocked",
        "unblocked",
        "warn",
        "mute",
        "kick",
        "ban",
        "unwarn",
        "unmute",
        "unkick",
        "unban",
    }


# -- the file ---------------------------------------------------------------------------------------------------------


class File:
    """The audit log, and its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.log = AuditLog(self.lines.append)

    def words(self) -> Counter[str]:
        return Counter(line.split()[1] for line in self.lines)

    def counted(self) -> int:
        """Return how many lines those tell of that were left out."""
        told = (json.loads(line.rpartition("reason=")[2]) for line in self.lines if " spared " in line)
        return sum(int(words.split()[0]) for words in told)


def test_a_school_that_comes_in_is_written_whole() -> None:
    """Everybody behind one address, within a minute."""
    file = File()
    for number in range(500):
        file.log.heard(AccountLoggedIn(at=number / 10, address="10.0.2.2", name=f"pupil {number}"))
    assert file.words() == {"login": 500}


def test_a_flood_from_one_address_is_counted() -> None:
    """First lines, then some a minute; every other one is in a count that says of what and from where."""
    file = File()
    for number in range(20_000):
        file.log.heard(failed(at=number / 100))
    file.log.tell_left_out(200)
    written = file.words()["login-failed"]
    assert written <= audit_log.AT_ONCE + 200 * audit_log.A_SECOND + 1
    assert written + file.counted() == 20_000
    assert ' spared session=- address=10.0.0.1 name="login-failed" reason="' in file.lines[-1]


def test_a_flood_hides_neither_others_nor_the_staff() -> None:
    """Somebody at another address, an end of a sanction, and a block are written meanwhile."""
    file = File()
    for number in range(5_000):
        file.log.heard(failed(at=number / 100))
    others = [
        failed("10.0.0.2", 50),
        AddressBlocked(at=50, address="10.0.0.1", reason="20 failed logins: it may not connect, 900 s"),
        event("ban", at=50, address="10.0.0.9", session=3, name="eve", reason="x"),
        event("shutdown", at=50, address="", session=3),
    ]
    for each in others:
        file.log.heard(each)
    assert file.lines[-4:] == [as_line(each) for each in others]


def test_what_strangers_cause_in_a_day_is_bounded() -> None:
    """From as many addresses as they like, each with a name as long as it may be, of every kind."""
    file = File()
    kinds = [word for word, kind in KINDS.items() if not kind.by_staff]
    name = "\N{GRINNING FACE}" * 64
    for number in range(40_000):
        at = number / 40_000 * 3_600
        file.log.heard(event(kinds[number % len(kinds)], at=at, address=f"2001:db8:{number % 65_536:x}::1", name=name))
        file.log.look(at)
    written, counted = audit_log.ALL_AT_ONCE + 3_600 * audit_log.ALL_A_SECOND, 61 * (audit_log.TOLD + 1)
    assert len(file.lines) <= 2 * written + counted
    assert file.words().total() - file.words()["spared"] <= written + 1
    assert sum(map(len, file.lines)) < 500 * len(file.lines)


LONG = ["é" * 500, "x" * 5_000, '"' * 400, "\N{GRINNING FACE}" * 90, "x" * 254, "x" * 255, "\ud800" * 99]


@pytest.mark.parametrize("text", LONG, ids=range(len(LONG)))
def test_a_long_name_is_cut(text: str) -> None:
    """Its beginning is there, as JSON that can be read; a line has a bounded length."""
    line = as_line(failed(name=text))
    assert len(line) < 2 * audit_log.LONGEST + 120
    name = json.loads(line.partition("name=")[2].rpartition(" reason=")[0])
    assert text.startswith(name.removesuffix("…"))
    assert len(name) >= 15


def test_a_clock_that_is_set_back_delays_no_count() -> None:
    """What was left out is told at the next look."""
    file = File()
    for _ in range(audit_log.AT_ONCE + 5):
        file.log.heard(failed(at=1_000_000))
    file.log.look(1_000_000)
    file.log.heard(failed(at=5))
    file.log.look(5)
    assert file.counted() + file.words()["login-failed"] == audit_log.AT_ONCE + 6


def test_blocking_hears_what_the_file_is_spared() -> None:
    """Each failure counts, though not each has its line."""
    file, clock, bus = File(), Clock(), SecurityEvents()
    bus.subscribe(file.log.heard, SecurityEvent)
    blocks = BlockedAddresses(bus, clock, lambda _: ())
    blocks.set_rule(after=audit_log.AT_ONCE + 500, within=600, seconds=900, exempt=lambda _: False)
    for _ in range(audit_log.AT_ONCE + 499):
        bus.tell(failed("203.0.113.7"))
    assert blocks.seconds_left("203.0.113.7") == 0
    bus.tell(failed("203.0.113.7"))
    assert blocks.seconds_left("203.0.113.7") == 900
    assert file.words() == {"login-failed": audit_log.AT_ONCE, "blocked": 1}


def test_the_house_tells_what_happens(house: House) -> None:
    """A login, a failure and a flood of the chat are events, for every subscriber."""
    heard: list[SecurityEvent] = []
    house.chat.security.subscribe(heard.append, SecurityEvent)
    house.account("bob")
    client = house.client()
    client.ask(login("bob", "wrong"), login("bob"), b"{\n" * 100)
    assert [each.word for each in heard] == ["login-failed", "login", "flood"]
    assert {each.address for each in heard} == {"10.0.0.1"}
