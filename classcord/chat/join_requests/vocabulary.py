"""The words of join requests. Decides nothing."""

from __future__ import annotations

from typing import Literal

from classcord.chat.errors import ChatError, NotAllowed, NotFound
from classcord.chat.events import Answer, Event, Row, Time
from classcord.chat.records import Record
from classcord.chat.requests import (
    ChannelName,
    Group,
    PersonName,
    Reason,
    Request,
)
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text


class NeedsAccount(NotAllowed):
    template = N_("{channel} admits members who have an account.")


class Pending(ChatError):
    code = "pending"
    template = N_("Your request for {channel} is waiting for an answer.")


class TooMuchAsked(Pending):
    template = N_("{limit} requests of yours wait for an answer already; take one back first.")


class NobodyAsks(NotFound):
    template = N_("{name} does not ask to be admitted to {channel}.")


class Withdraw(Request, tag="withdraw"):
    permission = Permission.JOIN
    summary = N_("take back a request to be admitted to a channel")

    channel: ChannelName


class Requests(Request, tag="requests"):
    permission = Permission.ADMIT
    in_channel = True
    summary = N_("list who waits to be admitted to a channel")
    command = "requests"
    group = Group.CHANNELS
    arguments = ("channel",)
    examples = ("requests", "requests #Comptabilité")

    channel: ChannelName | None = None


class Accept(Request, tag="accept"):
    permission = Permission.ADMIT
    in_channel = True
    summary = N_("admit somebody to a channel")
    command = "accept"
    group = Group.CHANNELS
    arguments = ("user", "channel")
    examples = ("accept bob #Comptabilité",)

    user: PersonName
    channel: ChannelName


class Reject(Request, tag="reject"):
    permission = Permission.ADMIT
    in_channel = True
    summary = N_("refuse somebody's request to be admitted to a channel")
    command = "reject"
    group = Group.CHANNELS
    told = ("reason",)
    arguments = ("user", "channel", "reason")
    examples = ("reject bob #Informatique Réservé aux élèves de SISR",)

    user: PersonName
    channel: ChannelName
    reason: Reason = ""


class JoinRequested(Record):
    """A person asks to be admitted; one request of an account for a channel waits at a time."""

    refused_as = Pending

    request_id: int
    channel_id: int
    user_id: int
    asked_at: int
    expires_at: int
    state: str = "pending"
    decided_by: str | None = None
    reason: str | None = None

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        return self.refused_as(channel="")


class JoinDecided(Record, kw_only=True):
    """A waiting request is `accepted`, `rejected`, `withdrawn` or `expired`; `told` says that its author knows."""

    request_id: int
    state: str
    decided_by: str | None = None
    decided_at: int
    reason: str | None = None
    told: bool = False


class JoinTold(Record):
    """The author of a request hears its result."""

    request_id: int
    at: int


class Reminded(Record, gc=True):
    """The server tells something to the one session that asked, in the order of all commits."""

    stored = False

    text: Text
    at: int


JoinState = Literal["pending", "accepted", "rejected", "withdrawn", "expired", "over"]


class JoinRequestChanged(Event, tag="join_request", omit_defaults=True):
    """Somebody asks to be admitted to a channel, or does so no more: told to those who may answer.

    A `pending` request waits until `until`; one is `over` if its author or its channel was deleted.
    """

    user: str
    channel: str
    state: JoinState
    timestamp: Time
    until: Time | None = None


class JoinRequestInfo(Row):
    """A person asks to be admitted."""

    user: str
    channel: str
    since: Time
    until: Time


class RequestsListed(Answer):
    requests: tuple[JoinRequestInfo, ...]
