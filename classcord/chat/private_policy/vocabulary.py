"""The words of the private policy. Decides nothing."""

from __future__ import annotations

from typing import Annotated

import msgspec

from classcord.chat.errors import AlreadySo, ChatError
from classcord.chat.events import Answer, Event, RoleLabel, Row, Time, called
from classcord.chat.records import Record
from classcord.chat.requests import Group, Request
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text

SETTINGS = "settings"  # the word by which the policy of the settings counts again


class PrivateClosed(ChatError):
    """The policy does not let these two roles write to each other; the sentence says to whom one may write."""

    code = "private_closed"
    template = N_("Private messages to {name} are closed for you here. {instead}")


class PolicyIsSo(AlreadySo):
    template = N_("This policy is in force already: nothing was changed.")


class PrivatePolicy(Request, tag="private_policy"):
    permission = Permission.READ  # to change it, SET_RULES
    summary = N_("tell which role may write privately to which, or change it; those who keep order always may")
    command = "private-policy"
    group = Group.KEEPING_ORDER
    arguments = ("policy",)
    examples = (
        "private-policy",
        "private-policy staff",
        'private-policy "member>member, guest>member"',
        "private-policy settings",
    )

    policy: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class PrivatePolicySet(Record):
    """The policy that counts from now on; "" if that of the settings does."""

    value: str
    at: int


class PolicyRow(Row):
    """To which roles one role may write privately."""

    role: RoleLabel
    may_write_to: tuple[RoleLabel, ...]

    labels = called(may_write_to=N_("may write to"))


class PrivatePolicyTold(Answer, gc=True):
    """The policy in force, whether the settings say it, and what it means for each role."""

    policy: str
    by_settings: bool
    meaning: Text
    roles: tuple[PolicyRow, ...]

    labels = called(policy=N_("policy"), by_settings=N_("by the settings"), meaning=N_("meaning"))


class PrivatePolicyChanged(Event, gc=True, tag="private_policy"):
    """Who may write privately to whom is changed; `roles` are for each role those to which it may write."""

    policy: str
    roles: dict[str, tuple[str, ...]]
    user: str
    timestamp: Time
