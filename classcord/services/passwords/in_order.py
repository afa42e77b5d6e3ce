"""Which authenticator is asked about a name: first the local passwords, then the directory, then the program.

Knows no password and no protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from classcord.chat.errors import ChatError
from classcord.chat.names import check_username
from classcord.services.passwords.authenticator import Authenticator, Requester, Verdict

if TYPE_CHECKING:
    from classcord.chat.people import Account


class Outside(Authenticator, Protocol):
    """An authenticator that keeps passwords outside this server."""

    @property
    def is_set(self) -> bool:
        """Whether the settings name one now."""

    def stop(self) -> None:
        """Answer no more logins: the server stops."""


class InOrder:
    """A name with a local password is checked here alone; any other by each that is set, until one says yes.

    So an owner with a local password logs in when nothing else answers. If one of the others cannot say whether a
    password is right, the login fails with its error, and the next one is not asked.
    """

    def __init__(
        self, local: Authenticator, account: Callable[[str], Account | None], outside: Sequence[Outside]
    ) -> None:
        """`account` returns the account with a name."""
        self._local = local
        self._account = account
        self._outside = outside

    async def check(self, name: str, password: str, asker: Requester) -> Verdict:
        account = self._account(name)
        others = [each for each in self._outside if each.is_set]
        spelling = _spelling(name, account)
        if not others or spelling is None:
            return await self._local.check(name, password, asker)
        verdict = Verdict(valid=False)
        for each in others:
            verdict = await each.check(spelling, password, asker)
            if verdict.valid:
                break
        return verdict

    def stop(self) -> None:
        for each in self._outside:
            each.stop()


def _spelling(name: str, account: Account | None) -> str | None:
    """Return the name to ask others about: the account's, if there is one; None if only local passwords are asked."""
    if account is not None:
        return account.name if account.password_elsewhere else None
    try:
        return check_username(name)
    except ChatError:
        return None
