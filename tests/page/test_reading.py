"""Reading back on the web page: a long history, what is new, what is found; in a real Chromium."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.page.visitors import School, Visitor
from tests.server import Client

pytestmark = pytest.mark.system

MANY = 1000  # messages
MOST_SHOWN = 130  # rows in the document, however long the history is

TOP = """() => {
    const log = document.querySelector(".log"), edge = log.getBoundingClientRect().top;
    const row = [...log.querySelectorAll("[data-id]")].find((each) => each.getBoundingClientRect().bottom > edge);
    return [row.dataset.id, Math.round(row.getBoundingClientRect().top - edge)];
}"""


def write(author: Client, count: int, what: str = "ligne") -> None:
    """Write messages in #dev, all at once."""
    author.send(*({"type": "message", "id": n, "channel": "#dev", "content": f"{what} {n}"} for n in range(count)))
    author.until(id=count - 1, type="ack")


def author(school: School, name: str = "marie") -> Client:
    client = school.server.client().register(name).hello()
    client.send(type="join", id="join", channel="#dev")
    client.until(id="join")
    return client


def reader(school: School) -> Visitor:
    """Return somebody who has just come to #dev."""
    lea = school.member("léa")
    lea.join("dev")
    expect(lea.page.locator(".conversation-title h2")).to_have_text("dev")
    return lea


def rows(page: Page) -> int:
    return page.locator(".message").count()


def scroll_to(page: Page, edge: str) -> None:
    """Scroll to there in what is in the document."""
    place = {"top": "0", "middle": "log.scrollHeight / 2"}[edge]
    page.evaluate(f'() => {{ const log = document.querySelector(".log"); log.scrollTop = {place}; }}')


def test_a_long_history_is_read_to_its_beginning(school: School) -> None:
    """Older messages come while one scrolls; the document stays as small as it was."""
    with author(school) as marie:
        write(marie, MANY)
        lea = reader(school)
        lea.sees(f"ligne {MANY - 1}")
        beginning = lea.page.get_by_text("C’est le début de #dev")
        while not beginning.is_visible():
            first = lea.page.locator(".message").first.get_attribute("data-id")
            scroll_to(lea.page, "top")
            expect(
                lea.page.locator(f'.log:has(.empty), .log:not(:has(.message[data-id="{first}"]:nth-child(2)))')
            ).to_be_visible()
            assert rows(lea.page) <= MOST_SHOWN
        scroll_to(lea.page, "top")
        lea.sees("ligne 0")
        assert rows(lea.page) <= MOST_SHOWN
        lea.page.get_by_role("button", name="Revenir aux derniers messages").click()
        lea.sees(f"ligne {MANY - 1}")


def test_what_one_reads_stays_where_it_is(school: School) -> None:
    """Messages that come while somebody reads back move nothing; they are counted at the lower edge."""
    with author(school) as marie:
        write(marie, 200)
        lea = reader(school)
        lea.sees("ligne 199")
        scroll_to(lea.page, "middle")
        below = lea.page.locator(".jump.to-present")
        expect(below).to_be_visible()
        before: Any = lea.page.evaluate(TOP)
        write(marie, 3, "neuf")
        expect(below).to_contain_text("3 nouveaux messages")
        assert lea.page.evaluate(TOP) == before
        below.click()
        lea.sees("neuf 2")
        expect(below).to_have_count(0)


def test_the_newest_message_stays_in_view_at_the_end(school: School) -> None:
    """Who is at the end sees each message come, and it counts as read."""
    with author(school) as marie:
        write(marie, 60)
        lea = reader(school)
        lea.sees("ligne 59")
        write(marie, 30, "neuf")
        expect(lea.message("neuf 29")).to_be_in_viewport()
        expect(lea.entry("dev").locator(".count")).to_have_count(0)


