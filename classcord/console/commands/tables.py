"""Answers formatted for people and programs: tables, lists of fields, JSON. Users' text shows no control character.

Knows answers, no session.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from functools import partial
from typing import Any

import msgspec
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text as Rich

from classcord.chat import words
from classcord.chat.errors import ChatError
from classcord.chat.events import Answer, Done, Performed, Row
from classcord.chat.files.in_words import in_words
from classcord.chat.messages.vocabulary import HistoryRead, Said
from classcord.chat.operators.vocabulary import Watching
from classcord.chat.reports.vocabulary import ReportLineInfo, ReportShown
from classcord.chat.sanctions.vocabulary import Sanctioned
from classcord.chat.search.vocabulary import MessagesFound
from classcord.chat.text import N_, Text, Translate, readable
from classcord.chat.times import rfc3339
from classcord.console.commands import columns as columns_of
from classcord.wire.json_text import json_text
from classcord.wire.values import written

_WHOLE = frozenset({"name", "user", "session", "id", "code"})  # columns that are never folded
_WIDE = 100  # in a terminal with so many columns, times are not folded either
_GAP, _EDGES = 3, 2  # columns between two cells, and at both edges of the table

_DONE = N_("Done.")
_FOR_GOOD = Text(N_("for good"))
_NOTHING = N_("There is nothing to show.")


class _View:
    """The format of values in one language and time zone."""

    def __init__(self, translate: Translate, timezone: tzinfo) -> None:
        self.translate = translate
        self._timezone = timezone
        self._labels = columns_of.labels()
        self._values = columns_of.values()
        # whether the language has a decimal comma, as French has
        self._comma = translate("true or false") != "true or false"

    def header(self, name: str) -> str:
        return self.translate(self._labels[name]) if name in self._labels else name

    def shows(self, name: str) -> str | None:
        """Return what the values of a column are, see columns.values."""
        return self._values.get(name)

    def value(self, name: str, value: object) -> str:
        """Return a value as one readable line."""
        if value is None or value in ((), {}):
            return "–"
        if isinstance(value, bool):
            return self.translate(N_("yes")) if value else self.translate(N_("no"))
        if isinstance(value, Text):
            return value.render(self.translate)
        if isinstance(value, tuple):
            return ("\n" if isinstance(value[0], Row) else ", ").join(self.value(name, each) for each in value)
        if isinstance(value, Row):
            return self._row(value)
        if isinstance(value, dict):  # roles by names
            return ", ".join(f"{readable(key)} ({self.value('role', each)})" for key, each in value.items())
        if isinstance(value, (int, float)):
            return self._number(name, value)
        if self.shows(name) == "time":
            return self._time(str(value))
        known = words.word(name, str(value))
        return readable(str(value)) if known is None else known.render(self.translate)

    def _row(self, row: Row) -> str:
        """Return a row within a row: its first value, then the others with their names."""
        fields = msgspec.structs.asdict(row)
        (first, value), *others = ((k, fields[k]) for k in row.briefly or fields if fields[k])
        return ", ".join([self.value(first, value), *(f"{self.header(k)} {self.value(k, v)}" for k, v in others)])

    def payload(self, text: str | None) -> str:
        """Return the change in an entry of the audit trail, in words for people."""
        try:
            fields = msgspec.json.decode(text or "")
        except msgspec.DecodeError:
            fields = None
        if not isinstance(fields, dict):
            return self.value("", text)
        return "\n".join(f"{self.header(readable(k))} = {self._detail(k, v)}" for k, v in fields.items())

    def _detail(self, name: str, value: object) -> str:
        if self.shows(name) == "time" and isinstance(value, int):  # milliseconds
            return self._time(rfc3339(value))
        return self.value(name, value) if isinstance(value, (str, bool, float, int, type(None))) else _encoded(value)

    def _number(self, name: str, number: float) -> str:
        if self.shows(name) == "bytes":
            shown = _scaled(number, 1024, (" o", " ko", " Mo", " Go") if self._comma else (" B", " kB", " MB", " GB"))
        elif self.shows(name) == "seconds":
            shown = _duration(number, "j" if self._comma else "d")
        else:
            shown = f"{number:g}" if isinstance(number, float) else str(number)
        return shown.replace(".", ",") if self._comma else shown

    def _time(self, text: str) -> str:
        try:
            then = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(self._timezone)
        except ValueError:
            return readable(text)
        return then.strftime("%d/%m/%Y %H:%M:%S" if self._comma else "%Y-%m-%d %H:%M:%S")


def _scaled(number: float, step: int, units: Sequence[str]) -> str:
    for unit in units[:-1]:
        if number < step:
            return f"{_short(number)}{unit}"
        number /= step
    return f"{_short(number)}{units[-1]}"


def _short(number: float) -> str:
    """Return a number with three digits, or with all digits before the point if there are more."""
    return f"{number:.3g}" if number < 999.5 else f"{number:.0f}"


def _duration(seconds: float, day: str) -> str:
    if seconds < 1:
        return f"{_short(seconds * 1000)} ms"
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, hours = int(seconds // 60), int(seconds // 3600)
    if hours >= 48:
        return f"{hours // 24} {day} {hours % 24} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def _encoded(value: object) -> str:
    return json_text(value, compact=True)


def render(answer: Answer, *, columns: int, colour: bool, translate: Translate, timezone: tzinfo) -> str:
    """Return an answer for a person; `columns` is the width of the terminal, 0 if there is none."""
    view = _View(translate, timezone)
    if isinstance(answer, Done):
        return f"{translate(_DONE)}\n"
    if isinstance(answer, Performed):
        notes = (readable(note.render(translate)) for note in answer.notes)
        return "".join(f"{line}\n" for line in (translate(_DONE), *notes))
    if isinstance(answer, Watching):
        return ""
    if isinstance(answer, HistoryRead | MessagesFound) and answer.messages:
        return "".join(_message(view, message) for message in answer.messages)
    if isinstance(answer, ReportShown):
        about = _fields(view, answer, columns=columns, colour=colour, but=frozenset({"lines"}))
        return about + "".join(_line(view, line) for line in answer.lines)
    rows = _rows(answer)
    if rows is None:
        return _fields(view, answer, columns=columns, colour=colour)
    if not rows:
        return f"{translate(_NOTHING)}\n"
    return _table(view, rows, columns=columns, colour=colour)


def moment(seconds: float, *, translate: Translate, timezone: tzinfo) -> str:
    """Return a time, in seconds since 1970, in the reader's format."""
    return _View(translate, timezone).value("at", rfc3339(int(seconds * 1000)))


