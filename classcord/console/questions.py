"""Questions to the person at a console, in place of the prompt: confirmations and passwords. One at a time.

Knows no command.
"""

from __future__ import annotations

from typing import Protocol

from twisted.internet.defer import CancelledError, Deferred

_YES = frozenset({"o", "oui", "y", "yes"})


class Put(Protocol):
    """Shows a question, and reads its answer."""

    def __call__(self, question: str, *, hidden: bool) -> None: ...


class Questions:
    """Asks a question, and waits until `answer` is called."""

    def __init__(self, put: Put, *, french: bool) -> None:
        self._put = put
        self._form = "[o/N]" if french else "[y/N]"
        self._asked: Deferred[str | None] | None = None

    @property
    def open(self) -> bool:
        """Whether a question waits for its answer."""
        return self._asked is not None

    def answer(self, line: str | None) -> None:
        """Answer the open question, if there is one; None means that the user gave no answer."""
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.callback(line)

    async def confirmed(self, question: str) -> bool:
        answer = await self._ask(f"{question} {self._form} ", hidden=False)
        return (answer or "").strip().casefold() in _YES

    async def secret(self, question: str) -> str:
        """Return an answer that is not shown; CancelledError if there is none."""
        answer = await self._ask(question, hidden=True)
        if answer is None:
            raise CancelledError
        return answer

    async def _ask(self, question: str, *, hidden: bool) -> str | None:
        asked = self._asked = Deferred()
        self._put(question, hidden=hidden)
        return await asked
