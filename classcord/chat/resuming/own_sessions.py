"""One's own sessions, connected or not: listed, and ended. Nobody sees or ends another's here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.effects import Close, Commit, Effect, Reply, TellSecurity
from classcord.chat.errors import BadRequest
from classcord.chat.events import Done
from classcord.chat.registry import applies, decides
from classcord.chat.resuming.vocabulary import (
    EndSession,
    MySessions,
    NoSuchSession,
    OwnSession,
    OwnSessionsListed,
    SessionTurnedOut,
    TokenEnded,
)
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.resuming.tokens import Token
    from classcord.chat.world import World


@decides
def my_sessions(world: World, session: Session, request: MySessions, now: float) -> list[Effect]:
    rows = [_row(session, number, *each, now) for number, each in _mine(world, session).items()]
    rows.sort(key=lambda row: (row.current, row.last_used, row.session_id), reverse=True)
    return [Reply(request, OwnSessionsListed(sessions=tuple(rows)))]


def _mine(world: World, session: Session) -> dict[int, tuple[Session | None, Token | None]]:
    """Return the sessions of the person who asks, by the numbers that name them.

    A session that has a token keeps its number when it is resumed: that of its token.
    """
    person, tokens = session.person, world.state.tokens
    assert person is not None
    account = person.account
    live = world.state.sessions_of(account) if account is not None and person.owns(account) else tuple(person.sessions)
    found: dict[int, tuple[Session | None, Token | None]] = {}
    for each in live:
        token = tokens.of_session(each.row)
        found[token.id if token is not None else each.number] = (each, token)
    if account is not None and person.owns(account):
        for token in tokens.of_account(account.id):
            found.setdefault(token.id, (None, token))
    return found


def _row(asking: Session, number: int, live: Session | None, token: Token | None, now: float) -> OwnSession:
    if live is not None:
        client, address, used = live.client, live.address, int(now * 1000)
    else:
        assert token is not None
        client, address, used = token.client, token.address, token.used_at
    since = token.made_at if token is not None else live.since if live is not None else used
    return OwnSession(
        session_id=number,
        client=client,
        address=address,
        since=rfc3339(since),
        last_used=rfc3339(used),
        connected=live is not None,
        current=live is asking,
    )


@decides
def end_session(world: World, session: Session, request: EndSession, now: float) -> list[Effect]:
    if (request.session_id is None) != request.others:
        raise BadRequest(field="session_id", why=Text(N_("it is “session_id”, or “others”")))
    mine = _mine(world, session)
    if request.session_id is not None:
        if request.session_id not in mine:
            raise NoSuchSession(field="session_id", name=request.session_id)
        mine = {request.session_id: mine[request.session_id]}
    else:
        mine = {number: each for number, each in mine.items() if each[0] is not session}
    ended = tuple(TokenEnded(token_id=token.id) for _, token in mine.values() if token is not None)
    closed = tuple(SessionTurnedOut(number=live.number) for live, _ in mine.values() if live is not None)
    assert session.person is not None
    return [
        Commit(session, (*ended, *closed), request, Done()),
        *([TellSecurity("sessions-ended", session.person.name)] if mine else []),
    ]


@applies
def session_turned_out(world: World, record: SessionTurnedOut) -> list[Effect]:
    session = world.state.sessions.get(record.number)
    if session is None or world.replaying:
        return []
    return [Close(Text(N_("You have ended this session from another one.")), (session,))]
