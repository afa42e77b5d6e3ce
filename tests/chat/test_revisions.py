"""Messages that are edited and deleted: by whom, who hears of it, and who reads what they said before."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from classcord.chat.channels.vocabulary import ChannelClosed, ChannelRemoved, CloseChannel, Join, Leave
from classcord.chat.connections.vocabulary import Disconnect
from classcord.chat.effects import Commit, Effect, Find
from classcord.chat.errors import AlreadySo, BadRequest, ChatError, NotIdentified, TooLong
from classcord.chat.hub import Hub
from classcord.chat.mentions.vocabulary import MentionedByEdit, MentionsLeft
from classcord.chat.messages.telling import said
from classcord.chat.messages.vocabulary import (
    NO_DETAILS,
    Details,
    Message,
    MessageAdded,
    NoSuchMessage,
    PrivateMessageAdded,
    ReadOnly,
    ReasonNeeded,
    Said,
    SaidInRole,
    Say,
    StoredById,
    StoredMessage,
)
from classcord.chat.people import Session
from classcord.chat.revisions import rules
from classcord.chat.revisions.vocabulary import (
    AlreadyDeleted,
    Delete,
    Deleted,
    EarlierText,
    Edit,
    Edited,
    EditStored,
    MessageChanged,
    MessageDeleted,
    MessageEdited,
    NotTheAuthor,
    StoredVersions,
    ToCompare,
    ToDelete,
    ToEdit,
    TooManyEdits,
    Versions,
    VersionsListed,
    VersionsOf,
)
from classcord.chat.roles import Role
from classcord.chat.sanctions.vocabulary import Mute, NotThisRole
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
    operates,
    person_of,
    records_of,
    the_commit,
    trail_of,
)

EDIT = Edit(message_id=7, content="Bonsoir")
DELETE = Delete(message_id=7)


def message(author: str = "bob", author_id: int | None = None, channel_id: int = 1, number: int = 7) -> MessageAdded:
    return MessageAdded(
        message_id=number, at=NOON_MS, channel_id=channel_id, author=author, author_id=author_id, content="Bonjour"
    )


def private(hub: Hub, author: str, to: str, number: int = 7) -> PrivateMessageAdded:
    """Return a message between two accounts, or with a guest."""
    ids = [account.id if (account := hub.state.account(name)) else None for name in (author, to)]
    parts = sorted(
        str(number) if number else f"~{name.casefold()}" for number, name in zip(ids, (author, to), strict=True)
    )
    return PrivateMessageAdded(
        message_id=number,
        at=NOON_MS,
        conversation=":".join(parts),
        author=author,
        author_id=ids[0],
        recipient=to,
        content="psst",
    )


def own(hub: Hub, name: str, channel_id: int = 1) -> MessageAdded:
    """Return a message of an account."""
    account = hub.state.account(name)
    assert account is not None
    return message(name, account.id, channel_id)


def edited(hub: Hub, session: Session, found: Message | None, details: Details = NO_DETAILS) -> list[Effect]:
    """Decide an edit; the store finds this."""
    assert decide(hub, session, EDIT) == [Find(EDIT, StoredById(message_id=7), ToEdit)]
    stored = None if found is None else StoredMessage(message=found, details=details)
    return decide(hub, session, ToEdit(asked=EDIT, found=stored))


def deleted(hub: Hub, session: Session, found: Message | None, details: Details = NO_DETAILS) -> list[Effect]:
    """Decide a deletion; the store finds this."""
    assert decide(hub, session, DELETE) == [Find(DELETE, StoredById(message_id=7), ToDelete)]
    stored = None if found is None else StoredMessage(message=found, details=details)
    return decide(hub, session, ToDelete(asked=DELETE, found=stored))


def compared(hub: Hub, session: Session, found: StoredVersions | None, reason: str = "") -> list[Effect]:
    request = Versions(message_id=7, reason=reason)
    assert decide(hub, session, request) == [Find(request, VersionsOf(message_id=7), ToCompare)]
    return decide(hub, session, ToCompare(asked=request, found=found))


# -- one's own --------------------------------------------------------------------------------------------------------


def test_an_edit() -> None:
    """It is stored with the time, and everyone in the channel hears the new words, the author's other sessions too."""
    hub = a_hub()
    bob, phone, zoe = log_in(hub, "bob"), log_in(hub, "bob"), come_in(hub, "Zoé")
    effects = edited(hub, bob, own(hub, "bob"))
    first, second, third = changes_of(effects)
    assert first == MessageEdited(message_id=7, at=NOON_MS, author="bob", author_id=1, channel_id=1, content="Bonsoir")
    assert second == MessageChanged(message_id=7, newest=0, edited_at=NOON_MS)
    assert third == MentionsLeft(message_id=7, user_ids=())
    assert the_commit(effects).answer == EditStored(message_id=7, edited_at=NOON_WRITTEN)
    follow = commit(hub, effects)
    event = Edited(message_id=7, sender="bob", channel="#général", content="Bonsoir", edited_at=NOON_WRITTEN)
    assert heard_by(zoe, follow) == heard_by(phone, follow) == [event]
    assert heard_by(bob, follow) == []


