"""Keys that were typed while the editor was waiting. Knows no line."""

from __future__ import annotations

from collections import deque

from classcord.console.lineedit.keys import Key
from classcord.console.lineedit.line import MAX_LINE


class TypeAhead:
    """A bounded queue of keys, about as long as a line."""

    def __init__(self) -> None:
        self._keys: deque[Key] = deque()
        self._room = MAX_LINE

    def __bool__(self) -> bool:
        return bool(self._keys)

    @property
    def crowded(self) -> bool:
        """Whether less than half of the space is left."""
        return self._room < MAX_LINE // 2

    def add(self, key: Key) -> bool:
        """Add a key; return whether there was space for it."""
        if len(key.text) >= self._room:
            return False
        self._room -= len(key.text) + 1
        self._keys.append(key)
        return True

    def take(self) -> Key:
        """Remove and return the key that was typed first."""
        key = self._keys.popleft()
        self._room += len(key.text) + 1
        return key

    def clear(self) -> None:
        self._keys.clear()
        self._room = MAX_LINE
