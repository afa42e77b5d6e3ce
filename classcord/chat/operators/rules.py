"""Decisions about operators: who may administer, look at people and connections, and watch them.

The service performs the operations of the server; the rules here permit them, and store who asked. Knows no face.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.addresses import near_network, network
from classcord.chat.audit.rules import commit_entry
from classcord.chat.audit.trail import entry
from classcord.chat.audit.vocabulary import Audited
from classcord.chat.effects import Commit, Effect, Reply, TellSecurity
from classcord.chat.errors import BadRequest, NotFound, PasswordExpired
from classcord.chat.events import Done
from classcord.chat.finding import unknown_name
from classcord.chat.identity.rules import identify, is_spent, spend, spent
from classcord.chat.identity.vocabulary import LoggedIn, LoginFailed
from classcord.chat.messages.history import shows_private
from classcord.chat.names import name_key
from classcord.chat.operators.vocabulary import (
    Export,
    Exporting,
    KeyNamesAccount,
    Operate,
    PeopleListed,
    PersonInfo,
    PersonTold,
    Present,
    Python,
    Tail,
    Top,
    Touched,
    Trace,
    Typed,
    Watching,
    Whois,
)
from classcord.chat.registry import decides
from classcord.chat.roles import Permission, Role
from classcord.chat.sanctions.enforcing import check_may_come_in
from classcord.chat.sanctions.rules import sanction_info
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.people import Person, Session
    from classcord.chat.roles import Operator
    from classcord.chat.world import World


AT_THE_MACHINE = " (console)"  # it contains characters that no account's name may have


@decides
def operate(world: World, session: Session, request: Operate, now: float) -> list[Effect]:
    operator = request.operator
    name = operator.name
    check_may_operate(world, operator, session.address, now)
    account = world.state.accounts_by_id.get(operator.account_id) if operator.account_id is not None else None
    if operator.by == "key" and world.state.named(name) is not None:
        raise KeyNamesAccount(name=name)
    if operator.by == "machine" and _is_somebody_else(world, name):
        name += AT_THE_MACHINE
    if account is not None:
        if is_spent(world, session, account, now):
            return spent(request, account)
        if account.must_change and not request.changes_password:
            raise PasswordExpired
    records = identify(world, session, name, account.id if account else None, now, operator=operator)
    if account is not None:
        records = (*spend(session, account, now), *records)
    answer = LoggedIn(username=name, role=operator.role.label)
    commit = Commit(session, records, request, answer)
    return [commit, TellSecurity("operator", name, f"{operator.by} {operator.fingerprint}".strip())]


def _is_somebody_else(world: World, name: str) -> bool:
    """Whether a person of the chat, and not the one at the machine, has this name."""
    return world.state.named(name) is not None or world.state.person(name) is not None


def check_may_operate(world: World, operator: Operator, address: str, now: float) -> None:
    """Refuse a person who may not administer any more, by their sanction, account, role or password.

    It is asked when an operator's session begins, and repeatedly while it lasts. The person at the machine always may.
    """
    if operator.by == "machine":
        return
    role = operator.role
    if operator.account_id is not None:
        account = world.state.accounts_by_id.get(operator.account_id)
        if account is None or not world.role_may(account.role, Permission.ADMINISTER):
            raise NotFound(name=operator.name)
        if operator.login < account.void_before and operator.login != account.kept_login:
            raise LoginFailed
        role = account.role
    check_may_come_in(world, address, name_key(operator.name), role, now)


@decides
def present(world: World, session: Session, request: Present, now: float) -> list[Effect]:
    state = world.state
    people = (*state.people.values(), *state.operators.values(), *state.confined.values())
    return [Reply(request, PeopleListed(people=tuple(_person(person) for person in people)))]


def _person(person: Person) -> PersonInfo:
    return PersonInfo(
        name=person.name,
        role=person.role.label,
        state="password" if person.must_change else "console" if person.is_operator else person.state,
        since=rfc3339(person.since),
        addresses=tuple(dict.fromkeys(session.address or "-" for session in person.sessions)),
        sessions=tuple(session.id for session in person.sessions),
    )


@decides
def whois(world: World, session: Session, request: Whois, now: float) -> list[Effect]:
    state, key, at = world.state, name_key(request.user), now * 1000
    person, account = state.people.get(key), state.accounts.get(key) or state.aliases.get(key)
    if person is None and account is not None:
        person = state.people.get(account.key)
    if person is None and account is None:
        person = state.operator(key)
    if person is None and account is None:
        raise unknown_name(world, request.user)
    seen = _person(person) if person else None
    asker = session.person
    assert asker is not None
    shown = {c.id: c for c in state.channels_by_id.values() if world.may_see(c, asker)}  # the asker knows of no others
    member_of = [c.name for c in shown.values() if account and account.id in c.members]
    waiting = [
        r for r in state.join_requests.waiting(at) if account and r.user_id == account.id and r.channel_id in shown
    ]
    name = account.name if account else seen.name if seen else request.user
    role = account.role if account else person.role if person else Role.GUEST
    told = PersonTold(
        name=name,
        role=role.label,
        account=account is not None,
        password_kept=None if account is None else "elsewhere" if account.password_elsewhere else "local",
        state=seen.state if seen else "offline",
        since=seen.since if seen else None,
        addresses=seen.addresses if seen else (),
        sessions=seen.sessions if seen else (),
        channels=tuple(member_of),
        waits_for=tuple(shown[r.channel_id].name for r in waiting),
        sanctions=tuple(
            sanction_info(s) for s in state.sanctions.in_force(at) if s.of == "name" and s.target == name_key(name)
        ),
    )
    return [Reply(request, told)]


@decides
def watch(world: World, session: Session, request: Tail | Top | Python, now: float) -> list[Effect]:
    private = shows_private(world, session, getattr(request, "reason", ""))
    return [commit_entry(session, request.wire_name, request, now, answer=Watching(private=private))]


@decides
def trace(world: World, session: Session, request: Trace, now: float) -> list[Effect]:
    """Watch a person who is here or has an account, an address, or the connection with a number.

    Of connections without a name the hub knows only the numbers: the service finds the connections.
    """
    private = shows_private(world, session, request.reason)
    person, account = world.state.person(request.target), world.state.account(request.target)
    where, misfit = network(request.target), near_network(request.target)
    name: str | None = None
    numbers: tuple[int, ...] = ()
    if person is not None or account is not None:
        name = person.name if person else account.name if account else None
        numbers = tuple(each.id for each in person.sessions) if person else ()
    elif request.target.isdecimal() and request.target.isascii() and len(request.target) <= 15:
        numbers, where = (int(request.target),), None  # ipaddress would read the number as an address
        if numbers[0] not in world.connections:
            raise NotFound(field="target", name=request.target)
    elif misfit is not None:
        raise BadRequest(field="target", why=misfit)
    elif where is None:
        raise NotFound(field="target", name=request.target)
    answer = Watching(private=private, sessions=numbers, name=name, network=None if name else where)
    return [commit_entry(session, "trace", request, now, about=name or where or request.target, answer=answer)]


def check_excel(form: str, *, excel: bool) -> None:
    """Refuse an export for Excel in a form other than CSV."""
    if excel and form != "csv":
        raise BadRequest(
            field="excel", why=Text(N_("an export for Excel is a CSV; leave out “{form}”"), {"form": form})
        )


@decides
def export(world: World, session: Session, request: Export, now: float) -> list[Effect]:
    check_excel(request.format, excel=request.excel)
    private = shows_private(world, session, request.reason)
    answer = Exporting(what=request.what, private=private)
    return [commit_entry(session, "export", request, now, about=request.what, answer=answer)]


@decides
def typed(world: World, session: Session, request: Typed, now: float) -> list[Effect]:
    record = entry(session, now, ("python", "server", "", None, {"line": request.line}))
    return [Commit(session, (record,), request, Done())]


@decides
def touched(world: World, session: Session, request: Touched, now: float) -> list[Effect]:
    record: Audited | None = entry(session, now, (request.action, "file", request.path, None, None))
    if request.refused and record is not None:
        record = world.trail_entry(record, now)
    return [Commit(session, (record,), request, Done())] if record is not None else [Reply(request, Done())]
