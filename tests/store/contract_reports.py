"""What every store does with reports of messages.

Import the module, not the class: a test module's names are collected.
"""

from __future__ import annotations

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.files.vocabulary import FileNamed, FileRemoved
from classcord.chat.reports.vocabulary import (
    AROUND,
    AlreadyClosed,
    AlreadyReported,
    HiddenReports,
    MessageInQuestion,
    ReportAndLines,
    ReportById,
    ReportsIn,
    StoredReport,
)
from classcord.chat.revisions.vocabulary import EarlierText, MessageChanged, MessageDeleted, MessageEdited
from tests.store import contract_files
from tests.store.examples import AT, BEGUN, carried, channel, closed, commit, copied, reported, said, whispered


class StoreContract(contract_files.StoreContract):
    """The whole contract; who passes it gives `open` and `restart`."""

    async def test_the_message_in_question(self) -> None:
        """It comes with what it said before, and the lines around it in its channel or conversation."""
        lines = [said(number, channel_id=1 + number % 2) for number in range(10, 50)]
        await self.keep(*BEGUN, commit(channel(2, "#dev"), *lines), commit(whispered(60), whispered(61)))
        await self.keep(
            commit(
                MessageEdited(message_id=30, at=AT + 99, author="Zoé", channel_id=1, content="Bonsoir"),
                MessageChanged(message_id=30, newest=61, edited_at=AT + 99),
            )
        )
        found = await self.store.find(MessageInQuestion(message_id=30))
        assert found.stored.message.content == "Bonsoir"
        assert found.before == (EarlierText(at=AT + 30, content="Bonjour"),)
        around = [each.message.message_id for each in found.around]
        assert around == [20, 22, 24, 26, 28, 32, 34, 36, 38, 40]
        assert len(around) == 2 * AROUND
        found = await self.store.find(MessageInQuestion(message_id=60))
        assert [each.message.message_id for each in found.around] == [61]
        assert await self.store.find(MessageInQuestion(message_id=99)) is None

    async def test_the_newest_message_of_somebody(self) -> None:
        """In the channels and the conversation that are given; a guest is known by the name alone."""
        await self.keep(*BEGUN, commit(channel(2, "#dev"), said(1, author_id=1), said(2), said(3, channel_id=2)))
        await self.keep(commit(whispered(4, author_id=1)))
        for about, number in (
            ({"author": "zoé", "channel_ids": (1,)}, 2),
            ({"author": "Zoé", "channel_ids": (1, 2)}, 3),
            ({"author": "x", "author_id": 1, "channel_ids": (1, 2)}, 1),
            ({"author": "x", "author_id": 1, "channel_ids": (1, 2), "conversation": "1:2"}, 4),
        ):
            found = await self.store.find(MessageInQuestion(**about))
            assert found.stored.message.message_id == number
        assert await self.store.find(MessageInQuestion(author="eve", channel_ids=(1, 2))) is None

    async def test_reports_by_pages_and_whole(self) -> None:
        """Open ones and closed ones, newest first; a report with its lines, as they were stored."""
        file = {"file_token": "t", "file_name": "a", "file_type": "x/y", "file_size": 3, "file_digest": "ab" * 32}
        lines = (copied(1), copied(1, 1, cut=True, deleted_at=AT, deleted_by="Bob", **file))
        await self.keep(*BEGUN, commit(reported(1), *lines), commit(reported(2, message_id=7)))
        await self.keep(commit(reported(3, message_id=8, category="hate")))
        await self.keep(commit(closed(2, reason="vu")))
        open_ones = await self.store.find(ReportsIn(closed=False, before=None, limit=9))
        assert open_ones == (
            StoredReport(filed=reported(3, message_id=8, category="hate")),
            StoredReport(filed=reported(1)),
        )
        assert await self.store.find(ReportsIn(closed=False, before=3, limit=9)) == open_ones[1:]
        for channels in ((), (2, 4_000), (1,), (1, 2)):
            here = tuple(each for each in open_ones if each.filed.channel_id in channels)
            found = await self.store.find(ReportsIn(closed=False, before=None, limit=9, channel_ids=channels))
            assert found == here
        assert await self.store.find(ReportsIn(closed=False, before=None, limit=1)) == open_ones[:1]
        ended = StoredReport(filed=reported(2, message_id=7), closed=closed(2, reason="vu"))
        assert await self.store.find(ReportsIn(closed=True, before=None, limit=9)) == (ended,)
        whole = await self.store.find(ReportById(report_id=1))
        assert whole == ReportAndLines(stored=StoredReport(filed=reported(1)), lines=lines)
        assert await self.store.find(ReportById(report_id=9)) is None

    async def test_a_page_is_full_beside_hidden_reports(self) -> None:
        """What is hidden does not count for the limit, whether by the author's account, name, role or channel."""
        reports = [
            reported(1, author_id=None, channel_id=None, conversation="1:2", place=""),
            reported(2, message_id=3, author_id=2),
            reported(3, message_id=4, author_id=None, author="eve"),
            reported(4, message_id=5, author_role="admin"),
            reported(5, message_id=6, author_id=1),
            reported(6, message_id=7, author_id=None, author="Max"),
        ]
        await self.keep(*BEGUN, *(commit(each) for each in reports))
        cases = (
            (HiddenReports(), [6, 5, 4, 3, 2, 1]),
            (HiddenReports(author_ids=(2,), author="eve", roles=("admin", "owner"), moderators=("2:1",)), [6, 1]),
            (HiddenReports(moderators=("2:1", "2:2", "1:2")), [6, 3, 1]),
            (HiddenReports(author="Zoé"), [6, 5, 4, 3, 2]),
        )
        for is_closed in (False, True):
            for hidden, left in cases:
                for limit in (1, 2, 9):
                    asked = ReportsIn(closed=is_closed, before=None, limit=limit, hidden=hidden)
                    found = [each.filed.report_id for each in await self.store.find(asked)]
                    assert found == left[:limit], (hidden, limit)
            if not is_closed:
                await self.keep(*(commit(closed(each.report_id)) for each in reports))

    async def test_one_open_report_by_one_person(self) -> None:
        """A second one is refused until the first is closed, which happens once."""
        await self.keep(*BEGUN, commit(reported(1)))
        outcomes = await self.refusals(commit(reported(2)), commit(reported(3, reporter_key="~eve", reporter_id=None)))
        assert [(place, type(error)) for place, error in outcomes.items()] == [(0, AlreadyReported)]
        outcomes = await self.refusals(commit(closed(1)), commit(closed(1)), commit(reported(2)))
        assert [(place, type(error)) for place, error in outcomes.items()] == [(1, AlreadyClosed)]

    async def test_nothing_takes_the_copy_away(self) -> None:
        """Neither the deletion of the message and its file, nor that of the accounts."""
        line = copied(1, file_token="t", file_name="a", file_type="x/y", file_size=1200, file_digest="ab" * 32)
        await self.keep(*BEGUN, commit(said(2, author_id=1), carried(2)), commit(reported(1), line))
        await self.keep(
            commit(
                MessageDeleted(message_id=2, at=AT, author="Zoé", channel_id=1),
                MessageChanged(message_id=2, newest=2, deleted_at=AT, deleted_by="Zoé"),
                FileRemoved(message_id=2),
            )
        )
        await self.keep(commit(UserRemoved(user_id=1)), commit(UserRemoved(user_id=2)))
        found = await self.store.find(ReportById(report_id=1))
        assert (found.lines[0].content, found.lines[0].author) == ("aïe", "Zoé")
        assert (found.stored.filed.reporter_id, found.stored.filed.author_id) == (None, None)
        named = await self.store.find(FileNamed(token="t"))
        assert (named.digest, named.size) == ("ab" * 32, 1200)
        assert await self.store.find(FileNamed(token="token 2")) is None
