"""Somebody who is not here is found by a part of their name, and written to; in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.page.album import WIDE, Album
from tests.page.test_reporting import sizes
from tests.page.visitors import School

pytestmark = pytest.mark.system


def test_a_private_conversation_begins_with_somebody_who_is_not_here(school: School, album: Album) -> None:
    """Whom this page has never seen; what is written waits for them. By the keyboard alone."""
    for name in ("Zoé Martin", "Zacharie", "Karim"):
        with school.server.client().register(name):
            pass
    alice = school.member("alice", viewport=WIDE)
    alice.press("Écrire à quelqu’un")
    box = alice.page.get_by_role("combobox")
    expect(alice.page.get_by_role("option")).to_have_count(4)  # the account of the first start, too
    sizes(alice, album, "switcher-people")
    box.fill("zoe")
    expect(alice.page.get_by_role("option")).to_have_text(["ZMZoé Martin"])
    box.press("Enter")
    expect(alice.page.get_by_placeholder("Écrire à Zoé Martin")).to_be_visible()
    alice.say("Pour demain")
    alice.sees("Pour demain")
    alice.page.keyboard.press("Control+k")
    box.fill("zach")
    expect(alice.page.get_by_role("option")).to_contain_text(["Zacharie"])
    box.fill("personne de ce nom")
    expect(alice.page.get_by_role("option")).to_have_count(0)
    with school.server.client().login("Zoé Martin") as zoe:
        zoe.send(type="users")
        assert "Pour demain" in zoe.until(type="message", subtype="private")["content"]


def test_a_guest_finds_those_who_are_here(school: School) -> None:
    """The page asks nothing that is refused to a guest."""
    with school.server.client().register("Karim"):
        pass
    bob = school.member("bob", viewport=WIDE)
    guest = school.visit("Zoé", viewport=WIDE)
    guest.page.get_by_role("tab", name="Invité").click()
    guest.press("Entrer sans compte")
    guest.press("Écrire à quelqu’un")
    guest.page.get_by_role("combobox").fill("b")
    expect(guest.page.get_by_role("option")).to_contain_text([bob.name])
    guest.page.get_by_role("combobox").fill("karim")
    expect(guest.page.get_by_role("option")).to_have_count(0)
