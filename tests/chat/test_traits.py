"""Rules and services ask for the traits of a dialect: a third one, of mixed traits, only declares them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import msgspec
import pytest

import classcord
from classcord.chat.effects import Again, Later, Pace, Reply
from classcord.chat.errors import NotAllowed, NotIdentified
from classcord.chat.hub import Hub
from classcord.chat.identity.sessions import KEPT_AFTER
from classcord.chat.identity.vocabulary import Login
from classcord.chat.messages.rules import is_told
from classcord.chat.messages.vocabulary import Acknowledged, HandOver, Say
from classcord.chat.people import Session
from classcord.chat.ports import Traits
from classcord.chat.presence.vocabulary import Status, Users
from classcord.wire.jsonlines import Classic, Modern
from tests.chat.hubs import Ear, a_hub, add_account, ask, checked, connect, decide, heard_by, log_in, the_commit

CLASSIC, MODERN = Classic.traits, Modern.traits
NAMES = [field.name for field in msgspec.structs.fields(Traits) if field.name != "name"]
MIXED = {
    f"{one.name}, but {name}": msgspec.structs.replace(one, name="paper", **{name: getattr(other, name)})
    for one, other in ((CLASSIC, MODERN), (MODERN, CLASSIC))
    for name in NAMES
}
"""Third dialects: each like one of the two that there are, but for one trait."""


def speaking(hub: Hub, traits: Traits) -> Session:
    session = connect(hub)
    session.listener = Ear(traits)
    return session


def login(hub: Hub, session: Session) -> list[float]:
    """Make it bob's; return after how many seconds what was kept for bob is handed over."""
    effects = ask(hub, session, checked(hub, Login(username="bob", password="azerty"), "bob"))
    return [effect.seconds for effect in effects if isinstance(effect, Later) and effect.session is session]


def test_the_two_dialects_differ_in_each_trait() -> None:
    """A trait in which no two dialects differed would be none."""
    assert [name for name in NAMES if getattr(CLASSIC, name) == getattr(MODERN, name)] == []


@pytest.mark.parametrize("traits", MIXED.values(), ids=MIXED)
def test_each_rule_goes_by_its_own_trait(traits: Traits) -> None:
    """Whatever the others are: none of them stands for another."""
    hub = a_hub()
    add_account(hub, "bob")
    bob, screen, alice = speaking(hub, traits), speaking(hub, traits), log_in(hub, "alice")
    for session in (bob, screen):
        later = traits.history_at_join or not traits.kept_at_login
        assert login(hub, session) == [0.0] * traits.kept_at_login + [KEPT_AFTER] * later
    speaks_first = decide(hub, screen, Status(state="online"))
    assert any(isinstance(effect, Pace) for effect in speaks_first) is (
        traits.lists_elsewhere and traits.history_at_join
    )
    said = the_commit(decide(hub, bob, Say(content="hello")))
    assert isinstance(said.answer, Acknowledged) is traits.acknowledges
    assert isinstance(decide(hub, bob, Say(content="/help"))[0], Reply) is traits.commands_in_text
    told = ask(hub, bob, Say(subtype="private", to="alice", content="psst"))
    assert len(heard_by(alice, told)) == 1
    assert len(heard_by(screen, told)) == traits.mirrors_own
    listed = [decide(hub, bob, Users())[1:] for _ in range(2)]
    assert listed == [[Again(HandOver(history=True))] if traits.history_at_join else [], []]
    assert (the_commit(decide(hub, bob, Status(state="dnd"))).answer is not None) is traits.hears_own_state
    assert len(heard_by(screen, ask(hub, bob, Status(state="away")))) == traits.hears_own_state
    stranger, refused = speaking(hub, traits), NotAllowed()
    if traits.enters_by_message:
        assert the_commit(decide(hub, stranger, Say(content="hello"))).records
    else:
        with pytest.raises(NotIdentified):
            decide(hub, stranger, Say(content="hello"))
    assert is_told(bob, Say(content="hello"), refused) is not traits.shows_refusals
    assert not is_told(stranger, Say(content="hello"), refused)
    assert len(decide(hub, bob, Status(state="away"))) == traits.answers_same_state


HOUSE = Path(classcord.__file__).parent


@pytest.mark.no_cover  # it reads the source alone
@pytest.mark.parametrize("folder", ["chat", "services", "console", "faces"])
def test_nobody_asks_for_a_dialect_by_its_name(folder: str) -> None:
    """Not by an attribute, a comparison or the class: only who puts the server together knows them."""
    sources = [file.read_text(encoding="utf-8") for file in sorted((HOUSE / folder).rglob("*.py"))]
    trees = [ast.parse(source) for source in sources if re.search("classic|modern", source, re.IGNORECASE)]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    assert [ast.unparse(node) for node in nodes if {"classic", "modern"} & {str(n).lower() for n in _names(node)}] == []


def _names(node: ast.AST) -> list[object]:
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.Compare):
        return [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
    return [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []
