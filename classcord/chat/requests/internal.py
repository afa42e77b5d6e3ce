"""What re-enters the hub: results of effects and events of connections, never decoded from a wire."""

from __future__ import annotations

from classcord.chat.errors import ChatError
from classcord.chat.profiles import Profile
from classcord.chat.requests.administration import AddUser, Passwd
from classcord.chat.requests.base import Request, Unread, without_secrets
from classcord.chat.requests.everyone import Login, Password, Register
from classcord.chat.roles import Operator, Permission


class Internal(Request, frozen=True, kw_only=True, gc=False, tag="-internal"):
    """The result of an effect, or an event of the connection, on its way back to the hub."""

    permission = Permission.CONNECT
    summary = ""
    kept_meanwhile = True


class Authenticate(Internal, frozen=True, kw_only=True, gc=False, tag="-authenticate"):
    """Is this the password of somebody who administers? Nobody comes in by it; the answer says who it is."""

    __repr__ = without_secrets

    username: str
    password: Unread


class Verified(Internal, frozen=True, kw_only=True, gc=False, tag="-verified"):
    """The authenticator has said whether a password is right, for what was `asked`.

    `account_id` is of the account that had the name then, 0 if none had. With a `profile` the password is kept
    elsewhere, and whoever keeps it vouches for this person; without one it was compared with the digest that is kept
    here, and `rehashed` is a new digest of it, where that one is outdated.
    """

    kept_meanwhile = False

    __repr__ = without_secrets

    asked: Login | Password | Authenticate
    account_id: int
    valid: bool
    rehashed: str | None = None
    profile: Profile | None = None

    @property
    def origin(self) -> Request:
        return self.asked


class Hashed(Internal, frozen=True, kw_only=True, gc=False, tag="-hashed"):
    """A new password was hashed, for what was `asked`; `made` is the one that was made up, where none was given."""

    kept_meanwhile = False

    __repr__ = without_secrets

    asked: Register | Password | AddUser | Passwd
    digest: str
    made: str | None = None

    @property
    def origin(self) -> Request:
        return self.asked


class Malformed(Internal, frozen=True, kw_only=True, gc=True, tag="-malformed"):
    """A line that asks nothing; its refusal keeps its place among the answers.

    An error may lead to anything, so the cycle collector is to see this request, unlike others.
    """

    error: ChatError


class HandOver(Internal, frozen=True, kw_only=True, gc=False, tag="-hand-over"):
    """It is time to hand a session what it missed: the private messages kept for it, and `history`, its channels'."""

    reads_store = True

    history: bool = False


class HandedOver(Internal, frozen=True, kw_only=True, gc=False, tag="-handed-over"):
    """The private messages kept for this account, up to this id, were written to the session."""

    user_id: int
    up_to: int


class Finished(Internal, frozen=True, kw_only=True, gc=False, tag="-finished"):
    """The client has said all that it had to say; it still listens to the answers."""


class Disconnect(Internal, frozen=True, kw_only=True, gc=False, tag="-disconnect"):
    """The connection is gone."""


class Operate(Internal, frozen=True, kw_only=True, gc=False, tag="-operate"):
    """Whoever was let in to administer begins; `changes_password`: this face can have a one-time password changed."""

    operator: Operator
    changes_password: bool = False


class Typed(Internal, frozen=True, kw_only=True, gc=False, tag="-typed"):
    """A line was typed at the Python prompt, and goes into the audit trail before it is run."""

    kept_meanwhile = False

    line: str


class Touched(Internal, frozen=True, kw_only=True, gc=False, tag="-touched"):
    """A file was read or changed by sftp, or that was refused."""

    action: str
    path: str
    refused: bool = False
