"""What tests of settings share: a file that is written, and the words of a refusal."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from classcord.settings import SettingsError, Table, load

# Asking Twisted for a kind of endpoint that it has not built in imports its plugins, old ones too.
loads_plugins = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def keys(table: type[Table]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(table)}


def written(folder: Path, content: str | bytes) -> Path:
    file = folder / "classcord.toml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def refusal(path: Path | None = None, *overrides: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(path, overrides)
    return str(caught.value)
