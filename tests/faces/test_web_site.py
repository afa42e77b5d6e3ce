"""The site over HTTP: what it answers, to whom, and how little it can be made to do."""

from __future__ import annotations

import gzip

import pytest

from classcord.faces.web.headers import SECURITY
from classcord.faces.web.site import HEADERS, WITHIN
from classcord.faces.web.static_files import TYPES, static_files
from classcord.server.web import PAGE as FOLDER
from classcord.services.chat.visits import MOST
from tests.faces.web_line import PAGE, WebLine, parsed
from tests.harness import House, running

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
PROXY = "10.9.9.9"


@pytest.fixture
def web(house: House) -> WebLine:
    return WebLine(house)


# -- the page ---------------------------------------------------------------------------------------------------------


def test_a_file_and_its_headers(web: WebLine) -> None:
    """It is what it is, may be kept if it is asked about, and a browser is told what it must not do with it."""
    code, headers, body = web.get("/")
    assert (code, body) == (200, PAGE)
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["content-length"] == str(len(PAGE))
    assert headers["cache-control"] == "no-cache"
    assert {name.lower(): value.lower() for name, value in SECURITY.items()}.items() <= headers.items()
    assert "server" not in headers


def test_what_is_kept_is_not_sent_again(web: WebLine) -> None:
    """The tag of a form is for that form; any of several, and one that a proxy has made weak."""
    plain, packed = web.get("/"), web.get("/", Accept_Encoding="br, gzip")
    assert gzip.decompress(packed.body) == PAGE
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "accept-encoding")
    tag = plain.headers["etag"]
    assert tag != packed.headers["etag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}"):
        again = web.get("/", If_None_Match=known)
        assert (again.code, again.body, again.headers["etag"]) == (304, b"", tag)
    assert web.get("/", If_None_Match=tag, Accept_Encoding="gzip").code == 200
    assert web.get("/", If_None_Match='"other"').code == 200


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("gzip", True), ("GZIP;q=0.5", True), ("*", True), ("gzip;q=0", False), ("gzip;q=0.000", False), ("br", False)],
)
def test_only_who_can_unpack_is_sent_packed(web: WebLine, accepted: str, packed: bool) -> None:
    """RFC 9110 §12.5.3; what packing does not make smaller is never packed."""
    assert ("content-encoding" in web.get("/", Accept_Encoding=accepted).headers) == packed
    assert "content-encoding" not in web.get("/icon.png", Accept_Encoding=accepted).headers


def test_head(web: WebLine) -> None:
    """The same headers, and no body."""
    asked, wanted = web.get("/", "HEAD"), web.get("/")
    assert (asked.code, asked.headers, asked.body) == (200, wanted.headers, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/index.html",
        "/../etc/passwd",
        "/%2e%2e/etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/%252e%252e%252fetc/passwd",
        "/%c0%ae%c0%ae/etc/passwd",
        "/\\..\\",
        "//",
        "/./",
        "/%00",
        "/icon.png/",
        "/icon.png%00.html",
        "/icon.png;a=b",
        "/ICON.PNG",
        "/.git/config",
        "/app/",
        "http://x/",
        "*",
        "x",
    ],
)
def test_no_other_path_exists(web: WebLine, path: str) -> None:
    """A path is compared as it is written."""
    code, headers, body = web.get(path)
    assert (code, body) == (404, b"not found\n")
    assert headers["x-content-type-options"] == "nosniff"


def test_a_query_changes_nothing(web: WebLine) -> None:
    """A link from elsewhere may have one."""
    assert web.get("/?from=mail").body == PAGE


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "get"])
def test_nothing_can_be_changed(web: WebLine, method: str) -> None:
    """Every other method is refused, and nothing that was sent comes back (TRACE)."""
    for path in ("/", "/chat"):
        code, headers, body = web.get(path, method, Cookie="secret=1")
        assert (code, headers["allow"], body) == (405, "get, head", b"method not allowed\n")


