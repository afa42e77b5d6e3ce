"""Announcements of administrators and of the server, to everyone, to a channel or to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.announcements.vocabulary import Announce, Announced
from classcord.chat.effects import Commit, Deliver, Effect, TellSecurity
from classcord.chat.errors import (
    BadRequest,
)
from classcord.chat.events import Done, Notice
from classcord.chat.finding import visible_channel
from classcord.chat.registry import applies, audits, decides
from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339

if TYPE_CHECKING:
    from classcord.chat.people import Session
    from classcord.chat.registry import What
    from classcord.chat.world import World


@decides
def announce(world: World, session: Session, request: Announce, now: float) -> list[Effect]:
    assert session.person is not None
    words = request.content.strip()
    if not words:
        raise BadRequest(field="content", why=Text(N_("an announcement needs content")))
    if "\0" in words:
        raise BadRequest(field="content", why=Text(N_("a text has no NUL character")))
    to = "global" if request.channel is None else visible_channel(world, session.person, request.channel).name
    record = Announced(to=to, text=Text("{words}", {"words": words}), at=int(now * 1000))
    return [Commit(session, (record,), request, Done()), TellSecurity("announce", to, words)]


@applies
def announced(world: World, record: Announced) -> list[Effect]:
    session = world.session_of(record)
    notice = Notice(content=record.text, timestamp=rfc3339(record.at), kind="announcement")
    if record.to == "global":
        operators = tuple(each for each in world.state.operators if each is not session)  # the author knows it
        return [Deliver(notice, (*world.state.everyone(), *operators))]
    if record.to.startswith("#"):
        channel = world.state.channel(record.to)
        return [Deliver(notice, channel.audience())] if channel else []
    person = world.state.person(record.to)
    return [Deliver(notice, tuple(person.sessions))] if person else []


@audits
def _audited_announced(_: World, record: Announced) -> What:
    return "announce", "announcement", record.to, None, {"content": record.text.render()}
