"""Sanctions under a clock that was wrong when they were given."""

from __future__ import annotations

from datetime import datetime, timezone

from classcord.chat.records import SanctionAdded
from classcord.chat.sanctions import MUTE, Sanctions


def test_a_sanction_does_not_become_years() -> None:
    """Ten minutes that were given in 2049 are over when the clock is right; a small step back changes nothing."""
    then = int(datetime(2049, 1, 1, tzinfo=timezone.utc).timestamp() * 1000)

    def muted(until: int | None) -> Sanctions:
        sanctions = Sanctions()
        sanctions.add(
            SanctionAdded(
                sanction_id=1,
                kind=MUTE,
                of="name",
                target="bob",
                shown="bob",
                by="prof",
                reason="",
                added_at=then,
                until=until,
            )
        )
        return sanctions

    right = int(datetime(2026, 11, 20, tzinfo=timezone.utc).timestamp() * 1000)
    assert muted(then + 600_000).against(MUTE, "bob", right) is None
    assert muted(then + 600_000).against(MUTE, "bob", then - 3_600_000)
    assert muted(None).against(MUTE, "bob", right)
