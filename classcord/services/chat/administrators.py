"""Notices to the administrators, above all that nothing can be stored. Knows no journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from classcord.chat.events import Notice
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.hub import Hub
    from classcord.services.chat.fanout import Fanout


class Administrators:
    """The administrators who are here."""

    log = Logger()

    def __init__(self, hub: Hub, fanout: Fanout, clock: IReactorTime) -> None:
        self._hub = hub
        self._fanout = fanout
        self._clock = clock
        self._storage_watchers: list[Callable[[str | Text | None], None]] = []

    def watch_storage(self, watcher: Callable[[str | Text | None], None]) -> None:
        """Call `watcher` whenever `storage_trouble` is called."""
        self._storage_watchers.append(watcher)

    def tell(self, words: Text) -> None:
        """Tell the administrators something; it is not stored."""
        notice = Notice(content=words, timestamp=rfc3339(int(self._clock.seconds() * 1000)))
        for session in self._hub.those_who_may(Permission.WATCH):
            self._fanout.tell(session, notice)

    def storage_trouble(self, reason: str | Text | None) -> None:
        """Tell the log and the administrators why nothing can be stored; None: storing works again."""
        if reason is None:
            self.log.info("the storage works again")
            words = Text(N_("The storage works again."))
        else:
            why = reason.render() if isinstance(reason, Text) else reason
            self.log.critical("nothing can be stored: {reason}; trying again until it can", reason=why)
            words = Text(N_("Nothing can be stored: {reason}. Messages wait until it can."), {"reason": reason})
        self.tell(words)
        for watcher in self._storage_watchers:
            watcher(reason)
