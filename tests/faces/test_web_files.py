"""Files over HTTP: the bytes of an upload, and how little a browser may do with what others have sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from classcord.chat.files.vocabulary import NoSuchUpload
from classcord.chat.policy import Policy
from classcord.faces.web.files import CONFINED, GRACE, SLOWEST
from classcord.faces.web.headers import SECURITY
from classcord.services.files import keeping
from tests.faces.web_line import WebLine, parsed
from tests.files import IMAGE, Kept
from tests.harness import Client, House, running

TEXT = "Bonjour à tous\n".encode() * 100


class Site:
    """A server with files, and bob and ann in it."""

    def __init__(self, house: House, path: Path) -> None:
        self.house = house
        self.kept = Kept(house, path)
        self.kept.start()
        self.web = WebLine(house, files=self.kept)
        for name in ("ann", "bob"):
            house.account(name)
        self.ann, self.bob = house.modern("ann"), house.modern("bob")

    def admitted(self, size: int, name: str = "photo.png", client: Client | None = None, **where: Any) -> str:
        """Return the token of an upload that was asked for."""
        asked = {"type": "upload", "id": "u", "name": name, "size": size, **where}
        (answer,) = [line for line in (client or self.bob).ask(asked) if line.get("id") == "u"]
        token: str = answer["file"]
        assert answer["url"] == f"/files/{token}"
        return token

    def put(self, token: str, content: bytes, *, address: str = "10.0.0.1") -> Any:
        client = self.web.connect(address)
        client.push(head(token, len(content)) + content)
        self.house.turn()
        return parsed(client.raw())

    def sent(self, content: bytes, name: str = "photo.png", **where: Any) -> dict[str, Any]:
        """Return the message that carries a new file, as its author's other people hear it."""
        token = self.admitted(len(content), name, **where)
        assert self.put(token, content).code == 200
        self.ann.raw()
        self.bob.ask({"type": "message", "id": "m", "content": "", "file": token, **where})
        (message,) = [line for line in self.ann.lines() if line["type"] == "message"]
        return message


def head(token: str, size: int, method: str = "PUT") -> bytes:
    return f"{method} /files/{token} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(messages_per_second=0.0) as house:
        found = Site(house, tmp_path)
        yield found
        found.kept.stop()


# -- up ---------------------------------------------------------------------------------------------------------------


def test_an_upload_becomes_a_message(site: Site) -> None:
    """What was put is what is read, by everybody who reads the message; the content decides what it is."""
    token = site.admitted(len(IMAGE), "../../Mes vacances.exe")
    answer = site.put(token, IMAGE)
    assert answer.headers["content-type"] == "application/json"
    described = {"file": token, "name": "Mes vacances.exe", "type": "image/png", "size": len(IMAGE)}
    assert json.loads(answer.body) == {**described, "width": 640, "height": 480}
    site.bob.ask({"type": "message", "content": "regardez", "file": token})
    (message,) = [line for line in site.ann.lines() if line["type"] == "message"]
    assert message["file"] == {
        "name": "Mes vacances.exe",
        "type": "image/png",
        "size": len(IMAGE),
        "url": f"/files/{token}/Mes_vacances.exe",
        "width": 640,
        "height": 480,
    }
    assert site.web.get(message["file"]["url"]).body == IMAGE
    digest = hashlib.sha256(IMAGE).hexdigest()
    assert site.kept.names == [f"{digest[:2]}/{digest}"]
    assert (site.kept.folder.file(digest).stat().st_mode & 0o777, site.kept.count) == (0o600, 1)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (b"PUT /files/unknown HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nbytes", 404),
        (b"PUT /files/../etc HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nbytes", 413),
        (b"POST /files/unknown HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nbytes", 413),
        (b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nbytes", 413),
        (b"PUT /files/unknown HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"PUT /files/unknown HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 404),
        (b"PUT /files/unknown HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n", 404),
    ],
)
def test_no_other_body_is_taken(site: Site, request_: bytes, code: int) -> None:
    """It is refused before it comes, and the connection ends."""
    client = site.web.connect()
    client.push(request_)
    site.house.turn()
    answer = parsed(client.raw())
    assert answer.code == code
    if code == 404:
        assert answer.headers["content-type"] == "application/json"
        assert json.loads(answer.body)["code"] == NoSuchUpload.code
    assert site.kept.names == []