def test_an_edit_that_mentions_people() -> None:
    """Their mentions are stored for those who may read the message, and the event tells all of them."""
    hub = a_hub()
    bob, zoe = log_in(hub, "bob"), log_in(hub, "Zoé")
    asked = msgspec.structs.replace(EDIT, content="@Zoé @bob @nobody")
    found = StoredMessage(message=own(hub, "bob"), details=NO_DETAILS)
    effects = decide(hub, bob, ToEdit(asked=asked, found=found))
    assert [*changes_of(effects)][2:] == [
        MentionsLeft(message_id=7, user_ids=(2,)),
        MentionedByEdit(message_id=7, user_id=2),
    ]
    (event,) = heard_by(zoe, commit(hub, effects))
    assert isinstance(event, Edited)
    assert event.mentions == ("Zoé",)


def test_a_deletion() -> None:
    """The message stays without words; everyone in the channel hears that it has none, and who has deleted it."""
    hub = a_hub()
    bob, zoe = log_in(hub, "bob"), come_in(hub, "Zoé")
    effects = deleted(hub, bob, own(hub, "bob"))
    first, second = changes_of(effects)
    assert first == MessageDeleted(message_id=7, at=NOON_MS, author="bob", author_id=1, channel_id=1)
    assert second == MessageChanged(message_id=7, newest=0, deleted_at=NOON_MS, deleted_by="bob")
    assert trail_of(effects) == []
    event = Deleted(message_id=7, sender="bob", channel="#général", deleted_at=NOON_WRITTEN)
    assert heard_by(zoe, commit(hub, effects)) == [event]


def test_what_history_shows() -> None:
    """An edited message has its new words with the time, a deleted one none; both as they were read in one moment."""
    hub = a_hub()
    now = said(hub, message(), Details(edited_at=NOON_MS, content="Bonsoir"))
    assert (now.content, now.edited_at, now.deleted) == ("Bonsoir", NOON_WRITTEN, msgspec.UNSET)
    gone = said(hub, message(), Details(edited_at=NOON_MS, deleted_at=NOON_MS, content=""))
    assert (gone.content, gone.edited_at, gone.deleted) == ("", msgspec.UNSET, True)


def test_a_private_message() -> None:
    """Its recipient hears of it in all sessions, as of a message of the author; the author's other sessions too."""
    hub = a_hub()
    for name in ("ann", "bob"):
        add_account(hub, name)
    ann, bob, phone, eve = log_in(hub, "ann"), log_in(hub, "bob"), log_in(hub, "bob"), log_in(hub, "eve")
    old = log_in(hub, "bob", modern=False)
    follow = commit(hub, edited(hub, bob, private(hub, "bob", "ann")))
    event = Edited(message_id=7, sender="bob", user="bob", to="ann", content="Bonsoir", edited_at=NOON_WRITTEN)
    assert heard_by(ann, follow) == [event]
    assert heard_by(phone, follow) == [msgspec.structs.replace(event, user="ann")]
    assert heard_by(bob, follow) == heard_by(old, follow) == heard_by(eve, follow) == []
    follow = commit(hub, deleted(hub, bob, private(hub, "bob", "ann")))
    assert heard_by(ann, follow) == [Deleted(message_id=7, sender="bob", user="bob", deleted_at=NOON_WRITTEN)]


def test_a_private_message_to_oneself() -> None:
    """All other modern sessions hear of it once."""
    hub = a_hub()
    bob, phone = log_in(hub, "bob"), log_in(hub, "bob")
    follow = commit(hub, edited(hub, bob, private(hub, "bob", "bob")))
    assert len(heard_by(phone, follow)) == 1
    assert heard_by(bob, follow) == []


