"""The answer to which message has a client id."""

from __future__ import annotations

import sqlite3

from classcord.chat.resends.vocabulary import ClientIdKept, Named
from classcord.store.sqlite.answers.registry import answers
from classcord.store.sqlite.statements import MESSAGES


@answers
def named(connection: sqlite3.Connection, question: Named) -> ClientIdKept | None:
    names = {"owner": question.owner, "client_id": question.client_id}
    row = connection.execute(MESSAGES.sent_before.sql, names).fetchone()
    if row is None:
        return None
    message_id, at, said = row
    return ClientIdKept(owner=question.owner, client_id=question.client_id, message_id=message_id, at=at, said=said)
