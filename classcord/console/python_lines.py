"""What the audit trail keeps of a line of Python: the line, without the passwords that are written in it.

Knows the commands as functions. A password that comes from a variable cannot be recognised where it was assigned.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from classcord.chat.requests import secret_fields
from classcord.chat.subjects import COMMANDS

MASK = "***"


def function_name(command: str) -> str:
    """Return what a command is called as a function: `close_report`, for Python would subtract in `close-report`."""
    return command.replace("-", "_")


_SECRET = {function_name(name): kind for name, kind in COMMANDS.items() if secret_fields(kind)}
_FIELDS = frozenset[str]().union(*map(secret_fields, _SECRET.values()))
_ASSIGNED = re.compile(rf"\b(?:{'|'.join(sorted(_FIELDS))})\b[\"']?\s*[=:]\s*")
_MENTIONED = re.compile(rf"\b(?:{'|'.join(sorted(_FIELDS | set(_SECRET)))})\b")


def without_passwords(line: str, before: Sequence[str] = ()) -> str:
    """Return a line as it is kept; `before` are the lines of the same statement that came before it.

    Of `adduser("bob", password="...")` the value is masked, and so is each argument that the command has no place for.
    In doubt, as in a line that is not a whole statement, the rest of the line is masked.
    """
    if not any(map(_MENTIONED.search, (*before, line))):
        return line
    try:
        tree = ast.parse(line.strip())
        masking = _Masking()
        masked = ast.unparse(masking.visit(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        found = _ASSIGNED.search(line) or _MENTIONED.search(line)
        return f"{line[: found.end()] if found else ''}{MASK}"
    return masked if masking.has_masked else line


class _Masking(ast.NodeTransformer):
    """Replaces what may be a password."""

    def __init__(self) -> None:
        self.has_masked = False

    def _mask(self) -> ast.expr:
        self.has_masked = True
        return ast.Name(MASK, ast.Load())

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        kind = _SECRET.get(_called(node.func))
        if kind is not None:
            places = len(kind.arguments)
            node.args = [
                self._mask() if place >= places or isinstance(each, ast.Starred) else each
                for place, each in enumerate(node.args)
            ]
        for keyword in node.keywords:
            if keyword.arg in _FIELDS or (kind is not None and keyword.arg is None):
                keyword.value = self._mask()
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        if any(_called(target) in _FIELDS for target in node.targets):
            node.value = self._mask()
        return node

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        self.generic_visit(node)
        node.values = [
            self._mask() if isinstance(key, ast.Constant) and key.value in _FIELDS else value
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        return node


def _called(node: ast.expr) -> str:
    """Return the last name of `name` or `object.name`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
