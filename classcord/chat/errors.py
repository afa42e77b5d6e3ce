"""Refusals: each class is one stable code of the wire, with its sentence.

A face reports a ChatError to its client; any other error is internal. Knows no wire format. Source of the codes:
PROTOCOL.md, "Error codes".
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from classcord.chat.text import N_, Text


class ChatError(Exception):
    """A request that is refused.

    `field` names the wrong field of the request; `retry_after` is in seconds; `until` is the time (RFC 3339) when it
    is over by itself; `values` fill the template. `request_id` and `request_type` are the `id` and the `type` of a line
    that is no request, if these two could be read.
    """

    code: ClassVar[str]
    template: ClassVar[str]
    marker: ClassVar[str] = ""
    """Words that classic clients look for in the sentence, in any language (PROTOCOL.md, classic rule 2)."""
    request_id: str | int | float | msgspec.UnsetType | None = msgspec.UNSET
    request_type: str = ""

    def __init__(
        self, *, field: str | None = None, retry_after: float | None = None, until: str | None = None, **values: object
    ) -> None:
        self.text = Text(self.template, values)
        self.field = field
        self.retry_after = retry_after
        self.until = until
        super().__init__(self.text.render())

    def untraced(self) -> ChatError:
        """Return an equal error that was never raised.

        A raised error refers by its traceback to all local objects of that moment: the request, the line, the session.
        Code that keeps an error, or raises a kept one, uses this copy instead.
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


class BadUsername(ChatError):
    code = "bad_username"
    template = N_("This name is not allowed: {why}")


class BadAlias(BadUsername):
    template = N_("This alias is not allowed: {why}")


class BadPassword(ChatError):
    code = "bad_password"
    template = N_("This password is not allowed: {why}")


class RateLimited(ChatError):
    code = "rate_limited"
    template = N_("Too many requests; please wait a moment.")


class StoredTooMuch(RateLimited):
    """The limit [limits] stored_bytes_per_day is used up (quotas.py)."""

    template = N_("You have stored too much in a short time; please wait, or write less.")


class TooManyLogins(RateLimited):
    template = N_("There were too many logins of {name} within an hour; please wait before the next one.")


class Flood(RateLimited):
    """The last line to a connection that is closed for a flood."""

    template = N_("Too many lines that ask nothing, or too many requests: the connection is closed.")


class Busy(ChatError):
    code = "busy"
    template = N_("The server is busy; please try again in a moment.")


class StorageUnavailable(ChatError):
    code = "storage_unavailable"
    template = N_("The server cannot store anything at the moment; please try again later.")


class ServerFault(ChatError):
    """An internal error: the log explains it to the administrator under `reference`."""

    code = "busy"
    template = N_("The server made a mistake (reference {reference}); please tell an administrator.")


class TooManyConnections(ChatError):
    code = "too_many_connections"
    template = N_("Too many connections; please try again later.")


class MakesRoom(TooManyConnections):
    """The last line to a connection without an account that is closed on a full server (services/chat/strangers.py)."""

    template = N_("The server is full: connections without an account make room for others. Please try again later.")


class Stopping(ChatError):
    code = "maintenance"
    template = N_("The server is stopping.")


class Blocked(ChatError):
    code = "blocked"
    template = N_("Too many logins from your address have failed; please try again later.")


class NotFound(ChatError):
    code = "not_found"
    template = N_("There is no “{name}” here.")


class KeyAlone(NotFound):
    """An operator who logs in with a key has no account, so no account can be changed."""

    template = N_(
        "“{name}” is a key, admin_keys/{name}.pub, and no account: it has no password, its role stands in that file. "
        "Remove the file, and nobody comes in by it any more."
    )


class NotAllowed(ChatError):
    code = "not_allowed"
    template = N_("You may not do that.")


class NetworkRefused(NotAllowed):
    """The settings do not let this address connect."""

    template = N_("Connections from {address} are not accepted here.")


class PasswordExpired(NotAllowed):
    template = N_(
        "This password was for one time: change it first, by the request `password`, in `classcord chat` or at a "
        "console over ssh."
    )


class Conflict(ChatError):
    code = "conflict"
    template = N_("Somebody else was first.")


class AlreadySo(Conflict):
    template = N_("It is so already: nothing was changed.")
