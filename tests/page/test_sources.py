"""The web page's sources keep the rules by which they are safe, small and readable; read here, without a browser."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tests.page.sources import (
    APP,
    MODULES,
    PAGE,
    VENDOR,
    imports,
    loaded_first,
    name,
    styles_loaded_first,
    styles_of_the_chat,
    words,
)

FIRST_LOAD = 100_000  # bytes transferred
LONGEST = 400  # lines of a module
STYLES = sorted((PAGE / "style").glob("*.css"))
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|javascript:|\bstyle="
)
OUTSIDE = re.compile(r"https?://(?!www\.w3\.org/)[\w.]+|@import|url\(")
FLOORS = ("words/", "state/", "", "actions/", "views/")  # each imports only from those before it, and from its own
ONLY_BELOW = {"main.js": "views/"}  # what puts all together


def floor(module: Path) -> int:
    path = module.relative_to(APP).as_posix()
    folder = ONLY_BELOW.get(path, f"{path.split('/')[0]}/" if "/" in path else "")
    return FLOORS.index(folder)


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_module_says_what_it_is_and_is_short(module: Path) -> None:
    """It begins with a comment, and can be read in one sitting."""
    text = module.read_text("utf-8")
    assert text.startswith("/**\n * ")
    assert len(text.splitlines()) <= LONGEST


@pytest.mark.parametrize("module", [*MODULES, PAGE / "index.html"], ids=name)
def test_nothing_makes_html_or_code_of_text(module: Path) -> None:
    """What somebody wrote cannot become markup or a script, and no style stands in an attribute."""
    assert not FORBIDDEN.findall(module.read_text("utf-8"))


@pytest.mark.parametrize("file", [*MODULES, *STYLES, PAGE / "index.html", *VENDOR.glob("*.js")], ids=name)
def test_nothing_is_fetched_from_elsewhere(file: Path) -> None:
    """No address of another server stands in the page; a school may have no network beyond its own."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*\n", "", file.read_text("utf-8"), flags=re.DOTALL)
    assert not OUTSIDE.findall(text)


@pytest.mark.parametrize("module", [*MODULES, *VENDOR.glob("*.js")], ids=name)
def test_imports_are_addresses_of_files(module: Path) -> None:
    """A browser finds what is imported without any map of names."""
    assert all(each.is_file() for each in imports(module))


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_module_imports_only_from_below(module: Path) -> None:
    """State knows no requests, actions know no views: the page has floors as the server has."""
    assert not [name(each) for each in imports(module) if APP in each.parents and floor(each) > floor(module)]


def test_no_modules_import_each_other() -> None:
    """There is no circle of imports, by others either."""
    below = {module: [each for each in imports(module) if APP in each.parents] for module in MODULES}
    done: set[Path] = set()

    def visit(module: Path, way: tuple[Path, ...]) -> None:
        assert module not in way, " -> ".join(name(each) for each in (*way, module))
        if module not in done:
            for each in below[module]:
                visit(each, (*way, module))
            done.add(module)

    for module in MODULES:
        visit(module, ())


def test_the_first_load_is_small() -> None:
    """All that the page needs before it is there, compressed as the server does, is less than 100 kB."""
    files = [*loaded_first(), *styles_loaded_first(), PAGE / "index.html", PAGE / "icon.svg"]
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) < FIRST_LOAD


def test_every_module_is_loaded() -> None:
    """None lies about that nothing imports, but the two that the documents name."""
    imported = {each for module in MODULES for each in imports(module)}
    assert {module.resolve() for module in MODULES} - imported == {APP / "main.js", APP / "notice.js"}


def test_every_style_sheet_and_nothing_else_is_loaded() -> None:
    """Once each: by the document, or with the chat."""
    assert sorted([*styles_loaded_first(), *styles_of_the_chat()]) == STYLES


@pytest.mark.parametrize("file", STYLES, ids=name)
def test_a_style_sheet_says_what_it_is_for_and_is_short(file: Path) -> None:
    text = file.read_text("utf-8")
    assert text.startswith("/* ")
    assert len(text.splitlines()) <= LONGEST


def test_the_languages_have_the_same_texts() -> None:
    """Each text is there in both, with the same values in it, and plural where the other is."""
    french, english = words("fr"), words("en")
    assert french.keys() == english.keys()
    for key in french:
        assert set(re.findall(r"\{\w+\}", french[key])) == set(re.findall(r"\{\w+\}", english[key])), key
        assert french[key].count("|") == english[key].count("|"), key


def test_every_text_that_is_asked_for_is_there() -> None:
    asked = {key for module in MODULES for key in re.findall(r'\bt\(\s*"([\w.]+)"', module.read_text("utf-8"))}
    assert asked <= words("fr").keys()
    assert len(asked) > 100


def test_every_text_is_used() -> None:
    """A key stands in some module, whole or as the beginning of a template."""
    code = "\n".join(module.read_text("utf-8") for module in MODULES if "words/" not in name(module))
    begun = set(re.findall(r"`([\w.]+\.)\$\{", code))
    unused = [
        key for key in words("fr") if f'"{key}"' not in code and not any(key.startswith(start) for start in begun)
    ]
    assert not unused


def test_french_has_its_own_signs() -> None:
    """No-break spaces, wide before a colon, narrow before ; ? ! and within « »; typographic apostrophes."""
    for key, text in words("fr").items():
        assert not re.search(r"[ \u00a0][;?!»]|«[ \u00a0]|[ \u202f]:|'", text), key
        assert not re.search(r"\w[;?!](?!\w)", text), key


def test_vendored_libraries_are_named_and_licensed() -> None:
    """Each says its version, and its license lies beside it."""
    for module in VENDOR.glob("*.js"):
        package = re.match(r"/\*! (\S+) \d+\.\d+\.\d+, from npm", module.read_text("utf-8"))
        assert package, module.name
        assert (VENDOR / f"{package[1].removeprefix('@').replace('/', '-')}.LICENSE").is_file()
