"""The work of `classcord import-class`: it reads, compares, shows, and with --apply stores, or asks a running server.

Knows no file format.
"""

from __future__ import annotations

import argparse
import itertools
import re
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from classcord import durable
from classcord.chat.errors import NotFound
from classcord.chat.hub import Hub
from classcord.chat.retention.durations import months_after
from classcord.chat.text import N_, Text
from classcord.cli.doctor.checks.machine import is_held
from classcord.cli.import_class.applying import NewPupil, apply, with_passwords
from classcord.cli.import_class.beside import hub_of, parts, take
from classcord.cli.import_class.class_list import ClassList, columns_of, read_list
from classcord.cli.import_class.class_rooms import rooms_of
from classcord.cli.import_class.comparing import Comparing, Comparison
from classcord.cli.import_class.slips import Whereabouts, as_html, as_pdf
from classcord.cli.options import say_refused
from classcord.cli.stopped_server import REFUSED, held
from classcord.cli.tables.refusing import ImportRefused, printable
from classcord.language import terminal_language, translator
from classcord.server.web_address import web_address
from classcord.services.documents.pdf import PdfUnavailable
from classcord.services.process.datafolder import DataFolder
from classcord.settings import Settings, chosen
from classcord.settings.listen_addresses import listen_address
from classcord.store.ports import Store, Unreadable
from classcord.store.urls import store_at
from classcord.system_errors import in_words
from classcord.wire.json_text import json_text

if TYPE_CHECKING:
    from classcord.chat.people import Account

MOST_BYTES = 20_000_000  # of a list
_CANNOT_READ = N_("cannot be read: {why}")
_NO_DATABASE = N_("there is no database yet: start the server once, or run `classcord init`")
_NO_FOLDER = N_("the slips cannot be written: {why}; nothing was stored")
_NEW = N_("{user}: new, in {channels}")
_MOVES = N_("{user}: moves from {left} to {channels}")
_ENTERS = N_("{user}: enters {channels}")
_ONLY_LEAVES = N_("{user}: leaves {left}")
_GONE = N_("{user}: not on the list any more, in {channels}")
_NONE = "-"  # where there is no channel
_SUMS = N_("New: {new}; moved: {moved}; unchanged: {same}; not on the list any more: {gone}; refused: {refused}")
_OVER = N_("Channels that are closed: {channels}")
_SHUT_OUT = N_(
    "Who is gone is shut out, and erased from {day} on; until then `unban` lets them in again, and they stay."
)
_NO_YEAR = N_("a year is wanted, such as 2027 or 2026-2027")
_STOPPED = N_("a year begins while the server is stopped: stop it, and start it again afterwards")
_REFUSED_ROWS = N_("{count} rows are refused: a year begins with a whole list; without --apply they are shown")
_ROOMS = N_("New channels: {channels}")
_ONLY_SHOWN = N_("Nothing was stored; with --apply, this is done.")
_UNKNOWN_GONE = N_("Who is gone can be said when no row is refused.")
_STAY = N_("Who is gone stays in the channels; --gone lets them leave. No account is deleted.")
_SLIPS = N_("Slips to hand out, with passwords in clear: {files}. Remove them once they are printed.")


def run(arguments: argparse.Namespace) -> int:
    """Import the list. Returns the exit status: 1 if rows were refused, 2 if the list was, in one line."""
    try:
        return _import_class(arguments)
    except (*REFUSED, ImportRefused, NotFound, Unreadable) as error:
        return say_refused(error, arguments)


def _import_class(arguments: argparse.Namespace) -> int:
    notes: list[Text] = []
    listed = _read(arguments, notes)
    settings = chosen(arguments.config, arguments.overrides, arguments.data)
    store = store_at(settings.storage.url, arguments.data.absolute())
    DataFolder(arguments.data).check_not_lost(store.file, store.log)
    if not store.file.exists():
        raise ImportRefused(str(store.file), _NO_DATABASE)
    if is_held(arguments.data / "lock"):
        return _beside_a_server(arguments, settings, store, listed, notes)
    files: list[Path] = []
    with held(settings, arguments.data) as prepared:
        found = _compared(prepared.hub, listed, arguments)
        report = _report(prepared.hub, found)
        members = _members(prepared.hub, arguments.teacher)
        if arguments.apply:
            new = with_passwords(found)
            files = _write_slips(arguments, settings, new, notes) if new else []
            apply(prepared, found, new, members, gone=arguments.gone, new_year=arguments.new_year)
    said = _Shown(report, files, _erased_from(settings))
    _print(arguments, notes, found, said)
    return 1 if found.refused else 0


