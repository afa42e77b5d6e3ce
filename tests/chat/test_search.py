"""Search: what a query means, where somebody may look, and what of it they may read when it comes back."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.channels.vocabulary import ChannelRemoved, Join, Leave, NotInChannel
from classcord.chat.effects import Find, Reply
from classcord.chat.errors import BadRequest, ChatError, NotAllowed, NotFound
from classcord.chat.hub import Hub
from classcord.chat.messages.vocabulary import Message, MessageAdded, PrivateMessageAdded
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.people import Session
from classcord.chat.roles import Operator, Role
from classcord.chat.search.folding import folded
from classcord.chat.search.ranking import score
from classcord.chat.search.rules import FOREVER, SEARCHES, SECONDS
from classcord.chat.search.terms import LONGEST_QUERY, MOST_TERMS, Term, terms
from classcord.chat.search.vocabulary import (
    Mark,
    MessagesFound,
    MessagesMatching,
    MessagesSought,
    Page,
    Place,
    SearchMessages,
    TooManySearches,
)
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    a_channel,
    a_hub,
    add_account,
    answered,
    ask,
    come_in,
    connect,
    decide,
    log_in,
    moderator,
    person_of,
)

# -- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Empêcher, L’ŒUVRE !", "empecher l oeuvre"),
        ("e\u0301te\u0301", "ete"),  # accents as marks of their own, as macOS writes them
        ("Straße STRASSE GROẞ", "strasse strasse gross"),
        ("Ærøskøbing Łódź Þór đ ħ", "aeroskobing lodz thor d h"),
        ("ﬁn ① ½ ＡＢＣ 𝐛𝐨𝐧", "fin 1 1 2 abc bon"),
        ("İstanbul ısı", "istanbul isi"),
        ("snake_case C++ a@b.fr", "snake case c a b fr"),
        ("Привет ΣΊΣΥΦΟΣ", "привет σισυφοσ"),
        ("日本語のテキスト", "日 本 語 の テ キ ス ト"),
        ("ไทย", "ไ ท ย"),
        ("한국어", "\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1165"),  # syllables become letters
        ("हिन्दी", "हिनदी"),
        ("שָׁלוֹם مُحَمَّد", "שלום محمد"),
        ("bien👍🏽 ❤️", "bien 👍 🏽 ❤"),
        ("co\u00adopé \u200bzéro", "coope zero"),  # a soft hyphen, a space of no width
        ("$ < = ^ | ~ ` €", "€"),
        ("\0\ud800\ufffd", "\ufffd"),
        ("", ""),
    ],
)
def test_folded(text: str, words: str) -> None:
    """Words have no case, accent or ligature; scripts without spaces are taken apart, and an emoji is a word."""
    assert folded(text) == words
    assert folded(folded(text)) == folded(text)


def test_terms() -> None:
    """Each word is a term; words in quotation marks or joined by punctuation are one; a star is any ending."""
    assert terms('le "Plan B" peut-être empêch* le') == (
        Term(words="le"),
        Term(words="plan b"),
        Term(words="peut etre"),
        Term(words="empech", begins=True),
    )
    assert terms("a* -b AND *c c++* d**") == (
        Term(words="a"),  # one letter or two begin too many words
        Term(words="b"),
        Term(words="and"),
        Term(words="c"),
        Term(words="d"),
    )
    assert terms("éa* œuf*") == (Term(words="ea"), Term(words="oeuf", begins=True))
    assert terms("l'ea* l'eau*") == (Term(words="l ea"), Term(words="l eau", begins=True))
    assert terms('"ouvert') == (Term(words="ouvert"),)
    assert terms('"" * - \0 "') == ()


def test_a_query_has_a_bound() -> None:
    """The first words count, and the first characters."""
    assert len(terms(" ".join(f"mot{n}" for n in range(100)))) == MOST_TERMS
    assert terms("a" * 10_000) == (Term(words="a" * LONGEST_QUERY),)


def test_a_term_is_in_a_text() -> None:
    """A term is whole words, or the beginning of one if it says so."""
    assert Term(words="mot").is_in(" un mot ")
    assert not Term(words="mot").is_in(" un motif ")
    assert Term(words="mot", begins=True).is_in(" un motif ")
    assert not Term(words="mot", begins=True).is_in(" un immotif ")


def test_score() -> None:
    """More often, shorter, whole, in order is better."""
    mot, beginning = (Term(words="mot"),), (Term(words="mot", begins=True),)
    assert score(mot, "mot mot") > score(mot, "mot le") > score(mot, "mot le la") > 0
    assert score(beginning, "mot a") > score(beginning, "motif")
    both = (Term(words="un mot"), Term(words="ici"))
    assert score(both, "un mot ici la") > score(both, "ici la un mot")


# -- decisions --------------------------------------------------------------------------------------------------------


def sought(hub: Hub, session: Session, **fields: Any) -> MessagesMatching:
    """Return the question that a search asks the store."""
    request = SearchMessages(query="mot", **fields)
    (find,) = decide(hub, session, request)
    assert isinstance(find, Find)
    assert isinstance(find.question, MessagesMatching)
    assert (find.asked, find.result) == (request, MessagesSought)
    return find.question


def refused(hub: Hub, session: Session, kind: type[ChatError], **fields: Any) -> ChatError:
    with pytest.raises(kind) as error:
        decide(hub, session, SearchMessages(**{"query": "mot", **fields}))
    return error.value


def operator(hub: Hub, role: Role) -> Session:
    session = connect(hub)
    ask(hub, session, Operate(operator=Operator(name="root", role=role, by="machine")))
    return session


@pytest.fixture
def hub() -> Hub:
    hub = a_hub()
    hub.restore([a_channel(4, "#club", "private"), a_channel(5, "#labo", "approval")])
    return hub


def test_everyone_looks_where_they_read(hub: Hub) -> None:
    """In the channels one is a member of, and an account in its conversations; not in what one has left."""
    bob, zoe, mod = log_in(hub, "bob"), come_in(hub, "Zoé"), moderator(hub)
    assert person_of(bob).account is not None
    own, staff = person_of(bob).account.id, person_of(mod).account.id  # type: ignore[union-attr]
    assert sought(hub, bob).place == Place(channels=(1,), account_id=own)
    assert sought(hub, zoe).place == Place(channels=(1,))
    assert sought(hub, mod).place == Place(channels=(1, 3), account_id=staff)
    ask(hub, bob, Join(channel="#dev"))
    ask(hub, zoe, Join(channel="#dev"))
    assert sought(hub, bob).place.channels == (1, 2)
    assert sought(hub, zoe).place.channels == (1, 2)
    assert sought(hub, bob, channel="dev").place == Place(channels=(2,))
    ask(hub, bob, Leave(channel="#dev"))
    assert sought(hub, bob).place.channels == (1,)
    hub.apply(ChannelRemoved(channel_id=2, by="root", at=NOON_MS))
    assert sought(hub, zoe).place.channels == (1,)


def test_nobody_looks_elsewhere(hub: Hub) -> None:
    """A channel one does not read is refused as its history is; a hidden one is as if it did not exist."""
    bob, zoe = log_in(hub, "bob"), come_in(hub, "Zoé")
    for session in (bob, zoe):
        assert refused(hub, session, NotFound, channel="#club").field == "channel"
        assert refused(hub, session, NotFound, channel="#nirgends").field == "channel"
        refused(hub, session, NotInChannel, channel="#labo")
        refused(hub, session, NotInChannel, channel="#dev")
    assert refused(hub, zoe, NotFound, user="bob").field == "user"


def test_one_conversation(hub: Hub) -> None:
    """With an account, or with a guest of that name; with oneself too."""
    bob, ann = log_in(hub, "bob"), add_account(hub, "ann")
    own = person_of(bob).account.id  # type: ignore[union-attr]
    assert sought(hub, bob, user="ann").place == Place(conversation=f"{own}:{ann.id}")
    assert sought(hub, bob, user="Zoé").place == Place(conversation=f"{own}:~zoé")
    assert sought(hub, bob, user="bob").place == Place(conversation=f"{own}:{own}")


@pytest.mark.parametrize(("role", "channels"), [(Role.MODERATOR, (1, 2, 3, 5)), (Role.OWNER, (1, 2, 3, 4, 5))])
def test_operators_look_in_channels(hub: Hub, role: Role, channels: tuple[int, ...]) -> None:
    """In those that they may see; never in a private conversation."""
    root = operator(hub, role)
    assert sought(hub, root).place == Place(channels=channels)
    assert sought(hub, root, channel="#labo").place == Place(channels=(5,))
    add_account(hub, "bob")
    refused(hub, root, NotAllowed, user="bob")


def test_filters(hub: Hub) -> None:
    """By an author, who may be called by an alias; by ids and dates; the page is the one asked for."""
    bob = log_in(hub, "bob")
    add_account(hub, "Ann", alias="nanou")
    question = sought(hub, bob, from_="Nanou", before=90, after=10, limit=900, order="newest")
    assert (question.author, question.mark, question.after) == ("ann", Mark(before=90), 10)
    assert (question.limit, question.ranked, question.since, question.until) == (200, False, None, None)
    assert question.terms == (Term(words="mot"),)
    assert sought(hub, bob, from_="Ein Gast").author == "ein gast"
    assert sought(hub, bob).mark == Mark(before=FOREVER)
    assert sought(hub, bob).ranked
    assert sought(hub, bob, limit=-5).limit == 1
    assert sought(hub, bob, page="50-20", before=90).mark == Mark(before=50, skip=20)
    assert sought(hub, bob, page="9999999999999999-0", before=90).mark == Mark(before=90)


@pytest.mark.parametrize("page", ["", "x", "1", "1-", "-1-2", "1-2-3", "١-1", "1-99999"])
def test_a_page_that_nobody_has_said(hub: Hub, page: str) -> None:
    """It is refused, and so is an unknown order."""
    bob = log_in(hub, "bob")
    assert refused(hub, bob, BadRequest, page=page).field == "page"
    assert refused(hub, bob, BadRequest, order="oldest").field == "order"


def test_dates(hub: Hub) -> None:
    """A time, or a whole day in UTC; what is neither is refused."""
    bob = log_in(hub, "bob")
    question = sought(hub, bob, since="2026-11-20", until="2026-11-20")
    assert (question.since, question.until) == (NOON_MS - 12 * 3_600_000, NOON_MS + 12 * 3_600_000)
    assert sought(hub, bob, since="2026-11-20T13:00:00.250+01:00").since == NOON_MS + 250
    assert sought(hub, bob, until="2026-11-20T12:00:00").until == NOON_MS
    for wrong in ("", "demain", "2026-13-01", "2026-11-31", "2026-11-20T25:00:00Z", "20/11/2026", "9999-12-31"):
        assert refused(hub, bob, BadRequest, until=wrong).field == "until"
    assert refused(hub, bob, BadRequest, since="hier").field == "since"


def test_a_query_without_words(hub: Hub) -> None:
    """It finds nothing, and asks nobody."""
    bob = log_in(hub, "bob")
    assert answered(hub, bob, SearchMessages(query=' "" * ')) == MessagesFound(messages=(), more=False)


def test_pace(hub: Hub) -> None:
    """So many searches of one person, in all their sessions; then one every other second. Others go on."""
    bob, again, ann = log_in(hub, "bob"), log_in(hub, "bob"), log_in(hub, "ann")
    for number in range(int(SEARCHES)):
        decide(hub, (bob, again)[number % 2], SearchMessages(query="mot"))
    assert refused(hub, again, TooManySearches).retry_after == SECONDS / SEARCHES
    decide(hub, ann, SearchMessages(query="mot"))
    decide(hub, bob, SearchMessages(query="mot"), NOON + SECONDS / SEARCHES)


def came_back(hub: Hub, session: Session, following: Mark | None, *messages: Message) -> MessagesFound:
    """Return the answer when the store has found these."""
    asked = SearchMessages(query="mot", id=7)
    page = Page(messages=messages, following=following, details={})
    (reply,) = decide(hub, session, MessagesSought(asked=asked, found=page))
    assert isinstance(reply, Reply)
    assert reply.request is asked
    assert isinstance(reply.answer, MessagesFound)
    return reply.answer


def test_what_may_not_be_read_any_more_is_left_out(hub: Hub) -> None:
    """Who has left the channel while the store looked sees nothing of it; the answer says where to go on."""
    bob = log_in(hub, "bob")
    own = person_of(bob).account.id  # type: ignore[union-attr]
    dev = MessageAdded(message_id=7, at=NOON_MS, channel_id=2, author="eve", content="mot")
    everyone = MessageAdded(message_id=8, at=NOON_MS, channel_id=1, author="eve", content="mot")
    private = PrivateMessageAdded(
        message_id=9, at=NOON_MS, conversation=f"{own}:77", author="eve", recipient="bob", content="mot"
    )
    others = PrivateMessageAdded(
        message_id=10, at=NOON_MS, conversation="77:78", author="eve", recipient="tom", content="mot"
    )
    answer = came_back(hub, bob, Mark(before=5, skip=20), others, private, everyone, dev)
    assert [message.message_id for message in answer.messages] == [9, 8]
    assert (answer.more, answer.next) == (True, "5-20")
    ask(hub, bob, Join(channel="#dev"))
    answer = came_back(hub, bob, None, dev)
    assert [message.message_id for message in answer.messages] == [7]
    assert (answer.more, answer.next) == (False, None)
