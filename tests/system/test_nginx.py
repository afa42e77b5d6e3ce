"""A real nginx before the page, with the example of etc/nginx: the page, the WebSocket, and the client's address."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.server import BOUND, ROOT, Server, running, unverified
from tests.websocket import InvalidStatus, WebClient

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx; on Debian: apt-get install nginx-light"),
]
EXAMPLE = ROOT / "etc" / "nginx" / "classcord.conf"
AROUND = """
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    include {folder}/classcord.conf;
}}
"""
SOMEBODY = "127.0.0.5"  # whom nginx sees; the server sees 127.0.0.1


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port: int = held.getsockname()[1]
        return port


@contextmanager
def nginx(folder: Path, server: Server) -> Iterator[tuple[str, int]]:
    """Run it with the example, of which only ports and certificate are others; when its command is back, it listens."""
    port, plain = free_port(), free_port()
    text = EXAMPLE.read_text("utf-8").replace("127.0.0.1:8080", "127.0.0.1:{}".format(server.address("web")[1]))
    text = text.replace("listen [::]", "# listen [::]")
    text = text.replace("listen 443", f"listen 127.0.0.1:{port}").replace("listen 80", f"listen 127.0.0.1:{plain}")
    text = text.replace("/etc/ssl/certs/chat.lycee.example.pem", str(server.data / "tls" / "cert.pem"))
    text = text.replace("/etc/ssl/private/chat.lycee.example.key", str(server.data / "tls" / "key.pem"))
    (folder / "classcord.conf").write_text(text, "utf-8")
    config = folder / "nginx.conf"
    config.write_text(AROUND.format(folder=folder), "utf-8")
    started = subprocess.run(
        ["nginx", "-p", folder, "-c", config], check=False, timeout=BOUND, capture_output=True, encoding="utf-8"
    )
    assert started.returncode == 0, started.stderr
    try:
        yield "127.0.0.1", port
    finally:
        os.kill(int((folder / "nginx.pid").read_text("utf-8")), signal.SIGTERM)


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[tuple[Server, tuple[str, int]]]:
    with running(tmp_path, "--set", "listen.trusted_proxies=127.0.0.1") as server:
        folder = tmp_path / "nginx"
        folder.mkdir()
        with nginx(folder, server) as address:
            yield server, address


def test_the_page_and_the_chat(behind: tuple[Server, tuple[str, int]]) -> None:
    """The page has its headers, and a person of the page the address that nginx has seen, whatever else is written."""
    server, (host, port) = behind
    connection = http.client.HTTPSConnection(host, port, context=unverified(), timeout=BOUND)
    connection.request("GET", "/", headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Content-Encoding"] == "gzip"
    answer.read()
    connection.request("GET", "/", headers={"Accept-Encoding": "gzip", "If-None-Match": answer.headers["ETag"]})
    assert connection.getresponse().status == 304
    connection.close()
    forged = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": "evil.example"}
    with WebClient(
        (host, port), unverified(), origin=f"https://{host}:{port}", source=SOMEBODY, headers=forged
    ) as client:
        client.hello().register("alice")
    assert f" login session=1 address={SOMEBODY} " in server.audit.read_text("utf-8")


def test_another_page_is_refused(behind: tuple[Server, tuple[str, int]]) -> None:
    """Its origin comes through, and what it says of the host does not."""
    _, address = behind
    with pytest.raises(InvalidStatus) as refused:
        WebClient(address, unverified(), origin="https://evil.example", headers={"X-Forwarded-Host": "evil.example"})
    assert refused.value.response.status_code == 403


def test_whoever_is_banned_behind_it(behind: tuple[Server, tuple[str, int]]) -> None:
    """One client of nginx is refused, and the others are not."""
    server, (host, port) = behind
    assert server.ctl("ban", SOMEBODY, "1h", "--yes").returncode == 0
    assert [_status(host, port, source) for source in (SOMEBODY, "127.0.0.6")] == [403, 200]


def _status(host: str, port: int, source: str) -> int:
    context: ssl.SSLContext = unverified()
    connection = http.client.HTTPSConnection(host, port, context=context, timeout=BOUND, source_address=(source, 0))
    try:
        connection.request("GET", "/")
        return connection.getresponse().status
    finally:
        connection.close()
