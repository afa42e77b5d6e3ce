"""Which contents stay and which go, whatever happens meanwhile; what a killed process has left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from twisted.internet.defer import Deferred

from classcord.chat.errors import StorageUnavailable
from classcord.chat.files.uploads import SEND_WITHIN
from classcord.chat.roles import Role
from classcord.services.files.content_folder import ContentFolder
from classcord.services.files.keeping import COMPARE, LOOK
from tests.faces.test_web_files import Site
from tests.files import IMAGE, Kept
from tests.harness import running


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(messages_per_second=0.0) as house:
        found = Site(house, tmp_path)
        yield found
        found.kept.stop()


def look(site: Site) -> None:
    site.house.pass_time(LOOK, step=LOOK)


def test_what_a_killed_process_left_is_removed_at_the_start(tmp_path: Path) -> None:
    """Halves at once; a whole content that no message got, as soon as folder and store were compared."""
    folder = ContentFolder(tmp_path / "files")
    folder.make()
    half, whole = folder.begin(), folder.begin()
    half.file.write(b"half")
    half.file.close()
    folder.keep(whole, "ab" * 32)
    (folder.path / "ab" / "notes.txt").write_text("somebody's own")
    with running() as house:
        kept = Kept(house, tmp_path)
        kept.start()
        assert kept.names == ["ab/notes.txt"], "what is not ours stays"
        kept.stop()


def test_what_is_not_sent_goes(site: Site) -> None:
    """After its hour, and the bytes are counted no more."""
    token = site.admitted(len(IMAGE))
    site.put(token, IMAGE)
    assert site.kept.bytes == len(IMAGE)
    look(site)
    assert len(site.kept.names) == 1
    site.house.pass_time(SEND_WITHIN, step=SEND_WITHIN)
    look(site)
    assert site.kept.names == []
    assert site.kept.bytes == 0


def test_retention_needs_to_know_nothing_of_files(site: Site) -> None:
    """Whatever takes messages out of the database: the contents are gone within the hour."""
    message = site.sent(IMAGE)
    site.house.store.connection.execute("DELETE FROM messages WHERE id = ?", (message["message_id"],))
    look(site)
    assert len(site.kept.names) == 1
    site.house.pass_time(COMPARE, step=COMPARE)
    assert site.kept.names == []


def test_a_reported_file_stays_with_its_report(site: Site) -> None:
    """Whoever handles the report opens it after its author has deleted it; its bytes count, and go with the report."""
    site.house.account("mod", role=Role.MODERATOR)
    mod = site.house.modern("mod")
    message = site.sent(IMAGE)
    site.ann.ask({"type": "report", "message_id": message["message_id"]})
    site.bob.ask({"type": "delete", "message_id": message["message_id"]})
    site.house.pass_time(COMPARE, step=COMPARE)
    assert (len(site.kept.names), site.kept.bytes) == (1, len(IMAGE))
    assert site.web.get(message["file"]["url"]).code == 404
    shown = mod.ask({"type": "report_details", "report_id": 1})[-1]
    (file,) = [line["file"] for line in shown["lines"] if line.get("file")]
    assert site.web.get(file["url"]).body == IMAGE
    site.house.store.connection.execute("DELETE FROM reports")
    site.house.pass_time(COMPARE, step=COMPARE)
    assert (site.kept.names, site.kept.bytes) == ([], 0)
    assert site.web.get(file["url"]).code == 404


def test_the_same_content_comes_again_while_it_is_being_removed(site: Site) -> None:
    """Between the look at the store and the removal: it stays."""
    first = site.sent(IMAGE)
    site.bob.ask({"type": "delete", "message_id": first["message_id"]})
    site.kept.threads.held = True
    look(site)
    site.kept.threads.held = False
    second = site.sent(IMAGE)
    site.kept.threads.go()
    site.house.turn()
    assert len(site.kept.names) == 1
    assert site.web.get(second["file"]["url"]).body == IMAGE
    look(site)
    assert len(site.kept.names) == 1


def test_a_message_comes_while_the_store_is_read(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The upload was waiting when the comparison began: its content is held to the end of it."""
    token = site.admitted(len(IMAGE))
    site.put(token, IMAGE)
    site.house.hub.uploads.outdated = True
    answer: Deferred[frozenset[str]] = Deferred()
    with monkeypatch.context() as patch:
        patch.setattr(site.house.store, "find", lambda _: answer)
        look(site)
    site.bob.ask({"type": "message", "content": "", "file": token})
    answer.callback(frozenset())
    site.house.turn()
    assert len(site.kept.names) == 1


def test_nothing_is_removed_during_a_backup(site: Site) -> None:
    """Whoever copies the database finds what it refers to; afterwards it goes."""
    message = site.sent(IMAGE)
    with site.kept.folder.undisturbed(alone=False) as held:
        assert held
        site.bob.ask({"type": "delete", "message_id": message["message_id"]})
        look(site)
        assert len(site.kept.names) == 1
    look(site)
    assert site.kept.names == []


def test_a_store_that_cannot_be_read_removes_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried again."""
    message = site.sent(IMAGE)
    site.bob.ask({"type": "delete", "message_id": message["message_id"]})

    def unreadable(_: object) -> None:
        raise StorageUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(site.house.store, "find", unreadable)
        look(site)
    assert len(site.kept.names) == 1
    look(site)
    assert site.kept.names == []


def test_a_fault_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in the log, and removes nothing."""
    with running(faulty=True) as house:
        kept = Kept(house, tmp_path)
        monkeypatch.setattr(house.store, "find", lambda _: 1 / 0)
        kept.start()
        kept.stop()
        assert any("ZeroDivisionError" in fault for fault in house.faults)


def test_the_room(tmp_path: Path) -> None:
    """What all files may have together, and what stays free on the disk, whichever is less."""
    with running() as house:
        kept = Kept(house, tmp_path, total=1)
        kept.start()
        assert kept.room() == 1_000_000
        kept.bytes = 400_000
        assert kept.room() == 600_000
        kept.bounds.free = kept.folder.free() - 1000
        assert kept.room() < 600_000
        kept.stop()
        assert house.hub.uploads.room is None


def test_a_stop_in_the_middle(site: Site) -> None:
    """A transfer under way is given up, and a comparison too."""
    token = site.admitted(len(IMAGE))
    client = site.web.connect()
    client.push(f"PUT /files/{token} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(IMAGE)}\r\n\r\n".encode() + b"x")
    site.house.hub.uploads.outdated = True
    site.kept.threads.held = True
    look(site)
    site.kept.stop()
    assert site.kept.names == []
