"""Keeping order on the web page: sanctions, other people's messages, requests to join, channels; in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.page.visitors import School, Visitor

pytestmark = pytest.mark.system

WIDE = {"width": 1360, "height": 820}


def with_role(school: School, role: str) -> Visitor:
    """Return a teacher who has been given a role while they were there: the page follows."""
    teacher = school.member("Mme Durand", viewport=WIDE)
    assert school.server.ctl("role", "Mme Durand", role).returncode == 0
    expect(teacher.page.locator(".to-moderation").first).to_be_visible()
    return teacher


def look_at(visitor: Visitor, name: str) -> Locator:
    """Open what is known of a person, from the list of members."""
    visitor.page.locator(".person", has_text=name).click()
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name=name)).to_be_visible()
    return dialog


def test_a_muted_pupil_hears_why_and_cannot_write(school: School) -> None:
    """The reason is read at once and beside what was not sent; after the sanction is lifted it can be sent again."""
    teacher, bob = with_role(school, "moderator"), school.member("bob")
    teacher.press("Réduire au silence", look_at(teacher, "bob"))
    dialog = teacher.page.get_by_role("dialog")
    dialog.get_by_label("Durée").select_option(label="1 heure")
    dialog.get_by_label("Motif").fill("Trop de bruit")
    teacher.press("Réduire au silence", dialog)
    teacher.sees_text("bob ne peut plus écrire.")
    expect(bob.page.locator(".notice")).to_contain_text("Trop de bruit")
    bob.say("Pardon")
    expect(bob.page.locator(".message.refused")).to_contain_text("Trop de bruit")

    dialog = look_at(teacher, "bob")
    expect(dialog).to_contain_text("Réduit au silence")
    expect(dialog.get_by_role("button", name="Réduire au silence")).to_have_count(0)
    teacher.press("Lever", dialog)
    teacher.press("Lever", teacher.page.get_by_role("dialog"))
    bob.sees_text("Vous pouvez de nouveau écrire.")
    bob.press("Réessayer", bob.page.locator(".message.refused"))
    teacher.sees("Pardon")


@pytest.mark.parametrize(("action", "told"), [("Expulser", "expulsé pour 5 min"), ("Bannir", "banni")])
def test_somebody_is_sent_out_and_let_in_again(school: School, action: str, told: str) -> None:
    """They read why at the door; from the list of what is in force it is taken back, and they come in."""
    teacher, bob = with_role(school, "moderator"), school.member("bob")
    teacher.press(action, look_at(teacher, "bob"))
    dialog = teacher.page.get_by_role("dialog")
    expect(dialog).to_contain_text("sera déconnecté partout")
    dialog.get_by_label("Motif").fill("Insultes")
    teacher.press(action, dialog)
    expect(bob.page.locator(".farewell")).to_contain_text("Insultes")

    teacher.press("Modération")
    row = teacher.page.locator(".choice", has_text="bob")
    expect(row).to_contain_text("Insultes")
    teacher.press("Lever", row)
    teacher.press("Lever", teacher.page.get_by_role("dialog"))
    teacher.sees_text("La mesure contre bob est levée.")
    bob.login().inside()


def test_what_may_not_be_done_is_refused_in_the_dialog(school: School) -> None:
    """Somebody else was faster: the server's words stand where the button was pressed."""
    teacher = with_role(school, "moderator")
    school.member("bob")
    teacher.press("Réduire au silence", look_at(teacher, "bob"))
    assert school.server.ctl("mute", "bob", "1h").returncode == 0
    dialog = teacher.page.get_by_role("dialog")
    teacher.press("Réduire au silence", dialog)
    expect(dialog.get_by_role("alert")).to_contain_text("vise déjà")


def test_a_moderator_deletes_the_message_of_a_pupil(school: School) -> None:
    """It disappears for everybody, after a question that says so; by the keyboard too."""
    teacher, bob, alice = with_role(school, "moderator"), school.member("bob"), school.member("alice")
    bob.say("Quelle nullité")
    alice.sees("Quelle nullité")
    teacher.do("Supprimer le message", "Quelle nullité")
    dialog = teacher.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Supprimer le message de bob")
    teacher.press("Supprimer", dialog)
    alice.sees_text("Message supprimé")
    alice.sees("Quelle nullité", 0)

    bob.say("Encore")
    teacher.message("Encore").press("Delete")
    teacher.press("Supprimer", teacher.page.get_by_role("dialog"))
    alice.sees("Encore", 0)


