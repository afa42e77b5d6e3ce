"""The sources of the web page, as the tests that only read them see them."""

from __future__ import annotations

import json
import re
from pathlib import Path

PAGE = Path(__file__).parent.parent.parent / "classcord" / "page"
APP = PAGE / "app"
VENDOR = PAGE / "vendor"

MODULES = sorted(APP.rglob("*.js"))
_IMPORT = re.compile(r'^(?:import|export)\b[^;]*?\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"', re.MULTILINE)
_LINKED = re.compile(r'href="style/([\w.]+)\.css"')
_LATER = re.compile(r'\bimport\("([^"]+)"\)')
_KEY = re.compile(r'^ {2}"?([\w.]+)"?: +"((?:[^"\\]|\\.)*)",$', re.MULTILINE)


def name(module: Path) -> str:
    """Return the module's path below the page."""
    return module.relative_to(PAGE).as_posix()


def imports(module: Path, *, later: bool = True) -> list[Path]:
    """Return the modules that one imports; `later`: those too that it fetches when they are first wanted."""
    text = module.read_text("utf-8")
    found = [first or second for first, second in _IMPORT.findall(text)]
    if later:
        found += _LATER.findall(text)
    return [(module.parent / each).resolve() for each in found]


def loaded_first() -> list[Path]:
    """Return the modules that a browser fetches before the page is there."""
    found: list[Path] = []
    waiting = [APP / "main.js", APP / "words" / "fr.js"]  # it waits for the texts of one language
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.append(module)
            waiting += imports(module, later=False)
    return found


def styles_loaded_first() -> list[Path]:
    """Return the style sheets of the way in; those of the chat come with it."""
    return [PAGE / "style" / f"{each}.css" for each in _LINKED.findall((PAGE / "index.html").read_text("utf-8"))]


def styles_of_the_chat() -> list[Path]:
    listed = re.findall(r"^const CHAT = (\[.*\]);$", (APP / "views" / "styles.js").read_text("utf-8"), re.MULTILINE)
    return [PAGE / "style" / f"{each}.css" for each in json.loads(listed[0])]


def words(language: str) -> dict[str, str]:
    """Return the texts of the page in a language, all parts together."""
    parts = sorted((APP / "words").glob(f"*{language}.js"))
    found = [each for part in parts for each in _KEY.findall(part.read_text("utf-8"))]
    assert len(found) == len(dict(found)), "a key has two texts"
    return dict(found)
