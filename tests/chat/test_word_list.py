"""The word list: what it finds and what gets around it, what waits, who reads it, and who is told."""

from __future__ import annotations

import time

import msgspec
import pytest

from classcord.chat.channel_moderators.vocabulary import ModeratorNamed
from classcord.chat.channel_settings.vocabulary import SetChannel
from classcord.chat.channels.vocabulary import Create, MemberAdded, Topic
from classcord.chat.descriptions.vocabulary import Description
from classcord.chat.effects import Commit
from classcord.chat.errors import ChatError
from classcord.chat.events import Notice
from classcord.chat.files.vocabulary import FileBytes, UploadFile, UploadWanted
from classcord.chat.held_messages.acceptance import due
from classcord.chat.held_messages.vocabulary import (
    Approve,
    EditWaits,
    Held,
    HeldBack,
    HeldListed,
    HeldOn,
    MessageHeld,
    NothingHeld,
    RefuseHeld,
    Waiting,
)
from classcord.chat.hub import Hub
from classcord.chat.messages.vocabulary import (
    NO_DETAILS,
    HandOver,
    MessageAdded,
    PrivateMessageAdded,
    Say,
    SayPrivately,
    StoredMessage,
)
from classcord.chat.people import Session
from classcord.chat.presence.vocabulary import Status
from classcord.chat.private_policy.vocabulary import PrivatePolicy, PrivatePolicyTold
from classcord.chat.profiles.vocabulary import PersonProfile
from classcord.chat.registration.vocabulary import Register
from classcord.chat.requests import Request
from classcord.chat.revisions.vocabulary import Edit, ToEdit
from classcord.chat.roles import Role
from classcord.chat.subjects import CONSOLE, WIRE
from classcord.chat.word_list.rules import go_by_list
from classcord.chat.word_list.vocabulary import PRIVATE, ListedWords
from classcord.chat.word_list.words import WordList, spaced, words_of
from tests.chat.files import ROOM
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    a_hub,
    add_account,
    answered,
    ask,
    changes_of,
    channel,
    come_in,
    commit,
    connect,
    contents,
    decide,
    heard_by,
    log_in,
    moderator,
    operates,
    person_of,
    refused,
    secrets,
    the_commit,
    trail_of,
    verified,
)

LIST = ("Crétin", "ferme ta gueule", "débil*")


@pytest.fixture
def hub() -> Hub:
    """With #dev, bob and ann in it, and a list for channels."""
    hub = a_hub()
    for name in ("bob", "ann"):
        hub.restore([MemberAdded(channel_id=2, user_id=add_account(hub, name).id, since=NOON_MS)])
    go_by_list(hub, WordList(LIST))
    return hub


def waits(hub: Hub, session: Session, request: Say) -> Waiting:
    answer = the_commit(decide(hub, session, request)).answer
    assert isinstance(answer, Waiting)
    return answer


def goes(hub: Hub, session: Session, request: Say) -> None:
    assert any(
        isinstance(each, (MessageAdded, PrivateMessageAdded)) for each in changes_of(decide(hub, session, request))
    )


# -- what is found ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("espèce de crétin !", "Crétin"),
        ("CRETIN", "Crétin"),
        ("cre\u0301tin", "Crétin"),
        ("cré\u200btin", "Crétin"),  # an invisible space
        ("cré\u034ftin", "Crétin"),  # a joiner that Python calls printable
        ("cré\u00adtin", "Crétin"),  # a soft hyphen
        ("crétіn", "Crétin"),  # a Cyrillic і
        ("ｃｒéｔｉｎ", "Crétin"),
        ("c r é t i n", "Crétin"),
        ("c.r.e.t.i.n", "Crétin"),
        ("l'crétin", "Crétin"),
        ("crétin@ici", "Crétin"),
        ("Ferme... ta GUEULE", "ferme ta gueule"),
        ("débilement", "débil*"),
        ("débil", "débil*"),
        ("d e b i l e", "débil*"),
        ("crétins", None),  # another word
        ("secrétinage", None),
        ("ferme la", None),
        ("ta gueule ferme", None),
        ("cr3tin", None),  # said in the documentation
        ("crétiiin", None),
        ("", None),
        ("a b", None),
    ],
)
def test_what_is_found(text: str, found: str | None) -> None:
    """Without accents, case and what nobody sees; at the borders of words."""
    assert WordList(LIST).found(text) == found


