"""What of a line may be shown: as much as possible, and never a password."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classcord.chat.errors import ChatError
from classcord.chat.identity.vocabulary import Login
from classcord.chat.messages.rules import is_private, may_be_private
from classcord.chat.messages.vocabulary import Say, SayPrivately
from classcord.chat.presence.vocabulary import Status
from classcord.chat.requests import Request, secret_fields
from classcord.chat.subjects import WIRE
from classcord.services.monitoring import masking
from classcord.services.monitoring.masking import LONGEST, MaskedLine, outgoing
from classcord.wire import decoding
from tests.wire.paper import Paper

HIDDEN = "hunter2"
NAMES = st.sampled_from(["type", "to", "subtype", "channel", "from", "id", "Type", "TO", "Subtype", "x"])
WORDS = st.sampled_from(["message", "private", "global", "channel", "bob", "#dev", "", "login", "history", "{", "\\"])
SECRETS = ["password", "PASSWORD", "old", "new", "New", "session", "token", "motDePasse", "mot_de_passe", "user-pwd"]


def _around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3))


VALUES = st.recursive(st.one_of(WORDS, st.none(), st.booleans(), st.integers()), _around, max_leaves=6)
WITH_SECRET = st.builds(
    lambda others, name, value, after: {**others, name: value, **after},
    st.dictionaries(NAMES, VALUES, max_size=3),
    st.sampled_from(SECRETS),
    st.sampled_from([HIDDEN, [HIDDEN], {"x": HIDDEN}, f'a"{HIDDEN}', f"\\{HIDDEN}"]),
    st.dictionaries(NAMES, VALUES, max_size=3),
)


def request_in(line: bytes) -> Request | None:
    """Return what a line is decoded as, as a face has it."""
    try:
        return decoding.decode(line.removesuffix(b"\r").removeprefix(b"\xef\xbb\xbf"))
    except ChatError:
        return None


def incoming(line: bytes, *, private: bool) -> MaskedLine:
    """Mask a line by what it was decoded as, and by how it looks, as one that could not be: they are to agree."""
    by_request = masking.incoming(line, request_in(line), private=private)
    assert by_request == masking.incoming(line, private=private)
    return by_request


def nested(value: Any, depth: int) -> Any:
    for level in range(depth):
        value = [value] if level % 2 else {"data": value}
    return value


@settings(max_examples=150)
@given(value=WITH_SECRET, depth=st.integers(0, 3), cut=st.floats(0, 1), ascii_=st.booleans(), private=st.booleans())
def test_no_secret_is_shown_of_a_line_or_of_the_beginning_of_one(
    value: Any, depth: int, cut: float, ascii_: bool, private: bool
) -> None:
    """Wherever its field stands, in whatever case, in JSON or in what was JSON before somebody cut it."""
    line = json.dumps(nested(value, depth), ensure_ascii=ascii_).encode()
    for some in (line, line[: int(cut * len(line))], line + b"}", line.replace(b",", b"", 1), line.replace(b'"', b"'")):
        assert HIDDEN not in incoming(some, private=private).text
    for some in (line, line[: int(cut * len(line))]):
        assert HIDDEN not in outgoing(some, private=private).text


@pytest.mark.parametrize(
    "line",
    [
        '{"type":"login","username":"bob","password":"open","password":"hunter2"}',
        '{"type":"x","p\\u0061ssword":"hunter2"}',
        '{"type":"x","p\\u0061ssword":"hunter2"',
        '{"password":{"token":1,"x":"hunter2"}}',
        '{"type":"login","username":"bob","pasword":"hunter2"}',
        '{"type":"LOGIN","user":"bob","code":["hunter2"]}',
        '{"type":"login","type":"ping","x":"hunter2"}',
        '{"a":{"b":[{"password":{"c":"hunter2"}}]}}',
        '{"type":"x","data":"y","password":123,"Password":"hunter2"}',
        "login bob hunter2",
        "/register bob hunter2",
        "PASS hunter2",
        "GET / HTTP/1.1 Authorization: Basic hunter2",
        "{'type':'login','password':'hunter2'}",
        "{type:login,password:hunter2}",
        '{"type":"login" "password" "hunter2"}',
        '{"password":"a\nhunter2"}',
        '[{"type":"password","old":"x","new":"hunter2"',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_password_is_masked_however_it_is_written(line: str, encoding: str) -> None:
    """Doubled, escaped, misspelt in a login, typed by hand, in what is no JSON."""
    shown = incoming(line.encode(encoding), private=True)
    assert HIDDEN not in shown.text
    assert "***" in shown.text


@pytest.mark.parametrize(
    "line",
    [
        '{"a":1,"token":{"x":"hunter2"}}',
        '{"messages":[{"type":"message","subtype":"private","to":"bob","content":"a\\"hunter2","from":"x"}]}',
        '{"session":["a","hunter2"],"b":2}',
    ],
)
def test_wherever_a_line_is_cut_what_is_hidden_stays_so(line: str) -> None:
    """At each of its characters: ours because they are shortened, a client's because it is a pupil's."""
    for cut in range(len(line) + 1):
        assert "hun" not in outgoing(line[:cut].encode(), private=False).text
        assert "hun" not in incoming(line[:cut].encode(), private=False).text


@pytest.mark.parametrize(
    "line",
    [
        {"type": "message", "to": "bob", "content": HIDDEN},
        {"content": HIDDEN, "to": "bob", "type": "message"},
        {"type": "message", "subtype": "private", "channel": "#dev", "content": HIDDEN},
        {"type": "private", "subtype": "global", "to": "global", "content": HIDDEN},
        {"type": "message", "subtype": "system", "to": "bob", "content": HIDDEN},
        {"type": "message", "subtype": "Global", "to": "bob", "content": HIDDEN},
        {"type": "message", "Subtype": "global", "to": "bob", "content": HIDDEN},
        {"type": "message", "Channel": "#dev", "to": "bob", "content": HIDDEN},
        {"type": "message", "channel": None, "to": "bob", "content": HIDDEN},
        {"type": "message", "TO": "bob", "content": HIDDEN},
        {"type": "message", "to": ["bob"], "content": HIDDEN},
        {"type": "message", "subtype": "private", "to": "bob", "text": HIDDEN},
        {"type": "message", "subtype": "private", "to": "bob", "id": {"content": HIDDEN}},
        {"to": "bob", "message": {"content": HIDDEN}},
        {"type": "messaage", "to": "bob", "msg": HIDDEN},
        {"type": "x", "data": [{"to": "bob", "content": HIDDEN}]},
    ],
)
def test_a_private_message_is_masked_by_the_chats_own_rule(line: dict[str, Any]) -> None:
    """What the server takes for private is, and so is what its author meant to be; unless it may be seen."""
    encoded = json.dumps(line).encode()
    assert HIDDEN not in incoming(encoded, private=False).text
    assert HIDDEN in incoming(encoded, private=True).text


@pytest.mark.parametrize(
    "line",
    [
        '{"type":"message","to":"global","to":"bob","content":"hunter2"}',
        '{"type":"message","to":"bob","to":"global","content":"hunter2"}',
        '{"type":"message","subtype":"private","subtype":"global","content":"hunter2"}',
        '{"type":"message","to":"bob","content":"hunter2"',
        '{"type":"message","content":"hunter2","to":"bob"',
        '{"to":"bob","text":"hunter2"',
        '{"type":"message","subtype":"global","to":"global","content":"/mp bob hunter2"}',
        '{"type":"message","content":"\\u002fmsg bob hunter2"}',
        '{"type":"MESSAGE","channel":"#dev","content":"\\/me hunter2"}',
        '{"type":"message","Content":"/mp bob hunter2"}',
        '{"type":"message","content":"x","content":"/mp bob hunter2"}',
        '{"type":"message","content":"/mpbob hunter2"}',
        "/msg bob hunter2",
        "msg bob hunter2",
    ],
)
def test_in_doubt_it_is_private(line: str) -> None:
    """Fields that contradict each other, and lines that are no JSON."""
    assert HIDDEN not in incoming(line.encode(), private=False).text
    assert HIDDEN in incoming(line.encode(), private=True).text


@pytest.mark.parametrize(
    "line",
    [
        '{"subtype":"global","to":"global","type":"message","content":"Salut \\u00e9"}',
        '{"type": "message",  "to":"#dev", "content":"Ça va ?"}',
        '{"type":"message","channel":"#dev","to":"bob","content":"x"}',
        '{"type":"message","content":"x","to":null}',
        '{"type":"announce","content":"17 h"}',
        '{"type":"message","content":"//mp is a command"}',
        '{"type":"topic","channel":"#dev","topic":"x"}',
        '{"type":"message","content":"{\\"password\\":\\"quoted\\"}"}',
        "[1, 2]",
        "hello",
        '{"type":"join","channel":#dev}',
    ],
)
def test_what_is_public_is_shown_as_it_was_written(line: str) -> None:
    """Spaces, escapes and order too: that is what one wants to see."""
    assert incoming(line.encode(), private=False).text == line
    assert outgoing(line.encode(), private=False).text == line


def test_only_the_value_is_masked() -> None:
    """What stands around it is left as it was."""
    line = b'{"type":"login", "password" : "hunter2" ,"username":"bob"}'
    assert incoming(line, private=False).text == '{"type":"login", "password" : *** ,"username":"bob"}'
    answer = b'{"type":"login","status":"ok","username":"bob","role":"member"}'
    assert outgoing(answer, private=False).text == answer.decode()


@pytest.mark.parametrize(
    ("line", "remarks"),
    [
        (b'{"type":"ping","id":1}', ()),
        (b'{"type":"ping"}\r', ("CRLF",)),
        (b'\xef\xbb\xbf{"type":"ping"}\r', ("CRLF", "BOM")),
        (b'{"type":"status","state":"\xe9"}', ("decoded as windows-1252",)),
        (b'{"type":"status","state":"\x81"}', ("decoded as windows-1252",)),
        (b"hello", ("not JSON",)),
        (b'{"a":NaN}', ("not JSON",)),
        (b'{"type":"ping"', ("not JSON",)),
        (b"[1]", ("not an object",)),
        (b'{"content":"x"}', ("unknown type",)),
        (b'{"type":["ping"]}', ("unknown type",)),
        (b'{"type":"message","content":"x","From":"bob","from":"bob"}', ("unknown field: From",)),
        (b'{"type":"history","chanel":"x","n":1}', ("unknown field: chanel, n",)),
        (b"", ()),
        (b" \r", ("CRLF",)),
    ],
)
def test_remarks(line: bytes, remarks: tuple[str, ...]) -> None:
    """What the server passes over in silence, or refuses in few words, is told; what is right is not remarked on."""
    assert incoming(line, private=False).remarks == remarks


def test_unknown_fields_are_named_up_to_a_bound() -> None:
    """Thousands of them make no line of thousands of words."""
    line = json.dumps({"type": "ping"} | {"n" * 50 + str(number): 0 for number in range(500)}).encode()
    (remark,) = incoming(line, private=False).remarks
    assert remark.endswith("and 490 more")
    assert len(remark) < 500


def test_a_long_line_is_shortened_and_says_how_long_it_was() -> None:
    """Whole it is looked at all the same: what makes it private may stand at its end."""
    public = json.dumps({"type": "message", "content": "x" * 9000, "to": "global"}).encode()
    for shown in (
        incoming(public, private=False),
        outgoing(public, private=False),
        incoming(b"x" * 3000, private=False),
    ):
        assert len(shown.text) < LONGEST + 20
        assert shown.text.endswith(" bytes)")
    assert incoming(public, private=False).text.endswith(f"xxx… ({len(public)} bytes)")
    private = json.dumps({"type": "message", "content": HIDDEN + "x" * 9000, "to": "bob"}).encode()
    assert incoming(private, private=False).text == '{"type": "message", "content": ***, "to": "bob"}'


def test_a_long_answer_is_masked_where_it_is_cut() -> None:
    """A page of a private conversation is a line of a megabyte; its beginning is shown without what was said."""
    said = {"type": "message", "message_id": 1, "subtype": "private", "from": "a", "to": "b", "content": HIDDEN * 90}
    for length in range(1, 40):
        said["content"] = HIDDEN * 30 * length
        line = json.dumps({"type": "history", "user": "b", "messages": [said] * 300}).encode()
        assert HIDDEN not in outgoing(line, private=False).text
    assert HIDDEN in outgoing(line, private=True).text


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"a":"' + b"\\" * 60_001,
        b'"' * 60_000,
        b'{"type":"ping","n":' + b"1" * 60_000 + b"}",
        b'{"type":"ping","a":[' + b"{}," * 20_000 + b"{}]}",
        b"{" + b",".join(b'"to":"bob"' for _ in range(5_000)) + b"}",
        b" " * 60_000,
    ],
)
def test_no_line_is_too_much_to_look_at(line: bytes) -> None:
    """Depth, backslashes and huge numbers neither fail nor hold up the server."""
    begun = time.process_time()
    incoming(line, private=False)
    outgoing(line, private=False)
    assert time.process_time() - begun < 1.0


def test_what_is_too_much_to_look_at_hides_its_secrets_all_the_same() -> None:
    """A client that fills its line with brackets is masked as if that were no JSON."""
    line = b'{"type":"login","username":"bob","password":"hunter2","a":[' + b"{}," * 20_000 + b"{}]}"
    assert incoming(line, private=False).text == '{"type":"login","username":"bob","pass***'


FIELDS = {
    "content": st.sampled_from([HIDDEN, f"/mp bob {HIDDEN}", f"//mp {HIDDEN}"]),
    "subtype": st.sampled_from(["private", "global", "channel", "Global", "system", None]),
    "to": st.sampled_from(["bob", "global", "ALL", "#dev", "", None]),
    "channel": st.sampled_from(["#dev", "global", None]),
    "id": st.integers(0, 9),
}


@given(fields=st.fixed_dictionaries({}, optional=FIELDS), kind=st.sampled_from([Say, SayPrivately]))
def test_a_decoded_message_is_private_exactly_when_it_goes_or_may_go_to_one_person(
    fields: dict[str, Any], kind: type[Request]
) -> None:
    """It is the chat's own rule that says so, whatever fields there are."""
    line = json.dumps({"type": kind.__struct_config__.tag, "content": HIDDEN} | fields).encode()
    request = request_in(line)
    assert isinstance(request, Say)
    shown = masking.incoming(line, request, private=False).text
    assert (HIDDEN not in shown) is may_be_private(request)
    assert is_private(request) <= may_be_private(request)
    assert masking.incoming(line, request, private=True).text == line.decode()


