"""While nothing can be stored, whoever administers is answered at once: every command, at every face of the console."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from classcord.chat.audit.vocabulary import Audited
from classcord.chat.passwords import ELSEWHERE
from classcord.chat.subjects import COMMANDS, CONSOLE
from classcord.console.programs import Programs
from classcord.services.chat.journal import Journal
from classcord.services.security.security_events import AuthenticationFailed
from tests.harness import House, notices, say
from tests.office import OWNER, Office

BLOCKED = "203.0.113.7"

READS = [
    "who",
    "whois bob",
    "users",
    "sessions",
    "audit",
    "messages",
    "stats",
    "retention",
    "blocks",
    "version",
    "history",
    "search bonjour",
    "channels",
    "members #général",
    "topic #dev",
    "description #dev",
    "requests",
    "channel #dev",
    "held",
    "quiet-hours",
    "bans",
    "codes",
    "reports",
]
"""These store nothing, and answer as they always do."""
WATCHES = ["top", "tail", "trace bob", "export users"]
"""These read as well; that somebody did is stored later."""
MANAGES = [
    "loglevel debug",
    "reload",
    "test-mail",
    f"unblock {BLOCKED}",
    "shutdown 1h --yes",
    "restart 1h --yes",
    "cancel",
]
"""These are done, and say that it is stored later."""
STORES = [
    "adduser eve",
    "addcode #dev --uses 30",
    "deluser bob --yes",
    "erase bob --yes",
    "export-person bob demande",
    "passwd bob",
    "password-elsewhere bob --yes",
    "password-here vouched",
    "lesson on 1h",
    "exam on #dev 1h",
    "private-policy staff",
    "maintenance on",
    "backup",
    "say bonjour",
    "msg bob bonjour",
    "create #club",
    "warn bob chut",
    "mute bob",
    "kick bob 1h --yes",
    "ban bob --yes",
    "role bob moderator",
    "close #dev --yes",
    "channel #dev --hold on",
    "moderator bob #général",
    "delchannel #dev --yes",
    "topic #dev Cours",
    "description #dev Cours",
    'export messages --reason "on me le demande"',
    'tail --reason "une plainte"',
    'trace bob --reason "une plainte"',
    'messages --user bob --other carol --reason "une plainte"',
]
"""These are refused, for what they do must be stored."""
OTHERS = {"accept", "delcode", "reject", "invite", "unmute", "unban", "reopen", "python", "delete", "versions"}
OTHERS |= {"report", "close-report", "unwarn", "evidence"}
OTHERS |= {"approve", "refuse"}
"""These find nothing to do here, and say so; `python` needs a terminal."""


@pytest.fixture
def office(house: House, tmp_path: Path) -> Office:
    """With two people, one of them in trouble for passwords, one from a directory, and a blocked address."""
    office = Office(house, tmp_path)
    house.member("bob"), house.member("carol")
    house.account("vouched", digest=ELSEWHERE)
    house.hub.set_policy(msgspec.structs.replace(house.hub.policy, other_logins=True))
    house.chat.gate.blocks.set_rule(after=1, within=600, seconds=900, exempt=lambda _: False)
    failed = AuthenticationFailed(at=house.clock.seconds(), address=BLOCKED, name="bob", reason="wrong password")
    house.chat.security.tell(failed)
    return office


def first(house: House) -> None:
    """Nobody has noticed yet: the command itself is the first that cannot be stored."""


def begins(house: House) -> None:
    """It has just begun: clients are still patient."""
    house.client().send({"type": "guest", "username": "Zoé"})
    house.turn()
    assert house.journal.failing
    assert house.journal.accepting


def lasts(house: House) -> None:
    """It goes on: clients are refused."""
    begins(house)
    house.pass_time(Journal.PATIENCE + 1)
    assert not house.journal.accepting


STATES = [first, begins, lasts]
FACES = ["exec", "control", "console"]


def told(office: Office, face: str, command: str) -> str:
    """Run a command; return all that it says, once it has ended or shows what it watches."""
    office.start = Programs(office.tools, "control" if face == "control" else "ssh")
    if face != "console":
        program, paper = office.begin(command, OWNER, address="" if face == "control" else "10.9.9.9")
        office.house.pass_time(1)
        watching = command.split(maxsplit=1)[0] in {"tail", "trace"} and "cannot store" not in paper.err.decode()
        assert (paper.status is None) == watching, paper.err.decode()
        said = f"{paper.out.decode()}{paper.err.decode()}[{paper.status}]"
        program.lost()
    else:
        program, paper = office.sit_down()
        assert "owner" in paper.out.decode() or paper.out, "the console opens"
        paper.read()
        program.received(f"{command}\r".encode())
        office.house.pass_time(1)
        if command.split(maxsplit=1)[0] in {
            "adduser",
            "passwd",
            "password-here",
        }:  # it asks for a password: one is made up
            program.received(b"\r")
            office.house.pass_time(1)
        said = f"{paper.read()}{paper.err.decode()}"
        program.lost()
    office.house.turn()
    return said


def kept(house: House) -> list[str]:
    """Return the actions in the audit trail, in its order."""
    records = [record for group in house.store.groups for commit in group for record in commit.records]
    return [record.action for record in records if isinstance(record, Audited)]


def broken(house: House, state: Callable[[House], None]) -> None:
    house.store.trouble = "disk full"
    state(house)


def mended(house: House) -> None:
    house.store.trouble = None
    house.pass_time(Journal.LONGEST_RETRY)
    house.turn()
    assert house.journal.accepting
    assert not house.journal.failing
    assert {connection.session.face for connection in house.chat.connections.values()} <= {"tcp"}
    house.events.clear()  # the trouble is an error in the log


def test_the_lists_have_every_command() -> None:
    """Whoever adds a command says here what becomes of it while nothing can be stored."""
    listed = {line.split()[0] for line in (*READS, *WATCHES, *MANAGES, *STORES)} | OTHERS
    assert listed | {"announce"} == set(COMMANDS)
    assert {kind.command for kind in CONSOLE} <= listed


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("command", [*READS, *WATCHES])
def test_what_reads_answers(office: Office, house: House, command: str, face: str, state: Any) -> None:
    """As always; and if it leaves a trace, that is stored when it can be."""
    broken(house, state)
    said = told(office, face, command)
    assert "cannot store" not in said
    assert "[1]" not in said
    mended(house)
    assert (command.split(maxsplit=1)[0] in kept(house)) == (command in WATCHES)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("command", MANAGES)
def test_what_manages_the_server_is_done(office: Office, house: House, command: str, face: str, state: Any) -> None:
    """It says that the audit trail hears of it later, and so it does, once."""
    if command == "cancel":
        assert office.run("shutdown 1h --yes").status == 0
    name = command.split(maxsplit=1)[0]
    before = kept(house).count(name)
    broken(house, state)
    said = told(office, face, command)
    if name == "test-mail":
        assert "250 taken" in said
    else:
        assert "Done." in said
        assert "the audit trail gets its entry when that works again" in said
    if name in {"loglevel", "reload"}:
        assert office.controls.done == [command]
    assert kept(house).count(name) == before
    mended(house)
    assert kept(house).count(name) == before + 1
    office.countdown.forget()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("command", STORES)
def test_what_must_be_stored_is_refused(office: Office, house: House, command: str, face: str, state: Any) -> None:
    """At once, by its code; nothing of it happens, then or later."""
    broken(house, state)
    said = told(office, face, command)
    assert "The server cannot store anything at the moment" in said
    assert office.controls.done == []
    mended(house)
    name = {"channel": "channel-set", "moderator": "channel-moderator"}.get(name := command.split(maxsplit=1)[0], name)
    assert [action for action in kept(house) if action.startswith(name)] == []
    assert house.hub.state.account("eve") is None
    assert office.run("adduser eve").status == 0  # what was promised meanwhile is free again


def test_shutdown_stops(office: Office, house: House) -> None:
    """Though nothing can be stored, the server ends when it is told to, and says so."""
    broken(house, lasts)
    result = office.run("shutdown --yes")
    assert (result.status, result.out.splitlines()[:2]) == (0, ["Done.", "The server stops now."])
    house.pass_time(1)
    assert office.controls.done == ["stop"]
    mended(house)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("face", FACES)
def test_people_are_told_why(office: Office, house: House, face: str, state: Any) -> None:
    """An announcement waits for nothing: it reaches everyone at once, and once; the trail's entry of it follows."""
    carol = house.member("carol")
    broken(house, state)
    assert "Done." in told(office, face, "announce Le disque est plein")
    assert "Le disque est plein" in notices(carol.lines())
    assert "announce" not in kept(house)
    mended(house)
    assert "Le disque est plein" not in notices(carol.lines())
    assert kept(house).count("announce") == 1


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("face", FACES)
def test_who_has_left_is_not_here(office: Office, house: House, face: str, state: Any) -> None:
    """The end of an administrator's session is stored later, once, and seen at once."""
    broken(house, state)
    told(office, face, "version")
    assert not house.hub.state.operators
    mended(house)
    sessions = house.store.asked("SELECT ended_at FROM sessions WHERE face <> 'tcp'")
    assert len(sessions) == 1
    assert sessions[0] is not None


def test_clients_are_still_patient(office: Office, house: House) -> None:
    """What people say in the first seconds waits, as before, and is stored and acknowledged in its order."""
    alice = house.modern("alice")
    broken(house, begins)
    alice.send(say("un", id=1))
    told(office, "exec", "reload")
    alice.send(say("deux", id=2))
    house.turn()
    assert alice.lines() == []
    mended(house)
    assert [line["id"] for line in alice.lines() if "id" in line] == [1, 2]
