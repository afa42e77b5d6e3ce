"""What the web page offers follows one's role and the settings at once, without a new page; in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.page.album import WIDE
from tests.page.visitors import School, Visitor

pytestmark = pytest.mark.system

NO_RATE = "[limits]\nmessages_per_second = 0\n"
CLIP = "Joindre un fichier"


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "classcord.toml"
    path.write_text(NO_RATE, "utf-8")
    return path


@pytest.fixture
def strict(browser: Browser, tmp_path: Path, settings: Path) -> Iterator[School]:
    """A server whose settings can be changed while people are there."""
    school = School(browser, tmp_path, "--config", str(settings))
    try:
        yield school
        school.close()
    finally:
        school.kill()


def offers(visitor: Visitor, button: str, count: int) -> None:
    expect(visitor.page.get_by_role("button", name=button, exact=True)).to_have_count(count)


def test_the_settings_say_who_may_send_files_and_make_channels(strict: School, settings: Path) -> None:
    """Whoever may not has no button; a reload gives it and takes it, also with a page that is open."""
    guest = strict.visit("Zoé", viewport=WIDE)
    guest.page.get_by_role("tab", name="Invité").click()
    guest.page.get_by_label("Votre nom").fill("Zoé")
    guest.press("Entrer sans compte")
    alice = strict.member("alice", viewport=WIDE)
    offers(alice, CLIP, 1)
    offers(alice, "Créer un salon", 1)
    expect(guest.field).to_be_visible()
    offers(guest, CLIP, 0)
    offers(guest, "Créer un salon", 0)

    settings.write_text(f'[files]\nsend = "guest"\n[channels]\ncreate = "moderator"\n{NO_RATE}', "utf-8")
    assert strict.server.ctl("reload").returncode == 0
    offers(guest, CLIP, 1)
    offers(alice, CLIP, 1)
    offers(alice, "Créer un salon", 0)

    settings.write_text(f'[files]\nsend = "moderator"\n{NO_RATE}', "utf-8")
    assert strict.server.ctl("reload").returncode == 0
    offers(guest, CLIP, 0)
    offers(alice, CLIP, 0)
    offers(alice, "Créer un salon", 1)
    assert strict.server.ctl("role", "alice", "moderator").returncode == 0
    offers(alice, CLIP, 1)
    alice.page.reload()
    alice.inside()
    offers(alice, CLIP, 1)


def test_moderation_comes_and_goes_with_the_role(school: School) -> None:
    """In every tab of the person; a dialog of those who keep order closes with the role."""
    teacher = school.member("Mme Durand", viewport=WIDE)
    other = school.visit("Mme Durand", viewport=WIDE).login().inside()
    for visitor in (teacher, other):
        expect(visitor.page.locator(".to-moderation")).to_have_count(0)
    assert school.server.ctl("role", "Mme Durand", "admin").returncode == 0
    for visitor in (teacher, other):
        expect(visitor.page.locator(".to-moderation")).to_have_count(2)
        expect(visitor.page.locator(".self-name .badge")).to_be_visible()
    teacher.page.locator(".to-moderation[data-opens=administration]").click()
    expect(teacher.page.get_by_role("dialog")).to_be_visible()
    assert school.server.ctl("role", "Mme Durand", "member").returncode == 0
    expect(teacher.page.get_by_role("dialog")).to_have_count(0)
    for visitor in (teacher, other):
        expect(visitor.page.locator(".to-moderation")).to_have_count(0)
        expect(visitor.page.locator(".self-name .badge")).to_have_count(0)


def test_nobody_is_offered_to_block_the_staff(strict: School) -> None:
    """A pupil can be blocked, the teacher not; whoever has become staff since can still be taken off one's list."""
    bob, alice = strict.member("bob", viewport=WIDE), strict.member("alice", viewport=WIDE)
    bob.say("bonjour")
    alice.page.locator(".author", has_text="bob").first.click()
    alice.press("Bloquer")
    offers(alice, "Débloquer", 1)
    assert strict.server.ctl("role", "bob", "moderator").returncode == 0
    bob.say("me revoilà")
    expect(alice.page.locator(".person-card .badge")).to_have_text("modération")
    alice.press("Débloquer")
    offers(alice, "Débloquer", 0)
    offers(alice, "Bloquer", 0)
