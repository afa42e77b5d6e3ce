"""What operators read and watch, and what of it is kept."""

from __future__ import annotations

import pytest

from classcord.chat.audit.vocabulary import Audited
from classcord.chat.effects import Commit, Perform, Query
from classcord.chat.errors import BadRequest, ChatError, NotFound
from classcord.chat.hub import Hub
from classcord.chat.messages.vocabulary import History, Messages, ReasonNeeded
from classcord.chat.operations.vocabulary import Stats
from classcord.chat.operators.vocabulary import Export, Exporting, Operate, Tail, Trace, Watching
from classcord.chat.people import Session
from classcord.chat.requests import Request
from classcord.chat.roles import Operator, Role
from tests.chat.hubs import NOON, a_hub, add_account, ask, connect, decide, log_in, the_commit, trail_of


def operate(hub: Hub, role: Role = Role.OWNER) -> Session:
    session = connect(hub)
    ask(hub, session, Operate(operator=Operator(name="prof", role=role)))
    return session


def refused(hub: Hub, session: Session, request: Request) -> ChatError:
    with pytest.raises(ChatError) as error:
        hub.decide(session, request, NOON)
    return error.value


def traced(hub: Hub, target: str, reason: str = "") -> tuple[Watching, Audited]:
    """Return the answer to a trace, and what is kept of it."""
    effects = decide(hub, operate(hub), Trace(target=target, reason=reason))
    answer = the_commit(effects).answer
    assert isinstance(answer, Watching)
    [entry] = trail_of(effects)
    return answer, entry


def test_a_trace_follows_a_person() -> None:
    """Whoever is here by all sessions, an account by those to come; under the name as it is written there."""
    hub = a_hub()
    add_account(hub, "Bob"), add_account(hub, "Eve")
    session = log_in(hub, "bob")
    answer, entry = traced(hub, "BOB")
    assert answer == Watching(sessions=(session.id,), name="Bob")
    assert (entry.action, entry.object_id) == ("trace", "Bob")
    assert traced(hub, "eve")[0] == Watching(name="Eve")


def test_a_trace_follows_a_connection_by_its_number() -> None:
    """One that is there; an address that ipaddress would read in a number is none."""
    hub = a_hub()
    hub.connections = {12}
    answer, entry = traced(hub, "12")
    assert (answer, entry.object_id) == (Watching(sessions=(12,)), "12")
    assert type(refused(hub, operate(hub), Trace(target="13"))) is NotFound


@pytest.mark.parametrize(("target", "where"), [("10.0.0.7", "10.0.0.7/32"), ("2001:db8::/64", "2001:db8::/64")])
def test_a_trace_follows_an_address(target: str, where: str) -> None:
    answer, entry = traced(a_hub(), target, reason="une plainte")
    assert (answer, entry.object_id) == (Watching(private=True, network=where), where)


@pytest.mark.parametrize(("target", "error"), [("10.0.0.7/24", BadRequest), ("nobody", NotFound), ("٣", NotFound)])
def test_a_trace_follows_nothing_else(target: str, error: type[ChatError]) -> None:
    """What is nearly a network, nobody's name, a number in other digits."""
    hub = a_hub()
    hub.connections = {3}
    assert type(refused(hub, operate(hub), Trace(target=target))) is error


@pytest.mark.parametrize(
    "request_",
    [
        Tail(reason="une plainte"),
        Trace(target="10.0.0.7", reason="une plainte"),
        Export(what="messages", reason="une plainte"),
        History(user="bob", other="eve", reason="une plainte"),
    ],
)
def test_only_an_owner_sees_what_is_private(request_: Request) -> None:
    """And only for a reason, which is kept."""
    hub = a_hub()
    assert type(refused(hub, operate(hub, Role.ADMIN), request_)) is ReasonNeeded
    effects = decide(hub, operate(hub), request_)
    [entry] = trail_of(effects)
    assert "une plainte" in str(entry.after)


def test_a_conversation_is_read_for_a_reason() -> None:
    """Between two people, whether or not they have accounts; without a reason only one's own."""
    hub = a_hub()
    bob = add_account(hub, "bob")
    owner = operate(hub)
    assert type(refused(hub, owner, History(user="bob", other="eve"))) is ReasonNeeded
    kept, query = decide(hub, owner, History(user="bob", other="Eve", reason="une plainte"))
    assert isinstance(kept, Commit)
    assert isinstance(query, Query)
    assert query.user == "bob"
    assert query.conversation == f"{bob.id}:~eve"
    assert [(entry.action, entry.object_id) for entry in trail_of([kept])] == [("read-private", "bob Eve")]


@pytest.mark.parametrize("kind", [History, Messages])
def test_an_operators_page_has_one_direction(kind: type[History]) -> None:
    """Before, after and around exclude each other at the console too, in both forms of the history."""
    hub = a_hub()
    for asked in ({"before": 2, "around": 1}, {"after": 0, "around": 1}):
        error = refused(hub, operate(hub), kind(**asked))  # type: ignore[arg-type]
        assert (type(error), error.field) == (BadRequest, "around")


@pytest.mark.parametrize(("form", "excel", "good"), [("csv", True, True), ("json", False, True), ("json", True, False)])
def test_an_export_for_excel_is_a_csv(form: str, excel: bool, good: bool) -> None:
    hub = a_hub()
    request = Export(what="users", format=form, excel=excel)  # type: ignore[arg-type]
    if not good:
        assert type(refused(hub, operate(hub), request)) is BadRequest
        return
    assert the_commit(decide(hub, operate(hub), request)).answer == Exporting(what="users", private=False)


def test_what_only_reads_is_performed_and_not_kept() -> None:
    hub = a_hub()
    assert decide(hub, operate(hub), Stats()) == [Perform(Stats())]
