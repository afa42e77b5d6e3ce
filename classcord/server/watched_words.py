"""Gives the chat the word list of the settings, and the file again when it has changed.

A file that is broken leaves the list as it was.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from twisted.logger import Logger

from classcord.chat.word_list.rules import go_by_list
from classcord.chat.word_list.words import WordList
from classcord.services.process.watched_file import WatchedFile
from classcord.services.word_list import WordListError, entries

if TYPE_CHECKING:
    from classcord.chat.world import World
    from classcord.settings import Settings


class WatchedWords:
    """The word list of the settings."""

    log = Logger()

    def __init__(self, world: World) -> None:
        self._world = world
        self._file: WatchedFile | None = None
        self._private = False

    def go_by(self, settings: Settings) -> None:
        """Look for the words of these settings from now on."""
        chosen = settings.words
        self._private = chosen.private
        self._file = WatchedFile(Path(chosen.file)) if chosen.file else None
        if self._file is None:
            go_by_list(self._world, WordList())
        self.look()

    def look(self) -> None:
        """Read the file if it has changed; to be called every few seconds."""
        if self._file is None or not self._file.has_changed():
            return
        try:
            words = WordList(entries(self._file.path), private=self._private)
        except WordListError as error:
            self.log.error("the word list stays as it was: {why}", why=error.text.render())
            return
        go_by_list(self._world, words)
        self.log.info("the word list has {count} entries", count=len(words))
