"""Paramiko, the SSH client of Python programs, against a real server."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import paramiko
import pytest

from tests.server import BOUND, Server, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("paramiko"), "--set", "ssh.max_tries=3") as server:
        yield server


@pytest.fixture
def password(server: Server) -> str:
    """Return the password of `admin`, an owner's."""
    return (server.data / "first-password").read_text().split()[-1]


@pytest.fixture
def client(server: Server) -> Iterator[paramiko.Transport]:
    address = server.address("ssh")
    assert isinstance(address, tuple)
    transport = paramiko.Transport(socket.create_connection(address, BOUND))
    transport.start_client(timeout=BOUND)
    transport.auth_timeout = BOUND
    yield transport
    transport.close()


def test_a_second_try(client: paramiko.Transport, password: str) -> None:
    """It asks for the service anew before each try; the second one is served."""
    with pytest.raises(paramiko.AuthenticationException):
        client.auth_password("admin", "wrong")
    assert client.auth_password("admin", password) == []
    assert client.is_authenticated()


def test_too_many_tries(client: paramiko.Transport) -> None:
    """They are counted all the same; after the last one the connection ends."""
    for _ in range(3):
        assert client.is_active()
        with pytest.raises(paramiko.SSHException):
            client.auth_password("admin", "wrong")
    client.join(BOUND)
    assert not client.is_active()


def test_a_command(client: paramiko.Transport, password: str) -> None:
    """A command's output and its status; a one-time password does nothing but be changed."""
    client.auth_password("admin", password)
    channel = client.open_session(timeout=BOUND)
    channel.settimeout(BOUND)
    channel.exec_command("version")
    out = channel.makefile("r").read() + channel.makefile_stderr("r").read()
    assert (channel.recv_exit_status(), bool(out)) == (1, True)
