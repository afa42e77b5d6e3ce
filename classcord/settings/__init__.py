"""TOML to frozen Structs: every key with its default, and a refusal that says what would be right.

`schema` has the sections and reads them, `rules` says what a value must be.
"""

from classcord.settings.schema import (
    DEFAULT_FILE,
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
    chosen,
    load,
)

__all__ = [
    "DEFAULT_FILE", "SSH", "TLS", "Limits", "ListedChannel", "Listen", "Server", "Settings", "SettingsError", "Storage",
    "Table", "chosen", "load",
]  # fmt: skip
