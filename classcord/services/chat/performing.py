"""Performing: the hub decides a request in its turn, then each effect is performed by its method in a table.

Slow work is a lookup; its result comes back here as an internal request. Knows no transport and no store.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from twisted.internet.defer import CancelledError
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from classcord.chat import effects
from classcord.chat.accounts.vocabulary import Authenticate
from classcord.chat.errors import ChatError, StorageUnavailable
from classcord.chat.identity.vocabulary import Login
from classcord.chat.operations.vocabulary import CertificateRefused
from classcord.services.chat.heartbeats import Heartbeats
from classcord.services.chat.offline_messages import OfflineMessages
from classcord.services.chat.pipeline import Pipeline
from classcord.services.chat.receipts import Receipts
from classcord.services.chat.replays import Replaying
from classcord.services.chat.unstored import Unstored, administers, noted
from classcord.services.security.networks import Networks

if TYPE_CHECKING:
    from classcord.chat.effects import Commit, Effect
    from classcord.chat.events import Answer
    from classcord.chat.hub import Hub
    from classcord.chat.requests import Request
    from classcord.services.administration.countdown import Ending
    from classcord.services.chat.answers import Answers
    from classcord.services.chat.closing import Closing
    from classcord.services.chat.connection import Connection, ConnectionTable
    from classcord.services.chat.fanout import Fanout
    from classcord.services.chat.lookups import Lookups
    from classcord.services.chat.refusing import Refusing
    from classcord.services.security.gate import Gate
    from classcord.services.security.security_events import SecurityEvents
    from classcord.store.ports import CommitQueue

T = TypeVar("T")


class Operations(Protocol):
    """Performs administrators' requests that are no matter of the chat (administration/operations.py)."""

    async def perform(self, request: Request) -> Answer:
        """Return the answer to a request that the hub has permitted; ChatError if it cannot be done."""

    @property
    def ending(self) -> Ending | None:
        """The planned stop of the server."""


