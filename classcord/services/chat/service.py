"""The chat service, as faces and the rest of the server see it: connections begin, ask, and end here.

Every face is given this one object. It puts together the stations of a message, each in a module of its own:
pipeline.py, performing.py, releasing.py, answers.py, refusing.py, closing.py. Knows connections, not transports;
docs/architecture.md describes the way of a message.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from classcord.chat.connections.vocabulary import Disconnect, Finished, Malformed
from classcord.chat.effects import Commit
from classcord.chat.errors import ChatError, Stopping
from classcord.chat.held_messages.acceptance import due
from classcord.chat.identity.vocabulary import SessionsClosed
from classcord.chat.resends.rules import to_forget
from classcord.chat.resuming.issuing import kept_up
from classcord.chat.text import Text
from classcord.services.chat.administrators import Administrators
from classcord.services.chat.announcements import Announcements
from classcord.services.chat.answers import Answers
from classcord.services.chat.closing import Closing
from classcord.services.chat.connection import ConnectionEvent
from classcord.services.chat.fanout import Fanout
from classcord.services.chat.lookups import Lookups
from classcord.services.chat.message_log import MessageLog
from classcord.services.chat.performing import Performing
from classcord.services.chat.refusing import REFUSAL_COST, Refusing
from classcord.services.chat.releasing import Releasing

if TYPE_CHECKING:
    from classcord.chat.hub import Hub
    from classcord.chat.people import Person
    from classcord.chat.ports import Listener
    from classcord.services.administration.countdown import Ending
    from classcord.services.chat.acceptor import Acceptor
    from classcord.services.chat.connection import Connection
    from classcord.services.chat.performing import Operations
    from classcord.services.passwords.authenticator import Authenticator
    from classcord.services.passwords.local import Hashing
    from classcord.services.security.security_events import SecurityEvents
    from classcord.store.ports import Archive, CommitQueue


class ChatService:
    """The one service behind every face."""

    log = Logger()

    def __init__(
        self,
        hub: Hub,
        *,
        acceptor: Acceptor,
        journal: CommitQueue,
        operations: Operations,
        archive: Archive,
        authenticator: Authenticator,
        hashing: Hashing,
        clock: IReactorTime,
        security: SecurityEvents,
        log_messages: bool = False,
    ) -> None:
        """`log_messages`: each message becomes an event of the log, with its content."""
        self.hub, self.journal, self.security = hub, journal, security
        self._clock = clock
        self._operations = operations
        self._acceptor, self._table = acceptor, acceptor.table
        self.connection_limits, self.gate = acceptor.connection_limits, acceptor.gate
        self.connections = hub.connections = self._table.open
        """The open connections, by the numbers of their sessions."""
        self.newcomers: list[Callable[[Connection], None]] = []
        """Each is called with each client's connection when it begins."""
        self._fanout = Fanout(clock)
        self.administrators = Administrators(hub, self._fanout, clock)
        self._announcements = Announcements(journal, clock)
        self.message_log = MessageLog(hub, asked=log_messages)
        answers = Answers(journal, self._fanout, clock)
        self.refusals = answers.refusals
        self._closing = Closing(answers, self._fanout, self.gate, clock)
        self._refusing = Refusing(
            hub, journal=journal, answers=answers, closing=self._closing, security=security, clock=clock
        )
        self._answers = answers
        self._performing = Performing(
            hub,
            connections=self._table,
            journal=journal,
            answers=answers,
            refusing=self._refusing,
            closing=self._closing,
            gate=self.gate,
            fanout=self._fanout,
            lookups=Lookups(archive, authenticator, hashing, clock),
            operations=operations,
            security=security,
            clock=clock,
        )
        self.pipeline = self._performing.pipeline
        releasing = Releasing(
            hub,
            acceptor=acceptor,
            answers=answers,
            closing=self._closing,
            fanout=self._fanout,
            message_log=self.message_log,
            performing=self._performing,
        )
        journal.release_to(
            releasing.released, trouble=self.administrators.storage_trouble, stuck=self._performing.unstored.stuck
        )
        self.gate.blocks.closers.append(self._close_strangers)
        self.gate.closers.append(self._close_strangers)  # the hub closes connections with a name, and tells them why
        self.submit = self.pipeline.take
        """Take a request of a connection; it is decided after the requests before it."""
        self._stopping = False
        self._when_gone: Deferred[None] = Deferred()

    def ending(self) -> Ending | None:
        """Return the planned stop of the server."""
        return self._operations.ending

    @property
    def delivered(self) -> int:
        """The number of lines of messages and events written to sessions."""
        return self._fanout.delivered

    # -- what faces call ----------------------------------------------------------------------------------------------

    def connect(self, listener: Listener[Any], *, address: str, face: str) -> Connection:
        """Begin a connection; ChatError if there is no room for it, or if its address may not connect."""
        if self._stopping:
            raise Stopping
        goes = self._acceptor.make_room(address, face)
        if goes is not None:
            self._closing.give_way(goes)
            self.disconnected(goes, "made room")
        connection = self._acceptor.begin(listener, address=address, face=face)
        for watcher in tuple(self.newcomers):
            watcher(connection)
        return connection

    def admit(self, listener: Listener[Any], *, address: str, face: str) -> Connection:
        """Begin the connection of an operator: there is always room for it, and no rate limit."""
        if self._stopping:
            raise Stopping
        return self._acceptor.admit(listener, address=address, face=face)

    def bad_line(self, connection: Connection, error: ChatError) -> None:
        """Refuse a line that is no request, in its order among the answers; a flood of them closes the connection."""
        if self._refusing.is_patient(connection, 1.0):
            self.submit(connection, Malformed(error=error.untraced(), id=error.request_id))

    def blank_line(self, connection: Connection) -> None:
        """Ignore an empty line; a flood of them closes the connection."""
        self._refusing.is_patient(connection, REFUSAL_COST)

    def too_long(self, connection: Connection, error: ChatError) -> None:
        """Refuse a line longer than the limit, and end the connection (classic rule 17)."""
        self.security.tell_of(connection.session, "line-too-long", self._clock.seconds())
        self._answers.tell(connection, None, error)
        self.close(connection, "a line was too long")

    def finished(self, connection: Connection) -> None:
        """End a connection when its requests are answered, because no more will come."""
        self._performing.receipts.look(connection)  # what the client has read is acknowledged by now
        if connection.happens(ConnectionEvent.FINISH):
            self.submit(connection, Finished())

    def disconnected(self, connection: Connection, reason: str) -> None:
        """End a session whose connection is gone."""
        if not connection.happens(ConnectionEvent.DISCONNECT):
            return
        self._performing.receipts.look(connection)
        self._performing.heartbeats.end(connection)
        self.connection_limits.leave(connection)
        if connection.gone is not None:
            connection.gone()
        if self._stopping:  # one record ends all sessions (see `shut_down`)
            self.pipeline.drop(connection)
            self._all_gone()
            return
        if connection.noted:
            self.log.info("session {session} ended: {reason}", session=connection.session.id, reason=reason)
        self.pipeline.end(connection, Disconnect())

    def close(self, connection: Connection, reason: str) -> None:
        """End a connection when its last lines are sent."""
        self._closing.close(connection, reason)

    # -- what the rest of the server calls ----------------------------------------------------------------------------

    def turn_out(self, person: Person, why: Text) -> None:
        """Tell a person why, and close the person's connections."""
        self._closing.turn_out(self._table.of_each(person.sessions), why)

    def send_system_message(self, to: str, content: str) -> None:
        """Announce something to everyone (`global`), to a channel by its name with `#`, or to a person."""
        self._announcements.tell(Text("{words}", {"words": content}), to)

    def keep_left_out(self) -> None:
        """Store in the audit trail how many entries it left out; to be called now and then, and at the end."""
        self._refusing.keep_left_out()

    def keep_time(self) -> None:
        """Do what is to be done at its time, such as ending a lesson; to be called once a second."""
        if self.journal.accepting and (records := self.hub.due(self._clock.seconds())):
            self.journal.append(Commit(None, records))

    def forget_old(self) -> None:
        """Remove from the store what has had its time; to be called now and then."""
        if self.journal.accepting:
            now = self._clock.seconds()
            self.journal.append(Commit(None, (to_forget(now), *kept_up(self.hub, now))))

    def let_go(self) -> None:
        """Deliver the held messages whose time has come; to be called every few seconds."""
        if self.hub.state.held and not self.journal.failing:
            for records in due(self.hub, self._clock.seconds()):
                self.journal.append(Commit(None, records))

    def _close_strangers(
        self, meant: Callable[[str], bool], why: str = "too many logins from its address have failed"
    ) -> None:
        """Close the connections without a name whose address is `meant`."""
        self._closing.close_strangers(self.connection_limits.strangers(meant), why)

    # -- the end ------------------------------------------------------------------------------------------------------

    def shut_down(self) -> None:
        """Tell everyone, and take no more requests; the owner of the journal waits for the commits under way."""
        if self._stopping:
            return
        self._stopping = True
        self.keep_left_out()
        self._closing.stop(list(self.connections.values()))
        self._fanout.stop()
        self._performing.heartbeats.stop()
        self.journal.append(Commit(None, (SessionsClosed(at=int(self._clock.seconds() * 1000)),)))

    def hang_up(self) -> Deferred[None]:
        """Close every connection; return a Deferred that fires when all are gone.

        What was acknowledged until now is a last commit in the journal.
        """
        self._performing.receipts.look_last()
        self._closing.hang_up(list(self.connections.values()))
        self._all_gone()
        return self._when_gone

    def _all_gone(self) -> None:
        if not self.connections and not self._when_gone.called:
            self._when_gone.callback(None)
