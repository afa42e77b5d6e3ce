"""A right is asked again when the store has answered: who has lost it meanwhile gets nothing, whatever was found."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.accounts.vocabulary import PasswordChanged
from classcord.chat.channels.vocabulary import ChannelRemoved, Join, Leave, NotInChannel
from classcord.chat.conversations.vocabulary import (
    Conversations,
    ConversationsFound,
    ConversationsPage,
    Marker,
    MarkerFound,
    MarkRead,
    StoredConversation,
)
from classcord.chat.effects import Query
from classcord.chat.errors import NotAllowed, NotIdentified, PasswordExpired
from classcord.chat.evidence.vocabulary import Evidence, ToProve
from classcord.chat.files.vocabulary import FileBytes, UploadFile, UploadWanted
from classcord.chat.held_messages.vocabulary import MayBeResent
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Logout
from classcord.chat.messages.history import check_may_read_still
from classcord.chat.messages.vocabulary import (
    NO_DETAILS,
    History,
    ReasonNeeded,
    RefusedResend,
    RepliedTo,
    Say,
    StoredMessage,
)
from classcord.chat.people import Session
from classcord.chat.pins.vocabulary import Pin, PinFound, Pins, PinsFound, PinState
from classcord.chat.privacy.vocabulary import DataFound, DataPart, ExportMyData
from classcord.chat.profiles.vocabulary import PersonProfile, ProfileFound, StoredProfile
from classcord.chat.questions import Found
from classcord.chat.reactions.vocabulary import React, ReactedTo, ReactionsFound
from classcord.chat.reports.vocabulary import (
    MessageAndAround,
    Report,
    ReportDetails,
    Reports,
    ToList,
    ToReport,
    ToReportInText,
    ToShow,
)
from classcord.chat.requests import subclasses
from classcord.chat.retention.vocabulary import OldRows, Retention, RetentionFound, RowCounts, StoredPurge
from classcord.chat.revisions.vocabulary import (
    Delete,
    Edit,
    StoredVersions,
    ToCompare,
    ToDelete,
    ToEdit,
    Versions,
)
from classcord.chat.roles import Role
from classcord.chat.sanctions.vocabulary import Mute, Muted
from classcord.chat.search.vocabulary import MessagesSought, Page, SearchMessages
from tests.chat.hubs import NOON_MS, a_hub, add_account, ask, connect, decide, log_in, moderator, operates
from tests.chat.stored import message

STORED = StoredMessage(message=message(), details=NO_DETAILS)
AROUND = MessageAndAround(stored=STORED, before=(), around=())
FOUND: tuple[Found, ...] = (
    UploadWanted(asked=UploadFile(name="a.png", size=1), found=FileBytes()),
    RepliedTo(asked=Say(content="x", reply_to=7), found=message()),
    RefusedResend(asked=Say(content="x", client_id="a"), found=None),
    MayBeResent(asked=Say(content="x", client_id="a"), found=None),
    ConversationsFound(
        asked=Conversations(),
        found=ConversationsPage(
            conversations=(StoredConversation(conversation="1:2", newest=7, last_read=0, unread=1),), more=False
        ),
    ),
    MarkerFound(asked=MarkRead(message_id=7), found=Marker(last_read=0, newest=7)),
    ProfileFound(asked=PersonProfile(status_text="bof"), found=StoredProfile()),
    PinFound(asked=Pin(message_id=7), found=PinState(message=message())),
    RetentionFound(
        asked=Retention(),
        found=OldRows(
            counts=RowCounts(),
            free=0,
            last=StoredPurge(number=0, at=0, swept=True, ended_at=0, counts=RowCounts()),
        ),
    ),
    PinsFound(asked=Pins(), found=(STORED,)),
    ToEdit(asked=Edit(message_id=7, content="bof"), found=STORED),
    ToDelete(asked=Delete(message_id=7), found=STORED),
    ToCompare(asked=Versions(message_id=7), found=StoredVersions(stored=STORED, before=())),
    ReactionsFound(asked=React(message_id=7, emoji="👍"), found=ReactedTo(message=message())),
    DataFound(asked=ExportMyData(), found=DataPart(kept=())),
    ToReport(asked=Report(message_id=7), found=AROUND),
    ToReportInText(asked=Say(content="/report eve"), found=AROUND),
    ToList(asked=Reports(), found=()),
    ToShow(asked=ReportDetails(report_id=1), found=None),
    ToProve(asked=Evidence(report_id=1), found=None),
    MessagesSought(asked=SearchMessages(query="x"), found=Page(messages=(message(),), details={}, following=None)),
)
by_name = pytest.mark.parametrize("found", FOUND, ids=lambda found: type(found).__name__)


def test_every_answer_is_in_the_list() -> None:
    assert {type(each) for each in FOUND} == set(subclasses(Found))


@by_name
def test_whoever_has_left_gets_nothing(found: Any) -> None:
    """The session is there, and nobody is logged in on it any more."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    ask(hub, bob, Logout())
    with pytest.raises(NotIdentified):
        decide(hub, bob, found)
    with pytest.raises(NotIdentified):
        decide(hub, connect(hub), found)


