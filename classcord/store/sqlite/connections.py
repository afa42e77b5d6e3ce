"""What the store's work is run by. Knows no SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from twisted.internet.defer import Deferred

T = TypeVar("T")


class Connections(Protocol):
    """Runs work with a connection: in a thread, or in the caller's."""

    def start(self) -> object: ...

    def close(self) -> object: ...

    def runWithConnection(self, work: Callable[..., T], *args: Any) -> Deferred[T]: ...  # noqa: N802 (adbapi's name)
