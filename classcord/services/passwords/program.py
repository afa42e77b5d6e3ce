"""A program as an authenticator: one process a login, with a line of JSON for it and one from it.

Knows no shell: the command is a program and its arguments. docs/exploitation.md says what the program reads and writes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import msgspec
from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessDone, ProcessExitedAlready
from twisted.internet.interfaces import IDelayedCall, IProcessTransport
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.chat.errors import Busy
from classcord.chat.identity.vocabulary import DirectoryUnavailable
from classcord.chat.profiles.vouched import Profile
from classcord.chat.roles import Role
from classcord.chat.text import N_, Text, is_readable
from classcord.services.passwords.authenticator import Requester, Verdict, is_password
from classcord.services.process.turns import Turns

QUEUE = 2_000  # logins that may wait; beyond this, those of the busiest address fail with `busy`
OUTPUT_BYTES = 65_536
COMPLAINT_BYTES = 2_000  # of the standard error of one process, in the log
REST = 5.0  # seconds that a person whom it has failed is asked to wait
VERSION = 1
PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ")  # of our environment: it may have secrets that are not for this program


class LoginProgram(NamedTuple):
    """What is run: the program and its arguments, how long and how many at once, and the highest role that it gives."""

    command: tuple[str, ...]
    timeout: float
    at_once: int
    highest_role: Role


def fault(command: tuple[str, ...]) -> Text | None:
    """Return what is wrong with a command that could never be run; None if it may be right."""
    if command and not command[0].startswith("/"):
        words = N_(
            "[login_program] command: {program} must be an absolute path, such as /usr/local/bin/check-password."
        )
        return Text(words, {"program": command[0]})
    return None


def unusable(command: tuple[str, ...]) -> Text | None:
    """Return what is wrong with a command on this machine; None if it can be run."""
    if not command or os.access(command[0], os.X_OK):
        return None
    words = N_("[login_program] command: {program} is not there, or may not be executed.")
    return Text(words, {"program": command[0]})


class _Asked(msgspec.Struct):
    version: int
    name: str
    password: str
    address: str


class _Answered(msgspec.Struct):
    """What the program writes; fields that we do not know are passed over, for later versions."""

    valid: bool
    name: str | None = None
    role: str | None = None
    channels: tuple[str, ...] = ()
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None


class ProgramError(Exception):
    """The program has given no verdict; the text is for the log."""


class ProgramPasswords:
    """The program that the settings name now, if they name one."""

    log = Logger()

    def __init__(self, program: Callable[[], LoginProgram | None], reactor: Any) -> None:
        self._program = program
        self._reactor = reactor
        self._turns = Turns(32)
        self._at_once = 0
        self._running: set[_Conversation] = set()
        self._stopped = False

    @property
    def is_set(self) -> bool:
        return self._program() is not None

    def stop(self) -> None:
        """Answer no more logins, and end the processes that run."""
        self._stopped = True
        for each in tuple(self._running):
            each.give_up("the server stops")

    async def check(self, name: str, password: str, asker: Requester) -> Verdict:
        if not is_password(password):
            return Verdict(valid=False)
        program = self._program()
        if program is not None and program.at_once != self._at_once:  # the settings were read again
            self._turns, self._at_once = Turns(program.at_once), program.at_once
        work = partial(self._asked, name, password, asker)
        try:
            output: bytes = await self._turns.run(asker.source, asker.session, work, most=QUEUE)
            return _verdict(output, name, program.highest_role if program is not None else Role.MEMBER)
        except ProgramError as error:
            self.log.error("the login program gives no verdict: {why}", why=str(error))
            raise DirectoryUnavailable(retry_after=REST) from None

    def _asked(self, name: str, password: str, asker: Requester) -> Deferred[bytes]:
        """Run the program; the Deferred has its output, and fails if it has not ended well in time."""
        program = self._program()
        if self._stopped or program is None:
            return _failed(Busy(retry_after=REST))
        asked = _Asked(version=VERSION, name=name, password=password, address=str(asker.source))
        process = _Conversation(msgspec.json.encode(asked) + b"\n", self._complained)
        self._running.add(process)
        try:
            transport = self._reactor.spawnProcess(
                process, program.command[0], program.command, env=_environment(os.environ), path="/"
            )
        except OSError as error:
            self._running.discard(process)
            return _failed(ProgramError(f"{program.command[0]} cannot be started: {error.strerror}"))
        timer = self._reactor.callLater(program.timeout, process.give_up, f"no answer within {program.timeout:g} s")
        return process.begin(transport, timer).addBoth(self._ended, process)

    def _ended(self, outcome: Any, process: _Conversation) -> Any:
        self._running.discard(process)
        return outcome

    def _complained(self, line: str) -> None:
        self.log.warn("the login program says: {line}", line=line)


def _failed(error: Exception) -> Deferred[bytes]:
    result: Deferred[bytes] = Deferred()
    result.errback(error)
    return result


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    return {name: ours[name] for name in PASSED_ON if name in ours}


def _verdict(output: bytes, name: str, highest: Role) -> Verdict:
    """Return what an output means; ProgramError if it means nothing. A role above the highest is brought down to it."""
    try:
        answered = msgspec.json.decode(output, type=_Answered)
        role = Role.of(answered.role) if answered.role is not None else None
    except (ValueError, RecursionError, KeyError) as error:
        raise ProgramError(f"its output is not what it should be: {error}") from None
    if not answered.valid:
        return Verdict(valid=False)
    profile = Profile(
        name=answered.name or name,
        role=min(max(role, Role.MEMBER), highest) if role is not None else None,
        channels=answered.channels,
        first_name=answered.first_name,
        last_name=answered.last_name,
        email=answered.email,
    )
    return Verdict(valid=True, profile=profile)


class _Conversation(ProcessProtocol):
    """One process: it is given its question, and has a bounded time and a bounded output."""

    def __init__(self, question: bytes, complained: Callable[[str], None]) -> None:
        self._question = question
        self._complained = complained
        self._output = bytearray()
        self._complaint = bytearray()
        self._result: Deferred[bytes] = Deferred()
        self._process: IProcessTransport | None = None
        self._timer: IDelayedCall | None = None

    def begin(self, process: IProcessTransport, timer: IDelayedCall) -> Deferred[bytes]:
        self._process, self._timer = process, timer
        if self._result.called:
            timer.cancel()
        return self._result

    def connectionMade(self) -> None:  # noqa: N802
        assert self.transport is not None
        self.transport.write(self._question)
        self.transport.closeStdin()
        self._question = b""

    def outReceived(self, data: bytes) -> None:  # noqa: N802
        self._output += data
        if len(self._output) > OUTPUT_BYTES:
            self.give_up(f"more than {OUTPUT_BYTES} bytes of output")

    def errReceived(self, data: bytes) -> None:  # noqa: N802
        self._complaint += data[: COMPLAINT_BYTES - len(self._complaint)]

    def processEnded(self, reason: Failure) -> None:  # noqa: N802
        for line in self._complaint.decode(errors="replace").splitlines():
            self._complained("".join(c if is_readable(c) else "?" for c in line))
        self._complaint.clear()
        if reason.check(ProcessDone):
            self._over(bytes(self._output))
        else:
            code, number = getattr(reason.value, "exitCode", None), getattr(reason.value, "signal", None)
            self._over(
                ProgramError(f"it has ended by signal {number}" if code is None else f"its exit status is {code}")
            )

    def give_up(self, why: str) -> None:
        """End the process, whatever it does, and do not wait until it is gone."""
        process = self._process or self.transport
        if process is not None and not self._result.called:
            with suppress(ProcessExitedAlready):
                process.signalProcess("KILL")
            process.loseConnection()  # a child of it may hold our pipes open
        self._over(ProgramError(why))

    def _over(self, outcome: bytes | ProgramError) -> None:
        if self._result.called:
            return
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._output = bytearray()
        if isinstance(outcome, bytes):
            self._result.callback(outcome)
        else:
            self._result.errback(outcome)
