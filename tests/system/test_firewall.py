"""The examples for nftables and ufw with the real tools: they are accepted, and do what their comments say."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.server import BOUND, ROOT, Client, Server
from tests.system.namespaces import Lan, lan

pytestmark = pytest.mark.system

NFTABLES = ROOT / "etc/nftables"
RULES = NFTABLES / "classcord.nft"
PORTS = {12345, 12346, 8080, 8443, 2222}


def wants(command: str) -> None:
    if shutil.which(command) is None:
        pytest.skip(f"{command} is not installed")


@pytest.fixture
def network() -> Iterator[Lan]:
    wants("nft")
    with lan(2) as made:
        yield made


# -- nftables ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", sorted(NFTABLES.glob("*")), ids=lambda file: file.name)
def test_nft_accepts_it(network: Lan, file: Path) -> None:
    """As it is, and with its proposals in comments taken up."""
    network.server.run("nft", "-c", "-f", str(file))
    taken_up = re.sub(r"^( *)# (elements = |tcp dport )", r"\1\2", file.read_text("utf-8"), flags=re.MULTILINE)
    assert (taken_up != file.read_text("utf-8")) == (file == RULES)
    network.server.run("nft", "-c", "-f", "-", text=taken_up)


def test_loading_it_twice_is_loading_it_once(network: Lan) -> None:
    """The rules are there once, and another table stays as it was."""
    network.server.run("nft", "add", "table", "inet", "others")
    network.server.run("nft", "-f", str(RULES))
    once = network.server.run("nft", "list", "ruleset")
    network.server.run("nft", "-f", str(RULES))
    assert network.server.run("nft", "list", "ruleset") == once
    assert "table inet others" in once


def test_a_classroom_is_let_in(network: Lan, tmp_path: Path) -> None:
    """Thirty clients of one address connect at once, three times in a row, log in, and hear each other."""
    network.server.run("nft", "-f", str(RULES))
    school = network.neighbours[0]
    with network.server.entered():
        server = Server(tmp_path, "--set", "listen.chat=tcp:12345", "--set", "limits.messages_per_second=0")
    with server, ExitStack() as stack, school.entered():
        for _ in range(2):
            for client in [Client((network.server_address(1), 12345)) for _ in range(30)]:
                client.close()
        pupils = [stack.enter_context(Client((network.server_address(1), 12345))) for _ in range(30)]
        for number, pupil in enumerate(pupils):
            pupil.register(f"pupil{number}")
        pupils[0].say("bonjour")
        for pupil in pupils[1:]:
            pupil.until(type="message", content="bonjour")
    assert dropped(network) == 0


@pytest.mark.parametrize("ipv6", [False, True], ids=["IPv4", "IPv6"])
def test_a_flood_of_connections_is_cut_and_nobody_else_notices(network: Lan, ipv6: bool) -> None:
    """Past two hundred at once no packet comes through, until time has passed; another address connects."""
    network.server.run("nft", "-f", str(RULES))
    flooder, pupil = network.neighbours
    family = socket.AF_INET6 if ipv6 else socket.AF_INET
    with ExitStack() as stack:
        with network.server.entered():
            listener = stack.enter_context(
                socket.create_server(("::" if ipv6 else "", 12345), family=family, backlog=4096)
            )
        with flooder.entered():
            for _ in range(600):
                connection = stack.enter_context(closing(socket.socket(family)))
                connection.setblocking(False)
                connection.connect_ex((network.server_address(1, ipv6=ipv6), 12345))
        with pupil.entered():
            where = (network.server_address(2, ipv6=ipv6), 12345)
            stack.enter_context(closing(socket.create_connection(where, timeout=BOUND)))
        accepted = 0
        listener.settimeout(BOUND)
        while (peer := _next_peer(listener)) != network.address(2, ipv6=ipv6):
            assert peer == network.address(1, ipv6=ipv6)
            accepted += 1
        assert 200 <= accepted < 400
        assert dropped(network) > 100


def _next_peer(listener: socket.socket) -> str:
    connection, (peer, *_) = listener.accept()
    connection.close()
    return str(peer)


def test_other_ports_are_not_touched(network: Lan) -> None:
    """The table limits ClassCord, and nothing else on the machine."""
    network.server.run("nft", "-f", str(RULES))
    with ExitStack() as stack:
        with network.server.entered():
            stack.enter_context(socket.create_server(("", 8000), backlog=1024))
        with network.neighbours[0].entered():
            for _ in range(400):
                where = (network.server_address(1), 8000)
                stack.enter_context(closing(socket.create_connection(where, timeout=BOUND)))
    assert dropped(network) == 0


def dropped(network: Lan) -> int:
    """Return how many packets the rules have dropped."""
    listed = network.server.run("nft", "list", "table", "inet", "classcord")
    return sum(map(int, re.findall(r"counter packets (\d+)", listed)))


# -- ufw --------------------------------------------------------------------------------------------------------------


def ufw(*arguments: str) -> str:
    """Run ufw where our profiles are the only ones, and nothing outside is changed."""
    wants("ufw")
    place = "mount --bind etc/ufw/applications.d /etc/ufw/applications.d"
    done = subprocess.run(
        ["unshare", "--mount", "--net", "sh", "-c", f'{place} && exec ufw "$@"', "ufw", *arguments],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND,
        check=False,
    )
    if "unshare failed" in done.stderr or "mount" in done.stderr:
        pytest.skip(f"no namespace may be made here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ufw_knows_the_profiles() -> None:
    """Each opens its ports, all of which are those of the settings' example, and over TCP alone."""
    listed = [line.strip() for line in ufw("app", "list").splitlines()[1:]]
    assert listed == ["ClassCord", "ClassCord SSH", "ClassCord TLS"]
    opened = {
        name: set(re.findall(r"### tuple ### allow (\S+) (\S+) 0\.0\.0\.0/0", ufw("--dry-run", "allow", name)))
        for name in listed
    }
    assert opened == {
        "ClassCord": {("tcp", "8080,8443,12345,12346")},
        "ClassCord SSH": {("tcp", "2222")},
        "ClassCord TLS": {("tcp", "8443,12346")},
    }


def test_the_commands_of_the_ufw_readme() -> None:
    """Those that open ports are understood, and open what they say."""
    readme = (ROOT / "etc/ufw/README.md").read_text("utf-8")
    commands = re.findall(r"^\$ sudo ufw (allow .*)$", readme, re.MULTILINE)
    assert len(commands) == 2
    rules = [ufw("--dry-run", *[word.strip('"') for word in re.findall(r'"[^"]*"|\S+', each)]) for each in commands]
    assert "allow tcp 2222 0.0.0.0/0 any 192.168.1.0/24" in rules[1]


def test_all_examples_speak_of_the_ports_of_the_settings() -> None:
    """Who changes a default port changes it everywhere."""
    settings = (ROOT / "etc/classcord.toml").read_text("utf-8")
    defaults = {
        int(each) for each in re.findall(r'^(?:chat|tls|ssh|web|web_tls) = \["tcp:(\d+)"\]', settings, re.MULTILINE)
    }
    assert defaults == PORTS
    for place in ("fail2ban/jail.d/classcord.local", "nftables/classcord.nft", "ufw/applications.d/classcord"):
        text = (ROOT / "etc" / place).read_text("utf-8")
        assert {int(each) for each in re.findall(r"\b(?:12\d{3}|2222|80\d\d|84\d\d)\b", text)} == PORTS, place
