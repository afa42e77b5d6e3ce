"""A short, bounded run of the fuzz target; always the same attacks, so that it never fails by chance."""

from __future__ import annotations

import random

import pytest

from tests.fuzz import fuzz_lines
from tests.harness import House, running


def test_a_hundred_and_fifty_attacks_find_no_fault() -> None:
    """Mutated lines are answered or closed, the others are served, nothing is left over, and the log is clean."""
    assert fuzz_lines.run(seconds=30, seed=1, most=150) > 0


def test_the_target_finds_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would tell: with a log that has a failure in it, the attack is reported with its bytes."""
    monkeypatch.setattr(House, "faults", ["a failure"])
    with pytest.raises(fuzz_lines.Fault, match=r"seed 3, b'.*a failure"):
        fuzz_lines.once(3)


def test_the_corpus_is_understood() -> None:
    """Unmutated, most of the corpus is answered without an error: mutations begin near what is right."""
    with running(messages_per_second=0, bad_lines=0) as house:
        house.account("alice")
        errors = 0
        for line in fuzz_lines.CORPUS:
            client = house.member("bob")
            errors += any(answer["type"] == "error" for answer in client.ask(line))
            client.leave()
        assert errors < len(fuzz_lines.CORPUS) / 2


def test_mutations_differ() -> None:
    """Each seed has its own attack, and always the same one."""
    attacks = [fuzz_lines.mutated(random.Random(seed)) for seed in range(50)]
    assert len(set(attacks)) == 50
    assert attacks == [fuzz_lines.mutated(random.Random(seed)) for seed in range(50)]
