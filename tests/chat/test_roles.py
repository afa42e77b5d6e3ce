"""Who may ask what: every role and every request, written out."""

from __future__ import annotations

import pytest

from classcord.chat.accounts.vocabulary import (
    Accounts,
    AddUser,
    CheckElsewhere,
    CheckHere,
    DelUser,
    Passwd,
    Password,
    SetRole,
)
from classcord.chat.announcements.vocabulary import Announce
from classcord.chat.audit.vocabulary import Audit
from classcord.chat.block_lists.vocabulary import BlockList, BlockPerson
from classcord.chat.channel_moderators.vocabulary import ChannelModerator
from classcord.chat.channel_settings.vocabulary import SetChannel
from classcord.chat.channels.vocabulary import (
    Channels,
    ChannelSwitch,
    CloseChannel,
    Create,
    DeleteChannel,
    Join,
    JoinChannel,
    Leave,
    Members,
    Reopen,
    Topic,
    Who,
)
from classcord.chat.connections.vocabulary import Hello, Ping, Quit
from classcord.chat.conversations.vocabulary import Conversations, Hide, MarkRead
from classcord.chat.descriptions.vocabulary import Description
from classcord.chat.errors import ChatError, NotAllowed, NotIdentified, RateLimited
from classcord.chat.evidence.vocabulary import Evidence
from classcord.chat.files.vocabulary import UploadFile
from classcord.chat.held_messages.vocabulary import Approve, Held, RefuseHeld
from classcord.chat.hub import INTERNAL_KINDS, Hub
from classcord.chat.identity.vocabulary import Guest, Login, Logout
from classcord.chat.invitation_codes.vocabulary import EndInvitationCode, InvitationCodes, MakeInvitationCode
from classcord.chat.invitations.vocabulary import Invite
from classcord.chat.join_requests.vocabulary import Accept, Reject, Requests, Withdraw
from classcord.chat.lessons.vocabulary import HoldExam, HoldLesson
from classcord.chat.maintenance.vocabulary import Maintenance
from classcord.chat.messages.vocabulary import History, Messages, Say, SayPrivately
from classcord.chat.operations.vocabulary import (
    Backup,
    Blocks,
    CancelShutdown,
    LogLevel,
    Reload,
    Restart,
    Sessions,
    Shutdown,
    Stats,
    TestMail,
    Unblock,
    Version,
)
from classcord.chat.operators.vocabulary import Export, Present, Python, Tail, Top, Trace, Whois
from classcord.chat.passwords import ELSEWHERE
from classcord.chat.people import Session
from classcord.chat.people_search.vocabulary import FindPeople
from classcord.chat.pins.vocabulary import Pin, Pins
from classcord.chat.presence.vocabulary import ListUsers, Status, UserList, Users
from classcord.chat.privacy.vocabulary import DeleteMyAccount, Erase, ExportMyData, ExportPerson
from classcord.chat.private_policy.vocabulary import PrivatePolicy
from classcord.chat.profiles.vocabulary import PersonProfile
from classcord.chat.questions import Found
from classcord.chat.quiet_hours.vocabulary import QuietHours
from classcord.chat.reactions.vocabulary import React
from classcord.chat.registration.vocabulary import Register
from classcord.chat.reports.vocabulary import CloseReport, Report, ReportDetails, Reports
from classcord.chat.requests import Internal, Request
from classcord.chat.resuming.vocabulary import EndSession, MySessions, Resume
from classcord.chat.retention.vocabulary import Retention
from classcord.chat.revisions.vocabulary import Delete, Edit, Versions
from classcord.chat.roles import Permission, Role, permissions
from classcord.chat.sanctions.vocabulary import Ban, Bans, Kick, Mute, Unban, Unmute, Unwarn, Warn
from classcord.chat.search.vocabulary import SearchMessages
from classcord.chat.subjects import CONSOLE, WIRE
from classcord.chat.typing_notifications.vocabulary import ShowTyping
from tests.chat.hubs import NOON, a_hub, add_account, come_in, connect, log_in, person_of, secrets

