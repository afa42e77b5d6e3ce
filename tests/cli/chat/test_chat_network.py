"""`classcord chat` against a scripted server: a pipe, a script, TLS, and a real terminal."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import pty
import select
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from classcord.cli import main
from classcord.cli.chat.server_connection import Address, read_fingerprint
from classcord.services.tls.certificates import CERTIFICATE, make_self_signed
from tests.environment import typed

BOUND = 20  # seconds, for whatever must happen at all


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("LC_MESSAGES", "en")


class Peer:
    """The server's end of one connection."""

    def __init__(self, connected: socket.socket) -> None:
        connected.settimeout(BOUND)
        self._socket = connected
        self._lines = connected.makefile("rb")

    def read(self) -> Any:
        try:
            received = self._lines.readline()
        except ConnectionResetError:  # gone, without having read everything
            received = b""
        return json.loads(received) if received else None

    def write(self, **answer: object) -> None:
        self._socket.sendall(json.dumps(answer).encode() + b"\n")

    def open(self, **greeting: object) -> list[Any]:
        """Grant an opening, with more in the greeting; return what was asked."""
        asked: list[Any] = []
        while not asked or asked[-1]["type"] not in {"login", "guest"}:
            asked.append(request := self.read())
            hello = request["type"] == "hello"
            extra = {"limits": {"messages_per_second": 0}, **greeting} if hello else {"username": "bob"}
            self.write(type=request["type"], id=request["id"], status="ok", **extra)
        return asked

    def acknowledge(self) -> Any:
        request = self.read()
        if request is not None:
            self.write(type="ack", id=request["id"], message_id=1)
        return request

    def acknowledge_all(self) -> list[Any]:
        return list(iter(self.acknowledge, None))

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


class Server:
    """Plays a script with each client that comes, in a thread; what the scripts return is in `results`."""

    def __init__(
        self, script: Callable[[Peer], object], clients: int = 1, context: ssl.SSLContext | None = None
    ) -> None:
        self.results: list[Any] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(BOUND)
        self.port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._script, self._clients, self._context = script, clients, context
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._thread.join(BOUND)
        self._listener.close()
        assert not self._thread.is_alive()
        if self._failure:
            raise self._failure

    def _serve(self) -> None:
        try:
            for _client in range(self._clients):
                self._meet(self._listener.accept()[0])
        except BaseException as failure:  # the test's own thread reports it
            self._failure = failure

    def _meet(self, connected: socket.socket) -> None:
        with contextlib.ExitStack() as stack:
            stack.callback(connected.close)
            if self._context:
                try:
                    connected = stack.enter_context(self._context.wrap_socket(connected, server_side=True))
                except OSError:  # the client does not trust us
                    return
            peer = Peer(connected)
            stack.callback(peer.close)
            self.results.append(self._script(peer))


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """Run `classcord chat` with these arguments and this as its standard input, a file; return its status."""

    def run(*arguments: str, stdin: bytes = b"") -> int:
        file = tmp_path / "stdin"
        file.write_bytes(stdin)
        with file.open() as opened_file:
            monkeypatch.setattr(sys, "stdin", opened_file)
            return main(["chat", *arguments])

    return run


Chat = Callable[..., int]


def talk(peer: Peer) -> list[Any]:
    return [*peer.open(), *peer.acknowledge_all()]


def test_pipe_says_every_line(chat: Chat, capfd: pytest.CaptureFixture[str]) -> None:
    """Every line is a message to the target; with all of them acknowledged the status is 0, and nothing is shown."""
    with Server(talk) as server:
        lines = b"".join(b"line %d\n" % number for number in range(50))
        assert chat("--guest", "cron", "--to", "#dev", server.address, stdin=lines) == 0
    hello, guest, *said = server.results[0]
    assert hello.items() >= {"protocol": 2, "encoding": "utf-8", "lang": "en"}.items()
    assert hello["client"].startswith("classcord-chat/")
    assert guest["username"] == "cron"
    assert [(request["channel"], request["content"]) for request in said] == [("#dev", f"line {n}") for n in range(50)]
    assert capfd.readouterr() == ("", "")


