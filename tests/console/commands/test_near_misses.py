"""A near miss on a command line is refused with the right form, never guessed."""

from __future__ import annotations

from contextlib import suppress

import pytest

from classcord.chat.announcements.vocabulary import Announce
from classcord.chat.channel_settings.vocabulary import SetChannel
from classcord.chat.channels.vocabulary import Topic
from classcord.chat.maintenance.vocabulary import Maintenance
from classcord.chat.messages.vocabulary import History, Say
from classcord.chat.operations.vocabulary import CancelShutdown, Shutdown
from classcord.chat.requests import Request
from classcord.chat.sanctions.vocabulary import Ban, Kick, Mute
from classcord.chat.subjects import COMMANDS
from classcord.console.commands.commandline import Asked, UsageError, grammar, read, usage
from classcord.console.commands.grammar import PLACEHOLDERS
from classcord.language import translator

CHANNELS = {"dev", "maths"}
WITH_DURATION = [name for name, kind in COMMANDS.items() if any(a.kind == "duration" for a in grammar(kind).placed)]


def is_channel(word: str) -> bool:
    return word in CHANNELS


def asked(line: str) -> Asked:
    found = read(line, is_channel)
    assert found is not None
    return found


def request(line: str) -> Request:
    found = asked(line).request
    assert found is not None
    return found


def refusal(line: str) -> str:
    with pytest.raises(UsageError) as caught:
        read(line, is_channel)
    return str(caught.value)


def beginning(command: str) -> str:
    """Return a command with what it needs before its duration."""
    if command in {"lesson", "exam"}:
        return f"{command} on #dev"
    if command == "quiet-hours":
        return f"{command} off"
    return command if command in {"shutdown", "restart"} else f"{command} bob"


def test_all_commands_with_a_duration_are_tried_here() -> None:
    """The list is made from the requests."""
    assert set(WITH_DURATION) == {"mute", "kick", "ban", "lesson", "exam", "quiet-hours", "shutdown", "restart"}


@pytest.mark.parametrize("command", WITH_DURATION)
@pytest.mark.parametrize(
    "words",
    [
        "1.5h",
        "1,5h",
        "-5",
        "+5",
        "1y",
        "1mois",
        "1h60",
        "30min 2h",
        "1h 1h",
        "5m!",
        "½h",
        "17:30",
        "7 jous",
        "2e avertissement",
        "10 insultes",
        "90 Triche",
        "1h 30 Triche",
        "une heure",
        "trois jours Triche",
        "Triche 1h",
        "Triche 7 jours",
        "Triche 1h30 --yes",
        "--{option} 1.5h",
        "--{option} 7 jous",
        "--{option} -5",
        "--{option} soon",
        "--{option}=1.5h",
        "--{near} 1h",
        "-{option} 1h",
        "—{option} 1h",
        "--{capitals} 1h",
        "demain",
        "lundi",
        "pour une semaine",
        "pendant 2 mois Triche",
        "jusqu'à lundi",
        "Triche pour un mois",
        "1 mois",
        "2 ans",
        "until Monday",
        "toujours",
        "définitivement",
        "18:00",
        "à 18h",
        "0,5h",
        "1h --{option} 2h",
        "--{option} 2h 1h Triche",
        "Triche --{near} 1h",
        "Triche -yes",
        "-yes",
        "-y",
        "Triche —json",
        "Triche --yes ici",
        "1h et demie",
        "2 heures et demie Triche",
        "1 h et quart",
        "1h and a half",
        "2h et 30 min",
        "--{option} 1h et demie Triche",
    ],
)
def test_a_near_miss_of_a_duration_or_an_option(command: str, words: str) -> None:
    """Nothing is done, and the form of the command is shown."""
    option = next(a.name for a in grammar(COMMANDS[command]).all if a.kind == "duration")
    words = words.format(option=option, near=option[:2] + option[1:], capitals=option.upper())
    said = refusal(f"{beginning(command)} {words}")
    assert f"usage: {command}" in said


