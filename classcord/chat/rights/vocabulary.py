"""The words of what one may do oneself. Decides nothing."""

from __future__ import annotations

from typing import Literal

from classcord.chat.events import Event, RoleLabel
from classcord.chat.records import Record

Right = Literal["create_channels", "send_files", "write_at_any_time"]
"""A right that the settings give to roles: a client cannot know it from the role alone."""


class RightsChanged(Event, tag="rights"):
    """The role of whoever hears this, or what the settings let the role do, is another one now.

    As in the answer to `login`; told to all sessions of the person.
    """

    role: RoleLabel
    may: tuple[Right, ...]


class RightsTold(Record):
    """The settings give other rights to these roles than a moment ago: their people hear of it."""

    stored = False

    roles: tuple[str, ...]
    at: int
