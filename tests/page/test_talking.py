"""People talk by the web page, among themselves and with a client of the first hour; in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.page.visitors import School

pytestmark = pytest.mark.system


def test_two_browsers_and_a_classic_client(school: School) -> None:
    """What one of three writes, the two others read, whatever each of them speaks."""
    alice, bob = school.member("alice"), school.member("Bob Martin")
    with school.server.client().register("carole") as carole:
        carole.ask(type="users")
        alice.say("Bonjour à tous")
        bob.sees("Bonjour à tous")
        assert carole.until(content="Bonjour à tous")["from"] == "alice"
        bob.say("Salut Alice")
        assert carole.until(content="Salut Alice")["from"] == "Bob Martin"
        carole.say("Et bonjour de Java")
        for visitor in (alice, bob):
            visitor.sees("Et bonjour de Java")
            visitor.sees("Salut Alice")


def test_a_private_conversation(school: School) -> None:
    """A private message is counted beside its author's name, read when it is opened, and answered."""
    alice, bob = school.member("alice"), school.member("bob")
    alice.press("Écrire à quelqu’un")
    alice.page.get_by_role("combobox").fill("bo")
    alice.page.get_by_role("option", name="bob").click()
    alice.sees_text("Le début de votre conversation avec bob")
    alice.say("Tu as cinq minutes ?")
    expect(bob.entry("alice").locator(".count.calls")).to_contain_text("1")
    bob.open("alice")
    bob.sees("Tu as cinq minutes ?")
    expect(bob.entry("alice").locator(".count")).to_have_count(0)
    bob.say("Oui, vas-y")
    alice.sees("Oui, vas-y")


def test_a_message_is_edited_answered_reacted_to_and_deleted(school: School) -> None:
    """What becomes of a message is shown to everybody who has it on the screen."""
    alice, bob = school.member("alice"), school.member("bob")
    alice.say("Le TP est pour lundi")
    bob.sees("Le TP est pour lundi")
    bob.do("Répondre", "Le TP est pour lundi")
    bob.say("Merci !")
    expect(alice.message("Merci !").locator(".answered")).to_contain_text("Le TP est pour lundi")

    alice.do("Réagir", "Merci !")
    alice.page.get_by_label("Chercher un emoji").fill("bravo")
    alice.page.keyboard.press("Enter")
    expect(bob.message("Merci !").locator(".reaction")).to_have_text("👏 1")
    bob.message("Merci !").locator(".reaction").click()
    expect(alice.message("Merci !").locator(".reaction")).to_have_text("👏 2")

    alice.field.press("ArrowUp")
    expect(alice.field).to_have_value("Le TP est pour lundi")
    alice.say("Le TP est pour mardi")
    expect(bob.message("Le TP est pour mardi")).to_contain_text("(modifié)")

    alice.do("Supprimer le message", "Le TP est pour mardi")
    alice.press("Supprimer", alice.page.get_by_role("dialog"))
    bob.sees_text("Message supprimé")


def test_a_channel_is_made_joined_and_pinned_in(school: School) -> None:
    """A channel appears among all channels; its pinned messages are found again by its members."""
    alice, bob = school.member("alice"), school.member("bob")
    alice.press("Créer un salon")
    dialog = alice.page.get_by_role("dialog")
    dialog.get_by_label("Nom du salon").fill("projet-web")
    dialog.get_by_label("Sujet (facultatif)").fill("Rendu le 12 décembre")
    alice.press("Créer le salon", dialog)
    expect(alice.page.locator(".topic")).to_have_text("Rendu le 12 décembre")
    bob.join("projet-web")
    expect(alice.page.locator(".person", has_text="bob")).to_be_visible()
    alice.say("Le dépôt est sur la forge")
    bob.sees("Le dépôt est sur la forge")
    alice.do("Épingler", "Le dépôt est sur la forge")
    bob.press("Messages épinglés")
    expect(bob.page.locator(".found")).to_contain_text("Le dépôt est sur la forge")


def test_a_request_to_enter_waits(school: School) -> None:
    """A channel of sort `approval` shows that the request waits; it can be withdrawn, and an accepted one lets in."""
    alice = school.member("alice")
    school.server.ctl("create", "#club", "approval")
    alice.press("Parcourir les salons")
    row = alice.page.locator(".choice", has_text="club")
    alice.press("Demander à entrer", row)
    expect(row).to_contain_text("Demande en attente")
    assert school.server.ctl("accept", "alice", "#club").returncode == 0
    alice.page.keyboard.press("Escape")
    expect(alice.entry("club")).to_be_visible()


