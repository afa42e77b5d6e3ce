"""The words of class lists. Decides nothing."""

from __future__ import annotations

from typing import Annotated

import msgspec

from classcord.chat.errors import Conflict
from classcord.chat.frozen import Frozen
from classcord.chat.names import LONGEST
from classcord.chat.requests import LONGEST_FIELD, Internal, without_secrets
from classcord.chat.text import N_

MOST_AT_ONCE = 50
"""The people in one part of a list: a school is taken part by part, so that the chat goes on in between."""
MOST_ROOMS = 1000
_Field = Annotated[str, msgspec.Meta(max_length=LONGEST_FIELD)]
_Name = Annotated[str, msgspec.Meta(max_length=LONGEST)]
_Names = Annotated[tuple[_Name, ...], msgspec.Meta(max_length=100)]


class ListOutdated(Conflict):
    """What was compared is not what is there now."""

    template = N_("{name} has changed since the list was compared: import it again.")


class ListedRoom(Frozen):
    name: _Name
    is_class: bool


class ListedPupil(Frozen):
    """A new account, with the digest of its one-time password, and its channels."""

    username: _Name
    digest: Annotated[str, msgspec.Meta(max_length=300, pattern=r"^\$argon2id\$")]
    first_name: _Field | None = None
    last_name: _Field | None = None
    email: _Field | None = None
    channels: _Names = ()


class ListedMove(Frozen):
    """An account that leaves channels and enters others."""

    username: _Name
    leaves: _Names = ()
    enters: _Names = ()


class TakeClassList(Internal, tag="-class-list"):
    """Take a part of a class list that was compared with the store: channels, then people; at the machine alone.

    All of it is stored, or nothing. `adopt`: a channel that no list has made may be meant.
    """

    kept_meanwhile = False

    __repr__ = without_secrets

    rooms: Annotated[tuple[ListedRoom, ...], msgspec.Meta(max_length=MOST_ROOMS)] = ()
    adopt: bool = False
    new: Annotated[tuple[ListedPupil, ...], msgspec.Meta(max_length=MOST_AT_ONCE)] = ()
    moves: Annotated[tuple[ListedMove, ...], msgspec.Meta(max_length=MOST_AT_ONCE)] = ()
