"""One-time passwords, sanctions and rights on every face: chat classic and modern, TLS, console, exec, sftp, Python.

The faces are enumerated: each scenario is held on all of them, over one house.
"""

from __future__ import annotations

import json
import struct
from typing import Any

import msgspec
import pytest
from twisted.conch.ssh import filetransfer as fx
from twisted.conch.ssh.common import NS

from classcord.chat.audit.vocabulary import Audited
from classcord.chat.hub import REFUSALS_AT_ONCE
from classcord.chat.roles import Permission, Role
from classcord.chat.subjects import WIRE
from classcord.faces.control import frames
from classcord.faces.control.socket import ControlFactory
from tests.faces.ssh_line import FAILURE, SUCCESS, Client, Gate, Session
from tests.faces.test_control import Caller
from tests.faces.web_line import WebLine
from tests.harness import PASSWORD, House, login, say

pytestmark = pytest.mark.house(messages_per_second=0)

CHAT = ("classic", "modern", "tls", "web")
OPERATORS = ("console", "exec", "sftp", "python")
VALUES = {
    "content": "x",
    "message_id": 1,
    "to": "eve",
    "channel": "#dev",
    "user": "eve",
    "username": "zoé",
    "target": "eve",
    "state": "away",
    "role": "member",
    "query": "x",
    "emoji": "👍",
    "name": "a.txt",
    "size": 1,
    "password": "x",
    "reason": "x",
    "code_id": 1,
    "report_id": 1,
    "held_id": 1,
    "outcome": "acted",
}
"""Something for each field that a request may need."""
HELLO = {"type": "hello", "protocol": 2, "lang": "en"}


@pytest.fixture
def gate(gate: Gate) -> Gate:
    gate.set(manhole=True)
    (gate.administration.tools.data / "backups").mkdir()
    (gate.administration.tools.data / "backups" / "all.db").write_bytes(b"all")
    return gate


def chat(house: House, face: str, address: str = "10.0.0.1") -> Any:
    """Return a connection of a chat face."""
    house.face.name = "tls" if face == "tls" else "tcp"
    client = WebLine(house).client(address) if face == "web" else house.client(address)
    if face != "classic":
        client.ask(HELLO)
    return client


def by_password(gate: Gate, name: str, password: str = PASSWORD, address: str = "10.0.0.9") -> tuple[Client, list[int]]:
    client = gate.connect(address)
    client.begin()
    return client, client.try_password(name, password)


def begin(client: Client, face: str) -> Session:
    """Open a session of a face, as far as it goes."""
    session = client.open()
    if face in {"console", "python"}:
        session.terminal()
        session.request(b"shell")
        client.gate.pass_time(0.1)
        if face == "python":
            session.type("python\r")
    elif face == "exec":
        session.request(b"exec", NS(b"tail"))
    else:
        session.request(b"subsystem", NS(b"sftp"))
        session.type(packet(fx.FXP_INIT, struct.pack(">L", 3)))
    client.gate.turn()
    return session


def packet(kind: int, payload: bytes) -> bytes:
    return struct.pack(">LB", len(payload) + 1, kind) + payload


def lists_backups(session: Session) -> bool:
    """Whether sftp shows what is in backups/."""
    session.out = b""
    session.type(packet(fx.FXP_OPENDIR, struct.pack(">L", 7) + NS(b"/backups")))
    return session.out[4:5] == bytes([fx.FXP_HANDLE])


def test_refused_files_are_counted(house: House, gate: Gate) -> None:
    """Whoever tries at files by sftp again and again: a few entries in the audit trail, then how many more."""
    house.account("mod", role=Role.MODERATOR)
    client, _ = by_password(gate, "mod")
    session = begin(client, "sftp")
    for number in range(50):
        session.type(packet(fx.FXP_REMOVE, struct.pack(">L", number) + NS(b"/backups/a.gz")))
        gate.pass_time(10)

    def entries() -> list[Audited]:
        kept = (r for group in house.store.groups for commit in group for r in commit.records)
        return [r for r in kept if isinstance(r, Audited) and r.action == "file-remove-refused"]

    assert [(each.actor, each.object_id) for each in entries()] == [("mod", "/backups/a.gz")] * REFUSALS_AT_ONCE
    house.chat.keep_left_out()
    house.turn()
    assert json.loads(entries()[-1].after or "{}") == {"left_out": 50 - REFUSALS_AT_ONCE}