@pytest.mark.parametrize("kind", WIRE)
def test_secrets_are_told_by_their_type(kind: type[Request]) -> None:
    """Each field of a decoded request that holds a Secret or an Unread is masked, whatever it is called."""
    words = {field.encode_name: HIDDEN for field in msgspec.structs.fields(kind) if field.encode_name != "id"}
    secret = secret_fields(kind)
    line = json.dumps({"type": kind.__struct_config__.tag} | {name: words[name] for name in sorted(secret)}).encode()
    request = kind(**{field.name: HIDDEN for field in msgspec.structs.fields(kind) if field.required})
    shown = masking.incoming(line, request, private=True).text
    assert HIDDEN not in shown
    assert shown.count("***") == len(secret)


@pytest.mark.parametrize(
    ("line", "request_", "shown"),
    [
        ("LOGIN bob hunter2", Login, '{"type": "login", "username": "bob", "password": ***}'),
        ("TELL bob hunter2", Say, '{"type": "message", "content": ***, "subtype": "private", "to": "bob"}'),
        ("STATE away", Status, "STATE away"),
        ("Bonjour à tous", Say, "Bonjour à tous"),
    ],
)
def test_a_dialect_that_is_not_json_is_masked_by_its_requests(line: str, request_: type[Request], shown: str) -> None:
    """Masking knows the words of no dialect: where something is hidden, the request's fields are shown instead."""
    request = Paper().decode(line.encode())
    assert type(request) is request_
    assert masking.incoming(line.encode(), request, private=False) == MaskedLine(shown)
    assert masking.incoming(line.encode(), Paper().decode(line.encode()), private=True).text.count("***") == (
        "LOGIN" in line
    )


