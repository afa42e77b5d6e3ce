"""What axe-core finds on the web page that keeps somebody from using it, in both themes.

axe comes with a package of the tests (axe-playwright-python); nothing of it is in the page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
GRAVE = {"serious", "critical"}
RUN = """async (theme) => {
    const root = document.documentElement;
    const before = root.dataset.theme;
    root.dataset.theme = theme;
    const passing = document.getAnimations().filter((each) => each.effect.getTiming().iterations === 1);
    await Promise.all(passing.map((each) => each.finished));
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    root.dataset.theme = before;
    return violations;
}"""


def barriers(page: Page) -> list[str]:
    """Return what is serious or critical: the theme, the rule, and where it is broken."""
    page.evaluate(f"() => {{ if (!window.axe) {{ {AXE} }} }}")
    return [
        f"{theme}: {violation['id']} at {node['target']}: {node['failureSummary']}"
        for theme in ("light", "dark")
        for violation in _violations(page, theme)
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]


def _violations(page: Page, theme: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(RUN, theme)
    return found
