"""The errors for settings: which file and key, what is wrong, what would be right. Knows no setting."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from classcord.chat.text import N_, Text, is_readable
from classcord.language import terminal_language, translator

if TYPE_CHECKING:
    from classcord.settings.schema import Settings


class SettingsError(Exception):
    """Settings that are refused.

    `texts` lists all faults, a sentence each: which file and key, what is wrong, what would be right. `settings` are
    for a caller that must continue all the same, if each value is valid by itself.
    """

    def __init__(self, texts: Iterable[Text], settings: Settings | None = None) -> None:
        self.texts = tuple(texts)
        self.settings = settings
        translate = translator(terminal_language())
        super().__init__(self.text.render(translate))

    @property
    def text(self) -> Text:
        """All sentences as one text."""
        names = [f"text{number}" for number in range(len(self.texts))]
        return Text(" ".join(f"{{{name}}}" for name in names), dict(zip(names, self.texts, strict=True)))


def misfit(where: str, place: str, value: object, words: str) -> SettingsError:
    """Return the refusal of a value that breaks its rule; the rule's words follow "must be"."""
    shown = json.dumps(value, ensure_ascii=False, default=str)
    if len(shown) > 100:
        shown = f"{shown[:99]}…"
    return refused(
        N_("{where}: {place} is {value}, but must be {right}."),
        where=where,
        place=place,
        value=shown,
        right=Text(words),
    )


def unknown(where: str, wrong: str, near: list[str], known: Iterable[str]) -> SettingsError:
    """Return the refusal of an unknown table or key, with the name that is probably meant."""
    if near:
        return refused(N_("{where}: there is no {wrong}; did you mean {near}?"), where=where, wrong=wrong, near=near[0])
    return refused(
        N_("{where}: there is no {wrong}; known are {known}."), where=where, wrong=wrong, known=", ".join(known)
    )


def refused(template: str, **values: object) -> SettingsError:
    """Return a refusal for one reason."""
    return SettingsError([sentence(template, **values)])


def sentence(template: str, **values: object) -> Text:
    """Return a sentence on one line, whatever characters the values contain."""
    return Text(template, {name: _on_one_line(value) for name, value in values.items()})


def _on_one_line(value: object) -> object:
    if isinstance(value, (Text, int)):
        return value
    return "".join(c if is_readable(c) else repr(c)[1:-1] for c in str(value))
