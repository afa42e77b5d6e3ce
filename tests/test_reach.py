"""How far a module reaches: to what it was handed, and not through that to what lies behind it.

The rules in chat/ and services/chat/ share one state, and are asked by others through ports (services/chat/ports.py).
"""

from __future__ import annotations

import ast

import pytest

from tests.test_floors import MODULES

OF_THE_CHAT = ("classcord.chat.", "classcord.services.chat.")
OF_NAMED_TUPLES = frozenset({"_replace", "_asdict", "_fields"})
ALLOWED = {
    ("classcord.faces.status", "channel._command"),  # Twisted keeps the method of a request nowhere else
    ("classcord.cli.options", "parser._actions"),  # argparse keeps the subcommands of a parser nowhere else
}


def chains(tree: ast.AST) -> list[tuple[str, list[str]]]:
    """Return each `name.attribute.attribute...` at its full length: the name, and the attributes."""
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or id(node) in inner:
            continue
        attributes, root = [node.attr], node.value
        while isinstance(root, ast.Attribute):
            attributes.insert(0, root.attr)
            root = root.value
        if isinstance(root, ast.Name):
            found.append((root.id, attributes))
    return found


def outsiders(tree: ast.AST) -> set[str]:
    """Return what a source names that is no object of a running server: imported names, and its own classes."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ClassDef):
            names.add(node.name)
    return names


def reached(module: str, source: str) -> list[str]:
    """Return where a source reaches through three objects, for another's hub, or for what is private to another."""
    tree = ast.parse(source)
    passed_over, found = outsiders(tree), []
    for root, attributes in chains(tree):
        own = root in {"self", "cls"}
        through = attributes[1:] if own else attributes  # what one has oneself is near
        private = any(each.startswith("_") and not each.startswith("__") for each in {*through} - OF_NAMED_TUPLES)
        too_far = len(through) >= 3 or "hub" in through[:-1]
        chain = ".".join([root, *attributes])
        if root not in passed_over and (private or too_far) and (module, chain) not in ALLOWED:
            found.append(chain)
    return found


@pytest.mark.parametrize("module", [module for module in MODULES if not f"{module}.".startswith(OF_THE_CHAT)])
def test_nobody_reaches_through_what_they_were_handed(module: str) -> None:
    """Outside the chat nobody takes the hub out of the service, goes through three objects, or into a private part."""
    assert reached(module, MODULES[module]) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("self._chat.hub.state.people", ["self._chat.hub.state.people"]),
        ("self._chat.hub.decide()", ["self._chat.hub.decide"]),
        ("service.hub.policy", ["service.hub.policy"]),
        ("session.person.role.label", ["session.person.role.label"]),
        ("self.session.person.role.label", ["self.session.person.role.label"]),
        ("chat._fanout", ["chat._fanout"]),
        ("self.chat._fanout.flush()", ["self.chat._fanout.flush"]),
        ("self._fanout.flush()", []),
        ("self._hub.policy", []),
        ("hub.state", []),
        ("row._replace(at=0)", []),
        ("import os\nos._exit(0)", []),
        ("import sys\nsys.stdout.buffer.write(b'')", []),
        ("class Line:\n    def __str__(self): return Line._as_text(self)", []),
    ],
)
def test_reaching_is_found(source: str, found: list[str]) -> None:
    """The check sees what is too far, and nothing else."""
    assert reached("classcord.faces.lines", source) == found
