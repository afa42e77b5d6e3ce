"""What a login backend is: whoever says whether a password is right. Knows no session, no account and no digest."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple, Protocol

from classcord.chat.profiles import Profile


class Verdict(NamedTuple):
    """What an authenticator says of a name and a password.

    A `profile` says that this password is kept elsewhere, and vouches for the person, who may have no account here yet.
    Without one the password was compared with the digest that is kept here; `rehash` is a new digest of it, where that
    one is of an older kind.
    """

    valid: bool
    rehash: str | None = None
    profile: Profile | None = None


class Requester(NamedTuple):
    """Who asked for a check: client addresses take turns, and the sessions of one address take turns."""

    place: Hashable
    session: Hashable


class Authenticator(Protocol):
    """Says whether a password is right, for every login: of the chat, of administrators, of who changes a password."""

    async def check(self, name: str, password: str, asker: Requester) -> Verdict:
        """Return what is known of this password; ChatError if nothing can be said now.

        A no must take as long for a name that nobody has as for a wrong password. Nobody has looked at `name` before:
        it may be anything that a client has sent.
        """
