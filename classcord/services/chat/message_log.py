"""The messages in the log: if the settings ask for it, or while an administrator watches. Knows sessions by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from twisted.logger import Logger

from classcord.chat.messages.telling import said
from classcord.chat.messages.vocabulary import Message
from classcord.services.process.logs import MESSAGE

if TYPE_CHECKING:
    from classcord.chat.effects import Commit
    from classcord.chat.hub import Hub
    from classcord.store.ports import Outcomes


class MessageLog:
    """Logs the messages of a group with their content; of a private message only the recipient."""

    log = Logger()

    def __init__(self, hub: Hub, *, asked: bool = False) -> None:
        self._hub = hub
        self.asked = asked
        """Whether the settings ask for messages in the log."""
        self.watchers = 0
        """The number of administrators who watch."""

    def stored(self, group: Sequence[Commit], outcomes: Outcomes) -> None:
        """Log the messages of a group that is stored."""
        if self.asked or self.watchers:
            for index, commit in enumerate(group):
                if index not in outcomes:
                    self._log(commit)

    def _log(self, commit: Commit) -> None:
        session = commit.session.id if commit.session else "-"
        for record in commit.records:
            if isinstance(record, Message):
                event = said(self._hub, record)
                to, content = (event.channel, event.content) if event.channel else (event.to, "(private)")
                self.log.info(MESSAGE, session=session, name=event.sender, to=to, content=content, whole=event.content)