# -- one-time passwords -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.MEMBER, Role.OWNER])
@pytest.mark.parametrize("face", CHAT)
def test_a_one_time_password_in_the_chat(house: House, face: str, role: Role) -> None:
    """It lets in once, to change it and for nothing else that needs a name; then everything works."""
    eve = house.member("eve")
    house.one_time("bob", role=role)
    bob = chat(house, face)
    answer, told = bob.ask(login("bob"))
    assert (answer["status"], answer["must_change"], answer["role"]) == ("ok", True, "member")
    assert "one time" in told["content"]
    second = chat(house, face).one(login("bob"))
    assert (second["code"], "passwd bob" in second["message"]) == ("login_failed", True)
    for kind in WIRE:
        if kind.permission in {Permission.CONNECT, Permission.OWN_ACCOUNT}:
            continue
        values = {field: value for field, value in VALUES.items() if field in kind.__struct_fields__}
        if "state" in values and "duration" in kind.__struct_fields__:
            values["state"] = "on"  # of a lesson, of quiet hours
        request: dict[str, Any] = {"type": kind.__struct_config__.tag, **values}
        (refused,) = bob.ask(request)
        assert refused["code"] == "not_allowed", request
        assert "change it first" in str(refused.get("message", refused.get("content"))), request
    assert eve.raw() == b""
    assert bob.one({"type": "password", "old": "wrong", "new": "qwertz"})["code"] == "login_failed"
    assert bob.ask({"type": "password", "old": PASSWORD, "new": "qwertz"})[0]["status"] == "ok"
    bob.ask(say("here I am"))
    assert "here I am" in [line.get("content") for line in eve.lines()]
    assert chat(house, face).ask(login("bob", "qwertz"))[0]["role"] == role.label
    assert chat(house, face).one(login("bob"))["code"] == "login_failed"


@pytest.mark.parametrize("face", CHAT)
def test_a_blocked_person_is_heard_on_no_face(house: House, gate: Gate, face: str) -> None:
    """Neither by the other's clients nor at the other's console; on whatever face the person writes, they learn it."""
    eve = house.member("eve", role=Role.MODERATOR)
    console, _ = by_password(gate, "eve")
    shown = begin(console, "console")
    house.account("bob")
    assert eve.one({"type": "block", "user": "bob"})["status"] == "ok"
    bob = chat(house, face)
    bob.ask(login("bob"))
    shown.out = b""
    eve.raw()
    (told,) = bob.ask({"type": "message", "subtype": "private", "to": "eve", "content": "psst"})
    gate.pass_time(1)
    assert (told["code"], told["type"]) == ("blocked", "message" if face == "classic" else "error")
    assert (eve.lines(), b"psst" in shown.out) == ([], False)


@pytest.mark.parametrize("face", CHAT)
def test_a_closed_private_message_is_heard_on_no_face(house: House, gate: Gate, face: str) -> None:
    """By one code on every face; who keeps order is reached, at the console too."""
    eve = house.member("eve")
    house.account("mod", role=Role.MODERATOR)
    house.account("bob")
    console, _ = by_password(gate, "mod")
    shown = begin(console, "console")
    root = gate.come_in("root", gate.admit("root"))
    assert root.run("private-policy staff").status == 0
    bob = chat(house, face)
    bob.ask(login("bob"))
    eve.raw()
    shown.out = b""
    (told,) = bob.ask({"type": "message", "subtype": "private", "to": "eve", "content": "psst"})
    assert (told["code"], told["type"]) == ("private_closed", "message" if face == "classic" else "error")
    assert eve.lines() == []
    bob.ask({"type": "message", "subtype": "private", "to": "mod", "content": "au secours"})
    gate.pass_time(1)
    assert b"au secours" in shown.out


