"""The phases of a connection: every event in every phase, late, twice, and never."""

from __future__ import annotations

import pytest
from twisted.python.failure import Failure

from classcord.chat.connections.vocabulary import Ping
from classcord.chat.errors import NotIdentified, Stopping
from classcord.chat.identity.vocabulary import SessionsClosed
from classcord.chat.limits import TokenBucket
from classcord.chat.people import Session
from classcord.services.chat.connection import Connection, ConnectionEvent, Phase
from classcord.services.chat.local_session import LocalSession
from classcord.services.chat.pipeline import MOST_BACKLOG
from classcord.wire.jsonlines import Classic
from tests.chat.hubs import Ear
from tests.harness import House, contents, encoded, login, notices, tell

SUBMIT, FINISH, STOP, CLOSE, HANG_UP, DISCONNECT = ConnectionEvent
OPEN, HALF_CLOSED, STOPPING, CLOSING, CLOSED = Phase
PATHS = {
    OPEN: (),
    HALF_CLOSED: (FINISH,),
    STOPPING: (STOP,),
    CLOSING: (CLOSE,),
    CLOSED: (DISCONNECT,),
}
"""How each phase is come to."""
LEADS_TO = {
    (OPEN, SUBMIT): OPEN,
    (OPEN, FINISH): HALF_CLOSED,
    (OPEN, STOP): STOPPING,
    (OPEN, CLOSE): CLOSING,
    (OPEN, HANG_UP): CLOSING,
    (OPEN, DISCONNECT): CLOSED,
    (HALF_CLOSED, SUBMIT): HALF_CLOSED,
    (HALF_CLOSED, STOP): STOPPING,
    (HALF_CLOSED, CLOSE): CLOSING,
    (HALF_CLOSED, HANG_UP): CLOSING,
    (HALF_CLOSED, DISCONNECT): CLOSED,
    (STOPPING, CLOSE): CLOSING,
    (STOPPING, HANG_UP): CLOSING,
    (STOPPING, DISCONNECT): CLOSED,
    (CLOSING, HANG_UP): CLOSING,
    (CLOSING, DISCONNECT): CLOSED,
}


def connection(*events: ConnectionEvent) -> Connection:
    """Return a connection to which all this has happened."""
    nothing = TokenBucket(0, 0, 0)
    session = Session(1, Ear(Classic.traits), address="", face="tcp", language="fr", bucket=nothing)
    made = Connection(session, nothing)
    for event in events:
        assert made.happens(event)
    return made


@pytest.mark.parametrize("event", ConnectionEvent)
@pytest.mark.parametrize("phase", Phase)
def test_every_event_in_every_phase(phase: Phase, event: ConnectionEvent) -> None:
    """What a phase accepts leads to the next; what it does not changes nothing, and says so."""
    walked = connection(*PATHS[phase])
    assert walked.phase is phase
    assert walked.takes_requests == ((phase, SUBMIT) in LEADS_TO)
    walked.backlog.append(Ping())
    assert walked.happens(event) == ((phase, event) in LEADS_TO)
    after = LEADS_TO.get((phase, event), phase)
    assert walked.phase is after
    assert after.value >= phase.value  # never back
    assert walked.takes_requests == ((after, SUBMIT) in LEADS_TO)
    begins_to_close = after is CLOSING and (phase, event) in LEADS_TO
    assert len(walked.backlog) == (0 if begins_to_close else 1)


@pytest.mark.parametrize("event", ConnectionEvent)
@pytest.mark.parametrize("phase", Phase)
def test_what_comes_twice_changes_nothing_more(phase: Phase, event: ConnectionEvent) -> None:
    """Whatever the first one did, the second leaves the phase and who has closed it."""
    walked = connection(*PATHS[phase])
    walked.happens(event)
    before = (walked.phase, walked.closed_by)
    walked.happens(event)
    assert (walked.phase, walked.closed_by) == before


@pytest.mark.parametrize(
    ("events", "who"),
    [
        ((), None),
        ((SUBMIT,), None),
        ((FINISH,), "client"),
        ((FINISH, CLOSE), "client"),
        ((DISCONNECT,), "client"),
        ((CLOSE,), "server"),
        ((CLOSE, DISCONNECT), "server"),
        ((STOP, HANG_UP, DISCONNECT), "server"),
        ((FINISH, STOP, HANG_UP, DISCONNECT), "client"),
    ],
)
def test_whoever_is_first_has_closed_it(events: tuple[ConnectionEvent, ...], who: str | None) -> None:
    """The client by closing its side, or by going; the server by any other end."""
    assert connection(*events).closed_by == who


