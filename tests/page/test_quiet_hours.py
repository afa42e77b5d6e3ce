"""Quiet hours on the web page: what waits until when, said where one writes; in a real Chromium."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.page.album import WIDE, Album
from tests.page.test_reporting import sizes
from tests.page.visitors import School, Visitor
from tests.test_quiet_hours_on_the_wire import NIGHT, WHOLE_DAYS

pytestmark = pytest.mark.system


@pytest.fixture
def night(browser: Browser, tmp_path: Path) -> Iterator[School]:
    """A school at night, whenever the test runs; in #général one writes at any time."""
    school = School(browser, tmp_path, "--set", "limits.messages_per_second=0", *NIGHT)
    try:
        yield school
        school.close()
    finally:
        school.kill()


def told(visitor: Visitor, words: str) -> None:
    expect(visitor.page.locator(".writing-notes.quiet")).to_contain_text(words)


def told_nothing(visitor: Visitor) -> None:
    expect(visitor.field).to_be_visible()
    expect(visitor.page.locator(".writing-notes.quiet")).to_be_empty()


def test_who_writes_at_night_knows_that_it_waits(night: School, album: Album) -> None:
    """Beside the field, and at the message; not where the night does not hold; over at once when it is suspended."""
    alice = night.member("alice", viewport=WIDE)
    told_nothing(alice)
    alice.join("dev")
    told(alice, "Heures calmes jusqu’")
    told(alice, "ce que vous écrivez est gardé, et remis à ce moment-là.")
    expect(alice.field).to_have_accessible_description(alice.page.locator("#quiet").inner_text())
    alice.say("Qui est réveillé ?")
    expect(alice.page.locator(".held")).to_contain_text("Attend jusqu’")
    sizes(alice, album, "quiet-hours")
    alice.page.reload()
    alice.inside()
    told(alice, "Heures calmes jusqu’")
    alice.open("général")
    told_nothing(alice)
    alice.open("dev")

    assert night.server.ctl("quiet-hours", "off", "1h", "Sortie").returncode == 0
    told_nothing(alice)
    alice.sees("Qui est réveillé ?")
    expect(alice.page.locator(".held")).to_have_count(0)
    assert night.server.ctl("quiet-hours", "on").returncode == 0
    told(alice, "Heures calmes jusqu’")


def test_a_reload_takes_a_channel_out_of_the_night(browser: Browser, tmp_path: Path) -> None:
    """A page that is open says so at once: nobody has to come in again."""
    settings = tmp_path / "classcord.toml"
    settings.write_text("[quiet_hours]\non = true\n", "utf-8")
    school = School(browser, tmp_path, "--config", str(settings), *WHOLE_DAYS)
    try:
        alice = school.member("alice", viewport=WIDE)
        told(alice, "Heures calmes jusqu’")
        settings.write_text('[quiet_hours]\non = true\nchannels = ["general"]\n', "utf-8")
        school.server.send_signal(signal.SIGHUP)
        told_nothing(alice)
        alice.join("dev")
        told(alice, "Heures calmes jusqu’")
        school.close()
    finally:
        school.kill()


def test_who_keeps_order_writes_at_once(night: School, album: Album) -> None:
    """And is told what waits; the sentence follows the role."""
    teacher = night.member("Mme Durand", viewport=WIDE)
    teacher.join("dev")
    told(teacher, "ce que vous écrivez est gardé")
    assert night.server.ctl("role", "Mme Durand", "moderator").returncode == 0
    told(teacher, "vos messages partent aussitôt")
    album.keep(teacher.page, "quiet-hours-moderator")
    teacher.say("Bonne nuit")
    teacher.sees("Bonne nuit")
