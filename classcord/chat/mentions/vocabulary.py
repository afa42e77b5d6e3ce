"""The words of mentions. Decides nothing."""

from __future__ import annotations

from classcord.chat.records import Record


class Mentioned(Record):
    """A message mentions an account, which may read it."""

    message_id: int
    user_id: int