@pytest.mark.parametrize("command", WITH_DURATION)
@pytest.mark.parametrize(
    ("words", "seconds", "reason"),
    [
        ("1h30 Triche", 5_400, "Triche"),
        ("30min", 1_800, ""),
        ("1j", 86_400, ""),
        ("7 jours", 604_800, ""),
        ("7 jours Triche à 14h", 604_800, "Triche à 14h"),
        ("2h 30min Triche", 9_000, "Triche"),
        ("90", 90, ""),
        ("1 h 30", 5_400, ""),
        ('"7 jours" Triche', 604_800, "Triche"),
        ("1j12h Triche", 129_600, "Triche"),
        ("--duration 7 jours Triche", 604_800, "Triche"),
        ("--duration=2 h Triche", 7_200, "Triche"),
        ("Triche --duration 1h", 3_600, "Triche"),
        ('1h "2e avertissement"', 3_600, "2e avertissement"),
        ("1h 2e avertissement", 3_600, "2e avertissement"),
        ('--reason "90 insultes" 1h', 3_600, "90 insultes"),
        ("90 --reason Triche", 90, "Triche"),
        ('1h "jusqu\'à lundi"', 3_600, "jusqu'à lundi"),
        ("1 semaine", 604_800, ""),
        ("1 semaine Toujours en retard", 604_800, "Toujours en retard"),
        ("Triche salle 204 --duration 90", 90, "Triche salle 204"),
    ],
)
def test_what_is_clear_is_taken(command: str, words: str, seconds: float, reason: str) -> None:
    """A duration before the text, in every form; and what the refusals say would be right."""
    argument = next(a for a in grammar(COMMANDS[command]).all if a.kind == "duration")
    found = request(f"{beginning(command)} {words.replace('--duration', argument.option)}")
    assert getattr(found, argument.name) == seconds
    assert found.reason == reason  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("--slow 30", 30),
        ("--slow 30s", 30),
        ("--slow=5m", 300),
        ("--slow 1h30", 5_400),
        ("--slow 2 min 30 s", 150),
        ("--slow 0", 0),
    ],
)
def test_the_pause_of_a_channel_is_a_duration(words: str, seconds: int) -> None:
    """In the forms of every duration, in front of another option too; it is kept in whole seconds."""
    assert request(f"channel #dev {words} --hold on") == SetChannel(channel="#dev", slow=seconds, hold=True)
    assert request(f"channel #dev --hold on {words}") == SetChannel(channel="#dev", slow=seconds, hold=True)


@pytest.mark.parametrize("words", ["30x", "30 secnds", "soon", "-5", "2j", "1,5h", ""])
def test_what_is_no_pause_of_a_channel(words: str) -> None:
    """It is refused like any other duration, and so is more than a day."""
    assert "usage: channel" in refusal(f"channel #dev --slow {words}")


def test_a_text_in_quotes_is_a_text() -> None:
    """Whatever it ends or begins with; --reason takes what begins like a number."""
    assert request('ban bob "Triche 1h"') == Ban(target="bob", reason="Triche 1h")
    assert request('ban bob --reason "2e avertissement"') == Ban(target="bob", reason="2e avertissement")
    assert request('say "dev est fermé"') == Say(content="dev est fermé")
    assert request('say "--yes"') == Say(content="--yes")
    assert request("mute bob Insultes salle 204") == Mute(user="bob", reason="Insultes salle 204")
    assert request("maintenance on Retour à 18 h") == Maintenance(state="on", reason="Retour à 18 h")
    assert request("kick bob C'est la une") == Kick(user="bob", reason="C'est la une")


@pytest.mark.parametrize(
    "line",
    [
        "shutdown cancle",
        "shutdown annuler",
        "shutdown abort",
        "restart cancel now",
        "shutdown Cancel the lesson",
        "shutdown 5m cancel",
    ],
)
def test_a_server_is_not_stopped_by_who_calls_it_off(line: str) -> None:
    """What is nearly `cancel` does not become the reason of a shutdown."""
    assert "`shutdown cancel`" in refusal(line)


def test_cancel_with_options() -> None:
    """`--yes` and `--json` before it change nothing of what is meant."""
    for line in ("shutdown cancel", "shutdown --yes cancel", "restart --json cancel", "shutdown cancel --yes"):
        assert request(line) == CancelShutdown()
    assert request("shutdown 5m Annulation des cours") == Shutdown(delay=300.0, reason="Annulation des cours")


