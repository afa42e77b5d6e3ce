"""The gettext catalogues: French first, English as written in the code.

A catalogue is read from its .po file: to correct a sentence, edit that text file and restart. Knows nothing of chat.
"""

from __future__ import annotations

import functools
import io
import os
from collections.abc import Iterable
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from types import ModuleType

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from classcord.chat.text import Text, Translate, readable

LANGUAGES = ("fr", "en")
"""The languages a session may choose; the first is the default."""


@functools.cache
def catalogue(language: str) -> NullTranslations:
    """Return the catalogue of `language`; English, the language of the code, needs none."""
    file = resources.files("classcord") / "locale" / f"{language}.po"
    if language not in LANGUAGES or not file.is_file():
        return NullTranslations()
    with file.open("rb") as source:
        messages = read_po(source, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return GNUTranslations(compiled)


def translator(language: str) -> Translate:
    """Return the function that translates an English template into `language`."""
    return catalogue(language).gettext


def code_of(word: str, codes: Iterable[str]) -> str:
    """Return which of these codes a word means, in any language: `moderator` for `modérateur`; else the word itself."""
    meant = word.casefold()
    for code in codes:
        if meant == code or any(meant == translator(language)(code).casefold() for language in LANGUAGES):
            return code
    return word


def speak(module: ModuleType, language: str) -> None:
    """Make a module of the standard library translate its messages with our catalogue."""
    words = catalogue(language)
    vars(module).update(_=words.gettext, ngettext=words.ngettext)


def terminal_language() -> str:
    """Return the language of this process's environment, for commands typed in a terminal (POSIX locale variables)."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        code = os.environ.get(variable, "")[:2].lower()
        if code in LANGUAGES:
            return code
    return LANGUAGES[0]


def refusal(error: Exception) -> str:
    """Return the message of an exception, in the language of the terminal if its `text` is a Text."""
    text = getattr(error, "text", None)
    return text.render(translator(terminal_language())) if isinstance(text, Text) else str(error)


def refused(error: Exception) -> str:
    """Return why a command is refused, for standard error: one line for each of the error's `texts`."""
    translate = translator(terminal_language())
    lines = [text.render(translate) for text in getattr(error, "texts", ())] or [refusal(error)]
    return "\n".join(f"classcord: {readable(line)}" for line in lines)