def test_an_upload_has_the_size_that_was_asked_for(site: Site) -> None:
    """Any other is refused at once, and the permission is used up."""
    for size in (99, 101):
        token = site.admitted(100)
        assert site.put(token, b"x" * size).code == 404
        assert site.put(token, b"x" * 100).code == 404
    assert site.kept.names == []


def test_the_bytes_come_once(site: Site) -> None:
    """A second transfer by the same token finds nothing, while the first runs and after it."""
    token = site.admitted(len(IMAGE))
    slow = site.web.connect()
    slow.push(head(token, len(IMAGE)) + IMAGE[:500])
    assert site.put(token, IMAGE).code == 404
    slow.push(IMAGE[500:])
    assert parsed(slow.raw()).code == 200
    assert site.put(token, IMAGE).code == 404


def test_whoever_goes_in_the_middle_leaves_nothing(site: Site) -> None:
    """The half is removed; what it was reserved from is whole again."""
    token = site.admitted(len(IMAGE))
    client = site.web.connect()
    client.push(head(token, len(IMAGE)) + IMAGE[:500])
    assert len(site.kept.names) == 1
    client.leave()
    site.house.turn()
    assert site.kept.names == []
    assert site.house.hub.uploads.reserved == 0
    assert site.put(token, IMAGE).code == 404


def test_whoever_sends_too_slowly_is_cut_off(site: Site) -> None:
    """A transfer has the time that ten kilobytes a second need, and no more by sending now and then."""
    size = 2 * SLOWEST
    client = site.web.connect()
    client.push(head(site.admitted(size), size))
    for _ in range(4):
        site.house.pass_time(5.0)
        client.push(b"x")
        assert not client.closed
    site.house.pass_time(3.0)
    assert client.closed
    assert site.kept.names == []


def test_the_disk_sets_the_pace(site: Site) -> None:
    """While the disk is slow, little waits in memory: nothing more is read."""
    size = 4_000_000
    token, client = site.admitted(size), site.web.connect()
    site.kept.threads.held = True
    client.push(head(token, size))
    read = 0
    transport: Any = client.transport
    while transport.producerState == "producing":
        client.push(b"x" * 65_536)
        read += 65_536
    assert read < 1_000_000
    site.kept.threads.held = False
    site.kept.threads.go()
    assert transport.producerState == "producing"
    client.push(b"x" * (size - read))
    assert parsed(client.raw()).code == 200


