"""Who reacts to which messages, how often, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.channels.vocabulary import ChannelRemoved, Join
from classcord.chat.effects import Commit, Effect, Find, Reply
from classcord.chat.errors import AlreadySo, BadRequest, ChatError, NotIdentified
from classcord.chat.events import Done, Event
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Logout
from classcord.chat.messages.telling import said
from classcord.chat.messages.vocabulary import Details, Message, NoSuchMessage, Tally
from classcord.chat.people import Session
from classcord.chat.presence.vocabulary import Status
from classcord.chat.reactions.vocabulary import (
    MOST_EMOJI,
    MOST_OWN,
    MOST_WITH_GUESTS,
    React,
    Reacted,
    ReactedTo,
    Reaction,
    ReactionsFound,
    ReactionsTo,
    ReactionTaken,
    TooManyReactions,
)
from classcord.chat.revisions.vocabulary import AlreadyDeleted
from classcord.chat.sanctions.vocabulary import Mute
from tests.chat.hubs import (
    NOON_MS,
    a_channel,
    a_hub,
    add_account,
    ask,
    changes_of,
    come_in,
    commit,
    decide,
    heard_by,
    log_in,
    moderator,
    person_of,
    the_commit,
)
from tests.chat.stored import message, private

FACES = [chr(code) for code in range(0x1F600, 0x1F640)]


def react(
    hub: Hub,
    session: Session,
    there: Message | None,
    *,
    emoji: str = "👍",
    on: bool = True,
    others: Iterable[str] = (),
    own: Iterable[str] = (),
) -> list[Effect]:
    """React to the message 7; the store finds `there`, with the emoji of others, and the person's own."""
    request = React(message_id=7, emoji=emoji, on=on)
    (find,) = decide(hub, session, request)
    assert isinstance(find, Find)
    assert isinstance(find.question, ReactionsTo)
    found = ReactedTo(message=there, emoji=(*others, *own), own=tuple(own))
    return decide(hub, session, ReactionsFound(asked=request, found=found))


def refused(hub: Hub, session: Session, there: Message | None, **fields: object) -> ChatError:
    with pytest.raises(ChatError) as refusal:
        react(hub, session, there, **fields)  # type: ignore[arg-type]
    return refusal.value


def events(session: Session, effects: list[Effect]) -> list[Event]:
    return heard_by(session, effects)


def test_a_reaction_in_a_channel() -> None:
    """It is stored and acknowledged; everyone else hears it, the person's other sessions too."""
    hub = a_hub()
    bob, phone, zoe = log_in(hub, "bob"), log_in(hub, "bob"), come_in(hub, "Zoé")
    effects = react(hub, bob, message(), emoji="❤")
    assert changes_of(effects) == [Reacted(message_id=7, channel_id=1, emoji="❤\ufe0f", who=1)]
    assert the_commit(effects).answer == Done()
    told = commit(hub, effects)
    event = Reaction(message_id=7, sender="bob", emoji="❤\ufe0f", on=True, channel="#général")
    assert events(phone, told) == events(zoe, told) == [event]
    assert events(bob, told) == []


def test_a_reaction_is_taken_back() -> None:
    """And so it is heard."""
    hub = a_hub()
    bob, zoe = log_in(hub, "bob"), come_in(hub, "Zoé")
    effects = react(hub, bob, message(), on=False, own=["👍"])
    assert changes_of(effects) == [ReactionTaken(message_id=7, channel_id=1, emoji="👍", who=1)]
    event = Reaction(message_id=7, sender="bob", emoji="👍", on=False, channel="#général")
    assert events(zoe, commit(hub, effects)) == [event]


