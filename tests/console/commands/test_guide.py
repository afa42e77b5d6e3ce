"""What `help` shows of the commands, in whatever language."""

from __future__ import annotations

import pytest

from classcord.chat.roles import Permission, Role, permissions
from classcord.chat.subjects import COMMANDS
from classcord.console.commands import guide
from classcord.console.commands.commandline import OLDER

TABLE = permissions(Role.MEMBER)


def plain(words: str) -> str:
    return words


def marked(words: str) -> str:
    """Translate, so that what is not translated shows."""
    return f"<{words}>"


def test_every_command_is_in_one_group() -> None:
    """In the group that names it."""
    shown = [kind for _, kinds in guide.groups() for kind in kinds]
    assert len(shown) == len(COMMANDS)
    assert set(shown) == set(COMMANDS.values())


def test_a_command_that_names_no_group_is_in_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that one may type is left out."""
    for kind in (COMMANDS["who"], COMMANDS["kick"]):
        monkeypatch.delattr(kind, "group")
    title, kinds = list(guide.groups())[-1]
    assert title == "The server"
    assert {COMMANDS["who"], COMMANDS["kick"], COMMANDS["backup"]} <= {*kinds}
    assert {kind for _, kinds in guide.groups() for kind in kinds} == set(COMMANDS.values())


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADMIN, Role.OWNER])
def test_an_overview_has_what_is_allowed(role: Role) -> None:
    """Each command on a line of its own, with its summary, and no other."""
    lines = guide.overview(TABLE[role], plain).splitlines()
    listed = {line.split()[0]: line for line in lines if line.startswith("  ")}
    allowed = {name for name, kind in COMMANDS.items() if kind.permission in TABLE[role]}
    assert set(listed) == allowed
    assert all(listed[name] == f"  {name:12} {COMMANDS[name].summary}" for name in allowed)
    assert lines[-1] == "help COMMAND says more; exit ends the console."


def test_a_group_of_which_nothing_is_allowed_is_not_there() -> None:
    """Nor its title, nor an empty line for it."""
    assert guide.overview({COMMANDS["mute"].permission}, plain) == (
        "Keeping order\n"
        f"  warn         {COMMANDS['warn'].summary}\n"
        f"  unwarn       {COMMANDS['unwarn'].summary}\n"
        f"  mute         {COMMANDS['mute'].summary}\n"
        f"  unmute       {COMMANDS['unmute'].summary}\n"
        "\n"
        "help COMMAND says more; exit ends the console.\n"
    )


def test_all_that_is_known_of_a_command() -> None:
    """Its use, what it does, its arguments with what they are without, options, examples, and from which role on."""
    assert guide.of_command("kick", plain) == (
        "kick USER [DURATION] [REASON...]\n"
        "\n"
        "  throw somebody out; they may come back after a time\n"
        "\n"
        "  USER      the name of a person or an account\n"
        "  DURATION  a duration: 90 (seconds), 30min, 2h, 1h30, 7d (otherwise 5 min)\n"
        "  REASON    why, for whom it concerns: all that follows\n"
        "\n"
        "  --json  answer with JSON, for programs\n"
        "\n"
        "Examples:\n"
        "  kick bob\n"
        "  kick bob 10m Trop de bruit\n"
        "\n"
        "From the role moderator on.\n"
    )


@pytest.mark.parametrize("names", [names for names, _ in guide.OF_THE_CONSOLE])
def test_the_words_of_the_console(names: frozenset[str]) -> None:
    """Each of those that mean the same says what it does."""
    about = dict(guide.OF_THE_CONSOLE)[names]
    assert names
    for name in names:
        assert guide.of_command(name, marked) == f"{name}\n\n  <{about}>\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_all_of_it(name: str) -> None:
    """Summary, examples, `--yes` where it asks, older names, each switch with what it does; all translated."""
    kind, text = COMMANDS[name], guide.of_command(name, marked)
    assert f"<{kind.summary}>" in text
    assert all(f"  {example}\n" in text for example in kind.examples)
    assert ("--yes" in text) == kind.destructive
    assert all(word.upper() in text for word, command in OLDER.items() if command == name)
    for switch, about in guide.SWITCHES.items():
        assert (
            (f"--{switch.replace('_', '-')} " in text) == (f"<{about}>" in text) == (switch in kind.__struct_fields__)
        )


def test_the_lowest_role_is_the_one_of_the_table() -> None:
    """Where the settings say otherwise, `help` says otherwise; an ordinary member has no console."""
    assert guide.lowest_role(Permission.TALK) is Role.MODERATOR
    assert guide.lowest_role(Permission.MANAGE_ACCOUNTS) is Role.ADMIN
    later = {**TABLE, Role.MODERATOR: frozenset[Permission]()}
    assert guide.lowest_role(Permission.TALK, later) is Role.ADMIN
    assert "From the role admin on." in guide.of_command("who", plain, later)
