"""The settings of channels: who changes them, who hears of it, and that each is obeyed by whatever writes there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from classcord.chat.announcements.vocabulary import Announce
from classcord.chat.channel_settings.changes_in_words import changes_in_words
from classcord.chat.channel_settings.rules import set_channel
from classcord.chat.channel_settings.vocabulary import (
    ChannelChanged,
    ChannelSet,
    ChannelSettingsTold,
    NameStays,
    SetChannel,
)
from classcord.chat.channels.left_names import DAY, MOST, LeftNames
from classcord.chat.channels.vocabulary import (
    ChannelClosed,
    ChannelExists,
    ChannelInfo,
    ChannelRemoved,
    Channels,
    ChannelsListed,
    Create,
    EveryonesChannel,
    Join,
    Left,
)
from classcord.chat.effects import Find, Reply
from classcord.chat.errors import AlreadySo, BadRequest, ChatError, Conflict, NotAllowed, NotFound
from classcord.chat.files.vocabulary import UploadFile
from classcord.chat.held_messages.vocabulary import EditWaits, MayBeResent, MessageHeld
from classcord.chat.hub import Hub
from classcord.chat.messages.vocabulary import (
    Details,
    MessageAdded,
    ReadOnly,
    RepliedTo,
    Say,
    StoredMessage,
    TooSoon,
)
from classcord.chat.people import Session
from classcord.chat.pins.vocabulary import Pin, PinFound, PinState
from classcord.chat.reactions.vocabulary import React, ReactedTo, ReactionsFound
from classcord.chat.requests import Request
from classcord.chat.revisions.vocabulary import Edit, ToEdit
from classcord.chat.roles import Role
from classcord.chat.typing_notifications.vocabulary import ShowTyping
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    NOON_WRITTEN,
    a_channel,
    a_hub,
    add_account,
    answered,
    ask,
    changes_of,
    channel,
    come_in,
    decide,
    heard_by,
    log_in,
    moderator,
    operates,
    refused,
    the_commit,
    trail_of,
)


@pytest.fixture
def hub() -> Hub:
    return a_hub(listed_channels=("#Listed",))


def admin(hub: Hub) -> Session:
    add_account(hub, "prof", "admin")
    return log_in(hub, "prof")


def in_dev(hub: Hub, name: str) -> Session:
    session = log_in(hub, name)
    ask(hub, session, Join(channel="#dev"))
    return session


def rows(hub: Hub, session: Session) -> dict[str, ChannelInfo]:
    answer = answered(hub, session, Channels())
    assert isinstance(answer, ChannelsListed)
    return {row.name: row for row in answer.channels}


# -- who changes what -------------------------------------------------------------------------------------------------


def test_a_moderator_changes_how_members_write(hub: Hub) -> None:
    """The answer has all settings, the people of the channel hear what is new, and the trail keeps both states."""
    bob, mod = in_dev(hub, "bob"), moderator(hub)
    effects = decide(hub, mod, SetChannel(channel="#dev", slow=30, hold=True))
    assert changes_of(effects) == [ChannelSet(channel_id=2, slow=30, hold=True, at=NOON_MS)]
    told = ChannelSettingsTold(channel="#dev", read_only=False, guests=True, slow=30, hold=True, closed=False)
    assert the_commit(effects).answer == told
    (entry,) = trail_of(effects)
    assert (entry.action, entry.before, entry.after) == (
        "channel-set",
        '{"hold":false,"slow":0}',
        '{"channel":"#dev","hold":true,"slow":30}',
    )
    (event,) = heard_by(bob, ask(hub, mod, SetChannel(channel="#dev", slow=30, hold=True)))
    assert event == ChannelChanged(
        channel="#dev",
        was="#dev",
        changed=("slow", "hold"),
        read_only=False,
        guests=True,
        slow=30,
        hold=True,
        closed=False,
        user="mod",
        timestamp=NOON_WRITTEN,
    )
    assert (rows(hub, bob)["#dev"].slow, rows(hub, bob)["#dev"].hold) == (30, True)
    assert decide(hub, mod, request := SetChannel(channel="#dev")) == [Reply(request, told)]


def test_who_may_not(hub: Hub) -> None:
    """Members change nothing; to close, open and rename is for administrators; what one does not see is not there."""
    bob, mod, prof = in_dev(hub, "bob"), moderator(hub), admin(hub)
    assert isinstance(refused(hub, bob, SetChannel(channel="#dev", slow=1)), NotAllowed)
    for request in (SetChannel(channel="#dev", archived=True), SetChannel(channel="#dev", name="#code", slow=1)):
        assert isinstance(refused(hub, mod, request), NotAllowed)
        assert the_commit(decide(hub, prof, request)).records
    hub.restore([a_channel(7, "#jury", kind="private")])
    assert isinstance(refused(hub, mod, SetChannel(channel="#jury", slow=1)), NotFound)
    with pytest.raises(NotAllowed):
        set_channel(hub, bob, SetChannel(channel="#dev"), NOON)


def test_what_is_so_already(hub: Hub) -> None:
    """Nobody is told again; the channel of all stays open."""
    prof = admin(hub)
    for request in (SetChannel(channel="#dev", slow=0), SetChannel(channel="#dev", name="#dev")):
        assert isinstance(refused(hub, prof, request), AlreadySo)
    assert isinstance(refused(hub, prof, SetChannel(channel="#général", archived=True)), EveryonesChannel)


def test_a_change_of_a_channel_that_is_gone(hub: Hub) -> None:
    hub.restore([ChannelRemoved(channel_id=2, by="prof", at=NOON_MS)])
    assert hub.apply(ChannelSet(channel_id=2, slow=1, at=NOON_MS)) == []
    assert isinstance(ChannelSet(channel_id=2, at=NOON_MS).refusal(""), Conflict)
    error = ChannelSet(channel_id=2, name="#code", at=NOON_MS).refusal("UNIQUE")
    assert isinstance(error, ChannelExists)
    assert error.field == "name"


# -- the name ---------------------------------------------------------------------------------------------------------


def test_a_new_name(hub: Hub) -> None:
    """Whoever is in the channel stays, and hears of it; the new name is taken."""
    bob, prof = in_dev(hub, "bob"), admin(hub)
    (event,) = heard_by(bob, ask(hub, prof, SetChannel(channel="#dev", name="Code")))
    assert isinstance(event, ChannelChanged)
    assert (event.channel, event.was, event.changed) == ("#Code", "#dev", ("name",))
    assert changes_in_words(event).render() == "prof has renamed #dev: it is #Code now."
    assert changes_of(decide(hub, bob, Say(content="hello", channel="#code")))[0].channel_id == 2  # type: ignore[attr-defined]
    assert isinstance(refused(hub, bob, Say(content="hello", channel="#dev")), NotFound)
    assert isinstance(refused(hub, bob, Create(channel="#code")), ChannelExists)
    assert ask(hub, prof, SetChannel(channel="#code", name="#CODE"))  # as it is written, only
    assert channel(hub, "#code").name == "#CODE"


def test_nobody_takes_the_name_that_a_channel_has_left(hub: Hub) -> None:
    """For a day, or messages of those who do not know the new name would go to who was quick; its staff may."""
    bob, prof = in_dev(hub, "bob"), admin(hub)
    ask(hub, prof, SetChannel(channel="#dev", name="#code"))
    for name in ("#dev", "DEV"):
        assert isinstance(refused(hub, bob, Create(channel=name)), BadRequest)
    assert decide(hub, prof, Create(channel="#dev"))
    assert decide(hub, bob, Create(channel="#dev"), NOON + DAY)
    assert ask(hub, prof, SetChannel(channel="#code", name="#dev"))


def test_few_left_names_are_remembered() -> None:
    """The oldest is forgotten first."""
    names = LeftNames()
    for number in range(MOST + 1):
        names.leave(f"n{number}", NOON)
    assert not names.was_left("n0", NOON)
    assert names.was_left("n1", NOON)
    assert names.was_left(f"n{MOST}", NOON + DAY - 1)


def test_names_that_are_not_given(hub: Hub) -> None:
    """Another's, one that looks like another's, a private channel's; and some channels keep theirs."""
    prof = admin(hub)
    hub.restore([a_channel(7, "#jury", kind="private"), a_channel(8, "#listed"), a_channel(9, "#lien")])
    assert isinstance(refused(hub, prof, SetChannel(channel="#dev", name="#lien")), ChannelExists)
    for name in ("#jury", "#Iien", "#global", "#a b"):
        assert isinstance(refused(hub, prof, SetChannel(channel="#dev", name=name)), BadRequest)
    for stays in ("#général", "#admin", "#listed"):
        assert isinstance(refused(hub, prof, SetChannel(channel=stays, name="#other")), NameStays)


