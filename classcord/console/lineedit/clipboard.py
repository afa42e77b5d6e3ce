"""The text that was cut from a line and can be inserted again, and the paste in progress. Knows no key and no line."""

from __future__ import annotations

from classcord.console.lineedit.line import MAX_LINE
from classcord.console.lineedit.pasting import Paste


class Clipboard:
    """One for a terminal: a text that is cut from a command can be inserted into an answer."""

    def __init__(self) -> None:
        self.text = ""
        self._paste: Paste | None = None

    def cut(self, text: str, *, backwards: bool, joined: bool) -> None:
        """Keep a text; `joined`: add it to the text that was cut just before, on its side."""
        before = self.text if joined else ""
        self.text = (text + before if backwards else before + text)[:MAX_LINE]

    def add(self, piece: str) -> str:
        """Add a piece of the paste in progress; return the part of it that belongs to the typed line."""
        self._paste = self._paste or Paste()
        return self._paste.add(piece)

    def end_paste(self) -> Paste | None:
        """Return the complete paste; None if there was none."""
        paste, self._paste = self._paste, None
        return paste
