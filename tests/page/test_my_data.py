"""One's own data on the web page: had as a file, erased with the account; what others see then; in a real Chromium."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.page.album import WIDE, Album
from tests.page.test_reporting import HOSTILE, sizes
from tests.page.visitors import School, Visitor

pytestmark = pytest.mark.system


def dialog(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("dialog")


def at_my_data(visitor: Visitor) -> None:
    visitor.press("Réglages")
    visitor.press("Mes données", dialog(visitor))


def test_everything_on_oneself_is_had_as_a_file(shared: School, album: Album, tmp_path: Path) -> None:
    """What was written is in it, whatever it says; a guest, of whom nothing is kept, is offered none."""
    alice = shared.member("alice Été", viewport=WIDE)
    alice.say(HOSTILE)
    alice.sees(HOSTILE)
    at_my_data(alice)
    sizes(alice, album, "my-data")
    with alice.page.expect_download() as saved:
        alice.press("Télécharger (JSON)", dialog(alice))
    assert saved.value.suggested_filename == "classcord-alice-Été.json"
    saved.value.save_as(tmp_path / "data.json")
    data = json.loads((tmp_path / "data.json").read_text("utf-8"))
    assert data["name"] == "alice Été"
    assert [each["content"] for each in data["kept"] if each["kind"] == "messages"] == [HOSTILE]
    assert {"profile", "connections"} <= {each["kind"] for each in data["kept"]}


def test_an_account_is_erased_and_others_see_it_no_more(shared: School, album: Album) -> None:
    """A wrong password is told beside it; then its name is nowhere: among members, in messages, in the list."""
    eve, bob = shared.member("eve", viewport=WIDE), shared.member("bob", viewport=WIDE)
    eve.say("Je pars bientôt")
    bob.sees("Je pars bientôt")
    bob.page.locator(".person", has_text="eve").click()
    bob.press("Écrire", dialog(bob))
    bob.say("Tu pars ?")
    bob.sees("Tu pars ?")
    bob.open("général")
    at_my_data(eve)
    eve.press("Supprimer mon compte…", dialog(eve))
    expect(dialog(eve)).to_contain_text("Le compte eve sera effacé")
    sizes(eve, album, "leaving")
    dialog(eve).get_by_label("Votre mot de passe").fill("pas le bon")
    eve.press("Supprimer définitivement", dialog(eve))
    expect(dialog(eve).get_by_role("alert")).to_be_visible()
    dialog(eve).get_by_label("Votre mot de passe").fill("azerty")
    eve.press("Supprimer définitivement", dialog(eve))
    expect(eve.page.locator(".farewell")).to_contain_text("Votre compte est effacé")

    expect(bob.message("Je pars bientôt").locator(".author")).to_contain_text("(ancien membre")
    expect(bob.page.locator(".panel")).not_to_contain_text("eve")
    expect(bob.page.locator(".panel")).not_to_contain_text("ancien membre")
    expect(bob.page.locator(".sidebar")).not_to_contain_text("eve")
    expect(bob.page.locator(".entry.gone .entry-name")).to_contain_text("(ancien membre")
    album.keep(bob.page, "erased")
    expect(bob.page.locator(".sidebar")).not_to_contain_text("eve")
    bob.page.keyboard.press("Control+k")
    bob.page.get_by_role("combobox").fill("eve")
    expect(bob.page.get_by_role("option")).to_have_count(0)
