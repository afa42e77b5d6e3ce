"""The codec by itself: what lines mean, and how events and answers are written."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classcord.chat.channels.vocabulary import Join, Joined, Left, MembersListed, TopicChanged, Who
from classcord.chat.connections.vocabulary import Ping
from classcord.chat.errors import BadJSON, BadRequest, ChatError, RateLimited, UnknownType
from classcord.chat.events import Done, Notice
from classcord.chat.identity.vocabulary import Login, LoginFailed
from classcord.chat.messages.vocabulary import Acknowledged, Said, Say, SayPrivately
from classcord.chat.presence.vocabulary import Users, UsersListed
from classcord.chat.registration.vocabulary import Register
from classcord.chat.subjects import EVENTS, WIRE
from classcord.chat.text import Text
from classcord.language import LANGUAGES, translator
from classcord.wire.decoding import decode
from classcord.wire.jsonlines import Classic, classic, modern
from classcord.wire.sentences import SENTENCES
from tests.harness import objects

CLASSIC = classic("en", timezone.utc)
MODERN = modern("en", timezone.utc, "ascii")
UTF8 = modern("en", timezone.utc, "utf-8")
TIME = "2026-11-20T20:36:27.625Z"
anything = st.text() | st.text(alphabet=st.characters(categories=("Cc", "Cf", "So", "Zl", "Zp")))


def told(content: str, subtype: str = "global", **more: str) -> Said:
    fields: dict[str, Any] = {"channel": "#général", "sender": "bob", "to": "global", "timestamp": TIME} | more
    return Said(message_id=1, subtype=subtype, content=content, **fields)


# -- reading -----------------------------------------------------------------------------------------------------------


@settings(max_examples=100)
@given(line=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_line_is_a_request_or_a_refusal(line: bytes) -> None:
    """Whatever the bytes, decode returns one of the wire's requests or raises a ChatError, and nothing else."""
    with suppress(BadJSON, BadRequest, UnknownType):
        assert type(decode(line)) in WIRE


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
    max_leaves=5,
)
fields = st.sampled_from(
    ["id", "username", "password", "content", "to", "channel", "subtype", "from", "before", "limit"]
)


@settings(max_examples=100)
@given(
    kind=st.sampled_from([str(kind.__struct_config__.tag) for kind in WIRE]),
    given_fields=st.dictionaries(fields, json_values, max_size=4),
    encoding=st.sampled_from(["utf-8", "windows-1252", "latin-1"]),
)
def test_any_object_of_a_known_type_is_a_request_or_a_bad_request(
    kind: str, given_fields: dict[str, object], encoding: str
) -> None:
    """Fields of the wrong type, or missing ones, are `bad_request`; what is accepted is of the type that was named."""
    text = json.dumps({"type": kind} | given_fields, ensure_ascii=False)
    with suppress(BadRequest, BadJSON):  # the latter for a lone surrogate
        assert decode(text.encode(encoding, "replace")).wire_name == kind


def test_a_line_becomes_its_request() -> None:
    """Each field under its name, what is not known ignored."""
    assert decode(b'{"type":"login","username":"a","password":"b","x":1}') == Login(username="a", password="b")
    assert decode(b'{"type":"message","from":"Zo\xc3\xa9","content":"c"}') == Say(content="c", from_="Zoé")
    assert decode(b'{"type":"private","to":"bob","content":"c"}') == SayPrivately(to="bob", content="c")
    assert decode(b'{"id":0,"type":"ping"}') == Ping(id=0)


@pytest.mark.parametrize(
    ("line", "kind", "field", "words"),
    [
        (b"", BadJSON, None, "not JSON"),
        (b"\xff", BadJSON, None, "not JSON"),
        (b"[1]", BadRequest, None, "JSON object"),
        (b"{}", BadRequest, "type", "missing"),
        (b'{"type":"login"}', BadRequest, "username", "missing"),
        (b'{"type":"join","channel":[]}', BadRequest, "channel", "(expected: a text; got: a list)"),
        (b'{"type":"x"}', UnknownType, "type", "“x”"),
        (b'{"type":"' + b"y" * 100 + b'"}', UnknownType, "type", "“" + "y" * 40 + "”"),
        (b'{"type":7}', BadRequest, "type", "(expected: a text)"),
        (b'{"type":{}}', BadRequest, "type", "(expected: a text)"),
        (b'{"type":null}', BadRequest, "type", "missing"),
        (b'{"type":"message","content":null}', BadRequest, "content", "“content” is missing"),
        (b'{"type":"register","username":"a","password":null}', BadRequest, "password", "“password” is missing"),
        (b'{"type":"history","limit":1.5}', BadRequest, "limit", "(expected: a whole number; got: a number)"),
        (b'{"type":"history","before":-1}', BadRequest, "before", "(expected: a whole number, 0 at least)"),
        (b'{"type":"ban","target":"x","duration":"2h"}', BadRequest, "duration", "(expected: a number; got: a text)"),
        (b'{"type":"ping","id":[1]}', BadRequest, "id", "(expected: a number or a text; got: a list)"),
        (
            b'{"type":"ping","id":"' + b"x" * 257 + b'"}',
            BadRequest,
            "id",
            "a text of 256 characters at most)",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where(
    line: bytes, kind: type[ChatError], field: str | None, words: str
) -> None:
    """The code, the field at fault where there is one, and a sentence that helps who wrote the client."""
    with pytest.raises(kind) as refusal:
        decode(line)
    assert refusal.value.field == field
    assert words in str(refusal.value)


def test_a_refusal_in_french_has_no_english_in_it() -> None:
    """What msgspec expected is told in the catalogue's words."""
    with pytest.raises(BadRequest) as refusal:
        decode(b'{"type":"history","limit":1.5}')
    words = refusal.value.text.render(translator("fr"))
    assert "attendu : un nombre entier ; reçu : un nombre" in re.sub(r"\s", " ", words)


@pytest.mark.parametrize(
    ("content", "read"),
    [("é".encode(), "é"), (b"\xe9", "é"), (b"\x80", "€"), (b"\x81\xe9", "\x81é"), (b"\xc3\xa9\xe9", "Ã©é")],
)
def test_a_line_that_is_not_utf_8_is_read_as_western(content: bytes, read: str) -> None:
    """windows-1252, and latin-1 where that has a hole; the whole line in one encoding (rule 10)."""
    assert decode(b'{"type":"message","content":"' + content + b'"}') == Say(content=read)


def test_a_western_line_is_refused_like_any_other() -> None:
    """A fault in such a line has the same codes."""
    with pytest.raises(UnknownType, match="dansé"):
        decode(b'{"type":"dans\xe9"}')
    with pytest.raises(BadJSON):
        decode(b'{"type":"ping","id":"\xe9"')


# -- writing -----------------------------------------------------------------------------------------------------------


@settings(max_examples=100)
@given(content=anything)
def test_any_content_is_one_ascii_line_that_reads_back(content: str) -> None:
    """Rule 9 for all that can be said, and nothing of it is changed on the way."""
    for dialect in (CLASSIC, MODERN):
        (line,) = objects(dialect.event(told(content)))
        assert line["content"] == content
    data = UTF8.event(told(content))
    assert data.count(b"\n") == 1
    assert json.loads(data)["content"] == content


def test_above_u_ffff_a_character_is_a_pair() -> None:
    """RFC 8259 §7: two escapes, in lower case, and those beside it untouched."""
    assert b'"content":"a\\ud83d\\ude00b\\u20ac"' in CLASSIC.event(told("a😀b€"))


def test_a_classic_message_has_the_channel_only_where_it_is_one() -> None:
    """Global and private ones have none; a channel's message is for everyone in `to`."""
    assert CLASSIC.event(told("x")) == (
        b'{"type":"message","subtype":"global","to":"global","content":"x","from":"bob","timestamp":"%s"}\n'
        % TIME.encode()
    )
    (private,) = objects(CLASSIC.event(told("x", "private", to="alice")))
    (channel,) = objects(CLASSIC.event(told("x", "channel", to="#dev", channel="#dev")))
    assert (private["subtype"], private["to"], private.get("channel")) == ("private", "alice", None)
    assert (channel["subtype"], channel["to"], channel["channel"]) == ("global", "global", "#dev")


def test_the_classic_dialect_has_no_words_for_joins_and_leaves() -> None:
    """Each event is either written or told to be unheard; none is forgotten."""
    for event in (Joined(channel="#dev", user="bob"), Left(channel="#dev", user="bob")):
        assert CLASSIC.event(event) == CLASSIC.earlier(event, 0.0) == b""
        assert json.loads(MODERN.event(event))["channel"] == "#dev"
    assert Classic.unheard == {kind for kind in EVENTS if kind not in {*Classic._EVENTS, *SENTENCES}}


def test_an_earlier_message_begins_with_its_local_time() -> None:
    """Rules 16 and 23, in the server's time zone, whatever its language; a notice stays as it is."""
    paris = ZoneInfo("Europe/Paris")
    midnight = datetime(2026, 11, 20, 23, 0, tzinfo=timezone.utc).timestamp()
    for language in LANGUAGES:
        assert b'"content":"[21:36] x"' in classic(language, paris).earlier(told("x"), midnight - 0.5)
        assert b'"content":"[20/11 21:36] x"' in classic(language, paris).earlier(told("x"), midnight)
    notice = Notice(content=Text("hi"), timestamp=TIME)
    assert CLASSIC.earlier(notice, midnight) == CLASSIC.event(notice)
    assert MODERN.earlier(told("x"), midnight) == MODERN.event(told("x"))


def test_a_classic_time_is_local_with_its_offset() -> None:
    """Rule 23: clients print it as it stands, so it is the time on the wall, also of a notice and in a history."""
    paris = classic("fr", ZoneInfo("Europe/Paris"))
    notice = Notice(content=Text("hi"), timestamp="2026-07-01T20:36:27.625Z")
    lines = objects(paris.event(told("x")) + paris.earlier(told("x"), 0.0) + paris.event(notice))
    winter, summer = "2026-11-20T21:36:27.625+01:00", "2026-07-01T22:36:27.625+02:00"
    assert [line["timestamp"] for line in lines] == [winter, winter, summer]
    assert objects(MODERN.event(told("x")))[0]["timestamp"] == TIME


def test_answers_have_the_type_of_their_request() -> None:
    """Or the one that the request names; a message has no answer in the classic dialect (rule 7)."""
    assert CLASSIC.answer(Register(username="a", password="b"), Done()) == b'{"type":"register","status":"ok"}\n'
    assert CLASSIC.answer(Users(id=1), UsersListed(users=("a",))) == b'{"type":"users","users":["a"]}\n'
    ack = Acknowledged(message_id=4, timestamp=TIME)
    assert CLASSIC.answer(Say(content="x"), ack) == b""
    assert MODERN.answer(Say(content="x", id=""), ack) == (
        b'{"type":"ack","message_id":4,"timestamp":"%s","id":""}\n' % TIME.encode()
    )


def test_who_names_those_who_are_here_as_users() -> None:
    """Rule 18: the older form has its list under the older name too."""
    members = MembersListed(channel="#dev", members=("a", "b"), online=("a",))
    (answer,) = objects(CLASSIC.answer(Who(), members))
    assert (answer["users"], answer["members"]) == (["a"], ["a", "b"])


def test_errors_in_both_dialects() -> None:
    """Classic clients find the text under two names; modern ones find the id, the field and the wait."""
    (classic_error,) = objects(CLASSIC.error(LoginFailed(), Join(channel="x", id=1)))
    assert classic_error == {
        "type": "error",
        "code": "login_failed",
        "message": "Login failed.",
        "error": "Login failed.",
    }
    (modern_error,) = objects(MODERN.error(RateLimited(retry_after=0.5, field="x"), Ping(id=None)))
    assert (modern_error["retry_after"], modern_error["field"], modern_error["id"]) == (0.5, "x", None)
    assert "error" not in modern_error
    assert "id" not in json.loads(MODERN.error(LoginFailed(), None))


def test_hello_changes_the_dialect() -> None:
    """Equal hellos give the same object, so that the fan-out encodes once for all who speak it."""
    assert CLASSIC.after_hello("en", "ascii") is MODERN
    assert MODERN.after_hello("en", "utf-8") is UTF8
    assert classic("en", timezone.utc) is CLASSIC
    assert (CLASSIC.traits.name, MODERN.traits.name) == ("classic", "modern")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_topic_with_braces_is_told_as_it_is(language: str) -> None:
    """What users write is never taken for a template."""
    event = TopicChanged(channel="#dev", topic="{user} {0} {", user="{x}", timestamp=TIME)
    (line,) = objects(classic(language, timezone.utc).event(event))
    assert "{user} {0} {" in line["content"]
    assert "{x}" in line["content"]
