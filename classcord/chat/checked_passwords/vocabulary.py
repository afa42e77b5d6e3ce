"""Checked passwords: what is refused, asked, stored and heard. Decides nothing."""

from __future__ import annotations

from classcord.chat.accounts.vocabulary import AddUser, Authenticate, Passwd, Password
from classcord.chat.identity.vocabulary import Login
from classcord.chat.profiles import Profile
from classcord.chat.registration.vocabulary import Register
from classcord.chat.requests import Internal, Request, without_secrets


class Verified(Internal, tag="-verified"):
    """The authenticator has said whether a password is right, for what was `asked`.

    `version` is the `password_version` of the account that had the name then, if one had. With a `profile` the
    password is kept elsewhere, and whoever keeps it vouches for this person; without one it was compared with the
    digest that is kept here, and `rehashed` is a new digest of it, where that one is outdated.
    """

    kept_meanwhile = False

    __repr__ = without_secrets

    asked: Login | Password | Authenticate
    version: tuple[int, int] | None
    valid: bool
    rehashed: str | None = None
    profile: Profile | None = None

    @property
    def origin(self) -> Request:
        return self.asked


class Hashed(Internal, tag="-hashed"):
    """A new password was hashed, for what was `asked`; `made` is the one that was made up, where none was given."""

    kept_meanwhile = False

    __repr__ = without_secrets

    asked: Register | Password | AddUser | Passwd
    digest: str
    made: str | None = None

    @property
    def origin(self) -> Request:
        return self.asked
