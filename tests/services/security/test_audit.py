"""DATA/log/audit.log: what its lines look like, whatever people call themselves."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classcord.services.security.security_events import AccountLoggedIn, AuthenticationFailed
from tests.harness import logged, login, register, running

LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (?P<event>[a-z-]+) session=\d+ address=(?P<address>\S+)"
    r' name=(?P<name>"(?:[^"\\]|\\.)*") reason=(?P<reason>"(?:[^"\\]|\\.)*")\n'
)


@settings(max_examples=60)
@given(name=st.text(max_size=20), reason=st.text(max_size=20))
def test_whatever_the_name_a_line_is_one_ascii_line(name: str, reason: str) -> None:
    """A name cannot break the line, nor look like a field before it; both read back as they were."""
    written: list[str] = []
    logged(written.append).tell(AuthenticationFailed(at=0, session=7, address="10.0.0.1", name=name, reason=reason))
    (line,) = written
    found = LINE.fullmatch(line)
    assert found is not None, line
    assert line.isascii()
    assert (json.loads(found["name"]), json.loads(found["reason"])) == (name, reason)
    assert found["address"] == "10.0.0.1"


def test_a_forged_address_stays_within_the_quotes() -> None:
    """What fail2ban looks for stands before what a user chose."""
    written: list[str] = []
    hostile = 'x" address=10.9.9.9\nlogin-failed session=1'
    logged(written.append).tell(AuthenticationFailed(at=1.5, session=7, address="10.0.0.1", name=hostile))
    (line,) = written
    assert line == (
        "1970-01-01T00:00:01.500Z login-failed session=7 address=10.0.0.1 "
        'name="x\\" address=10.9.9.9\\nlogin-failed session=1" reason=""\n'
    )


def test_without_an_address_there_is_a_dash() -> None:
    """A unix socket has none, and the columns stay."""
    written: list[str] = []
    logged(written.append).tell(AccountLoggedIn(at=0, session=7, address=""))
    assert " address=- " in written[0]


@pytest.mark.parametrize("name", ["alice", "bo\nb", "x" * 200])
def test_who_came_and_who_was_refused_is_in_the_log(name: str) -> None:
    """Registration, login, refusal, guest and logout: one line each, with the name that was tried."""
    with running() as house:
        house.client("10.1.1.1").ask(login(name, "wrong"))
        alice = house.client("10.1.1.2")
        alice.ask(register("alice"), login("alice"), {"type": "logout"}, {"type": "guest", "username": "Zoé"})
        found = [LINE.fullmatch(line) for line in house.audit]
        seen = [(m["event"], m["address"], json.loads(m["name"])) for m in found if m is not None]
        assert seen == [
            ("login-failed", "10.1.1.1", name),
            ("registered", "10.1.1.2", "alice"),
            ("login", "10.1.1.2", "alice"),
            ("logout", "10.1.1.2", "alice"),
            ("guest", "10.1.1.2", "Zoé"),
        ]
