"""Who is told of private channels by what is asked about people: whoever may see them."""

from __future__ import annotations

import pytest

from classcord.chat.accounts.vocabulary import Accounts
from classcord.chat.channels.vocabulary import Channels, ChannelsListed
from classcord.chat.hub import Hub
from classcord.chat.operators.vocabulary import Operate, PersonTold, Present, Whois
from classcord.chat.people import Session
from classcord.chat.roles import Operator, Role
from classcord.chat.sanctions.vocabulary import Bans
from tests.chat.hubs import a_channel, a_hub, add_account, answered, ask, channel, connect, log_in

STAFF = [Role.MODERATOR, Role.ADMIN, Role.OWNER]


def a_hub_with_secret() -> Hub:
    """Return a hub where amy is in a private channel and in an open one."""
    hub = a_hub()
    amy = add_account(hub, "amy")
    hub.restore([a_channel(101, "#sec", "private"), a_channel(102, "#club", "open")])
    for name in ("#sec", "#club"):
        channel(hub, name).members.add(amy.id)
        amy.channels.add(channel(hub, name).id)
    return hub


def asking(hub: Hub, role: Role, face: str) -> Session:
    account = add_account(hub, "asker", role.label) if face != "key" else None
    if face == "chat":
        return log_in(hub, "asker")
    by = "password" if account else "key"
    operator = Operator(name="asker", role=role, by=by, account_id=account.id if account else None)
    ask(hub, session := connect(hub), Operate(operator=operator))
    return session


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize("face", ["chat", "key", "password"])
@pytest.mark.parametrize("member", [True, False])
def test_a_private_channel_is_told_to_whom_it_exists_for(role: Role, face: str, member: bool) -> None:
    """`whois`, `channels` and all else that tells of people agree: its members, and operators who see all channels."""
    hub = a_hub_with_secret()
    session = asking(hub, role, face)
    assert session.person is not None
    if member and session.person.account is not None:
        channel(hub, "#sec").members.add(session.person.account.id)
    sees = hub.may_see(channel(hub, "#sec"), session.person)
    assert sees == ((face != "chat" and role is not Role.MODERATOR) or (member and face != "key"))
    told = answered(hub, session, Whois(user="amy"))
    assert isinstance(told, PersonTold)
    assert set(told.channels) == ({"#sec", "#club"} if sees else {"#club"})
    listed = answered(hub, session, Channels())
    assert isinstance(listed, ChannelsListed)
    assert any(each.name == "#sec" for each in listed.channels) == sees
    for request in (Accounts(), Present(), Bans()):
        if request.permission in hub.permissions[role]:
            assert sees or "#sec" not in repr(answered(hub, session, request))
