"""The tables of settings: their defaults, and the file as it is shipped."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from classcord.chat.channels.channel import Kind
from classcord.chat.roles import Role
from classcord.language import LANGUAGES
from classcord.settings import ChannelSettings, Settings, load
from classcord.settings import rules as settings_rules
from tests.settings.refused import keys, written

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

SHIPPED = Path(__file__).parents[2] / "etc" / "classcord.toml"
IN_ENGLISH = SHIPPED.with_name("classcord.en.toml")


def with_example(shipped: str) -> str:
    """The shipped file, once the `#` in front of its example channels is removed."""
    return re.sub(r"^( *)# (?=\{)", r"\1", shipped, flags=re.MULTILINE)


@pytest.mark.parametrize("shipped", [SHIPPED, IN_ENGLISH], ids=["fr", "en"])
class TestShippedFile:
    def test_gives_the_defaults(self, shipped: Path) -> None:
        """The file as it is shipped changes nothing; its paths are only made relative to it."""
        beside = str(shipped.parent.parent / "admin_keys")
        assert load(shipped) == msgspec.structs.replace(
            Settings(), ssh=msgspec.structs.replace(Settings().ssh, keys=beside)
        )

    def test_is_the_same_elsewhere(self, tmp_path: Path, shipped: Path) -> None:
        """A copy of the file, in whatever folder, means the same."""
        copy = load(written(tmp_path, shipped.read_bytes()))
        assert msgspec.structs.replace(copy, ssh=Settings().ssh) == Settings()

    def test_has_every_key(self, shipped: Path) -> None:
        """Who reads the file has read about every setting, those of a channel too."""
        document = tomllib.loads(with_example(shipped.read_text("utf-8")))
        assert document.keys() == keys(Settings)
        for section in msgspec.structs.fields(Settings):
            assert document[section.encode_name].keys() == keys(section.type)
        assert document["channels"]["list"][0].keys() == keys(ChannelSettings)

    def test_has_a_working_example_of_channels(self, tmp_path: Path, shipped: Path) -> None:
        """The older classroom's five rooms are had by removing the `#` in front of them."""
        listed = load(written(tmp_path, with_example(shipped.read_text("utf-8")))).channels.listed
        assert [(channel.name, channel.kind) for channel in listed] == [
            ("Général", "open"),
            ("Blabla", "open"),
            ("Comptabilité", "approval"),
            ("Informatique", "approval"),
            ("Marketing", "approval"),
        ]


class TestDefaults:
    def test_are_had_without_a_file(self) -> None:
        """Without a file and overrides everything has its default."""
        assert load() == Settings()

    def test_obey_their_own_rules(self) -> None:
        """Each default would be accepted if somebody wrote it."""
        document = msgspec.to_builtins(Settings())
        for section, table in document.items():
            for key, value in table.items():
                load(None, [f"{section}.{key}={msgspec.json.encode(value).decode()}"])

    def test_choices_are_those_of_the_chat(self) -> None:
        """A language, a role or a kind of channel that the chat knows can be chosen, and no other."""
        assert get_args(get_args(settings_rules.Language)[0]) == LANGUAGES
        assert get_args(get_args(settings_rules.RoleLabel)[0]) == tuple(role.label for role in Role)
        assert {"default", *get_args(get_args(settings_rules.ChannelKind)[0])} == {kind.value for kind in Kind}
