"""The clients of docs/DOC_CONNEXION.md as the page has them: Java compiled and run, nc and openssl typed into."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.server import BOUND, LOCAL, ROOT, Client, Server, running

PAGE = (ROOT / "docs" / "DOC_CONNEXION.md").read_text(encoding="utf-8")
PLAIN, OVER_TLS = re.findall(r"^```java\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
CONSOLE = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ELSEWHERE = "tcp:0:interface=127.0.0.2"  # an address that is not in the certificate
UTF_8 = {**os.environ, "LC_ALL": "C.UTF-8"}

pytestmark = pytest.mark.system


def needs(program: str, package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        shutil.which(program) is None, reason=f"no {program}; on Debian: apt-get install {package}"
    )


needs_java = needs("javac", "default-jdk-headless")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    with running(folder, "--set", f"listen.tls={json.dumps([LOCAL, ELSEWHERE])}") as started:
        yield started


class Typed:
    """A program that is typed into and answers by lines; after BOUND seconds it is killed, and answers no more."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.errors = folder / "errors"
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=UTF_8,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                encoding="utf-8",
            )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._input, self._output = self.process.stdin, self.process.stdout
        self._bound = threading.Timer(BOUND, self.process.kill)
        self._bound.start()

    def says(self) -> str:
        return self._output.readline().rstrip("\n")

    def hears(self, line: str) -> None:
        self._input.write(f"{line}\n")
        self._input.flush()

    def ends(self) -> str:
        """Close what it reads; return what it says until its end."""
        self._input.close()
        return self._output.read()

    def close(self) -> None:
        self.process.kill()
        self.process.wait(BOUND)
        with suppress(BrokenPipeError):  # of what was not read any more
            self._input.close()
        self._output.close()
        self._bound.cancel()
        self._bound.join()


@contextmanager
def typed(command: list[str], folder: Path) -> Iterator[Typed]:
    program = Typed(command, folder)
    try:
        yield program
    finally:
        program.close()


def place(server: Server, face: str = "tcp") -> list[str]:
    """Return where it is, as the page's client is told: by name, for that is what a certificate has."""
    return ["localhost", str(server.address(face)[1])]


@pytest.fixture(scope="module")
def bob(server: Server) -> Iterator[Client]:
    """Somebody modern who is there already."""
    with server.client() as client:
        client.hello()
        yield client.register("bob")


# -- the client in Java ------------------------------------------------------------------------------------------------


def compiled(source: str, folder: Path) -> None:
    """Compile as the page says."""
    (folder / "Client.java").write_text(source, encoding="utf-8")
    (command,) = re.findall(r"^\$ (javac .*)$", PAGE, re.MULTILINE)
    subprocess.run(shlex.split(command), cwd=folder, check=True, timeout=60)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plain")
    compiled(PLAIN, folder)
    return folder


@needs_java
def test_account_talks(server: Server, bob: Client, plain: Path) -> None:
    """A pupil logs in, is understood whatever they type, reads what others write, and leaves in peace."""
    password = 'clé "\\ 1'
    with server.client() as client:
        client.register("alice", password)
    with typed(["java", "Client", *place(server), "alice", password], plain) as java:
        assert '"login","status":"ok"' in java.says()
        java.hears('Il a dit : "c\\été" {\'} — 😀')
        heard = bob.until(type="message", subtype="global")
        bob.say('Déjà "vu" \\ 😀\u2028\r\n\x1b[31m/', subtype="private", to="alice")
        assert java.says() == 'bob : Déjà "vu" \\ 😀\u2028   [31m/'
        assert java.ends() == ""
        assert java.process.wait(BOUND) == 0
    assert (heard["from"], heard["content"]) == ("alice", 'Il a dit : "c\\été" {\'} — 😀')


@needs_java
def test_guest_talks(server: Server, bob: Client, plain: Path) -> None:
    """Without a password a pupil is a guest, and what is no message of somebody is printed as it came."""
    with typed(["java", "Client", *place(server), "Zoé"], plain) as java:
        assert java.says() == r'{"type":"guest","status":"ok","username":"Zo\u00e9","role":"guest"}'
        java.hears("Salut")
        assert bob.until(type="message", subtype="global")["from"] == "Zoé"
        bob.send(type="status", state="away")
        assert java.says() == '{"type":"status","user":"bob","state":"away"}'


