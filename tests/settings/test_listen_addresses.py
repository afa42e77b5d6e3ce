"""Where endpoints listen, and which two cannot be had at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from classcord.settings import listen_addresses
from classcord.settings.listen_addresses import ListenAddress, handed_over, listen_address


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tcp:12345", "tcp:12345"),
        ("tcp:12345", "tcp:port=12345"),
        ("tcp:12345", "tcp:12345:interface=0.0.0.0"),
        ("tcp:12345", "tcp:12345:interface=10.0.0.1"),
        ("tcp:12345", "tcp:12345:interface=localhost:backlog=5"),
        ("tcp:12345:interface=127.0.0.1", "tcp:12345:interface=LOCALHOST"),
        ("tcp:12345:interface=127.0.0.1", "tcp:12345:interface=127.1"),
        ("tcp:12345:interface=10.0.0.1", "tcp:12345:interface=\\:\\:ffff\\:10.0.0.1"),
        ("tcp:12345", "tcp6:12345"),
        ("tcp6:12345", "tcp:12345:interface=10.0.0.1"),
        ("tcp6:12345", "tcp6:12345:interface=2001\\:db8\\:\\:1"),
        ("tcp6:12345:interface=2001\\:db8\\:\\:1", "tcp6:12345:interface=2001\\:DB8\\:0\\:0\\:0\\:0\\:0\\:1"),
        ("tcp:12345", "haproxy:tcp:12345"),
        ("unix:/run/chat", "unix:/run/chat:mode=600"),
        ("unix:/run/chat", "unix:address=/run/../run//chat"),
    ],
)
def test_one_place_twice(monkeypatch: pytest.MonkeyPatch, one: str, other: str) -> None:
    """However it is written, and in whichever order the two come."""
    monkeypatch.setattr(listen_addresses, "takes_ipv4", lambda: True)
    first, second = listen_address(one), listen_address(other)
    assert first is not None
    assert second is not None
    assert first.meets(second)
    assert second.meets(first)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tcp:12345", "tcp:12346"),
        ("tcp:12345:interface=127.0.0.1", "tcp:12345:interface=10.0.0.1"),
        ("tcp:12345:interface=127.0.0.1", "tcp6:12345:interface=\\:\\:1"),
        ("tcp:12345", "tcp6:12345:interface=\\:\\:1"),
        ("tcp:12345:interface=chat.example", "tcp:12345:interface=admin.example"),
        ("tcp:12345", "unix:/run/chat"),
        ("unix:/run/chat", "unix:/run/chat2"),
    ],
)
def test_two_listen_addresses(monkeypatch: pytest.MonkeyPatch, one: str, other: str) -> None:
    """They can be had beside each other."""
    monkeypatch.setattr(listen_addresses, "takes_ipv4", lambda: True)
    first, second = listen_address(one), listen_address(other)
    assert first is not None
    assert second is not None
    assert not first.meets(second)
    assert not second.meets(first)


def test_where_the_system_keeps_ipv4_and_ipv6_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """One port for both is two addresses (net.ipv6.bindv6only)."""
    monkeypatch.setattr(listen_addresses, "takes_ipv4", lambda: False)
    assert not ListenAddress(port=1).meets(ListenAddress(host="::", port=1))
    assert ListenAddress(host="::", port=1).meets(ListenAddress(host="::1", port=1))


def test_a_port_that_the_system_chooses_meets_none() -> None:
    """Port 0 is another one each time."""
    assert not ListenAddress().meets(ListenAddress())


def test_a_link_to_a_socket_is_the_same_place(tmp_path: Path) -> None:
    """The system would find one file under both names."""
    (tmp_path / "run").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "run")
    assert ListenAddress(path=f"{tmp_path}/run/chat").meets(ListenAddress(path=f"{tmp_path}/link/chat"))


def test_a_socket_of_systemd() -> None:
    """By its name or its number; other endpoints take none."""
    assert handed_over("systemd:domain=INET6:name=chat") == handed_over("systemd:name=chat:domain=INET") == "name=chat"
    assert handed_over("systemd:domain=INET:index=0") == "index=0"
    assert handed_over("tcp:12345") is None
