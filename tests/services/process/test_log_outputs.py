"""What systemd's journal is given of an event: lines with a priority each, whatever is in it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest
from twisted.logger import Logger, globalLogPublisher

from classcord.services.process import logs

log = Logger()


class Pipe:
    """A pipe that stands for a standard stream which leads to the journal."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()

    @property
    def stream(self) -> str:
        """What systemd says of it in $JOURNAL_STREAM."""
        status = os.fstat(self.writing)
        return f"{status.st_dev}:{status.st_ino}"

    def close(self) -> None:
        os.close(self.reading)
        os.close(self.writing)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.close()


@pytest.fixture(params=[logs.as_text, logs.as_json])
def lines(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """What the journal is given, in both forms."""
    lines: list[str] = []
    outputs = logs.Outputs(lambda _: None, lines.append)
    outputs.go_by("debug", request.param, messages=False, file=True)
    yield lines
    outputs.end()


def test_priorities(lines: list[str]) -> None:
    """Each importance is a priority of syslog, so that `journalctl -p warning` shows what needs somebody."""
    for importance in ("debug", "info", "warn", "error", "critical"):
        getattr(log, importance)("something")
    assert [line[:3] for line in lines] == ["<7>", "<6>", "<4>", "<3>", "<2>"]


def test_every_line_of_a_traceback_has_its_priority(lines: list[str]) -> None:
    """A failure stays together at its priority; no line of it is taken for an event of its own."""
    try:
        raise ValueError("first\nsecond <1>third")
    except ValueError:
        log.failure("it failed")
    said = "".join(lines).splitlines()
    assert {line[:3] for line in said} == {"<2>"}
    assert "ValueError" in "".join(said)


def test_nobody_writes_a_line_of_their_own(lines: list[str]) -> None:
    """A name with line ends, of whatever kind, or with an escape sequence makes no second line and commands nothing."""
    log.info("{name} joined", name="eve\n<0>fire\r<0>\x85<0>\u2028<0>\x1b[2J")
    (written,) = "".join(lines).splitlines()
    assert written.startswith("<6>")
    assert "\x1b" not in written


def test_french_stays_readable(lines: list[str]) -> None:
    """The spaces that do not break, before its punctuation, command no terminal and are written as they are."""
    log.info("{why}", why="réglages\u00a0: il n’y a pas de [limits] bogus\u202f!")
    (line,) = lines
    text = json.loads(line[3:])["text"] if line.startswith("<6>{") else line[3:].rstrip("\n")
    assert text == "réglages\u00a0: il n’y a pas de [limits] bogus\u202f!"


def test_json_has_its_session(lines: list[str]) -> None:
    """The session's number is a field of its own where lines are objects, and in the words everywhere."""
    log.info("session {session} did something", session=7)
    (line,) = lines
    content = line[3:]
    if content.startswith("{"):
        assert json.loads(content)["session"] == 7
    assert "session 7 did something" in content


def test_the_journal_is_known_by_its_stream(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ours only if the stream that systemd names is our own output; another's, or none, is no journal."""
    kept = os.dup(1)
    try:
        os.dup2(pipe.writing, 1)
        journal = logs.journal({"JOURNAL_STREAM": pipe.stream})
        others = [logs.journal(environment) for environment in ({}, {"JOURNAL_STREAM": "8:1"})]
        assert journal is not None
        journal.write("<6>été\n")
    finally:
        os.dup2(kept, 1)
        os.close(kept)
    assert others == [None, None]
    assert os.read(pipe.reading, 100) == "<6>été\n".encode()
    assert logs.journal({"JOURNAL_STREAM": pipe.stream}) is None  # our output leads elsewhere again


def test_a_journal_that_nobody_reads(pipe: Pipe) -> None:
    """When journald is gone, the server goes on."""
    journal = logs.SystemdJournal(pipe.writing)
    os.close(pipe.reading)
    pipe.reading = os.open(os.devnull, os.O_RDONLY)
    journal.write("<6>lost\n")


def test_the_file_is_left_out_only_where_a_journal_is() -> None:
    """[log] file = false writes nothing to the file beside a journal, and everything where there is none."""
    files: list[list[str]] = []
    told: list[str] = []
    for journal in (told.append, None):
        file: list[str] = []
        outputs = logs.Outputs(file.append, journal)
        outputs.go_by("info", logs.as_text, messages=False, file=False)
        log.info("something")
        outputs.end()
        files.append(file)
    assert [len(file) for file in files] == [0, 1]
    before = len(globalLogPublisher._observers)
    outputs.end()
    assert len(globalLogPublisher._observers) == before
