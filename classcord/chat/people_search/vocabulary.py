"""The words of finding people. Decides nothing."""

from __future__ import annotations

from typing import Annotated

import msgspec

from classcord.chat.events import Answer, RoleLabel, Row
from classcord.chat.requests import Name, PageSize, Request
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class FindPeople(Request, tag="find_people"):
    """Accounts to which one may write, in the order of their names; `following`: those after this name."""

    permission = Permission.PERSONAL
    summary = N_("find people to write to by a part of their name, also those who are not here")

    search: Annotated[str, msgspec.Meta(max_length=64)] = ""
    following: Name = ""
    limit: PageSize | None = None


class PersonFound(Row):
    """Somebody to whom one may write privately; `online`: is here, as far as others see it."""

    name: str
    role: RoleLabel
    online: bool


class PeopleFound(Answer):
    people: tuple[PersonFound, ...]
    more: bool | None = None  # true: there are others after these
