"""Command lines to requests: every command's examples, the older forms, and whatever else a person types."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classcord.chat.accounts.vocabulary import SetRole
from classcord.chat.announcements.vocabulary import Announce
from classcord.chat.channels.vocabulary import Members, Topic
from classcord.chat.join_requests.vocabulary import Accept, Reject
from classcord.chat.messages.vocabulary import History, Say, SayPrivately
from classcord.chat.operations.vocabulary import CancelShutdown, Restart, Shutdown
from classcord.chat.operators.vocabulary import Export, Tail
from classcord.chat.requests import Request
from classcord.chat.sanctions.vocabulary import Ban, Kick, Mute
from classcord.chat.subjects import COMMANDS
from classcord.console.commands import guide
from classcord.console.commands.commandline import Asked, UsageError, duration, grammar, read, usage, words
from classcord.language import translator


def request(line: str) -> Request:
    asked = read(line)
    assert asked is not None
    assert asked.request is not None
    return asked.request


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_are_commands(name: str) -> None:
    """Each example of a command is that command, and each command that takes something has one."""
    kind = COMMANDS[name]
    for example in kind.examples:
        assert type(request(example)) in {kind, CancelShutdown}
    assert kind.examples or not any(argument.required for argument in grammar(kind).placed)


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("kick bob", Kick(user="bob")),
        ("KICK bob", Kick(user="bob")),
        ("kick bob 10m flood", Kick(user="bob", duration=600.0, reason="flood")),
        ("kick bob Trop  de bruit", Kick(user="bob", reason="Trop  de bruit")),
        ("kick bob --reason flood 10m", Kick(user="bob", duration=600.0, reason="flood")),
        ("kick --duration=1h30m bob", Kick(user="bob", duration=5400.0)),
        ('kick "Jean Paul" 90', Kick(user="Jean Paul", duration=90.0)),
        ("kick 'Jean Paul'", Kick(user="Jean Paul")),
        (r"kick Jean\ Paul", Kick(user="Jean Paul")),
        ("mute bob 2h 'Insultes répétées'", Mute(user="bob", duration=7200.0, reason="Insultes répétées")),
        ("ban bob 7d Insultes", Ban(target="bob", duration=604_800.0, reason="Insultes")),
        ("ban bob --delete-account", Ban(target="bob", delete_account=True)),
        ("ban bob --delete-account Triche", Ban(target="bob", delete_account=True, reason="Triche")),
        ("ban 10.0.0.0/24 1w", Ban(target="10.0.0.0/24", duration=604_800.0)),
        ("say j'arrive à 5h", Say(content="j'arrive à 5h")),
        ("say #dev Bonjour à tous", Say(channel="#dev", content="Bonjour à tous")),
        ("say --channel dev Bonjour", Say(channel="dev", content="Bonjour")),
        ("msg bob Passe me voir", SayPrivately(to="bob", content="Passe me voir")),
        ("announce -- --json", Announce(content="--json")),
        ("history #dev 20", History(channel="#dev", limit=20)),
        ("history 20", History(limit=20)),
        ("topic #dev", Topic(channel="#dev")),
        ("topic dev Le projet", Topic(channel="dev", topic="Le projet")),
        ("members dev", Members(channel="dev")),
        ("history dev 20", History(channel="dev", limit=20)),
        ("role bob moderator", SetRole(user="bob", role="moderator")),
        ("tail login bob", Tail(only="login bob")),
        ("export users --format=json", Export(what="users", format="json")),
        ("shutdown 5m Mise à jour", Shutdown(delay=300.0, reason="Mise à jour")),
        ("restart", Restart()),
        ("shutdown cancel", CancelShutdown()),
        ("KILL", Shutdown()),
        ("KICK:bob", Kick(user="bob")),
        ("BAN:bob", Ban(target="bob")),
        ("BAN:Jean Paul", Ban(target="Jean Paul")),
        ("ACCEPT:bob:Comptabilité", Accept(user="bob", channel="Comptabilité")),
        ("REJECT:bob:Informatique", Reject(user="bob", channel="Informatique")),
    ],
)
def test_a_line_is_the_request_that_it_means(line: str, asked: Request) -> None:
    """Places, options, quotes, durations, trailing words, and the forms of the older consoles."""
    assert request(line) == asked


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("kikc bob", "did you mean kick?"),
        ("abracadabra", "`help` lists them"),
        ("help kikc", "did you mean kick?"),
        ("kick", "USER is missing; usage: kick USER [DURATION] [REASON...]"),
        ("kick 'bob", "a quotation mark is not closed"),
        ("kick bob --loud", "there is no option --loud"),
        ("kick bob --duration", "--duration needs a value"),
        ("kick bob --duration soon", "“soon” is no duration"),
        ("who bob", "“bob” is too much"),
        ("role bob king", "ROLE is one of member, moderator, admin, owner"),
        ("history #dev many", "LIMIT is a whole number"),
        ("create #jury secret", "KIND is one of open, private, approval"),
        ("audit 0", "LIMIT is not what it should be"),
        ("audit --limit x", "LIMIT is a whole number"),
        ("passwd bob --password hunter2", "a password is not written in the command"),
        ("say \x1b[2J", "a command has no control characters"),
    ],
)
def test_a_line_that_is_no_command_is_told_what_would_be_right(line: str, said: str) -> None:
    """The mistake is named, and the form of the command shown."""
    with pytest.raises(UsageError) as caught:
        read(line)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("role bob modérateur", "role bob moderator"),
        ("users Propriétaire", "users owner"),
        ("create #jury privé", "create #jury private"),
        ("loglevel erreur", "loglevel error"),
        ("export comptes", "export users"),
        ('audit --action "compte supprimé"', "audit --action user-removed"),
        ("audit --action shutdown", "audit --action shutdown"),
    ],
)
def test_a_word_that_tables_show_means_its_code(typed: str, code: str) -> None:
    """What a French table calls something can be typed; the code itself always can."""
    assert request(typed) == request(code)


def test_help_explains_its_options_in_french() -> None:
    """Each with its value's name and what it is for; words to be typed have their translation beside them."""
    audit, role = (guide.of_command(name, translator("fr")) for name in ("audit", "role"))
    assert "  --actor AUTEUR   seulement ce qu’a fait cette personne ou ce compte\n" in audit
    assert "member (membre), moderator (modérateur), admin (administrateur), owner (propriétaire)" in role
    assert "À partir du rôle administrateur." in role
    assert "(otherwise 5 min)" in guide.of_command("kick", str)
    explained = {name: guide.of_command(name, str) for name in COMMANDS}
    assert [name for name, text in explained.items() if "  a text\n" in text] == []


