"""The words of registration. Decides nothing."""

from __future__ import annotations

from classcord.chat.errors import ChatError, RateLimited
from classcord.chat.invitation_codes.vocabulary import TypedCode
from classcord.chat.records import Record
from classcord.chat.requests import (
    NewName,
    ProfileField,
    Request,
    Unread,
    without_secrets,
)
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class UsernameTaken(ChatError):
    code = "username_taken"
    marker = "Username already exists"
    template = N_("Username already exists.")


class AliasTaken(UsernameTaken):
    """The alias of a new account belongs to another account."""

    marker = "Alias already exists"
    template = N_("Alias already exists.")


class NameOfKey(UsernameTaken):
    """The name belongs to an administrator's key."""

    template = N_(
        "“{name}” is the name of a key, admin_keys/{name}.pub: choose another name, or give that file another one."
    )


class RegistrationClosed(ChatError):
    code = "registration_closed"
    template = N_("Registration is closed on this server; ask an administrator for an account.")


class TooManyRegistrations(RateLimited):
    template = N_("Too many accounts were made from your address; wait, or ask an administrator for one.")


class Register(Request, tag="register"):
    permission = Permission.CONNECT
    summary = N_("make an account")
    told = ("username", "alias")
    __repr__ = without_secrets

    username: NewName
    password: Unread
    alias: NewName | None = None
    first_name: ProfileField | None = None
    last_name: ProfileField | None = None
    email: ProfileField | None = None
    code: TypedCode | None = None


class UserAdded(Record, kw_only=True):
    refused_as = UsernameTaken

    user_id: int
    name: str
    name_key: str
    role: str
    password_hash: str
    alias: str | None = None
    alias_key: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    must_change: bool = False
    password_used: bool = False
    added_at: int
    seen_at: int | None = None  # None: not yet
    left_at: int | None = None
    vouched: bool = False  # somebody who manages accounts knows whose it is

    @property
    def name_keys(self) -> set[str]:
        """The name keys that belong to this account alone."""
        return {self.name_key} if self.alias_key is None else {self.name_key, self.alias_key}

    def refusal(self, why: str) -> ChatError:
        """Distinguish a taken alias from a taken name by the constraint in `why`."""
        return AliasTaken(field="alias") if "alias" in why else UsernameTaken(field="username")
