"""The words of maintenance. Decides nothing."""

from __future__ import annotations

from typing import Literal

from classcord.chat.errors import ChatError
from classcord.chat.events import Answer, called
from classcord.chat.records import Record
from classcord.chat.requests import (
    Administration,
    Group,
    Reason,
)
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class Maintained(ChatError):
    code = "maintenance"
    template = N_("The server is under maintenance.")


class MaintainedBecause(Maintained):
    template = N_("The server is under maintenance. {reason}")


class Maintenance(Administration, tag="maintenance"):
    permission = Permission.RUN_SERVER
    summary = N_("let only moderators and above in, or everyone again; alone, tell which it is")
    command = "maintenance"
    group = Group.SERVER
    told = ("reason",)
    arguments = ("state", "reason")
    examples = ("maintenance", "maintenance on Retour à 18 h", "maintenance off")

    state: Literal["on", "off"] | None = None
    reason: Reason = ""


class SettingSet(Record):
    """A setting that an administrator changes in the running server, and that survives a restart: `maintenance`."""

    name: str
    value: str
    at: int = 0  # when it was changed; 0 in a record read at a start


class MaintenanceTold(Answer):
    """Whether only moderators and above may log in."""

    maintenance: bool
    maintenance_reason: str | None

    labels = called(maintenance=N_("maintenance"), maintenance_reason=N_("because of"))
