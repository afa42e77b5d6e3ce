"""A container engine for the tests: podman, with images, networks and a service of its own, all in one folder.

It builds the Dockerfile and runs compose.yaml as Docker does, to which docker-compose believes it speaks. The base
image is not fetched: it is made of this machine's Debian, with its Python and pip, and bears the name that the
Dockerfile asks for. Knows how to run containers, nothing of what is in them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.server import BOUND, ROOT
from tests.system.namespaces import Lan, lan

BASE = "docker.io/library/python:3.12-slim"  # the name that FROM asks for
TOOLS = ("podman", "runc", "docker-compose", "mmdebstrap", "catatonit")
PACKAGES = "python3,python3-venv,python3-pip,ca-certificates,netbase,tzdata,passwd"  # as the image python:3.12-slim has
BASE_OPTIONS = (
    "--aptopt=APT::Install-Recommends false",
    "--dpkgopt=force-unsafe-io",  # a power failure would only cost the base
    "--hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr",  # else perl is brought, to merge it later
)
CACHE = ROOT / "build/container"
BUILD_WITHIN = 300.0  # seconds: Debian's and Python's packages come over the network
PIP_SETTINGS = ("index-url", "proxy", "trusted-host")  # of this machine's pip, that the build's pip needs as well
CONTAINERS_CONF = """\
[containers]
# What podman would raise these to is not allowed to everybody who may run containers.
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_config_dir = "{folder}/networks"
"""
OVERRIDE = """\
services:
  classcord:
    ulimits:
      nproc: { soft: 4096, hard: 4096 }  # see default_ulimits, which the service does not go by
