"""The settings: every key of classcord.toml with its default, and how a file and the command line give them.

What a key means is said beside it in etc/classcord.toml. Each value is looked at by itself; conflicts.py compares them.
Starts nothing: each service is handed the section it needs.
"""

from __future__ import annotations

import difflib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args, get_origin

import msgspec

from classcord.chat.names import channel_key
from classcord.chat.text import N_, Text, is_readable
from classcord.language import terminal_language, translator
from classcord.settings import rules

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class SettingsError(Exception):
    """Settings that are refused.

    `texts` says all that is wrong, a sentence each: which file and key, what is wrong, what would be right. `settings`
    are what they are for one who has to go on all the same, if each value is right by itself.
    """

    def __init__(self, texts: Iterable[Text], settings: Settings | None = None) -> None:
        self.texts = tuple(texts)
        self.settings = settings
        translate = translator(terminal_language())
        super().__init__(self.text.render(translate))

    @property
    def text(self) -> Text:
        """All of it as one text."""
        names = [f"text{number}" for number in range(len(self.texts))]
        return Text(" ".join(f"{{{name}}}" for name in names), dict(zip(names, self.texts, strict=True)))


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class Server(Table, frozen=True):
    """How the server presents itself."""

    name: rules.Title = "ClassCord"
    motd: rules.Lines = ""
    language: rules.Language = "fr"
    timezone: rules.TimeZone = "Europe/Paris"


class Listen(Table, frozen=True):
    """Where connections are accepted."""

    chat: rules.Endpoints = ("tcp:12345",)
    tls: rules.Endpoints = ("tcp:12346",)
    ssh: rules.Endpoints = ("tcp:2222",)
    web: rules.Endpoints = ()  # read and checked, but not part of this version
    metrics: rules.Endpoints = ("tcp:12347:interface=127.0.0.1",)
    trusted_proxies: rules.Networks = ()


class TLS(Table, frozen=True):
    """Where the certificate is."""

    directory: rules.Folder = ""

    def path(self, data: Path) -> Path:
        """Return the folder of the certificate, given the data folder."""
        return Path(self.directory) if self.directory else data / "tls"


class Storage(Table, frozen=True):
    """Where and how safely everything is kept."""

    url: rules.Database = f"{rules.SQLITE}classcord.db"
    synchronous: rules.Synchronous = "FULL"

    def path(self, data: Path) -> Path:
        """Return the database file, given the data folder."""
        return data / self.url.removeprefix(rules.SQLITE)


class Accounts(Table, frozen=True):
    """Who may come in."""

    registration: rules.Registration = "open"
    guests: rules.Switch = True
    min_password: rules.Few = 4


class Limits(Table, frozen=True):
    """How much is too much."""

    connections: rules.Limit = 10_000
    connections_per_address: rules.Limit = 1000
    registrations_per_hour: rules.Limit = 200
    channels_per_address: rules.Limit = 200
    stored_bytes_per_day: rules.Limit = 20_000_000
    line_bytes: rules.Size = 65_536
    content_chars: rules.Limit = 10_000
    messages_per_second: rules.Rate = 5.0
    burst: rules.Limit = 25
    bad_lines: rules.Limit = 50
    outbox_bytes: rules.Size = 4_194_304
    allow: rules.Networks = ()
    deny: rules.Networks = ()
    shared_addresses: rules.Networks = ()
    block_after: rules.Limit = 20
    block_within: rules.Limit = 600
    block_seconds: rules.Limit = 900
    history_lines: rules.Few = 20
    announce_below: rules.Many = 50


class ListedChannel(Table, frozen=True):
    """A channel that is there from the first start on."""

    name: rules.ChannelName
    kind: rules.ChannelKind = "open"
    topic: rules.Line = ""
    guests: rules.Switch = True
    read_only: rules.Switch = False


def _all_differ(channels: Sequence[ListedChannel]) -> bool:
    return len({channel_key(channel.name) for channel in channels}) == len(channels)


ListedChannels = Annotated[
    tuple[Annotated[ListedChannel, rules.Rule(N_('a table such as {{name = "Blabla", kind = "open"}}'))], ...],
    rules.Rule(N_("a list of channels, no two of one name"), _all_differ),
]


class Channels(Table, frozen=True):
    """Which channels there are."""

    create: rules.RoleLabel = "member"
    request_days: rules.Days = 14
    listed: ListedChannels = msgspec.field(default=(), name="list")


class SSH(Table, frozen=True):
    """Who administers over SSH."""

    keys: rules.Folder = "admin_keys"
    strict_modes: rules.Switch = True
    passwords: rules.Switch = True
    manhole: rules.Switch = True
    login_grace: rules.Limit = 60
    max_tries: rules.Limit = 6
    max_connections: rules.Limit = 50
    max_sessions: rules.Limit = 10
    idle_timeout: rules.Limit = 3600
    import_bytes: rules.Size = 16_777_216


