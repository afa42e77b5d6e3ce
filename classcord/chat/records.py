"""What is stored, one Struct a change: the journal writes them, the hub applies them once they are committed.

Each class is a row added, or one change of rows; its statement has its name in store/sqlite/queries/records.sql. A
record that changes nothing any more, because somebody else was first, is refused as its `refused_as`. Times are
milliseconds since 1970 in UTC. A record with `stored = False` lives in memory alone.
"""

from __future__ import annotations

from typing import ClassVar

from classcord.chat.errors import ChatError, Conflict
from classcord.chat.frozen import Frozen


class Record(Frozen, kw_only=True):
    """One change of the state, with who did it: `actor`, in the session `session_id`.

    Both are None where the server did it. A stranger has a session and no name yet: there `actor` alone is None. A rule
    says only what changes, and the hub signs it (`signed`); a message is signed where it is decided, because thousands
    a second are. The database keeps the two fields only where a table has a column for them.
    """

    session_id: int | None = None  # see Session.number
    actor: str | None = None
    stored: ClassVar[bool] = True
    refused_as: ClassVar[type[ChatError]] = Conflict
    is_message: ClassVar[bool] = False  # what people write: thousands a second; nothing of it is in the audit trail

    @property
    def begins(self) -> tuple[int, str] | None:
        """The session that begins with this record, and the name in it; None for nearly every record."""
        return None

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        """Return what the sender hears when the store refuses this record; `why` is the store's word on it."""
        return self.refused_as()