@needs_java
def test_wrong_password_stops(server: Server, bob: Client, plain: Path) -> None:
    """A login that is refused is said in words, and ends the program: nothing that is typed is sent."""
    with server.client() as client:
        client.register("eve")
    with typed(["java", "Client", *place(server), "eve", "wrong"], plain) as java:
        assert java.says() == "Refus : Login failed\N{NO-BREAK SPACE}: nom ou mot de passe incorrect."
        assert java.process.wait(BOUND) == 1
    bob.send(type="users", id="after")
    assert "eve" not in bob.until(id="after")["users"]


@needs_java
def test_account_is_made(server: Server, plain: Path) -> None:
    """With `register` behind the password an account is made and used; a second time it is refused, with why."""
    command = ["java", "Client", *place(server), "noé", "azerty", "register"]
    with typed(command, plain) as java:
        assert [java.says(), '"login","status":"ok"' in java.says()] == ['{"type":"register","status":"ok"}', True]
        assert java.ends() == ""
        assert java.process.wait(BOUND) == 0
    with typed(command, plain) as java:
        assert java.says().startswith("Refus : Username already exists")
        assert java.process.wait(BOUND) == 1


@needs_java
def test_refusals_are_said_in_words(server: Server, plain: Path) -> None:
    """What is refused later on is said too, and the conversation goes on."""
    with typed(["java", "Client", *place(server), "Lou"], plain) as java:
        java.says()
        java.hears("")
        assert java.says() == "Refus : Requête incorrecte\N{NO-BREAK SPACE}: un message doit avoir un contenu (content)"
        assert java.ends() == ""


@needs_java
@pytest.mark.parametrize("charset", ["ISO-8859-1", "US-ASCII", "UTF-8"])
def test_pipes_are_utf_8_whatever_the_machine_has(server: Server, bob: Client, plain: Path, charset: str) -> None:
    """What comes from a file or goes into one does not hang on the platform's charset."""
    with typed(["java", f"-Dfile.encoding={charset}", "Client", *place(server), f"Pipe-{charset}"], plain) as java:
        java.says()
        java.hears("été — 😀")
        assert bob.until(type="message", **{"from": f"Pipe-{charset}"})["content"] == "été — 😀"
        bob.say("déjà 😀", subtype="private", to=f"Pipe-{charset}")
        assert java.says() == "bob : déjà 😀"


@needs_java
@pytest.mark.parametrize("charset", ["ISO-8859-1", "UTF-8"])
def test_a_window_keeps_its_charset(server: Server, bob: Client, plain: Path, charset: str) -> None:
    """At a terminal, the client reads and shows in its charset, as a console of Windows has one of its own."""
    name = f"Win-{charset}"
    command = ["java", f"-Dfile.encoding={charset}", f"-Dsun.stdout.encoding={charset}"]
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    program = subprocess.Popen([*command, "Client", *place(server), name], cwd=plain, stdin=theirs, stdout=theirs)
    os.close(theirs)
    bound = threading.Timer(BOUND, program.kill)
    bound.start()
    with os.fdopen(ours, "r+b", buffering=0) as window:
        assert b'"guest","status":"ok"' in window.readline()
        window.write("été\n".encode(charset))
        assert bob.until(type="message", **{"from": name})["content"] == "été"
        bob.say("déjà", subtype="private", to=name)
        assert window.readline().decode(charset).strip() == "bob : déjà"
        program.kill()
    program.wait(BOUND)
    bound.cancel()


@needs_java
def test_source_is_run_as_it_stands(server: Server, tmp_path: Path) -> None:
    """`java Client.java` needs no compiler's step, in whatever charset the machine reads sources."""
    (tmp_path / "Client.java").write_text(PLAIN, encoding="utf-8")
    for charset in ("UTF-8", "ISO-8859-1"):
        command = ["java", f"-Dfile.encoding={charset}", "Client.java", *place(server), f"Src-{charset}"]
        with typed(command, tmp_path) as java:
            assert '"guest","status":"ok"' in java.says()
            assert java.ends() == ""


