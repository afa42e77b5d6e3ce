"""Replays: whoever resumes a session hears what was missed, then what is pushed meanwhile, in the order of the chat.

While the store is read, the session's listener is replaced by one that holds back what is written. Knows no store, and
not which messages are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec
from twisted.internet.defer import CancelledError
from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.chat.conversations.missed import missed
from classcord.chat.errors import ChatError
from classcord.chat.messages.readers import may_hear_still
from classcord.chat.messages.telling import said, spelt_for
from classcord.chat.messages.vocabulary import NO_DETAILS
from classcord.chat.resuming.changes import missed_changes
from classcord.services.chat.stand_in import StandIn

if TYPE_CHECKING:
    from classcord.chat.conversations.vocabulary import ConversationsPage
    from classcord.chat.effects import Replay
    from classcord.chat.events import Event
    from classcord.chat.resuming.vocabulary import Resumed, WhatWasMissed
    from classcord.chat.world import World
    from classcord.services.chat.answers import Answers
    from classcord.services.chat.connection import Connection

MOST_HELD = 1_000_000  # bytes pushed during a replay; beyond them there is a gap instead of the replay


class Replaying(StandIn):
    """One replay: the listener of its session from the moment in which the session is resumed until it is written."""

    log = Logger()

    def __init__(self, world: World, answers: Answers, connection: Connection, effect: Replay) -> None:
        self._world = world
        self._answers = answers
        self._connection = connection
        self._session = connection.session
        self._effect = effect
        super().__init__(self._session.listener)
        self._held: list[Any] | None = []
        self._size = 0
        self._then: list[Callable[[], None]] = []  # what to call when what is held back has been written
        self._session.listener = self

    def found(self, found: tuple[WhatWasMissed, ConversationsPage | None]) -> None:
        """Write the answer and what was missed, then what was held back; what was too much is a gap."""
        if self._held is None:
            return
        was, summary = found
        person = self._session.person
        changes = [each for each in was.changes or () if may_hear_still(self._world, person, each.stored.message)]
        events = [event for each in changes for event in missed_changes(self._world, self._session, each)]
        if was.messages is None:
            chunks = self._encoded(events)
            self._end([*chunks, *self._gap(whole=was.changes is None)], self._summed_up(summary))
            return
        question = self._effect.question
        assert question is not None
        self._connection.replayed = (question.after, question.up_to)
        messages = (message for message in was.messages if may_hear_still(self._world, person, message))
        events += (said(self._world, m, was.details.get(m.message_id, NO_DETAILS)) for m in messages)
        self._end(self._encoded(events))

    def _encoded(self, events: Iterable[Event]) -> list[Any]:
        return [self.encoder.event(spelt_for(self._session, event)) for event in events]

    def _summed_up(self, summary: ConversationsPage | None) -> Resumed:
        """Return the answer with what there is to be read."""
        account = self._session.person.account if self._session.person is not None else None
        if summary is None or account is None:
            return self._effect.answer
        conversations = missed(self._world, account, summary)
        return msgspec.structs.replace(self._effect.answer, conversations=conversations, more=summary.more or None)

    def failed(self, failure: Failure) -> None:
        """Say that there is a gap, because the store cannot be read; the session goes on."""
        if failure.check(CancelledError):  # the connection is gone
            self._let_go()
            return
        if not failure.check(ChatError):
            self.log.failure("a replay has failed", failure)
        if self._held is not None:
            self._end(self._gap())

    def _gap(self, *, whole: bool = False) -> list[Any]:
        """Return the chunk that says what is to be read; `whole`: also what the client knows already."""
        gap = self._effect.gap
        if gap is None:
            return []
        return [self.encoder.event(msgspec.structs.replace(gap, after=0) if whole else gap)]

    def _end(self, replayed: list[Any], told: Resumed | None = None) -> None:
        answer = self._answers.chunk(self._session, self._effect.request, told or self._effect.answer)
        held = self._let_go()
        self._listener.write(self.encoder.join([answer, *replayed, *held]))
        waiting, self._then = self._then, []
        for then in waiting:
            self._listener.when_written(then)

    def _let_go(self) -> list[Any]:
        """Give the session its own listener again, and return what was held back."""
        (held, self._held), self._size = (self._held, None), 0
        if self._session.listener is self:  # otherwise somebody watches it: what comes through here goes on
            self._session.listener = self._listener
        return held or []

    # -- Listener -----------------------------------------------------------------------------------------------------

    def write(self, chunk: Any) -> None:
        if self._held is None:
            self._listener.write(chunk)
            return
        self._held.append(chunk)
        self._size += len(chunk)
        if self._size > MOST_HELD:
            self._end(self._gap())

    def close(self, *, after: float) -> None:
        if self._held is not None:
            self._end(self._gap())
        self._listener.close(after=after)

    @property
    def waiting(self) -> int:
        return self._listener.waiting + self._size

    def when_written(self, then: Callable[[], None]) -> None:
        if self._held is None:
            self._listener.when_written(then)
        else:
            self._then.append(then)
