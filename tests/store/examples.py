"""Records for the store's tests, and one small history in which every kind of them occurs."""

from __future__ import annotations

from typing import Any

import msgspec

from classcord.chat.accounts.vocabulary import PasswordChanged, RoleChanged, UserRemoved
from classcord.chat.audit.vocabulary import Audited
from classcord.chat.block_lists.vocabulary import PersonBlocked, PersonUnblocked
from classcord.chat.channel_moderators.vocabulary import ModeratorDismissed, ModeratorNamed
from classcord.chat.channel_settings.vocabulary import ChannelSet
from classcord.chat.channels.vocabulary import (
    ChannelAdded,
    ChannelArchived,
    ChannelRemoved,
    MemberAdded,
    MemberRemoved,
    TopicSet,
)
from classcord.chat.conversations.vocabulary import ChannelRead, ConversationHidden, ConversationRead
from classcord.chat.descriptions.vocabulary import DescriptionSet
from classcord.chat.effects import Commit
from classcord.chat.files.vocabulary import FileAttached, FileRemoved
from classcord.chat.held_messages.vocabulary import (
    AnsweredIfThere,
    HeldAccepted,
    HeldFile,
    HeldForgotten,
    HeldOn,
    HeldRefused,
    MessageHeld,
)
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import (
    PasswordUsed,
    SessionEnded,
    SessionsClosed,
    SessionStarted,
    SessionTakenOver,
)
from classcord.chat.invitation_codes.vocabulary import InvitationCodeEnded, InvitationCodeMade, InvitationCodeUsed
from classcord.chat.join_requests.vocabulary import JoinDecided, JoinRequested, JoinTold
from classcord.chat.lessons.vocabulary import LessonBegun, LessonEnded, LessonProlonged
from classcord.chat.maintenance.vocabulary import SettingSet
from classcord.chat.mentions.vocabulary import Mentioned, MentionedByEdit, MentionsLeft, MentionsRead
from classcord.chat.messages.vocabulary import (
    KeptHandedOver,
    MessageAdded,
    MessageKept,
    PrivateMessageAdded,
    Replied,
    SaidInRole,
)
from classcord.chat.passwords import ELSEWHERE
from classcord.chat.people import Account
from classcord.chat.pins.vocabulary import MessagePinned, MessageUnpinned
from classcord.chat.policy import Policy
from classcord.chat.privacy.vocabulary import AccountErased
from classcord.chat.private_policy.vocabulary import PrivatePolicySet
from classcord.chat.profiles.vocabulary import ProfileSet
from classcord.chat.quiet_hours.vocabulary import QuietHoursSet
from classcord.chat.reactions.vocabulary import Reacted, ReactionTaken
from classcord.chat.records import Record
from classcord.chat.registration.vocabulary import UserAdded
from classcord.chat.reports.vocabulary import OutcomeTold, ReportClosed, ReportFiled, ReportLine
from classcord.chat.resends.vocabulary import ClientIdKept, ClientIdsForgotten
from classcord.chat.resuming.tokens import Token
from classcord.chat.resuming.vocabulary import (
    TokenEnded,
    TokenMade,
    TokenProlonged,
    TokensEnded,
    TokensExpired,
    TokenUsed,
)
from classcord.chat.retention.vocabulary import AccountLeft, Cutoffs, PurgeBegun, PurgeEnded
from classcord.chat.revisions.vocabulary import MessageChanged, MessageDeleted, MessageEdited
from classcord.chat.sanctions.vocabulary import SanctionAdded, SanctionLifted, WarningTold
from classcord.chat.state import LastIds
from tests.chat.files import a_file

AT = 1_795_206_987_625


def commit(*records: Record) -> Commit:
    return Commit(None, records)


def user(number: int, name: str, **fields: Any) -> UserAdded:
    values: dict[str, Any] = {"role": "member", "password_hash": f"digest of {name}", "added_at": AT} | fields
    return UserAdded(user_id=number, name=name, name_key=name.casefold(), **values)


