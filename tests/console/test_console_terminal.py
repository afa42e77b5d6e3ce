"""The console at a terminal, in memory: keys in, screen out."""

from __future__ import annotations

import re

import pytest
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from classcord.chat.audit.vocabulary import Audited
from classcord.chat.identity.vocabulary import LoginFailed
from classcord.chat.roles import Operator, Role
from classcord.console.views import HELD
from tests.harness import House, say
from tests.office import Office


def test_a_console_greets_and_ends(office: Office, house: House) -> None:
    """It says who one is; Ctrl-D and exit end it with status 0, and its session with it."""
    for end in (b"\x04", b"exit\r", b"quit\r"):
        program, paper = office.sit_down()
        assert "you are prof, owner" in paper.read()
        program.received(end)
        house.turn()
        assert paper.status == 0
        assert house.chat.connections == {}


def test_a_command_at_a_console(office: Office, house: House) -> None:
    """Its answer stands above the next prompt, its lines ended as a terminal wants them."""
    program, paper = office.sit_down()
    paper.read()
    program.received(b"version\r")
    house.turn()
    shown = paper.read()
    assert "python" in shown
    assert shown.count("\n") == shown.count("\r\n")
    assert "prof@ClassCord> " in shown.split("sqlite")[-1]


def test_a_destructive_command_asks(office: Office, house: House) -> None:
    """Anything but a yes leaves all as it was; Ctrl-C as well."""
    house.member("bob")
    program, paper = office.sit_down()
    for answer, gone in ((b"n\r", False), (b"\x03", False), (b"\r", False), (b"y\r", True)):
        program.received(b"ban bob 1h30 Triche\r")
        house.turn()
        assert (
            "Ban bob for 1 h 30 min, until 2026-11-20 22:06:27 (reason: Triche); `unban bob` lifts it. Go on? [y/N]"
            in paper.read()
        )
        program.received(answer)
        house.turn()
        assert (house.hub.state.person("bob") is None) is gone


def test_a_password_is_asked_for_unseen(office: Office, house: House) -> None:
    """It is not shown, not kept in the history, and right afterwards."""
    program, paper = office.sit_down()
    program.received(b"adduser alice\r")
    house.turn()
    paper.read()
    for _ in range(2):
        program.received(b"hunter2\r")
        house.turn()
        assert "hunter2" not in paper.read()
    program.received(b"exit\r")
    assert "hunter2" not in "".join(office.tools.history("prof"))
    client = house.client()
    assert client.one({"type": "login", "username": "alice", "password": "hunter2"})["status"] == "ok"


@pytest.mark.parametrize("line", ["adduser alice hunter2", "passwd prof hunter2", "adduser alice --password hunter2"])
def test_a_password_in_a_command_is_refused_and_not_kept(office: Office, house: House, line: str) -> None:
    """Whoever types it where it does not belong finds the line neither in the history nor in its file."""
    program, paper = office.sit_down()
    program.received(f"version\r{line}\r".encode())
    house.turn()
    assert b"usage: " in paper.err
    program.received(b"exit\r")
    house.turn()
    assert office.tools.history("prof") == ["version", "exit"]


def test_completion(office: Office, house: House) -> None:
    """Tab completes commands, people, channels, options and choices."""
    house.account("barnabé")
    program, paper = office.sit_down()
    for typed, line in (
        (b"wh\to\t", "who "),
        (b"kick bar\t", "kick barnabé "),
        (b"history #d\t", "history #dev "),
        (b"ban bob --del\t", "ban bob --delete-account "),
        (b"export us\t", "export users "),
        (b"help shu\t", "help shutdown "),
        (b"role barn\tmod\t", "role barnabé moderator "),
    ):
        paper.read()
        program.received(typed)
        house.turn()
        assert line.split()[-1] in paper.read()
        program.received(b"\x15")


def test_history_is_each_ones_own(office: Office, house: House) -> None:
    """Up brings back what one typed, at the next login too; nobody else's."""
    program, _ = office.sit_down()
    program.received(b"version\r")
    house.turn()
    program.lost()
    house.turn()
    assert office.tools.history("prof") == ["version"]
    again, paper = office.sit_down()
    paper.read()
    again.received(b"\x1b[A")
    assert "version" in paper.read()
    assert office.tools.history("mod") == []


def test_a_notice_stands_above_the_line_that_is_typed(office: Office, house: House) -> None:
    """The line is drawn again below it."""
    house.account("bob")
    program, paper = office.sit_down()
    program.received(b"say hel")
    paper.read()
    other = Operator(name="chef", role=Role.ADMIN)
    office.run("mute bob 10m x", other)
    assert paper.read().endswith("\r\nprof@ClassCord> say hel")


