"""A program that checks passwords: what it is given, what its output means, and what bounds it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessDone, ProcessExitedAlready, ProcessTerminated
from twisted.internet.task import Clock
from twisted.logger import ILogObserver, LogEvent, formatEvent, globalLogPublisher
from twisted.python.failure import Failure
from zope.interface import implementer

from classcord.chat.errors import Busy
from classcord.chat.identity.vocabulary import DirectoryUnavailable
from classcord.chat.profiles.vouched import Profile
from classcord.chat.roles import Role
from classcord.services.passwords.authenticator import Requester, Verdict
from classcord.services.passwords.program import OUTPUT_BYTES, LoginProgram, ProgramPasswords, fault, unusable

COMMAND = ("/usr/local/bin/check", "--strict")


class FakeProcess:
    """A process as its protocol sees it, and as a test plays it."""

    def __init__(self, protocol: Any) -> None:
        self.protocol = protocol
        self.read = b""
        self.stdin_closed = self.lost = False
        self.signals: list[str] = []
        self.gone = False
        protocol.makeConnection(self)

    def write(self, data: bytes) -> None:
        self.read += data

    def closeStdin(self) -> None:
        self.stdin_closed = True

    def signalProcess(self, name: str) -> None:
        if self.gone:
            raise ProcessExitedAlready
        self.signals.append(name)

    def loseConnection(self) -> None:
        self.lost = True

    def says(self, output: bytes = b"", complaint: bytes = b"") -> None:
        self.protocol.outReceived(output)
        self.protocol.errReceived(complaint)

    def ends(self, status: int = 0) -> None:
        self.gone = True
        self.protocol.processEnded(Failure(ProcessTerminated(exitCode=status) if status else ProcessDone(0)))


class FakeReactor(Clock):
    def __init__(self) -> None:
        super().__init__()
        self.spawned: list[tuple[FakeProcess, str, tuple[str, ...], dict[str, str]]] = []
        self.failure: OSError | None = None

    def spawnProcess(self, protocol: Any, executable: str, args: Any, env: Any, path: str) -> FakeProcess:
        if self.failure is not None:
            raise self.failure
        assert path == "/"
        process = FakeProcess(protocol)
        self.spawned.append((process, executable, args, env))
        return process


class House:
    def __init__(self) -> None:
        self.reactor = FakeReactor()
        self.program: LoginProgram | None = LoginProgram(COMMAND, 5, 2, Role.MODERATOR)
        self.passwords = ProgramPasswords(lambda: self.program, self.reactor)
        self._count = 0

    def login(self, name: str = "lea", password: str = "azerty") -> list[Any]:
        outcome: list[Any] = []
        self._count += 1
        checking = Deferred.fromCoroutine(self.passwords.check(name, password, Requester("10.0.0.1", self._count)))
        checking.addCallbacks(outcome.append, lambda failure: outcome.append(failure.value))
        return outcome

    @property
    def process(self) -> FakeProcess:
        return self.reactor.spawned[-1][0]


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def logged() -> Any:
    lines: list[str] = []

    @implementer(ILogObserver)
    def note(event: LogEvent) -> None:
        if "login program" in str(event.get("log_format")):
            lines.append(str(formatEvent(event)))

    globalLogPublisher.addObserver(note)
    yield lines
    globalLogPublisher.removeObserver(note)


def test_the_program_is_told_who_wants_to_log_in(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """By one line of JSON, with nothing of the password in its arguments, and little of our environment."""
    monkeypatch.setenv("SECRET", "of the server")
    monkeypatch.setenv("PATH", "/usr/bin")
    house.login("léa", 'a"b\n')
    process, executable, arguments, environment = house.reactor.spawned[0]
    assert (executable, arguments) == (COMMAND[0], COMMAND)
    assert process.read.endswith(b"\n")
    assert process.read.count(b"\n") == 1
    assert json.loads(process.read) == {"version": 1, "name": "léa", "password": 'a"b\n', "address": "10.0.0.1"}
    assert process.stdin_closed
    assert environment["PATH"] == "/usr/bin"
    assert "SECRET" not in environment


@pytest.mark.parametrize(
    ("output", "verdict"),
    [
        (b'{"valid":false}', Verdict(valid=False)),
        (b'{"valid":true}\n', Verdict(valid=True, profile=Profile(name="lea"))),
        (
            b'{"valid":true,"name":"Lea","role":"moderator","channels":["A"],"first_name":"L","later":1}',
            Verdict(True, profile=Profile(name="Lea", role=Role.MODERATOR, channels=("A",), first_name="L")),
        ),
        (b'{"valid":true,"role":"owner"}', Verdict(True, profile=Profile(name="lea", role=Role.MODERATOR))),
        (b'{"valid":true,"role":"guest"}', Verdict(True, profile=Profile(name="lea", role=Role.MEMBER))),
    ],
)
def test_its_output_is_the_verdict(house: House, output: bytes, verdict: Verdict) -> None:
    """With a role that is never above the highest, and with fields that a later version may have."""
    outcome = house.login()
    house.process.says(output[:7])
    house.process.says(output[7:])
    house.process.ends()
    assert outcome == [verdict]


@pytest.mark.parametrize(
    "output",
    [
        b"",
        b"yes",
        b"[]",
        b"{}",
        b'{"valid":1}',
        b'{"valid":true,"role":"king"}',
        b'{"valid":true}{"valid":true}',
        b"\xff",
    ],
)
def test_garbage_is_no_verdict(house: House, logged: list[str], output: bytes) -> None:
    """The login fails with `busy`, the log says what is wrong, and nothing of the password."""
    outcome = house.login()
    house.process.says(output)
    house.process.ends()
    assert isinstance(outcome[0], DirectoryUnavailable)
    assert outcome[0].code == "busy"
    (line,) = logged
    assert "azerty" not in line


def test_an_exit_status_is_no_verdict(house: House, logged: list[str]) -> None:
    """Whatever it has written before; what it has complained of is in the log, without control characters."""
    outcome = house.login()
    house.process.says(b'{"valid":true}', b"cannot \x1b[31mreach\nthe SSO\n")
    house.process.ends(status=3)
    assert isinstance(outcome[0], DirectoryUnavailable)
    assert [line.partition("says: ")[2] for line in logged[:2]] == ["cannot ?[31mreach", "the SSO"]


def test_a_program_that_is_silent_is_killed(house: House, logged: list[str]) -> None:
    """After its time; nobody waits for its end, and its place is free."""
    outcomes = [house.login() for _ in range(3)]
    assert len(house.reactor.spawned) == 2
    house.reactor.advance(5)
    assert [isinstance(outcome[0], DirectoryUnavailable) for outcome in outcomes[:2]] == [True, True]
    assert [(process.signals, process.lost) for process, *_ in house.reactor.spawned[:2]] == [(["KILL"], True)] * 2
    assert len(house.reactor.spawned) == 3
    assert "no answer within 5 s" in logged[0]
    house.reactor.spawned[0][0].ends(status=9)
    house.process.says(b'{"valid":false}')
    house.process.ends()
    assert outcomes[2] == [Verdict(valid=False)]
    assert house.reactor.getDelayedCalls() == []


def test_a_flood_is_ended(house: House) -> None:
    """More output than any verdict has."""
    outcome = house.login()
    house.process.says(b" " * OUTPUT_BYTES)
    assert outcome == []
    house.process.says(b" ")
    assert isinstance(outcome[0], DirectoryUnavailable)
    assert house.process.signals == ["KILL"]
    house.process.says(b" " * OUTPUT_BYTES, b"x" * 100_000)


def test_a_process_that_is_gone_is_not_killed(house: House) -> None:
    """Its end may be heard later than its silence."""
    outcome = house.login()
    house.process.gone = True
    house.reactor.advance(5)
    assert isinstance(outcome[0], DirectoryUnavailable)


def test_what_cannot_be_started_is_no_verdict(house: House, logged: list[str]) -> None:
    """A machine that has no processes left, say."""
    house.reactor.failure = OSError(11, "Resource temporarily unavailable")
    assert isinstance(house.login()[0], DirectoryUnavailable)
    assert "/usr/local/bin/check cannot be started" in logged[0]


@pytest.mark.parametrize("password", ["", "a\0b", "\ud800"])
def test_what_is_no_password_starts_nothing(house: House, password: str) -> None:
    """Whoever writes the program need not think of an empty one, a NUL, or half a character."""
    assert house.login(password=password) == [Verdict(valid=False)]
    assert house.reactor.spawned == []


def test_settings_that_were_read_again_count(house: House) -> None:
    """How many run at once, and that none runs any more."""
    house.program = LoginProgram(COMMAND, 5, 3, Role.MEMBER)
    for _ in range(4):
        house.login()
    assert len(house.reactor.spawned) == 3
    house.program = None
    assert not house.passwords.is_set
    late = house.login()
    for process, *_ in list(house.reactor.spawned):
        process.ends(status=1)
    assert isinstance(late[0], Busy)


def test_a_server_that_stops_ends_them(house: House) -> None:
    """Those that run, and those that waited."""
    outcomes = [house.login() for _ in range(3)]
    house.passwords.stop()
    assert [type(outcome[0]) for outcome in outcomes] == [DirectoryUnavailable, DirectoryUnavailable, Busy]
    assert house.process.signals == ["KILL"]


def test_a_command_is_an_absolute_path_that_may_be_executed() -> None:
    """Else the server does not start: where it is started from must not matter."""
    assert fault(("check",)) is not None
    assert fault(COMMAND) is fault(()) is None
    assert unusable(("/no/such/program",)) is not None
    assert unusable(("/bin/sh",)) is unusable(()) is None
