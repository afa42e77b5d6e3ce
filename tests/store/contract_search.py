"""What every store finds by words. The contract goes on from contract_conversations.py.

Import the module, not the class: a test module's names are collected.
"""

from __future__ import annotations

from typing import Any

from classcord.chat.channels.vocabulary import ChannelRemoved
from classcord.chat.search.terms import terms
from classcord.chat.search.vocabulary import Mark, MessagesMatching, Page, Place
from tests.store import contract_conversations
from tests.store.examples import AT, BEGUN, channel, commit, said, user, whispered

EVERYWHERE = Place(channels=(1, 2), account_id=1)
NEWEST = Mark(before=2**53)
MANY = 1_100
"""Commits after which most messages are in an index, if there is one, and some are not."""


def asking(query: str, **fields: Any) -> MessagesMatching:
    values: dict[str, Any] = {
        "place": EVERYWHERE,
        "author": None,
        "after": 0,
        "mark": NEWEST,
        "since": None,
        "until": None,
        "ranked": False,
        "limit": 20,
    }
    return MessagesMatching(terms=terms(query), **(values | fields))


class StoreContract(contract_conversations.StoreContract):
    async def found(self, query: str, **fields: Any) -> list[int]:
        """Return the ids of the messages that a search finds."""
        page: Page = await self.store.find(asking(query, **fields))
        return [message.message_id for message in page.messages]

    async def fill(self) -> None:
        """Say many things, so that an index has most of them and lacks the last ones."""
        await self.keep(*BEGUN, commit(channel(2, "#dev")), commit(user(3, "Léa")))
        for first in range(1, MANY, 100):
            await self.keep(*(commit(said(n, f"Message numéro {n}", channel_id=1)) for n in range(first, first + 100)))

    async def test_found_at_once_and_later(self) -> None:
        """A message is found as soon as it is stored, and the same way when many others have followed."""
        await self.keep(*BEGUN, commit(said(1, "Il faut l’empêcher : l’Œuvre est finie"), whispered(2, "C’est fini")))
        asked = {"empecher": [1], "OEUVRE": [1], "empech*": [1], "fini": [2], "fini*": [2, 1], "finie oeuvre": [1]}
        asked |= {"emp*": [1], "fin*": [2, 1], '"oeuvre est finie"': [1], '"finie oeuvre"': [], "autre": []}
        assert {query: await self.found(query) for query in asked} == asked
        await self.keep(*(commit(said(number)) for number in range(3, MANY)))
        assert {query: await self.found(query) for query in asked} == asked

    async def test_whatever_is_typed(self) -> None:
        """No text is an error, nor means anything to the store but its words."""
        await self.keep(*BEGUN, commit(said(1, 'NEAR("a b") AND - * words: 👍 NOT "')))
        texts = ['"', '""', "AND", "OR", "NOT", "-", "*", "NEAR(", "NEAR(a b)", "words : a", "a'b; --", "^near", "a+b"]
        texts += ["👍", "'", "a'b; --", "\\", "%", "_", "(a", "a)", "{a}", "a" * 10_000, "é" * 10_000, "\0", "\ud800"]
        finds = {"AND", "NOT", "NEAR(", "NEAR(a b)", "words : a", "a'b; --", "^near", "a+b", "👍", "(a", "a)", "{a}"}
        assert {text for text in texts if await self.found(text)} == finds
        await self.keep(*(commit(said(number)) for number in range(2, MANY)))
        assert {text for text in texts if await self.found(text)} == finds

    async def test_only_in_the_place(self) -> None:
        """Only in these channels, and in one's own conversations, or in the one that is named."""
        await self.keep(*BEGUN, commit(channel(2, "#dev")))
        await self.keep(
            commit(said(1, "mot", channel_id=1)),
            commit(said(2, "mot", channel_id=2)),
            commit(whispered(3, "mot", conversation="1:2")),
            commit(whispered(4, "mot", conversation="11:12")),
            commit(whispered(5, "mot", conversation="1:~zoé")),
        )
        places = {
            Place(channels=(1, 2), account_id=1): [5, 3, 2, 1],
            Place(channels=(2,)): [2],
            Place(channels=(1, 3)): [1],
            Place(account_id=2): [3],
            Place(conversation="1:2"): [3],
            Place(conversation="1:~zoé"): [5],
            Place(account_id=3): [],
            Place(): [],
        }
        assert {place: await self.found("mot", place=place) for place in places} == places
        await self.keep(*(commit(said(number)) for number in range(6, MANY)))
        assert {place: await self.found("mot", place=place) for place in places} == places

    async def test_by_author_and_dates(self) -> None:
        """Of one author, between two ids, and between two times."""
        await self.fill()
        await self.keep(commit(said(2000, "numéro", author="Léa")))
        assert await self.found("numero", author="léa") == [2000]
        assert await self.found("numero", author="zoé", limit=2) == [1100, 1099]
        assert await self.found("numero", after=5, mark=Mark(before=9)) == [8, 7, 6]
        assert await self.found("numero", since=AT + 700, until=AT + 703) == [702, 701, 700]
        assert await self.found("numero", since=AT + 1100) == [2000, 1100]
        assert await self.found("numero", until=AT + 2) == [1]
        assert await self.found("numero", until=AT) == []

    async def test_pages(self) -> None:
        """Page by page everything is found once: newest first in order, the best first set by set."""
        await self.fill()
        for ranked in (False, True):
            mark: Mark | None = NEWEST
            found: list[int] = []
            while mark is not None:
                page: Page = await self.store.find(asking("numero", ranked=ranked, mark=mark, limit=150))
                assert 0 < len(page.messages) <= 150
                found += [message.message_id for message in page.messages]
                mark = page.following
            assert sorted(found) == list(range(1, MANY + 1))
            if not ranked:
                assert found == sorted(found, reverse=True)

    async def test_the_best_first(self) -> None:
        """The word often, in few words, whole, in the order that was typed; of equals the newest."""
        texts = [
            "projet " + "bla " * 40,
            "le projet",
            "projet projet",
            "le projet",
            "projets",
            "le grand projet",
            "projet grand",
        ]
        await self.keep(*BEGUN, *(commit(said(number, text)) for number, text in enumerate(texts, 1)))
        assert await self.found("projet", ranked=True) == [3, 4, 2, 7, 6, 1]
        assert (await self.found("projet*", ranked=True))[-2:] == [5, 1]
        assert await self.found("grand projet", ranked=True) == [6, 7]

    async def test_a_deleted_channel_is_the_rules_business(self) -> None:
        """The store finds what it is asked for; whoever asks leaves a deleted channel out."""
        await self.keep(*BEGUN, commit(channel(2, "#dev")), commit(said(1, "mot", channel_id=2)))
        await self.keep(commit(ChannelRemoved(channel_id=2, by="Zoé", at=AT)))
        assert await self.found("mot", place=Place(channels=(1,), account_id=1)) == []
