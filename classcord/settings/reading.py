"""Reads settings: the file classcord.toml, then `--set section.key=value`; each value is checked by itself.

Knows how tables and values are written, not what any key is for; conflicts.py compares the values.
"""

from __future__ import annotations

import difflib
import functools
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

import msgspec

from classcord.chat.text import N_, Text
from classcord.settings import rules
from classcord.settings.refusals import SettingsError, misfit, refused, unknown
from classcord.settings.schema import Settings, Table
from classcord.system_errors import in_words

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@functools.cache
def _keys(table: type[Table]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(table)}


_SECTIONS: dict[str, type[Table]] = {name: field.type for name, field in _keys(Settings).items()}


class _Given(NamedTuple):
    """A value given for a key, before the checks."""

    section: str
    key: str
    value: object
    where: str  # the file, or --set
    folder: Path  # the base of relative paths


class ReadSettings(NamedTuple):
    """The valid settings, the faults of the others, the keys with faults, and the source of each key."""

    settings: Settings
    wrong: list[Text]
    misfits: set[tuple[str, str]]
    sources: dict[tuple[str, str], str]


def read(path: Path | None = None, overrides: Sequence[str] = ()) -> ReadSettings:
    """Return the settings of the file, if there is one, then changed by each override `section.key=value` in order.

    The value of an override is TOML, else the text itself; where a list is expected, a text becomes a list of one, and
    an empty text the empty list. A relative path is relative to its file; in an override, to the working directory. A
    setting that is refused keeps its default.
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
    return ReadSettings(Settings(**sections), wrong, misfits, {place: each.where for place, each in last.items()})


@contextmanager
def _noted(wrong: list[Text]) -> Iterator[None]:
    """Note why something is refused, and continue."""
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
                raise misfit(where, f"[{section}]", table, N_("a table of keys"))
            for key, value in table.items():
                with _noted(wrong):
                    _find(section, key, where)
                    given.append(_Given(section, key, value, where, path.absolute().parent))
    return given


def _document(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise refused(N_("{where}: it cannot be read: {why}."), where=path, why=in_words(error)) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise refused(
            N_("{where}, line {line}: this is not UTF-8; save the file as UTF-8."), where=path, line=line
        ) from None
    except (ValueError, RecursionError) as error:
        raise _no_toml(path, str(error)) from None


_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_FAULTS = {
    "Invalid value": N_("a value is wrong or missing; a text stands in quotes"),
    "Cannot overwrite a value": N_("this key is there already"),
    "Cannot declare": N_("this section is there already"),
    "Expected '=' after a key": N_("a “=” is missing after the key"),
    "Expected newline or end of document": N_("nothing may follow a value on its line"),
    "Unclosed array": N_("a list is not closed"),
    "Unterminated string": N_("a text is not closed"),
    "Illegal character": N_("this character may not stand here"),
}
"""The faults of TOML that people make, by the beginnings of tomllib's words for them."""


def _no_toml(path: Path, words: str) -> SettingsError:
    place = _PLACE.search(words)
    if place is None:
        return refused(N_("{where}: this is not TOML."), where=path)
    fault = next((Text(ours) for theirs, ours in _FAULTS.items() if words.startswith(theirs)), None)
    if fault is None:
        found = N_("{where}, line {line}, column {column}: this is not TOML.")
        return refused(found, where=path, line=place[1], column=place[2])
    found = N_("{where}, line {line}, column {column}: this is not TOML: {why}.")
    return refused(found, where=path, line=place[1], column=place[2], why=fault)


def _in_override(override: str) -> _Given:
    where = "--set"
    name, equals, text = (part.strip() for part in override.partition("="))
    section, dot, key = (part.strip() for part in name.partition("."))
    if not (equals and dot):
        raise refused(N_("{where} {override}: write section.key=value."), where=where, override=override)
    _check_section(section, where)
    return _Given(section, key, _typed(_find(section, key, where), text), where, Path.cwd())


def _typed(field: msgspec.structs.FieldInfo, text: str) -> object:
    """Return the value that a `text` on a command line most likely means; users often forget quotes."""
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
    """Refuse an unknown section, and name the section that is probably meant.

    If a section has a key of this name, name that section.
    """
    if section in _SECTIONS:
        return
    near = [f"[{name}]" for name in difflib.get_close_matches(section, _SECTIONS, 1)]
    near += [f"[{name}] {section}" for name, table in _SECTIONS.items() if section in _keys(table)]
    raise unknown(where, f"[{section}]", near, _SECTIONS)


def _find(section: str, key: str, where: str) -> msgspec.structs.FieldInfo:
    """Return the key's field; refuse an unknown key, and name the key that is probably meant."""
    fields = _keys(_SECTIONS[section])
    if key in fields:
        return fields[key]
    near = [f"[{section}] {name}" for name in difflib.get_close_matches(key, fields, 1)]
    near += [f"[{name}] {key}" for name, table in _SECTIONS.items() if key in _keys(table)]
    raise unknown(where, f"[{section}] {key}", near, fields)


def _accepted(field: msgspec.structs.FieldInfo, given: _Given) -> object:
    """Return the value in the form that its section stores, or refuse it."""
    value = _fitted(field.type, given.value, given.where, f"[{given.section}] {given.key}")
    return os.path.normpath(given.folder / value) if field.type in (rules.Folder, rules.File) and value else value


def _fitted(kind: Any, value: object, where: str, place: str) -> Any:
    """Return `value` converted to the type of its kind (see rules.py); refuse it if it breaks the kind's rule."""
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
    elif isinstance(wanted, type) and issubclass(wanted, Table) and isinstance(value, dict):
        value = _table(wanted, value, where, place)
    try:
        fitting = msgspec.convert(value, wanted)
    except (msgspec.ValidationError, UnicodeEncodeError):
        raise misfit(where, place, written, rule.words) from None
    if not rule.holds(fitting):
        raise misfit(where, place, written, rule.words)
    return fitting


def _table(kind: type[Table], table: dict[str, object], where: str, place: str) -> Table:
    """Return a table in a list, or refuse it with all its faults."""
    fields = _keys(kind)
    wrong: list[Text] = []
    values: dict[str, Any] = {}
    for key, value in table.items():
        with _noted(wrong):
            if key not in fields:
                raise unknown(where, f"{place} {key}", difflib.get_close_matches(key, fields, 1), fields)
            values[key] = _fitted(fields[key].type, value, where, f"{place} {key}")
    for key, field in fields.items():
        if field.required and key not in table:
            wrong += refused(N_("{where}: {place} has no {key}."), where=where, place=place, key=key).texts
    if wrong:
        raise SettingsError(wrong)
    return kind(**values)
