"""Decisions about retention: when a run begins, what goes then, who has left. Knows no store.

The hub removes what it keeps in memory (accounts, codes, refused messages); of everything else it says from which time
on nothing is kept, and the store removes the rows in steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.effects import Effect, Find, Reply
from classcord.chat.held_messages.vocabulary import HeldForgotten
from classcord.chat.invitation_codes.vocabulary import InvitationCodeEnded
from classcord.chat.privacy.rules import erasure
from classcord.chat.registry import applies, audits, decides
from classcord.chat.retention.durations import CLOCKS_GO, months_after, months_before
from classcord.chat.retention.vocabulary import (
    NOTHING_OLD,
    AccountLeft,
    Cutoffs,
    OlderThan,
    PurgeBegun,
    PurgeEnded,
    Retention,
    RetentionFound,
    RetentionRow,
    RetentionTold,
    RowCounts,
)
from classcord.chat.roles import Role
from classcord.chat.sanctions.in_force import BAN
from classcord.chat.sanctions.vocabulary import SanctionLifted
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterator

    from classcord.chat.people import Account, Session
    from classcord.chat.records import Record
    from classcord.chat.registry import What
    from classcord.chat.world import World

DAY = 86_400_000  # milliseconds
EVERY = DAY
FIRST = 7 * DAY  # from the first run to the second
KINDS = Cutoffs.__struct_fields__
"""What the store removes; each is the name of a duration, too."""
ROWS = (*KINDS, "accounts", "held")


def cutoffs(world: World, now: float) -> Cutoffs:
    """Return the times before which nothing is kept."""
    kept = world.policy.retention
    return Cutoffs(**{kind: months_before(now, getattr(kept, kind)) for kind in KINDS})


def next_run(world: World) -> int:
    """Return when the next run begins, in milliseconds."""
    last = world.state.purges.last
    return 0 if last is None else last.at + (EVERY if removes(last) else FIRST)


def removes(run: PurgeBegun) -> bool:
    """Whether a run removes anything: the first one of all only marks the day."""
    return run.before != NOTHING_OLD


def run_due(world: World, now: float) -> PurgeBegun | None:
    """Return the record of a run that begins now; None if it is not time yet, or the last one goes on.

    The first one of all removes nothing: so there is time to look at what the next one would remove.
    """
    purges, at = world.state.purges, int(now * 1000)
    if purges.under_way or (purges.last is not None and purges.last.at <= at < next_run(world)):
        return None
    before = NOTHING_OLD if purges.last is None else cutoffs(world, now)
    return PurgeBegun(number=purges.number + 1, at=at, before=before)


def time_of(world: World) -> float:
    """Return the time, in seconds, by which the current run decides what is due; 0 in the first run: nothing is."""
    last = world.state.purges.last
    return last.at / 1000 if last is not None and removes(last) else 0.0


def erased_from(world: World, account: Account) -> int | None:
    """Return from when on an account is erased, in milliseconds; None if it stays.

    A member has left who is not in the school any more, or who has not logged in for long. Accounts of staff stay: the
    doctor names them. An account stays while a report about it, or a report of its owner, is open.
    """
    if account.role is not Role.MEMBER:
        return None
    kept = world.policy.retention
    since = account.seen_at if account.left_at is None else account.left_at
    if since < CLOCKS_GO:
        return None
    left = months_after(since, kept.unused) if account.left_at is None else since
    return months_after(left, kept.accounts)


def _leaving(world: World) -> Iterator[tuple[Account, int]]:
    """Yield the members who are not here, each with the time from which on the account is erased."""
    here = {person.account.id for _, person in world.state.present() if person.account is not None}
    in_question = {each for report in world.state.reports for each in (report.author_id, report.reporter_id)}
    for account in list(world.state.accounts_by_id.values()):
        if account.id not in here and account.id not in in_question:
            at = erased_from(world, account)
            if at is not None:
                yield account, at


def accounts_to_erase(world: World, now: float) -> list[Account]:
    """Return the accounts whose time is over."""
    return [account for account, at in _leaving(world) if at <= int(now * 1000)]


def erased(world: World, account: Account, now: float) -> tuple[Record, ...]:
    """Return the records that erase the account of a person who has left; like `erase`, they keep the messages."""
    return (*_let_in_again(world, account, int(now * 1000)), *erasure(world, account, "keep", now))


def what_ends(world: World, now: float) -> list[Record]:
    """Return the records that remove old refused messages, and invitation codes that expired long ago."""
    before = months_before(now, world.policy.retention.held)
    refused = [each.held_id for each in world.state.held.not_waiting() if each.at < before]
    codes = [code.code_id for code in world.state.invitation_codes if code.expires_at < before]
    return [
        *(HeldForgotten(held_id=each) for each in refused),
        *(InvitationCodeEnded(code_id=each) for each in codes),
    ]


def _let_in_again(world: World, account: Account, at: int) -> tuple[Record, ...]:
    """End the ban that came with the leaving: it would keep the name."""
    ban = world.state.sanctions.against(BAN, account.key, at)
    if ban is None or ban.added_at != account.left_at:
        return ()
    return (SanctionLifted(sanction_id=ban.sanction_id, by=ban.by, lifted_at=at),)


# -- changes ----------------------------------------------------------------------------------------------------------


@applies
def purge_begun(world: World, record: PurgeBegun) -> list[Effect]:
    purges = world.state.purges
    purges.last, purges.number, purges.ended_at = record, record.number, None
    return []


@applies
def purge_ended(world: World, record: PurgeEnded) -> list[Effect]:
    world.state.purges.ended_at = record.at
    world.uploads.outdated = True  # contents of files that no message has any more
    return []


@applies
def account_left(world: World, record: AccountLeft) -> list[Effect]:
    account = world.state.accounts_by_id.get(record.user_id)
    if account is not None:
        account.left_at = record.at
    return []


@audits
def _audited_purge_ended(_: World, record: PurgeEnded) -> What:
    gone = {name: count for name in RowCounts.__struct_fields__ if (count := getattr(record.gone, name))}
    return "retention-applied", "server", record.number, None, gone or None


@audits
def _audited_account_left(world: World, record: AccountLeft) -> What | None:
    account = world.state.accounts_by_id.get(record.user_id)
    return None if account is None else ("account-left", "user", account.id, None, {"name": account.name})


# -- what is told -----------------------------------------------------------------------------------------------------


@decides
def retention(world: World, session: Session, request: Retention, now: float) -> list[Effect]:
    return [Find(request, OlderThan(cutoffs=cutoffs(world, now)), RetentionFound)]


@decides
def retention_found(world: World, session: Session, request: RetentionFound, now: float) -> list[Effect]:
    asked, found = request.asked, request.found
    times, kept, at = cutoffs(world, now), world.policy.retention, int(now * 1000)
    oldest = {kind: getattr(times, kind) for kind in KINDS}
    oldest |= {"accounts": months_before(now, kept.accounts), "held": months_before(now, kept.held)}
    would = {kind: getattr(found.counts, kind) for kind in KINDS}
    would |= {"accounts": len(accounts_to_erase(world, now)), "held": len(what_ends(world, now))}
    rows = tuple(
        RetentionRow(
            kept=kind,
            months=getattr(kept, kind),
            oldest=rfc3339(oldest[kind]),
            expired=would[kind],
            went=getattr(found.last.counts, kind),
        )
        for kind in ROWS
    )
    last = found.last if found.last.number else None
    ended = last.ended_at if last is not None else None
    return [
        Reply(
            asked,
            RetentionTold(
                rows=rows,
                last_run=None if last is None else rfc3339(last.at),
                run_ended=None if ended is None else rfc3339(ended),
                next_run=rfc3339(max(at, next_run(world))),
                leaving=sum(1 for account in world.state.accounts_by_id.values() if account.left_at is not None),
                unused=found.free,
            ),
        )
    ]
