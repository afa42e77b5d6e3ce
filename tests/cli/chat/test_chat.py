"""`classcord chat` without a network: the conversation, what is typed and shown, and the three ways of use."""

from __future__ import annotations

import json
import math
import time
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classcord.cli.chat.conversation import (
    ClientEvent,
    Conversation,
    ConversationOpened,
    MalformedLine,
    Object,
    RequestGranted,
    RequestRefused,
    Unasked,
    message,
)
from classcord.cli.chat.failure import Failure
from classcord.cli.chat.modes import Mode, PipeMode, ScriptMode, TerminalMode
from classcord.cli.chat.screen import Screen
from classcord.cli.chat.slash import COMMANDS, Exit, Help, Misused, Retarget, read

NOON = "2026-11-20T12:00:00.000Z"


# -- the conversation -------------------------------------------------------------------------------------------------


def sent(conversation: Conversation) -> list[Object]:
    return [json.loads(line) for line in conversation.data_to_send().splitlines()]


def line(**received: object) -> bytes:
    return json.dumps(received).encode() + b"\n"


def opened(**greeting: object) -> Conversation:
    """Return a conversation whose opening was granted, with nothing left to send."""
    conversation = Conversation([{"type": "hello"}, {"type": "guest"}])
    conversation.receive(line(type="hello", id="chat-1", **greeting) + line(type="guest", id="chat-2", username="bob"))
    sent(conversation)
    return conversation


def test_opening_goes_step_by_step() -> None:
    """Each request of the opening is asked when the one before was granted; the last grant opens."""
    conversation = Conversation([{"type": "hello"}, {"type": "login", "username": "bob"}])
    assert sent(conversation) == [{"type": "hello", "id": "chat-1"}]
    assert conversation.receive(line(type="hello", id="chat-1", server="École")) == [
        RequestGranted({"type": "hello", "id": "chat-1", "server": "École"}, {"type": "hello"})
    ]
    assert sent(conversation) == [{"type": "login", "username": "bob", "id": "chat-2"}]
    assert not conversation.opened
    (event,) = conversation.receive(line(type="login", id="chat-2", status="ok"))
    assert isinstance(event, ConversationOpened)
    assert event.greeting["server"] == "École"
    assert conversation.opened


def test_refused_opening_stays_closed() -> None:
    """After a refusal nothing more of the opening is asked."""
    conversation = Conversation([{"type": "hello"}, {"type": "register"}, {"type": "login"}])
    conversation.receive(line(type="hello", id="chat-1"))
    sent(conversation)
    (event,) = conversation.receive(line(type="error", id="chat-2", code="username_taken"))
    assert isinstance(event, RequestRefused)
    assert event.request == {"type": "register"}
    assert (conversation.opened, sent(conversation), conversation.pending) == (False, [], {})


def test_answers_find_their_requests() -> None:
    """An answer comes with its request whatever the order; what carries no known id happened by itself."""
    conversation = opened()
    first, second = message("one", None), message("two", "#dev")
    conversation.ask(first)
    conversation.ask(second)
    events = conversation.receive(
        line(type="ack", id="chat-4") + line(type="ack", id=[]) + line(type="error", id="chat-3", code="muted")
    )
    assert events == [
        RequestGranted({"type": "ack", "id": "chat-4"}, second),
        Unasked({"type": "ack", "id": []}),
        RequestRefused({"type": "error", "id": "chat-3", "code": "muted"}, first),
    ]
    assert not conversation.pending


def test_lines_may_come_in_pieces() -> None:
    """A line is heard when its end has come, and not before."""
    conversation = opened()
    whole = line(type="system", content="é")
    assert conversation.receive(whole[:9]) == []
    assert conversation.receive(whole[9:] + whole[:1]) == [Unasked({"type": "system", "content": "é"})]


@pytest.mark.parametrize("noise", [b"", b"[]", b"SSH-2.0-x", b"\xff", b'{"a":"\xff"}', b'{"a":' * 9999, b'"\\ud800"'])
def test_noise_is_garbled(noise: bytes) -> None:
    """A line that is not a JSON object costs nothing but itself."""
    conversation = opened()
    assert conversation.receive(noise + b"\n" + line(type="x")) == [MalformedLine(), Unasked({"type": "x"})]