# -- what a setting means, wherever something is written --------------------------------------------------------------


def message() -> MessageAdded:
    return MessageAdded(message_id=5, at=NOON_MS, channel_id=2, author="bob", author_id=1, content="before")


def stored() -> StoredMessage:
    return StoredMessage(message=message(), details=Details())


WRITES: dict[str, Callable[[], Request]] = {
    "message": lambda: Say(content="hello", channel="#dev"),
    "command": lambda: Say(content="/me waves"),
    "edit": lambda: ToEdit(asked=Edit(message_id=5, content="after"), found=stored()),
    "react": lambda: ReactionsFound(
        asked=React(message_id=5, emoji="👍"), found=ReactedTo(message=message(), emoji=(), own=())
    ),
    "pin": lambda: PinFound(asked=Pin(message_id=5), found=PinState(message=message())),
    "upload": lambda: UploadFile(name="a.png", size=1, channel="#dev"),
    "typing": lambda: ShowTyping(channel="#dev"),
}
"""Everything by which a member changes what others see in a channel."""


@pytest.mark.parametrize("asked", WRITES)
@pytest.mark.parametrize(("setting", "error"), [("archived", ChannelClosed), ("read_only", ReadOnly)])
def test_who_may_not_write_changes_nothing(hub: Hub, asked: str, setting: str, error: type[ChatError]) -> None:
    """By no request, in no dialect."""
    bob = log_in(hub, "bob", modern=asked != "command")
    ask(hub, bob, Join(channel="#dev"))
    if asked == "command":
        ask(hub, bob, Say(content="/join #dev"))
    setattr(channel(hub, "#dev"), setting, True)
    hub.uploads.room = lambda: 1e9
    hub.new_secret = lambda: "secret"
    assert isinstance(refused(hub, bob, WRITES[asked]()), error)


