"""The addresses of this machine, and by which of them others reach what listens."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest

from classcord.services.process import network_cards
from classcord.services.process.network_cards import CardAddress, addresses, own_addresses, reached

CARDS = {
    "lo": ["127.0.0.1", "::1"],
    "docker0": ["172.17.0.1"],
    "br-0123456789ab": ["172.18.0.1", "fd00:18::1"],
    "eth0": ["fe80::1", "2001:db8::20", "192.168.1.20", "169.254.3.4"],
    "br0": ["10.0.0.5"],
    "virbr0": ["192.168.122.1"],
    "tun0": ["10.8.0.1"],
}
OWN = [CardAddress(ip_address(address), card) for card, each in CARDS.items() for address in each]


@pytest.fixture(autouse=True)
def _one_socket_for_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_cards, "takes_ipv4", lambda: True)


def ways(host: str) -> list[tuple[str, str]]:
    return [(str(each.address), each.card) for each in reached(host, OWN)]


def test_all_cards_are_reached_and_no_bridge_of_containers() -> None:
    """Cards, bridges that a machine is in its network by, and tunnels; nothing of this machine or this cable alone."""
    ipv4 = [("192.168.1.20", "eth0"), ("10.0.0.5", "br0"), ("10.8.0.1", "tun0")]
    assert ways("0.0.0.0") == ways("") == ipv4
    assert ways("::") == [*ipv4, ("2001:db8::20", "eth0")]


def test_where_the_system_keeps_ipv4_and_ipv6_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """What listens on IPv6 is reached by that alone."""
    monkeypatch.setattr(network_cards, "takes_ipv4", lambda: False)
    assert ways("::") == [("2001:db8::20", "eth0")]


def test_what_listens_on_one_address_is_reached_there() -> None:
    """Also on one that is nobody's card (a floating one); on the loopback by nobody."""
    assert ways("172.17.0.1") == [("172.17.0.1", "docker0")]
    assert ways("203.0.113.9") == [("203.0.113.9", "")]
    assert ways("127.0.0.1") == ways("::1") == []


def test_an_address_that_changes_by_itself_is_not_shown() -> None:
    """What IPv6 makes for a day (RFC 8981) is no address for others to note."""
    own = [CardAddress(ip_address("2001:db8::7"), "eth0", passing=True), *OWN]
    assert "2001:db8::7" not in [str(each.address) for each in reached("::", own)]


def test_the_machine_is_asked() -> None:
    """The loopback address is one on every machine, with its card's name."""
    assert ("127.0.0.1", "lo") in [(str(each.address), each.card) for each in own_addresses()]
    assert addresses(["127.0.0.1", "no.address"]) == []
    assert addresses(["203.0.113.9", "203.0.113.9"]) == ["203.0.113.9"]


def test_ipv6_as_the_system_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """proc(5): the address, the card's number, the prefix, the scope, the flags, the card."""
    file = tmp_path / "if_inet6"
    lines = ("20010db8000000000000000000000020 02 40 00 80", "20010db8000000000000000000000021 02 40 00 01")
    file.write_text("".join(f"{line}     eth0\n" for line in lines), "ascii")
    monkeypatch.setattr(network_cards, "_IF_INET6", file)
    found = {str(each.address): each.passing for each in own_addresses() if each.address.version == 6}
    assert found == {"2001:db8::20": False, "2001:db8::21": True}
    file.unlink()
    assert all(each.address.version == 4 for each in own_addresses())
