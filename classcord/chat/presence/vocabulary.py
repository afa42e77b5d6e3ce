"""The words of presence. Decides nothing."""

from __future__ import annotations

from classcord.chat.events import Answer, Event
from classcord.chat.records import Record
from classcord.chat.requests import Internal, Name, Request, State
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class Users(Request, tag="users"):
    permission = Permission.CONNECT
    summary = N_("list the people who are here")


class ListUsers(Users, tag="list_users"):
    """The older name of `users`."""


class UserList(Users, tag="userlist"):
    """An older name of `users`."""


class Status(Request, tag="status"):
    permission = Permission.PRESENCE
    summary = N_("say how present one is: online, away, dnd, invisible…")
    told = ("state",)
    asked_by_nobody = True

    state: State
    user: Name | None = None


class PresenceSet(Record):
    """A person sets their own presence; it is forgotten when the person leaves."""

    stored = False

    state: str


class AwayTold(Record):
    """A newcomer hears who is here and not online."""

    stored = False


class Settled(Internal, tag="-settled"):
    """Some time has passed since a login: the lines that waited for a request are told now.

    `row` is the session's row of that login: the timer of an earlier identity counts no more.
    """

    row: int


class StatusChanged(Event, tag="status"):
    user: str
    state: str


class UsersListed(Answer):
    users: tuple[str, ...]


class StatusSet(Answer):
    user: str
    state: str
