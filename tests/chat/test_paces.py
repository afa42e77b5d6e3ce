"""How often operators have something stored, and accounts log in: what is counted by number, not by bytes."""

from __future__ import annotations

import dataclasses

import pytest

from classcord.chat.accounts.vocabulary import AddUser, DelUser, Passwd, SetRole
from classcord.chat.channels.vocabulary import CloseChannel, Create, DeleteChannel, Join, Reopen, Topic
from classcord.chat.checked_passwords.vocabulary import Hashed
from classcord.chat.effects import Commit, Pause, Perform
from classcord.chat.errors import ChatError, StoredTooMuch, TooManyLogins
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Guest
from classcord.chat.invitation_codes.vocabulary import MakeInvitationCode
from classcord.chat.join_requests.vocabulary import Accept, Reject
from classcord.chat.maintenance.vocabulary import Maintenance
from classcord.chat.messages.vocabulary import Messages, Say, SayPrivately
from classcord.chat.operations.vocabulary import (
    Backup,
    CancelShutdown,
    LogLevel,
    Reload,
    Restart,
    Shutdown,
    TestMail,
    Unblock,
)
from classcord.chat.operators.vocabulary import Export, Python, Tail, Top, Touched, Trace, Typed
from classcord.chat.paces import CHANGES_A_SECOND, CHANGES_AT_ONCE, HOUR, LOGINS, change_waits
from classcord.chat.people import Session
from classcord.chat.quotas import CROWD, SOURCE
from classcord.chat.requests import Request
from classcord.chat.roles import Role
from classcord.chat.sanctions.vocabulary import Ban, Kick, Mute, Unban, Unmute
from classcord.chat.subjects import CONSOLE, WIRE
from tests.chat.hubs import (
    NOON,
    a_channel,
    a_hub,
    add_account,
    ask,
    come_in,
    connect,
    decide,
    log_in,
    operates,
    secrets,
    verified,
)

HERE, SCHOOL = "198.51.100.7", "10.0.2.2"

STORES: list[Request] = [
    MakeInvitationCode(into=("#dev",)),
    Mute(user="eve"),
    Unmute(user="muted"),
    Kick(user="eve"),
    Ban(target="eve"),
    Ban(target="203.0.113.0/24"),
    Unban(target="banned"),
    SetRole(user="eve", role="moderator"),
    Accept(user="eve", channel="#club"),
    Reject(user="eve", channel="#club"),
    Create(channel="#new"),
    Topic(channel="#dev", topic="new"),
    CloseChannel(channel="#dev"),
    Reopen(channel="#closed"),
    DeleteChannel(channel="#dev"),
    SayPrivately(to="eve", content="hello"),
    Hashed(asked=AddUser(username="zoe"), digest="digest"),
    Hashed(asked=Passwd(user="eve"), digest="digest"),
    DelUser(user="eve"),
    Maintenance(state="on"),
    Export(what="messages", reason="asked for"),
    Messages(user="eve", other="muted", reason="asked for"),
    Tail(reason="asked for"),
    Top(),
    Trace(target="eve", reason="asked for"),
    LogLevel(level="debug"),
    Reload(),
    TestMail(),
    Backup(),
    Shutdown(),
    Restart(),
    CancelShutdown(),
    Unblock(address="203.0.113.9"),
    Python(),
    Typed(line="1 + 1"),
    Touched(action="get", path="/exports/a.csv"),
]


def a_busy_hub() -> Hub:
    hub = a_hub(stored_bytes_per_day=100_000, content_chars=0, shared_networks=("10.0.0.0/8",))
    hub.restore([a_channel(4, "#club", kind="approval"), a_channel(5, "#closed")])
    hub.new_secret = secrets()
    for name in ("muted", "banned"):
        add_account(hub, name)
    eve = log_in(hub, "eve")
    other = operates(hub, "other", Role.OWNER)
    for request in (Mute(user="muted"), Ban(target="banned"), CloseChannel(channel="#closed")):
        ask(hub, other, request)
    ask(hub, eve, Join(channel="#club"))
    return hub


def use_up(hub: Hub, session: Session) -> None:
    assert session.person is not None
    for _ in range(CHANGES_AT_ONCE):
        assert change_waits(hub, session.person, NOON) == 0


@pytest.mark.parametrize("request_", STORES, ids=lambda each: type(each).__name__)
def test_what_an_operator_stores_has_a_pace(request_: Request) -> None:
    """The owner's too: it waits, and is decided again; then it is done. Another operator does not wait."""
    hub = a_busy_hub()
    boss = operates(hub, "boss", Role.OWNER)
    use_up(hub, boss)
    assert decide(hub, operates(hub, "boss", Role.OWNER), request_) == [Pause(request_, 1 / CHANGES_A_SECOND)]
    later = decide(hub, boss, request_, NOON + 1 / CHANGES_A_SECOND)
    assert any(
        (isinstance(each, Commit) and each.records) or (isinstance(each, Perform) and each.entry) for each in later
    )


def test_another_operator_does_not_wait_nor_who_has_the_machine() -> None:
    hub = a_busy_hub()
    use_up(hub, operates(hub, "boss", Role.OWNER))
    machine = operates(hub, "root", Role.OWNER, by="machine")
    for session in (operates(hub, "other", Role.OWNER), *[machine] * (CHANGES_AT_ONCE + 1)):
        assert isinstance(decide(hub, session, Topic(channel="#dev", topic="new"))[0], Commit)


