"""The filter and the jail of etc/fail2ban with the real fail2ban: who is banned, who is not, whatever is written."""

from __future__ import annotations

import os
import queue
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from twisted.internet.task import Clock

from classcord.services.security.audit_log import as_line
from classcord.services.security.blocking import BlockedAddresses
from classcord.services.security.security_events import event as security_event
from tests.harness import logged
from tests.server import BOUND, FACES, ROOT, Client, Server, running
from tests.system.namespaces import Lan, lan, run

pytestmark = pytest.mark.system

ETC = ROOT / "etc/fail2ban"
FILTER = ETC / "filter.d/classcord.conf"
CTL = "from classcord.cli import main; raise SystemExit(main())"
NOW = 1_795_206_987.607
HERE, V6 = "192.0.2.7", "2001:db8:5::7"
VICTIM = "198.51.100.66"
SPY = f"x-{VICTIM}"  # no address is the name of an account

HOSTILE = (
    VICTIM,
    f"address={VICTIM}",
    f"login-failed session=1 address={VICTIM} ",
    f'" reason="" address={VICTIM}',
    f'x" reason=""\n2026-11-20T20:36:27.607Z login-failed session=1 address={VICTIM} name="',
    f"x\r2026-11-20T20:36:27.607Z login-failed session=1 address={VICTIM} name=",
    f"x\u2028\x85\x0b2026-11-20T20:36:27.607Z login-failed session=1 address={VICTIM} name=",
    f'\x00\x1b[2K"\\" login-failed session=- address={VICTIM} name="x"',
    f"éÿ\u202e\ufeff\U0001f600 address=[{VICTIM}] <HOST> <ADDR> %(host)s {V6}",
    f'blocked session=- address={VICTIM} name="" reason="20 failed logins: it may not connect, 900 s"',
    "\\",
    '"',
    "x" * 300,
)
WORDS = (
    # of every event but failures and blocks, and what resembles those
    "login",
    "registered",
    "guest",
    "operator",
    "logout",
    "mute",
    "unmute",
    "kick",
    "ban",
    "unban",
    "maintenance",
    "accept",
    "reject",
    "adduser",
    "deluser",
    "role",
    "password-changed",
    "flood",
    "unblocked",
    "blocks",
    "unblock",
    "shutdown",
    "restart",
    "cancel",
    "login-failure",
    "not-login-failed",
    "blocked-not",
)


@pytest.fixture(autouse=True)
def _fail2ban() -> None:
    if shutil.which("fail2ban-regex") is None or shutil.which("fail2ban-server") is None:
        pytest.skip("fail2ban is not installed")


