"""The server in memory that most tests begin with, and where its administrators work and come in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.faces.ssh_line import Gate
from tests.harness import House, running
from tests.office import Office

EXAMPLES = Path(".hypothesis")
if not os.access(EXAMPLES if EXAMPLES.exists() else ".", os.W_OK):  # the clone is somebody else's
    settings.register_profile("nothing is kept", database=None)
    settings.load_profile("nothing is kept")


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
