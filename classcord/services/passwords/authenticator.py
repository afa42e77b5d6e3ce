"""The interface of a login backend: it decides whether a password is right.

Knows no session, no account and no digest.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple, Protocol

from classcord.chat.profiles.vouched import Profile


class Verdict(NamedTuple):
    """An authenticator's answer about a name and a password.

    With a `profile`, the password is stored elsewhere, and the backend confirms the identity of a person who may not
    have an account here yet. Without a `profile`, the password was compared with our stored digest; `rehash` is a new
    digest if the stored one is of an older kind.
    """

    valid: bool
    rehash: str | None = None
    profile: Profile | None = None


class Requester(NamedTuple):
    """Who asked for a check: client addresses take turns, and the sessions of one address take turns."""

    source: Hashable
    session: Hashable


def is_password(password: str) -> bool:
    """Whether a text can be a password elsewhere: not empty, without a NUL, and without half a character.

    A bind without a password would succeed and prove nothing (RFC 4513 §5.1.2), and a NUL ends a text in some servers.
    """
    try:
        return bool(password.encode()) and "\0" not in password
    except UnicodeEncodeError:
        return False


class Authenticator(Protocol):
    """Decides whether a password is right, for every login: in the chat, of operators, and at a change of password."""

    async def check(self, name: str, password: str, asker: Requester) -> Verdict:
        """Return the verdict on this password; ChatError if none is possible now.

        A wrong password must take the same time whether the name exists or not. `name` is unchecked: it may be any text
        from a client.
        """
