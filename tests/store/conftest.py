"""The contract's asserts say what they compared, as those of test modules do."""

import pytest

pytest.register_assert_rewrite(
    *(f"tests.store.{name}" for name in ("contract", "contract_administration", "contract_conversations"))
)
