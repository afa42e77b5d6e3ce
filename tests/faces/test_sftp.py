"""The sftp subsystem in packets: what is answered, in which order and pace, and what ends it."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.conch.ssh import filetransfer as fx
from twisted.conch.ssh.common import NS
from twisted.internet.defer import Deferred
from twisted.logger import LogEvent, LogLevel, globalLogPublisher

from classcord.faces.ssh.sftp import AT_A_TIME, MOST_SAID, MOST_WAITING
from classcord.faces.ssh.sftp_packets import LAYOUTS, LONGEST_PACKET
from tests.faces.sftp_line import NO_ATTRIBUTES, Line, opening, packet, reading, writing
from tests.faces.sftp_tree import PUT

ALLOWED = "Only import/ is for writing."


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path / "data").hello()


@pytest.fixture
def logged() -> Iterator[list[LogEvent]]:
    events: list[LogEvent] = []
    observer: Any = events.append
    globalLogPublisher.addObserver(observer)
    yield events
    globalLogPublisher.removeObserver(observer)


# -- what is answered --------------------------------------------------------------------------------------------------


def test_a_session(line: Line, logged: list[LogEvent]) -> None:
    """A download, an upload and a listing as a client does them; what its packets say is in no log."""
    handle = line.open("exports/users.csv")
    assert line.ask(fx.FXP_READ, reading(handle)) == (fx.FXP_DATA, NS(b"alice\nbob\n"))
    assert line.status_of(fx.FXP_READ, reading(handle, 10)) == (fx.FX_EOF, "")
    assert line.ask(fx.FXP_FSTAT, handle)[0] == fx.FXP_ATTRS
    assert line.status_of(fx.FXP_CLOSE, handle)[0] == fx.FX_OK
    handle = line.open("/import/été", PUT)
    times = struct.pack("!4L", fx.FILEXFER_ATTR_PERMISSIONS | fx.FILEXFER_ATTR_ACMODTIME, 0o644, 5, 6)
    assert line.status_of(fx.FXP_WRITE, writing(handle, 0, b"abc"))[0] == fx.FX_OK
    assert line.status_of(fx.FXP_FSETSTAT, handle + times)[0] == fx.FX_OK
    assert line.status_of(fx.FXP_CLOSE, handle)[0] == fx.FX_OK
    kind, handle = line.ask(fx.FXP_OPENDIR, NS(b"/import"))
    kind, names = line.ask(fx.FXP_READDIR, handle)
    assert (kind, names[:4], NS("été".encode()) in names) == (fx.FXP_NAME, b"\0\0\0\1", True)
    assert line.status_of(fx.FXP_READDIR, handle)[0] == fx.FX_EOF
    assert line.status_of(fx.FXP_CLOSE, handle)[0] == fx.FX_OK
    assert line.status_of(fx.FXP_RENAME, NS("/import/été".encode()) + NS(b"/import/b"))[0] == fx.FX_OK
    assert line.status_of(fx.FXP_SETSTAT, NS(b"/import/b") + times)[0] == fx.FX_OK
    assert line.tree.imported() == {"b": b"abc"}
    assert line.status_of(fx.FXP_REMOVE, NS(b"/import/b"))[0] == fx.FX_OK
    assert line.ask(fx.FXP_REALPATH, NS(b".")) == (fx.FXP_NAME, b"\0\0\0\1" + NS(b"/") + NS(b"") + NO_ATTRIBUTES)
    line.transfer.resized(80, 24)
    line.transfer.input_ended()
    assert (line.ended(), line.errors, logged) == (0, b"", [])


def test_packets_come_in_any_pieces(line: Line) -> None:
    """Byte by byte, and several at once, answered in their order."""
    stat = fx.FXP_STAT
    sent = b"".join(packet(stat, struct.pack("!L", each) + NS(b"/exports")) for each in range(AT_A_TIME - 1))
    for byte in sent:
        line.transfer.received(bytes([byte]))
    assert len(line.answers()) == AT_A_TIME - 1
    line.clock.advance(0)
    line.transfer.received(sent)
    line.clock.advance(0)
    answers = line.answers()
    assert [struct.unpack_from("!L", answer)[0] for _kind, answer in answers] == list(range(AT_A_TIME - 1))


def test_a_refusal_has_code_and_sentence_and_is_on_standard_error(line: Line) -> None:
    """OpenSSH shows only what the code stands for."""
    assert line.status_of(fx.FXP_OPEN, opening("/exports/a", PUT)) == (fx.FX_PERMISSION_DENIED, ALLOWED)
    assert line.errors.decode() == ALLOWED + "\n"
    assert line.status_of(fx.FXP_OPEN, opening("/exports/none")) == (fx.FX_NO_SUCH_FILE, "There is no such file.")
    assert line.status_of(fx.FXP_STAT, NS(b"/.ssh"))[0] == fx.FX_PERMISSION_DENIED
    assert line.errors.decode() == ALLOWED + "\n"


@pytest.mark.parametrize(
    ("kind", "payload", "code"),
    [
        (fx.FXP_MKDIR, NS(b"/import/a") + NO_ATTRIBUTES, fx.FX_PERMISSION_DENIED),
        (fx.FXP_RMDIR, NS(b"/import"), fx.FX_PERMISSION_DENIED),
        (fx.FXP_READLINK, NS(b"/import/a"), fx.FX_OP_UNSUPPORTED),
        (fx.FXP_SYMLINK, NS(b"/etc/passwd") + NS(b"/import/a"), fx.FX_OP_UNSUPPORTED),
        (fx.FXP_EXTENDED, NS(b"hardlink@openssh.com") + NS(b"a"), fx.FX_OP_UNSUPPORTED),
        (fx.FXP_EXTENDED, NS(b"\xff\xfe") + os.urandom(100), fx.FX_OP_UNSUPPORTED),
        (21, b"a packet of a later version", fx.FX_OP_UNSUPPORTED),
        (fx.FXP_SETSTAT, NS(b"/exports/users.csv") + NO_ATTRIBUTES, fx.FX_PERMISSION_DENIED),
    ],
)
def test_what_there_is_not_is_answered(line: Line, kind: int, payload: bytes, code: int) -> None:
    """By its code, and the session goes on."""
    assert line.status_of(kind, payload)[0] == code
    assert line.ask(fx.FXP_REALPATH, NS(b""))[0] == fx.FXP_NAME


@pytest.mark.parametrize("kind", [kind for kind, layout in LAYOUTS.items() if layout[0] in "hfd"])
def test_an_unknown_handle_is_answered(line: Line, kind: int) -> None:
    """One that never was, one that is closed, and one of the other sort."""
    folder = line.ask(fx.FXP_OPENDIR, NS(b"/"))[1]
    file, closed = line.open("/exports/users.csv"), line.open("/exports/users.csv")
    line.status_of(fx.FXP_CLOSE, closed)
    rest = {
        fx.FXP_READ: struct.pack("!QL", 0, 10),
        fx.FXP_WRITE: struct.pack("!Q", 0) + NS(b"x"),
        fx.FXP_FSETSTAT: NO_ATTRIBUTES,
    }.get(kind, b"")
    wrong = [] if kind == fx.FXP_CLOSE else [file if kind == fx.FXP_READDIR else folder]
    for handle in [NS(b"0"), NS(b""), NS(b"\xff"), closed, *wrong]:
        assert line.status_of(kind, handle + rest) == (fx.FX_FAILURE, "There is no such handle.")


def test_refusals_are_in_the_language_of_whoever_reads_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its accents, in the answer and on standard error."""
    line = Line(tmp_path / "data")
    monkeypatch.setattr(line.transfer, "_translate", {ALLOWED: "Seul import/ s’écrit."}.get)
    line.hello()
    assert line.status_of(fx.FXP_OPEN, opening("/exports/a", PUT))[1] == "Seul import/ s’écrit."
    assert line.errors.decode() == "Seul import/ s’écrit.\n"