@pytest.mark.parametrize(
    ("heartbeat", "seconds"),
    [(30, 60), (0.5, 1), (10**9, 7200), (0, None), (-1, None), ("30", None), (None, None), ([30], None)],
)
def test_silence_lasts_two_heartbeats_at_most(heartbeat: object, seconds: float | None) -> None:
    """A server that promises none may be silent for ever; so may one whose promise makes no sense."""
    assert Conversation([{"type": "hello"}]).silence == math.inf
    assert opened(heartbeat=heartbeat).silence == (math.inf if seconds is None else seconds)


# -- what is typed ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "target", "asked"),
    [
        ("Ping", None, {"type": "message", "subtype": "global", "content": "Ping"}),
        ("Ping", "#dev", {"type": "message", "subtype": "channel", "channel": "#dev", "content": "Ping"}),
        ("Ping", "bob", {"type": "message", "subtype": "private", "to": "bob", "content": "Ping"}),
        ("//me too", None, {"type": "message", "subtype": "global", "content": "/me too"}),
        ("/msg bob  a  b", None, {"type": "message", "subtype": "private", "to": "bob", "content": "a  b"}),
        ('/msg "Jean Paul" oui', None, {"type": "message", "subtype": "private", "to": "Jean Paul", "content": "oui"}),
        ("/to #dev", None, Retarget("#dev")),
        ("/to Jean Paul", None, Retarget("Jean Paul")),
        ("/to", "#dev", Retarget(None)),
        ("/JOIN #dev", None, {"type": "join", "channel": "#dev"}),
        ("/leave", "#dev", {"type": "leave", "channel": "#dev"}),
        ("/leave #dev", "bob", {"type": "leave", "channel": "#dev"}),
        ("/create #dev", None, {"type": "create", "channel": "#dev", "kind": "open"}),
        ("/create #dev private", None, {"type": "create", "channel": "#dev", "kind": "private"}),
        ("/create #dev Privé", None, {"type": "create", "channel": "#dev", "kind": "private"}),
        ("/status absent", None, {"type": "status", "state": "away"}),
        ("/topic Les TP", "#dev", {"type": "topic", "channel": "#dev", "topic": "Les TP"}),
        ("/topic #tp Les TP", "#dev", {"type": "topic", "channel": "#tp", "topic": "Les TP"}),
        ("/topic", "#dev", {"type": "topic", "channel": "#dev"}),
        ("/topic", None, {"type": "topic"}),
        ("/topic Bonne rentrée", None, {"type": "topic", "topic": "Bonne rentrée"}),
        ("/who", "#dev", {"type": "users"}),
        ("/who #dev", None, {"type": "members", "channel": "#dev"}),
        ("/channels", None, {"type": "channels"}),
        ("/history", None, {"type": "history", "limit": 20}),
        ("/history", "bob", {"type": "history", "user": "bob", "limit": 20}),
        ("/history 5", "#dev", {"type": "history", "channel": "#dev", "limit": 5}),
        ("/history #tp 5", "#dev", {"type": "history", "channel": "#tp", "limit": 5}),
        ("/history bob 5", "#dev", {"type": "history", "user": "bob", "limit": 5}),
        ('/history "Jean Paul"', None, {"type": "history", "user": "Jean Paul", "limit": 20}),
        ("/status do not disturb", None, {"type": "status", "state": "do not disturb"}),
        ("/help", None, Help()),
        ("/quit", None, Exit()),
    ],
)
def test_typed_lines(typed: str, target: str | None, asked: object) -> None:
    """A line asks for a message to the target, or for what its command says."""
    assert read(typed, target) == asked


@pytest.mark.parametrize(
    "typed", ["/", "/nope", "/msg bob", "/join", "/join dev", "/leave", "/topic", "/who bob", "/history a b", "/status"]
)
def test_misused_commands(typed: str) -> None:
    """A command without what it needs is not sent; its usage is shown. A person has neither members nor a topic."""
    with pytest.raises(Misused) as refusal:
        read(typed, "bob")
    assert refusal.value.usage in {"/help", *(command.usage for command in COMMANDS.values())}


