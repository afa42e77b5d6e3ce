"""The doctor's look at alerts by mail: whether they could be sent now."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from classcord.chat.text import Text
from classcord.cli.doctor.checks import mails
from classcord.cli.doctor.checks.machine import ThisMachine
from classcord.settings import load
from tests.cli.doctor.installations import PaperMachine, findings, installation

MAIL = {"place": "smtp.school.fr:25", "sender": "chat@school.example", "to": ("prof@school.example", "it@x.fr")}


def found(data: Path, machine: PaperMachine | None = None, **keys: Any) -> list[str]:
    return findings(mails.alerts, installation(data, mail=MAIL | keys), machine)


def test_without_a_relay_there_are_none(tmp_path: Path) -> None:
    """Which nobody has to mend; the default settings are so."""
    words = "ok: no alerts are sent by mail: [alerts] relay is empty"
    assert found(tmp_path, place="", sender="") == [words]
    assert findings(mails.alerts, installation(tmp_path, mail=load().alerts.mail())) == [words]


def test_a_relay_that_answers(tmp_path: Path) -> None:
    """Who is told, and how to try it; TLS from the first byte only where the settings say so."""
    machine = PaperMachine()
    assert found(tmp_path, machine) == [
        (
            "ok: alerts are sent by smtp.school.fr:25 to prof@school.example, it@x.fr; `classcord ctl test-mail` sends "
            "one"
        )
    ]
    assert machine.greeting == ("smtp.school.fr", 25, False)
    found(tmp_path, machine, place="[::1]:465", security="tls")
    assert machine.greeting == ("::1", 465, True)


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"sender": ""}, "[alerts] sender is empty."),
        ({"to": ()}, "[alerts] to is empty."),
        ({"username": "chat", "security": "tls"}, "password_file is empty."),
        ({"username": "chat", "security": "tls", "password_file": "/nowhere/secret"}, "/nowhere/secret cannot be read"),
    ],
)
def test_settings_by_which_none_can_be_sent(tmp_path: Path, keys: dict[str, Any], why: str) -> None:
    """What is missing is told, and nobody is asked."""
    machine = PaperMachine()
    (line,) = found(tmp_path, machine, **keys)
    assert line.startswith("problem: no alerts can be sent: ")
    assert why in line
    assert not hasattr(machine, "greeting")


def test_a_relay_that_does_not_answer(tmp_path: Path) -> None:
    """With why, and what to try."""
    (line,) = found(tmp_path, PaperMachine(unreachable="Connection refused"))
    assert line.startswith(
        "problem: no alerts can be sent: the relay smtp.school.fr:25 does not answer: Connection refused → correct "
    )
    assert line.endswith("classcord ctl test-mail tries it")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening


@pytest.mark.parametrize(("greeting", "why"), [(b"220 relay\r\n", ""), (b"SSH-2.0-x\r\n", "'SSH-2.0-x'"), (b"", "''")])
def test_a_relay_is_known_by_its_first_line(listener: socket.socket, greeting: bytes, why: str) -> None:
    """Another program on its port is none."""

    def greet() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(greeting)

    greeter = threading.Thread(target=greet)
    greeter.start()
    said = ThisMachine().greeted("127.0.0.1", listener.getsockname()[1], tls=False)
    assert ("" if said is None else said.render()) == why
    greeter.join()


def test_where_nothing_listens(listener: socket.socket) -> None:
    """The system says why."""
    port = listener.getsockname()[1]
    listener.close()
    assert ThisMachine().greeted("127.0.0.1", port, tls=False) == Text("Connection refused")
