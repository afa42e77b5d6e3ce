"""The settings that a command line asks for, or all that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from classcord.chat.text import N_, Text
from classcord.settings.conflicts import Conflict, between_keys, with_surroundings
from classcord.settings.schema import Reading, Settings, SettingsError, read, sentence

DEFAULT_FILE = Path("etc/classcord.toml")


def chosen(config: str | None, overrides: Sequence[str] = (), data: Path | None = None) -> Settings:
    """Return the settings that a command line asks for: `--config`, else the usual file if it is there; `--set`."""
    path = Path(config) if config else DEFAULT_FILE if DEFAULT_FILE.exists() else None
    return load(path.absolute() if path else None, overrides, data)


def load(path: Path | None = None, overrides: Sequence[str] = (), data: Path | None = None) -> Settings:
    """Return the settings of a file and of overrides, as `read` understands them; SettingsError says all that is wrong.

    Whoever starts a server with them gives its data folder: then they must also fit to what is on this machine.
    """
    reading = read(path, overrides)
    found = [*between_keys(reading.settings), *(with_surroundings(reading.settings, data) if data else ())]
    wrong = [*reading.wrong, *_told(found, reading)]
    if wrong:
        raise SettingsError(wrong, None if reading.wrong else reading.settings)
    return reading.settings


def _told(found: Sequence[Conflict], reading: Reading) -> Iterator[Text]:
    """Yield the sentences of conflicts, with who gave the keys; a key that is refused by itself conflicts with none."""
    for conflict in found:
        if reading.misfits.isdisjoint(conflict.keys):
            sources = dict.fromkeys(reading.sources[key] for key in conflict.keys if key in reading.sources)
            words = sentence(conflict.text.template, **conflict.text.values)
            yield sentence(N_("{where}: {what}"), where=", ".join(sources), what=words) if sources else words
