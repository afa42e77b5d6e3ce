"""Who makes room on a full server: never an account, first the largest source, then who has been silent longest."""

from __future__ import annotations

from classcord.services.chat.strangers import CLASS
from tests.harness import Client, House, login, running, say

CROWD = "10.6.6.6"
HOME = "10.0.0.7"


def _guest(house: House, name: str, address: str) -> Client:
    client = house.client(address)
    assert client.ask({"type": "guest", "username": name})[0]["status"] == "ok"
    return client


def _filled(house: House, guests: int) -> list[Client]:
    return [_guest(house, f"crowd{number}", CROWD) for number in range(guests)]


def test_a_crowd_of_guests_keeps_no_account_out() -> None:
    """A server full of one address's guests lets people in, one guest goes for each, and their accounts stay."""
    with running(connections=CLASS + 50, messages_per_second=0) as house:
        crowd = _filled(house, CLASS + 50)
        for name in ("alice", "bob", "carol"):
            house.account(name)
            client = house.client(HOME)
            assert client.ask(login(name))[0]["status"] == "ok"
        house.pass_time(3)
        assert [client.closed for client in crowd] == [True] * 3 + [False] * (CLASS + 47)
        assert {"alice", "bob", "carol"} <= set(house.client(HOME).one({"type": "users"})["users"])
        assert "too_many_connections" in crowd[0].raw().decode()


def test_a_crowd_that_comes_back_displaces_itself() -> None:
    """Guests who were closed and connect again do not shut out who has connected and is typing a password."""
    with running(connections=CLASS + 20, messages_per_second=0) as house:
        house.account("alice")
        crowd = _filled(house, CLASS + 20)
        typing = house.client(HOME)
        for number in range(300):
            client = house.client(CROWD)
            if number % 2:
                client.ask({"type": "guest", "username": f"again{number}"})
        house.pass_time(600, step=60)
        for _ in range(50):
            house.client(CROWD)
        assert not typing.closed
        assert typing.ask(login("alice"))[0]["status"] == "ok"
        assert sum(not client.closed for client in crowd) < len(crowd)


def test_of_a_crowd_the_quietest_guest_goes() -> None:
    """Who has asked something lately stays longer than who has asked nothing for long."""
    with running(connections=4, messages_per_second=0) as house:
        first, second, third = (_guest(house, name, CROWD) for name in ("first", "second", "third"))
        alone = _guest(house, "alone", HOME)
        house.clock.advance(60)
        first.ask(say("I am still here"))
        house.clock.advance(1)
        third.ask(say("I too"))
        house.account("alice")
        assert house.client("10.0.0.8").ask(login("alice"))[0]["status"] == "ok"
        house.turn()
        closed = [client.transport.disconnecting for client in (first, second, third, alone)]
        assert closed == [False, True, False, False]


def test_the_largest_crowd_goes_first() -> None:
    """Two guests of one address make room before the only one of another does."""
    with running(connections=3) as house:
        alone = _guest(house, "alone", HOME)
        pair = [_guest(house, name, CROWD) for name in ("one", "two")]
        house.client("10.0.0.8")
        house.turn()
        assert [alone.transport.disconnecting, *(c.transport.disconnecting for c in pair)] == [False, True, False]


def test_an_address_that_many_share_is_no_crowd_while_there_is_another() -> None:
    """Guests of a shared address stay as long as there are others, and go when there are none."""
    with running(connections=4, shares_address=lambda address: address == CROWD) as house:
        shared = [_guest(house, f"pupil{number}", CROWD) for number in range(3)]
        other = _guest(house, "other", HOME)
        house.account("alice")
        house.client("10.0.0.8").ask(login("alice"))
        house.turn()
        assert ([client.closed for client in shared], other.transport.disconnecting) == ([False] * 3, True)
        house.client("10.0.0.8")
        house.turn()
        assert [client.transport.disconnecting for client in shared] == [True, False, False]


def test_an_ipv6_crowd_is_a_crowd_whatever_addresses_it_takes() -> None:
    """The /64 that one subscriber has counts as one place, for the bound of connections too."""
    with running(connections_per_address=3) as house:
        for number in range(3):
            house.client(f"2001:db8::{number}")
        assert house.client("2001:db8::ffff:1").lines()[0]["code"] == "too_many_connections"
        assert house.client("2001:db8:0:1::1").ask({"type": "users"})[0]["type"] == "users"


def test_the_machine_itself_has_no_bound_of_its_own() -> None:
    """Load is tried out from it, and whoever runs programs there can do more harm than by connecting."""
    with running(connections_per_address=1) as house:
        for address in ("127.0.0.1", "127.0.0.1", "127.9.9.9", "::1", "::1"):
            assert house.client(address).ask({"type": "users"})[0]["type"] == "users"


def test_what_is_counted_is_forgotten_when_everybody_has_gone() -> None:
    """Guests who log in, log out, change their names and leave are counted once, then not at all."""
    with running(connections=500, messages_per_second=0) as house:
        house.account("alice")
        clients = _filled(house, 30)
        for number, client in enumerate(clients):
            client.ask({"type": "guest", "username": f"renamed{number}"})
            if number % 3 == 0:
                client.ask(login("alice"))
            if number % 6 == 0:
                client.ask({"type": "logout"})
        for client in clients:
            client.leave()
        strangers = house.chat.connection_limits._strangers
        assert (strangers._sources, strangers._silent, strangers._by_size) == ({}, {}, {})
        assert house.chat.connection_limits._by_address == {}
