"""Which part of the house may import which: the floors of docs/architecture.md, read from the sources. And their sizes.

An import under TYPE_CHECKING or within a function counts like any other: it is knowledge, whenever it is loaded.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent / "classcord"

MAY_IMPORT: dict[str, set[str]] = {
    # floor 0
    "classcord": set(),  # its version
    "classcord.chat": {"classcord.chat"},
    # floor 1
    "classcord.durable": set(),
    "classcord.socket_path": set(),
    "classcord.language": {"classcord.chat"},
    "classcord.system_errors": {"classcord.chat"},
    "classcord.wire": {"classcord.chat", "classcord.language", "classcord.wire"},
    "classcord.store.ports": {"classcord.chat", "classcord.store.ports"},
    # floor 2: beside each other
    "classcord.store": {"classcord.store.ports", "classcord.store.sqlite", "classcord.store"},
    "classcord.store.sqlite": {
        "classcord.chat",
        "classcord.durable",
        "classcord.language",
        "classcord.system_errors",
        "classcord.store.ports",
        "classcord.store.sqlite",
    },
    "classcord.services": {
        "classcord.chat",
        "classcord.durable",
        "classcord.language",
        "classcord.system_errors",
        "classcord.wire",
        "classcord.store.ports",
        "classcord.services",
    },
    # floor 3: neither the store nor each other, but for what they share; two faces carry the console
    "classcord.console": {
        "classcord.chat",
        "classcord.language",
        "classcord.wire",
        "classcord.services",
        "classcord.console.commands",
        "classcord.console.lineedit",
        "classcord.console",
    },
    "classcord.console.commands": {
        "classcord.chat",
        "classcord.language",
        "classcord.wire",
        "classcord.console.commands",
    },
    "classcord.console.lineedit": {"classcord.console.lineedit"},
    "classcord.faces.outbox": {
        "classcord.chat",
        "classcord.language",
        "classcord.wire",
        "classcord.services",
        "classcord.faces.acknowledged_bytes",
        "classcord.faces.liveness",
    },
    "classcord.faces.acknowledged_bytes": {"classcord.faces.liveness"},
    "classcord.faces.pacing": set(),
    "classcord.faces.listener": {"classcord.chat", "classcord.faces.outbox", "classcord.faces.pacing"},
    "classcord.faces.peer": {
        "classcord.chat",
        "classcord.services",
        "classcord.faces.outbox",
        "classcord.faces.peer_addresses",
        "classcord.faces.listener",
        "classcord.faces.liveness",
    },
    "classcord.faces.peer_addresses": set(),
    "classcord.faces.liveness": set(),
    "classcord.faces.status": {"classcord.faces.peer_addresses", "classcord.faces.liveness"},
    "classcord.faces.ssh": {
        "classcord.chat",
        "classcord.language",
        "classcord.services",
        "classcord.console",
        "classcord.faces.peer_addresses",
        "classcord.faces.liveness",
        "classcord.faces.ssh",
    },
    "classcord.faces.control.socket": {
        "classcord.chat",
        "classcord.language",
        "classcord.wire",
        "classcord.services",
        "classcord.console",
        "classcord.faces.control.frames",
        "classcord.faces.control.socket",
    },
    "classcord.faces.control.frames": set(),
    "classcord.faces.web": {
        "classcord.chat",
        "classcord.services",
        "classcord.faces.peer_addresses",
        "classcord.faces.liveness",
        "classcord.faces.outbox",
        "classcord.faces.peer",
        "classcord.faces.web",
    },
    "classcord.faces": {
        "classcord.chat",
        "classcord.language",
        "classcord.wire",
        "classcord.services",
        "classcord.faces.outbox",
        "classcord.faces.peer_addresses",
        "classcord.faces.liveness",
        "classcord.faces.peer",
    },
    # floor 4
    "classcord.settings": {
        "classcord.chat",
        "classcord.language",
        "classcord.system_errors",
        "classcord.store.ports",
        "classcord.services",
        "classcord.settings",
    },
    "classcord.server": {
        "classcord.chat",
        "classcord.durable",
        "classcord.language",
        "classcord.system_errors",
        "classcord.socket_path",
        "classcord.wire",
        "classcord.store.ports",
        "classcord.store",
        "classcord.services",
        "classcord.console",
        "classcord.faces",
        "classcord.faces.peer",
        "classcord.faces.ssh",
        "classcord.faces.control.socket",
        "classcord.faces.status",
        "classcord.faces.web",
        "classcord.settings",
        "classcord.server",
    },
    # floor 5: beside each other
    "classcord.tap": {
        "classcord.chat",
        "classcord.language",
        "classcord.services",
        "classcord.store.ports",
        "classcord.store",
        "classcord.settings",
        "classcord.server",
    },
    "classcord.cli": {
        "classcord.chat",
        "classcord.durable",
        "classcord.language",
        "classcord.system_errors",
        "classcord.socket_path",
        "classcord.wire",
        "classcord.services",
        "classcord.store.ports",
        "classcord.store",
        "classcord.console.commands",
        "classcord.faces.control.frames",
        "classcord.settings",
        "classcord.server",
        "classcord.cli",
    },
}
"""What each part may know; the version is everybody's. A module is of the part with the longest fitting name."""

