"""A hub with its channels, and sessions in it, without anything below: what the tests of floor 0 begin with.

`decide` asks the hub; `commit` makes what was decided true as the service does, and returns what follows.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

import msgspec
import pytest

from classcord.chat.accounts.vocabulary import Authenticate, Password
from classcord.chat.audit import trail
from classcord.chat.audit.vocabulary import Audited
from classcord.chat.channels.channel import Channel
from classcord.chat.channels.vocabulary import ChannelAdded
from classcord.chat.checked_passwords.vocabulary import Hashed, Verified
from classcord.chat.effects import (
    Again,
    BeginListening,
    Commit,
    Deliver,
    DeliverPresence,
    Effect,
    EndListening,
    Hash,
    Reply,
)
from classcord.chat.errors import ChatError
from classcord.chat.events import Answer, Event, Notice
from classcord.chat.held_messages.vocabulary import HeldAccepted
from classcord.chat.hub import Hub
from classcord.chat.identity.vocabulary import Guest, Login, SessionEnded, SessionStarted
from classcord.chat.limits import TokenBucket
from classcord.chat.messages.vocabulary import Said
from classcord.chat.names import channel_key, name_key
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.people import Account, Person, Session
from classcord.chat.policy import Policy
from classcord.chat.ports import Traits
from classcord.chat.privacy.vocabulary import DeleteMyAccount
from classcord.chat.records import Record
from classcord.chat.registration.vocabulary import Register, UserAdded
from classcord.chat.reports import telling
from classcord.chat.requests import Request
from classcord.chat.resuming.tokens import digest
from classcord.chat.roles import Operator, Role
from classcord.chat.state import LastIds
from classcord.chat.text import Text
from classcord.wire.jsonlines import Classic, Modern

NOON = 1_795_176_000.0
NOON_MS = 1_795_176_000_000
NOON_WRITTEN = "2026-11-20T12:00:00.000Z"
ADDRESS = "192.0.2.1"


@dataclass(eq=False)
class Ear:
    """A listener of which the hub asks only for its traits; whatever else it is asked for fails."""

    traits: Traits

    @property
    def encoder(self) -> NoReturn:
        raise NotImplementedError

    @property
    def sink(self) -> NoReturn:
        raise NotImplementedError

    @property
    def waiting(self) -> NoReturn:
        raise NotImplementedError

    @property
    def portion(self) -> NoReturn:
        raise NotImplementedError

    def answer(self, request: Request, answer: Answer) -> NoReturn:
        raise NotImplementedError

    def error(self, error: ChatError, request: Request | None) -> NoReturn:
        raise NotImplementedError

    def write(self, chunk: object) -> None:
        raise NotImplementedError

    def close(self, *, after: float) -> None:
        raise NotImplementedError

    def pause(self) -> None:
        raise NotImplementedError

    def resume(self) -> None:
        raise NotImplementedError

    def speak(self, language: str, encoding: str) -> None:
        raise NotImplementedError

    def pace(self, lasts: Callable[[], bool]) -> None:
        raise NotImplementedError

    def when_written(self, then: Callable[[], None]) -> None:
        raise NotImplementedError

    def mark(self) -> NoReturn:
        raise NotImplementedError

    def acknowledged(self) -> NoReturn:
        raise NotImplementedError

    def was_silent(self) -> NoReturn:
        raise NotImplementedError

    def give_up_after(self, seconds: float) -> None:
        raise NotImplementedError


def a_hub(**terms: object) -> Hub:
    """Return a hub with #général (everyone's), #dev (open) and #admin (moderators'), their ids 1, 2 and 3."""
    hub = Hub(Policy(**{"messages_per_second": 0.0, **terms}), LastIds(channel=9))  # type: ignore[arg-type]
    hub.restore(
        [
            a_channel(1, "#général", kind="default", members_from="guest"),
            a_channel(2, "#dev"),
            a_channel(3, "#admin", kind="private", guests=False, members_from="moderator"),
        ]
    )
    return hub


def secrets() -> Callable[[], str]:
    """Return what makes tokens: `token 1`, `token 2` and so on."""
    numbers = itertools.count(1)
    return lambda: f"token {next(numbers)}"


def token_of(hub: Hub, session: Session) -> str:
    """Return the token of a session, which was made by `secrets`."""
    token = hub.state.tokens.of_session(session.row)
    assert token is not None
    return next(secret for secret in map("token {}".format, itertools.count(1)) if digest(secret) == token.digest)


