"""Who pins which messages, how many, and who hears of it."""

from __future__ import annotations

import pytest

from classcord.chat.channels.vocabulary import Create, Join
from classcord.chat.effects import Effect, Find, Reply
from classcord.chat.errors import AlreadySo, BadRequest, ChatError, NotAllowed, NotFound, NotIdentified
from classcord.chat.events import Done
from classcord.chat.hub import Hub
from classcord.chat.messages import pages
from classcord.chat.messages.vocabulary import (
    NO_DETAILS,
    Details,
    Message,
    NoSuchMessage,
    Said,
    StoredMessage,
)
from classcord.chat.people import Session
from classcord.chat.pins.vocabulary import (
    MOST_PINS,
    MessagePinned,
    MessageUnpinned,
    Pin,
    PinFound,
    Pinned,
    PinOf,
    Pins,
    PinsFound,
    PinsIn,
    PinsListed,
    PinState,
    TooManyPins,
)
from classcord.chat.revisions.vocabulary import AlreadyDeleted
from classcord.chat.roles import Operator, Role
from classcord.chat.sanctions.vocabulary import Mute
from tests.chat.hubs import (
    NOON_MS,
    NOON_WRITTEN,
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
    trail_of,
)
from tests.chat.stored import message, private


def pin(hub: Hub, session: Session, there: Message | None, *, on: bool = True, **state: object) -> list[Effect]:
    """Pin the message 7; the store finds `there`."""
    request = Pin(message_id=7, on=on)
    assert decide(hub, session, request) == [Find(request, PinOf(message_id=7), PinFound)]
    found = PinState(message=there, **state)  # type: ignore[arg-type]
    return decide(hub, session, PinFound(asked=request, found=found))


def refused(hub: Hub, session: Session, there: Message | None, **state: object) -> ChatError:
    with pytest.raises(ChatError) as refusal:
        pin(hub, session, there, **state)  # type: ignore[arg-type]
    return refusal.value


def test_a_moderator_pins_in_a_channel() -> None:
    """It is stored, acknowledged and in the audit trail; everyone else hears it, and the end of it."""
    hub = a_hub()
    mod, zoe = moderator(hub), come_in(hub, "Zoé")
    effects = pin(hub, mod, message())
    assert changes_of(effects) == [MessagePinned(message_id=7, channel_id=1, at=NOON_MS)]
    assert the_commit(effects).answer == Done()
    (entry,) = trail_of(effects)
    assert (entry.action, entry.object_id, entry.after) == ("message-pinned", "7", '{"channel":"#général"}')
    told = commit(hub, effects)
    event = Pinned(message_id=7, sender="mod", on=True, timestamp=NOON_WRITTEN, channel="#général")
    assert heard_by(zoe, told) == [event]
    assert heard_by(mod, told) == []
    effects = pin(hub, mod, message(), on=False, is_pinned=True)
    assert changes_of(effects) == [MessageUnpinned(message_id=7, channel_id=1, at=NOON_MS)]
    assert trail_of(effects)[0].action == "message-unpinned"
    (heard,) = heard_by(zoe, commit(hub, effects))
    assert heard == Pinned(message_id=7, sender="mod", on=False, timestamp=NOON_WRITTEN, channel="#général")


def test_who_sets_the_topic_pins() -> None:
    """The maker of a channel, and moderators; other members and guests do not, whoever wrote the message."""
    hub = a_hub()
    bob, alice, zoe = log_in(hub, "bob"), log_in(hub, "alice"), come_in(hub, "Zoé")
    ask(hub, bob, Create(channel="#new"))
    for session in (alice, zoe):
        ask(hub, session, Join(channel="#new"))
        assert isinstance(refused(hub, session, message(10)), NotAllowed)
        assert isinstance(refused(hub, session, message(10), on=False, is_pinned=True), NotAllowed)
    assert changes_of(pin(hub, bob, message(10)))
    assert isinstance(refused(hub, bob, message(1)), NotAllowed)


