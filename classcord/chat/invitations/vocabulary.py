"""The words of invitations. Decides nothing."""

from __future__ import annotations

from classcord.chat.channels.vocabulary import KindLabel
from classcord.chat.errors import Conflict, NotAllowed, NotFound, RateLimited
from classcord.chat.events import Event, Time
from classcord.chat.records import Record
from classcord.chat.requests import ChannelName, Group, PersonName, Request
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class GuestsAreNotInvited(NotFound):
    template = N_("{name} has no account: a guest cannot be invited.")


class IsMember(Conflict):
    code = "already_member"
    template = N_("{name} is in {channel} already.")


class NoInvitations(NotAllowed):
    template = N_("Nobody is invited to {channel}: a role decides who is in it.")


class TooManyInvitations(RateLimited):
    template = N_("Too many invitations; please wait before the next one.")


class Invite(Request, tag="invite"):
    permission = Permission.JOIN  # decided there: members for an open channel, the maker for a private one, moderators
    summary = N_("invite somebody to a channel: the person is a member of it then, and may leave it")
    command = "invite"
    group = Group.CHANNELS
    arguments = ("user", "channel")
    examples = ("invite bob #projet",)

    user: PersonName
    channel: ChannelName


class Invited(Record):
    """An account hears that the actor has invited it; the membership is a record of its own."""

    stored = False

    channel_id: int
    user_id: int
    at: int


class InvitedTo(Event, tag="invited"):
    """Somebody has made this person a member of a channel."""

    channel: str
    kind: KindLabel
    topic: str
    user: str
    timestamp: Time
