"""Small ports by which the rest of the server asks the chat: each caller is given the ports that it needs.

The chat's state (chat/state.py) fills the first three, ChatService the last one. Knows no caller.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sized
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from classcord.chat.channels.channel import Channel
    from classcord.chat.people import Account, Person
    from classcord.chat.retention.runs import Purges
    from classcord.services.administration.countdown import Ending
    from classcord.services.chat.connection import Connection


class Presence(Protocol):
    """The people who are here, and whether everyone may come in."""

    @property
    def people(self) -> Mapping[str, Person]:
        """The people who are here, by the keys of their names; operators are not among them."""

    @property
    def maintenance(self) -> str | None:
        """Why only moderators and above may come in, "" if no reason is given; None while everyone may."""


class Counts(Protocol):
    """How many there are of each thing at this moment, for figures."""

    @property
    def people(self) -> Sized:
        """The people who are here."""

    @property
    def accounts(self) -> Sized: ...
    @property
    def channels(self) -> Sized: ...
    @property
    def lessons(self) -> Sized: ...

    @property
    def reports(self) -> Sized:
        """The reports that are open."""

    @property
    def held(self) -> Sized:
        """The messages that wait, and those that their authors still have to hear of."""

    @property
    def purges(self) -> Purges:
        """The last run of retention."""

    @property
    def applied(self) -> int:
        """The id of the newest committed message."""

    @property
    def maintenance(self) -> str | None:
        """As in Presence."""


class Names(Protocol):
    """Everything with a name, by the keys of the names."""

    @property
    def people(self) -> Mapping[str, Person]:
        """As in Presence."""

    @property
    def accounts(self) -> Mapping[str, Account]: ...
    @property
    def channels(self) -> Mapping[str, Channel]: ...

    def account(self, name: str) -> Account | None:
        """Return the account with this name."""

    def named(self, name: str) -> Account | None:
        """Return the account with this name or alias."""


class Traffic(Protocol):
    """The connections, and how much has passed through them."""

    @property
    def connections(self) -> Mapping[int, Connection]:
        """All connections, by the numbers of their sessions."""

    @property
    def refusals(self) -> Counter[str]:
        """The number of refused requests, by code."""

    @property
    def delivered(self) -> int:
        """The number of lines of messages and events written to sessions."""

    def ending(self) -> Ending | None:
        """Return the planned stop of the server."""