def test_many_entries_that_begin_alike() -> None:
    """What they cost does not grow with their number: nobody holds up the server by writing their first word often."""
    alike = WordList([*(f"sale x{number}" for number in range(5_000)), *(f"sale{n}*" for n in range(5_000))])
    began = time.process_time()
    assert alike.found("sale " * 2_000) is None
    assert time.process_time() - began < 1
    assert alike.found("sale " * 2_000 + "x4999") == "sale x4999"
    assert alike.found("sale " * 2_000 + "salement sale77bien") == "sale7*"
    assert len(alike) == 10_000


def test_an_empty_list() -> None:
    assert not WordList()
    assert not WordList(["", "  ", "!!!"])
    assert WordList().found("crétin") is None
    assert len(WordList(LIST)) == 3


def test_words_of_other_alphabets() -> None:
    """A list may have them, and their own letters are compared as such."""
    assert WordList(["дурак"]).found("Ты ДУРАК!") == "дурак"
    assert words_of("日本") == ["日", "本"]
    assert spaced(["a", "b", "c", "de", "f", "g"]) == ["abc"]


# -- what waits -------------------------------------------------------------------------------------------------------


def test_a_message_waits_for_a_reader(hub: Hub) -> None:
    """Its author is told; whoever approves it sees it, and which word; nobody else hears anything."""
    bob, ann, mod = log_in(hub, "bob"), log_in(hub, "ann"), moderator(hub)
    goes(hub, bob, Say(content="bonjour", channel="#dev"))
    request = Say(content="crétin va", channel="#dev")
    answer = waits(hub, bob, request)
    assert (answer.why, answer.until) == ("words", None)
    assert "waits for a moderator, who reads it" in answer.content.render()
    follow = ask(hub, bob, request)
    assert contents(ann, follow) == []
    (event,) = heard_by(mod, follow)
    assert isinstance(event, HeldBack)
    assert (event.why, event.words, event.content) == ("words", "Crétin", "crétin va")
    listed = answered(hub, mod, Held())
    assert isinstance(listed, HeldListed)
    assert [(row.why, row.words) for row in listed.messages] == [("words", "Crétin")]
    assert contents(ann, ask(hub, mod, Approve(held_id=event.held_id))) == ["crétin va"]


def test_guests_wait_and_staff_do_not(hub: Hub) -> None:
    """Whoever approves messages in a channel writes them without being read."""
    waits(hub, come_in(hub, "zoé"), Say(content="crétin"))
    goes(hub, moderator(hub), Say(content="crétin est sur la liste"))
    goes(hub, operates(hub, "prof", Role.MODERATOR), Say(content="crétin"))
    bob = log_in(hub, "bob")
    channel(hub, "#dev").moderators.add(1)
    hub.state.accounts_by_id[1].moderates.add(2)
    goes(hub, bob, Say(content="crétin", channel="#dev"))
    waits(hub, bob, Say(content="crétin"))


def test_an_edit_gets_around_nothing(hub: Hub) -> None:
    """A text with such a word cannot come into a message that is there; another text can."""
    bob = log_in(hub, "bob")
    there = MessageAdded(message_id=1, at=NOON_MS, channel_id=2, author="bob", author_id=1, content="salut")
    found = StoredMessage(message=there, details=NO_DETAILS)
    with pytest.raises(EditWaits):
        decide(hub, bob, ToEdit(asked=Edit(message_id=1, content="salut crétin"), found=found))
    assert changes_of(decide(hub, bob, ToEdit(asked=Edit(message_id=1, content="salut !"), found=found)))


WRITTEN = [(kind, field) for kind in (*WIRE, *CONSOLE) for field in kind.told if field not in {"content", "reason"}]
"""What others read, but messages, which wait, and reasons, which those give and read who keep order."""


@pytest.mark.parametrize(("kind", "field"), WRITTEN, ids=str)
def test_nothing_that_others_read_gets_around_it(hub: Hub, kind: type[Request], field: str) -> None:
    """Of whoever may do it, as a member who moderates and has made a channel; without such words it is done."""
    bob = log_in(hub, "bob")
    hub.restore([ModeratorNamed(channel_id=2, user_id=1, at=NOON_MS)])
    needed = {"channel": "#dev", "username": "new", "password": "azerty", "user": "bob"}
    names = {each.name for each in msgspec.structs.fields(kind) if each.required}
    values = {name: value for name, value in needed.items() if name in names}
    for words, is_listed in (("crétin", True), ("bonjour", False)):
        request = msgspec.convert({"type": kind.__struct_config__.tag, **values, field: words}, kind)
        try:
            assert decide(hub, bob, request)
            found = False
        except ListedWords as error:
            found = error.field == field
        except ChatError:
            found = False
        assert found == is_listed, words


