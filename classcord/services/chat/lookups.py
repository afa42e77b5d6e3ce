"""The lookups, which take time: passwords compared and hashed, messages read. Each returns a result for hub or client.

Knows ports, no session.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from msgspec import UNSET
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from classcord.chat.checked_passwords.vocabulary import Hashed, Verified
from classcord.chat.messages.history import check_may_read_still
from classcord.chat.messages.pages import that_fit
from classcord.chat.messages.telling import said, spelt_for
from classcord.chat.messages.vocabulary import (
    NO_DETAILS,
    Details,
    DetailsOf,
    HistoryRead,
    Message,
    MessageRow,
    Messages,
    MessagesListed,
    PrivateMessageAdded,
)
from classcord.chat.resuming.vocabulary import WhatWasMissed
from classcord.chat.sources import source
from classcord.services.passwords.authenticator import Requester
from classcord.services.passwords.local import one_time_password
from classcord.services.process.turns import Turns

if TYPE_CHECKING:
    from classcord.chat.conversations.vocabulary import ConversationsPage
    from classcord.chat.effects import Find, HandOverMissed, Hash, Pause, Query, Replay, Verify
    from classcord.chat.messages.vocabulary import Said
    from classcord.chat.people import Session
    from classcord.chat.questions import Found
    from classcord.chat.requests import Request
    from classcord.chat.world import World
    from classcord.services.passwords.authenticator import Authenticator
    from classcord.services.passwords.local import Hashing
    from classcord.store.ports import Archive

HANDED_AT_ONCE = 200  # kept messages written to a session before the next ones are looked up
SLOW_AT_ONCE = 1  # slow questions read at a time: the store's other readers are for the other lookups
SLOW = 500  # slow questions that may wait; beyond this, those of the busiest address fail with `busy`


class Missed(NamedTuple):
    """The messages that a session missed, oldest first; `kept` are kept private ones, and `more` of these may wait."""

    messages: list[Message]
    kept: list[PrivateMessageAdded]
    more: bool
    details: Mapping[int, Details]

    def only(self, kept: list[PrivateMessageAdded]) -> Missed:
        """Return the same with only these of the kept messages."""
        others = {message.message_id for message in self.kept} - {message.message_id for message in kept}
        if not others:
            return self
        return self._replace(messages=[m for m in self.messages if m.message_id not in others], kept=kept)

    def at_most(self, count: int) -> Missed:
        """Return the same with at most `count` of the kept messages, the oldest."""
        return self if len(self.kept) <= count else self.only(self.kept[:count])._replace(more=True)


class Lookups:
    """Runs the lookups, with the store's port, the authenticator and the hashing threads."""

    def __init__(self, archive: Archive, authenticator: Authenticator, hashing: Hashing, clock: IReactorTime) -> None:
        self._archive = archive
        self._authenticator = authenticator
        self._hashing = hashing
        self._clock = clock
        self._slow = Turns(SLOW_AT_ONCE)

    async def verify(self, effect: Verify, session: Session, check: Callable[[], None] | None = None) -> Verified:
        """Ask whether a password is right, after the pause for earlier failures of its account and address.

        `check` is called after the pause, and raises if the password need not be checked any more.
        """
        if effect.pause:
            await deferLater(self._clock, effect.pause)
            if check is not None:
                check()
        verdict = await self._authenticator.check(effect.name, effect.password, _asker(session))
        asks = effect.question is not None and verdict.valid
        missed = await self._archive.find(effect.question) if asks else None  # type: ignore[arg-type]
        return Verified(
            asked=effect.asked,
            version=effect.version,
            valid=verdict.valid,
            rehashed=verdict.rehash,
            profile=verdict.profile,
            missed=missed,
        )

    async def pause(self, effect: Pause) -> Request:
        """Wait, and return the request that had to wait."""
        await deferLater(self._clock, effect.seconds)
        return effect.request

    async def hash(self, effect: Hash, session: Session) -> Hashed:
        """Hash a password; if none was given, make one up."""
        made = None if effect.password else one_time_password()
        digest = await self._hashing.hash(made or effect.password, _asker(session))
        return Hashed(asked=effect.asked, digest=digest, made=made)

    async def page(self, effect: Query, world: World, session: Session) -> HistoryRead | MessagesListed:
        """Read a page of messages, and find out whether there are more beyond it."""
        asked, limit = effect.request, effect.limit
        more_before = more_after = None
        found: list[Message] = []
        if asked.around is not None:  # the message itself is in the first half
            found, more_before = await self._before(effect, asked.around + 1, 1 + (limit - 1) // 2, parts=2)
            later, more_after = await self._after(effect, asked.around, limit - len(found), parts=2)
            found += later
            more = more_before or more_after
        elif asked.after is not None:
            found, more = await self._after(effect, asked.after, limit)
        else:
            found, more = await self._before(effect, asked.before, limit)
        details = await self.details(found)
        check_may_read_still(world, session, effect)
        events = (said(world, message, details.get(message.message_id, NO_DETAILS)) for message in found)
        messages = tuple(spelt_for(session, event) for event in events)
        if isinstance(asked, Messages):
            return MessagesListed(messages=tuple(map(_row, messages)))
        return HistoryRead(
            channel=effect.channel,
            user=effect.user,
            conversation=asked.conversation if effect.conversation is not None else None,
            messages=messages,
            more=more,
            more_before=more_before,
            more_after=more_after,
        )

    async def _before(
        self, effect: Query, before: int | None, limit: int, parts: int = 1
    ) -> tuple[list[Message], bool]:
        """Return the last messages before an id that fit, oldest first, and whether there are older ones.

        They fit into one of so many parts of an answer.
        """
        found = await self._archive.page(
            channel_id=effect.channel_id, conversation=effect.conversation, before=before, limit=limit + 1
        )
        kept = min(limit, that_fit(found[::-1], parts))
        return list(found[-kept:]) if kept else [], kept < len(found)

    async def _after(self, effect: Query, after: int, limit: int, parts: int = 1) -> tuple[list[Message], bool]:
        """Return the first messages after an id that fit, and whether there are newer ones."""
        found = await self._archive.page(
            channel_id=effect.channel_id, conversation=effect.conversation, after=after, limit=limit + 1
        )
        kept = min(limit, that_fit(found, parts))
        return list(found[:kept]), kept < len(found)

    async def find(self, effect: Find, session: Session) -> Found:
        """Read the answer to a question from the store; slow ones wait for their turn, so that others are not slow."""
        read: Callable[[], Awaitable[Any]] = partial(self._archive.find, effect.question)
        if effect.question.slow:
            read = partial(self._slow.run, *_asker(session), partial(self._archive.find, effect.question), most=SLOW)
        return effect.result(asked=effect.asked, found=await read())

    async def details(self, messages: Sequence[Message]) -> Mapping[int, Details]:
        """Return what there is to say about stored messages beside their rows, by their ids."""
        if not messages:
            return {}
        found = await self._archive.find(DetailsOf(message_ids=tuple(message.message_id for message in messages)))
        return cast("Mapping[int, Details]", found)

    async def missing(self, effect: Replay) -> tuple[WhatWasMissed, ConversationsPage | None]:
        """Read what a resumed session missed; if that is too much, also what there is to be read."""
        missed = WhatWasMissed()
        if effect.question is not None:
            missed = cast("WhatWasMissed", await self._archive.find(effect.question))
        if effect.summary is None or missed.messages is not None:
            return missed, None
        return missed, await self._archive.find(effect.summary)

    async def missed(self, effect: HandOverMissed) -> Missed:
        """Read the messages that a session missed; kept ones at most as many at once as an outbox has room for."""
        kept: list[PrivateMessageAdded] = []
        more = False
        if effect.user_id is not None:
            found = await self._archive.kept(effect.user_id, HANDED_AT_ONCE)
            kept = found[: that_fit(found)]
            more = len(kept) < len(found) or len(found) == HANDED_AT_ONCE
        earlier = await self._archive.latest(effect.channels, effect.limit) if effect.limit else []
        earlier = earlier[len(earlier) - that_fit(earlier[::-1]) :]
        messages: list[Message] = [*kept, *earlier]
        messages.sort(key=lambda message: message.message_id)
        return Missed(messages, kept, more, await self.details(messages))


def _row(message: Said) -> MessageRow:
    return MessageRow(
        id=message.message_id,
        at=message.timestamp,
        channel=message.channel,
        user=message.sender,
        to=None if message.channel else message.to,
        content=message.content if message.file is UNSET else f"{message.content} [{message.file.name}]".lstrip(),
        state="deleted" if message.deleted is True else "edited" if message.edited_at is not UNSET else "",
    )


def _asker(session: Session) -> Requester:
    return Requester(source(session.address), session.id)
