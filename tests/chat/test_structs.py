"""Structs that Python's cycle collector does not see (`gc=False`): none of them can be a part of a cycle.

The collector finds a cycle only through objects that it tracks. One untracked Struct in it is enough, and nothing of it
is ever freed: an error whose traceback leads back to the request that holds it, with the line that was read.
"""

from __future__ import annotations

import ast
import enum
import importlib
import pkgutil
import re
import sys
import types
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
import pytest
from twisted.python.failure import Failure

import classcord
from classcord.chat.errors import ChatError

T = typing.TypeVar("T")
SCALARS = (str, bytes, int, float, bool, type(None), msgspec.UnsetType)


def _load_everything() -> None:
    for module in pkgutil.walk_packages(classcord.__path__, "classcord."):
        importlib.import_module(module.name)


def _kinds(root: type[T]) -> Iterator[type[T]]:
    """Yield a class and all its subclasses."""
    yield root
    for kind in root.__subclasses__():
        yield from _kinds(kind)


def _ours() -> list[type[msgspec.Struct]]:
    _load_everything()
    found = {kind for kind in _kinds(msgspec.Struct) if kind.__module__.startswith("classcord.")}
    return sorted(found, key=lambda kind: (kind.__module__, kind.__qualname__))


@cache
def _names() -> dict[str, object]:
    """Return what annotations of floor 0 may name, also what is imported for annotations alone."""
    names: dict[str, object] = {}
    for name, module in sorted(sys.modules.items()):
        if name.startswith("classcord.chat."):
            names.update({k: v for k, v in vars(module).items() if isinstance(v, type)})
    return names


def _is_untracked(kind: type[msgspec.Struct]) -> bool:
    return not kind.__struct_config__.gc


def _cannot_lead_back(hint: object) -> bool:
    """Whether a value of this type can hold nothing that could, by whatever way, hold it in turn."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return True
    if origin is typing.Annotated:
        return _cannot_lead_back(arguments[0])
    if origin in (typing.Union, types.UnionType, tuple, frozenset, dict):
        return all(argument is ... or _cannot_lead_back(argument) for argument in arguments)
    if not isinstance(hint, type):
        return False
    if issubclass(hint, msgspec.Struct):  # its own fields are looked at in its turn, and so are its subclasses'
        return all(_is_untracked(kind) for kind in _kinds(hint))
    return issubclass(hint, (*SCALARS, enum.Enum))


UNTRACKED = [kind for kind in _ours() if _is_untracked(kind)]


@pytest.mark.no_cover  # it reads types alone
@pytest.mark.parametrize("kind", UNTRACKED, ids=lambda kind: f"{kind.__module__}.{kind.__qualname__}")
def test_what_the_collector_does_not_see_holds_nothing_that_could_lead_back(kind: type[msgspec.Struct]) -> None:
    """It holds numbers, text, tuples and dicts of them, and Structs of which the same is true."""
    own = {name: value for each in reversed(kind.__mro__) for name, value in vars(sys.modules[each.__module__]).items()}
    hints = typing.get_type_hints(kind, localns=_names() | own)
    fields = {field.name: hints[field.name] for field in msgspec.structs.fields(kind)}
    assert [name for name, hint in fields.items() if not _cannot_lead_back(hint)] == []


def test_there_are_such_structs() -> None:
    """What a message passes is among them: it costs the collector nothing."""
    names = {kind.__name__ for kind in UNTRACKED}
    assert names >= {"Say", "MessageAdded", "Said", "Acknowledged"}


# -- exceptions -------------------------------------------------------------------------------------------------------


ERRORS: list[type[ChatError]] = [kind for kind in _kinds(ChatError) if "__init__" not in vars(kind)]


@pytest.mark.parametrize("kind", sorted(ERRORS, key=repr), ids=repr)
def test_an_error_that_is_kept_leads_nowhere(kind: type[ChatError]) -> None:
    """It says the same as the one that was raised, of the same request, and knows nothing of where that was."""
    values = dict.fromkeys(re.findall(r"{(\w+)}", kind.template), "x")
    error = kind(field="content", retry_after=2.5, **values)
    error.request_id, error.request_type = 7, "login"
    try:
        try:
            raise ValueError
        except ValueError as cause:
            raise error from cause
    except ChatError as raised:
        kept = raised.untraced()
    assert (kept.__traceback__, kept.__context__, kept.__cause__) == (None, None, None)
    assert type(kept) is kind
    assert (kept.args, vars(kept)) == (error.args, vars(error))


def test_no_module_keeps_an_exception() -> None:
    """One that is raised again and again would hold the frames of the last time, and grow."""
    _load_everything()
    found = [
        f"{name}.{each}"
        for name, module in sorted(sys.modules.items())
        if name.startswith("classcord.")
        for each, value in vars(module).items()
        if isinstance(value, BaseException) and not isinstance(value, Failure)  # Twisted's connectionDone
    ]
    assert found == []


@pytest.mark.no_cover  # it reads the source alone
def test_nothing_raises_an_exception_that_an_object_keeps() -> None:
    """`raise self.error` adds to the traceback of what is kept; a fresh one is made instead."""
    found = []
    for path in sorted(Path(classcord.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            kept = node.exc if isinstance(node, ast.Raise) else None
            if isinstance(kept, ast.Subscript) or (isinstance(kept, ast.Attribute) and not kept.attr[:1].isupper()):
                found.append(f"{path}:{node.lineno}")  # type: ignore[attr-defined]
    assert found == []