@needs_java
def test_injection_fails(server: Server, bob: Client, plain: Path) -> None:
    """What is typed cannot add a field to the line that is sent."""
    with typed(["java", "Client", *place(server), "Max"], plain) as java:
        java.says()
        java.hears('x","subtype":"private","to":"bob')
        assert bob.until(type="message", **{"from": "Max"})["subtype"] == "global"


@needs_java
def test_tls_client_checks_the_name(server: Server, tmp_path: Path) -> None:
    """Changed as the page says, it talks over TLS to the server whose certificate it trusts, called by its name."""
    replaced = re.sub(r"^ +Socket socket = .*\n", OVER_TLS, PLAIN, flags=re.MULTILINE)
    assert replaced != PLAIN
    compiled("import javax.net.ssl.*;\n" + replaced, tmp_path)
    shutil.copy(server.data / "tls" / "cert.pem", tmp_path)
    host, port = place(server, "tls")

    untrusting = ["java", "Client", host, port, "Ana"]
    refused = subprocess.run(
        untrusting, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=BOUND, check=False
    )
    assert "PKIX path building failed" in refused.stderr

    (imports,) = re.findall(r"^\$ (keytool .*)\n(.*)$", PAGE, re.MULTILINE)
    subprocess.run(shlex.split(imports[0]), cwd=tmp_path, check=True, timeout=BOUND)
    (trusting,) = re.findall(r"^\$ (java -D.*) localhost 12346 ", PAGE, re.MULTILINE)
    with typed([*shlex.split(trusting), host, port, "Ana"], tmp_path) as java:
        assert '"guest","status":"ok"' in java.says()
        assert java.ends() == ""

    elsewhere = [*shlex.split(trusting), *map(str, server.address("tls", 1)), "Ana"]
    refused = subprocess.run(elsewhere, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=BOUND, check=False)
    assert "No subject alternative names matching" in refused.stderr


# -- the exchanges without a program of one's own ----------------------------------------------------------------------


def conversations(program: str) -> list[tuple[str, list[str]]]:
    """Return the commands of the page that begin so, each with what follows: said by it, or typed."""
    commands = [each for block in CONSOLE for each in block.removeprefix("$ ").split("\n$ ")]
    return [
        (command, said.splitlines())
        for command, _, said in (each.partition("\n") for each in commands)
        if command.startswith(program)
    ]


def holds(command: str, said: list[str], server: Server, face: str, folder: Path) -> list[str]:
    """Type what the page shows as typed; return what it shows, with the answers that came."""
    command = re.sub(r"localhost([ :])\d+", rf"localhost\g<1>{server.address(face)[1]}", command)
    at = next(number for number, line in enumerate(said) if line.startswith("{"))
    with typed(shlex.split(command), folder) as program:
        answers = []
        for line in said[at::2]:
            program.hears(line)
            answers += [line, program.says()]
        return like_the_page(program.errors.read_text("utf-8")) + answers


def like_the_page(reported: str) -> list[str]:
    """Return what openssl reports, with the name of the page's machine; newer ones write no spaces beside the `=`."""
    return re.sub(r"CN ?= ?\S+", "CN = serveur", reported).splitlines()


@needs("nc", "netcat-openbsd")
def test_nc_conversation(tmp_path: Path) -> None:
    """What the page shows of nc is what is answered, from a server's first account on."""
    (conversation,) = conversations("nc localhost")
    with running(tmp_path) as fresh:
        assert holds(*conversation, fresh, "tcp", tmp_path) == conversation[1]


@needs("openssl", "openssl")
def test_openssl_conversations(tmp_path: Path) -> None:
    """What the page shows of openssl is what is answered; with the certificate, the server is who it should be."""
    first, second = conversations("openssl s_client")
    with running(tmp_path) as fresh:
        shutil.copy(fresh.data / "tls" / "cert.pem", tmp_path)
        assert holds(*first, fresh, "tls", tmp_path) == first[1]
        with fresh.client() as client:
            client.register("alice")
            assert holds(*second, fresh, "tls", tmp_path) == second[1]
