"""The server in memory that most tests begin with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.harness import House, running

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
