"""Who is here, what was said before, and the ping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.effects import Again, Commit, Deliver, Effect, HandOverMissed, Query, Reply
from classcord.chat.errors import BadRequest, NotFound, NotInChannel, TooLong
from classcord.chat.events import Done, StatusChanged, StatusSet, UsersListed
from classcord.chat.names import conversation, name_key
from classcord.chat.records import PresenceSet
from classcord.chat.requests import HandOver, History, Malformed, Ping, Status, Users
from classcord.chat.requests.base import LONGEST_STATE
from classcord.chat.roles import Permission
from classcord.chat.rules import administration, admission
from classcord.chat.rules.lookup import find
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.records import Record
    from classcord.chat.requests import Request
    from classcord.chat.world import Change, Decision, World

AWAITED = frozenset({"register", "login", "guest", "users", "list_users"})  # their answer is read as the next line
LONGEST_PAGE = 200  # messages


def users(world: World, session: Session, request: Users, now: float) -> list[Effect]:
    effects: list[Effect] = [Reply(request, UsersListed(users=world.state.visible()))]
    if session.history_due and session.person:
        session.history_due = False
        effects.append(Again(HandOver(history=True)))
    return effects


def hand_over(world: World, session: Session, request: HandOver, now: float) -> list[Effect]:
    person = session.person
    if person is None or not (request.history or session.kept_due):
        return []
    kept_for = person.account.id if person.account and session.kept_due else None
    told = admission.tell_missed(world, session, now) if session.kept_due else []
    session.kept_due = False
    if not request.history:
        return [*told, HandOverMissed(kept_for)]
    heard = tuple((channel.id, channel.sessions[session]) for channel in world.state.listens_to(person))
    return [*told, HandOverMissed(kept_for, heard, world.policy.history_lines)]


def malformed(world: World, session: Session, request: Malformed, now: float) -> list[Effect]:
    """Refuse a line that asks nothing; before the first answered request only once (classic rule 10).

    Whoever has sent a login, though a malformed one, waits for its one answer (classic rule 2).
    """
    if request.error.request_type in AWAITED:
        session.answered = True
    if not session.answered:
        if session.complained:
            return []
        session.complained = True
    raise request.error.untraced()


def history(world: World, session: Session, request: History, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    if request.before is not None and request.after is not None:
        raise BadRequest(field="before", why=Text(N_("a page is before or after a message, not both")))
    limit = min(max(1, request.limit), LONGEST_PAGE)
    if person.is_operator:
        return administration.history(world, session, request, limit, now)
    if request.user is not None and request.channel is None:
        if person.account is None:  # somebody else may have this guest's name tomorrow
            raise NotFound(field="user", name=request.user)
        account = world.state.account(request.user)
        other = account.id if account else name_key(request.user)
        key = conversation(person.account.id, other)
        return [Query(request, conversation=key, user=account.name if account else request.user, limit=limit)]
    channel = find(world, person, request.channel)
    if not world.may(person, Permission.READ, channel):
        raise NotInChannel(channel=channel.name)
    return [Query(request, channel_id=channel.id, channel=channel.name, limit=limit)]


def status(world: World, session: Session, request: Status, now: float) -> list[Effect]:
    person = session.person
    assert person is not None
    state = " ".join(request.state.split())
    if not state or not state.isprintable():
        raise BadRequest(field="state", why=Text(N_("a state is a short word such as online, away, dnd or invisible")))
    if len(state) > LONGEST_STATE:
        raise TooLong(field="state", limit=LONGEST_STATE)
    if state == person.state and not session.traits.answers_same_state:
        return []  # told again, it resets the recipient that three of the clients have selected (classic rule 11)
    return [Commit(session, (PresenceSet(state=state),), request, StatusSet(user=person.name, state=state))]


def presence_set(world: World, record: PresenceSet) -> list[Effect]:
    session = world.session_of(record)
    person = session.person if session else None
    if person is None:
        return []
    seen, person.state = person.seen, record.state
    if (seen == "offline") != person.hidden:
        world.state.presence_changed()
    effects: list[Effect] = []
    if seen != person.seen:
        others = tuple(s for s in world.state.everyone() if s.person is not person)
        effects.append(Deliver(StatusChanged(user=person.name, state=person.seen), others))
    mine = tuple(s for s in person.sessions if s is not session)
    if mine:
        effects.append(Deliver(StatusChanged(user=person.name, state=person.state), mine))
    return effects


def ping(world: World, session: Session, request: Ping, now: float) -> list[Effect]:
    return [Reply(request, Done())]


DECISIONS: dict[type[Request], Decision] = {
    Users: users,
    HandOver: hand_over,
    Malformed: malformed,
    History: history,
    Status: status,
    Ping: ping,
}
CHANGES: dict[type[Record], Change] = {PresenceSet: presence_set}
