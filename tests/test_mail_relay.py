"""Mails of a real server by way of real relays: plain, STARTTLS, TLS, with a password, and relays that refuse."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from classcord.services.tls.certificates import make_self_signed
from tests.relay import NAME, PASSWORD, REFUSED, RealRelay, Scripted
from tests.server import Server, running

SENDER, PROF = "chat@school.example", "prof@school.example"


def alerts(**keys: Any) -> str:
    """Return the [alerts] section of a file of settings."""
    values = {"sender": SENDER, "to": [PROF], **keys}
    written = {key: value if isinstance(value, (int, list)) else f'"{value}"' for key, value in values.items()}
    return "[alerts]\n" + "".join(f"{key} = {value}\n" for key, value in written.items())


class Sending:
    """A running server whose alerts may be changed, and `classcord ctl test-mail`."""

    def __init__(self, server: Server, config: Path) -> None:
        self.server = server
        self._config = config

    def test_mail(self, section: str) -> str:
        """Return what `test-mail` says with these settings."""
        self.reload(section)
        return self._ctl("test-mail")

    def reload(self, section: str) -> str:
        """Return what `reload` says with these settings."""
        self._config.write_text(section, "utf-8")
        return self._ctl("reload")

    def _ctl(self, command: str) -> str:
        done = self.server.ctl(command)
        return " ".join((done.stdout + done.stderr).split())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for `localhost`, which the server of these tests trusts."""
    folder = tmp_path_factory.mktemp("relay")
    make_self_signed(folder, datetime.now(timezone.utc))
    return folder


@pytest.fixture(scope="module")
def sending(tmp_path_factory: pytest.TempPathFactory, certificate: Path) -> Iterator[Sending]:
    folder = tmp_path_factory.mktemp("server")
    config = folder / "classcord.toml"
    config.write_text("", "utf-8")
    trusts = {"SSL_CERT_FILE": str(certificate / "cert.pem")}
    options = ("--config", str(config), "--set", "server.language=en")
    with running(folder, *options, environment=trusts) as server:
        yield Sending(server, config)


def test_a_mail_goes_to_a_plain_relay(sending: Sending) -> None:
    """Without security, the mail arrives as it was written, and the command tells what the relay said."""
    with RealRelay() as relay:
        said = sending.test_mail(alerts(relay=f"127.0.0.1:{relay.port}"))
        taken = relay.next()
    assert "taken as 4711" in said
    assert PROF in said
    assert (taken.sender, taken.to, taken.encrypted) == (SENDER, [PROF], False)
    assert taken.message["Subject"] == "[ClassCord] The mails of the server arrive."
    assert taken.message["Auto-Submitted"] == "auto-generated"
    assert taken.message["X-ClassCord-Alert"] == "test"
    assert socket.gethostname() not in taken.message["Message-ID"]
    assert "test-mail" in taken.message.get_content()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_is_encrypted(sending: Sending, certificate: Path, tmp_path: Path, security: str) -> None:
    """With STARTTLS or TLS and a password, the relay's certificate is checked, and the mail arrives."""
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n", "utf-8")
    with RealRelay(security, certificate=certificate, login=security == "starttls") as relay:
        section = alerts(
            relay=f"localhost:{relay.port}",
            security=security,
            **({"username": NAME, "password_file": secret} if security == "starttls" else {}),
        )
        said = sending.test_mail(section)
        assert "taken as 4711" in said
        taken = relay.next()
    assert taken.encrypted == (security == "starttls") or security == "tls"
    assert taken.login == (NAME.encode() if security == "starttls" else None)


def test_a_wrong_password_is_told_without_it(sending: Sending, certificate: Path, tmp_path: Path) -> None:
    """A relay that does not accept the password is named; the password is in no log."""
    secret = tmp_path / "password"
    secret.write_text("Sesame-ouvre-toi\n", "utf-8")
    with RealRelay("starttls", certificate=certificate, login=True) as relay:
        section = alerts(relay=f"localhost:{relay.port}", security="starttls", username=NAME, password_file=str(secret))
        said = sending.test_mail(section)
    assert "does not accept the name or the password" in said
    assert "Sesame" not in said + sending.server.logged() + sending.server.audit.read_text("utf-8")


def test_a_certificate_of_a_stranger_is_refused(sending: Sending, tmp_path: Path) -> None:
    """A relay whose certificate nobody known has signed gets no mail."""
    make_self_signed(tmp_path, datetime.now(timezone.utc))
    with RealRelay("starttls", certificate=tmp_path) as relay:
        said = sending.test_mail(alerts(relay=f"localhost:{relay.port}", security="starttls"))
        assert relay.taken.empty()
    assert "certificate of localhost" in said
    assert "is not good" in said


def test_a_certificate_for_another_name_is_refused(sending: Sending, certificate: Path) -> None:
    """The host of the settings must be in the certificate, whoever has signed it."""
    with RealRelay("tls", certificate=certificate) as relay:
        said = sending.test_mail(alerts(relay=f"127.1:{relay.port}", security="tls"))
        assert relay.taken.empty()
    assert "is not good" in said


def test_a_relay_without_starttls_gets_nothing(sending: Sending) -> None:
    """What should be encrypted is not sent in clear."""
    with RealRelay() as relay:
        said = sending.test_mail(alerts(relay=f"localhost:{relay.port}", security="starttls"))
        assert relay.taken.empty()
    assert "offers no STARTTLS" in said


