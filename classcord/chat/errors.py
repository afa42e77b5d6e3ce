"""Refusals: each class is one stable wire code and the sentence beside it.

A face reports a ChatError to its client; anything else is a fault of ours. Knows no wire format. Source of the codes:
PROTOCOL.md, "Error codes".
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from classcord.chat.text import N_, Text


class ChatError(Exception):
    """A request that is refused.

    `field` names the request's field at fault; `retry_after` is in seconds; `values` fill the template. `request_id`
    and `request_type` are the `id` and the `type` of what could not be read as a request, where those could.
    """

    code: ClassVar[str]
    template: ClassVar[str]
    marker: ClassVar[str] = ""
    """Words that classic clients look for in the sentence, in any language (PROTOCOL.md, classic rule 2)."""
    request_id: str | int | float | msgspec.UnsetType | None = msgspec.UNSET
    request_type: str = ""

    def __init__(self, *, field: str | None = None, retry_after: float | None = None, **values: object) -> None:
        self.text = Text(self.template, values)
        self.field = field
        self.retry_after = retry_after
        super().__init__(self.text.render())

    def untraced(self) -> ChatError:
        """Return an equal error that was never raised.

        A raised error leads by its traceback to all that was at hand then: the request, the line, the session. Whoever
        keeps an error, or raises one that was kept, takes this instead.
        """
        fresh = type(self).__new__(type(self), *self.args)
        fresh.__dict__.update(self.__dict__)
        return fresh


class BadJSON(ChatError):
    code = "bad_json"
    template = N_("This line is not JSON.")


class BadRequest(ChatError):
    code = "bad_request"
    template = N_("Bad request: {why}")


class UnknownType(ChatError):
    code = "unknown_type"
    template = N_("There is no request of the type “{type}”.")


class LineTooLong(ChatError):
    code = "line_too_long"
    template = N_("This line is too long: the limit is {limit} bytes.")


class TooLong(ChatError):
    code = "too_long"
    template = N_("Too long: the limit is {limit} characters.")


class NotIdentified(ChatError):
    code = "not_identified"
    template = N_("Please log in first.")


class LoginFailed(ChatError):
    code = "login_failed"
    marker = "Login failed"
    template = N_("Login failed.")


class PasswordSpent(LoginFailed):
    """The password is right, and was for one time."""

    template = N_(
        "This password was for one time, and has been used. An administrator makes a new one: "
        "passwd {name}, or classcord ctl passwd {name} on the server's machine."
    )


class PasswordElsewhere(ChatError):
    """Another authenticator keeps this password: it cannot be changed here."""

    code = "password_elsewhere"
    template = N_("The password of “{name}” is not kept on this server: it is changed where it is kept.")


class UsernameTaken(ChatError):
    code = "username_taken"
    marker = "Username already exists"
    template = N_("Username already exists.")


class AliasTaken(UsernameTaken):
    """The alias of a new account is another account's."""

    marker = "Alias already exists"
    template = N_("Alias already exists.")


class NameOfKey(UsernameTaken):
    """The name is an administrator's, who comes in by a key."""

    template = N_(
        "“{name}” is the name of a key, admin_keys/{name}.pub: choose another name, or give that file another one."
    )


class BadUsername(ChatError):
    code = "bad_username"
    template = N_("This name is not allowed: {why}")


class BadAlias(BadUsername):
    template = N_("This alias is not allowed: {why}")


class BadPassword(ChatError):
    code = "bad_password"
    template = N_("This password is not allowed: {why}")


class RegistrationClosed(ChatError):
    code = "registration_closed"
    template = N_("Registration is closed on this server; ask an administrator for an account.")


class RateLimited(ChatError):
    code = "rate_limited"
    template = N_("Too many requests; please wait a moment.")


class StoredTooMuch(RateLimited):
    """Of [limits] stored_bytes_per_day (quotas.py)."""

    template = N_("You have stored too much in a short time; please wait, or write less.")


class TooManyRegistrations(RateLimited):
    template = N_("Too many accounts were made from your address; wait, or ask an administrator for one.")


class TooManyLogins(RateLimited):
    template = N_("There were too many logins of {name} within an hour; please wait before the next one.")


class TooMuchKept(RateLimited):
    template = N_("{limit} messages of yours wait for {name} already; more may follow when they have come.")


class Flood(RateLimited):
    """The last that a connection hears which is closed for it."""

    template = N_("Too many lines that ask nothing, or too many requests: the connection is closed.")


class Busy(ChatError):
    code = "busy"
    template = N_("The server is busy; please try again in a moment.")


class StorageUnavailable(ChatError):
    code = "storage_unavailable"
    template = N_("The server cannot store anything at the moment; please try again later.")


class NoBackup(StorageUnavailable):
    template = N_("No backup was made: {why}")


class SettingsRefused(ChatError):
    code = "settings_refused"
    template = N_("Nothing was changed, the settings stay as they were: {why}")


class CertificateRefused(SettingsRefused):
    template = N_(
        "The settings were read again, but the old TLS certificate stays, for the new one cannot be used: {why}"
    )


class MailNotSent(ChatError):
    code = "mail_not_sent"
    template = N_("The mail was not sent: {why}")


