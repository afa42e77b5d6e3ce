"""A small network of our own: a server's namespace with its own firewall, and others that are connected to it by veth.

What is done within `entered` happens in the namespace: sockets stay in the one they were made in, programs in the one
they were started in. Needs root; where namespaces are not allowed, tests that want them are skipped with the reason.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def run(*command: str, check: bool = True, text: str | None = None) -> str:
    """Run a command; return what it says, on both outputs."""
    done = subprocess.run(
        command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=20, check=False
    )
    assert done.returncode == 0 or not check, (command, done.stdout)
    return done.stdout


class Namespace:
    """One network namespace."""

    def __init__(self, name: str) -> None:
        self.name = name

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Be in it, with this thread."""
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            _set(Path("/run/netns", self.name))
            yield
        finally:
            _set(before)
            os.close(before)

    def run(self, *command: str, check: bool = True, text: str | None = None) -> str:
        """Run a command in it."""
        with self.entered():
            return run(*command, check=check, text=text)


def _set(namespace: Path | int) -> None:
    handle = os.open(namespace, os.O_RDONLY) if isinstance(namespace, Path) else namespace
    try:
        if _libc.setns(handle, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    finally:
        if isinstance(namespace, Path):
            os.close(handle)


class Lan:
    """A server at `address(n)` of each of its neighbours, who are numbered from 1 on."""

    def __init__(self, server: Namespace, neighbours: list[Namespace]) -> None:
        self.server = server
        self.neighbours = neighbours

    @staticmethod
    def server_address(number: int, *, ipv6: bool = False) -> str:
        """Return where neighbour `number` finds the server."""
        return f"2001:db8:{number}::1" if ipv6 else f"203.0.113.{16 * number + 1}"

    @staticmethod
    def address(number: int, *, ipv6: bool = False) -> str:
        """Return the address of neighbour `number`."""
        return f"2001:db8:{number}::2" if ipv6 else f"203.0.113.{16 * number + 2}"


@contextmanager
def lan(neighbours: int) -> Iterator[Lan]:
    """Give a server with so many neighbours; afterwards nothing of it remains."""
    with ExitStack() as stack:
        names = [f"cc{os.getpid() % 10_000}-{number}" for number in range(neighbours + 1)]
        made = [stack.enter_context(_made(name)) for name in names]
        server, *others = made
        server.run("ip", "link", "set", "lo", "up")
        for number, other in enumerate(others, 1):
            ours, theirs = f"s{number}", "eth0"
            run("ip", "link", "add", ours, "netns", server.name, "type", "veth", "peer", theirs, "netns", other.name)
            for namespace, link, address in (
                (server, ours, Lan.server_address),
                (other, theirs, Lan.address),
            ):
                namespace.run("ip", "address", "add", f"{address(number)}/28", "dev", link)
                namespace.run("ip", "address", "add", f"{address(number, ipv6=True)}/64", "dev", link, "nodad")
                namespace.run("ip", "link", "set", link, "up")
        yield Lan(server, others)


@contextmanager
def _made(name: str) -> Iterator[Namespace]:
    try:
        done = subprocess.run(
            ["ip", "netns", "add", name], capture_output=True, encoding="utf-8", timeout=20, check=False
        )
    except FileNotFoundError:
        pytest.skip("the command ip is not installed")
    if done.returncode:
        pytest.skip(f"no network namespace may be made here: {done.stderr.strip()}")
    try:
        yield Namespace(name)
    finally:
        run("ip", "netns", "delete", name)
