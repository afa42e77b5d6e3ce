"""TOML to frozen Structs: every key with its default, and a refusal that says what would be right.

`schema` has the sections and reads them; `rules` says which values are valid; `conflicts` finds values that contradict
each other; `places` says where endpoints listen; `loading` calls them all.
"""

from classcord.settings.loading import DEFAULT_FILE, chosen, load
from classcord.settings.schema import (
    SSH,
    TLS,
    Limits,
    ListedChannel,
    Listen,
    Server,
    Settings,
    SettingsError,
    Storage,
    Table,
)

__all__ = [
    "DEFAULT_FILE", "SSH", "TLS", "Limits", "ListedChannel", "Listen", "Server", "Settings", "SettingsError", "Storage",
    "Table", "chosen", "load",
]  # fmt: skip