class ServerFault(ChatError):
    """A fault of ours: what the log says under `reference` is for the administrator."""

    code = "busy"
    template = N_("The server made a mistake (reference {reference}); please tell an administrator.")


class TooManyConnections(ChatError):
    code = "too_many_connections"
    template = N_("Too many connections; please try again later.")


class MakesRoom(TooManyConnections):
    """The last that a connection without an account hears on a full server (services/network/crowds.py)."""

    template = N_("The server is full: connections without an account make room for others. Please try again later.")


class Stopping(ChatError):
    code = "maintenance"
    template = N_("The server is stopping.")


class TooManySessions(TooManyConnections):
    template = N_("{name} is connected {limit} times already: close a connection first.")


class Blocked(ChatError):
    code = "blocked"
    template = N_("Too many logins from your address have failed; please try again later.")


class NotFound(ChatError):
    code = "not_found"
    template = N_("There is no “{name}” here.")


class NoShutdown(NotFound):
    template = N_("No shutdown and no restart is under way: there is nothing to call off.")


class KeyAlone(NotFound):
    """Somebody who comes in by a key has no account: nothing of one can be changed."""

    template = N_(
        "“{name}” is a key, admin_keys/{name}.pub, and no account: it has no password, its role stands in that file. "
        "Remove the file, and nobody comes in by it any more."
    )


class NotInChannel(ChatError):
    code = "not_in_channel"
    template = N_("You are not in {channel}.")


class AlreadyMember(ChatError):
    code = "already_member"
    template = N_("You are in {channel} already.")


class NotAllowed(ChatError):
    code = "not_allowed"
    template = N_("You may not do that.")


class NetworkRefused(NotAllowed):
    """The settings do not let this address connect."""

    template = N_("Connections from {address} are not accepted here.")


class NotThisRole(NotAllowed):
    """Somebody acts on who is not below them (roles.outranks)."""

    template = N_("{name} is {role}: only who stands above may do that.")


class RoleTooHigh(NotAllowed):
    """Somebody gives a role that is not below their own."""

    template = N_("You may not give the role {role}: only who stands above it may.")


class KeyNamesAccount(NotAllowed):
    """A key counts for nobody as long as an account has its name."""

    template = N_("{name} is an account: a key of that name does not count. Give its file another name.")


class NotYourself(NotAllowed):
    template = N_("You cannot do that to yourself.")


class OthersSanction(NotAllowed):
    """Somebody lifts what a higher role has imposed (roles.may_lift)."""

    template = N_("{name} imposed this as {role}: who stands below may not lift it.")


class LastOwner(NotAllowed):
    template = N_("{name} is the last owner; make somebody else one first.")


class ReasonNeeded(NotAllowed):
    template = N_("Private messages are shown to an owner who gives a reason: --reason TEXT.")


class PasswordExpired(NotAllowed):
    template = N_(
        "This password was for one time: change it first, by the request `password`, in `classcord chat` or at a "
        "console over ssh."
    )


class NeedsAccount(NotAllowed):
    template = N_("{channel} admits members who have an account.")


class EveryonesChannel(NotAllowed):
    template = N_("{channel} cannot be left.")


class TooManyChannels(NotAllowed):
    template = N_("There are {limit} channels already; ask an administrator.")


class TooManyOwnChannels(NotAllowed):
    template = N_("You have made {limit} channels already; delete one that is empty, or ask a moderator for more.")


class TooManyChannelsFromHere(NotAllowed):
    """Of one place: an address, or the /64 of an IPv6 address."""

    template = N_("{limit} channels were made from your address already; ask a moderator for more.")


class ChannelsTooFast(RateLimited):
    template = N_("Too many channels were made and deleted in a short time; please wait.")


class ChannelStays(NotAllowed):
    template = N_("{channel} cannot be deleted.")


class ListedChannelStays(NotAllowed):
    template = N_("{channel} is listed in the settings under [channels]: take it out there and reload, then delete it.")


class ReadOnly(ChatError):
    code = "read_only"
    template = N_("Only moderators write in {channel}.")


class ChannelClosed(ChatError):
    code = "channel_closed"
    template = N_("{channel} is closed; it can only be read.")


class Conflict(ChatError):
    code = "conflict"
    template = N_("Somebody else was first.")


class EndIsNear(Conflict):
    template = N_("The server is about to stop or to restart already, in {time}; `cancel` calls that off.")


class AlreadySo(Conflict):
    template = N_("It is so already: nothing was changed.")


class ChannelExists(Conflict):
    template = N_("A channel {channel} exists already.")


class Pending(ChatError):
    code = "pending"
    template = N_("Your request for {channel} is waiting for an answer.")


class TooMuchAsked(Pending):
    template = N_("{limit} requests of yours wait for an answer already; take one back first.")


class NobodyAsks(NotFound):
    template = N_("{name} does not ask to be admitted to {channel}.")


class NotSanctioned(NotFound):
    template = N_("Nothing of that kind is in force against “{name}”.")


class Maintained(ChatError):
    code = "maintenance"
    template = N_("The server is under maintenance.")


class MaintainedBecause(Maintained):
    template = N_("The server is under maintenance. {reason}")


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


class NeedsTerminal(NotAllowed):
    template = N_("This needs a terminal: ssh -t.")
