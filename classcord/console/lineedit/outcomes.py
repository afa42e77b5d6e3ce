"""What comes of the keys that were typed: for the owner of a line editor to show and to do. Data, and nothing else."""

from __future__ import annotations

import msgspec


class Show(msgspec.Struct, frozen=True):
    """Write this to the terminal."""

    data: bytes


class Entered(msgspec.Struct, frozen=True):
    """A line was entered at the prompt."""

    line: str


class Pasted(msgspec.Struct, frozen=True):
    """Several lines were pasted at the prompt, the first behind what was typed; None for too many of them."""

    lines: tuple[str, ...] | None


class TooLong(msgspec.Struct, frozen=True):
    """A line was entered that is longer than a line may be: what of it is there is not what was meant."""


class Answered(msgspec.Struct, frozen=True):
    """The question of `ask` was answered."""

    line: str


class Complete(msgspec.Struct, frozen=True):
    """Tab: `complete` is to say what the word before the cursor may become; `cursor` counts characters."""

    line: str
    cursor: int


class Interrupted(msgspec.Struct, frozen=True):
    """Ctrl-C: the line, the question, or the command that runs is abandoned, and what was typed ahead."""


class Ended(msgspec.Struct, frozen=True):
    """Ctrl-D where nothing is typed: the end of the input, or of the question."""


Outcome = Show | Entered | Pasted | TooLong | Answered | Complete | Interrupted | Ended
