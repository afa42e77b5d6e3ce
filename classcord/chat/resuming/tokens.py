"""Tokens: the sessions that can be resumed, by a digest of each one's token. Knows no session and no request."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import msgspec

from classcord.chat.sources import source


class Token(msgspec.Struct):
    """What is known of a token, but not the token itself.

    `id` is the number of the session that it was made for; `session` of the one that has it, or had it last. The name
    of a guest was theirs between the messages `named_after` and `named_up_to`: private messages of others who have had
    the same name are not theirs. None for the second while the name is; after a restart nobody knows.
    """

    id: int
    digest: str
    user_id: int | None
    name: str
    address: str
    client: str
    session: int
    made_at: int
    used_at: int
    expires_at: int
    named_after: int = 0
    named_up_to: int | None = 0


class Tokens:
    """All tokens that are not void."""

    def __init__(self) -> None:
        self._by_id: dict[int, Token] = {}
        self._by_digest: dict[str, Token] = {}
        self._by_session: dict[int, Token] = {}
        self._of_owners: dict[int | str, dict[int, Token]] = {}
        self._guests = 0

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, token: Token) -> None:
        self._by_id[token.id] = self._by_digest[token.digest] = self._by_session[token.session] = token
        self._of_owners.setdefault(_owner(token), {})[token.id] = token
        self._guests += token.user_id is None

    def used(self, token: Token, **changes: Any) -> None:
        """Note by which session a token was used, and from where."""
        self.remove(token.id)
        for name, value in changes.items():
            setattr(token, name, value)
        self.add(token)

    def remove(self, token_id: int) -> None:
        token = self._by_id.pop(token_id, None)
        if token is not None:
            del self._by_digest[token.digest]
            self._by_session.pop(token.session, None)
            self._guests -= token.user_id is None
            mine = self._of_owners[_owner(token)]
            del mine[token.id]
            if not mine:
                del self._of_owners[_owner(token)]

    def named(self, token_id: int) -> Token | None:
        return self._by_id.get(token_id)

    def found(self, secret: str) -> Token | None:
        """Return what is known of a token."""
        return self._by_digest.get(digest(secret))

    def of_session(self, number: int | None) -> Token | None:
        """Return the token of the session with this number."""
        return None if number is None else self._by_session.get(number)

    def of_account(self, user_id: int) -> tuple[Token, ...]:
        return tuple(self._of_owners.get(user_id, {}).values())

    def of_guests(self, source: str) -> tuple[Token, ...]:
        """Return the tokens of all guests from a source, the oldest first."""
        return tuple(self._of_owners.get(source, {}).values())

    @property
    def guests(self) -> int:
        """The number of tokens of guests."""
        return self._guests

    def of_largest_source(self) -> tuple[Token, ...]:
        """Return the tokens of the guests from the source that has the most of them."""
        return max((tuple(each.values()) for owner, each in self._of_owners.items() if isinstance(owner, str)), key=len)

    def __iter__(self) -> Iterator[Token]:
        return iter(tuple(self._by_id.values()))


def _owner(token: Token) -> int | str:
    return source(token.address) if token.user_id is None else token.user_id


def digest(secret: str) -> str:
    """Return the digest of a token; its 256 random bits need no slow hash."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
