"""The figures for Prometheus: what each counts, and what none of them may ever tell."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from twisted.internet.defer import Deferred

from classcord.chat.retention.vocabulary import NOTHING_OLD, PurgeBegun, PurgeEnded
from classcord.chat.roles import Role
from classcord.services.monitoring.metrics import FRESH, Metrics, last_backup
from classcord.services.passwords.local import Hashing
from classcord.services.security.security_events import SecurityEvent
from tests.harness import CHEAP, Client, House, login, register, running, say, tell

ENDS = datetime(2027, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


class Watched:
    """A house with figures."""

    def __init__(self, house: House, data: Path) -> None:
        self.house = house
        self.data = data
        self.ends: datetime | None = ENDS
        self.hashing = Hashing(house.hasher.run, CHEAP)
        self.metrics = Metrics(
            house.chat,
            house.hub.state,
            house.journal,
            self.hashing,
            data=data,
            backups=data / "backups",
            failing=lambda: house.journal.failing,
            files=lambda: (3, 4_096),
            certificate_ends=lambda: self.ends,
            monotonic=house.clock.seconds,
        )
        house.journal.watchers.append(self.metrics.group_stored)
        house.chat.security.subscribe(self.metrics.happened, SecurityEvent)

    def samples(self) -> dict[tuple[str, str], float]:
        """Return every figure by its name and the value of its one label, some time after the last look."""
        self.house.pass_time(2 * FRESH)
        return {
            (sample.name, ",".join(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(self.metrics.text().decode())
            for sample in family.samples
        }

    def value(self, name: str, label: str = "") -> float:
        return self.samples()[f"classcord_{name}", label]

    def has(self, name: str) -> bool:
        return any(f"classcord_{name}" == found for found, _ in self.samples())


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    with running() as house:
        yield Watched(house, tmp_path)


def _producer(client: Client) -> Any:
    """Return what a transport tells that its buffer is full."""
    return client.transport.producer


# -- people and messages -----------------------------------------------------------------------------------------------


def test_connections_are_counted_by_face_and_people_by_name(watched: Watched) -> None:
    """Two connections of one person are two connections and one of the people; who leaves is gone from both."""
    watched.house.member("bob")
    second = watched.house.member("bob")
    assert (watched.value("connections", "tcp"), watched.value("people"), watched.value("accounts")) == (2, 1, 1)
    assert watched.value("connections", "tls") == 0
    second.leave()
    assert watched.value("connections", "tcp") == 1


def test_what_waits_for_people_who_keep_order_is_seen(watched: Watched) -> None:
    """A lesson, a report that is open, a message that waits; and the files of messages."""
    house = watched.house
    house.account("prof", role=Role.ADMIN)
    prof, eve, bob = (house.modern(name) for name in ("prof", "eve", "bob"))
    names = ("lessons", "reports_open", "messages_held")
    assert [watched.value(name) for name in names] == [0, 0, 0]
    prof.ask({"type": "create", "channel": "#salle", "kind": "open"})
    prof.ask({"type": "channel_settings", "channel": "#salle", "hold": True})
    eve.ask({"type": "join", "channel": "#salle"}, {"type": "message", "channel": "#salle", "content": "je peux ?"})
    eve.ask({"type": "message", "content": "bob est nul", "id": 1})
    bob.ask({"type": "report", "user": "eve"})
    prof.ask({"type": "lesson", "state": "on", "channel": "#salle", "duration": 600})
    assert [watched.value(name) for name in names] == [1, 1, 1]
    assert (watched.value("files"), watched.value("files_bytes")) == (3, 4_096)


def test_the_last_run_of_retention_is_seen(watched: Watched) -> None:
    """Its end; while it goes on, or if none has been, 0."""
    state = watched.house.hub.state
    assert watched.value("last_retention_timestamp_seconds") == 0
    watched.house.hub.apply(PurgeBegun(number=1, at=1_000, before=NOTHING_OLD))
    assert watched.value("last_retention_timestamp_seconds") == 0
    watched.house.hub.apply(PurgeEnded(number=1, at=9_000))
    assert state.purges.ended_at == 9_000
    assert watched.value("last_retention_timestamp_seconds") == 9


def test_a_message_is_delivered_to_each_who_hears_it(watched: Watched) -> None:
    """One message to three others is three deliveries: the author hears no echo."""
    house = watched.house
    alice, *_ = (house.member(name) for name in ("alice", "bob", "carol", "dave"))
    said, delivered = watched.value("messages_total"), watched.value("deliveries_total")
    alice.ask(say("Bonjour"), say("encore"))
    assert watched.value("messages_total") == said + 2
    assert watched.value("deliveries_total") == delivered + 6


def test_a_group_of_several_audiences_counts_each(watched: Watched) -> None:
    """A message to all and one in private within a group are two deliveries here and one there."""
    house = watched.house
    alice, *_ = (house.member(name) for name in ("alice", "bob", "carol"))
    delivered = watched.value("deliveries_total")
    alice.ask(say("à tous"), tell("bob", "à toi"))
    assert watched.value("deliveries_total") == delivered + 3


def test_what_waits_for_a_slow_client_is_seen(watched: Watched) -> None:
    """The bytes that a client does not read, and how many such clients there are."""
    house = watched.house
    alice, bob = house.member("alice"), house.member("bob")
    assert (watched.value("outbox_bytes"), watched.value("outboxes_waiting")) == (0, 0)
    _producer(bob).pauseProducing()
    alice.ask(say("x" * 100))
    assert watched.value("outboxes_waiting") == 1
    assert watched.value("outbox_bytes") > 100
    _producer(bob).resumeProducing()
    assert watched.value("outbox_bytes") == 0


# -- the journal -------------------------------------------------------------------------------------------------------


def test_each_group_is_observed_once(watched: Watched) -> None:
    """The time of a group and the number of its commits, once a group however many messages it has."""
    alice = watched.house.member("alice")
    groups, commits = watched.value("commit_seconds_count"), watched.value("commit_group_size_sum")
    watched.house.store.holding = True
    alice.ask(say("un"))  # the first group, under way
    alice.ask(say("deux"), say("trois"))  # the second, which waits
    assert watched.value("journal_waiting") == 2
    watched.house.clock.advance(0.25)
    watched.house.store.let_go()
    watched.house.turn()
    watched.house.store.let_go()
    watched.house.turn()
    assert watched.value("commit_seconds_count") == groups + 2
    assert watched.value("commit_group_size_sum") == commits + 3
    assert watched.value("commit_seconds_sum") >= 0.25
    assert watched.value("journal_waiting") == 0


def test_trouble_of_the_store_is_seen_from_the_first_failure_to_the_last(tmp_path: Path) -> None:
    """`failing` at once, `refusing` when patience has ended, neither when it works again."""
    with running(faulty=True) as house:
        watched, alice = Watched(house, tmp_path), house.member("alice")
        house.store.trouble = "disk full"
        alice.ask(say("perdu ?"))
        assert (watched.value("storage_failing"), watched.value("storage_refusing")) == (1, 0)
        house.pass_time(6, step=0.1)
        assert (watched.value("storage_failing"), watched.value("storage_refusing")) == (1, 1)
        house.store.trouble = None
        house.pass_time(6, step=0.1)
        assert (watched.value("storage_failing"), watched.value("storage_refusing")) == (0, 0)


def test_how_late_a_look_came_is_observed(watched: Watched) -> None:
    """On time is no lag; a reactor that was busy for a second and a half is half a second late."""
    watched.metrics.looked(1.0)
    assert watched.value("reactor_lag_seconds_count") == 0  # nothing to compare with yet
    watched.metrics.looked(1.0)  # `samples` has let one second pass
    watched.house.clock.advance(1.5)
    watched.metrics.looked(1.0)
    samples = watched.samples()
    assert samples["classcord_reactor_lag_seconds_count", ""] == 2
    assert samples["classcord_reactor_lag_seconds_sum", ""] == pytest.approx(0.5)
    assert samples["classcord_reactor_lag_seconds_bucket", "0.001"] == 1


def test_passwords_under_way_are_counted(watched: Watched) -> None:
    """Those that are being hashed or wait for it, until they are done."""
    watched.house.hasher.holding = True
    Deferred.fromCoroutine(watched.hashing.hash("secret"))
    assert watched.value("hashing_waiting") == 1
    watched.house.hasher.let_go()
    assert watched.value("hashing_waiting") == 0


# -- refusals, logins, sanctions ---------------------------------------------------------------------------------------


def test_refusals_are_counted_by_code(watched: Watched) -> None:
    """A line that is no request, a wrong password and a name that is taken are one each."""
    house = watched.house
    house.account("bob")
    client = house.client()
    client.ask(b"{nonsense\n", login("bob", "wrong"), register("bob"))
    codes = {label: value for (name, label), value in watched.samples().items() if name == "classcord_refusals_total"}
    assert codes == {"bad_json": 1, "login_failed": 1, "username_taken": 1}


def test_who_is_refused_at_the_door_is_counted(tmp_path: Path) -> None:
    """A connection for which there is no room is a refusal, too."""
    with running(connections_per_address=1) as house:
        watched = Watched(house, tmp_path)
        house.client()
        house.client()
        assert watched.value("refusals_total", "too_many_connections") == 1


def test_logins_are_counted_by_outcome(watched: Watched) -> None:
    """In by a password, in as a guest, not in; what has not happened yet is 0 and not missing."""
    house = watched.house
    house.member("bob")
    house.guest("zoé")
    house.client().ask(login("bob", "wrong"))
    found = {label: value for (name, label), value in watched.samples().items() if name == "classcord_logins_total"}
    assert found == {"ok": 1, "resumed": 0, "guest": 1, "failed": 1, "operator": 0, "blocked": 0}


def test_an_address_that_is_blocked_is_counted(watched: Watched) -> None:
    """Once when it is blocked; each connection that is then refused at the door is a refusal."""
    house = watched.house
    house.chat.gate.blocks.set_rule(after=2, within=600, seconds=900, exempt=lambda address: False)
    client = house.client(address="10.11.12.13")
    client.ask(login("bob", "wrong"), login("bob", "wrong"))
    assert (watched.value("logins_total", "failed"), watched.value("logins_total", "blocked")) == (2, 1)
    house.client(address="10.11.12.13")
    assert watched.value("refusals_total", "blocked") == 1
    assert watched.value("logins_total", "blocked") == 1


def test_sanctions_are_counted_by_kind(watched: Watched) -> None:
    """Each kind on its own, imposed or lifted."""
    house = watched.house
    house.member("bob")
    admin = house.member("alice", role=Role.ADMIN)
    admin.ask({"type": "mute", "user": "bob"}, {"type": "unmute", "user": "bob"})
    assert (watched.value("sanctions_total", "mute"), watched.value("sanctions_total", "unmute")) == (1, 1)
    assert watched.value("sanctions_total", "ban") == 0


def test_nothing_that_people_typed_is_told(watched: Watched) -> None:
    """No name, message, address or state is in the figures, and no kind of request brings a new label."""
    house = watched.house
    labels = {key for key in watched.samples() if "refusals" not in key[0]}
    client = house.member("Hélène", address="10.11.12.13")
    client.ask(say("un secret"), {"type": "status", "state": "en pause"}, {"type": "zzz\n\\"}, login('x"} 1\n'))
    text = watched.metrics.text().decode()
    assert {key for key in watched.samples() if "refusals" not in key[0]} == labels
    for word in ("Hélène", "secret", "10.11.12.13", "pause", "zzz", 'x"}'):
        assert word not in text


# -- the machine -------------------------------------------------------------------------------------------------------


def test_the_newest_backup_is_known_by_its_name(tmp_path: Path) -> None:
    """Its name says when it was begun, in UTC; sums, partial files, copies before an upgrade and strangers' do not."""
    for name in (
        "classcord-20261120-203627-2-by-hand.db.gz",
        "classcord-20261120-203626-3.db.gz",
        "classcord-20261119-000000.db.gz",
        "classcord-20261121-000000.db.gz.sha256",
        ".classcord-20261122-000000.db.gz.partial",
        "classcord-20269999-000000.db.gz",
        "before-schema-2.db",
    ):
        (tmp_path / name).touch()
    os.utime(tmp_path / "classcord-20261119-000000.db.gz", (2e9, 2e9))  # copied back; its content is as old as it was
    assert last_backup(tmp_path) == datetime(2026, 11, 20, 20, 36, 27, tzinfo=timezone.utc).timestamp()