def channel(number: int, name: str, **fields: Any) -> ChannelAdded:
    values: dict[str, Any] = {"kind": "open", "added_at": AT} | fields
    return ChannelAdded(channel_id=number, name=name, name_key=name.casefold(), **values)


def member(channel_id: int, user_id: int) -> MemberAdded:
    return MemberAdded(channel_id=channel_id, user_id=user_id, since=AT)


def said(number: int, content: str = "Bonjour", **fields: Any) -> MessageAdded:
    values: dict[str, Any] = {"at": AT + number, "channel_id": 1, "author": "Zoé"} | fields
    return MessageAdded(message_id=number, content=content, **values)


def whispered(number: int, content: str = "psst", **fields: Any) -> PrivateMessageAdded:
    values: dict[str, Any] = {"at": AT + number, "conversation": "1:2", "author": "Zoé", "recipient": "Bob"} | fields
    return PrivateMessageAdded(message_id=number, content=content, **values)


def started(number: int, user_id: int | None = 1, **fields: Any) -> SessionStarted:
    values: dict[str, Any] = {"name": "Zoé", "address": "10.0.0.1", "face": "tcp", "started_at": AT + number} | fields
    return SessionStarted(session_id=number, user_id=user_id, **values)


def held(number: int, **fields: Any) -> MessageHeld:
    values = {"at": AT, "author": "Bob", "author_id": 2, "owner": "2", "content": "may I?", "why": "hold", **fields}
    return MessageHeld(held_id=number, said_in=2, **values)


def asked(number: int, user_id: int = 2, channel_id: int = 1, **fields: Any) -> JoinRequested:
    values: dict[str, Any] = {"asked_at": AT + number, "expires_at": AT + 1_000} | fields
    return JoinRequested(request_id=number, channel_id=channel_id, user_id=user_id, **values)


def decided(number: int, state: str = "accepted", **fields: Any) -> JoinDecided:
    values: dict[str, Any] = {"decided_by": "Zoé", "decided_at": AT + number} | fields
    return JoinDecided(request_id=number, state=state, **values)


def named(number: int, client_id: str = "a", **fields: Any) -> ClientIdKept:
    """Return the record of a message's client id, by default of the account 1."""
    values: dict[str, Any] = {"owner": "1", "at": AT + number, "said": "digest"} | fields
    return ClientIdKept(client_id=client_id, message_id=number, **values)


def token(number: int, user_id: int | None = 1, **fields: Any) -> TokenMade:
    values: dict[str, Any] = {"name": "Zoé", "address": "10.0.0.1", "client": "java/1", "session": number}
    values |= {"made_at": AT, "used_at": AT, "expires_at": AT * 2, "digest": f"digest of {number}"} | fields
    return TokenMade(token_id=number, user_id=user_id, **values)


def sanctioned(number: int, target: str = "bob", **fields: Any) -> SanctionAdded:
    values: dict[str, Any] = {"kind": "mute", "of": "name", "shown": target, "by": "Zoé", "reason": "flood"}
    return SanctionAdded(sanction_id=number, target=target, **(values | {"added_at": AT + number} | fields))


def purge(number: int = 1, before: int = 0, **fields: Any) -> PurgeBegun:
    """Return the record of a run of retention; `before` is the time of every kind that is not named."""
    times = dict.fromkeys(Cutoffs.__struct_fields__, before) | fields
    at = times.pop("at", AT + 500)
    return PurgeBegun(number=number, at=at, before=Cutoffs(**times))


def invited_by(number: int, **fields: Any) -> InvitationCodeMade:
    """Return the record of an invitation code."""
    values: dict[str, Any] = {"code": f"CODE-{number}", "role": "member", "uses": 9, "made_by": "Zoé", "note": "SIO"}
    values |= {"made_at": AT, "expires_at": AT * 2} | fields
    return InvitationCodeMade(code_id=number, **values)


