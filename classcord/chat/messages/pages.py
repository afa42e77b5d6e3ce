"""How many messages one answer carries. Knows no session and no encoding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

ROOM = 1_000_000  # bytes of content in one answer at most; an outbox has room for several answers


class HasContent(Protocol):
    """A message, whatever it is about to be."""

    @property
    def content(self) -> str:
        """Its text."""


def that_fit(messages: Sequence[HasContent], parts: int = 1) -> int:
    """Return how many of these messages fit into one of so many parts of an answer; at least one, if there is one."""
    room = ROOM // parts
    for count, message in enumerate(messages):
        content = message.content
        room -= len(content) if content.isascii() else 6 * len(content.encode("utf-16-le")) // 2  # as \uXXXX each
        if room < 0:
            return max(1, count)
    return len(messages)