def test_a_recipient_who_is_away_or_gone() -> None:
    """Nobody hears of it; who has the name of a guest since then is somebody else."""
    hub = a_hub()
    bob, zoe = log_in(hub, "bob"), come_in(hub, "Zoé")
    assert heard_by(zoe, commit(hub, edited(hub, bob, private(hub, "bob", "Zoé")))) != []
    ask(hub, zoe, Disconnect())
    hub.state.applied = 7
    again = come_in(hub, "Zoé")
    assert commit(hub, edited(hub, bob, private(hub, "bob", "Zoé"))) == []
    assert heard_by(again, commit(hub, deleted(hub, bob, private(hub, "bob", "Zoé")))) == []


def test_a_channel_deleted_while_it_is_stored() -> None:
    """Nobody reads there any more."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club", "open")])
    bob = log_in(hub, "bob")
    ask(hub, bob, Join(channel="#club"))
    effects = edited(hub, bob, own(hub, "bob", 9))
    hub.apply(ChannelRemoved(channel_id=9, by="root", at=NOON_MS))
    assert commit(hub, effects) == []


# -- as what is said --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "why"), [("", BadRequest), (" \n", BadRequest), ("a\0", BadRequest), ("x" * 11, TooLong)]
)
def test_a_text_that_may_not_be_said(content: str, why: type[ChatError]) -> None:
    """It is refused before the store is asked."""
    hub = a_hub(content_chars=10)
    with pytest.raises(why) as refusal:
        decide(hub, log_in(hub, "bob"), Edit(message_id=7, content=content))
    assert refusal.value.field == "content"


def test_who_may_not_write_edits_nothing() -> None:
    """A muted author, one in a closed channel, in a read-only one; deleting stays possible but where it is closed."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club", "open"), a_channel(8, "#infos", "open", read_only=True)])
    bob, mod = log_in(hub, "bob"), moderator(hub)
    add_account(hub, "root", "owner")
    for channel in ("#club", "#infos"):
        ask(hub, bob, Join(channel=channel))
    with pytest.raises(ReadOnly):
        edited(hub, bob, own(hub, "bob", 8))
    assert deleted(hub, bob, own(hub, "bob", 8))
    decide(hub, bob, EDIT)
    ask(hub, mod, Mute(user="bob"))
    with pytest.raises(ChatError, match="You may not write"):
        decide(hub, bob, EDIT)
    with pytest.raises(ChatError, match="You may not write"):
        decide(hub, bob, ToEdit(asked=EDIT, found=StoredMessage(message=own(hub, "bob"), details=NO_DETAILS)))
    assert deleted(hub, bob, own(hub, "bob"))
    ask(hub, log_in(hub, "root"), CloseChannel(channel="#club"))
    with pytest.raises(ChannelClosed):
        deleted(hub, bob, own(hub, "bob", 9))


def test_an_edit_in_a_closed_channel() -> None:
    """It can only be read; a moderator still deletes there."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club", "open")])
    add_account(hub, "root", "owner")
    bob, mod = log_in(hub, "bob"), moderator(hub)
    for session in (bob, mod):
        ask(hub, session, Join(channel="#club"))
    ask(hub, log_in(hub, "root"), CloseChannel(channel="#club"))
    with pytest.raises(ChannelClosed):
        edited(hub, bob, own(hub, "bob", 9))
    assert deleted(hub, mod, own(hub, "bob", 9))
    assert deleted(hub, mod, own(hub, "mod", 9))


def test_what_changes_nothing() -> None:
    """The same words, a deleted message, too many edits: each is a refusal, and nothing is stored."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    same = msgspec.structs.replace(own(hub, "bob"), content="Bonsoir")
    with pytest.raises(AlreadySo):
        edited(hub, bob, same)
    for decided in (edited, deleted):
        with pytest.raises(AlreadyDeleted):
            decided(hub, bob, own(hub, "bob"), Details(deleted_at=NOON_MS))
    assert edited(hub, bob, own(hub, "bob"), Details(edits=rules.MOST_EDITS - 1))
    with pytest.raises(TooManyEdits):
        edited(hub, bob, own(hub, "bob"), Details(edits=rules.MOST_EDITS))


def test_the_loser_of_a_race_hears_that_it_is_deleted() -> None:
    """The record's own statement decides; its refusal is a conflict."""
    record = MessageDeleted(message_id=7, at=NOON_MS, author="bob", channel_id=1)
    assert isinstance(record.refusal(""), AlreadyDeleted)
    assert record.refusal("").code == "conflict"


