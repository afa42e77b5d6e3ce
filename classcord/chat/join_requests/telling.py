"""How those hear of join requests who may answer them. Decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.effects import Deliver
from classcord.chat.join_requests.undecided import PENDING
from classcord.chat.join_requests.vocabulary import JoinRequestChanged
from classcord.chat.roles import Permission
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from collections.abc import Iterable

    from classcord.chat.effects import Effect
    from classcord.chat.join_requests.vocabulary import JoinRequested, JoinState
    from classcord.chat.people import Session
    from classcord.chat.world import World


def told_to_those_who_admit(
    world: World, asked: JoinRequested, state: JoinState, at: int, author: Session | None = None
) -> list[Effect]:
    """Return the event of a request for those who may answer it, except the session that has caused it."""
    channel = world.state.channels_by_id.get(asked.channel_id)
    account = world.state.accounts_by_id.get(asked.user_id)
    if channel is None or account is None:
        return []
    event = JoinRequestChanged(
        user=account.name,
        channel=channel.name,
        state=state,
        timestamp=rfc3339(at),
        until=rfc3339(asked.expires_at) if state == PENDING else None,
    )
    audience = world.those_who_may(Permission.ADMIT, channel)
    return [Deliver(event, audience, author)] if audience else []


def told_as_over(world: World, requests: Iterable[JoinRequested], at: int) -> list[Effect]:
    """Return the events of requests whose author, or whose channel, is about to be deleted."""
    waiting = [asked for asked in requests if asked.state == PENDING]
    return [effect for asked in waiting for effect in told_to_those_who_admit(world, asked, "over", at)]
