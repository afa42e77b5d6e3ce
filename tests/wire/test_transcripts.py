"""The classic transcripts of PROTOCOL.md, replayed: the same bytes come out however the bytes that go in are cut."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.harness import running

REGISTER = b'{"password":"azerty","type":"register","username":"alice"}\n'
LOGIN = b'{"password":"azerty","type":"login","username":"alice"}\n'
USERS = b'{"type":"users"}\n'
GLOBAL = '{"subtype":"global","to":"global","type":"message","content":"coucou é"}\n'.encode()
GUEST = '{"subtype":"global","from":"Zoé","to":"global","type":"message","content":"coucou é"}\n'.encode()
PRIVATE = b'{"subtype":"private","to":"bob","type":"message","content":"MP pour bob"}\n'
DEV = b'{"type":"message","subtype":"global","channel":"#dev","content":"Ping pour les devs !"}\n'
AWAY = b'{"state":"away","type":"status","user":"alice"}\n'

NOW = b'"timestamp":"2026-11-20T20:36:27.625Z"'
SYSTEM = b'{"type":"message","subtype":"system","to":"global","content":"%s is here.","from":"Serveur",' + NOW + b"}\n"


class Transcript(NamedTuple):
    """What somebody says, what they are answered, and what bob hears of it in the meantime."""

    said: bytes
    answered: bytes
    heard: bytes


REGISTRATION = Transcript(
    REGISTER + REGISTER,
    b'{"type":"register","status":"ok"}\n'
    b'{"type":"error","code":"username_taken","message":"Username already exists.","field":"username",'
    b'"error":"Username already exists."}\n',
    b"",
)
REFUSED = Transcript(
    LOGIN, b'{"type":"error","code":"login_failed","message":"Login failed.","error":"Login failed."}\n', b""
)
WHOLE_SESSION = Transcript(
    REGISTER + LOGIN + USERS + GLOBAL + PRIVATE + DEV + AWAY,
    b'{"type":"register","status":"ok"}\n'
    b'{"type":"login","status":"ok","username":"alice","role":"member"}\n'
    b'{"type":"users","users":["bob","alice"]}\n',
    b'{"type":"status","user":"alice","state":"online"}\n'
    + (SYSTEM % b"alice")
    + b'{"type":"message","subtype":"global","to":"global","content":"coucou \\u00e9","from":"alice",%s}\n' % NOW
    + b'{"type":"message","subtype":"private","to":"bob","content":"MP pour bob","from":"alice",%s}\n' % NOW
    + b'{"type":"message","subtype":"global","to":"global","content":"Ping pour les devs !","from":"alice",%s,' % NOW
    + b'"channel":"#dev"}\n'
    b'{"type":"status","user":"alice","state":"away"}\n',
)
GUESTS = Transcript(
    GUEST,
    b"",
    b'{"type":"status","user":"Zo\\u00e9","state":"online"}\n'
    + (SYSTEM % b"Zo\\u00e9")
    + b'{"type":"message","subtype":"global","to":"global","content":"coucou \\u00e9","from":"Zo\\u00e9",%s}\n' % NOW,
)
TRANSCRIPTS = pytest.mark.parametrize(
    "transcript", [REGISTRATION, REFUSED, WHOLE_SESSION, GUESTS], ids=["registration", "refused", "session", "guest"]
)


def replay(transcript: Transcript, cuts: list[int]) -> Transcript:
    """Say it in pieces, the server working in between; return what came of it."""
    said = transcript.said
    with running() as house:
        bob = house.member("bob")
        bob.ask({"type": "join", "channel": "#dev"})
        speaker = house.client()
        for start, end in zip([0, *cuts], [*cuts, len(said)], strict=True):
            speaker.send(said[start:end])
            house.turn()
        return Transcript(said, speaker.raw(), bob.raw())


@TRANSCRIPTS
def test_a_transcript_gives_its_answers(transcript: Transcript) -> None:
    """The lines of PROTOCOL.md come out, byte for byte, when everything is said in one piece."""
    assert replay(transcript, []) == transcript


@pytest.mark.no_cover  # the same lines thousands of times
@TRANSCRIPTS
def test_a_transcript_split_at_each_byte_gives_the_same(transcript: Transcript) -> None:
    """Wherever a transcript is cut in two, the same bytes come out."""
    for cut in range(1, len(transcript.said)):
        assert replay(transcript, [cut]) == transcript, cut


@TRANSCRIPTS
def test_a_transcript_byte_by_byte_gives_the_same(transcript: Transcript) -> None:
    """Said one byte at a time, a transcript has the same answers."""
    assert replay(transcript, list(range(1, len(transcript.said)))) == transcript


@TRANSCRIPTS
@settings(max_examples=20)
@given(data=st.data())
def test_a_transcript_in_any_pieces_gives_the_same(transcript: Transcript, data: st.DataObject) -> None:
    """Cut into any number of pieces, a transcript has the same answers."""
    cuts = data.draw(st.lists(st.integers(1, len(transcript.said) - 1), unique=True).map(sorted))
    assert replay(transcript, cuts) == transcript


@TRANSCRIPTS
def test_a_transcript_with_carriage_returns_gives_the_same(transcript: Transcript) -> None:
    """Windows' line ends change nothing, wherever the pieces are cut."""
    windows = transcript._replace(said=transcript.said.replace(b"\n", b"\r\n"))
    for cut in (place for place, byte in enumerate(windows.said) if byte in b"\r\n"):
        assert replay(windows, [cut]) == windows
