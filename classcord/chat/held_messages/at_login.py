"""What a newcomer is told of held messages: what became of their own, how many wait for them. Decides nothing else."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from classcord.chat.effects import Commit, Effect
from classcord.chat.held_messages.vocabulary import HeldForgotten
from classcord.chat.join_requests.vocabulary import Reminded
from classcord.chat.roles import Permission
from classcord.chat.text import N_, Text

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.world import World


def tell_missed(world: World, session: Session, now: float) -> list[Effect]:
    """Tell a newcomer which of their messages were refused; tell a person who may approve some how many wait."""
    person, at = session.person, int(now * 1000)
    assert person is not None
    untold = world.state.held.untold(person.account.id) if person.account else ()
    effects: list[Effect] = [
        Commit(session, (HeldForgotten(held_id=each.held_id, told=True, at=at),), holds=False) for each in untold
    ]
    return effects if person.is_operator else effects + tell_waiting(world, session, now)


def tell_waiting(world: World, session: Session, now: float) -> list[Effect]:
    """Tell a person who may approve messages how many wait for somebody who does."""
    held = Counter(each.channel_id for each in world.state.held.for_people())
    private = held.pop(None, 0) if world.may(session.person, Permission.APPROVE) else 0
    channels = ((world.state.channels_by_id.get(channel_id or 0), count) for channel_id, count in held.items())
    waiting = private + sum(
        n for c, n in channels if c is not None and world.may(session.person, Permission.APPROVE, c)
    )
    if not waiting:
        return []
    at_console = N_("Messages that wait to be approved: {count}. `held` lists them.")
    elsewhere = N_("Messages that wait to be approved: {count}. Approve them on the web page or at the console.")
    words = Text(at_console if session in world.state.operators else elsewhere, {"count": waiting})
    return [Commit(session, (Reminded(text=words, at=int(now * 1000)),), holds=False)]