def test_many_refused_writes_are_told_once(line: Line) -> None:
    """They were on their way when the first was refused; the next upload's is told again, up to a bound."""
    for _ in range(2):
        handle = line.open("/import/a", PUT)
        for offset in range(1000, 1003):
            assert line.status_of(fx.FXP_WRITE, writing(handle, offset, b"x"))[0] == fx.FX_FAILURE
        line.status_of(fx.FXP_CLOSE, handle)
    assert line.errors.decode() == 2 * "A file in import/ has at most 1000 bytes.\n"
    for _ in range(MOST_SAID):
        assert line.status_of(fx.FXP_RMDIR, NS(b"/import"))[0] == fx.FX_PERMISSION_DENIED
        line.clock.advance(0)
    assert line.errors.count(b"\n") == MOST_SAID


def test_extended_attributes_are_passed_over(line: Line) -> None:
    """A few of any name, with what stands before them."""
    extended = struct.pack("!LQL", fx.FILEXFER_ATTR_SIZE | fx.FILEXFER_ATTR_EXTENDED, 2, 1) + NS(b"\xff@x") + NS(b"y")
    line.tree.put("/import/a", b"abc")
    assert line.status_of(fx.FXP_SETSTAT, NS(b"/import/a") + extended)[0] == fx.FX_OK
    assert line.tree.imported() == {"a": b"ab"}