# -- what is shown ----------------------------------------------------------------------------------------------------


@pytest.fixture
def paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def screen() -> Screen:
    return Screen(str, NOON[:10])


def shown(**received: object) -> list[str]:
    return screen().lines(Unasked(received))


@pytest.mark.usefixtures("paris")
def test_messages_are_shown_with_local_time() -> None:
    """A message has its local time, its channel and its author; a private one its author and its recipient."""
    said: dict[str, Any] = {"type": "message", "timestamp": NOON, "from": "bob", "content": "Ping"}
    assert shown(**said, subtype="channel", channel="#dev") == ["13:00 #dev <bob> Ping"]
    assert shown(**said, subtype="global", to="global") == ["13:00 <bob> Ping"]
    assert shown(**said, subtype="private", to="alice") == ["13:00 bob → alice: Ping"]
    assert shown(**said, subtype="system") == ["* Ping"]
    assert shown(**{**said, "timestamp": "hier"}) == ["--:-- <bob> Ping"]


@pytest.mark.usefixtures("paris")
def test_history_shows_its_days() -> None:
    """A history says on which local day its messages were written."""
    messages = [
        {"from": "bob", "channel": "#dev", "content": "late", "timestamp": "2026-11-19T22:59:00.000Z"},
        {"from": "bob", "channel": "#dev", "content": "later", "timestamp": "2026-11-19T23:01:00.000Z"},
        "not a message",
    ]
    assert shown(type="history", messages=messages) == [
        "--- 2026-11-19 ---",
        "23:59 #dev <bob> late",
        "--- 2026-11-20 ---",
        "00:01 #dev <bob> later",
    ]
    assert shown(type="history", messages=[]) == ["* No messages yet."]


@pytest.mark.usefixtures("paris")
def test_messages_of_another_day_say_so() -> None:
    """A message that waited, or one after midnight, stands under its day; so does the first one after a history."""
    seen = screen()

    def rows(**received: object) -> list[str]:
        return seen.lines(Unasked(received))

    said: dict[str, Any] = {"type": "message", "from": "bob", "content": "Ping"}
    late, noon = {**said, "timestamp": "2026-11-19T12:00:00.000Z"}, {**said, "timestamp": NOON}
    assert rows(**noon) == ["13:00 <bob> Ping"]
    assert rows(**late) == ["--- 2026-11-19 ---", "13:00 <bob> Ping"]
    assert rows(**late) == ["13:00 <bob> Ping"]
    assert rows(type="history", messages=[late]) == ["--- 2026-11-19 ---", "13:00 <bob> Ping"]
    assert rows(**noon) == ["--- 2026-11-20 ---", "13:00 <bob> Ping"]


def test_who_comes_and_goes_is_told_once() -> None:
    """The notice that repeats an arrival or a departure in words is not shown; any other is."""
    seen = screen()

    def rows(**received: object) -> list[str]:
        return seen.lines(Unasked(received))

    assert rows(type="status", user="bob", state="online") == ["* bob is here."]
    assert rows(type="system", content="bob is here.") == []
    assert rows(type="status", user="bob", state="away") == ["* bob is shown as “away”."]
    assert rows(type="status", user="bob", state="offline") == ["* bob has left."]
    assert rows(type="system", content="The server is stopping.") == ["* The server is stopping."]
    assert rows(type="system", content="bob has left.") == []
    asked: Object = {"type": "status", "state": "online"}
    answer: Object = {"type": "status", "user": "bob", "state": "online"}
    assert seen.lines(RequestGranted(answer, asked)) == ["* The others see you as “online”."]


def test_nothing_that_others_typed_commands_the_terminal() -> None:
    """C0, C1 and bidirectional controls are shown as what they are not: harmless marks."""
    (row,) = shown(
        type="message",
        subtype="channel",
        channel="#d\x9bev",
        content="a\x1b[2Jb\x00\t\u202ec\u2066",
        **{"from": "bob\r\nroot> \x7f"},
    )
    assert row == "--:-- #d�ev <bob��root> �> a�[2Jb� �c�"