class Log(Table, frozen=True):
    """What the operations log says."""

    level: rules.LogLevel = "info"
    format: rules.LogFormat = "text"
    file: rules.Switch = True
    message_content: rules.Switch = False


class Backup(Table, frozen=True):
    """Which backups are kept when a new one is made."""

    hourly: rules.Few = 24
    daily: rules.Few = 7
    weekly: rules.Few = 8
    by_hand: rules.Few = 20


class Alerts(Table, frozen=True):
    """Who is told by mail that the server needs somebody, and by which relay; nobody without one."""

    relay: rules.Relay = ""
    security: rules.Security = "none"
    username: rules.Line = ""
    password_file: rules.File = ""
    sender: rules.Mailbox = ""
    to: rules.Mailboxes = ()
    per_hour: rules.Limit = 10
    free_disk: rules.Limit = 500
    certificate_days: rules.Limit = 14

    def mail(self) -> dict[str, Any]:
        """Return what `relay` and `faults` of services/alerts/mail.py ask for."""
        keys = ("sender", "to", "security", "username", "password_file")
        return {"place": self.relay, **{key: getattr(self, key) for key in keys}}


class Settings(Table, frozen=True):
    """All sections of classcord.toml. Paths that it gave are absolute; storage is relative to the data folder."""

    server: Server = Server()
    listen: Listen = Listen()
    tls: TLS = TLS()
    storage: Storage = Storage()
    accounts: Accounts = Accounts()
    limits: Limits = Limits()
    channels: Channels = Channels()
    ssh: SSH = SSH()
    backup: Backup = Backup()
    alerts: Alerts = Alerts()
    log: Log = Log()


def _keys(table: type[Table]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(table)}


_SECTIONS: dict[str, type[Table]] = {name: field.type for name, field in _keys(Settings).items()}


class _Given(NamedTuple):
    """A value that somebody gave a key, not yet looked at."""

    section: str
    key: str
    value: object
    where: str  # the file, or --set
    folder: Path  # what a relative path in it is relative to


class Reading(NamedTuple):
    """Settings as far as they are right, what is wrong with the rest, which keys that are, and who gave which key."""

    settings: Settings
    wrong: list[Text]
    misfits: set[tuple[str, str]]
    sources: dict[tuple[str, str], str]


def read(path: Path | None = None, overrides: Sequence[str] = ()) -> Reading:
    """Return the settings of the file, if there is one, changed by each override `section.key=value` in its turn.

    The value of an override is TOML, else taken as it is; where a list is wanted, a text is a list of one, and an empty
    one the empty list. A relative path is relative to its file; in an override, to the working directory. What is not
    understood has its default.
    """
    wrong: list[Text] = []
    given = _in_file(path, wrong) if path else []
    for override in overrides:
        with _noted(wrong):
            given.append(_in_override(override))
    last = {(each.section, each.key): each for each in given}
    misfits: set[tuple[str, str]] = set()
    tables: dict[str, dict[str, object]] = {section: {} for section in _SECTIONS}
    for place, each in last.items():
        field = _keys(_SECTIONS[each.section])[each.key]
        misfits.add(place)
        with _noted(wrong):
            tables[each.section][field.name] = _accepted(field, each)
            misfits.remove(place)
    sections: dict[str, Any] = {section: _SECTIONS[section](**table) for section, table in tables.items()}
    return Reading(Settings(**sections), wrong, misfits, {place: each.where for place, each in last.items()})


@contextmanager
def _noted(wrong: list[Text]) -> Iterator[None]:
    """Note why something is refused, and go on."""
    try:
        yield
    except SettingsError as error:
        wrong.extend(error.texts)


def _in_file(path: Path, wrong: list[Text]) -> list[_Given]:
    where, given = str(path), []
    document: dict[str, Any] = {}
    with _noted(wrong):
        document = _document(path)
    for section, table in document.items():
        with _noted(wrong):
            _check_section(section, where)
            if not isinstance(table, dict):
                raise _misfit(where, f"[{section}]", table, N_("a table of keys"))
            for key, value in table.items():
                with _noted(wrong):
                    _find(section, key, where)
                    given.append(_Given(section, key, value, where, path.absolute().parent))
    return given


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise _refused(N_("{where}: it cannot be read: {why}."), where=path, why=error.strerror) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _refused(
            N_("{where}, line {line}: this is not UTF-8; save the file as UTF-8."), where=path, line=line
        ) from None
    except (ValueError, RecursionError) as error:
        raise _refused(N_("{where}: this is not TOML: {why}."), where=path, why=error) from None


def _in_override(override: str) -> _Given:
    where = "--set"
    name, equals, text = (part.strip() for part in override.partition("="))
    section, dot, key = (part.strip() for part in name.partition("."))
    if not (equals and dot):
        raise _refused(N_("{where} {override}: write section.key=value."), where=where, override=override)
    _check_section(section, where)
    return _Given(section, key, _typed(_find(section, key, where), text), where, Path.cwd())


