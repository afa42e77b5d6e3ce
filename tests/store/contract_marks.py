"""What every store does with what people add to stored messages: reactions and pins.

Import the module, not the class: a test module's names are collected.
"""

from __future__ import annotations

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.errors import AlreadySo
from classcord.chat.messages.vocabulary import Details, DetailsOf, Tally
from classcord.chat.pins.vocabulary import (
    MOST_PINS,
    MessagePinned,
    MessageUnpinned,
    PinOf,
    PinsIn,
    PinState,
    TooManyPins,
)
from classcord.chat.reactions.vocabulary import (
    MOST_EMOJI,
    MOST_OWN,
    MOST_WITH_GUESTS,
    Reacted,
    ReactedTo,
    ReactionsTo,
    ReactionTaken,
    TooManyReactions,
)
from classcord.chat.resuming.vocabulary import ChangedSince
from classcord.chat.revisions.vocabulary import MessageChanged
from tests.store import contract_revisions
from tests.store.examples import AT, BEGUN, commit, said, user, whispered

FACES = [chr(code) for code in range(0x1F600, 0x1F640)]


def reacted(who: int, emoji: str = "👍", message_id: int = 1) -> Reacted:
    return Reacted(message_id=message_id, emoji=emoji, who=who, guest=f"guest{-who}" if who < 0 else None)


def taken(who: int, emoji: str = "👍", message_id: int = 1) -> ReactionTaken:
    return ReactionTaken(message_id=message_id, emoji=emoji, who=who)


