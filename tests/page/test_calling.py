"""How the page calls who looks elsewhere, asks before words are lost, and notices a dead link; in a real Chromium."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.page.visitors import School, Visitor

pytestmark = pytest.mark.system

CALLS = """
window.rung = 0;
window.notified = [];
const Real = AudioContext;
window.AudioContext = function () { rung += 1; return new Real(); };
window.Notification = class {
    static permission = "default";
    static async requestPermission() { return (Notification.permission = "granted"); }
    constructor(title, { body }) { notified.push(`${title}: ${body}`); }
    close() {}
};"""


def listener(school: School) -> Visitor:
    """Return somebody who wants to hear and see it when they are called."""
    alice = school.visit("alice")
    alice.page.add_init_script(CALLS)
    alice.page.reload()
    alice.register()
    alice.press("Réglages")
    alice.press("Notifications")
    alice.page.get_by_text("Jouer un son").click()
    alice.page.get_by_text("Afficher une notification").click()
    expect(alice.page.get_by_role("checkbox").first).to_be_checked()
    alice.page.keyboard.press("Escape")
    return alice


def test_who_is_written_to_is_called(school: School) -> None:
    """By a sound and a notification where somebody wants them: for private messages and mentions, not for all."""
    alice = listener(school)
    alice.join("dev")
    with school.server.client().register("bob") as bob:
        bob.say("Bonjour à tous")
        expect(alice.entry("général")).to_have_class("entry unread")
        assert alice.page.evaluate("[rung, notified.length]") == [0, 0]
        bob.send(type="message", subtype="private", to="alice", content="Tu viens ?")
        alice.page.wait_for_function("() => rung === 1 && notified.length === 1")
        assert alice.page.evaluate("notified[0]") == "bob · bob: Tu viens ?"
        bob.say("@alice c’est l’heure")
        alice.page.wait_for_function("() => rung === 2 && notified.length === 2")
        assert alice.page.title().startswith("(2) ")


def test_nobody_is_called_who_has_not_asked_for_it(school: School) -> None:
    alice = school.visit("alice")
    alice.page.add_init_script(CALLS)
    alice.page.reload()
    alice.register()
    with school.server.client().register("bob") as bob:
        bob.send(type="message", subtype="private", to="alice", content="Tu viens ?")
        expect(alice.entry("bob").locator(".count")).to_contain_text("1")
    assert alice.page.evaluate("[rung, notified.length]") == [0, 0]


def test_a_link_that_says_nothing_is_lost(browser: Browser, tmp_path: Path) -> None:
    """Without a heartbeat of the server for two intervals the page does not wait for the browser to notice."""
    school = School(browser, tmp_path, "--set", "limits.heartbeat=5")
    try:
        alice = school.member("alice")
        school.server.send_signal(signal.SIGSTOP)
        try:
            alice.sees_text("Connexion perdue")
        finally:
            school.server.send_signal(signal.SIGCONT)
        alice.is_back()
        alice.say("De retour")
        alice.sees("De retour")
        school.close()
    finally:
        school.kill()


def test_the_browser_asks_before_words_are_lost(school: School) -> None:
    """Once something was typed and not sent; then no more."""
    alice = school.member("alice")
    alice.page.reload()
    alice.inside()
    assert alice.asked == 0
    alice.field.press_sequentially("Ceci n’est")
    alice.page.reload()
    alice.inside()
    assert alice.asked == 1
    alice.say("Voilà")
    alice.sees("Voilà")
    alice.page.reload()
    alice.inside()
    assert alice.asked == 1


def test_a_menu_is_gone_through_by_the_arrows(school: School) -> None:
    """It begins at its first entry, or at the one that is chosen, and gives the focus back."""
    alice = school.member("alice")
    alice.page.locator(".self-button").press("Enter")
    expect(alice.page.get_by_role("menuitemradio", name="En ligne")).to_be_focused()
    alice.page.keyboard.press("ArrowDown")
    expect(alice.page.get_by_role("menuitemradio", name="Absent")).to_be_focused()
    alice.page.keyboard.press("End")
    expect(alice.page.get_by_role("menuitem", name="Se déconnecter")).to_be_focused()
    alice.page.keyboard.press("ArrowDown")
    expect(alice.page.get_by_role("menuitemradio", name="En ligne")).to_be_focused()
    alice.page.keyboard.press("Escape")
    expect(alice.page.locator(".self-button")).to_be_focused()


def test_who_made_a_channel_deletes_it_while_it_is_empty(school: School) -> None:
    """Nobody else sees the entry of the menu while others are in it."""
    alice, bob = school.member("alice"), school.member("bob")
    alice.press("Créer un salon")
    alice.page.get_by_label("Nom du salon").fill("essai")
    alice.press("Créer le salon", alice.page.get_by_role("dialog"))
    expect(alice.page.locator(".conversation-title h2")).to_have_text("essai")
    bob.join("essai")
    bob.press("Plus d’actions")
    bob.page.get_by_role("menuitem", name="Quitter le salon").click()
    expect(bob.entry("essai")).to_have_count(0)
    alice.press("Plus d’actions")
    alice.page.get_by_role("menuitem", name="Supprimer le salon").click()
    alice.press("Supprimer", alice.page.get_by_role("dialog"))
    expect(alice.entry("essai")).to_have_count(0)
