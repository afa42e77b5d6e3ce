"""The image of the Dockerfile and the server of compose.yaml, built and run by a real container engine (podman)."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

from tests.server import BOUND, Client, unverified
from tests.system.containers import BASE, Engine, engine
from tests.system.namespaces import Lan

pytestmark = [pytest.mark.system, pytest.mark.slow]

IMAGE = "localhost/classcord"
READY = "^ClassCord .* en marche"
GATEWAY = "172.30.57.1"  # of compose.yaml
NOT_WANTED = "pip pip3 gcc cc c++ g++ clang tcc ld as make cmake cargo rustc go git curl wget"


class House:
    """compose.yaml, running."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.container = ""

    def up(self) -> None:
        self.engine.compose("up", "--detach", "--no-build", "classcord")
        self.container = self.engine.compose("ps", "--quiet", "classcord").stdout.strip()
        self.ready()

    def ready(self, since: str = "") -> None:
        """Wait for the first words of the server: of the one in this container, or of one after a time."""
        self.engine.wait_for(self.container, READY, since)

    def exec(self, *command: str, check: bool = True) -> str:
        """Return what a command in the running container says."""
        done = self.engine.podman("exec", self.container, *command, check=check)
        return done.stdout + done.stderr

    def inspect(self) -> Any:
        return json.loads(self.engine.podman("inspect", self.container).stdout)[0]

    def from_the_machine(self) -> Client:
        with self.engine.lan.server.entered():
            return Client(("127.0.0.1", 12345))

    def from_the_network(self) -> Client:
        with self.engine.lan.neighbours[0].entered():
            return Client((Lan.server_address(1), 12345))


@pytest.fixture(scope="module")
def built() -> Iterator[Engine]:
    """An engine that has built the image."""
    with engine() as found:
        found.build(IMAGE)
        yield found


@pytest.fixture(scope="module")
def house(built: Engine) -> Iterator[House]:
    with built.serving():
        house = House(built)
        house.up()
        try:
            yield house
        finally:
            built.compose("down", "--volumes", check=False)


# -- the image ---------------------------------------------------------------------------------------------------------


def test_the_image_has_nothing_to_build_with(built: Engine) -> None:
    """No pip, no compiler, no downloader: neither as a command nor as a module of either Python; the base had pip."""
    look = f"for name in {NOT_WANTED}; do command -v $name && exit 1; done; true"
    built.podman("run", "--rm", "--network=none", "--entrypoint=sh", IMAGE, "-c", look)
    for python in ("/usr/bin/python3", "/opt/classcord/bin/python3"):
        for module in ("pip", "ensurepip"):
            imported = ["--network=none", f"--entrypoint={python}", IMAGE, "-c", f"import {module}"]
            assert "No module named" in built.podman("run", "--rm", *imported, check=False).stderr
    assert "pip " in built.podman("run", "--rm", "--network=none", BASE, "python3", "-m", "pip", "--version").stdout


def test_the_image_holds_no_more_than_the_server(built: Engine) -> None:
    """What it was built with stays behind: neither sources nor tools nor data, only the server and its settings."""
    look = "ls -d /opt/* /data/* /build /etc/classcord/* /etc/classcord/admin_keys/* 2>/dev/null; true"
    listed = built.podman("run", "--rm", "--network=none", "--entrypoint=sh", IMAGE, "-c", look).stdout
    assert listed.split() == ["/etc/classcord/admin_keys", "/etc/classcord/classcord.toml", "/opt/classcord"]


def test_the_image_says_how_it_is_run(built: Engine) -> None:
    """As a numbered user, from any folder of data, stopped by SIGTERM, with its ports and a check of its health."""
    config = json.loads(built.podman("image", "inspect", IMAGE).stdout)[0]["Config"]
    assert config["User"] == "classcord"
    assert config["StopSignal"] == "SIGTERM"
    assert set(config["ExposedPorts"]) == {f"{port}/tcp" for port in (2222, 8080, 8443, 12345, 12346, 12347)}
    assert set(config["Volumes"]) == {"/data"}
    assert config["Entrypoint"][:2] == ["twistd", "-n"]
    assert built.podman("run", "--rm", "--network=none", "--entrypoint=id", IMAGE, "-u").stdout == "10001\n"
    built.podman("run", "--rm", "--network=none", "--entrypoint=classcord", IMAGE, "check-config")


def test_a_server_without_figures_is_not_healthy(built: Engine) -> None:
    """HEALTHCHECK fails where nothing answers it: what it says of a server that runs is worth something."""
    options = ["--detach", "--network=none", "--read-only", "--cap-drop=all", "--name=mute"]
    built.podman("run", *options, IMAGE, "--set", "listen.metrics=")
    built.wait_for("mute", READY)
    try:
        assert built.podman("healthcheck", "run", "mute", check=False).returncode == 1
    finally:
        built.podman("rm", "--force", "mute")


# -- compose.yaml ------------------------------------------------------------------------------------------------------


def test_people_chat_through_it(house: House) -> None:
    """From the machine and from its network: who comes from there keeps an address, the machine has the gateway's.

    That gateway is what the settings share, for all that comes through docker-proxy looks like it.
    """
    with house.from_the_network() as alice, house.from_the_machine() as bob:
        alice.register("alice")
        bob.register("bob")
        alice.say("Bonjour du réseau")
        assert bob.until(type="message", content="Bonjour du réseau")["from"] == "alice"
    audit = house.exec("cat", "/data/log/audit.log")
    assert re.search(rf'login .*address={re.escape(Lan.address(1))} name="alice"', audit)
    assert re.search(rf'login .*address={re.escape(GATEWAY)} name="bob"', audit)
    assert f'"{GATEWAY}"' in house.exec("cat", "/etc/classcord/classcord.toml")