def test_utf8_in_two_reads(office: Office, house: House) -> None:
    """A character is whole when its last byte has come."""
    bob = house.member("bob")
    program, _ = office.sit_down()
    program.received("say é".encode()[:-1])
    program.received("é".encode()[-1:] + b"\r")
    house.turn()
    assert [line["content"] for line in bob.lines()] == ["é"]


def test_a_dumb_terminal_gets_no_escapes(office: Office, house: House) -> None:
    """TERM=dumb: prompts, tables and notices are plain text."""
    program, paper = office.sit_down(Operator(name="prof", role=Role.OWNER))
    program.lost()
    house.turn()
    plain, paper = office.begin(None, terminal=True, term="dumb")
    plain.received(b"who\r")
    house.turn()
    assert "\x1b" not in paper.read()


def test_a_window_that_changes(office: Office, house: House) -> None:
    """Tables fit the new width."""
    house.member("somebody-with-a-long-name")
    program, paper = office.sit_down()
    program.resized(40, 10)
    paper.read()
    program.received(b"who\r")
    house.turn()
    table = paper.read().split("\r\n")[1:-1]
    assert max(len(line) for line in table) <= 40


@pytest.mark.parametrize("watched", ["tail", "top"])
def test_watching_ends_with_ctrl_c(office: Office, house: House, watched: str) -> None:
    """And the prompt is there again."""
    program, paper = office.sit_down()
    program.received(f"{watched}\r".encode())
    house.turn()
    house.member("bob").ask(say("hello"))
    house.pass_time(2)
    shown = paper.read()
    assert ("hello" in shown) if watched == "tail" else ("commit" in shown and "#général  1/s" in shown)
    program.received(b"\x03")
    house.turn()
    assert paper.read().endswith("prof@ClassCord> ")
    assert house.chat.message_log.watchers == 0


def test_watching_what_comes_faster_than_it_is_read(office: Office, house: House) -> None:
    """Lines wait for a slow reader, in order; only past a bound are some left out, and counted."""
    bob = house.member("bob")
    program, paper = office.sit_down()
    program.received(b"tail bob\r")
    house.turn()
    paper.full = Deferred()
    for number in range(HELD + 3):
        house.pass_time(1)
        bob.ask(say(f"number {number:03}"))
    assert "number" not in paper.read()
    full, paper.full = paper.full, None
    full.callback(None)
    shown = paper.read()
    assert re.findall(r"number (\d+)", shown) == [f"{number:03}" for number in range(HELD)]
    assert shown.endswith("… 3 lines were left out\r\n")
    bob.ask(say("as before"))
    assert "as before" in paper.read()
    paper.full = Deferred()
    bob.ask(say("not shown any more"))
    program.received(b"\x03")
    house.turn()
    paper.full.callback(None)
    assert "any more" not in paper.read()


def test_tracing_a_client(office: Office, house: House) -> None:
    """Its lines are shown as they go, passwords masked, with what is odd about them."""
    bob = house.member("bob")
    program, paper = office.sit_down()
    program.received(b"trace bob\r")
    house.turn()
    bob.ask(b'{"type":"login","username":"bob","password":"azerty","colour":1}\r\n')
    shown = paper.read()
    assert "azerty" not in shown
    assert "CRLF" in shown
    assert "colour" in shown
    program.lost()
    house.turn()
    assert bob.ask(say("x")) == []


def test_a_one_time_password_is_changed_first(office: Office, house: House) -> None:
    """Nothing else is to be had before; afterwards everything is."""
    house.one_time("admin", role=Role.OWNER)
    account = house.hub.state.account("admin")
    assert account is not None
    operator = Operator(name="admin", role=Role.OWNER, by="password", account_id=account.id, must_change=True)
    assert "change it first" in office.run("who", operator).err
    program, paper = office.sit_down(operator)
    assert "choose another one now" in paper.read()
    typed = (b"wrong", b"azerty", b"new-one", b"another", b"a", b"a", b"new-one", b"new-one")
    for line in typed:
        program.received(line + b"\r")
        house.turn()
    shown = paper.read()
    assert "not the same" in shown
    assert shown.count("The password that you came in with") == 1  # besides the first time: the old one was wrong
    assert b"not allowed" in paper.err
    assert "The password is changed." in shown
    program.received(b"who\r")
    house.turn()
    assert "admin" in paper.read()
    assert house.client().one({"type": "login", "username": "admin", "password": "new-one"})["role"] == "owner"