def test_a_long_listing_comes_in_parts(line: Line) -> None:
    """No answer is longer than a client takes."""
    for number in range(600):
        (line.tree.data / "exports" / f"{number:0250}").touch()
    handle = line.ask(fx.FXP_OPENDIR, NS(b"/exports"))[1]
    parts = []
    while (answer := line.ask(fx.FXP_READDIR, handle))[0] == fx.FXP_NAME:
        assert len(answer[1]) < LONGEST_PACKET
        parts.append(struct.unpack_from("!L", answer[1])[0])
    assert (sum(parts), len(parts)) == (601, 3)


def test_a_fault_of_ours_is_logged_under_the_reference_that_is_told(
    line: Line, logged: list[LogEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing else of it is told; the session goes on."""

    def fail(_path: bytes) -> bytes:
        raise ZeroDivisionError("in /srv/secret")

    line.clock.advance(10)
    monkeypatch.setattr(line.transfer.client, "realPath", fail)
    code, words = line.status_of(fx.FXP_REALPATH, NS(b""))
    (event,) = logged
    assert (code, event["log_level"], event["reference"] in words) == (fx.FX_FAILURE, LogLevel.critical, True)
    assert "secret" not in words
    assert line.ask(fx.FXP_STAT, NS(b"/"))[0] == fx.FXP_ATTRS


def test_a_fault_of_ours_outside_of_the_files_ends_the_session(
    line: Line, logged: list[LogEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for an answer hears by which reference it is in the log."""
    monkeypatch.setattr(line.transfer, "packet_STAT", lambda _packet: 1 / 0)
    line.request(fx.FXP_STAT, NS(b"/"))
    (event,) = logged
    assert (line.ended(), event["reference"] in line.errors.decode()) == (1, True)


# -- pace --------------------------------------------------------------------------------------------------------------


def test_many_requests_leave_others_their_turn(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some are answered, the rest in the next turns of the reactor; meanwhile no more are read."""
    turns = []
    call_later = line.clock.callLater

    def next_turn(*arguments: Any) -> Any:
        turns.append(len(line.answers()))
        return call_later(*arguments)

    monkeypatch.setattr(line.clock, "callLater", next_turn)
    line.transfer.received(packet(fx.FXP_STAT, bytes(4) + NS(b"/")) * (3 * AT_A_TIME + 1))
    assert (turns, line.paused) == ([AT_A_TIME], True)
    line.clock.advance(0)
    assert (turns, len(line.answers()), line.paused) == ([AT_A_TIME] * 3, 1, False)


def test_requests_wait_until_answers_can_be_sent(line: Line) -> None:
    """One answer at the most is written into a full window; then they go on, and the session ends after the last."""
    handle = line.open("/exports/users.csv")
    line.ready_when = Deferred()
    for _ in range(5):
        line.request(fx.FXP_READ, reading(handle))
    assert (len(line.answers()), line.paused) == (1, True)
    line.transfer.input_ended()
    assert line.ended() is None
    gone, line.ready_when = line.ready_when, None
    gone.callback(None)
    assert (len(line.answers()), line.paused, line.ended()) == (4, False, 0)


def test_requests_that_pile_up_end_the_session(line: Line) -> None:
    """A carrier that is told to pause hands over little more; whoever sends on all the same is cut."""
    line.ready_when = Deferred()
    line.request(fx.FXP_STAT, NS(b"/"))
    assert line.paused
    line.transfer.received(bytes(MOST_WAITING))
    assert line.ended() is None
    line.transfer.received(b"x")
    assert (line.ended(), line.errors) == (1, b"Too many requests at a time.\n")
    line.transfer.received(b"x" * 100)
    line.ready_when.callback(None)
    assert len(line.answers()) == 1


def test_nobody_listens_any_more(line: Line) -> None:
    """A carrier that cannot send ends it: what is open is closed, nothing more is done."""
    line.open("/import/a", PUT)
    gone = line.ready_when = Deferred()
    line.request(fx.FXP_REMOVE, NS(b"/import/a"))
    line.request(fx.FXP_OPEN, opening("/import/b", PUT))
    gone.errback(ConnectionError())
    assert line.tree.imported() == {}
    assert line.ended() is None
    assert line.transfer.openFiles == {}


@pytest.mark.parametrize("times", [1, 2])
def test_the_end_of_a_session_closes_what_is_open(line: Line, times: int) -> None:
    """Files and folders, however often it is told; what comes afterwards does nothing, an upload stays as it is."""
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    handle = line.open("/import/a", PUT)
    line.status_of(fx.FXP_WRITE, writing(handle, 0, b"half"))
    line.open("/exports/users.csv")
    line.ask(fx.FXP_OPENDIR, NS(b"/exports"))
    for _ in range(times):
        line.transfer.lost()
    line.request(fx.FXP_REMOVE, NS(b"/import/a"))
    line.transfer.input_ended()
    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before
    assert (line.tree.imported(), line.answers(), line.ended()) == ({"a": b"half"}, [], None)


# -- what ends it ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(struct.pack("!L", LONGEST_PACKET + 1), id="longer than 256 KiB"),
        pytest.param(b"\xff\xff\xff\xff", id="4 GiB"),
        pytest.param(b"GET / HTTP/1.0\r\n\r\n", id="another protocol"),
        pytest.param(bytes(4), id="nothing"),
        pytest.param(struct.pack("!LB", 4, fx.FXP_CLOSE) + bytes(3), id="no id"),
        pytest.param(packet(fx.FXP_INIT, struct.pack("!L", 3)), id="a second greeting"),
        *[
            pytest.param(packet(kind, bytes(8)), id=f"an answer: {kind}")
            for kind in (fx.FXP_VERSION, fx.FXP_STATUS, fx.FXP_DATA, fx.FXP_ATTRS, fx.FXP_EXTENDED_REPLY)
        ],
        pytest.param(packet(fx.FXP_STAT, bytes(4)), id="no path"),
        pytest.param(packet(fx.FXP_STAT, bytes(4) + struct.pack("!L", 9) + b"/"), id="half a path"),
        pytest.param(packet(fx.FXP_STAT, bytes(4) + NS(b"/") + b"x"), id="more than a path"),
        pytest.param(packet(fx.FXP_WRITE, bytes(4) + NS(b"1") + bytes(8) + b"\0\0\1\0x"), id="half the data"),
        pytest.param(packet(fx.FXP_READ, bytes(4) + NS(b"1") + bytes(11)), id="half a number"),
        pytest.param(
            packet(fx.FXP_MKDIR, bytes(4) + NS(b"/") + b"\xff\xff\xff\xff"), id="attributes that are not there"
        ),
        pytest.param(
            packet(fx.FXP_MKDIR, bytes(4) + NS(b"/") + struct.pack("!2L", fx.FILEXFER_ATTR_EXTENDED, 2**32 - 1)),
            id="4 billion attributes",
        ),
        pytest.param(
            packet(fx.FXP_MKDIR, bytes(4) + NS(b"/") + struct.pack("!2L", fx.FILEXFER_ATTR_EXTENDED, 17) + bytes(136)),
            id="many attributes",
        ),
        pytest.param(packet(fx.FXP_EXTENDED, bytes(4) + b"\0\0\0\5abc"), id="half an extension"),
    ],
)
def test_garbage_ends_the_session(line: Line, garbage: bytes, logged: list[LogEvent]) -> None:
    """At once, without waiting for the rest, without an entry in the log, and nothing behind it is done."""
    line.transfer.received(garbage + packet(fx.FXP_REMOVE, bytes(4) + NS(b"/import/a")))
    assert (line.ended(), line.errors, line.answers(), logged) == (1, b"This is not sftp.\n", [], [])
    assert line.tree.noted == []


def test_the_first_packet_is_a_greeting(tmp_path: Path) -> None:
    """Anything else is another protocol."""
    line = Line(tmp_path / "data")
    line.request(fx.FXP_STAT, NS(b"/"))
    assert (line.ended(), line.answers()) == (1, [])


@pytest.mark.parametrize("version", [0, 3, 6, 2**32 - 1])
def test_a_greeting_is_answered_by_our_version(tmp_path: Path, version: int) -> None:
    """There is one; what extensions a client says it has, however many, are passed over."""
    line = Line(tmp_path / "data")
    line.send(fx.FXP_INIT, struct.pack("!L", version) + bytes(8) * 30_000)
    assert line.answers() == [(fx.FXP_VERSION, b"\0\0\0\3")]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(sorted(LAYOUTS)), st.binary(max_size=60)), max_size=20), st.booleans(), st.data()
)
def test_no_bytes_do_harm(
    tmp_path_factory: pytest.TempPathFactory, packets: list[tuple[int, bytes]], tidy: bool, data: st.DataObject
) -> None:
    """Whatever comes, in whatever pieces: each request is answered once or the session ends, and no fault is logged."""
    line = Line(tmp_path_factory.mktemp("sftp") / "data").hello()
    faults: list[LogEvent] = []
    observer: Any = faults.append
    globalLogPublisher.addObserver(observer)
    try:
        sent = b"".join(packet(kind, bytes(4) + (NS(payload) if tidy else payload)) for kind, payload in packets)
        cut = data.draw(st.integers(0, len(sent)))
        for piece in (sent[:cut], sent[cut:]):
            line.transfer.received(piece)
        while line.paused:
            line.clock.advance(0)
    finally:
        globalLogPublisher.removeObserver(observer)
    assert faults == []
    assert line.ended() == 1 or len(line.answers()) == len(packets)
    assert (line.tree.data / "secret").read_text("utf-8") == "secret"
    line.transfer.lost()
