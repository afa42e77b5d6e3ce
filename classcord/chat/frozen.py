"""The base of all that is said and stored in the chat: requests, events, answers and records are values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform  # type checkers know it without a package
else:

    def dataclass_transform(**_):
        return lambda kind: kind


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Frozen(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A value: its fields are given by name and do not change.

    Subclasses inherit that. Only a class that has a field without a default behind one with a default says
    `kw_only=True` once more, because msgspec hands on the other options and not this one.

    Python's cycle collector does not look at values, because no value can be part of a cycle. A class whose fields
    could lead back to it says `gc=True` (tests/chat/test_structs.py knows which).
    """
