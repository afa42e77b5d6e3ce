"""The words of accounts. Decides nothing."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from classcord.chat.errors import ChatError, Conflict, NotAllowed
from classcord.chat.events import Answer, Ok, Row, Time, called
from classcord.chat.records import Record
from classcord.chat.requests import (
    Group,
    Internal,
    Moment,
    Name,
    NewName,
    PageSize,
    PersonName,
    Request,
    Secret,
    Unread,
    without_secrets,
)
from classcord.chat.rights.vocabulary import Right
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text


class PasswordElsewhere(ChatError):
    """Another authenticator keeps this password, so it cannot be changed here."""

    code = "password_elsewhere"
    template = N_("The password of “{name}” is not kept on this server: it is changed where it is kept.")


class NoOtherLogins(Conflict):
    """No password can be checked elsewhere: whoever owns the account could not come in."""

    template = N_(
        "No directory and no login program is set ([ldap], [login_program]): nothing could check this password."
    )


class LastOwnerHere(NotAllowed):
    """An owner with a password here comes in when the directory is down; without one, nobody could help then."""

    template = N_(
        "{name} is the last owner whose password is kept here, and comes in when nothing else answers: "
        "make somebody else one first."
    )


class RoleTooHigh(NotAllowed):
    """A person gives a role that is not below their own."""

    template = N_("You may not give the role {role}: only who stands above it may.")


class OwnPassword(NotAllowed):
    """A person changes their own password and gives the old one: somebody else may sit at their computer."""

    template = N_("This is your own account: change your password in your settings, with the old one.")


class LastOwner(NotAllowed):
    template = N_("{name} is the last owner; make somebody else one first.")


class Password(Request, tag="password"):
    permission = Permission.OWN_ACCOUNT
    summary = N_("change one's own password")
    costs_quota = False  # it adds no row
    __repr__ = without_secrets

    old: Secret
    new: Secret


RoleLabel = Literal["member", "moderator", "admin", "owner"]


class SetRole(Request, tag="role"):
    permission = Permission.SET_ROLE
    summary = N_("give an account another role")
    command = "role"
    group = Group.ACCOUNTS
    arguments = ("user", "role")
    examples = ("role alice moderator",)

    user: PersonName
    role: RoleLabel


class Accounts(Request, tag="accounts"):
    """The accounts in the order of their names; `following`: those after this name."""

    permission = Permission.SEE_CONNECTIONS
    summary = N_("list the accounts")
    command = "users"
    group = Group.PEOPLE
    arguments = ("role",)
    examples = ("users", "users moderator", "users --search dupont")

    role: RoleLabel | None = None
    search: Annotated[str, msgspec.Meta(max_length=64)] = ""
    following: Name = ""
    limit: PageSize | None = None


class AddUser(Request, tag="adduser"):
    permission = Permission.MANAGE_ACCOUNTS
    summary = N_("make an account; without a password one is made up and shown")
    command = "adduser"
    group = Group.ACCOUNTS
    arguments = ("username", "role")
    examples = ("adduser alice", "adduser dupont moderator")
    __repr__ = without_secrets

    username: NewName
    role: RoleLabel = "member"
    password: Secret = ""


class DelUser(Request, tag="deluser"):
    permission = Permission.MANAGE_ACCOUNTS
    summary = N_("delete an account; its messages in channels stay")
    command = "deluser"
    group = Group.ACCOUNTS
    arguments = ("user",)
    examples = ("deluser bob",)
    destructive = True

    user: PersonName

    def consequence(self, moment: Moment) -> Text:  # noqa: ARG002
        return Text(N_("Delete the account {user}; this cannot be undone"), {"user": self.user})


class Passwd(Request, tag="passwd"):
    permission = Permission.MANAGE_ACCOUNTS
    summary = N_("give an account another password; without one it is made up and shown")
    command = "passwd"
    group = Group.ACCOUNTS
    arguments = ("user",)
    examples = ("passwd bob",)
    __repr__ = without_secrets

    user: PersonName
    password: Secret = ""


class CheckElsewhere(Request, tag="password_elsewhere"):
    permission = Permission.MANAGE_ACCOUNTS
    summary = N_("have the directory or the login program check an account's password, and forget the one kept here")
    command = "password-elsewhere"
    group = Group.ACCOUNTS
    arguments = ("user",)
    examples = ("password-elsewhere bob",)
    destructive = True

    user: PersonName

    def consequence(self, moment: Moment) -> Text:  # noqa: ARG002
        return Text(
            N_(
                "Forget the password of {user} kept here, and end the sessions: from then on only the directory or the "
                "login program lets this person in (undone by `password-here {user}`, with a new password)"
            ),
            {"user": self.user},
        )


class CheckHere(Request, tag="password_here"):
    permission = Permission.MANAGE_ACCOUNTS
    summary = N_("keep an account's password here, no longer in the directory; without one it is made up and shown")
    command = "password-here"
    group = Group.ACCOUNTS
    arguments = ("user",)
    examples = ("password-here bob",)
    __repr__ = without_secrets

    user: PersonName
    password: Secret = ""


class Authenticate(Internal, tag="-authenticate"):
    """Ask whether this is an administrator's password. It logs nobody in; the answer says whose password it is."""

    is_paced = True

    __repr__ = without_secrets

    username: str
    password: Unread


class PasswordChanged(Record):
    """`rehashed`: it is the same password, with a newer kind of digest."""

    user_id: int
    password_hash: str
    must_change: bool = False
    rehashed: bool = False


class RoleChanged(Record):
    """The account gets a new role, if its role still was `before`."""

    user_id: int
    role: str
    before: str
    at: int


class UserRemoved(Record):
    """An account is deleted with its memberships; its messages stay, under its name."""

    user_id: int
    at: int = 0


class AccountInfo(Row):
    name: str
    role: str
    online: bool
    added: Time

    labels = called(online=N_("here"), added=N_("added"))


class AccountsListed(Answer):
    accounts: tuple[AccountInfo, ...]


class OwnPasswordChanged(Answer):
    """The password is changed; the rest is as at a login, if the person has come in by the change."""

    status: Ok = "ok"
    session: str | None = None  # the token for `resume`
    role: str | None = None
    may: tuple[Right, ...] | None = None

    __repr__ = without_secrets


class AccountMade(Answer, gc=True, kw_only=True):
    """The account has its password; `password` is told only if it was made up."""

    status: Ok = "ok"
    user: str
    password: str | None = None
    hint: Text | None = None

    labels = called(password=N_("password"), hint=N_("note"))


class Known(Answer):
    """The person with this password may administer."""

    name: str
    role: str
    account_id: int
    must_change: bool