def test_who_has_written_such_fields_is_known() -> None:
    """So that the test above asks about something."""
    assert {(Create, "topic"), (Create, "channel"), (Topic, "topic"), (Description, "description")} <= set(WRITTEN)
    assert {(Status, "state"), (SetChannel, "name"), (PersonProfile, "status_text"), (Register, "username")} <= set(
        WRITTEN
    )


def test_no_guest_is_called_so(hub: Hub) -> None:
    """A guest is never refused for the name, and gets the usual one: by a request, and by a first message."""
    assert person_of(come_in(hub, "Crétin")).name == "invité"
    classic = connect(hub, modern=False)
    ask(hub, classic, Say(content="bonjour", from_="gros crétin"))
    assert person_of(classic).name == "invité 2"
    assert person_of(come_in(hub, "zoé")).name == "zoé"


@pytest.mark.parametrize("private", [False, True])
def test_nor_is_a_file(hub: Hub, private: bool) -> None:
    """Its name is read wherever the file is; in private where the list is for private messages, too."""
    go_by_list(hub, WordList(LIST, private=private))
    hub.uploads.room, hub.new_secret = lambda: ROOM, secrets()
    bob, mod = log_in(hub, "bob"), moderator(hub)
    named = UploadFile(channel="#dev", name="crétin.png", size=10)
    for request in (named, UploadWanted(asked=named, found=FileBytes())):
        error = refused(hub, bob, request)
        assert isinstance(error, ListedWords)
        assert error.field == "name"
    assert decide(hub, bob, UploadFile(channel="#dev", name="photo.png", size=10))
    assert decide(hub, mod, UploadFile(name="crétin.png", size=10))
    to_ann = UploadFile(user="ann", name="crétin.png", size=10)
    assert isinstance(refused(hub, bob, to_ann), ListedWords) if private else decide(hub, bob, to_ann)


def test_nor_do_other_words(hub: Hub) -> None:
    """Topics, names, states and profiles cannot wait: they are refused."""
    bob = log_in(hub, "bob")
    channel(hub, "#dev").made_by = 1
    for request in (
        Topic(channel="#dev", topic="Ann est débile"),
        Create(channel="#crétin"),
        Status(state="crétin"),
        PersonProfile(status_text="ferme ta gueule"),
    ):
        error = refused(hub, bob, request)
        assert isinstance(error, ListedWords)
        assert error.code == "held"
    ask(hub, bob, Topic(channel="#dev", topic="Bonjour"))
    ask(hub, moderator(hub), Topic(channel="#dev", topic="Ne dites pas crétin"))


def test_without_a_list_nothing_is_asked(hub: Hub) -> None:
    go_by_list(hub, WordList())
    assert not hub.holding
    goes(hub, log_in(hub, "bob"), Say(content="crétin"))


def test_what_waits_stays_when_the_list_changes(hub: Hub) -> None:
    """Nobody has read it yet: it waits on, and the list is what it is now."""
    bob, mod = log_in(hub, "bob"), moderator(hub)
    ask(hub, bob, Say(content="crétin", channel="#dev"))
    go_by_list(hub, WordList(["autre"]))
    assert list(due(hub, NOON)) == []
    listed = answered(hub, mod, Held())
    assert isinstance(listed, HeldListed)
    assert [(row.why, row.words) for row in listed.messages] == [("words", "")]


def test_at_night_a_person_comes_first(hub: Hub) -> None:
    """Otherwise a message would be delivered in the morning, and nobody had read it."""
    hour = 3_600_000
    hub.quiet.set([(NOON_MS - hour, NOON_MS + hour)])
    hub.due(NOON)
    bob, ann, mod = log_in(hub, "bob"), log_in(hub, "ann"), moderator(hub)
    assert waits(hub, bob, Say(content="crétin", channel="#dev")).why == "words"
    ask(hub, bob, Say(content="crétin", channel="#dev"))
    effects = decide(hub, mod, Approve(held_id=hub.state.held_ids.last))
    assert [type(each) for each in changes_of(effects)] == [HeldOn]
    commit(hub, effects)
    hub.due(NOON + 3600)
    delivered = [
        e for records in list(due(hub, NOON + 3600)) for e in commit(hub, [Commit(None, records)], NOON + 3600)
    ]
    assert contents(ann, delivered) == ["crétin"]


# -- private messages -------------------------------------------------------------------------------------------------


def test_private_messages_are_nobodys_business(hub: Hub) -> None:
    """Unless the settings say so, no list looks into them."""
    goes(hub, log_in(hub, "bob"), SayPrivately(to="ann", content="crétin"))