def test_a_full_disk_in_the_middle(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The upload fails with a code; nothing is left of it, and the next one works."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for place in ("begin", "keep"):
        with monkeypatch.context() as patch:
            patch.setattr(site.kept.folder, place, full)
            answer = site.put(site.admitted(len(IMAGE)), IMAGE)
        assert (answer.code, json.loads(answer.body)["code"]) == (503, "storage_unavailable")
        assert site.kept.names == []
    assert len([each for each in site.house.faults if "No space left" in each]) == 2
    site.house.events.clear()
    assert site.put(site.admitted(len(IMAGE)), IMAGE).code == 200


def test_a_type_that_is_not_wanted(site: Site) -> None:
    """Its content decides, whatever it is called; nothing is kept of it."""
    program = b"MZ\x90\0" + b"\0" * 100
    answer = site.put(site.admitted(len(program), "photo.png"), program)
    assert (answer.code, json.loads(answer.body)["code"]) == (415, "file_type")
    assert site.kept.names == []


def test_there_is_no_room_any_more(site: Site) -> None:
    """The room is looked at when the bytes are to come, too."""
    token = site.admitted(len(IMAGE))
    site.kept.bounds.free = 10**18
    assert site.put(token, IMAGE).code == 507


def test_few_transfers_at_a_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one person, and of all: nobody holds all of them with a few accounts for long."""
    for _ in range(keeping.MOST_OF_ONE):
        client = site.web.connect()
        client.push(head(site.admitted(100), 100) + b"x")
    assert site.put(site.admitted(100), b"x" * 100).code == 404
    assert site.put(site.admitted(100, client=site.ann), b"x" * 100).code == 200
    monkeypatch.setattr(keeping, "MOST", keeping.MOST_OF_ONE)
    assert site.put(site.admitted(100, client=site.ann), b"x" * 100).code == 507


def test_whoever_may_not_come_in_uploads_nothing(site: Site) -> None:
    """The gate is the same as for the page."""
    token = site.admitted(100)
    site.house.chat.gate.set_lists(allow=(), deny=("10.6.6.6",))
    client = site.web.attempt("10.6.6.6")
    assert client is None or site.put(token, b"x" * 100, address="10.6.6.6").code == 403
    assert site.kept.names == []


# -- down -------------------------------------------------------------------------------------------------------------


def test_an_image_and_its_headers(site: Site) -> None:
    """It is shown, and can do nothing."""
    file = site.sent(IMAGE, "Été à la mer.png")["file"]
    code, headers, body = site.web.get(file["url"])
    assert (code, body) == (200, IMAGE)
    assert headers["content-type"] == "image/png"
    assert headers["content-length"] == str(len(IMAGE))
    named = "inline; filename=\"_t_ _ la mer.png\"; filename*=utf-8''%c3%89t%c3%a9%20%c3%a0%20la%20mer.png"
    assert headers["content-disposition"] == named
    assert headers["content-security-policy"] == CONFINED.decode()
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "private, no-cache"
    assert set(map(str.lower, SECURITY)) <= set(headers)
    assert site.web.get(file["url"], "HEAD")[:2] == (200, headers)
    assert site.web.get(file["url"], "HEAD").body == b""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<!doctype html><script>alert(document.domain)</script>"),
        ("image.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("photo.png", b"<html><body onload=alert(1)>"),
        ("cours.pdf", b"%PDF-1.7 <script>"),
        ("grand.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + b"\xff\xff\xff\xff" * 2 + b"\0" * 20),
    ],
)
def test_what_is_no_image_is_not_shown(site: Site, name: str, content: bytes) -> None:
    """It is saved: no page, no SVG, no PDF, and no image that would fill the memory; never as HTML."""
    headers = site.web.get(site.sent(content, name)["file"]["url"]).headers
    assert headers["content-disposition"].startswith(f'attachment; filename="{name}"')
    assert headers["content-type"].partition(";")[0] in {"text/plain", "application/pdf", "image/png"}
    assert headers["content-security-policy"] == CONFINED.decode()


@pytest.mark.parametrize(
    "name", ['a"b.txt', "a;b.txt", "a%0d%0ab.txt", "a\r\nX-Evil: 1.txt", "a\u2028b.txt", "é" * 300]
)
def test_a_name_does_not_break_out_of_its_header(site: Site, name: str) -> None:
    """Whatever it is, it is one header of ASCII."""
    answer = site.web.get(site.sent(TEXT, name)["file"]["url"])
    assert answer.code == 200
    assert "x-evil" not in answer.headers
    disposition = answer.headers["content-disposition"]
    assert disposition.isascii()
    assert disposition.count('"') == 2


@pytest.mark.parametrize(
    ("asked", "code", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=-10", 206, slice(-10, None)),
        ("bytes=0-999999999999999", 206, slice(0, None)),
        ("bytes=-999999999999999", 206, slice(0, None)),
        ("bytes=1600-1700", 416, slice(0, 0)),
        ("bytes=-0", 416, slice(0, 0)),
        ("bytes=9-3", 416, slice(0, 0)),
        ("bytes=0-1,3-4", 200, slice(0, None)),
        ("bytes=-", 200, slice(0, None)),
        ("bytes=" + "9" * 40 + "-", 200, slice(0, None)),
        ("pages=1-2", 200, slice(0, None)),
    ],
)
def test_a_part(site: Site, asked: str, code: int, part: slice) -> None:
    """One range is served; several, and what is none, give the whole."""
    assert len(TEXT) == 1600
    answer = site.web.get(site.sent(TEXT, "a.txt")["file"]["url"], Range=asked)
    assert (answer.code, answer.body) == (code, TEXT[part])
    if code == 206:
        start = range(1600)[part][0]
        assert answer.headers["content-range"] == f"bytes {start}-{start + len(answer.body) - 1}/1600"
    if code == 416:
        assert answer.headers["content-range"] == "bytes */1600"


def test_what_is_kept_is_asked_for_again(site: Site) -> None:
    """A browser that has the file hears whether it is still there; a part is of the same content."""
    url = site.sent(TEXT, "a.txt")["file"]["url"]
    tag = site.web.get(url).headers["etag"]
    assert site.web.get(url, If_None_Match=f'"x", W/{tag}').code == 304
    assert site.web.get(url, If_Range=tag, Range="bytes=0-1").code == 206
    assert site.web.get(url, If_Range='"other"', Range="bytes=0-1").code == 200


def test_the_link_ends_with_the_message(site: Site) -> None:
    """At once, although the bytes stay some seconds longer; the same content of another message stays."""
    first, second = site.sent(IMAGE), site.sent(IMAGE)
    assert len(site.kept.names) == 1
    site.bob.ask({"type": "delete", "message_id": first["message_id"]})
    assert site.web.get(first["file"]["url"]).code == 404
    site.house.pass_time(40.0, step=10.0)
    assert site.web.get(second["file"]["url"]).body == IMAGE
    site.bob.ask({"type": "delete", "message_id": second["message_id"]})
    site.house.pass_time(40.0, step=10.0)
    assert site.kept.names == []
    assert (site.kept.count, site.kept.bytes) == (0, 0)


def test_an_edit_keeps_the_file(site: Site) -> None:
    """Only the words change."""
    message = site.sent(IMAGE)
    site.bob.ask({"type": "edit", "message_id": message["message_id"], "content": "autre"})
    (history,) = [line for line in site.ann.ask({"type": "history", "id": 1, "limit": 1}) if line.get("id") == 1]
    assert history["messages"][0]["file"] == message["file"]
    assert site.web.get(message["file"]["url"]).code == 200


def test_a_classic_client_reads_a_line(site: Site) -> None:
    """With the name, the size and the link; in the history too."""
    site.house.hub.set_policy(Policy(web_address="http://192.0.2.7:8080", messages_per_second=0))
    zoe = site.house.member("zoe")
    zoe.lines()
    file = site.sent(IMAGE)["file"]
    (line,) = [each for each in zoe.lines() if each["type"] == "message"]
    said = f"[file: photo.png, 2 kB] http://192.0.2.7:8080{file['url']}"
    assert line["content"] == said
    late = site.house.member("max")
    late.send({"type": "users"})
    site.house.pass_time(6.0)
    assert any(each["content"].endswith(line["content"]) for each in late.lines() if each["type"] == "message")


@pytest.mark.parametrize(
    "path", ["/files/", "/files/unknown", "/files/unknown/a.png", "/files/..%2f..%2fetc", "/files//a"]
)
def test_what_does_not_exist(site: Site, path: str) -> None:
    """It is not found; nothing is said of what might be there."""
    assert site.web.get(f"/files/{path}").code == 404


def test_a_content_that_is_missing(site: Site) -> None:
    """Somebody has removed it from the disk: the file does not exist."""
    url = site.sent(IMAGE)["file"]["url"]
    digest = hashlib.sha256(IMAGE).hexdigest()
    site.kept.folder.remove(digest)
    assert site.web.get(url).code == 404


def test_a_content_that_is_cut_short(site: Site) -> None:
    """The connection ends: nobody takes a half for the whole."""
    url = site.sent(IMAGE)["file"]["url"]
    site.kept.folder.file(hashlib.sha256(IMAGE).hexdigest()).write_bytes(IMAGE[:100])
    client = site.web.connect()
    client.push(f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    site.house.turn()
    assert client.closed


def test_whoever_reads_too_slowly_is_cut_off(site: Site) -> None:
    """A download has its time, as an upload has; while nothing is read, nothing is sent."""
    content = b"x" * 1_000_000
    url = site.sent(content, "long.txt")["file"]["url"]
    client = site.web.connect()
    transport: Any = client.transport
    write = transport.write

    def full(data: bytes) -> None:
        write(data)
        transport.producer.pauseProducing()

    transport.write = full
    client.push(f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    site.house.turn()
    transport.producer.resumeProducing()
    assert len(client.raw()) < 200_000
    site.house.pass_time(GRACE + len(content) / SLOWEST, step=10.0)
    assert client.closed
