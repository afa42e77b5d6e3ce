"""Reads the settings that a command line asks for, or reports all their faults at once. Knows no section."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from classcord.chat.text import N_, Text
from classcord.settings.conflicts import SettingsConflict, between_keys, with_surroundings
from classcord.settings.reading import ReadSettings, read
from classcord.settings.refusals import SettingsError, sentence
from classcord.settings.schema import Settings

DEFAULT_FILE = Path("etc/classcord.toml")


def chosen(config: str | None, overrides: Sequence[str] = (), data: Path | None = None) -> Settings:
    """Return the settings for a command line: of `--config` (else the default file) and `--set`."""
    path = Path(config) if config else DEFAULT_FILE if DEFAULT_FILE.exists() else None
    return load(path.absolute() if path else None, overrides, data)


def load(path: Path | None = None, overrides: Sequence[str] = (), data: Path | None = None) -> Settings:
    """Return the settings of a file and of overrides, as `read` parses them; SettingsError lists all faults.

    With `data`, the data folder of a server that is about to start, the settings must also fit this machine.
    """
    reading = read(path, overrides)
    found = [*between_keys(reading.settings), *(with_surroundings(reading.settings, data) if data else ())]
    wrong = [*reading.wrong, *_told(found, reading)]
    if wrong:
        raise SettingsError(wrong, None if reading.wrong else reading.settings)
    return reading.settings


def _told(found: Sequence[SettingsConflict], reading: ReadSettings) -> Iterator[Text]:
    """Yield the messages of conflicts, with the source of their keys; a key that is already refused has no conflict."""
    for conflict in found:
        if reading.misfits.isdisjoint(conflict.keys):
            sources = dict.fromkeys(reading.sources[key] for key in conflict.keys if key in reading.sources)
            words = sentence(conflict.text.template, **conflict.text.values)
            yield sentence(N_("{where}: {what}"), where=", ".join(sources), what=words) if sources else words