ASKED: dict[str, Request] = {
    "hello": Hello(),
    "register": Register(username="new", password="azerty"),
    "login": Login(username="bob", password="azerty"),
    "guest": Guest(username="zoé"),
    "resume": Resume(session="a token"),
    "logout": Logout(),
    "my_sessions": MySessions(),
    "end_session": EndSession(others=True),
    "users": Users(),
    "list_users": ListUsers(),
    "userlist": UserList(),
    "disconnect": Quit(),
    "status": Status(state="away"),
    "message": Say(content="hello"),
    "private": SayPrivately(content="hello", to="bob"),
    "typing": ShowTyping(id=1),
    "react": React(message_id=1, emoji="👍"),
    "profile": PersonProfile(),
    "profile, other": PersonProfile(user="bob"),
    "block": BlockPerson(user="bob"),
    "blocks": BlockList(),
    "find_people": FindPeople(),
    "pin": Pin(message_id=1),
    "pins": Pins(),
    "upload": UploadFile(name="a.png", size=1),
    "history": History(),
    "conversations": Conversations(),
    "read": MarkRead(message_id=1),
    "hide": Hide(user="bob"),
    "search": SearchMessages(query="bonjour"),
    "channels": Channels(),
    "members": Members(),
    "who": Who(channel="#général"),
    "create": Create(channel="#new"),
    "join": Join(channel="#dev"),
    "join_channel": JoinChannel(channel="#dev"),
    "channel_switch": ChannelSwitch(channel="#dev"),
    "leave": Leave(channel="#blabla"),
    "topic": Topic(channel="#général"),
    "topic, set": Topic(channel="#général", topic="news"),
    "description": Description(channel="#général"),
    "descr., set": Description(channel="#général", description="news"),
    "invite": Invite(user="bob", channel="#dev"),
    "code, make": MakeInvitationCode(into=("#dev",)),
    "codes": InvitationCodes(),
    "code, end": EndInvitationCode(code_id=1),
    "ping": Ping(),
    "password": Password(old="azerty", new="qwerty"),
    "delete_my_acc": DeleteMyAccount(password="azerty"),
    "erase": Erase(user="bob"),
    "export_my": ExportMyData(),
    "export_person": ExportPerson(user="bob", reason="because"),
    "withdraw": Withdraw(channel="#dev"),
    "requests": Requests(),
    "accept": Accept(user="bob", channel="#dev"),
    "reject": Reject(user="bob", channel="#dev"),
    "report": Report(message_id=1),
    "reports": Reports(),
    "report_details": ReportDetails(report_id=1),
    "close_report": CloseReport(report_id=1, outcome="acted"),
    "held": Held(),
    "approve": Approve(held_id=1),
    "refuse": RefuseHeld(held_id=1),
    "announce": Announce(content="hello"),
    "warn": Warn(user="bob", reason="words"),
    "unwarn": Unwarn(user="bob"),
    "mute": Mute(user="bob"),
    "unmute": Unmute(user="bob"),
    "kick": Kick(user="bob"),
    "ban": Ban(target="bob"),
    "ban, address": Ban(target="203.0.113.9"),
    "ban, deletes": Ban(target="bob", delete_account=True),
    "unban": Unban(target="bob"),
    "bans": Bans(),
    "> blocks": Blocks(),
    "> unblock": Unblock(address="203.0.113.9"),
    "role": SetRole(user="bob", role="member"),
    "delete_channel": DeleteChannel(channel="#dev"),
    "channel_settings": SetChannel(channel="#dev", hold=True),
    "archived": SetChannel(channel="#dev", archived=True),
    "channel_moderator": ChannelModerator(user="bob", channel="#général"),
    "close": CloseChannel(channel="#dev"),
    "reopen": Reopen(channel="#dev"),
    "> who": Present(),
    "whois": Whois(user="bob"),
    "accounts": Accounts(),
    "sessions": Sessions(),
    "adduser": AddUser(username="new"),
    "deluser": DelUser(user="bob"),
    "passwd": Passwd(user="bob"),
    "pw elsewhere": CheckElsewhere(user="bob"),
    "pw here": CheckHere(user="vouched"),
    "> messages": Messages(),
    "edit": Edit(message_id=1, content="hello"),
    "delete": Delete(message_id=1),
    "> versions": Versions(message_id=1),
    "> audit": Audit(),
    "> evidence": Evidence(report_id=1),
    "audit": Audit(),
    "> export": Export(what="users"),
    "stats": Stats(),
    "retention": Retention(),
    "> top": Top(),
    "> tail": Tail(),
    "> tail, all": Tail(reason="because"),
    "> trace": Trace(target="bob"),
    "> loglevel": LogLevel(level="info"),
    "> reload": Reload(),
    "> test-mail": TestMail(),
    "lesson": HoldLesson(),
    "lesson, hold": HoldLesson(state="on", channel="#dev"),
    "exam": HoldExam(),
    "exam, hold": HoldExam(state="on"),
    "private_policy": PrivatePolicy(),
    "quiet_hours": QuietHours(),
    "quiet_hours, on": QuietHours(state="on"),
    "priv. p., set": PrivatePolicy(policy="staff"),
    "> maintenance": Maintenance(state="off"),
    "> shutdown": Shutdown(),
    "> backup": Backup(),
    "> restart": Restart(),
    "> cancel": CancelShutdown(),
    "> version": Version(),
    "> python": Python(),
}
MATRIX = """
              nobody  guest  member  moderator  admin  owner
hello         yes     yes    yes     yes        yes    yes
register      yes     yes    yes     yes        yes    yes
login         yes     yes    yes     yes        yes    yes
guest         yes     yes    yes     yes        yes    yes
resume        yes     yes    yes     yes        yes    yes
logout        -       yes    yes     yes        yes    yes
my_sessions   -       yes    yes     yes        yes    yes
end_session   -       yes    yes     yes        yes    yes
users         yes     yes    yes     yes        yes    yes
list_users    yes     yes    yes     yes        yes    yes
userlist      yes     yes    yes     yes        yes    yes
disconnect    yes     yes    yes     yes        yes    yes
status        -       yes    yes     yes        yes    yes
message       yes     yes    yes     yes        yes    yes
private       yes     yes    yes     yes        yes    yes
typing        -       yes    yes     yes        yes    yes
react         -       yes    yes     yes        yes    yes
profile       -       -      yes     yes        yes    yes
profile, other -      -      yes     yes        yes    yes
block         -       -      yes     yes        yes    yes
blocks        -       -      yes     yes        yes    yes
find_people   -       -      yes     yes        yes    yes
pin           -       yes    yes     yes        yes    yes
pins          -       yes    yes     yes        yes    yes
upload        -       -      yes     yes        yes    yes
history       -       yes    yes     yes        yes    yes
conversations -       yes    yes     yes        yes    yes
read          -       -      yes     yes        yes    yes
hide          -       -      yes     yes        yes    yes
search        -       yes    yes     yes        yes    yes
channels      -       yes    yes     yes        yes    yes
members       -       yes    yes     yes        yes    yes
who           -       yes    yes     yes        yes    yes
create        -       -      yes     yes        yes    yes
join          -       yes    yes     yes        yes    yes
join_channel  -       yes    yes     yes        yes    yes
channel_switch - yes yes yes yes yes
leave         -       yes    yes     yes        yes    yes
topic         -       yes    yes     yes        yes    yes
topic, set    -       -      -       yes        yes    yes
description   -       yes    yes     yes        yes    yes
descr., set   -       -      -       yes        yes    yes
invite        -       yes    yes     yes        yes    yes
code, make    -       -      -       yes        yes    yes
codes         -       -      -       yes           yes    yes
code, end     -       -      -       yes           yes    yes
ping          yes     yes    yes     yes        yes    yes
password      -       -      yes     yes        yes    yes
delete_my_acc -       -      yes     yes        yes    -
erase         -       -      -       -          yes    yes
export_my     -       -      yes     yes        yes    yes
export_person -       -      -       -          -      yes
withdraw      -       yes    yes     yes        yes    yes
requests      -       -      -       yes        yes    yes
accept        -       -      -       yes        yes    yes
reject        -       -      -       yes        yes    yes
report        -       yes    yes     yes        yes    yes
reports       -       -      -       yes        yes    yes
report_details -      -      -       yes        yes    yes
close_report  -       -      -       yes        yes    yes
held          -       yes    yes     yes        yes    yes
approve       -       -      -       yes        yes    yes
refuse        -       yes    yes     yes        yes    yes
announce      -       -      -       yes        yes    yes
warn          -       -      -       yes        yes    yes
unwarn        -       -      -       yes        yes    yes
mute          -       -      -       yes        yes    yes
unmute        -       -      -       yes        yes    yes
kick          -       -      -       yes        yes    yes
ban           -       -      -       yes        yes    yes
ban, address  -       -      -       -          yes    yes
ban, deletes  -       -      -       -          yes    yes
unban         -       -      -       yes        yes    yes
bans          -       -      -       yes        yes    yes
> blocks      -       -      -       -          yes    yes
> unblock     -       -      -       -          yes    yes
role          -       -      -       -          yes    yes
delete_channel -      -      -       -          yes    yes
channel_settings - - - yes yes yes
archived      -       -      -       -          yes    yes
channel_moderator - - - yes yes yes
close         -       -      -       -          yes    yes
reopen        -       -      -       -          yes    yes
> who         -       -      -       yes        yes    yes
whois         -       -      -       yes        yes    yes
accounts      -       -      -       yes        yes    yes
sessions      -       -      -       yes        yes    yes
adduser       -       -      -       -          yes    yes
deluser       -       -      -       -          yes    yes
passwd        -       -      -       -          yes    yes
pw elsewhere  -       -      -       -          yes    yes
pw here       -       -      -       -          yes    yes
> messages    -       yes    yes     yes        yes    yes
edit          -       yes    yes     yes        yes    yes
delete        -       yes    yes     yes        yes    yes
> versions    -       -      -       yes        yes    yes
> audit       -       -      -       -          yes    yes
> evidence    -       -      -       -          -      yes
audit         -       -      -       -          yes    yes
> export      -       -      -       -          yes    yes
stats         -       -      -       -          yes    yes
retention     -       -      -       -          yes    yes
> top         -       -      -       -          yes    yes
> tail        -       -      -       -          yes    yes
> tail, all   -       -      -       -          -      yes
> trace       -       -      -       -          yes    yes
> loglevel    -       -      -       -          -      yes
> reload      -       -      -       -          -      yes
> test-mail   -       -      -       -          -      yes
lesson        -       yes    yes     yes        yes    yes
lesson, hold  -       -      -       yes        yes    yes
exam          -       yes    yes     yes        yes    yes
exam, hold    -       -      -       yes        yes    yes
private_policy -      yes    yes     yes        yes    yes
quiet_hours   -       yes    yes     yes        yes    yes
quiet_hours, on -     -      -       -          yes    yes
priv. p., set -       -      -       -          yes    yes
> maintenance -       -      -       -          -      yes
> shutdown    -       -      -       -          -      yes
> backup      -       -      -       -          -      yes
> restart     -       -      -       -          -      yes
> cancel      -       -      -       -          -      yes
> version     -       -      -       yes        yes    yes
> python      -       -      -       -          -      yes
"""


