"""Alerts: who is told what, how often; and what causes them, each with a clock that the test moves."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

from twisted.internet.task import Clock

from classcord.chat.text import Text
from classcord.services.alerts.alerts import CALM, DAY, HOUR, Alerts, AlertState, AlertStateFile
from classcord.services.alerts.mail import Mail
from classcord.services.alerts.troubles import CertificateWatch, CrashWatch, DiskWatch, GuessingWatch, StorageWatch
from classcord.services.security.security_events import event as security_event
from tests.harness import BEGINNING

WRONG, RIGHT, ADVICE = Text("it is wrong"), Text("it is right"), Text("do something")


class InMemory:
    """What a restart does not forget, without a file."""

    def __init__(self) -> None:
        self.kept = AlertState()

    def load(self) -> AlertState:
        return self.kept

    def save(self, kept: AlertState) -> None:
        self.kept = kept


class Office:
    """Alerts with what they send and tell; `restart` is another run of the server."""

    def __init__(self, per_hour: int = 0) -> None:
        self.clock = Clock()
        self.clock.advance(BEGINNING)
        self.per_hour = per_hour
        self.wanted = True
        self.memory = InMemory()
        self.mails: list[Mail] = []
        self.told: list[str] = []
        self.restart()

    def restart(self) -> None:
        self.alerts = Alerts(
            per_hour=lambda: self.per_hour,
            wanted=lambda: self.wanted,
            send=self.mails.append,
            tell=lambda words: self.told.append(words.render()),
            memory=self.memory,
            clock=self.clock,
        )

    @property
    def now(self) -> float:
        return self.clock.seconds()

    def pass_time(self, seconds: float) -> None:
        """Look at what is due every minute, as the server does more often."""
        for _ in range(int(seconds // 60)):
            self.clock.advance(60)
            self.alerts.look()
        self.clock.advance(seconds % 60)
        self.alerts.look()

    @property
    def is_quiet(self) -> bool:
        """Whether no cause lasts: in two days, nothing more is sent or told."""
        before = len(self.mails), len(self.told)
        self.pass_time(2 * DAY)
        return (len(self.mails), len(self.told)) == before

    @property
    def subjects(self) -> list[str]:
        return [mail.subject.render() for mail in self.mails]

    @property
    def kinds(self) -> list[str]:
        return [mail.kind for mail in self.mails]


# -- how often ----------------------------------------------------------------------------------------------------


def test_what_lasts_is_told_once_a_day_and_at_its_end() -> None:
    """However often a cause is looked at: one mail, another after 24 hours, one when it is over."""
    office = Office()
    for _ in range(int(DAY // 600)):
        office.alerts.begins("disk", WRONG, ADVICE)
        office.pass_time(600)
    assert office.subjects == ["it is wrong"] * 2
    assert office.mails[0].body == (WRONG, ADVICE)
    office.alerts.ends("disk", RIGHT)
    office.alerts.ends("disk", RIGHT)
    assert office.subjects == office.told == ["it is wrong", "it is wrong", "it is right"]
    assert office.is_quiet


def test_what_is_over_within_its_grace_is_told_to_nobody() -> None:
    """An alert with a grace is neither told nor declared over if it ends before."""
    office = Office()
    office.alerts.begins("storage", WRONG, grace=10.0)
    office.pass_time(9)
    office.alerts.ends("storage", RIGHT)
    office.pass_time(60)
    assert office.mails == []
    assert office.told == []
    office.alerts.begins("storage", WRONG, grace=10.0)
    office.pass_time(10)
    assert office.subjects == ["it is wrong"]


def test_what_is_not_said_aloud_is_only_mailed() -> None:
    """What somebody else tells online at once goes by mail alone."""
    office = Office()
    office.alerts.begins("storage", WRONG, aloud=False)
    office.alerts.ends("storage", RIGHT)
    assert office.subjects == ["it is wrong", "it is right"]
    assert office.told == []


def test_what_comes_and_goes_is_told_a_quarter_of_an_hour_apart() -> None:
    """An alert that begins again at once is told only if it stays."""
    office = Office()
    for _ in range(5):
        office.alerts.begins("disk", WRONG)
        office.alerts.ends("disk", RIGHT)
        office.pass_time(30)
    assert office.subjects == ["it is wrong", "it is right"]
    office.alerts.begins("disk", WRONG)
    office.pass_time(CALM)
    assert office.subjects == ["it is wrong", "it is right", "it is wrong"]


def test_a_restart_does_not_tell_again_but_tells_the_end() -> None:
    """What was mailed before a restart is not mailed after it, while it lasts; its end is, once."""
    office = Office()
    office.alerts.begins("disk", WRONG)
    office.restart()
    office.alerts.begins("disk", WRONG)
    assert office.subjects == ["it is wrong"]
    assert office.told == ["it is wrong"] * 2  # who is online now may not have been
    office.restart()
    office.alerts.ends("disk", RIGHT)
    office.alerts.ends("disk", RIGHT)
    assert office.subjects == ["it is wrong", "it is right"]


def test_mails_are_bounded_by_the_hour_and_counted() -> None:
    """Past `per_hour` mails are left out, told online all the same, and counted in the next one by their kind."""
    office = Office(per_hour=2)
    for kind in ("a", "b", "c", "d", "d"):
        office.alerts.note(kind, WRONG)
    office.alerts.begins("disk", WRONG)
    assert office.kinds == ["a", "b"]
    assert office.told == ["it is wrong"]
    office.restart()  # which forgets nothing of it
    office.pass_time(HOUR)
    office.alerts.note("e", RIGHT)
    office.alerts.note("f", RIGHT)
    assert office.kinds == ["a", "b", "e", "f"]
    counted = office.mails[2].body[-1].render()
    assert "4 mails were left out" in counted
    assert "c 1, d 2, disk 1" in counted
    assert office.mails[3].body == (RIGHT,)


def test_without_a_limit_every_mail_goes() -> None:
    """`per_hour = 0` bounds nothing."""
    office = Office(per_hour=0)
    for _ in range(100):
        office.alerts.note("a", WRONG)
    assert len(office.mails) == 100


def test_without_a_relay_nothing_is_counted() -> None:
    """Where no mails are wanted, alerts are told online; once they are, what lasts is mailed, what is past is not."""
    office = Office(per_hour=1)
    office.wanted = False
    for kind in ("a", "b", "c"):
        office.alerts.begins(kind, WRONG)
        office.alerts.note(kind, RIGHT)
    assert office.told == ["it is wrong"] * 3
    assert office.mails == []
    assert office.memory.kept == AlertState()
    office.alerts.ends("a", RIGHT)
    office.wanted, office.per_hour = True, 0
    office.pass_time(120)
    assert office.kinds == ["b", "c"]
    assert [mail.body for mail in office.mails] == [(WRONG,)] * 2
    assert len(office.told) == 4


def test_a_clock_that_is_set_back_silences_nothing() -> None:
    """After a jump of a day back, alerts are told and mails sent as before; nothing waits for the old time to come."""
    office = Office(per_hour=2)
    office.alerts.begins("disk", WRONG)
    office.clock.rightNow -= DAY
    office.alerts.look()
    assert office.kinds == ["disk", "disk"]
    office.pass_time(HOUR)
    office.alerts.begins("storage", WRONG, grace=10.0)
    office.clock.rightNow -= 2 * DAY
    office.alerts.look()
    assert "storage" in office.kinds


def test_a_clock_that_jumps_on_sends_no_flood() -> None:
    """After a jump of a day forward, what lasts is told once more, not once for each hour that was left out."""
    office = Office()
    office.alerts.begins("disk", WRONG)
    office.clock.rightNow += 3 * DAY
    office.alerts.look()
    office.alerts.look()
    assert office.kinds == ["disk", "disk"]


def test_what_is_kept_survives_in_its_file(tmp_path: Path) -> None:
    """The file gives back what it was given; one that is lost, broken or cannot be written is none."""
    file = AlertStateFile(tmp_path / "alerts.json")
    assert file.load() == AlertState()
    kept = AlertState(told={"disk": 5.0}, sent=[5.0], left_out={"storage": 2})
    file.save(kept)
    assert file.load() == kept
    for broken in (b"", b"{", b'{"sent": "x"}', b"\xff\xfe"):
        (tmp_path / "alerts.json").write_bytes(broken)
        assert file.load() == AlertState()
    AlertStateFile(tmp_path / "none" / "alerts.json").save(kept)
    assert not (tmp_path / "none").exists()


# -- the causes ---------------------------------------------------------------------------------------------------


def test_trouble_of_the_storage_is_mailed_when_it_lasts() -> None:
    """Another program's short lock is no mail; a full disk is one, and one when it is over."""
    office = Office()
    storage = StorageWatch(office.alerts)
    storage.trouble("database is locked")
    office.pass_time(5)
    storage.trouble(None)
    assert office.mails == []
    office.pass_time(CALM)
    storage.trouble("database or disk is full")
    office.pass_time(10)
    assert office.subjects == ["Nothing can be stored: database or disk is full."]
    storage.trouble(None)
    assert office.kinds == ["storage", "storage"]
    assert office.told == []  # ChatService has


