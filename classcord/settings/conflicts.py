"""Settings that are valid one by one, but contradict each other or the machine. Opens nothing, changes nothing.

Each check yields conflicts: the keys concerned, and a sentence that says what would be right.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from ipaddress import ip_network
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import msgspec

from classcord.chat.text import N_, Text
from classcord.services.alerts import mail
from classcord.services.calendar.calendar_file import CalendarError, holidays
from classcord.services.passwords import program
from classcord.services.passwords.directory import options as directory
from classcord.services.word_list import WordListError, entries
from classcord.settings.listen_addresses import ListenAddress, handed_over, listen_address
from classcord.settings.rules import Endpoints
from classcord.settings.schema import ListenSettings, Settings

Key = tuple[str, str]
FACES = tuple(field.name for field in msgspec.structs.fields(ListenSettings) if field.type == Endpoints)
ENVELOPE = len(b'{"type":"message","content":""}')  # the shortest line that carries a message's text


class SettingsConflict(NamedTuple):
    """Settings that contradict each other, or the machine."""

    keys: tuple[Key, ...]
    text: Text


def between_keys(settings: Settings) -> Iterator[SettingsConflict]:
    """Yield the contradictions between settings, which are the same on every machine."""
    yield from _listeners(settings)
    yield from _limits(settings)
    yield from _networks(settings)
    for wrong in directory.faults(settings.ldap.options()):
        yield SettingsConflict((("ldap", wrong.key),), wrong.text)
    unclear = program.fault(settings.login_program.command)
    if unclear is not None:
        yield SettingsConflict((("login_program", "command"),), unclear)
    yield from _quiet_hours(settings)
    keys = tuple(("alerts", key) for key in ("relay", "sender", "to", "security", "username", "password_file"))
    for fault in mail.faults(**settings.alerts.mail()):
        yield SettingsConflict(keys, fault.text)


def with_surroundings(settings: Settings, data: Path) -> Iterator[SettingsConflict]:
    """Yield the contradictions between the settings and this machine or the data folder."""
    yield from _own_files(settings, data)
    yield from _folders(settings, data)
    missing = directory.missing_library() if settings.ldap.urls else None
    if missing is not None:
        yield SettingsConflict((("ldap", "urls"),), missing)
    unusable = (
        None if program.fault(settings.login_program.command) else program.unusable(settings.login_program.command)
    )
    if unusable is not None:
        yield SettingsConflict((("login_program", "command"),), unusable)
    if settings.quiet_hours.on and settings.quiet_hours.calendar:
        try:
            holidays(Path(settings.quiet_hours.calendar))
        except CalendarError as error:
            words = Text(N_("[quiet_hours] calendar: {why}"), {"why": error.text})
            yield SettingsConflict((("quiet_hours", "calendar"),), words)
    if settings.words.file:
        try:
            entries(Path(settings.words.file))
        except WordListError as error:
            yield SettingsConflict((("words", "file"),), Text(N_("[words] file: {why}"), {"why": error.text}))
    if settings.alerts.username and settings.alerts.password_file and settings.alerts.relay:
        try:
            mail.password(settings.alerts.password_file)
        except mail.MailError as error:
            yield SettingsConflict((("alerts", "password_file"),), error.text)


# -- listeners --------------------------------------------------------------------------------------------------------


class _Listener(NamedTuple):
    face: str
    endpoint: str
    place: ListenAddress | None

    @property
    def key(self) -> Key:
        return "listen", self.face


def _all_listeners(settings: Settings) -> list[_Listener]:
    listen = {face: getattr(settings.listen, face) for face in FACES}
    return [_Listener(face, endpoint, listen_address(endpoint)) for face in FACES for endpoint in listen[face]]


def _listeners(settings: Settings) -> Iterator[SettingsConflict]:
    for one, other in combinations(_all_listeners(settings), 2):
        values: dict[str, object] = {
            "one": one.face,
            "first": one.endpoint,
            "other": other.face,
            "second": other.endpoint,
        }
        socket = handed_over(one.endpoint)
        if socket is not None and socket == handed_over(other.endpoint):
            words = N_(
                '[listen] {one} "{first}" and {other} "{second}" cannot both have one socket of systemd: give each its '
                "own."
            )
        elif one.place is None or other.place is None or not one.place.meets(other.place):
            continue
        elif one.place.path:
            words = N_(
                '[listen] {one} "{first}" and {other} "{second}" cannot both listen on one path: choose another one '
                "for one of them."
            )
        else:
            words = N_(
                '[listen] {one} "{first}" and {other} "{second}" cannot both listen on port {port}: choose another one '
                "for one of them."
            )
            values["port"] = one.place.port
        yield SettingsConflict(tuple(dict.fromkeys((one.key, other.key))), Text(words, values))


def _own_files(settings: Settings, data: Path) -> Iterator[SettingsConflict]:
    """A unix socket at the path of the control socket would make `classcord ctl` unusable, or would be removed."""
    for listener in _all_listeners(settings):
        if listener.place is not None and listener.place.meets(ListenAddress(path=str(data / "control"))):
            words = N_(
                '[listen] {face} "{endpoint}" is the socket that `classcord ctl` uses: choose another path for it.'
            )
            values: dict[str, object] = {"face": listener.face, "endpoint": listener.endpoint}
            yield SettingsConflict((listener.key,), Text(words, values))


# -- limits -----------------------------------------------------------------------------------------------------------


def _limits(settings: Settings) -> Iterator[SettingsConflict]:
    limits = settings.limits
    room = limits.line_bytes - ENVELOPE
    if limits.line_bytes and limits.content_chars > room:
        words = N_(
            "[limits] content_chars is {chars}, but a line of line_bytes = {bytes} has no room for more than {room}: "
            "lower content_chars, or raise line_bytes to {needed} at least."
        )
        values: dict[str, object] = {
            "chars": limits.content_chars,
            "bytes": limits.line_bytes,
            "room": room,
            "needed": limits.content_chars + ENVELOPE,
        }
        yield SettingsConflict((("limits", "content_chars"), ("limits", "line_bytes")), Text(words, values))
    if limits.line_bytes and limits.outbox_bytes and limits.outbox_bytes < limits.line_bytes:
        words = N_(
            "[limits] outbox_bytes is {outbox}, but a line may have line_bytes = {bytes}: whoever has not yet read one "
            "such message would be disconnected by the next; raise outbox_bytes, or lower line_bytes."
        )
        values = {"outbox": limits.outbox_bytes, "bytes": limits.line_bytes}
        yield SettingsConflict((("limits", "outbox_bytes"), ("limits", "line_bytes")), Text(words, values))


def _networks(settings: Settings) -> Iterator[SettingsConflict]:
    """A denied network wins over an allowed one: an allowed network within a denied one admits no connection."""
    limits = settings.limits
    denied = [(text, ip_network(text)) for text in limits.deny]
    for allowed in limits.allow:
        network = ip_network(allowed)
        for text, wide in denied:
            if network.version == wide.version and network.subnet_of(wide):  # type: ignore[arg-type]
                words = N_(
                    '[limits] allow has "{allowed}", but deny has "{denied}", and so nobody from there can connect: '
                    "remove one of them."
                )
                keys = (("limits", "allow"), ("limits", "deny"))
                yield SettingsConflict(keys, Text(words, {"allowed": allowed, "denied": text}))


def _quiet_hours(settings: Settings) -> Iterator[SettingsConflict]:
    """Quiet hours that are on and hold at no time: somebody believes that the pupils sleep."""
    quiet = settings.quiet_hours
    if not quiet.on or any(quiet.week()) or quiet.weekends or quiet.holidays or quiet.calendar:
        return
    words = N_("[quiet_hours] on is true, but no day has any: write some, or on = false.")
    yield SettingsConflict((("quiet_hours", "on"),), Text(words))


# -- folders ----------------------------------------------------------------------------------------------------------


def _folders(settings: Settings, data: Path) -> Iterator[SettingsConflict]:
    """Folders outside the data folder must exist: the server creates none there."""
    if settings.tls.directory and not Path(settings.tls.directory).is_dir():
        words = N_(
            '[tls] directory: there is no folder {folder}; make it, or write "" for the folder tls of the data folder.'
        )
        yield SettingsConflict((("tls", "directory"),), Text(words, {"folder": settings.tls.directory}))
    data = data.absolute()
    database = settings.storage.path(data)
    if database.is_dir():
        words = N_("[storage] url: {file} is a folder; name a file in it.")
        yield SettingsConflict((("storage", "url"),), Text(words, {"file": str(database)}))
    elif not _is_made(database, data) and not database.parent.is_dir():
        words = N_("[storage] url: there is no folder {folder}; make it, or choose another one.")
        yield SettingsConflict((("storage", "url"),), Text(words, {"folder": str(database.parent)}))
    keys = Path(settings.ssh.keys)
    if os.path.lexists(keys) and not keys.is_dir():
        words = N_("[ssh] keys: {folder} is not a folder; name the one that has the public keys.")
        yield SettingsConflict((("ssh", "keys"),), Text(words, {"folder": str(keys)}))


def _is_made(file: Path, data: Path) -> bool:
    """Whether the server creates the folder of a file.

    Yes within its data folder, unless a file stands in its place.
    """
    if ".." in file.parts or not file.is_relative_to(data):
        return False
    ways = [data / folder for folder in file.relative_to(data).parents]
    return not any(os.path.lexists(way) and not way.is_dir() for way in ways if way != data)