def test_a_relay_that_wants_tls_is_understood(sending: Sending, certificate: Path) -> None:
    """A relay that refuses unencrypted mail leads to the setting."""
    with RealRelay("starttls", certificate=certificate) as relay:
        said = sending.test_mail(alerts(relay=f"localhost:{relay.port}"))
    assert 'set [alerts] security = "starttls"' in said


def test_a_refused_recipient_is_told(sending: Sending) -> None:
    """Who is refused is told by name, without what would reach the terminal's control; others get the mail."""
    with RealRelay() as relay:
        place = f"localhost:{relay.port}"
        alone = sending.test_mail(alerts(relay=place, to=[REFUSED]))
        assert relay.taken.empty()
        both = sending.test_mail(alerts(relay=place, to=[REFUSED, PROF]))
        assert relay.next().to == [PROF]
    assert f"refuses mails to {REFUSED}" in alone
    assert "550" in alone
    assert "taken as 4711" in both
    assert f"{REFUSED}: 550" in both
    assert "\x1b" not in alone + both


def _closes(peer: socket.socket) -> None:
    peer.sendall(b"220 relay\r\n")
    peer.recv(100)


def _talks_http(peer: socket.socket) -> None:
    peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    peer.recv(100)


def _injects(peer: socket.socket) -> None:
    """Offer STARTTLS, and have answers ready before the handshake, as somebody in the middle would."""
    peer.sendall(b"220 relay\r\n")
    peer.recv(100)
    peer.sendall(b"250-relay\r\n250 STARTTLS\r\n")
    peer.recv(100)
    peer.sendall(b"220 go on\r\n250 relay\r\n250 taken\r\n")
    peer.recv(100)


def _endless(peer: socket.socket) -> None:
    peer.sendall(b"220 relay\r\n")
    peer.recv(100)
    while True:
        peer.sendall(b"250-and so on\r\n" * 1000)


@pytest.mark.parametrize(
    ("play", "security", "words"),
    [
        (_closes, "none", "closed the connection in the middle"),
        (_talks_http, "none", "does not speak SMTP"),
        (_injects, "starttls", "does not speak SMTP"),
        (_endless, "none", "does not speak SMTP"),
        (_talks_http, "tls", ""),
    ],
)
def test_a_relay_that_is_none_is_told(sending: Sending, play: Any, security: str, words: str) -> None:
    """Whatever answers there, the command says what is wrong, and the server goes on."""
    with Scripted(play) as relay:
        said = sending.test_mail(alerts(relay=f"localhost:{relay.port}", security=security))
    assert "The mail was not sent" in said
    assert words in said


def test_what_is_missing_is_told(sending: Sending, tmp_path: Path) -> None:
    """Settings with which no mail can go say so by the key that is missing."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    cases = {
        "relay is empty": alerts(),
        "refuses connections": alerts(relay=f"localhost:{port}"),
        "there is no host": alerts(relay="relay.invalid:25"),
    }
    for words, section in cases.items():
        said = sending.test_mail(section)
        assert words in said, said
        assert said.count("The mail was not sent") == 1
    refused = {
        "to is empty": alerts(relay="localhost:25", to=[""]),
        "sender is empty": alerts(relay="localhost:25", sender=""),
        "password_file is empty": alerts(relay="localhost:25", username=NAME, security="tls"),
        "is not sent unencrypted": alerts(relay="localhost:25", username=NAME, password_file="p"),
        "cannot be read": alerts(relay="localhost:25", username=NAME, password_file="none", security="tls"),
    }
    for words, section in refused.items():
        said = sending.reload(section)
        assert words in said, said
        assert "the settings stay as they were" in said


def test_a_low_disk_is_told_by_mail_and_online(tmp_path: Path) -> None:
    """A server that starts with too little room says so by mail, in the log and to who administers."""
    with RealRelay() as relay:
        config = tmp_path / "classcord.toml"
        config.write_text(alerts(relay=f"127.0.0.1:{relay.port}", free_disk=1_000_000_000), "utf-8")
        with Server(tmp_path, "--config", str(config)) as server:
            taken = relay.next()
            assert taken.message["Subject"].startswith("[ClassCord] Le disque est presque plein")
            assert taken.message["X-ClassCord-Alert"] == "disk"
            assert str(server.data) in taken.message.get_content()
            assert "The disk is nearly full" in server.logged()
            server.crash()
        with running(tmp_path, "--config", str(config)):
            again = relay.next()
            assert again.message["X-ClassCord-Alert"] == "restarted"  # and not of the disk a second time
        assert relay.taken.empty()


def test_somebody_who_guesses_is_told_by_mail(tmp_path: Path) -> None:
    """Fifty failed logins are one mail, with addresses and counts, and not one of the passwords or names."""
    with RealRelay() as relay:
        config = tmp_path / "classcord.toml"
        config.write_text(alerts(relay=f"127.0.0.1:{relay.port}", free_disk=0), "utf-8")
        with running(tmp_path, "--config", str(config), "--set", "limits.messages_per_second=0") as server:
            with server.client() as guesser:
                for number in range(60):
                    guesser.send(type="login", username=f"pupil{number}", password="Sesame-ouvre-toi")
                taken = relay.next()
            assert taken.message["X-ClassCord-Alert"] == "brute-force"
            content = taken.message.get_content()
            assert "127.0.0.1: 50" in content
            assert "Sesame" not in content + server.logged()
            assert "pupil" not in content
        assert relay.taken.empty()