def audited(number: int = 0, **fields: Any) -> Audited:
    """Return an entry of something that Zoé did `number` milliseconds after AT."""
    values: dict[str, Any] = {
        "actor": "Zoé",
        "actor_address": "10.0.0.1",
        "actor_key": "SHA256:abc",
        "action": "role-changed",
        "object_type": "user",
        "object_id": "2",
        "before": '{"role":"member"}',
        "after": '{"role":"moderator"}',
    }
    return Audited(at=AT + number, **(values | fields))


def carried(number: int, digest: str = "ab" * 32, **fields: Any) -> FileAttached:
    """Return the record of the file of a message."""
    about: dict[str, Any] = {"at": AT + number}
    about |= {name: fields.pop(name) for name in ("at", "user_id", "channel_id") if name in fields}
    file = a_file(**{"token": f"token {number}", "digest": digest} | fields)
    return FileAttached(message_id=number, file=file, **about)


def blocked(user_id: int, blocked_id: int, at: int = AT) -> PersonBlocked:
    return PersonBlocked(user_id=user_id, blocked_id=blocked_id, at=at)


def reported(number: int, **fields: Any) -> ReportFiled:
    """Return the record of a report of the message 2 by Bob, an account."""
    values: dict[str, Any] = {"message_id": 2, "reporter": "Bob", "reporter_key": "2", "reporter_id": 2}
    values |= {"author": "Zoé", "author_id": 1, "author_role": "member", "channel_id": 2, "place": "#dev"}
    return ReportFiled(report_id=number, at=AT + number, digest="cd" * 32, **(values | fields))


def copied(report_id: int, place: int = 0, **fields: Any) -> ReportLine:
    values: dict[str, Any] = {"message_id": 2, "at": AT, "author": "Zoé", "author_id": 1, "content": "aïe"} | fields
    return ReportLine(report_id=report_id, place=place, **values)


def closed(report_id: int, **fields: Any) -> ReportClosed:
    values: dict[str, Any] = {"at": AT + 50, "by": "Léa", "outcome": "acted"} | fields
    return ReportClosed(report_id=report_id, **values)


BEGUN = (
    commit(channel(1, "#général", kind="default", members_from="guest")),
    commit(user(1, "Zoé"), user(2, "Bob")),
)
"""Two accounts and a channel for the other records to refer to."""

