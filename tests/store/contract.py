"""What every store does, whatever it is made of: Writer, Archive, StoredAccounts, and what a start loads.

The rest of the contract is in contract_administration.py and contract_conversations.py.

Import the module, not the class: a test module's names are collected.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from twisted.trial.unittest import TestCase

from classcord.chat.accounts.vocabulary import PasswordChanged, RoleChanged, UserRemoved
from classcord.chat.announcements.vocabulary import Announced
from classcord.chat.channels.vocabulary import ChannelArchived, ChannelExists, GuestJoined, MemberRemoved, TopicSet
from classcord.chat.effects import Commit
from classcord.chat.errors import ChatError, Conflict
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import PasswordSpent, PasswordUsed, SessionEnded, SessionsClosed
from classcord.chat.join_requests.vocabulary import JoinTold
from classcord.chat.messages.vocabulary import (
    Details,
    DetailsOf,
    KeptHandedOver,
    MessageAdded,
    MessageById,
    MessageKept,
    NoSuchMessage,
    Replied,
    Tally,
)
from classcord.chat.passwords import ELSEWHERE
from classcord.chat.policy import Policy
from classcord.chat.presence.vocabulary import PresenceSet
from classcord.chat.records import Record
from classcord.chat.registration.vocabulary import AliasTaken, UserAdded, UsernameTaken
from classcord.chat.requests import subclasses
from classcord.chat.resends.vocabulary import ClientIdsForgotten, Named, OtherMessage, SentBefore
from classcord.chat.resuming.vocabulary import (
    Missing,
    ResumedElsewhere,
    TokenEnded,
    TokenMade,
    TokensEnded,
    TokensExpired,
    TokenUsed,
)
from classcord.chat.sanctions.vocabulary import SanctionLifted
from classcord.chat.state import LastIds
from classcord.chat.text import Text
from classcord.store.ports import Archive, Exports, StoredAccounts, Trail, Writer
from tests.store.examples import (
    AT,
    BEGUN,
    HISTORY,
    LAST,
    asked,
    audited,
    channel,
    commit,
    decided,
    known,
    member,
    named,
    restored,
    said,
    sanctioned,
    started,
    token,
    user,
    whispered,
)


class Store(Writer, Archive, StoredAccounts, Trail, Exports, Protocol):
    """All of them."""


class StoreContract(TestCase):
    """The contract; who passes it gives `open` and `restart`."""

    timeout = 30.0

    def open(self) -> Store:
        """Return a store with nothing in it."""
        raise NotImplementedError

    async def restart(self) -> tuple[list[Record], LastIds]:
        """Stop using `self.store`, begin anew with what it has kept, and return that."""
        raise NotImplementedError

    def setUp(self) -> None:
        self.store = self.open()

    async def keep(self, *commits: Commit) -> None:
        """Write a group of which nothing is refused."""
        assert await self.store.write(commits) == {}

    async def refusals(self, *commits: Commit) -> dict[int, Exception]:
        return await self.store.write(commits)

    async def said_in(self, channel_id: int = 1) -> list[str]:
        return [message.content for message in await self.store.page(channel_id=channel_id, limit=1000)]

    # -- what is stored, and loaded at the next start -----------------------------------------------------------------

    def test_history_has_every_kind(self) -> None:
        """The tests' own history covers every kind of record that is stored; a new kind has to be added to it."""
        kinds = {type(record) for each in HISTORY for record in each.records}
        assert kinds == {kind for kind in subclasses(Record) if kind.stored}

    async def test_restart_knows_the_same(self) -> None:
        """After a restart the hub knows what it knew: accounts, aliases, channels, members, and the last ids."""
        hub = Hub(Policy())
        for each in HISTORY:
            await self.keep(each)
            hub.restore(each.records)
        records, last = await self.restart()
        assert restored(records, last) == known(hub)
        assert last == LAST

    async def test_one_group_or_many(self) -> None:
        """The same history written as one group gives the same state."""
        await self.keep(*HISTORY)
        hub = Hub(Policy())
        for each in HISTORY:
            hub.restore(each.records)
        records, last = await self.restart()
        assert (restored(records, last), last) == (known(hub), LAST)

    async def test_restart_of_nothing(self) -> None:
        """A store with nothing in it starts with nothing, and ids begin at 1."""
        assert await self.restart() == ([], LastIds())

    async def test_messages_survive(self) -> None:
        """After a restart all messages are there, field by field, and what was kept still waits."""
        await self.keep(*HISTORY)
        await self.restart()
        deleted = said(9, "", author_id=1)
        default = [said(1, author_id=1), said(8, "Bonsoir", author="dupont"), deleted]
        assert await self.store.page(channel_id=1, limit=9) == default
        dev = [said(2, channel_id=2, author="Léa", author_id=3), said(6, channel_id=2, author="Bob", author_id=2)]
        dev.append(said(7, "@Bob @Tom", channel_id=2))
        assert await self.store.page(channel_id=2, limit=9) == dev
        private = [whispered(3, author_id=1), whispered(4, author_id=1, waiting_for=2)]
        assert await self.store.page(conversation="1:2", limit=9) == private
        assert await self.store.kept(2, 9) == private[1:]

    async def test_one_message(self) -> None:
        """A message is found by its id, of a channel or between two people; an id that was never given out is None."""
        await self.keep(*HISTORY)
        assert await self.store.find(MessageById(message_id=2)) == said(2, channel_id=2, author="Léa", author_id=3)
        assert await self.store.find(MessageById(message_id=4)) == whispered(4, author_id=1, waiting_for=2)
        assert await self.store.find(MessageById(message_id=99)) is None

    async def test_details(self) -> None:
        """Of several messages, those that have details are told with them: replies, mentions, reactions."""
        await self.keep(*HISTORY)
        await self.restart()
        found = await self.store.find(DetailsOf(message_ids=(2, 6, 4, 7, 8, 9, 99)))
        assert found == {
            2: Details(reactions=(Tally(emoji="👍", people=1, names=("Léa",)),)),
            6: Details(reply_to=2),
            7: Details(mentions=("Bob", "Léa")),
            8: Details(edited_at=AT + 20, edits=1, content="Bonsoir", author_role="admin"),
            9: Details(deleted_at=AT + 30, deleted_by="Zoé", content=""),
        }
        assert await self.store.find(DetailsOf(message_ids=())) == {}

    async def test_a_reply_to_nothing(self) -> None:
        """A reply to a message that is gone is refused, the message itself with it."""
        await self.keep(*BEGUN)
        reply = commit(said(7, reply_to=3), Replied(message_id=7, reply_to=3))
        await self.refused(reply, NoSuchMessage, "reply_to")
        assert await self.store.find(MessageById(message_id=7)) is None

    async def test_any_text(self) -> None:
        """A message comes back character for character: NUL, quotes, emoji, Hebrew, line ends, 10,000 letters."""
        contents = [
            "a\0b",
            "'; DROP TABLE messages; --",
            "🎉👩‍👩‍👧",
            "שלום",
            "a\r\nb\u2028c",
            "\x1b[31m",
            "é" * 10_000,
            " ",
        ]
        await self.keep(*BEGUN, *(commit(said(n, content)) for n, content in enumerate(contents, 1)))
        await self.restart()
        assert await self.said_in() == contents

    # -- passwords ----------------------------------------------------------------------------------------------------

    async def test_password_hash(self) -> None:
        """The newest digest of an account is found by the key of its name; there is none without an account."""
        await self.keep(*BEGUN)
        assert await self.store.password_hash("zoé") == "digest of Zoé"
        await self.keep(commit(PasswordChanged(user_id=1, password_hash="newer")))
        assert await self.store.password_hash("zoé") == "newer"
        assert await self.store.password_hash("nobody") is None

    async def test_a_start_hands_no_digest_over(self) -> None:
        """It tells which passwords are kept elsewhere, and keeps the others' digests to itself."""
        await self.keep(commit(user(1, "Zoé")), commit(user(2, "Léa", password_hash=ELSEWHERE)))
        records, _last = await self.restart()
        assert [record.password_hash for record in records if isinstance(record, UserAdded)] == ["", ELSEWHERE]

    async def test_one_time_password(self) -> None:
        """It is used once, whoever else comes in by it in the same moment; a newer digest of it is used too."""
        await self.keep(*BEGUN, commit(PasswordChanged(user_id=1, password_hash="once", must_change=True)))
        await self.keep(commit(PasswordUsed(user_id=1, name="Zoé")))
        used = commit(PasswordUsed(user_id=1, name="Zoé"))
        await self.refused(used, PasswordSpent)
        await self.keep(commit(PasswordChanged(user_id=1, password_hash="x", must_change=True, rehashed=True)))
        assert [type(error) for error in (await self.refusals(used)).values()] == [PasswordSpent]
        await self.keep(commit(PasswordChanged(user_id=1, password_hash="again", must_change=True)))
        await self.keep(commit(PasswordUsed(user_id=1, name="Zoé")))

    # -- pages --------------------------------------------------------------------------------------------------------

    async def test_pages_of_a_channel(self) -> None:
        """A page is the latest messages, or those next to an id, oldest first; of this channel alone."""
        await self.keep(*BEGUN, commit(channel(2, "#dev")))
        await self.keep(*(commit(said(n, channel_id=1 + n % 2)) for n in range(1, 13)), commit(whispered(13)))

        async def page(**where: Any) -> list[int]:
            return [m.message_id for m in await self.store.page(channel_id=1, **where)]

        assert await page(limit=3) == [8, 10, 12]
        assert await page(limit=3, before=8) == [2, 4, 6]
        assert await page(limit=3, before=2) == []
        assert await page(limit=3, after=4) == [6, 8, 10]
        assert await page(limit=3, after=12) == []
        assert await page(limit=100) == [2, 4, 6, 8, 10, 12]
        assert await page(limit=2, after=0) == [2, 4]
        assert [m.message_id for m in await self.store.page(channel_id=99, limit=9)] == []

    async def test_pages_of_a_conversation(self) -> None:
        """A conversation is paged like a channel, and is nobody else's."""
        await self.keep(*BEGUN, commit(*(whispered(n, conversation=f"1:{2 + n % 2}") for n in range(1, 9))))

        async def page(**where: Any) -> list[int]:
            return [m.message_id for m in await self.store.page(conversation="1:2", **where)]

        assert await page(limit=2) == [6, 8]
        assert await page(limit=2, before=6) == [2, 4]
        assert await page(limit=2, after=2) == [4, 6]
        assert [m.message_id for m in await self.store.page(conversation="1:", limit=9)] == []

    async def test_ids_that_a_client_made_up(self) -> None:
        """A page next to an id that cannot be is all there is on that side, or nothing."""
        await self.keep(*BEGUN, commit(said(1)), commit(said(2)))
        for far in (2**53, 2**63, 2**64, 10**40):
            assert [m.message_id for m in await self.store.page(channel_id=1, before=far, limit=9)] == [1, 2]
            assert await self.store.page(channel_id=1, after=far, limit=9) == []
            assert await self.store.page(channel_id=1, before=-far, limit=9) == []
            assert [m.message_id for m in await self.store.page(channel_id=1, after=-far, limit=9)] == [1, 2]

    async def test_pages_are_in_order_of_ids(self) -> None:
        """Messages come in the order of their ids, whichever was written first."""
        await self.keep(*BEGUN, commit(said(5)), commit(said(3)), commit(said(4)))
        assert [m.message_id for m in await self.store.page(channel_id=1, limit=2)] == [4, 5]
        assert [m.message_id for m in await self.store.page(channel_id=1, limit=2, after=0)] == [3, 4]

    async def test_latest(self) -> None:
        """The last messages of several channels together, none newer than the id at which one began to listen there."""
        await self.keep(*BEGUN, commit(channel(2, "#dev")), commit(channel(3, "#staff")))
        await self.keep(*(commit(said(n, channel_id=1 + n % 3)) for n in range(1, 13)))

        async def latest(channels: Sequence[int], up_to: int, limit: int) -> list[int]:
            found = await self.store.latest([(channel_id, up_to) for channel_id in channels], limit)
            return [m.message_id for m in found]

        assert await latest((1, 2), 12, 3) == [9, 10, 12]
        assert await latest((2, 1), 9, 3) == [6, 7, 9]
        assert await latest((3,), 12, 100) == [2, 5, 8, 11]
        assert await latest((), 12, 3) == []
        assert await latest((1, 2, 3), 12, 0) == []
        assert [m.message_id for m in await self.store.latest(((1, 4), (2, 12)), 3)] == [4, 7, 10]

    # -- what is kept for who is away ---------------------------------------------------------------------------------

    async def test_kept_until_handed_over(self) -> None:
        """Private messages wait for their account, oldest first, until they are handed over."""
        await self.keep(*BEGUN, commit(*(whispered(n, waiting_for=2 - n % 2) for n in range(1, 9))))
        assert [m.message_id for m in await self.store.kept(2, 3)] == [2, 4, 6]
        await self.keep(commit(KeptHandedOver(user_id=2, message_ids=(1, 2, 4))))
        assert [m.message_id for m in await self.store.kept(2, 9)] == [6, 8]
        assert [m.message_id for m in await self.store.kept(1, 9)] == [1, 3, 5, 7]
        assert await self.store.kept(99, 9) == []

    async def test_message_kept_afterwards(self) -> None:
        """A message whose recipient left while it was on its way waits from then on, also after a restart."""
        await self.keep(*BEGUN, commit(whispered(1)))
        assert await self.store.kept(2, 9) == []
        await self.keep(commit(MessageKept(message_id=1, waiting_for=2)))
        await self.restart()
        assert await self.store.kept(2, 9) == [whispered(1, waiting_for=2)]

    # -- refusals -----------------------------------------------------------------------------------------------------

    async def refused(self, loser: Commit, why: type[ChatError], field: str | None = None) -> None:
        """Check that `loser` alone is refused in a group, as `why`, and that what was said around it is stored."""
        outcomes = await self.refusals(commit(said(101, "before")), loser, commit(said(102, "after")))
        assert list(outcomes) == [1]
        error = outcomes[1]
        assert isinstance(error, ChatError)
        assert (type(error), error.field) == (why, field)
        assert await self.said_in() == ["before", "after"]

    # -- sessions that can be resumed ---------------------------------------------------------------------------------

    async def tokens(self) -> dict[int, TokenMade]:
        records, _ = await self.restart()
        return {record.token_id: record for record in records if isinstance(record, TokenMade)}

    async def test_a_token_is_there_after_a_restart(self) -> None:
        """As it was made, or as it was used last."""
        made = token(1, used_at=AT + 1)
        used = TokenUsed(
            token_id=2,
            session=9,
            follows=2,
            name="Zoé",
            address="192.0.2.1",
            client="web/2",
            used_at=AT + 5,
            expires_at=AT + 9,
        )
        await self.keep(*BEGUN, commit(made, token(2)), commit(used))
        found = await self.tokens()
        assert found[1] == made
        again = found[2]
        assert (again.session, again.address, again.client) == (9, "192.0.2.1", "web/2")
        assert (again.made_at, again.used_at, again.expires_at) == (AT, AT + 5, AT + 9)

    async def test_a_session_is_resumed_once(self) -> None:
        """Of two connections that resume it in one group, the second is refused; a void token is no one's."""
        await self.keep(*BEGUN, commit(token(1)))
        first, second = (
            TokenUsed(
                token_id=1,
                session=session,
                follows=1,
                name="Zoé",
                address="",
                client="",
                used_at=AT,
                expires_at=AT,
            )
            for session in (8, 9)
        )
        outcomes = await self.refusals(commit(first), commit(second), commit(TokenEnded(token_id=1)), commit(second))
        assert {index: type(error) for index, error in outcomes.items()} == {1: ResumedElsewhere, 3: ResumedElsewhere}

    async def test_the_end_of_tokens(self) -> None:
        """Those of an account end but for one, the expired ones, and those of a deleted account; twice is no error."""
        await self.keep(*BEGUN, commit(token(1), token(2), token(3, 2), token(4, None), token(5, None, expires_at=AT)))
        await self.keep(*(commit(TokensEnded(user_id=1, kept=2), TokensExpired(at=AT)) for _ in range(2)))
        assert sorted(await self.tokens()) == [2, 3, 4]
        await self.keep(commit(UserRemoved(user_id=2)), commit(TokenEnded(token_id=3)))
        assert sorted(await self.tokens()) == [2, 4]

    async def test_two_tokens_of_one_digest(self) -> None:
        """256 random bits that come twice are no chance: the second session does not begin."""
        await self.keep(*BEGUN, commit(token(1)))
        outcomes = await self.refusals(commit(token(2, digest="digest of 1")))
        assert isinstance(outcomes[0], Conflict)

    async def missing(self, **fields: Any) -> list[int] | None:
        values: dict[str, Any] = {"channels": (1,), "user_id": 1, "guest": "", "after": 1, "up_to": 9, "most": 9}
        values |= {"named_after": 0, "named_up_to": 0} | fields
        found = (await self.store.find(Missing(**values))).messages
        return None if found is None else [message.message_id for message in found]

    async def test_what_a_session_missed(self) -> None:
        """Messages of its channels and of its person's conversations, by their ids; too many are none."""
        await self.keep(
            *BEGUN,
            commit(channel(2, "#dev"), user(3, "Léa")),
            commit(said(1), whispered(2), said(3, channel_id=2), said(4)),
            commit(whispered(5, conversation="2:3", author="Bob", author_id=2, recipient="Léa")),
            commit(whispered(6, conversation="1:3", author="Léa", author_id=3, recipient="Zoé", waiting_for=1)),
            commit(whispered(7, conversation="1:~zed", author="zed", recipient="Zoé"), said(8), said(9)),
            commit(said(10), whispered(11)),
        )
        assert await self.missing() == [2, 4, 6, 7, 8, 9]
        assert await self.missing(channels=(1, 2), most=7) == [2, 3, 4, 6, 7, 8, 9]
        assert await self.missing(channels=(1, 2), most=6) is None
        assert await self.missing(user_id=2, channels=()) == [2, 5]
        assert await self.missing(user_id=2, channels=(), after=9, up_to=11) == [11]
        assert await self.missing(after=9) == []
        guest = {"user_id": None, "guest": "zed", "channels": (2,)}
        assert await self.missing(**guest, named_up_to=9) == [3, 7]
        assert await self.missing(**guest, named_after=7, named_up_to=9) == [3]
        assert await self.missing(**guest | {"guest": "ze"}, named_up_to=9) == [3]
        assert await self.missing(**guest, named_up_to=10**6) is None

    async def test_sent_again(self) -> None:
        """A message with a client id that is stored already is not stored again: its outcome is the stored one."""
        await self.keep(*BEGUN, commit(said(1, "once"), named(1)))
        outcomes = await self.refusals(
            commit(said(2, "before")), commit(said(3, "once"), named(3)), commit(said(4, "new"), named(4, "b"))
        )
        assert list(outcomes) == [1]
        error = outcomes[1]
        assert isinstance(error, SentBefore)
        assert (error.message_id, error.at) == (1, AT + 1)
        assert await self.said_in() == ["once", "before", "new"]

    async def test_a_message_by_its_client_id(self) -> None:
        """It is found for its owner, and nobody else."""
        await self.keep(*BEGUN, commit(said(1, "once"), named(1)))
        assert await self.store.find(Named(owner="1", client_id="a")) == named(1)
        for other in (Named(owner="2", client_id="a"), Named(owner="1", client_id="b")):
            assert await self.store.find(other) is None

    async def test_sent_again_in_one_group(self) -> None:
        """Of two messages with one client id in one group, the first is stored; the other's outcome is the first."""
        await self.keep(*BEGUN)
        outcomes = await self.refusals(
            commit(said(1, "once"), named(1)), commit(said(2, "once"), named(2)), commit(said(3, "other"))
        )
        assert {index: getattr(error, "message_id", None) for index, error in outcomes.items()} == {1: 1}
        assert await self.said_in() == ["once", "other"]

    async def test_other_message_with_the_same_client_id(self) -> None:
        """Another message with a client id that is stored already is a conflict; of another owner it is stored."""
        await self.keep(*BEGUN, commit(said(1, "stored"), named(1)))
        outcomes = await self.refusals(
            commit(said(2, "other"), named(2, said="another digest")), commit(said(3, "hers"), named(3, owner="2"))
        )
        assert {index: type(error) for index, error in outcomes.items()} == {0: OtherMessage}
        assert await self.said_in() == ["stored", "hers"]

    async def test_client_ids_forgotten(self) -> None:
        """Old client ids are forgotten in portions, the oldest first; then a message with one of them is a new one."""
        await self.keep(*BEGUN, *(commit(said(number), named(number, f"id {number}")) for number in range(1, 6)))
        await self.keep(commit(ClientIdsForgotten(before=AT + 4, most=2)))
        again = [commit(said(10 + number), named(10 + number, f"id {number}")) for number in range(1, 6)]
        assert sorted(await self.refusals(*again)) == [2, 3, 4]

    async def test_name_taken(self) -> None:
        """Of two accounts with one name the second is refused: username_taken."""
        await self.keep(*BEGUN)
        await self.refused(commit(user(3, "ZOÉ")), UsernameTaken, "username")

    async def test_alias_taken(self) -> None:
        """Of two accounts with one alias the second is refused, and hears that it is the alias."""
        await self.keep(*BEGUN, commit(user(3, "Léa", alias="L", alias_key="l")))
        await self.refused(commit(user(4, "Tom", alias="l", alias_key="l")), AliasTaken, "alias")

    async def test_many_without_alias(self) -> None:
        """No alias is nobody's alias."""
        await self.keep(*BEGUN, commit(user(3, "Léa")), commit(user(4, "Tom")))

    async def test_channel_exists(self) -> None:
        """Of two channels with one name the second is refused, with whatever was to be done in it."""
        await self.keep(*BEGUN)
        await self.refused(
            commit(channel(2, "#GÉNÉRAL"), member(2, 1), said(3, channel_id=2)), ChannelExists, "channel"
        )
        assert await self.said_in(2) == []

    async def test_conflicts(self) -> None:
        """Whoever changes what is no longer there hears a conflict, and only they."""
        late: list[Record] = [
            PasswordChanged(user_id=99, password_hash="x"),
            TopicSet(channel_id=99, topic="x", set_at=0),
            MemberRemoved(channel_id=1, user_id=1),
            member(99, 1),
            member(1, 99),
            said(50, channel_id=99),
            said(50, author_id=99),
            whispered(50, waiting_for=99),
            said(1),
            MessageKept(message_id=99, waiting_for=1),
            MessageKept(message_id=1, waiting_for=99),
            KeptHandedOver(user_id=1, message_ids=(99,)),
            started(1, 99),
            started(9),
            SessionEnded(session_id=8, ended_at=0),
            SessionEnded(session_id=99, ended_at=0),
            RoleChanged(user_id=2, role="owner", before="moderator", at=0),
            RoleChanged(user_id=99, role="owner", before="member", at=0),
            UserRemoved(user_id=99),
            ChannelArchived(channel_id=1, archived=False, at=0),
            ChannelArchived(channel_id=99, archived=True, at=0),
            decided(1, "rejected"),
            decided(99),
            JoinTold(request_id=2, at=0),
            JoinTold(request_id=99, at=0),
            SanctionLifted(sanction_id=1, by="Zoé", lifted_at=0),
            SanctionLifted(sanction_id=99, by="Zoé", lifted_at=0),
        ]
        await self.keep(*BEGUN, commit(said(1)), commit(started(8), started(9)))
        await self.keep(commit(asked(1), decided(1), asked(2), decided(2, told=True)))
        await self.keep(commit(sanctioned(1), SanctionLifted(sanction_id=1, by="Zoé", lifted_at=1)))
        await self.keep(commit(SessionEnded(session_id=8, ended_at=1)))
        for number, record in enumerate(late, 100):
            outcomes = await self.refusals(commit(said(number)), commit(record), commit(said(number + 100)))
            assert {place: type(error) for place, error in outcomes.items()} == {1: Conflict}, record
        assert len(await self.said_in()) == 1 + 2 * len(late)

    async def test_nothing_to_close(self) -> None:
        """The end of all sessions where none is open does no harm to what is written beside it."""
        await self.keep(*BEGUN)
        assert list(await self.refusals(commit(said(1)), commit(SessionsClosed(at=1)))) == [1]
        assert await self.said_in() == ["Bonjour"]

    async def test_first_of_a_group_wins(self) -> None:
        """Within one group the first one has the name; each loser fails alone."""
        commits = [commit(user(n, name)) for n, name in enumerate(["Zoé", "zoé", "Bob", "BOB", "Léa"], 1)]
        outcomes = await self.refusals(*commits)
        assert {place: type(e) for place, e in outcomes.items()} == {1: UsernameTaken, 3: UsernameTaken}
        records, last = await self.restart()
        assert list(restored(records, last)["accounts"]) == ["zoé", "bob", "léa"]  # type: ignore[call-overload]

    async def test_commit_is_all_or_nothing(self) -> None:
        """A commit whose last record is refused leaves nothing of its first ones."""
        await self.keep(*BEGUN)
        whole = commit(
            channel(2, "#dev"),
            member(2, 1),
            said(5, channel_id=2),
            said(6),
            TopicSet(channel_id=99, topic="x", set_at=0),
        )
        outcomes = await self.refusals(whole, commit(said(7)))
        assert [type(error) for error in outcomes.values()] == [Conflict]
        assert [m.message_id for m in await self.store.page(channel_id=1, limit=9)] == [7]
        records, last = await self.restart()
        assert (last.channel, last.message) == (1, 7)
        assert "#dev" not in str(records)

    async def test_refused_id_may_be_used(self) -> None:
        """What was refused has left nothing: its id and its name are free for the next."""
        await self.keep(*BEGUN)
        await self.refusals(commit(user(3, "Léa"), user(4, "zoé")))
        await self.keep(commit(user(3, "Léa")))

    # -- records that no store can hold -------------------------------------------------------------------------------

    async def test_impossible_data(self) -> None:
        """A record that cannot be stored costs its own commit, as a fault of ours; the others are stored."""
        await self.keep(*BEGUN)
        bad: list[Record] = [
            said(50, "half of an emoji: \ud83d"),
            said(2**63),
            said(51, at=-(2**63) - 1),
            whispered(52, conversation="\udcff"),
            user(9, "\ud800"),
            TopicSet(channel_id=1, topic="\udfff", set_at=0),
            audited(actor="\udfff"),
            audited(action="\udfff"),
            audited(2**63),
        ]
        for number, record in enumerate(bad, 100):
            around = commit(said(number)), commit(said(number + 100))
            outcomes = await self.refusals(around[0], commit(said(number + 200), record), around[1])
            assert list(outcomes) == [1]
            assert not isinstance(outcomes[1], ChatError)
            assert isinstance(outcomes[1], (UnicodeEncodeError, OverflowError))
        assert len(await self.said_in()) == 2 * len(bad)

    async def test_largest_integers(self) -> None:
        """What 64 bits hold is stored and comes back."""
        await self.keep(*BEGUN, commit(said(2**53 - 1, at=2**63 - 1)), commit(said(1, at=-(2**63))))
        assert [m.at for m in await self.store.page(channel_id=1, limit=9)] == [-(2**63), 2**63 - 1]

    # -- records that live in memory alone ----------------------------------------------------------------------------

    async def test_unstored_records(self) -> None:
        """What lives in memory alone passes, beside what is stored and without it; nothing of it is there later."""
        unstored: tuple[Record, ...] = (
            PresenceSet(state="away"),
            GuestJoined(channel_id=1),
            Announced(to="global", text=Text("x"), at=1),
        )
        await self.keep(*BEGUN, commit(*unstored, said(1), *unstored), commit(), commit(*unstored))
        outcomes = await self.refusals(commit(*unstored), commit(user(3, "Zoé")), commit(*unstored), commit())
        assert list(outcomes) == [1]
        await self.restart()
        assert await self.said_in() == ["Bonjour"]

    async def test_empty_group(self) -> None:
        """A group of nothing is written without a word."""
        await self.keep()

    async def test_long_group(self) -> None:
        """A group of thousands, as after trouble, keeps its order, with a refusal in the middle of it."""
        await self.keep(*BEGUN)
        group = [commit(said(n, str(n))) for n in range(1, 2001)]
        group.insert(1000, commit(user(3, "zoé")))
        assert list(await self.refusals(*group)) == [1000]
        latest = await self.store.page(channel_id=1, limit=2000)
        assert [m.content for m in latest] == [str(n) for n in range(1, 2001)]
        assert all(type(m) is MessageAdded for m in latest)

    async def test_messages_written_together(self) -> None:
        """However many messages follow one another in a group, each is stored, field by field."""
        await self.keep(*BEGUN)
        for first, count in ((1000, 31), (2000, 32), (3000, 33), (4000, 341)):
            public = [said(first + n, str(n), author_id=1) for n in range(count)]
            private = [whispered(first + 500 + n, str(n), author_id=1, waiting_for=2) for n in range(count)]
            await self.keep(*map(commit, (*public, *private)))
            assert await self.store.page(channel_id=1, after=first - 1, limit=count) == public
            assert await self.store.page(conversation="1:2", after=first - 1, limit=count) == private
