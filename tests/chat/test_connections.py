"""A connection, whoever it belongs to: lines that ask nothing, and its end."""

from __future__ import annotations

import pytest

from classcord.chat.connections.vocabulary import Disconnect, Finished, Hello, Malformed
from classcord.chat.effects import Close, Speak
from classcord.chat.errors import BadJSON, BadRequest
from tests.chat.hubs import a_hub, connect, decide


def test_a_client_that_closes_its_side_is_closed() -> None:
    """After its last answer, which stands before this in the pipeline."""
    hub = a_hub()
    assert decide(hub, connect(hub), Finished()) == [Close()]


def test_the_end_of_a_connection_that_was_nobodys_changes_nothing() -> None:
    """There is no session of an account or a guest to end."""
    hub = a_hub()
    assert decide(hub, connect(hub), Disconnect()) == []


def test_a_second_bad_line_before_the_first_answer_is_passed_over() -> None:
    """One refusal is enough for somebody who types by hand (PROTOCOL.md, classic rule 10); later each line has one."""
    hub = a_hub()
    session = connect(hub)
    with pytest.raises(BadJSON):
        decide(hub, session, Malformed(error=BadJSON()))
    assert decide(hub, session, Malformed(error=BadJSON())) == []
    session.answered = True
    with pytest.raises(BadJSON):
        decide(hub, session, Malformed(error=BadJSON()))


@pytest.mark.parametrize("protocol", [-1, 0, 1, 3, 2**60])
def test_another_protocol_is_refused_with_the_one_that_is_spoken(protocol: int) -> None:
    """A client of another protocol would misread what it is sent."""
    hub = a_hub()
    with pytest.raises(BadRequest, match="speaks protocol 2") as refusal:
        decide(hub, connect(hub), Hello(protocol=protocol))
    assert refusal.value.field == "protocol"


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252", "utf-16", "UTF", "utf_8", "é", "x" * 5000])
def test_another_encoding_is_refused_with_those_that_there_are(encoding: str) -> None:
    """A client would wait in vain for what it asked for."""
    hub = a_hub()
    with pytest.raises(BadRequest, match="“utf-8” or “ascii”") as refusal:
        decide(hub, connect(hub), Hello(encoding=encoding))
    assert refusal.value.field == "encoding"


@pytest.mark.parametrize(("encoding", "used"), [("UTF-8", "utf-8"), ("utf8", "utf-8"), ("ASCII", "ascii")])
def test_an_encoding_is_known_in_any_case(encoding: str, used: str) -> None:
    """With and without its hyphen, too."""
    hub = a_hub()
    assert decide(hub, connect(hub), Hello(encoding=encoding))[0] == Speak("fr", used, heartbeat=30)


@pytest.mark.parametrize(
    ("lang", "used"),
    [
        ("fr-CA", "fr"),
        ("EN_us.UTF-8", "en"),
        ("en", "en"),
        ("fry", "fr"),
        ("english", "fr"),
        ("de", "fr"),
        ("-en", "fr"),
    ],
)
def test_a_language_is_taken_from_its_first_part(lang: str, used: str) -> None:
    """`fry` is Frisian, not French: as for any language that there is not, the server's is used, and said."""
    hub = a_hub()
    assert decide(hub, connect(hub), Hello(lang=lang))[0] == Speak(used, "ascii", heartbeat=30)
