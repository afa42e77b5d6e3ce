"""The French catalogue against the texts in the code, and the language of a terminal."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from datetime import timezone
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import classcord
from classcord.chat.errors import BadUsername, ChatError
from classcord.chat.identity.vocabulary import LoginFailed
from classcord.chat.registration.vocabulary import UsernameTaken
from classcord.chat.requests import subclasses
from classcord.chat.subjects import WIRE
from classcord.chat.text import Text
from classcord.language import LANGUAGES, catalogue, refusal, terminal_language, translator
from classcord.settings import rules as settings_rules
from classcord.wire.jsonlines import classic

PACKAGE = Path(classcord.__file__).parent
MARKS = {"_", "N_"}
NARROW = "\N{NARROW NO-BREAK SPACE}"


@cache
def extracted() -> set[str]:
    """Return every text that is marked in the code, as gettext's tools find it."""
    found = extract_from_dir(PACKAGE, method_map=[("**.py", "python")], keywords=dict.fromkeys(MARKS))
    return {text for _file, _line, text, _comments, _context in found if isinstance(text, str)}


@cache
def french() -> Catalog:
    with (resources.files("classcord") / "locale" / "fr.po").open("rb") as file:
        return read_po(file, locale="fr", abort_invalid=True)


def messages() -> Iterator[tuple[str, str]]:
    for message in french():
        if message.id:
            assert isinstance(message.id, str)
            assert isinstance(message.string, str)
            yield message.id, message.string


def fields(template: str) -> set[str]:
    return {field for _text, field, _spec, _conversion in string.Formatter().parse(template) if field is not None}


def ends(text: str) -> tuple[bool, bool]:
    return text[:1].isspace(), text[-1:].isspace()


class TestCatalogue:
    def test_has_every_text_and_no_other(self) -> None:
        """Each marked text of the code has its entry, and each entry its text."""
        known = {english for english, _french in messages()}
        assert {"missing": extracted() - known, "unused": known - extracted()} == {"missing": set(), "unused": set()}
        assert not french().obsolete

    def test_is_finished(self) -> None:
        """No entry is empty or marked as doubtful."""
        unfinished: list[Message] = [message for message in french() if message.id and message.fuzzy]
        assert unfinished == []
        assert [english for english, french in messages() if not french] == []

    def test_keeps_the_places_of_values(self) -> None:
        """A translation names the same {values}, and is a template like the English text."""
        different = [pair for pair in messages() if fields(pair[0]) != fields(pair[1])]
        assert different == []

    def test_keeps_spaces_at_the_ends(self) -> None:
        """A prompt ends in a space in every language."""
        assert [pair for pair in messages() if ends(pair[0]) != ends(pair[1])] == []

    def test_is_written_with_care(self) -> None:
        """Apostrophes and quotes are typographic, spaces before punctuation do not break, and nobody is called tu."""
        careless = re.compile(rf"'|[ \w][;!?](?!\w)|[ \w]:(?= |$)|«(?!{NARROW})|(?<!{NARROW})»|\b(?:tu|toi|tes|ton)\b")
        assert [french for _english, french in messages() if careless.search(french)] == []

    def test_has_one_word_for_moderators(self) -> None:
        """The page, the documents and the server call them the same, and not “whoever moderates”."""
        assert [french for _english, french in messages() if re.search(r"\bqui modère", french)] == []

    def test_no_mark_is_overlooked(self) -> None:
        """Gettext's tools find every text that is marked: a mark inside another call they would pass over."""
        marked = {
            call.args[0].value
            for file in PACKAGE.rglob("*.py")
            for call in ast.walk(ast.parse(file.read_text("utf-8")))
            if isinstance(call, ast.Call)
            and (getattr(call.func, "id", None) in MARKS or getattr(call.func, "attr", None) in MARKS)
            and isinstance(call.args[0], ast.Constant)
        }
        assert marked == extracted()

    def test_has_what_is_translated_by_rule(self) -> None:
        """Refusals, summaries of requests and rules of settings are marked, every one."""
        by_rule = {kind.template for kind in subclasses(ChatError)} | {kind.summary for kind in WIRE}
        by_rule |= {
            rule.words for kind in vars(settings_rules).values() for rule in get_args(kind)[1:] if rule_of(rule)
        }
        assert len(by_rule) > 60
        assert by_rule - {english for english, _french in messages()} == set()


def rule_of(annotation: Any) -> bool:
    return isinstance(annotation, settings_rules.Rule)


@pytest.mark.parametrize("language", LANGUAGES)
def test_clients_find_the_words_they_look_for(language: str) -> None:
    """In each language the classic answers have the words that clients test for, and are ASCII on the wire."""
    dialect = classic(language, timezone.utc)
    for error, words in ((UsernameTaken(), b"already exists"), (LoginFailed(), b"Login failed")):
        line = dialect.error(error, None)
        assert line.count(words) == 2  # as `message` and as `error`
        assert line.isascii()


def test_values_that_are_sentences_are_translated_too() -> None:
    """A reason inside a refusal is in the same language as the refusal."""
    error = BadUsername(why=Text("it is longer than 64 characters"))
    assert (
        error.text.render(translator("fr")) == "Ce nom n’est pas accepté\N{NO-BREAK SPACE}: il a plus de 64 caractères"
    )
    assert error.text.render(translator("en")) == "This name is not allowed: it is longer than 64 characters"


@pytest.mark.parametrize("language", ["en", "de", "", "../fr"])
def test_other_languages_are_english(language: str) -> None:
    """What has no catalogue is as it stands in the code; a language is no path."""
    assert translator(language)("Login failed.") == "Login failed."
    assert catalogue(language) is catalogue(language)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "fr"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr_CA"}, "fr"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "en"}, "en"),
        ({"LANG": "EN_gb@euro"}, "en"),
        ({"LANG": "C.UTF-8"}, "fr"),
        ({"LANG": "de_DE.UTF-8"}, "fr"),
        ({"LANG": ""}, "fr"),
        ({"LC_ALL": "", "LC_MESSAGES": "", "LANG": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "fr_FR.UTF-8", "LC_MESSAGES": "en_US.UTF-8", "LANG": "en_US.UTF-8"}, "fr"),
        ({"LC_MESSAGES": "en_US.UTF-8", "LANG": "fr_FR.UTF-8"}, "en"),
        ({"LC_ALL": "C.UTF-8", "LANG": "en_US.UTF-8"}, "en"),
        ({"LC_CTYPE": "en_US.UTF-8", "LANGUAGE": "en"}, "fr"),
    ],
)
def test_language_of_a_terminal(environment: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The POSIX variables are asked in their order; one that names no language of ours says nothing; else French."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LC_CTYPE", "LANG", "LANGUAGE"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    assert terminal_language() == language


def test_refusals_are_told_in_the_language_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception with a Text is translated; any other says what it says."""
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert refusal(LoginFailed()) == "Nom ou mot de passe incorrect."
    assert refusal(ValueError("{no template}")) == "{no template}"
