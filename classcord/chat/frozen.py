"""The base class of the chat's values: requests, events, answers and records. Knows none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform  # type checkers know this module without a package
else:

    def dataclass_transform(**_):
        return lambda kind: kind


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Frozen(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A value: its fields are given by name and do not change.

    Subclasses inherit this. Only a class that has a field without a default after one with a default repeats
    `kw_only=True`, because msgspec passes on the other options but not this one.

    Python's cycle collector does not look at values, because no value can be part of a cycle. A class whose fields
    could refer back to it says `gc=True` (tests/chat/test_structs.py lists these classes).
    """