def test_a_full_disk_is_told_until_there_is_room_to_spare(tmp_path: Path) -> None:
    """Below the limit an alert begins; it ends a tenth above, so that it does not come and go."""
    office, free = Office(), 499_000_000
    disk = DiskWatch(office.alerts, (tmp_path,), lambda _: free)
    disk.look(500)
    assert "499 MB are free" in office.subjects[0]
    free = 549_000_000
    disk.look(500)
    assert len(office.mails) == 1
    free = 550_000_000
    disk.look(500)
    assert "550 MB" in office.subjects[1]
    free = 501_000_000
    disk.look(500)
    assert office.is_quiet


def test_the_fuller_of_two_disks_is_named_and_one_that_is_gone_is_none(tmp_path: Path) -> None:
    """Data folder and database may lie on different disks; the one with less room is told of."""
    office = Office()
    rooms = {tmp_path / "data": 900_000_000, tmp_path / "base": 100_000_000}

    def free(folder: Path) -> int:
        if folder not in rooms:
            raise FileNotFoundError
        return rooms[folder]

    DiskWatch(office.alerts, (*rooms, tmp_path / "gone"), free).look(500)
    assert str(tmp_path / "base") in office.subjects[0]
    DiskWatch(office.alerts, (tmp_path / "gone",), free).look(500)
    assert len(office.mails) == 1


