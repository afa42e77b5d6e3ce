"""The notice about people's data, served with the page: in simple words, and true here; in a real Chromium."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page.album import NARROWEST, PHONE, WIDE, Album
from tests.page.sources import PAGE
from tests.page.visitors import School

pytestmark = pytest.mark.system

TITLE = re.compile("ClassCord et toi|ClassCord and you")


def opened(page: Page, link: str) -> Page:
    """Follow a link that opens beside the chat."""
    with page.expect_popup() as beside:
        page.get_by_role("link", name=link).click()
    notice = beside.value
    expect(notice.get_by_role("heading", name=TITLE)).to_be_visible()
    return notice


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_read_before_one_comes_in(shared: School, album: Album, theme: Any) -> None:
    """On a narrow screen too; in the language of the page; it asks for nothing elsewhere."""
    visitor = shared.visit("someone", viewport=WIDE, color_scheme=theme)
    notice = opened(visitor.page, "Ce que le chat garde de toi")
    asked: list[str] = []
    notice.on("request", lambda request: asked.append(request.url))
    notice.reload()
    expect(notice.locator("main")).to_contain_text("Tes messages restent un an au plus.")
    expect(notice.locator("main")).to_contain_text("ton compte est effacé 3 mois plus tard.")
    expect(notice.locator("main")).to_contain_text("On peut aussi appeler le 3018")
    assert asked
    assert all(url.startswith(shared.url) for url in asked)
    assert notice.evaluate("document.documentElement.dataset.theme") == theme
    album.keep(notice, f"notice-{theme}")
    for name, size in (("phone", PHONE), ("narrowest", NARROWEST)):
        notice.set_viewport_size(size)  # type: ignore[arg-type]
        album.keep(notice, f"notice-{theme}-{name}")
    notice.get_by_role("link", name="English").click()
    expect(notice.locator("main")).to_contain_text("Your messages stay for 1 year at most.")
    notice.get_by_role("link", name="To the chat").click()
    expect(notice.get_by_role("tab", name="Se connecter")).to_be_visible()


def test_it_is_read_among_the_settings(shared: School) -> None:
    """In English for who has chosen English; the chat stays open."""
    alice = shared.member("alice", viewport=WIDE)
    alice.press("Réglages")
    alice.press("Langue et apparence")
    alice.page.get_by_text("English", exact=True).click()
    alice.press("My data")
    notice = opened(alice.page, "What the chat keeps about you")
    expect(notice.locator("main")).to_contain_text("your account is erased 3 months later")
    expect(alice.page.get_by_role("dialog")).to_be_visible()


def test_it_says_what_the_settings_say(browser: Browser, tmp_path: Path) -> None:
    """Other durations, and no number to call where none is set; what the settings say is text."""
    options = ("retention.private=18", "retention.everyone=6", "retention.accounts=0", "reports.help_number=<b>115</b>")
    school = School(browser, tmp_path, *(part for each in options for part in ("--set", each)))
    try:
        visitor = school.visit("someone")
        visitor.page.goto(f"{school.url}notice.html")
        words = visitor.page.locator("main")
        expect(words).to_contain_text("Tes messages restent 18 mois au plus.")
        expect(words).to_contain_text("ton compte est effacé tout de suite.")
        expect(words).to_contain_text("<b>115</b>")
        school.close()
    finally:
        school.kill()


def test_both_languages_say_as_much() -> None:
    """The same paragraphs, with the same facts in them."""
    french, english = (
        re.findall("<(h1|h2|p)\\b", text) + sorted(re.findall(r"\{\w+\}", text))
        for text in ((PAGE / name).read_text("utf-8") for name in ("notice.html", "notice.en.html"))
    )
    assert french == english
    assert len(french) > 10
