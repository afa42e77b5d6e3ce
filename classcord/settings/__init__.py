"""TOML to frozen Structs: every key with its default, and a refusal that says what would be right.

`schema` has the sections and reads them, `rules` says what a value must be, `conflicts` what values cannot be together,
`places` where endpoints listen; `loading` asks them all.
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
