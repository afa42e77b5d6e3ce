"""Logins by a real directory: Debian's slapd, over TLS, with groups, and killed in the middle."""

from __future__ import annotations

import importlib.util
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server import BOUND, Client, Server, running
from tests.system.slapd import BASE, PASSWORD, SLAPD, Slapd, dn, group, person

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(SLAPD is None or shutil.which("ldapadd") is None, reason="slapd or ldap-utils is not installed"),
    pytest.mark.skipif(importlib.util.find_spec("ldap") is None, reason="python-ldap is not installed"),
]

ROLES = (
    'ldap.roles=[{group="profs",role="moderator"},{group="cn=direction,ou=groups,dc=ecole,dc=example",role="owner"}]'
)
ROOMS = 'ldap.channels=[{group="2nde-A",channel="2nde-A"}]'
CHANNELS = 'channels.list=[{name="2nde-A",kind="private"}]'


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    people = [person(name) for name in ("lea", "bob", "prof", "chef", "Zoé", "admin")]
    made = Slapd(tmp_path_factory.mktemp("slapd"), *people, group("profs", "prof"), group("direction", "chef"))
    made.add(group("2nde-A", "lea", "bob"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def server(slapd: Slapd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    with running(folder, *slapd.settings(ROLES, ROOMS, CHANNELS, "server.language=en")) as found:
        yield found


def asked(server: Server, name: str, password: str = PASSWORD) -> dict[str, Any]:
    with server.client().hello() as client:
        answer: dict[str, Any] = client.ask(type="login", username=name, password=password)
        return answer


def test_a_first_login_makes_the_account(server: Server) -> None:
    """With the role and the rooms of the groups; the profile is the directory's."""
    with server.client().hello() as client:
        assert client.ask(type="login", username="lea", password=PASSWORD)["role"] == "member"
        rooms = {each["name"] for each in client.ask(type="channels")["channels"] if each["member"]}
        assert rooms == {"#général", "#2nde-A"}
        assert client.ask(type="profile")["email"] == "lea@ecole.example"
    assert asked(server, "prof")["role"] == "moderator"
    assert asked(server, "chef")["role"] == "owner"


@pytest.mark.parametrize("name", ["LEA", " lea ", "Lea"])
def test_a_name_typed_otherwise_is_the_same_person(server: Server, name: str) -> None:
    """One account, called as the directory writes it."""
    assert asked(server, name)["username"] == "lea"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("lea", "wrong"),
        ("lea", ""),
        ("nobody", PASSWORD),
        ("*", PASSWORD),
        ("lea)(uid=*", PASSWORD),
        ("zoe", PASSWORD),  # to nobody's directory this is Zoé, and here it would be a second account
        ("léa", PASSWORD),
        ("lea", "\u0000"),
        ("x" * 60, PASSWORD),
    ],
)
def test_who_is_not_let_in(server: Server, name: str, password: str) -> None:
    """With one answer for all: nothing tells which of the two was wrong."""
    assert asked(server, name, password)["code"] == "login_failed"


def test_accents_are_letters(server: Server) -> None:
    """However a keyboard writes them."""
    assert asked(server, "zoé")["username"] == asked(server, "Zoe\u0301")["username"] == "Zoé"


def test_the_owner_of_the_server_is_not_the_directorys(server: Server) -> None:
    """It has an `admin`, too, which is somebody else: here the password is the one of the first start."""
    assert asked(server, "admin")["code"] == "login_failed"
    first = (server.data / "first-password").read_text("utf-8").split()[-1]
    assert asked(server, "admin", first)["status"] == "ok"


def test_a_demotion_counts_at_the_next_login(slapd: Slapd, server: Server) -> None:
    """And in the connection that is open."""
    with server.client().hello() as open_one:
        open_one.login("prof", PASSWORD)
        members = f"dn: cn=profs,ou=groups,{BASE}\nchangetype: modify\nreplace: member\nmember: "
        slapd.change(f"{members}{dn('chef')}\n")
        assert asked(server, "prof")["role"] == "member"
        open_one.until(content="Your role is member now.")
        assert open_one.ask(type="requests")["code"] == "not_allowed"
        slapd.change(f"{members}{dn('prof')}\n")
        assert asked(server, "prof")["role"] == "moderator"


def test_an_administrator_comes_in_by_ssh(server: Server, tmp_path: Path) -> None:
    """With the directory's password, by the same rules."""
    if shutil.which("ssh") is None:
        pytest.skip("ssh is not installed")
    assert asked(server, "prof")["role"] == "moderator"
    for password, words in ((PASSWORD, "prof"), ("wrong", "Permission denied")):
        helper = tmp_path / "password"
        helper.write_text(f"#!/bin/sh\necho '{password}'\n", "utf-8")
        helper.chmod(0o755)
        options = ["-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null", "-oNumberOfPasswordPrompts=1"]
        done = subprocess.run(
            ["ssh", "-p", str(server.address("ssh")[1]), *options, "prof@127.0.0.1", "users"],
            env={"SSH_ASKPASS": str(helper), "SSH_ASKPASS_REQUIRE": "force", "PATH": "/usr/bin:/bin"},
            capture_output=True,
            encoding="utf-8",
            timeout=BOUND,
            check=False,
        )
        assert words in done.stdout + done.stderr


def test_a_password_kept_elsewhere_is_not_changed_here(server: Server) -> None:
    """Not by its owner; the answer says where."""
    with server.client().hello() as client:
        client.login("lea", PASSWORD)
        assert client.ask(type="password", old=PASSWORD, new="azertyuiop")["code"] == "password_elsewhere"


def test_an_account_goes_to_the_directory_and_comes_back(tmp_path: Path) -> None:
    """`password-elsewhere` ends the password and the sessions; after `password-here` the directory lets nobody in."""
    slapd = Slapd(tmp_path / "slapd", person("eva"))
    try:
        with running(tmp_path, *slapd.settings("server.language=en", "accounts.session_days=1")) as server:
            eva = server.client().hello()
            eva.send(type="register", username="eva", password="local-1")
            assert eva.until(type="register")["status"] == "ok"
            token = eva.ask(type="login", username="eva", password="local-1")["session"]
            assert asked(server, "eva")["code"] == "login_failed", "two people may have one name"
            last = server.ctl("password-elsewhere", "admin", "--yes")
            assert last.returncode == 1
            assert "admin" in last.stdout + last.stderr
            assert server.ctl("password-elsewhere", "eva", "--yes").returncode == 0
            *_, told = eva
            assert "school" in told["content"]
            eva.close()
            assert asked(server, "eva", "local-1")["code"] == "login_failed"
            with server.client().hello() as client:
                assert client.ask(type="resume", session=token)["type"] == "error"
            assert asked(server, "Eva")["username"] == "eva"
            assert json.loads(server.ctl("whois", "eva", "--json").stdout)["password_kept"] == "elsewhere"
            slapd.stop()
            assert asked(server, "eva")["code"] == "busy"
            once = json.loads(server.ctl("password-here", "eva", "--json").stdout)["password"]
            with server.client().hello() as client:
                answer = client.ask(type="login", username="eva", password=once)
                assert (answer["status"], answer["must_change"]) == ("ok", True)
                client.send(id=1, type="password", old=once, new="local-2")
                assert client.until(id=1)["status"] == "ok"
            slapd.start()
            assert asked(server, "eva")["code"] == "login_failed"
            assert asked(server, "eva", "local-2")["status"] == "ok"
            trail = [each["action"] for each in json.loads(server.ctl("audit", "--json").stdout)]
            assert {"password-elsewhere", "password-here"} <= set(trail)
    finally:
        slapd.stop()


def test_a_directory_that_is_killed_and_comes_back(slapd: Slapd, tmp_path: Path) -> None:
    """A clear answer at once for everybody, no account, local people come in; then it is asked again by itself."""
    with running(tmp_path, *slapd.settings(ROLES)) as server:
        with server.client() as client:
            client.register("local")
        try:
            slapd.stop()
            clients = [server.client().hello() for _ in range(50)]
            begun = time.monotonic()
            for client in clients:
                client.send(type="login", username="bob", password=PASSWORD)
            answers = [client.until(type="error") for client in clients]
            assert time.monotonic() - begun < 10
            assert {answer["code"] for answer in answers} == {"busy"}
            assert all(0 < answer["retry_after"] <= 10 for answer in answers)
            for client in clients:
                client.close()
            assert asked(server, "local", "azerty")["status"] == "ok"
            assert "bob" not in server.ctl("users").stdout
        finally:
            slapd.start()
        end = time.monotonic() + BOUND
        while asked(server, "bob").get("code") == "busy":
            assert time.monotonic() < end
            time.sleep(0.5)
        assert "answers again" in server.logged()


def test_a_server_with_another_certificate_gets_no_password(slapd: Slapd, tmp_path: Path) -> None:
    """Nobody logs in, and the log says why; nor by a name that is not in the certificate, nor in clear."""
    options = slapd.settings()
    options[options.index(f"ldap.ca_file={slapd.authority}")] = "ldap.ca_file="
    with running(tmp_path, *options) as server:
        assert asked(server, "lea")["code"] == "busy"
        assert "its certificate is not accepted" in server.logged()
    clear = slapd.settings("ldap.starttls=false")
    with running(tmp_path, *clear) as server:
        assert asked(server, "lea")["code"] == "busy"  # slapd itself refuses a bind in clear


def test_ldaps_and_the_second_server(slapd: Slapd, tmp_path: Path) -> None:
    """The first one takes connections and stays silent: the next one is asked; nobody waits for the first again."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(50)
        urls = f'ldap.urls=["ldaps://127.0.0.1:{silent.getsockname()[1]}","{slapd.tls_url}"]'
        with running(tmp_path, *slapd.settings(urls, "ldap.timeout=1")) as server:
            assert asked(server, "lea")["status"] == "ok"
            begun = time.monotonic()
            assert asked(server, "bob")["status"] == "ok"
            assert time.monotonic() - begun < 5
            assert "does not answer in time" in server.logged()


def test_people_may_bind_by_themselves(slapd: Slapd, tmp_path: Path) -> None:
    """Without an account for searching."""
    options = slapd.settings(f"ldap.bind_as=uid={{name}},ou=people,{BASE}", "ldap.bind_dn=", "ldap.password_file=")
    groups = ["--set", "ldap.group_filter=(member={dn})", "--set", f"ldap.group_base=ou=groups,{BASE}"]
    with running(tmp_path, *options, *groups, "--set", ROLES) as server:
        assert asked(server, "chef")["role"] == "owner"
        assert asked(server, "chef", "wrong")["code"] == "login_failed"
        assert asked(server, "chef,ou=people")["code"] == "login_failed"


def test_a_class_logs_in_at_once(slapd: Slapd, tmp_path: Path) -> None:
    """Sixty logins, each a conversation with the directory; all of them are let in."""
    with running(tmp_path, *slapd.settings(), "--set", "ldap.timeout=60") as server:  # a busy machine is no silent one
        clients: list[Client] = [server.client().hello() for _ in range(60)]
        for client in clients:
            client.send(type="login", id=7, username="bob", password=PASSWORD)
        assert {(told := client.until(id=7)).get("status") or str(told) for client in clients} == {"ok"}
        for client in clients:
            client.close()
