"""The words of identity. Decides nothing."""

from __future__ import annotations

from classcord.chat.conversations.vocabulary import MissedInfo
from classcord.chat.errors import Busy, ChatError, TooManyConnections
from classcord.chat.events import Answer, Ok, RoleLabel, called
from classcord.chat.records import Record
from classcord.chat.requests import (
    Name,
    Request,
    Unread,
    without_secrets,
)
from classcord.chat.rights.vocabulary import Right
from classcord.chat.roles import Operator, Permission
from classcord.chat.text import N_


class LoginFailed(ChatError):
    code = "login_failed"
    marker = "Login failed"
    template = N_("Login failed.")


class PasswordSpent(LoginFailed):
    """The password is right, but was for one time and has been used."""

    template = N_(
        "This password was for one time, and has been used. An administrator makes a new one: "
        "passwd {name}, or classcord ctl passwd {name} on the server's machine."
    )


class TooManySessions(TooManyConnections):
    template = N_("{name} is connected {limit} times already: close a connection first.")


class DirectoryUnavailable(Busy):
    """What keeps this password, a directory or a program, gives no verdict now; local accounts log in as always."""

    template = N_("What checks this password does not answer at the moment; please try again in a moment.")


class Login(Request, tag="login"):
    permission = Permission.CONNECT
    summary = N_("become the owner of an account")
    is_paced = False
    __repr__ = without_secrets

    username: Name
    password: Unread


class Guest(Request, tag="guest"):
    permission = Permission.CONNECT
    summary = N_("come in without an account")

    username: Name = ""


class Logout(Request, tag="logout"):
    permission = Permission.OWN_ACCOUNT
    summary = N_("leave the account; the connection stays")


class PasswordUsed(Record):
    """A one-time password is used; of two logins with it at once, one is refused."""

    refused_as = PasswordSpent

    user_id: int
    name: str
    source: str = ""
    at: int = 0  # by which, from the same source, whoever loses the connection now may come back for some minutes

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        return self.refused_as(name=self.name)


class SessionStarted(Record):
    """A connection gets a name: who, from where, since when.

    `connection` is its number; `instead_of` is the session of the same connection that ends with this record;
    `shows_events` says that a person reads there; `typed` is the name as it was typed; `state` is the presence that a
    guest has asked for before having a name.
    """

    session_id: int
    user_id: int | None
    name: str
    address: str
    face: str
    started_at: int
    operator: Operator | None = None  # if this is an operator; not stored, like the fields below
    connection: int = 0
    instead_of: int | None = None
    shows_events: bool = True
    typed: str = ""
    state: str = "online"

    @property
    def begins(self) -> tuple[int, str]:
        return self.session_id, self.name


class SessionEnded(Record):
    session_id: int
    ended_at: int


class SessionTakenOver(SessionEnded):
    """A session ends because another connection goes on with it; its own may have ended in the same moment."""

    may_find_nothing = True


class SessionsClosed(Record):
    """The server stops: all open sessions end."""

    at: int


class LoggedIn(Answer, kw_only=True):
    """The session has this name now: its account's, or the guest's."""

    status: Ok = "ok"
    username: str
    role: RoleLabel
    must_change: bool | None = None  # true: the password was for one time, and must be changed before anything else
    conversations: tuple[MissedInfo, ...] | None = None
    more: bool | None = None  # true: there are more conversations than these
    session: str | None = None  # the token for `resume`
    may: tuple[Right, ...] | None = None  # what the settings let this role do

    __repr__ = without_secrets

    labels = called(username=N_("name"))
