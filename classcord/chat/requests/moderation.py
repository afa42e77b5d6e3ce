"""What those may ask who keep order: over the chat protocol, and as commands at the console."""

from __future__ import annotations

from typing import Literal

from classcord.chat.durations import in_words
from classcord.chat.requests.base import (
    ChannelName,
    Duration,
    Moment,
    PersonName,
    Reason,
    Request,
    Target,
    Words,
    because_of,
)
from classcord.chat.roles import Permission
from classcord.chat.sanctions import network
from classcord.chat.text import N_, Text

RoleLabel = Literal["member", "moderator", "admin", "owner"]


class Requests(Request, frozen=True, kw_only=True, gc=False, tag="requests"):
    permission = Permission.ADMIT
    summary = N_("list who waits to be admitted to a channel")
    command = "requests"
    arguments = ("channel",)
    examples = ("requests", "requests #Comptabilité")

    channel: ChannelName | None = None


class Accept(Request, frozen=True, kw_only=True, gc=False, tag="accept"):
    permission = Permission.ADMIT
    summary = N_("admit somebody to a channel")
    command = "accept"
    arguments = ("user", "channel")
    examples = ("accept bob #Comptabilité",)

    user: PersonName
    channel: ChannelName


class Reject(Request, frozen=True, kw_only=True, gc=False, tag="reject"):
    permission = Permission.ADMIT
    summary = N_("refuse somebody's request to be admitted to a channel")
    command = "reject"
    told = ("reason",)
    arguments = ("user", "channel", "reason")
    examples = ("reject bob #Informatique Réservé aux élèves de SISR",)

    user: PersonName
    channel: ChannelName
    reason: Reason = ""


class Announce(Request, frozen=True, kw_only=True, gc=False, tag="announce"):
    permission = Permission.ANNOUNCE
    summary = N_("tell everyone something in the name of the server, or a channel")
    command = "announce"
    kept_meanwhile = True
    told = ("content",)
    arguments = ("channel", "content")
    examples = ("announce Cours annulé à 14 h", "announce #dev Le dépôt a changé d'adresse")

    content: Words
    channel: ChannelName | None = None


class Mute(Request, frozen=True, kw_only=True, gc=False, tag="mute"):
    permission = Permission.MUTE
    summary = N_("let somebody write to nobody but moderators, for a time")
    command = "mute"
    told = ("reason",)
    arguments = ("user", "duration", "reason")
    examples = ("mute bob", "mute bob 1h Insultes")

    user: PersonName
    duration: Duration = 600.0
    reason: Reason = ""


class Unmute(Request, frozen=True, kw_only=True, gc=False, tag="unmute"):
    permission = Permission.MUTE
    summary = N_("let somebody write again")
    command = "unmute"
    arguments = ("user",)
    examples = ("unmute bob",)

    user: PersonName


class Kick(Request, frozen=True, kw_only=True, gc=False, tag="kick"):
    permission = Permission.KICK
    summary = N_("throw somebody out; they may come back after a time")
    command = "kick"
    told = ("reason",)
    arguments = ("user", "duration", "reason")
    examples = ("kick bob", "kick bob 10m Trop de bruit")

    user: PersonName
    duration: Duration = 300.0
    reason: Reason = ""


class Ban(Request, frozen=True, kw_only=True, gc=False, tag="ban"):
    permission = Permission.BAN
    summary = N_("shut out a person, an address or a network, for a time or for good")
    command = "ban"
    told = ("reason",)
    arguments = ("target", "duration", "reason")
    examples = ("ban bob Triche", "ban bob 7d Insultes", "ban 192.168.1.66 1d", "ban bob --delete-account")
    destructive = True

    target: Target
    duration: Duration | None = None  # for good
    reason: Reason = ""
    delete_account: bool = False

    def consequence(self, moment: Moment) -> Text:
        long = Text(N_("for good"))
        if self.duration is not None:
            until: dict[str, object] = {"time": in_words(self.duration), "until": moment(self.duration)}
            long = Text(N_("for {time}, until {until}"), until)
        values: dict[str, object] = {"target": self._who(), "long": long}
        if self.delete_account:
            template = N_("Ban {target} {long} and delete the account, which cannot be undone")
            return because_of(Text(template, values), self.reason)
        what = because_of(Text(N_("Ban {target} {long}"), values), self.reason)
        return Text(N_("{what}; `unban {target}` lifts it"), {"what": what, "target": self.target})

    def _who(self) -> Text:
        """Return whom it hits, in words: a name, one address, or all of a network."""
        where = network(self.target)
        if where is None:
            return Text("{target}", {"target": self.target})
        one = where.endswith(("/32", "/128"))
        template = N_("the address {target}") if one else N_("all addresses of the network {target}")
        return Text(template, {"target": self.target})


class Unban(Request, frozen=True, kw_only=True, gc=False, tag="unban"):
    permission = Permission.BAN
    summary = N_("lift a ban, or a kick before its time")
    command = "unban"
    arguments = ("target",)
    examples = ("unban bob", "unban 192.168.1.66")

    target: Target


class Bans(Request, frozen=True, kw_only=True, gc=False, tag="bans"):
    permission = Permission.BAN
    summary = N_("list the bans, kicks and mutes that are in force")
    command = "bans"


class SetRole(Request, frozen=True, kw_only=True, gc=False, tag="role"):
    permission = Permission.SET_ROLE
    summary = N_("give an account another role")
    command = "role"
    arguments = ("user", "role")
    examples = ("role alice moderator",)

    user: PersonName
    role: RoleLabel


class CloseChannel(Request, frozen=True, kw_only=True, gc=False, tag="close"):
    permission = Permission.CLOSE_CHANNEL
    summary = N_("close a channel: it can still be read")
    command = "close"
    arguments = ("channel",)
    examples = ("close #projet",)

    channel: ChannelName


class Reopen(Request, frozen=True, kw_only=True, gc=False, tag="reopen"):
    permission = Permission.CLOSE_CHANNEL
    summary = N_("open a closed channel again")
    command = "reopen"
    arguments = ("channel",)
    examples = ("reopen #projet",)

    channel: ChannelName
