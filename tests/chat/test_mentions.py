"""Whom a message mentions: which names are found in it, and who may be."""

from __future__ import annotations

import unicodedata

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.errors import BadUsername, StoredTooMuch
from classcord.chat.hub import Hub
from classcord.chat.mentions import rules
from classcord.chat.mentions.rules import MOST, mentioned
from classcord.chat.mentions.vocabulary import Mentioned
from classcord.chat.messages.telling import said
from classcord.chat.messages.vocabulary import Details, MessageAdded, Said, Say, SayPrivately
from classcord.chat.names import check_username, name_key, with_keys
from classcord.chat.quotas import ROW
from tests.chat.hubs import (
    a_channel,
    a_hub,
    add_account,
    ask,
    changes_of,
    channel,
    come_in,
    commit,
    decide,
    heard_by,
    log_in,
)

LETTERS = st.text(st.sampled_from("aAzZéÉßẞıİiIşΣςσñœŒǅ中あ가б0-_. "), min_size=1, max_size=12)


def people(*names: str) -> Hub:
    """Return a hub with an author, whose account has the id 1, and accounts with these names."""
    hub = a_hub()
    for name in ("author", *names):
        add_account(hub, name)
    return hub


def called(hub: Hub, content: str) -> list[str]:
    """Return the names of whom the author mentions to everyone."""
    ids = mentioned(hub, content, 1, channel(hub, "#général"))
    assert list(ids) == sorted(ids)
    return [hub.state.accounts_by_id[each].name for each in ids]


@given(
    st.text(st.sampled_from("abZ0_-.. @,!"), max_size=30), st.text(st.sampled_from("abZ0_-.. "), min_size=1, max_size=8)
)
def test_the_short_way_finds_the_same(content: str, name: str) -> None:
    """In a text of ASCII the words of a name are found without a look at each character, and they are the same."""
    try:
        key = name_key(check_username(name))
    except BadUsername:
        key = "ab"
    text = with_keys(f"{content}@{name}{content}")
    plain, slow = ([key for names in way(text) for key in names] for way in (rules._names, rules._any_names))
    assert (key in plain) == (key in slow)
    possible = [each for each in slow if each == " ".join(each.split()) and not set(each) & set(",!")]
    assert [each for each in plain if each in possible] == possible


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("@bob", ["bob"]),
        ("Salut @bob, et @carol !", ["bob", "carol"]),
        ("@bob @bob @BOB", ["bob"]),
        ("@Zoe\u0301 @ZOÉ", ["Zoé"]),
        ("(@bob)", ["bob"]),
        ("@@bob", ["bob"]),
        ("@bob@carol", ["bob"]),
        ("@bob. @carol…", ["bob", "carol"]),
        ("@bob!", ["bob"]),
        ("écris à bob@example.org", []),
        ("bob", []),
        ("@", []),
        ("@ bob", []),
        ("@bobby", []),
        ("@bob-martin", []),
        ("@bob_", []),
        ("@bob.martin", []),
        ("@author", []),
        ("@nobody", []),
        ("@tous @everyone @#général @général @global", []),
        ("", []),
    ],
)
def test_names_are_found(content: str, names: list[str]) -> None:
    """A name is a whole word after an @; an address is none, nor is the author, nor everyone."""
    hub = people("bob", "carol", "Zoé")
    assert called(hub, content) == names


def test_the_longest_name_is_meant() -> None:
    """Names may have spaces, dots and hyphens within."""
    hub = people("Jean", "Jean Paul", "jean.paul", "Jean-Marie", "R2 D2")
    assert called(hub, "@jean paul sait") == ["Jean Paul"]
    assert called(hub, "@Jean Pauline sait") == ["Jean"]
    assert called(hub, "@jean  paul sait") == ["Jean"]
    assert called(hub, "@jean.paul sait") == ["jean.paul"]
    assert called(hub, "@Jean-Marie, @R2\u00a0D2") == ["Jean-Marie", "R2 D2"]


def test_a_name_of_sixty_four_letters() -> None:
    """The longest that there is."""
    name = "é" * 31 + " " + "é" * 32
    assert called(people(name), f"vu ? @{name.upper()} !") == [name]


def test_twenty_people_at_most() -> None:
    """Further ones are left out; names that nobody has do not count."""
    names = [f"eleve{number}" for number in range(MOST + 5)]
    hub = people(*names)
    content = " ".join(f"@inconnu{name} @{name}" for name in names)
    assert called(hub, content) == names[:MOST]


@pytest.mark.parametrize("kind", ["open", "approval", "private"])
def test_only_members_are_mentioned_in_a_channel(kind: str) -> None:
    """Whoever does not read it is not called there; who is not present is, and so is who is in it by their role."""
    hub = people("bob", "carol")
    add_account(hub, "mod", "moderator")
    hub.restore([a_channel(9, "#club", kind)])
    there = channel(hub, "#club")
    there.members.add(2)
    assert mentioned(hub, "@bob @carol @mod", 1, there) == (2,)
    assert mentioned(hub, "@bob @carol @mod", 1, channel(hub, "#admin")) == (4,)
    assert "carol" not in hub.state.people


