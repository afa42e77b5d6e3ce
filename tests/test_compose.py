"""What Dockerfile, compose.yaml and the settings of the image say about each other; nothing is built or run here."""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from classcord.settings import load
from tests.server import BOUND, ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
SETTINGS = load(ROOT / "etc/docker/classcord.toml")


def ports(endpoints: Iterable[str]) -> set[str]:
    """Return the ports of endpoints that are open to all addresses."""
    return {endpoint.removeprefix("tcp:") for endpoint in endpoints}


# -- what belongs together ---------------------------------------------------------------------------------------------


def test_what_the_server_listens_on_is_what_is_published() -> None:
    """All that people connect to, by the same numbers; the figures stay among the containers."""
    listen = SETTINGS.listen
    people = ports(chain(*listen.for_users().values()))
    assert {tuple(port.split(":")) for port in SERVICES["classcord"]["ports"]} == {(port, port) for port in people}
    (exposed,) = re.findall("^EXPOSE (.*)", DOCKERFILE, re.MULTILINE)
    assert set(exposed.split()) == people | ports(listen.metrics)
    assert f"http://127.0.0.1:{ports(listen.metrics).pop()}/healthz" in DOCKERFILE


def test_prometheus_finds_the_server() -> None:
    """By its name among the containers, at the port of its figures."""
    config = yaml.safe_load((ROOT / "etc/prometheus/prometheus.yml").read_text("utf-8"))
    (target,) = config["scrape_configs"][0]["static_configs"][0]["targets"]
    host, port = target.split(":")
    assert host in SERVICES
    assert port in ports(SETTINGS.listen.metrics)


def test_the_gateway_is_an_address_that_many_share() -> None:
    """Whoever comes through docker-proxy looks like the gateway: no limit by address may apply to it, nor to others."""
    (network,) = COMPOSE["networks"]["default"]["ipam"]["config"]
    assert SETTINGS.limits.shared_addresses == (network["gateway"], "172.17.0.1")


def test_settings_and_keys_are_where_the_server_looks() -> None:
    """The mounts of compose.yaml are files of this tree, and cover what the image was built with."""
    mounts = dict(volume.split(":")[:2] for volume in SERVICES["classcord"]["volumes"])
    assert mounts["data"] == "/data"
    assert mounts["./etc/docker/classcord.toml"] in DOCKERFILE
    assert Path(SETTINGS.ssh.keys) == ROOT / "etc/docker/admin_keys"  # beside the file: in the image, /etc/classcord
    assert mounts["./admin_keys"] == "/etc/classcord/admin_keys"
    for service in SERVICES.values():
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).exists()


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_container_may_do_more_than_it_must(name: str) -> None:
    """A read-only system, no capability, nothing to gain, a bound to everything, a log that cannot fill the disk."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert {"mem_limit", "cpus", "pids_limit"} <= set(service)
    assert service["restart"] == "unless-stopped"
    assert not {"privileged", "network_mode", "pid", "devices", "cap_add", "user"} & set(service)
    assert "docker.sock" not in str(service)


def test_only_this_machine_sees_the_supervision() -> None:
    """Prometheus and Grafana run when they are asked for, on ports of this machine alone."""
    for name in ("prometheus", "grafana"):
        assert SERVICES[name]["profiles"] == ["supervision"]
        assert all(port.startswith("127.0.0.1:") for port in SERVICES[name]["ports"])


def test_the_stop_has_the_time_that_it_takes() -> None:
    """A clean stop takes under five seconds; ten are Docker's own patience."""
    assert int(SERVICES["classcord"]["stop_grace_period"].removesuffix("s")) > 10


@pytest.mark.parametrize("password", ["", "choisi"])
def test_grafana_has_no_default_password(password: str, tmp_path: Path) -> None:
    """Without a password that somebody chose it says so and ends; with one, it starts."""
    grafana = SERVICES["grafana"]
    assert grafana["environment"]["GF_SECURITY_ADMIN_PASSWORD"] == "${GRAFANA_PASSWORD:-}"
    shell, option, script = grafana["entrypoint"]
    program = tmp_path / "run.sh"
    program.write_text("#!/bin/sh\necho started\n", "utf-8")
    program.chmod(0o755)
    done = subprocess.run(
        [shell, option, script.replace("$$", "$").replace("/run.sh", str(program))],
        env={"GF_SECURITY_ADMIN_PASSWORD": password},
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND,
        check=False,
    )
    assert (done.returncode, done.stdout) == ((0, "started\n") if password else (1, ""))
    assert ("GRAFANA_PASSWORD" in done.stderr) is not bool(password)


def test_the_build_is_sent_what_it_copies_and_nothing_secret() -> None:
    """.dockerignore keeps all away but what the Dockerfile names: no data, no keys, no history."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert lines[1] == "*"
    sent = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE)
    assert {part for each in copied for part in each.split()} <= sent | {
        "etc/docker/classcord.toml",
        "etc/docker/rotate-logs",
    }
    assert not {"var", "admin_keys", ".git", ".", "etc"} & sent
    assert any(fnmatch.fnmatch("classcord/__pycache__", line) for line in lines if not line.startswith("!"))


# -- docker-compose ----------------------------------------------------------------------------------------------------


def compose(file: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("docker-compose")
    if program is None:
        pytest.skip("docker-compose is not installed")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COMPOSE_", "GRAFANA_"))}
    return subprocess.run(
        [program, "--file", str(file), *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND,
        check=False,
    )


@pytest.mark.system
def test_docker_compose_understands_the_file(tmp_path: Path) -> None:
    """It goes by the Compose schema, with the supervision and without; a word that is not in the schema is refused."""
    for profile in ((), ("--profile", "supervision")):
        done = compose(ROOT / "compose.yaml", *profile, "config", "--quiet")
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
    wrong = tmp_path / "compose.yaml"
    wrong.write_text((ROOT / "compose.yaml").read_text("utf-8").replace("pids_limit", "pid_limit"), "utf-8")
    done = compose(wrong, "config", "--quiet")
    assert done.returncode
    assert "pid_limit" in done.stderr
