"""A question is asked of who may do what it is about: all commands, for all roles."""

from __future__ import annotations

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import AddUser, CheckHere, Passwd
from classcord.chat.passwords import ELSEWHERE
from classcord.chat.roles import Operator, Permission, Role
from classcord.chat.subjects import COMMANDS
from classcord.console.welcome import TRIES
from tests.harness import House
from tests.office import Office, Paper, operator

LINES = {
    "ban": "ban bob",
    "deluser": "deluser bob",
    "erase": "erase bob",
    "delchannel": "delchannel #dev",
    "delete": "delete 1",
    "shutdown": "shutdown 1h",
    "restart": "restart 1h",
    "adduser": "adduser zoe",
    "passwd": "passwd bob",
    "password-elsewhere": "password-elsewhere bob",
    "password-here": "password-here vouched",
}
ASKING = {name: (line, (COMMANDS[name].permission,)) for name, line in LINES.items()} | {
    "ban an address": ("ban 10.1.1.1", (Permission.BAN, Permission.BAN_NETWORK)),
    "ban a network": ("ban 10.1.1.0/24", (Permission.BAN, Permission.BAN_NETWORK)),
    "ban and delete": ("ban bob --delete-account", (Permission.BAN, Permission.MANAGE_ACCOUNTS)),
}


def typed(office: Office, line: str, role: Role) -> Paper:
    program, paper = office.sit_down(operator("surveillante", role))
    paper.read()
    program.received(line.encode() + b"\r")
    office.house.turn()
    return paper


def asks(paper: Paper) -> bool:
    shown = paper.out.decode()
    return "Go on?" in shown or "Password (empty" in shown


def test_every_command_that_asks_is_here() -> None:
    """One that is made later stands in the table, or this fails."""
    asking = {name for name, kind in COMMANDS.items() if kind.destructive or kind in {AddUser, CheckHere, Passwd}}
    assert asking == LINES.keys()


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("command", ASKING)
def test_who_may_not_is_not_asked(office: Office, house: House, command: str, role: Role) -> None:
    """The refusal comes first, and is in the trail; who may is asked."""
    house.account("bob")
    house.account("vouched", digest=ELSEWHERE)
    house.hub.set_policy(msgspec.structs.replace(house.hub.policy, other_logins=True))
    line, needed = ASKING[command]
    may = all(house.hub.role_may(role, permission) for permission in needed)
    paper = typed(office, line, role)
    assert asks(paper) is may
    assert (b"You may not do that." in paper.err) is not may
    assert house.hub.state.account("bob") is not None


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - LINES.keys()))
def test_what_asks_nothing_asks_nothing_of_anybody(office: Office, command: str, role: Role) -> None:
    """Whether one may or not."""
    assert not asks(typed(office, command, role))


@pytest.mark.parametrize("line", ["ban bob 0", "ban 10.1.1.1 0", "ban bob 0s", "mute bob 0", "kick bob 0"])
@pytest.mark.parametrize("how", ["asked", "--yes"])
def test_a_sanction_of_no_time_is_none(office: Office, house: House, line: str, how: str) -> None:
    """It is refused before anything is asked, and says what would be right."""
    house.account("bob")
    house.member("carl")
    paper = typed(office, line if how == "asked" else f"{line} --yes", Role.OWNER)
    assert not asks(paper)
    assert b"leave the duration out" in paper.err
    assert not house.hub.state.sanctions


@pytest.mark.parametrize(
    "line", ["ban boss", "ban boss 1h", "deluser boss", "passwd boss", "deluser nobody", "adduser zoe owner"]
)
def test_a_rank_is_asked_before_the_question(office: Office, house: House, line: str) -> None:
    """Who may not act on somebody, or on nobody, is told so at once."""
    house.account("boss", role=Role.OWNER)
    house.account("bob")
    paper = typed(office, line, Role.ADMIN)
    assert not asks(paper)
    assert paper.err
    allowed = line.replace("boss", "bob").replace("nobody", "bob").replace("owner", "member")
    assert asks(typed(office, allowed, Role.ADMIN))


@pytest.mark.parametrize("line", ["password-here bob", "password-elsewhere vouched", "password-elsewhere bob"])
def test_what_changes_nothing_is_not_asked(office: Office, house: House, line: str) -> None:
    """A password that is where it would go, or that nothing could check there."""
    house.account("bob")
    house.account("vouched", digest=ELSEWHERE)
    paper = typed(office, line, Role.OWNER)
    assert not asks(paper)
    assert ("It is so already" in paper.err.decode()) is (line != "password-elsewhere bob")
    assert ("[login_program]" in paper.err.decode()) is (line == "password-elsewhere bob")


@pytest.mark.parametrize("topic", ["exit", "quit", "logout", "help", "?", "clear", "cls"])
def test_help_knows_the_words_of_the_console(office: Office, topic: str) -> None:
    """They are no requests, and are explained all the same."""
    shown = office.run(f"help {topic}")
    assert (shown.status, shown.err) == (0, "")
    assert topic in shown.out.partition("\n\n")[2]


def test_too_many_tries_to_change_a_password(office: Office, house: House) -> None:
    """The last line says that it is over, and what helps."""
    house.one_time("admin", role=Role.OWNER)
    account = house.hub.state.account("admin")
    assert account is not None
    someone = Operator(name="admin", role=Role.OWNER, by="password", account_id=account.id, must_change=True)
    program, paper = office.sit_down(someone)
    for _ in range(TRIES):
        assert paper.status is None
        program.received(b"wrong\r")
        house.turn()
    assert "New password" not in paper.out.decode()  # a wrong one is refused before another one is typed twice
    assert paper.status == 1
    assert "Too many tries: the connection is closed." in paper.out.decode()
    assert "classcord ctl passwd admin" in paper.out.decode()
