"""The results of typed keys: what the owner of a line editor must show and do. Only data."""

from __future__ import annotations

import msgspec


class Show(msgspec.Struct, frozen=True):
    """Write this to the terminal."""

    data: bytes


class Entered(msgspec.Struct, frozen=True):
    """A line was entered at the prompt."""

    line: str


class Pasted(msgspec.Struct, frozen=True):
    """Several lines were pasted at the prompt, the first one after the typed text; None if they are too many."""

    lines: tuple[str, ...] | None


class Overlong(msgspec.Struct, frozen=True):
    """A line was entered that is longer than the limit, so that its end is missing."""


class QuestionAnswered(msgspec.Struct, frozen=True):
    """The question of `ask` was answered."""

    line: str


class Complete(msgspec.Struct, frozen=True):
    """Tab was pressed: call `complete` with the candidates for the word at the cursor; `cursor` counts characters."""

    line: str
    cursor: int


class Interrupted(msgspec.Struct, frozen=True):
    """Ctrl-C: abandon the line, the question or the running command, and what was typed ahead."""


class Ended(msgspec.Struct, frozen=True):
    """Ctrl-D on an empty line: the end of the input, or of the question."""


Outcome = Show | Entered | Pasted | Overlong | QuestionAnswered | Complete | Interrupted | Ended
