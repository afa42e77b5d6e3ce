"""What every store keeps of messages that are edited or deleted, and of their authors' roles."""

from __future__ import annotations

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.effects import Commit
from classcord.chat.messages.vocabulary import NO_DETAILS, Details, DetailsOf, SaidInRole, StoredById, StoredMessage
from classcord.chat.resuming.vocabulary import ChangedSince
from classcord.chat.revisions.vocabulary import (
    AlreadyDeleted,
    EarlierText,
    MessageChanged,
    MessageDeleted,
    MessageEdited,
    StoredVersions,
    VersionsOf,
)
from tests.store import contract_search
from tests.store.examples import AT, BEGUN, commit, said, user, whispered


def edited(number: int, content: str, after: int) -> Commit:
    """Return an edit of a message, some milliseconds after AT."""
    return commit(
        MessageEdited(message_id=number, at=AT + after, author="Zoé", author_id=1, channel_id=1, content=content),
        MessageChanged(message_id=number, newest=number, edited_at=AT + after),
    )


def deleted(number: int, after: int) -> Commit:
    return commit(
        MessageDeleted(message_id=number, at=AT + after, author="Zoé", author_id=1, channel_id=1),
        MessageChanged(message_id=number, newest=number, deleted_at=AT + after, deleted_by="Zoé"),
    )


class StoreContract(contract_search.StoreContract):
    """The contract with that; who passes it gives `open` and `restart`."""

    async def test_an_edit_keeps_what_was_said(self) -> None:
        """Each text with the time from which it was there, oldest first, after a restart too."""
        await self.keep(*BEGUN, commit(said(1, "one", author_id=1)), edited(1, "two", 10))
        await self.keep(edited(1, "three", 20))
        await self.restart()
        assert await self.said_in() == ["three"]
        now = StoredMessage(
            message=said(1, "three", author_id=1), details=Details(edited_at=AT + 20, edits=2, content="three")
        )
        assert await self.store.find(StoredById(message_id=1)) == now
        before = (EarlierText(at=AT + 1, content="one"), EarlierText(at=AT + 10, content="two"))
        assert await self.store.find(VersionsOf(message_id=1)) == StoredVersions(stored=now, before=before)

    async def test_what_was_never_changed(self) -> None:
        """A message as it was said has no earlier text; one that there is not is None."""
        await self.keep(*BEGUN, commit(said(1)))
        stored = StoredMessage(message=said(1), details=NO_DETAILS)
        assert await self.store.find(StoredById(message_id=1)) == stored
        assert await self.store.find(VersionsOf(message_id=1)) == StoredVersions(stored=stored, before=())
        assert await self.store.find(StoredById(message_id=9)) is None
        assert await self.store.find(VersionsOf(message_id=9)) is None

    async def test_a_deletion_keeps_what_was_said(self) -> None:
        """The message stays without words, and says when it was deleted and by whom; an edit before it is kept."""
        await self.keep(*BEGUN, commit(said(1, "one", author_id=1)), edited(1, "two", 10), deleted(1, 20))
        assert await self.said_in() == [""]
        found = await self.store.find(VersionsOf(message_id=1))
        assert [each.content for each in found.before] == ["one", "two"]
        details = found.stored.details
        assert (details.edited_at, details.deleted_at, details.deleted_by) == (AT + 10, AT + 20, "Zoé")

    async def test_the_first_of_two_changes_wins(self) -> None:
        """After a deletion, within one group or later, another and an edit are refused, and change nothing."""
        await self.keep(*BEGUN, commit(said(1, "one", author_id=1)))
        losers = (edited(1, "two", 30), deleted(1, 40))
        outcomes = await self.refusals(deleted(1, 20), *losers, commit(said(2, "after")))
        assert {place: type(error) for place, error in outcomes.items()} == dict.fromkeys((1, 2), AlreadyDeleted)
        assert {type(error) for error in (await self.refusals(*losers)).values()} == {AlreadyDeleted}
        assert await self.said_in() == ["", "after"]
        found = await self.store.find(DetailsOf(message_ids=(1, 2)))
        assert found == {1: Details(deleted_at=AT + 20, deleted_by="Zoé", content="")}

    async def test_a_message_that_is_not_there(self) -> None:
        """Nothing is changed of a message that was purged meanwhile."""
        await self.keep(*BEGUN)
        assert {type(error) for error in (await self.refusals(edited(7, "x", 1), deleted(7, 1))).values()} == {
            AlreadyDeleted
        }

    async def test_a_deleted_message_waits_for_nobody(self) -> None:
        """It is not handed over; what else waits for the account still is."""
        await self.keep(*BEGUN, commit(whispered(1, waiting_for=2), whispered(2, waiting_for=2)))
        await self.keep(
            commit(
                MessageDeleted(message_id=1, at=AT, author="Zoé", conversation="1:2", recipient="Bob"),
                MessageChanged(message_id=1, newest=2, deleted_at=AT, deleted_by="Zoé"),
            )
        )
        assert await self.store.kept(2, 9) == [whispered(2, waiting_for=2)]

    async def test_authors_without_an_account(self) -> None:
        """An operator's role is kept beside the message; of a deleted account it is known that there was one."""
        await self.keep(*BEGUN, commit(user(3, "Léa"), said(1, author="Léa", author_id=3), said(2, author="Ami")))
        await self.keep(
            commit(said(3, author="dupont", author_role="owner"), SaidInRole(message_id=3, role="owner")),
            commit(UserRemoved(user_id=3)),
        )
        found = await self.store.find(DetailsOf(message_ids=(1, 2, 3)))
        assert found == {1: Details(author_gone=True), 3: Details(author_role="owner")}

    async def test_what_has_changed_since(self) -> None:
        """Earlier messages that changed when an id was the newest or later, of the places that are asked for."""
        await self.keep(*BEGUN, commit(*(said(number, author_id=1) for number in range(1, 6))), commit(whispered(6)))
        await self.keep(edited(1, "before", 1), commit(said(7)))
        changes = [
            commit(
                MessageEdited(message_id=number, at=AT, author="Zoé", channel_id=1, content="now"),
                MessageChanged(message_id=number, newest=7, edited_at=AT),
            )
            for number in (2, 4, 6)
        ]
        await self.keep(*changes)

        async def changed(after: int, user_id: int | None = 2, most: int = 9) -> list[int]:
            asked = ChangedSince(channels=(1, 2), user_id=user_id, after=after, most=most)
            found = await self.store.find(asked)
            assert {(each.has_other_words, each.pinned) for each in found} <= {(True, None)}
            return [each.stored.message.message_id for each in found]

        assert await changed(7) == [2, 4, 6]
        assert await changed(7, user_id=None) == await changed(7, user_id=3) == [2, 4]
        assert await changed(3) == [2]
        assert await changed(8) == []
        too_many = ChangedSince(channels=(1,), user_id=2, after=7, most=2)
        assert await self.store.find(too_many) is None
        assert await self.store.find(ChangedSince(channels=(2,), user_id=None, after=7, most=9)) == ()