def test_the_python_prompt(office: Office, house: House) -> None:
    """Commands are functions, answers and refusals are shown, each line is in the trail; it can be turned off."""
    program, paper = office.sit_down()
    program.received(b"python\r")
    house.turn()
    lines = b"1+1\r", b"who()\r", b'kick("nobody", "10m", reason="x")\r', b'channel("#nowhere", slow="5m")\r'
    for line in lines:
        program.received(line)
        house.turn()
    shown = paper.read()
    assert "2" in shown
    assert "PeopleListed" in shown
    assert shown.count("refused: There is no") == 2
    program.received(b"\x04")
    house.turn()
    assert paper.read().endswith("prof@ClassCord> ")
    for line in (b"python\r", b"exit()\r"):
        program.received(line)
        house.turn()
    assert paper.read().endswith("prof@ClassCord> ")
    kept = [r for g in house.store.groups for c in g for r in c.records if isinstance(r, Audited)]
    assert [r.after for r in kept if r.action == "python"][1:2] == ['{"line":"1+1"}']
    office.manhole = False
    program.received(b"python\r")
    house.turn()
    assert b"You may not do that." in paper.err


@pytest.mark.parametrize("typed", ['"hunter2"', "'hunter2'", '"\\"hunter2"', "  f'hunter2'", '"hunter2'])
def test_a_password_at_the_python_prompt_is_in_no_trail(office: Office, house: House, typed: str) -> None:
    """It is an argument there; the line that is kept says that there was one."""
    program, _ = office.sit_down()
    program.received(b"python\r")
    house.turn()
    program.received(f'adduser("bob", password={typed})\r'.encode())
    house.turn()
    kept = [r for g in house.store.groups for c in g for r in c.records if isinstance(r, Audited)]
    lines = [r.after for r in kept if r.action == "python" and r.after]
    assert len(lines) == 1
    assert "password=" in lines[0]
    assert "***" in lines[0]
    assert "hunter2" not in "".join(map(repr, kept))


def test_nor_is_one_in_the_second_line_of_a_statement(office: Office, house: House) -> None:
    """Nor where the command has no place for it: what is wrong is kept as well."""
    program, _ = office.sit_down()
    program.received(b"python\r")
    house.turn()
    for typed in (b'passwd("bob",\r', b'"hunter2")\r', b'passwd("bob", "hunter2")\r'):
        program.received(typed)
        house.turn()
    kept = [r for g in house.store.groups for c in g for r in c.records if isinstance(r, Audited)]
    assert [r.after for r in kept if r.action == "python" and r.after] == [
        '{"line":"passwd***"}',
        '{"line":"***"}',
        '{"line":"passwd(\'bob\', ***)"}',
    ]


@pytest.mark.parametrize("typed", [b"", b"1+", b"if True:\r"])
def test_a_python_prompt_ends_when_it_is_switched_off(office: Office, house: House, typed: bytes) -> None:
    """Whatever has been typed there is not run; the console goes on."""
    program, paper = office.sit_down()
    program.received(b"python\r")
    house.turn()
    program.received(typed)
    house.turn()
    office.manhole = False
    office.tools.end_forbidden_prompts()
    house.turn()
    assert "has been switched off" in paper.read()
    assert office.tools.prompts == {}
    program.received(b"version\r")
    house.turn()
    assert "twisted" in paper.read(), paper.err


def test_no_line_is_run_after_the_switch(office: Office, house: House) -> None:
    """Also before anybody has looked which prompts are open."""
    program, paper = office.sit_down()
    program.received(b"python\r")
    house.turn()
    office.manhole = False
    program.received(b"6*7\r")
    house.turn()
    shown = paper.read()
    assert "has been switched off" in shown
    assert "42" not in shown
    assert office.tools.prompts == {}


def test_prompts_stay_while_they_are_allowed(office: Office, house: House) -> None:
    """A look changes nothing then; whoever goes takes their prompt along."""
    program, paper = office.sit_down()
    program.received(b"python\r")
    house.turn()
    office.tools.end_forbidden_prompts()
    program.received(b"6*7\r")
    house.turn()
    assert "42" in paper.read()
    assert len(office.tools.prompts) == 1
    program.lost()
    house.turn()
    assert office.tools.prompts == {}


def test_what_is_typed_at_the_python_prompt(office: Office, house: House) -> None:
    """Accents arrive whole, also in two reads; a resize leaves alone what stands above; a long paste is taken.

    What is typed behind the Ctrl-D is the console's.
    """
    program, paper = office.sit_down()
    program.received(b"python\r")
    house.turn()
    shown = len(paper.out)
    program.received(b"'zo" + "é".encode()[:1])
    program.received("é".encode()[1:] + b"'.upper()\r")
    house.turn()
    assert "ZOÉ" in paper.out.decode()
    program.resized(40, 10)
    assert b"\x1b[2J" not in paper.out[shown:]
    program.received(b"len('" + b"x" * 5_000 + b"')\r")
    while paper.paused:
        house.turn()
    assert "5000" in paper.read()
    program.received(b"\x04version\r")
    house.turn()
    assert "twisted" in paper.read()