IMPURE = frozenset(
    {
        "asyncio",
        "concurrent",
        "ctypes",
        "importlib",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "queue",
        "random",
        "secrets",
        "select",
        "selectors",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "uuid",
    }
)
"""Of the standard library, what has a clock, chance, or a way out."""


SQL = re.compile(
    r"\s*(SELECT .* FROM|INSERT (OR \w+ )?INTO|UPDATE \w+ SET|DELETE FROM|PRAGMA|VACUUM|BEGIN IMMEDIATE)\b", re.DOTALL
)


def module_name(file: Path) -> str:
    parts = file.relative_to(HOUSE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(file): file.read_text(encoding="utf-8") for file in sorted(HOUSE.rglob("*.py"))}


def part_of(module: str) -> str:
    """Return the part a module is of; KeyError for one that has no floor yet."""
    fitting = [part for part in MAY_IMPORT if part != "classcord" and f"{module}.".startswith(f"{part}.")]
    if not fitting and module != "classcord":
        raise KeyError(module)
    return max(fitting, key=len, default="classcord")


def imported(source: str, modules: set[str]) -> Iterator[str]:
    """Yield the full name of everything a source imports: modules, and `module.name` where a name is no module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import: name the module in full"
            assert node.module is not None
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in modules or not node.module.startswith("classcord") else node.module


@cache
def imports_of(module: str) -> frozenset[str]:
    """Return everything that a module of the house imports; its source is read once for all tests."""
    return frozenset(imported(MODULES[module], set(MODULES)))


def trespasses(module: str, imports: Iterable[str]) -> set[str]:
    """Return what a module of the house imports of the house and may not."""
    names = {name for name in imports if name.split(".")[0] == "classcord"}
    may = MAY_IMPORT[part_of(module)] | {"classcord"}
    return {name for name in names if part_of(name) not in may}


def test_each_module_imports_only_what_its_floor_may() -> None:
    """Nothing knows a floor above its own, the faces know neither the store nor each other."""
    found = {module: wrong for module in MODULES if (wrong := trespasses(module, imports_of(module)))}
    assert found == {}


PURE = sys.stdlib_module_names - IMPURE | {"classcord", "msgspec", "precis_i18n", "typing_extensions"}
ASKS_FOR_TIME = {"now", "utcnow", "today"}
LEADS_OUT = {"open", "print", "input", "__import__", "eval", "exec"}


def impurities(imports: Iterable[str], source: str) -> set[str]:
    """Return what a module of floor 0 imports, calls or names and may not."""
    nodes = list(ast.walk(ast.parse(source)))
    called = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return {name for name in imports if name.split(".")[0] not in PURE} | called & ASKS_FOR_TIME | names & LEADS_OUT


def test_the_chat_is_pure() -> None:
    """Floor 0 needs the standard library, msgspec and precis_i18n (pure as well); no clock, chance, file or socket.

    typing_extensions is for type checkers alone. Time is an argument.
    """
    chat = [module for module in MODULES if part_of(module) == "classcord.chat"]
    found = {module: wrong for module in chat if (wrong := impurities(imports_of(module), MODULES[module]))}
    assert len(chat) > 100
    assert found == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import time, json", {"time"}),
        ("from datetime import datetime\nat = datetime.now()", {"now"}),
        ("import twisted.internet.defer", {"twisted.internet.defer"}),
        ("def f():\n    return open('x')", {"open"}),
        ("import msgspec\nfrom precis_i18n import get_profile", set()),
    ],
)
def test_impurities_are_found(source: str, found: set[str]) -> None:
    """An import, a call and a name, wherever they stand."""
    assert impurities(imported(source, set(MODULES)), source) == found


def test_only_the_plugin_imports_the_global_reactor() -> None:
    """Everything else is given its clock and its reactor, or it could not be tested without them."""
    users = [
        module
        for module in MODULES
        if any(f"{name}.".startswith("twisted.internet.reactor.") for name in imports_of(module))
    ]
    assert users == ["classcord.tap"]


def test_only_the_store_knows_sqlite() -> None:
    """All that knows SQLite is in store/sqlite; the files of older servers are databases of others."""
    users = [
        module
        for module in MODULES
        if any(name.split(".")[0] in {"sqlite3", "aiosql"} for name in imports_of(module))
        and part_of(module) != "classcord.store.sqlite"
    ]
    assert users == ["classcord.cli.import_users.older_files"]


def statements(source: str) -> list[str | bytes]:
    """Return the SQL of a source, and the endings and the header of SQLite's files in it."""
    constants = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    texts = [t for t in constants if isinstance(t, str) and (SQL.match(t) or t.endswith(("-wal", "-shm", "-journal")))]
    return [*texts, *(b for b in constants if isinstance(b, bytes) and b.startswith(b"SQLite format"))]