def test_a_connection_is_over_when_nothing_of_it_is_under_way() -> None:
    """Not while it is there, and not before its last commit and its last lookup have come back."""
    walked = connection(CLOSE)
    assert not walked.is_over
    walked.happens(DISCONNECT)
    assert walked.is_over
    for what in ("in_flight", "held"):
        setattr(walked, what, 1)
        assert not walked.is_over
        setattr(walked, what, 0)
    walked.backlog.append(Ping())
    assert not walked.is_over


# -- in the running service --------------------------------------------------------------------------------------------


def test_a_server_that_stops_takes_nobody_in(house: House) -> None:
    """Neither a client nor an administrator; they hear why."""
    house.chat.shut_down()
    late = house.client()
    assert [line["code"] for line in late.lines()] == [Stopping.code]
    with pytest.raises(Stopping):
        LocalSession(house.chat, house.clock, address="", face="ssh")
    house.turn()
    assert house.chat.connections == {}


def test_to_shut_down_twice_is_to_shut_down_once(house: House) -> None:
    """Everyone is told once, and one record ends all sessions."""
    alice = house.member("alice")
    for _ in range(2):
        house.chat.shut_down()
    house.turn()
    assert notices(alice.lines()) == ["The server is stopping."]
    ends = [record for group in house.store.groups for commit in group for record in commit.records]
    assert sum(isinstance(record, SessionsClosed) for record in ends) == 1


def test_what_is_asked_of_a_server_that_stops_fails_at_once(house: House) -> None:
    """An administrator's request is not left without an answer."""
    local = LocalSession(house.chat, house.clock, address="", face="ssh")
    house.chat.shut_down()
    failed: list[Failure] = []
    local.ask(Ping()).addErrback(failed.append)
    assert [type(failure.value) for failure in failed] == [NotIdentified]


def test_a_server_that_stops_reads_no_more(house: House) -> None:
    """Nor when what had waited is done: whoever was not read before the stop is not read after it."""
    house.account("alice")
    house.hasher.holding = True
    client = house.client()
    client.send(encoded(login("alice")) + b'{"type":"ping"}\n' * (MOST_BACKLOG + 1))
    assert client.transport.producerState == "paused"
    house.chat.shut_down()
    house.hasher.let_go()
    house.turn()
    assert [line["type"] for line in client.lines()][-1] == "ping"
    assert client.transport.producerState == "paused"


def test_who_hangs_up_drops_what_waits(house: House) -> None:
    """A lookup that ends after that brings no login into a journal that is closed."""
    house.account("alice")
    house.hasher.holding = True
    client = house.client()
    client.send(login("alice"), {"type": "ping"})
    house.chat.shut_down()
    gone = house.chat.hang_up()
    house.pass_time(2)
    assert gone.called
    house.hasher.let_go()
    house.turn()
    assert client.closed
    assert house.hub.state.people == {}
    assert house.store.asked("SELECT count(*) FROM sessions") == [0]


def test_kept_messages_stay_kept_when_nobody_is_there_to_hear_them(house: House) -> None:
    """A lookup begins after its client has gone, and what it finds is not taken for handed over."""
    house.account("bob")
    alice, bob = house.member("alice"), house.client()
    alice.ask(tell("bob", "for later"))
    bob.ask(login("bob"))
    house.store.holding = True
    bob.send({"type": "status", "state": "away"}, {"type": "users"})
    bob.leave()
    house.store.holding = False
    while house.store.held:
        house.store.let_go()
        house.turn()
    again = house.client()
    again.ask(login("bob"))
    assert [each.endswith("for later") for each in contents(again.ask({"type": "users"}))] == [True]


def test_nothing_is_left_of_who_came_and_went(house: House) -> None:
    """Of who left while a commit was under way, until that is stored and the departure too; not a moment longer."""
    house.account("alice")
    house.store.holding = True
    client = house.client()
    client.ask(login("alice"))
    (connection,) = house.chat.connections.values()
    client.leave()
    assert house.chat.connections == {}
    assert house.chat._table.of(connection.session) is connection
    house.store.let_go()
    house.turn()
    assert house.chat._table.of(connection.session) is connection
    house.store.let_go()
    house.turn()
    assert house.chat._table.of(connection.session) is None