def test_both_people_of_a_conversation_pin() -> None:
    """Each hears it with the name of the other, in all sessions; the audit trail has nothing of it."""
    hub = a_hub()
    ann, bob, eve, phone = (log_in(hub, name) for name in ("ann", "bob", "eve", "bob"))
    for session in (ann, bob):
        effects = pin(hub, session, private("1:2"))
        assert changes_of(effects) == [MessagePinned(message_id=7, conversation="1:2", at=NOON_MS)]
        assert trail_of(effects) == []
    told = commit(hub, pin(hub, bob, private("1:2")))
    event = Pinned(message_id=7, sender="bob", on=True, timestamp=NOON_WRITTEN, user="bob")
    assert heard_by(ann, told) == [event]
    assert [each.user for each in heard_by(phone, told) if isinstance(each, Pinned)] == ["ann"]
    assert heard_by(bob, told) == heard_by(eve, told) == []


@pytest.mark.parametrize("kind", ["open", "approval", "private"])
def test_what_one_may_not_read_is_not_there(kind: str) -> None:
    """A message of another channel, of others, none at all: the same to everyone, deleted or pinned."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club", kind)])
    add_account(hub, "ann"), add_account(hub, "bob")
    told = set()
    for session in (log_in(hub, "eve"), moderator(hub), come_in(hub, "Zoé")):
        for there in (message(9), message(4000), private("1:2"), None):
            for state in ({}, {"is_pinned": True}, {"is_deleted": True}, {"pins": MOST_PINS}):
                error = refused(hub, session, there, **state)
                told.add((error.code, error.field, error.text.render()))
    assert told == {("not_found", "message_id", "There is no message 7 here.")}


def test_twice_is_once() -> None:
    """What is so already is acknowledged and told to nobody; of two at once the store refuses the second."""
    hub = a_hub()
    mod = moderator(hub)
    for effects in (pin(hub, mod, message(), is_pinned=True), pin(hub, mod, message(), on=False)):
        (reply,) = effects
        assert isinstance(reply, Reply)
        assert reply.answer == Done()
    record = MessagePinned(message_id=7, at=0)
    assert isinstance(record.refusal("UNIQUE constraint failed"), AlreadySo)
    assert isinstance(record.refusal(""), TooManyPins)


def test_so_many_pins_and_no_more() -> None:
    """In one channel or conversation; one must be taken back first."""
    hub = a_hub()
    mod = moderator(hub)
    assert isinstance(refused(hub, mod, message(), pins=MOST_PINS), TooManyPins)
    assert changes_of(pin(hub, mod, message(), on=False, is_pinned=True, pins=MOST_PINS))


def test_a_deleted_message_is_not_pinned() -> None:
    """It has no words any more."""
    hub = a_hub()
    assert isinstance(refused(hub, moderator(hub), message(), is_deleted=True), AlreadyDeleted)


def test_a_muted_person_does_not_pin() -> None:
    """Not in a channel of their own either."""
    hub = a_hub()
    bob, mod, _ = log_in(hub, "bob"), moderator(hub), log_in(hub, "ann")
    ask(hub, bob, Create(channel="#new"))
    ask(hub, mod, Mute(user="bob"))
    assert refused(hub, bob, message(10)).code == "muted"
    assert refused(hub, bob, private("1:3")).code == "muted"


def test_who_has_gone_meanwhile() -> None:
    """Nobody pins, and nobody is shown anything."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    bob.person = None
    with pytest.raises(NotIdentified):
        decide(hub, bob, PinFound(asked=Pin(message_id=7), found=PinState(message=message())))
    with pytest.raises(NotIdentified):
        decide(hub, bob, PinsFound(asked=Pins(), found=()))


# -- the list ---------------------------------------------------------------------------------------------------------