def a_channel(channel_id: int, name: str, kind: str = "open", **fields: object) -> ChannelAdded:
    values = {"name_key": channel_key(name), "added_at": NOON_MS, **fields}
    return ChannelAdded(channel_id=channel_id, name=name, kind=kind, **values)  # type: ignore[arg-type]


def channel(hub: Hub, name: str) -> Channel:
    found = hub.state.channel(name)
    assert found is not None
    return found


def add_account(
    hub: Hub, name: str, role: str = "member", alias: str | None = None, password_hash: str = "digest"
) -> Account:
    """Add an account, as a start does from the store."""
    record = UserAdded(
        user_id=hub.state.user_ids.next(),
        name=name,
        name_key=name_key(name),
        role=role,
        password_hash=password_hash,
        alias=alias,
        alias_key=name_key(alias) if alias else None,
        added_at=NOON_MS,
    )
    hub.restore([record])
    return hub.state.accounts_by_id[record.user_id]


def connect(hub: Hub, *, modern: bool = True, rate: float = 0.0, burst: float = 0.0) -> Session:
    """Return a session that nobody has identified; without a rate it may ask as fast as it likes."""
    return Session(
        hub.state.session_ids.next(),
        Ear((Modern if modern else Classic).traits),
        address=ADDRESS,
        face="tcp",
        language="fr",
        bucket=TokenBucket(rate, burst, NOON),
    )


def decide(hub: Hub, session: Session, request: Request, now: float = NOON) -> list[Effect]:
    """Decide; whatever is asked, each record of it says who did it, in which session."""
    effects = hub.decide(session, request, now)
    for effect in effects:
        if isinstance(effect, Commit) and effect.session is not None:
            assert effect.session is session
            _check_signed(session, effect.records)
    return effects


def _check_signed(session: Session, records: Iterable[Record]) -> None:
    number, actor = session.number, session.name or None
    for record in records:
        if isinstance(record, SessionStarted) and session.row is None:
            number, actor = record.session_id, record.name
    for record in records:
        if record.actor in {trail.SERVER, telling.SERVER}:
            continue  # of a report nobody learns who has sent it
        if isinstance(record, Audited):
            assert (record.session_id, record.actor) == (session.number, session.name or "-")
        elif isinstance(record, SessionStarted | SessionEnded):
            assert record.actor == actor
        elif isinstance(record, HeldAccepted):
            assert (record.session_id, record.actor) == (number, actor)
            return  # the message that is approved is signed by its author
        else:
            assert (record.session_id, record.actor) == (number, actor)


def commit(hub: Hub, effects: Iterable[Effect], now: float = NOON) -> list[Effect]:
    """Make commits true in their order, those that follow from them too; return all else that follows.

    What is to be decided again is, after the commit that it waits for.
    """
    follow: list[Effect] = []
    asking: Session | None = None
    for effect in effects:
        if isinstance(effect, Commit):
            asking = effect.session
            follow += commit(hub, applied(hub, effect.records), now)
        elif isinstance(effect, Again) and asking is not None:
            follow += commit(hub, hub.decide(asking, effect.request, now), now)
        else:
            follow.append(effect)
    return follow


def applied(hub: Hub, records: Iterable[Record]) -> list[Effect]:
    """Apply records; return what follows, with the audience of presence as it is now: here nothing waits."""
    follow = [effect for record in records for effect in hub.apply(record)]
    told = [each for each in follow if not isinstance(each, (BeginListening, EndListening))]
    return [present(each) if isinstance(each, DeliverPresence) else each for each in told]


def present(effect: DeliverPresence) -> Deliver:
    """Return the delivery of presence to those who listen now."""
    return Deliver(effect.event, tuple(s for s in effect.channel.sessions if s not in effect.apart))


def ask(hub: Hub, session: Session, request: Request, now: float = NOON) -> list[Effect]:
    """Decide and commit; return what follows from the records."""
    return commit(hub, decide(hub, session, request, now), now)


def log_in(hub: Hub, name: str, session: Session | None = None, *, modern: bool = True) -> Session:
    """Return a session of the account `name`, which is made if there is none."""
    if hub.state.account(name) is None:
        add_account(hub, name)
    session = session or connect(hub, modern=modern)
    ask(hub, session, verified(hub, name))
    return session


def come_in(hub: Hub, name: str, session: Session | None = None, *, modern: bool = True, now: float = NOON) -> Session:
    """Return a guest's session."""
    session = session or connect(hub, modern=modern)
    ask(hub, session, Guest(username=name), now)
    return session


def person_of(session: Session) -> Person:
    assert session.person is not None
    return session.person


