"""Many clients who do nothing good, while others chat: slow ones, and handshakes that are never finished."""

from __future__ import annotations

import socket
from pathlib import Path

from bench.crash import OPTIONS
from bench.faults.crowd import crowd
from bench.faults.outcome import Outcome, memory, open_files, wrong
from bench.faults.talk import quantile, talking
from tests.server import BOUND, Server

MEASURED = 20.0  # seconds
SLOW, HALF = 5_000, 200  # clients; handshakes a second
LATEST = 500.0  # milliseconds within which 99 of 100 messages must be there, also on a machine that does other things
EACH = 50.0  # kB of the server's memory that a slow client may cost
STRAY = 5  # open files more than before that are no leak: threads' connections to the database


def slow(folder: Path, *, count: int = SLOW, seconds: float = MEASURED) -> Outcome:
    """Thousands of clients send one byte a second each; nobody else may notice."""
    with Server(folder, *OPTIONS) as server, talking(server) as talk:
        before = talk.latencies(seconds / 2)
        empty = memory(server.pid)
        with crowd("slow", server.address(), count, 2_000) as running:
            connected, closed = running.connected()
            during = talk.latencies(seconds)
            full = memory(server.pid)
            connected, closed, _ = running.over()
        goes_on = talk.goes_on()
    each = 1000 * (full - empty) / max(1, connected)
    return Outcome(
        {
            "slow clients": connected,
            "of them closed by the server": closed,
            "p50 without them (ms)": quantile(before, 0.5),
            "p50 with them (ms)": quantile(during, 0.5),
            "p99 without them (ms)": quantile(before, 0.99),
            "p99 with them (ms)": quantile(during, 0.99),
            "memory without them (MB)": round(empty),
            "memory with them (MB)": round(full),
            "memory of each (kB)": round(each, 1),
        },
        wrong(
            they_were_not_let_in=connected < count,
            they_cost_too_much_memory=each > EACH,
            the_chat_does_not_go_on=not goes_on,
        ),
        wrong(people_waited_too_long=quantile(during, 0.99) > LATEST),
    )


def half_tls(folder: Path, *, rate: float = HALF, seconds: float = MEASURED) -> Outcome:
    """TLS handshakes that end in the middle: the server gives them up, and forgets them."""
    return _half(folder, "tls", rate, seconds)


def half_ssh(folder: Path, *, rate: float = HALF, seconds: float = MEASURED) -> Outcome:
    """Connections to the SSH port that never say who they are; bench/hostile_ssh.py does worse to it."""
    return _half(folder, "ssh", rate, seconds)


def _half(folder: Path, face: str, rate: float, seconds: float) -> Outcome:
    with Server(folder, *OPTIONS, "--set", "ssh.login_grace=4") as server, talking(server) as talk:
        before = talk.latencies(seconds / 2)
        files = open_files(server.pid)
        with crowd(face, server.address(face), int(rate * seconds), rate) as running:
            during = talk.latencies(seconds)
            connected, closed = running.connected()
            most = open_files(server.pid)
            enters = _comes_in(server, face)
            left, _, took = running.over()
        goes_on = talk.goes_on()
        after = open_files(server.pid)
    return Outcome(
        {
            "handshakes begun": int(rate * seconds),
            "open at the end of it": connected,
            "closed before": closed,
            "all closed after (s)": took,
            "p50 without them (ms)": quantile(before, 0.5),
            "p50 with them (ms)": quantile(during, 0.5),
            "p99 without them (ms)": quantile(before, 0.99),
            "p99 with them (ms)": quantile(during, 0.99),
            "open files before": files,
            "open files with them": most,
            "open files after": after,
        },
        wrong(
            some_are_never_closed=left > 0,
            files_are_left_open=after > files + STRAY,
            nobody_else_can_come_in=not enters,
            the_chat_does_not_go_on=not goes_on,
        ),
        wrong(people_waited_too_long=quantile(during, 0.99) > LATEST),
    )


def _comes_in(server: Server, face: str) -> bool:
    """Whether somebody who means well is let in: TLS begins, SSH says its version."""
    if face == "tls":
        with server.client("tls") as client:
            return bool(client.hello().ask(type="ping")["status"] == "ok")
    address = server.address("ssh")
    assert not isinstance(address, str)
    with socket.create_connection(address, timeout=BOUND) as client:
        return client.recv(100).startswith(b"SSH-2.0-")
