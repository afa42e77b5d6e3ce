"""The history: pages of earlier messages, for members and for operators. Knows no store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.audit.rules import commit_entry
from classcord.chat.channels.vocabulary import NotInChannel
from classcord.chat.effects import Effect, HandOverMissed, Query
from classcord.chat.errors import BadRequest, NotAllowed, NotIdentified
from classcord.chat.finding import visible_channel
from classcord.chat.held_messages import at_login as held_messages
from classcord.chat.join_requests import rules as join_requests
from classcord.chat.messages.readers import conversation_with
from classcord.chat.messages.vocabulary import HandOver, History, ReasonNeeded
from classcord.chat.names import conversation, converses, name_key
from classcord.chat.reasons import checked_reason
from classcord.chat.registry import decides
from classcord.chat.reports import telling as reports
from classcord.chat.roles import Permission
from classcord.chat.sanctions import warnings
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.people import Person, Session
    from classcord.chat.world import World


LONGEST_PAGE = 200  # messages


@decides
def hand_over(world: World, session: Session, request: HandOver, now: float) -> list[Effect]:
    person = session.person
    if person is None or not (request.history or session.kept_due):
        return []
    kept_for = person.account.id if person.account and session.kept_due else None
    told: list[Effect] = []
    if session.kept_due:
        told = [*join_requests.tell_missed(world, session, now), *reports.tell_missed(world, session, now)]
        told += warnings.tell_missed(world, session, now)
        told += held_messages.tell_missed(world, session, now)
    session.kept_due = False
    if not request.history:
        return [*told, HandOverMissed(kept_for)]
    heard = tuple((channel.id, channel.sessions[session]) for channel in world.state.listens_to(person))
    return [*told, HandOverMissed(kept_for, heard, world.policy.history_lines)]


@decides
def history(world: World, session: Session, request: History, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    _check_direction(request)
    limit = min(request.limit, LONGEST_PAGE)
    if person.is_operator:
        return _operators_history(world, session, request, limit, now)
    if request.conversation is not None and request.channel is None:
        key = conversation_with(world, person, None, request.conversation)
        return [Query(request, conversation=key, limit=limit)]
    if request.user is not None and request.channel is None:
        key, account = conversation_with(world, person, request.user), world.state.account(request.user)
        return [Query(request, conversation=key, user=account.name if account else request.user, limit=limit)]
    channel = visible_channel(world, person, request.channel)
    if not world.may(person, Permission.READ, channel):
        raise NotInChannel(channel=channel.name)
    return [Query(request, channel_id=channel.id, channel=channel.name, limit=limit)]


def _check_direction(request: History) -> None:
    """Refuse a page in two directions; one around a message has both of its own."""
    if request.around is not None and (request.before is not None or request.after is not None):
        raise BadRequest(field="around", why=Text(N_("a page around a message is not before or after another")))
    if request.before is not None and request.after is not None:
        raise BadRequest(field="before", why=Text(N_("a page is before or after a message, not both")))


def _operators_history(world: World, session: Session, request: History, limit: int, now: float) -> list[Effect]:
    """Read as an operator: any channel that the operator may see; a conversation only with a reason that is stored."""
    person = session.person
    assert person is not None
    if request.user is None and request.conversation is None:
        channel = visible_channel(world, person, request.channel)
        return [Query(request, channel_id=channel.id, channel=channel.name, limit=limit)]
    private = shows_private(world, session, request.reason)
    key, mine, about = _of_operators(world, person, request)
    if not private and not mine:
        raise ReasonNeeded
    kept = commit_entry(session, "read-private", request, now, about=about)
    return [kept, Query(request, conversation=key, user=request.user, limit=limit)]


def _of_operators(world: World, person: Person, request: History) -> tuple[str, bool, str]:
    """Return the key of the conversation that an operator wants to read, whether it is their own, and both in words."""
    if request.conversation is not None:
        return request.conversation, converses(person.conversing_as, request.conversation), request.conversation
    mine = request.other is None or name_key(request.other) == person.key
    one = _conversing(world, str(request.user))
    other = person.conversing_as if mine else _conversing(world, str(request.other))
    return conversation(one, other), mine, f"{request.user} {request.other or person.name}"


def check_may_read_still(world: World, session: Session, page: Query) -> None:
    """Refuse a page that the store has read, if the person may not read it any more."""
    person, request = session.person, page.request
    if person is None:
        raise NotIdentified
    if not world.may(person, request.permission):
        raise NotAllowed
    if page.conversation is not None:
        if not converses(person.conversing_as, page.conversation) and not shows_private(world, session, request.reason):
            raise ReasonNeeded
        return
    channel = world.state.channels_by_id.get(page.channel_id or 0)
    if channel is None or not world.may(person, Permission.READ, channel):
        raise NotInChannel(channel=page.channel)


def _conversing(world: World, name: str) -> int | str:
    account = world.state.account(name)
    return account.id if account else name_key(name)


def shows_private(world: World, session: Session, reason: str) -> bool:
    """Whether private messages are shown: to an owner who gives a reason. Other people who ask are refused."""
    if not reason.strip():
        return False
    if not world.may(session.person, Permission.READ_PRIVATE):
        raise ReasonNeeded
    checked_reason(reason)
    return True
