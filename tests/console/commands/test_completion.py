"""What Tab may put at the cursor."""

from __future__ import annotations

import pytest

from classcord.chat.roles import Role, permissions
from classcord.console.commands.completion import complete


class Names:
    def people(self) -> list[str]:
        return ["bob", "Jean Paul"]

    def accounts(self) -> list[str]:
        return ["bob", "Élise"]

    def channels(self) -> list[str]:
        return ["#général", "#dev"]


@pytest.mark.parametrize(
    ("line", "start", "candidates"),
    [
        ("ki", 0, ["kick"]),
        ("kick ", 5, ["bob", '"Jean Paul"', "Élise"]),
        ("kick el", 5, ["Élise"]),
        ('kick "je', 5, ['"Jean Paul"']),
        ("ban JE", 4, ['"Jean Paul"']),
        ("topic gen", 6, ["#général"]),
        ("accept bob #d", 11, ["#dev"]),
        ("accept bob ", 11, ["#dev", "#général"]),
        ("role bob ", 9, ["member", "moderator", "admin", "owner"]),
        ("ban bob --del", 8, ["--delete-account"]),
        ("export users --format js", 22, ["json"]),
        ("history --user b", 15, ["bob"]),
        ("help ki", 5, ["kick"]),
        ("nonsense b", 9, []),
        ("who b", 4, []),
        ("say #dev hello b", 15, []),
    ],
)
def test_candidates(line: str, start: int, candidates: list[str]) -> None:
    """Commands, names by what they are for, options, choices; without regard to case and accents."""
    assert complete(line, len(line), Names(), permissions(Role.MEMBER)[Role.OWNER]) == (start, candidates)


def test_only_what_is_allowed() -> None:
    """A moderator is offered no command of owners, nor their arguments."""
    mine = permissions(Role.MEMBER)[Role.MODERATOR]
    assert complete("shut", 4, Names(), mine) == (0, [])
    assert complete("loglevel ", 9, Names(), mine) == (9, [])
    assert "--yes" in complete("kick bob --", 11, Names(), mine)[1]
