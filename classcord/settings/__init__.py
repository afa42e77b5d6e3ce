"""TOML to frozen Structs: every key with its default, and a refusal that says what would be right.

`schema` has the tables; `rules` says which values are valid; `reading` reads the file and the command line; `refusals`
says what is wrong with them; `conflicts` finds values that contradict each other; `listen_addresses` says where
endpoints listen; `loading` calls them all.
"""

from classcord.settings.loading import DEFAULT_FILE, chosen, load
from classcord.settings.refusals import SettingsError
from classcord.settings.schema import (
    ChannelSettings,
    LimitsSettings,
    ListenSettings,
    ServerSettings,
    Settings,
    SSHSettings,
    StorageSettings,
    Table,
    TLSSettings,
)

__all__ = [
    "DEFAULT_FILE",
    "ChannelSettings",
    "LimitsSettings",
    "ListenSettings",
    "SSHSettings",
    "ServerSettings",
    "Settings",
    "SettingsError",
    "StorageSettings",
    "TLSSettings",
    "Table",
    "chosen",
    "load",
]