# -- whose it is ------------------------------------------------------------------------------------------------------


def test_a_guests_own() -> None:
    """What was said while this guest is here, in a channel and to one person; nothing older than the arrival."""
    hub = a_hub()
    add_account(hub, "bob")
    hub.state.applied = 6
    zoe = come_in(hub, "Zoé")
    mine: Message = message("Zoé")
    whispered: Message = private(hub, "Zoé", "bob")
    for decided, found in itertools.product((edited, deleted), (mine, whispered)):
        assert changes_of(decided(hub, zoe, found))
    for gone in (Details(author_gone=True), Details(author_role="admin")):
        with pytest.raises(NotTheAuthor):
            edited(hub, zoe, mine, gone)
    ask(hub, zoe, Disconnect())
    hub.state.applied = 7
    later = come_in(hub, "Zoé")
    for decided in (edited, deleted):
        with pytest.raises(NotTheAuthor):
            decided(hub, later, mine)
        with pytest.raises(NoSuchMessage):
            decided(hub, later, whispered)


def test_an_account_of_a_guests_name() -> None:
    """It may not touch what a guest of that name has said."""
    hub = a_hub()
    zoe = log_in(hub, "Zoé")
    with pytest.raises(NotTheAuthor):
        edited(hub, zoe, message("Zoé"))


def test_an_operators_own() -> None:
    """An operator without an account is known by the name and the stored role; one by password by the account."""
    hub = a_hub()
    key = operates(hub, "dupont", Role.MODERATOR)
    assert changes_of(edited(hub, key, message("dupont"), Details(author_role="moderator")))
    with pytest.raises(NotTheAuthor):
        edited(hub, key, message("dupont"))
    with pytest.raises(NotTheAuthor):
        edited(hub, key, message("dupond"), Details(author_role="moderator"))
    add_account(hub, "head", "owner")
    head = operates(hub, "head", Role.OWNER, by="password")
    assert changes_of(edited(hub, head, own(hub, "head")))


def test_an_operators_role_is_stored_with_the_message() -> None:
    """Only where no account tells it: history shows it as it was said."""
    hub = a_hub()
    key, zoe = operates(hub, "dupont", Role.ADMIN), come_in(hub, "Zoé")
    effects = decide(hub, key, Say(content="Bonjour"))
    added, role = changes_of(effects)
    assert isinstance(added, MessageAdded)
    assert role == SaidInRole(message_id=added.message_id, role="admin")
    (live,) = heard_by(zoe, commit(hub, effects))
    row = msgspec.structs.replace(added, author_role=None)
    assert live == said(hub, row, Details(author_role="admin"))
    add_account(hub, "head", "owner")
    assert len(records_of(decide(hub, operates(hub, "head", Role.OWNER, by="password"), Say(content="x")))) == 1


def test_roles_of_authors() -> None:
    """An account's is its role now, a guest's guest; of a deleted account nothing is said."""
    hub = a_hub()
    account = add_account(hub, "bob")
    assert said(hub, own(hub, "bob")).role == "member"
    account.role = Role.ADMIN
    assert said(hub, own(hub, "bob")).role == "admin"
    assert said(hub, message("Zoé")).role == "guest"
    assert said(hub, message("Zoé"), Details(author_gone=True)).role is msgspec.UNSET
    assert said(hub, message("eve", 4000)).role is msgspec.UNSET


# -- others' ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", list(Role))
@pytest.mark.parametrize("actor", list(Role))
def test_who_deletes_whose(actor: Role, target: Role) -> None:
    """Moderators delete what people below them have said, owners what anybody has; nobody edits another's words."""
    hub = a_hub()
    if actor is Role.GUEST:
        session = come_in(hub, "somebody")
    else:
        add_account(hub, "somebody", actor.label)
        session = log_in(hub, "somebody")
    found = message("Zoé") if target is Role.GUEST else message("eve", add_account(hub, "eve", target.label).id)
    with pytest.raises(NotTheAuthor):
        edited(hub, session, found)
    if actor < Role.MODERATOR:
        with pytest.raises(NotTheAuthor):
            deleted(hub, session, found)
    elif actor > target or actor is Role.OWNER:
        effects = deleted(hub, session, found)
        (record, _) = changes_of(effects)
        assert isinstance(record, MessageDeleted)
        assert record.by_moderator
        (entry,) = trail_of(effects)
        assert (entry.action, entry.object_id) == ("message-deleted", "7")
        assert "Bonjour" not in f"{entry.before}{entry.after}"
    else:
        with pytest.raises(NotThisRole):
            deleted(hub, session, found)


