"""Records: one Struct for each kind of change. The journal writes them; the hub applies them when they are committed.

Each class adds a row or changes rows; its SQL statement has the same name in store/sqlite/queries/records.sql. If a
record changes nothing because another was first, the error is its `refused_as`. Times are milliseconds since 1970 in
UTC. A record with `stored = False` is only in memory.
"""

from __future__ import annotations

from typing import ClassVar

from classcord.chat.errors import ChatError, Conflict
from classcord.chat.frozen import Frozen


class Record(Frozen, kw_only=True):
    """One change of the state, with its author: `actor`, in the session `session_id`.

    Both are None if the server did it. A stranger has a session but no name: then only `actor` is None. A rule gives
    only the change, and the hub signs the record (`signed`); a message is signed by its rule, because there are
    thousands a second. The database keeps the two fields only if a table has a column for them.
    """

    session_id: int | None = None  # see Session.number
    actor: str | None = None
    stored: ClassVar[bool] = True
    refused_as: ClassVar[type[ChatError]] = Conflict
    may_find_nothing: ClassVar[bool] = False  # its statement may change no row, and is not refused then
    is_message: ClassVar[bool] = False  # people's messages: thousands a second; the audit trail has none of them

    @property
    def begins(self) -> tuple[int, str] | None:
        """The session that begins with this record, and the name in it; None for nearly every record."""
        return None

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        """Return the error for the sender when the store refuses this record; `why` is the store's reason."""
        return self.refused_as()
