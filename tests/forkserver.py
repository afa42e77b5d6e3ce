"""Starts `twistd` and `classcord` without their imports: one process has made them, and becomes what a test starts.

With the catalogues they take most of a start's processor time, and the suite starts some two hundred servers. What is
forked is a process like any other: it has a session, a folder, an environment, and prints where it is told. Tests of
what comes before the imports execute the interpreter themselves (`execute` of tests/server.py), and so do the benches.
A forked server does all that a server does until its exit handlers have run; then it does not take apart the
interpreter, module by module, which would take as long as its start.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.server import ROOT

_LARGEST = 100_000  # bytes of a request: arguments and an environment
_FORKING = "from tests.forkserver import become, run; run(become())"


class Forked:
    """A process that was forked; the part of subprocess.Popen that tests need."""

    def __init__(self, told: int) -> None:
        """`told` is a pipe that says the process's number, and at its end its exit status."""
        self._told = os.fdopen(told, encoding="ascii")
        self._status: int | None = None
        self.pid = int(self._told.readline())

    def poll(self) -> int | None:
        """Return the exit status, if it has ended."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return its exit status, a signal's as a negative number."""
        if self._status is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a forked process", timeout or 0)
            self._status = int(self._told.readline())
            self._told.close()
        return self._status


class Forkserver:
    """The process that forks; it is started when it is first needed, and ends with this one."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """`environment` is what the interpreter begins with, where Python reads it only once."""
        self._environment = environment
        self._socket: socket.socket | None = None

    def start(self, command: Sequence[str], folder: Path, environment: Mapping[str, str], out: int, err: int) -> Forked:
        """Start an interpreter with `-c`, a program and arguments in a folder; it prints to two open files."""
        if self._socket is None:
            self._socket = self._begun()
        request = {"command": command, "folder": str(folder), "environment": dict(environment)}
        told, telling = os.pipe()
        socket.send_fds(self._socket, [json.dumps(request).encode()], [out, err, telling])
        os.close(telling)
        return Forked(told)

    def _begun(self) -> socket.socket:
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-c", _FORKING]
        self._process = subprocess.Popen(
            command, env=self._environment, stdin=its.fileno(), cwd=ROOT, start_new_session=True
        )
        its.close()
        return ours

    def close(self) -> None:
        """End it; what was forked goes on."""
        if self._socket is not None:
            self._socket.close()
            self._process.wait()


# -- in the process that forks ----------------------------------------------------------------------------------------


def become() -> str:
    """Fork a process for each request on standard input; return in it, as what is to run a program, and which one."""
    atexit.register(_leave)  # the first one is called last

    from twisted.application.service import IServiceMaker
    from twisted.plugin import getPlugins
    from twisted.scripts import twistd  # noqa: F401

    from classcord import tap  # noqa: F401 (it imports the reactor, by conch)
    from classcord.cli.ctl import run  # noqa: F401
    from classcord.language import LANGUAGES, catalogue
    from classcord.server.web import page
    from classcord.services.passwords.local import CONTEXT, nobodys_digest
    from classcord.settings.reading import read

    read()  # a file of its own is read by each server; what is worked out once is the shape of the settings
    list(getPlugins(IServiceMaker))  # each server looks for its plugin again, and finds all modules imported
    page()  # compressed
    nobodys_digest(CONTEXT)
    for language in LANGUAGES:
        catalogue(language)
    signal.signal(signal.SIGCHLD, _reap)
    gc.freeze()
    with socket.socket(fileno=os.dup(0)) as requests:
        while True:
            request, files, _, _ = socket.recv_fds(requests, _LARGEST, 3)
            if not request:
                sys.exit()
            if not os.fork():
                break
            for each in files:
                os.close(each)
    out, err, telling = files
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    _have(out, err)
    if pid:
        _tell_the_end(pid, telling)
    os.close(telling)
    return _begin(**json.loads(request))


def run(program: str) -> None:
    """Run a program, and remember with which status the process is to end."""
    try:
        exec(program, {})
    except SystemExit as ended:
        _ending.status = 0 if ended.code is None else ended.code if isinstance(ended.code, int) else 1
        raise
    _ending.status = 0


class _Ending:
    status = 1  # of an exception that nobody catches


_ending = _Ending()


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_ending.status)


def _reap(_number: int, _frame: object) -> None:
    """Take note of the end of those that wait for a server; what they have cost is then in `time make test`."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _have(out: int, err: int) -> None:
    """Print to these files, and read from none."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, out, err)):
        os.dup2(file, number)
        os.close(file)


def _tell_the_end(pid: int, telling: int) -> None:
    """Tell the number of a process, wait, and tell its exit status."""
    os.closerange(0, 3)  # what a server prints has its end when the server ends
    os.write(telling, b"%d\n" % pid)
    _, status = os.waitpid(pid, 0)
    os.write(telling, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _begin(command: list[str], folder: str, environment: dict[str, str]) -> str:
    """Become like an interpreter that was executed in this folder with this environment; return its program."""
    from twisted.internet import reactor

    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[1:] = command[3:]
    sys.orig_argv[:] = command  # with which a server executes itself anew
    reactor.__init__()  # type: ignore[misc]  # it has waited for events with the others' files
    return command[2]
