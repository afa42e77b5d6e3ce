"""What the data folder has of a private conversation, and who reads it there over sftp: an owner, and the trail knows.

A real server makes the folder, with everything that keeps such words: the database, exports, backups, an evidence file,
files of messages. A new place is found by its being there.
"""

from __future__ import annotations

import gzip
import http.client
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import pytest
from twisted.conch.ssh import filetransfer as fx

from classcord.chat.roles import Role
from classcord.faces.ssh.sftp_files import Files
from classcord.faces.ssh.sftp_handles import Download, SFTPRefused, Upload
from classcord.faces.ssh.sftp_paths import ServedFolder
from tests.chat.hubs import a_hub
from tests.server import Client, Server, running
from tests.test_import_class_live import classcord

SAID, BEFORE, TAKEN_BACK, IN_FILE, REPORTED = "zqdirect", "zqbefore", "zqgone", "zqfile", "zqreported"
WORDS = (SAID, BEFORE, TAKEN_BACK, IN_FILE, REPORTED)
GZIP = b"\x1f\x8b"
MAY_HAVE_THEM = {"classcord.db", "backups", "exports", "files"}
"""What the data folder has such words in; nothing else may, and sftp serves two of them."""


def private(client: Client, **more: object) -> int:
    client.send(type="message", subtype="private", to="bob", id="p", **more)
    number: int = client.until(id="p")["message_id"]
    return number


def send_file(server: Server, client: Client) -> None:
    content = f"{IN_FILE}\n".encode()
    client.send(type="upload", id="u", user="bob", name="mot.txt", size=len(content))
    url = client.until(id="u")["url"]
    place = server.address("web")
    assert isinstance(place, tuple)
    with closing(http.client.HTTPConnection(*place)) as page:
        page.request("PUT", url, content)
        assert page.getresponse().status == 200
    private(client, content="", file=url.rpartition("/")[2])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a server has left, after a talk and all that may be done with it."""
    with running(tmp_path_factory.mktemp("server"), "--set", "log.message_content=true", "--verbose") as server:
        with server.client().hello().register("ann") as ann, server.client().hello().register("bob") as bob:
            send_file(server, ann)
            first = private(ann, content=BEFORE)
            gone = private(ann, content=TAKEN_BACK)
            reported = private(ann, content=REPORTED)
            for number, change in ((first, {"type": "edit", "content": SAID}), (gone, {"type": "delete"})):
                ann.send(id="c", message_id=number, **change)
                assert ann.until(id="c")["status"] == "ok"
            bob.send(type="report", id="r", message_id=reported, reason="parce que")
            assert bob.until(id="r")["report_id"] == 1
        (server.data / "exports").mkdir(exist_ok=True)
        evidence = server.ctl("evidence", "1")
        assert REPORTED in evidence.stdout
        (server.data / "exports" / "evidence-1.json").write_text(evidence.stdout, "utf-8")
        assert server.ctl("backup").returncode == 0
        for what in ("messages", "audit", "users"):
            done = classcord(server, "export", what, *(("--reason", "parce que") if what == "messages" else ()))
            assert done.returncode == 0, done.stderr
        assert server.ctl("report", "1").returncode == 0
        return server.data


def words_in(content: bytes) -> list[str]:
    if content[:2] == GZIP:
        content = gzip.decompress(content)
    return [word for word in WORDS if word.encode() in content]


def everything(data: Path) -> Iterator[Path]:
    yield from (each for each in sorted(data.rglob("*")) if each.is_file())


def downloaded(handle: Download | Upload, size: int) -> bytes:
    """Return what a client gets, which reads to the end that it was told."""
    content = b""
    while len(content) < size:
        content += handle.readChunk(len(content), 32_768)
    handle.close()
    return content


def test_where_they_are(data: Path) -> None:
    """In the database and its copies, and where somebody with a reason has put them: in no log and no other file."""
    found = {each.relative_to(data).parts[0] for each in everything(data) if words_in(each.read_bytes())}
    assert found == MAY_HAVE_THEM
    exported = [each for each in (data / "exports").iterdir() if words_in(each.read_bytes())]
    assert {each.name.partition("-")[0] for each in exported} == {"messages", "evidence"}


@pytest.mark.parametrize("role", Role)
def test_who_reads_them_over_sftp(data: Path, role: Role) -> None:
    """Of all the files of the folder, by any path: an owner alone, from two folders, and each file has its entry."""
    noted: list[tuple[str, str]] = []
    files = Files(data, partial(a_hub().role_may, role), 1000, lambda action, path, to="": noted.append((action, path)))
    read = set()
    for each in everything(data):
        name = str(each.relative_to(data))
        for path in (name, f"/{name}", f"exports/../{name}", f"exports/{name}", f"import/../{name}", str(each)):
            before = len(noted)
            with suppress(SFTPRefused):
                handle = files.openFile(path.encode(), fx.FXF_READ, {})
                assert noted[before:] == [("read", f"/{name}")]
                content = downloaded(handle, each.stat().st_size)
                assert content == each.read_bytes()
                read |= {(name, word) for word in words_in(content)}
    if role is not Role.OWNER:
        assert not read
        return
    assert {name.partition("/")[0] for name, _ in read} == {"exports", "backups"}
    assert {word for _, word in read} >= {SAID, REPORTED}
    assert not [name for name, _ in read if name.count("/") > 1], "contents of files lie deeper, and are not served"


def test_what_is_served_is_known() -> None:
    """A folder more would be a way more: whoever may read there is an owner, or nobody reads what is in it."""
    reading = {served.label for served in ServedFolder if not served.writable}
    assert reading == {"exports", "backups"}
    hub = a_hub()
    for served in ServedFolder:
        if not served.writable:
            assert [role for role in Role if hub.role_may(role, served.needs)] == [Role.OWNER]
