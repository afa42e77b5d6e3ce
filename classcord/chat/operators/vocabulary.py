"""The words of operators. Decides nothing."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from classcord.chat.errors import NotAllowed
from classcord.chat.events import Answer, Ok, Row, Time, called
from classcord.chat.requests import (
    Administration,
    Group,
    Internal,
    PersonName,
    Reason,
    Request,
    Words,
    of_kind,
)
from classcord.chat.roles import Operator, Permission
from classcord.chat.sanctions.vocabulary import SanctionInfo
from classcord.chat.text import N_

Watched = Annotated[str, of_kind("watched")]
"""A person, the number of a connection, an address or a network, to be watched."""


class KeyNamesAccount(NotAllowed):
    """A key lets nobody in as long as an account has its name."""

    template = N_("{name} is an account: a key of that name does not count. Give its file another name.")


class NeedsTerminal(NotAllowed):
    template = N_("This needs a terminal: ssh -t.")


class Present(Administration, tag="who"):
    permission = Permission.SEE_CONNECTIONS
    summary = N_("list who is here, since when and from where")
    command = "who"
    group = Group.PEOPLE


class Whois(Request, tag="whois"):
    permission = Permission.SEE_CONNECTIONS
    summary = N_("tell all that is known of a person")
    command = "whois"
    group = Group.PEOPLE
    arguments = ("user",)
    examples = ("whois bob",)

    user: PersonName


class Export(Administration, tag="export"):
    permission = Permission.EXPORT
    summary = N_("write out all users, messages or the audit trail")
    command = "export"
    group = Group.WATCHING
    kept_meanwhile = True
    arguments = ("what",)
    examples = (
        "export users",
        "export users --excel",
        "export messages --format ndjson",
        'export messages --reason "demande du proviseur"',
    )
    reads_store = True

    what: Literal["users", "messages", "audit"]
    format: Literal["csv", "json", "ndjson"] = "csv"
    bom: bool = False  # for Excel, which reads a CSV without one as windows-1252
    excel: bool = False  # a CSV that a French Excel opens by a double click: a BOM, semicolons, times that it reads
    reason: Reason = ""

    @property
    def needs_store(self) -> bool:
        """Private messages are shown only when it is stored who reads them, and why."""
        return bool(self.reason.strip())


class Top(Administration, tag="top"):
    permission = Permission.WATCH
    summary = N_("watch how the server is doing")
    command = "top"
    group = Group.WATCHING
    kept_meanwhile = True


class Tail(Administration, tag="tail"):
    permission = Permission.WATCH
    summary = N_("watch what happens; with words, only lines that have them all")
    command = "tail"
    group = Group.WATCHING
    kept_meanwhile = True
    arguments = ("only",)
    examples = ("tail", "tail #dev", "tail refused")

    only: Words = ""
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""

    @property
    def needs_store(self) -> bool:
        """Private messages are shown only when it is stored who reads them, and why."""
        return bool(self.reason.strip())


class Trace(Administration, tag="trace"):
    permission = Permission.WATCH
    summary = N_("watch the lines that go to and from somebody's client; passwords are masked")
    command = "trace"
    group = Group.WATCHING
    kept_meanwhile = True
    arguments = ("target",)
    examples = ("trace bob", "trace 192.168.1.50", "trace 12", 'trace bob --reason "son client ne reçoit rien"')

    target: Watched
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""

    @property
    def needs_store(self) -> bool:
        """Private messages are shown only when it is stored who reads them, and why."""
        return bool(self.reason.strip())


class Python(Administration, tag="python"):
    permission = Permission.RUN_PYTHON
    summary = N_("open a Python prompt inside the running server")
    command = "python"
    group = Group.SERVER


class Operate(Internal, tag="-operate"):
    """A permitted operator begins; `changes_password`: a one-time password can be changed on this face."""

    operator: Operator
    changes_password: bool = False


class Typed(Internal, tag="-typed"):
    """A line was typed at the Python prompt; the audit trail stores it before it runs."""

    is_paced = True
    kept_meanwhile = False

    line: str


class Touched(Internal, tag="-touched"):
    """A file was read or changed by sftp, or this was refused."""

    is_paced = True

    action: str
    path: str
    refused: bool = False


class PersonInfo(Row):
    name: str
    role: str
    state: str
    since: Time
    addresses: tuple[str, ...]
    sessions: tuple[int, ...]

    labels = called(addresses=N_("from"))


class PeopleListed(Answer):
    people: tuple[PersonInfo, ...]


class PersonTold(Answer):
    """Everything known about a person; a field that does not apply is None."""

    name: str
    role: str
    account: bool
    password_kept: Literal["local", "elsewhere"] | None
    state: str
    since: Time | None
    addresses: tuple[str, ...]
    sessions: tuple[int, ...]
    channels: tuple[str, ...]
    waits_for: tuple[str, ...]
    sanctions: tuple[SanctionInfo, ...]

    labels = called(account=N_("account"), password_kept=N_("password kept"), waits_for=N_("asks for"))


class Watching(Answer):
    """The operator may watch from now on; `private` says whether private messages are shown.

    `sessions` are watched, and later connections with `name` or from `network` too.
    """

    status: Ok = "ok"
    private: bool = False
    sessions: tuple[int, ...] = ()
    name: str | None = None
    network: str | None = None


class Exporting(Answer, kw_only=True):
    """The operator may export; `private` says whether private messages are exported too."""

    status: Ok = "ok"
    what: str
    private: bool = False

    labels = called(what=N_("what"))
