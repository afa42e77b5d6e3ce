"""What is handed out: the wheel and the source archive, each installed in an environment that has nothing else.

An environment has exactly what the archive says it depends on, linked from the environment of the tests, so that no
network is needed. Twisted's folder of plugins is a real one, for that is where ours is installed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from classcord import __version__

ROOT = Path(__file__).parent.parent
BOUND = 120.0  # seconds, for whatever must happen at all
OURS = "classcord_plugin"

pytestmark = pytest.mark.system


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that must succeed, as if no folder of the sources were near; return its output."""
    hidden = ("PYTHON", "PIP_", "COV_", "COVERAGE_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", timeout=BOUND, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel and the source archive, built from this folder."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--sdist", "--outdir", out, cwd=ROOT)
    return {"wheel": next(out.glob("*.whl")), "sdist": next(out.glob("*.tar.gz"))}


@pytest.fixture(scope="module", params=["wheel", "sdist"])
def installed(
    request: pytest.FixtureRequest, archives: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """An environment in which one of the archives is installed with what it depends on, and nothing else."""
    archive = archives[request.param]
    environment = tmp_path_factory.mktemp(request.param)
    venv.create(environment, with_pip=False, symlinks=True)
    python = environment / "bin" / "python"
    packages = Path(
        run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=environment).strip()
    )
    needed = {"pip", *_needed(archives["wheel"])}
    if request.param == "sdist":
        needed |= set(_closure(["hatchling"]))
    for name in needed:
        _link(name, packages)
    options = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check")
    run(python, "-m", "pip", "install", *options, archive, cwd=environment)
    return environment