class StoreContract(contract_revisions.StoreContract):
    """The whole contract; who passes it gives `open` and `restart`."""

    async def tallies(self, message_id: int = 1) -> tuple[Tally, ...]:
        """Return what the history tells of the reactions to a message."""
        found = await self.store.find(DetailsOf(message_ids=(message_id,)))
        details: Details = found.get(message_id, Details())
        return details.reactions

    async def test_reactions(self) -> None:
        """They are told in the order of the first with each emoji, with names; what is taken back is gone."""
        await self.keep(*BEGUN, commit(said(1)), commit(whispered(2)))
        await self.keep(commit(reacted(2, "🎉")), commit(reacted(1)), commit(reacted(2)), commit(reacted(-7)))
        await self.keep(commit(reacted(1, "🎉", message_id=2)))
        await self.restart()
        party, thumb = (
            Tally(emoji="🎉", people=1, names=("Bob",)),
            Tally(emoji="👍", people=3, names=("guest7", "Zoé", "Bob")),
        )
        assert await self.tallies() == (party, thumb)
        assert await self.tallies(2) == (Tally(emoji="🎉", people=1, names=("Zoé",)),)
        found = await self.store.find(ReactionsTo(message_id=1, who=1))
        assert found == ReactedTo(message=said(1), emoji=("🎉", "👍"), own=("👍",))
        await self.keep(commit(taken(2, "🎉")), commit(taken(1)))
        assert await self.tallies() == (Tally(emoji="👍", people=2, names=("guest7", "Bob")),)
        await self.keep(commit(taken(2)), commit(taken(-7)))
        assert await self.tallies() == ()

    async def test_reactions_to_nothing(self) -> None:
        """There is nothing to react to."""
        assert await self.store.find(ReactionsTo(message_id=1, who=1)) == ReactedTo(message=None)

    async def test_a_reaction_twice(self) -> None:
        """The second of two at once is refused, and what is not there is not taken back; all else is stored."""
        await self.keep(*BEGUN, commit(said(1)), commit(reacted(1)))
        outcomes = await self.refusals(commit(said(8)), commit(reacted(1)), commit(said(9)))
        assert {place: type(error) for place, error in outcomes.items()} == {1: AlreadySo}
        assert len(await self.said_in()) == 3
        assert [tally.people for tally in await self.tallies()] == [1]
        outcomes = await self.refusals(commit(taken(2)), commit(taken(1, "🎉")), commit(reacted(2)))
        assert [type(outcomes[place]) for place in sorted(outcomes)] == [AlreadySo, AlreadySo]
        assert [tally.people for tally in await self.tallies()] == [2]

    async def test_too_many_emoji(self) -> None:
        """In one group too a message gets only so many different ones, and so many of one person."""
        crowd = range(10, 10 + MOST_EMOJI)
        await self.keep(*BEGUN, commit(said(1)), commit(*(user(who, f"u{who}") for who in crowd)))
        own = [commit(reacted(1, emoji)) for emoji in FACES[: MOST_OWN + 1]]
        outcomes = await self.refusals(*own)
        assert {place: type(error) for place, error in outcomes.items()} == {MOST_OWN: TooManyReactions}
        others = [commit(reacted(who, emoji)) for who, emoji in zip(crowd, FACES[MOST_OWN:], strict=False)]
        outcomes = await self.refusals(*others)
        room = MOST_EMOJI - MOST_OWN
        assert {place: type(error) for place, error in outcomes.items()} == dict.fromkeys(
            range(room, MOST_EMOJI), TooManyReactions
        )
        await self.keep(commit(reacted(2, FACES[0])))
        assert len(await self.tallies()) == MOST_EMOJI

    async def test_guests_bring_fewer_emoji(self) -> None:
        """In one group too; they join any that is there."""
        await self.keep(*BEGUN, commit(said(1)))
        theirs = [commit(reacted(-who, emoji)) for who, emoji in enumerate(FACES[: MOST_WITH_GUESTS + 1], 1)]
        outcomes = await self.refusals(*theirs)
        assert {place: type(error) for place, error in outcomes.items()} == {MOST_WITH_GUESTS: TooManyReactions}
        await self.keep(commit(reacted(1, FACES[40])), commit(reacted(-1, FACES[40])), commit(reacted(-1, FACES[1])))
        assert len(await self.tallies()) == MOST_WITH_GUESTS + 1

    async def test_a_thousand_people_react(self) -> None:
        """All are counted; the first ten with an emoji are named, and fifty with all emoji together."""
        crowd = range(10, 1010)
        await self.keep(*BEGUN, commit(said(1)), commit(*(user(who, f"u{who}") for who in crowd)))
        await self.keep(*(commit(reacted(who)) for who in crowd))
        names = tuple(f"u{who}" for who in range(10, 20))
        assert await self.tallies() == (Tally(emoji="👍", people=1000, names=names),)
        for place, emoji in enumerate(FACES[:6]):
            await self.keep(*(commit(reacted(who, emoji)) for who in crowd[42 * place : 42 * (place + 1)]))
        tallies = await self.tallies()
        assert [tally.people for tally in tallies] == [1000] + [42] * 6
        assert [len(tally.names) for tally in tallies] == [10] * 5 + [0] * 2

    async def test_a_deleted_message_has_no_reactions(self) -> None:
        """They go with its words, after an edit too, and no further ones come, at the same time neither."""
        await self.keep(*BEGUN, commit(said(1)), commit(said(2)), commit(reacted(1)), commit(reacted(1, message_id=2)))
        await self.keep(commit(MessageChanged(message_id=2, newest=2, edited_at=AT)))
        for number in (1, 2):
            deleted = commit(MessageChanged(message_id=number, newest=2, deleted_at=AT, deleted_by="Zoé"))
            outcomes = await self.refusals(deleted, commit(reacted(2, message_id=number)))
            assert list(outcomes) == [1]
            assert await self.tallies(number) == ()
            found = await self.store.find(ReactionsTo(message_id=number, who=1))
            assert (found.is_deleted, found.emoji) == (True, ())

    async def test_who_is_deleted_reacts_no_more(self) -> None:
        """With an account go its reactions; a guest's stay, who has none."""
        await self.keep(*BEGUN, commit(said(1)))
        await self.keep(commit(reacted(1)), commit(reacted(2)), commit(reacted(2, "🎉")), commit(reacted(-2, "🎉")))
        await self.keep(commit(UserRemoved(user_id=2)))
        assert await self.tallies() == (
            Tally(emoji="👍", people=1, names=("Zoé",)),
            Tally(emoji="🎉", people=1, names=("guest2",)),
        )

    async def pinned_in(self, **place: int | str) -> list[int]:
        """Return the numbers of the messages pinned in a channel or a conversation."""
        found = await self.store.find(PinsIn(**place))  # type: ignore[arg-type]
        return [each.message.message_id for each in found]

    async def test_pins(self) -> None:
        """They are told newest first, of one channel or one conversation; what is deleted is pinned no more."""
        await self.keep(*BEGUN, *(commit(said(number)) for number in (1, 2, 3)), commit(whispered(4)))
        await self.keep(*(commit(MessagePinned(message_id=number, at=AT)) for number in (3, 1, 2, 4)))
        await self.restart()
        assert await self.pinned_in(channel_id=1) == [3, 2, 1]
        assert await self.pinned_in(channel_id=1, before=3) == [2, 1]
        assert await self.pinned_in(conversation="1:2") == [4]
        assert await self.pinned_in(conversation="1:3") == []
        state = PinState(message=whispered(4), is_pinned=True, pins=1)
        assert await self.store.find(PinOf(message_id=4)) == state
        assert await self.store.find(PinOf(message_id=99)) == PinState(message=None)
        await self.keep(commit(MessageUnpinned(message_id=3, at=AT)))
        deleted = commit(MessageChanged(message_id=1, newest=4, deleted_at=AT, deleted_by="Zoé"))
        outcomes = await self.refusals(
            deleted,
            commit(MessagePinned(message_id=1, at=AT)),
            commit(MessagePinned(message_id=2, at=AT)),
            commit(MessageUnpinned(message_id=3, at=AT)),
        )
        kinds = {place: type(error) for place, error in outcomes.items()}
        assert kinds == {1: TooManyPins, 2: AlreadySo, 3: AlreadySo}
        assert await self.pinned_in(channel_id=1) == [2]

    async def test_what_has_changed_since(self) -> None:
        """Messages with other reactions or another pin than before, and which of them are pinned; purged ones not."""
        await self.keep(*BEGUN, commit(user(4, "Tom")), commit(*(said(number) for number in range(1, 7))))
        await self.keep(commit(reacted(2, message_id=1)), commit(whispered(7)), commit(said(8)))

        async def changed(after: int, user_id: int | None = 2) -> dict[int, bool | None]:
            asked = ChangedSince(channels=(1,), user_id=user_id, after=after, most=9)
            found = await self.store.find(asked)
            assert not any(each.has_other_words for each in found)
            return {each.stored.message.message_id: each.pinned for each in found}

        assert (await changed(6), await changed(7)) == ({1: False}, {})
        await self.keep(commit(reacted(4, message_id=2)), commit(reacted(1, message_id=3)))
        await self.keep(commit(MessagePinned(message_id=3, channel_id=1, at=AT)))
        await self.keep(commit(MessagePinned(message_id=7, conversation="1:2", at=AT)))
        await self.restart()
        assert await changed(8) == {2: False, 3: True, 7: True}
        assert await changed(8, None) == {2: False, 3: True}
        await self.keep(commit(said(9)), commit(UserRemoved(user_id=4)), commit(taken(1, message_id=3)))
        assert await changed(9) == {2: False, 3: True}, "with an account go its reactions"
        await self.keep(commit(said(10)), commit(MessageUnpinned(message_id=3, channel_id=1, at=AT)))
        assert await changed(10) == {3: False}

    async def test_too_many_pins(self) -> None:
        """In one group too a channel has only so many; a conversation has its own."""
        numbers = range(1, MOST_PINS + 2)
        await self.keep(*BEGUN, *(commit(said(number)) for number in numbers), commit(whispered(100)))
        outcomes = await self.refusals(*(commit(MessagePinned(message_id=number, at=AT)) for number in numbers))
        assert {place: type(error) for place, error in outcomes.items()} == {MOST_PINS: TooManyPins}
        await self.keep(commit(MessagePinned(message_id=100, at=AT)))
        assert len(await self.pinned_in(channel_id=1)) == MOST_PINS
