"""The registry of the functions that answer questions (chat/questions.py). Runs in the readers' threads.

Knows no question by name.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from classcord.chat.questions import Question

Q = TypeVar("Q", bound=Question)

Reading = Callable[[sqlite3.Connection, Q], Any]

_readings: dict[type[Question], Reading[Any]] = {}


def answers(reading: Reading[Q]) -> Reading[Q]:
    """Register the function that answers the kind of question in the annotation of the parameter `question`."""
    kind = reading.__globals__[reading.__annotations__["question"]]
    if kind in _readings:
        raise TypeError(f"{kind.__name__} has two answers: {_readings[kind]} and {reading}")
    _readings[kind] = reading
    return reading


def answer(connection: sqlite3.Connection, question: Question) -> Any:
    """Return the answer to a question."""
    return _readings[type(question)](connection, question)
