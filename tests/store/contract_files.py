"""What every store does with the files that messages carry.

Import the module, not the class: a test module's names are collected.
"""

from __future__ import annotations

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.channels.vocabulary import ChannelRemoved
from classcord.chat.files.vocabulary import (
    FileBytes,
    FileDigests,
    FileNamed,
    FileRemoved,
    FilesSince,
    NoSuchUpload,
    StoredFile,
)
from classcord.chat.messages.vocabulary import DetailsOf, StoredById
from tests.store import contract_marks
from tests.store.examples import AT, BEGUN, carried, channel, commit, said, whispered

CONTENT, OTHER = "ab" * 32, "cd" * 32


class StoreContract(contract_marks.StoreContract):
    """The whole contract; who passes it gives `open` and `restart`."""

    async def digests(self) -> set[str]:
        return set(await self.store.find(FileDigests()))

    async def test_a_file(self) -> None:
        """It is found by its token, and told with its message."""
        await self.keep(*BEGUN, commit(said(1), carried(1, width=640, height=480)), commit(whispered(2), carried(2)))
        await self.restart()
        file = StoredFile(
            token="token 1", name="photo.png", type="image/png", size=1200, digest=CONTENT, width=640, height=480
        )
        assert await self.store.find(FileNamed(token="token 1")) == file
        assert await self.store.find(FileNamed(token="token 3")) is None
        details = await self.store.find(DetailsOf(message_ids=(1, 2, 3)))
        assert details[1].file == file
        assert details[2].file.token == "token 2"
        stored = await self.store.find(StoredById(message_id=1))
        assert stored.details.file == file

    async def test_one_content_of_two_messages(self) -> None:
        """It is needed until the last of them is deleted."""
        await self.keep(*BEGUN, commit(said(1), carried(1)), commit(said(2), carried(2)))
        await self.keep(commit(said(3), carried(3, OTHER)))
        await self.keep(commit(FileRemoved(message_id=1)))
        assert await self.digests() == {CONTENT, OTHER}
        assert await self.store.find(FileNamed(token="token 1")) is None
        await self.keep(commit(FileRemoved(message_id=2)), commit(FileRemoved(message_id=1)))
        assert await self.digests() == {OTHER}

    async def test_a_file_is_sent_once(self) -> None:
        """The second message with its token is refused, with its words."""
        await self.keep(*BEGUN, commit(said(1), carried(1)))
        outcomes = await self.refusals(commit(said(2), carried(2, token="token 1")), commit(said(3)))
        assert {place: type(error) for place, error in outcomes.items()} == {0: NoSuchUpload}
        assert len(await self.said_in()) == 2

    async def test_a_deleted_channel_shows_no_file(self) -> None:
        """Nobody reads there any more; its content stays, as its messages do."""
        await self.keep(*BEGUN, commit(channel(2, "#dev")), commit(said(1, channel_id=2), carried(1, channel_id=2)))
        assert await self.store.find(FileNamed(token="token 1"))
        await self.keep(commit(ChannelRemoved(channel_id=2, by="Zoé", at=AT)))
        assert await self.store.find(FileNamed(token="token 1")) is None
        assert await self.digests() == {CONTENT}

    async def test_how_much_was_sent(self) -> None:
        """Of an account since a time, and to a channel; who is deleted leaves the files."""
        await self.keep(
            *BEGUN,
            commit(said(1), carried(1, user_id=1, channel_id=1)),
            commit(said(2), carried(2, user_id=2, channel_id=1)),
            commit(whispered(3), carried(3, user_id=1, size=5)),
        )
        asked = FilesSince(user_id=1, channel_id=1, since=AT)
        assert await self.store.find(asked) == FileBytes(of_account=1205, of_channel=2400)
        later = FilesSince(user_id=1, channel_id=1, since=AT + 2)
        assert await self.store.find(later) == FileBytes(of_account=5, of_channel=1200)
        nobody = FilesSince(user_id=None, channel_id=None, since=AT)
        assert await self.store.find(nobody) == FileBytes()
        await self.keep(commit(UserRemoved(user_id=1)))
        assert await self.store.find(asked) == FileBytes(of_channel=2400)

    async def test_an_export_names_the_file(self) -> None:
        """By its name, its type, its size and its digest; without the token, which would be the right to read it."""
        await self.keep(*BEGUN, commit(said(1), carried(1)))
        columns, (row,) = await self.store.rows("messages", after_id=0, limit=10)
        exported = dict(zip(columns, row, strict=True))
        assert [exported[name] for name in ("file", "file_type", "file_size")] == ["photo.png", "image/png", 1200]
        assert exported["file_digest"] == CONTENT
        assert "token 1" not in row
