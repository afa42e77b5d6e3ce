"""What a run of the tests begins with, the server in memory of most tests, and where its administrators work."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from functools import cache
from pathlib import Path

import pytest
from _pytest import unittest as pytest_unittest
from hypothesis import settings
from twisted.logger import globalLogPublisher

from tests import environment, server
from tests.dealing import dealt
from tests.faces.ssh_line import Gate
from tests.forkserver import Forkserver
from tests.harness import House, running
from tests.office import Office
from tests.traffic import Traffic

# How long an example takes says nothing here; and nothing is kept in a clone that is somebody else's.
EXAMPLES = Path(".hypothesis")
settings.register_profile("here", deadline=None)
settings.register_profile("elsewhere", deadline=None, database=None)
settings.load_profile("here" if os.access(EXAMPLES if EXAMPLES.exists() else ".", os.W_OK) else "elsewhere")

# pytest reads the version of Twisted for each test anew, from a page of text: that is half of what an empty test costs.
if hasattr(pytest_unittest, "_get_twisted_version"):
    pytest.MonkeyPatch().setattr(pytest_unittest, "_get_twisted_version", cache(pytest_unittest._get_twisted_version))

environment.take()  # before any module of tests is read: some keep the environment that they find


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    environment.own_folder(config)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    worker = getattr(config, "workerinput", None)
    if worker:
        whole_modules = all(item.get_closest_marker("system") for item in items)  # make test-system: as they come
        items[:] = dealt(items, 1 if whole_modules else worker["workercount"])


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let the garbage collector not look at ten thousand collected tests and all modules: they stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    environment.leave(session.config, exitstatus)


@pytest.fixture(autouse=True)
def no_observers_stay() -> Iterator[None]:
    """Take away whoever still watches the log when a test ends: each would read every line of all later tests."""
    before = list(globalLogPublisher._observers)
    yield
    for observer in list(globalLogPublisher._observers):
        if observer not in before:
            globalLogPublisher.removeObserver(observer)


@pytest.fixture(scope="session", autouse=True)
def servers_are_forked() -> Iterator[None]:
    """Start the servers of tests, and commands beside them, without their imports."""
    forkserver = Forkserver(server.ENVIRONMENT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "start", forkserver.start)
        yield
    forkserver.close()


@pytest.fixture(scope="session")
def traffic() -> Iterator[Traffic]:
    """Check against the schema what servers in this process read and write."""
    traffic = Traffic()
    with pytest.MonkeyPatch.context() as patch:
        traffic.watch(patch.setattr)
        yield traffic


@pytest.fixture(autouse=True)
def traffic_is_as_the_schema_says(traffic: Traffic) -> Iterator[None]:
    """Every line that a server reads or writes in any test is as docs/protocol.schema.json says.

    Of a server in a process of its own, these are the lines that the clients of tests/server.py receive.
    """
    traffic.wrong.clear()
    yield
    assert traffic.wrong == []


@pytest.fixture
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    """Give a server; `pytest.mark.house(bad_lines=2)` on a test, or as a module's `pytestmark`, says how it is set."""
    marker = request.node.get_closest_marker("house")
    with running(**(marker.kwargs if marker else {})) as house:
        yield house


@pytest.fixture
def office(house: House, tmp_path: Path) -> Office:
    return Office(house, tmp_path)


@pytest.fixture
def gate(house: House, tmp_path: Path) -> Gate:
    return Gate(house, tmp_path)