def listed(hub: Hub, session: Session, request: Pins, *found: StoredMessage) -> PinsListed:
    (find,) = decide(hub, session, request)
    assert isinstance(find, Find)
    (reply,) = decide(hub, session, PinsFound(asked=request, found=found))
    assert isinstance(reply, Reply)
    assert isinstance(reply.answer, PinsListed)
    return reply.answer


def stored(there: Message, details: Details = NO_DETAILS) -> StoredMessage:
    return StoredMessage(message=there, details=details)


def test_the_pins_of_a_channel() -> None:
    """Oldest first, each as in the history, with its details; guests read those of their channels, too."""
    hub = a_hub()
    zoe = come_in(hub, "Zoé")
    new, old = stored(message(number=9), Details(reply_to=3)), stored(message(number=8))
    answer = listed(hub, zoe, Pins(), new, old)
    assert (answer.channel, answer.user, answer.more) == ("#général", None, False)
    assert [each.message_id for each in answer.messages] == [8, 9]
    assert answer.messages[1].reply_to == 3
    assert decide(hub, zoe, Pins(channel="general", before=5)) == [
        Find(Pins(channel="general", before=5), PinsIn(channel_id=1, before=5), PinsFound)
    ]


def test_the_pins_of_a_conversation() -> None:
    """One's own, by the name of the other or by its key."""
    hub = a_hub()
    ann, bob = log_in(hub, "ann"), log_in(hub, "bob")
    for session, request in ((ann, Pins(user="bob")), (bob, Pins(conversation="1:2"))):
        (find,) = decide(hub, session, request)
        assert isinstance(find, Find)
        assert find.question == PinsIn(conversation="1:2")
        answer = listed(hub, session, request, stored(private("1:2")))
        assert (answer.channel, answer.user, answer.conversation) == (None, request.user, request.conversation)
        assert isinstance(answer.messages[0], Said)


def test_whose_pins_one_may_not_read() -> None:
    """Of others' conversations, of channels one is not in; an operator reads conversations by the history alone."""
    hub = a_hub()
    add_account(hub, "ann"), add_account(hub, "bob")
    eve, zoe = log_in(hub, "eve"), come_in(hub, "Zoé")
    for session, request, code in (
        (eve, Pins(conversation="1:2"), "not_found"),
        (zoe, Pins(user="bob"), "not_found"),
        (eve, Pins(channel="#admin"), "not_found"),
        (eve, Pins(channel="#dev"), "not_in_channel"),
    ):
        with pytest.raises(ChatError) as refusal:
            decide(hub, session, request)
        assert refusal.value.code == code
    person_of(eve).operator = Operator(name="eve", role=Role.OWNER)
    with pytest.raises(NotAllowed):
        decide(hub, eve, Pins(user="bob"))
    with pytest.raises(BadRequest):
        decide(hub, zoe, Pins(user="bob", channel="#dev"))


def test_what_one_may_not_read_any_more_is_left_out() -> None:
    """The store was asked before."""
    hub = a_hub()
    eve = log_in(hub, "eve")
    assert listed(hub, eve, Pins(), stored(message(2)), stored(message())).messages[0].message_id == 7
    ask(hub, eve, Join(channel="#dev"))
    decide(hub, eve, Pins(channel="#dev"))
    del hub.state.channels["dev"]
    with pytest.raises(NotFound):
        decide(hub, eve, PinsFound(asked=Pins(channel="#dev"), found=()))


def test_a_list_is_bounded_by_what_it_weighs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest that fit are told, and that there are more."""
    hub = a_hub()
    monkeypatch.setattr(pages, "ROOM", 100)
    found = [stored(message(number=number, content="x" * 40)) for number in (9, 8, 7)]
    answer = listed(hub, log_in(hub, "eve"), Pins(), *found)
    assert ([each.message_id for each in answer.messages], answer.more) == ([8, 9], True)


def test_no_such_message_is_one_error() -> None:
    """The refusal is that of every request that names a message."""
    hub = a_hub()
    assert type(refused(hub, moderator(hub), None)) is NoSuchMessage
