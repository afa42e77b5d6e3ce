"""`trace`: the lines of a connection as they were written, and the connection does not notice."""

from __future__ import annotations

import pytest
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure

from classcord.chat.connections.vocabulary import Ping
from classcord.chat.events import Done
from classcord.chat.roles import Role
from classcord.services.chat.connection import Connection
from classcord.services.chat.local_session import LocalSession
from classcord.services.monitoring.tracing import LINES, LiveTrace
from tests.harness import Client, House, contents, login, running, say, tell

TIME = "2026-11-20T20:36:27.625Z"


def connection(client: Client) -> Connection:
    found = client.transport.protocol.peer.connection  # type: ignore[union-attr]
    assert found is not None
    return found


def trace(house: House, *clients: Client, private: bool = False) -> tuple[LiveTrace, list[str]]:
    """Return a trace that has started, and what it shows without the times."""
    shown: list[str] = []
    trace = LiveTrace(map(connection, clients), private, lambda line: shown.append(line.partition(" ")[2]), house.clock)
    trace.start()
    return trace, shown


def test_lines_are_shown_both_ways_as_they_were_written(house: House) -> None:
    """With the time, the session's number and the direction; unanswered and unasked ones too."""
    bob, alice = house.member("bob"), house.member("alice")
    shown: list[str] = []
    watching = LiveTrace([connection(bob)], False, shown.append, house.clock)
    house.clock.rightNow = 1_795_206_987.625
    watching.start()
    bob.ask(b'{"type" : "ping","id":0}\n')
    alice.ask(say("Bonjour à tous"))
    watching.stop()
    bob.ask({"type": "ping"})
    assert shown[:2] == [f'{TIME} 1 > {{"type" : "ping","id":0}}', f'{TIME} 1 < {{"type":"ping","status":"ok"}}']
    assert len(shown) == 3
    assert ' 1 < {"type":"message","subtype":"global"' in shown[2]
    assert "Bonjour \\u00e0 tous" in shown[2]


def test_afterwards_the_session_is_as_it_was(house: House) -> None:
    """Neither the way in nor the way out has anything left on it, in whatever order several traces end."""
    bob = house.member("bob")
    watched = connection(bob)
    before = watched.session.listener
    first, seen = trace(house, bob)
    second, seen_too = trace(house, bob)
    assert bob.one({"type": "ping"})["status"] == "ok"
    first.stop()
    first.stop()
    bob.one({"type": "ping"})
    second.stop()
    bob.one({"type": "ping"})
    assert (len(seen), len(seen_too)) == (2, 4)
    assert watched.session.listener is before
    assert watched.tracer is None


def test_several_connections_are_watched_by_one_trace(house: House) -> None:
    """Each line says whose it is, and a session that is named twice is watched once."""
    bob, alice = house.client(), house.client()
    _, shown = trace(house, bob, alice, bob)
    bob.ask({"type": "ping"})
    alice.ask({"type": "ping"})
    assert [line[:3] for line in shown] == ["1 >", "1 <", "2 >", "2 <"]


def test_the_way_out_is_the_listeners_own(house: House) -> None:
    """What waits is counted, reading is paused and resumed, and the end is the end."""
    bob = house.client()
    watched = connection(bob)
    outbox = watched.session.listener.outbox  # type: ignore[attr-defined]
    trace(house, bob)
    outbox.pauseProducing()
    watched.session.listener.write(b"{}\n")
    assert watched.session.listener.waiting == 3
    watched.session.listener.pause()
    assert bob.transport.producerState == "paused"
    watched.session.listener.resume()
    assert bob.transport.producerState == "producing"
    outbox.resumeProducing()
    watched.session.listener.close(after=1.0)
    house.turn()
    assert bob.closed


