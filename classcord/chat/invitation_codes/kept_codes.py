"""The invitation codes that there are, and how one is spelt. Knows no person, no right and no clock."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from classcord.chat.invitation_codes.vocabulary import InvitationCodeMade

_LETTERS = "ABCDEFHJKMNPQRTWXY34679"
"""What a code is made of: no two of them look alike (0 O, 1 I L, 2 Z, 5 S, 8 B), nor sound alike (G J, U V)."""
_LENGTH = 12  # 23 ** 12 codes: 54 bits
_PART = 4


class KeptCodes:
    """The codes that nobody has ended, by their numbers and as they are spelt."""

    def __init__(self) -> None:
        self._by_id: dict[int, InvitationCodeMade] = {}
        self._by_code: dict[str, int] = {}

    def add(self, code: InvitationCodeMade) -> None:
        self._by_id[code.code_id] = code
        self._by_code[code.code] = code.code_id

    def get(self, code_id: int) -> InvitationCodeMade | None:
        return self._by_id.get(code_id)

    def typed(self, typed: str) -> InvitationCodeMade | None:
        """Return the code that somebody means who types this."""
        return self._by_id.get(self._by_code.get(spelt(typed), -1))

    def was_used(self, code_id: int) -> None:
        """Count an account that was made by a code."""
        code = self._by_id[code_id]
        self._by_id[code_id] = msgspec.structs.replace(code, used=code.used + 1)

    def remove(self, code_id: int) -> None:
        del self._by_code[self._by_id.pop(code_id).code]

    def forget_maker(self, user_id: int) -> None:
        """Take out the codes of an account that is gone."""
        for code_id in [code.code_id for code in self if code.maker_id == user_id]:
            self.remove(code_id)

    def __iter__(self) -> Iterator[InvitationCodeMade]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)


def code_of(secret: str) -> str:
    """Return the code that 256 random bits make."""
    number = int.from_bytes(sha256(secret.encode()).digest(), "big")
    letters = []
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "-".join("".join(letters[start : start + _PART]) for start in range(0, _LENGTH, _PART))


def spelt(typed: str) -> str:
    """Return a typed code as it is spelt: without regard to case, width, spaces and hyphens."""
    folded = unicodedata.normalize("NFKC", typed[:64]).upper()
    letters = "".join(each for each in folded if each.isalnum())
    return "-".join(letters[start : start + _PART] for start in range(0, len(letters), _PART))
