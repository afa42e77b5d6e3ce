"""Client ids: whose they are, what tells two messages apart, and what is asked of the store."""

from __future__ import annotations

import msgspec
import pytest

from classcord.chat.audit.vocabulary import Audited
from classcord.chat.channels.vocabulary import MemberAdded
from classcord.chat.connections.vocabulary import Disconnect
from classcord.chat.effects import Effect, Find, Reply
from classcord.chat.errors import BadRequest, NotFound, NotIdentified
from classcord.chat.messages.vocabulary import (
    Acknowledged,
    MessageAdded,
    PrivateMessageAdded,
    RefusedResend,
    Say,
    SayPrivately,
)
from classcord.chat.records import Record
from classcord.chat.resends.rules import KEPT, digest, to_forget
from classcord.chat.resends.vocabulary import ClientIdKept, ClientIdsForgotten, Named, SentBefore
from tests.chat.hubs import NOON, NOON_MS, NOON_WRITTEN, a_hub, add_account, ask, come_in, decide, log_in, the_commit


def records(effects: list[Effect]) -> tuple[Record, ...]:
    return the_commit(effects).records


def test_a_message_keeps_its_client_id() -> None:
    """The client id is stored with the message, in one commit; 7 and "7" are the same."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    for client_id in (7, "7"):
        message, named = records(decide(hub, bob, Say(content="hello", client_id=client_id)))
        assert isinstance(message, MessageAdded)
        assert isinstance(named, ClientIdKept)
        assert (named.owner, named.client_id, named.message_id, named.at) == ("1", "7", message.message_id, NOON_MS)


def test_without_a_client_id() -> None:
    """A message without one is a message alone."""
    hub = a_hub()
    assert len(records(decide(hub, log_in(hub, "bob"), Say(content="hello")))) == 1


def test_a_message_that_joins() -> None:
    """What goes with the message is refused with it, so its client id is in the same commit."""
    hub = a_hub()
    kinds = [
        type(r) for r in records(decide(hub, log_in(hub, "bob"), Say(content="hi", channel="#dev", client_id="a")))
    ]
    assert kinds == [MemberAdded, MessageAdded, ClientIdKept, Audited]


def test_a_private_message() -> None:
    """A private message has one too; the same words to somebody else are another message."""
    hub = a_hub()
    add_account(hub, "alice")
    add_account(hub, "carol")
    bob = log_in(hub, "bob")
    kept = []
    for to in ("alice", "carol", "ALICE"):
        message, named = records(decide(hub, bob, SayPrivately(to=to, content="psst", client_id="a")))
        assert isinstance(message, PrivateMessageAdded)
        assert isinstance(named, ClientIdKept)
        kept.append(named.said)
    assert kept[0] == kept[2] != kept[1]


def test_all_sessions_of_an_account_have_one_list() -> None:
    """A client id is unique for an account, whichever session sends it."""
    hub = a_hub()
    owners = {
        record.owner
        for session in (log_in(hub, "bob"), log_in(hub, "bob"))
        for record in records(decide(hub, session, Say(content="hello", client_id="a")))
        if isinstance(record, ClientIdKept)
    }
    assert owners == {"1"}


def test_guests_have_lists_of_their_own() -> None:
    """Two guests whose clients both count from 1 lose no message, even if the second has the name of the first."""
    hub = a_hub()
    owners = set()
    for _ in range(2):
        guest = come_in(hub, "zoé")
        owners |= {r.owner for r in records(decide(hub, guest, Say(content="1", client_id=1))) if hasattr(r, "owner")}
    assert len(owners) == 2
    assert all(owner.startswith("~") for owner in owners)


def test_a_classic_client_names_nothing() -> None:
    """In a dialect that acknowledges no message, a field of this name means nothing: nobody could hear of a resend."""
    hub = a_hub()
    bob = log_in(hub, "bob", modern=False)
    assert len(records(decide(hub, bob, Say(content="hello", client_id="a")))) == 1


@pytest.mark.parametrize(
    ("place", "content"), [(2, "hello"), (1, "Hello"), (1, "hello "), ("@1", "hello"), ("@~1", "hello"), (1, "\ud800")]
)
def test_other_messages_have_other_digests(place: int | str, content: str) -> None:
    """Another channel, person, text or message that is answered is another message."""
    assert digest(1, "hello", 7) != digest(1, "hello")
    assert digest(place, content) != digest(1, "hello")


def test_applying_changes_nothing() -> None:
    """The hub remembers no client id: the store does."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    ask(hub, bob, Say(content="hello", client_id="a"))
    assert hub.apply(to_forget(NOON)) == []


def test_forgetting() -> None:
    """Client ids are forgotten after a week, some at a time."""
    forgotten = to_forget(NOON)
    assert isinstance(forgotten, ClientIdsForgotten)
    assert forgotten.before == NOON_MS - KEPT * 1000 == NOON_MS - 7 * 86_400_000
    assert forgotten.most > 0


def test_a_refused_message_may_be_stored() -> None:
    """Before a message with a client id is refused, the store is asked whether it is there; without one it is not."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    asked = SayPrivately(to="nobody", content="psst", client_id="a")
    (find,) = decide(hub, bob, asked)
    assert find == Find(asked, Named(owner="1", client_id="a"), RefusedResend)
    for request in (SayPrivately(to="nobody", content="psst"), SayPrivately(to="nobody", content=" ", client_id="a")):
        with pytest.raises(NotFound if request.client_id is None else BadRequest):
            decide(hub, bob, request)
    stored = ClientIdKept(owner="1", client_id="a", message_id=7, at=NOON_MS, said=digest("@9", "psst"))
    answer = Acknowledged(message_id=7, timestamp=NOON_WRITTEN)
    assert decide(hub, bob, RefusedResend(asked=asked, found=stored)) == [Reply(asked, answer)]
    for found in (None, msgspec.structs.replace(stored, said=digest("@9", "other"))):
        with pytest.raises(NotFound):
            decide(hub, bob, RefusedResend(asked=asked, found=found))
    ask(hub, bob, Disconnect())
    with pytest.raises(NotIdentified):
        decide(hub, bob, RefusedResend(asked=asked, found=None))


def test_what_the_store_says_of_a_client_id() -> None:
    """Another message under the same id is a conflict that names the field; the same one has its id and time."""
    hub = a_hub()
    _, named = records(decide(hub, log_in(hub, "bob"), Say(content="hello", client_id="a")))
    refusal = named.refusal("UNIQUE constraint failed")
    assert (refusal.code, refusal.field) == ("conflict", "client_id")
    before = SentBefore(7, NOON_MS)
    assert (before.message_id, before.at, before.args) == (7, NOON_MS, (7, NOON_MS))