def test_what_a_session_hears_in_a_group_is_shown_line_by_line(house: House) -> None:
    """Two messages of one commit are two lines; of a flood only the beginning, and how much more it was."""
    bob, alice = house.member("bob"), house.member("alice")
    _, shown = trace(house, alice)
    bob.ask(say("one"), say("two"))
    assert len(shown) == 2
    shown.clear()
    connection(alice).session.listener.write(b"{}\n" * (LINES + 3))
    assert shown[LINES - 1 :] == ["2 < {}", "2 <   [3 more lines]"]


def test_passwords_and_private_messages_are_masked_both_ways(house: House) -> None:
    """At the login, in a message, and in the history of a conversation."""
    house.account("alice")
    bob, alice = house.member("bob"), house.modern()
    _, shown = trace(house, bob, alice)
    alice.ask(login("alice", id=1))
    bob.ask(tell("alice", "between us"))
    alice.ask(tell("bob", "dangerous"), {"type": "history", "user": "bob"}, say("in public"))
    text = "\n".join(shown)
    assert not any(hidden in text for hidden in ("azerty", "between us", "dangerous"))
    assert text.count('"password":***') == 1
    assert "in public" in text
    assert sum('"content":***' in line for line in shown) == 5  # bob's and alice's, both ways, and the history
    assert sum('"more":' in line for line in shown) == 1


@pytest.mark.parametrize(
    "text", ["/mp bob the secret", '/msg "bob" the secret', "/mpbob the secret", "/mp zoe the secret"]
)
def test_a_private_message_written_as_a_command_is_masked_both_ways(house: House, text: str) -> None:
    """Neither the command, nor what the recipient hears, nor the notice that it was sent shows the words."""
    alice, bob = house.member("alice"), house.member("bob")
    _, shown = trace(house, alice, bob)
    alice.ask(say(text, subtype="global", to="global"), {"type": "private", "to": "bob", "content": "/me: the secret"})
    alice.ask({"type": "private", "to": "bob", "content": "/me has the secret"})
    assert len(shown) >= 6
    assert not any("secret" in line for line in shown)


def test_an_owner_with_a_reason_sees_private_messages(house: House) -> None:
    """Both ways, and no password for all that."""
    bob, alice = house.member("bob"), house.member("alice")
    _, shown = trace(house, bob, alice, private=True)
    bob.ask(tell("alice", "between us"), {"type": "password", "old": "azerty", "new": "qwerty"})
    assert sum("between us" in line for line in shown) == 2
    assert not any("azerty" in line or "qwerty" in line for line in shown)


def test_a_carriage_return_and_a_byte_order_mark_are_told(house: House) -> None:
    """What the server forgives without a word is what a pupil wants to know."""
    bob = house.client()
    _, shown = trace(house, bob)
    bob.send(b'\xef\xbb\xbf{"type":"ping"}\r\n', b"\r\n", '{"type":"guest","username":"Zoé"}\n'.encode("windows-1252"))
    incoming = [line for line in shown if line.startswith("1 >")]
    assert incoming == [
        '1 > {"type":"ping"}  [CRLF, BOM]',
        "1 >   [CRLF]",
        '1 > {"type":"guest","username":"Zoé"}  [decoded as windows-1252]',
    ]


@pytest.mark.parametrize("more", [1, 2, 70_000])
def test_a_line_too_long_is_told(house: House, more: int) -> None:
    """By a byte or by far; the rest of its read is not taken for a part of it."""
    bob = house.client()
    _, shown = trace(house, bob)
    limit = house.hub.policy.line_bytes
    bob.send(b"x" * (limit + more) + b'\n{"type":"ping"}\n')
    assert sum("too long" in line for line in shown if line.startswith("1 >")) == 1
    assert sum(f"({limit + more} bytes)" in line for line in shown) == 1
    assert not any("ping" in line for line in shown)
    assert any('"code":"line_too_long"' in line for line in shown)


