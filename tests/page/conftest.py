"""A browser and a school for the tests of the web page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.page.album import Album
from tests.page.visitors import School, chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def school(browser: Browser, tmp_path: Path) -> Iterator[School]:
    """A server of its own for each test, and whoever visits it."""
    school = School(browser, tmp_path, "--set", "limits.messages_per_second=0")
    try:
        yield school
        school.close()
    finally:
        school.kill()


@pytest.fixture(scope="module")
def shared(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """A server for all tests of a module, each with people of its own."""
    school = School(browser, tmp_path_factory.mktemp("shared"), "--set", "limits.messages_per_second=0")
    try:
        yield school
        school.close()
    finally:
        school.kill()


@pytest.fixture(scope="module")
def album() -> Album:
    return Album()