def test_the_files_of_the_page() -> None:
    """Each is served, at its own path and as what it is; a licence of a library is for readers of the tree."""
    files = static_files(FOLDER)
    names = {f"/{file.relative_to(FOLDER)}" for file in FOLDER.rglob("*") if file.is_file()}
    assert {path.decode() for path in files} == {name.replace("/index.html", "/") for name in names} - {
        name for name in names if name.endswith(".LICENSE")
    }
    assert TYPES[".mjs"] == TYPES[".js"] == "text/javascript; charset=utf-8"


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "length", [b"Content-Length: 5", b"Transfer-Encoding: chunked", b"Content-Length: 999999999999"]
)
@pytest.mark.parametrize("expects", [b"", b"Expect: 100-continue\r\n"])
def test_a_body_is_not_taken(web: WebLine, length: bytes, expects: bytes) -> None:
    """It is refused before it comes, and what comes behind the headers is never read as a request."""
    client = web.connect()
    client.push(b"POST / HTTP/1.1\r\nHost: x\r\n" + expects + length + b"\r\n\r\n" + GET)
    client.push(GET)
    data = client.raw()
    assert data.count(b"HTTP/1.1 ") == 1
    assert parsed(data)[::2] == (413, b"")
    web.house.turn()
    assert client.closed


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5",
        b"Content-Length: 5\r\nContent-Length: 6",
        b"Content-Length: 0\r\nContent-Length: 5",
        b"Content-Length: +5",
        b"Content-Length: -1",
        b"Content-Length: 5, 5",
        b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding: chunked, identity",
        b"Content-Length : 5",
        b"A\x00b: c",
        b"A: b\x00c",
        b"no colon",
    ],
)
def test_two_readers_cannot_read_it_in_two_ways(web: WebLine, headers: bytes) -> None:
    """A request whose end is doubtful is refused, and nothing behind it is answered (RFC 9112 §11.2)."""
    client = web.connect()
    client.push(b"GET / HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n\r\n" + GET)
    data = client.raw()
    assert data.count(b"HTTP/1.1 ") == 1
    assert parsed(data).code == 400
    web.house.turn()
    assert client.closed


@pytest.mark.parametrize(
    "first",
    [
        b"nonsense\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET /\xe9 HTTP/1.1\r\n",
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET / HTTP/9\r\n",
    ],
)
def test_rubbish_is_refused(web: WebLine, first: bytes) -> None:
    """TLS on the wrong port is rubbish as well."""
    client = web.connect()
    client.push(first)
    assert client.raw().startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 505 "))
    web.house.turn()
    assert client.closed


@pytest.mark.parametrize(
    "headers", [b"A: " + b"x" * 20_000, b"".join(b"A%d: b\r\n" % n for n in range(HEADERS + 2)), b"x" * 100_000]
)
def test_headers_are_bounded(web: WebLine, headers: bytes) -> None:
    """In bytes and in number; a line without an end waits no longer than its bound."""
    client = web.connect()
    client.push(b"GET / HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n\r\n")
    assert b"200 OK" not in client.raw()
    web.house.turn()
    assert client.closed


def test_slow_headers(web: WebLine) -> None:
    """A request has its time, however slowly its bytes come."""
    client, silent = web.connect(), web.connect()
    for byte in GET[: int(WITHIN) - 1]:
        client.push(bytes((byte,)))
        web.house.clock.advance(1)
        assert not client.closed
    web.house.clock.advance(1)
    web.house.turn()
    assert client.closed
    assert silent.closed
    assert web.site.visits == {}


def test_a_connection_is_used_again_and_closed_when_idle(web: WebLine) -> None:
    """Each request has its own time; several in one packet are answered in their order."""
    client = web.connect()
    for _ in range(3):
        client.push(GET + b"HEAD /icon.png HTTP/1.1\r\nHost: x\r\n\r\n")
        first, second = client.raw().split(b"HTTP/1.1 200 OK\r\n")[1:]
        assert b"text/html" in first
        assert b"image/png" in second
        web.house.clock.advance(WITHIN - 1)
    web.house.clock.advance(1)
    web.house.turn()
    assert client.closed


