"""Where log events go: DATA/log/classcord.log, the console, systemd's journal, and files that can be reopened.

Knows events, not what they are about. A user's text never puts control characters into a line.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO, cast

from twisted.logger import (
    FilteringLogObserver,
    ILogObserver,
    LogEvent,
    Logger,
    LogLevel,
    LogLevelFilterPredicate,
    formatEvent,
    globalLogPublisher,
)
from zope.interface import implementer

from classcord.chat.limits import Sparing
from classcord.chat.text import readable
from classcord.chat.times import rfc3339
from classcord.durable import identity
from classcord.wire.json_text import json_text

AT_ONCE = 2_000  # lines of one kind: a whole school that logs in
A_SECOND = 0.5  # and on average; limits what a stranger can cause
FAILURES_AT_ONCE = 50  # tracebacks from one place in the code
FAILURES_A_SECOND = 1 / 60
ALL_AT_ONCE = 10_000
ALL_A_SECOND = 5.0
TOLD_EVERY = 600.0  # seconds between two reports of how many lines were left out
TOLD = 20  # kinds in such a report; the others are counted together
LONGEST = 4_096  # characters of an event's text

MESSAGE = "session {session}: {name} -> {to}: {content}"
"""The format of a chat message's event; it is logged only if the settings ask for it."""


class LogFile:
    """A file to which lines are appended; only its owner can read it."""

    RESCUED = 1_048_576  # at most so many bytes of a removed file are copied to the new one

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open()

    def __str__(self) -> str:
        return str(self._path)

    def _open(self) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", buffering=1)
        self._kept = self._size()  # the file's size when it was last seen at its path

    def _size(self) -> int:
        with suppress(OSError):
            return os.fstat(self._file.fileno()).st_size
        return 0

    def write(self, text: str) -> None:
        with suppress(OSError):  # a full disk must not stop the chat; the chat's journal reports it
            self._file.write(text)

    def look(self) -> bool:
        """If the file was removed or renamed, continue in a new one; return whether that was so.

        The new file begins with what was written since the removal. OSError if no new file can be created.
        """
        if identity(self._path) == identity(self._file.fileno()):
            self._kept = self._size()
            return False
        lost = self._lost()
        self.reopen()
        self.write(lost)
        return True

    def _lost(self) -> str:
        """Return what nobody can read any more: the last lines of a removed file."""
        handle = self._file.fileno()
        try:
            status = os.fstat(handle)
            if status.st_nlink:
                return ""
            begin = max(self._kept, status.st_size - self.RESCUED)
            return os.pread(handle, status.st_size - begin, begin).decode("utf-8", "replace")
        except OSError:  # a pipe, or a file that was opened only for writing
            return ""

    def reopen(self) -> None:
        """Continue in a new file after the old one was renamed; if that fails, continue in the old one."""
        old = self._file
        self._open()
        _close(old)

    def close(self) -> None:
        _close(self._file)


class LogFiles:
    """The log files of one folder: operations, and the audit log. OSError if they cannot be opened."""

    log = Logger()

    def __init__(self, folder: Path) -> None:
        self.operations = LogFile(folder / "classcord.log")
        self.audit = LogFile(folder / "audit.log")
        self._missing: set[LogFile] = set()

    def reopen(self) -> None:
        """Continue in new files; a file that cannot be opened again continues as it is."""
        for file in (self.operations, self.audit):
            try:
                file.reopen()
            except OSError as error:
                self.log.error("{file} cannot be opened again, the old file stays in use: {why}", file=file, why=error)

    def look(self) -> None:
        """Continue in new files within a second if the old ones are no longer at their paths."""
        for file in (self.operations, self.audit):
            try:
                moved = file.look()
            except OSError as error:
                # only the first failure of a series is logged, to the logs that still work
                if file not in self._missing:
                    self.log.error("{file} is gone and cannot be made again: {why}", file=file, why=error)
                    self._missing.add(file)
                continue
            self._missing.discard(file)
            if moved:
                self.log.warn("{file} had been moved or removed; it goes on in a new file", file=file)

    def close(self) -> None:
        self.operations.close()
        self.audit.close()


def _close(file: TextIO) -> None:
    with suppress(OSError):  # if the disk is full, the last line is lost, but the file is closed all the same
        file.close()


