"""Files on the page: chosen, dropped or pasted, sent with a message, and seen by others; in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.page.images import png
from tests.page.visitors import School, Visitor

pytestmark = pytest.mark.system

LARGEST = 50_000  # bytes of a file, in this school
HELD = """([kind, selector, names]) => {
    const held = new DataTransfer();
    for (const name of names) held.items.add(new File(["mots"], name, {type: "text/plain"}));
    const place = document.querySelector(selector);
    const fields = {bubbles: true, cancelable: true};
    return place.dispatchEvent(kind === "paste"
        ? new ClipboardEvent(kind, {...fields, clipboardData: held})
        : new DragEvent(kind, {...fields, dataTransfer: held}));
}"""


@pytest.fixture
def school(browser: Browser, tmp_path: Path) -> Iterator[School]:
    """A server that knows its address, and takes small files."""
    settings = (
        "limits.messages_per_second=0",
        "web.address=http://school.test",
        f"files.file_bytes={LARGEST}",
        f"files.bytes_per_day={2 * LARGEST}",
    )
    school = School(browser, tmp_path, *(word for each in settings for word in ("--set", each)))
    try:
        yield school
        school.close()
    finally:
        school.kill()


def choose(visitor: Visitor, name: str, content: bytes = b"des mots", type_: str = "text/plain") -> None:
    """Choose a file by the button."""
    with visitor.page.expect_file_chooser() as chooser:
        visitor.press("Joindre un fichier")
    file: Any = {"name": name, "mimeType": type_, "buffer": content}
    chooser.value.set_files(file)


def chosen(visitor: Visitor) -> Locator:
    return visitor.page.locator(".attachment")


def forgive(visitor: Visitor, *expected: str) -> None:
    """Forget what the browser itself writes of requests that were to fail."""
    visitor.troubles = [each for each in visitor.troubles if not any(word in each for word in expected)]


def test_an_image_is_seen_by_others_and_gone_with_its_message(school: School) -> None:
    """It is shown in its bounds beside its words; a classic client reads a link; a deleted one is served no more."""
    alice, bob = school.member("alice"), school.member("bob")
    with school.server.client().register("carole") as carole:
        carole.ask(type="users")
        choose(alice, "schéma.png", png(832, 400), "image/png")
        expect(chosen(alice).locator("img")).to_be_visible()
        alice.say("Le schéma")
        image = bob.page.get_by_role("img", name="schéma.png")
        expect(image).to_have_js_property("naturalWidth", 832)
        expect(image).to_have_attribute("width", "416")
        expect(image).to_have_attribute("height", "200")
        expect(alice.page.get_by_role("img", name="schéma.png")).to_be_visible()
        link = bob.page.locator(".file-image")
        expect(link).to_have_attribute("rel", "noopener noreferrer")
        address = link.get_attribute("href")
        assert address is not None
        heard = carole.until(type="message", subtype="global")["content"]
        assert heard == f"Le schéma [fichier\u00a0: schéma.png, 2 ko] http://school.test{address}"
    bob.do("Répondre", "Le schéma")
    expect(bob.page.locator(".draft")).to_contain_text("Le schéma 📎 schéma.png")
    assert bob.page.request.get(school.url.rstrip("/") + address).status == 200
    alice.do("Supprimer le message", "Le schéma")
    alice.press("Supprimer", alice.page.get_by_role("dialog"))
    for visitor in (alice, bob):
        visitor.sees_text("Message supprimé")
        expect(visitor.page.locator(".file-image")).to_have_count(0)
    assert bob.page.request.get(school.url.rstrip("/") + address).status == 404


def test_what_cannot_be_sent_is_refused_in_words(school: School) -> None:
    """The page knows the limit before anything is sent; the words of the message stay."""
    alice = school.member("alice")
    choose(alice, "film.txt", b"x" * (LARGEST + 1))
    expect(chosen(alice).get_by_role("alert")).to_have_text(
        "Trop gros : la limite est de 50 ko. Il ne sera pas envoyé."
    )
    alice.press("Retirer film.txt")
    choose(alice, "vide.txt", b"")
    expect(chosen(alice).get_by_role("alert")).to_have_text("Ce fichier est vide. Il ne sera pas envoyé.")
    alice.press("Retirer vide.txt")
    choose(alice, "jeu.exe", b"MZ" + bytes(200), "application/x-msdownload")
    alice.say("Essayez ceci")
    expect(chosen(alice).get_by_role("alert")).to_have_text("Les fichiers de ce type ne sont pas acceptés ici.")
    forgive(alice, "415")
    alice.press("Retirer jeu.exe")
    expect(chosen(alice)).to_have_count(0)
    expect(alice.field).to_have_value("Essayez ceci")
    expect(alice.page.locator(".message")).to_have_count(0)


def test_names_and_documents_do_nothing(school: School) -> None:
    """Whatever a file is called is text; what could run in the page is downloaded."""
    alice, bob = school.member("alice"), school.member("bob")
    script = b"<script>document.title='hacked'</script>"
    hostile = {
        "<img src=x onerror=document.title='hacked'>.html": b"<!doctype html><html>" + script,
        "\"onload=document.title='hacked' .svg": b'<svg xmlns="http://www.w3.org/2000/svg">' + script + b"</svg>",
    }
    for name, content in hostile.items():
        choose(alice, name, content, "image/svg+xml")
    expect(chosen(alice).locator(".file-name")).to_have_text(list(hostile))
    alice.field.press("Enter")
    for visitor in (alice, bob):
        cards = visitor.page.locator(".file-card")
        expect(cards.locator(".file-name")).to_have_text([re.sub('[<>"]', "_", name) for name in hostile])
        expect(visitor.page.locator(".message-body img")).to_have_count(0)
        for index in range(len(hostile)):
            address = cards.nth(index).get_attribute("href")
            answer = visitor.page.request.get(school.url.rstrip("/") + str(address))
            assert answer.headers["content-disposition"].startswith("attachment")
        assert "hacked" not in visitor.page.title()
    bob.press("Recherche")
    with bob.page.expect_download() as download:
        bob.page.locator(".file-card").first.click()
    assert download.value.path().read_bytes() in hostile.values()


def test_files_are_dropped_and_pasted(school: School) -> None:
    """Where they may be dropped is shown; each goes with a message of its own, the first with the words."""
    alice, bob = school.member("alice"), school.member("bob")
    zone = alice.page.locator(".drop-zone")
    alice.page.evaluate(HELD, ["dragover", ".log", ["a.txt"]])
    expect(zone).to_be_visible()
    zone_box, log_box = zone.bounding_box(), alice.page.locator(".log").bounding_box()
    assert zone_box is not None
    assert log_box is not None
    assert zone_box["height"] > log_box["height"]
    alice.page.evaluate(HELD, ["dragover", ".sidebar", ["a.txt"]])
    expect(zone).to_be_hidden()
    assert alice.page.evaluate(HELD, ["drop", ".sidebar", ["a.txt"]]) is False  # or the browser would open it
    alice.page.evaluate(HELD, ["drop", ".log", ["a.txt", "b.txt"]])
    alice.page.evaluate(HELD, ["paste", "#message", ["c.txt"]])
    expect(chosen(alice)).to_have_count(3)
    alice.say("Trois fichiers")
    expect(bob.page.locator(".file-card .file-name")).to_have_text(["a.txt", "b.txt", "c.txt"])
    expect(bob.message("Trois fichiers").locator(".file-name")).to_have_text("a.txt")
    expect(chosen(alice)).to_have_count(0)


def test_an_upload_is_cancelled_or_tried_again(school: School) -> None:
    """A lost link is said beside the file, with its words kept; nothing is sent twice."""
    alice, bob = school.member("alice"), school.member("bob")
    alice.page.route("**/files/*", lambda _route: None)  # it never arrives
    choose(alice, "rapport.txt")
    alice.say("Voici le rapport")
    expect(alice.page.get_by_role("progressbar")).to_be_visible()
    alice.press("Annuler l’envoi de rapport.txt")
    expect(alice.field).to_have_value("Voici le rapport")
    alice.page.unroute("**/files/*")

    alice.page.route("**/files/*", lambda route: route.abort(), times=1)
    choose(alice, "rapport.txt")
    alice.field.press("Enter")
    expect(chosen(alice).get_by_role("alert")).to_contain_text("La connexion vient d’être perdue")
    forgive(alice, "ERR_FAILED")
    alice.press("Réessayer")
    bob.sees("Voici le rapport")
    expect(bob.page.locator(".file-card")).to_have_count(1)


def test_who_has_sent_too_much_is_told(school: School) -> None:
    """What the server refuses stands beside the file that it is about; the others are sent."""
    alice = school.member("alice")
    for name in ("a.txt", "b.txt", "c.txt"):
        choose(alice, name, b"x" * LARGEST)
    alice.say("Tout le dossier")
    expect(chosen(alice)).to_have_count(1)
    expect(chosen(alice).locator(".file-name")).to_have_text("c.txt")
    expect(chosen(alice).get_by_role("alert")).to_contain_text("trop de fichiers")
    expect(alice.page.locator(".file-card .file-name")).to_have_text(["a.txt", "b.txt"])


def test_an_upload_ends_with_its_session(school: School) -> None:
    """Whoever comes next in front of this page neither sees nor sends the files of the one before."""
    alice = school.member("alice")
    alice.page.route("**/files/*", lambda _route: None)
    choose(alice, "rapport.txt")
    choose(alice, "suite.txt")
    alice.say("Voici le rapport")
    expect(alice.page.get_by_role("progressbar")).to_have_count(2)
    alice.press("Réglages")
    with alice.page.expect_event("requestfailed"):
        alice.press("Se déconnecter")
    bob = school.visitor("bob", alice.page).register()
    expect(chosen(bob)).to_have_count(0)
    bob.say("Bonjour")
    bob.sees("Bonjour")
    expect(bob.page.locator(".message[data-id]")).to_have_count(1)


def test_a_caption_is_edited_and_the_file_stays(school: School) -> None:
    """The field begins with the caption; others see the new one beside the file, after a reload too."""
    alice, bob = school.member("alice"), school.member("bob")
    choose(alice, "schéma.png", png(300, 200), "image/png")
    expect(chosen(alice).locator("img")).to_be_visible()
    alice.say("Le shéma du réseau")
    bob.sees("Le shéma du réseau")
    alice.do("Modifier", "Le shéma du réseau")
    expect(alice.field).to_have_value("Le shéma du réseau")
    alice.say("Le schéma du réseau")
    for visitor in (alice, bob):
        for again in (False, True):
            if again:
                visitor.page.reload()
                visitor.inside()
            expect(visitor.message("Le schéma du réseau")).to_contain_text("(modifié)")
            image = visitor.message("Le schéma du réseau").get_by_role("img", name="schéma.png")
            expect(image).to_have_js_property("naturalWidth", 300)


def test_a_caption_that_is_not_sent_yet_stays_while_another_is_edited(school: School) -> None:
    """With its file, whether the edit is finished or given up."""
    alice = school.member("alice")
    alice.say("Bonjour")
    alice.sees("Bonjour")
    choose(alice, "photo.png", png(300, 200), "image/png")
    alice.field.fill("Ma légende")
    for end in ("Escape", "Enter"):
        alice.page.mouse.move(0, 0)  # the buttons come anew
        alice.do("Modifier", "Bonjour")
        expect(alice.field).to_have_value("Bonjour")
        if end == "Enter":
            alice.field.fill("Bonsoir")
        alice.field.press(end)
        expect(alice.field).to_have_value("Ma légende")
        expect(chosen(alice)).to_have_count(1)
    alice.field.press("Enter")
    expect(alice.message("Ma légende").get_by_role("img", name="photo.png")).to_be_visible()
    alice.sees_text("Bonsoir")
