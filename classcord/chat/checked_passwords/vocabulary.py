"""The words of checked passwords. Decides nothing."""

from __future__ import annotations

from classcord.chat.accounts.vocabulary import AddUser, Authenticate, CheckHere, Passwd, Password
from classcord.chat.conversations.vocabulary import ConversationsPage
from classcord.chat.identity.vocabulary import Login
from classcord.chat.privacy.vocabulary import DeleteMyAccount
from classcord.chat.profiles.vouched import Profile
from classcord.chat.registration.vocabulary import Register
from classcord.chat.requests import Internal, Request, without_secrets


class Verified(Internal, tag="-verified"):
    """The authenticator's verdict on a password, for the request `asked`.

    `version` is the `password_version` of the account that had the name then, if there was one. With a `profile`, the
    password is kept elsewhere, and its authenticator vouches for this person. Without one, the password was compared
    with the digest that is kept here, and `rehashed` is a new digest of it if the kept one is outdated. `missed` is the
    store's answer to the question that a login has asked, if the password is right.
    """

    kept_meanwhile = False

    __repr__ = without_secrets

    asked: Login | Password | Authenticate | DeleteMyAccount
    version: tuple[int, int] | None
    valid: bool
    rehashed: str | None = None
    profile: Profile | None = None
    missed: ConversationsPage | None = None

    @property
    def origin(self) -> Request:
        return self.asked


class Hashed(Internal, tag="-hashed"):
    """A new password was hashed, for the request `asked`; `made` is the password if it was made up."""

    kept_meanwhile = False

    __repr__ = without_secrets

    asked: Register | Password | AddUser | Passwd | CheckHere
    digest: str
    made: str | None = None

    @property
    def origin(self) -> Request:
        return self.asked