def test_no_line_of_a_message_passes_for_another_message() -> None:
    """The further lines of a message stand indented behind a bar."""
    content = "code:\n12:00 #dev <root> rm -rf\rend"
    (row,) = shown(type="message", channel="#dev", content=content, **{"from": "eve"})
    assert row.splitlines() == [
        "--:-- #dev <eve> code:",
        "      │ 12:00 #dev <root> rm -rf",
        "      │ end",
    ]


FIELDS = st.sampled_from(
    (
        *(
            "type",
            "subtype",
            "status",
            "state",
            "from",
            "to",
            "user",
            "username",
            "name",
            "channel",
            "topic",
            "content",
        ),
        *("timestamp", "messages", "users", "members", "channels", "message", "code", "server", "motd"),
    )
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS | st.text(), inner, max_size=5),
    max_leaves=8,
)
TYPES = st.sampled_from(
    ["message", "history", "system", "status", "joined", "left", "topic", "users", "members", "channels", "join"]
)


@given(st.dictionaries(FIELDS, JSON_VALUES), TYPES | JSON_VALUES)
def test_any_object_can_be_shown(received: Object, kind: object) -> None:
    """Whatever a server sends is shown or ignored; it never stops the client, nor reaches the terminal unclean."""
    received = {**received, "type": kind}
    welcome = ConversationOpened(received, {"type": "guest"}, received)
    events: list[ClientEvent] = [
        Unasked(received),
        RequestRefused(received, None),
        RequestGranted(received, {}),
        welcome,
    ]
    for event in events:
        for row in screen().lines(event):
            shown_row = row.replace("\n      │ ", "")
            assert not {c for c in shown_row if unicodedata.category(c) == "Cc" or c in "\u202e\u2066"}


@pytest.mark.parametrize(
    ("received", "row"),
    [
        ({"type": "status", "user": "bob", "state": "away"}, "* bob is shown as “away”."),
        ({"type": "joined", "user": "bob", "channel": "#dev"}, "* bob joined #dev."),
        ({"type": "left", "user": "bob", "channel": "#dev"}, "* bob left #dev."),
        ({"type": "topic", "user": "bob", "channel": "#d", "topic": "TP"}, "* bob changed the topic of #d: TP"),
        ({"type": "system", "content": "Bonjour"}, "* Bonjour"),
        ({"type": "users", "users": ["bob", "Zoé"]}, "* Here: bob, Zoé"),
        ({"type": "members", "channel": "#d", "members": ["bob", {"username": "eve"}]}, "* In #d: bob, eve"),
        ({"type": "members", "channel": "#d", "members": []}, "* In #d: nobody"),
        ({"type": "channels", "channels": [{"name": "#d", "kind": "open", "topic": "TP"}]}, "  #d (open) TP"),
        ({"type": "channels", "channels": [{"name": "#d", "kind": "club"}]}, "  #d (club)"),
        (
            {"type": "channels", "channels": [{"name": "#g", "kind": "default", "member": True}]},
            "  #g (default; you are in it)",
        ),
    ],
)
def test_events_and_lists_are_shown(received: Object, row: str) -> None:
    """Each event and each list has its one line."""
    assert shown(**received) == [row]


@pytest.mark.usefixtures("paris")
def test_what_becomes_of_a_message_is_shown() -> None:
    """New words as a line of their author that says so; a deletion in words; both in the history as they are."""
    edit: dict[str, Any] = {"type": "edited", "edited_at": NOON, "from": "bob", "content": "Pong", "message_id": 1}
    assert shown(**edit, channel="#dev") == ["13:00 #dev <bob> (edited) Pong"]
    assert shown(**edit, user="bob", to="alice") == ["13:00 bob → alice: (edited) Pong"]
    deletion: dict[str, Any] = {"type": "deleted", "from": "mod", "message_id": 1}
    assert shown(**deletion, channel="#dev") == ["* mod has deleted a message in #dev."]
    assert shown(**deletion, user="mod") == ["* mod has deleted a private message."]
    gone = {"type": "message", "timestamp": NOON, "from": "bob", "channel": "#dev", "content": "", "deleted": True}
    assert shown(type="history", messages=[gone])[-1] == "13:00 #dev <bob> (deleted)"


