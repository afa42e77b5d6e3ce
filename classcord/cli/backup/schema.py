"""What somebody is told who has a backup of an older ClassCord in hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.language import terminal_language, translator

if TYPE_CHECKING:
    from classcord.store.ports import Contents


def say_older(contents: Contents) -> None:
    """Tell that a backup is of an older schema, where it is."""
    if contents.schema < contents.newest:
        _ = translator(terminal_language())
        words = _("It is of an older ClassCord (schema {schema}): the next start brings it to schema {newest}.")
        print(words.format(schema=contents.schema, newest=contents.newest))
