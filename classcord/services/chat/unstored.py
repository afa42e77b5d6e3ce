"""Operators while nothing can be stored: their requests are answered at once all the same.

A change that must be stored first is refused; the entries of the others go into the audit trail when storing works
again. Knows no socket and no SQL.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from classcord.chat import effects
from classcord.chat.announcements.vocabulary import Announced
from classcord.chat.audit.vocabulary import Audited
from classcord.chat.errors import ChatError, StorageUnavailable
from classcord.chat.events import Answer, Performed
from classcord.chat.identity.vocabulary import SessionEnded
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.requests import Request
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.effects import Commit, Effect
    from classcord.chat.hub import Hub
    from classcord.chat.people import Session
    from classcord.services.chat.connection import ConnectionTable
    from classcord.store.ports import CommitQueue

NOT_YET_KEPT = Text(N_("Nothing can be stored at the moment: the audit trail gets its entry when that works again."))
LATER = (Audited, Announced, SessionEnded)


class Unstored:
    """Answers administrators whose commits cannot be written."""

    def __init__(self, hub: Hub, connections: ConnectionTable, journal: CommitQueue) -> None:
        self._hub = hub
        self._connections = connections
        self._journal = journal

    def sorted_out(self, request: Request, decided: list[Effect]) -> list[Effect]:
        """Return what to perform now of an administrator's request; StorageUnavailable if it must be stored first."""
        commits = [each for each in decided if isinstance(each, effects.Commit) and each.records]
        if commits and request.needs_store:
            for each in commits:
                self._hub.abandon(each.records)
            raise StorageUnavailable(retry_after=5)
        if not all(map(_may_be_stored_later, commits)):
            return decided
        return [effects.StoreLater(each) if each in commits else each for each in decided]

    def performed(self, commit: Commit) -> Commit | None:
        """Apply a commit before it is stored; return the part of it to store later."""
        if commit.session is not None and (connection := self._connections.of(commit.session)) is not None:
            connection.in_flight += 1
            connection.held += commit.holds
        return self._made_true(commit)

    def stuck(self, commits: Sequence[Commit]) -> list[Commit]:
        """Answer the administrators whose commits could not be written; return the commits still to be written."""
        stays: list[Commit] = []
        for commit in commits:
            if commit.session is None or not administers(commit.session, commit.request):
                stays.append(commit)
            elif commit.request is not None and commit.records and commit.request.needs_store:
                self._journal.release((commit,), {0: StorageUnavailable(retry_after=5)})
            elif _may_be_stored_later(commit):
                if commit.answer is not None and not isinstance(commit.answer, ChatError):
                    commit = msgspec.structs.replace(commit, answer=noted(commit.answer))  # noqa: PLW2901
                later = self._made_true(commit)
                if later is not None:
                    stays.append(later)
            else:
                stays.append(commit)
        return stays

    def _made_true(self, commit: Commit) -> Commit | None:
        self._journal.release((commit,), {})
        stored = tuple(record for record in commit.records if record.stored)  # the others would be heard twice
        return effects.Commit(None, stored) if stored else None


def administers(session: Session, request: Request | None) -> bool:
    """Whether this is an operator's session, or the request that begins one."""
    person = session.person
    return isinstance(request, Operate) or (person is not None and person.is_operator)


def noted(answer: Answer) -> Answer:
    """Return an answer with the note that its entry of the audit trail is not stored yet."""
    if not isinstance(answer, Performed):
        return answer
    return msgspec.structs.replace(answer, notes=(*answer.notes, NOT_YET_KEPT))


def _may_be_stored_later(commit: Commit) -> bool:
    """Whether no decision depends on this commit: it is of the audit trail, of notices, or of an operator's session."""
    return isinstance(commit.request, Operate) or all(isinstance(record, LATER) for record in commit.records)
