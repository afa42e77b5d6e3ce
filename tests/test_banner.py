"""What a start shows: by which addresses others reach the server, and whether its certificate is for them."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress

from classcord.server.banner import _ways
from classcord.services.process import network_cards
from classcord.services.process.network_cards import CardAddress

OWN = [
    CardAddress(ip_address(address), card)
    for address, card in (
        ("127.0.0.1", "lo"),
        ("172.17.0.1", "docker0"),
        ("192.168.1.20", "eth0"),
        ("10.0.0.5", "eth1"),
        ("2001:db8::20", "eth0"),
        ("fe80::1", "eth0"),
    )
]
ALL = IPv4Address("TCP", "0.0.0.0", 12345)


class Certificate:
    def covers(self, address: str) -> bool:
        return address == "192.168.1.20"


def ways(face: str, listening: Any, own: list[CardAddress] | None = None) -> list[str]:
    certificate: Any = Certificate()
    return _ways(face, listening, OWN if own is None else own, certificate, str)


def test_every_card_is_shown() -> None:
    """With its name where there are several; no bridge of containers, nothing that others do not reach."""
    assert ways("tcp", ALL) == ["192.168.1.20:12345  (eth0)", "10.0.0.5:12345  (eth1)"]
    assert ways("tcp", ALL, OWN[:3]) == ["192.168.1.20:12345"]


def test_an_administrator_can_paste_each_line() -> None:
    """A command, and nothing behind it."""
    assert ways("ssh", ALL) == ["ssh -p 12345 admin@192.168.1.20", "ssh -p 12345 admin@10.0.0.5"]


def test_an_address_that_the_certificate_is_not_for_says_so() -> None:
    """Until it is made again, or for good where somebody else has made it."""
    assert ways("tls", ALL) == ["192.168.1.20:12345  (eth0)", "10.0.0.5:12345  (eth1, not in the certificate)"]


def test_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    """In brackets, behind the addresses of IPv4 where they lead to the same listener; of SSH without brackets."""
    monkeypatch.setattr(network_cards, "takes_ipv4", lambda: True)
    both = IPv6Address("TCP", "::", 12345)
    assert [way.split()[0] for way in ways("tcp", both)] == [
        "192.168.1.20:12345",
        "10.0.0.5:12345",
        "[2001:db8::20]:12345",
    ]
    assert ways("ssh", both)[-1] == "ssh -p 12345 admin@2001:db8::20"


def test_without_a_network_the_machine_itself() -> None:
    """And what listens on one address, or on a path, is shown as it is."""
    assert ways("tcp", ALL, OWN[:1]) == ["127.0.0.1:12345"]
    assert ways("ssh", IPv6Address("TCP", "::", 22), []) == ["ssh -p 22 admin@::1"]
    assert ways("tcp", IPv4Address("TCP", "127.0.0.1", 12345)) == ["127.0.0.1:12345"]
    assert ways("tcp", IPv4Address("TCP", "10.0.0.5", 12345)) == ["10.0.0.5:12345"]
    assert ways("tcp", UNIXAddress(b"/run/chat")) == ["unix:/run/chat"]


def test_the_page_is_shown_by_its_address() -> None:
    """As it is typed in a browser; whether the certificate is for it, too."""
    assert ways("web", ALL, OWN[:3]) == ["http://192.168.1.20:12345/"]
    assert ways("web_tls", ALL) == [
        "https://192.168.1.20:12345/  (eth0)",
        "https://10.0.0.5:12345/  (eth1, not in the certificate)",
    ]
