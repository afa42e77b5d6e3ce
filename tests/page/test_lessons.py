"""Lessons, exams and the private policy on the web page: who is told, what is not offered; in a real Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.page.album import WIDE, Album
from tests.page.test_reporting import HOSTILE, sizes
from tests.page.visitors import School, Visitor

pytestmark = pytest.mark.system


def dialog(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("dialog")


def begin(teacher: Visitor, kind: str) -> None:
    """Open the form for a lesson or an exam, from the menu of the channel that is shown."""
    teacher.press("Plus d’actions")
    teacher.page.get_by_role("menuitem", name="Cours ou contrôle").click()
    dialog(teacher).get_by_label(kind).check()


def test_a_lesson_is_held_prolonged_and_ended(shared: School, album: Album) -> None:
    """Pupils write in its channel alone, and see until when; who comes in the middle sees it too."""
    with shared.staff("Mme Cours", "moderator") as staff:
        staff.ask(type="create", channel="#maths")
        teacher, alice = (
            shared.visit("Mme Cours", viewport=WIDE).login().inside(),
            shared.member("alice", viewport=WIDE),
        )
        alice.join("maths")
        teacher.open("maths")
        begin(teacher, "Un cours")
        dialog(teacher).get_by_label("De quoi s’agit-il").fill(HOSTILE)
        sizes(teacher, album, "lesson-begin")
        teacher.press("Commencer le cours", dialog(teacher))
        expect(teacher.page.locator(".lesson-bar")).to_contain_text("Cours dans #maths")
        expect(alice.page.locator(".lesson-bar")).to_contain_text(HOSTILE)
        expect(alice.page.locator(".lesson-bar")).to_contain_text("Vous écrivez dans #maths")
        alice.say("J’ai une question")
        teacher.sees("J’ai une question")
        sizes(alice, album, "lesson")
        alice.open("général")
        expect(alice.page.locator(".composer-closed")).to_contain_text("seulement écrire dans #maths")
        sizes(alice, album, "lesson-elsewhere")
        alice.press("Aller à #maths", alice.page.locator(".composer-closed"))
        expect(alice.field).to_be_visible()
        alice.open("général")
        alice.page.reload()
        alice.inside()
        expect(alice.page.locator(".lesson-bar")).to_be_visible()

        teacher.press("Gérer", teacher.page.locator(".lesson-bar"))
        expect(dialog(teacher)).to_contain_text("Commencé par Mme Cours")
        sizes(teacher, album, "lesson-held")
        dialog(teacher).get_by_label("encore").select_option(label="4 h")
        teacher.press("Prolonger", dialog(teacher))
        expect(dialog(teacher)).to_have_count(0)
        teacher.press("Gérer", teacher.page.locator(".lesson-bar"))
        teacher.press("Terminer le cours", dialog(teacher))
        for visitor in (teacher, alice):
            expect(visitor.page.locator(".lesson-bar")).to_have_count(0)
        expect(alice.field).to_be_visible()


def test_during_an_exam_nobody_writes_but_to_who_keeps_order(shared: School, album: Album) -> None:
    """The field says why and whom to write to, the line above until when; a wrong address is refused beside it."""
    with shared.staff("M. Examen", "moderator") as staff:
        staff.ask(type="create", channel="#bac")
        teacher, bob = shared.visit("M. Examen", viewport=WIDE).login().inside(), shared.member("bob", viewport=WIDE)
        bob.join("bac")
        teacher.open("bac")
        begin(teacher, "Un contrôle")
        dialog(teacher).get_by_label("Adresses IP autorisées").fill("la salle 12")
        teacher.press("Commencer le contrôle", dialog(teacher))
        expect(dialog(teacher).locator("#addresses-error")).to_have_text(
            "« la salle 12 » n’est pas une adresse IP. Exemple : 192.168.12.0/24."
        )
        expect(dialog(teacher).locator("#addresses-error")).to_be_in_viewport(ratio=1)
        expect(dialog(teacher).get_by_label("Adresses IP autorisées")).to_be_focused()
        sizes(teacher, album, "exam-begin")
        dialog(teacher).get_by_label("Adresses IP autorisées").fill("")
        teacher.press("Commencer le contrôle", dialog(teacher))
        expect(bob.page.locator(".lesson-bar.exam")).to_contain_text("Contrôle dans #bac")
        expect(bob.page.locator(".composer-closed")).to_contain_text("Pendant le contrôle")
        expect(bob.page.locator(".log")).not_to_contain_text("Dites bonjour")
        sizes(bob, album, "exam")
        bob.press("Plus d’actions")
        expect(bob.page.get_by_role("menuitem", name="À propos du salon")).to_be_visible()
        expect(bob.page.get_by_role("menuitem", name="Quitter le salon")).to_have_count(0)
        bob.page.keyboard.press("Escape")
        bob.press("Écrire à M. Examen", bob.page.locator(".composer-closed"))
        bob.say("Je ne comprends pas la 3")
        expect(teacher.entry("bob").locator(".count")).to_contain_text("1")
        teacher.press("Gérer", teacher.page.locator(".lesson-bar"))
        teacher.press("Terminer le contrôle", dialog(teacher))
        bob.open("bac")
        expect(bob.field).to_be_visible()


def test_who_cannot_be_written_to_is_not_offered(shared: School, album: Album) -> None:
    """Between pupils it is said why; teachers stay; what is opened again is offered again at once."""
    with (
        shared.staff("Mme Règle", "admin") as staff,
        shared.server.client().register("hugo") as hugo,
        shared.server.client().register("ines"),
    ):
        hugo.say("Bonjour")
        dora = shared.member("dora", viewport=WIDE)
        dora.page.locator(".person", has_text="hugo").click()
        dora.press("Écrire", dialog(dora))
        expect(dora.field).to_be_visible()
        staff.send(type="private_policy", policy="staff")
        expect(dora.page.locator(".composer-closed")).to_contain_text("vous ne pouvez pas écrire en privé à hugo")
        sizes(dora, album, "policy-closed")
        dora.open("général")
        dora.page.locator(".person", has_text="ines").click()
        expect(dialog(dora)).to_contain_text("vous ne pouvez pas écrire en privé à ines")
        expect(dialog(dora).get_by_role("button", name="Écrire")).to_have_count(0)
        album.keep(dora.page, "policy-person")
        dora.page.keyboard.press("Escape")
        dora.page.reload()
        dora.inside()
        dora.press("Écrire à quelqu’un")
        dora.page.get_by_role("combobox").fill("i")
        expect(dora.page.get_by_role("option", name=re.compile("Mme Règle"))).to_have_count(0)
        dora.page.get_by_role("combobox").fill("è")
        expect(dora.page.get_by_role("option", name=re.compile("Mme Règle"))).to_be_visible()
        dora.page.get_by_role("combobox").fill("ines")
        expect(dora.page.get_by_role("option")).to_have_count(0)
        staff.send(type="private_policy", policy="settings")
        expect(dora.page.get_by_role("option")).to_have_count(1)
