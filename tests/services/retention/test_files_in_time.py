"""What a run of retention does to the files beside the database."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from twisted.internet import reactor
from twisted.internet.defer import Deferred, maybeDeferred

from classcord.chat.retention.vocabulary import Cutoffs, PurgeBegun
from classcord.server import retention
from classcord.services.process.datafolder import DataFolder
from classcord.services.retention.purged_list import NAME
from classcord.settings import Settings
from tests.backups import NOW, backed_up, backups, database


@pytest.mark.parametrize("is_first", [True, False])
def test_the_first_run_leaves_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_first: bool) -> None:
    """A later one removes logs and backups that are too old, and notes from which times on nothing is kept."""

    def at_once(_reactor: object, _pool: object, work: Callable[..., Any], *args: object) -> Deferred[Any]:
        return maybeDeferred(work, *args)

    monkeypatch.setattr(retention, "deferToThreadPool", at_once)
    folder = DataFolder(tmp_path)
    folder.log.mkdir()
    log = folder.log / "classcord.log-20200101"
    log.touch()
    os.utime(log, (0, 0))
    path = database(tmp_path)
    backup, _newest = backed_up(path, NOW - 86_400 * 300), backed_up(path, NOW)
    copy = tmp_path / "exports" / "users-20200101-120000.csv"
    replaced = tmp_path / "before-restore-20200101-120000"
    for each in (copy.parent, replaced):
        each.mkdir()
    copy.touch()
    files = retention.FilesInTime(Settings, folder, path, backups(tmp_path), reactor)
    times = dict.fromkeys(Cutoffs.__struct_fields__, 0 if is_first else 1)
    files.begun(PurgeBegun(number=1, at=0, before=Cutoffs(**times)), NOW)
    assert [each.exists() for each in (log, backup, copy, replaced)] == [is_first] * 4
    assert (tmp_path / NAME).exists() is not is_first
