"""Tests with real tools start real servers, which may be in a network, or a root folder, of their own."""

from __future__ import annotations

import pytest

from tests import server


@pytest.fixture(autouse=True)
def servers_are_executed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "start", server.execute)