def test_no_control_characters_come_through(house: House) -> None:
    """Not in a line that is no JSON, and not in the name of an unknown field."""
    bob = house.client()
    _, shown = trace(house, bob)
    bob.send(b"\x1b[2J\x07\x00 hop\n", b'{"type":"ping","a\\nb\\u001b":1}\n')
    assert shown[0] == "1 > \\x1b[2J\\x07\\x00 hop  [not JSON]"
    assert [line for line in shown if "unknown field" in line] == [
        '1 > {"type":"ping","a\\nb\\u001b":1}  [unknown field: a b\\x1b]'
    ]


def test_a_show_that_fails_ends_the_trace_and_nothing_else() -> None:
    """Both ways: the request is answered, the message arrives, and the other trace goes on."""
    with running(faulty=True) as house:
        bob, alice = house.member("bob"), house.member("alice")

        def fail(_: str) -> None:
            raise ConnectionError

        broken = LiveTrace([connection(bob), connection(alice)], False, fail, house.clock)
        broken.start()
        _, shown = trace(house, bob)
        assert bob.one({"type": "ping"})["status"] == "ok"
        LiveTrace([connection(alice)], False, fail, house.clock).start()
        last, heard = trace(house, alice)
        bob.ask(say("hello"))
        last.stop()
        assert contents(alice.lines()) == ["hello"]
        assert (len(shown), len(heard)) == (3, 1)
        assert connection(alice).tracer is None
        assert len([line for line in house.logged if "failed" in line]) == 2


# -- connections that come later, and those of nobody yet --------------------------------------------------------------


def following(house: House, *, name: str | None = None, network: str | None = None) -> tuple[LiveTrace, list[str]]:
    shown: list[str] = []
    trace = LiveTrace([], False, lambda line: shown.append(line.partition(" ")[2]), house.clock)
    trace.follow(house.chat, name=name, network=network)
    trace.start()
    return trace, shown


def test_an_address_is_followed_from_the_first_line(house: House) -> None:
    """Also of who has not said who they are; who was there before, who comes later, and nobody from elsewhere."""
    before = house.client("10.1.1.1")
    _, shown = following(house, network="10.1.1.0/24")
    later, elsewhere = house.client("10.1.1.2"), house.client("10.2.2.2")
    before.ask(b"{'type':'users'}\n")
    later.ask({"type": "ping"})
    elsewhere.ask({"type": "ping"})
    assert shown[0] == "2 + 10.1.1.2 (tcp)"
    assert shown[1] == "1 > {'type':'users'}  [not JSON]"
    assert shown[2].startswith('1 < {"type":"error","code":"bad_json"')
    assert shown[3:] == ['2 > {"type":"ping"}', '2 < {"type":"ping","status":"ok"}']


@pytest.mark.parametrize("how", [login("bob"), {"type": "guest", "username": "Zoé"}])
def test_a_name_is_followed_to_later_connections(house: House, how: dict[str, str]) -> None:
    """From the answer to the login on; another's are not shown."""
    house.account("bob")
    house.account("alice")
    _, shown = following(house, name="BOB" if how["type"] == "login" else "Zoé")
    house.client().ask(login("alice"))
    client = house.client()
    client.ask(how)
    client.ask({"type": "ping"})
    assert shown[0] == "2 + 10.0.0.1 (tcp)"
    assert any(line.startswith("2 <") and '"status":"ok"' in line for line in shown)
    assert '2 > {"type":"ping"}' in shown
    assert not any(line.startswith("1 ") for line in shown)


def test_what_is_followed_is_left_alone_afterwards(house: House) -> None:
    """After the end nothing of the trace is left, with the service either."""
    house.account("bob")
    before = list(house.chat.security._subscribers)
    trace, shown = following(house, name="bob", network="10.0.0.0/8")
    client = house.client()
    client.ask(login("bob"))
    trace.stop()
    seen = len(shown)
    house.client().ask(login("bob"))
    client.ask({"type": "ping"})
    assert len(shown) == seen
    assert (house.chat.newcomers, house.chat.security._subscribers) == ([], before)
    assert connection(client).tracer is None


