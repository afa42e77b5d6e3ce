"""How people hear of reports: those who handle them, and whoever has sent one. Decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.channels.channel import Kind
from classcord.chat.effects import Commit, Deliver
from classcord.chat.events import Notice
from classcord.chat.join_requests.vocabulary import Reminded
from classcord.chat.messages.vocabulary import MessageAdded
from classcord.chat.reasons import because
from classcord.chat.reports.handling import handlers, is_of_staff, may_handle
from classcord.chat.reports.vocabulary import (
    AlreadyClosed,
    AlreadyReported,
    NoSuchReport,
    NothingToReport,
    OutcomeTold,
    OwnMessage,
    Reported,
    TooManyOpen,
    TooManyReports,
)
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.effects import Effect
    from classcord.chat.people import Session
    from classcord.chat.reports.vocabulary import ReportClosed, ReportFiled
    from classcord.chat.world import World

STAFF_CHANNEL = "#admin"
SERVER = "Serveur"  # nobody can be called so (names.RESERVED); a stored message has one author, in any language

_THANKS = N_("Thank you. Your report is with the people who look after this server; nobody else learns who sent it.")
_THANKS_AND_HELP = N_(
    "Thank you. Your report is with the people who look after this server; nobody else learns who sent it. "
    "Call {number} to talk to somebody: it is free and confidential."
)
_OUTCOMES = {
    "acted": N_("Your report {number} was looked at: something was done about it. Thank you. {reason}"),
    "unfounded": N_("Your report {number} was looked at: the message stays. {reason}"),
    "duplicate": N_("Your report {number} was looked at: it was known already. {reason}"),
}
_IN_CHANNEL = N_("Report {number}: a message of {author} in {channel}.")
_IN_PRIVATE = N_("Report {number}: a private message of {author}.")
TOLD = (
    _THANKS,
    _THANKS_AND_HELP,
    *_OUTCOMES.values(),
    _IN_CHANNEL,
    _IN_PRIVATE,
    *(each.template for each in (AlreadyReported, TooManyReports, TooManyOpen, NothingToReport, OwnMessage)),
    *(each.template for each in (NoSuchReport, AlreadyClosed)),
)
"""All sentences about one report: whoever reads such a line learns that there is one."""
_AT_CONSOLE = N_("{what} `report {number}` shows it.")
_ELSEWHERE = N_("{what} Look at it on the web page or at the console.")


def thanks(world: World) -> Text:
    """Return what the person who has reported a message is told."""
    number = world.policy.help_number
    return Text(_THANKS_AND_HELP, {"number": number}) if number else Text(_THANKS)


def summary(report: ReportFiled) -> Text:
    """Return a report in one sentence, without words that somebody has written."""
    values: dict[str, object] = {"number": report.report_id, "author": report.author, "channel": report.place}
    return Text(_IN_CHANNEL if report.place else _IN_PRIVATE, values)


def staff_channel(world: World) -> Channel | None:
    """Return the channel in which the people who handle reports are, and nobody else by an own wish."""
    channel = world.state.channel(STAFF_CHANNEL)
    lowest = world.lowest(Permission.HANDLE_REPORTS)
    if channel is None or channel.kind is not Kind.PRIVATE or channel.archived:
        return None
    return channel if channel.members_from is not None and channel.members_from >= lowest else None


def line_for_staff(world: World, report: ReportFiled) -> tuple[MessageAdded, ...]:
    """Return the message that tells a report in the staff's channel; none if its author reads there."""
    channel = staff_channel(world)
    if channel is None or is_of_staff(world, report):
        return ()
    return (
        MessageAdded(
            session_id=0,  # no session's: whoever reports a message and reads there hears it, too
            actor=SERVER,
            message_id=world.state.message_ids.next(),
            at=report.at,
            channel_id=channel.id,
            author=SERVER,
            content=world.written(summary(report)),
        ),
    )


def told_to_handlers(
    world: World, report: ReportFiled, state: str, at: int, author: Session | None = None
) -> list[Effect]:
    """Return the event for those who may see the report, except its `author`; of a new one consoles hear a notice.

    People in the chat hear a notice if nothing was said in the staff's channel, or if they do not read there.
    """
    event = Reported(
        report_id=report.report_id,
        state=state,
        author=report.author,
        channel=report.place or None,
        category=report.category,
        timestamp=rfc3339(at),
    )
    all_of_them = handlers(world, report)
    effects: list[Effect] = [Deliver(event, all_of_them, author)] if all_of_them else []
    if state != "open":
        return effects
    has_line = staff_channel(world) is not None and not is_of_staff(world, report)
    values: dict[str, object] = {"what": summary(report), "number": report.report_id}
    for words, has_commands in ((_AT_CONSOLE, True), (_ELSEWHERE, False)):
        these = tuple(s for s in all_of_them if (s in world.state.operators) is has_commands)
        if has_line and not has_commands:
            these = tuple(s for s in these if not world.may(s.person, Permission.HANDLE_REPORTS))
        if these:
            effects.append(Deliver(Notice(content=Text(words, values), timestamp=rfc3339(at)), these))
    return effects


def outcome(report: ReportFiled, closed: ReportClosed) -> Notice:
    """Return the notice of its end to the person who has sent a report."""
    reason = because(closed.reason) if closed.reason else ""
    values: dict[str, object] = {"number": report.report_id, "reason": reason}
    return Notice(content=Text(_OUTCOMES[closed.outcome], values), timestamp=rfc3339(closed.at))


def tell_missed(world: World, session: Session, now: float) -> list[Effect]:
    """Tell a newcomer the outcome of their reports, and how many open ones they may look at."""
    person, at = session.person, int(now * 1000)
    assert person is not None
    account = person.account
    numbers = world.state.reports.untold(account.id) if account is not None else []
    effects: list[Effect] = [
        Commit(session, (OutcomeTold(report_id=number, at=at),), holds=False) for number in numbers
    ]
    if person.is_operator:  # a console greets with that
        return effects
    waiting = sum(may_handle(world, person, report) for report in world.state.reports)
    if waiting:
        words = Text(N_("Open reports: {count}. Look at them on the web page or at the console."), {"count": waiting})
        effects.append(Commit(session, (Reminded(text=words, at=at),), holds=False))
    return effects
