"""Nobody reads a private conversation silently: by a report, or with a reason; then the audit trail says who did.

Every request of the protocol and of the console is asked by an operator of each role, with all that could lead to what
ann and bob have told each other: what stands there, what was changed, what was taken back, and what still waits.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from twisted.python.failure import Failure

from classcord.chat.errors import ChatError
from classcord.chat.messages.vocabulary import History
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.requests import Request
from classcord.chat.roles import Operator, Role
from classcord.chat.subjects import CONSOLE, WIRE
from classcord.services.chat.local_session import LocalSession
from tests.harness import House, running
from tests.office import Office, operator

SAID, BEFORE, TAKEN_BACK, HELD, TO_GUEST = "zqdirect", "zqbefore", "zqgone", "zqheld", "zqguest"
WORDS = (SAID, BEFORE, TAKEN_BACK, HELD, TO_GUEST)
ROLES = (Role.MODERATOR, Role.ADMIN, Role.OWNER)
LEADING: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("message_id", "before", "after", "around", "page"), (1, 2, 3)),
    **dict.fromkeys(("user", "other", "to", "username", "target"), ("ann", "bob", "Zoé")),
    **dict.fromkeys(("report_id", "held_id", "code_id", "session_id", "warning_id", "sanction_id"), (1, 2)),
    "conversation": ("1:2", "2:~zoé"),
    "channel": ("#général", "#admin"),
    "query": ("zqdirect",),
    "what": ("messages", "audit", "users"),
    "private": (True,),
    "only": ("ann",),
    "name": ("ann",),
}
NEEDED: dict[str, Any] = {
    "content": "x",
    "state": "away",
    "password": "un mot",
    "old": "x",
    "new": "un autre mot",
    "role": "member",
    "emoji": "👍",
    "session": "x" * 43,
    "size": 9,
    "outcome": "acted",
    "file": "x",
    "address": "203.0.113.7",
    "level": "info",
    "line": "1",
    "policy": "all",
    "operator": Operator(name="x", role=Role.OWNER),
    "on": True,
}
FREE = {*LEADING, "reason"}
ENDS = {"shutdown", "restart", "disconnect", "-operate"}
"""Those after which nobody is there to be answered."""


def settle(house: House) -> None:
    """Let ann and bob talk; bob reports what is said, and something of ann's waits."""
    for name in ("ann", "bob"):
        house.account(name)
    ann, bob = house.modern("ann"), house.modern("bob")
    private = {"type": "message", "subtype": "private", "to": "bob"}
    ann.ask({**private, "content": BEFORE}, {**private, "content": TAKEN_BACK}, {**private, "content": SAID})
    ann.ask({"type": "edit", "message_id": 1, "content": f"{SAID} now"}, {"type": "delete", "message_id": 2})
    bob.ask({"type": "report", "message_id": 3, "reason": "parce que"})
    guest = house.guest("Zoé")
    bob.ask({**private, "to": "Zoé", "content": TO_GUEST})
    guest.leave()
    row = (3, 1_795_206_987_000, "1:2", "ann", 1, "bob", "1", HELD, "quiet_hours", 1_895_206_987_000, 1)
    house.store.connection.execute(
        "INSERT INTO held_messages (id, at, conversation, author, author_id, recipient, owner, content, why, until,"
        " said_in) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )
    for client in (ann, bob):
        client.raw()


def requests(kind: type[Request]) -> Iterator[Request]:
    """Yield requests of a kind: by no field, one or two of those that lead somewhere; with a reason and without."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind) if field.name != "id"}
    base = {name: NEEDED[name] for name, field in fields.items() if field.required and name not in FREE}
    must = {name for name, field in fields.items() if field.required and name in LEADING}
    ways = [name for name in fields if name in LEADING]
    reasons: tuple[dict[str, str], ...] = ({}, {"reason": "parce que"}) if "reason" in fields else ({},)
    for chosen in itertools.chain.from_iterable(itertools.combinations(ways, count) for count in (0, 1, 2, 3)):
        if len(chosen) > max(2, len(must)) or not must <= set(chosen):
            continue
        for row in itertools.product(*(LEADING[name] for name in chosen)):
            for reason in reasons:
                asked = base | dict(zip(chosen, row, strict=True)) | reason
                try:
                    yield msgspec.convert({**asked, "type": kind.__struct_config__.tag}, kind, str_keys=False)
                except msgspec.ValidationError:
                    continue


def sit_down(house: House, role: Role) -> LocalSession:
    local = LocalSession(house.chat, house.clock, address="10.9.9.9", face="ssh", heard=lambda _: None)
    local.ask(Operate(operator=Operator(name="chef", role=role, fingerprint="SHA256:chef")))
    house.turn()
    return local


def answer(house: House, local: LocalSession, request: Request) -> str:
    """Return what a request is answered, as text; a refusal's sentence."""
    found: list[Any] = []
    local.ask(request).addBoth(found.append)
    house.turn()
    if not found:
        return ""
    if isinstance(found[0], Failure):
        found[0].trap(ChatError)
        return str(found[0].value)
    return msgspec.json.encode(found[0]).decode()


def entries(house: House) -> list[tuple[str, str, str | None]]:
    return house.store.asked("SELECT actor, action, after FROM audit ORDER BY id")


@pytest.mark.parametrize(
    "kind",
    [kind for kind in (*WIRE, *CONSOLE) if str(kind.__struct_config__.tag) not in ENDS],
    ids=lambda kind: str(kind.__struct_config__.tag),
)
def test_no_request_reads_silently(kind: type[Request]) -> None:
    """What has such a word in its answer came by a report or with a reason, to an owner, and the trail has it."""
    for role in ROLES:
        with running(faulty=True, messages_per_second=0.0, history_lines=0) as house:
            settle(house)
            local = sit_down(house, role)
            for request in requests(kind):
                before = len(entries(house))
                text = answer(house, local, request)
                if not any(word in text for word in WORDS):
                    continue
                new = [each for each in entries(house)[before:] if each[0] == "chef"]
                assert new, (role, request, text)
                if new[-1][1] in {"read-report", "evidence"}:
                    assert SAID in text
                    continue
                assert role is Role.OWNER, (request, text)
                assert getattr(request, "reason", "").strip(), (request, text)
                assert "parce que" in str(new[-1][2]), new


def test_the_test_reaches_them() -> None:
    """An owner who gives a reason does read it: otherwise the test above could not fail."""
    with running(messages_per_second=0.0) as house:
        settle(house)
        local = sit_down(house, Role.OWNER)
        for asked in (History(user="ann", other="bob", reason="parce que"), History(conversation="1:2", reason="x")):
            assert SAID in answer(house, local, asked)
        assert SAID not in answer(house, local, History(user="ann", other="bob"))
        assert [each[1] for each in entries(house)][-2:] == ["read-private", "read-private"]


@pytest.mark.parametrize("role", ROLES)
def test_live_views_and_exports(house: House, tmp_path: Path, role: Role) -> None:
    """`tail`, `trace` and `export` show that something private was said, and what only with a reason."""
    settle(house)
    office = Office(house, tmp_path)
    who = operator("chef", role)
    for command in ("tail", "trace ann", "trace 10.0.0.1"):
        _, paper = office.begin(command, who)
        house.modern("ann").ask({"type": "message", "subtype": "private", "to": "bob", "content": SAID})
        house.turn()
        assert SAID.encode() not in paper.out + paper.err, command
    for command in ("export messages", "export audit", "export users", "history --user ann --other bob"):
        result = office.run(command, who)
        assert not any(word in result.out + result.err for word in WORDS), command
    for command in ("tail --private", "trace ann --private", "export messages --private"):
        before = len(entries(house))
        result = office.run(command, who)
        assert not any(word in result.out for word in WORDS), command
        assert result.status != 0 or len(entries(house)) > before, (command, result)


def test_no_log_has_them(house: House) -> None:
    """Neither the log nor the audit trail has a word of a conversation, nor of a report's lines."""
    settle(house)
    local = sit_down(house, Role.OWNER)
    for kind in (*WIRE, *CONSOLE):
        if str(kind.__struct_config__.tag) in {"history", "report_details", "evidence", "search", "held"}:
            for request in itertools.islice(requests(kind), 40):
                answer(house, local, request)
    kept = json.dumps(entries(house)) + "\n".join(house.logged)
    assert not [word for word in WORDS if word in kept]
