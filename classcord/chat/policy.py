"""The policy: the settings on which decisions depend; the application fills them in. Knows no settings file."""

from __future__ import annotations

from typing import Literal

import msgspec

from classcord.chat.retention.durations import Durations
from classcord.chat.roles import Role

Registration = Literal["open", "invite", "closed"]


class FileLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Which files messages may carry; a limit of 0 means no limit."""

    accepted: bool = True
    file_bytes: int = 10_000_000
    bytes_per_day: int = 100_000_000  # of one account
    channel_bytes_per_day: int = 500_000_000
    kinds: tuple[str, ...] = ("image", "text", "document", "archive", "audio", "video")


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A limit of 0 means no limit."""

    name: str = "ClassCord"
    version: str = ""
    motd: str = ""
    language: str = "fr"
    erased_name: str = "(former member {number})"  # what stands for a person who was erased; no name has parentheses
    registration: Registration = "open"
    guests: bool = True
    min_password: int = 4
    other_logins: bool = False  # a directory or a program checks the passwords that are not kept here
    create_channel: Role = Role.MEMBER
    send_files: Role = Role.MEMBER
    write_at_any_time: Role = Role.MODERATOR  # also during quiet hours
    content_chars: int = 10_000
    line_bytes: int = 65_536
    messages_per_second: float = 5
    burst: float = 25
    heartbeat: int = 30  # seconds, after which a session that said `hello` hears from the server; 0: it need not
    bad_lines: float = 50  # until a flood of them closes the connection; one is forgiven each second
    history_lines: int = 20  # to a classic session after its first `users`
    private_policy: str = "all"  # in the form of private_policy/matrix.py, unless another is set in the running server
    announce_below: int = 50  # arrivals and departures are also told in words while fewer sessions than this listen
    registrations_per_hour: int = 200  # from one address
    stored_bytes_per_day: int = 20_000_000  # by one account
    channels_per_address: int = 200  # existing channels made by accounts of the address
    listed_channels: tuple[str, ...] = ()  # the channels in the settings
    session_days: int = 14  # a session that is not there may be resumed for so long; 0: never
    request_days: int = 14  # a join request waits for so long
    files: FileLimits = FileLimits()
    web_address: str = ""  # at which people open files: https://chat.school.example
    help_number: str = "3018"  # told to people who report a message; "": none is told
    retention: Durations = Durations()
    shared_networks: tuple[str, ...] = ()  # networks whose addresses are each shared by many people