def _rows(answer: Answer) -> tuple[Any, ...] | None:
    """Return the rows of an answer that is a table (its only field is a tuple); None for any other answer."""
    if isinstance(answer, HistoryRead | MessagesFound):
        return answer.messages
    fields = msgspec.structs.asdict(answer)
    if len(fields) != 1:
        return None
    (value,) = fields.values()
    return value if isinstance(value, tuple) else None


def _message(view: _View, message: Said) -> str:
    where = f" {message.channel}" if message.channel else f" → {readable(message.to)}"
    when = view.value("timestamp", message.timestamp)
    content = "\n    ".join(readable(line) for line in in_words(message, view.translate).split("\n"))
    if message.deleted is True:
        content = f"({view.translate(_DELETED)})"
    elif message.edited_at is not msgspec.UNSET:
        content += f" ({view.translate(_EDITED)})"
    return f"{when}{where} <{readable(message.sender)}> {content}\n"


def _line(view: _View, line: ReportLineInfo) -> str:
    """Return a line of a report; the message that is reported is marked at the margin."""
    content = "\n    ".join(readable(each) for each in line.content.split("\n"))
    if line.file is not None:
        content = f"{content} [{readable(line.file.name)}, {line.file.link or line.file.url}]".strip()
    if line.deleted_by is not None:
        content = f"{content} ({view.translate(_DELETED)})".strip()
    return f"{'>' if line.mark else ' '} {view.value('at', line.at)} <{readable(line.user)}> {content}\n"


_DELETED, _EDITED = N_("deleted"), N_("edited")