@pytest.fixture
def private(hub: Hub) -> Hub:
    go_by_list(hub, WordList(LIST, private=True))
    return hub


def test_everybody_is_told_that_they_are_read(private: Hub) -> None:
    """At the login, and by whoever asks for the private policy."""
    ann = connect(private)
    told = heard_by(ann, ask(private, ann, verified(private, "ann")))
    assert [each.content.template for each in told if isinstance(each, Notice)] == [PRIVATE]
    answer = answered(private, ann, PrivatePolicy())
    assert isinstance(answer, PrivatePolicyTold)
    assert answer.meaning.render().endswith("and you are told.")
    go_by_list(private, WordList(LIST))
    bob = connect(private)
    assert [e for e in heard_by(bob, ask(private, bob, verified(private, "bob"))) if isinstance(e, Notice)] == []


def test_a_private_message_is_read_for_a_reason(private: Hub) -> None:
    """A moderator hears that one waits, and reads it only by a reason, which the audit trail keeps."""
    bob, ann, mod = log_in(private, "bob"), log_in(private, "ann"), moderator(private)
    goes(private, bob, SayPrivately(to="ann", content="salut"))
    goes(private, bob, SayPrivately(to="bob", content="je suis un crétin"))
    follow = ask(private, bob, SayPrivately(to="ann", content="crétin"))
    assert contents(ann, follow) == []
    (notice,) = heard_by(mod, follow)
    assert isinstance(notice, Notice)
    assert "crétin" not in notice.content.render()
    (reply,) = decide(private, mod, Held())
    (row,) = reply.answer.messages  # type: ignore[attr-defined]
    assert (row.user, row.to, row.content, row.words) == ("bob", "ann", "", "")
    effects = decide(private, mod, Held(reason="Signalé par Ann"))
    (row,) = the_commit(effects).answer.messages  # type: ignore[union-attr]
    assert (row.content, row.words) == ("crétin", "Crétin")
    (entry,) = trail_of(effects)
    assert (entry.action, entry.object_id, entry.after) == ("read-held", "bob ann", '{"reason":"Signalé par Ann"}')
    assert "crétin" not in str(entry)
    number = private.state.held_ids.last
    effects = decide(private, mod, Approve(held_id=number))
    assert trail_of(effects)[0].after == '{"author":"bob","recipient":"ann"}'
    assert contents(ann, commit(private, effects)) == ["crétin"]


def test_one_is_refused(private: Hub) -> None:
    bob, mod = log_in(private, "bob"), moderator(private)
    ask(private, bob, SayPrivately(to="ann", content="crétin"))
    effects = decide(private, mod, RefuseHeld(held_id=1, reason="Non"))
    assert trail_of(effects)[0].after == '{"author":"bob","reason":"Non","recipient":"ann"}'
    commit(private, effects)
    assert not private.state.held


def test_nobody_else_reads_it(private: Hub) -> None:
    """Neither its recipient, nor another pupil, nor the moderator of a channel."""
    bob, ann = log_in(private, "bob"), log_in(private, "ann")
    private.state.accounts_by_id[2].moderates.add(2)
    channel(private, "#dev").moderators.add(2)
    ask(private, bob, SayPrivately(to="ann", content="crétin"))
    for session in (ann, log_in(private, "eve")):
        answer = answered(private, session, Held(reason="Pour voir"))
        assert isinstance(answer, HeldListed)
        assert answer.messages == ()
        assert isinstance(refused(private, session, RefuseHeld(held_id=1)), NothingHeld)
    mine = answered(private, bob, Held())
    assert isinstance(mine, HeldListed)
    assert [row.content for row in mine.messages] == ["crétin"]


def test_who_approves_hears_at_login_how_many_wait(private: Hub) -> None:
    bob = log_in(private, "bob")
    ask(private, bob, SayPrivately(to="ann", content="crétin"))
    mod = moderator(private)
    told = [e.content.values for e in heard_by(mod, ask(private, mod, HandOver())) if isinstance(e, Notice)]
    assert {"count": 1} in told


def test_a_message_of_a_deleted_channel_is_no_private_one(private: Hub) -> None:
    """Whoever approves messages sees none that is left without its channel."""
    mod = moderator(private)
    fields = {"held_id": 9, "at": NOON_MS, "channel_id": 77, "author": "bob", "owner": "1", "said_in": 1}
    private.state.held.add(MessageHeld(**fields, content="crétin", why="words"))  # type: ignore[arg-type]
    assert isinstance(refused(private, mod, Approve(held_id=9)), NothingHeld)
