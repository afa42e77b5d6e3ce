"""The words of search. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

import msgspec

from classcord.chat.errors import Busy, RateLimited
from classcord.chat.events import Answer
from classcord.chat.frozen import Frozen
from classcord.chat.messages.vocabulary import Details, Message, Said
from classcord.chat.questions import Found, Question
from classcord.chat.requests import ChannelName, Group, MessageId, PersonName, Request, Words
from classcord.chat.roles import Permission
from classcord.chat.search.terms import Term
from classcord.chat.text import N_

BEST, NEWEST = "best", "newest"

Order = Annotated[str, msgspec.Meta(extra={"kind": "choice", "choices": (BEST, NEWEST)})]
"""Which messages come first; the decision refuses other words."""
Date = Annotated[str, msgspec.Meta(max_length=40)]
"""A day, or a time in the form of RFC 3339."""
PageMark = Annotated[str, msgspec.Meta(max_length=40)]
"""Where a page begins, as the page before it has said."""


class TooManySearches(RateLimited):
    template = N_("You search very often; please wait a moment.")


class SearchTakesLong(Busy):
    template = N_("This search takes too long; name a channel, an author or dates, or more of the words.")


class SearchMessages(Request, tag="search", rename={"from_": "from"}):
    permission = Permission.READ
    summary = N_("find messages by their words, in what one may read")
    command = "search"
    group = Group.PEOPLE
    arguments = ("query",)
    examples: ClassVar[tuple[str, ...]] = ("search salle serveur", "search empech* --channel #dev --since 2026-11-01")
    reads_store = True

    query: Words
    channel: ChannelName | None = None
    user: PersonName | None = None
    from_: PersonName | None = None
    before: MessageId | None = None
    after: MessageId | None = None
    since: Date | None = None
    until: Date | None = None
    order: Order = BEST
    limit: int = 20
    page: PageMark | None = None


class Place(Frozen):
    """Where a search may look: in these channels, and in private conversations if any are given.

    Those of an account are given by its id, a single one by its key (names.conversation).
    """

    channels: tuple[int, ...] = ()
    account_id: int | None = None
    conversation: str | None = None


class Mark(Frozen):
    """Where a page of found messages begins: in the set of messages older than `before`, after the first `skip`."""

    before: int
    skip: int = 0


class MessagesMatching(Question):
    """Which messages of a place have these terms? The answer is a Page.

    `author` is a name's key. The messages have ids above `after` and below the mark's; they were said from `since` on
    and before `until`, in ms since 1970.
    """

    slow = True

    terms: tuple[Term, ...]
    place: Place
    author: str | None
    after: int
    mark: Mark
    since: int | None
    until: int | None
    ranked: bool
    limit: int


class Page(Frozen, gc=True):
    """Messages that were found, the best or the newest first, with their details by their ids.

    `following` is where the next page begins.
    """

    messages: tuple[Message, ...]
    following: Mark | None
    details: Mapping[int, Details]


class MessagesSought(Found, tag="-messages-sought"):
    """The messages that a search has found; who asked may have lost the right to read some of them meanwhile."""

    asked: SearchMessages
    found: Page


class MessagesFound(Answer, kw_only=True):
    """A page of found messages; if there may be `more`, the next page is asked for by `next`."""

    messages: tuple[Said, ...]
    more: bool
    next: str | None = None
