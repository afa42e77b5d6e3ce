"""The contract's asserts say what they compared, as those of test modules do."""

import pytest

pytest.register_assert_rewrite(
    *(f"tests.store.contract{part}" for part in ("", "_administration", "_conversations", "_search"))
)
