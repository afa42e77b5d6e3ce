"""The words of mentions. Decides nothing."""

from __future__ import annotations

from classcord.chat.records import Record


class Mentioned(Record):
    """A message mentions an account, which may read it."""

    message_id: int
    user_id: int


class MentionedByEdit(Record):
    """The new words of a message mention an account, which may have read the earlier ones: so this counts as unread.

    An account that the earlier words mention too is mentioned as it was.
    """

    may_find_nothing = True

    message_id: int
    user_id: int


class MentionsLeft(Record):
    """The new words of a message mention these accounts, and no others any more."""

    may_find_nothing = True

    message_id: int
    user_ids: tuple[int, ...]


class MentionsRead(Record, kw_only=True):
    """An account has read, up to a message of a channel or a conversation, whom edits mention there."""

    may_find_nothing = True

    user_id: int
    channel_id: int | None = None
    conversation: str | None = None
    up_to: int
