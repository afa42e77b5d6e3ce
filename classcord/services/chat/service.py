"""The chat at work: owns the hub, decides each request, performs the effects, releases what is committed.

Knows sessions, not transports; every face is given this one object. The way of a message through it is told in
docs/architecture.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from classcord.chat import effects
from classcord.chat.accounts.vocabulary import Authenticate
from classcord.chat.announcements.vocabulary import Announced
from classcord.chat.connections.vocabulary import Disconnect, Finished, Malformed
from classcord.chat.errors import ChatError, Flood, RateLimited, ServerFault, Stopping, StorageUnavailable
from classcord.chat.events import Answer, Notice
from classcord.chat.identity.vocabulary import Login, SessionsClosed
from classcord.chat.messages.rules import said
from classcord.chat.messages.vocabulary import Message
from classcord.chat.operations.vocabulary import CertificateRefused
from classcord.chat.people import Session
from classcord.chat.requests import Request
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339
from classcord.services.chat.acceptor import Acceptor
from classcord.services.chat.closing import LINGER, Closing
from classcord.services.chat.fanout import Fanout, tell
from classcord.services.chat.lookups import Lookups
from classcord.services.chat.offline_messages import OfflineMessages
from classcord.services.chat.pipeline import Pipeline
from classcord.services.chat.unstored import Unstored, administers, noted
from classcord.services.process.logs import MESSAGE
from classcord.services.security.events import event
from classcord.services.security.networks import Networks

if TYPE_CHECKING:
    from classcord.chat.effects import Commit, Effect
    from classcord.chat.hub import Hub
    from classcord.chat.people import Person
    from classcord.chat.ports import Listener
    from classcord.services.administration.countdown import Ending
    from classcord.services.passwords.authenticator import Authenticator
    from classcord.services.passwords.local import Hashing
    from classcord.services.security.events import SecurityEvents
    from classcord.store.ports import Archive, Journal, Outcomes

REFUSAL_COST = 0.05  # of a rate-limited request, in bad lines: a flood of them closes the connection too

T = TypeVar("T")


class Operations(Protocol):
    """What administrators ask that the hub knows nothing of (administration/operations.py)."""

    async def perform(self, request: Request) -> Answer:
        """Return the answer to a request that the hub has let through; ChatError if it cannot be done."""


class ChatService:
    """The one service behind every face."""

    log = Logger()

    def __init__(
        self,
        hub: Hub,
        *,
        archive: Archive,
        authenticator: Authenticator,
        hashing: Hashing,
        clock: IReactorTime,
        security: SecurityEvents,
        log_messages: bool = False,
    ) -> None:
        """`log_messages` makes an event of each message, content and all."""
        self.hub = hub
        self.journal: Journal
        self._acceptor = Acceptor(hub, security, clock, self._give_way)
        self.connection_limits, self.gate = self._acceptor.connection_limits, self._acceptor.gate
        self.gate.blocks.closers.append(self._close_strangers)
        self.gate.closers.append(self._close_strangers)  # who has said a name hears why: the hub has those closed
        self.sessions = self.hub.connections = self.connection_limits.sessions
        self._closing = Closing(
            self.sessions, self.gate, clock, lambda session, error: self._tell(session, None, error)
        )
        self._unstored = Unstored(hub, self.released)
        self.log_messages = log_messages
        self.watched = 0  # administrators who watch what happens
        self.storage_watchers: list[Callable[[str | Text | None], None]] = []  # called like `storage_trouble`
        self.newcomers: list[Callable[[Session], None]] = []  # called with each connection of a client that begins
        self.refusals: Counter[str] = Counter()  # by code
        self._lookups = Lookups(archive, authenticator, hashing, clock)
        self._clock = clock
        self.security = security
        self.operations: Operations
        self.ending: Callable[[], Ending | None] = lambda: None  # the end of the server that is under way
        self._fanout = Fanout()
        self.pipeline = Pipeline(self._decide)
        self._offline_messages = OfflineMessages(hub, clock, decide=self._decide, ask=self._now)
        self._stopping = False
        self._when_gone: Deferred[None] = Deferred()

    @property
    def delivered(self) -> int:
        """How many lines of messages and events sessions were written."""
        return self._fanout.delivered

    # -- what faces call ----------------------------------------------------------------------------------------------

    def connect(self, listener: Listener[Any], *, address: str, face: str) -> Session:
        """Begin a session; ChatError if there is no room for it, or if it may not come from there."""
        session = self._acceptor.begin(listener, address=address, face=face)
        for watcher in tuple(self.newcomers):
            watcher(session)
        return session

    def admit(self, listener: Listener[Any], *, address: str, face: str) -> Session:
        """Begin a session of somebody who administers: there is always room for it, and no rate."""
        return self._acceptor.admit(listener, address=address, face=face)

    def submit(self, session: Session, request: Request) -> None:
        """Take a request; it is decided when those before it are."""
        if not session.closing and not self._stopping:
            self.pipeline.take(session, request)

    def bad_line(self, session: Session, error: ChatError) -> None:
        """Refuse a line that asks nothing, in its place among the answers; a flood of them closes the connection."""
        if self._patient(session, 1.0):
            self.submit(session, Malformed(error=error.untraced(), id=error.request_id))

    def blank_line(self, session: Session) -> None:
        """Pass over an empty line; only a flood of them is too much."""
        self._patient(session, REFUSAL_COST)

    def too_long(self, session: Session, error: ChatError) -> None:
        """Refuse a line longer than the limit, and end the connection (classic rule 17)."""
        self._happened(session, "line-too-long")
        self._tell(session, None, error)
        self.close(session, "a line was too long")

    def finished(self, session: Session) -> None:
        """End a session when its requests are answered: no more of them will come."""
        session.finished = session.finished or not session.closing
        self.submit(session, Finished())

    def disconnected(self, session: Session, reason: str) -> None:
        """End a session whose connection is gone."""
        if not self.connection_limits.leave(session):
            return
        if session.gone is not None:
            session.gone()
        if self._stopping:
            self._all_gone()
            return
        if session.noted:
            self.log.info("session {session} ended: {reason}", session=session.id, reason=reason)
        self.pipeline.end(session, Disconnect())

    def close(self, session: Session, reason: str) -> None:
        """End a session's connection once what it has to hear is sent."""
        self._closing.close(session, reason)

    def _refuse_last(self, session: Session, error: ChatError) -> None:
        self._tell(session, None, error)

    def _give_way(self, session: Session) -> None:
        """End a session at once, so that another has its place."""
        self._closing.give_way(session)
        self.disconnected(session, "made room")

    def _close_strangers(
        self, meant: Callable[[str], bool], why: str = "too many logins from its address have failed"
    ) -> None:
        """Close the connections from addresses that are meant, on which nobody is here yet."""
        self._closing.close_strangers(self.connection_limits.strangers(meant), why)

    def turn_out(self, person: Person, why: Text) -> None:
        """Tell somebody why, and close their connections."""
        self._closing.turn_out(list(person.sessions), why)

    def send_system_message(self, to: str, content: str) -> None:
        """Tell people something: everyone (`global`), a channel by its name with `#`, or a person."""
        self.journal.append(
            effects.Commit(None, (Announced(to=to, text=Text("{words}", {"words": content}), at=self._now_ms()),))
        )

    def _patient(self, session: Session, cost: float) -> bool:
        """Whether a line that does nothing is still borne with; if not, the connection is closed."""
        if session.closing or session.bad_lines.take(self._clock.seconds(), cost):
            return not session.closing
        self._happened(session, "flood", session.name)
        self._closing.part(session, Flood(), "a flood of lines that ask nothing or too much")
        return False

    # -- deciding, and performing the effects -------------------------------------------------------------------------

    def _decide(self, session: Session, request: Request) -> None:
        try:
            decided = self.hub.decide(session, request, self._clock.seconds())
            if self.journal.failing and administers(session, request):
                decided = self._unstored.sorted_out(request, decided)
            for effect in decided:
                self._perform[type(effect)](self, session, effect)
        except ChatError as error:
            self._refuse(session, request, error)
        except Exception:
            self._fault(session, request, Failure())

    def _refuse(self, session: Session, request: Request, error: ChatError) -> None:
        if isinstance(error, RateLimited) and not self._patient(session, REFUSAL_COST):
            return
        self._keep_refusal(session, request.origin, error)
        self._tell(session, request.origin, error)

    def _keep_refusal(self, session: Session, request: Request, error: ChatError) -> None:
        """Leave a trace of an administrative request that was refused."""
        entry = self.hub.refused(session, request, error, self._clock.seconds())
        if entry is not None and self.journal.accepting:
            self.journal.append(effects.Commit(None, (entry,)))

    def keep_left_out(self) -> None:
        """Count in the audit trail what it was spared; to be called now and then, and at the end."""
        if self.journal.accepting and (entries := self.hub.left_out(self._clock.seconds())):
            self.journal.append(effects.Commit(None, entries))

    def _fault(self, session: Session, request: Request | None, failure: Failure) -> None:
        """Report a mistake of ours: in the log under a reference, to its client by that reference; then close."""
        self._tell(session, request, self._reported(session, failure))
        self.close(session, "a fault of ours")

    def _reported(self, session: Session, failure: Failure) -> ServerFault:
        reference = f"{session.id}-{self._now_ms():x}"
        self.log.failure("fault {reference} of session {session}", failure, reference=reference, session=session.id)
        return ServerFault(reference=reference)

    def _tell(self, session: Session, request: Request | None, answer: Answer | ChatError) -> None:
        """Answer in the order of requests: at once, or behind the session's commits that are under way."""
        if session.in_flight:
            session.in_flight += 1
            kept = answer.untraced() if isinstance(answer, ChatError) else answer
            self.journal.append(effects.Commit(session, (), request, kept, holds=False))
        else:
            session.listener.write(self._chunk(session, request, answer))

    def _chunk(self, session: Session, request: Request | None, answer: Answer | ChatError) -> Any:
        session.answered = session.answered or not (request is None or isinstance(request, Malformed))
        if isinstance(answer, ChatError):
            self.refusals[answer.code] += 1
            asked = "a line" if request is None or isinstance(request, Malformed) else request.wire_name
            log = self.log.debug if isinstance(answer, RateLimited) else self.log.info
            log("session {session}: {asked} refused, {code}", session=session.id, asked=asked, code=answer.code)
            return session.listener.error(answer, request)
        assert request is not None
        return session.listener.answer(request, answer)

    def _commit(self, session: Session, commit: Commit) -> None:
        if commit.request is not None and not self.journal.accepting:
            self.hub.abandon(commit.records)
            raise StorageUnavailable(retry_after=5)
        owner = commit.session
        if owner is not None:
            owner.in_flight += 1
            if commit.holds:
                owner.held += 1
        self.journal.append(commit)

    def _store_later(self, session: Session, effect: effects.StoreLater) -> None:
        later = self._unstored.performed(effect.commit)
        if later is not None:
            self.journal.append(later)

    def stuck(self, commits: Sequence[Commit]) -> list[Commit]:
        """Answer the administrators among those whose commits could not be written; return what is still to be."""
        return self._unstored.stuck(commits)

    def _deliver(self, session: Session, effect: effects.Deliver) -> None:
        self._fanout.deliver(effect.event, effect.audience, effect.author)

    def _reply(self, session: Session, effect: effects.Reply) -> None:
        self._tell(session, effect.request, effect.answer)

    def _refuse_effect(self, session: Session, effect: effects.Refuse) -> None:
        self._tell(session, effect.request, effect.error)

    def _alert(self, session: Session, effect: effects.Alert) -> None:
        self._happened(session, effect.event, effect.name, effect.reason)

    def _speak(self, session: Session, effect: effects.Speak) -> None:
        session.language = effect.language
        session.shows_events = effect.listens
        session.listener.speak(effect.language, effect.encoding)

    def _again(self, session: Session, effect: effects.Again) -> None:
        session.backlog.appendleft(effect.request)

    def _pause(self, session: Session, effect: effects.Pause) -> None:
        self._run(session, effect.request, self._lookups.pause(effect), partial(self._decide, session))

    def _later(self, session: Session, effect: effects.Later) -> None:
        self._clock.callLater(effect.seconds, self._now, effect.session, effect.request)

    def _now(self, session: Session, request: Request) -> None:
        if session.id in self.sessions:
            self.submit(session, request)

    def _close_effect(self, session: Session, effect: effects.Close) -> None:
        sessions = (session,) if effect.sessions is None else effect.sessions
        if effect.why is not None:
            self._closing.turn_out(sessions, effect.why)
            return
        for each in sessions:
            self.close(each, "it has said all it had to say")

    def _shut_out(self, session: Session, effect: effects.ShutOut) -> None:
        network = Networks([effect.network])
        self.gate.shut_out(lambda address: address in network and address != session.address, "it is banned")

    def _verify(self, session: Session, effect: effects.Verify) -> None:
        check = None
        if isinstance(effect.asked, (Login, Authenticate)):
            check = partial(self.gate.check_login, session.address, effect.asked.username)
            check()
        self._run(session, effect.asked, self._lookups.verify(effect, session, check), partial(self._decide, session))

    def _hash(self, session: Session, effect: effects.Hash) -> None:
        self._run(session, effect.asked, self._lookups.hash(effect, session), partial(self._decide, session))

    def _query(self, session: Session, effect: effects.Query) -> None:
        page = self._lookups.page(effect, self.hub)
        self._run(session, effect.request, page, partial(self._tell, session, effect.request))

    def _do(self, session: Session, effect: effects.Perform) -> None:
        performing = self.operations.perform(effect.request)
        failed = partial(self._not_performed, session, effect)
        self.pipeline.run(session, performing, partial(self._performed, session, effect), failed)

    def _performed(self, session: Session, effect: effects.Perform, answer: Answer) -> None:
        """Answer, and keep what was done in the audit trail with the answer."""
        failing = self.journal.failing
        if failing:
            answer = noted(answer)
        if effect.entry is None:
            self._tell(session, effect.request, answer)
            return
        self._happened(session, effect.request.wire_name)
        commit = effects.Commit(session, (effect.entry,), effect.request, answer)
        if failing:
            self._store_later(session, effects.StoreLater(commit))
        else:
            self._commit(session, commit)

    def _not_performed(self, session: Session, effect: effects.Perform, failure: Failure) -> None:
        """Say why; the audit trail has the refusal alone, unless something was done all the same, or may have been."""
        half = not isinstance(failure.value, ChatError) or isinstance(failure.value, CertificateRefused)
        if effect.entry is not None and half:
            self.journal.append(effects.Commit(None, (effect.entry,)))
        self._lookup_failed(session, effect.request, failure)

    def _hand_over_missed(self, session: Session, effect: effects.HandOverMissed) -> None:
        missed = self._lookups.missed(effect)
        self._run(session, None, missed, partial(self._offline_messages.hand_over, effect.user_id, session))

    _perform: ClassVar[dict[type[Effect], Callable[[ChatService, Session, Any], None]]] = {
        effects.Commit: _commit,
        effects.StoreLater: _store_later,
        effects.Deliver: _deliver,
        effects.Reply: _reply,
        effects.Refuse: _refuse_effect,
        effects.Alert: _alert,
        effects.Speak: _speak,
        effects.Again: _again,
        effects.Later: _later,
        effects.Pause: _pause,
        effects.Close: _close_effect,
        effects.Verify: _verify,
        effects.ShutOut: _shut_out,
        effects.Hash: _hash,
        effects.Query: _query,
        effects.HandOverMissed: _hand_over_missed,
        effects.Perform: _do,
    }

    def _run(
        self, session: Session, request: Request | None, lookup: Coroutine[Any, Any, T], then: Callable[[T], None]
    ) -> None:
        """Run a lookup for a request; the session's end cancels it."""
        self.pipeline.run(session, lookup, then, partial(self._lookup_failed, session, request))

    def _lookup_failed(self, session: Session, request: Request | None, failure: Failure) -> None:
        if failure.check(CancelledError):
            return
        if isinstance(failure.value, ChatError):
            if request is not None:
                self._keep_refusal(session, request, failure.value)
                self._tell(session, request, failure.value)
            else:
                self._offline_messages.failed(session)
        else:
            self._fault(session, request, failure)

    # -- what the journal calls ---------------------------------------------------------------------------------------

    def released(self, group: Sequence[Commit], outcomes: Outcomes) -> None:
        """Apply a group that is stored, and tell everyone who is to hear of it."""
        waiting: dict[Session, None] = {}
        for place, commit in enumerate(group):
            session = commit.session
            error = outcomes.get(place) if outcomes else None
            try:
                if error is None:
                    self._apply(commit)
                else:
                    self._failed(commit, error)
            except Exception:
                self._unapplied(commit, Failure())
            if session is not None:
                session.in_flight -= 1
                if commit.holds:
                    session.held -= 1
                if session.backlog or session.closing:
                    waiting[session] = None
        try:
            self._fanout.flush()
        finally:
            self._go_on(waiting)
        if self.log_messages or self.watched:
            self._log_said(group, outcomes)

    def _go_on(self, sessions: Iterable[Session]) -> None:
        """Decide what has waited for a group; end the connections of who has heard all that was under way."""
        for session in sessions:
            self.pipeline.go_on(session)
            if session.closing and not session.in_flight:
                session.listener.close(after=LINGER)

    def _log_said(self, group: Sequence[Commit], outcomes: Outcomes) -> None:
        """Log who said what, as the settings ask; of what is private only to whom."""
        for place, commit in enumerate(group):
            for record in commit.records:
                if isinstance(record, Message) and place not in outcomes:
                    event, session = said(self.hub, record), commit.session.id if commit.session else "-"
                    to, content = (event.channel, event.content) if event.channel else (event.to, "(private)")
                    self.log.info(
                        MESSAGE, session=session, name=event.sender, to=to, content=content, whole=event.content
                    )

    def _apply(self, commit: Commit) -> None:
        session = commit.session
        person = session.person if session is not None else None
        follow: list[Effect] = []
        for record in commit.records:
            follow += self.hub.apply(record)
        if session is not None:
            if commit.answer is not None:
                self._fanout.answer(session, self._chunk(session, commit.request, commit.answer))
            if session.person is not person:
                self._identity_changed(session)
        for effect in follow:
            self._perform[type(effect)](self, session, effect)  # type: ignore[arg-type]

    def _identity_changed(self, session: Session) -> None:
        if session.person is not None:
            self._acceptor.note(session)
            self.log.info(
                "session {session} is {name}, {role}",
                session=session.id,
                name=session.name,
                role=session.person.role.label,
            )
            session.answered = True
        elif session.id in self.sessions:
            self.log.info("session {session} is nobody any more", session=session.id)
        self.connection_limits.identity_changed(session)

    def _failed(self, commit: Commit, error: Exception) -> None:
        """Tell the sender of a commit that was not stored; what was promised for it is free again."""
        self.hub.abandon(commit.records)
        session = commit.session
        if session is not None and session.backlog and session.backlog[0] is commit.request:
            session.backlog.popleft()  # it was to be decided again, after this commit
        if isinstance(error, ChatError):
            if session is not None and commit.request is not None:
                self._fanout.answer(session, self._chunk(session, commit.request, error))
            return
        self._unapplied(commit, Failure(error))

    def _unapplied(self, commit: Commit, failure: Failure) -> None:
        """Report a commit that a mistake of ours has spoilt; the others of its group are not touched."""
        session = commit.session
        if session is not None:
            error = self._reported(session, failure)
            self._fanout.answer(session, self._chunk(session, commit.request, error))
            self.close(session, "a fault of ours")
        else:
            self.log.failure("a commit failed", failure)

    def storage_trouble(self, reason: str | Text | None) -> None:
        """Tell the log and the administrators that nothing can be stored, or that it can again."""
        if reason is None:
            self.log.info("the storage works again")
            words = Text(N_("The storage works again."))
        else:
            why = reason.render() if isinstance(reason, Text) else reason
            self.log.critical("nothing can be stored: {reason}; trying again until it can", reason=why)
            words = Text(N_("Nothing can be stored: {reason}. Messages wait until it can."), {"reason": reason})
        self.tell_administrators(words)
        for watcher in self.storage_watchers:
            watcher(reason)

    def tell_administrators(self, words: Text) -> None:
        """Tell those something who administer and are here; it is not stored."""
        notice = Notice(content=words, timestamp=rfc3339(self._now_ms()))
        for session in self.hub.those_who_may(Permission.WATCH):
            tell(session, notice)

    # -- the end ------------------------------------------------------------------------------------------------------

    def shut_down(self) -> None:
        """Tell everyone and read no more; whoever owns the journal waits for what is under way."""
        self.keep_left_out()
        self._stopping = True
        stopping = Stopping()
        notice = Notice(content=stopping.text, timestamp=rfc3339(self._now_ms()))
        for session in list(self.sessions.values()):
            if session.person is not None:
                tell(session, notice)
            elif session.answered:  # who has asked nothing yet hears nothing (classic rule 1)
                session.listener.write(session.listener.error(stopping, None))
            session.listener.pause()
        self.journal.append(effects.Commit(None, (SessionsClosed(at=self._now_ms()),)))

    def hang_up(self) -> Deferred[None]:
        """Close every connection; return a Deferred that fires when all are gone."""
        for session in list(self.sessions.values()):
            session.closing = True
            session.listener.close(after=1.0)
        self._all_gone()
        return self._when_gone

    def _all_gone(self) -> None:
        if not self.sessions and not self._when_gone.called:
            self._when_gone.callback(None)

    def _happened(self, session: Session, word: str, name: str = "", reason: str = "") -> None:
        now, address = self._clock.seconds(), session.address
        self.security.tell(event(word, at=now, session=session.id, address=address, name=name, reason=reason))

    def _now_ms(self) -> int:
        return int(self._clock.seconds() * 1000)
