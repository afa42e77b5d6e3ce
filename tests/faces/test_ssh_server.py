"""Connections of SSH: what is spoken, how many there may be and for how long, floods, and the end of the server."""

from __future__ import annotations

import struct

import msgspec
import pytest
from twisted.conch.ssh.common import NS
from twisted.conch.ssh.connection import MSG_CHANNEL_OPEN, MSG_GLOBAL_REQUEST
from twisted.conch.ssh.transport import MSG_KEXINIT, MSG_SERVICE_REQUEST

from classcord.faces.ssh.server import KEY_EXCHANGES, plain
from tests.faces.ssh_line import SUCCESS, Client, Gate, make_key
from tests.harness import House


def packet(payload: bytes) -> bytes:
    """Return a packet as it is before keys are agreed (RFC 4253 §6)."""
    padding = 8 - (len(payload) + 5) % 8
    padding += 8 if padding < 4 else 0
    return struct.pack(">LB", len(payload) + 1 + padding, padding) + payload + bytes(padding)


# -- what is spoken ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exchange", KEY_EXCHANGES)
@pytest.mark.parametrize("cipher", [b"aes256-ctr", b"aes128-ctr"])
def test_algorithms(gate: Gate, exchange: bytes, cipher: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each that is offered works, with a key and a command at its end."""
    monkeypatch.setattr(Client, "supportedKeyExchanges", [exchange])
    monkeypatch.setattr(Client, "supportedCiphers", [cipher])
    client = gate.come_in("prof", gate.admit("prof"))
    assert (client.kexAlg, client.run("version").status) == (exchange, 0)


@pytest.mark.parametrize(
    ("kind", "algorithm"),
    [
        ("supportedKeyExchanges", b"diffie-hellman-group14-sha1"),
        ("supportedKeyExchanges", b"diffie-hellman-group-exchange-sha256"),
        ("supportedKeyExchanges", b"ecdh-sha2-nistp256"),
        ("supportedCiphers", b"aes128-cbc"),
        ("supportedCiphers", b"3des-ctr"),
        ("supportedMACs", b"hmac-sha1"),
        ("supportedPublicKeys", b"ssh-rsa"),
    ],
)
def test_old_algorithms(gate: Gate, kind: str, algorithm: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that knows nothing better is told so, and let go."""
    monkeypatch.setattr(Client, kind, [algorithm])
    client = gate.connect()
    assert (client.secure, client.closed) == (False, True)


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b'{"type":"login"}\n',
        b"\0" * 5000,
        b"x" * 4097,
        b"x" * 200_000,
        b"\n" * 5000,
        b"SSH-1.5-old\r\n",
        b"SSH-\r\n",
        b"SSH-2.0-x\r\n" + b"\xff" * 100,
        b"SSH-2.0-x\r\n" + struct.pack(">LB", 1_048_577, 4),
        b"SSH-2.0-x\r\n" + struct.pack(">LB", 12, 255) + bytes(100),
        b"SSH-2.0-x\r\n" + packet(bytes([MSG_KEXINIT])),
        b"SSH-2.0-x\r\n" + packet(bytes([MSG_KEXINIT]) + b"\xff" * 300),
        b"SSH-2.0-x\r\n" + packet(bytes([30]) + NS(bytes(32))),
        b"SSH-2.0-x\r\n" + packet(b"\x01\0\0\0\x02"),
        b"SSH-2.0-x\r\n" + packet(bytes([2]) + NS(b"x")) * 1000,
        b"SSH-2.0-x\r\n" + packet(bytes(range(256))) * 1000,
    ],
)
@pytest.mark.parametrize("piece", [None, 1000])
def test_garbage(gate: Gate, garbage: bytes, piece: int | None) -> None:
    """What is no SSH is refused at once or within the time for coming in, and is no fault of the server's."""
    line = gate.line()
    for start in range(0, len(garbage), piece or len(garbage)):
        line.send(garbage[start : start + (piece or len(garbage))])
    assert line.heard.startswith(b"SSH-2.0-ClassCord\r\n")
    assert len(line.heard) < 4096 + len(garbage)  # nobody is sent more than they have sent
    gate.pass_time(60)
    gate.pass_time(2)
    assert line.lost
    assert gate.factory._transports == {}


