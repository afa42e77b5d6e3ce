"""What was cut from a line and can be inserted again, and the paste that is arriving. Knows no key and no line."""

from __future__ import annotations

from classcord.console.lineedit.line import MAX_LINE
from classcord.console.lineedit.pasting import Paste


class Clipboard:
    """One for a terminal: what is cut from a command can be inserted into an answer."""

    def __init__(self) -> None:
        self.text = ""
        self._paste: Paste | None = None

    def cut(self, text: str, *, backwards: bool, joined: bool) -> None:
        """Keep a text; `joined` to what was cut just before, on the side to which it stood."""
        before = self.text if joined else ""
        self.text = (text + before if backwards else before + text)[:MAX_LINE]

    def add(self, piece: str) -> str:
        """Take a piece of the paste that is arriving; return what of it belongs to the line that is typed."""
        self._paste = self._paste or Paste()
        return self._paste.add(piece)

    def end_paste(self) -> Paste | None:
        """Return the paste that has arrived; None if there was none."""
        paste, self._paste = self._paste, None
        return paste