def test_help_and_the_end_are_no_requests() -> None:
    """The console answers them by itself; an empty line and a comment ask nothing."""
    assert read("help") == read("?") == Asked(help="")
    assert read("help kick") == read("kick bob --help") == Asked(help="kick")
    assert read("help KILL") == Asked(help="shutdown")
    assert read("exit") == read("quit") == read("logout") == Asked(leave=True)
    assert read("") is read("  \t") is read("# a note") is None


def test_every_command_takes_json_and_yes() -> None:
    """They stand anywhere before the text, and at the very end of it."""
    assert read("who --json") == Asked(request=request("who"), json=True)
    assert read("kick bob --yes") == read("kick --yes bob") == Asked(request=Kick(user="bob"), yes=True)
    assert read("KICK:bob --yes") == read("kick bob --yes")
    assert read("kick bob 10m flood --yes --json") == Asked(
        request=Kick(user="bob", duration=600.0, reason="flood"), json=True, yes=True
    )


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5400), ("4w", 2_419_200)]
)
def test_durations(text: str, seconds: float) -> None:
    """Seconds without a unit, else the sum of the parts."""
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "-1", "m", "1y", "1.5h", "9" * 21])
def test_what_is_no_duration(text: str) -> None:
    """Anything else is refused in words."""
    with pytest.raises(UsageError):
        duration(text)


@given(st.text(max_size=80) | st.from_regex(r"(kick|ban|say|export|history|topic|msg) .{0,40}", fullmatch=True))
@settings(max_examples=100)
def test_any_line_is_a_request_or_a_refusal(line: str) -> None:
    """Whatever is typed, nothing else comes of it."""
    with suppress(UsageError):
        asked = read(line)
        assert asked is None or asked.leave or asked.help is not None or isinstance(asked.request, Request)


def test_words_of_a_shell_are_one_line() -> None:
    """What a shell has parted is put together so that it means the same."""
    assert words(["kick", "Jean Paul", "10m"]) == 'kick "Jean Paul" 10m'
    assert request(words(["kick", "Jean Paul"])) == Kick(user="Jean Paul")
    assert words(["kick 'Jean Paul' 10m"]) == "kick 'Jean Paul' 10m"


def test_usage_shows_every_argument() -> None:
    """Required ones bare, others in brackets, text with dots, choices spelled out."""
    assert usage(Ban) == "ban TARGET [DURATION] [REASON...] [--delete-account]"
    assert usage(Export) == "export users|messages|audit [--format FORMAT] [--bom] [--excel] [--reason REASON]"