def test_what_stores_nothing_does_not_wait() -> None:
    """Every other request of a console, as it is without arguments; and operators come and go at any time."""
    hub = a_busy_hub()
    boss = operates(hub, "boss", Role.OWNER)
    use_up(hub, boss)
    paced = {type(each) for each in STORES}
    seen = 0
    for kind in (*CONSOLE, *WIRE):
        if kind in paced or kind.command is None:
            continue
        try:
            effects = decide(hub, boss, kind())
        except (TypeError, ChatError):
            continue
        seen += 1
        assert not any(isinstance(each, Pause) for each in effects), kind
        assert not any(isinstance(e, Commit) and any(r.stored for r in e.records) for e in effects), kind
    assert seen > 5
    assert operates(hub, "boss", Role.OWNER).person is not None


@pytest.mark.no_cover  # a thousand changes
def test_a_thousand_changes_take_their_time_and_none_is_refused() -> None:
    hub = a_busy_hub()
    boss = operates(hub, "boss", Role.OWNER)
    now = NOON
    for number in range(1_000):
        request = Hashed(asked=AddUser(username=f"pupil{number}"), digest="digest")
        effects = decide(hub, boss, request, now)
        if isinstance(effects[0], Pause):
            now += effects[0].seconds
            effects = decide(hub, boss, request, now)
        assert isinstance(effects[0], Commit)
    assert now - NOON == pytest.approx((1_000 - CHANGES_AT_ONCE) / CHANGES_A_SECOND)


def test_what_an_operator_writes_is_counted_in_bytes() -> None:
    """Ten shares for all sessions of a name; then a word is refused, while order can be kept."""
    hub = a_busy_hub()
    boss = operates(hub, "boss", Role.OWNER)
    for _ in range(SOURCE):
        decide(hub, boss, Say(channel="#dev", content="x" * 99_800))  # the key's role has a row, too
    for session in (boss, operates(hub, "boss", Role.OWNER)):
        with pytest.raises(StoredTooMuch):
            decide(hub, session, Say(channel="#dev", content="x"))
        with pytest.raises(StoredTooMuch):
            decide(hub, session, SayPrivately(to="eve", content="x"))
        assert isinstance(decide(hub, session, Kick(user="eve"))[0], Commit)


def _at(hub: Hub, address: str) -> Session:
    return dataclasses.replace(connect(hub), address=address)


@pytest.mark.parametrize("address", [HERE, SCHOOL])
def test_an_account_logs_in_so_often(address: str) -> None:
    """From a shared address too: who knows the password uses up that account's logins, and nobody else's."""
    hub = a_busy_hub()
    add_account(hub, "reader")
    for _ in range(LOGINS):
        decide(hub, _at(hub, address), verified(hub, "reader"))
    with pytest.raises(TooManyLogins) as refusal:
        decide(hub, _at(hub, address), verified(hub, "reader"))
    assert refusal.value.code == "rate_limited"
    assert refusal.value.retry_after == pytest.approx(HOUR / LOGINS)
    decide(hub, _at(hub, address), verified(hub, "reader", valid=False))
    assert decide(hub, _at(hub, address), verified(hub, "muted"))
    assert decide(hub, _at(hub, "127.0.0.1"), verified(hub, "reader"))
    assert decide(hub, _at(hub, address), verified(hub, "reader"), NOON + HOUR / LOGINS + 1)


def test_nobody_is_kept_from_logging_in_by_what_is_stored() -> None:
    """Neither by their own share, nor by their address's."""
    hub = a_busy_hub()
    for number in range(SOURCE):
        ask(hub, log_in(hub, f"writer{number}", _at(hub, HERE)), Say(content="x" * 99_000))
    with pytest.raises(StoredTooMuch):
        decide(hub, log_in(hub, "writer0", _at(hub, HERE)), Say(content="x" * 2_000))
    assert isinstance(decide(hub, _at(hub, HERE), verified(hub, "writer0"))[0], Commit)
    assert isinstance(decide(hub, _at(hub, HERE), verified(hub, "eve"))[0], Commit)


def _identifications(hub: Hub, address: str, renames: int) -> int:
    """Come in as a guest and take other names, on connection after connection; return how often until it is refused."""
    done = 0
    while done < 200_000:
        session = _at(hub, address)
        for number in range(1 + renames):
            try:
                ask(hub, session, Guest(username=f"{done}_{number}" + "\u4e2d" * 50))
            except StoredTooMuch:
                return done
            done += 1
    return done


@pytest.mark.no_cover  # hundreds of names
@pytest.mark.parametrize("renames", [0, 20])
def test_a_guests_names_are_rows_that_count(renames: int) -> None:
    """Each costs its row and its name's bytes; connecting anew does not help."""
    hub = a_busy_hub()
    assert _identifications(hub, HERE, renames) <= 100_000 / 250
    assert come_in(hub, "elsewhere", _at(hub, "203.0.113.9")).person is not None


def test_guests_of_a_shared_address_have_an_end_too() -> None:
    """Each new connection has a whole share, up to CROWD shares in all; accounts are not shut out."""
    hub = a_busy_hub()
    stored = 0
    for number in range(2 * CROWD):
        try:
            ask(hub, come_in(hub, f"guest{number}", _at(hub, SCHOOL)), Say(content="x" * 99_000))
        except StoredTooMuch:
            break
        stored += 1
    assert CROWD * 0.9 < stored <= CROWD + 1
    assert decide(hub, log_in(hub, "eve", _at(hub, SCHOOL)), Say(content="hello"))
