"""The lines that were entered before, the way back through them, and the search in them. Knows no key and no file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from classcord.console.lineedit.glyphs import typed

_LONGEST = 1_024  # characters of an entry: it is for commands, not for texts, and searched through at each key
_QUERY = 256  # characters that are searched for


class History:
    """What was entered, oldest first: nothing twice in a row, nothing that begins with a space or is very long."""

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
        """Take back a line that was just entered."""
        if self._entries[-1:] == [typed(line)]:
            self._entries.pop()


class Recall:
    """The way through a history and back; behind its last entry is the line that was being typed."""

    def __init__(self, entries: Sequence[str]) -> None:
        self._entries = entries
        self._at = len(entries)
        self._typed = ""

    def older(self, line: str) -> str | None:
        """Return the entry before, or None at the first; `line` is what is being typed."""
        if not self._at:
            return None
        if self._at == len(self._entries):
            self._typed = line
        self._at -= 1
        return self._entries[self._at]

    def newer(self) -> str | None:
        """Return the entry behind, and at last the line that was being typed; None behind that."""
        if self._at == len(self._entries):
            return None
        self._at += 1
        return self._entries[self._at] if self._at < len(self._entries) else self._typed


class Search:
    """A search backwards, with a text that grows while it is typed. Each step returns whether something was found."""

    def __init__(self, entries: Sequence[str]) -> None:
        self._entries = entries
        self._failed = False
        self._at = len(entries)
        self.query = ""

    @property
    def found(self) -> str | None:
        """The last entry that was found, as long as anything is searched for."""
        return self._entries[self._at] if self._at < len(self._entries) else None

    def extend(self, text: str) -> bool:
        more = typed(text)[: _QUERY - len(self.query)]
        self.query += more
        return bool(more) and self._seek(self._at)

    def shorten(self) -> bool:
        """Take the last character back, and begin anew at the newest entry."""
        shorter = self.query[:-1]
        self._failed, self._at = False, len(self._entries)
        self.query = shorter
        return not shorter or self._seek(self._at)

    def older(self) -> bool:
        """Go on to an entry before that is another one."""
        return bool(self.query) and self._seek(self._at - 1, self.found)

    def _seek(self, start: int, but: str | None = None) -> bool:
        if self._failed:  # no entry that is left has less of it
            return False
        for at in range(min(start, len(self._entries) - 1), -1, -1):
            if self.query in self._entries[at] and self._entries[at] != but:
                self._at = at
                return True
        self._failed = True
        return False