@pytest.mark.parametrize("face", OPERATORS)
def test_a_one_time_password_of_an_operator(house: House, gate: Gate, face: str) -> None:
    """Where it can be changed, it has to be, and lets in once; where it cannot, nothing is done, and it stays good."""
    house.one_time("chef", role=Role.OWNER)
    client, answers = by_password(gate, "chef")
    assert answers == [SUCCESS]
    session = begin(client, face if face in {"exec", "sftp"} else "console")
    if face in {"exec", "sftp"}:
        assert b"change it first" in session.err
        assert session.is_closed
        account = house.hub.state.account("chef")
        assert account is not None
        assert not account.password_used
        return
    assert "choose another one now" in session.read()
    assert by_password(gate, "chef")[1] != [SUCCESS]
    assert chat(house, "modern").one(login("chef"))["code"] == "login_failed"
    other = begin(client, "console")
    assert b"has been used" in other.err + other.out
    for line in (PASSWORD, "qwertz", "qwertz"):
        session.type(f"{line}\r")
    session.type("python\r" if face == "python" else "version\r")
    assert (">>>" if face == "python" else "sqlite") in session.read()
    assert by_password(gate, "chef", "qwertz")[1] == [SUCCESS]


@pytest.mark.parametrize("face", [*CHAT, "console"])
def test_who_lost_the_connection_comes_back(house: House, gate: Gate, face: str) -> None:
    """To change it, from the same address, when the first connection is gone; a second one beside it is refused."""
    house.one_time("bob", role=Role.OWNER)
    if face == "console":
        client, _ = by_password(gate, "bob")
        begin(client, "console")
        assert by_password(gate, "bob")[1] != [SUCCESS]
        client.line.hang_up()
        gate.pass_time(1)
        assert by_password(gate, "bob")[1] == [SUCCESS]
        return
    first = chat(house, face)
    assert first.ask(login("bob"))[0]["must_change"] is True
    assert [line.get("code") for line in chat(house, face).ask(login("bob"))] == ["login_failed"]
    first.leave()
    house.turn()
    again = chat(house, face)
    assert again.ask(login("bob"))[0]["must_change"] is True
    again.ask({"type": "password", "old": PASSWORD, "new": "un autre"})
    assert [line.get("code") for line in chat(house, face).ask(login("bob"))] == ["login_failed"]
    assert chat(house, face).ask(login("bob", "un autre"))[0].get("must_change") is None


@pytest.mark.parametrize("face", [*CHAT, "console"])
def test_the_machine_makes_a_new_one(house: House, gate: Gate, face: str) -> None:
    """Whoever lost the connection before they changed it is helped by `classcord ctl passwd`."""
    house.one_time("admin", role=Role.OWNER)
    first_password = gate.administration.tools.data / "first-password"
    first_password.touch()
    gate.administration.start()
    if face in CHAT:
        lost = chat(house, face)
        lost.ask(login("admin"))
        lost.leave()
    else:
        client, _ = by_password(gate, "admin")
        begin(client, "console")
        client.line.hang_up()
    assert chat(house, "modern", "10.0.0.77").one(login("admin"))["code"] == "login_failed"
    gate.pass_time(1)
    assert first_password.exists()
    made = machine(gate, "passwd admin")
    gate.pass_time(1)
    assert not first_password.exists()
    gate.administration.stop()
    assert chat(house, "modern").ask(login("admin", made))[0]["must_change"] is True


def machine(gate: Gate, command: str) -> str:
    """Run a command by the control socket, and return the last word of its answer."""
    import msgspec

    caller = Caller(gate.administration.control, gate.house, 0)
    begun = msgspec.json.encode(frames.Begin(terminal=False, command=f"{command} --json"))
    caller.protocol.dataReceived(frames.frame(frames.BEGIN, begun))
    gate.turn()
    sent: bytes = caller.transport.value()  # type: ignore[no-untyped-call]
    out = b"".join(data for kind, data in frames.Reader().feed(sent) if kind == frames.OUTPUT)
    return str(json.loads(out)["password"])


# -- sanctions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", ["kick mod --yes", "ban mod --yes", "passwd mod", "role mod member", "deluser mod --yes"]
)
@pytest.mark.parametrize("face", OPERATORS)
def test_what_ends_a_right_ends_the_session(house: House, gate: Gate, face: str, command: str) -> None:
    """A sanction, a new password, a lower role, a deleted account: the session ends at once, its connection soon."""
    house.account("mod", role=Role.OWNER)
    house.account("boss", role=Role.OWNER)
    gate.administration.start()
    client, answers = by_password(gate, "mod")
    assert answers == [SUCCESS]
    session = begin(client, face)
    assert not session.is_closed
    if face == "sftp":
        assert lists_backups(session)
    root = gate.come_in("root", gate.admit("root"))
    assert root.run(command).status == 0
    gate.pass_time(1)
    assert session.is_closed
    assert client.closed
    assert client.farewell is None or "may not administer" in client.farewell[1]
    mine = [p.name for p in house.hub.state.operators.values()]
    assert "mod" not in mine
    assert by_password(gate, "mod")[1] != [SUCCESS]
    gate.administration.stop()


