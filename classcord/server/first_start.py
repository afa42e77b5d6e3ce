"""What a server begins with: its channels, and at the very first start its first account.

Returns them as commits; knows nothing of how they are stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from classcord.chat.audit import trail
from classcord.chat.channels.vocabulary import ChannelAdded
from classcord.chat.effects import Commit
from classcord.chat.names import DEFAULT_CHANNEL, STAFF_CHANNEL, channel_key, check_channel
from classcord.chat.records import Record
from classcord.chat.registration.rules import new_account
from classcord.chat.registration.vocabulary import Register
from classcord.chat.roles import Role
from classcord.durable import write

if TYPE_CHECKING:
    from classcord.chat.hub import Hub
    from classcord.settings.schema import ChannelSettings

FIRST_ACCOUNT = "admin"


def channels(hub: Hub, listed: Iterable[ChannelSettings], now: float) -> list[Commit]:
    """Return the commits that create missing channels; the settings' channels at every start."""
    wanted: list[tuple[str, dict[str, object]]] = []
    if hub.state.default is None:
        wanted = [
            (DEFAULT_CHANNEL, {"kind": "default", "members_from": Role.GUEST.label}),
            ("#dev", {"kind": "open"}),
            (STAFF_CHANNEL, {"kind": "private", "guests": False, "members_from": Role.MODERATOR.label}),
        ]
    wanted += [(channel.name, _fields(channel)) for channel in listed]
    known = set(hub.state.channels)
    commits = []
    for name, fields in wanted:
        key = channel_key(name)
        if key in known:
            continue
        known.add(key)
        ids = hub.state.channel_ids
        values = {"channel_id": ids.next(), "name": check_channel(name), "name_key": key, "added_at": int(now * 1000)}
        record: Record = ChannelAdded(**values, **fields)  # type: ignore[arg-type]
        commits.append(_kept(hub, Commit(None, (record,)), now))
    return commits


def _fields(channel: ChannelSettings) -> dict[str, object]:
    """Return what the settings say of a channel; each key is a field of the record, by the same name."""
    return {key: value for key, value in msgspec.structs.asdict(channel).items() if key != "name"}


def first_account(hub: Hub, digest: str, now: float) -> list[Commit]:
    """Return the commit that creates the first account, an owner."""
    asked = Register(username=FIRST_ACCOUNT, password="")
    account = msgspec.structs.replace(new_account(hub, asked, digest, Role.OWNER, now), must_change=True)
    return [_kept(hub, Commit(None, (account,)), now)]


def _kept(hub: Hub, commit: Commit, now: float) -> Commit:
    """Return a commit with its entries of the audit trail."""
    return Commit(None, (*commit.records, *trail.entries(hub, commit.records, None, now)))


def keep_password(file: Path, password: str) -> None:
    """Write the first account's password where only the server's user can read it."""
    write(file, f"{password}\n".encode())
