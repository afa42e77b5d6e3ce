"""The words of profiles. Decides nothing.

An alias is another name of an account, which nobody else may take. First and last name say who somebody is, the status
text is a sentence beside the state; all who have an account read these. An e-mail address is for those who manage
accounts.
"""

from __future__ import annotations

from typing import Annotated

from classcord.chat.errors import ChatError, NotAllowed
from classcord.chat.events import Answer, Event
from classcord.chat.frozen import Frozen
from classcord.chat.questions import Found, Question
from classcord.chat.records import Record
from classcord.chat.registration.vocabulary import AliasTaken
from classcord.chat.requests import NewName, PersonName, ProfileField, Request, at_most
from classcord.chat.roles import Permission
from classcord.chat.text import N_

LONGEST_STATUS_TEXT = 120  # characters
StatusText = Annotated[str, at_most(LONGEST_STATUS_TEXT)]


class NotOnesOwn(NotAllowed):
    template = N_("A profile is changed by the person whom it is about.")


class PersonProfile(Request, tag="profile"):
    """With a field, the profile of the person who asks is changed; "" clears the field."""

    permission = Permission.PERSONAL
    summary = N_("read a profile, or change one's own")
    told = ("alias", "first_name", "last_name", "status_text")

    user: PersonName | None = None
    alias: NewName | None = None
    first_name: ProfileField | None = None
    last_name: ProfileField | None = None
    email: ProfileField | None = None
    status_text: StatusText | None = None


class StoredProfile(Frozen):
    """What the store has of an account; None: nothing is said there."""

    alias: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    status_text: str | None = None


class ProfileOf(Question):
    user_id: int


class ProfileFound(Found):
    """The store's answer; the account may be another one of that name by now, or none."""

    found: StoredProfile | None


class ProfileSet(Record):
    """Fields of a profile are other ones now: None leaves a field as it is, "" clears it.

    `told`: the people who see that the person is here hear of it.
    """

    user_id: int
    alias: str | None = None
    alias_key: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    status_text: str | None = None
    told: bool = True

    def refusal(self, why: str) -> ChatError:
        return AliasTaken(field="alias") if "alias" in why else self.refused_as()


class ProfileChanged(Event, tag="profile_changed", omit_defaults=True):
    """A person says something else of themselves; what has not changed is left out, "" says that it is cleared."""

    user: str
    alias: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    status_text: str | None = None


class ProfileShown(Answer):
    """A profile as the person who asks may see it."""

    user: str
    alias: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    status_text: str | None = None