def _beside_a_server(
    arguments: argparse.Namespace, settings: Settings, store: Store, listed: ClassList, notes: list[Text]
) -> int:
    """Import while the server runs: it is asked for what changes. Only a new year wants it stopped."""
    if arguments.new_year:
        raise ImportRefused("--new-year", _STOPPED)
    files: list[Path] = []
    hub = hub_of(store, settings)
    found = _compared(hub, listed, arguments)
    report = _report(hub, found)
    teachers = {number: hub.state.accounts_by_id[number].name for number in _members(hub, arguments.teacher)}
    if arguments.apply:
        new = with_passwords(found)
        asked = parts(hub, found, new, teachers, gone=arguments.gone, adopt=arguments.adopt)
        files = _write_slips(arguments, settings, new, notes) if new else []
        take(DataFolder(arguments.data).control, asked, lambda: _remove(files))
    _print(arguments, notes, found, _Shown(report, files, _erased_from(settings)))
    return 1 if found.refused else 0


def _erased_from(settings: Settings) -> str:
    """Return the day from which on whoever leaves today is erased."""
    at = months_after(int(time.time() * 1000), settings.retention.accounts)
    return datetime.fromtimestamp(at / 1000, ZoneInfo(settings.server.timezone)).date().isoformat()


def _read(arguments: argparse.Namespace, notes: list[Text]) -> ClassList:
    try:
        data = durable.read(arguments.file, MOST_BYTES)
    except OSError as error:
        raise ImportRefused(str(arguments.file), _CANNOT_READ, why=in_words(error)) from None
    return read_list(
        printable(arguments.file.name), data, columns_of(arguments.column), arguments.one_class.strip(), notes.append
    )


def _compared(hub: Hub, listed: ClassList, arguments: argparse.Namespace) -> Comparison:
    """Return the comparison. With refused rows, no new year begins: it is not known who has left."""
    year = arguments.new_year
    if year and not re.fullmatch("[0-9A-Za-z-]{2,12}", year):
        raise ImportRefused("--new-year", _NO_YEAR)
    found = Comparing(hub, listed, adopt=arguments.adopt, new_year=year).compare()
    if year and found.refused and arguments.apply:
        raise ImportRefused(arguments.file.name, _REFUSED_ROWS, count=len(found.refused))
    return found


def _members(hub: Hub, names: list[str]) -> list[int]:
    found = []
    for name in names:
        account = hub.state.account(name)
        if account is None:
            raise NotFound(name=name)
        found.append(account.id)
    return found


# -- slips ------------------------------------------------------------------------------------------------------------


def _write_slips(
    arguments: argparse.Namespace, settings: Settings, new: list[NewPupil], notes: list[Text]
) -> list[Path]:
    """Write the slips before anything is stored: of the passwords, only digests are kept."""
    language = settings.server.language
    translate = translator(language)
    place = _place(arguments, settings)
    folder = arguments.slips or arguments.data / "slips"
    contents = {".html": as_html(new, place, translate, language)}
    try:
        contents[".pdf"] = as_pdf(new, place, translate)
    except PdfUnavailable as error:
        notes.append(error.text)
    files = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        durable.give_to_owner(folder, arguments.data)
        stem = _free_stem(folder)
        for ending, content in contents.items():
            file = folder / f"{stem}{ending}"
            files.append(file)
            durable.write(file, content)
            durable.give_to_owner(file, arguments.data)
    except OSError as error:
        _remove(files)
        raise ImportRefused(str(folder), _NO_FOLDER, why=in_words(error)) from None
    return files


def _free_stem(folder: Path) -> str:
    """Return a beginning for the names of the slips that no other file has; the first file is made at once, empty.

    Of two imports at once one is refused, and removes its slips: those of the other stay.
    """
    stem = first = f"slips-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    for number in itertools.count(2):
        with suppress(FileExistsError):
            (folder / f"{stem}.html").touch(mode=0o600, exist_ok=False)
            break
        stem = f"{first}-{number}"
    return stem