@pytest.mark.parametrize("command", ["shutdown", "restart"])
@pytest.mark.parametrize("words", ["Mise à jour", '"Mise à jour"', "soon", "--yes Mise à jour"])
def test_a_server_is_not_stopped_by_a_text(command: str, words: str) -> None:
    """A text by its place follows a delay; one that was misread would end the server at once."""
    assert "is no delay" in refusal(f"{command} {words}")


@pytest.mark.parametrize("command", ["shutdown", "restart"])
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", ""),
        ("0", ""),
        ("now", ""),
        ("maintenant", ""),
        ("NOW Mise à jour", "Mise à jour"),
        ("0 Mise à jour", "Mise à jour"),
        ('--reason "Mise à jour"', "Mise à jour"),
    ],
)
def test_a_server_is_stopped_at_once_by_who_says_so(command: str, words: str, reason: str) -> None:
    """Without any words, by 0, by now, or with a reason that is said to be one."""
    assert request(f"{command} {words}") == COMMANDS[command](delay=0.0, reason=reason)  # type: ignore[call-arg]


@pytest.mark.parametrize("words", ["5min", "5 min", "1h Retour", "demain", "jusqu'à lundi", "90", "une heure"])
def test_a_maintenance_has_no_end(words: str) -> None:
    """Nobody is left to believe that it ends by itself; in quotes it is a text."""
    assert "lasts until `maintenance off`" in refusal(f"maintenance on {words}")
    assert request(f'maintenance on "{words}"') == Maintenance(state="on", reason=words)


@pytest.mark.parametrize("command", ["say", "announce"])
def test_a_channel_without_its_hash(command: str) -> None:
    """What is meant for a channel is not told everyone; a word that is no channel begins the text."""
    assert "write #dev" in refusal(f"{command} dev Le serveur redémarre")
    assert "write #dev" in refusal(f"{command} \uff03dev Le serveur redémarre")
    kind = {"say": Say, "announce": Announce}[command]
    assert request(f"{command} Bonjour dev") == kind(content="Bonjour dev")
    assert request(f"{command} #dev Bonjour") == kind(channel="#dev", content="Bonjour")


@pytest.mark.parametrize(
    "line", ["history 20.5", "history -5", "history dev -5", "history +5", "history dev 2O", "audit -1"]
)
def test_a_number_that_is_none(line: str) -> None:
    """It is no channel's name either."""
    assert "LIMIT is a whole number" in refusal(line)


def test_a_channel_may_begin_with_a_digit() -> None:
    """A class of that name is not taken for a number."""
    assert request("history 2nde 20") == History(channel="2nde", limit=20)
    assert request("topic 1ère") == Topic(channel="1ère")


def test_a_switch_takes_no_value() -> None:
    """`=no` is not passed over."""
    assert "--delete-account takes no value" in refusal("ban bob --delete-account=no")
    assert "there is no option --yes=no" in refusal("ban bob --yes=no") or "no option --yes" in refusal(
        "ban bob --yes=no"
    )


def test_options_that_are_nearly_right_are_named() -> None:
    """Whoever mistypes one reads the right one."""
    assert "did you mean --duration?" in refusal("ban bob --durration 1h")
    assert "did you mean --format?" in refusal("export users --fromat json")
    assert "did you mean --json?" in refusal("who --JSON")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_optional_argument_by_its_form(name: str) -> None:
    """A choice is one of its choices, a number is one; anything else is refused."""
    kind = COMMANDS[name]
    for argument in (a for a in grammar(kind).all if a.kind in {"choice", "number"}):
        for wrong in ("nearly", "1.5", "-1", ""):
            line = f'{name} {" ".join("x" for a in grammar(kind).placed if a.required)} {argument.option} "{wrong}"'
            with suppress(UsageError):
                found = read(line, is_channel)
                assert found is None or found.request is None, line


@pytest.mark.parametrize("name", COMMANDS)
def test_the_form_of_a_command_is_in_the_language_of_the_console(name: str) -> None:
    """Each argument has its word, in French as well."""
    form = grammar(COMMANDS[name])
    assert {a.name.rstrip("_") for a in form.all if a.kind not in {"flag", "switch"}} <= set(PLACEHOLDERS)
    assert "[DURÉE]" in usage(Ban, translator("fr"))
    with pytest.raises(UsageError) as caught:
        read("kick")
    assert caught.value.text.render(translator("fr")).startswith("PERSONNE manque")
