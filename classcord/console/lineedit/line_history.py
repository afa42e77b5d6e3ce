"""The lines that were entered before: stepping back through them, and searching in them. Knows no key and no file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from classcord.console.lineedit.glyphs import typed

_LONGEST = 1_024  # characters of an entry: it is for commands, not for texts, and each key may search through it
_QUERY = 256  # characters of a search


class LineHistory:
    """The entered lines, oldest first: none twice in a row, none that begins with a space or is very long."""

    def __init__(self, entries: Iterable[str] = (), limit: int = 1_000) -> None:
        self._limit = limit
        self._entries: list[str] = []
        for entry in entries:
            self.add(entry)

    @property
    def entries(self) -> tuple[str, ...]:
        return tuple(self._entries)

    def add(self, line: str) -> None:
        entry = typed(line)
        if not entry or len(entry) > _LONGEST or entry.startswith(" ") or entry in self._entries[-1:]:
            return
        self._entries.append(entry)
        del self._entries[: max(0, len(self._entries) - self._limit)]

    def forget(self, line: str) -> None:
        """Remove a line that was just entered."""
        if self._entries[-1:] == [typed(line)]:
            self._entries.pop()


class Recall:
    """A position in a history; after the last entry comes the line that was being typed."""

    def __init__(self, entries: Sequence[str]) -> None:
        self._entries = entries
        self._at = len(entries)
        self._typed = ""

    def older(self, line: str) -> str | None:
        """Return the previous entry, or None at the first; `line` is the line being typed."""
        if not self._at:
            return None
        if self._at == len(self._entries):
            self._typed = line
        self._at -= 1
        return self._entries[self._at]

    def newer(self) -> str | None:
        """Return the next entry, and finally the line that was being typed; None after that."""
        if self._at == len(self._entries):
            return None
        self._at += 1
        return self._entries[self._at] if self._at < len(self._entries) else self._typed


class Search:
    """A search backwards for a text that grows with each key. Each step returns whether something was found."""

    def __init__(self, entries: Sequence[str]) -> None:
        self._entries = entries
        self._failed = False
        self._at = len(entries)
        self.query = ""

    @property
    def found(self) -> str | None:
        """The last entry that was found, while a text is searched for."""
        return self._entries[self._at] if self._at < len(self._entries) else None

    def extend(self, text: str) -> bool:
        more = typed(text)[: _QUERY - len(self.query)]
        self.query += more
        return bool(more) and self._seek(self._at)

    def shorten(self) -> bool:
        """Remove the last character, and start again at the newest entry."""
        shorter = self.query[:-1]
        self._failed, self._at = False, len(self._entries)
        self.query = shorter
        return not shorter or self._seek(self._at)

    def older(self) -> bool:
        """Continue to an older, different entry."""
        return bool(self.query) and self._seek(self._at - 1, self.found)

    def _seek(self, start: int, but: str | None = None) -> bool:
        if self._failed:  # no remaining entry contains it
            return False
        for at in range(min(start, len(self._entries) - 1), -1, -1):
            if self.query in self._entries[at] and self._entries[at] != but:
                self._at = at
                return True
        self._failed = True
        return False
