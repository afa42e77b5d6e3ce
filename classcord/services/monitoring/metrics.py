"""What Prometheus reads: figures that are computed when it asks, and a few counters that are updated on events.

Frequent events are counted once a group of commits, never once a message. The values of labels come from tables in the
code, never from users' input. Knows what to read, not who asks.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

from classcord import __version__
from classcord.services.backups.backup_files import BackupName
from classcord.services.security.security_events import (
    AccountLoggedIn,
    AccountResumed,
    AddressBlocked,
    AuthenticationFailed,
    GuestLoggedIn,
    OperatorLoggedIn,
    SanctionChanged,
    SecurityEvent,
)

if TYPE_CHECKING:
    from prometheus_client import Metric

    from classcord.services.chat.ports import Counts, Traffic
    from classcord.services.passwords.local import Hashing
    from classcord.store.ports import CommitQueue

FRESH = 0.5  # seconds for which an answer is reused, so that frequent questions cost the chat next to nothing
LOGINS: dict[type[SecurityEvent], str] = {
    AccountLoggedIn: "ok",
    AccountResumed: "resumed",
    OperatorLoggedIn: "operator",
    GuestLoggedIn: "guest",
    AuthenticationFailed: "failed",
    AddressBlocked: "blocked",
}
"""The kind of login for each event: by a user, by an administrator, or refused."""
SANCTIONS = ("mute", "kick", "ban", "warn", "unmute", "unban", "unwarn")
FACES = ("tcp", "tls", "web", "web_tls", "ssh", "sftp", "control")  # shown with 0, too

_COMMIT_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_GROUP_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
_LAG_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

disable_created_metrics()  # type: ignore[no-untyped-call]  # the process's start says the same once


class Metrics(Collector):
    """Call `group_stored` with each group, `happened` with each security event, `looked` regularly."""

    def __init__(
        self,
        chat: Traffic,
        counts: Counts,
        journal: CommitQueue,
        hashing: Hashing,
        *,
        data: Path,
        backups: Path,
        failing: Callable[[], bool],
        files: Callable[[], tuple[int, int]],
        certificate_ends: Callable[[], datetime | None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`failing` says whether the store cannot write, `files` the number and bytes of the files of messages.

        `certificate_ends` says when the certificate expires, `monotonic` is a clock in seconds that is never set.
        """
        self._chat = chat
        self._counts = counts
        self._journal = journal
        self._hashing = hashing
        self._data = data
        self._backups = backups
        self._failing = failing
        self._files = files
        self._certificate_ends = certificate_ends
        self._monotonic = monotonic
        self._logins = Counter(dict.fromkeys(LOGINS.values(), 0))
        self._sanctions = Counter(dict.fromkeys(SANCTIONS, 0))
        self._looked_at: float | None = None
        self._text = b""
        self._text_at: float | None = None
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        self._commits = Histogram(
            "classcord_commit_seconds",
            "How long a group of changes took to be stored",
            buckets=_COMMIT_SECONDS,
            registry=self._registry,
        )
        self._sizes = Histogram(
            "classcord_commit_group_size",
            "How many changes a group had",
            buckets=_GROUP_SIZES,
            registry=self._registry,
        )
        self._lag = Histogram(
            "classcord_reactor_lag_seconds",
            "How late the reactor came to what it does once a second",
            buckets=_LAG_SECONDS,
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    # -- what is counted as it happens --------------------------------------------------------------------------------

    def group_stored(self, seconds: float, commits: int) -> None:
        """Count a group of commits that the journal has released."""
        self._commits.observe(seconds)
        self._sizes.observe(commits)

    def happened(self, happening: SecurityEvent) -> None:
        """Count a security event."""
        login = LOGINS.get(type(happening))
        if login is not None:
            self._logins[login] += 1
        elif isinstance(happening, SanctionChanged) and happening.word in SANCTIONS:
            self._sanctions[happening.word] += 1

    def looked(self, every: float) -> None:
        """Note a call that should come every `every` seconds, and how late it came."""
        now = self._monotonic()
        if self._looked_at is not None:
            self._lag.observe(max(0.0, now - self._looked_at - every))
        self._looked_at = now

    # -- what is computed when asked ----------------------------------------------------------------------------------

    def text(self) -> bytes:
        """Return all metrics in Prometheus's text format, at most FRESH seconds old."""
        now = self._monotonic()
        if self._text_at is None or now - self._text_at >= FRESH:
            self._text, self._text_at = generate_latest(self._registry), now
        return self._text

    def collect(self) -> Iterator[Metric]:
        """Read the current figures."""
        yield InfoMetricFamily("classcord", "Which ClassCord this is", {"version": __version__})
        yield from self._people()
        yield from self._work()
        yield _counters("classcord_refusals", "Requests that were refused, by code", "code", self._chat.refusals)
        yield _counters("classcord_logins", "Tries to come in, by their outcome", "result", self._logins)
        yield _counters("classcord_sanctions", "Sanctions imposed and lifted, by kind", "kind", self._sanctions)
        yield from self._machine()

    def _people(self) -> Iterator[Metric]:
        counts = self._counts
        faces: Counter[str] = Counter(dict.fromkeys(FACES, 0))
        waiting = full = 0
        for connection in self._chat.connections.values():
            session = connection.session
            faces[session.face] += 1
            if size := session.listener.waiting:
                waiting += size
                full += 1
        connections = GaugeMetricFamily("classcord_connections", "Connections, by how they came", labels=["face"])
        for face, count in faces.items():
            connections.add_metric([face], count)
        yield connections
        yield _gauge("classcord_people", "People who are here under a name", len(counts.people))
        yield _gauge("classcord_accounts", "Accounts that there are", len(counts.accounts))
        yield _gauge(
            "classcord_maintenance", "1 while only moderators and above come in", counts.maintenance is not None
        )
        ending = self._chat.ending()
        yield _gauge(
            "classcord_stop_timestamp_seconds",
            "When the server will stop or restart, as somebody has asked; 0 if nobody has",
            ending.at if ending else 0,
        )
        yield _gauge("classcord_lessons", "Lessons and exams that are held", len(counts.lessons))
        yield _gauge(
            "classcord_last_retention_timestamp_seconds",
            "When the last run of retention ended; 0 if none has, or if it is under way",
            (counts.purges.ended_at or 0) / 1000,
        )
        yield _gauge("classcord_reports_open", "Reports that nobody has closed yet", len(counts.reports))
        yield _gauge("classcord_messages_held", "Messages that wait for somebody or for their time", len(counts.held))
        yield _gauge("classcord_outbox_bytes", "Bytes that wait for clients which read too slowly", waiting)
        yield _gauge("classcord_outboxes_waiting", "Connections for which something waits", full)

    def _work(self) -> Iterator[Metric]:
        chat, journal = self._chat, self._journal
        yield CounterMetricFamily(
            "classcord_messages", "Messages ever accepted: the number of the last one", self._counts.applied
        )
        yield CounterMetricFamily("classcord_deliveries", "Messages and events written to sessions", chat.delivered)
        yield _gauge("classcord_journal_waiting", "Changes that wait for the group before them", journal.waiting)
        yield _gauge("classcord_storage_failing", "1 while nothing can be stored", self._failing())
        yield _gauge("classcord_storage_refusing", "1 while new writes are refused for that", not journal.accepting)
        yield _gauge(
            "classcord_hashing_waiting", "Passwords that are being hashed or wait for it", self._hashing.waiting
        )

    def _machine(self) -> Iterator[Metric]:
        yield _gauge(
            "classcord_last_backup_timestamp_seconds",
            "When the newest backup was begun; 0 if there is none",
            last_backup(self._backups),
        )
        files, size = self._files()
        yield _gauge("classcord_files", "Files of messages that are kept", files)
        yield _gauge("classcord_files_bytes", "Size of the files of messages", size)
        ends = self._certificate_ends()
        if ends is not None:
            yield _gauge(
                "classcord_certificate_expiry_timestamp_seconds",
                "When the TLS certificate in use expires",
                ends.timestamp(),
            )
        try:
            disk = shutil.disk_usage(self._data)
        except OSError:
            return
        yield _gauge("classcord_disk_free_bytes", "Free space where the data are", disk.free)
        yield _gauge("classcord_disk_size_bytes", "Size of the file system where the data are", disk.total)


def last_backup(folder: Path) -> float:
    """Return when the newest backup in a folder was begun, by its name, in seconds since 1970; 0 if there is none."""
    found = filter(None, map(BackupName.read, _names(folder)))
    return max((name.when.timestamp() for name in found), default=0.0)


def _names(folder: Path) -> Iterable[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except OSError:
        return []


def _gauge(name: str, documentation: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, documentation, value)


def _counters(name: str, documentation: str, label: str, counts: Counter[str]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, documentation, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family
