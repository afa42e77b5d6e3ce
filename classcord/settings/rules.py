"""Which values a setting may have: one annotated type a kind of value, with its rule in words and as a check.

Knows no key and no file; schema.py gives each key one of these types.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv6Network, ip_network
from typing import Annotated, Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from classcord.chat.errors import ChatError
from classcord.chat.names import check_channel
from classcord.chat.private_policy.matrix import NoPolicy, policy_of
from classcord.chat.retention.durations import LAW
from classcord.chat.text import N_, is_readable
from classcord.services.calendar.spans import days, spans
from classcord.settings.listen_addresses import SYSTEMD, rehearsed
from classcord.store.ports.database_urls import means_a_file

SHORTEST_HEARTBEAT = 5  # seconds; a radio that loses packets for less is no dead link
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# IPv4 addresses in IPv6 form; the server writes them as IPv4, so that no connection is in this network
_MAPPED = IPv6Network("::ffff:0:0/96")


class Rule(NamedTuple):
    """What a value must be: words that follow "must be", and a check of what the type alone does not say."""

    words: str
    holds: Callable[[Any], bool] = lambda _: True


def _is_endpoint(description: str) -> bool:
    try:
        place = rehearsed(description).place
    except LookupError:  # only when systemd starts the server is its socket there
        return description.startswith(SYSTEMD)
    except Exception:  # each kind of endpoint, also those of plugins, has its own errors
        return False
    return 0 <= (place.port if place else 0) <= 65_535 and description.isprintable()


def _is_network(text: str) -> bool:
    try:
        network = ip_network(text)
    except ValueError:
        return False
    return network.version == 4 or not network.subnet_of(_MAPPED)


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _is_channel_name(name: str) -> bool:
    try:
        check_channel(name)
    except ChatError:
        return False
    return True


def _is_private_policy(text: str) -> bool:
    try:
        return policy_of(text) == text
    except NoPolicy:
        return False


def _are_spans(text: str) -> bool:
    try:
        spans(text)
    except ValueError:
        return False
    return len(text) <= 200


def _are_days(text: str) -> bool:
    try:
        days(text)
    except ValueError:
        return False
    return True


def _is_line(text: str) -> bool:
    return is_readable(text) and len(text) <= 500


def _is_relay(text: str) -> bool:
    found = re.fullmatch(r"(?:[^\s:]+|\[[0-9a-fA-F:.]+\]):([0-9]{1,5})", text)
    return not text or (found is not None and 1 <= int(found[1]) <= 65_535)


def _is_directory(text: str) -> bool:
    found = re.fullmatch(r"ldaps?://(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(?::([0-9]{1,5}))?/?", text)
    return found is not None and 1 <= int(found[1] or 1) <= 65_535


def _is_web_address(text: str) -> bool:
    return not text or bool(re.fullmatch(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?", text))


def _is_mailbox(text: str) -> bool:
    return not text or bool(re.fullmatch(r"[!-?A-~]+@[A-Za-z0-9.-]+|[!-?A-~]+@\[[0-9a-fA-F:.]+\]", text))


def _between(low: float, high: float) -> Callable[[float], bool]:
    return lambda number: low <= number <= high


Switch = Annotated[bool, Rule(N_("true or false"))]
Limit = Annotated[int, Rule(N_("a whole number from 0 (no limit) to 1000000000"), _between(0, 1_000_000_000))]
Size = Annotated[
    int,
    Rule(
        N_("0 (no limit) or a whole number from 1024 to 1000000000"),
        lambda number: number == 0 or 1024 <= number <= 1_000_000_000,
    ),
]
Heartbeat = Annotated[
    int,
    Rule(
        N_("0 (none) or a whole number of seconds from 5 to 3600"),
        lambda number: number == 0 or SHORTEST_HEARTBEAT <= number <= 3600,
    ),
]
Rate = Annotated[float, Rule(N_("a number from 0 (no limit) to 1000000"), _between(0, 1_000_000))]
Few = Annotated[int, Rule(N_("a whole number from 0 to 200"), _between(0, 200))]
Days = Annotated[int, Rule(N_("a whole number from 1 to 3650"), _between(1, 3650))]
Many = Annotated[int, Rule(N_("a whole number from 0 to 1000000"), _between(0, 1_000_000))]

Pause = Annotated[int, Rule(N_("a whole number from 0 to 86400"), _between(0, 86_400))]

Months = Annotated[int, Rule(N_("a whole number of months from 1 to 36"), LAW["everyone"].holds)]
MonthsAfterLeaving = Annotated[
    int,
    Rule(
        N_("a whole number of months from 0 to 3: the account of somebody who has left is kept three months at most"),
        LAW["accounts"].holds,
    ),
]
MonthsUnused = Annotated[
    int,
    Rule(
        N_("a whole number of months from 6 to 24: an account that nobody uses is not kept for longer"),
        LAW["unused"].holds,
    ),
]
MonthsOfConnections = Annotated[
    int,
    Rule(
        N_("a whole number of months from 6 to 12: so long the CNIL wants traces of connections kept, and no longer"),
        LAW["connections"].holds,
    ),
]
MonthsOfTrail = Annotated[
    int,
    Rule(
        N_("a whole number of months from 6 to 36: a trail of administrators' acts is kept three years at most"),
        LAW["audit"].holds,
    ),
]
MonthsOfSanctions = Annotated[
    int,
    Rule(
        N_("a whole number of months from 1 to 24: a sanction leaves a pupil's record after two school years"),
        LAW["sanctions"].holds,
    ),
]
AFewMonths = Annotated[int, Rule(N_("a whole number of months from 1 to 12"), LAW["held"].holds)]

Title = Annotated[
    str,
    Rule(
        N_("a text of 1 to 64 characters, on one line"),
        lambda text: is_readable(text) and text.strip() and len(text) <= 64,
    ),
]
Seconds = Annotated[int, Rule(N_("a whole number of seconds from 1 to 60"), _between(1, 60))]
AtOnce = Annotated[int, Rule(N_("a whole number from 1 to 32"), _between(1, 32))]
Directory = Annotated[
    str, Rule(N_('the URL of a directory such as "ldap://directory.school.example" or "ldaps://…"'), _is_directory)
]
Directories = Annotated[tuple[Directory, ...], Rule(N_('a list of URLs such as ["ldaps://directory.school.example"]'))]
Attribute = Annotated[
    str,
    Rule(
        N_('"" or the name of an attribute such as "mail"'),
        lambda text: not text or bool(re.fullmatch(r"[A-Za-z0-9.-]{1,100}", text)),
    ),
]
Command = Annotated[
    tuple[Annotated[str, Rule(N_("a text of at most 500 characters, on one line"), _is_line)], ...],
    Rule(N_('a list of a program and its arguments such as ["/usr/local/bin/check-password"]')),
]
GivenRole = Annotated[
    Literal["member", "moderator", "admin", "owner"], Rule(N_('"member", "moderator", "admin" or "owner"'))
]
Line = Annotated[str, Rule(N_("a text of at most 500 characters, on one line"), _is_line)]
Lines = Annotated[
    str,
    Rule(
        N_("a text of at most 2000 characters"),
        lambda text: len(text) <= 2000 and all(is_readable(line) for line in text.split("\n")),
    ),
]
Folder = Annotated[str, Rule(N_("the path of a folder"), _is_line)]
File = Annotated[str, Rule(N_("the path of a file"), _is_line)]
Database = Annotated[str, Rule(N_('a file, written as in "sqlite:///classcord.db"'), means_a_file)]
TimeZone = Annotated[str, Rule(N_('a time zone such as "Europe/Paris"'), _is_time_zone)]
ChannelName = Annotated[
    str, Rule(N_('a name of 1 to 64 letters, digits, "_", "-" and ".", and not a reserved one'), _is_channel_name)
]

Endpoint = Annotated[str, Rule(N_('an endpoint such as "tcp:12345" or "unix:/run/classcord/chat"'), _is_endpoint)]
Endpoints = Annotated[tuple[Endpoint, ...], Rule(N_('a list of endpoints such as ["tcp:12345"]'))]
Network = Annotated[str, Rule(N_('an address or a network such as "10.0.2.2" or "192.168.1.0/24"'), _is_network)]
Networks = Annotated[tuple[Network, ...], Rule(N_('a list of addresses and networks such as ["192.168.1.0/24"]'))]
Origin = Annotated[
    str,
    Rule(
        N_('the origin of a page such as "https://intranet.school.example", in lower case and without a path'),
        lambda text: bool(re.fullmatch(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?", text)),
    ),
]
Origins = Annotated[tuple[Origin, ...], Rule(N_('a list of origins such as ["https://intranet.school.example"]'))]
Relay = Annotated[str, Rule(N_('"" for none, or a host and a port such as "smtp.school.example:25"'), _is_relay)]
Security = Annotated[Literal["none", "starttls", "tls"], Rule(N_('"none", "starttls" or "tls"'))]
Mailbox = Annotated[str, Rule(N_('a mail address such as "chat@school.example"'), _is_mailbox)]
Mailboxes = Annotated[tuple[Mailbox, ...], Rule(N_('a list of mail addresses such as ["prof@school.example"]'))]

WebAddress = Annotated[
    str, Rule(N_('"" for the machine\'s own, or an address such as "https://chat.school.example"'), _is_web_address)
]
FileKind = Annotated[
    Literal["image", "text", "document", "archive", "audio", "video", "program", "other"],
    Rule(N_('"image", "text", "document", "archive", "audio", "video", "program" or "other"')),
]
FileKinds = Annotated[tuple[FileKind, ...], Rule(N_('a list of kinds of files such as ["image", "document"]'))]

Language = Annotated[Literal["fr", "en"], Rule(N_('"fr" or "en"'))]
Synchronous = Annotated[Literal["FULL", "NORMAL"], Rule(N_('"FULL" or "NORMAL"'))]
Registration = Annotated[Literal["open", "invite", "closed"], Rule(N_('"open", "invite" or "closed"'))]
RoleLabel = Annotated[
    Literal["guest", "member", "moderator", "admin", "owner"],
    Rule(N_('"guest", "member", "moderator", "admin" or "owner"')),
]
PrivatePolicy = Annotated[
    str,
    Rule(N_('"all", "members", "staff", or pairs such as "guest>member,member>member"'), _is_private_policy),
]
Spans = Annotated[str, Rule(N_('"" for none, or times such as "20:00-07:00"'), _are_spans)]
SchoolFreeDays = Annotated[str, Rule(N_('a day or days such as "2026-11-11" or "2026-10-17/2026-11-01"'), _are_days)]
Holidays = Annotated[tuple[SchoolFreeDays, ...], Rule(N_('a list of days such as ["2026-10-17/2026-11-01"]'))]
ChannelNames = Annotated[tuple[ChannelName, ...], Rule(N_('a list of channels such as ["annonces"]'))]
ChannelKind = Annotated[Literal["open", "approval", "private"], Rule(N_('"open", "approval" or "private"'))]
LogLevel = Annotated[Literal["debug", "info", "warn", "error"], Rule(N_('"debug", "info", "warn" or "error"'))]
LogFormat = Annotated[Literal["text", "json"], Rule(N_('"text" or "json"'))]
