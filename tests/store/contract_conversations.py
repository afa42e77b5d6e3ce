"""What every store does for conversations: which an account has, read markers, what is unread, closing one.

Import the module, not the class: a test module's names are collected.
"""

from __future__ import annotations

from typing import Any

from classcord.chat.accounts.vocabulary import RoleChanged, UserRemoved
from classcord.chat.channels.vocabulary import ChannelRemoved, MemberRemoved
from classcord.chat.conversations.vocabulary import (
    ChannelRead,
    ConversationHidden,
    ConversationRead,
    ConversationsOf,
    ConversationsPage,
    Marker,
    MarkerOf,
    NotListed,
    StoredConversation,
)
from classcord.chat.effects import Commit
from classcord.chat.errors import Conflict
from classcord.chat.mentions.vocabulary import Mentioned, MentionedByEdit, MentionsLeft, MentionsRead
from tests.store import contract_administration
from tests.store.examples import AT, BEGUN, channel, commit, member, said, user, whispered


def hidden(up_to: int, user_id: int = 2, conversation: str = "1:2") -> ConversationHidden:
    return ConversationHidden(conversation=conversation, user_id=user_id, up_to=up_to, other="Zoé")


def read(up_to: int, user_id: int = 2, conversation: str = "1:2") -> ConversationRead:
    return ConversationRead(conversation=conversation, user_id=user_id, up_to=up_to, other="Zoé")


