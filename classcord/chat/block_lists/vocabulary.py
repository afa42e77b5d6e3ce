"""The words of block lists. Decides nothing."""

from __future__ import annotations

from classcord.chat.errors import BadRequest, ChatError, NotAllowed
from classcord.chat.events import Answer
from classcord.chat.records import Record
from classcord.chat.requests import PersonName, Request
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class BlockedByPerson(ChatError):
    """The recipient has blocked the author."""

    code = "blocked"
    template = N_("{name} does not want private messages from you.")


class BlockedByOneself(ChatError):
    """The author has blocked the recipient, who could not answer."""

    code = "blocked"
    template = N_("You have blocked {name}, who could not answer you: take that back first.")


class StaffNotBlocked(NotAllowed):
    template = N_("{name} keeps order here, and cannot be blocked.")


class GuestNotBlocked(NotAllowed):
    template = N_(
        "{name} is a guest: tomorrow the name may be somebody else's, so it cannot be blocked. Ask somebody who keeps "
        "order here."
    )


class TooManyBlocked(NotAllowed):
    template = N_("You have blocked {limit} people already; take one off the list first.")


class OneselfNotBlocked(BadRequest):
    template = N_("You cannot block yourself.")


class BlockPerson(Request, tag="block"):
    permission = Permission.PERSONAL
    summary = N_("read no private messages of a person any more, or read them again")

    user: PersonName
    on: bool = True


class BlockList(Request, tag="blocks"):
    permission = Permission.PERSONAL
    summary = N_("list the people whom one has blocked")


class PersonBlocked(Record):
    """The account `user_id` has the account `blocked_id` on its block list."""

    user_id: int
    blocked_id: int
    at: int


class PersonUnblocked(Record):
    may_find_nothing = True  # another session of the person was first

    user_id: int
    blocked_id: int


class BlockListShown(Answer):
    users: tuple[str, ...]