def test_the_author_hears_who_has_deleted_it() -> None:
    """The event names the moderator."""
    hub = a_hub()
    bob, mod = log_in(hub, "bob"), moderator(hub)
    (event,) = heard_by(bob, commit(hub, deleted(hub, mod, own(hub, "bob"))))
    assert event == Deleted(message_id=7, sender="mod", channel="#général", deleted_at=NOON_WRITTEN)


def test_an_operators_message_is_protected_by_its_role() -> None:
    """A moderator deletes no message of an owner's key."""
    hub = a_hub()
    with pytest.raises(NotThisRole):
        deleted(hub, moderator(hub), message("root"), Details(author_role="owner"))


@pytest.mark.parametrize("kind", ["open", "approval", "private"])
def test_what_one_may_not_read_does_not_exist(kind: str) -> None:
    """For every role, for edits and deletions: a message elsewhere is answered as one that there is not."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club", kind)])
    for name in ("ann", "bob"):
        add_account(hub, name)
    sessions = [come_in(hub, "Zoé")]
    for role in list(Role)[1:]:
        add_account(hub, role.label, role.label)
        sessions.append(log_in(hub, role.label))
    elsewhere = (message(channel_id=9), message(channel_id=4000), private(hub, "ann", "bob"), None)
    told = set()
    for session, found, decided in itertools.product(sessions, elsewhere, (edited, deleted)):
        for details in (NO_DETAILS, Details(deleted_at=NOON_MS)):
            with pytest.raises(NoSuchMessage) as refusal:
                decided(hub, session, found, details)
            told.add((refusal.value.code, refusal.value.field, refusal.value.text.render()))
    assert told == {("not_found", "message_id", "There is no message 7 here.")}


def test_who_has_left_a_channel() -> None:
    """One's own words there are out of reach, too."""
    hub = a_hub()
    hub.restore([a_channel(9, "#club", "open")])
    bob = log_in(hub, "bob")
    ask(hub, bob, Join(channel="#club"))
    assert edited(hub, bob, own(hub, "bob", 9))
    ask(hub, bob, Leave(channel="#club"))
    for decided in (edited, deleted):
        with pytest.raises(NoSuchMessage):
            decided(hub, bob, own(hub, "bob", 9))


def test_nobody_deletes_a_private_message_of_another() -> None:
    """Not its recipient, who reads it, whatever the role; not an owner at the console."""
    hub = a_hub()
    add_account(hub, "bob")
    add_account(hub, "root", "owner")
    root = log_in(hub, "root")
    for decided in (edited, deleted):
        with pytest.raises(NotTheAuthor):
            decided(hub, root, private(hub, "bob", "root"))
    with pytest.raises(NoSuchMessage):
        deleted(hub, operates(hub, "head", Role.OWNER), private(hub, "bob", "root"))


