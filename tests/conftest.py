"""The server in memory that most tests begin with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness import House, running


@pytest.fixture
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    """Give a server; `pytest.mark.house(bad_lines=2)` on a test, or as a module's `pytestmark`, says how it is set."""
    marker = request.node.get_closest_marker("house")
    with running(**(marker.kwargs if marker else {})) as house:
        yield house
