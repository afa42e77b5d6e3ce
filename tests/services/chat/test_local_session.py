"""A session within the process: it hears objects, in the order of the chat, and those who hear lines hear the same."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.connections.vocabulary import Ping
from classcord.chat.errors import NotFound, NotIdentified
from classcord.chat.events import Event
from classcord.chat.identity.vocabulary import Guest
from classcord.chat.messages.vocabulary import Said, Say
from classcord.chat.requests import Request
from classcord.services.chat.closing import LINGER
from classcord.services.chat.local_session import LocalSession
from tests.harness import House, contents, say


class Local:
    """A guest within the process, and what it hears: contents of messages, kinds of answers, codes of refusals."""

    def __init__(self, house: House, name: str) -> None:
        self.house = house
        self.heard: list[str] = []
        self.session = LocalSession(house.chat, house.clock, address="", face="ssh", heard=self._told)
        self.ask(Guest(username=name))
        house.turn()
        self.heard.clear()

    def _told(self, event: Event) -> None:
        self.heard.append(event.content if isinstance(event, Said) else type(event).__name__)

    def ask(self, request: Request) -> None:
        asked: Any = self.session.ask(request)
        asked.addCallbacks(
            lambda answer: self.heard.append(type(answer).__name__),
            lambda failure: self.heard.append(failure.value.code),
        )


def test_objects_and_lines_of_one_group(house: House) -> None:
    """Answers stand where they were given; a sender gets no echo; who hears the same as another hears all of it."""
    old, new, one, two = house.member("alice"), house.modern("bob"), Local(house, "eve"), Local(house, "ivo")
    for client in (old, new):
        client.raw()
    one.heard.clear()
    old.send(say("classic"))
    one.ask(Say(content="objects"))
    new.send(say("modern"))
    house.turn()
    assert len(house.store.groups[-1]) == 3
    assert one.heard == ["classic", "Acknowledged", "modern"]
    assert two.heard == ["classic", "objects", "modern"]
    assert contents(old.lines()) == ["objects", "modern"]
    assert [line["type"] for line in new.lines()] == ["message", "message", "ack"]


def test_nothing_is_heard_before_the_next_turn(house: House) -> None:
    """Whoever hears something may ask at once, and does so outside of the group that is being released."""
    local = Local(house, "eve")
    local.ask(Ping())
    assert local.heard == []
    house.turn()
    assert local.heard == ["Done"]


def test_a_refusal_is_the_errors_own(house: House) -> None:
    """The Deferred fails with the error itself; the same request, asked again, has an answer of its own."""
    local, request = Local(house, "eve"), Say(content="objects")
    house.store.bad = lambda _: NotFound(name="it")
    local.ask(request)
    house.turn()
    house.store.bad = lambda _: None
    local.ask(request)
    house.turn()
    assert local.heard == [NotFound.code, "Acknowledged"]


@pytest.mark.parametrize("closed", ["by itself", "by the service"])
def test_what_is_written_after_the_end_is_harmless(house: House, closed: str) -> None:
    """What was asked and not answered has failed; an answer that comes nevertheless is nobody's."""
    local, alice = Local(house, "eve"), house.member("alice")
    house.turn()
    local.heard.clear()
    listener = local.session.session.listener
    house.store.holding = True
    local.ask(Say(content="objects"))
    house.turn()
    if closed == "by itself":
        local.session.end()
    else:
        house.chat.close(local.session.connection, "a test")
        house.clock.advance(LINGER)
        house.turn()
    assert local.heard == [NotIdentified.code]
    house.store.holding = False
    house.store.let_go()
    house.turn()
    listener.write(listener.error(NotIdentified(), Ping()))
    listener.close(after=1.0)
    listener.pause()
    listener.resume()
    house.turn()
    assert alice.ask({"type": "ping"})
    assert local.heard == [NotIdentified.code]
