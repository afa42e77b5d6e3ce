"""Sessions on the web page: across restarts, lost links, reloads, several tabs; guests, one-time passwords."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.page.visitors import School, Visitor

pytestmark = pytest.mark.system


def written_while_away(visitor: Visitor, content: str) -> None:
    """Write something while no server is there: it waits, and the page says so."""
    visitor.sees_text("Connexion perdue")
    visitor.say(content)
    expect(visitor.page.locator(".message.waiting")).to_contain_text(content)


def test_a_restart_of_the_server_loses_nothing(school: School) -> None:
    """Who was there is there again; what was written meanwhile is sent once, and read by those who come back."""
    alice, bob = school.member("alice"), school.member("bob")
    alice.say("Avant")
    bob.sees("Avant")
    school.stop()
    written_while_away(alice, "Pendant")
    school.start_again()
    for visitor in (alice, bob):
        visitor.is_back()
        visitor.sees("Avant")
        visitor.sees("Pendant")
    bob.say("Après")
    alice.sees("Après")


def test_what_waits_outlives_a_reload(school: School) -> None:
    """A page that is loaded again has its session, and sends what was written before."""
    alice, bob = school.member("alice"), school.member("bob")
    school.stop()
    written_while_away(alice, "Écrit hors ligne")
    school.start_again()
    alice.page.reload()
    alice.inside()
    alice.sees("Écrit hors ligne")
    bob.sees("Écrit hors ligne")


def test_a_lost_link_is_opened_again_by_itself(school: School) -> None:
    """Nobody has to press anything."""
    alice = school.member("alice")
    school.stop()
    alice.sees_text("Connexion perdue")
    school.start_again()
    alice.is_back()


def test_the_link_is_tried_again_when_asked(school: School) -> None:
    """The bar has a button for it: pressed while no server is there, and again when one is, it does no harm."""
    alice = school.member("alice")
    school.stop()
    alice.press("Réessayer maintenant")
    school.start_again()
    alice.page.evaluate("document.querySelector('.connection.lost button')?.click()")  # it may be there already
    alice.is_back()


def test_two_tabs_have_a_session_each(school: School) -> None:
    """A second tab asks for the password; from then on both hear all, and each goes on by itself after a reload."""
    alice = school.member("alice")
    second = school.visitor("alice", alice.page.context.new_page())
    second.login().inside()
    alice.say("D’ici")
    second.sees("D’ici")
    second.say("Et de là")
    alice.sees("Et de là")
    for visitor in (second, alice):
        visitor.page.reload()
        visitor.inside()
        visitor.sees("Et de là")


@pytest.mark.parametrize("host", ["127.0.0.1", "school.test"])
def test_a_duplicated_tab_does_not_take_the_session(school: School, host: str) -> None:
    """A copy of the tab has a copy of its storage, but not its session: that goes on where it was.

    By plain http to another machine a browser has no locks, no clipboard and no notifications: all works without them.
    """
    school.host = host
    alice = school.member("alice")
    with alice.page.expect_popup() as opened:
        alice.page.evaluate("void open(location.href)")
    copy = school.visitor("alice", opened.value)
    expect(copy.page.get_by_role("tab", name="Se connecter")).to_be_visible()
    alice.say("Toujours là")
    alice.sees("Toujours là")
    copy.login().inside()
    copy.sees("Toujours là")


@pytest.mark.parametrize("stay", [True, False])
def test_a_closed_tab_is_forgotten_unless_one_wants_to_stay(school: School, stay: bool) -> None:
    """The next person in front of a shared computer is nobody; on one's own computer one is still there."""
    alice = school.member("alice")
    alice.press("Réglages")
    alice.press("Se déconnecter")
    if stay:
        alice.page.get_by_label("Rester connecté sur cet appareil").check()
    alice.login().inside()
    alice.page.close()
    again = school.visitor("alice", alice.page.context.new_page())
    if stay:
        again.inside()
    else:
        expect(again.page.get_by_role("tab", name="Se connecter")).to_be_visible()


def test_a_guest_comes_in_without_an_account(school: School) -> None:
    """A guest talks, is marked as one, and is offered nothing that needs an account."""
    bob = school.member("bob")
    zoe = school.visit("Zoé")
    zoe.page.get_by_role("tab", name="Invité").click()
    zoe.page.get_by_label("Votre nom").fill("Zoé")
    zoe.press("Entrer sans compte")
    zoe.inside()
    zoe.say("Je passe")
    expect(bob.message("Je passe").locator(".badge")).to_have_text("invité")
    expect(zoe.page.get_by_role("button", name="Créer un salon")).to_have_count(0)


def test_a_password_that_works_once_is_changed_first(school: School) -> None:
    """The administrator of a new server chooses a password, and is in."""
    first = (school.server.data / "first-password").read_text("utf-8").split()[-1]
    admin = school.visit("admin").login(first)
    admin.sees_text("Bienvenue, admin")
    admin.page.get_by_label("Nouveau mot de passe").fill("tableau noir")
    admin.page.get_by_label("Confirmez le mot").fill("tableau vert")
    admin.press("Choisir et entrer")
    admin.sees_text("Les deux nouveaux mots de passe sont différents.")
    admin.page.get_by_label("Confirmez le mot").fill("tableau noir")
    admin.press("Choisir et entrer")
    admin.inside()
    expect(admin.page.locator(".self .badge")).to_have_text("propriétaire")
    admin.page.reload()
    admin.inside()


def test_wrong_words_at_the_door_are_told_beside_the_field(school: School) -> None:
    """A name that is taken is told at the name, a wrong password above the form; what was typed stays."""
    school.member("alice")
    other = school.visit("alice")
    other.page.get_by_role("tab", name="Créer un compte").click()
    other.page.get_by_label("Identifiant", exact=True).fill("alice")
    other.page.get_by_label("Mot de passe", exact=True).fill("azerty")
    other.press("Créer mon compte")
    expect(other.page.locator("#username-error")).to_have_text("Ce nom est déjà pris.")
    other.page.get_by_role("tab", name="Se connecter").click()
    other.login("faux")
    expect(other.page.get_by_role("alert")).to_contain_text("incorrect")
    expect(other.page.get_by_label("Identifiant", exact=True)).to_have_value("alice")


def test_a_kicked_person_reads_why(school: School) -> None:
    """The reason stands at the door, and no attempt follows the other."""
    alice = school.member("alice")
    assert school.server.ctl("kick", "alice", "5min", "Insultes").returncode == 0
    expect(alice.page.locator(".farewell")).to_contain_text("Insultes")