class StoreContract(contract_administration.StoreContract):
    """The whole contract; who passes it gives `open` and `restart`."""

    async def page(self, user_id: int | None = 2, channels: tuple[int, ...] = (1,), **asked: Any) -> ConversationsPage:
        values: dict[str, Any] = {"limit": 50, **asked}
        found = await self.store.find(ConversationsOf(user_id=user_id, channels=channels, **values))
        assert isinstance(found, ConversationsPage)
        return found

    async def counts(self, user_id: int | None = 2, channels: tuple[int, ...] = (1,)) -> dict[int | str, Any]:
        """Return for each conversation what is unread, and up to which it is read."""
        found = (await self.page(user_id, channels)).conversations
        return {each.conversation or each.channel_id or 0: (each.unread, each.last_read) for each in found}

    async def test_conversations_of_an_account(self) -> None:
        """Its channels and private conversations, each with its newest message, that of the newest one first."""
        await self.keep(*BEGUN, commit(channel(2, "#dev")), commit(user(3, "Léa")))
        await self.keep(
            commit(said(1, author_id=1)),
            commit(whispered(2, author_id=1)),
            commit(whispered(3, conversation="2:~tom", author="Tom")),
            commit(whispered(4, conversation="1:3", author_id=1, recipient="Léa")),
            commit(whispered(5, "last", author="Bob", author_id=2, recipient="Zoé")),
        )
        for _ in range(2):
            page = await self.page(channels=(2, 1))
            assert page == ConversationsPage(
                conversations=(
                    StoredConversation(
                        conversation="1:2",
                        other="Zoé",
                        newest=5,
                        last_read=5,
                        unread=0,
                        message=whispered(5, "last", author="Bob", author_id=2, recipient="Zoé"),
                    ),
                    StoredConversation(
                        conversation="2:~tom",
                        other="Tom",
                        newest=3,
                        last_read=0,
                        unread=1,
                        message=whispered(3, conversation="2:~tom", author="Tom"),
                    ),
                    StoredConversation(channel_id=1, newest=1, last_read=0, unread=1, message=said(1, author_id=1)),
                    StoredConversation(channel_id=2, newest=0, last_read=0, unread=0),
                ),
                more=False,
            )
            await self.restart()
        of_zoe = (await self.page(1, ())).conversations
        assert [(each.conversation, each.other) for each in of_zoe] == [("1:2", "Bob"), ("1:3", "Léa")]

    async def test_a_soliloquy_is_one_conversation(self) -> None:
        """Who writes to themselves has it once, and has read it."""
        await self.keep(*BEGUN, commit(whispered(1, conversation="1:1", author_id=1, recipient="Zoé")))
        assert await self.counts(1, ()) == {"1:1": (0, 1)}

    async def test_pages_of_conversations(self) -> None:
        """A page goes on below the newest message of the last one; what has no message is on the last page."""
        await self.keep(*BEGUN, commit(channel(2, "#dev")), commit(channel(3, "#empty")))
        await self.keep(*(commit(user(n, f"p{n}")) for n in range(3, 9)))
        await self.keep(
            *(commit(whispered(n, conversation=f"2:{n}", author=f"p{n}", author_id=n)) for n in range(3, 9)),
            commit(said(9)),
            commit(said(10, channel_id=2)),
        )
        pages, before, more = [], None, True
        while more:
            page = await self.page(channels=(1, 2, 3), limit=3, before=before)
            pages.append([each.newest for each in page.conversations])
            before, more = page.conversations[-1].newest, page.more
        assert pages == [[10, 9, 8], [7, 6, 5], [4, 3, 0]]
        assert not (await self.page(channels=(), before=0)).conversations
        assert [each.message for each in (await self.page(whole=False)).conversations] == [None] * 7

    async def test_a_page_has_room_for_some_long_messages(self) -> None:
        """The rest is on the next page; one message alone is told however long it is."""
        await self.keep(*BEGUN, *(commit(user(n, f"p{n}")) for n in range(3, 7)))
        long = "é" * 60_000
        await self.keep(*(commit(whispered(n, long, conversation=f"2:{n}")) for n in range(3, 7)))
        page = await self.page(channels=())
        assert ([each.newest for each in page.conversations], page.more) == ([6, 5], True)
        page = await self.page(channels=(), before=5)
        assert ([each.newest for each in page.conversations], page.more) == ([4, 3], False)
        await self.keep(commit(whispered(7, "é" * 200_000, conversation="2:3")))
        assert [each.newest for each in (await self.page(channels=())).conversations] == [7]

    async def test_nothing_is_unread_for_nobody(self) -> None:
        """A guest is told of channels alone, and nothing counts."""
        await self.keep(*BEGUN, commit(said(1)), commit(whispered(2)))
        assert await self.counts(None) == {1: (0, 0)}

    async def test_own_messages_are_read(self) -> None:
        """Whoever writes has read what came before; what came after is unread."""
        await self.keep(*BEGUN, commit(*(said(n, author_id=1) for n in range(1, 5))), commit(said(5, author_id=2)))
        assert await self.counts(2) == {1: (0, 5)}
        assert await self.counts(1) == {1: (1, 4)}
        await self.keep(commit(said(6, author_id=1)), commit(said(7)))
        assert await self.counts(2) == {1: (2, 5)}

    async def test_own_messages_of_long_ago_are_read(self) -> None:
        """Who has written much elsewhere since has read that channel all the same, as far as anything counts."""
        await self.keep(*BEGUN, commit(channel(2, "#dev")))
        await self.keep(commit(said(1), said(2, author_id=2), said(3), said(4)))
        for start in (5, 205):
            await self.keep(commit(*(said(n, channel_id=2, author_id=2) for n in range(start, start + 200))))
            assert await self.counts(2, (1, 2)) == {2: (0, start + 199), 1: (2, 2)}
        await self.keep(commit(*(said(n) for n in range(405, 1402))))
        assert await self.counts(2, (1, 2)) == {1: (999, 2), 2: (0, 404)}
        await self.keep(commit(said(1402)))
        assert await self.counts(2, (1, 2)) == {1: (1000, 0), 2: (0, 404)}, "nobody looks so far back"
        await self.keep(commit(ChannelRead(channel_id=1, user_id=2, up_to=3)))
        assert await self.counts(2, (1,)) == {1: (999, 3)}

    async def test_a_thousand_are_counted(self) -> None:
        """No more than that, and exactly so many if there are fewer."""
        await self.keep(*BEGUN, commit(*(said(n) for n in range(1, 1502))))
        assert await self.counts() == {1: (1000, 0)}
        await self.keep(commit(ChannelRead(channel_id=1, user_id=2, up_to=502)))
        assert await self.counts() == {1: (999, 502)}

    async def test_unread_mentions(self) -> None:
        """Those in unread messages, each in its own conversation; of this account alone."""
        await self.keep(*BEGUN, commit(channel(2, "#dev")))
        for message_id, user_id, where in ((1, 2, 1), (2, 2, 2), (3, 1, 1), (4, 2, 1), (5, 2, 1)):
            mentioned = Mentioned(message_id=message_id, user_id=user_id)
            await self.keep(commit(said(message_id, channel_id=where, mentions=(user_id,)), mentioned))
        await self.keep(commit(whispered(6, mentions=(2,)), Mentioned(message_id=6, user_id=2)))

        async def mentions(user_id: int | None) -> dict[int | str, int]:
            found = (await self.page(user_id, (1, 2))).conversations
            return {each.conversation or each.channel_id or 0: each.mentions for each in found}

        assert await mentions(2) == {"1:2": 1, 1: 3, 2: 1}
        await self.keep(commit(ChannelRead(channel_id=1, user_id=2, up_to=4)), commit(read(6)))
        assert await mentions(2) == {"1:2": 0, 1: 1, 2: 1}
        assert (await mentions(1), await mentions(None)) == ({"1:2": 0, 1: 1, 2: 0}, {1: 0, 2: 0})

    async def test_mentions_by_edits(self) -> None:
        """The new words of a message that was read mention somebody: that is unread until they are read too."""
        await self.keep(*BEGUN, commit(channel(2, "#dev"), said(1), said(2), said(3, channel_id=2), whispered(4)))
        await self.keep(commit(ChannelRead(channel_id=1, user_id=2, up_to=2)), commit(read(4)))

        async def mentions() -> dict[int | str, int]:
            found = (await self.page(2, (1, 2))).conversations
            return {each.conversation or each.channel_id or 0: each.mentions for each in found}

        def mentioned(number: int, *users: int) -> Commit:
            calls = [MentionedByEdit(message_id=number, user_id=each) for each in users]
            return commit(MentionsLeft(message_id=number, user_ids=users), *calls)

        async def marked(**where: int | str) -> bool:
            return bool((await self.store.find(MarkerOf(user_id=2, **where))).mentioned)  # type: ignore[arg-type]

        await self.keep(mentioned(1, 1, 2), mentioned(3, 2), mentioned(4, 2))
        assert await mentions() == {1: 1, 2: 1, "1:2": 1}, "in a message that is unread anyway, once"
        assert (await marked(channel_id=1), await marked(conversation="1:2")) == (True, True)
        await self.keep(mentioned(1, 2))
        assert await mentions() == {1: 1, 2: 1, "1:2": 1}, "another edit changes nothing of it"
        await self.keep(commit(MentionsRead(user_id=2, channel_id=1, up_to=2)))
        assert (await mentions(), await marked(channel_id=1)) == ({1: 0, 2: 1, "1:2": 1}, False)
        await self.keep(mentioned(1, 2), commit(MentionsRead(user_id=2, conversation="1:2", up_to=4)))
        assert await mentions() == {1: 0, 2: 1, "1:2": 0}, "nor does an edit that leaves the name"
        await self.keep(mentioned(3), mentioned(1), mentioned(1, 2))
        assert await mentions() == {1: 1, 2: 0, "1:2": 0}, "who is mentioned no more is mentioned anew"

    async def test_markers_only_grow(self) -> None:
        """An older one that comes late changes nothing, and is no error; after a restart all is as it was."""
        await self.keep(*BEGUN, commit(*(said(n) for n in range(1, 6))), commit(whispered(6), whispered(7)))
        for up_to in (3, 2, 4, 1):
            await self.keep(commit(ChannelRead(channel_id=1, user_id=2, up_to=up_to)))
        for up_to in (6, 2, 6):
            await self.keep(commit(read(up_to)))
        for _ in range(2):
            assert await self.counts() == {"1:2": (1, 6), 1: (1, 4)}
            assert await self.store.find(MarkerOf(user_id=2, channel_id=1)) == Marker(last_read=4, newest=5)
            assert await self.store.find(MarkerOf(user_id=2, conversation="1:2")) == Marker(last_read=6, newest=7)
            await self.restart()
        nothing = Marker(last_read=0, newest=0)
        for other in (MarkerOf(user_id=2, channel_id=9), MarkerOf(user_id=2, conversation="1:9")):
            assert await self.store.find(other) == nothing
        assert await self.store.find(MarkerOf(user_id=3, conversation="1:2")) == nothing

    async def test_a_newcomer_has_read_everything(self) -> None:
        """A new account, a new member, a new role; who comes back to a channel goes on where they were."""
        staff = channel(2, "#staff", kind="private", members_from="moderator")
        await self.keep(*BEGUN, commit(staff), commit(channel(3, "#dev")))
        await self.keep(commit(said(1), said(2, channel_id=2), said(3, channel_id=3)))
        await self.keep(commit(user(3, "Léa")), commit(user(4, "Max", role="moderator")), commit(member(3, 3)))
        await self.keep(commit(said(4), said(5, channel_id=2), said(6, channel_id=3)))
        assert await self.counts(3, (1, 3)) == {1: (1, 1), 3: (1, 3)}
        assert await self.counts(4, (1, 2)) == {1: (1, 1), 2: (1, 2)}
        await self.keep(commit(RoleChanged(user_id=3, role="admin", before="member", at=AT)))
        assert await self.counts(3, (2,)) == {2: (0, 5)}
        await self.keep(commit(MemberRemoved(channel_id=3, user_id=3)), commit(said(7, channel_id=3)))
        await self.keep(commit(member(3, 3)))
        assert await self.counts(3, (3,)) == {3: (2, 3)}

    async def test_what_is_closed_is_not_listed(self) -> None:
        """Until a newer message comes; what was closed counts as read, and the other side is as it was."""
        await self.keep(*BEGUN, commit(whispered(1)), commit(whispered(2)))
        await self.keep(commit(hidden(2)))
        assert (await self.counts(2, ()), await self.counts(1, ())) == ({}, {"1:2": (2, 0)})
        await self.restart()
        assert [type(e) for e in (await self.refusals(commit(hidden(9)))).values()] == [NotListed]
        await self.keep(commit(whispered(3)))
        assert await self.counts(2, ()) == {"1:2": (1, 2)}
        await self.keep(commit(hidden(1)))  # it was decided before the newest message came
        assert await self.counts(2, ()) == {"1:2": (1, 2)}

    async def test_nothing_to_mark(self) -> None:
        """A conversation that is not there, or a channel that is deleted, is refused alone."""
        await self.keep(*BEGUN, commit(channel(2, "#dev")), commit(ChannelRead(channel_id=2, user_id=2, up_to=1)))
        await self.keep(commit(ChannelRemoved(channel_id=2, by="Zoé", at=AT)))
        assert await self.store.find(MarkerOf(user_id=2, channel_id=2)) == Marker(last_read=0, newest=0)
        late = [
            (ChannelRead(channel_id=2, user_id=2, up_to=1), Conflict),
            (ChannelRead(channel_id=1, user_id=9, up_to=1), Conflict),
            (read(1), Conflict),
            (hidden(1), NotListed),
        ]
        for number, (record, why) in enumerate(late, 100):
            outcomes = await self.refusals(commit(said(number)), commit(record), commit(said(number + 100)))
            assert {place: type(error) for place, error in outcomes.items()} == {1: why}, record

    async def test_who_is_deleted_leaves_the_others_theirs(self) -> None:
        """An account's list and markers go with it; the others keep the name as it stood."""
        await self.keep(*BEGUN, commit(said(1)), commit(whispered(2, author_id=1)))
        await self.keep(commit(ChannelRead(channel_id=1, user_id=1, up_to=1)), commit(UserRemoved(user_id=1)))
        assert await self.counts(1) == {1: (1, 0)}
        assert [each.other for each in (await self.page(2, ())).conversations] == ["Zoé"]
        await self.keep(commit(whispered(3, author="Bob", author_id=2, recipient="Zoé")))
        assert (await self.counts(1, ()), await self.counts(2, ())) == ({}, {"1:2": (0, 3)})

    async def test_a_refused_message_is_in_no_list(self) -> None:
        """What was not stored has left nothing; the messages around it are listed."""
        await self.keep(*BEGUN, commit(user(3, "Léa")))
        late = commit(whispered(2, conversation="2:3"), whispered(3, waiting_for=99))
        outcomes = await self.refusals(commit(whispered(1)), late, commit(whispered(4, conversation="2:3")))
        assert list(outcomes) == [1]
        assert await self.counts(2, ()) == {"2:3": (1, 0), "1:2": (1, 0)}
        assert [each.newest for each in (await self.page(2, ())).conversations] == [4, 1]