def test_twice_is_once() -> None:
    """What is so already is acknowledged, stored no second time, and told to nobody."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    for effects in (
        react(hub, bob, message(), own=["👍"]),
        react(hub, bob, message(), emoji="❤", own=["❤\ufe0f"]),
        react(hub, bob, message(), on=False),
        react(hub, bob, message(), on=False, others=["👍"]),
    ):
        (reply,) = effects
        assert isinstance(reply, Reply)
        assert reply.answer == Done()
    request = React(message_id=7, emoji="👍")
    (found,) = decide(hub, bob, request)
    assert isinstance(found, Find)
    assert found.question == ReactionsTo(message_id=7, who=1)


def test_two_devices_at_once() -> None:
    """The store refuses the second of two equal reactions, and the one too many, as the decision would have."""
    taken = Reacted(message_id=7, emoji="👍", who=1)
    assert type(taken.refusal("UNIQUE constraint failed")) is AlreadySo
    assert isinstance(taken.refusal(""), TooManyReactions)
    assert isinstance(ReactionTaken(message_id=7, emoji="👍", who=1).refusal(""), AlreadySo)


def test_a_private_reaction() -> None:
    """The two people of a conversation hear it, each with the name of the other; nobody else does."""
    hub = a_hub()
    ann, bob, eve = log_in(hub, "ann"), log_in(hub, "bob"), log_in(hub, "eve")
    tablet, phone = log_in(hub, "ann"), log_in(hub, "bob")
    effects = react(hub, bob, private("1:2"))
    assert changes_of(effects) == [Reacted(message_id=7, conversation="1:2", emoji="👍", who=2)]
    told = commit(hub, effects)
    for session, other in ((ann, "bob"), (tablet, "bob"), (phone, "ann")):
        assert events(session, told) == [Reaction(message_id=7, sender="bob", emoji="👍", on=True, user=other)]
    assert events(bob, told) == events(eve, told) == []


def test_a_message_to_oneself() -> None:
    """Has one person, who hears of it once in each other session."""
    hub = a_hub()
    ann, tablet = log_in(hub, "ann"), log_in(hub, "ann")
    told = commit(hub, react(hub, ann, private("1:1")))
    assert events(tablet, told) == [Reaction(message_id=7, sender="ann", emoji="👍", on=True, user="ann")]
    assert events(ann, told) == []


def test_who_is_away_or_does_not_read_hears_nothing() -> None:
    """The reaction is in the history; a session in which nobody reads is no reader."""
    hub = a_hub()
    add_account(hub, "ann")
    bob = log_in(hub, "bob")
    assert commit(hub, react(hub, bob, private("1:2"), own=[])) != []
    pipe = log_in(hub, "ann")
    pipe.shows_events = False
    assert events(pipe, commit(hub, react(hub, bob, private("1:2")))) == []


@pytest.mark.parametrize("kind", ["open", "approval", "private"])
def test_only_who_reads_a_message_reacts(kind: str) -> None:
    """To anybody else, of any rank, a message is the same as none: of a channel, of others, of no channel."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club", kind)])
    add_account(hub, "ann"), add_account(hub, "bob")
    told = set()
    for session in (log_in(hub, "eve"), moderator(hub), come_in(hub, "Zoé")):
        for there in (message(9), message(4000), private("1:2"), private("1:~zoé"), None):
            for on in (True, False):
                error = refused(hub, session, there, on=on, own=() if on else ["👍"])
                told.add((error.code, error.field, error.text.render()))
    assert told == {("not_found", "message_id", "There is no message 7 here.")}


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"archived": True}, "channel_closed"), ({"read_only": True}, "read_only")],
)
def test_only_who_may_write_there_reacts(fields: dict[str, bool], code: str) -> None:
    """A closed channel is only read, and so is a read-only one, but for people who moderate."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club")])
    bob, mod = log_in(hub, "bob"), moderator(hub)
    for session in (bob, mod):
        ask(hub, session, Join(channel="#club"))
    for name, value in fields.items():
        setattr(hub.state.channels_by_id[9], name, value)
    assert refused(hub, bob, message(9)).code == code
    if code == "read_only":
        assert changes_of(react(hub, mod, message(9)))


def test_a_muted_person_does_not_react() -> None:
    """Nor takes anything back; to people who keep order they may, as they may write to them."""
    hub = a_hub()
    bob, mod, _ = log_in(hub, "bob"), moderator(hub), log_in(hub, "ann")
    ask(hub, mod, Mute(user="bob"))
    assert refused(hub, bob, message()).code == "muted"
    assert refused(hub, bob, message(), on=False, own=["👍"]).code == "muted"
    assert refused(hub, bob, private("1:3")).code == "muted"
    assert changes_of(react(hub, bob, private("1:2")))


def test_who_has_gone_meanwhile() -> None:
    """What the store finds for a session that is nobody's any more is nobody's reaction."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    request = React(message_id=7, emoji="👍")
    decide(hub, bob, request)
    bob.person = None
    with pytest.raises(NotIdentified):
        decide(hub, bob, ReactionsFound(asked=request, found=ReactedTo(message=message())))


def test_a_channel_deleted_meanwhile() -> None:
    """A reaction that was decided before is told to nobody."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club")])
    bob, ann = log_in(hub, "bob"), log_in(hub, "ann")
    for session in (bob, ann):
        ask(hub, session, Join(channel="#club"))
    effects = react(hub, bob, message(9))
    hub.apply(ChannelRemoved(channel_id=9, by="root", at=NOON_MS))
    assert commit(hub, effects) == []


def test_a_deleted_message() -> None:
    """Has no reactions, and gets none; whoever may not read it is told that there is none."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    request = React(message_id=7, emoji="👍")
    with pytest.raises(AlreadyDeleted):
        decide(hub, bob, ReactionsFound(asked=request, found=ReactedTo(message=message(), is_deleted=True)))
    with pytest.raises(NoSuchMessage):
        decide(hub, bob, ReactionsFound(asked=request, found=ReactedTo(message=message(3), is_deleted=True)))


