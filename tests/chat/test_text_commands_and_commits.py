"""Commands in the text of a message: what they change is true when it is committed, and not before."""

from __future__ import annotations

import pytest

from classcord.chat.channels.vocabulary import NotInChannel
from classcord.chat.effects import Commit
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Login
from classcord.chat.messages.vocabulary import MessageAdded, Say
from classcord.chat.people import Session
from classcord.chat.text_commands.vocabulary import Explained
from tests.chat.hubs import a_channel, a_hub, add_account, ask, channel, checked, connect, decide, the_commit


@pytest.fixture
def hub() -> Hub:
    hub = a_hub()
    hub.restore([a_channel(4, "#club", kind="approval", guests=False)])
    return hub


@pytest.fixture
def alice(hub: Hub) -> Session:
    add_account(hub, "alice")
    session = connect(hub, modern=False)
    ask(hub, session, checked(hub, Login(username="alice", password="azerty"), "alice"))
    return session


def goes_to(hub: Hub, session: Session) -> int:
    """Return the channel to which a plain message goes."""
    message = the_commit(decide(hub, session, Say(content="hello"))).records[-1]
    assert isinstance(message, MessageAdded)
    return message.channel_id


@pytest.mark.parametrize("before", [[], ["/join #dev"], ["/join #dev", "/join general"]])
def test_join_that_is_not_stored_changes_nothing(hub: Hub, alice: Session, before: list[str]) -> None:
    """A first `/join` enters the channel; a later one only says where the messages go, or that they go to all again."""
    for text in before:
        ask(hub, alice, Say(content=text))
    was = goes_to(hub, alice)
    lost = decide(hub, alice, Say(content="/join general" if was == 2 else "/join #dev"))
    hub.abandon(the_commit(lost).records)
    assert goes_to(hub, alice) == was


@pytest.mark.parametrize("text", ["/leave", "/leave #dev"])
def test_leave_that_is_not_stored_changes_nothing(hub: Hub, alice: Session, text: str) -> None:
    """What was meant for few does not go to everyone, because the disk is full or somebody has left too often."""
    ask(hub, alice, Say(content="/join #dev"))
    left = the_commit(decide(hub, alice, Say(content=text)))
    hub.abandon(left.records)
    assert goes_to(hub, alice) == channel(hub, "#dev").id
    ask(hub, alice, Say(content=text))
    assert goes_to(hub, alice) == channel(hub, "#général").id


def test_the_session_waits_for_the_change(hub: Hub, alice: Session) -> None:
    """A message that is typed right after a command is decided after it."""
    for text in ("/join #dev", "/join #dev", "/leave", "/leave"):
        effects = decide(hub, alice, Say(content=text))
        assert [effect.holds for effect in effects if isinstance(effect, Commit)] == [True]
        ask(hub, alice, Say(content=text))


def test_leave_takes_a_request_back(hub: Hub, alice: Session) -> None:
    """Who only waits to be admitted has left nothing, and reads what has happened; the messages go where they went."""
    for text in ("/join #dev", "/join #club"):
        ask(hub, alice, Say(content=text))
    taken_back = the_commit(decide(hub, alice, Say(content="/leave #club")))
    assert sentences(taken_back) == ["Your request for {channel} is withdrawn."]
    ask(hub, alice, Say(content="/leave #club"))
    assert goes_to(hub, alice) == channel(hub, "#dev").id
    with pytest.raises(NotInChannel):
        decide(hub, alice, Say(content="/leave #club"))


def sentences(commit: Commit) -> list[str]:
    """Return the answer's sentences, before their names are put in."""
    assert isinstance(commit.answer, Explained)
    return [sentence.template for sentence in commit.answer.sentences]