def test_no_limit_is_no_watch_of_the_disk(tmp_path: Path) -> None:
    """`free_disk = 0` tells of nothing, even on a full disk."""
    office = Office()
    DiskWatch(office.alerts, (tmp_path,), lambda _: 0).look(0)
    assert office.mails == []


class ShownUntil:
    """A certificate that is good for so many days after the beginning."""

    def __init__(self, days: float) -> None:
        self.days = days
        self.refused: Text | None = None

    def ends(self) -> datetime:
        return datetime.fromtimestamp(BEGINNING + self.days * DAY, timezone.utc)


def test_a_certificate_is_told_before_and_after_its_end(tmp_path: Path) -> None:
    """Told when few days are left, again when it has expired, and when a new one is in its place."""
    office, shown = Office(), ShownUntil(20)
    certificate = CertificateWatch(office.alerts, shown, tmp_path)
    kinds = []
    for _ in range(30):
        before = len(office.mails)
        certificate.look(office.now, 14)
        kinds.append(office.kinds[before:])
        office.clock.advance(DAY)
    assert kinds == [[]] * 7 + [["certificate"]] * 13 + [["certificate-expired"]] * 10
    assert "expires on 2026-12-10, in 13 days" in office.subjects[0]
    assert "has expired on 2026-12-10" in office.subjects[-1]
    shown.days = 400
    certificate.look(office.now, 14)
    assert office.is_quiet
    assert "is good until" in office.subjects[-1]


def test_an_expired_certificate_is_told_without_a_watch(tmp_path: Path) -> None:
    """`certificate_days = 0` tells of nothing in advance, but what clients refuse is always told."""
    office, shown = Office(), ShownUntil(0.5)
    certificate = CertificateWatch(office.alerts, shown, tmp_path)
    certificate.look(office.now, 0)
    assert office.mails == []
    office.clock.advance(DAY)
    certificate.look(office.now, 0)
    assert office.kinds == ["certificate-expired"]


def test_a_broken_replacement_is_told_until_it_is_mended(tmp_path: Path) -> None:
    """New files that cannot be used are an alert, with the reason; their end is told as well."""
    office, shown = Office(), ShownUntil(100)
    certificate = CertificateWatch(office.alerts, shown, tmp_path)
    shown.refused = Text("the key does not fit")
    certificate.look(office.now, 14)
    shown.refused = None
    certificate.look(office.now, 14)
    assert office.kinds == ["certificate-refused"] * 2
    assert "the old one stays: the key does not fit" in office.subjects[0]
    assert "in use" in office.subjects[1]


class Attack:
    """Somebody who guesses, seen by way of the audit log."""

    def __init__(self) -> None:
        self.office = Office()
        self.guessing = GuessingWatch(self.office.alerts)

    def happen(self, event: str, address: str, times: int = 1, every: float = 1.0) -> None:
        for _ in range(times):
            self.office.clock.advance(every)
            who = {"name": "Sesame-ouvre-toi", "reason": "wrong password"}
            self.guessing.happened(security_event(event, at=self.office.now, session=1, address=address, **who))
            self.guessing.look(self.office.now)


def test_an_attack_is_one_mail_at_its_beginning_and_one_at_its_end() -> None:
    """A thousand failures are told once, with addresses and counts, and summed up when it is over."""
    attack = Attack()
    attack.happen("login-failed", "192.0.2.1", 30)
    attack.happen("login-failed", "192.0.2.2", 19)
    assert attack.office.mails == []
    attack.happen("login-failed", "192.0.2.1")
    assert attack.office.subjects == ["Somebody guesses passwords: 50 failed logins within 10 minutes."]
    assert "\n192.0.2.1: 31\n192.0.2.2: 19" in attack.office.mails[0].body[1].render()
    attack.happen("login-failed", "192.0.2.3", 950)
    assert len(attack.office.mails) == 1
    attack.office.clock.advance(GuessingWatch.WITHIN)
    attack.guessing.look(attack.office.now)
    assert "1000 failed logins" in attack.office.subjects[1]
    assert "192.0.2.3: 950" in attack.office.mails[1].body[1].render()
    assert attack.office.is_quiet