def test_a_closed_connection_is_told(house: House) -> None:
    """Who is kicked out, or sends a line too long, sees in the trace that it was the server that closed."""
    client = house.client()
    _, shown = trace(house, client)
    client.ask(b"x" * 100_000 + b"\n")
    assert "1 - closed by the server" in shown


SECRETS = [
    b'{"type":"login","username":"bob","password":"azerty"',
    b'{"type":"login","username":"bob","mdp":"azerty"',
    b"{'type':'login','username':'bob','code':'azerty'}",
    b'{"type":"login" "username":"bob" "p":"azerty"}',
    b"{type:login,username:bob,p:azerty}",
    b'["login","bob","azerty"]',
    b'"login bob azerty"',
    b"login bob azerty",
    b"/login bob azerty",
    b'{"type":"register","username":"bob","x":"azerty"',
    b'{"type":"login","username":"bob","p":azerty}',
    b'{"type":"login","username":"bob","pass":"azerty"}{"type":"users"}',
    b"LOGIN:bob:azerty",
    b'[{"password":"azerty"}]',
    b'{"type":"password","old":"azerty","new":"azerty"',
    b"type=login&user=bob&p=azerty",
]


@pytest.mark.parametrize("line", SECRETS)
def test_a_password_in_what_is_nearly_a_login_is_masked(house: House, line: bytes) -> None:
    """Of somebody who is nobody yet, whose client writes wrong JSON: neither in the line nor in its answer."""
    _, shown = following(house, network="10.0.0.0/8")
    house.client().ask(line + b"\n")
    assert len(shown) >= 2
    assert "azerty" not in "\n".join(shown)


# -- how a connection ends ---------------------------------------------------------------------------------------------


def hang_up(client: Client, how: str) -> None:
    """End a connection from the client's side: its writing side first, as a program does, or all at once."""
    protocol = client.transport.protocol
    if how == "half":
        protocol.readConnectionLost()
    else:
        protocol.connectionLost(Failure(ConnectionDone()))


@pytest.mark.parametrize("how", ["half", "whole"])
@pytest.mark.parametrize("identified", [False, True])
def test_a_client_that_closes_is_told_from_the_server(house: House, how: str, identified: bool) -> None:
    """It is the pupil's program that went, not the server that threw it out; it is said once."""
    client = house.member("bob") if identified else house.client()
    _, shown = trace(house, client)
    hang_up(client, how)
    house.turn()
    if how == "half":
        hang_up(client, "whole")
        house.turn()
    assert shown == ["1 - closed by the client"]


@pytest.mark.parametrize("why", ["too long", "kick", "overflow", "shutdown"])
def test_a_server_that_closes_says_so(house: House, why: str) -> None:
    """Also when the client closes as well, as it does once it has seen the end; it is said once."""
    client = house.member("bob")
    _, shown = trace(house, client)
    if why == "too long":
        client.ask(b"x" * 100_000 + b"\n")
    elif why == "kick":
        house.member("surveillante", role=Role.OWNER).ask({"type": "kick", "user": "bob"})
    elif why == "overflow":
        client.transport.protocol.peer._overflowed()  # type: ignore[union-attr]
    else:
        house.chat.shut_down()
        house.chat.hang_up()
    house.turn()
    hang_up(client, "whole")
    house.turn()
    assert [line for line in shown if " - " in line] == ["1 - closed by the server"]


@pytest.mark.parametrize("how", ["half", "whole"])
@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        (b'{"type":"ping"}', '{"type":"ping"}  [no end of line]'),
        (b'{"type":"ping"}\n{"type":"ping"}', '{"type":"ping"}  [no end of line]'),
        (b'{"type":"pi', '{"type":"pi  [not JSON, no end of line]'),
        (
            b'{"type":"login","username":"bob","password":"azerty"}',
            '{"type":"login","username":"bob","password":***}  [no end of line]',
        ),
    ],
)
def test_a_line_without_its_end_is_shown_when_it_is_thrown_away(house: House, how: str, sent: bytes, seen: str) -> None:
    """`print` instead of `println`: the trace shows what never became a request, its password masked."""
    client = house.client()
    _, shown = trace(house, client)
    client.send(sent)
    hang_up(client, how)
    house.turn()
    assert shown[-2:] == [f"1 > {seen}", "1 - closed by the client"]
    assert "azerty" not in "\n".join(shown)
    assert sum("no end of line" in line for line in shown) == 1


