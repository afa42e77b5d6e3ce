"""Questions to the store: what a decision must know that the hub does not keep in memory. Knows no store.

A decision returns `Find` (effects.py) with a question; the store answers it, and the answer comes back to the hub as a
`Found`. The questions of a subject are in its vocabulary, the functions that answer them in store/sqlite/answers/.
"""

from __future__ import annotations

from typing import Any, ClassVar

from classcord.chat.frozen import Frozen
from classcord.chat.requests import Internal, Request


class Question(Frozen):
    """What is to be read from the store; a subclass has the fields of its SQL statement."""

    slow: ClassVar[bool] = False
    """Whether the answer takes long to find: few such questions are read at a time."""


class Found(Internal, gc=True, tag="-found"):
    """The store's answer, for the request `asked`; a subclass says what is `found`, and has a decision of its own."""

    kept_meanwhile = False

    asked: Request
    found: Any

    @property
    def origin(self) -> Request:
        return self.asked
