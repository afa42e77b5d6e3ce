"""Where administrators work and come in: what tests of commands, consoles and SSH begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.console import Office
from tests.faces.ssh_line import Gate
from tests.harness import House


@pytest.fixture
def office(house: House, tmp_path: Path) -> Office:
    return Office(house, tmp_path)


@pytest.fixture
def gate(house: House, tmp_path: Path) -> Gate:
    return Gate(house, tmp_path)
