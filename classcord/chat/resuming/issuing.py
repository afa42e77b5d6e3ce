"""Tokens are made when a session begins, and end with a logout or a new password. Knows no request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.identity.vocabulary import SessionStarted
from classcord.chat.registry import applies
from classcord.chat.resuming.tokens import Token, digest
from classcord.chat.resuming.vocabulary import (
    TokenEnded,
    TokenMade,
    TokenProlonged,
    TokensEnded,
    TokensExpired,
)
from classcord.chat.sources import source

if TYPE_CHECKING:
    from classcord.chat.effects import Effect
    from classcord.chat.people import Account, Session
    from classcord.chat.records import Record
    from classcord.chat.world import World

MOST_TOKENS = 100  # of an account: as many as sessions, for a class that shares one
MOST_GUEST_TOKENS = 500  # of all guests from one source
MOST_GUESTS = 20_000  # tokens of guests in all
DAY_MS = 86_400_000
PROLONGED_EVERY = DAY_MS // 2  # milliseconds: the shortest that `session_days` can say is a day


def issued(
    world: World, session: Session, records: tuple[Record, ...], now: float
) -> tuple[str | None, tuple[Record, ...]]:
    """Return a token for the session that begins with these records, and the records with the token's.

    There is none if the dialect has no `resume`, and with `[accounts] session_days` 0. If its owner has too many, the
    token ends that was not used for the longest time.
    """
    started = next((each for each in records if isinstance(each, SessionStarted)), None)
    if started is None or not session.traits.resumes or not world.policy.session_days or world.new_secret is None:
        return None, records
    secret, at = world.new_secret(), int(now * 1000)
    made = TokenMade(
        token_id=started.session_id,
        digest=digest(secret),
        user_id=started.user_id,
        name=started.name,
        address=session.address,
        client=session.client,
        session=started.session_id,
        made_at=at,
        used_at=at,
        expires_at=expires_at(world, at),
    )
    return secret, (*records, *_surplus(world, session, started.user_id), made)


def expires_at(world: World, at: int) -> int:
    """Return when a token expires that is used at a time, both in milliseconds."""
    return at + world.policy.session_days * DAY_MS


def _surplus(world: World, session: Session, user_id: int | None) -> tuple[TokenEnded, ...]:
    """Return the records that make room for one more token."""
    tokens = world.state.tokens
    if user_id is not None:
        mine = tokens.of_account(user_id)
        surplus = len(mine) + 1 - MOST_TOKENS
    else:
        mine = tokens.of_guests(source(session.address))
        surplus = len(mine) + 1 - MOST_GUEST_TOKENS
        if surplus <= 0 and tokens.guests >= MOST_GUESTS:
            mine, surplus = tokens.of_largest_source(), 1
    if surplus <= 0:
        return ()
    oldest = sorted(mine, key=lambda token: (token.session in world.state.sessions, token.used_at))
    return tuple(TokenEnded(token_id=token.id) for token in oldest[:surplus])


def ended_with(world: World, number: int | None) -> tuple[TokenEnded, ...]:
    """Return the record that ends the token of the session with this number, if it has one."""
    token = world.state.tokens.of_session(number)
    return () if token is None else (TokenEnded(token_id=token.id),)


def all_ended(world: World, session: Session, account: Account) -> tuple[TokensEnded, ...]:
    """Return the record that ends all tokens of an account, but for that of the session that asks for it."""
    token = world.state.tokens.of_session(session.row)
    return (TokensEnded(user_id=account.id, kept=token.id if token is not None else 0),)


@applies
def token_made(world: World, record: TokenMade) -> list[Effect]:
    world.state.session_ids.pass_over(max(record.token_id, record.session))
    token = Token(
        id=record.token_id,
        digest=record.digest,
        user_id=record.user_id,
        name=record.name,
        address=record.address,
        client=record.client,
        session=record.session,
        made_at=record.made_at,
        used_at=record.used_at,
        expires_at=record.expires_at,
    )
    if record.session in world.state.sessions:
        token.named_after, token.named_up_to = world.state.applied, None
    world.state.tokens.add(token)
    return []


@applies
def token_ended(world: World, record: TokenEnded) -> list[Effect]:
    world.state.tokens.remove(record.token_id)
    return []


@applies
def tokens_ended(world: World, record: TokensEnded) -> list[Effect]:
    for token in world.state.tokens.of_account(record.user_id):
        if token.id != record.kept:
            world.state.tokens.remove(token.id)
    return []


@applies
def tokens_expired(world: World, record: TokensExpired) -> list[Effect]:
    for token in world.state.tokens:
        if token.expires_at <= record.at:
            world.state.tokens.remove(token.id)
    return []


@applies
def token_prolonged(world: World, record: TokenProlonged) -> list[Effect]:
    token = world.state.tokens.named(record.token_id)
    if token is not None:
        token.used_at, token.expires_at = record.used_at, record.expires_at
    return []


def kept_up(world: World, now: float) -> tuple[Record, ...]:
    """Return the records that remove expired tokens, and prolong once a day those of sessions that are still there."""
    at = int(now * 1000)
    live = [token for token in world.state.tokens if token.session in world.state.sessions]
    prolonged = tuple(
        TokenProlonged(token_id=token.id, used_at=at, expires_at=expires_at(world, at))
        for token in live
        if at - token.used_at >= PROLONGED_EVERY
    )
    expired = any(token.expires_at <= at for token in world.state.tokens)
    return (*prolonged, *((TokensExpired(at=at),) if expired else ()))
