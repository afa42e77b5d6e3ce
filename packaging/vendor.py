"""Fetch the libraries of the web page from npm, and write them into classcord/page/vendor as modules a browser loads.

`make vendor` runs this.

The page has no build step: what lies in the repository is what a browser gets. So a library is vendored as its own
ES module, with its license beside it, and the names by which one imports another become relative addresses. For a newer
version change it here, run this, and look at the page.
"""

from __future__ import annotations

import re
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

VENDOR = Path(__file__).parent.parent / "classcord" / "page" / "vendor"


class Library(NamedTuple):
    """A package of npm, and the modules of it that the page needs: {path in the package: (name here, imported as)}."""

    package: str
    version: str
    modules: dict[str, tuple[str, str]]


LIBRARIES = (
    Library(
        "preact",
        "11.2.0",
        {"dist/preact.mjs": ("preact.js", "preact"), "hooks/dist/hooks.mjs": ("hooks.js", "preact/hooks")},
    ),
    Library("@preact/signals-core", "1.14.5", {"dist/signals-core.mjs": ("signals-core.js", "@preact/signals-core")}),
    Library("@preact/signals", "2.11.4", {"dist/signals.mjs": ("signals.js", "@preact/signals")}),
    Library("htm", "3.1.1", {"dist/htm.mjs": ("htm.js", "htm")}),
)
NAMES = {specifier: name for library in LIBRARIES for name, specifier in library.modules.values()}


def fetch(library: Library, folder: Path) -> tarfile.TarFile:
    """Let npm fetch the package, which checks it against the registry's digest, and open it."""
    wanted = f"{library.package}@{library.version}"
    done = subprocess.run(  # noqa: S603 (names from this file)
        ["npm", "pack", "--silent", "--pack-destination", str(folder), wanted],  # noqa: S607 (whichever npm is there)
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return tarfile.open(folder / done.stdout.split()[-1])


def read(package: tarfile.TarFile, path: str) -> str:
    member = package.extractfile(f"package/{path}")
    assert member is not None
    return member.read().decode()


def relative(source: str) -> str:
    """Return a module whose imports are addresses of neighbours, without the address of a map that is not here."""
    source = re.sub(r"\n?//# sourceMappingURL=.*", "", source)
    return re.sub(r'(\bfrom|\bimport)\s*"([^".][^"]*)"', lambda found: f'{found[1]}"./{NAMES[found[2]]}"', source)


def main() -> None:
    VENDOR.mkdir(parents=True, exist_ok=True)
    for old in VENDOR.iterdir():
        old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        for library in LIBRARIES:
            title = f"/*! {library.package} {library.version}, from npm: see packaging/vendor.py */\n"
            terms = library.package.removeprefix("@").replace("/", "-") + ".LICENSE"
            with fetch(library, Path(folder)) as package:
                for path, (name, _specifier) in library.modules.items():
                    (VENDOR / name).write_text(title + relative(read(package, path)).strip() + "\n", encoding="utf-8")
                (VENDOR / terms).write_text(read(package, "LICENSE"), encoding="utf-8")


if __name__ == "__main__":
    main()
