"""The page of administration: people, channels, what is in force, the audit trail, the server; in a real Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.page.album import NARROWEST, PHONE, WIDE, Album
from tests.page.visitors import School, Visitor

pytestmark = pytest.mark.system

PAGES = {
    "people": "Personnes",
    "channels": "Salons",
    "sanctions": "Modération",
    "trail": "Journal",
    "server": "Serveur",
}


def in_office(school: School, role: str = "owner") -> Visitor:
    """Return a teacher at the page of administration."""
    teacher = school.member("Mme Durand", viewport=WIDE)
    assert school.server.ctl("role", "Mme Durand", role).returncode == 0
    teacher.press("Administration")
    expect(dialog(teacher).get_by_label("Chercher un compte")).to_be_visible()
    return teacher


def dialog(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("dialog")


def go(visitor: Visitor, page: str) -> None:
    visitor.press(page, dialog(visitor).get_by_role("navigation"))


def look_at(visitor: Visitor, name: str) -> None:
    dialog(visitor).locator("button.row", has_text=name).click()
    expect(dialog(visitor).get_by_role("heading", name=name)).to_be_visible()


def sure(visitor: Visitor, button: str) -> None:
    """Answer the question, and be back at the page."""
    visitor.press(button, visitor.page.locator(".confirm-dialog"))
    expect(visitor.page.locator(".administration-dialog")).to_be_visible()


def test_an_account_is_found_and_gets_a_new_password(school: School, album: Album) -> None:
    """It is shown once, to be copied; the person is logged out, comes in by it, and has to choose their own."""
    teacher, bob = in_office(school), school.member("bob")
    school.member("alice")
    album.keep(teacher.page, "administration-people")
    dialog(teacher).get_by_label("Chercher un compte").fill("bo")
    expect(dialog(teacher).locator("button.row")).to_have_count(1)
    look_at(teacher, "bob")
    expect(dialog(teacher)).to_contain_text("Page web")
    album.keep(teacher.page, "administration-person")
    teacher.press("Nouveau mot de passe", dialog(teacher))
    sure(teacher, "Donner")
    password = dialog(teacher).locator(".secret code").inner_text()
    album.keep(teacher.page, "administration-secret")
    for name, size in (("phone", PHONE), ("narrowest", NARROWEST)):
        teacher.page.set_viewport_size(size)  # type: ignore[arg-type]
        album.keep(teacher.page, f"administration-secret-{name}")
    teacher.press("C’est noté", dialog(teacher))
    expect(dialog(teacher).locator(".secret")).to_have_count(0)

    bob.login(password)
    bob.page.get_by_label("Nouveau mot de passe", exact=True).fill("fraise")
    bob.page.get_by_label("Confirmez le mot de passe").fill("fraise")
    bob.page.get_by_label("Confirmez le mot de passe").press("Enter")
    bob.inside()


def test_an_account_is_made_given_a_role_and_deleted(school: School, album: Album) -> None:
    """A name that is taken is refused beside its field; what cannot be undone is asked once more."""
    teacher = in_office(school)
    teacher.press("Créer un compte", dialog(teacher))
    form = dialog(teacher).locator("form.inset")
    form.get_by_label("Identifiant").fill("Mme Durand")
    teacher.press("Créer", form)
    expect(form.get_by_role("alert")).to_be_visible()
    album.keep(teacher.page, "administration-new")
    form.get_by_label("Identifiant").fill("eve")
    teacher.press("Créer", form)
    expect(dialog(teacher).locator(".secret")).to_contain_text("eve")
    teacher.press("C’est noté", dialog(teacher))

    look_at(teacher, "eve")
    dialog(teacher).get_by_label("Rôle").select_option("moderator")
    album.keep(teacher.page, "administration-role")
    sure(teacher, "Donner ce rôle")
    teacher.sees_text("eve a maintenant le rôle")
    expect(dialog(teacher).get_by_label("Rôle")).to_have_value("moderator")
    teacher.press("Supprimer le compte", dialog(teacher))
    album.keep(teacher.page, "administration-delete")
    sure(teacher, "Supprimer")
    expect(dialog(teacher).locator("button.row", has_text="Mme Durand")).to_be_visible()
    expect(dialog(teacher).locator("button.row", has_text="eve")).to_have_count(0)


def test_every_page_of_it(school: School, album: Album) -> None:
    """Each is whole on a wide screen and on a phone, and leads back to itself after a question."""
    teacher = in_office(school)
    bob = school.member("bob")
    assert school.server.ctl("mute", "bob", "1h", "Trop de bruit").returncode == 0
    for name, title in PAGES.items():
        go(teacher, title)
        expect(dialog(teacher).locator(".spinner")).to_have_count(0)
        album.keep(teacher.page, f"administration-{name}-page")
        teacher.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        album.keep(teacher.page, f"administration-{name}-phone")
        teacher.page.set_viewport_size(NARROWEST)  # type: ignore[arg-type]
        album.keep(teacher.page, f"administration-{name}-narrowest")
        teacher.page.set_viewport_size(WIDE)  # type: ignore[arg-type]

    expect(dialog(teacher)).to_contain_text("Place libre")
    expect(dialog(teacher)).to_contain_text(re.compile("En marche depuis.*min"))
    go(teacher, "Modération")
    teacher.press("Lever", dialog(teacher))
    sure(teacher, "Lever")
    expect(dialog(teacher)).to_contain_text("Aucune.")
    bob.sees_text("Vous pouvez de nouveau écrire.")

    go(teacher, "Salons")
    row = dialog(teacher).locator(".row-card", has_text="dev")
    row.get_by_role("button", name=re.compile("Fermer le salon")).click()
    sure(teacher, "Fermer")
    expect(row).to_contain_text("fermé")

    go(teacher, "Journal")
    expect(dialog(teacher).locator(".trail-entry", has_text="a fermé le salon #dev")).to_contain_text("Mme Durand")
    dialog(teacher).get_by_label("Quoi").select_option(label="mesure levée")
    expect(dialog(teacher).locator(".trail-entry")).to_have_count(1)
    expect(dialog(teacher).locator(".trail-entry")).to_contain_text("bob")
    dialog(teacher).get_by_label("Qui l’a fait").fill("personne")
    dialog(teacher).get_by_label("Qui l’a fait").press("Enter")
    expect(dialog(teacher)).to_contain_text("Rien au journal")
    album.keep(teacher.page, "administration-trail-empty")


def test_the_trail_is_read_page_by_page(school: School) -> None:
    """The latest entries come first; a button brings what was before."""
    with school.server.client() as client:
        client.register("moteur").hello()
        assert school.server.ctl("role", "moteur", "moderator").returncode == 0
        for number in range(60):
            client.send(type="topic", id=number, channel="#général", topic=f"Sujet {number}")
        client.until(id=59)
    teacher = in_office(school)
    go(teacher, "Journal")
    entries = dialog(teacher).locator(".trail-entry")
    expect(entries).to_have_count(50)
    expect(entries.filter(has_text="Sujet 0")).to_have_count(0)
    teacher.press("Entrées plus anciennes", dialog(teacher))
    expect(entries.filter(has_text="Sujet 0 → Sujet 1")).to_have_count(1)


def test_who_may_not_sees_none_of_it(school: School) -> None:
    """Nor does it help to have it open: a right that has ended since is refused in words, and it closes by itself."""
    teacher = in_office(school, "admin")
    assert school.server.ctl("role", "Mme Durand", "moderator").returncode == 0
    go(teacher, "Serveur")
    expect(dialog(teacher).get_by_role("alert")).to_contain_text("pas le droit")
    assert school.server.ctl("role", "Mme Durand", "member").returncode == 0
    expect(dialog(teacher)).to_have_count(0)
    expect(teacher.page.get_by_role("button", name="Administration")).to_have_count(0)
    assert school.server.ctl("role", "Mme Durand", "moderator").returncode == 0
    expect(teacher.page.locator(".to-moderation")).to_be_visible()
    expect(teacher.page.get_by_role("button", name="Administration")).to_have_count(0)