def test_unknown_events_are_not_shown() -> None:
    """What the client has no words for is left out."""
    assert shown(type="typing", user="bob") == shown(type=["odd"]) == shown() == []


def test_help_lists_every_command() -> None:
    """/help shows each command, and how a slash is written."""
    rows = screen().help()
    assert [row.split()[0] for row in rows] == [f"/{name}" for name in COMMANDS] + ["//TEXT"]


# -- the three ways of use ---------------------------------------------------------------------------------------------


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def hear(mode: Mode, conversation: Conversation, *lines: bytes) -> None:
    for event in conversation.receive(b"".join(lines)):
        mode.hear(event)


def contents(conversation: Conversation) -> list[object]:
    mine = sent(conversation)
    assert all(request["type"] == "message" for request in mine)
    return [request["content"] for request in mine]


def piping(*, rate: int) -> tuple[PipeMode, Conversation, Clock]:
    conversation = Conversation([{"type": "hello"}])
    clock = Clock()
    pipe = PipeMode(conversation, print, None, clock)
    assert not pipe.ready
    hear(pipe, conversation, line(type="hello", id="chat-1", limits={"messages_per_second": rate}))
    sent(conversation)
    return pipe, conversation, clock


def test_pipe_sends_one_by_one_where_the_rate_is_limited() -> None:
    """A message that has to wait is sent again after `retry_after`; none overtakes it."""
    pipe, conversation, clock = piping(rate=5)
    pipe.read(b"one\n")
    assert contents(conversation) == ["one"]
    assert not pipe.ready
    for attempt in ("chat-2", "chat-3"):
        hear(pipe, conversation, line(type="error", id=attempt, code="rate_limited", retry_after=2.5))
        assert (pipe.ready, pipe.resume(), contents(conversation)) == (False, 2.5, [])
        clock.now += 2.5
        assert (pipe.resume(), contents(conversation)) == (None, ["one"])
    hear(pipe, conversation, line(type="ack", id="chat-4"))
    assert pipe.ready
    pipe.read(None)
    assert pipe.finished


def test_pipe_sends_twenty_at_a_time_where_it_is_not() -> None:
    """A server without a rate limit is sent up to 20 messages before their acknowledgements."""
    pipe, conversation, _clock = piping(rate=0)
    for number in range(20):
        assert pipe.ready
        pipe.read(b"%d" % number)
    assert not pipe.ready
    hear(pipe, conversation, line(type="ack", id="chat-2"))
    assert pipe.ready


def test_pipe_keeps_the_order_of_what_was_refused_together() -> None:
    """Where a limit appears meanwhile, all that it refused goes again in its order, one by one."""
    pipe, conversation, clock = piping(rate=0)
    for word in (b"one", b"two", b"three"):
        pipe.read(word)
    pipe.read(None)
    sent(conversation)
    for refused in ("chat-2", "chat-3", "chat-4"):
        assert pipe.resume() is None
        hear(pipe, conversation, line(type="error", id=refused, code="rate_limited", retry_after=1))
    again = []
    for attempt, is_refused in (("chat-5", True), ("chat-6", False), ("chat-7", True), ("chat-8", False)):
        clock.now += 1
        pipe.resume()
        again += contents(conversation)
        refusal = line(type="error", id=attempt, code="rate_limited", retry_after=1)
        hear(pipe, conversation, refusal if is_refused else line(type="ack", id=attempt))
    pipe.resume()
    again += contents(conversation)
    assert again == ["one", "one", "two", "two", "three"]
    assert not pipe.finished
    hear(pipe, conversation, line(type="ack", id="chat-9"))
    assert pipe.finished


@pytest.mark.parametrize(
    ("named", "pause"), [({}, 1.0), ({"retry_after": "soon"}, 1.0), ({"retry_after": 1e308}, 3600)]
)
def test_pipe_waits_sensibly_whatever_it_is_told(named: Object, pause: float) -> None:
    """Without a usable `retry_after` a message goes again after a second; and after an hour at the latest."""
    pipe, conversation, _clock = piping(rate=5)
    pipe.read(b"one")
    hear(pipe, conversation, line(type="error", id="chat-2", code="rate_limited", **named))
    assert pipe.resume() == pause


