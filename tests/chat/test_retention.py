"""Retention: when a run begins, from which times on nothing is kept, who has left, and what is told of it."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from classcord.chat.audit.trail import entries
from classcord.chat.effects import Find, Reply
from classcord.chat.errors import NotAllowed
from classcord.chat.held_messages.vocabulary import HeldForgotten, HeldRefused, MessageHeld
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import SessionEnded
from classcord.chat.invitation_codes.vocabulary import InvitationCodeEnded, InvitationCodeMade
from classcord.chat.privacy.vocabulary import AccountErased
from classcord.chat.reports.vocabulary import ReportClosed, ReportFiled
from classcord.chat.retention.durations import LAW, Durations, months_after, months_before
from classcord.chat.retention.rules import accounts_to_erase, cutoffs, erased, next_run, run_due, time_of, what_ends
from classcord.chat.retention.vocabulary import (
    AccountLeft,
    Cutoffs,
    OlderThan,
    OldRows,
    PurgeBegun,
    PurgeEnded,
    Retention,
    RetentionFound,
    RetentionTold,
    RowCounts,
    StoredPurge,
)
from classcord.chat.sanctions.vocabulary import SanctionAdded, SanctionLifted
from classcord.chat.times import rfc3339
from tests.chat.hubs import NOON, NOON_MS, a_hub, add_account, ask, come_in, connect, decide, log_in, verified

DAY = 86_400
MONTH = 31 * DAY  # no month has more


def before(at: int) -> Cutoffs:
    """Return the same time for every kind."""
    return Cutoffs(**dict.fromkeys(Cutoffs.__struct_fields__, at))


def names(hub: Hub, now: float) -> list[str]:
    return [account.name for account in accounts_to_erase(hub, now)]


def at(text: str) -> int:
    """Return the time that is written so, in milliseconds."""
    return int(datetime.fromisoformat(f"{text}+00:00").timestamp() * 1000)


# -- months -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "months", "then"),
    [
        ("2026-11-20T12:00:00", 0, "2026-11-20T12:00:00"),
        ("2026-11-20T12:00:00", 12, "2025-11-20T12:00:00"),
        ("2026-01-31T08:00:00", 2, "2025-11-30T08:00:00"),
        ("2028-02-29T08:00:00", 12, "2027-02-28T08:00:00"),
        ("2026-03-31T00:00:01", 1, "2026-02-28T00:00:01"),
        ("2026-01-01T00:00:00", 36, "2023-01-01T00:00:00"),
        ("2026-12-31T23:59:59", 13, "2025-11-30T23:59:59"),
    ],
)
def test_months(now: str, months: int, then: str) -> None:
    """Months are those of the calendar; where one has no such day, it is its last one."""
    assert months_before(at(now) / 1000, months) == at(then)


def test_months_after() -> None:
    """Three months after somebody has left is a day of the calendar, too."""
    assert months_after(at("2026-11-30T10:00:00"), 3) == at("2027-02-28T10:00:00")


def test_defaults_are_lawful() -> None:
    """Whoever sets nothing keeps nothing longer than is permitted, nor longer than is advised."""
    kept = msgspec.structs.asdict(Durations())
    assert kept.keys() == LAW.keys()
    assert all(LAW[name].holds(months) and months <= LAW[name].advised for name, months in kept.items())


# -- runs -------------------------------------------------------------------------------------------------------------


def test_the_first_run_removes_nothing() -> None:
    """It only marks the day: a week later the first thing goes, then once a day."""
    hub = a_hub()
    first = run_due(hub, NOON)
    assert first == PurgeBegun(number=1, at=NOON_MS, before=before(0))
    hub.apply(first)
    assert run_due(hub, NOON + 30 * DAY) is None  # it has not ended
    hub.apply(PurgeEnded(number=1, at=NOON_MS))
    assert run_due(hub, NOON + 7 * DAY - 1) is None
    assert next_run(hub) == NOON_MS + 7 * DAY * 1000
    second = run_due(hub, NOON + 7 * DAY)
    assert second is not None
    assert second == PurgeBegun(number=2, at=second.at, before=cutoffs(hub, NOON + 7 * DAY))
    hub.apply(second)
    hub.apply(PurgeEnded(number=2, at=second.at))
    assert run_due(hub, NOON + 8 * DAY - 1) is None
    assert run_due(hub, NOON + 8 * DAY) is not None


def test_a_run_decides_by_its_own_time() -> None:
    """However long it goes on, and whatever the clock says by then; the first one of all decides about nothing."""
    hub = a_hub()
    assert time_of(hub) == 0
    hub.restore([PurgeBegun(number=1, at=NOON_MS, before=before(0))])
    assert time_of(hub) == 0
    hub.restore([PurgeBegun(number=2, at=NOON_MS + 5_000, before=before(1))])
    assert time_of(hub) == NOON + 5


def test_what_the_trail_has() -> None:
    """Of a run how much has gone, of a leaving who it is: nothing of an account that is gone by then."""
    hub = a_hub()
    add_account(hub, "zoé")
    gone = RowCounts(everyone=3, audit=0)
    records = [
        PurgeEnded(number=2, at=NOON_MS, gone=gone),
        AccountLeft(user_id=1, at=NOON_MS),
        AccountLeft(user_id=99, at=NOON_MS),
    ]
    found = [(each.action, each.object_id, each.after) for each in entries(hub, records, None, NOON)]
    assert found == [("retention-applied", "2", '{"everyone":3}'), ("account-left", "1", '{"name":"zoé"}')]


def test_a_clock_that_is_set_back() -> None:
    """A run that was dated later than now does not keep the next one waiting for years."""
    hub = a_hub()
    hub.restore([PurgeBegun(number=4, at=NOON_MS * 2, before=before(5))])
    hub.restore([PurgeEnded(number=4, at=NOON_MS * 2)])
    due = run_due(hub, NOON)
    assert due is not None
    assert due.number == 5


def test_times_of_the_settings() -> None:
    """Each kind has the time of its own duration."""
    hub = a_hub(retention=Durations(everyone=1, channels=2, private=3, connections=6, versions=4, audit=7))
    times = cutoffs(hub, NOON)
    assert times.everyone == months_before(NOON, 1)
    assert times.channels == months_before(NOON, 2)
    assert times.private == months_before(NOON, 3)
    assert times.connections == months_before(NOON, 6)
    assert times.versions == months_before(NOON, 4)
    assert times.audit == months_before(NOON, 7)
    assert times.reports == times.sanctions == months_before(NOON, 12)


# -- people who have left ---------------------------------------------------------------------------------------------


def test_who_has_left_is_erased_some_months_later() -> None:
    """As by `erase`: messages stay without the name. Before that the account is there, and may come back."""
    hub = a_hub()
    bob = add_account(hub, "Bob")
    hub.apply(AccountLeft(user_id=bob.id, at=NOON_MS))
    due = months_after(NOON_MS, 3) / 1000
    assert names(hub, due - 1) == []
    assert names(hub, due) == ["Bob"]
    [record] = erased(hub, bob, due)
    assert isinstance(record, AccountErased)
    assert (record.user_id, record.empties, record.keeps_acts) == (bob.id, False, False)
    hub.apply(record)
    assert hub.state.account("Bob") is None


def test_the_ban_of_the_leaving_goes_with_the_account() -> None:
    """It would keep the name for ever; a ban by a person stays."""
    hub = a_hub()
    bob, tom = add_account(hub, "Bob"), add_account(hub, "Tom")
    hub.apply(a_ban(1, "bob", by="import-class"))
    hub.apply(a_ban(2, "tom", by="Zoé", added_at=NOON_MS - 5))
    for account in (bob, tom):
        hub.apply(AccountLeft(user_id=account.id, at=NOON_MS))
    due = NOON + 4 * MONTH
    assert [type(record) for record in erased(hub, bob, due)] == [SanctionLifted, AccountErased]
    assert [type(record) for record in erased(hub, tom, due)] == [AccountErased]


def a_ban(number: int, target: str, *, by: str, added_at: int = NOON_MS) -> SanctionAdded:
    return SanctionAdded(
        sanction_id=number, kind="ban", of="name", target=target, shown=target, by=by, reason="", added_at=added_at
    )


def test_unban_takes_the_leaving_back() -> None:
    """Whoever is let in again stays."""
    hub = a_hub()
    bob = add_account(hub, "Bob")
    hub.apply(a_ban(1, "bob", by="import-class"))
    hub.apply(AccountLeft(user_id=bob.id, at=NOON_MS))
    hub.apply(SanctionLifted(sanction_id=1, by="Zoé", lifted_at=NOON_MS + 5))
    assert bob.left_at is None
    assert names(hub, NOON + 4 * MONTH) == []


def test_a_login_takes_the_leaving_back() -> None:
    """Whoever logs in is here, and was here last when the session ended."""
    hub = a_hub()
    bob = add_account(hub, "Bob")
    hub.apply(AccountLeft(user_id=bob.id, at=NOON_MS))
    session = log_in(hub, "Bob")
    assert bob.left_at is None
    assert session.row is not None
    hub.apply(SessionEnded(session_id=session.row, ended_at=NOON_MS + 9_000))
    assert bob.seen_at == NOON_MS + 9_000


def test_unused_accounts() -> None:
    """A member who has not been here for a year counts as having left; whoever is here does not, however long."""
    hub = a_hub()
    add_account(hub, "Bob")
    log_in(hub, "Tom")
    year = months_after(NOON_MS, 12)
    due = months_after(year, 3) / 1000
    assert names(hub, due - 1) == []
    assert names(hub, due) == ["Bob"]


def test_a_clock_that_was_not_set() -> None:
    """Who came while it was 1970 is not unused since then; a login by such a clock takes nothing from the age."""
    hub = a_hub()
    zoe = add_account(hub, "zoé")
    zoe.seen_at = 600_000
    assert names(hub, NOON) == []
    zoe.seen_at, zoe.left_at = NOON_MS, 600_000
    assert names(hub, NOON) == []
    zoe.left_at = None
    ask(hub, connect(hub), verified(hub, "zoé"), 600.0)
    assert zoe.seen_at == NOON_MS


@pytest.mark.parametrize("role", ["moderator", "admin", "owner"])
def test_those_who_keep_order_stay(role: str) -> None:
    """Nobody who administers loses the account by itself."""
    hub = a_hub()
    zoe = add_account(hub, "Zoé", role)
    hub.apply(AccountLeft(user_id=zoe.id, at=NOON_MS))
    assert names(hub, NOON + 99 * MONTH) == []


@pytest.mark.parametrize("who", ["author_id", "reporter_id"])
def test_an_open_report_keeps_its_people(who: str) -> None:
    """Who has written or reported is known as long as nobody has decided."""
    hub = a_hub()
    bob = add_account(hub, "Bob")
    hub.apply(AccountLeft(user_id=bob.id, at=NOON_MS))
    report = ReportFiled(
        report_id=1,
        at=NOON_MS,
        message_id=2,
        reporter="Léa",
        reporter_key="9",
        author="Tom",
        author_role="member",
        place="#dev",
        digest="",
        channel_id=2,
        reason="",
        category=None,
    )
    hub.apply(msgspec.structs.replace(report, **{who: bob.id}))
    assert names(hub, NOON + 4 * MONTH) == []
    hub.apply(ReportClosed(report_id=1, at=NOON_MS, by="Zoé", outcome="acted", told=True))
    assert names(hub, NOON + 4 * MONTH) == ["Bob"]


# -- what the state has besides ---------------------------------------------------------------------------------------


def test_refused_messages_and_codes_of_long_ago() -> None:
    """A refused message whose author never came goes; so does a code a month after its end. What waits does not."""
    hub = a_hub()
    bob = add_account(hub, "Bob")
    for number in (1, 2):
        hub.apply(
            MessageHeld(
                held_id=number,
                at=NOON_MS,
                channel_id=2,
                author="Bob",
                author_id=bob.id,
                owner=str(bob.id),
                content="ah",
                why="hold",
                said_in=1,
            )
        )
    hub.apply(HeldRefused(held_id=1, state="refused", at=NOON_MS))
    code = {"role": "member", "uses": 1, "made_by": "Zoé", "made_at": NOON_MS}
    for number, end in ((1, NOON_MS), (2, NOON_MS + 40 * DAY * 1000)):
        hub.apply(InvitationCodeMade(code_id=number, code=f"C{number}", expires_at=end, **code))  # type: ignore[arg-type]
    assert what_ends(hub, NOON) == []
    assert what_ends(hub, NOON + 32 * DAY) == [HeldForgotten(held_id=1), InvitationCodeEnded(code_id=1)]


# -- what is told -----------------------------------------------------------------------------------------------------


def test_what_is_told() -> None:
    """The command asks the store, and tells of each kind its months, what would go, and what has gone."""
    hub = a_hub()
    add_account(hub, "Zoé", "admin")
    bob = add_account(hub, "Bob")
    hub.apply(AccountLeft(user_id=bob.id, at=NOON_MS))
    session = log_in(hub, "Zoé")
    now = NOON + 4 * MONTH
    request = Retention()
    assert decide(hub, session, request, now) == [Find(request, OlderThan(cutoffs=cutoffs(hub, now)), RetentionFound)]
    last = StoredPurge(number=3, at=NOON_MS, swept=True, ended_at=NOON_MS + 9, counts=RowCounts(everyone=7, accounts=2))
    found = OldRows(counts=RowCounts(private=5, audit=1), free=4096, last=last)
    [reply] = ask(hub, session, RetentionFound(asked=request, found=found), now)
    assert isinstance(reply, Reply)
    told = reply.answer
    assert isinstance(told, RetentionTold)
    rows = {row.kept: (row.months, row.expired, row.went) for row in told.rows}
    assert rows["everyone"] == (12, 0, 7)
    assert rows["private"] == (12, 5, 0)
    assert rows["audit"] == (36, 1, 0)
    assert rows["accounts"] == (3, 1, 2)
    assert (told.last_run, told.run_ended, told.leaving, told.unused) == (
        rfc3339(NOON_MS),
        rfc3339(NOON_MS + 9),
        1,
        4096,
    )


def test_only_those_who_watch_ask() -> None:
    """A member is refused."""
    hub = a_hub()
    with pytest.raises(NotAllowed):
        hub.decide(log_in(hub, "Bob"), Retention(), NOON)
    with pytest.raises(NotAllowed):
        hub.decide(come_in(hub, "Passante"), Retention(), NOON)
