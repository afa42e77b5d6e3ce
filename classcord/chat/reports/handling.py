"""Who decides about a report: people who keep order, but not the author of the message, nor anyone below the author.

The moderators of a channel decide about what was written in it by people who keep order nowhere; about one of
themselves only the staff do. Who is dismissed is no longer one of them: then the others see the report, and never the
person whom it is about, not as a moderator again either.

Changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.channels.channel import Kind
from classcord.chat.names import name_key
from classcord.chat.reports.vocabulary import HiddenReports
from classcord.chat.roles import Permission, Role, outranks

if TYPE_CHECKING:
    from classcord.chat.people import Person, Session
    from classcord.chat.reports.vocabulary import ReportFiled
    from classcord.chat.world import World


def may_handle(world: World, person: Person | None, report: ReportFiled) -> bool:
    """Whether a person may see a report and close it.

    A report of what somebody wrote who handles reports is for those who stand above; the operator at the machine
    stands above everyone. Nobody handles a report of what they wrote themselves.
    """
    if person is None:
        return False
    if not world.may(person, Permission.HANDLE_REPORTS):
        return _may_as_moderator(world, person, report)
    if person.at_machine:
        return True
    if _wrote(person, report):
        return False
    role = authors_role(world, report)
    return not world.role_may(role, Permission.HANDLE_REPORTS) or outranks(person.role, role)


def _may_as_moderator(world: World, person: Person, report: ReportFiled) -> bool:
    """Whether a moderator of the channel in which a message was written may see the report of it."""
    channel = world.state.channels_by_id.get(report.channel_id or 0)
    if channel is None or not world.may(person, Permission.HANDLE_REPORTS, channel):
        return False
    return not (report.author_id in channel.moderators or _wrote(person, report) or is_of_staff(world, report))


def hidden_from(world: World, person: Person) -> HiddenReports:
    """Return which reports `may_handle` refuses a person, for a question to the store."""
    if person.at_machine:
        return HiddenReports()
    staff = world.may(person, Permission.HANDLE_REPORTS)
    roles = {each for each in Role if world.role_may(each, Permission.HANDLE_REPORTS)}
    if staff:
        roles = {each for each in roles if not outranks(person.role, each)}
    accounts = {account.id for account in world.state.accounts_by_id.values() if account.role in roles}
    own = set() if person.account is None else {person.account.id}
    moderated = () if staff or person.account is None else sorted(person.account.moderates)
    channels = (world.state.channels_by_id.get(each) for each in moderated)
    return HiddenReports(
        author_ids=tuple(sorted(accounts | own)),
        author=person.name,
        roles=tuple(each.label for each in sorted(roles)),
        moderators=tuple(
            f"{channel.id}:{each}" for channel in channels if channel for each in sorted(channel.moderators)
        ),
    )


def learns_reporter(world: World, person: Person | None) -> bool:
    """Whether a person who may see a report is told who has sent it: a moderator of a channel is one of the class."""
    return world.may(person, Permission.HANDLE_REPORTS)


def is_public(world: World, report: ReportFiled) -> bool:
    """Whether the message was written where whoever wants to may read, and still may."""
    channel = world.state.channels_by_id.get(report.channel_id or 0)
    return channel is not None and channel.kind in {Kind.DEFAULT, Kind.OPEN}


def is_of_staff(world: World, report: ReportFiled) -> bool:
    """Whether the author of the message handles reports."""
    return world.role_may(authors_role(world, report), Permission.HANDLE_REPORTS)


def handlers(world: World, report: ReportFiled) -> tuple[Session, ...]:
    """Return the sessions of those who may see a report, on any face."""
    found = []
    channel = world.state.channels_by_id.get(report.channel_id or 0)
    there = () if channel is None else world.those_who_may(Permission.HANDLE_REPORTS, channel)
    for session in dict.fromkeys((*world.those_who_may(Permission.HANDLE_REPORTS), *there)):
        person = world.state.operators.get(session) or session.person
        if may_handle(world, person, report):
            found.append(session)
    return tuple(found)


def authors_role(world: World, report: ReportFiled) -> Role:
    """Return the highest role that the author had when the message was reported, or has now."""
    then = Role.of(report.author_role)
    account = world.state.accounts_by_id.get(report.author_id) if report.author_id is not None else None
    return then if account is None else max(then, account.role)


def _wrote(person: Person, report: ReportFiled) -> bool:
    """Whether this is the author; an operator by a key is known by the name, which is reserved for the key."""
    if report.author_id is not None and person.account is not None:
        return person.account.id == report.author_id
    return person.key == name_key(report.author)
