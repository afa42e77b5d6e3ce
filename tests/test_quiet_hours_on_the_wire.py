"""A night at a real server: what pupils write waits, over a restart and whatever the settings say in the morning."""

from __future__ import annotations

import signal
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.server import BOUND, Server, run_twistd, running

WHOLE_DAYS = [
    part
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    for part in ("--set", f"quiet_hours.{day}=00:00-24:00")
]
"""It is night whenever the test runs."""
NIGHT = ("--set", "quiet_hours.on=true", "--set", "quiet_hours.channels=general", *WHOLE_DAYS)


def written_at_night(server: Server) -> None:
    """Let a classic pupil and a modern one write to a channel and to each other."""
    with server.client() as alice, server.client() as bob:
        assert alice.ask(type="register", username="alice", password="azerty")["status"] == "ok"
        alice.login("alice")
        alice.say("Qui est réveillé ?", channel="#dev")
        assert "est gardé, et sera remis dans" in alice.until(type="message", subtype="system")["content"]
        bob.hello().register("bob")
        assert bob.until(type="quiet_hours")["state"] == "held"
        bob.send(type="message", subtype="private", to="alice", content="Moi", id=1)
        answer = bob.until(id=1)
        assert (answer["status"], answer["why"]) == ("held", "quiet_hours")
        bob.send(type="message", content="Ici on peut", id=2)
        assert bob.until(id=2)["type"] == "ack"
        assert alice.until(content="Ici on peut")["from"] == "bob"


def test_a_school_trip(tmp_path: Path) -> None:
    """They are suspended for an evening: both dialects hear so, and what waited; it is in the audit trail."""
    with running(tmp_path, *NIGHT) as server:
        written_at_night(server)
        with server.client() as alice, server.client() as bob:
            alice.login("alice")
            bob.hello().login("bob")
            bob.send(type="join", channel="#dev", id=3)
            assert bob.until(id=3)["status"] == "ok"
            done = server.ctl("quiet-hours", "off", "1h", "Sortie")
            assert (done.returncode, "Sortie" in done.stdout) == (0, True), done.stderr
            assert bob.until(type="quiet_hours", state="suspended")["until"]
            assert bob.until(content="Qui est réveillé ?")["from"] == "alice"
            while "suspendue" not in alice.until(type="message", subtype="system")["content"]:
                pass  # a sentence that she heard before: it is night, and bob is here
            assert alice.until(content="Moi")["from"] == "bob"
            assert server.ctl("quiet-hours", "on").returncode == 0
            assert bob.until(type="quiet_hours")["state"] == "begun"
        trail = server.ctl("audit", "--json").stdout
        assert "Sortie" in trail


def test_a_restart_in_the_night_and_a_morning_without_the_setting(tmp_path: Path) -> None:
    """What waited waits on; when the setting is taken away by a reload, everything is delivered."""
    settings = tmp_path / "classcord.toml"
    settings.write_text("[quiet_hours]\non = true\n", "utf-8")
    config = ("--config", str(settings), *(part for part in NIGHT[2:]))
    with running(tmp_path, *config) as server:
        written_at_night(server)
    with running(tmp_path, *config) as server, server.client() as alice:
        alice.hello().login("alice")
        assert alice.until(type="quiet_hours")["state"] == "held"
        alice.send(type="held", id=1)
        assert [row["content"] for row in alice.until(id=1)["messages"]] == ["Qui est réveillé ?"]
        settings.write_text("[quiet_hours]\non = false\n", "utf-8")
        server.send_signal(signal.SIGHUP)
        assert alice.until(type="quiet_hours")["state"] == "ended"
        assert alice.until(type="message", content="Moi")["from"] == "bob"


def test_a_channel_that_is_taken_out_by_a_reload(tmp_path: Path) -> None:
    """Whoever is there hears at once where it is no longer night, and writes there."""
    settings = tmp_path / "classcord.toml"
    settings.write_text("[quiet_hours]\non = true\n", "utf-8")
    with running(tmp_path, "--config", str(settings), *WHOLE_DAYS) as server, server.client() as bob:
        bob.hello().register("bob")
        assert bob.until(type="quiet_hours").get("exempt_channels", []) == []
        settings.write_text('[quiet_hours]\non = true\nchannels = ["general"]\n', "utf-8")
        server.send_signal(signal.SIGHUP)
        told = bob.until(type="quiet_hours")
        assert (told["state"], told["exempt_channels"]) == ("held", ["#général"])
        bob.send(type="message", content="Ici on peut", id=1)
        assert bob.until(id=1).get("status") != "held"


def test_a_calendar_that_changes(tmp_path: Path) -> None:
    """A file that is broken while the server runs changes nothing; one that is mended counts at once."""
    calendar = tmp_path / "vacances.txt"
    calendar.write_text("# rien encore\n", "utf-8")
    quiet = [part.replace("00:00-24:00", "") for part in NIGHT]
    weekends = ("--set", "quiet_hours.weekends=false")
    around = [datetime.now(timezone.utc).date() + timedelta(days=days) for days in (-2, 2)]
    options = (*quiet, *weekends, "--set", f"quiet_hours.calendar={calendar}")
    with running(tmp_path, *options) as server, server.client() as bob:
        bob.hello().register("bob")
        calendar.write_text("17/10/2026\n", "utf-8")
        server.wait_for("line 1: write a day")
        calendar.write_text(f"{around[0]}/{around[1]} Vacances\n", "utf-8")
        assert bob.until(type="quiet_hours")["state"] == "begun"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--set", "quiet_hours.monday=20h-7h"), "20:00-07:00"),
        (("--set", "quiet_hours.holidays=11/11/2026"), "2026-11-11"),
        (("--set", "quiet_hours.on=true", "--set", "quiet_hours.calendar=/nowhere.ics"), "/nowhere.ics"),
        (("--set", "quiet_hours.exempt=nobody"), "moderator"),
    ],
)
def test_refused_settings(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    """Each with the key and what would be right; a server does not start without its calendar."""
    ended = run_twistd(tmp_path, "-n", "--pidfile=", "classcord", "--data", str(tmp_path / "data"), *options)
    assert ended.returncode == 2, BOUND
    assert "quiet_hours" in ended.stderr + ended.stdout
    assert said in ended.stderr + ended.stdout
