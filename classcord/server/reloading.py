"""Which changed settings take effect at a reload, and which only at a restart. Knows settings, no server."""

from __future__ import annotations

import msgspec

from classcord.chat.text import N_, Text
from classcord.settings import Settings
from classcord.wire.json_text import json_text

FIXED = ("listen", "tls", "storage")  # sections of the settings that a running server does not change
FIXED_KEYS = (("ssh", "keys"),)  # single keys of other sections


def _fixed(settings: Settings) -> dict[tuple[str, str], object]:
    keys = [(section, key) for section in FIXED for key in getattr(settings, section).__struct_fields__]
    return {(section, key): getattr(getattr(settings, section), key) for section, key in (*keys, *FIXED_KEYS)}


def merged(present: Settings, wanted: Settings) -> Settings:
    """Return the new settings as far as they take effect now; what needs a restart keeps its old value."""
    sections = {section: getattr(present, section) for section in FIXED}
    for section, key in FIXED_KEYS:
        kept = {key: getattr(getattr(present, section), key)}
        sections[section] = msgspec.structs.replace(getattr(wanted, section), **kept)
    return msgspec.structs.replace(wanted, **sections)


def changed_sections(present: Settings, wanted: Settings) -> list[str]:
    """Return which settings wait for a restart: `[listen]`, `[ssh] keys`."""
    sections = [f"[{name}]" for name in FIXED if getattr(present, name) != getattr(wanted, name)]
    keys = [
        f"[{section}] {key}"
        for section, key in FIXED_KEYS
        if getattr(getattr(present, section), key) != getattr(getattr(wanted, section), key)
    ]
    return sections + keys


def waiting(present: Settings, wanted: Settings) -> tuple[Text, ...]:
    """Return a sentence for each setting that waits for a restart: its name, its old value, its new value."""
    before, after = _fixed(present), _fixed(wanted)
    words = N_("[{section}] {key} waits for a restart: it is {old}, and will be {new}.")
    return tuple(
        Text(words, {"section": section, "key": key, "old": _shown(old), "new": _shown(after[section, key])})
        for (section, key), old in before.items()
        if old != after[section, key]
    )


def _shown(value: object) -> str:
    """Return a value as it stands in a settings file: strings, lists and numbers are the same in TOML as in JSON."""
    return json_text(value)