def test_without_a_backup_the_time_is_the_beginning_of_time(watched: Watched) -> None:
    """Then a backup is as late as can be, and the alert rule needs no second case."""
    assert watched.value("last_backup_timestamp_seconds") == 0
    (watched.data / "backups").mkdir()
    assert watched.value("last_backup_timestamp_seconds") == 0


def test_the_end_of_the_certificate_is_told_if_there_is_one(watched: Watched) -> None:
    """A server without TLS has no such figure, rather than a false one."""
    assert watched.value("certificate_expiry_timestamp_seconds") == ENDS.timestamp()
    watched.ends = None
    assert not watched.has("certificate_expiry_timestamp_seconds")


def test_a_data_folder_that_cannot_be_looked_at_hides_nothing_else(watched: Watched) -> None:
    """A disk that is gone costs its own figures; the others are still told."""
    assert 0 < watched.value("disk_free_bytes") <= watched.value("disk_size_bytes")
    shutil.rmtree(watched.data)
    assert not watched.has("disk_free_bytes")
    assert watched.value("people") == 0


# -- the text ----------------------------------------------------------------------------------------------------------


def test_whoever_asks_all_the_time_is_given_the_same_again(watched: Watched) -> None:
    """Figures are read anew only after FRESH seconds."""
    first = watched.metrics.text()
    watched.house.member("bob")
    assert watched.metrics.text() == first
    watched.house.clock.advance(FRESH)
    second = watched.metrics.text()
    assert second != first


def test_two_servers_in_one_process_share_no_figure(watched: Watched, tmp_path: Path) -> None:
    """The registry is the server's own: a second one counts for itself."""
    with running() as house:
        other = Watched(house, tmp_path)
        house.client().ask(b"{nonsense\n")
        assert other.value("refusals_total", "bad_json") == 1
    assert ("classcord_refusals_total", "bad_json") not in watched.samples()


def test_python_and_the_process_are_in_it(watched: Watched) -> None:
    """Memory, open files and the start of the process, by their usual names."""
    names = {name for name, _ in watched.samples()}
    assert {"process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds"} <= names
    assert {"python_gc_collections_total", "classcord_info"} <= names
    assert not any(name.endswith("_created") for name in names)