def test_who_does_not_read_is_not_answered(web: WebLine) -> None:
    """A thousand requests in one packet are answered as they are read, and not kept for long if they are not."""
    client = web.connect()
    transport = client.transport
    asked = transport.write
    sent: list[bytes] = []

    def write(data: bytes) -> None:
        sent.append(data)
        asked(data)  # type: ignore[no-untyped-call]
        transport.producer.pauseProducing()  # type: ignore[union-attr]

    transport.write = write  # type: ignore[method-assign]
    client.push(GET * 1_000)
    assert sent == [PAGE]
    assert transport.producerState == "paused"
    transport.producer.resumeProducing()  # type: ignore[union-attr]
    assert sent == [PAGE, PAGE]
    web.house.clock.advance(WITHIN)
    web.house.turn()
    assert client.closed


# -- who comes in -----------------------------------------------------------------------------------------------------


def test_who_may_not_connect(web: WebLine) -> None:
    """The gate's lists count here as on every face, also for a connection that is open."""
    client = web.connect("10.0.0.7")
    gate = web.house.chat.gate
    gate.closers.append(web.site.end_from)
    gate.shut_out(lambda address: address == "10.0.0.7", "it is banned")
    web.house.turn()
    assert client.closed
    gate.set_lists(allow=(), deny=("10.0.0.7",))
    assert web.attempt("10.0.0.7") is None
    assert web.get("/", address="10.0.0.8").code == 200


def test_visits_make_room_for_each_other() -> None:
    """Who reads the page takes nobody's place in the chat; the oldest goes, of the source that has most."""
    with running(connections=1) as house:
        web = WebLine(house)
        quiet = web.connect("10.0.0.1")
        many = [web.connect("10.0.0.2") for _ in range(MOST - 1)]
        newest = web.connect("10.0.0.3")
        house.turn()
        assert [client.closed for client in (quiet, *many, newest)] == [False, True, *[False] * (MOST - 2), False]
        assert len(web.site.visits) == MOST
        house.member("alice")  # in the one place of the chat


def test_connections_of_one_address() -> None:
    """Visits and sessions count together; a visit gives way to either."""
    with running(connections_per_address=2) as house:
        web = WebLine(house)
        first, second = web.connect(), web.connect()
        third = web.connect()
        house.turn()
        assert [client.closed for client in (first, second, third)] == [True, False, False]
        house.member("alice")
        house.member("bob")
        assert second.closed
        assert third.closed
        assert web.attempt("10.0.0.1") is None
        assert any("too many" in line for line in house.logged)


# -- proxies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("forwarded", "admitted"),
    [
        ("10.0.0.7", False),
        ("10.0.0.8", True),
        ("10.0.0.7, 10.0.0.8", True),
        ("10.0.0.8, 10.0.0.7", False),
        ("10.0.0.7, 10.9.9.8", False),
        ("::ffff:10.0.0.7", False),
        ("nonsense", True),
        ("", True),
    ],
)
def test_a_trusted_proxy_says_for_whom_it_speaks(house: House, forwarded: str, admitted: bool) -> None:
    """What stands before the first stranger from the end was said by a stranger."""
    web = WebLine(house, trusted=("10.9.9.8/31",))
    house.chat.gate.set_lists(allow=(), deny=("10.0.0.7",))
    assert web.get("/", address=PROXY, X_Forwarded_For=forwarded).code == (200 if admitted else 403)


def test_others_are_not_believed(house: House) -> None:
    """An address that anybody can type is no address."""
    web = WebLine(house, trusted=(PROXY,))
    house.chat.gate.set_lists(allow=(), deny=("10.0.0.7",))
    assert web.get("/", address="10.0.0.8", X_Forwarded_For="10.0.0.7").code == 200


def test_an_error_of_ours_is_told_without_its_words(web: WebLine) -> None:
    """The log has them."""

    class Broken:
        def render(self, request: object) -> bytes:
            raise RuntimeError("secret")

    web.site._resources = {b"/": Broken()}  # type: ignore[dict-item]
    code, _, body = web.get("/")
    assert code == 500
    assert b"secret" not in body
    assert any("secret" in fault for fault in web.house.faults)
    web.house.events.clear()