@by_name
def test_a_one_time_password_takes_all_rights(found: Any) -> None:
    """An administrator has made one meanwhile: until it is changed, the account may do nothing else."""
    hub = a_hub()
    add_account(hub, "ann")
    bob = log_in(hub, "bob")
    hub.apply(PasswordChanged(user_id=2, password_hash="digest", must_change=True))
    with pytest.raises(PasswordExpired):
        decide(hub, bob, found)


@by_name
def test_words_of_whoever_is_muted_are_not_told(found: Any) -> None:
    """Those that others would read: the mute came while the store was read."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    ask(hub, moderator(hub), Mute(user="bob"))
    words = {name for name in found.asked.told if getattr(found.asked, name)}
    if words or isinstance(found, (RepliedTo, PinFound, ReactionsFound, RefusedResend, MayBeResent)):
        with pytest.raises(Muted):
            decide(hub, bob, found)


def test_a_role_that_is_lost() -> None:
    """Who was a moderator a second ago reads no earlier versions."""
    hub = a_hub()
    mod = moderator(hub)
    versions = next(each for each in FOUND if isinstance(each, ToCompare))
    assert decide(hub, mod, versions)
    hub.state.accounts["mod"].role = Role.MEMBER
    with pytest.raises(NotAllowed):
        decide(hub, mod, versions)


# -- pages of a history -----------------------------------------------------------------------------------------------


def page(hub: Hub, session: Session, request: History) -> Query:
    query = decide(hub, session, request)[-1]
    assert isinstance(query, Query)
    check_may_read_still(hub, session, query)
    return query


def test_a_page_of_a_channel_that_was_left() -> None:
    """It was read for a member, and comes too late; so does that of a channel which is gone, and of who has left."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    ask(hub, bob, Join(channel="#dev"))
    dev, everyone = page(hub, bob, History(channel="#dev")), page(hub, bob, History())
    ask(hub, bob, Leave(channel="#dev"))
    with pytest.raises(NotInChannel):
        check_may_read_still(hub, bob, dev)
    hub.apply(ChannelRemoved(channel_id=2, at=NOON_MS, by="boss"))
    with pytest.raises(NotInChannel):
        check_may_read_still(hub, bob, dev)
    hub.apply(PasswordChanged(user_id=1, password_hash="digest", must_change=True))
    with pytest.raises(NotAllowed):
        check_may_read_still(hub, bob, everyone)
    hub.apply(PasswordChanged(user_id=1, password_hash="digest"))
    ask(hub, bob, Logout())
    with pytest.raises(NotIdentified):
        check_may_read_still(hub, bob, everyone)


def test_a_page_of_a_conversation() -> None:
    """One's own stays one's own; another's is for who may read it with a reason, as long as they may."""
    hub = a_hub()
    for name in ("ann", "bob"):
        add_account(hub, name)
    add_account(hub, "boss", "owner")
    boss = operates(hub, "boss", Role.OWNER, by="password")
    page(hub, log_in(hub, "bob"), History(user="ann"))
    theirs = page(hub, boss, History(user="ann", other="bob", reason="plainte du 12 mars"))
    own = page(hub, boss, History(user="ann"))
    hub.state.accounts["boss"].role = Role.MODERATOR
    with pytest.raises(ReasonNeeded):
        check_may_read_still(hub, boss, theirs)
    check_may_read_still(hub, boss, own)