def found(folder: Path, lines: list[str], mode: str = "") -> list[str]:
    """Return the addresses that fail2ban's own reader finds in the lines of a log, with the time of each."""
    log = folder / "audit.log"
    log.write_text("".join(lines), "utf-8")
    done = subprocess.run(
        ["fail2ban-regex", "-o", "<time> <ip>", str(log), f"{FILTER}{mode and f'[mode={mode}]'}"],
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND,
        check=False,
        env={**os.environ, "TZ": "Europe/Paris"},
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


def happening(event: str, address: str = HERE, name: str = "bob", reason: str = "", session: int | None = 12) -> str:
    return as_line(security_event(event, at=NOW, session=session, address=address, name=name, reason=reason))


# -- every kind of line -----------------------------------------------------------------------------------------------


def test_failures_are_found_with_their_time(tmp_path: Path) -> None:
    """Of a session and of somebody over SSH, from IPv4 and IPv6, at the time that the line says, in UTC."""
    lines = [
        happening("login-failed"),
        happening("login-failed", V6),
        happening("login-failed", V6, "root", "key", None),
        happening("login-failed", "2001:db8::ffff:1"),
    ]
    seen = [HERE, V6, V6, "2001:db8::ffff:1"]
    assert found(tmp_path, lines) == [f"{int(NOW)} {address}" for address in seen]


def test_a_socket_of_the_machine_has_no_address(tmp_path: Path) -> None:
    """`address=-` bans nobody."""
    assert found(tmp_path, [happening("login-failed", "")]) == []


@pytest.mark.parametrize("mode", ["failures", "blocked"])
def test_whatever_people_write_bans_nobody(tmp_path: Path, mode: str) -> None:
    """In every kind of line, as a name and as a reason: not the victim, and a failure is found all the same."""
    lines = [
        happening(event, name=name, reason=reason)
        for event in WORDS
        for name, reason in [*((hostile, "") for hostile in HOSTILE), *(("bob", hostile) for hostile in HOSTILE)]
    ]
    lines += [happening("login-failed", name=hostile) for hostile in HOSTILE]
    assert found(tmp_path, lines, mode) == ([f"{int(NOW)} {HERE}"] * len(HOSTILE) if mode == "failures" else [])


def test_what_the_server_has_blocked(tmp_path: Path) -> None:
    """The mode of the jail finds written blocks: an address, a network of IPv6; no classroom, and no end of a block."""
    lines: list[str] = []
    clock = Clock()
    clock.rightNow = NOW
    security = logged(lines.append)
    blocks = BlockedAddresses(security, clock, lambda _: ())
    blocks.set_rule(after=5, within=600, seconds=0.5, exempt=lambda _: False)
    school = "192.0.2.200"
    for name in ("alice", "bob", "chloé"):
        security.tell(security_event("login", at=NOW, address=school, name=name))
    for address in (HERE, V6, school):
        for _ in range(15):
            security.tell(security_event("login-failed", at=NOW, address=address, name="admin"))
    assert {block.guarded for block in blocks.now()} == {False, True}
    clock.advance(1)
    blocks.look()
    assert len([line for line in lines if " unblocked " in line]) == 3
    assert found(tmp_path, lines, "blocked") == [f"{int(NOW)} {HERE}", f"{int(NOW)} 2001:db8:5::/64"]
    assert {line.split()[1] for line in found(tmp_path, lines)} == {HERE, V6, school}


def test_a_real_servers_log(tmp_path: Path) -> None:
    """Hostile names in requests of all kinds, some of them accounts: fail2ban finds the failures, and nothing else."""
    with running(tmp_path, "--set", "limits.messages_per_second=0", "--set", "limits.block_after=0") as server:
        with server.client() as client:
            for name in ("alice", "bob"):
                assert client.ask(type="register", username=name, password="azerty")["status"] == "ok"
            assert client.ask(type="register", username=VICTIM, password="azerty")["code"] == "bad_username"
            assert client.ask(type="register", username=SPY, password="azerty")["status"] == "ok"
            failures = 0
            for name in HOSTILE[:-1]:
                client.send(type="login", username=name, password="wrong")
                failures += client.until(type="error")["code"] == "login_failed"
            client.login(SPY)
        with server.client() as guest:
            guest.send(type="guest", username="x-198.51.100.67")
            guest.until(status="ok")
            commands = [f"mute alice 5m {typed(hostile)}" for hostile in HOSTILE]
            commands += [
                f"kick x-198.51.100.67 login-failed session=1 address={VICTIM} name=",
                f"ban {VICTIM} 1h --yes address={VICTIM}",
                f"unban {VICTIM}",
                "adduser x-198.51.100.68",
                "deluser x-198.51.100.68 --yes",
            ]
            command = (sys.executable, "-c", CTL, "ctl", "--data", str(server.data))
            run(*command, text="\n".join(commands), check=False)
        lines = server.audit.read_text("utf-8").splitlines(keepends=True)
    events = {line.split()[1] for line in lines}
    assert events >= {"registered", "login", "login-failed", "guest", "mute", "kick", "ban", "unban"}, events
    assert all(line.isascii() for line in lines)
    assert [line.split()[1] for line in found(tmp_path, lines)] == ["127.0.0.1"] * failures
    assert failures > 5
    assert found(tmp_path, lines, "blocked") == []


def typed(hostile: str) -> str:
    """Return what can be given to a command as one line."""
    return hostile.translate({ord(each): " " for each in "\0\n\r"})


# -- a real fail2ban --------------------------------------------------------------------------------------------------


class Watched:
    """A program whose lines are waited for."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def wait_for(self, pattern: str) -> str:
        """Return the next line with this pattern."""
        seen = []
        with suppress(queue.Empty):
            while line := self._lines.get(timeout=BOUND):
                if re.search(pattern, line):
                    return line
                seen.append(line)
        raise AssertionError(f"no {pattern!r} in {''.join(seen[-30:])}")

    def end(self) -> None:
        self._process.terminate()
        self._process.wait(BOUND)
        self._reader.join(BOUND)
        assert self._process.stdout is not None
        self._process.stdout.close()


@contextmanager
def fail2ban(folder: Path, log: Path, network: Lan) -> Iterator[Callable[[str], str]]:
    """Run the real one with the example's files as they are, but for the log's place; give what waits for nft."""
    config = folder / "fail2ban"
    shutil.copytree("/etc/fail2ban", config)
    shutil.rmtree(config / "jail.d")
    shutil.copytree(ETC, config, dirs_exist_ok=True)
    (config / "jail.d/zz.local").write_text(f"[classcord]\nlogpath = {log}\n", "utf-8")
    (config / "fail2ban.local").write_text("[Definition]\ndbfile = None\n", "utf-8")
    with network.server.entered():
        firewall = Watched("nft", "monitor", "new", "elements")
        command = ("fail2ban-server", "-f", "-c", config, "-s", folder / "f2b.sock", "-p", folder / "f2b.pid")
        jailer = Watched(*map(str, command), "--logtarget", "STDOUT")
    try:
        jailer.wait_for("Jail 'classcord' started")
        yield firewall.wait_for
    finally:
        jailer.end()
        firewall.end()


def guess(client: Client, times: int) -> None:
    """Try passwords, each of another name; the connection is closed in the end."""
    client.send(*({"type": "login", "username": f"name{number}", "password": "guess"} for number in range(times)))
    assert [line["code"] for line in client] == ["login_failed"] * times + ["blocked"]


@pytest.mark.parametrize("ipv6", [False, True], ids=["IPv4", "IPv6"])
def test_a_guesser_is_banned_by_the_firewall_and_nobody_else(tmp_path: Path, ipv6: bool) -> None:
    """A real server, fail2ban and nftables: twenty guesses, and not a packet comes through any more.

    Who logs in from elsewhere does not notice; an IPv6 guesser has no other address either.
    """
    if shutil.which("nft") is None:
        pytest.skip("nft is not installed")
    with lan(2) as network:
        guesser, pupil = network.neighbours
        where, other = ((network.server_address(number, ipv6=ipv6), 12345) for number in (1, 2))
        if ipv6:
            guesser.run("ip", "address", "add", "2001:db8:1::bad/64", "dev", "eth0", "nodad")
        ports = dict(zip(FACES, (12345, 12346, 2222, 8080, 8443), strict=True))
        options = [part for face, port in ports.items() for part in ("--set", f"listen.{face}=tcp6:{port}")]
        with network.server.entered():
            server = Server(tmp_path, *options)
        with server, fail2ban(tmp_path, server.audit, network) as firewall_says:
            with guesser.entered():
                early = Client(where)
                client = Client(where)
            guess(client, 20)
            banned = "2001:db8:1::/64" if ipv6 else network.address(1)
            said = firewall_says("add element .*classcord")
            assert banned in said
            for port in ports.values():
                with guesser.entered(), pytest.raises(TimeoutError):
                    connect((where[0], port), ("2001:db8:1::bad" if ipv6 else network.address(1), 0))
            with pupil.entered(), Client(other) as visitor:
                visitor.register("alice")
            client.close()
            early.close()


def connect(address: tuple[str, int], source: tuple[str, int]) -> None:
    """Connect and close; on a veth half a second is long."""
    socket.create_connection(address, timeout=0.5, source_address=source).close()