def records_of(effects: Iterable[Effect]) -> list[Record]:
    """Return the records of all commits among the effects, but for what goes into the audit trail."""
    found = (r for effect in effects if isinstance(effect, Commit) for r in effect.records)
    return [record for record in found if not isinstance(record, Audited)]


def unsigned(record: Record) -> Record:
    """Return what a record changes, without who did it: `decide` has looked at that."""
    if isinstance(record, SessionStarted | SessionEnded):
        return msgspec.structs.replace(record, actor=None)
    return msgspec.structs.replace(record, session_id=None, actor=None)


def changes_of(effects: Iterable[Effect]) -> list[Record]:
    """Return the records of all commits among the effects, unsigned."""
    return [unsigned(record) for record in records_of(effects)]


def trail_of(effects: Iterable[Effect]) -> list[Audited]:
    """Return the entries of the audit trail among the effects."""
    return [r for effect in effects if isinstance(effect, Commit) for r in effect.records if isinstance(r, Audited)]


def untrailed(effects: Iterable[Effect]) -> list[Effect]:
    """Return the effects, their commits without what goes into the audit trail, and unsigned."""
    return [
        msgspec.structs.replace(effect, records=tuple(changes_of([effect]))) if isinstance(effect, Commit) else effect
        for effect in effects
    ]


def the_commit(effects: Sequence[Effect]) -> Commit:
    """Return the first effect, which is a commit."""
    first = effects[0]
    assert isinstance(first, Commit)
    return first


def heard_by(session: Session, effects: Iterable[Effect]) -> list[Event]:
    """Return the events that a session hears: those delivered to it which are not its own."""
    delivered = [effect for effect in effects if isinstance(effect, Deliver)]
    return [d.event for d in delivered if session in d.audience and d.author is not session]


# -- what is asked, and what is heard ---------------------------------------------------------------------------------


def registration(name: str, **fields: str) -> Register:
    return Register(username=name, **{"password": "azerty", **fields})


def register(hub: Hub, session: Session, name: str, **fields: str) -> None:
    """Make an account through a session, as far as its commit."""
    request = registration(name, **fields)
    assert decide(hub, session, request) == [Hash(request, request.password)]
    ask(hub, session, Hashed(asked=request, digest="digest"))


def verified(hub: Hub, name: str, *, valid: bool = True, rehashed: str | None = None) -> Verified:
    """Return what comes back of a login by a password that is kept here."""
    return checked(hub, Login(username=name, password="azerty"), name, valid=valid, rehashed=rehashed)


def checked(
    hub: Hub,
    asked: Login | Password | Authenticate | DeleteMyAccount,
    name: str,
    *,
    valid: bool = True,
    rehashed: str | None = None,
) -> Verified:
    """Return what comes back when a password of `name`, which is kept here, has been compared."""
    account = hub.state.account(name)
    return Verified(asked=asked, version=account.password_version if account else None, valid=valid, rehashed=rehashed)


def is_here(name: str) -> Notice:
    return notice("{name} is here.", name, "arrival")


def has_left(name: str) -> Notice:
    return notice("{name} has left.", name, "departure")


def privately(message_id: int, sender: str, to: str, content: str = "psst", role: str = "member") -> Said:
    return Said(
        message_id=message_id,
        subtype="private",
        channel=None,
        sender=sender,
        to=to,
        content=content,
        timestamp=NOON_WRITTEN,
        role=role,
    )


def notice(words: str, name: str, kind: str | None = None) -> Notice:
    return Notice(content=Text(words, {"name": name}), timestamp=NOON_WRITTEN, kind=kind)


def contents(session: Session, effects: list[Effect]) -> list[str]:
    return [event.content for event in heard_by(session, effects) if isinstance(event, Said)]


def answered(hub: Hub, session: Session, request: Request) -> Answer:
    (reply,) = decide(hub, session, request)
    assert isinstance(reply, Reply)
    assert reply.request is request
    return reply.answer


def moderator(hub: Hub, name: str = "mod") -> Session:
    add_account(hub, name, "moderator")
    return log_in(hub, name)


def operates(hub: Hub, name: str, role: Role, *, by: str = "key", address: str = ADDRESS) -> Session:
    """Return a session of somebody who administers: by a key, by an account's password, or at the machine."""
    session = connect(hub)
    session.address = address
    account = hub.state.account(name)
    account_id = account.id if account and by == "password" else None
    ask(hub, session, Operate(operator=Operator(name=name, role=role, by=by, account_id=account_id)))
    return session


def refused(hub: Hub, session: Session, request: Request) -> ChatError:
    """Return why a request is refused."""
    with pytest.raises(ChatError) as caught:
        decide(hub, session, request)
    return caught.value