def _remove(files: list[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def _place(arguments: argparse.Namespace, settings: Settings) -> Whereabouts:
    """Return where the server is: as the options say, or as this machine is reached."""
    web = arguments.web or web_address(settings)
    host = web.partition("//")[2].partition("/")[0].rpartition(":")[0] or web.partition("//")[2].strip("/")
    ports = [place.port for place in map(listen_address, settings.listen.chat) if place is not None and place.port]
    server = arguments.server or (f"{host}:{ports[0]}" if host and ports else "")
    return Whereabouts(settings.server.name, server, web)


# -- what is said -----------------------------------------------------------------------------------------------------


def _names(hub: Hub, numbers: set[int]) -> str:
    return ", ".join(sorted(hub.state.channel_name(number) for number in numbers)) or _NONE


def _report(hub: Hub, found: Comparison) -> dict[str, list[dict[str, Any]]]:
    """Return what would change, before it does."""

    def rooms(keys: set[str]) -> str:
        return ", ".join(sorted(found.rooms[key][0] for key in keys)) or _NONE

    def left(account: Account, leaves: set[int]) -> str:
        """Return the channels from which somebody comes: those of last year are over, and nobody leaves them."""
        return _names(hub, leaves | rooms_of(hub, account.id, dict.fromkeys(found.over, True)))

    moved = found.moved
    return {
        "new": [
            {"line": p.line, "user": name, "name": p.shown, "channels": rooms(keys)} for p, name, keys in found.new
        ],
        "moved": [{"user": a.name, "left": left(a, leaves), "channels": rooms(keys)} for a, leaves, keys in moved],
        "gone": [{"user": account.name, "channels": _names(hub, leaves)} for account, leaves in found.gone],
    }


def _template(kind: str, row: dict[str, Any]) -> str:
    """Return the sentence about somebody who is new, moves or is gone; a move may have no channel on one side."""
    if kind != "moved":
        return {"new": _NEW, "gone": _GONE}[kind]
    if row["channels"] == _NONE:
        return _ONLY_LEAVES
    return _ENTERS if row["left"] == _NONE else _MOVES


class _Shown(NamedTuple):
    """What is said of a comparison: its rows, the slips that were written, from which day on who leaves is erased."""

    report: dict[str, list[dict[str, Any]]]
    files: list[Path]
    day: str


def _print(
    arguments: argparse.Namespace,
    notes: list[Text],
    found: Comparison,
    said: _Shown,
) -> None:
    report, files, day = said
    _ = translator(terminal_language())
    for note in notes:
        print(f"classcord: {note.render(_)}", file=sys.stderr)
    refusals = [{"line": each.line, "name": each.name, "reason": each.why.render(_)} for each in found.refused]
    counts = {"same": len(found.same), **{name: len(rows) for name, rows in report.items()}, "refused": len(refusals)}
    if arguments.json:
        rooms = [found.rooms[key][0] for key in found.new_rooms]
        fields = {
            "applied": arguments.apply,
            **report,
            "same": len(found.same),
            "refused": refusals,
            "rooms": rooms,
            "closed": [*found.over.values()],
            "erased_from": day if arguments.new_year and found.gone else None,
        }
        print(json_text({**fields, "slips": [str(file) for file in files]}, only_ascii=True))
        return
    lines = [
        *(Text(_template(kind, row), row).render(_) for kind, rows in report.items() for row in rows),
        *(": ".join(filter(None, each.values())) for each in refusals),
        *(text.render(_) for text in _sums(arguments, found, counts, files, day)),
    ]
    print("\n".join(lines))


def _sums(
    arguments: argparse.Namespace, found: Comparison, counts: dict[str, int], files: list[Path], day: str
) -> Iterator[Text]:
    """Yield what is said below the people."""
    if found.new_rooms:
        yield Text(_ROOMS, {"channels": ", ".join(sorted(found.rooms[key][0] for key in found.new_rooms))})
    if found.over:
        yield Text(_OVER, {"channels": ", ".join(sorted(found.over.values()))})
    yield Text(_SUMS, dict(counts))
    if found.refused:
        yield Text(_UNKNOWN_GONE)
    if found.gone and not arguments.gone:
        yield Text(_SHUT_OUT, {"day": day}) if arguments.new_year else Text(_STAY)
    if files:
        yield Text(_SLIPS, {"files": ", ".join(map(str, files))})
    if not arguments.apply:
        yield Text(_ONLY_SHOWN)