def test_only_the_store_writes_sql() -> None:
    """A statement is in store/sqlite, and so are the names of SQLite's files and how they begin.

    Those of older servers' files are beside these.
    """
    others = set(MODULES) - {"classcord.cli.import_users.older_files"}
    found = {module: statements(MODULES[module]) for module in others if part_of(module) != "classcord.store.sqlite"}
    assert {module: these for module, these in found.items() if these} == {}
    assert statements("x = 'SELECT 1 FROM users'") == ["SELECT 1 FROM users"]
    assert statements("x = b'SQLite format 3'") == [b"SQLite format 3"]


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        ("classcord.chat.hub", "import classcord.services.chat.service", {"classcord.services.chat.service"}),
        ("classcord.chat.hub", "from classcord import settings", {"classcord.settings"}),
        ("classcord.chat.hub", "from classcord import __version__", set()),
        ("classcord.chat.hub", "if TYPE_CHECKING:\n import classcord.wire.jsonlines", {"classcord.wire.jsonlines"}),
        ("classcord.services.export", "def f():\n import classcord.store.sqlite", {"classcord.store.sqlite"}),
        ("classcord.services.export", "from classcord.store import sqlite", {"classcord.store.sqlite"}),
        ("classcord.services.export", "from classcord.store import ports", set()),
        ("classcord.store.sqlite.database", "import classcord.services", {"classcord.services"}),
        ("classcord.faces.lines", "from classcord.store.ports import CommitQueue", {"classcord.store.ports"}),
        ("classcord.faces.web.page", "from classcord.faces.lines import ChatLines", {"classcord.faces.lines"}),
        ("classcord.faces.web.page", "from classcord.faces.outbox import Outbox", set()),
        ("classcord.tap", "import classcord.cli", {"classcord.cli"}),
        ("classcord.cli.doctor.run", "from classcord.store.sqlite import store", {"classcord.store.sqlite.store"}),
        ("classcord.cli.doctor.run", "from classcord.store.urls import store_at", set()),
    ],
)
def test_trespassers_are_found(module: str, source: str, found: set[str]) -> None:
    """The check sees every form of import, wherever it stands."""
    assert trespasses(module, imported(source, set(MODULES))) == found


