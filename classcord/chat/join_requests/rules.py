"""Decisions about join requests: ask, accept, reject, withdraw; the notices to authors and to moderators."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from classcord.chat.audit.trail import membership
from classcord.chat.channels.vocabulary import (
    ChannelEntered,
    Join,
    Leave,
    MemberAdded,
    NotInChannel,
)
from classcord.chat.effects import Commit, Deliver, Effect, Reply, TellSecurity
from classcord.chat.errors import NotAllowed
from classcord.chat.events import Done, Notice
from classcord.chat.finding import visible_channel
from classcord.chat.join_requests.telling import told_to_those_who_admit
from classcord.chat.join_requests.undecided import ACCEPTED, EXPIRED, REJECTED, WITHDRAWN
from classcord.chat.join_requests.vocabulary import (
    Accept,
    JoinDecided,
    JoinRequested,
    JoinRequestInfo,
    JoinState,
    JoinTold,
    NeedsAccount,
    NobodyAsks,
    Pending,
    Reject,
    Reminded,
    Requests,
    RequestsListed,
    TooMuchAsked,
    Withdraw,
)
from classcord.chat.names import name_key
from classcord.chat.reasons import because, checked_reason
from classcord.chat.records import Record
from classcord.chat.registry import applies, audits, decides, reserves
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.people import Account, Session
    from classcord.chat.registry import What
    from classcord.chat.world import World


DAY = 86_400_000  # milliseconds
MOST_ASKED = 20  # waiting requests of one account: a moderator has to read them all


def ask(world: World, session: Session, request: Join, channel: Channel, now: float) -> list[Effect]:
    """Store the request of a person to be a member of an approval channel."""
    account = session.person.account if session.person else None
    if account is None:
        raise NeedsAccount(channel=channel.name)
    at = int(now * 1000)
    before = world.state.join_requests.of(account.id, channel.id)
    records: tuple[Record, ...] = ()
    if before is not None:
        if before.expires_at > at:
            raise Pending(channel=channel.name)
        records = (JoinDecided(request_id=before.request_id, state=EXPIRED, decided_at=at, told=True),)
    own = sum(1 for each in world.state.join_requests.waiting(at) if each.user_id == account.id)
    if own >= MOST_ASKED:
        raise TooMuchAsked(limit=MOST_ASKED)
    asked = JoinRequested(
        request_id=world.state.join_request_ids.next(),
        channel_id=channel.id,
        user_id=account.id,
        asked_at=at,
        expires_at=at + world.policy.request_days * DAY,
    )
    answer = ChannelEntered(status="pending", channel=channel.name, kind=channel.kind.value, topic=channel.topic)
    return [Commit(session, (*records, asked), request, answer)]


@reserves
def _join_request_id_is_given_out(world: World, record: JoinRequested) -> None:
    world.state.join_request_ids.pass_over(record.request_id)


@applies
def join_requested(world: World, record: JoinRequested) -> list[Effect]:
    world.state.join_requests.add(record)
    session = world.session_of(record)
    name = world.state.accounts_by_id[record.user_id].name
    values: dict[str, object] = {"name": name, "channel": world.state.channel_name(record.channel_id)}
    at_console = N_("{name} asks to be admitted to {channel}: `accept {name} {channel}`, or `reject`.")
    elsewhere = N_("{name} asks to be admitted to {channel}. Answer on the web page or at the console.")
    channel = world.state.channels_by_id.get(record.channel_id)
    moderators = world.those_who_may(Permission.ADMIT, channel) if channel is not None else ()
    staff = [s for s in dict.fromkeys((*world.staff(), *moderators)) if s is not session]
    asked = Notice(
        content=Text(N_("Your request for {channel} is stored; you will hear of the answer."), values),
        timestamp=rfc3339(record.asked_at),
    )
    told: list[Effect] = [Deliver(asked, (session,))] if session else []
    for words, has_commands in ((at_console, True), (elsewhere, False)):
        these = tuple(s for s in staff if (s in world.state.operators) is has_commands)
        notice = Notice(content=Text(words, values), timestamp=rfc3339(record.asked_at))
        told += [Deliver(notice, these)] if these else []
    return told + told_to_those_who_admit(world, record, "pending", record.asked_at, session)


@audits
def _audited_join_requested(world: World, record: JoinRequested) -> What:
    return (
        "join-requested",
        "join-request",
        record.request_id,
        None,
        membership(world, record.channel_id, record.user_id),
    )


@decides
def requests(world: World, session: Session, request: Requests, now: float) -> list[Effect]:
    assert session.person is not None
    only = visible_channel(world, session.person, request.channel) if request.channel else None
    rows = tuple(
        JoinRequestInfo(
            user=world.state.accounts_by_id[each.user_id].name,
            channel=world.state.channels_by_id[each.channel_id].name,
            since=rfc3339(each.asked_at),
            until=rfc3339(each.expires_at),
        )
        for each in world.state.join_requests.waiting(now * 1000)
        if (only is None or each.channel_id == only.id)
        and world.may(session.person, Permission.ADMIT, world.state.channels_by_id[each.channel_id])
    )
    return [Reply(request, RequestsListed(requests=rows))]


@decides
def accept(world: World, session: Session, request: Accept, now: float) -> list[Effect]:
    asked, account, channel = _asked(world, session, request, now)
    at = int(now * 1000)
    decided = JoinDecided(request_id=asked.request_id, state=ACCEPTED, decided_by=session.name, decided_at=at)
    member = MemberAdded(channel_id=channel.id, user_id=account.id, since=at)
    return [Commit(session, (decided, member), request, Done()), TellSecurity("accept", account.name, channel.name)]


@decides
def reject(world: World, session: Session, request: Reject, now: float) -> list[Effect]:
    asked, account, channel = _asked(world, session, request, now)
    decided = JoinDecided(
        request_id=asked.request_id,
        state=REJECTED,
        decided_by=session.name,
        decided_at=int(now * 1000),
        reason=checked_reason(request.reason) or None,
    )
    return [Commit(session, (decided,), request, Done()), TellSecurity("reject", account.name, channel.name)]


def _asked(
    world: World, session: Session, request: Accept | Reject, now: float
) -> tuple[JoinRequested, Account, Channel]:
    assert session.person is not None
    channel = visible_channel(world, session.person, request.channel)
    if not world.may(session.person, Permission.ADMIT, channel):
        raise NotAllowed
    account = world.state.accounts.get(name_key(request.user))
    asked = world.state.join_requests.of(account.id, channel.id) if account else None
    if account is None or asked is None or asked.expires_at <= now * 1000:
        raise NobodyAsks(name=request.user, channel=channel.name)
    return asked, account, channel


@decides
def withdraw(world: World, session: Session, request: Withdraw, now: float) -> list[Effect]:
    return take_back(world, session, request, now)


def take_back(world: World, session: Session, request: Withdraw | Leave, now: float) -> list[Effect]:
    """Take a request back; to leave the channel before being admitted does the same."""
    person = session.person
    assert person is not None
    channel = visible_channel(world, person, request.channel)
    asked = world.state.join_requests.of(person.account.id, channel.id) if person.account else None
    if asked is None:
        raise NotInChannel(channel=channel.name)
    decided = JoinDecided(request_id=asked.request_id, state=WITHDRAWN, decided_at=int(now * 1000), told=True)
    return [Commit(session, (decided,), request, Done())]


@applies
def join_decided(world: World, record: JoinDecided) -> list[Effect]:
    asked = world.state.join_requests.decided(record)
    state: JoinState = record.state  # type: ignore[assignment]
    told = told_to_those_who_admit(world, asked, state, record.decided_at, world.session_of(record))
    account = world.state.accounts_by_id.get(asked.user_id)
    person = world.state.addressee(account.key) if account else None
    if person is None or person.account is not account or record.state not in _DECIDED:
        return told
    told.append(Deliver(_notice(world, asked, record.decided_at), tuple(person.sessions)))
    if not record.told:
        told.append(Commit(None, (JoinTold(request_id=asked.request_id, at=record.decided_at),)))
    return told


@audits
def _audited_join_decided(world: World, record: JoinDecided) -> What:
    asked = world.state.join_requests.get(record.request_id)
    about = membership(world, asked.channel_id, asked.user_id) if asked else {}
    after = about | {"state": record.state} | ({"reason": record.reason} if record.reason else {})
    return "join-decided", "join-request", record.request_id, None, after


_DECIDED = {
    ACCEPTED: N_("You are admitted to {channel}."),
    REJECTED: N_("Your request for {channel} was rejected. {reason}"),
    EXPIRED: N_("Your request for {channel} has expired without an answer; you may ask again."),
}


def _notice(world: World, asked: JoinRequested, at: int) -> Notice:
    """Return the notice of its end to the author of a request."""
    words = _DECIDED.get(asked.state, _DECIDED[EXPIRED])
    channel = world.state.channel_name(asked.channel_id)
    return Notice(
        content=Text(words, {"channel": channel, "reason": because(asked.reason or "")}), timestamp=rfc3339(at)
    )


def tell_missed(world: World, session: Session, now: float) -> list[Effect]:
    """Tell a newcomer the result of their requests; tell a person who may admit others which requests wait."""
    person, at = session.person, int(now * 1000)
    assert person is not None
    effects: list[Effect] = []
    for asked in world.state.join_requests.untold(person.account.id, at) if person.account else ():
        record: Record = JoinTold(request_id=asked.request_id, at=at)
        if asked.state not in _DECIDED:  # its time is up, and this is not stored yet
            record = JoinDecided(request_id=asked.request_id, state=EXPIRED, decided_at=at, told=True)
        effects.append(Commit(session, (record,), holds=False))
    return effects if person.is_operator else effects + tell_waiting(world, session, now)  # a console greets with that


def tell_waiting(world: World, session: Session, now: float) -> list[Effect]:
    """Tell a person who may admit others that requests wait."""
    channels = Counter(each.channel_id for each in world.state.join_requests.waiting(now * 1000))
    waiting = sum(
        count
        for number, count in channels.items()
        if world.may(session.person, Permission.ADMIT, world.state.channels_by_id[number])
    )
    if not waiting:
        return []
    at_console = N_("Requests that wait for an answer: {count}. `requests` lists them.")
    elsewhere = N_("Requests that wait for an answer: {count}. Answer on the web page or at the console.")
    has_commands = session in world.state.operators
    words = Text(at_console if has_commands else elsewhere, {"count": waiting})
    return [Commit(session, (Reminded(text=words, at=int(now * 1000)),), holds=False)]


@applies
def reminded(world: World, record: Reminded) -> list[Effect]:
    session = world.session_of(record)
    notice = Notice(content=record.text, timestamp=rfc3339(record.at), kind="waiting")
    return [Deliver(notice, (session,))] if session else []


@applies
def join_told(world: World, record: JoinTold) -> list[Effect]:
    session = world.session_of(record)
    asked = world.state.join_requests.forget(record.request_id)
    return [Deliver(_notice(world, asked, record.at), (session,))] if session and asked else []