def test_a_packet_that_is_not_whole(gate: Gate) -> None:
    """Somebody who has not come in may not let much wait for the rest of a packet."""
    line = gate.line()
    line.send(b"SSH-2.0-x\r\n" + struct.pack(">LB", 1_000_004, 4))
    for _ in range(200):
        line.send(b"x" * 1024)
    assert line.lost


@pytest.mark.parametrize("number", [MSG_CHANNEL_OPEN, MSG_GLOBAL_REQUEST, 98, 94, 50])
@pytest.mark.parametrize("phase", ["greeting", "keys", "authentication"])
def test_too_early(gate: Gate, number: int, phase: str) -> None:
    """What is for those who have come in does nothing for others, whenever they ask."""
    payload = NS(b"session") + struct.pack(">3L", 0, 65_536, 32_768)
    if phase == "greeting":
        gate.line().send(b"SSH-2.0-x\r\n" + packet(bytes([number]) + payload))
    else:
        client = gate.connect()
        if phase == "authentication":
            client.begin()
        client.ask(number, payload)
        assert SUCCESS not in client.auth.answers
        assert client.connection.channels == {}
    assert gate.factory.connections() == []
    assert gate.house.chat.connections == {}


@pytest.mark.parametrize("service", [b"ssh-connection", b"", b"x" * 1000, b"ssh-userauth\0"])
def test_a_service_without_authentication(gate: Gate, service: bytes) -> None:
    """Nothing but authentication is there for those who have not come in."""
    client = gate.connect()
    client.ask(MSG_SERVICE_REQUEST, NS(service))
    assert client.closed


# -- how many, and how long -------------------------------------------------------------------------------------------


def test_most_connections(gate: Gate) -> None:
    """Whoever has as many as they may is told so; when one goes there is room. One place is for who is coming in."""
    key = gate.admit("prof")
    gate.set(max_connections=3)
    first, second = (gate.come_in("prof", key) for _ in range(2))
    third = gate.connect()
    assert not third.closed
    third.begin()
    assert third.try_key("prof", key) == []
    assert third.farewell == (12, "too many connections")
    gate.pass_time(2)
    first.line.hang_up()
    assert gate.come_in("prof", key).run("version").status == 0
    assert second.run("version").status == 0


@pytest.mark.parametrize("limit", [2, 3, 5, 10, 50])
def test_nobody_holds_all_connections(gate: Gate, limit: int) -> None:
    """However many one operator opens, another comes in, and a third: the oldest of whoever has the most gives way."""
    keys = {name: gate.admit(name) for name in ("prof", "mod", "chef")}
    gate.set(max_connections=limit)
    mine = []
    for _ in range(limit + 5):
        client = gate.connect()
        client.begin()
        client.try_key("prof", keys["prof"])
        mine.append(client)
        gate.pass_time(2)
    assert 1 <= sum(not each.closed for each in mine) < limit
    others = [gate.come_in(name, keys[name]) for name in ("mod", "chef")] if limit > 3 else []
    assert all(each.run("version").status == 0 for each in others)
    gate.pass_time(2)
    assert sum(not each.closed for each in mine) >= 1
    if others:
        assert mine[0].farewell == (11, "others wait to come in, and you have the most connections")


def test_two_crowds_share(gate: Gate) -> None:
    """Whoever comes later gets as many as whoever came first, not more."""
    keys = {name: gate.admit(name) for name in ("prof", "mod")}
    gate.set(max_connections=11)
    opened: dict[str, list[Client]] = {"prof": [], "mod": []}
    for name in ("prof", "mod", "prof", "mod"):
        for _ in range(15):
            client = gate.connect()
            client.begin()
            client.try_key(name, keys[name])
            opened[name].append(client)
            gate.pass_time(2)
    assert {name: sum(not each.closed for each in all_) for name, all_ in opened.items()} == {"prof": 5, "mod": 5}


def test_who_has_come_in_goes_before(gate: Gate) -> None:
    """A new connection takes the place of the oldest that has not said who it is."""
    key = gate.admit("prof")
    gate.set(max_connections=3)
    prof = gate.come_in("prof", key)
    silent = [gate.connect() for _ in range(2)]
    newest = gate.connect()
    assert [each.closed for each in (prof, *silent, newest)] == [False, True, False, False]
    assert silent[0].farewell == (11, "others wait to come in")