HISTORY = (
    commit(channel(1, "#général", kind="default", members_from="guest")),
    commit(user(1, "Zoé", role="owner")),
    commit(
        user(
            2,
            "Bob",
            alias="Bobby",
            alias_key="bobby",
            first_name="Robert",
            last_name="O'Neil; --",
            email="bob@example.org",
        )
    ),
    commit(user(3, "Léa", role="moderator", password_hash=ELSEWHERE)),
    commit(started(1), started(2, 2), started(3, None, name="cron")),
    commit(PasswordChanged(user_id=2, password_hash="another digest")),
    commit(channel(2, "#dev", made_by=1, topic="first"), member(2, 1)),
    commit(channel(3, "#staff", kind="private", guests=False, read_only=True, members_from="moderator")),
    commit(channel(4, "#old", kind="approval", archived=True, made_by=2), member(4, 2), member(4, 3)),
    commit(member(2, 2)),
    commit(member(2, 2)),
    commit(MemberRemoved(channel_id=4, user_id=3)),
    commit(TopicSet(channel_id=2, topic="Java, the second week", set_at=AT)),
    commit(DescriptionSet(channel_id=2, description="What is done\nand what is not", set_at=AT)),
    commit(said(1, author_id=1), named(1)),
    commit(member(2, 3), said(2, channel_id=2, author="Léa", author_id=3)),
    commit(whispered(3, author_id=1), whispered(4, author_id=1, waiting_for=2)),
    commit(MessageKept(message_id=3, waiting_for=2)),
    commit(said(6, channel_id=2, author="Bob", author_id=2, reply_to=2), Replied(message_id=6, reply_to=2)),
    commit(ChannelRead(channel_id=2, user_id=1, up_to=2)),
    commit(ConversationRead(conversation="1:2", user_id=2, up_to=3, other="Zoé")),
    commit(ConversationHidden(conversation="1:2", user_id=1, up_to=4, other="Bob")),
    commit(KeptHandedOver(user_id=2, message_ids=(3,))),
    commit(ClientIdsForgotten(before=AT, most=5)),
    commit(AccountLeft(user_id=2, at=AT)),
    commit(purge()),
    commit(PurgeEnded(number=1, at=AT + 600)),
    commit(said(8, author="dupont", author_role="admin"), SaidInRole(message_id=8, role="admin")),
    commit(
        MessageEdited(message_id=8, at=AT + 20, author="dupont", channel_id=1, content="Bonsoir"),
        MessageChanged(message_id=8, newest=8, edited_at=AT + 20),
    ),
    commit(reported(1), copied(1), copied(1, 1, file_token="a", file_size=3, file_digest="ab" * 32)),
    commit(reported(2, reporter_key="~eve", reporter_id=None), copied(2), reported(3, message_id=3, reporter_id=2)),
    commit(closed(2, told=True), closed(3)),
    commit(reported(4, message_id=4)),
    commit(closed(4), OutcomeTold(report_id=4, at=AT)),
    commit(said(9, author_id=1)),
    commit(
        MessageDeleted(message_id=9, at=AT + 30, author="Zoé", author_id=1, channel_id=1),
        MessageChanged(message_id=9, newest=9, deleted_at=AT + 30, deleted_by="Zoé"),
    ),
    commit(token(1), token(2, 2), token(3, None, name="cron"), token(4, 2), token(5, expires_at=AT + 10), token(6)),
    commit(TokensEnded(user_id=2, kept=2), TokenEnded(token_id=6), TokensExpired(at=AT + 10)),
    commit(
        TokenUsed(
            token_id=1,
            session=9,
            follows=1,
            name="Zoé",
            address="10.0.0.2",
            client="web/1",
            used_at=AT + 50,
            expires_at=AT * 3,
        ),
        TokenProlonged(token_id=2, used_at=AT + 60, expires_at=AT * 4),
    ),
    commit(RoleChanged(user_id=2, role="moderator", before="member", at=AT), audited(1)),
    commit(RoleChanged(user_id=2, role="admin", before="moderator", at=AT), audited(2, before=None)),
    commit(PasswordChanged(user_id=3, password_hash="for one time", must_change=True)),
    commit(PasswordUsed(user_id=3, name="Léa")),
    commit(PasswordChanged(user_id=3, password_hash="the same", must_change=True, rehashed=True)),
    commit(ChannelArchived(channel_id=4, archived=False, at=AT), ChannelArchived(channel_id=3, archived=True, at=AT)),
    commit(asked(1), asked(2, 3), asked(3, 1), asked(4, 2, 2), asked(5, 3, 4)),
    commit(decided(1), member(1, 2)),
    commit(decided(2, "rejected", reason="not this year"), decided(3, "withdrawn", decided_by=None, told=True)),
    commit(JoinTold(request_id=1, at=AT)),
    commit(
        sanctioned(1, until=AT * 2),
        sanctioned(2, kind="ban", target="10.0.0.0/24", of="network"),
        sanctioned(3, "tom", kind="kick", added_at=0, until=1),
        sanctioned(4, "tom", kind="kick"),
    ),
    commit(sanctioned(5, kind="warn", told=False), sanctioned(6, kind="warn", told=False)),
    commit(WarningTold(sanction_id=5, at=AT)),
    commit(SanctionLifted(sanction_id=4, by="Zoé", lifted_at=AT + 9), audited(3, object_type="sanction")),
    commit(
        LessonBegun(
            lesson_id=1,
            kind="exam",
            channel_id=2,
            write="staff",
            private="staff",
            networks="10.1.2.0/24",
            begun_by="Zoé",
            begun_at=AT,
            until=AT + 9,
        )
    ),
    commit(LessonProlonged(lesson_id=1, until=AT + 99, at=AT), LessonEnded(lesson_id=1, at=AT)),
    commit(PrivatePolicySet(value="staff", at=AT)),
    commit(QuietHoursSet(value=f"{AT + 99} Sortie", at=AT)),
    commit(invited_by(1, channel_ids=(1, 2)), invited_by(2, maker_key="dupont"), invited_by(3, uses=1)),
    commit(InvitationCodeUsed(code_id=1, name="Tom", at=AT), InvitationCodeUsed(code_id=3, name="Tom", at=AT)),
    commit(InvitationCodeEnded(code_id=2)),
    commit(SettingSet(name="maintenance", value="=")),
    commit(SettingSet(name="maintenance", value="=new disk")),
    commit(user(4, "Tom", alias="T", alias_key="t"), member(2, 4), asked(6, 4)),
    commit(
        said(7, "@Bob @Tom", channel_id=2, mentions=(2, 4)),
        Mentioned(message_id=7, user_id=2),
        Mentioned(message_id=7, user_id=4),
    ),
    commit(
        MentionsLeft(message_id=7, user_ids=(2,)),
        MentionedByEdit(message_id=7, user_id=3),
        MentionsRead(user_id=3, channel_id=2, up_to=7),
    ),
    commit(carried(2, channel_id=2)),
    commit(FileRemoved(message_id=2)),
    commit(MessagePinned(message_id=2, channel_id=2, at=AT), MessageUnpinned(message_id=2, channel_id=2, at=AT)),
    commit(Reacted(message_id=2, channel_id=2, emoji="👍", who=2), ReactionTaken(message_id=2, emoji="👍", who=2)),
    commit(Reacted(message_id=2, channel_id=2, emoji="👍", who=3), Reacted(message_id=2, emoji="👍", who=4)),
    commit(
        ProfileSet(user_id=2, alias="", alias_key="", first_name="", status_text="En TP"),
        ProfileSet(user_id=3, alias="Lea2", alias_key="lea2"),
        ProfileSet(user_id=3, last_name="Martin"),
    ),
    commit(blocked(1, 2), blocked(1, 4), blocked(4, 1), blocked(3, 2)),
    commit(PersonUnblocked(user_id=3, blocked_id=2)),
    commit(UserRemoved(user_id=4), audited(4, object_id="4", after=None)),
    commit(
        channel(5, "#gone", made_by=2, made_from="10.0.0.1"),
        member(5, 2),
        member(5, 3),
        asked(7, 1, 5),
        said(5, channel_id=5),
    ),
    commit(asked(8, 3, 5), decided(8, "rejected")),
    commit(ChannelRemoved(channel_id=5, by="Zoé", at=AT)),
    commit(channel(6, "#gone", made_by=3, made_from="10.0.0.2"), member(6, 3)),
    commit(
        user(5, "Max"), AccountErased(number=1, user_id=5, name="Max", name_key="max", added_at=AT, shown="(1)", at=AT)
    ),
    commit(ModeratorNamed(channel_id=2, user_id=3, at=AT), ModeratorNamed(channel_id=1, user_id=2, at=AT)),
    commit(member(2, 2), ModeratorNamed(channel_id=2, user_id=2, at=AT)),
    commit(ModeratorDismissed(channel_id=1, user_id=2, at=AT)),
    commit(ChannelSet(channel_id=2, slow=30, hold=True, read_only=True, guests=False, archived=True, at=AT)),
    commit(ChannelSet(channel_id=2, name="#code", name_key="code", read_only=False, archived=False, at=AT)),
    commit(ChannelSet(channel_id=2, name="#dev", name_key="dev", hold=False, guests=True, at=AT)),
    commit(
        held(1, channel_id=2, client_id="a", reply_to=2),
        HeldFile(held_id=1, file=a_file("waits", digest="e" * 64, width=1, height=2)),
    ),
    commit(held(2, conversation="2:3", recipient="Zoé", why="quiet_hours", until=AT * 2), held(3, channel_id=2)),
    commit(HeldOn(held_id=1, why="quiet_hours", until=AT * 2, at=AT)),
    commit(held(4, channel_id=2), held(5, channel_id=2), HeldForgotten(held_id=5)),
    commit(HeldRefused(held_id=3, state="refused", reason="off topic", decided_by="Zoé", at=AT)),
    commit(HeldAccepted(held_id=4, message_id=9, at=AT), AnsweredIfThere(message_id=9, reply_to=99)),
    commit(SessionEnded(session_id=1, ended_at=AT + 100)),
    commit(SessionTakenOver(session_id=1, ended_at=AT + 200)),
    commit(SessionsClosed(at=AT + 200)),
)
"""Every kind of stored record, in an order in which it can happen."""

