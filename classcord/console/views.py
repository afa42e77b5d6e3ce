"""Commands that show more than one answer: live figures, events and traffic, exports, the Python prompt.

Knows no carrier.
"""

from __future__ import annotations

import re
from collections import deque
from datetime import datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater

from classcord.chat.errors import NotAllowed, NotFound
from classcord.chat.evidence.vocabulary import Evidence, EvidenceTold
from classcord.chat.operations.vocabulary import Stats, StatsTold
from classcord.chat.operators.vocabulary import Export, Exporting, Python, Tail, Top, Trace, Watching
from classcord.chat.requests import Request
from classcord.chat.text import N_
from classcord.services.documents.evidence import evidence_pdf
from classcord.services.monitoring.tailing import Busiest
from classcord.services.monitoring.tailing import LiveTail as Tailing
from classcord.services.monitoring.tracing import LiveTrace as Tracing
from classcord.wire.json_text import json_text

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from classcord.chat.events import Answer
    from classcord.chat.roles import Permission
    from classcord.console.interpreter import Interpreter, View

EVERY = 1.0  # seconds between two updates of `top`
HELD = 200  # lines of `tail` and `trace` that may wait for a slow reader


class LiveView(Protocol):
    """Shows lines until it is stopped."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


class _Lines:
    """Shows lines as fast as they are read; if `HELD` lines wait already, the next ones are only counted."""

    def __init__(self, interpreter: Interpreter, permission: Permission) -> None:
        """Each line is shown only while the operator still has this permission."""
        self._output = interpreter.output
        self._may = partial(interpreter.local.may, permission)
        self._waiting: deque[str] = deque()
        self._skipped = 0
        self._ready: Deferred[None] | None = None
        self._writing = False

    def show(self, line: str) -> None:
        if self._writing:  # the line is about our own output: showing it would never end
            return
        if not self._may():
            return
        if self._skipped or len(self._waiting) >= HELD:
            self._skipped += 1
            return
        self._waiting.append(line)
        if self._ready is None:
            self._go_on()

    def stop(self) -> None:
        """Stop showing lines."""
        self._waiting.clear()
        self._skipped = 0

    def _go_on(self, _: object = None) -> None:
        self._ready = None
        while self._waiting or self._skipped:
            ready = self._output.carrier.ready()
            if not ready.called:
                self._ready = ready
                ready.addCallbacks(self._go_on, _nobody_is_there)
                return
            ready.addErrback(_nobody_is_there)
            self._write_one()

    def _write_one(self) -> None:
        self._writing = True
        try:
            if self._waiting:
                self._output.line(self._waiting.popleft())
            else:
                skipped, self._skipped = self._skipped, 0
                self._output.say(N_("… {count} lines were left out"), count=skipped)
        finally:
            self._writing = False


def _nobody_is_there(_: Failure) -> None:
    """Continue: output after the end has no effect."""


async def _until_stopped(interpreter: Interpreter, started: LiveView, lines: _Lines) -> int:
    try:
        started.start()
        with interpreter.live():
            await Deferred()  # until q, Ctrl-C, the end of the input or of the connection
    except CancelledError:
        pass
    finally:
        started.stop()
        lines.stop()
    return 0


async def tail(interpreter: Interpreter, request: Tail, answer: Answer) -> int:
    assert isinstance(answer, Watching)
    service, lines = interpreter.tools.service, _Lines(interpreter, request.permission)
    _hint(interpreter)
    return await _until_stopped(interpreter, Tailing(service, request.only, answer.private, lines.show), lines)


async def trace(interpreter: Interpreter, request: Trace, answer: Answer) -> int:
    assert isinstance(answer, Watching)
    tools, lines = interpreter.tools, _Lines(interpreter, request.permission)
    there = tools.service.connections
    connections = [there[number] for number in answer.sessions if number in there]
    if not connections and answer.name is None and answer.network is None:
        raise NotFound(field="target", name=request.target)
    _hint(interpreter)
    tracing = Tracing(connections, answer.private, lines.show, tools.clock)
    tracing.follow(tools.service, name=answer.name, network=answer.network)
    return await _until_stopped(interpreter, tracing, lines)


def _hint(interpreter: Interpreter) -> None:
    output = interpreter.output
    if output.surroundings.terminal:
        output.say(N_("q or Ctrl-C ends it."))


async def top(interpreter: Interpreter, request: Top, answer: Answer) -> int:
    """Show new figures every second; without a terminal, once."""
    output, tools = interpreter.output, interpreter.tools
    live = not output.surroundings.plain
    busiest = Busiest(tools.service)
    busiest.start()
    try:
        while True:
            stats = await interpreter.local.ask(Stats())
            assert isinstance(stats, StatsTold)
            shown = output.rendered(stats) + "".join(f"{name}  {count}/s\n" for name, count in busiest.since_last())
            if live:
                kept = "".join(f"{line}\x1b[K\n" for line in shown.splitlines()[: output.rows - 2])
                hint = output.translate(N_("q or Ctrl-C ends it."))
                output.write(f"\x1b[H{kept}{hint}\x1b[J")
            else:
                output.write(shown)
                return 0
            with interpreter.live():
                await deferLater(tools.clock, EVERY)
    except CancelledError:
        output.write("\n")
    finally:
        busiest.stop()
    return 0


async def export(interpreter: Interpreter, request: Export, answer: Answer) -> int:
    """At a terminal, write to a file in DATA/exports; for a program, write the rows themselves, as fast as it reads."""
    assert isinstance(answer, Exporting)
    output, tools = interpreter.output, interpreter.tools
    excel = tools.timezone() if request.excel else None
    if output.surroundings.terminal:
        file = await tools.export.to_file(
            tools.data / "exports", request.what, request.format, private=answer.private, bom=request.bom, excel=excel
        )
        output.line(str(file))
        return 0
    async for piece in tools.export.pieces(
        request.what, request.format, private=answer.private, bom=request.bom, excel=excel
    ):
        if not interpreter.local.may(request.permission):
            raise NotAllowed
        output.carrier.write(piece)
        await output.carrier.ready()
    return 0


async def evidence(interpreter: Interpreter, request: Evidence, answer: Answer) -> int:
    """At a terminal, write to a file in DATA/exports; for a program, write the document itself."""
    assert isinstance(answer, EvidenceTold)
    output, tools = interpreter.output, interpreter.tools
    document = {**answer.document, "unchanged": answer.unchanged, "names_erased": answer.names_erased}
    if request.format == "pdf":
        content = await tools.export.made(lambda: evidence_pdf(document, output.written_moment, output.translate))
    else:
        content = f"{json_text(_in_zone(document, tools.timezone()))}\n".encode()
    if not output.surroundings.terminal:
        output.carrier.write(content)
        return 0
    name = f"evidence-{answer.report_id}"
    file = await tools.export.document(tools.data / "exports", name, content, request.format)
    output.line(str(file))
    output.say(N_("Check it with: classcord audit verify --head {chain}"), chain=answer.chain)
    return 0


def _in_zone(value: Any, zone: tzinfo) -> Any:
    """Return a document with its times in a zone, with their offset; what was copied stays as it is hashed."""
    if isinstance(value, dict):
        return {name: each if name == "content" else _in_zone(each, zone) for name, each in value.items()}
    if isinstance(value, list):
        return [_in_zone(each, zone) for each in value]
    if isinstance(value, str) and _TIME.fullmatch(value):
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
        return moment.astimezone(zone).isoformat(timespec="milliseconds")
    return value


_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


async def python(interpreter: Interpreter, request: Python, answer: Answer) -> int:
    return await interpreter.console.open_python()


VIEWS: dict[type[Request], View] = {
    Tail: tail,
    Trace: trace,
    Top: top,
    Export: export,
    Evidence: evidence,
    Python: python,
}