def _table(view: _View, rows: Sequence[Any], *, columns: int, colour: bool) -> str:
    if not isinstance(rows[0], Row):
        return "".join(f"{view.value('name', row)}\n" for row in rows)
    names = [name for name in rows[0].__struct_fields__ if view.shows(name) != "nowhere"]
    if not columns:
        cells = [[view.value(name, getattr(row, name)) for name in names] for row in rows]
        return "".join("\t".join(line) + "\n" for line in ([view.header(n) for n in names], *cells))
    shown = {name: view.payload if view.shows(name) == "payload" else partial(view.value, name) for name in names}
    cells = [[shown[name](getattr(row, name)) for name in names] for row in rows]
    has_payloads = any(view.shows(name) == "payload" for name in names)
    if has_payloads and _width([[view.header(name) for name in names], *cells]) > columns:
        return "".join(_entry(view, row, columns) for row in rows)
    table = Table(box=box.SIMPLE_HEAD, header_style="bold cyan" if colour else "", pad_edge=False)
    times = {name for name in names if view.shows(name) == "time"}
    whole = _WHOLE | (times if columns >= _WIDE else set())
    for name in names:
        table.add_column(Rich(view.header(name)), overflow="fold", no_wrap=name in whole)
    for line in cells:
        table.add_row(*(Rich(cell) for cell in line))
    return _printed(lambda console: console.print(table), columns, colour=colour)


def _width(lines: Sequence[Sequence[str]]) -> int:
    """Return the width in columns of a table whose lines are not folded."""
    longest = [
        max(cell_len(line) for cell in column for line in cell.split("\n")) for column in zip(*lines, strict=True)
    ]
    return sum(longest) + _GAP * (len(longest) - 1) + _EDGES


def _entry(view: _View, row: Any, columns: int) -> str:
    """Return an entry of the audit trail for a terminal that is too narrow for its nine columns."""
    fields = msgspec.structs.asdict(row)
    payloads = {name: view.payload(fields.pop(name)).replace("\n", ", ") for name in ("before", "after")}
    lines = ["  ".join(view.value(name, value) for name, value in fields.items() if value != "")]
    lines += [f"    {view.header(name)}  {payload}" for name, payload in payloads.items() if payload != "–"]
    return "".join(f"{each}\n" for line in lines for each in _wrapped(line, columns))


def _wrapped(line: str, columns: int) -> list[str]:
    """Return a line in pieces that fit, split between words; only a word that is longer than the window is split."""
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    return textwrap.wrap(line, max(columns, 20), subsequent_indent=indent, break_on_hyphens=False)


def _fields(view: _View, answer: Answer, *, columns: int, colour: bool, but: frozenset[str] = frozenset()) -> str:
    left_out = {"status", *but}
    fields = {name: value for name, value in msgspec.structs.asdict(answer).items() if name not in left_out}
    if isinstance(answer, Sanctioned):
        fields |= {"until": answer.until or _FOR_GOOD, "reason": answer.reason or None}
    shown = [(view.header(name), view.value(name, value)) for name, value in fields.items()]
    shown = [(name, value) for name, value in shown if value != "–"]
    if not columns:
        return "".join(f"{name}\t{value}\n".replace("\n", "; ", value.count("\n")) for name, value in shown)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold cyan" if colour else "", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in shown:
        table.add_row(Rich(name), Rich(value))
    return _printed(lambda console: console.print(table), columns, colour=colour)


def _printed(show: Callable[[Console], None], columns: int, *, colour: bool) -> str:
    out = io.StringIO()
    show(
        Console(
            file=out,
            width=columns,
            force_terminal=colour,
            no_color=not colour,
            color_system="standard" if colour else None,
            legacy_windows=False,
            _environ={},
        )
    )
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def as_json(answer: Answer) -> str:
    """Return an answer for a program, on one line: a table becomes an array of its rows."""
    rows = _rows(answer)
    return json_text(_plain(answer if rows is None else rows), compact=True)


def _plain(value: Any) -> Any:
    """Return a value with its texts in English, for programs."""
    if isinstance(value, Text):
        return value.render()
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, msgspec.Struct):
        fields = {f.encode_name: getattr(value, f.name) for f in msgspec.structs.fields(type(value))}
        return {name: _plain(each) for name, each in fields.items() if each is not msgspec.UNSET}
    return written(value)


def error_json(error: ChatError, translate: Translate) -> str:
    """Return a refusal for a program, on one line."""
    fields: dict[str, object] = {"code": error.code, "message": error.text.render(translate)}
    if error.field is not None:
        fields["field"] = error.field
    if error.retry_after is not None:
        fields["retry_after"] = written(error.retry_after)
    return json_text({"error": fields}, compact=True)
