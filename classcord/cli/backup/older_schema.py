"""The note for a backup of an older ClassCord. Knows no database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.language import terminal_language, translator

if TYPE_CHECKING:
    from classcord.store.ports import Contents


def say_older(contents: Contents) -> None:
    """If a backup has an older schema, say so."""
    if contents.schema < contents.newest:
        _ = translator(terminal_language())
        words = _("It is of an older ClassCord (schema {schema}): the next start brings it to schema {newest}.")
        print(words.format(schema=contents.schema, newest=contents.newest))