@pytest.mark.parametrize("request_", [ToEdit(asked=EDIT, found=None), ToDelete(asked=DELETE, found=None)])
def test_who_has_gone_meanwhile(request_: ToEdit | ToDelete) -> None:
    """What the store finds for a session that is nobody's any more changes nothing."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    bob.person = None
    with pytest.raises(NotIdentified):
        decide(hub, bob, request_)


# -- what was there before --------------------------------------------------------------------------------------------

BEFORE = (EarlierText(at=NOON_MS, content="Bonjour"),)
LATER = NOON_MS + 1000


def test_moderators_read_what_a_message_said_before() -> None:
    """Of a channel that they may see, with what it says now; each look is in the audit trail."""
    hub = a_hub()
    key = operates(hub, "dupont", Role.MODERATOR)
    now = msgspec.structs.replace(message(), content="Bonsoir")
    stored = StoredMessage(message=now, details=Details(edited_at=LATER, edits=1, content="Bonsoir"))
    effects = compared(hub, key, StoredVersions(stored=stored, before=BEFORE))
    answer = the_commit(effects).answer
    assert isinstance(answer, VersionsListed)
    assert [(each.user, each.content) for each in answer.versions] == [("bob", "Bonjour"), ("bob", "Bonsoir")]
    (entry,) = trail_of(effects)
    assert (entry.action, entry.object_id) == ("read-versions", "7")
    gone = StoredMessage(message=now, details=Details(deleted_at=LATER))
    answer = the_commit(compared(hub, key, StoredVersions(stored=gone, before=BEFORE))).answer
    assert isinstance(answer, VersionsListed)
    assert [each.content for each in answer.versions] == ["Bonjour"]


def test_what_a_moderator_has_deleted_is_sealed() -> None:
    """A moderator sees that it is kept; an owner who gives a reason reads it, and the audit trail says so."""
    hub = a_hub()
    gone = message("Zoé")
    (_, changed) = changes_of(deleted(hub, moderator(hub), gone))
    assert isinstance(changed, MessageChanged)
    assert changed.sealed
    details = Details(deleted_at=LATER, deleted_by="mod", sealed=True)
    stored = StoredVersions(stored=StoredMessage(message=gone, details=details), before=BEFORE)
    owner, admin = operates(hub, "root", Role.OWNER), operates(hub, "dupont", Role.ADMIN)
    for session, reason, shown, action in (
        (admin, "", [("", True)], "read-versions"),
        (owner, "", [("", True)], "read-versions"),
        (owner, "plainte", [("Bonjour", False)], "read-sealed"),
    ):
        effects = compared(hub, session, stored, reason)
        answer = the_commit(effects).answer
        assert isinstance(answer, VersionsListed)
        assert [(each.content, each.sealed) for each in answer.versions] == shown
        (entry,) = trail_of(effects)
        assert entry.action == action
        assert ("plainte" in (entry.after or "")) is bool(reason)
    with pytest.raises(ReasonNeeded):
        decide(hub, admin, Versions(message_id=7, reason="plainte"))


def test_versions_of_a_private_message() -> None:
    """Only an owner who gives a reason; for all others there is no such message, or the reason is refused."""
    hub = a_hub()
    for name in ("ann", "bob"):
        add_account(hub, name)
    stored = StoredVersions(stored=StoredMessage(message=private(hub, "ann", "bob"), details=NO_DETAILS), before=BEFORE)
    owner, admin = operates(hub, "root", Role.OWNER), operates(hub, "dupont", Role.ADMIN)
    assert isinstance(compared(hub, owner, stored, "plainte du 12 mars")[0], Commit)
    for session, found in ((owner, stored), (admin, stored), (admin, None)):
        with pytest.raises(NoSuchMessage):
            compared(hub, session, found)
    with pytest.raises(ReasonNeeded):
        decide(hub, admin, Versions(message_id=7, reason="plainte du 12 mars"))


def test_versions_of_a_channel_that_one_may_not_see() -> None:
    """A private channel's are for its members, and for operators who see all channels."""
    hub = a_hub()
    hub.restore([a_channel(9, "#jury", "private")])
    stored = StoredVersions(stored=StoredMessage(message=message(channel_id=9), details=NO_DETAILS), before=BEFORE)
    with pytest.raises(NoSuchMessage):
        compared(hub, operates(hub, "dupont", Role.MODERATOR), stored)
    assert compared(hub, operates(hub, "root", Role.ADMIN), stored)


def test_a_message_shown_live_has_no_details() -> None:
    """What was just said is as its record is."""
    hub = a_hub()
    bob, zoe = log_in(hub, "bob"), come_in(hub, "Zoé")
    (event,) = heard_by(zoe, ask(hub, bob, Say(content="x")))
    assert isinstance(event, Said)
    assert (event.reply_to, event.edited_at, event.deleted) == (msgspec.UNSET,) * 3
    assert person_of(bob).came_after == 0


# -- for who was away -------------------------------------------------------------------------------------------------


def test_the_hub_knows_whether_anything_has_changed() -> None:
    """So that nothing is looked up for a session that has missed no change."""
    hub = a_hub()
    hub.apply(MessageChanged(message_id=3, newest=5, edited_at=NOON_MS))
    hub.apply(MessageChanged(message_id=2, newest=4, edited_at=NOON_MS))
    assert hub.state.changed == 5


def test_a_private_message_is_changed_as_it_is_said() -> None:
    """Of a recipient who keeps order, too; a deletion is shown with the words that are confirmed."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    mod = moderator(hub)
    assert heard_by(mod, commit(hub, edited(hub, bob, private(hub, "bob", "mod"))))
    assert DELETE.consequence(str).render() == "Delete the message 7; this cannot be undone"