LAST = LastIds(user=5, channel=6, message=9, session=3, sanction=6, join_request=8, erasure=1, invitation_code=3)
LAST = msgspec.structs.replace(LAST, report=4, lesson=1, held=5, purge=1)
"""The highest ids in HISTORY."""


def restored(records: list[Record], last: LastIds) -> dict[str, object]:
    """Return what a hub knows that begins with these."""
    hub = Hub(Policy(), last)
    hub.restore(records)
    return known(hub)


PASSING = {"renewals", "void_before", "kept_login"}
"""What is known of an account since a start alone: which logins a new password has ended."""


def _kept(account: Account) -> dict[str, object]:
    return {name: value for name, value in msgspec.structs.asdict(account).items() if name not in PASSING}


def _stored(token: Token) -> dict[str, object]:
    """Return what is known of a token, but for the messages between which a guest had the name."""
    return {name: value for name, value in msgspec.structs.asdict(token).items() if not name.startswith("named_")}


def known(hub: Hub) -> dict[str, object]:
    """Return all that a hub holds of what is stored, as plain values that can be compared."""
    state = hub.state
    return {
        "accounts": {key: _kept(account) for key, account in state.accounts.items()},
        "accounts_by_id": {number: _kept(account) for number, account in state.accounts_by_id.items()},
        "aliases": {key: _kept(account) for key, account in state.aliases.items()},
        "default": state.default.name if state.default else None,
        "channels": {
            key: (
                c.id,
                c.name,
                c.kind,
                c.topic,
                c.read_only,
                c.guests,
                c.archived,
                c.slow,
                c.hold,
                c.moderators,
                c.description,
                c.members_from,
                c.made_from,
                c.made_by,
                c.members,
            )
            for key, c in state.channels.items()
        },
        "channel ids": {number: c.key for number, c in state.channels_by_id.items()},
        "invitation_codes": list(state.invitation_codes),
        "blocks": {number: sorted(on_it) for number, on_it in state.blocks.items()},
        "sanctions": list(state.sanctions.in_force(AT)),
        "waiting": list(state.join_requests.waiting(AT)),
        "untold": {number: state.join_requests.untold(number, AT) for number in state.accounts_by_id},
        "reports": list(state.reports),
        "untold reports": {number: state.reports.untold(number) for number in state.accounts_by_id},
        "held": list(state.held.waiting()),
        "refused": {number: state.held.untold(number) for number in state.accounts_by_id},
        "switches": state.switches,
        "erased": sorted(state.erased),
        "tokens": [_stored(each) for each in sorted(state.tokens, key=lambda token: token.id)],
    }
