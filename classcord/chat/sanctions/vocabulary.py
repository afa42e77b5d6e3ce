"""The words of sanctions. Decides nothing."""

from __future__ import annotations

from typing import Annotated

from classcord.chat.addresses import network
from classcord.chat.durations import in_words
from classcord.chat.errors import ChatError, Conflict, NotAllowed, NotFound
from classcord.chat.events import Answer, Ok, Row, Time, called, written_as
from classcord.chat.records import Record
from classcord.chat.requests import (
    Duration,
    Group,
    Moment,
    PersonName,
    Reason,
    Request,
    because_of,
    of_kind,
)
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text

Target = Annotated[str, of_kind("target")]
"""A person, an address or a network such as 10.0.0.0/24."""


class NotThisRole(NotAllowed):
    """A person acts on somebody who is not below them (roles.outranks)."""

    template = N_("{name} is {role}: only who stands above may do that.")


class NotYourself(NotAllowed):
    template = N_("You cannot do that to yourself.")


class OthersSanction(NotAllowed):
    """A person lifts a sanction that a higher role has imposed (roles.may_lift)."""

    template = N_("{name} imposed this as {role}: who stands below may not lift it.")


class NotSanctioned(NotFound):
    template = N_("Nothing of that kind is in force against “{name}”.")


class Muted(ChatError):
    code = "muted"
    template = N_("You may not write {lasting}. {reason}")


class Kicked(ChatError):
    code = "kicked"
    template = N_("You were thrown out {lasting}. {reason}")


class Banned(ChatError):
    code = "banned"
    template = N_("You are shut out from this server {lasting}. {reason}")


class AlreadySanctioned(Conflict):
    template = N_("That is in force against “{name}” already.")


class SharedAddress(NotAllowed):
    template = N_("Many people share {network} (setting [limits] shared_addresses): ban a person instead.")


class OwnAddress(NotAllowed):
    template = N_("{network} has your own address in it: that would shut you out.")


class TooManyWarnings(NotAllowed):
    template = N_("{name} has {limit} warnings already; lift one, or impose something else.")


class Warn(Request, tag="warn"):
    permission = Permission.MUTE
    summary = N_("warn somebody, who reads the reason, now or at the next login; nothing else follows from it")
    command = "warn"
    group = Group.KEEPING_ORDER
    told = ("reason",)
    arguments = ("user", "reason")
    examples = ("warn bob Pas d'insultes ici",)

    user: PersonName
    reason: Reason


class Unwarn(Request, tag="unwarn"):
    permission = Permission.MUTE
    summary = N_("lift the last warning of somebody")
    command = "unwarn"
    group = Group.KEEPING_ORDER
    arguments = ("user",)
    examples = ("unwarn bob",)

    user: PersonName


class Mute(Request, tag="mute"):
    permission = Permission.MUTE
    summary = N_("let somebody write to nobody but moderators, for a time")
    command = "mute"
    group = Group.KEEPING_ORDER
    told = ("reason",)
    arguments = ("user", "duration", "reason")
    examples = ("mute bob", "mute bob 1h Insultes")

    user: PersonName
    duration: Duration = 600.0
    reason: Reason = ""


class Unmute(Request, tag="unmute"):
    permission = Permission.MUTE
    summary = N_("let somebody write again")
    command = "unmute"
    group = Group.KEEPING_ORDER
    arguments = ("user",)
    examples = ("unmute bob",)

    user: PersonName


class Kick(Request, tag="kick"):
    permission = Permission.KICK
    summary = N_("throw somebody out; they may come back after a time")
    command = "kick"
    group = Group.KEEPING_ORDER
    told = ("reason",)
    arguments = ("user", "duration", "reason")
    examples = ("kick bob", "kick bob 10m Trop de bruit")

    user: PersonName
    duration: Duration = 300.0
    reason: Reason = ""


class Ban(Request, tag="ban"):
    permission = Permission.BAN
    summary = N_("shut out a person, an address or a network, for a time or for good")
    command = "ban"
    group = Group.KEEPING_ORDER
    told = ("reason",)
    arguments = ("target", "duration", "reason")
    examples = ("ban bob Triche", "ban bob 7d Insultes", "ban 192.168.1.66 1d", "ban bob --delete-account")
    destructive = True

    target: Target
    duration: Duration | None = None  # None: without end
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
        """Return the target in words: a name, one address, or a whole network."""
        where = network(self.target)
        if where is None:
            return Text("{target}", {"target": self.target})
        one = where.endswith(("/32", "/128"))
        template = N_("the address {target}") if one else N_("all addresses of the network {target}")
        return Text(template, {"target": self.target})


class Unban(Request, tag="unban"):
    permission = Permission.BAN
    summary = N_("lift a ban, or a kick before its time")
    command = "unban"
    group = Group.KEEPING_ORDER
    arguments = ("target",)
    examples = ("unban bob", "unban 192.168.1.66")

    target: Target


class Bans(Request, tag="bans"):
    permission = Permission.BAN
    summary = N_("list the bans, kicks and mutes that are in force")
    command = "bans"
    group = Group.KEEPING_ORDER


class SanctionAdded(Record, kw_only=True):
    """`kind` is mute, kick, ban or warn; `target` is a name's key or a network, as `of` says; `until` None: no end.

    `told` is False for a warning of which the person has not heard.
    """

    refused_as = AlreadySanctioned

    sanction_id: int
    kind: str
    of: str  # name or network
    target: str
    shown: str  # the target as people read it
    by: str
    by_role: str | None = None  # the role of `by` at that time
    reason: str
    added_at: int
    until: int | None = None
    told: bool = True

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        return self.refused_as(name=self.shown)


class WarningTold(Record):
    """The person who was warned hears of it."""

    may_find_nothing = True

    sanction_id: int
    at: int


class SanctionLifted(Record):
    sanction_id: int
    by: str
    lifted_at: int


class SanctionInfo(Row):
    """`until` None means without end."""

    kind: Annotated[str, written_as(enum=["mute", "kick", "ban", "warn"])]
    target: str
    by: str
    since: Time
    until: Time | None
    reason: str

    labels = called(target=N_("against"), by=N_("by"), reason=N_("reason"))


class SanctionsListed(Answer):
    sanctions: tuple[SanctionInfo, ...]

    labels = called(sanctions=N_("in force"))


class Sanctioned(Answer, gc=True, kw_only=True):
    """The sanction is in force; `until` None means without end, `hint` suggests a further command."""

    status: Ok = "ok"
    target: str
    until: Time | None
    reason: str = ""
    hint: Text | None = None
