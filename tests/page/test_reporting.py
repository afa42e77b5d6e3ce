"""Reports of messages and warnings on the web page, for who sends them and who looks after them; in a real Chromium."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.page.album import NARROWEST, PHONE, WIDE, Album
from tests.page.visitors import School, Visitor

pytestmark = pytest.mark.system

HOSTILE = "<img src=x onerror=alert(1)> {{7*7}} </script><script>alert(2)</script>"


def dialog(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("dialog")


def sizes(visitor: Visitor, album: Album, name: str) -> None:
    """Keep a state as wide as it is, on a phone, and on the narrowest screen."""
    album.keep(visitor.page, name)
    for size, viewport in (("phone", PHONE), ("narrowest", NARROWEST)):
        visitor.page.set_viewport_size(viewport)  # type: ignore[arg-type]
        album.keep(visitor.page, f"{name}-{size}")
    visitor.page.set_viewport_size(WIDE)  # type: ignore[arg-type]


def test_a_message_is_reported_read_and_closed(shared: School, album: Album, tmp_path: Path) -> None:
    """Who reports hears of 3018; who keeps order sees the lines around, closes it, has it as a file; all is text."""
    with shared.staff("Mme Petit", "owner"), shared.server.client().register("bob").hello() as bob:
        alice = shared.member("alice", viewport=WIDE)
        for words in ("On commence ?", "T’es vraiment nul", HOSTILE):
            bob.say(words)
        alice.sees("T’es vraiment nul")
        alice.do("Signaler", "T’es vraiment nul")
        expect(dialog(alice)).to_contain_text("T’es vraiment nul")
        dialog(alice).get_by_label("De quoi s’agit-il").select_option(label="Insulte")
        dialog(alice).get_by_label("En une phrase").fill(HOSTILE)
        sizes(alice, album, "report")
        alice.press("Signaler", dialog(alice))
        expect(dialog(alice).get_by_role("link", name="3018")).to_have_attribute("href", "tel:3018")
        sizes(alice, album, "report-sent")
        alice.press("C’est compris", dialog(alice))

        owner = shared.visit("Mme Petit", viewport=WIDE).login().inside()
        button = owner.page.locator(".to-moderation").first
        expect(button.locator(".count")).to_contain_text("1")
        button.click()
        expect(dialog(owner).locator(".report-row")).to_contain_text(HOSTILE)
        sizes(owner, album, "reports")
        dialog(owner).locator(".report-row").click()
        lines = dialog(owner).locator(".report-lines li")
        expect(lines).to_have_count(3)
        expect(lines.filter(has_text="signalé")).to_contain_text("T’es vraiment nul")
        expect(lines.last).to_contain_text(HOSTILE)
        expect(dialog(owner).locator(".facts")).to_contain_text("alice")
        sizes(owner, album, "report-details")
        with owner.page.expect_download() as saved:
            owner.press("Fichier de preuve", dialog(owner))
        saved.value.save_as(tmp_path / "evidence.json")
        evidence = json.loads((tmp_path / "evidence.json").read_text("utf-8"))
        assert evidence["unchanged"] is True
        assert HOSTILE in str(evidence["document"])
        dialog(owner).get_by_label("Décision").select_option(label="Donner une suite")
        dialog(owner).get_by_label("Réponse à la personne").fill("Nous en avons parlé")
        owner.press("Clore le signalement", dialog(owner))
        expect(dialog(owner)).to_contain_text("Aucun signalement n’attend.")
        expect(button.locator(".count")).to_have_count(0)
        alice.sees_text("Nous en avons parlé")
        owner.press("Voir ceux qui sont clos", dialog(owner))
        dialog(owner).locator(".report-row").click()
        expect(dialog(owner)).to_contain_text("Clos par Mme Petit")
        album.keep(owner.page, "report-closed")


def test_nobody_reports_twice_nor_their_own(shared: School) -> None:
    """The refusal stands in the dialog; by the keyboard too, and a guest may."""
    with shared.server.client().register("karim").hello() as karim:
        karim.say("Et encore une bêtise")
        zoe = shared.visit("Zoé")
        zoe.page.get_by_role("tab", name="Invité").click()
        zoe.page.get_by_label("Votre nom").fill("Zoé")
        zoe.press("Entrer sans compte")
        zoe.inside()
        karim.say("Nulle, Zoé")
        zoe.sees("Nulle, Zoé")
        zoe.message("Nulle, Zoé").press("!")
        zoe.press("Signaler", dialog(zoe))
        expect(dialog(zoe).get_by_role("link", name="3018")).to_be_visible()
        zoe.press("C’est compris", dialog(zoe))
        zoe.message("Nulle, Zoé").press("!")
        zoe.press("Signaler", dialog(zoe))
        expect(dialog(zoe).get_by_role("alert")).to_contain_text("déjà signalé")
        zoe.page.keyboard.press("Escape")
        zoe.say("Moi aussi")
        zoe.sees("Moi aussi")
        zoe.message("Moi aussi").hover()
        expect(zoe.message("Moi aussi").get_by_role("button", name="Répondre")).to_be_visible()
        expect(zoe.message("Moi aussi").get_by_role("button", name="Signaler")).to_have_count(0)


def test_who_is_warned_reads_it_before_all(shared: School, album: Album) -> None:
    """A warning needs a reason, stays until it was read, also for who comes later, and counts among the measures."""
    with shared.staff("M. Roux", "moderator"):
        teacher, ines = shared.visit("M. Roux", viewport=WIDE).login().inside(), shared.member("Inès", viewport=WIDE)
        teacher.page.locator(".person", has_text="Inès").click()
        teacher.press("Avertir", dialog(teacher))
        teacher.press("Avertir", dialog(teacher))
        expect(dialog(teacher).get_by_label("Motif")).to_be_focused()
        expect(dialog(teacher).get_by_role("alert")).to_have_text("Écrivez un motif : la personne le lira.")
        sizes(teacher, album, "warn")
        dialog(teacher).get_by_label("Motif").fill(HOSTILE)
        teacher.press("Avertir", dialog(teacher))
        teacher.sees_text("Inès est averti")
        expect(ines.page.locator(".warning")).to_contain_text(HOSTILE)
        sizes(ines, album, "warned")
        ines.press("J’ai lu")
        expect(ines.page.locator(".warning")).to_have_count(0)
        teacher.page.locator(".person", has_text="Inès").click()
        expect(dialog(teacher)).to_contain_text("Avertissement")
        album.keep(teacher.page, "warned-person")
        teacher.press("Lever", dialog(teacher))
        teacher.press("Lever", dialog(teacher))
        ines.sees_text("Un avertissement qui vous visait est levé.")