def test_it_is_reached_by_tls_and_ssh(house: House) -> None:
    """The other two ports lead to what they should."""
    with house.engine.lan.neighbours[0].entered():
        with Client((Lan.server_address(1), 12346), unverified()) as client:
            client.hello()
        with socket.create_connection((Lan.server_address(1), 2222), BOUND) as ssh:
            assert ssh.recv(8) == b"SSH-2.0-"


def test_it_is_healthy_and_nobody_reaches_the_figures(house: House) -> None:
    """HEALTHCHECK passes inside; from the network the port of the figures is closed."""
    assert house.engine.podman("healthcheck", "run", house.container).returncode == 0
    with house.engine.lan.neighbours[0].entered(), pytest.raises(ConnectionRefusedError):
        socket.create_connection((Lan.server_address(1), 12347), BOUND)


def test_it_may_do_next_to_nothing(house: House) -> None:
    """Every process: a user of its own, no capability, nothing to gain by set-user-ID; writes only /data and /tmp."""
    status = house.exec("sh", "-c", "cat /proc/[0-9]*/status 2>/dev/null")
    for line in ("Uid:\t10001\t10001", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1"):
        assert status.count(line) == status.count("Name:") > 1
    for folder in ("/", "/etc/classcord", "/opt/classcord", "/usr/local/bin", "/home", "/srv"):
        assert "Read-only file system" in house.exec("touch", f"{folder}/x", check=False)
    house.exec("touch", "/data/x", "/tmp/x")


def test_it_has_the_limits_of_the_file(house: House) -> None:
    """Memory, processors, processes and open files; the time that a stop may take."""
    found = house.inspect()
    limits = found["HostConfig"]
    assert (limits["Memory"], limits["PidsLimit"], limits["NanoCpus"] or limits["CpuQuota"]) == (1 << 30, 128, 10**9)
    assert limits["ReadonlyRootfs"] is True
    assert limits["RestartPolicy"]["Name"] == "unless-stopped"
    assert found["Config"]["StopTimeout"] == 15
    assert re.search(r"Max open files\s+16384\s+16384", house.exec("cat", "/proc/self/limits"))


def test_it_complains_of_nothing(house: House) -> None:
    """A read-only system costs no line of the log; the password of the first account is told to nobody."""
    said = house.engine.podman("logs", house.container).stdout + house.exec("cat", "/data/log/classcord.log")
    assert not re.search("warn|error|critical|Traceback|Read-only|plugin cache", said)
    assert house.exec("cat", "/data/first-password").split()[-1] not in said


def test_it_is_administered_from_outside(house: House) -> None:
    """`exec classcord` finds settings and data by itself: the console, the doctor, a backup."""
    ask = ("exec", "-T", "classcord", "classcord")
    assert "admin" in house.engine.compose(*ask, "ctl", "users").stdout
    assert "docker" in house.engine.compose(*ask, "doctor").stdout
    house.engine.compose(*ask, "backup")
    assert re.search(r"classcord-\d{8}-\d{6}-by-hand\.db\.gz", house.exec("ls", "/data/backups"))


def test_its_logs_are_put_aside_by_date(house: House) -> None:
    """`rotate-logs` loses no line: the old ones are under a name with a date, the new ones in files of their own."""
    before = house.exec("cat", "/data/log/audit.log")
    house.engine.compose("exec", "-T", "classcord", "rotate-logs")
    with house.from_the_network() as client:
        client.register("dave")
    assert house.exec("sh", "-c", "cat /data/log/audit.log-2*").startswith(before)
    assert 'name="dave"' in house.exec("cat", "/data/log/audit.log")


def test_it_begins_anew_within_its_container(house: House) -> None:
    """`ctl restart` needs nothing that a read-only system and no privileges would refuse."""
    before = house.inspect()["State"]
    with house.from_the_machine() as client:
        now = datetime.now(timezone.utc).isoformat()
        house.exec("classcord", "ctl", "restart", "--yes")
        assert client.read() is None
    house.ready(now)
    after = house.inspect()["State"]
    assert (after["Pid"], after["StartedAt"]) == (before["Pid"], before["StartedAt"])
    with house.from_the_machine() as client:
        client.register("frank")


def test_what_was_said_outlives_the_container(house: House) -> None:
    """`down` tells people and loses nothing; the next container goes on with the same volume."""
    with house.from_the_network() as client:
        client.register("carol")
        house.engine.compose("stop")
        last = list(client)[-1]
        assert last["subtype"] == "system"
    assert house.inspect()["State"]["ExitCode"] == 0
    house.engine.compose("down")
    house.up()
    with house.from_the_network() as client:
        client.login("carol")


def test_a_backup_is_put_back_by_a_container(house: House) -> None:
    """The way of docs/CONTAINERS.md: stop, restore in a container of the same volumes and settings, start.

    The container is podman's: this docker-compose finds the network changed that it has itself asked podman for.
    """
    house.exec("classcord", "backup")
    backup = house.exec("sh", "-c", "ls /data/backups/*.gz").split()[-1]
    with house.from_the_machine() as client:
        client.register("erin")
    house.engine.compose("stop")
    options = ("--network=none", "--read-only", f"--volumes-from={house.container}", "--entrypoint=classcord")
    house.engine.podman("run", "--rm", *options, IMAGE, "restore", "--yes", backup)
    house.engine.compose("start")
    house.ready()
    with house.from_the_machine() as client:
        assert client.ask(type="login", username="erin", password="azerty")["type"] == "error"
