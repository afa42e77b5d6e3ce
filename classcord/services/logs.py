"""Where log events go: DATA/log/classcord.log, the console, and files that can be reopened.

Knows events, not what they are about. Nothing a user typed reaches a line with control characters in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from twisted.logger import FilteringLogObserver, ILogObserver, LogEvent, LogLevel, LogLevelFilterPredicate, formatEvent
from zope.interface import implementer

from classcord.chat.times import rfc3339

MESSAGE = "session {session}: {name} -> {to}: {content}"
"""The format of a chat message's event; it is shown only where that was asked for."""


class LogFile:
    """A file that lines are appended to; readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open()

    def __str__(self) -> str:
        return str(self._path)

    def _open(self) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", buffering=1)

    def write(self, text: str) -> None:
        with suppress(OSError):  # a full disk must not stop the chat; the journal reports it
            self._file.write(text)

    def reopen(self) -> None:
        """Go on in a new file, after the old one was renamed; keep the old one if that fails."""
        old = self._file
        self._open()
        _close(old)

    def close(self) -> None:
        _close(self._file)


def _close(file: TextIO) -> None:
    with suppress(OSError):  # a full disk does not take the last line; the file is closed all the same
        file.close()


def printable(text: str) -> str:
    """Return `text` with control characters, and what turns or hides text, written out; line ends stay."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode-escape").decode() for c in text)


def as_text(event: LogEvent) -> str:
    """Return an event as a line for people; a failure's traceback follows it."""
    line = f"{_time(event)} {_level(event):8} {printable(str(formatEvent(event))).replace(chr(10), ' ')}\n"
    return line + _traceback(event)


def as_json(event: LogEvent) -> str:
    """Return an event as one JSON object a line: time, level, text, session where there is one, traceback."""
    fields: dict[str, Any] = {"time": _time(event), "level": _level(event), "text": formatEvent(event)}
    if "session" in event:
        fields["session"] = event["session"]
    if "log_failure" in event:
        fields["traceback"] = _traceback(event)
    return json.dumps(fields) + "\n"


def _time(event: LogEvent) -> str:
    return rfc3339(int(event["log_time"] * 1000))


def _level(event: LogEvent) -> str:
    level = event.get("log_level")
    return str(level.name if level is not None else LogLevel.info.name)


def _traceback(event: LogEvent) -> str:
    failure = event.get("log_failure")
    return "" if failure is None else printable(str(failure.getTraceback()))


FORMATS: dict[str, Callable[[LogEvent], str]] = {"text": as_text, "json": as_json}


def observer(
    write: Callable[[str], None], level: str, form: Callable[[LogEvent], str] = as_text, *, messages: bool = False
) -> ILogObserver:
    """Return an observer that writes events from `level` on; chat messages only if `messages`."""
    lowest = LogLevelFilterPredicate(defaultLogLevel=LogLevel.lookupByName(level))
    if level != "debug":  # Conch tells of every channel and every packet, by its own classes and by those made of them
        for namespace in ("twisted.conch", "classcord.faces.ssh"):
            lowest.setLogLevelForNamespace(namespace, LogLevel.error)

    @implementer(ILogObserver)
    def formatted(event: LogEvent) -> None:
        if messages or event.get("log_format") is not MESSAGE:
            write(form(event))

    return FilteringLogObserver(formatted, [lowest])