def test_pipe_stops_at_a_refusal() -> None:
    """Any other refusal ends it, and says which message it was."""
    pipe, conversation, _clock = piping(rate=5)
    pipe.read(b"spam\x1b")
    with pytest.raises(Failure, match="“spam�” was refused"):
        hear(pipe, conversation, line(type="error", id="chat-2", code="muted", message="You are muted."))


def test_pipe_reads_any_encoding_and_skips_empty_lines() -> None:
    """Each line is UTF-8, else Latin-1; a line of nothing or of spaces is no message, a slash nothing special."""
    pipe, conversation, _clock = piping(rate=0)
    for typed in (b"\xc3\xa9\r\n", b"\xe9\n", b"\r\n", b"  \n", b"  /quit"):
        pipe.read(typed)
    assert contents(conversation) == ["é", "é", "  /quit"]


def terminal(target: str | None = None) -> tuple[TerminalMode, Conversation, list[str]]:
    conversation = Conversation([{"type": "hello"}])
    rows: list[str] = []
    mode = TerminalMode(conversation, rows.extend, target, screen())
    hear(mode, conversation, line(type="hello", id="chat-1", server="École", username="bob", motd="Bonjour"))
    assert rows == ["* École: you are bob. /help lists the commands.", "* Bonjour"]
    rows.clear()
    sent(conversation)
    return mode, conversation, rows


def test_terminal_follows_where_one_goes() -> None:
    """A channel that was entered or made is spoken to from then on, and no longer when one has left it."""
    mode, conversation, rows = terminal()
    assert mode.prompt == "> "
    mode.read(b"/join #dev\n")
    assert not mode.ready
    hear(mode, conversation, line(type="join", id="chat-2", status="ok", channel="#dev", topic="Les TP"))
    assert (mode.ready, mode.prompt) == (True, "#dev> ")
    mode.read(b"/leave\n")
    hear(mode, conversation, line(type="leave", id="chat-3", status="ok"))
    assert mode.prompt == "> "
    assert rows == ["* You are in #dev. What you type goes there.", "* Les TP", "* You left #dev."]


def test_terminal_does_not_follow_into_a_waiting_room() -> None:
    """A request to join that waits for a moderator changes no target."""
    mode, conversation, rows = terminal()
    mode.read(b"/join #club\n")
    hear(mode, conversation, line(type="join", id="chat-2", status="pending"))
    assert mode.prompt == "> "
    assert rows == ["* You asked to enter #club; somebody has to let you in."]


def test_terminal_to_a_channel_enters_it() -> None:
    """Who opens a terminal on a channel reads it too; to be in it already is as good."""
    conversation = Conversation([{"type": "hello"}])
    rows: list[str] = []
    mode = TerminalMode(conversation, rows.extend, "#dev", screen())
    hear(mode, conversation, line(type="hello", id="chat-1"))
    assert sent(conversation)[1:] == [{"type": "join", "channel": "#dev", "id": "chat-2"}]
    hear(mode, conversation, line(type="error", id="chat-2", code="already_member", message="Already."))
    assert rows[1:] == ["* You are in #dev. What you type goes there."]


def confined(mode: type[TerminalMode] | type[PipeMode], written: list[str]) -> tuple[Conversation, Any]:
    """Return a conversation that a one-time password has opened, and its mode."""
    conversation = Conversation([{"type": "hello"}, {"type": "login", "username": "bob", "password": "once"}])
    last: Any = Screen(str, "2026-11-20") if mode is TerminalMode else Clock()
    made = mode(conversation, written.extend, "#dev", last)
    for received in (line(type="hello", id="chat-1"), line(type="login", id="chat-2", must_change=True)):
        for event in conversation.receive(received):
            made.hear(event)
        sent(conversation)
    return conversation, made