def test_pipe_waits_when_it_was_too_fast(chat: Chat) -> None:
    """A message refused for its rate is sent again, and then the next one."""

    def script(peer: Peer) -> list[str]:
        peer.open()
        refused = peer.read()
        peer.write(type="error", code="rate_limited", id=refused["id"], retry_after=0.01)
        next_one = peer.read()
        if next_one["content"] != refused["content"]:  # it was on its way
            peer.write(type="error", code="rate_limited", id=next_one["id"], retry_after=0.01)
            return [request["content"] for request in peer.acknowledge_all()]
        peer.write(type="ack", id=next_one["id"])
        return [next_one["content"], *(request["content"] for request in peer.acknowledge_all())]

    with Server(script) as server:
        assert chat(server.address, stdin=b"one\ntwo\n") == 0
    assert server.results == [["one", "two"]]


def test_pipe_reports_a_refusal(chat: Chat, capfd: pytest.CaptureFixture[str]) -> None:
    """A refused message is told on standard error, with the status 1."""

    def script(peer: Peer) -> None:
        peer.open()
        peer.write(type="error", code="read_only", message="Only moderators write here.", id=peer.read()["id"])
        peer.read()

    with Server(script) as server:
        assert chat(server.address, stdin=b"hello\n") == 1
    assert capfd.readouterr() == ("", "classcord: “hello” was refused: Only moderators write here.\n")


def test_registering_with_a_password_file(chat: Chat, tmp_path: Path) -> None:
    """`--register` makes the account, then logs in; the password is the first line of its file."""
    (tmp_path / "secret").write_text("é clair\r\nmore\n", encoding="utf-8")
    with Server(talk) as server:
        assert chat(f"alice@{server.address}", "--register", "--password-file", str(tmp_path / "secret")) == 0
    _hello, *asked = server.results[0]
    for request in asked:
        del request["id"]
    account = {"username": "alice", "password": "é clair"}
    assert asked == [{"type": "register", **account}, {"type": "login", **account}]


