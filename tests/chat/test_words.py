"""Every code that people may see has a word in the catalogue."""

from __future__ import annotations

import ast
import inspect
import sys

import pytest

from classcord.chat import registry, words
from classcord.chat.audit import trail
from classcord.chat.channels.channel import Kind
from classcord.chat.join_requests import undecided
from classcord.chat.roles import Role
from classcord.chat.sanctions import in_force as sanctions
from classcord.language import translator


def audited() -> set[tuple[str, str]]:
    """Return action and object of each change that the rules name by constants."""
    found = set()
    modules = {sys.modules[entry.__module__] for entry in registry.entries.values()}
    for node in (node for module in (trail, *modules) for node in ast.walk(ast.parse(inspect.getsource(module)))):
        if isinstance(node, ast.Tuple) and len(node.elts) == 5:
            action, about = node.elts[:2]
            if isinstance(about, ast.Constant):
                found.add((str(action.value) if isinstance(action, ast.Constant) else "", str(about.value)))
    return found


def test_every_code_has_a_word() -> None:
    """Roles, kinds, decisions and what the audit trail calls things."""
    assert words.codes("role") == {role.label for role in Role}
    assert {kind.value for kind in Kind} <= words.codes("kind")
    assert {sanctions.MUTE, sanctions.KICK, sanctions.BAN} <= words.codes("kind") & words.codes("action")
    assert {undecided.ACCEPTED, undecided.REJECTED, undecided.WITHDRAWN} <= words.codes("state")
    assert len(audited()) > 10
    assert {action for action, _ in audited() if action} <= words.codes("action")
    assert {about for _, about in audited()} <= words.codes("object_type")


@pytest.mark.parametrize("field", ["role", "kind", "state", "action", "object_type", "dialect", "level", "what"])
def test_words_of_a_field_are_told_apart(field: str) -> None:
    """In French no two codes of a field have one word, so a word that somebody types means one of them."""
    french = [translator("fr")(code) for code in words.codes(field)]
    assert len(set(french)) == len(french)
    assert all(french)


def test_what_is_no_code_stays_as_it_is() -> None:
    """A state that somebody has thought of, a template's braces."""
    assert words.word("state", "en {cours}") is None
    assert words.word("topic", "open") is None