def test_terminal_has_a_one_time_password_changed() -> None:
    """It is asked for twice and not shown; then one goes where one wanted to go."""
    written: list[str] = []
    conversation, mode = confined(TerminalMode, written)
    assert written[-1] == "Your password was for one time: choose another one now."
    assert (mode.prompt, mode.hidden) == ("New password: ", True)
    for typed in (b"new", b"knew", b"new"):
        mode.read(typed)
    assert "The two are not the same." in written
    assert (mode.prompt, sent(conversation)) == ("The same again: ", [])
    mode.read(b"new")
    (asked,) = sent(conversation)
    assert (asked["type"], asked["old"], asked["new"]) == ("password", "once", "new")
    assert not mode.ready
    for event in conversation.receive(line(type="error", id=asked["id"], code="bad_password", message="No.")):
        mode.hear(event)
    assert (mode.prompt, written[-1]) == ("New password: ", "! No.")
    for typed in (b"better", b"better"):
        mode.read(typed)
    (asked,) = sent(conversation)
    for event in conversation.receive(line(type="password", id=asked["id"], status="ok")):
        mode.hear(event)
    assert (mode.prompt, mode.hidden) == ("#dev> ", False)
    assert [each["type"] for each in sent(conversation)] == ["join"]


def test_a_pipe_cannot_change_a_one_time_password() -> None:
    """It says how it is done, and says nothing of what was piped."""
    with pytest.raises(Failure) as caught:
        confined(PipeMode, [])
    assert "at a terminal" in caught.value.text.render()


def test_terminal_shows_refusals_and_goes_on() -> None:
    """A refused request and a misused command are shown; both cost nothing else."""
    mode, conversation, rows = terminal()
    mode.read(b"hello\n")
    mode.read(b"/join\n")
    hear(mode, conversation, line(type="error", id="chat-2", code="muted", message="You are \x1bmuted."))
    hear(mode, conversation, line(type="error", code="kicked"))
    assert rows == ["! Try: /join #CHANNEL", "! You are �muted.", "! kicked"]
    assert mode.ready


def test_terminal_leaves_when_all_is_answered() -> None:
    """/quit waits for what was said before it."""
    mode, conversation, _rows = terminal()
    mode.read(b"bye\n")
    mode.read(b"/quit\n")
    assert (mode.ready, mode.finished) == (False, False)
    hear(mode, conversation, line(type="ack", id="chat-2"))
    assert mode.finished


def test_script_passes_everything_on() -> None:
    """Objects go out as they are and other lines as messages; what comes in is ASCII JSON; all answers are awaited."""
    conversation = Conversation([{"type": "hello"}])
    rows: list[str] = []
    mode = ScriptMode(conversation, rows.extend, "#dev")
    hear(mode, conversation, line(type="hello", id="chat-1"))
    sent(conversation)
    for typed in (b'{"type":"users","id":7}', b'{"type":"channels"}', b"[1]", None):
        mode.read(typed)
    assert sent(conversation) == [
        {"type": "users", "id": 7},
        {"type": "channels"},
        {**message("[1]", "#dev"), "id": "chat-2"},
        {"type": "ping", "id": "chat-3"},
    ]
    hear(mode, conversation, line(type="ping", id="chat-3"), line(type="error", id="chat-2", code="muted"))
    assert not mode.finished
    hear(mode, conversation, line(type="users", id=7, users=["Zoé"]), b"noise\n")
    assert mode.finished
    assert rows[-1] == r'{"type":"users","id":7,"users":["Zo\u00e9"]}'
    assert len(rows) == 4


@pytest.mark.parametrize("answer", [line(type="error", code="too_many_connections"), b"SSH-2.0-OpenSSH\r\n"])
def test_every_mode_fails_with_its_opening(answer: bytes) -> None:
    """A refusal before talk began, or a server that speaks something else, is a failure."""
    conversation = Conversation([{"type": "hello"}])
    for mode in (
        PipeMode(conversation, print, None, Clock()),
        ScriptMode(conversation, lambda rows: None, None),
        TerminalMode(conversation, print, None, screen()),
    ):
        with pytest.raises(Failure):
            hear(mode, conversation, answer)