def _row(row: str) -> tuple[str, list[str]]:
    *name, a, b, c, d, e, f = row.split()
    return " ".join(name), [a, b, c, d, e, f]


def cells() -> list[tuple[str, str, bool]]:
    head, *rows = [line for line in MATRIX.splitlines() if line]
    split = [_row(row) for row in rows]
    return [(role, asked, cell == "yes") for asked, row in split for role, cell in zip(head.split(), row, strict=True)]


def a_session_of(hub: Hub, role: str, asked: str = "") -> Session:
    if role == "nobody":
        return connect(hub, modern=asked == "status")  # by the classic dialect, a message makes somebody of them
    if role == "guest":
        return come_in(hub, "somebody")
    add_account(hub, "somebody", role)
    return log_in(hub, "somebody")


def test_the_matrix_holds_every_request() -> None:
    """A request without a row here, or without a decision, is not finished."""
    assert {type(request) for request in ASKED.values()} == {*WIRE, *CONSOLE}
    assert [asked for role, asked, _ in cells() if role == "nobody"] == list(ASKED)
    assert set(Hub.decisions) == {*WIRE, *CONSOLE} | INTERNAL_KINDS - {Internal, Found}


def test_each_request_is_listed_with_what_it_needs_and_means() -> None:
    """A request's name, permission and summary are what help, docs and schema are made from."""
    assert len({kind.__struct_config__.tag for kind in WIRE}) == len(WIRE)
    for request in ASKED.values():
        assert isinstance(request.permission, Permission)
        assert request.summary
        assert request.wire_name.isascii()


@pytest.mark.parametrize(("role", "asked", "may"), cells())
def test_a_role_may_ask_what_the_matrix_says(role: str, asked: str, may: bool) -> None:
    """Who may ask gets no refusal for who they are; who may not gets that refusal, and nothing is done."""
    hub = a_hub()
    hub.uploads.room = lambda: 1e9
    hub.new_secret = secrets()
    add_account(hub, "bob")
    add_account(hub, "vouched", password_hash=ELSEWHERE)
    session = a_session_of(hub, role, asked)
    refusal: ChatError | None = None
    try:
        effects = hub.decide(session, ASKED[asked], NOON)
    except ChatError as error:
        refusal = error
    if may:
        assert not isinstance(refusal, NotAllowed | NotIdentified)
        assert refusal is not None or effects != []
    else:
        assert isinstance(refusal, NotIdentified if role == "nobody" else NotAllowed)


@pytest.mark.parametrize("lowest", list(Role))
def test_the_settings_say_who_makes_channels(lowest: Role) -> None:
    """`[channels] create` names the lowest role that may; a guest never may, who has nothing to come back to."""
    for role in Role:
        hub = a_hub(create_channel=lowest)
        session = a_session_of(hub, role.label) if role is not Role.GUEST else come_in(hub, "a guest")
        may = role >= lowest and role is not Role.GUEST
        assert hub.may(person_of(session), Permission.CREATE_CHANNEL) is may
        if may:
            assert hub.decide(session, Create(channel="#new"), NOON)
        else:
            with pytest.raises(NotAllowed):
                hub.decide(session, Create(channel="#new"), NOON)


