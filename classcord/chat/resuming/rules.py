"""Resuming: whoever shows a session's token is its person again, and hears what was missed. Knows no store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.conversations.missed import MOST_AT_LOGIN, conversations_of
from classcord.chat.effects import Close, Commit, Effect, Pause, Refuse, Replay, TellSecurity
from classcord.chat.errors import NotAllowed
from classcord.chat.identity.rules import MOST_SESSIONS, identify
from classcord.chat.identity.vocabulary import SessionTakenOver, TooManySessions
from classcord.chat.names import name_key
from classcord.chat.paces import check_login
from classcord.chat.registration.rules import free_guest_name
from classcord.chat.registry import applies, decides
from classcord.chat.resuming.issuing import expires_at
from classcord.chat.resuming.vocabulary import (
    BadToken,
    Gap,
    Missing,
    NamedAlready,
    Resume,
    Resumed,
    TokenUsed,
    WaitedToResume,
)
from classcord.chat.rights.told import told_to
from classcord.chat.roles import Role
from classcord.chat.sanctions.enforcing import check_is_not_muted, check_may_come_in
from classcord.chat.sources import is_own
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.people import Account, Session
    from classcord.chat.resuming.tokens import Token
    from classcord.chat.world import World

MOST_REPLAYED = 500  # messages; of more, the history is read
_GUESSING = "\0resume"  # no name has this key


@decides
def resume(world: World, session: Session, request: Resume, now: float) -> list[Effect]:
    if session.person is not None:
        raise NamedAlready
    token = _good_token(world, request.session, now)
    if token is not None:
        return _resume(world, session, request, token, now)
    pause = world.throttle.tried(_GUESSING, _guesser(world, session), now)
    return [Pause(WaitedToResume(asked=request), pause)] if pause else _refused(request)


@decides
def waited_to_resume(world: World, session: Session, request: WaitedToResume, now: float) -> list[Effect]:
    return _refused(request.asked)


def _guesser(world: World, session: Session) -> str:
    """Return who waits after bad tokens: an address; but of one that many share, this connection alone.

    A good token never waits, so nobody delays the others at an address.
    """
    return f"#{session.id}" if world.shares_address(session.address) else session.address


def _good_token(world: World, secret: str, now: float) -> Token | None:
    token = world.state.tokens.found(secret)
    if token is None or not world.policy.session_days or token.expires_at <= now * 1000:
        return None
    if token.user_id is not None:
        account = world.state.accounts_by_id.get(token.user_id)
        if account is None or account.must_change:
            return None
    return token


def _resume(world: World, session: Session, request: Resume, token: Token, now: float) -> list[Effect]:
    account = None if token.user_id is None else world.state.accounts_by_id[token.user_id]
    old = _still_there(world, token)
    if account is None:
        name = _guest_again(world, session, token, old, now)
    else:
        name = _account_again(world, session, account, old, now)
    at = int(now * 1000)
    started = identify(world, session, name, token.user_id, now)
    used = TokenUsed(
        token_id=token.id,
        session=started[0].session_id or 0,
        follows=token.session,
        name=name,
        address=session.address,
        client=session.client,
        used_at=at,
        expires_at=expires_at(world, at),
    )
    ended = (SessionTakenOver(session_id=token.session, ended_at=at),) if old is not None else ()
    session.resuming = request
    return [
        Commit(session, (*started, used, *ended), request),  # nobody sees them leave; the answer comes by a Replay
        TellSecurity("guest" if account is None else "resumed", name),
    ]


def _refused(request: Resume) -> list[Effect]:
    return [TellSecurity("bad-token"), Refuse(request, BadToken(field="session"))]


def _still_there(world: World, token: Token) -> Session | None:
    """Return the session that has this token, if the server has not noticed yet that its connection is lost."""
    old = world.state.sessions.get(token.session)
    return old if old is not None and old.row == token.session else None


def _account_again(world: World, session: Session, account: Account, old: Session | None, now: float) -> str:
    """Return the name of an account; refused is who would be refused at a login."""
    check_may_come_in(world, session.address, account.key, account.role, now)
    here = world.state.people.get(account.key)
    others = 0 if here is None else len(here.sessions) - (old is not None)
    if others >= MOST_SESSIONS and not is_own(session.address):
        raise TooManySessions(name=account.name, limit=MOST_SESSIONS)
    check_login(world, session, account, now)
    return account.name


def _guest_again(world: World, session: Session, token: Token, old: Session | None, now: float) -> str:
    """Return the name of a guest, the same again if nobody has taken it."""
    if not world.policy.guests:
        raise NotAllowed
    check_is_not_muted(world, session, now)  # a muted person takes no other name
    check_may_come_in(world, session.address, name_key(token.name), Role.GUEST, now)
    own = old.person.key if old is not None and old.person is not None else None
    name = free_guest_name(world, token.name, own, now)
    world.state.promised.add(name_key(name))
    return name


@applies
def token_used(world: World, record: TokenUsed) -> list[Effect]:
    """Give the token to the new session, which takes over what the old one listened to; the old connection ends."""
    state = world.state
    token = state.tokens.named(record.token_id)
    if token is None:
        return []
    old, session = _still_there(world, token), state.sessions.get(record.session)
    missing = None
    if session is not None:
        if old is not None and old is not session:
            for channel in state.channels_by_id.values():
                if old in channel.sessions and session not in channel.sessions:
                    channel.enter(session, state.applied)
        missing = _missing(world, token, session)
    if session is not None and (old is None or name_key(record.name) != name_key(token.name)):
        token.named_after, token.named_up_to = state.applied, None
    state.tokens.used(
        token,
        session=record.session,
        name=record.name,
        address=record.address,
        client=record.client,
        used_at=record.used_at,
        expires_at=record.expires_at,
    )
    if world.replaying or session is None:
        return []
    effects: list[Effect] = [] if missing is None else [missing]
    if old is not None and old is not session:
        effects.append(Close(Text(N_("This session goes on on another connection.")), (old,)))
    return effects


def _missing(world: World, token: Token, session: Session) -> Replay | None:
    """Return the effect that answers the session, and tells it what it missed up to now if it has asked for it."""
    person, request, session.resuming = session.person, session.resuming, None
    if person is None or not isinstance(request, Resume):
        return None
    may = told_to(world, session, person.role)
    answer, after = Resumed(username=person.name, role=person.role.label, may=may), request.after
    up_to = world.state.applied
    summary = None  # a guest has no read markers
    if person.account is not None:
        summary = conversations_of(world, person, limit=MOST_AT_LOGIN, whole=False)
    if after is None:
        return Replay(session, request, answer, summary=summary)
    if after > up_to:  # numbers of another history: the server's is an older backup
        return Replay(session, request, answer, Gap(after=0, up_to=up_to), summary=summary)
    if after == up_to and world.state.changed < after:
        return Replay(session, request, answer)
    question = Missing(
        channels=tuple(channel.id for channel in world.state.channels_by_id.values() if session in channel.sessions),
        user_id=token.user_id,
        guest=name_key(token.name),
        after=after,
        up_to=up_to,
        named_after=max(after, token.named_after),
        named_up_to=up_to if token.named_up_to is None else token.named_up_to,
        most=MOST_REPLAYED,
        changed=world.state.changed >= after,
    )
    return Replay(session, request, answer, Gap(after=after, up_to=up_to), question, summary)