def test_an_announcement_is_the_staffs(hub: Hub) -> None:
    """It is no message of the channel, so no setting of it keeps people who keep order from announcing."""
    mod = moderator(hub)
    dev = channel(hub, "#dev")
    dev.hold = dev.read_only = dev.archived = True
    dev.slow = 60
    for _ in range(2):
        assert ask(hub, mod, Announce(content="hello", channel="#dev"))


def test_slow(hub: Hub) -> None:
    """A member waits between two messages, by person and channel; who approves messages there does not."""
    channel(hub, "#dev").slow = 30
    bob, ann, mod = in_dev(hub, "bob"), in_dev(hub, "ann"), moderator(hub)
    say = Say(content="hello", channel="#dev")
    for session in (bob, ann, mod, mod):
        assert decide(hub, session, say)
    error = refused(hub, bob, say)
    assert isinstance(error, TooSoon)
    assert (error.code, error.retry_after) == ("rate_limited", 30)
    assert error.text.render() == (
        "In #dev there are 30 s between two messages of one person; you may write again in 30 s."
    )
    with pytest.raises(TooSoon):
        decide(hub, log_in(hub, "bob"), say, NOON + 29)
    assert decide(hub, bob, say, NOON + 30.5)
    assert decide(hub, bob, Say(content="elsewhere"))
    channel(hub, "#dev").slow = 0
    assert decide(hub, bob, say, NOON + 30.5)


def test_a_message_that_is_decided_again_counts_once(hub: Hub) -> None:
    """A reply that waits to be approved is decided three times; after it, the next one is too soon."""
    dev = channel(hub, "#dev")
    dev.slow, dev.hold = 30, True
    bob = in_dev(hub, "bob")
    say = Say(content="hello", channel="#dev", reply_to=5, client_id=1)
    assert isinstance(decide(hub, bob, say)[0], Find)
    assert isinstance(decide(hub, bob, RepliedTo(asked=say, found=message()))[0], Find)
    assert isinstance(changes_of(decide(hub, bob, MayBeResent(asked=say, found=None)))[0], MessageHeld)
    assert isinstance(refused(hub, bob, Say(content="hello", channel="#dev")), TooSoon)


def test_hold(hub: Hub) -> None:
    """Messages wait, by whatever request; an edit is refused, a reaction is nothing to read first."""
    bob = log_in(hub, "bob", modern=False)
    ask(hub, bob, Join(channel="#dev"))
    ask(hub, bob, Say(content="/join #dev"))
    channel(hub, "#dev").hold = True
    for content in ("hello", "/me waves"):
        assert isinstance(changes_of(decide(hub, bob, Say(content=content)))[0], MessageHeld)
    assert isinstance(refused(hub, bob, WRITES["edit"]()), EditWaits)
    assert changes_of(decide(hub, bob, WRITES["react"]()))


def test_guests(hub: Hub) -> None:
    """Those who are in a channel leave it; in the channel of all they read on, and cannot write."""
    zoe, bob, mod = come_in(hub, "zoé"), in_dev(hub, "bob"), moderator(hub)
    ask(hub, zoe, Join(channel="#dev"))
    follow = ask(hub, mod, SetChannel(channel="#dev", guests=False))
    assert Left(channel="#dev", user="zoé") in heard_by(bob, follow)
    assert [type(event) for event in heard_by(zoe, follow)] == [ChannelChanged]
    for request in (Join(channel="#dev"), Say(content="hello", channel="#dev")):
        assert isinstance(refused(hub, zoe, request), NotAllowed)
    ask(hub, mod, SetChannel(channel="#général", guests=False))
    assert zoe in channel(hub, "#général").sessions
    assert isinstance(refused(hub, zoe, Say(content="hello")), NotAllowed)
    assert decide(hub, bob, Say(content="hello"))
    assert decide(hub, operates(hub, "chef", Role.OWNER), Say(content="hello"))
    ask(hub, mod, SetChannel(channel="#général", guests=True))
    assert decide(hub, zoe, Say(content="hello"))


def test_all_changes_in_words() -> None:
    """In one line, for clients that know no such event."""
    told = ChannelChanged(
        channel="#dev",
        was="#d",
        changed=("read_only", "guests", "slow", "hold", "closed", "name"),
        read_only=True,
        guests=False,
        slow=90,
        hold=True,
        closed=True,
        user="mod",
        timestamp=NOON_WRITTEN,
    )
    words = changes_in_words(told).render()
    assert words.startswith(
        "Only moderators write in #dev now. Guests do not write in #dev any more. In #dev there are"
    )
    assert words.endswith("#dev is closed; it can only be read. mod has renamed #d: it is #dev now.")
