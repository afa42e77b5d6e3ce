"""Sentences for people, not yet in their language.

A `Text` keeps its English template and its values apart, so that each listener reads it in the language of their own
session. Knows no catalogue: translation happens where the text is written out (wire/, cli/).
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

Translate = Callable[[str], str]
"""From an English template to the template in one language."""


def N_(template: str) -> str:  # noqa: N802 (the name that gettext's extractors look for)
    """Mark a template for the catalogue; give it back unchanged."""
    return template


_NO_BREAK_SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"  # French has them before its punctuation


def is_readable(text: str) -> bool:
    """Whether `text` is of one line and commands no terminal, so that it can be shown as it is."""
    return all(character.isprintable() or character in _NO_BREAK_SPACES for character in text)


class Text(msgspec.Struct, frozen=True):
    """A template in `str.format` syntax, and the values it names; a value that is a Text is translated with it."""

    template: str
    values: dict[str, object] = {}

    def render(self, translate: Translate = str) -> str:
        """Return the sentence in the language of `translate`."""
        values = {name: v.render(translate) if isinstance(v, Text) else v for name, v in self.values.items()}
        return translate(self.template).format(**values)
