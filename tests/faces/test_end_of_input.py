"""The end of a console's input: what was sent before it is run, what waits for an answer is refused, then it ends."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock
from twisted.logger import capturedLogs

from classcord.chat.roles import Operator, Role
from classcord.console.carrier import Environment, Program
from classcord.console.lineedit.line import MAX_LINE
from classcord.console.script import LONGEST_INPUT
from tests.harness import House
from tests.office import OWNER, Office, Paper

TWELVE = [f"create #salon{number}" for number in range(12)]


def sit(office: Office, data: bytes, *, pieces: int = 1_000_000) -> tuple[Program, Paper]:
    """Start a console at a terminal, send all of a file to it at once, and end its input."""
    paper = Paper()
    program = office.start(OWNER, "10.9.9.9", paper, Environment(terminal=True, term="xterm", colour=False), None)
    for at in range(0, len(data), pieces):
        program.received(data[at : at + pieces])
    program.input_ended()
    office.house.turn()
    office.house.pass_time(1)
    office.house.turn()
    return program, paper


def channels(house: House) -> set[str]:
    return {name for name in house.hub.state.channels if name.startswith("salon")}


@pytest.mark.parametrize("pieces", [1, 7, 1_000_000])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["with its line end", "without"])
def test_every_command_before_the_end_is_run(office: Office, house: House, pieces: int, end: str, last: str) -> None:
    """All twelve, with the line ends of any system, the last one without its own as well."""
    data = end.join(TWELVE) + (end if last != "without" else "")
    _, paper = sit(office, data.encode(), pieces=pieces)
    assert channels(house) == {f"salon{number}" for number in range(12)}
    assert paper.status == 0
    assert house.chat.connections == {}


def test_nothing_at_all(office: Office, house: House) -> None:
    """An empty file is no fault, and no command."""
    _, paper = sit(office, b"")
    assert (paper.status, house.chat.connections) == (0, {})


@pytest.mark.parametrize(
    ("file", "status"),
    [
        ("version\nwho\n", 0),
        ("version\nfly\nwho\n", 2),
        ("kick nobody\n", 1),
        ("fly\nkick nobody\n", 1),
        ("kick nobody\nfly", 2),
        ("# a comment\n\nversion\n", 0),
        ("version\nexit\nfly\n", 0),
        ("fly\nexit\n", 2),
    ],
)
def test_the_status_is_of_the_last_that_failed(office: Office, house: House, file: str, status: int) -> None:
    """As without a terminal: 0 says that each of them was done."""
    _, paper = sit(office, file.encode())
    assert paper.status == status
    program, piped = office.begin(None)
    program.received(file.encode())
    program.input_ended()
    house.turn()
    assert piped.status == status


def test_a_file_larger_than_what_may_be_typed_ahead(office: Office, house: House) -> None:
    """Thousands of lines, comments and mistakes among them, are neither lost nor a call deep each."""
    lines = [f"# {number}\nfly {'x' * 60}" for number in range(2_000)]
    _, paper = sit(office, ("\n".join([*lines, TWELVE[0]])).encode())
    assert paper.err.count(b"there is no command") == 2_000
    assert channels(house) == {"salon0"}
    assert paper.status == 2


def test_a_line_too_long_is_not_run_in_part(office: Office, house: House) -> None:
    """What of it there is room for is not what was meant; the next one is run."""
    _, paper = sit(office, b"say " + b"x" * (MAX_LINE + 1) + b"\n" + TWELVE[0].encode() + b"\n")
    assert b"too long" in paper.err
    assert office.run("history --json").out == "[]\n"
    assert channels(house) == {"salon0"}
    assert paper.status == 2


@pytest.mark.parametrize("answer", ["", "y", "n\n"])
def test_a_question_without_an_answer_is_refused(office: Office, house: House, answer: str) -> None:
    """The end is no yes, and half a line none either."""
    house.member("bob")
    _, paper = sit(office, f"ban bob\n{answer}".encode())
    assert house.hub.state.person("bob")
    assert paper.status == 2


def test_a_question_that_is_answered_is_answered(office: Office, house: House) -> None:
    """A file may hold the answer, as whoever sits there would type it; what follows is run."""
    house.member("bob")
    _, paper = sit(office, f"ban bob\ny\n{TWELVE[0]}\n".encode())
    assert house.hub.state.person("bob") is None
    assert channels(house) == {"salon0"}
    assert paper.status == 0


@pytest.mark.parametrize("typed", ["", "hunter2"])
def test_a_password_that_is_not_entered_is_none(office: Office, house: House, typed: str) -> None:
    """No account is made with half of it."""
    _, paper = sit(office, f"adduser alice\n{typed}".encode())
    assert house.hub.state.account("alice") is None
    assert paper.status == 1


@pytest.mark.parametrize("view", ["tail", "top", "trace bob"])
def test_what_goes_on_until_it_is_stopped_ends_with_the_input(office: Office, house: House, view: str) -> None:
    """The commands behind it are run."""
    house.member("bob")
    _, paper = sit(office, f"{view}\n{TWELVE[0]}\n".encode())
    assert paper.status == 0
    assert channels(house) == {"salon0"}
    assert (house.chat.message_log.watchers, house.chat.connections.keys() & {2}) == (0, set())


@pytest.mark.parametrize("view", ["tail", "top", "trace bob"])
def test_an_end_while_something_is_watched(office: Office, house: House, view: str) -> None:
    """It comes later than the command, and ends it."""
    house.member("bob")
    program, paper = office.sit_down()
    program.received(f"{view}\r".encode())
    house.turn()
    program.input_ended()
    house.turn()
    assert (paper.status, house.chat.message_log.watchers) == (0, 0)


def test_an_end_in_the_middle_of_a_question(office: Office, house: House) -> None:
    """It comes while the question stands there."""
    house.member("bob")
    program, paper = office.sit_down()
    program.received(b"ban bob\r")
    house.turn()
    program.input_ended()
    house.turn()
    assert (paper.status, bool(house.hub.state.person("bob"))) == (2, True)


@pytest.mark.parametrize(
    ("command", "status"), [("who", 0), ("fly", 2), ("ban bob", 2), ("adduser alice", 1), ("tail", 0)]
)
def test_one_command_at_a_terminal_whose_input_ends(office: Office, house: House, command: str, status: int) -> None:
    """`ssh -tt host who </dev/null`: it is run, its questions are refused."""
    house.member("bob")
    program, paper = office.begin(command, terminal=True, term="xterm", colour=False)
    program.input_ended()
    house.turn()
    assert paper.status == status
    assert house.hub.state.person("bob")


def test_ctrl_c_ends_one_command_at_a_terminal(office: Office, house: House) -> None:
    """`ssh -t host tail` ends with Ctrl-C, and with q; no prompt is shown."""
    for key in (b"\x03", b"q"):
        program, paper = office.begin("tail", terminal=True, term="xterm", colour=False)
        program.received(key)
        house.turn()
        assert (paper.status, house.chat.message_log.watchers) == (0, 0)
        assert b"prof@" not in paper.out


def test_a_connection_that_ends_while_it_is_greeted_is_no_fault(office: Office, house: House) -> None:
    """The welcome asks for what waits; whoever leaves meanwhile, at whatever moment, leaves no fault in the log."""
    for end in ("lost", "input_ended"):
        for moment in range(12):
            program = office.start(OWNER, "", Paper(), Environment(terminal=True, term="xterm"), None)
            with capturedLogs() as events:
                for _ in range(moment):
                    step(house.clock)
                getattr(program, end)()
                house.turn()
            assert [event for event in events if "log_failure" in event] == [], (end, moment)
            assert house.chat.connections == {}


def step(clock: Clock) -> None:
    """Let one thing happen of those that are due."""
    if clock.calls:
        call = clock.calls.pop(0)
        call.called = 1
        call.func(*call.args, **call.kw)


def test_a_one_time_password_that_is_not_changed(office: Office, house: House) -> None:
    """The end of the input is no new password: nothing else may be done, and the status says so."""
    house.account("admin", role=Role.OWNER)
    account = house.hub.state.account("admin")
    assert account is not None
    account.must_change = True
    someone = Operator(name="admin", role=Role.OWNER, by="password", account_id=account.id, must_change=True)
    for end in (b"\x03", None):
        program, paper = office.sit_down(someone)
        program.received(end) if end else program.input_ended()
        house.turn()
        assert paper.status == 1


def test_a_prompt_of_python_ends_with_the_input(office: Office, house: House) -> None:
    """It comes back to the console, whose next commands are run."""
    program, paper = office.sit_down()
    program.received(b"python\r")
    house.turn()
    program.received(b"1+1\r")
    house.turn()
    program.input_ended()
    house.turn()
    assert paper.status == 0


def test_a_file_of_windows_by_a_pipe(office: Office, house: House) -> None:
    """Its mark and its line ends are no part of the commands."""
    program, paper = office.begin(None)
    program.received("\ufeffversion\r\nwho\r\n".encode())
    program.input_ended()
    house.turn()
    assert (paper.status, paper.err) == (0, b"")


# -- without a terminal: a script --------------------------------------------------------------------------------------

LIVE = ["tail", "trace bob"]


@pytest.mark.parametrize("view", [*LIVE, "top"])
@pytest.mark.parametrize("later", [False, True])
def test_a_view_in_a_script_ends_with_the_input(office: Office, house: House, view: str, later: bool) -> None:
    """Whether the end is there already or comes while it is watched; the commands behind it are run."""
    house.member("bob")
    program, paper = office.begin(None)
    program.received(f"{view}\n{TWELVE[0]}\n{view}\n{TWELVE[1]}".encode())
    if later:
        house.turn()
        assert channels(house) == (set() if view in LIVE else {"salon0"})
    program.input_ended()
    house.turn()
    assert (paper.status, channels(house), house.chat.message_log.watchers) == (0, {"salon0", "salon1"}, 0)
    assert house.chat.connections.keys() == {1}


@pytest.mark.parametrize("view", LIVE)
def test_a_view_in_a_script_goes_on_while_the_input_is_open(office: Office, house: House, view: str) -> None:
    """It shows what happens, and is left when the connection is lost: nothing behind it is run."""
    bob = house.member("bob")
    program, paper = office.begin(None)
    program.received(f"{view}\n{TWELVE[0]}\n".encode())
    house.turn()
    bob.ask({"type": "ping"}, {"type": "message", "content": "Bonjour"})
    house.turn()
    assert paper.out
    program.lost()
    house.turn()
    assert (channels(house), house.chat.message_log.watchers, set(house.chat.connections)) == (set(), 0, {1})


@pytest.mark.parametrize("view", LIVE)
def test_a_view_before_a_long_rest_of_a_script(office: Office, house: House, view: str) -> None:
    """What waits behind it is more than is read ahead, so that the end of the input would never be reached."""
    house.member("bob")
    program, paper = office.begin(None)
    program.received(f"{view}\n".encode() + b"# a comment\n" * LONGEST_INPUT)
    house.turn()
    assert not paper.paused
    program.received(TWELVE[0].encode())
    program.input_ended()
    house.turn()
    assert (paper.status, channels(house), house.chat.message_log.watchers) == (0, {"salon0"}, 0)


@pytest.mark.parametrize("view", LIVE)
def test_a_view_as_the_one_command_goes_on_without_input(office: Office, house: House, view: str) -> None:
    """`ssh -n server tail >file` follows until the connection ends."""
    bob = house.member("bob")
    program, paper = office.begin(view)
    program.input_ended()
    house.turn()
    assert (paper.status, paper.out) == (None, b"")
    bob.ask({"type": "message", "content": "Bonjour"})
    house.turn()
    assert b"Bonjour" in paper.out or view == "tail"
    assert paper.out
    program.lost()
    house.turn()
    assert (house.chat.message_log.watchers, set(house.chat.connections)) == (0, {1})
