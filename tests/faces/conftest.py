"""A house without announcements, and its administrators' office: what tests of commands and consoles begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.console import Office
from tests.harness import House


@pytest.fixture
def house() -> Iterator[House]:
    house = House(announce_below=0)
    yield house
    assert house.faults == []


@pytest.fixture
def office(house: House, tmp_path: Path) -> Office:
    return Office(house, tmp_path)