class SystemdJournal:
    """systemd's journal, which reads what is written to a standard stream; it adds the time itself."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, text: str) -> None:
        rest = text.encode(errors="backslashreplace")
        with suppress(OSError):  # the reader has closed the stream
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]


def journal(environment: Mapping[str, str]) -> SystemdJournal | None:
    """Return the journal if $JOURNAL_STREAM says that stdout or stderr is connected to it (systemd.exec(5))."""
    for descriptor in (1, 2):
        with suppress(OSError):  # it is closed
            status = os.fstat(descriptor)
            if environment.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}":
                return SystemdJournal(descriptor)
    return None


def printable(text: str) -> str:
    """Return `text` with control, bidirectional and invisible characters written out; line ends stay."""
    return readable(text, but="\n")


def as_text(event: LogEvent) -> str:
    """Return an event as text for people; the traceback of a failure follows."""
    return f"{_time(event)} {_level(event):8} {_words(event)}\n{_traceback(event)}"


def _words(event: LogEvent) -> str:
    return printable(_text(event)).replace("\n", " ")


def _text(event: LogEvent) -> str:
    words = str(formatEvent(event))
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}... ({len(words)} characters)"


def as_json(event: LogEvent) -> str:
    """Return an event as one JSON object on a line: time, level, text, session if there is one, traceback."""
    fields: dict[str, Any] = {"time": _time(event), "level": _level(event), "text": _text(event)}
    if "session" in event:
        fields["session"] = event["session"]
    if "log_failure" in event:
        fields["traceback"] = _traceback(event)
    return json_text(fields, only_ascii=True) + "\n"


def _time(event: LogEvent) -> str:
    return rfc3339(int(event["log_time"] * 1000))


def _level(event: LogEvent) -> str:
    level = event.get("log_level")
    return str(level.name if level is not None else LogLevel.info.name)


def _traceback(event: LogEvent) -> str:
    failure = event.get("log_failure")
    return "" if failure is None else printable(str(failure.getTraceback()))


Form = Callable[[LogEvent], str]
Write = Callable[[str], None]
FORMATS: dict[str, Form] = {"text": as_text, "json": as_json}
PRIORITIES = {"debug": 7, "info": 6, "warn": 4, "error": 3, "critical": 2}  # syslog's numbers, which the journal reads


def for_journal(form: Form) -> Form:
    """Return a form for the journal: each line with its priority; text lines without the time."""

    def told(event: LogEvent) -> str:
        text = f"{_words(event)}\n{_traceback(event)}" if form is as_text else form(event)
        priority = PRIORITIES[_level(event)]
        return "".join(f"<{priority}>{line}\n" for line in text.splitlines())

    return told


Spare = Callable[[ILogObserver], ILogObserver]
"""Returns an observer that passes on some of the events that it receives."""


def observer(
    write: Write, level: str, form: Form = as_text, *, messages: bool = False, spare: Spare | None = None
) -> ILogObserver:
    """Return an observer that writes events from `level` on, limited by `spare`; chat messages only if `messages`."""
    lowest = LogLevelFilterPredicate(defaultLogLevel=LogLevel.lookupByName(level))
    if level != "debug":  # Conch logs every channel and every packet, from its own classes and their subclasses
        for namespace in ("twisted.conch", "classcord.faces.ssh"):
            lowest.setLogLevelForNamespace(namespace, LogLevel.error)

    @implementer(ILogObserver)
    def formatted(event: LogEvent) -> None:
        if messages or event.get("log_format") is not MESSAGE:
            write(form(event))

    return FilteringLogObserver(spare(formatted) if spare else formatted, [lowest])


class LimitedObserver:
    """Passes on a limited number of events of each kind (a format, or the place of a failure) and counts the others.

    So a flood of one kind, whoever causes it, neither fills the disk nor hides other kinds. Chat messages and debug
    events are not limited if the settings ask for them.
    """

    def __init__(self, observer: ILogObserver) -> None:
        self._observer = observer
        total = {"all_a_second": ALL_A_SECOND, "all_at_once": ALL_AT_ONCE}
        self._lines = Sparing(A_SECOND, AT_ONCE, **total)
        self._failures = Sparing(FAILURES_A_SECOND, FAILURES_AT_ONCE, **total)
        self._told_at = self._last = -1.0

    def take(self, event: LogEvent) -> None:
        now = self._last = float(event["log_time"])
        template = event.get("log_format")
        if template is MESSAGE or event.get("log_level") is LogLevel.debug:
            self._observer(event)
            return
        sparing = self._lines if event.get("log_failure") is None else self._failures
        kind = str(template)[:200]
        left_out = sparing.admits(kind, now)
        if left_out is not None:
            if left_out:
                self._tell(kind, left_out)
            self._observer(event)
        if self._told_at < 0:
            self._told_at = now
        elif not 0 <= now - self._told_at < TOLD_EVERY:
            self.tell()

    def tell(self) -> None:
        """Log how many lines of which kinds were left out since the last such report."""
        self._told_at = self._last
        for sparing in (self._lines, self._failures):
            for kind, count in sparing.left_out(TOLD):
                self._tell(str(kind), count)

    def _tell(self, kind: str, count: int) -> None:
        words = "{count} more such lines were left out: {kind}"
        told = {"log_format": words, "log_level": LogLevel.info, "log_time": self._last, "count": count, "kind": kind}
        self._observer(told)


class Outputs:
    """The outputs of the running server's log: its file, and the journal if there is one."""

    def __init__(self, file: Write, journal: Write | None) -> None:
        self._file = file
        self._journal = journal
        self._observers: list[ILogObserver] = []
        self._spared: list[LimitedObserver] = []

    def go_by(self, level: str, form: Form, *, messages: bool, file: bool) -> None:
        """Write from this level on, in this form; without `file`, the file is written only if there is no journal."""
        self.end()
        if file or self._journal is None:
            self._observers.append(observer(self._file, level, form, messages=messages, spare=self._spare))
        if self._journal is not None:
            self._observers.append(
                observer(self._journal, level, for_journal(form), messages=messages, spare=self._spare)
            )
        for each in self._observers:
            globalLogPublisher.addObserver(each)

    def end(self) -> None:
        """Report the lines that were left out, then stop writing."""
        for each in self._observers:
            globalLogPublisher.removeObserver(each)
        for spared in self._spared:
            spared.tell()
        self._observers.clear()
        self._spared.clear()

    def _spare(self, observer: ILogObserver) -> ILogObserver:
        self._spared.append(LimitedObserver(observer))
        return cast(ILogObserver, self._spared[-1].take)
