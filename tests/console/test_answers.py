"""What manages the server answers from what happened: each command where it succeeds, and where it cannot."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.defer import fail

from classcord.chat import registry
from classcord.chat.audit.vocabulary import Audited
from classcord.chat.operations.rules import perform_noted
from classcord.chat.text import Text
from classcord.services.administration.operations import Reloaded
from classcord.services.security.security_events import AuthenticationFailed
from classcord.store.ports import Unsound
from tests.harness import House
from tests.office import Office

BLOCKED = "203.0.113.7"


def _block(office: Office) -> None:
    office.house.chat.gate.blocks.set_rule(after=1, within=600, seconds=900, exempt=lambda _: False)
    failed = AuthenticationFailed(at=office.house.clock.seconds(), address=BLOCKED, name="bob", reason="wrong password")
    office.house.chat.security.tell(failed)


def _count_down(office: Office) -> None:
    assert office.run("shutdown 1h --yes").status == 0


def _break_settings(office: Office) -> None:
    office.controls.reloaded = Reloaded(refused="classcord.toml: line 3")


def _break_certificate(office: Office) -> None:
    office.controls.reloaded = Reloaded(certificate=Text("it is garbage"))


def _wait(office: Office) -> None:
    office.controls.reloaded = Reloaded(waiting=(Text("[listen] chat waits"),))


def _break_backups(office: Office) -> None:
    office.controls.back_up = lambda: fail(Unsound("no room"))  # type: ignore[method-assign]


def _break_mail(office: Office) -> None:
    office.mailer.taken = False


def _nothing(_: Office) -> None:
    """All is as it is."""


def trail(house: House) -> list[tuple[str, str | None]]:
    """Return what the audit trail has: each action, and the code of a refusal."""
    records = [record for group in house.store.groups for commit in group for record in commit.records]
    entries = [record for record in records if isinstance(record, Audited)]
    return [
        (each.action, json.loads(each.after or "{}")["code"] if each.action == "refused" else None) for each in entries
    ]


Before = Callable[[Office], None]
ANSWERS: list[tuple[str, Before, int, str]] = [
    ("loglevel debug", _nothing, 0, "Done.\n"),
    ("reload", _nothing, 0, "Done.\n"),
    ("reload", _wait, 0, "Done.\n[listen] chat waits\n"),
    ("reload", _break_settings, 1, "Nothing was changed, the settings stay as they were: classcord.toml: line 3\n"),
    ("reload", _break_certificate, 1, "the new one cannot be used: it is garbage\n"),
    ("test-mail", _nothing, 0, "250 taken"),
    ("test-mail", _break_mail, 1, "The mail was not sent: the relay says no\n"),
    ("backup", _nothing, 0, "classcord-20261120-203627.db.gz"),
    ("backup", _break_backups, 1, "No backup was made: no room\n"),
    (f"unblock {BLOCKED}", _block, 0, "Done.\n"),
    (f"unblock {BLOCKED}", _nothing, 1, BLOCKED),
    ("shutdown --yes", _nothing, 0, "Done.\nThe server stops now.\n"),
    ("shutdown 2h --yes", _nothing, 0, "Done.\nThe server stops in 2 h.\n"),
    ("shutdown --yes", _count_down, 1, ""),
    ("restart --yes", _nothing, 0, "Done.\nThe server restarts now.\n"),
    ("restart 2h --yes", _nothing, 0, "Done.\nThe server restarts in 2 h.\n"),
    ("restart --yes", _count_down, 1, ""),
    ("cancel", _count_down, 0, "Done.\nThe server does not stop after all.\n"),
    ("cancel", _nothing, 1, "there is nothing to call off.\n"),
]
CODES = {
    _break_settings: "settings_refused",
    _break_certificate: "settings_refused",
    _break_mail: "mail_not_sent",
    _break_backups: "storage_unavailable",
    _count_down: "conflict",
    _nothing: "not_found",
}
"""Of the refusals."""


def test_each_is_in_the_list() -> None:
    """Whatever is performed and kept in the audit trail is shown to succeed; only `loglevel` cannot fail."""
    performed = {kind.command for kind, decision in registry.decisions.items() if decision is perform_noted}
    succeeding, failing = (
        {line.split()[0] for line, _, end, _ in ANSWERS if bool(end) is failed} for failed in (False, True)
    )
    assert (succeeding, failing) == (performed, performed - {"loglevel"})


@pytest.mark.parametrize("case", ANSWERS)
def test_it_answers_from_what_happened(office: Office, case: tuple[str, Before, int, str]) -> None:
    """The exit status and the words are those of what was done, or of why not."""
    command, before, status, said = case
    before(office)
    earlier = len(trail(office.house))
    result: Any = office.run(command)
    assert result.status == status
    word, kept = command.split()[0], trail(office.house)[earlier:]
    if not status:
        assert kept == [(word, None)]
    elif word in {"backup", "test-mail"}:  # these take time, and may be cut off: kept beforehand
        assert [action for action, _ in kept] == [word, "refused"]
    elif before is _break_certificate:  # the settings are the new ones all the same
        assert [action for action, _ in kept] == ["reload", "refused"]
    else:
        assert [action for action, _ in kept] == ["refused"]
    if status:
        assert kept[-1] == ("refused", CODES[before])
    assert said in (result.err if status else result.out)
    assert bool(result.err) == bool(status)
    office.countdown.forget()


@pytest.mark.parametrize("face", ["exec", "terminal"])
def test_who_watches_a_connection_that_is_not_there(office: Office, face: str) -> None:
    """The trail has that it was refused, not that somebody was watched; a number that is there is watched."""
    earlier = len(trail(office.house))
    if face == "exec":
        assert office.run("trace 9999").status == 1
    else:
        program, _ = office.sit_down()
        program.received(b"trace 9999\r")
        office.house.turn()
    assert trail(office.house)[earlier:] == [("refused", "not_found")]
    office.house.client()
    [number] = [n for n, each in office.house.chat.connections.items() if each.session.face == "tcp"]
    program, _ = office.sit_down()
    program.received(f"trace {number}\r".encode())
    office.house.turn()
    assert trail(office.house)[earlier + 1 :] == [("trace", None)]


def test_a_fault_of_ours_leaves_the_entry(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks may have changed something before: the trail has that it was asked for."""

    def breaks() -> Reloaded:
        raise ZeroDivisionError

    monkeypatch.setattr(office.controls, "reload", breaks)
    earlier = len(trail(office.house))
    office.run("reload")
    assert trail(office.house)[earlier:] == [("reload", None)]
    office.house.events.clear()  # the fault is in the log
