"""Sanctions under a clock that was wrong when they were given."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from classcord.chat.sanctions.in_force import MUTE, Sanctions, lasting
from classcord.chat.sanctions.vocabulary import SanctionAdded
from classcord.language import translator


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


@pytest.mark.parametrize(
    ("seconds", "english", "french"),
    [
        (3_600, "for 1 h", "pour 1 h"),
        (5_400, "for 1 h 30 min", "pour 1 h 30 min"),
        (299.8, "for 5 min", "pour 5 min"),
        (3_596, "for 1 h", "pour 1 h"),
        (90, "for 1 min 30 s", "pour 1 min 30 s"),
        (0.2, "for 1 s", "pour 1 s"),
        (86_400, "for 1 day", "pour 1 jour"),
        (604_790, "for 1 week", "pour 1 semaine"),
    ],
)
def test_how_long_it_lasts(seconds: float, english: str, french: str) -> None:
    """It is spelt as every duration; of a long one nobody reads the seconds."""
    text = lasting(1000 * seconds, 0)
    assert (text.render(), text.render(translator("fr"))) == (english, french)
