"""Targets that are nearly an address or a network: whom a ban would hit is not guessed."""

from __future__ import annotations

import pytest

from classcord.chat.addresses import near_network


@pytest.mark.parametrize(
    "target",
    [
        "10.0.0.5/24",
        "10.0.0.256",
        "10.0.0.0/33",
        "192.168.1",
        "192.168.1.*",
        "192.168.1.x",
        "192.168.1.66-70",
        "10.0.0.0/255.255.255.0.0",
        "10.0/8",
        "10.0.0.1/",
        "fe80::1/64",
        "2001:db8::/129",
        "2001:db8:::1",
        "aa:bb:cc:dd:ee:ff",
        "1.2.3.4.5",
    ],
)
def test_a_near_miss(target: str) -> None:
    """It is named, with what would be right."""
    why = near_network(target)
    assert why is not None
    assert target in why.render()


@pytest.mark.parametrize(
    "target",
    [
        "10.0.0.5",
        "10.0.0.0/24",
        "::1",
        "2001:db8::/32",
        "::ffff:10.0.0.1",
        "bob",
        "Jean-Paul",
        "2nde",
        "1.5",
        "a.b.c",
        "",
    ],
)
def test_what_is_exact_or_no_address_at_all(target: str) -> None:
    """Addresses, networks, and names."""
    assert near_network(target) is None


def test_host_bits_are_told_both_ways() -> None:
    """Either the one address is meant, or all of the network."""
    why = near_network("10.0.0.5/24")
    assert why is not None
    assert "10.0.0.5 for the one" in why.render()
    assert "10.0.0.0/24 for all" in why.render()
