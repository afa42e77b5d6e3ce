"""The contract's asserts say what they compared, as those of test modules do."""

from pathlib import Path

import pytest

pytest.register_assert_rewrite(
    *(f"tests.store.{module.stem}" for module in sorted(Path(__file__).parent.glob("contract*.py")))
)
