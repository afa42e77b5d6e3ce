"""Words that others read as they are: what can be shown, and that it is asked of every such field of every request."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from classcord.chat.channels.vocabulary import Join
from classcord.chat.errors import BadRequest, ChatError, TooLong
from classcord.chat.hub import Hub
from classcord.chat.people import Session
from classcord.chat.requests import Request
from classcord.chat.roles import Role
from classcord.chat.shown_words import lines, one_line
from classcord.chat.subjects import CONSOLE, WIRE
from classcord.chat.text import can_be_shown
from tests.chat.hubs import a_channel, a_hub, add_account, ask, decide, log_in, operates
from tests.chat.test_sanctions import filled

INVISIBLE = {
    "a control character": "a\x1b[2Jb",
    "nothing": "a\0b",
    "the other direction": "a\u202eb",
    "an isolate": "a\u2066b",
    "a zero width space": "a\u200bb",
    "a joiner between letters": "a\u200db",
    "a soft hyphen": "a\xadb",
    "a Hangul filler": "a\u3164b",
    "a tag": "a\U000e0041b",
    "a byte order mark": "a\ufeffb",
    "a variation of nothing": "\ufe0f",
    "half a character": "a\ud800b",
}
SHOWN = ("Réseaux : mardi, 14 h", "👨\u200d👩\u200d👧 ❤\ufe0f", "می\u200cخواهم", "क्\u200dष", "<b>a & b</b>")


@pytest.mark.parametrize("words", INVISIBLE.values(), ids=INVISIBLE)
def test_what_cannot_be_shown(words: str) -> None:
    """Readers would not see it, or would see something else."""
    assert not can_be_shown(words)
    for checked in (one_line, lines):
        with pytest.raises(BadRequest) as caught:
            checked(words, "topic", 100)
        assert caught.value.field == "topic"


@pytest.mark.parametrize("words", SHOWN)
def test_what_can_be_shown(words: str) -> None:
    """What people write in their languages, emoji, and what only a careless page would take for code."""
    assert can_be_shown(words)
    assert one_line(f"  {words} \t", "topic", 100) == words
    assert lines(f"\n{words} \r\n\n  {words}\n", "topic", 200) == f"{words}\n\n{words}"


def test_how_long_it_may_be() -> None:
    """As it was sent."""
    for checked in (one_line, lines):
        assert checked("x" * 5, "topic", 5)
        with pytest.raises(TooLong):
            checked("x" * 6, "topic", 5)


MESSAGES = {"announce", "edit"}  # a message may say anything: whoever shows it takes care
VALUES = {"channel": "#dev", "user": "other", "target": "other", "kind": "open", "message_id": 1, "held_id": 1}
NEW = {
    "create": {"channel": "#new"},
    "reject": {"channel": "#club"},
    "register": {"username": "somebody"},
    "maintenance": {"state": "on"},
}


def told() -> list[tuple[type[Request], str]]:
    kinds = (kind for kind in (*WIRE, *CONSOLE) if kind.__struct_config__.tag not in MESSAGES)
    return [(kind, field) for kind in kinds for field in kind.told]


def asks(hub: Hub, session: Session, kind: type[Request], field: str, words: str) -> None:
    """Decide a request that is right, but for what this field says perhaps."""
    tag = str(kind.__struct_config__.tag)
    request: Any = filled(kind, field)
    names = {each.name for each in msgspec.structs.fields(kind)}
    values = {name: value for name, value in {**VALUES, **NEW.get(tag, {})}.items() if name in names}
    if tag == "profile":
        values.pop("user")
    decide(hub, session, msgspec.structs.replace(request, **{**values, field: words}))


@pytest.mark.parametrize("words", INVISIBLE.values(), ids=INVISIBLE)
@pytest.mark.parametrize(("kind", "field"), told(), ids=str)
def test_nobody_makes_others_read_it(kind: type[Request], field: str, words: str) -> None:
    """Every field of every request whose words others read refuses it, at the console too; but for messages."""
    hub = a_hub()
    add_account(hub, "boss", "owner")
    add_account(hub, "other")
    hub.restore([a_channel(9, "#club", "approval")])
    ask(hub, log_in(hub, "other"), Join(channel="#club"))
    for session in (log_in(hub, "boss"), operates(hub, "boss", Role.OWNER, by="password")):
        if kind in WIRE or session.person is None or session.person.is_operator:
            with pytest.raises(ChatError) as caught:
                asks(hub, session, kind, field, words)
            assert caught.value.field in {field, None}, caught.value
