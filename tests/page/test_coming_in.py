"""The way in where not everybody makes an account: invitation codes, closed registration, codes of a class list."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect

from tests.page.album import NARROWEST, PHONE, WIDE, Album
from tests.page.visitors import School

pytestmark = pytest.mark.system

Opened = Callable[[str], School]


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Open a school whose accounts are made as the setting `registration` says, once for all tests."""
    schools: dict[str, School] = {}

    def school(registration: str) -> School:
        if registration not in schools:
            folder = tmp_path_factory.mktemp(registration)
            schools[registration] = School(browser, folder, "--set", f"accounts.registration={registration}")
        return schools[registration]

    with closing(schools):
        yield school


@contextmanager
def closing(schools: dict[str, School]) -> Iterator[None]:
    try:
        yield
        for each in schools.values():
            each.close()
    finally:
        for each in schools.values():
            each.kill()


def invitation(school: School) -> str:
    """Return a code that makes members of #dev."""
    return str(json.loads(school.server.ctl("addcode", "#dev", "--uses", "5", "--json").stdout)["code"])


def test_an_account_is_made_by_an_invitation_code(opened: Opened, album: Album) -> None:
    """A wrong code is refused beside its field; with the right one, however it is typed, one is in its channels."""
    school = opened("invite")
    code = invitation(school)
    alice = school.visit("alice", viewport=WIDE)
    alice.page.get_by_role("tab", name="Créer un compte").click()
    field = alice.page.get_by_label("Code d’invitation")
    alice.page.get_by_label("Identifiant", exact=True).fill("alice")
    alice.page.get_by_label("Mot de passe", exact=True).fill("azerty")
    alice.press("Créer mon compte")
    expect(field).to_be_focused()  # the browser itself asks for it
    field.fill("<b>AAAA-BBBB-CCCC</b>")
    alice.press("Créer mon compte")
    expect(alice.page.locator("#code-error")).to_contain_text("n’est pas valable")
    album.keep(alice.page, "entry-invite")
    for name, size in (("phone", PHONE), ("narrowest", NARROWEST)):
        alice.page.set_viewport_size(size)  # type: ignore[arg-type]
        album.keep(alice.page, f"entry-invite-{name}")
    alice.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    field.fill(code.lower().replace("-", " "))
    alice.press("Créer mon compte")
    alice.inside()
    expect(alice.entry("dev")).to_be_visible()


def test_an_address_carries_the_code(opened: Opened) -> None:
    """Whoever follows a link with a code finds it in its field, as text, whatever it says."""
    school = opened("invite")
    bob = school.visit("bob")
    bob.page.goto(f"{school.url}#invitation=%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    bob.page.reload()
    expect(bob.page.get_by_role("tab", name="Créer un compte")).to_have_attribute("aria-selected", "true")
    expect(bob.page.get_by_label("Code d’invitation")).to_have_value('"><img src=x onerror=alert(1)>')
    expect(bob.page.get_by_label("Identifiant", exact=True)).to_be_visible()


def test_where_nobody_makes_an_account_none_is_offered(opened: Opened, album: Album) -> None:
    """The page says who makes them instead."""
    visitor = opened("closed").visit("someone", viewport=WIDE)
    visitor.sees_text("demandez-lui le vôtre")
    expect(visitor.page.get_by_role("tab", name="Créer un compte")).to_have_count(0)
    album.keep(visitor.page, "entry-closed")
    visitor.page.set_viewport_size(NARROWEST)  # type: ignore[arg-type]
    album.keep(visitor.page, "entry-closed-narrowest")


def test_where_everybody_may_a_code_can_be_given_too(opened: Opened) -> None:
    """It is asked for only by who has one."""
    visitor = opened("open").visit("someone")
    visitor.page.get_by_role("tab", name="Créer un compte").click()
    expect(visitor.page.get_by_label("Code d’invitation")).to_have_count(0)
    visitor.press("J’ai un code d’invitation")
    expect(visitor.page.get_by_label("Code d’invitation")).to_be_focused()


def test_a_pupil_of_a_class_list_chooses_a_password(opened: Opened, album: Album) -> None:
    """The code on the slip is typed once; the two new passwords have to be the same; then the pupil is in."""
    school = opened("open")
    code = json.loads(school.server.ctl("adduser", "lea.martin", "--json").stdout)["password"]
    lea = school.visit("lea.martin", viewport=WIDE).login(code)
    lea.sees_text("Bienvenue, lea.martin")
    expect(lea.page.get_by_label("Nouveau mot de passe")).to_be_focused()
    expect(lea.page.locator(".notice")).to_have_count(0)
    album.keep(lea.page, "one-time")
    lea.page.set_viewport_size(NARROWEST)  # type: ignore[arg-type]
    album.keep(lea.page, "one-time-narrowest")
    lea.page.get_by_label("Nouveau mot de passe").fill("fraise des bois")
    lea.page.get_by_label("Confirmez le mot").fill("fraise")
    lea.press("Choisir et entrer")
    lea.sees_text("Les deux nouveaux mots de passe sont différents.")
    lea.page.get_by_label("Confirmez le mot").fill("fraise des bois")
    lea.press("Choisir et entrer")
    lea.inside()
    lea.page.reload()
    lea.inside()