def test_a_line_with_more_than_its_request_is_masked_by_how_it_looks() -> None:
    """What the decoder passed over may be what its author took for a private message, or for a password."""
    for line in (
        b'{"type":"message","content":"hunter2","TO":"bob"}',
        b'{"type":"message","content":"x","to":"global","motdepasse":"hunter2"}',
        b'{"type":"message","to":"bob","to":"global","content":"hunter2"}',
        b'{"type":"ping","n":' + b"1" * 60_000 + b',"password":"hunter2"}',
    ):
        request = request_in(line)
        assert request is not None
        assert HIDDEN not in masking.incoming(line, request, private=False).text


def test_an_edit_is_private_unless_its_message_is_known_to_be_public() -> None:
    """A client's edit names a message by its number; what the others hear says whether it was for one person."""
    for line in (
        b'{"type":"edit","message_id":4,"content":"hunter2"}',
        b'{"type":"edit","content":"hunter2","message_id":"x"}',
    ):
        assert HIDDEN not in incoming(line, private=False).text
        assert HIDDEN in incoming(line, private=True).text
    private = '{"type":"edited","message_id":4,"from":"bob","user":"bob","to":"eve","content":"hunter2"}'
    assert HIDDEN not in outgoing(private.encode(), private=False).text
    public = '{"type":"edited","message_id":4,"from":"bob","channel":"#dev","content":"hunter2"}'
    assert HIDDEN in outgoing(public.encode(), private=False).text
