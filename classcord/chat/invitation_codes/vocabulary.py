"""The words of invitation codes. Decides nothing."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from classcord.chat.errors import ChatError, NotAllowed, NotFound, RateLimited
from classcord.chat.events import Answer, Ok, Row, Time, called, written_as
from classcord.chat.records import Record
from classcord.chat.requests import ChannelNames, Group, Request, at_most, without_secrets
from classcord.chat.roles import Permission
from classcord.chat.text import N_

LONGEST_CODE = 64  # characters, as it is typed
LONGEST_NOTE = 100  # characters
MOST_USES = 1000
DAY = 86_400.0  # seconds
MOST_DAYS_OF_STAFF = 7
MOST_CHANNELS = 20  # of one code
MOST_CODES = 200  # of one maker
MOST_OF_ALL = 5000

TypedCode = Annotated[str, at_most(LONGEST_CODE, "secret")]
"""A code as somebody types it: case, spaces and hyphens do not matter."""
Note = Annotated[str, at_most(LONGEST_NOTE, "words")]
Days = Annotated[int, msgspec.Meta(ge=1, le=366)]
Uses = Annotated[int, msgspec.Meta(ge=1, le=MOST_USES)]
CodeNumber = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
CodeState = Annotated[str, written_as(enum=["usable", "used", "expired", "void"])]
CodeRole = Literal["member", "moderator", "admin", "owner"]


class InviteRequired(ChatError):
    code = "invite_required"
    template = N_("A new account needs an invitation code here; ask a teacher for one.")


class BadInvite(ChatError):
    """One refusal for every code that does not let in, so that nobody learns which codes there are."""

    code = "bad_invite"
    template = N_("This invitation code is not valid: it is mistyped, used up, expired or ended. Ask for another one.")

    def __init__(self) -> None:
        super().__init__(field="code")


class TooManyWrongCodes(RateLimited):
    template = N_("There were too many wrong invitation codes; please wait before the next one.")


class CodeOfStaff(NotAllowed):
    template = N_("A code for the role {role} makes one account, within {days} days at most.")


class TooManyCodes(NotAllowed):
    template = N_("There are {limit} invitation codes already; end those that are not needed any more.")


class UnknownCode(NotFound):
    template = N_("There is no invitation code with the number {name}.")


class MakeInvitationCode(Request, tag="invitation_code"):
    permission = Permission.INVITE_PEOPLE
    summary = N_("make an invitation code, by which people make their own accounts")
    command = "addcode"
    group = Group.ACCOUNTS
    arguments = ("into",)
    examples = ('addcode #btssio1 --uses 30 --days 7 --note "BTS SIO 1"', "addcode --role moderator")

    into: ChannelNames = ()
    """The channels of the new accounts; a field `channels` would be near the `channel` of other requests."""
    uses: Uses = 1
    days: Days = 7
    role: CodeRole = "member"
    note: Note = ""


class InvitationCodes(Request, tag="invitation_codes"):
    permission = Permission.INVITE_PEOPLE
    summary = N_("list the invitation codes: one's own, and for who manages accounts those of all")
    command = "codes"
    group = Group.ACCOUNTS


class EndInvitationCode(Request, tag="end_invitation_code"):
    permission = Permission.INVITE_PEOPLE
    summary = N_("end an invitation code: nobody makes an account by it any more")
    command = "delcode"
    group = Group.ACCOUNTS
    arguments = ("code_id",)
    examples = ("delcode 3",)

    code_id: CodeNumber


class InvitationCodeMade(Record, kw_only=True):
    """A code by which `uses` accounts can be made until `expires_at`, each a member of these channels.

    Its maker is an account, or the key of this name, or neither: whoever was at the machine itself.
    """

    code_id: int
    code: str
    role: str
    uses: int
    used: int = 0
    channel_ids: tuple[int, ...] = ()
    note: str = ""
    made_by: str
    maker_id: int | None = None
    maker_key: str | None = None
    made_at: int
    expires_at: int

    __repr__ = without_secrets


class InvitationCodeUsed(Record):
    """The account `name` was made by a code."""

    code_id: int
    name: str
    at: int

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        return BadInvite()


class InvitationCodeEnded(Record):
    """Nobody uses a code any more; the audit trail alone knows it still."""

    refused_as = UnknownCode

    code_id: int

    def refusal(self, why: str) -> ChatError:  # noqa: ARG002
        return UnknownCode(field="code_id", name=self.code_id)


class CodeInfo(Row):
    """One row of the list of codes; the code itself is told to its maker, and to who may give its role."""

    code_id: int
    code: str | None
    state: CodeState
    used: int
    uses: int
    role: str
    channels: tuple[str, ...]
    until: Time
    made_by: str
    note: str

    labels = called(code_id=N_("number"), used=N_("used"), uses=N_("of"), made_by=N_("made by"), note=N_("note"))

    __repr__ = without_secrets


class CodesListed(Answer):
    codes: tuple[CodeInfo, ...]


class CodeMade(Answer, kw_only=True):
    """The code, as it is told to people."""

    status: Ok = "ok"
    code_id: int
    code: str
    role: str
    channels: tuple[str, ...]
    until: Time

    __repr__ = without_secrets