class Performing:
    """Decides and performs; `pipeline` gives each request its turn."""

    def __init__(
        self,
        hub: Hub,
        *,
        connections: ConnectionTable,
        journal: CommitQueue,
        answers: Answers,
        refusing: Refusing,
        closing: Closing,
        gate: Gate,
        fanout: Fanout,
        lookups: Lookups,
        operations: Operations,
        security: SecurityEvents,
        clock: IReactorTime,
    ) -> None:
        self._hub = hub
        self._connections = connections
        self._journal = journal
        self._answers = answers
        self._refusing = refusing
        self._closing = closing
        self._gate = gate
        self._fanout = fanout
        self._lookups = lookups
        self._operations = operations
        self._security = security
        self._clock = clock
        self.receipts = Receipts(clock, self.decide)
        self.heartbeats = Heartbeats(fanout, clock)
        self.pipeline = Pipeline(self.decide, self._over)
        self.unstored = Unstored(hub, connections, journal)
        self._offline_messages = OfflineMessages(hub, fanout, clock, self.receipts, self.pipeline.take)

    def _over(self, connection: Connection) -> None:
        """A connection is gone, and none of its commits is under way: nothing is written to it any more."""
        self._connections.forget(connection)
        self.receipts.ended(connection)

    def decide(self, connection: Connection, request: Request) -> None:
        """Let the hub decide a request now, and perform the effects."""
        try:
            decided = self._hub.decide(connection.session, request, self._clock.seconds())
            if self._journal.failing and administers(connection.session, request):
                decided = self.unstored.sorted_out(request, decided)
            for effect in decided:
                self.methods[type(effect)](self, connection, effect)
        except ChatError as error:
            self._refusing.refuse(connection, request, error)
        except Exception:
            self._refusing.fault(connection, request, Failure())

    # -- one method an effect -----------------------------------------------------------------------------------------

    def _commit(self, connection: Connection, commit: Commit) -> None:
        if commit.request is not None and not self._journal.accepting:
            self._hub.abandon(commit.records)
            raise StorageUnavailable(retry_after=5)
        session = commit.session
        if session is not None:
            mine = connection if session is connection.session else self._connections.of(session)
            if mine is not None:
                mine.in_flight += 1
                if commit.holds:
                    mine.held += 1
        self._journal.append(commit)

    def _store_later(self, connection: Connection, effect: effects.StoreLater) -> None:
        later = self.unstored.performed(effect.commit)
        if later is not None:
            self._journal.append(later)

    def _deliver(self, connection: Connection, effect: effects.Deliver) -> None:
        self._fanout.deliver(effect.event, effect.audience, effect.author)

    def _deliver_presence(self, connection: Connection, effect: effects.DeliverPresence) -> None:
        self._fanout.deliver_presence(effect.event, effect.channel, effect.apart)

    def _begin_listening(self, connection: Connection, effect: effects.BeginListening) -> None:
        for session in effect.sessions:
            self._fanout.begin_listening(session, effect.channel)

    def _end_listening(self, connection: Connection, effect: effects.EndListening) -> None:
        for session in effect.sessions:
            self._fanout.end_listening(session, effect.channel)

    def _await_receipt(self, connection: Connection, effect: effects.AwaitReceipt) -> None:
        self.receipts.expect(effect.message, self._connections.of_each(effect.sessions))

    def _reply(self, connection: Connection, effect: effects.Reply) -> None:
        self._answers.tell(connection, effect.request, effect.answer)

    def _refuse(self, connection: Connection, effect: effects.Refuse) -> None:
        self._answers.tell(connection, effect.request, effect.error)

    def _tell_security(self, connection: Connection, effect: effects.TellSecurity) -> None:
        now = self._clock.seconds()
        self._security.tell_of(connection.session, effect.event, now, effect.name, effect.reason)

    def _speak(self, connection: Connection, effect: effects.Speak) -> None:
        session = connection.session
        self._fanout.catch_up(session)  # by the encoder that it has had
        session.language = effect.language
        session.shows_events, session.client = effect.listens, effect.client
        session.listener.speak(effect.language, effect.encoding)
        self.heartbeats.begin(connection, effect.heartbeat)

    def _pace(self, connection: Connection, effect: effects.Pace) -> None:
        session, person = connection.session, connection.session.person
        session.listener.pace(lambda: session.person is person)

    def _again(self, connection: Connection, effect: effects.Again) -> None:
        connection.backlog.insert(0, effect.request)

    def _pause(self, connection: Connection, effect: effects.Pause) -> None:
        self._run(connection, effect.request, self._lookups.pause(effect), partial(self.decide, connection))

    def _later(self, connection: Connection, effect: effects.Later) -> None:
        for each in self._connections.of_each((effect.session,)):
            self._clock.callLater(effect.seconds, self.pipeline.take, each, effect.request)

    def _close(self, connection: Connection, effect: effects.Close) -> None:
        closed = [connection] if effect.sessions is None else self._connections.of_each(effect.sessions)
        if effect.why is not None:
            self._closing.turn_out(closed, effect.why)
            return
        for each in closed:
            self._closing.close(each, "it has said all it had to say")

    def _shut_out(self, connection: Connection, effect: effects.ShutOut) -> None:
        network, own = Networks([effect.network]), connection.session.address
        self._gate.shut_out(lambda address: address in network and address != own, "it is banned")

    def _verify(self, connection: Connection, effect: effects.Verify) -> None:
        session, check = connection.session, None
        if isinstance(effect.asked, (Login, Authenticate)):
            check = partial(self._gate.check_login, session.address, effect.asked.username)
            check()
        verified = self._lookups.verify(effect, session, check)
        self._run(connection, effect.asked, verified, partial(self.decide, connection))

    def _hash(self, connection: Connection, effect: effects.Hash) -> None:
        hashed = self._lookups.hash(effect, connection.session)
        self._run(connection, effect.asked, hashed, partial(self.decide, connection))

    def _query(self, connection: Connection, effect: effects.Query) -> None:
        page = self._lookups.page(effect, self._hub, connection.session)
        self._run(connection, effect.request, page, partial(self._answers.tell, connection, effect.request))

    def _find(self, connection: Connection, effect: effects.Find) -> None:
        found = self._lookups.find(effect, connection.session)
        self._run(connection, effect.asked, found, partial(self.decide, connection))

    def _replay(self, connection: Connection | None, effect: effects.Replay) -> None:
        if connection is None or not connection.takes_requests:  # the session ends with its connection
            return
        if effect.question is None and effect.summary is None:
            session = connection.session
            self._fanout.answer(session, self._answers.chunk(session, effect.request, effect.answer))
            if effect.gap is not None:
                self._fanout.answer(session, session.listener.encoder.event(effect.gap))
            return
        replaying = Replaying(self._hub, self._answers, connection, effect)
        self.pipeline.run(connection, self._lookups.missing(effect), replaying.found, replaying.failed)

    def _hand_over_missed(self, connection: Connection, effect: effects.HandOverMissed) -> None:
        missed = self._lookups.missed(effect)
        up_to = self._hub.state.applied
        then = partial(self._offline_messages.hand_over, effect.user_id, connection, up_to)
        self._run(connection, None, missed, then)

    def _do(self, connection: Connection, effect: effects.Perform) -> None:
        performing = self._operations.perform(effect.request)
        failed = partial(self._not_performed, connection, effect)
        self.pipeline.run(connection, performing, partial(self._performed, connection, effect), failed)

    methods: ClassVar[dict[type[Effect], Callable[[Performing, Connection, Any], None]]] = {
        effects.Commit: _commit,
        effects.StoreLater: _store_later,
        effects.Deliver: _deliver,
        effects.DeliverPresence: _deliver_presence,
        effects.BeginListening: _begin_listening,
        effects.EndListening: _end_listening,
        effects.AwaitReceipt: _await_receipt,
        effects.Reply: _reply,
        effects.Refuse: _refuse,
        effects.TellSecurity: _tell_security,
        effects.Speak: _speak,
        effects.Pace: _pace,
        effects.Again: _again,
        effects.Later: _later,
        effects.Pause: _pause,
        effects.Close: _close,
        effects.Verify: _verify,
        effects.ShutOut: _shut_out,
        effects.Hash: _hash,
        effects.Query: _query,
        effects.Find: _find,
        effects.Replay: _replay,
        effects.HandOverMissed: _hand_over_missed,
        effects.Perform: _do,
    }
    """The method for each effect. The effects of a change by the server itself have no connection."""

    # -- what takes time ----------------------------------------------------------------------------------------------

    def _run(
        self, connection: Connection, request: Request | None, lookup: Coroutine[Any, Any, T], then: Callable[[T], None]
    ) -> None:
        """Run a lookup for a request; the session's end cancels it."""
        self.pipeline.run(connection, lookup, then, partial(self._lookup_failed, connection, request))

    def _lookup_failed(self, connection: Connection, request: Request | None, failure: Failure) -> None:
        if failure.check(CancelledError):
            return
        if isinstance(failure.value, ChatError):
            if request is not None:
                self._refusing.keep(connection, request, failure.value)
                self._answers.tell(connection, request, failure.value)
            else:
                self._offline_messages.failed(connection)
        else:
            self._refusing.fault(connection, request, failure)

    def _performed(self, connection: Connection, effect: effects.Perform, answer: Answer) -> None:
        """Answer the request, and store its entry of the audit trail together with the answer."""
        failing = self._journal.failing
        if failing:
            answer = noted(answer)
        if effect.entry is None:
            self._answers.tell(connection, effect.request, answer)
            return
        self._security.tell_of(connection.session, effect.request.wire_name, self._clock.seconds())
        commit = effects.Commit(connection.session, (effect.entry,), effect.request, answer)
        if failing:
            self._store_later(connection, effects.StoreLater(commit))
        else:
            self._commit(connection, commit)

    def _not_performed(self, connection: Connection, effect: effects.Perform, failure: Failure) -> None:
        """Say why; the audit trail keeps only the refusal, unless something was or may have been done."""
        half = not isinstance(failure.value, ChatError) or isinstance(failure.value, CertificateRefused)
        if effect.entry is not None and half:
            self._journal.append(effects.Commit(None, (effect.entry,)))
        self._lookup_failed(connection, effect.request, failure)