def test_a_name_is_completed_and_called(school: School) -> None:
    """After @ people are proposed; who is called sees it in the list and in the message."""
    alice, bob = school.member("alice"), school.member("Bob Martin")
    bob.join("dev")
    alice.field.press_sequentially("Regarde @bob")
    expect(alice.page.get_by_role("option", name="Bob Martin")).to_be_visible()
    alice.field.press("Enter")
    expect(alice.field).to_have_value("Regarde @Bob Martin ")
    alice.field.press("Enter")
    expect(bob.entry("général").locator(".count.calls")).to_contain_text("1")
    bob.open("général")
    expect(bob.page.locator(".message.called .mention")).to_have_text("@Bob Martin")


def test_who_is_writing_is_shown(school: School) -> None:
    alice, bob = school.member("alice"), school.member("bob")
    alice.field.press_sequentially("Je")
    expect(bob.page.locator(".typing")).to_have_text("alice écrit…")
    alice.say("Je viens")
    expect(bob.page.locator(".typing")).to_have_text("")


def test_a_refused_message_says_why_and_can_be_given_up(school: School) -> None:
    """The reason stands beside the message that was not sent."""
    alice = school.member("alice")
    assert school.server.ctl("mute", "alice", "1h", "bruit").returncode == 0
    alice.sees_text("Vous ne pouvez plus écrire")
    alice.say("Pardon")
    refused = alice.page.locator(".message.refused")
    expect(refused).to_contain_text("Vous ne pouvez plus écrire")
    alice.press("Ne pas envoyer", refused)
    expect(refused).to_have_count(0)


def test_what_the_server_says_is_shown_but_not_each_arrival(school: School) -> None:
    """An announcement stands on the page until it is read; that somebody has come is seen in the list of members."""
    alice = school.member("alice", viewport={"width": 1360, "height": 820})
    school.member("bob")
    expect(alice.page.locator(".person", has_text="bob")).to_be_visible()
    assert school.server.ctl("announce", "Cours annulé à 14 h").returncode == 0
    expect(alice.page.locator(".notice")).to_have_text("Cours annulé à 14 h")


def test_a_request_to_enter_is_told_to_who_decides(school: School) -> None:
    """The sentence begins with the name of somebody who has just come; it is shown all the same."""
    assert school.server.ctl("create", "#club", "approval").returncode == 0
    teacher = school.member("Mme Durand", viewport={"width": 1360, "height": 820})
    assert school.server.ctl("role", "Mme Durand", "moderator").returncode == 0
    expect(teacher.page.locator(".self .badge")).to_have_text("modération")
    bob = school.member("bob")
    bob.press("Parcourir les salons")
    bob.press("Demander à entrer", bob.page.locator(".choice", has_text="club"))
    teacher.sees_text("bob demande à entrer dans #club")


def test_what_a_guest_has_seen_is_no_longer_counted(school: School) -> None:
    """The server keeps no marks for guests; the page counts for itself."""
    bob, zoe = school.member("bob"), school.visit("Zoé")
    zoe.page.get_by_role("tab", name="Invité").click()
    zoe.page.get_by_label("Votre nom").fill("Zoé")
    zoe.press("Entrer sans compte")
    zoe.inside()
    bob.say("Bonjour")
    zoe.sees("Bonjour")
    expect(zoe.entry("général").locator(".count")).to_have_count(0)


def test_a_guest_is_written_to_in_private(school: School) -> None:
    """The server keeps nothing of it for a guest; the page shows it as long as it is open, lost links included."""
    bob, zoe = school.member("bob"), school.visit("Zoé")
    zoe.page.get_by_role("tab", name="Invité").click()
    zoe.page.get_by_label("Votre nom").fill("Zoé")
    zoe.press("Entrer sans compte")
    zoe.inside()
    bob.press("Écrire à quelqu’un")
    bob.page.get_by_role("option", name="Zoé").click()
    bob.say("Bienvenue")
    zoe.open("bob")
    zoe.sees("Bienvenue")
    zoe.say("Merci")
    bob.sees("Merci")
    zoe.page.context.set_offline(True)
    zoe.page.evaluate("dispatchEvent(new Event('offline'))")
    zoe.page.context.set_offline(False)
    zoe.is_back()
    zoe.sees("Bienvenue")
    bob.say("Tu restes ?")
    zoe.sees("Tu restes ?")