def _needed(wheel: Path) -> Iterator[str]:
    """Return the distributions that a wheel says it needs here, and theirs."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        written = archive.read(name).decode()
    return _closure(re.findall(r"^Requires-Dist: (.*)$", written, re.MULTILINE))


def _closure(requirements: Iterable[str]) -> Iterator[str]:
    waiting = [Requirement(each) for each in requirements]
    seen: set[tuple[str, str]] = set()
    while waiting:
        requirement = waiting.pop()
        for extra in ("", *requirement.extras):
            if (requirement.name, extra) in seen:
                continue
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
                continue
            seen.add((requirement.name, extra))
            yield requirement.name
            waiting += _required(requirement.name, extra)


def _required(name: str, extra: str) -> Iterator[Requirement]:
    """Return what a distribution requires, with one of its extras or (`""`) without."""
    for each in metadata.requires(name) or ():
        requirement = Requirement(each)
        if requirement.marker is None:
            yield requirement
        elif requirement.marker.evaluate({"extra": extra}):
            requirement.marker = None
            yield requirement


def _link(name: str, packages: Path) -> None:
    """Make the files of a distribution importable from `packages`, folder by folder."""
    distribution = metadata.distribution(name)
    tops = {file.parts[0] for file in distribution.files or () if file.parts[0] not in ("..", "__pycache__", "bin")}
    for top in tops:
        target, source = packages / top, Path(str(distribution.locate_file(top)))
        if target.exists() or not source.exists():
            continue
        if top == "twisted":
            target.mkdir()
            _link_all(source, target, but={"plugins"})
            (target / "plugins").mkdir()
            _link_all(source / "plugins", target / "plugins", but={"dropin.cache", f"{OURS}.py", "__pycache__"})
        else:
            target.symlink_to(source)


def _link_all(source: Path, target: Path, but: set[str]) -> None:
    for each in source.iterdir():
        if each.name not in but:
            (target / each.name).symlink_to(each)


def _python(environment: Path, code: str) -> str:
    return run(environment / "bin" / "python", "-c", code, cwd=environment)


def test_twistd_lists_the_plugin(installed: Path) -> None:
    """In an empty environment `twistd --help` has a line for classcord."""
    listed = _python(
        installed, "import sys; sys.argv = ['twistd', '--help']; from twisted.scripts.twistd import run; run()"
    )
    assert re.search(r"^ +classcord +The chat server of a school", listed, re.MULTILINE)


def test_command_says_its_version(installed: Path) -> None:
    """The installed `classcord` runs and says which version it is."""
    assert run(installed / "bin" / "classcord", "--version", cwd=installed) == f"classcord {__version__}\n"


def test_declared_dependencies_suffice(installed: Path) -> None:
    """Every module can be imported with nothing but what the package says it needs."""
    code = (
        "import pkgutil, importlib, classcord\n"
        "found = [m.name for m in pkgutil.walk_packages(classcord.__path__, 'classcord.')]\n"
        "[importlib.import_module(name) for name in found if not name.endswith('__main__')]\n"
        "print(len(found), classcord.__file__)"
    )
    count, _, place = _python(installed, code).strip().partition(" ")
    assert int(count) == sum(1 for file in (ROOT / "classcord").rglob("*.py")) - 1  # without the package itself
    assert Path(place).is_relative_to(installed)


def test_data_files_are_installed(installed: Path) -> None:
    """Every statement, migration and catalogue of the sources is in the installed package."""
    place = Path(_python(installed, "import classcord; print(classcord.__file__)").strip()).parent
    here = {file.relative_to(ROOT / "classcord") for file in (ROOT / "classcord").rglob("*") if _is_data(file)}
    there = {file.relative_to(place) for file in place.rglob("*") if _is_data(file)}
    assert {file.suffix for file in here} >= {".sql", ".po", ".typed"}
    assert there == here


def _is_data(file: Path) -> bool:
    return file.is_file() and file.suffix not in (".py", ".pyc", ".pyo")


def test_wheel_has_nothing_else(archives: dict[str, Path]) -> None:
    """The wheel holds the package, the plugin and their metadata: no tests, no caches, nobody's data."""
    with zipfile.ZipFile(archives["wheel"]) as archive:
        names = archive.namelist()
    ours = rf"classcord/|twisted/plugins/{OURS}\.py$|classcord-[^/]+\.dist-info/"
    assert [name for name in names if not re.match(ours, name)] == []
    assert [name for name in names if name.endswith((".pyc", "dropin.cache"))] == []
    assert f"twisted/plugins/{OURS}.py" in names
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_source_archive_is_whole(archives: dict[str, Path]) -> None:
    """Who has the source archive can test, read and run it: tests, documents, settings; and nobody's data."""
    with tarfile.open(archives["sdist"]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"LICENSE", "Makefile", "README.md", "docs/architecture.md", "etc/classcord.toml"} <= names
    assert {"requirements/run.txt", "tests/test_packaging.py"} <= names
    assert [name for name in names if name.startswith(("var/", ".venv/")) or name.endswith(".pyc")] == []


def test_locks_fit_the_declared_dependencies() -> None:
    """What is pinned has its hashes, satisfies every declared bound, and names no place to download from."""
    pinned = _pinned("run.txt")
    with (ROOT / "pyproject.toml").open(encoding="utf-8") as file:
        declared = file.read().split("dependencies = [", 1)[1].split("\n]", 1)[0]
    for text in re.findall(r'"(.+)",', declared):
        requirement = Requirement(text)
        versions = pinned[_normal(requirement.name)]
        assert all(requirement.specifier.contains(version) for version in versions), text
    both = _pinned("dev.txt")
    for name, versions in (pinned | _pinned("build.txt")).items():
        assert both.get(name) == versions, f"{name} is pinned twice: run make pin"


def _pinned(name: str) -> dict[str, set[str]]:
    """Return the versions of each package in a lock file: one, or one for each kind of Python."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / name).read_text(encoding="utf-8").replace("\\\n", "").splitlines():
        pin = re.fullmatch(r"([\w.-]+)(?:\[[\w, ]+\])?==([\w.]+)( ; .+?)?((?: +--hash=sha256:[0-9a-f]{64})+) *", line)
        assert pin, f"{name}: {line}: make pin"
        found.setdefault(_normal(pin[1]), set()).add(pin[2])
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
