"""What the rest of the server asks of the chat, in small ports: each caller is handed those that it needs.

The chat's state (chat/state.py) fills the first three, ChatService the last one. Knows nothing of who asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sized
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from classcord.chat.channel import Channel
    from classcord.chat.people import Account, Person
    from classcord.services.administration.countdown import Ending
    from classcord.services.chat.connection import Connection


class Presence(Protocol):
    """Who is here, and whether everyone may come in."""

    @property
    def people(self) -> Mapping[str, Person]:
        """Who is here under a name, by the keys of their names; operators are not among them."""

    @property
    def maintenance(self) -> str | None:
        """The reason for which only moderators and above come in, "" where none is given; None while everyone does."""


class Counts(Protocol):
    """How many there are of everything at this moment, for those who show figures."""

    @property
    def people(self) -> Sized:
        """Who is here under a name."""

    @property
    def accounts(self) -> Sized: ...
    @property
    def channels(self) -> Sized: ...

    @property
    def applied(self) -> int:
        """The number of the newest message that is committed."""

    @property
    def maintenance(self) -> str | None:
        """As in Presence."""


class Names(Protocol):
    """What has a name, by the keys of the names."""

    @property
    def people(self) -> Mapping[str, Person]:
        """As in Presence."""

    @property
    def accounts(self) -> Mapping[str, Account]: ...
    @property
    def channels(self) -> Mapping[str, Channel]: ...

    def account(self, name: str) -> Account | None:
        """Return the account of this name."""

    def named(self, name: str) -> Account | None:
        """Return the account whose name or alias this is."""


class Traffic(Protocol):
    """Which connections there are, and what has passed."""

    @property
    def connections(self) -> Mapping[int, Connection]:
        """All connections, by the numbers of their sessions."""

    @property
    def refusals(self) -> Counter[str]:
        """How many requests were refused, by code."""

    @property
    def delivered(self) -> int:
        """How many lines of messages and events were written to sessions."""

    def ending(self) -> Ending | None:
        """Return the end of the server that is under way."""