def test_only_the_two_are_mentioned_in_a_conversation() -> None:
    """Ids are compared whole."""
    hub = people("bob", *(f"other{number}" for number in range(20)))
    assert mentioned(hub, "@bob @other18 @author", 1, conversation="1:2") == (2,)
    assert mentioned(hub, "@other18 @other10", None, conversation="210:~zoé") == ()
    assert mentioned(hub, "@other18", None, conversation="21:~zoé") == (21,)


def test_a_guest_is_not_mentioned_and_mentions() -> None:
    """Nobody would find it: another person may have the guest's name tomorrow."""
    hub = people("bob")
    log_in(hub, "bob")
    assert called(hub, "@Zoé @bob") == ["bob"]
    assert mentioned(hub, "@bob @author", None, channel(hub, "#général")) == (1, 2)


def test_a_message_carries_its_mentions() -> None:
    """It is stored with them, as one commit signed by the author; all who hear it read the names."""
    hub = people("bob", "carol")
    author, zoe = log_in(hub, "author"), come_in(hub, "Zoé")
    effects = decide(hub, author, Say(content="@carol @bob ?"))
    added, *further = changes_of(effects)
    assert isinstance(added, MessageAdded)
    assert added.mentions == (2, 3)
    assert further == [Mentioned(message_id=added.message_id, user_id=each) for each in (2, 3)]
    (event,) = heard_by(zoe, commit(hub, effects))
    assert isinstance(event, Said)
    assert event.mentions == ("bob", "carol")
    row = msgspec.structs.replace(added, mentions=())
    assert said(hub, row, Details(mentions=("bob", "carol"))) == event


def test_a_private_message_carries_its_mentions() -> None:
    """Of the other person alone, in the text of a command too."""
    hub = people("bob", "carol")
    author, bob = log_in(hub, "author", modern=False), log_in(hub, "bob")
    for request in (SayPrivately(content="@bob @carol", to="bob"), Say(content="/mp bob @bob @carol")):
        (event,) = heard_by(bob, ask(hub, author, request))
        assert isinstance(event, Said)
        assert event.mentions == ("bob",)


def test_a_message_without_mentions_has_none() -> None:
    """Its line has no such field, and nothing else is stored."""
    hub = people("bob")
    author, bob = log_in(hub, "author"), log_in(hub, "bob")
    for content in ("bonjour bob", "@nobody", "a@bob"):
        effects = decide(hub, author, Say(content=content))
        assert len(changes_of(effects)) == 1
        (event,) = heard_by(bob, commit(hub, effects))
        assert isinstance(event, Said)
        assert event.mentions is msgspec.UNSET


def test_an_account_deleted_meanwhile_is_not_named() -> None:
    """A message and the deletion of whom it mentions may be decided at the same time."""
    hub = people("bob", "carol")
    author, zoe = log_in(hub, "author"), come_in(hub, "Zoé")
    effects = decide(hub, author, Say(content="@carol @bob"))
    hub.apply(UserRemoved(user_id=2))
    (event,) = heard_by(zoe, commit(hub, effects))
    assert isinstance(event, Said)
    assert event.mentions == ("carol",)


def test_each_mention_costs_a_row() -> None:
    """The day's share counts all that a message stores."""
    names = [f"eleve{number}" for number in range(MOST)]
    hub = people(*names)
    hub.set_policy(msgspec.structs.replace(hub.policy, stored_bytes_per_day=10 * ROW))
    author = log_in(hub, "author")
    assert decide(hub, author, Say(content="@eleve1"))
    with pytest.raises(StoredTooMuch):
        decide(hub, author, Say(content=" ".join(f"@{name}" for name in names)))


@given(LETTERS)
def test_a_text_has_keys_in_it(name: str) -> None:
    """Each name that an account may have is found by its key in any text, however it is written there."""
    try:
        name = check_username(name)
    except BadUsername:
        return
    for written in (name, name.upper(), name.title(), unicodedata.normalize("NFD", name)):
        if name_key(written) == name_key(name):
            assert with_keys(f"a @{written}, b") == f"a @{name_key(name)}, b"


@given(st.text(max_size=300))
def test_any_text_is_read(content: str) -> None:
    """Whatever is in it."""
    hub = people("a", "b c")
    assert len(mentioned(hub, content + "@a@b c", 1, channel(hub, "#général"))) <= 2


def test_a_long_text_costs_little() -> None:
    """Names are looked for within the length of a name: the work grows with the text, not with its square."""

    class Counting(dict[str, object]):
        asked = 0

        def get(self, key: str, default: object = None) -> object:
            self.asked += 1
            return super().get(key, default)

    hub = people("bob")
    counting = Counting(hub.state.accounts)
    hub.state.accounts = counting  # type: ignore[assignment]
    for content in ("@" * 10_000, "@ " * 5_000, "@" + "a " * 5_000, ("@" + "a " * 63) * 79):
        counting.asked = 0
        assert called(hub, content) == []
        assert counting.asked <= len(content)
