"""The words of resends. Decides nothing."""

from __future__ import annotations

from typing import Annotated

import msgspec

from classcord.chat.errors import ChatError, Conflict
from classcord.chat.questions import Question
from classcord.chat.records import Record
from classcord.chat.text import N_

ClientId = (
    Annotated[str, msgspec.Meta(min_length=1, max_length=64, extra={"kind": "hidden"})]
    | Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
)
"""The client's own number or word for a message; 7 and "7" are the same."""


class OtherMessage(Conflict):
    template = N_("You have given this client_id to another message already: each message needs its own.")


class ClientIdKept(Record):
    """The client's id of a message: of one owner (see `owner_of`), no second message with it is stored.

    `said` is two digests, of the message's place and of what it says.
    """

    refused_as = OtherMessage

    owner: str
    client_id: str
    message_id: int
    at: int
    said: str

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        return self.refused_as(field="client_id")


class Named(Question):
    """Which message has this client id? The answer is a ClientIdKept, or None."""

    owner: str
    client_id: str


class SentBefore(Exception):
    """The store's outcome for a message that is stored already, under this id and at this time."""

    def __init__(self, message_id: int, at: int) -> None:
        self.message_id = message_id
        self.at = at
        super().__init__(message_id, at)


class ClientIdsForgotten(Record):
    """The oldest client ids from before a time are forgotten, at most so many."""

    may_find_nothing = True

    before: int
    most: int