def test_names_that_were_tried_are_in_no_mail() -> None:
    """Somebody may have typed a password where the name belongs."""
    attack = Attack()
    attack.happen("login-failed", "192.0.2.1", 50)
    words = [text.render() for mail in attack.office.mails for text in (mail.subject, *mail.body)]
    assert words
    assert not any("Sesame" in each for each in words)


def test_a_classroom_that_mistypes_is_no_attack() -> None:
    """Two failures a minute all day long, and successes, are not told."""
    attack = Attack()
    attack.happen("login-failed", "10.0.0.1", 500, every=30)
    attack.happen("login", "10.0.0.1", 500)
    assert attack.office.mails == []


def test_several_blocked_addresses_are_an_attack() -> None:
    """Who guesses from many addresses, a few times from each, is noticed by the blocks."""
    attack = Attack()
    for number in range(3):
        attack.happen("login-failed", f"192.0.2.{number}", 5)
        attack.happen("blocked", f"192.0.2.{number}")
    assert attack.office.kinds == ["brute-force"]


def test_an_attack_from_everywhere_is_bounded() -> None:
    """However many addresses: a bounded number is counted by itself, and twenty are shown."""
    attack = Attack()
    for number in range(3000):
        attack.happen("login-failed", f"2001:db8::{number:x}", every=0.01)
    attack.office.clock.advance(GuessingWatch.WITHIN)
    attack.guessing.look(attack.office.now)
    body = attack.office.mails[1].body[1].render()
    assert body.count("2001:db8::") == GuessingWatch.SHOWN
    assert f"from others: {3000 - GuessingWatch.SHOWN}" in body


def test_a_clock_set_back_ends_no_watch_for_attacks() -> None:
    """After a jump of a day back, an attack that goes on is noticed as before."""
    attack = Attack()
    attack.happen("login-failed", "192.0.2.1", 49)
    attack.office.clock.rightNow -= DAY
    attack.happen("login-failed", "192.0.2.1", 50)
    assert attack.office.kinds == ["brute-force"]


class Runs:
    """One run of the server after the other, in one data folder."""

    def __init__(self, folder: Path) -> None:
        self.office = Office()
        self.file = folder / "running"

    def begin(self) -> CrashWatch:
        self.office.restart()
        crash = CrashWatch(self.office.alerts, self.file)
        crash.begin(self.office.now)
        return crash


def test_a_crash_is_told_at_the_next_start_and_a_clean_stop_is_not(tmp_path: Path) -> None:
    """The next start says that the one before has not been stopped, and when it was last seen."""
    runs = Runs(tmp_path)
    runs.begin().end()
    runs.begin()
    assert runs.office.mails == []
    os.utime(runs.file, (BEGINNING, BEGINNING))
    runs.begin().end()
    assert "killed, or has crashed, after 2026-11-20T20:36:27" in runs.office.subjects[0]
    runs.begin()
    assert len(runs.office.mails) == 1


def test_a_machine_that_has_stopped_is_told_apart(tmp_path: Path) -> None:
    """A power failure is none of the server's crashes."""
    runs = Runs(tmp_path)
    runs.begin()
    runs.file.write_text("0 another-boot\n", "utf-8")
    runs.begin()
    assert "the whole machine had stopped" in runs.office.subjects[0]


def test_crashes_over_and_over_are_one_mail_and_a_count(tmp_path: Path) -> None:
    """A server that crashes every minute writes one mail a day; when it has run for an hour, how many there were."""
    runs = Runs(tmp_path)
    for _ in range(6):
        last = runs.begin()
        runs.office.clock.advance(60)
    assert len(runs.office.mails) == 1
    last.look(runs.office.now)
    assert len(runs.office.mails) == 1
    runs.office.clock.advance(CrashWatch.CALM)
    last.look(runs.office.now)
    last.look(runs.office.now)
    assert runs.office.kinds == ["restarted"] * 2
    assert "there were 4 more" in runs.office.subjects[1]


def test_a_mark_that_is_garbage_is_a_crash_all_the_same(tmp_path: Path) -> None:
    """Whatever is in the file, the server starts; where it cannot be written, too."""
    runs = Runs(tmp_path)
    for content in (b"", b"\xff\x00", b"9" * 100, b"-1 x"):
        runs.file.write_bytes(content)
        runs.begin().end()
    assert runs.office.kinds == ["restarted"]
    CrashWatch(runs.office.alerts, tmp_path / "none" / "running").begin(BEGINNING)