"""


class Engine:
    """Commands of podman and docker-compose; what they start is within a network namespace, the `server` of `lan`."""

    def __init__(self, folder: Path, lan: Lan) -> None:
        self.folder = folder
        self.lan = lan
        self._socket = folder / "service"
        (folder / "containers.conf").write_text(CONTAINERS_CONF.format(folder=folder), "utf-8")
        (folder / "override.yaml").write_text(OVERRIDE, "utf-8")
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "COMPOSE_"))},
            "CONTAINERS_CONF": str(folder / "containers.conf"),
            "DOCKER_HOST": f"unix://{self._socket}",
        }
        self._podman = ("podman", "--root", str(folder / "images"), "--runroot", str(folder / "run"))
        files = ("-f", str(ROOT / "compose.yaml"), "-f", str(folder / "override.yaml"))
        self._compose = ("docker-compose", "--project-name", "classcord", *files)

    # -- commands -----------------------------------------------------------------------------------------------------

    def podman(
        self, *arguments: str, check: bool = True, within: float = BOUND, text: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return self._run(*self._podman, *arguments, check=check, within=within, text=text)

    def compose(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return self._run(*self._compose, *arguments, check=check, within=3 * BOUND)

    def _run(
        self, *command: str, check: bool, within: float, text: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        with self.lan.server.entered():
            done = subprocess.run(
                command,
                cwd=ROOT,
                env=self._environment,
                input="" if text is None else text,
                capture_output=True,
                encoding="utf-8",
                timeout=within,
                check=False,
            )
        assert not check or done.returncode == 0, f"{command}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done

    def wait_for(self, container: str, pattern: str, since: str = "") -> str:
        """Return the first line with this pattern that a container says, or has said since a time or its last start."""
        seen = []
        since = since or json.loads(self.podman("inspect", container).stdout)[0]["State"]["StartedAt"]
        with self._follow(container, since) as lines:
            for line in lines:
                seen.append(line)
                if re.search(pattern, line):
                    return line
        raise AssertionError(f"no {pattern!r} in {seen[-10:]}")

    @contextmanager
    def _follow(self, container: str, since: str) -> Iterator[Iterator[str]]:
        command = ["timeout", str(BOUND), *self._podman, "logs", "--follow", "--since", since, container]
        with subprocess.Popen(
            command, env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
        ) as process:
            assert process.stdout is not None
            try:
                yield iter(process.stdout)
            finally:
                process.terminate()

    # -- images -------------------------------------------------------------------------------------------------------

    def build(self, tag: str) -> str:
        """Build the Dockerfile; return what was said."""
        mounts = [f"{self._pip_conf()}:/etc/pip.conf:ro"]
        mounts += [f"{path}:{path}:ro" for path in [Path("/etc/ssl/certs/ca-certificates.crt")] if path.exists()]
        # The network is the machine's: podman's own commands are within a namespace that leads nowhere.
        done = subprocess.run(
            [*self._podman, "build", "--format", "docker", "--pull-never", "--layers=false"]
            + ["--network", "host", "--tag", tag]
            + [part for mount in mounts for part in ("--volume", mount)]
            + [str(ROOT)],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=BUILD_WITHIN,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    def _pip_conf(self) -> Path:
        """Write how this machine's pip reaches its packages, for the one of the build."""
        listed = subprocess.run(
            [sys.executable, "-m", "pip", "config", "list"],
            capture_output=True,
            encoding="utf-8",
            timeout=BOUND,
            check=False,
        ).stdout
        found = re.findall(r"^.*\.([a-z-]+)='(.*)'$", listed, re.MULTILINE)
        path = self.folder / "pip.conf"
        settings = [f"{name} = {value}" for name, value in found if name in PIP_SETTINGS]
        path.write_text("\n".join(["[global]", "cert = /etc/ssl/certs/ca-certificates.crt", *settings]) + "\n", "utf-8")
        return path

    # -- its life -----------------------------------------------------------------------------------------------------

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answer docker-compose, as Docker's daemon does."""
        command = [*self._podman, "--log-level", "info", "system", "service", "--time", "0", f"unix://{self._socket}"]
        with (
            self.lan.server.entered(),
            subprocess.Popen(
                command, env=self._environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8"
            ) as service,
        ):
            assert service.stderr is not None
            try:
                for line in service.stderr:
                    if "listening" in line.lower():
                        break
                else:
                    pytest.fail("podman's service has ended")
                yield
            finally:
                service.kill()

    def clear(self) -> None:
        """Remove all that it has made."""
        self.podman("rm", "--force", "--all", "--time", "0", check=False)
        subprocess.run(["umount", self.folder / "images/overlay"], capture_output=True, timeout=BOUND, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def base() -> Path:
    """Return the base image's file system, as a tar; it is made once."""
    codename = re.findall(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text("utf-8"), re.MULTILINE)
    if not codename:
        pytest.skip("this machine is no Debian, of which the base image could be made")
    path = CACHE / f"base-{codename[0]}.tar"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        options = [*BASE_OPTIONS, "--quiet", "--variant=essential", "--format=tar", f"--include={PACKAGES}"]
        done = subprocess.run(
            ["mmdebstrap", *options, codename[0], str(partial), _mirror(codename[0])],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=BUILD_WITHIN,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"no base image can be made here: {done.stderr[-500:]}")
        partial.rename(path)
    return path


def _mirror(codename: str) -> str:
    """Return where this machine's apt gets its own Debian from."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)", "Created-By: Packages"],
        capture_output=True,
        encoding="utf-8",
        timeout=BOUND,
        check=False,
    ).stdout
    found = [uri for name, _, uri in (line.partition(" ") for line in listed.splitlines()) if name == codename]
    if not found:
        pytest.skip(f"apt knows no source of {codename}")
    return found[0]


@contextmanager
def engine() -> Iterator[Engine]:
    """Give an engine of whose work nothing remains afterwards; skip where there can be none."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    if os.geteuid():
        pytest.skip("only root can build and run containers here")
    with lan(1) as network:
        found = Engine(Path(tempfile.mkdtemp(prefix="cc-", dir="/tmp")), network)
        try:
            found.podman("import", str(base()), BASE, within=BUILD_WITHIN)
            tried = found.podman("run", "--rm", "--network=none", BASE, "true", check=False)
            if tried.returncode:
                pytest.skip(f"no container runs here: {tried.stderr.strip()[-500:]}")
            yield found
        finally:
            with suppress(subprocess.TimeoutExpired):
                found.clear()
