"""The causes of alerts: storage, disk, certificate, guessed passwords, a crash.

Each class watches one thing and reports it to Alerts, which decides who receives it and how often. Knows no mail and no
socket.
"""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from classcord.chat.text import N_, Text
from classcord.chat.times import rfc3339
from classcord.services.alerts.alerts import Alerts
from classcord.services.process.optional_files import OptionalFile
from classcord.services.security.security_events import AddressBlocked, AuthenticationFailed

if TYPE_CHECKING:
    from classcord.services.security.security_events import SecurityEvent

GRACE = 10.0  # seconds of trouble before a mail: another process holds its lock for less
MEGABYTE = 1_000_000
ROOM_AGAIN = 1.1  # times the wanted free space; so that the alert does not come and go
DAY = 86_400.0


class StorageWatch:
    """Whether the database can be written."""

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts

    def trouble(self, reason: str | Text | None) -> None:
        """Receive the journal's report: why it cannot write, or None when it can."""
        if reason is None:
            self._alerts.ends("storage", Text(N_("The storage works again; what had waited is stored.")))
            return
        self._alerts.begins(
            "storage",
            Text(N_("Nothing can be stored: {reason}."), {"reason": reason}),
            Text(
                N_(
                    "What was accepted waits in memory; new messages are refused until the database can be written. "
                    "Look whether the disk is full (df -h), whether the file system has become read-only (dmesg), and "
                    "whether another program holds the database. The server tries again by itself: do not stop it "
                    "before it can write, or what waits is lost."
                )
            ),
            grace=GRACE,
            aloud=False,  # ChatService has already reported it
        )