def test_a_kicked_moderator_cannot_come_back_and_lift_it(house: House, gate: Gate) -> None:
    """Not by their password, not by a key of their name; both hear why."""
    house.account("mod", role=Role.MODERATOR)
    root = gate.come_in("root", gate.admit("root"))
    assert root.run("ban mod --yes Triche").status == 0
    client, answers = by_password(gate, "mod")
    assert answers == []
    assert client.farewell is not None
    assert "Triche" in client.farewell[1]
    key = gate.admit("mod")
    other = gate.connect()
    other.begin()
    assert other.offer_key("mod", key) != [SUCCESS]
    assert other.try_key("mod", key) != [SUCCESS]
    assert root.run("unban mod").status == 0


@pytest.mark.parametrize("face", [*CHAT, "ssh", *OPERATORS])
def test_a_banned_address_is_refused_and_closed(house: House, gate: Gate, face: str) -> None:
    """By every face, before a byte is read, and what is open from there is closed, named or not."""
    banned = "203.0.113.7"
    house.account("mod", role=Role.OWNER)
    root = gate.come_in("root", gate.admit("root"))
    before: list[Any] = []
    if face in CHAT:
        named = chat(house, face, banned)
        named.ask(login("mod"))
        before += [named, chat(house, face, banned)]
    elif face == "ssh":
        before += [gate.connect(banned)]
    else:
        client, _ = by_password(gate, "mod", address=banned)
        begin(client, face)
        before += [client]
    assert root.run("ban 203.0.113.0/24 --yes").status == 0
    house.pass_time(3)
    gate.turn()
    assert [each.closed for each in before] == [True] * len(before)
    assert not root.closed
    if face in CHAT:
        assert "banned" in [line.get("code") for line in house.client(banned).lines()]
    else:
        line = gate.line(banned)
        gate.turn()
        assert line.heard.startswith(b"Not allowed")
    assert root.run("unban 203.0.113.0/24").status == 0
    assert house.client(banned).lines() == []


# -- rights -----------------------------------------------------------------------------------------------------------


def test_help_and_completion_go_by_the_settings(house: House, gate: Gate) -> None:
    """A moderator is not shown `create` where the policy reserves it to owners, nor offered it by Tab."""
    house.hub.set_policy(msgspec.structs.replace(house.hub.policy, create_channel=Role.OWNER))
    house.account("mod", role=Role.MODERATOR)
    house.account("boss", role=Role.OWNER)
    for name, shown in (("mod", False), ("boss", True)):
        client, _ = by_password(gate, name)
        helped = client.run("help")
        assert (b"\n  create " in helped.out) is shown
        assert b"From the role owner on." in client.run("help create").out
        console = begin(client, "console")
        console.read()
        console.type("crea\t")
        assert ("create" in console.read()) is shown


@pytest.mark.parametrize("role", list(Role)[2:])
def test_a_refused_python_prompt_leaves_no_trace_of_one(house: House, gate: Gate, role: Role) -> None:
    """Without a terminal, or where the settings allow none, it is refused before the audit trail says it was opened."""
    house.account("mod", role=role)
    client, _ = by_password(gate, "mod")
    assert client.run("python").status == 1
    gate.set(manhole=False)
    session = begin(client, "python")
    assert b"may not" in session.out + session.err
    kept = [r for g in house.store.groups for c in g for r in c.records if isinstance(r, Audited)]
    assert [r for r in kept if r.action == "python"] == []


def test_the_control_socket_is_nobodys_account(house: House, gate: Gate) -> None:
    """Whoever has the machine administers, whatever is in force against an account that is called like them."""
    assert isinstance(gate.administration.control, ControlFactory)
    house.account("root", role=Role.OWNER)
    house.account("boss", role=Role.OWNER)
    boss = gate.come_in("prof", gate.admit("prof"))
    assert boss.run("ban root --yes").status == 0
    assert machine(gate, "passwd root")
    assert by_password(gate, "root")[1] in ([], [FAILURE])