def test_who_loses_the_role_loses_the_console(office: Office, house: House) -> None:
    """The open session of a password's operator ends when the account is another's no more."""
    house.account("mod", role=Role.MODERATOR)
    account = house.hub.state.account("mod")
    assert account is not None
    operator = Operator(name="mod", role=Role.MODERATOR, by="password", account_id=account.id)
    _, paper = office.sit_down(operator)
    office.run("role mod member")
    house.pass_time(3)
    assert paper.status == 1
    assert "Your rights have changed" in paper.read()
    assert office.run("who", operator).status == 1


async def _by_password(office: Office, name: str, password: str) -> Operator:
    return await office.logins.by_password(name, password, "10.9.9.9")


@pytest.mark.parametrize(
    ("role", "password", "may"),
    [("member", "azerty", False), ("moderator", "azerty", True), ("moderator", "x", False)],
)
def test_coming_in_by_a_password(office: Office, house: House, role: str, password: str, may: bool) -> None:
    """Whoever keeps order may, with the right one; others are told no more than that it failed."""
    from twisted.internet.defer import Deferred

    house.account("somebody", role=Role.of(role))
    outcome: list[object] = []
    Deferred.fromCoroutine(_by_password(office, "somebody", password)).addBoth(outcome.append)
    house.turn()
    if may:
        assert isinstance(outcome[0], Operator)
        assert (outcome[0].name, outcome[0].role, outcome[0].by) == ("somebody", Role.MODERATOR, "password")
    else:
        assert isinstance(outcome[0], Failure)
        assert outcome[0].check(LoginFailed)
        assert any("login-failed" in line for line in house.audit)
    assert house.hub.state.people == {}


@pytest.mark.parametrize("target", ["192.168.1.50", "192.168.1.0/24", "1"])
def test_tracing_somebody_who_is_nobody_yet(office: Office, house: House, target: str) -> None:
    """By the address, its network or the connection's number, from what is sent before any login on."""
    client = house.client("192.168.1.50")
    program, paper = office.sit_down()
    program.received(f"trace {target}\r".encode())
    house.turn()
    client.ask(b"{'type':'login','password':'azerty'}\n")
    shown = paper.read()
    assert "1 > {'type':'login','pass***  [not JSON]" in shown
    assert '1 < {"type":"error","code":"bad_json"' in shown
    program.received(b"q")
    house.turn()


@pytest.mark.parametrize(
    ("target", "said"),
    [("nobody", "no “nobody”"), ("999999", "no “999999”"), ("10.0.0.5/24", "write 10.0.0.5"), ("10.0.0", "no address")],
)
def test_nothing_to_trace(office: Office, house: House, target: str, said: str) -> None:
    """A name of nobody, a connection that is not there, and what is nearly an address."""
    refused = office.run(f"trace {target}")
    assert (refused.status, said in refused.err) == (1, True), refused


def test_an_account_that_is_away_is_waited_for(office: Office, house: House) -> None:
    """Its connections are shown when they come."""
    house.account("bob")
    program, paper = office.sit_down()
    program.received(b"trace bob\r")
    house.turn()
    paper.read()
    house.member("bob")
    assert '"status":"ok","username":"bob"' in paper.read()
    program.lost()
    house.turn()


def test_the_prompt_says_what_is_out_of_the_ordinary(office: Office, house: House) -> None:
    """A maintenance and an end under way: at the next prompt, and in the greeting, with how they are undone."""
    program, paper = office.sit_down()
    assert paper.read().endswith("prof@ClassCord> ")
    for line, prompt in (
        ("maintenance on Panne", "prof@ClassCord [maintenance]> "),
        ("shutdown 1h --yes", "prof@ClassCord [maintenance, stop]> "),
        ("shutdown cancel", "prof@ClassCord [maintenance]> "),
        ("restart 1h --yes", "prof@ClassCord [maintenance, restart]> "),
    ):
        program.received(f"{line}\r".encode())
        house.turn()
        assert paper.read().endswith(prompt)
    _, other = office.sit_down()
    greeting = other.read()
    assert "Maintenance: only moderators and above come in; `maintenance off` ends it. Reason: Panne" in greeting
    assert "The server restarts at 2026-11-20 21:36:2" in greeting
    assert "`shutdown cancel` calls it off." in greeting
    for line in ("cancel", "maintenance off"):
        program.received(f"{line}\r".encode())
        house.turn()
    assert paper.read().endswith("prof@ClassCord> ")
