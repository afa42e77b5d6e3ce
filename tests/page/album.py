"""Pictures of the web page, and what is looked for in each of its states.

With the environment variable SCREENSHOTS, each state is also kept there as a picture, for people to look at.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as TookTooLong

from tests.page.accessibility import barriers

WIDE = {"width": 1360, "height": 820}
PHONE = {"width": 390, "height": 844}
ZOOMED = {"width": 640, "height": 400}  # 1280 by 800 at 200 %
NARROWEST = {"width": 320, "height": 640}  # 1280 at 400 %: WCAG 2.2, 1.4.10
OTHER_SIZES = ("zoomed", "narrowest")  # where axe finds what it finds on a phone
OVERFLOWING = """() => [...document.querySelectorAll("body *")].filter((each) => {
    const box = each.getBoundingClientRect();
    return each.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && box.width > 1
        && !each.closest("pre, .pages, .skip, .hidden") && (box.right > innerWidth + 1 || box.left < -1);
}).map((each) => each.className || each.tagName)"""


class Album:
    """Where pictures are kept, if anywhere.

    Each state is also looked at for what does not fit on the screen, and for what axe-core calls serious or critical.
    """

    def __init__(self) -> None:
        folder = os.environ.get("SCREENSHOTS")
        self._folder = Path(folder) if folder else None

    def keep(self, page: Page, name: str) -> None:
        try:  # what slides away is given the time for it
            page.wait_for_function(f"() => ({OVERFLOWING})().length === 0", timeout=5000)
        except TookTooLong:
            pytest.fail(f"{name}: {page.evaluate(OVERFLOWING)} do not fit")
        if name.rpartition("-")[2] not in OTHER_SIZES:
            found = barriers(page)
            assert not found, f"{name}: {found}"
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=self._folder / f"{name}.png", animations="disabled")