def test_the_other_account_is_deleted() -> None:
    """Nobody writes in a conversation with nobody."""
    hub = a_hub()
    add_account(hub, "ann")
    bob = log_in(hub, "bob")
    effects = react(hub, bob, private("1:2"))
    hub.apply(UserRemoved(user_id=1))
    assert commit(hub, effects) == []
    assert refused(hub, bob, private("1:2")).code == "not_found"


def test_a_guest_reacts_under_their_name() -> None:
    """By the number of the session: who has the name later is somebody else, and takes nothing back."""
    hub = a_hub()
    zoe, bob = come_in(hub, "Zoé"), log_in(hub, "bob")
    effects = react(hub, zoe, message())
    (record,) = changes_of(effects)
    assert record == Reacted(message_id=7, channel_id=1, emoji="👍", who=-zoe.number, guest="Zoé")
    (event,) = events(bob, commit(hub, effects))
    assert event == Reaction(message_id=7, sender="Zoé", emoji="👍", on=True, channel="#général")
    number = zoe.number
    ask(hub, zoe, Logout())
    again = come_in(hub, "Zoé", zoe)
    assert again.number != number
    (find,) = decide(hub, again, React(message_id=7, emoji="👍", on=False))
    assert isinstance(find, Find)
    assert find.question == ReactionsTo(message_id=7, who=-again.number)


def test_a_hidden_person_reacts() -> None:
    """As they write: under their name."""
    hub = a_hub()
    bob, zoe = log_in(hub, "bob"), come_in(hub, "Zoé")
    ask(hub, bob, Status(state="invisible"))
    assert person_of(bob).hidden
    assert len(events(zoe, commit(hub, react(hub, bob, message())))) == 1


def test_so_many_emoji_and_no_more() -> None:
    """Of all people to a message, and of one person; one that is there already may be joined."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    full = FACES[:MOST_EMOJI]
    assert isinstance(refused(hub, bob, message(), others=full), TooManyReactions)
    assert changes_of(react(hub, bob, message(), emoji=full[3], others=full))
    assert changes_of(react(hub, bob, message(), others=full[1:]))
    own = FACES[:MOST_OWN]
    assert isinstance(refused(hub, bob, message(), own=own), TooManyReactions)
    assert isinstance(refused(hub, bob, message(), emoji=FACES[9], own=own, others=[FACES[9]]), TooManyReactions)
    assert changes_of(react(hub, bob, message(), own=own[1:]))
    assert changes_of(react(hub, bob, message(), emoji=own[0], on=False, own=own))


def test_guests_leave_room_for_others() -> None:
    """They bring no other emoji where there are some already, as many guests as they are; they may join any."""
    hub = a_hub()
    bob, zoe = log_in(hub, "bob"), come_in(hub, "Zoé")
    some = FACES[:MOST_WITH_GUESTS]
    assert changes_of(react(hub, zoe, message(), others=some[1:]))
    full = refused(hub, zoe, message(), others=some)
    assert (type(full), full.text.values["most"]) == (TooManyReactions, MOST_WITH_GUESTS)
    assert changes_of(react(hub, zoe, message(), emoji=some[0], others=FACES[:MOST_EMOJI]))
    assert changes_of(react(hub, bob, message(), others=some))


@pytest.mark.parametrize("emoji", ["", "ok", "👍👍", "<b>", "\x1b[31m", "👍" * 60])
def test_only_an_emoji_is_a_reaction(emoji: str) -> None:
    """The store is not even asked."""
    hub = a_hub()
    with pytest.raises(BadRequest) as refusal:
        decide(hub, log_in(hub, "bob"), React(message_id=7, emoji=emoji))
    assert refusal.value.field == "emoji"


def test_history_tells_the_reactions() -> None:
    """With the names of the first people, and how many there are if these are not all."""
    hub = a_hub()
    some, many = Tally(emoji="👍", people=2, names=("ann", "bob")), Tally(emoji="🎉", people=1000, names=("ann",))
    event = said(hub, message(), Details(reactions=(some, many)))
    assert event.reactions == {"👍": ("ann", "bob"), "🎉": ("ann",)}
    assert event.reaction_counts == {"🎉": 1000}
    assert said(hub, message(), Details(reactions=(some,))).reaction_counts is msgspec.UNSET
    assert said(hub, message()).reactions is msgspec.UNSET


def test_a_reaction_waits_for_ones_own_messages() -> None:
    """Who sends a message and reacts to it at once finds it."""
    assert React.reads_store
    hub = a_hub()
    effects = react(hub, log_in(hub, "bob"), message())
    assert isinstance(effects[0], Commit)
    assert effects[0].holds