def test_a_request_to_join_is_accepted_or_rejected(school: School) -> None:
    """What waits is counted in the list; who is rejected reads why, who is accepted is in."""
    teacher, alice, bob = with_role(school, "moderator"), school.member("alice"), school.member("bob")
    assert school.server.ctl("create", "#club", "approval").returncode == 0
    for pupil in (alice, bob):
        pupil.press("Parcourir les salons")
        pupil.press("Demander à entrer", pupil.page.locator(".choice", has_text="club"))
        expect(pupil.page.locator(".choice", has_text="club")).to_contain_text("Demande en attente")
        pupil.page.keyboard.press("Escape")
    button = teacher.page.locator(".to-moderation").first
    expect(button.locator(".count")).to_contain_text("2")
    button.click()
    dialog = teacher.page.get_by_role("dialog")
    teacher.press("Accepter alice dans #club", dialog)
    asked = dialog.get_by_role("region", name="Demandes d’entrée")
    expect(asked.get_by_role("status")).to_have_text("alice est maintenant membre de #club.")
    expect(alice.entry("club")).to_be_visible()
    teacher.press("Refuser bob dans #club", dialog)
    dialog.get_by_label("Motif").fill("C’est complet")
    dialog.get_by_label("Motif").press("Enter")
    bob.sees_text("C’est complet")
    expect(dialog).to_contain_text("La demande de bob pour #club est refusée.")
    expect(button.locator(".count")).to_have_count(0)


def test_a_request_that_is_taken_back_is_gone_at_once(school: School) -> None:
    """From the count and from the list that is open; so is one that a colleague answers."""
    teacher = with_role(school, "moderator")
    assert school.server.ctl("create", "#club", "approval").returncode == 0
    with (
        school.server.client().register("alice").hello() as alice,
        school.server.client().register("bob").hello() as bob,
    ):
        for pupil in (alice, bob):
            pupil.ask(type="join", channel="#club")
        count = teacher.page.locator(".to-moderation .count")
        expect(count).to_contain_text("2")
        teacher.page.locator(".to-moderation").first.click()
        asked = teacher.page.get_by_role("dialog").get_by_role("region", name="Demandes d’entrée")
        expect(asked.locator(".choice")).to_have_count(2)
        alice.ask(type="withdraw", channel="#club")
        expect(asked.locator(".choice")).to_have_count(1)
        expect(asked.locator(".choice")).to_contain_text("bob")
        assert school.server.ctl("reject", "bob", "#club").returncode == 0
        expect(asked.locator(".choice")).to_have_count(0)
        expect(count).to_have_count(0)
        alice.ask(type="join", channel="#club")
        expect(asked.locator(".choice")).to_contain_text("alice")


def test_a_channel_is_closed_opened_again_and_deleted(school: School) -> None:
    """Who administers does it from the channel's menu; its members see what has become of it."""
    admin, alice = with_role(school, "admin"), school.member("alice")
    for visitor in (alice, admin):
        visitor.join("dev")
        expect(visitor.page.locator(".conversation-title h2")).to_have_text("dev")

    def choose(action: str, sure: str) -> None:
        admin.press("Plus d’actions")
        admin.page.get_by_role("menuitem", name=action).click()
        admin.press(sure, admin.page.get_by_role("dialog"))
        expect(admin.page.get_by_role("dialog")).to_have_count(0)

    choose("Fermer le salon", "Fermer")
    for visitor in (admin, alice):
        visitor.sees_text("Ce salon est fermé")
        expect(visitor.field).to_have_count(0)
    choose("Rouvrir le salon", "Rouvrir")
    alice.say("De retour")
    admin.sees("De retour")
    admin.press("Créer un salon")
    admin.page.get_by_label("Nom du salon").fill("brouillon")
    admin.press("Créer le salon", admin.page.get_by_role("dialog"))
    expect(admin.page.locator(".conversation-title h2")).to_have_text("brouillon")
    alice.join("brouillon")
    expect(alice.page.locator(".conversation-title h2")).to_have_text("brouillon")
    choose("Supprimer le salon", "Supprimer")
    for visitor in (admin, alice):
        expect(visitor.entry("brouillon")).to_have_count(0)
        expect(visitor.page.locator(".conversation-title h2")).not_to_have_text("brouillon")


def test_a_pupil_sees_none_of_it(school: School) -> None:
    """Nor does a moderator see what may be done to a channel, or to whoever is above."""
    teacher, alice = with_role(school, "moderator"), school.member("alice", viewport=WIDE)
    teacher.say("Bonjour")
    alice.message("Bonjour").hover()
    expect(alice.message("Bonjour").get_by_role("button", name="Répondre")).to_be_visible()
    expect(alice.message("Bonjour").get_by_role("button", name="Supprimer le message")).to_have_count(0)
    expect(alice.page.locator(".to-moderation")).to_have_count(0)
    dialog = look_at(alice, "Mme Durand")
    expect(dialog.get_by_role("button", name="Écrire")).to_be_visible()
    for action in ("Réduire au silence", "Expulser", "Bannir"):
        expect(dialog.get_by_role("button", name=action)).to_have_count(0)
    alice.page.keyboard.press("Escape")
    for visitor in (alice, teacher):
        visitor.join("dev")
        expect(visitor.page.locator(".conversation-title h2")).to_have_text("dev")
        visitor.press("Plus d’actions")
        expect(visitor.page.get_by_role("menuitem", name="Quitter le salon")).to_be_visible()
        expect(visitor.page.get_by_role("menuitem", name="Fermer le salon")).to_have_count(0)