def test_a_new_part_needs_a_floor() -> None:
    """A module that no line of the table fits is no part of the house."""
    with pytest.raises(KeyError):
        part_of("classcord.attic")
    with pytest.raises(AssertionError, match="relative"):
        list(imported("from . import x", set()))


def circles(imports: dict[str, set[str]]) -> list[set[str]]:
    """Return the modules that import each other, directly or by others: the strongly connected components (Tarjan)."""
    numbers: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_, found = list[str](), list[set[str]]()

    def visit(module: str) -> None:
        numbers[module] = lowest[module] = len(numbers)
        open_.append(module)
        for other in sorted(imports[module]):
            if other not in numbers:
                visit(other)
            if other in open_:
                lowest[module] = min(lowest[module], lowest[other])
        if lowest[module] == numbers[module]:
            place = open_.index(module)
            if len(open_) - place > 1:
                found.append(set(open_[place:]))
            del open_[place:]

    for module in sorted(imports):
        if module not in numbers:
            visit(module)
    return found


def test_no_circle_of_imports() -> None:
    """A module can be read after those that it imports, everywhere in the house, and before those that import it."""
    imports = {
        module: {name for name in imports_of(module) if name in MODULES and name != module} for module in MODULES
    }
    assert circles(imports) == []


@pytest.mark.parametrize(
    ("imports", "found"),
    [
        ({"a": {"b"}, "b": set(), "c": {"a", "b"}}, []),
        ({"a": {"b"}, "b": {"a"}, "c": {"a"}}, [{"a", "b"}]),
        ({"a": {"b"}, "b": {"c"}, "c": {"d"}, "d": {"b"}}, [{"b", "c", "d"}]),
        ({"a": {"b"}, "b": {"a"}, "c": {"d"}, "d": {"c", "b"}}, [{"a", "b"}, {"c", "d"}]),
    ],
)
def test_circles_are_found(imports: dict[str, set[str]], found: list[set[str]]) -> None:
    """Of two modules, of more by way of others, and two circles side by side."""
    assert circles(imports) == found


LIMITS: dict[type[ast.AST], int] = {
    ast.FunctionDef: 70,
    ast.AsyncFunctionDef: 70,
    ast.ClassDef: 300,
    ast.Module: 400,
}
"""Lines; what is longer has a second subject, which deserves a name and a place of its own."""


def too_large(module: str, source: str) -> dict[str, int]:
    """Return the functions, classes and modules that are longer than their limit, with their lines."""
    found: dict[str, int] = {}

    def visit(node: ast.AST, name: str, lines: int) -> None:
        if lines > LIMITS.get(type(node), lines):
            found[name] = lines
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                inner = f"{name}.{child.name}" if ":" in name else f"{name}:{child.name}"
                visit(child, inner, (child.end_lineno or child.lineno) - child.lineno + 1)
            else:
                visit(child, name, 0)

    visit(ast.parse(source), module, len(source.splitlines()))
    return found


def test_nothing_is_too_large() -> None:
    """A function has at most 70 lines, a class 300, a module 400: read in one sitting."""
    found = {name: lines for module in MODULES for name, lines in too_large(module, MODULES[module]).items()}
    assert found == {}, "part it"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f():\n" + "    f()\n" * 69, {}),
        ("def f():\n" + "    f()\n" * 70, {"m:f": 71}),
        ("class C:\n    async def f():\n" + "        f()\n" * 70, {"m:C.f": 71}),
        ("def f():\n    def g():\n" + "        f()\n" * 70, {"m:f": 72, "m:f.g": 71}),
        ("if True:\n    def f():\n" + "        f()\n" * 70, {"m:f": 71}),
        ("class C:\n" + "    x = 0\n" * 299, {}),
        ("class C:\n" + "    x = 0\n" * 300, {"m:C": 301}),
        ("\n" * 400, {}),
        ("\n" * 401, {"m": 401}),
    ],
)
def test_what_is_too_large_is_found(source: str, found: dict[str, int]) -> None:
    """Wherever it stands: a method, a function within another one or within a condition."""
    assert too_large("m", source) == found