def test_a_crowd_from_one_address(gate: Gate) -> None:
    """Whoever opens connection after connection takes places from themselves, not from others who are coming in."""
    key = gate.admit("prof")
    gate.set(max_connections=10)
    prof = gate.connect("10.0.0.1")
    prof.begin()
    crowd = [gate.connect("10.6.6.6") for _ in range(30)]
    assert prof.try_key("prof", key) == [SUCCESS]
    assert sum(not each.closed for each in crowd) == 9


def test_any_number_of_connections(gate: Gate) -> None:
    """0 is no limit."""
    gate.set(max_connections=0)
    clients = [gate.connect() for _ in range(60)]
    assert not any(client.closed for client in clients)


def test_most_sessions(gate: Gate) -> None:
    """A connection has so many channels at a time; one that is closed makes room."""
    gate.set(max_sessions=2)
    client = gate.come_in("prof", gate.admit("prof"))
    first, second, third = (client.open() for _ in range(3))
    assert (first.opened, second.opened, third.opened) == (True, True, False)
    assert third.refused is not None
    first.loseConnection()  # type: ignore[no-untyped-call]
    gate.turn()
    assert client.open().opened


@pytest.mark.parametrize("kind", [b"direct-tcpip", b"forwarded-tcpip", b"x11", b"auth-agent@openssh.com", b"", b"\xff"])
def test_other_channels(gate: Gate, kind: bytes) -> None:
    """Ports, agents and X11 are not forwarded."""
    client = gate.come_in("prof", gate.admit("prof"))
    client.open_by_hand(kind)
    gate.turn()
    assert client.connection.refused == 1
    assert client.run("version").status == 0


@pytest.mark.parametrize(
    "kind", [b"tcpip-forward", b"streamlocal-forward@openssh.com", b"no-more-sessions@openssh.com"]
)
def test_global_requests(gate: Gate, kind: bytes) -> None:
    """Nobody can make the server listen for them; a request that wants an answer gets a refusal."""
    client = gate.come_in("prof", gate.admit("prof"))
    refusals: list[object] = []
    client.connection.sendGlobalRequest(kind, NS(b"127.0.0.1") + struct.pack(">L", 0), 1).addErrback(refusals.append)  # type: ignore[no-untyped-call]
    gate.turn()
    assert len(refusals) == 1


@pytest.mark.parametrize("kind", [b"session", b"direct-tcpip"])
def test_a_flood_of_channels(gate: Gate, kind: bytes) -> None:
    """Who goes on asking for channels in vain is hung up on, with one farewell, and leaves nothing behind."""
    client = gate.come_in("prof", gate.admit("prof"))
    for number in range(5000):
        client.open_by_hand(kind, number)
    before = len(gate.house.clock.getDelayedCalls())
    client.connection.ssh_CHANNEL_OPEN_CONFIRMATION = lambda packet: None  # type: ignore[method-assign]
    gate.turn()
    assert client.closed
    assert client.connection.refused <= 101
    assert len(gate.house.clock.getDelayedCalls()) <= before + 2
    gate.pass_time(2)
    assert gate.factory._transports == {}


def test_idle(gate: Gate) -> None:
    """Who does nothing for long is hung up on; whoever does something is not."""
    key = gate.admit("prof")
    gate.set(idle_timeout=100)
    client, busy = gate.come_in("prof", key), gate.come_in("prof", key)
    shell = client.open()
    shell.request(b"shell")
    for _ in range(3):
        gate.pass_time(40)
        busy.run("version")
    assert (client.closed, busy.closed) == (True, False)
    assert client.farewell == (11, "this connection was idle for too long")


def test_never_idle(gate: Gate) -> None:
    """0 is no limit."""
    gate.set(idle_timeout=0)
    client = gate.come_in("prof", gate.admit("prof"))
    gate.pass_time(1_000_000)
    assert not client.closed


# -- ends -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", range(8))
def test_a_client_that_goes(gate: Gate, house: House, moment: int) -> None:
    """In whichever phase it goes, nothing is left of it: no connection, no session, nothing that waits."""
    key = gate.admit("prof")
    waiting = len(house.clock.getDelayedCalls())
    line = gate.line()
    if moment == 1:
        line.send(b"SSH-2.")
    elif moment == 2:
        line.send(b"SSH-2.0-x\r\n" + packet(bytes([MSG_KEXINIT]) + bytes(16))[:20])
    elif moment >= 3:
        gate.lines.remove(line)
        line.hang_up()
        client = gate.connect()
        line = client.line
        if moment >= 4:
            client.begin()
        if moment >= 5:
            client.try_key("prof", key)
        if moment >= 6:
            session = client.open()
            session.terminal()
        if moment == 7:
            session.request(b"shell")
            session.type("who\rkick bo")
    line.hang_up()
    house.clock.advance(2)
    assert (gate.factory._transports, house.chat.connections) == ({}, {})
    assert len(house.clock.getDelayedCalls()) == waiting


