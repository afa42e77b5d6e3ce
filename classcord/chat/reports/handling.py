"""Who decides about a report: people who keep order, but not the author of the message, nor anyone below the author.

Changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.names import name_key
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
    if person is None or not world.may(person, Permission.HANDLE_REPORTS):
        return False
    if person.at_machine:
        return True
    if _wrote(person, report):
        return False
    role = authors_role(world, report)
    return not world.role_may(role, Permission.HANDLE_REPORTS) or outranks(person.role, role)


def is_of_staff(world: World, report: ReportFiled) -> bool:
    """Whether the author of the message handles reports."""
    return world.role_may(authors_role(world, report), Permission.HANDLE_REPORTS)


def handlers(world: World, report: ReportFiled) -> tuple[Session, ...]:
    """Return the sessions of those who may see a report, on any face."""
    found = []
    for session in world.those_who_may(Permission.HANDLE_REPORTS):
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
