"""A message with a file as one text, for people whose client shows no files. Knows no line and no terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from classcord.chat.text import N_, Translate

if TYPE_CHECKING:
    from classcord.chat.files.vocabulary import FileShown
    from classcord.chat.messages.vocabulary import Said


def in_words(said: Said, translate: Translate, content: str | None = None) -> str:
    """Return the content of a message, or `content` instead, followed by its file and where to open it."""
    words = said.content if content is None else content
    return words if said.file is msgspec.UNSET else f"{words} {_file(said.file, translate)}".lstrip()


def _file(file: FileShown, translate: Translate) -> str:
    shown = translate(N_("[file: {name}, {size} kB]")).format(name=file.name, size=-(-file.size // 1000))
    return f"{shown} {file.link}" if file.link else shown