def test_a_client_that_does_not_close(gate: Gate) -> None:
    """Who is hung up on and does not read is cut off a second later."""
    client = gate.come_in("prof", gate.admit("prof"))
    client.line.stuck = True
    client.line.server.end("enough")
    gate.pass_time(0.9)
    assert not client.line.lost
    gate.pass_time(0.2)
    assert client.line.near.aborted


def test_what_comes_after_the_farewell(gate: Gate) -> None:
    """Once a connection is being closed, nothing that still comes is done."""
    client = gate.come_in("prof", gate.admit("prof"))
    shell = client.open()
    shell.request(b"shell")
    client.line.stuck = True
    client.line.server.end("enough")
    shell.type("shutdown --yes\n")
    gate.pass_time(0.5)
    assert gate.controls.done == []


def test_a_key_that_is_taken_away(gate: Gate) -> None:
    """Its connections end within a second, with a reason; those of other keys do not."""
    gate.administration.start()
    prof, chef = gate.come_in("prof", gate.admit("prof")), gate.come_in("chef", gate.admit("chef"))
    (gate.keys / "prof.pub").unlink()
    gate.pass_time(1)
    assert (prof.closed, chef.closed) == (True, False)
    assert prof.farewell == (11, "your key is not accepted any more")
    gate.administration.stop()


def test_a_farewell_in_french_is_ascii(gate: Gate) -> None:
    """OpenSSH shows every other byte as octal."""
    hub = gate.house.hub
    hub.set_policy(msgspec.structs.replace(hub.policy, language="fr"))
    gate.administration.start()
    prof = gate.come_in("prof", gate.admit("prof"))
    (gate.keys / "prof.pub").unlink()
    gate.pass_time(1)
    assert prof.farewell == (11, "votre cle n'est plus acceptee")
    gate.administration.stop()


@pytest.mark.parametrize(
    ("words", "told"),
    [("Motif\u00a0: «\u00a0été\u00a0» – cœur…", 'Motif : "ete" - coeur...'), ("plain", "plain"), ("日", "?")],
)
def test_a_farewell_is_folded(words: str, told: str) -> None:
    """Letters without accents, plain spaces and quotes."""
    assert plain(words) == told.encode()


def test_a_key_that_gives_another_role(gate: Gate) -> None:
    """Whoever has become less does not go on as before."""
    gate.administration.start()
    key = gate.admit("prof")
    prof = gate.come_in("prof", key)
    gate.admit("prof", 'role="moderator" ', key=key)
    gate.pass_time(1)
    assert prof.closed
    again = gate.come_in("prof", key)
    assert again.run("export users").status == 1
    gate.administration.stop()


def test_a_key_past_its_time(gate: Gate) -> None:
    """It ends an open connection too."""
    gate.administration.start()
    prof = gate.come_in("prof", gate.admit("prof", 'expiry-time="20261120204000Z" '))
    gate.pass_time(1)
    assert not prof.closed
    gate.pass_time(300)
    assert prof.closed
    gate.administration.stop()


def test_the_end_of_the_server(gate: Gate) -> None:
    """Everybody is told, those who have not come in yet too, and nothing is left."""
    prof, silent, line = gate.come_in("prof", gate.admit("prof")), gate.connect(), gate.line()
    shell = prof.open()
    shell.terminal()
    shell.request(b"shell")
    gate.factory.end_all("the server is stopping")
    gate.turn()
    assert prof.farewell == silent.farewell == (11, "the server is stopping")
    assert line.lost
    assert (gate.factory._transports, gate.house.chat.connections) == ({}, {})


def test_a_stranger_s_key(gate: Gate) -> None:
    """Whoever has no key here is told how one is added, in the end."""
    client = gate.connect()
    client.begin()
    while not client.closed:
        client.try_key("prof", make_key())
    assert client.farewell is not None
    assert str(gate.keys) in client.farewell[1]
