"""Channels with rules on the web page: messages that wait, slow mode, settings, moderators; in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.page.album import WIDE, Album
from tests.page.test_reporting import HOSTILE, sizes
from tests.page.visitors import School, Visitor

pytestmark = pytest.mark.system


def dialog(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("dialog")


def choose(visitor: Visitor, entry: str) -> None:
    """Choose from the menu of the channel that is shown."""
    visitor.press("Plus d’actions")
    visitor.page.get_by_role("menuitem", name=entry).click()


def test_a_message_waits_until_somebody_has_read_it(shared: School, album: Album) -> None:
    """Its author alone sees it, is told what becomes of it, takes one back and writes a refused one anew."""
    with shared.staff("Mme Hold", "moderator") as staff:
        staff.ask(type="create", channel="#questions")
        staff.ask(type="channel_settings", channel="#questions", hold=True)
        alice, bob = shared.member("alice", viewport=WIDE), shared.member("bob")
        for pupil in (alice, bob):
            pupil.join("questions")
            expect(pupil.page.locator(".writing-notes:not(.quiet)")).to_contain_text("Un modérateur lit chaque message")
        for words in ("Une question", HOSTILE, "Trop vite"):
            alice.say(words)
            expect(alice.page.locator(".held", has_text=words)).to_contain_text("visible par vous uniquement")
        sizes(alice, album, "held")
        alice.press("Retirer", alice.page.locator(".held", has_text="Trop vite"))
        expect(alice.page.locator(".held", has_text="Trop vite")).to_have_count(0)

        teacher = shared.visit("Mme Hold", viewport=WIDE).login().inside()
        button = teacher.page.locator(".to-moderation").first
        expect(button.locator(".count")).to_contain_text("2")
        button.click()
        expect(dialog(teacher).locator(".held-choice", has_text=HOSTILE)).to_be_visible()
        sizes(teacher, album, "to-approve")
        row = dialog(teacher).locator(".held-choice", has_text="Une question")
        teacher.press("Approuver le message de alice dans #questions", row)
        expect(dialog(teacher)).to_contain_text("Le message de alice est remis.")
        alice.sees("Une question")
        bob.sees("Une question")
        expect(bob.page.locator(".log")).not_to_contain_text("onerror")
        row = dialog(teacher).locator(".held-choice")
        teacher.press("Refuser le message de alice dans #questions", row)
        dialog(teacher).get_by_label("Motif").fill("Restez dans le sujet")
        dialog(teacher).get_by_label("Motif").press("Enter")
        refused = alice.page.locator(".held.refused")
        expect(refused).to_contain_text("Restez dans le sujet")
        album.keep(alice.page, "held-refused")
        alice.press("Récrire", refused)
        expect(alice.field).to_have_value(HOSTILE)
        expect(alice.field).to_be_focused()
        expect(refused).to_have_count(0)
        alice.page.reload()
        alice.inside()


def test_settings_are_changed_and_everybody_sees_them(shared: School, album: Album) -> None:
    """Read-only closes the field, a pause counts down, an administrator renames: the channel stays where it is."""
    with shared.staff("M. Règle", "admin"):
        admin, carla = shared.visit("M. Règle", viewport=WIDE).login().inside(), shared.member("carla", viewport=WIDE)
        for visitor in (admin, carla):
            visitor.join("dev")
            expect(visitor.page.locator(".conversation-title h2")).to_have_text("dev")
        carla.say("Avant tout cela")
        choose(admin, "Réglages du salon")
        sizes(admin, album, "channel-settings")
        dialog(admin).get_by_label("Lecture seule").check()
        admin.press("Enregistrer", dialog(admin))
        carla.sees_text("Seuls les modérateurs écrivent ici.")
        sizes(carla, album, "read-only")

        choose(admin, "Réglages du salon")
        expect(dialog(admin).get_by_label("Lecture seule")).to_be_checked()
        dialog(admin).get_by_label("Lecture seule").uncheck()
        dialog(admin).get_by_label("Mode lent").select_option(label="1 h")
        dialog(admin).get_by_label("Nom du salon").fill("atelier")
        admin.press("Enregistrer", dialog(admin))
        for visitor in (admin, carla):
            expect(visitor.page.locator(".conversation-title h2")).to_have_text("atelier")
            visitor.sees("Avant tout cela")
            expect(visitor.entry("dev")).to_have_count(0)
        expect(carla.page.locator(".writing-notes:not(.quiet)")).to_contain_text("un message toutes les 1 h")
        carla.say("Un seul")
        admin.sees("Un seul")
        expect(carla.page.locator(".writing-notes:not(.quiet)")).to_contain_text("prochain message dans 59 min")
        carla.field.fill("Un autre")
        expect(carla.page.get_by_role("button", name="Envoyer")).to_be_disabled()
        carla.field.press("Enter")
        expect(carla.field).to_have_value("Un autre")
        sizes(carla, album, "slow")
        expect(admin.page.locator(".writing-notes:not(.quiet)")).to_have_count(0)  # who approves messages never waits
        choose(admin, "Réglages du salon")
        dialog(admin).get_by_label("Mode lent").select_option(label="Aucune pause")
        admin.press("Enregistrer", dialog(admin))
        expect(carla.page.locator(".writing-notes:not(.quiet)")).to_have_count(0)
        carla.field.press("Enter")
        admin.sees("Un autre")


def test_a_member_moderates_one_channel(shared: School, album: Album) -> None:
    """Who is named answers there at once, and there alone; who is dismissed sees none of it any more."""
    with shared.staff("Mme Nom", "moderator") as staff:
        staff.ask(type="create", channel="#club")
        teacher, dina = shared.visit("Mme Nom", viewport=WIDE).login().inside(), shared.member("dina", viewport=WIDE)
        dina.join("club")
        expect(dina.page.locator(".to-moderation")).to_have_count(0)
        teacher.open("club")
        choose(teacher, "Réglages du salon")
        dialog(teacher).get_by_label("Membre à nommer").fill("personne")
        teacher.press("Nommer", dialog(teacher))
        expect(dialog(teacher).get_by_role("alert")).to_be_visible()
        dialog(teacher).get_by_label("Membre à nommer").fill("dina")
        teacher.press("Nommer", dialog(teacher))
        expect(dialog(teacher).locator(".channel-moderators .choice")).to_contain_text("dina")
        sizes(teacher, album, "channel-moderators")
        expect(dina.page.locator(".to-moderation")).to_have_count(1)
        choose(dina, "Cours ou contrôle")
        expect(dialog(dina).get_by_label("Pour les membres de #club")).to_be_checked()
        expect(dialog(dina).get_by_label("Pour tout le monde")).to_have_count(0)
        dina.press("Annuler", dialog(dina))
        choose(dina, "Réglages du salon")
        expect(dialog(dina).get_by_label("Nom du salon")).to_have_count(0)
        dialog(dina).get_by_label("Approuver chaque message").check()
        dina.press("Enregistrer", dialog(dina))
        expect(dialog(dina)).to_have_count(0)
        with shared.server.client().register("eliot").hello() as eliot:
            eliot.ask(type="join", channel="#club")
            eliot.say("Je peux entrer ?", channel="#club")
            expect(dina.page.locator(".to-moderation .count")).to_contain_text("1")
            dina.page.locator(".to-moderation").click()
            expect(dialog(dina)).to_contain_text("Aucun signalement n’attend.")
            dina.press("Approuver le message de eliot dans #club", dialog(dina))
            teacher.sees("Je peux entrer ?")
            dina.page.keyboard.press("Escape")
        teacher.press("Retirer dina des modérateurs", dialog(teacher))
        expect(dina.page.locator(".to-moderation")).to_have_count(0)
        dina.press("Plus d’actions")
        expect(dina.page.get_by_role("menuitem", name="Quitter le salon")).to_be_visible()
        expect(dina.page.get_by_role("menuitem", name="Réglages du salon")).to_have_count(0)
