"""The messages in the log: if the settings ask for it, or while an administrator watches. Knows sessions by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from twisted.logger import Logger

from classcord.chat.messages.telling import said
from classcord.chat.messages.vocabulary import Message
from classcord.chat.revisions.vocabulary import MessageEdited
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
                self._tell(session, event.sender, event.channel, event.to, event.content)
            elif isinstance(record, MessageEdited):
                channel = None if record.channel_id is None else self._hub.state.channel_name(record.channel_id)
                self._tell(session, record.author, channel, record.recipient, f"(edited) {record.content}")

    def _tell(self, session: object, name: str, channel: str | None, to: str | None, words: str) -> None:
        shown = words if channel else "(private)"
        self.log.info(MESSAGE, session=session, name=name, to=channel or to, content=shown, whole=words)