@pytest.mark.parametrize("lowest", list(Role))
def test_the_settings_say_who_sends_files(lowest: Role) -> None:
    """`[files] send` names the lowest role that may, guests too."""
    for role in Role:
        hub = a_hub(send_files=lowest)
        session = a_session_of(hub, role.label) if role is not Role.GUEST else come_in(hub, "a guest")
        assert hub.may(person_of(session), Permission.SEND_FILES) is (role >= lowest)


def test_a_changed_policy_counts_at_once() -> None:
    """After the settings were read again, who may create channels is decided by them."""
    hub = a_hub()
    session = log_in(hub, "bob")
    assert hub.decide(session, Create(channel="#new"), NOON)
    hub.set_policy(a_hub(create_channel=Role.ADMIN).policy)
    with pytest.raises(NotAllowed):
        hub.decide(session, Create(channel="#new"), NOON)


def test_a_higher_role_may_all_that_a_lower_one_may() -> None:
    """The table only grows from role to role."""
    for lowest in Role:
        table = permissions(lowest)
        for lower, higher in zip(list(Role), list(Role)[1:], strict=False):
            assert table[lower] <= table[higher]


def test_a_role_is_found_by_its_label() -> None:
    """Roles are stored and shown by a word, whose case does not matter; another word is refused."""
    assert [Role.of(role.label) for role in Role] == list(Role)
    assert Role.of("Owner") is Role.OWNER
    with pytest.raises(ValueError, match="no such role: king"):
        Role.of("king")


def test_too_many_requests_are_refused_with_the_time_to_wait() -> None:
    """Past the burst a request is refused before anything else is looked at; later it is heard again."""
    hub = a_hub()
    session = connect(hub, rate=4, burst=2)
    for _ in range(2):
        hub.decide(session, Ping(), NOON)
    with pytest.raises(RateLimited) as caught:
        hub.decide(session, Logout(), NOON)
    assert caught.value.retry_after == 0.25
    assert hub.decide(session, Ping(), NOON + 0.25)
