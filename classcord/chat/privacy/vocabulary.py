"""The words of privacy: erasing a person, and reading what is kept about one. Decides nothing.

docs/RGPD.md says what becomes of each column.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec

from classcord.chat.errors import RateLimited
from classcord.chat.events import Answer, Event, Payload, Row, Time, called
from classcord.chat.frozen import Frozen
from classcord.chat.questions import Found, Question
from classcord.chat.records import Record
from classcord.chat.requests import Group, Moment, PersonName, Reason, Request, Secret, without_secrets
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text

MessagesOfErased = Literal["keep", "empty"]
"""Whether the messages of a person who is erased stay without the name, or lose their words too."""


class DeleteMyAccount(Request, tag="delete_my_account"):
    permission = Permission.PERSONAL
    summary = N_("erase one's own account, and what is kept about oneself")
    costs_quota = False  # it takes rows away
    __repr__ = without_secrets

    password: Secret
    messages: MessagesOfErased = "keep"


class Erase(Request, tag="erase"):
    permission = Permission.MANAGE_ACCOUNTS
    summary = N_("erase a person: the account and what is kept about it; messages stay without the name, or empty")
    command = "erase"
    group = Group.ACCOUNTS
    arguments = ("user",)
    examples = ("erase bob", "erase bob --messages empty")
    destructive = True

    user: PersonName
    messages: MessagesOfErased = "keep"

    def consequence(self, moment: Moment) -> Text:  # noqa: ARG002
        words = N_("Erase {user} and what is kept about this person; this cannot be undone")
        if self.messages == "empty":
            words = N_("Erase {user} with the words of all messages of this person; this cannot be undone")
        return Text(words, {"user": self.user})


class AccountErased(Record, kw_only=True):
    """An account is gone at once; what else is kept about the person goes in small steps (store/sqlite/erasing.py).

    `shown` stands where the name stood, and nobody can have it. `added_at` is the account's: with `user_id` it finds
    the account in an older backup. `name` is "" when everything is gone. `keeps_acts`: what the person did as one of
    those who keep order stays in the audit trail.
    """

    number: int
    user_id: int
    name: str
    name_key: str
    added_at: int
    shown: str
    empties: bool = False
    keeps_acts: bool = False
    at: int


class Erased(Event, tag="erased"):
    """A person was erased: whatever a client shows under this name is nobody's any more; `shown` takes its place."""

    user: str
    shown: str


class TooManyExports(RateLimited):
    """Everything that is kept about a person is read some times a day."""

    template = N_("Everything about a person is read {most} times a day at most; come back later.")


PageMark = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,2}\.[0-9]{1,16}$")]
"""Where the next page of everything about a person begins, as the one before it says."""


class ExportMyData(Request, tag="export_my_data"):
    permission = Permission.PERSONAL
    summary = N_("read everything that is kept about oneself, page by page")
    reads_store = True

    after: PageMark | None = None


class ExportPerson(Request, tag="export_person"):
    permission = Permission.READ_PRIVATE
    summary = N_("read everything that is kept about a person, who has asked for it; the audit trail keeps the reason")
    command = "export-person"
    group = Group.ACCOUNTS
    arguments = ("user", "reason")
    examples = ("export-person bob Demande écrite du 3 mars",)
    reads_store = True

    user: PersonName
    reason: Reason
    after: PageMark | None = None


class DataOf(Question):
    """Everything about a person, from a place on; the answer is a DataPart."""

    slow: ClassVar[bool] = True

    user_id: int
    name: str
    name_key: str
    kind: int = 0
    after: int = 0


class DataKept(Frozen):
    """One thing that is kept: of which kind, since when (milliseconds), and the rest as a JSON object."""

    kind: str
    at: int | None
    data: str


class DataPart(Frozen):
    """A page of it; with an `after` there are more, of the kind with this number."""

    kept: tuple[DataKept, ...]
    kind: int = 0
    after: int | None = None


class DataFound(Found, tag="-data-found"):
    """A page of what is kept about a person."""

    asked: ExportMyData | ExportPerson
    found: DataPart


class DataRow(Row):
    kind: str
    at: Time | None
    data: Payload

    labels = called(data=N_("details"))


class DataTold(Answer, kw_only=True):
    """A page of everything about a person; `next` is the `after` of the next page, None on the last one."""

    rows: tuple[DataRow, ...]
    next: str | None