def test_refused_login(chat: Chat, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The server's own words say why one cannot come in."""
    (tmp_path / "secret").write_text("wrong", "utf-8")

    def script(peer: Peer) -> None:
        peer.write(type="hello", id=peer.read()["id"])
        peer.write(type="error", code="login_failed", message="Login failed.", id=peer.read()["id"])
        assert peer.read() is None

    with Server(script) as server:
        assert chat(f"alice@{server.address}", "--password-file", str(tmp_path / "secret"), stdin=b"hello") == 1
    assert capfd.readouterr().err == "classcord: Login failed.\n"


@pytest.mark.parametrize(("options", "listens"), [((), False), (("--json",), True)])
def test_a_pipe_does_not_listen(chat: Chat, options: tuple[str, ...], listens: bool) -> None:
    """It prints nothing that it hears, so nothing private is handed to it; what --json prints is for somebody."""

    def script(peer: Peer) -> list[Any]:
        asked = peer.open()
        for request in iter(peer.read, None):
            peer.write(type=request["type"], id=request["id"])
        return asked

    with Server(script) as server:
        assert chat(*options, server.address, stdin=b"") == 0
    assert server.results[0][0]["listens"] is listens


def test_scripts_talk_json(chat: Chat, capfd: pytest.CaptureFixture[str]) -> None:
    """With --json each object that comes is a line of standard output, and each line of input an object that goes."""

    def script(peer: Peer) -> None:
        peer.open()
        peer.write(type="message", content="é")
        assert peer.read() == {"type": "users", "id": 1}
        peer.write(type="users", id=1, users=["bob"])
        ping = peer.read()
        peer.write(type=ping["type"], id=ping["id"])

    with Server(script) as server:
        assert chat("--json", server.address, stdin=b'{"type":"users","id":1}\n') == 0
    output = [json.loads(row) for row in capfd.readouterr().out.splitlines()]
    assert [received["type"] for received in output] == ["hello", "guest", "message", "users", "ping"]


def test_no_server_there(chat: Chat, capfd: pytest.CaptureFixture[str]) -> None:
    """Where nobody listens, one line says so and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert chat(f"127.0.0.1:{port}") == 1
    (complaint,) = capfd.readouterr().err.splitlines()
    assert "No server answers" in complaint
    assert "make run" in complaint


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        (lambda peer: peer.read() and None, "--tls"),
        (lambda peer: peer.open() and None, "closed the connection."),
    ],
)
def test_server_that_goes(
    chat: Chat, capfd: pytest.CaptureFixture[str], script: Callable[[Peer], object], complaint: str
) -> None:
    """A connection that ends before its time is a failure; one that ends at once makes one think of TLS."""
    with Server(script) as server:
        assert chat(server.address, stdin=b"hello\n") == 1
    assert complaint in capfd.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["bob@localhost", "--guest", "bob"],
        ["--register"],
        ["localhost:http"],
        ["localhost:70000"],
        ["@localhost"],
        ["--fingerprint", "sha256:1234"],
        ["--insecure", "--fingerprint", "00" * 32],
        ["--insecure", "--ca", "ca.crt"],
        ["--guest", "Zoé@localhost", "localhost"],
        ["--guest", "Zoé@localhost:http"],
    ],
)
def test_usage(chat: Chat, arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """A command line that makes no sense is refused with the status 2."""
    with pytest.raises(SystemExit) as refusal:
        chat(*arguments)
    assert refusal.value.code == 2
    assert "usage:" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("localhost", Address(None, "localhost", None)),
        ("chat.ecole.fr:4000", Address(None, "chat.ecole.fr", 4000)),
        ("Jean Paul@10.0.0.1", Address("Jean Paul", "10.0.0.1", None)),
        ("bob@[::1]:4000", Address("bob", "::1", 4000)),
        ("::1", Address(None, "::1", None)),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    """An address is [user@]host[:port], of any kind of host."""
    assert Address.of(text) == address


def test_a_guest_is_written_as_an_account_is(chat: Chat) -> None:
    """`--guest Zoé@HOST` is the guest Zoé on that server: no name has an @."""
    with Server(talk) as server:
        assert chat("--guest", typed(f"Zoé@{server.address}"), stdin=b"hello\n") == 0
    assert server.results[0][1]["username"] == "Zoé"


# -- TLS ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str, Path]:
    """Return a server's context with a self-signed certificate, its fingerprint, and its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ClassCord")])
    now = datetime.now(timezone.utc)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, made.fingerprint(hashes.SHA256()).hex(":").upper(), file


Certificate = tuple[ssl.SSLContext, str, Path]


def test_unknown_certificate(chat: Chat, certificate: Certificate, capfd: pytest.CaptureFixture[str]) -> None:
    """A certificate that nobody vouches for is refused in one line, with the fingerprint that would pin it."""
    context, fingerprint, _file = certificate
    with Server(Peer.read, clients=2, context=context) as server:  # the second visit looks at the certificate
        assert chat("--tls", server.address) == 1
    assert server.results == [None]
    (complaint,) = capfd.readouterr().err.splitlines()
    assert f"--fingerprint sha256:{fingerprint}" in complaint
    assert "--insecure" in complaint


def test_pinned_certificate(chat: Chat, certificate: Certificate) -> None:
    """With its fingerprint a self-signed certificate is good; the connection is encrypted without --tls too."""
    context, fingerprint, _file = certificate
    with Server(talk, context=context) as server:
        assert chat("--fingerprint", f"SHA256:{fingerprint.lower()}", server.address, stdin=b"hello\n") == 0
    assert server.results[0][-1]["content"] == "hello"


def test_trusted_certificate(
    chat: Chat, certificate: Certificate, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A certificate that the system trusts needs no more than --tls."""
    context, _fingerprint, file = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with Server(talk, context=context) as server:
        assert chat("--tls", server.address, stdin=b"x" * 50_000 + b"\nhello\n") == 0
    assert [len(request["content"]) for request in server.results[0][2:]] == [50_000, 5]


def test_certificate_of_the_school(
    chat: Chat, certificate: Certificate, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What the authority in a file has signed is good, and nothing else; a file that is none is refused in one line."""
    context, _fingerprint, file = certificate
    with Server(talk, context=context) as server:
        assert chat("--ca", str(file), server.address, stdin=b"hello\n") == 0
    assert server.results[0][-1]["content"] == "hello"
    make_self_signed(tmp_path, datetime.now(timezone.utc))
    other = tmp_path / CERTIFICATE
    with Server(Peer.read, clients=2, context=context) as server:
        assert chat("--ca", str(other), server.address) == 1
    assert "--ca FILE" in capfd.readouterr().err
    other.write_text("no certificate")
    assert chat("--ca", str(other), server.address) == 1
    assert chat("--ca", str(tmp_path / "none"), server.address) == 1
    first, second = capfd.readouterr().err.splitlines()
    assert first == f"classcord: {other}: this is no certificate in PEM."
    assert second == f"classcord: {tmp_path}/none: No such file or directory"


def test_first_look(chat: Chat, certificate: Certificate, capfd: pytest.CaptureFixture[str]) -> None:
    """--insecure believes any certificate, and says which one it was."""
    context, fingerprint, _file = certificate
    with Server(talk, context=context) as server:
        assert chat("--insecure", server.address, stdin=b"hello\n") == 0
    assert f"--fingerprint sha256:{fingerprint}" in capfd.readouterr().err


def test_other_certificate(chat: Chat, certificate: Certificate, capfd: pytest.CaptureFixture[str]) -> None:
    """Another certificate than the pinned one is refused before anything is said."""
    context, fingerprint, _file = certificate
    with Server(Peer.read, context=context) as server:
        assert chat("--fingerprint", "00" * 32, server.address, stdin=b"hello\n") == 1
    assert server.results == [None]
    assert f"sha256:{fingerprint}" in capfd.readouterr().err


def test_tls_to_a_plain_port(chat: Chat, capfd: pytest.CaptureFixture[str]) -> None:
    """A port without TLS is told apart from one where nobody listens."""

    def script(peer: Peer) -> None:
        peer._lines.read(1)
        peer.write(type="error", code="bad_json")

    with Server(script) as server:
        assert chat("--tls", server.address) == 1
    assert "does not speak TLS" in capfd.readouterr().err


def test_fingerprints_are_read_in_any_usual_form() -> None:
    """OpenSSL writes colons and capitals, others a prefix."""
    digits = "ab" * 32
    for written in (digits, f"sha256:{digits}", "sha256=" + digits.upper(), "SHA-256:" + ":".join(["AB"] * 32)):
        assert read_fingerprint(written) == "sha256:" + ":".join(["AB"] * 32)  # as the server's banner has it


# -- a terminal --------------------------------------------------------------------------------------------------------


class Tty:
    """`classcord chat` in a terminal of its own, which the test looks at and types into."""

    _PROGRAM = (
        "import fcntl, signal, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
        "signal.signal(signal.SIGINT, signal.default_int_handler);"  # a suite in the background may have it ignored
        "from classcord.cli import main; sys.exit(main())"
    )

    def __init__(self, *arguments: str) -> None:
        self._master, slave = pty.openpty()
        self._seen = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", self._PROGRAM, "chat", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
        )
        os.close(slave)

    def __enter__(self) -> Tty:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(BOUND)
        os.close(self._master)

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def expect(self, text: str) -> str:
        """Wait until this is on the screen; return what came up to it, which is then forgotten."""
        while text not in self._seen:
            assert select.select([self._master], [], [], BOUND)[0], f"{text!r} is not in {self._seen!r}"
            try:
                self._seen += os.read(self._master, 4096).decode()
            except OSError:  # Linux says so when the other end is closed
                raise AssertionError(f"{text!r} is not in {self._seen!r}") from None
        before, _text, self._seen = self._seen.partition(text)
        return before

    def status(self) -> int:
        return self.process.wait(BOUND)


@contextlib.contextmanager
def in_terminal(*arguments: str) -> Iterator[tuple[Tty, Peer]]:
    """Start the client in a terminal; the test itself plays the server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(BOUND)
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        with Tty(*(argument.replace("HOST", address) for argument in arguments)) as tty:
            peer = Peer(listener.accept()[0])
            with contextlib.closing(peer):
                yield tty, peer


def test_terminal_session() -> None:
    """A guest types and reads; a message that arrives leaves the line being typed whole."""
    with in_terminal("--guest", "bob", "HOST") as (tty, peer):
        peer.open()
        tty.expect("you are bob.")
        tty.expect("> ")
        tty.type("hel")
        tty.expect("hel")
        peer.write(type="message", subtype="channel", channel="#dev", content="Ping\x1b[2J", **{"from": "eve"})
        tty.expect("\r\x1b[J--:-- #dev <eve> Ping�[2J\r\n> hel")
        tty.type("lo é\n")
        assert peer.acknowledge()["content"] == "hello é"
        tty.expect("> ")
        tty.type("/quit\n")
        assert peer.read() is None
        assert tty.status() == 0


def test_terminal_asks_for_the_password() -> None:
    """The password is asked for, twice for a new account, and never shown."""
    with in_terminal("alice@HOST", "--register") as (tty, peer):
        for question in ("Password: ", "Again: "):
            tty.expect(question)
            tty.type("s3cret\n")
        assert [request.get("password") for request in peer.open()] == [None, "s3cret", "s3cret"]
        assert "s3cret" not in tty.expect("> ")
        tty.type("\x04")
        assert tty.status() == 0


def test_two_passwords_must_agree() -> None:
    """A mistyped new password makes no account."""
    with in_terminal("alice@HOST", "--register") as (tty, peer):
        tty.expect("Password: ")
        tty.type("s3cret\n")
        tty.expect("Again: ")
        tty.type("secret\n")
        tty.expect("not the same")
        assert peer.read() is None
        assert tty.status() == 1


def test_control_c_leaves() -> None:
    """Ctrl-C at the prompt leaves in order, and gives the terminal back as it was."""
    with in_terminal("HOST") as (tty, peer):
        before = subprocess.run(["stty", "-a"], stdin=tty._master, capture_output=True, check=True).stdout
        peer.open()
        tty.expect("> ")
        tty.type("half a line")
        tty.expect("half a line")
        tty.type("\x03")
        assert tty.status() == 0
        assert peer.read() is None
        assert subprocess.run(["stty", "-a"], stdin=tty._master, capture_output=True, check=True).stdout == before


def test_server_goes_while_somebody_types() -> None:
    """The end of the connection ends the client too, in the middle of a line."""
    with in_terminal("HOST") as (tty, peer):
        peer.open()
        tty.expect("> ")
        tty.type("half")
        tty.expect("half")
        peer.write(type="system", content="You were kicked: flood.")
        peer.close()
        tty.expect("* You were kicked: flood.\r\n")
        tty.expect("classcord: The server closed the connection.\r\n")
        assert tty.status() == 1


LOST = "classcord: The connection is lost: the server has not been heard for some time.\r\n"


def test_link_dies_while_somebody_types() -> None:
    """Nothing comes for two heartbeats, whatever is typed meanwhile: the client says so, and ends."""
    with in_terminal("HOST") as (tty, peer):
        peer.open(heartbeat=0.2)
        tty.expect("> ")
        tty.type("half")
        tty.expect(LOST)
        assert tty.status() == 1


def test_heartbeats_are_not_shown(chat: Chat, capfd: pytest.CaptureFixture[str]) -> None:
    """A script is not told of them either."""

    def script(peer: Peer) -> None:
        peer.open(heartbeat=1)
        asked = peer.read()
        for _ in range(3):
            peer.write(type="heartbeat")
        peer.write(type="ack", id=asked["id"])
        ping = peer.read()
        peer.write(type="ping", id=ping["id"])

    with Server(script) as server:
        assert chat("--json", server.address, stdin=b"hello\n") == 0
    output = [json.loads(row) for row in capfd.readouterr().out.splitlines()]
    assert [received["type"] for received in output] == ["hello", "guest", "ack", "ping"]


def test_link_dies_under_a_pipe(chat: Chat, capfd: pytest.CaptureFixture[str]) -> None:
    """A message whose acknowledgement never comes is not waited for longer than the link may be silent."""

    def script(peer: Peer) -> None:
        peer.open(heartbeat=0.1)
        peer.read()
        assert peer.read() is None

    with Server(script) as server:
        assert chat(server.address, stdin=b"hello\n") == 1
    assert capfd.readouterr().err == LOST.replace("\r", "")
