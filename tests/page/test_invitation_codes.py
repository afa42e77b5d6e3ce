"""Invitation codes on the web page: made, given on, used and ended there by who may; in a real Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.page.album import WIDE, Album
from tests.page.test_reporting import HOSTILE, sizes
from tests.page.visitors import School, Visitor

pytestmark = pytest.mark.system


def codes(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("dialog").get_by_role("region", name="Codes d’invitation")


def at_moderation(visitor: Visitor) -> None:
    visitor.page.locator(".to-moderation").first.click()
    expect(codes(visitor)).to_be_visible()


def test_a_code_is_made_given_on_used_and_ended(school: School, album: Album) -> None:
    """By its link a pupil comes in as a member of its channels; an ended code lets nobody in."""
    with school.staff("Mme Durand", "moderator"):
        teacher = school.visit("Mme Durand", viewport=WIDE, permissions=["clipboard-read", "clipboard-write"])
        teacher.login().inside()
    at_moderation(teacher)
    expect(codes(teacher)).to_contain_text("Aucun code.")
    teacher.press("Nouveau code", codes(teacher))
    expect(codes(teacher).get_by_label("Nombre de comptes")).to_be_focused()
    codes(teacher).get_by_label("Nombre de comptes").fill("2")
    codes(teacher).get_by_label("Valable").select_option(label="30 jours")
    codes(teacher).get_by_label("Note").fill(HOSTILE)
    codes(teacher).get_by_label("#dev").check()
    sizes(teacher, album, "code-new")
    teacher.press("Créer le code", codes(teacher))
    expect(codes(teacher).get_by_role("status")).to_contain_text(re.compile(r"Le code \S+ est créé\."))
    expect(codes(teacher).get_by_role("heading")).to_be_focused()
    row = codes(teacher).locator(".code-choice")
    expect(row).to_contain_text("0 sur 2 utilisés")
    expect(row).to_contain_text("#dev")
    expect(row).to_contain_text(HOSTILE)
    sizes(teacher, album, "codes")
    row.get_by_role("button", name=re.compile("^Copier le lien")).click()
    link = teacher.page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{school.url}#invitation=")

    bob = school.visit("bob", viewport=WIDE)
    bob.page.goto("about:blank")
    bob.page.goto(link)
    bob.page.get_by_label("Identifiant", exact=True).fill("bob")
    bob.page.get_by_label("Mot de passe", exact=True).fill("azerty")
    bob.press("Créer mon compte")
    bob.inside()
    expect(bob.entry("dev")).to_be_visible()

    teacher.page.keyboard.press("Escape")
    at_moderation(teacher)
    expect(row).to_contain_text("1 sur 2 utilisés")
    row.get_by_role("button", name=re.compile("^Terminer")).click()
    teacher.press("Terminer", teacher.page.locator(".confirm-dialog"))
    expect(codes(teacher)).to_contain_text("Aucun code.")
    late = school.visit("late", viewport=WIDE)
    late.page.goto("about:blank")
    late.page.goto(link)
    late.page.get_by_label("Identifiant", exact=True).fill("late")
    late.page.get_by_label("Mot de passe", exact=True).fill("azerty")
    late.press("Créer mon compte")
    late.sees_text("Ce code d’invitation n’est pas valable")


def test_what_the_server_refuses_stands_in_the_form(school: School) -> None:
    """A code for staff makes one account; a moderator is offered codes for members alone."""
    with school.staff("Mme Durand", "admin"):
        teacher = school.visit("Mme Durand", viewport=WIDE).login().inside()
    at_moderation(teacher)
    teacher.press("Nouveau code", codes(teacher))
    codes(teacher).get_by_label("Nombre de comptes").fill("3")
    codes(teacher).get_by_label("Rôle des nouveaux comptes").select_option(label="modération")
    teacher.press("Créer le code", codes(teacher))
    expect(codes(teacher).get_by_role("alert")).to_contain_text("un seul compte")
    codes(teacher).get_by_label("Nombre de comptes").fill("1")
    teacher.press("Créer le code", codes(teacher))
    expect(codes(teacher).locator(".code-choice")).to_contain_text("modération")
    assert school.server.ctl("role", "Mme Durand", "moderator").returncode == 0
    teacher.page.keyboard.press("Escape")
    at_moderation(teacher)
    expect(codes(teacher).locator(".code-choice")).to_contain_text("ne vaut plus")
    teacher.press("Nouveau code", codes(teacher))
    expect(codes(teacher).get_by_label("Note")).to_be_visible()
    expect(codes(teacher).get_by_label("Rôle des nouveaux comptes")).to_have_count(0)