def _typed(field: msgspec.structs.FieldInfo, text: str) -> object:
    """Return what `text`, typed on a command line without much thought of quotes, is meant to be."""
    wanted, _ = get_args(field.type)
    try:
        document = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        document = {}
    value = document["value"] if len(document) == 1 else text
    if wanted is str and not isinstance(value, str):
        return text
    if get_origin(wanted) is tuple and isinstance(value, str):
        return [value] if value else []
    return value


def _check_section(section: str, where: str) -> None:
    """Refuse what is no section, with the one that is probably meant, or the place of the key of that name."""
    if section in _SECTIONS:
        return
    near = [f"[{name}]" for name in difflib.get_close_matches(section, _SECTIONS, 1)]
    near += [f"[{name}] {section}" for name, table in _SECTIONS.items() if section in _keys(table)]
    raise _unknown(where, f"[{section}]", near, _SECTIONS)


def _find(section: str, key: str, where: str) -> msgspec.structs.FieldInfo:
    """Return the key's field; refuse what is no key, with the one that is probably meant."""
    fields = _keys(_SECTIONS[section])
    if key in fields:
        return fields[key]
    near = [f"[{section}] {name}" for name in difflib.get_close_matches(key, fields, 1)]
    near += [f"[{name}] {key}" for name, table in _SECTIONS.items() if key in _keys(table)]
    raise _unknown(where, f"[{section}] {key}", near, fields)


def _accepted(field: msgspec.structs.FieldInfo, given: _Given) -> object:
    """Return the value as its section keeps it, or refuse it."""
    value = _fitted(field.type, given.value, given.where, f"[{given.section}] {given.key}")
    return os.path.normpath(given.folder / value) if field.type in (rules.Folder, rules.File) and value else value


def _fitted(kind: Any, value: object, where: str, place: str) -> Any:
    """Return `value` in the type of its kind (see settings_rules); refuse it unless the kind's rule holds."""
    wanted, rule = get_args(kind)
    written = value
    if get_origin(wanted) is tuple and isinstance(value, list):
        item, _ = get_args(wanted)
        wrong: list[Text] = []
        fitted: list[object] = []
        for number, each in enumerate(value, 1):
            with _noted(wrong):
                fitted.append(_fitted(item, each, where, f"{place} #{number}"))
        if wrong:
            raise SettingsError(wrong)
        value = fitted
    elif wanted is ListedChannel and isinstance(value, dict):
        value = _channel(value, where, place)
    try:
        fitting = msgspec.convert(value, wanted)
    except (msgspec.ValidationError, UnicodeEncodeError):
        raise _misfit(where, place, written, rule.words) from None
    if not rule.holds(fitting):
        raise _misfit(where, place, written, rule.words)
    return fitting


def _channel(table: dict[str, object], where: str, place: str) -> ListedChannel:
    fields = _keys(ListedChannel)
    wrong: list[Text] = []
    values: dict[str, Any] = {}
    for key, value in table.items():
        with _noted(wrong):
            if key not in fields:
                raise _unknown(where, f"{place} {key}", difflib.get_close_matches(key, fields, 1), fields)
            values[key] = _fitted(fields[key].type, value, where, f"{place} {key}")
    if "name" not in table:
        wrong += _refused(N_("{where}: {place} has no name."), where=where, place=place).texts
    if wrong:
        raise SettingsError(wrong)
    return ListedChannel(**values)


def _misfit(where: str, place: str, value: object, words: str) -> SettingsError:
    shown = json.dumps(value, ensure_ascii=False, default=str)
    if len(shown) > 100:
        shown = f"{shown[:99]}…"
    return _refused(
        N_("{where}: {place} is {value}, but must be {right}."),
        where=where, place=place, value=shown, right=Text(words),
    )  # fmt: skip


def _unknown(where: str, wrong: str, near: list[str], known: Iterable[str]) -> SettingsError:
    if near:
        return _refused(
            N_("{where}: there is no {wrong}; did you mean {near}?"), where=where, wrong=wrong, near=near[0]
        )
    return _refused(
        N_("{where}: there is no {wrong}; known are {known}."), where=where, wrong=wrong, known=", ".join(known)
    )


def _refused(template: str, **values: object) -> SettingsError:
    return SettingsError([sentence(template, **values)])


def sentence(template: str, **values: object) -> Text:
    """Return a sentence of one line, whatever characters the values have."""
    return Text(template, {name: _on_one_line(value) for name, value in values.items()})


def _on_one_line(value: object) -> object:
    if isinstance(value, (Text, int)):
        return value
    return "".join(c if is_readable(c) else repr(c)[1:-1] for c in str(value))