def test_one_goes_to_where_one_has_stopped_reading(school: School) -> None:
    """What is new is counted in the list, and divided from what was read; a button goes there from far."""
    with author(school) as marie:
        write(marie, 20)
        lea = reader(school)
        lea.sees("ligne 19")
        lea.open("général")
        write(marie, 120, "neuf")
        expect(lea.entry("dev").locator(".count")).to_contain_text("120")
        lea.page.reload()
        lea.inside()
        lea.open("dev")
        lea.sees("neuf 119")
        lea.page.get_by_role("button", name="Aller au premier message non lu").click()
        expect(lea.page.locator(".divider.fresh")).to_be_in_viewport()
        expect(lea.message("ligne 19")).to_be_in_viewport()


def test_a_message_is_found_among_its_neighbours(school: School) -> None:
    """A search shows what it finds; a click brings it to view where it was said, long ago."""
    with author(school) as marie:
        write(marie, 150)
        marie.say("La réponse était l’œuf", channel="#dev")
        write(marie, 300, "puis")
        lea = reader(school)
        lea.sees("puis 299")
        lea.press("Recherche")
        field = lea.page.get_by_label("Mots à chercher")
        field.fill("reponse oeuf")
        field.press("Enter")
        lea.press("Voir en contexte", lea.page.locator(".found"))
        expect(lea.page.locator(".message.wanted")).to_contain_text("La réponse était l’œuf")
        expect(lea.message("ligne 149")).to_be_in_viewport()
        expect(lea.message("puis 1")).to_be_visible()
        lea.page.get_by_role("button", name="Revenir aux derniers messages").click()
        expect(lea.message("puis 299")).to_be_in_viewport()


def test_the_keyboard_is_enough(school: School) -> None:
    """Without a pointer: go anywhere, read from message to message, answer, edit, close."""
    alice = school.member("alice")
    alice.page.keyboard.press("Control+k")
    alice.page.get_by_role("combobox").fill("gén")
    alice.page.keyboard.press("Enter")
    alice.field.press_sequentially("Un")
    alice.field.press("Enter")
    alice.sees("Un")
    alice.field.press_sequentially("Deux")
    alice.field.press("Enter")
    alice.sees("Deux")
    alice.page.get_by_role("log").focus()
    alice.page.keyboard.press("ArrowUp")
    alice.page.keyboard.press("ArrowUp")
    expect(alice.message("Un")).to_be_focused()
    alice.page.keyboard.press("r")
    expect(alice.field).to_be_focused()
    alice.sees_text("Réponse à alice")
    alice.page.keyboard.press("Escape")
    expect(alice.page.locator(".draft")).to_have_count(0)


def test_what_one_writes_is_seen_at_the_end(school: School) -> None:
    """Who reads back and writes is brought to the newest messages, also from a stretch of history far away."""
    with author(school) as marie:
        write(marie, 300)
        lea = reader(school)
        lea.sees("ligne 299")
        lea.press("Recherche")
        field = lea.page.get_by_label("Mots à chercher")
        field.fill('"ligne 20"')
        field.press("Enter")
        lea.press("Voir en contexte", lea.page.locator(".found").last)
        expect(lea.page.locator(".message.wanted")).to_have_text(re.compile("ligne 20$"))
        lea.say("Me revoilà")
        expect(lea.message("Me revoilà")).to_be_in_viewport()
        lea.sees("ligne 299")


def test_what_comes_while_one_looks_elsewhere_is_divided_from_what_was_read(school: School) -> None:
    """The line stands above the first message that came while the page was not in front."""
    with author(school) as marie:
        write(marie, 3)
        lea = reader(school)
        lea.sees("ligne 2")
        lea.page.evaluate("() => { document.hasFocus = () => false; }")
        write(marie, 2, "neuf")
        fresh = lea.page.locator(".divider.fresh + .message")
        expect(fresh).to_contain_text("neuf 0")
        expect(lea.entry("dev").locator(".count")).to_contain_text("2")