class DiskWatch:
    """Whether the disk has space where the server writes."""

    def __init__(self, alerts: Alerts, folders: Iterable[Path], free: Callable[[Path], int] | None = None) -> None:
        """`free` returns the number of free bytes on a folder's disk; OSError if it is unknown."""
        self._alerts = alerts
        self._folders = tuple(dict.fromkeys(folders))
        self._free = free or free_bytes
        self._low = False

    def look(self, wanted: int) -> None:
        """Compare the free space with `wanted`, in megabytes; 0 switches this off."""
        free, folder = self._least()
        if folder is None:
            return
        self._low = free < wanted * MEGABYTE * (ROOM_AGAIN if self._low else 1.0)
        values = {"free": free // MEGABYTE, "wanted": wanted, "folder": folder}
        if not self._low:
            self._alerts.ends("disk", Text(N_("There is room on the disk again: {free} MB in {folder}."), values))
            return
        self._alerts.begins(
            "disk",
            Text(N_("The disk is nearly full: {free} MB are free in {folder}, {wanted} MB should be."), values),
            Text(
                N_(
                    "When it is full, no message is accepted any more. Make room: old exports, backups and logs first "
                    "(du -sh {folder}/* | sort -h), never the database."
                ),
                values,
            ),
        )

    def _least(self) -> tuple[int, Path | None]:
        known: list[tuple[int, Path]] = []
        for folder in self._folders:
            with suppress(OSError):
                known.append((self._free(folder), folder))
        return min(known, default=(0, None))


def free_bytes(folder: Path) -> int:
    """Return the number of bytes that the server may still write on a folder's disk."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


class ServedCertificate(Protocol):
    """The certificate that clients see."""

    refused: Text | None  # why the newest files are not in use

    def ends(self) -> datetime: ...


class CertificateWatch:
    """How long the certificate is valid, and whether the newest one is in use."""

    def __init__(self, alerts: Alerts, shown: ServedCertificate, folder: Path) -> None:
        self._alerts = alerts
        self._shown = shown
        self._folder = folder

    def look(self, now: float, days: int) -> None:
        """Compare the days left with `days`; 0 switches this off, but an expired certificate is always reported."""
        expires = self._shown.ends()
        left = expires.timestamp() - now
        values = {"date": expires.astimezone(timezone.utc).date().isoformat(), "folder": self._folder}
        advice = Text(
            N_("Put the new certificate and its key into {folder} (cert.pem, key.pem): it is used within a minute."),
            values,
        )
        if left <= 0:
            self._alerts.forget("certificate")
            words = N_("The TLS certificate has expired on {date}: clients refuse it.")
            self._alerts.begins("certificate-expired", Text(words, values), advice)
        elif left < days * DAY:
            words = N_("The TLS certificate expires on {date}, in {days} days.")
            self._alerts.begins("certificate", Text(words, {**values, "days": int(left // DAY)}), advice)
        if left > 0:
            good = Text(N_("The TLS certificate is good until {date}."), values)
            self._alerts.ends("certificate-expired", good)
            if left >= days * DAY:
                self._alerts.ends("certificate", good)
        self._look_at_files()

    def _look_at_files(self) -> None:
        refused = self._shown.refused
        if refused is None:
            self._alerts.ends("certificate-refused", Text(N_("The new TLS certificate is in use.")))
            return
        self._alerts.begins(
            "certificate-refused",
            Text(N_("The new TLS certificate cannot be used, the old one stays: {why}"), {"why": refused}),
            Text(N_("A restart would fail with these files: correct them, and they are used within a minute.")),
        )


class GuessingWatch:
    """Somebody guesses passwords: many failed logins within a short time, from any addresses.

    From the first mail until it is over, one attack is one alert. Mails contain addresses and counts, but not the names
    that were tried: users type their password into the name field by mistake.
    """

    MANY = 50  # failed logins within `WITHIN` seconds are an attack,
    BLOCKS = 3  # and so are so many blocked addresses
    WITHIN = 600.0
    FEW = 10  # with at most so many failures in the same time, it is over
    ADDRESSES = 1_000  # that are counted one by one; the others are counted together
    SHOWN = 20

    def __init__(self, alerts: Alerts) -> None:
        self._alerts = alerts
        self._failures: deque[tuple[float, str]] = deque(maxlen=self.MANY)
        self._blocks: deque[tuple[float, str]] = deque(maxlen=self.BLOCKS)
        self._counts: Counter[str] | None = None  # failures by address in the current attack
        self._others = 0
        self._since = 0.0

    def happened(self, happening: SecurityEvent) -> None:
        """Count a failed login, or an address that was blocked for failed logins."""
        at, address = happening.at, happening.address or "-"
        if isinstance(happening, AuthenticationFailed):
            self._failures.append((at, address))
            if self._counts is not None:
                self._count(address)
        elif isinstance(happening, AddressBlocked):
            self._blocks.append((at, address))
        else:
            return
        if self._counts is None and (self._full(self._failures, at) or self._full(self._blocks, at)):
            self._begin(at)

    def _full(self, events: deque[tuple[float, str]], now: float) -> bool:
        return len(events) == events.maxlen and 0 <= now - events[0][0] <= self.WITHIN

    def _count(self, address: str) -> None:
        assert self._counts is not None
        if address in self._counts or len(self._counts) < self.ADDRESSES:
            self._counts[address] += 1
        else:
            self._others += 1

    def _begin(self, now: float) -> None:
        recent = [(at, address) for at, address in self._failures if 0 <= now - at <= self.WITHIN]
        self._counts, self._others = Counter(address for _, address in recent), 0
        self._since = min((at for at, _ in recent), default=now)
        count = sum(self._counts.values())
        words = N_("Somebody guesses passwords: {count} failed logins within {minutes} minutes.")
        self._alerts.begins(
            "brute-force",
            Text(words, {"count": count, "minutes": int(self.WITHIN // 60)}),
            self._listed(),
            Text(
                N_(
                    "Tries are slowed down by themselves. In the console, `audit` tells more, and `ban ADDRESS` keeps "
                    "one out; a classroom behind one address can also be the cause. A mail will say when it is over."
                )
            ),
        )

    def look(self, now: float) -> None:
        """Report when the attack is over."""
        if self._counts is None:
            return
        recent = sum(0 <= now - at <= self.WITHIN for at, _ in self._failures)
        blocked = sum(0 <= now - at <= self.WITHIN for at, _ in self._blocks)
        if recent >= self.FEW or blocked >= self.BLOCKS:
            return
        count = sum(self._counts.values()) + self._others
        words = Text(
            N_("Nobody guesses passwords any more: {count} failed logins since {since}."),
            {"count": count, "since": rfc3339(int(self._since * 1000))},
        )
        self._alerts.ends("brute-force", words, self._listed())
        self._counts = None

    def _listed(self) -> Text:
        assert self._counts is not None
        most = self._counts.most_common(self.SHOWN)
        listed = "".join(f"\n{address}: {count}" for address, count in most)
        more = sum(self._counts.values()) + self._others - sum(count for _, count in most)
        if more:
            return Text(N_("By address:{listed}\nfrom others: {more}"), {"listed": listed, "more": more})
        return Text(N_("By address:{listed}"), {"listed": listed})


class CrashWatch:
    """How the previous run ended: a file in DATA exists from the start until a clean stop."""

    CALM = 3600.0  # seconds without another crash, after which crashes that were not reported are reported

    def __init__(self, alerts: Alerts, file: Path) -> None:
        self._alerts = alerts
        self._file = file
        self._spare = OptionalFile(file)
        self._since: float | None = None
        self._crashes = 0  # crashes that no mail has reported

    def begin(self, now: float) -> None:
        """Read what the previous run left; then mark this run as running."""
        left = self._read()
        if left is not None:
            untold, seen, machine = left
            started_anew = machine != _boot()
            words = N_("The server runs again; it had not been stopped, but killed, or has crashed, after {last}.")
            if started_anew:
                words = N_("The server runs again; the whole machine had stopped without it, after {last}.")
            mailed = self._alerts.happened(
                "restarted",
                Text(words, {"last": rfc3339(int(seen * 1000))}),
                Text(N_("Every message that was acknowledged is there. The log of that time may tell more.")),
            )
            self._crashes = 0 if mailed else untold + 1
        self._since = now
        self._write()

    def look(self, now: float) -> None:
        """Note that the server is alive; after a calm time, report crashes that were left out."""
        if self._since is None:
            return
        with suppress(OSError):
            os.utime(self._file)
        if self._crashes and not 0 <= now - self._since < self.CALM:
            words = Text(
                N_("The server has run without a crash since {since}; before that there were {count} more."),
                {"since": rfc3339(int(self._since * 1000)), "count": self._crashes},
            )
            self._crashes = 0
            self._write()
            self._alerts.note("restarted", words)

    def end(self) -> None:
        """Note a clean stop: everything is stored."""
        self._since = None
        self._spare.remove()

    def _read(self) -> tuple[int, float, str] | None:
        """Return how many crashes no mail has reported, when the previous run was last alive, and in which boot."""
        content = self._spare.load()
        try:
            seen = self._file.stat().st_mtime
        except OSError:
            return None
        count, _, machine = (content or b"").decode("ascii", "replace").partition(" ")
        return int(count) if count.isdecimal() and len(count) < 9 else 0, seen, machine.strip()

    def _write(self) -> None:
        self._spare.save(f"{self._crashes} {_boot()}\n".encode("ascii"))  # on a full disk the next crash is not noticed


def _boot() -> str:
    """Return a value that differs after each boot of the machine (random(4), boot_id)."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    return "-"