def test_a_whole_line_is_no_unfinished_one(house: House) -> None:
    """Who ends each line and closes has nothing thrown away."""
    client = house.client()
    _, shown = trace(house, client)
    client.send(b'{"type":"ping"}\n')
    hang_up(client, "half")
    house.turn()
    assert not any("no end" in line for line in shown)
    assert shown[-1] == "1 - closed by the client"


def test_a_session_within_the_process_has_no_lines(house: House) -> None:
    """It goes on hearing objects while it is watched; only its end is shown."""
    local = LocalSession(house.chat, house.clock, address="", face="ssh", heard=lambda _: None)
    shown: list[str] = []
    watching = LiveTrace([local.connection], False, shown.append, house.clock)
    watching.start()
    local.session.listener.speak("en", "utf-8")
    answer = local.ask(Ping())
    house.turn()
    assert isinstance(answer.result, Done)
    assert (shown, local.session.traits, local.session.listener.waiting) == ([], LocalSession.traits, 0)
    local.end()
    assert [line.partition(" ")[2] for line in shown] == ["1 - closed by the client"]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("private", [False, True])
def test_nothing_of_a_report_is_shown(language: str, private: bool) -> None:
    """Neither that somebody reports, nor what they hear: whoever watches may be the one who is reported."""
    with running(language=language, messages_per_second=0) as house:
        house.account("prof", role=Role.ADMIN)
        house.account("chef", role=Role.OWNER)
        prof, bob = house.modern("prof"), house.modern("bob")
        classic, mod = house.member("alice"), house.modern("chef")
        prof.ask(say("zqmot"))
        (said,) = [line for line in bob.lines() if line["type"] == "message"]
        watching, shown = trace(house, bob, classic, mod, private=private)
        number = said["message_id"]
        mod.raw()
        (answer,) = bob.ask({"type": "report", "message_id": number, "reason": "zqmotif"})
        assert answer["status"] == "ok"
        assert bob.one({"type": "report", "message_id": number})["code"] == "conflict"
        assert bob.one(b'{"type":"report","message_id":"zqmotif"}\n')["code"] == "bad_request"
        assert bob.one(b'{"type":"\\u0072eport","message_id":"zqmotif"}\n')["code"] == "bad_request"
        assert classic.ask(say("/report prof zqmotif"))
        assert classic.ask(say("/signaler prof zqmotif"))
        assert [line["type"] for line in mod.lines()] == ["reported", "system"] * 2
        assert mod.one({"type": "reports"})["reports"]
        assert mod.one({"type": "report_details", "report_id": 1})["lines"]
        assert mod.one({"type": "evidence", "report_id": 1})["document"]["content"]["lines"]
        assert mod.one({"type": "close_report", "report_id": 1, "outcome": "acted"})["status"] == "ok"
        assert "1" in bob.one(b"")["content"]
        watching.stop()
        assert not [line for line in shown if "report" in line.casefold() or "signal" in line.casefold()]
        assert not [line for line in shown if "zqmot" in line]


def test_no_log_line_names_a_refused_report(house: House) -> None:
    """`tail` shows the log: a report that is refused is a line like another."""
    bob = house.modern("bob")
    bob.one({"type": "report", "message_id": 99})
    bob.one({"type": "edit", "message_id": 99, "content": "x"})
    assert [line for line in house.logged if "refused" in line] == [
        "session 1: a line refused, not_found",
        "session 1: edit refused, not_found",
    ]
